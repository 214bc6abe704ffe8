"""Odd arguments, by kind, and what must come back when one of them takes the place of a good one.

    SAME      the result of the good call
    CLOSE     the same in single precision
    REFUSED   a ValueError that the package raises itself, with a sentence
    NAN       nan, because nan was given; or refused
    RAISES    any error, but no number: for what is of another type altogether, such as None for an array

A kind is a function of the good value that returns a list of (what is odd, the value, what must come back). `bits` says
whether the call is about bits. A value that is a function of nothing is called when the odd call is made.
"""
import numpy as np

from dpm_ref import binomial, schedule
from dpm_ref.binomial import Bernoulli
from dpm_ref.gaussian import Gaussian
from dpm_ref.products import factors

SAME, CLOSE, REFUSED, NAN, RAISES = "same", "close", "refused", "nan or refused", "raises"

S, BITS = schedule.from_beta([0.2, 0.3, 0.5]), binomial.with_p(0.3)          # the schedule and the kernel of all good calls
OTHER, PERMUTED = schedule.from_beta([0.2, 0.3]), schedule.from_beta([0.5, 0.3, 0.2])
NORMAL = np.random.default_rng(1).standard_normal((3, 2))


def all_are(expected):
    """A function that makes a list of odd arguments of a dictionary of them."""
    return lambda values: [(odd, value, expected) for odd, value in values.items()]


same, close, refused, nan, raises = map(all_are, (SAME, CLOSE, REFUSED, NAN, RAISES))


def put(a, value):
    """The array as floats, with its first entry changed."""
    a = np.array(a, dtype=float)
    a[(0,) * a.ndim] = value
    return a


def without(kind, *odd):
    """The kind without some of its odd arguments."""
    return lambda value, bits: [case for case in kind(value, bits) if case[0] not in odd]


def also(kind, more):
    """The kind and those that more(value) are refused."""
    return lambda value, bits: kind(value, bits) + refused(more(value))


def nothing(value, bits):
    return []


# --- arrays ---------------------------------------------------------------------------------------------------------

def numbers(a, bits=False):
    """An array of numbers."""
    whole = (a == np.round(a)).all() and np.min(a) >= 0
    types = {"integers": a.astype(int), "uint8": a.astype(np.uint8)} if whole else {}
    return (same({**types, "booleans": a.astype(bool)} if bits and np.max(a) <= 1 else types)
            + close({"float32": a.astype(np.float32)}) + nan({"nan": put(a, np.nan)})
            + raises({"words": np.full(a.shape, "a"), "None": None}))


def rates(a, bits):
    """Points, or the rates of bits."""
    return numbers(a, bits) + refused({"2 as a bit": put(a, 2), "-1 as a bit": put(a, -1)} if bits else {"inf": put(a, np.inf)})


def points(a, bits):
    """Points of any shape."""
    return rates(a, bits) + refused({"a half as a bit": put(a, 0.5)} if bits else {})


def data(a, bits):
    """Points with an axis for the points."""
    return points(a, bits) + refused({"one point without its axis": a[0], "no points": a[:0]})


def inputs(a, bits):
    """What a network is called with."""
    return (same({"integers": a.astype(int)}) + nan({"nan": put(a, np.nan)}) + raises({"another D": a[:, :1], "None": None})
            + refused({"one point without its axis": a[0]}))


def vector(a, bits):
    return numbers(a) + refused({"a column": a[:, None], "a number": 1.0})


def values(a, bits):
    """Numbers to be averaged."""
    return vector(a, bits) + refused({"none": a[:0], "complex numbers": a + 1j})


def betas(a, bits):
    return (same({"a list": a.tolist()}) + refused({f"beta_1 = {v}": put(a, v) for v in (0, -0.1, 1.5, np.nan)})
            + refused({"a matrix": a[None], "none": a[:0], "a number": 0.1, "complex numbers": a + 0j})
            + raises({"words": ["a"], "None": None}))


def over_time(a, bits):
    """One number for each t = 0..T."""
    return (same({"a list": a.tolist()}) + nan({"nan at T": put(a[::-1], np.nan)[::-1]}) + raises({"a number": 1.0})
            + refused({"one too few": a[1:], "one too many": np.append(a, 1.0), "two": a[:2], "a column": a[:, None]}))


def per_point(a, bits):
    """One number for each point."""
    return (same({"a list": a.tolist()}) + nan({"nan": put(a, np.nan)})
            + refused({"a number": 1.0, "a column": a[:, None], "one too many": np.append(a, 1.0)}))


def probabilities(p, bits):
    negative = p + np.array([1.0, -1.0] + [0] * (len(p) - 2))
    return (same({"a list": p.tolist()}) + close({"float32": p.astype(np.float32)})
            + refused({"they sum to 2": 2 * p, "negative": negative, "nan": put(p, np.nan), "a number": 1.0,
                       "one too few": p[1:] / p[1:].sum(), "a matrix": np.stack([p, p]) / 2}))


def shares(w, bits):
    """Weights that need not sum to 1."""
    return (same({"a list": w.tolist(), "twice as much": 2 * w})
            + refused({"negative": put(w, -1), "nan": put(w, np.nan), "all zero": 0 * w, "one too few": w[1:],
                       "a matrix": np.stack([w, w])}))


def multiplicity(a, bits):
    """How many states each of the given states stands for."""
    return refused({"one too few": a[1:], "negative": -a, "twice as many": 2 * a, "nan": put(a, np.nan)})


def mask(a, bits):
    return same({"a list": a.tolist()}) + refused({"numbers": a * 1.0, "another D": np.append(a, True)})


# --- numbers --------------------------------------------------------------------------------------------------------

def count(n, bits, least=1):
    return (same({"numpy's int": np.int64(n)}) + refused({f"{v}": v for v in (least - 1, -1, 1.5, np.nan)})
            + raises({"a word": "a", "None": None}))


def at_least_2(n, bits):
    return count(n, bits, 2)


def not_negative(v, bits):
    return (same({"an integer": int(v)} if v == int(v) else {}) + refused({f"{w}": w for w in (-1.0, np.nan, np.inf)})
            + raises({"a word": "a", "None": None}))


def positive(v, bits):
    return not_negative(v, bits) + refused({"0": 0})


def real(v, bits):
    return nan({"nan": np.nan}) + raises({"a word": "a", "None": None})


def share(v, bits):
    """A number between 0 and 1."""
    return refused({f"{w}": w for w in (0.0, 1.0, -0.5, 1.5, np.nan)}) + raises({"a word": "a", "None": None})


def choice(word, bits):
    return refused({"another word": "linear", "None": None})


# --- what chains are made of ----------------------------------------------------------------------------------------

def step(t, bits, least=1):
    """Steps of a chain of 3, an int or one for each of 3 points."""
    wrong = raises({"t = None": None, "t = '2'": "2"})
    if np.ndim(t) == 0:
        return wrong + same({"numpy's int": np.int64(t)}) + refused({f"t = {v}": v for v in (least - 1, -1, 4, 1.5, np.nan)})
    return (wrong + same({"a list": list(t), "uint8": t.astype(np.uint8)})
            + refused({f"t_1 = {v}": put(t, v).astype(int) for v in (least - 1, -1, 4)})
            + refused({"t_1 = 1.5": put(t, 1.5), "t_1 = nan": put(t, np.nan), "one too many": np.append(t, 2)}))


def step_0(t, bits):
    return step(t, bits, 0)


def step_2(t, bits):
    return step(t, bits, 2)


def schedules(s, bits):
    return raises({"rates": s.beta, "None": None})


def other_schedules(s, bits):
    return schedules(s, bits) + refused({"of another length": OTHER, "of other rates": PERMUTED})


def generator(rng, bits):
    return refused({"a seed": 0, "None": None, "numpy's module": np.random})


def shape(s, bits):
    return raises({"a negative length": (-1, 2), "a fraction": (2.5, 2)})


def particles(s, bits):
    """A shape whose first length is the number of points."""
    return shape(s, bits) + refused({"no points": (0,) + s[1:]}) + raises({"a number": 3})


def noise(z, bits):
    return (same({"a list": z.tolist()}) + close({"float32": z.astype(np.float32)}) + nan({"nan": put(z, np.nan)})
            + refused({"noise of one point": z[0], "noise of one coordinate": z[:, :1], "complex numbers": z + 1j,
                       "noise of more points": np.concatenate([z, z])})
            + refused({"normal noise": NORMAL} if bits else {}) + raises({"None": None}))


def noises(z, bits):
    """Noise for every step."""
    return (same({"a generator": (n for n in z)})
            + refused({"one too few": z[:-1], "one too many": [*z, z[0]], "noise of one point": [n[0] for n in z],
                       "noise of one coordinate": [n[:, :1] for n in z]}))


def distribution(q, bits):
    return rate(q.rate) if bits else mean_and_var(*q)


def rate(r):
    return (same({"a list": lambda: Bernoulli(r.tolist())}) + close({"float32": lambda: Bernoulli(r.astype(np.float32))})
            + refused({f"rate {v}": lambda v=v: Bernoulli(put(r, v)) for v in (1.5, -0.1, np.nan, np.inf)})
            + refused({"None": lambda: Bernoulli(None), "complex numbers": lambda: Bernoulli(r + 0j)})
            + raises({"an array": r, "a Gaussian": Gaussian(r, 1.0)}))


def mean_and_var(mean, var):
    def both(change):
        return lambda: Gaussian(change(mean), change(var))
    return (same({"uint8": both(lambda a: a.astype(np.uint8)), "integers": both(lambda a: a.astype(int)),
                  "lists": both(np.ndarray.tolist)})
            + close({"float32": both(lambda a: a.astype(np.float32))}) + nan({"mean nan": lambda: Gaussian(put(mean, np.nan), var)})
            + refused({f"variance {v}": lambda v=v: Gaussian(mean, put(var, v)) for v in (-1, np.nan, np.inf)})
            + refused({"mean inf": lambda: Gaussian(put(mean, np.inf), var), "None": lambda: Gaussian(mean, None),
                       "shapes that do not fit": lambda: Gaussian(mean, np.ones(3)), "complex numbers": both(lambda a: a + 0j)})
            + raises({"an array": mean, "bits": Bernoulli(0.5)}))


def reverse(f, bits):
    """Reverse kernels as strangers write them."""
    always = {"returns an array": lambda x, t: f(x, t)[0], "returns None": lambda x, t: None}
    of_bits = {"returns logits": lambda x, t: Bernoulli(8 * (x - 0.5)), "returns nan": lambda x, t: Bernoulli(np.nan * x),
               "returns a rate for each point": lambda x, t: Bernoulli(x[:, 0])}
    of_numbers = {"returns nan": lambda x, t: Gaussian(np.nan * x, 1.0),
                  "returns a log variance": lambda x, t: Gaussian(x, np.full(x.shape, -1.0)),
                  "returns a variance for each point": lambda x, t: Gaussian(x, np.ones(len(x))),
                  "returns a mean for each point": lambda x, t: Gaussian(x[:, 0], 1.0)}
    return refused({**always, **(of_bits if bits else of_numbers)}) + raises({"is no function": 3})


def factor(f, bits):
    other = (factors.known(BITS, np.array([True, False]), np.array([1.0, 0.0]), OTHER, "carried") if bits else
             factors.observation(np.array([1.0, 2.0]), 2.0, OTHER, "constant"))
    return refused({"made for another schedule": other}) + raises({"None": None})
