"""Files of arrays and of a few words about them: written whole or not at all, read without pickle.

    write, read    any such file
    save, load     a training run, to go on with later
    fitted         the arrays of a file as a nest of arrays
    check_same     refuses a run that was made with other settings
    writing        a file of any kind, written whole or not at all
    check_free     refuses, before the work, a path that could not be written after it
"""
import glob
import json
import os
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from . import nests
from .console import undisturbed

FIELDS = "settings", "step", "value", "rng", "seconds"   # the words of a training run
NESTS = "params", "average", "moments"


def save(path, state, settings, seconds=0.0):
    """Write a training run and the seconds spent on it."""
    words = dict(zip(FIELDS, (settings, state.step, state.value, state.rng, seconds)))
    write(path, words, {f"{name}_{i}": a for name in NESTS for i, a in enumerate(nests.arrays(getattr(state, name)))})


def load(path, state, rng, settings):
    """The State saved at `path`, shaped like the given one, and the seconds spent on it; rng is set to where it was.

    ValueError for a file of anything else, and for a run with other settings.
    """
    words, arrays = read(path)
    missing = [field for field in FIELDS if field not in words]
    if missing:
        raise ValueError(f"{path} is not a checkpoint of a training run: it says nothing of {', '.join(missing)}")
    check_same(path, words["settings"], settings)
    parts = {name: fitted(path, arrays, name, getattr(state, name)) for name in NESTS}
    rng.bit_generator.state = words["rng"]
    return state._replace(step=words["step"], value=words["value"], rng=words["rng"], **parts), words["seconds"]


def check_same(path, there, here):
    """ValueError, naming the settings that differ, where a run was made with other settings than those of this one."""
    differ = [f"{name}: {there.get(name)} there, {here.get(name)} here" for name in {**here, **there}
              if there.get(name) != here.get(name)]
    if differ:
        raise ValueError(f"{path} was trained with other settings ({'; '.join(differ)}); --overwrite starts again")


def fitted(path, arrays, name, nest, narrower=False):
    """The arrays name_0, name_1, .. of a file in a nest like the given one. ValueError where they do not fit it.

    With `narrower`, they may have shorter axes than its arrays.
    """
    wanted = {f"{name}_{i}": a for i, a in enumerate(nests.arrays(nest))}
    for key, a in wanted.items():
        b = arrays.get(key)
        if b is None:
            has = "is missing"
        elif not (b.shape == a.shape or narrower and _within(b.shape, a.shape)) or b.dtype.kind != "f":
            has = f"is {b.dtype} of shape {b.shape}"
        elif not np.isfinite(b).all():
            has = "holds nan or infinity"
        else:
            continue
        raise ValueError(f"{path} does not fit: {key} should be finite real numbers of shape {a.shape} and {has}; "
                         "the file is of another network, or of an earlier version of this one")
    if f"{name}_{len(wanted)}" in arrays:
        raise ValueError(f"{path} does not fit: it has more than the {len(wanted)} arrays of {name} of the network")
    return nests.like([arrays[key].astype(a.dtype) for key, a in wanted.items()], nest)


def _within(shape, other):
    return len(shape) == len(other) and all(m <= n for m, n in zip(shape, other))


def write(path, words, arrays, compressed=False):
    """Write named arrays, and `words` as JSON, to an .npz file, and make its folder. OSError, naming the file."""
    with undisturbed(), writing(path) as temporary, open(temporary, "wb") as file:   # Ctrl-C in zipfile: another error
        (np.savez_compressed if compressed else np.savez)(file, words=json.dumps(words), **arrays)


@contextmanager
def writing(path):
    """For a `with`: the name of a temporary file, which takes the place of `path` when it is written; makes the folder.

    After an error, `path` is as it was and the temporary file is gone. OSError, naming `path`, where the error is one.
    """
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        with _folder_of(path):
            yield temporary
            os.replace(temporary, path)
    finally:
        with suppress(OSError):
            os.remove(temporary)


def check_free(path, overwrite, how="--overwrite replaces it"):
    """FileExistsError where `path` exists and may not be overwritten, OSError where no file can be written."""
    if Path(path).exists() and not overwrite:
        raise FileExistsError(f"{path} is there already: {how}")
    with _folder_of(path) as folder:
        tempfile.TemporaryFile(dir=folder).close()


@contextmanager
def _folder_of(path):
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        for left in glob.glob(f"{glob.escape(str(path))}.*.tmp"):   # by a process that was killed while it wrote
            pid = left.split(".")[-2]
            if pid.isdecimal() and _ended(int(pid)):
                with suppress(OSError):
                    os.remove(left)
        yield Path(path).parent
    except OSError as error:
        raise OSError(f"{path} cannot be written: {error.strerror or error}") from None


def _ended(pid):
    """Whether no process has this number. Windows need not be asked: it removes no file that is open."""
    if os.name == "nt":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return False


def read(path):
    """The words and arrays of a file made by `write`.

    OSError where it cannot be opened; ValueError, naming the file, where it is corrupt or cut short.
    """
    with open(path, "rb") as opened:                         # numpy closes no broken file
        try:
            with np.load(opened, allow_pickle=False) as file:
                return json.loads(str(file["words"])), {name: file[name] for name in file.files if name != "words"}
        except Exception as error:   # zipfile, zlib, json and numpy each have their own for the same thing
            why = f"{type(error).__name__}: {error}"
            raise ValueError(f"{path} is not a readable file of ours, corrupt or cut short ({why})") from None
