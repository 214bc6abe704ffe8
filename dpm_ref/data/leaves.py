"""The generator of dead leaves images: discs that occlude each other (paper, section 3.2.1)."""
import numpy as np


def leaves(rng, count, size, radii=(2, 48), samples=1):
    """Draw dead leaves crops as grey levels, (count, size, size, 1), uint8: exact samples, independent of each other.

    text, §3.2.1
    """
    low, high = radii
    if not 0 < low <= high < np.inf:
        raise ValueError(f"radii must be two numbers with 0 < r_min <= r_max, in pixels, got {radii}")
    if min(count, size, samples) < 1:
        raise ValueError(f"count, size and samples must be at least 1, got {count}, {size} and {samples}")
    fine = [_cover(rng, size * samples, low * samples, high * samples) for _ in range(count)]
    blocks = np.reshape(fine, (count, size, samples, size, samples))
    return (blocks if samples == 1 else np.rint(blocks.mean((2, 4)))).astype(np.uint8).reshape(count, size, size, 1)


def _cover(rng, size, low, high, tile=32):
    """Let discs arrive, the frontmost first, until every pixel (size, size) has the grey level of the first to cover it.

    Centres are uniform over the window enlarged by r_max, so every disc that could reach a pixel is as likely there as
    anywhere: the image is a window onto an endless one. A tile of pixels sees only the discs that could touch it.
    """
    image = np.zeros((size, size), np.uint8)
    pixels = np.indices((size, size)).transpose(1, 2, 0)
    waiting = [pixels[i:i + tile, j:j + tile].reshape(-1, 2) for i in range(0, size, tile) for j in range(0, size, tile)]
    mean_area = np.pi * (2 * np.log(high / low) / (low**-2.0 - high**-2.0) if high > low else low**2)
    arrivals = expected = (size + 2 * high) ** 2 / mean_area * (2 * np.log(size) + 2)  # until the last pixel, about
    while waiting:
        M = int(arrivals) + 1
        radius = (low**-2.0 - rng.random(M) * (low**-2.0 - high**-2.0)) ** -0.5  # inverse of the distribution function
        discs = rng.uniform(-high, size + high, M), rng.uniform(-high, size + high, M), radius
        levels = rng.integers(256, size=M).astype(np.uint8)
        waiting = [rest for rest in (_cover_tile(image, pixels, discs, levels) for pixels in waiting) if len(rest)]
        arrivals = expected / 4
    return image


def _cover_tile(image, pixels, discs, levels):
    """Give pixels (U, 2) the grey level of the first disc that covers them; return those that none covers."""
    middle, reach = (pixels.min(0) + pixels.max(0) + 1) / 2, (pixels.max(0) - pixels.min(0) + 1) / 2
    row, column, radius = discs
    near = np.flatnonzero((abs(row - middle[0]) < radius + reach[0]) & (abs(column - middle[1]) < radius + reach[1]))
    start, step = 0, 16
    while start < len(near) and len(pixels):
        few = near[start:start + step, None]  # a few discs at first, more as fewer pixels wait
        inside = (row[few] - pixels[:, 0] - 0.5) ** 2 + (column[few] - pixels[:, 1] - 0.5) ** 2 <= radius[few] ** 2
        hit = inside.any(0)
        image[tuple(pixels[hit].T)] = levels[few[inside.argmax(0)[hit], 0]]
        pixels, start, step = pixels[~hit], start + step, 2 * step
    return pixels
