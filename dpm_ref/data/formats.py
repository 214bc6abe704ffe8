"""Readers for the formats of image files, without pickle. An error says in one sentence what is wrong with the file."""
import gzip
import hashlib
import tarfile
import zipfile
import zlib
from pathlib import Path

import numpy as np

from .files import checked, damaged, unfit

DIGITS = {  # sha256 of the four IDX files of MNIST, unpacked
    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


def idx(path, ndim):
    """The array in an IDX file, gzipped or not.

    Two zeros, 8 for bytes, the number of axes, a big-endian length for each axis, the bytes.
    """
    content = checked(path).read_bytes()
    if content[:2] == b"\x1f\x8b":
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error):
            raise damaged(path, "is cut short or damaged") from None
    if content[:4] != bytes([0, 0, 8, ndim]) or len(content) < 4 + 4 * ndim:
        raise unfit(path, f"is no IDX file of bytes with {ndim} axes")
    shape = np.frombuffer(content, ">u4", ndim, 4).astype(int)
    if len(content) != 4 + 4 * ndim + shape.prod() or not shape.all():
        raise damaged(path, f"has {len(content) - 4 - 4 * ndim} bytes of data, expected {' x '.join(map(str, shape))}")
    return np.frombuffer(content, np.uint8, offset=4 + 4 * ndim).reshape(shape)


def keras_digits(path, part):
    """Images (N, 28, 28) and labels (N,) of the part "train" or "test" of Keras's mnist.npz; None for another npz."""
    try:
        with zipfile.ZipFile(checked(path)):
            pass
        with np.load(path, allow_pickle=False) as file:
            if f"x_{part}" not in file or f"y_{part}" not in file:
                return None
            x, labels = file[f"x_{part}"], file[f"y_{part}"]
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile):
        raise damaged(path, "is cut short or damaged") from None
    if (x.dtype, labels.dtype, x.ndim, labels.ndim) != (np.uint8, np.uint8, 3, 1):
        raise unfit(path, f"has x_{part} {x.dtype} {x.shape} and y_{part} {labels.dtype} {labels.shape}, "
                          f"expected bytes (N, 28, 28) and (N,)")
    return x, labels


def check_digits(paths, x, labels):
    """True if images and labels, read from these two paths, have the checksums of MNIST.

    ValueError if they cannot be digits.
    """
    if x.shape[1:] != (28, 28):
        raise unfit(paths[0], f"has images of {x.shape[1]}x{x.shape[2]}, expected 28x28")
    if len(x) != len(labels):
        raise unfit(paths[1], f"has {len(labels)} labels for {len(x)} images")
    if labels.max() > 9:
        raise unfit(paths[1], f"has the label {labels.max()}, expected 0..9")
    files = (bytes([0, 0, 8, a.ndim]) + np.array(a.shape, ">u4").tobytes() + a.tobytes() for a in (x, labels))
    return all(hashlib.sha256(file).hexdigest() in DIGITS for file in files)


def cifar_batch(path, content):
    """Images (N, 32, 32, 3) and labels (N,) of a binary batch: a label byte and 3072 bytes for each, channel first."""
    if len(content) % 3073 or not content:
        raise unfit(path, f"has {len(content)} bytes, expected a multiple of 3073 (a label and 32x32x3 pixels)")
    records = np.frombuffer(content, np.uint8).reshape(-1, 3073)
    if records[:, 0].max() > 9:
        raise unfit(path, f"has the label {records[:, 0].max()}, expected 0..9 before 32x32x3 pixels")
    return records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), records[:, 0]


def archive(path, names):
    """The contents of the named files in a .tar.gz, which is read to its end so that its own checksum is tested."""
    try:
        with gzip.open(checked(path)) as stream:
            with tarfile.open(fileobj=stream, mode="r:") as archive:
                members = {Path(member.name).name: archive.extractfile(member).read() for member in archive
                           if member.isfile()}
            while stream.read(1 << 24):
                pass
    except (OSError, EOFError, zlib.error, tarfile.TarError):
        raise damaged(path, "is cut short or damaged") from None
    missing = [name for name in names if name not in members]
    if missing:
        raise unfit(path, f"holds no {missing[0]}")
    return [members[name] for name in names]


def photographs(path, classes):
    """The JPEG files of the given classes, T01 to T25, in a zip file."""
    try:
        zipped = zipfile.ZipFile(checked(path))
    except zipfile.BadZipFile:
        raise damaged(path, "is cut short or damaged") from None
    return [zipfile.Path(zipped, name) for name in sorted(zipped.namelist())
            if name.endswith(".jpg") and Path(name).name[:3] in classes]


def photograph(file, mode, shape):
    """The grey levels of an image file, uint8: (H, W) in mode "L", (H, W, 3) in mode "RGB". (H, W) must be `shape`."""
    from PIL import Image  # matplotlib needs it too
    try:
        with checked(file).open("rb") as stream:
            levels = np.asarray(Image.open(stream).convert(mode))
    except (OSError, EOFError, SyntaxError, zlib.error, zipfile.BadZipFile):
        raise damaged(file, "is cut short or no image") from None
    if levels.shape[:2] != shape:
        raise unfit(file, f"has {levels.shape[1]}x{levels.shape[0]} pixels, expected {shape[1]}x{shape[0]}")
    return levels
