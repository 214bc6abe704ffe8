"""Every equation of the paper in plain text, each with its two sides computed: what `python -m dpm_ref eq` prints.

    trajectories           the two chains                     Eqs. 1-5, 44
    bounds                 the log likelihood and K           Eqs. 6-15, 37-51
    second_distributions   a model times r(x)                 Eqs. 16-23, 52-61
    reverse_entropies      the entropy of a reverse step      Eqs. 24-36
    readouts               the networks                       Eqs. 62-65, Table App.1, §D.1

A function returns `small.Sides`, numbers by two routes. Its docstring names the routes, and states the equations that
the numbers are of.
"""
import inspect
import re
from typing import Callable, NamedTuple

from . import bounds, readouts, reverse_entropies, second_distributions, small, trajectories


class Equation(NamedTuple):
    """An equation, as it is printed."""
    name: str            # "48", "App.1"
    section: str         # "§B.3"
    formula: str         # one line or more
    routes: list         # in words, the two routes to its numbers
    sides: Callable      # computes both: sides() is small.Sides


def _stated(f):
    """The Equations in the docstring of f: "route, against route:", then "(48) §B.3 formula" for each."""
    words, *entries = re.split(r"\n\((?=[\w.]+\) §)", inspect.getdoc(f))
    for entry in entries:
        name, section, formula = re.match(r"([\w.]+)\) (§\S+) (.*)", entry, re.S).groups()
        yield Equation(name, section, "\n".join(line.strip() for line in formula.strip().splitlines()),
                       words.strip().rstrip(":").split(", against "), f)


ALL = {e.name: e for module in (trajectories, bounds, second_distributions, reverse_entropies, readouts)
       for f in vars(module).values() if getattr(f, "__module__", "") == module.__name__ and f.__doc__
       for e in _stated(f)}
