"""The trained image models: they load, reach the K that they state, draw, and the estimates beside them are right."""
import contextlib
import itertools
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from dpm_ref import bound, gaussian, schedule
from dpm_ref.__main__ import main
from dpm_ref.engine import storage, workers
from dpm_ref.experiments import (ROWS, bark, chains, figures, images_row, job, measuring, models, parzen, tables,
                                 training)
from dpm_ref.experiments.row import Model, in_unit
from dpm_ref.image import network
from dpm_ref.plots import paper

TRAINED = [name for name in ROWS if name not in job.TOYS and (models.FOLDER / f"{name}.npz").exists()]


@pytest.fixture(autouse=True)
def embedded_data(monkeypatch, tmp_path):
    """No official files: what the package carries is used."""
    monkeypatch.delenv("DPM_REF_DATA", raising=False)
    monkeypatch.setattr("pooch.os_cache", lambda name: tmp_path / "cache" / name)


# ------------------------------------------------------------------ the committed models

@pytest.mark.parametrize("name", TRAINED)
def test_model_loads_and_says_what_made_it(name):
    words = models.load(name).words
    assert {"seed", "seconds", "steps", "source", "mean", "std", "K", "K_error", "gain", "gaussian"} <= set(words)
    assert words["row"] == name and words["network"] == "image" and words["seconds"] > 0


def near_its_K(model, N):
    """Whether K of N holdout images is the K that the model states."""
    rng = np.random.default_rng(5)
    K = measuring.K_of(model, measuring.holdout(model, rng, N), rng, draws=6)
    return abs(K.mean() - model.words["K"]) < 4 * model.words["K_error"] * (model.row.holdout / len(K)) ** 0.5


@pytest.mark.parametrize("name", ["mnist", *(pytest.param(n, marks=pytest.mark.slow) for n in TRAINED if n != "mnist")])
def test_model_has_the_K_that_it_states(name):
    assert near_its_K(models.load(name), 40 if name == "cifar10" else 24)


def test_large_arrays_are_kept_to_eight_binary_digits_and_others_as_they_are(rng):
    large, other = (-np.exp(rng.standard_normal(n)).astype(np.float32) for n in (20000, 2000))
    kept, same = models.rounded([large, other])
    assert np.array_equal(same, other) and kept.dtype == np.float32
    assert np.all(np.abs(kept - large) < (2 ** -8 + 2 ** -11) * np.abs(large))     # half a digit, and float16's
    assert not np.any(np.frexp(kept)[0] * 2 ** 8 % 1) and np.array_equal(models.rounded([kept, other])[0], kept)


def test_models_together_are_small():
    assert sum(path.stat().st_size for path in models.FOLDER.glob("*.npz")) < 12e6


@pytest.mark.parametrize("name", [name for name in TRAINED if name in ("dead_leaves", "bark")])
def test_convolutional_model_takes_images_larger_than_those_of_training(name):
    q = models.load(name).reverse(np.random.default_rng(0).standard_normal((1, 96, 80, 1)), 9)
    assert q.mean.shape == (1, 96, 80, 1) and q.mean.dtype == np.float32 and np.isfinite(q.mean).all()


# ------------------------------------------------------------------ training

@pytest.fixture
def small(monkeypatch):
    """The MNIST row with a network that trains in a second, a short measurement, and a clock that counts its readings."""
    ticks = itertools.count()
    monkeypatch.setattr(training, "time", SimpleNamespace(perf_counter=lambda: 0.01 * next(ticks)))
    monkeypatch.setattr(measuring, "gaussian_baseline", lambda model: -0.5)
    row = ROWS["mnist"]
    recipe = row.recipes["image"]
    init = partial(network.init_image, shape=row.shape, layers=0, hidden=(8,), features=1, pixels=(4,), J=2)
    recipe = recipe._replace(init=init, options=recipe.options | {"batch": 8})
    row = row._replace(recipes={"image": recipe}, schedule=schedule.geometric(20, 1e-2, 100.0), holdout=8)
    monkeypatch.setitem(ROWS, "mnist", row)
    return row


def trained(tmp_path, **options):
    """Train the small row, and keep its model."""
    model = training.train_row("mnist", seed=3, runs=tmp_path / "runs", **options)
    models.save(tmp_path / "mnist.npz", model)
    return model.words


@pytest.mark.slow
@pytest.mark.parametrize("cores", [1, 2])
def test_training_makes_a_model_with_a_better_K_and_goes_on_from_its_checkpoint(small, cores, tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "cores", lambda: cores)
    first = trained(tmp_path, minutes=0.02)
    assert models.load("mnist", tmp_path).words == first and first["steps"] > 1 and np.isfinite(first["K"])
    second = trained(tmp_path, minutes=0.08, resume=True)
    assert second["steps"] > first["steps"] and second["seconds"] > first["seconds"]
    assert second["K"] > first["K"]


def test_a_seed_and_a_number_of_steps_give_the_same_model_at_any_speed(small, tmp_path, monkeypatch):
    first = trained(tmp_path / "a", steps=6)
    slow = SimpleNamespace(perf_counter=partial(next, itertools.count()))
    monkeypatch.setattr(training, "time", slow)
    second = trained(tmp_path / "b", steps=6)
    assert first["K"] == second["K"] and first["steps"] == second["steps"] == 6 and first["seconds"] < second["seconds"]


def test_what_is_measured_is_what_is_kept_on_digits_that_were_not_trained_on(small, tmp_path, monkeypatch):
    monkeypatch.setattr(models, "_packed", np.float16)         # as for large arrays, of which this network has none
    words = trained(tmp_path, steps=2)
    assert measuring.measure(models.load("mnist", tmp_path))["K"] == words["K"]
    assert words["source"] == small.load("train").source != words["holdout"] == small.load("test").source


def test_a_run_with_other_settings_is_not_resumed(small, tmp_path, monkeypatch):
    trained(tmp_path, minutes=0.01)
    recipe = small.recipes["image"]
    changed = small._replace(recipes={"image": recipe._replace(options=recipe.options | {"emphasis": 3})})
    monkeypatch.setitem(ROWS, "mnist", changed)
    with pytest.raises(ValueError, match=r"settings \(emphasis: 8 there, 3 here\); --overwrite starts again"):
        trained(tmp_path, minutes=0.04, resume=True)


def test_decisive_steps_count_more_and_are_drawn_more(rng):
    row = ROWS["mnist"]._replace(schedule=schedule.geometric(13, 1e-3, 1000.0))
    s = row.schedule                                                   # noise over signal at t: 10^(-3 + (t - 1) / 2)
    counts = np.array([1, 1, 1, 1, 4, 4, 4, 4, 4, 4, 1, 1])            # of t = 2..13; counted more: 0.32 to 100
    data, drawn, seen = row.load("train"), np.zeros(s.T - 1), np.zeros(s.T - 1)
    for _ in range(500):
        _, t, weight, _ = images_row.image_batch(row, data, rng, batch=8, flip=False, emphasis=4)
        np.add.at(drawn, t - 2, weight)
        np.add.at(seen, t - 2, 1)
    np.testing.assert_allclose(drawn / 500, counts, rtol=0.3)
    np.testing.assert_allclose(seen / seen.sum(), counts / counts.sum(), rtol=0.3)


def test_command_trains_and_says_what_to_draw(small, tmp_path, capsys):
    assert main(["train", "mnist", "--minutes", "0.01", "--runs", str(tmp_path), "--out", str(tmp_path)]) == 0
    assert f"figure app1 --models {tmp_path}" in capsys.readouterr().out


def test_figure_and_tables_are_made_from_a_model(small, tmp_path, capsys):
    trained(tmp_path, minutes=0.01)
    assert main(["figure", "app1", "--models", str(tmp_path), "--out", str(tmp_path), "--steps", "20"]) == 0
    assert (tmp_path / "figure_app1_mnist.png").stat().st_size > 1000
    assert main(["tables", "--models", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "not trained: python -m dpm_ref train bark" in out and "317 ± 2.7" in out


@pytest.mark.slow
def test_filled_in_bark_has_the_contrast_of_bark_within_a_tenth():
    ratio, error = bark.contrast(models.load("bark", T=50), np.random.default_rng(1), holes=80)
    print(f"contrast of the filling over that of the bark: {ratio:.3f} ± {error:.3f}")
    assert error < 0.03 and abs(ratio - 1) < 0.1


@pytest.mark.slow
def test_figure_d1_is_drawn_from_the_network(tmp_path):
    assert main(["figure", "d1", "--out", str(tmp_path)]) == 0
    path = tmp_path / "figure_d1_network.png"
    drawn = path.read_bytes()
    path.write_bytes(b"an older one")
    assert main(["figure", "d1", "--out", str(tmp_path)]) == 2 and path.read_bytes() == b"an older one"
    assert main(["figure", "d1", "--out", str(tmp_path), "--overwrite"]) == 0 and path.read_bytes() == drawn


def test_the_model_of_another_row_is_refused(tmp_path):
    (tmp_path / "dead_leaves.npz").write_bytes((models.FOLDER / "bark.npz").read_bytes())       # the same shapes
    with pytest.raises(ValueError, match="should hold the model of dead_leaves, and holds the model of bark"):
        models.load("dead_leaves", tmp_path)
    with pytest.raises(ValueError, match="row must be one of 'swiss_roll', .*; got 'leaves'"):
        models.load("leaves")


def test_half_a_data_set_is_not_taken_for_a_missing_model(tmp_path, monkeypatch, capsys):
    (tmp_path / "t10k-images-idx3-ubyte.gz").write_bytes(b"not looked at")
    monkeypatch.setenv("DPM_REF_DATA", str(tmp_path))
    with pytest.warns(UserWarning, match="train-images.* is not in the folder"), contextlib.suppress(SystemExit):
        main(["tables", "--samples", "1", "--out", str(tmp_path / "mnist.npz")])
    said = capsys.readouterr().err
    assert "labels" in said and str(tmp_path) in said and "makes it" not in said


@pytest.mark.parametrize("name", [name for name in ROWS if name not in job.TOYS])
def test_each_hint_names_a_command_that_exists(name, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(training, "train_row", lambda row, **options: models.load(row))
    main(["train", name, "--out", str(tmp_path)])
    number = capsys.readouterr().out.split("python -m dpm_ref figure ")[1].split()[0]
    assert figures.FIGURES[number] == name and models.load(name, tmp_path).words == models.load(name).words


def test_a_model_that_does_not_fit_is_refused(tmp_path):
    storage.write(tmp_path / "bark.npz", {"row": "bark"}, {"average_0": np.zeros(3)})
    with pytest.raises(ValueError, match="does not fit: average_0 should be finite real numbers of shape"):
        models.load("bark", tmp_path)
    for words, holds in ({"step": 7}, "a checkpoint"), ({}, "something else"):
        storage.write(tmp_path / "bark.npz", words, {"average_0": np.zeros(3)})
        with pytest.raises(ValueError, match=f"should hold the model of bark, and holds {holds}"):
            models.load("bark", tmp_path)
    storage.write(tmp_path / "bark.npz", {"row": "bark", "network": "mlp"}, {})
    with pytest.raises(ValueError, match="the row bark has no network 'mlp'"):
        models.load("bark", tmp_path)
    (tmp_path / "bark.npz").write_bytes(b"PK")
    with pytest.raises(ValueError, match="corrupt or cut short"):
        models.load("bark", tmp_path)
    with pytest.raises(FileNotFoundError):
        models.load("mnist", tmp_path)


# ------------------------------------------------------------------ what models are held against

def test_parzen_density_is_its_definition():
    rng = np.random.default_rng(0)
    x, centres, width = rng.random((5, 3)), rng.random((7, 3)), 0.3
    for i in range(5):
        windows = [np.prod(np.exp(-(x[i] - c) ** 2 / (2 * width ** 2)) / (2 * np.pi * width ** 2) ** 0.5) for c in centres]
        assert np.isclose(parzen.log_density(x, centres, width, block=2)[i], np.log(np.mean(windows)), rtol=1e-12)


def test_averages_are_those_of_the_points_nearest_to_each_centre(rng):
    x = np.concatenate([rng.standard_normal((40, 3)), 20 + rng.standard_normal((30, 3))])
    centres = np.array([[1.0, 0, 0], [15.0, 15, 15], [-90.0, 0, 0]])
    found = parzen.averages(x, centres, rounds=3)
    np.testing.assert_allclose(found, [x[:40].mean(axis=0), x[40:].mean(axis=0), centres[2]], rtol=1e-12)


def test_parzen_estimate_chooses_the_width_by_validation_and_is_in_bits():
    rng = np.random.default_rng(1)
    samples, validation, test = (np.clip(0.5 + 0.1 * rng.standard_normal((n, 2)), 0, 1) for n in (400, 200, 300))
    found = parzen.estimate(samples, validation, test)
    best = max(parzen.WIDTHS, key=lambda w: parzen.log_density(validation, samples, w).mean())
    values = parzen.log_density(test, samples, best) / np.log(2)
    assert found.width == best and np.isclose(found.mean, values.mean()) and np.isclose(found.error, values.std(ddof=1) / 300 ** 0.5)


@pytest.mark.parametrize("test, words", [(np.full((3, 4), 2.0), r"test must have pixels in \[0, 1\]; got 2 to 2"),
                                         (np.zeros((3, 5)), "test must be .N, 4."), (np.zeros(4), "test must be .N, 4.")])
def test_parzen_refuses_pixels_that_are_not_grey_levels(test, words):
    with pytest.raises(ValueError, match=words):
        parzen.estimate(np.zeros((2, 4)), np.zeros((2, 4)), test)


def test_K_of_gaussian_is_L_null_for_the_standard_gaussian_and_the_Monte_Carlo_bound_for_others():
    rng = np.random.default_rng(2)
    C, beta_1 = np.array([[1.0, 0.8], [0.8, 1.5]]), 0.05
    train_x, test = rng.multivariate_normal([0.3, -0.2], C, 20000), rng.multivariate_normal([0.3, -0.2], C, 3)
    cov, mean = (1 - beta_1) * np.cov(train_x.T) + beta_1 * np.eye(2), (1 - beta_1) ** 0.5 * train_x.mean(0)
    x1 = (1 - beta_1) ** 0.5 * test[:, None] + beta_1 ** 0.5 * rng.standard_normal((3, 20000, 2))
    off = x1 - mean
    log_x1 = -0.5 * np.einsum("snd,de,sne->sn", off, np.linalg.inv(cov), off) - 0.5 * np.log(np.linalg.det(2 * np.pi * cov))
    one = schedule.from_beta([beta_1])
    step = gaussian.log_density(test[:, None], gaussian.forward(x1, 1, one)).sum(-1)
    forward = gaussian.log_density(x1, gaussian.forward(test[:, None], 1, one)).sum(-1)
    paths = log_x1 + step - forward
    error = paths.std(axis=1) / 20000 ** 0.5
    assert (abs(parzen.K_of_gaussian(train_x, test, beta_1) - paths.mean(axis=1)) < 4 * error).all()


def test_gaussian_baseline_beats_the_isotropic_one_on_bark():
    row = ROWS["bark"]
    data = row.load("train")
    model = Model(row, None, None, None, {"mean": data.mean, "std": data.std})
    x0 = measuring.holdout(model, np.random.default_rng(0), 8)
    null = np.mean(in_unit(row, bound.L_null(gaussian, x0.astype(float))))
    assert null + 0.5 < measuring.gaussian_baseline(model, N=2000) < null + 3


def test_mosaic_puts_images_side_by_side():
    images = np.arange(3).reshape(3, 1, 1, 1) / 4 * np.ones((3, 2, 2, 1))
    sheet = paper.mosaic(images, 2, gap=1)
    assert sheet.shape == (5, 5, 1) and sheet[0, 3, 0] == 0.25 and sheet[3, 0, 0] == 0.5 and sheet[2, 2, 0] == 1


def test_pixels_of_mnist_are_grey_levels_over_255():
    x, source = tables.mnist_pixels("test")
    assert x.shape == (500, 784) and np.allclose(x * 255, np.rint(x * 255), atol=1e-3) and x.min() == 0 and "500" in source


@pytest.mark.slow
def test_samples_for_the_parzen_estimate_are_those_of_their_blocks_on_any_number_of_cores(tmp_path):
    x = tables.draw_pixels(models.FOLDER, 3, 5, seed=7, block=2)
    assert x.shape == (5, 784) and x.min() >= 0 and x.max() <= 1
    second = tables.draw_block(models.FOLDER, 3, 2, np.random.SeedSequence(7).spawn(3)[1])
    np.testing.assert_allclose(x[2:4], second, atol=1e-4)


def test_an_estimate_is_kept_in_a_file_of_the_user_and_replaced_only_when_asked(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(tables, "draw_pixels", lambda folder, T, N: tables.mnist_pixels("test")[0][:N])
    package, path = (models.FOLDER / "mnist.npz").read_bytes(), tmp_path / "mnist.npz"
    command = ["tables", "--samples", "50", "--steps", "7", "--out", str(path)]
    assert main(command) == 0
    words = models.load("mnist", tmp_path).words
    printed = capsys.readouterr().out
    assert words["parzen_samples"] == 50 and words["parzen_T"] == 7 and "chain of 7 steps" in printed
    assert "{:.1f} ± {:.1f}".format(*words["parzen"]) in printed and words["K"] == models.load("mnist").words["K"]
    assert main(command) == 2 and "is there already: --overwrite replaces it" in capsys.readouterr().err
    assert main(command + ["--overwrite"]) == 0 and (models.FOLDER / "mnist.npz").read_bytes() == package


def test_inpainting_keeps_what_is_known():
    rng = np.random.default_rng(0)
    x0, known = rng.standard_normal((32, 32, 1)), np.ones((32, 32, 1), bool)
    known[12:20, 12:20] = False
    chain = schedule.geometric(5, 1e-3, 100.0)
    model = Model(ROWS["bark"], None, chain, lambda x, t: gaussian.forward(x, t, chain), {})
    for repeats in (0, 1, 2):
        filled = bark.fill(model, x0, known, 8, rng, repeats)
        np.testing.assert_allclose(filled[known], x0[known], rtol=1e-12)
        assert (filled[~known] != x0[~known]).all()


# ------------------------------------------------------------------ looking into a model

@pytest.fixture
def untrained(small):
    """The MNIST row with z = 0: its reverse step is the forward kernel."""
    params = small.recipes["image"].init(np.random.default_rng(0))
    return models.of(small, params, {"network": "image"})


def test_a_model_that_knows_nothing_pays_what_knowing_nothing_costs(untrained, rng):
    s, x0 = untrained.schedule, rng.standard_normal((40, 28, 28, 1))
    ratio, kl = measuring.kl_by_noise(untrained, x0, rng, count=s.T - 1)
    np.testing.assert_allclose(ratio, (1 - s.alpha_bar[2:]) / s.alpha_bar[2:], rtol=1e-9)
    np.testing.assert_allclose(kl["model"], kl["knows nothing"], rtol=1e-4)
    H_T, H_1, H_p, edge = bound.constants(gaussian, x0, s)
    K = in_unit(untrained.row, np.mean(H_T - H_1 - H_p + edge)) - kl["model"].sum()
    assert np.isclose(K, -0.5 * np.log2(2 * np.pi * np.e), atol=0.02)
    off = untrained._replace(reverse=lambda x, t: gaussian.Gaussian(x, untrained.reverse(x, t).var))   # the mean not scaled
    _, wrong = measuring.kl_by_noise(off, x0, rng, count=s.T - 1)
    assert (wrong["model"] > wrong["knows nothing"]).all()


def test_paths_and_guesses_have_every_step_and_the_right_ends(untrained, rng):
    s, x0 = untrained.schedule, rng.standard_normal((3, 28, 28, 1))
    forward, back = chains.forward_path(untrained, x0, rng), chains.reverse_path(untrained, x0.shape, rng)
    assert set(forward) == set(back) == set(range(s.T + 1)) and np.array_equal(forward[0], x0)
    guess = chains.guesses(untrained, forward, (2, s.T))
    for t in guess:                                   # Bayes' rule for white data
        np.testing.assert_allclose(guess[t], np.sqrt(s.alpha_bar[t]) * forward[t], atol=1e-4)


def test_a_level_known_to_be_uniform_costs_8_bits():
    assert np.isclose(measuring.per_level(ROWS["mnist"], 80.0, np.log2(80 / 256)), 8)
    assert np.isclose(measuring.per_level(ROWS["cifar10"], 80.0, 3 * np.log2(80 / 256)), 8)
