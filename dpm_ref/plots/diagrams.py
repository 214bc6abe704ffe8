"""Bits as panels, sums as staircases, comparisons as dots and as a table of agreement."""
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from .style import BLACK, BLUE, ORANGE, side_by_side, SKY, SMALL, styled, YELLOW


@styled
def bits(panels, known=None, ylabel="sample", height=4.2):
    """A row of panels of bits, black for 1, a sample in each row: panels is {title: (N, D)}.

    known  (D,) of booleans: the bins to mark in colour
    """
    figure, axes = side_by_side(list(panels), min(10 / 3, 12 / len(panels)), height, sharey=True)
    for axis, x in zip(axes, panels.values()):
        axis.imshow(1 - np.asarray(x), vmin=0, vmax=1, aspect="auto")
        for i in np.flatnonzero(known if known is not None else ()):
            axis.axvspan(i - 0.5, i + 0.5, color=ORANGE, alpha=0.45, linewidth=0)
        axis.set(xlabel="bin", xticks=range(0, np.shape(x)[1], 5), yticks=range(0, len(x), 5))
        axis.spines[:].set_visible(True)
    axes[0].set_ylabel(ylabel)
    return figure


@styled
def staircase(steps, xlabel, total="$K$"):
    """Signed numbers as bars that start where the last one ended: steps is {label: number}.

    total  the name of the last bar, from 0 to the sum of all
    """
    bars = {**steps, total: sum(steps.values())}
    ends = np.append(np.cumsum(list(steps.values())), bars[total])
    span = np.ptp(np.append(ends, 0))
    figure = Figure(figsize=(9, 0.55 * len(bars) + 1.2))
    axis = figure.subplots()
    for i, (v, end) in enumerate(zip(bars.values(), ends)):
        axis.barh(i, v, left=end - v, color=BLACK if i == len(steps) else BLUE if v > 0 else ORANGE, height=0.6)
        axis.text(max(end, end - v) + 0.015 * span, i, f"{v:+.3f}".replace("-", "−"), va="center",
                  bbox={"color": "white", "pad": 1})
    axis.axvline(0, color=BLACK, linewidth=1)
    axis.set(yticks=range(len(bars)), yticklabels=list(bars), xlabel=xlabel, ylim=(len(bars) - 0.5, -0.5),
             xlim=(min(0, ends.min()) - 0.05 * span, max(0, ends.max()) + 0.15 * span))
    return figure


@styled
def dots(series, xlabel):
    """Numbers compared, a row for each name: series is {label: {name: value}}, or {label: {name: (value, error)}}.

    A row has no dot of a series that does not name it. An error is drawn as a bar of its size to both sides.
    """
    rows = list(dict.fromkeys(name for values in series.values() for name in values))
    figure = Figure(figsize=(10, 0.6 * len(rows) + 1.5))
    axis = figure.subplots()
    for i, (label, values) in enumerate(series.items()):
        row = np.array([rows.index(name) for name in values]) + 0.15 * (i - (len(series) - 1) / 2)
        value, error = np.array([(*np.ravel(v), 0.0)[:2] for v in values.values()], float).T
        axis.errorbar(value, row, xerr=error, fmt="osD^v*"[i % 6], markersize=8, label=label)
    axis.grid(axis="y", color="#DDDDDD")
    axis.set(yticks=range(len(rows)), yticklabels=rows, xlabel=xlabel, ylim=(len(rows) - 0.5, -0.5))
    axis.set_axisbelow(True)
    if len(series) > 1:
        figure.legend(loc="outside right upper", fontsize=SMALL)
    return figure


@styled
def agreement(digits, columns, enough=8):
    """A table of how many digits agree: digits is {program: a number for each of the columns}.

    columns  the names of the test vectors
    enough   the number of digits from which a cell is blue; below it is yellow, and red where no digit agrees
    """
    figure = Figure(figsize=(2.6 + 0.62 * len(columns), 1.7 + 0.48 * len(digits)))
    axis = figure.subplots()
    for i, row in enumerate(digits.values()):
        for j, d in enumerate(row):
            colour = SKY if d >= enough else YELLOW if d >= 1 else ORANGE
            axis.add_patch(Rectangle((j - 0.47, i - 0.45), 0.94, 0.9, facecolor=colour, alpha=0.55, edgecolor="white"))
            axis.text(j, i, int(max(d, 0)), ha="center", va="center")
    axis.set(xlim=(-0.5, len(columns) - 0.5), ylim=(len(digits) - 0.5, -0.5))
    axis.set_xlabel("digits to which each test vector agrees")
    axis.set_yticks(range(len(digits)), list(digits))
    axis.set_xticks(range(len(columns)), columns, rotation=40, ha="right")
    axis.spines[:].set_visible(False)
    axis.tick_params(length=0)
    return figure
