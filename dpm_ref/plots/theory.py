"""The drawings of the notebooks on products, on entropies and on checking: arrays in, a Figure out, as in `plots`."""
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle
from matplotlib.ticker import MaxNLocator

from .course import COLOURS, settled
from .style import BLACK, BLUE, ORANGE, SKY, YELLOW


@settled
def bars(groups, series, xlabel, ylabel, size=(8, 3.6)):
    """Grouped bars: groups is a list of labels, series a dict from label to one height for each group."""
    figure = Figure(figsize=size)
    axis, width = figure.subplots(), 0.8 / len(series)
    for i, (label, heights) in enumerate(series.items()):
        axis.bar(np.arange(len(groups)) + (i - (len(series) - 1) / 2) * width, heights, 0.92 * width, color=COLOURS[i], label=label)
    axis.axhline(0, color=BLACK, linewidth=1)
    axis.set(xticks=range(len(groups)), xticklabels=groups, xlabel=xlabel, ylabel=ylabel)
    axis.legend(fontsize=12, bbox_to_anchor=(1, 1), loc="upper left")
    return figure


@settled
def completed_bits(states, mask, titles, ylabel="sample"):
    """A row of panels of bits, black for 1, a sample each row, with the known bins (mask) in colour: states is a list of (N, D)."""
    n = len(states)
    figure = Figure(figsize=(3.6 * n, 3.9))
    for axis, bits, title in zip(figure.subplots(1, n, sharey=True, squeeze=False)[0], states, titles):
        axis.imshow(1 - np.asarray(bits), vmin=0, vmax=1, aspect="auto")
        for i in np.flatnonzero(mask):
            axis.axvspan(i - 0.5, i + 0.5, color=ORANGE, alpha=0.45, linewidth=0)
        axis.set(title=title, xlabel="bin", xticks=range(0, np.shape(bits)[1], 5), yticks=range(0, len(bits), 5))
        axis.spines[:].set_visible(True)
    figure.axes[0].set_ylabel(ylabel)
    return figure


@settled
def denoised(curve, samples, y, std, angles, densities, limit=2.4):
    """Left: points (N, 2) over the curve (M, 2) of all data, and the observation y (2,) with its std. Right: where they are.

    densities is a dict from label to a density over the angles (M',), in units of π, along the curve.
    """
    figure = Figure(figsize=(11, 4))
    left, right = figure.subplots(1, 2, width_ratios=[4, 7])
    left.plot(*curve.T, color="#999999", linewidth=1.2, zorder=1, label="all data")
    left.plot(*samples.T, ".", markersize=4, color=BLUE, markeredgewidth=0, zorder=2, label="posterior")
    left.plot(*y, "x", markersize=11, markeredgewidth=2.5, color=ORANGE, zorder=3, label="seen")
    left.add_patch(Circle(y, std, fill=False, linestyle="--", linewidth=1.5, edgecolor=ORANGE, zorder=3))
    left.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal", xlabel="$x_1$", ylabel="$x_2$", xticks=(-2, 0, 2),
             yticks=(-2, 0, 2))
    left.legend(fontsize=11, loc="lower left", handlelength=1, frameon=True)
    for i, (label, density) in enumerate(densities.items()):
        right.plot(angles, density, drawstyle="steps-mid", color=COLOURS[i], linewidth=2 if i < 2 else 1.5, label=label)
    right.set(xlabel=r"angle along the roll (units of $\pi$)", ylabel="density")
    right.legend(fontsize=12)
    return figure


@settled
def pairs(x, lines, names, xlabel, ylabel, size=(8, 4)):
    """Lines over x, two of each colour: lines is a dict from label to two arrays, drawn solid and dashed, called names."""
    figure = Figure(figsize=size)
    axis = figure.subplots()
    for i, (label, (solid, dashed)) in enumerate(lines.items()):
        axis.plot(x, solid, color=COLOURS[i], alpha=0.55, linewidth=3, label=label)
        axis.plot(x, dashed, "--", color=COLOURS[i])
    for name, line in zip(names, ("-", "--")):
        axis.plot([], [], line, color=BLACK, label=name)
    axis.set(xlabel=xlabel, ylabel=ylabel)
    axis.legend(fontsize=12)
    return figure


@settled
def places(x, shares, titles, xlabel, ylabel):
    """A row of panels, each a share between 0 and 1 over its own x: lists of arrays."""
    figure = Figure(figsize=(5.2 * len(x), 3.7))
    for axis, here, share, title in zip(figure.subplots(1, len(x), sharey=True, squeeze=False)[0], x, shares, titles):
        axis.axhspan(0, 1, color=SKY, alpha=0.3, linewidth=0)
        axis.axhline(1, linestyle="--", color=ORANGE)
        axis.axhline(0, linestyle=":", color=BLACK)
        axis.plot(here, share, color=BLUE)
        axis.set(title=title, xlabel=xlabel, yticks=(0, 0.5, 1), yticklabels=("lower\nbound", "half-way", "upper\nbound"))
    figure.axes[0].set_ylabel(ylabel)
    return figure


@settled
def areas(x, heights, titles, xlabel, ylabel, tops=None):
    """A row of panels, each a curve over its own x with the area below it filled: lists of arrays."""
    figure = Figure(figsize=(5.2 * len(x), 3.7))
    for i, (axis, here, height, title) in enumerate(zip(figure.subplots(1, len(x), squeeze=False)[0], x, heights, titles)):
        axis.fill_between(here, 0, height, color=SKY, alpha=0.4, linewidth=0)
        axis.plot(here, height, color=BLUE)
        axis.set(title=title, xlabel=xlabel, ylim=(0, tops[i] if tops else None))
    figure.axes[0].set_ylabel(ylabel)
    return figure


@settled
def between(steps, lower, true, upper, titles, ylabel, truth=r"$H_q(X^{(t-1)}|X^{(t)})$", marks=""):
    """A row of panels, each with the band from lower to upper over its steps t and the true line: lists of arrays."""
    n = len(steps)
    figure = Figure(figsize=(8 if n == 1 else 5.2 * n, 3.9))
    for axis, t, low, line, high, title in zip(figure.subplots(1, n, squeeze=False)[0], steps, lower, true, upper, titles):
        axis.fill_between(t, low, high, where=high >= low, color=SKY, alpha=0.3, linewidth=0)
        axis.plot(t, high, "--", color=ORANGE, marker="v" if marks else None, label="upper bound")
        axis.plot(t, line, color=BLUE, marker="o" if marks else None, label=truth)
        axis.plot(t, low, ":", color=BLACK, marker="^" if marks else None, label="lower bound")
        axis.set(title=title, xlabel="step $t$")
        if len(t) < 12:
            axis.set_xticks(t)
        else:
            axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    figure.axes[0].set_ylabel(ylabel)
    figure.axes[0].legend(fontsize=11)
    return figure


@settled
def agreement(digits, rows, columns, enough=8):
    """A table of how many digits agree, (R, C): a row for each program, a column for each vector, disagreement in colour."""
    figure = Figure(figsize=(2.6 + 0.62 * len(columns), 1.7 + 0.48 * len(rows)))
    axis = figure.subplots()
    for i, row in enumerate(digits):
        for j, d in enumerate(row):
            colour = SKY if d >= enough else YELLOW if d >= 1 else ORANGE
            axis.add_patch(Rectangle((j - 0.47, i - 0.45), 0.94, 0.9, facecolor=colour, alpha=0.55, edgecolor="white"))
            axis.text(j, i, int(max(d, 0)), ha="center", va="center", fontsize=12)
    axis.set(xlim=(-0.5, len(columns) - 0.5), ylim=(len(rows) - 0.5, -0.5), yticks=range(len(rows)), yticklabels=rows,
             xticks=range(len(columns)), xlabel="digits to which each test vector agrees")
    axis.set_xticklabels(columns, rotation=40, ha="right", fontsize=11)
    axis.spines[:].set_visible(False)
    axis.tick_params(length=0)
    return figure
