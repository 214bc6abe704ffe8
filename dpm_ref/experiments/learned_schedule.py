"""The swiss roll with learned rates beta_2..beta_T (paper, section 2.4.1).

    load()                                                       the model that the package carries, with its schedule
    python -m dpm_ref train swiss_roll --network learned-rates   trains, measures and stores this model again

A footnote of the section says that a fixed schedule works as well. That of `swiss_roll` has the same T and beta_1.
"""
from functools import partial
from pathlib import Path

import numpy as np

from .. import networks, schedule, train
from ..data import toys
from ..engine.checks import one_of
from ..engine import nests, storage
from ..engine.console import progress
from ..engine.optimiser import soap, soap_moments
from ..proofs import best_possible
from . import training
from .measuring import measure
from .models import FOLDER, rounded, save
from .row import Model
from .swiss_roll import BETA_1, ROW


def file(name=ROW.name):
    """The name of the model's file. ValueError for a row that is not the roll."""
    return f"{one_of('row of this training', name, ROW.name)}_learned.npz"


def init(rng):
    """The network's parameters, and the logits (T - 1,) of the fixed schedule as a start."""
    return {"network": ROW.recipes["mlp"].init(rng), "logits": schedule.logits(ROW.schedule)}


def ascent(state, rng, steps):
    """Yield the `train.State` after every step of gradient ascent on K by network and schedule together.

    text, §2.4.1
    """
    recipe = ROW.recipes["mlp"]
    K = partial(train.objective_learned, recipe.network, ROW.kernel, BETA_1)
    return train.ascend(K, lambda rng: recipe.batch(ROW, None, rng, **recipe.options), state, steps,
                        train.cosine(recipe.rate), rng, soap)


def begin(rng):
    """The `train.State` before the first step."""
    return train.begin(init(rng), soap_moments)


def of(params, words):
    """The Model of a network and its schedule."""
    s = schedule.learned(params["logits"], BETA_1)
    best = partial(best_possible.best_gaussian, toys.roll_nodes, s)
    row = ROW._replace(schedule=s, best_reverse=best, limit=partial(ROW.limit, s))
    return Model(row, params, s, networks.reverse_kernel(networks.denoiser, params["network"], s, row.kernel), words)


def make(name, path, seed=0, runs="runs", resume=False, overwrite=False, steps=ROW.recipes["mlp"].steps):
    """Train with checkpoints in the folder `runs`, measure, store; return the Model."""
    run, rng = training.checkpoint(runs, name, "learned-rates", seed, resume, overwrite), np.random.default_rng(seed)
    settings = {"row": name, "network": "learned-rates", "seed": seed, "steps": steps}

    def states(state, clock):
        with progress(f"{name} learned-rates") as show:
            for state in ascent(state, rng, steps):
                show(clock.share(state.step), f"step {state.step}")
                yield state
    state, seconds = training.resumable(run, settings, begin(rng), rng, states, resume, steps)
    return keep(path, state.average, seed, state.step, seconds)


def keep(path, params, seed, steps, seconds):
    """Measure and store trained parameters in float32, as `save` rounds them; return the Model."""
    single = rounded(nests.like([np.float32(a) for a in nests.arrays(params)], params))
    words = {"row": ROW.name, "network": "mlp", "seed": seed, "steps": steps, "seconds": seconds, "beta_1": BETA_1}
    model = of(nests.like([np.float64(a) for a in nests.arrays(single)], params), words)
    model = model._replace(words=words | measure(model, paired=1000))
    save(path, model._replace(params=single))
    return model


def load(name=ROW.name, folder=FOLDER):
    """The Model as trained before.

    FileNotFoundError or ValueError, naming the file, when there is none or it does not fit.
    """
    path = Path(folder) / file(name)
    words, arrays = storage.read(path)
    return of(storage.fitted(path, arrays, "average", init(np.random.default_rng(0))), words)
