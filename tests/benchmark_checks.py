"""What the checks of arguments cost: a training step and the bound with them, over the same without them.

    python tests/benchmark_checks.py [SECONDS]     so many seconds for each line (default 20)

The paper's networks; CPU time. Both kinds run in turn. Errors are by resampling.
"""
import contextlib
import os
import sys
import time
from functools import partial
from pathlib import Path
from unittest import mock

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent.parent))
import numpy as np                                                                   # noqa: E402
from autograd import value_and_grad                                                  # noqa: E402

from dpm_ref import binomial, bound, gaussian, networks, train                       # noqa: E402
from dpm_ref.engine import checks, workers                                           # noqa: E402
from dpm_ref.experiments import ROWS                                                 # noqa: E402

NOTHING = {  # what stands for each check
    checks: {"points": lambda a: a, "batch": lambda name, a: a, "numbers": lambda name, a: a,
             "within": lambda name, a, *ends: a, "mean_and_var": lambda *q: q, "noise": lambda a, *q: a,
             "step": lambda p, x: p, "per_point": lambda name, a, x: a, "generator": lambda rng: rng, "one_each": zip},
    binomial: {"_bits": lambda a: a},
}


def at_unchecked(values, t, x, first=1):
    """schedule.at without its checks."""
    t = np.asarray(t)
    return values[int(t)] if t.ndim == 0 else values[t].reshape(t.shape + (1,) * (np.ndim(x) - t.ndim))


@contextlib.contextmanager
def unchecked():
    """For a `with`: no check does anything."""
    with contextlib.ExitStack() as stack:
        for module, names in NOTHING.items():
            stack.enter_context(mock.patch.multiple(module, **names))
        for module in gaussian, binomial, networks:
            stack.enter_context(mock.patch.object(module, "at", at_unchecked))
        yield


def training_step(row, recipe, params, rng):
    """The gradient of a step of training as the row has it."""
    gradient = value_and_grad(partial(train.objective, recipe.network, row.kernel, row.schedule))
    batch = recipe.batch(row, None, rng, **recipe.options)
    return lambda: gradient(params, *batch)


def bound_at_points(row, recipe, params, rng):
    """The bound at as many points as make 40,000 with the steps of the chain: 1000 of the roll, 20 heartbeats."""
    reverse = networks.reverse_kernel(recipe.network, params, row.schedule, row.kernel)
    x0 = row.draw(None, rng, 40000 // row.schedule.T)
    return lambda: bound.terms(row.kernel, reverse, x0, row.schedule, np.random.default_rng(0))


def paired(run, seconds):
    """CPU time with checks over that without, (ratio, standard error), by two measures; and the time without, in ms.

    The median of the ratios of neighbours; and the ratio of the fastest tenths, in which other programs disturb least.
    """
    def cpu(context):
        with context:
            run()                                              # Python adapts anew to what was replaced
            start = time.process_time()
            for _ in range(4):
                run()
            return (time.process_time() - start) / 4
    found, end = [], time.perf_counter() + seconds
    cpu(unchecked()), cpu(contextlib.nullcontext())
    while time.perf_counter() < end or len(found) < 20:
        kinds = [contextlib.nullcontext, unchecked][::(-1) ** len(found)]      # each comes first every other time
        times = {kind: cpu(kind()) for kind in kinds}
        found.append([times[contextlib.nullcontext], times[unchecked]])
    found, rng = np.array(found), np.random.default_rng(0)
    measures = [lambda a: np.median(a[:, 0] / a[:, 1]), lambda a: np.divide(*np.quantile(a, 0.1, axis=0))]
    errors = [np.std([f(found[rng.integers(len(found), size=len(found))]) for _ in range(200)]) for f in measures]
    return [(f(found), error) for f, error in zip(measures, errors)], 1e3 * np.quantile(found[:, 1], 0.1)


def main(seconds=20.0):
    workers.keep_memory()                                      # as where the rows are trained
    for name in "swiss_roll", "heartbeat":
        rng, row = np.random.default_rng(0), ROWS[name]
        recipe = row.recipes["paper"]
        params = recipe.init(rng)
        for make in training_step, bound_at_points:
            (median, fastest), plain = paired(make(row, recipe, params, rng), seconds)
            print(f"{name}, {make.__name__}: checked / unchecked = {median[0]:.4f} ± {median[1]:.4f}, "
                  f"of the fastest tenth {fastest[0]:.4f} ± {fastest[1]:.4f} ({plain:.1f} ms unchecked)", flush=True)


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
