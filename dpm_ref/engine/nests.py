"""Nests of arrays: dictionaries, lists and tuples of parameters, taken apart and put together."""
import numpy as np


def arrays(nest):
    """The arrays in a nest of dicts, lists and tuples, in a fixed order."""
    if isinstance(nest, (dict, list, tuple)):
        for part in nest.values() if isinstance(nest, dict) else nest:
            yield from arrays(part)
    else:
        yield nest


def like(values, nest):
    """A nest like the given one that holds the values, which come in the order of `arrays`."""
    return _build(iter(values), nest)


def _build(supply, nest):   # not a closure: a recursive one would keep the arrays until the garbage is collected
    if isinstance(nest, dict):
        return {key: _build(supply, part) for key, part in nest.items()}
    if isinstance(nest, (list, tuple)):
        return type(nest)(_build(supply, part) for part in nest)
    return next(supply)


def to_float32(nest):
    """The nest of arrays, or of named tuples of arrays such as a Schedule, in float32."""
    if hasattr(nest, "_fields"):
        return type(nest)(*map(to_float32, nest))
    if isinstance(nest, dict):
        return {key: to_float32(part) for key, part in nest.items()}
    return type(nest)(map(to_float32, nest)) if isinstance(nest, (list, tuple)) else nest.astype(np.float32)
