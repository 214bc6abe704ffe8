"""Mistakes that any function may have: an argument changed before the call, an output changed after it, a constant."""
import numpy as np


def half(a):
    """Numbers as float16 keeps them."""
    return np.asarray(a).astype(np.float16).astype(float)


def bfloat16(a):
    """Numbers as bfloat16 keeps them: the upper half of a float32, rounded to even."""
    bits = np.asarray(a).astype(np.float32).view(np.uint32)
    kept = (bits + 0x7FFF + ((bits >> 16) & 1)) & np.uint32(0xFFFF0000)
    return kept.astype(np.uint32).view(np.float32).astype(float)


VARIANCES, SIGNED = "var gain_var y_var w", "x time_x gain shift"
ARGUMENTS = (           # kinds or names of the arguments, the name of the fault, advice, the change
    (VARIANCES, "{} taken for a standard deviation", "It is a variance; or state conventions spread.", np.square),
    (VARIANCES, "square root of {}", "It is a variance where a variance is meant.", np.sqrt),
    (VARIANCES, "{} taken for a log variance", "It is a variance; or state conventions spread.", np.exp),
    (SIGNED, "{} left out", "{} does not enter.", lambda a: 0 * a),
    (SIGNED, "{} with the other sign", "Check the sign and the factors.", np.negative),
    (SIGNED, "{} doubled", "Check the sign and the factors.", lambda a: 2 * a),
    (SIGNED, "{} halved", "Check the sign and the factors.", lambda a: a / 2),
    ("x", "{} clipped to -1..1", "Clipping belongs to an estimate of x_0, and only where the data is in [-1, 1].",
     lambda a: np.clip(a, -1, 1)),
    ("x", "{} centred over the batch", "Each sample counts by itself.", lambda a: a - a.mean(axis=0)),
    ("x time_x", "first row of {} for the whole batch", "Each row has its own values.",
     lambda a: a[..., :1, :] + 0 * a),
    ("x time_x", "first coordinate of {} for all", "Each coordinate has its own value.", lambda a: a[..., :1] + 0 * a),
    ("x", "{} averaged over the batch", "Each sample has its own value.", lambda a: a.mean(axis=0) + 0 * a),
    ("nats time_nats", "{} averaged over the batch", "Each sample has its own value.",
     lambda a: a.mean(axis=-1, keepdims=True) + 0 * a),
    ("kl_drawn", "only the first t that was drawn", "Average over all drawn t.", lambda a: a[:1]),
    ("rate_of_learning", "twice the learning rate", "Check the step.", lambda a: 2 * a),
    ("rate_of_learning", "half the learning rate", "Check the step.", lambda a: a / 2),
    ("rate_of_learning", "minus the learning rate", "Check the step.", lambda a: -a),
    ("rate_of_learning", "a third of the learning rate", "Check the step.", lambda a: a / 3),
    ("time_x path", "{} in reverse order", "The first axis runs over t = 0..T.", lambda a: a[::-1]),
    ("time time_x", "{} one entry late", "Arrays over time have an entry 0: index t is the paper's t.",
     lambda a: np.concatenate([a[:1], a[:1], a[1:-1]])),
    ("time time_x", "{} one entry early", "Arrays over time have an entry 0: index t is the paper's t.",
     lambda a: np.concatenate([a[:1], a[2:], a[-1:]])),
    ("time", "{} in half precision", "float16 keeps three digits: 1 - alpha_bar_1 becomes 0.", half),
    ("time", "{} in bfloat16", "bfloat16 keeps two digits: compute tables in float64.", bfloat16),
    ("index", "the last t for the whole batch", "Each row has its own t.", lambda t: int(np.ravel(t)[-1])),
    ("index", "t - 1 for t", "t is the paper's t = 1..T; arrays over time have an entry 0.",
     lambda t: np.maximum(t - 1, 1)),
)


def over(axis_of):
    """A change that averages over an axis, and keeps the shape."""
    return lambda a: np.mean(a, axis=axis_of(a), keepdims=True) + 0 * a


def coordinates(a):
    """The axis of an array (.., N, D) that runs over coordinates; ValueError for an array without coordinates."""
    if a.ndim < 2:
        raise ValueError("no coordinates")
    return a.ndim - 1


OUTPUTS = {
    "in bits (times 1/ln 2)": (lambda a: a / np.log(2), "Return nats, or state conventions unit = 'bits'."),
    "times ln 2": (lambda a: a * np.log(2), "Nats are nats: no conversion."),
    "with the other sign": (np.negative, "Check the sign."),
    "twice as large": (lambda a: 2 * a, "A factor 2 too many."),
    "half as large": (lambda a: a / 2, "A factor 1/2 too many, or a mean over the D = 2 coordinates for their sum."),
    "missing (zero)": (lambda a: 0 * a, "It is zero everywhere."),
    "the square root": (np.sqrt, "Return the variance itself; or state conventions spread = 'std'."),
    "squared": (np.square, "Squared once too often."),
    "the logarithm": (np.log, "Return the value itself; or state conventions spread = 'log_var'."),
    "the exponential": (np.exp, "Return the logarithm."),
    "the reciprocal": (lambda a: 1 / a, "Upside down (a precision for a variance?)."),
    "one minus it": (lambda a: 1 - a, "The complement was returned."),
    "averaged over the coordinates": (over(coordinates), "Each coordinate has its own value."),
    "summed over the coordinates": (lambda a: np.sum(a, axis=coordinates(a), keepdims=True) + 0 * a,
                                    "Each coordinate has its own value."),
    "averaged over the batch": (over(lambda a: 0 if a.ndim < 3 else 1), "Each sample has its own value."),
    "first coordinate for all": (lambda a: np.take(a, [0], coordinates(a)) + 0 * a,
                                 "Each coordinate has its own value."),
    "first row for all": (lambda a: a[:1] + 0 * a, "Each sample has its own value."),
    "in reverse order": (lambda a: a[::-1], "The first axis runs the other way."),
    "one entry late": (lambda a: np.concatenate([a[:1], a[:-1]]), "Index t is the paper's t."),
    "one entry early": (lambda a: np.concatenate([a[1:], a[-1:]]), "Index t is the paper's t."),
    "clipped to 0..1": (lambda a: np.clip(a, 0, 1), "Nothing is clipped here."),
    "clipped to -1..1": (lambda a: np.clip(a, -1, 1), "Nothing is clipped here: the data is not in [-1, 1]."),
    "rounded to whole numbers": (np.round, "A number was rounded or cast to an integer."),
    "cut to whole numbers": (np.trunc, "A number was cast to an integer."),
    "the absolute value": (np.abs, "The sign is lost."),
    "cumulated": (lambda a: np.cumsum(a, axis=0), "Each entry stands for itself."),
}
COMMON = list(OUTPUTS)[:9]      # those that are tried after a named mistake too
OF_SAMPLES = ("averaged over the batch", "first row for all")               # not for a schedule, which has no samples
FACTORS = {             # that a result may be off by, for T steps, D coordinates and a batch of N
    "T/(T - 1)": lambda T, D, N: T / (T - 1), "(T - 1)/T": lambda T, D, N: (T - 1) / T, "T": lambda T, D, N: T,
    "1/T": lambda T, D, N: 1 / T, "T - 1": lambda T, D, N: T - 1, "1/(T - 1)": lambda T, D, N: 1 / (T - 1),
    "D, the number of coordinates": lambda T, D, N: D, "1/D, a mean for a sum": lambda T, D, N: 1 / D,
    "N, the batch": lambda T, D, N: N, "1/N, a mean over the batch": lambda T, D, N: 1 / N,
    "1/ln 2 (bits)": lambda T, D, N: 1 / np.log(2), "ln 2": lambda T, D, N: np.log(2),
    "-1": lambda T, D, N: -1, "2": lambda T, D, N: 2, "1/2": lambda T, D, N: 0.5}
OFFSETS = {"log(2 pi)/2": np.log(2 * np.pi) / 2, "log(2 pi e)/2": np.log(2 * np.pi * np.e) / 2, "1/2": 0.5, "1": 1.0,
           "ln 2": np.log(2), "log(2 pi)": np.log(2 * np.pi), "log(2 pi e)": np.log(2 * np.pi * np.e)}
