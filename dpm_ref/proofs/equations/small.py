"""The small chain on which both sides of the equations are computed: two bits, four steps, all paths listed.

The functions compute all anew at every call, so that a formula that was broken in between shows.
"""
import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .. import derivation, enumeration
from ... import binomial, bound, schedule

S = schedule.from_beta([0.1, 0.3, 0.4, 0.6])
STATES = enumeration.all_states(2)
FAIR, OTHER = np.array([0.55, 0.2, 0.2, 0.05]), np.array([0.4, 0.1, 0.2, 0.3])   # q(x_0): bits of mean p, and not
VECTORS = Path(__file__).parents[2] / "check" / "vectors"


class Sides(NamedTuple):
    """Numbers that the code of an equation gives, and the same numbers by another route."""
    ours: Any
    other: Any             # of the shape of ours
    error: Any = None      # standard error of ours - other, for draws at random
    rtol: float = 1e-9     # of the largest number, for all else
    beside: dict = {}      # {name: number}: the other side of an inequality

    def agree(self):
        """Whether the two differ by no more than rtol, or by no more than 4.5 standard errors."""
        off = np.abs(np.subtract(self.ours, self.other))
        return bool(np.all(off <= (self.rtol * np.max(np.abs(self.other)) if self.error is None else 4.5 * self.error)))


def kernel():
    """The binomial kernel with π = B(0.25)."""
    return binomial.with_p(0.25)


def reverse(x, t):
    """A reverse kernel that no chain has: each bit depends on the other, and on t."""
    return binomial.Bernoulli(0.2 + 0.5 * x + schedule.at(0.1 / (1 + np.arange(S.T + 1)), t, x) * x[..., ::-1])


def listed(q0=FAIR):
    """All paths of the chain, a derivation.Chain."""
    return derivation.chain(kernel(), reverse, S, q0, 2)


def p_of_x(t):
    """p(x_t), (4,): π times the transition matrices of the reverse steps T..t+1."""
    p = np.exp(kernel().log_density(STATES, kernel().pi(STATES)).sum(axis=1))
    for matrix in enumeration.reverse_matrices(kernel(), reverse, STATES, S)[:t:-1]:
        p = p @ matrix
    return p


def path_weights(q0=FAIR):
    """q(x_1..x_T|x_0) and the log weight of bound.log_weights for every path, (4, 256): a row for each x_0."""
    q, path = listed(q0).q, STATES[np.indices((4,) * (S.T + 1)).reshape(S.T + 1, -1)]
    log_w = bound.log_weights(kernel(), reverse, path, S)
    return q.reshape(4, -1) / q0[:, None], log_w.reshape(4, -1)


def terms(q0=FAIR):
    """bound.Terms averaged over x_0 and x_t: each pair of states once, and noise that makes just this x_t."""
    x0, xt, q = np.repeat(STATES, 4, axis=0), np.tile(STATES, (4, 1)), listed(q0).q
    each = bound.terms_given(kernel(), reverse, x0, S, [np.where(xt == 1, 0, 1 - 1e-9)] * (S.T - 1))
    kl = [derivation.over(q, 0, t).ravel() @ each.kl[t] if t else 0 for t in range(S.T + 1)]
    return bound.Terms(np.array(kl)[:, None], *(np.atleast_1d(np.repeat(q0 / 4, 4) @ a) for a in each[1:]))


def vector(name):
    """The inputs and the expected results of a test vector of the kit, computed with 50 digits."""
    topic = name.split(".")[1].split("/")[0]
    cases = json.loads((VECTORS / f"{topic}.json").read_text())["cases"]
    case = next(case for case in cases if case["id"] == name)
    return case["inputs"], case["expected"]
