"""A scheduler of Hugging Face's diffusers: its tables, add_noise, and its step for every prediction_type.

python -m dpm_ref check dpm_ref.check.examples.diffusers_ddpm

A scheduler draws its noise in `step`. Here the noise is given: zeros show the mean, ones the standard deviation.
`clip_sample` is on in DDPMScheduler unless you say otherwise; the formulas of the paper clip nothing.
"""
import inspect
from unittest.mock import patch

try:
    import torch
    from diffusers import DDPMScheduler
except ImportError as error:
    raise ImportError(f"this adapter needs two packages: pip install torch diffusers ({error})") from None

Scheduler = DDPMScheduler                           # another one: import it above and name it here
options = {"clip_sample": False}

ONE_T = {"t_batch": "number"}                       # `step` takes one t for all rows
conventions = {"t_first": 0, "t_batch": "flat", "dtype": "float32", "array": torch.as_tensor, "spread": "std",
               "gaussian.posterior": ONE_T, "convert.x0_from_eps": ONE_T, "convert.x0_from_v": ONE_T,
               "convert.mean_from_x0": ONE_T, "convert.mean_from_eps": ONE_T, "convert.mean_from_v": ONE_T,
               "stride.posterior": ONE_T}


def scheduler(beta, **more):
    """The scheduler of these beta, with every step."""
    out = Scheduler(len(beta), trained_betas=beta.tolist(), **options, **more)
    out.set_timesteps(len(beta))
    return out


def step(s, output, t, xt, given=torch.zeros_like):
    """x_{t-1} and the predicted x_0, from the network's output at x_t, with zeros or ones in place of noise."""
    eta = {"eta": 1.0} if "eta" in inspect.signature(s.step).parameters else {}      # DDIM draws noise with eta only
    with patch.multiple(torch, randn=lambda *_, **__: given(xt), randn_like=given):
        return s.step(output, t, xt, return_dict=False, **eta)


def predicting(what):
    """A function of xt, the network's output, t and beta: the step for this prediction_type, without noise."""
    return lambda xt, output, t, beta: step(scheduler(beta, prediction_type=what), output, t, xt)


def schedule_alpha_bar(beta):
    return scheduler(beta).alphas_cumprod


def gaussian_marginal(x0, t, beta):
    s, t = scheduler(beta), torch.as_tensor(t)
    zero, one = torch.zeros_like(x0), torch.ones_like(x0)
    return s.add_noise(x0, zero, t), s.add_noise(zero, one, t)


def posterior(s, xt, x0, t):
    """Mean and standard deviation of x_{t-1} where the network predicts this x_0."""
    zero = torch.zeros_like(xt)
    return step(s, x0, t, xt)[0], step(s, zero, t, zero, torch.ones_like)[0]


def gaussian_posterior(xt, x0, t, beta):
    return posterior(scheduler(beta, prediction_type="sample"), xt, x0, t)


def stride_posterior(xt, x0, t, s, beta):
    """With timesteps t and s alone, where the scheduler takes such a list."""
    few = scheduler(beta, prediction_type="sample")
    few.set_timesteps(timesteps=[t, s])
    return posterior(few, xt, x0, t)


def convert_x0_from_eps(xt, eps, t, beta):
    return predicting("epsilon")(xt, eps, t, beta)[1]


def convert_x0_from_v(xt, v, t, beta):
    return predicting("v_prediction")(xt, v, t, beta)[1]


def convert_mean_from_x0(xt, x0, t, beta):
    return predicting("sample")(xt, x0, t, beta)[0]


def convert_mean_from_eps(xt, eps, t, beta):
    return predicting("epsilon")(xt, eps, t, beta)[0]


def convert_mean_from_v(xt, v, t, beta):
    return predicting("v_prediction")(xt, v, t, beta)[0]


def convert_v_target(x0, eps, t, beta):
    return scheduler(beta).get_velocity(x0, eps, torch.as_tensor(t))


def schedule_linear(T, first, last):
    return Scheduler(T, beta_start=first, beta_end=last, beta_schedule="linear").betas


def schedule_cosine(T):
    return Scheduler(T, beta_schedule="squaredcos_cap_v2").betas


def schedule_zero_terminal(beta):
    return Scheduler(len(beta), trained_betas=beta.tolist(), rescale_betas_zero_snr=True).betas
