"""Faults of a whole program, planted in the package: the first thing that the report says is the cause."""
import inspect
import json

import numpy as np
import pytest

from dpm_ref.check.catalogue import CATALOGUE, kind
from dpm_ref.check.causes import all_diagnosed
from dpm_ref.check.reference import ADAPTER
from dpm_ref.check.report import as_json, by_cause, text
from dpm_ref.check.run import run
from dpm_ref.schedule import Schedule


def bfloat16(a):
    return (np.float32(a).view(np.uint32) + 0x8000 & 0xFFFF0000).view(np.float32).astype(float)


def program(arrives=lambda a: {}, returns=lambda name, value, a: value):
    """The package's adapter with other arguments, or other results."""
    def faulty(name, f):
        def g(**a):
            with np.errstate(all="ignore"):
                out = f(**{**a, **{k: v for k, v in arrives(a).items() if k in a}})
            names = CATALOGUE[name].returns
            values = out if isinstance(out, (tuple, list)) and len(names) > 1 else (out,)
            values = tuple(returns(n, v, a) for n, v in zip(names, values))
            return values if len(names) > 1 else values[0]
        g.__signature__ = inspect.signature(f)
        return g
    return {name: f if name == "conventions" else faulty(name, f) for name, f in ADAPTER.items()}


def tables(change):
    """A program with other tables: change(beta, alpha_bar) of t = 0..T."""
    def arrives(a):
        if "schedule" not in a:
            return {}
        beta, bar = change(a["schedule"].beta, a["schedule"].alpha_bar)
        with np.errstate(all="ignore"):
            return {"schedule": Schedule(np.asarray(beta, float), np.log(np.asarray(bar, float))),
                    "beta": beta, "alpha_bar": bar}
    return program(arrives)


def scaled(change):
    """A program with other rates, and alpha_bar from these."""
    return tables(lambda b, a: (change(b), np.cumprod(1 - change(b))))


def late(a):
    return np.append(a[:1], a[:-1])


def early(a):
    return np.append(a[1:], a[-1:])


def outputs(kinds, change):
    """A program that returns all numbers of some kinds changed."""
    return program(returns=lambda name, value, a: change(value) if kind(name) in kinds else value)


NATS = ("nats", "nats_x", "time_nats")
FAULTS = {      # the program, and words that the first line must have
    "beta and alpha_bar of t - 1": (tables(lambda b, a: (late(b), late(a))), "t - 1"),
    "beta and alpha_bar of t + 1": (tables(lambda b, a: (early(b), early(a))), "t + 1"),
    "alpha_bar of t - 1": (tables(lambda b, a: (b, late(a))), "alpha_bar of t - 1"),
    "alpha_bar of t + 1": (tables(lambda b, a: (b, early(a))), "alpha_bar of t + 1"),
    "no cumprod": (tables(lambda b, a: (b, 1 - b)), "without the product"),
    "cumprod of square roots": (tables(lambda b, a: (b, np.sqrt(a))), "square root of alpha_bar"),
    "alpha_bar = exp(-cumsum(beta))": (tables(lambda b, a: (b, np.exp(-np.cumsum(b)))), "exp(-sum of beta)"),
    "a cosine alpha_bar": (tables(lambda b, a: (b, np.cos(np.arange(len(b)) / len(b) * np.pi / 2) ** 2)),
                           "this program's alpha_bar"),
    "alpha_bar in float16": (tables(lambda b, a: (b, np.float16(a).astype(float))), "alpha_bar in half precision"),
    "alpha_bar in bfloat16": (tables(lambda b, a: (b, bfloat16(a))), "alpha_bar in bfloat16"),
    "beta halved": (scaled(lambda b: b / 2), "beta halved"),
    "beta squared": (scaled(lambda b: b ** 2), "beta squared"),
    "square root of beta": (scaled(np.sqrt), "square root of beta"),
    "beta at most 0.999": (scaled(lambda b: np.minimum(b, 0.999)), "0.999"),
    "beta in float16": (scaled(lambda b: np.float16(b).astype(float)), "beta in half precision"),
    "one t for the batch": (program(lambda a: {"t": int(np.ravel(a["t"])[0])} if "t" in a else {}), "one t"),
    "standard deviations returned": (outputs(("var",), np.sqrt), "standard deviations"),
    "log variances returned": (outputs(("var",), np.log), "log variances"),
    "bits returned": (outputs(NATS, lambda v: np.asarray(v) / np.log(2)), "bits"),
    "losses returned": (outputs(NATS, lambda v: -np.asarray(v)), "sign"),
    "means over coordinates": (outputs(("nats", "time_nats"), lambda v: np.asarray(v) / 2), "mean over coordinates"),
    "p = 0.5": (program(lambda a: {"p": 0.5} if "p" in a else {}), "0.5"),
}


def first_line(fault, slow=True):
    """The first line of the report, and whether this names the cause."""
    adapter, word = FAULTS[fault]
    quick = [n for n in CATALOGUE if not n.startswith(("gradient", "training"))]
    results = all_diagnosed(run(adapter, None if slow else quick))
    first = text(results).splitlines()[0]
    assert json.loads(as_json(results))["causes"][0]["name"] in first
    return first, first.startswith("one cause explains") and word in first.split(": ", 1)[1]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("fault", ["bits returned", "alpha_bar of t - 1"])
@pytest.mark.every(2)
def test_the_cause_comes_first(fault):
    first, named = first_line(fault, slow=False)
    assert named, first


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_cause_comes_first_for_nine_faults_of_ten():
    assert np.mean([first_line(fault)[1] for fault in FAULTS]) >= 0.9


def test_what_has_nothing_in_common_has_no_cause():
    results = all_diagnosed(run({
        "gaussian.entropy": lambda var: 2 * var, "bound.bits": lambda nats: nats, "gaussian.kl": lambda mean_q: mean_q,
        "gaussian.draw": lambda mean, noise: mean + noise}))
    assert by_cause(results) == [] and not text(results).startswith("one cause")
