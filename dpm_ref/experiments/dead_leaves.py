"""Dead leaves: a row of Table 1, its half of Table 2, and Figure 4 (paper, sections 3.2.1 and D.2)."""
from functools import partial

from .. import gaussian, schedule, trajectory
from ..data import images, leaves
from ..image import network
from ..plots import paper

TITLE, UNIT = "Dead leaves", "bits per pixel"
PAPER_K, PAPER_GAIN = 1.489, 3.536
DIFFERENCE = "our own generator: the paper's pictures and radii are not known"
FIGURE = "figure_4_dead_leaves"
KERNEL = gaussian
BETA_1, LAST = 1e-3, 1000.0            # noise over signal runs from 1e-3 to 1000, by a constant factor a step
SCHEDULE = schedule.geometric(1000, BETA_1, LAST)
SHAPE, BATCH, RATE, ROTATE_TO = (64, 64, 1), 8, 3e-3, 512
FLIP, EMPHASIS = True, 6
RADII = 2, 48                          # of the discs, in pixels
NETWORK = network.image_network
init = partial(network.init_image, layers=2, channels=32, inner=((32,), (32,), (48,), (64,), (64, 64)))


def load(split, scaling=None):
    """Windows on an endless picture of discs, each on one of its own: 4096 to train on, 256 held out.

    text, §3.2.1
    """
    return images.dead_leaves(split, 4096 if split == "train" else 256, SHAPE[0], RADII, scaling=scaling)


def figure(model, rng, size=256):
    """Figure 4: a picture of the kind trained on, and a sample of that size from a network that saw 64x64 crops.

    Figure 4
    """
    words = model.words
    x = trajectory.sample(KERNEL, model.reverse, model.schedule, (1, size, size, 1), rng)
    panels = {"(a) dead leaves": leaves.leaves(rng, 1, size, RADII)[0] / 255, "(c) sample": images.to_unit(x[0], words["mean"], words["std"])}
    return paper.pictures(panels, f"our own {words['source']}, trained on 64×64 crops; T = {model.schedule.T}", size=5)
