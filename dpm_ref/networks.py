"""The learned reverse kernels of the two toy problems (paper, section D.1).

    rbf           the paper's network for the swiss roll: 16 normalised radial basis units, a readout for every step
    sigmoid_mlp   the paper's network for the heartbeat: 20-50-50-50 sigmoid units, a readout for every step
    denoiser      ours, for Gaussian kernels: predicts p(x_0|x_t), from which the reverse step follows
    bit_denoiser  ours, for binomial kernels: the same

Each has an init_* that makes its parameters, a nest of arrays. A network is called as network(params, x, t, schedule,
kernel) with x (B, D) and t an int or (B,), and returns the distribution p(x_{t-1}|x_t). `reverse_kernel` binds all
arguments but x and t.
"""
import autograd.numpy as np

from .binomial import Bernoulli
from .engine.layers import init_dense, mlp, normalised_rbf, readout, sigmoid
from .engine.numerics import logit
from .gaussian import Gaussian
from .schedule import at


def reverse_kernel(network, params, schedule, kernel):
    """The function reverse(x, t) that trajectories and bounds ask for."""
    return lambda x, t: network(params, x, t, schedule, kernel)


def init_rbf(rng, D, schedule, kernel, units=16):
    """Parameters of `rbf`: centres (units, D) from π; readouts (T + 1, units, D) of 0 give the forward kernel."""
    T = schedule.T
    return {"centres": rng.standard_normal((units, D)), "log_width": np.full(units, np.log(0.5)),
            "W_mean": np.zeros((T + 1, units, D)), "b_mean": np.zeros((T + 1, D)),
            "W_var": np.zeros((T + 1, units, D)), "b_var": np.zeros((T + 1, D))}


def rbf(params, x, t, schedule, kernel):
    """N(sqrt(1 - beta_t) x + sqrt(beta_t) z_mu, sigmoid(z_Sigma + logit beta_t)), z from shared radial basis units.

    text, §D.1.1
    z = phi(x) W_t + b_t with a readout for every t. The section does not say that the forward kernel is added. Eqs.
    64-65 add it for images, and the authors' code adds it here.
    """
    beta, (z_mean, z_var) = at(schedule.beta, t, x), rbf_readouts(params, x, t)
    return Gaussian(np.sqrt(1 - beta) * x + np.sqrt(beta) * z_mean, sigmoid(z_var + logit(beta)))


def rbf_as_printed(params, x, t, schedule, kernel):
    """N(z_mu, sigmoid(z_Sigma)): the network of `rbf` without the forward kernel.

    text, §D.1.1
    """
    z_mean, z_var = rbf_readouts(params, x, t)
    return Gaussian(z_mean, sigmoid(z_var))


def rbf_readouts(params, x, t):
    """z_mu and z_Sigma: phi(x) W_t + b_t for each, (B, D)."""
    phi = normalised_rbf(x, params["centres"], params["log_width"])
    return readout(phi, params["W_mean"], params["b_mean"], t), readout(phi, params["W_var"], params["b_var"], t)


def init_sigmoid_mlp(rng, D, schedule, kernel, hidden=(50, 50, 50)):
    """Parameters of `sigmoid_mlp`: dense layers; readouts (T + 1, hidden, D) of 0 are the forward kernel."""
    return {"layers": init_dense(rng, (D,) + tuple(hidden), gain=4.0),
            "W": np.zeros((schedule.T + 1, hidden[-1], D)), "b": np.zeros((schedule.T + 1, D))}


def sigmoid_mlp(params, x, t, schedule, kernel):
    """B(sigmoid(z + logit of the forward kernel's rate)), z read out of shared layers of sigmoid units.

    text, §D.1.2
    z = h(x) W_t + b_t with a readout for every t. The forward kernel is added, as in `rbf`.
    """
    forward = log_odds(kernel, kernel.forward(x, t, schedule))
    return Bernoulli(sigmoid(sigmoid_mlp_readout(params, x, t) + forward))


def sigmoid_mlp_as_printed(params, x, t, schedule, kernel):
    """B(sigmoid(z)): the network of `sigmoid_mlp` without the forward kernel.

    text, §D.1.2
    """
    return Bernoulli(sigmoid(sigmoid_mlp_readout(params, x, t)))


def sigmoid_mlp_readout(params, x, t):
    """z = h(x) W_t + b_t, (B, D)."""
    return readout(mlp(params["layers"], x, "sigmoid", last="sigmoid"), params["W"], params["b"], t)


def log_odds(kernel, q):
    """log q(1) - log q(0), bit by bit."""
    return kernel.log_density(1.0, q) - kernel.log_density(0.0, q)


def init_denoiser(rng, D, schedule, kernel, hidden=(64, 64, 64)):
    """Parameters of `denoiser`: dense layers, the first with large weights and biases; readouts of 0."""
    layers, T = init_dense(rng, (D,) + tuple(hidden)), schedule.T
    layers[0] = 2 * rng.standard_normal((D, hidden[0])), 2 * rng.standard_normal(hidden[0])
    return {"layers": layers, "W": np.zeros((T + 1, hidden[-1], 2 * D)), "b": np.zeros((T + 1, 2 * D))}


def denoiser(params, x, t, schedule, kernel):
    """p(x_{t-1}|x_t) from a predicted p(x_0|x_t) = N(m, v), by Bayes' rule.

    m = sqrt(alpha_bar_t) x_t + z_m, v = (1 - alpha_bar_t) exp(z_v), with z read out of shared tanh layers by a
    readout for every t. z = 0 is exact for white data.
    """
    D, alpha_bar, noise = x.shape[-1], at(schedule.alpha_bar, t, x), at(schedule.one_minus_alpha_bar, t, x)
    z = readout(mlp(params["layers"], x, "tanh", last="tanh"), params["W"], params["b"], t)
    x0 = Gaussian(np.sqrt(alpha_bar) * x + z[..., :D], noise * np.exp(z[..., D:]))
    return kernel.reverse_given_x0(x, x0, t, schedule)


def init_bit_denoiser(rng, D, schedule, kernel, hidden=(50, 50, 50)):
    """Parameters of `bit_denoiser`: dense layers, the last one zero, so that training starts at P(x_0 = 1|x_t) = p."""
    params = init_dense(rng, (D,) + tuple(hidden) + (D,))
    return params[:-1] + [tuple(0 * a for a in params[-1])]


def bit_denoiser(params, x, t, schedule, kernel):
    """p(x_{t-1}|x_t) from a predicted P(x_0 = 1|x_t), by Bayes' rule.

    The input of the network is the evidence log q(x_t|x_0=1) - log q(x_t|x_0=0) of every bit, times 0.3, which brings
    it to order 1. q(x_0|x_t) depends on x_t and t through this evidence alone, so the network does not need t itself.
    The output is added to the log odds of π: an output of 0 means that x_t says nothing about x_0.
    """
    at(schedule.beta, t, x)                              # ValueError unless t fits x
    zero, one = (kernel.log_density(x, kernel.marginal(np.full((1,) * x.ndim, v), t, schedule)) for v in (0.0, 1.0))
    x0 = sigmoid(mlp(params, 0.3 * (one - zero), "relu") + log_odds(kernel, kernel.pi(x[:1, :1])))
    return kernel.reverse_given_x0(x, Bernoulli(x0), t, schedule)
