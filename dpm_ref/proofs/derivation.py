"""The paper's derivations, line by line, on a chain so small that all its paths can be listed.

    chain, over, mean_log, entropy    a binomial chain as two tables, with one axis for each of x_0 .. x_T
    likelihood, jarzynski, stepwise   §2.3: p(x_0) in three ways                      Eqs. 6-11
    line_38 .. line_51                appendix B: every form of the bound             Eqs. 37-51
    modified, equilibrium             §2.5.2: conditions on the perturbed kernel      Eqs. 16-22
    line_53 .. line_60                appendix C: a Gaussian times r(y)               Eqs. 52-61

Each line is computed by itself, so that the two sides of every "=" can be compared. A conditional distribution is a
quotient of sums over paths: nothing here uses the formulas of the rest of the package.
"""
from typing import NamedTuple

import numpy as np

from . import enumeration


class Chain(NamedTuple):
    """All paths of a small binomial chain. S is the number of states."""
    q: np.ndarray   # q(x_0..x_T), one axis of S states for each time
    p: np.ndarray   # p(x_0..x_T), likewise
    pi: np.ndarray  # π(x), (S,)


def chain(kernel, reverse, schedule, q0, D):
    """The Chain of data with probabilities q0 (2^D,), for a forward and a reverse kernel; the last step is Eq. 44.

    Eqs. (3) and (5), §2.1
    """
    x = enumeration.all_states(D)
    pi = np.exp(np.sum(kernel.log_density(x, kernel.pi(x)), axis=1))
    q = enumeration.path_probabilities(np.asarray(q0), enumeration.forward_matrices(kernel, x, schedule), "forward")
    p = enumeration.path_probabilities(pi, enumeration.reverse_matrices(kernel, reverse, x, schedule), "reverse")
    return Chain(q, p, pi)


def over(joint, *times):
    """The distribution of x at the given times, in rising order: the joint distribution summed over all other times."""
    if not set(times) <= set(range(joint.ndim)) or len(set(times)) < len(times):
        raise ValueError(f"times must be different whole numbers in 0..{joint.ndim - 1}; got {times}")
    return joint.sum(axis=tuple(i for i in range(joint.ndim) if i not in times))


def mean_log(weight, ratio):
    """sum weight log ratio over all entries; entries of weight 0 count 0."""
    weight, ratio = np.broadcast_arrays(weight, ratio)
    some = weight > 0
    return np.sum(weight[some] * np.log(ratio[some]))


def entropy(joint, of, given=None):
    """H(X_of | X_given), or H(X_of) where nothing is given, in nats."""
    if given is None:
        return -mean_log(over(joint, of), over(joint, of))
    if of == given:
        return 0.0
    both, axis = over(joint, of, given), int(of > given)
    return -mean_log(both, both / both.sum(axis=axis, keepdims=True).clip(1e-300))


def likelihood(c):
    """L = sum over x_0 of q(x_0) log p(x_0), in nats.

    Eqs. (6) and (10), §2.3
    """
    return mean_log(over(c.q, 0), over(c.p, 0))


def jarzynski(c):
    """p(x_0) as the average of p(x_0..x_T) / q(x_1..x_T|x_0) over q(x_1..x_T|x_0), (S,).

    Eqs. (7) and (8), §2.3
    nan where q(x_0) = 0: the table has no path from there.
    """
    given = paths_given_x0(c)
    return np.sum(given * np.where(given > 0, c.p / np.where(given > 0, given, 1), 0), axis=tuple(range(1, c.q.ndim)))


def stepwise(c):
    """The same average with both chains written as products of their steps, (S,); nan where q(x_0) = 0.

    Eqs. (9) and (11), §2.3
    """
    T = c.q.ndim - 1
    given, weight = paths_given_x0(c), over(c.p, T)                                      # p(x_T), on the last axis
    for t in range(1, T + 1):
        weight = weight * spread(reverse_conditional(c, t) / forward_conditional(c, t), t - 1, T + 1)
    return np.sum(given * weight, axis=tuple(range(1, T + 1)))


def paths_given_x0(c):
    """q(x_1..x_T|x_0), one axis for each of x_0..x_T; nan where q(x_0) = 0."""
    with np.errstate(invalid="ignore"):
        return c.q / c.q.sum(axis=tuple(range(1, c.q.ndim)), keepdims=True)


def forward_conditional(c, t):
    """q(x_t|x_{t-1}), (S, S) with x_{t-1} first; nan where q(x_{t-1}) = 0."""
    both = over(c.q, t - 1, t)
    with np.errstate(invalid="ignore"):
        return both / both.sum(axis=1, keepdims=True)


def reverse_conditional(c, t):
    """p(x_{t-1}|x_t), (S, S) with x_{t-1} first."""
    both = over(c.p, t - 1, t)
    return both / both.sum(axis=0, keepdims=True)


def spread(pair, first, axes):
    """A function of (x_first, x_{first+1}), given as a table, as an array with one axis for each of `axes` times."""
    return pair.reshape((1,) * first + pair.shape + (1,) * (axes - first - 2))


def line_38(c):
    """K = E_q log[ p(x_T) prod_t p(x_{t-1}|x_t) / q(x_t|x_{t-1}) ], as one average over paths.

    Eqs. (37)-(39) and (12), §B
    """
    given = paths_given_x0(c)
    return mean_log(c.q, c.p / np.where(given > 0, given, 1))


def ratios(c, first):
    """sum_{t=first..T} E_q log[ p(x_{t-1}|x_t) / q(x_t|x_{t-1}) ].

    Eq. (40), §B.1
    """
    return sum(mean_log(over(c.q, t - 1, t), reverse_conditional(c, t) / forward_conditional(c, t))
               for t in range(first, c.q.ndim))


def line_41(c):
    """The factor p(x_T) taken out of the average: the sum over t plus E_q log π(x_T).

    Eqs. (40) and (41), §B.1
    """
    return ratios(c, 1) + mean_log(over(c.q, c.q.ndim - 1), c.pi)


def line_43(c):
    """E_q log π(x_T) replaced by -H_p(X_T), which is equal for data with the moments of π.

    Eqs. (42) and (43), §B.1
    """
    return ratios(c, 1) + mean_log(c.pi, c.pi)


def line_45(c):
    """The last reverse step replaced by q(x_1|x_0) π(x_0) / π(x_1), in the term of t = 1.

    Eqs. (44) and (45), §B.2
    """
    q1 = forward_conditional(c, 1)
    edge = mean_log(over(c.q, 0, 1), q1 / q1 * c.pi[:, None] / c.pi)
    return ratios(c, 2) + edge + mean_log(c.pi, c.pi)


def line_46(c):
    """The term of t = 1 left out: it is 0 if log π has the same mean at t = 0 and at t = 1.

    Eq. (46), §B.2
    """
    return ratios(c, 2) + mean_log(c.pi, c.pi)


def line_47(c):
    """q(x_t|x_{t-1}) written as q(x_t|x_{t-1},x_0), which is equal because the chain is Markov.

    Eq. (47), §B.3
    """
    total = mean_log(c.pi, c.pi)
    for t in range(2, c.q.ndim):
        three = over(c.q, 0, t - 1, t)
        total += mean_log(three, reverse_conditional(c, t)
                          * three.sum(axis=2, keepdims=True) / np.where(three > 0, three, 1))
    return total


def line_48(c):
    """Bayes' rule put in: 1 / q(x_t|x_{t-1},x_0) = q(x_{t-1}|x_0) / (q(x_{t-1}|x_t,x_0) q(x_t|x_0)).

    Eq. (48), §B.3
    """
    total = mean_log(c.pi, c.pi)
    for t in range(2, c.q.ndim):
        before, after = given_x0(c, t - 1)[:, :, None], given_x0(c, t)[:, None, :]
        total += mean_log(over(c.q, 0, t - 1, t), reverse_conditional(c, t) / posterior(c, t) * before / after)
    return total


def line_49(c):
    """The mean logs of q(x_t|x_0) written as entropies: the sum over t gains H(X_t|X_0) - H(X_{t-1}|X_0).

    Eq. (49), §B.4
    """
    steps = range(2, c.q.ndim)
    entropies = sum(entropy(c.q, t, 0) - entropy(c.q, t - 1, 0) for t in steps)
    return -divergences(c).sum() + entropies + mean_log(c.pi, c.pi)


def line_51(c):
    """K of Eq. 14: of the sum of entropies the first and the last are left, and the mean log ratios are KL divergences.

    Eqs. (50), (51) and (13)-(14), §B.4
    """
    return -divergences(c).sum() + entropy(c.q, c.q.ndim - 1, 0) - entropy(c.q, 1, 0) + mean_log(c.pi, c.pi)


def divergences(c):
    """E_q D_KL( q(x_{t-1}|x_t,x_0) || p(x_{t-1}|x_t) ) for t = 2..T, (T - 1,).

    Eq. (51), §B.4
    """
    return np.array([mean_log(over(c.q, 0, t - 1, t), posterior(c, t) / reverse_conditional(c, t))
                     for t in range(2, c.q.ndim)])


def posterior(c, t):
    """q(x_{t-1}|x_t,x_0), (S, S, S) over x_0, x_{t-1}, x_t; 1 where x_0 has probability 0."""
    three = over(c.q, 0, t - 1, t)
    total = three.sum(axis=1, keepdims=True)
    return np.where(total > 0, three / np.where(total > 0, total, 1), 1)


def given_x0(c, t):
    """q(x_t|x_0), (S, S) with x_0 first; 1 where x_0 has probability 0."""
    both = over(c.q, 0, t)
    total = both.sum(axis=1, keepdims=True)
    return np.where(total > 0, both / np.where(total > 0, total, 1), 1)


# --- §2.5.2: the perturbed kernel -----------------------------------------------------------------------------------

def modified(c, r, t):
    """p~(x_t) = p(x_t) r_t(x_t) / Z_t, (S,), and Z_t, for r (T + 1, S).

    Eq. (16), §2.5.1
    """
    product = over(c.p, t) * r[t]
    return product / product.sum(), product.sum()


def modified_kernel(c, r, t):
    """p~(x_t|x_{t+1}) = p(x_t|x_{t+1}) Z_{t+1} r_t(x_t) / (Z_t r_{t+1}(x_{t+1})), (S, S), x_t first; not normalised.

    Eq. (21), §2.5.2
    """
    Z, Z_next = modified(c, r, t)[1], modified(c, r, t + 1)[1]
    return reverse_conditional(c, t + 1) * Z_next / Z * r[t][:, None] / r[t + 1]


def normalised_kernel(c, r, t):
    """p~(x_t|x_{t+1}) = p(x_t|x_{t+1}) r_t(x_t) / Z(x_{t+1}), (S, S), which the paper uses; and Z(x_{t+1}), (S,).

    Eq. (22), §2.5.2
    """
    product = reverse_conditional(c, t + 1) * r[t][:, None]
    return product / product.sum(axis=0), product.sum(axis=0)


def equilibrium(c, r, t, kernel):
    """Both sides of the four equilibrium conditions between t + 1 and t, {equation: (left, right)}, each side (S,).

    Eqs. (17)-(20), §2.5.2
    kernel (S, S) stands for p~(x_t|x_{t+1}), with x_t first. Eq. 17 is about p itself and does not use it.
    """
    (now, Z), (later, Z_next) = modified(c, r, t), modified(c, r, t + 1)
    p, p_next = over(c.p, t), over(c.p, t + 1)
    return {17: (p, reverse_conditional(c, t + 1) @ p_next),
            18: (now, kernel @ later),
            19: (p * r[t] / Z, kernel @ (p_next * r[t + 1] / Z_next)),
            20: (p, (kernel * Z * r[t + 1] / (Z_next * r[t][:, None])) @ p_next)}


# --- appendix C: a Gaussian times r(y) ------------------------------------------------------------------------------

def line_53(y, mean, var, log_r):
    """log p~(y) up to a constant: log N(y; mu, Sigma) + log r(y), for y (n,).

    Eqs. (52) and (53), §C
    """
    return -0.5 * np.log(2 * np.pi * var) - (y - mean) ** 2 / (2 * var) + log_r(y)


def line_55(y, mean, var, log_r):
    """-E(y) with E(y) = (y - mu)^2 / (2 Sigma) + E_r(y), E_r = -log r.

    Eqs. (54) and (55), §C
    """
    return -((y - mean) ** 2 / (2 * var) - log_r(y))


def line_57(y, mean, var, log_r, g):
    """-E(y) with E_r replaced by its Taylor polynomial of first order, E_r(mu) + (y - mu) g, where g = dE_r/dy at mu.

    Eqs. (56) and (57), §C
    """
    return -((y - mean) ** 2 / (2 * var) - log_r(mean) + (y - mean) * g)


def line_59(y, mean, var, g):
    """The same up to a constant, with the square completed: -(y - mu + Sigma g)^2 / (2 Sigma).

    Eqs. (58) and (59), §C
    """
    return -(y - mean + var * g) ** 2 / (2 * var)


def line_60(y, mean, var, g):
    """log N(y; mu - Sigma g, Sigma).

    Eqs. (60) and (61), §C
    """
    return -0.5 * np.log(2 * np.pi * var) - (y - (mean - var * g)) ** 2 / (2 * var)
