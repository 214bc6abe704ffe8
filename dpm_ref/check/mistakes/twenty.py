"""Twenty mistakes that people make: `python -m dpm_ref.check.mistakes.twenty` writes their page from the table.

A row: the function, the mistake's name in the table (of this function, or of a whole program), the right formula, the
wrong one, what becomes of samples or of numbers, and a public place where it or its like was reported.
"""
from pathlib import Path

from . import MISTAKES
from .causes import INPUTS, OUTPUTS

PAGE = Path(__file__).parents[1] / "MISTAKES.md"
HEAD = """# Twenty mistakes that people make

The kit names each of them. `python -m dpm_ref.check.mistakes.twenty` writes this page from the table of mistakes. ᾱ_t
is the product of 1 - β_s over s = 1..t, and ᾱ_0 = 1. "Seen in" is a public report of this mistake or of a near
relative, at times in code for other models; several have been mended since.
"""
ROWS = (
    ("schedule.alpha_bar", "product of the rates", "cumprod(1 - β)", "cumprod(β)",
     "ᾱ falls to 0 within a few steps: x_t is noise long before t = T.", "LuChengTHU/dpm-solver/issues/13"),
    ("schedule.alpha_bar", "in half precision", "tables in float64", "tables in float16",
     "1 - ᾱ_1 becomes 0 for β_1 = 1e-4: no noise at t = 1, and a division by 0.",
     "AUTOMATIC1111/stable-diffusion-webui/issues/14071"),
    ("gaussian.marginal", "variance 1 - sqrt(alpha_bar)", "1 - ᾱ_t", "1 - sqrt(ᾱ_t)",
     "x_t has too little noise: the variance of white data falls below 1.",
     "jcwang-gh/classifier-free-diffusion-guidance-Pytorch/issues/12"),
    ("gaussian.marginal", "alpha_bar of t + 1", "x_{t-1} drawn with ᾱ_{t-1}", "x_{t-1} drawn with ᾱ_t",
     "The noisy copy of known data is one step noisier than the sample beside it.", "jychoi118/ilvr_adm/issues/13"),
    ("any", "t rounded to bfloat16", "t as an integer", "t in bfloat16",
     "Above t = 256 neighbouring steps become one: the network is asked about another level of noise.",
     "huggingface/diffusers/issues/9405"),
    ("gaussian.posterior", "alpha_bar_{t-1} padded at the end for the start", "(1, ᾱ_1, .., ᾱ_{T-1})",
     "(ᾱ_2, .., ᾱ_T, 1)", "The variance is β_t or more in place of less, and 0 at t = T.",
     "lucidrains/denoising-diffusion-pytorch/issues/18"),
    ("gaussian.posterior", "alpha_bar_0 taken to be alpha_bar_1", "ᾱ_{t-1} = 1 at t = 1", "ᾱ_{t-1} = ᾱ_1 at t = 1",
     "The last step ends at the noise of x_1, not at x_0: samples stay noisy.", "lllyasviel/ControlNet/pull/587"),
    ("gaussian.posterior", "alpha_bar of t - 1 throughout", "the table's entry for t", "entry 0, which is 1, for t = 1",
     "1 - ᾱ is 0 in the denominators at t = 1: samples are nan.", "Project-MONAI/MONAI/pull/8427"),
    ("gaussian.posterior", "variance without its denominator", "β_t (1 - ᾱ_{t-1}) / (1 - ᾱ_t)", "β_t (1 - ᾱ_{t-1})",
     "Too little noise is added, most of all at small t.", "varun-ml/diffusion-models-tutorial/pull/1"),
    ("gaussian.posterior", "variance beta_t", "β_t (1 - ᾱ_{t-1}) / (1 - ᾱ_t)", "β_t",
     "More noise than the posterior has; at t = 1, β_1 in place of none.",
     "jhbastek/PhysicsInformedDiffusionModels/issues/4"),
    ("gaussian.posterior", "x_0 clipped to -1..1", "x_0 as it is", "clip(x_0, -1, 1)",
     "What lies outside [-1, 1] is cut: latents have no such range.", "CompVis/latent-diffusion/issues/239"),
    ("trajectory.forward_step", "noise times beta", "sqrt(1 - β_t) x + sqrt(β_t) ε", "sqrt(1 - β_t) x + β_t ε",
     "Too little noise: the variance falls to about β_t in place of 1.", "acids-ircam/diffusion_models/issues/1"),
    ("trajectory.reverse", "steps in forward order", "t = T, .., 1", "t = 1, .., T",
     "The steps for little noise meet pure noise: the end is no sample.", "nathan-barry/tiny-diffusion/issues/2"),
    ("any", "log variances for variances", "exp(log var / 2) ε", "sqrt(log var) ε",
     "The logarithm of a variance below 1 is negative: samples are nan.", "huggingface/diffusers/issues/14569"),
    ("gaussian.kl", "q and p exchanged", "D(q ‖ p)", "D(p ‖ q)",
     "The value is another, and where q has several modes p keeps one of them.", "google-deepmind/rlax/issues/14"),
    ("gaussian.kl", "log ratio not halved", "log(σ_p / σ_q)", "log(σ²_p / σ²_q)",
     "The variance of p that this rewards is half of that of q.",
     "KarenUllrich/Tutorial_BayesianCompressionForDL/issues/8"),
    ("gaussian.kl", "variances taken for standard deviations", "var", "var squared",
     "An error of the mean is weighted by 1/var², not by 1/var.",
     "KarenUllrich/Tutorial_BayesianCompressionForDL/issues/1"),
    ("bound.terms", "mean over the coordinates", "sum over coordinates", "mean over coordinates",
     "The KL is too small by the number of coordinates beside terms that are summed.",
     "maxhodak/keras-molecules/issues/59"),
    ("gaussian.log_density", "without 2 pi", "-(x - μ)²/2σ² - log(2πσ²)/2", "-(x - μ)²/2σ² - log(σ²)/2",
     "Training is the same; log likelihoods are too high by 0.919 nats a dimension.",
     "Qinyu-Allen-Zhao/Arinar/issues/1"),
    ("bound.log_likelihood", "sum for mean", "logsumexp(log w) - log(paths)", "logsumexp(log w)",
     "log p is too high by the log of the number of paths.", "YosefLab/scVI-dev/issues/8"),
)


def page():
    """The page as text."""
    advice = {**{("any", row[0]): row[1] for row in (*INPUTS, *OUTPUTS)}, **{(m.function, m.name): m.advice
                                                                             for m in MISTAKES}}
    parts = [HEAD]
    for number, (function, name, right, wrong, effect, seen) in enumerate(ROWS, 1):
        where, label = "any function" if function == "any" else f"`{function}`", seen.replace("/issues/", " #")
        parts.append(f"## {number}. {name}\n\n| right | wrong |\n|---|---|\n| {right} | {wrong} |\n\n{effect}\n\n"
                     f"The kit says, in {where}: *{advice[function, name]}* "
                     f"Seen in [{label.replace('/pull/', ' #')}](https://github.com/{seen}).\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
