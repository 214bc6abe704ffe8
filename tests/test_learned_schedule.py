"""Learned rates on the swiss roll (section 2.4.1)."""
import numpy as np
import pytest

from dpm_ref import bound, schedule
from dpm_ref.experiments import learned_schedule, models
from dpm_ref.experiments.measuring import measure


def test_training_moves_network_and_rates_but_not_beta_1():
    rng = np.random.default_rng(0)
    begin = learned_schedule.begin(rng)
    start, (*_, last) = begin.params, learned_schedule.ascent(begin, rng, 4)
    moved = schedule.learned(last.params["logits"], learned_schedule.BETA_1)
    fixed = learned_schedule.ROW.schedule
    assert moved.beta[1] == fixed.beta[1] and (moved.beta[2:] != fixed.beta[2:]).all()
    assert all((a != b).any() for a, b in zip(last.params["network"]["layers"][0], start["network"]["layers"][0]))


@pytest.mark.slow
def test_a_learned_model_is_measured_stored_and_read(tmp_path, monkeypatch):
    monkeypatch.setattr(learned_schedule, "ROW", learned_schedule.ROW._replace(holdout=5))
    monkeypatch.setattr(learned_schedule, "measure", lambda model, paired: measure(model, 3))
    made = learned_schedule.make("swiss_roll", tmp_path / learned_schedule.file(), runs=tmp_path, steps=2)
    read = learned_schedule.load(folder=tmp_path)
    assert read.words == made.words and measure(read, 3)["K"] == made.words["K"]


@pytest.mark.slow
def test_the_stored_model_has_the_K_that_its_file_states():
    model = learned_schedule.load()
    again = measure(model._replace(row=model.row._replace(holdout=60)), paired=20)
    for what in "K", "gap":
        error = np.hypot(again[f"{what}_error"], model.words[f"{what}_error"])
        assert abs(again[what] - model.words[what]) < 4 * error, what


@pytest.mark.slow
def test_the_learned_schedule_of_the_roll_gains_a_sixtieth_of_a_bit_as_the_footnote_expects():
    model, fixed = learned_schedule.load(), models.load("swiss_roll")
    gain = bound.bits(model.row.limit() - fixed.row.limit())   # by quadrature
    assert 0.010 < gain < 0.025
    s = model.schedule.alpha_bar
    assert s[-1] < 0.01 < 0.09 < fixed.schedule.alpha_bar[-1]   # the end is nearer to π
