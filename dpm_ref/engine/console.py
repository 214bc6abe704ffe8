"""What a user sees of long work, and what Ctrl-C does to it."""
import os
import signal
import sys
import time
from contextlib import contextmanager, suppress
from multiprocessing import active_children
from threading import current_thread, main_thread

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
def undisturbed():
    """For a `with`: Ctrl-C and TERM are held back until its end. Only the main thread ever receives them."""
    if current_thread() is not main_thread():
        yield
        return
    waiting = []
    before = [(word, signal.signal(word, lambda number, frame: waiting.append(number)))
              for word in (signal.SIGINT, signal.SIGTERM)]
    try:
        yield
    finally:
        for word, handler in before:
            signal.signal(word, handler)
        for number in waiting:
            signal.raise_signal(number)


def end(number=None, frame=None):
    """What the signal TERM does to a command: the same as Ctrl-C in a terminal, which reaches its processes too."""
    for child in active_children():
        with suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGINT)
    raise KeyboardInterrupt


def interruptible(work, *arguments):
    """work(*arguments) in one of `workers.processes`; Ctrl-C then raises KeyboardInterrupt, whose words are printed.

    TERM is left to the first process, which passes it on as Ctrl-C.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        return work(*arguments)
    except KeyboardInterrupt as stopped:
        print(f"\n{str(stopped) or 'stopped; go on with --resume'}", flush=True)
        raise
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
