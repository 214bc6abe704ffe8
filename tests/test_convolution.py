"""The operations on images against their definitions, their derivatives against finite differences, and float32."""
import warnings

import autograd.numpy as np
import numpy as onp
import pytest
from autograd import grad
from derivatives import check_all

import dpm_ref.image.convolution as module
from dpm_ref.engine.layers import dense
from dpm_ref.image.convolution import convolve, mean_pool, scaled_softplus, upsample


def brute_force(x, w):
    """Four nested loops: images, rows, columns, filter positions."""
    k, (N, H, W, _) = len(w), x.shape
    y = onp.zeros((N, H, W, w.shape[3]))
    for n in range(N):
        for i in range(H):
            for j in range(W):
                for a, b in onp.ndindex(k, k):
                    row, column = i + a - k // 2, j + b - k // 2
                    if 0 <= row < H and 0 <= column < W:
                        y[n, i, j] += x[n, row, column] @ w[a, b]
    return y


@pytest.fixture(params=["whole images", "rows of one image"])
def parts(request, monkeypatch):
    """Both ways to cut images into parts: in the second each row is a part."""
    if request.param == "rows of one image":
        monkeypatch.setattr(module, "PART_BYTES", 1)


SHAPES = [(3, 7, 5, 2, 3, 4), (2, 6, 9, 3, 5, 1), (5, 4, 4, 1, 3, 2), (2, 3, 4, 3, 1, 5), (1, 2, 1, 2, 5, 2),
          (9, 1, 3, 1, 3, 1)]


def draw(N, H, W, C, k, O, seed=1):
    rng = onp.random.default_rng(seed)
    return rng.standard_normal((N, H, W, C)), rng.standard_normal((k, k, C, O)), rng.standard_normal((N, H, W, O))


@pytest.mark.parametrize("shape", SHAPES)
def test_convolution_is_its_definition(shape, parts):
    x, w, _ = draw(*shape)
    onp.testing.assert_allclose(convolve(x, w), brute_force(x, w), rtol=1e-12, atol=1e-12)


def test_no_images_are_no_images_and_give_no_gradient():
    x, w, g = (a[:0] if i != 1 else a for i, a in enumerate(draw(2, 6, 5, 2, 3, 4)))
    assert convolve(x, w).shape == g.shape
    in_x, in_w = grad(lambda x, w: np.sum(convolve(x, w)), argnum=(0, 1))(x, w)
    assert in_x.shape == x.shape and in_w.shape == w.shape and not in_w.any()


def test_convolution_of_strided_images_is_its_definition(parts):
    x, w, _ = draw(4, 6, 5, 2, 3, 3)
    onp.testing.assert_allclose(convolve(x[::2, ::-1], w), brute_force(x[::2, ::-1], w), rtol=1e-12, atol=1e-12)
    turned = onp.transpose(x, (0, 2, 1, 3))
    onp.testing.assert_allclose(convolve(turned, w[:1, :1]), brute_force(turned, w[:1, :1]), rtol=1e-12, atol=1e-12)
    check_all(convolve, turned, w[::-1], order=1)


@pytest.mark.parametrize("shape", SHAPES)
def test_derivatives_of_convolution_are_right(shape, parts):
    x, w, _ = draw(*shape)
    check_all(convolve, x, w, order=1)
    check_all(lambda w: convolve(x, w), w, order=1)


@pytest.mark.parametrize("shape", [(5, 8, 6, 3), (1, 40, 30, 2), (3, 1, 1, 1)])
@pytest.mark.parametrize("size", [1, 900, 10 ** 6])
def test_parts_hold_every_pixel_once(shape, size, monkeypatch):
    monkeypatch.setattr(module, "PART_BYTES", size)
    x = onp.zeros(shape)
    for part in module.parts(x, 2):
        assert x[part].size and (2 * x[part].nbytes <= size or x[part].shape[:2] == (1, 1))
        x[part] += 1
    assert (x == 1).all()


@pytest.mark.parametrize("s", [0, 1, 2])
def test_pooling_averages_blocks_and_upsampling_repeats_them(s):
    x, f = onp.random.default_rng(2).standard_normal((3, 8, 4, 2)), 2**s
    means = x.reshape(3, 8 // f, f, 4 // f, f, 2).mean((2, 4))
    onp.testing.assert_allclose(mean_pool(x, s), means, rtol=1e-13, atol=1e-15)
    onp.testing.assert_array_equal(upsample(x, s), onp.repeat(onp.repeat(x, f, 1), f, 2))
    check_all(lambda x: mean_pool(x, s), x, order=1)
    check_all(lambda x: upsample(x, s), x, order=1)


def softplus(x):
    return scaled_softplus(x, *onp.ones((2, len(x), x.shape[3]), x.dtype) * onp.array([1, 0], x.dtype)[:, None, None])


def tanh(x):
    return dense(x, onp.eye(x.shape[3], dtype=x.dtype), onp.zeros(x.shape[3], x.dtype), "tanh")


@pytest.mark.parametrize("function, truth", [(softplus, lambda x: onp.logaddexp(0, x)), (tanh, onp.tanh)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_nonlinearities_hold_over_the_whole_range(function, truth, dtype):
    x = onp.array([-1e4, -800, -90, -20, -3, -1e-3, 0, 1e-3, 3, 20, 79, 81, 90, 800, 1e4], dtype).reshape(1, 1, -1, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        y = function(x)
        slope = grad(lambda x: np.sum(function(x)))(x)
    assert y.dtype == slope.dtype == dtype
    onp.testing.assert_allclose(y, truth(x.astype("float64")), rtol=4 * onp.finfo(dtype).eps, atol=onp.finfo(dtype).eps)
    assert onp.all((slope >= 0) & (slope <= 1))
    check_all(function, x[:, :, 4:9].astype("float64"), order=1)


def test_scaled_softplus_is_its_formula(parts):
    rng = onp.random.default_rng(4)
    x, scale, shift = (rng.standard_normal(shape) for shape in ((3, 5, 4, 2), (3, 2), (3, 2)))
    s = scale[:, None, None] * x + shift[:, None, None]
    onp.testing.assert_allclose(scaled_softplus(x, scale, shift), onp.logaddexp(0, s), rtol=1e-12)
    check_all(scaled_softplus, x, scale, shift, order=1)


def test_a_dense_layer_may_have_a_shift_for_each_image():
    rng = onp.random.default_rng(5)
    x, W, b = (rng.standard_normal(shape) for shape in ((3, 5, 4, 2), (2, 6), (3, 6)))
    onp.testing.assert_allclose(dense(x, W, b, "tanh"), onp.tanh(x @ W + b[:, None, None]), rtol=1e-12)
    check_all(lambda x, W, b: dense(x, W, b, "tanh"), x, W, b, order=1)


def network(parameters, x):
    w, a, b, v, u, c = parameters
    h = scaled_softplus(upsample(convolve(mean_pool(x, 1), w), 1) + convolve(x, w), a, b)
    return np.sum(dense(convolve(h, v), u, c, "tanh") ** 2)


def test_float32_is_kept_through_the_backward_pass():
    x, w, _ = draw(2, 4, 4, 3, 3, 4)
    rng = onp.random.default_rng(3)
    parameters = (w, *(rng.standard_normal(shape) for shape in ((2, 4), (2, 4), (1, 1, 4, 2), (2, 3), (2, 3))))
    exact = grad(network)(parameters, x)
    for scale in (1, onp.float64(1)):  # a float64 constant downstream must not upcast what is upstream
        short = [a.astype("float32") for a in parameters]
        short = grad(lambda p, x: scale * network(p, x))(short, x.astype("float32"))
        for a, b in zip(short, exact, strict=True):
            assert a.dtype == "float32"
            onp.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("call, words", [
    (lambda x, w: convolve(x[0], w), "images must be (N, H, W, C)"),
    (lambda x, w: convolve(x, w[:2, :2]), "k x k with k odd, got 2 x 2"),
    (lambda x, w: convolve(x, w[:1]), "k x k with k odd, got 1 x 3"),
    (lambda x, w: convolve(x[..., :1], w), "must take the images' 1 channels, got (3, 3, 2, 4)"),
    (lambda x, w: mean_pool(x, 1), "divisible by 2^1 = 2, got (2, 6, 5, 2)"),
    (lambda x, w: mean_pool(x, -1), "must be a whole number from 0, got -1"),
    (lambda x, w: upsample(x[0], 1), "must be (N, H, W, C), got (6, 5, 2)"),
])
def test_bad_shapes_get_one_clear_sentence(call, words):
    x, w, _ = draw(2, 6, 5, 2, 3, 4)
    with pytest.raises(ValueError) as error:
        call(x, w)
    assert words in str(error.value) and "\n" not in str(error.value)
