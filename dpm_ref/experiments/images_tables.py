"""The image rows of Table 1, and Table 2 (paper, section 3)."""
import os
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from tqdm import tqdm

from .. import trajectory
from ..data import images
from ..engine import storage
from ..experiments import parzen
from .images_model import IMAGE_ROWS, PATCH, gaussian_baseline, load_model, measure

# Table 2, bits: what the paper cites for MNIST
CITED = {"stacked CAE": (174, 2.3), "DBN": (199, 2.9), "deep GSN": (309, 1.6), "diffusion (the paper)": (317, 2.7),
         "adversarial net": (325, 2.9), "perfect model (the paper)": (349, 3.3)}


def table_1(models, again=False):
    """The image rows of Table 1 as text, with what a Gaussian reaches on the same data, in bits per pixel.

    Table 1, §3
    """
    lines = [f"{'':12} {'K':>15} {'K - L_null':>11} {'paper K':>8} {'K - L_null':>11} {'L_null':>8} {'Gaussian patches':>17} "
             f"{'training':>9}  data"]
    for name, row in IMAGE_ROWS.items():
        try:
            model = load_model(name, models)
        except FileNotFoundError:
            lines.append(f"{row.TITLE:12} not trained: python -m dpm_ref train {name} --out {models}")
            continue
        words = dict(model.words, **measure(model), gaussian=gaussian_baseline(model)) if again else model.words
        where = f"; measured on {words['holdout']}" if words.get("holdout", words["source"]) != words["source"] else ""
        paper = [f"{v:.3f}" if v is not None else "-" for v in (row.PAPER_K, row.PAPER_GAIN)]
        lines.append(f"{row.TITLE:12} {words['K']:7.3f} ± {words['K_error']:.3f} {words['gain']:11.3f} {paper[0]:>8} {paper[1]:>11} "
                     f"{words['K'] - words['gain']:8.3f} {words['gaussian']:17.3f} {words['seconds'] / 60:5.0f} min  "
                     f"{words['source']}{where}; {row.DIFFERENCE}")
    return "\n".join(lines + [f"All in bits per pixel, colours summed, on holdout data; ± is one standard error over images (bark: over crops, which "
                              f"overlap).\nL_null is an isotropic Gaussian; Gaussian patches: K of the best Gaussian with full covariance on "
                              f"{PATCH}x{PATCH} pixels, with the same beta_1."])


def mnist_pixels(model, split):
    """Digits (N, 784) in [0, 1], without noise, and what they are.

    Table 2, §3
    """
    data = model.row.load(split)
    pixels = images.to_unit(data.x + 0.5 / data.std, data.mean, data.std)
    return pixels.reshape(len(data.x), -1).clip(0, 1), data.source


def draw_block(models, T, block, seed):
    """`block` samples of the MNIST model in a folder as pixels (block, D), cut to [0, 1].

    Table 2, §3
    """
    model = load_model("mnist", models, T)
    x = trajectory.sample(model.row.KERNEL, model.reverse, model.schedule, (block,) + model.row.SHAPE, np.random.default_rng(seed))
    return images.to_unit(x, model.words["mean"], model.words["std"]).reshape(block, -1).clip(0, 1).astype(np.float32)


def draw_pixels(models, T, N, seed=3000, block=50):
    """N samples, drawn in blocks on all cores, the same whatever their number: (N, D).

    Table 2, §3
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")   # for the processes to come, each of which has a core
    seeds = np.random.SeedSequence(seed).spawn(-(-N // block))
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        blocks = pool.map(partial(draw_block, models, T, block), seeds)
        return np.concatenate(list(tqdm(blocks, total=len(seeds), desc=f"{N} samples", unit="block")))[:N]


def parzen_of_model(models, N=10000, T=None):
    """Parzen estimates for N samples of the MNIST model and for as many training digits, as words for its file.

    Table 2, §3
    """
    model = load_model("mnist", models, T)
    (digits, _), (validation, _), (test, test_source) = (mnist_pixels(model, split) for split in ("train", "validation", "test"))
    ours = parzen.estimate(draw_pixels(models, T, N), validation, test)
    perfect = parzen.estimate(digits[np.random.default_rng(0).permutation(len(digits))[:N]], validation, test)
    return {"parzen": ours, "parzen_samples": N, "parzen_T": model.schedule.T, "parzen_test": test_source,
            "perfect": perfect, "perfect_samples": min(N, len(digits))}


def keep_parzen(models, words):
    """Write the words of a Parzen estimate into the MNIST model's file."""
    path = Path(models) / "mnist.npz"
    old, arrays = storage.read(path)
    storage.write(path, dict(old, **words), arrays)


def table_2(models):
    """Table 2, the Parzen estimates for MNIST as text, with ours.

    Table 2, §3
    """
    try:
        model = load_model("mnist", models)
    except FileNotFoundError:
        return f"Table 2: not trained: python -m dpm_ref train mnist --out {models}"
    words = model.words
    lines = [f"{name:38} {mean:7.0f} ± {error:.1f}" for name, (mean, error) in CITED.items()]
    if "parzen" in words:
        for name, key in ("ours", "parzen"), ("training digits as samples, ours", "perfect"):
            mean, error, width = words[key]
            lines.append(f"{name:38} {mean:7.1f} ± {error:.1f}   {words[key + '_samples']} windows of width {width:.3f}")
        lines.append(f"Ours: trained on {words['source']} ({model.row.DIFFERENCE}); chain of {words['parzen_T']} steps; "
                     f"test set: {words['parzen_test']}.")
    return "\n".join(["Table 2: Parzen-window estimate of log likelihood on MNIST, in bits"] + lines)
