"""Slips about a single step and about the end distribution (paper, sections 2.1, 2.2, B.2 and D)."""
import numpy as np

from .. import closed_form, limits
from ... import binomial
from ...bound import L_null, bits
from ...data import toys
from ...schedule import constant_erasure, from_beta, geometric


def heartbeat_prior():
    """The heartbeat's π is B(0.2), as §D.1.2 says and Table 1 confirms; Table App.1 prints B(0.5) for all bits.

    L_null in bits per sequence: as Table 1 implies it, and log π of a heartbeat sequence for p = 0.2 and 0.5. Then the
    rate of a bit of rate 0.2 after one step of beta = 0.1, for the kernel that keeps B(0.2) and for that of Table
    App.1.
    """
    def null(p):
        return bits(L_null(binomial.with_p(p), toys.HEARTBEAT)[0])

    def step(p):
        return binomial.forward(np.array(0.2), 1, from_beta([0.1]), p).rate

    return {"L_null implied by Table 1": -2.414 - 12.024, "L_null, p = 0.2": null(0.2), "L_null, p = 0.5": null(0.5),
            "rate 0.2 after a step, p = 0.2": float(step(0.2)), "rate 0.2 after a step, p = 0.5": float(step(0.5))}


def small_steps(numbers=(40, 400, 4000, 40_000)):
    """Small beta_t does not make diagonal steps enough, nor Gaussian steps where beta_2 is far larger than beta_1.

    With beta_t = 1/(T - t + 1), step 2 doubles the variance of the noise, however large T is. First the bits that
    diagonal steps lose on a line at 45 degrees, for two schedules; full covariance loses nothing there. Then the bits
    that diagonal and full-covariance steps lose on the roll with the first schedule. Last the highest K on the roll of
    diagonal, full-covariance and all reverse kernels, for beta = 1/linspace(T, 2, T) with beta_1 = 6e-6 and T = 40.
    """
    def loss(schedule):
        noise, line = schedule.one_minus_alpha_bar, 1 + schedule.alpha_bar               # Var(x_t) across and along
        across, along = noise[1:-1] / noise[2:], line[1:-1] / line[2:]  # variances of reverse steps, over beta_t
        return float(bits(0.5 * np.sum(np.log((across + along) ** 2 / (4 * across * along)))))

    def roll(schedule):
        found = limits.curve(toys.roll_nodes, toys.roll_centres(40), schedule)
        return [float(bits(K)) for K in (found.independent, found.correlated, found.any_kernel)]

    found = {f"{name}, T = {T}": loss(schedule(T)) for T in numbers for name, schedule in
             (("1/(T - t + 1)", constant_erasure), ("geometric, beta_1 = 1e-3", lambda T: geometric(T, 1e-3)))}
    found["log2(4/π)/2"] = float(np.log2(4 / np.pi) / 2)
    for T in 40, 80:
        diagonal, full, best = roll(constant_erasure(T))
        found[f"roll, diagonal loses, T = {T}"] = best - diagonal
        found[f"roll, full covariance loses, T = {T}"] = best - full
    kinds = "diagonal", "full covariance", "any kernel"
    linear = from_beta(np.append(6e-6, 1 / np.linspace(40, 2, 40)[1:]))
    return found | {f"roll, small beta_1, {kind}": K for kind, K in zip(kinds, roll(linear))}


def detailed_balance(beta=0.1):
    """Eq. 44's last equality, q(x_1|x_0) π(x_0)/π(x_1) = T_π(x_0|x_1), needs detailed balance; Eq. 1 is not enough.

    Three states in a cycle: with probability beta a step goes from each to the next. The kernel keeps the uniform π.
    Both sides for x_0 = 0 and x_1 = 1, for the cycle and for the binomial kernel of π = B(0.2).
    """
    def sides(kernel, pi):   # kernel[x, y]: from x to y
        return {"change of π in a step": np.max(np.abs(pi @ kernel - pi)), "left side": kernel[0, 1] * pi[0] / pi[1],
                "right side": kernel[1, 0]}

    cycle = (1 - beta) * np.eye(3) + beta * np.roll(np.eye(3), 1, axis=1)
    one = binomial.forward(np.array([0.0, 1.0]), 1, from_beta([beta]), 0.2).rate
    both = {"cycle": (cycle, np.full(3, 1 / 3)), "B(0.2)": (np.stack([1 - one, one], axis=1), np.array([0.8, 0.2]))}
    return {f"{name}, {what}": float(value) for name, case in both.items() for what, value in sides(*case).items()}


def last_step_noise(beta_1=0.01, data_var=1e-6, T=40):
    """The last step adds noise (Eq. 44): samples are wider than data of variance v, by beta_1 (2 - beta_1) (1 - v).

    Variance of x_0 for data N(0, data_var) and exact reverse kernels: with the exact last step, with that of Eq. 44,
    and with the mean of Eq. 44 alone.
    """
    schedule = geometric(T, beta_1)
    v = 1 + schedule.alpha_bar * (data_var - 1)
    before = np.concatenate([[1.0], v[:-1]])                                             # v_{t-1}
    slope, var = np.sqrt(1 - schedule.beta) * before / v, schedule.beta * before / v

    def drawn(slope_1, var_1):
        ends = [np.concatenate([a[:1], [b], a[2:]]) for a, b in ((slope, slope_1), (var, var_1))]
        return float(closed_form.linear_chain(*ends, T_var=v[-1])[0])

    keep, wider = np.sqrt(1 - beta_1), beta_1 * (2 - beta_1) * (1 - data_var)
    return {"data": data_var, "exact last step": drawn(slope[1], var[1]), "Eq. 44": drawn(keep, beta_1),
            "mean of Eq. 44": drawn(keep, 0.0), "data + beta_1 (2 - beta_1) (1 - v)": data_var + wider}


def image_mean(T=5):
    """Eq. 65 with z = 0 has the mean (1 - beta) x; the reverse of the forward kernel, for white data, sqrt(1 - beta) x.

    K - L_null in nats per dimension for white data, z = 0 and Sigma = beta, with either mean for t = 2..T and the last
    step of Eq. 44; for T steps and for ten times as many.
    """
    def gain(mean, T):
        schedule = constant_erasure(T)
        slope = mean(schedule.beta)
        slope[1] = np.sqrt(1 - schedule.beta[1])
        null = -0.5 * np.log(2 * np.pi * np.e)
        return float(closed_form.linear_K(slope, schedule.beta, schedule) - null)

    means = {"(1 - beta) x": lambda beta: 1 - beta, "sqrt(1 - beta) x": lambda beta: np.sqrt(1 - beta)}
    return {f"{name}, T = {n}": gain(mean, n) for n in (T, 10 * T) for name, mean in means.items()}
