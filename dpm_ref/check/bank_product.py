"""Mistakes in products with a second distribution, and in the entropy bounds."""
import numpy as np

from . import bank_bits as bits
from .bank_bound import entropy
from .mistakes import M, clip, coefficients


def shift_with(slope, spread=lambda v: v):
    """product.denoise with another slope."""
    return lambda mean, var, y, y_var, xt: (mean + spread(var) * slope(mean, var, y, y_var, xt), var)


D, EX, DB, KN, XP = ("product." + n for n in ("denoise", "exact", "denoise_bits", "known", "exponent"))
PRODUCT = [
    M("gradient at x_t", D, "gradient_point", "log r is differentiated at f_mu, not at x_t.", shift_with(lambda m, v, y, s, xt: (y - xt) / s)),
    M("gradient at 0", D, "gradient_point", "log r is differentiated at f_mu.", shift_with(lambda m, v, y, s, xt: y / s)),
    M("gradient at y", D, "gradient_point", "There the gradient of r is zero.", shift_with(lambda m, v, y, s, xt: 0 * y)),
    M("standard deviation for variance", D, "gradient_point", "The shift is f_Sigma times the gradient.", shift_with(lambda m, v, y, s, xt: (y - m) / s, np.sqrt)),
    M("r's standard deviation for its variance", D, "gradient_point", "The gradient of log N is divided by the variance of r, not by its root.", shift_with(lambda m, v, y, s, xt: (y - m) / np.sqrt(s))),
    M("r's variance left out", D, "gradient_point", "The gradient is divided by r's variance.", shift_with(lambda m, v, y, s, xt: (y - m) * s)),
    M("shift of the wrong sign", D, "sign", "The mean moves towards y.", shift_with(lambda m, v, y, s, xt: (m - y) / s)),
    M("slope not scaled by f_Sigma", D, "gradient_point", "The shift is f_Sigma times the gradient.", shift_with(lambda m, v, y, s, xt: (y - m) / s, lambda v: 1)),
    M("r squared", D, "gradient_point", "r enters once: there is no factor 2.", shift_with(lambda m, v, y, s, xt: 2 * (y - m) / s)),
    M("half the gradient", D, "gradient_point", "The gradient of log N has no half.", shift_with(lambda m, v, y, s, xt: (y - m) / s / 2)),
    M("the exact product", D, "gradient_point", "Eq. 22 normalised exactly; Eq. 61 is its first-order form.", lambda mean, var, y, y_var, xt: (mean + var * (y - mean) / (y_var + var), var * y_var / (var + y_var)), True),
    M("the exact mean, the variance unchanged", D, "gradient_point", "Eq. 61 evaluates the gradient at f_mu.", lambda mean, var, y, y_var, xt: (mean + var * (y - mean) / (y_var + var), var), True),
    M("the first-order form", EX, "normaliser", "Eq. 61 is only the first order of Eq. 22 in f_Sigma.", lambda mean, var, y, y_var: (mean + var * (y - mean) / y_var, var)),
    M("the variance unchanged", EX, "normaliser", "A product is narrower: precisions add.", lambda mean, var, y, y_var: (mean + var * (y - mean) / (y_var + var), var)),
    M("variances added", EX, "normaliser", "Precisions add, not variances.", lambda mean, var, y, y_var: (mean + var * (y - mean) / (y_var + var), var + y_var)),
    M("weights exchanged", EX, "normaliser", "y is weighted by var / (var + y_var).", lambda mean, var, y, y_var: (mean + y_var * (y - mean) / (y_var + var), var * y_var / (var + y_var))),
    M("the plain average", EX, "normaliser", "Weight by the precisions.", lambda mean, var, y, y_var: ((mean + y) / 2, var * y_var / (var + y_var))),
    M("not normalised", DB, "normaliser", "Divide by the sum over both values.", lambda rate, y, flip: rate * np.where(y == 1, 1 - flip, flip)),
    M("right and wrong exchanged", DB, "direction", "flip is the probability that y is wrong.", lambda rate, y, flip: bits.ratio(rate * np.where(y == 1, flip, 1 - flip), (1 - rate) * np.where(y == 1, 1 - flip, flip))),
    M("y taken as certain", DB, "normaliser", "y is wrong with probability flip.", lambda rate, y, flip: y),
    M("the channel applied to the rate, y not used", DB, "normaliser", "That is the law of the next y; the posterior needs the y that was seen.", lambda rate, y, flip: rate * (1 - flip) + (1 - rate) * flip),
    M("y mixed in", DB, "normaliser", "Probabilities multiply; they are not mixed.", lambda rate, y, flip: rate * flip + y * (1 - flip)),
    M("r of a 1 only", DB, "normaliser", "For the value 0, r is flip or 1 - flip the other way round.", lambda rate, y, flip: rate * np.where(y == 1, 1 - flip, flip) / (rate * np.where(y == 1, 1 - flip, flip) + 1 - rate)),
    M("r left out", DB, "normaliser", "r does not enter.", lambda rate, y, flip: rate),
    M("mask upside down", KN, "mask", "mask is 1 where the value is known.", lambda mean, var, known, mask: (np.where(mask == 1, mean, known), np.where(mask == 1, var, 0))),
    M("known values everywhere", KN, "mask", "Where the mask is 0 the model's mean and variance stay.", lambda mean, var, known, mask: (known + 0 * mean, 0 * var)),
    M("known values still noisy", KN, "mask", "A known coordinate has variance 0.", lambda mean, var, known, mask: (np.where(mask == 1, known, mean), var)),
    M("known values multiplied by the mask only", KN, "mask", "Unknown coordinates keep the model's mean.", lambda mean, var, known, mask: (known * mask, var * (1 - mask))),
    M("known values added to the mean", KN, "mask", "The known value replaces the mean.", lambda mean, var, known, mask: (mean + known * mask, var * (1 - mask))),
    M("rows masked by their first coordinate", KN, "mask", "The mask is for each coordinate.", lambda mean, var, known, mask: (np.where(mask[:, :1] == 1, known, mean), np.where(mask[:, :1] == 1, 0, var))),
    M("known values left out", KN, "mask", "r does not enter.", lambda mean, var, known, mask: (mean, var)),
    M("t/T", XP, "index_shift", "r counts fully at t = 0, not at all at t = T.", lambda t, T: t / T),
    M("one step late", XP, "index_shift", "(T - t)/T with t the index of the state that r multiplies.", lambda t, T: (T - t + 1) / T),
    M("one step early", XP, "index_shift", "(T - t)/T with t the index of the state that r multiplies.", lambda t, T: (T - t - 1) / T),
    M("root of (T - t)/T", XP, "coefficient", "There is no root.", lambda t, T: np.sqrt((T - t) / T)),
    M("(T - t)/T squared", XP, "coefficient", "There is no square.", lambda t, T: ((T - t) / T) ** 2),
    M("(T - t)/(T - 1)", XP, "index_shift", "The denominator is T.", lambda t, T: (T - t) / (T - 1)),
    M("r the same at every step", XP, "index_shift", "The paper's experiments use r(x_t) = r(x_0), the exponent 1.", lambda t, T: 1.0, True),
]


def bounds(change="", bit=False):
    """The bounds of Eq. 24 with one change."""
    def wrong(t, beta, alpha_bar):
        H = (lambda v: bits.entropy(v / 2)) if bit else entropy
        if change == "forward rate not halved":
            upper, lower = bits.entropy(beta[t]), bounds("", bit)(t, beta, alpha_bar)[0]
            return lower - bits.entropy(beta[t] / 2) + upper, upper
        if change == "rate not halved":
            H = bits.entropy
        i = clip(t + {"t - 1": -1, "t + 1": 1}.get(change, 0), beta)
        with np.errstate(all="ignore"):
            step_, before, after = H(beta[i]), H(1 - alpha_bar[i - 1]), H(1 - alpha_bar[i])
        lower, upper = step_ + before - after, step_
        return {"exchanged": (upper, lower), "difference upside down": (step_ - before + after, upper), "no step": (before - after, upper),
                "no before": (step_ - after, upper), "no after": (step_ + before, upper), "upper H(x_t|x_0)": (lower, after),
                "upper H(x_t-1|x_0)": (lower, before), "bits": (lower / np.log(2), upper / np.log(2)),
                "halves": (2 * lower, 2 * upper), "posterior": (entropy(coefficients(beta[t], alpha_bar[t - 1], alpha_bar[t])[2]), upper)}.get(change, (lower, upper))
    return wrong


_BOUNDS = [
    ("lower and upper exchanged", "missing_term", "The upper bound is H_q(X_t|X_{t-1}).", "exchanged"),
    ("the difference upside down", "missing_term", "The lower bound has + H(X_{t-1}|X_0) - H(X_t|X_0).", "difference upside down"),
    ("H(X_t|X_{t-1}) left out", "missing_term", "The lower bound starts with H_q(X_t|X_{t-1}).", "no step"),
    ("H(X_{t-1}|X_0) left out", "missing_term", "A term of the lower bound is missing.", "no before"),
    ("H(X_t|X_0) left out", "missing_term", "A term of the lower bound is missing.", "no after"),
    ("upper bound H(X_t|X_0)", "missing_term", "The upper bound is H_q(X_t|X_{t-1}).", "upper H(x_t|x_0)"),
    ("upper bound H(X_{t-1}|X_0)", "missing_term", "The upper bound is H_q(X_t|X_{t-1}).", "upper H(x_t-1|x_0)"),
    ("in bits", "missing_term", "Nats here; or state conventions unit = 'bits'.", "bits"),
    ("all of t - 1", "index_shift", "beta[t] is the paper's beta_t.", "t - 1"),
    ("all of t + 1", "index_shift", "beta[t] is the paper's beta_t.", "t + 1"),
    ("not halved", "missing_term", "The entropy is log(2 pi e var)/2.", "halves"),
]
ENTROPY = [M(name, f"entropy.bounds{end}", flag, advice, bounds(change, bool(end))) for end in ("", "_bits")
           for name, flag, advice, change in _BOUNDS if not (end and name == "not halved")]
ENTROPY += [M("rate beta for beta/2", "entropy.bounds_bits", "missing_term", "With p = 0.5 a bit changes with probability beta/2.", bounds("rate not halved", True)),
            M("rate beta for beta/2 in the forward step", "entropy.bounds_bits", "missing_term", "With p = 0.5 a bit changes with probability beta/2.", bounds("forward rate not halved", True))]
