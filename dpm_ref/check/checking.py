"""check(): one call from a notebook cell, for one function or for a whole adapter."""
from typing import NamedTuple

from .catalogue import CATALOGUE
from .conventions import settled
from .diagnose import diagnosed
from .report import details, line, ok, text
from .run import find, run, run_function


class Checked(NamedTuple):
    """What `check` found; printing it is its purpose."""
    passed: bool
    results: tuple
    message: str

    def __repr__(self):
        return self.message

    def _ipython_display_(self):
        """Nothing: in a notebook cell `check` has printed it already."""


def check(function_or_adapter, name=None, show=True, limit=5.0, **conventions):
    """Check one function (name as in the catalogue) or a whole adapter, print what was found, return a Checked.

    `passed` of one function is False for a "different choice" too. A function is given the arguments that its signature names, such as (xt, x0, t, beta, alpha_bar). Conventions, for
    one function, are keywords: check(f, "gaussian.posterior", spread="std"). ValueError for a name that is not there.
    """
    if name is None:
        results = tuple(diagnosed(r) for r in run(function_or_adapter, limit=limit))
        message = text(results)
    else:
        if name not in CATALOGUE:
            raise ValueError(f"{name!r} is not in the catalogue; did you mean {', '.join(nearest(name))}?")
        function = function_or_adapter if callable(function_or_adapter) else find(function_or_adapter, name)
        if function is None:
            raise ValueError(f"nothing to check: {name} is neither a function nor offered by this adapter")
        results = (diagnosed(run_function(function, name, settled(conventions, name), limit)),)
        said = "not written yet: it raises NotImplementedError" if results[0].status == "not checked" else line(results[0])
        message = "\n    ".join([f"{name}: {said}", *details(results[0])])
    # one function is asked to be this very formula; a whole program may choose otherwise
    found = Checked(ok(results) if name is None else results[0].status == "passed", results, message)
    if show:
        print(message)
    return found


def nearest(name):
    """Names of the catalogue that look like this one."""
    from difflib import get_close_matches
    same = [n for n in CATALOGUE if n.split(".")[-1] == name.split(".")[-1]]
    return same or get_close_matches(name, CATALOGUE, 3, 0.3) or list(CATALOGUE)[:3]
