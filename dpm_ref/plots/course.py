"""The drawings that the course's notebooks share: arrays in, a Figure out, as in `plots`."""
from functools import wraps
from pathlib import Path

import numpy as np
from PIL import Image
from matplotlib.figure import Figure

from ..data.images import to_unit
from .paper import mosaic, pictures
from .style import BLACK, BLUE, GREEN, ORANGE, PINK, SKY, styled, YELLOW

COLOURS = (BLUE, ORANGE, GREEN, PINK, YELLOW, SKY, BLACK)


def settled(draw):
    """A styled drawing function whose Figure keeps the package's style wherever it is shown."""
    @styled
    @wraps(draw)
    def drawn(*args, **kwargs):
        figure = draw(*args, **kwargs)
        figure.draw_without_rendering()                  # makes the tick labels now, in this style
        return figure
    return drawn


@settled
def again(figure):
    """A Figure of `plots` as it is, in the package's style, for a notebook cell to show."""
    return figure


# --- points in the plane --------------------------------------------------------------------------------------------

@settled
def clouds(points, titles, colours=BLUE, limit=3.0, arrows=None):
    """A row of panels, each a cloud of points in the plane: points is a list of (N, 2), titles as many.

    `colours` is one colour or one for each panel. arrows = (place (M, 2), drift (M, 2)) draws a field over every panel.
    """
    n = len(points)
    colours = [colours] * n if isinstance(colours, str) else colours
    figure = Figure(figsize=(4 if n == 1 else 2.1 * n + 0.7, 4 if n == 1 else 2.9))
    for axis, x, title, colour in zip(figure.subplots(1, n, sharey=True, squeeze=False)[0], points, titles, colours):
        axis.plot(*np.asarray(x).T, ".", markersize=3, alpha=0.55, color=colour, markeredgewidth=0)
        if arrows is not None:
            place, drift = arrows
            longest = np.max(np.hypot(*drift.T)) or 1
            axis.quiver(*place.T, *drift.T, angles="xy", scale_units="xy", scale=longest / 0.7, color=BLACK, width=0.007)
        axis.set(title=title, xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal", xlabel="$x_1$",
                 xticks=(-2, 0, 2), yticks=(-2, 0, 2))
    figure.axes[0].set_ylabel("$x_2$")
    return figure


# --- lines ----------------------------------------------------------------------------------------------------------

@settled
def curves(x, ys, xlabel, ylabel, logx=False, logy=False, marks="", level=None, styles=None, size=(8, 4)):
    """Lines over a common x (or one each): ys is a dict from label to values. `level` = {label: height} adds dashed levels.

    `marks` is a marker for every point, `styles` a line style for each line.
    """
    figure = Figure(figsize=size)
    axis = figure.subplots()
    for i, (label, y) in enumerate(ys.items()):
        here = x[label] if isinstance(x, dict) else x
        axis.plot(here, y, (styles or ["-"] * len(ys))[i], color=COLOURS[i % 7], label=label, **({"marker": marks} if marks else {}))
    for i, (label, height) in enumerate((level or {}).items()):
        axis.axhline(height, color=BLACK, linestyle=["--", ":", "-."][i % 3], linewidth=1.5, label=label)
    axis.set(xlabel=xlabel, ylabel=ylabel, xscale="log" if logx else "linear", yscale="log" if logy else "linear")
    if logx and not isinstance(x, dict) and np.max(x) < 100 * np.min(x):         # too short for powers of ten
        axis.set_xticks(x, [f"{v:g}" for v in x])
        axis.minorticks_off()
    if len(ys) + len(level or {}) > 1:
        axis.legend(fontsize=12)
    return figure


def shares_below(x, samples, xlabel):
    """The share of values below each x: samples is a dict from label to arrays of any shape."""
    shares = {label: np.searchsorted(np.sort(a, axis=None), x) / np.size(a) for label, a in samples.items()}
    return curves(x, shares, xlabel, "share of values below", styles=["-", "--"], size=(8, 3.4))


@settled
def panels(x, columns, xlabel, ylabels, titles, logy=False):
    """A row of panels of lines: columns is a list of dicts from label to values over x (or a list of x, one a panel)."""
    n = len(columns)
    figure = Figure(figsize=(5.2 * n if n < 3 else 3.9 * n, 3.9))
    for i, (axis, ys) in enumerate(zip(figure.subplots(1, n, squeeze=False)[0], columns)):
        for j, (label, y) in enumerate(ys.items()):
            axis.plot(x[i] if isinstance(x, list) else x, y, "--" if j else "-", color=COLOURS[j], label=label)
        axis.set(xlabel=xlabel, ylabel=ylabels[i] if isinstance(ylabels, (list, tuple)) else ylabels if i == 0 else "",
                 title=titles[i], yscale="log" if logy else "linear")
        axis.legend(fontsize=11)
    return figure


@settled
def histograms(samples, x, density, titles, xlabel, ylabel="density", label="data"):
    """A row of histograms, each against the same density over x: samples is a list of (N,), titles as many."""
    n = len(samples)
    figure = Figure(figsize=(max(5.5, 3.5 * n), 3.4))
    for axis, values, title in zip(figure.subplots(1, n, sharey=True, squeeze=False)[0], samples, titles):
        axis.hist(np.ravel(values), bins=np.linspace(x[0], x[-1], 61), density=True, color=SKY, label="samples")
        axis.plot(x, density, color=ORANGE, label=label)
        axis.set(title=title, xlabel=xlabel, ylim=(0, 1.4 * np.max(density)))
    figure.axes[0].set_ylabel(ylabel)
    figure.axes[0].legend(fontsize=11, loc="upper left")
    return figure


@settled
def fan(paths, mean=None, std=None, label="forward paths", colour=BLUE):
    """Paths over time, (T + 1, N), and, where given, the mean and two standard deviations (T + 1,) of q(x_t|x_0)."""
    t = np.arange(len(paths))
    figure = Figure(figsize=(8, 4))
    axis = figure.subplots()
    axis.plot(t, paths, color=colour, alpha=0.3, linewidth=0.9)
    axis.plot([], [], color=colour, label=label)
    if mean is not None:
        axis.plot(t, mean, color=ORANGE, label=r"mean of $q(x^{(t)}|x^{(0)})$")
        for sign, name in (1, "two standard deviations"), (-1, None):
            axis.plot(t, mean + sign * 2 * std, "--", color=BLACK, label=name)
    axis.set(xlabel="step $t$", ylabel="$x^{(t)}$")
    axis.legend(fontsize=12, loc="lower left")
    return figure


# --- bits, bars, tables ---------------------------------------------------------------------------------------------

@settled
def bit_panels(states, titles, ylabel="sample"):
    """A row of panels of bits, a sample each row, black for 1: states is a list of (N, D), titles as many."""
    n = len(states)
    figure = Figure(figsize=(2.9 * n, 3.5))
    for axis, bits, title in zip(figure.subplots(1, n, sharey=True, squeeze=False)[0], states, titles):
        axis.imshow(1 - np.asarray(bits), vmin=0, vmax=1, aspect="auto")
        axis.set(title=title, xlabel="bin", xticks=range(0, np.shape(bits)[1], 5), yticks=range(0, len(bits), 5))
        axis.spines[:].set_visible(True)
    figure.axes[0].set_ylabel(ylabel)
    return figure


@settled
def staircase(steps, unit, total):
    """Signed contributions as bars that start where the last one ended: steps is a dict from label to number.

    The last bar, named `total`, goes from 0 to their sum.
    """
    labels, values = list(steps), np.array(list(steps.values()))
    after = np.cumsum(values)
    figure = Figure(figsize=(9, 0.55 * len(labels) + 1.7))
    axis = figure.subplots()
    span = np.ptp(np.append(after, 0))
    for i, (v, end) in enumerate(zip(list(values) + [after[-1]], list(after) + [after[-1]])):
        axis.barh(i, v, left=end - v, color=BLACK if i == len(labels) else BLUE if v > 0 else ORANGE, height=0.6)
        axis.text(max(end, end - v) + 0.015 * span, i, f"{v:+.3f}", va="center", fontsize=12,
                  bbox={"color": "white", "pad": 1})
    axis.axvline(0, color=BLACK, linewidth=1)
    axis.set(yticks=range(len(labels) + 1), yticklabels=labels + [total], xlabel=unit,
             xlim=(min(0, after.min()) - 0.05 * span, max(0, after.max()) + 0.15 * span))
    axis.invert_yaxis()
    return figure


@settled
def dots(rows, series, xlabel, size=None):
    """A line of dots for each name in rows: series is a dict from label to {name: value}, or to {name: (value, error)}.

    A row of which a series says nothing has no dot of it; an error is drawn as a bar of its size to both sides.
    """
    figure = Figure(figsize=size or (8.5, 0.55 * len(rows) + 1.5))
    axis = figure.subplots()
    for i, (label, values) in enumerate(series.items()):
        found = [(row, *np.ravel(values[name])) for row, name in enumerate(rows) if name in values]
        row, value = np.array([f[0] for f in found]) + 0.15 * (i - (len(series) - 1) / 2), np.array([f[1] for f in found])
        error = np.array([f[2] if len(f) > 2 else 0.0 for f in found])
        axis.errorbar(value, row, xerr=error, fmt="osD^v*"[i % 6], color=COLOURS[i % 7], markersize=8, label=label)
    axis.grid(axis="y", color="#DDDDDD")
    axis.set(yticks=range(len(rows)), yticklabels=rows, xlabel=xlabel, ylim=(len(rows) - 0.5, -0.5))
    axis.set_axisbelow(True)
    if len(series) > 1:
        axis.legend(fontsize=12, bbox_to_anchor=(1, 1), loc="upper left")
    return figure


# --- images ---------------------------------------------------------------------------------------------------------

@settled
def sheets(panels, data, note, columns=4, size=2.2):
    """Images in a row of titled mosaics, and below them what data they are of: panels is a dict from title to (N, H, W, C).

    All in the units of data (anything with its `mean` and `std` in grey levels); black and white are where pixels end.
    """
    return pictures({title: mosaic(to_unit(x, data.mean, data.std), columns) for title, x in panels.items()}, note, size)


# --- to play with ---------------------------------------------------------------------------------------------------

def play(picture, **ranges):
    """Sliders for a function that returns a Figure: ranges are (first, last, step); nothing where ipywidgets is missing."""
    try:
        from ipywidgets import interact
    except ImportError:
        print("ipywidgets is not installed; the strip above shows the same thing")
        return
    interact(picture, **ranges)


# --- the roll that dissolves and forms again ------------------------------------------------------------------------

def roll_gif(path, forward, reverse, every=2, size=240, limit=2.7):
    """Write a GIF of the forward trajectory, then of the reverse one: two dicts from t to points (N, 2); return its path.

    Drawn pixel by pixel, two clouds in two colours on white, so that it stays small. A bar below shows t.
    """
    T = max(forward)
    down = sorted({*range(0, T + 1, every), T})
    frames = [pixels(forward[t], 1, t / T, size, limit) for t in down]
    frames += [pixels(reverse[t], 2, t / T, size, limit) for t in reversed(down)]
    images = [Image.fromarray(frame, mode="P") for frame in frames]
    for image in images:
        image.putpalette([255, 255, 255] + [int(c[i:i + 2], 16) for c in (BLUE, ORANGE) for i in (1, 3, 5)])
    holds = [120] * len(images)
    holds[0] = holds[len(down) - 1] = holds[-1] = 1200
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    images[0].save(path, save_all=True, append_images=images[1:], duration=holds, loop=0, optimize=True)
    return path


def pixels(points, colour, share, size, limit):
    """Points (N, 2) as an image (size + 12, size) of palette entries: dots of 2 x 2 pixels, and a bar of the given share."""
    image = np.zeros((size + 12, size), dtype=np.uint8)
    column, row = np.rint((points.T * [[1], [-1]] / limit + 1) / 2 * size).astype(int)
    inside = (column >= 0) & (column < size - 1) & (row >= 0) & (row < size - 1)
    for i in (0, 1):
        for j in (0, 1):
            image[row[inside] + i, column[inside] + j] = colour
    image[size + 4:size + 8, :max(1, int(share * size))] = colour
    return image
