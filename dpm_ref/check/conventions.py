"""From the vectors' conventions to an implementation's and back.

    t_first   1, or 0: step t is called t - 1 and arrays over time have no entry for t = 0
    rate      "beta", or "alpha_bar": what a function called with (or returning) a schedule means by it
    spread    "var", "std" or "log_var"
    unit      "nats" or "bits"
    reduce    "dimension": kl, entropy and log density per coordinate; "sample": summed over them; "pixel": their mean,
              and the bound's numbers divided by the number of coordinates too
    layout    "ND", "DN", "NHWC", "NCHW" (images of one row of D pixels), or "D": one sample at a time
    t_batch   "column": t of shape (N, 1) for a batch of mixed steps, else one number; "vector": always (N,)
    dtype     "float64" or "float32"
    array     a function applied to every array before it is passed on, such as torch.as_tensor
    samples   names of functions that draw, and do not take the noise

A function's own conventions go under its name: {"spread": "var", "gaussian.kl": {"spread": "log_var"}}.
"""
import numpy as np

from ..schedule import from_beta
from .catalogue import kind

DEFAULT = {"t_first": 1, "rate": "beta", "spread": "var", "unit": "nats", "reduce": "dimension", "layout": "ND",
           "t_batch": "column", "dtype": "float64", "array": None, "samples": ()}
ALLOWED = {"t_first": (0, 1), "rate": ("beta", "alpha_bar"), "spread": ("var", "std", "log_var"), "unit": ("nats", "bits"),
           "reduce": ("dimension", "sample", "pixel"), "layout": ("ND", "DN", "NHWC", "NCHW", "D"),
           "t_batch": ("column", "vector"), "dtype": ("float64", "float32")}
TIME = ("time", "time_x", "time_nats", "time_parameter")
BATCH = ("x", "var", "nats_x", "path", "time_x")
NATS = ("nats", "nats_x", "time_nats")
A_VALUE_OF_T = ("reverse.bumps", "product.exponent")   # here t is a number in a formula, not an index


class NotApplicable(Exception):
    """This case cannot be asked of an implementation with these conventions."""


def settled(stated, function):
    """All conventions for one function; ValueError for a word that the kit does not know."""
    stated = dict(stated or {})
    own = stated.get(function, {})
    out = {**DEFAULT, **{k: v for k, v in stated.items() if "." not in k}, **own}
    for name, value in out.items():
        if name not in DEFAULT:
            raise ValueError(f"unknown convention {name!r}; the kit knows {', '.join(DEFAULT)}")
        if name in ALLOWED and value not in ALLOWED[name]:
            raise ValueError(f"convention {name} = {value!r}: it must be one of {', '.join(map(repr, ALLOWED[name]))}")
    return out


def pool(inputs, function, to):
    """Everything that a function may ask for by name, in its own conventions; NotApplicable for t = 0 counted from 0."""
    full, out = derived(inputs), {}
    for name, value in full.items():
        if isinstance(value, np.ndarray) and value.ndim:
            value = entering(name, value, to)
        if name == "t" and function not in A_VALUE_OF_T:
            if to["t_first"] == 0 and np.min(value) < 1:
                raise NotApplicable("t = 0 has no name where steps count from 0")
            value = value - (1 - to["t_first"])
            rows = next((len(v) for n, v in full.items() if kind(n) == "x" and np.ndim(v) == 2), 1)
            if to["t_batch"] == "vector":
                value = np.broadcast_to(np.ravel(value), (rows,)).copy()
            elif np.ndim(value) and to["layout"] in ("NHWC", "NCHW"):
                value = value.reshape(-1, 1, 1, 1)
        if isinstance(value, np.ndarray):
            value = cast(value, to)
        out[name] = value
    if to["rate"] == "alpha_bar" and "alpha_bar" in out and "rate" not in out:
        out["rate"] = out["alpha_bar"]
    return out


def derived(inputs):
    """The inputs, and what follows from them: T, alpha, alpha_bar, a Schedule, values at t, standard deviations, a reverse kernel."""
    out = dict(inputs)
    if "beta" in out:
        out.setdefault("alpha_bar", np.cumprod(1 - out["beta"]))
        out.setdefault("T", len(out["beta"]) - 1)
        out["alpha"] = 1 - out["beta"]
        out["schedule"] = from_beta(out["beta"][1:])
        if "t" in out:
            t = out["t"]
            out.update(beta_t=out["beta"][t], alpha_t=out["alpha"][t], alpha_bar_t=out["alpha_bar"][t])
            out["alpha_bar_prev"] = out["alpha_bar"][np.maximum(t - 1, 0)]
    with np.errstate(divide="ignore"):
        for name in [n for n in out if kind(n) == "var"]:
            out[name.replace("var", "std")], out["log_" + name] = np.sqrt(out[name]), np.log(out[name])
        if "d" in out:
            out["slope"] = np.log(out["d"]) - np.log1p(-out["d"])
    if "gain" in out:
        gain, other = out["gain"], out.get("gain_var", out.get("shift"))
        gaussian = "gain_var" in out
        out["reverse"] = lambda x, t: (gain[t] * x, other[t] + 0 * x) if gaussian else gain[t] * x + other[t]
    return out


def entering(name, value, to):
    """One array in the implementation's conventions."""
    what = kind(name)
    if what in TIME and to["t_first"] == 0 or name == "alpha" and to["t_first"] == 0:
        value = value[1:]
    if what == "var" and to["spread"] != "var":
        with np.errstate(divide="ignore"):
            value = np.sqrt(value) if to["spread"] == "std" else np.log(value)
    if what in NATS and to["unit"] == "bits" and name != "nats":
        value = value / np.log(2)
    if what in BATCH:
        value = laid_out(value, to["layout"])
    return value


def laid_out(value, layout):
    """(..., N, D) in the layout; "D" is done by the runner, sample by sample."""
    lead, (N, D) = value.shape[:-2], value.shape[-2:] if value.ndim >= 2 else (1, 1)
    if value.ndim < 2 or layout in ("ND", "D"):
        return value
    return np.swapaxes(value, -1, -2) if layout == "DN" else value.reshape(lead + ((N, 1, D, 1) if layout == "NHWC" else (N, 1, 1, D)))


def cast(value, to):
    """The stated dtype for floating numbers, then the implementation's own kind of array."""
    if value.dtype.kind == "f":
        value = value.astype(to["dtype"])
    return to["array"](value.copy()) if to["array"] else value.copy()


def leaving(name, value, expected, to, notes):
    """One returned array in the vectors' conventions, shaped like `expected` where that can be done without guessing."""
    what, value = kind(name), np.asarray(value)
    if what in BATCH:
        value = laid_back(value, expected, to["layout"])
    if name == "beta" and to["rate"] == "alpha_bar":
        value = with_start(value, expected, 1.0, notes)
        value = np.concatenate([[0.0], 1 - value[1:] / value[:-1]])
    if what in TIME:
        value = with_start(value, expected, 1.0 if name == "alpha_bar" else 0.0, notes)
    if what == "var" and to["spread"] != "var":
        value = value ** 2 if to["spread"] == "std" else np.exp(value)
    if what in NATS and to["unit"] == "bits":
        value = value * np.log(2)
    if value.ndim and value.ndim == expected.ndim - 1 and len(value) == expected.shape[0] != expected.shape[-1] and what in ("x", "var"):
        value = value[..., None]                                            # one number a row
    return value


def laid_back(value, expected, layout):
    """The inverse of `laid_out`, for results that may have fewer axes."""
    if layout == "DN" and value.ndim >= 2:
        return np.swapaxes(value, -1, -2)
    if layout in ("NHWC", "NCHW"):
        if value.size == expected.size:
            return value.reshape(expected.shape)
        return value.reshape(value.shape[:1]) if value.ndim == 4 and value.size == len(value) else value
    return value


def with_start(value, expected, start, notes):
    """An array over time that may lack its entry 0 (or, for terms of K, the entries 0 and 1)."""
    missing = expected.shape[0] - value.shape[0] if value.ndim else 0
    if missing in (1, 2) and value.shape[1:] == expected.shape[1:]:
        if missing == 2 and expected.ndim == 1:
            return value
        notes.add(f"arrays over time come back without {'entry 0' if missing == 1 else 'entries 0 and 1'}: filled in")
        return np.concatenate([np.full((missing,) + expected.shape[1:], start), value])
    return value


def reduced(name, expected, got_shape, function, inputs, to, notes):
    """What an implementation that sums or averages over coordinates should return."""
    if kind(name) == "nats_x" and expected.ndim == 2:
        if to["reduce"] == "sample":
            return expected.sum(axis=1)
        if to["reduce"] == "pixel":
            return expected.mean(axis=1)
        if got_shape == expected.shape[:1] and expected.shape[0] != expected.shape[1]:
            notes.add("summed over a sample's coordinates (conventions: reduce = 'sample')")
            return expected.sum(axis=1)
    if to["reduce"] == "pixel" and function.startswith("bound.") and kind(name) in ("nats", "time_nats"):
        data = inputs.get("x0", inputs.get("path"))
        return expected if data is None else expected / data.shape[-1]
    return expected
