"""Small chains: every state and every path, listed."""
from itertools import product

import numpy as np

from ..engine import checks
from ..trajectory import reverse_step


def all_states(D, values=(0.0, 1.0)):
    """Every state of D variables with the given values, (len(values)^D, D), the first variable changing slowest."""
    return np.array(list(product(values, repeat=checks.count("D", D))))


def transition(kernel, q, states):
    """The probabilities (S, R) of R next states (R, D), for each of S distributions q: one row a distribution."""
    q = type(q)(*(np.asarray(a)[:, None] for a in q))
    return np.exp(np.sum(kernel.log_density(states, q), axis=2))


def forward_matrices(kernel, states, schedule):
    """q(x_t|x_{t-1}) for t = 0..T as matrices (S, S), rows x_{t-1}, columns x_t; entry 0 is the identity.

    Eq. (2), §2.1
    """
    steps = [transition(kernel, kernel.forward(states, t, schedule), states) for t in range(1, schedule.T + 1)]
    return [np.eye(len(states))] + steps


def reverse_matrices(kernel, reverse, states, schedule):
    """p(x_{t-1}|x_t) for t = 0..T as matrices (S, S), rows x_t, columns x_{t-1}; entry 0 is the identity.

    Eq. (5), §2.2
    The matrix of t = 1 is Eq. 44.
    """
    steps = [transition(kernel, reverse_step(kernel, reverse, states, t, schedule), states)
             for t in range(1, schedule.T + 1)]
    return [np.eye(len(states))] + steps


def path_probabilities(start, matrices, order):
    """The probability of every path, an array with one axis of S states for each of x_0, x_1, .., x_T.

    Eqs. (3) and (5), §2.1
    order "forward": start (S,) is q(x_0), and the matrices are those of `forward_matrices`. order "reverse": start is
    p(x_T), and the matrices are those of `reverse_matrices`.
    """
    if order not in ("forward", "reverse"):
        raise ValueError(f'order must be "forward" or "reverse"; got {order!r}')
    joint = checks.probabilities("start", start, len(matrices[0]))
    for matrix in matrices[1:] if order == "forward" else matrices[:0:-1]:
        joint = joint[..., None] * matrix
    return joint if order == "forward" else joint.transpose()
