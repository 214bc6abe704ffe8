"""Nests of arrays: dictionaries, lists and tuples of parameters, taken apart and put together."""
import math
from functools import partial

import autograd.numpy as np
from autograd.extend import SparseObject, defvjp, primitive, vspace


def in_one(nest):
    """All numbers of a nest of arrays as one vector, in the order of `leaves`."""
    return np.concatenate([a.reshape(-1) for a in leaves(nest)])


def pieces(vector, nest):
    """A nest like the given one, filled from a vector in the order of `leaves`."""
    arrays, start = [], 0
    for a in leaves(nest):
        arrays.append(piece(vector, start, a.shape))
        start += a.size
    return like(arrays, nest)


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


def leaves(nest):
    """The arrays in a nest of dicts, lists and tuples, in a fixed order."""
    if isinstance(nest, (dict, list, tuple)):
        for part in nest.values() if isinstance(nest, dict) else nest:
            yield from leaves(part)
    else:
        yield nest


def like(arrays, nest):
    """The arrays, in the order of `leaves`, in a nest of the same structure."""
    return _build(iter(arrays), nest)


def _build(supply, nest):  # not a closure: one that calls itself would hold the arrays until the garbage collector comes
    if isinstance(nest, dict):
        return {key: _build(supply, part) for key, part in nest.items()}
    if isinstance(nest, (list, tuple)):
        return type(nest)(_build(supply, part) for part in nest)
    return next(supply)


def single(nest):
    """The nest of arrays, or of named tuples of arrays such as a Schedule, in float32."""
    if hasattr(nest, "_fields"):
        return type(nest)(*map(single, nest))
    if isinstance(nest, dict):
        return {key: single(part) for key, part in nest.items()}
    return type(nest)(map(single, nest)) if isinstance(nest, (list, tuple)) else nest.astype(np.float32)
