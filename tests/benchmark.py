"""How long a training step takes here, and the same model in torch (eager) and jax (jit) where they are installed.

    python tests/benchmark.py

All in float64 on the CPU, in one run, interleaved; medians. The ratio to torch is what counts: below 1 is faster.
"""
import os
import sys
import time
from functools import partial
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", str(os.cpu_count()))
sys.path.insert(0, str(Path(__file__).parent.parent))
import numpy as np                                                                   # noqa: E402
from autograd import value_and_grad                                                  # noqa: E402

from dpm_ref import binomial, gaussian, networks, schedule, train                    # noqa: E402
from dpm_ref.data import toys                                                        # noqa: E402
from dpm_ref.engine import nests                                                     # noqa: E402
from dpm_ref.products import factors, particles, perturbed                           # noqa: E402

SCHEDULE = schedule.geometric(40, 1e-3)
T = np.arange(2, 41)[:, None]


def ours(units, batch):
    rng = np.random.default_rng(0)
    params = networks.init_rbf(rng, 2, SCHEDULE, gaussian, units)
    step = value_and_grad(partial(train.objective, networks.rbf, gaussian, SCHEDULE))

    def run():
        x0, noise = toys.swiss_roll(rng, batch), gaussian.noise(rng, (39 * batch, 2))
        return step(params, np.tile(x0, (39, 1)), np.repeat(T, batch), np.full(39 * batch, 1 / batch), noise)
    return run


def _arrays():
    """What torch and jax need, as numpy: beta, alpha_bar and the posterior's coefficients, each (39, 1, 1) over t."""
    coefficients = gaussian.posterior_coefficients(T, SCHEDULE, np.zeros((1, 1, 2)))
    return SCHEDULE.beta[2:, None, None], SCHEDULE.alpha_bar[2:, None, None], *coefficients


def in_torch(units, batch):
    import torch
    torch.set_default_dtype(torch.float64)
    beta, alpha_bar, c0, ct, var = map(torch.as_tensor, _arrays())
    rng = np.random.default_rng(0)
    params = [torch.as_tensor(a[2:] if a.shape[0] == 41 else a).clone().requires_grad_()
              for a in nests.arrays(networks.init_rbf(rng, 2, SCHEDULE, gaussian, units))]

    def run():
        centres, log_width, W_mean, b_mean, W_var, b_var = params
        x0 = torch.as_tensor(toys.swiss_roll(rng, batch))
        xt = alpha_bar.sqrt() * x0 + (1 - alpha_bar).sqrt() * torch.as_tensor(gaussian.noise(rng, (39, batch, 2)))
        square = (xt * xt).sum(-1, keepdim=True) / 2 + (centres * centres).sum(1) / 2 - xt @ centres.T
        phi = torch.softmax(-square * torch.exp(-2 * log_width), -1)
        mean = (1 - beta).sqrt() * xt + beta.sqrt() * torch.baddbmm(b_mean[:, None], phi, W_mean)
        p_var = torch.sigmoid(torch.baddbmm(b_var[:, None], phi, W_var) + torch.logit(beta))
        ratio = var / p_var
        kl = 0.5 * (ratio - 1 - torch.log(ratio) + (c0 * x0 + ct * xt - mean) ** 2 / p_var)
        value = -kl.sum() / batch
        return value.item(), torch.autograd.grad(value, params)
    return run


def in_jax(units, batch):
    import jax
    jax.config.update("jax_enable_x64", True)
    import jax.numpy as jnp
    beta, alpha_bar, c0, ct, var = map(jnp.asarray, _arrays())
    rng = np.random.default_rng(0)
    params = [jnp.asarray(a[2:] if a.shape[0] == 41 else a)
              for a in nests.arrays(networks.init_rbf(rng, 2, SCHEDULE, gaussian, units))]

    @jax.jit
    @jax.value_and_grad
    def step(params, x0, noise):
        centres, log_width, W_mean, b_mean, W_var, b_var = params
        xt = jnp.sqrt(alpha_bar) * x0 + jnp.sqrt(1 - alpha_bar) * noise
        square = (xt * xt).sum(-1, keepdims=True) / 2 + (centres * centres).sum(1) / 2 - xt @ centres.T
        phi = jax.nn.softmax(-square * jnp.exp(-2 * log_width), -1)
        mean = jnp.sqrt(1 - beta) * xt + jnp.sqrt(beta) * (phi @ W_mean + b_mean[:, None])
        p_var = jax.nn.sigmoid(phi @ W_var + b_var[:, None] + jax.scipy.special.logit(beta))
        ratio = var / p_var
        return -0.5 * (ratio - 1 - jnp.log(ratio) + (c0 * x0 + ct * xt - mean) ** 2 / p_var).sum() / x0.shape[0]

    def run():
        value, gradient = step(params, toys.swiss_roll(rng, batch), gaussian.noise(rng, (39, batch, 2)))
        return float(value), jax.block_until_ready(gradient)
    return run


def sampler_and_particles(choice):
    """A sample of the bit network, and draws of its posterior given three bits by particles."""
    kernel, s, rng, shape = binomial.with_p(0.2), schedule.constant_erasure(100), np.random.default_rng(0), (2000, 20)
    reverse = networks.reverse_kernel(networks.bit_denoiser, networks.init_bit_denoiser(rng, 20, s, kernel), s, kernel)
    known = np.isin(np.arange(20), (0, 6, 12))

    def factor(choice):
        return factors.known(kernel, known, np.zeros(20), s, choice)
    return (lambda: perturbed.perturbed_sample(kernel, reverse, factor("constant"), s, shape, rng),
            lambda: particles.posterior_sample(kernel, reverse, factor(choice), s, shape, rng))


def medians(runs, seconds=5.0):
    """The median time of each run in seconds, called in turn so that all meet the same machine."""
    times = [[] for _ in runs]
    for run in runs:
        run()
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for run, kept in zip(runs, times):
            start = time.perf_counter()
            run()
            kept.append(time.perf_counter() - start)
    return [np.median(kept) for kept in times]


def matmul_peak(n=1500):
    """The machine's matrix products, float64, in operations per second."""
    a = np.random.default_rng(0).random((n, n))
    return 2 * n ** 3 / medians([lambda: a @ a], 1.0)[0]


def main():
    peak = matmul_peak()
    print(f"matrix product, {n_cores()} cores, float64: {peak / 1e9:.0f} GFLOP/s")
    for units, batch in (16, 128), (64, 1024):
        runs = {"dpm_ref": ours(units, batch)}
        for name, make in ("torch", in_torch), ("jax", in_jax):
            try:
                runs[name] = make(units, batch)
            except ImportError:
                print(f"{name} is not installed: not compared")
        values = {name: run() for name, run in runs.items()}
        if len(runs) > 1:
            first = [value for value, _ in values.values()]
            assert np.allclose(first, first[0], rtol=1e-9), f"the models differ: {first}"
        times = dict(zip(runs, medians(list(runs.values()))))
        work = 39 * batch * units * 2 * (3 + 4) * 3                    # multiply-adds of the products, there and back
        share = work / times["dpm_ref"] / peak
        print(f"radial basis step, {units} units, batch {batch}, 39 steps of t: " + ", ".join(
            f"{name} {1e3 * s:.2f} ms" for name, s in times.items()) + "; " + ", ".join(
            f"ours / {name} = {times['dpm_ref'] / s:.2f}" for name, s in times.items() if name != "dpm_ref")
            + f"; {100 * share:.0f} % of the matrix-product peak")
    for choice in "carried", "predicted":
        plain, right = medians(sampler_and_particles(choice))
        print(f"three bits known, 100 steps of t: particles ({choice}) / plain method = {right / plain:.2f}")


def n_cores():
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


if __name__ == "__main__":
    main()
