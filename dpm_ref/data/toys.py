"""The two toy data sets of the paper, swiss roll and binary heartbeat (§3.1)."""
import numpy as np

ANGLES = 1.5 * np.pi, 4.5 * np.pi
# E of |(a cos a, a sin a)|^2 / 2 for an angle a uniform on ANGLES: the mean of a^2 / 2
SECOND_MOMENT = (ANGLES[1] ** 3 - ANGLES[0] ** 3) / (6 * (ANGLES[1] - ANGLES[0]))


def roll(angle):
    """The points (..., 2) of the noise-free swiss roll at the given angles (...), scaled to second moment 1.

    text, §3.1.1
    """
    return np.stack([angle * np.cos(angle), angle * np.sin(angle)], axis=-1) / np.sqrt(SECOND_MOMENT)


def swiss_roll(rng, N, std=0.0):
    """Draw N points (N, 2) of the swiss roll plus Gaussian noise of standard deviation std, scaled to second moment 1.

    text, §3.1.1
    ValueError unless N >= 1 and std >= 0.
    """
    if not (std >= 0 and N >= 1):
        raise ValueError(f"the roll needs N >= 1 points and a standard deviation std >= 0; got N = {N}, std = {std}")
    x = roll(rng.uniform(*ANGLES, N)) + std * rng.standard_normal((N, 2))
    return x / np.sqrt(1 + std ** 2)


def roll_nodes(std):
    """A quadrature rule along the noise-free roll, for an integrand of width std: points (M, 2) and weights (M,).

    The midpoint rule in the angle, with at least three nodes within each std.
    """
    length = (ANGLES[1] - ANGLES[0]) * ANGLES[1] / np.sqrt(SECOND_MOMENT)                # at the outermost speed
    M = int(max(300, np.ceil(3 * length / std)))
    angle = ANGLES[0] + (ANGLES[1] - ANGLES[0]) * (np.arange(M) + 0.5) / M
    return roll(angle), np.full(M, 1 / M)


def roll_centres(count=200):
    """Points (count, 2), weights (count,) to average a smooth function along the roll: Gauss-Legendre in the angle."""
    a, w = np.polynomial.legendre.leggauss(count)
    return roll(ANGLES[0] + (ANGLES[1] - ANGLES[0]) * (a + 1) / 2), w / 2


HEARTBEAT = (np.arange(20) % 5 == np.arange(5)[:, None]) * 1.0


def heartbeat(rng, N):
    """Draw N sequences (N, 20) of bits: a 1 in every 5th bin, the first one with equal probability in bins 1 to 5.

    text, §3.1.2
    ValueError unless N >= 1.
    """
    if N < 1:
        raise ValueError(f"heartbeat needs N >= 1 sequences; got {N}")
    return HEARTBEAT[rng.integers(5, size=N)]
