"""What keeps K below the log likelihood, and a network's gap to its limit."""
import numpy as np
import pytest

from dpm_ref import binomial, bound, gaussian, schedule
from dpm_ref.bound import bits
from dpm_ref.data import toys
from dpm_ref.experiments import models
from dpm_ref.proofs import best_possible, entropies, enumeration, limits, step_size

CENTRES = toys.roll_centres(100)


def test_the_limits_of_the_roll_are_those_known():
    found = limits.curve(toys.roll_nodes, CENTRES, schedule.geometric(40, 6e-6, last=10.0))
    np.testing.assert_allclose(bits(np.array(found)), [2.6234, 2.9533, 2.9958, 2.009, 0.0056], atol=1e-4)


@pytest.mark.slow
def test_a_chain_that_ends_at_a_signal_of_one_eleventh_gains_against_one_that_goes_on():
    schedules = (schedule.geometric(40, 6e-6, last) for last in (10.0, 100.0))
    short, longer = (limits.curve(toys.roll_nodes, toys.roll_centres(50), s, 5) for s in schedules)
    np.testing.assert_allclose(bits(short.independent - longer.independent), 0.057, atol=1e-3)


@pytest.mark.slow
def test_the_limits_of_the_roll_have_converged():
    s = schedule.geometric(40, 6e-6, last=10.0)
    coarse, fine = (limits.curve(toys.roll_nodes, toys.roll_centres(n), s, order) for n, order in ((100, 8), (200, 12)))
    np.testing.assert_allclose(coarse[:3], fine[:3], atol=5e-5)
    dense = toys.roll_nodes(0.05)                                            # midpoints: log|cos| is not smooth
    last = limits.step_entropies(toys.roll_nodes, dense, s, 1, 6)[0]
    np.testing.assert_allclose(coarse.last_step, np.log(2 * np.pi * np.e * s.beta[1]) - last, atol=1e-3)


def test_the_limit_of_diagonal_steps_is_the_sampled_K_of_the_best_kernel(rng):
    s = schedule.geometric(10, 0.01, last=10.0)
    want = limits.curve(toys.roll_nodes, CENTRES, s).independent
    best = best_possible.best_gaussian(toys.roll_nodes, s)
    K, error = bound.mean_and_error(bound.K_true(bound.terms(gaussian, best, toys.swiss_roll(rng, 2000), s, rng)))
    assert abs(K - want) < 4 * error and error < 0.03


def test_in_one_dimension_the_limits_are_those_of_the_signal_to_noise_ratio():
    coin = np.array([[1.0], [-1.0]]), np.array([0.5, 0.5])
    s = schedule.geometric(6, 0.05, last=10.0)
    found = limits.curve(lambda std: coin, coin, s, order=150)
    H_T, H_1, H_p, _ = np.transpose(bound.constants(gaussian, coin[0], s))[0]
    np.testing.assert_allclose(found.independent, H_T - H_1 - H_p - step_size.kl(s)[0].sum(), rtol=1e-8)
    np.testing.assert_allclose(found.correlated, found.independent, rtol=1e-12)
    snr = step_size.signal_to_noise(s)
    sum_of_kl = step_size.information_limit(snr[-1], snr[1])
    np.testing.assert_allclose(found.any_kernel, H_T - H_1 - H_p - sum_of_kl, rtol=1e-8)


def test_diagonal_steps_lose_nothing_on_an_axis_and_most_at_45_degrees():
    s = schedule.geometric(6, 0.05, last=10.0)

    def at(angle):
        points = np.array([[1.0], [-1.0], [0.3]]) * np.sqrt(2) * np.array([np.cos(angle), np.sin(angle)])
        line = points, np.full(3, 1 / 3)
        return limits.curve(lambda std: line, line, s, order=12)
    flat, steep, steepest = at(0.0), at(np.pi / 8), at(np.pi / 4)
    np.testing.assert_allclose(flat.independent, flat.correlated, rtol=1e-12)
    assert steepest.independent < steep.independent < flat.independent < flat.any_kernel
    np.testing.assert_allclose(flat.correlated, [steep.correlated, steepest.correlated], rtol=1e-3)


def test_the_limits_of_bits_are_those_of_the_joint_table():
    kernel, s, states = binomial.with_p(0.5), schedule.from_beta([0.2, 0.3, 0.4]), enumeration.all_states(3)
    data = states[[1, 6]]                                                    # 001 and 110: every bit has mean 1/2
    q0 = np.zeros(8)
    q0[[1, 6]] = 0.5
    found = limits.bits(kernel, data, s, states, np.ones(8))
    H, forward = entropies.enumerated(kernel, states, q0, s), enumeration.forward_matrices(kernel, states, s)
    np.testing.assert_allclose(found.any_kernel, H[-1] - H[1] - 3 * np.log(2), rtol=1e-10)
    np.testing.assert_allclose(found.end, 3 * np.log(2) - H[-1], rtol=1e-10)
    q01 = q0[:, None] * forward[1]                                           # (x_0, x_1)
    rate = q01.T @ states / q01.sum(axis=0)[:, None]                         # E[x_0|x_1]
    log_p = np.log(rate) @ states.T + np.log(1 - rate) @ (1 - states).T      # log p(x_0|x_1), (x_1, x_0)
    np.testing.assert_allclose(found.last_step, np.sum(q01 * (log_p.T - np.log(forward[1]))), rtol=1e-10)


@pytest.mark.slow
def test_the_limits_of_heartbeat_are_those_known():
    kernel, s = binomial.with_p(0.2), schedule.constant_erasure(2000)
    found = limits.bits(kernel, toys.HEARTBEAT, s, *best_possible.heartbeat_states())
    np.testing.assert_allclose(bits(np.array(found)), [-2.3683, -2.3659, -2.3659, 0.0439, 0], atol=5e-5)


def test_a_gap_is_what_a_crooked_kernel_loses_on_the_joint_table(rng):
    kernel, s, states = binomial.with_p(0.3), schedule.from_beta([0.2, 0.3, 0.4]), enumeration.all_states(3)
    best = best_possible.best_bits(kernel, states[[1, 6]], s)

    def crooked(x, t):
        return binomial.Bernoulli(0.2 + 0.5 * best(x, t).rate)

    want, q = 0.0, np.isin(np.arange(8), (1, 6)) / 2
    right, wrong = (enumeration.reverse_matrices(kernel, r, states, s) for r in (best, crooked))
    for t, forward in enumerate(enumeration.forward_matrices(kernel, states, s)):
        if t >= 2:                                           # E log best(x_{t-1}|x_t) / crooked(x_{t-1}|x_t)
            want += np.sum(q[:, None] * forward * np.log(right[t] / wrong[t]).T)
        q = q @ forward
    gap = limits.gap(kernel, best, crooked, states[rng.choice([1, 6], 20_000)], s, rng)
    mean, error = bound.mean_and_error(gap)
    assert abs(mean - want) < 4 * error and error < 0.01 * want


@pytest.mark.parametrize("name", ["swiss_roll", pytest.param("heartbeat", marks=pytest.mark.slow)])
def test_a_gap_is_a_difference_of_two_K_with_an_error_that_is_five_times_smaller(name):
    row, _, s, model, _ = models.load(name)
    x0, best = row.draw(None, np.random.default_rng(5), 60), row.best_reverse()
    K_ours, K_best = (bound.K_true(bound.terms(row.kernel, r, x0, s, np.random.default_rng(6))) for r in (model, best))
    gap = limits.gap(row.kernel, best, model, x0, s, np.random.default_rng(6))
    off, error = bound.mean_and_error(gap - (K_best - K_ours))
    assert abs(off) < 4 * error
    assert 5 * bound.mean_and_error(gap)[1] < bound.mean_and_error(K_ours)[1]
