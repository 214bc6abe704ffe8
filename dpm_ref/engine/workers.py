"""How work is shared among cores, and how memory is kept.

    with shared() as value_and_grad:    # training: processes share each step, a part of the batch for each
    with all_cores(): reverse(x, t)     # chains: threads share each operation on images, by way of `each`

Each of these processes and threads has one BLAS thread. More BLAS threads do not pay here: the products are small, and
on a busy machine the BLAS threads wait for one another (20 times slower where that was measured).
"""
import ctypes
import os
import signal
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, nullcontext
from functools import partial
from importlib import import_module
from multiprocessing import get_context, parent_process
from multiprocessing.reduction import ForkingPickler
from threading import Thread
from types import ModuleType

import numpy as np
from autograd import value_and_grad
from threadpoolctl import ThreadpoolController

from .nests import arrays, like

BLAS = ThreadpoolController().select(user_api="blas")
_threads = None   # the pool of `all_cores`

ForkingPickler.register(ModuleType, lambda module: (import_module, (module.__name__,)))   # so that a kernel can be sent


def cores():
    """How many cores this process may use: as many as the system allows, fewer where BLAS was given fewer threads."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min([allowed] + [library.num_threads for library in BLAS.lib_controllers])


# ------------------------------------------------------------------ processes

@contextmanager
def processes(count, on_interrupt=signal.SIG_DFL):
    """For a `with`: a pool of `count` processes, with one BLAS thread each, which never outlive this process.

    On Windows there are 61 at most.
    `on_interrupt` is what Ctrl-C does to them. By default it ends a process, which has nothing to save, without a word.
    """
    most = 61 if sys.platform == "win32" else count      # Windows waits for no more
    with ProcessPoolExecutor(min(count, most), get_context("spawn"), _begin, (on_interrupt,)) as pool:
        _mask(signal.SIG_BLOCK)                             # Ctrl-C waits in a process that still loads Python
        try:
            pool.submit(int)                                # starts the processes, which inherit this
        finally:
            _mask(signal.SIG_UNBLOCK)
        yield pool


def _mask(how):
    if hasattr(signal, "pthread_sigmask"):                  # not on Windows
        signal.pthread_sigmask(how, [signal.SIGINT])


def _begin(on_interrupt):
    signal.signal(signal.SIGINT, on_interrupt)
    _mask(signal.SIG_UNBLOCK)
    Thread(target=_end_with_parent, daemon=True).start()
    BLAS.limit(limits=1)
    keep_memory()


def _end_with_parent():
    parent_process().join()
    os._exit(1)


@contextmanager
def shared(most=4):
    """For a `with`: a value_and_grad like autograd's, whose work is shared by a process for each core, `most` at most.

    The objective is a sum over the first axis of every array of the batch. The other processes import the objective
    from its module: it cannot be defined in a notebook, and a script needs `if __name__ == "__main__":`. Sharing pays
    where there is much work for each parameter, as in convolutions: parameters and gradients travel at every step.
    RuntimeError when one of the processes dies.
    """
    keep_memory()
    n = min(cores(), most)
    others = processes(n - 1, signal.SIG_IGN) if n > 1 else nullcontext()              # Ctrl-C: this process ends them
    try:
        with BLAS.limit(limits=1), others as pool:
            yield lambda objective: partial(_shared_gradient, pool, n, objective)
    except BrokenProcessPool:
        raise RuntimeError("a process that shared the work has died: for lack of memory, or because it was started by "
                           "a script without `if __name__ == \"__main__\":`; OPENBLAS_NUM_THREADS=1 does without such "
                           "processes") from None


def _shared_gradient(pool, n, objective, params, *batch):
    first, *parts = zip(*(np.array_split(a, min(n, *map(len, batch))) for a in batch), strict=True)
    others = [pool.submit(_gradient, objective, params, part) for part in parts]
    values, gradients = zip(_gradient(objective, params, first), *(other.result() for other in others))
    return sum(values), like(map(sum, zip(*gradients)), params)


def _gradient(objective, params, batch):
    """The value and the gradients in a list: autograd takes a list apart faster than a nest."""
    return value_and_grad(lambda found: objective(like(found, params), *batch))(list(arrays(params)))


# ------------------------------------------------------------------ threads

@contextmanager
def all_cores():
    """For a `with`: `each` uses all cores that this process may use."""
    global _threads
    n = cores()
    with ThreadPoolExecutor(n) as pool, BLAS.limit(limits=1):
        try:
            _threads = pool if n > 1 else None
            yield
        finally:
            _threads = None


def each(work, parts):
    """work(part) for each of a list of parts: in threads within `all_cores`, one after the other elsewhere."""
    queue = iter(parts)   # shared: the thread that is free takes the next part

    def go_on(_=None):
        for part in queue:
            work(part)

    if _threads is None or len(parts) == 1:
        go_on()
    else:
        list(_threads.map(go_on, parts[:os.cpu_count()]))   # a list, so that an error in a thread is raised here


# ------------------------------------------------------------------ memory

def keep_memory():
    """Let this process keep the memory of old arrays for new ones: each step asks for the same sizes again.

    Without this, new pages cost a quarter of a training step where that was measured. With glibc, the C library of most
    Linux systems; elsewhere nothing happens.
    """
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    if hasattr(libc, "mallopt") and (libc.mallopt(-3, 2 ** 30) or libc.mallopt(-3, 2 ** 25)):
        libc.mallopt(-1, 2 ** 31 - 1)   # arrays up to 1 GB (old glibc: 32 MB) go to the heap, which keeps its size
