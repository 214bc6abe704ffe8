"""The commands, as a newcomer types them."""
import inspect
import itertools
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure

from dpm_ref import bound, gaussian, schedule, train
from dpm_ref.__main__ import COMMANDS, main
from dpm_ref.data import toys
from dpm_ref.engine import console, nests, storage
from dpm_ref.experiments import (ROWS, chains, figures, heartbeat, job, learned_schedule, measuring, models,
                                 paper_networks, tables, training)
from dpm_ref.experiments.row import Model
from dpm_ref.proofs import best_possible, slips

ROOT = Path(__file__).parent.parent


def dpm_ref(*arguments, **more):
    command = [sys.executable, "-m", "dpm_ref", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, text=True, capture_output=True, **more)


def test_help_says_what_there_is():
    said = dpm_ref("--help").stdout
    for word in "swiss_roll heartbeat --network --seed --out --resume check train figure tables slips eq".split():
        assert word in said


@pytest.fixture
def no_work(monkeypatch):
    """Training and drawing fail at once: what cannot be obeyed is refused before."""
    for module, name in (job, "processes"), (training, "resumable"), (tables, "draw_pixels"), (figures.style, "save"):
        monkeypatch.setattr(module, name, lambda *args, **options: pytest.fail("the work has begun"))


@pytest.mark.parametrize("argv, words", [
    (["swiss_rol"], "no row or command 'swiss_rol'; the rows are swiss_roll, heartbeat, the commands train, figure"),
    (["eqs", "48"], "no row or command 'eqs'; the rows are swiss_roll, heartbeat, the commands train, figure"),
    (["swiss_roll", "48"], "unrecognized arguments: 48"),
    (["mnist"], "mnist is trained by: python -m dpm_ref train mnist"),
    (["--seed", "-1"], "argument --seed: must be a whole number, at least 0; got -1"),
    (["--resume", "--overwrite"], "not allowed with argument"),
    (["train", "bark", "--seed", "two"], "argument --seed: must be a whole number, at least 0; got two"),
    (["train", "elephants"], "invalid choice: 'elephants'"),
    (["train", "mnist", "--minutes", "0"], "argument --minutes: must be a number above 0; got 0"),
    (["train", "mnist", "--minutes", "inf"], "argument --minutes: must be a number above 0; got inf"),
    (["train", "mnist", "--minutes", "soon"], "argument --minutes: must be a number above 0; got soon"),
    (["train", "mnist", "--steps", "0"], "argument --steps: must be a whole number, at least 1; got 0"),
    (["train", "mnist", "--steps", "9", "--minutes", "9"], "not allowed with argument"),
    (["figure", "9"], "invalid choice: '9'"),
    (["figure", "3", "--steps", "1"], "argument --steps: must be a whole number, at least 2; got 1"),
    (["tables", "--samples", "-5"], "argument --samples: must be a whole number, at least 1; got -5"),
    (["tables", "--steps", "100"], "--steps has no effect without --samples"),
    (["tables", "--out", "{}/a.npz"], "--out has no effect without --samples"),
    (["tables", "--overwrite"], "--overwrite has no effect without --samples"),
    (["figure", "gif", "--steps", "100"], "--steps has no effect on figure gif"),
    (["figure", "d1", "--seed", "1"], "--seed has no effect on figure d1"),
    (["check", "--list", "--json"], "--json has no effect with --list"),
    (["check", "--template", "{}/a.py", "--only", "kl"], "--only has no effect with --template"),
    (["figure", "5", "--models", "no"], "bark.npz is not there: python -m dpm_ref train bark --out no makes it"),
    (["figure", "2", "--models", "no"], "heartbeat.npz is not there: python -m dpm_ref train heartbeat --out no makes it"),
    (["tables", "--samples", "5", "--out", "{}/a.npz", "--models", "nowhere"],
     "mnist.npz is not there: python -m dpm_ref train mnist --out nowhere makes it")])
def test_a_command_that_cannot_be_obeyed_is_answered_in_one_sentence(argv, words, tmp_path, no_work, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)                              # not among the results of the user
    with pytest.raises(SystemExit):
        main([word.format(tmp_path) for word in argv])
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("argv, name", [
    (["figure", "3", "--out", "{}"], "figure_3_cifar10.png"), (["tables", "--samples", "9", "--out", "{}/a.npz"], "a.npz"),
    (["train", "bark", "--runs", "{}"], "bark-image-0.npz"), (["train", "bark", "--out", "{}"], "bark.npz"),
    (["--runs", "{}"], "swiss_roll-mlp-0.npz"), (["--out", "{}"], "figure_1_swiss_roll.png"), (["--keep", "{}"], "swiss_roll.npz")])
def test_a_place_that_cannot_be_written_is_named_before_the_work(argv, name, tmp_path, no_work, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "closed").write_bytes(b"")
    assert main([word.format("closed/x") for word in argv]) == 2
    said = capsys.readouterr().err
    assert f"error: closed/x/{name} cannot be written: Not a directory" in said and said.count("\n") == 1
    assert not list(tmp_path.glob("*/*.np*"))


def test_a_missing_file_is_named(tmp_path, capsys):
    assert main(["train", "swiss_roll", "--from", "no.npz", "--runs", str(tmp_path), "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err == "python -m dpm_ref: error: no.npz: No such file or directory\n"


def test_weights_of_another_network_are_refused(tmp_path, capsys):
    kept = str(models.FOLDER / "swiss_roll.npz")
    assert main(["train", "swiss_roll", "--network", "paper", "--from", kept, "--runs", str(tmp_path), "--out", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert said.endswith(f"{kept} holds weights of the network mlp; --network paper is to be trained\n") and said.count("\n") == 1


def test_a_file_that_cannot_be_used_is_one_sentence_of_every_command(tmp_path, capsys):
    (tmp_path / "swiss_roll.npz").write_bytes(b"PK")
    (tmp_path / "bark.npz").write_bytes(b"PK")
    for figure, name in ("1", "swiss_roll"), ("5", "bark"):
        assert main(["figure", figure, "--models", str(tmp_path), "--out", str(tmp_path)]) == 2
        said = capsys.readouterr().err
        assert said.count("\n") == 1 and f"{name}.npz is not a readable file of ours" in said


def test_a_network_that_the_row_does_not_have_is_named(tmp_path, capsys):
    assert main(["train", "bark", "--network", "mlp", "--runs", str(tmp_path), "--out", str(tmp_path)]) == 2
    assert "network must be one of 'image'; got 'mlp'" in capsys.readouterr().err


@pytest.mark.parametrize("error, status, said", [
    (KeyboardInterrupt(), 130, "\npython -m dpm_ref: stopped before the end\n"),
    (KeyboardInterrupt("kept in a.npz"), 130, "\npython -m dpm_ref: kept in a.npz\n"),
    (FloatingPointError("K is nan"), 2, "python -m dpm_ref: error: K is nan\n"),
    (RuntimeError("a process has died"), 2, "python -m dpm_ref: error: a process has died\n")])
def test_a_command_that_ends_early_has_a_status_and_a_sentence(error, status, said, monkeypatch, capsys):
    def fails(argv):
        raise error
    monkeypatch.setitem(COMMANDS, "slips", fails)
    assert main(["slips"]) == status and capsys.readouterr().err == said


@pytest.mark.skipif(os.name == "nt", reason="Windows has another error for a closed pipe")
def test_a_reader_that_is_gone_ends_a_command_without_a_word(monkeypatch, capsys):
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w", encoding="utf-8") as pipe, monkeypatch.context() as patch:    # closing writes what is left
        patch.setattr(sys, "stdout", pipe)
        assert main(["eq", "48"]) == 141
    assert not capsys.readouterr().err


def test_the_options_of_a_figure_reach_it(monkeypatch, capsys):
    drawn = []
    monkeypatch.setattr(figures, "draw", lambda *options: drawn.append(options) or ["a.png"])
    assert main(["figure", "5", "--models", "b", "--seed", "7", "--out", "c"]) == 0
    assert drawn == [("5", "b", 250, 7, "c", False)] and "a.png" in capsys.readouterr().out


def test_tables_measures_again_only_when_asked(tmp_path, monkeypatch, capsys):
    (tmp_path / "bark.npz").write_bytes((models.FOLDER / "bark.npz").read_bytes())
    monkeypatch.setattr(tables, "measure", lambda model: {"K": 98.765})
    for asked in [], ["--measure"]:
        assert main(["tables", "--models", str(tmp_path), *asked]) == 0
        assert ("98.765" in capsys.readouterr().out) == bool(asked)


def test_importing_the_package_is_quick_and_brings_no_framework():
    code = ("import sys, time; import dpm_ref; "
            "assert not {'torch', 'jax', 'scipy', 'matplotlib'} & set(sys.modules); print(time.process_time())")
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 5                            # of CPU: 0.3 s; a limit, not a measurement


@pytest.mark.slow
def test_slips_are_printed(capsys):
    assert main(["slips"]) == 0
    said = capsys.readouterr().out
    assert all(f"{number}. {slip.__name__}: " in said for number, slip in enumerate(slips.ALL, 1))


# ------------------------------------------------------------------ the toy rows

@pytest.mark.parametrize("name", job.TOYS)
def test_kept_models_are_near_the_best_possible_K(name):
    model, row = models.load(name), ROWS[name]
    x0 = row.draw(None, np.random.default_rng(5), 60)
    best = model._replace(reverse=row.best_reverse())
    ours, best = (measuring.K_of(m, x0, np.random.default_rng(6)) for m in (model, best))
    gap, error = bound.mean_and_error(best - ours)
    stated = model.words
    assert abs(gap - stated["gap"]) < 4 * np.hypot(error, stated["gap_error"])
    assert stated["gap"] < 0.10 and stated["gain"] > row.paper_gain and stated["K"] > row.paper_K


def short(monkeypatch, name, network, steps, **changes):
    """A row with little training."""
    recipes = ROWS[name].recipes | {network: ROWS[name].recipes[network]._replace(steps=steps)}
    monkeypatch.setitem(ROWS, name, ROWS[name]._replace(recipes=recipes, holdout=20, **changes))


@pytest.mark.parametrize("name, network", [
    ("swiss_roll", "mlp"), pytest.param("swiss_roll", "paper", marks=pytest.mark.slow),
    pytest.param("heartbeat", "mlp", marks=pytest.mark.slow)])
def test_a_row_trains_measures_draws_and_keeps(name, network, tmp_path, monkeypatch):
    short(monkeypatch, name, network, 12, note=lambda *args: "a note", figure=lambda *args: Figure())
    runs, out = tmp_path / "runs", tmp_path / "figures"
    (words,), note, paths = job.one_row(name, [network], tmp_path, runs, 0, False, False, out)
    assert [p.suffix for p in paths] == [".png", ".pdf"] and all(p.stat().st_size for p in paths) and note == "a note"
    assert np.isfinite([words[w] for w in ("K", "K_error", "gap")]).all() and words["network"] == network
    kept = models.load(name, tmp_path)
    assert kept.words == words and kept.params is not None
    again = measuring.measure(kept)
    assert again["K"] == words["K"] and again["gap"] == words["gap"]
    text = tables.toy_table([words])
    assert f"{words['K']:.4f}" in text and f"{ROWS[name].paper_K:.3f}" in text


def interrupted_at(monkeypatch, step):
    """Ctrl-C after the step before this one."""
    ascend = train.ascend

    def interrupted(*args, **kwargs):
        for state in ascend(*args, **kwargs):
            if state.step == step:
                raise KeyboardInterrupt
            yield state
    monkeypatch.setattr(train, "ascend", interrupted)


def slow_clock(monkeypatch):
    """A clock of training that is a second later at every look."""
    monkeypatch.setattr(training, "time", SimpleNamespace(perf_counter=partial(next, itertools.count())))


def test_an_interrupted_run_keeps_its_steps_and_resumes(tmp_path, monkeypatch):
    short(monkeypatch, "swiss_roll", "mlp", 30)
    monkeypatch.setattr(training, "measure", lambda model: {})
    whole = training.train_row("swiss_roll", "mlp", 0, tmp_path / "whole")
    stopped = pytest.raises(KeyboardInterrupt, match="at step 16, kept in .*; go on with --resume")
    with monkeypatch.context() as patch, stopped as error:
        slow_clock(patch)
        interrupted_at(patch, 17)
        training.train_row("swiss_roll", "mlp", 0, tmp_path)
    before = storage.read(tmp_path / "swiss_roll-mlp-0.npz")[0]["seconds"]
    assert before >= int(str(error.value).split("stopped after ")[1].split(" s")[0]) > 16
    resumed = training.train_row("swiss_roll", "mlp", 0, tmp_path, resume=True)
    assert before < resumed.words["seconds"] < before + 100 and resumed.words["steps"] == 30
    for a, b in zip(nests.arrays(whole.params), nests.arrays(resumed.params)):
        assert (a == b).all()


@pytest.mark.parametrize("row, network", [("heartbeat", "paper-to-the-end"), ("swiss_roll", "learned-rates")])
def test_train_also_makes_the_models_with_a_training_of_their_own(row, network, tmp_path, monkeypatch, capsys):
    module = {"heartbeat": paper_networks, "swiss_roll": learned_schedule}[row]
    made = []
    monkeypatch.setattr(module, "make", lambda *a, **options: made.append((a, options)) or module.load(row))
    command = ["train", row, "--network", network, "--seed", "3", "--runs", "a", "--out", str(tmp_path)]
    assert main(command) == 0 and f"{tmp_path / module.file(row)}: K = " in capsys.readouterr().out
    options = {"seed": 3, "runs": "a", "resume": False, "overwrite": False}
    assert made == [((row, str(tmp_path / module.file(row))), options)]
    for option in "--steps", "--minutes", "--from":
        with pytest.raises(SystemExit):
            main(command + [option, "3"])
        assert "has its own steps and start" in capsys.readouterr().err
    assert main(["train", "bark", "--network", network]) == 2 and "got 'bark'" in capsys.readouterr().err


def test_a_run_stopped_before_its_first_step_does_not_say_that_it_was_kept(tmp_path, monkeypatch):
    interrupted_at(monkeypatch, 1)
    with pytest.raises(KeyboardInterrupt, match="before its first step: there is nothing to keep"):
        training.train_row("swiss_roll", "mlp", 0, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_run_stopped_while_it_is_measured_says_where_its_steps_are(tmp_path, monkeypatch):
    def interrupted(model):
        raise KeyboardInterrupt
    short(monkeypatch, "swiss_roll", "mlp", 5)
    monkeypatch.setattr(training, "measure", interrupted)
    with pytest.raises(KeyboardInterrupt, match="at step 5, kept in .*; go on with --resume"):
        training.train_row("swiss_roll", "mlp", 0, tmp_path)
    assert list(tmp_path.iterdir()) == [tmp_path / "swiss_roll-mlp-0.npz"]


def test_a_finished_run_is_not_trained_further_and_not_overwritten_unasked(tmp_path, monkeypatch, capsys):
    def K_alone(model):                                      # a whole measurement takes seconds
        rng = np.random.default_rng(2)
        K = measuring.K_of(model, measuring.holdout(model, rng, 20), rng)
        return {"K": float(K.mean()), "K_error": 0.0, "gain": 0.0}
    short(monkeypatch, "swiss_roll", "mlp", 5)
    monkeypatch.setattr(training, "measure", K_alone)
    command = ["train", "swiss_roll", "--runs", str(tmp_path / "a"), "--out", str(tmp_path / "b")]
    assert main(command) == 0
    model, run = tmp_path / "b" / "swiss_roll.npz", tmp_path / "a" / "swiss_roll-mlp-0.npz"
    before = models.load("swiss_roll", tmp_path / "b").words
    assert main(command) == 2 and f"{model} is there already: --overwrite" in capsys.readouterr().err
    for again in ["train", "swiss_roll", "--out", str(tmp_path / "c")], ["swiss_roll", "--network", "mlp"]:
        assert main(again + ["--runs", str(tmp_path / "a")]) == 2
        assert f"{run} is there already: --resume goes on with it, --overwrite" in capsys.readouterr().err
    assert main(command + ["--resume"]) == 0
    again = models.load("swiss_roll", tmp_path / "b").words
    assert again["K"] == before["K"] and again["steps"] == 5
    assert main(command + ["--overwrite"]) == 0 and models.load("swiss_roll", tmp_path / "b").words["K"] == before["K"]


def test_weights_of_a_model_are_trained_further_and_their_seconds_count(tmp_path, monkeypatch):
    row, first = ROWS["swiss_roll"], {"K": 1.5, "seconds": 1000.0, "steps": 5}
    params = row.recipes["mlp"].init(np.random.default_rng(7))
    models.save(tmp_path / "a.npz", models.of(row, params, {"row": "swiss_roll", "network": "mlp", **first}))
    monkeypatch.setattr(training, "measure", lambda model: {})
    last = training.train_row("swiss_roll", runs=tmp_path, steps=1, start=tmp_path / "a.npz")   # the last moves by 0
    assert last.words["from"] == first and last.words["seconds"] > 1000 and last.words["steps"] == 1
    for a, b in zip(nests.arrays(last.params), nests.arrays(params), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_minutes_count_where_a_row_has_steps(tmp_path, monkeypatch):
    short(monkeypatch, "swiss_roll", "mlp", 300)
    slow_clock(monkeypatch)
    monkeypatch.setattr(training, "measure", lambda model: {})
    assert 1 < training.train_row("swiss_roll", "mlp", runs=tmp_path, minutes=0.5).words["steps"] < 30


def test_a_run_of_another_number_of_steps_is_not_resumed(tmp_path, monkeypatch):
    monkeypatch.setattr(training, "measure", lambda model: {})
    training.train_row("swiss_roll", "mlp", runs=tmp_path, steps=2)
    with pytest.raises(ValueError, match=r"settings \(steps: 2 there, 3 here\); --overwrite"):
        training.train_row("swiss_roll", "mlp", runs=tmp_path, steps=3, resume=True)


def test_a_recipe_sets_rate_warmup_and_decay(tmp_path, monkeypatch):
    recipe, ascend, seen = ROWS["swiss_roll"].recipes["mlp"]._replace(rate=2.0, warmup=0.5, decay=0.3), train.ascend, {}
    monkeypatch.setitem(ROWS, "swiss_roll", ROWS["swiss_roll"]._replace(recipes={"mlp": recipe}))

    def watched(*args, **kwargs):
        seen.update(inspect.signature(ascend).bind(*args, **kwargs).arguments)
        return iter([])
    monkeypatch.setattr(train, "ascend", watched)
    monkeypatch.setattr(training, "measure", lambda model: {})
    training.train_row("swiss_roll", "mlp", runs=tmp_path)
    assert seen["rate"](0.25) == 1.0 and seen["decay"] == 0.3


def test_the_K_shown_in_training_is_the_K_that_is_measured(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(training, "measure", lambda model: {})
    model = training.train_row("swiss_roll", "mlp", runs=tmp_path, steps=1)     # the last step moves by 0
    shown = float(capsys.readouterr().err.split("step 1, K = ")[1].split()[0])
    rng = np.random.default_rng(3)
    K, error = bound.mean_and_error(measuring.K_of(model, measuring.holdout(model, rng, 200), rng))
    assert abs(shown - K) < 5 * error < 10


def test_the_figures_show_what_they_say():
    row, rng = ROWS["swiss_roll"], np.random.default_rng(0)
    model = Model(row, None, row.schedule, lambda x, t: gaussian.forward(x, t, row.schedule), {})
    figure = row.figure(model, rng, N=50)
    assert [a.get_title() for a in figure.axes[:3]] == ["$t = 0$", "$t = 20$", "$t = 40$"]
    assert len(figure.axes) == 9 and "f_\\mu" in figure.axes[6].get_ylabel()


def test_heartbeat_samples_are_shifted_so_that_a_pulse_comes_first():
    row, s = ROWS["heartbeat"], schedule.constant_erasure(40)
    model = Model(row, None, s, best_possible.best_bits(row.kernel, toys.HEARTBEAT, s), {})
    figure = row.figure(model, np.random.default_rng(1), N=6)
    left = figure.axes[0].images[0].get_array()
    assert (left[:, 0] == 0).all() and len(figure.axes) == 3                 # black is a pulse


@pytest.mark.slow
def test_10000_samples_of_the_kept_heartbeat_model_are_heartbeats_of_uniform_phase():
    counts = heartbeat.phases(chains.sample(models.load("heartbeat"), (10000, 20), np.random.default_rng(0)))
    print(f"{counts.sum() / 100:.2f} % heartbeats, phases {counts.tolist()}")
    assert counts.sum() >= 9900
    assert ((counts - counts.mean()) ** 2 / counts.mean()).sum() < 13.28     # chi^2 of 4 degrees of freedom, p = 0.01


# ------------------------------------------------------------------ work that is watched, and work that is stopped

def test_progress_in_a_pipe_is_a_line_every_ten_seconds(monkeypatch, capsys):
    now = [0.0]
    monkeypatch.setattr(console.time, "monotonic", lambda: now[0])
    with console.progress("roll") as show:
        for now[0] in range(36):
            show(now[0] / 35, f"step {now[0]}")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 4 and lines[0] == "roll 31 %, 11 s, step 11" and lines[-1] == "roll 100 %, 35 s, step 35"


def started(*arguments):
    """A command in a process group of its own, where Ctrl-C counts: a job in the background ignores it."""
    return subprocess.Popen([sys.executable, "-m", "dpm_ref", *map(str, arguments)], cwd=ROOT, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
                            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.2)
    return condition()


def children(pid):
    """The processes that a process has started."""
    return [int(p) for task in Path(f"/proc/{pid}/task").glob("*/children") for p in task.read_text().split()]


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.slow
def test_ctrl_c_ends_the_main_job_with_a_word_on_what_was_kept(tmp_path):
    child = started("--network", "mlp", "--runs", tmp_path, "--out", tmp_path)
    assert wait_for(lambda: len(list(tmp_path.glob("*.npz"))) == 2)          # the first checkpoints
    os.killpg(child.pid, signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 130 and out.count("kept in") == 2 and "--resume" in out, out
    assert "Traceback" not in err, err


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the processes in /proc")
def test_the_processes_of_the_main_job_end_with_it(tmp_path):
    parent = started("--network", "mlp", "--runs", tmp_path, "--out", tmp_path)
    assert wait_for(lambda: len(list(tmp_path.glob("*.npz"))) == 2)
    others = children(parent.pid)
    assert len(others) >= 2
    parent.kill()
    parent.wait()
    assert wait_for(lambda: not any(map(alive, others)), 20)


@pytest.mark.slow
@pytest.mark.parametrize("command", [["figure", "4", "--steps", "1000"], ["tables", "--samples", "10000"]])
def test_ctrl_c_ends_a_command_with_one_sentence(command, tmp_path):
    child = started(*command, "--out", tmp_path / "mnist.npz" if command[0] == "tables" else tmp_path)
    time.sleep(15)
    os.killpg(child.pid, signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 130 and err.strip().splitlines()[-1] == "python -m dpm_ref: stopped before the end", err
    assert "Traceback" not in err and not list(tmp_path.iterdir())


def interrupted(seconds):
    """Work that says what it has kept when Ctrl-C ends it."""
    try:
        time.sleep(seconds)
    except KeyboardInterrupt:
        raise KeyboardInterrupt("kept") from None


def test_ctrl_c_ends_a_process_without_a_word_when_its_work_is_done():
    before = [(word, signal.getsignal(word)) for word in (signal.SIGINT, signal.SIGTERM)]
    try:
        assert console.interruptible(abs, -1) == 1 and signal.getsignal(signal.SIGINT) == signal.SIG_DFL
    finally:
        for word, handler in before:
            signal.signal(word, handler)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no TERM")
def test_term_ends_a_command_and_its_processes_as_ctrl_c_does(tmp_path):
    (tmp_path / "script.py").write_text(f"""
import signal, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from dpm_ref.engine import console, workers
from test_main import interrupted
if __name__ == "__main__":
    signal.signal(signal.SIGTERM, console.end)
    with workers.processes(1) as pool:
        assert pool.submit(console.interruptible, interrupted, 0).result() is None
        job = pool.submit(console.interruptible, interrupted, 60)
        while not job.running(): pass
        print("started", flush=True)
        try:
            job.result()
        except KeyboardInterrupt:
            print("ended", flush=True)
""")
    child = subprocess.Popen([sys.executable, tmp_path / "script.py"], cwd=ROOT, text=True, stdout=subprocess.PIPE,
                             start_new_session=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert child.stdout.readline() == "started\n"
    time.sleep(1)
    os.killpg(child.pid, signal.SIGTERM)                     # to the processes too, as a batch system does
    said = child.communicate(timeout=30)[0].split()          # two processes: their lines may mix
    assert sorted(said) == ["ended", "kept"] and child.returncode == 0
