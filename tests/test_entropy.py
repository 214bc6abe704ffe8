"""Section 2.6 and appendix A: the entropy of a reverse step, its bounds, and what follows."""
import time

import numpy as np
import pytest

from dpm_ref import binomial, entropy, gaussian
from dpm_ref.data import toys
from dpm_ref.proofs import best_possible, entropies, enumeration
from dpm_ref.bound import L_null
from dpm_ref.schedule import constant_erasure, from_beta, geometric

SCHEDULE = from_beta([0.1, 0.3, 0.2, 0.4])
STATES = enumeration.all_states(3)
FAIR, RARE = binomial.with_p(0.5), binomial.with_p(0.25)
ANY = np.array([[0, 0, 1], [1, 1, 1], [1, 1, 1], [0, 1, 0], [1, 0, 1.0]])                # means .6, .6, .8
OF_MEAN_P = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 0], [0, 0, 1.0]])                     # every bit has mean 1/4
STEPS = range(1, SCHEDULE.T + 1)


def weights_of(points):
    return np.mean([(STATES == x).all(axis=1) for x in points], axis=0)


def joint_of(kernel, points, *times):
    """The joint table of x_t at the given times, by summing over every path."""
    matrices = enumeration.forward_matrices(kernel, STATES, SCHEDULE)
    joint = enumeration.path_probabilities(weights_of(points), matrices, "forward")
    return joint.sum(axis=tuple(t for t in range(SCHEDULE.T + 1) if t not in times))


def H(kernel, points, *times):
    p = joint_of(kernel, points, *times)
    p = p[p > 0]
    return -(p @ np.log(p))


def given(kernel, points, t, *condition):
    """H(X_t | X_condition), from joint entropies."""
    return H(kernel, points, t, *condition) - H(kernel, points, *condition)


CHAINS = [(FAIR, ANY), (RARE, OF_MEAN_P), (RARE, ANY)]


@pytest.mark.parametrize("kernel, points", CHAINS)
def test_entropies_of_a_chain_are_those_of_its_joint_table(kernel, points):
    np.testing.assert_allclose(entropies.enumerated(kernel, STATES, weights_of(points), SCHEDULE),
                               [H(kernel, points, t) for t in range(SCHEDULE.T + 1)], rtol=1e-12)
    np.testing.assert_allclose(entropy.forward_entropy(kernel, points, SCHEDULE)[1:],
                               [given(kernel, points, t, t - 1) for t in STEPS], rtol=1e-11)
    np.testing.assert_allclose(entropy.given_data(kernel, points, SCHEDULE)[1:],
                               [given(kernel, points, t, 0) for t in STEPS], rtol=1e-11)


@pytest.mark.parametrize("kernel, points", CHAINS)
def test_reverse_entropy_of_eq_27_is_that_of_the_joint_table(kernel, points):
    found = entropy.reverse_entropy(kernel, points, SCHEDULE, entropies.enumerated(kernel, STATES, weights_of(points), SCHEDULE))
    for t in STEPS:
        q = joint_of(kernel, points, t - 1, t)                                           # rows x_{t-1}, columns x_t
        conditional = np.divide(q, q.sum(axis=0), where=q > 0, out=np.ones_like(q))
        np.testing.assert_allclose(found[t], -np.sum(q * np.log(conditional)), rtol=1e-11)


@pytest.mark.parametrize("kernel, points", CHAINS)
def test_lower_bound_of_eqs_31_to_35_is_the_entropy_given_both_ends(kernel, points):
    lower = entropy.lower_bound(kernel, points, SCHEDULE)
    for t in STEPS:
        assert given(kernel, points, 0, t) >= given(kernel, points, 0, t - 1) - 1e-12    # Eq. 31
        assert given(kernel, points, t - 1, t) >= lower[t] - 1e-12                       # Eq. 35
        if t > 1:
            np.testing.assert_allclose(lower[t], given(kernel, points, t - 1, t, 0), rtol=1e-11)
    assert abs(lower[1]) < 1e-12                                                         # X_0 given X_0


@pytest.mark.parametrize("kernel, points", CHAINS[:2])
def test_upper_bound_of_eqs_28_to_30_holds_for_data_with_the_moments_of_pi(kernel, points):
    lower, upper = entropy.step_bounds(kernel, points, SCHEDULE)
    for t in STEPS:
        assert H(kernel, points, t) >= H(kernel, points, t - 1) - 1e-12                  # Eq. 28
        assert lower[t] - 1e-12 <= given(kernel, points, t - 1, t) <= upper[t] + 1e-12   # Eq. 36
        np.testing.assert_allclose(upper[t], given(kernel, points, t, t - 1), rtol=1e-11)


def test_upper_bound_is_tight_for_white_gaussian_data():
    for schedule in (SCHEDULE, constant_erasure(50)):
        x0 = np.ones((1, 2))
        true = entropy.reverse_entropy(gaussian, x0, schedule, entropies.gaussian(schedule, np.ones(2)))
        np.testing.assert_allclose(true, entropy.upper_bound(gaussian, x0, schedule), atol=1e-12)


@pytest.mark.parametrize("kernel", [gaussian, FAIR, RARE])
def test_lower_bound_is_tight_for_a_point_mass(kernel):
    x0 = np.ones((1, 3))
    true = entropy.reverse_entropy(kernel, x0, SCHEDULE, entropy.given_data(kernel, x0, SCHEDULE))
    np.testing.assert_allclose(true, entropy.lower_bound(kernel, x0, SCHEDULE), atol=1e-12)
    points = np.broadcast_to(x0, (4, 3))
    if kernel is not gaussian:
        np.testing.assert_allclose(true[1:], [given(kernel, points, t - 1, t) for t in STEPS], atol=1e-12)


def test_lower_bound_is_the_entropy_of_the_gaussian_posterior():
    x0, lower = np.array([[2.0, -1.0]]), entropy.lower_bound(gaussian, np.array([[2.0, -1.0]]), SCHEDULE)
    for t in STEPS[1:]:
        var = gaussian.posterior(x0, x0, t, SCHEDULE).var
        np.testing.assert_allclose(lower[t], np.log(2 * np.pi * np.e * var), rtol=1e-12)


def test_entropy_of_gaussian_data_is_that_of_quadrature():
    x, schedule = np.linspace(-40, 40, 80_001), from_beta([0.3])
    for t, v in ((0, 4.0), (1, 0.7 * 4 + 0.3)):
        q = np.exp(-x ** 2 / (2 * v)) / np.sqrt(2 * np.pi * v)
        right = -np.sum(q * (-x ** 2 / (2 * v) - 0.5 * np.log(2 * np.pi * v))) * (x[1] - x[0])
        np.testing.assert_allclose(entropies.gaussian(schedule, 4.0)[t], right, rtol=1e-9)
        np.testing.assert_allclose(entropies.gaussian(schedule, [4.0, 4.0])[t], 2 * right, rtol=1e-9)


def test_reverse_entropy_of_gaussian_data_is_that_of_its_conditional_variance():
    var = np.array([0.3, 4.0])
    v = [1 + a * (var - 1) for a in SCHEDULE.alpha_bar]
    found = entropy.reverse_entropy(gaussian, np.ones((1, 2)), SCHEDULE, entropies.gaussian(SCHEDULE, var))
    for t in STEPS:
        cov = np.sqrt(1 - SCHEDULE.beta[t]) * v[t - 1]
        conditional = v[t - 1] - cov ** 2 / v[t]
        np.testing.assert_allclose(found[t], 0.5 * np.sum(np.log(2 * np.pi * np.e * conditional)), rtol=1e-12)
        lower, upper = (b[t] for b in entropy.step_bounds(gaussian, np.ones((1, 2)), SCHEDULE))
        assert found[t] >= lower


def test_upper_bound_is_violated_by_01206_nats_for_second_moment_4():
    schedule = constant_erasure(5)
    true = entropy.reverse_entropy(gaussian, np.ones((1, 1)), schedule, entropies.gaussian(schedule, 4.0))
    excess = true - entropy.upper_bound(gaussian, np.ones((1, 1)), schedule)
    assert round(excess[3], 4) == 0.1206 and (excess[1:] > 0).all()


def test_classes_of_equivalent_states_stand_for_all_of_them():
    sequences = (np.arange(12) % 4 == np.arange(4)[:, None]) * 1.0
    found = entropies.sequences(RARE, sequences, SCHEDULE, *best_possible.heartbeat_states(4, 3))
    every = enumeration.all_states(12)
    for t in STEPS:
        q = np.mean([np.prod(np.where(every == 1, r, 1 - r), axis=1) for r in RARE.marginal(sequences, t, SCHEDULE).rate], axis=0)
        np.testing.assert_allclose(found[t], -(q @ np.log(q)), rtol=1e-12)
    np.testing.assert_allclose(found[0], np.log(4))


@pytest.mark.slow
def test_heartbeat_entropies_of_all_2000_steps_lie_between_their_bounds_within_a_minute():
    kernel, schedule, began = binomial.with_p(0.2), constant_erasure(2000), time.process_time()
    all_H = entropies.sequences(kernel, toys.HEARTBEAT, schedule, *best_possible.heartbeat_states())
    lower, upper = entropy.step_bounds(kernel, toys.HEARTBEAT, schedule)
    true = entropy.reverse_entropy(kernel, toys.HEARTBEAT, schedule, all_H)
    assert time.process_time() - began < 60
    assert (lower <= true + 1e-12).all() and (true <= upper + 1e-12).all()
    gap = entropy.production(kernel, toys.HEARTBEAT, schedule, all_H)
    np.testing.assert_allclose(gap, upper - true, atol=1e-11)
    np.testing.assert_allclose(gap.sum(), np.log(0.2) - L_null(kernel, toys.HEARTBEAT)[0], rtol=1e-9)
    low, best, high = entropy.likelihood_bounds(kernel, toys.HEARTBEAT, schedule, all_H)
    np.testing.assert_allclose(low, L_null(kernel, toys.HEARTBEAT)[0], rtol=1e-12)
    bitwise = -2.3683 * np.log(2)                                                        # no bit-wise kernel beats it
    assert low < bitwise < best < np.log(0.2) < high
    np.testing.assert_allclose(best / np.log(2), -2.36586, atol=1e-5)


def test_curve_entropy_of_one_and_of_two_distant_points():
    schedule, far = from_beta([0.01, 0.02]), np.array([[0.0, 0.0], [100.0, 0.0]])
    one = entropies.curve(lambda std: (far[:1], np.ones(1)), schedule, var=0.5)
    total = schedule.alpha_bar * 0.5 + 1 - schedule.alpha_bar
    np.testing.assert_allclose(one, np.log(2 * np.pi * np.e * total), rtol=1e-12)
    two = entropies.curve(lambda std: (far, np.full(2, 0.5)), schedule, var=0.5)
    np.testing.assert_allclose(two - one, np.log(2), rtol=1e-12)
    assert entropies.curve(lambda std: (far, np.full(2, 0.5)), schedule)[0] == -np.inf


def test_roll_entropies_lie_between_their_bounds_and_match_a_monte_carlo_estimate():
    schedule, rng, x0 = geometric(12, 1e-3), np.random.default_rng(0), np.ones((1, 2))
    all_H = entropies.curve(toys.roll_nodes, schedule)
    lower, upper = entropy.step_bounds(gaussian, x0, schedule)
    true = entropy.reverse_entropy(gaussian, x0, schedule, all_H)
    assert (lower[2:] < true[2:]).all() and (true[2:] < upper[2:]).all()
    for t in (1, 6, 12):
        scale, var = np.sqrt(schedule.alpha_bar[t]), schedule.one_minus_alpha_bar[t]
        xt = scale * toys.swiss_roll(rng, 2000) + np.sqrt(var) * rng.standard_normal((2000, 2))
        points, w = toys.roll_nodes(np.sqrt(var))
        square = np.concatenate([((part[:, None] - scale * points) ** 2).sum(axis=2) for part in np.split(xt, 20)])
        log_q = np.log(np.exp(-square / (2 * var)) @ w) - np.log(2 * np.pi * var)
        assert abs(all_H[t] + log_q.mean()) < 3.5 * log_q.std() / np.sqrt(2000), t


@pytest.mark.parametrize("kernel, points", CHAINS)
def test_entropy_production_is_the_fall_of_the_divergence_from_pi(kernel, points):
    pi = enumeration.transition(kernel, kernel.pi(STATES[:1]), STATES)[0]
    q = [joint_of(kernel, points, t) for t in range(SCHEDULE.T + 1)]
    divergence = [np.sum(a[a > 0] * np.log(a[a > 0] / pi[a > 0])) for a in q]
    all_H = entropies.enumerated(kernel, STATES, weights_of(points), SCHEDULE)
    found = entropy.production(kernel, points, SCHEDULE, all_H)
    np.testing.assert_allclose(found[1:], -np.diff(divergence), rtol=1e-9)
    assert (found[1:] > 0).all() and found[0] == 0


def test_entropy_production_of_gaussian_data():
    all_H = entropies.gaussian(SCHEDULE, np.array([0.5, 3.0]))
    x0 = np.array([[0.5 ** 0.5, 3 ** 0.5], [-0.5 ** 0.5, -3 ** 0.5]])                    # the same second moments
    v = 1 + SCHEDULE.alpha_bar[:, None] * (np.array([0.5, 3.0]) - 1)
    divergence = 0.5 * np.sum(v - 1 - np.log(v), axis=1)
    np.testing.assert_allclose(entropy.production(gaussian, x0, SCHEDULE, all_H)[1:], -np.diff(divergence), rtol=1e-11)


def test_cross_entropy_to_pi_stays_the_same_for_data_with_its_moments_and_only_then():
    same = entropy.cross_entropy(RARE, OF_MEAN_P, SCHEDULE)
    np.testing.assert_allclose(same, same[0], rtol=1e-12)
    np.testing.assert_allclose(same[0], 3 * (-0.25 * np.log(0.25) - 0.75 * np.log(0.75)), rtol=1e-12)
    other = entropy.cross_entropy(gaussian, np.array([[2.0]]), SCHEDULE)                 # second moment 4
    np.testing.assert_allclose(other, 0.5 * np.log(2 * np.pi) + 0.5 * (1 + 3 * SCHEDULE.alpha_bar), rtol=1e-12)


@pytest.mark.parametrize("kernel, points", CHAINS[:2])
def test_likelihood_bounds_enclose_the_bound_with_the_exact_reverse_kernel(kernel, points):
    forward = enumeration.forward_matrices(kernel, STATES, SCHEDULE)
    joint = enumeration.path_probabilities(weights_of(points), forward, "forward")
    pi = enumeration.transition(kernel, kernel.pi(STATES[:1]), STATES)[0]
    exact_steps = []
    for t in STEPS:
        q = joint_of(kernel, points, t - 1, t)
        exact_steps.append((q / q.sum(axis=0)).T if t > 1 else forward[1])               # rows x_t, columns x_{t-1}
    p = enumeration.path_probabilities(pi, [np.eye(8)] + exact_steps, "reverse")
    path = joint[weights_of(points) > 0]
    ratio = p[weights_of(points) > 0] / (path / weights_of(points)[weights_of(points) > 0].reshape(-1, 1, 1, 1, 1))
    direct = np.sum(path * np.log(ratio))                                                # Eq. 12
    all_H = entropies.enumerated(kernel, STATES, weights_of(points), SCHEDULE)
    low, best, high = entropy.likelihood_bounds(kernel, points, SCHEDULE, all_H)
    if kernel is RARE:                                                                   # Eq. 43 needs mean p; p = 1/2 too
        np.testing.assert_allclose(best, direct, rtol=1e-11)
    assert low < best < high
    H_data = entropy.given_data(kernel, points, SCHEDULE)
    H_p = kernel.entropy(kernel.pi(np.zeros(3))).sum()
    np.testing.assert_allclose([low, high], [-H_p, H_data[-1] - H_data[1] - H_p], rtol=1e-11)


def test_entropy_of_a_table():
    np.testing.assert_allclose(entropies.of(np.array([0.5, 0.25, 0.25, 0.0])), 1.5 * np.log(2))
    np.testing.assert_allclose(entropies.of(np.full((2, 4), 0.25), axis=1), [2 * np.log(2)] * 2)
    with pytest.raises(ValueError, match="the table must sum to 1; the sum is off by 1"):
        entropies.of(np.array([[0.5, 0.5], [1.0, 1.0]]), axis=1)                           # one row is wrong


def test_a_variance_that_is_not_positive_is_refused():
    with pytest.raises(ValueError, match="must be positive"):
        entropies.gaussian(SCHEDULE, [1.0, 0.0])
