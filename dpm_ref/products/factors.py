"""Second distributions r(x) to multiply a model with, for every t (§2.5.3, §2.5.4, appendix C).

    observation    x was seen through Gaussian noise: denoising
    known          some coordinates of x are known: inpainting
    on_bits        any r on single bits
    noisy_bits     each bit was seen, with errors: denoising
    smooth         any smooth log r, through its gradient                    Eq. (61)

How r depends on t is a choice:

    "constant"     r(x_t) = r(x_0), as in the paper's experiments            Eq. (23)
    "fading"       r(x_t) = r(x_0)^((T - t) / T), the paper's other choice
    "carried"      r(x_t) is the mean of r(x_0) when x_0 is reached from x_t by t forward steps. For known coordinates
                   this is q(x_t|x_0) / π(x_t), because the kernel is in detailed balance with π
    "predicted"    for `known` and `on_bits`: the mean of r(x_0) over p(x_0|x_t), which p(x_{t-1}|x_t) implies;
                   only `particles` can use this choice
"""
from typing import Callable, NamedTuple

import autograd.numpy as np
from autograd import elementwise_grad

from .. import gaussian
from ..bound import per_point
from ..engine import checks
from ..engine.numerics import log_mean_exp
from ..gaussian import Gaussian
from ..schedule import Schedule

CHOICES = "constant", "fading", "carried"                                    # "predicted" is for known and on_bits only
FLOOR = 0.05   # for "predicted": rates of p(x_0|x_t) keep this distance from 0 and 1, variances are at least this


class Factor(NamedTuple):
    """A second distribution r(x_t) for t = 0..T, in the form that the samplers need."""
    log: Callable      # log(x, t, after=None): log r(x_t) in nats, (N,); after is p(x_{t-1}|x_t), for "predicted"
    product: Callable  # product(p, t): a distribution p~(x_t) near p(x_t) r(x_t), and log_Z(x, after=None) at its
    #                    draws, the log normaliser (N,): exact, or log p(x) r(x) / p~(x), whose exp is right on average
    positive: bool     # r(x_t) > 0 everywhere for t >= 1
    schedule: Schedule = None   # the schedule that r(x_t) is made for; None where any will do
    needs_step: bool = False    # "predicted": r(x_t) is known only with p(x_{t-1}|x_t), so `product` leaves it out


def made_for(schedule, factor):
    """The factor; ValueError where its r(x_t) is made for another schedule."""
    own = schedule if factor.schedule is None else factor.schedule
    if own.T != schedule.T or not np.array_equal(own.log_alpha_bar, schedule.log_alpha_bar):
        raise ValueError(f"r(x_t) is made for another schedule, of T = {own.T}, alpha_bar_1 = {own.alpha_bar[1]:.4g}; "
                         f"here T = {schedule.T} and alpha_bar_1 = {schedule.alpha_bar[1]:.4g}")
    return factor


# --- second distributions -------------------------------------------------------------------------------------------

def exponents(choice, T):
    """The power (T + 1,) in r(x_t) = r(x_0)^power: 1 for "constant", (T - t) / T for "fading".

    Eq. (23), §2.5.4
    """
    if choice not in CHOICES[:2]:
        raise ValueError(f"the choice of r(x_t) is one of {', '.join(CHOICES)}, for known and on_bits also predicted; "
                         f"got {choice!r}")
    return np.ones(T + 1) if choice == "constant" else 1 - np.arange(T + 1) / T


def channel(schedule, var, choice):
    """a, s and c, each (T + 1,), in r(x_t) = exp(c_t) N(y; a_t x_t, s_t), for r(x_0) = N(y; x_0, var).

    "constant": 1, var, 0. "fading": 1, var T / (T - t), with r(x_T) = 1. "carried": sqrt(alpha_bar_t), 1 - alpha_bar_t
    + var, 0. (A constant factor of r(x_t), t >= 1, changes nothing, so c_t is free.)
    """
    if not (np.ndim(var) == 0 and 0 < var < np.inf):
        raise ValueError(f"the variance of an observation must be one positive number; got {var}")
    if choice == "carried":
        return np.sqrt(schedule.alpha_bar), schedule.one_minus_alpha_bar + var, np.zeros(schedule.T + 1)
    power = exponents(choice, schedule.T)
    s = np.where(power > 0, var / np.maximum(power, 1e-300), 1e300)
    c = 0.5 * np.log(2 * np.pi * np.maximum(s, 1e-300)) - 0.5 * power * np.log(2 * np.pi * max(var, 1e-300))
    return np.ones(schedule.T + 1), s, c


def observation(y, var, schedule, choice):
    """r(x) = N(y; x, var): x was seen as y (D,) through Gaussian noise of variance var > 0. Gaussian kernels.

    text, §3.2
    Products with a Gaussian are exact. `smooth`, given the same log r, makes the first-order products of Eq. 61.
    """
    return _seen(np.atleast_1d(checks.within("y", y)), *channel(schedule, var, choice), schedule)


def known(kernel, mask, values, schedule, choice):
    """r(x) = 1 where the coordinates under the mask (D,) have the given values (D,), else 0: inpainting.

    text, §3.2
    "constant" is the paper's choice: it holds the known coordinates at their values at every t. "carried" is positive
    for t >= 1; at t = 1 it agrees with Eq. 44, and the last step needs no weight. Bits that depend strongly on each
    other need "predicted".
    """
    mask, values = _check_known(kernel, mask, values, schedule, choice)

    def log(x, t, after=None):
        _fits(x, values)
        if choice == "predicted" and t > 0:
            x0 = kernel.implied_x0(after, x, t, schedule, FLOOR)
        else:
            x0 = kernel.marginal(x, t if choice == "carried" else 0, schedule)
        return per_point(np.where(mask, kernel.log_density(values, x0), 0.0), 1)

    def product(p, t):
        if choice == "predicted" and t > 0:                                  # r is no product over coordinates: p stays
            return p, lambda x, after: log(x, t, after)
        q, log_Z = kernel.conditioned(p, values, t if choice == "carried" else 0, schedule)
        _fits(log_Z, values)
        log_Z = np.where(mask, log_Z, 0.0)
        if np.isneginf(log_Z).any():
            raise ValueError(f"a known value is impossible under p(x_{t})")
        return _where(mask, q, p, np.ndim(log_Z)), lambda x, after=None: per_point(log_Z, 1)
    return Factor(log, product, choice != "constant", schedule, choice == "predicted")


def _check_known(kernel, mask, values, schedule, choice):
    """The mask and the values, which are 0 where the mask is false. ValueError for anything that `known` cannot use."""
    mask, values = np.asarray(mask), checks.numbers("values", values)
    if mask.shape != values.shape or mask.dtype != bool:
        raise ValueError(f"the mask must be true or false for each of the values {values.shape}; "
                         f"got {mask.dtype} {mask.shape}")
    if mask.any():
        kernel.check_data(values[mask][None])
    if choice not in ("constant", "carried", "predicted"):
        exponents(choice, schedule.T)
        raise ValueError(f'known coordinates take the choices "constant", "carried" and "predicted"; got {choice!r}')
    return mask, np.where(mask, values, 0.0)


def _where(mask, q, p, ndim):
    """The distribution q on the coordinates under the mask (D,), p on the others; `ndim` is the axes of a batch."""
    masks = [np.reshape(mask, mask.shape + (1,) * (np.ndim(a) - ndim)) for a in q]     # a parameter may have more axes
    return type(p)(*(np.where(m, a, b) for m, a, b in zip(masks, q, p)))


def on_bits(kernel, log_ratio, schedule, choice):
    """r(x) = prod_i d_i^x_i (1 - d_i)^(1 - x_i), any r on single bits, given log_ratio = log d_i / (1 - d_i), (D,).

    d_i = r(x_i = 1), scaled so that r(x_i = 0) + r(x_i = 1) = 1. A log ratio of 0 says nothing about the bit; inf says
    that the bit is 1.
    """
    log_ratio = np.atleast_1d(checks.numbers("log_ratio", log_ratio))
    if np.isnan(log_ratio).any():
        raise ValueError("log r(1) - log r(0) must be a number for every bit")
    return _bits(kernel, -np.logaddexp(0, -log_ratio), -np.logaddexp(0, log_ratio), schedule, choice)


def noisy_bits(kernel, y, flip, schedule, choice):
    """r(x) for bits that were seen as y (D,), each wrong with probability flip in (0, 1)."""
    y = kernel.check_data(np.atleast_1d(y)[None])[0]
    if not 0 < flip < 1:
        raise ValueError(f"a bit must be wrong with a probability between 0 and 1; got {flip}")
    return on_bits(kernel, (2 * y - 1) * (np.log1p(-flip) - np.log(flip)), schedule, choice)


def smooth(log_r, schedule, choice, noise=None):
    """Any smooth r(x), given as log_r(x) (...) of points x (..., D) in autograd's numpy. Gaussian kernels.

    Eqs. (52)-(61), §C
    p~ = N(f_mu + f_Sigma d log r / dx at f_mu, f_Sigma), by Taylor's first order. Its log_Z is log p(x) r(x) / p~(x) at
    the draw x, so that weights also correct the Taylor error. "carried" averages r over the given standard normal noise
    (L, D), the same at every t: any fixed noise is right, and more noise lowers the variance of the weights. ValueError
    where log r has no finite gradient.
    """
    if choice == "carried" and noise is None:
        raise ValueError('"carried" needs noise (L, D) to average a smooth r over')
    scale, std = np.sqrt(schedule.alpha_bar), np.sqrt(schedule.one_minus_alpha_bar)

    def log(x, t, after=None):
        if choice == "carried" and t > 0:
            return log_mean_exp(np.stack([_of_points(log_r, scale[t] * x + std[t] * z) for z in noise]))
        return power[t] * _of_points(log_r, x)

    def product(p, t):
        if "mean" not in p._fields:
            raise ValueError("a smooth r needs a Gaussian kernel; on_bits is for bits")
        gradient = elementwise_grad(log)(p.mean, t)
        if not np.isfinite(gradient).all():
            raise ValueError(f"log r has no finite gradient at the mean of p(x_{t}): r is zero there or not smooth")
        q = gaussian.perturbed(p, gradient)

        def log_Z(x, after=None):
            return log(x, t) + per_point(gaussian.log_density(x, p) - gaussian.log_density(x, q), 1)
        return q, log_Z

    power = np.ones(schedule.T + 1) if choice == "carried" else exponents(choice, schedule.T)
    return Factor(log, product, True, schedule)


def _of_points(log_r, x):
    """log_r(x); ValueError unless it is one number for each point."""
    value = log_r(x)
    if not 0 < np.ndim(value) < np.ndim(x) or np.shape(value) != np.shape(x)[:np.ndim(value)]:
        raise ValueError(f"log_r must give one number for each point of {np.shape(x)}; got shape {np.shape(value)}")
    return value


def _seen(y, a, s, c, schedule):
    """The Factor r(x_t) = exp(c_t) N(y; a_t x_t, s_t), y (D,); products in closed form."""
    def log(x, t, after=None):
        _fits(x, y)
        return per_point(c[t] + gaussian.log_density(y, Gaussian(a[t] * x, s[t])), 1)

    def product(p, t):
        _fits(p.mean, y)
        total = s[t] + a[t] ** 2 * p.var                                     # variance of y given x_{t+1}
        q = Gaussian((s[t] * p.mean + a[t] * p.var * y) / total, s[t] * p.var / total)
        log_Z = per_point(c[t] + gaussian.log_density(y, Gaussian(a[t] * p.mean, total)), 1)
        return q, lambda x, after=None: log_Z

    return Factor(log, product, True, schedule)


def _bits(kernel, log_one, log_zero, schedule, choice):
    """The Factor with log r(x_i = 1) = log_one (D,) and log r(x_i = 0) = log_zero (D,) for each bit; exact products."""
    def mean_r(q):  # log of the mean of r over bits from q
        return np.logaddexp(kernel.log_density(1.0, q) + log_one, kernel.log_density(0.0, q) + log_zero)

    def of_step(t):  # log r(x_t = 1) and log r(x_t = 0), bit by bit
        if choice in CHOICES[:2]:
            return tuple(power[t] * v if power[t] > 0 else np.zeros_like(v) for v in (log_one, log_zero))
        return tuple(mean_r(kernel.marginal(np.full(log_one.shape, v), t, schedule)) for v in (1.0, 0.0))

    def log(x, t, after=None):
        _fits(x, log_one)
        if choice == "predicted" and t > 0:
            return per_point(np.where(told, mean_r(kernel.implied_x0(after, x, t, schedule, FLOOR)), log_one), 1)
        return per_point(np.where(x == 1, *of_step(t)), 1)

    def product(p, t):
        _fits(p[0], log_one)
        if choice == "predicted" and t > 0:                                  # r is no product over bits: p stays
            return p, lambda x, after: log(x, t, after)
        one, zero = of_step(t)
        log_Z = per_point(np.logaddexp(kernel.log_density(1.0, p) + one, kernel.log_density(0.0, p) + zero), 1)
        return kernel.perturbed(p, one - zero), lambda x, after=None: log_Z

    power = exponents(choice, schedule.T) if choice not in ("carried", "predicted") else None
    told = log_one != log_zero
    positive = power is None or bool(np.isfinite(log_one + log_zero).all())
    return Factor(log, product, positive, schedule, choice == "predicted")


def _fits(x, y):
    if np.shape(x)[-np.ndim(y):] != np.shape(y) and np.shape(x) != np.shape(y):
        raise ValueError(f"r is a function of points of shape {np.shape(y)}; the trajectory has points of shape "
                         f"{np.shape(x)[1:]}")
