"""Binary heartbeat: the second row of Table 1 and Figure 2 (paper, sections 3.1.2 and D.1.2)."""
from functools import partial

import numpy as np

from .. import binomial, bound, networks, schedule, trajectory
from ..data import toys
from ..plots import paper
from ..proofs import best_possible
from .row import Recipe
from ..train import cosine

TITLE, UNIT = "Binary heartbeat", "bits per sequence of 20"
FIGURE = "figure_2_heartbeat"
PAPER_K, PAPER_GAIN = -2.414, 12.024
KERNEL = binomial.with_p(0.2)                 # Table App.1 prints 0.5; K - L_null = 12.024 needs 0.2, as §D.1.2 says
SCHEDULE = schedule.constant_erasure(2000)
HOLDOUT = 1500


def draw_data(rng, N):
    """N sequences (N, 20).

    text, §3.1.2
    """
    return toys.heartbeat(rng, N)


def batch(rng, strata=250, copies=2):
    """x_0, t, weight and noise for one step of training: `copies` sequences at each of `strata` steps t."""
    t, weight = bound.draw_t(rng, strata, SCHEDULE.T)
    x0 = draw_data(rng, strata * copies)
    return x0, np.repeat(t, copies), np.repeat(weight / copies, copies), KERNEL.noise(rng, x0.shape)


NETWORKS = {
    "mlp": Recipe(networks.init_bit_denoiser, networks.bit_denoiser, batch, steps=5000, rate=cosine(8e-3)),
    "paper": Recipe(networks.init_sigmoid_mlp, networks.sigmoid_mlp, partial(batch, copies=8), steps=1000,
                    rate=cosine(1e-2), largest=0),
}


def limit():
    """The best K that a bit-wise reverse kernel can reach here, in nats per sequence, exactly."""
    return best_possible.best_bits_K(KERNEL, toys.HEARTBEAT, SCHEDULE, *best_possible.heartbeat_states())


def best_reverse():
    """The reverse kernel that reaches the limit."""
    return best_possible.best_bits(KERNEL, toys.HEARTBEAT, SCHEDULE)


def figure(reverse, rng, N=20):
    """Figure 2 for a reverse kernel.

    Figure 2
    """
    times = (0, SCHEDULE.T // 2, SCHEDULE.T)
    xT = trajectory.start(KERNEL, rng, (N, 20))
    path = trajectory.reverse_trajectory(KERNEL, reverse, xT, SCHEDULE, trajectory.noises(KERNEL, rng, (N, 20), SCHEDULE.T))
    kept = {t: x for t, x in path if t in times}
    return paper.figure_2(times, np.stack([kept[t] for t in times]))


def phases(x):
    """How many of the samples x (N, 20) are each of the five sequences, (5,); the rest are none of them."""
    return (x[:, None] == toys.HEARTBEAT).all(axis=2).sum(axis=0)


def note(reverse, rng, N=2000):
    """What the samples of a reverse kernel are like, in one sentence.

    text, §3.1.2
    """
    counts = phases(trajectory.sample(KERNEL, reverse, SCHEDULE, (N, 20), rng))
    return f"{TITLE}: {100 * counts.sum() / N:.1f} % of {N} samples are one of the five sequences, phases {counts.tolist()}"
