import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")   # before numpy: the tests' matrices are small

from collections import Counter                      # noqa: E402
from pathlib import Path                             # noqa: E402

import numpy as np                                   # noqa: E402
import pytest                                        # noqa: E402


def pytest_addoption(parser):
    parser.addoption("--slow", action="store_true", help="also run notebooks and long checks")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--slow"):
        return
    cases = Counter()
    for item in items:
        every = item.get_closest_marker("every")
        if "slow" in item.keywords or every and cases[item.function] % every.args[0]:
            item.add_marker(pytest.mark.skip(reason="long: switched on by --slow"))
        cases[item.function] += 1


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def shared_data():
    folder = Path(__file__).parent.parent.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the data folder ../shared/data is not here")
    return folder
