"""Derivations, every line against the next, and against the package's own formulas."""
import numpy as np
import pytest

from dpm_ref import binomial, bound, schedule
from dpm_ref.proofs import derivation as d, enumeration
from dpm_ref.binomial import Bernoulli

FAIR = np.array([0.55, 0.2, 0.2, 0.05])                      # both bits have mean p = 0.25
OTHER = np.array([0.4, 0.1, 0.2, 0.3])                       # mean 0.45


def crooked(x, t):
    return Bernoulli(0.2 + 0.5 * x + 0.1 * np.roll(x, 1, axis=-1) / (1 + np.mean(t)))


def chain(q0, s=schedule.from_beta([0.1, 0.3, 0.4, 0.6]), p=0.25):
    return d.chain(binomial.with_p(p), crooked, s, q0, 2)


LINES = [d.line_38, d.line_41, d.line_43, d.line_45, d.line_46, d.line_47, d.line_48, d.line_49, d.line_51]


@pytest.mark.parametrize("before, after", list(zip(LINES, LINES[1:])), ids=lambda f: f.__name__)
def test_eqs_37_to_51_each_line_equals_the_next(before, after):
    c = chain(FAIR)
    np.testing.assert_allclose(after(c), before(c), rtol=1e-12)


def test_eqs_42_and_46_need_data_of_mean_p():
    c = chain(OTHER)
    np.testing.assert_allclose(d.line_41(c), d.line_38(c), rtol=1e-12)
    assert abs(d.line_43(c) - d.line_41(c)) > 0.01
    assert abs(d.line_46(c) - d.line_45(c)) > 0.01
    np.testing.assert_allclose([f(c) for f in LINES[5:]], d.line_46(c), rtol=1e-12)


@pytest.mark.parametrize("q0", [FAIR, OTHER])
def test_eqs_6_to_9_three_ways_to_the_same_p_of_x0(q0):
    c = chain(q0)
    np.testing.assert_allclose(d.jarzynski(c), d.over(c.p, 0), rtol=1e-12)
    np.testing.assert_allclose(d.stepwise(c), d.over(c.p, 0), rtol=1e-12)
    np.testing.assert_allclose(d.likelihood(c), q0 @ np.log(d.stepwise(c)), rtol=1e-12)


@pytest.mark.filterwarnings("error")
def test_a_state_without_data_has_no_paths_and_the_other_states_and_the_bound_stand():
    c, there = chain(np.array([0.6, 0.0, 0.1, 0.3])), [True, False, True, True]
    for p in d.jarzynski(c), d.stepwise(c):
        np.testing.assert_allclose(p[there], d.over(c.p, 0)[there], rtol=1e-12)
        assert np.isnan(p[1])
    assert (np.isnan(d.forward_conditional(c, 1)).all(axis=1) != there).all()
    np.testing.assert_allclose([d.line_38(c), d.line_47(c)], [d.line_41(c), d.line_46(c)], rtol=1e-12)


@pytest.mark.parametrize("q0", [FAIR, OTHER])
def test_eq_12_the_bound_is_below_the_likelihood(q0):
    c = chain(q0)
    assert d.line_38(c) < d.likelihood(c) - 0.01


@pytest.mark.parametrize("q0", [FAIR, OTHER])
def test_eq_14_the_packages_terms_are_those_of_the_listed_paths(q0):
    """With x_t enumerated and weighted, the terms of bound.terms are the terms of Eq. 51, one by one."""
    kernel, s, x = binomial.with_p(0.25), schedule.from_beta([0.1, 0.3, 0.4, 0.6]), enumeration.all_states(2)
    c = chain(q0, s)
    kl = np.zeros(5)
    for t in range(2, 5):
        for start, weight in zip(x, q0):
            x0 = np.tile(start, (4, 1))
            q_xt = np.exp(kernel.log_density(x, kernel.marginal(x0, t, s)).sum(axis=1))
            kl[t] += weight * q_xt @ kernel.kl(kernel.posterior(x, x0, t, s), crooked(x, t)).sum(axis=1)
    np.testing.assert_allclose(kl[2:], d.divergences(c), rtol=1e-12)
    H_T, H_1, H_p, edge = (q0 @ a for a in bound.constants(kernel, x, s))
    np.testing.assert_allclose([H_T, H_1, H_p], [d.entropy(c.q, 4, 0), d.entropy(c.q, 1, 0), -d.mean_log(c.pi, c.pi)], rtol=1e-12)
    np.testing.assert_allclose(edge, d.line_38(c) - d.line_51(c), rtol=1e-11, atol=1e-14)


def test_eqs_3_and_5_the_joints_are_distributions_with_the_right_ends():
    c = chain(OTHER)
    np.testing.assert_allclose([c.q.sum(), c.p.sum()], 1, rtol=1e-12)
    np.testing.assert_allclose(d.over(c.q, 0), OTHER, rtol=1e-12)
    np.testing.assert_allclose(d.over(c.p, 4), c.pi, rtol=1e-12)


def test_eqs_26_and_27_entropy_obeys_the_chain_rule():
    c = chain(OTHER)
    for t in range(1, 5):
        left = d.entropy(c.q, t - 1, t) + d.entropy(c.q, t)
        np.testing.assert_allclose(left, d.entropy(c.q, t, t - 1) + d.entropy(c.q, t - 1), rtol=1e-12)


R = np.array([[0.9, 0.3, 0.5, 0.2], [0.8, 0.35, 0.5, 0.25], [0.7, 0.4, 0.5, 0.3], [0.7, 0.5, 0.6, 0.4], [0.6, 0.5, 0.6, 0.5]])


@pytest.mark.parametrize("t", [0, 1, 2, 3])
def test_eqs_17_to_20_hold_for_the_kernel_of_eq_21(t):
    c = chain(OTHER)
    for number, (left, right) in d.equilibrium(c, R, t, d.modified_kernel(c, R, t)).items():
        np.testing.assert_allclose(left, right, rtol=1e-12, err_msg=f"Eq. ({number})")


def test_eq_16_is_normalised_and_eq_21_is_not():
    c = chain(OTHER)
    p, Z = d.modified(c, R, 1)
    np.testing.assert_allclose(p.sum(), 1, rtol=1e-12)
    np.testing.assert_allclose(Z, sum(d.over(c.p, 1)[i] * R[1, i] for i in range(4)), rtol=1e-12)
    assert abs(d.modified_kernel(c, R, 1).sum(axis=0) - 1).max() > 0.01


@pytest.mark.parametrize("t", [0, 1, 2, 3])
def test_eq_22_is_normalised_and_misses_eq_18(t):
    c = chain(OTHER)
    kernel, Z = d.normalised_kernel(c, R, t)
    np.testing.assert_allclose(kernel.sum(axis=0), 1, rtol=1e-12)
    left, right = d.equilibrium(c, R, t, kernel)[18]
    assert abs(left - right).max() > 1e-3
    # what it misses by is Z(x_{t+1}) / r(x_{t+1}), which Eq. 22 takes for a constant
    weight = Z / R[t + 1] * d.modified(c, R, t + 1)[0]
    np.testing.assert_allclose(kernel @ (weight / weight.sum()), left, rtol=1e-12)


def normal(log_p):
    p = np.exp(log_p - log_p.max())
    return p / p.sum()


def log_r(y):
    return -0.3 * (y - 2) ** 2 + 0.4 * y - 0.1 * np.sin(2 * y)   # smooth, not symmetric, not linear


Y, MEAN = np.linspace(-8, 8, 4001), 0.7
G = 0.6 * (MEAN - 2) - 0.4 + 0.2 * np.cos(2 * MEAN)              # dE_r/dy at the mean


def test_eqs_52_to_59_each_line_is_the_same_distribution_but_for_the_taylor_step():
    args = Y, MEAN, 0.2
    np.testing.assert_allclose(normal(d.line_55(*args, log_r)), normal(d.line_53(*args, log_r)), rtol=1e-10, atol=1e-300)
    np.testing.assert_allclose(normal(d.line_59(*args, G)), normal(d.line_57(*args, log_r, G)), rtol=1e-9, atol=1e-300)
    np.testing.assert_allclose(normal(d.line_60(*args, G)), normal(d.line_59(*args, G)), rtol=1e-10, atol=1e-300)


def test_eqs_60_and_61_are_the_packages_perturbed_kernel():
    from dpm_ref import gaussian
    p = gaussian.perturbed(gaussian.Gaussian(MEAN, 0.2), -G)
    np.testing.assert_allclose(d.line_60(Y, MEAN, 0.2, G), gaussian.log_density(Y, p), rtol=1e-12)


def test_eq_56_the_taylor_step_costs_less_and_less_as_sigma_shrinks():
    def distance(var):   # total variation between line 55 and line 57, on a grid as fine as the density
        y = MEAN + np.sqrt(var) * np.linspace(-8, 8, 4001)
        return 0.5 * np.abs(normal(d.line_55(y, MEAN, var, log_r)) - normal(d.line_57(y, MEAN, var, log_r, G))).sum()
    rates = [np.log2(distance(var) / distance(var / 2)) for var in (1e-2, 1e-3)]
    np.testing.assert_allclose(rates, 1, atol=0.05)              # proportional to Sigma


@pytest.mark.parametrize("q0", [FAIR, OTHER])
def test_eqs_28_to_36_on_a_listed_chain(q0):
    c = chain(q0)
    for t in range(1, 5):
        H, H_back = d.entropy(c.q, t, t - 1), d.entropy(c.q, t - 1, t)
        change = d.entropy(c.q, t - 1) - d.entropy(c.q, t)
        assert d.entropy(c.q, 0, t) >= d.entropy(c.q, 0, t - 1) - 1e-12                           # 31
        right = d.entropy(c.q, 0, t - 1) + d.entropy(c.q, t - 1) - d.entropy(c.q, 0, t) - d.entropy(c.q, t)
        assert change >= right - 1e-12                                                            # 32
        given = d.entropy(c.q, t - 1, 0) - d.entropy(c.q, t, 0)
        np.testing.assert_allclose(right, given, rtol=1e-10, atol=1e-14)                          # 33, 34
        assert H_back >= H + given - 1e-12                                                        # 35
        if q0 is FAIR:
            assert change <= 1e-12 and H_back <= H + 1e-12                                        # 28-30, 36
