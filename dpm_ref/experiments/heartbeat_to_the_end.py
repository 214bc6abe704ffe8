"""The paper's network for the heartbeat, trained to the end: 20-50-50-50 sigmoid units, a readout for every step.

Two things set this training apart from the short one in `heartbeat`:

    target    the rate of the best bit-wise kernel, E[x_{t-1}|x_t], in place of q(x_{t-1}|x_t, x_0) for one x_0
    readouts  the readouts of neighbouring steps learn together: W_t = sum_j bump_j(log t) heights_j

After training, every step gets its own readout W_t. The result is the paper's network, `networks.sigmoid_mlp`.
"""
import autograd.numpy as np
import numpy as onp

from .. import networks
from ..data import toys
from ..engine import nests
from ..engine.layers import init_dense, mlp, readout
from ..image.readout import bumps_at
from ..proofs import best_possible
from ..train import ascend, begin, cosine
from .heartbeat import KERNEL, SCHEDULE
from .training import resumable

NETWORK, STEPS = networks.sigmoid_mlp, 12000
SCALE = 3.0   # Adam's moves do not depend on the scale of a parameter: heights times 3 learn at 3 times the rate


def best_reverse(chain=SCHEDULE):
    """The best bit-wise reverse kernel."""
    return best_possible.best_bits(KERNEL, toys.HEARTBEAT, chain)


def bumps(t, T, count):
    """Gaussian bumps in log t that sum to 1 at every t (S,): (S, count). The width is the distance of the centres."""
    centres = onp.linspace(0, onp.log(T), count)
    return bumps_at(onp.log(onp.maximum(t, 1)), centres, centres[1])


def init(rng, D=20, hidden=(50, 50, 50), count=40):
    """Shared layers, and the heights of the bumps for weights W (count, hidden, D) and biases b (count, D), all 0."""
    return {"layers": init_dense(rng, (D,) + tuple(hidden), gain=4.0),
            "W": np.zeros((count, hidden[-1], D)), "b": np.zeros((count, D))}


def readouts(params, t, T):
    """The readouts that the bumps make at the steps t (S,): W (S, hidden, D), b (S, D)."""
    def at_t(heights):
        return np.tensordot((SCALE * bumps(t, T, len(heights))).astype(heights.dtype), heights, 1)
    return at_t(params["W"]), at_t(params["b"])


def folded(params, T=SCHEDULE.T):
    """The parameters of `networks.sigmoid_mlp` with the readouts that the bumps make."""
    W, b = readouts(params, onp.arange(T + 1), T)
    return {"layers": params["layers"], "W": W, "b": b}


def batch(rng, best, chain=SCHEDULE, every=8, copies=8):
    """`copies` draws of x_t ~ q(x_t) at every eighth step, from a random one on.

    Returns x_t, the steps (S,), the log odds of the forward kernel, the best rate of x_{t-1}, and its entropy.
    """
    steps = onp.arange(2 + rng.integers(every), chain.T + 1, every)
    t, x0 = onp.repeat(steps, copies), toys.heartbeat(rng, len(steps) * copies)
    x = KERNEL.draw(KERNEL.marginal(x0, t, chain), KERNEL.noise(rng, x0.shape))
    step = best(x, t)
    forward = networks.log_odds(KERNEL, KERNEL.forward(x, t, chain))
    return (x.astype("f4"), steps) + tuple(a.astype("f4") for a in (forward, step.rate, KERNEL.entropy(step)))


def log_odds(params, x, steps, forward, T=SCHEDULE.T):
    """The log odds (B, D) of `networks.sigmoid_mlp` at x (B, D), whose rows belong to the steps (S,) in equal runs."""
    h = mlp(params["layers"], x, "sigmoid", last="sigmoid")
    return readout(h, *readouts(params, steps, T), onp.repeat(onp.arange(len(steps)), len(x) // len(steps))) + forward


def objective(params, x, steps, forward, rate, entropy, T=SCHEDULE.T):
    """An estimate of K - best possible K = -sum_t E KL(best kernel || network), in nats per sequence.

    KL = log(1 + e^a) - rate a - H(rate) for log odds a. The mean of the gradient is that of K. Its noise is less,
    because the average over x_0 given x_t is taken and not drawn.
    """
    a = log_odds(params, x, steps, forward, T)
    return -np.sum(np.logaddexp(0, a) - rate * a - entropy) * (T - 1) / len(x)


def ascent(state, rng, steps=STEPS, rate=1e-2, **more):
    """Yield the `train.State` after every step of training, in float32."""
    best = best_reverse()
    return ascend(objective, lambda rng: batch(rng, best, **more), state, steps, cosine(rate), rng)


def start(rng):
    """The `train.State` before the first step."""
    return begin(nests.to_float32(init(rng)))


def train(run, settings, resume=False, say=print, steps=STEPS):
    """Train to the end with checkpoints in the file `run`: shared layers and heights of bumps, and the seconds."""
    rng = onp.random.default_rng(settings["seed"])

    def steps_of(state, clock):
        for state in ascent(state, rng, steps):
            if state.step % 100 == 0:
                say(f"step {state.step}: the gap is about {-state.value / onp.log(2):.3f} bits")
            yield state
    state, seconds = resumable(run, settings, start(rng), rng, steps_of, resume, steps)
    return state.average, seconds
