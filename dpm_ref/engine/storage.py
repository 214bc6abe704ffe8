"""Files of parameters and of training runs: written whole or not at all, read without pickle."""
import json
import os
from pathlib import Path

import autograd.numpy as np

from . import nests


def save(path, state, settings, seconds=0.0):
    """Write a training run and the seconds spent on it to `path`, atomically: the old file or the new one, never half of one."""
    words = {"step": state.step, "value": state.value, "rng": state.rng, "settings": settings, "seconds": seconds}
    parts = {"params": state.params, "average": state.average, "moments": state.moments}
    write(path, words, {f"{name}_{i}": a for name, nest in parts.items() for i, a in enumerate(nests.arrays(nest))})


def kept(path, state):
    """What to say of a run that was stopped."""
    return f"kept in {path}; go on with --resume" if state.step else "before its first step: there is nothing to keep"


def load(path, state, rng, settings):
    """The State saved at `path`, shaped like the given one; sets rng to where it was. ValueError for a file that does not fit."""
    words, arrays = read(path)
    if words["settings"] != settings:
        raise ValueError(f"{path} was trained with {words['settings']}, not with {settings}; delete it to start again")
    rng.bit_generator.state = words["rng"]
    parts = [fitted(path, arrays, name, getattr(state, name)) for name in ("params", "average", "moments")]
    return type(state)(words["step"], *parts, words["value"], words["rng"])


def seconds(path):
    """The seconds spent on the run saved at `path`."""
    return read(path)[0].get("seconds", 0.0)


def fitted(path, arrays, name, nest):
    """The arrays name_0, name_1, .. of a file in a nest like the given one. ValueError where one is missing or misshapen."""
    found = []
    for i, a in enumerate(nests.arrays(nest)):
        b = arrays.get(f"{name}_{i}")
        if b is None or b.shape != a.shape:
            raise ValueError(f"{path} does not fit: {name} {i} should have shape {a.shape}, has {'none' if b is None else b.shape}; "
                             "it is of another network, or of an earlier version of this one")
        found.append(b.astype(a.dtype))
    return nests.like(found, nest)


def write(path, words, arrays):
    """An .npz file with named arrays and `words` as JSON, written beside `path` and then renamed to it; makes its folder."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    temporary = f"{path}.{os.getpid()}.tmp"
    with open(temporary, "wb") as file:
        np.savez_compressed(file, words=json.dumps(words), **arrays)
    os.replace(temporary, path)


def read(path):
    """The words and arrays of a file made by `write`. ValueError, naming the file, when it is corrupt or cut short."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return json.loads(str(file["words"])), {name: file[name] for name in file.files if name != "words"}
    except FileNotFoundError:
        raise
    except Exception as error:   # zipfile, zlib, json and numpy each have their own for the same thing
        raise ValueError(f"{path} is not a readable file of ours, corrupt or cut short ({type(error).__name__}: {error})") from None
