"""Mistakes in single steps and in whole trajectories."""
import numpy as np

from .binomial import marginal
from .formula import Choice, Formula, Mistake, ONE_T, shifted


def backwards(xT, scale, std, noises, then=lambda x: x):
    """The path x_0..x_T of steps x_{t-1} = scale_t x_t + std_t noises_t."""
    path = [xT]
    for t in range(len(scale) - 1, 0, -1):
        path.insert(0, then(scale[t] * path[0] + std[t] * noises[t]))
    return np.array(path)


def forwards(x0, beta, noises, scale=lambda b: np.sqrt(1 - b), std=np.sqrt):
    """The path x_0..x_T of steps of the forward kernel."""
    path = [x0]
    for t in range(1, len(beta)):
        path.append(scale(beta[t]) * path[-1] + std(beta[t]) * noises[t])
    return np.array(path)


def other_way(a):
    """An array over time with t = 1..T in the opposite order."""
    return np.concatenate([a[:1], a[:0:-1]])


def first_by(a, value):
    """An array over time with another number at t = 1."""
    return np.concatenate([a[:1], [value + 0 * a[1]], a[2:]])

FORMULAS = {
    "trajectory.forward_step": Formula(
        right=lambda mean, std, noise: mean + std * noise,
        pieces=dict(mean=lambda x, beta_t: x * np.sqrt(1 - beta_t), std=lambda beta_t: np.sqrt(beta_t)),
        terms={"x_next": lambda mean, std, noise: {"x": mean, "the noise": std * noise}},
        mistakes=[
            Mistake("beta and 1 - beta exchanged", "noise", dict(beta_t=lambda beta_t: 1 - beta_t),
                    "sqrt(1 - beta_t) scales x, sqrt(beta_t) the noise."),
            Mistake("the root taken twice", "spread", dict(std=lambda std: np.sqrt(std)),
                    "Scale noise by sqrt(beta_t)."),
            Mistake("noise times 1 - sqrt(1 - beta_t)", "spread", dict(std=lambda beta_t: 1 - np.sqrt(1 - beta_t)),
                    "The standard deviation is the root of a difference of variances."),
            Mistake("noise of the first row for all", "noise", dict(noise=lambda noise: noise[:1] + 0 * noise),
                    "Each sample has noise of its own."),
            Mistake("beta of t + 1", "noise", dict(t=lambda t, T: np.minimum(t + 1, T)),
                    "beta[t] is the paper's beta_t."),
            Mistake("noise times beta", "spread", dict(std=lambda beta_t: beta_t), "Scale noise by sqrt(beta_t)."),
            Mistake("mean without the square root", "noise", dict(mean=lambda x, beta_t: x * (1 - beta_t)),
                    "The mean is x sqrt(1 - beta_t)."),
            Mistake("mean not scaled", "noise", dict(mean=lambda x: x), "x must be scaled by sqrt(1 - beta_t)."),
            Mistake("all steps at once", "noise", dict(beta_t=lambda alpha_bar_t: 1 - alpha_bar_t),
                    "One step uses beta_t."),
            Mistake("one t for the whole batch", "mixed_t", ONE_T, "Each row has its own t."),
            Mistake("beta of t - 1", "noise", dict(t=lambda t: t - 1), "beta[t] is the paper's beta_t."),
            Mistake("no noise", "noise", lambda mean: mean, "A step is a draw: the noise is missing."),
            Choice("the noise subtracted", "noise", dict(noise=lambda noise: -noise),
                   "The same law, but not the same numbers for the same noise.")
        ]),
    "trajectory.reverse_step": Formula(
        right=lambda xt, scale, std, noise: scale * xt + std * noise,
        pieces=dict(
            scale=lambda t, beta, gain_t: np.where(np.equal(t, 1), np.sqrt(1 - beta[1]), gain_t),
            std=lambda t, beta, gain_var_t: np.sqrt(np.where(np.equal(t, 1), beta[1], gain_var_t))),
        mistakes=[
            Mistake("standard deviation of t - 1", "spread",
                    dict(std=lambda t, beta, gain_var: np.sqrt(np.where(np.equal(t, 1), beta[1], gain_var[t - 1]))),
                    "p(x_{t-1}|x_t) has index t."),
            Mistake("the last step without its root", "first_step",
                    dict(scale=lambda t, beta, gain_t: np.where(np.equal(t, 1), 1 - beta[1], gain_t)),
                    "The last step is x_1 sqrt(1 - beta_1) + sqrt(beta_1) noise."),
            Mistake("noise not scaled", "noise", dict(std=lambda: 1.0), "Scale noise by the standard deviation."),
            Choice("the last step without noise", "first_step",
                   dict(noise=lambda noise, t: np.where(np.equal(t, 1), 0, noise)),
                   "Later models return the mean at t = 1; here Eq. 44's step is a draw."),
            Choice("the last step by the reverse kernel, without noise", "first_step",
                   dict(scale=lambda gain_t: gain_t, noise=lambda noise, t: np.where(np.equal(t, 1), 0, noise)),
                   "Later models use their network at t = 1 and return its mean."),
            Mistake("the last step by the reverse kernel", "first_step",
                    dict(scale=lambda gain_t: gain_t, std=lambda gain_var_t: np.sqrt(gain_var_t)),
                    "p(x_0|x_1) is the forward kernel of beta_1 (Eq. 44).", equation="Eq. (44), §B.2"),
            Mistake("noise times the variance", "spread", dict(std=lambda std: std ** 2),
                    "Scale noise by the standard deviation."),
            Mistake("standard deviation for variance", "spread", dict(std=lambda std: np.sqrt(std)),
                    "The root is taken once: noise is scaled by sqrt(variance)."),
            Mistake("no noise", "noise", dict(noise=lambda noise: 0 * noise),
                    "A step is a draw; its mean alone is not a sample."),
            Mistake("reverse kernel of t - 1", "noise",
                    dict(gain=lambda gain: shifted(gain, 1), gain_var=lambda gain_var: shifted(gain_var, 1)),
                    "p(x_{t-1}|x_t) has index t."),
            Mistake("one t for the whole batch", "mixed_t", ONE_T, "Each row has its own t."),
            Choice("variance beta_t", "noise", dict(std=lambda beta_t: np.sqrt(beta_t)),
                   "The step's variance is the reverse kernel's own; beta_t is one end of Eq. 24."),
            Mistake("last mean not scaled", "first_step",
                    dict(scale=lambda t, gain_t: np.where(np.equal(t, 1), 1, gain_t)),
                    "The last step is x_1 sqrt(1 - beta_1) + sqrt(beta_1) noise.")
        ]),
    "trajectory.last_step": Formula(
        right=lambda mean, std, noise: mean + std * noise,
        pieces=dict(b=lambda beta: beta[1], mean=lambda x1, b: x1 * np.sqrt(1 - b), std=lambda b: np.sqrt(b)),
        terms={"x_next": lambda mean, std, noise: {"x_1": mean, "the noise": std * noise}},
        mistakes=[
            Mistake("mean without the square root", "noise", dict(mean=lambda x1, b: x1 * (1 - b)),
                    "x_1 is scaled by sqrt(1 - beta_1)."),
            Mistake("the root taken twice", "spread", dict(std=lambda std: np.sqrt(std)),
                    "Scale noise by sqrt(beta_1)."),
            Choice("the last step without noise", "first_step", lambda mean: mean,
                   "Later models return the mean; here Eq. 44's step is a draw."),
            Choice("x_1 returned as it is", "first_step", lambda x1: x1,
                   "Sampling goes on to x_0: one more step (Eq. 44)."),
            Mistake("divided by the square root", "noise", dict(mean=lambda x1, b: x1 / np.sqrt(1 - b)),
                    "Eq. 44 is the forward kernel again, not its inverse."),
            Mistake("noise times beta", "spread", dict(std=lambda b: b), "Scale noise by sqrt(beta_1)."),
            Mistake("beta of T", "noise", dict(b=lambda beta: beta[-1]), "The last reverse step belongs to t = 1."),
            Mistake("beta of 2", "noise", dict(b=lambda beta: beta[2]), "The last reverse step belongs to t = 1."),
            Mistake("mean not scaled", "noise", dict(mean=lambda x1: x1), "x_1 is scaled by sqrt(1 - beta_1).")
        ]),
    "trajectory.last_step_bits": Formula(
        right=lambda rate, noise: (noise < rate) * 1.0,
        pieces=dict(b=lambda beta: beta[1], rate=lambda x1, b, p: marginal(x1, 1 - b, p)),
        mistakes=[
            Mistake("π = B(0.5) whatever p is", "prior", dict(p=lambda: 0.5),
                    "What is drawn again is 1 with probability p."),
            Mistake("1 - p for p", "prior", dict(p=lambda p: 1 - p), "p is the probability of a 1."),
            Mistake("nothing drawn again", "prior", dict(p=lambda: 0), "p beta_1 is missing."),
            Mistake("beta of 0: x_1 returned", "noise", dict(b=lambda beta: beta[0]),
                    "beta[0] = 0 is padding: the last step has beta_1."),
            Mistake("1 where noise is above the rate", "noise", lambda rate, noise: (noise > rate) * 1.0,
                    "1 where noise < rate."),
            Mistake("the rate, not a bit", "noise", lambda rate: rate, "The last step draws bits."),
            Mistake("flips with probability beta", "noise", lambda x1, b, noise: np.where(noise < b, 1 - x1, x1),
                    "A bit is drawn again from π, not flipped."),
            Mistake("beta of T", "noise", dict(b=lambda beta: beta[-1]), "The last reverse step belongs to t = 1.")
        ]),
    "trajectory.forward": Formula(
        right=lambda x0, beta, noises: forwards(x0, beta, noises),
        mistakes=[
            Mistake("no square root on the mean", "order",
                    lambda x0, beta, noises: forwards(x0, beta, noises, scale=lambda b: 1 - b),
                    "x is scaled by sqrt(1 - beta_t)."),
            Mistake("alpha_bar_t for 1 - beta_t at each step", "order",
                    dict(beta=lambda alpha_bar: np.append(0, 1 - alpha_bar[1:])), "One step uses beta_t."),
            Mistake("noise of the first row for all", "order", dict(noises=lambda noises: noises[:, :1] + 0 * noises),
                    "Each sample has noise of its own."),
            Mistake("one step early: beta of t + 1", "order", dict(beta=lambda beta: shifted(beta, -1)),
                    "Step t has the rate beta_t."),
            Mistake("path returned from x_T to x_0", "order", lambda right: right[::-1], "path[t] is x_t."),
            Mistake("every step from x_0", "order",
                    lambda x0, beta, noises: (
                        np.array([x0, *(forwards(x0, beta[[0, t]], noises[[0, t]])[1] for t in range(1, len(beta)))])),
                    "Each step starts from the state before it."),
            Mistake("noises one step late", "order", dict(noises=lambda noises: shifted(noises, 1)),
                    "noises[t] makes x_t."),
            Mistake("the same noise at every step", "order", dict(noises=lambda noises: noises[1] + 0 * noises),
                    "Each step has noise of its own."),
            Mistake("rates one step late", "order", dict(beta=lambda beta: shifted(beta, 1)),
                    "Step t has the rate beta_t."),
            Mistake("marginals for a path", "order",
                    lambda x0, alpha_bar, noises: (
                        (lambda a: np.sqrt(a) * x0 + np.sqrt(1 - a) * noises)(alpha_bar[:, None, None])),
                    "Draws of q(x_t|x_0) are not a path: use one step after the other."),
            Mistake("rates in reverse order", "order", dict(beta=lambda beta: other_way(beta)),
                    "The forward trajectory runs t = 1..T."),
            Mistake("noise times beta", "order", lambda x0, beta, noises: forwards(x0, beta, noises, std=lambda b: b),
                    "Scale noise by sqrt(beta_t)."),
            Mistake("mean not scaled", "order", lambda x0, beta, noises: forwards(x0, beta, noises, scale=lambda b: 1),
                    "x must be scaled by sqrt(1 - beta_t).")
        ]),
    "trajectory.reverse": Formula(
        right=lambda xT, scale, std, noises: backwards(xT, scale, std, noises),
        pieces=dict(
            scale=lambda gain, beta: first_by(gain, np.sqrt(1 - beta[1])),
            std=lambda gain_var, beta: np.sqrt(first_by(gain_var, beta[1]))),
        mistakes=[
            Mistake("no square root on the last mean", "first_step",
                    dict(scale=lambda gain, beta: first_by(gain, 1 - beta[1])),
                    "The last step is x_1 sqrt(1 - beta_1) + sqrt(beta_1) noise."),
            Mistake("standard deviations of t - 1", "order",
                    dict(std=lambda gain_var, beta: np.sqrt(shifted(first_by(gain_var, beta[1]), 1))),
                    "p(x_{t-1}|x_t) has index t."),
            Mistake("noises one step early", "order", dict(noises=lambda noises: shifted(noises, -1)),
                    "noises[t] is used in the step from x_t."),
            Mistake("noise of the first row for all", "order", dict(noises=lambda noises: noises[:, :1] + 0 * noises),
                    "Each sample has noise of its own."),
            Mistake("noise not scaled", "order", dict(std=lambda std: 1 + 0 * std),
                    "Scale noise by the standard deviation."),
            Mistake("the root of the noise's scale taken twice", "order", dict(std=lambda std: np.sqrt(std)),
                    "One root of the variance."),
            Mistake("reverse kernel of t + 1", "order",
                    dict(gain=lambda gain: shifted(gain, -1), gain_var=lambda gain_var: shifted(gain_var, -1)),
                    "The step from x_t has index t."),
            Mistake("clipped to -1..1 at every step", "order",
                    lambda xT, scale, std, noises: backwards(xT, scale, std, noises, lambda x: np.clip(x, -1, 1)),
                    "Clipping belongs to an estimate of x_0, and only where the data is in [-1, 1]."),
            Mistake("steps in forward order", "order",
                    dict(scale=lambda scale: other_way(scale), std=lambda std: other_way(std),
                         noises=lambda noises: other_way(noises)), "The reverse trajectory runs t = T..1."),
            Mistake("path returned from x_T to x_0", "order", lambda right: right[::-1], "path[t] is x_t."),
            Mistake("noises one step late", "order", dict(noises=lambda noises: shifted(noises, 1)),
                    "noises[t] is used in the step from x_t."),
            Mistake("the same noise at every step", "order", dict(noises=lambda noises: noises[1] + 0 * noises),
                    "Each step has noise of its own."),
            Mistake("the last step by the reverse kernel", "first_step",
                    dict(scale=lambda gain: gain, std=lambda gain_var: np.sqrt(gain_var)),
                    "p(x_0|x_1) is the forward kernel of beta_1 (Eq. 44).", equation="Eq. (44), §B.2"),
            Mistake("noise times the variance", "order", dict(std=lambda std: std ** 2),
                    "Scale noise by the standard deviation."),
            Mistake("no noise", "order", dict(noises=lambda noises: 0 * noises),
                    "A step is a draw: the noise is missing."),
            Mistake("reverse kernel of t - 1", "order",
                    dict(gain=lambda gain: shifted(gain, 1), gain_var=lambda gain_var: shifted(gain_var, 1)),
                    "The step from x_t has index t."),
            Choice("the last step without noise", "first_step", dict(noises=lambda noises: first_by(noises, 0)),
                   "Later models return the mean at t = 1; here Eq. 44's step is a draw."),
            Choice("sampling stops at x_1", "first_step", lambda right: np.concatenate([right[1:2], right[1:]]),
                   "The authors' later code returns x_1 as the sample.")
        ]),
}
