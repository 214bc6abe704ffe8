"""Gaussian data and linear reverse kernels: exact results in closed form."""
import numpy as np

from ..engine import checks
from ..gaussian import Gaussian, conditioned, reverse_given_x0


def gaussian_reverse(schedule, mean=0.0, var=1.0):
    """The exact reverse kernel q(x_{t-1}|x_t) for data N(mean, var), where mean and var are numbers or (D,)."""
    def reverse(x, t):
        data = Gaussian(mean + np.zeros(x.shape), var + np.zeros(x.shape))
        return reverse_given_x0(x, conditioned(data, x, t, schedule)[0], t, schedule)
    return reverse


def linear_chain(slope, var, T_var=1.0):
    """Variances (T + 1,) of x_0..x_T in the chain x_{t-1} = slope_t x_t + N(0, var_t) that starts at x_T ~ N(0, T_var).

    Eq. (17), §2.5.2
    Var(x_{t-1}) = slope_t² Var(x_t) + var_t. slope and var have shape (T + 1,), entry 0 unused.
    """
    slope, var = _steps(slope, var, len(slope) - 1)
    out = np.full(len(slope), float(checks.within("T_var", T_var, 0)))
    for t in range(len(slope) - 1, 0, -1):
        out[t - 1] = slope[t] ** 2 * out[t] + var[t]
    return out


def _steps(slope, var, T):
    slope, var = (checks.over_time(name, a, T) for name, a in (("slope", slope), ("var", var)))
    return slope, np.concatenate([var[:1], checks.within("a variance", var[1:], 0)])


def linear_K(slope, var, schedule, m2=1.0):
    """The bound of Eq. 12 for scalar data of second moment m2 and reverse steps N(slope_t x_t, var_t), in nats.

    Eq. (12), §2.4
    E_q log p(x_T) + sum_{t=1..T} E_q [log p(x_{t-1}|x_t) - log q(x_t|x_{t-1})]: means of Gaussian log densities.
    slope and var have shape (T + 1,), entry 0 unused.
    """
    def cross(second_moment, variance):  # E log N(y; m, variance) when E (y - m)^2 = second_moment
        return -0.5 * (np.log(2 * np.pi * variance) + second_moment / variance)

    (slope, var), m2 = _steps(slope, var, schedule.T), checks.within("m2", m2, 0)
    second = 1 + schedule.alpha_bar * (m2 - 1)                               # E x_t^2
    total = cross(second[-1], 1.0)
    for t in range(1, schedule.T + 1):
        beta = schedule.beta[t]
        product_moment = np.sqrt(1 - beta) * second[t - 1]                   # E x_t x_{t-1}
        error = second[t - 1] - 2 * slope[t] * product_moment + slope[t] ** 2 * second[t]
        total += cross(error, var[t]) - cross(beta, beta)
    return total
