"""The best possible reverse kernel and the best possible K, for data whose distribution is known.

    best_bits, best_bits_K    for bits: data is one of a few known sequences
    best_gaussian             for points along a known curve
    heartbeat_states          few states that stand for all states of the heartbeat
"""
from itertools import combinations_with_replacement
from math import comb, factorial

import numpy as np

from ..binomial import Bernoulli
from ..bound import K, Terms, constants, per_point
from ..engine import checks
from ..engine.numerics import runs, softmax
from ..gaussian import Gaussian, reverse_given_x0
from ..schedule import at

# --- bits: known sequences ------------------------------------------------------------------------------------------

def best_bits(kernel, sequences, schedule, weights=None):
    """The bit-wise reverse kernel B(f_b(x_t, t)) with the highest K, for data that is one of M known sequences.

    Eq. (15), §2.4
    f_b = sum_m q(sequence m|x_t) q(x_{t-1}|x_t, sequence m). sequences (M, D) of 0/1; weights (M,), equal unless given.
    Returns reverse(x, t) for x (B, D), t an int or (B,).
    """
    sequences, M = kernel.check_data(sequences), len(sequences)
    with np.errstate(divide="ignore"):
        log_weights = np.log(np.full(M, 1 / M) if weights is None else checks.shares("weights", weights, M))

    def reverse(x, t):
        x, _ = kernel.check_data(x), at(schedule.beta, t, x)
        steps, n = runs(t) if np.ndim(t) else (np.array([t]), len(x))
        log_q = log_marginals(kernel, sequences, x.reshape(len(steps), n, -1), steps, schedule)
        x0 = softmax(log_weights + log_q) @ sequences                                    # E[x_0|x_t], (S, n, D)
        return kernel.reverse_given_x0(x, Bernoulli(x0.reshape(x.shape)), t, schedule)
    return reverse


def log_marginals(kernel, sequences, x, t, schedule):
    """log q(x_t|sequence m) in nats, (S, n, M), for bits x (S, n, D) at the steps t (S,) and sequences (M, D)."""
    q = kernel.marginal(np.broadcast_to(sequences, (len(t),) + sequences.shape), t, schedule)
    one, zero = (np.maximum(kernel.log_density(v, q), -1e6).swapaxes(1, 2) for v in (1.0, 0.0))   # -inf * 0 is nan
    return x @ one + (1 - x) @ zero


def heartbeat_states(period=5, beats=4):
    """One state (S, period * beats) of each class of equivalent states of the heartbeat, and the classes' sizes (S,).

    A state enters an average over heartbeat data only through its number of ones in each of the `period` phases; the
    order of the phases does not matter. So 126 classes stand for all 1,048,576 states of 20 bits.
    """
    period, beats = checks.count("period", period), checks.count("beats", beats)
    counts = np.array(list(combinations_with_replacement(range(beats + 1), period)))     # (S, period), sorted
    states = (np.arange(beats)[None, :, None] < counts[:, None, :]) * 1.0                # (S, beats, period)
    choices = np.prod(np.vectorize(comb)(beats, counts), axis=1)                         # which of its beats are 1
    orders = [factorial(period) / np.prod([factorial(n) for n in np.bincount(c)]) for c in counts]
    return states.reshape(len(counts), -1), choices * np.array(orders)


def best_bits_K(kernel, sequences, schedule, states, multiplicity):
    """The best possible K for data that is one of M equally likely sequences (M, D), in nats, without random draws.

    Eq. (14), §2.4
    E KL_t = sum_i H(bit i of x_{t-1} under f_b) - H(x_{t-1}|x_t,x_0), averaged over x_t. The states (S, D) stand for
    all states of x_t, each for `multiplicity` (S,) of them: `enumeration.all_states` with ones, or `heartbeat_states`.
    """
    reverse = best_bits(kernel, sequences, schedule)
    kl = np.zeros((schedule.T + 1, 1))
    for t in range(2, schedule.T + 1):
        log_q = log_marginals(kernel, sequences, states[None], np.array([t]), schedule)[0]                  # (S, M)
        q_xt = np.exp(log_q) * checks.per_point("multiplicity", multiplicity, states)[:, None]
        checks.probabilities("the probabilities of all states", q_xt / len(sequences))
        before = per_point(kernel.entropy(reverse(states, t)), 1)
        posteriors = (kernel.posterior(states, np.broadcast_to(s, states.shape), t, schedule) for s in sequences)
        after = sum(per_point(kernel.entropy(q), 1) * q_xt[:, m] for m, q in enumerate(posteriors))
        kl[t] = (before @ q_xt.sum(axis=1) - after.sum()) / len(sequences)
    return K(Terms(kl, *(np.mean(a, keepdims=True) for a in constants(kernel, sequences, schedule))), exact=True)[0]


# --- points along a curve -------------------------------------------------------------------------------------------

def best_gaussian(nodes, schedule, var=0.0, chunk=2**22):
    """The diagonal Gaussian reverse kernel N(f_mu, f_Sigma) with the highest K, for data along a known curve.

    Eq. (15), §2.4
    f_mu and f_Sigma are the mean and the variance of q(x_{t-1}|x_t) in each coordinate. The data is a point of the
    curve plus Gaussian noise of variance `var`. nodes(std) returns points (M, D) of the curve and weights (M,), the
    quadrature rule for an integrand of width std. Returns reverse(x, t) for x (B, D), t an int or (B,).
    """
    var = checks.within("a variance", var, 0)

    def one_step(x, t):
        alpha_bar, noise = np.exp(schedule.log_alpha_bar[t]), -np.expm1(schedule.log_alpha_bar[t])
        total, scale = alpha_bar * var + noise, np.sqrt(alpha_bar)           # x_t ~ N(scale curve, total)
        points, weights = nodes(np.sqrt(total) / scale if scale > 0 else np.inf)
        mean, square = np.empty_like(x), np.empty_like(x)
        for part in np.array_split(np.arange(len(x)), 1 + x.size * len(points) // chunk):
            difference = x[part, None] - scale * points                      # (n, M, D)
            p = softmax(np.log(weights) - 0.5 / total * np.sum(difference ** 2, axis=2))
            mean[part], square[part] = p @ points, p @ points ** 2
        gain = scale * var / total                                           # regression of x_0 on x_t, near one node
        x0 = mean + gain * (x - scale * mean)
        x0_var = (1 - gain * scale) ** 2 * np.maximum(square - mean ** 2, 0) + var * noise / total
        return reverse_given_x0(x, Gaussian(x0, x0_var), t, schedule)

    def reverse(x, t):
        x, _ = checks.points(x), at(schedule.beta, t, x)
        if np.ndim(t) == 0:
            return one_step(x, int(t))
        steps, n = runs(t)
        parts = [one_step(a, int(b)) for a, b in zip(x.reshape((len(steps), n) + x.shape[1:]), steps)]
        return Gaussian(*map(np.concatenate, zip(*parts)))
    return reverse
