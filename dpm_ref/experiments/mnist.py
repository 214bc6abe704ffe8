"""MNIST: a row of Table 2 and Figure App.1 (paper, sections 3.2.1 and D.2)."""
from ..data import images
from ..plots import paper
from .chains import grey, sample
from .images_row import images_row


def figure(model, rng, N=100):
    """Figure App.1: samples of the model, not means."""
    panels = {"samples": grey(model, sample(model, (N,) + ROW.shape, rng))}
    return paper.pictures(panels, f"trained on {model.words['source']}; T = {model.schedule.T}", size=6, columns=10)


ROW = images_row(
    name="mnist", title="MNIST", number="app1", paper_K=None, paper_gain=None, difference="the paper: 50,000 digits",
    shape=(28, 28, 1), sizes=dict(layers=2, channels=32, inner=((32,), (64,), (192, 192)), pixels=(48,)), rate=2e-3,
    batch=32, flip=False, emphasis=8, largest=784, load=images.mnist, figure=figure)
