"""Exact posteriors, to compare samplers with."""
import numpy as np

from .. import gaussian
from ..engine.numerics import softmax
from ..gaussian import Gaussian


def gaussian_bayes(mean, var, y, noise_var):
    """N(mean, var) given y = x + N(0, noise_var)."""
    gain = var / (var + noise_var)
    return Gaussian(mean + gain * (y - mean), var * (1 - gain))


def discrete_bayes(points, factor, weights=None):
    """The probabilities (K,) of data points (K, D), each with the given weight, multiplied with r(x_0).

    For heartbeat the five sequences. ValueError where r is zero for every point.
    """
    with np.errstate(divide="ignore"):
        log_p = factor.log(points, 0) + (0 if weights is None else np.log(weights))
    if log_p.max() == -np.inf:
        raise ValueError("r is zero for every point that the data can be")
    return softmax(log_p)


def curve_bayes(rng, N, nodes, y, var, blur=0.0):
    """Draw N points (N, D) of data along a curve, blurred with variance `blur`, given y = x_0 + N(0, var): quadrature.

    nodes(std) as in `exact.best_gaussian`; the discrete nodes are smeared along the curve by less than a third of std.
    """
    points, weights = nodes(np.sqrt(var + blur) / 10)
    log_p = np.log(weights) - 0.5 * np.sum((points - y) ** 2, axis=1) / (var + blur)
    x = points[rng.choice(len(points), size=N, p=softmax(log_p))]
    return gaussian.draw(gaussian_bayes(x, blur, y, var), rng.standard_normal(x.shape))
