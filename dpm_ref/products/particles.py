"""Draws from p(x_0) r(x_0) that are right: sequential Monte Carlo over the perturbed chain (paper, section 2.5).

    particles          the chain, weighted by the normaliser that Eq. 22 drops, a state for every t
    posterior_sample   its end: equally weighted draws, the evidence, the effective sample size at every t
"""
from typing import NamedTuple

import numpy as np

from ..engine.numerics import log_mean_exp, softmax
from ..trajectory import reverse_step


class Particles(NamedTuple):
    """N weighted points at one t: together they represent p(x_t) r(x_t) / Z."""
    t: int
    x: np.ndarray          # (N, ...)
    log_w: np.ndarray      # (N,) log weights since the last resampling, just after which they are 0
    ess: float             # effective sample size of the weights before any resampling, 1..N
    log_evidence: float    # log of the estimate of ∫ p(x_t) r(x_t) dx_t, nats; at t = 0 the evidence, without bias


def particles(kernel, reverse, factor, schedule, shape, rng, threshold=0.5):
    """Yield Particles for t = T..0: the perturbed chain, each step weighted by the normaliser that Eq. 22 drops.

    weight *= p(x_{t-1}|x_t) r(x_{t-1}) / (r(x_t) p~(x_{t-1}|x_t)); systematic resampling when the effective sample size
    falls below threshold * N, and at t = 0. Exact as N grows. ValueError where r is zero on every particle, or on any
    at t >= 1: paths that the weights could not bring back.
    """
    if not factor.positive:
        raise ValueError('r(x_t) is zero for some x_t on the way, which weights cannot correct; use the choice "carried"')
    def after(x):  # p(x_{t-1}|x_t = x)
        return reverse_step(kernel, reverse, x, t, schedule) if t > 0 else None

    N, p, before, evidence = shape[0], kernel.pi(np.empty(shape)), 0.0, 0.0
    log_w = np.zeros(N)
    for t in range(schedule.T, -1, -1):
        p_tilde, log_Z = factor.product(p, t)
        x = kernel.draw(p_tilde, kernel.noise(rng, shape))
        p = after(x)
        log_w = log_w + log_Z(x, p) - before
        ess, total = _check(log_w, t)
        if t == 0 or ess < threshold * N:
            evidence += total
            x, log_w, total = x[systematic(softmax(log_w), rng.random())], np.zeros(N), 0.0
            p = after(x)
        before = factor.log(x, t, p) if t > 0 else None
        yield Particles(t, x, log_w, ess, evidence + total)


def _check(log_w, t):
    """Effective sample size and log of the mean weight, or a ValueError."""
    if not np.isfinite(log_w).all() and (t > 0 or np.isnan(log_w).any() or log_w.max() == -np.inf):
        which = "every particle" if log_w.max() == -np.inf else "some particles"
        raise ValueError(f"r is zero on {which} at t = {t}: nothing is left to weigh, or its paths cannot come back")
    w = np.exp(log_w - log_w.max())
    return w.sum() ** 2 / (w @ w), float(log_mean_exp(log_w))


def systematic(weights, uniform):
    """Indices (N,) of a resampling in which i occurs N weights[i] times, rounded up or down; one uniform number in [0, 1)."""
    N = len(weights)
    return np.minimum(np.searchsorted(np.cumsum(weights), (np.arange(N) + uniform) / N, side="right"), N - 1)


class Posterior(NamedTuple):
    """What `posterior_sample` returns."""
    x: np.ndarray          # (N, ...) draws from p(x_0) r(x_0) / Z, equally weighted
    log_evidence: float    # log of the estimate of Z = ∫ p(x_0) r(x_0) dx_0, nats
    ess: np.ndarray        # (T + 1,) effective sample size at every t


def posterior_sample(kernel, reverse, factor, schedule, shape, rng, threshold=0.5):
    """Draw x_0 of the given shape (N, ...) from p(x_0) r(x_0) by sequential Monte Carlo."""
    ess = np.zeros(schedule.T + 1)
    for state in particles(kernel, reverse, factor, schedule, shape, rng, threshold):
        ess[state.t] = state.ess
    return Posterior(state.x, state.log_evidence, ess)
