"""Work shared by processes and by threads: the same results, the right numbers of both, and no process left behind."""
import os
import platform
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from multiprocessing import active_children, parent_process
from unittest import mock

import numpy as np
import pytest
from autograd import value_and_grad

from dpm_ref import gaussian, networks, schedule, train
from dpm_ref.engine import nests, workers
from dpm_ref.image.convolution import convolve, scaled_softplus


def output(program, cores=None, **environment):
    """What a Python program prints, in a process of its own that has these cores only."""
    allow = None if cores is None else lambda: os.sched_setaffinity(0, cores)
    env = {key: value for key, value in os.environ.items() if key != "OPENBLAS_NUM_THREADS"}
    return subprocess.run([sys.executable, "-c", program], env={**env, **environment}, preexec_fn=allow, check=True,
                          capture_output=True, text=True).stdout.strip()


# ------------------------------------------------------------------ processes

def test_a_step_shared_by_processes_is_that_of_one(monkeypatch, rng):
    s = schedule.geometric(6, 1e-2)
    K = partial(train.objective, networks.rbf, gaussian, s)
    params = networks.init_rbf(rng, 2, s, gaussian, 4)
    batch = rng.standard_normal((5, 2)), np.arange(2, 7), rng.random(5), rng.standard_normal((5, 2))
    monkeypatch.setattr(workers, "cores", lambda: 3)
    with workers.shared() as shared:
        for part in batch, [a[:1] for a in batch]:
            value, gradient = value_and_grad(K)(params, *part)
            value_2, gradient_2 = shared(K)(params, *part)
            assert np.isclose(value_2, value, rtol=1e-12)
            for a, b in zip(nests.arrays(gradient_2), nests.arrays(gradient), strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


def share_of_the_first(params, numbers):
    """An objective whose gradient counts the numbers that the first process gets, and those of all others."""
    return params[int(parent_process() is not None)] * len(numbers)


@pytest.mark.parametrize("cores, shares", [
    (1, [12, 0]), pytest.param(9, [3, 9], marks=pytest.mark.slow)])
def test_there_are_as_many_processes_as_cores_and_at_most_four(monkeypatch, cores, shares):
    monkeypatch.setattr(workers, "cores", lambda: cores)
    with workers.shared() as shared:
        assert shared(share_of_the_first)(np.zeros(2), np.ones(12))[1].tolist() == shares


def an_error_elsewhere(params, x):
    """An objective that fails in the process that is not the first."""
    return params.sum() if parent_process() is None else len(None)


def test_an_error_in_another_process_is_raised_here_and_neither_it_nor_ctrl_c_ends_that_process(monkeypatch):
    monkeypatch.setattr(workers, "cores", lambda: 2)
    with workers.shared() as shared:
        for _ in range(2):
            with pytest.raises(TypeError, match="NoneType"):
                shared(an_error_elsewhere)(np.ones(2), np.ones((2, 1)))
            for child in active_children() if os.name != "nt" else ():   # Windows would end it
                os.kill(child.pid, signal.SIGINT)


def fail_in_another_process(params, x):
    """An objective that ends the process that is not the first."""
    return params.sum() if parent_process() is None else os._exit(1)


def test_a_process_that_dies_is_named(monkeypatch):
    monkeypatch.setattr(workers, "cores", lambda: 2)
    with pytest.raises(RuntimeError, match="a process that shared the work has died"):
        with workers.shared() as shared:
            shared(fail_in_another_process)(np.ones(2), np.ones((2, 1)))


def pid_of_the_other(params, x):
    """An objective whose value is the number of the process that is not the first."""
    return params.sum() + (0 if parent_process() is None else os.getpid())


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_no_process_outlives_the_one_that_asked(tmp_path):
    (tmp_path / "script.py").write_text("""
import os, signal, numpy as np
from dpm_ref.engine import workers
from test_workers import pid_of_the_other
if __name__ == "__main__":
    workers.cores = lambda: 2
    with workers.shared() as shared:
        print(int(shared(pid_of_the_other)(np.zeros(2), np.ones((2, 1)))[0]), flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
""")
    path = os.pathsep.join(filter(None, [os.path.dirname(__file__), os.environ.get("PYTHONPATH")]))
    env = dict(os.environ, PYTHONPATH=path)
    with open(tmp_path / "pid", "w") as said:        # a file: a pipe would be open as long as the other process
        done = subprocess.run([sys.executable, tmp_path / "script.py"], env=env, stdout=said)
    assert done.returncode == -signal.SIGKILL
    other, end = int((tmp_path / "pid").read_text()), time.time() + 20
    while os.path.exists(f"/proc/{other}") and time.time() < end:
        time.sleep(0.05)
    if os.path.exists(f"/proc/{other}"):
        os.kill(other, signal.SIGKILL)
        pytest.fail(f"process {other} is still there")


# ------------------------------------------------------------------ cores

COUNT = "from dpm_ref.engine import workers; print(workers.cores())"


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system does not give a process some cores only")
def test_cores_are_those_that_the_system_allows():
    allowed = os.sched_getaffinity(0)
    assert output(COUNT) == str(len(allowed))
    assert output(COUNT, cores={min(allowed)}) == "1"


def test_cores_are_no_more_than_the_threads_that_blas_was_given(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)), raising=False)
    with workers.BLAS.limit(limits=1):
        assert workers.cores() == 1 or not workers.BLAS.lib_controllers


@pytest.fixture
def two_threads(monkeypatch):
    """This process with two cores and two threads of BLAS, whatever the rest of the tests has."""
    monkeypatch.setattr(workers, "cores", lambda: 2)
    with workers.BLAS.limit(limits=2):
        yield


def threads_of_blas():
    return {library.num_threads for library in workers.BLAS.lib_controllers}


def test_blas_has_one_thread_where_cores_are_shared_and_all_after_that_even_after_an_error(two_threads):
    before = threads_of_blas()
    for place in workers.shared, workers.all_cores:
        with pytest.raises(ZeroDivisionError), place():
            assert threads_of_blas() <= {1}
            1 / 0
        assert threads_of_blas() == before


# ------------------------------------------------------------------ threads

def test_parts_are_shared_by_threads_within_all_cores_alone(two_threads):
    meet, done = threading.Barrier(2), []   # two parts that wait for each other: one thread alone would wait for ever

    def work(part):
        if part < 2:
            meet.wait(10)
        done.append(part)

    with workers.all_cores():
        workers.each(work, list(range(30)))
    assert sorted(done) == list(range(30))
    with pytest.raises(threading.BrokenBarrierError):
        meet.reset()
        workers.each(lambda part: meet.wait(0.1), [0, 1])


def test_an_error_in_a_thread_is_raised_here(two_threads):
    with workers.all_cores(), pytest.raises(ZeroDivisionError):
        workers.each(lambda part: 1 // part, [3, 2, 1, 0])


def test_images_are_the_same_to_the_digit_on_one_core_and_on_all(two_threads, rng):
    x, w = rng.standard_normal((8, 32, 32, 16)), rng.standard_normal((3, 3, 16, 16))
    scale, shift = rng.standard_normal((2, 8, 16))

    def images():
        y = convolve(x, w)
        return y, scaled_softplus(y, scale, shift)

    with workers.BLAS.limit(limits=1):
        alone = images()
    with workers.all_cores():
        together = images()
    for a, b in zip(alone, together):
        np.testing.assert_array_equal(a, b)


# ------------------------------------------------------------------ memory

@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be told to keep memory")
@pytest.mark.slow
def test_kept_memory_is_used_again_without_new_pages():
    program = """
import resource, numpy as np
from dpm_ref.engine import workers
{}
def pages(): return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
np.ones(2 ** 23)
before = pages()
for _ in range(5): np.ones(2 ** 23)
print(pages() - before)"""
    fresh, kept = (int(output(program.format(line))) for line in ("", "workers.keep_memory()"))
    assert kept < fresh / 10


@pytest.mark.parametrize("platform, processes", [("win32", 61), ("linux", 200)])
def test_windows_is_asked_for_no_more_processes_than_it_can_wait_for(platform, processes, monkeypatch):
    asked = []
    monkeypatch.setattr(workers.sys, "platform", platform)
    monkeypatch.setattr(workers, "ProcessPoolExecutor", lambda n, *more: asked.append(n) or mock.MagicMock())
    with workers.processes(200):
        assert asked == [processes]
