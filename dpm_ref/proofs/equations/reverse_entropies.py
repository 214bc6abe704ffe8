"""Both sides of Eqs. 24-36: the entropy of a reverse step, at t = 2 of the listed chain, in nats."""
import numpy as np

from .. import derivation as d, entropies
from ... import entropy
from .small import S, STATES, Sides, kernel, listed

SHARES, T = np.array([0.75, 0.15, 0.05, 0.05]), 2                            # bits of mean below p: the entropy rises
DATA = np.repeat(STATES, [15, 3, 1, 1], axis=0)                              # 20 points with these shares


def _chain():
    return listed(SHARES)


def _upper():
    return entropy.upper_bound(kernel(), DATA, S)[T]


def _lower():
    return entropy.lower_bound(kernel(), DATA, S)[T]


def _step():
    """H_q(X_{t-1}|X_t) of entropy.reverse_entropy, and the entropies H_q(X_t) that it takes."""
    H = entropies.enumerated(kernel(), STATES, SHARES, S)
    return entropy.reverse_entropy(kernel(), DATA, S, H)[T], H


def _joint(*times):
    """The entropy of a table of all paths."""
    return entropies.of(d.over(_chain().q, *times))


def _true():
    return {"H_q(X⁽ᵗ⁻¹⁾|X⁽ᵗ⁾)": d.entropy(_chain().q, T - 1, T)}


def both_bounds():
    """entropy.step_bounds (lower, upper), against H_q(X_{t-1}|X_t,X_0), H_q(X_t|X_{t-1}) from tables of all paths:

    (24) §2.6 H_q(X⁽ᵗ⁾|X⁽ᵗ⁻¹⁾) + H_q(X⁽ᵗ⁻¹⁾|X⁽⁰⁾) − H_q(X⁽ᵗ⁾|X⁽⁰⁾) ≤ H_q(X⁽ᵗ⁻¹⁾|X⁽ᵗ⁾) ≤ H_q(X⁽ᵗ⁾|X⁽ᵗ⁻¹⁾)
    (36) §A H_q(X⁽ᵗ⁾|X⁽ᵗ⁻¹⁾) ≥ H_q(X⁽ᵗ⁻¹⁾|X⁽ᵗ⁾) ≥ H_q(X⁽ᵗ⁾|X⁽ᵗ⁻¹⁾) + H_q(X⁽ᵗ⁻¹⁾|X⁽⁰⁾) − H_q(X⁽ᵗ⁾|X⁽⁰⁾)
    """
    bounds = entropy.step_bounds(kernel(), DATA, S)
    return Sides([bounds.lower[T], bounds.upper[T]],
                 [_joint(0, T - 1, T) - _joint(0, T), d.entropy(_chain().q, T, T - 1)], beside=_true())


def joint():
    """entropy.reverse_entropy + H_q(X_t), against the entropy of the table of pairs:

    (25) §A H_q(X⁽ᵗ⁻¹⁾, X⁽ᵗ⁾) = H_q(X⁽ᵗ⁾, X⁽ᵗ⁻¹⁾)
    (26) §A H_q(X⁽ᵗ⁻¹⁾|X⁽ᵗ⁾) + H_q(X⁽ᵗ⁾) = H_q(X⁽ᵗ⁾|X⁽ᵗ⁻¹⁾) + H_q(X⁽ᵗ⁻¹⁾)
    """
    step, H = _step()
    return Sides(step + H[T], _joint(T - 1, T))


def step():
    """entropy.reverse_entropy, against H_q(X_{t-1}|X_t) from tables of all paths:

    (27) §A H_q(X⁽ᵗ⁻¹⁾|X⁽ᵗ⁾) = H_q(X⁽ᵗ⁾|X⁽ᵗ⁻¹⁾) + H_q(X⁽ᵗ⁻¹⁾) − H_q(X⁽ᵗ⁾)
    """
    return Sides(_step()[0], d.entropy(_chain().q, T - 1, T))


def rise():
    """H_q(X_t) - H_q(X_{t-1}) as entropy.upper_bound - H_q(X_{t-1}|X_t), against from tables; it must not be below 0:

    (28) §A H_q(X⁽ᵗ⁾) ≥ H_q(X⁽ᵗ⁻¹⁾)
    (29) §A H_q(X⁽ᵗ⁻¹⁾) − H_q(X⁽ᵗ⁾) ≤ 0
    """
    return Sides(_upper() - d.entropy(_chain().q, T - 1, T), _joint(T) - _joint(T - 1))


def upper():
    """entropy.upper_bound, against H_q(X_t|X_{t-1}) from tables of all paths:

    (30) §A H_q(X⁽ᵗ⁻¹⁾|X⁽ᵗ⁾) ≤ H_q(X⁽ᵗ⁾|X⁽ᵗ⁻¹⁾)
    """
    return Sides(_upper(), d.entropy(_chain().q, T, T - 1), beside=_true())


def forgetting():
    """H_q(X_0|X_t) - H_q(X_0|X_{t-1}) as entropy.reverse_entropy - lower_bound, against from tables; not below 0:

    (31) §A H_q(X⁽⁰⁾|X⁽ᵗ⁾) ≥ H_q(X⁽⁰⁾|X⁽ᵗ⁻¹⁾)
    """
    q = _chain().q
    return Sides(_step()[0] - _lower(), d.entropy(q, 0, T) - d.entropy(q, 0, T - 1))


def _fall():
    """The left side of Eqs. 32-34."""
    return {"H_q(X⁽ᵗ⁻¹⁾) − H_q(X⁽ᵗ⁾)": _joint(T - 1) - _joint(T)}


def fall():
    """The right side as entropy.lower_bound - upper_bound, against from tables of all paths:

    (32) §A H_q(X⁽ᵗ⁻¹⁾) − H_q(X⁽ᵗ⁾) ≥ H_q(X⁽⁰⁾|X⁽ᵗ⁻¹⁾) + H_q(X⁽ᵗ⁻¹⁾) − H_q(X⁽⁰⁾|X⁽ᵗ⁾) − H_q(X⁽ᵗ⁾)
    """
    q = _chain().q
    right = d.entropy(q, 0, T - 1) + _joint(T - 1) - d.entropy(q, 0, T) - _joint(T)
    return Sides(_lower() - _upper(), right, beside=_fall())


def fall_of_pairs():
    """The right side as entropy.lower_bound - upper_bound, against from tables of all paths:

    (33) §A H_q(X⁽ᵗ⁻¹⁾) − H_q(X⁽ᵗ⁾) ≥ H_q(X⁽⁰⁾, X⁽ᵗ⁻¹⁾) − H_q(X⁽⁰⁾, X⁽ᵗ⁾)
    """
    return Sides(_lower() - _upper(), _joint(0, T - 1) - _joint(0, T), beside=_fall())


def fall_given_data():
    """The right side as entropy.lower_bound - upper_bound, against from tables of all paths:

    (34) §A H_q(X⁽ᵗ⁻¹⁾) − H_q(X⁽ᵗ⁾) ≥ H_q(X⁽ᵗ⁻¹⁾|X⁽⁰⁾) − H_q(X⁽ᵗ⁾|X⁽⁰⁾)
    """
    q = _chain().q
    return Sides(_lower() - _upper(), d.entropy(q, T - 1, 0) - d.entropy(q, T, 0), beside=_fall())


def lower():
    """entropy.lower_bound, against H_q(X_{t-1}|X_t,X_0) from tables of all paths:

    (35) §A H_q(X⁽ᵗ⁻¹⁾|X⁽ᵗ⁾) ≥ H_q(X⁽ᵗ⁾|X⁽ᵗ⁻¹⁾) + H_q(X⁽ᵗ⁻¹⁾|X⁽⁰⁾) − H_q(X⁽ᵗ⁾|X⁽⁰⁾)
    """
    return Sides(_lower(), _joint(0, T - 1, T) - _joint(0, T), beside=_true())
