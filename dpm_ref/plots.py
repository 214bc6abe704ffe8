"""Every matplotlib line of the package: arrays in, a Figure out. Only experiments and notebooks import it."""
from functools import wraps
from pathlib import Path

from matplotlib import style
import numpy as np
from matplotlib.figure import Figure

STYLE = str(Path(__file__).with_name("dpm_ref.mplstyle"))
BLUE, ORANGE, GREEN, PINK, YELLOW, SKY, BLACK = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"


def styled(draw):
    """The drawing function under the package's style, whatever the caller's own is.

    not in the paper
    """
    @wraps(draw)
    def drawn(*args, **kwargs):
        with style.context(["default", STYLE]):
            return draw(*args, **kwargs)
    return drawn


@styled
def save(figure, folder, name):
    """Write the figure as name.png, for looking at, and name.pdf, for slides; return both paths.

    not in the paper
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{name}.png", folder / f"{name}.pdf"]
    figure.savefig(paths[0], metadata={"Software": None})
    figure.savefig(paths[1], metadata={"CreationDate": None, "Producer": None, "Creator": None})
    return paths


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
