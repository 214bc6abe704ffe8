"""What later models compute: the rows of the kit, whatever an implementation's conventions, and steps beyond 255."""
import json
from itertools import permutations

import numpy as np
import pytest

from dpm_ref import schedule
from dpm_ref.check import check, cli, today
from dpm_ref.check.cases import VECTORS, VERSION

S, rng = schedule.from_beta([0.1, 0.3, 0.2, 0.4]), np.random.default_rng(0)
T_ROWS, XT, X0 = np.array([1, 3, 4]), rng.standard_normal((3, 2)), rng.standard_normal((3, 2))
DDPM = {"t_first": 0, "t_batch": "vector", "layout": "NCHW"}     # as most code counts and lays out images


def at(a, t):
    """a[t] for images."""
    return a[t][:, None, None, None]


def test_every_pair_of_predictions_can_be_had_and_back():
    def x0_of(name, value):
        return value if name == "x0" else getattr(today, f"x0_from_{name}")(XT, value, T_ROWS, S)

    def of_x0(name, x0):
        if name in ("x0", "v"):
            return x0 if name == "x0" else today.v_from_x0(XT, x0, T_ROWS, S)
        eps = today.eps_from_x0(XT, x0, T_ROWS, S)
        return eps if name == "eps" else today.score_from_eps(eps, T_ROWS, S)
    for a, b in permutations(("x0", "eps", "v", "score"), 2):
        there = of_x0(b, x0_of(a, X0))
        np.testing.assert_allclose(of_x0(a, x0_of(b, there)), X0, rtol=1e-12)


def test_a_training_target_gives_back_the_data_and_the_noise():
    signal, size = today.levels(T_ROWS, S, X0)
    eps = rng.standard_normal(X0.shape)
    xt, v = signal * X0 + size * eps, today.v_target(X0, eps, T_ROWS, S)
    np.testing.assert_allclose(today.x0_from_v(xt, v, T_ROWS, S), X0, rtol=1e-12)
    np.testing.assert_allclose(today.eps_from_v(xt, v, T_ROWS, S), eps, rtol=1e-12)


IN_IMAGES = {
    "convert.x0_from_eps": lambda xt, eps, t, alpha_bar: (
        at(1 / alpha_bar, t) ** 0.5 * xt - (at(1 / alpha_bar, t) - 1) ** 0.5 * eps),
    "convert.v_target": lambda x0, eps, t, alpha_bar: (
        at(alpha_bar, t) ** 0.5 * eps - (1 - at(alpha_bar, t)) ** 0.5 * x0),
    "convert.mean_from_eps": lambda xt, eps, t, beta, alpha_bar: (
        (xt - at(beta, t) / (1 - at(alpha_bar, t)) ** 0.5 * eps) / (1 - at(beta, t)) ** 0.5),
    "stride.posterior": lambda xt, x0, t, s, alpha_bar: (
        (at(alpha_bar, s) ** 0.5 * (1 - at(alpha_bar, t) / at(alpha_bar, s)) * x0
         + (at(alpha_bar, t) / at(alpha_bar, s)) ** 0.5 * (1 - at(alpha_bar, s)) * xt) / (1 - at(alpha_bar, t)),
        (1 - at(alpha_bar, t) / at(alpha_bar, s)) * (1 - at(alpha_bar, s)) / (1 - at(alpha_bar, t)) + 0 * xt),
    "schedule.half_log_snr": lambda alpha_bar: np.log(alpha_bar / (1 - alpha_bar)) / 2,
    "schedule.beta_from_half_log_snr": lambda half_log_snr: (
        lambda bar: 1 - bar / np.append(1, bar[:-1]))(1 / (1 + np.exp(-2 * half_log_snr)))}


@pytest.mark.parametrize("name", IN_IMAGES)
def test_images_with_steps_from_0_pass(name):
    found = check(IN_IMAGES[name], name, show=False, **DDPM)
    assert found.passed, found.message


def test_known_pixels_may_be_drawn_by_the_code_itself():
    def f(x, known, mask, alpha_bar_prev):
        noise = rng.standard_normal(known.shape)
        return mask * (alpha_bar_prev ** 0.5 * known + (1 - alpha_bar_prev) ** 0.5 * noise) + (1 - mask) * x
    assert check(f, "product.noisy_known", show=False).passed
    late = check(lambda x, known, mask, alpha_bar_t: f(x, known, mask, alpha_bar_t), "product.noisy_known", show=False)
    assert late.results[0].findings[0].name == "alpha_bar of t for t - 1"


def bfloat16(t):
    """t rounded to a bfloat16: the upper half of a float32, ties to even."""
    bits = np.asarray(t, np.float32).view(np.uint32)
    return (bits + 0x7FFF + (bits >> 16 & 1) & 0xFFFF0000).view(np.float32).astype(int)


@pytest.mark.parametrize("dtype, says", [(lambda t: np.asarray(t).astype(np.uint8), "t in 8 bits"),
                                         (bfloat16, "t rounded to bfloat16")])
def test_a_step_in_too_few_bits_is_named(dtype, says):
    def f(x0, t, alpha_bar):
        t = dtype(t)
        return np.sqrt(alpha_bar[t]) * x0, 1 - alpha_bar[t]
    found = check(f, "gaussian.marginal", show=False)
    assert not found.passed and says in found.results[0].findings[0].name


def test_single_precision_at_tiny_rates_is_no_fault_where_it_is_stated():
    def f(x0, t, beta):
        alpha_bar = np.cumprod(1 - beta.astype(np.float32))
        return np.sqrt(alpha_bar[t]) * x0.astype(np.float32), 1 - alpha_bar[t] + 0 * x0.astype(np.float32)
    assert check(f, "gaussian.marginal", show=False, dtype="float32").passed
    unsaid = check(lambda x0, t, beta: [a.astype(float) for a in f(x0, t, beta)], "gaussian.marginal", show=False)
    assert not unsaid.passed


def test_a_floor_under_the_noise_shows_at_tiny_rates():
    def f(x0, t, alpha_bar):
        return np.sqrt(alpha_bar[t]) * x0, np.maximum(1 - alpha_bar[t], 1e-5) + 0 * x0
    result = check(f, "gaussian.marginal", show=False).results[0]
    assert {"gaussian.marginal/minute-mixed"} <= {o.case["id"] for o in result.outcomes if not o.passed}


def test_a_stride_that_does_not_divide_T_and_a_step_that_goes_nowhere_are_refused():
    with pytest.raises(ValueError, match="divide T = 4; got 3"):
        today.strided(3, S)
    with pytest.raises(ValueError, match="0 < s < t; got t = 2, s = 2"):
        today.strided_posterior(XT, X0, 2, 2, S)


def test_every_file_and_the_report_carry_the_version_of_the_vectors(tmp_path, capsys):
    versions = {json.loads(p.read_text())["version"] for p in VECTORS.glob("*.json") if p.name != "schema.json"}
    assert versions == {VERSION}
    adapter = tmp_path / "mine.py"
    adapter.write_text("import math\ndef bound_bits(nats): return nats / math.log(2)\n")
    assert cli.main([str(adapter), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["vectors"] == VERSION
