"""Mistakes in products with a second distribution."""
import numpy as np

from .binomial import share
from .formula import Choice, Formula, Mistake


FORMULAS = {
    "product.denoise": Formula(
        right=lambda mean, var, scale, slope: (mean + scale * slope, var),
        pieces=dict(scale=lambda var: var, slope=lambda mean, y, y_var: (y - mean) / y_var),
        terms={"mean": lambda mean, scale, slope: {"f_mu": mean, "the gradient": scale * slope}},
        mistakes=[
            Mistake("gradient at x_t", "gradient_point", dict(slope=lambda y, y_var, xt: (y - xt) / y_var),
                    "log r is differentiated at f_mu, not at x_t."),
            Mistake("gradient at 0", "gradient_point", dict(slope=lambda y, y_var: y / y_var),
                    "log r is differentiated at f_mu."),
            Mistake("gradient at y", "gradient_point", dict(slope=lambda: 0),
                    "The gradient is taken at f_mu; at y it is zero."),
            Mistake("standard deviation for variance", "gradient_point", dict(scale=lambda var: np.sqrt(var)),
                    "The shift is f_Sigma times the gradient."),
            Mistake("r's standard deviation for its variance", "gradient_point",
                    dict(slope=lambda mean, y, y_var: (y - mean) / np.sqrt(y_var)),
                    "The gradient of log N is divided by the variance of r, not by its root."),
            Mistake("r's variance left out", "gradient_point", dict(slope=lambda mean, y, y_var: (y - mean) * y_var),
                    "The gradient is divided by r's variance."),
            Mistake("shift of the wrong sign", "sign", dict(slope=lambda slope: -slope), "The mean moves towards y."),
            Mistake("slope not scaled by f_Sigma", "gradient_point", dict(scale=lambda: 1),
                    "The shift is f_Sigma times the gradient."),
            Mistake("r squared", "gradient_point", dict(slope=lambda slope: 2 * slope),
                    "r enters once: there is no factor 2."),
            Mistake("half the gradient", "gradient_point", dict(slope=lambda slope: slope / 2),
                    "The gradient of log N has no half."),
            Choice("the exact product", "gradient_point",
                   lambda mean, var, y, y_var: ((y_var * mean + var * y) / (var + y_var), var * y_var / (var + y_var)),
                   "Eq. 22 normalised exactly; Eq. 61 is its first-order form."),
            Choice("the exact mean, the variance unchanged", "gradient_point",
                   lambda mean, var, y, y_var: ((y_var * mean + var * y) / (var + y_var), var),
                   "Eq. 61 evaluates the gradient at f_mu.")
        ]),
    "product.exact": Formula(
        right=lambda mean, weight, y, new_var: (mean + weight * (y - mean), new_var),
        pieces=dict(
            weight=lambda var, y_var: var / (var + y_var),
            new_var=lambda var, y_var: var * y_var / (var + y_var)),
        mistakes=[
            Mistake("the first-order form", "normaliser",
                    dict(weight=lambda var, y_var: var / y_var, new_var=lambda var: var),
                    "Eq. 61 is only the first order of Eq. 22 in f_Sigma."),
            Mistake("the variance unchanged", "normaliser", dict(new_var=lambda var: var),
                    "A product is narrower: precisions add."),
            Mistake("variances added", "normaliser", dict(new_var=lambda var, y_var: var + y_var),
                    "Precisions add, not variances."),
            Mistake("weights exchanged", "normaliser", dict(weight=lambda weight: 1 - weight),
                    "y is weighted by var / (var + y_var)."),
            Mistake("the plain average", "normaliser", dict(weight=lambda: 0.5), "Weight by the precisions.")
        ]),
    "product.denoise_bits": Formula(
        right=lambda rate, r_1, r_0: share(rate * r_1, (1 - rate) * r_0),
        pieces=dict(
            r_1=lambda y, flip: np.where(y == 1, 1 - flip, flip),
            r_0=lambda y, flip: np.where(y == 1, flip, 1 - flip)),
        mistakes=[
            Mistake("not normalised", "normaliser", lambda rate, r_1: rate * r_1,
                    "Divide by the sum over both values."),
            Mistake("right and wrong exchanged", "direction", dict(flip=lambda flip: 1 - flip),
                    "flip is the probability that y is wrong."),
            Mistake("y taken as certain", "normaliser", lambda y: y, "y is wrong with probability flip."),
            Mistake("the channel applied to the rate, y not used", "normaliser",
                    lambda rate, flip: rate * (1 - flip) + (1 - rate) * flip,
                    "That is the law of the next y; the posterior needs the y that was seen."),
            Mistake("y mixed in", "normaliser", lambda rate, y, flip: rate * flip + y * (1 - flip),
                    "Probabilities multiply; they are not mixed."),
            Mistake("r of a 1 only", "normaliser", dict(r_0=lambda: 1),
                    "r of x = 0 is flip where y is 1, and 1 - flip where y is 0."),
            Mistake("r left out", "normaliser", lambda rate: rate, "r has no effect here.")
        ]),
    "product.known": Formula(
        right=lambda mean, var, known, mask: (np.where(mask == 1, known, mean), np.where(mask == 1, 0, var)),
        mistakes=[
            Mistake("mask upside down", "mask", dict(mask=lambda mask: 1 - mask),
                    "mask is 1 where the value is known."),
            Mistake("known values everywhere", "mask", dict(mask=lambda: 1),
                    "Where the mask is 0 the model's mean and variance stay."),
            Mistake("known values still noisy", "mask",
                    lambda mean, var, known, mask: (np.where(mask == 1, known, mean), var),
                    "A known coordinate has variance 0."),
            Mistake("known values multiplied by the mask only", "mask",
                    lambda var, known, mask: (known * mask, var * (1 - mask)),
                    "Unknown coordinates keep the model's mean."),
            Mistake("known values added to the mean", "mask",
                    lambda mean, var, known, mask: (mean + known * mask, var * (1 - mask)),
                    "The known value replaces the mean."),
            Mistake("rows masked by their first coordinate", "mask", dict(mask=lambda mask: mask[:, :1]),
                    "Each coordinate has its own mask."),
            Mistake("known values left out", "mask", lambda mean, var: (mean, var), "r has no effect here.")
        ]),
    "product.exponent": Formula(
        right=lambda t, T: (T - t) / T,
        mistakes=[
            Mistake("t/T", "index_shift", lambda t, T: t / T, "r counts fully at t = 0, not at all at t = T."),
            Mistake("one step late", "index_shift", lambda t, T: (T - t + 1) / T,
                    "(T - t)/T with t the index of the state that r multiplies."),
            Mistake("one step early", "index_shift", lambda t, T: (T - t - 1) / T,
                    "(T - t)/T with t the index of the state that r multiplies."),
            Mistake("root of (T - t)/T", "coefficient", lambda right: np.sqrt(right),
                    "The exponent is (T - t)/T without a root."),
            Mistake("(T - t)/T squared", "coefficient", lambda right: right ** 2, "The exponent is (T - t)/T itself."),
            Mistake("(T - t)/(T - 1)", "index_shift", lambda t, T: (T - t) / (T - 1), "The denominator is T."),
            Choice("r the same at every step", "index_shift", lambda: 1.0,
                   "The paper's experiments use r(x_t) = r(x_0), the exponent 1.")
        ]),
}
