"""The command eq: every equation with its text, its code, its test, its notebooks and a number by two routes."""
import ast
import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dpm_ref.__main__ import main
from dpm_ref.proofs import equations, lookup
from dpm_ref.proofs.equations import small

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import mutations                                             # noqa: E402

NAMES = [str(n) for n in range(1, 66)] + ["App.1", "D.1"]


@pytest.mark.parametrize("name", NAMES)
def test_both_routes_to_the_numbers_of_an_equation_agree(name):
    sides = equations.ALL[name].sides()
    assert np.shape(sides.ours) == np.shape(sides.other) and np.isfinite(sides.other).all() and sides.agree()
    assert np.max(np.abs(sides.other)) > 1e-3                # two zeros would always agree


def test_the_inequalities_hold():
    for name in "12 13 37 32 33 34 35 24 36".split():
        sides = equations.ALL[name].sides()
        beside, = sides.beside.values()
        assert np.ravel(sides.ours)[0] < beside, name
    assert beside < sides.ours[1] and beside < equations.ALL["30"].sides().ours                  # the upper bound
    assert equations.ALL["28"].sides().ours >= 0 and equations.ALL["31"].sides().ours >= 0


def test_every_equation_is_stated_once_and_nothing_else_is():
    stated = [e.name for f in {e.sides for e in equations.ALL.values()} for e in equations._stated(f)]
    assert sorted(stated) == sorted(NAMES) and all(len(e.routes) == 2 for e in equations.ALL.values())


SYMBOLS = {"tilde p": "p̃", "tilde Z": "Z̃", "hat p": "p̂", "mathbb E": "E", "mathcal N": "N", "operatorname*{argmax}": "argmax",
           "tfrac12": "½", "text": "", "left.": "", "left": "", "right": "", "Big": "", "big": "", "qquad": "", "cdots": "··", "|": "‖",
           "prod": "Π", "int": "∫", "propto": "∝", "approx": "≈", "partial": "∂", "ge": "≥", "le": "≤", "pi": "π", "beta": "β",
           "mu": "μ", "Sigma": "Σ", "sigma": "σ", "sum": "Σ", "tau": "τ", "exp": "exp", "log": "log", ",": "", ";": "", "!": "", " ": ""}
RAISED = {**dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹ᵗᵀ⁻⁺", "0123456789tT-+")), "⁽": "^", "⁾": "", "−": "-", "′": "'"}


def plain(latex):
    """The signs of an equation in LaTeX, in their order, without brackets and spaces."""
    text = re.sub(r"(\\sum|\\prod)(_\{?\w+=\w\}?)\^", r"\1\2..", latex).replace(r"\frac1", r"\frac{1}")
    while at := re.search(r"\\frac((?=\{))", text):             # {a}{b} becomes a / b
        depth, end = 0, at.end()
        while not (depth == 1 and text[end] == "}"):
            depth, end = depth + {"{": 1, "}": -1}.get(text[end], 0), end + 1
        text = text[:at.start()] + text[at.end():end] + "/" + text[end + 1:]
    return bare(re.sub(r"\\(" + "|".join(map(re.escape, SYMBOLS)) + ")", lambda m: SYMBOLS[m[1]], text))


def bare(text):
    """A text without brackets, spaces and the difference between raised and other signs."""
    return re.sub(r"[\s(){}\[\]·^]", "", "".join(RAISED.get(c, c) for c in text))


def test_the_text_of_every_equation_is_that_of_the_notebooks():
    cells = [cell for path in sorted((ROOT / "notebooks").glob("*.ipynb")) for cell in json.loads(path.read_text())["cells"]]
    shown = [m for cell in cells for m in re.findall(r"\$\$([^$]*?)\\tag\{(\d+)\}", "".join(cell["source"]))]
    assert len(shown) >= 65
    for latex, n in shown:
        assert bare(equations.ALL[n].formula).startswith(plain(latex)), f"({n}) {latex}"


def broken(monkeypatch, mutation):
    """Break a function as a row of mutations.txt says, wherever it was imported; False where it is no plain function."""
    text = (ROOT / "dpm_ref" / mutation.file).read_text()
    line = text[:text.index(mutation.right)].count("\n") + 1
    node = next((f for f in ast.parse(text.replace(mutation.right, mutation.wrong)).body
                 if isinstance(f, ast.FunctionDef) and f.lineno <= line <= f.end_lineno and not f.decorator_list), None)
    if node is None:
        return False
    names = {}
    exec(compile(ast.Module([node], []), mutation.file, "exec"), names)
    module = importlib.import_module("dpm_ref." + mutation.file.removesuffix(".py").replace("/", "."))
    monkeypatch.setattr(getattr(module, node.name), "__code__", names[node.name].__code__)
    return True


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NAMES)
def test_the_numbers_of_an_equation_differ_when_its_formula_is_broken(name, monkeypatch):
    """At least one row of mutations.txt for this equation breaks a formula that its numbers come from."""
    def differ(mutation):
        with monkeypatch.context() as patch:
            try:
                return broken(patch, mutation) and not equations.ALL[name].sides().agree()
            except ValueError:                               # refused, so there are no numbers to compare
                return False
    rows = [m for m in mutations.rows() if name in map(str, m.equations)]
    assert any(differ(m) for m in rows)


def test_a_broken_formula_is_said_aloud_and_the_command_fails(monkeypatch, capsys):
    assert main(["eq", "61"]) == 0 and lookup.DIFFER not in capsys.readouterr().out
    assert broken(monkeypatch, next(m for m in mutations.rows() if 61 in m.equations))
    assert main(["eq", "61"]) == 1 and lookup.DIFFER in capsys.readouterr().out


def test_what_is_printed_of_an_equation_exists(capsys):
    assert main(["eq", "1-65", "App.1", "D.1"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("(") for line in said) == 67
    tests = {line.split()[1] for line in said if line.startswith("  test ")}
    books = {line.split()[1] for line in said if line.startswith("  notebook ")}
    for test in tests:
        file, name = test.split("::")
        assert f"def {name}(" in (ROOT / file).read_text()
    assert len(tests) > 20 and len(books) > 5 and all((ROOT / book).exists() for book in books)
    for name, (functions, tests, books) in lookup.the_map().items():
        assert name in NAMES and functions and tests and books
        for path, function in functions:
            file, line = lookup.place(lookup.function(path, function)).rsplit(":", 1)
            assert (Path.cwd() / file).read_text().splitlines()[int(line) - 1].startswith(f"def {function}(")


def test_a_range_a_function_and_a_label_are_words_too(capsys):
    assert main(["eq", "37–39", "(48)", "gaussian.posterior", "schedule.constant_erasure", "train.adam"]) == 0
    said = capsys.readouterr().out
    assert said.count("(38)  §B\n") == 1 and said.count("(48)  §B.3\n") == 2
    assert "        return Gaussian(c0 * x0 + ct * xt, var)\n" in said
    assert "  text, §2.4.1\n" in said and "  cites nothing: it is ours\n" in said


@pytest.mark.parametrize("word", ["0", "66", "64-66", "5-2", "gaussian.posteriour", "App.2", "../train.adam", "gaussian.", ""])
def test_what_does_not_exist_is_answered_in_one_sentence(word, capsys):
    assert main(["eq", word]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and f"there is no '{'66' if word == '64-66' else word}': give a number" in said


@pytest.mark.parametrize("word, near", [("binomial.posteriors", "binomial.posterior"), ("bound.terrms", "bound.terms"),
                                        ("gaussian.post", "gaussian.posterior")])
def test_a_misspelt_function_is_answered_with_the_nearest_of_all(word, near, capsys):
    assert main(["eq", word]) == 2 and f"did you mean {near}?" in capsys.readouterr().err


def test_the_command_does_not_load_matplotlib():
    code = "import sys; from dpm_ref.__main__ import main; main(['eq', '48']); assert 'matplotlib' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_draws_agree_within_their_errors_and_other_numbers_within_rounding():
    assert small.Sides(1.0, 1.0 + 1e-10).agree() and not small.Sides(1.0, 1.0 + 1e-8).agree()
    assert small.Sides(1.0, 1.4, error=0.1).agree() and not small.Sides(1.0, 1.5, error=0.1).agree()
