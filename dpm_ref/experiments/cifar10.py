"""CIFAR-10: a row of Table 1 and Figure 3 (paper, sections 3.2.1 and D.2)."""
from functools import partial

from .. import gaussian, schedule, trajectory
from ..data import images
from ..image import network
from ..plots import paper
from ..products import conditional, factors, perturbed

TITLE, UNIT = "CIFAR-10", "bits per pixel (3 colours summed)"
PAPER_K, PAPER_GAIN = 5.4, 11.5
DIFFERENCE = "the paper: 50,000 images as published; a JPEG copy is easier"
FIGURE = "figure_3_cifar10"
KERNEL = gaussian
BETA_1, LAST = 1e-3, 1000.0            # noise over signal runs from 1e-3 to 1000, by a constant factor a step
SCHEDULE = schedule.geometric(1000, BETA_1, LAST)
SHAPE, BATCH, RATE, ROTATE_TO = (32, 32, 3), 32, 5e-3, 512
FLIP, EMPHASIS = True, 1
NETWORK = network.image_network
init = partial(network.init_image, layers=3, channels=32, scales=4, pixels=(48, 48), hidden=(256, 256), features=4)


def load(split, scaling=None):
    """Colour photographs, 32x32.

    text, §3.2.1
    """
    return images.cifar10(split, scaling=scaling)


def figure(model, rng, N=16):
    """Figure 3: holdout images, the same at signal-to-noise ratio 1, denoised in two ways, and samples.

    Figure 3
    (c) is §2.5 with r = N(y; x, 1) at every t; beside it, the model's own posterior.
    """
    words = model.words
    data = load("test", (words["mean"], words["std"]))
    x0 = images.batch(data, rng, N)
    y = x0 + rng.standard_normal(x0.shape)
    r = factors.observation(y, 1.0, model.schedule, "constant")
    panels = {"(a) holdout": x0, "(b) noise of variance 1": y,
              "(c) denoised as in §2.5": perturbed.perturbed_sample(KERNEL, model.reverse, r, model.schedule, x0.shape, rng),
              "(c') the model's posterior": conditional.denoise(model.reverse, y, 1.0, model.schedule, rng).x,
              "(d) samples": trajectory.sample(KERNEL, model.reverse, model.schedule, x0.shape, rng)}
    sheets = {title: paper.mosaic(images.to_unit(x, words["mean"], words["std"]), 4) for title, x in panels.items()}
    return paper.pictures(sheets, f"(a) held-out {data.source}; trained on {words['source']}; T = {model.schedule.T}", size=3.4)
