"""Another style: images (N, H, W, C), results in bits per pixel, the parametrisation of Eqs. 62-65.

python -m dpm_ref check dpm_ref/check/examples/image_layout.py
"""
import numpy as np

conventions = {"layout": "NHWC", "unit": "bits", "reduce": "pixel"}


def per_pixel(nats):
    """The mean over the pixels of each image, in bits."""
    return nats.mean(axis=(1, 2, 3)) / np.log(2)


def gaussian_kl(mean_q, var_q, mean_p, var_p):
    return per_pixel(0.5 * (np.log(var_p / var_q) + (var_q + (mean_q - mean_p) ** 2) / var_p - 1))


def gaussian_log_density(x, mean, var):
    return per_pixel(-0.5 * (np.log(2 * np.pi * var) + (x - mean) ** 2 / var))


def bound_L_null(x0):
    return gaussian_log_density(x0, 0 * x0, np.ones_like(x0))


def reverse_bumps(t, tau, w):
    g = np.exp(-0.5 * ((t - tau) / w) ** 2)
    return g / g.sum()


def reverse_readout(coefficients, g):
    return coefficients[..., :len(g)] @ g, coefficients[..., len(g):] @ g


def reverse_variance(z, t, beta):
    logit = np.log(beta[t]) - np.log1p(-beta[t])
    return 1 / (1 + np.exp(-(z + logit)))


def reverse_mean(x, z, var):
    return (x - z) * (1 - var) + z


def product_known(mean, var, known, mask):
    return np.where(mask > 0, known, mean), np.where(mask > 0, 0.0, var)
