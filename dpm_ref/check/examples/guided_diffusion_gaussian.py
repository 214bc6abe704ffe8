"""GaussianDiffusion of OpenAI's guided-diffusion or improved-diffusion: tables, kernels, KL, guidance.

python -m dpm_ref check dpm_ref.check.examples.guided_diffusion_gaussian
"""
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
               "gaussian.kl": {"spread": "log_var"}, "gaussian.draw": {"spread": "log_var"}}


def diffusion(beta, predicts="START_X", variance="FIXED_SMALL"):
    """The library's object for these beta; T = 1 has no second step, which its table of log variances needs."""
    return library.GaussianDiffusion(
        betas=beta, model_mean_type=library.ModelMeanType[predicts], model_var_type=library.ModelVarType[variance],
        loss_type=library.LossType.MSE)


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
    d = diffusion([0.5, 0.5])
    return d.condition_mean(lambda x, t: slope, {"mean": mean, "variance": var}, mean, None, {}), var
