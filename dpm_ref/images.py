"""The image data of §3.2.1: MNIST, CIFAR-10, bark and dead leaves, scaled to mean 0 and variance 1.

    train = mnist("train")                            # official files when found, else the package's digits
    test = mnist("test", scaling=train[1:3])          # holdout in the units of the training data
    x = batch(train, rng, 64)                         # 64 images with fresh dequantisation noise
    x = batch(bark("train"), rng, 64, size=32)        # 64 random crops of 32x32

Official files are looked for in the folder that the environment variable DPM_REF_DATA names, in its subfolders,
and in the user's cache, where `download=True` puts them; `use="embedded"` insists on what the package carries,
`use="official"` on the files. What was used is said in one phrase, `source`, for a figure's face.
"""
import gzip
import os
import tarfile
import zipfile
import zlib
from pathlib import Path
from typing import NamedTuple, Optional

import numpy as np

EMBEDDED = Path(__file__).parent / "embedded"
CHECKSUMS = {
    "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    "cifar-10-binary.tar.gz": "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
    "T01-T05.zip": "sha1:c0761b76080a9a9200b4a6894e05fabaca1fb280",
}
TEXTURES = "http://www-cvr.ai.uiuc.edu/ponce_grp/data/texture_database/"
MIRRORS = {  # by the first letters of the file
    "t": ("https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"),
    "c": ("https://www.cs.toronto.edu/~kriz/",),
    "T": (TEXTURES, "https://web.archive.org/web/2020id_/" + TEXTURES),
}


class Images(NamedTuple):
    """Scaled images x (N, H, W, C), float32, without dequantisation noise; a grey level is 1/std wide in x's units."""
    x: np.ndarray
    mean: float  # of all pixels and channels, in grey levels 0..256, noise included
    std: float
    source: str
    labels: Optional[np.ndarray] = None


# ------------------------------------------------------------------ the units of the data

def scaled(levels, source, scaling=None, labels=None):
    """Scale 8-bit images (N, H, W, C) by one pair (mean, std), of their own unless given.

    text, §3

        x = (level - mean) / std,  so that x with its dequantisation noise has mean 0 and variance 1

    Returns Images, float32. Raises ValueError if all pixels are alike.
    """
    if scaling is None:
        count = sum(np.bincount(image.ravel(), minlength=256) for image in levels) / levels.size
        mean = count @ np.arange(256)
        scaling = mean + 1 / 2, (count @ (np.arange(256) - mean) ** 2 + 1 / 12) ** 0.5
    mean, std = map(float, scaling)
    if not std > 0:
        raise ValueError(f"images must differ in grey level to be scaled to variance 1, got std = {std}")
    return Images((levels - np.float32(mean)) / np.float32(std), mean, std, source, labels)


def dequantise(x, std, noise):
    """Spread every pixel over its grey level, by noise uniform in [0, 1).

    text, §3.2.1

        x + noise / std,  one grey level wide in the units of x (footnote 3)
    """
    return x + noise / float(std)


def to_unit(x, mean, std):
    """Grey levels in [0, 1] of scaled pixels, where 0 is black and 1 is white; not clipped.

    not in the paper

        (mean + std x - 1/2) / 255,  where 1/2 is the mean of the dequantisation noise in x
    """
    return (x * float(std) + float(mean - 0.5)) / 255


def crops(x, count, size, rng):
    """Draw square crops at random places of random images: (N, H, W, C) -> (count, size, size, C).

    not in the paper
    Raises ValueError if the images are smaller.
    """
    N, H, W, _ = x.shape
    if not 1 <= size <= min(H, W):
        raise ValueError(f"crops must have a size from 1 to {min(H, W)}, the smaller side of the images, got {size}")
    n, i, j = rng.integers(N, size=count), rng.integers(H - size + 1, size=count), rng.integers(W - size + 1, size=count)
    return np.stack([x[n, i:i + size, j:j + size] for n, i, j in zip(n, i, j)])


def batch(images, rng, count, size=None):
    """Draw images, or crops of size x size, and dequantise them: (count, H, W, C), float32.

    text, §3.2.1
    """
    x = images.x[rng.integers(len(images.x), size=count)] if size is None else crops(images.x, count, size, rng)
    return dequantise(x, images.std, rng.random(x.shape, np.float32))


# ------------------------------------------------------------------ MNIST, CIFAR-10, bark

def mnist(split, scaling=None, use="best", download=False):
    """Load handwritten digits, 28x28, with labels.

    text, §3.2.1
    Official files: "train" is the first 50,000 training digits, "validation" the last 10,000, "test" the 10,000 test
    digits. Embedded: the first 10,000 official training digits, shuffled, as 9,000, 500 and 500.
    Raises ValueError on a damaged file, FileNotFoundError if use="official" finds none, ConnectionError.
    """
    _one_of("split", split, "train", "validation", "test")
    stem = "t10k" if split == "test" else "train"
    names = [f"{stem}-images-idx3-ubyte.gz", f"{stem}-labels-idx1-ubyte.gz"]
    paths = _official(names, use, download)
    if paths:
        x, labels = _idx(paths[0], 3), _idx(paths[1], 1)
        if x.shape[1:] != (28, 28):
            raise _damaged(paths[0], f"has images of {x.shape[1]}x{x.shape[2]}, expected 28x28")
        if len(x) != len(labels):
            raise _damaged(paths[1], f"has {len(labels)} labels for {len(x)} images")
        cut, name = len(x) * 5 // 6, "MNIST digits"
    else:
        with np.load(EMBEDDED / "mnist_10k.npz") as file:
            x, labels = file["images"], file["labels"]
        cut, name = 9000, "embedded digits"
    part = {"train": slice(cut), "validation": slice(cut, cut + (len(x) - cut) // (1 if paths else 2)),
            "test": slice(0 if paths else 9500, None)}[split]
    return scaled(x[part, ..., None], f"{len(x[part]):,} {name}", scaling, labels[part])


def cifar10(split, scaling=None, use="best", download=False):
    """Load small colour photographs, 32x32x3, from the binary batches or their archive.

    text, §3.2.1
    Embedded: patches of three photographs, whose left four fifths are "train" and right fifth "test".
    Raises ValueError on a damaged file, FileNotFoundError if use="official" finds none, ConnectionError.
    """
    _one_of("split", split, "train", "test")
    names = [f"data_batch_{i}.bin" for i in range(1, 6)] if split == "train" else ["test_batch.bin"]
    paths = None if use == "embedded" else [path for path in map(_find, names) if path]
    if paths:
        parts = [_cifar_batch(path, path.read_bytes()) for path in paths]
    else:
        paths = _official(["cifar-10-binary.tar.gz"], use, download)
        if not paths:
            return scaled(_patches(split), "32x32 patches of 3 photographs", scaling)
        parts = [_cifar_batch(paths[0], content) for content in _archive(paths[0], names)]
    x, labels = (np.concatenate(part) for part in zip(*parts))
    complete = len(x) == (50000 if split == "train" else 10000)
    source = "CIFAR-10" if complete else f"CIFAR-10, {len(x):,} images"
    return scaled(x, "CIFAR-10 (JPEG copy)" if "jpeg" in paths[0].parent.name.lower() else source, scaling, labels)


def bark(split, scaling=None, use="best", download=False, halvings=0):
    """Load grey photographs of bark, reduced to 1/2^halvings of their width and height.

    text, §3.2.1
    Official: classes T01-T04 of Lazebnik et al. 2005, 640x480; of the 40 images of a class the last 8 are "test".
    Embedded: one photograph of willow bark, 1024x1024, whose top half is "train" and bottom half "test".
    Raises ValueError on a damaged file, FileNotFoundError if use="official" finds none, ConnectionError.
    """
    _one_of("split", split, "train", "test")
    folder = None if use == "embedded" else _find("T01_bark1")
    files = sorted(folder.parent.glob("T0[1-4]_*/T0[1-4]_*.jpg")) if folder else None
    paths = None if files else _official(["T01-T05.zip"], use, download)
    if paths:
        try:
            archive = zipfile.ZipFile(_not_empty(paths[0]))
        except zipfile.BadZipFile:
            raise _damaged(paths[0], "is cut short or damaged") from None
        files = [zipfile.Path(archive, name) for name in sorted(archive.namelist())
                 if name.endswith(".jpg") and Path(name).name[:3] in ("T01", "T02", "T03", "T04")]
    if files:
        files = [file for file in files if (file.name[4:6] > "32") == (split == "test")]
        if not files:
            raise _damaged(folder.parent if folder else paths[0], f"has no {split} images among T01_01.jpg to T04_40.jpg")
        x, source = np.stack([_photograph(file, "L", (480, 640)) for file in files]), "UIUC textures T01-T04"
    else:
        photograph = _photograph(EMBEDDED / "bark_willow.png", "L", (1024, 1024))
        x, source = photograph[None, :512] if split == "train" else photograph[None, 512:], "photograph of willow bark"
    return scaled(_reduced(x, halvings)[..., None], source, scaling)


def _reduced(levels, halvings):
    if halvings not in range(6):
        raise ValueError(f"halvings must be a whole number from 0 to 5, got {halvings}")
    f, (N, H, W) = 2**halvings, levels.shape
    blocks = levels[:, :H // f * f, :W // f * f].reshape(N, H // f, f, W // f, f)
    return np.rint(blocks.mean((2, 4))).astype(np.uint8) if f > 1 else levels


def _patches(split, stride=4):
    """Overlapping 32x32 patches of the embedded photographs, in reading order."""
    found = []
    for name, shape in ("astronaut", (256, 256)), ("chelsea", (150, 225)), ("coffee", (200, 300)):
        photograph = _photograph(EMBEDDED / f"{name}.png", "RGB", shape)
        edge = shape[1] * 4 // 5
        part = photograph[:, :edge] if split == "train" else photograph[:, edge:]
        windows = np.lib.stride_tricks.sliding_window_view(part, (32, 32), axis=(0, 1))[::stride, ::stride]
        found.append(windows.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
    return np.concatenate(found)


# ------------------------------------------------------------------ dead leaves

def dead_leaves(split, count=4096, size=32, radii=(2, 48), samples=1, seed=0, scaling=None):
    """Make crops of an image of occluding discs, with a seed of its own for each split.

    text, §3.2.1
    Radii follow r^-3 between the two given, in pixels; grey levels are uniform on 0..255. `samples` squared is the number
    of points a pixel averages: 1 leaves sharp stairs, 4 is anti-aliased. Raises ValueError on impossible radii or sizes.
    """
    _one_of("split", split, "train", "test")
    rng = np.random.default_rng([seed, split == "test"])
    levels = leaves(rng, count, size, radii, samples)
    if scaling is None and samples == 1:
        scaling = 128, 256 / 12**0.5  # of the distribution: uniform on [0, 256)
    return scaled(levels, f"dead leaves, r {radii[0]:g}..{radii[1]:g}", scaling)


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


# ------------------------------------------------------------------ files

WAY_ON = "delete it and pass download=True to fetch the official file, or delete it and the package's own data are used"


def _one_of(name, value, *choices):
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, choices))}, got {value!r}")


def _folders():
    """Where official files may be: the folder named by DPM_REF_DATA if it is set, and the user's cache."""
    import pooch  # here, because it is slow to load and the embedded data do without
    named = os.environ.get("DPM_REF_DATA")
    if named and not Path(named).is_dir():
        raise ValueError(f"the environment variable DPM_REF_DATA must name a folder, got {named!r}")
    return ([Path(named)] if named else []) + [Path(pooch.os_cache("dpm_ref"))]


def _find(name):
    """The path of an official file or folder, or None; exact copies come before JPEG copies."""
    for folder in filter(Path.is_dir, _folders()):
        inside = sorted((path for path in folder.iterdir() if path.is_dir()), key=lambda path: ("jpeg" in path.name.lower(), path))
        for path in [folder, *inside]:
            if (path / name).exists():
                return path / name


def _official(names, use, download):
    """The paths of official files; None if the embedded data are wanted, or will do in their absence."""
    _one_of("use", use, "best", "embedded", "official")
    if use == "embedded":
        return None
    paths = {name: _find(name) or (_fetch(name) if download else None) for name in names}
    missing = [name for name in names if not paths[name]]
    if missing and (use == "official" or len(missing) < len(names)):
        raise FileNotFoundError(f"{missing[0]} is not in {' or '.join(map(str, _folders()))}: put it there, pass download=True, "
                                f"or pass use='embedded' for the package's own data")
    return None if missing else list(paths.values())


def _fetch(name):
    """Download an official file; it appears in its folder only when whole and with the right checksum."""
    import pooch
    folder, reasons = _folders()[0], []
    for mirror in MIRRORS[name[0]]:
        try:
            return Path(pooch.retrieve(mirror + name, CHECKSUMS[name], name, folder, progressbar=True))
        except ValueError:
            reasons.append(f"{mirror} sent a file with a wrong checksum")
        except OSError as error:
            reasons.append(f"{mirror} gave {type(error).__name__}")
    raise ConnectionError(f"{name} could not be downloaded ({'; '.join(reasons)}): put it into {folder} by hand, "
                          f"or leave out download=True and the package's own data are used")


def _damaged(path, what):
    return ValueError(f"{path} {what}: {WAY_ON}")


def _not_empty(path):
    if not os.path.getsize(path):
        raise _damaged(path, "is empty")
    return path


def _idx(path, ndim):
    """The array in a gzipped IDX file: two zeros, 8 for bytes, the number of axes, big-endian lengths, the bytes."""
    try:
        content = gzip.decompress(_not_empty(path).read_bytes())
    except (OSError, EOFError, zlib.error):
        raise _damaged(path, "is cut short or damaged") from None
    if content[:4] != bytes([0, 0, 8, ndim]) or len(content) < 4 + 4 * ndim:
        raise _damaged(path, f"is no IDX file of bytes with {ndim} axes")
    shape = np.frombuffer(content, ">u4", ndim, 4).astype(int)
    if len(content) != 4 + 4 * ndim + shape.prod() or not shape.all():
        raise _damaged(path, f"has {len(content) - 4 - 4 * ndim} bytes of data, expected {' x '.join(map(str, shape))}")
    return np.frombuffer(content, np.uint8, offset=4 + 4 * ndim).reshape(shape)


def _cifar_batch(path, content):
    """Images (N, 32, 32, 3) and labels (N,) of a binary batch: records of a label byte and 3072 bytes, channel first."""
    if not content:
        raise _damaged(path, "is empty")
    if len(content) % 3073:
        raise _damaged(path, f"has {len(content)} bytes, expected a multiple of 3073 (a label and 32x32x3 pixels)")
    records = np.frombuffer(content, np.uint8).reshape(-1, 3073)
    if records[:, 0].max() > 9:
        raise _damaged(path, f"has the label {records[:, 0].max()}, expected 0..9 before 32x32x3 pixels")
    return records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), records[:, 0]


def _archive(path, names):
    """The contents of the named files of a .tar.gz, read to its end so that its own checksum is tested."""
    try:
        with gzip.open(_not_empty(path)) as stream:
            with tarfile.open(fileobj=stream, mode="r:") as archive:
                members = {Path(member.name).name: archive.extractfile(member).read() for member in archive if member.isfile()}
            while stream.read(1 << 24):
                pass
    except (OSError, EOFError, zlib.error, tarfile.TarError):
        raise _damaged(path, "is cut short or damaged") from None
    missing = [name for name in names if name not in members]
    if missing:
        raise _damaged(path, f"holds no {missing[0]}")
    return [members[name] for name in names]


def _photograph(file, mode, shape):
    """A photograph as bytes: (H, W) in mode "L", (H, W, 3) in mode "RGB"."""
    from PIL import Image  # matplotlib needs it too
    try:
        with file.open("rb") as stream:
            levels = np.asarray(Image.open(stream).convert(mode))
    except (OSError, EOFError, SyntaxError, zlib.error, zipfile.BadZipFile):
        raise _damaged(file, "is empty, cut short or no image") from None
    if levels.shape[:2] != shape:
        raise _damaged(file, f"has {levels.shape[1]}x{levels.shape[0]} pixels, expected {shape[1]}x{shape[0]}")
    return levels
