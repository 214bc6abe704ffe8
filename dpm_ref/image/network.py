"""The image network of App. D.2, Figure D.1: one set of filters for all sizes of image and all steps t.

    x_t ─┬─ multi-scale convolution, softplus ── ... ──┐
         ├─ dense pathway, tanh ── ... ────────────────┼─ 1x1 layers, tanh ── 2J numbers a pixel and channel
         └─ the pixel itself ──────────────────────────┘                             │ bumps g_j(t), Eqs. 62-63
                                              p(x_{t-1}|x_t), Eqs. 64-65 ─────────── z_mu, z_Sigma

In the paper the network sees t in its last step only, and each scale of a multi-scale layer has one filter. Our network
has more:

- A scale may have convolutions of its own before its filter.
- Each convolution layer has a scale 1 + a(t) and a shift b(t); the first dense and the first 1x1 layer have a shift
  b(t). The bumps of Eq. 63 mix a(t) and b(t) from J numbers. Before training a = b = 0, as in the paper.
- Figure D.1 does not say which convolution layers the 1x1 layers see. Ours see all of them, and the pixel itself.

`init_image` makes the parameters. `image_network` is called as every network of the package, with x (B, H, W, C) and t
an int or (B,). `as_printed`, `authors_code` and `through_x0` turn z into a mean and a variance.
"""
import autograd.numpy as np

from ..engine.layers import dense, init_dense, mlp
from ..engine.nests import to_float32
from .convolution import convolve, mean_pool, scaled_softplus, upsample
from .readout import bumps, through_x0, time_readout


def init_image(rng, shape, layers=3, channels=32, scales=3, size=3, inner=None, hidden=(), features=4, pixels=(48, 48),
               J=10):
    """Parameters for images of shape (H, W, C), float32; the readout is 0, so that z = 0.

    `layers` multi-scale layers of `channels` channels have size x size filters at `scales` scales. The dense pathway
    has `hidden` units and ends in `features` numbers a pixel; there is none if `hidden` is empty. The 1x1 layers have
    `pixels` units. Parameters that depend on t have J rows, one for each bump. `inner` gives the channels of each
    scale's own convolutions, such as ((24,), (48,), (96, 96)) for three scales, and replaces `scales`; by default there
    are none.
    """
    H, W, C = shape
    widths, inner = (C,) + layers * (channels,), inner or scales * ((),)
    conv = [init_multi_scale(rng, m, n, inner, size, J) for m, n in zip(widths[:-1], widths[1:])]
    whole = init_dense(rng, (H * W * C,) + tuple(hidden) + (H * W * features,)) if hidden else []
    whole[:1] = [(w, np.zeros((J, len(b)))) for w, b in whole[:1]]
    inputs = [C] + layers * [channels] + ([features] if hidden else [])
    join = [rng.standard_normal((m, pixels[0])) / np.sqrt(m * len(inputs)) for m in inputs], np.zeros((J, pixels[0]))
    return to_float32({"conv": conv, "dense": whole, "join": join, "pixels": init_dense(rng, pixels),
                       "W": np.zeros((J, pixels[-1], 2 * C)), "b": np.zeros((J, 2 * C))})


def init_multi_scale(rng, m, n, inner, size, J):
    """A multi-scale layer from m to n channels: ([(own convolutions, filter) for each scale], a, b)."""
    def normal(m, n, summed=1):  # the softplus of a standard normal number has mean square 0.92: sizes stay as they are
        return rng.standard_normal((size, size, m, n)) / np.sqrt(summed * size * size * m)

    scales = []
    for widths in inner:
        widths = (m,) + tuple(widths)
        own = [(normal(i, o), np.zeros((J, o)), np.zeros((J, o))) for i, o in zip(widths[:-1], widths[1:])]
        m = widths[-1]
        scales.append((own, normal(m, n, len(inner))))
    return scales, np.zeros((J, n)), np.zeros((J, n))


def image_network(params, x, t, schedule, kernel, parametrise=through_x0):
    """p(x_{t-1}|x_t) as Gaussian(mean, var) of the shape of x, images (B, H, W, C), for t an int or (B,).

    text, §D.2.1
    Without a dense pathway images may be larger than those of training, in multiples of the coarsest scale's block.
    ValueError for x of another shape, or of integers.
    """
    _check_images(params, x, t)
    g = bumps(np.broadcast_to(t, (len(x),)), schedule.T, len(params["W"])).astype(params["W"].dtype)   # (B, J)
    h = features(params, x, g)                                                                         # (B, H, W, F)
    z, C = time_readout(h, params["W"], params["b"], g), x.shape[3]                                    # (B, H, W, 2C)
    return parametrise(x, z[..., :C], z[..., C:], t, schedule)


def _check_images(params, x, t):
    if x.ndim != 4 or np.ndim(t) and np.shape(t) != (len(x),):
        raise ValueError("images must be (B, H, W, C) with t an int or (B,); "
                         f"got {x.shape} and t of shape {np.shape(t)}")
    if x.dtype.kind != "f":
        raise ValueError(f"images must be floats, scaled as those of training were; got {x.dtype}")
    block = 2 ** (max((len(scales) for scales, *_ in params["conv"]), default=1) - 1)
    if x.shape[1] % block or x.shape[2] % block:
        raise ValueError(f"height and width must be multiples of {block}, the coarsest scale; got {x.shape[1:]}")


def features(params, x, g):
    """The F features of each pixel of images x (B, H, W, C), given the bumps g (B, J) at the t of each: (B, H, W, F).

    text, §D.2.1
    """
    paths = [x] + convolutions(params["conv"], x, g)
    if params["dense"]:
        paths.append(dense_pathway(params["dense"], x, g))
    W, b = params["join"]
    h = dense(np.concatenate(paths, axis=3), np.concatenate(W), np.dot(g, b), "tanh")
    for W, b in params["pixels"]:
        h = dense(h, W, b, "tanh")
    return h


def convolutions(layers, h, g):
    """The output of each multi-scale layer [(scales, a, b), ...], one after the other: [(B, H, W, O), ...].

    text, §D.2.1
    """
    outputs = []
    for scales, a, b in layers:
        h = softplus_at_t(multi_scale(h, scales, g), a, b, g)
        outputs.append(h)
    return outputs


def softplus_at_t(h, a, b, g):
    """softplus((1 + a(t)) h + b(t)) with a(t) = Σ_j g_j(t) a_j, a (J, C), and b alike: FiLM (Perez et al. 2018)."""
    return scaled_softplus(h, 1 + np.dot(g, a), np.dot(g, b))


def multi_scale(h, scales, g=None):
    """Σ_s upsample(convolve(mean_pool(h, s), w_s), s): h (B, H, W, C), scales [([], w_s (k, k, C, O)), ...].

    text, §D.2.1
    The result is (B, H, W, O). The sum over the scales from the second on is computed at half the size. Where a scale
    has convolutions of its own, [(w, a, b), ...], the coarser scales continue from their output, as in a U-Net
    (Ronneberger et al. 2015).
    """
    (own, w_s), *coarser = scales
    for w, a, b in own:
        h = softplus_at_t(convolve(h, w), a, b, g)
    fine = convolve(h, w_s)
    return fine + upsample(multi_scale(mean_pool(h, 1), coarser, g), 1) if coarser else fine


def dense_pathway(layers, x, g):
    """tanh layers that see the whole image at once: x (B, H, W, C), bumps g (B, J), to (B, H, W, features).

    text, §D.2.1
    ValueError for images of another size than those of training.
    """
    if x[0].size != len(layers[0][0]):
        raise ValueError(f"the dense pathway takes images of {len(layers[0][0])} numbers; got {x.shape[1:]}")
    (W_1, b_1), *rest = layers
    h = dense(np.reshape(x, (len(x), -1)), W_1, np.dot(g, b_1), "tanh")
    return np.reshape(mlp(rest, h, "tanh", last="tanh"), x.shape[:3] + (-1,))
