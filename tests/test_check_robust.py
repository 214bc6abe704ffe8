"""The checking kit ends every run with a report: random adapters that raise, return rubbish, sleep, print or exit."""
import json
import sys
import time

import numpy as np
import pytest

from dpm_ref.check.catalogue import CATALOGUE
from dpm_ref.check.causes import all_diagnosed
from dpm_ref.check.mistakes import right
from dpm_ref.check.report import as_json, text
from dpm_ref.check.run import run

FAST = [name for name in CATALOGUE if not name.startswith(("gradient", "training"))]


class Odd:
    """Looks like an array, and is none."""
    mean = property(lambda self: 1 / 0)
    shape = dtype = None

    def __array__(self, *_, **__):
        raise OverflowError("no array")


def raising(error):
    def f():
        raise error
    return f


RUBBISH = [None, "text", b"bytes", Odd(), Odd, object(), {}, {"mean": 1}, [], [[1, 2], [3]], (), 1j, np.ones(3) * 1j,
           np.datetime64("now"), float("nan"), np.inf, True, 10 ** 400, np.zeros(0), np.ones((3, 2), dtype=object),
           np.ma.masked_all((3, 2)), np.ones((2, 3, 4, 5)), {1: 2}, {"mean": "a", "var": None, "rate": []}, range(3),
           iter([1, 2]), np.array(["a"]), lambda: 0, np.float16(3), np.ones(3, dtype=[("a", "f8")])]
ERRORS = [ValueError("no"), SystemExit(3), KeyboardInterrupt(), StopIteration(), RecursionError("deep"), MemoryError(),
          AssertionError(), Exception("two\nlines"), UnicodeError("π\ud800"), GeneratorExit(), BaseException(b"x")]


def behaviour(rng, name):
    """A random way to answer one call."""
    def spoilt(inputs):
        value = right(name, {k: v for k, v in inputs.items() if k in CATALOGUE[name].arguments})
        values = value if isinstance(value, tuple) else (value,)
        change = rng.choice(["scale", "nan", "shape", "ravel", "none"])
        f = {"scale": lambda a: a * rng.normal(), "nan": lambda a: np.where(rng.random(np.shape(a)) < 0.3, np.nan, a),
             "shape": lambda a: np.asarray(a)[..., None], "ravel": np.ravel, "none": lambda a: a}[change]
        return tuple(f(a) for a in values)
    return rng.choice([
        lambda inputs: RUBBISH[rng.integers(len(RUBBISH))], lambda inputs: raising(ERRORS[rng.integers(len(ERRORS))])(),
        lambda inputs: time.sleep(rng.random() / 300), lambda inputs: print("chatter", "π\ud800") or sys.stdout.flush(),
        lambda inputs: sys.exit(), lambda inputs: inputs.clear(), spoilt, spoilt, spoilt])


def adapter(seed):
    """A random adapter: some functions, each of which does one thing or the other."""
    rng = np.random.default_rng(seed)

    def function(name):
        ways = [behaviour(rng, name) for _ in range(rng.integers(1, 4))]
        return lambda **inputs: ways[rng.integers(len(ways))](inputs)
    return {name: function(name) for name in rng.choice(FAST, 3, replace=False)}


def reported(seed):
    """Does a run end with a report in which something is wrong or all is right?"""
    mine = adapter(seed)
    results = all_diagnosed(run(mine, [n for n in CATALOGUE if n in mine], limit=1.0))
    data = json.loads(as_json(results))
    return len(data["functions"]) == 3 and "functions:" in text(results)


@pytest.mark.filterwarnings("ignore")
def test_random_adapters_end_with_a_report():
    assert [seed for seed in range(20) if not reported(seed)] == []


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_thousand_random_adapters_end_with_a_report():
    assert [seed for seed in range(20, 1020) if not reported(seed)] == []
