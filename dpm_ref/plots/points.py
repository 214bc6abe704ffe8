"""Points in the plane: clouds, fields of arrows, and the animation of the roll."""
import numpy as np
from matplotlib.patches import Circle
from PIL import Image

from ..engine.storage import writing
from .style import BLACK, BLUE, ORANGE, side_by_side, SMALL, styled


@styled
def clouds(panels, colours=BLUE, limit=3.0, arrows=None, curve=None, seen=None):
    """A row of panels of points in the plane: panels is {title: points (N, 2)}.

    colours  one colour, or one for each panel
    limit    both axes go from -limit to limit
    arrows   (place (M, 2), drift (M, 2)): a field of arrows over every panel
    curve    (M, 2): a grey line behind the points, such as the place of all data
    seen     (y (2,), std): an observation, as a cross, and a circle around it of one standard deviation
    """
    n = len(panels)
    figure, axes = side_by_side(list(panels), *((4.2, 4.2) if n == 1 else (min(3.2, 12 / n), 3.4)), sharey=True)
    for axis, x, colour in zip(axes, panels.values(), [colours] * n if isinstance(colours, str) else colours):
        if curve is not None:
            axis.plot(*np.transpose(curve), color="#999999", linewidth=1.2, label="all data")
        draw_dots(axis, x, colour)
        if arrows is not None:
            draw_arrows(axis, *arrows)
        if seen is not None:
            draw_seen(axis, *seen)
        axis.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal", xlabel="$x_1$")
        axis.set(xticks=(-2, 0, 2), yticks=(-2, 0, 2))
    axes[0].set_ylabel("$x_2$")
    if axes[0].get_legend_handles_labels()[1]:
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize=SMALL)
    return figure


def draw_dots(axis, x, colour):
    """Points x (N, 2) as small dots that add up to darker places."""
    axis.plot(*np.transpose(x), ".", markersize=2.5, alpha=0.5, color=colour, rasterized=True)


def draw_arrows(axis, place, drift, colour=BLACK, longest=0.7):
    """An arrow along drift (M, 2) at each place (M, 2), all scaled so that the longest has the given length."""
    scale = (np.max(np.hypot(*drift.T)) or 1) / longest
    axis.quiver(*place.T, *drift.T, angles="xy", scale_units="xy", scale=scale, color=colour, width=0.007)


def draw_seen(axis, y, std):
    """An observation y (2,) as a cross, and a circle around it of one standard deviation."""
    axis.plot(*y, "x", markersize=11, markeredgewidth=2.5, color=ORANGE, label="seen")
    axis.add_patch(Circle(y, std, fill=False, linestyle="--", linewidth=1.5, edgecolor=ORANGE,
                          label="its standard deviation"))


# --- the roll that dissolves and forms again ------------------------------------------------------------------------

def roll_gif(forward, reverse, path, every=2, size=240, limit=2.7):
    """Write a GIF of the forward trajectory, then of the reverse one: two dicts {t: points (N, 2)}; return its path.

    Drawn pixel by pixel, two clouds in two colours on white, so that the file stays small. A bar below shows t.
    """
    T = max(forward)
    down = sorted({*range(0, T + 1, every), T})
    frames = [pixels(forward[t], 1, t / T, size, limit) for t in down]
    frames += [pixels(reverse[t], 2, t / T, size, limit) for t in reversed(down)]
    images = [Image.fromarray(frame, mode="P") for frame in frames]
    for image in images:
        image.putpalette([255, 255, 255] + [int(c[i:i + 2], 16) for c in (BLUE, ORANGE) for i in (1, 3, 5)])
    holds = [120] * len(images)
    holds[0] = holds[len(down) - 1] = holds[-1] = 1200                   # milliseconds
    with writing(path) as temporary:
        images[0].save(temporary, "GIF", save_all=True, append_images=images[1:], duration=holds, loop=0, optimize=True)
    return path


def pixels(x, colour, share, size, limit):
    """Points x (N, 2) as an image (size + 12, size) of palette entries: 2 x 2 pixels a dot, a bar for the share."""
    image = np.zeros((size + 12, size), dtype=np.uint8)
    column, row = np.rint((x.T * [[1], [-1]] / limit + 1) / 2 * size).astype(int)
    inside = (column >= 0) & (column < size - 1) & (row >= 0) & (row < size - 1)
    for i in (0, 1):
        for j in (0, 1):
            image[row[inside] + i, column[inside] + j] = colour
    image[size + 4:size + 8, :max(1, int(share * size))] = colour
    return image
