"""The figures of the paper: arrays in, a Figure out."""
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from .diagrams import bits
from .points import draw_arrows, draw_dots
from .style import BLACK, BLUE, GREEN, ORANGE, PINK, side_by_side, SKY, SMALL, styled, YELLOW


@styled
def figure_1(times, forward, reverse, steps, place, drifts):
    """Slices of the forward and the reverse trajectory at three times, and the drift of three reverse steps.

    Figure 1
    times (3,); forward, reverse: three (N, 2) each; drifts of the steps (3,): three (M, 2) at place (M, 2).
    """
    figure = Figure(figsize=(10, 10))
    axes = figure.subplots(3, 3, sharex=True, sharey=True)
    for column, t in enumerate(times):
        axes[0, column].set_title("$t = %s$" % t)
        draw_dots(axes[0, column], forward[column], BLUE)
        draw_dots(axes[1, column], reverse[column], ORANGE)
        draw_arrows(axes[2, column], place, drifts[column], GREEN, longest=0.6)
        longest = np.max(np.hypot(*drifts[column].T)) or 1
        axes[2, column].set(xlabel="$x_1$", title=f"step $t = {steps[column]}$, longest {longest:.2g}")
    names = r"data to noise: $q(x^{(t)})$", r"noise to data: $p(x^{(t)})$", r"drift $f_\mu(x^{(t)},t)-x^{(t)}$"
    for axis, name in zip(axes[:, 0], names):
        axis.set_ylabel(name + "\n$x_2$")
    for axis in axes.flat:
        axis.set(xlim=(-3, 3), ylim=(-3, 3), aspect="equal")
    return figure


def figure_2(times, states):
    """Samples along the reverse trajectory, one in each row, at three times, shifted to start with a pulse.

    Figure 2
    times (3,), the first 0; states (3, N, D) of bits. Each sample's shift is the one that its state at t = 0 needs.
    """
    phase = np.argmax(states[0], axis=1)
    aligned = [np.stack([np.roll(x, -shift) for x, shift in zip(state, phase)]) for state in states]
    return bits({f"$t = {t}$": x for t, x in zip(times, aligned)}, ylabel=r"sample of $p(x^{(t)})$")


def mosaic(images, columns, gap=2):
    """Images (N, H, W, C) side by side in one, (H', W', C), white between them; values beyond [0, 1] are cut off."""
    N, H, W, C = images.shape
    rows = -(-N // columns)
    sheet = np.ones((rows * (H + gap) - gap, columns * (W + gap) - gap, C))
    for n, image in enumerate(images):
        i, j = n // columns * (H + gap), n % columns * (W + gap)
        sheet[i:i + H, j:j + W] = np.clip(image, 0, 1)
    return sheet


@styled
def pictures(panels, note, size=2.2, columns=4):
    """Titled pictures side by side, and below them a note, such as what data they are of.

    Figure 3
    panels is {title: a picture (H, W, C), or several (N, H, W, C) in so many columns}, from 0, black, to 1, white.
    """
    sheets = [np.asarray(p) if np.ndim(p) < 4 else mosaic(p, columns) for p in panels.values()]
    height = size * max(sheet.shape[0] / sheet.shape[1] for sheet in sheets) + 0.9
    figure, axes = side_by_side(list(panels), max(size, 2.0), height)
    for axis, sheet in zip(axes, sheets):
        axis.imshow(np.clip(sheet, 0, 1).squeeze(), vmin=0, vmax=1)
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set_visible(True)
    figure.supxlabel(note, fontsize=SMALL)
    return figure


@styled
def figure_d1(stages, edges, curves, note):
    """The stages of a network as boxes, the way between them as arrows, and its bumps g_j(t) as curves.

    Figure D.1
    stages: {name: (x, y, text, height)}; edges: pairs of names; curves (T + 1, J).
    """
    figure = Figure(figsize=(15, 6.4))
    axis = figure.subplots()
    axis.set(xlim=(-0.55, max(x for x, *_ in stages.values()) + 0.5), ylim=(-1.95, 2.05), aspect="auto")
    axis.axis("off")
    colours = {"conv": SKY, "dense": YELLOW, "pixel": GREEN, "readout": PINK, "time": "#BBBBBB"}
    for name, (x, y, text, height) in stages.items():
        axis.add_patch(FancyBboxPatch((x - 0.44, y - height / 2), 0.88, height, boxstyle="round,pad=0.02", alpha=0.35,
                                      facecolor=colours.get(name.split()[0], "white"), edgecolor=BLACK))
        axis.text(x, y, text, ha="center", va="center", fontsize=12)
    for a, b in edges:
        (xa, ya, _, height), (xb, yb, *_) = stages[a], stages[b]
        skips = ya > yb and xb - xa > 1.5                                 # a way past other boxes leaves below
        axis.annotate("", (xb - 0.47, yb), (xa, ya - height / 2) if skips else (xa + 0.47, ya),
                      arrowprops={"arrowstyle": "-|>", "color": BLACK, "lw": 1.2, "shrinkA": 2, "shrinkB": 0})
    inset = axis.inset_axes([0.65, 0.08, 0.32, 0.2])
    inset.plot(curves, lw=1.4)
    inset.set(xlabel="$t$", yticks=[0, 1], xlim=(0, len(curves) - 1), title="bumps $g_j(t)$, Eq. 63")
    figure.supxlabel(note, fontsize=SMALL)
    return figure
