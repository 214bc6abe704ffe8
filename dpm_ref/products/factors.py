"""Second distributions r(x) to multiply a model with, for every t (paper, sections 2.5.3 and 2.5.4, appendix C).

    observation    the point was seen through Gaussian noise: denoising
    known          some coordinates are known: inpainting
    on_bits        any r on single bits
    smooth         any smooth log r, through its gradient                    Eq. (61)

How r depends on t is a choice. "constant" is the paper's Eq. 23, "fading" its other one, r^((T-t)/T). "carried" is not in
the paper: r_t(x_t) is the expectation of r(x_0) over x_0 ~ q(x_t -> x_0), the forward kernels 1..t run from x_t. π keeps
detailed balance, so for known coordinates it is q(x_t|x_0)/π(x_t): r as seen through the noise. "predicted", for bits,
is the expectation of r(x_0) under the model's own prediction of each bit of x_0, which p(x_{t-1}|x_t) contains.
"""
from typing import Callable, NamedTuple

import autograd.numpy as np
from autograd import elementwise_grad

from .. import binomial, gaussian
from ..bound import per_point
from ..engine.numerics import log_mean_exp
from ..gaussian import Gaussian

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
