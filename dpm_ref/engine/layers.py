"""The pieces that networks are made of, each with its own derivative rule: few operations on large arrays.

    dense(h, W, b, f)         f(h W + b) on the last axis, f one of "linear", "tanh", "sigmoid", "relu"
    normalised_rbf(x, c, w)   radial basis units that sum to 1
    readout(h, W, b, t)       h W_t + b_t, a linear readout for every time step
    widened(narrow, wide)     weights for more units that compute the same

Arrays h are (B, H), t is an int or (B,). float32 in, float32 out, backward too.
"""
import autograd.numpy as np
import numpy
from autograd.extend import defvjp, defvjp_argnums, primitive

from .nests import arrays, like
from .numerics import runs

# value, and derivative as a function of the value y: no second evaluation in the backward pass
NONLINEARITIES = {
    "linear": (lambda a: a, lambda y: 1),
    "tanh": (numpy.tanh, lambda y: 1 - y * y),
    "sigmoid": (lambda a: 0.5 * (1 + numpy.tanh(0.5 * a)), lambda y: y * (1 - y)),
    "relu": (lambda a: numpy.maximum(a, 0), lambda y: y > 0),
}


@primitive
def dense(h, W, b, f="linear"):
    """f(h W + b): h (N, ..., M), W (M, H), b (H,) or (N, H), one row for each entry of h; result (N, ..., H)."""
    a = (rows(h) @ W).reshape(b.shape[:-1] + (-1, W.shape[1]))
    a += b[..., None, :]
    return NONLINEARITIES[f][0](a).reshape(h.shape[:-1] + W.shape[1:])


def rows(h):
    """h (..., H) as a matrix, so that a product is one large one and not many small ones."""
    return h.reshape(-1, h.shape[-1])


def _dense_vjp(argnums, y, args, kwargs):
    h, W, b, f = (args + ("linear",))[:4]

    def vjp(g):
        e = rows(g.astype(y.dtype, copy=False) * NONLINEARITIES[f][1](y))
        rules = {0: lambda: (e @ W.T).reshape(h.shape), 1: lambda: rows(h).T @ e, 2: lambda: _sums(e, b.shape)}
        return tuple(rules[i]() for i in argnums)
    return vjp


defvjp_argnums(dense, _dense_vjp)


def _sums(e, shape):
    """The sum over all rows of e, or over the rows of each point: e (N P, H), shape (H,) or (N, H)."""
    e = e.reshape(shape[:-1] + (-1, shape[-1]))
    return numpy.ones(e.shape[-2], e.dtype) @ e      # a product: numpy is slow at many short sums


def row_sums(a):
    """The sum of each row of a (N, H), (N, 1), as a matrix product: numpy is slow at many short sums."""
    return a @ numpy.ones((a.shape[1], 1), a.dtype)


@primitive
def sigmoid(a):
    """1 / (1 + exp(-a)), without overflow."""
    return NONLINEARITIES["sigmoid"][0](a)


defvjp(sigmoid, lambda y, a: lambda g: g * y * (1 - y))


@primitive
def normalised_rbf(x, centres, log_width):
    """phi_h(x) = exp(-|x - c_h|^2 / (2 w_h^2)), scaled to sum to 1 over h: x (..., D), centres (H, D); (..., H)."""
    phi = _exponents(x, centres, log_width)
    phi -= phi.max(axis=-1, keepdims=True)
    numpy.exp(phi, out=phi)
    phi /= row_sums(phi)
    return phi.reshape(x.shape[:-1] + (len(centres),))


def _exponents(x, centres, log_width):
    """-|x - c|^2 / (2 w^2) as one matrix product: rows (N, H)."""
    x, precision = rows(x), numpy.exp(-2 * log_width)
    linear = numpy.vstack([centres.T * precision, -0.5 * precision, -0.5 * (centres * centres).sum(axis=1) * precision])
    return _with_square(x) @ linear


def _with_square(x):
    """x, its squared length and 1, side by side: (N, D + 2)."""
    out = numpy.ones((len(x), x.shape[1] + 2), x.dtype)
    out[:, :-2] = x
    out[:, -2:-1] = row_sums(x * x)
    return out


def _rbf_vjp(argnums, phi, args, kwargs):
    x, centres, log_width = args

    def vjp(g):
        e = rows(g * phi)
        e -= rows(phi) * row_sums(e)                                  # through the softmax
        precision = numpy.exp(-2 * log_width)[:, None]
        sums = e.T @ _with_square(rows(x))                            # of e x, e |x|^2, e over the points: (H, D + 2)
        ex, ex2, e1 = sums[:, :-2], sums[:, -2], sums[:, -1:]
        rules = {0: lambda: ((e @ (precision * centres)) - rows(x) * (e @ precision)).reshape(x.shape),
                 1: lambda: (ex - e1 * centres) * precision,
                 2: lambda: precision[:, 0] * (ex2 + ((e1 * centres - 2 * ex) * centres).sum(axis=1))}
        return tuple(rules[i]() for i in argnums)
    return vjp


defvjp_argnums(normalised_rbf, _rbf_vjp)


@primitive
def readout(h, W, b, t):
    """h W_t + b_t, a linear readout for every time step: h (B, H), W (T + 1, H, D), b (T + 1, D), t an int or (B,).

    Steps that come in equal runs, as in the bound, share one product: 6 times faster than one product a point.
    """
    if numpy.ndim(t) == 0:
        return h @ W[t] + b[t]
    i, n = runs(t)
    return (h.reshape(len(i), n, -1) @ W[i] + b[i][:, None]).reshape(len(h), -1)


def _readout_vjp(argnums, y, args, kwargs):
    h, W, b, t = args
    i, n = (numpy.atleast_1d(t), len(h)) if numpy.ndim(t) == 0 else runs(t)

    def vjp(g):
        g, h_ = g.reshape(len(i), n, -1), h.reshape(len(i), n, -1)
        rules = {0: lambda: (g @ W[i].swapaxes(-1, -2)).reshape(h.shape),
                 1: lambda: _scatter(W, i, h_.swapaxes(-1, -2) @ g), 2: lambda: _scatter(b, i, g.sum(axis=-2))}
        return tuple(rules[k]() for k in argnums)
    return vjp


def _scatter(like, i, values):
    """Zeros like the parameter, with the values added at each i; quick where every i comes once."""
    out = numpy.zeros_like(like)
    if len(set(i.tolist())) == len(i):
        out[i] = values
    else:
        numpy.add.at(out, i, values)
    return out


defvjp_argnums(readout, _readout_vjp)


def init_dense(rng, sizes, gain=1.0):
    """[(W, b), ...] for layers of the given sizes: W normal of standard deviation gain / sqrt(inputs), b zero."""
    return [(gain * rng.standard_normal((m, n)) / np.sqrt(m), np.zeros(n)) for m, n in zip(sizes[:-1], sizes[1:])]


def mlp(params, h, f, last="linear"):
    """h through dense layers [(W, b), ...], all with the nonlinearity f but the last."""
    for W, b in params[:-1]:
        h = dense(h, W, b, f)
    return dense(h, *params[-1], last)


def widened(narrow, wide):
    """A nest of the sizes of `wide` that computes what `narrow` computes, as a start for further training.

    Source: Net2Net (Chen et al. 2016).
    Weights are (..., inputs, outputs). Those of `narrow` take the first places. The additional units have the weights
    of `wide`, and the units of `narrow` do not see them: these weights are 0.
    """
    def array(small, large):
        out = large.copy()
        if large.ndim > 1:
            out[..., small.shape[-2]:, :small.shape[-1]] = 0
        out[tuple(map(slice, small.shape))] = small
        return out
    return like(map(array, arrays(narrow), arrays(wide)), wide)
