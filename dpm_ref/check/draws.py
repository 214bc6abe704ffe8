"""Functions that can only draw: many draws, and their law compared with the right one in standard errors."""
import numpy as np

from .calling import Failed
from .catalogue import kind

REPEATS, LIMIT = 4000, 5.0     # draws for each number, and standard errors allowed


def repeated(inputs):
    """The inputs with every row REPEATS times, one after the other, and without the noise."""
    rows = next(len(v) for k, v in inputs.items() if kind(k) == "x" and np.ndim(v) == 2)

    def of_the_batch(name, value):
        return np.ndim(value) == 2 and len(value) == rows and (name == "t" or kind(name) in ("x", "var"))
    return {name: np.repeat(value, REPEATS, axis=0) if of_the_batch(name, value) else value
            for name, value in inputs.items() if name != "noise"}


def law_of_draws(x, case, to):
    """Mean and variance (or rate) of the draws; what they should be; differences in units of LIMIT standard errors."""
    law = {k: np.asarray(v, dtype=float) for k, v in case.get("law", case["expected"]).items()}
    target = law.get("rate", law.get("mean"))
    if x.size != target.size * REPEATS:
        raise Failed(f"draws an array of shape {x.shape} for {REPEATS} copies of {target.shape}")
    x = (x.T if to["layout"] == "DN" else x).reshape(target.shape[0], REPEATS, target.shape[1])
    mean, square = x.mean(axis=1), x.var(axis=1)
    if "rate" in law:
        got, expected = {"rate": mean}, {"rate": target}
        checks = {"rate": (mean - target, target * (1 - target)), **links(x)}
    else:
        var, fourth = np.broadcast_to(law["var"], target.shape), ((x - mean[:, None]) ** 4).mean(axis=1)
        got, expected = {"mean": mean, "var": square}, {"mean": target, "var": var}
        checks = {"mean": (mean - target, var), "var": (square - var, 2 * var ** 2),
                  "shape": (fourth - 3 * square ** 2, 24 * square ** 4), **links(x)}
    ratios = {k: np.where(np.abs(d) < 1e-6, 0.0, np.abs(d) / (LIMIT * np.sqrt(v / REPEATS) + 1e-12))
              for k, (d, v) in checks.items()}
    return got, expected, ratios


def links(x):
    """Covariances, 0 if right, of neighbouring coordinates and successive draws; with their variances for one draw."""
    z, spread = x - x.mean(axis=1, keepdims=True), x.var(axis=1)
    out = {"independence of draws": ((z[:, 1:] * z[:, :-1]).mean(axis=1), spread ** 2)}
    if x.shape[2] > 1:
        pairs = z * np.roll(z, 1, axis=2)
        out["independence of coordinates"] = (pairs.mean(axis=1), spread * np.roll(spread, 1, axis=1))
    return out
