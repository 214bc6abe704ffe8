"""An equation beside the paper: its text, a number by two routes, its code, its test and its notebooks.

    python -m dpm_ref eq 48
    python -m dpm_ref eq 37-51 App.1 D.1 gaussian.posterior

`equations` has the texts and the numbers. The map in README.md, which tests/test_map.py makes, has the rest.
"""
import difflib
import importlib
import inspect
import re
from pathlib import Path

import numpy as np

from .equations import ALL
from .show import few

PACKAGE = Path(__file__).parents[1]
LABELS = {"App.1": "Table App.1", "D.1": "§D.1"}                                       # they have no equation number
SOURCE = re.compile(r"(Eqs?\. [^§]*, §[A-D0-9.]+|text, §[A-D0-9.]+|Table (App\.)?[12](, §[0-9.]+)?|Figure [\w.]+)$")
DIFFER = ": THE TWO DIFFER"


# --- what is where --------------------------------------------------------------------------------------------------

def source(docstring):
    """The line of a docstring that says where its subject stands in the paper, or None."""
    lines = [line.strip() for line in docstring.splitlines()]
    return next((line for line in lines[1:] if SOURCE.match(line)), None)


def numbers(text):
    """What a text cites: [37, 38, 39, 12] for "Eqs. (37)-(39) and (12)", ["App.1"] for "Table App.1"."""
    found = []
    for part in re.findall(r"Eqs?\. ((?:\(?\d+\)?(?:[-–]| and |, )?)+)", text):
        for first, last in re.findall(r"\(?(\d+)\)?(?:[-–]\(?(\d+)\)?)?", part):
            found += range(int(first), int(last or first) + 1)
    return found + [label for label, mark in LABELS.items() if mark in text]


def the_map():
    """{"48": (functions, tests, notebooks)} from README.md: functions as (file, name), the others as text."""
    found = {}
    for line in re.findall(r"^\| .*`\]\(.*\.py\).*\.ipynb\) \|$", (PACKAGE / "README.md").read_text("utf-8"), re.M):
        first, *cells = line.strip("| ").split(" | ")
        code, tests, books = (re.findall(r"\[`?(.*?)`?\]\((.*?)\)", cell) for cell in cells)
        row = ([(path, name.split(".")[1]) for name, path in code],
               [f"{path[3:]}::test_{name}" for name, path in tests], [path[3:] for _, path in books])
        found |= dict.fromkeys(span(first.removeprefix("Table ").removeprefix("§")), row)
    return found


def span(word):
    """["7", "8"] for "7-8"; [word] where the word is not a range of numbers."""
    ends = re.fullmatch(r"(\d{1,3})[-–](\d{1,3})", word)
    return [str(n) for n in range(int(ends[1]), int(ends[2]) + 1)] or [word] if ends else [word]


def function(path, name):
    """The function of a file of the package, such as "proofs/derivation.py"."""
    return getattr(importlib.import_module("dpm_ref." + path.removesuffix(".py").replace("/", ".")), name)


def named(word):
    """The function that is named like "gaussian.posterior"; ValueError where there is none."""
    module, _, name = word.rpartition(".")
    for path in sorted(PACKAGE.rglob(f"{module.replace('.', '/')}.py") if re.fullmatch(r"[\w.]+\.\w+", word) else []):
        if "check" not in path.relative_to(PACKAGE).parts and f"\ndef {name}(" in path.read_text("utf-8"):
            return function(path.relative_to(PACKAGE).as_posix(), name)
    ours = (path for path in PACKAGE.rglob("*.py") if "check" not in path.relative_to(PACKAGE).parts)
    known = sorted(f"{path.stem}.{name}" for path in ours
                   for name in re.findall(r"^def ([a-zA-Z]\w*)", path.read_text("utf-8"), re.M))
    near = difflib.get_close_matches(word, known, 1)
    raise ValueError(f"there is no {word!r}: give a number from 1 to 65, a range such as 37-51, App.1, D.1, or the "
                     f"name of a function{f': did you mean {near[0]}?' if near else ', such as gaussian.posterior'}")


def place(f):
    """The file and the line of a function, seen from the current folder."""
    path, here = Path(inspect.getsourcefile(f)), Path.cwd()
    return f"{path.relative_to(here) if here in path.parents else path}:{inspect.getsourcelines(f)[1]}"


# --- what is printed, line by line ----------------------------------------------------------------------------------

def of_equation(name):
    """Yield the text of an equation and its number by two routes."""
    equation, sides = ALL[name], ALL[name].sides()
    yield f"({name})  {LABELS.get(name, equation.section)}"
    yield from ("    " + line for line in equation.formula.splitlines())
    off = f"{np.max(np.abs(np.subtract(sides.ours, sides.other))):.1e}"
    off += "" if sides.error is None else f" ± {np.max(sides.error):.1g}"
    rows = [*zip(map(few, (sides.ours, sides.other)), equation.routes),
            (off, "difference" + ("" if sides.agree() else DIFFER)),
            *((few(value), what) for what, value in sides.beside.items())]
    width = max(len(number) for number, _ in rows)
    yield from (f"  {number:{width}}   {what}" for number, what in rows)


def of_function(f, whole=True):
    """Yield the place of a function, and its source where all of the function is wanted."""
    yield f"  {f.__module__.split('.')[-1] + '.' + f.__name__:38} {place(f)}"
    yield from ("    " + line for line in (inspect.getsource(f).rstrip().splitlines() if whole else []))


def of_word(word, rows):
    """Yield all about an equation, a range of equations or a function."""
    names = span(word)
    if names == [word] and word not in ALL:
        f = named(word)
        cited = source(f.__doc__ or "")
        yield from (*of_function(f), f"  {cited or 'cites nothing: it is ours'}", "")
        for n in numbers(cited or ""):
            yield from (*of_equation(str(n)), "")
        return
    for name in names:
        functions, tests, books = rows[name] if name in ALL else named(name)
        yield from of_equation(name)
        for path, each in functions:
            yield from of_function(function(path, each), (path, each) == functions[0])
        yield from (*(f"  test      {test}" for test in tests), *(f"  notebook  {book}" for book in books), "")


def main(words):
    """Print what the words ask for; return 1 where two numbers differ, else 0."""
    rows, differ = the_map(), False
    for line in (line for word in words for line in of_word(word.strip("()"), rows)):
        print(line)
        differ = differ or line.endswith(DIFFER)
    return int(differ)
