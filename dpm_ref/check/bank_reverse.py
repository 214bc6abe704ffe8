"""Mistakes in the parametrisation of Eqs. 62-65, in single steps and in whole trajectories."""
import numpy as np

from . import bank_bits as bits
from .mistakes import M, clip, first, log, logit, sigmoid


def bump(t, tau, w):
    """exp(-(t - tau)^2 / (2 w^2))."""
    return np.exp(-(t - tau) ** 2 / (2 * w ** 2))


def share(g):
    """Scaled to sum to 1."""
    return g / g.sum()


B, R, V, ME = "reverse.bumps", "reverse.readout", "reverse.variance", "reverse.mean"
REVERSE = [
    M("not normalised", B, "normaliser", "Divide by the sum over the bumps.", lambda t, tau, w: bump(t, tau, w)),
    M("divided by the largest", B, "normaliser", "Divide by the sum, not by the largest.", lambda t, tau, w: bump(t, tau, w) / bump(t, tau, w).max()),
    M("a density's normaliser", B, "normaliser", "Divide by the sum over the bumps, not by w sqrt(2 pi).", lambda t, tau, w: bump(t, tau, w) / (w * np.sqrt(2 * np.pi))),
    M("exponent of the wrong sign", B, "spread", "The exponent is minus (t - tau)^2 / 2 w^2.", lambda t, tau, w: share(1 / bump(t, tau, w))),
    M("width not squared", B, "spread", "The exponent is divided by 2 w^2.", lambda t, tau, w: share(np.exp(-(t - tau) ** 2 / (2 * w)))),
    M("without the 2 of 2 w^2", B, "normaliser", "The exponent is divided by 2 w^2.", lambda t, tau, w: share(np.exp(-(t - tau) ** 2 / w ** 2))),
    M("distance not squared", B, "normaliser", "The distance is squared.", lambda t, tau, w: share(np.exp(-np.abs(t - tau) / (2 * w ** 2)))),
    M("t - 1 for t", B, "index_shift", "t is the paper's t = 1..T.", lambda t, tau, w: share(bump(t - 1, tau, w))),
    M("t + 1 for t", B, "index_shift", "t is the paper's t = 1..T.", lambda t, tau, w: share(bump(t + 1, tau, w))),
    M("half the width", B, "normaliser", "The authors' later code uses half the spacing as width.", lambda t, tau, w: share(bump(t, tau, w / 2)), True),
    M("halves exchanged", R, "order", "The first J coefficients are for the mean.", lambda coefficients, g: (coefficients[:, len(g):] @ g, coefficients[:, :len(g)] @ g)),
    M("coefficients interleaved", R, "order", "The first J are for the mean, the last J for the variance.", lambda coefficients, g: (coefficients[:, ::2] @ g, coefficients[:, 1::2] @ g)),
    M("mean over the bumps", R, "order", "Sum over j; the bumps sum to 1 already.", lambda coefficients, g: (coefficients[:, :len(g)] @ g / len(g), coefficients[:, len(g):] @ g / len(g))),
    M("bumps in reverse order", R, "order", "Coefficient j belongs to bump j.", lambda coefficients, g: (coefficients[:, :len(g)] @ g[::-1], coefficients[:, len(g):] @ g[::-1])),
    M("the largest bump only", R, "order", "All bumps contribute.", lambda coefficients, g: (coefficients[:, g.argmax()], coefficients[:, len(g) + g.argmax()])),
    M("sigmoid of z only", V, "coefficient", "logit(beta_t) is missing: at z = 0 the variance is beta_t.", lambda z, t, beta: sigmoid(z)),
    M("beta inside the sigmoid without logit", V, "coefficient", "sigmoid^-1(beta_t) is added, not beta_t.", lambda z, t, beta: sigmoid(z + beta[t])),
    M("log beta for logit beta", V, "coefficient", "sigmoid^-1(beta) = log(beta / (1 - beta)).", lambda z, t, beta: sigmoid(z + log(beta[t]))),
    M("logit subtracted", V, "coefficient", "logit(beta_t) is added.", lambda z, t, beta: sigmoid(z - logit(beta[t]))),
    M("beta times sigmoid", V, "coefficient", "beta_t enters through its logit.", lambda z, t, beta: beta[t] * sigmoid(z)),
    M("beta times exp", V, "coefficient", "beta_t exp(z) can exceed 1; use the logit.", lambda z, t, beta: beta[t] * np.exp(z)),
    M("minus z", V, "coefficient", "z is added.", lambda z, t, beta: sigmoid(logit(beta[t]) - z)),
    M("beta of t - 1", V, "index_shift", "beta[t] is the paper's beta_t.", lambda z, t, beta: sigmoid(z + logit(beta[t - 1]))),
    M("beta of t + 1", V, "index_shift", "beta[t] is the paper's beta_t.", lambda z, t, beta: sigmoid(z + logit(beta[clip(t + 1, beta)]))),
    M("one t for the whole batch", V, "mixed_t", "Each row has its own t.", lambda z, t, beta: sigmoid(z + logit(beta[first(t)]))),
    M("z left out", V, "coefficient", "z^Sigma is missing.", lambda z, t, beta: beta[t] + 0 * z),
    M("standard deviation for variance", V, "coefficient", "The sigmoid gives the variance.", lambda z, t, beta: np.sqrt(sigmoid(z + logit(beta[t])))),
    M("the authors' code: z / sqrt(T)", V, "coefficient", "The authors' later code divides z by sqrt(T).", lambda z, t, beta: sigmoid(z / np.sqrt(len(beta) - 1) + logit(beta[t])), True),
    M("z added, not mixed", ME, "coefficient", "mu = (x - z)(1 - Sigma) + z: the first z is missing.", lambda x, z, var: x * (1 - var) + z),
    M("Sigma and 1 - Sigma exchanged", ME, "coefficient", "x is weighted by 1 - Sigma.", lambda x, z, var: (x - z) * var + z),
    M("standard deviation for variance", ME, "spread", "Sigma is a variance.", lambda x, z, var: (x - z) * (1 - np.sqrt(var)) + z),
    M("square root of 1 - Sigma", ME, "coefficient", "Eq. 65 has 1 - Sigma without a root.", lambda x, z, var: (x - z) * np.sqrt(1 - var) + z),
    M("root of 1 - Sigma for x, Sigma for z", ME, "coefficient", "Eq. 65 has 1 - Sigma without a root.", lambda x, z, var: x * np.sqrt(1 - var) + z * var),
    M("last z left out", ME, "coefficient", "+ z is missing.", lambda x, z, var: (x - z) * (1 - var)),
    M("z of the wrong sign", ME, "coefficient", "mu = (x - z)(1 - Sigma) + z.", lambda x, z, var: (x + z) * (1 - var) - z),
    M("x + z", ME, "coefficient", "x + z is a residual step, not Eq. 65.", lambda x, z, var: x + z),
    M("z only", ME, "coefficient", "x_t enters through Eq. 65.", lambda x, z, var: z),
    M("the authors' code: sqrt(1 - beta) x + sqrt(beta) z", ME, "coefficient", "The authors' later code mixes with roots (here beta = Sigma).", lambda x, z, var: np.sqrt(1 - var) * x + np.sqrt(var) * z, True),
]


def forward_path(next_state):
    """A forward path from next_state(path so far, t, beta, noises)."""
    def wrong(x0, noises, beta):
        path = [x0]
        for t in range(1, len(beta)):
            path.append(next_state(path, t, beta, noises))
        return np.array(path)
    return wrong


def reverse_path(mean, std, order=lambda T: range(T, 0, -1), noise=lambda t: t, stop=0):
    """A reverse path from mean(x, t, beta, gain) and std(t, beta, gain_var)."""
    def wrong(xT, noises, beta, gain, gain_var):
        x, path = xT, [xT]
        for t in order(len(beta) - 1):
            if t > stop:
                x = mean(x, t, beta, gain) + std(t, beta, gain_var) * noises[noise(t)]
            path.insert(0, x)
        return np.array(path)
    return wrong


def mean_at(x, t, beta, gain):
    """The mean of a reverse step, right."""
    return np.where(np.asarray(t) == 1, x * np.sqrt(1 - beta[1]), x * gain[t])


def std_at(t, beta, gain_var):
    """The standard deviation of a reverse step, right."""
    return np.sqrt(np.where(np.asarray(t) == 1, beta[1], gain_var[t]))


FS, RS, LS, LB, FP, RP = ("trajectory." + n for n in ("forward_step", "reverse_step", "last_step", "last_step_bits", "forward", "reverse"))
TRAJECTORY = [
    M("noise times beta", FS, "spread", "Scale noise by sqrt(beta_t).", lambda x, t, beta, noise: x * np.sqrt(1 - beta[t]) + beta[t] * noise),
    M("mean without the square root", FS, "noise", "The mean is x sqrt(1 - beta_t).", lambda x, t, beta, noise: x * (1 - beta[t]) + np.sqrt(beta[t]) * noise),
    M("mean not scaled", FS, "noise", "x must be scaled by sqrt(1 - beta_t).", lambda x, t, beta, noise: x + np.sqrt(beta[t]) * noise),
    M("all steps at once", FS, "noise", "One step uses beta_t.", lambda x, t, beta, noise: x * np.sqrt(np.cumprod(1 - beta)[t]) + np.sqrt(1 - np.cumprod(1 - beta)[t]) * noise),
    M("one t for the whole batch", FS, "mixed_t", "Each row has its own t.", lambda x, t, beta, noise: x * np.sqrt(1 - beta[first(t)]) + np.sqrt(beta[first(t)]) * noise),
    M("beta of t - 1", FS, "noise", "beta[t] is the paper's beta_t.", lambda x, t, beta, noise: x * np.sqrt(1 - beta[t - 1]) + np.sqrt(beta[t - 1]) * noise),
    M("no noise", FS, "noise", "A step draws.", lambda x, t, beta, noise: x * np.sqrt(1 - beta[t])),
    M("the noise subtracted", FS, "noise", "The same law, but not the same numbers for the same noise.", lambda x, t, beta, noise: x * np.sqrt(1 - beta[t]) - np.sqrt(beta[t]) * noise, True),
    M("the last step without noise", RS, "first_step", "Later models return the mean at t = 1; here Eq. 44's step is a draw.", lambda xt, t, beta, gain, gain_var, noise: mean_at(xt, t, beta, gain) + np.where(np.asarray(t) == 1, 0, std_at(t, beta, gain_var)) * noise, True),
    M("the last step by the reverse kernel, without noise", RS, "first_step", "Later models use their network at t = 1 and return its mean.", lambda xt, t, beta, gain, gain_var, noise: xt * gain[t] + np.where(np.asarray(t) == 1, 0, np.sqrt(gain_var[t])) * noise, True),
    M("the last step by the reverse kernel", RS, "first_step", "p(x_0|x_1) is the forward kernel of beta_1 (Eq. 44).", lambda xt, t, beta, gain, gain_var, noise: xt * gain[t] + np.sqrt(gain_var[t]) * noise, equation="Eq. (44), §B.2"),
    M("noise times the variance", RS, "spread", "Scale noise by the standard deviation.", lambda xt, t, beta, gain, gain_var, noise: mean_at(xt, t, beta, gain) + std_at(t, beta, gain_var) ** 2 * noise),
    M("standard deviation for variance", RS, "spread", "The root is taken once: noise is scaled by sqrt(variance).", lambda xt, t, beta, gain, gain_var, noise: mean_at(xt, t, beta, gain) + np.sqrt(std_at(t, beta, gain_var)) * noise),
    M("no noise", RS, "noise", "A step draws; its mean alone is not a sample.", lambda xt, t, beta, gain, gain_var, noise: mean_at(xt, t, beta, gain)),
    M("reverse kernel of t - 1", RS, "noise", "p(x_{t-1}|x_t) has index t.", lambda xt, t, beta, gain, gain_var, noise: mean_at(xt, t, beta, np.append(0, gain)) + std_at(t, beta, np.append(0, gain_var)) * noise),
    M("one t for the whole batch", RS, "mixed_t", "Each row has its own t.", lambda xt, t, beta, gain, gain_var, noise: mean_at(xt, first(t), beta, gain) + std_at(first(t), beta, gain_var) * noise),
    M("variance beta_t", RS, "noise", "The step's variance is the reverse kernel's own; beta_t is one end of Eq. 24.", lambda xt, t, beta, gain, gain_var, noise: mean_at(xt, t, beta, gain) + np.sqrt(beta[t]) * noise, True),
    M("last mean not scaled", RS, "first_step", "The last step is x_1 sqrt(1 - beta_1) + sqrt(beta_1) noise.", lambda xt, t, beta, gain, gain_var, noise: np.where(np.asarray(t) == 1, xt, xt * gain[t]) + std_at(t, beta, gain_var) * noise),
    M("the last step without noise", LS, "first_step", "Later models return the mean; here Eq. 44's step is a draw.", lambda x1, beta, noise: x1 * np.sqrt(1 - beta[1]), True),
    M("x_1 returned as it is", LS, "first_step", "Sampling goes on to x_0: one more step (Eq. 44).", lambda x1, beta, noise: x1, True),
    M("divided by the square root", LS, "noise", "Eq. 44 is the forward kernel again, not its inverse.", lambda x1, beta, noise: x1 / np.sqrt(1 - beta[1]) + np.sqrt(beta[1]) * noise),
    M("noise times beta", LS, "spread", "Scale noise by sqrt(beta_1).", lambda x1, beta, noise: x1 * np.sqrt(1 - beta[1]) + beta[1] * noise),
    M("beta of T", LS, "noise", "The last reverse step belongs to t = 1.", lambda x1, beta, noise: x1 * np.sqrt(1 - beta[-1]) + np.sqrt(beta[-1]) * noise),
    M("beta of 2", LS, "noise", "The last reverse step belongs to t = 1.", lambda x1, beta, noise: x1 * np.sqrt(1 - beta[2]) + np.sqrt(beta[2]) * noise),
    M("mean not scaled", LS, "noise", "x_1 is scaled by sqrt(1 - beta_1).", lambda x1, beta, noise: x1 + np.sqrt(beta[1]) * noise),
    M("1 where noise is above the rate", LB, "noise", "1 where noise < rate.", lambda x1, beta, p, noise: (noise > bits.marginal(x1, 1 - beta[1], p)) * 1.0),
    M("the rate, not a bit", LB, "noise", "The last step draws bits.", lambda x1, beta, p, noise: bits.marginal(x1, 1 - beta[1], p) + 0 * noise),
    M("flips with probability beta", LB, "noise", "A bit is drawn again from π, not flipped.", lambda x1, beta, p, noise: np.where(noise < beta[1], 1 - x1, x1)),
    M("beta of T", LB, "noise", "The last reverse step belongs to t = 1.", lambda x1, beta, p, noise: (noise < bits.marginal(x1, 1 - beta[-1], p)) * 1.0),
    M("every step from x_0", FP, "order", "Each step starts from the state before it.", forward_path(lambda path, t, beta, e: path[0] * np.sqrt(1 - beta[t]) + np.sqrt(beta[t]) * e[t])),
    M("noises one step late", FP, "order", "noises[t] makes x_t.", forward_path(lambda path, t, beta, e: path[-1] * np.sqrt(1 - beta[t]) + np.sqrt(beta[t]) * e[t - 1])),
    M("the same noise at every step", FP, "order", "Each step has noise of its own.", forward_path(lambda path, t, beta, e: path[-1] * np.sqrt(1 - beta[t]) + np.sqrt(beta[t]) * e[1])),
    M("rates one step late", FP, "order", "Step t has the rate beta_t.", forward_path(lambda path, t, beta, e: path[-1] * np.sqrt(1 - beta[t - 1]) + np.sqrt(beta[t - 1]) * e[t])),
    M("marginals for a path", FP, "order", "Draws of q(x_t|x_0) are not a path: use one step after the other.", forward_path(lambda path, t, beta, e: path[0] * np.sqrt(np.cumprod(1 - beta)[t]) + np.sqrt(1 - np.cumprod(1 - beta)[t]) * e[t])),
    M("rates in reverse order", FP, "order", "The forward trajectory runs t = 1..T.", forward_path(lambda path, t, beta, e: path[-1] * np.sqrt(1 - beta[len(beta) - t]) + np.sqrt(beta[len(beta) - t]) * e[t])),
    M("noise times beta", FP, "order", "Scale noise by sqrt(beta_t).", forward_path(lambda path, t, beta, e: path[-1] * np.sqrt(1 - beta[t]) + beta[t] * e[t])),
    M("mean not scaled", FP, "order", "x must be scaled by sqrt(1 - beta_t).", forward_path(lambda path, t, beta, e: path[-1] + np.sqrt(beta[t]) * e[t])),
    M("steps in forward order", RP, "order", "The reverse trajectory runs t = T..1.", reverse_path(mean_at, std_at, order=lambda T: range(1, T + 1))),
    M("path returned from x_T to x_0", RP, "order", "path[t] is x_t.", lambda **a: reverse_path(mean_at, std_at)(**a)[::-1]),
    M("noises one step late", RP, "order", "noises[t] is used in the step from x_t.", reverse_path(mean_at, std_at, noise=lambda t: t - 1)),
    M("the same noise at every step", RP, "order", "Each step has noise of its own.", reverse_path(mean_at, std_at, noise=lambda t: 1)),
    M("the last step by the reverse kernel", RP, "first_step", "p(x_0|x_1) is the forward kernel of beta_1 (Eq. 44).", reverse_path(lambda x, t, beta, gain: x * gain[t], lambda t, beta, v: np.sqrt(v[t])), equation="Eq. (44), §B.2"),
    M("noise times the variance", RP, "order", "Scale noise by the standard deviation.", reverse_path(mean_at, lambda t, beta, v: std_at(t, beta, v) ** 2)),
    M("no noise", RP, "order", "A step draws.", reverse_path(mean_at, lambda t, beta, v: 0)),
    M("reverse kernel of t - 1", RP, "order", "The step from x_t has index t.", reverse_path(lambda x, t, beta, gain: mean_at(x, t, beta, np.append(0, gain)), lambda t, beta, v: std_at(t, beta, np.append(0, v)))),
    M("the last step without noise", RP, "first_step", "Later models return the mean at t = 1; here Eq. 44's step is a draw.", reverse_path(mean_at, lambda t, beta, v: 0 if t == 1 else std_at(t, beta, v)), True),
    M("sampling stops at x_1", RP, "first_step", "The authors' later code returns x_1 as the sample.", reverse_path(mean_at, std_at, stop=1), True),
]
