"""Functions of numbers that overflow or lose digits when written the obvious way."""
import autograd.numpy as np
import numpy as onp


def softmax(log_p):
    """exp(log_p) scaled to sum to 1 over the last axis."""
    p = np.exp(log_p - log_p.max(axis=-1, keepdims=True))
    return p / p.sum(axis=-1, keepdims=True)


def log_mean_exp(log_w):
    """log of the mean of exp(log_w) over the first axis, without overflow; -inf where every weight is zero."""
    top = log_w.max(axis=0)
    top = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(divide="ignore"):
        return top + np.log(np.mean(np.exp(log_w - top), axis=0))


def logit(p):
    """log(p / (1 - p)), the inverse of the sigmoid; infinite at 1 and 0, so sigmoid(z + logit(1)) is 1 for every z."""
    with np.errstate(divide="ignore"):
        return np.log(p) - np.log1p(-p)


def runs(t):
    """The steps t (B,) as S runs of one length n, for work that is done once for each run: t[::n] (S,) and n.

    n is 1 where the runs differ in length. An int counts as one run of length 1.
    """
    t = onp.atleast_1d(t)
    n = int(onp.argmax(t != t[0])) or len(t)
    same = len(t) % n == 0 and (t.reshape(-1, n) == t[::n, None]).all()
    return (t[::n], n) if same else (t, 1)
