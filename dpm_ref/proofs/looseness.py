"""How loose the bound K is: the log likelihood itself on data like the two toys.

    enumerated          log p(x_0) of a reverse chain of bits: every state is carried from T to 0
    curve_log_density   log q(x_1) for data on a curve, by quadrature
    flow_log_density    log p(x_1) by the probability-flow equation, started from π
    with_last_step      log p(x_0) from log p(x_1) and the step of Eq. 44

On a curve both densities of x_1 belong to a chain of very many steps with the exact score: the first is its exact time
reversal, which starts from q(x_T), the second starts from π as the model does. For longer sequences and for networks
`likelihood.log_likelihood` averages over paths. All in nats.
"""
import numpy as np

from .. import gaussian
from ..bound import per_point
from ..schedule import noise_to_signal
from ..trajectory import reverse_step
from .entropies import gauss_hermite
from .enumeration import all_states


def enumerated(kernel, reverse, x0, schedule):
    """log p(x_0) for bits x0 (N, D), (N,): the probabilities of all 2^D states, step by step from π to p(x_0).

    Eq. (6), §2.3
    p(x_{t-1}) = sum over x_t of p(x_{t-1}|x_t) p(x_t), the last step by Eq. 44.
    """
    states = all_states(x0.shape[1])
    p = np.exp(per_point(kernel.log_density(states, kernel.pi(states)), 1))
    for t in range(schedule.T, 0, -1):
        q = reverse_step(kernel, reverse, states, t, schedule)
        one, zero = (np.maximum(kernel.log_density(v, q), -1e6) for v in (1.0, 0.0))     # -inf * 0 is nan
        p = p @ np.exp(one @ states.T + zero @ (1 - states).T)
    return np.log(p[np.argmax((x0[:, None] == states).all(axis=2), axis=1)])


def curve_log_density(nodes, x, schedule):
    """log q(x_1) at x (N, D) for data on a curve, (N,); nodes(std) as in `best_possible.best_gaussian`."""
    half = schedule.log_alpha_bar[1] / 2
    return moments_given(nodes, x * np.exp(-half), noise_to_signal(schedule)[1])[0] - x.shape[1] * half


def flow_log_density(nodes, x, schedule, steps=60):
    """log p(x_1) at x (N, D) when dx follows the exact score from x_T ~ π, for data on a curve, (N,).

    With y = x / sqrt(alpha_bar) and s the log of the noise's standard deviation in y, dy/ds = y - E[x_0|y], and log p
    falls at the rate of the divergence, D - tr Cov(x_0|y) / exp(2 s). Runge-Kutta of order 4 in s, from t = 1 to T.
    ValueError for beta_T = 1, where s has no end.
    """
    half, s = schedule.log_alpha_bar / 2, 0.5 * np.log(noise_to_signal(schedule)[[1, -1]])
    if not np.isfinite(s[1]):
        raise ValueError("the flow needs beta_T < 1, so that some signal is left at T, as in schedule.geometric; here "
                         f"alpha_bar_T = {schedule.alpha_bar[-1]:.4g}")
    y, log_p, h = x * np.exp(-half[1]), 0.0, (s[1] - s[0]) / steps

    def slope(y, s):
        _, mean, spread = moments_given(nodes, y, np.exp(2 * s))
        return y - mean, y.shape[1] - spread * np.exp(-2 * s)

    for now in s[0] + h * np.arange(steps):
        a, da = slope(y, now)
        b, db = slope(y + h / 2 * a, now + h / 2)
        c, dc = slope(y + h / 2 * b, now + h / 2)
        d, dd = slope(y + h * c, now + h)
        y, log_p = y + h / 6 * (a + 2 * b + 2 * c + d), log_p + h / 6 * (da + 2 * db + 2 * dc + dd)
    xT = y * np.exp(half[-1])
    return log_p + per_point(gaussian.log_density(xT, gaussian.pi(xT)), 1) + x.shape[1] * (half[-1] - half[1])


def moments_given(nodes, y, var, chunk=2**22):
    """For y = x_0 + N(0, var), y (N, D), x_0 on a curve: log density of y (N,), E[x_0|y] (N, D), tr Cov(x_0|y) (N,)."""
    points, weights = nodes(np.sqrt(var))
    square, parts = np.sum(points ** 2, axis=1), []
    for part in np.array_split(y, 1 + len(y) * len(points) // chunk):
        log_q = np.log(weights) - 0.5 / var * (np.sum(part ** 2, axis=1)[:, None] - 2 * part @ points.T + square)
        top = log_q.max(axis=1)
        q = np.exp(log_q - top[:, None])
        total = q.sum(axis=1)
        mean = q @ points / total[:, None]
        log_density = top + np.log(total) - 0.5 * y.shape[1] * np.log(2 * np.pi * var)
        parts.append((log_density, mean, q @ square / total - np.sum(mean ** 2, axis=1)))
    return [np.concatenate(a) for a in zip(*parts)]


def with_last_step(log_density, x0, schedule, order=10):
    """log p(x_0) at x0 (N, D) from log_density(x_1) = log p(x_1) and p(x_0|x_1) = T_π(x_0|x_1; beta_1), (N,).

    Eq. (44), §B.2
    p(x_0) = E [p(x_1) π(x_0) / π(x_1)] over q(x_1|x_0), by Gauss-Hermite quadrature of the given order.
    """
    z, w = gauss_hermite(order, x0.shape[1])
    x1 = gaussian.draw(gaussian.marginal(x0[:, None], 1, schedule), z + np.zeros((len(x0), 1, 1)))   # (N, order^D, D)
    flat = x1.reshape(-1, x0.shape[1])
    log_w = (log_density(flat) - per_point(gaussian.log_density(flat, gaussian.pi(flat)), 1)).reshape(len(x0), -1)
    top = log_w.max(axis=1)
    return top + np.log(np.exp(log_w - top[:, None]) @ w) + per_point(gaussian.log_density(x0, gaussian.pi(x0)), 1)
