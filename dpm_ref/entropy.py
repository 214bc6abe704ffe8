"""How uncertain one reverse step is, and what that says about the likelihood (paper, section 2.6 and appendix A).

    forward_entropy, given_data           H_q(X_t|X_{t-1}) and H_q(X_t|X_0): from the kernel alone
    step_bounds                           both sides of Eq. (24), step by step
    enumerated, gaussian, sequences, curve   H_q(X_t) of a known data distribution, exactly
    reverse_entropy                       the true H_q(X_{t-1}|X_t) from it, Eq. (27)
    production                            entropy production of every forward step
    likelihood_bounds                     what follows for the best reachable likelihood

Everything is in nats per data point, an array (T + 1,) over t. The entry at t belongs to the step between t - 1 and t,
and entry 0 is 0. For Gaussian kernels at t = 1, where X_{t-1} = X_0 is a point, an entropy may be -inf.
"""
from typing import NamedTuple

import numpy as np

from .bound import checked, per_point
from .exact import forward_matrices


class Bounds(NamedTuple):
    """lower <= H_q(X_{t-1}|X_t) <= upper for t = 1..T, in nats per data point, each (T + 1,).

    Eq. (24), §2.6
    """
    lower: np.ndarray
    upper: np.ndarray


def step_bounds(kernel, x0, schedule):
    """Both bounds on the entropy of every reverse step, for data x0 (N, ...), its average taken over the N points.

    Eqs. (24) and (36), §2.6
    H_q(X_t|X_{t-1}) + H_q(X_{t-1}|X_0) - H_q(X_t|X_0) <= H_q(X_{t-1}|X_t) <= H_q(X_t|X_{t-1}). The upper bound needs
    H(X_t) >= H(X_{t-1}), as data with the moments of π has it: second moment 1 (Gaussian) or, bit by bit, mean p (binomial).
    """
    x0 = checked(kernel, x0)
    return Bounds(lower_bound(kernel, x0, schedule), upper_bound(kernel, x0, schedule))


def upper_bound(kernel, x0, schedule):
    """H_q(X_t|X_{t-1}): what H_q(X_{t-1}|X_t) cannot exceed as long as H(X_t) >= H(X_{t-1}).

    Eqs. (28)-(30), §A
    """
    return forward_entropy(kernel, x0, schedule)


def lower_bound(kernel, x0, schedule):
    """H_q(X_t|X_{t-1}) + H_q(X_{t-1}|X_0) - H_q(X_t|X_0), which is H_q(X_{t-1}|X_t,X_0).

    Eqs. (31)-(35), §A
    """
    H = given_data(kernel, x0, schedule)
    lower = forward_entropy(kernel, x0, schedule)
    lower[1:] += H[:-1] - H[1:]
    return lower


def forward_entropy(kernel, x0, schedule):
    """H_q(X_t|X_{t-1}), averaged over data x0 (N, ...).

    Eq. (24), §2.6
    For bits, the average over x_{t-1} = 0 and 1 with the probabilities of the marginal; Gaussian steps have one entropy.
    """
    def step(t):
        at_zero, at_one = (kernel.entropy(kernel.forward(np.full(x0.shape, v), t, schedule)) for v in (0.0, 1.0))
        return _mean(at_zero + kernel.marginal(x0, t - 1, schedule)[0] * (at_one - at_zero))
    return np.array([0.0] + [step(t) for t in range(1, schedule.T + 1)])


def given_data(kernel, x0, schedule):
    """H_q(X_t|X_0), averaged over data x0 (N, ...), for t = 0..T; at t = 0 it is 0 for bits and -inf for a Gaussian.

    Eq. (24), §2.6
    """
    return np.array([_mean(kernel.entropy(kernel.marginal(np.asarray(x0, dtype=float), t, schedule)) + 0 * x0)
                     for t in range(schedule.T + 1)])


def _mean(values):
    """Sum over the coordinates of a point, mean over the points."""
    return np.mean(per_point(values, 1))


# --- the true entropies ---------------------------------------------------------------------------------------------

def reverse_entropy(kernel, x0, schedule, H):
    """H_q(X_{t-1}|X_t) from the entropies H (T + 1,) of X_0..X_T, for data x0 (N, ...) that stands for the distribution.

    Eqs. (25)-(27), §A
    H_q(X_{t-1}|X_t) = H_q(X_t|X_{t-1}) + H_q(X_{t-1}) - H_q(X_t): both sides plus H_q(X_t) are the joint entropy.
    """
    out = forward_entropy(kernel, x0, schedule)
    out[1:] += H[:-1] - H[1:]
    return out


def of(probability, axis=None):
    """-sum p log p over the given axes of a table of probabilities, in nats; 0 log 0 counts as 0.

    Eq. (25), §A
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return -np.sum(np.where(probability > 0, probability * np.log(probability), 0.0), axis=axis)


def enumerated(kernel, states, weights, schedule):
    """H_q(X_t) for t = 0..T when the data takes the given states (S, D) with probabilities weights (S,): every state.

    text, §A
    """
    out, q = [of(weights)], weights
    for matrix in forward_matrices(kernel, states, schedule)[1:]:
        q = q @ matrix
        out.append(of(q))
    return np.array(out)


def gaussian(schedule, var):
    """H_q(X_t) for t = 0..T when the data is N(., var), var (D,) or a number: log(2 pi e v_t) / 2 in each coordinate.

    text, §A
    v_t = 1 + alpha_bar_t (var - 1).
    """
    var = np.atleast_1d(np.asarray(var, dtype=float))
    if (var <= 0).any():
        raise ValueError(f"a variance must be positive; got {var.min()}")
    v = 1 + schedule.alpha_bar[:, None] * (var - 1)                                      # (T + 1, D)
    return 0.5 * np.sum(np.log(2 * np.pi * np.e * v), axis=1)


def sequences(kernel, data, schedule, states, multiplicity):
    """H_q(X_t) for t = 0..T when the data is one of K equally likely sequences of bits (K, D), without enumerating all.

    text, §A
    Each of the given states (S, D) stands for `multiplicity` (S,) equally probable ones: `exact.heartbeat_states`.
    """
    out = [np.log(len(np.unique(data, axis=0)))]
    for t in range(1, schedule.T + 1):
        rate = kernel.marginal(data, t, schedule).rate                                   # (K, D)
        q = np.mean(np.exp(states @ np.log(rate).T + (1 - states) @ np.log1p(-rate).T), axis=1)
        out.append(multiplicity @ (-q * np.log(q)))
    return np.array(out)


def curve(nodes, schedule, var=0.0, order=10):
    """H_q(X_t) for t = 0..T when the data lies on a curve, blurred by Gaussian noise of variance `var`; quadrature.

    text, §A
    nodes(std) as in `exact.best_gaussian`. -E log q(x_t) over 300 points of the curve, with Gauss-Hermite noise of the
    given order in each direction. -inf at t = 0 for var = 0.
    """
    def at(t):
        total = schedule.alpha_bar[t] * var + schedule.one_minus_alpha_bar[t]
        return -np.inf if total == 0 else mixture_entropy(nodes, schedule.alpha_bar[t], total, order)
    return np.array([at(t) for t in range(schedule.T + 1)])


def mixture_entropy(nodes, alpha_bar, total, order):
    """The entropy of sqrt(alpha_bar) curve + N(0, total), in nats, by quadrature.

    not in the paper
    Around each centre only the nodes within 15 standard deviations count.
    """
    std, scale = np.sqrt(total), np.sqrt(alpha_bar)
    (centres, shares), (points, weights) = nodes(np.inf), nodes(std / max(scale, 1e-6))
    z, w = gauss_hermite(order, points.shape[1])
    expected = 0.0
    for centre, share in zip(scale * centres, shares):
        offset = (centre - scale * points) / std
        square = np.sum(offset ** 2, axis=1)
        near = square < 15 ** 2
        q = np.exp(-z @ offset[near].T) @ (weights[near] * np.exp(-0.5 * square[near]))  # times exp(-|z|^2 / 2)
        expected += share * (w @ (np.log(q) - 0.5 * np.sum(z ** 2, axis=1)))
    return 0.5 * points.shape[1] * np.log(2 * np.pi * total) - expected


def gauss_hermite(order, D):
    """Nodes (order^D, D) and weights (order^D,) for the expectation of a function of D standard normal numbers.

    not in the paper
    """
    z, w = np.polynomial.hermite_e.hermegauss(order)
    grid, shares = (np.stack(np.meshgrid(*[a] * D), axis=-1).reshape(-1, D) for a in (z, w / w.sum()))
    return grid, np.prod(shares, axis=1)


# --- what follows ---------------------------------------------------------------------------------------------------

def cross_entropy(kernel, x0, schedule):
    """-E_q log π(x_t) for t = 0..T, averaged over data x0 (N, ...): the same at every t for data with the moments of π.

    Eqs. (40)-(43), §B.1
    """
    def at(t):
        if t == 0:
            return -_mean(kernel.log_density(x0, pi))
        q = kernel.marginal(x0, t, schedule)
        return _mean(kernel.kl(q, pi) + kernel.entropy(q))

    pi = kernel.pi(x0)
    return np.array([at(t) for t in range(schedule.T + 1)])


def production(kernel, x0, schedule, H):
    """The entropy that step t produces, D_KL(q(x_{t-1}) || π) - D_KL(q(x_t) || π) >= 0: t = 1..T, and 0 at t = 0.

    text, §2.6
    H (T + 1,) are the entropies of X_0..X_T. It is E log q(x_{t-1},x_t) / (q(x_t) T_π(x_{t-1}|x_t)): how much a step
    looks wrong when the film runs backwards. For data with the moments of π it is the gap below the upper bound.
    """
    with np.errstate(invalid="ignore"):
        return np.concatenate([[0.0], -np.diff(cross_entropy(kernel, x0, schedule) - H)])


class LikelihoodBounds(NamedTuple):
    """Bounds on the highest K that any reverse kernel can reach, and that K, in nats per data point.

    text, §2.6
    """
    lower: float
    best: float
    upper: float


def likelihood_bounds(kernel, x0, schedule, H):
    """What Eq. 24 says about the highest reachable K: -H_p(X_T) <= best <= H_q(X_T|X_0) - H_q(X_1|X_0) - H_p(X_T).

    text, §2.6
    best = sum_{t=2..T} [H_q(X_t|X_{t-1}) - H_q(X_{t-1}|X_t)] - H_p(X_T): in Eq. 12 the reverse step costs at least its
    entropy, and no more if it is exact. Put in the two sides of Eq. 24 for H_q(X_{t-1}|X_t). For data with the moments
    of π, where the lower bound is L_null.
    """
    forward, (lower, upper) = forward_entropy(kernel, x0, schedule), step_bounds(kernel, x0, schedule)
    true = reverse_entropy(kernel, x0, schedule, H)
    H_p = _mean(kernel.entropy(kernel.pi(x0)))
    return LikelihoodBounds(*(float(np.sum((forward - step)[2:]) - H_p) for step in (upper, true, lower)))
