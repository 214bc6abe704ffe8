"""What a user sees of long work, and processes that end with the one that started them."""
import os
import signal
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from threading import Thread

from tqdm import tqdm


@contextmanager
def progress(label, position=0):
    """For a `with`: show(share, text), which moves a bar; where stderr is no terminal, a line every ten seconds."""
    if not sys.stderr.isatty():
        yield _lines(label)
        return
    form = "{desc} {percentage:3.0f} % |{bar:20}| {elapsed}{postfix}"
    with tqdm(total=1000, desc=label, position=position, mininterval=0.5, miniters=1, bar_format=form) as bar:
        def show(share, text=""):
            bar.set_postfix_str(text, refresh=False)
            bar.update(round(1000 * share) - bar.n)
        yield show


def _lines(label, every=10):
    start = last = time.monotonic()

    def show(share, text=""):
        nonlocal last
        now = time.monotonic()
        if now > last + every or share == 1:
            print(f"{label} {100 * share:.0f} %, {now - start:.0f} s, {text}", file=sys.stderr, flush=True)
            last = now
    return show


@contextmanager
def processes(count):
    """For a `with`: a pool of so many processes with one BLAS thread each, which end when this process does."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")    # where all cores are busy a second thread only costs
    with ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_begin) as pool:
        yield pool


def _begin():
    signal.signal(signal.SIGINT, signal.SIG_DFL)          # Ctrl-C silently ends a process that has nothing to save
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent():
    parent_process().join()
    os._exit(1)


def interruptible(work, *arguments):
    """work(*arguments) in one of `processes`, where Ctrl-C then raises KeyboardInterrupt, whose words are printed."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return work(*arguments)
    except KeyboardInterrupt as stopped:
        print(f"\n{stopped}", flush=True)
        raise
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
