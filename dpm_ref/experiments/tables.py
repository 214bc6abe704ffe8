"""Tables 1 and 2, ours beside the paper's (paper, section 3)."""
import numpy as np

from ..data import images
from ..engine.console import progress
from ..engine.workers import cores, processes
from . import ROWS, models, parzen
from .chains import grey, sample
from .measuring import LATER_BETA_1, PATCH, measure

# Table 2, bits: what the paper cites for MNIST
CITED = {"stacked CAE": (174, 2.3), "DBN": (199, 2.9), "deep GSN": (309, 1.6), "diffusion (the paper)": (317, 2.7),
         "adversarial net": (325, 2.9), "perfect model (the paper)": (349, 3.3)}


def aligned(lines, left):
    """Lines of cells as text: columns are flush right, those whose numbers are in `left` flush left."""
    columns = list(zip(*lines))
    widths = [max(map(len, column)) for column in columns]
    columns = [[cell.ljust(w) if i in left else cell.rjust(w) for cell in column]
               for i, (column, w) in enumerate(zip(columns, widths))]
    return ["  ".join(line).rstrip() for line in zip(*columns)]


def toy_table(found):
    """The toy rows of Table 1 as text, from the words of measured models: our K, the paper's, the best possible."""
    lines = [("", "network", "beta_1", "K", "best possible K", "gap to it", "K - L_null", "paper: K", "K - L_null",
              "training")]
    names = dict.fromkeys(words["row"] for words in found)
    for name in names:
        row, group = ROWS[name], [words for words in found if words["row"] == name]
        for w in group:
            surest = min((v for v in group if v["beta_1"] == w["beta_1"]), key=lambda v: v["best_error"])
            best = f"{surest['best']:.4f}" + (f" ± {surest['best_error']:.4f}" if surest["best_error"] else " exactly")
            lines.append((row.title, w["network"], f"{w['beta_1']:g}", f"{w['K']:.4f} ± {w['K_error']:.4f}", best,
                          f"{w['gap']:.5f} ± {w['gap_error']:.5f}", f"{w['gain']:.3f}", f"{row.paper_K:.3f}",
                          f"{row.paper_gain:.3f}", f"{w['seconds']:.0f} s"))
    units = "; ".join(f"{ROWS[name].title}: {ROWS[name].unit}" for name in names)
    return "\n".join(aligned(lines, left=(0, 1)) + [
        f"{units}; ± is one standard error. The paper's beta_1 for the roll is not known.",
        "K is that of Eq. 12 with Eq. 44, K_true. Best possible: of reverse steps with independent coordinates, with",
        "the last step of Eq. 44. The gap to it is measured against the moments of the best reverse steps."])


def image_table(folder=models.FOLDER, again=False):
    """The image rows of Table 1 as text, with the K of a Gaussian on the same data; K is measured `again` if asked."""
    lines, data = [("", "beta_1", "K", "K - L_null", f"at {LATER_BETA_1:g}", "paper: K", "K - L_null", "L_null",
                    "Gaussian", "training")], []
    for name, row in ROWS.items():
        if not row.load:
            continue
        paper = [f"{v:.3f}" if v is not None else "-" for v in (row.paper_K, row.paper_gain)]
        try:
            model = models.load(name, folder)
        except FileNotFoundError:
            lines.append((row.title, "-", "-", "-", "-", *paper, "-", "-", "-"))
            data.append(f"{row.title}: not trained: python -m dpm_ref train {name} --out {folder}")
            continue
        w = model.words | (measure(model) if again else {})
        where = f"; measured on {w['holdout']}" if w.get("holdout", w["source"]) != w["source"] else ""
        later = f"{w['gain_later']:.3f}" if "gain_later" in w else "-"
        lines.append((row.title, f"{model.schedule.beta[1]:g}", f"{w['K']:.3f} ± {w['K_error']:.3f}",
                      f"{w['gain']:.3f}", later, *paper, f"{w['K'] - w['gain']:.3f}", f"{w['gaussian']:.3f}",
                      f"{w['seconds'] / 60:.0f} min"))
        data.append(f"{row.title}: {w['source']}{where}; {row.difference}")
    return "\n".join(aligned(lines, left=(0,)) + [
        "Bits per pixel, colours summed, holdout data; ± is one standard error over images (bark: overlapping crops).",
        f"At {LATER_BETA_1:g}: K - L_null when the same model's chain starts at this beta_1. The paper's is not known.",
        f"Gaussian: a weak baseline, K of a Gaussian with full covariance on {PATCH}x{PATCH} pixels, with our beta_1.",
        *data])


def mnist_pixels(split):
    """Digits (N, 784) in [0, 1], without noise, and what they are."""
    data = ROWS["mnist"].load(split)
    pixels = images.to_unit(data.x + 0.5 / data.std, data.mean, data.std)
    return pixels.reshape(len(data.x), -1).clip(0, 1), data.source


def draw_block(folder, T, block, seed):
    """`block` samples of the MNIST model in a folder as pixels (block, D), cut to [0, 1]."""
    model = models.load("mnist", folder, T)
    x = sample(model, (block,) + model.row.shape, np.random.default_rng(seed))
    return grey(model, x).reshape(block, -1).clip(0, 1).astype(np.float32)


def draw_pixels(folder, T, N, seed=3000, block=50):
    """N samples (N, D), drawn in blocks on all cores, the same whatever the number of cores."""
    seeds, blocks = np.random.SeedSequence(seed).spawn(-(-N // block)), []
    with processes(cores()) as pool, progress(f"{N} samples") as show:
        for job in [pool.submit(draw_block, folder, T, block, each) for each in seeds]:   # Ctrl-C in `map`: a traceback
            blocks.append(job.result())
            show(len(blocks) / len(seeds))
    return np.concatenate(blocks)[:N]


def with_parzen(folder=models.FOLDER, N=10000, T=None):
    """The MNIST model in a folder, with new Parzen estimates: for N of its samples, and for as many training digits."""
    model = models.load("mnist", folder)
    (digits, _), (validation, _), (test, test_source) = map(mnist_pixels, ("train", "validation", "test"))
    ours = parzen.estimate(draw_pixels(folder, T, N), validation, test)
    perfect = parzen.estimate(digits[np.random.default_rng(0).permutation(len(digits))[:N]], validation, test)
    return model._replace(words=model.words | {
        "parzen": ours, "parzen_samples": N, "parzen_T": T or model.schedule.T, "parzen_test": test_source,
        "perfect": perfect, "perfect_samples": min(N, len(digits))})


def table_2(words):
    """Table 2, the Parzen estimates for MNIST, as text, with ours from the words of a model."""
    lines = [f"{name:38} {mean:7.0f} ± {error:.1f}" for name, (mean, error) in CITED.items()]
    if "parzen" in words:
        for name, key in ("ours", "parzen"), ("training digits as samples, ours", "perfect"):
            mean, error, width = words[key]
            samples = words[key + "_samples"]
            lines.append(f"{name:38} {mean:7.1f} ± {error:.1f}   {samples} windows of width {width:.3f}")
        lines.append(f"Ours: trained on {words['source']} ({ROWS['mnist'].difference}); "
                     f"chain of {words['parzen_T']} steps; test set: {words['parzen_test']}.")
    return "\n".join(["Table 2: Parzen-window estimate of log likelihood on MNIST, in bits"] + lines)
