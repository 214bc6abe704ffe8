"""Gradient ascent on K through autograd (paper, section 2.4, Eq. 15).

`ascend` is a generator: every step yields where it stands, so that a notebook can plot any moment of training. `shared`
lets processes share its steps.
`save` and `load` keep a training run in one file, written whole or not at all, read without pickle.
"""
import json
import math
import os
import signal
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from multiprocessing import Pipe, get_context
from pathlib import Path
from typing import Any, NamedTuple

import autograd.numpy as np
from autograd import value_and_grad
from autograd.extend import SparseObject, defvjp, primitive, vspace

from .bound import constants, step_kl
from .schedule import learned
from .tiles import cores, keep_memory, one_core, use


class State(NamedTuple):
    """A training run between two steps; params, average and moments are nests of arrays.

    not in the paper
    """
    step: int
    params: Any
    average: Any   # exponential moving average of params
    moments: Any   # what the optimiser remembers of each array of params, in the order of `leaves`
    value: float   # the objective at this step, before its update
    rng: Any       # the state of the random generator after this step


class Recipe(NamedTuple):
    """A network and how to train it.

    not in the paper
    """
    init: Any            # init(rng, D, schedule, kernel)
    network: Any         # network(params, x, t, schedule, kernel)
    batch: Any           # batch(rng): x_0, t, weight, noise
    steps: int
    rate: Any            # learning rate as a function of the share of training that is done
    rotate: bool = True  # False where an array is too large for its eigenbasis


def objective(network, kernel, schedule, params, x0, t, weight, noise):
    """An unbiased estimate of -sum_t KL_t, the part of K that params move, in nats per data point.

    Eq. (15), §2.4
    x0 (S, N, ...) or (1, N, ...), t and weight (S, 1) as drawn by bound.draw_t, noise (S, N, ...).
    """
    kl = step_kl(kernel, lambda x, t: network(params, x, t, schedule, kernel), x0, t, schedule, noise)
    return -np.sum(weight * kl) / kl.shape[1]


def objective_learned(network, kernel, beta_1, params, x0, t, weight, noise):
    """An unbiased estimate of K itself where the schedule is learned too: params {"network": .., "logits": (T - 1,)}.

    text, §2.4.1
    The noise is frozen: x_t = sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) noise moves with beta_2..beta_T, and its
    derivative counts. Gaussian kernel only: a bit cannot move by a little.
    """
    schedule = learned(params["logits"], beta_1)
    H_T, H_1, H_p, edge = constants(kernel, np.reshape(x0, (-1,) + x0.shape[2:]), schedule)
    return objective(network, kernel, schedule, params["network"], x0, t, weight, noise) + np.mean(H_T - H_1 - H_p + edge)


def begin(params, rotate=True):
    """The state before the first step.

    not in the paper
    """
    return State(0, params, params, [new_moments(p, rotate) for p in leaves(params)], np.nan, None)


def new_moments(p, rotate):
    """What `direction` remembers of an array p (..., M, N): two moments and, for a matrix, its basis.

    not in the paper
    """
    zero = {"m": np.zeros_like(p), "v": np.zeros_like(p)}
    if rotate and p.ndim > 1:
        for side, n in ("left", -2), ("right", -1):
            eye = np.eye(p.shape[n], dtype=p.dtype) + np.zeros(p.shape[:-2] + (1, 1), p.dtype)
            zero[side], zero[side + "_basis"] = 0 * eye, eye
    return zero


def direction(g, old, step, b1=0.9, b2=0.98, every=20, most=2.0):
    """The direction of ascent for gradient g, and the new moments: Adam, for a matrix in the eigenbasis of its gradients.

    not in the paper
    SOAP (Vyas et al. 2024): g g^T and g^T g are averaged, every so often their eigenvectors become the axes in which
    Adam scales. Without it the roll's narrowest steps, a thousandth of its size, are out of reach in minutes.
    Two guards, needed in float32. Where the turned gradient is zero but for rounding, a quotient of two roundings means
    nothing: the root mean square counts as at least 128 roundings of the largest one. After a change of axes the two moments
    are those of different axes: no entry of the quotient exceeds `most` (that of Adam, with these constants, stays below 1.7).
    """
    def mean(name, value, b):
        new[name] = b * old[name] + (1 - b) * value
        return new[name]

    new, turn, back = dict(old), lambda a: a, lambda a: a
    if "left" in old:
        left, right = mean("left", g @ transposed(g), b2), mean("right", transposed(g) @ g, b2)
        if step % every == 1:
            new["left_basis"], new["right_basis"] = np.linalg.eigh(left)[1], np.linalg.eigh(right)[1]
        U, V = new["left_basis"], new["right_basis"]
        turn, back = (lambda a: transposed(U) @ a @ V), (lambda a: U @ a @ transposed(V))
    m, v = mean("m", g, b1), mean("v", turn(g) ** 2, b2)
    root = np.sqrt(v / (1 - b2 ** step))
    floor = 1e-12 + 128 * np.finfo(root.dtype).eps * np.max(root, initial=0.0)
    return back(np.clip(turn(m) / (1 - b1 ** step) / (root + floor), -most, most)), new


def transposed(a):
    """a with its last two axes swapped.

    not in the paper
    """
    return np.swapaxes(a, -1, -2)


def ascend(objective, batch, state, steps, rate, rng, decay=0.99, value_and_grad=value_and_grad):
    """Yield the State after every step of gradient ascent on objective(params, *batch(rng)), up to step `steps`.

    Eq. (15), §2.4
    The learning rate is rate(step / steps); `average` forgets at `decay`, faster at first. FloatingPointError when the
    objective is no longer finite. `value_and_grad` may be that of `shared`.
    """
    gradient = value_and_grad(objective)
    for step in range(state.step + 1, steps + 1):
        value, g = gradient(state.params, *batch(rng))
        if not np.isfinite(value):
            raise FloatingPointError(f"K is {value} at step {step}: the learning rate is too high or the data is not finite")
        if not all(np.isfinite(np.vdot(a, a)) for a in leaves(g)):   # their squares too, which the optimiser remembers
            raise FloatingPointError(f"the gradient of K is not finite at step {step}: the learning rate is too high")
        moves, moments = zip(*(direction(*a, step) for a in zip(leaves(g), state.moments)))
        keep = min(decay, step / (step + 10))
        size = float(rate(step / steps))   # a float64 of NumPy would make float64 of float32
        params = [p + size * move for p, move in zip(leaves(state.params), moves)]
        average = [keep * a + (1 - keep) * p for a, p in zip(leaves(state.average), params)]
        state = State(step, like(params, state.params), like(average, state.params), list(moments), float(value),
                      rng.bit_generator.state)
        yield state


@contextmanager
def shared(most=4):
    """For a `with`: a value_and_grad like autograd's, whose work is shared by one process for each core, `most` at most.

    not in the paper
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
    n, vector = min(n, *map(len, batch)), in_one(params)
    first, *parts = zip(*(np.array_split(a, n) for a in batch), strict=True)
    for other, part in zip(others, parts):
        other.send((vector, part))
    found = [_value_and_vector(objective, params, vector, first)] + [other.recv() for other, _ in zip(others, parts)]
    for answer in found:
        if isinstance(answer, Exception):
            raise answer
    return sum(value for value, _ in found), pieces(sum(g for _, g in found), params)


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
    return value_and_grad(lambda vector: objective(pieces(vector, params), *batch))(vector)


def flat_value_and_grad(objective):
    """autograd's value_and_grad for a nest of many arrays, all of one dtype, which it sees as the pieces of one vector.

    not in the paper
    It opens a nest anew at each level of each use, which costs more than a small layer does.
    """
    def value_and_gradient(params, *batch):
        value, g = _value_and_vector(objective, params, in_one(params), batch)
        return value, pieces(g, params)
    return value_and_gradient


def in_one(nest):
    """All numbers of a nest of arrays as one vector, in the order of `leaves`.

    not in the paper
    """
    return np.concatenate([a.reshape(-1) for a in leaves(nest)])


def pieces(vector, nest):
    """A nest like the given one, filled from a vector in the order of `leaves`.

    not in the paper
    """
    arrays, start = [], 0
    for a in leaves(nest):
        arrays.append(piece(vector, start, a.shape))
        start += a.size
    return like(arrays, nest)


@primitive
def piece(vector, start, shape):
    """The numbers of a vector from `start` on, as an array of that shape.

    not in the paper
    """
    return vector[start:start + math.prod(shape)].reshape(shape)


def _into_piece(y, vector, start, shape):
    def add(g, total):
        total[start:start + g.size] += g.reshape(-1)
        return total
    return lambda g: SparseObject(vspace(vector), partial(add, g))


defvjp(piece, _into_piece, None, None)


def leaves(nest):
    """The arrays in a nest of dicts, lists and tuples, in a fixed order.

    not in the paper
    """
    if isinstance(nest, (dict, list, tuple)):
        for part in nest.values() if isinstance(nest, dict) else nest:
            yield from leaves(part)
    else:
        yield nest


def like(arrays, nest):
    """The arrays, in the order of `leaves`, in a nest of the same structure.

    not in the paper
    """
    return _build(iter(arrays), nest)


def _build(supply, nest):  # not a closure: one that calls itself would hold the arrays until the garbage collector comes
    if isinstance(nest, dict):
        return {key: _build(supply, part) for key, part in nest.items()}
    if isinstance(nest, (list, tuple)):
        return type(nest)(_build(supply, part) for part in nest)
    return next(supply)


def cosine(peak, warmup=0.02):
    """A learning rate that rises to `peak` over the first share `warmup` of training and falls to 0 as a cosine.

    not in the paper
    """
    return lambda done: peak * min(done / warmup, 0.5 * (1 + np.cos(np.pi * done)))


def save(path, state, settings, seconds=0.0):
    """Write a training run and the seconds spent on it to `path`, atomically: the old file or the new one, never half of one.

    not in the paper
    """
    words = {"step": state.step, "value": state.value, "rng": state.rng, "settings": settings, "seconds": seconds}
    nests = {"params": state.params, "average": state.average, "moments": state.moments}
    write(path, words, {f"{name}_{i}": a for name, nest in nests.items() for i, a in enumerate(leaves(nest))})


def kept(path, state):
    """What to say of a run that was stopped.

    not in the paper
    """
    return f"kept in {path}; go on with --resume" if state.step else "before its first step: there is nothing to keep"


def load(path, state, rng, settings):
    """The State saved at `path`, shaped like the given one; sets rng to where it was. ValueError for a file that does not fit.

    not in the paper
    """
    words, arrays = read(path)
    if words["settings"] != settings:
        raise ValueError(f"{path} was trained with {words['settings']}, not with {settings}; delete it to start again")
    rng.bit_generator.state = words["rng"]
    nests = [fitted(path, arrays, name, getattr(state, name)) for name in ("params", "average", "moments")]
    return State(words["step"], *nests, words["value"], words["rng"])


def seconds(path):
    """The seconds spent on the run saved at `path`.

    not in the paper
    """
    return read(path)[0].get("seconds", 0.0)


def fitted(path, arrays, name, nest):
    """The arrays name_0, name_1, .. of a file in a nest like the given one. ValueError where one is missing or misshapen.

    not in the paper
    """
    found = []
    for i, a in enumerate(leaves(nest)):
        b = arrays.get(f"{name}_{i}")
        if b is None or b.shape != a.shape:
            raise ValueError(f"{path} does not fit: {name} {i} should have shape {a.shape}, has {'none' if b is None else b.shape}; "
                             "it is of another network, or of an earlier version of this one")
        found.append(b.astype(a.dtype))
    return like(found, nest)


def write(path, words, arrays):
    """An .npz file with named arrays and `words` as JSON, written beside `path` and then renamed to it; makes its folder.

    not in the paper
    """
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    temporary = f"{path}.{os.getpid()}.tmp"
    with open(temporary, "wb") as file:
        np.savez_compressed(file, words=json.dumps(words), **arrays)
    os.replace(temporary, path)


def read(path):
    """The words and arrays of a file made by `write`. ValueError, naming the file, when it is corrupt or cut short.

    not in the paper
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            return json.loads(str(file["words"])), {name: file[name] for name in file.files if name != "words"}
    except FileNotFoundError:
        raise
    except Exception as error:   # zipfile, zlib, json and numpy each have their own for the same thing
        raise ValueError(f"{path} is not a readable file of ours, corrupt or cut short ({type(error).__name__}: {error})") from None
