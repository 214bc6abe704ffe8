"""Nests of arrays: dictionaries, lists and tuples of parameters, taken apart and put together."""
import math
from functools import partial

import autograd.numpy as np
from autograd.extend import SparseObject, defvjp, primitive, vspace


def to_vector(nest):
    """All numbers of a nest of arrays as one vector, in the order of `arrays`."""
    return np.concatenate([a.reshape(-1) for a in arrays(nest)])


def from_vector(vector, nest):
    """A nest like the given one, filled from a vector in the order of `arrays`."""
    found, start = [], 0
    for a in arrays(nest):
        found.append(piece(vector, start, a.shape))
        start += a.size
    return like(found, nest)


@primitive
def piece(vector, start, shape):
    """The numbers of a vector from `start` on, as an array of that shape."""
    return vector[start:start + math.prod(shape)].reshape(shape)


def _into_piece(y, vector, start, shape):
    def add(g, total):
        total[start:start + g.size] += g.reshape(-1)
        return total
    return lambda g: SparseObject(vspace(vector), partial(add, g))


defvjp(piece, _into_piece, None, None)


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


def _build(supply, nest):  # not a closure: one that calls itself would hold the arrays until the garbage collector comes
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
