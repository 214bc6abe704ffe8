"""Mistakes in schedules."""
import numpy as np

from .formula import Choice, Formula, Mistake, pad, sigmoid


def cosine(T):
    """The cosine schedule of later diffusion models."""
    bar = np.cos((np.arange(T + 1) / T + 0.008) / 1.008 * np.pi / 2) ** 2
    return pad(np.minimum(1 - bar[1:] / bar[:-1], 0.999))


def authors(T):
    """The schedule of the authors' later code, between a floor and 1 - 1e-5."""
    floor = 1e-6 + 0.001 * (np.arange(T) == 0)
    return pad(floor + (1 - floor - 1e-5) / np.linspace(T, 2.0, T))


def rates(noise_to_signal):
    """beta from (1 - alpha_bar)/alpha_bar at t = 1..T."""
    r = pad(noise_to_signal)
    return pad((r[1:] - r[:-1]) / (1 + r[1:]))


FORMULAS = {
    "schedule.constant_erasure": Formula(
        right=lambda T: pad(1 / np.arange(T, 0, -1.0)),
        mistakes=[
            Mistake("a grid of T + 1 points", "rate", lambda T: pad(1 / np.linspace(T, 1, T + 1)[1:]),
                    "1/beta_t runs over T, T - 1, .., 1: T points."),
            Mistake("T fixed to 1000", "rate", lambda T: pad(1 / (1000 - np.arange(T))), "T is an argument."),
            Mistake("one step early", "rate", lambda T: pad(1 / np.maximum(T - np.arange(1, T + 1), 1)),
                    "The denominator is T - t + 1."),
            Mistake("beta padded at the end for the start", "padding",
                    lambda T: np.append(1 / np.arange(T, 0, -1.0), 0),
                    "beta_0 = 0 comes first: beta[t] is the paper's beta_t."),
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
                   "1/linspace(T, 2, T) with a floor of 1e-6, beta_1 raised by 0.001: alpha_bar_T is near 1/T, not 0."),
            Choice("the authors' code's schedule without its floor", "rate",
                   lambda T: pad(1 / np.linspace(T, 2.0, T) + 0.001 * (np.arange(T) == 0)),
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
        right=lambda alpha_bar: alpha_bar,
        mistakes=[
            Mistake("padded at the end for the start", "index_shift", lambda right: np.append(right[1:], 1),
                    "alpha_bar_0 = 1 comes first."),
            Mistake("one entry early", "index_shift", lambda right: np.append(right[1:], right[-1]),
                    "alpha_bar_0 = 1 comes first."),
            Mistake("alpha_bar_0 is 0, not 1", "rate", lambda right: np.append(0, right[1:]),
                    "Nothing is lost before step 1."),
            Mistake("in half precision", "rate", lambda beta: np.cumprod((1 - beta).astype(np.float16)).astype(float),
                    "float16 keeps three digits: 1 - alpha_bar_1 becomes 0."),
            Mistake("product of 1 - sqrt(beta)", "rate", lambda beta: np.cumprod(1 - np.sqrt(beta)),
                    "beta_t is no standard deviation."),
            Mistake("product of 1 - beta squared", "rate", lambda right: right ** 2,
                    "1 - beta_t is a share of power already."),
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
            Mistake("one minus the product of the rates", "rate", lambda beta: 1 - np.cumprod(beta),
                    "The product is of 1 - beta: np.cumprod(1 - beta)."),
            Mistake("one minus the product of the rates, without beta_0", "rate",
                    lambda beta: np.append(1, 1 - np.cumprod(beta[1:])),
                    "The product is of 1 - beta: np.cumprod(1 - beta)."),
            Mistake("one minus the sum of rates", "rate", lambda beta: 1 - np.cumsum(beta),
                    "alpha_bar is a product of 1 - beta, not 1 minus a sum.")
        ]),
    "schedule.geometric": Formula(
        right=lambda noise_to_signal: rates(noise_to_signal),
        pieces=dict(
            noise_to_signal=lambda T, first, last: np.geomspace(first, last, T),
            first=lambda beta_1: beta_1 / (1 - beta_1)),
        mistakes=[
            Mistake("a grid of T + 1 points without its first", "rate",
                    dict(noise_to_signal=lambda T, first, last: np.geomspace(first, last, T + 1)[1:]),
                    "T points from t = 1 to t = T."),
            Mistake("a grid of T + 1 points without its last", "rate",
                    dict(noise_to_signal=lambda T, first, last: np.geomspace(first, last, T + 1)[:-1]),
                    "T points from t = 1 to t = T."),
            Mistake("T fixed to 1000", "rate",
                    dict(noise_to_signal=lambda T, first, last: np.geomspace(first, last, 1000)[:T]),
                    "T is an argument."),
            Mistake("standard deviations linear in t", "rate",
                    dict(noise_to_signal=lambda T, first, last: np.linspace(np.sqrt(first), np.sqrt(last), T) ** 2),
                    "Noise over signal is geometric."),
            Mistake("in reverse order", "rate", lambda right: pad(right[:0:-1]), "Noise over signal grows with t."),
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
            Mistake("softplus for sigmoid", "rate",
                    lambda logits, beta_1: pad(np.append(beta_1, np.log1p(np.exp(logits)))),
                    "softplus leaves (0, 1); use the sigmoid."),
            Mistake("tanh for sigmoid", "rate",
                    lambda logits, beta_1: pad(np.append(beta_1, (1 + np.tanh(logits)) / 2)),
                    "(1 + tanh(a))/2 is the sigmoid of 2a."),
            Mistake("in reverse order", "rate", lambda logits, beta_1: pad(np.append(beta_1, sigmoid(logits)[::-1])),
                    "Logit k belongs to step k + 2."),
            Mistake("softmax for sigmoid", "rate",
                    lambda logits, beta_1: pad(np.append(beta_1, np.exp(logits) / np.exp(logits).sum())),
                    "Each rate has a sigmoid."),
            Mistake("entry 0 left to beta_1", "first_step",
                    lambda right: np.append(right[1:], right[-1]), "beta_0 = 0 comes first."),
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
