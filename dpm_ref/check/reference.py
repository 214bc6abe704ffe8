"""dpm_ref as an adapter: a dictionary of functions under the catalogue's names, like anybody's.

Every other adapter can be read beside this one. Where the vectors fix the reverse kernel of a test, `linear` is it.
"""
import autograd.numpy as np
from autograd import grad

from .. import binomial, bound, entropy, gaussian, schedule, train, trajectory
from ..engine import numerics
from ..image import readout as image_readout
from ..products import factors
from ..binomial import Bernoulli
from ..gaussian import Gaussian
from ..engine.layers import mlp, normalised_rbf, readout, sigmoid
from ..schedule import at


def rates(beta):
    """The package's schedule from a padded array of rates."""
    return schedule.from_beta(beta[1:])


def linear(gain, gain_var):
    """The reverse kernel N(gain_t x, gain_var_t)."""
    return lambda x, t: Gaussian(at(gain, t, x) * x, at(gain_var, t, x) + 0 * x)


def linear_bits(gain, shift):
    """The reverse kernel B(gain_t x + shift_t)."""
    return lambda x, t: Bernoulli(at(gain, t, x) * x + at(shift, t, x))


def terms(kernel, reverse, x0, noises, beta):
    """The terms of K with the noise given: bound.terms without its draws.

    Eq. (14), §2.4
    """
    return bound.terms_given(kernel, reverse, x0, rates(beta), noises[2:])


def rbf(params, x, t, *_):
    """The network of the vectors: normalised radial basis units, a readout for each step, a sigmoid on the variance."""
    phi = normalised_rbf(x, params["centres"], params["log_width"])
    return Gaussian(readout(phi, params["W_mean"], params["b_mean"], t), sigmoid(readout(phi, params["W_var"], params["b_var"], t)))


def bit_mlp(params, x, t, *_):
    """The same for bits: two layers of sigmoid units, a readout for each step, a sigmoid on the rate."""
    h = mlp([(params["W_1"], params["b_1"]), (params["W_2"], params["b_2"])], x, "sigmoid", last="sigmoid")
    return Bernoulli(sigmoid(readout(h, params["W"], params["b"], t)))


def objective(network, kernel, x0, noises, beta):
    """-sum_t mean_n KL_t as a function of a dict of parameters.

    Eq. (15), §2.4
    """
    s, steps, N = rates(beta), len(beta) - 2, len(x0)
    t, x, noise = np.repeat(np.arange(2, len(beta)), N), np.concatenate([x0] * steps), np.concatenate(list(noises[2:]))
    return lambda params: train.objective(network, kernel, s, params, x, t, np.full(len(t), 1 / N), noise)


def gradient_rbf(x0, noises, beta, alpha_bar, **params):
    """Value and gradient for the radial basis network.

    Eq. (15), §2.4
    """
    f = objective(rbf, gaussian, x0, noises, beta)
    return (f(params), *grad(f)(params).values())


def gradient_bit_mlp(x0, noises, beta, alpha_bar, p, **params):
    """Value and gradient for the network on bits.

    Eq. (15), §2.4
    """
    f = objective(bit_mlp, binomial.with_p(p), x0, noises, beta)
    return (f(params), *grad(f)(params).values())


def training_run(x0, noises, beta, alpha_bar, rate_of_learning, steps, **params):
    """Plain gradient ascent on the package's objective.

    Eq. (15), §2.4
    """
    f, values = objective(rbf, gaussian, x0, noises, beta), []
    for _ in range(steps):
        values.append(f(params))
        params = {name: params[name] + rate_of_learning * g for name, g in grad(f)(params).items()}
    return values, params["centres"], params["W_mean"], params["b_var"]


def last_of(generator):
    """The states of a trajectory as one array, x_0 first."""
    return np.array([x for _, x in sorted(generator, key=lambda state: state[0])])


def reverse_path(xT, noises, beta, gain, gain_var):
    """A reverse trajectory; noises[t] is used in the step from x_t."""
    return last_of(trajectory.reverse_trajectory(gaussian, linear(gain, gain_var), xT, rates(beta), noises[:0:-1]))


def reverse_step(xt, t, beta, gain, gain_var, noise):
    """A draw from a reverse step; each row by itself, for the package takes one t at a time here."""
    def one(x, t, e):
        return gaussian.draw(trajectory.reverse_step(gaussian, linear(gain, gain_var), x, int(t), rates(beta)), e)
    return one(xt, t, noise) if np.ndim(t) == 0 else np.concatenate([one(xt[[n]], t[n, 0], noise[[n]]) for n in range(len(xt))])


def entropy_bounds(kernel, t, beta):
    """Eq. 24 at one step; the data does not enter, so it is one 0."""
    lower, upper = entropy.step_bounds(kernel, np.zeros((1, 1)), rates(beta))
    return lower[t], upper[t]


def bumps(t, tau, w):
    """Eq. 63 for evenly spaced centres, as the package places them."""
    assert np.allclose(tau, (np.arange(len(tau)) + 0.5) * w)
    return image_readout.bumps([t], len(tau) * w, len(tau))[0]


def reverse_mean(x, z, var):
    """Eq. 65 at a given variance: where beta_t = 1/2, its logit is z^Sigma."""
    return image_readout.as_printed(x, z, np.log(var / (1 - var)), 1, schedule.from_beta([0.5])).mean


ANY = schedule.constant_erasure(2)      # r is the same at every step, so its schedule does not matter


def product(factor, p):
    """A reverse step times a second distribution that is another one, factor(n), for each row."""
    rows = [factor(n).product(type(p)(*(a[[n]] for a in p)), 1)[0] for n in range(len(p[0]))]
    return tuple(np.concatenate(field) for field in zip(*rows)) if len(p) > 1 else np.concatenate([row[0] for row in rows])


ADAPTER = {
    "schedule.constant_erasure": lambda T: schedule.constant_erasure(T).beta,
    "schedule.alpha_bar": lambda beta: rates(beta).alpha_bar,
    "schedule.geometric": lambda T, beta_1, last: schedule.geometric(T, beta_1, last).beta,
    "schedule.learned": lambda logits, beta_1: schedule.learned(logits, beta_1).beta,
    "gaussian.forward": lambda x, t, beta: gaussian.forward(x, t, rates(beta)),
    "gaussian.marginal": lambda x0, t, beta: gaussian.marginal(x0, t, rates(beta)),
    "gaussian.posterior": lambda xt, x0, t, beta: gaussian.posterior(xt, x0, t, rates(beta)),
    "gaussian.kl": lambda mean_q, var_q, mean_p, var_p: gaussian.kl(Gaussian(mean_q, var_q), Gaussian(mean_p, var_p)),
    "gaussian.entropy": lambda var: gaussian.entropy(Gaussian(0, var)),
    "gaussian.log_density": lambda x, mean, var: gaussian.log_density(x, Gaussian(mean, var)),
    "gaussian.draw": lambda mean, var, noise: gaussian.draw(Gaussian(mean, var), noise),
    "gaussian.perturbed": lambda mean, var, slope: gaussian.perturbed(Gaussian(mean, var), slope),
    "binomial.forward": lambda x, t, beta, p: binomial.forward(x, t, rates(beta), p),
    "binomial.marginal": lambda x0, t, beta, p: binomial.marginal(x0, t, rates(beta), p),
    "binomial.posterior": lambda xt, x0, t, beta, p: binomial.posterior(xt, x0, t, rates(beta), p),
    "binomial.kl": lambda rate_q, rate_p: binomial.kl(Bernoulli(rate_q), Bernoulli(rate_p)),
    "binomial.entropy": lambda rate: binomial.entropy(Bernoulli(rate)),
    "binomial.log_density": lambda x, rate: binomial.log_density(x, Bernoulli(rate)),
    "binomial.draw": lambda rate, noise: binomial.draw(Bernoulli(rate), noise),
    "binomial.perturbed": lambda c, slope: binomial.perturbed(Bernoulli(c), slope),
    "bound.terms": lambda x0, noises, beta, gain, gain_var: terms(gaussian, linear(gain, gain_var), x0, noises, beta)[:4],
    "bound.terms_bits": lambda x0, noises, beta, gain, shift, p: terms(binomial.with_p(p), linear_bits(gain, shift), x0, noises, beta)[:4],
    "bound.K": lambda kl_t, H_T, H_1, H_p: bound.K(bound.Terms(kl_t, H_T, H_1, H_p, 0 * H_T)),
    "bound.K_true": lambda x0, noises, beta, gain, gain_var: bound.K_true(terms(gaussian, linear(gain, gain_var), x0, noises, beta)),
    "bound.sum_estimate": lambda kl_drawn, T: (T - 1) * np.mean(kl_drawn, axis=0),
    "bound.log_weights": lambda path, beta, gain, gain_var: bound.log_weights(gaussian, linear(gain, gain_var), path, rates(beta)),
    "bound.log_weights_bits": lambda path, beta, gain, shift, p: bound.log_weights(binomial.with_p(p), linear_bits(gain, shift), path, rates(beta)),
    "bound.log_likelihood": numerics.log_mean_exp,
    "bound.L_null": lambda x0: bound.L_null(gaussian, x0),
    "bound.L_null_bits": lambda x0, p: bound.L_null(binomial.with_p(p), x0),
    "bound.bits": bound.bits,
    "trajectory.forward_step": lambda x, t, beta, noise: gaussian.draw(gaussian.forward(x, t, rates(beta)), noise),
    "trajectory.reverse_step": reverse_step,
    "trajectory.last_step": lambda x1, beta, noise: gaussian.draw(trajectory.reverse_step(gaussian, None, x1, 1, rates(beta)), noise),
    "trajectory.last_step_bits": lambda x1, beta, p, noise: binomial.draw(
        trajectory.reverse_step(binomial.with_p(p), None, x1, 1, rates(beta)), noise),
    "trajectory.forward": lambda x0, noises, beta: last_of(trajectory.forward_trajectory(gaussian, x0, rates(beta), noises[1:])),
    "trajectory.reverse": reverse_path,
    "entropy.bounds": lambda t, beta: entropy_bounds(gaussian, t, beta),
    "entropy.bounds_bits": lambda t, beta: entropy_bounds(binomial, t, beta),
    "gradient.rbf": gradient_rbf,
    "gradient.bit_mlp": gradient_bit_mlp,
    "training.run": training_run,
    "reverse.bumps": bumps,
    "reverse.readout": lambda coefficients, g: (coefficients[:, :len(g)] @ g, coefficients[:, len(g):] @ g),
    "reverse.variance": lambda z, t, beta: image_readout.as_printed(z, z, z, t, rates(beta)).var,
    "reverse.mean": reverse_mean,
    "product.denoise": lambda mean, var, y, y_var: product(
        lambda n: factors.smooth(lambda x: -0.5 * np.sum((y[n] - x) ** 2, axis=-1) / y_var, ANY, "constant"), Gaussian(mean, var)),
    "product.exact": lambda mean, var, y, y_var: product(lambda n: factors.observation(y[n], y_var, ANY, "constant"), Gaussian(mean, var)),
    "product.denoise_bits": lambda rate, y, flip: product(
        lambda n: factors.on_bits(binomial, (2 * y[n] - 1) * np.log((1 - flip) / flip), ANY, "constant"), Bernoulli(rate)),
    "product.known": lambda mean, var, known, mask: product(
        lambda n: factors.known(gaussian, mask[n] == 1, known[n], ANY, "constant"), Gaussian(mean, var)),
    "product.exponent": lambda t, T: factors.exponents("fading", T)[t],
}
