"""The log likelihood itself, not a bound: Jarzynski's equality along forward paths (paper, section 2.3).

    path_weights     log [ p(x_T) prod_t p(x_{t-1}|x_t) / q(x_t|x_{t-1}) ] for many paths from each data point  Eq. (9)
    log_likelihood   log of their mean, its standard error, the effective number of paths, and K beside it      Eq. (6)
    by_paths         the estimate with 1, 10, 100, .. paths: the mean of the estimate rises from K to L         Eq. (12)

The mean of the weights is an unbiased estimate of p(x_0), for any number of steps T and any reverse kernel. The
logarithm of that mean is too low on average, by about half the relative variance of the mean. All paths from a point
have the same weight, and one path suffices, exactly when the model's paths through the point are distributed as the
forward paths from it: p(x_1..x_T|x_0) = q(x_1..x_T|x_0). The exact time reversal of q has this property. beta_t -> 0 is
neither needed nor enough for it.
"""
from typing import NamedTuple

import autograd.numpy as np

from .bound import log_weights
from .engine import checks
from .engine.numerics import log_mean_exp
from .trajectory import forward_trajectory, noises


class Likelihood(NamedTuple):
    """Estimates of log p(x_0) for N data points, in nats, each field (N,)."""
    log_p: np.ndarray     # log of the mean weight
    error: np.ndarray     # its standard error, std(weight) / (mean weight sqrt(paths)): first order in the noise
    ess: np.ndarray       # (sum weight)^2 / sum weight^2, 1..paths: where it is small, error is too small as well
    K: np.ndarray         # mean log weight: the bound of Eq. 12
    variance: np.ndarray  # of the log weight from path to path, in nats squared


def log_likelihood(kernel, reverse, x0, schedule, rng, paths, chunk=2**20):
    """log p(x_0) for data x0 (N, ...) from the given number of forward paths for each point.

    Eqs. (6)-(9), §2.3
    p(x_0) = E_{q(x_1..x_T|x_0)} [ p(x_T) prod_t p(x_{t-1}|x_t) / q(x_t|x_{t-1}) ]. At most about `chunk` numbers of
    paths are held at once, cut over points first, then over paths. ValueError for bad data or fewer than 2 paths.
    """
    x0, paths = kernel.check_data(x0), checks.count("the number of paths for a standard error", paths, 2)
    points = max(1, chunk // paths)
    parts = [summary(path_weights(kernel, reverse, x0[i:i + points], schedule, rng, paths, chunk))
             for i in range(0, len(x0), points)]
    return Likelihood(*(np.concatenate(field) for field in zip(*parts)))


def path_weights(kernel, reverse, x0, schedule, rng, paths, chunk=2**20):
    """The log weights (paths, N) of fresh forward paths from every data point x0 (N, ...), in nats.

    Eq. (9), §2.3
    """
    def weights(rows):
        x = x0[rows % len(x0)]
        steps = forward_trajectory(kernel, x, schedule, noises(kernel, rng, x.shape, schedule.T))
        return log_weights(kernel, reverse, np.stack([xt for _, xt in steps]), schedule)

    x0, paths = kernel.check_data(x0), checks.count("the number of paths", paths)
    at_once = max(1, chunk // ((schedule.T + 1) * x0[0].size))
    rows = np.arange(paths * len(x0))
    blocks = [weights(rows[i:i + at_once]) for i in range(0, len(rows), at_once)]
    return np.concatenate(blocks).reshape(paths, len(x0))


def summary(log_w):
    """What log weights (paths, N) say about log p(x_0)."""
    log_w = checks.batch("log weights", log_w)
    paths = checks.count("the number of paths for a standard error", len(log_w), 2)
    top = log_w.max(axis=0)
    w = np.exp(log_w - np.where(np.isfinite(top), top, 0))
    with np.errstate(divide="ignore", invalid="ignore"):
        log_p = log_mean_exp(log_w)
        error = w.std(axis=0, ddof=1) / (w.mean(axis=0) * np.sqrt(paths))
        ess = w.sum(axis=0) ** 2 / (w ** 2).sum(axis=0)
        return Likelihood(log_p, error, ess, log_w.mean(axis=0), log_w.var(axis=0, ddof=1))


def by_paths(log_w, numbers):
    """The mean over disjoint groups of n paths of the estimate of log p(x_0), for every n: (len(numbers), N), nats.

    With n = 1 it is the bound of Eq. 12; on average it rises with n, towards log p(x_0). log_w (paths, N). ValueError
    for an n that exceeds the number of paths.
    """
    log_w, paths, out = checks.batch("log weights", log_w), len(log_w), []
    for n in numbers:
        if checks.count("a group", n) > paths:
            raise ValueError(f"groups of {n} paths cannot be made from {paths}")
        groups = log_w[:paths // n * n].reshape(paths // n, n, -1)
        out.append(log_mean_exp(groups.swapaxes(0, 1)).mean(axis=0))
    return np.stack(out)
