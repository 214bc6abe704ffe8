"""H_q(X_t) of a known data distribution, exactly."""
import numpy as np

from .best_possible import log_marginals
from .enumeration import forward_matrices


def of(probability, axis=None):
    """-sum p log p over the given axes of a table of probabilities, in nats; 0 log 0 counts as 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return -np.sum(np.where(probability > 0, probability * np.log(probability), 0.0), axis=axis)


def enumerated(kernel, states, weights, schedule):
    """H_q(X_t) for t = 0..T when the data takes the given states (S, D) with probabilities weights (S,): every state."""
    out, q = [of(weights)], weights
    for matrix in forward_matrices(kernel, states, schedule)[1:]:
        q = q @ matrix
        out.append(of(q))
    return np.array(out)


def gaussian(schedule, var):
    """H_q(X_t) for t = 0..T when the data is N(., var), var (D,) or a number: log(2 pi e v_t) / 2 in each coordinate.

    v_t = 1 + alpha_bar_t (var - 1).
    """
    var = np.atleast_1d(np.asarray(var, dtype=float))
    if (var <= 0).any():
        raise ValueError(f"a variance must be positive; got {var.min()}")
    v = 1 + schedule.alpha_bar[:, None] * (var - 1)                                      # (T + 1, D)
    return 0.5 * np.sum(np.log(2 * np.pi * np.e * v), axis=1)


def sequences(kernel, data, schedule, states, multiplicity):
    """H_q(X_t) for t = 0..T when the data is one of K equally likely sequences of bits (K, D), without enumerating all.

    Each of the given states (S, D) stands for `multiplicity` (S,) equally probable ones: `exact.heartbeat_states`.
    """
    out = [np.log(len(np.unique(data, axis=0)))]
    for t in range(1, schedule.T + 1):
        q = np.mean(np.exp(log_marginals(kernel, data, states[None], np.array([t]), schedule)[0]), axis=1)   # (S,)
        out.append(multiplicity @ (-q * np.log(q)))
    return np.array(out)


def curve(nodes, schedule, var=0.0, order=10):
    """H_q(X_t) for t = 0..T when the data lies on a curve, blurred by Gaussian noise of variance `var`; quadrature.

    nodes(std) as in `exact.best_gaussian`. -E log q(x_t) over 300 points of the curve, with Gauss-Hermite noise of the
    given order in each direction. -inf at t = 0 for var = 0.
    """
    def at(t):
        total = schedule.alpha_bar[t] * var + schedule.one_minus_alpha_bar[t]
        return -np.inf if total == 0 else mixture_entropy(nodes, schedule.alpha_bar[t], total, order)
    return np.array([at(t) for t in range(schedule.T + 1)])


def mixture_entropy(nodes, alpha_bar, total, order):
    """The entropy of sqrt(alpha_bar) curve + N(0, total), in nats, by quadrature.

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
    """Nodes (order^D, D) and weights (order^D,) for the expectation of a function of D standard normal numbers."""
    z, w = np.polynomial.hermite_e.hermegauss(order)
    grid, shares = (np.stack(np.meshgrid(*[a] * D), axis=-1).reshape(-1, D) for a in (z, w / w.sum()))
    return grid, np.prod(shares, axis=1)
