"""Why the paper learns the variance of the reverse step: what T steps lose, for data +1 or -1, without a network.

    kl                   KL_t for the best mean and three choices of the variance: learned, beta_tilde_t, beta_t
    information_limit    the limit of sum_t KL_t for small steps: ∫ mmse dSNR / 2
    excess               sum_t KL_t minus that limit: of order 1/T² for the learned variance, 1/T for the others
    order                the measured power of 1/T

SNR_t = alpha_bar_t / (1 - alpha_bar_t), v_t = Var(x_0|x_t) and mmse = E v_t. Averages over x_t are sums by the
trapezium rule over the standard normal number that makes x_t.
"""
import numpy as np

from ..engine import checks
from ..schedule import geometric, noise_to_signal

VARIANCES = "learned", "beta_tilde", "beta"
NOISE = np.linspace(-9, 9, 1441)                                             # nodes and weights for E over N(0, 1)
WEIGHTS = np.exp(-NOISE ** 2 / 2) / np.sum(np.exp(-NOISE ** 2 / 2))


def signal_to_noise(schedule):
    """SNR_t = alpha_bar_t / (1 - alpha_bar_t) for t = 0..T, infinite at t = 0."""
    with np.errstate(divide="ignore"):
        return 1 / noise_to_signal(schedule)


def posterior_variance(snr):
    """v = Var(x_0|x_t) for x_0 = +1 or -1 with equal probability, at snr (S,) and at each of the M noises: (S, M).

    The log odds of x_0 = 1 are 2 (snr + sqrt(snr) noise) when x_0 = 1, and v = 1 - tanh² of half of them.
    """
    half = snr[:, None] + np.sqrt(snr)[:, None] * NOISE
    return 1 - np.tanh(half) ** 2


def kl(schedule):
    """E KL_t in nats for t = 2..T when p(x_{t-1}|x_t) has the best mean and each of VARIANCES: (3, T - 1).

    learned: the variance of q(x_{t-1}|x_t), KL_t = E log(1 + d v) / 2 with d = SNR_{t-1} - SNR_t. beta_tilde: the
    variance of q(x_{t-1}|x_t,x_0), KL_t = d E v / 2. beta: the variance of the forward step.
    """
    snr, beta, noise = signal_to_noise(schedule), schedule.beta[2:], schedule.one_minus_alpha_bar
    v, d, share = posterior_variance(snr[2:]), snr[1:-1] - snr[2:], noise[1:-1] / noise[2:]    # beta_tilde / beta
    mmse = v @ WEIGHTS
    return 0.5 * np.stack([np.log1p(d[:, None] * v) @ WEIGHTS, d * mmse, share * (1 + d * mmse) - 1 - np.log(share)])


def information_limit(first, last, intervals=4000):
    """∫ mmse dSNR / 2 in nats, SNR from first to last, by Simpson's rule in log SNR. From 0 to infinity: log 2."""
    first, last = checks.within("first", first, 1e-300), checks.within("last", last, 1e-300)
    log_snr = np.linspace(np.log(first), np.log(last), intervals + 1)
    simpson = np.array([1] + [4, 2] * (intervals // 2 - 1) + [4, 1]) * (log_snr[1] - log_snr[0]) / 3
    snr = np.exp(log_snr)
    return 0.5 * simpson @ (posterior_variance(snr) @ WEIGHTS * snr)


def excess(numbers=(20, 40, 80, 160, 320, 640), schedule_of=lambda T: geometric(T, 1e-3, last=1000.0)):
    """sum_t KL_t minus `information_limit`, in nats, for every T in numbers and each of VARIANCES: (len(numbers), 3).

    sum_t d E v / 2 is the integral's left Riemann sum, off by order 1/T. Its first error is sum_t d² E v² / 4, because
    d mmse / dSNR = -E v²: the term that log(1 + d v) takes away. The learned variance leaves order 1/T².
    """
    def one(T):
        schedule = schedule_of(T)
        snr = signal_to_noise(schedule)
        return kl(schedule).sum(axis=1) - information_limit(snr[-1], snr[1])
    return np.array([one(T) for T in numbers])


def order(numbers, errors):
    """The power p, in errors ~ T^-p, from each T to the next: errors (len(numbers), ...), p (len(numbers) - 1, ...)."""
    steps = np.diff(np.log(numbers)).reshape((-1,) + (1,) * (np.ndim(errors) - 1))
    return -np.diff(np.log(errors), axis=0) / steps
