"""Ground truth without learning: what every estimate, bound and network can be measured against.

    all_states, transition, marginals, reverse_of, path_probabilities    small binomial chains, complete
    best_bits, heartbeat_states, best_bits_K                             the best reverse kernel of known sequences
    best_gaussian                                                        the best reverse kernel of points along a curve
    gaussian_reverse, linear_chain, linear_K                             Gaussian data, in closed form

None of this is in the paper. It says how much of a gap is the network's and how much is the method's.
"""
from itertools import combinations_with_replacement, product
from math import comb, factorial

import numpy as np

from .bound import Terms, constants, K, per_point
from .gaussian import Gaussian, mixed_posterior
from .trajectory import reverse_step


# --- small binomial chains ------------------------------------------------------------------------------------------

def all_states(D):
    """Every state of D bits, (2^D, D), counting upwards with the first bit as the most significant.

    not in the paper
    """
    return np.array(list(product([0.0, 1.0], repeat=D)))


def transition(rates, states):
    """The matrix of probabilities from row to column: rates (S, D) of the next bits, next states (R, D); (S, R).

    Eq. (2), §2.1
    """
    return np.prod(np.where(states[None] == 1, rates[:, None], 1 - rates[:, None]), axis=2)


def forward_matrices(kernel, states, schedule):
    """q(x_t|x_{t-1}) for t = 1..T as matrices (S, S) from row to column; entry 0 is the identity.

    Eq. (2), §2.1
    """
    steps = [transition(kernel.forward(states, t, schedule).rate, states) for t in range(1, schedule.T + 1)]
    return [np.eye(len(states))] + steps


def reverse_matrices(kernel, reverse, states, schedule):
    """p(x_{t-1}|x_t) for t = 1..T as matrices (S, S) from row x_t to column x_{t-1}; t = 1 by Eq. 44.

    Eq. (5), §2.2
    """
    steps = [transition(reverse_step(kernel, reverse, states, t, schedule).rate, states) for t in range(1, schedule.T + 1)]
    return [np.eye(len(states))] + steps


def path_probabilities(start, matrices, order):
    """The probability of every path, an array with one axis of S states for each x_0, x_1, .., x_T.

    Eqs. (3) and (5), §2.1
    start (S,); order "forward" (start is q(x_0), matrices take x_{t-1} to x_t) or "reverse" (p(x_T), x_t to x_{t-1}).
    """
    joint = start
    for matrix in matrices[1:] if order == "forward" else matrices[:0:-1]:
        joint = joint[..., None] * matrix
    return joint if order == "forward" else joint.transpose()


# --- the best reverse kernel of known sequences ---------------------------------------------------------------------

def best_bits(kernel, sequences, schedule, weights=None):
    """The reverse kernel f_b(x_t, t) that no bit-wise kernel can beat, for data that is one of K known sequences.

    Eq. (15), §2.4
    f_b = sum_k q(sequence k|x_t) q(x_{t-1}|x_t, sequence k). sequences (K, D) of 0/1, weights (K,) or equal. The
    returned function takes x (..., D) with t an int or (S, 1).
    """
    sequences = np.asarray(sequences, dtype=float)
    log_weights = np.log(np.full(len(sequences), 1 / len(sequences)) if weights is None else np.asarray(weights))

    def reverse(x, t):
        probability = responsibilities(kernel, sequences, log_weights, x, t, schedule)   # (..., K)
        x0 = probability @ sequences                                                     # E[x_0|x_t], (..., D)
        return kernel.posterior(x, x0, t, schedule)
    return reverse


def responsibilities(kernel, sequences, log_weights, x, t, schedule):
    """q(sequence k|x_t = x), (..., K): Bayes' rule over the known sequences.

    not in the paper
    """
    rate = kernel.marginal(sequences if np.ndim(t) == 0 else sequences[None], t, schedule).rate    # (K, D) or (S, K, D)
    with np.errstate(divide="ignore"):
        one, zero = np.log(rate), np.log1p(-rate)
    one, zero = (np.maximum(a, -1e6).swapaxes(-1, -2) for a in (one, zero))              # -inf * 0 would be nan
    return softmax(log_weights + x @ one + (1 - x) @ zero)


def softmax(log_p):
    """exp(log_p) scaled to sum to 1 over the last axis.

    not in the paper
    """
    p = np.exp(log_p - log_p.max(axis=-1, keepdims=True))
    return p / p.sum(axis=-1, keepdims=True)


def heartbeat_states(period=5, beats=4):
    """One representative (S, period * beats) of each class of equivalent states, and the size of its class (S,).

    not in the paper
    A state enters an average over heartbeat data only through how many ones it has in each of the `period` phases, in
    any order of the phases: 126 classes stand for all 1,048,576 states of 20 bits.
    """
    counts = np.array(list(combinations_with_replacement(range(beats + 1), period)))     # (S, period), sorted
    states = (np.arange(beats)[None, :, None] < counts[:, None, :]) * 1.0                # (S, beats, period)
    choices = np.prod(np.vectorize(comb)(beats, counts), axis=1)                         # which beats are 1, phase by phase
    orders = [factorial(period) / np.prod([factorial(n) for n in np.bincount(c)]) for c in counts]
    return states.reshape(len(counts), -1), choices * np.array(orders)


def best_bits_K(kernel, sequences, schedule, states, multiplicity):
    """K at its best for data that is one of K equally likely sequences, in nats, exactly: no draw is made.

    Eq. (14), §2.4
    E KL_t = sum_i H(bit i of x_{t-1} under f_b) - H(x_{t-1}|x_t,x_0), averaged over the given states (S, D) of x_t,
    each standing for `multiplicity` (S,) like it (`all_states` with ones, or `heartbeat_states`).
    """
    reverse = best_bits(kernel, sequences, schedule)
    kl = np.zeros((schedule.T + 1, 1))
    for t in range(2, schedule.T + 1):
        rate = kernel.marginal(sequences, t, schedule).rate
        q_xt = np.exp(states @ np.log(rate).T + (1 - states) @ np.log1p(-rate).T) * multiplicity[:, None]   # (S, K)
        before = per_point(kernel.entropy(reverse(states, t)), 1)
        after = sum(per_point(kernel.entropy(kernel.posterior(states, np.broadcast_to(s, states.shape), t, schedule)), 1)
                    * q_xt[:, k] for k, s in enumerate(sequences))
        kl[t] = (before @ q_xt.sum(axis=1) - after.sum()) / len(sequences)
    return K(Terms(kl, *(np.mean(a, keepdims=True) for a in constants(kernel, sequences, schedule))))[0]


# --- the best reverse kernel of points along a curve ----------------------------------------------------------------

def best_gaussian(nodes, schedule, var=0.0, chunk=2**22):
    """The diagonal Gaussian reverse kernel f_mu, f_Sigma that no other can beat, for data along a known curve.

    Eq. (15), §2.4
    The data is a curve blurred by Gaussian noise of variance `var`. nodes(std) gives points (M, D) and weights (M,)
    that represent the curve for an integrand as narrow as std. Mean and variance of q(x_{t-1}|x_t) are matched; the
    returned function takes x (N, D) with an int t, or (S, N, D) with t (S, 1).
    """
    def one_step(x, t):
        x = np.asarray(x, float)
        alpha_bar, noise = np.exp(schedule.log_alpha_bar[t]), -np.expm1(schedule.log_alpha_bar[t])
        total, scale = alpha_bar * var + noise, np.sqrt(alpha_bar)           # x_t ~ N(scale curve, total)
        points, weights = nodes(np.sqrt(total) / scale if scale > 0 else np.inf)
        mean, square = np.empty_like(x), np.empty_like(x)
        for part in np.array_split(np.arange(len(x)), 1 + x.size * len(points) // chunk):
            difference = x[part, None] - scale * points                      # (n, M, D)
            p = softmax(np.log(weights) - 0.5 / total * np.sum(difference ** 2, axis=2))
            mean[part], square[part] = p @ points, p @ points ** 2
        gain = scale * var / total                                           # how much of x_t is the data's own noise
        x0 = mean + gain * (x - scale * mean)
        x0_var = (1 - gain * scale) ** 2 * np.maximum(square - mean ** 2, 0) + var * noise / total
        return mixed_posterior(x, Gaussian(x0, x0_var), t, schedule)

    def reverse(x, t):
        if np.ndim(t) == 0:
            return one_step(x, int(t))
        steps = [one_step(a, int(b)) for a, b in zip(np.broadcast_to(x, (len(t),) + x.shape[1:]), t[:, 0])]
        return Gaussian(np.stack([s.mean for s in steps]), np.stack([s.var for s in steps]))
    return reverse


# --- Gaussian data --------------------------------------------------------------------------------------------------

def gaussian_reverse(schedule, mean=0.0, var=1.0):
    """The exact reverse kernel q(x_{t-1}|x_t) when the data is N(mean, var), coordinate by coordinate.

    Eq. (48), §B.3
    """
    points = np.broadcast_to(np.asarray(mean, dtype=float), np.broadcast_shapes(np.shape(mean), np.shape(var)))
    return best_gaussian(lambda std: (np.atleast_1d(points)[None], np.ones(1)), schedule, var)


def linear_chain(slope, var, T_var=1.0):
    """Variances (T + 1,) of x_0..x_T in a reverse chain x_{t-1} = slope_t x_t + N(0, var_t) from x_T ~ N(0, T_var).

    Eq. (17), §2.5.2
    slope and var have shape (T + 1,), entry 0 unused.
    """
    out = np.full(len(slope), float(T_var))
    for t in range(len(slope) - 1, 0, -1):
        out[t - 1] = slope[t] ** 2 * out[t] + var[t]
    return out


def linear_K(slope, var, schedule, m2=1.0):
    """The bound of Eq. 12 for scalar data of second moment m2 and reverse steps N(slope_t x_t, var_t), t = 1..T, in nats.

    Eq. (12), §2.4
    E_q log p(x_T) + sum_t E_q [log p(x_{t-1}|x_t) - log q(x_t|x_{t-1})], each a Gaussian expectation in closed form.
    """
    def cross(second_moment, variance):  # E log N(y; m, variance) when E (y - m)^2 = second_moment
        return -0.5 * (np.log(2 * np.pi * variance) + second_moment / variance)

    second = 1 + schedule.alpha_bar * (m2 - 1)                               # E x_t^2
    total = cross(second[-1], 1.0)
    for t in range(1, schedule.T + 1):
        beta = schedule.beta[t]
        product_moment = np.sqrt(1 - beta) * second[t - 1]                   # E x_t x_{t-1}
        error = second[t - 1] - 2 * slope[t] * product_moment + slope[t] ** 2 * second[t]
        total += cross(error, var[t]) - cross(beta, beta)
    return total
