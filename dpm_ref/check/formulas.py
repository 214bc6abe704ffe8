"""Formulas as sums of terms, so that a wrong result can be taken apart: which term has the wrong coefficient.

TERMS[function, output] gives the terms of a case by name; with the right formula each has the coefficient 1. Terms that
a mistake may bring in are not here: what is no combination of the right terms stays unexplained.
"""
import numpy as np

from . import bank_bits as bits
from .bank_bound import entropy, terms
from .mistakes import coefficients, normal


def steps(path, beta, gain, gain_var):
    """The terms of a path's weight."""
    T, x = len(beta) - 1, path
    return {"x_T^2 in log p(x_T)": -(x[T] ** 2).sum(axis=1) / 2, "the constant of log p(x_T)": normal(0 * x[T], 0, 1).sum(axis=1),
            "log p(x_0|x_1)": normal(x[0], x[1] * np.sqrt(1 - beta[1]), beta[1]).sum(axis=1),
            "the sum of log p(x_{t-1}|x_t), t = 2..T,": sum(normal(x[t - 1], gain[t] * x[t], gain_var[t]).sum(axis=1) for t in range(2, T + 1)),
            "the sum of log q(x_t|x_{t-1})": -sum(normal(x[t], x[t - 1] * np.sqrt(1 - beta[t]), beta[t]).sum(axis=1) for t in range(1, T + 1))}


def K_terms(kl_t, H_T, H_1, H_p):
    """The terms of K."""
    return {**{f"KL of t = {t}": -kl_t[t] for t in range(2, len(kl_t))}, "H_T": H_T, "H_1": -H_1, "H_p": -H_p}


def K_true_terms(x0, noises, beta, alpha_bar, gain, gain_var):
    """The terms of the bound for any data."""
    kl_t, H_T, H_1, H_p = terms()(x0, noises, beta, alpha_bar, gain, gain_var)
    m2 = (x0 ** 2 - 1).sum(axis=1) / 2
    return {"the sum of KL": -kl_t.sum(axis=0), "H_T": H_T, "H_1": -H_1, "H_p": -H_p,
            "the edge term at T": -alpha_bar[-1] * m2, "the edge term at 1": -beta[1] * m2}


def lower(t, beta, alpha_bar, bit=False):
    """The terms of Eq. 24's lower bound."""
    def H(v):
        return -bits.x_log(v / 2, v / 2) - bits.x_log(1 - v / 2, 1 - v / 2) if bit else entropy(v)
    return {"H(X_t|X_{t-1})": H(beta[t]), "H(X_{t-1}|X_0)": H(1 - alpha_bar[t - 1]), "H(X_t|X_0)": -H(1 - alpha_bar[t])}


def posterior_mean(xt, x0, t, beta, alpha_bar):
    """The two terms of the posterior mean."""
    c0, ct, _ = coefficients(beta[t], alpha_bar[t - 1], alpha_bar[t])
    return {"x_0": c0 * x0, "x_t": ct * xt}


TERMS = {
    ("gaussian.forward", "mean"): lambda x, t, beta: {"x": x * np.sqrt(1 - beta[t])},
    ("gaussian.posterior", "mean"): posterior_mean,
    ("gaussian.kl", "kl"): lambda mean_q, var_q, mean_p, var_p: {
        "the log ratio of variances": np.log(var_p / var_q) / 2, "the ratio of variances": var_q / var_p / 2,
        "the difference of means": (mean_q - mean_p) ** 2 / var_p / 2, "the constant -1/2": -0.5 + 0 * var_q},
    ("gaussian.entropy", "H"): lambda var: {"log var / 2": np.log(var) / 2, "the constant log(2 pi e)/2": entropy(1 + 0 * var)},
    ("gaussian.log_density", "log_q"): lambda x, mean, var: {
        "the square": -(x - mean) ** 2 / var / 2, "log var / 2": -np.log(var) / 2, "the constant log(2 pi)/2": normal(0 * x, 0, 1)},
    ("gaussian.draw", "x"): lambda mean, var, noise: {"the mean": mean, "the noise": np.sqrt(var) * noise},
    ("gaussian.perturbed", "mean"): lambda mean, var, slope: {"the mean": mean, "the slope": var * slope},
    ("binomial.forward", "rate"): lambda x, t, beta, p: {"x": x * (1 - beta[t]), "p beta_t": p * beta[t] + 0 * x},
    ("binomial.marginal", "rate"): lambda x0, t, beta, alpha_bar, p: {"x_0": x0 * alpha_bar[t], "p (1 - alpha_bar_t)": p * (1 - alpha_bar[t]) + 0 * x0},
    ("binomial.kl", "kl"): lambda rate_q, rate_p: {
        "q log q": bits.x_log(rate_q, rate_q), "(1 - q) log(1 - q)": bits.x_log(1 - rate_q, 1 - rate_q),
        "q log p": -bits.x_log(rate_q, rate_p), "(1 - q) log(1 - p)": -bits.x_log(1 - rate_q, 1 - rate_p)},
    ("binomial.entropy", "H"): lambda rate: {"r log r": -bits.x_log(rate, rate), "(1 - r) log(1 - r)": -bits.x_log(1 - rate, 1 - rate)},
    ("bound.K", "K"): K_terms,
    ("bound.K_true", "K"): K_true_terms,
    ("bound.log_weights", "log_w"): steps,
    ("bound.L_null", "L"): lambda x0: {"x_0^2 / 2": -(x0 ** 2).sum(axis=1) / 2, "the constant log(2 pi)/2": normal(0 * x0, 0, 1).sum(axis=1)},
    ("reverse.mean", "mean"): lambda x, z, var: {"x": x, "x Sigma": -x * var, "z Sigma": z * var},
    ("trajectory.forward_step", "x_next"): lambda x, t, beta, noise: {"x": x * np.sqrt(1 - beta[t]), "the noise": np.sqrt(beta[t]) * noise},
    ("trajectory.last_step", "x_next"): lambda x1, beta, noise: {"x_1": x1 * np.sqrt(1 - beta[1]), "the noise": np.sqrt(beta[1]) * noise},
    ("product.denoise", "mean"): lambda mean, var, y, y_var, xt: {"f_mu": mean, "the gradient": var * (y - mean) / y_var},
    ("entropy.bounds", "lower"): lower,
    ("entropy.bounds_bits", "lower"): lambda **a: lower(**a, bit=True),
}
