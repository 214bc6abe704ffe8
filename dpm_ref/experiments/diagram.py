"""Figure D.1: the image network as a picture, drawn from its parameters (paper, section D.2.1)."""
import numpy as np

from ..plots import paper
from ..image.readout import bumps


def figure_d1(row):
    """Figure D.1 for the network of a row."""
    params, T = row.recipes["image"].init(np.random.default_rng(0)), row.schedule.T
    curves = bumps(np.arange(T + 1), T, len(params["W"]))
    note = f"The network for {row.title}, drawn from its parameters"
    return paper.figure_d1(*stages(params, row.shape), curves, note)


def stages(params, shape):
    """The boxes {name: (x, y, text, height)} of Figure D.1 for images of `shape`, and the arrows between them.

    Every number is read off the parameters.
    """
    (H, W, C), (J, F, _) = shape, params["W"].shape
    boxes, arrows = {"x": (0, 0.2, f"$x^{{(t)}}$\n{H}×{W}×{C}", 0.7)}, []
    conv, whole = ({f"{lane} {i}": layer for i, layer in enumerate(params[lane])} for lane in ("conv", "dense"))
    for i, (name, (scales, *_)) in enumerate(conv.items(), 1):
        boxes[name] = (1.12 * i, 1.15, _conv_text(scales), 1.6)
    for i, (name, (W_, _)) in enumerate(whole.items(), 1):
        shift = "$+b(t)$,\n" * (i == 1)
        boxes[name] = (1.12 * i, -0.75, f"dense, {shift}tanh\n{W_.shape[0]}→{W_.shape[1]}", 0.6)
    for lane in list(conv), list(whole):
        arrows += zip(["x"] + lane[:-1], lane)
    joined = ["x", *conv, *list(whole)[-1:]]
    join = params["join"][0]
    widths = [sum(map(len, join)), join[0].shape[1]] + [W_.shape[1] for W_, _ in params["pixels"]]
    text = "1×1 layers,\n$+b(t)$, tanh\n" + "→".join(map(str, widths))
    x = 1.12 * max(len(conv), len(whole)) + 1.19
    boxes["pixel"] = (x, 0.2, text, 0.9)
    boxes["readout"] = (x + 1.1, 0.2, f"readout\n{F}→2J·{C}\nJ = {J}", 0.9)
    boxes["time"] = (x + 2.2, 0.2, "$\\Sigma_j\\, y_{ij}\\, g_j(t)$\nEq. 62", 0.7)
    for y, name, text in (0.7, "mean", "$f_\\mu(x^{(t)},t)$"), (-0.3, "var", "$f_\\Sigma(x^{(t)},t)$"):
        boxes[name] = (x + 3.25, y, text, 0.5)
    arrows += [(name, "pixel") for name in joined]
    return boxes, arrows + [("pixel", "readout"), ("readout", "time"), ("time", "mean"), ("time", "var")]


def _conv_text(scales):
    (own, last), *_ = scales
    k, _, m, _ = (own[0][0] if own else last).shape
    names = ", ".join(["1"] + [f"1/{2 ** s}" for s in range(1, len(scales))])
    inner = [",".join(str(w.shape[3]) for w, *_ in own) or "–" for own, _ in scales]
    half = (len(inner) + 1) // 2                       # two lines, so that the text fits the box
    inner = " | ".join(inner[:half]) + " |\n" + " | ".join(inner[half:])
    layers = f"\nlayers of\n{inner}" if any(own for own, _ in scales) else ""
    filters = f"{k}×{k}, {m}→{last.shape[3]}{layers}"
    return f"multi-scale\nconvolution\n{filters}\nsum of scales\n{names}\n$×(1+a(t))$\n$+b(t)$, softplus"
