"""The figures in figures/ are what the code draws from the trained models of the package."""
from pathlib import Path

import numpy as np
import pytest
from matplotlib.testing.compare import compare_images
from PIL import Image, ImageSequence

from dpm_ref.experiments import ROWS
from dpm_ref.experiments.images_model import IMAGE_ROWS, MODELS
from dpm_ref.experiments.images_run import FIGURES, draw

FOLDER = Path(__file__).parent.parent / "figures"
RMS = 3      # grey levels of 255: fonts, and roundings that another CPU makes on the way through a chain


def frames(path):
    return np.array([np.array(frame.convert("RGB")) for frame in ImageSequence.Iterator(Image.open(path))])


@pytest.fixture(autouse=True)
def embedded_data(monkeypatch, tmp_path):
    """No official files: the kept figures show what the package carries, which everyone has."""
    monkeypatch.delenv("DPM_REF_DATA", raising=False)
    monkeypatch.setattr("pooch.os_cache", lambda name: tmp_path / "cache" / name)


@pytest.mark.slow
@pytest.mark.parametrize("figure", FIGURES)
def test_a_figure_in_the_folder_is_what_the_code_draws(figure, tmp_path):
    path = Path(draw(figure, MODELS, 250, 0, tmp_path)[0])
    if path.suffix == ".gif":
        ours, kept = frames(path), frames(FOLDER / path.name)
        assert ours.shape == kept.shape and np.mean(ours != kept) < 1e-3
    else:
        assert compare_images(str(FOLDER / path.name), str(path), RMS) is None


def test_another_seed_draws_another_figure(tmp_path):
    path = Path(draw("1", MODELS, 250, 1, tmp_path)[0])
    assert compare_images(str(FOLDER / path.name), str(path), RMS) is not None


def test_every_figure_in_the_folder_has_a_command_that_draws_it(tmp_path):
    rows = {**ROWS, **IMAGE_ROWS}
    drawn = {{"d1": "figure_d1_network", "gif": "swiss_roll"}.get(figure, rows[name].FIGURE) for figure, name in FIGURES.items()}
    assert {path.stem for path in FOLDER.iterdir()} == drawn
