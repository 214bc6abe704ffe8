"""Bark: a row of Table 1 and Figure 5 (paper, sections 3.2.1 and D.2)."""
import numpy as np

from ..data import images
from ..plots import paper
from ..products import conditional, factors, perturbed
from .chains import grey
from .images_row import images_row


def figure(model, rng, size=304, hole=100, margin=46):
    """Figure 5: held-out bark, its centre replaced with noise, and filled in by the model in two ways.

    (c) is §2.5: the known pixels stay as they are at every t. (c') puts them in as noisy as the rest, each step three
    times.
    """
    data = ROW.load("test", (model.words["mean"], model.words["std"]))
    x0 = images.crops(data.x, 1, size, rng)[0]
    edge = (size - hole) // 2
    known = np.ones((size, size, 1), bool)
    known[edge:edge + hole, edge:edge + hole] = False
    panels = {"(a) held out": x0, "(b) the centre lost": np.where(known, x0, rng.standard_normal(x0.shape)),
              "(c) filled in as in §2.5": fill(model, x0, known, edge - margin, rng),
              "(c') known pixels put in with noise": fill(model, x0, known, edge - margin, rng, repeats=3)}
    note = f"trained on: {model.words['source']}; shown: held out, {data.source}; T = {model.schedule.T}"
    return paper.pictures({title: grey(model, x) for title, x in panels.items()}, note, size=4.6)


def fill(model, x0, known, border, rng, repeats=0):
    """The image x0 (H, W, C) with its unknown pixels drawn by the model: as in §2.5, or by `put_known` with repeats.

    A frame of `border` known pixels, too far away to matter, is left out of the work.
    """
    inside = (slice(border, -border),) * 2 if border else (slice(None),) * 2
    mask, x, filled = known[inside], x0[inside], np.array(x0)
    kernel, reverse, s = ROW.kernel, model.reverse, model.schedule
    if repeats:
        filled[inside] = conditional.put_known(kernel, reverse, mask, x[None], s, rng, repeats)[0]
    else:
        r = factors.known(kernel, mask, x, s, "constant")
        filled[inside] = perturbed.perturbed_sample(kernel, reverse, r, s, (1,) + x.shape, rng)[0]
    return filled


def contrast(model, rng, holes=40, size=48, hole=16, repeats=3):
    """The standard deviation in filled holes over that of the bark that was there, and its standard error.

    Of as many holes as `holes`, each in the middle of a held-out crop of its own. The error is by resampling the holes.
    """
    data = ROW.load("test", (model.words["mean"], model.words["std"]))
    x0, inside = images.batch(data, rng, holes, size), slice((size - hole) // 2, (size + hole) // 2)
    known = np.ones(x0.shape, bool)
    known[:, inside, inside] = False
    filled = conditional.put_known(ROW.kernel, model.reverse, known, x0, model.schedule, rng, repeats)
    var = np.array([x[:, inside, inside].var(axis=(1, 2, 3)) for x in (filled, x0)])   # of each hole, (2, holes)
    again = var[:, rng.integers(holes, size=(1000, holes))].mean(axis=2)               # (2, 1000)
    return np.sqrt(var[0].mean() / var[1].mean()), np.std(np.sqrt(again[0] / again[1]))


ROW = images_row(
    name="bark", title="Bark", number="5", paper_K=-0.55, paper_gain=1.5,
    difference="the paper: T01-T04 of Lazebnik et al. 2005", T=500, emphasis=4, load=images.bark, figure=figure)
