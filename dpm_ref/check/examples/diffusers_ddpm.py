"""A scheduler of Hugging Face's diffusers: its tables, add_noise, and its step for every prediction_type.

python -m dpm_ref check dpm_ref.check.examples.diffusers_ddpm

A scheduler draws its noise in `step`. Here the noise is given: zeros show the mean, ones the standard deviation.
`clip_sample` is on in DDPMScheduler unless you say otherwise; the formulas of the paper clip nothing.
"""
import inspect
import sys
from unittest.mock import patch

try:
    import torch
    from diffusers import DDPMScheduler
except ImportError as error:
    raise ImportError(f"this adapter needs two packages: pip install torch diffusers ({error})") from None

Scheduler = DDPMScheduler                           # another one: import it above, such as DDIMScheduler, and name it here
options = {"clip_sample": False}                    # and for DDIMScheduler "set_alpha_to_one": True, its default

conventions = {"t_first": 0, "t_batch": "flat", "dtype": "float32", "array": torch.as_tensor, "spread": "std",
               "gaussian.posterior": {"t_batch": "number"}}


def scheduler(beta, **more):
    """The scheduler of these beta, with every step."""
    out = Scheduler(len(beta), trained_betas=beta, **options, **more)
    out.set_timesteps(len(beta))
    return out


def step(s, output, t, xt, noise):
    """x_{t-1} from the network's output at x_t and the given noise."""
    eta = {"eta": 1.0} if "eta" in inspect.signature(s.step).parameters else {}      # DDIM draws noise with eta only
    with patch.object(sys.modules[Scheduler.__module__], "randn_tensor", lambda *arguments, **keywords: noise):
        return s.step(output, t, xt, **eta).prev_sample


def mean_and_std(s, output, t, xt):
    """Of x_{t-1}: a step without noise, and a step of noise 1 alone."""
    zero, one = torch.zeros_like(xt), torch.ones_like(xt)
    return step(s, output, t, xt, zero), step(s, zero, t, zero, one)


def schedule_alpha_bar(beta):
    return scheduler(beta).alphas_cumprod


def gaussian_marginal(x0, t, beta):
    s, t = scheduler(beta), torch.as_tensor(t)
    zero, one = torch.zeros_like(x0), torch.ones_like(x0)
    return s.add_noise(x0, zero, t), s.add_noise(zero, one, t)


def gaussian_posterior(xt, x0, t, beta):
    return mean_and_std(scheduler(beta, prediction_type="sample"), x0, t, xt)
