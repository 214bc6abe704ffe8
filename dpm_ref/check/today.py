"""What later diffusion models compute, from this package's kernel and schedule: the reference for rows of the kit.

    x0_from_eps, x0_from_v, x0_from_score        x_0 from what a network predicts
    eps_from_x0, eps_from_v, v_from_x0, v_target, score_from_eps
    mean_from_x0, _eps, _v, _score               the mean of q(x_{t-1}|x_t,x_0) at the predicted x_0
    kl_from_x0, _eps, _v                         KL_t of two such steps
    strided, strided_posterior                   a chain that visits some steps only
    interpolated_variance, noisy_known           Nichol & Dhariwal 2021, Lugmayr et al. 2022
    linear, cosine, zero_terminal                schedules
    sigma, half_log_snr, from_sigma, from_half_log_snr      a schedule in other words

x_t = sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) eps, v = sqrt(alpha_bar_t) eps - sqrt(1 - alpha_bar_t) x_0.
x, x0, eps, v and score are (N, D); t is an int or (N,). What is wrong with t or a schedule is a ValueError.
"""
import numpy as np

from .. import gaussian
from ..engine import checks
from ..schedule import at, from_beta, noise_to_signal


def levels(t, schedule, x):
    """sqrt(alpha_bar_t) and sqrt(1 - alpha_bar_t), shaped to multiply x."""
    log_alpha_bar = at(schedule.log_alpha_bar, t, x)
    return np.exp(log_alpha_bar / 2), np.sqrt(-np.expm1(log_alpha_bar))


# --- x_0, eps, v and the score, each from another (Ho et al. 2020, Salimans & Ho 2022, Song et al. 2021) -------------

def x0_from_eps(xt, eps, t, schedule):
    """x_0 = (x_t - sqrt(1 - alpha_bar_t) eps) / sqrt(alpha_bar_t)."""
    signal, size = levels(t, schedule, xt)
    return (xt - size * eps) / signal


def eps_from_x0(xt, x0, t, schedule):
    """eps = (x_t - sqrt(alpha_bar_t) x_0) / sqrt(1 - alpha_bar_t)."""
    signal, size = levels(t, schedule, xt)
    return (xt - signal * x0) / size


def x0_from_v(xt, v, t, schedule):
    """x_0 = sqrt(alpha_bar_t) x_t - sqrt(1 - alpha_bar_t) v."""
    signal, size = levels(t, schedule, xt)
    return signal * xt - size * v


def eps_from_v(xt, v, t, schedule):
    """eps = sqrt(1 - alpha_bar_t) x_t + sqrt(alpha_bar_t) v."""
    signal, size = levels(t, schedule, xt)
    return size * xt + signal * v


def v_target(x0, eps, t, schedule):
    """v = sqrt(alpha_bar_t) eps - sqrt(1 - alpha_bar_t) x_0."""
    signal, size = levels(t, schedule, x0)
    return signal * eps - size * x0


def v_from_x0(xt, x0, t, schedule):
    """v = (sqrt(alpha_bar_t) x_t - x_0) / sqrt(1 - alpha_bar_t)."""
    return v_target(x0, eps_from_x0(xt, x0, t, schedule), t, schedule)


def score_from_eps(eps, t, schedule):
    """The score of q(x_t|x_0): -eps / sqrt(1 - alpha_bar_t)."""
    return -eps / levels(t, schedule, eps)[1]


def x0_from_score(xt, score, t, schedule):
    """x_0 = (x_t + (1 - alpha_bar_t) score) / sqrt(alpha_bar_t)."""
    return x0_from_eps(xt, -levels(t, schedule, xt)[1] * score, t, schedule)


# --- the reverse step, and KL_t --------------------------------------------------------------------------------------

def mean_from_x0(xt, x0, t, schedule):
    """c0 x_0 + ct x_t."""
    return gaussian.posterior(xt, x0, t, schedule).mean


def mean_from_eps(xt, eps, t, schedule):
    """(x_t - beta_t eps / sqrt(1 - alpha_bar_t)) / sqrt(1 - beta_t)."""
    return mean_from_x0(xt, x0_from_eps(xt, eps, t, schedule), t, schedule)


def mean_from_v(xt, v, t, schedule):
    """c0 (sqrt(alpha_bar_t) x_t - sqrt(1 - alpha_bar_t) v) + ct x_t."""
    return mean_from_x0(xt, x0_from_v(xt, v, t, schedule), t, schedule)


def mean_from_score(xt, score, t, schedule):
    """(x_t + beta_t score) / sqrt(1 - beta_t)."""
    return mean_from_x0(xt, x0_from_score(xt, score, t, schedule), t, schedule)


def kl_from_x0(x0, x0_hat, t, schedule):
    """KL_t of q(x_{t-1}|x_t,x_0) and the same with x0_hat, t >= 2: (SNR_{t-1} - SNR_t) (x_0 - x0_hat)² / 2."""
    at(schedule.beta, t, x0, first=2)
    return gaussian.kl(*(gaussian.posterior(0 * x0, x, t, schedule) for x in (x0, x0_hat)))


def kl_from_eps(eps, eps_hat, t, schedule):
    """beta_t² / (2 var_t alpha_t (1 - alpha_bar_t)) (eps - eps_hat)², var_t the variance of the posterior."""
    return kl_from_x0(*(x0_from_eps(0 * eps, e, t, schedule) for e in (eps, eps_hat)), t, schedule)


def kl_from_v(v, v_hat, t, schedule):
    """(1 - alpha_bar_t) (SNR_{t-1} - SNR_t) (v - v_hat)² / 2."""
    return kl_from_x0(*(x0_from_v(0 * v, w, t, schedule) for w in (v, v_hat)), t, schedule)


# --- other reverse steps ---------------------------------------------------------------------------------------------

def visiting(steps, schedule):
    """The schedule of a chain that visits 0 and these steps only, beta = 1 - alpha_bar_t / alpha_bar_s."""
    return from_beta(-np.expm1(np.diff(schedule.log_alpha_bar[[0, *steps]])))


def strided(stride, schedule):
    """The schedule of a chain that visits t = stride, 2 stride, .., T. ValueError unless stride divides T."""
    if schedule.T % checks.count("stride", stride):
        raise ValueError(f"the stride must divide T = {schedule.T}; got {stride}")
    return visiting(range(stride, schedule.T + 1, stride), schedule)


def strided_posterior(xt, x0, t, s, schedule):
    """q(x_s|x_t,x_0) for whole numbers 0 < s < t: a posterior of the chain that visits s and t only."""
    if not 0 < s < t:
        raise ValueError(f"a strided step goes from t to an s with 0 < s < t; got t = {t}, s = {s}")
    return gaussian.posterior(xt, x0, 2, visiting((s, t), schedule))


def interpolated_variance(share, t, schedule):
    """exp(share log beta_t + (1 - share) log var_t), var_t the variance of the posterior; share in 0..1, t >= 2."""
    beta, var = at(schedule.beta, t, share, first=2), gaussian.posterior_coefficients(t, schedule, share)[2]
    return np.exp(share * np.log(beta) + (1 - share) * np.log(var))


def noisy_known(x, known, mask, noise, t, schedule):
    """x_{t-1} of the model, with a draw of q(x_{t-1}|x_0) where x_0 is known (mask 1)."""
    drawn = gaussian.draw(gaussian.marginal(known, np.asarray(t) - 1, schedule), noise)
    return np.where(mask == 1, drawn, x)


# --- schedules -------------------------------------------------------------------------------------------------------

def linear(T, first, last):
    """beta_t in equal steps from first to last (Ho et al. 2020)."""
    return from_beta(np.linspace(first, last, T))


def cosine(T):
    """alpha_bar_t = cos²((t/T + 0.008) / 1.008 π/2) / its value at 0, beta at most 0.999 (Nichol & Dhariwal 2021)."""
    bar = np.cos((np.arange(T + 1) / T + 0.008) / 1.008 * np.pi / 2) ** 2
    return from_beta(np.minimum(1 - bar[1:] / bar[:-1], 0.999))


def zero_terminal(schedule):
    """sqrt(alpha_bar) shifted so that the last is 0, and scaled so that alpha_bar_1 stays (Lin et al. 2023)."""
    root = np.sqrt(schedule.alpha_bar[1:])
    bar = np.append(1, ((root - root[-1]) * root[0] / (root[0] - root[-1])) ** 2)
    return from_beta(1 - bar[1:] / bar[:-1])


def sigma(schedule):
    """sqrt((1 - alpha_bar_t) / alpha_bar_t): the standard deviation of x_t / sqrt(alpha_bar_t) around x_0 (T + 1,)."""
    return np.sqrt(noise_to_signal(schedule))


def half_log_snr(schedule):
    """log(sqrt(alpha_bar_t) / sqrt(1 - alpha_bar_t)), inf at t = 0 (T + 1,)."""
    with np.errstate(divide="ignore"):
        return -np.log(noise_to_signal(schedule)) / 2


def from_sigma(sigma):
    """The schedule with these sigma_0 = 0 .. sigma_T: beta_t = (sigma_t² - sigma_{t-1}²) / (1 + sigma_t²)."""
    return from_beta(np.diff(sigma ** 2) / (1 + sigma[1:] ** 2))


def from_half_log_snr(half_log_snr):
    """The schedule with these half log SNR, the first of them inf."""
    return from_sigma(np.exp(-half_log_snr))
