"""Table App.1: both kernels against integrals, sums, Bayes' rule on tables, and each other."""
import inspect
from fractions import Fraction

import numpy as np
import pytest
from derivatives import check_all

from dpm_ref import binomial, gaussian, schedule
from dpm_ref.binomial import Bernoulli
from dpm_ref.gaussian import Gaussian

S5 = schedule.constant_erasure(5)
SCHEDULES = [S5, schedule.geometric(7, 0.01, last=3.0), schedule.from_beta([0.3, 0.05, 0.6])]
exactly = dict(rtol=1e-12, atol=1e-14)
GRID = np.linspace(-12, 12, 4001)       # quadrature nodes for one coordinate
STEP = GRID[1] - GRID[0]


def density(x, q):
    return np.exp(gaussian.log_density(x, q))


def public(module):
    return [n for n, f in vars(module).items() if inspect.isfunction(f) and f.__module__ == module.__name__ and n[0] != "_"]


def test_no_variance_is_a_negative_zero():
    s = schedule.constant_erasure(5)
    for var in (gaussian.posterior(1.0, 1.0, 1, s).var, gaussian.marginal(1.0, 0, s).var, s.one_minus_alpha_bar[0]):
        assert var == 0 and not np.signbit(var)


def test_both_kernels_have_the_same_functions_in_the_same_order():
    assert [n for n in public(gaussian) if n != "posterior_coefficients"] == [n for n in public(binomial) if n != "with_p"]


@pytest.mark.parametrize("name", [n for n in public(binomial) if n != "with_p"])
def test_both_kernels_have_the_same_signatures_once_p_is_bound(name):
    bound = inspect.signature(getattr(binomial.with_p(0.2), name)).parameters.values()
    arguments = [p.name for p in bound if p.kind != p.KEYWORD_ONLY]          # what partial has bound is keyword only
    assert list(inspect.signature(getattr(gaussian, name)).parameters) == arguments


@pytest.mark.parametrize("beta", [0.1, 0.7, 1.0])
def test_the_gaussian_kernel_keeps_pi_eq_1(beta):
    s = schedule.from_beta([beta])
    y = GRID[::8]
    kept = STEP * sum(density(y, gaussian.forward(x, 1, s)) * density(x, gaussian.pi(x)) for x in GRID)
    np.testing.assert_allclose(kept, density(y, gaussian.pi(y)), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("p", [0.5, 0.2])
@pytest.mark.parametrize("beta", [0.1, 0.7, 1.0])
def test_the_binomial_kernel_keeps_pi_eq_1(beta, p):
    kernel, s = binomial.with_p(p), schedule.from_beta([beta])
    one, zero = (kernel.forward(np.array(v), 1, s).rate for v in (1.0, 0.0))
    np.testing.assert_allclose(p * one + (1 - p) * zero, p, **exactly)


@pytest.mark.parametrize("s", SCHEDULES)
def test_a_gaussian_marginal_is_t_forward_steps(s):
    mean, var = 2.0, 0.0                                     # x_0 = 2 is not where index shifts hide
    for t in range(1, s.T + 1):
        mean, var = mean * np.sqrt(1 - s.beta[t]), (1 - s.beta[t]) * var + s.beta[t]
        q = gaussian.marginal(2.0, t, s)
        np.testing.assert_allclose([q.mean, q.var], [mean, var], **exactly)


@pytest.mark.parametrize("s", SCHEDULES)
@pytest.mark.parametrize("p", [0.5, 0.2])
def test_a_binomial_marginal_is_t_forward_steps(s, p):
    kernel = binomial.with_p(p)
    for x0 in (0.0, 1.0):
        rate = x0
        for t in range(1, s.T + 1):
            rate = rate * kernel.forward(np.array(1.0), t, s).rate + (1 - rate) * kernel.forward(np.array(0.0), t, s).rate
            np.testing.assert_allclose(kernel.marginal(np.array(x0), t, s).rate, rate, **exactly)


def test_marginals_at_t_0_are_the_data():
    assert gaussian.marginal(2.0, 0, S5) == (2.0, 0.0)
    assert binomial.marginal(np.array(1.0), 0, S5).rate == 1.0


@pytest.mark.parametrize("t, c0, ct, var", [(1, 1, 0, 0), (2, .559017, .433013, .125), (3, .430331, .544331, .222222),
                                            (4, .395285, .530330, .375), (5, .447214, 0, .8)])
def test_gaussian_posterior_coefficients_are_the_known_ones(t, c0, ct, var):
    np.testing.assert_allclose(gaussian.posterior_coefficients(t, S5, 0.0), [c0, ct, var], atol=5e-7)


@pytest.mark.parametrize("s", SCHEDULES)
def test_the_gaussian_posterior_is_bayes_rule_by_quadrature_eq_48(s):
    x0, xt = 2.0, -0.7
    for t in range(2, s.T + 1):
        joint = density(GRID, gaussian.marginal(x0, t - 1, s)) * density(xt, gaussian.forward(GRID, t, s))
        weight = joint / joint.sum()
        q = gaussian.posterior(xt, x0, t, s)
        mean = weight @ GRID
        np.testing.assert_allclose([q.mean, q.var], [mean, weight @ (GRID - mean) ** 2], rtol=1e-9)


def test_binomial_posteriors_are_the_known_ones():
    xt, x0 = np.array([[0.0, 0, 1, 1], [0, 1, 0, 1]])
    np.testing.assert_allclose(binomial.posterior(xt, x0, 3, S5).rate, [.047619, .444444, .555556, .952381], atol=5e-7)


@pytest.mark.parametrize("p", [Fraction(1, 2), Fraction(1, 5)])
def test_the_binomial_posterior_is_bayes_rule_in_fractions_eq_48(p):
    beta = [None] + [Fraction(1, 5 - t + 1) for t in range(1, 6)]
    for t in range(1, 6):
        alpha_bar = Fraction(5 - t + 1, 5)                                   # of t - 1
        for x0 in (0, 1):
            for xt in (0, 1):
                one = x0 * alpha_bar + (1 - alpha_bar) * p
                up = (1 - beta[t]) + beta[t] * p                             # q(x_t = 1|x_{t-1} = 1)
                stay, come = (up, beta[t] * p) if xt else (1 - up, 1 - beta[t] * p)
                exact = stay * one / (stay * one + come * (1 - one))
                got = binomial.posterior(np.array(float(xt)), np.array(float(x0)), t, S5, float(p)).rate
                np.testing.assert_allclose(got, float(exact), **exactly)


def test_the_binomial_posterior_averages_over_an_uncertain_x0():
    xt = np.array(1.0)
    zero, one = (binomial.posterior(xt, np.array(v), 3, S5, 0.2).rate for v in (0.0, 1.0))
    average = binomial.reverse_given_x0(xt, Bernoulli(np.array(0.25)), 3, S5, 0.2).rate
    np.testing.assert_allclose(average, 0.75 * zero + 0.25 * one, **exactly)


def test_the_binomial_posterior_refuses_an_x0_that_is_no_bit():
    # q(x_0 = 1) = 0.25 has no single posterior: Eq. 48 at 0.25 is not the average over x_0
    with pytest.raises(ValueError, match="a bit must be 0 or 1; got 0.25"):
        binomial.posterior(np.array([1.0]), np.array([0.25]), 3, S5, 0.2)


def test_gaussian_kl_entropy_and_density_are_integrals():
    q, p = Gaussian(0.4, 0.5), Gaussian(-0.3, 1.7)
    w = STEP * density(GRID, q)
    np.testing.assert_allclose(w.sum(), 1, rtol=1e-10)
    np.testing.assert_allclose(gaussian.entropy(q), -w @ gaussian.log_density(GRID, q), rtol=1e-9)
    np.testing.assert_allclose(gaussian.kl(q, p), w @ (gaussian.log_density(GRID, q) - gaussian.log_density(GRID, p)), rtol=1e-9)


def test_gaussian_log_density_is_the_textbook_number():
    np.testing.assert_allclose(gaussian.log_density(3.0, Gaussian(1.0, 4.0)), -0.5 - np.log(2) - 0.9189385332046727, **exactly)


def test_binomial_kl_entropy_and_density_are_sums():
    q, p, x = Bernoulli(np.array(0.3)), Bernoulli(np.array(0.6)), np.array([0.0, 1.0])
    w = np.exp(binomial.log_density(x, q))
    np.testing.assert_allclose(w, [0.7, 0.3], **exactly)
    np.testing.assert_allclose(binomial.entropy(q), -w @ np.log(w), **exactly)
    np.testing.assert_allclose(binomial.kl(q, p), w @ np.log(w / [0.4, 0.6]), **exactly)


def test_binomial_results_at_rates_0_and_1_are_finite_where_they_should_be():
    zero, one, half = (Bernoulli(np.array(v)) for v in (0.0, 1.0, 0.5))
    assert binomial.entropy(zero) == binomial.entropy(one) == 0
    assert binomial.kl(zero, zero) == binomial.kl(one, one) == 0
    np.testing.assert_allclose([binomial.kl(zero, half), binomial.kl(one, half)], np.log(2), **exactly)
    assert binomial.kl(half, one) == np.inf
    assert binomial.log_density(1.0, zero) == -np.inf


def test_kls_are_not_negative_and_zero_only_for_equals(rng):
    q = Gaussian(rng.normal(size=50), rng.random(50) + 0.1)
    assert (gaussian.kl(q, Gaussian(q.mean[::-1], q.var)) >= 0).all()
    np.testing.assert_allclose(gaussian.kl(q, q), 0, atol=1e-15)


def test_draws_follow_the_noise():
    np.testing.assert_allclose(gaussian.draw(Gaussian(1.0, 4.0), np.array([-1.0, 0, 2])), [-1, 1, 5], **exactly)
    assert binomial.draw(Bernoulli(0.3), np.array([0.0, 0.29, 0.3, 0.99])).tolist() == [1, 1, 0, 0]


def test_noise_comes_from_the_given_generator_alone():
    for kernel, mean, var in (gaussian, 0, 1), (binomial, 1 / 2, 1 / 12):
        a = kernel.noise(np.random.default_rng(3), (200, 500))
        assert (a == kernel.noise(np.random.default_rng(3), (200, 500))).all()
        assert abs(a.mean() - mean) < 5 * np.sqrt(var / a.size) and abs(a.var() - var) < 0.02


def test_a_long_chain_is_right_at_both_ends():
    s = schedule.from_beta(np.full(5000, 0.02))              # alpha_bar_T = 1.4e-44, 1 - alpha_bar_T = 1 in floating point
    np.testing.assert_allclose(gaussian.marginal(2.0, 5000, s).mean, 2 * 0.98 ** 2500, rtol=1e-10)
    tiny = schedule.from_beta([1e-14, 1e-14])
    np.testing.assert_allclose(gaussian.marginal(2.0, 2, tiny).var, 2e-14, rtol=1e-12)
    np.testing.assert_allclose(gaussian.posterior_coefficients(2, tiny, 0.0), [0.5, 0.5, 0.5e-14], rtol=1e-12)
    q = binomial.posterior(np.array([0.0, 1.0]), np.array([0.0, 1.0]), 2, tiny)
    np.testing.assert_allclose(q.rate, [0.25e-28, 1], rtol=1e-12)


def test_the_last_forward_step_may_erase_everything():
    assert gaussian.forward(2.0, 5, S5) == (0.0, 1.0)
    q = gaussian.posterior(-0.7, 2.0, 5, S5)                 # x_T says nothing of x_{T-1}
    np.testing.assert_allclose([q.mean, q.var], gaussian.marginal(2.0, 4, S5), **exactly)
    np.testing.assert_allclose(binomial.posterior(np.array([0.0, 1.0]), np.array([1.0, 1.0]), 5, S5).rate,
                               binomial.marginal(np.array([1.0, 1.0]), 4, S5).rate, **exactly)


def test_a_perturbed_gaussian_moves_its_mean_by_var_times_slope_eq_61():
    q = gaussian.perturbed(Gaussian(1.0, 0.25), -3.0)
    assert q == (0.25, 0.25)


def test_a_perturbed_gaussian_is_the_exact_product_when_log_r_is_linear():
    p = Gaussian(1.0, 0.25)
    w = density(GRID, p) * np.exp(-3.0 * GRID)
    w /= w.sum()
    q = gaussian.perturbed(p, -3.0)
    np.testing.assert_allclose([q.mean, q.var], [w @ GRID, w @ (GRID - w @ GRID) ** 2], rtol=1e-8)


def test_a_perturbed_bit_is_the_exact_product_table_app_1():
    r = np.array([0.2, 0.7])                                 # r(0), r(1), not symmetric
    c = 0.3
    product = np.array([1 - c, c]) * r
    q = binomial.perturbed(Bernoulli(np.array(c)), np.log(r[1] / r[0]))
    np.testing.assert_allclose(q.rate, product[1] / product.sum(), **exactly)


def test_a_known_bit_is_an_infinite_slope():
    q = binomial.perturbed(Bernoulli(np.array([0.3, 0.3])), np.array([np.inf, -np.inf]))
    assert q.rate.tolist() == [1, 0]
    with pytest.raises(ValueError, match="only value"):
        binomial.perturbed(Bernoulli(np.array([1.0])), np.array([-np.inf]))


def test_axes_of_t_are_the_leading_axes_of_x(rng):
    x0, xt = rng.normal(size=(2, 3, 4, 2))[:, :3]            # 3 steps, 4 points, 2 coordinates
    t = np.array([[1], [5], [2]])
    all_at_once = gaussian.posterior(xt, x0, t, S5)
    for i in range(3):
        one = gaussian.posterior(xt[i], x0[i], int(t[i, 0]), S5)
        np.testing.assert_allclose(all_at_once.mean[i], one.mean, **exactly)
        np.testing.assert_allclose(all_at_once.var[i], np.broadcast_to(one.var, (1, 1)), **exactly)
    batch = gaussian.marginal(x0[0], np.array([1, 2, 3, 4]), S5)
    np.testing.assert_allclose(batch.mean[2], gaussian.marginal(x0[0, 2], 3, S5).mean, **exactly)


def test_derivatives_of_both_kls_are_right(rng):
    def g(*a):
        return gaussian.kl(Gaussian(a[0], a[1]), Gaussian(a[2], a[3]))
    check_all(g, rng.normal(size=(3, 2)), rng.random((3, 1)) + .1, rng.normal(size=(3, 2)), rng.random((1, 2)) + .1)
    check_all(lambda q, p: binomial.kl(Bernoulli(q), Bernoulli(p)), rng.random((3, 2)), rng.random((3, 1)))


@pytest.mark.parametrize("call, message", [
    (lambda: gaussian.forward(np.zeros((3, 2)), 0, S5), "1..5; got 0"),
    (lambda: gaussian.posterior(0.0, 0.0, 6, S5), "1..5; got 6"),
    (lambda: binomial.forward(np.zeros((3, 2)), 1.5, S5), "whole numbers"),
    (lambda: gaussian.marginal(np.zeros((3, 2)), np.array([1, 2]), S5), "leading axes"),
    (lambda: binomial.with_p(1.0), "between 0 and 1; got 1.0"),
])
def test_bad_input_gets_one_clear_sentence(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_tiny_rates_keep_all_digits_in_entropy_and_kl():
    q, p = 1e-18, 2e-18                                      # log(1 - q) would be 0
    entropy = binomial.entropy(binomial.Bernoulli(np.array(q)))
    np.testing.assert_allclose(entropy, q * (1 - np.log(q)), rtol=1e-12)
    kl = binomial.kl(binomial.Bernoulli(np.array(q)), binomial.Bernoulli(np.array(p)))
    np.testing.assert_allclose(kl, q * np.log(0.5) + (p - q), rtol=1e-12)


@pytest.mark.parametrize("kernel", [gaussian, binomial.with_p(0.3)], ids=["gaussian", "binomial"])
def test_implied_x0_is_what_the_reverse_step_was_made_from(kernel, rng):
    s = schedule.from_beta([0.1, 0.3, 0.2])
    xt = kernel.draw(kernel.pi(np.empty((4, 2))), kernel.noise(rng, (4, 2)))
    x0 = gaussian.Gaussian(rng.normal(size=(4, 2)), rng.random((4, 2))) if kernel is gaussian else binomial.Bernoulli(rng.random((4, 2)))
    for t in (2, 3):
        for a, b in zip(kernel.implied_x0(kernel.reverse_given_x0(xt, x0, t, s), xt, t, s), x0):
            np.testing.assert_allclose(a, b, rtol=1e-10)


@pytest.mark.parametrize("t", [0, 1, 3])
def test_conditioned_is_bayes_rule(t):
    s = schedule.from_beta([0.1, 0.3, 0.2])
    bits, prior = binomial.with_p(0.3), binomial.Bernoulli(np.array([[0.7]]))
    given, log_Z = bits.conditioned(prior, np.array([1.0]), t, s)
    one, zero = (w * np.exp(bits.log_density(1.0, bits.marginal(np.array(v), t, s))) for w, v in ((0.7, 1.0), (0.3, 0.0)))
    np.testing.assert_allclose([given.rate[0, 0], np.exp(log_Z[0, 0])], [one / (one + zero), one + zero], **exactly)
    if t:                                                    # by quadrature, on a prior that is not π
        prior = gaussian.Gaussian(np.array([[0.5]]), np.array([[0.4]]))
        given, log_Z = gaussian.conditioned(prior, np.array([2.0]), t, s)
        joint = density(GRID, gaussian.Gaussian(0.5, 0.4)) * density(2.0, gaussian.marginal(GRID, t, s)) * STEP
        np.testing.assert_allclose(np.exp(log_Z[0, 0]), joint.sum(), rtol=1e-9)
        mean = (joint * GRID).sum() / joint.sum()
        np.testing.assert_allclose([given.mean[0, 0], given.var[0, 0]],
                                   [mean, (joint * (GRID - mean) ** 2).sum() / joint.sum()], rtol=1e-9)
