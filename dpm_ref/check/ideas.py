"""Candidates for an explanation: functions that return what an implementation with a certain fault would."""
from itertools import combinations
from typing import Callable, NamedTuple

import numpy as np

from .bank import BANK
from .calling import bind
from .catalogue import CATALOGUE, kind
from .conventions import pool, settled
from .reference import ADAPTER


class Idea(NamedTuple):
    """A candidate: a function of a case's inputs that returns what an implementation with this fault would."""
    name: str
    advice: str
    wrong: Callable
    cost: int
    choice: bool = False
    equation: str = ""
    each: bool = False      # acts on each output by itself


def outputs(value, names):
    """What an idea returns, by name."""
    return dict(zip(names, value if isinstance(value, tuple) else (value,)))


def bank_ideas(result):
    """The bank's entries for this function."""
    return [Idea(m.name, m.advice, m.wrong, 1, m.choice, m.equation) for m in BANK if m.function == result.function]


def right(function):
    """The right formula with the vectors' inputs: the package itself."""
    plain = settled({}, function)

    def call(**inputs):
        offered = pool(inputs, function, plain)
        arguments, keywords = bind(ADAPTER[function], function, offered, plain)
        value = ADAPTER[function](*arguments, **keywords)
        return tuple(value) if isinstance(value, (tuple, list)) and len(CATALOGUE[function].returns) > 1 else value
    return call


def tampered(result):
    """The right formula with one of its arguments changed before it is called."""
    f, inputs = right(result.function), result.outcomes[0].case["inputs"]

    def idea(name, advice, **change):
        def wrong(**a):
            return f(**{**a, **{k: v(a) for k, v in change.items()}})
        return Idea(name, advice, wrong, 2)
    out = []
    for a, b in combinations(inputs, 2):
        if kind(a) == kind(b) and kind(a) in ("x", "var", "time", "nats") and np.shape(inputs[a]) == np.shape(inputs[b]):
            out.append(idea(f"{a} and {b} exchanged", "Check the order of the arguments.", **{a: lambda i, b=b: i[b], b: lambda i, a=a: i[a]}))
    spreads = [n for n in inputs if kind(n) == "var"]
    if len(spreads) > 1:
        out.append(idea("variances taken for log variances", "The arguments are variances; or state conventions spread.",
                        **{n: lambda i, n=n: np.exp(i[n]) for n in spreads}))
    for name in inputs:
        what = kind(name)
        if what == "var" or name in ("gain_var", "y_var", "w"):
            out.append(idea(f"{name} taken for a standard deviation", "It is a variance; or state conventions spread.", **{name: lambda i, n=name: i[n] ** 2}))
            out.append(idea(f"square root of {name}", "It is a variance where a variance is meant.", **{name: lambda i, n=name: np.sqrt(i[n])}))
            out.append(idea(f"{name} taken for a log variance", "It is a variance; or state conventions spread.", **{name: lambda i, n=name: np.exp(i[n])}))
        if what == "index":
            out += [idea(f"t {'+' if k > 0 else '-'} 1 for t", "t is the paper's t = 1..T; arrays over time have an entry 0.",
                         t=lambda i, k=k: np.clip(i["t"] + k, 1, len(i["beta"]) - 1)) for k in (-1, 1)]
            out.append(idea("one t for the whole batch", "Each row has its own t.", t=lambda i: int(np.ravel(i["t"])[0])))
            out.append(idea("the last t for the whole batch", "Each row has its own t.", t=lambda i: int(np.ravel(i["t"])[-1])))
        if what in ("x", "time_x") or name in ("gain", "shift"):
            out.append(idea(f"{name} left out", f"{name} does not enter.", **{name: lambda i, n=name: 0 * i[n]}))
            out += [idea(f"{name} {word}", "Check the sign and the factors.", **{name: lambda i, n=name, k=k: k * i[n]})
                    for word, k in (("with the other sign", -1), ("doubled", 2), ("halved", 0.5))]
        if what in ("x", "time_x"):
            out.append(idea(f"first row of {name} for the whole batch", "Each row has its own values.", **{name: lambda i, n=name: i[n][..., :1, :] + 0 * i[n]}))
            out.append(idea(f"first coordinate of {name} for all", "Each coordinate has its own value.", **{name: lambda i, n=name: i[n][..., :1] + 0 * i[n]}))
        if what in ("x", "time_nats", "nats") and np.ndim(inputs[name]):
            axis = 0 if what == "x" else -1
            out.append(idea(f"{name} averaged over the batch", "Each sample has its own value.",
                            **{name: lambda i, n=name, a=axis: np.mean(i[n], axis=a, keepdims=True) + 0 * i[n]}))
        if name == "kl_drawn":
            out.append(idea("only the first t that was drawn", "Average over all drawn t.", kl_drawn=lambda i: i["kl_drawn"][:1]))
        if name == "rate_of_learning":
            out += [idea(f"{word} the learning rate", "Check the step.", rate_of_learning=lambda i, k=k: k * i["rate_of_learning"])
                    for word, k in (("twice", 2), ("half", 0.5), ("minus", -1), ("a third of", 1 / 3))]
        if name == "p":
            out.append(idea("p = 0.5 whatever p is", "π = B(p).", p=lambda i: 0.5))
            out.append(idea("1 - p for p", "p is the probability of a 1.", p=lambda i: 1 - i["p"]))
        if what in ("time_x", "path"):
            out.append(idea(f"{name} in reverse order", "The first axis runs over t = 0..T.", **{name: lambda i, n=name: i[n][::-1]}))
        if what in ("time", "time_x"):
            for k, word in ((1, "late"), (-1, "early")):
                out.append(idea(f"{name} one entry {word}", "Arrays over time have an entry 0: index t is the paper's t.", **{name: lambda i, n=name, k=k: shifted(i[n], k)}))
    return out


def shifted(a, k):
    """An array over time moved by one entry, the end repeated; entry 0 kept."""
    moved = np.concatenate([a[:1], a[:-1]]) if k > 0 else np.concatenate([a[1:], a[-1:]])
    return np.concatenate([a[:1], moved[1:]])


def matrix(a):
    """The number of axes of an array (.., N, D); ValueError for one without coordinates."""
    if np.ndim(a) < 2:
        raise ValueError("no coordinates")
    return np.ndim(a)


CHANGES = {
    "in bits (times 1/ln 2)": (lambda a: a / np.log(2), "Nats here; or state conventions unit = 'bits'."),
    "times ln 2": (lambda a: a * np.log(2), "Nats are nats: no conversion."),
    "with the other sign": (lambda a: -a, "Check the sign."),
    "twice as large": (lambda a: 2 * a, "A factor 2 too many."),
    "half as large": (lambda a: a / 2, "A factor 1/2 too many, or a mean over the D = 2 coordinates for their sum."),
    "missing (zero)": (lambda a: 0 * a, "It is zero everywhere."),
    "the square root": (np.sqrt, "Return the variance, not the standard deviation; or state conventions spread = 'std'."),
    "squared": (np.square, "Squared once too often."),
    "the logarithm": (np.log, "Return the value itself; or state conventions spread = 'log_var'."),
    "the exponential": (np.exp, "Return the logarithm."),
    "the reciprocal": (lambda a: 1 / a, "Upside down (a precision for a variance?)."),
    "one minus it": (lambda a: 1 - a, "The complement was returned."),
    "averaged over the coordinates": (lambda a: np.mean(a, axis=matrix(a) - 1, keepdims=True) + 0 * a, "Each coordinate has its own value."),
    "averaged over the batch": (lambda a: np.mean(a, axis=0 if a.ndim < 3 else 1, keepdims=True) + 0 * a, "Each sample has its own value."),
    "first coordinate for all": (lambda a: a[..., :1 + 0 * matrix(a)] + 0 * a, "Each coordinate has its own value."),
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


def after(idea, word, names, prefix=""):
    """The idea with one change applied to one or all of its outputs."""
    change, advice = CHANGES[word]

    def wrong(only=None, **inputs):
        values = outputs(idea.wrong(**inputs), ALL[0])
        return tuple(change(np.asarray(v, dtype=float)) if n in names else v for n, v in values.items())
    label = ("" if len(names) == len(ALL[0]) else ", ".join(names) + " ") + word
    return Idea(f"{idea.name}; {label}" if idea.name else label, f"{idea.advice} {advice}".strip(), wrong, idea.cost + 1, each=not idea.name)


ALL = [()]


def changed(result):
    """The right formula with its outputs, or one of them, changed."""
    ALL[0] = CATALOGUE[result.function].returns
    base = Idea("", "", right(result.function), 1)
    groups = [ALL[0]] + ([(n,) for n in ALL[0]] if 1 < len(ALL[0]) <= 4 else [])
    return [after(base, word, names) for names in groups for word in CHANGES]


def combined(result):
    """Every mistake of the bank with its outputs changed: for functions that are cheap to call."""
    if result.function.startswith(("gradient", "training")):
        return []
    return [after(idea, word, ALL[0]) for idea in bank_ideas(result) for word in list(CHANGES)[:9]]
