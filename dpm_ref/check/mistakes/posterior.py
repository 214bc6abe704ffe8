"""Mistakes in the Gaussian posterior q(x_{t-1}|x_t,x_0): alpha_bar_{t-1}, the coefficients c0 of x_0 and ct of x_t, the
variance.

Each stands here once. Of them `derived` makes the rows of the functions that step by the same posterior.
"""
import numpy as np

from .formula import Mistake

PIECES = dict(
    c0=lambda beta_t, alpha_bar_prev, alpha_bar_t: np.sqrt(alpha_bar_prev) * beta_t / (1 - alpha_bar_t),
    ct=lambda beta_t, alpha_bar_prev, alpha_bar_t: np.sqrt(1 - beta_t) * (1 - alpha_bar_prev) / (1 - alpha_bar_t),
    var=lambda beta_t, alpha_bar_prev, alpha_bar_t: beta_t * (1 - alpha_bar_prev) / (1 - alpha_bar_t))


def mean(xt, x0, c0, ct):
    """The mean of the posterior."""
    return c0 * x0 + ct * xt


def previous(name, wrong, advice="alpha_bar_prev is np.append(1, alpha_bar[:-1]).", flag="index_shift"):
    """A wrong alpha_bar_{t-1}, where all else is right."""
    return Mistake(name, flag, dict(alpha_bar_prev=wrong), advice)


def at_1(value):
    """alpha_bar_{t-1} with another entry for t = 1: value(alpha_bar)."""
    return lambda alpha_bar, alpha_bar_prev, t: np.where(np.equal(t, 1), value(alpha_bar), alpha_bar_prev)


PREVIOUS = [
    previous("alpha_bar_0 taken to be alpha_bar_1", at_1(lambda a: a[1]),
             "alpha_bar_0 = 1: the step to x_0 leaves no noise.", "first_step"),
    previous("alpha_bar_{t-1} padded at the end for the start", lambda alpha_bar, t: np.append(alpha_bar[1:], 1)[t],
             "alpha_bar_prev is 1, alpha_bar_1, .., alpha_bar_{T-1}: the 1 comes first.", "first_step"),
    previous("alpha_bar_0 is 0, not 1", at_1(lambda a: 0),
             "Nothing is lost before the first step: alpha_bar_0 = 1, so that at t = 1 the posterior is x_0 itself.",
             "first_step"),
    previous("alpha_bar of t - 1 wraps round at t = 1", at_1(lambda a: a[-1]),
             "In 0-based tables index -1 is the last entry: put alpha_bar_0 = 1 in front.", "first_step"),
    previous("alpha_bar of t for t - 1", lambda alpha_bar_t: alpha_bar_t),
    previous("alpha_bar of t for t - 1 from t = 2 on", lambda alpha_bar_t, t: np.where(np.equal(t, 1), 1, alpha_bar_t),
             "alpha_bar_prev is np.append(1, alpha_bar[:-1]), not np.append(1, alpha_bar[1:])."),
    previous("alpha_bar of t - 2 for t - 1", lambda alpha_bar, t: alpha_bar[np.maximum(t - 2, 0)]),
    previous("alpha_bar of t - 2 for t - 1, from the table's end at t = 1", lambda alpha_bar, t: alpha_bar[t - 2]),
    previous("alpha_bar of t + 1 for t - 1", lambda alpha_bar, t: alpha_bar[np.minimum(t + 1, len(alpha_bar) - 1)]),
]
COEFFICIENTS = [
    Mistake("denominators 1 - alpha_bar of t - 1", "first_step",
            dict(c0=lambda c0, alpha_bar_t, alpha_bar_prev: c0 * (1 - alpha_bar_t) / (1 - alpha_bar_prev),
                 ct=lambda ct, alpha_bar_t, alpha_bar_prev: ct * (1 - alpha_bar_t) / (1 - alpha_bar_prev)),
            "Both coefficients are divided by 1 - alpha_bar_t."),
    Mistake("denominator 1 - alpha_bar of t - 1 in c0", "first_step",
            dict(c0=lambda c0, alpha_bar_t, alpha_bar_prev: c0 * (1 - alpha_bar_t) / (1 - alpha_bar_prev)),
            "The coefficient of x_0 is divided by 1 - alpha_bar_t."),
    Mistake("alpha_bar_{t-1} left out of ct", "coefficient",
            dict(ct=lambda beta_t, alpha_bar_t: np.sqrt(1 - beta_t) / (1 - alpha_bar_t)),
            "The factor 1 - alpha_bar_{t-1} of x_t is missing."),
    Mistake("sign of x_0's part", "coefficient", dict(c0=lambda c0: -c0), "Both coefficients are positive."),
    Mistake("sign of x_t's part", "coefficient", dict(ct=lambda ct: -ct), "Both coefficients are positive."),
    Mistake("alpha_bar of t for t - 1 in c0", "index_shift",
            dict(c0=lambda beta_t, alpha_bar_t: np.sqrt(alpha_bar_t) * beta_t / (1 - alpha_bar_t)),
            "The coefficient of x_0 has sqrt(alpha_bar_{t-1})."),
    Mistake("alpha_bar of t for t - 1 in ct", "index_shift", dict(ct=lambda beta_t: np.sqrt(1 - beta_t)),
            "The coefficient of x_t has 1 - alpha_bar_{t-1} over 1 - alpha_bar_t."),
    Mistake("x_t and x_0, or their coefficients, exchanged", "coefficient",
            dict(c0=lambda ct: ct, ct=lambda c0: c0),
            "sqrt(alpha_bar_{t-1}) beta_t belongs to x_0; the first argument is x_t."),
    Mistake("c0 without the square root", "coefficient",
            dict(c0=lambda beta_t, alpha_bar_prev, alpha_bar_t: alpha_bar_prev * beta_t / (1 - alpha_bar_t)),
            "c0 has the square root of alpha_bar_{t-1}."),
    Mistake("ct without the square root", "coefficient",
            dict(ct=lambda beta_t, alpha_bar_prev, alpha_bar_t: (
                     (1 - beta_t) * (1 - alpha_bar_prev) / (1 - alpha_bar_t))),
            "ct has the square root of 1 - beta_t."),
    Mistake("ct with sqrt(alpha_bar_t)", "coefficient",
            dict(ct=lambda alpha_bar_prev, alpha_bar_t: (
                     np.sqrt(alpha_bar_t) * (1 - alpha_bar_prev) / (1 - alpha_bar_t))),
            "ct has sqrt(1 - beta_t), the root of alpha_t and not of alpha_bar_t."),
    Mistake("ct with sqrt(alpha_bar_{t-1})", "coefficient",
            dict(ct=lambda alpha_bar_prev, alpha_bar_t: (
                     np.sqrt(alpha_bar_prev) * (1 - alpha_bar_prev) / (1 - alpha_bar_t))),
            "ct has sqrt(1 - beta_t), not sqrt(alpha_bar_{t-1})."),
    Mistake("ct without sqrt(1 - beta_t)", "coefficient",
            dict(ct=lambda alpha_bar_prev, alpha_bar_t: (1 - alpha_bar_prev) / (1 - alpha_bar_t)),
            "The factor sqrt(1 - beta_t) of x_t is missing."),
    Mistake("c0 without beta_t", "coefficient",
            dict(c0=lambda alpha_bar_prev, alpha_bar_t: np.sqrt(alpha_bar_prev) / (1 - alpha_bar_t)),
            "The factor beta_t of x_0 is missing."),
    Mistake("c0 without sqrt(alpha_bar_{t-1})", "coefficient",
            dict(c0=lambda beta_t, alpha_bar_t: beta_t / (1 - alpha_bar_t)),
            "The factor sqrt(alpha_bar_{t-1}) of x_0 is missing."),
    Mistake("c0 with sqrt(beta_t)", "coefficient",
            dict(c0=lambda beta_t, alpha_bar_prev, alpha_bar_t: (
                     np.sqrt(alpha_bar_prev) * np.sqrt(beta_t) / (1 - alpha_bar_t))), "c0 has beta_t itself."),
    Mistake("not divided by 1 - alpha_bar_t", "coefficient",
            dict(c0=lambda c0, alpha_bar_t: c0 * (1 - alpha_bar_t),
                 ct=lambda ct, alpha_bar_t: ct * (1 - alpha_bar_t)),
            "Both coefficients are divided by 1 - alpha_bar_t."),
    Mistake("1 - beta_t left out of x_t's precision", "coefficient",
            dict(c0=lambda beta_t, alpha_bar_prev: (
                     np.sqrt(alpha_bar_prev) * beta_t / (beta_t + 1 - alpha_bar_prev)),
                 ct=lambda beta_t, alpha_bar_prev: (
                     np.sqrt(1 - beta_t) * (1 - alpha_bar_prev) / (beta_t + 1 - alpha_bar_prev)),
                 var=lambda beta_t, alpha_bar_prev: (
                     beta_t * (1 - alpha_bar_prev) / (beta_t + 1 - alpha_bar_prev))),
            "Precisions add: 1/var = (1 - beta_t)/beta_t + 1/(1 - alpha_bar_{t-1}); x_t was scaled by sqrt(1 "
            "- beta_t)."),
    Mistake("beta of t - 1 in c0", "index_shift",
            dict(c0=lambda beta, t, alpha_bar_prev, alpha_bar_t: (
                     np.sqrt(alpha_bar_prev) * beta[t - 1] / (1 - alpha_bar_t))),
            "The coefficient of x_0 has beta_t."),
    Mistake("1 - beta of t - 1 in ct", "index_shift",
            dict(ct=lambda beta, t, alpha_bar_prev, alpha_bar_t: (
                     np.sqrt(1 - beta[t - 1]) * (1 - alpha_bar_prev) / (1 - alpha_bar_t))),
            "The coefficient of x_t has sqrt(1 - beta_t)."),
    Mistake("beta of t - 1 in the variance", "index_shift",
            dict(var=lambda beta, t, alpha_bar_prev, alpha_bar_t: (
                     beta[t - 1] * (1 - alpha_bar_prev) / (1 - alpha_bar_t))), "The variance has beta_t."),
    Mistake("square root of 1 - alpha_bar_t", "coefficient",
            dict(c0=lambda c0, alpha_bar_t: c0 * np.sqrt(1 - alpha_bar_t),
                 ct=lambda ct, alpha_bar_t: ct * np.sqrt(1 - alpha_bar_t)),
            "The denominators are 1 - alpha_bar_t without a root."),
    Mistake("coefficients without normaliser of the precision", "coefficient",
            dict(c0=lambda alpha_bar_prev: np.sqrt(alpha_bar_prev) / 2,
                 ct=lambda beta_t: np.sqrt(1 - beta_t) / 2),
            "Precisions add: 1/var = (1 - beta_t)/beta_t + 1/(1 - alpha_bar_{t-1}); here the means are "
            "averaged evenly."),
    Mistake("the forward kernel for the posterior", "coefficient",
            dict(c0=lambda: 0, ct=lambda beta_t: np.sqrt(1 - beta_t), var=lambda beta_t: beta_t),
            "q(x_{t-1}|x_t,x_0) depends on x_0: use Bayes' rule."),
    Mistake("standard deviation for variance", "coefficient", dict(var=lambda var: np.sqrt(var)),
            "Return the variance, or state conventions spread = 'std'."),
    Mistake("variance of x_{t-1} given x_0 only", "coefficient",
            dict(var=lambda alpha_bar_prev: 1 - alpha_bar_prev),
            "1 - alpha_bar_{t-1} is the variance before x_t is known."),
    Mistake("variance upside down", "last_step",
            dict(var=lambda beta_t, alpha_bar_prev, alpha_bar_t: (
                     beta_t * (1 - alpha_bar_t) / (1 - alpha_bar_prev))),
            "The variance is beta_t (1 - alpha_bar_{t-1}) / (1 - alpha_bar_t)."),
    Mistake("variance without beta_t", "coefficient",
            dict(var=lambda alpha_bar_prev, alpha_bar_t: (1 - alpha_bar_prev) / (1 - alpha_bar_t)),
            "The factor beta_t of the variance is missing."),
    Mistake("variance without its denominator", "coefficient",
            dict(var=lambda beta_t, alpha_bar_prev: beta_t * (1 - alpha_bar_prev)),
            "The variance is divided by 1 - alpha_bar_t."),
    Mistake("variance with an extra 1 - beta_t", "coefficient",
            dict(var=lambda var, beta_t: (1 - beta_t) * var), "There is no factor 1 - beta_t in the variance."),
    Mistake("c0 with sqrt(alpha_t)", "coefficient",
            dict(c0=lambda beta_t, alpha_bar_t: np.sqrt(1 - beta_t) * beta_t / (1 - alpha_bar_t)),
            "c0 has sqrt(alpha_bar_{t-1}); sqrt(alpha_t) = sqrt(1 - beta_t) belongs to ct."),
    Mistake("beta_t and 1 - alpha_bar_{t-1} exchanged between c0 and ct", "coefficient",
            dict(c0=lambda alpha_bar_prev, alpha_bar_t: (
                     np.sqrt(alpha_bar_prev) * (1 - alpha_bar_prev) / (1 - alpha_bar_t)),
                 ct=lambda beta_t, alpha_bar_t: np.sqrt(1 - beta_t) * beta_t / (1 - alpha_bar_t)),
            "c0 has beta_t, ct has 1 - alpha_bar_{t-1}."),
    Mistake("the root over all of c0", "coefficient",
            dict(c0=lambda beta_t, alpha_bar_prev, alpha_bar_t: np.sqrt(alpha_bar_prev * beta_t / (1 - alpha_bar_t))),
            "c0 has the root of alpha_bar_{t-1} only."),
    Mistake("the root over all of ct", "coefficient", dict(ct=lambda ct, beta_t: np.sqrt(ct * np.sqrt(1 - beta_t))),
            "ct has the root of 1 - beta_t only."),
]
POSTERIOR = [*PREVIOUS, *COEFFICIENTS]


def derived(rows, **route):
    """The rows about the mean, for a function that may compute it from c0 and ct.

    `route` is right=.. where its own formula is another, without c0 and ct.
    """
    return [m._replace(wrong={**route, **m.wrong}, flag="index_shift" if m.flag == "index_shift" else "coefficient")
            for m in rows if set(m.wrong) != {"var"}]
