"""The look that all figures share: colours, type, rows of panels, and files."""
from functools import partial, wraps
from pathlib import Path

from matplotlib import rcParams, style
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..engine.storage import writing
from .alt import show

STYLE = str(Path(__file__).with_name("dpm_ref.mplstyle"))
BLUE, ORANGE, GREEN, PINK = "#0072B2", "#D55E00", "#009E73", "#CC79A7"                      # of Okabe and Ito
YELLOW, SKY, BLACK = "#E69F00", "#56B4E9", "#000000"
SMALL = 11                                                   # points: the smallest type in any figure


def styled(draw):
    """The drawing function under the package's style, whatever the caller's own is.

    Ticks are made late, when the Figure is shown, so their style is written into the axes. A notebook shows the Figure
    with alternative text.
    """
    @wraps(draw)
    def drawn(*args, **kwargs):
        with style.context(["default", STYLE]):
            figure = draw(*args, **kwargs)
            for axis in figure.findobj(Axes):
                axis.tick_params(which="both", labelsize=rcParams["font.size"], color=BLACK, labelcolor=BLACK)
            figure._ipython_display_ = partial(show, figure, ["default", STYLE])
            return figure
    return drawn


def side_by_side(titles, width, height, **shared):
    """A Figure of panels in a row, one for each title, each so many inches wide: returns the Figure and its axes.

    shared: what the axes have in common, as matplotlib's `subplots` takes it (sharey=True).
    """
    figure = Figure(figsize=(width * len(titles), height))
    axes = figure.subplots(1, len(titles), squeeze=False, **shared)[0]
    for axis, title in zip(axes, titles):
        axis.set_title(title)
    return figure, axes


def save(figure, paths):
    """Write the figure to paths that end in .png or .pdf, without dates; return the paths.

    OSError, naming the file that cannot be written.
    """
    metadata = {"png": {"Software": None}, "pdf": {"CreationDate": None, "Producer": None, "Creator": None}}
    for path in paths:
        kind = Path(path).suffix[1:]
        with writing(path) as temporary, style.context(["default", STYLE]):
            figure.savefig(temporary, format=kind, metadata=metadata[kind])
    return paths
