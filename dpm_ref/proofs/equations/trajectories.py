"""Both sides of Eqs. 1-5 and 44: the two chains."""
import numpy as np

from ... import binomial, gaussian, schedule, trajectory
from .small import S, Sides, kernel, vector


def stationary():
    """∫ T_π(y|y′) π(y′) dy′ with gaussian.forward, for a bit with binomial.forward, against π itself:

    (1) §2.1 π(y) = ∫ dy′ T_π(y|y′; β) π(y′)
    """
    y, grid = np.array([0.5, 2.0]), np.linspace(-12, 12, 2401)
    integrand = gaussian.log_density(y[:, None], gaussian.forward(grid, 2, S))
    integrand = integrand + gaussian.log_density(grid, gaussian.pi(grid))
    bits = kernel().pi(np.zeros(2)).rate[0], kernel().forward(np.array([0.0, 1.0]), 2, S).rate
    ours = [*np.exp(integrand).sum(axis=1) * 0.01, (1 - bits[0]) * bits[1][0] + bits[0] * bits[1][1]]
    return Sides(ours, [*np.exp(gaussian.log_density(y, gaussian.pi(y))), 0.25])


def forward():
    """gaussian.forward (mean, variance) and binomial.forward (rate), against the kit's vectors of 50 digits:

    (2) §2.1 q(x⁽ᵗ⁾|x⁽ᵗ⁻¹⁾) = T_π(x⁽ᵗ⁾|x⁽ᵗ⁻¹⁾; β_t)
    """
    given, right = vector("gaussian.forward/erased-first")
    q = gaussian.forward(np.array(given["x"]), given["t"], schedule.from_beta(given["beta"][1:]))
    bits, rates = vector("binomial.forward/erased-first-p0.2")
    rate = binomial.with_p(0.2).forward(np.array(bits["x"]), bits["t"], schedule.from_beta(bits["beta"][1:])).rate
    return Sides([q.mean[0, 0], np.broadcast_to(q.var, q.mean.shape)[0, 0], rate[0, 1]],
                 [right["mean"][0][0], right["var"][0][0], rates["rate"][0][1]])


def forward_chain():
    """gaussian.marginal (mean, variance) and binomial.marginal (rate), against three forward steps one by one:

    (3) §2.1 q(x⁽⁰··ᵀ⁾) = q(x⁽⁰⁾) Π_{t=1..T} q(x⁽ᵗ⁾|x⁽ᵗ⁻¹⁾)
    """
    q, mean, var, rate = gaussian.marginal(2.0, 3, S), 2.0, 0.0, 1.0
    for t in 1, 2, 3:
        step, slope = gaussian.forward(mean, t, S), gaussian.forward(1.0, t, S).mean
        mean, var, rate = step.mean, step.var + slope ** 2 * var, kernel().forward(rate, t, S).rate
    return Sides([q.mean, q.var, kernel().marginal(1.0, 3, S).rate], [mean, var, rate])


def start():
    """The mean square of 10,000 draws of trajectory.start, that of 10,000 bits, against those of π = N(0, 1), B(0.25):

    (4) §2.2 p(x⁽ᵀ⁾) = π(x⁽ᵀ⁾)
    """
    rng = np.random.default_rng(0)
    squares = [trajectory.start(k, rng, (10_000, 1)) ** 2 for k in (gaussian, kernel())]
    return Sides([np.mean(x) for x in squares], [1, 0.25], np.array([np.std(x) / 100 for x in squares]))


def reverse_chain():
    """The last x_t and t of trajectory.reverse_trajectory with linear steps, against a sum over its noises and t = 0:

    (5) §2.2 p(x⁽⁰··ᵀ⁾) = p(x⁽ᵀ⁾) Π_{t=1..T} p(x⁽ᵗ⁻¹⁾|x⁽ᵗ⁾)
    """
    z, std = np.array([0.3, -1.2, 0.8, 0.5, 2.0]), np.sqrt(S.beta)           # z[t] makes x_{t-1}; x_T = 2 stands at 0
    slope = np.array([1, np.sqrt(0.9), 0.8, 0.7, 0.6])

    def reverse(x, t):
        return gaussian.Gaussian(slope[t] * x, S.beta[t])
    *_, (t, x0) = trajectory.reverse_trajectory(gaussian, reverse, np.array([[2.0]]), S, z[:0:-1, None, None])
    before = np.cumprod(slope)[:-1]                                          # of the steps below t, t = 1..T
    return Sides([x0[0, 0], t], [np.prod(slope) * 2.0 + np.sum(before * std[1:] * z[1:]), 0])


def last_step():
    """log p(x_0|x_1) of trajectory.reverse_step, against log q(x_1|x_0) + log π(x_0) - log π(x_1):

    (44) §B.2 p(x⁽⁰⁾|x⁽¹⁾) = q(x⁽¹⁾|x⁽⁰⁾) π(x⁽⁰⁾) / π(x⁽¹⁾) = T_π(x⁽⁰⁾|x⁽¹⁾; β_1)
    """
    def reverse(x, t):
        return gaussian.Gaussian(0.5 * x, 0.5)

    def log_pi(x):
        return gaussian.log_density(x, gaussian.pi(x))
    x0, x1 = np.array([0.5, 2.0]), np.array([1.0, -0.3])
    ours = gaussian.log_density(x0, trajectory.reverse_step(gaussian, reverse, x1, 1, S))
    return Sides(ours, gaussian.log_density(x1, gaussian.forward(x0, 1, S)) + log_pi(x0) - log_pi(x1))
