"""The entropy H_q(X_t), t = 0..T, for data whose distribution is known. All entropies are in nats.

    of            the entropy of a table of probabilities
    enumerated    data with few states: sums over all of them
    gaussian      Gaussian data: closed form
    sequences     data that is one of a few sequences of bits
    curve         data along a curve: quadrature
"""
import numpy as np

from ..engine import checks
from .best_possible import log_marginals
from .enumeration import forward_matrices


def of(probability, axis=None):
    """-sum p log p of a table of probabilities, over the given axes, or over all; 0 log 0 counts as 0."""
    probability = checks.probabilities("the table", probability, axis=axis)
    with np.errstate(divide="ignore", invalid="ignore"):
        return -np.sum(np.where(probability > 0, probability * np.log(probability), 0.0), axis=axis)


def enumerated(kernel, states, weights, schedule):
    """H_q(X_t), (T + 1,), when the data has states (S, D) with probabilities weights (S,): sums over all states."""
    weights = checks.probabilities("weights", weights, len(states))
    out, q = [of(weights)], weights
    for matrix in forward_matrices(kernel, states, schedule)[1:]:
        q = q @ matrix
        out.append(of(q))
    return np.array(out)


def gaussian(schedule, var):
    """H_q(X_t), (T + 1,), for data N(m, var) with any m; var is a number or (D,).

    sum_i log(2 pi e v_ti) / 2 with v_t = 1 + alpha_bar_t (var - 1). ValueError unless every variance is positive.
    """
    var = np.atleast_1d(checks.within("a variance", var, 0))
    if (var <= 0).any():
        raise ValueError(f"a variance must be positive; got {var.min()}")
    v = 1 + schedule.alpha_bar[:, None] * (var - 1)                                      # (T + 1, D)
    return 0.5 * np.sum(np.log(2 * np.pi * np.e * v), axis=1)


def sequences(kernel, data, schedule, states, multiplicity):
    """H_q(X_t), (T + 1,), when the data is one of M equally likely sequences of bits (M, D).

    The sum runs over the given states (S, D). Each stands for `multiplicity` (S,) states of the same probability, as
    those of `best_possible.heartbeat_states` do.
    """
    data, multiplicity = kernel.check_data(data), checks.per_point("multiplicity", multiplicity, states)
    out = [np.log(len(np.unique(data, axis=0)))]
    for t in range(1, schedule.T + 1):
        q = np.mean(np.exp(log_marginals(kernel, data, states[None], np.array([t]), schedule)[0]), axis=1)   # (S,)
        checks.probabilities("the probabilities of all states", multiplicity * q)
        out.append(multiplicity @ (-q * np.log(q)))
    return np.array(out)


def curve(nodes, schedule, var=0.0, order=10):
    """H_q(X_t), (T + 1,), when the data is a point of a curve plus Gaussian noise of variance `var`, by quadrature.

    nodes(std) is that of `best_possible.best_gaussian`. -log q(x_t) is averaged over the points of nodes(inf) and,
    around each, over Gauss-Hermite noise with `order` nodes in each coordinate. At t = 0 with var = 0 it is -inf.
    """
    var = checks.within("a variance", var, 0)

    def at(t):
        total = schedule.alpha_bar[t] * var + schedule.one_minus_alpha_bar[t]
        return -np.inf if total == 0 else mixture_entropy(nodes, schedule.alpha_bar[t], total, order)
    return np.array([at(t) for t in range(schedule.T + 1)])


def mixture_entropy(nodes, alpha_bar, total, order, centres=None):
    """The entropy of a point of sqrt(alpha_bar) curve plus N(0, total), by quadrature; centres as in `around`."""
    expected, D = 0.0, 0
    for share, points, q in around(nodes, centres or nodes(np.inf), alpha_bar, total, order):
        expected, D = expected + share @ np.log(q.sum(axis=1)), points.shape[1]
    return 0.5 * D * np.log(2 * np.pi * total) - expected


def around(nodes, centres, alpha_bar, total, order):
    """Quadrature over x_t = sqrt(alpha_bar) x_0 + N(0, total) for x_0 on a curve, one centre at a time.

    centres: points (C, D) and weights (C,) along the curve. Yields the shares (G,) of G Gauss-Hermite points x_t around
    the centre, the nodes x_0 - centre (n, D) within 15 standard deviations, and their weights times
    exp(-|x_t - sqrt(alpha_bar) x_0|² / (2 total)), (G, n).
    """
    std, scale = np.sqrt(total), np.sqrt(alpha_bar)
    points, weights = nodes(std / max(scale, 1e-6))
    z, w = gauss_hermite(order, points.shape[1])
    for centre, share in zip(*centres):
        offset = scale / std * (centre - points)
        square = np.sum(offset ** 2, axis=1)
        near = square < 15 ** 2
        log_q = -z @ offset[near].T - 0.5 * (np.sum(z ** 2, axis=1)[:, None] + square[near])
        yield share * w, points[near] - centre, weights[near] * np.exp(log_q)


def gauss_hermite(order, D):
    """Nodes (order^D, D) and weights (order^D,) for the mean of a function of D standard normal numbers."""
    order, D = checks.count("order", order), checks.count("D", D)
    z, w = np.polynomial.hermite_e.hermegauss(order)
    grid, shares = (np.stack(np.meshgrid(*[a] * D), axis=-1).reshape(-1, D) for a in (z, w / w.sum()))
    return grid, np.prod(shares, axis=1)
