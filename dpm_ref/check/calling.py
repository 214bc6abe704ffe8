"""Call a stranger's function with the arguments that its signature names, and read whatever it returns as arrays."""
import contextlib
import inspect
import io
import threading
from inspect import Parameter

import numpy as np

from .catalogue import ALIASES, CATALOGUE, kind
from .conventions import offered


class NotOffered(Exception):
    """Raised by an adapter's function to say that it does not exist after all."""


class Failed(Exception):
    """The function gave nothing that can be compared; the text says why."""


class Stopped(Exception):
    """The function cannot be asked again, for the text's reason."""


def call(function, name, inputs, to, limit, notes):
    """The function's raw result; it runs in a thread with a time limit, and what it prints is swallowed."""
    pool = offered(inputs, name, to)
    before = {k: v.copy() for k, v in pool.items() if isinstance(v, np.ndarray)}
    arguments, keywords = bind(function, name, pool, to, notes)
    box, printed = {}, io.StringIO()

    def work():
        try:
            with np.errstate(all="ignore"):
                box["value"] = function(*arguments, **keywords)
        except BaseException as error:                                      # sys.exit() too: the run goes on
            box["error"] = error
    thread = threading.Thread(target=work, daemon=True)
    with contextlib.redirect_stdout(printed):
        thread.start()
        thread.join(limit)
    if printed.getvalue():
        notes.add("prints to stdout, which is dropped: print to stderr to see it")
    if thread.is_alive():
        raise TimeoutError(f"takes more than {limit:g} s")
    if "error" in box:
        raise translated(box["error"])
    changed = [k for k, v in before.items() if not np.array_equal(v, pool[k], equal_nan=v.dtype.kind == "f")]
    if changed:
        notes.add(f"changes its argument {', '.join(changed)} in place")
    return box["value"]


def translated(error):
    """What a stranger's function raised, as one of the exceptions above."""
    if isinstance(error, (NotOffered, NotImplementedError)):
        return NotOffered()
    if isinstance(error, Stopped):
        return error
    text = str(error).strip().splitlines()
    return Failed(f"raises {type(error).__name__}" + (f": {text[0]}" if text else ""))


def parameters_of(function):
    """The parameters of a function's signature, or None where it has no signature."""
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None


def bind(function, name, pool, to, notes):
    """Positional and keyword arguments: each by its name. Failed where one that must be given has an unknown name.

    What no name asks for goes to **keywords, else to *arguments in the catalogue's order, as all do where there is no
    signature.
    """
    order = [a for a in CATALOGUE[name].arguments
             if not (a == "beta" and to["rate"] == "alpha_bar" and "alpha_bar" in CATALOGUE[name].arguments)]
    parameters = parameters_of(function)
    kinds = [Parameter.VAR_POSITIONAL] if parameters is None else [p.kind for p in parameters]
    named = [p for p in parameters or () if p.kind not in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)]
    known = {p.name: meant(p, pool) for p in named}
    strange = [p.name for p in named if p.default is p.empty and not known[p.name]]
    if strange:
        can = ", ".join(dict.fromkeys([*order, *pool]))                     # the noise too, where none was in the pool
        raise Failed(f"asks for {', '.join(strange)}, which the kit does not know; it can offer {can}")
    rest = [a for a in order if a not in known.values()]
    by_place = [Parameter.POSITIONAL_ONLY]
    if Parameter.VAR_POSITIONAL in kinds:                                   # *arguments come after all of these
        by_place.append(Parameter.POSITIONAL_OR_KEYWORD)
    arguments = [pool[known[p.name]] if known[p.name] else p.default for p in named if p.kind in by_place]
    keywords = {p.name: pool[known[p.name]] for p in named if known[p.name] and p.kind not in by_place}
    if Parameter.VAR_KEYWORD in kinds:
        keywords.update({a: pool[a] for a in rest})
    elif Parameter.VAR_POSITIONAL in kinds:
        arguments += [pool[a] for a in rest]
        if len(rest) > 1:
            notes.add(f"its signature does not name {', '.join(rest)}: they are given in this order")
    return arguments, keywords


def meant(parameter, names):
    """Which of these names the parameter asks for, by its own name or another word for it; None where it is unknown."""
    word = next((a for a in (parameter.name, ALIASES.get(parameter.name)) if a in names), None)
    guard = word == "noise" != parameter.name and isinstance(parameter.default, float)      # eps=1e-8
    return None if guard else word


def takes_noise(function):
    """Does the function accept the noise, by name or among unnamed arguments?"""
    parameters = parameters_of(function)
    return parameters is None or any(p.kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
                                     or meant(p, ("noise", "noises")) for p in parameters)


# --- results ----------------------------------------------------------------------------------------------------------

def read(value, names):
    """A returned value as a dict of arrays: from a tuple, list, dict, array or an object with these attributes."""
    if value is None:
        raise Failed("returns None (is the return statement missing?)")
    if not isinstance(value, (tuple, list, dict)) and not hasattr(value, "__array__") and hasattr(value, "mean"):
        value = distribution(value, names)
    if isinstance(value, dict):
        value = {**{ALIASES.get(k, k): v for k, v in value.items()}, **value}
        missing = [n for n in names if n not in value]
        if missing:
            raise Failed(f"returns a dict without {', '.join(missing)}")
        return {n: as_array(value[n]) for n in names}
    if len(names) == 1:
        return {names[0]: as_array(value[0] if isinstance(value, tuple) and len(value) == 1 else value)}
    if isinstance(value, (tuple, list)):
        if len(value) < len(names):
            raise Failed(f"returns {len(value)} values where {len(names)} are expected: {', '.join(names)}")
        return {n: as_array(v) for n, v in zip(names, value)}
    value = as_array(value)
    if value.shape[:1] != (len(names),):
        raise Failed(f"returns one array where {len(names)} values are expected: {', '.join(names)}")
    return dict(zip(names, value))


def distribution(value, names):
    """A distribution object in the style of torch.distributions as a dict, where it has these names; else as it is."""
    out = {"mean": value.mean, "rate": getattr(value, "probs", value.mean)}
    var = getattr(value, "var", getattr(value, "variance", None))
    out = {**out, "var": var} if var is not None else out
    return out if set(names) <= set(out) else value


def as_array(value):
    """Any kind of array of numbers as a numpy array."""
    try:
        for step in ("detach", "cpu"):
            value = getattr(value, step)() if hasattr(value, step) else value
        value = np.asarray(value.numpy() if hasattr(value, "numpy") and not isinstance(value, np.ndarray) else value)
    except Exception as error:
        raise Failed(f"returns a {type(value).__name__} that is no array of numbers ({error})") from None
    if value.dtype.kind not in "fiub":
        raise Failed(f"returns {type(value.flat[0]).__name__ if value.size else 'nothing'} where numbers are expected")
    return value
