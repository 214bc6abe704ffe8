"""Both sides of an equation, printed: what the notebooks of the course call after every displayed equation."""
import numpy as np

SIGNS = {"=": "=", ">=": "≥", "<=": "≤"}


def both_sides(equation, left, right, relation="=", error=None, rtol=1e-9):
    """Print the two sides of an equation and their difference. AssertionError when the relation does not hold.

    left and right are numbers, or arrays that broadcast to one shape. relation is "=", ">=" or "<=". `error` is the
    standard error of left - right, for a side that is an average over random draws: "=" then allows 4.5 of them.
    """
    left, right = np.broadcast_arrays(np.asarray(left, float), np.asarray(right, float))
    off, word = np.max(np.abs(left - right)), "difference" if left.ndim == 0 else "largest difference"
    note = f" ± {np.max(error):.2g}" if error is not None else ""
    print(f"({equation})  {few(left)}  {SIGNS[relation]}  "
          f"{few(right)}   {word} {off:.1e}{note}")
    size = np.max(np.abs(right))
    slack = 4.5 * np.max(error) if error is not None else rtol * max(size, 1e-3)
    holds = {"=": off <= slack, ">=": np.all(left >= right - slack), "<=": np.all(left <= right + slack)}[relation]
    assert holds, f"({equation}) does not hold: the sides differ by {off:.3g}"


def few(a, most=3):
    """The first numbers of an array, as text."""
    a = np.asarray(a, float)
    shown = ", ".join(f"{v:.6f}" for v in a.ravel()[:most])
    return shown + (", .." if a.size > most else "")
