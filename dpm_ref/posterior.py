"""The model multiplied by a second distribution r(x): denoising, inpainting (paper, section 2.5 and appendix C).

    observation, known, on_bits, smooth      the second distributions r(x_t), for all t, each a `Factor`
    perturbed_trajectory, perturbed_sample   the paper's method: every reverse step multiplied by r(x_t)       Eq. (22)
    perturbed_moments, log_normalisers       what that samples, without sampling: not p(x_0) r(x_0)
    particles, posterior_sample              the same steps, weighted by what Eq. 22 drops: right as particles grow
    denoise                                  Gaussian denoising by the reverse chain alone, no r needed
    gaussian_bayes, discrete_bayes, curve_bayes   exact posteriors to compare with

How r depends on t is a choice. "constant" is the paper's Eq. 23, "fading" its other one, r^((T-t)/T). "carried" is not in
the paper: r_t(x_t) is the expectation of r(x_0) over x_0 ~ q(x_t -> x_0), the forward kernels 1..t run from x_t. π keeps
detailed balance, so for known coordinates it is q(x_t|x_0)/π(x_t): r as seen through the noise. "predicted", for bits,
is the expectation of r(x_0) under the model's own prediction of each bit of x_0, which p(x_{t-1}|x_t) contains.
"""
from typing import Callable, NamedTuple

import autograd.numpy as np
from autograd import elementwise_grad

from . import binomial, gaussian
from .bound import per_point
from .exact import softmax
from .gaussian import Gaussian
from .likelihood import log_mean_exp
from .schedule import Schedule, from_beta
from .trajectory import noises, reverse_step, reverse_trajectory

CHOICES = "constant", "fading", "carried"                                                # and "predicted", for bits


class Factor(NamedTuple):
    """A second distribution r(x_t) for t = 0..T, in the form that the samplers need.

    Eq. (16), §2.5.1
    """
    log: Callable      # log(x, t, after=None): log r(x_t) in nats, (N,); after is p(x_{t-1}|x_t), for "predicted"
    product: Callable  # product(p, t): a distribution p~(x_t) near p(x_t) r(x_t), and a function log_Z(x, after=None) of
    #                    its draws, the log normaliser (N,): exactly, or log p(x) r(x) / p~(x), right on average
    positive: bool     # r(x_t) > 0 everywhere for t >= 1, so that no path is lost on the way


# --- second distributions -------------------------------------------------------------------------------------------

def exponents(choice, T):
    """The power of r(x_0) that r(x_t) is, (T + 1,): 1 for "constant", (T - t) / T for "fading".

    Eq. (23), §2.5.4
    """
    if choice not in CHOICES[:2]:
        raise ValueError(f"the choice of r(x_t) is one of {', '.join(CHOICES)} (bits: or predicted); got {choice!r}")
    return np.ones(T + 1) if choice == "constant" else 1 - np.arange(T + 1) / T


def channel(schedule, var, choice):
    """a, s and c, each (T + 1,), for which r(x_t) is exp(c_t) N(y; a_t x_t, s_t), when r(x_0) = N(y; x_0, var).

    text, §2.5.4
    "constant": 1, var, 0; "fading": 1, var T / (T - t), with r(x_T) = 1; "carried": sqrt(alpha_bar_t),
    1 - alpha_bar_t + var, 0. (c_t, t >= 1, is free: constant factors of r(x_t) drop out of everything.)
    """
    if choice == "carried":
        return np.sqrt(schedule.alpha_bar), schedule.one_minus_alpha_bar + var, np.zeros(schedule.T + 1)
    power = exponents(choice, schedule.T)
    s = np.where(power > 0, var / np.maximum(power, 1e-300), 1e300)
    c = 0.5 * np.log(2 * np.pi * np.maximum(s, 1e-300)) - 0.5 * power * np.log(2 * np.pi * max(var, 1e-300))
    return np.ones(schedule.T + 1), s, c


def observation(y, var, schedule, choice):
    """r(x) = N(y; x, var): the point was seen as y (D,) through Gaussian noise of variance var > 0. Gaussian kernels.

    text, §3.2
    Every product with a Gaussian is exact. `smooth` makes the first-order one of Eq. 61 from the same log r.
    """
    if not (np.ndim(var) == 0 and var > 0):
        raise ValueError(f"the variance of an observation must be one positive number; got {var}")
    y = np.atleast_1d(np.asarray(y, dtype=float))
    return _seen(y, np.ones(y.shape, dtype=bool), channel(schedule, var, choice), positive=True)


def known(kernel, mask, values, schedule, choice):
    """r(x) = 1 where the coordinates under the mask (D,) have the given values (D,), else 0: inpainting.

    text, §3.2
    "constant" is the paper's: the known coordinates are held at their values for every t. "carried" is positive for
    t >= 1, q(x_t known|values) / π, and at t = 1 is Eq. 44 itself: the last step puts the values in at no cost. Bits
    that depend strongly on each other want "predicted".
    """
    mask, values = np.asarray(mask), np.asarray(values, dtype=float)
    if mask.shape != values.shape or mask.dtype != bool:
        raise ValueError(f"the mask must be true or false for each of the values {values.shape}; got {mask.dtype} {mask.shape}")
    if not np.isfinite(values[mask]).all():
        raise ValueError("known values must be finite")
    if hasattr(kernel, "with_p") or hasattr(kernel, "p"):
        if not np.isin(values[mask], (0, 1)).all():
            raise ValueError("known bits must be 0 or 1")
        one, zero = (np.where(mask, values == v, 1.0) for v in (1, 0))
        return _bits(kernel, one, zero, schedule, choice)
    return _seen(np.where(mask, values, 0.0), mask, channel(schedule, 0.0, choice), positive=choice == "carried")


def on_bits(kernel, log_ratio, schedule, choice):
    """r(x) = prod_i d_i^x_i (1 - d_i)^(1 - x_i), with log d_i / (1 - d_i) given (D,): any r on single bits.

    Table App.1
    d_i = r(x_i = 1), scaled so that r(x_i = 0) + r(x_i = 1) = 1; 0 says nothing about a bit, inf that it is 1.
    """
    log_ratio = np.atleast_1d(np.asarray(log_ratio, dtype=float))
    if np.isnan(log_ratio).any():
        raise ValueError("log r(1) - log r(0) must be a number for every bit")
    return _bits(kernel, np.exp(-np.logaddexp(0, -log_ratio)), np.exp(-np.logaddexp(0, log_ratio)), schedule, choice)


def smooth(log_r, schedule, choice, noise=None):
    """Any smooth r(x), given as log_r(x) (...) of points x (..., D) in autograd's numpy. Gaussian kernels.

    Eqs. (52)-(61), §C
    p~ = N(f_mu + f_Sigma d log r / dx at f_mu, f_Sigma), Taylor's first order. The normaliser is that of the draw, so
    weights also correct what the first order leaves out. "carried" takes the expectation over the given standard normal
    noise (K, D), the same for all t: any fixed noise is right, more of it lowers the variance. ValueError where log r
    has no finite gradient.
    """
    if choice == "carried" and noise is None:
        raise ValueError('"carried" needs noise (K, D) to take the expectation of a smooth r with')
    scale, std = np.sqrt(schedule.alpha_bar), np.sqrt(schedule.one_minus_alpha_bar)

    def log(x, t, after=None):
        if choice == "carried" and t > 0:
            return log_mean_exp(np.stack([log_r(scale[t] * x + std[t] * z) for z in noise]))
        return power[t] * log_r(x)

    def product(p, t):
        if not isinstance(p, Gaussian):
            raise ValueError("a smooth r needs a Gaussian kernel; on_bits is for bits")
        gradient = elementwise_grad(log)(p.mean, t)
        if not np.isfinite(gradient).all():
            raise ValueError(f"log r has no finite gradient at the mean of p(x_{t}): r is zero there or not smooth")
        q = gaussian.perturbed(p, gradient)
        return q, lambda x, after=None: per_point(gaussian.log_density(x, p) - gaussian.log_density(x, q), 1) + log(x, t)

    power = np.ones(schedule.T + 1) if choice == "carried" else exponents(choice, schedule.T)
    return Factor(log, product, True)


def _seen(y, mask, channel, positive):
    """The Factor r(x_t) = exp(c_t) N(y; a_t x_t, s_t) on the coordinates under the mask; products in closed form."""
    def log(x, t, after=None):
        _fits(x, y)
        return per_point(np.where(mask, c[t] + gaussian.log_density(y, Gaussian(a[t] * x, s[t])), 0.0), 1)

    def product(p, t):
        _fits(p.mean, y)
        total = s[t] + a[t] ** 2 * p.var                                                 # var of y given x_{t+1}
        mean, var = (s[t] * p.mean + a[t] * p.var * y) / total, s[t] * p.var / total
        q = p if not mask.any() else Gaussian(np.where(mask, mean, p.mean), np.where(mask, var, p.var))

        def log_Z(x, after=None):
            return per_point(np.where(mask, c[t] + gaussian.log_density(y, Gaussian(a[t] * p.mean, total)), 0.0), 1)
        return q, log_Z

    a, s, c = channel
    return Factor(log, product, positive)


def _bits(kernel, one, zero, schedule, choice):
    """The Factor with r(x_i = 1) = one (D,) and r(x_i = 0) = zero (D,) on every bit; products exact."""
    def of_step(t):  # log r(x_t = 1) and log r(x_t = 0), bit by bit
        with np.errstate(divide="ignore"):
            if choice in CHOICES[:2]:
                return tuple(power[t] * np.log(v) if power[t] > 0 else np.zeros_like(v) for v in (one, zero))
            rates = (kernel.marginal(np.full(one.shape, v), t, schedule).rate for v in (1.0, 0.0))
            return tuple(np.log(rate * one + (1 - rate) * zero) for rate in rates)

    def log(x, t, after=None):
        _fits(x, one)
        if choice == "predicted" and t > 0:
            x0 = predicted(kernel, x[..., told], binomial.Bernoulli(after.rate[..., told]), t, schedule)
            return per_point(np.log(x0 * one[told] + (1 - x0) * zero[told]), 1) + np.sum(np.log(one[~told]))
        return per_point(np.where(x == 1, *of_step(t)), 1)

    def product(p, t):
        _fits(p.rate, one)
        if choice == "predicted" and t > 0:                                              # not a product of bits: keep p
            return p, lambda x, after: log(x, t, after)
        log_one, log_zero = of_step(t)
        q = kernel.perturbed(p, log_one - log_zero)
        Z = p.rate * np.exp(log_one) + (1 - p.rate) * np.exp(log_zero)
        return q, lambda x, after=None: per_point(np.log(Z), 1)

    power, told = exponents(choice, schedule.T) if choice not in ("carried", "predicted") else None, one != zero
    return Factor(log, product, power is None or bool(np.all(one * zero > 0)))


def predicted(kernel, x, after, t, schedule, floor=0.05):
    """The P(x_0 = 1|x_t = x), bit by bit, with which a reverse step after = p(x_{t-1}|x_t) would be Bayes' rule.

    Eq. (48), §B.3
    q(x_{t-1}|x_t,x_0) is linear in x_0: solved for it, and kept at least `floor` from 0 and 1.
    """
    at_zero, at_one = kernel.posterior(x, np.array([0.0, 1.0]).reshape(2, *[1] * x.ndim), t, schedule).rate
    return np.clip((after.rate - at_zero) / (at_one - at_zero), floor, 1 - floor)


def _fits(x, y):
    if np.shape(x)[-np.ndim(y):] != np.shape(y) and np.shape(x) != np.shape(y):
        raise ValueError(f"r is about points of shape {np.shape(y)}; the trajectory has points of shape {np.shape(x)[1:]}")


# --- the method of section 2.5 --------------------------------------------------------------------------------------

def perturbed_start(kernel, factor, shape, schedule, rng):
    """Draw x_T (N, ...) from p~(x_T), proportional to π(x_T) r(x_T).

    Eq. (16), §2.5.1
    Exact, except to first order for a `smooth` r.
    """
    return kernel.draw(factor.product(kernel.pi(np.empty(shape)), schedule.T)[0], kernel.noise(rng, shape))


def perturbed_trajectory(kernel, reverse, factor, xT, schedule, noises):
    """Yield (t, x_t) for t = T..0: x_T, then T draws of p~(x_{t-1}|x_t), one noise array of xT's shape for each.

    Eq. (22), §2.5.2
    p~(x_{t-1}|x_t) = p(x_{t-1}|x_t) r(x_{t-1}) / Z~(x_t), the fixed last step of Eq. 44 included. It does not end in
    p(x_0) r(x_0): see `particles`.
    """
    x = xT
    yield schedule.T, x
    for t, noise in zip(range(schedule.T, 0, -1), noises, strict=True):
        p = reverse_step(kernel, reverse, x, t, schedule)
        x = kernel.draw(factor.product(p, t - 1)[0], noise)
        yield t - 1, x


def perturbed_sample(kernel, reverse, factor, schedule, shape, rng):
    """Draw x_0 of the given shape (N, ...) by the paper's method: the last state of a perturbed trajectory.

    Eq. (22), §2.5.2
    """
    xT = perturbed_start(kernel, factor, shape, schedule, rng)
    for _, x in perturbed_trajectory(kernel, reverse, factor, xT, schedule, noises(kernel, rng, shape, schedule.T)):
        pass
    return x


# --- what that method samples ---------------------------------------------------------------------------------------

def perturbed_moments(schedule, y, var, data_mean=0.0, data_var=1.0, choice="constant", first_order=False, fixed_last=True):
    """Mean and variance (T + 1,) of x_t in the perturbed chain, for data N(data_mean, data_var) and r = N(y; x, var).

    Eq. (22), §2.5.2
    A linear recursion over t with the exact reverse kernels: no sampling, scalars only. `first_order` takes the
    products of Eq. 61 in place of exact ones (but for x_T). `fixed_last` is Eq. 44; without it the last step is exact too.
    """
    a, s, _ = channel(schedule, var, choice)
    scale, v = np.sqrt(schedule.alpha_bar), 1 + schedule.alpha_bar * (data_var - 1)      # of q(x_t)
    mean, variance = np.zeros(schedule.T + 1), np.zeros(schedule.T + 1)
    T = schedule.T
    mean[T], variance[T] = a[T] * y / (s[T] + a[T] ** 2), s[T] / (s[T] + a[T] ** 2)      # π r
    for t in range(T, 0, -1):
        keep, beta = np.sqrt(1 - schedule.beta[t]), schedule.beta[t]
        slope, step_var = keep * v[t - 1] / v[t], beta * v[t - 1] / v[t]                 # of p(x_{t-1}|x_t)
        shift = data_mean * (scale[t - 1] - slope * scale[t])
        if t == 1 and fixed_last:
            slope, step_var, shift = keep, beta, 0.0
        pull = a[t - 1] * step_var / (s[t - 1] + (not first_order) * a[t - 1] ** 2 * step_var)
        left = 1 - a[t - 1] * pull
        mean[t - 1] = left * (slope * mean[t] + shift) + pull * y
        variance[t - 1] = (left * slope) ** 2 * variance[t] + step_var * (1 if first_order else left)
    return mean, variance


def error_by_steps(numbers, schedule_of, y, var, **settings):
    """For every T in numbers, the final mean and variance of the perturbed chain minus those of Bayes' rule: (len, 2).

    text, §2.5.4
    schedule_of(T) makes the schedule; settings go to `perturbed_moments`. The errors do not tend to 0.
    """
    right = gaussian_bayes(settings.get("data_mean", 0.0), settings.get("data_var", 1.0), y, var)
    ends = [[m[0] for m in perturbed_moments(schedule_of(T), y, var, **settings)] for T in numbers]
    return np.array(ends) - np.array(right)


def log_normalisers(kernel, reverse, factor, x, schedule):
    """log of Z_t(x) = ∫ p(x_{t-1}|x_t = x) r(x_{t-1}) dx_{t-1} / r(x_t = x) at points x (N, ...): (T + 1, N), 0 at t = 0.

    Eq. (21), §2.5.2
    Eq. 22 is Eq. 21 with this taken for a constant. It is 1 + O(beta_t), so its product over t does not tend to a
    constant as T grows. Exact for every factor but `smooth`, where it is the value at the mean of p~.
    """
    out = np.zeros((schedule.T + 1, len(x)))
    for t in range(1, schedule.T + 1):
        p_tilde, log_Z = factor.product(reverse_step(kernel, reverse, x, t, schedule), t - 1)
        out[t] = log_Z(p_tilde[0]) - factor.log(x, t)
    return out


# --- sequential Monte Carlo: what it should sample ------------------------------------------------------------------

class Particles(NamedTuple):
    """N weighted points at one t: together they represent p(x_t) r(x_t) / Z.

    not in the paper
    """
    t: int
    x: np.ndarray          # (N, ...)
    log_w: np.ndarray      # (N,) log weights since the last resampling, just after which they are 0
    ess: float             # effective sample size of the weights before any resampling, 1..N
    log_evidence: float    # log of the estimate of ∫ p(x_t) r(x_t) dx_t, nats; at t = 0 the evidence, without bias


def particles(kernel, reverse, factor, schedule, shape, rng, threshold=0.5):
    """Yield Particles for t = T..0: the perturbed chain, each step weighted by the normaliser that Eq. 22 drops.

    Eq. (21), §2.5.2
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
    """Indices (N,) of a resampling in which i occurs N weights[i] times, rounded up or down; one uniform number in [0, 1).

    not in the paper
    """
    N = len(weights)
    return np.minimum(np.searchsorted(np.cumsum(weights), (np.arange(N) + uniform) / N, side="right"), N - 1)


class Posterior(NamedTuple):
    """What `posterior_sample` returns.

    not in the paper
    """
    x: np.ndarray          # (N, ...) draws from p(x_0) r(x_0) / Z, equally weighted
    log_evidence: float    # log of the estimate of Z = ∫ p(x_0) r(x_0) dx_0, nats
    ess: np.ndarray        # (T + 1,) effective sample size at every t


def posterior_sample(kernel, reverse, factor, schedule, shape, rng, threshold=0.5):
    """Draw x_0 of the given shape (N, ...) from p(x_0) r(x_0) by sequential Monte Carlo.

    Eq. (16), §2.5.1
    """
    ess = np.zeros(schedule.T + 1)
    for state in particles(kernel, reverse, factor, schedule, shape, rng, threshold):
        ess[state.t] = state.ess
    return Posterior(state.x, state.log_evidence, ess)


# --- Gaussian denoising without r -----------------------------------------------------------------------------------

class Denoised(NamedTuple):
    """What `denoise` returns.

    not in the paper
    """
    x: np.ndarray          # (N, ...) draws from the model's posterior
    t: int                 # the step that the reverse chain was started at
    added_var: float       # noise that had to be added to y to get there; 0 where the schedule has the level


def denoise(reverse, y, var, schedule, rng):
    """Draw x_0 given y = x_0 + N(0, var), y (N, ...), by the model's own reverse chain from the step with that noise.

    not in the paper
    x_t = sqrt(alpha_bar_t) y is a draw of q(x_t|x_0) where (1 - alpha_bar_t) / alpha_bar_t = var: no r, no perturbation,
    no error but the model's. Between two levels the missing noise is added, and returned; `with_level` avoids it.
    """
    ratio = noise_to_signal(schedule)
    if not (var > 0 and var <= ratio[-1] * (1 + 1e-9)):
        raise ValueError(f"the variance must be positive and at most the schedule's last level {ratio[-1]:.4g}; got {var}")
    t = max(1, int(np.searchsorted(ratio, var * (1 - 1e-9))))
    added = ratio[t] - var if ratio[t] > var * (1 + 1e-9) else 0.0
    if not np.isfinite(added):
        raise ValueError(f"no level of the schedule but pure noise lies above variance {var}: use with_level")
    x = np.sqrt(schedule.alpha_bar[t]) * (y + np.sqrt(added) * rng.standard_normal(np.shape(y)))
    part = Schedule(schedule.beta[:t + 1], schedule.log_alpha_bar[:t + 1])
    for _, x in reverse_trajectory(gaussian, reverse, x, part, noises(gaussian, rng, x.shape, t)):
        pass
    return Denoised(x, t, added)


def noise_to_signal(schedule):
    """(1 - alpha_bar_t) / alpha_bar_t for t = 0..T: the variance of x_t / sqrt(alpha_bar_t) around x_0.

    not in the paper
    """
    with np.errstate(over="ignore"):
        return np.expm1(-schedule.log_alpha_bar)


def with_level(schedule, var):
    """The schedule with one step cut in two, so that the noise-to-signal ratio at one t is var.

    not in the paper
    """
    ratio = noise_to_signal(schedule)
    if not 0 < var < ratio[-1]:
        raise ValueError(f"the variance must lie between 0 and the schedule's last level {ratio[-1]:.4g}; got {var}")
    t = int(np.searchsorted(ratio, var))
    if np.isclose(ratio[t], var, rtol=1e-9, atol=0):
        return schedule
    first = (var - ratio[t - 1]) / (1 + var)                                             # 1 - alpha_bar / alpha_bar_{t-1}
    second = (schedule.beta[t] - first) / (1 - first)
    return from_beta(np.concatenate([schedule.beta[1:t], np.array([first, second]), schedule.beta[t + 1:]]))


# --- exact posteriors -----------------------------------------------------------------------------------------------

def gaussian_bayes(mean, var, y, noise_var):
    """N(mean, var) given y = x + N(0, noise_var).

    not in the paper
    """
    gain = var / (var + noise_var)
    return Gaussian(mean + gain * (y - mean), var * (1 - gain))


def discrete_bayes(points, factor, weights=None):
    """The probabilities (K,) of data points (K, D), each with the given weight, multiplied with r(x_0).

    not in the paper
    For heartbeat the five sequences. ValueError where r is zero for every point.
    """
    with np.errstate(divide="ignore"):
        log_p = factor.log(points, 0) + (0 if weights is None else np.log(weights))
    if log_p.max() == -np.inf:
        raise ValueError("r is zero for every point that the data can be")
    return softmax(log_p)


def curve_bayes(rng, N, nodes, y, var, blur=0.0):
    """Draw N points (N, D) of data along a curve, blurred with variance `blur`, given y = x_0 + N(0, var): quadrature.

    not in the paper
    nodes(std) as in `exact.best_gaussian`; the discrete nodes are smeared along the curve by less than a third of std.
    """
    points, weights = nodes(np.sqrt(var + blur) / 10)
    log_p = np.log(weights) - 0.5 * np.sum((points - y) ** 2, axis=1) / (var + blur)
    x = points[rng.choice(len(points), size=N, p=softmax(log_p))]
    return gaussian.draw(gaussian_bayes(x, blur, y, var), rng.standard_normal(x.shape))
