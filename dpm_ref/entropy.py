"""How uncertain one reverse step is, and what that says about the likelihood (paper, section 2.6 and appendix A).

    forward_entropy, given_data    H_q(X_t|X_{t-1}) and H_q(X_t|X_0), from the kernel alone
    step_bounds                    both sides of Eq. (24) for every step
    reverse_entropy                H_q(X_{t-1}|X_t) from the entropies H_q(X_t), Eq. (27); `proofs.entropies` has these
    production                     the entropy that every forward step produces
    likelihood_bounds              bounds on the highest K that any reverse kernel can reach

Results are in nats per data point, arrays (T + 1,) over t. The entry at t belongs to the step between t - 1 and t;
entry 0 is 0. For a Gaussian kernel, entropies at t = 1 may be -inf, because X_0 given itself is a point.
"""
from typing import NamedTuple

import numpy as np

from .bound import per_point
from .engine import checks


class Bounds(NamedTuple):
    """lower <= H_q(X_{t-1}|X_t) <= upper for t = 1..T, in nats per data point, each (T + 1,)."""
    lower: np.ndarray
    upper: np.ndarray


def step_bounds(kernel, x0, schedule):
    """Both bounds on the entropy of every reverse step, averaged over the data x0 (N, ...).

    Eqs. (24) and (36), §2.6
    H_q(X_t|X_{t-1}) + H_q(X_{t-1}|X_0) - H_q(X_t|X_0) <= H_q(X_{t-1}|X_t) <= H_q(X_t|X_{t-1}). The upper bound needs
    H(X_t) >= H(X_{t-1}). Data with the moments of π have this: second moment 1 (Gaussian), or mean p in each bit
    (binomial).
    """
    return Bounds(lower_bound(kernel, x0, schedule), upper_bound(kernel, x0, schedule))


def upper_bound(kernel, x0, schedule):
    """The upper bound on H_q(X_{t-1}|X_t): H_q(X_t|X_{t-1}). It needs H(X_t) >= H(X_{t-1}).

    Eqs. (28)-(30), §A
    """
    return forward_entropy(kernel, x0, schedule)


def lower_bound(kernel, x0, schedule):
    """The lower bound on H_q(X_{t-1}|X_t): H_q(X_t|X_{t-1}) + H_q(X_{t-1}|X_0) - H_q(X_t|X_0) = H_q(X_{t-1}|X_t,X_0).

    Eqs. (31)-(35), §A
    """
    H = given_data(kernel, x0, schedule)
    lower = forward_entropy(kernel, x0, schedule)
    lower[1:] += H[:-1] - H[1:]
    return lower


def forward_entropy(kernel, x0, schedule):
    """H_q(X_t|X_{t-1}) for t = 0..T, averaged over data x0 (N, ...); 0 at t = 0.

    Eq. (24), §2.6
    """
    x0 = kernel.check_data(x0)
    return np.array([0.0] + [_mean(kernel.forward_entropy(x0, t, schedule)) for t in range(1, schedule.T + 1)])


def given_data(kernel, x0, schedule):
    """H_q(X_t|X_0), averaged over data x0 (N, ...), for t = 0..T; at t = 0 it is 0 for bits and -inf for a Gaussian.

    Eq. (24), §2.6
    """
    x0 = kernel.check_data(x0)
    return np.array([_mean(kernel.entropy(kernel.marginal(x0, t, schedule)) + 0 * x0) for t in range(schedule.T + 1)])


def _mean(values):
    """Sum over the coordinates of a point, mean over the points."""
    return np.mean(per_point(values, 1))


# --- the true entropies ---------------------------------------------------------------------------------------------

def reverse_entropy(kernel, x0, schedule, H):
    """H_q(X_{t-1}|X_t) from the entropies H (T + 1,) of X_0..X_T, averaged over data x0 (N, ...).

    Eqs. (25)-(27), §A
    H_q(X_{t-1}|X_t) = H_q(X_t|X_{t-1}) + H_q(X_{t-1}) - H_q(X_t): both sides plus H_q(X_t) are the joint entropy.
    """
    out, H = forward_entropy(kernel, x0, schedule), checks.over_time("H", H, schedule.T)
    out[1:] += H[:-1] - H[1:]
    return out


# --- what follows ---------------------------------------------------------------------------------------------------

def cross_entropy(kernel, x0, schedule):
    """-E_q log π(x_t) for t = 0..T, averaged over data x0 (N, ...): the same at every t for data with the moments of π.

    Eqs. (42) and (43), §B.1
    """
    def at(t):
        if t == 0:
            return -_mean(kernel.log_density(x0, pi))
        q = kernel.marginal(x0, t, schedule)
        return _mean(kernel.kl(q, pi) + kernel.entropy(q))

    x0 = kernel.check_data(x0)
    pi = kernel.pi(x0)
    return np.array([at(t) for t in range(schedule.T + 1)])


def production(kernel, x0, schedule, H):
    """The entropy that step t produces, D_KL(q(x_{t-1}) || π) - D_KL(q(x_t) || π) >= 0: t = 1..T, and 0 at t = 0.

    H (T + 1,) are the entropies of X_0..X_T. The production equals E log q(x_{t-1},x_t) / (q(x_t) T_π(x_{t-1}|x_t)):
    the KL divergence from a step to the same step run backwards. For data with the moments of π it is the upper bound
    of Eq. 24 minus H_q(X_{t-1}|X_t).
    """
    H = checks.over_time("H", H, schedule.T)
    with np.errstate(invalid="ignore"):
        return np.concatenate([[0.0], -np.diff(cross_entropy(kernel, x0, schedule) - H)])


class LikelihoodBounds(NamedTuple):
    """Bounds on the highest K that any reverse kernel can reach, and that K, in nats per data point."""
    lower: float
    best: float
    upper: float


def likelihood_bounds(kernel, x0, schedule, H):
    """Bounds on the highest K of any reverse kernel: -H_p(X_T) <= best <= H_q(X_T|X_0) - H_q(X_1|X_0) - H_p(X_T).

    text, §2.6
    best = sum_{t=2..T} [H_q(X_t|X_{t-1}) - H_q(X_{t-1}|X_t)] - H_p(X_T). In Eq. 12 the mean of -log p(x_{t-1}|x_t) is a
    cross entropy: at least H_q(X_{t-1}|X_t), and equal to it for p = q(x_{t-1}|x_t). The bounds follow when the two
    sides of Eq. 24 replace H_q(X_{t-1}|X_t). For data with the moments of π; the lower bound is then L_null.
    """
    forward, (lower, upper) = forward_entropy(kernel, x0, schedule), step_bounds(kernel, x0, schedule)
    true = reverse_entropy(kernel, x0, schedule, H)
    H_p = _mean(kernel.entropy(kernel.pi(x0)))
    return LikelihoodBounds(*(float(np.sum((forward - step)[2:]) - H_p) for step in (upper, true, lower)))
