"""What every row has in common: train, checkpoint, measure against the best possible, report."""
import time
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from .. import bound, networks, train
from ..engine import nests, optimiser, storage
from ..plots import style
from . import ROWS


class Result(NamedTuple):
    """One line of the table: means and standard errors in bits per data point.

    Table 1, §3
    """
    row: str
    network: str
    K: float
    K_error: float
    gain: float        # K - L_null
    gap: float         # best possible K - K, on the same draws
    gap_error: float
    best: float        # best possible K
    best_error: float  # 0 where it is known exactly
    seconds: float     # of training


def train_row(name, network, seed, runs, resume=False, position=0):
    """Train one network on one row; return its averaged parameters and the seconds it took.

    Eq. (15), §2.4
    Checkpoints go to runs/<row>-<network>-<seed>.npz every 10 seconds and at the end, also after Ctrl-C.
    """
    row, path = ROWS[name], Path(runs) / f"{name}-{network}-{seed}.npz"
    recipe, rng = row.NETWORKS[network], np.random.default_rng(seed)
    example = row.draw_data(np.random.default_rng(0), 1)
    params = recipe.init(rng, example.shape[-1], row.SCHEDULE, row.KERNEL)
    settings = {"row": name, "network": network, "seed": seed, "steps": recipe.steps}
    state, before = train.begin(params, partial(optimiser.soap_moments, largest=recipe.largest)), 0.0
    if resume and path.exists():
        state, before = storage.load(path, state, rng, settings)
    constant = constant_part(row)
    objective = partial(train.objective, recipe.network, row.KERNEL, row.SCHEDULE)
    saved = time.perf_counter()
    start = saved - before
    bar = tqdm(total=recipe.steps, initial=state.step, desc=f"{name} {network}", position=position, mininterval=0.5)
    smooth = None
    try:
        for state in train.ascend(objective, recipe.batch, state, recipe.steps, recipe.rate, rng, optimiser.soap):
            smooth = state.value if smooth is None else 0.98 * smooth + 0.02 * state.value
            bar.set_postfix_str(f"K = {bound.bits(smooth + constant):.3f} bits", refresh=False)
            bar.update()
            if time.perf_counter() - saved > 10:
                storage.save(path, state, settings, time.perf_counter() - start)
                saved = time.perf_counter()
    except KeyboardInterrupt:
        print(f"\n{name} {network}: stopped at step {state.step} of {recipe.steps}, {kept(path, state)}")
        raise
    finally:
        if state.step:
            storage.save(path, state, settings, time.perf_counter() - start)
        bar.close()
    return state.average, time.perf_counter() - start


def kept(path, state):
    """What to say of a run that was stopped."""
    return f"kept in {path}; go on with --resume" if state.step else "before its first step: there is nothing to keep"


def constant_part(row):
    """H_q(X_T|X_0) - H_q(X_1|X_0) - H_p(X_T) and the edge term, which no parameter moves, averaged over data, in nats.

    Eq. (14), §2.4
    """
    H_T, H_1, H_p, edge = bound.constants(row.KERNEL, row.draw_data(np.random.default_rng(1), 1000), row.SCHEDULE)
    return np.mean(H_T - H_1 - H_p + edge)


def reverse(name, network, params):
    """The reverse kernel of a row's network with these parameters.

    Eq. (5), §2.2
    """
    row = ROWS[name]
    return networks.reverse_kernel(row.NETWORKS[network].network, params, row.SCHEDULE, row.KERNEL)


def measure(name, network, params, seconds, paired=500):
    """K on a holdout set, and its gap to the best possible K on the same draws of the first `paired` points.

    Eq. (12), §2.4
    """
    row, model = ROWS[name], reverse(name, network, params)
    x0 = row.draw_data(np.random.default_rng(1000), row.HOLDOUT)
    K, error = bound.mean_and_error(bound.bits(bound.K_true(bound.terms(row.KERNEL, model, x0, row.SCHEDULE, np.random.default_rng(1001)))))
    gain = K - np.mean(bound.bits(bound.L_null(row.KERNEL, x0)))
    ours, best = (bound.K_true(bound.terms(row.KERNEL, r, x0[:paired], row.SCHEDULE, np.random.default_rng(1002)))
                  for r in (model, row.best_reverse()))
    gap, gap_error = bound.mean_and_error(bound.bits(best - ours))
    limit = row.limit()
    best, best_error = (K + gap, np.hypot(error, gap_error)) if limit is None else (bound.bits(limit), 0.0)
    return Result(name, network, *map(float, (K, error, gain, gap, gap_error, best, best_error, seconds)))


class Row(NamedTuple):
    """All that the main job says of one row."""
    results: list
    note: str
    figures: list      # paths


def complete(name, chosen, seed, runs, resume, out, keep=None, position=0):
    """Train and measure the chosen networks of one row, draw its figure with the first, keep its parameters if asked to.

    Table 1, §3
    """
    row, results = ROWS[name], []
    for network in chosen:
        params, seconds = train_row(name, network, seed, runs, resume, position)
        results.append(measure(name, network, params, seconds))
        if network == chosen[0]:
            model = reverse(name, network, params)
            if keep:
                storage.write(Path(keep) / f"{name}.npz", {"network": network, "seed": seed, "result": results[0]._asdict()},
                            {f"params_{i}": np.float32(a) for i, a in enumerate(nests.arrays(params))})
    figures = style.save(row.figure(model, np.random.default_rng(seed)), out, row.FIGURE)
    return Row(results, row.note(model, np.random.default_rng(seed)), figures)


def trained(name, path=None):
    """The reverse kernel of a row as trained before: from dpm_ref/models, which took the seconds that the file says.

    Made by: python -m dpm_ref --keep dpm_ref/models. Returns the kernel and what the file says of itself.
    """
    row, path = ROWS[name], path or Path(__file__).parent.parent / "models" / f"{name}.npz"
    words, arrays = storage.read(path)
    if words.get("network") not in row.NETWORKS:
        raise ValueError(f"{path} does not fit: it should hold a model of {name}; its network is {words.get('network', 'not named')}")
    recipe = row.NETWORKS[words["network"]]
    params = recipe.init(np.random.default_rng(0), row.draw_data(np.random.default_rng(0), 1).shape[-1], row.SCHEDULE, row.KERNEL)
    return reverse(name, words["network"], storage.fitted(path, arrays, "params", params)), words


def table(results):
    """Table 1 as text: our K beside the paper's and the best possible, in bits.

    Table 1, §3
    """
    head = ("", "network", "K", "best possible K", "gap to it", "K - L_null", "paper: K", "K - L_null", "training")
    lines = [head]
    for name in dict.fromkeys(r.row for r in results):
        row, group = ROWS[name], [r for r in results if r.row == name]
        surest = min(group, key=lambda r: r.best_error)
        best = f"{surest.best:.4f}" + (f" ± {surest.best_error:.4f}" if surest.best_error else " exactly")
        lines += [(row.TITLE, r.network, f"{r.K:.4f} ± {r.K_error:.4f}", best, f"{r.gap:.4f} ± {r.gap_error:.4f}", f"{r.gain:.3f}",
                   f"{row.PAPER_K:.3f}", f"{row.PAPER_GAIN:.3f}", f"{r.seconds:.0f} s") for r in group]
    widths = [max(map(len, column)) for column in zip(*lines)]
    text = ["  ".join(cell.ljust(w) if i < 2 else cell.rjust(w) for i, (cell, w) in enumerate(zip(line, widths))) for line in lines]
    units = "; ".join(f"{ROWS[name].TITLE}: {ROWS[name].UNIT}" for name in dict.fromkeys(r.row for r in results))
    return "\n".join(text + [f"{units}; ± is one standard error.",
                             "K is that of Eq. 12 with Eq. 44, K_true; the gap is that of both kernels on the same draws."])
