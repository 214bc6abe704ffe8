"""The diffusion rates beta_t and what remains of the data after t steps (paper, section 2.4.1).

t is the paper's t = 1..T. Every array over time has length T + 1, with beta[0] = 0 and alpha_bar[0] = 1,
so that beta[t] is the paper's beta_t and no index is ever shifted.

    constant_erasure(T)     beta_t = 1 / (T - t + 1): the same share of the data is erased at every step
    geometric(T, beta_1)    (1 - alpha_bar) / alpha_bar, noise over signal, grows by a constant factor
    learned(logits, beta_1) beta_2..beta_T free, for gradient ascent on K
    authors_code(T)         what the authors' later public code uses, for comparison
    with_level(s, var)      a schedule with one more step, so that noise over signal is var somewhere: before training

`at(values, t, x)` shapes values[t] so that it multiplies x.
"""
from typing import NamedTuple

import autograd.numpy as np
import numpy

from .engine import checks


class Schedule(NamedTuple):
    """beta_t and log alpha_bar_t for t = 0..T, where alpha_bar_t = prod_{s <= t} (1 - beta_s).

    The logarithm is kept because it is exact at both ends: 1 - alpha_bar for tiny beta, alpha_bar for long chains.
    """
    beta: np.ndarray           # (T + 1,)
    log_alpha_bar: np.ndarray  # (T + 1,)

    @property
    def T(self):
        return len(self.beta) - 1

    @property
    def alpha_bar(self):
        return np.exp(self.log_alpha_bar)

    @property
    def one_minus_alpha_bar(self):
        return 0 - np.expm1(self.log_alpha_bar)             # not -0.0 at t = 0


def from_beta(beta):
    """The schedule with the given beta_1..beta_T (T,), each in (0, 1]; ValueError otherwise."""
    beta = np.asarray(checks.numbers("beta", beta), dtype=float)
    if beta.ndim != 1 or len(beta) == 0:
        raise ValueError(f"beta must be a list of T >= 1 rates, beta_1 first; got shape {beta.shape}")
    bad = ~((beta > 0) & (beta <= 1))
    if bad.any():
        t = int(np.argmax(bad)) + 1
        raise ValueError(f"every beta_t must lie in (0, 1]; beta_{t} = {beta[t - 1]}")
    return _from_beta(beta)


def _from_beta(beta):
    """from_beta without its checks, so that autograd can trace it."""
    with np.errstate(divide="ignore"):  # beta_T = 1 erases everything: log alpha_bar_T = -inf
        log_alpha = np.log1p(-beta)
    zero = np.zeros(1)
    return Schedule(np.concatenate([zero, beta]), np.concatenate([zero, np.cumsum(log_alpha)]))


def constant_erasure(T, beta_1=None):
    """beta_t = 1 / (T - t + 1), so that alpha_bar_t = 1 - t/T.

    text, §2.4.1
    beta_1 may be fixed to another value; then alpha_bar_t = (1 - beta_1) (T - t) / (T - 1).
    """
    T = checks.count("T", T)
    beta = 1 / np.arange(T, 0.0, -1)
    if beta_1 is not None:
        beta[0] = beta_1
    return from_beta(beta)


def geometric(T, beta_1, last=100.0):
    """(1 - alpha_bar_t) / alpha_bar_t grows geometrically from beta_1 / (1 - beta_1) at t = 1 to `last` at t = T."""
    T = checks.count("T", T)
    first = beta_1 / (1 - beta_1) if 0 < beta_1 < 1 else np.nan
    if not (T >= 2 and 0 < first < last < np.inf):
        raise ValueError("geometric needs T >= 2 and 0 < beta_1/(1 - beta_1) < last; "
                         f"got T = {T}, beta_1 = {beta_1}, last = {last}")
    ratio = np.concatenate([np.zeros(1), np.geomspace(first, last, T)])      # (1 - alpha_bar) / alpha_bar
    beta = (ratio[1:] - ratio[:-1]) / (1 + ratio[1:])                        # 1 - alpha_bar_t / alpha_bar_{t-1}
    return Schedule(np.concatenate([np.zeros(1), beta]), -np.log1p(ratio))


def learned(logits, beta_1):
    """beta_1 fixed, beta_t = sigmoid(logits) for t = 2..T; logits (T - 1,) may be traced by autograd.

    text, §2.4.1
    """
    logits = checks.within("logits", logits)
    if not 0 < beta_1 < 1 or np.ndim(logits) != 1:
        raise ValueError("a learned schedule needs 0 < beta_1 < 1 and logits (T - 1,); "
                         f"got {beta_1} and {np.shape(logits)}")
    return _from_beta(np.concatenate([np.array([beta_1]), 1 / (1 + np.exp(-logits))]))


def logits(schedule):
    """The logits (T - 1,) for which `learned` gives back beta_2..beta_T of the schedule, each below 1."""
    beta = schedule.beta[2:]
    if (beta >= 1).any():
        raise ValueError("a learned schedule keeps every beta_t below 1; this one ends with beta_T = 1")
    return np.log(beta) - np.log1p(-beta)


def authors_code(T, beta_1_extra=0.001):
    """beta_t from linspace: 1 / linspace(T, 2, T), with beta_1 raised by 0.001 and alpha_bar_T near 1/T, not 0.

    Source: the authors' later public code.
    """
    beta = 1 / np.linspace(T, 2.0, checks.count("T", T))
    beta[0] += beta_1_extra
    return from_beta(beta)


def noise_to_signal(schedule):
    """(1 - alpha_bar_t) / alpha_bar_t for t = 0..T: the variance of x_t / sqrt(alpha_bar_t) around x_0."""
    with np.errstate(over="ignore"):
        return np.expm1(-schedule.log_alpha_bar)


def with_level(schedule, var):
    """The schedule with one step cut in two, so that the noise-to-signal ratio at one t is var.

    For a model that is still to be trained, or a reverse kernel that is computed from the schedule. A kernel trained on
    the uncut schedule knows no step for the new level, and from there on reverse(x, t) answers for a noisier x_t.
    """
    ratio = noise_to_signal(schedule)
    if not 0 < var < ratio[-1]:
        raise ValueError(f"the variance must lie between 0 and the schedule's last level {ratio[-1]:.4g}; got {var}")
    t = int(np.searchsorted(ratio, var))
    if np.isclose(ratio[t], var, rtol=1e-9, atol=0):
        return schedule
    first = (var - ratio[t - 1]) / (1 + var)                                           # 1 - alpha_bar / alpha_bar_{t-1}
    second = (schedule.beta[t] - first) / (1 - first)
    return from_beta(np.concatenate([schedule.beta[1:t], np.array([first, second]), schedule.beta[t + 1:]]))


def at(values, t, x, first=1):
    """values[t], shaped so that it multiplies x: the axes of t are the leading axes of x.

    values (T + 1,); t an int, or integers of shape x.shape[:k]. ValueError when t leaves first..T or does not match x.
    """
    t, T = numpy.asarray(t), len(values) - 1           # plain numpy: t is never traced
    if t.dtype.kind not in "iu" or t.size == 0 or t.min() < first or t.max() > T:
        raise ValueError(f"t must be whole numbers in {first}..{T}; got {t if t.size < 5 else f'{t.min()}..{t.max()}'}")
    if t.ndim == 0:
        return values[int(t)]
    shape = numpy.shape(x)
    if t.shape != shape[:t.ndim] and (t.ndim > len(shape) or any(m != n and 1 not in (m, n)
                                                                 for m, n in zip(t.shape, shape))):
        raise ValueError(f"the axes of t must be the leading axes of x; got t {t.shape} and x {shape}")
    return values[t].reshape(t.shape + (1,) * (len(shape) - t.ndim))
