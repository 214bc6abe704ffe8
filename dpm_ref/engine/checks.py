"""Checks of what a user passes, one for each kind.

Each raises ValueError, which says what was wrong, what is expected and what was given.

    points, batch          data, with a first axis for the points
    numbers, within        real numbers as floats; in a range. What autograd traces is not looked at
    noise, step            what goes into a draw; what a reverse kernel returns
    per_point, over_time   one number for each point, for each t = 0..T
    shares, probabilities  weights that are not negative; and that sum to 1
    count, generator       whole numbers from a least one on; numpy's Generator
    one_of                 one of a few words
    one_each               an array of noise for every step, neither more nor fewer
"""
import numpy as np
from autograd.tracer import isbox

SHAPED = "shape numbers that depend on t with schedule.at(values, t, x)"


def points(x0):
    """Data x0 (N, ...) as an array of float64. ValueError when there are no points or a number is not finite."""
    x0 = np.asarray(batch("data", x0), dtype=float)
    if not np.isfinite(x0).all():
        raise ValueError(f"data must be finite; point {np.argwhere(~np.isfinite(x0))[0][0]} is not")
    return x0


def batch(name, x):
    """Numbers x (N, ...), N >= 1, as floats."""
    x = numbers(name, x)
    if np.ndim(x) < 2 or np.size(x) == 0:
        raise ValueError(f"{name} must be a non-empty array (N, D) or (N, ...); got shape {np.shape(x)}")
    return x


def numbers(name, a):
    """Real numbers as floats, in the precision that they have."""
    if isbox(a) or isinstance(a, float):               # a float of Python must not become an array: float32 would widen
        return a
    if type(a) is int:
        return float(a)
    try:
        a = np.asarray(a)
    except ValueError:
        raise ValueError(f"{name} must be one array of numbers; got rows of different lengths") from None
    if a.dtype.kind in "biu":
        return a.astype(float)
    if a.dtype.kind != "f":
        raise ValueError(f"{name} must be real numbers; got {type(a.flat[0]).__name__ if a.size else a.dtype}")
    return a


def within(name, a, low=-np.inf, high=np.inf):
    """Finite numbers from low to high, as floats. What leaves the range by a rounding is put back.

    But low > 0 without an upper end stands for "above 0", and is kept to exactly.
    """
    a = numbers(name, a)
    if isbox(a) or np.size(a) == 0:
        return a
    least, most = (a, a) if isinstance(a, float) else (a.min(), a.max())
    if low <= least and most <= high and -np.inf < least and most < np.inf:
        return a
    slack = 1e-12 if np.asarray(a).dtype == float else 1e-6
    floor = low if low > 0 and high == np.inf else low - slack
    if floor <= least and most <= high + slack and -np.inf < least and most < np.inf:
        put_back = np.clip(a, low, high)
        return type(a)(put_back) if isinstance(a, float) else put_back
    bad = np.asarray(a)[~((a >= low) & (a <= high) & np.isfinite(a))][0]
    expected = "finite" + (f" and at least {low:g}" if low > -np.inf else "")
    raise ValueError(f"{name} must be {expected if high == np.inf else f'from {low:g} to {high:g}'}; got {bad}")


def mean_and_var(mean, var):
    """Finite means and variances >= 0 whose shapes broadcast, as floats."""
    mean, var = within("a mean", mean), within("a variance", var, 0)
    shapes = np.shape(mean), np.shape(var)
    if shapes[0] != shapes[1] and any(1 != m != n != 1 for m, n in zip(shapes[0][::-1], shapes[1][::-1])):
        raise ValueError(f"mean and var must broadcast to one shape; got {shapes[0]} and {shapes[1]}: {SHAPED}")
    return mean, var


def noise(noise, *parameters):
    """Noise of the full shape of a draw, to which the parameters of the distribution broadcast."""
    noise = numbers("noise", noise)
    if not _fit(np.shape(noise), *map(np.shape, parameters)):
        raise ValueError(f"noise must have the shape of the draw, of which the distribution has "
                         f"{' and '.join(str(np.shape(a)) for a in parameters)}; got {np.shape(noise)}")
    return noise


def step(p, x):
    """The distribution that a reverse kernel returned at x (B, ...).

    Every parameter is one number or has the axes of x.
    """
    if not hasattr(p, "_fields"):
        raise ValueError("a reverse kernel must return a distribution, such as Gaussian(mean, var); "
                         f"got {type(p).__name__}")
    for name, a in zip(p._fields, p):
        if np.ndim(a) and (np.ndim(a) < np.ndim(x) or not _fit(np.shape(x), np.shape(a)[:np.ndim(x)])):
            raise ValueError(f"the reverse kernel's {name} has shape {np.shape(a)} where x_t has {np.shape(x)}: "
                             + SHAPED)
    return p


def _fit(shape, *others):
    """Whether arrays of the other shapes broadcast to this shape."""
    return all(o == shape or len(o) <= len(shape) and all(n in (1, m) for n, m in zip(o[::-1], shape[::-1]))
               for o in others)


def per_point(name, a, x):
    """One number for each of the points x (B, ...), as floats."""
    a = numbers(name, a)
    if np.shape(a) != np.shape(x)[:1]:
        raise ValueError(f"{name} must have shape {np.shape(x)[:1]}, one number for each of {np.shape(x)}; "
                         f"got {np.shape(a)}")
    return a


def over_time(name, a, T):
    """One number for each t = 0..T, as floats."""
    a = numbers(name, a)
    if np.shape(a) != (T + 1,):
        raise ValueError(f"{name} must have one entry for each t = 0..{T}, shape ({T + 1},); got {np.shape(a)}")
    return a


def shares(name, w, K):
    """Weights (K,), not negative and not all zero, as floats."""
    w = within(name, w, 0)
    if np.shape(w) != (K,) or not w.any():
        raise ValueError(f"{name} must be {K} numbers, shape ({K},), and not all zero; "
                         f"got {w if np.ndim(w) == 1 else np.shape(w)}")
    return w


def probabilities(name, p, K=None, axis=None):
    """Probabilities (K,), or a table, that are not negative and sum to 1 over the given axes, as floats."""
    p = within(name, p, 0)
    if np.ndim(p) == 0 or K is not None and np.shape(p) != (K,):
        raise ValueError(f"{name} must be {K or 'an array of'} probabilities; got shape {np.shape(p)}")
    off = np.abs(np.sum(p, axis=axis) - 1).max()
    if off > 1e-6:
        raise ValueError(f"{name} must sum to 1; the sum is off by {off:.3g}")
    return p


def count(name, n, least=1):
    """A whole number, at least the given one."""
    if not (np.ndim(n) == 0 and np.asarray(n).dtype.kind in "iuf" and np.isfinite(n) and n >= least and n == int(n)):
        raise ValueError(f"{name} must be a whole number, at least {least}; got {n!r}")
    return int(n)


def generator(rng):
    """A numpy Generator, not a seed, and not numpy's own global state."""
    if rng is np.random or not hasattr(rng, "standard_normal"):
        raise ValueError(f"rng must be a numpy Generator, such as np.random.default_rng(0); got {rng!r}")
    return rng


def one_of(name, value, *choices):
    """The value, one of the choices."""
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, choices))}; got {value!r}")
    return value


def one_each(steps, noises):
    """Yield (t, noise) for every t in steps."""
    noises, done = iter(noises), 0
    for t in steps:
        for noise in noises:
            yield t, noise
            break
        else:
            raise ValueError(f"there must be one array of noise for each of {len(steps)} steps; got {done}")
        done += 1
    for _ in noises:
        raise ValueError(f"there must be one array of noise for each of {len(steps)} steps; got more")
