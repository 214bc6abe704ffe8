"""The log likelihood itself, in closed form, by quadrature and by the probability flow, and how far K is below."""
from functools import partial, reduce

import numpy as np
import pytest

from dpm_ref import binomial, bound, gaussian, likelihood, schedule
from dpm_ref.bound import bits
from dpm_ref.data import toys
from dpm_ref.proofs import best_possible, enumeration, limits, looseness

KERNEL, TEN_BITS = binomial.with_p(0.2), (np.arange(10) % 5 == np.arange(5)[:, None]) * 1.0
COIN = np.array([[1.0], [-1.0]]), np.array([0.5, 0.5])


def coin(std):
    return COIN


def test_the_enumerated_likelihood_is_the_product_of_all_matrices():
    s, states, kernel = schedule.from_beta([0.2, 0.3, 0.4]), enumeration.all_states(3), binomial.with_p(0.3)
    best = best_possible.best_bits(kernel, states[[1, 6]], s)
    start = np.prod(np.where(states == 1, 0.3, 0.7), axis=1)
    p = reduce(np.matmul, enumeration.reverse_matrices(kernel, best, states, s)[:0:-1], start)
    np.testing.assert_allclose(looseness.enumerated(kernel, best, states, s), np.log(p), rtol=1e-12)


def ten_bits(T):
    """log likelihood of each sequence under the best chain of bits, its best K, in bits, and the chain."""
    s = schedule.constant_erasure(T)
    best = best_possible.best_bits(KERNEL, TEN_BITS, s)
    K = best_possible.best_bits_K(KERNEL, TEN_BITS, s, *best_possible.heartbeat_states(5, 2))
    return bits(looseness.enumerated(KERNEL, best, TEN_BITS, s)), bits(K), best, s


def test_the_likelihood_of_ten_bits_lies_between_K_and_that_of_the_data_and_is_the_average_over_paths(rng):
    L, K, best, s = ten_bits(20)
    assert K < L[0] < -np.log2(5)
    np.testing.assert_allclose(L, L[0], rtol=1e-10)                          # the five phases are alike
    found = likelihood.log_likelihood(KERNEL, best, TEN_BITS[:1], s, rng, 4000)
    assert abs(bits(found.log_p[0]) - L[0]) < 4 * bits(found.error[0])


@pytest.mark.slow
def test_K_of_ten_bits_is_014_bits_too_low():
    L, K, _, _ = ten_bits(200)
    np.testing.assert_allclose([L[0], K], [-2.3695, -2.5095], atol=5e-5)


def test_the_likelihood_of_the_time_reversal_is_the_density_of_the_curve_with_the_first_noise_twice():
    x0, s = toys.roll_centres(10)[0], schedule.geometric(40, 1e-4)
    found = looseness.with_last_step(lambda x: looseness.curve_log_density(toys.roll_nodes, x, s), x0, s)
    twice = schedule.from_beta([1 - (1 - s.beta[1]) ** 2])
    np.testing.assert_allclose(found, looseness.curve_log_density(toys.roll_nodes, x0, twice), atol=1e-3)


@pytest.mark.slow
def test_the_flow_from_pi_gives_the_density_of_the_noised_data_and_converges_with_order_four():
    s = schedule.geometric(5, 0.05, last=1e8)                                # x_T is noise to 1e-8
    x = np.linspace(-2.1, 2.0, 12)[:, None]
    q = [gaussian.log_density(x, gaussian.marginal(c, 1, s))[:, 0] for c in COIN[0]]
    exact = np.logaddexp(*q) - np.log(2)
    np.testing.assert_allclose(looseness.curve_log_density(coin, x, s), exact, rtol=1e-10)
    errors = [np.max(np.abs(looseness.flow_log_density(coin, x, s, steps) - exact)) for steps in (800, 1600)]
    assert errors[1] < 1e-6 and 3.5 < np.log2(errors[0] / errors[1]) < 4.5


def test_the_flow_refuses_a_schedule_that_leaves_no_signal():
    with pytest.raises(ValueError, match="the flow needs beta_T < 1"):
        looseness.flow_log_density(coin, np.ones((2, 1)), schedule.constant_erasure(5))


def test_K_of_the_roll_is_06_bits_below_the_likelihood_of_the_time_reversal():
    s, (x0, share) = schedule.geometric(40, 6e-6, last=10.0), toys.roll_centres(100)
    twice = schedule.from_beta([1 - (1 - s.beta[1]) ** 2])
    reversal = looseness.curve_log_density(toys.roll_nodes, x0, twice) @ share
    best = limits.curve(toys.roll_nodes, toys.roll_centres(50), s, 5)
    np.testing.assert_allclose(bits(reversal), 3.2229, atol=1e-4)
    np.testing.assert_allclose(reversal - best.any_kernel, (1 - np.log(2)) / 2 + best.end, atol=1e-3)    # the last step
    np.testing.assert_allclose(bits(reversal - best.independent), 0.60, atol=5e-3)


@pytest.mark.slow
def test_the_flow_from_pi_gives_the_roll_7_thousandths_of_a_bit_less_than_the_time_reversal():
    s, (x0, share) = schedule.geometric(40, 6e-6, last=10.0), toys.roll_centres(25)
    flow, reversal = (looseness.with_last_step(partial(density, toys.roll_nodes, schedule=s), x0, s, 6) @ share
                      for density in (looseness.flow_log_density, looseness.curve_log_density))
    np.testing.assert_allclose(bits(reversal - flow), 0.007, atol=2e-3)


def test_the_bound_of_one_sampled_path_is_below_the_likelihood(rng):
    L, K, best, s = ten_bits(20)
    sampled, error = bound.mean_and_error(bound.K_true(bound.terms(KERNEL, best, TEN_BITS[rng.integers(5, size=400)], s, rng)))
    assert abs(bits(sampled) - K) < 4 * bits(error) and bits(sampled + 4 * error) < L[0]
