"""The generator of dead leaves images: discs that occlude each other (§3.2.1)."""
import numpy as np


def leaves(rng, count, size, radii=(2, 48), samples=1):
    """Draw independent dead leaves images as grey levels, (count, size, size, 1), uint8.

    text, §3.2.1
    Radii in pixels follow r^-3 between the two of `radii`. Each pixel is the mean of samples x samples points. Exact:
    an image is a window onto an endless picture. ValueError on radii, counts or sizes that are impossible.
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
    """Draw discs, the frontmost first, until all pixels (size, size) have the grey level of the first disc over them.

    The centres are uniform over the window enlarged by the largest radius, so that discs reach the window from outside
    as often as on an endless plane. The window is cut into tiles: a tile tests only the discs that can touch it.
    """
    image = np.zeros((size, size), np.uint8)
    pixels = np.indices((size, size)).transpose(1, 2, 0)
    waiting = [pixels[i:i + tile, j:j + tile].reshape(-1, 2)
               for i in range(0, size, tile) for j in range(0, size, tile)]
    mean_area = np.pi * (2 * np.log(high / low) / (low**-2.0 - high**-2.0) if high > low else low**2)
    arrivals = expected = (size + 2 * high) ** 2 / mean_area * (2 * np.log(size) + 2)  # until the last pixel, about
    while waiting:
        count = int(arrivals) + 1
        radius = (low**-2.0 - rng.random(count) * (low**-2.0 - high**-2.0)) ** -0.5  # r^-3
        discs = rng.uniform(-high, size + high, count), rng.uniform(-high, size + high, count), radius
        levels = rng.integers(256, size=count).astype(np.uint8)
        waiting = [rest for rest in (_cover_tile(image, pixels, discs, levels) for pixels in waiting) if len(rest)]
        arrivals = expected / 4
    return image


def _cover_tile(image, pixels, discs, levels):
    """Give pixels (U, 2) the grey level of the first disc that covers them; return the pixels that no disc covers."""
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
