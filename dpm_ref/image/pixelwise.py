"""The nonlinearities of the image network (App. D.2) with what they add first, in tiles that fit the cache, on the cores that this process has.

    y = scaled_softplus(x, a, b, g)     # of the multi-scale layers: softplus((1 + g a) x + g b)
    y = shifted_tanh(x, b, g)           # of the 1x1 layers: tanh(x + g b)

a and b (J, C) hold a number for each bump and channel, g (N, J) the bumps at the t of each image: every image of x (N, H, W, C)
has a scale and a shift of its own. g is not learned: there is no derivative in it. The others, along u:

    scaled_softplus    in x: (1 + g a) d, with d = u (1 - exp(-y));  in a and b: d x and d summed over pixels, times g
    shifted_tanh       in x: d = u (1 - y²);                         in b: d summed over pixels, times g
"""
import autograd.numpy as np
import numpy as onp
from autograd.extend import Box, defvjp_argnums, primitive

from ..engine.tiles import in_dtype_of, run, tiles


@primitive
def scaled_softplus(x, a, b, g):
    """softplus((1 + Σ_j g_j a_j) x + Σ_j g_j b_j), to an absolute (not relative) error of one rounding: (N, H, W, C).

        softplus(s) = log(1 + exp(s))
    """
    y, scale, shift = onp.empty_like(x), _of_images(x, 1 + g @ a), _of_images(x, g @ b)

    def one_tile(tile):
        s, out = x[tile] * scale[tile[0]], y[tile]
        s += shift[tile[0]]
        onp.abs(s, out=out)
        onp.exp(onp.negative(out, out=out), out=out)
        onp.log(onp.add(out, 1, out=out), out=out)  # log1p would be eight times slower, for digits that s's own scale drowns
        out += onp.maximum(s, 0, out=s)

    run(one_tile, _cut(x))
    return y


def _scaled_softplus_vjp(argnums, y, args, kwargs):
    x, a, b, g = args

    def vjp(u):
        if any(isinstance(v, Box) for v in (u, y, x, a, b)):  # to be differentiated again
            d = u * (1 - np.exp(-y))
            found = {0: d * (1 + np.dot(g, a))[:, None, None], 1: np.dot(g.T, np.sum(x * d, (1, 2))), 2: np.dot(g.T, np.sum(d, (1, 2)))}
            return tuple(found[i] for i in argnums)
        u, scale, slope = in_dtype_of(u, y), _of_images(x, 1 + g @ a), onp.empty_like(x)

        def one_tile(tile):
            d = onp.negative(y[tile])
            onp.subtract(1, onp.exp(d, out=d), out=d)
            d *= u[tile]
            onp.multiply(d, scale[tile[0]], out=slope[tile])
            return _over_pixels(x[tile] * d), _over_pixels(d)

        sums = _summed(one_tile, x, 2)
        found = {0: slope, 1: g.T @ sums[0], 2: g.T @ sums[1]}
        return tuple(found[i] for i in argnums)
    return vjp


@primitive
def shifted_tanh(x, b, g):
    """tanh(x + Σ_j g_j b_j); unlike autograd's own tanh, its derivative cannot overflow in float32: (N, H, W, C)."""
    y, shift = onp.empty_like(x), _of_images(x, g @ b)

    def one_tile(tile):
        onp.tanh(onp.add(x[tile], shift[tile[0]], out=y[tile]), out=y[tile])

    run(one_tile, _cut(x))
    return y


def _shifted_tanh_vjp(argnums, y, args, kwargs):
    x, b, g = args

    def vjp(u):
        if any(isinstance(v, Box) for v in (u, y, x, b)):
            d = u * (1 - y * y)
            return tuple({0: d, 1: np.dot(g.T, np.sum(d, (1, 2)))}[i] for i in argnums)
        u, slope = in_dtype_of(u, y), onp.empty_like(x)

        def one_tile(tile):
            d = onp.multiply(y[tile], y[tile], out=slope[tile])
            onp.subtract(1, d, out=d)
            d *= u[tile]
            return [_over_pixels(d)]

        sums = _summed(one_tile, x, 1)
        found = {0: slope, 1: g.T @ sums[0]}
        return tuple(found[i] for i in argnums)
    return vjp


defvjp_argnums(scaled_softplus, _scaled_softplus_vjp)
defvjp_argnums(shifted_tanh, _shifted_tanh_vjp)


def _of_images(x, v):
    """v (N, C) as it meets the pixels of x, in its dtype: (N, 1, 1, C)."""
    return v.astype(x.dtype, copy=False)[:, None, None]


def _over_pixels(v):
    """The sum over the pixels of each image, as a product, since numpy is slow at many short sums: (N, C)."""
    return onp.ones(v.shape[1] * v.shape[2], v.dtype) @ v.reshape(len(v), -1, v.shape[3])


def _summed(one_tile, x, count):
    """What one_tile(tile) returns, `count` arrays (images, C), added up over the tiles: (count, N, C)."""
    sums, cut = onp.zeros((count, len(x), x.shape[3]), x.dtype), _cut(x)
    for tile, parts in zip(cut, run(one_tile, cut)):
        sums[:, tile[0]] += parts
    return sums


def _cut(x):
    return tiles(x.shape, 4 * x.shape[3] * x.itemsize)
