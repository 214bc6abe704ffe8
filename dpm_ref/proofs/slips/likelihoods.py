"""Slips about the log likelihood and its bound (paper, sections 2.3, 2.4 and 4, and appendix B)."""
import numpy as np

from .. import best_possible, closed_form, entropies, enumeration, limits
from ... import binomial, entropy, gaussian
from ...bound import L_null, bits
from ...data import toys
from ...schedule import constant_erasure, from_beta, geometric


def moments(m2=4.0, beta=(0.1, 0.2, 0.3)):
    """Eq. 14 is off by (alpha_bar_T + beta_1) (m2 - 1) / 2 nats per dimension for data of second moment m2.

    K of Eq. 14 and the bound of Eq. 12 in closed form, with the forward kernel as the reverse kernel. The KL terms need
    E (c0 x_0 + ct x_t - slope x_t)^2, which follows from the second moments of x_0 and x_t.
    """
    schedule, K = from_beta(beta), 0.0
    slope = np.sqrt(1 - schedule.beta)
    for t in range(2, schedule.T + 1):
        c0, ct, var = gaussian.posterior_coefficients(t, schedule, np.zeros(1))
        ab, step = schedule.alpha_bar[t], schedule.beta[t]
        miss = c0 ** 2 * m2 + 2 * c0 * (ct - slope[t]) * np.sqrt(ab) * m2 + (ct - slope[t]) ** 2 * (1 + ab * (m2 - 1))
        K -= 0.5 * (np.log(step / var) + (var + miss) / step - 1)
    H_T, H_1, H_p = (0.5 * np.log(2 * np.pi * np.e * v) for v in (1 - schedule.alpha_bar[-1], schedule.beta[1], 1.0))
    right = closed_form.linear_K(slope, schedule.beta, schedule, m2)
    return {"K of Eq. 14": float(K + H_T - H_1 - H_p), "bound of Eq. 12": float(right),
            "difference": float(right - (K + H_T - H_1 - H_p)),
            "-(alpha_bar_T + beta_1)(m2 - 1)/2": float(-(schedule.alpha_bar[-1] + schedule.beta[1]) * (m2 - 1) / 2)}


def noise_free_curve(T=40, exponents=(3, 4, 5, 6)):
    """The best K of all kernels has no limit on a curve without noise: each tenth of beta_1 adds log2(10) / 2 bits.

    The highest K of any reverse kernel on the swiss roll, H(X_T) - H(X_1) - H_p(X_T), in bits per sample. Diagonal
    steps gain less from each tenth, and nothing in the end if T is fixed: their highest K for T = 2.
    """
    def best(beta_1):
        schedule = geometric(T, beta_1)
        ratios, centres = (schedule.alpha_bar, schedule.one_minus_alpha_bar), toys.roll_centres(100)
        H_1, H_T = (entropies.mixture_entropy(toys.roll_nodes, *(a[t] for a in ratios), 8, centres) for t in (1, T))
        return float(bits(H_T - H_1 - np.log(2 * np.pi * np.e)))

    def diagonal(beta_1):
        return float(bits(limits.curve(toys.roll_nodes, toys.roll_centres(60), geometric(2, beta_1)).independent))

    found = {f"best K, beta_1 = 1e-{n}": best(10.0 ** -n) for n in exponents}
    values = list(found.values())
    found |= {"added by the last tenth of beta_1": values[-1] - values[-2], "log2(10)/2": float(np.log2(10) / 2)}
    return found | {f"diagonal steps, T = 2, beta_1 = 1e-{n}": diagonal(10.0 ** -n) for n in exponents}


def quasi_static(numbers=(2, 20, 200)):
    """No number of steps makes the forward chain quasi-static. For its exact time reversal L = K.

    The entropy that all forward steps produce on heartbeat is D(q(x_0) || π), in bits, for every T. Then data 0101 or
    1010 with T = 3: the range of the log weights of all paths, in nats, for the exact reversal (Anderson 1982) and for
    the best reverse kernel of independent bits.
    """
    kernel, states = binomial.with_p(0.2), best_possible.heartbeat_states()

    def produced(T):
        H = entropies.sequences(kernel, toys.HEARTBEAT, constant_erasure(T), *states)
        return float(bits(np.sum(entropy.production(kernel, toys.HEARTBEAT, constant_erasure(T), H))))

    distance = -np.log(5) - L_null(kernel, toys.HEARTBEAT)[0]
    return {**{f"entropy produced, T = {T}": produced(T) for T in numbers}, "D(q(x_0) || π)": float(bits(distance)),
            **ranges_of_log_weights(constant_erasure(3))}


def ranges_of_log_weights(schedule):
    """Largest minus smallest log weight of all paths from 0101, in nats, for two reverse kernels."""
    kernel, states = binomial.with_p(0.5), enumeration.all_states(4)
    q0 = np.isin(np.arange(16), (5, 10)) / 2                                 # 0101 and 1010
    forward = enumeration.forward_matrices(kernel, states, schedule)
    q = [q0]
    for matrix in forward[1:]:
        q.append(q[-1] @ matrix)
    exact = [np.eye(16)] + [(matrix * a[:, None] / b).T for matrix, a, b in zip(forward[1:], q, q[1:])]
    best = best_possible.best_bits(kernel, states[[5, 10]], schedule)
    paths = enumeration.path_probabilities(q0, forward, "forward")[5] / q0[5]

    def spread(reverse):
        weights = enumeration.path_probabilities(np.full(16, 1 / 16), reverse, "reverse")[5] / paths
        return float(np.ptp(np.log(weights)))
    return {"range of log weights, exact reversal": spread(exact),
            "range of log weights, bit by bit": spread(enumeration.reverse_matrices(kernel, best, states, schedule))}


def single_paths(exponents=(3, 4, 5, 6)):
    """Probabilities are estimated, not evaluated: on a curve the log weight of a path varies even for the best p.

    Variance of the log weight over the paths from one x_0, in nats squared, averaged along the roll, for each beta_1.
    Every step but the last one, Eq. 44, is the exact time reversal, and q(x_T) = π: the weight is then q(x_1)
    π(x_0)/π(x_1). The variance tends to 1/2 for each direction across the curve.
    """
    def variance(beta_1, order=6):
        total, z = 0.0, entropies.gauss_hermite(order, 2)[0]
        centres = toys.roll_centres(100)
        parts = entropies.around(toys.roll_nodes, centres, 1 - beta_1, beta_1, order)
        for (share, _, q), centre in zip(parts, centres[0]):
            x_1 = np.sqrt(1 - beta_1) * centre + np.sqrt(beta_1) * z
            log_w = np.log(q.sum(axis=1)) + 0.5 * np.sum(x_1 ** 2, axis=1)
            total += share @ (log_w - share @ log_w / np.sum(share)) ** 2
        return float(total)
    found = {f"variance, beta_1 = 1e-{n}": variance(10.0 ** -n) for n in exponents}
    return {**found, "1/2 for each direction across": 0.5}
