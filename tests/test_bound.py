"""Section 2.4 and appendix B: K term by term, against enumeration, closed forms and known numbers."""
import warnings

import numpy as np
import pytest

from dpm_ref import binomial, bound, gaussian, schedule
from dpm_ref.data import toys
from dpm_ref.proofs import best_possible, closed_form, enumeration
from dpm_ref.binomial import Bernoulli
from dpm_ref.gaussian import Gaussian

S5 = schedule.constant_erasure(5)
LATE = schedule.geometric(6, 0.02, last=2.0)                 # alpha_bar_T > 0, so H_T and H_p differ
WHITE = -0.5 * np.log(2 * np.pi * np.e)


def linear(schedule_, factor=1.0):
    """The reverse kernel N(factor sqrt(1 - beta_t) x, beta_t): for factor 1 the forward kernel."""
    def reverse(x, t):
        q = gaussian.forward(x, t, schedule_)
        return Gaussian(factor * q.mean, q.var)
    return reverse


def forward_bits(kernel, s):
    return lambda x, t: kernel.forward(x, t, s)


def crooked_bits(x, t):
    """A reverse kernel that is wrong, correlated and different at each t: rate of a bit depends on its neighbour."""
    return Bernoulli(0.2 + 0.5 * x + 0.15 * np.roll(x, 1, axis=-1) * np.cos(t if np.ndim(t) == 0 else t[..., None]) ** 2)


def gaussian_terms(s, factor, rng, N=200000):
    """Terms of K at data of exactly mean 0 and second moment 1: the points -1 and 1, equally often."""
    x0 = np.tile([[1.0], [-1.0]], (N // 2, 1))
    return bound.terms(gaussian, linear(s, factor), x0, s, rng)


@pytest.mark.parametrize("s", [S5, LATE, schedule.constant_erasure(50), schedule.from_beta([0.9])])
def test_white_data_with_reverse_equal_to_forward_has_K_minus_half_log_2_pi_e(s):
    slope = np.sqrt(1 - s.beta)
    np.testing.assert_allclose(closed_form.linear_K(slope, s.beta, s), WHITE, rtol=1e-12)


def test_gaussian_kl_terms_are_the_known_ones(rng):
    t = gaussian_terms(S5, 1.0, rng)
    error = t.kl.std(axis=1) / np.sqrt(t.kl.shape[1])
    assert (abs(t.kl.mean(axis=1) - [0, 0, .346574, .202733, .143841, .111572]) <= 5 * error + 1e-6).all()
    assert t.kl.shape == (6, 200000) and (t.kl[:2] == 0).all()


@pytest.mark.parametrize("s", [S5, LATE])
def test_gaussian_entropy_terms_are_the_closed_forms(s, rng):
    t = gaussian_terms(s, 1.0, rng, N=2)
    for name, var in ("H_T", 1 - np.prod(1 - s.beta[1:])), ("H_1", s.beta[1]), ("H_p", 1.0):
        np.testing.assert_allclose(getattr(t, name), 0.5 * np.log(2 * np.pi * np.e * var), rtol=1e-12)


@pytest.mark.parametrize("s, factor", [(S5, 1.0), (S5, 0.8), (LATE, 0.9)])
def test_sampled_K_is_the_closed_form_within_its_standard_error(s, factor, rng):
    K, error = bound.mean_and_error(bound.K(gaussian_terms(s, factor, rng)))
    slope = factor * np.sqrt(1 - s.beta)
    slope[1] = np.sqrt(1 - s.beta[1])                       # Eq. 44
    assert abs(K - closed_form.linear_K(slope, s.beta, s)) < 4 * error < 0.02


def test_the_mean_times_0_8_has_the_known_likelihood_and_bound():
    slope = 0.8 * np.sqrt(1 - S5.beta)
    np.testing.assert_allclose(closed_form.linear_chain(slope, S5.beta)[0], .495903, atol=5e-7)
    np.testing.assert_allclose(closed_form.linear_K(slope, S5.beta, S5), -1.618939, atol=5e-7)
    slope[1] = np.sqrt(1 - S5.beta[1])
    v = closed_form.linear_chain(slope, S5.beta)[0]
    np.testing.assert_allclose([v, -0.5 * (np.log(2 * np.pi * v) + 1 / v)], [.662349, -1.467846], atol=5e-7)
    np.testing.assert_allclose(closed_form.linear_K(slope, S5.beta, S5), -1.538939, atol=5e-7)


@pytest.mark.parametrize("T", [1, 2, 5])
def test_fair_bits_with_reverse_equal_to_forward_have_K_minus_log_2(T, rng):
    s, x0 = schedule.constant_erasure(T), enumeration.all_states(3)
    kernel = binomial.with_p(0.5)
    # the average over x_t is exact: enumerate it, weighted by q(x_t|x_0)
    K = enumerated_K(kernel, forward_bits(kernel, s), s, np.full(8, 1 / 8))
    np.testing.assert_allclose(K, -3 * np.log(2), rtol=1e-12)
    assert len(x0) == 8


def enumerated_K(kernel, reverse, s, q0):
    """K of Eq. 14 with every average a sum over all states: no draw."""
    x = enumeration.all_states(int(np.log2(len(q0))))
    total = 0.0
    for t in range(2, s.T + 1):
        p = reverse(x, t)
        for x0, weight in zip(x, q0):
            x0 = np.tile(x0, (len(x), 1))
            q_xt = np.exp(kernel.log_density(x, kernel.marginal(x0, t, s)).sum(axis=1))
            total -= weight * q_xt @ kernel.kl(kernel.posterior(x, x0, t, s), p).sum(axis=1)
    H_T, H_1, H_p, edge = bound.constants(kernel, x, s)
    return total + q0 @ (H_T - H_1 - H_p + edge)


def jarzynski(kernel, reverse, s, q0):
    """The bound of Eq. 12 and the likelihood of Eq. 10 by listing every path (Eqs. 3, 5, 6)."""
    x = enumeration.all_states(int(np.log2(len(q0))))
    q = enumeration.path_probabilities(q0, enumeration.forward_matrices(kernel, x, s), "forward")
    start = np.exp(kernel.log_density(x, kernel.pi(x)).sum(axis=1))
    p = enumeration.path_probabilities(start, enumeration.reverse_matrices(kernel, reverse, x, s), "reverse")
    p0 = p.reshape(len(x), -1).sum(axis=1)
    # q is zero on impossible paths; log(p / q(x_1..T | x_0)) = log p - log q + log q0
    some = q > 0
    K = np.sum(q[some] * (np.log(p[some]) - np.log(q[some]))) + q0[q0 > 0] @ np.log(q0[q0 > 0])
    return K, q0 @ np.log(p0), p0, q, p


CHAINS = [(0.5, S5), (0.2, schedule.constant_erasure(3)), (0.2, schedule.geometric(4, 0.05, last=1.0))]
Q0 = np.array([0.4, 0.1, 0.2, 0.3])                          # not symmetric, mean not p


@pytest.mark.parametrize("p, s", CHAINS)
def test_K_with_its_edge_term_is_the_sum_over_every_path(p, s):
    kernel = binomial.with_p(p)
    for reverse in (crooked_bits, forward_bits(kernel, s), best_possible.best_bits(kernel, enumeration.all_states(2), s, Q0)):
        np.testing.assert_allclose(enumerated_K(kernel, reverse, s, Q0), jarzynski(kernel, reverse, s, Q0)[0], rtol=1e-12)


@pytest.mark.parametrize("p, s", CHAINS)
def test_K_is_at_most_L(p, s):
    kernel = binomial.with_p(p)
    for reverse in (crooked_bits, best_possible.best_bits(kernel, enumeration.all_states(2), s, Q0)):
        K, L = jarzynski(kernel, reverse, s, Q0)[:2]
        assert K < L < 0


def test_K_is_L_where_forward_and_reverse_paths_are_equally_likely():
    kernel = binomial.with_p(0.2)
    q0 = np.exp(kernel.log_density(enumeration.all_states(2), kernel.pi(enumeration.all_states(2))).sum(axis=1))
    K, L, p0, q, p = jarzynski(kernel, forward_bits(kernel, S5), S5, q0)
    np.testing.assert_allclose(p, q, rtol=1e-12)
    np.testing.assert_allclose([K, L], [q0 @ np.log(q0)] * 2, rtol=1e-12)


def test_no_bitwise_kernel_beats_the_best_one():
    kernel, s = binomial.with_p(0.2), CHAINS[1][1]
    states = enumeration.all_states(2)
    best = best_possible.best_bits(kernel, states, s, Q0)
    top = enumerated_K(kernel, best, s, Q0)
    for e in (0.01, -0.01):
        def nudged(x, t):
            return Bernoulli(best(x, t).rate + e * (1 - x))
        assert enumerated_K(kernel, nudged, s, Q0) < top


def test_the_best_possible_K_of_known_sequences_is_the_enumerated_one():
    kernel, s = binomial.with_p(0.25), schedule.constant_erasure(4)
    sequences = np.array([[1.0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    states = enumeration.all_states(4)
    q0 = (states[:, None] == sequences).all(axis=2).any(axis=1) / 4
    want = enumerated_K(kernel, best_possible.best_bits(kernel, sequences, s), s, q0)
    np.testing.assert_allclose(best_possible.best_bits_K(kernel, sequences, s, states, np.ones(16)), want, rtol=1e-10)


def test_126_classes_stand_for_all_states_of_a_small_heartbeat():
    kernel, s = binomial.with_p(1 / 3), schedule.constant_erasure(6)
    sequences = (np.arange(6) % 3 == np.arange(3)[:, None]) * 1.0
    full = best_possible.best_bits_K(kernel, sequences, s, enumeration.all_states(6), np.ones(64))
    few = best_possible.best_bits_K(kernel, sequences, s, *best_possible.heartbeat_states(period=3, beats=2))
    np.testing.assert_allclose(few, full, rtol=1e-12)
    states, size = best_possible.heartbeat_states()
    assert len(states) == 126 and size.sum() == 2 ** 20


@pytest.mark.slow
def test_the_limit_of_heartbeat_is_the_known_one():
    K = best_possible.best_bits_K(binomial.with_p(0.2), toys.HEARTBEAT, schedule.constant_erasure(2000), *best_possible.heartbeat_states())
    assert abs(bound.bits(K) + 2.3683) < 0.0007
    H_1 = bound.constants(binomial.with_p(0.2), toys.HEARTBEAT, schedule.constant_erasure(2000))[1]
    assert abs(bound.bits(H_1[0]) - 0.0439) < 5e-5


@pytest.mark.parametrize("beta_1, limit", [(1e-3, -0.82), pytest.param(1e-5, 2.2, marks=pytest.mark.slow)])
def test_the_limit_of_the_roll_is_the_known_one(beta_1, limit, rng):
    s = schedule.geometric(40, beta_1)
    K = bound.K_true(bound.terms(gaussian, best_possible.best_gaussian(toys.roll_nodes, s), toys.swiss_roll(rng, 400), s, rng))
    mean, error = bound.mean_and_error(bound.bits(K))
    assert abs(mean - limit) < 3 * error + 0.05


@pytest.mark.parametrize("s", [S5, LATE])
def test_eq_14_is_off_by_the_known_amount_for_other_second_moments(s, rng):
    x0 = np.tile([[2.0], [-2.0]], (20, 1))                   # m2 = 4
    terms = bound.terms(gaussian, linear(s), x0, s, rng)
    with pytest.warns(UserWarning, match="second moment 1"):
        K14 = bound.K(terms)
    off = -0.5 * (s.alpha_bar[-1] + s.beta[1]) * (4 - 1)
    np.testing.assert_allclose(bound.K_true(terms) - K14, off, rtol=1e-12)


def test_eq_14_on_data_of_the_right_moments_does_not_warn(rng, recwarn):
    bound.K(bound.terms(gaussian, linear(S5), np.array([[1.0], [-1.0]]), S5, rng), exact=True)
    bound.K(bound.terms(binomial.with_p(0.2), crooked_bits, toys.HEARTBEAT, S5, rng), exact=True)
    assert not recwarn


def test_eq_14_warns_for_bits_of_another_mean(rng):
    with pytest.warns(UserWarning, match="mean p"):
        bound.K(bound.terms(binomial.with_p(0.3), crooked_bits, toys.HEARTBEAT, S5, rng), exact=True)
    with pytest.warns(UserWarning, match="mean p"):
        best_possible.best_bits_K(binomial.with_p(0.3), toys.HEARTBEAT, S5, *best_possible.heartbeat_states())


@pytest.mark.parametrize("N, least, most", [(1, 0, 0), (2, 0, 0), (5, 0, 0), (30, 1, 17), (100, 0, 7)])
def test_a_sample_of_white_data_is_seldom_warned_of(N, least, most, rng):
    # of 500 samples about 6 and 1, Poisson distributed: a right rate leaves the limits once in 500 seeds
    def warned():
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            bound.K(bound.Terms(np.zeros((2, N)), *bound.constants(gaussian, rng.standard_normal((N, 1)), S5)))
        return bool(caught)
    assert least <= sum(warned() for _ in range(500)) <= most


def test_eq_14_is_right_for_any_bits_when_pi_is_fair(rng):
    terms = bound.terms(binomial.with_p(0.5), crooked_bits, toys.HEARTBEAT, S5, rng)
    np.testing.assert_allclose(terms.edge, 0, atol=1e-12)


def test_a_reverse_kernel_of_the_wrong_shape_is_named_and_not_broadcast(rng):
    def naive(x, t):                                         # right in a chain, wrong for a t of each point
        return Gaussian(np.sqrt(1 - S5.beta[3]) * x, S5.beta[t])
    with pytest.raises(ValueError, match=r"broadcast to one shape; got \(16, 2\) and \(16,\).*schedule.at"):
        bound.terms(gaussian, naive, np.ones((4, 2)), S5, rng)


def test_one_step_has_nothing_to_draw(rng):
    s, x0 = schedule.from_beta([0.9]), np.array([[2.0], [1.0]])
    np.testing.assert_allclose(bound.sampled_K(gaussian, linear(s), x0, s, rng, power=1),
                               bound.K_true(bound.terms(gaussian, linear(s), x0, s, rng)))


def test_a_few_drawn_steps_give_K_within_their_standard_error():
    s, x0 = schedule.constant_erasure(60, beta_1=1e-2), np.tile([[2.0], [-0.5]], (1500, 1))
    all_steps, few = (bound.mean_and_error(K) for K in (
        bound.K_true(bound.terms(gaussian, linear(s, 0.9), x0, s, np.random.default_rng(0))),
        bound.sampled_K(gaussian, linear(s, 0.9), x0, s, np.random.default_rng(1), draws=5)))
    assert abs(all_steps[0] - few[0]) < 4 * np.hypot(all_steps[1], few[1])
    assert few[1] < 1.2 * all_steps[1]                       # a twelfth of the work, hardly more noise


@pytest.mark.parametrize("chunk", [1, 12, 2 ** 20])
def test_the_size_of_a_chunk_changes_nothing(chunk):
    whole, cut = (bound.terms(gaussian, linear(LATE, 0.9), np.ones((3, 2)), LATE, np.random.default_rng(0), chunk=c) for c in (2 ** 20, chunk))
    assert cut.kl.shape == (7, 3)
    np.testing.assert_allclose(cut.kl, whole.kl, rtol=1e-12)


@pytest.mark.parametrize("chunk, points", [(1000, 80), (12, 6), (8, 4), (7, 3), (1, 1)])
def test_the_reverse_kernel_gets_no_more_numbers_at_once_than_a_chunk(chunk, points, rng):
    seen = []                                                # of 16 points (2,) and the 5 steps t = 2..6

    def watched(x, t):
        seen.append(len(x))
        return linear(LATE)(x, t)
    bound.terms(gaussian, watched, rng.standard_normal((16, 2)), LATE, rng, chunk)
    assert max(seen) == points and sum(seen) == 80


def test_L_null_is_the_likelihood_of_the_end_distribution():
    np.testing.assert_allclose(bound.L_null(gaussian, np.array([[1.0, -1.0]])), 2 * WHITE, rtol=1e-12)
    L = bound.bits(bound.L_null(binomial.with_p(0.2), toys.HEARTBEAT))
    np.testing.assert_allclose(L, 20 * (0.2 * np.log2(0.2) + 0.8 * np.log2(0.8)), rtol=1e-12)
    assert abs(-2.414 - L[0] - 12.024) < 1e-3                # Table 1's K - L_null, both rounded, needs p = 0.2


def test_every_path_of_white_data_has_the_same_weight_eq_9(rng):
    for s in (S5, LATE):
        path = np.array([x for _, x in forward(s, rng.normal(size=(6, 2)), rng)])
        weights = bound.log_weights(gaussian, linear(s), path, s)
        np.testing.assert_allclose(weights, (-0.5 * (np.log(2 * np.pi) + path[0] ** 2)).sum(axis=1), rtol=1e-11)


def forward(s, x0, rng, kernel=gaussian):
    from dpm_ref import trajectory
    return trajectory.forward_trajectory(kernel, x0, s, trajectory.noises(kernel, rng, x0.shape, s.T))


@pytest.mark.parametrize("p, s", CHAINS)
def test_path_weights_are_ratios_of_listed_path_probabilities_eq_9(p, s):
    kernel = binomial.with_p(p)
    _, _, _, q, joint = jarzynski(kernel, crooked_bits, s, np.full(4, 0.25))
    index = np.array([i for i in np.ndindex(*q.shape) if q[i] > 0])[::7]
    path = enumeration.all_states(2)[index].transpose(1, 0, 2)     # (T + 1, paths, 2)
    want = [np.log(joint[tuple(i)] / q[tuple(i)] * 0.25) for i in index]
    np.testing.assert_allclose(bound.log_weights(kernel, crooked_bits, path, s), want, rtol=1e-10)


def test_stratified_steps_give_an_unbiased_sum(rng):
    for size, power, share in (20, 0.0, None), (5, 1.0, None), (5, 0.0, np.arange(1, 20)):
        f = np.arange(21.0) ** 2
        sums = []
        for _ in range(4000):
            t, weight = bound.draw_t(rng, size, 20, power, share)
            assert t.shape == weight.shape == (size,) and t.min() >= 2 and t.max() <= 20
            sums.append((weight * f[t]).sum())
        assert abs(np.mean(sums) - f[2:].sum()) < 4 * np.std(sums) / np.sqrt(4000)


def test_a_step_that_would_never_be_drawn_is_refused(rng):
    with pytest.raises(ValueError, match="every share must be above 0, .* that of t = 3 is 0"):
        bound.draw_t(rng, 4, 5, share=np.array([1.0, 0.0, 1.0, 2.0]))


def test_as_many_strata_as_steps_take_every_step_once(rng):
    t, weight = bound.draw_t(rng, 39, 40)
    assert t.ravel().tolist() == list(range(2, 41))
    np.testing.assert_allclose(weight, 1)


@pytest.mark.parametrize("x0, kernel, message", [
    (np.zeros((0, 2)), gaussian, "non-empty"), (np.zeros(3), gaussian, r"shape \(3,\)"),
    (np.array([[0.0], [np.nan]]), gaussian, "point 1 is not"), (np.array([[0.0], [0.5]]), binomial, r"0 or 1; got 0.5 at \[1, 0\]"),
])
def test_bad_data_gets_one_clear_sentence(x0, kernel, message, rng):
    with pytest.raises(ValueError, match=message):
        bound.terms(kernel, linear(S5), x0, S5, rng)


def test_a_standard_error_divides_by_one_less_than_the_number_of_values():
    assert bound.mean_and_error([0.0, 2.0]) == (1.0, 1.0)


def test_a_small_difference_of_the_second_moment_is_enough_for_a_warning(rng):
    x0 = np.sqrt(1.02) * np.array([[1.0], [-1.0]])            # K is off by 0.003 nats at each point
    with pytest.warns(UserWarning, match="second moment 1"):
        bound.K(bound.terms(gaussian, linear(S5), x0, schedule.from_beta([0.1, 0.2]), rng), exact=True)


def test_a_variance_that_fits_by_accident_is_refused(rng):
    def one_number_a_point(x, t):                            # (2,) would broadcast over the coordinates of (2, 2)
        return Gaussian(x, np.ones(len(x)))
    with pytest.raises(ValueError, match=r"var has shape \(2,\) where x_t has \(2, 2\)"):
        bound.step_kl(gaussian, one_number_a_point, np.ones((2, 2)), 3, S5, rng.standard_normal((2, 2)))


@pytest.mark.parametrize("shape", [(), (2,)])                 # no axis of points; an axis of coordinates that are not summed
def test_K_of_terms_that_are_not_one_number_for_each_point_is_refused(shape):
    terms = bound.Terms(np.zeros((6,) + 2 * shape), *np.zeros((4,) + 2 * shape))
    for K in bound.K, bound.K_true:
        with pytest.raises(ValueError, match=r"K needs kl \(T \+ 1, N\)"):
            K(terms)


def test_terms_with_noise_given_are_the_terms_with_this_noise_drawn():
    x0 = np.array([[2.0, 0.5], [1.0, -1.0], [0.0, 3.0]])
    rng = np.random.default_rng(7)
    noises = [gaussian.noise(rng, x0.shape) for _ in range(4)]
    for chunk in (1, 7, 100):
        drawn = bound.terms(gaussian, linear(S5), x0, S5, np.random.default_rng(7), chunk)
        for a, b in zip(drawn, bound.terms_given(gaussian, linear(S5), x0, S5, noises)):
            np.testing.assert_allclose(a, b, rtol=1e-13)
