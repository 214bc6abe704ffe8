"""Expected values by routes that share no formula with the code under test: 50 digits, exact fractions, enumeration.

Arrays here are numpy object arrays of mpmath numbers. Means and variances of Gaussians are read off the curvature of
a log density (`fit`), expectations are two-point sums (exact for a quadratic), bits are enumerated path by path in
exact fractions, gradients are central differences at 50 digits. Needs mpmath.
"""
from fractions import Fraction
from itertools import product

import mpmath as mp
import numpy as np

mp.mp.dps = 50


def M(a):
    """The doubles of a, exactly, as 50-digit numbers."""
    return np.vectorize(lambda v: mp.mpf(v) if not isinstance(v, Fraction) else mp.mpf(v.numerator) / v.denominator,
                        otypes=[object])(np.asarray(a, dtype=object))


def elementwise(f):
    """f of one number as a function of arrays."""
    return lambda a: np.frompyfunc(f, 1, 1)(a)


LOG, EXP, SQRT = elementwise(mp.log), elementwise(mp.exp), elementwise(mp.sqrt)


def log_normal(x, mean, var):
    """log N(x; mean, var)."""
    return -(x - mean) ** 2 / (2 * var) - LOG(2 * mp.pi * var) / 2


def fit(log_density):
    """Mean and variance of the Gaussian proportional to exp of a quadratic function, from its values at -1, 0 and 1."""
    low, middle, high = log_density(mp.mpf(-1)), log_density(mp.mpf(0)), log_density(mp.mpf(1))
    var = -1 / (high - 2 * middle + low)
    return var * (high - low) / 2, var


def expect(f, mean, var):
    """E f(y) for y ~ N(mean, var) and a quadratic f: the average of its values one standard deviation either side."""
    return (f(mean - SQRT(var)) + f(mean + SQRT(var))) / 2


def gaussian_marginal(x0, t, beta):
    """Mean and variance of x_t, one forward step after the other."""
    mean, var = x0, 0 * x0
    for s in range(1, t + 1):
        mean, var = mean * mp.sqrt(1 - beta[s]), var * (1 - beta[s]) + beta[s]
    return mean, var


def gaussian_posterior(xt, x0, t, beta):
    """q(x_{t-1}|x_t,x_0) as the product of two log densities; at t = 1 a point mass at x_0."""
    if t == 1:
        return x0 + 0 * xt, 0 * xt
    mean, var = gaussian_marginal(x0, t - 1, beta)
    return fit(lambda y: log_normal(xt, mp.sqrt(1 - beta[t]) * y, beta[t]) + log_normal(y, mean, var))


def gaussian_kl(mean_q, var_q, mean_p, var_p):
    """E_q log q/p."""
    return expect(lambda y: log_normal(y, mean_q, var_q) - log_normal(y, mean_p, var_p), mean_q, var_q)


def gaussian_entropy(var):
    """-E_q log q."""
    return expect(lambda y: -log_normal(y, 0 * var, var), 0 * var, var)


# --- bits: exact fractions -------------------------------------------------------------------------------------------

def step_probability(after, before, beta, p):
    """q(x_t = after|x_{t-1} = before) of one bit: kept with probability 1 - beta, else drawn again from π."""
    return (1 - beta) * (after == before) + beta * (p if after else 1 - p)


def joint(x0, t, beta, p, fixed):
    """P(the bit has the values fixed = {step: value} | x_0): the sum over all paths x_1..x_t."""
    total = Fraction(0)
    for path in product((0, 1), repeat=t):
        path = (int(x0),) + path
        if all(path[s] == v for s, v in fixed.items()):
            weight = Fraction(1)
            for s in range(1, t + 1):
                weight *= step_probability(path[s], path[s - 1], Fraction(beta[s]), Fraction(p))
            total += weight
    return total


def bit_marginal(x0, t, beta, p):
    """P(x_t = 1|x_0) for arrays of bits."""
    return M(np.vectorize(lambda v: joint(v, t, beta, p, {t: 1}), otypes=[object])(x0))


def bit_posterior(xt, x0, t, beta, p):
    """P(x_{t-1} = 1|x_t,x_0) for arrays of bits."""
    def one(a, b):
        return joint(b, t, beta, p, {t: int(a), t - 1: 1}) / joint(b, t, beta, p, {t: int(a)})
    return M(np.vectorize(one, otypes=[object])(*np.broadcast_arrays(xt, x0)))


def x_log(a, b):
    """a log b for one pair of numbers, 0 where a is 0."""
    return mp.mpf(0) if a == 0 else (a * mp.log(b) if b != 0 else -mp.inf * a)


def bit_kl(q, p):
    """The sum over the two values of q log q/p."""
    f = np.frompyfunc(lambda a, b: x_log(a, a) + x_log(1 - a, 1 - a) - x_log(a, b) - x_log(1 - a, 1 - b), 2, 1)
    return f(M(q), M(p))


def bit_entropy(q):
    """Minus the sum over the two values of q log q."""
    return np.frompyfunc(lambda a: -x_log(a, a) - x_log(1 - a, 1 - a), 1, 1)(M(q))


def bit_log(x, rate):
    """The log of the probability of each bit of x."""
    f = np.frompyfunc(lambda a, r: mp.log(r if a == 1 else 1 - r) if (r if a == 1 else 1 - r) != 0 else -mp.inf, 2, 1)
    return f(M(x), M(rate))


# --- small networks, their objective, and its gradient ---------------------------------------------------------------

def sigmoid(a):
    """1 / (1 + exp(-a))."""
    return 1 / (1 + EXP(-a))


def rbf(params, x, t):
    """Mean and variance (N, D) of the radial basis network at x (N, D)."""
    distance = np.sum((x[:, None] - params["centres"]) ** 2, axis=2)
    phi = EXP(-distance / (2 * EXP(params["log_width"]) ** 2))
    phi = phi / np.sum(phi, axis=1)[:, None]
    return phi @ params["W_mean"][t] + params["b_mean"][t], sigmoid(phi @ params["W_var"][t] + params["b_var"][t])


def rbf_value(params, x0, noises, beta):
    """-sum_t mean_n KL_t of the radial basis network."""
    total = mp.mpf(0)
    for t in range(2, len(beta)):
        mean, var = gaussian_marginal(x0, t, beta)
        xt = mean + SQRT(var) * noises[t]
        total -= np.sum(gaussian_kl(*gaussian_posterior(xt, x0, t, beta), *rbf(params, xt, t))) / len(x0)
    return total


def bit_value(params, x0, noises, beta, p):
    """-sum_t mean_n KL_t of two shared sigmoid layers with a readout for each step."""
    total = mp.mpf(0)
    for t in range(2, len(beta)):
        xt = (M(noises[t]) < bit_marginal(x0, t, beta, p)) * 1
        h = sigmoid(sigmoid(M(xt) @ params["W_1"] + params["b_1"]) @ params["W_2"] + params["b_2"])
        rate = sigmoid(h @ params["W"][t] + params["b"][t])
        total -= np.sum(bit_kl(bit_posterior(xt, x0, t, beta, p), rate)) / len(x0)
    return total


def gradient(value, params):
    """The gradient of value(params) by central differences of 1e-15: right to about 30 digits."""
    h, out = mp.mpf(10) ** -15, {}
    for name, a in params.items():
        out[name] = np.empty_like(a)
        for i in np.ndindex(a.shape):
            kept = a[i]
            a[i] = kept + h
            high = value(params)
            a[i] = kept - h
            out[name][i] = (high - value(params)) / (2 * h)
            a[i] = kept
    return out


def ascent(value, params, rate, steps):
    """The values before each plain step of gradient ascent, and the parameters after the last."""
    params = {name: a.copy() for name, a in params.items()}
    values = []
    for _ in range(steps):
        values.append(value(params))
        g = gradient(value, params)
        params = {name: a + rate * g[name] for name, a in params.items()}
    return values, params
