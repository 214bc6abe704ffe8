"""Named mistakes: for each function of the catalogue a right formula, and the wrong ones that people write.

FORMULAS[function] has both, MISTAKES lists all mistakes, `right` and `wrong` compute them for the inputs of a case.
"""
from . import binomial, bound, convert, convert_mean, entropy, gaussian, gradient, later, levels, product, reverse
from . import schedule, trajectory
from .formula import FLAGS, evaluate, mistaken, with_pieces  # noqa: F401

TOPICS = (schedule, gaussian, binomial, bound, reverse, trajectory, product, entropy, gradient,
          levels, convert, convert_mean, later)
FORMULAS = {name: formula for topic in TOPICS for name, formula in topic.FORMULAS.items()}
MISTAKES = [mistake._replace(function=name) for name, formula in FORMULAS.items() for mistake in formula.mistakes]


def right(function, inputs):
    """What the function of this name should return: one value, or a tuple."""
    return evaluate(FORMULAS[function].right, FORMULAS[function], inputs)


def wrong(mistake, inputs):
    """What an implementation with this mistake returns."""
    return mistaken(mistake, FORMULAS[mistake.function], inputs)
