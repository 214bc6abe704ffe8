"""Gaussian diffusion: the left column of Table App.1. `binomial` is the right one, line for line.

A distribution is a pair Gaussian(mean, var) of independent coordinates. Results are per coordinate, in nats:
sum them over a sample's coordinates for its KL, entropy or log density.

    noise, draw                       randomness in, sample out
    pi                                where the forward trajectory ends            Eq. (4)
    forward, marginal, posterior      q(x_t|x_{t-1}), q(x_t|x_0), q(x_{t-1}|x_t,x_0)
    kl, entropy, log_density          of any of these
    perturbed                         a reverse step times a second distribution   Eq. (61)
"""
from typing import NamedTuple

import autograd.numpy as np
from autograd.extend import defvjp, primitive
from autograd.numpy.numpy_vjps import unbroadcast_f

from .schedule import at


class Gaussian(NamedTuple):
    """N(mean, var), independent coordinates; mean and var broadcast to one shape.

    Table App.1
    """
    mean: np.ndarray
    var: np.ndarray


def noise(rng, shape):
    """Raw noise for `draw`: standard normal numbers of the given shape, from a numpy Generator."""
    return rng.standard_normal(shape)


def draw(q, noise):
    """The sample of q that this noise makes: mean + sqrt(var) * noise, of the noise's shape.

    text, §2.4.1
    """
    return q.mean + np.sqrt(q.var) * noise


def pi(x):
    """π = N(0, I), as a distribution of the shape of x.

    Eq. (4), §2.2
    """
    return Gaussian(np.zeros(np.shape(x)), np.ones(np.shape(x)))


def forward(x, t, schedule):
    """q(x_t|x_{t-1}) = N(x_{t-1} sqrt(1 - beta_t), beta_t I) at x = x_{t-1}; it keeps π.

    Eqs. (1) and (2), §2.1
    """
    beta = at(schedule.beta, t, x)
    return Gaussian(x * np.sqrt(1 - beta), beta)


def marginal(x0, t, schedule):
    """q(x_t|x_0) = N(sqrt(alpha_bar_t) x_0, 1 - alpha_bar_t): t forward steps at once, t = 0 included.

    Eq. (3), §2.1
    """
    log_alpha_bar = at(schedule.log_alpha_bar, t, x0, first=0)
    return Gaussian(x0 * np.exp(log_alpha_bar / 2), -np.expm1(log_alpha_bar))


def posterior(xt, x0, t, schedule):
    """q(x_{t-1}|x_t,x_0) = N(c0 x_0 + ct x_t, var), by Bayes' rule from `forward` and `marginal`.

    Eq. (48), §B.3
    c0 = sqrt(alpha_bar_{t-1}) beta_t / (1 - alpha_bar_t), ct = sqrt(1 - beta_t) (1 - alpha_bar_{t-1}) / (1 - alpha_bar_t),
    var = beta_t (1 - alpha_bar_{t-1}) / (1 - alpha_bar_t), which is 0 at t = 1.
    """
    c0, ct, var = posterior_coefficients(t, schedule, xt)
    return Gaussian(c0 * x0 + ct * xt, var)


def mixed_posterior(xt, x0, t, schedule):
    """∫ q(x_{t-1}|x_t,x_0) x0(x_0) dx_0, the reverse step of one who takes x_0 for x0, a Gaussian.

    Eq. (48), §B.3
    """
    c0, ct, var = posterior_coefficients(t, schedule, xt)
    return Gaussian(c0 * x0.mean + ct * xt, var + c0 ** 2 * x0.var)


def implied_x0(p, xt, t, schedule):
    """What a reverse step p(x_{t-1}|x_t) takes x_0 for: `mixed_posterior` solved for its x0. Needs t >= 2.

    Eq. (48), §B.3
    """
    c0, ct, var = posterior_coefficients(t, schedule, xt)
    return Gaussian((p.mean - ct * xt) / c0, (p.var - var) / c0 ** 2)


def posterior_coefficients(t, schedule, x):
    """c0, ct and var of `posterior`, shaped to multiply x.

    Eq. (48), §B.3
    """
    beta = at(schedule.beta, t, x)
    log_alpha_bar = at(schedule.log_alpha_bar, np.asarray(t) - 1, x, first=0)     # of t - 1
    before = -np.expm1(log_alpha_bar)                                             # 1 - alpha_bar_{t-1}
    after = beta + (1 - beta) * before                                            # 1 - alpha_bar_t, without cancellation
    return np.exp(log_alpha_bar / 2) * beta / after, np.sqrt(1 - beta) * before / after, beta * before / after


def kl(q, p):
    """D_KL(q || p) = (log(p.var / q.var) + (q.var + (q.mean - p.mean)^2) / p.var - 1) / 2, in nats per coordinate.

    Eq. (14), §2.4
    """
    return _kl(q.mean, q.var, p.mean, p.var)


@primitive
def _kl(q_mean, q_var, p_mean, p_var):
    ratio, difference = q_var / p_var, q_mean - p_mean
    with np.errstate(divide="ignore"):
        return 0.5 * (ratio - 1 - np.log(ratio) + difference * difference / p_var)


#          derivative of _kl(q_mean, q_var, p_mean, p_var) with respect to each argument, times g
defvjp(_kl,
       lambda ans, q_mean, q_var, p_mean, p_var: unbroadcast_f(q_mean, lambda g: g * (q_mean - p_mean) / p_var),
       lambda ans, q_mean, q_var, p_mean, p_var: unbroadcast_f(q_var, lambda g: g * 0.5 * (1 / p_var - 1 / q_var)),
       lambda ans, q_mean, q_var, p_mean, p_var: unbroadcast_f(p_mean, lambda g: g * (p_mean - q_mean) / p_var),
       lambda ans, q_mean, q_var, p_mean, p_var: unbroadcast_f(
           p_var, lambda g: g * 0.5 * (p_var - q_var - (q_mean - p_mean) ** 2) / p_var ** 2))


def entropy(q):
    """H(q) = log(2 pi e var) / 2, in nats per coordinate.

    Eq. (14), §2.4
    """
    with np.errstate(divide="ignore"):
        return 0.5 * np.log(2 * np.pi * np.e * q.var)


def log_density(x, q):
    """log q(x), in nats per coordinate.

    Table App.1
    """
    return -0.5 * (np.log(2 * np.pi * q.var) + (x - q.mean) ** 2 / q.var)


def perturbed(p, slope):
    """p times a second distribution r, to first order: N(f_mu + f_Sigma slope, f_Sigma), slope = d log r / dx at f_mu.

    Eq. (61), §C
    """
    return Gaussian(p.mean + p.var * slope, p.var)
