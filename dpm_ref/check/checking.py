"""check(): one call from a notebook cell, for one function or for a whole adapter."""
from typing import NamedTuple

from .catalogue import CATALOGUE, not_there
from .causes import all_diagnosed
from .conventions import NOT_AS_ASKED, conventions_of
from .diagnose import diagnosed
from .report import details, line, ok, text
from .run import find, misspelt, run, run_function, stated


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

    A function is given the arguments that its signature names, such as (xt, x0, t, beta, alpha_bar). Conventions for
    one function are keywords, beside those of its adapter: check(f, "gaussian.posterior", spread="std"). `passed` is
    False for a "different choice" of one function, and for what is not as asked, for there this very formula was asked
    for. ValueError for a name that is not in the catalogue.
    """
    if name is None:
        if callable(function_or_adapter) and not any(find(function_or_adapter, n) for n in CATALOGUE):
            raise ValueError("give a name: check(f, 'gaussian.kl')")
        if conventions:
            raise ValueError(f"an adapter states its own conventions; got {', '.join(conventions)} beside it")
        results = tuple(all_diagnosed(run(function_or_adapter, limit=limit)))
        found = Checked(ok(results), results, "\n".join([text(results), *misspelt(function_or_adapter)]))
    else:
        if not isinstance(name, str):
            raise ValueError("give first the function, then its name: check(f, 'gaussian.kl')")
        if "conventions" in conventions:
            raise ValueError("conventions are keywords: check(f, name, spread='log_var')")
        if name not in CATALOGUE:
            raise ValueError(not_there(name))
        function = function_or_adapter if callable(function_or_adapter) else find(function_or_adapter, name)
        if function is None:
            raise ValueError(f"nothing to check: {name} is neither a function nor offered by this adapter")
        given = stated(function_or_adapter)
        given[name] = {**given.get(name, {}), **conventions}
        result = diagnosed(run_function(function, name, conventions_of(given, name), limit))
        said = "not written yet: it raises NotImplementedError" if result.status == "not checked" else line(result)
        as_asked = not any(note.startswith(NOT_AS_ASKED) for note in result.notes)
        if result.status == "passed" and not as_asked:
            said = f"right, but not as asked ({len(result.outcomes)} vectors)"
        message = "\n    ".join([f"{name}: {said}", *details(result)])
        found = Checked(result.status == "passed" and as_asked, (result,), message)
    if show:
        print(found.message)
    return found
