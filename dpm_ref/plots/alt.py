"""Alternative text: what a Figure shows, in words made from what was drawn.

A notebook shows a Figure as an image with this text, so that a screen reader has something to read.
"""
import base64
import io
import re
from html import escape

import numpy as np
from matplotlib import style
from matplotlib.container import BarContainer, ErrorbarContainer
from matplotlib.quiver import Quiver


def show(figure, look):
    """Display the Figure in a notebook, with its description as alternative text."""
    from IPython.display import display
    file, text = io.BytesIO(), description(figure)
    with style.context(look):
        figure.savefig(file, format="png", dpi="figure", bbox_inches="tight")
    png = base64.b64encode(file.getvalue()).decode()
    html = f'<img alt="{escape(text)}" src="data:image/png;base64,{png}">'
    display({"text/html": html, "text/plain": text}, raw=True)


def description(figure):
    """One paragraph on a Figure: the panels by their titles, and what each of them shows."""
    panels = [words for axis in figure.axes if (words := panel(axis))]
    note = figure.get_supxlabel()
    count = [f"{len(panels)} panels."] if len(panels) > 1 else []
    return " ".join([*count, *panels, *([plain(note) + "."] if note else [])])


def panel(axis):
    """What one panel shows, or "" where nothing is drawn."""
    things = [*images(axis), *curves(axis), *others(axis)]
    name = plain(axis.get_title())
    axes = " over ".join(filter(None, map(plain, (axis.get_ylabel(), axis.get_xlabel()))))
    logs = [a for a in "xy" if getattr(axis, f"get_{a}scale")() == "log"]
    axes += f" (logarithmic {' and '.join(logs)})" if logs else ""
    head = ": ".join(filter(None, (name, axes)))
    return f"{head}: {'; '.join(things)}." if head and things else "; ".join(things) + "." if things else ""


def images(axis):
    """Pictures by their size, their mean lightness and its spread."""
    found = [np.asarray(image.get_array(), float) for image in axis.images]
    return [f"picture of {a.shape[1]} × {a.shape[0]} pixels, lightness {a.mean():.2f} ± {a.std():.2f}" for a in found]


def curves(axis):
    """Lines by their labels with ends and range, clouds of points by their spread, levels by their height."""
    bars = {line for c in axis.containers if isinstance(c, ErrorbarContainer) for line in (c[0], *c[1])}
    lines = [line for line in axis.lines if line not in bars and len(line.get_xdata())]
    many = [line for line in lines if line.get_label().startswith("_") and line.get_linestyle() != "None"]
    many = many if len(many) > 2 else []
    return [curve(axis, line) for line in lines if line not in many] + [f"{len(many)} thin lines"] * bool(many)


def curve(axis, line):
    """A line in words."""
    x, y = (np.ma.filled(np.ma.asarray(a, float), np.nan) for a in line.get_data())
    label = "" if line.get_label().startswith("_") else plain(line.get_label())
    across, up = line.get_transform().contains_branch_seperately(axis.transData)
    if not (across and up):                                            # such as axhline
        return f"{label or 'a straight line'} at {y[0] if up else x[0]:.3g}"
    if line.get_linestyle() == "None" and len(x) > 12:
        return f"{label or 'points'}: {len(x)} dots, standard deviations {np.nanstd(x):.2g} and {np.nanstd(y):.2g}"
    ends = f"from {y[0]:.3g} at {x[0]:.3g} to {y[-1]:.3g} at {x[-1]:.3g}"
    return f"{label or 'a line'} {ends}, lowest {np.nanmin(y):.3g}, highest {np.nanmax(y):.3g}"


def others(axis):
    """Bars, dots with errors, arrows and words."""
    rows, found = [plain(tick.get_text()) for tick in axis.get_yticklabels()], []
    for c in axis.containers:
        label = "" if c.get_label().startswith("_") else plain(c.get_label())
        if isinstance(c, ErrorbarContainer):
            dots = zip(*c[0].get_data())
            found.append(f"{label}: " + ", ".join(f"{rows[round(y)]} {x:.4g}" for x, y in dots))
        elif isinstance(c, BarContainer) and len(c) > 2:
            tallest = max(c, key=lambda bar: bar.get_height())
            middle = tallest.get_x() + tallest.get_width() / 2
            found.append(f"{label or 'histogram'}: {len(c)} bars, the highest at {middle:.2g}")
    found += ["arrows"] * any(isinstance(c, Quiver) for c in axis.collections)
    texts = [plain(text.get_text()) for text in axis.texts if text.get_text()]
    if rows and texts and len(texts) % len(rows) == 0:                 # a table
        n = len(texts) // len(rows)
        return found + [f"{row} {' '.join(texts[n * i:n * i + n])}" for i, row in enumerate(rows)]
    return found + texts


def plain(text):
    """Words without line breaks and without the marks of mathematics."""
    return " ".join(re.sub(r"[$\\{}]", "", text.replace(r"\bar\alpha", "alpha_bar")).split())
