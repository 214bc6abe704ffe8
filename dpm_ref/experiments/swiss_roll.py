"""Swiss roll: the first row of Table 1 and Figure 1 (paper, sections 3.1.1 and D.1.1)."""
from functools import partial

import numpy as np

from .. import gaussian, networks, schedule
from ..data import toys
from ..plots import paper
from ..proofs import best_possible, limits
from .chains import forward_path, reverse_path, sample
from .row import Recipe, Row

BETA_1 = 6e-6                      # the paper's is not known; on a noise-free curve K has no limit as it shrinks
SCHEDULE = schedule.geometric(40, BETA_1, last=10.0)


def batch(row, data, rng, pairs):
    """x_0, t, weight and noise for one step of training: every t = 2..T, each with points of its own.

    Points come in pairs with the same x_0 and opposite noise, which makes the gradient less noisy.
    """
    t = np.arange(2, row.schedule.T + 1)
    x0, noise = row.draw(data, rng, len(t) * pairs).reshape(len(t), pairs, 2), row.kernel.noise(rng, (len(t), pairs, 2))
    x0, noise = np.tile(x0, (1, 2, 1)).reshape(-1, 2), np.concatenate([noise, -noise], axis=1).reshape(-1, 2)
    return x0, np.repeat(t, 2 * pairs), np.full(len(x0), 0.5 / pairs), noise


def limit(chain=SCHEDULE):
    """The best K that a diagonal Gaussian reverse kernel can reach here, in nats per point, by quadrature."""
    return limits.curve(toys.roll_nodes, toys.roll_centres(100), chain).independent


def figure(model, rng, N=3000):
    """Figure 1 for a model. The drift is shown at t = 2, the last step that is learned, in place of t = 0."""
    T = model.schedule.T
    times, steps = (0, T // 2, T), (2, T // 2, T)
    forward, back = forward_path(model, toys.swiss_roll(rng, N), rng), reverse_path(model, (N, 2), rng)
    grid = np.stack(np.meshgrid(*2 * [np.linspace(-2.7, 2.7, 16)]), axis=-1).reshape(-1, 2)
    drifts = [model.reverse(grid, t).mean - grid for t in steps]
    return paper.figure_1(times, [forward[t] for t in times], [back[t] for t in times], steps, grid, drifts)


def note(model, rng, N=2000):
    """How far the samples of a model are from the curve, in one sentence."""
    curve, _ = toys.roll_nodes(0.002)
    distance = [np.sqrt(np.min(np.sum((point - curve) ** 2, axis=1))) for point in sample(model, (N, 2), rng)]
    return (f"{ROW.title}: beta_1 = {model.schedule.beta[1]:g}; half of {N} samples lie within "
            f"{np.median(distance):.2g} of the curve")


def recipe(init, network, steps, rate):
    """The training of a network for this row."""
    return Recipe(partial(init, D=2, schedule=SCHEDULE, kernel=gaussian), network, batch, {"pairs": 32}, rate, steps)


ROW = Row(
    name="swiss_roll", title="Swiss roll", number="1", unit="bits per 2-D sample", paper_K=2.35, paper_gain=6.45,
    kernel=gaussian, schedule=SCHEDULE, shape=(2,), holdout=10000, draw=lambda data, rng, N: toys.swiss_roll(rng, N),
    recipes={"mlp": recipe(networks.init_denoiser, networks.denoiser, 3500, 6e-3),
             "paper": recipe(networks.init_rbf, networks.rbf, 2500, 1e-2)},
    best_reverse=lambda: best_possible.best_gaussian(toys.roll_nodes, SCHEDULE), limit=limit, figure=figure, note=note)
