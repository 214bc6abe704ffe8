"""A trained network as a reverse kernel, for every function of this package that takes one.

A network is any function model(x, t) of x (B, ...) and t (B,): torch, jax or numpy. This module imports none of them
but numpy.
"""
import sys
from contextlib import nullcontext

import numpy as np

from .. import gaussian
from ..engine import checks
from ..gaussian import Gaussian
from ..schedule import at
from . import today
from .calling import Failed, as_array

TO_X0 = {"x0": lambda x, out, t, schedule: out, "eps": today.x0_from_eps, "v": today.x0_from_v,
         "score": today.x0_from_score}
PREDICTS = (*TO_X0, "mean")
LEARNED = {"learned": lambda a: a, "learned log": np.exp}       # the variance from the model's second array


def model_reverse(model, schedule, *, predicts="eps", steps_from=0, variance="posterior", clip=False, array=None,
                  dtype="float32"):
    """reverse(x, t), the p(x_{t-1}|x_t) of a network, for x (B, ...) and t (B,) in 1..T; arguments as in `model_bound`.

    The mean is that of q(x_{t-1}|x_t,x_0) at the x_0 that the network predicts. ValueError, in one sentence, where what
    the model returns cannot be right.
    """
    checks.one_of("predicts", predicts, *PREDICTS)
    checks.one_of("steps_from", steps_from, 0, 1)
    checks.one_of("clip", clip, False, True)
    if predicts in ("eps", "score") and schedule.alpha_bar[-1] == 0:
        raise ValueError(f"nothing of x_0 is left in x_T, so {predicts} does not say what x_0 is: a network of this "
                         "schedule must predict x0, v or mean, or its last beta must be less than 1")
    if getattr(model, "training", False):
        raise ValueError("the model is in training mode, where dropout draws at random: call model.eval() first")
    array, table = array or array_of(model), variances(variance, schedule)

    def reverse(x, t):
        asked = np.broadcast_to(t, len(x)) - 1 + steps_from
        out, second = answer(model, array(x.astype(dtype)), array(asked), x.shape, table is None, steps_from)
        var = at(table, t, x) if second is None else LEARNED[variance](second)
        return Gaussian(out if predicts == "mean" else mean_of(predicts, out, x, t, schedule, clip), var)
    return reverse


def mean_of(predicts, out, x, t, schedule, clip):
    """The mean of q(x_{t-1}|x_t,x_0) at the x_0 that the network's output says."""
    x0 = TO_X0[predicts](x, out, t, schedule)
    return today.mean_from_x0(x, np.clip(x0, -1, 1) if clip else x0, t, schedule)


def variances(variance, schedule):
    """The model's variance at t = 0..T (T + 1,), or None where the model returns it.

    At t = 1 the posterior has variance 0. "posterior" and "beta" use that of t = 2 there, as later models do.
    """
    T, beta = schedule.T, schedule.beta
    if not isinstance(variance, str):
        return np.append(0.0, checks.within("a variance", finite_array("variance", variance, (T,)), 0))
    checks.one_of("variance", variance, "posterior", "beta", *LEARNED)
    if variance in LEARNED:
        return None
    steps = np.arange(1, T + 1)
    posterior = gaussian.posterior_coefficients(steps, schedule, 1.0 * steps)[2]
    first = posterior[1] if T > 1 else beta[1]
    return np.concatenate([[0, first], (posterior if variance == "posterior" else beta[1:])[1:]])


def answer(model, x, t, shape, pair, steps_from):
    """What the network returns at x and t as float arrays: its prediction, and its second array or None."""
    where = f" at x {tuple(shape)} and t {np.min(as_array(t))}..{np.max(as_array(t))}"
    torch = sys.modules.get("torch")
    try:
        with torch.no_grad() if torch else nullcontext():
            out = model(x, t)
    except Exception as error:
        raise ValueError(f"the model raises {type(error).__name__}{where}: {hinted(error, x, steps_from)}") from error
    sample = getattr(out, "sample", None)                                       # what diffusers' networks return
    out = out if sample is None or callable(sample) else sample
    if isinstance(out, (tuple, list)) != pair or pair and len(out) != 2:
        raise ValueError(f"for this variance the model must return {'two arrays' if pair else 'one array'}; "
                         f"got a {type(out).__name__}")
    out, var = out if pair else (out, None)
    return (finite_array("what the model predicts" + where, out, shape),
            finite_array("the model's variance" + where, var, shape) if pair else None)


def hinted(error, x, steps_from):
    """The first line of what a model raised, and what it may mean."""
    text = (str(error).splitlines() or [""])[0]
    if isinstance(error, IndexError) and steps_from:
        return f"{text}; steps_from is 1, and the model may count from 0"
    return f"{text}; for torch say array=torch.as_tensor" if "ensor" in text and isinstance(x, np.ndarray) else text


def finite_array(name, value, shape=None):
    """Any kind of array as finite floats, of this shape where one is given."""
    try:
        value = as_array(value).astype(float)
    except Failed:
        raise ValueError(f"{name} must be an array of numbers; got a {type(value).__name__}") from None
    if shape is not None and value.shape != tuple(shape):
        raise ValueError(f"{name} must have shape {tuple(shape)}; got {value.shape}")
    if not np.isfinite(value).all():
        raise ValueError(f"{name} must be finite; got {value[~np.isfinite(value)][0]}")
    return value


def array_of(model):
    """The function that makes the model's kind of array: tensors on its device for a torch module, else numpy's."""
    torch = sys.modules.get("torch")
    if torch and isinstance(model, torch.nn.Module):
        device = next((p.device for p in model.parameters()), None)
        return lambda a: torch.as_tensor(a, device=device)
    return np.asarray
