"""The image network of App. D.2, Figure D.1: one set of filters for all sizes of image and all steps t.

    x_t ─┬─ multi-scale convolution, softplus ── ... ──┐
         ├─ dense pathway, tanh ── ... ────────────────┼─ 1x1 layers, tanh ── 2J numbers a pixel and channel
         └─ the pixel itself ──────────────────────────┘                             │ bumps g_j(t), Eqs. 62-63
                                              p(x_{t-1}|x_t), Eqs. 64-65 ─────────── z_mu, z_Sigma

The paper's network meets t in its last step only. Ours may know it from the first layer on: each layer of convolutions
has a scale and a shift that move with t in the same bumps; the first dense and the first 1x1 layer have such a shift.
Before training the scale is 1 and the shift 0 for every t. In the paper's multi-scale layer each scale has one filter;
in ours it may have layers of its own before that. With neither it is the paper's network, but for what Figure D.1 does not
say of the paths to the 1x1 layers: in ours the pixel itself and the output of every layer of convolutions go there.

`init_image` makes the parameters; `image_network` is called as every network of ours, as network(params, x, t,
schedule, kernel), with x (B, H, W, C) and t an int or (B,). Either pathway may be left
out. What z means is a function of its own: `as_printed`, `authors_code` or `through_x0`.
"""
import autograd.numpy as np

from ..engine.layers import init_dense, mlp
from ..engine.nests import to_float32
from .convolution import convolve, mean_pool, upsample
from .pixelwise import scaled_softplus, shifted_tanh
from .readout import bumps, through_x0, time_readout


def init_image(rng, shape, layers=3, channels=32, scales=3, size=3, inner=None, hidden=(), features=4, pixels=(48, 48), J=10):
    """Parameters for images of shape (H, W, C), float32; the readout is 0, so that z = 0.

    `layers` multi-scale layers of `channels` channels, with size x size filters at `scales` scales; a dense pathway of
    `hidden` units that ends in `features` numbers a pixel, none if `hidden` is empty; 1x1 layers of `pixels` units. What
    depends on t has J rows, one a bump. `inner` names the channels of the layers that each scale has of its own, such as
    ((24,), (48,), (96, 96)) for three scales, whatever `scales` says; none is the paper's layer.
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
    """A multi-scale layer from m to n channels: ([(layers of its own, filter) for each scale], a, b)."""
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
    """p(x_{t-1}|x_t) as Gaussian(mean, var), of the shape of x.

    text, §D.2.1
    Images larger than those of training are welcome without a dense pathway, in multiples of the coarsest scale's block.
    ValueError for x of another shape.
    """
    if x.ndim != 4 or np.ndim(t) and len(x) != len(t):
        raise ValueError(f"images must be (B, H, W, C) with t an int or (B,); got {x.shape} and t of shape {np.shape(t)}")
    if x.dtype.kind != "f":
        raise ValueError(f"images must be floats, scaled as those of training were; got {x.dtype}")
    block = 2 ** (max((len(scales) for scales, *_ in params["conv"]), default=1) - 1)
    if x.shape[-3] % block or x.shape[-2] % block:
        raise ValueError(f"height and width must be multiples of {block}, the coarsest scale; got {x.shape[-3:]}")
    g = bumps(np.reshape(t, -1), schedule.T, len(params["W"])).astype(params["W"].dtype)          # (B, J) or (1, J)
    h = features(params, x, np.repeat(g, len(x) // len(g), axis=0))                               # (B, H, W, F)
    z = time_readout(h, params["W"], params["b"], t, schedule.T)
    z, C = np.reshape(z, x.shape[:-1] + (-1,)), x.shape[-1]
    return parametrise(x, z[..., :C], z[..., C:], t, schedule)


def features(params, x, g):
    """What the network sees in images x (N, H, W, C), given the bumps g (N, J) at the t of each: (N, H, W, F).

    text, §D.2.1
    """
    paths = [x] + convolutions(params["conv"], x, g)
    if params["dense"]:
        paths.append(dense_pathway(params["dense"], x, g))
    W, b = params["join"]
    first, *others = [convolve(h, w[None, None]) for h, w in zip(paths, W)]
    h = shifted_tanh(sum(others, first), b, g)
    for W, b in params["pixels"]:
        h = shifted_tanh(convolve(h, W[None, None]), np.reshape(b, (1, -1)), np.ones((len(h), 1), h.dtype))
    return h


def convolutions(layers, h, g):
    """The output of each multi-scale layer [(scales, a, b), ...], one after the other: [(N, H, W, O), ...].

    text, §D.2.1
    The paper's layers have a = 0 and the same b for every t; scale and shift that depend on t are FiLM (Perez et al. 2018).
    """
    outputs = []
    for scales, a, b in layers:
        h = scaled_softplus(multi_scale(h, scales, g), a, b, g)
        outputs.append(h)
    return outputs


def multi_scale(h, scales, g=None):
    """Σ_s upsample(convolve(mean_pool(h, s), w_s), s): h (N, H, W, C), scales [([], w_s (k, k, C, O)), ...]; (N, H, W, O).

    text, §D.2.1
    From the second scale on, the sum is that of an image half as large. In the paper's layer no scale has layers of its
    own; where there are such, [(w, a, b), ...], coarser scales see what they make of h: a U-Net (Ronneberger et al. 2015).
    """
    (own, w_s), *coarser = scales
    for w, a, b in own:
        h = scaled_softplus(convolve(h, w), a, b, g)
    fine = convolve(h, w_s)
    return fine + upsample(multi_scale(mean_pool(h, 1), coarser, g), 1) if coarser else fine


def dense_pathway(layers, x, g):
    """tanh layers that see the whole image at once: x (N, H, W, C), bumps g (N, J), to (N, H, W, features).

    text, §D.2.1
    ValueError for images of another size than those of training.
    """
    N, H, W, _ = x.shape
    if x[0].size != len(layers[0][0]):
        raise ValueError(f"the dense pathway takes images of {len(layers[0][0])} numbers; got {x.shape[1:]}")
    (W_1, b_1), *rest = layers
    h = shifted_tanh(np.reshape(np.dot(np.reshape(x, (N, -1)), W_1), (N, 1, 1, -1)), b_1, g)
    return np.reshape(mlp(rest, np.reshape(h, (N, -1)), "tanh", last="tanh"), (N, H, W, -1))
