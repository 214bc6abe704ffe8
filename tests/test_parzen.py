"""Table 2's estimate."""
import numpy as np

from dpm_ref.experiments import parzen


def test_the_width_of_the_windows_is_chosen_on_the_validation_set():
    rng = np.random.default_rng(0)
    samples = 0.5 + 0.01 * rng.standard_normal((50, 2))
    near, far = 0.5 + 0.02 * rng.standard_normal((40, 2)), np.clip(0.5 + 0.4 * rng.standard_normal((40, 2)), 0, 1)
    assert parzen.estimate(samples, near, far).width < parzen.estimate(samples, far, near).width
