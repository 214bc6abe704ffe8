"""How long a training step of the image network takes, and the same network in torch (eager) where it is installed.

    python tests/benchmark_images.py

float32 on the CPU, all cores, in one run, interleaved; medians. The ratio to torch is what counts: below 1 is faster.
Where there are convolutions our step is shared by one process for each core, as in training. Then a step of a chain
that draws a large picture.
"""
import os
import sys
from contextlib import nullcontext
from functools import partial
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", str(os.cpu_count()))
sys.path[:0] = [str(Path(__file__).parent.parent), str(Path(__file__).parent)]
import autograd                                                                      # noqa: E402
import numpy as np                                                                   # noqa: E402

from benchmark import medians, n_cores                                               # noqa: E402
from dpm_ref import bound, gaussian, schedule, train                                 # noqa: E402
from dpm_ref.engine import nests, workers                                            # noqa: E402
from dpm_ref.image import network, readout                                           # noqa: E402
from dpm_ref.experiments import ROWS                                                 # noqa: E402

SCHEDULE = schedule.geometric(1000, 1e-3, 1000.0)
CASES = {"convolution, 32 channels, 3 layers, 4 scales": ((32, 32, 1), 32, dict(layers=3, channels=32, scales=4)),
         **{f"the network for {row.title}": (row.shape, row.recipes["image"].options["batch"],
                                             {k: v for k, v in row.recipes["image"].init.keywords.items()
                                              if k != "shape"})
            for row in map(ROWS.get, ("bark", "mnist", "dead_leaves"))},
         "dense, 784-500-500, 4 features": ((28, 28, 1), 100,
                                            dict(layers=0, hidden=(500, 500), features=4, pixels=(32,)))}


def example(shape, batch, sizes):
    """Parameters with a readout that is not 0, and x_0, t, weight, noise of one step."""
    rng = np.random.default_rng(0)
    params = network.init_image(rng, shape, **sizes)
    params["W"] = rng.standard_normal(params["W"].shape).astype(np.float32) / 50
    t, weight = bound.draw_t(rng, batch, SCHEDULE.T)
    x0, noise = (rng.standard_normal((batch,) + shape, np.float32) for _ in range(2))
    return params, (x0, t, weight.astype(np.float32), noise)


def ours(params, batch, value_and_grad):
    K = partial(train.objective, network.image_network, gaussian, nests.to_float32(SCHEDULE))
    step = value_and_grad(K)
    return lambda: step(params, *batch)


def in_torch(params, batch):
    """The same objective with torch's own convolution, images as (N, C, H, W)."""
    import torch
    import torch.nn.functional as F
    torch.set_num_threads(n_cores())
    tensors = [torch.tensor(a).requires_grad_() for a in nests.arrays(params)]
    net = nests.like(tensors, params)
    x0, t, weight, noise = batch
    g = torch.tensor(readout.bumps(t, SCHEDULE.T, len(params["W"])).astype(np.float32))
    short = nests.to_float32(SCHEDULE)
    marginal = gaussian.marginal(np.ones((1, 1, 1, 1), np.float32), t, short)
    c0, ct, var = (torch.tensor(a) for a in gaussian.posterior_coefficients(t, short, x0))
    beta = torch.tensor(short.beta[t]).reshape(-1, 1, 1, 1)
    s2 = c0 ** 2 * torch.tensor(-np.expm1(short.log_alpha_bar[t])).reshape(-1, 1, 1, 1) / beta
    mean_scale, std = torch.tensor(marginal.mean), torch.tensor(marginal.var ** 0.5)
    x0, noise, weight = (torch.tensor(a) for a in (x0, noise, weight))

    def convolve(h, w):
        return F.conv2d(h, w.permute(3, 2, 0, 1), padding=w.shape[0] // 2)

    def moved(y, a, b):
        return F.softplus(y * (1 + g @ a)[:, :, None, None] + (g @ b)[:, :, None, None])

    def multi_scale(h, scales):
        y = 0
        for s, (own, w) in enumerate(scales):
            h = F.avg_pool2d(h, 2) if s else h
            for layer, a, b in own:
                h = moved(convolve(h, layer), a, b)
            z = convolve(h, w)
            y = y + (F.interpolate(z, scale_factor=2 ** s) if s else z)
        return y

    def run():
        x = mean_scale * x0 + std * noise                                            # (B, H, W, C)
        h = x.permute(0, 3, 1, 2)
        paths = [x]
        for scales, a, b in net["conv"]:
            h = moved(multi_scale(h, scales), a, b)
            paths.append(h.permute(0, 2, 3, 1))
        if net["dense"]:
            h = x.reshape(len(x), -1)
            for i, (W, b) in enumerate(net["dense"]):
                h = torch.tanh(h @ W + (b if i else g @ b))
            paths.append(h.reshape(x.shape[:3] + (-1,)))
        W, b = net["join"]
        h = torch.tanh(torch.cat(paths, -1) @ torch.cat(list(W)) + (g @ b)[:, None, None])
        for W, b in net["pixels"]:
            h = torch.tanh(h @ W + b)
        z = torch.baddbmm((g @ net["b"])[:, None], h.reshape(len(x), -1, h.shape[-1]), torch.tensordot(g, net["W"], 1))
        z = z.reshape(x.shape[:3] + (-1,))
        C = x.shape[-1]
        mean = (1 - beta).sqrt() * x + (s2 * beta).sqrt() * z[..., :C]
        p_var = beta * (1 - s2 + s2 * torch.exp(z[..., C:]))
        ratio = var / p_var
        kl = 0.5 * (ratio - 1 - torch.log(ratio) + (c0 * x0 + ct * x - mean) ** 2 / p_var)
        value = -(weight * kl.sum((1, 2, 3))).sum()
        return value.item(), torch.autograd.grad(value, tensors)
    return run


def picture(size=256):
    """How long a step of the chain for dead leaves takes when the picture is large, on one core and on all."""
    params, _ = example(*CASES[f"the network for {ROWS['dead_leaves'].title}"])
    x = np.random.default_rng(0).standard_normal((1, size, size, 1), np.float32)

    def step(cores):
        with cores:
            return network.image_network(params, x, 500, nests.to_float32(SCHEDULE), gaussian)

    one, every = medians([lambda: step(workers.BLAS.limit(limits=1)), lambda: step(workers.all_cores())], 8.0)
    print(f"a {size}x{size} step of the chain for dead leaves: {1e3 * every:.1f} ms; on one core {1e3 * one:.1f} ms")


def operations(params, shape, batch):
    """Multiply-adds of all products of a step, there and back, twice each."""
    H, W, C = shape
    count = sum(w.size * H * W / 4 ** s for scales, *_ in params["conv"] for s, (own, last) in enumerate(scales)
                for w in [last] + [w for w, *_ in own])
    count += sum(W_.size for W_, _ in params["dense"])
    pixels = [*params["join"][0], *(W_ for W_, _ in params["pixels"]), params["W"][0]]
    count += H * W * sum(w.size for w in pixels)
    return 2 * 3 * batch * count


def matmul_peak(n=2000):
    """The machine's matrix products, float32, in operations per second."""
    a = np.random.default_rng(0).random((n, n), np.float32)
    return 2 * n ** 3 / medians([lambda: a @ a], 2.0)[0]


def main():
    peak = matmul_peak()
    print(f"matrix product, {n_cores()} cores, float32: {peak / 1e9:.0f} GFLOP/s")
    for name, case in CASES.items():
        alone = nullcontext(autograd.value_and_grad)                            # a dense step is too short to share
        with workers.shared() if case[2]["layers"] else alone as value_and_grad:
            compare(name, *case, value_and_grad, peak)
    picture()


def compare(name, shape, size, sizes, value_and_grad, peak):
    params, batch = example(shape, size, sizes)
    runs = {"dpm_ref": ours(params, batch, value_and_grad)}
    try:
        runs["torch"] = in_torch(params, batch)
    except ImportError:
        print("torch is not installed: not compared")
    values = [run() for run in runs.values()]
    for value, gradient in values[1:]:
        assert np.isclose(value, values[0][0], rtol=1e-3), f"the models differ: {value} and {values[0][0]}"
        for a, b in zip(nests.arrays(values[0][1]), gradient):
            assert np.abs(a - b.numpy()).max() < 1e-2 * np.abs(a).max() + 1e-6, "the gradients differ"
    times = dict(zip(runs, medians(list(runs.values()), 8.0)))
    share = operations(params, shape, size) / times["dpm_ref"] / peak
    print(f"{name}, batch {size}: " + ", ".join(f"{key} {1e3 * s:.1f} ms" for key, s in times.items())
          + "".join(f"; ours / {key} = {times['dpm_ref'] / s:.2f}" for key, s in times.items() if key != "dpm_ref")
          + f"; {100 * share:.0f} % of the matrix-product peak")


if __name__ == "__main__":
    main()
