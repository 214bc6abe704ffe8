"""Slips about the entropy of a reverse step (paper, section 2.6 and appendix A)."""
import numpy as np

from .. import best_possible, entropies, enumeration
from ... import binomial, entropy
from ...bound import L_null, bits, constants
from ...data import toys
from ...schedule import constant_erasure

BIT, RARE, TWICE = np.array([[0.0], [1]]), np.array([[0.0]] * 4 + [[1]]), np.array([[0.0, 0]] * 4 + [[1, 1]])


def entropy_of_bits(p=0.2, T=5):
    """Eq. 28 fails for bits: with the heartbeat's π = B(0.2), noise lowers the entropy of a bit of mean 1/2.

    In nats, for one bit of mean 1/2 (p = 0.2), one of mean 0.2 (p = 1/2), and two equal bits of mean 0.2 (p = 0.2). The
    entropy is the cross entropy to π minus D(q(x_t) || π), and D never rises. So the entropy never falls if the cross
    entropy is constant: for data of mean p, or p = 1/2. The excess is that over the upper bound of Eq. 24.
    """
    schedule = constant_erasure(T)

    def chain(p, data):   # entropy and cross entropy, (T + 1,) each
        kernel, states = binomial.with_p(p), enumeration.all_states(data.shape[1])
        weights = np.mean((data[:, None] == states).all(axis=2), axis=0)
        return entropies.enumerated(kernel, states, weights, schedule), entropy.cross_entropy(kernel, data, schedule)

    found = {}
    cases = {"mean 1/2": (p, BIT), "p = 1/2": (0.5, RARE), "two bits": (p, TWICE)}
    for name, (H, cross) in ((name, chain(*case)) for name, case in cases.items()):
        found |= {f"{name}: H(X_0)": H[0], f"{name}: H(X_T)": H[-1], f"{name}: largest excess": np.max(H[:-1] - H[1:]),
                  f"{name}: change of the cross entropy": cross[-1] - cross[0],
                  f"{name}: change of D": cross[-1] - H[-1] - cross[0] + H[0]}
    return {name: float(value) for name, value in found.items()}


def sum_of_bounds(T=200):
    """Eq. 24 summed over t says nothing new about K: below is L_null, above is Eq. 14 without its KL terms.

    For heartbeat, in bits: the bounds on the best K from both sides of Eq. 24, and the best K of all reverse kernels.
    """
    kernel, schedule = binomial.with_p(0.2), constant_erasure(T)
    H = entropies.sequences(kernel, toys.HEARTBEAT, schedule, *best_possible.heartbeat_states())
    found = entropy.likelihood_bounds(kernel, toys.HEARTBEAT, schedule, H)
    H_T, H_1, H_p, _ = (np.mean(c) for c in constants(kernel, toys.HEARTBEAT, schedule))
    null = np.mean(L_null(kernel, toys.HEARTBEAT))
    numbers = {"below, from Eq. 24": found.lower, "L_null": null,
               "best K": found.best, "above, from Eq. 24": found.upper,
               "Eq. 14 without its KL terms": H_T - H_1 - H_p}
    return {name: float(bits(value)) for name, value in numbers.items()}
