"""Section D.1: networks and their own derivative rules."""
import numpy as np
import pytest
from autograd import grad
from derivatives import check_all

from dpm_ref import binomial, bound, gaussian, networks, schedule, train, trajectory
from dpm_ref.data import toys
from dpm_ref.engine import layers, nests
from dpm_ref.proofs import best_possible, closed_form

BITS = binomial.with_p(0.2)
S = schedule.geometric(6, 0.01, last=5.0)
ALL = [(networks.init_rbf, networks.rbf, gaussian, 2), (networks.init_denoiser, networks.denoiser, gaussian, 2),
       (networks.init_sigmoid_mlp, networks.sigmoid_mlp, BITS, 4), (networks.init_bit_denoiser, networks.bit_denoiser, BITS, 4)]


def some(init, kernel, D, rng, size=0.3):
    """Parameters away from their initial values, so that no derivative is zero by symmetry."""
    params = init(rng, D, S, kernel)
    return nests.like([p + size * rng.standard_normal(p.shape) for p in nests.arrays(params)], params)


def data_for(kernel, shape, rng):
    return rng.standard_normal(shape) if kernel is gaussian else (rng.random(shape) < 0.5) * 1.0


@pytest.mark.parametrize("f", sorted(layers.NONLINEARITIES))
def test_the_derivative_of_a_dense_layer(f, rng):
    check_all(lambda h, W, b: layers.dense(h, W, b, f), rng.normal(size=(3, 4, 5)), rng.normal(size=(5, 6)), rng.normal(size=6))


def test_the_derivative_of_radial_basis_units(rng):
    check_all(layers.normalised_rbf, rng.normal(size=(3, 4, 2)), rng.normal(size=(5, 2)), 0.3 * rng.normal(size=5), order=1)


@pytest.mark.parametrize("t", [2, np.repeat([1, 4, 2], 2), np.repeat([1, 4, 1], 2), np.array([1, 1, 4, 2, 2, 2])])
def test_the_derivative_of_a_readout_per_time_step(t, rng):
    h = rng.normal(size=(6, 5))
    W, b = rng.normal(size=(6, 5, 2)), rng.normal(size=(6, 2))
    check_all(lambda h, W, b: layers.readout(h, W, b, t), h, W, b, order=1)
    check_all(lambda h: layers.readout(h, W, b, t), h)


def test_radial_basis_units_are_normalised_gaussian_bumps(rng):
    x, c, w = rng.normal(size=(7, 2)), rng.normal(size=(5, 2)), np.array([0.5, 1, 2, 0.7, 0.3])
    bumps = np.array([[np.exp(-((a - b) ** 2).sum() / (2 * s ** 2)) for b, s in zip(c, w)] for a in x])
    np.testing.assert_allclose(layers.normalised_rbf(x, c, np.log(w)), bumps / bumps.sum(axis=1, keepdims=True), rtol=1e-10)


@pytest.mark.parametrize("f, by_hand", [("tanh", np.tanh), ("sigmoid", lambda a: 1 / (1 + np.exp(-a))), ("relu", lambda a: a * (a > 0)),
                                        ("linear", lambda a: a)])
def test_dense_layers_are_what_they_say(f, by_hand, rng):
    h, W, b = rng.normal(size=(3, 4)), rng.normal(size=(4, 2)), rng.normal(size=2)
    np.testing.assert_allclose(layers.dense(h, W, b, f), by_hand(h @ W + b), rtol=1e-10)


def test_float32_stays_float32_through_a_dense_layer(rng):
    h, W, b = (rng.normal(size=s).astype(np.float32) for s in [(3, 4), (4, 2), (2,)])
    for f in layers.NONLINEARITIES:
        assert layers.dense(h, W, b, f).dtype == np.float32
        assert grad(lambda W: layers.dense(h, W, b, f).sum())(W).dtype == np.float32


@pytest.mark.parametrize("init, network, kernel, D", ALL)
def test_the_gradient_of_K_in_every_parameter(init, network, kernel, D, rng):
    params = some(init, kernel, D, rng)
    t, weight = bound.draw_t(rng, 5, S.T)
    shape = (5, D)
    x0 = data_for(kernel, shape, rng)
    noise = kernel.noise(rng, shape)
    arrays = list(nests.arrays(params))

    def K(*arrays):
        return train.objective(network, kernel, S, nests.like(arrays, params), x0, t, weight, noise)
    check_all(K, *arrays, order=1)


@pytest.mark.parametrize("init, network, kernel, D", ALL[:2])
def test_the_gradient_of_K_in_a_learned_schedule_with_the_noise_frozen(init, network, kernel, D, rng):
    params = {"network": some(init, kernel, D, rng), "logits": schedule.logits(S)}
    x0, noise, t = rng.normal(size=(10, D)), rng.normal(size=(10, D)), np.repeat(np.arange(2, 7), 2)

    def K(*arrays):
        return train.objective_learned(network, kernel, S.beta[1], nests.like(arrays, params), x0, t, np.full(10, 0.5), noise)
    check_all(K, *nests.arrays(params), order=1)


@pytest.mark.parametrize("init, network, kernel, D", ALL)
def test_a_t_for_each_point_gives_what_each_t_gives_alone(init, network, kernel, D, rng):
    params = some(init, kernel, D, rng)
    for t in (np.repeat([2, 6, 3], 2), np.array([2, 6, 3, 3, 2, 5])):        # runs of one length; any order
        x = data_for(kernel, (6, D), rng)
        together = network(params, x, t, S, kernel)
        for i in range(6):
            for a, b in zip(together, network(params, x[i:i + 1], int(t[i]), S, kernel)):
                np.testing.assert_allclose(a[i:i + 1], b, rtol=1e-12)


@pytest.mark.parametrize("init, network, kernel, D", [ALL[0], ALL[2]])
def test_the_papers_networks_start_at_the_forward_kernel(init, network, kernel, D, rng):
    x, t = data_for(kernel, (5, D), rng), np.arange(2, 7)
    for a, b in zip(network(init(rng, D, S, kernel), x, t, S, kernel), kernel.forward(x, t, S)):
        np.testing.assert_allclose(a, np.broadcast_to(b, a.shape), rtol=1e-10)


def test_the_denoiser_starts_exact_for_white_data(rng):
    x, t = rng.normal(size=(5, 2)), np.arange(2, 7)
    q = networks.denoiser(networks.init_denoiser(rng, 2, S, gaussian), x, t, S, gaussian)
    np.testing.assert_allclose(q.mean, gaussian.forward(x, t, S).mean, rtol=1e-10)
    np.testing.assert_allclose(q.var, np.broadcast_to(gaussian.forward(x, t, S).var, q.var.shape), rtol=1e-10)


def test_the_bit_denoiser_starts_where_x_t_says_nothing(rng):
    x = data_for(BITS, (4, 4), rng)
    q = networks.bit_denoiser(networks.init_bit_denoiser(rng, 4, S, BITS), x, 3, S, BITS)
    zero, one = (BITS.posterior(x, np.full_like(x, v), 3, S).rate for v in (0.0, 1.0))
    np.testing.assert_allclose(q.rate, 0.8 * zero + 0.2 * one, rtol=1e-12)


@pytest.mark.parametrize("init, network, kernel, D", ALL)
def test_no_array_of_objects_appears_in_training(init, network, kernel, D, rng, monkeypatch):
    import autograd.tracer
    seen, new_box = [], autograd.tracer.new_box

    def watch(value, trace, node):
        if not isinstance(value, (list, tuple, dict)):
            seen.append(np.asarray(value).dtype)
        return new_box(value, trace, node)
    monkeypatch.setattr(autograd.tracer, "new_box", watch)
    params, shape = some(init, kernel, D, rng), (5, D)
    t, weight = bound.draw_t(rng, 5, S.T)
    from autograd import value_and_grad
    value_and_grad(lambda p: train.objective(network, kernel, S, p, data_for(kernel, shape, rng), t, weight, kernel.noise(rng, shape)))(params)
    assert seen and all(dtype.kind == "f" for dtype in seen)


@pytest.mark.parametrize("T", [2, 7, 40])
def test_fewer_steps_of_an_exact_chain_are_exact(T, rng):
    """For Gaussian data the best reverse step of any chain is known."""
    long = schedule.geometric(40, 0.01, last=50.0)
    shorter, reverse = trajectory.fewer_steps(gaussian, closed_form.gaussian_reverse(long, 0.7, 0.3), long, T)
    right, x = closed_form.gaussian_reverse(shorter, 0.7, 0.3), rng.normal(size=(5, 2))
    for t in range(2, T + 1):
        np.testing.assert_allclose(reverse(x, t), right(x, t), rtol=1e-9)
    t, both = np.repeat([2, T], 5), np.concatenate([x, x])
    np.testing.assert_allclose(reverse(both, t), right(both, t), rtol=1e-9)


def test_a_shorter_chain_of_bits_is_exact_where_the_long_one_is():
    kernel, long = binomial.with_p(0.2), schedule.constant_erasure(20)
    shorter, reverse = trajectory.fewer_steps(kernel, best_possible.best_bits(kernel, toys.HEARTBEAT, long), long, 7)
    right, x = best_possible.best_bits(kernel, toys.HEARTBEAT, shorter), np.vstack([toys.HEARTBEAT, 1 - toys.HEARTBEAT])
    for t in range(2, 7):
        np.testing.assert_allclose(reverse(x, t).rate, right(x, t).rate, rtol=1e-6, atol=1e-9)


def test_a_chain_that_starts_later_is_the_exact_chain_of_its_own_schedule(rng):
    long = schedule.geometric(40, 1e-3, last=50.0)
    later, reverse = trajectory.later_start(closed_form.gaussian_reverse(long, 0.7, 0.3), long, 5e-3)
    assert later.beta[1] >= 5e-3 > long.one_minus_alpha_bar[long.T - later.T] and later.T < long.T
    np.testing.assert_allclose(later.alpha_bar[1:], np.cumprod(1 - later.beta[1:]), rtol=1e-12)
    right, x = closed_form.gaussian_reverse(later, 0.7, 0.3), rng.normal(size=(5, 2))
    for t in (2, 9, later.T):
        np.testing.assert_allclose(reverse(x, t), right(x, t), rtol=1e-9)
    np.testing.assert_allclose(reverse(x, np.full(5, 9)), right(x, 9), rtol=1e-9)
    with pytest.raises(ValueError, match="the noise before the last step"):
        trajectory.later_start(None, long, 0.999)


def test_a_step_that_is_surer_than_possible_gives_no_negative_variance():
    long = schedule.geometric(40, 0.01, last=50.0)

    def too_sure(x, t):
        p = closed_form.gaussian_reverse(long, 0.7, 1e-4)(x, t)
        return p._replace(var=0.9 * p.var)
    reverse = trajectory.fewer_steps(gaussian, too_sure, long, 5)[1]
    assert all((reverse(np.ones((3, 2)), t).var > 0).all() for t in range(2, 6))


def test_fewer_steps_stop_at_levels_of_noise_of_the_trained_chain():
    long = schedule.constant_erasure(11)
    shorter = trajectory.fewer_steps(gaussian, None, long, 6)[0]
    np.testing.assert_allclose(shorter.alpha_bar, np.array([11, 10, 8, 6, 4, 2, 0]) / 11, atol=1e-12)
    np.testing.assert_allclose(shorter.alpha_bar[1:], np.cumprod(1 - shorter.beta[1:]), atol=1e-12)


@pytest.mark.parametrize("T", [1, 12])
def test_a_chain_is_not_made_longer_nor_less_than_two_steps(T):
    with pytest.raises(ValueError, match=f"a chain of 11 steps can be made one of 2 to 11; got {T}"):
        trajectory.fewer_steps(gaussian, None, schedule.constant_erasure(11), T)


def test_the_readout_of_the_papers_network_moves_the_mean_by_the_root_of_beta():
    params = networks.init_rbf(np.random.default_rng(0), 2, S, gaussian)
    params["b_mean"] = params["b_mean"] + 1.0
    x = np.array([[2.0, -1.0]])
    for t in (2, 4):
        np.testing.assert_allclose(networks.rbf(params, x, t, S, gaussian).mean, np.sqrt(1 - S.beta[t]) * x + np.sqrt(S.beta[t]), rtol=1e-12)


@pytest.mark.filterwarnings("error")
def test_where_all_is_erased_the_papers_network_has_variance_1_without_a_warning(rng):
    s = schedule.constant_erasure(4)                         # beta_T = 1
    params = networks.init_rbf(rng, 2, s, gaussian)
    params["b_var"] = params["b_var"] + 3.0
    q = networks.rbf(params, rng.standard_normal((2, 2)), np.array([3, 4]), s, gaussian)
    np.testing.assert_allclose(q.var, [[1 / (1 + np.exp(-3.0))] * 2, [1.0, 1.0]], rtol=1e-12)    # logit beta_3 = 0


def test_the_objective_of_a_learned_schedule_is_the_bound_for_data_of_any_moments(rng):
    params = {"network": some(networks.init_denoiser, gaussian, 2, rng), "logits": schedule.logits(S)}
    x0, noise = 2 + rng.normal(size=(3, 2)), rng.normal(size=(5, 3, 2))                  # second moment 5
    s = schedule.learned(params["logits"], S.beta[1])
    reverse = networks.reverse_kernel(networks.denoiser, params["network"], s, gaussian)
    want = bound.K_true(bound.terms_given(gaussian, reverse, x0, s, noise)).mean()
    batch = np.concatenate([x0] * 5), np.repeat(np.arange(2, 7), 3), np.full(15, 1 / 3), noise.reshape(15, 2)
    def value(*batch): return train.objective_learned(networks.denoiser, gaussian, S.beta[1], params, *batch)
    np.testing.assert_allclose(value(*batch), want, rtol=1e-12)
    parts = [a[:7] for a in batch], [a[7:] for a in batch]                               # as `workers.shared` cuts it
    np.testing.assert_allclose(sum(value(*part) for part in parts), want, rtol=1e-12)
