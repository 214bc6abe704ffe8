"""K of a trained model in one call, in bits per dimension, with its terms and the bound with a discrete decoder.

    model_bound    the ModelBound of a network model(x, t), for data and rates
    log_bin        the log probability of the bin of a number of 8 bits: the discrete decoder
"""
import warnings
from math import erfc, pi, sqrt
from typing import NamedTuple

import numpy as np

from .. import bound, gaussian
from ..engine import checks
from ..schedule import from_beta
from .model_reverse import finite_array, model_reverse


class ModelBound(NamedTuple):
    """The bound of a trained model, in bits per dimension; numbers are means over N data points."""
    K: float              # the bound on log p(x_0) with the last step of Eq. 44: higher is better
    K_error: float        # its standard error
    kl: np.ndarray        # (T + 1,): KL_t at t; 0 for t = 0 and 1
    H_T: float            # H_q(X_T|X_0)
    H_1: float            # H_q(X_1|X_0)
    H_p: float            # H_p(X_T)
    edge: float           # what Eq. 14 leaves out: K = -sum KL_t + H_T - H_1 - H_p + edge
    L_null: float         # log π(x_0)
    discrete: float       # L_T + sum KL_t + L_0, a bound on -log P(x_0): lower is better; nan without levels
    discrete_error: float
    L_T: float            # D_KL(q(x_T|x_0) || π)
    L_0: float            # -log P(x_0|x_1), by the discrete decoder; nan without levels

    def __str__(self):
        kl = f"sum KL_t {self.kl.sum():.4f}, half of it by t = {half(self.kl)}; largest at t = {np.argmax(self.kl)}"
        text = (f"K {self.K:.4f} ± {self.K_error:.4f} bits per dimension, L_null {self.L_null:.4f}\n"
                f"  {kl}\n  H_T {self.H_T:.4f}, H_1 {self.H_1:.4f}, H_p {self.H_p:.4f}, edge {self.edge:.4f}")
        if np.isnan(self.discrete):
            return text
        return text + (f"\ndiscrete decoder: {self.discrete:.4f} ± {self.discrete_error:.4f} bits per dimension\n"
                       f"  L_T {self.L_T:.4f}, sum KL_t {self.kl.sum():.4f}, L_0 {self.L_0:.4f}")

    def plot(self, ax):
        """Draw KL_t over t on a matplotlib axis, and return the axis."""
        ax.plot(np.arange(2, len(self.kl)), self.kl[2:], drawstyle="steps-mid")
        ax.set(xscale="log", xlabel="t", ylabel="KL at t, bits per dimension", ylim=(0, None))
        return ax


def half(kl):
    """The first t by which half of the sum of kl (T + 1,) is reached."""
    return int(np.searchsorted(np.cumsum(kl), np.sum(kl) / 2))


def model_bound(model, x0, betas, rng, *, predicts="eps", steps_from=0, variance="posterior", clip=False, levels=None,
                draws=None, batch=256, array=None, dtype="float32"):
    """The ModelBound of a network model(x, t) at data x0 (N, ...), for its rates betas (T,), beta_1 first.

    predicts: "x0", "eps", "v", "score", or "mean", that of x_{t-1}. steps_from: the model's first step, 0 or 1.
    variance: "posterior" or "beta", T numbers, or "learned" or "learned log" where the model returns two arrays.
    clip: x_0 is clipped to [-1, 1], as samplers do. levels: 256 for data of 8 bits, scaled to [-1, 1]: adds the bound
    with the discrete decoder. draws: this many random t for each point in place of all. batch: points in one call.
    array: a function for x and t, such as torch.as_tensor; a torch module needs none. dtype: of x.
    ValueError, in one sentence, where data, rates or what the model returns cannot be right.
    """
    kind = str(getattr(x0, "dtype", ""))                                                # of torch's arrays too
    if "uint" in kind and levels is None:
        raise ValueError(f"x0 is of {kind}: scale whole numbers, such as 2 * pixel / 255 - 1 with levels=256")
    x0, schedule = checks.points(finite_array("x0", x0)), from_beta(finite_array("betas", betas))
    first, last = schedule.beta[[1, -1]]
    if 0.5 < first > last and (np.diff(schedule.beta[1:]) <= 0).all():
        warnings.warn(f"betas fall from {first:g} to {last:g}: these look like alpha_bar or alphas", stacklevel=2)
    reverse = model_reverse(model, schedule, predicts=predicts, steps_from=steps_from, variance=variance, clip=clip,
                            array=array, dtype=dtype)
    if levels is not None:
        on_grid(x0, levels)
    kl, L_0 = np.zeros((schedule.T + 1, len(x0))), np.full(len(x0), np.nan)
    for n, t, weight in pieces(rng, len(x0), schedule.T, draws, checks.count("batch", batch)):
        noise = gaussian.noise(rng, x0[n].shape)
        np.add.at(kl, (t, n), weight * bound.step_kl(gaussian, reverse, x0[n], t, schedule, noise))
    for n in np.array_split(np.arange(len(x0)), -(-len(x0) // batch)) if levels else ():
        x1 = gaussian.draw(gaussian.marginal(x0[n], 1, schedule), gaussian.noise(rng, x0[n].shape))
        L_0[n] = -bound.per_point(log_bin(x0[n], reverse(x1, np.ones(len(n), dtype=int)), levels), 1)
    return summary(x0, schedule, kl, L_0)


def pieces(rng, N, T, draws, batch):
    """For points 0..N - 1 and their steps t, up to `batch` at a time: the points, the steps and the steps' weights."""
    if T > 1:
        size, power = (T - 1, 0.0) if draws is None else (draws, 1.0)                   # power 0: every t once
        t, weight = (np.concatenate(a) for a in zip(*(bound.draw_t(rng, size, T, power) for _ in range(N))))
        for part in np.array_split(np.arange(N * size), -(-N * size // batch)):
            yield part // size, t[part], weight[part]


def summary(x0, schedule, kl, L_0):
    """The ModelBound from KL_t (T + 1, N) and L_0 (N,), in nats."""
    def mean(nats):
        return bound.mean_and_error(bound.bits(nats) / x0[0].size)
    terms = bound.Terms(kl, *bound.constants(gaussian, x0, schedule))
    L_T = bound.per_point(gaussian.kl(gaussian.marginal(x0, schedule.T, schedule), gaussian.pi(x0)), 1)
    return ModelBound(*mean(bound.K_true(terms)), bound.bits(kl.mean(axis=1)) / x0[0].size,
                      *(mean(a)[0] for a in (*terms[1:], bound.L_null(gaussian, x0))),
                      *mean(L_T + kl.sum(axis=0) + L_0), mean(L_T)[0], mean(L_0)[0])


# --- the discrete decoder ---------------------------------------------------------------------------------------------

def on_grid(x0, levels):
    """ValueError where data is not one of `levels` equally spaced values from -1 to 1."""
    say = f"the discrete decoder needs data of {levels} equally spaced values from -1 to 1"
    step = (x0 + 1) / 2 * (checks.count("levels", levels, 2) - 1)
    for bad in (np.abs(x0) > 1 + 1e-6, np.abs(step - np.round(step)) > 1e-3):
        if bad.any():
            raise ValueError(f"{say}, such as 2 * pixel / 255 - 1 for 256; got {x0[bad][0]:.7g}")


def log_bin(x0, q, levels=256):
    """log of the integral of q over the bin of x0, one of `levels` equally spaced values from -1 to 1, per coordinate.

    A bin reaches half way to both neighbours; the first and the last reach to infinity.
    """
    half, std = 1 / (levels - 1), np.sqrt(q.var)
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.where(x0 < half - 1, -np.inf, (x0 - half - q.mean) / std)
        high = np.where(x0 > 1 - half, np.inf, (x0 + half - q.mean) / std)
        low, high = np.where(low > -high, (-high, -low), (low, high))                   # the side where log Φ is exact
        high = log_normal_cdf(high)
        return high + np.log1p(-np.exp(log_normal_cdf(low) - high))


def log_normal_cdf(z):
    """log Φ(z); for z < -35 by its asymptotic series, where Φ(z) leaves the range of floats."""
    inside = np.log(np.vectorize(erfc, otypes=[float])(-z / sqrt(2)) / 2)
    far = np.minimum(z, -35.0)
    series = np.log1p(-1 / far ** 2 + 3 / far ** 4)
    return np.where(z > -35, inside, -far ** 2 / 2 - np.log(-far * sqrt(2 * pi)) + series)
