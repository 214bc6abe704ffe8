"""Section 2.4.1: the diffusion rates."""
import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad

from dpm_ref import bound, gaussian, schedule


def test_constant_erasure_erases_one_Tth_of_the_data_per_step():
    s = schedule.constant_erasure(5)
    np.testing.assert_allclose(s.beta, [0, 1 / 5, 1 / 4, 1 / 3, 1 / 2, 1], rtol=1e-15)
    np.testing.assert_allclose(s.alpha_bar, [1, .8, .6, .4, .2, 0], rtol=1e-14)
    np.testing.assert_allclose(schedule.constant_erasure(2000).alpha_bar, 1 - np.arange(2001) / 2000, atol=1e-13)


def test_beta_1_may_be_fixed_without_touching_the_others():
    s = schedule.constant_erasure(5, beta_1=1e-3)
    np.testing.assert_allclose(s.beta, [0, 1e-3, 1 / 4, 1 / 3, 1 / 2, 1], rtol=1e-15)


def test_a_geometric_schedule_is_geometric_in_noise_over_signal():
    s = schedule.geometric(40, 1e-5)
    ratio = s.one_minus_alpha_bar[1:] / s.alpha_bar[1:]
    np.testing.assert_allclose(ratio[1:] / ratio[:-1], (100 / ratio[0]) ** (1 / 39), rtol=1e-10)
    np.testing.assert_allclose([s.beta[1], ratio[-1]], [1e-5, 100], rtol=1e-12)
    np.testing.assert_allclose(np.cumprod(1 - s.beta), s.alpha_bar, rtol=1e-12)


def test_the_authors_schedule_keeps_one_Tth_of_the_data():
    s = schedule.authors_code(1000)
    np.testing.assert_allclose(s.beta[[1, 2, 1000]], [0.002, 1 / np.linspace(1000, 2, 1000)[1], 0.5], rtol=1e-12)
    assert 0.5 / 1000 < s.alpha_bar[-1] < 2 / 1000


def test_a_learned_schedule_gives_back_the_one_it_started_from():
    s = schedule.geometric(10, 1e-3)
    again = schedule.learned(schedule.logits(s), s.beta[1])
    np.testing.assert_allclose(again.beta, s.beta, rtol=1e-12)
    np.testing.assert_allclose(again.log_alpha_bar, s.log_alpha_bar, rtol=1e-12)


def bound_of(logits, x0, noise, m2=1.0):
    """The bound with frozen noise and the reverse kernel that is exact for data N(0, 0.3)."""
    s = schedule.learned(logits, 1e-3)
    t = np.arange(2, s.T + 1)[:, None]

    def reverse(x, t):   # q(x_{t-1}|x_t) for data N(0, 0.3), a function of the schedule too
        c0, ct, var = gaussian.posterior_coefficients(t, s, x)
        alpha_bar = schedule.at(s.alpha_bar, t, x)
        total = 0.3 * alpha_bar + 1 - alpha_bar
        gain = 0.3 * anp.sqrt(alpha_bar) / total
        return gaussian.Gaussian((c0 * gain + ct) * x, var + c0 ** 2 * 0.3 * (1 - alpha_bar) / total)
    kl = bound.step_kl(gaussian, reverse, x0[None], t, s, noise)
    H_T, H_1, H_p, edge = bound.constants(gaussian, x0, s)
    return anp.mean(-anp.sum(kl, axis=0) + H_T - H_1 - H_p + edge)


def test_the_gradient_of_K_in_the_schedule_is_its_finite_difference_with_the_noise_held(rng):
    x0, noise = np.sqrt(0.3) * rng.normal(size=(7, 2)), rng.normal(size=(4, 7, 2))
    logits = np.array([-3.0, -1.5, -0.5, 0.3])
    g = grad(bound_of)(logits, x0, noise)
    for i in range(4):
        e = 1e-5 * (np.arange(4) == i)
        difference = (bound_of(logits + e, x0, noise) - bound_of(logits - e, x0, noise)) / 2e-5
        np.testing.assert_allclose(g[i], difference, rtol=1e-6)


def test_gradient_ascent_on_the_schedule_raises_K_where_one_step_is_wasteful(rng):
    x0, noise = np.sqrt(0.3) * rng.normal(size=(200, 2)), rng.normal(size=(4, 200, 2))
    logits = np.array([3.0, -1.0, -1.0, -1.0])               # nearly everything is erased at t = 2
    before, step = bound_of(logits, x0, noise), grad(bound_of)
    for _ in range(100):
        logits = logits + step(logits, x0, noise)
    assert bound_of(logits, x0, noise) > before + 0.01


@pytest.mark.parametrize("call, message", [
    (lambda: schedule.from_beta([0.1, 0.0]), r"beta_2 = 0.0"),
    (lambda: schedule.from_beta([1.1]), r"\(0, 1\]; beta_1 = 1.1"),
    (lambda: schedule.from_beta([np.nan]), "beta_1 = nan"),
    (lambda: schedule.from_beta([[0.1]]), "shape"),
    (lambda: schedule.constant_erasure(0), "at least 1; got 0"),
    (lambda: schedule.constant_erasure(5, beta_1=2), "beta_1 = 2"),
    (lambda: schedule.geometric(40, 0.0), "beta_1 = 0"),
    (lambda: schedule.logits(schedule.constant_erasure(5)), "beta_T = 1"),
])
def test_bad_input_gets_one_clear_sentence(call, message):
    with pytest.raises(ValueError, match=message):
        call()
