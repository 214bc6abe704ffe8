"""Checks of what a user passes: each in one place, with one sentence that says what was wrong, expected and given."""
import numpy as np


def points(x0):
    """Data x0 (N, ...) as an array of floats. ValueError when there are no points or a number is not finite."""
    x0 = np.asarray(x0, dtype=float)
    if x0.ndim < 2 or x0.size == 0:
        raise ValueError(f"data must be a non-empty array (N, D) or (N, ...); got shape {x0.shape}")
    if not np.isfinite(x0).all():
        raise ValueError(f"data must be finite; point {np.argwhere(~np.isfinite(x0))[0][0]} is not")
    return x0
