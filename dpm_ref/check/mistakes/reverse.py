"""Mistakes in the parametrisation of Eqs. 62-65."""
import numpy as np

from .formula import NEXT_T, ONE_T, Choice, Formula, Mistake, logit, sigmoid


FORMULAS = {
    "reverse.bumps": Formula(
        right=lambda bump: bump / bump.sum(),
        pieces=dict(exponent=lambda t, tau, w: -(t - tau) ** 2 / (2 * w ** 2), bump=lambda exponent: np.exp(exponent)),
        mistakes=[
            Mistake("not normalised", "normaliser", lambda bump: bump, "Divide by the sum over the bumps."),
            Mistake("divided by the largest", "normaliser", lambda bump: bump / bump.max(),
                    "Divide by the sum, not by the largest."),
            Mistake("a density's normaliser", "normaliser", lambda bump, w: bump / (w * np.sqrt(2 * np.pi)),
                    "Divide by the sum over the bumps, not by w sqrt(2 pi)."),
            Mistake("exponent of the wrong sign", "spread", dict(exponent=lambda exponent: -exponent),
                    "The exponent is minus (t - tau)^2 / 2 w^2."),
            Mistake("width not squared", "spread", dict(exponent=lambda t, tau, w: -(t - tau) ** 2 / (2 * w)),
                    "The exponent is divided by 2 w^2."),
            Mistake("without the 2 of 2 w^2", "normaliser", dict(exponent=lambda exponent: 2 * exponent),
                    "The exponent is divided by 2 w^2."),
            Mistake("distance not squared", "normaliser",
                    dict(exponent=lambda t, tau, w: -np.abs(t - tau) / (2 * w ** 2)), "The distance is squared."),
            Mistake("t - 1 for t", "index_shift", dict(t=lambda t: t - 1), "t is the paper's t = 1..T."),
            Mistake("t + 1 for t", "index_shift", dict(t=lambda t: t + 1), "t is the paper's t = 1..T."),
            Choice("half the width", "normaliser", dict(w=lambda w: w / 2),
                   "The authors' later code uses half the spacing as width.")
        ]),
    "reverse.readout": Formula(
        right=lambda for_mean, for_var, g: (for_mean @ g, for_var @ g),
        pieces=dict(
            for_mean=lambda coefficients, g: coefficients[:, :len(g)],
            for_var=lambda coefficients, g: coefficients[:, len(g):]),
        mistakes=[
            Mistake("halves exchanged", "order",
                    dict(for_mean=lambda for_var: for_var, for_var=lambda for_mean: for_mean),
                    "The first J coefficients are for the mean."),
            Mistake("coefficients interleaved", "order",
                    dict(for_mean=lambda coefficients: coefficients[:, ::2],
                         for_var=lambda coefficients: coefficients[:, 1::2]),
                    "The first J are for the mean, the last J for the variance."),
            Mistake("mean over the bumps", "order", dict(g=lambda g: g / len(g)),
                    "Sum over j; the bumps sum to 1 already."),
            Mistake("bumps in reverse order", "order", dict(g=lambda g: g[::-1]), "Coefficient j belongs to bump j."),
            Mistake("the largest bump only", "order", dict(g=lambda g: 1.0 * (g == g.max())), "All bumps contribute.")
        ]),
    "reverse.variance": Formula(
        right=lambda z, logit_beta: sigmoid(z + logit_beta),
        pieces=dict(logit_beta=lambda beta_t: logit(beta_t)),
        mistakes=[
            Mistake("sigmoid of z only", "coefficient", dict(logit_beta=lambda: 0),
                    "logit(beta_t) is missing: at z = 0 the variance is beta_t."),
            Mistake("beta inside the sigmoid without logit", "coefficient", dict(logit_beta=lambda beta_t: beta_t),
                    "sigmoid^-1(beta_t) is added, not beta_t."),
            Mistake("log beta for logit beta", "coefficient", dict(logit_beta=lambda beta_t: np.log(beta_t)),
                    "sigmoid^-1(beta) = log(beta / (1 - beta))."),
            Mistake("logit subtracted", "coefficient", dict(logit_beta=lambda logit_beta: -logit_beta),
                    "logit(beta_t) is added."),
            Mistake("beta times sigmoid", "coefficient", lambda z, beta_t: beta_t * sigmoid(z),
                    "beta_t enters through its logit."),
            Mistake("beta times exp", "coefficient", lambda z, beta_t: beta_t * np.exp(z),
                    "beta_t exp(z) can exceed 1; use the logit."),
            Mistake("minus z", "coefficient", dict(z=lambda z: -z), "z is added."),
            Mistake("beta of t - 1", "index_shift", dict(t=lambda t: t - 1), "beta[t] is the paper's beta_t."),
            Mistake("beta of t + 1", "index_shift", NEXT_T, "beta[t] is the paper's beta_t."),
            Mistake("one t for the whole batch", "mixed_t", ONE_T, "Each row has its own t."),
            Mistake("z left out", "coefficient", dict(z=lambda: 0), "z^Sigma is missing."),
            Mistake("standard deviation for variance", "coefficient", lambda right: np.sqrt(right),
                    "The sigmoid gives the variance."),
            Choice("the authors' code: z / sqrt(T)", "coefficient", dict(z=lambda z, T: z / np.sqrt(T)),
                   "The authors' later code divides z by sqrt(T).")
        ]),
    "reverse.mean": Formula(
        right=lambda x, z, var: (x - z) * (1 - var) + z,
        terms={"mean": lambda x, z, var: {"x": x, "x Sigma": -x * var, "z Sigma": z * var}},
        mistakes=[
            Mistake("z added, not mixed", "coefficient", lambda x, z, var: x * (1 - var) + z,
                    "mu = (x - z)(1 - Sigma) + z: the first z is missing."),
            Mistake("Sigma and 1 - Sigma exchanged", "coefficient", dict(var=lambda var: 1 - var),
                    "x is weighted by 1 - Sigma."),
            Mistake("standard deviation for variance", "spread", dict(var=lambda var: np.sqrt(var)),
                    "Sigma is a variance."),
            Mistake("square root of 1 - Sigma", "coefficient", lambda x, z, var: (x - z) * np.sqrt(1 - var) + z,
                    "Eq. 65 has 1 - Sigma without a root."),
            Mistake("root of 1 - Sigma for x, Sigma for z", "coefficient",
                    lambda x, z, var: x * np.sqrt(1 - var) + z * var, "Eq. 65 has 1 - Sigma without a root."),
            Mistake("last z left out", "coefficient", lambda x, z, var: (x - z) * (1 - var),
                    "The + z at the end is missing."),
            Mistake("z of the wrong sign", "coefficient", dict(z=lambda z: -z), "mu = (x - z)(1 - Sigma) + z."),
            Mistake("x + z", "coefficient", lambda x, z: x + z, "x + z is a residual step, not Eq. 65."),
            Mistake("z only", "coefficient", lambda z: z, "Eq. 65 mixes z with x_t; here x_t is missing."),
            Choice("the authors' code: sqrt(1 - beta) x + sqrt(beta) z", "coefficient",
                   lambda x, z, var: np.sqrt(1 - var) * x + np.sqrt(var) * z,
                   "The authors' later code mixes with roots (here beta = Sigma).")
        ]),
}
