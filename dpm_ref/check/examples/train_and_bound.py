"""Train a small torch network on a swiss roll of 8-bit numbers, then measure its bound: a few seconds.

python -m dpm_ref.check.examples.train_and_bound
"""
try:
    import torch
except ImportError as error:
    raise ImportError(f"this example needs a package: pip install torch ({error})") from None

import numpy as np

from dpm_ref.check.model_bound import model_bound
from dpm_ref.data.toys import swiss_roll

BETAS = np.linspace(1e-4, 0.1, 100)
ALPHA_BAR = torch.as_tensor(np.cumprod(1 - BETAS), dtype=torch.float32)                 # entry 0 is the first step


def data(rng, N):
    """N points (N, 2) of the swiss roll, scaled to [-1, 1] and rounded to 256 values."""
    pixel = np.clip(127.5 + 127.5 * swiss_roll(rng, N, std=0.05) / 2.5, 0, 255).round()
    return 2 * pixel / 255 - 1


class Network(torch.nn.Module):
    """Predicts the noise eps in x_t from x (B, 2) and t (B,) in 0..99."""

    def __init__(self, width=128):
        super().__init__()
        self.time = torch.nn.Embedding(len(BETAS), width)
        self.x = torch.nn.Linear(2, width)
        self.layers = torch.nn.Sequential(torch.nn.SiLU(), torch.nn.Linear(width, width), torch.nn.SiLU(),
                                          torch.nn.Linear(width, width), torch.nn.SiLU(), torch.nn.Linear(width, 2))

    def forward(self, x, t):
        return self.layers(self.x(x) + self.time(t))


def train(network, x0, steps, batch=256):
    """Minimise the mean squared error of the predicted noise, at random t."""
    adam = torch.optim.Adam(network.parameters(), 2e-3)
    decay = torch.optim.lr_scheduler.CosineAnnealingLR(adam, steps)
    for _ in range(steps):
        x, t = x0[torch.randint(len(x0), (batch,))], torch.randint(len(BETAS), (batch,))
        noise, a = torch.randn_like(x), ALPHA_BAR[t, None]
        loss = ((network(a.sqrt() * x + (1 - a).sqrt() * noise, t) - noise) ** 2).mean()
        adam.zero_grad()
        loss.backward()
        adam.step()
        decay.step()


def main(steps=2000, N=300):
    """Train, then print the bound at N new points with two variances of the reverse steps."""
    torch.set_num_threads(1)                                                # the network is small
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    network = Network()
    train(network, torch.as_tensor(data(rng, 20000), dtype=torch.float32), steps)
    test = data(rng, N)
    for variance in "posterior", "beta":
        result = model_bound(network.eval(), test, BETAS, rng, variance=variance, levels=256, batch=5000)
        print(f"variance {variance}: {result}\n")


if __name__ == "__main__":
    main()
