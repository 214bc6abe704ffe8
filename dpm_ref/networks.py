"""The learned reverse kernels of the two toy problems (paper, section D.1).

    rbf          the paper's for the swiss roll: 16 normalised radial basis units, a readout for every time step
    sigmoid_mlp  the paper's for the heartbeat: 20-50-50-50 sigmoid units, a readout for every time step
    denoiser     better, for Gaussian kernels: predicts x_0 and passes it through Bayes' rule
    bit_denoiser better, for binomial kernels: the same

Each has an init_* that makes its parameters, a dict of arrays, and is called as network(params, x, t, schedule,
kernel) with x (N, D) and an int t, or x (S, N, D) and t (S, 1); it returns the distribution p(x_{t-1}|x_t).
`reverse_kernel` binds all but x and t.
"""
import autograd.numpy as np

from .binomial import Bernoulli
from .gaussian import Gaussian, posterior_coefficients
from .layers import init_dense, mlp, normalised_rbf, readout, sigmoid
from .schedule import at


def reverse_kernel(network, params, schedule, kernel):
    """The function reverse(x, t) that trajectories and bounds ask for.

    Eq. (5), §2.2
    """
    return lambda x, t: network(params, x, t, schedule, kernel)


def init_rbf(rng, D, schedule, kernel, units=16):
    """Parameters of `rbf`: centres (units, D) drawn from π, readouts (T + 1, units, D) that start at the forward kernel.

    text, §D.1.1
    """
    centres = rng.standard_normal((units, D))
    beta = np.clip(schedule.beta, 1e-7, 0.99)[:, None]
    return {"centres": centres, "log_width": np.full(units, np.log(0.5)),
            "W_mean": np.sqrt(1 - schedule.beta)[:, None, None] * centres, "b_mean": np.zeros((len(beta), D)),
            "W_var": np.zeros((len(beta), units, D)), "b_var": np.log(beta / (1 - beta)) + np.zeros(D)}


def rbf(params, x, t, schedule, kernel):
    """N(f_mu, f_Sigma): shared normalised radial basis units, for each t a linear readout; f_Sigma through a sigmoid.

    text, §D.1.1
    """
    phi = normalised_rbf(x, params["centres"], params["log_width"])
    return Gaussian(readout(phi, params["W_mean"], params["b_mean"], t),
                    sigmoid(readout(phi, params["W_var"], params["b_var"], t)))


def init_sigmoid_mlp(rng, D, schedule, kernel, hidden=(50, 50, 50)):
    """Parameters of `sigmoid_mlp`: dense layers, and readouts (T + 1, hidden, D) that start at the rate of π.

    text, §D.1.2
    """
    p = kernel.pi(np.zeros(D)).rate
    return {"layers": init_dense(rng, (D,) + tuple(hidden), gain=4.0),
            "W": np.zeros((schedule.T + 1, hidden[-1], D)), "b": np.zeros((schedule.T + 1, D)) + np.log(p / (1 - p))}


def sigmoid_mlp(params, x, t, schedule, kernel):
    """B(f_b): shared layers of sigmoid units, for each t a linear readout through a sigmoid.

    text, §D.1.2
    """
    h = mlp(params["layers"], x, "sigmoid", last="sigmoid")
    return Bernoulli(sigmoid(readout(h, params["W"], params["b"], t)))


def init_denoiser(rng, D, schedule, kernel, hidden=(64, 64)):
    """Parameters of `denoiser`.

    not in the paper
    """
    T = schedule.T
    return {"layers": init_dense(rng, (D,) + tuple(hidden), gain=1.5),
            "W": np.zeros((T + 1, hidden[-1], 2 * D)), "b": np.zeros((T + 1, 2 * D))}


def denoiser(params, x, t, schedule, kernel):
    """N(f_mu, f_Sigma) by way of x_0: a network predicts mean and variance of x_0 given x_t, Bayes' rule does the rest.

    not in the paper
    """
    D = x.shape[-1]
    alpha_bar, noise = at(schedule.alpha_bar, t, x), at(schedule.one_minus_alpha_bar, t, x)
    h = mlp(params["layers"], x / np.sqrt(alpha_bar + noise / 4), "tanh", last="tanh")
    out = readout(h, params["W"], params["b"], t)
    scale = np.sqrt(noise)
    x0 = np.sqrt(alpha_bar) * x + scale * out[..., :D]
    c0, ct, var = posterior_coefficients(t, schedule, x)
    return Gaussian(c0 * x0 + ct * x, var + c0 ** 2 * noise * sigmoid(out[..., D:]))


def init_bit_denoiser(rng, D, schedule, kernel, hidden=(50, 50, 50)):
    """Parameters of `bit_denoiser`: dense layers, the last one zero, so that it starts at P(x_0 = 1|x_t) = p.

    not in the paper
    """
    params = init_dense(rng, (D,) + tuple(hidden) + (D,))
    return params[:-1] + [tuple(0 * a for a in params[-1])]


def bit_denoiser(params, x, t, schedule, kernel):
    """B(f_b) by way of x_0: a network predicts P(x_0 = 1|x_t), Bayes' rule does the rest.

    not in the paper
    Its input is the evidence log q(x_t|x_0=1) - log q(x_t|x_0=0) of every bit: x_t and t enter q(x_0|x_t) through it
    alone, so the network needs no other notion of time. Its output 0 means that x_t says nothing of x_0.
    """
    zero, one = (kernel.marginal(np.full((1,) * x.ndim, v), t, schedule).rate for v in (0.0, 1.0))
    evidence = x * np.log(one / zero) + (1 - x) * np.log((1 - one) / (1 - zero))
    p = kernel.pi(x[..., :1]).rate
    x0 = sigmoid(mlp(params, 0.3 * evidence, "relu") + np.log(p / (1 - p)))
    return kernel.posterior(x, x0, t, schedule)
