"""Binomial diffusion: the right column of Table App.1. `gaussian` is the left one, line for line.

A distribution is a Bernoulli(rate) of independent bits. Results are per bit, in nats: sum them over a sample's
bits for its KL, entropy or log density.

    check_data                        the data that this kernel takes
    noise, draw                       randomness in, sample out
    pi                                where the forward trajectory ends            Eq. (4)
    forward, marginal, posterior      q(x_t|x_{t-1}), q(x_t|x_0), q(x_{t-1}|x_t,x_0)
    reverse_given_x0, implied_x0      p(x_{t-1}|x_t) from p(x_0|x_t), and back
    kl, entropy, log_density          of any of these
    forward_entropy                   H_q(X_t|X_{t-1})                             Eq. (24)
    perturbed                         a reverse step times a second distribution   Table App.1
    conditioned                       a distribution of x given what x becomes in t forward steps

π is B(p) with p = 0.5, as Table App.1 prints it. The paper's heartbeat needs p = 0.2 (section D.1.2):
`with_p(0.2)` is this module with that p, and has the same functions with the same signatures as `gaussian`.
"""
from functools import partial
from types import SimpleNamespace
from typing import NamedTuple

import autograd.numpy as np
from autograd.extend import defvjp, primitive
from autograd.numpy.numpy_vjps import unbroadcast_f

from .engine import checks
from .schedule import at


class _Bernoulli(NamedTuple):
    rate: np.ndarray


class Bernoulli(_Bernoulli):
    """B(rate): independent bits, each 1 with probability rate.

    Whole numbers become floats. ValueError where a rate is not in [0, 1].
    """
    __slots__ = ()

    def __new__(cls, rate):
        return super().__new__(cls, checks.within("a rate", rate, 0, 1))


def check_data(x0):
    """The data x0 (N, ...) as floats. ValueError when there are no points or a number is neither 0 nor 1."""
    return _bits(checks.points(x0))


def _bits(x):
    x = checks.numbers("a bit", x)
    bad = (x != 0) & (x != 1)
    if np.any(bad):
        raise ValueError(f"a bit must be 0 or 1; got {np.asarray(x)[bad][0]} at {np.argwhere(bad)[0].tolist()}")
    return x


def noise(rng, shape):
    """Raw noise for `draw`: uniform numbers in [0, 1) of the given shape, from a numpy Generator."""
    return checks.generator(rng).random(shape)


def draw(q, noise):
    """The sample of q that this noise makes: 1 where noise < rate, else 0, of the noise's shape."""
    return (checks.within("noise", checks.noise(noise, q.rate), 0, 1) < q.rate) * 1.0


def pi(x, p=0.5):
    """π = B(p), as a distribution of the shape of x.

    Table App.1
    """
    return Bernoulli(np.full(np.shape(x), p))


def forward(x, t, schedule, p=0.5):
    """q(x_t|x_{t-1}) = B(x_{t-1} (1 - beta_t) + p beta_t) at x = x_{t-1}; it keeps π.

    Eqs. (1) and (2), §2.1
    """
    beta = at(schedule.beta, t, x)
    return Bernoulli(x * (1 - beta) + p * beta)


def marginal(x0, t, schedule, p=0.5):
    """q(x_t|x_0) = B(alpha_bar_t x_0 + (1 - alpha_bar_t) p): t forward steps at once, t = 0 included.

    Eq. (3), §2.1
    """
    log_alpha_bar = at(schedule.log_alpha_bar, t, x0, first=0)
    return Bernoulli(x0 * np.exp(log_alpha_bar) - np.expm1(log_alpha_bar) * p)


def posterior(xt, x0, t, schedule, p=0.5):
    """q(x_{t-1}|x_t,x_0) = B(one / (one + zero)), by Bayes' rule from `forward` and `marginal`.

    Eq. (48), §B.3
    one = q(x_t|x_{t-1}=1) q(x_{t-1}=1|x_0), zero = q(x_t|x_{t-1}=0) q(x_{t-1}=0|x_0). ValueError for an x_0 that is
    neither 0 nor 1; `reverse_given_x0` takes a rate.
    """
    at_zero, at_one = _posterior_rates(xt, t, schedule, p)
    return Bernoulli(at_zero + _bits(x0) * (at_one - at_zero))


def reverse_given_x0(xt, x0, t, schedule, p=0.5):
    """p(x_{t-1}|x_t) when x_0|x_t ~ B(r): the average of q(x_{t-1}|x_t,x_0) over x0 = Bernoulli(r)."""
    at_zero, at_one = _posterior_rates(xt, t, schedule, p)
    return Bernoulli(at_zero + x0.rate * (at_one - at_zero))


def implied_x0(step, xt, t, schedule, floor=0.0, p=0.5):
    """The p(x_0|x_t) from which `reverse_given_x0` makes step = p(x_{t-1}|x_t), for t >= 2.

    Its rate is kept at least `floor` away from 0 and 1: a step surer than q(x_{t-1}|x_t,x_0) is no such average.
    """
    at_zero, at_one = _posterior_rates(xt, t, schedule, p)
    return Bernoulli(np.clip((step.rate - at_zero) / (at_one - at_zero), floor, 1 - floor))


def _posterior_rates(xt, t, schedule, p=0.5):
    """The rates of `posterior` at x_0 = 0 and at x_0 = 1, of the shape of xt."""
    xt, beta = _bits(xt), at(schedule.beta, t, xt)
    log_alpha_bar = at(schedule.log_alpha_bar, np.asarray(t) - 1, xt, first=0)            # of t - 1
    kept, gone = np.exp(log_alpha_bar), -np.expm1(log_alpha_bar)
    p_xt = xt * p + (1 - xt) * (1 - p)                                                    # π(x_t)
    from_one = xt * (1 - beta) + beta * p_xt                                              # q(x_t|x_{t-1}=1)
    from_zero = (1 - xt) * (1 - beta) + beta * p_xt                                       # q(x_t|x_{t-1}=0)

    def rate(v):
        one = from_one * (v * kept + gone * p)
        zero = from_zero * ((1 - v) * kept + gone * (1 - p))
        return one / (one + zero)
    return rate(0), rate(1)


def kl(q, p):
    """D_KL(q || p) = rate_q log(rate_q / rate_p) + (1 - rate_q) log((1 - rate_q) / (1 - rate_p)), in nats per bit.

    Eq. (14), §2.4
    0 log 0 counts as 0; the result is infinite where p excludes what q allows.
    """
    return _kl(q.rate, p.rate)


@primitive
def _kl(q, p):
    with np.errstate(divide="ignore"):
        log_one, log_zero = np.log(p), np.log1p(-p)
    return -_times(q, log_one) - _times(1 - q, log_zero) - entropy(Bernoulli(q))


def _times(rate, log):
    """rate * log, where 0 times -inf is 0."""
    with np.errstate(invalid="ignore"):
        return np.where(rate == 0, 0.0, rate * log)


#          derivative of _kl(q, p) with respect to each rate, times g
defvjp(_kl,
       lambda ans, q, p: unbroadcast_f(q, lambda g: g * (np.log(q / p) - np.log((1 - q) / (1 - p)))),
       lambda ans, q, p: unbroadcast_f(p, lambda g: g * (p - q) / (p * (1 - p))))


def entropy(q):
    """H(q) = -rate log rate - (1 - rate) log(1 - rate), in nats per bit; 0 at the rates 0 and 1.

    Eq. (14), §2.4
    """
    with np.errstate(divide="ignore"):
        return -_times(q.rate, np.log(q.rate)) - _times(1 - q.rate, np.log1p(-q.rate))


def log_density(x, q):
    """log q(x), in nats per bit; -inf for a bit that q excludes.

    Table App.1
    """
    x = _bits(x)
    with np.errstate(divide="ignore"):
        return np.log(x * q.rate + (1 - x) * (1 - q.rate))


def forward_entropy(x0, t, schedule, p=0.5):
    """H_q(X_t|X_{t-1}) for X_{t-1} ~ q(x_{t-1}|x_0), in nats per bit, of the shape of x0.

    Eq. (24), §2.6
    The average over x_{t-1} = 0 and 1.
    """
    at_zero, at_one = (entropy(forward(np.full(np.shape(x0), v), t, schedule, p)) for v in (0.0, 1.0))
    return at_zero + marginal(x0, t - 1, schedule, p).rate * (at_one - at_zero)


def perturbed(p, slope):
    """p times a second distribution r, exactly: B(c d / (c d + (1 - c) (1 - d))), c = f_b, slope = log r(1) - log r(0).

    Table App.1
    d = r(1) / (r(0) + r(1)) = sigmoid(slope), so a known bit has slope -inf or inf. The paper prints x d where c d
    is meant. ValueError where r excludes the only value that p allows.
    """
    c, slope = p.rate, checks.numbers("slope", slope)
    with np.errstate(over="ignore"):
        d = 1 / (1 + np.exp(-slope))
        not_d = 1 / (1 + np.exp(slope))
    if np.any((c * d == 0) & ((1 - c) * not_d == 0)):
        raise ValueError("r(x) is zero for the only value that the reverse step allows for some bit")
    return Bernoulli(c * d / (c * d + (1 - c) * not_d))


def conditioned(prior, y, t, schedule, p=0.5):
    """prior(x) q(y|x) / Z and log Z in nats, for y = x after t forward steps, both per bit.

    Where the prior excludes every x that can become y, log Z is -inf and the prior is returned.
    """
    from_zero, from_one = (np.exp(log_density(y, marginal(np.array(v), t, schedule, p))) for v in (0.0, 1.0))
    one, zero = prior.rate * from_one, (1 - prior.rate) * from_zero
    with np.errstate(divide="ignore", invalid="ignore"):
        return Bernoulli(np.where(one + zero > 0, one / (one + zero), prior.rate)), np.log(one + zero)


def with_p(p):
    """This module with π = B(p), 0 < p < 1: the same functions, with the signatures of `gaussian`."""
    if not 0 < p < 1:
        raise ValueError(f"p must lie between 0 and 1; got {p}")
    bound = pi, forward, marginal, posterior, reverse_given_x0, implied_x0, forward_entropy, conditioned
    free = check_data, noise, draw, kl, entropy, log_density, perturbed
    return SimpleNamespace(__name__=f"binomial, p = {p}", p=p, **{f.__name__: f for f in free},
                           **{f.__name__: partial(f, p=p) for f in bound})
