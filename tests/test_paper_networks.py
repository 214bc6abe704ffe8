"""The paper's two toy networks trained to the end: the recipes on tiny sizes, and the stored networks."""
from functools import partial

import autograd.numpy as np
import numpy as onp
import pytest
from autograd import grad

from dpm_ref import gaussian, networks, schedule
from dpm_ref.engine import nests
from dpm_ref.experiments import ROWS, heartbeat_to_the_end, paper_networks, roll_to_the_end
from dpm_ref.experiments.heartbeat import KERNEL
from dpm_ref.experiments.measuring import measure

CHAIN = schedule.geometric(6, 1e-2, last=10.0)


@pytest.fixture(scope="module")
def tiny():
    """Points of a short chain, five units, and their solved readouts."""
    rng = onp.random.default_rng(0)
    points, units = roll_to_the_end.draw_points(rng, 80, CHAIN), roll_to_the_end.start(rng, H=5)
    phi, zero = roll_to_the_end.features(points.x, units), onp.zeros((CHAIN.T - 1, 5, 2))
    return points, units, roll_to_the_end.profile(points, phi, zero, zero, 100)


def gap_by_the_package(points, units, W, V):
    """The objective of the recipe from `networks.rbf` and `gaussian.kl`."""
    S, N, D = points.x.shape
    mean = np.sqrt(1 - points.beta) * points.x + np.sqrt(points.beta) * points.z
    best = gaussian.Gaussian(mean.reshape(-1, D), points.var.reshape(-1, D))
    zero = np.zeros((S + 2, D))
    params = {"centres": units[:, :2], "log_width": units[:, 2], "b_mean": zero, "b_var": zero,
              "W_mean": np.concatenate([0 * W[:2], W]), "W_var": np.concatenate([0 * V[:2], V])}
    model = networks.rbf(params, points.x.reshape(-1, D), np.repeat(np.arange(2, S + 2), N), CHAIN, gaussian)
    return np.sum(gaussian.kl(best, model)) / N


def test_the_objective_is_the_gap_of_the_package_s_own_network(tiny):
    points, units, fit = tiny
    assert onp.isclose(fit.gap, gap_by_the_package(points, units, fit.W, fit.V), rtol=1e-10)


def test_solved_readouts_are_where_autograd_finds_no_slope(tiny):
    points, units, fit = tiny
    for argument in 2, 3:
        slope = grad(gap_by_the_package, argument)(points, units, fit.W, fit.V)
        elsewhere = grad(gap_by_the_package, argument)(points, units, 0 * fit.W, 0 * fit.V)
        assert onp.abs(slope).max() < 1e-6 * onp.abs(elsewhere).max()


def test_the_slope_by_the_units_is_autograd_s_at_solved_readouts(tiny):
    points, units, fit = tiny
    g, G = roll_to_the_end.normal_equations(points, roll_to_the_end.features(points.x, units), fit, units)
    slope = grad(gap_by_the_package, 1)(points, units, fit.W, fit.V)
    assert onp.allclose(g, -slope.reshape(-1), rtol=1e-8, atol=1e-10)
    assert onp.linalg.eigvalsh(G).min() > 0


def test_the_readouts_follow_the_units_so_that_their_own_slope_does_not_count(tiny):
    points, units, fit = tiny

    def gap(units):
        return roll_to_the_end.profile(points, roll_to_the_end.features(points.x, units), fit.W, fit.V, 100).gap
    g, _ = roll_to_the_end.normal_equations(points, roll_to_the_end.features(points.x, units), fit, units)
    along = g.reshape(units.shape) / onp.linalg.norm(g)
    assert onp.isclose((gap(units - 1e-5 * along) - gap(units + 1e-5 * along)) / 2e-5, onp.linalg.norm(g), rtol=1e-4)


def test_every_move_narrows_the_gap(tiny):
    points, units, fit = tiny
    gaps = [fit.gap for _, fit in roll_to_the_end.descend(points, units, 8)]
    assert len(gaps) == 9 and (onp.diff(gaps) < 0).all() and gaps[-1] < 0.8 * gaps[0]


@pytest.fixture
def heartbeat_batch():
    """A batch and parameters at random, in float64 but for the batch."""
    rng, row = onp.random.default_rng(0), heartbeat_to_the_end
    params = row.init(rng)
    params |= {name: rng.standard_normal(params[name].shape) / 10 for name in ("W", "b")}
    return params, row.batch(rng, row.best_reverse(), every=400, copies=3)


def test_the_readout_of_every_step_is_the_sum_of_its_bumps(heartbeat_batch):
    row, (params, (x, steps, forward, _, _)) = heartbeat_to_the_end, heartbeat_batch
    x, t = x.astype(float), onp.repeat(steps, 3)
    exact = networks.log_odds(KERNEL, KERNEL.forward(x, t, row.SCHEDULE))
    assert onp.allclose(exact, forward, rtol=1e-6)
    folded = row.NETWORK(row.folded(params), x, t, row.SCHEDULE, KERNEL).rate
    assert onp.allclose(folded, 1 / (1 + onp.exp(-row.log_odds(params, x, steps, exact))), rtol=1e-10)
    assert onp.allclose(row.bumps(onp.arange(1, 2001), 2000, 40).sum(axis=1), 1, rtol=1e-12)


def test_the_heartbeat_s_objective_is_minus_the_KL_from_the_best_kernel(heartbeat_batch):
    row, (params, batch) = heartbeat_to_the_end, heartbeat_batch
    x, t = batch[0].astype(float), onp.repeat(batch[1], 3)
    model = row.NETWORK(row.folded(params), x, t, row.SCHEDULE, KERNEL)
    want = -onp.sum(KERNEL.kl(row.best_reverse()(x, t), model)) * 1999 / len(x)
    assert onp.isclose(row.objective(params, *batch), want, rtol=1e-4)                # the batch is in float32


def test_a_batch_of_the_heartbeat_has_every_eighth_step_and_all_in_turn():
    row, rng = heartbeat_to_the_end, onp.random.default_rng(1)
    batches = [row.batch(rng, row.best_reverse(), copies=1) for _ in range(60)]
    assert all(set(onp.diff(steps)) == {8} for _, steps, *_ in batches)
    assert set(onp.concatenate([steps for _, steps, *_ in batches])) == set(range(2, 2001))


@pytest.mark.slow
def test_training_of_the_heartbeat_narrows_the_gap_on_new_draws():
    row = heartbeat_to_the_end
    rng = onp.random.default_rng(0)
    states = list(row.ascent(row.start(rng), rng, steps=150, rate=3e-3, every=50, copies=4))
    new = row.batch(onp.random.default_rng(5), row.best_reverse(), every=50, copies=20)
    before, after = (row.objective(s.average, *new) for s in (states[0], states[-1]))
    assert before < 1.3 * after < 0 and states[-1].average["W"].dtype == onp.float32


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(paper_networks.TRAINING))
def test_the_stored_network_has_the_K_that_its_file_states_above_the_paper_s(name):
    model = paper_networks.load(name)
    again, stated = measure(model._replace(row=model.row._replace(holdout=60)), paired=20), model.words
    for what in "K", "gap":
        assert abs(again[what] - stated[what]) < 4 * onp.hypot(again[f"{what}_error"], stated[f"{what}_error"]), what
    assert stated["K"] > model.row.paper_K + 4 * stated["K_error"]
    assert stated["gain"] > model.row.paper_gain + 4 * stated["K_error"]


@pytest.mark.slow
def test_a_network_is_made_stored_and_read(tmp_path, monkeypatch):
    monkeypatch.setitem(ROWS, "heartbeat", ROWS["heartbeat"]._replace(holdout=3))
    made = paper_networks.make("heartbeat", tmp_path / "heartbeat_paper.npz", runs=tmp_path / "runs", steps=2)
    read = paper_networks.load("heartbeat", tmp_path)
    assert read.words == made.words and measure(read)["K"] == made.words["K"]
    (tmp_path / "swiss_roll_paper.npz").write_bytes((tmp_path / "heartbeat_paper.npz").read_bytes())
    with pytest.raises(ValueError, match="swiss_roll_paper.npz does not fit: trained_0 should be finite"):
        paper_networks.load("swiss_roll", tmp_path)


@pytest.mark.parametrize("name", ["swiss_roll", pytest.param("heartbeat", marks=pytest.mark.slow)])
def test_a_training_that_was_stopped_goes_on(name, tmp_path, monkeypatch):
    def stop(words):
        if words.startswith(stop.at):
            raise KeyboardInterrupt
    monkeypatch.setattr(roll_to_the_end, "SCHEDULE", CHAIN)
    monkeypatch.setattr(roll_to_the_end, "draw_points", partial(roll_to_the_end.draw_points, chain=CHAIN))
    for constant, value in ("FIRST", 1), ("LAST", 2), ("STARTS", 2):
        monkeypatch.setattr(roll_to_the_end, constant, value)
    how, settings = paper_networks.TRAINING[name], {"row": name, "network": "to the end", "seed": 0}
    more = {"swiss_roll": {"few": 30, "many": 30}, "heartbeat": {"steps": 101}}[name]
    whole, _ = how.train(tmp_path / "whole.npz", settings, say=lambda words: None, **more)
    stop.at = {"swiss_roll": "start 2", "heartbeat": "step 100"}[name]
    with pytest.raises(KeyboardInterrupt):
        how.train(tmp_path / "run.npz", settings, say=stop, **more)
    said = []
    resumed, _ = how.train(tmp_path / "run.npz", settings, resume=True, say=said.append, **more)
    assert not any(words.startswith(("start 1", "step 1:")) for words in said)
    for a, b in zip(nests.arrays(whole), nests.arrays(resumed)):
        assert (a == b).all()
    with pytest.raises(ValueError, match="run.npz was"):
        how.train(tmp_path / "run.npz", settings | {"seed": 1}, resume=True, **more)
