"""The paper's two toy networks, trained to the end.

    load("swiss_roll")                                         the model that the package carries
    python -m dpm_ref.experiments.paper_networks swiss_roll    trains, measures and stores this model again
"""
import argparse
from functools import partial
from pathlib import Path

import numpy as np

from .. import networks
from ..__main__ import training_options
from ..data.files import one_of
from ..engine import nests, storage
from . import ROWS, heartbeat_to_the_end, roll_to_the_end
from .measuring import measure
from .models import FOLDER
from .row import Model
from .training import checkpoint

TRAINING = {"swiss_roll": roll_to_the_end, "heartbeat": heartbeat_to_the_end}


def of(name, trained, words):
    """The Model of a row from what `train` of its training returns."""
    how = TRAINING[name]
    row, s = ROWS[name], how.SCHEDULE
    row = row._replace(schedule=s, best_reverse=how.best_reverse, limit=partial(row.limit, s))
    params = how.folded(trained)
    return Model(row, params, s, networks.reverse_kernel(how.NETWORK, params, s, row.kernel), words)


def make(name, path, seed=0, runs="runs", resume=False, overwrite=False, **more):
    """Train a row's network with checkpoints in the folder `runs`, measure and store it; return its Model."""
    run = checkpoint(runs, name, "to the end", seed, resume, overwrite)
    settings = {"row": name, "network": "to the end", "seed": seed, "steps": TRAINING[name].STEPS}
    trained, seconds = TRAINING[name].train(run, settings, resume, **more)
    return keep(name, trained, seed, seconds, path)


def keep(name, trained, seed, seconds, path):
    """Measure and store in float32 what `train` returned after so many seconds; return the Model."""
    stored = [np.float32(a) for a in nests.arrays(trained)]
    how = TRAINING[name]
    words = {"row": name, "network": "paper, to the end", "seed": seed, "steps": how.STEPS, "seconds": seconds,
             "beta_1": float(how.SCHEDULE.beta[1]),
             "command": f"python -m dpm_ref.experiments.paper_networks {name} --seed {seed}"}
    model = of(name, nests.like([np.float64(a) for a in stored], trained), words)
    model = model._replace(words=words | measure(model, paired=1000))
    storage.write(path, model.words, {f"trained_{i}": a for i, a in enumerate(stored)})
    return model


def load(name, folder=FOLDER):
    """The Model of a row as trained before.

    FileNotFoundError or ValueError, naming the file, when there is none or it does not fit.
    """
    one_of("row", name, *TRAINING)
    path = Path(folder) / f"{name}_paper.npz"
    words, arrays = storage.read(path)
    return of(name, storage.fitted(path, arrays, "trained", TRAINING[name].init(np.random.default_rng(0))), words)


def main(argv=None):
    """Train one row; say what was reached."""
    p = argparse.ArgumentParser(prog="python -m dpm_ref.experiments.paper_networks",
                                description=__doc__.splitlines()[0])
    p.add_argument("row", choices=TRAINING)
    training_options(p)
    p.add_argument("--out", default="runs", help="folder for the trained model (default runs)")
    options = vars(p.parse_args(argv))
    name, path = options["row"], Path(options.pop("out")) / f"{options.pop('row')}_paper.npz"
    storage.check_free(path, options["overwrite"] or options["resume"])
    words = make(name, path, **options).words
    print(f"{path}: K = {words['K']:.4f} ± {words['K_error']:.4f}, K - L_null = {words['gain']:.4f}, "
          f"gap to the best possible K = {words['gap']:.4f} ± {words['gap_error']:.4f} bits, {words['seconds']:.0f} s")


if __name__ == "__main__":
    main()
