"""Dead leaves: a row of Table 1 and Figure 4 (paper, sections 3.2.1 and D.2)."""
from ..data import images, leaves
from ..plots import paper
from .chains import grey, sample
from .images_row import images_row

RADII = 2, 48                      # of the discs, in pixels


def load(split, scaling=None):
    """Windows on an endless picture of discs, each on one of its own: 4096 to train on, 256 held out."""
    return images.dead_leaves(split, 4096 if split == "train" else 256, ROW.shape[0], RADII, scaling=scaling)


def figure(model, rng, size=256):
    """Figure 4: a picture of the kind trained on, and a sample of that size from a network that saw 64x64 crops."""
    x = sample(model, (1, size, size, 1), rng)
    panels = {"(a) dead leaves": leaves.leaves(rng, 1, size, RADII)[0] / 255, "(c) sample": grey(model, x[0])}
    note = f"our own {model.words['source']}, trained on 64×64 crops; T = {model.schedule.T}"
    return paper.pictures(panels, note, size=5)


ROW = images_row(
    name="dead_leaves", title="Dead leaves", number="4", paper_K=1.489, paper_gain=3.536,
    difference="our own generator: the paper's pictures and radii are not known",
    sizes=dict(layers=2, channels=32, inner=((32,), (48,), (96,), (128,), (128, 128))), rate=2e-3, emphasis=6,
    load=load, figure=figure)
