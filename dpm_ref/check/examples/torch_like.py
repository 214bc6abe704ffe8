"""Another style: an object with methods that return distribution objects, in torch if it is installed, else in numpy.

python -m dpm_ref check dpm_ref/check/examples/torch_like.py

The forward step draws its own noise: the kit notices that it takes none, and checks mean, variance and shape of 4000
draws against limits from their standard errors.
"""
try:
    import torch as xp
    as_array, randn = xp.as_tensor, xp.randn_like
except ImportError:
    import numpy as xp
    as_array, randn = None, None


class Normal:
    """A distribution with the attributes of torch.distributions.Normal."""

    def __init__(self, loc, scale):
        self.mean, self.stddev, self.variance = loc, scale, scale ** 2

    def log_prob(self, x):
        return -(((x - self.mean) / self.stddev) ** 2) / 2 - xp.log(self.stddev) - 0.9189385332046727


class Diffusion:
    """A small diffusion object; every method is one function of the catalogue, dots written as underscores."""
    conventions = {"array": as_array}

    def __init__(self, seed=0):
        if randn:
            xp.manual_seed(seed)
            self.randn = randn
        else:
            rng = xp.random.default_rng(seed)
            self.randn = lambda x: rng.standard_normal(x.shape)

    def schedule_alpha_bar(self, beta):
        return xp.cumprod(1 - beta, 0)

    def gaussian_forward(self, x, beta_t):
        return Normal(x * (1 - beta_t) ** 0.5, beta_t ** 0.5 + 0 * x)

    def gaussian_marginal(self, x0, alpha_bar_t):
        return Normal(x0 * alpha_bar_t ** 0.5, (1 - alpha_bar_t) ** 0.5 + 0 * x0)

    def gaussian_log_density(self, x, mean, std):
        return Normal(mean, std).log_prob(x)

    def trajectory_forward_step(self, x, beta_t):
        q = self.gaussian_forward(x, beta_t)
        return q.mean + q.stddev * self.randn(x)

    def product_known(self, mean, var, known, mask):
        return mask * known + (1 - mask) * mean, (1 - mask) * var


ADAPTER = Diffusion()
