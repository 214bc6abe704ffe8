"""Ground truth against ground truth of another kind."""
import numpy as np
import pytest

from dpm_ref import binomial, gaussian, schedule, trajectory
from dpm_ref.data import toys
from dpm_ref.proofs import best_possible, closed_form, enumeration


def test_the_best_kernel_of_two_points_is_bayes_rule_by_hand():
    s = schedule.from_beta([0.2, 0.3, 0.4])
    points = np.array([[2.0, -1.0], [-0.5, 0.3]])
    reverse = best_possible.best_gaussian(lambda std: (points, np.array([0.25, 0.75])), s)
    x = np.array([[0.4, -0.2]])
    for t in (2, 3):
        joint = np.array([0.25, 0.75]) * [np.exp(gaussian.log_density(x, gaussian.marginal(p[None], t, s)).sum()) for p in points]
        w = joint / joint.sum()
        steps = [gaussian.posterior(x, p[None], t, s) for p in points]
        mean = sum(a * q.mean for a, q in zip(w, steps))
        var = sum(a * (q.var + q.mean ** 2) for a, q in zip(w, steps)) - mean ** 2
        np.testing.assert_allclose(reverse(x, t).mean, mean, rtol=1e-12)
        np.testing.assert_allclose(reverse(x, t).var, var, rtol=1e-10)


def test_the_exact_reverse_of_gaussian_data_is_conditioning_of_a_joint_gaussian():
    s = schedule.from_beta([0.2, 0.3, 0.4])
    m, v = 0.7, 0.3
    reverse = closed_form.gaussian_reverse(s, m, v)
    for t in (2, 3):
        a, b = np.sqrt(s.alpha_bar[t - 1]), np.sqrt(1 - s.beta[t])
        before = s.alpha_bar[t - 1] * v + 1 - s.alpha_bar[t - 1]             # var of x_{t-1}
        after = b ** 2 * before + s.beta[t]
        for x in (-1.0, 0.5):
            q = reverse(np.array([[x]]), t)
            np.testing.assert_allclose(q.mean, a * m + b * before / after * (x - b * a * m), rtol=1e-12)
            np.testing.assert_allclose(q.var, before - (b * before) ** 2 / after, rtol=1e-12)


def test_where_nothing_is_left_of_the_data_the_best_step_knows_its_moments():
    s = schedule.from_beta([0.2, 0.3, 1.0])                  # alpha_bar_3 = 0
    q = best_possible.best_gaussian(toys.roll_nodes, s)(np.array([[3.0, -1.0]]), 3)
    points, weights = toys.roll_nodes(0.001)
    a = s.alpha_bar[2]
    np.testing.assert_allclose(q.mean, [np.sqrt(a) * weights @ points], atol=1e-4)
    np.testing.assert_allclose(q.var, [1 - a + a * (weights @ points ** 2 - (weights @ points) ** 2)], atol=1e-4)


def test_a_t_for_each_point_gives_what_each_t_gives_alone(rng):
    s = schedule.geometric(5, 1e-2)
    reverse = best_possible.best_gaussian(toys.roll_nodes, s, var=0.01)
    kernel, erased = binomial.with_p(0.2), schedule.constant_erasure(6)
    bits = best_possible.best_bits(kernel, toys.HEARTBEAT, erased)
    for t in (np.repeat([2, 4, 5, 3], 3), np.array([5, 2, 2, 3, 4, 2])):     # runs of one length; any order
        for best, x in (reverse, rng.normal(size=(len(t), 2))), (bits, (rng.random((len(t), 20)) < 0.2) * 1.0):
            together = best(x, t)
            for i in range(len(t)):
                for a, b in zip(together, best(x[i:i + 1], int(t[i]))):
                    np.testing.assert_allclose(a[i:i + 1], b, rtol=1e-12)


def test_quadrature_along_the_roll_has_converged():
    s = schedule.geometric(40, 1e-4)
    x = toys.swiss_roll(np.random.default_rng(0), 50)
    for t in (2, 10, 30):
        coarse, fine = (best_possible.best_gaussian(lambda std: toys.roll_nodes(std / k), s)(x, t) for k in (1, 8))
        np.testing.assert_allclose(coarse.mean, fine.mean, atol=2e-3 * np.sqrt(s.one_minus_alpha_bar[t]))


def test_the_exact_reverse_chain_of_heartbeat_returns_to_heartbeat():
    kernel, s = binomial.with_p(0.2), schedule.constant_erasure(300)
    x = trajectory.sample(kernel, best_possible.best_bits(kernel, toys.HEARTBEAT, s), s, (2000, 20), np.random.default_rng(0))
    good = (x[:, None] == toys.HEARTBEAT).all(axis=2)
    assert good.any(axis=1).mean() > 0.93                    # T = 300: the steps are coarse, the last one is noise
    counts = good.sum(axis=0)
    assert ((counts - counts.mean()) ** 2 / counts.mean()).sum() < 18.5      # chi^2, 4 degrees of freedom, p = 0.001


def test_path_probabilities_sum_to_one_and_have_the_right_marginals():
    kernel, s, x = binomial.with_p(0.3), schedule.constant_erasure(3), enumeration.all_states(2)
    q0 = np.array([0.4, 0.1, 0.2, 0.3])
    q = enumeration.path_probabilities(q0, enumeration.forward_matrices(kernel, x, s), "forward")
    assert q.shape == (4,) * 4
    np.testing.assert_allclose(q.sum(axis=(1, 2, 3)), q0, rtol=1e-12)
    for t in (1, 2, 3):
        axes = tuple(a for a in range(4) if a != t)
        want = q0 @ enumeration.transition(kernel, kernel.marginal(x, t, s), x)
        np.testing.assert_allclose(q.sum(axis=axes), want, rtol=1e-12)


def test_one_listed_path_is_the_product_of_its_steps():
    kernel, s, x = binomial.with_p(0.3), schedule.constant_erasure(3), enumeration.all_states(2)
    path, q0 = [2, 0, 1, 3], np.array([0.4, 0.1, 0.2, 0.3])
    q = enumeration.path_probabilities(q0, enumeration.forward_matrices(kernel, x, s), "forward")
    want = q0[2] * np.prod([np.exp(kernel.log_density(x[path[t]], kernel.forward(x[path[t - 1]], t, s)).sum()) for t in (1, 2, 3)])
    np.testing.assert_allclose(q[tuple(path)], want, rtol=1e-12)


def test_the_posterior_pins_reverse_paths_too():
    kernel, s, x = binomial.with_p(0.3), schedule.constant_erasure(3), enumeration.all_states(2)
    start = np.exp(kernel.log_density(x, kernel.pi(x)).sum(axis=1))
    p = enumeration.path_probabilities(start, enumeration.reverse_matrices(kernel, lambda x, t: kernel.forward(x, t, s), x, s), "reverse")
    np.testing.assert_allclose(p.sum(), 1, rtol=1e-12)
    path = [2, 0, 1, 3]                                      # x_0 .. x_3
    want = start[3] * np.prod([np.exp(kernel.log_density(x[path[t - 1]], kernel.forward(x[path[t]], t, s)).sum()) for t in (1, 2, 3)])
    np.testing.assert_allclose(p[tuple(path)], want, rtol=1e-12)


@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_the_roll_has_second_moment_1_and_lies_on_its_curve(noise, rng):
    x = toys.swiss_roll(rng, 200000, noise)
    assert abs((x ** 2).mean() - 1) < 5 * (x ** 2).mean(axis=1).std() / np.sqrt(200000)
    if noise == 0:
        radius = np.hypot(*x[:100].T) * np.sqrt(toys.SECOND_MOMENT)
        angle = np.arctan2(x[:100, 1], x[:100, 0])
        np.testing.assert_allclose(np.cos(radius - angle), 1, atol=1e-10)


def test_heartbeats_are_five_sequences_with_uniform_phase(rng):
    x = toys.heartbeat(rng, 10000)
    assert x.shape == (10000, 20) and set(x.sum(axis=1)) == {4.0}
    assert (np.diff(np.nonzero(x)[1].reshape(-1, 4), axis=1) == 5).all()
    counts = np.bincount(x.argmax(axis=1), minlength=5)
    assert ((counts - 2000) ** 2 / 2000).sum() < 18.5


@pytest.mark.parametrize("call, message", [(lambda r: toys.swiss_roll(r, 0), "N = 0"), (lambda r: toys.swiss_roll(r, 5, -1), "std = -1"),
                                           (lambda r: toys.heartbeat(r, 0), "got 0")])
def test_bad_input_gets_one_clear_sentence(call, message, rng):
    with pytest.raises(ValueError, match=message):
        call(rng)
