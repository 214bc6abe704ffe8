"""What the checks of arguments cost: a training step and the bound with them, over the same without them.

    python tests/benchmark_checks.py [SECONDS]     so many seconds for each line (default 20)

CPU time, which a busy machine changes little. Both kinds run in turn, so that each ratio is of neighbours; medians.
"""
import contextlib
import os
import sys
import time
from functools import partial
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent.parent))
import numpy as np                                                                   # noqa: E402
from autograd import value_and_grad                                                  # noqa: E402

from dpm_ref import binomial, bound, gaussian, networks, schedule, train             # noqa: E402
from dpm_ref.data import toys                                                        # noqa: E402
from dpm_ref.engine import checks                                                    # noqa: E402

ROLL, BEAT = schedule.geometric(40, 1e-3), schedule.constant_erasure(40)
BITS = binomial.with_p(0.2)
NOTHING = {  # what stands for each check
    checks: {"points": lambda a: a, "batch": lambda name, a: a, "numbers": lambda name, a: a, "within": lambda name, a, *ends: a,
             "mean_and_var": lambda *q: q, "noise": lambda a, *q: a, "step": lambda p, x: p, "per_point": lambda name, a, x: a,
             "generator": lambda rng: rng, "one_each": zip},
    binomial: {"_bits": lambda a: a},
}


def at_unchecked(values, t, x, first=1):
    """schedule.at without its checks."""
    t = np.asarray(t)
    return values[int(t)] if t.ndim == 0 else values[t].reshape(t.shape + (1,) * (np.ndim(x) - t.ndim))


@contextlib.contextmanager
def unchecked():
    """For a `with`: no check does anything."""
    places = {**NOTHING, **{module: {"at": at_unchecked} for module in (gaussian, bound, networks)}}
    places[binomial] = {**NOTHING[binomial], "at": at_unchecked}
    before = {module: {name: getattr(module, name) for name in names} for module, names in places.items()}
    for chosen in places, before:
        for module, names in chosen.items():
            for name, f in names.items():
                setattr(module, name, f)
        if chosen is places:
            yield


def step(kernel, s, network, params, x0):
    """A training step with every t = 2..T once for each point."""
    t, n, rng = np.arange(2, s.T + 1), len(x0), np.random.default_rng(0)
    gradient = value_and_grad(partial(train.objective, network, kernel, s))
    x, t, weight, noise = np.tile(x0, (s.T - 1, 1)), np.repeat(t, n), np.full(n * (s.T - 1), 1 / n), None
    noise = kernel.noise(rng, x.shape)
    return lambda: gradient(params, x, t, weight, noise)


def bound_of(kernel, s, network, params, x0):
    reverse = networks.reverse_kernel(network, params, s, kernel)
    return lambda: bound.terms(kernel, reverse, x0, s, np.random.default_rng(0))


def paired(run, seconds):
    """The median of CPU time with checks over that without, its standard error, and the median time without, in ms."""
    def cpu(context):
        with context:
            start = time.process_time()
            run()
            return time.process_time() - start
    ratios, plain, end = [], [], time.perf_counter() + seconds
    cpu(unchecked()), cpu(contextlib.nullcontext())
    while time.perf_counter() < end:
        kinds = [contextlib.nullcontext, unchecked][::(-1) ** len(ratios)]
        times = {kind: cpu(kind()) for kind in kinds}
        ratios.append(times[contextlib.nullcontext] / times[unchecked])
        plain.append(times[unchecked])
    spread = 1.4826 * np.median(np.abs(ratios - np.median(ratios)))
    return np.median(ratios), 1.2533 * spread / len(ratios) ** 0.5, 1e3 * np.median(plain)


def main(seconds=20.0):
    rng = np.random.default_rng(0)
    roll = gaussian, ROLL, networks.rbf, networks.init_rbf(rng, 2, ROLL, gaussian), toys.swiss_roll(rng, 128)
    beat = BITS, BEAT, networks.sigmoid_mlp, networks.init_sigmoid_mlp(rng, 20, BEAT, BITS), toys.heartbeat(rng, 128)
    for row, arguments in ("swiss roll", roll), ("heartbeat", beat):
        for what, make in ("training step", step), ("bound", bound_of):
            ratio, error, plain = paired(make(*arguments), seconds)
            print(f"{what}, {row}, the paper's network, 128 points: checked / unchecked = {ratio:.4f} ± {error:.4f} "
                  f"({plain:.1f} ms unchecked)", flush=True)


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
