"""Chains of a trained model."""
from .. import trajectory
from ..data import images
from ..products import conditional


def forward_path(model, x0, rng):
    """{t: x_t} for t = 0..T: data x0 (N, ...) becomes noise."""
    kernel, s = model.row.kernel, model.schedule
    return dict(trajectory.forward_trajectory(kernel, x0, s, trajectory.noises(kernel, rng, x0.shape, s.T)))


def reverse_path(model, shape, rng):
    """{t: x_t} for t = T..0: noise becomes data of the given shape (N, ...)."""
    kernel, s = model.row.kernel, model.schedule
    start, noises = trajectory.start(kernel, rng, shape), trajectory.noises(kernel, rng, shape, s.T)
    return dict(trajectory.reverse_trajectory(kernel, model.reverse, start, s, noises))


def sample(model, shape, rng):
    """Samples of the given shape (N, ...)."""
    return trajectory.sample(model.row.kernel, model.reverse, model.schedule, shape, rng)


def guesses(model, path, steps):
    """{t: the model's mean of x_0 given path[t]}, for the given steps."""
    return {t: conditional.expected_x0(model.reverse, path[t], t, model.schedule) for t in steps}


def grey(model, x):
    """Pixels x of an image model in [0, 1], where 0 is black and 1 is white; not clipped."""
    return images.to_unit(x, model.words["mean"], model.words["std"])
