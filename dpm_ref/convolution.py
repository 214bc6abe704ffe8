"""Convolution, pooling and pixel-wise functions of the image network (App. D.2), fast enough for a CPU.

    y = convolve(x, w)      # 'same' convolution; a 1x1 filter is a matrix product per pixel
    y = mean_pool(x, 2)     # mean over blocks of 4x4 pixels: one scale of the multi-scale layer
    x = upsample(y, 2)      # every pixel repeated as a block of 4x4
    y = softplus(x)         # the nonlinearity of the multi-scale layer
    y = tanh(x)             # the nonlinearity of the 1x1 layers

Images are (N, H, W, C), channels last: then the k pixels under one row of a filter lie side by side in
memory, a filter row is one copy and one matrix product, and a 1x1 convolution is `x @ w`.

Every function here does its work in tiles that fit the cache, on as many Python threads as BLAS would have
used itself, with BLAS held at one thread each: many small products then scale with the cores, which BLAS's
own threads do not manage. Where BLAS cannot be told, there is one Python thread and BLAS does as it likes.

The derivatives, written with the functions themselves (so they can be differentiated again):

    function           derivative along g
    convolve(x, w)     in x: convolve(g, w turned by 180°, its channels exchanged);  in w: filter_gradient(x, g)
    mean_pool(x, s)    upsample(g, s) / 4^s
    upsample(x, s)     mean_pool(g, s) · 4^s
    softplus(x)        g exp(x - softplus(x))
    tanh(x)            g (1 - tanh(x)²)
"""
import ctypes
import os
from concurrent.futures import ThreadPoolExecutor
from glob import glob
from typing import Callable, NamedTuple

import autograd.numpy as np
import numpy as onp
from autograd.extend import defvjp, primitive

TILE_BYTES = 1024 * 1024  # working set of a tile: about a second-level cache


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
    w = w.astype(out.dtype, copy=False)

    def one_tile(tile):
        images, rows = tile
        if k == 1:
            onp.matmul(_pixels(x[images, rows]), w[0, 0], out=_pixels(out[images, rows]))
            return
        columns, (n, h, width), step = _columns(x, tile, k, out.dtype)
        y = onp.empty((n * h * width, w.shape[3]), out.dtype)
        last = len(columns) - (k - 1) * step
        onp.matmul(columns[:last], w[0].reshape(-1, w.shape[3]), out=y[:last])
        for a in range(1, k):  # one matrix product a filter row
            y[:last] += columns[a * step:a * step + last] @ w[a].reshape(-1, w.shape[3])
        r = k // 2
        out[images, rows] = y.reshape(n, h, width, -1)[:, :h - r, :width - r]

    _run(one_tile, _tiles(x.shape, k * x.shape[3] * out.itemsize))
    return out


@primitive
def filter_gradient(x, g, k):
    """Correlate images with a gradient of their convolution: the derivative of `convolve` in its filters.

    not in the paper

        v[a, b, c, o] = Σ_n Σ_i Σ_j x[n, i + a - r, j + b - r, c] g[n, i, j, o],   k = 2r + 1

    x is (N, H, W, C), g is (N, H, W, O), k odd; returns (k, k, C, O). Raises ValueError on other shapes.
    """
    if onp.ndim(x) != 4 or x.shape[:3] != g.shape[:3]:
        raise ValueError(f"images and gradient must be (N, H, W, C) and (N, H, W, O), got {onp.shape(x)} and {g.shape}")
    dtype = onp.result_type(x, g)

    def one_tile(tile):
        images, rows = tile
        if k == 1:
            return (_pixels(x[images, rows]).T @ _pixels(g[images, rows]))[None]
        columns, (n, h, width), step = _columns(x, tile, k, dtype)
        framed = onp.zeros((n, h, width, g.shape[3]), dtype)
        framed[:, :h - k // 2, :width - k // 2] = g[images, rows]
        last = len(columns) - (k - 1) * step
        framed = _pixels(framed)[:last]
        return onp.stack([columns[a * step:a * step + last].T @ framed for a in range(k)])

    v = sum(_run(one_tile, _tiles(x.shape, k * x.shape[3] * dtype.itemsize)))
    return v.reshape(k, k, x.shape[3], g.shape[3])


def _turn(w):
    """The filters of the transposed convolution: turned by 180°, channels exchanged."""
    return np.transpose(w[::-1, ::-1], (0, 1, 3, 2))


defvjp(convolve,
       lambda y, x, w: lambda g: convolve(_as(g, y), _turn(w)),
       lambda y, x, w: lambda g: filter_gradient(x, _as(g, y), len(w)))
defvjp(filter_gradient,
       lambda v, x, g, k: lambda u: convolve(g, _turn(u)),
       lambda v, x, g, k: lambda u: convolve(x, u),
       None)


def _columns(x, tile, k, dtype):
    """The pixels under a filter row, as a matrix: row p holds pixels p..p+k-1 of the tile in a frame of zeros.

    The frame is r = k // 2 zeros at the start of the tile and after every row, and r rows of zeros before and
    after every image; neighbours share them. So the pixels under filter row a are a slice of rows, and the
    matrix is k times the tile and not k². Returns it with the framed shape (n, h + r, W + r) and W + r.
    """
    images, rows = tile
    r, (n, height, width, c) = k // 2, x[images].shape
    h, wide = rows.stop - rows.start, width + r
    flat = onp.zeros((r + (r + n * (h + r)) * wide, c), dtype)
    above, below = min(r, rows.start), min(r, height - rows.stop)  # a band of rows sees its neighbours
    grid = flat[r:].reshape(-1, wide, c)
    if n == 1:
        grid[r - above:r + h + below, :width] = x[images.start, rows.start - above:rows.stop + below]
    else:
        grid[r:].reshape(n, h + r, wide, c)[:, :h, :width] = x[images, rows]
    shape, strides = (len(flat) - k + 1, k * c), (c * flat.itemsize, flat.itemsize)
    return onp.ascontiguousarray(onp.ndarray(shape, dtype, flat, 0, strides)), (n, h + r, wide), wide


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

        _run(one_tile, _tiles(y.shape, 8 * c * x.itemsize))
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

    _run(one_tile, _tiles(x.shape, f * f * c * x.itemsize))
    return y.reshape(n, f * h, f * width, c)


def _check_scale(x, s):
    if onp.ndim(x) != 4:
        raise ValueError(f"images must be (N, H, W, C), got {onp.shape(x)}")
    if s != int(s) or s < 0:
        raise ValueError(f"a scale s, for blocks of 2^s pixels, must be a whole number from 0, got {s}")


defvjp(mean_pool, lambda y, x, s: lambda g: upsample(_as(g, y), s) * 0.25**s, None)
defvjp(upsample, lambda y, x, s: lambda g: mean_pool(_as(g, y), s) * 4.0**s, None)


# ------------------------------------------------------------------ pixel-wise functions

@primitive
def softplus(x):
    """Smooth rectifier of the multi-scale layers, to an absolute (not relative) error of one rounding.

    text, §D.2.1

        log(1 + exp(x))
    """
    def into(x, y):
        onp.abs(x, out=y)
        onp.exp(onp.negative(y, out=y), out=y)
        onp.log(onp.add(y, 1, out=y), out=y)  # log1p would be eight times slower, for digits that x's own scale drowns
        y += onp.maximum(x, 0)
    return _elementwise(into, x)


@primitive
def tanh(x):
    """Hyperbolic tangent of the 1x1 layers; unlike autograd's own, its derivative cannot overflow in float32.

    text, §D.2.1
    """
    return _elementwise(lambda x, y: onp.tanh(x, out=y), x)


@primitive
def _softplus_gradient(g, y, x):
    def into(g, y, x, out):
        onp.exp(onp.subtract(x, y, out=out), out=out)
        out *= g
    return _elementwise(into, g, y, x)


@primitive
def _tanh_gradient(g, y):
    def into(g, y, out):
        onp.subtract(1, onp.multiply(y, y, out=out), out=out)
        out *= g
    return _elementwise(into, g, y)


defvjp(softplus, lambda y, x: lambda g: _softplus_gradient(_as(g, y), y, x))
defvjp(tanh, lambda y, x: lambda g: _tanh_gradient(_as(g, y), y))
defvjp(_softplus_gradient,
       lambda d, g, y, x: lambda u: u * np.exp(x - y),
       lambda d, g, y, x: lambda u: -u * d,
       lambda d, g, y, x: lambda u: u * d)
defvjp(_tanh_gradient,
       lambda d, g, y: lambda u: u * (1 - y * y),
       lambda d, g, y: lambda u: -2 * u * g * y)


def _as(g, y):
    """The gradient in its function's own precision: one float64 constant downstream must not slow all upstream."""
    return g if g.dtype == y.dtype else g.astype(y.dtype)


def _pixels(x):
    return x.reshape(-1, x.shape[-1])


# ------------------------------------------------------------------ tiles and threads

def _elementwise(into, *arrays):
    """Call `into(*pieces, out)` on cache-sized pieces of equally shaped arrays."""
    out = onp.empty(onp.shape(arrays[0]), onp.result_type(*arrays, onp.float16))
    flat = [onp.ascontiguousarray(a).reshape(-1) for a in arrays] + [out.reshape(-1)]
    size = TILE_BYTES // (len(flat) * out.itemsize)
    pieces = [slice(start, start + size) for start in range(0, out.size, size)]
    _run(lambda piece: into(*[a[piece] for a in flat]), pieces)
    return out


def _tiles(shape, bytes_per_pixel):
    """Cut images into (image slice, row slice) tiles of about TILE_BYTES: whole images, or bands of one image."""
    count, height, width = shape[:3]
    rows = max(1, TILE_BYTES // max(1, width * bytes_per_pixel))
    if rows >= height:
        step = max(1, min(rows // max(1, height), -(-count // 4)))  # at least four tiles, for the threads to share
        return [(slice(n, min(n + step, count)), slice(0, height)) for n in range(0, count, step)]
    return [(slice(n, n + 1), slice(i, min(i + rows, height))) for n in range(count) for i in range(0, height, rows)]


def _run(work, tiles):
    """[work(tile) for tile in tiles], on as many Python threads as BLAS has threads, which has one each meanwhile."""
    threads = _blas.get() if _blas else 1
    if threads == 1:  # the user's wish, or BLAS cannot be told, or a caller of ours already runs on all cores
        return [work(tile) for tile in tiles]
    queue, results = iter(enumerate(tiles)), [None] * len(tiles)

    def drain():
        for i, tile in queue:  # a shared iterator: whoever is free takes the next tile
            results[i] = work(tile)

    _blas.set(1)
    try:
        others = [_pool.submit(drain) for _ in range(min(threads, len(tiles)) - 1)]
        drain()
        for other in others:
            other.result()
    finally:
        _blas.set(threads)
    return results


class _Blas(NamedTuple):
    get: Callable  # () -> number of threads
    set: Callable  # (number of threads)


def _find_blas():
    """The thread switch of the OpenBLAS that NumPy's wheels carry; None with any other BLAS."""
    folder = os.path.dirname(onp.__file__)
    for path in glob(folder + ".libs/*openblas*") + glob(folder + "/.dylibs/*openblas*"):
        library = ctypes.CDLL(path)  # NumPy has loaded it already: this is the same copy
        for name in "scipy_openblas_{}_num_threads64_", "openblas_{}_num_threads64_", "openblas_{}_num_threads":
            if hasattr(library, name.format("set")):
                return _Blas(getattr(library, name.format("get")), getattr(library, name.format("set")))


def _new_pool():
    global _pool
    _pool = ThreadPoolExecutor(os.cpu_count())


_blas = _find_blas()
_new_pool()  # its threads start with the first use
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_new_pool)  # threads do not survive a fork
