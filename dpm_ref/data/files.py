"""Official data files: where the package looks for them, and how it fetches and checks them. `formats` reads them.

The package looks in the folder that the environment variable DPM_REF_DATA names, in its subfolders, and in the user's
cache. An error about a file says in one sentence what is wrong and what to do.
"""
import os
import warnings
from pathlib import Path

from ..engine.checks import one_of

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
LAST = "jpeg", "fashion", "kmnist", "emnist", "qmnist"    # in the names of folders that hold copies or other data


# --- where files are ------------------------------------------------------------------------------------------------

def folders():
    """The folders for official files: that of DPM_REF_DATA if it is set, then the user's cache."""
    import pooch  # here, because it is slow to load and embedded data do not need it
    named = os.environ.get("DPM_REF_DATA")
    if named and not Path(named).is_dir():
        raise ValueError(f"the environment variable DPM_REF_DATA must name a folder, got {named!r}")
    if named:
        try:
            os.scandir(named).close()
        except PermissionError:
            raise ValueError(f"the folder {named!r} that DPM_REF_DATA names cannot be read: permission denied") \
                from None
    return ([Path(named)] if named else []) + [Path(pooch.os_cache("dpm_ref"))]


def places():
    """All folders to look in: those of `folders` and two levels below, as in MNIST/raw. Folders of copies come last."""
    for folder in folders():
        first = subfolders(folder)
        inside = [*first, *(path for parent in first for path in subfolders(parent))]
        yield folder
        copy = {path: any(word in str(path.relative_to(folder)).lower() for word in LAST) for path in inside}
        yield from sorted(inside, key=lambda path: (copy[path], len(path.parts), path))


def subfolders(folder):
    """The folders in a folder; none where it is missing or may not be read."""
    try:
        return [Path(entry) for entry in os.scandir(folder) if entry.is_dir()]
    except OSError:
        return []


def find(*names):
    """The paths of official files that lie in one folder, None for a missing one; or None if no folder has any of them.

    A name may be a tuple of spellings. A file comes before a folder of the same name.
    """
    spellings = [(name,) if isinstance(name, str) else name for name in names]
    for place in places():
        paths = [_one(place, words) for words in spellings]
        if any(paths):
            return paths


def _one(place, words):
    there = [place / word for word in words if os.path.exists(place / word)]
    return min(there, key=os.path.isdir, default=None)


def official(names, use, download):
    """The paths of official files; None where the package's own data is to be used.

    use "embedded" asks for the package's own data, "official" for the files; "best" takes the files if they are there.
    A name may be a tuple of spellings, of which the first is fetched if `download` is true. Warns when DPM_REF_DATA is
    set and has none of the files. FileNotFoundError where some or, with "official", all of them are missing.
    """
    one_of("use", use, "best", "embedded", "official")
    if use == "embedded":
        return None
    names = [(name,) if isinstance(name, str) else name for name in names]
    found = find(*names) or [None] * len(names)
    paths = [path or (fetch(words[0]) if download else None) for path, words in zip(found, names)]
    if all(paths):
        return paths
    missing, there = names[paths.index(None)][0], [path for path in paths if path]
    if there or use == "official":
        where = there[0].parent if there else " or ".join(map(str, folders()))
        raise FileNotFoundError(f"{missing} is not in {where}: put it there, pass download=True, "
                                f"or pass use='embedded' for the package's own data")
    if os.environ.get("DPM_REF_DATA"):
        warnings.warn(f"{missing} is not in the folder {os.environ['DPM_REF_DATA']!r} that DPM_REF_DATA names, nor two "
                      f"levels below: the package's own data are used", stacklevel=3)


def fetch(name):
    """Download an official file and return its path; it appears in its folder only when its checksum is right.

    ConnectionError where no mirror can be used.
    """
    import pooch
    folder, reasons = folders()[0], []
    for mirror in MIRRORS[name[0]]:
        try:
            return Path(pooch.retrieve(mirror + name, CHECKSUMS[name], name, folder, progressbar=True))
        except ValueError:
            reasons.append(f"{mirror} sent a file with a wrong checksum")
        except PermissionError:
            reasons.append(f"the folder {folder} cannot be written")
            break
        except OSError as error:
            reasons.append(f"{mirror} gave {type(error).__name__}")
    raise ConnectionError(f"{name} could not be downloaded ({'; '.join(reasons)}): put it into {folder} by hand, "
                          f"or leave out download=True and the package's own data are used")


# --- errors about files ---------------------------------------------------------------------------------------------

def damaged(path, what):
    """The error for a broken file, with what to do: delete it."""
    return _error(path, what, "delete it")


def unfit(path, what):
    """The error for a file that is whole but cannot be used here, with what to do: move it elsewhere."""
    return _error(path, what, "move it elsewhere")


def _error(path, what, do):
    return ValueError(f"{path} {what}: {do} and pass download=True to fetch the official file, "
                      f"or {do} and the package's own data are used")


def checked(path):
    """The path of a file that can be opened and is not empty; ValueError otherwise."""
    if path.is_dir():
        raise unfit(path, "is a folder, expected a file")
    try:
        with path.open("rb") as stream:
            some = stream.read(1)
    except PermissionError:
        raise ValueError(f"{path} cannot be read: give yourself permission to read it, or pass use='embedded' for the "
                         f"package's own data") from None
    if not some:
        raise damaged(path, "is empty")
    return path
