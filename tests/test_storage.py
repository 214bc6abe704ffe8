"""Files: read without pickle, whole or not at all."""
import pickle

import numpy as np
import pytest

from dpm_ref.engine import storage


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
