"""Trained models, each in a small file that is named after its row.

    load("mnist")           the model that the package carries
    load("mnist", "runs")   the one in another folder
"""
from pathlib import Path

import numpy as np

from ..engine.checks import one_of
from ..engine import nests, storage, workers
from ..networks import reverse_kernel
from ..trajectory import fewer_steps
from . import ROWS
from .row import Model

FOLDER = Path(__file__).parent.parent / "models"


def load(name, folder=FOLDER, T=None):
    """The trained Model of a row. With T, its chain stops at T of the trained chain's noise levels and has a lower K.

    FileNotFoundError or ValueError, naming the file, when there is none or it does not fit.
    """
    one_of("row", name, *ROWS)
    row = ROWS[name]
    model = of(row, *read(Path(folder) / f"{name}.npz", row))
    if T is None:
        return model
    schedule, reverse = fewer_steps(row.kernel, model.reverse, row.schedule, T)
    return model._replace(schedule=schedule, reverse=reverse)


def read(path, row, narrower=False):
    """The parameters and the words in the file of a row's model. ValueError, naming the file, if it does not fit.

    With `narrower`, the layers in the file may have fewer units than the row's network has now.
    """
    words, arrays = storage.read(path)
    words |= words.pop("result", {})                       # the toy models of the package keep there what was measured
    if words.get("row") != row.name:
        other = "a checkpoint" if "step" in words else "something else"
        holds = f"the model of {words['row']}" if "row" in words else other
        raise ValueError(f"{path} does not fit: it should hold the model of {row.name}, and holds {holds}")
    network = words.setdefault("network", next(iter(row.recipes)))
    if network not in row.recipes:
        raise ValueError(f"{path} does not fit: the row {row.name} has no network {network!r}")
    name = "params" if "params_0" in arrays else "average"
    return storage.fitted(path, arrays, name, row.recipes[network].init(np.random.default_rng(0)), narrower), words


def of(row, params, words):
    """The Model of a row with these parameters, as words["network"] uses them.

    A network in float32 is one of images: it uses all cores, and this process keeps memory (`engine.workers`).
    """
    s = schedule_for(params, row)
    reverse = reverse_kernel(row.recipes[words["network"]].network, params, s, row.kernel)
    if s is row.schedule:
        return Model(row, params, s, reverse, words)
    workers.keep_memory()

    def on_all_cores(x, t):
        with workers.all_cores():
            return reverse(np.asarray(x, np.float32), t)
    return Model(row, params, row.schedule, on_all_cores, words)


def schedule_for(params, row):
    """The schedule of a row, in float32 where the parameters are."""
    return nests.to_float32(row.schedule) if next(nests.arrays(params)).dtype == np.float32 else row.schedule


def save(path, model):
    """Write a Model to `path`."""
    arrays = {f"average_{i}": _packed(a) for i, a in enumerate(nests.arrays(model.params))}
    storage.write(path, model.words, arrays, compressed=True)


def rounded(params):
    """Parameters as `save` keeps them."""
    return nests.like([_packed(a).astype(a.dtype) for a in nests.arrays(params)], params)


def _packed(a):
    """An array as it is written: one of float32 that is large as float16, which then ends in three zeros.

    So it has 8 binary digits, and a compressed file is a seventh smaller than with all 11. K of CIFAR-10 changes by
    0.00004 bits per pixel. No array of the toys is large: the K of the roll would notice.
    """
    if a.dtype != np.float32 or a.size <= 12000:
        return a
    return (a.astype(np.float16).view(np.uint16) + 4 & 0xFFF8).view(np.float16)
