"""The lower bound K on the log likelihood, as its named terms (paper, sections 2.3, 2.4 and B).

    terms, terms_given     the KL of every step, the three entropies and the edge term, for each data point
    K                      their sum as in Eq. 14, for data with the moments of π
    K_true                 the bound of Eq. 12, for any data: the number that the tables report
    sampled_K              the same from a few random steps t for each point
    draw_t, from_draws     random steps, and the sum over all steps from them
    log_weights            the log weight of forward paths                                     Eq. (9)
    L_null                 the log likelihood of the data under π

Data x0 has shape (N, ...). Results are in nats, one number for each data point; `bits` converts them for a report.
"""
import warnings
from itertools import islice
from typing import NamedTuple

import autograd.numpy as np

from .engine import checks
from .schedule import at


class Terms(NamedTuple):
    """What K consists of, in nats for each of N data points."""
    kl: np.ndarray    # (T + 1, N): D_KL(q(x_{t-1}|x_t,x_0) || p(x_{t-1}|x_t)) at t; 0 for t = 0 and 1
    H_T: np.ndarray   # (N,): H_q(X_T|X_0)
    H_1: np.ndarray   # (N,): H_q(X_1|X_0)
    H_p: np.ndarray   # (N,): H_p(X_T)
    edge: np.ndarray  # (N,): the terms that Eqs. 42-46 drop; their mean is 0 for data with the moments of π


def K(terms, exact=False):
    """K = -sum_{t=2..T} KL_t + H_q(X_T|X_0) - H_q(X_1|X_0) - H_p(X_T), in nats, (N,).

    Eq. (14), §2.4
    Right only for data of second moment 1 (Gaussian) or mean p (binomial). For other data a warning says by how much
    the mean is off, if it is off by more than 0.001 nats and 4 standard errors. A sample of less than 30 points is too
    small to tell; of 30 white numbers 1 sample in 80 is warned of, of 100 1 in 400. `exact`: the points are no sample
    but all the data, and their mean has no error. `K_true` is right for any data.
    """
    off, N = np.mean(terms.edge), np.size(terms.edge)
    error = 0.0 if exact else np.std(terms.edge, ddof=1) / np.sqrt(N) if N >= 30 else np.inf
    if abs(off) > 1e-3 + 4 * error:
        warnings.warn(f"Eq. 14 assumes data with the moments of π (second moment 1, or mean p): here the bound of "
                      f"Eq. 12 is {off:+.4g} nats per data point away from it; use K_true", stacklevel=2)
    return _K(terms)


def _K(terms):
    if np.ndim(terms.kl) != 2 or np.shape(terms.kl)[1:] != np.shape(terms.H_T):
        raise ValueError(f"K needs kl (T + 1, N) and entropies (N,); got {np.shape(terms.kl)}, {np.shape(terms.H_T)}")
    return -np.sum(terms.kl, axis=0) + terms.H_T - terms.H_1 - terms.H_p


def K_true(terms):
    """The bound of Eq. 12 with the last step of Eq. 44, for data of any moments, in nats, (N,).

    Eq. (12), §2.4
    K of Eq. 14 + E_q[log π(x_T)] + H_p(X_T) + log π(x_0) - E_q[log π(x_1)].
    """
    return _K(terms) + terms.edge


def terms(kernel, reverse, x0, schedule, rng, chunk=2**18):
    """The terms of K at x0 (N, ...), every t = 2..T once for each point, with fresh draws of x_t from rng.

    Eq. (14), §2.4
    `chunk` is the largest count of numbers in x_t that the reverse kernel gets at once, but one point at least; the
    layers of a network take some hundred times that. ValueError for data that the kernel does not take.
    """
    x0 = kernel.check_data(x0)
    noises = (kernel.noise(rng, x0.shape) for _ in range(2, schedule.T + 1))
    return terms_given(kernel, reverse, x0, schedule, noises, chunk)


def terms_given(kernel, reverse, x0, schedule, noises, chunk=2**18):
    """The terms of K at x0 (N, ...) for given noise: one array of x0's shape for each t = 2..T, in this order.

    Eq. (14), §2.4
    """
    x0, noises = kernel.check_data(x0), checks.one_each(range(2, schedule.T + 1), noises)
    N, steps, rows = len(x0), max(1, chunk // x0.size), max(1, chunk // x0[0].size)
    kl = [np.zeros(2 * N)]
    while pairs := list(islice(noises, steps)):                              # several steps, or a part of one
        t, noise = zip(*pairs)
        noise, x, t = np.concatenate(noise), np.concatenate([x0] * len(t)), np.repeat(t, N)
        kl += [step_kl(kernel, reverse, x[i:i + rows], t[i:i + rows], schedule, noise[i:i + rows])
               for i in range(0, len(x), rows)]
    return Terms(np.concatenate(kl).reshape(-1, N), *constants(kernel, x0, schedule))


def sampled_K(kernel, reverse, x0, schedule, rng, draws=16, power=0.0):
    """An unbiased estimate of K_true at x0 (N, ...) from `draws` stratified steps t for each point, in nats, (N,).

    Every point has draws of its own, so that `mean_and_error` of the result is right. `power` is that of `draw_t`.
    """
    x0, kl = kernel.check_data(x0), 0
    if schedule.T > 1:
        kl = []
        for x in x0:
            t, weight = draw_t(rng, draws, schedule.T, power)
            x = np.broadcast_to(x, (draws,) + x.shape)
            kl.append(from_draws(step_kl(kernel, reverse, x, t, schedule, kernel.noise(rng, x.shape)), weight))
    H_T, H_1, H_p, edge = constants(kernel, x0, schedule)
    return H_T - H_1 - H_p + edge - np.array(kl)


def step_kl(kernel, reverse, x0, t, schedule, noise):
    """D_KL(q(x_{t-1}|x_t,x_0) || p(x_{t-1}|x_t)) at the x_t that this noise makes, in nats, (B,).

    Eq. (14), §2.4
    x0 (B, ...), t (B,) or an int in 2..T, noise (B, ...). ValueError where the parameters that the reverse kernel
    returns do not have the shape of x_t.
    """
    kernel.check_data(x0)
    at(schedule.beta, t, x0, first=2)
    xt = kernel.draw(kernel.marginal(x0, t, schedule), noise)
    p = checks.step(reverse(xt, t), xt)
    return per_point(kernel.kl(kernel.posterior(xt, x0, t, schedule), p), 1)


def constants(kernel, x0, schedule):
    """H_q(X_T|X_0), H_q(X_1|X_0), H_p(X_T) and the edge term at x0 (N, ...), in nats, each (N,).

    Eq. (14), §2.4
    """
    def log_pi(q):  # E_q[log π(x)]: minus the cross entropy
        return -kernel.kl(q, pi) - kernel.entropy(q)

    x0 = checks.batch("x0", x0)
    pi = kernel.pi(x0)
    q1, qT = (kernel.marginal(x0, t, schedule) for t in (1, schedule.T))
    H_T, H_1, H_p = (kernel.entropy(q) for q in (qT, q1, pi))
    edge = log_pi(qT) + H_p + kernel.log_density(x0, pi) - log_pi(q1)
    return [per_point(a + np.zeros(x0.shape), 1) for a in (H_T, H_1, H_p, edge)]


def per_point(a, batch_axes):
    """Sum over all coordinates of a point: every axis after the first `batch_axes`."""
    return np.sum(a, axis=tuple(range(batch_axes, np.ndim(a))))


def L_null(kernel, x0):
    """log π(x_0): the log likelihood of x0 (N, ...) under the end distribution itself, in nats, (N,).

    Table 1, §3
    """
    x0 = kernel.check_data(x0)
    return per_point(kernel.log_density(x0, kernel.pi(x0)), 1)


def draw_t(rng, size, T, power=0.0, share=None):
    """`size` random steps t (size,) in 2..T, stratified, and their weights (size,).

    sum_s weight_s f(t_s) is an unbiased estimate of sum_{t=2..T} f(t). The probability of t is the average of a
    uniform one and one that falls as t^-power; or it is proportional to share (T - 1,). Stratified: each draw comes
    from its own 1/size of the probability. With size = T - 1 and a uniform probability every t comes exactly once,
    with weight 1. ValueError for a share of 0: the sum would lack this t.
    """
    size, t = checks.count("size", size), np.arange(2, checks.count("T", T, 2) + 1)
    power_law = t ** -checks.within("power", float(power))
    if share is not None:
        share = checks.shares("share", share, len(t))
        if not share.all():
            raise ValueError(f"every share must be above 0, or the sum lacks a t; that of t = {t[share == 0][0]} is 0")
    p = 0.5 / len(t) + 0.5 * power_law / np.sum(power_law) if share is None else share / np.sum(share)
    where = np.searchsorted(np.cumsum(p), (np.arange(size) + checks.generator(rng).random(size)) / size)
    where = np.minimum(where, len(t) - 1)
    return t[where], 1 / (size * p[where])


def from_draws(kl, weight):
    """The estimate of sum_{t=2..T} KL_t from KL (S,) or (S, N) at S steps, and their weights (S,), from `draw_t`."""
    return np.sum(checks.per_point("weight", weight, kl) * np.transpose(kl), axis=-1)


def log_weights(kernel, reverse, path, schedule):
    """log [ p(x_T) prod_t p(x_{t-1}|x_t) / q(x_t|x_{t-1}) ] of forward paths (T + 1, N, ...), in nats, (N,).

    Eq. (9), §2.3
    The last reverse step is Eq. 44.
    """
    def log(x, q):
        return per_point(kernel.log_density(x, q), 1)

    path = checks.numbers("path", path)
    if np.ndim(path) < 3 or len(path) != schedule.T + 1:
        raise ValueError(f"paths must be (T + 1, N, ...) with T = {schedule.T}; got {np.shape(path)}")
    T, N, t = schedule.T, path.shape[1], np.arange(1, schedule.T + 1)
    flat = (-1,) + path.shape[2:]                                          # all steps of all paths, one after the other
    before, after, t = path[:-1].reshape(flat), path[1:].reshape(flat), np.repeat(t, N)
    total = log(path[T], kernel.pi(path[T])) + log(path[0], kernel.forward(path[1], 1, schedule))
    if T > 1:
        steps = checks.step(reverse(after[N:], t[N:]), after[N:])
        total = total + np.sum(log(before[N:], steps).reshape(T - 1, N), axis=0)
    return total - np.sum(log(after, kernel.forward(before, t, schedule)).reshape(T, N), axis=0)


def mean_and_error(values):
    """The mean of values (N,) and its standard error."""
    values = checks.numbers("values", values)
    if np.ndim(values) != 1 or len(values) == 0:
        raise ValueError(f"a mean and its error are of values (N,), N >= 1; got shape {np.shape(values)}")
    return np.mean(values), np.std(values, ddof=1) / np.sqrt(values.size) if values.size > 1 else np.nan


def bits(nats):
    """Nats to bits."""
    return nats / np.log(2)
