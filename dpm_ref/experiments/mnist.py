"""MNIST: a row of Table 2 and Figure App.1 (paper, sections 3.2.1 and D.2)."""
from functools import partial

from .. import gaussian, schedule, trajectory
from ..data import images
from ..image import network
from ..plots import paper

TITLE, UNIT = "MNIST", "bits per pixel"
PAPER_K, PAPER_GAIN = None, None
DIFFERENCE = "the paper: 50,000 digits"
FIGURE = "figure_app1_mnist"
KERNEL = gaussian
BETA_1, LAST = 1e-3, 1000.0            # noise over signal runs from 1e-3 to 1000, by a constant factor a step
SCHEDULE = schedule.geometric(1000, BETA_1, LAST)
SHAPE, BATCH, RATE, ROTATE_TO = (28, 28, 1), 32, 3e-3, 784
FLIP, EMPHASIS = False, 8
NETWORK = network.image_network
init = partial(network.init_image, layers=2, channels=32, inner=((32,), (64,), (128, 128)), pixels=(48,))


def load(split, scaling=None):
    """Handwritten digits, 28x28.

    text, §3.2.1
    """
    return images.mnist(split, scaling=scaling)


def figure(model, rng, N=100):
    """Figure App.1: samples of the model, not means.

    Figure App.1
    """
    x = trajectory.sample(KERNEL, model.reverse, model.schedule, (N,) + SHAPE, rng)
    unit = images.to_unit(x, model.words["mean"], model.words["std"])
    return paper.pictures({"samples": paper.mosaic(unit, 10)}, f"trained on {model.words['source']}; T = {model.schedule.T}", size=6)
