"""Mistakes in schedules and in the Gaussian column of Table App.1."""
import numpy as np

from .mistakes import M, clip, coefficients, first, kl, log, normal, pad, safe, sigmoid, step

# --- schedules ---------------------------------------------------------------------------------------------------------

def cosine(T):
    """The cosine schedule of later diffusion models."""
    bar = np.cos((np.arange(T + 1) / T + 0.008) / 1.008 * np.pi / 2) ** 2
    return pad(np.minimum(1 - bar[1:] / bar[:-1], 0.999))


def authors(T):
    """The schedule of the authors' later code."""
    beta = 1 / np.linspace(T, 2.0, T)
    return pad(beta + 0.001 * (np.arange(T) == 0))


SCHEDULE = [
    M("one step late", "schedule.constant_erasure", "rate", "The denominator is T - t + 1, so that beta_T = 1.", lambda T: pad(1 / (T - np.arange(1, T + 1) + 2))),
    M("reversed in time", "schedule.constant_erasure", "rate", "beta_t grows with t: 1/T at t = 1, 1 at t = T.", lambda T: pad(1 / np.arange(1, T + 1))),
    M("the same rate at every step", "schedule.constant_erasure", "rate", "1/T of the original signal goes at every step, not 1/T of what is left.", lambda T: pad(np.full(T, 1 / T))),
    M("linear in t", "schedule.constant_erasure", "rate", "beta_t is 1/(T - t + 1), not t/T.", lambda T: np.arange(T + 1) / T),
    M("alpha_bar for beta", "schedule.constant_erasure", "rate", "1 - t/T is alpha_bar_t; the schedule asked for is beta_t.", lambda T: 1 - np.arange(T + 1) / T),
    M("entry 0 is a rate", "schedule.constant_erasure", "padding", "beta_0 = 0: nothing happens before the first step.", lambda T: 1 / (T - np.arange(T + 1) + 1)),
    M("the authors' code's schedule", "schedule.constant_erasure", "rate", "1/linspace(T, 2, T), beta_1 raised by 0.001: alpha_bar_T is near 1/T, not 0.", authors, True),
    M("the authors' code's schedule, beta_1 not raised", "schedule.constant_erasure", "rate", "1/linspace(T, 2, T).", lambda T: pad(1 / np.linspace(T, 2.0, T)), True),
    M("the linear schedule of later models", "schedule.constant_erasure", "rate", "linspace(1e-4, 0.02, T).", lambda T: pad(np.linspace(1e-4, 0.02, T)), True),
    M("the cosine schedule of later models", "schedule.constant_erasure", "rate", "A cosine in alpha_bar, beta at most 0.999.", cosine, True),
    M("rates held below 0.999", "schedule.constant_erasure", "rate", "beta_T = 1 is clipped to 0.999: a little of the data is left at t = T.", lambda T: np.minimum(pad(1 / np.arange(T, 0, -1.0)), 0.999), True),
    M("product of the steps before t", "schedule.alpha_bar", "index_shift", "alpha_bar_t includes the factor 1 - beta_t.", lambda beta: np.concatenate([[1], np.cumprod(1 - beta)[:-1]])),
    M("one factor only", "schedule.alpha_bar", "rate", "alpha_bar_t is the product over all s <= t.", lambda beta: 1 - beta),
    M("exp of minus the sum of rates", "schedule.alpha_bar", "rate", "exp(-sum beta) is only the limit of small rates; use the product of 1 - beta.", lambda beta: np.exp(-np.cumsum(beta))),
    M("square root of alpha_bar", "schedule.alpha_bar", "rate", "The square root belongs to the mean, not to alpha_bar.", lambda beta: np.sqrt(np.cumprod(1 - beta))),
    M("what is lost for what is left", "schedule.alpha_bar", "rate", "alpha_bar is what is left; 1 - alpha_bar is the noise.", lambda beta: 1 - np.cumprod(1 - beta)),
    M("product of the rates", "schedule.alpha_bar", "rate", "Multiply 1 - beta, not beta.", lambda beta: np.concatenate([[1], np.cumprod(beta[1:])])),
    M("one minus the sum of rates", "schedule.alpha_bar", "rate", "alpha_bar is a product of 1 - beta, not 1 minus a sum.", lambda beta: 1 - np.cumsum(beta)),
    M("noise over signal linear in t", "schedule.geometric", "rate", "Use geomspace, not linspace, for (1 - alpha_bar)/alpha_bar.", lambda T, beta_1, last: from_ratio(np.linspace(beta_1 / (1 - beta_1), last, T))),
    M("1 - alpha_bar geometric", "schedule.geometric", "rate", "(1 - alpha_bar)/alpha_bar is geometric, not 1 - alpha_bar.", lambda T, beta_1, last: from_ratio((lambda v: v / (1 - v))(np.geomspace(beta_1, last / (1 + last), T)))),
    M("beta geometric", "schedule.geometric", "rate", "(1 - alpha_bar)/alpha_bar is geometric, not beta.", lambda T, beta_1, last: pad(np.geomspace(beta_1, last / (1 + last), T))),
    M("starts at beta_1, not beta_1/(1 - beta_1)", "schedule.geometric", "rate", "At t = 1 noise over signal is beta_1/(1 - beta_1).", lambda T, beta_1, last: from_ratio(np.geomspace(beta_1, last, T))),
    M("noise over signal for beta", "schedule.geometric", "rate", "The geometric sequence is (1 - alpha_bar)/alpha_bar; beta_t = 1 - alpha_bar_t/alpha_bar_{t-1} follows from it.", lambda T, beta_1, last: pad(np.geomspace(beta_1 / (1 - beta_1), last, T))),
    M("1 - alpha_bar for beta", "schedule.geometric", "rate", "1 - alpha_bar_t is the noise so far; beta_t = 1 - alpha_bar_t/alpha_bar_{t-1} is that of one step.", lambda T, beta_1, last: pad((lambda r: r / (1 + r))(np.geomspace(beta_1 / (1 - beta_1), last, T)))),
    M("divided by 1 + noise over signal of t - 1", "schedule.geometric", "rate", "beta_t = (r_t - r_{t-1}) / (1 + r_t) for r = (1 - alpha_bar)/alpha_bar.", lambda T, beta_1, last: before_ratio(np.geomspace(beta_1 / (1 - beta_1), last, T))),
    M("beta_1 as a floor for all rates", "schedule.learned", "rate", "beta_2..beta_T are the sigmoids themselves; only beta_1 is fixed.", lambda logits, beta_1: pad(np.append(beta_1, beta_1 + (1 - beta_1) * sigmoid(logits)))),
    M("sigmoid of minus the logits", "schedule.learned", "rate", "beta_t = 1/(1 + exp(-logit)).", lambda logits, beta_1: pad(np.append(beta_1, sigmoid(-logits)))),
    M("exp for sigmoid", "schedule.learned", "rate", "exp leaves (0, 1); use the sigmoid.", lambda logits, beta_1: pad(np.append(beta_1, np.exp(logits)))),
    M("beta_1 at the end", "schedule.learned", "first_step", "The fixed rate is the first one.", lambda logits, beta_1: pad(np.append(sigmoid(logits), beta_1))),
    M("beta_1 through the sigmoid as well", "schedule.learned", "first_step", "beta_1 is a rate, not a logit.", lambda logits, beta_1: pad(sigmoid(np.append(beta_1, logits)))),
]


def before_ratio(ratio):
    """from_ratio with the ratio of t - 1 below the line."""
    ratio = pad(ratio)
    return pad((ratio[1:] - ratio[:-1]) / (1 + ratio[:-1]))


def from_ratio(ratio):
    """beta from noise over signal at t = 1..T."""
    ratio = pad(ratio)
    return pad((ratio[1:] - ratio[:-1]) / (1 + ratio[1:]))


# --- the Gaussian kernel -------------------------------------------------------------------------------------------------

def posterior(change):
    """A wrong posterior from change(b, before, after, c0, ct, var) -> c0, ct, var."""
    def wrong(xt, x0, t, beta, alpha_bar):
        b, before, after = beta[t], alpha_bar[t - 1], alpha_bar[t]
        with np.errstate(all="ignore"):
            c0, ct, var = change(b, before, after, *coefficients(b, before, after))
        return c0 * x0 + ct * xt, var + 0 * xt
    return wrong


def shifted(shift_beta, shift_bar):
    """The posterior with beta of t + shift_beta and alpha_bar of t + shift_bar."""
    def wrong(xt, x0, t, beta, alpha_bar):
        with np.errstate(all="ignore"):
            c0, ct, var = coefficients(beta[clip(t + shift_beta, beta)], alpha_bar[clip(t - 1 + shift_bar, beta)], alpha_bar[clip(t + shift_bar, beta)])
        return c0 * x0 + ct * xt, var + 0 * xt
    return wrong


def with_before(*where):
    """The posterior with beta of t - 1 in c0, ct, var, as told."""
    def wrong(xt, x0, t, beta, alpha_bar):
        u, v = alpha_bar[t - 1], alpha_bar[t]
        b_0, b_t, b_var = (beta[t - 1] if late else beta[t] for late in where)
        with np.errstate(all="ignore"):
            return np.sqrt(u) * b_0 / (1 - v) * x0 + np.sqrt(1 - b_t) * (1 - u) / (1 - v) * xt, b_var * (1 - u) / (1 - v) + 0 * xt
    return wrong


def clipped(xt, x0, t, beta, alpha_bar):
    """The posterior with the variance of t = 2 at t = 1."""
    mean, _ = posterior(lambda b, u, v, c0, ct, var: (c0, ct, var))(xt, x0, t, beta, alpha_bar)
    s = np.maximum(t, 2)
    return mean, coefficients(beta[s], alpha_bar[s - 1], alpha_bar[s])[2] + 0 * xt


def posterior_one_t(xt, x0, t, beta, alpha_bar):
    """The t of the first row for all."""
    return shifted(0, 0)(xt, x0, first(t), beta, alpha_bar)


F, MA, PO, KL = "gaussian.forward", "gaussian.marginal", "gaussian.posterior", "gaussian.kl"
GAUSSIAN = [
    M("mean without the square root", F, "coefficient", "The mean is x sqrt(1 - beta_t); only so is the variance kept at 1.", lambda x, t, beta: (x * (1 - beta[t]), beta[t])),
    M("1 - beta_t taken for the factor of x", F, "coefficient", "1 - beta_t is a share of power: the mean is x sqrt(1 - beta_t), the variance beta_t.", lambda x, t, beta: (x * (1 - beta[t]), 1 - (1 - beta[t]) ** 2)),
    M("sqrt(1 - beta_t) to first order in beta_t", F, "coefficient", "1 - beta_t/2 is the step of the differential equation; the kernel's mean is x sqrt(1 - beta_t).", lambda x, t, beta: (x * (1 - beta[t] / 2), beta[t])),
    M("mean not scaled", F, "coefficient", "x must be scaled by sqrt(1 - beta_t), or the variance grows without end.", lambda x, t, beta: (x, beta[t])),
    M("standard deviation for variance", F, "coefficient", "The variance is beta_t; sqrt(beta_t) is the standard deviation.", lambda x, t, beta: (x * np.sqrt(1 - beta[t]), np.sqrt(beta[t]))),
    M("variance beta squared", F, "coefficient", "beta_t is the variance already.", lambda x, t, beta: (x * np.sqrt(1 - beta[t]), beta[t] ** 2)),
    M("beta of t - 1", F, "index_shift", "beta[t] is the paper's beta_t.", lambda x, t, beta: step(x, beta[t - 1])),
    M("beta of t + 1", F, "index_shift", "beta[t] is the paper's beta_t; beta[0] = 0 is padding.", lambda x, t, beta: step(x, beta[clip(t + 1, beta)])),
    M("all steps at once", F, "index_shift", "One step uses beta_t; alpha_bar_t is for t steps at once.", lambda x, t, beta: step(x, 1 - np.cumprod(1 - beta)[t])),
    M("one t for the whole batch", F, "mixed_t", "Each row has its own t: beta[t] must have shape (N, 1).", lambda x, t, beta: step(x, beta[first(t)])),
    M("rate and rest exchanged", F, "coefficient", "sqrt(1 - beta_t) scales the mean, beta_t is the variance; here they are exchanged.", lambda x, t, beta: step(x, 1 - beta[t])),
    M("beta of step 2 at step 1", F, "first_step", "The first step has a rate of its own, beta_1.", lambda x, t, beta: step(x, beta[np.maximum(t, 2)])),
    M("beta_T held below 1", F, "last_step", "beta_T = 1 is allowed: the last step may erase everything.", lambda x, t, beta: step(x, np.where(np.asarray(t) == len(beta) - 1, beta[t] * 0.999, beta[t]))),
    M("mean without the square root", MA, "coefficient", "The mean is x_0 sqrt(alpha_bar_t).", lambda x0, t, beta, alpha_bar: (x0 * alpha_bar[t], 1 - alpha_bar[t])),
    M("alpha_bar_t taken for the factor of x_0", MA, "coefficient", "alpha_bar_t is a share of power: the mean is x_0 sqrt(alpha_bar_t), the variance 1 - alpha_bar_t.", lambda x0, t, beta, alpha_bar: (x0 * alpha_bar[t], 1 - alpha_bar[t] ** 2)),
    M("(1 - beta_t)^t for the product", MA, "index_shift", "alpha_bar_t is the product of 1 - beta_s over s <= t; the rates differ.", lambda x0, t, beta, alpha_bar: step(x0, 1 - (1 - beta[t]) ** t)),
    M("standard deviation for variance", MA, "coefficient", "The variance is 1 - alpha_bar_t.", lambda x0, t, beta, alpha_bar: (x0 * np.sqrt(alpha_bar[t]), np.sqrt(1 - alpha_bar[t]))),
    M("variance 1 - sqrt(alpha_bar)", MA, "coefficient", "The variance is 1 - alpha_bar_t, without the root.", lambda x0, t, beta, alpha_bar: (x0 * np.sqrt(alpha_bar[t]), 1 - np.sqrt(alpha_bar[t]))),
    M("variance squared", MA, "coefficient", "The variance is 1 - alpha_bar_t, not its square.", lambda x0, t, beta, alpha_bar: (x0 * np.sqrt(alpha_bar[t]), (1 - alpha_bar[t]) ** 2)),
    M("variance the sum of rates", MA, "coefficient", "Earlier noise is scaled down by every later step: 1 - alpha_bar_t, not the sum.", lambda x0, t, beta, alpha_bar: (x0 * np.sqrt(alpha_bar[t]), np.cumsum(beta)[t])),
    M("alpha_bar of t - 1", MA, "index_shift", "alpha_bar[t] includes step t.", lambda x0, t, beta, alpha_bar: step(x0, 1 - alpha_bar[np.maximum(t - 1, 0)])),
    M("alpha_bar of t + 1", MA, "start", "alpha_bar[0] = 1 is padding: alpha_bar[t] is the paper's.", lambda x0, t, beta, alpha_bar: step(x0, 1 - alpha_bar[clip(t + 1, beta)])),
    M("one step only", MA, "index_shift", "t steps at once need alpha_bar_t, not 1 - beta_t.", lambda x0, t, beta, alpha_bar: step(x0, beta[t])),
    M("signal and noise exchanged", MA, "first_step", "sqrt(alpha_bar_t) is the signal, 1 - alpha_bar_t the noise.", lambda x0, t, beta, alpha_bar: step(x0, alpha_bar[t])),
    M("one t for the whole batch", MA, "mixed_t", "Each row has its own t: alpha_bar[t] must have shape (N, 1).", lambda x0, t, beta, alpha_bar: step(x0, 1 - alpha_bar[first(t)])),
    M("a little signal kept at t = T", MA, "last_step", "alpha_bar_T may be 0: clip only where a logarithm needs it.", lambda x0, t, beta, alpha_bar: step(x0, 1 - np.where(np.asarray(t) == len(beta) - 1, alpha_bar[t] + 1e-4, alpha_bar[t]))),
    M("alpha_bar without step 1", MA, "first_step", "The product starts at s = 1.", lambda x0, t, beta, alpha_bar: step(x0, 1 - alpha_bar[t] / alpha_bar[1])),
    M("alpha_bar of t for t - 1 in c0", PO, "index_shift", "The coefficient of x_0 has sqrt(alpha_bar_{t-1}).", posterior(lambda b, u, v, c0, ct, var: (np.sqrt(v) * b / (1 - v), ct, var))),
    M("alpha_bar of t for t - 1 in ct", PO, "index_shift", "The coefficient of x_t has 1 - alpha_bar_{t-1} over 1 - alpha_bar_t.", posterior(lambda b, u, v, c0, ct, var: (c0, np.sqrt(1 - b), var))),
    M("x_t and x_0, or their coefficients, exchanged", PO, "coefficient", "sqrt(alpha_bar_{t-1}) beta_t belongs to x_0; the first argument is x_t.", posterior(lambda b, u, v, c0, ct, var: (ct, c0, var))),
    M("c0 without the square root", PO, "coefficient", "c0 has the square root of alpha_bar_{t-1}.", posterior(lambda b, u, v, c0, ct, var: (u * b / (1 - v), ct, var))),
    M("ct without the square root", PO, "coefficient", "ct has the square root of 1 - beta_t.", posterior(lambda b, u, v, c0, ct, var: (c0, (1 - b) * (1 - u) / (1 - v), var))),
    M("ct with sqrt(alpha_bar_t)", PO, "coefficient", "ct has sqrt(1 - beta_t), the root of alpha_t and not of alpha_bar_t.", posterior(lambda b, u, v, c0, ct, var: (c0, np.sqrt(v) * (1 - u) / (1 - v), var))),
    M("ct with sqrt(alpha_bar_{t-1})", PO, "coefficient", "ct has sqrt(1 - beta_t), not sqrt(alpha_bar_{t-1}).", posterior(lambda b, u, v, c0, ct, var: (c0, np.sqrt(u) * (1 - u) / (1 - v), var))),
    M("ct without sqrt(1 - beta_t)", PO, "coefficient", "The factor sqrt(1 - beta_t) of x_t is missing.", posterior(lambda b, u, v, c0, ct, var: (c0, (1 - u) / (1 - v), var))),
    M("c0 without beta_t", PO, "coefficient", "The factor beta_t of x_0 is missing.", posterior(lambda b, u, v, c0, ct, var: (np.sqrt(u) / (1 - v), ct, var))),
    M("c0 without sqrt(alpha_bar_{t-1})", PO, "coefficient", "The factor sqrt(alpha_bar_{t-1}) of x_0 is missing.", posterior(lambda b, u, v, c0, ct, var: (b / (1 - v), ct, var))),
    M("c0 with sqrt(beta_t)", PO, "coefficient", "c0 has beta_t itself.", posterior(lambda b, u, v, c0, ct, var: (np.sqrt(u) * np.sqrt(b) / (1 - v), ct, var))),
    M("not divided by 1 - alpha_bar_t", PO, "coefficient", "Both coefficients are divided by 1 - alpha_bar_t.", posterior(lambda b, u, v, c0, ct, var: (c0 * (1 - v), ct * (1 - v), var))),
    M("1 - beta_t left out of x_t's precision", PO, "coefficient", "Precisions add: 1/var = (1 - beta_t)/beta_t + 1/(1 - alpha_bar_{t-1}); x_t was scaled by sqrt(1 - beta_t).", posterior(lambda b, u, v, c0, ct, var: (np.sqrt(u) * b / (b + 1 - u), np.sqrt(1 - b) * (1 - u) / (b + 1 - u), b * (1 - u) / (b + 1 - u)))),
    M("the mean through the noise, 0/0 where beta_t = 1", PO, "last_step", "(x_t - beta_t eps / sqrt(1 - alpha_bar_t)) / sqrt(1 - beta_t) is 0/0 where beta_T = 1: use the coefficients of x_t and x_0.", posterior(lambda b, u, v, c0, ct, var: (np.sqrt(v) * b / (1 - v) / np.sqrt(1 - b), (1 - b / (1 - v)) / np.sqrt(1 - b), var))),
    M("beta of t - 1 in c0", PO, "index_shift", "The coefficient of x_0 has beta_t.", with_before(True, False, False)),
    M("1 - beta of t - 1 in ct", PO, "index_shift", "The coefficient of x_t has sqrt(1 - beta_t).", with_before(False, True, False)),
    M("beta of t - 1 in the variance", PO, "index_shift", "The variance has beta_t.", with_before(False, False, True)),
    M("square root of 1 - alpha_bar_t", PO, "coefficient", "The denominators are 1 - alpha_bar_t without a root.", posterior(lambda b, u, v, c0, ct, var: (c0 * np.sqrt(1 - v), ct * np.sqrt(1 - v), var))),
    M("coefficients without normaliser of the precision", PO, "coefficient", "Precisions add: 1/var = (1 - beta_t)/beta_t + 1/(1 - alpha_bar_{t-1}); here the means are averaged evenly.", posterior(lambda b, u, v, c0, ct, var: (np.sqrt(u) / 2, np.sqrt(1 - b) / 2, var))),
    M("the forward kernel for the posterior", PO, "coefficient", "q(x_{t-1}|x_t,x_0) depends on x_0: use Bayes' rule.", posterior(lambda b, u, v, c0, ct, var: (0, np.sqrt(1 - b), b))),
    M("standard deviation for variance", PO, "coefficient", "Return the variance, or state conventions spread = 'std'.", posterior(lambda b, u, v, c0, ct, var: (c0, ct, np.sqrt(var)))),
    M("variance of x_{t-1} given x_0 only", PO, "coefficient", "1 - alpha_bar_{t-1} is the variance before x_t is known.", posterior(lambda b, u, v, c0, ct, var: (c0, ct, 1 - u))),
    M("variance upside down", PO, "last_step", "The variance is beta_t (1 - alpha_bar_{t-1}) / (1 - alpha_bar_t).", posterior(lambda b, u, v, c0, ct, var: (c0, ct, b * (1 - v) / (1 - u)))),
    M("variance without beta_t", PO, "coefficient", "The factor beta_t of the variance is missing.", posterior(lambda b, u, v, c0, ct, var: (c0, ct, (1 - u) / (1 - v)))),
    M("variance without its denominator", PO, "coefficient", "The variance is divided by 1 - alpha_bar_t.", posterior(lambda b, u, v, c0, ct, var: (c0, ct, b * (1 - u)))),
    M("variance with an extra 1 - beta_t", PO, "coefficient", "There is no factor 1 - beta_t in the variance.", posterior(lambda b, u, v, c0, ct, var: (c0, ct, (1 - b) * var))),
    M("beta of t - 1", PO, "index_shift", "beta[t] is the paper's beta_t.", shifted(-1, 0)),
    M("beta of t + 1", PO, "index_shift", "beta[t] is the paper's beta_t.", shifted(1, 0)),
    M("everything of t + 1", PO, "first_step", "Arrays over time have an entry 0: beta[t] is the paper's beta_t.", shifted(1, 1)),
    M("everything of t - 1", PO, "first_step", "Arrays over time have an entry 0: beta[t] is the paper's beta_t.", shifted(-1, -1)),
    M("alpha_bar of t - 1 throughout", PO, "first_step", "1 - alpha_bar_t stands in the denominators.", shifted(0, -1)),
    M("one t for the whole batch", PO, "mixed_t", "Each row has its own t: the coefficients must have shape (N, 1).", posterior_one_t),
    M("alpha_bar_0 is 0, not 1", PO, "first_step", "Nothing is lost before the first step: alpha_bar_0 = 1, so that at t = 1 the posterior is x_0 itself.", lambda xt, x0, t, beta, alpha_bar: shifted(0, 0)(xt, x0, t, beta, np.append(0.0, alpha_bar[1:]))),
    M("alpha_bar of t - 1 wraps round at t = 1", PO, "first_step", "In 0-based tables index -1 is the last entry: put alpha_bar_0 = 1 in front.", lambda xt, x0, t, beta, alpha_bar: shifted(0, 0)(xt, x0, t, beta, np.append(alpha_bar[-1], alpha_bar[1:]))),
    M("reverse variance beta_t", PO, "coefficient", "beta_t is the other end of Eq. 24's bounds: a choice for the model's variance, but not the posterior's.", posterior(lambda b, u, v, c0, ct, var: (c0, ct, b)), True),
    M("log variance clipped at t = 1", PO, "first_step", "The variance at t = 1 is 0; taking that of t = 2 keeps its logarithm finite.", clipped, True),
    M("q and p exchanged", KL, "direction", "D_KL(q || p) averages over q: the true posterior comes first.", lambda mean_q, var_q, mean_p, var_p: kl(mean_p, var_p, mean_q, var_q)),
    M("without - 1", KL, "missing_term", "The constant -1 (inside the half) is missing: equal distributions must give 0.", lambda mean_q, var_q, mean_p, var_p: kl(mean_q, var_q, mean_p, var_p) + 0.5),
    M("- D for - 1", KL, "missing_term", "Each coordinate has its own - 1: sum over coordinates once, at the end.", lambda mean_q, var_q, mean_p, var_p: kl(mean_q, var_q, mean_p, var_p) - (np.shape(mean_q)[-1] - 1) / 2),
    M("without the factor 1/2", KL, "missing_term", "The whole bracket is halved.", lambda mean_q, var_q, mean_p, var_p: 2 * kl(mean_q, var_q, mean_p, var_p)),
    M("without the log ratio", KL, "missing_term", "log(var_p / var_q) is missing.", lambda mean_q, var_q, mean_p, var_p: (var_q / var_p - 1 + (mean_q - mean_p) ** 2 / var_p) / 2),
    M("log ratio upside down", KL, "direction", "The logarithm is of var_p / var_q.", lambda mean_q, var_q, mean_p, var_p: kl(mean_q, var_q, mean_p, var_p) - log(var_p / var_q)),
    M("log ratio of standard deviations halved again", KL, "missing_term", "log(std_p / std_q) is already half of log(var_p / var_q).", lambda mean_q, var_q, mean_p, var_p: kl(mean_q, var_q, mean_p, var_p) - log(var_p / var_q) / 4),
    M("means left out", KL, "missing_term", "(mean_q - mean_p)^2 / var_p is missing.", lambda mean_q, var_q, mean_p, var_p: kl(mean_q, var_q, mean_q, var_p)),
    M("difference of means not squared", KL, "missing_term", "The difference of means is squared.", lambda mean_q, var_q, mean_p, var_p: kl(mean_q, var_q, mean_q, var_p) + np.abs(mean_q - mean_p) / var_p / 2),
    M("means divided by var_q", KL, "missing_term", "The squared difference of means is divided by var_p.", lambda mean_q, var_q, mean_p, var_p: kl(mean_q, var_q, mean_q, var_p) + (mean_q - mean_p) ** 2 / var_q / 2),
    M("variances left out", KL, "missing_term", "Only the difference of means is there; log ratio and variance ratio are missing.", lambda mean_q, var_q, mean_p, var_p: (mean_q - mean_p) ** 2 / var_p / 2),
    M("variance ratio left out", KL, "missing_term", "var_q / var_p is missing.", lambda mean_q, var_q, mean_p, var_p: kl(mean_q, var_q, mean_p, var_p) - var_q / var_p / 2),
    M("variance ratio upside down", KL, "direction", "The ratio is var_q / var_p.", lambda mean_q, var_q, mean_p, var_p: kl(mean_q, var_q, mean_p, var_p) + (var_p / var_q - var_q / var_p) / 2),
    M("variances taken for standard deviations", KL, "spread", "The arguments are variances; here they are squared.", lambda mean_q, var_q, mean_p, var_p: kl(mean_q, var_q ** 2, mean_p, var_p ** 2)),
    M("standard deviations in place of variances", KL, "spread", "The arguments are variances: no square root.", lambda mean_q, var_q, mean_p, var_p: kl(mean_q, np.sqrt(var_q), mean_p, np.sqrt(var_p))),
    M("squared error of the means", KL, "missing_term", "The simple loss of later models is not the KL: weight by 1 / (2 var_p) and keep the variances.", lambda mean_q, var_q, mean_p, var_p: (mean_q - mean_p) ** 2),
    M("variance for standard deviation", "gaussian.entropy", "spread", "The argument is a variance: log(2 pi e var)/2.", lambda var: 0.5 * np.log(2 * np.pi * np.e * var ** 2)),
    M("without e", "gaussian.entropy", "missing_term", "log(2 pi e var)/2: the e (one half) is missing.", lambda var: 0.5 * np.log(2 * np.pi * var)),
    M("e not halved", "gaussian.entropy", "missing_term", "log(2 pi e var)/2 = log(2 pi var)/2 + 1/2.", lambda var: 0.5 * np.log(2 * np.pi * var) + 1),
    M("without the factor 1/2", "gaussian.entropy", "missing_term", "The logarithm is halved.", lambda var: np.log(2 * np.pi * np.e * var)),
    M("without 2 pi e", "gaussian.entropy", "missing_term", "The constant log(2 pi e)/2 is missing.", lambda var: 0.5 * np.log(var) + 0 * var),
    M("without 2 pi", "gaussian.entropy", "missing_term", "The constant log(2 pi)/2 is missing.", lambda var: 0.5 * np.log(np.e * var)),
    M("with the wrong sign", "gaussian.entropy", "missing_term", "H = -E log q.", lambda var: -0.5 * np.log(2 * np.pi * np.e * var)),
    M("pi e for 2 pi e", "gaussian.entropy", "missing_term", "log(2 pi e var)/2: a factor 2 is missing.", lambda var: 0.5 * np.log(np.pi * np.e * var)),
    M("without its normaliser", "gaussian.log_density", "missing_term", "-log(2 pi var)/2 is missing.", lambda x, mean, var: -(x - mean) ** 2 / var / 2),
    M("without 2 pi", "gaussian.log_density", "missing_term", "-log(2 pi)/2 is missing.", lambda x, mean, var: -(x - mean) ** 2 / var / 2 - np.log(var) / 2),
    M("without log var", "gaussian.log_density", "missing_term", "-log(var)/2 is missing.", lambda x, mean, var: -(x - mean) ** 2 / var / 2 - np.log(2 * np.pi) / 2),
    M("standard deviation for variance", "gaussian.log_density", "spread", "The argument is a variance; here it is squared.", lambda x, mean, var: normal(x, mean, var ** 2)),
    M("divided by the variance squared", "gaussian.log_density", "spread", "The squared difference is divided by 2 var, once.", lambda x, mean, var: normal(x, mean, var) + (x - mean) ** 2 * (1 / var - 1 / var ** 2) / 2),
    M("square not halved", "gaussian.log_density", "missing_term", "The squared difference is divided by 2 var.", lambda x, mean, var: normal(x, mean, var) - (x - mean) ** 2 / var / 2),
    M("log var not halved", "gaussian.log_density", "missing_term", "The normaliser is log(2 pi var)/2.", lambda x, mean, var: normal(x, mean, var) - np.log(var) / 2),
    M("divided by the standard deviation", "gaussian.log_density", "spread", "The squared difference is divided by the variance.", lambda x, mean, var: normal(x, mean, var) + (x - mean) ** 2 * (1 / var - 1 / np.sqrt(var)) / 2),
    M("with the wrong sign", "gaussian.log_density", "missing_term", "This is minus the log density.", lambda x, mean, var: -normal(x, mean, var)),
    M("noise times the variance", "gaussian.draw", "spread", "The noise is scaled by the standard deviation.", lambda mean, var, noise: mean + var * noise),
    M("noise not scaled", "gaussian.draw", "spread", "The noise is scaled by the standard deviation.", lambda mean, var, noise: mean + noise),
    M("no noise", "gaussian.draw", "noise", "This returns the mean, not a draw.", lambda mean, var, noise: mean + 0 * noise),
    M("uniform noise", "gaussian.draw", "noise", "The noise is standard normal as given; do not shift or scale it.", lambda mean, var, noise: mean + np.sqrt(var) * (noise - 0.5) * np.sqrt(12)),
    M("noise divided by the standard deviation", "gaussian.draw", "noise", "Multiply by the standard deviation.", lambda mean, var, noise: mean + safe(noise, np.sqrt(var))),
    M("the same noise for every coordinate", "gaussian.draw", "noise", "Coordinates are independent: one number of noise for each.", lambda mean, var, noise: mean + np.sqrt(var) * noise[:, :1]),
    M("the noise subtracted", "gaussian.draw", "noise", "The same law, but not the same numbers for the same noise.", lambda mean, var, noise: mean - np.sqrt(var) * noise, True),
    M("standard deviation for variance", "gaussian.perturbed", "spread", "The shift is f_Sigma times the slope: the variance, not its root.", lambda mean, var, slope: (mean + np.sqrt(var) * slope, var)),
    M("shift of the wrong sign", "gaussian.perturbed", "sign", "The mean moves uphill on log r.", lambda mean, var, slope: (mean - var * slope, var)),
    M("slope not scaled", "gaussian.perturbed", "coefficient", "The slope is multiplied by f_Sigma.", lambda mean, var, slope: (mean + slope, var)),
    M("no shift", "gaussian.perturbed", "coefficient", "r does not enter.", lambda mean, var, slope: (mean, var)),
    M("half the shift", "gaussian.perturbed", "coefficient", "The shift is f_Sigma times the slope, without a half.", lambda mean, var, slope: (mean + var * slope / 2, var)),
    M("shift times the mean", "gaussian.perturbed", "coefficient", "Add f_Sigma slope to the mean.", lambda mean, var, slope: (mean * (1 + var * slope), var)),
    M("divided by the variance", "gaussian.perturbed", "coefficient", "Multiply the slope by the variance.", lambda mean, var, slope: (mean + slope / var, var)),
]


def guarded():
    """Small numbers kept away from 0: not wrong where it is meant so, but different numbers. One entry for each size."""
    for e in 10.0 ** -np.arange(3, 11):
        yield M(f"alpha_bar at least {e:g}", "schedule.alpha_bar", "rate", "alpha_bar_T may be 0: clip only where a logarithm needs it.", lambda beta, e=e: np.maximum(np.cumprod(1 - beta), e), True)
        yield M(f"variance at least {e:g}", PO, "first_step", "The variance at t = 1 is 0; a floor keeps its logarithm finite.", posterior(lambda b, u, v, c0, ct, var, e=e: (c0, ct, np.maximum(var, e))), True)


GAUSSIAN += guarded()
