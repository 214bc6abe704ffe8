"""From the vectors' conventions to an implementation's and back."""
from typing import NamedTuple

import numpy as np

from ..schedule import from_beta
from .catalogue import FOLLOWS, kind, needed


class Convention(NamedTuple):
    """One way in which implementations differ without being wrong."""
    default: object
    others: tuple       # the other values; empty where any is allowed
    says: str


CONVENTIONS = {
    "t_first": Convention(1, (0,), "What the first step is called. With 0, arrays over time have no entry for t = 0."),
    "rate": Convention("beta", ("alpha_bar",), "The form in which a schedule is given and returned."),
    "spread": Convention("var", ("std", "log_var"), "The form in which a variance is given and returned."),
    "unit": Convention("nats", ("bits", "bits_reported"),
                       "The unit of KL, entropies, log densities and K; with bits of their gradients too, with "
                       "bits_reported only of the values."),
    "reduce": Convention("dimension", ("sample", "pixel"),
                         "KL, entropy and log density of each coordinate; or their sum over a sample; or their mean, "
                         "where the numbers of the bound are divided by the number of coordinates too."),
    "layout": Convention("ND", ("DN", "NHWC", "NCHW", "D"),
                         "The axes of x. Images have one row of D pixels. With D, one sample (D,) comes at a time."),
    "t_batch": Convention("column", ("flat", "vector", "number"),
                          "Steps that differ between rows: t is (N, 1), or with flat (N,). One step for all rows is a "
                          "number. With vector, t is (N,) always; with number, one step comes at a time."),
    "dtype": Convention("float64", ("float32",), "Of the arrays that are passed, and the precision that is asked for."),
    "array": Convention(None, (), "A function applied to every array that is passed, such as torch.as_tensor."),
    "prior": Convention("given", ("half",), "With half, π is B(0.5) throughout, and no other p is asked for."),
    "start": Convention("asked", ("never",), "With never, no q(x_0|x_0): no marginal at t = 0, no posterior at t = 1."),
    "samples": Convention((), (), "Names of functions that draw by themselves where mean and variance are expected."),
}
SPREADS = {"var": (np.array, np.array), "std": (np.sqrt, np.square), "log_var": (np.log, np.exp)}   # and back
NOT_AS_ASKED = "not as asked"       # what such a note tells is right in a program, but not as an exercise words it
TIME = ("time", "time_x", "time_nats", "time_parameter")
BATCH = ("x", "var", "nats_x", "path", "time_x")
NATS = ("nats", "nats_x", "time_nats")
A_VALUE_OF_T = ("reverse.bumps", "product.exponent")   # here t is a number in a formula, not an index


def conventions_of(stated, function):
    """All conventions for one function; ValueError for a word that the kit does not know.

    A function's own conventions stand under its name: {"spread": "var", "gaussian.kl": {"spread": "log_var"}}.
    """
    stated = dict(stated or {})
    own = {**{k: v for k, v in stated.items() if "." not in k}, **stated.get(function, {})}
    for name, value in own.items():
        if name not in CONVENTIONS:
            raise ValueError(f"unknown convention {name!r}; the kit knows {', '.join(CONVENTIONS)}")
        default, others, _ = CONVENTIONS[name]
        if others and value not in (default, *others):
            allowed = ", ".join(map(repr, (default, *others)))
            raise ValueError(f"convention {name} = {value!r}: it must be one of {allowed}")
    return {**{name: c.default for name, c in CONVENTIONS.items()}, **own}


# --- on the way in --------------------------------------------------------------------------------------------------

def offered(inputs, function, to):
    """All that a function may ask for by name, in its own conventions."""
    rows = next((len(v) for n, v in inputs.items() if kind(n) == "x" and np.ndim(v) == 2), 1)
    out = {}
    for name, value in with_what_follows(inputs).items():
        if isinstance(value, np.ndarray) and value.ndim:
            value = theirs(name, value, to)
        if name == "rate_of_learning" and to["unit"] == "bits":
            value = value * np.log(2)                                       # so that its steps are those of nats
        if kind(name) == "index" and function not in A_VALUE_OF_T:
            value = their_t(value, to, rows)
        out[name] = cast(value, to) if isinstance(value, np.ndarray) else value
    if "gain" in inputs:
        out["reverse"] = reverse_kernel(inputs, to)
    if to["rate"] == "alpha_bar" and "alpha_bar" in out and "rate" not in out:
        out["rate"] = out["alpha_bar"]
    return out


def with_what_follows(inputs):
    """The inputs and what follows from them: values at t, a Schedule, standard deviations."""
    out = dict(inputs)
    with np.errstate(all="ignore"):
        for name, f in FOLLOWS.items():
            if name not in out and all(n in out for n in needed(f)):
                out[name] = f(*(out[n] for n in needed(f)))
        for name in [n for n in out if kind(n) == "var"]:
            out[name.replace("var", "std")], out["log_" + name] = np.sqrt(out[name]), np.log(out[name])
    if "beta" in out:
        out["schedule"] = from_beta(out["beta"][1:])
    return out


def reverse_kernel(inputs, to):
    """A test's reverse kernel as a function of x and t, a number, (N,) or (N, 1): mean and variance, or a rate."""
    def at(name, t, x):
        values = inputs[name][t + 1 - to["t_first"]]
        return np.reshape(values, np.shape(t)[:1] + (1,) * (np.ndim(x) - 1) if np.ndim(t) else ())
    if "shift" in inputs:
        return lambda x, t: at("gain", t, x) * x + at("shift", t, x)
    spread = SPREADS[to["spread"]][0]
    return lambda x, t: (at("gain", t, x) * x, spread(at("gain_var", t, x)) + 0 * x)


def theirs(name, value, to):
    """One array in the implementation's conventions."""
    what = kind(name)
    if (what in TIME or name == "alpha") and to["t_first"] == 0:
        value = value[1:]
    if what == "var":
        with np.errstate(divide="ignore"):
            value = SPREADS[to["spread"]][0](value)
    if what in NATS and to["unit"] != "nats" and name != "nats":
        value = value / np.log(2)
    if what not in BATCH or value.ndim < 2 or to["layout"] in ("ND", "D"):  # the runner does "D", sample by sample
        return value
    if to["layout"] == "DN":
        return np.swapaxes(value, -1, -2)
    N, D = value.shape[-2:]
    return value.reshape(value.shape[:-2] + ((N, 1, D, 1) if to["layout"] == "NHWC" else (N, 1, 1, D)))


def their_t(t, to, rows):
    """t as the implementation calls it."""
    t = t - (1 - to["t_first"])
    if to["t_batch"] == "vector":
        return np.broadcast_to(np.ravel(t), (rows,)).copy()
    if np.ndim(t) and to["t_batch"] == "flat":
        return t[:, 0]
    return t.reshape(-1, 1, 1, 1) if np.ndim(t) and to["layout"] in ("NHWC", "NCHW") else t


def cast(value, to):
    """The stated dtype for floating numbers, then the implementation's own kind of array."""
    value = value.astype(to["dtype"]) if value.dtype.kind == "f" else value.copy()
    return to["array"](value) if to["array"] else value


# --- on the way out -------------------------------------------------------------------------------------------------

def ours(name, value, expected, to, notes):
    """One returned array in the vectors' conventions, and shaped like `expected` where that needs no guess."""
    what = kind(name)
    if what in BATCH:
        value = laid_back(value, expected, to["layout"])
    if name == "beta" and to["rate"] == "alpha_bar":
        value = with_start(value, expected, 1.0, notes)
        value = np.concatenate([[0.0], 1 - value[1:] / value[:-1]])
    if what in TIME:
        start = {"alpha_bar": 1.0, "half_log_snr": np.inf}.get(name, expected[:1] if what == "time_parameter" else 0.0)
        value = with_start(value, expected, start, notes if to["t_first"] else set())
    if what == "var":
        value = SPREADS[to["spread"]][1](value)
    if what in NATS and to["unit"] != "nats" or name.startswith("d_") and to["unit"] == "bits":
        value = value * np.log(2)
    N, D = expected.shape[:1], expected.shape[-1:]
    if what in ("x", "var") and value.ndim == expected.ndim - 1 and value.shape[:1] == N != D:
        value = value[..., None]                                            # one number a row
    return value.reshape(()) if expected.ndim == 0 and value.size == 1 else value


def laid_back(value, expected, layout):
    """An array of the layout as (..., N, D); a result may have fewer axes."""
    if layout == "DN" and value.ndim >= 2:
        return np.swapaxes(value, -1, -2)
    if layout in ("NHWC", "NCHW"):
        if value.size == expected.size:
            return value.reshape(expected.shape)
        return value.reshape(value.shape[:1]) if value.ndim == 4 and value.size == len(value) else value
    return value


def over_time(shape):
    """The shapes that an array over time may have in place of this one."""
    return [(shape[0] - n, *shape[1:]) for n in range(2 if len(shape) == 1 else 3)]


def with_start(value, expected, start, notes):
    """An array over time that may lack its entry 0 (or, for terms of K, the entries 0 and 1)."""
    missing = expected.shape[0] - value.shape[0] if value.ndim else 0
    if missing and value.shape in over_time(expected.shape):
        notes.add(f"{NOT_AS_ASKED}: arrays over time lack {'entry 0' if missing == 1 else 'entries 0 and 1'}")
        return np.concatenate([np.broadcast_to(1.0 * start, (missing, *expected.shape[1:])), value])
    return value


def reduced(name, expected, shape, case, to, notes):
    """What an implementation that sums or averages over coordinates should return; `shape` is that of its result."""
    if kind(name) == "nats_x" and expected.ndim == 2:
        if to["reduce"] == "pixel":
            return expected.mean(axis=1)
        said = to["reduce"] == "sample"
        if not said and shape == expected.shape[:1] != expected.shape[1:]:
            notes.add(f"{NOT_AS_ASKED}: summed over a sample's coordinates (conventions: reduce = 'sample')")
            said = True
        return expected.sum(axis=1) if said else expected
    if to["reduce"] == "pixel" and case["function"].startswith("bound.") and kind(name) in ("nats", "time_nats"):
        data = case["inputs"].get("x0", case["inputs"].get("path"))
        return expected if data is None else expected / data.shape[-1]
    return expected
