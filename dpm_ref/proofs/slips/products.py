"""Slips about products with a second distribution r(x) (paper, section 2.5 and Table App.1)."""
import numpy as np

from .. import exact_posteriors
from ... import binomial
from ...products import perturbed
from ...schedule import constant_erasure


def perturbed_bernoulli(c=0.6, d=0.7):
    """Table App.1's perturbed bit has x d + (1 - c) (1 - d) in the denominator, which gives rates above 1; x must be c.

    A bit of rate c times r(1) = d, r(0) = 1 - d: as printed with x = 0 and with x = 1, as in `binomial.perturbed`, and
    by Bayes' rule over the two states.
    """
    def printed(x):
        return c * d / (x * d + (1 - c) * (1 - d))

    product = np.array([1 - c, c]) * np.array([1 - d, d])
    right = binomial.perturbed(binomial.Bernoulli(np.array(c)), np.log(d) - np.log(1 - d)).rate
    return {"as printed, x = 0": printed(0), "as printed, x = 1": printed(1), "corrected": float(right),
            "Bayes' rule": float(product[1] / product.sum())}


def posterior_samples(T=10_000):
    """The method of §2.5 does not sample p(x_0) r(x_0), however many steps it takes, nor does it with sqrt(r).

    Mean and variance of x_0 with exact reverse kernels and exact products, beside those of Bayes' rule, for r = N(1; x,
    var) and data of variance 1 or 0.1. With many steps and constant r the chain settles in p r², here of mean 2/3 and
    variance 1/3, as long as p changes slowly. So sqrt(r) at every step is right for white data. For data of variance
    0.1 it is not.
    """
    def end(var, data_var=1.0, **settings):
        settings |= {"data_var": data_var, "fixed_last": False}
        moments = perturbed.perturbed_moments(constant_erasure(T), 1.0, var, **settings)
        return [float(m[0]) for m in moments]

    def bayes(var):
        return [float(m) for m in exact_posteriors.gaussian_bayes(0.0, var, 1.0, var)]

    cases = {"constant r": end(1.0), "r^((T-t)/T)": end(1.0, choice="fading"), "sqrt(r)": end(2.0), "Bayes": bayes(1.0),
             "constant r, variance 0.1": end(0.1, 0.1), "sqrt(r), variance 0.1": end(0.2, 0.1),
             "Bayes, variance 0.1": bayes(0.1)}
    return {f"{name}: {what}": m for name, both in cases.items() for what, m in zip(("mean", "variance"), both)}
