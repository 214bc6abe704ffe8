"""Figures: arrays in, a matplotlib Figure out.

    from dpm_ref.plots import curves, play, points
    points.clouds({"the data": x})                          # a row of panels: {title: array}
    curves.lines(x, {"ours": y}, "step $t$", "$K$")         # what is drawn first, then the names of the axes

`points` draws the plane, `curves` whatever is a function of one number, `diagrams` bits, sums and comparisons,
`paper` the paper's figures and images. `style` has the colours, and writes a Figure to files.
"""


def play(picture, **ranges):
    """Show a function that returns a Figure with a slider for each argument: ranges are (first, last, step).

    Prints a line instead where ipywidgets is missing.
    """
    try:
        from ipywidgets import interact
    except ImportError:
        print("ipywidgets is not installed; the figure above shows the same thing")
        return
    interact(picture, **ranges)
