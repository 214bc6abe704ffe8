"""Training of a row's network, with checkpoints (paper, sections 2.4 and D)."""
import time
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from autograd import value_and_grad

from .. import train
from ..engine.checks import one_of
from ..engine import storage, workers
from ..engine.console import progress
from ..engine.layers import widened
from ..engine.optimiser import soap, soap_moments
from . import ROWS, models
from .measuring import constant_part, measure
from .row import in_unit

SECONDS = 30         # between two checkpoints
ENDLESS = 10 ** 9    # steps, where the time ends training


class Clock(NamedTuple):
    """The seconds of training, with those of earlier runs, and how long it lasts: `steps`, else `minutes`."""
    start: float
    steps: Any
    minutes: Any

    def seconds(self):
        return time.perf_counter() - self.start

    def share(self, step):
        """The share of training that is done, up to 1."""
        return min(1.0, step / self.steps if self.steps else self.seconds() / (60 * self.minutes))


def train_row(name, network=None, seed=0, runs="runs", resume=False, overwrite=False, steps=None, minutes=None,
              start=None, position=0):
    """Train a network of a row (the first unless named), measure it, and return its Model.

    For so many steps, or minutes, in all; else for the steps that the row has, or 60 minutes. With steps the learning
    rate follows the steps, and a seed gives the same model. `start` is the file of a model whose weights to start from,
    of the row's network or a narrower one; its seconds count. There are checkpoints every half minute and at the end,
    also after Ctrl-C.
    """
    row, rng = ROWS[name], np.random.default_rng(seed)
    network = network or next(iter(row.recipes))
    one_of("network", network, *row.recipes)
    recipe, path = row.recipes[network], checkpoint(runs, name, network, seed, resume, overwrite)
    steps = steps or (None if minutes else recipe.steps)
    data = row.load and row.load("train")
    settings = {"row": name, "network": network, "seed": seed, **described(row, recipe, data), "steps": steps}
    state, before = train.begin(recipe.init(rng), partial(soap_moments, largest=recipe.largest)), 0.0
    if start:
        params, words = models.read(start, row, narrower=True)
        if words["network"] != network:
            raise ValueError(f"{start} holds weights of the network {words['network']}; --network {network} is to be "
                             "trained")
        params, before = widened(params, state.params), words["seconds"]
        state = state._replace(params=params, average=params)
        settings["from"] = {field: words.get(field) for field in ("K", "seconds", "steps")}
    ascend = partial(states, row, recipe, data, rng, f"{name} {network}", position)
    state, seconds = resumable(path, settings, state, rng, ascend, resume, steps, minutes or 60, before)
    model = models.of(row, models.rounded(state.average), settings | {"steps": state.step, "seconds": seconds})
    try:
        return model._replace(words=model.words | measure(model))
    except KeyboardInterrupt:
        raise KeyboardInterrupt(stopped(path, settings, seconds, state)) from None


def resumable(path, settings, state, rng, ascend, resume=False, steps=None, minutes=None, before=0.0):
    """The last of the states that ascend(state, clock) yields, and the seconds that the run took, with those `before`.

    The run lasts so many steps, or minutes, and writes checkpoints to `path`. With `resume` it goes on from there.
    """
    if resume and path.exists():
        state, before = storage.load(path, state, rng, settings)
    clock = Clock(time.perf_counter() - before, steps, minutes)
    if clock.share(state.step) < 1:
        state = kept(path, settings, clock, state, ascend(state, clock))
    return state, clock.seconds()


def checkpoint(runs, name, network, seed, resume=False, overwrite=False):
    """The path of a run's checkpoint. FileExistsError where it is there and neither to be resumed nor overwritten."""
    path = Path(runs) / f"{name}-{network}-{seed}.npz"
    storage.check_free(path, resume or overwrite, "--resume goes on with it, --overwrite starts again")
    return path


def described(row, recipe, data):
    """How a row is trained and on what, as words: a checkpoint made otherwise is refused."""
    scaling = {"source": data.source, "mean": data.mean, "std": data.std} if data else {}
    s = row.schedule
    return {**scaling, **recipe.options, "rate": recipe.rate, "T": s.T, "beta_1": float(s.beta[1]),
            "alpha_bar_T": float(s.alpha_bar[-1])}


def kept(path, settings, clock, state, states):
    """The last of the states, which are saved every now and then, and whatever happens."""
    saved = clock.seconds()
    try:
        for state in states:
            if clock.seconds() > saved + SECONDS:
                storage.save(path, state, settings, clock.seconds())
                saved = clock.seconds()
    except KeyboardInterrupt:
        raise KeyboardInterrupt(stopped(path, settings, clock.seconds(), state)) from None
    finally:
        if state.step:
            storage.save(path, state, settings, clock.seconds())
    return state


def stopped(path, settings, seconds, state):
    """A sentence for a run that Ctrl-C stopped."""
    what = f"{settings['row']} {settings['network']}: stopped after {seconds:.0f} s"
    return (f"{what} at step {state.step}, kept in {path}; go on with --resume" if state.step else
            f"{what}, before its first step: there is nothing to keep")


def states(row, recipe, data, rng, label, position, state, clock):
    """Yield the states of training until it is done, and show K."""
    K = partial(train.objective, recipe.network, row.kernel, models.schedule_for(state.params, row))
    batch, cosine = partial(recipe.batch, row, data, **recipe.options), train.cosine(recipe.rate, recipe.warmup)
    steps, rate = (clock.steps, cosine) if clock.steps else (ENDLESS, lambda _: cosine(clock.share(0)))
    constant, smooth = constant_part(row, data), None
    what = "K" if recipe.options.get("emphasis", 1) == 1 else "weighted K"
    sharing = workers.shared() if recipe.shared else nullcontext(value_and_grad)
    with sharing as gradient, progress(label, position) as show:
        for state in train.ascend(K, batch, state, steps, rate, rng, soap, recipe.decay, gradient):
            smooth = state.value if smooth is None else 0.98 * smooth + 0.02 * state.value
            value = in_unit(row, smooth + constant)
            show(clock.share(state.step), f"step {state.step}, {what} = {value:.3f} {row.unit}")
            yield state
            if clock.share(state.step) == 1:
                return
