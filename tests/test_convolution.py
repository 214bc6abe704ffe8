"""The convolution against its definition, its derivatives against finite differences, and its use of threads."""
import platform
import subprocess
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import autograd.numpy as np
import numpy as onp
import pytest
from autograd import grad
from derivatives import check_all

import dpm_ref.engine.tiles as module
from dpm_ref.image.convolution import convolve, filter_gradient, mean_pool, upsample
from dpm_ref.image.pixelwise import scaled_softplus, shifted_tanh


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


@pytest.fixture(params=["one tile", "bands of rows"])
def tiles(request, monkeypatch):
    """Both ways to cut images: the second puts every row into its own tile."""
    if request.param == "bands of rows":
        monkeypatch.setattr(module, "TILE_BYTES", 1)


SHAPES = [(3, 7, 5, 2, 3, 4), (2, 6, 9, 3, 5, 1), (5, 4, 4, 1, 3, 2), (2, 3, 4, 3, 1, 5), (1, 2, 1, 2, 5, 2), (9, 1, 3, 1, 3, 1)]


def draw(N, H, W, C, k, O, seed=1):
    rng = onp.random.default_rng(seed)
    return rng.standard_normal((N, H, W, C)), rng.standard_normal((k, k, C, O)), rng.standard_normal((N, H, W, O))


@pytest.mark.parametrize("shape", SHAPES)
def test_convolution_is_its_definition(shape, tiles):
    x, w, _ = draw(*shape)
    onp.testing.assert_allclose(convolve(x, w), brute_force(x, w), rtol=1e-12, atol=1e-12)


def test_no_images_are_no_images_and_give_no_gradient():
    x, w, g = (a[:0] if i != 1 else a for i, a in enumerate(draw(2, 6, 5, 2, 3, 4)))
    assert convolve(x, w).shape == g.shape and not filter_gradient(x, g, 3).any()
    in_x, in_w = grad(lambda x, w: np.sum(convolve(x, w)), argnum=(0, 1))(x, w)
    assert in_x.shape == x.shape and in_w.shape == w.shape and not in_w.any()


def test_convolution_of_strided_images_is_its_definition(tiles):
    x, w, _ = draw(4, 6, 5, 2, 3, 3)
    onp.testing.assert_allclose(convolve(x[::2, ::-1], w), brute_force(x[::2, ::-1], w), rtol=1e-12, atol=1e-12)
    turned = onp.transpose(x, (0, 2, 1, 3))
    onp.testing.assert_allclose(convolve(turned, w[:1, :1]), brute_force(turned, w[:1, :1]), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_derivatives_of_convolution_are_right_to_second_order(shape, tiles):
    x, w, g = draw(*shape)
    check_all(convolve, x, w)
    check_all(lambda x, g: filter_gradient(x, g, len(w)), x, g)


@pytest.mark.parametrize("s", [0, 1, 2])
def test_pooling_averages_blocks_and_upsampling_repeats_them(s, tiles):
    x, f = onp.random.default_rng(2).standard_normal((3, 8, 4, 2)), 2**s
    onp.testing.assert_allclose(mean_pool(x, s), x.reshape(3, 8 // f, f, 4 // f, f, 2).mean((2, 4)), rtol=1e-13, atol=1e-15)
    onp.testing.assert_array_equal(upsample(x, s), onp.repeat(onp.repeat(x, f, 1), f, 2))
    check_all(lambda x: mean_pool(x, s), x)
    check_all(lambda x: upsample(x, s), x)


def softplus(x):
    return scaled_softplus(x, *onp.zeros((2, 1, x.shape[3]), x.dtype), onp.ones((len(x), 1), x.dtype))


def tanh(x):
    return shifted_tanh(x, onp.zeros((1, x.shape[3]), x.dtype), onp.ones((len(x), 1), x.dtype))


@pytest.mark.parametrize("function, truth", [(softplus, lambda x: onp.logaddexp(0, x)), (tanh, onp.tanh)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_pixelwise_functions_hold_over_the_whole_range(function, truth, dtype):
    x = onp.array([-1e4, -800, -90, -20, -3, -1e-3, 0, 1e-3, 3, 20, 90, 800, 1e4], dtype).reshape(1, 1, -1, 1)
    y = function(x)
    assert y.dtype == dtype
    onp.testing.assert_allclose(y, truth(x.astype("float64")), rtol=4 * onp.finfo(dtype).eps, atol=onp.finfo(dtype).eps)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        slope = grad(lambda x: np.sum(function(x)))(x)
    assert slope.dtype == dtype and onp.all((slope >= 0) & (slope <= 1))
    check_all(function, x[:, :, 4:9].astype("float64"))


def test_scaled_softplus_is_its_formula(tiles):
    rng = onp.random.default_rng(4)
    x, a, b, g = (rng.standard_normal(shape) for shape in ((3, 5, 4, 2), (6, 2), (6, 2), (3, 6)))
    scale, shift = (onp.einsum("nj,jc->nc", g, v)[:, None, None] for v in (a, b))
    onp.testing.assert_allclose(scaled_softplus(x, a, b, g), onp.logaddexp(0, (1 + scale) * x + shift), rtol=1e-12)
    check_all(lambda x, a, b: scaled_softplus(x, a, b, g), x, a, b)
    single = grad(lambda *v: np.sum(scaled_softplus(*v)), argnum=(0, 1, 2))(*(v.astype("float32") for v in (x, a, b, g)))
    assert all(g.dtype == "float32" for g in single)


def test_shifted_tanh_is_its_formula(tiles):
    rng = onp.random.default_rng(5)
    x, b, g = (rng.standard_normal(shape) for shape in ((3, 5, 4, 2), (6, 2), (3, 6)))
    onp.testing.assert_allclose(shifted_tanh(x, b, g), onp.tanh(x + onp.einsum("nj,jc->nc", g, b)[:, None, None]), rtol=1e-12)
    check_all(lambda x, b: shifted_tanh(x, b, g), x, b)
    single = grad(lambda *v: np.sum(shifted_tanh(*v)), argnum=(0, 1))(*(v.astype("float32") for v in (x, b, g)))
    assert all(g.dtype == "float32" for g in single)


def network(parameters, x):
    w, v = parameters
    h = softplus(upsample(convolve(mean_pool(x, 1), w), 1) + convolve(x, w))
    return np.sum(tanh(convolve(h, v)) ** 2)


def test_float32_is_kept_through_the_backward_pass():
    x, w, _ = draw(2, 4, 4, 3, 3, 4)
    v = onp.random.default_rng(3).standard_normal((1, 1, 4, 2))
    exact = grad(network)((w, v), x)
    for scale in (1, onp.float64(1)):  # a float64 constant downstream must not upcast what is upstream
        single = grad(lambda p, x: scale * network(p, x))(tuple(a.astype("float32") for a in (w, v)), x.astype("float32"))
        for a, b in zip(single, exact):
            assert a.dtype == "float32"
            onp.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


@pytest.fixture
def two_threads():
    """This process with two threads, whatever the rest of the tests has."""
    if module._blas is None:
        pytest.skip("NumPy here has another BLAS than the OpenBLAS of its wheels: it has no number of threads to tell")
    before = module.cores()
    module.use(2)
    if module.cores() != 2:
        pytest.skip("BLAS here has one thread and no more")
    yield
    module.use(before)


def test_result_does_not_depend_on_the_number_of_threads(two_threads, monkeypatch):
    x, w, g = draw(8, 32, 32, 16, 3, 16)
    many = convolve(x, w), filter_gradient(x, g, 3)
    monkeypatch.setattr(module, "_blas", None)  # as with a BLAS that cannot be told its number of threads
    alone = convolve(x, w), filter_gradient(x, g, 3)
    for a, b in zip(many, alone):
        onp.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


def test_blas_has_one_thread_during_tiles_and_all_after_them_even_after_an_error(two_threads):
    during = module.run(lambda tile: module.cores(), list(range(20)))
    assert during == 20 * [1] and module.cores() == 2
    with pytest.raises(ZeroDivisionError):
        module.run(lambda tile: 1 // 0, [1, 2, 3])
    assert module.cores() == 2


def test_tiles_are_shared_by_threads_and_come_back_in_order(two_threads):
    meet = threading.Barrier(2, timeout=10)   # two tiles that each wait for the other: one thread alone would never end

    def work(tile):
        if tile < 2:
            meet.wait()
        return tile
    assert module.run(work, list(range(30))) == list(range(30))


def test_many_threads_may_convolve_at_once(two_threads):
    x, w, _ = draw(8, 32, 32, 16, 3, 16)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: convolve(x, w), range(8)))
    assert all(onp.array_equal(results[0], y) for y in results)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be told to keep memory")
def test_kept_memory_is_used_again_without_new_pages():
    program = """
import resource, sys, numpy as np
from dpm_ref.engine import tiles
if "keep" in sys.argv: tiles.keep_memory()
def pages(): return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
np.ones(2 ** 23)
before = pages()
for _ in range(5): np.ones(2 ** 23)
print(pages() - before)"""
    fresh, kept = (int(subprocess.run([sys.executable, "-c", program, *argv], check=True, capture_output=True).stdout)
                   for argv in ((), ("keep",)))
    assert kept < fresh / 10


@pytest.mark.parametrize("call, words", [
    (lambda x, w: convolve(x[0], w), "images must be (N, H, W, C)"),
    (lambda x, w: convolve(x, w[:2, :2]), "k x k with k odd, got 2 x 2"),
    (lambda x, w: convolve(x, w[:1]), "k x k with k odd, got 1 x 3"),
    (lambda x, w: convolve(x[..., :1], w), "must take the images' 1 channels, got (3, 3, 2, 4)"),
    (lambda x, w: filter_gradient(x, x[:, :2], 3), "(N, H, W, O), got (2, 6, 5, 2) and (2, 2, 5, 2)"),
    (lambda x, w: filter_gradient(x, x[0], 3), "(N, H, W, O), got (2, 6, 5, 2) and (6, 5, 2)"),
    (lambda x, w: filter_gradient(x, x, 2), "k x k with k odd, got 2 x 2"),
    (lambda x, w: mean_pool(x, 1), "divisible by 2^1 = 2, got (2, 6, 5, 2)"),
    (lambda x, w: mean_pool(x, -1), "must be a whole number from 0, got -1"),
    (lambda x, w: upsample(x[0], 1), "must be (N, H, W, C), got (6, 5, 2)"),
])
def test_bad_shapes_get_one_clear_sentence(call, words):
    x, w, _ = draw(2, 6, 5, 2, 3, 4)
    with pytest.raises(ValueError) as error:
        call(x, w)
    assert words in str(error.value) and "\n" not in str(error.value)
