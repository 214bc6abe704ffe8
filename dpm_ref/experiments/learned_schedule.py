"""The swiss roll with learned rates beta_2..beta_T (paper, section 2.4.1).

    load()                                            the model that the package carries, with its schedule
    python -m dpm_ref.experiments.learned_schedule    trains, measures and stores this model again

A footnote of the section says that a fixed schedule works as well. That of `swiss_roll` has the same T and beta_1.
"""
import argparse
import time
from functools import partial
from pathlib import Path

import numpy as np

from .. import networks, schedule, train
from ..data import toys
from ..engine import nests, storage
from ..engine.optimiser import soap, soap_moments
from ..proofs import best_possible
from .measuring import measure
from .models import FOLDER, save
from .row import Model
from .swiss_roll import BETA_1, ROW

FILE = "swiss_roll_learned.npz"


def init(rng):
    """The network's parameters, and the logits (T - 1,) of the fixed schedule as a start."""
    return {"network": ROW.recipes["mlp"].init(rng), "logits": schedule.logits(ROW.schedule)}


def ascent(seed=0, steps=None):
    """Yield the `train.State` after every step of gradient ascent on K by network and schedule together.

    text, §2.4.1
    """
    recipe, rng = ROW.recipes["mlp"], np.random.default_rng(seed)
    K = partial(train.objective_learned, recipe.network, ROW.kernel, BETA_1)
    start = train.begin(init(rng), soap_moments)
    return train.ascend(K, lambda rng: recipe.batch(ROW, None, rng, **recipe.options), start, steps or recipe.steps,
                        train.cosine(recipe.rate), rng, soap)


def of(params, words):
    """The Model of a network and its schedule."""
    s = schedule.learned(params["logits"], BETA_1)
    best = partial(best_possible.best_gaussian, toys.roll_nodes, s)
    row = ROW._replace(schedule=s, best_reverse=best, limit=partial(ROW.limit, s))
    return Model(row, params, s, networks.reverse_kernel(networks.denoiser, params["network"], s, row.kernel), words)


def make(path, seed=0, steps=None):
    """Train, measure, store; return the Model."""
    start = time.perf_counter()
    *_, last = ascent(seed, steps)
    return keep(path, last.average, seed, last.step, time.perf_counter() - start)


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
    p.add_argument("--seed", type=int, default=0, help="of parameters, data and noise (default 0)")
    p.add_argument("--out", default="runs", help="folder for the trained model (default runs)")
    p.add_argument("--overwrite", action="store_true", help="replace the file there")
    options = p.parse_args(argv)
    path = Path(options.out) / FILE
    storage.check_free(path, options.overwrite)
    words = make(path, options.seed).words
    print(f"{path}: K = {words['K']:.4f} ± {words['K_error']:.4f}, gap to the best possible K = {words['gap']:.4f} "
          f"± {words['gap_error']:.4f} bits, {words['seconds']:.0f} s")


if __name__ == "__main__":
    main()
