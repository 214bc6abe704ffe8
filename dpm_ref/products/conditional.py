"""Draws of x_0 given a noisy or incomplete view of it, by the reverse chain alone, without r(x) (§3.2)."""
from typing import NamedTuple

import numpy as np

from .. import gaussian
from ..engine import checks
from ..schedule import Schedule, at, noise_to_signal
from ..trajectory import noises, reverse_step, reverse_trajectory, start


class Denoised(NamedTuple):
    """The result of `denoise`."""
    x: np.ndarray          # (N, ...) draws of x_0 given y, according to the model
    t: int                 # the step at which the reverse chain started
    added_var: float       # variance of the noise added to y; 0 where the schedule has a step of variance var


def denoise(reverse, y, var, schedule, rng):
    """Draw x_0 given y = x_0 + N(0, var), y (N, ...), by the model's own reverse chain from the step with this noise.

    If the schedule has a step t with (1 - alpha_bar_t) / alpha_bar_t = var, then x_t = sqrt(alpha_bar_t) y is a draw of
    q(x_t|x_0), and the only error is the model's. Between two steps noise is added up to the higher level, which loses
    some of what y says. Two ways lose nothing: a model trained on `schedule.with_level(schedule, var)`; and, for a
    trained model and one y, `particles` with a `factors.observation` of the choice "carried". ValueError for a variance
    that the schedule does not reach.
    """
    y, ratio = gaussian.check_data(y), noise_to_signal(schedule)
    if not (var > 0 and var <= ratio[-1] * (1 + 1e-9)):
        raise ValueError(f"the variance must be positive and at most the schedule's last level {ratio[-1]:.4g}; "
                         f"got {var}")
    t = max(1, int(np.searchsorted(ratio, var * (1 - 1e-9))))
    added = ratio[t] - var if ratio[t] > var * (1 + 1e-9) else 0.0
    if not np.isfinite(added):
        raise ValueError(f"above variance {var} the schedule has only pure noise: use particles with an observation, "
                         "or train a model on schedule.with_level, which adds this level")
    x = np.sqrt(schedule.alpha_bar[t]) * (y + np.sqrt(added) * gaussian.noise(rng, np.shape(y)))
    part = Schedule(schedule.beta[:t + 1], schedule.log_alpha_bar[:t + 1])
    for _, x in reverse_trajectory(gaussian, reverse, x, part, noises(gaussian, rng, x.shape, t)):
        pass
    return Denoised(x, t, added)


def expected_x0(reverse, xt, t, schedule):
    """E[x_0|x_t] (N, ...) according to a Gaussian reverse kernel, at an int t >= 2: the model's guess of the data.

    The mean of p(x_{t-1}|x_t) is c0 E[x_0|x_t] + ct x_t, because q(x_{t-1}|x_t,x_0) is linear in x_0.
    """
    at(schedule.beta, t, xt, first=2)
    return gaussian.implied_x0(reverse_step(gaussian, reverse, xt, t, schedule), xt, t, schedule).mean


def put_known(kernel, reverse, known, x0, schedule, rng, repeats=1):
    """Draw the unknown coordinates of x0 (N, ...), where the mask `known` is False, given the known coordinates.

    Source: Lugmayr et al. 2022.
    At every t the known coordinates are replaced by a draw of q(x_t|x_0), so that the network sees states like those it
    was trained on. Each reverse step is taken `repeats` times, with a forward step in between, which lets the unknown
    coordinates adapt to the known ones. The draws approach p(x_0) given the known coordinates as repeats grows; one
    repeat is not enough. ValueError for a mask of another shape, or for repeats below 1.
    """
    if np.shape(known) != np.shape(x0)[np.ndim(x0) - np.ndim(known):] or np.asarray(known).dtype != bool:
        raise ValueError(f"known must be booleans of the shape of x0, {np.shape(x0)}, or of one sample; "
                         f"got {np.shape(known)}")
    repeats, x0 = checks.count("repeats", repeats), kernel.check_data(np.where(known, x0, 0.0))

    def draw(p):
        return kernel.draw(p, kernel.noise(rng, np.shape(x0)))

    x = start(kernel, rng, np.shape(x0))
    for t in range(schedule.T, 0, -1):
        for again in range(repeats):
            x = draw(kernel.forward(x, t, schedule)) if again else x
            x = np.where(known, draw(kernel.marginal(x0, t, schedule)), x)
            x = draw(reverse_step(kernel, reverse, x, t, schedule))
    return np.where(known, x0, x)
