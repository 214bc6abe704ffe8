"""Mistakes in the bounds on the entropy of a reverse step."""
import numpy as np

from .binomial import entropy as bit_entropy
from .formula import NEXT_T, Formula, Mistake
from .gaussian import entropy


def bounds(H, mistakes):
    """Eq. 24 for an entropy H of the share of noise."""
    return Formula(
        right=lambda lower, upper: (lower, upper),
        pieces=dict(step=lambda beta_t: H(beta_t), before=lambda alpha_bar_prev: H(1 - alpha_bar_prev),
                    after=lambda alpha_bar_t: H(1 - alpha_bar_t),
                    lower=lambda step, before, after: step + before - after, upper=lambda step: step),
        terms={"lower": lambda step, before, after: {
            "H(X_t|X_{t-1})": step, "H(X_{t-1}|X_0)": before, "H(X_t|X_0)": -after}},
        mistakes=[
            Mistake("lower and upper exchanged", "missing_term",
                    dict(lower=lambda upper: upper, upper=lambda lower: lower),
                    "The upper bound is H_q(X_t|X_{t-1})."),
            Mistake("the difference upside down", "missing_term",
                    dict(lower=lambda step, before, after: step - before + after),
                    "The lower bound has + H(X_{t-1}|X_0) - H(X_t|X_0)."),
            Mistake("H(X_t|X_{t-1}) left out", "missing_term", dict(lower=lambda before, after: before - after),
                    "The lower bound starts with H_q(X_t|X_{t-1})."),
            Mistake("H(X_{t-1}|X_0) left out", "missing_term", dict(lower=lambda step, after: step - after),
                    "A term of the lower bound is missing."),
            Mistake("H(X_t|X_0) left out", "missing_term", dict(lower=lambda step, before: step + before),
                    "A term of the lower bound is missing."),
            Mistake("upper bound H(X_t|X_0)", "missing_term", dict(upper=lambda after: after),
                    "The upper bound is H_q(X_t|X_{t-1})."),
            Mistake("upper bound H(X_{t-1}|X_0)", "missing_term", dict(upper=lambda before: before),
                    "The upper bound is H_q(X_t|X_{t-1})."),
            Mistake("in bits", "missing_term", lambda lower, upper: (lower / np.log(2), upper / np.log(2)),
                    "Return nats, or state conventions unit = 'bits'."),
            Mistake("all of t - 1", "index_shift", dict(t=lambda t: t - 1), "beta[t] is the paper's beta_t."),
            Mistake("all of t + 1", "index_shift", NEXT_T, "beta[t] is the paper's beta_t."),
            Mistake("standard deviation for variance", "missing_term",
                    dict(step=lambda beta_t: H(np.sqrt(beta_t)),
                         before=lambda alpha_bar_prev: H(np.sqrt(1 - alpha_bar_prev)),
                         after=lambda alpha_bar_t: H(np.sqrt(1 - alpha_bar_t))),
                    "The entropy is that of the share of noise, 1 - alpha_bar, without a root."),
            Mistake("H(X_t|X_0) for H(X_{t-1}|X_0)", "missing_term", dict(before=lambda after: after),
                    "The lower bound has the entropies of two steps, t - 1 and t."),
            Mistake("alpha_bar of t + 1", "index_shift",
                    dict(after=lambda alpha_bar, t, T: H(1 - alpha_bar[np.minimum(t + 1, T)])),
                    "H(X_t|X_0) has alpha_bar_t."),
            Mistake("H(X_1|X_0) for H(X_{t-1}|X_0)", "index_shift", dict(before=lambda alpha_bar: H(1 - alpha_bar[1])),
                    "The lower bound has the entropies of two steps, t - 1 and t."),
            *mistakes
        ])


FORMULAS = {
    "entropy.bounds": bounds(entropy, [
        Mistake("not halved", "missing_term", lambda lower, upper: (2 * lower, 2 * upper),
                "The entropy is log(2 pi e var)/2."),
    ]),
    "entropy.bounds_bits": bounds(lambda share: bit_entropy(share / 2), [
        Mistake("rate beta for beta/2", "missing_term",
                dict(step=lambda beta_t: bit_entropy(beta_t),
                     before=lambda alpha_bar_prev: bit_entropy(1 - alpha_bar_prev),
                     after=lambda alpha_bar_t: bit_entropy(1 - alpha_bar_t)),
                "With p = 0.5 a bit changes with probability beta/2."),
        Mistake("rate beta for beta/2 in the forward step", "missing_term",
                dict(step=lambda beta_t: bit_entropy(beta_t)), "With p = 0.5 a bit changes with probability beta/2."),
    ]),
}
