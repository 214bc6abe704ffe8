"""Every drawing can be read, and the figures in figures/ are what the code draws from the package's trained models.

    python tests/test_figures.py FOLDER     write every drawing, of invented data, to FOLDER, to look at
"""
import sys
from functools import cache
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from matplotlib.testing.compare import compare_images
from matplotlib.text import Text
from PIL import Image, ImageSequence

from dpm_ref.experiments import ROWS, diagram
from dpm_ref.experiments.figures import FIGURES, draw
from dpm_ref.experiments.models import FOLDER as MODELS
from dpm_ref.plots import alt, curves, diagrams, paper, points, style

FOLDER = Path(__file__).parent.parent / "figures"
RMS = 3      # grey levels of 255: fonts, and roundings that another CPU makes on the way through a chain


rng = np.random.default_rng(0)
x, t = np.linspace(0.1, 10, 100), np.arange(41)
plane, ring = rng.normal(size=(2000, 2)), np.stack([np.cos(x), np.sin(x)], axis=1)
place = np.stack(np.meshgrid(*2 * [np.linspace(-2.6, 2.6, 14)]), axis=-1).reshape(-1, 2)
walks = plane[:41, :1] + np.cumsum(0.1 * rng.normal(size=(41, 60)), axis=0)
few = {"constant erasure": np.sqrt(x), "geometric": np.sqrt(x) + 0.002, "learned": x / 3}
twos = {f"$x = {i}$, $T = {T}$": i * x + T / 1000 for i in range(3) for T in (100, 1000)}
halves = {f"$\\beta = {b}$": (x, {"$q(y|x)$": np.exp(-x / b), "Gaussian": np.exp(-x)}) for b in (0.5, 0.1, 0.02)}
areas = {"heartbeat, $T = 2000$": (x, {"": 1 / x}), "swiss roll, $T = 40$": (x, {"": x})}
levels = {"whole levels": np.rint(10 * rng.random(999)), "with noise": 10 * rng.random(999)}
signal = {"rate": (x, few), "signal": (x, {"a": 1 / x, "b": 2 / x})}
gamma = {f"$T = {T}$": rng.gamma(2, 1, 9999) for T in (2, 4, 40)}
bands = {f"$m_2 = {m}$": (t[2:6], m - 0.3 + 0 * t[2:6], m + 0.1 / t[2:6], m + 1 / t[2:6]) for m in (0.25, 1, 4)}
band = {"heartbeat, $T = 40$": (t[2:], 0 * t[2:], 0.5 + 0 * t[2:], 1 + 1 / t[2:])}
bits, faces = rng.random((20, 20)) < 0.3, rng.random((8, 12, 12, 1))
terms = {r"$-\sum_t KL_t$": -0.7, "$H_q(X^{(T)}|X^{(0)})$": 4.1, "$-H_q(X^{(1)}|X^{(0)})$": 5.5,
         "$-H_p(X^{(T)})$": -4.2}
ours = {"ours": {f"a row of Table {i}": (i, 0.3) for i in range(5)}, "the paper": {"a row of Table 2": 2.1}}
names = "wanted", "Eq. (23): constant", "fading", "expected"
shares = {name: dict(zip(("00", "01", "10", "11"), rng.random(4))) for name in names}
digits = {name: 12 * rng.random(6) - 2 for name in ("right", "variance for std", "shifted")}

DRAWINGS = {                                                 # each function, of invented data
    "clouds_1": lambda: points.clouds({"drift at $t = 20$": plane}, style.ORANGE, arrows=(place, -place)),
    "clouds_5": lambda: points.clouds({f"$t = {i}$": plane * (0.2 + 0.2 * i) for i in range(5)}),
    "clouds_seen": lambda: points.clouds({"Bayes": ring, "Eq. (22)": ring + 0.1 * plane[:100]}, curve=ring,
                                         seen=((0.5, 0.5), 0.7)),
    "lines": lambda: curves.lines(x, few, "step $t$", r"$\bar\alpha_t$", levels={"the paper's": 2.35}),
    "lines_log": lambda: curves.lines([5, 10, 20, 40], {"points": [1, 2, 3, 4]}, "number of steps $T$", "$K$", log="xy",
                                      marker="o", errors={"points": np.full(4, 0.3)}),
    "lines_log_12": lambda: curves.lines(np.linspace(2, 40, 12), {"discs": np.arange(12)}, "$r$", "share", log="x"),
    "lines_full": lambda: curves.lines(x, {f"line {i}": np.sin(x + i) for i in range(6)}, "$x$", "$y$"),
    "lines_full_log": lambda: curves.lines(x, {f"line {i}": np.exp(np.sin(x + i)) for i in range(6)}, "", "", log="y"),
    "lines_marks": lambda: curves.lines(x, {"forward": np.sin(x), "back": np.cos(x)}, "$W$", "share of paths", fill=True,
                                        marks={r"$\Delta F = 2.04$": 2.04}),
    "lines_pairs": lambda: curves.lines(x, twos, "$t/T$", "nats",
                                        styles=["C0-", "C0--", "C1-", "C1--", "C2-", "C2--"]),
    "panels": lambda: curves.panels(signal, "step $t$", [r"$\beta_t$", "share"]),
    "panels_3": lambda: curves.panels(halves, "$y = x^{(t-1)}$", "density"),
    "panels_fill": lambda: curves.panels(areas, "$t/T$", "bits per unit of $t/T$", fill=True),
    "shares_below": lambda: curves.shares_below(x, levels, "$x$, a few levels (units of the data)"),
    "histograms": lambda: curves.histograms(x, gamma, x * np.exp(-x), "$x^{(0)}$"),
    "fan": lambda: curves.fan(walks, 2 - t / 40, 0.1 * np.sqrt(t)),
    "between": lambda: curves.between(bands, "nats", marker=True),
    "between_1": lambda: curves.between(band, "bits per point"),
    "bits_2": lambda: diagrams.bits({"Eq. (22)": bits, "particles": ~bits}, known=np.arange(20) % 7 == 0),
    "bits_4": lambda: diagrams.bits({f"$t = {i}$": bits for i in (0, 200, 1000, 2000)}),
    "staircase": lambda: diagrams.staircase(terms, "bits per point"),
    "dots": lambda: diagrams.dots(ours, "$K - L_{null}$ (bits per point, sequence or pixel)"),
    "dots_4": lambda: diagrams.dots(shares, "probability"),
    "agreement": lambda: diagrams.agreement(digits, [f"vector {i}, with t = 257" for i in range(6)]),
    "figure_1": lambda: paper.figure_1([0, 20, 40], [plane] * 3, [plane] * 3, [1, 20, 40], place, [-place] * 3),
    "figure_2": lambda: paper.figure_2([0, 1000, 2000], np.stack([bits] * 3)),
    "pictures": lambda: paper.pictures({"one": faces[0], "eight in two columns": faces}, "invented", size=3, columns=2),
    "pictures_5": lambda: paper.pictures({f"from $t = {i}$": faces[:4] for i in range(5)}, "invented", 2.2, 2),
    "figure_d1": lambda: diagram.figure_d1(ROWS["mnist"]),
}


@cache
def drawn(name):
    """A drawing after its layout, and its texts with their boxes."""
    figure, words = DRAWINGS[name](), []
    with mock.patch.object(Text, "draw", lambda text, to: words.append((text, text.get_window_extent(to).padded(-1)))):
        figure.draw_without_rendering()
    return figure, words


@pytest.mark.parametrize("name", DRAWINGS)
@pytest.mark.every(3)
def test_the_words_of_a_drawing_are_large_enough_inside_of_it_and_apart(name):
    figure, words = drawn(name)
    words = [(text, box) for text, box in words if text.get_visible() and text.get_text().strip()]
    assert len(words) > 2 and len(alt.description(figure)) > 30
    for i, (text, box) in enumerate(words):
        assert text.get_fontsize() >= style.SMALL, text
        assert min(box.min) >= 0 and np.all(box.max <= figure.bbox.max), (text, box)
        if text.get_rotation() % 90 == 0:                    # the box of a slanted word is larger than the word
            assert not [other for other, its in words[:i] if other.get_rotation() % 90 == 0 and box.overlaps(its)], text


@pytest.mark.parametrize("name", [name for name in DRAWINGS if name.startswith(("lines", "panels", "shares"))])
@pytest.mark.every(3)
def test_no_legend_covers_a_line(name):
    figure, _ = drawn(name)
    for axis in figure.axes:
        for line in axis.lines if axis.get_legend() else ():
            path = line.get_path().transformed(line.get_transform())
            assert not path.intersects_bbox(axis.get_legend().get_window_extent(), filled=False), line


def test_every_function_that_draws_is_among_the_drawings():
    among = {name.rstrip("_0123456789") for name in DRAWINGS} | set(DRAWINGS)
    functions = {f for module in (points, curves, diagrams, paper) for f in vars(module)
                 if hasattr(getattr(module, f), "__wrapped__") and getattr(module, f).__module__ == module.__name__}
    assert functions <= among and len(functions) > 10


def test_alternative_text_says_what_is_drawn():
    figure = curves.lines([1, 2, 4], {"ours": [3, 1, 2]}, "step $t$", "$K$ (bits)", log="x", levels={"best": 2.5})
    assert alt.description(figure) == ("K (bits) over step t (logarithmic x): ours from 3 at 1 to 2 at 4, lowest 1, "
                                       "highest 3; best at 2.5.")
    two = alt.description(diagrams.dots({"ours": {"a": (1.5, 0.1), "b": 2}, "others": {"b": 3}}, "bits"))
    assert two == "bits: ours: a 1.5, b 2; others: b 3."
    assert alt.description(paper.pictures({"(a)": np.zeros((2, 3, 1))}, "of $x$")) == (
        "(a): picture of 3 × 2 pixels, lightness 0.00 ± 0.00. of x.")


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


@pytest.mark.slow
def test_another_seed_draws_another_figure(tmp_path):
    path = Path(draw("1", MODELS, 250, 1, tmp_path)[0])
    assert compare_images(str(FOLDER / path.name), str(path), RMS) is not None


def test_every_figure_in_the_folder_has_a_command_that_draws_it(tmp_path):
    other = {"d1": "figure_d1_network", "gif": "swiss_roll"}
    drawn = {other.get(figure, f"figure_{figure}_{name}") for figure, name in FIGURES.items()}
    assert {path.stem for path in FOLDER.iterdir()} == drawn


if __name__ == "__main__":
    for drawing in DRAWINGS:
        style.save(DRAWINGS[drawing](), [Path(sys.argv[1]) / f"{drawing}.png"])
