"""From the features of a pixel to p(x_{t-1}|x_t) (paper, section D.2.1).

    bumps, time_readout                     2J numbers a pixel and colour become z_mu and z_Sigma    Eqs. (62), (63)
    as_printed, authors_code, through_x0    z_mu and z_Sigma become a mean and a variance            Eqs. (64), (65)
"""
import autograd.numpy as np

from ..engine.layers import sigmoid
from ..engine.numerics import logit
from ..gaussian import Gaussian
from ..schedule import at


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


def time_readout(h, W, b, g):
    """z_i = Σ_j y_ij g_j(t), y_ij = h_i W_j + b_j: h (B, H, W, F), W (J, F, 2C), b (J, 2C), g (B, J); z (B, H, W, 2C).

    Eq. (62), §D.2.1
    z is linear in the weights, so the bumps are folded into the weights first: z_i = h_i (Σ_j g_j W_j) + Σ_j g_j b_j.
    """
    W_t, b_t = np.tensordot(g, W, 1), np.dot(g, b)                                                # (B, F, 2C), (B, 2C)
    z = np.matmul(np.reshape(h, (len(h), -1, h.shape[3])), W_t) + b_t[:, None]
    return np.reshape(z, h.shape[:3] + (-1,))


def time_readout_unfolded(h, W, b, g):
    """The same as `time_readout` in the order of Eq. 62: first the 2J numbers y_ij, then their sum with the bumps.

    Eq. (62), §D.2.1
    """
    y = np.stack([np.dot(h, W_j) + b_j for W_j, b_j in zip(W, b)])                                # (J, B, H, W, 2C)
    return np.sum(y * np.transpose(g)[..., None, None, None], axis=0)


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
    var = sigmoid(z_var / float(np.sqrt(schedule.T)) + logit(beta))
    return Gaussian(np.sqrt(1 - beta) * x + np.sqrt(beta) * z_mean, var)


def through_x0(x, z_mean, z_var, t, schedule):
    """mean = sqrt(1 - beta_t) x + s sqrt(beta_t) z_mu, var = beta_t (1 - s² + s² exp z_Sigma).

    s² = ᾱ_{t-1} beta_t / (1 - ᾱ_t). By Bayes' rule this is p(x_{t-1}|x_t) when
    x_0|x_t ~ N(sqrt(ᾱ_t) x + sqrt(1 - ᾱ_t) z_mu, (1 - ᾱ_t) exp z_Sigma): z is of order 1 at every t.
    beta_t (1 - s²) is the variance that remains when x_0 is known.
    """
    beta = at(schedule.beta, t, x)
    log_alpha_bar = at(schedule.log_alpha_bar, np.asarray(t) - 1, x, first=0)                     # of t - 1
    s2 = np.exp(log_alpha_bar) * beta / (beta - (1 - beta) * np.expm1(log_alpha_bar))
    return Gaussian(np.sqrt(1 - beta) * x + np.sqrt(s2 * beta) * z_mean, beta * (1 - s2 + s2 * np.exp(z_var)))
