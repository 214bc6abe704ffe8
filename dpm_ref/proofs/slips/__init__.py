"""Slips and hidden assumptions of the paper, each shown by computing both sides.

    python -m dpm_ref slips

prints all of them. Every function returns {name: number}. Nothing is drawn at random. Subjects:

    steps         a single step, and the end distribution
    likelihoods   the log likelihood and its bound K
    products      products with a second distribution r(x)
    uncertainty   the entropy of a reverse step
"""
from .likelihoods import moments, noise_free_curve, quasi_static, single_paths
from .products import perturbed_bernoulli, posterior_samples
from .steps import detailed_balance, heartbeat_prior, image_mean, last_step_noise, small_steps
from .uncertainty import entropy_of_bits, sum_of_bounds

ALL = (heartbeat_prior, small_steps, detailed_balance, last_step_noise, image_mean, moments, noise_free_curve,
       quasi_static, single_paths, perturbed_bernoulli, posterior_samples, entropy_of_bits, sum_of_bounds)


def main():
    """Print every slip with its numbers."""
    for number, slip in enumerate(ALL, 1):
        print(f"{number}. {slip.__name__}: {slip.__doc__.splitlines()[0]}")
        for name, value in slip().items():
            print(f"{name:>42}  {value:.6g}")
        print()
