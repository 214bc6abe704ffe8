"""A third kernel in one file: variables with K values, in the place of bits. π is uniform over the values 0..K-1."""
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from dpm_ref.engine import checks
from dpm_ref.schedule import at


class Categorical(NamedTuple):
    """Independent variables, value k with probability p[..., k]."""
    p: np.ndarray


def with_values(K):
    """The kernel for K values; x is (N, ...), whole numbers 0..K-1 as floats."""
    def one_hot(x):
        return (np.asarray(x)[..., None] == np.arange(K)) * 1.0

    def check_data(x0):
        x0 = checks.points(x0)
        if not np.isin(x0, np.arange(K)).all():
            raise ValueError(f"data must be whole numbers in 0..{K - 1}")
        return x0

    def draw(q, noise):
        return (noise[..., None] > np.cumsum(q.p, axis=-1)[..., :-1]).sum(axis=-1) * 1.0

    def pi(x):
        return Categorical(np.full(np.shape(x) + (K,), 1 / K))

    def forward(x, t, schedule):
        beta = at(schedule.beta, t, one_hot(x))
        return Categorical(one_hot(x) * (1 - beta) + beta / K)

    def marginal(x0, t, schedule):
        alpha_bar = np.exp(at(schedule.log_alpha_bar, t, one_hot(x0), first=0))
        return Categorical(one_hot(x0) * alpha_bar + (1 - alpha_bar) / K)

    def posterior(xt, x0, t, schedule):
        return normalised(forward(xt, t, schedule).p * marginal(x0, t - 1, schedule).p)     # the step is symmetric

    def normalised(p):
        return Categorical(p / p.sum(axis=-1, keepdims=True))

    def kl(q, p):
        return -np.sum(q.p * (np.log(p.p) - np.log(np.where(q.p > 0, q.p, 1))), axis=-1)

    def entropy(q):
        return -np.sum(q.p * np.log(np.where(q.p > 0, q.p, 1)), axis=-1)

    def log_density(x, q):
        with np.errstate(divide="ignore"):
            return np.log(np.sum(one_hot(x) * q.p, axis=-1))

    def forward_entropy(x0, t, schedule):
        return entropy(forward(x0, t, schedule)) + np.zeros(np.shape(x0))                   # the same from every value

    def conditioned(prior, y, t, schedule):
        joint = prior.p * marginal(y, t, schedule).p                                        # t steps are symmetric too
        with np.errstate(divide="ignore"):
            return normalised(joint), np.log(joint.sum(axis=-1))

    return SimpleNamespace(check_data=check_data, noise=lambda rng, shape: rng.random(shape), draw=draw, pi=pi, forward=forward,
                           marginal=marginal, posterior=posterior, kl=kl, entropy=entropy, log_density=log_density,
                           forward_entropy=forward_entropy, conditioned=conditioned)
