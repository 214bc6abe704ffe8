"""Sections 2.1, 2.2 and B.2: chains, step by step."""
import numpy as np
import pytest

from dpm_ref import binomial, gaussian, schedule, trajectory
from dpm_ref.gaussian import Gaussian

S = schedule.from_beta([0.2, 0.3, 0.4])


def wrong_at_1(x, t):
    assert t > 1, "the last step is Eq. 44, not the learned kernel"
    return Gaussian(0.5 * x + t, 0.1 * t)


def test_forward_steps_follow_the_kernel_one_noise_each_eq_3():
    noise = [np.array([[0.5, -1.0]]), np.array([[2.0, 0.0]]), np.array([[-1.0, 1.0]])]
    x = np.array([[2.0, -1.0]])
    for t, got in trajectory.forward_trajectory(gaussian, x, S, noise):
        if t:
            x = np.sqrt(1 - S.beta[t]) * x + np.sqrt(S.beta[t]) * noise[t - 1]
        np.testing.assert_allclose(got, x, rtol=1e-14)
    assert t == 3


def test_a_reverse_step_has_one_t_for_all_points():
    with pytest.raises(ValueError, match=r"one t for all points; got t of shape \(2,\)"):
        trajectory.reverse_step(gaussian, None, np.ones((2, 1)), np.array([1, 2]), S)


def test_reverse_steps_run_from_T_to_0_and_the_last_is_eq_44():
    noise = [np.array([[0.5]]), np.array([[2.0]]), np.array([[-1.0]])]
    x2 = 0.5 * 3.0 + 3 + np.sqrt(0.3) * 0.5
    x1 = 0.5 * x2 + 2 + np.sqrt(0.2) * 2.0
    x0 = np.sqrt(0.8) * x1 - np.sqrt(0.2)                    # forward kernel, with its noise
    path = list(trajectory.reverse_trajectory(gaussian, wrong_at_1, np.array([[3.0]]), S, noise))
    assert [t for t, _ in path] == [3, 2, 1, 0]
    np.testing.assert_allclose([x.item() for _, x in path], [3.0, x2, x1, x0], rtol=1e-14)


@pytest.mark.parametrize("p", [0.5, 0.2])
def test_eq_44_is_detailed_balance_of_the_binomial_kernel(p):
    kernel = binomial.with_p(p)
    pi = np.array([1 - p, p])
    for x0 in (0, 1):
        for x1 in (0, 1):
            step = trajectory.reverse_step(kernel, None, np.array([float(x1)]), 1, S)
            left = np.exp(kernel.log_density(np.array([float(x0)]), step))
            right = np.exp(kernel.log_density(np.array([float(x1)]), kernel.forward(np.array([float(x0)]), 1, S))) * pi[x0] / pi[x1]
            np.testing.assert_allclose(left, right, rtol=1e-12)


def test_eq_44_is_detailed_balance_of_the_gaussian_kernel():
    x0, x1, pi = np.array(0.7), np.array(-1.3), gaussian.pi(0.0)
    left = gaussian.log_density(x0, trajectory.reverse_step(gaussian, None, x1, 1, S)) + gaussian.log_density(x1, pi)
    np.testing.assert_allclose(left, gaussian.log_density(x1, gaussian.forward(x0, 1, S)) + gaussian.log_density(x0, pi), rtol=1e-12)


def test_the_start_is_a_draw_of_pi_eq_4():
    x = trajectory.start(gaussian, np.random.default_rng(0), (40000, 2))
    assert abs(x.mean()) < 5 / np.sqrt(80000) and abs(x.var() - 1) < 0.03
    x = trajectory.start(binomial.with_p(0.2), np.random.default_rng(0), (40000, 2))
    assert set(np.unique(x)) == {0, 1} and abs(x.mean() - 0.2) < 5 * np.sqrt(0.16 / 80000)


def test_a_white_model_samples_white_data():
    x = trajectory.sample(gaussian, lambda x, t: gaussian.forward(x, t, S), S, (40000, 2), np.random.default_rng(0))
    assert abs(x.mean()) < 5 / np.sqrt(80000) and abs(x.var() - 1) < 0.03


def test_the_same_seed_gives_the_same_sample():
    a, b, c = (trajectory.sample(gaussian, wrong_at_1, S, (3, 2), np.random.default_rng(i)) for i in (1, 1, 2))
    assert (a == b).all() and (a != c).all()


@pytest.mark.parametrize("n", [2, 4])
def test_too_few_or_too_many_noise_arrays_are_an_error(n):
    with pytest.raises(ValueError, match="one array of noise for each of 3 steps; got (2|more)"):
        list(trajectory.forward_trajectory(gaussian, np.zeros((1, 2)), S, [np.zeros((1, 2))] * n))
