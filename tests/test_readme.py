"""The README says what the code prints."""
import contextlib
import io
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from dpm_ref.__main__ import main
from dpm_ref.experiments import ROWS, job, models
from dpm_ref.proofs import slips

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
READMES = "README.md", "dpm_ref/README.md", "dpm_ref/check/README.md", "notebooks/README.md"
COMMANDS = sorted({m for readme in READMES for m in re.findall(r"python -m dpm_ref ([a-z]+)", (ROOT / readme).read_text())})
TABLE_ROW = re.compile(r"^(\S.*?)\s+(mlp|paper, to the end|paper)\s+[\de.-]+\s+(-?[\d.]+) ± ([\d.]+)\s+"
                       r"(-?[\d.]+)\s+(?:± ([\d.]+)|exactly)\s+(-?[\d.]+) ± ([\d.]+)\s+(-?[\d.]+)", re.M)


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.S)


def test_the_ten_lines_print_what_stands_below_them():
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(blocks("python")[0], {})
    assert printed.getvalue() == blocks("text")[0]
    assert len([line for line in blocks("python")[0].splitlines() if line]) <= 10


def test_the_examples_of_the_checking_kit_run():
    text = (ROOT / "dpm_ref" / "check" / "README.md").read_text()
    example, own_model = re.findall(r"```python\n(.*?)```", text, re.S)[:2]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(example, {})
    assert printed.getvalue().strip() == re.search(r"```\n(gaussian.*?)```", text, re.S)[1].strip()
    betas, ax = np.linspace(0.01, 0.3, 20), Figure().subplots()
    names = {"betas": betas, "rng": np.random.default_rng(0), "x0": np.random.default_rng(1).standard_normal((2000, 3)),
             "model": lambda x, t: np.sqrt(1 - np.cumprod(1 - betas))[t][:, None] * x, "ax": ax}
    exec(own_model, names)                           # white data: the network is right, and K is the data's entropy
    K, error = names["result"][:2]
    assert abs(K + 0.5 * np.log2(2 * np.pi * np.e)) < 4 * error < 0.1 and len(ax.lines) == 1


def table(text):
    return {(m[1], m[2]): [float(x or 0) for x in m.groups()[2:]] for m in TABLE_ROW.finditer(text)}


def test_the_table_is_that_of_the_models_that_are_kept():
    rows = table(blocks("text")[1])
    assert len(rows) == 6
    for name in job.TOYS:
        said, kept = rows[ROWS[name].title, "mlp"], models.load(name).words
        for value, key in zip(said, ("K", "K_error", None, None, "gap", "gap_error", "gain")):
            assert key is None or abs(value - kept[key]) < 6e-4, (name, key)


def test_the_image_rows_are_those_that_the_command_prints():
    done = subprocess.run([sys.executable, "-m", "dpm_ref", "tables"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0 and blocks("text")[2].strip() in done.stdout, done.stderr


@pytest.mark.parametrize("readme", READMES)
def test_every_link_in_a_readme_leads_to_a_file_and_a_heading(readme):
    for path, heading in re.findall(r"\]\((?!http)([^)#]*)#?([^)]*)\)", (ROOT / readme).read_text()):
        target = (ROOT / readme).parent / path
        assert target.exists(), path
        if heading:
            assert heading in [h.lower().replace(" ", "-") for h in re.findall(r"^#+ (.*)", target.read_text(), re.M)], heading


def test_the_course_lists_every_notebook():
    listed = re.findall(r"\]\((\d\d\w+\.ipynb)\)", (ROOT / "notebooks" / "README.md").read_text())
    assert list(dict.fromkeys(listed)) == sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))


def test_what_moved_is_where_the_list_says():
    text = (ROOT / "dpm_ref" / "README.md").read_text()
    moved = re.findall(r"^\| .* \| (.*) \|$", text[text.index("## What moved"):], re.M)     # the second column
    for name in re.findall(r"`([a-z]+\.[a-z_]+)`", " ".join(moved)):
        place = ROOT / "dpm_ref" / name.replace(".", "/")
        assert place.is_dir() or place.with_suffix(".py").exists(), name


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_in_a_readme_exists(command, capsys):
    with pytest.raises(SystemExit) as done:
        main([command, "--help"])
    assert done.value.code == 0 and f"dpm_ref {command}" in capsys.readouterr().out


def test_the_list_of_slips_is_as_long_as_what_the_command_prints():
    text = (ROOT / "dpm_ref" / "README.md").read_text()
    listed = re.findall(r"^(\d+)\. ", text[text.index("## Where the paper is wrong"):], re.M)
    assert listed == [str(n + 1) for n in range(len(slips.ALL))]


def test_the_readme_is_two_screens_of_short_lines():
    assert len(README.splitlines()) <= 115
    for line in re.sub(r"```.*?```", "", README, flags=re.S).splitlines():
        assert len(line) <= 120 or line.startswith("|"), line


@pytest.mark.slow
def test_the_main_job_prints_the_table_again(tmp_path):
    done = subprocess.run([sys.executable, "-m", "dpm_ref", "--out", tmp_path, "--runs", tmp_path], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    said, again = table(README), table(done.stdout)
    assert said.keys() == again.keys()
    for key in said:                                         # another machine rounds differently, and training amplifies it
        assert abs(said[key][0] - again[key][0]) < 4 * again[key][1] + (0.02 if key[1] == "mlp" else 0.3), (key, said[key], again[key])
    assert {p.name for p in tmp_path.glob("figure_*")} == {f"figure_{ROWS[name].number}_{name}.{e}" for name in job.TOYS for e in ("png", "pdf")}
