"""What a trained model achieves: K on holdout data, beside what is possible or what is simple (paper, section 3)."""
import numpy as np

from .. import bound, schedule
from ..data import images
from .parzen import K_of_gaussian
from .row import in_unit

PATCH = 8   # pixels a side, for the Gaussian that image rows are compared with


def measure(model, paired=500):
    """What is measured, as words: K, its standard error and K - L_null on holdout data, in the unit of the row, and more.

    Where the best possible reverse kernel is known, the gap to it, on the same draws at the first `paired` points, and its K;
    else the K of a Gaussian.
    """
    row, rng = model.row, np.random.default_rng(1000)
    x0 = holdout(model, rng, row.holdout)
    K, error = bound.mean_and_error(K_of(model, x0, rng if row.draws else np.random.default_rng(1001)))
    found = {"K": K, "K_error": error, "gain": K - np.mean(in_unit(row, bound.L_null(row.kernel, x0.astype(float))))}
    if row.best_reverse:
        best = model._replace(reverse=row.best_reverse())
        ours, best = (K_of(m, x0[:paired], np.random.default_rng(1002)) for m in (model, best))
        gap, gap_error = bound.mean_and_error(best - ours)
        best, best_error = (K + gap, np.hypot(error, gap_error)) if row.limit is None else (in_unit(row, row.limit()), 0.0)
        found |= {"gap": gap, "gap_error": gap_error, "best": best, "best_error": best_error}
    else:
        found |= {"gaussian": gaussian_baseline(model)}
    words = {"holdout": _load(model, "test").source} if row.load else {}
    return {name: float(value) for name, value in found.items()} | words


def K_of(model, x0, rng, draws=None):
    """The bound at each point x0 (N, ...) in the unit of the row, (N,), at every step t, or at `draws` stratified ones for each point."""
    row, draws = model.row, draws or model.row.draws
    if draws is None:
        return in_unit(row, bound.K_true(bound.terms(row.kernel, model.reverse, x0, model.schedule, rng)))
    return in_unit(row, bound.sampled_K(row.kernel, model.reverse, x0, model.schedule, rng, draws, power=0.0))


def holdout(model, rng, N):
    """N points that were held out, in the units of the model's training data: images, none twice, or crops, or new points."""
    data, row = _load(model, "test"), model.row
    if data is None or data.x.shape[1:] != row.shape:
        return row.draw(data, rng, N)
    x = data.x[rng.permutation(len(data.x))[:N]]
    return images.dequantise(x, data.std, rng.random(x.shape, np.float32))


def _load(model, split):
    return model.row.load and model.row.load(split, (model.words["mean"], model.words["std"]))


def gaussian_baseline(model, N=20000):
    """K of the best full-covariance Gaussian on 8x8 patches of the same data, in bits per pixel."""
    rng, row = np.random.default_rng(2000), model.row
    train = row.draw(_load(model, "train"), rng, 2000)
    seen, unseen = (images.crops(x, N, PATCH, rng).reshape(N, -1) for x in (train, holdout(model, rng, 500)))
    return float(np.mean(bound.bits(K_of_gaussian(seen, unseen, row.schedule.beta[1])))) / PATCH ** 2


def constant_part(row, data=None, N=500):
    """H_q(X_T|X_0) - H_q(X_1|X_0) - H_p(X_T) and the edge term, which no parameter changes, averaged over data, in nats."""
    H_T, H_1, H_p, edge = bound.constants(row.kernel, row.draw(data, np.random.default_rng(1), N), row.schedule)
    return np.mean(H_T - H_1 - H_p + edge)


def kl_by_noise(model, x0, rng, count=30):
    """Noise over signal at `count` steps, and there KL_t in the unit of the row, for the model and for one that knows nothing.

    The latter's reverse step is the forward kernel: exact for white data, and its K is L_null. x0 is (N, ...).
    """
    row, s = model.row, model.schedule
    t = np.unique(np.linspace(2, s.T, count).astype(int))
    x, noise = np.concatenate([x0] * len(t)), row.kernel.noise(rng, (len(t) * len(x0),) + x0.shape[1:])
    reverses = {"model": model.reverse, "knows nothing": lambda x, t: row.kernel.forward(x, t, s)}
    kl = {name: bound.step_kl(row.kernel, reverse, x, np.repeat(t, len(x0)), s, noise) for name, reverse in reverses.items()}
    return schedule.noise_to_signal(s)[t], {name: in_unit(row, a.reshape(len(t), -1).mean(axis=1)) for name, a in kl.items()}


def per_level(row, std, K):
    """K of an image row in bits per pixel as a cost, in bits of a lossless code for each grey or colour value. Small is good.

    log2 of the grey levels per unit of x, less the share of K of one of C colours.
    """
    return np.log2(std) - K / row.shape[2]
