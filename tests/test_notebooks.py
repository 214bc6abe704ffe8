"""The notebooks are whole: in order, without errors, not stale, small; and each exercise has a solution that passes.

    python tests/test_notebooks.py            run all notebooks and solutions and store their outputs
    python tests/test_notebooks.py 03 05      only those whose names start so
"""
import ast
import base64
import hashlib
import io
import re
import sys
import time
import warnings
from pathlib import Path

import nbformat
import pytest
from PIL import Image

FOLDER = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted(p for p in [*FOLDER.glob("*.ipynb"), *FOLDER.glob("solutions/*.ipynb")])
LESSONS = [p for p in NOTEBOOKS if p.parent == FOLDER]
PNG = re.compile(r"(?<=data:image/png;base64,)[^\"]+")
BYTES, LINES, WIDTH, SECONDS = 500_000, 8, 110, 60


def name(path):
    return str(path.relative_to(FOLDER).with_suffix(""))


def code_cells(notebook):
    return [c for c in notebook.cells if c.cell_type == "code"]


def sources_sha256(notebook):
    """A hash of what every cell says, whatever it printed."""
    words = "\0".join(f"{c.cell_type}\0{c.source}" for c in notebook.cells)
    return hashlib.sha256(words.encode()).hexdigest()


def execute(path, timeout=600):
    """The notebook with fresh outputs, and the seconds they took; an error in a cell is raised."""
    from nbclient import NotebookClient
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=timeout, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}})
    # A slider's picture is an output like any other: as a widget, nbclient would send it back through the socket
    # on which it waits for the cell's reply, and now and then miss that reply until the timeout (nbclient issue 312).
    client.widget_registry = {}
    start = time.perf_counter()
    client.execute()
    return notebook, time.perf_counter() - start


def smaller(png):
    """A PNG in base64 with a palette of 64 colours, which is enough for lines, dots and their edges."""
    file = io.BytesIO()
    Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB").quantize(64, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return min(png, base64.b64encode(file.getvalue()).decode(), key=len)


def refresh(path):
    """Run a notebook and store it with its outputs and the hash of its sources. Sliders are not stored: they need a kernel."""
    notebook, seconds = execute(path)
    for cell in code_cells(notebook):
        cell.metadata.pop("execution", None)
        if any("application/vnd.jupyter.widget-view+json" in o.get("data", {}) for o in cell.outputs):
            cell.outputs = []                          # the rest of them is the slider's first picture
        for output in cell.outputs:
            if "text/html" in output.get("data", {}):
                output.data["text/html"] = PNG.sub(lambda png: smaller(png[0]), output.data["text/html"])
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {"name": "python"}
    notebook.metadata["sources_sha256"] = sources_sha256(notebook)
    nbformat.write(notebook, path)
    return seconds


def exercises(notebook):
    """The names of the functions that are left to write: those whose body only raises NotImplementedError."""
    return [f.name for f in functions(notebook) if isinstance(f.body[-1], ast.Raise) and "NotImplementedError" in ast.dump(f.body[-1])]


def functions(notebook):
    found = []
    for cell in code_cells(notebook):
        found += [node for node in ast.walk(ast.parse(plain_python(cell))) if isinstance(node, ast.FunctionDef)]
    return found


def plain_python(cell):
    """The source of a code cell without IPython's own lines."""
    python = "\n".join(line for line in cell.source.splitlines() if not line.lstrip().startswith("%"))
    return python.replace("is None:", "is None: pass") if "find_spec" in python else python


each = pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
lesson = pytest.mark.parametrize("path", LESSONS, ids=name)


@each
def test_the_file_is_a_valid_notebook(path):
    nbformat.validate(nbformat.read(path, as_version=4))


@each
def test_every_code_cell_was_run_in_order_without_an_error(path):
    cells = code_cells(nbformat.read(path, as_version=4))
    assert [c.execution_count for c in cells] == list(range(1, len(cells) + 1))
    assert not [o for c in cells for o in c.outputs if o.output_type == "error"]
    assert not [o.text for c in cells for o in c.outputs if o.get("name") == "stderr"]


@each
def test_the_outputs_belong_to_these_sources(path):
    notebook = nbformat.read(path, as_version=4)
    assert notebook.metadata.get("sources_sha256") == sources_sha256(notebook), "run: python tests/test_notebooks.py"


@each
def test_it_is_small_and_its_cells_fit_a_slide(path):
    assert path.stat().st_size < BYTES
    for cell in code_cells(nbformat.read(path, as_version=4)):
        assert len(cell.source.splitlines()) <= (2 * LINES if "find_spec" in cell.source else LINES), cell.source   # imports
        assert max(map(len, cell.source.splitlines()), default=0) <= WIDTH, cell.source


@each
def test_every_picture_has_alternative_text(path):
    for cell in code_cells(nbformat.read(path, as_version=4)):
        for output in cell.outputs:
            assert "image/png" not in output.get("data", {}), "a picture without words: draw it with dpm_ref.plots"
            for tag in re.findall("<img [^>]*>", output.get("data", {}).get("text/html", "")):
                words = re.search('alt="([^"]*)"', tag)
                assert words and len(words[1]) > 30, f"no description in {tag[:200]}"


@lesson
def test_a_lesson_starts_with_a_picture_or_words_and_has_its_skeleton(path):
    words = "\n".join(c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "markdown").lower()
    assert "todo" not in words
    for part in "what the paper does here", "predict", "exercises", "in three lines":
        assert part in words, f"no {part!r}"
    for kind in "(transcribe)", "(derive)", "(experiment)", "(open)":
        assert kind in words, f"no exercise of the kind {kind}"


@lesson
def test_a_lesson_prints_what_it_checks_and_folds_the_answers_to_its_questions(path):
    notebook = nbformat.read(path, as_version=4)
    assert not [n for c in code_cells(notebook) for n in ast.walk(ast.parse(plain_python(c))) if isinstance(n, ast.Assert)]
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and "**Predict.**" in cell.source:
            assert "<details>" in cell.source[cell.source.rindex("**Predict.**"):], cell.source


@lesson
def test_every_exercise_has_a_check_and_a_solution_that_is_checked(path):
    notebook = nbformat.read(path, as_version=4)
    solution = nbformat.read(FOLDER / "solutions" / path.name, as_version=4)
    written, solved = exercises(notebook), {f.name for f in functions(solution)} - set(exercises(solution))
    assert 2 <= len(written) <= 4
    source, answers = ("\n".join(c.source for c in code_cells(n)) for n in (notebook, solution))
    for function in written:
        assert f"check({function}, " in source, f"{function} is never checked"
        assert function in solved and f"check({function}, " in answers, f"{function} has no checked solution"
    assert answers.count(".passed") >= len(written)


@lesson
def test_it_prints_no_path_of_this_machine(path):
    cells = nbformat.read(path, as_version=4).cells     # pictures are not searched: chance writes anything into them
    words = "\n".join([c.source for c in cells] + [str(o.get("text", "")) + str(o.get("data", {}).get("text/plain", ""))
                                                   for c in cells for o in c.get("outputs", [])])
    assert not [p for p in ("/home/", "/root/", "/work/", "/tmp/", "/Users/") if p in words]


def tagged():
    """[(equation, lesson, what the cells below print)] for every displayed equation with a tag."""
    found = []
    for path in LESSONS:
        waiting = []
        for cell in nbformat.read(path, as_version=4).cells:
            tags = re.findall(r"\\tag\{(\d+)\}", cell.source) if cell.cell_type == "markdown" else []
            if tags:
                waiting = [[int(n), name(path), ""] for n in tags]
                found += waiting
            for output in cell.get("outputs", []):
                for equation in waiting:
                    equation[2] += output.get("text", "")
    return found


def test_every_equation_is_displayed_once_with_its_number():
    assert sorted(n for n, *_ in tagged()) == list(range(1, 66))


def test_both_sides_of_every_displayed_equation_are_printed_below_it():
    assert not [(n, lesson) for n, lesson, printed in tagged() if not re.search(rf"^\({n}\b", printed, re.M)]


@pytest.mark.slow
@each
def test_it_runs_top_to_bottom(path):
    notebook, seconds = execute(path)
    if seconds > SECONDS:
        warnings.warn(f"{name(path)} took {seconds:.0f} s, more than a class should wait")


if __name__ == "__main__":
    wanted = tuple(sys.argv[1:])
    for path in NOTEBOOKS:
        if not wanted or path.name.startswith(wanted):
            print(f"{name(path):40s} {refresh(path):6.1f} s  {path.stat().st_size / 1000:6.0f} kB", flush=True)
