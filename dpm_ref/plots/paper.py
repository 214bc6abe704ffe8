"""The figures of the paper: arrays in, a Figure out."""
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from .style import BLACK, BLUE, GREEN, ORANGE, PINK, SKY, styled, YELLOW


@styled
def figure_1(times, forward, reverse, steps, place, drifts):
    """Figure 1: slices of the forward and the reverse trajectory at three times, and the drift of three reverse steps.

    Figure 1
    times (3,); forward and reverse are lists of three (N, 2); drifts of the steps (3,) are three (M, 2) at place (M, 2).
    """
    figure = Figure(figsize=(10, 10))
    axes = figure.subplots(3, 3, sharex=True, sharey=True)
    for column, t in enumerate(times):
        axes[0, column].set_title("$t = %s$" % t)
        for row, (points, colour) in enumerate([(forward[column], BLUE), (reverse[column], ORANGE)]):
            axes[row, column].plot(*points.T, ".", markersize=2.5, alpha=0.5, color=colour, rasterized=True)
        arrows = drifts[column]
        longest = np.max(np.hypot(*arrows.T)) or 1
        axes[2, column].quiver(*place.T, *arrows.T, angles="xy", scale_units="xy", scale=longest / 0.6, color=GREEN, width=0.007)
        axes[2, column].set(xlabel="$x_1$", title=f"step $t = {steps[column]}$, longest {longest:.2g}")
    for row, name in enumerate([r"data to noise: $q(x^{(t)})$", r"noise to data: $p(x^{(t)})$", r"drift $f_\mu(x^{(t)},t)-x^{(t)}$"]):
        axes[row, 0].set_ylabel(name + "\n$x_2$")
    axes[0, 0].set(xlim=(-3, 3), ylim=(-3, 3), aspect="equal")
    for a in axes.flat:
        a.set_aspect("equal")
    return figure


@styled
def figure_2(times, states):
    """Figure 2: samples along the reverse trajectory, a row each, at three times, shifted to start with a pulse.

    Figure 2
    times (3,), the first 0; states (3, N, D) of bits. Each sample's shift is the one that its state at t = 0 needs.
    """
    phase = np.argmax(states[0], axis=1)
    figure = Figure(figsize=(10, 4.2))
    for axis, t, bits in zip(figure.subplots(1, 3, sharey=True), times, states):
        aligned = np.stack([np.roll(row, -shift) for row, shift in zip(bits, phase)])
        axis.imshow(1 - aligned, vmin=0, vmax=1, aspect="auto")
        axis.set(title="$t = %s$" % t, xlabel="bin", xticks=range(0, 20, 5))
        axis.spines[:].set_visible(True)
    figure.axes[0].set(ylabel=r"sample of $p(x^{(t)})$", yticks=range(0, states.shape[1], 5))
    return figure


def mosaic(images, columns, gap=2):
    """Images (N, H, W, C) in [0, 1] side by side in one, (H', W', C), white between them; values beyond are cut off."""
    N, H, W, C = images.shape
    rows = -(-N // columns)
    sheet = np.ones((rows * (H + gap) - gap, columns * (W + gap) - gap, C))
    for n, image in enumerate(images):
        i, j = n // columns * (H + gap), n % columns * (W + gap)
        sheet[i:i + H, j:j + W] = np.clip(image, 0, 1)
    return sheet


@styled
def pictures(panels, note, size=4.2):
    """Figures 3, 4, 5 and App.1: titled pictures (H, W, C) side by side, and below them what data they are of.

    Figure 3
    """
    figure = Figure(figsize=(max(size, 2.0) * len(panels), size * max(p.shape[0] / p.shape[1] for p in panels.values()) + 0.9))
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for axis, (title, picture) in zip(axes, panels.items()):
        axis.imshow(np.clip(picture, 0, 1).squeeze(), vmin=0, vmax=1)
        axis.set(title=title, xticks=[], yticks=[])
        axis.spines[:].set_visible(True)
    figure.supxlabel(note, fontsize=11)
    return figure


@styled
def figure_d1(stages, edges, curves, note):
    """Figure D.1: the stages of a network as boxes, the way between them as arrows, and its bumps g_j(t) as curves.

    Figure D.1
    stages: {name: (x, y, text, height)}; edges: pairs of names; curves (T + 1, J).
    """
    figure = Figure(figsize=(15, 6.4))
    axis = figure.subplots()
    axis.set(xlim=(-0.55, max(x for x, *_ in stages.values()) + 0.5), ylim=(-1.95, 2.05), aspect="auto")
    axis.axis("off")
    colours = {"conv": SKY, "dense": YELLOW, "pixel": GREEN, "readout": PINK, "time": "#BBBBBB"}
    for name, (x, y, text, height) in stages.items():
        box = {"boxstyle": "round,pad=0.02", "facecolor": colours.get(name.split()[0], "white"), "alpha": 0.35, "edgecolor": BLACK, "lw": 1}
        axis.add_patch(FancyBboxPatch((x - 0.44, y - height / 2), 0.88, height, **box))
        axis.text(x, y, text, ha="center", va="center", fontsize=12)
    for a, b in edges:
        (xa, ya, _, height), (xb, yb, *_) = stages[a], stages[b]
        skips = ya > yb and xb - xa > 1.5                                 # a way past other boxes leaves below
        axis.annotate("", (xb - 0.47, yb), (xa, ya - height / 2) if skips else (xa + 0.47, ya),
                      arrowprops={"arrowstyle": "-|>", "color": BLACK, "lw": 1.2, "shrinkA": 2, "shrinkB": 0})
    inset = axis.inset_axes([0.65, 0.08, 0.32, 0.2])
    inset.plot(curves, lw=1.4)
    inset.set(xlabel="$t$", yticks=[0, 1], xlim=(0, len(curves) - 1), title="bumps $g_j(t)$, Eq. 63")
    figure.supxlabel(note, fontsize=11)
    return figure
