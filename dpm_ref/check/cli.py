"""python -m dpm_ref check my_adapter.py: the kit from a shell."""
import argparse
import importlib
import importlib.util
import json
import os
import queue
import shlex
import shutil
import subprocess
import sys
import threading
from pathlib import Path

from .calling import NotOffered
from .cases import encode
from .catalogue import CATALOGUE
from .diagnose import diagnosed
from .report import as_json, ok, text
from .run import run


def main(argv):
    """Run the command line; the exit status is 0 when nothing is wrong, 1 when something is, 2 for a bad call."""
    options = parser().parse_args(argv)
    if options.template:
        return write_template(Path(options.template))
    try:
        adapter = program(options.program, options.limit) if options.program else load(options.adapter)
        only = chosen(options.only)
        results = [diagnosed(r) for r in run(adapter, only, options.limit)]
    except Exception as error:
        print(f"{error}" if isinstance(error, Bad) else f"the adapter cannot be used: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    if not any(r.outcomes for r in results):
        print("nothing was checked: the adapter offers no function under a name of the catalogue (see --list)", file=sys.stderr)
    print(as_json(results) if options.json else text(results, sys.stdout.isatty() and not os.environ.get("NO_COLOR")))
    return 0 if ok(results) else 1


def parser():
    """The options."""
    out = argparse.ArgumentParser(prog="python -m dpm_ref check", description="Check an implementation of the paper and name its mistakes.")
    what = out.add_mutually_exclusive_group(required=True)
    what.add_argument("adapter", nargs="?", help="a file my_adapter.py, a module, or module:object")
    what.add_argument("--program", metavar="COMMAND", help="a program that reads and writes JSON lines")
    what.add_argument("--template", metavar="FILE", help="write an adapter with everything to fill in")
    what.add_argument("--list", action=ListNames, help="the functions that can be checked")
    out.add_argument("--only", nargs="+", metavar="NAME", help="check these functions only (a name, or the part before its dot)")
    out.add_argument("--json", action="store_true", help="report as JSON")
    out.add_argument("--limit", type=float, default=5.0, metavar="SECONDS", help="for each call (default 5)")
    return out


class ListNames(argparse.Action):
    """Print the catalogue and stop."""
    def __init__(self, **keywords):
        super().__init__(nargs=0, **keywords)

    def __call__(self, *_):
        print("\n".join(f"{name}({', '.join(e.arguments)}) -> {', '.join(e.returns)}    {e.says}  [{e.equation}]" for name, e in CATALOGUE.items()))
        sys.exit(0)


class Bad(Exception):
    """The command line asks for something that is not there; the text says what."""


def chosen(words):
    """Names of the catalogue from names and prefixes; None for all."""
    if not words:
        return None
    out = [n for n in CATALOGUE if any(n == w or n.startswith(w + ".") for w in words)]
    if not out:
        raise Bad(f"no function of the catalogue is called {' or '.join(words)} (see --list)")
    return out


def load(where):
    """The adapter in a file or at module:object: its ADAPTER if it has one, else the module itself."""
    place, _, attribute = where.partition(":") if not Path(where).exists() else (where, "", "")
    if place.endswith(".py"):
        if not Path(place).exists():
            raise Bad(f"there is no file {place}")
        spec = importlib.util.spec_from_file_location(Path(place).stem, place)
        module = importlib.util.module_from_spec(spec)
        sys.path.insert(0, str(Path(place).resolve().parent))
        spec.loader.exec_module(module)
    else:
        sys.path.insert(0, os.getcwd())
        module = importlib.import_module(place)
    if attribute:
        out = getattr(module, attribute)
        return out() if isinstance(out, type) else out
    return getattr(module, "ADAPTER", module)


def write_template(path):
    """Copy the template adapter to a new file."""
    if path.exists():
        print(f"{path} is there already; choose another name", file=sys.stderr)
        return 2
    shutil.copyfile(Path(__file__).parent / "template.py", path)
    print(f"wrote {path}: fill in what you have, delete the rest, then run python -m dpm_ref check {path}")
    return 0


# --- programs in other languages ---------------------------------------------------------------------------------------

def program(command, limit):
    """An adapter that asks a program: one JSON line {"id", "function", "inputs"} out, one {"id", "result"|"error"} back.

    The answer {"error": "not offered"} means that the program has no such function. Its conventions are what it answers
    to the function "conventions", if it does.
    """
    state = {"process": None, "id": 0}

    def start():
        process = subprocess.Popen(shlex.split(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        lines = queue.Queue()

        def read():
            for line in process.stdout:
                lines.put(line)
            lines.put(None)
        threading.Thread(target=read, daemon=True).start()
        state.update(process=process, lines=lines)

    def ask(function, **inputs):
        if state["process"] is None or state["process"].poll() is not None:
            start()
        state["id"] += 1
        try:
            state["process"].stdin.write(json.dumps({"id": state["id"], "function": function, "inputs": inputs}) + "\n")
            state["process"].stdin.flush()
        except BrokenPipeError:
            raise RuntimeError("the program has stopped") from None
        return answer(state, limit)

    try:
        conventions = ask("conventions")
    except (NotOffered, RuntimeError):
        conventions = {}
    def wrapped(name):
        return lambda **inputs: ask(name, **{k: encode(v) for k, v in inputs.items()})
    return {"conventions": conventions if isinstance(conventions, dict) else {}, **{name: wrapped(name) for name in CATALOGUE}}


def answer(state, limit):
    """The program's answer to the last question; lines that are not one are skipped."""
    while True:
        try:
            line = state["lines"].get(timeout=0.9 * limit)
        except queue.Empty:
            state["process"].kill()
            state["process"] = None
            raise RuntimeError(f"the program does not answer within {0.9 * limit:g} s") from None
        if line is None:
            raise RuntimeError(f"the program stopped with status {state['process'].wait()}")
        try:
            reply = json.loads(line)
        except ValueError:
            continue
        if isinstance(reply, dict) and reply.get("id") == state["id"]:
            break
    if "error" in reply:
        raise NotOffered() if reply["error"] == "not offered" else RuntimeError(str(reply["error"]))
    return numbers(reply.get("result"))


def numbers(value):
    """JSON lists as they are, "inf", "-inf" and "nan" as numbers."""
    if isinstance(value, dict):
        return {k: numbers(v) for k, v in value.items()}
    if isinstance(value, list):
        return [numbers(v) for v in value]
    return float(value) if value in ("inf", "-inf", "nan") else value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
