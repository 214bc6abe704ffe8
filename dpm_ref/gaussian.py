"""Gaussian diffusion: the left column of Table App.1. `binomial` is the right one, line for line.

A distribution is a pair Gaussian(mean, var) of independent coordinates. Results are per coordinate, in nats:
sum them over a sample's coordinates for its KL, entropy or log density.

    check_data                        the data that this kernel takes
    noise, draw                       randomness in, sample out
    pi                                where the forward trajectory ends            Eq. (4)
    forward, marginal, posterior      q(x_t|x_{t-1}), q(x_t|x_0), q(x_{t-1}|x_t,x_0)
    reverse_given_x0, implied_x0      p(x_{t-1}|x_t) from p(x_0|x_t), and back
    kl, entropy, log_density          of any of these
    forward_entropy                   H_q(X_t|X_{t-1})                             Eq. (24)
    perturbed                         a reverse step times a second distribution   Eq. (61)
    conditioned                       a distribution of x given what x becomes in t forward steps
"""
from typing import NamedTuple

import autograd.numpy as np
from autograd.extend import defvjp, primitive
from autograd.numpy.numpy_vjps import unbroadcast_f

from .engine import checks
from .schedule import at


class _Gaussian(NamedTuple):
    mean: np.ndarray
    var: np.ndarray


class Gaussian(_Gaussian):
    """N(mean, var), independent coordinates; mean and var broadcast to one shape.

    Whole numbers become floats. ValueError where a number is not finite, a variance is negative, or shapes do not fit.
    """
    __slots__ = ()

    def __new__(cls, mean, var):
        return super().__new__(cls, *checks.mean_and_var(mean, var))


def check_data(x0):
    """The data x0 (N, ...) as floats. ValueError when there are no points or a number is not finite."""
    return checks.points(x0)


def noise(rng, shape):
    """Raw noise for `draw`: standard normal numbers of the given shape, from a numpy Generator."""
    return checks.generator(rng).standard_normal(shape)


def draw(q, noise):
    """The sample of q that this noise makes: mean + sqrt(var) * noise, of the noise's shape."""
    return q.mean + np.sqrt(q.var) * checks.noise(noise, *q)


def pi(x):
    """π = N(0, I), as a distribution of the shape of x.

    Table App.1
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
    return Gaussian(x0 * np.exp(log_alpha_bar / 2), 0 - np.expm1(log_alpha_bar))


def posterior(xt, x0, t, schedule):
    """q(x_{t-1}|x_t,x_0) = N(c0 x_0 + ct x_t, var), by Bayes' rule from `forward` and `marginal`.

    Eq. (48), §B.3
    c0 = sqrt(alpha_bar_{t-1}) beta_t / (1 - alpha_bar_t),
    ct = sqrt(1 - beta_t) (1 - alpha_bar_{t-1}) / (1 - alpha_bar_t),
    var = beta_t (1 - alpha_bar_{t-1}) / (1 - alpha_bar_t), which is 0 at t = 1.
    """
    c0, ct, var = posterior_coefficients(t, schedule, xt)
    return Gaussian(c0 * x0 + ct * xt, var)


def reverse_given_x0(xt, x0, t, schedule):
    """p(x_{t-1}|x_t) when x_0|x_t ~ N(m, v): the average of q(x_{t-1}|x_t,x_0) over x0 = Gaussian(m, v).

    p(x_{t-1}|x_t) = N(c0 m + ct x_t, var + c0² v), with the coefficients of `posterior`.
    """
    c0, ct, var = posterior_coefficients(t, schedule, xt)
    return Gaussian(c0 * x0.mean + ct * xt, var + c0 ** 2 * x0.var)


def implied_x0(step, xt, t, schedule, floor=0.0):
    """The p(x_0|x_t) from which `reverse_given_x0` makes step = p(x_{t-1}|x_t), for t >= 2.

    m = (step.mean - ct x_t) / c0, v = (step.var - var) / c0², but at least `floor`: a step that is narrower than
    q(x_{t-1}|x_t,x_0) is no such average.
    """
    c0, ct, var = posterior_coefficients(t, schedule, xt)
    return Gaussian((step.mean - ct * xt) / c0, np.maximum((step.var - var) / c0 ** 2, floor))


def posterior_coefficients(t, schedule, x):
    """c0, ct and var of `posterior`, shaped to multiply x.

    Eq. (48), §B.3
    """
    beta = at(schedule.beta, t, x)
    log_alpha_bar = at(schedule.log_alpha_bar, np.asarray(t) - 1, x, first=0)     # of t - 1
    before = 0 - np.expm1(log_alpha_bar)                                      # 1 - alpha_bar_{t-1}, not -0.0 at t = 1
    after = beta + (1 - beta) * before                                          # 1 - alpha_bar_t, without cancellation
    return np.exp(log_alpha_bar / 2) * beta / after, np.sqrt(1 - beta) * before / after, beta * before / after


def kl(q, p):
    """D_KL(q || p) = (log(p.var / q.var) + (q.var + (q.mean - p.mean)^2) / p.var - 1) / 2, in nats per coordinate.

    Eq. (14), §2.4
    Infinite where one variance is 0; where both are, it is infinite unless the means are equal, and then 0.
    """
    return _kl(q.mean, q.var, p.mean, p.var)


@primitive
def _kl(q_mean, q_var, p_mean, p_var):
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio, difference = q_var / p_var, q_mean - p_mean
        kl = 0.5 * (ratio - 1 - np.log(ratio) + difference * difference / p_var)
    if np.min(p_var) <= 0:
        same = (checks.within("a variance", p_var, 0) == q_var) & (difference == 0)
        kl = np.where(p_var == 0, np.where(same, 0.0, np.inf), kl)
    return kl


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
    """log q(x), in nats per coordinate; where the variance is 0, inf at the mean and -inf elsewhere.

    Table App.1
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        log_q = -0.5 * (np.log(2 * np.pi * q.var) + (x - q.mean) ** 2 / q.var)
    return np.where(q.var == 0, np.where(x == q.mean, np.inf, -np.inf), log_q) if np.any(q.var == 0) else log_q


def forward_entropy(x0, t, schedule):
    """H_q(X_t|X_{t-1}) for X_{t-1} ~ q(x_{t-1}|x_0), in nats per coordinate, of the shape of x0.

    Eq. (24), §2.6
    A Gaussian step has the same entropy wherever it starts.
    """
    return entropy(forward(x0, t, schedule)) + np.zeros(np.shape(x0))


def perturbed(p, slope):
    """p times a second distribution r, to first order: N(f_mu + f_Sigma slope, f_Sigma), slope = d log r / dx at f_mu.

    Eq. (61), §C
    """
    return Gaussian(p.mean + p.var * slope, p.var)


def conditioned(prior, y, t, schedule):
    """prior(x) q(y|x) / Z and log Z in nats, for y = x after t forward steps, both per coordinate.

    q(y|x) = N(y; a x, s) with a = sqrt(alpha_bar_t), s = 1 - alpha_bar_t. At t = 0, y is x itself.
    """
    log_alpha_bar = at(schedule.log_alpha_bar, t, prior.mean, first=0)
    a, s = np.exp(log_alpha_bar / 2), -np.expm1(log_alpha_bar)
    total = s + a ** 2 * prior.var                                                        # Var(y)
    x = Gaussian((s * prior.mean + a * prior.var * y) / total, s * prior.var / total)
    return x, log_density(y, Gaussian(a * prior.mean, total))
