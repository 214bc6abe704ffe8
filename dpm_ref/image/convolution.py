"""Convolution and scales of the image network (App. D.2), fast enough for a CPU.

    y = convolve(x, w)      # 'same' convolution; a 1x1 filter is a matrix product per pixel
    y = mean_pool(x, 2)     # mean over blocks of 4x4 pixels: one scale of the multi-scale layer
    x = upsample(y, 2)      # every pixel repeated as a block of 4x4

Images are (N, H, W, C), channels last: then the k pixels under one row of a filter lie side by side in memory and are
copied as one, a convolution is one matrix product, and a 1x1 convolution is `x @ w`.

The work is done in `tiles` that fit the cache, on the cores that this process has.

The derivatives, written with the functions themselves (so they can be differentiated again):

    function           derivative along g
    convolve(x, w)     in x: convolve(g, w turned by 180°, its channels exchanged);  in w: filter_gradient(x, g)
    mean_pool(x, s)    upsample(g, s) / 4^s
    upsample(x, s)     mean_pool(g, s) · 4^s
"""
import autograd.numpy as np
import numpy as onp
from autograd.extend import Box, defvjp, defvjp_argnums, primitive

from ..engine.tiles import in_dtype_of, run, tiles

# ------------------------------------------------------------------ convolution

@primitive
def convolve(x, w):
    """Correlate images with filters, zeros outside, so that the size stays ('same').

    text, §D.2.1

        y[n, i, j, o] = Σ_a Σ_b Σ_c x[n, i + a - r, j + b - r, c] w[a, b, c, o],   k = 2r + 1

    x is (N, H, W, C), w is (k, k, C, O) with k odd; returns (N, H, W, O), float32 if both are.
    Raises ValueError on other shapes.
    """
    _check_filter(x, w)
    k, out = len(w), onp.empty(x.shape[:3] + w.shape[3:], onp.result_type(x, w))
    matrix = w.astype(out.dtype, copy=False).reshape(-1, w.shape[3])

    def one_tile(tile):
        onp.matmul(_windows(x, tile, k, out.dtype), matrix, out=_pixels(out[tile]))

    run(one_tile, tiles(x.shape, k * k * x.shape[3] * out.itemsize))
    return out


@primitive
def filter_gradient(x, g, k):
    """Correlate images with a gradient of their convolution: the derivative of `convolve` in its filters.

        v[a, b, c, o] = Σ_n Σ_i Σ_j x[n, i + a - r, j + b - r, c] g[n, i, j, o],   k = 2r + 1

    x is (N, H, W, C), g is (N, H, W, O), k odd; returns (k, k, C, O). Raises ValueError on other shapes.
    """
    if onp.ndim(x) != 4 or onp.ndim(g) != 4 or x.shape[:3] != g.shape[:3]:
        raise ValueError(f"images and gradient must be (N, H, W, C) and (N, H, W, O), got {onp.shape(x)} and {onp.shape(g)}")
    if k % 2 == 0:
        raise ValueError(f"filters must be k x k with k odd, got {k} x {k}")
    if g.shape[3] < x.shape[3]:  # the larger matrix is made from the narrower images
        return _turn(filter_gradient(g, x, k))
    dtype = onp.result_type(x, g)

    def one_tile(tile):
        return _windows(x, tile, k, dtype).T @ _pixels(g[tile])

    return _sum_of_tiles(one_tile, x, g, k)


def _turn(w):
    """The filters of the transposed convolution: turned by 180°, channels exchanged."""
    return np.transpose(w[::-1, ::-1], (0, 1, 3, 2))


def _both_derivatives(x, w, g):
    """Those of `convolve` in x and in w, from one matrix of windows on g."""
    k, in_x = len(w), onp.empty(x.shape, g.dtype)
    matrix = _turn(w).astype(g.dtype, copy=False).reshape(-1, x.shape[3])

    def one_tile(tile):
        windows = _windows(g, tile, k, g.dtype)
        onp.matmul(windows, matrix, out=_pixels(in_x[tile]))
        return windows.T @ _pixels(x[tile])

    return in_x, _turn(_sum_of_tiles(one_tile, g, x, k))


def _sum_of_tiles(one_tile, x, g, k):
    """The matrices (k k C, O) that one_tile returns, made from windows on x, added up: (k, k, C, O)."""
    dtype = onp.result_type(x, g)
    total = onp.zeros((k * k * x.shape[3], g.shape[3]), dtype)   # without images it stays 0
    for part in run(one_tile, tiles(x.shape, k * k * x.shape[3] * dtype.itemsize)):
        total += part
    return total.reshape(k, k, x.shape[3], g.shape[3])


def _convolve_vjp(argnums, y, args, kwargs):
    x, w = args

    def vjp(g):
        g = in_dtype_of(g, y)
        if argnums == (0, 1) and not any(isinstance(v, Box) for v in (g, x, w)):  # a Box: to be differentiated again
            return _both_derivatives(x, w, g)
        return tuple(filter_gradient(x, g, len(w)) if i else convolve(g, _turn(w)) for i in argnums)
    return vjp


defvjp_argnums(convolve, _convolve_vjp)
defvjp(filter_gradient,
       lambda v, x, g, k: lambda u: convolve(g, _turn(u)),
       lambda v, x, g, k: lambda u: convolve(x, u),
       None)


def _windows(x, tile, k, dtype):
    """The k x k pixels around each pixel of a tile, zeros outside the image, as rows of a matrix: (pixels, k k C)."""
    images, rows = tile
    r, (n, height, width, c) = k // 2, x[images].shape
    if k == 1:
        return _pixels(x[tile])
    above, below = min(r, rows.start), min(r, height - rows.stop)  # a band of rows sees its neighbours
    framed = onp.zeros((n, rows.stop - rows.start + 2 * r, width + 2 * r, c), dtype)
    framed[:, r - above:framed.shape[1] - r + below, r:-r] = x[images, rows.start - above:rows.stop + below]
    shape, (image, row, pixel, channel) = (n, framed.shape[1] - 2 * r, width, k, k * c), framed.strides
    return onp.ndarray(shape, dtype, framed, 0, (image, row, pixel, row, channel)).reshape(-1, k * k * c)


def _check_filter(x, w):
    if onp.ndim(x) != 4 or onp.ndim(w) != 4:
        raise ValueError(f"images must be (N, H, W, C) and filters (k, k, C, O), got {onp.shape(x)} and {onp.shape(w)}")
    if w.shape[0] != w.shape[1] or w.shape[0] % 2 == 0:
        raise ValueError(f"filters must be k x k with k odd, got {w.shape[0]} x {w.shape[1]}")
    if x.shape[3] != w.shape[2]:
        raise ValueError(f"filters (k, k, C, O) must take the images' {x.shape[3]} channels, got {w.shape}")


# ------------------------------------------------------------------ scales

@primitive
def mean_pool(x, s):
    """Average images over blocks of 2^s x 2^s pixels.

    text, §D.2.1

    x is (N, H, W, C); returns (N, H/2^s, W/2^s, C). Raises ValueError if H or W is not divisible by 2^s.
    """
    _check_scale(x, s)
    if x.shape[1] % 2**s or x.shape[2] % 2**s:
        raise ValueError(f"H and W of images (N, H, W, C) must be divisible by 2^{s} = {2**s}, got {x.shape}")
    for _ in range(s):
        n, h, width, c = x.shape
        y = onp.empty((n, h // 2, width // 2, c), x.dtype)

        def one_tile(tile):
            block = x[tile[0], 2 * tile[1].start:2 * tile[1].stop]
            pairs = block[:, ::2] + block[:, 1::2]
            total = onp.add(pairs[:, :, ::2], pairs[:, :, 1::2], out=y[tile])
            total *= 0.25

        run(one_tile, tiles(y.shape, 8 * c * x.itemsize))
        x = y
    return x


@primitive
def upsample(x, s):
    """Enlarge images by repeating every pixel as a block of 2^s x 2^s pixels.

    text, §D.2.1

    x is (N, H, W, C); returns (N, 2^s H, 2^s W, C). Raises ValueError on other shapes.
    """
    _check_scale(x, s)
    f, (n, h, width, c) = 2**s, x.shape
    y = onp.empty((n, h, f, width, f, c), x.dtype)

    def one_tile(tile):
        y[tile] = x[tile][:, :, None, :, None]

    run(one_tile, tiles(x.shape, f * f * c * x.itemsize))
    return y.reshape(n, f * h, f * width, c)


def _check_scale(x, s):
    if onp.ndim(x) != 4:
        raise ValueError(f"images must be (N, H, W, C), got {onp.shape(x)}")
    if s != int(s) or s < 0:
        raise ValueError(f"a scale s, for blocks of 2^s pixels, must be a whole number from 0, got {s}")


defvjp(mean_pool, lambda y, x, s: lambda g: upsample(in_dtype_of(g, y) * 0.25**s, s), None)
defvjp(upsample, lambda y, x, s: lambda g: mean_pool(in_dtype_of(g, y), s) * 4.0**s, None)


def _pixels(x):
    return x.reshape(-1, x.shape[-1])
