"""Run somebody's functions over the test vectors, whatever they do: raise, hang, print, return nothing."""
from typing import NamedTuple

import numpy as np

from .calling import Failed, NotOffered, call, named, takes_noise
from .cases import load, ratio
from .catalogue import CATALOGUE, kind
from .conventions import NotApplicable, leaving, reduced, settled
from .draws import compare_draws, repeated
from .outcome import Outcome, agreement

FLOAT32 = (1e-3, 1e-5)     # rtol, atol: tables of alpha_bar in float32 keep about three digits of 1 - alpha_bar


class Result(NamedTuple):
    """What came of one function."""
    function: str
    status: str     # "passed", "wrong", "broken" (cannot be called) or "not checked"; diagnosis adds "different choice"
    outcomes: list
    notes: set
    tolerance: tuple = ()
    findings: tuple = ()
    conventions: dict = {}

    @property
    def digits(self):
        return min((o.digits for o in self.outcomes if o.got is not None), default=np.nan)


def find(adapter, name):
    """The adapter's function of this name (dots may be underscores), or None."""
    for word in (name, name.replace(".", "_")):
        value = adapter.get(word) if hasattr(adapter, "get") else getattr(adapter, word, None)
        if callable(value):
            return value
    return None


def run(adapter, only=None, limit=5.0):
    """A Result for every function of the catalogue (or of `only`); `limit` seconds for each call."""
    stated = adapter.get("conventions") if hasattr(adapter, "get") else getattr(adapter, "conventions", None)
    return [run_function(find(adapter, name), name, settled(stated, name), limit) for name in only or CATALOGUE]


def run_function(function, name, to, limit=5.0):
    """The Result of one function over all of its cases."""
    if function is None:
        return Result(name, "not checked", [], set())
    notes, outcomes, dead = set(), [], ""
    for case in load()[name]:
        if dead:
            outcomes.append(Outcome(case, None, {}, dead, np.nan))
            continue
        try:
            outcomes.append(run_case(function, name, case, to, limit, notes))
        except NotApplicable:
            notes.add(f"case {case['id']} does not apply to these conventions")
        except NotOffered:
            return Result(name, "not checked", [], set())
        except TimeoutError as error:
            dead = str(error)
            outcomes.append(Outcome(case, None, {}, dead, np.nan))
    if all(o.passed for o in outcomes):
        status = "passed"
    else:
        status = "broken" if all(o.error for o in outcomes) else "wrong"
    return Result(name, status, outcomes, notes, tolerance(to, notes), (), to)


def tolerance(to, notes):
    """rtol and atol for these numbers, or () for each case's own."""
    return FLOAT32 if to["dtype"] == "float32" or "computes in float32" in notes else ()


def run_case(function, name, case, to, limit, notes):
    """One case: inputs in the function's conventions, the call, the result in ours, the comparison."""
    draws = name in to["samples"] or "law" in case and not takes_noise(function)
    inputs = repeated(case["inputs"]) if draws else case["inputs"]
    try:
        value = by_sample(function, name, inputs, to, limit, notes) if to["layout"] == "D" else call(function, name, inputs, to, limit, notes)
        if draws:
            return compare_draws(value, case, to)
        got = named(value, CATALOGUE[name].returns)
    except (NotApplicable, NotOffered, TimeoutError):
        raise
    except Failed as error:
        return Outcome(case, None, {}, str(error), np.nan)
    return compare(got, case, to, notes)


def by_sample(function, name, inputs, to, limit, notes):
    """The function called for one sample of shape (D,) at a time, the results stacked."""
    N = next(len(v) for n, v in inputs.items() if kind(n) == "x" and np.ndim(v) == 2)
    rows = []
    for n in range(N):
        one = {k: v[:, n] if kind(k) in ("path", "time_x") else v[n] if kind(k) in ("x", "var") and np.ndim(v) == 2 else v
               for k, v in inputs.items()}
        if np.ndim(one.get("t", 0)):
            one["t"] = int(one["t"][n, 0])
        rows.append(call(function, name, one, to, limit, notes))
    names = CATALOGUE[name].returns
    parts = [named(row, names) for row in rows]
    return {k: np.stack([np.broadcast_to(p[k], np.shape(parts[0][k])) for p in parts], axis=1 if kind(k) in ("path", "time_nats") else 0)
            for k in parts[0]}


def compare(got, case, to, notes):
    """The Outcome of a case from its outputs, still in the implementation's conventions."""
    if to["dtype"] == "float64" and any(v.dtype in (np.float32, np.float16) for v in got.values()):
        notes.add("computes in float32")
    rtol, atol = tolerance(to, notes) or (case["rtol"], case["atol"])
    ratios, digits, kept = {}, 16.0, {}
    for name, expected in case["expected"].items():
        expected = np.asarray(expected, dtype=float)
        with np.errstate(all="ignore"):
            value = leaving(name, got[name].astype(float), expected, to, notes)
        target = reduced(name, expected, value.shape, case["function"], case["inputs"], to, notes)
        if not broadcasts(value.shape, target.shape):
            return Outcome(case, None, {}, f"returns {name} of shape {got[name].shape} where {target.shape} is expected", np.nan)
        kept[name], ratios[name] = value, ratio(value, target, rtol, atol)
        digits = min(digits, agreement(value, target))
    return Outcome(case, kept, ratios, "", digits)


def broadcasts(shape, target):
    """Can an array of this shape stand for one of the target shape?"""
    try:
        return np.broadcast_shapes(shape, target) == target
    except ValueError:
        return False
