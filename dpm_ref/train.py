"""Gradient ascent on K through autograd (paper, section 2.4, Eq. 15).

`ascend` is a generator: every step yields where it stands, so that a notebook can plot any moment of training.
`save` and `load` keep a training run in one file, written whole or not at all, read without pickle.
"""
import json
import os
import zipfile
from typing import Any, NamedTuple

import autograd.numpy as np
from autograd import value_and_grad

from .bound import step_kl


class State(NamedTuple):
    """A training run between two steps.

    not in the paper
    """
    step: int
    params: Any    # nest of arrays
    average: Any   # the same nest: exponential moving average of params
    m: Any         # (P,) Adam's first moment
    v: Any         # (P,) Adam's second moment
    value: float   # the objective at this step, before its update


class Recipe(NamedTuple):
    """A network and how to train it: init(rng, D, schedule, kernel), network(params, x, t, schedule, kernel).

    not in the paper
    """
    init: Any
    network: Any
    steps: int
    rate: Any      # learning rate as a function of the share of training that is done


def objective(network, kernel, schedule, params, x0, t, weight, noise):
    """An unbiased estimate of -sum_t KL_t, the part of K that params move, in nats per data point.

    Eq. (15), §2.4
    x0 (S, N, ...) or (1, N, ...), t and weight (S, 1) as drawn by bound.draw_t, noise (S, N, ...).
    """
    kl = step_kl(kernel, lambda x, t: network(params, x, t, schedule, kernel), x0, t, schedule, noise)
    return -np.sum(weight * kl) / kl.shape[1]


def begin(params):
    """The state before the first step.

    not in the paper
    """
    x = flat(params)
    return State(0, params, params, np.zeros_like(x), np.zeros_like(x), np.nan)


def ascend(objective, batch, state, steps, rate, rng, decay=0.999, b1=0.9, b2=0.999):
    """Yield the State after every step of gradient ascent on objective(params, *batch(rng)), up to step `steps`.

    Eq. (15), §2.4
    Adam with learning rate rate(step / steps); `average` forgets at `decay`, faster at first.
    """
    gradient = value_and_grad(objective)
    x, mean, m, v = flat(state.params), flat(state.average), state.m.copy(), state.v.copy()
    for step in range(state.step + 1, steps + 1):
        value, g = gradient(shaped(x, state.params), *batch(rng))
        g = flat(g)
        if not np.isfinite(value):
            raise FloatingPointError(f"K is {value} at step {step}: the learning rate is too high or the data is not finite")
        m += (1 - b1) * (g - m)
        v += (1 - b2) * (g * g - v)
        x = x + rate(step / steps) * (m / (1 - b1 ** step)) / (np.sqrt(v / (1 - b2 ** step)) + 1e-12)
        mean += (1 - min(decay, step / (step + 10))) * (x - mean)
        yield State(step, shaped(x, state.params), shaped(mean, state.params), m, v, float(value))


def leaves(nest):
    """The arrays in a nest of dicts, lists and tuples, in a fixed order.

    not in the paper
    """
    if isinstance(nest, (dict, list, tuple)):
        for part in nest.values() if isinstance(nest, dict) else nest:
            yield from leaves(part)
    else:
        yield nest


def flat(nest):
    """All numbers of a nest as one new vector.

    not in the paper
    """
    return np.concatenate([np.ravel(a) for a in leaves(nest)])


def shaped(vector, like):
    """The vector cut into a nest with the structure and shapes of `like`; its arrays are views of the vector.

    not in the paper
    """
    def build(nest):
        nonlocal start
        if isinstance(nest, dict):
            return {key: build(part) for key, part in nest.items()}
        if isinstance(nest, (list, tuple)):
            return type(nest)(build(part) for part in nest)
        first, start = start, start + nest.size
        return vector[first:start].reshape(nest.shape)

    start = 0
    return build(like)


def cosine(peak, warmup=0.02):
    """A learning rate that rises to `peak` over the first share `warmup` of training and falls to 0 as a cosine.

    not in the paper
    """
    return lambda done: peak * min(done / warmup, 0.5 * (1 + np.cos(np.pi * done)))


def save(path, state, rng, settings):
    """Write a training run to `path`, atomically: the file is the old one or the new one, never half of one.

    not in the paper
    """
    arrays = {"x": flat(state.params), "average": flat(state.average), "m": state.m, "v": state.v}
    words = {"step": state.step, "value": state.value, "rng": rng.bit_generator.state, "settings": settings}
    temporary = f"{path}.{os.getpid()}.tmp"
    with open(temporary, "wb") as file:
        np.savez(file, words=json.dumps(words), **arrays)
    os.replace(temporary, path)


def load(path, params, rng, settings):
    """The State saved at `path`, shaped like params; sets rng to where it was. ValueError for a file that does not fit.

    not in the paper
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            words = json.loads(str(file["words"]))
            arrays = {name: file[name] for name in ("x", "average", "m", "v")}
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} is not a readable checkpoint ({error}); delete it to start again") from None
    size = flat(params).size
    if words["settings"] != settings:
        raise ValueError(f"{path} was trained with {words['settings']}, not with {settings}; delete it to start again")
    if any(a.shape != (size,) for a in arrays.values()):
        raise ValueError(f"{path} has {arrays['x'].size} parameters where {size} are expected; delete it to start again")
    rng.bit_generator.state = words["rng"]
    return State(words["step"], shaped(arrays["x"], params), shaped(arrays["average"], params), arrays["m"], arrays["v"], words["value"])
