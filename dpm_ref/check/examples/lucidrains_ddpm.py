"""GaussianDiffusion of the package denoising-diffusion-pytorch, with a network whose output is given.

python -m dpm_ref check dpm_ref.check.examples.lucidrains_ddpm

The class makes its own beta from a schedule's name; here its "linear" schedule is the beta that arrives.
"""
from unittest.mock import patch

try:
    import torch
    from denoising_diffusion_pytorch import GaussianDiffusion
    from denoising_diffusion_pytorch import denoising_diffusion_pytorch as library
except ImportError as error:
    raise ImportError(f"this adapter needs a package: pip install denoising-diffusion-pytorch ({error})") from None

conventions = {"t_first": 0, "t_batch": "vector", "dtype": "float32", "array": torch.as_tensor, "layout": "NCHW",
               "gaussian.marginal": {"spread": "std"}}


class Given(torch.nn.Module):
    """A network whose output is given."""
    channels = out_dim = 1
    self_condition = False

    def __init__(self, output):
        super().__init__()
        self.output = output

    def forward(self, x, t, x_self_cond):
        return self.output


def diffusion(beta, objective="pred_x0", output=None):
    """The library's object for these beta."""
    with patch.object(library, "linear_beta_schedule", lambda timesteps: beta.double()):
        return GaussianDiffusion(Given(output), image_size=1, timesteps=len(beta), beta_schedule="linear",
                                 objective=objective)


def schedule_alpha_bar(beta):
    return diffusion(beta).alphas_cumprod


def gaussian_marginal(x0, t, beta):
    d, zero, one = diffusion(beta), torch.zeros_like(x0), torch.ones_like(x0)
    return d.q_sample(x0, t, zero), d.q_sample(zero, t, one)


def gaussian_posterior(xt, x0, t, beta):
    mean, variance, log_variance = diffusion(beta).q_posterior(x0, xt, t)
    return mean, variance


def convert_x0_from_eps(xt, eps, t, beta):
    return diffusion(beta).predict_start_from_noise(xt, t, eps)


def convert_eps_from_x0(xt, x0, t, beta):
    return diffusion(beta).predict_noise_from_start(xt, t, x0)


def convert_x0_from_v(xt, v, t, beta):
    return diffusion(beta).predict_start_from_v(xt, t, v)


def convert_eps_from_v(xt, v, t, beta):
    return diffusion(beta, "pred_v", v).model_predictions(xt, t).pred_noise


def convert_v_target(x0, eps, t, beta):
    return diffusion(beta).predict_v(x0, t, eps)


def convert_mean_from_x0(xt, x0, t, beta):
    return diffusion(beta, "pred_x0", x0).p_mean_variance(xt, t, clip_denoised=False)[0]


def convert_mean_from_eps(xt, eps, t, beta):
    return diffusion(beta, "pred_noise", eps).p_mean_variance(xt, t, clip_denoised=False)[0]


def convert_mean_from_v(xt, v, t, beta):
    return diffusion(beta, "pred_v", v).p_mean_variance(xt, t, clip_denoised=False)[0]


def schedule_cosine(T):
    return library.cosine_beta_schedule(T)
