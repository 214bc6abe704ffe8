"""Appendix B, every line against the next, and all against the package's own K."""
import numpy as np
import pytest

from dpm_ref import binomial, bound, derivation as d, exact, schedule
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


@pytest.mark.parametrize("q0", [FAIR, OTHER])
def test_eq_12_the_bound_is_below_the_likelihood(q0):
    c = chain(q0)
    assert d.line_38(c) < d.likelihood(c) - 0.01


@pytest.mark.parametrize("q0", [FAIR, OTHER])
def test_eq_14_the_packages_terms_are_those_of_the_listed_paths(q0):
    """With x_t enumerated and weighted, the terms of bound.terms are the terms of Eq. 51, one by one."""
    kernel, s, x = binomial.with_p(0.25), schedule.from_beta([0.1, 0.3, 0.4, 0.6]), exact.all_states(2)
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
