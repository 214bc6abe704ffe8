"""Functions that can only draw: many draws, and their law compared with the right one.

Every number that is compared has a bound on the probability that chance alone brings a right program so far: exp(-n I),
with n draws and I the relative entropy between what was seen and the law (Chernoff; for the shape that of Dvoretzky,
Kiefer and Wolfowitz). The kit allows n I <= LIMIT nats, so a number is called wrong by chance with a probability below
2 exp(-LIMIT) = 8e-11. A run compares fewer than 10 000 numbers: it gives a false alarm once in a million runs at most.
Where the variance is called wrong, the mean is measured by the variance of the draws: no alarm is then a new one.
"""
import math

import numpy as np

from .calling import Failed, as_array
from .cases import Outcome, agreement
from .catalogue import kind

REPEATS, LIMIT = 4000, 24.0     # draws for each number, and nats allowed: 6.9 standard errors of a mean
LEVELS = np.linspace(-3, 3, 41)                                             # where distribution functions are compared
NORMAL = np.array([0.5 * math.erfc(-a / math.sqrt(2)) for a in LEVELS])


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
    """The Outcome of a case whose function drew its result REPEATS times; ratios are roots of nats over LIMIT."""
    if isinstance(value, (tuple, dict)):
        value = next(iter(value.values() if isinstance(value, dict) else value), None)
    x = as_array(value).astype(float)
    law = {k: np.asarray(v, dtype=float) for k, v in case.get("law", case["expected"]).items()}
    shape = law.get("rate", law.get("mean")).shape
    if x.size != np.prod(shape) * REPEATS:
        raise Failed(f"draws an array of shape {x.shape} for {REPEATS} copies of {shape}")
    if "rate" in law and not np.isin(x, (0, 1)).all():
        raise Failed("draws numbers other than 0 and 1")
    x = (x.T if to["layout"] == "DN" else x).reshape(shape[0], REPEATS, shape[1])
    expected = {k: np.broadcast_to(v, shape) for k, v in law.items()}
    got = {"rate": x.mean(axis=1)} if "rate" in law else {"mean": x.mean(axis=1), "var": x.var(axis=1)}
    ratios = distances(got, expected)
    agrees = all(np.max(r) <= 1 for r in ratios.values())
    ratios.update(links(x, expected if agrees else got))
    return Outcome(case, got, expected, ratios, digits=min(agreement(got[k], expected[k]) for k in got), drawn=True)


def distances(got, law):
    """How far the rate, or mean and variance, of REPEATS draws are from those of a law: ratios to the limit."""
    with np.errstate(all="ignore"):
        if "rate" in got:
            return {"rate": in_limits(REPEATS * surprise(got["rate"], law["rate"]))}
        far = np.where(np.abs(got["mean"] - law["mean"]) < 1e-6, 0, got["mean"] - law["mean"])
        of = np.where((got["var"] < 1e-12) & (law["var"] < 1e-12), 1, REPEATS / (REPEATS - 1) * got["var"] / law["var"])
        spread = in_limits((REPEATS - 1) / 2 * (of - 1 - np.log(of)))
        var = np.where(spread > 1, got["var"], law["var"])
        return {"mean": in_limits(np.where(far == 0, 0, REPEATS * far ** 2 / (2 * var))), "var": spread}


def links(x, law):
    """Draws x (N, REPEATS, D) of the right rate, or mean and variance: are they Gaussian, and all independent?"""
    if "rate" in law:
        z, p, out = x, law["rate"], {}
    else:
        spread = np.sqrt(law["var"])[:, None]
        z, p = np.where(spread > 1e-6, (x - law["mean"][:, None]) / np.maximum(spread, 1e-6), 0), None
        out = {"shape": shape(z[np.broadcast_to(spread > 1e-6, z.shape)])}

    def together(a, b, rate=None):
        seen = (a * b).mean(axis=1)
        return in_limits(a.shape[1] * (product_surprise(seen) if rate is None else surprise(seen, rate)))
    if x.shape[2] > 1:
        both = None if p is None else p * np.roll(p, 1, axis=1)
        out["independence of coordinates"] = together(z, np.roll(z, 1, axis=2), both)
    pairs = [(z[:, :-1][:, k::2], z[:, 1:][:, k::2]) for k in (0, 1)]       # of successive draws, none in two pairs
    return {**out, "independence of draws": np.stack([together(*ab, None if p is None else p ** 2) for ab in pairs])}


def in_limits(nats):
    """The root of nats over the limit, so that it grows like standard errors; inf where there is no number."""
    return np.sqrt(np.where(np.isnan(nats), np.inf, np.maximum(nats, 0)) / LIMIT)


def surprise(seen, rate):
    """The relative entropy of frequencies `seen` to rates, in nats."""
    with np.errstate(all="ignore"):
        return sum(np.where(a == 0, 0, a * np.log(a / b)) for a, b in ((seen, rate), (1 - seen, 1 - rate)))


def product_surprise(c):
    """The rate function of the mean of products of two standard normal numbers."""
    s = 2 * c / (np.sqrt(1 + 4 * c ** 2) + 1)
    return s * c + np.log1p(-s ** 2) / 2


def shape(z):
    """The largest difference between the distribution functions of draws z and of N(0, 1), as a ratio."""
    below = np.searchsorted(np.sort(z), LEVELS) / max(len(z), 1)
    return in_limits(2 * len(z) * np.max(np.abs(below - NORMAL)) ** 2)
