"""Mistakes in gradients of K and in training, by complex-step derivatives of wrong objectives (exact to rounding)."""
import numpy as np

from . import bank_bits as bits
from .mistakes import M, coefficients, kl, sigmoid

RBF = ("centres", "log_width", "W_mean", "b_mean", "W_var", "b_var")
MLP = ("W_1", "b_1", "W_2", "b_2", "W", "b")


def rbf(params, x, t, change):
    """Mean and variance of the radial basis network, with one change."""
    c, w = params["centres"], params["log_width"]
    distance = ((x[:, None] - c) ** 2).sum(axis=2)
    width = np.exp(w) if change == "width not squared" else np.exp(2 * w)
    phi = np.exp(-distance / (width if change == "no 2" else 2 * width))
    phi = phi if change == "not normalised" else phi / phi.sum(axis=1)[:, None]
    z = phi @ params["W_var"][t] + params["b_var"][t]
    return phi @ params["W_mean"][t] + params["b_mean"][t], np.exp(z) if change == "exp" else sigmoid(z) ** 2 if change == "std" else sigmoid(z)


def rbf_value(params, x0, noises, beta, alpha_bar, change=""):
    """-sum_t mean_n KL_t, with one change."""
    total = 0.0
    for t in range(2, len(beta)):
        xt = np.sqrt(alpha_bar[t]) * x0 + np.sqrt(1 - alpha_bar[t]) * noises[t]
        c0, ct, var = coefficients(beta[t], alpha_bar[t - 1], alpha_bar[t])
        q, p = (c0 * x0 + ct * xt, var + 0 * xt), rbf(params, xt, t - 1 if change == "readout of t - 1" else t, change)
        each = kl(*p, *q) if change == "exchanged" else kl(*q, *p)
        if change == "mse":
            each = (q[0] - p[0]) ** 2
        if change == "frozen variance":
            each = kl(*q, p[0], p[1].real)
        total = total - each.sum() / {"batch sum": 1, "coordinates": x0.size}.get(change, len(x0))
    return {"minus": -total, "mean over t": total / (len(beta) - 2), "T/(T - 1)": total * (len(beta) - 1) / (len(beta) - 2),
            "bits": total / np.log(2)}.get(change, total)


def bit_value(params, x0, noises, beta, alpha_bar, p, change=""):
    """The same for bits."""
    total, p = 0.0, 0.5 if change == "prior" else p
    for t in range(2, len(beta)):
        xt = (noises[t] < bits.marginal(x0, alpha_bar[t], p)) * 1.0
        h = xt
        for W, b in (("W_1", "b_1"), ("W_2", "b_2")):
            h = (np.tanh if change == "tanh" else sigmoid)(h @ params[W] + params[b])
        i = t - 1 if change == "readout of t - 1" else t
        rate, q = sigmoid(h @ params["W"][i] + params["b"][i]), bits.posterior(xt, x0, beta[t], alpha_bar[t - 1], p)
        each = bits.kl(rate, q) if change == "exchanged" else bits.kl(q, rate)
        if change == "cross entropy":
            each = -bits.x_log(q, rate) - bits.x_log(1 - q, 1 - rate)
        total = total - each.sum() / {"batch sum": 1, "coordinates": x0.size}.get(change, len(x0))
    return {"minus": -total, "mean over t": total / (len(beta) - 2), "T/(T - 1)": total * (len(beta) - 1) / (len(beta) - 2)}.get(change, total)


def gradient(value, params):
    """The gradient of value(params) by complex steps: no cancellation."""
    out = {}
    for name, a in params.items():
        out[name], moved = np.zeros(a.shape), {**params, name: a.astype(complex)}
        for i in np.ndindex(a.shape):
            moved[name][i] += 1e-30j
            out[name][i] = value(moved).imag / 1e-30
            moved[name][i] = a[i]
    return out


def wrong_gradient(value, names, change="", after=lambda g: g):
    """A wrong value and gradient of one of the two networks."""
    def wrong(**inputs):
        params = {n: inputs.pop(n) for n in names}
        f = lambda q: value(q, **inputs, change=change)                                     # noqa: E731
        g = after(gradient(f, params))
        return (np.real(f(params)), *g.values())
    return wrong


def run(change=""):
    """Plain gradient ascent with one change in the steps, or in the objective."""
    def wrong(rate_of_learning, steps, **inputs):
        params = {n: inputs.pop(n) for n in RBF}
        objective = change if change in ("minus", "exchanged", "mean over t", "batch sum", "coordinates", "frozen variance") else ""
        f = lambda q: rbf_value(q, **inputs, change=objective)                              # noqa: E731
        momentum, values = {n: 0 * a for n, a in params.items()}, []
        for k in range(1, steps + 1):
            values.append(np.real(f(params)))
            for n in RBF if change == "one after the other" else [RBF]:
                g = gradient(f, {**params}) if n is RBF else {n: gradient(f, params)[n]}
                momentum.update({m: 0.9 * momentum[m] + a for m, a in g.items()})
                d = {"descent": {m: -a for m, a in g.items()}, "momentum": momentum, "signs": {m: np.sign(a) for m, a in g.items()},
                     "decay": {m: a / k for m, a in g.items()},
                     "not the centres": {m: a * (m not in ("centres", "log_width")) for m, a in g.items()},
                     "half": {m: a / 2 for m, a in g.items()}}.get(change, g)
                params.update({m: params[m] + rate_of_learning * a for m, a in d.items()})
            if change == "after":
                values[-1] = np.real(f(params))
        if change == "one step more":
            params.update({m: params[m] + rate_of_learning * a for m, a in gradient(f, params).items()})
        return np.array(values), params["centres"], params["W_mean"], params["b_var"]
    return wrong


def scale(g, names, by):
    """Some of the gradients multiplied."""
    return {n: a * by if n in names else a for n, a in g.items()}


_COMMON = [
    ("q and p exchanged", "direction", "The KL averages over the posterior q.", "exchanged"),
    ("the gradient of minus the bound", "direction", "Here the value is -sum KL, to be increased.", "minus"),
    ("mean over t", "coordinates", "The value sums over t = 2..T.", "mean over t"),
    ("T/(T - 1) too large", "coordinates", "There are T - 1 terms.", "T/(T - 1)"),
    ("summed over the batch", "coordinates", "The value is the mean over samples.", "batch sum"),
    ("mean over the coordinates", "coordinates", "Sum over coordinates.", "coordinates"),
    ("readout of step t - 1", "direction", "The readout of step t has index t.", "readout of t - 1"),
]
G, B, R = "gradient.rbf", "gradient.bit_mlp", "training.run"
TRAINING = [M(name, G, flag, advice, wrong_gradient(rbf_value, RBF, change)) for name, flag, advice, change in _COMMON]
TRAINING += [M(name, B, flag, advice, wrong_gradient(bit_value, MLP, change)) for name, flag, advice, change in _COMMON]
TRAINING += [
    M("basis not normalised", G, "coefficient", "The radial basis units are scaled to sum to 1.", wrong_gradient(rbf_value, RBF, "not normalised")),
    M("width not squared", G, "coefficient", "The exponent is divided by 2 w^2, w = exp(log_width).", wrong_gradient(rbf_value, RBF, "width not squared")),
    M("without the 2 of 2 w^2", G, "coefficient", "The exponent is divided by 2 w^2.", wrong_gradient(rbf_value, RBF, "no 2")),
    M("exp for sigmoid on the variance", G, "coefficient", "f_Sigma goes through a sigmoid.", wrong_gradient(rbf_value, RBF, "exp")),
    M("the sigmoid taken as a standard deviation", G, "coefficient", "The sigmoid gives the variance.", wrong_gradient(rbf_value, RBF, "std")),
    M("squared error of the means", G, "coefficient", "The simple loss of later models is not the KL.", wrong_gradient(rbf_value, RBF, "mse")),
    M("no gradient through the variance", G, "coefficient", "f_Sigma is learned too.", wrong_gradient(rbf_value, RBF, "frozen variance")),
    M("no gradient for centres and widths", G, "coefficient", "Centres and widths are learned too.", wrong_gradient(rbf_value, RBF, after=lambda g: scale(g, ("centres", "log_width"), 0))),
    M("gradient in the width, not its logarithm", G, "coefficient", "The parameter is log w.", lambda **a: width_gradient(**a)),
    M("value in bits", G, "coefficient", "Nats inside.", wrong_gradient(rbf_value, RBF, "bits")),
    M("gradient of the wrong sign", G, "direction", "The gradient points uphill on the bound.", wrong_gradient(rbf_value, RBF, after=lambda g: scale(g, RBF, -1))),
    M("π = B(0.5) whatever p is", B, "prior", "p enters marginal and posterior.", wrong_gradient(bit_value, MLP, "prior")),
    M("tanh for sigmoid", B, "direction", "The heartbeat's layers are sigmoid units.", wrong_gradient(bit_value, MLP, "tanh")),
    M("cross entropy for KL", B, "direction", "The gradient is right, the value lacks the entropy of q.", wrong_gradient(bit_value, MLP, "cross entropy")),
    M("no gradient in the first layer", B, "direction", "All layers are learned.", wrong_gradient(bit_value, MLP, after=lambda g: scale(g, ("W_1", "b_1"), 0))),
    M("gradient of the wrong sign", B, "direction", "The gradient points uphill on the bound.", wrong_gradient(bit_value, MLP, after=lambda g: scale(g, MLP, -1))),
    M("descent for ascent", R, "sign", "K is increased: add the step.", run("descent")),
    M("minus the bound is increased", R, "sign", "The value is -sum KL; minus that must be decreased.", run("minus")),
    M("momentum", R, "order", "The vector is a run of plain gradient steps; check an optimiser by itself.", run("momentum"), True),
    M("only the gradient's sign", R, "order", "The vector is a run of plain gradient steps.", run("signs")),
    M("a falling learning rate", R, "order", "The rate is the same at every step here.", run("decay"), True),
    M("half the step", R, "order", "Add rate times gradient: is the objective halved?", run("half")),
    M("centres and widths not trained", R, "order", "Centres and widths are learned too.", run("not the centres")),
    M("parameters updated one after the other", R, "order", "All gradients are taken at the same parameters.", run("one after the other")),
    M("one step more", R, "order", "The parameters are those after the last step that reports a value.", run("one step more")),
    M("value after the update", R, "order", "Each value is at the parameters before its update.", run("after")),
    M("no gradient through the variance", R, "order", "f_Sigma is learned too.", run("frozen variance")),
    M("q and p exchanged", R, "order", "The KL averages over the posterior q.", run("exchanged")),
    M("mean over t", R, "order", "The value sums over t = 2..T.", run("mean over t")),
    M("mean over the coordinates", R, "order", "Sum over coordinates.", run("coordinates")),
    M("summed over the batch", R, "order", "The value is the mean over samples.", run("batch sum")),
]


def width_gradient(**inputs):
    """The gradient with respect to w where log w is the parameter."""
    out = list(wrong_gradient(rbf_value, RBF)(**inputs))
    out[2] = out[2] / np.exp(inputs["log_width"])
    return tuple(out)
