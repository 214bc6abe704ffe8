"""Table 2's estimate."""
import numpy as np

import pytest

from dpm_ref.experiments import parzen


def test_the_width_of_the_windows_is_chosen_on_the_validation_set():
    rng = np.random.default_rng(0)
    samples = 0.5 + 0.01 * rng.standard_normal((50, 2))
    near, far = 0.5 + 0.02 * rng.standard_normal((40, 2)), np.clip(0.5 + 0.4 * rng.standard_normal((40, 2)), 0, 1)
    assert parzen.estimate(samples, near, far).width < parzen.estimate(samples, far, near).width


def test_bytes_give_the_numbers_of_floats(rng):
    x = rng.integers(0, 256, (30, 4)).astype(np.uint8)
    for f, last in (parzen.log_density, 20.0), (parzen.averages, 3):
        np.testing.assert_array_equal(f(x, x[:5], last), f(x.astype(float), x[:5].astype(float), last))


@pytest.mark.parametrize("arguments, words", [
    ((np.zeros((3, 4)), np.zeros((2, 5)), 1.0), r"must be \(N, D\) and \(M, D\); got \(3, 4\) and \(2, 5\)"),
    ((np.zeros(4), np.zeros((2, 4)), 1.0), "x must be a non-empty array"),
    ((np.zeros((3, 4)), np.zeros((0, 4)), 1.0), "centres must be a non-empty array"),
    ((np.zeros((3, 4)), np.zeros((2, 4)), 0.0), "a width must be finite and at least .*; got 0"),
    ((np.zeros((3, 4)), np.zeros((2, 4)), -1.0), "a width must be finite and at least .*; got -1")])
def test_points_and_windows_that_do_not_fit_are_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        parzen.log_density(*arguments)
