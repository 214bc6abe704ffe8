"""Official data files: where they may be, how they are fetched and checked, and how each format is read.

They are looked for in the folder that the environment variable DPM_REF_DATA names, in its subfolders, and in the user's
cache. A file that is cut short, damaged or of another size gives one sentence that says so, and the way on.
"""
import gzip
import os
import tarfile
import zipfile
import zlib
from pathlib import Path

import numpy as np

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
WAY_ON = "delete it and pass download=True to fetch the official file, or delete it and the package's own data are used"


def one_of(name, value, *choices):
    """ValueError unless the value is one of the choices."""
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, choices))}, got {value!r}")


def folders():
    """Where official files may be: the folder named by DPM_REF_DATA if it is set, and the user's cache."""
    import pooch  # here, because it is slow to load and the embedded data do without
    named = os.environ.get("DPM_REF_DATA")
    if named and not Path(named).is_dir():
        raise ValueError(f"the environment variable DPM_REF_DATA must name a folder, got {named!r}")
    return ([Path(named)] if named else []) + [Path(pooch.os_cache("dpm_ref"))]


def find(name):
    """The path of an official file or folder, or None; exact copies come before JPEG copies."""
    for folder in filter(Path.is_dir, folders()):
        inside = sorted((path for path in folder.iterdir() if path.is_dir()), key=lambda path: ("jpeg" in path.name.lower(), path))
        for path in [folder, *inside]:
            if (path / name).exists():
                return path / name


def official(names, use, download):
    """The paths of official files; None if the embedded data are wanted, or will do in their absence."""
    one_of("use", use, "best", "embedded", "official")
    if use == "embedded":
        return None
    paths = {name: find(name) or (fetch(name) if download else None) for name in names}
    missing = [name for name in names if not paths[name]]
    if missing and (use == "official" or len(missing) < len(names)):
        raise FileNotFoundError(f"{missing[0]} is not in {' or '.join(map(str, folders()))}: put it there, pass download=True, "
                                f"or pass use='embedded' for the package's own data")
    return None if missing else list(paths.values())


def fetch(name):
    """Download an official file; it appears in its folder only when whole and with the right checksum."""
    import pooch
    folder, reasons = folders()[0], []
    for mirror in MIRRORS[name[0]]:
        try:
            return Path(pooch.retrieve(mirror + name, CHECKSUMS[name], name, folder, progressbar=True))
        except ValueError:
            reasons.append(f"{mirror} sent a file with a wrong checksum")
        except OSError as error:
            reasons.append(f"{mirror} gave {type(error).__name__}")
    raise ConnectionError(f"{name} could not be downloaded ({'; '.join(reasons)}): put it into {folder} by hand, "
                          f"or leave out download=True and the package's own data are used")


def damaged(path, what):
    """The error for a file that cannot be used, with the way on."""
    return ValueError(f"{path} {what}: {WAY_ON}")


def not_empty(path):
    """The path; ValueError when the file has no bytes."""
    if not os.path.getsize(path):
        raise damaged(path, "is empty")
    return path


def idx(path, ndim):
    """The array in a gzipped IDX file: two zeros, 8 for bytes, the number of axes, big-endian lengths, the bytes."""
    try:
        content = gzip.decompress(not_empty(path).read_bytes())
    except (OSError, EOFError, zlib.error):
        raise damaged(path, "is cut short or damaged") from None
    if content[:4] != bytes([0, 0, 8, ndim]) or len(content) < 4 + 4 * ndim:
        raise damaged(path, f"is no IDX file of bytes with {ndim} axes")
    shape = np.frombuffer(content, ">u4", ndim, 4).astype(int)
    if len(content) != 4 + 4 * ndim + shape.prod() or not shape.all():
        raise damaged(path, f"has {len(content) - 4 - 4 * ndim} bytes of data, expected {' x '.join(map(str, shape))}")
    return np.frombuffer(content, np.uint8, offset=4 + 4 * ndim).reshape(shape)


def cifar_batch(path, content):
    """Images (N, 32, 32, 3) and labels (N,) of a binary batch: records of a label byte and 3072 bytes, channel first."""
    if not content:
        raise damaged(path, "is empty")
    if len(content) % 3073:
        raise damaged(path, f"has {len(content)} bytes, expected a multiple of 3073 (a label and 32x32x3 pixels)")
    records = np.frombuffer(content, np.uint8).reshape(-1, 3073)
    if records[:, 0].max() > 9:
        raise damaged(path, f"has the label {records[:, 0].max()}, expected 0..9 before 32x32x3 pixels")
    return records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), records[:, 0]


def archive(path, names):
    """The contents of the named files of a .tar.gz, read to its end so that its own checksum is tested."""
    try:
        with gzip.open(not_empty(path)) as stream:
            with tarfile.open(fileobj=stream, mode="r:") as archive:
                members = {Path(member.name).name: archive.extractfile(member).read() for member in archive if member.isfile()}
            while stream.read(1 << 24):
                pass
    except (OSError, EOFError, zlib.error, tarfile.TarError):
        raise damaged(path, "is cut short or damaged") from None
    missing = [name for name in names if name not in members]
    if missing:
        raise damaged(path, f"holds no {missing[0]}")
    return [members[name] for name in names]


def photograph(file, mode, shape):
    """A photograph as bytes: (H, W) in mode "L", (H, W, 3) in mode "RGB"."""
    from PIL import Image  # matplotlib needs it too
    try:
        with file.open("rb") as stream:
            levels = np.asarray(Image.open(stream).convert(mode))
    except (OSError, EOFError, SyntaxError, zlib.error, zipfile.BadZipFile):
        raise damaged(file, "is empty, cut short or no image") from None
    if levels.shape[:2] != shape:
        raise damaged(file, f"has {levels.shape[1]}x{levels.shape[0]} pixels, expected {shape[1]}x{shape[0]}")
    return levels
