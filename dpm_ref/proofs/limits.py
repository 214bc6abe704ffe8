"""The limits of K: what the form of the steps, the last step and the end cost; how far a network is below its limit.

    curve    the limits for data along a curve, by quadrature
    bits     the limits for data that is one of a few sequences of bits, exactly
    gap      the K that a reverse kernel loses to the best kernel

The limits are for Eq. 14 with the last step of Eq. 44 and for data with the moments of π, in nats per data point.
"""
from typing import NamedTuple

import numpy as np

from .. import gaussian
from ..engine import checks
from ..bound import constants, per_point
from . import entropies
from .best_possible import best_bits, best_bits_K, log_marginals


class Limits(NamedTuple):
    """The highest K for three families of reverse steps, and the cost of two choices of the method, in nats."""
    independent: float   # Gaussian steps with diagonal covariance, or steps of independent bits: the paper's
    correlated: float    # Gaussian steps with full covariance; for bits the same as any_kernel
    any_kernel: float    # H(X_T) - H(X_1) - H_p(X_T), when every step is q(x_{t-1}|x_t) itself
    last_step: float     # what the best independent step at t = 1 gains over that of Eq. 44
    end: float           # KL(q(x_T) || π): what K loses because x_T is not yet noise


# --- data along a curve ---------------------------------------------------------------------------------------------

def curve(nodes, centres, schedule, order=8):
    """The limits for data on a noise-free curve in D dimensions, by quadrature.

    nodes(std) is that of `best_possible.best_gaussian`; centres are points (C, D) and weights (C,) for an average along
    the curve. Where p(x_{t-1}|x_t) has the mean and the variance of q(x_{t-1}|x_t), E KL_t = E H(p(x_{t-1}|x_t)) -
    H(q(x_{t-1}|x_t,x_0)).
    """
    x0, D = centres[0][:1], centres[0].shape[1]
    H_T, H_1, H_p, _ = (float(c[0]) for c in constants(gaussian, x0, schedule))
    found = np.array([step_entropies(nodes, centres, schedule, t, order) for t in range(1, schedule.T + 1)])    # (T, 3)
    t = np.arange(2, schedule.T + 1)
    given_x0 = D * np.sum(gaussian.entropy(gaussian.posterior(np.zeros(len(t)), 0.0, t, schedule)))
    diagonal, full = (given_x0 - np.sum(found[1:, i]) + H_T - H_1 - H_p for i in (0, 1))
    return Limits(diagonal, full, found[-1, 2] - found[0, 2] - H_p, H_1 - found[0, 0], H_p - found[-1, 2])


def step_entropies(nodes, centres, schedule, t, order=8):
    """E H of the best diagonal and of the best full-covariance p(x_{t-1}|x_t), and H(X_t), in nats: three numbers.

    The covariance is Cov(x_{t-1}|x_t) = var + c0² Cov(x_0|x_t), with the coefficients of `gaussian.posterior`.
    """
    c0, _, var = gaussian.posterior_coefficients(t, schedule, 0.0)
    total, D, out = schedule.one_minus_alpha_bar[t], centres[0].shape[1], np.zeros(3)
    for share, points, q in entropies.around(nodes, centres, schedule.alpha_bar[t], total, order):
        square = (points[:, :, None] * points[:, None]).reshape(-1, D * D)               # (n, D D)
        q_xt = q.sum(axis=1)
        mean = q @ points / q_xt[:, None]
        second = (q @ square / q_xt[:, None]).reshape(-1, D, D)                          # E x_0 x_0'
        cov = var * np.eye(D) + c0 ** 2 * (second - mean[:, :, None] * mean[:, None])    # (G, D, D)
        with np.errstate(divide="ignore"):
            logs = np.log(np.diagonal(cov, axis1=1, axis2=2)).sum(axis=1), np.linalg.slogdet(cov)[1], -2 * np.log(q_xt)
        out += np.array(logs) @ share / 2
    return out + D / 2 * np.array([np.log(2 * np.pi * np.e)] * 2 + [np.log(2 * np.pi * total)])


# --- sequences of bits ----------------------------------------------------------------------------------------------

def bits(kernel, sequences, schedule, states, multiplicity):
    """The limits for data that is one of M equally likely sequences of bits, with the arguments of `best_bits_K`."""
    H = entropies.sequences(kernel, sequences, schedule, states, multiplicity)
    H_T, H_1, H_p, _ = (float(np.mean(c)) for c in constants(kernel, sequences, schedule))
    first, best = np.array([1]), best_bits(kernel, sequences, schedule)
    q_x1 = np.exp(log_marginals(kernel, sequences, states[None], first, schedule)[0]).mean(axis=1) * multiplicity
    last = float(per_point(kernel.entropy(best(states, 1)), 1) @ q_x1)                   # E H(p(x_0|x_1))
    any_kernel = H[-1] - H[1] - H_p
    independent = best_bits_K(kernel, sequences, schedule, states, multiplicity)
    return Limits(independent, any_kernel, any_kernel, H_1 - last, H_p - H[-1])


# --- a reverse kernel below its limit -------------------------------------------------------------------------------

def gap(kernel, best, reverse, x0, schedule, rng):
    """sum_{t=2..T} KL(best(x_t) || reverse(x_t)) with one draw of x_t for each x0 (N, ...) and t, in nats, (N,).

    Its mean is the K of `best` minus the K of `reverse`, if best(x_t) has the moments of q(x_{t-1}|x_t): log
    p(x_{t-1}|x_t) is quadratic in x_{t-1}, or linear in bits, so that its mean depends on these moments alone. The
    estimate has less noise than a difference of two K, because x_0 enters through x_t alone.
    """
    x0 = kernel.check_data(x0)
    total = np.zeros(len(x0))
    for t in range(2, schedule.T + 1):
        xt = kernel.draw(kernel.marginal(x0, t, schedule), kernel.noise(rng, x0.shape))
        total += per_point(kernel.kl(best(xt, t), checks.step(reverse(xt, t), xt)), 1)
    return total
