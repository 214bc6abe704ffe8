"""Training an image model for a number of minutes, with checkpoints (paper, sections 2.4 and D.2)."""
import time
from functools import partial
from importlib import import_module
from pathlib import Path

import numpy as np
from tqdm import tqdm

from .. import bound, schedule, train
from ..engine import optimiser, storage, workers
from ..engine.nests import to_float32
from .run import kept
from .images_model import IMAGE_ROWS, constant_part, export, per_pixel, sample_data


def train_images(name, minutes, seed=0, runs="runs", resume=False, out="runs", steps=None, start=None):
    """Train the network of a row for so many minutes, or steps, in all; return the path of its model, out/<name>.npz.

    Eq. (15), §2.4
    Checkpoints go to runs/<name>-<seed>.npz every two minutes and at the end, also after Ctrl-C. With `steps` the learning
    rate follows the steps, so that a seed gives the same model. `start` is the file of a model whose weights to start from;
    its seconds count.
    """
    row, path, rng = IMAGE_ROWS[name], Path(runs) / f"{name}-{seed}.npz", np.random.default_rng(seed)
    data = row.load("train")
    settings = {"row": name, "seed": seed, "source": data.source, "mean": data.mean, "std": data.std, **recipe(row)}
    state, before = begin(row, rng), 0.0
    if start is not None:
        words, arrays = storage.read(start)
        params = storage.fitted(start, arrays, "average", state.params)
        state, before = state._replace(params=params, average=params), words["seconds"]
        settings["from"] = {"K": words["K"], "seconds": words["seconds"], "steps": words.get("steps")}
    if resume and path.exists():
        state, before = storage.load(path, state, rng, settings)
    clock = Clock(time.perf_counter() - before, 60 * minutes, steps)
    try:
        with workers.shared() as value_and_grad:
            for state in watched(name, row, data, state, rng, clock, value_and_grad):
                if clock.saved + 120 < time.perf_counter():
                    keep(path, state, settings, clock)
    except KeyboardInterrupt:
        print(f"\n{name}: stopped after {clock.seconds() / 60:.1f} minutes, {state.step} steps, {kept(path, state)}")
        raise
    finally:
        if state.step:
            keep(path, state, settings, clock)
    return export(row, state, settings, clock.seconds(), Path(out) / f"{name}.npz")


def recipe(row):
    """How a row is trained, as words for its files: a checkpoint made otherwise is refused."""
    return {"batch": row.BATCH, "rate": row.RATE, "flip": row.FLIP, "emphasis": row.EMPHASIS, "T": row.SCHEDULE.T,
            "beta_1": row.BETA_1, "last": row.LAST}


class Clock:
    """Time spent on training, also before a pause; the budget is one of seconds, or of steps where these are given."""
    def __init__(self, start, budget, steps=None):
        self.start, self.budget, self.steps, self.saved = start, budget, steps, time.perf_counter()

    def seconds(self):
        """Seconds so far."""
        return time.perf_counter() - self.start

    def share(self, step):
        """The share of the budget that is spent, up to 1."""
        return min(1.0, step / self.steps if self.steps else self.seconds() / self.budget)


def begin(row, rng):
    """The state before the first step; an array with a side longer than row.ROTATE_TO is trained by Adam alone."""
    return train.begin(row.init(rng, row.SHAPE), partial(optimiser.soap_moments, largest=row.ROTATE_TO))


def batch(row, data, rng):
    """x_0 (B, H, W, C), t, weight and noise for one step of training, every image with a t of its own."""
    x0 = sample_data(row, data, rng, row.BATCH)
    if row.FLIP and rng.random() < 0.5:
        x0 = x0[:, :, ::-1]
    share = counts(row)
    t, weight = bound.draw_t(rng, len(x0), row.SCHEDULE.T, share=share)
    return x0, t, (weight * share[t - 2]).astype(np.float32), rng.standard_normal(x0.shape, np.float32)


def counts(row):
    """How often KL_t counts in training, (T - 1,) for t = 2..T: row.EMPHASIS times where noise over signal is 1/4 to 128, else once.

    There a chain decides what a picture is of. K hardly rewards it, most of K is in the grain of every pixel.
    """
    ratio = schedule.noise_to_signal(row.SCHEDULE)[2:]
    return np.where((ratio > 1 / 4) & (ratio < 128), float(row.EMPHASIS), 1.0)


def objective(network, kernel, schedule, *rest):
    """train.objective, with the kernel by name: a module cannot be sent to another process.

    Eq. (15), §2.4
    """
    return train.objective(network, import_module(kernel), schedule, *rest)


def watched(name, row, data, state, rng, clock, value_and_grad):
    """Yield the states of training until time is up, with K in bits per pixel and the time left on a bar.

    Eq. (15), §2.4
    """
    K = partial(objective, row.NETWORK, row.KERNEL.__name__, to_float32(row.SCHEDULE))
    rate = train.cosine(row.RATE, warmup=0.01)
    constant, smooth, label = constant_part(row, data), None, "K" if row.EMPHASIS == 1 else "weighted K"
    bar = tqdm(total=1000, initial=round(1000 * clock.share(state.step)), desc=name, mininterval=5,
               bar_format="{desc} {percentage:3.0f} % |{bar:20}| {elapsed}{postfix}")
    steps = train.ascend(K, lambda rng: batch(row, data, rng), state, 10 ** 9,
                         lambda done: rate(clock.share(done * 10 ** 9)), rng, optimiser.soap, 0.999, value_and_grad)
    for state in steps:
        smooth = state.value if smooth is None else 0.99 * smooth + 0.01 * state.value
        bar.set_postfix_str(f"step {state.step}, {label} = {per_pixel(row, smooth + constant):.3f} {row.UNIT}", refresh=False)
        bar.update(round(1000 * clock.share(state.step)) - bar.n)
        yield state
        if clock.share(state.step) == 1:
            break
    bar.close()


def keep(path, state, settings, clock):
    """Write a checkpoint, and note when."""
    storage.save(path, state, settings, clock.seconds())
    clock.saved = time.perf_counter()
