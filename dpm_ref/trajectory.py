"""Forward and reverse trajectories as generators, one state at a time (paper, sections 2.1, 2.2 and B.2).

    forward_trajectory              x_0, x_1, .., x_T
    reverse_trajectory, sample      x_T, x_{T-1}, .., x_0; its last state alone
    fewer_steps, later_start        a shorter chain from a trained one

A reverse kernel is any function reverse(x, t) that returns the distribution p(x_{t-1}|x_t = x) for t = 2..T:
Gaussian(mean, var) or Bernoulli(rate). x is (B, ...), t an int or integers (B,); `schedule.at(values, t, x)` shapes
beta_t for both. The last step, t = 1, is not learned (Eq. 44).
"""
import autograd.numpy as np

from .engine import checks
from .schedule import Schedule, at


def noises(kernel, rng, shape, steps):
    """A generator of `steps` arrays of raw noise for the kernel's `draw`."""
    return (kernel.noise(rng, shape) for _ in range(steps))


def forward_trajectory(kernel, x0, schedule, noises):
    """Yield (t, x_t) for t = 0..T: x_0, then T draws of q(x_t|x_{t-1}), one noise array of x0's shape for each.

    Eq. (3), §2.1
    """
    x = kernel.check_data(x0)
    yield 0, x
    for t, noise in checks.one_each(range(1, schedule.T + 1), noises):
        x = kernel.draw(kernel.forward(x, t, schedule), noise)
        yield t, x


def reverse_trajectory(kernel, reverse, xT, schedule, noises):
    """Yield (t, x_t) for t = T..0: x_T, then T draws of p(x_{t-1}|x_t), one noise array of xT's shape for each.

    Eq. (5), §2.2
    """
    kernel.check_data(xT)
    x = checks.numbers("x_T", xT)
    yield schedule.T, x
    for t, noise in checks.one_each(range(schedule.T, 0, -1), noises):
        x = kernel.draw(reverse_step(kernel, reverse, x, t, schedule), noise)
        yield t - 1, x


def reverse_step(kernel, reverse, x, t, schedule):
    """p(x_{t-1}|x_t = x): the given reverse kernel for t = T..2, the forward kernel itself for t = 1.

    Eq. (44), §B.2
    p(x_0|x_1) = q(x_1|x_0) π(x_0) / π(x_1) = T_π(x_0|x_1; beta_1). x is (N, ...), t an int. ValueError unless t is one
    of 1..T, and where the reverse kernel returns parameters that do not have the shape of x.
    """
    if np.ndim(t):
        raise ValueError(f"a reverse step has one t for all points; got t of shape {np.shape(t)}")
    at(schedule.beta, t, x)
    return checks.step(reverse(x, t), x) if t > 1 else kernel.forward(x, 1, schedule)


def start(kernel, rng, shape):
    """Draw x_T from p(x_T) = π.

    Eq. (4), §2.2
    """
    return kernel.draw(kernel.pi(np.empty(shape)), kernel.noise(rng, shape))


def sample(kernel, reverse, schedule, shape, rng):
    """Draw x_0 of the given shape (N, ...) from the model: the last state of a reverse trajectory.

    Eq. (5), §2.2
    """
    xT = start(kernel, rng, shape)
    for _, x in reverse_trajectory(kernel, reverse, xT, schedule, noises(kernel, rng, shape, schedule.T)):
        pass
    return x


def fewer_steps(kernel, reverse, schedule, T):
    """A shorter chain from a trained one: its schedule and its reverse(x, t), t = 2..T.

    The shorter chain stops at T of the levels of noise, evenly spaced. The trained step implies p(x_0|x_t) by Bayes'
    rule; the longer step follows from that. ValueError unless 2 <= T <= schedule.T.
    """
    if not 2 <= checks.count("T", T) <= schedule.T:
        raise ValueError(f"a chain of {schedule.T} steps can be made one of 2 to {schedule.T}; got {T}")
    kept = np.concatenate([[0], np.rint(np.linspace(1, schedule.T, T)).astype(int)])
    log_alpha_bar = schedule.log_alpha_bar[kept]
    shorter = Schedule(np.concatenate([[0.0], -np.expm1(np.diff(log_alpha_bar))]), log_alpha_bar)

    def longer_step(x, t):
        step = checks.step(reverse(x, kept[t]), x)
        return kernel.reverse_given_x0(x, kernel.implied_x0(step, x, kept[t], schedule), t, shorter)
    return shorter, longer_step


def later_start(reverse, schedule, beta_1):
    """The chain from its first level of noise that is not below beta_1 on: its schedule and its reverse(x, t).

    The first step of this chain stands for the steps 1..t of the trained chain together; the other steps are
    unchanged, and so are their KL terms. ValueError unless 0 < beta_1 <= the level of noise before the last step.
    """
    t = int(np.searchsorted(schedule.one_minus_alpha_bar, beta_1 * (1 - 1e-9)))
    if not 1 <= t < schedule.T:
        last = schedule.one_minus_alpha_bar[-2]
        raise ValueError(f"beta_1 must be above 0 and at most {last:.4g}, the noise before the last step; got {beta_1}")
    log_alpha_bar = np.concatenate([[0.0], schedule.log_alpha_bar[t:]])
    later = Schedule(np.concatenate([[0.0], -np.expm1(log_alpha_bar[1:2]), schedule.beta[t + 1:]]), log_alpha_bar)
    return later, lambda x, step: reverse(x, step + t - 1)
