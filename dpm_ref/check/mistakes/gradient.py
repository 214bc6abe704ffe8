"""Mistakes in the gradient of K and in training: complex-step derivatives of wrong objectives, exact to rounding."""
import numpy as np

from .binomial import kl as bit_kl, x_log
from .bound import TERMS, TERMS_BITS
from .formula import Choice, Formula, Mistake, sigmoid
from .gaussian import kl

RBF = ("centres", "log_width", "W_mean", "b_mean", "W_var", "b_var")
MLP = ("W_1", "b_1", "W_2", "b_2", "W", "b")


def complex_step(again, params):
    """The gradient of the piece `value`, an array for each parameter: no cancellation."""
    out = []
    for name, a in params.items():
        out.append(np.zeros(a.shape))
        moved = {**params, name: a.astype(complex)}
        for i in np.ndindex(a.shape):
            moved[name][i] += 1e-30j
            out[-1][i] = again("value", **moved).imag / 1e-30
            moved[name][i] = a[i]
    return out


def moved(params, by):
    """The parameters (by name) after a step."""
    return {name: a + b for (name, a), b in zip(params.items(), by)}


def ascent(again, params, rate, steps, move):
    """The value before each of some steps rate * move(gradient, number of the step), and the parameters after them."""
    values = []
    for k in range(1, steps + 1):
        values.append(again("value", **params))
        params = moved(params, [rate * a for a in move(again("gradient", **params), k)])
    return values, params


def one_by_one(again, params, rate, steps):
    """Ascent in which each array is moved before the gradient of the next is taken."""
    values = []
    for _ in range(steps):
        values.append(again("value", **params))
        for i, name in enumerate(params):
            params = {**params, name: params[name] + rate * again("gradient", **params)[i]}
    return values, params


def momentum():
    """A move that adds 0.9 of the last one."""
    last = {}

    def move(g, k):
        last.update({i: a + 0.9 * last.get(i, 0) for i, a in enumerate(g)})
        return list(last.values())
    return move


def accumulated():
    """A move by the sum of all gradients so far."""
    total = {}

    def move(g, k):
        total.update({i: a + total.get(i, 0) for i, a in enumerate(g)})
        return list(total.values())
    return move


OBJECTIVE = dict(
    value=lambda kl, x0: -kl.sum() / len(x0),
    readout=lambda t: t[:, 0, 0])                                           # the step whose readout is used
NETWORK = {**TERMS, **OBJECTIVE, **dict(
    squares=lambda x_t, centres: ((x_t[:, :, None] - centres) ** 2).sum(axis=-1),
    width=lambda log_width: np.exp(log_width),
    bump=lambda squares, width: np.exp(-squares / (2 * width ** 2)),
    phi=lambda bump: bump / bump.sum(axis=-1, keepdims=True),
    p_mean=lambda phi, W_mean, b_mean, readout: phi @ W_mean[readout] + b_mean[readout][:, None],
    z=lambda phi, W_var, b_var, readout: phi @ W_var[readout] + b_var[readout][:, None],
    p_var=lambda z: sigmoid(z),
    params=lambda inputs: {name: inputs[name] for name in RBF},
    gradient=lambda again, params: complex_step(again, params))}
NETWORK_BITS = {**TERMS_BITS, **OBJECTIVE, **dict(
    unit=lambda: sigmoid,
    h=lambda x_t, W_1, b_1, W_2, b_2, unit: unit(unit(x_t @ W_1 + b_1) @ W_2 + b_2),
    reverse=lambda h, W, b, readout: sigmoid(h @ W[readout] + b[readout][:, None]),
    params=lambda inputs: {name: inputs[name] for name in MLP},
    gradient=lambda again, params: complex_step(again, params))}


def objectives(exchanged):
    """Mistakes in the objective, for either network; `exchanged` is its KL with q and p exchanged."""
    return [
        Mistake("q and p exchanged", "direction", exchanged, "The KL averages over the posterior q."),
        Mistake("the gradient of minus the bound", "direction", dict(value=lambda value: -value),
                "Here the value is -sum KL, to be increased."),
        Mistake("mean over t", "coordinates", dict(value=lambda value, T: value / (T - 1)),
                "The value sums over t = 2..T."),
        Mistake("T/(T - 1) too large", "coordinates", dict(value=lambda value, T: value * T / (T - 1)),
                "There are T - 1 terms."),
        Mistake("summed over the batch", "coordinates", dict(value=lambda value, x0: len(x0) * value),
                "The value is the mean over samples."),
        Mistake("mean over the coordinates", "coordinates", dict(value=lambda value, x0: value / x0.shape[1]),
                "Sum over coordinates."),
        Mistake("KL of t = T left out", "coordinates", dict(kl=lambda kl: kl[:-1]), "The value sums over t = 2..T."),
        Mistake("KL of t = 2 left out", "coordinates", dict(kl=lambda kl: kl[1:]), "The value sums over t = 2..T."),
        Mistake("the same noise at every step", "direction", dict(noise=lambda noises: noises[2:3] + 0 * noises[2:]),
                "noises[t] makes x_t: each step has noise of its own."),
        Mistake("gradient summed over the batch, value its mean", "coordinates",
                dict(gradient=lambda gradient, x0: [len(x0) * g for g in gradient]), "Both are means over samples."),
        Mistake("gradient averaged over coordinates, value summed", "coordinates",
                dict(gradient=lambda gradient, x0: [g / x0.shape[1] for g in gradient]), "Both sum over coordinates."),
        Mistake("readout of step t - 1", "direction", dict(readout=lambda readout: readout - 1),
                "The readout of step t has index t."),
    ]


FROZEN = dict(p_var=lambda p_var: np.real(p_var))                           # no derivative passes
EXCHANGED = dict(kl=lambda q_mean, q_var, p_mean, p_var: kl(p_mean, p_var, q_mean, q_var))
FORMULAS = {
    "gradient.rbf": Formula(
        right=lambda value, gradient: (value, *gradient),
        pieces=NETWORK,
        mistakes=[
            *objectives(EXCHANGED),
            Mistake("basis not normalised", "coefficient", dict(phi=lambda bump: bump),
                    "The radial basis units are scaled to sum to 1."),
            Mistake("width not squared", "coefficient", dict(width=lambda width: np.sqrt(width)),
                    "The exponent is divided by 2 w^2, w = exp(log_width)."),
            Mistake("without the 2 of 2 w^2", "coefficient", dict(width=lambda width: width / np.sqrt(2)),
                    "The exponent is divided by 2 w^2."),
            Mistake("exp for sigmoid on the variance", "coefficient", dict(p_var=lambda z: np.exp(z)),
                    "f_Sigma goes through a sigmoid."),
            Mistake("the sigmoid taken as a standard deviation", "coefficient", dict(p_var=lambda p_var: p_var ** 2),
                    "The sigmoid gives the variance."),
            Mistake("squared error of the means", "coefficient", dict(kl=lambda q_mean, p_mean: (q_mean - p_mean) ** 2),
                    "The simple loss of later models is not the KL."),
            Mistake("no gradient through the variance", "coefficient", FROZEN, "f_Sigma is learned too."),
            Mistake("no gradient for the biases", "coefficient",
                    dict(gradient=lambda gradient: [g * (i not in (3, 5)) for i, g in enumerate(gradient)]),
                    "All parameters are learned."),
            Mistake("a ReLU on the mean", "coefficient",
                    dict(p_mean=lambda p_mean: np.where(np.real(p_mean) > 0, p_mean, 0)), "The mean may be negative."),
            Mistake("no gradient for centres and widths", "coefficient",
                    dict(gradient=lambda gradient: [0 * gradient[0], 0 * gradient[1], *gradient[2:]]),
                    "Centres and widths are learned too."),
            Mistake("gradient in the width, not its logarithm", "coefficient",
                    dict(gradient=lambda gradient, width: [gradient[0], gradient[1] / width, *gradient[2:]]),
                    "The parameter is log w."),
            Mistake("value in bits", "coefficient", dict(value=lambda value: value / np.log(2)),
                    "The value is in nats."),
            Mistake("gradient of the wrong sign", "direction", dict(gradient=lambda gradient: [-g for g in gradient]),
                    "The gradient points uphill on the bound.")
        ]),
    "gradient.bit_mlp": Formula(
        right=lambda value, gradient: (value, *gradient),
        pieces=NETWORK_BITS,
        mistakes=[
            *objectives(dict(kl=lambda q, reverse: bit_kl(reverse, q))),
            Mistake("π = B(0.5) whatever p is", "prior", dict(p=lambda: 0.5), "p enters marginal and posterior."),
            Mistake("tanh for sigmoid", "direction", dict(unit=lambda: np.tanh),
                    "The heartbeat's layers are sigmoid units."),
            Mistake("cross entropy for KL", "direction",
                    dict(kl=lambda q, reverse: -x_log(q, reverse) - x_log(1 - q, 1 - reverse)),
                    "The gradient is right, the value lacks the entropy of q."),
            Mistake("no gradient in the first layer", "direction",
                    dict(gradient=lambda gradient: [0 * gradient[0], 0 * gradient[1], *gradient[2:]]),
                    "All layers are learned."),
            Mistake("gradient of the wrong sign", "direction", dict(gradient=lambda gradient: [-g for g in gradient]),
                    "The gradient points uphill on the bound.")
        ]),
    "training.run": Formula(
        right=lambda values, after: (np.array(values), after["centres"], after["W_mean"], after["b_var"]),
        pieces={**NETWORK, **dict(
            move=lambda: lambda g, k: g,
            run=lambda again, params, rate_of_learning, steps, move: (
                ascent(again, params, rate_of_learning, steps, move)),
            values=lambda run: run[0],
            after=lambda run: run[1])},
        mistakes=[
            Mistake("descent for ascent", "sign", dict(rate_of_learning=lambda rate_of_learning: -rate_of_learning),
                    "K is increased: add the step."),
            Mistake("minus the bound is increased", "sign", dict(value=lambda value: -value),
                    "The value is -sum KL; minus that must be decreased."),
            Choice("momentum", "order", dict(move=momentum),
                   "The vector is a run of plain gradient steps; check an optimiser by itself."),
            Mistake("gradients accumulate over steps", "order", dict(move=lambda: accumulated()),
                    "Set the gradients to zero before each step."),
            Mistake("gradient clipped to norm 1", "order", dict(move=lambda: lambda g, k: [
                a * min(1, 1 / np.sqrt(sum(np.sum(b ** 2) for b in g))) for a in g]),
                    "The vector is a run of plain gradient steps."),
            Mistake("one step less", "order",
                    dict(after=lambda again, params, rate_of_learning, steps: (
                        ascent(again, params, rate_of_learning, steps - 1, lambda g, k: g)[1])),
                    "The parameters are those after the last step that reports a value."),
            Mistake("only the gradient's sign", "order", dict(move=lambda: lambda g, k: [np.sign(a) for a in g]),
                    "The vector is a run of plain gradient steps."),
            Choice("a falling learning rate", "order", dict(move=lambda: lambda g, k: [a / k for a in g]),
                   "The rate is the same at every step here."),
            Mistake("half the step", "order", dict(rate_of_learning=lambda rate_of_learning: rate_of_learning / 2),
                    "Add rate times gradient: is the objective halved?"),
            Mistake("centres and widths not trained", "order",
                    dict(move=lambda: lambda g, k: [0, 0, *g[2:]]), "Centres and widths are learned too."),
            Mistake("parameters updated one after the other", "order",
                    dict(run=lambda again, params, rate_of_learning, steps: (
                        one_by_one(again, params, rate_of_learning, steps))),
                    "All gradients are taken at the same parameters."),
            Mistake("one step more", "order",
                    dict(after=lambda again, after, rate_of_learning: (
                        moved(after, [rate_of_learning * g for g in again("gradient", **after)]))),
                    "The parameters are those after the last step that reports a value."),
            Mistake("value after the update", "order",
                    dict(values=lambda again, values, after: [*values[1:], again("value", **after)]),
                    "Each value is at the parameters before its update."),
            Mistake("no gradient through the variance", "order", FROZEN, "f_Sigma is learned too."),
            Mistake("q and p exchanged", "order", EXCHANGED, "The KL averages over the posterior q."),
            Mistake("mean over t", "order", dict(value=lambda value, T: value / (T - 1)),
                    "The value sums over t = 2..T."),
            Mistake("mean over the coordinates", "order", dict(value=lambda value, x0: value / x0.shape[1]),
                    "Sum over coordinates."),
            Mistake("summed over the batch", "order", dict(value=lambda value, x0: len(x0) * value),
                    "The value is the mean over samples.")
        ]),
}
