"""python -m dpm_ref check my_adapter.py: the kit from a shell."""
import argparse
import contextlib
import importlib
import importlib.util
import json
import math
import os
import sys
import textwrap
from pathlib import Path

import numpy as np

from .cases import load
from .catalogue import CATALOGUE, not_there
from .causes import all_diagnosed
from .conventions import CONVENTIONS
from .program import program
from .report import as_json, ok, text
from .run import misspelt, run


def main(argv):
    """Run the command line; the exit status is 0 when nothing is wrong, 1 when something is, 2 for a bad call."""
    for stream in (sys.stdout, sys.stderr):                                 # consoles that have no π
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    p = parser()
    options = p.parse_args(argv)
    if not 0 < options.limit < math.inf:
        p.error(f"--limit must be a number above 0; got {options.limit:g}")
    if options.template or options.list is not None:
        given = [f"--{name}" for name in ("only", "json", "limit") if getattr(options, name) != p.get_default(name)]
        if given:
            p.error(f"{given[0]} has no effect with --{'template' if options.template else 'list'}")
    if options.template:
        return write_template(Path(options.template))
    try:
        if options.list is not None:
            print("\n".join(listed(name, bool(options.list)) for name in selected(options.list) or CATALOGUE))
            return 0
        with contextlib.redirect_stdout(sys.stderr):                        # --json is all that goes to stdout
            adapter = program(options.program, options.limit) if options.program else adapter_at(options.adapter)
        results = all_diagnosed(run(adapter, selected(options.only), options.limit))
    except Exception as error:
        known = f"{error}" if isinstance(error, Bad) else f"the adapter cannot be used: {type(error).__name__}: {error}"
        print(known, file=sys.stderr)
        return 2
    for hint in misspelt(adapter):
        print(hint, file=sys.stderr)
    if not any(r.outcomes for r in results):
        print("nothing was checked: the adapter has no function under a name of the catalogue (see --list), or each "
              "raises NotImplementedError, as an unfilled template does", file=sys.stderr)
    print(as_json(results) if options.json else text(results, sys.stdout.isatty() and not os.environ.get("NO_COLOR")))
    return 0 if ok(results) else 1


def parser():
    """The options."""
    out = argparse.ArgumentParser(prog="python -m dpm_ref check",
                                  description="Check an implementation of the paper and name its mistakes.")
    what = out.add_mutually_exclusive_group(required=True)
    what.add_argument("adapter", nargs="?", help="a file my_adapter.py, a module, or module:object")
    what.add_argument("--program", metavar="COMMAND", help="a program that reads and writes JSON lines")
    what.add_argument("--template", metavar="FILE", help="write an adapter with everything to fill in")
    what.add_argument("--list", nargs="*", metavar="NAME",
                      help="the functions that can be checked; of those named also the shapes in the first case")
    out.add_argument("--only", nargs="+", metavar="NAME",
                     help="check these functions only (a name, or the part before its dot)")
    out.add_argument("--json", action="store_true", help="report as JSON")
    out.add_argument("--limit", type=float, default=5.0, metavar="SECONDS", help="for each call (default 5)")
    return out


class Bad(Exception):
    """The command line asks for something that is not there; the text says what."""


def selected(words):
    """Names of the catalogue from names and prefixes; None for all."""
    if not words:
        return None
    found = {w: [n for n in CATALOGUE if n == w or n.startswith(w + ".")] for w in words}
    for word in (w for w, names in found.items() if not names):
        raise Bad(not_there(word))
    return [n for n in CATALOGUE if any(n in names for names in found.values())]


def listed(name, shapes):
    """A function of the catalogue as one line; a second line has the shapes, or numbers, of its first case."""
    def shown(values):
        return ", ".join(f"{word} {np.shape(value) or value}" for word, value in values.items())
    entry, case = CATALOGUE[name], load()[name][0]
    line = f"{name}({', '.join(entry.arguments)}) -> {', '.join(entry.returns)}    {entry.says}  [{entry.equation}]"
    return f"{line}\n    first case: {shown(case['inputs'])} -> {shown(case['expected'])}" if shapes else line


def adapter_at(where):
    """The adapter in a file or at module:object: its ADAPTER if it has one, else the module itself."""
    place, _, attribute = where.partition(":") if not Path(where).exists() else (where, "", "")
    if place.endswith(".py"):
        if not Path(place).exists():
            raise Bad(f"there is no file {place}")
        spec = importlib.util.spec_from_file_location(f"adapter_{Path(place).stem}", place)
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module                                     # dataclasses look there
        sys.path.insert(0, str(Path(place).resolve().parent))
        spec.loader.exec_module(module)
    else:
        sys.path.insert(0, os.getcwd())
        module = importlib.import_module(place)
    if attribute:
        out = getattr(module, attribute)
        return out() if isinstance(out, type) else out
    return getattr(module, "ADAPTER", module)


# --- the template -----------------------------------------------------------------------------------------------------

HEAD = '''"""A template adapter: fill in what you have, delete the rest; what is left as it is counts as not checked.

Run it with python -m dpm_ref check THIS_FILE. Arguments come by name: take only those that you need, in any order.
Also on offer wherever there is a beta: alpha_bar, alpha, T, schedule (this package's), and with t: beta_t, alpha_t,
alpha_bar_t, alpha_bar_prev; for every variance var_q also std_q and log_var_q; where there is a gain: reverse(x, t),
the reverse kernel as a function.
"""

# How your code counts and measures. What stands here is the default.
conventions = {
'''


def write_template(path):
    """Write an adapter with every function of the catalogue to fill in."""
    if path.exists():
        print(f"{path} is there already; choose another name", file=sys.stderr)
        return 2
    out = HEAD
    for name, (default, others, says) in CONVENTIONS.items():
        out += textwrap.indent(textwrap.fill(says, 112), "    # ") + f"\n    {json.dumps(name)}: "
        out += f"{json.dumps(default) if others else default},"
        out += f"   # or {', '.join(map(json.dumps, others))}\n" if others else "\n"
    out += "}\n"
    for name, e in CATALOGUE.items():
        out += f"\n\ndef {name.replace('.', '_')}({', '.join(e.arguments)}):\n"
        out += f'    """{e.says}. {e.equation}"""\n    raise NotImplementedError   # return {", ".join(e.returns)}\n'
    path.write_text(out, encoding="utf-8")
    print(f"wrote {path}: fill in what you have, delete the rest, then run python -m dpm_ref check {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
