"""Functions that can only draw: many draws, and their law compared with the right one in standard errors."""
import numpy as np

from .calling import Failed, as_array
from .cases import Outcome, agreement
from .catalogue import kind

REPEATS, LIMIT = 4000, 5.0     # draws for each number, and standard errors allowed


def repeated(case):
    """The inputs of a case with every row REPEATS times, one after the other, and without the noise."""
    inputs, law = case["inputs"], case.get("law", case["expected"])
    if "rate" not in law and not {"mean", "var"} <= set(law):
        raise Failed("returns no mean and variance that draws could be compared with (conventions: samples)")
    rows = next(len(v) for k, v in inputs.items() if kind(k) == "x" and np.ndim(v) == 2)

    def of_the_batch(name, value):
        return np.ndim(value) == 2 and len(value) == rows and (name == "t" or kind(name) in ("x", "var"))
    return {name: np.repeat(value, REPEATS, axis=0) if of_the_batch(name, value) else value
            for name, value in inputs.items() if name != "noise"}


def compare_draws(value, case, to):
    """The Outcome of a case whose function drew its result REPEATS times; ratios are in LIMIT standard errors."""
    if isinstance(value, (tuple, dict)):
        value = next(iter(value.values() if isinstance(value, dict) else value), None)
    x = as_array(value).astype(float)
    law = {k: np.asarray(v, dtype=float) for k, v in case.get("law", case["expected"]).items()}
    target = law.get("rate", law.get("mean"))
    if x.size != target.size * REPEATS:
        raise Failed(f"draws an array of shape {x.shape} for {REPEATS} copies of {target.shape}")
    x = (x.T if to["layout"] == "DN" else x).reshape(target.shape[0], REPEATS, target.shape[1])
    mean, var = x.mean(axis=1), x.var(axis=1)
    if "rate" in law:
        got, expected = {"rate": mean}, {"rate": target}
        checks = {"rate": (mean - target, target * (1 - target)), **links(x)}
    else:
        got, expected = {"mean": mean, "var": var}, {"mean": target, "var": np.broadcast_to(law["var"], target.shape)}
        fourth = ((x - mean[:, None]) ** 4).mean(axis=1)
        checks = {"mean": (mean - target, expected["var"]), "var": (var - expected["var"], 2 * expected["var"] ** 2),
                  "shape": (fourth - 3 * var ** 2, 24 * var ** 4), **links(x)}
    ratios = {k: np.where(np.abs(d) < 1e-6, 0.0, np.abs(d) / (LIMIT * np.sqrt(v / REPEATS) + 1e-12))
              for k, (d, v) in checks.items()}
    digits = min(agreement(got[k], expected[k]) for k in got)
    return Outcome(case, got, expected, ratios, digits=digits, drawn=True)


def links(x):
    """Covariances, 0 if right, of neighbouring coordinates and successive draws; with their variances for one draw."""
    z, spread = x - x.mean(axis=1, keepdims=True), x.var(axis=1)
    out = {"independence of draws": ((z[:, 1:] * z[:, :-1]).mean(axis=1), spread ** 2)}
    if x.shape[2] > 1:
        pairs = z * np.roll(z, 1, axis=2)
        out["independence of coordinates"] = (pairs.mean(axis=1), spread * np.roll(spread, 1, axis=1))
    return out
