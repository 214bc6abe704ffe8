"""The default suite with the oldest and with the newest packages that pyproject.toml allows, each in a fresh environment.

    python tests/both_ends.py                               both ends
    python tests/both_ends.py oldest --python python3.12    one end, with that Python
    python tests/both_ends.py newest -- tests/test_bound.py what follows -- goes to pytest

Unless told, the oldest packages run on the oldest Python that is found here, the newest on the newest.
"""
import argparse
import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
PYTHONS = [f"python3.{minor}" for minor in range(10, 15)]


def declared(name):
    """A list of requirements in pyproject.toml, such as ["numpy>=1.26,<3", ...]."""
    return ast.literal_eval(re.search(rf"^{name} = (\[.*?\])", (ROOT / "pyproject.toml").read_text(), re.M)[1])


def requirements(end):
    """The package's own requirements at one end of their range."""
    return [re.sub(r">=([^,]+),.*", r"==\1", r) for r in declared("dependencies")] if end == "oldest" else declared("dependencies")


def found(names):
    """The first of these Pythons that runs."""
    for name in names:
        if shutil.which(name) and subprocess.run([name, "--version"], capture_output=True).returncode == 0:
            return name
    return sys.executable


def suite(end, python, arguments):
    """Run the suite at one end; print what was installed and how it ended; return the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([python, "-m", "venv", folder], check=True)
        inside = Path(folder) / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        subprocess.run([inside, "-m", "pip", "install", "--quiet", *requirements(end), *declared("tests")], check=True)
        freeze = subprocess.run([inside, "-m", "pip", "freeze"], check=True, text=True, capture_output=True).stdout
        names = [re.match(r"\w+", r)[0] for r in declared("dependencies")]
        print(f"{end}: {python},", *(line for line in freeze.split() if line.split("==")[0] in names), flush=True)
        return subprocess.run([inside, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments], cwd=ROOT,
                              env={**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": "Agg"}).returncode


def main(argv):
    options, arguments = (argv[:argv.index("--")], argv[argv.index("--") + 1:]) if "--" in argv else (argv, [])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("end", nargs="?", choices=("oldest", "newest"))
    parser.add_argument("--python")
    chosen = parser.parse_args(options)
    pythons = {"oldest": PYTHONS, "newest": PYTHONS[::-1]}
    ends = [chosen.end] if chosen.end else ["oldest", "newest"]
    return max([suite(end, chosen.python or found(pythons[end]), arguments) for end in ends])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
