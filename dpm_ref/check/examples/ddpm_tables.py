"""Another style: tables from 0-based betas, in float32, log variances, as in denoising diffusion code after 2020.

python -m dpm_ref check dpm_ref/check/examples/ddpm_tables.py

The posterior's log variance is clipped at the first step: the kit calls that a different choice, not a mistake.
"""
import numpy as np

conventions = {"t_first": 0, "t_batch": "vector", "dtype": "float32", "spread": "log_var", "reduce": "sample"}


class Tables:
    """All the tables of a schedule."""

    def __init__(self, betas):
        betas = betas.astype(np.float32)
        alphas_cumprod = np.cumprod(1 - betas)
        alphas_cumprod_prev = np.append(np.float32(1), alphas_cumprod[:-1])
        self.alphas_cumprod = alphas_cumprod
        self.sqrt_alphas_cumprod = np.sqrt(alphas_cumprod)
        self.one_minus = 1 - alphas_cumprod
        with np.errstate(divide="ignore"):
            self.log_one_minus = np.log(self.one_minus)
            variance = betas * (1 - alphas_cumprod_prev) / (1 - alphas_cumprod)
            self.posterior_log_variance_clipped = np.log(np.append(variance[1], variance[1:]))
        self.coef1 = betas * np.sqrt(alphas_cumprod_prev) / (1 - alphas_cumprod)
        self.coef2 = (1 - alphas_cumprod_prev) * np.sqrt(1 - betas) / (1 - alphas_cumprod)


def extract(table, t, x):
    """table[t] for each sample, shaped to multiply x."""
    return table[t].reshape((-1,) + (1,) * (x.ndim - 1))


def schedule_alpha_bar(betas):
    return Tables(betas).alphas_cumprod


def gaussian_marginal(x_start, t, betas):
    tables = Tables(betas)
    return extract(tables.sqrt_alphas_cumprod, t, x_start) * x_start, extract(tables.log_one_minus, t, x_start)


def gaussian_posterior(x_start, x_t, t, betas):
    tables = Tables(betas)
    mean = extract(tables.coef1, t, x_t) * x_start + extract(tables.coef2, t, x_t) * x_t
    return mean, extract(tables.posterior_log_variance_clipped, t, x_t)


def gaussian_kl(mean_q, log_var_q, mean_p, log_var_p):
    square = (mean_q - mean_p) ** 2 * np.exp(-log_var_p)
    kl = 0.5 * (-1 + log_var_p - log_var_q + np.exp(log_var_q - log_var_p) + square)
    return kl.sum(axis=1)


def gaussian_draw(mean, log_var, noise):
    return mean + np.exp(0.5 * log_var) * noise


def trajectory_forward_step(x, t, betas, noise):
    beta = extract(betas, t, x)
    return np.sqrt(1 - beta) * x + np.sqrt(beta) * noise
