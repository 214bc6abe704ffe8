"""dpm_ref as an adapter: a dictionary of functions under the catalogue's names, like anybody's.

A line builds arguments and reorders results; nothing is computed here. Many functions of the package stand as they are:
the kit passes a `schedule`, and the other arguments have the names of the catalogue.
"""
import numpy as np

from .. import binomial, bound, entropy, gaussian, networks, schedule, train, trajectory
from ..binomial import Bernoulli
from ..engine import numerics
from ..gaussian import Gaussian
from ..image import readout
from ..products import factors
from . import today

ANY = schedule.constant_erasure(2)      # for r that is the same at every step
HALF = schedule.from_beta([0.5])        # the logit of this beta is 0


class Given:
    """In place of a random generator: hands out the given arrays, one after the other."""

    def __init__(self, arrays):
        self.arrays = iter(arrays)

    def standard_normal(self, shape):
        return next(self.arrays)

    random = standard_normal


def normal(reverse):
    """The reverse kernel of a test on Gaussian data."""
    return lambda x, t: Gaussian(*reverse(x, t))


def bits(reverse):
    """The reverse kernel of a test on bits."""
    return lambda x, t: Bernoulli(reverse(x, t))


def terms(x0, noises, schedule, reverse):
    """The terms of K on Gaussian data."""
    return bound.terms(gaussian, normal(reverse), x0, schedule, Given(noises[2:]))


def draw_t(size, T):
    """Steps and weights: with uniform probability every t comes equally often, in order."""
    return bound.draw_t(Given([np.full(size, 0.5)]), size, T)


def in_order(states):
    """The states (t, x_t) of a trajectory as one array, x_0 first."""
    return np.array([x for _, x in sorted(states, key=lambda state: state[0])])


def ascent(network, kernel, params, x0, noises, schedule, T, rate, steps):
    """The states of plain gradient ascent, with every t for each point; their moments are the gradients."""
    x, noise = np.tile(x0, (len(noises[2:]), 1)), np.concatenate(noises[2:])
    return list(train.ascend(
        lambda params, *batch: train.objective(network, kernel, schedule, params, *batch),
        lambda rng: (x, *draw_t(len(x), T), noise),
        train.begin(params), steps, lambda done: rate, np.random.default_rng(), lambda g, moments, step: (g, g)))


def gradient_rbf(x0, noises, beta, alpha_bar, schedule, T, **params):
    """Value and gradient for the radial basis network."""
    state, = ascent(networks.rbf_as_printed, gaussian, params, x0, noises, schedule, T, 0, 1)
    return state.value, *state.moments


def gradient_bit_mlp(W_1, b_1, W_2, b_2, W, b, x0, noises, schedule, T, p):
    """Value and gradient for the network on bits."""
    params = {"layers": [(W_1, b_1), (W_2, b_2)], "W": W, "b": b}
    state, = ascent(networks.sigmoid_mlp_as_printed, binomial.with_p(p), params, x0, noises, schedule, T, 0, 1)
    return state.value, *state.moments


def training_run(x0, noises, beta, alpha_bar, schedule, T, rate_of_learning, steps, **params):
    """Plain gradient ascent."""
    states = ascent(networks.rbf_as_printed, gaussian, params, x0, noises, schedule, T, rate_of_learning, steps)
    after = states[-1].params
    return [state.value for state in states], after["centres"], after["W_mean"], after["b_var"]


def time_readout(coefficients, g):
    """z of each pixel: the features of a pixel are 1 for itself and 0 for others, so that weights are coefficients."""
    pixels, J = len(coefficients), len(g)
    W = coefficients.reshape(pixels, 2, J).transpose(2, 0, 1)
    z = readout.time_readout(np.eye(pixels)[None, None], W, np.zeros((J, 2)), g[None])
    return z[0, 0].T


def entropy_bounds(kernel, t, schedule):
    """Both bounds at one step; they are the same for all data."""
    return [bound[t] for bound in entropy.step_bounds(kernel, np.zeros((1, 1)), schedule)]


def after(factor, p):
    """A reverse step times a second distribution."""
    return factor.product(p, 1)[0]


def smooth(mean, var, y, y_var):
    """A reverse step times log r = log N(x; y, y_var), to first order."""
    def log_r(x):
        return bound.per_point(gaussian.log_density(y, Gaussian(x, y_var)), 1)
    return after(factors.smooth(log_r, ANY, "constant"), Gaussian(mean, var))


ADAPTER = {
    "conventions": {"t_batch": "flat", "trajectory.reverse_step": {"t_batch": "number"},
                    **{f"product.{name}": {"layout": "D"} for name in ("exact", "denoise_bits", "known")}},
    "schedule.constant_erasure": lambda T: schedule.constant_erasure(T).beta,
    "schedule.alpha_bar": lambda schedule: schedule.alpha_bar,
    "schedule.geometric": lambda T, beta_1, last: schedule.geometric(T, beta_1, last).beta,
    "schedule.learned": lambda logits, beta_1: schedule.learned(logits, beta_1).beta,
    "gaussian.forward": gaussian.forward,
    "gaussian.marginal": gaussian.marginal,
    "gaussian.posterior": gaussian.posterior,
    "gaussian.kl": lambda mean_q, var_q, mean_p, var_p: gaussian.kl(Gaussian(mean_q, var_q), Gaussian(mean_p, var_p)),
    "gaussian.entropy": lambda var: gaussian.entropy(Gaussian(0, var)),
    "gaussian.log_density": lambda x, mean, var: gaussian.log_density(x, Gaussian(mean, var)),
    "gaussian.draw": lambda mean, var, noise: gaussian.draw(Gaussian(mean, var), noise),
    "gaussian.perturbed": lambda mean, var, slope: gaussian.perturbed(Gaussian(mean, var), slope),
    "binomial.forward": binomial.forward,
    "binomial.marginal": binomial.marginal,
    "binomial.posterior": binomial.posterior,
    "binomial.kl": lambda rate_q, rate_p: binomial.kl(Bernoulli(rate_q), Bernoulli(rate_p)),
    "binomial.entropy": lambda rate: binomial.entropy(Bernoulli(rate)),
    "binomial.log_density": lambda x, rate: binomial.log_density(x, Bernoulli(rate)),
    "binomial.draw": lambda rate, noise: binomial.draw(Bernoulli(rate), noise),
    "binomial.perturbed": lambda c, slope: binomial.perturbed(Bernoulli(c), slope),
    "bound.terms": lambda x0, noises, schedule, reverse: terms(x0, noises, schedule, reverse)[:4],
    "bound.terms_bits": lambda x0, noises, schedule, reverse, p: (
        bound.terms(binomial.with_p(p), bits(reverse), x0, schedule, Given(noises[2:]))[:4]),
    "bound.K": lambda kl_t, H_T, H_1, H_p: bound.K(bound.Terms(kl_t, H_T, H_1, H_p, edge=np.zeros(len(H_T)))),
    "bound.K_true": lambda x0, noises, schedule, reverse: bound.K_true(terms(x0, noises, schedule, reverse)),
    "bound.sum_estimate": lambda kl_drawn, T: bound.from_draws(kl_drawn, draw_t(len(kl_drawn), T)[1]),
    "bound.log_weights": lambda path, schedule, reverse: (
        bound.log_weights(gaussian, normal(reverse), path, schedule)),
    "bound.log_weights_bits": lambda path, schedule, reverse, p: (
        bound.log_weights(binomial.with_p(p), bits(reverse), path, schedule)),
    "bound.log_likelihood": numerics.log_mean_exp,
    "bound.L_null": lambda x0: bound.L_null(gaussian, x0),
    "bound.L_null_bits": lambda x0, p: bound.L_null(binomial.with_p(p), x0),
    "bound.bits": bound.bits,
    "reverse.bumps": lambda t, tau, w: readout.bumps_at([t], tau, w)[0],
    "reverse.readout": time_readout,
    "reverse.variance": lambda z, t, schedule: readout.as_printed(z, z, z, t, schedule).var,
    "reverse.mean": lambda x, z, var: readout.as_printed(x, z, numerics.logit(var), 1, HALF).mean,
    "trajectory.forward_step": lambda x, t, schedule, noise: gaussian.draw(gaussian.forward(x, t, schedule), noise),
    "trajectory.reverse_step": lambda xt, t, schedule, reverse, noise: (
        gaussian.draw(trajectory.reverse_step(gaussian, normal(reverse), xt, t, schedule), noise)),
    "trajectory.last_step": lambda x1, schedule, noise: (
        gaussian.draw(trajectory.reverse_step(gaussian, None, x1, 1, schedule), noise)),
    "trajectory.last_step_bits": lambda x1, schedule, p, noise: (
        binomial.draw(trajectory.reverse_step(binomial.with_p(p), None, x1, 1, schedule), noise)),
    "trajectory.forward": lambda x0, noises, schedule: (
        in_order(trajectory.forward_trajectory(gaussian, x0, schedule, noises[1:]))),
    "trajectory.reverse": lambda xT, noises, schedule, reverse: (
        in_order(trajectory.reverse_trajectory(gaussian, normal(reverse), xT, schedule, noises[:0:-1]))),
    "product.denoise": smooth,
    "product.exact": lambda mean, var, y, y_var: (
        after(factors.observation(y, y_var, ANY, "constant"), Gaussian(mean, var))),
    "product.denoise_bits": lambda rate, y, flip: (
        after(factors.noisy_bits(binomial, y, flip, ANY, "constant"), Bernoulli(rate))),
    "product.known": lambda mean, var, known, mask: (
        after(factors.known(gaussian, mask == 1, known, ANY, "constant"), Gaussian(mean, var))),
    "product.exponent": lambda t, T: factors.exponents("fading", T)[t],
    "entropy.bounds": lambda t, schedule: entropy_bounds(gaussian, t, schedule),
    "entropy.bounds_bits": lambda t, schedule: entropy_bounds(binomial, t, schedule),
    "gradient.rbf": gradient_rbf,
    "gradient.bit_mlp": gradient_bit_mlp,
    "training.run": training_run,
    "schedule.linear": lambda T, first, last: today.linear(T, first, last).beta,
    "schedule.cosine": lambda T: today.cosine(T).beta,
    "schedule.zero_terminal": lambda schedule: today.zero_terminal(schedule).beta,
    "schedule.sigma": today.sigma,
    "schedule.half_log_snr": today.half_log_snr,
    "schedule.beta_from_sigma": lambda sigma: today.from_sigma(sigma).beta,
    "schedule.beta_from_half_log_snr": lambda half_log_snr: today.from_half_log_snr(half_log_snr).beta,
    **{f"convert.{f.__name__}": f for f in (
        today.x0_from_eps, today.eps_from_x0, today.x0_from_v, today.eps_from_v, today.v_from_x0, today.v_target,
        today.score_from_eps, today.x0_from_score, today.mean_from_x0, today.mean_from_eps, today.mean_from_v,
        today.mean_from_score, today.kl_from_x0, today.kl_from_eps, today.kl_from_v)},
    "stride.beta": lambda stride, schedule: today.strided(stride, schedule).beta,
    "stride.posterior": today.strided_posterior,
    "reverse.interpolated_variance": today.interpolated_variance,
    "product.noisy_known": today.noisy_known,
}
