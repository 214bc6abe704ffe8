"""A third kernel is one new file, tests/categorical.py: everything above the kernels runs on it as it is."""
import numpy as np
import pytest
from categorical import Categorical, with_values

from dpm_ref import bound, entropy, likelihood, schedule, trajectory
from dpm_ref.products import factors, particles
from dpm_ref.proofs import entropies, enumeration

KERNEL, S = with_values(3), schedule.from_beta([0.2, 0.3, 0.5])
STATES = enumeration.all_states(2, range(3))                       # (9, 2)
Q0 = np.array([4, 1, 0, 2, 0, 1, 0, 3, 1]) / 12
FORWARD = enumeration.forward_matrices(KERNEL, STATES, S)


def rough(x, t):
    """A reverse kernel that is right for nothing: the odds of a variable depend on both and on t."""
    score = np.stack([np.sin(k + x @ np.array([[1.0, 0.4], [-0.7, 1.3]]) + 0.3 * np.reshape(t, (-1, 1))) for k in range(3)], axis=-1)
    return Categorical(np.exp(score) / np.exp(score).sum(axis=-1, keepdims=True))


def model():
    """p(x_0..x_T) of every path, and p(x_0), (9,)."""
    pi = np.full(9, 1 / 9)
    p = enumeration.path_probabilities(pi, enumeration.reverse_matrices(KERNEL, rough, STATES, S), "reverse")
    return p, p.sum(axis=(1, 2, 3))


def index(x):
    return (x @ np.array([3, 1])).astype(int)


def test_the_kernel_keeps_pi_and_its_marginal_is_t_steps():
    np.testing.assert_allclose(np.full(9, 1 / 9) @ FORWARD[2], 1 / 9, rtol=1e-12)
    np.testing.assert_allclose(enumeration.transition(KERNEL, KERNEL.marginal(STATES, 3, S), STATES),
                               FORWARD[1] @ FORWARD[2] @ FORWARD[3], rtol=1e-12)


def test_the_posterior_is_bayes_rule():
    first, second = FORWARD[1], FORWARD[2]                         # x_0 is row 5, x_2 is column 1
    joint = first[5] * second[:, 1]
    q = KERNEL.posterior(STATES[1:2], STATES[5:6], 2, S)
    np.testing.assert_allclose(enumeration.transition(KERNEL, q, STATES)[0], joint / joint.sum(), rtol=1e-12)


@pytest.mark.parametrize("draw, want", [
    (lambda rng, N: list(trajectory.forward_trajectory(KERNEL, STATES[rng.choice(9, N, p=Q0)], S,
                                                       trajectory.noises(KERNEL, rng, (N, 2), 3)))[2][1],
     Q0 @ FORWARD[1] @ FORWARD[2]),
    (lambda rng, N: trajectory.sample(KERNEL, rough, S, (N, 2), rng), model()[1])], ids=["forward", "reverse"])
def test_chains_draw_what_enumeration_says(draw, want, rng):
    N = 20_000
    found = np.bincount(index(draw(rng, N)), minlength=9)
    assert np.sum((found - N * want) ** 2 / (N * want)) < 35      # chi² of 8 degrees of freedom: false alarm 3e-5


def test_the_bound_is_the_mean_log_ratio_of_all_paths(rng):
    p, q = model()[0], enumeration.path_probabilities(np.eye(9)[5], FORWARD, "forward")
    want = np.sum(q[q > 0] * np.log(p[q > 0] / q[q > 0]))
    K, error = bound.mean_and_error(bound.K_true(bound.terms(KERNEL, rough, np.repeat(STATES[5:6], 4000, axis=0), S, rng)))
    assert error < 0.02 and abs(K - want) < 4 * error


def test_the_likelihood_is_that_of_all_paths(rng):
    found = likelihood.log_likelihood(KERNEL, rough, STATES, S, rng, paths=4000)
    assert (np.abs(found.log_p - np.log(model()[1])) < 4.5 * found.error).all()


def test_entropies_lie_between_their_bounds():
    x0 = np.repeat(STATES, (12 * Q0).round().astype(int), axis=0)
    true = entropy.reverse_entropy(KERNEL, x0, S, entropies.enumerated(KERNEL, STATES, Q0, S))
    lower, upper = entropy.step_bounds(KERNEL, x0, S)
    assert (lower[1:] <= true[1:] + 1e-12).all() and (true[1:] <= upper[1:] + 1e-12).all()


def test_particles_complete_a_known_variable(rng):
    factor = factors.known(KERNEL, np.array([True, False]), np.array([2.0, 0.0]), S, "carried")
    found = particles.posterior_sample(KERNEL, rough, factor, S, (20_000, 2), rng)
    p = model()[1] * (STATES[:, 0] == 2)
    assert abs(found.log_evidence - np.log(p.sum())) < 0.05
    np.testing.assert_allclose(np.bincount(index(found.x), minlength=9) / 20_000, p / p.sum(), atol=0.02)


def test_data_that_the_kernel_does_not_take_is_refused_by_the_kernel(rng):
    with pytest.raises(ValueError, match="whole numbers in 0..2"):
        bound.terms(KERNEL, rough, np.array([[3.0, 0.0]]), S, rng)
