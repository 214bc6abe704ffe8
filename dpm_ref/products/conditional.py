"""Draws of x_0 given a noisy or incomplete view of it, by the reverse chain alone (section 3.2)."""
from typing import NamedTuple

import numpy as np

from .. import gaussian
from ..schedule import noise_to_signal, Schedule
from ..trajectory import noises, reverse_step, reverse_trajectory, start


class Denoised(NamedTuple):
    """What `denoise` returns."""
    x: np.ndarray          # (N, ...) draws from the model's posterior
    t: int                 # the step that the reverse chain was started at
    added_var: float       # noise that had to be added to y to get there; 0 where the schedule has the level


def denoise(reverse, y, var, schedule, rng):
    """Draw x_0 given y = x_0 + N(0, var), y (N, ...), by the model's own reverse chain from the step with that noise.

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


def expected_x0(reverse, xt, t, schedule):
    """E[x_0|x_t] (N, ...) according to a Gaussian reverse kernel at an int t >= 2: its one guess of what is under the noise.

    The mean of p(x_{t-1}|x_t) is c0 E[x_0|x_t] + ct x_t, because q(x_{t-1}|x_t,x_0) is linear in x_0: solved for it.
    """
    return gaussian.implied_x0(reverse(xt, t), xt, t, schedule).mean


def put_known(kernel, reverse, known, x0, schedule, rng, repeats=1):
    """Draw the unknown coordinates of x0 (N, ...), where the mask `known` is False, given the others.

    Source: Lugmayr et al. 2022.
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
