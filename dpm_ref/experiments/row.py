"""What the rows of the tables have in common."""
from typing import Any, NamedTuple

import numpy as np


class Recipe(NamedTuple):
    """A network and how to train it."""
    init: Any                # init(rng, D, schedule, kernel)
    network: Any             # network(params, x, t, schedule, kernel)
    batch: Any               # batch(rng): x_0, t, weight, noise
    steps: int
    rate: Any                # learning rate as a function of the share of training that is done
    largest: float = np.inf  # the longest side of an array that the optimiser turns into its eigenbasis
