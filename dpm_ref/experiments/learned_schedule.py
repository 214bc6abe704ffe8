"""The swiss roll with learned rates beta_2..beta_T (paper, section 2.4.1).

    load()                                            the model that the package carries, with its schedule
    python -m dpm_ref.experiments.learned_schedule    trains, measures and stores this model again

A footnote of the section says that a fixed schedule works as well. That of `swiss_roll` has the same T and beta_1.
"""
import argparse
from functools import partial
from pathlib import Path

import numpy as np

from .. import networks, schedule, train
from ..__main__ import training_options
from ..data import toys
from ..engine import nests, storage
from ..engine.console import progress
from ..engine.optimiser import soap, soap_moments
from ..proofs import best_possible
from . import training
from .measuring import measure
from .models import FOLDER, save
from .row import Model
from .swiss_roll import BETA_1, ROW

FILE = "swiss_roll_learned.npz"


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


def make(path, seed=0, runs="runs", resume=False, overwrite=False, steps=ROW.recipes["mlp"].steps):
    """Train with checkpoints in the folder `runs`, measure, store; return the Model."""
    run, rng = training.checkpoint(runs, ROW.name, "learned", seed, resume, overwrite), np.random.default_rng(seed)
    settings = {"row": ROW.name, "network": "learned", "seed": seed, "steps": steps}

    def states(state, clock):
        with progress(f"{ROW.name} learned") as show:
            for state in ascent(state, rng, steps):
                show(clock.share(state.step), f"step {state.step}")
                yield state
    state, seconds = training.resumable(run, settings, begin(rng), rng, states, resume, steps)
    return keep(path, state.average, seed, state.step, seconds)


def keep(path, params, seed, steps, seconds):
    """Measure and store trained parameters in float32; return the Model."""
    single = nests.like([np.float32(a) for a in nests.arrays(params)], params)
    words = {"row": ROW.name, "network": "mlp", "seed": seed, "steps": steps, "seconds": seconds, "beta_1": BETA_1,
             "command": f"python -m dpm_ref.experiments.learned_schedule --seed {seed}"}
    model = of(nests.like([np.float64(a) for a in nests.arrays(single)], params), words)
    model = model._replace(words=words | measure(model, paired=1000))
    save(path, model._replace(params=single))
    return model


def load(folder=FOLDER):
    """The Model as trained before.

    FileNotFoundError or ValueError, naming the file, when there is none or it does not fit.
    """
    words, arrays = storage.read(Path(folder) / FILE)
    return of(storage.fitted(Path(folder) / FILE, arrays, "average", init(np.random.default_rng(0))), words)


def main(argv=None):
    """Train; say what was reached."""
    p = argparse.ArgumentParser(prog="python -m dpm_ref.experiments.learned_schedule",
                                description=__doc__.splitlines()[0])
    training_options(p)
    p.add_argument("--out", default="runs", help="folder for the trained model (default runs)")
    options = vars(p.parse_args(argv))
    path = Path(options.pop("out")) / FILE
    storage.check_free(path, options["overwrite"] or options["resume"])
    words = make(path, **options).words
    print(f"{path}: K = {words['K']:.4f} ± {words['K_error']:.4f}, gap to the best possible K = {words['gap']:.4f} "
          f"± {words['gap_error']:.4f} bits, {words['seconds']:.0f} s")


if __name__ == "__main__":
    main()
