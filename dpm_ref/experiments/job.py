"""The main job: the toy rows of Table 1, trained side by side, one process each."""
import time
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from ..engine import storage
from ..engine.console import interruptible
from ..engine.workers import processes
from ..plots import style
from . import ROWS, figures, models, paper_networks
from .tables import toy_table
from .training import checkpoint, train_row

TOYS = "swiss_roll", "heartbeat"


def toy_rows(names, networks, keep=None, runs="runs", seed=0, resume=False, overwrite=False, out="runs"):
    """Train networks of toy rows; print the table and what the samples are like; return the exit status."""
    start = time.perf_counter()
    for name in names:                                    # before the work, not after it
        for network in networks:
            checkpoint(runs, name, network, seed, resume, overwrite)
        kept = [Path(keep) / f"{name}.npz"] if keep else []
        for path in kept + figures.files(ROWS[name].number, out):
            storage.check_free(path, resume or overwrite)
    with ExitStack() as stack:
        pools = [stack.enter_context(processes(1)) for _ in names]   # one each: a crash leaves the others running
        jobs = [pool.submit(interruptible, one_row, name, networks, keep, runs, seed, resume, overwrite, out, i)
                for i, (name, pool) in enumerate(zip(names, pools))]
        try:
            rows = [job.result() for job in jobs]
        except KeyboardInterrupt:                         # each process says what it has kept
            return 130
    stored = [paper_networks.load(name).words for name in names if "paper" in networks]
    print("\n" + toy_table([words for found, *_ in rows for words in found] + stored))
    for _, note, paths in rows:
        print(f"{note}; figure: {', '.join(map(str, paths))}")
    print(f"{time.perf_counter() - start:.0f} s in all")
    return 0


def one_row(name, networks, keep, runs, seed, resume, overwrite, out, position=0):
    """Train networks of a row: the words of their models, and a note and the figure of the first, which may be kept.

    The figure of the paper's network is that of the stored one, which was trained to the end.
    """
    first, *others = [train_row(name, network, seed, runs, resume, overwrite, position=position)
                      for network in networks]
    if keep:
        models.save(Path(keep) / f"{name}.npz", first)
    shown, rng = paper_networks.load(name) if networks[0] == "paper" else first, np.random.default_rng
    paths = style.save(shown.row.figure(shown, rng(seed)), figures.files(shown.row.number, out))
    return [model.words for model in (first, *others)], shown.row.note(shown, rng(seed)), paths
