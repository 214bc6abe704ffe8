"""Work in tiles that fit the cache, on all cores, in memory that is kept: what makes convolution fast.

There are as many Python threads as BLAS would have used itself, with BLAS held at one thread each: many small
products then scale with the cores, which BLAS's own threads do not manage. Where BLAS cannot be told, there is one
Python thread and BLAS does as it likes.
"""
import ctypes
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from glob import glob
from typing import Callable, NamedTuple

import numpy as onp

TILE_BYTES = 1024 * 1024  # working set of a tile: about a second-level cache


def tiles(shape, bytes_per_pixel):
    """Cut images into (image slice, row slice) tiles of about TILE_BYTES: whole images, or bands of one image."""
    count, height, width = shape[:3]
    rows = max(1, TILE_BYTES // max(1, width * bytes_per_pixel))
    if rows >= height:
        step = max(1, min(rows // max(1, height), -(-count // 4)))  # four tiles or so, for the threads to share
        return [(slice(n, min(n + step, count)), slice(0, height)) for n in range(0, count, step)]
    return [(slice(n, n + 1), slice(i, min(i + rows, height))) for n in range(count) for i in range(0, height, rows)]


def run(work, tiles):
    """[work(tile) for tile in tiles], on as many Python threads as BLAS has threads, which has one each meanwhile."""
    threads = cores()
    if threads == 1:  # the user's wish, or BLAS cannot be told, or a caller of ours already runs on all cores
        return [work(tile) for tile in tiles]
    queue, results = iter(enumerate(tiles)), [None] * len(tiles)

    def drain():
        for i, tile in queue:  # a shared iterator: whoever is free takes the next tile
            results[i] = work(tile)

    _blas.set(1)
    try:
        others = [_pool.submit(drain) for _ in range(min(threads, len(tiles)) - 1)]
        drain()
        for other in others:
            other.result()
    finally:
        _blas.set(threads)
    return results


def cores():
    """How many cores there are to use: the threads that BLAS has, 1 where it cannot be told."""
    return _blas.get() if _blas else 1


@contextmanager
def one_core():
    """Hold this process at one core, as long as others of ours have the rest; not from several threads at once."""
    threads = cores()
    try:
        use(1)
        yield
    finally:
        use(threads)


def use(threads):
    """Let this process have so many cores."""
    if _blas:
        _blas.set(threads)


def keep_memory():
    """Let this process keep the memory that arrays leave behind, for the next ones: training and chains ask for the same again.

    New pages cost a third of a training step where that was measured. With glibc, the C library of most Linux systems;
    elsewhere nothing happens.
    """
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    if hasattr(libc, "mallopt") and (libc.mallopt(-3, 2 ** 30) or libc.mallopt(-3, 2 ** 25)):
        libc.mallopt(-1, 2 ** 31 - 1)  # arrays up to 1 GB (old glibc: 32 MB) come from the heap (-3), which does not shrink (-1)


class _Blas(NamedTuple):
    get: Callable  # () -> number of threads
    set: Callable  # (number of threads)


def _find_blas():
    """The thread switch of the OpenBLAS that NumPy's wheels carry; None with any other BLAS."""
    folder = os.path.dirname(onp.__file__)
    for path in glob(folder + ".libs/*openblas*") + glob(folder + "/.dylibs/*openblas*"):
        library = ctypes.CDLL(path)  # NumPy has loaded it already: this is the same copy
        for name in "scipy_openblas_{}_num_threads64_", "openblas_{}_num_threads64_", "openblas_{}_num_threads":
            if hasattr(library, name.format("set")):
                return _Blas(getattr(library, name.format("get")), getattr(library, name.format("set")))


def _new_pool():
    global _pool
    _pool = ThreadPoolExecutor(os.cpu_count())


_blas = _find_blas()
_new_pool()  # its threads start with the first use
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_new_pool)  # threads do not survive a fork


def in_dtype_of(g, y):
    """The gradient in its function's own precision: one float64 constant downstream must not slow all upstream."""
    return g if g.dtype == y.dtype else g.astype(y.dtype)
