"""Exact posteriors of x_0 given an observation, to compare samplers with."""
import numpy as np

from .. import gaussian
from ..engine import checks
from ..engine.numerics import softmax
from ..gaussian import Gaussian
from ..products.perturbed import perturbed_moments


def gaussian_bayes(mean, var, y, noise_var):
    """The posterior of x ~ N(mean, var) given y = x + N(0, noise_var): a Gaussian."""
    (mean, var), noise_var = checks.mean_and_var(mean, var), checks.within("a variance", noise_var, 0)
    gain = var / (var + noise_var)
    return Gaussian(mean + gain * (y - mean), var * (1 - gain))


def error_by_steps(numbers, schedule_of, y, var, **settings):
    """The errors of mean and variance of x_0 in the perturbed chain, for every T in numbers: (len(numbers), 2).

    They are the differences from Bayes' rule, and do not tend to 0. schedule_of(T) makes the schedule; settings go to
    `perturbed.perturbed_moments`.
    """
    right = gaussian_bayes(settings.get("data_mean", 0.0), settings.get("data_var", 1.0), y, var)
    ends = [[m[0] for m in perturbed_moments(schedule_of(T), y, var, **settings)] for T in numbers]
    return np.array(ends) - np.array(right)


def discrete_bayes(points, factor, weights=None):
    """The posterior (M,) of data points (M, D): probabilities in proportion to weights (M,) times r(x_0).

    Weights are equal unless given. ValueError where r is zero at every point.
    """
    weights = None if weights is None else checks.shares("weights", weights, len(points))
    with np.errstate(divide="ignore"):
        log_p = factor.log(points, 0) + (0 if weights is None else np.log(weights))
    if log_p.max() == -np.inf:
        raise ValueError("r is zero for every point that the data can be")
    return softmax(log_p)


def curve_bayes(rng, N, nodes, y, var, blur=0.0):
    """Draw N points (N, D) from the posterior given y = x_0 + N(0, var), for data along a curve plus N(0, blur).

    nodes(std) is that of `best_possible.best_gaussian`; its nodes for a tenth of the width of y stand for the curve.
    """
    N, var, blur = checks.count("N", N), checks.within("a variance", var, 0), checks.within("a variance", blur, 0)
    points, weights = nodes(np.sqrt(var + blur) / 10)
    log_p = np.log(weights) - 0.5 * np.sum((points - checks.within("y", y)) ** 2, axis=1) / (var + blur)
    x = points[checks.generator(rng).choice(len(points), size=N, p=softmax(log_p))]
    return gaussian.draw(gaussian_bayes(x, blur, y, var), rng.standard_normal(x.shape))
