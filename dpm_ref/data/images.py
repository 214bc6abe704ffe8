"""The image data of §3.2.1, MNIST, CIFAR-10, bark and dead leaves, scaled to mean 0 and variance 1.

    train = mnist("train")                            # official files if they are there, else the package's digits
    test = mnist("test", scaling=train[1:3])          # holdout images in the units of the training images
    x = batch(train, rng, 64)                         # 64 images with fresh dequantisation noise
    x = batch(bark("train"), rng, 64, size=32)        # 64 random crops of 32x32

use="embedded" takes the package's own data, use="official" only official files; `files` says where the package looks
for them. download=True fetches official files into the user's cache. `Images.source` says what the data is.
"""
from pathlib import Path
from typing import NamedTuple, Optional

import numpy as np

from ..engine.checks import one_of
from .files import checked, find, folders, official, unfit
from .formats import archive, check_digits, cifar_batch, idx, keras_digits, photograph, photographs
from .leaves import leaves

EMBEDDED = Path(__file__).parent / "embedded"


class Images(NamedTuple):
    """Scaled images x (N, H, W, C), float32, without dequantisation noise; a grey level is 1/std wide in x's units."""
    x: np.ndarray
    mean: float  # of all pixels and channels, in grey levels 0..256, noise included
    std: float
    source: str
    labels: Optional[np.ndarray] = None


# --- units ----------------------------------------------------------------------------------------------------------

def scaled(levels, source, scaling=None, labels=None):
    """Scale 8-bit images (N, H, W, C) by `scaling` = (mean, std), by default those of the images themselves.

    text, §3

        x = (level - mean) / std,  so that x plus its dequantisation noise has mean 0 and variance 1

    Returns Images. ValueError if all pixels are equal.
    """
    if scaling is None:
        count = sum(np.bincount(image.ravel(), minlength=256) for image in levels) / levels.size
        if count.max() == 1:
            raise ValueError(f"images must differ in grey level to be scaled to variance 1, got {count.argmax()} "
                             "everywhere")
        mean = count @ np.arange(256)
        scaling = mean + 1 / 2, (count @ (np.arange(256) - mean) ** 2 + 1 / 12) ** 0.5
    mean, std = map(float, scaling)
    if not std > 0:
        raise ValueError(f"std must be above 0, got {std}")
    return Images((levels - np.float32(mean)) / np.float32(std), mean, std, source, labels)


def dequantise(x, std, noise):
    """Spread every pixel over its grey level, by `noise` uniform in [0, 1).

    text, §3.2.1

        x + noise / std,  because a grey level is 1/std wide in the units of x (footnote 3)
    """
    return x + noise / float(std)


def to_unit(x, mean, std):
    """Grey levels from 0 (black) to 1 (white) of scaled pixels; not clipped.

        (mean + std x - 1/2) / 255,  where 1/2 is the mean of the dequantisation noise in x
    """
    return (x * float(std) + float(mean - 0.5)) / 255


def crops(x, count, size, rng):
    """Draw square crops from random places of random images: (N, H, W, C) -> (count, size, size, C).

    ValueError if the images are smaller than a crop.
    """
    N, H, W, _ = x.shape
    if not 1 <= size <= min(H, W):
        raise ValueError(f"crops must have a size from 1 to {min(H, W)}, the smaller side of the images, got {size}")
    n, i, j = (rng.integers(most, size=count) for most in (N, H - size + 1, W - size + 1))
    return np.stack([x[n, i:i + size, j:j + size] for n, i, j in zip(n, i, j)])


def batch(images, rng, count, size=None):
    """Draw images, or crops of size x size, and dequantise them: (count, H, W, C), float32."""
    x = images.x[rng.integers(len(images.x), size=count)] if size is None else crops(images.x, count, size, rng)
    return dequantise(x, images.std, rng.random(x.shape, np.float32))


# --- the data sets --------------------------------------------------------------------------------------------------

def mnist(split, scaling=None, use="best", download=False):
    """Load handwritten digits, 28x28, with labels, from IDX files, gzipped or not, or from Keras's mnist.npz.

    text, §3.2.1
    Official files: "validation" is the first 10,000 training digits, "train" the last 50,000, "test" the 10,000 test
    digits. The package's own digits are that validation set, shuffled and split into 9,000, 500 and 500, so a model
    trained on the official 50,000 has seen none of them. ValueError for a file that cannot be used, FileNotFoundError
    if use="official" finds none, ConnectionError if a download fails.
    """
    one_of("split", split, "train", "validation", "test")
    found = None if use == "embedded" else _digits("t10k" if split == "test" else "train", use, download)
    if found:
        x, labels, name = found
        first = len(x) // 6
        parts = {"train": slice(first, None), "validation": slice(first), "test": slice(None)}
    else:
        with np.load(EMBEDDED / "mnist_10k.npz") as file:
            x, labels = file["images"], file["labels"]
        name = "embedded digits"
        parts = {"train": slice(9000), "validation": slice(9000, 9500), "test": slice(9500, None)}
    x, labels = x[parts[split], ..., None], labels[parts[split]]
    return scaled(x, f"{len(x):,} {name}", scaling, labels)


def _digits(stem, use, download):
    """Images (N, 28, 28), labels (N,) and a name for them, of the part "train" or "t10k"; None where no files are."""
    names = [[f"{stem}-{what}{dot}idx{n}-ubyte{packed}" for dot in "-." for packed in (".gz", "")]
             for what, n in (("images", 3), ("labels", 1))]
    keras = None if find(*names) else find("mnist.npz")
    found, paths = keras and keras_digits(keras[0], "test" if stem == "t10k" else stem), keras and keras * 2
    if not found:
        paths = official(names, use, download)
        if not paths:
            return None
        found = idx(paths[0], 3), idx(paths[1], 1)
    return *found, "MNIST digits" if check_digits(paths, *found) else "images, 28x28, not the official digits"


def cifar10(split, scaling=None, use="best", download=False):
    """Load small colour photographs, 32x32x3, from the binary batches or their archive.

    text, §3.2.1
    The package's own data are 64 "test" images of a JPEG copy, and no "train" images. ValueError for a file that cannot
    be used, FileNotFoundError if use="official" or "train" finds none, ConnectionError if a download fails.
    """
    one_of("split", split, "train", "test")
    one_of("use", use, "best", "official", "embedded")
    names = [f"data_batch_{i}.bin" for i in range(1, 6)] if split == "train" else ["test_batch.bin"]
    packed = use == "embedded" or find("cifar-10-binary.tar.gz")
    paths = [] if packed else [path for path in find(*names) or [] if path]
    if paths:
        parts = [cifar_batch(path, checked(path).read_bytes()) for path in paths]
    else:
        if not (packed or download):
            _refuse_pickles()
        if split == "train" and (use == "embedded" or not (packed or download)):
            raise FileNotFoundError(f"the package has no CIFAR-10 images to train on: put cifar-10-binary.tar.gz into "
                                    f"{folders()[0]}, or call cifar10('train', download=True) once")
        paths = official(["cifar-10-binary.tar.gz"], use, download)
        if not paths:
            sheet = photograph(EMBEDDED / "cifar10_64.png", "RGB", (256, 256))       # 8 rows of 8 images
            x = sheet.reshape(8, 32, 8, 32, 3).swapaxes(1, 2).reshape(64, 32, 32, 3)
            return scaled(x, "CIFAR-10 (JPEG copy), 64 images", scaling)
        parts = [cifar_batch(paths[0], content) for content in archive(paths[0], names)]
    x, labels = (np.concatenate(part) for part in zip(*parts))
    complete = len(x) == (50000 if split == "train" else 10000)
    source = "CIFAR-10" if complete else f"CIFAR-10, {len(x):,} images"
    return scaled(x, "CIFAR-10 (JPEG copy)" if "jpeg" in paths[0].parent.name.lower() else source, scaling, labels)


def _refuse_pickles():
    found = find(("cifar-10-python.tar.gz", "cifar-10-batches-py"))
    if found:
        raise ValueError(f"{found[0]} holds CIFAR-10 as Python pickles, which can run any code and are not read: pass "
                         f"download=True to fetch cifar-10-binary.tar.gz, or use='embedded' for the package's own data")


def bark(split, scaling=None, use="best", download=False):
    """Load grey photographs of bark.

    text, §3.2.1
    Official files: classes T01-T04 of Lazebnik et al. 2005, 640x480; of the 40 images of a class the last 8 are "test".
    The package's own data are one photograph of willow bark, 1024x1024; the top half is "train", the bottom half
    "test". ValueError for a file that cannot be used, FileNotFoundError if use="official" finds none, ConnectionError
    if a download fails.
    """
    one_of("split", split, "train", "test")
    one_of("use", use, "best", "official", "embedded")
    folder = None if use == "embedded" else find("T01_bark1")
    files = sorted(folder[0].parent.glob("T0[1-4]_*/T0[1-4]_*.jpg")) if folder else None
    paths = [folder[0].parent] if folder else official(["T01-T05.zip"], use, download)
    if paths:
        files = photographs(paths[0], ("T01", "T02", "T03", "T04")) if files is None else files
        files = [file for file in files if (file.name[4:6] > "32") == (split == "test")]
        if not files:
            raise unfit(paths[0], f"has no {split} images among T01_01.jpg to T04_40.jpg")
        x = np.stack([photograph(file, "L", (480, 640)) for file in files])
        source = f"UIUC textures {', '.join(sorted({file.name[:3] for file in files}))}, {len(files)} photographs"
    else:
        levels = photograph(EMBEDDED / "bark_willow.png", "L", (1024, 1024))
        x, source = levels[None, :512] if split == "train" else levels[None, 512:], "photograph of willow bark"
    return scaled(x[..., None], source, scaling)


def dead_leaves(split, count=4096, size=32, radii=(2, 48), samples=1, seed=0, scaling=None):
    """Draw dead leaves images; "train" and "test" have different random numbers.

    text, §3.2.1
    radii and samples are those of `leaves.leaves`: samples = 1 leaves stairs at the edges, 4 smooths them. Grey levels
    are uniform on 0..255. ValueError on radii, counts or sizes that are impossible.
    """
    one_of("split", split, "train", "test")
    rng = np.random.default_rng([seed, split == "test"])
    levels = leaves(rng, count, size, radii, samples)
    if scaling is None and samples == 1:
        scaling = 128, 256 / 12**0.5  # of the distribution: uniform on [0, 256)
    return scaled(levels, f"dead leaves, r {radii[0]:g}..{radii[1]:g}", scaling)
