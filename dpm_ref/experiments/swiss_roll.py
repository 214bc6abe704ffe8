"""Swiss roll: the first row of Table 1 and Figure 1 (paper, sections 3.1.1 and D.1.1)."""
import numpy as np

from .. import gaussian, networks, schedule, trajectory
from ..data import toys
from ..plots import paper
from ..proofs import best_possible
from .row import Recipe
from ..train import cosine

TITLE, UNIT = "Swiss roll", "bits per 2-D sample"
FIGURE = "figure_1_swiss_roll"
PAPER_K, PAPER_GAIN = 2.35, 6.45
KERNEL = gaussian
BETA_1 = 6e-6                                 # the paper's is not known; on a noise-free curve K has no limit as it shrinks
SCHEDULE = schedule.geometric(40, BETA_1, last=10.0)
HOLDOUT = 10000


def draw_data(rng, N):
    """N points (N, 2) of the roll, without noise.

    text, §3.1.1
    """
    return toys.swiss_roll(rng, N)


def batch(rng, pairs=32):
    """x_0, t, weight and noise for one step of training: every t = 2..T, each with points of its own.

    Points come in pairs with the same x_0 and opposite noise, which makes the gradient less noisy.
    """
    t = np.arange(2, SCHEDULE.T + 1)
    x0, noise = draw_data(rng, len(t) * pairs).reshape(len(t), pairs, 2), KERNEL.noise(rng, (len(t), pairs, 2))
    x0, noise = np.tile(x0, (1, 2, 1)).reshape(-1, 2), np.concatenate([noise, -noise], axis=1).reshape(-1, 2)
    return x0, np.repeat(t, 2 * pairs), np.full(len(x0), 0.5 / pairs), noise


NETWORKS = {
    "mlp": Recipe(networks.init_denoiser, networks.denoiser, batch, steps=3500, rate=cosine(6e-3)),
    "paper": Recipe(networks.init_rbf, networks.rbf, batch, steps=2500, rate=cosine(1e-2)),
}


def best_reverse():
    """The reverse kernel that reaches the limit."""
    return best_possible.best_gaussian(toys.roll_nodes, SCHEDULE)


def limit():
    """No closed form: the best possible K is estimated, on the draws on which a network is measured."""
    return None


def figure(reverse, rng, N=3000):
    """Figure 1 for a reverse kernel. The drift is shown at t = 2, the last step that is learned, for t = 0.

    Figure 1
    """
    T = SCHEDULE.T
    times, steps = (0, T // 2, T), (2, T // 2, T)
    noises = trajectory.noises(KERNEL, rng, (N, 2), T)
    forward = dict(trajectory.forward_trajectory(KERNEL, draw_data(rng, N), SCHEDULE, noises))
    xT = trajectory.start(KERNEL, rng, (N, 2))
    path = dict(trajectory.reverse_trajectory(KERNEL, reverse, xT, SCHEDULE, trajectory.noises(KERNEL, rng, (N, 2), T)))
    grid = np.stack(np.meshgrid(*2 * [np.linspace(-2.7, 2.7, 16)]), axis=-1).reshape(-1, 2)
    drifts = [reverse(grid, t).mean - grid for t in steps]
    return paper.figure_1(times, [forward[t] for t in times], [path[t] for t in times], steps, grid, drifts)


def note(reverse, rng, N=2000):
    """What the samples of a reverse kernel are like, in one sentence.

    text, §3.1.1
    """
    x = trajectory.sample(KERNEL, reverse, SCHEDULE, (N, 2), rng)
    curve, _ = toys.roll_nodes(0.002)
    distance = [np.sqrt(np.min(np.sum((point - curve) ** 2, axis=1))) for point in x]
    return f"{TITLE}: beta_1 = {BETA_1:g}; half of {N} samples lie within {np.median(distance):.2g} of the curve"
