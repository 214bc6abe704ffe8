"""A gradient whose work is shared by several processes."""
import signal
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from importlib import import_module
from multiprocessing import Pipe, get_context
from multiprocessing.reduction import ForkingPickler
from types import ModuleType

import autograd.numpy as np
from autograd import value_and_grad

from .nests import from_vector, to_vector
from .tiles import cores, keep_memory, one_core, use

ForkingPickler.register(ModuleType, lambda module: (import_module, (module.__name__,)))   # so that a kernel can be sent


@contextmanager
def shared(most=4):
    """For a `with`: a value_and_grad like autograd's, whose work is shared by one process for each core, `most` at most.

    For an objective that is a sum over the first axis of every array of the batch, and that another process can import:
    from a module, not a notebook; a script needs `if __name__ == "__main__":`. Worth it where the work for a parameter is
    large, as in convolutions: parameters and gradients travel at every step. Where BLAS is held at one thread, or is none
    that can be told, this process does it all. RuntimeError when one of the processes dies.
    """
    keep_memory()
    n = min(cores(), most)
    if n == 1:
        yield flat_value_and_grad
        return
    try:
        with one_core(), ExitStack() as stack:
            yield lambda objective: partial(_shared_gradient, stack, n, objective, [])
    except (EOFError, ConnectionError):
        raise RuntimeError("a process that shared the work has died: for lack of memory, or because it was started by a script "
                           "without `if __name__ == \"__main__\":`; OPENBLAS_NUM_THREADS=1 does without such processes") from None


def _shared_gradient(stack, n, objective, others, params, *batch):
    if not others:   # each gets the objective and the form of params once, then a vector and its part of the batch
        others += [_start(stack, objective, params) for _ in range(n - 1)]
    n, vector = min(n, *map(len, batch)), to_vector(params)
    first, *parts = zip(*(np.array_split(a, n) for a in batch), strict=True)
    for other, part in zip(others, parts):
        other.send((vector, part))
    found = [_value_and_vector(objective, params, vector, first)] + [other.recv() for other, _ in zip(others, parts)]
    for answer in found:
        if isinstance(answer, Exception):
            raise answer
    return sum(value for value, _ in found), from_vector(sum(g for _, g in found), params)


def _start(stack, objective, params):
    ours, theirs = Pipe()
    process = get_context("spawn").Process(target=_serve, args=(theirs, objective, params), daemon=True)
    process.start()
    theirs.close()               # or we would not notice when the process ends
    stack.callback(process.join)
    stack.callback(ours.close)   # first of the two: it is what ends the process
    return ours


def _serve(end, objective, params):
    signal.signal(signal.SIGINT, signal.SIG_IGN)   # Ctrl-C is for the process that asked, which then ends this one
    use(1)
    keep_memory()
    with suppress(EOFError, ConnectionError):      # the other end is closed, or gone without a word
        while True:
            vector, batch = end.recv()
            try:
                answer = _value_and_vector(objective, params, vector, batch)
            except Exception as error:
                answer = error
            end.send(answer)


def _value_and_vector(objective, params, vector, batch):
    return value_and_grad(lambda vector: objective(from_vector(vector, params), *batch))(vector)


def flat_value_and_grad(objective):
    """autograd's value_and_grad for a nest of many arrays, all of one dtype, which it sees as the pieces of one vector.

    It opens a nest anew at each level of each use, which costs more than a small layer does.
    """
    def value_and_gradient(params, *batch):
        value, g = _value_and_vector(objective, params, to_vector(params), batch)
        return value, from_vector(g, params)
    return value_and_gradient
