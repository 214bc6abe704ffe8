"""What came of one case, and how well two arrays agree."""
from typing import Any, NamedTuple

import numpy as np


class Outcome(NamedTuple):
    """What came of one case."""
    case: dict
    got: Any        # dict of arrays in the vectors' conventions, or None
    ratios: dict    # |got - expected| in tolerances, for each output
    error: str      # why there is nothing to compare, in one sentence
    digits: float   # to which the outputs agree
    drawn: bool = False

    @property
    def passed(self):
        return not self.error and all(np.max(r, initial=0) <= 1 for r in self.ratios.values())


def agreement(value, target):
    """The number of decimal digits to which two arrays agree, relative to the largest."""
    finite = np.isfinite(target)
    scale = np.max(np.abs(target[finite]), initial=0.0) or 1.0
    with np.errstate(all="ignore"):
        worst = np.max(np.where(value == target, 0.0, np.abs(value - target)) / scale, initial=0.0)
    return float(np.clip(-np.log10(max(worst, 1e-16)), 0, 16)) if np.isfinite(worst) else 0.0
