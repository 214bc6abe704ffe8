"""Three tuples: a row of Table 1 or 2, a way to train a network for it, and a trained model."""
from math import inf, prod
from typing import Any, NamedTuple

from .. import bound


class Row(NamedTuple):
    """A row of Table 1 or 2: what is particular to it."""
    name: str                 # of its module and its files too
    title: str
    number: str               # of its figure
    unit: str                 # of K
    paper_K: Any              # the paper's K, and K - L_null; None where the paper has none
    paper_gain: Any
    kernel: Any
    schedule: Any
    shape: tuple              # of one data point
    draw: Any                 # draw(data, rng, N): N data points (N, *shape)
    recipes: dict             # a Recipe for each network by its name; the first is the one that is kept and drawn
    figure: Any               # figure(model, rng): the paper's figure
    holdout: int              # how many data points K is measured on
    draws: Any = None         # at how many steps t for each of them; None: at all
    load: Any = None          # load(split, scaling=None): the data, "train" or "test"; None where every point is new
    difference: str = ""      # between our data and the paper's
    best_reverse: Any = None  # best_reverse(): the best possible reverse kernel; None where it is not known
    limit: Any = None         # limit(): its K in nats; None where it must be estimated
    note: Any = None          # note(model, rng): a sentence on the model's samples


class Recipe(NamedTuple):
    """A network and how to train it."""
    init: Any                 # init(rng): its parameters
    network: Any              # network(params, x, t, schedule, kernel)
    batch: Any                # batch(row, data, rng, **options): x_0, t, weight, noise
    options: dict             # of `batch`
    rate: float               # the highest learning rate
    steps: Any = None         # of training; None where training is given a time
    warmup: float = 0.02      # the share of training in which the learning rate rises
    decay: float = 0.99       # of the average of the parameters
    largest: float = inf      # SOAP keeps no basis for an array with a longer side
    shared: bool = False      # whether all cores work on each step


class Model(NamedTuple):
    """A trained network."""
    row: Row
    params: Any
    schedule: Any
    reverse: Any              # reverse(x, t), as chains and bounds need it
    words: dict               # what made it, the seconds of training, and what was measured


def in_unit(row, nats):
    """Nats per data point in the unit of a row: bits per pixel of an image, colours summed; bits of any other point."""
    return bound.bits(nats) / prod(row.shape[:-1])
