"""The nonlinearities of the image network (App. D.2), pixel by pixel, in tiles that fit the cache, on the cores that this process has.

    y = softplus(x)                 # of the multi-scale layers
    y = scaled_softplus(x, a, b)    # softplus((1 + a) x + b), with a scale and a shift for each image and channel
    y = tanh(x)                     # of the 1x1 layers

The derivatives, written so that they can be differentiated again, but for scaled_softplus:

    softplus(x)                 g exp(x - softplus(x))
    scaled_softplus(x, a, b)    with d = g exp(s - softplus(s)), s = (1 + a) x + b: (1 + a) d, and d x and d summed over pixels
    tanh(x)                     g (1 - tanh(x)²)
"""
import autograd.numpy as np
import numpy as onp
from autograd.extend import defvjp, defvjp_argnums, primitive

from .tiles import elementwise, in_dtype_of, run, tiles


@primitive
def softplus(x):
    """Smooth rectifier of the multi-scale layers, to an absolute (not relative) error of one rounding.

    text, §D.2.1

        log(1 + exp(x))
    """
    return elementwise(_softplus_into, x)


def _softplus_into(x, y):
    onp.abs(x, out=y)
    onp.exp(onp.negative(y, out=y), out=y)
    onp.log(onp.add(y, 1, out=y), out=y)  # log1p would be eight times slower, for digits that x's own scale drowns
    y += onp.maximum(x, 0)


@primitive
def scaled_softplus(x, a, b):
    """softplus((1 + a) x + b) for images x (N, H, W, C), with a and b (N, 1, 1, C), in one pass through memory.

    text, §D.2.1
    """
    y = onp.empty_like(x)
    run(lambda tile: _softplus_into(_scaled(x, a, b, tile), y[tile]), tiles(x.shape, 4 * x.shape[3] * x.itemsize))
    return y


def _scaled(x, a, b, tile):
    s = x[tile] * (1 + a[tile[0]])
    s += b[tile[0]]
    return s


def _scaled_softplus_vjp(argnums, y, args, kwargs):
    x, a, b = args

    def vjp(g):
        g, slope, sums = in_dtype_of(g, y), onp.empty_like(x), onp.zeros((2,) + a.shape, x.dtype)

        def one_tile(tile):
            d = _scaled(x, a, b, tile)
            onp.exp(onp.subtract(d, y[tile], out=d), out=d)
            d *= g[tile]
            onp.multiply(d, 1 + a[tile[0]], out=slope[tile])
            ones = onp.ones((1, d.shape[1] * d.shape[2]), x.dtype)  # sums as products: numpy is slow at many short sums
            return [(ones @ v.reshape(len(v), -1, v.shape[3]))[:, None] for v in (x[tile] * d, d)]

        cut = tiles(x.shape, 4 * x.shape[3] * x.itemsize)
        for tile, parts in zip(cut, run(one_tile, cut)):
            sums[:, tile[0]] += parts
        return tuple((slope, *sums)[i] for i in argnums)
    return vjp


@primitive
def tanh(x):
    """Hyperbolic tangent of the 1x1 layers; unlike autograd's own, its derivative cannot overflow in float32.

    text, §D.2.1
    """
    return elementwise(lambda x, y: onp.tanh(x, out=y), x)


@primitive
def _softplus_gradient(g, y, x):
    def into(g, y, x, out):
        onp.exp(onp.subtract(x, y, out=out), out=out)
        out *= g
    return elementwise(into, g, y, x)


@primitive
def _tanh_gradient(g, y):
    def into(g, y, out):
        onp.subtract(1, onp.multiply(y, y, out=out), out=out)
        out *= g
    return elementwise(into, g, y)


defvjp(softplus, lambda y, x: lambda g: _softplus_gradient(in_dtype_of(g, y), y, x))
defvjp_argnums(scaled_softplus, _scaled_softplus_vjp)
defvjp(tanh, lambda y, x: lambda g: _tanh_gradient(in_dtype_of(g, y), y))
defvjp(_softplus_gradient,
       lambda d, g, y, x: lambda u: u * np.exp(x - y),
       lambda d, g, y, x: lambda u: -u * d,
       lambda d, g, y, x: lambda u: u * d)
defvjp(_tanh_gradient,
       lambda d, g, y: lambda u: u * (1 - y * y),
       lambda d, g, y: lambda u: -2 * u * g * y)
