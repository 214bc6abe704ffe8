"""What a trained model achieves: K on holdout data, beside what is possible or what is simple (paper, section 3)."""
import numpy as np

from .. import bound, schedule, trajectory
from ..data import images
from ..proofs import limits
from .parzen import K_of_gaussian
from .row import in_unit

PATCH = 8             # pixels a side, for the Gaussian that image rows are compared with
LATER_BETA_1 = 2e-3   # where image rows are measured again: the beta_1 of the authors' later code at T = 1000


def measure(model, paired=500):
    """K, its standard error and the gain K - L_null on holdout data, in the unit of the row, and what to compare with.

    The last is the gap to the best possible reverse kernel at the first `paired` points, where this kernel is known;
    else the K of a Gaussian, and the gain when the chain starts at LATER_BETA_1.
    """
    row, rng = model.row, np.random.default_rng(1000)
    x0 = holdout(model, rng, row.holdout)
    K, error = bound.mean_and_error(K_of(model, x0, rng if row.draws else np.random.default_rng(1001)))
    null = np.mean(in_unit(row, bound.L_null(row.kernel, x0.astype(float))))
    found = {"K": K, "K_error": error, "gain": K - null, "beta_1": model.schedule.beta[1]}
    if row.best_reverse:
        found |= gap_to_best(model, x0[:paired], K, error)
    else:
        found |= {"gaussian": gaussian_baseline(model), "gain_later": np.mean(K_later(model, x0)) - null}
    source = {"holdout": _load(model, "test").source} if row.load else {}
    return {name: float(value) for name, value in found.items()} | source


def K_later(model, x0):
    """K at each of x0 (N, ...) in the unit of the row when the model's chain starts at LATER_BETA_1, (N,)."""
    s, reverse = trajectory.later_start(model.reverse, model.schedule, LATER_BETA_1)
    return K_of(model._replace(schedule=s, reverse=reverse), x0, np.random.default_rng(1003))


def gap_to_best(model, x0, K, error):
    """The gap to the best possible reverse kernel, measured against its moments, and its K."""
    row, rng = model.row, np.random.default_rng(1002)
    nats = limits.gap(row.kernel, row.best_reverse(), model.reverse, x0, model.schedule, rng)
    gap, gap_error = bound.mean_and_error(in_unit(row, nats))
    limit, limit_error = (in_unit(row, row.limit()), 0.0) if row.limit else (K + gap, np.hypot(error, gap_error))
    return {"gap": gap, "gap_error": gap_error, "best": limit, "best_error": limit_error}


def K_of(model, x0, rng, draws=None):
    """The bound at each point x0 (N, ...) in the unit of the row, (N,).

    With KL_t at every step t, or at `draws` stratified ones for each point.
    """
    row, draws = model.row, draws or model.row.draws
    if draws is None:
        return in_unit(row, bound.K_true(bound.terms(row.kernel, model.reverse, x0, model.schedule, rng)))
    return in_unit(row, bound.sampled_K(row.kernel, model.reverse, x0, model.schedule, rng, draws))


def holdout(model, rng, N):
    """N points that were held out, in the units of the training data: images, none twice; or crops; or new points."""
    data, row = _load(model, "test"), model.row
    if data is None or data.x.shape[1:] != row.shape:
        return row.draw(data, rng, N)
    x = data.x[rng.permutation(len(data.x))[:N]]
    return images.dequantise(x, data.std, rng.random(x.shape, np.float32))


def _load(model, split):
    return model.row.load and model.row.load(split, (model.words["mean"], model.words["std"]))


def gaussian_baseline(model, N=20000):
    """K of the best full-covariance Gaussian on 8x8 patches of the same data, in bits per pixel.

    Where there are no training data: the number in the model's file.
    """
    rng, row = np.random.default_rng(2000), model.row
    try:
        train = row.draw(_load(model, "train"), rng, 2000)
    except FileNotFoundError:
        return model.words["gaussian"]
    seen, unseen = (images.crops(x, N, PATCH, rng).reshape(N, -1) for x in (train, holdout(model, rng, 500)))
    return float(np.mean(bound.bits(K_of_gaussian(seen, unseen, row.schedule.beta[1])))) / PATCH ** 2


def constant_part(row, data=None, N=500):
    """The part of K that no parameter changes, averaged over data, in nats: its entropies and the edge term."""
    H_T, H_1, H_p, edge = bound.constants(row.kernel, row.draw(data, np.random.default_rng(1), N), row.schedule)
    return np.mean(H_T - H_1 - H_p + edge)


def kl_by_noise(model, x0, rng, count=30):
    """Noise over signal at `count` steps, and KL_t there in the unit of the row: {"model": .., "knows nothing": ..}.

    To know nothing is to step back by the forward kernel: exact for white data, and its K is L_null. x0 is (N, ...).
    """
    row, s = model.row, model.schedule
    t = np.unique(np.linspace(2, s.T, count).astype(int))
    x, noise = np.concatenate([x0] * len(t)), row.kernel.noise(rng, (len(t) * len(x0),) + x0.shape[1:])
    reverses = {"model": model.reverse, "knows nothing": lambda x, t: row.kernel.forward(x, t, s)}

    def kl(reverse):
        found = bound.step_kl(row.kernel, reverse, x, np.repeat(t, len(x0)), s, noise)
        return in_unit(row, found.reshape(len(t), -1).mean(axis=1))
    return schedule.noise_to_signal(s)[t], {name: kl(reverse) for name, reverse in reverses.items()}


def per_level(row, std, K):
    """Bits of a lossless code for each grey or colour value: log2(std) - K / C.

    K in bits per pixel, its C colours summed; std, the unit of x, in grey levels.
    """
    return np.log2(std) - K / row.shape[2]
