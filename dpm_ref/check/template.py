"""A template adapter: fill in what you have, delete the rest; what is left as it is counts as not checked.

Run it with python -m dpm_ref check THIS_FILE. Arguments come by name: take only those that you need, in any order. Also
on offer wherever there is a beta: alpha_bar, alpha, T, schedule (this package's), and with t: beta_t, alpha_t, alpha_bar_t, alpha_bar_prev; for every
variance var_q also std_q and log_var_q; where there is a gain: reverse(x, t), the reverse kernel as a function.
"""

# How your code counts and measures; what is given here is the default. See README.md, step 3.
conventions = {
    "t_first": 1,            # 0: steps are called 0..T-1 and arrays over time have no entry for t = 0
    "rate": "beta",          # "alpha_bar": schedules are returned as alpha_bar
    "spread": "var",         # "std", "log_var"
    "unit": "nats",          # "bits"
    "reduce": "dimension",   # "sample", "pixel": kl, entropy and log density summed or averaged over coordinates
    "layout": "ND",          # "DN", "NHWC", "NCHW", or "D" for one sample at a time
    "t_batch": "column",     # "vector": t always as an array (N,)
    "dtype": "float64",      # "float32"
    "array": None,           # such as torch.as_tensor
    "samples": (),           # names of functions that draw without taking the noise
}


def schedule_constant_erasure(T):
    """beta_t = 1 / (T - t + 1); return beta. text, §2.4.1"""
    raise NotImplementedError


def schedule_alpha_bar(beta):
    """prod_{s<=t} (1 - beta_s); return alpha_bar. Eq. (3), §2.1"""
    raise NotImplementedError


def schedule_geometric(T, beta_1, last):
    """(1 - alpha_bar)/alpha_bar geometric from beta_1/(1 - beta_1) to last; return beta. not in the paper"""
    raise NotImplementedError


def schedule_learned(logits, beta_1):
    """beta_1, then sigmoid(logits); return beta. text, §2.4.1"""
    raise NotImplementedError


def gaussian_forward(x, t, beta):
    """N(x sqrt(1 - beta_t), beta_t); return mean, var. Eq. (2), §2.1"""
    raise NotImplementedError


def gaussian_marginal(x0, t, beta, alpha_bar):
    """N(x0 sqrt(alpha_bar_t), 1 - alpha_bar_t); return mean, var. Eq. (3), §2.1"""
    raise NotImplementedError


def gaussian_posterior(xt, x0, t, beta, alpha_bar):
    """q(x_{t-1}|x_t,x_0); return mean, var. Eq. (48), §B.3"""
    raise NotImplementedError


def gaussian_kl(mean_q, var_q, mean_p, var_p):
    """D_KL(q || p), per coordinate; return kl. Eq. (14), §2.4"""
    raise NotImplementedError


def gaussian_entropy(var):
    """log(2 pi e var) / 2, per coordinate; return H. Eq. (14), §2.4"""
    raise NotImplementedError


def gaussian_log_density(x, mean, var):
    """log N(x; mean, var), per coordinate; return log_q. Table App.1"""
    raise NotImplementedError


def gaussian_draw(mean, var, noise):
    """mean + sqrt(var) noise; return x. text, §2.4.1"""
    raise NotImplementedError


def gaussian_perturbed(mean, var, slope):
    """N(mean + var slope, var); return mean, var. Eq. (61), §C"""
    raise NotImplementedError


def binomial_forward(x, t, beta, p):
    """x (1 - beta_t) + p beta_t; return rate. Eq. (2), §2.1"""
    raise NotImplementedError


def binomial_marginal(x0, t, beta, alpha_bar, p):
    """alpha_bar_t x0 + (1 - alpha_bar_t) p; return rate. Eq. (3), §2.1"""
    raise NotImplementedError


def binomial_posterior(xt, x0, t, beta, alpha_bar, p):
    """q(x_{t-1}=1|x_t,x_0); return rate. Eq. (48), §B.3"""
    raise NotImplementedError


def binomial_kl(rate_q, rate_p):
    """D_KL(q || p), per bit; return kl. Eq. (14), §2.4"""
    raise NotImplementedError


def binomial_entropy(rate):
    """-r log r - (1-r) log(1-r), per bit; return H. Eq. (14), §2.4"""
    raise NotImplementedError


def binomial_log_density(x, rate):
    """log B(x; rate), per bit; return log_q. Table App.1"""
    raise NotImplementedError


def binomial_draw(rate, noise):
    """1 where noise < rate; return x. text, §2.4.1"""
    raise NotImplementedError


def binomial_perturbed(c, d):
    """c d / (c d + (1-c)(1-d)); return rate. Table App.1"""
    raise NotImplementedError


def bound_terms(x0, noises, beta, alpha_bar, gain, gain_var):
    """the terms of K, per sample; return kl_t, H_T, H_1, H_p. Eq. (14), §2.4"""
    raise NotImplementedError


def bound_terms_bits(x0, noises, beta, alpha_bar, gain, shift, p):
    """the terms of K, per sample; return kl_t, H_T, H_1, H_p. Eq. (14), §2.4"""
    raise NotImplementedError


def bound_K(kl_t, H_T, H_1, H_p):
    """-sum_{t=2..T} KL_t + H_T - H_1 - H_p; return K. Eq. (14), §2.4"""
    raise NotImplementedError


def bound_K_true(x0, noises, beta, alpha_bar, gain, gain_var):
    """the bound for data of any moments, last step Eq. 44; return K. Eq. (12), §2.4"""
    raise NotImplementedError


def bound_sum_estimate(kl_drawn, T):
    """sum_{t=2..T} KL_t from terms at t drawn uniformly from 2..T; return total. Eq. (14), §2.4"""
    raise NotImplementedError


def bound_log_weights(path, beta, gain, gain_var):
    """log p(x_T) + sum_t log p(x_{t-1}|x_t)/q(x_t|x_{t-1}), t = 1 by Eq. 44; return log_w. Eq. (9), §2.3"""
    raise NotImplementedError


def bound_log_weights_bits(path, beta, gain, shift, p):
    """the same for bits; return log_w. Eq. (9), §2.3"""
    raise NotImplementedError


def bound_log_likelihood(log_w):
    """log of the mean of exp(log_w) over paths (first axis); return L. Eq. (9), §2.3"""
    raise NotImplementedError


def bound_L_null(x0):
    """log N(x0; 0, I), per sample; return L. Table 1, §3"""
    raise NotImplementedError


def bound_L_null_bits(x0, p):
    """log B(x0; p), per sample; return L. Table 1, §3"""
    raise NotImplementedError


def bound_bits(nats):
    """nats / ln 2; return bits. Table 1, §3"""
    raise NotImplementedError


def reverse_bumps(t, tau, w):
    """normalised bumps over centres tau of width w; return g. Eq. (63), §D.2.1"""
    raise NotImplementedError


def reverse_readout(coefficients, g):
    """first J coefficients for the mean, last J for the variance; return z_mean, z_var. Eq. (62), §D.2.1"""
    raise NotImplementedError


def reverse_variance(z, t, beta):
    """sigmoid(z + logit(beta_t)); return var. Eq. (64), §D.2.1"""
    raise NotImplementedError


def reverse_mean(x, z, var):
    """(x - z)(1 - var) + z; return mean. Eq. (65), §D.2.1"""
    raise NotImplementedError


def trajectory_forward_step(x, t, beta, noise):
    """x_t from x_{t-1} and its noise; return x_next. Eq. (2), §2.1"""
    raise NotImplementedError


def trajectory_reverse_step(xt, t, beta, gain, gain_var, noise):
    """x_{t-1} from x_t; t = 1 by Eq. 44; return x_next. Eq. (5), §2.2"""
    raise NotImplementedError


def trajectory_last_step(x1, beta, noise):
    """x_0 from x_1: the forward kernel of beta_1; return x_next. Eq. (44), §B.2"""
    raise NotImplementedError


def trajectory_last_step_bits(x1, beta, p, noise):
    """the same for bits; return x_next. Eq. (44), §B.2"""
    raise NotImplementedError


def trajectory_forward(x0, noises, beta):
    """x_0..x_T, noises[t] makes x_t; return path. Eq. (3), §2.1"""
    raise NotImplementedError


def trajectory_reverse(xT, noises, beta, gain, gain_var):
    """x_0..x_T from x_T, noises[t] makes x_{t-1} from x_t; return path. Eq. (5), §2.2"""
    raise NotImplementedError


def product_denoise(mean, var, y, y_var):
    """a reverse step times r = N(x; y, y_var), first order; return mean, var. Eq. (61), §C"""
    raise NotImplementedError


def product_exact(mean, var, y, y_var):
    """the same, exactly normalised; return mean, var. Eq. (22), §2.5.2"""
    raise NotImplementedError


def product_denoise_bits(rate, y, flip):
    """a reverse step times r of bits y, each wrong with probability flip; return rate. Eq. (22), §2.5.2"""
    raise NotImplementedError


def product_known(mean, var, known, mask):
    """r a delta at known coordinates (mask 1): mean known, var 0; return mean, var. Eq. (22), §2.5.2"""
    raise NotImplementedError


def product_exponent(t, T):
    """the power (T - t)/T of r(x_0) that gives r(x_t); return exponent. Eq. (23), §2.5.4"""
    raise NotImplementedError


def entropy_bounds(t, beta, alpha_bar):
    """bounds of H_q(X_{t-1}|X_t), per coordinate; return lower, upper. Eq. (24), §2.6"""
    raise NotImplementedError


def entropy_bounds_bits(t, beta, alpha_bar):
    """the same for bits with p = 0.5; return lower, upper. Eq. (24), §2.6"""
    raise NotImplementedError


def gradient_rbf(centres, log_width, W_mean, b_mean, W_var, b_var, x0, noises, beta, alpha_bar):
    """value and gradient of -sum_{t=2..T} mean_n KL_t; return value, d_centres, d_log_width, d_W_mean, d_b_mean, d_W_var, d_b_var. Eq. (15), §2.4"""
    raise NotImplementedError


def gradient_bit_mlp(W_1, b_1, W_2, b_2, W, b, x0, noises, beta, alpha_bar, p):
    """the same for bits; return value, d_W_1, d_b_1, d_W_2, d_b_2, d_W, d_b. Eq. (15), §2.4"""
    raise NotImplementedError


def training_run(centres, log_width, W_mean, b_mean, W_var, b_var, x0, noises, beta, alpha_bar, rate_of_learning, steps):
    """plain gradient ascent from there: each value before its update, parameters at the end; return values, centres_after, W_mean_after, b_var_after. Eq. (15), §2.4"""
    raise NotImplementedError
