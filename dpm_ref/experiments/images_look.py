"""What a trained image model does to a few images, for looking at: paths, guesses, and where its bound is paid (paper, section 3.2)."""
import numpy as np

from .. import bound, gaussian, schedule, trajectory
from ..products import conditional
from .images_model import per_pixel


def forward_path(model, x0, rng):
    """{t: x_t} for t = 0..T: images x0 (N, H, W, C) become noise.

    text, §3.2
    """
    kernel, s = model.row.KERNEL, model.schedule
    return dict(trajectory.forward_trajectory(kernel, x0, s, trajectory.noises(kernel, rng, x0.shape, s.T)))


def reverse_path(model, shape, rng):
    """{t: x_t} for t = T..0: noise becomes images of the given shape (N, H, W, C).

    text, §3.2
    """
    kernel, s = model.row.KERNEL, model.schedule
    start, noises = trajectory.start(kernel, rng, shape), trajectory.noises(kernel, rng, shape, s.T)
    return dict(trajectory.reverse_trajectory(kernel, model.reverse, start, s, noises))


def guesses(model, path, steps):
    """{t: the model's guess of x_0 from path[t]}, for the given steps.

    text, §3.2
    """
    return {t: conditional.expected_x0(model.reverse, path[t], t, model.schedule) for t in steps}


def kl_by_noise(model, x0, rng, count=30):
    """Noise over signal at `count` steps, and there KL_t in bits per pixel, for the model and for one that knows nothing.

    Eq. (14), §2.4
    The latter's reverse step is the forward kernel: exact for white data, and its K is L_null. x0 is (N, H, W, C).
    """
    row, s = model.row, model.schedule
    t = np.unique(np.linspace(2, s.T, count).astype(int))
    x, noise = np.concatenate([x0] * len(t)), rng.standard_normal((len(t) * len(x0),) + x0.shape[1:])

    def forward(x, t):
        return gaussian.forward(x, t, s)
    kl = {name: bound.step_kl(row.KERNEL, reverse, x, np.repeat(t, len(x0)), s, noise).reshape(len(t), -1)
          for name, reverse in {"model": model.reverse, "knows nothing": forward}.items()}
    return schedule.noise_to_signal(s)[t], {name: per_pixel(row, a.mean(axis=1)) for name, a in kl.items()}
