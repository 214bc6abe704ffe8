"""The nonlinearities of the image network (App. D.2), pixel by pixel, in tiles that fit the cache, on the cores that this process has.

    y = softplus(x)                 # of the multi-scale layers
    y = scaled_softplus(x, a, b, g) # softplus((1 + g a) x + g b), with a scale and a shift for each image and channel
    y = tanh(x)                     # of the 1x1 layers

The derivatives, written so that they can be differentiated again, but for scaled_softplus:

    softplus(x)                 g exp(x - softplus(x))
    scaled_softplus(x, a, b, g) with d = u (1 - exp(-y)) along u: (1 + g a) d in x; d x and d summed over pixels, times g, in a and b
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
def scaled_softplus(x, a, b, g):
    """softplus((1 + Σ_j g_j a_j) x + Σ_j g_j b_j) for images x (N, H, W, C), with a and b (J, C), g (N, J), in one pass through memory.

    text, §D.2.1
    """
    y, scale, shift = onp.empty_like(x), *_of_images(x, a, b, g)

    def one_tile(tile):
        s = x[tile] * scale[tile[0]]
        s += shift[tile[0]]
        _softplus_into(s, y[tile])

    run(one_tile, tiles(x.shape, 4 * x.shape[3] * x.itemsize))
    return y


def _of_images(x, a, b, g):
    """Scale and shift of each image, (N, 1, 1, C)."""
    return [v.astype(x.dtype, copy=False)[:, None, None] for v in (1 + g @ a, g @ b)]


def _scaled_softplus_vjp(argnums, y, args, kwargs):
    x, a, b, g = args

    def vjp(u):
        u, slope, scale = in_dtype_of(u, y), onp.empty_like(x), _of_images(x, a, b, g)[0]
        sums = onp.zeros((2, len(x), x.shape[3]), x.dtype)

        def one_tile(tile):
            d = onp.negative(y[tile])
            onp.subtract(1, onp.exp(d, out=d), out=d)
            d *= u[tile]
            onp.multiply(d, scale[tile[0]], out=slope[tile])
            ones = onp.ones(d.shape[1] * d.shape[2], x.dtype)  # sums as products: numpy is slow at many short sums
            return [ones @ v.reshape(len(v), -1, v.shape[3]) for v in (x[tile] * d, d)]

        cut = tiles(x.shape, 4 * x.shape[3] * x.itemsize)
        for tile, parts in zip(cut, run(one_tile, cut)):
            sums[:, tile[0]] += parts
        found = {0: slope, 1: g.T @ sums[0], 2: g.T @ sums[1]}   # the bumps g are not learned
        return tuple(found[i] for i in argnums)
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
