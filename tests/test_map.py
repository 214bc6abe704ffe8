"""The map from equation to function, test and notebook: made from docstrings, tests/mutations.txt and notebooks.

    python tests/test_map.py    write it into dpm_ref/README.md anew
"""
import ast
import json
import re
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = ROOT / "dpm_ref" / "README.md"
sys.path.insert(0, str(ROOT / "tests"))
import mutations                                             # noqa: E402

from dpm_ref.proofs.lookup import LABELS, numbers, source   # noqa: E402

START, END = "<!-- equation map: python tests/test_map.py -->", "<!-- end of equation map -->"

FIRST = "gaussian binomial schedule trajectory bound likelihood perturbed entropy readout enumeration".split()
HEADS = {("bound", "K"), ("bound", "terms_given"), ("train", "objective"), ("perturbed", "perturbed_sample")}   # first in the map
NO_EQUATION = "data", "engine", "experiments", "plots"                     # rooms that implement none


def modules():
    """The modules that a reader meets, those to read first in front; the checking kit's wrong formulas are not among them."""
    files = sorted((ROOT / "dpm_ref").rglob("*.py"), key=lambda p: (FIRST.index(p.stem) if p.stem in FIRST else len(FIRST), p))
    return [p for p in files if "check" not in p.relative_to(ROOT).parts and p.name not in ("__init__.py", "__main__.py")]


def public(path):
    """(name, docstring) of every public function and class of a module."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name[0] != "_" and node.name != "main":
            yield node.name, ast.get_docstring(node) or ""


@cache
def owners():
    """{equation: [(module, function), ...]}."""
    found = {}
    for path in modules():
        for name, docstring in public(path):
            for n in numbers(source(docstring) or ""):
                found.setdefault(n, []).append((path.relative_to(README.parent), name))
    return found


@cache
def proofs():
    """{equation: [test, ...]} for tests shown to fail when the formula is broken."""
    found = {}
    for m in mutations.rows():
        for n in m.equations:
            if m.test not in found.setdefault(n, []):
                found[n].append(m.test)
    return found


@cache
def notebooks():
    """{equation: [(notebook, section heading), ...]}, the first mention in each notebook."""
    found = {}
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        heading = ""
        for cell in json.loads(path.read_text())["cells"]:
            if cell["cell_type"] != "markdown":
                continue
            for line in "".join(cell["source"]).splitlines():
                heading = line.lstrip("# ") if line.startswith("#") else heading
                for n in numbers(line):
                    if all(p != path for p, _ in found.setdefault(n, [])):
                        found[n].append((path, heading))
    return found


@cache
def broken():
    """{equation: {function that a row of mutations breaks: its test}}."""
    found = {}
    for m in mutations.rows():
        text = (ROOT / "dpm_ref" / m.file).read_text()
        line = text[:text.index(m.right)].count("\n") + 1
        inside = [f for f in ast.parse(text).body if isinstance(f, (ast.FunctionDef, ast.ClassDef)) and f.lineno <= line <= f.end_lineno]
        for n in m.equations:
            for f in inside:
                found.setdefault(n, {}).setdefault((Path(m.file).stem, f.name), m.test)
    return found


def table():
    """The map as a table in Markdown: runs of equations with the same entries share a line; what the test breaks comes first."""
    code, shown, places = owners(), proofs(), notebooks()

    def cells(n):
        tests = broken().get(n, {})
        own = sorted(code.get(n, []), key=lambda f: ((f[0].stem, f[1]) not in HEADS, (f[0].stem, f[1]) not in tests))[:3]
        first = next((tests[f[0].stem, f[1]] for f in own if (f[0].stem, f[1]) in tests), None)
        functions = ", ".join(f"[`{path.stem}.{name}`]({path})" for path, name in own)
        test = ", ".join(f"[`{t.split('::')[1][5:]}`](../tests/{t.split('::')[0]})" for t in ([first] if first else shown.get(n, [])[:1]))
        books = ", ".join(f"[{path.stem.partition('_')[0]}](../notebooks/{path.name})" for path, _ in places.get(n, [])[:3])
        return functions, test, books
    lines, first = ["| Eq. | code | a test that fails when it is broken | notebook |", "|---|---|---|---|"], 1
    for n in range(1, 66):
        if n == 65 or cells(n + 1) != cells(n):
            lines.append(f"| {first if first == n else f'{first}–{n}'} | " + " | ".join(cells(n)) + " |")
            first = n + 1
    lines += [f"| {mark} | " + " | ".join(cells(label)) + " |" for label, mark in LABELS.items()]
    return "\n".join(lines)


def with_map(readme):
    """The README with the map put between its two marks."""
    before, rest = readme.split(START)
    return before + START + "\n" + table() + "\n" + END + rest.split(END)[1]


@pytest.mark.parametrize("path", modules(), ids=lambda p: p.stem)
def test_every_public_docstring_starts_with_one_sentence(path):
    for name, docstring in public(path):
        assert docstring and docstring.splitlines()[0].endswith((".", ":")), f"{path.stem}.{name}: one sentence first"


@pytest.mark.parametrize("path", modules(), ids=lambda p: p.stem)
def test_only_what_implements_an_equation_cites_one(path):
    """Named tuples hold results, and some rooms are tools: neither implements an equation. No citation means ours."""
    text = path.read_text()
    for name, docstring in public(path):
        cited = source(docstring) or ""
        assert not (f"class {name}(" in text and cited), f"{path.stem}.{name} is a container: {cited}"
        assert not (path.parent.name in NO_EQUATION and numbers(cited)), f"{path.stem}.{name} is a tool: {cited}"
    assert "not in the paper" not in text


@pytest.mark.parametrize("n", range(1, 66))
def test_every_equation_has_an_owner_and_a_test_that_fails_when_it_is_broken(n):
    assert n in owners(), f"Eq. {n} has no function"
    assert n in proofs(), f"Eq. {n} has no row in tests/mutations.txt"


def test_the_map_in_the_readme_is_the_one_that_the_code_gives():
    assert with_map(README.read_text()) == README.read_text(), "run python tests/test_map.py"


def test_every_row_of_mutations_names_code_and_a_test_that_exist():
    for m in mutations.rows():
        file, test = m.test.split("::")
        assert (ROOT / "dpm_ref" / m.file).read_text().count(m.right) == 1, f"{m.file}: {m.right}"
        assert f"def {test}(" in (ROOT / "tests" / file).read_text(), m.test


@pytest.mark.slow
def test_every_broken_formula_is_caught_by_the_test_named_for_it():
    assert mutations.survivors(list(mutations.rows())) == []


if __name__ == "__main__":
    README.write_text(with_map(README.read_text()))
