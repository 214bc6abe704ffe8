"""Two simple estimates of log likelihood to hold a model against (paper, section 3, Tables 1 and 2).

    estimate(samples, validation, test)         the Parzen-window estimate of Table 2
    averages(x, centres, rounds)                blurred samples, which it prefers
    K_of_gaussian(train, test, beta_1)          the bound K of the best Gaussian on patches, for Table 1
"""
from typing import NamedTuple

import numpy as np

from .. import bound, gaussian, schedule
from ..engine import checks
from ..engine.numerics import log_mean_exp

WIDTHS = np.logspace(-1, 0, 10)   # those of Goodfellow et al. 2014, for pixels in [0, 1]


class Parzen(NamedTuple):
    """The mean log density of a test set and its standard error, in bits, and the width of the windows."""
    mean: float
    error: float
    width: float


def log_density(x, centres, width, block=500):
    """log [ (1/M) Σ_m N(x; c_m, width² I) ] at points x (N, D), with windows at centres (M, D), in nats, (N,)."""
    x, centres, width = *_fitting(x, centres), checks.within("a width", width, np.finfo(float).tiny)
    constant, squares = -0.5 * x.shape[1] * np.log(2 * np.pi * width ** 2), np.sum(centres ** 2, axis=1)
    found = []
    for i in range(0, len(x), block):
        part = x[i:i + block]
        distance = np.sum(part ** 2, axis=1)[:, None] + squares - 2 * part @ centres.T
        found.append(log_mean_exp(-0.5 * distance.T / width ** 2))
    return np.concatenate(found) + constant


def estimate(samples, validation, test, widths=WIDTHS):
    """The mean log density of test (N, D) for windows on samples (M, D), as wide as makes validation (N, D) likeliest.

    As Goodfellow et al. 2014 did it: M = 10,000, pixels in [0, 1]. ValueError for pixels outside or of another number.
    """
    for name, x in ("samples", samples), ("validation", validation), ("test", test):
        if np.ndim(x) != 2 or x.shape[1] != samples.shape[1]:
            raise ValueError(f"{name} must be (N, {samples.shape[-1]}), one image a row; got {np.shape(x)}")
        if not (x.min() >= 0 and x.max() <= 1):
            raise ValueError(f"{name} must have pixels in [0, 1]; got {x.min():.3g} to {x.max():.3g}")
    width = max(widths, key=lambda width: np.mean(log_density(validation, samples, width)))
    return Parzen(*map(float, bound.mean_and_error(bound.bits(log_density(test, samples, width)))), float(width))


def averages(x, centres, rounds):
    """Averages of similar points: k-means of x (N, D) from the given centres (M, D), (M, D); one without points stays.

    As samples they have a higher estimate than the points themselves.
    """
    x, centres = _fitting(x, centres)
    for _ in range(rounds):
        nearest = np.argmin(np.sum(centres ** 2, axis=1) - 2 * x @ centres.T, axis=1)
        centres = np.stack([x[nearest == k].mean(axis=0) if np.any(nearest == k) else c for k, c in enumerate(centres)])
    return centres


def _fitting(x, centres):
    """Both as floats; ValueError unless they are points of one D."""
    x, centres = checks.batch("x", x), checks.batch("centres", centres)
    if x.ndim != 2 or x.shape[1:] != centres.shape[1:]:
        raise ValueError(f"x and centres must be (N, D) and (M, D); got {x.shape} and {centres.shape}")
    return x, centres


def K_of_gaussian(train, test, beta_1):
    """K of the chain whose x_1 is Gaussian with the mean and covariance of train (N, D), at test (M, D), in nats, (M,).

    E_q(x_1|x_0) log [ N(x_1) p(x_0|x_1) / q(x_1|x_0) ], with the last step of Eq. 44 and so with the noise floor beta_1
    that every learned chain has, in closed form.
    """
    train, test = np.asarray(train, float), np.asarray(test, float)
    a, x1 = np.sqrt(1 - beta_1), gaussian.marginal(test, 1, schedule.from_beta([beta_1]))
    cov = a ** 2 * np.cov(train.T) + beta_1 * np.eye(train.shape[1])
    off = np.linalg.solve(np.linalg.cholesky(cov), (x1.mean - a * train.mean(axis=0)).T)
    spread = beta_1 * np.trace(np.linalg.inv(cov))
    log_model = -0.5 * (np.sum(off ** 2, axis=0) + spread + np.linalg.slogdet(2 * np.pi * cov)[1])
    D, log_2pi = test.shape[1], np.log(2 * np.pi)
    log_pi_x1 = -0.5 * (D * log_2pi + np.sum(x1.mean ** 2, axis=1) + D * beta_1)
    return log_model - log_pi_x1 + bound.L_null(gaussian, test)
