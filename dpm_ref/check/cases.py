"""The test vectors as Python sees them: read, decode, compare.

A case is a dict: id, function, equation, inputs, expected, rtol, atol, flags, and `law` (mean and var, or rate) where
the result is a draw. In the files inf and -inf are strings, and a t for each row of the batch is a list.
"""
import json
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

VECTORS = Path(__file__).parent / "vectors"
VERSION = "2.1"     # of the vectors: the first number rises when an expected value or a name changes, else the second


def encode(value):
    """Numbers and arrays as JSON has them."""
    if isinstance(value, np.ndarray):
        one_t_a_row = value.dtype.kind == "i" and value.ndim == 2
        return encode((value[:, 0] if one_t_a_row else value).tolist())
    if isinstance(value, (list, tuple)):
        return [encode(v) for v in value]
    if isinstance(value, (int, np.integer)):
        return int(value)
    return float(value) if np.isfinite(value) else str(float(value))


def decode(values):
    """A dict of JSON values as numbers and arrays: t a number or a column (N, 1)."""
    out = {}
    for name, value in values.items():
        if isinstance(value, list) and name == "t":
            out[name] = np.array(value)[:, None]
        elif isinstance(value, list):
            out[name] = np.array(value, dtype=float)
        else:
            out[name] = float(value) if isinstance(value, str) else value
    return out


@lru_cache
def load():
    """All cases of all files, decoded, as a dict of lists by function."""
    by_function = {}
    for path in sorted(VECTORS.glob("*.json")):
        if path.name != "schema.json":
            for case in json.loads(path.read_text())["cases"]:
                case = {**case, "inputs": decode(case["inputs"]), "expected": decode(case["expected"]),
                        **({"law": decode(case["law"])} if "law" in case else {})}
                by_function.setdefault(case["function"], []).append(case)
    return by_function


class Outcome(NamedTuple):
    """What came of one case."""
    case: dict
    got: dict = {}          # each output, in the vectors' conventions
    expected: dict = {}     # what it should be, of the same shape: summed over coordinates where the implementation is
    ratios: dict = {}       # |got - expected| in tolerances
    error: str = ""         # why there is nothing to compare, in one sentence
    digits: float = np.nan  # to which the outputs agree
    drawn: bool = False     # a law of draws, compared in standard errors

    @property
    def passed(self):
        return not self.error and all(np.max(r, initial=0) <= 1 for r in self.ratios.values())


def ratio(got, expected, rtol, atol):
    """|got - expected| in units of the tolerance, element by element; inf where got is nan or cannot be broadcast."""
    expected = np.asarray(expected, dtype=float)
    try:
        got = np.broadcast_to(np.asarray(got, dtype=float), expected.shape)
    except ValueError:
        return np.full(expected.shape, np.inf)
    with np.errstate(all="ignore"):
        out = np.where(got == expected, 0.0, np.abs(got - expected) / (atol + rtol * np.abs(expected)))
    return np.where(np.isnan(out), np.where(np.isnan(got) & np.isnan(expected), 0.0, np.inf), out)


def difference(got, expected, rtol, atol):
    """The largest `ratio` over the outputs of a case (dicts of arrays)."""
    return max(float(np.max(ratio(got[name], expected[name], rtol, atol), initial=0.0)) for name in expected)


def agreement(value, target):
    """The number of decimal digits to which two arrays agree, relative to the largest."""
    finite = np.isfinite(target)
    scale = np.max(np.abs(target[finite]), initial=0.0) or 1.0
    with np.errstate(all="ignore"):
        worst = np.max(np.where(value == target, 0.0, np.abs(value - target)) / scale, initial=0.0)
    return float(np.clip(-np.log10(max(worst, 1e-16)), 0, 16)) if np.isfinite(worst) else 0.0
