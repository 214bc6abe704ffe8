"""The operations of the image network (App. D.2): convolution, scales, and a softplus with a scale and a shift.

    y = convolve(x, w)                      # zeros outside the image, so that its size stays
    y = mean_pool(x, 2)                     # mean over blocks of 4x4 pixels: a coarser scale
    x = upsample(y, 2)                      # every pixel repeated as a block of 4x4
    y = scaled_softplus(x, scale, shift)    # softplus(scale x + shift), each image with its own scale and shift

Images are (N, H, W, C). float32 in, float32 out, backward too. The derivatives along g, where y is the result:

    convolve           in x: convolve(g, w turned by 180°, its channels exchanged)
                       in w: window(x)^T g, summed over pixels
    mean_pool          upsample(g, s) / 4^s
    upsample           mean_pool(g, s) · 4^s
    scaled_softplus    with d = g (1 - exp(-y)):  in x: scale d;  in scale: x d,  in shift: d, summed over pixels
"""
import numpy as np
from autograd.extend import defvjp, defvjp_argnums, primitive

from ..engine.workers import each

PART_BYTES = 1024 * 1024   # a part fits a second-level cache: 1.1 to 1.3 times faster than work on whole arrays


def parts(x, copies):
    """Cut images x into a list of parts (images, rows), two slices: whole images, or rows of one image.

    So many copies of a part take PART_BYTES.
    """
    N, H, W, C = x.shape
    rows = max(1, PART_BYTES // max(1, copies * W * C * x.itemsize))
    images = max(1, rows // max(1, H))
    return [(slice(n, n + images), slice(i, i + rows)) for n in range(0, N, images) for i in range(0, H, rows)]


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
    k, y, matrix = len(w), np.empty(x.shape[:3] + w.shape[3:], np.result_type(x, w)), w.reshape(-1, w.shape[3])
    framed = _framed(x, k)
    each(lambda part: np.matmul(_windows(framed, part, k), matrix, out=_pixels(y[part])), parts(x, k * k))
    return y


def _convolve_vjp(argnums, y, args, kwargs):
    x, w = args
    k, turned = len(w), _turned(w).reshape(-1, w.shape[2])

    def vjp(g):
        framed = _framed(g.astype(y.dtype, copy=False), k)
        in_x, in_w = np.empty(x.shape, y.dtype), np.zeros(turned.shape, y.dtype)
        for part in parts(g, k * k):
            windows = _windows(framed, part, k)                     # one matrix for both derivatives
            np.matmul(windows, turned, out=_pixels(in_x[part]))
            in_w += windows.T @ _pixels(x[part])
        in_w = _turned(in_w.reshape(w.shape[:2] + (-1, w.shape[2])))
        return tuple((in_x, in_w)[i] for i in argnums)
    return vjp


defvjp_argnums(convolve, _convolve_vjp)


def _framed(x, k):
    """The images in a frame of zeros, half a filter wide."""
    r, (N, H, W, C) = k // 2, x.shape
    framed = np.zeros((N, H + 2 * r, W + 2 * r, C), x.dtype)
    framed[:, r:r + H, r:r + W] = x
    return framed


def _windows(framed, part, k):
    """The k x k pixels around each pixel of a part, as rows of a matrix: (pixels, k k C)."""
    images, rows = part
    framed = framed[images, rows.start:rows.stop + k - 1]
    (N, H, W, C), (image, row, pixel, channel) = framed.shape, framed.strides
    shape = N, H - k + 1, W - k + 1, k, k * C                       # k pixels of a row lie side by side in memory
    return np.lib.stride_tricks.as_strided(framed, shape, (image, row, pixel, row, channel)).reshape(-1, k * k * C)


def _pixels(x):
    return x.reshape(-1, x.shape[-1])


def _turned(w):
    """Filters turned by 180°, their channels exchanged."""
    return w[::-1, ::-1].swapaxes(2, 3)


def _check_filter(x, w):
    if np.ndim(x) != 4 or np.ndim(w) != 4:
        raise ValueError(f"images must be (N, H, W, C) and filters (k, k, C, O), got {np.shape(x)} and {np.shape(w)}")
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
        pairs = x[:, ::2] + x[:, 1::2]
        x = 0.25 * (pairs[:, :, ::2] + pairs[:, :, 1::2])
    return x


@primitive
def upsample(x, s):
    """Enlarge images by repeating every pixel as a block of 2^s x 2^s pixels.

    text, §D.2.1

    x is (N, H, W, C); returns (N, 2^s H, 2^s W, C). Raises ValueError on other shapes.
    """
    _check_scale(x, s)
    f, (N, H, W, C) = 2**s, x.shape
    return np.broadcast_to(x[:, :, None, :, None], (N, H, f, W, f, C)).reshape(N, f * H, f * W, C)


def _check_scale(x, s):
    if np.ndim(x) != 4:
        raise ValueError(f"images must be (N, H, W, C), got {np.shape(x)}")
    if s != int(s) or s < 0:
        raise ValueError(f"a scale s, for blocks of 2^s pixels, must be a whole number from 0, got {s}")


defvjp(mean_pool, lambda y, x, s: lambda g: upsample(g, s) * 0.25**s, None)
defvjp(upsample, lambda y, x, s: lambda g: mean_pool(g, s) * 4.0**s, None)


# ------------------------------------------------------------------ softplus

@primitive
def scaled_softplus(x, scale, shift):
    """softplus(scale x + shift) for x (N, H, W, C), scale and shift (N, C); the absolute error is one rounding.

    text, §D.2.1

        softplus(s) = log(1 + exp(s))
    """
    y = np.empty_like(x)

    def one(part):
        s = np.multiply(x[part], scale[part[0], None, None], out=y[part])
        s += shift[part[0], None, None]
        e = np.exp(np.minimum(s, 80))                               # exp(89) overflows in float32
        e += 1                                                      # log1p would be eight times slower
        np.maximum(s, np.log(e, out=e), out=s)

    each(one, parts(x, 2))
    return y


def _scaled_softplus_vjp(argnums, y, args, kwargs):
    x, scale, shift = args

    def vjp(g):
        in_x, in_scale, in_shift = (np.zeros(a.shape, y.dtype) for a in args)
        for part in parts(x, 4):
            d = 1 - np.exp(-y[part])
            d *= g[part]
            np.multiply(d, scale[part[0], None, None], out=in_x[part])
            in_shift[part[0]] += _over_pixels(d)
            d *= x[part]
            in_scale[part[0]] += _over_pixels(d)
        return tuple((in_x, in_scale, in_shift)[i] for i in argnums)
    return vjp


defvjp_argnums(scaled_softplus, _scaled_softplus_vjp)


def _over_pixels(v):
    """The sum over the pixels of each image, as a product, since numpy is slow at many short sums: (N, C)."""
    return np.ones(v.shape[1] * v.shape[2], v.dtype) @ v.reshape(len(v), -1, v.shape[3])
