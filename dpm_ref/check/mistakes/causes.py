"""Mistakes of a whole program: one fault in its tables, its t or its units makes many functions wrong.

INPUTS: name, advice, and what the program computes with, from a case's inputs. OUTPUTS: name, advice, the kinds of what
comes back changed, the change, given the value and the number of coordinates. PIECES: name, advice, and wrong pieces of
each formula that has them, such as alpha_bar_{t-1} alone.
"""
import numpy as np

from .anywhere import bfloat16, half
from .formula import shifted
from .posterior import COEFFICIENTS, PREVIOUS

TABLE = "alpha_bar[t] is the product of 1 - beta[s] over s = 1..t, with alpha_bar[0] = 1."
INDEX = "t is the paper's t = 1..T: beta[t] is beta_t, and arrays over time have an entry 0."
SCHEDULE = "The rates are those that are passed: beta[t] is the variance of step t."
DOUBLE = "Compute tables in float64, and cast when x is multiplied."


def bar(name, change, advice=TABLE):
    """A row about alpha_bar, from beta and the right alpha_bar."""
    return name, advice, lambda i: {"alpha_bar": change(i["beta"], np.cumprod(1 - i["beta"]))}


def rates(name, change, advice=SCHEDULE):
    """A row about beta, which alpha_bar follows."""
    return name, advice, lambda i: {"beta": np.append(0, change(i["beta"][1:]))}


def variances(name, change, advice="Arguments are variances; or state conventions spread."):
    """A row about every variance that arrives."""
    names = ("var", "var_q", "var_p", "gain_var", "y_var")
    return name, advice, lambda i: {n: change(i[n]) for n in names if n in i}


INPUTS = (
    ("t - 1 for t", INDEX, lambda i: {"t": i["t"] - 1}),
    ("t + 1 for t", INDEX, lambda i: {"t": np.minimum(i["t"] + 1, len(i["beta"]) - 1)}),
    ("beta and alpha_bar of t - 1", INDEX, lambda i: {
        "beta": shifted(i["beta"], 1), "alpha_bar": shifted(np.cumprod(1 - i["beta"]), 1)}),
    ("beta and alpha_bar of t + 1", INDEX, lambda i: {
        "beta": shifted(i["beta"], -1), "alpha_bar": shifted(np.cumprod(1 - i["beta"]), -1)}),
    ("beta of t - 1", INDEX, lambda i: {"beta": shifted(i["beta"], 1), "alpha_bar": np.cumprod(1 - i["beta"])}),
    ("beta of t + 1", INDEX, lambda i: {"beta": shifted(i["beta"], -1), "alpha_bar": np.cumprod(1 - i["beta"])}),
    ("one t for the whole batch", "Each row has its own t.", lambda i: {"t": int(np.ravel(i["t"])[0])}),
    ("t rounded to bfloat16", "bfloat16 holds whole numbers up to 256 only.",
     lambda i: {"t": bfloat16(i["t"]).astype(int)[()]}),
    ("t in 8 bits", "uint8 holds 0..255 only.", lambda i: {"t": i["t"] % 256}),
    bar("alpha_bar of t - 1", lambda beta, right: shifted(right, 1)),
    bar("alpha_bar of t + 1", lambda beta, right: shifted(right, -1)),
    bar("alpha_bar without the product: 1 - beta", lambda beta, right: 1 - beta),
    bar("the square root of alpha_bar for alpha_bar", lambda beta, right: np.sqrt(right)),
    bar("alpha_bar squared", lambda beta, right: right ** 2),
    bar("1 - alpha_bar for alpha_bar", lambda beta, right: 1 - right),
    bar("exp(-sum of beta) for alpha_bar", lambda beta, right: np.exp(-np.cumsum(beta))),
    bar("1 - sum of beta for alpha_bar", lambda beta, right: 1 - np.cumsum(beta)),
    bar("alpha_bar_0 is 0, not 1", lambda beta, right: np.append(0, right[1:])),
    bar("alpha_bar padded at its end", lambda beta, right: np.append(right[1:], 1)),
    bar("alpha_bar in half precision", lambda beta, right: half(right), DOUBLE),
    bar("the product for alpha_bar in half precision", lambda beta, right: half(np.cumprod(half(1 - beta))), DOUBLE),
    bar("alpha_bar in bfloat16", lambda beta, right: bfloat16(right), DOUBLE),
    rates("beta halved", lambda b: b / 2), rates("beta doubled", lambda b: np.minimum(2 * b, 1)),
    rates("the square root of beta for beta", np.sqrt), rates("beta squared", np.square),
    rates("1 - beta for beta", lambda b: 1 - b), rates("beta in reverse order", lambda b: b[::-1]),
    rates("beta in half precision", half, DOUBLE), rates("beta in bfloat16", bfloat16, DOUBLE),
    rates("beta at most 0.999", lambda b: np.minimum(b, 0.999), "beta_T = 1 is allowed."),
    variances("variances taken for standard deviations", np.square),
    variances("standard deviations for variances", np.sqrt), variances("variances taken for log variances", np.exp),
    ("p = 0.5 whatever p is", "π = B(p); or state conventions prior.", lambda i: {"p": 0.5 + 0 * i["p"]}),
    ("1 - p for p", "p is the probability of a 1.", lambda i: {"p": 1 - i["p"]}),
    ("noise of the first row for the whole batch", "Each sample has noise of its own.", lambda i: {
        n: i[n][..., :1, :] + 0 * i[n] for n in ("noise", "noises") if n in i}),
)
OUTPUTS = (
    ("standard deviations for variances", "Return variances, or state conventions spread = 'std'.", ("var",),
     lambda v, D: np.sqrt(v)),
    ("log variances for variances", "Return variances, or state conventions spread = 'log_var'.", ("var",),
     lambda v, D: np.log(v)),
    ("variances squared", "Return variances, not their squares.", ("var",), lambda v, D: v ** 2),
    ("precisions for variances", "Return variances.", ("var",), lambda v, D: 1 / v),
    ("bits for nats", "Return nats, or state conventions unit = 'bits'.", ("nats", "nats_x", "time_nats"),
     lambda v, D: v / np.log(2)),
    ("nats times ln 2", "Nats are nats: no conversion.", ("nats", "nats_x", "time_nats"), lambda v, D: v * np.log(2)),
    ("the wrong sign of every log and bound", "K is to be increased; a loss is -K.", ("nats", "nats_x", "time_nats"),
     lambda v, D: -v),
    ("a mean over coordinates for their sum", "Sum over coordinates, or state conventions reduce = 'pixel'.",
     ("nats", "time_nats"), lambda v, D: v / D),
)
PIECES = (*((m.name, m.advice, m.wrong) for m in PREVIOUS),
          *((f"in the posterior, {m.name}", m.advice, m.wrong) for m in COEFFICIENTS))
