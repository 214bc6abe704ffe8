"""What a formula is, what a named mistake in it is, and how either is computed from the inputs of a test case.

A formula is a function that names what it needs: inputs of the case, pieces of the formula, or what follows from them,
such as beta_t from beta and t (catalogue.FOLLOWS). A mistake is another formula, or a dict of the pieces that are
wrong: dict(beta_t=lambda beta, t: beta[t - 1]) is the right formula with beta of t - 1 in it, and dict(right=g, ..) is
g, another way to the same result, with these pieces in it: g is a formula or the name of a piece. The tables import
nothing of the package: they must not share a fault with the code that they judge.
"""
from typing import Any, Callable, NamedTuple

import numpy as np

from ..catalogue import FOLLOWS, needed

FLAGS = {
    "assembly": "a term of the sum is missing, doubled or of the wrong sign",
    "averaging": "the mean of logs where the log of a mean is meant",
    "coefficient": "a coefficient without its square root, or of the wrong quantity",
    "coordinates": "mean for sum over the coordinates of a sample (D = 2)",
    "direction": "q and p exchanged",
    "first_step": "t = 1 treated like any other step, or not like this paper does",
    "gradient_point": "the gradient of log r at the wrong point",
    "index_shift": "beta or alpha_bar of t - 1 or t + 1 where t is meant",
    "last_step": "t = T: alpha_bar_T = 0 divides or hides terms",
    "mask": "known and unknown coordinates exchanged or mixed",
    "missing_term": "a term or a constant factor of the formula is left out",
    "mixed_t": "one t used for the whole batch, or t broadcast over the wrong axis",
    "narrow_t": "t in a type of too few bits (uint8, bfloat16), which shows beyond t = 255",
    "noise": "noise of the wrong law or size",
    "normaliser": "not normalised, or normalised wrongly",
    "order": "steps, halves or noises in the wrong order",
    "padding": "an array over time without its entry 0, or with a wrong one",
    "parametrisation": "one of x_0, eps, v and the score taken for another",
    "prior": "π = B(0.5) assumed where p is given",
    "rate": "another schedule",
    "second_moment": "data of second moment 1 assumed",
    "sign": "the wrong sign",
    "signal_left": "alpha_bar_T taken to be 0",
    "spread": "standard deviation for variance or the reverse",
    "start": "t = 0 is not the data itself",
    "underflow": "exp of very negative numbers without log-sum-exp",
    "unit": "bits for nats or the reverse",
    "zero_probability": "log(0) at certain bits",
}


class Mistake(NamedTuple):
    """One named mistake in one formula."""
    name: str
    flag: str
    wrong: Any              # a formula, or a dict of wrong pieces
    advice: str
    equation: str = ""      # where it is not that of its function
    choice: bool = False    # not wrong but different: another convention or a later variant
    function: str = ""


def Choice(*arguments, **keywords):
    """A Mistake that is none: a known, deliberate deviation."""
    return Mistake(*arguments, **keywords, choice=True)


class Formula(NamedTuple):
    """The right formula of one function of the catalogue, and the mistakes that are known in it."""
    right: Callable
    mistakes: list
    pieces: dict = {}
    terms: dict = {}        # by output: a formula that returns the terms of which the output is the sum, in words


def evaluate(f, formula, inputs, changes={}):
    """f of the inputs, each argument found by its name; `changes` are pieces or inputs to be replaced.

    A change is computed from what is unchanged: {"t": lambda t: t - 1}. Three names are always there: `right`, the
    right formula's value; `inputs`, all inputs; `again(name, **inputs)`, a piece with other inputs. f may be the name
    of a piece.
    """
    changed, unchanged = {}, {}

    def value(name, changes, known):
        if name not in known:
            known[name] = call(changes[name], {}, unchanged) if name in changes else plain(name, changes, known)
        return known[name]

    def plain(name, changes, known):
        if name in inputs:
            return inputs[name]
        if name == "inputs":
            return inputs
        if name == "again":
            return lambda piece, **new: evaluate(piece, formula, {**inputs, **new}, changes)
        return call(formula.right if name == "right" else formula.pieces.get(name) or FOLLOWS[name], changes, known)

    def call(f, changes, known):
        return f(*(value(name, changes, known) for name in needed(f)))

    with np.errstate(all="ignore"):
        return value(f, changes, changed) if isinstance(f, str) else call(f, changes, changed)


def mistaken(mistake, formula, inputs):
    """What the formula returns with this mistake in it."""
    if isinstance(mistake.wrong, dict):
        return evaluate(mistake.wrong.get("right", formula.right), formula, inputs, mistake.wrong)
    return evaluate(mistake.wrong, formula, inputs)


def with_pieces(formula, wrong, inputs):
    """The formula, for these inputs, with wrong pieces in it for good: a second mistake is computed from these."""
    pieces = {name: lambda value=evaluate(f, formula, inputs): value for name, f in wrong.items()}
    right = formula.pieces.get("by_x0", formula.right)                      # the way on which the pieces lie
    return formula._replace(right=right, pieces={**formula.pieces, **pieces})


# --- small right formulas, from which others are made -----------------------------------------------------------------

ONE_T = dict(t=lambda t: np.ravel(t)[0])                                    # the t of the first row, for all rows
NEXT_T = dict(t=lambda t, T: np.minimum(t + 1, T))
NARROW = (
    Mistake("t in 8 bits", "narrow_t", dict(t=lambda t: np.mod(t, 256)), "257 becomes 1: keep t in 32 or 64 bits."),
    Mistake("t rounded to bfloat16", "narrow_t", dict(t=lambda t: bfloat16(t)),
            "257 becomes 256: look up beta and alpha_bar with t as an integer."))
SIZES = 10.0 ** -np.arange(3, 11)                                           # of a guard against log(0) or division by 0


def bfloat16(t):
    """Whole numbers with their first 8 bits, rounded."""
    step = 2 ** np.maximum(np.floor(np.log2(np.maximum(t, 1))) - 7, 0).astype(int)
    return np.round(t / step).astype(int) * step


def pad(beta):
    """beta_0 = 0 in front."""
    return np.concatenate([[0.0], beta])


def sigmoid(a):
    """1 / (1 + exp(-a))."""
    return 1 / (1 + np.exp(-a))


def logit(a):
    """log a - log(1 - a)."""
    return np.log(a) - np.log(1 - a)


def safe(a, b):
    """a / b, and 0 where b is 0."""
    return np.divide(a, b, out=np.zeros_like(a), where=b != 0)


def shifted(a, by):
    """a[t - by] for every t of an array over time, the end repeated."""
    return a[np.clip(np.arange(len(a)) - by, 0, len(a) - 1)]
