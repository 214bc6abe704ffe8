"""What a named mistake is, the flags that sort mistakes, and small formulas from which wrong ones are made.

Plain numpy, no imports from the package: the bank must not share a fault with the code that it judges.
"""
from typing import Callable, NamedTuple

import numpy as np

FLAGS = {
    "assembly": "a term of the sum is missing, doubled or of the wrong sign",
    "averaging": "the mean of logs where the log of a mean is meant",
    "coefficient": "a coefficient without its square root, or of the wrong quantity",
    "coordinates": "mean for sum over the coordinates of a sample (D = 2)",
    "direction": "q and p exchanged",
    "first_step": "t = 1 treated like any other step, or not like this paper does",
    "gradient_point": "the gradient of log r at the wrong point",
    "index_shift": "beta or alpha_bar of t - 1 or t + 1 where t is meant",
    "last_step": "t = T: alpha_bar_T = 0 divides or hides terms",
    "mask": "known and unknown coordinates exchanged or mixed",
    "missing_term": "a term or a constant factor of the formula is left out",
    "mixed_t": "one t used for the whole batch, or t broadcast over the wrong axis",
    "noise": "noise of the wrong law or size",
    "normaliser": "not normalised, or normalised wrongly",
    "order": "steps, halves or noises in the wrong order",
    "padding": "an array over time without its entry 0, or with a wrong one",
    "prior": "π = B(0.5) assumed where p is given",
    "rate": "another schedule",
    "second_moment": "data of second moment 1 assumed",
    "sign": "the wrong sign",
    "signal_left": "alpha_bar_T taken to be 0",
    "spread": "standard deviation for variance or the reverse",
    "start": "t = 0 is not the data itself",
    "underflow": "exp of very negative numbers without log-sum-exp",
    "unit": "bits for nats or the reverse",
    "zero_probability": "log(0) at certain bits",
}


class M(NamedTuple):
    """One named mistake, or one different choice."""
    name: str
    function: str
    flag: str
    advice: str
    wrong: Callable
    choice: bool = False
    equation: str = ""      # where it is not the function's own


def clip(t, a):
    """t kept inside the array."""
    return np.clip(t, 0, len(a) - 1)


def first(t):
    """The t of the first row, for all rows."""
    return np.ravel(t)[0]


def log(a):
    """log without a warning."""
    with np.errstate(all="ignore"):
        return np.log(a)


def sigmoid(a):
    """1 / (1 + exp(-a))."""
    return 1 / (1 + np.exp(-a))


def logit(a):
    """log a - log(1 - a)."""
    return log(a) - log(1 - a)


def pad(beta):
    """beta_0 = 0 in front."""
    return np.concatenate([[0.0], beta])


def step(x, b):
    """N(x sqrt(1 - b), b)."""
    return x * np.sqrt(1 - b), b + 0 * x


def coefficients(b, before, after):
    """c0, ct, var of the Gaussian posterior from beta_t, alpha_bar_{t-1}, alpha_bar_t."""
    return np.sqrt(before) * b / (1 - after), np.sqrt(1 - b) * (1 - before) / (1 - after), b * (1 - before) / (1 - after)


def kl(mean_q, var_q, mean_p, var_p):
    """D_KL of two Gaussians, right."""
    return (log(var_p / var_q) + var_q / var_p - 1 + (mean_q - mean_p) ** 2 / var_p) / 2


def normal(x, mean, var):
    """log N(x; mean, var), right."""
    return -(x - mean) ** 2 / (2 * var) - np.log(2 * np.pi * var) / 2


def safe(a, b):
    """a / b, and 0 where b is 0."""
    return np.divide(a, b, out=np.zeros_like(a), where=b != 0)
