"""A trained image model: one small file, the reverse kernel in it, and its K on holdout images (paper, section 3.2)."""
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .. import bound
from ..data import images
from ..engine import nests, storage
from ..experiments import parzen
from ..data.files import one_of
from ..engine.nests import to_float32
from ..trajectory import fewer_steps
from ..networks import reverse_kernel
from ..engine.tiles import keep_memory
from . import bark, cifar10, dead_leaves, mnist

IMAGE_ROWS = {"mnist": mnist, "cifar10": cifar10, "dead_leaves": dead_leaves, "bark": bark}
HOLDOUT = 256  # images or crops, for a K that is stated
PATCH = 8    # pixels a side, for the Gaussian that every row is compared with
MODELS = Path(__file__).parent.parent / "models"


class Model(NamedTuple):
    """A trained network, and what made it."""
    row: object        # the experiment
    schedule: object
    reverse: object    # reverse(x, t), as trajectories and bounds ask for
    words: dict        # settings, seed, seconds, source and scaling of the data, K and its standard error


def export(row, state, settings, seconds, path):
    """Measure the averaged weights and write them as a small file, float16 for large arrays; return its path."""
    arrays = {f"average_{i}": a.astype(np.float16 if a.size > 50000 else np.float32) for i, a in enumerate(nests.arrays(state.average))}
    words = dict(settings, seconds=seconds, steps=state.step)
    model = model_of(settings["row"], path, words, arrays)
    words.update(measure(model), gaussian=gaussian_baseline(model))
    storage.write(path, words, arrays)
    return path


def load_model(name, folder=MODELS, T=None):
    """The trained model of a row. FileNotFoundError or ValueError, naming the file, when there is none or it does not fit.

    With T, a chain that stops at so many of the trained chain's levels of noise: shorter, with a lower K.
    From then on the process keeps the memory that it has had (`tiles.keep_memory`): chains ask for the same again.
    """
    one_of("row", name, *IMAGE_ROWS)
    path = Path(folder) / f"{name}.npz"
    return model_of(name, path, *storage.read(path), T)


def model_of(name, path, words, arrays, T=None):
    """The model of a row from what its file holds. ValueError, naming the file, where that does not fit."""
    row = IMAGE_ROWS[name]
    if words.get("row") != name:
        raise ValueError(f"{path} does not fit: it should hold the model of {name}; its row is {words.get('row', 'not named')}")
    keep_memory()
    params = storage.fitted(path, arrays, "average", row.init(np.random.default_rng(0), row.SHAPE))
    trained = reverse_kernel(row.NETWORK, params, to_float32(row.SCHEDULE), row.KERNEL)
    schedule, reverse = row.SCHEDULE, lambda x, t: trained(np.asarray(x, np.float32), t)
    if T is not None:
        schedule, reverse = fewer_steps(row.KERNEL, reverse, schedule, T)
    return Model(row, schedule, reverse, words)


def per_pixel(row, nats):
    """Nats per image in bits per pixel.

    Table 1, §3
    """
    return bound.bits(nats) / (row.SHAPE[0] * row.SHAPE[1])


def per_level(words, K):
    """K in bits per pixel as a cost, in bits of a lossless code for each grey or colour value; words are those of a model.

    log2 of the grey levels per unit of x, less the share of K of one of C colours. Small is good.
    """
    return np.log2(words["std"]) - K / IMAGE_ROWS[words["row"]].SHAPE[2]


def sample_data(row, data, rng, N):
    """N images, or crops, with dequantisation noise: (N, H, W, C), float32.

    text, §3.2.1
    """
    return images.batch(data, rng, N, row.SHAPE[0] if data.x.shape[1:] != row.SHAPE else None)


def constant_part(row, data):
    """H_q(X_T|X_0) - H_q(X_1|X_0) - H_p(X_T) and the edge term, averaged over data, in nats per image.

    Eq. (14), §2.4
    """
    H_T, H_1, H_p, edge = bound.constants(row.KERNEL, sample_data(row, data, np.random.default_rng(1), 200), row.SCHEDULE)
    return np.mean(H_T - H_1 - H_p + edge)


def K_of_images(model, x0, rng, draws=16):
    """The bound of Eq. 12 at each image x0 (N, H, W, C) in bits per pixel, (N,), with `draws` stratified steps t each.

    Eq. (12), §2.4
    """
    return per_pixel(model.row, bound.sampled_K(model.row.KERNEL, model.reverse, x0, model.schedule, rng, draws, power=0.0))


def measure(model, seed=1000):
    """K, its standard error and K - L_null on holdout images, in bits per pixel, and what images these are.

    Table 1, §3
    """
    row, rng = model.row, np.random.default_rng(seed)
    x0 = holdout(model, rng, HOLDOUT)
    K, error = bound.mean_and_error(K_of_images(model, x0, rng))
    null = np.mean(per_pixel(row, bound.L_null(row.KERNEL, x0.astype(float))))
    return {"K": float(K), "K_error": float(error), "gain": float(K - null),
            "holdout": row.load("test", (model.words["mean"], model.words["std"])).source}


def holdout(model, rng, N):
    """N images, none twice, or N crops, that were held out, in the units of the model's training data, dequantised.

    text, §3
    """
    data = model.row.load("test", (model.words["mean"], model.words["std"]))
    if data.x.shape[1:] != model.row.SHAPE:
        return sample_data(model.row, data, rng, N)
    x = data.x[rng.permutation(len(data.x))[:N]]
    return images.dequantise(x, data.std, rng.random(x.shape, np.float32))


def gaussian_baseline(model, N=20000):
    """K of the best full-covariance Gaussian on 8x8 patches of the same data, in bits per pixel.

    Table 1, §3
    """
    rng, row = np.random.default_rng(2000), model.row
    data = row.load("train", (model.words["mean"], model.words["std"]))
    seen, unseen = (images.crops(x, N, PATCH, rng).reshape(N, -1) for x in (sample_data(row, data, rng, 2000), holdout(model, rng, 500)))
    return float(np.mean(bound.bits(parzen.K_of_gaussian(seen, unseen, row.BETA_1)))) / PATCH ** 2
