"""Mistakes in what later models predict: x_0, eps, v and the score, each from another.

x_t = signal x_0 + size eps and v = signal eps - size x_0; signal = sqrt(alpha_bar_t), size = sqrt(1 - alpha_bar_t).
"""
import numpy as np

from .formula import NARROW, ONE_T, SIZES, Choice, Formula, Mistake

PIECES = dict(signal=lambda alpha_bar_t: np.sqrt(alpha_bar_t), size=lambda alpha_bar_t: np.sqrt(1 - alpha_bar_t))
ROOTS = "x_t = sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) eps: "
BEFORE, AFTER = dict(t=lambda t: t - 1), dict(t=lambda t, alpha_bar: np.minimum(t + 1, len(alpha_bar) - 1))
NO_SIGNAL_ROOT = Mistake("alpha_bar_t without the root", "coefficient", dict(signal=lambda alpha_bar_t: alpha_bar_t),
                         ROOTS + "x_0 has sqrt(alpha_bar_t).")
NO_SIZE_ROOT = Mistake("1 - alpha_bar_t without the root", "coefficient",
                       dict(size=lambda alpha_bar_t: 1 - alpha_bar_t),
                       ROOTS + "eps has the standard deviation, sqrt(1 - alpha_bar_t).")
ROOT_INSIDE = Mistake("1 - sqrt(alpha_bar_t) for sqrt(1 - alpha_bar_t)", "coefficient",
                      dict(size=lambda signal: 1 - signal), ROOTS + "the root is of 1 - alpha_bar_t.")
EXCHANGED = Mistake("sqrt(alpha_bar_t) and sqrt(1 - alpha_bar_t) exchanged", "coefficient",
                    dict(signal=lambda size: size, size=lambda signal: signal),
                    ROOTS + "sqrt(alpha_bar_t) belongs to x_0.")
SCHEDULE = [
    Mistake("alpha_t for alpha_bar_t", "index_shift", dict(alpha_bar_t=lambda alpha_t: alpha_t),
            "alpha_bar_t is the product of 1 - beta_s over s <= t, not its last factor."),
    Mistake("beta_t for 1 - alpha_bar_t", "index_shift", dict(size=lambda beta_t: np.sqrt(beta_t)),
            "beta_t is the noise of one step; x_t has that of t steps, 1 - alpha_bar_t."),
    Mistake("alpha_bar of t - 1", "index_shift", BEFORE, "alpha_bar[t] includes step t; alpha_bar[0] = 1."),
    Mistake("alpha_bar of t + 1", "index_shift", AFTER, "alpha_bar[0] = 1 is there: alpha_bar[t] belongs to x_t."),
    Mistake("one t for the whole batch", "mixed_t", ONE_T,
            "Each row has its own t: alpha_bar[t] must have shape (N, 1)."), *NARROW]
BOTH = [NO_SIGNAL_ROOT, NO_SIZE_ROOT, ROOT_INSIDE, EXCHANGED, *SCHEDULE]
CLIPPED = Choice("x_0 clipped to -1..1", "coefficient", lambda right: np.clip(right, -1, 1),
                 "Samplers of images clip x_0; the conversion does not.")

GUARD = "A guard against division by 0, which 1 - alpha_bar_t > 0 does not need; small t shows it."
GUARDS = [*(Choice(f"sqrt(1 - alpha_bar_t) + {e:g}", "coefficient", dict(size=lambda size, e=e: size + e), GUARD)
            for e in SIZES),
          *(Choice(f"sqrt(1 - alpha_bar_t + {e:g})", "coefficient",
                   dict(size=lambda alpha_bar_t, e=e: np.sqrt(1 - alpha_bar_t + e)), GUARD) for e in SIZES)]


def minus(name, negated):
    """The prediction `name` with the other sign."""
    return Mistake(f"{name} with the other sign", "sign", {name: negated},
                   f"Check the sign of {name}: x_t = signal x_0 + size eps, v = signal eps - size x_0, "
                   "score = -eps / size.")


def taken_for(name, wrong):
    """The prediction taken for another."""
    return Mistake(name, "parametrisation", wrong, "The network predicts one of x_0, eps, v and score: convert it.")


FORMULAS = {
    "convert.x0_from_eps": Formula(
        right=lambda xt, eps, signal, size: (xt - size * eps) / signal, pieces=PIECES,
        terms={"x0": lambda xt, eps, signal, size: {"x_t": xt / signal, "eps": -size * eps / signal}},
        mistakes=[
            *BOTH, minus("eps", lambda eps: -eps), CLIPPED,
            Mistake("not divided by sqrt(alpha_bar_t)", "coefficient", lambda xt, eps, size: xt - size * eps,
                    "x_t - sqrt(1 - alpha_bar_t) eps is sqrt(alpha_bar_t) x_0."),
            Mistake("only x_t divided by sqrt(alpha_bar_t)", "coefficient",
                    lambda xt, eps, signal, size: xt / signal - size * eps, "Both terms are divided."),
            Mistake("sigma from 1/alpha_bar_t, without its - 1", "coefficient",
                    lambda xt, eps, signal: (xt - eps) / signal, "eps has sqrt(1/alpha_bar_t - 1)."),
            taken_for("the formula for v", lambda xt, eps, signal, size: signal * xt - size * eps),
            taken_for("eps taken for x_0", lambda eps: eps),
            taken_for("eps taken for the score", lambda xt, eps, signal, size: (xt + size ** 2 * eps) / signal)]),
    "convert.eps_from_x0": Formula(
        right=lambda xt, x0, signal, size: (xt - signal * x0) / size, pieces=PIECES,
        terms={"eps": lambda xt, x0, signal, size: {"x_t": xt / size, "x_0": -signal * x0 / size}},
        mistakes=[
            *BOTH, *GUARDS, minus("x0", lambda x0: -x0),
            Mistake("x_0 not scaled", "coefficient", lambda xt, x0, size: (xt - x0) / size,
                    "x_0 is scaled by sqrt(alpha_bar_t) before it is subtracted."),
            Mistake("not divided by sqrt(1 - alpha_bar_t)", "coefficient", lambda xt, x0, signal: xt - signal * x0,
                    "eps has variance 1."),
            Mistake("x_t and x_0 the other way round", "sign", lambda xt, x0, signal, size: (signal * x0 - xt) / size,
                    "eps points from sqrt(alpha_bar_t) x_0 to x_t."),
            taken_for("the score, for eps", lambda xt, x0, signal, size: (signal * x0 - xt) / size ** 2),
            taken_for("v, for eps", lambda xt, x0, signal, size: (signal * xt - x0) / size)]),
    "convert.x0_from_v": Formula(
        right=lambda xt, v, signal, size: signal * xt - size * v, pieces=PIECES,
        terms={"x0": lambda xt, v, signal, size: {"x_t": signal * xt, "v": -size * v}},
        mistakes=[
            *BOTH, minus("v", lambda v: -v), CLIPPED,
            Mistake("x_t not scaled", "coefficient", lambda xt, v, size: xt - size * v,
                    "x_0 = sqrt(alpha_bar_t) x_t - sqrt(1 - alpha_bar_t) v."),
            taken_for("the formula for eps", lambda xt, v, signal, size: (xt - size * v) / signal),
            taken_for("eps, for x_0", lambda xt, v, signal, size: size * xt + signal * v),
            taken_for("v taken for x_0", lambda v: v)]),
    "convert.eps_from_v": Formula(
        right=lambda xt, v, signal, size: size * xt + signal * v, pieces=PIECES,
        terms={"eps": lambda xt, v, signal, size: {"x_t": size * xt, "v": signal * v}},
        mistakes=[
            *BOTH, minus("v", lambda v: -v),
            Mistake("x_t not scaled", "coefficient", lambda xt, v, signal: xt + signal * v,
                    "eps = sqrt(1 - alpha_bar_t) x_t + sqrt(alpha_bar_t) v."),
            taken_for("x_0, for eps", lambda xt, v, signal, size: signal * xt - size * v),
            taken_for("v taken for eps", lambda v: v),
            taken_for("x_t taken for x_0 in v's definition", lambda xt, v, signal, size: (v + size * xt) / signal)]),
    "convert.v_from_x0": Formula(
        right=lambda xt, x0, signal, size: (signal * xt - x0) / size, pieces=PIECES,
        terms={"v": lambda xt, x0, signal, size: {"x_t": signal * xt / size, "x_0": -x0 / size}},
        mistakes=[
            *BOTH,
            Mistake("v with the other sign", "sign", lambda right: -right,
                    "v = sqrt(alpha_bar_t) eps - sqrt(1 - alpha_bar_t) x_0: eps has the plus."),
            Mistake("x_t not scaled", "coefficient", lambda xt, x0, size: (xt - x0) / size,
                    "v = (sqrt(alpha_bar_t) x_t - x_0) / sqrt(1 - alpha_bar_t)."),
            Mistake("x_0 scaled too", "coefficient", lambda xt, x0, signal, size: signal * (xt - x0) / size,
                    "v = (sqrt(alpha_bar_t) x_t - x_0) / sqrt(1 - alpha_bar_t)."),
            taken_for("eps, for v", lambda xt, x0, signal, size: (xt - signal * x0) / size),
            taken_for("x_t taken for eps", lambda xt, x0, signal, size: signal * xt - size * x0)]),
    "convert.v_target": Formula(
        right=lambda x0, eps, signal, size: signal * eps - size * x0, pieces=PIECES,
        terms={"v": lambda x0, eps, signal, size: {"eps": signal * eps, "x_0": -size * x0}},
        mistakes=[
            *BOTH,
            Mistake("v with the other sign", "sign", lambda right: -right,
                    "v = sqrt(alpha_bar_t) eps - sqrt(1 - alpha_bar_t) x_0: eps has the plus."),
            Mistake("plus for minus", "sign", lambda x0, eps, signal, size: signal * eps + size * x0,
                    "x_0 enters with a minus."),
            taken_for("x_t, for v", lambda x0, eps, signal, size: signal * x0 + size * eps),
            taken_for("eps, for v", lambda eps: eps),
            taken_for("eps - x_0, the velocity of a straight path", lambda x0, eps: eps - x0)]),
    "convert.score_from_eps": Formula(
        right=lambda eps, size: -eps / size, pieces=PIECES,
        mistakes=[
            NO_SIZE_ROOT, ROOT_INSIDE, SCHEDULE[0], *SCHEDULE[2:], *GUARDS, minus("eps", lambda eps: -eps),
            Mistake("times sqrt(1 - alpha_bar_t)", "coefficient", lambda eps, size: -eps * size,
                    "score = -eps / sqrt(1 - alpha_bar_t): it grows as the noise shrinks."),
            Mistake("divided by sqrt(alpha_bar_t)", "coefficient", lambda eps, signal: -eps / signal,
                    "The noise of x_t has the standard deviation sqrt(1 - alpha_bar_t)."),
            Mistake("divided by sigma = sqrt(1/alpha_bar_t - 1)", "coefficient",
                    lambda eps, signal, size: -eps * signal / size,
                    "That is the score of x_t / sqrt(alpha_bar_t), a chain whose signal is not scaled."),
            taken_for("minus eps taken for the score", lambda eps: -eps)]),
    "convert.x0_from_score": Formula(
        right=lambda xt, score, signal, size: (xt + size ** 2 * score) / signal, pieces=PIECES,
        terms={"x0": lambda xt, score, signal, size: {"x_t": xt / signal, "score": size ** 2 * score / signal}},
        mistakes=[
            NO_SIGNAL_ROOT, EXCHANGED, *SCHEDULE, minus("score", lambda score: -score), CLIPPED,
            Mistake("standard deviation for variance", "spread",
                    lambda xt, score, signal, size: (xt + size * score) / signal,
                    "The score is multiplied by the variance 1 - alpha_bar_t."),
            Mistake("not divided by sqrt(alpha_bar_t)", "coefficient", lambda xt, score, size: xt + size ** 2 * score,
                    "x_t + (1 - alpha_bar_t) score is sqrt(alpha_bar_t) x_0."),
            Mistake("only x_t divided by sqrt(alpha_bar_t)", "coefficient",
                    lambda xt, score, signal, size: xt / signal + size ** 2 * score, "Both terms are divided."),
            taken_for("score taken for eps", lambda xt, score, signal, size: (xt - size * score) / signal)]),
}
