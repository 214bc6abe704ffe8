"""Gradient ascent on K through autograd (paper, section 2.4, Eq. 15).

`ascend` is a generator: every step yields where it stands, so that a notebook can plot any moment of training. `shared`
lets processes share its steps.
`save` and `load` keep a training run in one file, written whole or not at all, read without pickle.
"""
from typing import Any, NamedTuple

import autograd.numpy as np
from autograd import value_and_grad

from .bound import constants, step_kl
from .engine.nests import arrays, like
from .engine.optimiser import direction, new_moments
from .schedule import learned


class State(NamedTuple):
    """A training run between two steps; params, average and moments are nests of arrays."""
    step: int
    params: Any
    average: Any   # exponential moving average of params
    moments: Any   # what the optimiser remembers of each array of params, in the order of `arrays`
    value: float   # the objective at this step, before its update
    rng: Any       # the state of the random generator after this step


class Recipe(NamedTuple):
    """A network and how to train it."""
    init: Any            # init(rng, D, schedule, kernel)
    network: Any         # network(params, x, t, schedule, kernel)
    batch: Any           # batch(rng): x_0, t, weight, noise
    steps: int
    rate: Any            # learning rate as a function of the share of training that is done
    rotate: bool = True  # False where an array is too large for its eigenbasis


def objective(network, kernel, schedule, params, x0, t, weight, noise):
    """An unbiased estimate of -sum_t KL_t, the part of K that params move, in nats per data point.

    Eq. (15), §2.4
    x0 (B, ...), steps t (B,) and their weights (B,), whose sum stands for T - 1 steps, noise (B, ...).
    """
    return -np.sum(weight * step_kl(kernel, lambda x, t: network(params, x, t, schedule, kernel), x0, t, schedule, noise))


def objective_learned(network, kernel, beta_1, params, x0, t, weight, noise):
    """An unbiased estimate of K itself where the schedule is learned too: params {"network": .., "logits": (T - 1,)}.

    text, §2.4.1
    The noise is frozen: x_t = sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) noise moves with beta_2..beta_T, and its
    derivative counts. Gaussian kernel only: a bit cannot move by a little.
    """
    schedule = learned(params["logits"], beta_1)
    H_T, H_1, H_p, edge = constants(kernel, x0, schedule)
    return objective(network, kernel, schedule, params["network"], x0, t, weight, noise) + np.mean(H_T - H_1 - H_p + edge)


def begin(params, rotate=True):
    """The state before the first step."""
    return State(0, params, params, [new_moments(p, rotate) for p in arrays(params)], np.nan, None)


def ascend(objective, batch, state, steps, rate, rng, decay=0.99, value_and_grad=value_and_grad):
    """Yield the State after every step of gradient ascent on objective(params, *batch(rng)), up to step `steps`.

    Eq. (15), §2.4
    The learning rate is rate(step / steps); `average` forgets at `decay`, faster at first. FloatingPointError when the
    objective is no longer finite. `value_and_grad` may be that of `shared`.
    """
    gradient = value_and_grad(objective)
    for step in range(state.step + 1, steps + 1):
        value, g = gradient(state.params, *batch(rng))
        if not np.isfinite(value):
            raise FloatingPointError(f"K is {value} at step {step}: the learning rate is too high or the data is not finite")
        if not all(np.isfinite(np.vdot(a, a)) for a in arrays(g)):   # their squares too, which the optimiser remembers
            raise FloatingPointError(f"the gradient of K is not finite at step {step}: the learning rate is too high")
        moves, moments = zip(*(direction(*a, step) for a in zip(arrays(g), state.moments)))
        keep = min(decay, step / (step + 10))
        size = float(rate(step / steps))   # a float64 of NumPy would make float64 of float32
        params = [p + size * move for p, move in zip(arrays(state.params), moves)]
        average = [keep * a + (1 - keep) * p for a, p in zip(arrays(state.average), params)]
        state = State(step, like(params, state.params), like(average, state.params), list(moments), float(value),
                      rng.bit_generator.state)
        yield state


def cosine(peak, warmup=0.02):
    """A learning rate that rises to `peak` over the first share `warmup` of training and falls to 0 as a cosine."""
    return lambda done: peak * min(done / warmup, 0.5 * (1 + np.cos(np.pi * done)))
