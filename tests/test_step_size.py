"""The learned variance loses order 1/T² to finite steps, a fixed variance 1/T."""
import numpy as np

from dpm_ref import gaussian, schedule
from dpm_ref.bound import bits
from dpm_ref.proofs import best_possible, step_size

COIN = np.array([[1.0], [-1.0]]), np.array([0.5, 0.5])
S = schedule.geometric(6, 0.05, last=10.0)


def test_kl_of_the_learned_variance_is_that_of_the_best_kernel():
    z = step_size.NOISE[:, None]
    for t in range(2, S.T + 1):
        x0 = np.ones_like(z)
        xt = gaussian.draw(gaussian.marginal(x0, t, S), z)
        posterior, best = gaussian.posterior(xt, x0, t, S), best_possible.best_gaussian(lambda std: COIN, S)(xt, t)
        beta_tilde = gaussian.posterior_coefficients(t, S, np.zeros(1))[2]
        for i, var in enumerate((best.var, beta_tilde, S.beta[t])):
            want = step_size.WEIGHTS @ gaussian.kl(posterior, gaussian.Gaussian(best.mean, var))[:, 0]
            np.testing.assert_allclose(step_size.kl(S)[i, t - 2], want, rtol=1e-9)


def test_the_limit_over_all_signal_to_noise_ratios_is_one_bit():
    np.testing.assert_allclose(bits(step_size.information_limit(1e-9, 60.0)), 1, rtol=1e-8)


def test_the_sum_exceeds_its_limit_by_the_known_amounts():
    wide = step_size.signal_to_noise(schedule.geometric(40, 1e-3, last=1000.0))
    assert round(bits(step_size.information_limit(wide[-1], wide[1])), 4) == 0.9993
    found = bits(step_size.excess((40, 640)))
    assert (found[0].round(3) == [0.032, 0.200, 0.682]).all()
    assert found[1, 0].round(4) == 0.0002 and (found[1, 1:].round(3) == [0.011, 0.046]).all()


def test_the_excess_is_of_order_two_for_the_learned_variance_and_one_for_the_fixed_ones():
    numbers = 320, 640, 1280
    before, last = step_size.order(numbers, step_size.excess(numbers))
    np.testing.assert_allclose(last + (last - before), [2, 1, 1], atol=0.02)             # what is missing halves with 1/T


def test_a_fixed_variance_is_never_better_than_the_learned_one():
    learned, beta_tilde, beta = step_size.kl(S)
    assert (learned < beta_tilde).all() and (learned < beta).all()
