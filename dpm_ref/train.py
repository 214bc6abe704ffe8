"""Gradient ascent on K (paper, section 2.4, Eq. 15).

    objective, objective_learned    estimates of the part of K that training can change
    begin, ascend                   the state before the first step; a generator of the state after every step
    adam                            turns a gradient into a direction
    cosine                          a learning rate

An optimiser is two functions of one array: `optimiser(g, moments, step)` returns a direction and the new moments;
another makes the moments before the first step. Here they are `adam` and `zeros`, in `engine.optimiser` better ones.
"""
from typing import Any, NamedTuple

import autograd.numpy as np
from autograd import value_and_grad

from .bound import constants, step_kl
from .engine import checks
from .engine.nests import arrays, like
from .schedule import learned


class State(NamedTuple):
    """A training run after a step. params and average are nests of arrays."""
    step: int
    params: Any
    average: Any   # exponential moving average of params
    moments: Any   # those of the optimiser, one entry for each array of params
    value: float   # the objective before this step
    rng: Any       # the state of the random generator after this step


def objective(network, kernel, schedule, params, x0, t, weight, noise):
    """An unbiased estimate of -sum_t KL_t, the part of K that params change, in nats per data point.

    Eq. (15), §2.4
    -sum_b weight_b KL_{t_b}(x0_b) for x0 (B, ...) and noise (B, ...), with steps t (B,) and weights (B,) as of
    `bound.draw_t(rng, B, T)`: any will do for which sum_b weight_b f(t_b) is on average sum_{t=2..T} f(t).
    """
    weight = checks.per_point("weight", weight, x0)

    def reverse(x, t):
        return network(params, x, t, schedule, kernel)
    return -np.sum(weight * step_kl(kernel, reverse, x0, t, schedule, noise))


def objective_learned(network, kernel, beta_1, params, x0, t, weight, noise):
    """An unbiased estimate of K_true where the schedule is learned too: params {"network": .., "logits": (T - 1,)}.

    text, §2.4.1
    The noise is frozen: x_t = sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) noise is a function of beta_2..beta_T, and
    K is differentiated through it. Gaussian kernel only: a bit cannot change by a little.
    """
    schedule = learned(params["logits"], beta_1)
    H_T, H_1, H_p, edge = constants(kernel, x0, schedule)
    kl_part = objective(network, kernel, schedule, params["network"], x0, t, weight, noise)
    constant = np.sum(weight * (H_T - H_1 - H_p + edge)) / (schedule.T - 1)     # a sum over points, as the KL part is
    return kl_part + constant


def zeros(p):
    """The moments of `adam` before the first step, for an array p."""
    return np.zeros_like(p), np.zeros_like(p)


def adam(g, moments, step, b1=0.9, b2=0.98, eps=1e-12):
    """The direction of ascent for a gradient g of any shape, and the new moments (Kingma and Ba 2015)."""
    m, v = moments
    m = (1 - b1) * g + b1 * m          # first moment
    v = (1 - b2) * g ** 2 + b2 * v     # second moment
    m_hat = m / (1 - b1 ** step)       # both started at 0
    v_hat = v / (1 - b2 ** step)
    return m_hat / (np.sqrt(v_hat) + eps), (m, v)


def begin(params, moments=zeros):
    """The state before the first step."""
    return State(0, params, params, [moments(p) for p in arrays(params)], np.nan, None)


def ascend(objective, batch, state, steps, rate, rng, optimiser=adam, decay=0.99, value_and_grad=value_and_grad):
    """Yield the State after every step of gradient ascent on objective(params, *batch(rng)), up to step `steps`.

    Eq. (15), §2.4
    The learning rate is rate(step / steps); `average` forgets at `decay`, faster at first. `value_and_grad` may be that
    of `engine.workers.shared`. FloatingPointError where a value, a gradient or the new params are not finite.
    """
    gradient = value_and_grad(objective)
    for step in range(state.step + 1, steps + 1):
        value, g = gradient(state.params, *batch(rng))
        _finite(f"K is {value}", step, [value])
        _finite("the gradient of K is not finite", step, arrays(g))
        moves, moments = zip(*[optimiser(*pair, step) for pair in zip(arrays(g), state.moments)])
        size, keep = float(rate(step / steps)), min(decay, step / (step + 10))   # a float keeps float32 as it is
        params = [p + size * move for p, move in zip(arrays(state.params), moves)]
        _finite("a parameter is not finite", step, params)
        average = [keep * a + (1 - keep) * p for a, p in zip(arrays(state.average), params)]
        state = State(step, like(params, state.params), like(average, state.params), list(moments), float(value),
                      rng.bit_generator.state)
        yield state


def _finite(what, step, values):
    """FloatingPointError unless all values are finite, and their squares, which are the optimiser's second moment."""
    if not all(np.isfinite(np.vdot(a, a)) for a in values):
        raise FloatingPointError(f"{what} at step {step}: the learning rate is too high or the data is not finite")


def cosine(peak, warmup=0.02):
    """A learning rate that rises to `peak` over the first share `warmup` of training and falls to 0 as a cosine."""
    peak, warmup = checks.within("peak", peak), checks.within("warmup", warmup, 1e-9, 1)
    return lambda done: peak * min(done / warmup, 0.5 * (1 + np.cos(np.pi * done)))
