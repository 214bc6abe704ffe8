"""Run somebody's functions over the test vectors, whatever they do: raise, hang, print, return nothing."""
from difflib import get_close_matches
from functools import partial
from typing import NamedTuple

import numpy as np

from .calling import Failed, NotOffered, Stopped, call, read, takes_noise
from .cases import Outcome, agreement, load, ratio
from .catalogue import CATALOGUE, kind
from .conventions import A_VALUE_OF_T, TIME, conventions_of, ours, over_time, reduced
from .draws import compare_draws, repeated
from .mistakes import right

HALF = "computes in float16: that is not enough for tables of alpha_bar"


class Result(NamedTuple):
    """What came of one function."""
    function: str
    status: str = "not checked"     # or "passed", "wrong", "broken" (cannot be compared), "different choice"
    outcomes: list = ()
    notes: set = frozenset()
    tolerance: tuple = ()           # rtol and atol, where not each case's own
    findings: tuple = ()
    conventions: dict = {}

    @property
    def digits(self):
        return min((o.digits for o in self.outcomes if not o.error), default=np.nan)


def find(adapter, name):
    """The adapter's function of this name (dots may be underscores), or None."""
    for word in (name, name.replace(".", "_")):
        value = adapter.get(word) if hasattr(adapter, "get") else getattr(adapter, word, None)
        if callable(value):
            return value
    return None


def stated(adapter):
    """The conventions that an adapter states."""
    return dict((adapter.get if hasattr(adapter, "get") else partial(getattr, adapter))("conventions", None) or {})


def misspelt(adapter):
    """For each function of the adapter that is named nearly like one of the catalogue, or begins so: a line."""
    mapping = hasattr(adapter, "get")
    names = [n for n in map(str, adapter if mapping else dir(adapter))
             if callable(adapter.get(n) if mapping else getattr(adapter, n, None))]
    known = {n.replace(".", "_").lower(): n for n in CATALOGUE}
    groups = tuple({n.split(".")[0] + "_" for n in CATALOGUE})
    words = {n: n.replace(".", "_").lower() for n in names if not {n, n.replace("_", ".", 1)} & set(CATALOGUE)}
    close = {n: get_close_matches(w, known, 1, 0 if w.startswith(groups) else 0.85) for n, w in words.items()}
    return [f"{n} is not in the catalogue (nearest: {known[c[0]]})" for n, c in close.items() if c]


def run(adapter, only=None, limit=5.0):
    """A Result for every function of the catalogue (or of `only`); `limit` seconds for each call."""
    settings = {name: conventions_of(stated(adapter), name) for name in only or CATALOGUE}  # ValueError before a call
    return [run_function(find(adapter, name), name, to, limit) for name, to in settings.items()]


def run_function(function, name, to, limit=5.0):
    """The Result of one function over all of its cases."""
    if function is None:
        return Result(name)
    notes, outcomes, dead = set(), [], ""
    for case in filter(None, (asked(case, to) for case in load()[name])):
        try:
            outcomes.append(Outcome(case, error=dead) if dead else run_case(function, name, case, to, limit, notes))
        except NotOffered:
            return Result(name)
        except (TimeoutError, Stopped) as error:                            # do not wait for the other cases
            dead = str(error)
            outcomes.append(Outcome(case, error=dead))
    if not outcomes:
        return Result(name)
    if len(outcomes) < len(load()[name]):
        notes.add(f"vectors that do not apply to these conventions: {len(load()[name]) - len(outcomes)}")
    bad = [o for o in outcomes if not o.passed]
    status = "passed" if not bad else "broken" if all(o.error for o in outcomes) else "wrong"
    return Result(name, status, outcomes, notes, tolerance(name, to, notes), (), to)


def asked(case, to):
    """The case as a program with these conventions can be asked; None where the program cannot."""
    inputs, never = case["inputs"], to["start"] == "never"
    if to["prior"] == "half" and inputs.get("p", 0.5) != 0.5:
        return None
    lowest = 2 if never and case["function"].endswith(".posterior") else int(never or to["t_first"] == 0)
    if "t" not in inputs or case["function"] in A_VALUE_OF_T or np.min(inputs["t"]) >= lowest:
        return case
    if not np.ndim(inputs["t"]):
        return None
    inputs = {**inputs, "t": np.maximum(inputs["t"], lowest)}               # the other rows can be asked for
    value = right(case["function"], inputs)
    value = dict(zip(case["expected"], value if isinstance(value, tuple) else (value,)))
    expected = {k: np.broadcast_to(value[k], np.shape(v)) for k, v in case["expected"].items()}
    return {**case, "id": f"{case['id']}-from-{lowest}", "inputs": inputs, "expected": expected}


def tolerance(name, to, notes):
    """rtol and atol for the numbers of this function, or () for each case's own."""
    return float32(name) if to["dtype"] == "float32" or "computes in float32" in notes else ()


def float32(name):
    """rtol and atol in single precision, where tables of alpha_bar keep about three digits of 1 - alpha_bar."""
    return (3e-5, 1e-6) if name.startswith("schedule.") else (1e-3, 1e-5)


def run_case(function, name, case, to, limit, notes):
    """One case: inputs in the function's conventions, the call, the result in ours, the comparison."""
    draws = "law" in case and not takes_noise(function) or name in to["samples"] and "noise" not in case["inputs"]
    names = CATALOGUE[name].returns
    try:
        if draws:
            return compare_draws(call(function, name, repeated(case), to, limit, notes), case, to)
        parts = split(case["inputs"], to)
        got = [read(call(function, name, part, to, limit, notes), names) for part in parts]
        return compare(joined(got, to) if len(parts) > 1 else got[0], case, to, notes)
    except (NotOffered, TimeoutError, Stopped):
        raise
    except Failed as error:
        return Outcome(case, error=str(error))
    except Exception as error:                                              # one function must not end the run
        return Outcome(case, error=f"returns something that the kit cannot read ({type(error).__name__}: {error})")


def split(inputs, to):
    """The inputs of a case in the parts that the function takes: whole, sample by sample, or step by step."""
    rows = next((len(v) for k, v in inputs.items() if kind(k) == "x" and np.ndim(v) == 2), 0)
    if not (rows and (to["layout"] == "D" or to["t_batch"] == "number" and np.ndim(inputs.get("t", 0)))):
        return [inputs]

    def row(name, value, n):
        if name == "t" and np.ndim(value):
            return int(value[n, 0])
        n = n if to["layout"] == "D" else [n]                               # without, or with, the axis of the batch
        if kind(name) in ("path", "time_x"):
            return value[:, n]
        return value[n] if kind(name) in ("x", "var") and np.ndim(value) == 2 else value
    return [{k: row(k, v, n) for k, v in inputs.items()} for n in range(rows)]


def joined(parts, to):
    """The outputs of all parts as arrays over the batch."""
    out = {}
    for name in parts[0]:
        values = [np.broadcast_to(p[name], np.shape(parts[0][name])) for p in parts]
        axis = 1 if kind(name) in ("path", "time_nats") else 0
        out[name] = np.stack(values, axis) if to["layout"] == "D" else np.concatenate(np.atleast_1d(*values), axis)
    return out


def compare(got, case, to, notes):
    """The Outcome of a case from its outputs, still in the implementation's conventions."""
    for dtype, note in ((np.float32, "computes in float32"), (np.float16, HALF)):
        if to["dtype"] == "float64" and any(v.dtype == dtype for v in got.values()):
            notes.add(note)
    rtol, atol = tolerance(case["function"], to, notes) or (case["rtol"], case["atol"])
    out = Outcome(case, {}, {}, {}, digits=16.0)
    for name, expected in case["expected"].items():
        expected = np.asarray(expected, dtype=float)
        with np.errstate(all="ignore"):
            value = ours(name, got[name].astype(float), expected, to, notes)
        expected = reduced(name, expected, value.shape, case, to, notes)
        if not fits(name, value.shape, expected.shape):
            shapes = over_time(expected.shape) if kind(name) in TIME else [expected.shape]
            wanted = " or ".join(filter(None, [", ".join(map(str, shapes[:-1])), str(shapes[-1])]))
            raise Failed(f"returns {name} of shape {got[name].shape} where {wanted} is expected")
        value = np.broadcast_to(value, expected.shape)
        out.got[name], out.expected[name], out.ratios[name] = value, expected, ratio(value, expected, rtol, atol)
        out = out._replace(digits=min(out.digits, agreement(value, expected)))
    return out


def fits(name, shape, target):
    """Can an array of this shape stand for one of the target shape? Axes over time must be there."""
    if kind(name).startswith(("time", "path")) and shape[:1] != target[:1]:
        return False
    try:
        return np.broadcast_shapes(shape, target) == target
    except ValueError:
        return False
