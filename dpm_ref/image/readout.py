"""From what the image network sees to p(x_{t-1}|x_t): readouts in time and what they mean (paper, section D.2.1).

    bumps, time_readout                        2J numbers a pixel become z_mu and z_Sigma at step t      Eqs. (62), (63)
    as_printed, authors_code, through_x0       z becomes a mean and a variance                           Eqs. (64), (65)
"""
import autograd.numpy as np

from ..engine.layers import sigmoid
from ..engine.numerics import logit
from ..gaussian import Gaussian
from ..schedule import at
from .convolution import convolve


def bumps(t, T, J):
    """g_j(t) = exp(-(t - tau_j)² / 2w²) / Σ_k exp(-(t - tau_k)² / 2w²): t (S,) to (S, J), which sum to 1 over j.

    Eq. (63), §D.2.1
    Centres tau_j = (j - 1/2) T / J, and w = T / J, their spacing.
    """
    tau, w = (np.arange(J) + 0.5) * T / J, T / J
    return bumps_at(t, tau, w)


def bumps_at(t, tau, w):
    """The bumps at t (S,) for given centres tau (J,) and width w: (S, J).

    Eq. (63), §D.2.1
    """
    g = np.exp(-(np.asarray(t)[:, None] - tau) ** 2 / (2 * w ** 2))
    return g / np.sum(g, axis=1, keepdims=True)


def time_readout(h, W, b, t, T):
    """z_i = Σ_j y_ij g_j(t), with y_ij = h_i W_j + b_j, for h (S N, H, W, F), W (J, F, 2C), b (J, 2C): (S, N H W, 2C).

    Eq. (62), §D.2.1
    Linear in both, so the bumps may be folded into the weights first: z_i = h_i (Σ_j g_j W_j) + Σ_j g_j b_j.
    """
    g = bumps(np.reshape(t, -1), T, len(W)).astype(h.dtype)                                       # (S, J)
    W_t, b_t = np.tensordot(g, W, 1), np.dot(g, b)                                                # (S, F, 2C), (S, 2C)
    if len(g) == 1:                                                                               # in tiles
        return np.reshape(convolve(h, W_t[0][None, None]), (1, -1, b.shape[-1])) + b_t[:, None]
    return np.matmul(np.reshape(h, (len(g), -1, h.shape[-1])), W_t) + b_t[:, None]


def time_readout_unfolded(h, W, b, t, T):
    """The same, word for word: first the 2J numbers y_ij a pixel, then their sum with g_j(t).

    Eq. (62), §D.2.1
    """
    g = bumps(np.reshape(t, -1), T, len(W)).astype(h.dtype)
    h = np.reshape(h, (len(g), -1, h.shape[-1]))
    y = np.stack([np.dot(h, W_j) + b_j for W_j, b_j in zip(W, b)])                                # (J, S, N H W, 2C)
    return np.sum(y * np.transpose(g)[:, :, None, None], axis=0)


# ------------------------------------------------------------------ mean and variance

def as_printed(x, z_mean, z_var, t, schedule):
    """var = sigmoid(z_Sigma + logit beta_t), mean = (x - z_mu)(1 - var) + z_mu.

    Eq. (64), Eq. (65), §D.2.1
    z = 0 is not the forward kernel: (1 - beta) x where that has sqrt(1 - beta) x.
    """
    var = sigmoid(z_var + logit(at(schedule.beta, t, x)))
    return Gaussian((x - z_mean) * (1 - var) + z_mean, var)


def authors_code(x, z_mean, z_var, t, schedule):
    """mean = sqrt(1 - beta_t) x + sqrt(beta_t) z_mu, var = sigmoid(z_Sigma / sqrt(T) + logit beta_t).

    Source: the authors' later public code.
    z = 0 is the forward kernel, which is exact for white data.
    """
    beta = at(schedule.beta, t, x)
    return Gaussian(np.sqrt(1 - beta) * x + np.sqrt(beta) * z_mean, sigmoid(z_var / float(np.sqrt(schedule.T)) + logit(beta)))


def through_x0(x, z_mean, z_var, t, schedule):
    """mean = sqrt(1 - beta_t) x + s sqrt(beta_t) z_mu, var = beta_t (1 - s² + s² exp z_Sigma), s² = ᾱ_{t-1} beta_t / (1 - ᾱ_t).

    As `authors_code`, in units in which z is of order 1 at every t: by Bayes' rule this is the reverse step of
    x_0 ~ N(sqrt(ᾱ_t) x + sqrt(1 - ᾱ_t) z_mu, (1 - ᾱ_t) exp z_Sigma), and 1 - s² the share of it that x_0 leaves open.
    """
    beta = at(schedule.beta, t, x)
    log_alpha_bar = at(schedule.log_alpha_bar, np.asarray(t) - 1, x, first=0)                     # of t - 1
    s2 = np.exp(log_alpha_bar) * beta / (beta - (1 - beta) * np.expm1(log_alpha_bar))
    return Gaussian(np.sqrt(1 - beta) * x + np.sqrt(s2 * beta) * z_mean, beta * (1 - s2 + s2 * np.exp(z_var)))
