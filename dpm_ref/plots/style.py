"""The look that all figures share, and how they are saved."""
from functools import wraps
from pathlib import Path

from matplotlib import style

STYLE = str(Path(__file__).with_name("dpm_ref.mplstyle"))
BLUE, ORANGE, GREEN, PINK, YELLOW, SKY, BLACK = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"


def styled(draw):
    """The drawing function under the package's style, whatever the caller's own is."""
    @wraps(draw)
    def drawn(*args, **kwargs):
        with style.context(["default", STYLE]):
            return draw(*args, **kwargs)
    return drawn


@styled
def save(figure, folder, name):
    """Write the figure as name.png, for looking at, and name.pdf, for slides; return both paths."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{name}.png", folder / f"{name}.pdf"]
    figure.savefig(paths[0], metadata={"Software": None})
    figure.savefig(paths[1], metadata={"CreationDate": None, "Producer": None, "Creator": None})
    return paths
