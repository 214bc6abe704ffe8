"""Every slip of the paper, as numbers that differ where the paper has one."""
from functools import cache

import numpy as np
import pytest

from dpm_ref import gaussian, likelihood, schedule
from dpm_ref.proofs import closed_form, slips

small_steps = cache(slips.small_steps)   # seconds


def test_heartbeat_ends_in_rate_02():
    found = slips.heartbeat_prior()
    np.testing.assert_allclose(found["L_null, p = 0.2"], 20 * (0.2 * np.log2(0.2) + 0.8 * np.log2(0.8)), rtol=1e-12)
    assert abs(found["L_null implied by Table 1"] - found["L_null, p = 0.2"]) < 1e-3
    np.testing.assert_allclose(found["L_null, p = 0.5"], -20, rtol=1e-12)
    np.testing.assert_allclose([found[f"rate 0.2 after a step, p = {p}"] for p in (0.2, 0.5)], [0.2, 0.23], rtol=1e-12)


def test_printed_perturbed_bernoulli_exceeds_one_and_the_corrected_one_is_bayes_rule():
    found = slips.perturbed_bernoulli()
    np.testing.assert_allclose(list(found.values()), [0.42 / 0.12, 0.42 / 0.82, 0.42 / 0.54, 0.42 / 0.54], rtol=1e-12)


@pytest.mark.parametrize("m2, beta", [(4.0, (0.1, 0.2, 0.3)), (0.25, (0.3, 0.1)), (1.0, (0.5, 0.5, 0.5))])
def test_eq_14_is_off_by_the_second_moment_term(m2, beta):
    found = slips.moments(m2, beta)
    want = -0.5 * (np.prod(1 - np.array(beta)) + beta[0]) * (m2 - 1)
    np.testing.assert_allclose(found["difference"], want, atol=1e-12)
    np.testing.assert_allclose(found["difference"], found["-(alpha_bar_T + beta_1)(m2 - 1)/2"], atol=1e-12)


@pytest.mark.slow
def test_diagonal_steps_keep_losing_on_a_line_however_many_they_are():
    found = small_steps()
    lost = [found[f"1/(T - t + 1), T = {T}"] for T in (40, 400, 4000, 40_000)]
    np.testing.assert_allclose(lost, [0.191, 0.177, 0.1746, 0.1743], atol=5e-4)
    product = np.prod([(2 * t - 1) ** 2 / (4 * t * (t - 1)) for t in range(2, 200_000)])         # Wallis
    np.testing.assert_allclose([found["log2(4/π)/2"], lost[-1]], 0.5 * np.log2(product), atol=1e-4)
    few, many = (found[f"geometric, beta_1 = 1e-3, T = {T}"] for T in (4000, 40_000))
    np.testing.assert_allclose(few / many, 10, rtol=1e-3)                                        # order 1/T
    loses = [[found[f"roll, {kind} loses, T = {T}"] for T in (40, 80)] for kind in ("diagonal", "full covariance")]
    np.testing.assert_allclose(loses, [[0.120, 0.108], [0.052, 0.027]], atol=1e-3)
    roll = [found[f"roll, small beta_1, {kind}"] for kind in ("diagonal", "full covariance", "any kernel")]
    np.testing.assert_allclose(roll, [-1.45, 0.26, 3.00], atol=5e-3)


def test_a_cycle_keeps_pi_without_detailed_balance():
    found = slips.detailed_balance(0.3)
    assert abs(found["cycle, change of π in a step"]) < 1e-15 and abs(found["B(0.2), change of π in a step"]) < 1e-15
    assert found["cycle, left side"] == 0.3 and found["cycle, right side"] == 0.0
    np.testing.assert_allclose(found["B(0.2), left side"], found["B(0.2), right side"], rtol=1e-14)
    np.testing.assert_allclose(found["B(0.2), right side"], 0.8 * 0.3, rtol=1e-14)


def test_the_forward_chain_produces_the_same_entropy_for_every_number_of_steps():
    found = slips.quasi_static((2, 30))
    want = 20 * (-0.2 * np.log2(0.2) - 0.8 * np.log2(0.8)) - np.log2(5)
    produced = [found[name] for name in ("entropy produced, T = 2", "entropy produced, T = 30", "D(q(x_0) || π)")]
    np.testing.assert_allclose(produced, want, rtol=1e-10)
    assert round(want, 2) == 12.12
    assert found["range of log weights, exact reversal"] < 1e-12 and found["range of log weights, bit by bit"] > 1


def test_a_path_keeps_half_a_nat_squared_for_each_direction_across_a_curve():
    found = slips.single_paths((3, 6))
    np.testing.assert_allclose(found["variance, beta_1 = 1e-6"], 0.5, atol=1e-3)
    assert abs(found["variance, beta_1 = 1e-6"] - 0.5) < abs(found["variance, beta_1 = 1e-3"] - 0.5)


@pytest.mark.parametrize("across", [1, 3])
def test_sampled_paths_of_a_line_keep_the_same_variance(across, rng):
    s, var = schedule.geometric(30, 1e-5, last=1000.0), np.array([1.0] + [1e-9] * across)
    x0 = np.sqrt(var) * rng.standard_normal((1, 1 + across))
    log_w = likelihood.path_weights(gaussian, closed_form.gaussian_reverse(s, 0.0, var), x0, s, rng, 4000)[:, 0]
    error = np.std((log_w - log_w.mean()) ** 2) / np.sqrt(len(log_w))
    assert abs(log_w.var() - across / 2) < 4 * error and error < 0.1


def test_noise_lowers_the_entropy_of_a_bit_when_pi_is_not_one_half():
    found = slips.entropy_of_bits()
    assert (round(found["mean 1/2: H(X_0)"], 3), round(found["mean 1/2: H(X_T)"], 3)) == (0.693, 0.500)
    assert found["mean 1/2: largest excess"] > 0.05 and found["mean 1/2: change of the cross entropy"] < -0.1
    for name in ("p = 1/2", "two bits"):                                     # a constant cross entropy
        assert abs(found[f"{name}: change of the cross entropy"]) < 1e-12 and found[f"{name}: largest excess"] < 0
    for name in ("mean 1/2", "p = 1/2", "two bits"):
        assert found[f"{name}: change of D"] < -0.1
        rise = found[f"{name}: H(X_T)"] - found[f"{name}: H(X_0)"]
        cross = found[f"{name}: change of the cross entropy"]
        np.testing.assert_allclose(rise, cross - found[f"{name}: change of D"], atol=1e-12)


def test_the_sum_of_eq_24_says_no_more_than_L_null_and_eq_14_without_its_KL_terms():
    found = slips.sum_of_bounds(50)
    np.testing.assert_allclose(found["below, from Eq. 24"], found["L_null"], rtol=1e-10)
    np.testing.assert_allclose(found["above, from Eq. 24"], found["Eq. 14 without its KL terms"], rtol=1e-10)
    np.testing.assert_allclose(found["L_null"], 20 * (0.2 * np.log2(0.2) + 0.8 * np.log2(0.8)), rtol=1e-10)
    assert found["L_null"] < found["best K"] < found["above, from Eq. 24"]


def test_only_the_square_root_mean_gives_white_data_its_null():
    found = slips.image_mean()
    for T in (5, 50):
        assert abs(found[f"sqrt(1 - beta) x, T = {T}"]) < 1e-12 and found[f"(1 - beta) x, T = {T}"] < -0.1


def test_section_25_samples_something_else_than_the_posterior():
    found = slips.posterior_samples()
    right = [0.6666, 0.3334, 0.4619, 0.4323, 0.4999, 0.5, 0.5, 0.5, 0.6057, 0.0283, 0.4704, 0.0414, 0.5, 0.05]
    np.testing.assert_allclose(list(found.values()), right, atol=1e-4)


@pytest.mark.slow
def test_best_K_on_a_noise_free_curve_grows_without_limit():
    found = slips.noise_free_curve()
    np.testing.assert_allclose(found["added by the last tenth of beta_1"], 0.5 * np.log2(10), atol=1e-3)
    np.testing.assert_allclose(list(found.values())[-4:], -4.031, atol=1e-3)                 # diagonal steps, T = 2
    K = list(found.values())[:4]
    assert all(k > bitwise for k, bitwise in zip(K, [-0.82, 0.69, 2.2, 3.7]))     # best of diagonal steps


def test_last_step_makes_samples_wider_than_the_data():
    found = slips.last_step_noise()
    np.testing.assert_allclose(found["exact last step"], found["data"], rtol=1e-6)
    np.testing.assert_allclose(found["Eq. 44"] - found["mean of Eq. 44"], 0.01, rtol=1e-12)
    x1 = 0.01 + 0.99 * 1e-6                                                              # Var x_1
    np.testing.assert_allclose(found["Eq. 44"], 0.99 * x1 + 0.01, rtol=1e-9)
    np.testing.assert_allclose(found["Eq. 44"], found["data + beta_1 (2 - beta_1) (1 - v)"], rtol=1e-9)


@pytest.mark.slow
def test_the_command_prints_every_slip(capsys, monkeypatch):
    monkeypatch.setattr(slips, "ALL", tuple(small_steps if f is slips.small_steps else f for f in slips.ALL))
    slips.main()
    lines = capsys.readouterr().out.splitlines()
    names = [line.split(". ")[1].split(":")[0] for line in lines if line[:1].isdigit()]
    assert names == [slip.__name__ for slip in slips.ALL] and len(names) == 13
