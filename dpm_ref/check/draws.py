"""Functions that can only draw: many draws, and their law compared with the right one in standard errors."""
import numpy as np

from .calling import Failed, plain
from .catalogue import kind
from .outcome import Outcome, agreement

REPEATS, LIMIT = 4000, 5.0     # draws a number, and standard errors allowed


def repeated(inputs):
    """The inputs with every row REPEATS times, one after the other, and without the noise."""
    rows = next(len(v) for k, v in inputs.items() if kind(k) == "x" and np.ndim(v) == 2)
    out = {}
    for name, value in inputs.items():
        if name == "t" and np.ndim(value) or kind(name) in ("x", "var") and np.ndim(value) == 2 and len(value) == rows:
            value = np.repeat(value, REPEATS, axis=0)
        if name != "noise":
            out[name] = value
    return out


def compare_draws(value, case, to):
    """Mean and variance (or rate) of the draws against the law, in units of LIMIT standard errors; and the law's shape."""
    law = case.get("law", case["expected"])
    x = plain(value[0] if isinstance(value, tuple) else value["x_next"] if isinstance(value, dict) else value).astype(float)
    target = np.asarray(law.get("mean", law.get("rate")), dtype=float)
    if x.size != target.size * REPEATS:
        raise Failed(f"draws an array of shape {x.shape} for {REPEATS} copies of {target.shape}")
    if to["layout"] == "DN":
        x = x.T
    x = x.reshape(target.shape[0], REPEATS, target.shape[1])
    if "rate" in law:
        var = target * (1 - target)
        return drawn(case, {"rate": x.mean(axis=1)}, {"rate": (x.mean(axis=1) - target, var / REPEATS), **links(x)})
    var = np.broadcast_to(np.asarray(law["var"], dtype=float), target.shape)
    mean, square = x.mean(axis=1), x.var(axis=1)
    fourth = ((x - mean[:, None]) ** 4).mean(axis=1)
    checks = {"mean": (mean - target, var / REPEATS), "var": (square - var, 2 * var ** 2 / REPEATS),
              "shape": (fourth - 3 * square ** 2, 24 * square ** 4 / REPEATS), **links(x)}
    return drawn(case, {"mean": mean, "var": square}, checks)


def links(x):
    """The covariance of neighbouring coordinates and of successive draws, which must be independent."""
    z = x - x.mean(axis=1, keepdims=True)
    pairs = {"independence of coordinates": z * np.roll(z, 1, axis=2), "independence of draws": z[:, 1:] * z[:, :-1]}
    spread = x.var(axis=1)
    return {k: (v.mean(axis=1), spread * (np.roll(spread, 1, axis=1) if "coordinates" in k else spread) / REPEATS)
            for k, v in pairs.items() if x.shape[2] > 1 or "draws" in k}


def drawn(case, got, checks):
    """The Outcome of a comparison in standard errors: each check is a difference and the square of its standard error."""
    ratios = {k: np.where(np.abs(d) < 1e-6, 0.0, np.abs(d) / (LIMIT * np.sqrt(v) + 1e-12)) for k, (d, v) in checks.items()}
    return Outcome(case, got, ratios, "", agreement(next(iter(got.values())), next(iter(got.values())) - next(iter(checks.values()))[0]), True)
