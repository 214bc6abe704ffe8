"""Call a stranger's function: with the arguments that it names, in a thread, its printing swallowed; read what it returns."""
import contextlib
import inspect
import io
import threading

import numpy as np

from .catalogue import ALIASES, CATALOGUE, kind
from .conventions import pool


class NotOffered(Exception):
    """Raised by an adapter's function to say that it does not exist after all."""


class Failed(Exception):
    """The function gave nothing that can be compared; the text says why."""


def call(function, name, inputs, to, limit, notes):
    """The function's raw result, in a thread with a time limit, its printing swallowed."""
    offered = pool(inputs, name, to)
    before = {k: v.copy() for k, v in offered.items() if isinstance(v, np.ndarray)}
    arguments, keywords = bind(function, name, offered, to)
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
    if isinstance(box.get("error"), (NotOffered, NotImplementedError)):
        raise NotOffered()
    if "error" in box:
        text = str(box["error"]).strip().splitlines()
        raise Failed(f"raises {type(box['error']).__name__}" + (f": {text[0]}" if text else ""))
    changed = [k for k, v in before.items() if not np.array_equal(v, offered[k], equal_nan=v.dtype.kind == "f")]
    if changed:
        notes.add(f"changes its argument {', '.join(changed)} in place")
    return box["value"]


def bind(function, name, offered, to):
    """Positional and keyword arguments: by name where every name is known, else in the catalogue's order."""
    order = [a for a in CATALOGUE[name].arguments]
    if to["rate"] == "alpha_bar":
        order = [a for a in order if a != "beta" or "alpha_bar" not in order]
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return [offered[a] for a in order], {}
    if any(p.kind == p.VAR_POSITIONAL for p in parameters):
        return [offered[a] for a in order], {}
    if any(p.kind == p.VAR_KEYWORD for p in parameters):
        named_ones = [p.name for p in parameters if p.kind != p.VAR_KEYWORD]
        return [], {a: offered[a] for a in dict.fromkeys([*order, *(n for n in named_ones if n in offered)])}
    known = {p.name: meaning(p.name, offered) for p in parameters}
    if all(known[p.name] or p.default is not p.empty for p in parameters):
        use = [p for p in parameters if known[p.name]]
        return ([offered[known[p.name]] for p in use if p.kind == p.POSITIONAL_ONLY],
                {p.name: offered[known[p.name]] for p in use if p.kind != p.POSITIONAL_ONLY})
    needed = [p for p in parameters if p.default is p.empty]
    if len(needed) == len(order):
        return [offered[a] for a in order], {}
    strange = [p.name for p in needed if not known[p.name]]
    raise Failed(f"asks for {', '.join(strange)}; the kit can offer {', '.join(offered)}")


def meaning(word, offered):
    """The name in the pool that this parameter name stands for, or ""."""
    return word if word in offered else ALIASES[word] if ALIASES.get(word) in offered else ""


def takes_noise(function):
    """Does the function accept the noise?"""
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return True
    return any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) or ALIASES.get(n, n) in ("noise", "noises") for n, p in parameters.items()) \
        or not any(n in ALIASES or kind(n) != "plain" for n in parameters)


def plain(value):
    """Any kind of array as a numpy array."""
    for step in ("detach", "cpu"):
        value = getattr(value, step)() if hasattr(value, step) else value
    value = value.numpy() if hasattr(value, "numpy") and not isinstance(value, np.ndarray) else value
    try:
        value = np.asarray(value)
    except ValueError as error:
        raise Failed(f"returns something that is no array ({error})") from None
    if value.dtype.kind not in "fiub":
        raise Failed(f"returns {type(value.flat[0]).__name__ if value.size else 'nothing'} where numbers are expected")
    return value


def named(value, names):
    """A returned value as a dict of arrays: from a tuple, a dict, or an object with these attributes."""
    if value is None:
        raise Failed("returns None (is the return statement missing?)")
    if isinstance(value, dict):
        value = {ALIASES.get(k, k): v for k, v in value.items()} if not set(names) <= set(value) else value
        missing = [n for n in names if n not in value]
        if missing:
            raise Failed(f"returns a dict without {', '.join(missing)}")
        return {n: plain(value[n]) for n in names}
    if isinstance(value, (tuple, list)) and (len(names) > 1 or isinstance(value, tuple) and len(value) == 1):
        if len(value) < len(names):
            raise Failed(f"returns {len(value)} values where {len(names)} are expected: {', '.join(names)}")
        return {n: plain(v) for n, v in zip(names, value)}
    if not hasattr(value, "__array__") and hasattr(value, "mean"):           # a distribution object
        value = distribution(value)
        if set(names) <= set(value):
            return {n: plain(value[n]) for n in names}
    if len(names) > 1:
        array = plain(value)
        if array.shape[:1] != (len(names),):
            raise Failed(f"returns one array where {len(names)} values are expected: {', '.join(names)}")
        return dict(zip(names, array))
    return {names[0]: plain(value)}


def distribution(value):
    """mean, var and rate of a distribution object in the style of torch.distributions."""
    out = {"mean": value.mean, "rate": getattr(value, "probs", value.mean)}
    var = getattr(value, "var", getattr(value, "variance", None))
    return {**out, "var": var} if var is not None else out
