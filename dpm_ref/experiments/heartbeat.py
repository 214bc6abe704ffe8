"""Binary heartbeat: the second row of Table 1 and Figure 2 (paper, sections 3.1.2 and D.1.2)."""
from functools import partial

import numpy as np

from .. import binomial, bound, networks, schedule
from ..data import toys
from ..plots import paper
from ..proofs import best_possible
from .chains import reverse_path, sample
from .row import Recipe, Row

KERNEL = binomial.with_p(0.2)      # Table App.1 prints 0.5; K - L_null = 12.024 needs 0.2, as §D.1.2 says
SCHEDULE = schedule.constant_erasure(2000)


def batch(row, data, rng, strata, copies):
    """x_0, t, weight and noise for one step of training: `copies` sequences at each of `strata` steps t."""
    t, weight = bound.draw_t(rng, strata, row.schedule.T)
    x0 = row.draw(data, rng, strata * copies)
    return x0, np.repeat(t, copies), np.repeat(weight / copies, copies), row.kernel.noise(rng, x0.shape)


def limit(chain=SCHEDULE):
    """The best K that a bit-wise reverse kernel can reach here, in nats per sequence, exactly."""
    return best_possible.best_bits_K(KERNEL, toys.HEARTBEAT, chain, *best_possible.heartbeat_states())


def figure(model, rng, N=20):
    """Figure 2 for a model."""
    T, path = model.schedule.T, reverse_path(model, (N, 20), rng)
    times = 0, T // 2, T
    return paper.figure_2(times, np.stack([path[t] for t in times]))


def phases(x):
    """How many of the samples x (N, 20) are each of the five sequences, (5,); the rest are none of them."""
    return (x[:, None] == toys.HEARTBEAT).all(axis=2).sum(axis=0)


def note(model, rng, N=2000):
    """How many samples of a model are heartbeats, in one sentence."""
    counts = phases(sample(model, (N, 20), rng))
    share = 100 * counts.sum() / N
    return f"{ROW.title}: {share:.1f} % of {N} samples are one of the five sequences, phases {counts.tolist()}"


def recipe(init, network, copies, **more):
    """The training of a network for this row."""
    init = partial(init, D=20, schedule=SCHEDULE, kernel=KERNEL)
    return Recipe(init, network, batch, {"strata": 250, "copies": copies}, **more)


ROW = Row(
    name="heartbeat", title="Binary heartbeat", number="2", unit="bits per sequence of 20",
    paper_K=-2.414, paper_gain=12.024, kernel=KERNEL, schedule=SCHEDULE, shape=(20,), holdout=1500,
    draw=lambda data, rng, N: toys.heartbeat(rng, N),
    recipes={"mlp": recipe(networks.init_bit_denoiser, networks.bit_denoiser, 2, steps=5000, rate=8e-3),
             "paper": recipe(networks.init_sigmoid_mlp, networks.sigmoid_mlp, 8, steps=1000, rate=1e-2, largest=0)},
    best_reverse=lambda: best_possible.best_bits(KERNEL, toys.HEARTBEAT, SCHEDULE), limit=limit,
    figure=figure, note=note)
