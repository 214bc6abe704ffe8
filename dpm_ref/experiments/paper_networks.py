"""The paper's two toy networks, trained to the end.

    load("swiss_roll")                                             the model that the package carries
    python -m dpm_ref train swiss_roll --network paper-to-the-end   trains, measures and stores this model again
"""
from functools import partial
from pathlib import Path

import numpy as np

from .. import networks
from ..engine.checks import one_of
from ..engine import nests, storage
from . import ROWS, heartbeat_to_the_end, roll_to_the_end
from .measuring import measure
from .models import FOLDER
from .row import Model
from .training import checkpoint

TRAINING = {"swiss_roll": roll_to_the_end, "heartbeat": heartbeat_to_the_end}


def file(name):
    """The name of a row's file. ValueError for another row."""
    return f"{one_of('row of this training', name, *TRAINING)}_paper.npz"


def of(name, trained, words):
    """The Model of a row from what `train` of its training returns."""
    how = TRAINING[name]
    row, s = ROWS[name], how.SCHEDULE
    row = row._replace(schedule=s, best_reverse=how.best_reverse, limit=partial(row.limit, s))
    params = how.folded(trained)
    return Model(row, params, s, networks.reverse_kernel(how.NETWORK, params, s, row.kernel), words)


def make(name, path, seed=0, runs="runs", resume=False, overwrite=False, **more):
    """Train a row's network with checkpoints in the folder `runs`, measure and store it; return its Model."""
    run = checkpoint(runs, name, "paper-to-the-end", seed, resume, overwrite)
    settings = {"row": name, "network": "paper-to-the-end", "seed": seed, "steps": TRAINING[name].STEPS}
    trained, seconds = TRAINING[name].train(run, settings, resume, **more)
    return keep(name, trained, seed, seconds, path)


def keep(name, trained, seed, seconds, path):
    """Measure and store in float32 what `train` returned after so many seconds; return the Model."""
    stored = [np.float32(a) for a in nests.arrays(trained)]
    how = TRAINING[name]
    words = {"row": name, "network": "paper, to the end", "seed": seed, "steps": how.STEPS, "seconds": seconds,
             "beta_1": float(how.SCHEDULE.beta[1])}
    model = of(name, nests.like([np.float64(a) for a in stored], trained), words)
    model = model._replace(words=words | measure(model, paired=1000))
    storage.write(path, model.words, {f"trained_{i}": a for i, a in enumerate(stored)})
    return model


def load(name, folder=FOLDER):
    """The Model of a row as trained before.

    FileNotFoundError or ValueError, naming the file, when there is none or it does not fit.
    """
    path = Path(folder) / file(name)
    words, arrays = storage.read(path)
    return of(name, storage.fitted(path, arrays, "trained", TRAINING[name].init(np.random.default_rng(0))), words)
