"""GaussianDiffusion of OpenAI's guided-diffusion or improved-diffusion: tables, kernels, KL, guidance.

python -m dpm_ref check dpm_ref.check.examples.openai_ddpm

The library's own decoder and bound are compared with `model_bound` in tests/test_model_bound.py. Its table of log
variances needs two steps, so that a chain of one step, such as SpacedDiffusion's of one timestep, cannot be made.
"""
from unittest.mock import patch

try:
    import torch
    try:
        from guided_diffusion import gaussian_diffusion as library, losses
    except ImportError:
        from improved_diffusion import gaussian_diffusion as library, losses
except ImportError as error:
    raise ImportError("this adapter needs torch, and guided-diffusion or improved-diffusion from OpenAI's repository: "
                      f"pip install FOLDER_OF_THE_REPOSITORY ({error})") from None

conventions = {"t_first": 0, "t_batch": "vector", "dtype": "float32", "array": torch.as_tensor,
               "gaussian.kl": {"spread": "log_var"}, "trajectory.reverse_step": {"spread": "log_var"},
               "convert.kl_from_x0": {"unit": "bits", "reduce": "pixel"}}


def diffusion(beta, predicts="START_X", variance="FIXED_SMALL"):
    """The library's object for these beta."""
    return library.GaussianDiffusion(
        betas=beta.numpy(), model_mean_type=library.ModelMeanType[predicts],
        model_var_type=library.ModelVarType[variance], loss_type=library.LossType.MSE)


def schedule_alpha_bar(beta):
    return diffusion(beta).alphas_cumprod


def gaussian_marginal(x0, t, beta):
    mean, variance, log_variance = diffusion(beta).q_mean_variance(x0, t)
    return mean, variance


def gaussian_posterior(xt, x0, t, beta):
    mean, variance, log_variance_clipped = diffusion(beta).q_posterior_mean_variance(x0, xt, t)
    return mean, variance


def gaussian_kl(mean_q, log_var_q, mean_p, log_var_p):
    return losses.normal_kl(mean_q, log_var_q, mean_p, log_var_p)


def gaussian_perturbed(mean, var, slope):
    """Guidance by a classifier, in guided-diffusion only."""
    if not hasattr(library.GaussianDiffusion, "condition_mean"):
        raise NotImplementedError
    d = diffusion(torch.as_tensor([0.5, 0.5]))
    return d.condition_mean(lambda x, t: slope, {"mean": mean, "variance": var}, mean, None, {}), var


def convert_x0_from_eps(xt, eps, t, beta):
    return diffusion(beta)._predict_xstart_from_eps(xt, t, eps)


def convert_eps_from_x0(xt, x0, t, beta):
    return diffusion(beta)._predict_eps_from_xstart(xt, t, x0)


def convert_mean_from_x0(xt, x0, t, beta):
    return diffusion(beta).p_mean_variance(lambda x, t: x0, xt, t, clip_denoised=False)["mean"]


def convert_mean_from_eps(xt, eps, t, beta):
    return diffusion(beta, "EPSILON").p_mean_variance(lambda x, t: eps, xt, t, clip_denoised=False)["mean"]


def convert_kl_from_x0(x0, x0_hat, t, beta):
    """A term of the library's bound; x_t enters both means in the same way, so that any x_t will do."""
    return diffusion(beta)._vb_terms_bpd(lambda x, t: x0_hat, x0, x0, t, clip_denoised=False)["output"]


def trajectory_reverse_step(xt, t, beta, reverse, noise):
    """A step of a network that predicts the mean and the log variance."""
    d = diffusion(beta, "PREVIOUS_X", "LEARNED")
    with patch.object(torch, "randn_like", lambda x: noise):
        return d.p_sample(lambda x, t: torch.cat(arrays(reverse, x, t), 1), xt, t, clip_denoised=False)["sample"]


def arrays(reverse, x, t):
    """The kit's reverse kernel, which computes in numpy, as tensors."""
    return [torch.as_tensor(a, dtype=x.dtype) for a in reverse(x.numpy(), t.numpy())]


def schedule_cosine(T):
    return library.get_named_beta_schedule("cosine", T)
