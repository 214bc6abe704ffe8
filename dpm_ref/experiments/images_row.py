"""What the rows of images have in common (paper, sections 3.2 and D.2)."""
from functools import partial

import numpy as np

from .. import bound, gaussian, schedule
from ..data import images
from ..image import network
from .row import Recipe, Row

CROPS = dict(layers=2, channels=32, inner=((32,), (32,), (48,), (64,), (64, 64)))   # a network that sees large shapes


def images_row(shape=(64, 64, 1), sizes=CROPS, T=1000, batch=8, flip=True, emphasis=1, rate=3e-3, largest=512,
               **changes):
    """A Row of images. The defaults are for crops of grey pictures.

    Noise over signal runs from 1e-3 to 1000, by a constant factor a step. `sizes` are those of the network; `batch`,
    `flip` and `emphasis` are options of `image_batch`.
    """
    def draw(data, rng, N):
        return images.batch(data, rng, N, None if data.x.shape[1:] == shape else shape[0])

    recipe = Recipe(partial(network.init_image, shape=shape, **sizes), network.image_network,
                    image_batch, {"batch": batch, "flip": flip, "emphasis": emphasis},
                    rate, warmup=0.01, decay=0.999, largest=largest, shared=True)
    common = dict(unit="bits per pixel", kernel=gaussian, schedule=schedule.geometric(T, 1e-3, 1000.0), shape=shape,
                  draw=draw, recipes={"image": recipe}, holdout=256, draws=16)
    return Row(**common | changes)


def image_batch(row, data, rng, batch, flip, emphasis):
    """x_0 (B, H, W, C), t, weight and noise for one step of training, every image with a t of its own."""
    x0 = row.draw(data, rng, batch)
    if flip and rng.random() < 0.5:
        x0 = x0[:, :, ::-1]
    share = counts(row.schedule, emphasis)
    t, weight = bound.draw_t(rng, len(x0), row.schedule.T, share=share)
    return x0, t, (weight * share[t - 2]).astype(np.float32), rng.standard_normal(x0.shape, np.float32)


def counts(s, emphasis):
    """How often KL_t counts in training, (T - 1,) for t = 2..T: once, or `emphasis` times.

    The latter where noise over signal is 1/4 to 128: there a chain decides what a picture shows. K hardly rewards that,
    since most of K is in the grain of every pixel.
    """
    ratio = schedule.noise_to_signal(s)[2:]
    return np.where((ratio > 1 / 4) & (ratio < 128), float(emphasis), 1.0)
