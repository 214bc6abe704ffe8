"""The model multiplied by a second distribution r(x): what the paper does, what that samples, and what is right (2.5).

    perturbed_trajectory, perturbed_sample   the paper's method: every reverse step multiplied by r(x_t)       Eq. (22)
    perturbed_moments, log_normalisers       what that samples, without sampling: not p(x_0) r(x_0)
    denoise                                  Gaussian denoising by the reverse chain alone, no r needed
    put_known                                known coordinates put in as noisy as the rest, no r needed
    gaussian_bayes, discrete_bayes, curve_bayes   exact posteriors to compare with

The second distributions are in `factors`, the corrected sampler for any of them in `particles`; both are offered here too.
"""
from typing import NamedTuple

import numpy as np

from . import gaussian
from .exact import softmax
from .factors import CHOICES, Factor, channel, exponents, known, observation, on_bits, predicted, smooth  # noqa: F401
from .gaussian import Gaussian
from .particles import Particles, Posterior, particles, posterior_sample, systematic  # noqa: F401
from .schedule import Schedule, from_beta
from .trajectory import noises, reverse_step, reverse_trajectory, start


# --- the method of section 2.5 --------------------------------------------------------------------------------------

def perturbed_start(kernel, factor, shape, schedule, rng):
    """Draw x_T (N, ...) from p~(x_T), proportional to π(x_T) r(x_T).

    Eq. (16), §2.5.1
    Exact, except to first order for a `smooth` r.
    """
    return kernel.draw(factor.product(kernel.pi(np.empty(shape)), schedule.T)[0], kernel.noise(rng, shape))


def perturbed_trajectory(kernel, reverse, factor, xT, schedule, noises):
    """Yield (t, x_t) for t = T..0: x_T, then T draws of p~(x_{t-1}|x_t), one noise array of xT's shape for each.

    Eq. (22), §2.5.2
    p~(x_{t-1}|x_t) = p(x_{t-1}|x_t) r(x_{t-1}) / Z~(x_t), the fixed last step of Eq. 44 included. It does not end in
    p(x_0) r(x_0): see `particles`.
    """
    x = xT
    yield schedule.T, x
    for t, noise in zip(range(schedule.T, 0, -1), noises, strict=True):
        p = reverse_step(kernel, reverse, x, t, schedule)
        x = kernel.draw(factor.product(p, t - 1)[0], noise)
        yield t - 1, x


def perturbed_sample(kernel, reverse, factor, schedule, shape, rng):
    """Draw x_0 of the given shape (N, ...) by the paper's method: the last state of a perturbed trajectory.

    Eq. (22), §2.5.2
    """
    xT = perturbed_start(kernel, factor, shape, schedule, rng)
    for _, x in perturbed_trajectory(kernel, reverse, factor, xT, schedule, noises(kernel, rng, shape, schedule.T)):
        pass
    return x


# --- what that method samples ---------------------------------------------------------------------------------------

def perturbed_moments(schedule, y, var, data_mean=0.0, data_var=1.0, choice="constant", first_order=False, fixed_last=True):
    """Mean and variance (T + 1,) of x_t in the perturbed chain, for data N(data_mean, data_var) and r = N(y; x, var).

    Eq. (22), §2.5.2
    A linear recursion over t with the exact reverse kernels: no sampling, scalars only. `first_order` takes the
    products of Eq. 61 in place of exact ones (but for x_T). `fixed_last` is Eq. 44; without it the last step is exact too.
    """
    a, s, _ = channel(schedule, var, choice)
    scale, v = np.sqrt(schedule.alpha_bar), 1 + schedule.alpha_bar * (data_var - 1)      # of q(x_t)
    mean, variance = np.zeros(schedule.T + 1), np.zeros(schedule.T + 1)
    T = schedule.T
    mean[T], variance[T] = a[T] * y / (s[T] + a[T] ** 2), s[T] / (s[T] + a[T] ** 2)      # π r
    for t in range(T, 0, -1):
        keep, beta = np.sqrt(1 - schedule.beta[t]), schedule.beta[t]
        slope, step_var = keep * v[t - 1] / v[t], beta * v[t - 1] / v[t]                 # of p(x_{t-1}|x_t)
        shift = data_mean * (scale[t - 1] - slope * scale[t])
        if t == 1 and fixed_last:
            slope, step_var, shift = keep, beta, 0.0
        pull = a[t - 1] * step_var / (s[t - 1] + (not first_order) * a[t - 1] ** 2 * step_var)
        left = 1 - a[t - 1] * pull
        mean[t - 1] = left * (slope * mean[t] + shift) + pull * y
        variance[t - 1] = (left * slope) ** 2 * variance[t] + step_var * (1 if first_order else left)
    return mean, variance


def error_by_steps(numbers, schedule_of, y, var, **settings):
    """For every T in numbers, the final mean and variance of the perturbed chain minus those of Bayes' rule: (len, 2).

    text, §2.5.4
    schedule_of(T) makes the schedule; settings go to `perturbed_moments`. The errors do not tend to 0.
    """
    right = gaussian_bayes(settings.get("data_mean", 0.0), settings.get("data_var", 1.0), y, var)
    ends = [[m[0] for m in perturbed_moments(schedule_of(T), y, var, **settings)] for T in numbers]
    return np.array(ends) - np.array(right)


def log_normalisers(kernel, reverse, factor, x, schedule):
    """log of Z_t(x) = ∫ p(x_{t-1}|x_t = x) r(x_{t-1}) dx_{t-1} / r(x_t = x) at points x (N, ...): (T + 1, N), 0 at t = 0.

    Eq. (21), §2.5.2
    Eq. 22 is Eq. 21 with this taken for a constant. It is 1 + O(beta_t), so its product over t does not tend to a
    constant as T grows. Exact for every factor but `smooth`, where it is the value at the mean of p~.
    """
    out = np.zeros((schedule.T + 1, len(x)))
    for t in range(1, schedule.T + 1):
        p_tilde, log_Z = factor.product(reverse_step(kernel, reverse, x, t, schedule), t - 1)
        out[t] = log_Z(p_tilde[0]) - factor.log(x, t)
    return out


# --- Gaussian denoising without r -----------------------------------------------------------------------------------

class Denoised(NamedTuple):
    """What `denoise` returns.

    not in the paper
    """
    x: np.ndarray          # (N, ...) draws from the model's posterior
    t: int                 # the step that the reverse chain was started at
    added_var: float       # noise that had to be added to y to get there; 0 where the schedule has the level


def denoise(reverse, y, var, schedule, rng):
    """Draw x_0 given y = x_0 + N(0, var), y (N, ...), by the model's own reverse chain from the step with that noise.

    not in the paper
    x_t = sqrt(alpha_bar_t) y is a draw of q(x_t|x_0) where (1 - alpha_bar_t) / alpha_bar_t = var: no r, no perturbation,
    no error but the model's. Between two levels the missing noise is added, and returned; `with_level` avoids it.
    """
    ratio = noise_to_signal(schedule)
    if not (var > 0 and var <= ratio[-1] * (1 + 1e-9)):
        raise ValueError(f"the variance must be positive and at most the schedule's last level {ratio[-1]:.4g}; got {var}")
    t = max(1, int(np.searchsorted(ratio, var * (1 - 1e-9))))
    added = ratio[t] - var if ratio[t] > var * (1 + 1e-9) else 0.0
    if not np.isfinite(added):
        raise ValueError(f"no level of the schedule but pure noise lies above variance {var}: use with_level")
    x = np.sqrt(schedule.alpha_bar[t]) * (y + np.sqrt(added) * rng.standard_normal(np.shape(y)))
    part = Schedule(schedule.beta[:t + 1], schedule.log_alpha_bar[:t + 1])
    for _, x in reverse_trajectory(gaussian, reverse, x, part, noises(gaussian, rng, x.shape, t)):
        pass
    return Denoised(x, t, added)


def noise_to_signal(schedule):
    """(1 - alpha_bar_t) / alpha_bar_t for t = 0..T: the variance of x_t / sqrt(alpha_bar_t) around x_0.

    not in the paper
    """
    with np.errstate(over="ignore"):
        return np.expm1(-schedule.log_alpha_bar)


def with_level(schedule, var):
    """The schedule with one step cut in two, so that the noise-to-signal ratio at one t is var.

    not in the paper
    """
    ratio = noise_to_signal(schedule)
    if not 0 < var < ratio[-1]:
        raise ValueError(f"the variance must lie between 0 and the schedule's last level {ratio[-1]:.4g}; got {var}")
    t = int(np.searchsorted(ratio, var))
    if np.isclose(ratio[t], var, rtol=1e-9, atol=0):
        return schedule
    first = (var - ratio[t - 1]) / (1 + var)                                             # 1 - alpha_bar / alpha_bar_{t-1}
    second = (schedule.beta[t] - first) / (1 - first)
    return from_beta(np.concatenate([schedule.beta[1:t], np.array([first, second]), schedule.beta[t + 1:]]))


def expected_x0(reverse, xt, t, schedule):
    """E[x_0|x_t] (N, ...) according to a Gaussian reverse kernel at an int t >= 2: its one guess of what is under the noise.

    Eq. (48), §B.3
    The mean of p(x_{t-1}|x_t) is c0 E[x_0|x_t] + ct x_t, because q(x_{t-1}|x_t,x_0) is linear in x_0: solved for it.
    """
    return gaussian.implied_x0(reverse(xt, t), xt, t, schedule).mean


# --- known coordinates without r -------------------------------------------------------------------------------------

def put_known(kernel, reverse, known, x0, schedule, rng, repeats=1):
    """Draw the unknown coordinates of x0 (N, ...), where the mask `known` is False, given the others.

    not in the paper (Lugmayr et al. 2022)
    At every t the known ones are put in as q(x_t|x_0) has them, so that the network sees what it was trained on. Each
    step is taken `repeats` times with a forward step between, in which the unknown fall in with the known: many bring
    the result near the posterior, where one does not.
    """
    if np.shape(known) != np.shape(x0)[np.ndim(x0) - np.ndim(known):] or np.asarray(known).dtype != bool:
        raise ValueError(f"known must be booleans of the shape of x0, {np.shape(x0)}, or of one sample; got {np.shape(known)}")
    if repeats < 1:
        raise ValueError(f"repeats must be at least 1; got {repeats}")

    def draw(p):
        return kernel.draw(p, kernel.noise(rng, np.shape(x0)))

    x = start(kernel, rng, np.shape(x0))
    for t in range(schedule.T, 0, -1):
        for again in range(repeats):
            x = draw(kernel.forward(x, t, schedule)) if again else x
            x = np.where(known, draw(kernel.marginal(x0, t, schedule)), x)
            x = draw(reverse_step(kernel, reverse, x, t, schedule))
    return np.where(known, x0, x)


# --- exact posteriors -----------------------------------------------------------------------------------------------

def gaussian_bayes(mean, var, y, noise_var):
    """N(mean, var) given y = x + N(0, noise_var).

    not in the paper
    """
    gain = var / (var + noise_var)
    return Gaussian(mean + gain * (y - mean), var * (1 - gain))


def discrete_bayes(points, factor, weights=None):
    """The probabilities (K,) of data points (K, D), each with the given weight, multiplied with r(x_0).

    not in the paper
    For heartbeat the five sequences. ValueError where r is zero for every point.
    """
    with np.errstate(divide="ignore"):
        log_p = factor.log(points, 0) + (0 if weights is None else np.log(weights))
    if log_p.max() == -np.inf:
        raise ValueError("r is zero for every point that the data can be")
    return softmax(log_p)


def curve_bayes(rng, N, nodes, y, var, blur=0.0):
    """Draw N points (N, D) of data along a curve, blurred with variance `blur`, given y = x_0 + N(0, var): quadrature.

    not in the paper
    nodes(std) as in `exact.best_gaussian`; the discrete nodes are smeared along the curve by less than a third of std.
    """
    points, weights = nodes(np.sqrt(var + blur) / 10)
    log_p = np.log(weights) - 0.5 * np.sum((points - y) ** 2, axis=1) / (var + blur)
    x = points[rng.choice(len(points), size=N, p=softmax(log_p))]
    return gaussian.draw(gaussian_bayes(x, blur, y, var), rng.standard_normal(x.shape))
