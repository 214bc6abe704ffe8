"""The paper's method for p(x) r(x), and the distribution that it samples (§2.5).

    perturbed_trajectory, perturbed_sample   the method: every reverse step multiplied by r(x_t)       Eq. (22)
    perturbed_moments, log_normalisers       what the method samples, computed: not p(x_0) r(x_0)

`factors` has the second distributions r(x). `particles` samples p(x_0) r(x_0) itself; `conditional` has two samplers
without r(x), and `proofs.exact_posteriors` what Bayes' rule gives. The functions here refuse an r(x_t) of the choice
"predicted": it is for particles.
"""
import numpy as np

from ..engine import checks
from ..trajectory import noises, reverse_step
from .factors import channel, made_for

# --- the method -----------------------------------------------------------------------------------------------------

def _usable(schedule, factor):
    """The factor; ValueError for one that is made for another schedule or that no step can be multiplied by."""
    if factor.needs_step:
        raise ValueError('the choice "predicted" is only for particles: its r(x_t) needs p(x_{t-1}|x_t), which is not '
                         'known before x_t is drawn')
    return made_for(schedule, factor)


def perturbed_start(kernel, factor, shape, schedule, rng):
    """Draw x_T (N, ...) from p~(x_T), proportional to π(x_T) r(x_T).

    Eq. (16), §2.5.1
    Exact, but for a `smooth` r, where it is of first order.
    """
    p_tilde, _ = _usable(schedule, factor).product(kernel.pi(np.empty(shape)), schedule.T)
    return kernel.draw(p_tilde, kernel.noise(rng, shape))


def perturbed_trajectory(kernel, reverse, factor, xT, schedule, noises):
    """Yield (t, x_t) for t = T..0: x_T, then T draws of p~(x_{t-1}|x_t), one noise array of xT's shape for each.

    Eq. (22), §2.5.2
    p~(x_{t-1}|x_t) = p(x_{t-1}|x_t) r(x_{t-1}) / Z~(x_t), where p(x_0|x_1) is that of Eq. 44. The chain does not end in
    p(x_0) r(x_0): see `particles`.
    """
    _usable(schedule, factor)
    kernel.check_data(xT)
    x = checks.numbers("x_T", xT)
    yield schedule.T, x
    for t, noise in checks.one_each(range(schedule.T, 0, -1), noises):
        p = reverse_step(kernel, reverse, x, t, schedule)
        x = kernel.draw(factor.product(p, t - 1)[0], noise)
        yield t - 1, x


def perturbed_sample(kernel, reverse, factor, schedule, shape, rng):
    """Draw x_0 of the given shape (N, ...) by the paper's method: the last state of a perturbed trajectory.

    Eq. (22), §2.5.2
    """
    xT = perturbed_start(kernel, factor, shape, schedule, rng)
    for _, x in perturbed_trajectory(kernel, reverse, factor, xT, schedule, noises(kernel, rng, shape, schedule.T)):
        pass
    return x


# --- what the method samples ----------------------------------------------------------------------------------------

def perturbed_moments(schedule, y, var, data_mean=0.0, data_var=1.0, choice="constant", first_order=False,
                      fixed_last=True):
    """Mean and variance (T + 1,) of x_t in the perturbed chain, for data N(data_mean, data_var) and r = N(y; x, var).

    A linear recursion over t with the exact reverse kernels, for scalars, without sampling. `first_order` takes the
    products of Eq. 61 in place of exact products, except for x_T. `fixed_last` takes the last step of Eq. 44, otherwise
    it is exact too.
    """
    a, s, _ = channel(schedule, var, choice)
    y, (data_mean, data_var) = checks.within("y", y), checks.mean_and_var(data_mean, data_var)
    scale, v = np.sqrt(schedule.alpha_bar), 1 + schedule.alpha_bar * (data_var - 1)      # of q(x_t)
    mean, variance = np.zeros(schedule.T + 1), np.zeros(schedule.T + 1)
    T = schedule.T
    mean[T], variance[T] = a[T] * y / (s[T] + a[T] ** 2), s[T] / (s[T] + a[T] ** 2)      # π r
    for t in range(T, 0, -1):
        keep, beta = np.sqrt(1 - schedule.beta[t]), schedule.beta[t]
        slope, step_var = keep * v[t - 1] / v[t], beta * v[t - 1] / v[t]                 # of p(x_{t-1}|x_t)
        shift = data_mean * (scale[t - 1] - slope * scale[t])
        if t == 1 and fixed_last:
            slope, step_var, shift = keep, beta, 0.0
        pull = a[t - 1] * step_var / (s[t - 1] + (not first_order) * a[t - 1] ** 2 * step_var)
        left = 1 - a[t - 1] * pull
        mean[t - 1] = left * (slope * mean[t] + shift) + pull * y
        variance[t - 1] = (left * slope) ** 2 * variance[t] + step_var * (1 if first_order else left)
    return mean, variance


def log_normalisers(kernel, reverse, factor, x, schedule):
    """log Z_t(x), Z_t(x) = ∫ p(x_{t-1}|x_t = x) r(x_{t-1}) dx_{t-1} / r(x_t = x), at points x (N, ...): (T + 1, N).

    Eq. (21), §2.5.2
    Eq. 22 takes Z_t for a constant. It is 1 + O(beta_t), and its product over t does not tend to a constant as T grows.
    Exact for every factor but `smooth`, where it is the value at the mean of p~. Entry 0 is 0.
    """
    _usable(schedule, factor)
    x, out = kernel.check_data(x), np.zeros((schedule.T + 1, len(x)))
    for t in range(1, schedule.T + 1):
        p_tilde, log_Z = factor.product(reverse_step(kernel, reverse, x, t, schedule), t - 1)
        out[t] = log_Z(p_tilde[0]) - factor.log(x, t)
    return out
