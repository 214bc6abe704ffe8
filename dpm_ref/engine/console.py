"""What a user sees of long work, and what Ctrl-C does to it."""
import signal
import sys
import time
from contextlib import contextmanager

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


def interruptible(work, *arguments):
    """work(*arguments) in one of `workers.processes`; Ctrl-C then raises KeyboardInterrupt, whose words are printed."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return work(*arguments)
    except KeyboardInterrupt as stopped:
        print(f"\n{str(stopped) or 'stopped; go on with --resume'}", flush=True)
        raise
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
