"""The commands, as a newcomer types them."""
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from dpm_ref import bound, gaussian, train
from dpm_ref.engine import nests, storage
from dpm_ref.data import toys
from dpm_ref.proofs import best_possible
from dpm_ref.experiments import ROWS, run

ROOT = Path(__file__).parent.parent


def dpm_ref(*arguments, **more):
    return subprocess.run([sys.executable, "-m", "dpm_ref", *map(str, arguments)], cwd=ROOT, text=True, capture_output=True, **more)


def test_help_says_what_there_is():
    said = dpm_ref("--help").stdout
    for word in "swiss_roll", "heartbeat", "--network", "--seed", "--out", "--resume", "check":
        assert word in said


def test_a_wrong_name_lists_the_right_ones():
    done = dpm_ref("swiss_rol")
    assert done.returncode == 2 and "'swiss_rol'" in done.stderr and "swiss_roll, heartbeat" in done.stderr


def test_a_file_that_cannot_be_used_is_one_sentence_of_every_command(tmp_path):
    (tmp_path / "swiss_roll.npz").write_bytes(b"PK")
    (tmp_path / "bark.npz").write_bytes(b"PK")
    for figure, name in ("1", "swiss_roll"), ("5", "bark"):
        done = dpm_ref("figure", figure, "--models", tmp_path)
        assert done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr
        assert f"{name}.npz is not a readable file of ours" in done.stderr
    storage.write(tmp_path / "swiss_roll.npz", {"step": 7}, {})
    with pytest.raises(ValueError, match="should hold a model of swiss_roll; its network is not named"):
        run.trained("swiss_roll", tmp_path / "swiss_roll.npz")


def test_importing_the_package_is_quick_and_brings_no_framework():
    code = ("import sys, time; a = time.perf_counter(); import dpm_ref; "
            "assert not {'torch', 'jax', 'scipy', 'matplotlib'} & set(sys.modules); print(time.perf_counter() - a)")
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 5                            # 0.2 s on two cores; a limit, not a measurement


@pytest.mark.parametrize("name", sorted(ROWS))
def test_kept_models_are_near_the_best_possible_K(name):
    model, words = run.trained(name)
    row = ROWS[name]
    x0 = row.draw_data(np.random.default_rng(5), 60)
    ours, best = (bound.K_true(bound.terms(row.KERNEL, r, x0, row.SCHEDULE, np.random.default_rng(6))) for r in (model, row.best_reverse()))
    gap, error = bound.mean_and_error(bound.bits(best - ours))
    stated = words["result"]
    assert abs(gap - stated["gap"]) < 4 * np.hypot(error, stated["gap_error"])
    assert stated["gap"] < 0.10 and stated["gain"] > row.PAPER_GAIN and stated["K"] > row.PAPER_K


def short(monkeypatch, name, network, steps, holdout=20):
    row = ROWS[name]
    monkeypatch.setitem(row.NETWORKS, network, row.NETWORKS[network]._replace(steps=steps))
    monkeypatch.setattr(row, "HOLDOUT", holdout)


@pytest.mark.parametrize("name, network", [("swiss_roll", "mlp"), ("swiss_roll", "paper"), ("heartbeat", "mlp")])
def test_a_row_trains_measures_draws_and_keeps(name, network, tmp_path, monkeypatch):
    short(monkeypatch, name, network, 12)
    monkeypatch.setattr(ROWS[name], "note", lambda *args: "a note")
    monkeypatch.setattr(ROWS[name], "figure", lambda *args: __import__("matplotlib.figure").figure.Figure())
    done = run.complete(name, [network], 0, tmp_path / "runs", False, tmp_path / "figures", tmp_path)
    assert [p.suffix for p in done.figures] == [".png", ".pdf"] and all(p.stat().st_size for p in done.figures)
    (result,) = done.results
    assert np.isfinite([result.K, result.K_error, result.gap]).all() and result.network == network
    kept, words = run.trained(name, tmp_path / f"{name}.npz")
    assert words["result"]["K"] == result.K and kept is not None
    text = run.table(done.results)
    assert f"{result.K:.4f}" in text and f"{ROWS[name].PAPER_K:.3f}" in text


def test_an_interrupted_run_keeps_its_steps_and_resumes(tmp_path, monkeypatch, capsys):
    short(monkeypatch, "swiss_roll", "mlp", 30)
    whole, _ = run.train_row("swiss_roll", "mlp", 0, tmp_path / "whole")
    ascend = train.ascend

    def interrupted(*args, **kwargs):
        for state in ascend(*args, **kwargs):
            if state.step == 17:
                raise KeyboardInterrupt
            yield state
    monkeypatch.setattr(train, "ascend", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run.train_row("swiss_roll", "mlp", 0, tmp_path)
    assert "stopped at step 16 of 30, kept in" in capsys.readouterr().out
    monkeypatch.setattr(train, "ascend", ascend)
    before = storage.read(tmp_path / "swiss_roll-mlp-0.npz")[0]["seconds"]
    resumed, seconds = run.train_row("swiss_roll", "mlp", 0, tmp_path, resume=True)
    assert seconds > before > 0
    for a, b in zip(nests.arrays(whole), nests.arrays(resumed)):
        assert (a == b).all()


def test_a_run_stopped_before_its_first_step_does_not_say_that_it_was_kept(tmp_path, monkeypatch, capsys):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt
    monkeypatch.setattr(train, "ascend", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run.train_row("swiss_roll", "mlp", 0, tmp_path)
    assert "before its first step: there is nothing to keep" in capsys.readouterr().out and not list(tmp_path.iterdir())


def test_the_figures_show_what_they_say():
    rng = np.random.default_rng(0)
    figure = ROWS["swiss_roll"].figure(lambda x, t: gaussian.forward(x, t, ROWS["swiss_roll"].SCHEDULE), rng, N=50)
    assert [a.get_title() for a in figure.axes[:3]] == ["$t = 0$", "$t = 20$", "$t = 40$"]
    assert len(figure.axes) == 9 and "f_\\mu" in figure.axes[6].get_ylabel()


def test_heartbeat_samples_are_shifted_so_that_a_pulse_comes_first(monkeypatch):
    row = ROWS["heartbeat"]
    monkeypatch.setattr(row, "SCHEDULE", row.schedule.constant_erasure(40))
    figure = row.figure(best_possible.best_bits(row.KERNEL, toys.HEARTBEAT, row.SCHEDULE), np.random.default_rng(1), N=6)
    left = figure.axes[0].images[0].get_array()
    assert (left[:, 0] == 0).all() and len(figure.axes) == 3                 # black is a pulse


@pytest.mark.slow
def test_10000_samples_of_the_kept_heartbeat_model_are_heartbeats_of_uniform_phase():
    row = ROWS["heartbeat"]
    x = row.trajectory.sample(row.KERNEL, run.trained("heartbeat")[0], row.SCHEDULE, (10000, 20), np.random.default_rng(0))
    counts = row.phases(x)
    print(f"{counts.sum() / 100:.2f} % heartbeats, phases {counts.tolist()}")
    assert counts.sum() >= 9900
    assert ((counts - counts.mean()) ** 2 / counts.mean()).sum() < 13.28     # chi^2 of 4 degrees of freedom, p = 0.01


@pytest.mark.slow
def test_ctrl_c_ends_the_main_job_with_a_word_on_what_was_kept(tmp_path):
    import signal
    child = subprocess.Popen([sys.executable, "-m", "dpm_ref", "heartbeat", "--network", "mlp", "--runs", str(tmp_path), "--out", str(tmp_path)],
                             cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
                             preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))   # a job in the background ignores it
    time.sleep(8)
    os.killpg(child.pid, signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 130 and "kept in" in out and "--resume" in out and "Traceback" not in err, (out, err)
    assert list(tmp_path.glob("*.npz"))
