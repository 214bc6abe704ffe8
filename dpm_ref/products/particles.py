"""Draws from p(x_0) r(x_0) that are right for many particles: sequential Monte Carlo over the perturbed chain (§2.5).

    particles          the perturbed chain with the weights that Eq. 22 leaves out, a state for every t
    posterior_sample   the end of it: draws of equal weight, the evidence, the effective sample size at every t
"""
import warnings
from typing import NamedTuple

import numpy as np

from ..engine import checks
from ..engine.numerics import log_mean_exp, softmax
from ..trajectory import reverse_step
from .factors import made_for


class Particles(NamedTuple):
    """N weighted points at one t, which together represent p(x_t) r(x_t) / Z."""
    t: int
    x: np.ndarray          # (N, ...)
    log_w: np.ndarray      # (N,) log weights since the last resampling; 0 just after
    ess: float             # effective sample size of the weights before any resampling, 1..N
    log_evidence: float    # log of an unbiased estimate of ∫ p(x_t) r(x_t) dx_t, in nats; at t = 0 the evidence


def particles(kernel, reverse, factor, schedule, shape, rng, threshold=0.5):
    """Yield Particles for t = T..0: the perturbed chain of Eq. 22, weighted by the normaliser that Eq. 22 leaves out.

    weight *= p(x_{t-1}|x_t) r(x_{t-1}) / (r(x_t) p~(x_{t-1}|x_t)). Systematic resampling where the effective sample
    size falls below threshold * N, and at t = 0. Exact as N grows. ValueError where r is zero on every particle, or on
    some particle at t >= 1, because no weight brings such a path back. A warning, at t = 0, where the effective sample
    size was below N / 20 at some t.
    """
    if not made_for(schedule, factor).positive:
        raise ValueError('r(x_t) is zero for some x_t, t >= 1, which weights cannot correct; use the choice "carried"')

    def after(x):  # p(x_{t-1}|x_t = x)
        return reverse_step(kernel, reverse, x, t, schedule) if t > 0 else None

    N, p, before, evidence = checks.count("the number of particles", shape[0]), kernel.pi(np.empty(shape)), 0.0, 0.0
    log_w, lowest = np.zeros(N), (N, schedule.T)
    for t in range(schedule.T, -1, -1):
        p_tilde, log_Z = factor.product(p, t)
        x = kernel.draw(p_tilde, kernel.noise(rng, shape))
        p = after(x)
        log_w = log_w + log_Z(x, p) - before
        ess, total = _check(log_w, t)
        lowest = min(lowest, (ess, t))
        if t == 0 or ess < threshold * N:
            evidence += total
            x, log_w, total = x[systematic(softmax(log_w), rng.random())], np.zeros(N), 0.0
            p = after(x)
        before = factor.log(x, t, p) if t > 0 else _warn(N, *lowest)
        yield Particles(t, x, log_w, ess, evidence + total)


def _check(log_w, t):
    """The effective sample size and the log of the mean weight; ValueError where r is zero."""
    if not np.isfinite(log_w).all() and (t > 0 or np.isnan(log_w).any() or log_w.max() == -np.inf):
        which = "every particle" if log_w.max() == -np.inf else "some particles"
        raise ValueError(f"r is zero on {which} at t = {t}: no weight brings such a path back")
    w = np.exp(log_w - log_w.max())
    return w.sum() ** 2 / (w @ w), float(log_mean_exp(log_w))


def _warn(N, ess, t):
    if ess < N / 20:
        warnings.warn(f"the effective sample size fell to {ess:.1f} of {N} at t = {t}: do not trust these draws and "
                      f'their evidence; take another choice of r(x_t), such as "carried", or more particles',
                      stacklevel=3)


def systematic(weights, uniform):
    """Indices (N,) of a resampling: i occurs N weights[i] times, rounded up or down by one uniform number in [0, 1)."""
    N = np.size(weights)
    weights, uniform = checks.probabilities("weights", weights, N), checks.within("uniform", uniform, 0, 1)
    return np.minimum(np.searchsorted(np.cumsum(weights), (np.arange(N) + uniform) / N, side="right"), N - 1)


class Posterior(NamedTuple):
    """The result of `posterior_sample`."""
    x: np.ndarray          # (N, ...) draws from p(x_0) r(x_0) / Z, equally weighted
    log_evidence: float    # log of an unbiased estimate of Z = ∫ p(x_0) r(x_0) dx_0, in nats
    ess: np.ndarray        # (T + 1,) effective sample size at every t


def posterior_sample(kernel, reverse, factor, schedule, shape, rng, threshold=0.5):
    """Draw x_0 of the given shape (N, ...) from p(x_0) r(x_0) / Z by sequential Monte Carlo."""
    ess = np.zeros(schedule.T + 1)
    for state in particles(kernel, reverse, factor, schedule, shape, rng, threshold):
        ess[state.t] = state.ess
    return Posterior(state.x, state.log_evidence, ess)
