"""Mistakes in the mean of a reverse step, and in KL_t, from what later models predict: x_0, eps, v or the score.

The step is q(x_{t-1}|x_t,x_0) with the predicted x_0 in the place of x_0.
"""
import numpy as np

from . import posterior
from .convert import AFTER, BEFORE, EXCHANGED, NO_SIGNAL_ROOT, NO_SIZE_ROOT, PIECES, ROOT_INSIDE, minus, taken_for
from .formula import NARROW, ONE_T, Choice, Formula, Mistake

PIECES = {**PIECES, **posterior.PIECES, "keep": lambda alpha_t: np.sqrt(alpha_t)}
STEP = "mean = (x_t - beta_t eps / sqrt(1 - alpha_bar_t)) / sqrt(alpha_t): "
NOT_KEPT = Mistake("not divided by sqrt(alpha_t)", "coefficient", dict(keep=lambda: 1), STEP + "all is divided.")
KEPT_BAR = Mistake("divided by sqrt(alpha_bar_t) for sqrt(alpha_t)", "coefficient", dict(keep=lambda signal: signal),
                   STEP + "one step is undone, with alpha_t = 1 - beta_t.")
KEPT_ALL = Mistake("divided by alpha_t without the root", "coefficient", dict(keep=lambda alpha_t: alpha_t),
                   STEP + "the root of alpha_t divides.")
LATE = Mistake("beta of t - 1", "index_shift", dict(beta_t=lambda beta, t: beta[t - 1]), "beta[t] belongs to step t.")
TIME = [Mistake("everything of t - 1", "index_shift", BEFORE, "The step from x_t has index t."),
        Mistake("everything of t + 1", "index_shift", AFTER, "The step from x_t has index t."),
        Mistake("one t for the whole batch", "mixed_t", ONE_T, "Each row has its own t."), *NARROW]
BY_X0 = dict(right="by_x0")                                                 # a piece: eps -> x_0 -> the posterior
STEPS = posterior.derived(posterior.POSTERIOR)
STEPS_BY_X0 = posterior.derived(posterior.POSTERIOR, **BY_X0)


CLIPPED = Choice("x_0 clipped to -1..1", "coefficient", dict(x0=lambda x0: np.clip(x0, -1, 1)),
                 "Samplers of images clip the predicted x_0 first.")
CLIPPED_BY_X0 = CLIPPED._replace(wrong={**BY_X0, **CLIPPED.wrong})


def by(x0):
    """Pieces of a mean from a prediction, with the x_0 that follows from this."""
    return {**PIECES, "x0": x0, "by_x0": posterior.mean}


MEANS = {
    "convert.mean_from_eps": Formula(
        right=lambda xt, eps, beta_t, size, keep: (xt - beta_t / size * eps) / keep,
        pieces=by(lambda xt, eps, signal, size: (xt - size * eps) / signal),
        terms={"mean": lambda xt, eps, beta_t, size, keep: {"x_t": xt / keep, "eps": -beta_t / size * eps / keep}},
        mistakes=[
            NOT_KEPT, KEPT_BAR, KEPT_ALL, NO_SIZE_ROOT, ROOT_INSIDE, minus("eps", lambda eps: -eps), LATE, *TIME,
            Mistake("only x_t divided by sqrt(alpha_t)", "coefficient",
                    lambda xt, eps, beta_t, size, keep: xt / keep - beta_t / size * eps, STEP + "all is divided."),
            Mistake("sqrt(beta_t) for beta_t", "spread",
                    lambda xt, eps, beta_t, size, keep: (xt - np.sqrt(beta_t) / size * eps) / keep,
                    STEP + "beta_t has no root."),
            Mistake("all of the noise taken away", "coefficient", lambda xt, eps, size, keep: (xt - size * eps) / keep,
                    STEP + "a step takes a part of it, beta_t / (1 - alpha_bar_t)."),
            taken_for("x_0 returned for the mean", lambda x0: x0),
            Mistake("multiplied by sqrt(alpha_t)", "coefficient", dict(keep=lambda keep: 1 / keep),
                    STEP + "a reverse step divides."),
            taken_for("eps taken for the score", lambda xt, eps, beta_t, keep: (xt + beta_t * eps) / keep),
            Choice("the step of DDIM without noise", "coefficient",
                   lambda xt, eps, signal, size, alpha_bar_prev: (
                       np.sqrt(alpha_bar_prev) * (xt - size * eps) / signal + np.sqrt(1 - alpha_bar_prev) * eps),
                   "DDIM's step is another distribution (Song, Meng & Ermon 2021)."),
            CLIPPED_BY_X0, *STEPS_BY_X0]),
    "convert.mean_from_x0": Formula(
        right=posterior.mean, pieces=PIECES,
        terms={"mean": lambda xt, x0, c0, ct: {"x_0": c0 * x0, "x_t": ct * xt}},
        mistakes=[
            LATE, *TIME, CLIPPED, *STEPS,
            Mistake("the mean of q(x_{t-1}|x_0)", "coefficient",
                    lambda x0, alpha_bar_prev: np.sqrt(alpha_bar_prev) * x0,
                    "x_t is known as well: use the posterior."),
            taken_for("x_0 returned for the mean", lambda x0: x0),
            taken_for("x_0 taken for eps", lambda xt, x0, beta_t, size, keep: (xt - beta_t / size * x0) / keep)]),
    "convert.mean_from_v": Formula(
        right=posterior.mean, pieces=by(lambda xt, v, signal, size: signal * xt - size * v),
        terms={"mean": lambda xt, v, c0, ct, signal, size: {"x_t": (c0 * signal + ct) * xt, "v": -c0 * size * v}},
        mistakes=[
            NO_SIGNAL_ROOT, NO_SIZE_ROOT, ROOT_INSIDE, EXCHANGED, minus("v", lambda v: -v), LATE, *TIME, CLIPPED,
            *STEPS,
            taken_for("v taken for x_0", lambda xt, v, c0, ct: c0 * v + ct * xt),
            taken_for("v taken for eps", lambda xt, v, beta_t, size, keep: (xt - beta_t / size * v) / keep),
            taken_for("x_0 returned for the mean", lambda x0: x0)]),
    "convert.mean_from_score": Formula(
        right=lambda xt, score, beta_t, keep: (xt + beta_t * score) / keep,
        pieces=by(lambda xt, score, signal, size: (xt + size ** 2 * score) / signal),
        terms={"mean": lambda xt, score, beta_t, keep: {"x_t": xt / keep, "score": beta_t * score / keep}},
        mistakes=[
            NOT_KEPT, KEPT_BAR, KEPT_ALL, minus("score", lambda score: -score), LATE, *TIME, *STEPS_BY_X0,
            Mistake("half the score", "coefficient", lambda xt, score, beta_t, keep: (xt + beta_t * score / 2) / keep,
                    "beta_t score / 2 is the flow without noise; a reverse step has beta_t score."),
            Mistake("sqrt(beta_t) for beta_t", "spread",
                    lambda xt, score, beta_t, keep: (xt + np.sqrt(beta_t) * score) / keep,
                    "The score is multiplied by the variance beta_t."),
            Mistake("1 - alpha_bar_t for beta_t", "coefficient",
                    lambda xt, score, size, keep: (xt + size ** 2 * score) / keep, "One step has beta_t."),
            Mistake("first order in beta_t", "coefficient",
                    lambda xt, score, beta_t: xt + beta_t * (xt / 2 + score),
                    "That is the step of the differential equation; divide by sqrt(1 - beta_t)."),
            taken_for("score taken for eps", lambda xt, score, beta_t, size, keep: (
                xt - beta_t / size * score) / keep)]),
}


def kl(right, factor, *own):
    """KL_t = (difference of means)² / (2 var), where the difference of means is `factor` times that of predictions."""
    return Formula(
        right=right, pieces={**PIECES, "factor": factor, "weight": lambda factor, var: factor ** 2 / (2 * var)},
        mistakes=[
            *TIME, *own,
            Mistake("without the factor 1/2", "missing_term", lambda right: 2 * right,
                    "KL of two Gaussians of one variance: the squared difference of means over twice the variance."),
            Mistake("standard deviation for variance", "spread", dict(var=lambda var: np.sqrt(var)),
                    "The squared difference of means is divided by twice the variance."),
            Mistake("variance taken for a log variance", "spread", dict(var=lambda var: np.exp(var)),
                    "The squared difference of means is divided by twice the variance."),
            Mistake("the logarithm of the variance", "spread", dict(var=lambda var: np.log(var)),
                    "The squared difference of means is divided by twice the variance."),
            Mistake("factor not squared", "coefficient", dict(weight=lambda factor, var: np.abs(factor) / (2 * var)),
                    "The difference of means is squared, and so is its factor."),
            Mistake("not divided by the variance", "coefficient", dict(var=lambda: 1), "KL_t is in units of variance."),
            Mistake("weight upside down", "coefficient", dict(weight=lambda weight: 1 / weight),
                    "This weight makes KL_t of the squared error; its inverse makes the squared error of KL_t."),
            Choice("variance beta_t", "coefficient", dict(var=lambda beta_t: beta_t),
                   "The other fixed variance of Ho et al. 2020; here it is the posterior's."),
            Choice("weight 1, as in L_simple", "coefficient", dict(weight=lambda: 1.0),
                   "The squared error alone: the terms of K with other weights."),
            Choice("weight 1/2", "coefficient", dict(weight=lambda: 0.5), "Half the squared error: other weights.")])


FORMULAS = {
    **MEANS,
    "convert.kl_from_eps": kl(
        lambda weight, eps, eps_hat: weight * (eps - eps_hat) ** 2, lambda beta_t, size, keep: beta_t / (size * keep),
        LATE, NO_SIZE_ROOT, ROOT_INSIDE, NOT_KEPT, KEPT_BAR, KEPT_ALL,
        taken_for("the weight for x_0", dict(factor=lambda c0: c0)),
        taken_for("the weight for v", dict(factor=lambda c0, size: c0 * size))),
    "convert.kl_from_x0": kl(
        lambda weight, x0, x0_hat: weight * (x0 - x0_hat) ** 2, lambda c0: c0,
        taken_for("the weight for eps", dict(factor=lambda beta_t, size, keep: beta_t / (size * keep))),
        Mistake("SNR_{t-1} alone", "missing_term", dict(weight=lambda alpha_bar_prev: (
            alpha_bar_prev / (1 - alpha_bar_prev) / 2)), "The weight is half of SNR_{t-1} - SNR_t."),
        Mistake("SNR_t - SNR_{t-1}", "sign", dict(weight=lambda weight: -weight), "SNR falls with t; KL is positive."),
        Mistake("a difference of roots of the SNR", "coefficient", dict(
            weight=lambda alpha_bar_prev, alpha_bar_t: (np.sqrt(alpha_bar_prev / (1 - alpha_bar_prev))
                                                        - np.sqrt(alpha_bar_t / (1 - alpha_bar_t))) / 2),
                "SNR is alpha_bar / (1 - alpha_bar), without a root."),
        Choice("weight SNR_t, as in L_simple", "coefficient",
               dict(weight=lambda alpha_bar_t: alpha_bar_t / (1 - alpha_bar_t)),
               "The squared error of eps: the terms of K with other weights.")),
    "convert.kl_from_v": kl(
        lambda weight, v, v_hat: weight * (v - v_hat) ** 2, lambda c0, size: c0 * size,
        NO_SIZE_ROOT, ROOT_INSIDE, LATE,
        taken_for("the weight for x_0", dict(factor=lambda c0: c0)),
        taken_for("the weight for eps", dict(factor=lambda beta_t, size, keep: beta_t / (size * keep))),
        Choice("weight alpha_bar_t, as in L_simple", "coefficient", dict(weight=lambda alpha_bar_t: alpha_bar_t),
               "The squared error of eps: the terms of K with other weights.")),
}
