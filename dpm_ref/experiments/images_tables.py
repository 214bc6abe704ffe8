"""The image rows of Table 1, and Table 2 (paper, section 3)."""
import numpy as np

from .. import images, parzen, trajectory
from .images_model import IMAGE_ROWS, PATCH, load_model, measure

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
        words = dict(model.words, **measure(model)) if again else model.words
        paper = [f"{v:.3f}" if v is not None else "-" for v in (row.PAPER_K, row.PAPER_GAIN)]
        lines.append(f"{row.TITLE:12} {words['K']:7.3f} ± {words['K_error']:.3f} {words['gain']:11.3f} {paper[0]:>8} {paper[1]:>11} "
                     f"{words['K'] - words['gain']:8.3f} {words['gaussian']:17.3f} {words['seconds'] / 60:5.0f} min  "
                     f"{words['source']}; {row.DIFFERENCE}")
    return "\n".join(lines + [f"All in bits per pixel, colours summed, on holdout data; ± is one standard error over images. L_null is an "
                              f"isotropic Gaussian;\nGaussian patches: K of the best Gaussian with full covariance on {PATCH}x{PATCH} "
                              "pixels, with the same beta_1."])


def mnist_pixels(model, split):
    """Digits (N, 784) in [0, 1], without noise, and what they are.

    Table 2, §3
    """
    data = model.row.load(split)
    pixels = images.to_unit(data.x + 0.5 / data.std, data.mean, data.std)
    return pixels.reshape(len(data.x), -1).clip(0, 1), data.source


def draw_pixels(model, N, rng, block=100):
    """N samples of the model as pixels (N, D), cut to [0, 1].

    Table 2, §3
    """
    shape, words = model.row.SHAPE, model.words
    parts = [trajectory.sample(model.row.KERNEL, model.reverse, model.schedule, (min(block, N - i),) + shape, rng) for i in range(0, N, block)]
    return images.to_unit(np.concatenate(parts), words["mean"], words["std"]).reshape(N, -1).clip(0, 1).astype(np.float32)


def parzen_of_model(model, N=10000, seed=3000):
    """Parzen estimates for N samples of the model and for as many training digits, as words for its file.

    Table 2, §3
    """
    rng = np.random.default_rng(seed)
    (train, _), (validation, _), (test, test_source) = (mnist_pixels(model, split) for split in ("train", "validation", "test"))
    ours = parzen.estimate(draw_pixels(model, N, rng), validation, test)
    perfect = parzen.estimate(train[rng.permutation(len(train))[:N]], validation, test)
    return {"parzen": ours, "parzen_samples": N, "parzen_T": model.schedule.T, "parzen_test": test_source,
            "perfect": perfect, "perfect_samples": min(N, len(train))}


def table_2(models, samples=0, T=None):
    """Table 2, the Parzen estimates for MNIST as text, with ours.

    Table 2, §3
    """
    try:
        model = load_model("mnist", models, T)
    except FileNotFoundError:
        return f"Table 2: not trained: python -m dpm_ref train mnist --out {models}"
    words = parzen_of_model(model, samples) if samples else model.words
    lines = [f"{name:38} {mean:7.0f} ± {error:.1f}" for name, (mean, error) in CITED.items()]
    if "parzen" in words:
        for name, key in ("ours", "parzen"), ("training digits as samples, ours", "perfect"):
            mean, error, width = words[key]
            lines.append(f"{name:38} {mean:7.1f} ± {error:.1f}   {words[key + '_samples']} windows of width {width:.3f}")
        lines.append(f"Ours: trained on {words['source']} {model.row.DIFFERENCE}; chain of {words['parzen_T']} steps; "
                     f"test set: {words['parzen_test']}.")
    return "\n".join(["Table 2: Parzen-window estimate of log likelihood on MNIST, in bits"] + lines)
