"""Section 5 of the notes: every slip of the paper as two numbers that differ."""
import numpy as np
import pytest

from dpm_ref.proofs import slips


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
    np.testing.assert_allclose(found["difference"], -0.5 * (np.prod(1 - np.array(beta)) + beta[0]) * (m2 - 1), atol=1e-12)
    np.testing.assert_allclose(found["difference"], found["-(alpha_bar_T + beta_1)(m2 - 1)/2"], atol=1e-12)


def test_upper_entropy_bound_is_violated_for_second_moment_4():
    found = slips.entropy_bound()
    assert round(found["excess"], 4) == 0.1206 and abs(found["excess, m2 = 1"]) < 1e-12
    np.testing.assert_allclose([found["excess"], found["log(v_{t-1}/v_t)/2"]], 0.5 * np.log(2.8 / 2.2), rtol=1e-12)


def test_only_the_square_root_mean_gives_white_data_its_null():
    found = slips.image_mean()
    for T in (5, 50):
        assert abs(found[f"sqrt(1 - beta) x, T = {T}"]) < 1e-12 and found[f"(1 - beta) x, T = {T}"] < -0.1


def test_section_25_samples_something_else_than_the_posterior():
    found = slips.posterior_samples()
    right = [0.6666, 0.3334, 0.4619, 0.4323, 0.5, 0.5, 0.6057, 0.0283, 0.5, 0.05]
    np.testing.assert_allclose(list(found.values()), right, atol=1e-4)


def test_best_K_on_a_noise_free_curve_grows_without_limit():
    found = slips.noise_free_curve()
    np.testing.assert_allclose(found["added by the last tenth of beta_1"], 0.5 * np.log2(10), atol=1e-3)
    K = list(found.values())[:4]
    assert all(k > bitwise for k, bitwise in zip(K, [-0.82, 0.69, 2.2, 3.7]))             # best with diagonal Gaussian steps


def test_last_step_makes_samples_wider_than_the_data():
    found = slips.last_step_noise()
    np.testing.assert_allclose(found["exact last step"], found["data"], rtol=1e-6)
    np.testing.assert_allclose(found["Eq. 44"] - found["mean of Eq. 44"], 0.01, rtol=1e-12)
    x1 = 0.01 + 0.99 * 1e-6                                                              # Var x_1
    np.testing.assert_allclose(found["Eq. 44"], 0.99 * x1 + 0.01, rtol=1e-9)


def test_table_2_holds_cited_nats_in_bits():
    found = slips.mnist_bits()
    for name in ("DBN", "stacked CAE", "deep GSN", "adversarial net"):
        assert abs(found[f"{name}, nats in bits"] - found[f"{name}, Table 2"]) < 0.6


def test_the_command_prints_all_nine(capsys):
    slips.main()
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(".")[0] for line in lines if line[:1].isdigit()] == list("123456789")
