"""Section 2.3: the log likelihood by forward paths, against complete enumeration."""
import numpy as np
import pytest

from dpm_ref import binomial, gaussian
from dpm_ref.proofs import best_possible, enumeration
from dpm_ref.bound import log_weights
from dpm_ref.likelihood import by_paths, log_likelihood, path_weights, summary
from dpm_ref.engine.numerics import log_mean_exp
from dpm_ref.schedule import constant_erasure, from_beta

KERNEL = binomial.with_p(0.3)
SCHEDULE = from_beta([0.1, 0.25, 0.4])
STATES = enumeration.all_states(2)


def rough_reverse(x, t):
    """A reverse kernel that is right for nothing: bits depend on both bits and on t."""
    mixed = x @ np.array([[0.5, 0.15], [-0.1, 0.4]]) + 0.2 + 0.05 * np.asarray(t)[..., None]
    return binomial.Bernoulli(np.clip(mixed, 0.05, 0.95))


def model():
    """p(x_0), (4,), by enumeration."""
    q = enumeration.transition(KERNEL, KERNEL.pi(STATES[:1]), STATES)[0]
    for matrix in enumeration.reverse_matrices(KERNEL, rough_reverse, STATES, SCHEDULE)[:0:-1]:
        q = q @ matrix
    return q


def all_paths(i):
    """Every forward path (T + 1, 64, 2) from state i, and its probability (64,)."""
    start = np.eye(4)[i]
    joint = enumeration.path_probabilities(start, enumeration.forward_matrices(KERNEL, STATES, SCHEDULE), "forward")
    index = np.array(list(np.ndindex(joint.shape)))
    keep = index[:, 0] == i
    return STATES[index[keep].T], joint.ravel()[keep]


def test_mean_path_weight_is_the_likelihood_and_mean_log_weight_the_bound():
    for i in range(4):
        paths, q = all_paths(i)
        log_w = log_weights(KERNEL, rough_reverse, paths, SCHEDULE)
        np.testing.assert_allclose(q @ np.exp(log_w), model()[i], rtol=1e-12)
        assert q @ log_w < np.log(model()[i])


def test_estimate_is_within_three_standard_errors_in_95_percent_of_200_repeats():
    hits = 0
    for seed in range(200):
        found = log_likelihood(KERNEL, rough_reverse, STATES, SCHEDULE, np.random.default_rng(seed), 200)
        hits += np.abs(found.log_p - np.log(model())) <= 3 * found.error
    assert (hits >= 0.95 * 200).all(), hits


def test_standard_error_is_the_spread_over_repeats():
    found = [log_likelihood(KERNEL, rough_reverse, STATES, SCHEDULE, np.random.default_rng(seed), 200) for seed in range(200)]
    ratio = np.std([f.log_p for f in found], axis=0) / np.mean([f.error for f in found], axis=0)
    assert (np.abs(ratio - 1) < 4 / np.sqrt(2 * 200)).all(), ratio


def test_estimates_rise_from_K_to_L_with_the_number_of_paths():
    log_w = path_weights(KERNEL, rough_reverse, np.repeat(STATES, 20, axis=0), SCHEDULE, np.random.default_rng(0), 1000)
    means = by_paths(log_w, [1, 10, 100, 1000]).reshape(4, 4, 20).mean(axis=2)          # (numbers, states)
    K = [q @ log_weights(KERNEL, rough_reverse, paths, SCHEDULE) for paths, q in map(all_paths, range(4))]
    error = log_w.std() / np.sqrt(20 * 1000)
    assert (np.abs(means[0] - K) < 4 * error).all()
    assert (np.diff(means, axis=0)[:2] > 0).all()
    assert (np.abs(means[3] - np.log(model())) < 4 * error).all() and (means[0] < np.log(model())).all()


@pytest.mark.parametrize("kernel, x0", [(gaussian, [[2.0, -1.0], [0.3, 0.0]]), (KERNEL, [[1.0, 0.0], [1.0, 1.0]])])
def test_every_path_has_weight_pi_on_white_data_with_the_forward_kernel_reversed(kernel, x0):
    reverse = lambda x, t: kernel.forward(x, t, SCHEDULE)  # noqa: E731
    found = log_likelihood(kernel, reverse, x0, SCHEDULE, np.random.default_rng(0), 50)
    right = kernel.log_density(np.array(x0), kernel.pi(np.array(x0))).sum(axis=1)
    for value in (found.log_p, found.K):
        np.testing.assert_allclose(value, right, rtol=1e-12)
    assert (found.variance < 1e-24).all() and (found.error < 1e-12).all()
    np.testing.assert_allclose(found.ess, 50)


@pytest.mark.slow
def test_variance_falls_as_one_over_T_in_the_quasi_static_limit():
    # two bits that mostly agree, with the best reverse kernel: the variance of the log weight, measured
    numbers, kernel, variance = np.array([64, 128, 256]), binomial.with_p(0.5), []
    for T in numbers:
        schedule = constant_erasure(T)
        reverse = best_possible.best_bits(kernel, STATES, schedule, weights=[0.4, 0.1, 0.1, 0.4])
        found = log_likelihood(kernel, reverse, STATES[3:], schedule, np.random.default_rng(1), 10_000)
        variance.append(found.variance[0])
    rate = np.polyfit(np.log(numbers), np.log(variance), 1)[0]
    assert -1.2 < rate < -0.8, (rate, variance)


@pytest.mark.parametrize("chunk", [1, 70, 10 ** 6])
def test_no_more_paths_are_held_than_the_chunk_allows(chunk):
    seen = []

    def reverse(x, t):
        seen.append(x.size)
        return KERNEL.forward(x, t, SCHEDULE)
    found = log_likelihood(KERNEL, reverse, STATES, SCHEDULE, np.random.default_rng(0), 30, chunk)
    assert max(seen) <= max(chunk, 2 * 2) and sum(seen) == 30 * 4 * 2 * 2
    np.testing.assert_allclose(found.log_p, KERNEL.log_density(STATES, KERNEL.pi(STATES)).sum(axis=1), rtol=1e-12)


def test_summary_of_two_known_weights():
    found = summary(np.log([[1.0, 0.0 + 1e-300], [3.0, 2.0]]) + 900)                    # far beyond exp's range
    np.testing.assert_allclose(found.log_p, 900 + np.log([2.0, 1.0]), rtol=1e-12)
    np.testing.assert_allclose(found.error, [np.sqrt(2) / 2 / np.sqrt(2), 1.0], rtol=1e-12)
    np.testing.assert_allclose(found.ess, [16 / 10, 1.0], rtol=1e-12)
    np.testing.assert_allclose(found.K[0], 900 + np.log(3) / 2, rtol=1e-12)
    np.testing.assert_allclose(found.variance[0], np.log(3) ** 2 / 2, rtol=1e-12)


def test_weights_of_zero_give_minus_infinity_and_no_nan():
    assert log_mean_exp(np.full((3, 1), -np.inf))[0] == -np.inf
    np.testing.assert_allclose(log_mean_exp(np.array([[-np.inf], [0.0]])), np.log(0.5))


def test_by_paths_uses_disjoint_groups():
    log_w = np.log([[1.0], [3.0], [5.0], [7.0], [100.0]])
    np.testing.assert_allclose(by_paths(log_w, [2])[0], (np.log(2) + np.log(6)) / 2)    # 100 is left over


@pytest.mark.parametrize("call, message", [
    (lambda: log_likelihood(KERNEL, rough_reverse, STATES, SCHEDULE, np.random.default_rng(0), 1), "paths for a standard error must be a whole number, at least 2; got 1"),
    (lambda: log_likelihood(KERNEL, rough_reverse, STATES + 0.5, SCHEDULE, np.random.default_rng(0), 9), "0 or 1"),
    (lambda: by_paths(np.zeros((3, 1)), [4]), "cannot be made")])
def test_bad_input_is_refused_in_a_sentence(call, message):
    with pytest.raises(ValueError, match=message):
        call()
