"""The paper's network for the swiss roll, trained to the end: 16 radial basis units, a readout for every step.

Given centres and widths, each step's readout is a regression on the 16 units. It is solved exactly, so that 48 numbers
are left to learn: Gauss-Newton moves on centres and log widths (variable projection). The targets are mean and variance
of the best kernel; what is minimised is the gap to the best possible K.

    mean      sqrt(1 - beta) x + sqrt(beta) z,   z = phi W: weighted least squares
    variance  sigmoid(y + logit beta),           y = phi V: a few Newton moves

Arrays have the axes S steps, N points, D coordinates, H units.
"""
import time
from typing import NamedTuple

import numpy as np

from .. import gaussian, networks, schedule
from ..data import toys
from ..engine import storage
from ..engine.layers import normalised_rbf, sigmoid
from ..engine.numerics import logit
from ..proofs import best_possible

NETWORK = networks.rbf
SCHEDULE = schedule.geometric(40, 1e-6, last=10.0)
STARTS, FIRST, LAST = 6, 30, 30   # starts; moves from each of them; moves from the best of them
STEPS = f"{FIRST} Gauss-Newton moves from each of {STARTS} starts, {LAST} more from the best of them"
RIDGE = 1e-12   # for each point, on every readout: units as wide as the roll are almost the same function


class Points(NamedTuple):
    """Draws of x_t at t = 2..T, and the best reverse kernel there."""
    x: np.ndarray      # (S, N, D)
    z: np.ndarray      # (S, N, D): what the readout of the mean should be
    var: np.ndarray    # (S, N, D): what the variance should be
    beta: np.ndarray   # (S, 1, 1)


def best_reverse(chain=SCHEDULE):
    """The best diagonal Gaussian reverse kernel."""
    return best_possible.best_gaussian(toys.roll_nodes, chain)


def draw_points(rng, N, chain=SCHEDULE):
    """N points at each step, the data spread evenly along the roll."""
    best, steps = best_reverse(chain), np.arange(2, chain.T + 1)
    t, x0 = np.repeat(steps, N), np.tile(spread(rng, N), (len(steps), 1))
    x = gaussian.draw(gaussian.marginal(x0, t, chain), rng.standard_normal(x0.shape))
    x, mean, var = (a.reshape(len(steps), N, -1) for a in (x, *best(x, t)))
    beta = chain.beta[steps][:, None, None]
    return Points(x, (mean - np.sqrt(1 - beta) * x) / np.sqrt(beta), var, beta)


def spread(rng, N):
    """N points (N, 2) of the roll, one in each of N equal parts of the angle."""
    first, last = toys.ANGLES
    return toys.roll(first + (last - first) * (np.arange(N) + rng.random(N)) / N)


def regression(phi, target, weight):
    """The readout (S, H, D) that minimises the mean of weight (phi W - target)^2 plus the ridge: phi (S, N, H)."""
    N, H = phi.shape[1:]
    root = np.sqrt(weight / N).swapaxes(1, 2)[..., None]                                       # (S, D, N, 1)
    shape = root.shape[:2] + (H, 1)
    A = np.concatenate([root * phi[:, None], np.broadcast_to(np.sqrt(RIDGE) * np.eye(H), shape[:3] + (H,))], axis=2)
    b = np.concatenate([root * target.swapaxes(1, 2)[..., None], np.zeros(shape)], axis=2)
    Q, R = np.linalg.qr(A)
    return np.linalg.solve(R, Q.swapaxes(2, 3) @ b)[..., 0].swapaxes(1, 2)


class Fit(NamedTuple):
    """The network's outputs at the points for solved readouts, and what the objective says of them."""
    W: np.ndarray        # (S, H, D), of the mean
    V: np.ndarray        # (S, H, D), of the variance
    outputs: tuple       # z and y (S, N, D)
    slopes: tuple        # minus the objective's derivative by z and by y
    curvatures: tuple    # its second derivative by z, and by y where that is at least Fisher's
    gap: float           # the objective: sum_t E KL(best || network), in nats


def evaluate(points, phi, W, V):
    """The `Fit` of the readouts W and V."""
    z, y = phi @ W, phi @ V
    var = sigmoid(y + logit(points.beta))
    square = points.var + points.beta * (points.z - z) ** 2       # E (x_{t-1} - mean)^2
    excess = square / var - 1
    gap = 0.5 * np.sum(np.mean(np.log(var / points.var) + excess, axis=1))
    slopes = points.beta / var * (points.z - z), 0.5 * (1 - var) * excess
    curvatures = points.beta / var, 0.5 * (1 - var) * (1 - var + np.maximum(excess, 0))
    return Fit(W, V, (z, y), slopes, curvatures, gap)


def profile(points, phi, W, V, moves=8):
    """The readouts solved for given units, from a start W, V: means and variances in turn."""
    fit = evaluate(points, phi, W, V)
    for _ in range(moves):
        fit = evaluate(points, phi, regression(phi, points.z, fit.curvatures[0]), fit.V)
        y = fit.outputs[1] + fit.slopes[1] / fit.curvatures[1]                                 # Newton's move of y
        fit = evaluate(points, phi, fit.W, regression(phi, y, fit.curvatures[1]))
    return fit


def sensitivity(x, phi, W, output, units):
    """How an output phi W (N,), of one step and coordinate, moves with centres and log widths: (N, 3 H)."""
    centres, log_width = units[:, :2], units[:, 2]
    away = (x[:, None] - centres) / np.exp(2 * log_width)[:, None]                             # d exponent / d centre
    grown = np.sum(away * (x[:, None] - centres), axis=2, keepdims=True)                     # d exponent / d log width
    through = phi * (W - output[:, None])                                                      # d output / d exponent
    return (through[..., None] * np.concatenate([away, grown], axis=2)).reshape(len(x), -1)


def normal_equations(points, phi, fit, units):
    """Gradient (3 H,) and Gauss-Newton matrix (3 H, 3 H) of the gap by the units, the readouts following along."""
    N, H = phi.shape[1:]
    g, G = np.zeros(3 * H), np.zeros((3 * H, 3 * H))
    for s, d, k in np.ndindex(len(phi), 2, 2):
        J = sensitivity(points.x[s], phi[s], (fit.W, fit.V)[k][s, :, d], fit.outputs[k][s, :, d], units)
        root = np.sqrt(fit.curvatures[k][s, :, d] / N)[:, None]
        g += J.T @ fit.slopes[k][s, :, d] / N
        Q = np.linalg.qr(np.concatenate([root * phi[s], np.sqrt(RIDGE) * np.eye(H)]))[0][:N]
        J = root * J
        follow = Q.T @ J
        G += J.T @ J - follow.T @ follow
    return g, G


def descend(points, units, moves, damping=1.0):
    """Yield units (H, 3), centres and log widths, and the `Fit` after every Gauss-Newton move that narrows the gap."""
    W = V = np.zeros((len(points.x), len(units), 2))
    phi = features(points.x, units)
    fit = profile(points, phi, W, V, 20)
    yield units, fit
    for _ in range(moves):
        g, G = normal_equations(points, phi, fit, units)
        while True:
            damped = G + damping * np.diag(np.diag(G) + 1e-6)                                  # a unit may be idle
            new = units + np.linalg.solve(damped, g).reshape(units.shape)
            new_phi = features(points.x, new)
            new_fit = profile(points, new_phi, fit.W, fit.V)
            if new_fit.gap < fit.gap:
                break
            damping *= 4
            if damping > 1e8:
                return
        units, phi, fit, damping = new, new_phi, new_fit, damping / 3
        yield units, fit


def features(x, units):
    """phi (S, N, H) at x (S, N, 2)."""
    return normalised_rbf(x, units[:, :2], units[:, 2])


def start(rng, H=16):
    """Units at random around the middle of the roll, their widths spread too."""
    return np.column_stack([0.4 * rng.standard_normal((H, 2)), np.log(0.5) + 0.4 * rng.standard_normal(H)])


def train(run, settings, resume=False, say=print, few=300, many=1500):
    """From several starts on few points at every third step, then from the best of them on all.

    Returns units and readouts, and the seconds that it took. The file `run` keeps the units that each start led to.
    """
    begin, rng = time.perf_counter(), np.random.default_rng(settings["seed"])
    words, tries = {"settings": settings, "gaps": [], "seconds": 0.0}, np.zeros((0, 16, 3))
    if resume and run.exists():
        words, tries = kept(run, settings)
    third, starts = Points(*(a[::3] for a in draw_points(rng, few))), [start(rng) for _ in range(STARTS)]
    for i, units in list(enumerate(starts))[len(tries):]:
        units, fit = last(descend(third, units, FIRST), f"start {i + 1}, every third step", say)
        tries, words["gaps"] = np.concatenate([tries, [units]]), words["gaps"] + [fit.gap]
        now = time.perf_counter()
        words["seconds"], begin = words["seconds"] + now - begin, now
        storage.write(run, words, {"units": tries})
    best = tries[np.argmin(words["gaps"])]
    units, fit = last(descend(draw_points(rng, many), best, LAST), "the best start, every step", say)
    return {"units": units, "W": fit.W, "V": fit.V}, words["seconds"] + time.perf_counter() - begin


def kept(run, settings):
    """The words and the units (S, H, 3) of a file that `train` wrote. ValueError where it is of another run."""
    words, arrays = storage.read(run)
    if "settings" not in words or np.shape(arrays.get("units"))[1:] != (16, 3):
        raise ValueError(f"{run} was not written by this training; --overwrite starts again")
    storage.check_same(run, words["settings"], settings)
    return words, arrays["units"]


def last(fits, name, say):
    """The last of the units and fits, each of which is reported."""
    for i, (units, fit) in enumerate(fits):
        say(f"{name}, move {i}: the gap is {fit.gap / np.log(2):.3f} bits")
    return units, fit


def folded(params, T=SCHEDULE.T):
    """The parameters of `networks.rbf`, with biases 0: the units sum to 1, so that weights alone make any constant."""
    units, zero = params["units"], np.zeros((T + 1, 2))
    W, V = (np.concatenate([np.zeros((2,) + a.shape[1:]), a]) for a in (params["W"], params["V"]))     # t = 0 and 1
    return {"centres": units[:, :2], "log_width": units[:, 2],
            "W_mean": W, "b_mean": zero, "W_var": V, "b_var": zero}


def init(rng, H=16, T=SCHEDULE.T):
    """Parameters of the kind that `train` returns: units at random, readouts 0."""
    return {"units": start(rng, H), "W": np.zeros((T - 1, H, 2)), "V": np.zeros((T - 1, H, 2))}
