"""Mistakes in the Gaussian column of Table App.1."""
import numpy as np

from .formula import NARROW, NEXT_T, ONE_T, SIZES, Choice, Formula, Mistake, safe, shifted


def step(x, b):
    """N(x sqrt(1 - b), b)."""
    return x * np.sqrt(1 - b), b + 0 * x


def coefficients(b, before, after):
    """c0, ct, var of the posterior from beta_t, alpha_bar_{t-1}, alpha_bar_t."""
    var = b * (1 - before) / (1 - after)
    return np.sqrt(before) * b / (1 - after), np.sqrt(1 - b) * (1 - before) / (1 - after), var


def kl(mean_q, var_q, mean_p, var_p):
    """D_KL of two Gaussians."""
    return (np.log(var_p / var_q) + var_q / var_p - 1 + (mean_q - mean_p) ** 2 / var_p) / 2


def entropy(var):
    """H of a Gaussian."""
    return np.log(2 * np.pi * np.e * var) / 2


def normal(x, mean, var):
    """log N(x; mean, var)."""
    return -(x - mean) ** 2 / (2 * var) - np.log(2 * np.pi * var) / 2


FORMULAS = {
    "gaussian.forward": Formula(
        right=lambda mean, var: (mean, var),
        pieces=dict(mean=lambda x, beta_t: x * np.sqrt(1 - beta_t), var=lambda beta_t: beta_t),
        terms={"mean": lambda mean: {"x": mean}},
        mistakes=[
            Mistake("mean without the square root", "coefficient", dict(mean=lambda x, beta_t: x * (1 - beta_t)),
                    "The mean is x sqrt(1 - beta_t); only so is the variance kept at 1."),
            Mistake("1 - beta_t taken for the factor of x", "coefficient",
                    lambda x, beta_t: (x * (1 - beta_t), 1 - (1 - beta_t) ** 2),
                    "1 - beta_t is a share of power: the mean is x sqrt(1 - beta_t), the variance beta_t."),
            Mistake("sqrt(1 - beta_t) to first order in beta_t", "coefficient",
                    dict(mean=lambda x, beta_t: x * (1 - beta_t / 2)),
                    "1 - beta_t/2 is the step of the differential equation; the kernel's mean is x sqrt(1 - beta_t)."),
            Mistake("mean not scaled", "coefficient", dict(mean=lambda x: x),
                    "x must be scaled by sqrt(1 - beta_t), or the variance grows without end."),
            Mistake("standard deviation for variance", "coefficient", dict(var=lambda beta_t: np.sqrt(beta_t)),
                    "The variance is beta_t; sqrt(beta_t) is the standard deviation."),
            Mistake("variance beta squared", "coefficient", dict(var=lambda beta_t: beta_t ** 2),
                    "beta_t is the variance already."),
            Mistake("beta of t - 1", "index_shift", dict(t=lambda t: t - 1), "beta[t] is the paper's beta_t."),
            Mistake("beta of t + 1", "index_shift", NEXT_T, "beta[t] is the paper's beta_t; beta[0] = 0 is padding."),
            Mistake("all steps at once", "index_shift", dict(beta_t=lambda alpha_bar_t: 1 - alpha_bar_t),
                    "One step uses beta_t; alpha_bar_t is for t steps at once."),
            Mistake("one t for the whole batch", "mixed_t", ONE_T,
                    "Each row has its own t: beta[t] must have shape (N, 1)."),
            Mistake("rate and rest exchanged", "coefficient", dict(beta_t=lambda beta_t: 1 - beta_t),
                    "sqrt(1 - beta_t) scales the mean, beta_t is the variance; here they are exchanged."),
            Mistake("beta of step 2 at step 1", "first_step", dict(t=lambda t: np.maximum(t, 2)),
                    "The first step has a rate of its own, beta_1."),
            Mistake("beta_T held below 1", "last_step",
                    dict(beta_t=lambda beta_t, t, T: np.where(np.equal(t, T), 0.999 * beta_t, beta_t)),
                    "beta_T = 1 is allowed: the last step may erase everything."),
            *NARROW
        ]),
    "gaussian.marginal": Formula(
        right=lambda mean, var: (mean, var),
        pieces=dict(mean=lambda x0, alpha_bar_t: x0 * np.sqrt(alpha_bar_t), var=lambda alpha_bar_t: 1 - alpha_bar_t),
        mistakes=[
            Mistake("mean without the square root", "coefficient", dict(mean=lambda x0, alpha_bar_t: x0 * alpha_bar_t),
                    "The mean is x_0 sqrt(alpha_bar_t)."),
            Mistake("alpha_bar_t taken for the factor of x_0", "coefficient",
                    dict(alpha_bar_t=lambda alpha_bar_t: alpha_bar_t ** 2),
                    "alpha_bar_t is a share of power: the mean is x_0 sqrt(alpha_bar_t), the variance 1 - "
                    "alpha_bar_t."),
            Mistake("(1 - beta_t)^t for the product", "index_shift",
                    dict(alpha_bar_t=lambda beta_t, t: (1 - beta_t) ** t),
                    "alpha_bar_t is the product of 1 - beta_s over s <= t; the rates differ."),
            Mistake("standard deviation for variance", "coefficient",
                    dict(var=lambda alpha_bar_t: np.sqrt(1 - alpha_bar_t)), "The variance is 1 - alpha_bar_t."),
            Mistake("variance 1 - sqrt(alpha_bar)", "coefficient",
                    dict(var=lambda alpha_bar_t: 1 - np.sqrt(alpha_bar_t)),
                    "The variance is 1 - alpha_bar_t, without the root."),
            Mistake("variance squared", "coefficient", dict(var=lambda alpha_bar_t: (1 - alpha_bar_t) ** 2),
                    "The variance is 1 - alpha_bar_t, not its square."),
            Mistake("variance the sum of rates", "coefficient", dict(var=lambda beta, t: np.cumsum(beta)[t]),
                    "Earlier noise is scaled down by every later step: 1 - alpha_bar_t, not the sum."),
            Mistake("alpha_bar of t - 1", "index_shift", dict(t=lambda t: np.maximum(t - 1, 0)),
                    "alpha_bar[t] includes step t."),
            Mistake("alpha_bar of t + 1", "start", NEXT_T, "alpha_bar[0] = 1 is padding: alpha_bar[t] is the paper's."),
            Mistake("one step only", "index_shift", dict(alpha_bar_t=lambda beta_t: 1 - beta_t),
                    "t steps at once need alpha_bar_t, not 1 - beta_t."),
            Mistake("signal and noise exchanged", "first_step", dict(alpha_bar_t=lambda alpha_bar_t: 1 - alpha_bar_t),
                    "sqrt(alpha_bar_t) is the signal, 1 - alpha_bar_t the noise."),
            Mistake("one t for the whole batch", "mixed_t", ONE_T,
                    "Each row has its own t: alpha_bar[t] must have shape (N, 1)."),
            Mistake("a little signal kept at t = T", "last_step",
                    dict(alpha_bar_t=lambda alpha_bar_t, t, T: alpha_bar_t + 1e-4 * np.equal(t, T)),
                    "alpha_bar_T may be 0: clip only where a logarithm needs it."),
            Mistake("alpha_bar without step 1", "first_step",
                    dict(alpha_bar_t=lambda alpha_bar_t, alpha_bar: alpha_bar_t / alpha_bar[1]),
                    "The product starts at s = 1."),
            *NARROW
        ]),
    "gaussian.posterior": Formula(
        right=lambda xt, x0, c0, ct, var: (c0 * x0 + ct * xt, var),
        pieces=dict(
            c0=lambda beta_t, alpha_bar_prev, alpha_bar_t: np.sqrt(alpha_bar_prev) * beta_t / (1 - alpha_bar_t),
            ct=lambda beta_t, alpha_bar_prev, alpha_bar_t: (
                np.sqrt(1 - beta_t) * (1 - alpha_bar_prev) / (1 - alpha_bar_t)),
            var=lambda beta_t, alpha_bar_prev, alpha_bar_t: beta_t * (1 - alpha_bar_prev) / (1 - alpha_bar_t)),
        terms={"mean": lambda xt, x0, c0, ct: {"x_0": c0 * x0, "x_t": ct * xt}},
        mistakes=[
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
            Mistake("the mean through the noise, 0/0 where beta_t = 1", "last_step",
                    dict(c0=lambda beta_t, alpha_bar_t: (
                             np.sqrt(alpha_bar_t) * beta_t / (1 - alpha_bar_t) / np.sqrt(1 - beta_t)),
                         ct=lambda beta_t, alpha_bar_t: (1 - beta_t / (1 - alpha_bar_t)) / np.sqrt(1 - beta_t)),
                    "(x_t - beta_t eps / sqrt(1 - alpha_bar_t)) / sqrt(1 - beta_t) is 0/0 where beta_T = 1: use the "
                    "coefficients of x_t and x_0."),
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
            Mistake("beta of t - 1", "index_shift", dict(beta_t=lambda beta, t: beta[t - 1]),
                    "beta[t] is the paper's beta_t."),
            Mistake("beta of t + 1", "index_shift", dict(beta_t=lambda beta, t, T: beta[np.minimum(t + 1, T)]),
                    "beta[t] is the paper's beta_t."),
            Mistake("everything of t + 1", "first_step",
                    dict(beta=lambda beta: shifted(beta, -1), alpha_bar=lambda alpha_bar: shifted(alpha_bar, -1)),
                    "Arrays over time have an entry 0: beta[t] is the paper's beta_t."),
            Mistake("everything of t - 1", "first_step", dict(t=lambda t: t - 1),
                    "Arrays over time have an entry 0: beta[t] is the paper's beta_t."),
            Mistake("alpha_bar of t - 1 throughout", "first_step",
                    dict(alpha_bar=lambda alpha_bar: shifted(alpha_bar, 1)),
                    "1 - alpha_bar_t stands in the denominators."),
            Mistake("one t for the whole batch", "mixed_t", ONE_T,
                    "Each row has its own t: the coefficients must have shape (N, 1)."),
            Choice("reverse variance beta_t, and 0 at t = 1", "coefficient",
                   dict(var=lambda beta_t, t: np.where(np.equal(t, 1), 0, beta_t)),
                   "A choice for the model's variance, of samplers whose last step draws nothing; not the posterior's."),
            Choice("x_0 clipped to -1..1", "coefficient", dict(x0=lambda x0: np.clip(x0, -1, 1)),
                   "Samplers of images clip the predicted x_0 (clip_sample, clip_denoised); the posterior does not."),
            Mistake("alpha_bar_0 is 0, not 1", "first_step",
                    dict(alpha_bar=lambda alpha_bar: np.append(0, alpha_bar[1:])),
                    "Nothing is lost before the first step: alpha_bar_0 = 1, so that at t = 1 the posterior is x_0 "
                    "itself."),
            Mistake("alpha_bar of t - 1 wraps round at t = 1", "first_step",
                    dict(alpha_bar=lambda alpha_bar: np.append(alpha_bar[-1], alpha_bar[1:])),
                    "In 0-based tables index -1 is the last entry: put alpha_bar_0 = 1 in front."),
            *NARROW,
            Choice("reverse variance beta_t", "coefficient", dict(var=lambda beta_t: beta_t),
                   "beta_t is the other end of Eq. 24's bounds: a choice for the model's variance, but not the "
                   "posterior's."),
            Choice("log variance clipped at t = 1", "first_step",
                   dict(var=lambda again, t: again("var", t=np.maximum(t, 2))),
                   "The variance at t = 1 is 0; taking that of t = 2 keeps its logarithm finite."),
            *(Choice(f"variance at least {e:g}", "first_step", dict(var=lambda var, e=e: np.maximum(var, e)),
                     "The variance at t = 1 is 0; a floor keeps its logarithm finite.") for e in SIZES)
        ]),
    "gaussian.kl": Formula(
        right=lambda log_ratio, variance_ratio, squares, constant: log_ratio + variance_ratio + squares + constant,
        pieces=dict(
            log_ratio=lambda var_q, var_p: np.log(var_p / var_q) / 2,
            variance_ratio=lambda var_q, var_p: var_q / var_p / 2,
            squares=lambda mean_q, mean_p, var_p: (mean_q - mean_p) ** 2 / var_p / 2,
            constant=lambda var_q: -0.5 + 0 * var_q),
        terms={"kl": lambda log_ratio, variance_ratio, squares, constant: {
            "the log ratio of variances": log_ratio, "the ratio of variances": variance_ratio,
            "the difference of means": squares, "the constant -1/2": constant}},
        mistakes=[
            Mistake("q and p exchanged", "direction",
                    dict(mean_q=lambda mean_p: mean_p, var_q=lambda var_p: var_p, mean_p=lambda mean_q: mean_q,
                         var_p=lambda var_q: var_q), "D_KL(q || p) averages over q: the true posterior comes first."),
            Mistake("without - 1", "missing_term", dict(constant=lambda: 0),
                    "The constant -1 (inside the half) is missing: equal distributions must give 0."),
            Mistake("- D for - 1", "missing_term", dict(constant=lambda mean_q: -np.shape(mean_q)[-1] / 2),
                    "Each coordinate has its own - 1: sum over coordinates once, at the end."),
            Mistake("without the factor 1/2", "missing_term", lambda right: 2 * right, "The whole bracket is halved."),
            Mistake("without the log ratio", "missing_term", dict(log_ratio=lambda: 0),
                    "log(var_p / var_q) is missing."),
            Mistake("log ratio upside down", "direction", dict(log_ratio=lambda log_ratio: -log_ratio),
                    "The logarithm is of var_p / var_q."),
            Mistake("log ratio of standard deviations halved again", "missing_term",
                    dict(log_ratio=lambda log_ratio: log_ratio / 2),
                    "log(std_p / std_q) is already half of log(var_p / var_q)."),
            Mistake("means left out", "missing_term", dict(squares=lambda: 0),
                    "(mean_q - mean_p)^2 / var_p is missing."),
            Mistake("difference of means not squared", "missing_term",
                    dict(squares=lambda mean_q, mean_p, var_p: np.abs(mean_q - mean_p) / var_p / 2),
                    "The difference of means is squared."),
            Mistake("means divided by var_q", "missing_term",
                    dict(squares=lambda mean_q, mean_p, var_q: (mean_q - mean_p) ** 2 / var_q / 2),
                    "The squared difference of means is divided by var_p."),
            Mistake("variances left out", "missing_term", lambda squares: squares,
                    "Only the difference of means is there; log ratio and variance ratio are missing."),
            Mistake("variance ratio left out", "missing_term", dict(variance_ratio=lambda: 0),
                    "var_q / var_p is missing."),
            Mistake("variance ratio upside down", "direction",
                    dict(variance_ratio=lambda var_q, var_p: var_p / var_q / 2), "The ratio is var_q / var_p."),
            Mistake("variances taken for standard deviations", "spread",
                    dict(var_q=lambda var_q: var_q ** 2, var_p=lambda var_p: var_p ** 2),
                    "The arguments are variances; here they are squared."),
            Mistake("standard deviations in place of variances", "spread",
                    dict(var_q=lambda var_q: np.sqrt(var_q), var_p=lambda var_p: np.sqrt(var_p)),
                    "The arguments are variances: no square root."),
            Mistake("squared error of the means", "missing_term", lambda mean_q, mean_p: (mean_q - mean_p) ** 2,
                    "The simple loss of later models is not the KL: weight by 1 / (2 var_p) and keep the variances.")
        ]),
    "gaussian.entropy": Formula(
        right=lambda var: np.log(2 * np.pi * np.e * var) / 2,
        terms={"H": lambda var: {"log var / 2": np.log(var) / 2, "the constant log(2 pi e)/2": entropy(1 + 0 * var)}},
        mistakes=[
            Mistake("variance for standard deviation", "spread", dict(var=lambda var: var ** 2),
                    "The argument is a variance: log(2 pi e var)/2."),
            Mistake("without e", "missing_term", lambda var: np.log(2 * np.pi * var) / 2,
                    "log(2 pi e var)/2: the e (one half) is missing."),
            Mistake("e not halved", "missing_term", lambda var: np.log(2 * np.pi * var) / 2 + 1,
                    "log(2 pi e var)/2 = log(2 pi var)/2 + 1/2."),
            Mistake("without the factor 1/2", "missing_term", lambda right: 2 * right, "The logarithm is halved."),
            Mistake("without 2 pi e", "missing_term", lambda var: np.log(var) / 2,
                    "The constant log(2 pi e)/2 is missing."),
            Mistake("without 2 pi", "missing_term", lambda var: np.log(np.e * var) / 2,
                    "The constant log(2 pi)/2 is missing."),
            Mistake("with the wrong sign", "missing_term", lambda right: -right, "H = -E log q."),
            Mistake("pi e for 2 pi e", "missing_term", lambda var: np.log(np.pi * np.e * var) / 2,
                    "log(2 pi e var)/2: a factor 2 is missing.")
        ]),
    "gaussian.log_density": Formula(
        right=lambda square, log_var, constant: square + log_var + constant,
        pieces=dict(
            square=lambda x, mean, var: -(x - mean) ** 2 / var / 2,
            log_var=lambda var: -np.log(var) / 2,
            constant=lambda x: -np.log(2 * np.pi) / 2 + 0 * x),
        terms={"log_q": lambda square, log_var, constant: {
            "the square": square, "log var / 2": log_var, "the constant log(2 pi)/2": constant}},
        mistakes=[
            Mistake("without its normaliser", "missing_term", lambda square: square, "-log(2 pi var)/2 is missing."),
            Mistake("without 2 pi", "missing_term", dict(constant=lambda: 0), "-log(2 pi)/2 is missing."),
            Mistake("without log var", "missing_term", dict(log_var=lambda: 0), "-log(var)/2 is missing."),
            Mistake("standard deviation for variance", "spread", dict(var=lambda var: var ** 2),
                    "The argument is a variance; here it is squared."),
            Mistake("divided by the variance squared", "spread",
                    dict(square=lambda x, mean, var: -(x - mean) ** 2 / var ** 2 / 2),
                    "The squared difference is divided by 2 var, once."),
            Mistake("square not halved", "missing_term", dict(square=lambda square: 2 * square),
                    "The squared difference is divided by 2 var."),
            Mistake("log var not halved", "missing_term", dict(log_var=lambda log_var: 2 * log_var),
                    "The normaliser is log(2 pi var)/2."),
            Mistake("divided by the standard deviation", "spread",
                    dict(square=lambda x, mean, var: -(x - mean) ** 2 / np.sqrt(var) / 2),
                    "The squared difference is divided by the variance."),
            Mistake("with the wrong sign", "missing_term", lambda right: -right, "This is minus the log density.")
        ]),
    "gaussian.draw": Formula(
        right=lambda mean, std, noise: mean + std * noise,
        pieces=dict(std=lambda var: np.sqrt(var)),
        terms={"x": lambda mean, std, noise: {"the mean": mean, "the noise": std * noise}},
        mistakes=[
            Mistake("noise times the variance", "spread", dict(std=lambda var: var),
                    "The noise is scaled by the standard deviation."),
            Mistake("noise not scaled", "spread", lambda mean, noise: mean + noise,
                    "The noise is scaled by the standard deviation."),
            Mistake("no noise", "noise", lambda mean: mean, "This returns the mean, not a draw."),
            Mistake("uniform noise", "noise", dict(noise=lambda noise: (noise - 0.5) * np.sqrt(12)),
                    "The noise is standard normal as given; do not shift or scale it."),
            Mistake("noise divided by the standard deviation", "noise",
                    lambda mean, std, noise: mean + safe(noise, std), "Multiply by the standard deviation."),
            Mistake("the same noise for every coordinate", "noise", dict(noise=lambda noise: noise[:, :1]),
                    "Coordinates are independent: one number of noise for each."),
            Choice("the noise subtracted", "noise", dict(noise=lambda noise: -noise),
                   "The same law, but not the same numbers for the same noise.")
        ]),
    "gaussian.perturbed": Formula(
        right=lambda mean, var, shift: (mean + shift, var),
        pieces=dict(shift=lambda var, slope: var * slope),
        terms={"mean": lambda mean, shift: {"the mean": mean, "the slope": shift}},
        mistakes=[
            Mistake("standard deviation for variance", "spread", dict(shift=lambda var, slope: np.sqrt(var) * slope),
                    "The shift is f_Sigma times the slope: the variance, not its root."),
            Mistake("shift of the wrong sign", "sign", dict(shift=lambda shift: -shift),
                    "The mean moves uphill on log r."),
            Mistake("slope not scaled", "coefficient", dict(shift=lambda slope: slope),
                    "The slope is multiplied by f_Sigma."),
            Mistake("no shift", "coefficient", dict(shift=lambda: 0), "r has no effect here."),
            Mistake("half the shift", "coefficient", dict(shift=lambda shift: shift / 2),
                    "The shift is f_Sigma times the slope, without a half."),
            Mistake("shift times the mean", "coefficient", dict(shift=lambda mean, shift: mean * shift),
                    "Add f_Sigma slope to the mean."),
            Mistake("divided by the variance", "coefficient", dict(shift=lambda var, slope: slope / var),
                    "Multiply the slope by the variance.")
        ]),
}
