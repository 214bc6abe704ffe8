"""The image network against App. D.2, written out in loops; its derivatives, its precision, and white data."""
from functools import partial

import numpy as np
import pytest
from autograd import grad, value_and_grad
from derivatives import check_all

from dpm_ref import bound, gaussian, schedule, train
from dpm_ref.engine import layers, nests
from dpm_ref.image import network as net, readout
from dpm_ref.experiments.diagram import stages
from dpm_ref.image.readout import as_printed, authors_code, through_x0
from dpm_ref.image.network import image_network, init_image
from dpm_ref.trajectory import forward_trajectory, noises

SCHEDULE = schedule.constant_erasure(40, beta_1=0.02)
WHITE = schedule.geometric(40, 0.02)      # with alpha_bar_T > 0
SIZES = {"convolution alone": dict(layers=2, channels=4, scales=2, pixels=(5, 6), J=3),
         "dense alone": dict(layers=0, hidden=(7, 6), features=2, pixels=(5,), J=3),
         "both": dict(layers=1, channels=3, scales=3, hidden=(5,), features=2, pixels=(4,), J=4),
         "scales with layers": dict(layers=2, channels=3, inner=((), (4,), (5, 2)), pixels=(4,), J=4)}


def parameters(shape, seed=0, dtype=float, **sizes):
    """Parameters of which none is zero."""
    rng = np.random.default_rng(seed)
    params = init_image(rng, shape, **sizes)
    return nests.like([(0.3 * rng.standard_normal(a.shape) + a).astype(dtype) for a in nests.arrays(params)], params)


@pytest.mark.parametrize("more", [dict(inner=((3,), (6,), (7, 4))), dict(channels=5, pixels=(6, 5)), dict(hidden=(9, 8))])
def test_a_widened_network_computes_the_same(more):
    sizes = dict(layers=2, channels=3, inner=((2,), (4,), (5, 2)), pixels=(4, 5), hidden=(7, 6), features=2, J=3)
    shape, rng, t = (4, 8, 1), np.random.default_rng(3), np.array([2, 30])
    narrow, wide = parameters(shape, **sizes), parameters(shape, seed=1, **sizes | more)
    x = rng.standard_normal((2,) + shape)
    for out, want in zip(*(image_network(p, x, t, WHITE, gaussian) for p in (layers.widened(narrow, wide), narrow))):
        np.testing.assert_allclose(out, want, rtol=1e-12)
    assert [a.shape for a in nests.arrays(layers.widened(narrow, wide))] == [a.shape for a in nests.arrays(wide)]


# ------------------------------------------------------------------ Eqs. 62-65

def test_bumps_are_eq_63():
    T, J, t = 40, 5, np.array([1, 17, 40])
    spacing = T / J
    for s in range(3):
        weights = [np.exp(-(t[s] - (j + 0.5) * spacing) ** 2 / (2 * spacing ** 2)) for j in range(J)]
        np.testing.assert_allclose(readout.bumps(t, T, J)[s], [w / sum(weights) for w in weights], rtol=1e-12)


def test_time_readout_is_eq_62_pixel_by_pixel():
    rng, (B, H, W, F, J, C2) = np.random.default_rng(1), (3, 2, 3, 4, 5, 2)
    h, weights, b = rng.standard_normal((B, H, W, F)), rng.standard_normal((J, F, C2)), rng.standard_normal((J, C2))
    g = readout.bumps(np.array([2, 19, 40]), 40, J)
    z = readout.time_readout(h, weights, b, g)
    for n, i, j in np.ndindex(B, H, W):
        y = [h[n, i, j] @ weights[k] + b[k] for k in range(J)]
        np.testing.assert_allclose(z[n, i, j], sum(y[k] * g[n, k] for k in range(J)), rtol=1e-12)


def test_folding_the_bumps_into_the_weights_changes_nothing():
    rng = np.random.default_rng(2)
    h, W, b = rng.standard_normal((3, 4, 5, 7)), rng.standard_normal((10, 7, 6)), rng.standard_normal((10, 6))
    g = readout.bumps(np.array([3, 77, 900]), 1000, 10)
    unfolded = readout.time_readout_unfolded(h, W, b, g)
    np.testing.assert_allclose(readout.time_readout(h, W, b, g), unfolded, rtol=1e-11, atol=1e-12)


def test_as_printed_is_eqs_64_and_65():
    x, z_mean, z_var, t = 2.0, 0.7, -0.4, 7
    beta = 1 / (40 - 7 + 1)
    var = 1 / (1 + np.exp(-(z_var + np.log(beta / (1 - beta)))))
    ours = as_printed(np.full((1, 1), x), np.full((1, 1), z_mean), np.full((1, 1), z_var), t, SCHEDULE)
    np.testing.assert_allclose([ours.mean[0, 0], ours.var[0, 0]], [(x - z_mean) * (1 - var) + z_mean, var], rtol=1e-12)


def test_authors_code_is_theirs():
    x, z_mean, z_var, t = 2.0, 0.7, -0.4, 7
    beta = 1 / (40 - 7 + 1)
    ours = authors_code(np.full((1, 1), x), np.full((1, 1), z_mean), np.full((1, 1), z_var), t, SCHEDULE)
    var = 1 / (1 + np.exp(-(z_var / 40 ** 0.5 + np.log(beta / (1 - beta)))))
    mean = (1 - beta) ** 0.5 * x + beta ** 0.5 * z_mean
    np.testing.assert_allclose([ours.mean[0, 0], ours.var[0, 0]], [mean, var], rtol=1e-12)


def test_through_x0_is_bayes_rule_for_the_x0_that_it_names():
    x, z_mean, z_var, t = np.array([[2.0, -1.0]]), 0.7, -0.4, 7
    a = SCHEDULE.alpha_bar[7]
    mean, var = a ** 0.5 * x + (1 - a) ** 0.5 * z_mean, (1 - a) * np.exp(z_var)
    c0 = gaussian.posterior(x, np.ones(1), t, SCHEDULE).mean - gaussian.posterior(x, np.zeros(1), t, SCHEDULE).mean
    exact = gaussian.posterior(x, mean, t, SCHEDULE)
    ours = through_x0(x, np.full((1, 2), z_mean), np.full((1, 2), z_var), t, SCHEDULE)
    np.testing.assert_allclose(ours.mean, exact.mean, rtol=1e-12)
    np.testing.assert_allclose(ours.var, exact.var + c0 ** 2 * var, rtol=1e-12)


# ------------------------------------------------------------------ the network

G = readout.bumps(np.array([3, 30]), 40, 4)   # two images, each at its own t


def at_t(b):
    return np.array([sum(g_j * b_j for g_j, b_j in zip(g_n, b)) for g_n in G])


def convolved(x, w):
    y = np.zeros(x.shape[:3] + w.shape[3:])
    for i, j, a, b in np.ndindex(*x.shape[1:3], 3, 3):
        if 0 <= i + a - 1 < x.shape[1] and 0 <= j + b - 1 < x.shape[2]:
            y[:, i, j] += x[:, i + a - 1, j + b - 1] @ w[a, b]
    return y


def repeated(x, f):
    return np.repeat(np.repeat(x, f, 1), f, 2)


def pooled(x, f):
    return x.reshape(2, x.shape[1] // f, f, x.shape[2] // f, f, -1).mean((2, 4))


def softplus_at_t(y, scale, shift):
    return np.log1p(np.exp(y * (1 + at_t(scale)[:, None, None]) + at_t(shift)[:, None, None]))


def test_features_are_figure_d1_in_loops():
    params, x, g = parameters((8, 8, 2), **SIZES["both"]), np.random.default_rng(3).standard_normal((2, 8, 8, 2)), G
    scales, scale, shift = params["conv"][0]
    conv = sum(repeated(convolved(pooled(x, 2 ** s), w), 2 ** s) for s, (_, w) in enumerate(scales))
    conv = softplus_at_t(conv, scale, shift)
    (W_1, b_1), (W_2, b_2) = params["dense"]
    whole = np.tanh(np.tanh(x.reshape(2, -1) @ W_1 + at_t(b_1)) @ W_2 + b_2)
    W, b = params["join"]
    paths = np.concatenate([x, conv, whole.reshape(2, 8, 8, 2)], axis=3)
    joined = np.tanh(paths @ np.concatenate(W) + at_t(b)[:, None, None])
    np.testing.assert_allclose(net.features(params, x, g), joined, rtol=1e-10, atol=1e-12)


def test_scales_may_have_layers_of_their_own_on_the_way_to_coarser_ones():
    params = parameters((8, 8, 2), **SIZES["scales with layers"])
    x = np.random.default_rng(3).standard_normal((2, 8, 8, 2))
    scales, scale, shift = params["conv"][0]
    (_, w_0), ((half,), w_1), ((quarter, last), w_2) = scales
    h_1 = softplus_at_t(convolved(pooled(x, 2), half[0]), *half[1:])
    h_2 = softplus_at_t(convolved(pooled(h_1, 2), quarter[0]), *quarter[1:])
    h_2 = softplus_at_t(convolved(h_2, last[0]), *last[1:])
    y = convolved(x, w_0) + repeated(convolved(h_1, w_1), 2) + repeated(convolved(h_2, w_2), 4)
    ours = net.convolutions(params["conv"], x, G)[0]
    np.testing.assert_allclose(ours, softplus_at_t(y, scale, shift), rtol=1e-10, atol=1e-12)


def test_scales_of_0_and_shifts_alike_make_the_papers_network_which_sees_no_t():
    params, x = parameters((8, 8, 2), **SIZES["both"]), np.random.default_rng(3).standard_normal((2, 8, 8, 2))

    def differs(params):
        early, late = (net.features(params, x, readout.bumps(np.array([t, t]), 40, 4)) for t in (2, 39))
        return np.max(np.abs(early - late))
    assert differs(params) > 1e-3
    alike = [(f, 0 * a, 0 * b + b[:1]) for f, a, b in params["conv"]]
    (W_1, b_1), (W, b) = params["dense"][0], params["join"]
    paper = dict(params, conv=alike, dense=[(W_1, 0 * b_1 + b_1[:1])] + params["dense"][1:], join=(W, 0 * b + b[:1]))
    assert differs(paper) < 1e-14


@pytest.mark.parametrize("parametrise", [as_printed, authors_code, through_x0])
@pytest.mark.parametrize("sizes", SIZES)
def test_derivatives_are_right(parametrise, sizes):
    params, rng = parameters((4, 4, 2), **SIZES[sizes]), np.random.default_rng(4)
    x, t = rng.standard_normal((2, 4, 4, 2)), np.array([2, 30])

    def total(params, x):
        q = image_network(params, x, t, SCHEDULE, gaussian, parametrise)
        return (q.mean ** 2).sum() + (q.var * x).sum()
    check_all(total, params, x, order=1)


@pytest.mark.parametrize("sizes", SIZES)
def test_every_t_at_once_is_one_t_at_a_time(sizes):
    params, x = parameters((4, 4, 2), **SIZES[sizes]), np.random.default_rng(5).standard_normal((3, 4, 4, 2))
    t = np.array([2, 11, 40])
    together = image_network(params, x, t, SCHEDULE, gaussian)
    for s in range(3):
        alone = image_network(params, x[s:s + 1], int(t[s]), SCHEDULE, gaussian)
        np.testing.assert_allclose(together.mean[s:s + 1], alone.mean, rtol=1e-12)
        np.testing.assert_allclose(together.var[s:s + 1], alone.var, rtol=1e-12)


def test_without_a_dense_pathway_any_size_will_do():
    params = parameters((4, 4, 1), **SIZES["convolution alone"])
    assert image_network(params, np.zeros((1, 12, 8, 1)), 5, SCHEDULE, gaussian).mean.shape == (1, 12, 8, 1)


@pytest.mark.parametrize("parametrise", [authors_code, through_x0])
def test_white_data_with_z_of_0_has_K_equal_to_L_null_on_every_single_path(parametrise):
    params, rng = zero_readout(), np.random.default_rng(7)
    x0, T = 2 + rng.standard_normal((3, 4, 4, 2)), WHITE.T
    path = np.stack([x for _, x in forward_trajectory(gaussian, x0, WHITE, noises(gaussian, rng, x0.shape, T))])

    def reverse(x, t):
        return image_network(params, x, t, WHITE, gaussian, parametrise)

    log_w = bound.log_weights(gaussian, reverse, path, WHITE)
    np.testing.assert_allclose(log_w, bound.L_null(gaussian, x0), rtol=1e-12)


def zero_readout():
    params = init_image(np.random.default_rng(6), (4, 4, 2), **SIZES["both"])
    return nests.like([a.astype(float) for a in nests.arrays(params)], params)


def test_white_data_as_printed_with_z_of_0_falls_short_of_L_null():
    params, x0 = zero_readout(), np.random.default_rng(7).standard_normal((300, 4, 4, 2))

    def reverse(x, t):
        return image_network(params, x, t, WHITE, gaussian, as_printed)

    terms = bound.terms(gaussian, reverse, x0, WHITE, np.random.default_rng(8))
    short, error = bound.mean_and_error(bound.L_null(gaussian, x0) - bound.K_true(terms))
    assert short > 5 * error > 0


def test_float32_is_kept_through_the_backward_pass_and_agrees_with_float64():
    short, rng = nests.to_float32(SCHEDULE), np.random.default_rng(9)
    x0, noise = (rng.standard_normal((3, 8, 8, 1)) for _ in range(2))
    t, weight = bound.draw_t(rng, 3, 40)
    sizes = dict(SIZES["both"], hidden=(5,))
    values, gradients = zip(*(value_and_grad(partial(train.objective, image_network, gaussian, s))(
        parameters((8, 8, 1), dtype=d, **sizes), x0.astype(d), t, weight.astype(d), noise.astype(d))
        for s, d in ((short, np.float32), (SCHEDULE, np.float64))))
    assert np.isclose(*values, rtol=1e-4)
    for a, b in zip(*map(nests.arrays, gradients)):
        assert a.dtype == np.float32
        np.testing.assert_allclose(a, b, rtol=1e-2, atol=2e-4 * abs(b).max())


def test_the_readout_of_0_gets_a_gradient_and_so_does_what_is_below_it_once_it_moves():
    x = np.random.default_rng(10).standard_normal((2, 4, 4, 1))
    start = init_image(np.random.default_rng(0), (4, 4, 1), **SIZES["both"])
    at_start, moved = (grad(lambda p: image_network(p, x, 3, SCHEDULE, gaussian).mean.sum())(params)
                       for params in (start, dict(start, W=start["W"] + 0.1)))
    assert np.abs(at_start["W"]).max() > 0 and np.abs(at_start["b"]).max() > 0
    assert all(not a.any() for key, part in at_start.items() if key not in ("W", "b") for a in nests.arrays(part))
    assert all(np.abs(a).max() > 0 for a in nests.arrays(moved))


def test_stages_name_every_layer_of_the_network():
    params = init_image(np.random.default_rng(0), (8, 8, 3), layers=2, hidden=(5, 6), scales=2)
    boxes, arrows = stages(params, (8, 8, 3))
    assert {"conv 0", "conv 1", "dense 0", "dense 1", "dense 2"} <= set(boxes)
    assert all(a in boxes and b in boxes for a, b in arrows)


# ------------------------------------------------------------------ bad input

@pytest.mark.parametrize("x, t, words", [
    (np.zeros((8, 8, 1)), 3, "(B, H, W, C) with t an int or (B,); got (8, 8, 1)"),
    (np.zeros((2, 16, 16, 1)), 3, "takes images of 64 numbers; got (16, 16, 1)"), (np.zeros((2, 8, 8, 1)), 41, "1..40"),
    (np.zeros((2, 8, 8, 1), np.uint8), 3, "must be floats, scaled as those of training were; got uint8"),
    (np.zeros((2, 10, 9, 1)), 3, "multiples of 4, the coarsest scale; got (10, 9, 1)"),
    (np.zeros((1, 8, 8, 1)), np.array([3, 4]), "got (1, 8, 8, 1) and t of shape (2,)")])
def test_bad_input_gets_one_clear_sentence(x, t, words):
    params = parameters((8, 8, 1), **SIZES["both"])
    with pytest.raises(ValueError) as error:
        image_network(params, x, t, SCHEDULE, gaussian)
    assert words in str(error.value) and "\n" not in str(error.value)
