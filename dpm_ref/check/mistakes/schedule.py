"""Mistakes in schedules."""
import numpy as np

from .formula import SIZES, Choice, Formula, Mistake, pad, sigmoid


def cosine(T):
    """The cosine schedule of later diffusion models."""
    bar = np.cos((np.arange(T + 1) / T + 0.008) / 1.008 * np.pi / 2) ** 2
    return pad(np.minimum(1 - bar[1:] / bar[:-1], 0.999))


def authors(T):
    """The schedule of the authors' later code."""
    return pad(1 / np.linspace(T, 2.0, T) + 0.001 * (np.arange(T) == 0))


def rates(noise_to_signal):
    """beta from (1 - alpha_bar)/alpha_bar at t = 1..T."""
    r = pad(noise_to_signal)
    return pad((r[1:] - r[:-1]) / (1 + r[1:]))


FORMULAS = {
    "schedule.constant_erasure": Formula(
        right=lambda T: pad(1 / np.arange(T, 0, -1.0)),
        mistakes=[
            Mistake("one step late", "rate", lambda T: pad(1 / (T - np.arange(1, T + 1) + 2)),
                    "The denominator is T - t + 1, so that beta_T = 1."),
            Mistake("reversed in time", "rate", lambda T: pad(1 / np.arange(1, T + 1)),
                    "beta_t grows with t: 1/T at t = 1, 1 at t = T."),
            Mistake("the same rate at every step", "rate", lambda T: pad(np.full(T, 1 / T)),
                    "1/T of the original signal goes at every step, not 1/T of what is left."),
            Mistake("linear in t", "rate", lambda T: np.arange(T + 1) / T, "beta_t is 1/(T - t + 1), not t/T."),
            Mistake("alpha_bar for beta", "rate", lambda T: 1 - np.arange(T + 1) / T,
                    "1 - t/T is alpha_bar_t; the schedule asked for is beta_t."),
            Mistake("entry 0 is a rate", "padding", lambda T: 1 / (T - np.arange(T + 1) + 1),
                    "beta_0 = 0: nothing happens before the first step."),
            Choice("the authors' code's schedule", "rate", authors,
                   "1/linspace(T, 2, T), beta_1 raised by 0.001: alpha_bar_T is near 1/T, not 0."),
            Choice("the authors' code's schedule, beta_1 not raised", "rate", lambda T: pad(1 / np.linspace(T, 2.0, T)),
                   "1/linspace(T, 2, T)."),
            Choice("the linear schedule of later models", "rate", lambda T: pad(np.linspace(1e-4, 0.02, T)),
                   "linspace(1e-4, 0.02, T)."),
            Choice("the cosine schedule of later models", "rate", cosine, "A cosine in alpha_bar, beta at most 0.999."),
            Choice("rates held below 0.999", "rate", lambda right: np.minimum(right, 0.999),
                   "beta_T = 1 is clipped to 0.999: a little of the data is left at t = T.")
        ]),
    "schedule.alpha_bar": Formula(
        right=lambda beta: np.cumprod(1 - beta),
        mistakes=[
            Mistake("product of the steps before t", "index_shift", lambda right: np.append(1, right[:-1]),
                    "alpha_bar_t includes the factor 1 - beta_t."),
            Mistake("one factor only", "rate", lambda beta: 1 - beta, "alpha_bar_t is the product over all s <= t."),
            Mistake("exp of minus the sum of rates", "rate", lambda beta: np.exp(-np.cumsum(beta)),
                    "exp(-sum beta) is only the limit of small rates; use the product of 1 - beta."),
            Mistake("square root of alpha_bar", "rate", lambda right: np.sqrt(right),
                    "The square root belongs to the mean, not to alpha_bar."),
            Mistake("what is lost for what is left", "rate", lambda right: 1 - right,
                    "alpha_bar is what is left; 1 - alpha_bar is the noise."),
            Mistake("product of the rates", "rate", lambda beta: np.append(1, np.cumprod(beta[1:])),
                    "Multiply 1 - beta, not beta."),
            Mistake("one minus the sum of rates", "rate", lambda beta: 1 - np.cumsum(beta),
                    "alpha_bar is a product of 1 - beta, not 1 minus a sum."),
            *(Choice(f"alpha_bar at least {e:g}", "rate", lambda right, e=e: np.maximum(right, e),
                     "alpha_bar_T may be 0: clip only where a logarithm needs it.") for e in SIZES)
        ]),
    "schedule.geometric": Formula(
        right=lambda noise_to_signal: rates(noise_to_signal),
        pieces=dict(
            noise_to_signal=lambda T, first, last: np.geomspace(first, last, T),
            first=lambda beta_1: beta_1 / (1 - beta_1)),
        mistakes=[
            Mistake("noise over signal linear in t", "rate",
                    dict(noise_to_signal=lambda T, first, last: np.linspace(first, last, T)),
                    "Use geomspace, not linspace, for (1 - alpha_bar)/alpha_bar."),
            Mistake("1 - alpha_bar geometric", "rate",
                    dict(noise_to_signal=lambda T, beta_1, last: (
                             1 / (1 / np.geomspace(beta_1, last / (1 + last), T) - 1))),
                    "(1 - alpha_bar)/alpha_bar is geometric, not 1 - alpha_bar."),
            Mistake("beta geometric", "rate", lambda T, beta_1, last: pad(np.geomspace(beta_1, last / (1 + last), T)),
                    "(1 - alpha_bar)/alpha_bar is geometric, not beta."),
            Mistake("starts at beta_1, not beta_1/(1 - beta_1)", "rate", dict(first=lambda beta_1: beta_1),
                    "At t = 1 noise over signal is beta_1/(1 - beta_1)."),
            Mistake("noise over signal for beta", "rate", lambda noise_to_signal: pad(noise_to_signal),
                    "The geometric sequence is (1 - alpha_bar)/alpha_bar; beta_t = 1 - alpha_bar_t/alpha_bar_{t-1} "
                    "follows from it."),
            Mistake("1 - alpha_bar for beta", "rate",
                    lambda noise_to_signal: pad(noise_to_signal / (1 + noise_to_signal)),
                    "1 - alpha_bar_t is the noise so far; beta_t = 1 - alpha_bar_t/alpha_bar_{t-1} is that of one "
                    "step."),
            Mistake("divided by 1 + noise over signal of t - 1", "rate",
                    lambda noise_to_signal: pad(np.diff(pad(noise_to_signal)) / (1 + pad(noise_to_signal)[:-1])),
                    "beta_t = (r_t - r_{t-1}) / (1 + r_t) for r = (1 - alpha_bar)/alpha_bar.")
        ]),
    "schedule.learned": Formula(
        right=lambda logits, beta_1: pad(np.append(beta_1, sigmoid(logits))),
        mistakes=[
            Mistake("beta_1 as a floor for all rates", "rate",
                    lambda logits, beta_1: pad(np.append(beta_1, beta_1 + (1 - beta_1) * sigmoid(logits))),
                    "beta_2..beta_T are the sigmoids themselves; only beta_1 is fixed."),
            Mistake("sigmoid of minus the logits", "rate", dict(logits=lambda logits: -logits),
                    "beta_t = 1/(1 + exp(-logit))."),
            Mistake("exp for sigmoid", "rate", lambda logits, beta_1: pad(np.append(beta_1, np.exp(logits))),
                    "exp leaves (0, 1); use the sigmoid."),
            Mistake("beta_1 at the end", "first_step", lambda logits, beta_1: pad(np.append(sigmoid(logits), beta_1)),
                    "The fixed rate is the first one."),
            Mistake("beta_1 through the sigmoid as well", "first_step",
                    lambda logits, beta_1: pad(sigmoid(np.append(beta_1, logits))), "beta_1 is a rate, not a logit.")
        ]),
}
