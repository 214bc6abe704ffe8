"""Section 2.5 and appendix C: products with r(x), what the paper's method samples, and what is right."""
import warnings

import autograd.numpy as anp
import numpy as np
import pytest

from dpm_ref import binomial, gaussian, schedule
from dpm_ref.data import toys
from dpm_ref.engine import numerics
from dpm_ref.experiments import models
from dpm_ref.proofs import best_possible, closed_form, enumeration, exact_posteriors
from dpm_ref.products import conditional, factors, particles, perturbed as P
from dpm_ref.gaussian import Gaussian
from dpm_ref.schedule import constant_erasure, from_beta, geometric
from dpm_ref.trajectory import noises, sample

SCHEDULE = from_beta([0.2, 0.3, 0.25, 0.4])
BITS = binomial.with_p(0.3)
STATES = enumeration.all_states(3)
GRID = np.linspace(-12, 12, 48_001)[:, None]                                             # (M, 1), for quadrature
STEP = GRID[1, 0] - GRID[0, 0]


def white(schedule):
    return lambda x, t: gaussian.forward(x, t, schedule)


def density(x, q):
    return np.exp(gaussian.log_density(x, q))[..., 0]


def rough_bits(x, t):
    """A reverse kernel that is right for nothing."""
    return binomial.Bernoulli(np.clip(0.15 + 0.1 * t + x @ np.array([[0.4, 0.1, 0], [-0.2, 0.5, 0.2], [0.1, -0.1, 0.3]]), 0.05, 0.95))


def rough_gaussian(x, t):
    """A coupled linear reverse kernel, right for nothing: mean A x + b, diagonal variance."""
    return Gaussian(x @ A + np.array([0.1, -0.2]), np.array([0.3, 0.5]) + 0 * x)


A = np.array([[0.7, 0.3], [-0.2, 0.8]])


def model_of_bits():
    """p(x_0) of `rough_bits`, (8,), by enumeration."""
    q = enumeration.transition(BITS, BITS.pi(STATES[:1]), STATES)[0]
    for matrix in enumeration.reverse_matrices(BITS, rough_bits, STATES, SCHEDULE)[:0:-1]:
        q = q @ matrix
    return q


def model_of_gaussian():
    """Mean and covariance of p(x_0) of `rough_gaussian`, by matrices."""
    m, C = np.zeros(2), np.eye(2)
    for _ in range(SCHEDULE.T - 1):
        m, C = m @ A + np.array([0.1, -0.2]), A.T @ C @ A + np.diag([0.3, 0.5])
    keep = 1 - SCHEDULE.beta[1]
    return np.sqrt(keep) * m, keep * C + SCHEDULE.beta[1] * np.eye(2)


# --- the second distributions ---------------------------------------------------------------------------------------

def r_of_step(choice, t, y, var):
    """r(x_t) on GRID from its definition, up to a constant; "carried" by integrating over the forward kernel's x_0."""
    if choice == "carried" and t > 0:
        q = gaussian.marginal(GRID, t, SCHEDULE)
        z, w = np.polynomial.hermite_e.hermegauss(60)
        return density(y, Gaussian((q.mean + np.sqrt(q.var) * z)[..., None], var)) @ (w / w.sum())
    power = {"constant": 1, "fading": (SCHEDULE.T - t) / SCHEDULE.T, "carried": 1}[choice]
    return density(y, Gaussian(GRID, var)) ** power


@pytest.mark.parametrize("t", range(5))
@pytest.mark.parametrize("choice", factors.CHOICES)
def test_gaussian_products_and_their_normalisers_are_those_of_quadrature(choice, t):
    y, var, p = np.array([0.8]), 0.6, Gaussian(np.array([[-0.5], [1.5]]), np.array([[0.3], [0.2]]))
    factor = factors.observation(y, var, SCHEDULE, choice)
    q, log_Z = factor.product(p, t)
    r = r_of_step(choice, t, y, var)
    scale = np.exp(factor.log(GRID, t) - np.log(r))
    near = r > 1e-12
    np.testing.assert_allclose(scale[near], scale[near][0], rtol=1e-7)
    for i in range(2):
        w = density(GRID, Gaussian(p.mean[i], p.var[i])) * np.exp(factor.log(GRID, t)) * STEP
        mean = w @ GRID[:, 0] / w.sum()
        np.testing.assert_allclose([np.exp(log_Z(None)[i]), mean, w @ (GRID[:, 0] - mean) ** 2 / w.sum()],
                                   [w.sum(), q.mean[i, 0], q.var[i, 0]], rtol=1e-6)
    np.testing.assert_allclose(scale[near][0], 1, rtol=1e-7)


@pytest.mark.parametrize("t", range(5))
@pytest.mark.parametrize("choice", factors.CHOICES)
def test_products_on_bits_are_those_of_enumeration(choice, t):
    log_ratio = np.array([2.0, -0.5, 0.0])
    factor, d = factors.on_bits(BITS, log_ratio, SCHEDULE, choice), 1 / (1 + np.exp(-log_ratio))
    r = np.prod(np.where(STATES == 1, d, 1 - d), axis=1)
    if choice == "carried":                                                              # from x_t by the kernels 1..t
        for matrix in enumeration.forward_matrices(BITS, STATES, SCHEDULE)[1:t + 1]:
            r = matrix @ r
    if choice == "fading":
        r = r ** ((SCHEDULE.T - t) / SCHEDULE.T)
    np.testing.assert_allclose(np.exp(factor.log(STATES, t)), r, rtol=1e-11)
    rate = np.array([[0.2, 0.9, 0.4], [0.6, 0.5, 0.1]])
    q, log_Z = factor.product(binomial.Bernoulli(rate), t)
    w = enumeration.transition(BITS, binomial.Bernoulli(rate), STATES) * r
    np.testing.assert_allclose(np.exp(log_Z(None)), w.sum(axis=1), rtol=1e-11)
    np.testing.assert_allclose(q.rate, w @ STATES / w.sum(axis=1, keepdims=True), rtol=1e-11)


def test_first_order_product_of_eq_61_is_the_taylor_expansion_and_nears_the_exact_one_quadratically():
    y, p = np.array([0.8]), Gaussian(np.array([[-0.5]]), np.array([[0.3]]))
    for choice, t, var in (("constant", 2, 0.6), ("fading", 1, 0.6 * 4 / 3)):
        r = factors.smooth(lambda x: -0.5 * anp.sum((x - y) ** 2, axis=-1) / 0.6, SCHEDULE, choice)
        q = r.product(p, t)[0]
        np.testing.assert_allclose([q.mean, q.var], [p.mean + 0.3 * (0.8 + 0.5) / var, p.var], rtol=1e-12)
    errors = []
    for step_var in (0.1, 0.01, 0.001):
        p = Gaussian(np.array([[-0.5]]), np.array([[step_var]]))
        pair = [f.product(p, 1)[0].mean[0, 0] for f in (r, factors.observation(y, 0.6, SCHEDULE, "fading"))]
        errors.append(abs(pair[0] - pair[1]))
    assert 1.8 < -np.polyfit(range(3), np.log10(errors), 1)[0] < 2.1


def test_smooth_r_takes_one_gradient_for_each_point_and_coordinate():
    x = np.random.default_rng(0).standard_normal((3, 2))
    q = factors.smooth(lambda x: anp.sum(anp.sin(x), axis=-1) + x[..., 0] * x[..., 1], SCHEDULE, "constant").product(
        Gaussian(x, 0.1 + 0 * x), 3)[0]
    np.testing.assert_allclose(q.mean, x + 0.1 * (np.cos(x) + x[:, ::-1]), rtol=1e-12)


def test_normaliser_of_the_draw_is_right_on_average():
    log_r = lambda x: -anp.sum(anp.cosh(x - 0.5), axis=-1)  # noqa: E731
    p = Gaussian(np.array([[0.4]]), np.array([[0.7]]))
    q, log_Z = factors.smooth(log_r, SCHEDULE, "constant").product(p, 2)
    right = np.sum(density(GRID, p) * np.exp(log_r(GRID))) * STEP
    np.testing.assert_allclose(np.sum(density(GRID, q) * np.exp(log_Z(GRID))) * STEP, right, rtol=1e-6)


def test_smooth_r_is_carried_by_its_mean_over_the_given_noise():
    noise = np.array([[0.5, -1.0], [-0.3, 0.2], [1.1, 0.7]])
    log_r, x = (lambda x: anp.sum(anp.sin(x), axis=-1)), np.array([[0.2, -0.7], [1.3, 0.4]])
    factor = factors.smooth(log_r, SCHEDULE, "carried", noise)
    for t in range(1, 5):
        q = gaussian.marginal(x[:, None], t, SCHEDULE)
        right = np.log(np.mean(np.exp(log_r(gaussian.draw(q, np.stack([noise] * 2)))), axis=1))
        np.testing.assert_allclose(factor.log(x, t), right, rtol=1e-12)
    np.testing.assert_allclose(factor.log(x, 0), log_r(x), rtol=1e-12)


@pytest.mark.parametrize("kernel, value", [(gaussian, 0.7), (BITS, 1.0), (BITS, 0.0)])
def test_known_coordinates_are_carried_by_the_forward_marginal_over_pi(kernel, value):
    factor = factors.known(kernel, np.array([True]), np.array([value]), SCHEDULE, "carried")
    x = np.array([[0.0], [1.0]]) if kernel is BITS else np.array([[-1.0], [0.3], [2.0]])
    for t in range(1, 5):
        marginal = kernel.marginal(np.full(x.shape, value), t, SCHEDULE)
        ratio = factor.log(x, t) - (kernel.log_density(x, marginal) - kernel.log_density(x, kernel.pi(x)))[:, 0]
        np.testing.assert_allclose(ratio, ratio[0], atol=1e-12)


@pytest.mark.parametrize("kernel", [gaussian, BITS])
def test_last_step_puts_known_values_in_at_no_cost(kernel):
    mask, values = np.array([True, False, True]), np.array([1.0, np.nan, 0.0])
    factor = factors.known(kernel, mask, values, SCHEDULE, "carried")
    x1 = kernel.draw(kernel.pi(np.empty((6, 3))), kernel.noise(np.random.default_rng(0), (6, 3)))
    p = kernel.forward(x1, 1, SCHEDULE)                                                  # Eq. 44
    q, log_Z = factor.product(p, 0)
    np.testing.assert_allclose(log_Z(None), factor.log(x1, 1), rtol=1e-12)
    x0 = kernel.draw(q, kernel.noise(np.random.default_rng(1), (6, 3)))
    assert (x0[:, mask] == values[mask]).all()
    np.testing.assert_array_equal(q[0][:, 1], p[0][:, 1])


def test_prediction_of_a_bit_is_the_probability_that_the_reverse_step_was_made_from():
    x, x0 = STATES[:4], np.array([0.1, 0.5, 0.9])
    for t in range(1, 5):
        after = BITS.reverse_given_x0(x, binomial.Bernoulli(np.broadcast_to(x0, x.shape)), t, SCHEDULE)
        np.testing.assert_allclose(BITS.implied_x0(after, x, t, SCHEDULE).rate, np.broadcast_to(x0, x.shape), rtol=1e-9)
        factor = factors.known(BITS, np.array([True, False, True]), np.array([1, 0, 0]), SCHEDULE, "predicted")
        np.testing.assert_allclose(factor.log(x, t, after), np.log(0.1 * 0.1), rtol=1e-9)
        p, log_Z = factor.product(after, t)
        np.testing.assert_allclose(log_Z(x, after), np.log(0.1 * 0.1), rtol=1e-9)
        one_bit = factors.on_bits(BITS, [np.log(4), 0.0, 0.0], SCHEDULE, "predicted").log(x, t, after)
        np.testing.assert_allclose(one_bit, np.log((0.1 * 0.8 + 0.9 * 0.2) * 0.5 ** 2), rtol=1e-9)


@pytest.mark.parametrize("kernel", [gaussian, BITS])
def test_constant_inpainting_holds_the_known_coordinates_at_every_t(kernel):
    mask, values = np.array([True, False, True]), np.array([1.0, 0.0, 0.0])
    factor, rng = factors.known(kernel, mask, values, SCHEDULE, "constant"), np.random.default_rng(0)
    xT = P.perturbed_start(kernel, factor, (50, 3), SCHEDULE, rng)
    reverse = lambda x, t: kernel.forward(x, t, SCHEDULE)  # noqa: E731
    states = dict(P.perturbed_trajectory(kernel, reverse, factor, xT, SCHEDULE, noises(kernel, rng, (50, 3), 4)))
    assert list(states) == [4, 3, 2, 1, 0]
    for x in states.values():
        assert (x[:, mask] == values[mask]).all() and len(np.unique(x[:, 1])) > 1


# --- the method of section 2.5 and what it samples ------------------------------------------------------------------

def rounded(moments):
    return [round(float(m[0]), 4) for m in moments]


@pytest.mark.parametrize("T, settings, right", [
    (1000, dict(var=1.0), [0.6665, 0.3337]),
    (10_000, dict(var=1.0), [0.6666, 0.3334]),
    (10_000, dict(var=1.0, choice="fading"), [0.4619, 0.4323]),
    (10_000, dict(var=0.1, data_var=0.1, fixed_last=False), [0.6057, 0.0283])])
def test_the_perturbed_chain_ends_where_section_5_of_the_notes_says_and_not_at_bayes(T, settings, right):
    found = rounded(P.perturbed_moments(constant_erasure(T), 1.0, **settings))
    np.testing.assert_allclose(found, right, atol=1.01e-4)
    bayes = exact_posteriors.gaussian_bayes(0.0, settings.get("data_var", 1.0), 1.0, settings["var"])
    assert abs(found[1] - bayes.var) > 0.01


@pytest.mark.parametrize("choice", factors.CHOICES)
@pytest.mark.parametrize("first_order", [False, True])
def test_samples_have_the_moments_of_the_recursion(choice, first_order):
    if first_order and choice == "carried":
        return
    schedule, mean, var, N, rng = from_beta([0.1, 0.2, 0.25, 0.3, 0.4]), 0.7, 0.4, 20_000, np.random.default_rng(3)
    reverse, y = closed_form.gaussian_reverse(schedule, mean, var), np.array([1.5])
    factor = factors.observation(y, 0.5, schedule, choice)
    if first_order:
        factor = factors.smooth(lambda x: -0.5 * anp.sum((x - y) ** 2, axis=-1) / 0.5, schedule, choice)
    xT = P.perturbed_start(gaussian, factors.observation(y, 0.5, schedule, choice), (N, 1), schedule, rng)
    m, v = P.perturbed_moments(schedule, 1.5, 0.5, mean, var, choice, first_order)
    for t, x in P.perturbed_trajectory(gaussian, reverse, factor, xT, schedule, noises(gaussian, rng, (N, 1), 5)):
        assert abs(x.mean() - m[t]) < 3.5 * np.sqrt(v[t] / N), t
        assert abs(x.var() / v[t] - 1) < 3.5 * np.sqrt(2 / N), t


@pytest.mark.slow
def test_plain_and_corrected_samples_on_white_data_with_1000_steps():
    schedule, rng, N, y = constant_erasure(1000), np.random.default_rng(0), 10_000, np.ones(1)
    plain = P.perturbed_sample(gaussian, white(schedule), factors.observation(y, 1.0, schedule, "constant"), schedule, (N, 1), rng)
    assert abs(plain.mean() - 0.6665) < 3 * np.sqrt(0.3337 / N)
    assert abs(plain.var() - 0.3337) < 3 * 0.3337 * np.sqrt(2 / N)
    right = particles.posterior_sample(gaussian, white(schedule), factors.observation(y, 1.0, schedule, "carried"), schedule, (N, 1), rng)
    assert abs(right.x.mean() - 0.5) < 3 * np.sqrt(0.5 / N)
    assert abs(right.x.var() - 0.5) < 3 * 0.5 * np.sqrt(2 / N)
    evidence = -0.5 * np.log(2 * np.pi * 2) - 1 / 4
    assert abs(right.log_evidence - evidence) < 1e-9 and right.ess.min() > N * (1 - 1e-9)


def test_error_of_the_perturbed_chain_does_not_shrink_with_the_number_of_steps():
    errors = exact_posteriors.error_by_steps([10, 100, 1000, 4000], constant_erasure, 1.0, 1.0)
    np.testing.assert_allclose(errors[-1], [1 / 6, -1 / 6], atol=2e-3)
    assert (np.diff(np.abs(errors[:, 0])) > -1e-4).all()
    carried = exact_posteriors.error_by_steps([10, 1000], constant_erasure, 1.0, 1.0, choice="carried")
    np.testing.assert_allclose(carried, 0, atol=1e-12)


def test_dropped_normaliser_is_1_plus_order_beta_and_its_product_does_not_tend_to_a_constant():
    x, y = np.array([[-1.0], [0.0], [1.0]]), np.ones(1)
    total = []
    for T in (500, 2000):
        schedule = constant_erasure(T)
        log_n = P.log_normalisers(gaussian, white(schedule), factors.observation(y, 1.0, schedule, "constant"), x, schedule)
        assert log_n.shape == (T + 1, 3) and (log_n[0] == 0).all()
        beta = schedule.beta[1:T // 2, None]
        slope = log_n[1:T // 2] / beta
        rate = 0.5 * x[:, 0] * (x[:, 0] - y) + 0.5 * ((x[:, 0] - y) ** 2 - 1)
        np.testing.assert_allclose(slope, np.broadcast_to(rate, slope.shape), atol=0.05)
        total.append(log_n[1:T // 2].sum(axis=0))
    assert np.ptp(total[1]) > 0.5
    np.testing.assert_allclose(total[0], total[1], atol=0.02)
    schedule = constant_erasure(50)
    right = P.log_normalisers(gaussian, white(schedule), factors.observation(y, 1.0, schedule, "carried"), x, schedule)
    np.testing.assert_allclose(right, 0, atol=1e-12)                                     # nothing is dropped


# --- sequential Monte Carlo -----------------------------------------------------------------------------------------

def repeats(draw, seeds):
    """Evidence relative to 1 and samples of many independent runs."""
    runs = [draw(np.random.default_rng(seed)) for seed in range(seeds)]
    return np.exp([r.log_evidence for r in runs]), [r.x for r in runs]


def assert_mean(values, right, sigmas=3.5):
    values = np.asarray(values)
    error = values.std(axis=0, ddof=1) / np.sqrt(len(values))
    assert (np.abs(values.mean(axis=0) - right) < sigmas * error + 1e-12).all(), (values.mean(axis=0), right, error)


BIT_CASES = {
    **{f"known, {choice}": (lambda choice=choice: factors.known(BITS, np.array([True, False, True]), np.array([1, 0, 0]), SCHEDULE, choice),
                            lambda s: (s[:, 0] == 1) & (s[:, 2] == 0)) for choice in ("carried", "predicted")},
    **{choice: (lambda choice=choice: factors.on_bits(BITS, np.array([2.0, -1.0, 0.5]), SCHEDULE, choice),
                lambda s: np.prod(np.where(s == 1, 1 / (1 + np.exp([-2, 1, -0.5])), 1 / (1 + np.exp([2, -1, 0.5]))), axis=1))
       for choice in factors.CHOICES + ("predicted",)}}


@pytest.mark.parametrize("name", BIT_CASES)
@pytest.mark.every(3)
def test_particles_on_bits_give_the_exact_posterior_and_evidence_of_any_model(name):
    make, r = BIT_CASES[name]
    joint = model_of_bits() * r(STATES)
    evidence, x = repeats(lambda rng: particles.posterior_sample(BITS, rough_bits, make(), SCHEDULE, (4000, 3), rng), 30)
    assert_mean(evidence, joint.sum())
    share = [(a @ [4, 2, 1] == np.arange(8)[:, None]).mean(axis=1) for a in x]
    assert_mean(share, joint / joint.sum(), 4)


GAUSSIAN_Y, GAUSSIAN_VAR = np.array([1.0, -0.5]), 1.5
GAUSSIAN_CASES = {
    **{choice: lambda choice=choice: factors.observation(GAUSSIAN_Y, GAUSSIAN_VAR, SCHEDULE, choice) for choice in factors.CHOICES},
    **{f"smooth, {choice}": lambda choice=choice: factors.smooth(
        lambda x: anp.sum(-0.5 * (x - GAUSSIAN_Y) ** 2 / GAUSSIAN_VAR - 0.5 * np.log(2 * np.pi * GAUSSIAN_VAR), axis=-1),
        SCHEDULE, choice, np.array([[0.9, 0.3], [-0.9, -0.3], [0.2, -1.0]])) for choice in factors.CHOICES}}


@pytest.mark.parametrize("name", GAUSSIAN_CASES)
@pytest.mark.every(3)
def test_particles_give_the_exact_gaussian_posterior_and_evidence_of_any_model(name):
    m, C = model_of_gaussian()
    S = C + GAUSSIAN_VAR * np.eye(2)
    gain = C @ np.linalg.inv(S)
    mean, cov = m + gain @ (GAUSSIAN_Y - m), C - gain @ C
    d = GAUSSIAN_Y - m
    right = np.exp(-0.5 * d @ np.linalg.solve(S, d)) / (2 * np.pi * np.sqrt(np.linalg.det(S)))
    evidence, x = repeats(lambda rng: particles.posterior_sample(
        gaussian, rough_gaussian, GAUSSIAN_CASES[name](), SCHEDULE, (4000, 2), rng), 30)
    assert_mean(evidence, right)
    assert_mean([a.mean(axis=0) for a in x], mean, 4)
    assert_mean([np.cov(a.T) for a in x], cov, 4)


def test_particles_fill_in_the_unknown_coordinate_given_the_known_one():
    m, C = model_of_gaussian()
    factor = factors.known(gaussian, np.array([False, True]), np.array([0.0, 1.2]), SCHEDULE, "carried")
    evidence, x = repeats(lambda rng: particles.posterior_sample(gaussian, rough_gaussian, factor, SCHEDULE, (4000, 2), rng), 30)
    assert all((a[:, 1] == 1.2).all() for a in x)
    assert_mean(evidence, density(np.array([1.2]), Gaussian(m[1:], C[1, 1])))
    assert_mean([a[:, 0].mean() for a in x], m[0] + C[0, 1] / C[1, 1] * (1.2 - m[1]))
    assert_mean([a[:, 0].var() for a in x], C[0, 0] - C[0, 1] ** 2 / C[1, 1])


@pytest.mark.slow
def test_variance_of_the_evidence_falls_as_one_over_the_particles():
    factor = factors.observation(GAUSSIAN_Y, GAUSSIAN_VAR, SCHEDULE, "fading")
    numbers = [100, 1000]
    spread = [np.var(repeats(lambda rng: particles.posterior_sample(
        gaussian, rough_gaussian, factor, SCHEDULE, (N, 2), rng), 200)[0]) for N in numbers]
    assert 0.7 < np.log10(spread[0] / spread[1]) < 1.3, spread


def test_every_weight_is_equal_where_the_model_is_white():
    for kernel, factor in ((BITS, factors.on_bits(BITS, [2.0, -1.0], SCHEDULE, "carried")),
                           (gaussian, factors.known(gaussian, np.array([True, False]), np.array([3.0, 0.0]), SCHEDULE, "carried"))):
        reverse = lambda x, t: kernel.forward(x, t, SCHEDULE)  # noqa: E731, B023
        found = particles.posterior_sample(kernel, reverse, factor, SCHEDULE, (100, 2), np.random.default_rng(0))
        np.testing.assert_allclose(found.ess, 100, rtol=1e-9)
    np.testing.assert_allclose(found.log_evidence, gaussian.log_density(3.0, Gaussian(0.0, 1.0)), rtol=1e-9)


def test_particles_resample_only_below_the_threshold_and_at_the_end():
    factor = factors.observation(GAUSSIAN_Y, GAUSSIAN_VAR, SCHEDULE, "fading")
    for threshold in (0.0, 1.0):
        states = list(particles.particles(gaussian, rough_gaussian, factor, SCHEDULE, (500, 2), np.random.default_rng(0), threshold))
        assert [s.t for s in states] == [4, 3, 2, 1, 0]
        for s in states:
            assert (s.log_w == 0).all() == (s.t == 0 or threshold == 1.0 and s.ess < 500 * (1 - 1e-12) or s.t == 4)
            assert 1 <= s.ess <= 500 * (1 + 1e-12)


def test_systematic_resampling_rounds_every_expected_count_up_or_down():
    rng = np.random.default_rng(0)
    for _ in range(20):
        w = rng.dirichlet(np.full(30, 0.3))
        count = np.bincount(particles.systematic(w, rng.random()), minlength=30)
        assert (np.abs(count - 30 * w) < 1 + 1e-9).all() and count.sum() == 30
    assert particles.systematic(np.array([0.0, 0.0, 1.0]), 0.0).tolist() == [2, 2, 2]


# --- denoising by the reverse chain ---------------------------------------------------------------------------------

def test_denoising_from_the_matching_step_is_bayes_rule():
    s, rng, N = schedule.with_level(constant_erasure(50), 0.5), np.random.default_rng(0), 20_000
    y = np.tile([2.0, -1.0], (N, 1))
    found = conditional.denoise(white(s), y, 0.5, s, rng)
    right = exact_posteriors.gaussian_bayes(0.0, 1.0, y[0], 0.5)
    assert found.added_var == 0
    assert (np.abs(found.x.mean(axis=0) - right.mean) < 3.5 * np.sqrt(right.var / N)).all()
    assert (np.abs(found.x.var(axis=0) / right.var - 1) < 3.5 * np.sqrt(2 / N)).all()


def test_denoising_gaussian_data_of_other_moments():
    s, rng, N = schedule.with_level(geometric(60, 1e-5), 0.3), np.random.default_rng(0), 20_000
    found = conditional.denoise(closed_form.gaussian_reverse(s, 0.5, 0.2), np.full((N, 1), 1.5), 0.3, s, rng)
    right = exact_posteriors.gaussian_bayes(0.5, 0.2, 1.5, 0.3)
    assert abs(found.x.mean() - right.mean) < 3.5 * np.sqrt(right.var / N)
    assert abs(found.x.var() / right.var - 1) < 3.5 * np.sqrt(2 / N)


def test_expected_x0_of_the_exact_reverse_kernel_is_bayes_mean_at_every_t():
    s, xt = geometric(60, 1e-5), np.array([[1.5], [-0.3], [0.0]])
    for t in range(2, 61):
        ratio, scale = schedule.noise_to_signal(s)[t], np.sqrt(s.alpha_bar[t])
        found = conditional.expected_x0(closed_form.gaussian_reverse(s, 0.5, 0.2), xt, t, s)
        np.testing.assert_allclose(found, exact_posteriors.gaussian_bayes(0.5, 0.2, xt / scale, ratio).mean, rtol=1e-9)


def test_denoising_between_two_levels_adds_the_noise_that_is_missing_and_says_so():
    schedule, rng, N = constant_erasure(5), np.random.default_rng(0), 20_000             # levels 0, 1/4, 2/3, 3/2, 4, inf
    found = conditional.denoise(white(schedule), np.full((N, 1), 2.0), 0.5, schedule, rng)
    assert found.t == 2
    np.testing.assert_allclose(found.added_var, 2 / 3 - 0.5, rtol=1e-12)
    mean = 2.0 * 0.6                                                                     # alpha_bar_2 y for white data
    assert abs(found.x.mean() - mean) < 3.5 / np.sqrt(N)
    assert abs(found.x.var() - (0.4 + 0.6 ** 2 * found.added_var)) < 3.5 * 0.5 * np.sqrt(2 / N)
    assert conditional.denoise(white(schedule), np.ones((3, 1)), 1.5, schedule, rng)[1:] == (3, 0.0)


def test_between_two_levels_particles_or_a_kernel_of_the_cut_schedule_are_right_and_a_kernel_of_the_old_one_is_not():
    s, N, y, rng = geometric(10, 1e-5), 20_000, np.array([0.6]), np.random.default_rng(0)
    cut, old = schedule.with_level(s, 0.3), closed_form.gaussian_reverse(s, 0.0, 0.05)
    right = 0.6 * 0.05 / 0.35                                                # data N(0, 0.05), noise of variance 0.3
    error = np.sqrt(0.05 * 0.3 / 0.35 / N)

    def off(reverse, schedule):
        return abs(conditional.denoise(reverse, np.tile(y, (N, 1)), 0.3, schedule, rng).x.mean() - right) / error
    assert off(closed_form.gaussian_reverse(cut, 0.0, 0.05), cut) < 4 < 10 < min(off(old, cut), off(old, s))
    seen = factors.observation(y, 0.3, s, "carried")
    found = particles.posterior_sample(gaussian, old, seen, s, (N, 1), rng).x
    assert abs(found.mean() - right) < 4 * error


def test_with_level_cuts_one_step_in_two():
    s = from_beta([0.1, 0.2, 0.3])
    cut = schedule.with_level(s, 0.3)
    assert cut.T == 4 and any(np.isclose(schedule.noise_to_signal(cut), 0.3, rtol=1e-12))
    np.testing.assert_allclose(np.delete(cut.alpha_bar, 2), s.alpha_bar, rtol=1e-12)
    assert schedule.with_level(cut, 0.3).T == 4
    ratio = schedule.noise_to_signal(s)
    np.testing.assert_allclose(ratio, s.one_minus_alpha_bar / s.alpha_bar, rtol=1e-12)


# --- exact posteriors, and the two toy problems ---------------------------------------------------------------------

def test_gaussian_bayes_is_quadrature():
    w = density(GRID, Gaussian(0.5, 0.2)) * density(1.5, Gaussian(GRID, 0.3))
    mean = w @ GRID[:, 0] / w.sum()
    np.testing.assert_allclose(exact_posteriors.gaussian_bayes(0.5, 0.2, 1.5, 0.3), [mean, w @ (GRID[:, 0] - mean) ** 2 / w.sum()], rtol=1e-8)


def test_known_bits_leave_the_sequences_that_agree_with_them():
    mask, values = np.zeros(20, dtype=bool), np.zeros(20)
    mask[[0, 6]] = True
    factor = factors.known(binomial.with_p(0.2), mask, values, SCHEDULE, "carried")
    np.testing.assert_allclose(exact_posteriors.discrete_bayes(toys.HEARTBEAT, factor), [0, 0, 1 / 3, 1 / 3, 1 / 3])
    np.testing.assert_allclose(exact_posteriors.discrete_bayes(toys.HEARTBEAT, factor, [0.2, 0.2, 0.4, 0.1, 0.1]), [0, 0, 4 / 6, 1 / 6, 1 / 6])
    factor = factors.on_bits(binomial.with_p(0.2), np.eye(20)[3] * np.log(4), SCHEDULE, "constant")
    np.testing.assert_allclose(exact_posteriors.discrete_bayes(toys.HEARTBEAT, factor), np.array([1, 1, 1, 4, 1]) / 8)


def test_curve_posterior_has_the_moments_of_quadrature():
    angle = np.linspace(*toys.ANGLES, 200_001)
    y, points, N = np.array([0.4, 0.9]), toys.roll(angle), 20_000
    for blur in (0.0, 0.02):
        w = np.exp(-0.5 * ((points - y) ** 2).sum(axis=1) / (0.1 + blur))
        w /= w.sum()
        mean = w @ points
        keep = 0.1 / (0.1 + blur)                                                        # x_0 = keep point + (1 - keep) y + noise
        cov = keep ** 2 * ((points - mean) * w[:, None]).T @ (points - mean) + np.eye(2) * blur * keep
        mean = keep * mean + (1 - keep) * y
        x = exact_posteriors.curve_bayes(np.random.default_rng(0), N, toys.roll_nodes, y, 0.1, blur)
        assert (np.abs(x.mean(axis=0) - mean) < 3.5 * np.sqrt(np.diag(cov) / N)).all()
        np.testing.assert_allclose(np.cov(x.T), cov, atol=5 * np.abs(cov).max() / np.sqrt(N))


def energy_distance(X, Y):
    """Twice E|X - Y| minus E|X - X'| minus E|Y - Y'|, 0 on average for equal distributions."""
    def mean_distance(A, B, pairs):
        return np.sqrt(np.maximum((A ** 2).sum(1)[:, None] + (B ** 2).sum(1) - 2 * A @ B.T, 0)).sum() / pairs
    n, m = len(X), len(Y)
    return 2 * mean_distance(X, Y, n * m) - mean_distance(X, X, n * (n - 1)) - mean_distance(Y, Y, m * (m - 1))


def between_the_turns():
    return 0.5 * (toys.roll(2.2 * np.pi) + toys.roll(4.2 * np.pi))


@pytest.mark.slow
def test_a_point_between_two_turns_of_the_roll_is_denoised_by_particles_and_not_by_the_plain_method():
    schedule, rng, N, y = geometric(40, 1e-3), np.random.default_rng(0), 1000, between_the_turns()
    reverse = best_possible.best_gaussian(toys.roll_nodes, schedule)
    truth = exact_posteriors.curve_bayes(rng, N, toys.roll_nodes, y, 0.2)
    plain = P.perturbed_sample(gaussian, reverse, factors.observation(y, 0.2, schedule, "constant"), schedule, (N, 2), rng)
    right = particles.posterior_sample(gaussian, reverse, factors.observation(y, 0.2, schedule, "carried"), schedule, (N, 2), rng).x
    assert energy_distance(right, truth) < energy_distance(plain, truth) / 3


def phase_distance(x, right):
    """Total variation between the phases of sequences x, by the nearest one, and the probabilities `right`."""
    nearest = np.argmin(np.abs(x[:, None] - toys.HEARTBEAT).sum(axis=2), axis=1)
    return 0.5 * np.abs(np.bincount(nearest, minlength=5) / len(x) - right).sum()


def three_known_bits(kernel, schedule, choice):
    mask = np.zeros(20, dtype=bool)
    mask[[0, 6, 12]] = True                                                              # all 0: phases 3 and 4 are left
    return factors.known(kernel, mask, np.zeros(20), schedule, choice)


def compare_heartbeat(reverse, kernel, schedule, N, rng):
    factor = three_known_bits(kernel, schedule, "predicted")
    right = exact_posteriors.discrete_bayes(toys.HEARTBEAT, factor)
    np.testing.assert_allclose(right, [0, 0, 0, 0.5, 0.5])
    plain = P.perturbed_sample(kernel, reverse, three_known_bits(kernel, schedule, "constant"), schedule, (N, 20), rng)
    corrected = particles.posterior_sample(kernel, reverse, factor, schedule, (N, 20), rng)
    return phase_distance(plain, right), phase_distance(corrected.x, right), corrected


@pytest.mark.slow
def test_heartbeat_with_three_known_bits_is_completed_by_particles_and_not_by_the_plain_method():
    kernel, schedule = binomial.with_p(0.2), constant_erasure(400)
    reverse = best_possible.best_bits(kernel, toys.HEARTBEAT, schedule)
    plain, corrected, found = compare_heartbeat(reverse, kernel, schedule, 2000, np.random.default_rng(0))
    assert corrected < 0.05 and plain > 0.3, (plain, corrected)
    assert abs(found.log_evidence - np.log(0.4)) < 0.1


@pytest.mark.slow
def test_heartbeat_with_the_trained_model_is_within_002_of_bayes():
    model = models.load("heartbeat")
    plain, corrected, _ = compare_heartbeat(model.reverse, model.row.kernel, model.schedule, 10_000, np.random.default_rng(0))
    assert corrected < 0.02 < plain, (plain, corrected)


@pytest.mark.slow
def test_roll_with_the_trained_model_is_at_most_a_third_as_far_off_as_the_plain_method():
    model, rng, N, y = models.load("swiss_roll"), np.random.default_rng(0), 4000, between_the_turns()
    reverse, s = model.reverse, model.schedule
    truth = exact_posteriors.curve_bayes(rng, N, toys.roll_nodes, y, 0.2)
    plain = P.perturbed_sample(gaussian, reverse, factors.observation(y, 0.2, s, "constant"), s, (N, 2), rng)
    right = particles.posterior_sample(gaussian, reverse, factors.observation(y, 0.2, s, "carried"), s, (N, 2), rng).x
    assert energy_distance(right, truth) < energy_distance(plain, truth) / 3


@pytest.mark.slow
def test_particles_draw_the_models_own_posterior_even_where_the_model_is_off():
    # the truth for the model: many of its own samples, weighted with r
    rng, N, y = np.random.default_rng(0), 3000, between_the_turns()
    schedule = geometric(10, 1e-2)
    reverse = best_possible.best_gaussian(toys.roll_nodes, schedule)
    drawn = sample(gaussian, reverse, schedule, (100_000, 2), rng)
    w = numerics.softmax(-0.5 * np.sum((drawn - y) ** 2, axis=1) / 0.2)
    own = drawn[rng.choice(len(drawn), (2, N), p=w)]
    found = particles.posterior_sample(gaussian, reverse, factors.observation(y, 0.2, schedule, "carried"), schedule, (N, 2), rng).x
    noise = abs(energy_distance(own[0], own[1]))
    assert energy_distance(found, own[0]) < max(5 * noise, 2e-3)


# --- errors ---------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("factor", [factors.known(BITS, np.array([True, False, False]), np.ones(3), SCHEDULE, "predicted"),
                                    factors.on_bits(BITS, [1.0, 0.0, 0.0], SCHEDULE, "predicted")])
@pytest.mark.parametrize("call", [
    lambda r: P.perturbed_start(BITS, r, (2, 3), SCHEDULE, np.random.default_rng(0)),
    lambda r: list(P.perturbed_trajectory(BITS, rough_bits, r, STATES, SCHEDULE, noises(BITS, np.random.default_rng(0), (8, 3), 4))),
    lambda r: P.perturbed_sample(BITS, rough_bits, r, SCHEDULE, (2, 3), np.random.default_rng(0)),
    lambda r: P.log_normalisers(BITS, rough_bits, r, STATES, SCHEDULE)])
def test_the_papers_method_refuses_a_predicted_r_instead_of_leaving_it_out(call, factor):
    with pytest.raises(ValueError, match='"predicted" is only for particles'):
        call(factor)


MASK = np.array([True, False])


def run_particles(factor, kernel=gaussian, shape=(10, 2)):
    return particles.posterior_sample(kernel, lambda x, t: kernel.forward(x, t, SCHEDULE), factor, SCHEDULE, shape, np.random.default_rng(0))


@pytest.mark.parametrize("call, message", [
    (lambda: factors.observation(np.ones(2), 0.0, SCHEDULE, "constant"), "variance of an observation must be one positive"),
    (lambda: factors.observation(np.ones(2), np.array([1.0, -1.0]), SCHEDULE, "constant"), "one positive number"),
    (lambda: factors.observation(np.ones(2), 1.0, SCHEDULE, "predicted"), "for known and on_bits also predicted"),
    (lambda: factors.observation(np.ones(2), 1.0, SCHEDULE, "linear"), "one of constant, fading, carried"),
    (lambda: factors.known(gaussian, MASK, np.ones(3), SCHEDULE, "carried"), "mask must be true or false for each"),
    (lambda: factors.known(gaussian, np.array([1, 0]), np.ones(2), SCHEDULE, "carried"), "mask must be true or false"),
    (lambda: factors.known(gaussian, MASK, np.array([np.nan, 1]), SCHEDULE, "carried"), "finite"),
    (lambda: factors.known(BITS, MASK, np.array([0.5, 0]), SCHEDULE, "carried"), "0 or 1"),
    (lambda: factors.on_bits(BITS, [np.nan], SCHEDULE, "constant"), "number for every bit"),
    (lambda: factors.smooth(lambda x: x[..., 0], SCHEDULE, "carried"), "needs noise"),
    (lambda: run_particles(factors.known(gaussian, MASK, np.ones(2), SCHEDULE, "constant")), 'use the choice "carried"'),
    (lambda: run_particles(factors.on_bits(BITS, [np.inf, 0], SCHEDULE, "constant"), BITS), 'use the choice "carried"'),
    (lambda: run_particles(factors.observation(np.ones(3), 1.0, SCHEDULE, "carried")), "points of shape"),
    (lambda: run_particles(factors.on_bits(BITS, [0.0] * 3, SCHEDULE, "carried"), BITS), "points of shape"),
    (lambda: run_particles(factors.smooth(lambda x: anp.log(0 * x[..., 0]), SCHEDULE, "constant")), "no finite gradient"),
    (lambda: run_particles(factors.smooth(lambda x: anp.where(x[..., 0] > 50, 0.0, -np.inf), SCHEDULE, "constant")), "every particle"),
    (lambda: run_particles(factors.smooth(lambda x: anp.where(x[..., 0] > 0, 0.0, -np.inf), SCHEDULE, "constant")), "some particles"),
    (lambda: run_particles(factors.smooth(lambda x: x[..., 0], SCHEDULE, "constant"), BITS), "on_bits is for bits"),
    (lambda: P.perturbed_sample(BITS, lambda x, t: binomial.Bernoulli(0 * x), factors.on_bits(BITS, [np.inf], SCHEDULE, "constant"),
                                SCHEDULE, (3, 1), np.random.default_rng(0)), "r\\(x\\) is zero for the only value"),
    (lambda: exact_posteriors.discrete_bayes(np.zeros((2, 2)), factors.known(BITS, MASK, np.ones(2), SCHEDULE, "carried")), "zero for every point"),
    (lambda: conditional.denoise(white(SCHEDULE), np.ones((2, 1)), 0.0, SCHEDULE, np.random.default_rng(0)), "variance must be positive"),
    (lambda: conditional.denoise(white(SCHEDULE), np.ones((2, 1)), 99.0, SCHEDULE, np.random.default_rng(0)), "last level"),
    (lambda: conditional.denoise(white(constant_erasure(4)), np.ones((2, 1)), 9.0, constant_erasure(4), np.random.default_rng(0)),
     "use particles with an observation, or train a model on schedule.with_level"),
    (lambda: schedule.with_level(SCHEDULE, 99.0), "last level")])
@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value", "ignore:Output seems independent")
def test_bad_input_is_refused_in_a_sentence(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# ------------------------------------------------------------------ known coordinates put in

def pair(schedule, C=np.array([[1, 0.9], [0.9, 1]])):
    """The best diagonal reverse kernel for data N(0, C)."""
    def reverse(x, t):
        old, new = (a * C + (1 - a) * np.eye(2) for a in (schedule.alpha_bar[t], schedule.alpha_bar[t - 1]))
        gain = np.sqrt(1 - schedule.beta[t]) * new @ np.linalg.inv(old)
        return gaussian.Gaussian(x @ gain.T, np.diag(new - np.sqrt(1 - schedule.beta[t]) * gain @ new) + 0 * x)
    return reverse


def test_known_coordinates_put_in_come_nearer_to_the_posterior_with_repeats():
    s, known, x0 = geometric(50, 1e-3, 1000.0), np.array([True, False]), np.tile([1.5, 0.0], (4000, 1))
    right = 0.9 * 1.5, 1 - 0.9 ** 2
    off = {}
    for repeats in (1, 3, 10):
        x = conditional.put_known(gaussian, pair(s), known, x0, s, np.random.default_rng(0), repeats)
        np.testing.assert_array_equal(x[:, 0], 1.5)
        off[repeats] = abs(x[:, 1].mean() - right[0]), abs(x[:, 1].var() - right[1])
    assert off[1][0] > 0.4 > 0.2 > off[3][0] > 0.1 > off[10][0] and off[10][1] < 0.05 < 0.1 < off[1][1]


def test_known_bits_put_in_stay_and_the_rest_is_drawn():
    k, s = binomial.with_p(0.2), constant_erasure(200)
    x0, known = np.tile(toys.HEARTBEAT[1], (200, 1)), np.zeros(20, bool)
    known[:10] = True
    x = conditional.put_known(k, best_possible.best_bits(k, toys.HEARTBEAT, s), known, x0, s, np.random.default_rng(0))
    assert (x[:, :10] == toys.HEARTBEAT[1][:10]).all() and (x == toys.HEARTBEAT[1]).all(axis=1).mean() > 0.5


@pytest.mark.parametrize("known, repeats, words", [(np.ones(3, bool), 1, "of the shape of x0, .4, 2."), (np.ones(2), 1, "known must be booleans"),
                                                   (np.ones(2, bool), 0, "repeats must be a whole number, at least 1; got 0")])
def test_a_mask_of_the_wrong_kind_is_named(known, repeats, words):
    s = geometric(3, 0.1, 10.0)
    with pytest.raises(ValueError, match=words):
        conditional.put_known(gaussian, pair(s), known, np.zeros((4, 2)), s, np.random.default_rng(0), repeats)


def test_known_coordinates_are_put_in_with_the_noise_of_their_step():
    seen, x0, N = {}, np.full((4000, 1), 2.0), 4000

    def watched(x, t):
        seen[t] = x
        return gaussian.forward(x, t, SCHEDULE)
    conditional.put_known(gaussian, watched, np.array([True]), x0, SCHEDULE, np.random.default_rng(0))
    for t, x in seen.items():
        q = gaussian.marginal(x0[:1], t, SCHEDULE)
        assert abs(x.mean() - q.mean) < 4.5 * np.sqrt(q.var / N) and abs(x.var() / q.var - 1) < 4.5 * np.sqrt(2 / N), t


def test_the_evidence_on_the_way_counts_the_weights_that_wait():
    factor = factors.observation(np.array([1.0]), 0.5, SCHEDULE, "carried")
    for state in particles.particles(gaussian, white(SCHEDULE), factor, SCHEDULE, (200, 1), np.random.default_rng(0), threshold=0):
        if state.t:
            np.testing.assert_allclose(state.log_evidence, numerics.log_mean_exp(state.log_w), rtol=1e-12)


def test_each_resampling_has_a_uniform_number_of_its_own(monkeypatch):
    used, systematic = [], particles.systematic
    monkeypatch.setattr(particles, "systematic", lambda w, u: used.append(u) or systematic(w, u))
    factor = factors.observation(np.array([3.0]), 0.1, SCHEDULE, "carried")
    for seed in range(100):
        list(particles.particles(gaussian, white(SCHEDULE), factor, SCHEDULE, (20, 1), np.random.default_rng(seed)))
    assert len(set(used)) == len(used) >= 100 and min(used) < 0.1 and max(used) > 0.9


def test_particles_that_cannot_be_trusted_say_so_and_the_way_out_is_one(rng):
    s = constant_erasure(40, beta_1=0.01)
    right = -0.5 * np.log(2 * np.pi * 1.01) - 25 / 2.02                      # log N(5; 0, 1 + 0.01)

    def sample(choice):
        factor = factors.observation(np.array([5.0]), 0.01, s, choice)
        return particles.posterior_sample(gaussian, white(s), factor, s, (4000, 1), rng)

    with pytest.warns(UserWarning, match=r'effective sample size fell to \d+\.\d of 4000 at t = \d+.*"carried"'):
        bad = sample("constant")
    with pytest.warns(UserWarning, match="effective sample size"):
        sample("fading")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        good = sample("carried")
    assert bad.ess.min() < 10 and abs(bad.log_evidence - right) > 1
    assert good.ess.min() > 400 and abs(good.log_evidence - right) < 0.2
