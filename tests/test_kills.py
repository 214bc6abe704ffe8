"""Training that is killed at any moment: nothing is lost, no file of a broken-off write and no process is left.

    python -m pytest --slow tests/test_kills.py
"""
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dpm_ref.engine import storage

ROOT = Path(__file__).parent.parent
MOMENTS = {"one process": 24, "a process for each row": 6}   # for each of the two signals

# a command in which every step is followed by a checkpoint, so that many moments are in the middle of writing
EAGER = """
import runpy
from dpm_ref.experiments import training
training.SECONDS = 0
if __name__ == "__main__":
    runpy.run_module("dpm_ref", run_name="__main__")
"""


def started(script, *arguments):
    """A program in a session of its own, where Ctrl-C counts: a job in the background ignores it."""
    return subprocess.Popen([sys.executable, script, *map(str, arguments)], cwd=ROOT, text=True, start_new_session=True,
                            env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


def processes_of(session):
    """The numbers of the processes of a session that have not ended."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, of = stat.read_text().rpartition(")")[2].split()[:4]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(of) == session and state != "Z":
            found.append(int(stat.parent.name))
    return found


def steps(runs):
    """The step of every checkpoint; ValueError where a file is not whole."""
    return {path.name: storage.read(path)[0]["step"] for path in runs.glob("*.npz")}


def advanced(now, before):
    """How many runs have gone on."""
    return sum(step != before.get(name) for name, step in now.items())


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="finds the processes in /proc")
@pytest.mark.parametrize("command", MOMENTS)
@pytest.mark.parametrize("word", [signal.SIGKILL, signal.SIGTERM])
def test_a_kill_at_any_moment_loses_nothing_and_leaves_nothing(word, command, tmp_path):
    script, runs, moment, seen = tmp_path / "eager.py", tmp_path / "runs", random.Random(int(word)), {}
    script.write_text(EAGER)
    one = command == "one process"
    arguments = [*(["train", "swiss_roll", "--steps", 10 ** 6] if one else ["--network", "mlp"]),
                 "--resume", "--runs", runs, "--out", tmp_path / "out"]
    for _ in range(MOMENTS[command]):
        child = started(script, *arguments)
        assert wait_for(lambda: advanced(steps(runs), seen) == (1 if one else 2))                  # noqa: B023
        time.sleep(0.3 * moment.random())
        child.send_signal(word)
        out, err = child.communicate(timeout=60)
        assert wait_for(lambda: not processes_of(child.pid), 20)                                   # noqa: B023
        before, seen = seen, steps(runs)
        assert all(seen[name] >= step for name, step in before.items())
        if word == signal.SIGTERM:
            assert child.returncode == 130 and (out + err).count("go on with --resume") == len(seen), out + err
            assert "Traceback" not in err and sorted(os.listdir(runs)) == sorted(seen), err
    child = started(script, *arguments)                      # the next one clears what a killed one has left
    assert wait_for(lambda: steps(runs) != seen)
    child.terminate()
    child.communicate(timeout=60)
    assert sorted(os.listdir(runs)) == sorted(seen)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="finds the processes in /proc")
@pytest.mark.parametrize("delay", [0.0, 0.1, 0.3, 1.0])
def test_ctrl_c_while_the_processes_still_load_python_ends_them_without_a_traceback(delay, tmp_path):
    child = started("-m", "dpm_ref", "--network", "mlp", "--runs", tmp_path, "--out", tmp_path)
    assert wait_for(lambda: len(processes_of(child.pid)) >= 4)       # two that train, and the tracker of resources
    time.sleep(delay)
    os.killpg(child.pid, signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 130 and "Traceback" not in out + err, out + err
    assert wait_for(lambda: not processes_of(child.pid), 20) and not list(tmp_path.glob("*.tmp"))
