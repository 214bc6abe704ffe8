"""The figures of the paper, from trained models."""
from pathlib import Path

import numpy as np

from ..data import toys
from ..engine.storage import check_free
from ..plots import points, style
from . import ROWS, models
from .chains import forward_path, reverse_path
from .diagram import figure_d1

# the row that each figure is of
FIGURES = {row.number: name for name, row in ROWS.items()} | {"d1": "cifar10", "gif": "swiss_roll"}
# and the options that change nothing there: only chains of images are shortened, and figure D.1 is of no trained model
IGNORED = {number: ["steps"] for number, name in FIGURES.items() if not ROWS[name].load}
IGNORED["d1"] = ["models", "steps", "seed"]


def draw(figure, folder=models.FOLDER, steps=None, seed=0, out="runs", overwrite=False):
    """Draw a figure from a model in `folder`, by a chain of so many steps for images; return the paths of its files."""
    name, rng, paths = FIGURES[figure], np.random.default_rng(seed), files(figure, out)
    row = ROWS[name]
    for path in paths:
        check_free(path, overwrite)
    if figure == "d1":
        return style.save(figure_d1(row), paths)
    model = models.load(name, folder, steps if row.load else None)
    return [roll_gif(model, rng, *paths)] if figure == "gif" else style.save(row.figure(model, rng), paths)


def files(figure, out):
    """The paths of a figure: .png to look at and .pdf for slides; .gif for the animation."""
    if figure == "gif":
        return [Path(out) / "swiss_roll.gif"]
    stem = f"figure_{figure}_{'network' if figure == 'd1' else FIGURES[figure]}"
    return [Path(out) / f"{stem}.{kind}" for kind in ("png", "pdf")]


def roll_gif(model, rng, path, N=1500):
    """The roll that dissolves and forms again, as an animation; return its path."""
    return points.roll_gif(forward_path(model, toys.swiss_roll(rng, N), rng), reverse_path(model, (N, 2), rng), path)
