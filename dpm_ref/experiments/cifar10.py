"""CIFAR-10: a row of Table 1 and Figure 3 (paper, sections 3.2.1 and D.2)."""
from ..data import images
from ..plots import paper
from ..products import conditional, factors, perturbed
from .chains import grey, sample
from .images_row import images_row
from .measuring import holdout


def figure(model, rng, N=16):
    """Figure 3: holdout images, the same at signal-to-noise ratio 1, denoised in two ways, and samples.

    (c) is §2.5 with r = N(y; x, 1) at every t; beside it, the model's own posterior.
    """
    kernel, s, words = ROW.kernel, model.schedule, model.words
    x0, source = holdout(model, rng, N), ROW.load("test").source
    y = x0 + rng.standard_normal(x0.shape)
    r = factors.observation(y, 1.0, s, "constant")
    panels = {"(a) holdout": x0, "(b) noise of variance 1": y,
              "(c) denoised as in §2.5": perturbed.perturbed_sample(kernel, model.reverse, r, s, x0.shape, rng),
              "(c') the model's posterior": conditional.denoise(model.reverse, y, 1.0, s, rng).x,
              "(d) samples": sample(model, x0.shape, rng)}
    return paper.pictures({title: grey(model, x) for title, x in panels.items()},
                          f"(a) held-out {source}; trained on {words['source']}; T = {s.T}", size=3.4)


ROW = images_row(
    name="cifar10", title="CIFAR-10", number="3", unit="bits per pixel (3 colours summed)",
    paper_K=5.4, paper_gain=11.5, difference="the paper: 50,000 images as published; a JPEG copy is probably easier",
    shape=(32, 32, 3), sizes=dict(layers=2, channels=32, inner=((32,), (64,), (96, 96), (128, 128)), pixels=(64, 48),
                                  hidden=(256, 256), features=4),
    batch=24, rate=4e-3, emphasis=2, load=images.cifar10, figure=figure)
