"""Curves over one number: lines, histograms, paths over time, bands between bounds."""
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, LogLocator, MaxNLocator, NullLocator

from .style import BLACK, BLUE, ORANGE, side_by_side, SKY, SMALL, styled

DASHES = "-", "--", "-.", ":"              # by turns, so that two lines that coincide are both seen


@styled
def lines(x, ys, xlabel, ylabel, size=(8, 4), **look):
    """Lines over x (N,): ys is {label: values (N,)}. x is {label: (N,)} where each line has its own.

    look  what `draw_lines` takes: log, marker, styles, errors, levels, marks
    """
    figure = Figure(figsize=size)
    axis = figure.subplots()
    axis.set(xlabel=xlabel, ylabel=ylabel)
    draw_lines(axis, x, ys, **look)
    return figure


@styled
def panels(columns, xlabel, ylabel, **look):
    """A row of panels of lines: columns is {title: (x, ys)}, each as in `lines`.

    ylabel  one for all, or a list with one for each panel
    look    what `draw_lines` takes
    """
    names = [ylabel] if isinstance(ylabel, str) else ylabel
    figure, axes = side_by_side(list(columns), 5.2 if len(columns) < 3 else 3.9, 3.9)
    for axis, (x, ys) in zip(axes, columns.values()):
        draw_lines(axis, x, ys, **look)
        axis.set_xlabel(xlabel)
    for axis, name in zip(axes, names):
        axis.set_ylabel(name)
    return figure


def draw_lines(axis, x, ys, log="", marker="", styles=DASHES, errors=None, levels=None, marks=None, fill=False):
    """Lines on one panel: ys is {label: values} over x, or over x[label].

    log     the axes with a logarithmic scale: "x", "y" or "xy"
    marker  drawn at every point: "o"
    styles  of the lines, by turns, as matplotlib writes them: "--", "C0:" in the first colour, "o" for points alone
    errors  {label: (N,)}: a band of the line ± its error
    levels  {label: height}: horizontal lines, in black
    marks   {label: place}: vertical lines, in black
    fill    the area between the lines and 0 in colour
    """
    for i, (label, y) in enumerate(ys.items()):
        here, y = x[label] if isinstance(x, dict) else x, np.asarray(y)
        line, = axis.plot(here, y, marker + styles[i % len(styles)], label=label)
        error = (errors or {}).get(label)
        if fill or error is not None:
            low, high = (0, y) if error is None else (y - error, y + error)
            axis.fill_between(here, low, high, color=line.get_color(), alpha=0.25, linewidth=0)
    for i, (label, height) in enumerate((levels or {}).items()):
        axis.axhline(height, color=BLACK, linestyle=("--", ":", "-.")[i % 3], linewidth=1.5, label=label)
    for label, place in (marks or {}).items():
        axis.axvline(place, color=BLACK, linewidth=1.5, label=label)
    axis.set(xscale="log" if "x" in log else "linear", yscale="log" if "y" in log else "linear")
    if "x" in log and not isinstance(x, dict) and np.max(x) < 100 * np.min(x):           # too short for powers of ten
        axis.xaxis.set_major_locator(FixedLocator(x) if len(x) <= 8 else LogLocator(subs=(1, 2, 5)))
        axis.xaxis.set_major_formatter("{x:g}")
        axis.xaxis.set_minor_locator(NullLocator())
    if len(axis.get_legend_handles_labels()[1]) > 1:
        draw_legend(axis)


def draw_legend(axis):
    """A legend where it covers no line; if there is no such place, the y axis grows at the top to make one."""
    legend = axis.legend(fontsize=SMALL)
    axis.figure.draw_without_rendering()
    box = legend.get_window_extent()
    if any(line.get_path().transformed(line.get_transform()).intersects_bbox(box, filled=False) for line in axis.lines):
        legend = axis.legend(fontsize=SMALL, loc="upper left", ncols=max(1, int(0.9 * axis.bbox.width / box.width)))
        data = 1 - 1.15 * legend.get_window_extent().height / axis.bbox.height  # the share of the axis it keeps
        axis.set_ylim(top=(axis.transAxes + axis.transData.inverted()).transform((0, 1 / data))[1])


def shares_below(x, samples, xlabel):
    """The share of values below each x (N,): samples is {label: values of any shape}."""
    shares = {label: np.searchsorted(np.sort(a, axis=None), x) / np.size(a) for label, a in samples.items()}
    return lines(x, shares, xlabel, "share of values below", size=(8, 3.4))


@styled
def histograms(x, samples, density, xlabel, label="data"):
    """A row of histograms, each against the same density (M,) over x (M,): samples is {title: values (N,)}.

    label  of the density
    """
    figure, axes = side_by_side(list(samples), max(3.6, 5.5 / len(samples)), 3.6, sharey=True)
    for axis, values in zip(axes, samples.values()):
        axis.hist(np.ravel(values), bins=np.linspace(x[0], x[-1], 61), density=True, color=SKY, label="samples")
        axis.plot(x, density, color=ORANGE, label=label)
        axis.set(xlabel=xlabel, ylim=(0, 1.5 * np.max(density)))
    axes[0].set_ylabel("density")
    axes[0].legend(fontsize=SMALL, loc="upper left")
    return figure


@styled
def fan(paths, mean=None, std=None, label="forward paths", colour=BLUE):
    """Paths over time, (T + 1, N).

    mean, std  (T + 1,) of q(x_t|x_0): a line, and lines two standard deviations above and below
    label      of the paths
    """
    t = np.arange(len(paths))
    figure = Figure(figsize=(8, 4))
    axis = figure.subplots()
    axis.plot(t, paths, color=colour, alpha=0.3, linewidth=0.9)
    axis.plot([], [], color=colour, label=label)
    if mean is not None:
        axis.plot(t, mean, color=ORANGE, label=r"mean of $q(x^{(t)}|x^{(0)})$")
        axis.plot(t, mean + 2 * std, "--", color=BLACK, label="two standard deviations")
        axis.plot(t, mean - 2 * std, "--", color=BLACK)
    axis.set(xlabel="step $t$", ylabel="$x^{(t)}$")
    figure.legend(loc="outside upper center", ncols=3, fontsize=SMALL)
    return figure


@styled
def between(bands, ylabel, truth=r"$H_q(X^{(t-1)}|X^{(t)})$", marker=False):
    """A row of panels, each a band between two bounds and the truth inside: bands is {title: (t, lower, true, upper)}.

    truth   the name of what is bounded
    marker  whether every point is marked, for bounds of few steps
    """
    figure, axes = side_by_side(list(bands), 8 if len(bands) == 1 else min(5.2, 13 / len(bands)), 4.2)
    point = ("o", "v", "^") if marker else ("", "", "")
    for axis, (t, lower, true, upper) in zip(axes, bands.values()):
        axis.fill_between(t, lower, upper, where=upper >= lower, color=SKY, alpha=0.3, linewidth=0)
        axis.plot(t, true, "C0-" + point[0], linewidth=4, markersize=10, label=truth)   # seen below a bound
        axis.plot(t, upper, "C1--" + point[1], label="upper bound")
        axis.plot(t, lower, "k:" + point[2], label="lower bound")
        axis.set_xlabel("step $t$")
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes[0].set_ylabel(ylabel)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=3, fontsize=SMALL)
    return figure
