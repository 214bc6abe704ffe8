"""Call a stranger's function with the arguments that its signature names, and read whatever it returns as arrays."""
import contextlib
import inspect
import io
import threading

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
    arguments, keywords = bind(function, name, pool, to)
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
        notes.add("prints to stdout")
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
    """The parameters of a function's signature, or None where it has no signature or takes *arguments."""
    try:
        out = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None
    return None if any(p.kind == p.VAR_POSITIONAL for p in out) else out


def bind(function, name, pool, to):
    """Positional and keyword arguments: by name where every name is known, else in the catalogue's order."""
    order = [a for a in CATALOGUE[name].arguments
             if not (a == "beta" and to["rate"] == "alpha_bar" and "alpha_bar" in CATALOGUE[name].arguments)]
    parameters = parameters_of(function)
    if parameters is None:
        return [pool[a] for a in order], {}
    known = {p.name: next((a for a in (p.name, ALIASES.get(p.name)) if a in pool), None) for p in parameters}
    if any(p.kind == p.VAR_KEYWORD for p in parameters):
        return [], {a: pool[a] for a in dict.fromkeys([*order, *(a for a in known if a in pool)])}
    needed = [p.name for p in parameters if p.default is p.empty]
    if all(known[n] for n in needed):
        use = [p for p in parameters if known[p.name]]
        return ([pool[known[p.name]] for p in use if p.kind == p.POSITIONAL_ONLY],
                {p.name: pool[known[p.name]] for p in use if p.kind != p.POSITIONAL_ONLY})
    if len(needed) == len(order):
        return [pool[a] for a in order], {}
    strange = ", ".join(n for n in needed if not known[n])
    raise Failed(f"asks for {strange}; the kit can offer {', '.join(pool)}")


def takes_noise(function):
    """Does the function accept the noise? A function none of whose names is known takes all arguments in order."""
    parameters = parameters_of(function)
    if parameters is None or any(p.kind == p.VAR_KEYWORD for p in parameters):
        return True
    names = [ALIASES.get(p.name, p.name) for p in parameters]
    return any(n in ("noise", "noises") for n in names) or not any(kind(n) != "plain" for n in names)


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
