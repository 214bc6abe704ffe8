"""Files: read without pickle, whole or not at all."""
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
from matplotlib.figure import Figure

from dpm_ref import train
from dpm_ref.engine import storage
from dpm_ref.plots import style

try:
    import resource
except ImportError:                                          # Windows
    resource = None


class Trap:
    """An object whose unpickling leaves a trace."""
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def test_a_file_with_a_pickle_in_it_is_refused_and_not_run(tmp_path):
    pickle.loads(pickle.dumps(Trap(tmp_path / "sprung"))).close()                        # the trap works
    (tmp_path / "sprung").unlink()
    with open(tmp_path / "bad.npz", "wb") as file:
        np.savez(file, words=np.array("{}"), params_0=np.array([Trap(tmp_path / "sprung")], dtype=object))
    with pytest.raises(ValueError, match="bad.npz"):
        storage.read(tmp_path / "bad.npz")
    assert not (tmp_path / "sprung").exists()


def a_run(tmp_path, **changes):
    """A checkpoint of a run with one parameter (2,), rewritten with changes, and the state that it should fit."""
    state, path = train.begin([np.ones(2)]), tmp_path / "run.npz"
    storage.save(path, state, {}, 3.0)
    words, arrays = storage.read(path)
    storage.write(path, words, {**arrays, **changes})
    return path, state


def test_a_checkpoint_comes_back_with_the_seconds_spent_on_it(tmp_path):
    path, state = a_run(tmp_path)
    rng = np.random.default_rng(0)
    storage.save(path, state._replace(step=4, value=0.5, rng=rng.bit_generator.state), {"seed": 1}, 7.5)
    found, seconds = storage.load(path, state, np.random.default_rng(5), {"seed": 1})
    assert (found.step, found.value, seconds) == (4, 0.5, 7.5) and (found.params[0] == state.params[0]).all()


@pytest.mark.parametrize("bad, words", [
    ({"params_0": np.array([1.0, np.nan])}, r"params_0 should be finite real numbers of shape \(2,\) and holds nan or infinity"),
    ({"average_0": np.array([1.0, np.inf])}, "average_0 .* holds nan or infinity"),
    ({"params_0": np.array([1, 2])}, "and is int64 of shape"),
    ({"params_0": np.array([1, 2j])}, "and is complex128 of shape"),
    ({"params_0": np.ones(3)}, r"of shape \(2,\) and is float64 of shape \(3,\)"),
    ({"params_1": np.ones(3)}, "more than the 1 arrays of params")])
def test_arrays_that_no_network_has_are_refused_in_one_sentence(bad, words, tmp_path):
    path, state = a_run(tmp_path, **bad)
    with pytest.raises(ValueError, match=f"run.npz does not fit: .*{words}"):
        storage.load(path, state, np.random.default_rng(0), {})


def test_a_missing_array_is_named(tmp_path):
    path, state = a_run(tmp_path)
    words, arrays = storage.read(path)
    del arrays["moments_1"]
    storage.write(path, words, arrays)
    with pytest.raises(ValueError, match="moments_1 should be .* and is missing"):
        storage.load(path, state, np.random.default_rng(0), {})


def test_a_model_where_a_checkpoint_belongs_is_refused(tmp_path):
    path, state = a_run(tmp_path)
    storage.write(path, {"row": "bark", "seconds": 3.0}, {"average_0": np.ones(2)})
    with pytest.raises(ValueError, match="run.npz is not a checkpoint of .*: it says nothing of settings, step, value, rng"):
        storage.load(path, state, np.random.default_rng(0), {})


def test_a_run_with_other_settings_is_refused_and_only_what_differs_is_named(tmp_path):
    path, state = a_run(tmp_path)
    storage.save(path, state, {"row": "bark", "steps": 3500, "rate": 0.1})
    with pytest.raises(ValueError, match=r"run.npz was trained with other settings \(steps: 3500 there, 5000 here; "
                                         r"seed: None there, 1 here\); --overwrite starts again$"):
        storage.load(path, state, np.random.default_rng(0), {"row": "bark", "steps": 5000, "seed": 1, "rate": 0.1})


def test_a_folder_where_a_file_belongs_is_not_called_a_corrupt_file(tmp_path):
    with pytest.raises(OSError, match="(Is a directory|Permission denied).*run.npz"):
        (tmp_path / "run.npz").mkdir()
        storage.read(tmp_path / "run.npz")


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    for fail in (lambda path: storage.write(path, {}, {})), (lambda path: storage.check_free(path, False)):
        with pytest.raises(OSError, match="run.npz cannot be written: (Not a directory|File exists)"):
            fail(tmp_path / "file" / "run.npz")


@pytest.mark.skipif(resource is None, reason="this system does not limit the size of files")
def test_a_full_disk_is_one_sentence_and_leaves_the_older_file_whole(tmp_path):
    path, state = a_run(tmp_path)
    before, limits = path.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, limits[1]))
    try:
        with pytest.raises(OSError, match=r"run.npz cannot be written: File too large$"):
            storage.save(path, train.begin([np.ones(2000)]), {})
        with pytest.raises(OSError, match=r"a.png cannot be written: File too large$"):
            style.save(Figure(), [tmp_path / "a.png"])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_what_a_killed_process_has_left_is_cleared_and_nothing_else(tmp_path):
    folder = tmp_path / "a[b]"
    path, state = a_run(folder)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    stay = [f"run.npz.{os.getppid()}.tmp", "run.npz.1.tmp", "run.npz.old.tmp", f"other.npz.{ended.pid}.tmp", "run.npz"]   # the first may be 1
    for clear in (lambda: storage.check_free(path, True)), (lambda: storage.save(path, state, {})):
        for name in [*stay[:-1], f"run.npz.{ended.pid}.tmp"]:
            (folder / name).write_bytes(b"half")
        clear()
        assert sorted(os.listdir(folder)) == sorted(set(stay))


def test_a_process_of_another_user_has_not_ended(monkeypatch):
    def refused(pid, signal):
        raise PermissionError
    monkeypatch.setattr(storage.os, "kill", refused)         # root, who may run the tests, is never refused
    assert not storage._ended(1)


def test_what_is_there_is_not_overwritten_unasked(tmp_path):
    path, _ = a_run(tmp_path)
    with pytest.raises(FileExistsError, match="run.npz is there already: --overwrite replaces it"):
        storage.check_free(path, False)
    storage.check_free(path, True)
    storage.check_free(tmp_path / "new" / "deeper" / "run.npz", False)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc is a folder in which nobody can write")
def test_a_folder_that_is_there_and_closed_is_named_before_the_work():
    with pytest.raises(OSError, match="^/proc/run.npz cannot be written: ."):
        storage.check_free("/proc/run.npz", False)
