"""Formulas broken on purpose, one at a time, and the test that must fail for each: what the equation map rests on.

    python tests/mutations.py            break all of them, print what was caught
    python tests/mutations.py bound      only those in files whose name holds the word

A row: the equations that the formula states (or App.1, a table, or D.1, a section), the file, the code and its broken form, the test by name.
"""
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent


class Mutation(NamedTuple):
    equations: tuple
    file: str
    right: str
    wrong: str
    test: str


def equations(text):
    """(3, 37, 38, 39, "App.1") for "3 37-39 App.1"."""
    found = []
    for part in text.split():
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1) if first.isdecimal() else [part]
    return tuple(found)


def rows():
    """The table in mutations.txt: fields parted by |, code with \\n for a line break; # starts a comment line."""
    for number, line in enumerate((Path(__file__).with_suffix(".txt")).read_text().splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            fields = [f.strip() for f in line.split(" | ")]
            if len(fields) != 5:
                raise ValueError(f"mutations.txt line {number} has {len(fields)} fields parted by ' | ', expected 5: {line}")
            yield Mutation(equations(fields[0]), *fields[1:])


def broken(mutation, folder):
    """Write the broken file in a copy of the project; ValueError unless the code to break stands there exactly once."""
    path = Path(folder) / "dpm_ref" / mutation.file
    text = (ROOT / "dpm_ref" / mutation.file).read_text()
    if text.count(mutation.right) != 1:
        raise ValueError(f"{mutation.file}: the code to break stands there {text.count(mutation.right)} times: {mutation.right}")
    path.write_text(text.replace(mutation.right, mutation.wrong))


def caught(mutation, folder):
    """Does the named test fail on the broken copy?"""
    broken(mutation, folder)
    done = subprocess.run([sys.executable, "-m", "pytest", "--slow", "-x", "-q", "-p", "no:cacheprovider", f"tests/{mutation.test}"],
                          cwd=folder, capture_output=True, text=True, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
    shutil.copy(ROOT / "dpm_ref" / mutation.file, Path(folder) / "dpm_ref" / mutation.file)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{mutation.test} did not run: {done.stdout[-500:]}{done.stderr[-500:]}")
    return done.returncode == 1


def copy(folder):
    """The package and its tests, to be broken."""
    for name in ("dpm_ref", "tests"):
        shutil.copytree(ROOT / name, Path(folder) / name, ignore=shutil.ignore_patterns("__pycache__", "embedded"))


def survivors(chosen, copies=2):
    """The mutations that their tests do not catch. Each copy of the project takes its share of them, all at once."""
    def share(i):
        with tempfile.TemporaryDirectory() as folder:
            copy(folder)
            return [m for m in chosen[i::copies] if not caught(m, folder)]
    with ThreadPoolExecutor(copies) as threads:
        return [m for missed in threads.map(share, range(copies)) for m in missed]


def main(word=""):
    chosen = [m for m in rows() if word in m.file]
    missed = survivors(chosen)
    for m in missed:
        print(f"NOT CAUGHT by {m.test}: {m.file}: {m.right} -> {m.wrong}")
    print(f"{len(chosen) - len(missed)} of {len(chosen)} broken formulas caught by the test that is named for them")
    return len(missed)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
