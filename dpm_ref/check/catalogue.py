"""The functions that the kit can check: what each is given, what it must return, and which equation it is.

A name means the same thing wherever it appears, so the kit converts conventions by name (KINDS). Time arrays run over
t = 0..T with beta[0] = 0 and alpha_bar[0] = 1; x is (N, D); t is one step or a column (N, 1); logs are natural.
`gain`, `gain_var` and `shift` are the fixed reverse kernel of a test: N(gain_t x_t, gain_var_t) or
B(gain_t x_t + shift_t).
"""
from difflib import get_close_matches
from typing import NamedTuple

import numpy as np


class Entry(NamedTuple):
    """One function that can be checked."""
    equation: str       # of the paper, or who wrote of it later
    arguments: tuple
    returns: tuple
    says: str


_TABLE = """
schedule.constant_erasure | text, §2.4.1 | T | beta | beta_t = 1 / (T - t + 1)
schedule.alpha_bar | Eq. (3), §2.1 | beta | alpha_bar | prod_{s<=t} (1 - beta_s)
schedule.geometric | ours | T beta_1 last | beta
    | (1 - alpha_bar)/alpha_bar geometric from beta_1/(1 - beta_1) to last
schedule.learned | text, §2.4.1 | logits beta_1 | beta | beta_1, then sigmoid(logits)
gaussian.forward | Eq. (2), §2.1 | x t beta | mean var | N(x sqrt(1 - beta_t), beta_t)
gaussian.marginal | Eq. (3), §2.1 | x0 t beta alpha_bar | mean var | N(x0 sqrt(alpha_bar_t), 1 - alpha_bar_t)
gaussian.posterior | Eq. (48), §B.3 | xt x0 t beta alpha_bar | mean var | q(x_{t-1}|x_t,x_0)
gaussian.kl | Eq. (14), §2.4 | mean_q var_q mean_p var_p | kl | D_KL(q || p), per coordinate
gaussian.entropy | Eq. (14), §2.4 | var | H | log(2 pi e var) / 2, per coordinate
gaussian.log_density | Table App.1 | x mean var | log_q | log N(x; mean, var), per coordinate
gaussian.draw | text, §2.4.1 | mean var noise | x | mean + sqrt(var) noise
gaussian.perturbed | Eq. (61), §C | mean var slope | mean var | N(mean + var slope, var)
binomial.forward | Eq. (2), §2.1 | x t beta p | rate | x (1 - beta_t) + p beta_t
binomial.marginal | Eq. (3), §2.1 | x0 t beta alpha_bar p | rate | alpha_bar_t x0 + (1 - alpha_bar_t) p
binomial.posterior | Eq. (48), §B.3 | xt x0 t beta alpha_bar p | rate | q(x_{t-1}=1|x_t,x_0)
binomial.kl | Eq. (14), §2.4 | rate_q rate_p | kl | D_KL(q || p), per bit
binomial.entropy | Eq. (14), §2.4 | rate | H | -r log r - (1-r) log(1-r), per bit
binomial.log_density | Table App.1 | x rate | log_q | log B(x; rate), per bit
binomial.draw | text, §2.4.1 | rate noise | x | 1 where noise < rate
binomial.perturbed | Table App.1 | c d | rate | c d / (c d + (1-c)(1-d))
bound.terms | Eq. (14), §2.4 | x0 noises beta alpha_bar gain gain_var | kl_t H_T H_1 H_p | the terms of K, per sample
bound.terms_bits | Eq. (14), §2.4 | x0 noises beta alpha_bar gain shift p | kl_t H_T H_1 H_p
    | the terms of K, per sample
bound.K | Eq. (14), §2.4 | kl_t H_T H_1 H_p | K | -sum_{t=2..T} KL_t + H_T - H_1 - H_p
bound.K_true | Eq. (12), §2.4 | x0 noises beta alpha_bar gain gain_var | K
    | the bound on log p(x_0) for data of any moments, with the last step of Eq. 44
bound.sum_estimate | Eq. (14), §2.4 | kl_drawn T | total | sum_{t=2..T} KL_t from terms at t drawn uniformly from 2..T
bound.log_weights | Eq. (9), §2.3 | path beta gain gain_var | log_w
    | log p(x_T) + sum_t log p(x_{t-1}|x_t)/q(x_t|x_{t-1}), t = 1 by Eq. 44
bound.log_weights_bits | Eq. (9), §2.3 | path beta gain shift p | log_w | the same weights of paths of bits
bound.log_likelihood | Eq. (9), §2.3 | log_w | L | log of the mean of exp(log_w) over paths (first axis)
bound.L_null | Table 1, §3 | x0 | L | log N(x0; 0, I), per sample
bound.L_null_bits | Table 1, §3 | x0 p | L | log B(x0; p), per sample
bound.bits | Table 1, §3 | nats | bits | nats / ln 2
reverse.bumps | Eq. (63), §D.2.1 | t tau w | g | normalised bumps over centres tau of width w
reverse.readout | Eq. (62), §D.2.1 | coefficients g | z_mean z_var
    | first J coefficients for the mean, last J for the variance
reverse.variance | Eq. (64), §D.2.1 | z t beta | var | sigmoid(z + logit(beta_t))
reverse.mean | Eq. (65), §D.2.1 | x z var | mean | (x - z)(1 - var) + z
trajectory.forward_step | Eq. (2), §2.1 | x t beta noise | x_next | x_t from x_{t-1} and its noise
trajectory.reverse_step | Eq. (5), §2.2 | xt t beta gain gain_var noise | x_next | x_{t-1} from x_t; t = 1 by Eq. 44
trajectory.last_step | Eq. (44), §B.2 | x1 beta noise | x_next | x_0 from x_1: the forward kernel of beta_1
trajectory.last_step_bits | Eq. (44), §B.2 | x1 beta p noise | x_next | the same step for bits
trajectory.forward | Eq. (3), §2.1 | x0 noises beta | path | x_0..x_T, noises[t] makes x_t
trajectory.reverse | Eq. (5), §2.2 | xT noises beta gain gain_var | path
    | x_0..x_T from x_T, noises[t] makes x_{t-1} from x_t
product.denoise | Eq. (61), §C | mean var y y_var | mean var | a reverse step times r = N(x; y, y_var), first order
product.exact | Eq. (22), §2.5.2 | mean var y y_var | mean var | a reverse step times r = N(x; y, y_var), exactly
product.denoise_bits | Eq. (22), §2.5.2 | rate y flip | rate
    | a reverse step times r of bits y, each wrong with probability flip
product.known | Eq. (22), §2.5.2 | mean var known mask | mean var
    | a reverse step where some coordinates are known (mask 1): mean known, var 0
product.exponent | Eq. (23), §2.5.4 | t T | exponent | the power (T - t)/T of r(x_0) that gives r(x_t)
entropy.bounds | Eq. (24), §2.6 | t beta alpha_bar | lower upper | bounds of H_q(X_{t-1}|X_t), per coordinate
entropy.bounds_bits | Eq. (24), §2.6 | t beta alpha_bar | lower upper | bounds of H_q(X_{t-1}|X_t), per bit, p = 0.5
gradient.rbf | Eq. (15), §2.4 | centres log_width W_mean b_mean W_var b_var x0 noises beta alpha_bar
    | value d_centres d_log_width d_W_mean d_b_mean d_W_var d_b_var | value and gradient of -sum_{t=2..T} mean_n KL_t
gradient.bit_mlp | Eq. (15), §2.4 | W_1 b_1 W_2 b_2 W b x0 noises beta alpha_bar p
    | value d_W_1 d_b_1 d_W_2 d_b_2 d_W d_b | value and gradient of -sum_{t=2..T} mean_n KL_t for bits
training.run | Eq. (15), §2.4
    | centres log_width W_mean b_mean W_var b_var x0 noises beta alpha_bar rate_of_learning steps
    | values centres_after W_mean_after b_var_after
    | plain gradient ascent from there: each value before its update, parameters at the end
schedule.linear | Ho et al. 2020 | T first last | beta | equal steps from beta_1 = first to beta_T = last
schedule.cosine | Nichol & Dhariwal 2021 | T | beta
    | alpha_bar_t = cos^2((t/T + 0.008)/1.008 pi/2) / its value at 0, beta at most 0.999
schedule.zero_terminal | Lin et al. 2023 | beta alpha_bar | beta
    | sqrt(alpha_bar) shifted and scaled: alpha_bar_T = 0, alpha_bar_1 stays
schedule.sigma | Karras et al. 2022 | beta alpha_bar | sigma | sqrt((1 - alpha_bar)/alpha_bar), 0 at t = 0
schedule.half_log_snr | Lu et al. 2022 | beta alpha_bar | half_log_snr
    | log(sqrt(alpha_bar)/sqrt(1 - alpha_bar)), inf at t = 0
schedule.beta_from_sigma | Karras et al. 2022 | sigma | beta | the rates whose sigma is given
schedule.beta_from_half_log_snr | Lu et al. 2022 | half_log_snr | beta | the rates whose half log SNR is given
convert.x0_from_eps | Ho et al. 2020 | xt eps t beta alpha_bar | x0
    | x_0 where x_t = sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) eps
convert.eps_from_x0 | Ho et al. 2020 | xt x0 t beta alpha_bar | eps | eps of the same equation
convert.x0_from_v | Salimans & Ho 2022 | xt v t beta alpha_bar | x0
    | x_0 where v = sqrt(alpha_bar_t) eps - sqrt(1 - alpha_bar_t) x_0
convert.eps_from_v | Salimans & Ho 2022 | xt v t beta alpha_bar | eps | eps of the same equations
convert.v_from_x0 | Salimans & Ho 2022 | xt x0 t beta alpha_bar | v | v from x_t and x_0
convert.v_target | Salimans & Ho 2022 | x0 eps t beta alpha_bar | v | v from x_0 and eps
convert.score_from_eps | Song et al. 2021 | eps t beta alpha_bar | score
    | the gradient of log q(x_t|x_0) at x_t with this eps
convert.x0_from_score | Song et al. 2021 | xt score t beta alpha_bar | x0 | x_0 where q(x_t|x_0) has this score at x_t
convert.mean_from_x0 | Eq. (48), §B.3 | xt x0 t beta alpha_bar | mean | the mean of q(x_{t-1}|x_t,x_0), x_0 predicted
convert.mean_from_eps | Ho et al. 2020 | xt eps t beta alpha_bar | mean | the same mean from a predicted eps
convert.mean_from_v | Salimans & Ho 2022 | xt v t beta alpha_bar | mean | the same mean from a predicted v
convert.mean_from_score | Song et al. 2021 | xt score t beta alpha_bar | mean | the same mean from a predicted score
convert.kl_from_x0 | Kingma et al. 2021 | x0 x0_hat t beta alpha_bar | kl
    | KL_t between q(x_{t-1}|x_t,x_0) and the same with x0_hat, t >= 2, per coordinate
convert.kl_from_eps | Ho et al. 2020 | eps eps_hat t beta alpha_bar | kl
    | the same KL_t from eps: L_simple's (eps - eps_hat)^2 with its weight in K
convert.kl_from_v | Salimans & Ho 2022 | v v_hat t beta alpha_bar | kl | the same KL_t from v
stride.beta | Nichol & Dhariwal 2021 | stride beta alpha_bar | beta
    | beta of the chain that visits t = stride, 2 stride, .., T only
stride.posterior | Nichol & Dhariwal 2021 | xt x0 t s beta alpha_bar | mean var | q(x_s|x_t,x_0) for s < t
reverse.interpolated_variance | Nichol & Dhariwal 2021 | share t beta alpha_bar | var
    | exp(share log beta_t + (1 - share) log var of the posterior), t >= 2
product.noisy_known | Lugmayr et al. 2022 | x known mask noise t beta alpha_bar | x_next
    | x, the model's x_{t-1}, but sqrt(alpha_bar_{t-1}) known + sqrt(1 - alpha_bar_{t-1}) noise where mask is 1
"""

CATALOGUE = {}
for _row in _TABLE.replace("\n    |", " |").strip().splitlines():
    _name, _equation, _arguments, _returns, _says = (part.strip() for part in _row.split(" | "))
    CATALOGUE[_name] = Entry(_equation, tuple(_arguments.split()), tuple(_returns.split()), _says)

# What a number is, by its name: the kit converts an implementation's conventions by kind.
_KINDS = {
    "index": "t s",                                                         # a step: t - 1 where t counts from 0
    "time": "beta alpha_bar gain gain_var shift values_t sigma half_log_snr",   # over t = 0..T, first axis
    "time_x": "noises",                                                     # (T + 1, N, D)
    "path": "path",                                                         # (T + 1, N, D), states: never cut
    "x": "x x0 xt x1 xT x_next noise mean mean_q mean_p rate rate_q rate_p slope c d y known mask z "
         "x0_hat eps eps_hat v v_hat score share",                          # (N, D)
    "var": "var var_q var_p",                                               # (N, D), a variance
    "nats_x": "kl H log_q",                                                 # (N, D), nats per coordinate
    "nats": "H_T H_1 H_p K total L log_w lower upper value values nats kl_drawn",   # nats, already per sample
    "time_nats": "kl_t",                                                    # (T + 1, N)
    "time_parameter": "W_mean b_mean W_var b_var W b d_W_mean d_b_mean d_W_var d_b_var d_W d_b "
                      "W_mean_after b_var_after",                           # (T + 1, ...), a network's
}
KINDS = {name: kind for kind, names in _KINDS.items() for name in names.split()}

# Other words for the same argument, and for the same return value.
ALIASES = {"x_t": "xt", "x_0": "x0", "x_start": "x0", "x_prev": "x", "xprev": "x", "x_1": "x1", "x_T": "xT",
           "betas": "beta", "alphas_cumprod": "alpha_bar", "abar": "alpha_bar", "alphas": "alpha", "step": "t",
           "eps": "noise", "u": "noise", "noise_var": "y_var", "mu": "mean", "mu_q": "mean_q", "mu_p": "mean_p",
           "sigma2": "var", "variance": "var", "sigma2_q": "var_q", "sigma2_p": "var_p", "r": "rate", "q": "rate_q",
           "kls": "kl_t", "log_weights": "log_w"}

# What follows from the inputs of a case, by name, each as a function that names what it needs.
FOLLOWS = {
    "T": lambda beta: len(beta) - 1,
    "alpha": lambda beta: 1 - beta,
    "alpha_bar": lambda beta: np.cumprod(1 - beta),
    "beta_t": lambda beta, t: beta[t],
    "alpha_t": lambda beta, t: 1 - beta[t],
    "alpha_bar_t": lambda alpha_bar, t: alpha_bar[t],
    "alpha_bar_prev": lambda alpha_bar, t: alpha_bar[np.maximum(t - 1, 0)],
    "gain_t": lambda gain, t: gain[t],
    "gain_var_t": lambda gain_var, t: gain_var[t],
    "slope": lambda d: np.log(d) - np.log1p(-d),
}


def needed(f):
    """The names of a function's arguments that have no default."""
    return f.__code__.co_varnames[:f.__code__.co_argcount - len(f.__defaults__ or ())]


def kind(name):
    """What a number of this name is: one of the kinds above, or "plain"."""
    return KINDS.get(name, "plain")


def not_there(name):
    """The sentence on a name that the catalogue does not have."""
    return f"{name!r} is not in the catalogue; did you mean {', '.join(nearest(name))}?"


def nearest(name):
    """Names of the catalogue that look like this one."""
    same = [n for n in CATALOGUE if n.split(".")[-1] == name.split(".")[-1]]
    return same or get_close_matches(name, CATALOGUE, 3, 0.3) or list(CATALOGUE)[:3]
