"""Say what was found: for a person, grouped by equation, worst first; for a machine, as JSON."""
import json

import numpy as np

from .cases import VERSION
from .catalogue import CATALOGUE

COLOURS = {"broken": 31, "wrong": 31, "different choice": 33, "passed": 32, "not checked": 2}   # worst first


def rank(result):
    """0 for the worst status."""
    return list(COLOURS).index(result.status)


def ok(results):
    """Nothing wrong or broken, and something was checked."""
    fine = ("passed", "different choice", "not checked")
    return any(r.outcomes for r in results) and all(r.status in fine for r in results)


def line(result):
    """One line on one function."""
    n, good = len(result.outcomes), sum(o.passed for o in result.outcomes)
    if result.status == "not checked":
        return "not checked"
    if result.status != "passed":
        return f"{result.status} ({n - good} of {n} vectors differ)"
    if any(o.drawn for o in result.outcomes):
        return f"passed ({n} vectors; draws agree as far as chance allows)"
    accuracy = f", worst agrees to {result.digits:.0f} digits" if np.isfinite(result.digits) else ""
    return f"passed ({n} vectors{accuracy}{', to float32 tolerance' if accuracy and result.tolerance else ''})"


def details(result):
    """The findings of one function as sentences."""
    out = []
    for f in result.findings:
        if f.kind == "part":
            out.append(f"{f.name}." + (f" Right: {f.advice}." if f.advice else ""))
        elif f.kind == "cause":
            out.append(f"follows from: {f.name}")
        else:
            word = "different choice" if f.kind == "choice" else "mistake"
            output = f" (in {f.output})" if f.output else ""
            ties = f" These vectors cannot tell it from: {', '.join(f.ties)}." if f.ties else ""
            residual = f"residual {f.residual:.2g} tolerances"
            out.append(f"{word}{output}: {f.name}. {f.advice} [{f.equation}; {residual}]{ties}")
    return out + [f"note: {n}" for n in sorted(result.notes)]


def by_cause(results):
    """Faults of the whole program: a dict with name, advice and the functions explained for each, most first."""
    found = {f.name: f.advice for r in results for f in r.findings if f.kind == "cause"}
    out = [{"name": name, "advice": advice, "functions": [
        r.function for r in results if any((f.kind, f.name) == ("cause", name) for f in r.findings)]}
        for name, advice in found.items()]
    return sorted(out, key=lambda c: -len(c["functions"]))


def text(results, colour=False):
    """The report for a person."""
    groups = {}
    for r in (r for r in results if r.status != "not checked"):
        groups.setdefault(CATALOGUE[r.function].equation, []).append(r)
    lines = [f"one cause explains {len(c['functions'])} functions: {c['name']}. {c['advice']}\n"
             f"    what follows from it: {', '.join(c['functions'])}" for c in by_cause(results)]
    for equation, group in sorted(groups.items(), key=lambda item: min(map(rank, item[1]))):
        lines.append(equation)
        for r in sorted(group, key=rank):
            said = f"\033[{COLOURS[r.status]}m{line(r)}\033[0m" if colour else line(r)
            lines += [f"  {r.function:28} {said}", *(f"      {d}" for d in details(r))]
    missing = [r.function for r in results if r.status == "not checked"]
    if missing:
        more = f" and {len(missing) - 8} more (--list names them all)" if len(missing) > 10 else ""
        lines.append("not checked: " + ", ".join(missing[:8] if more else missing) + more)
    count = {status: sum(r.status == status for r in results) for status in COLOURS}
    vectors = sum(len(r.outcomes) for r in results)
    summary = ", ".join(f"{n} {status}" for status, n in count.items() if n)
    return "\n".join([*lines, "", f"functions: {summary} (by {vectors} vectors)"])


def as_json(results):
    """The report for a machine."""
    def plain(value):
        return None if isinstance(value, float) and not np.isfinite(value) else value

    return json.dumps({"passed": ok(results), "vectors": VERSION, "causes": by_cause(results), "functions": [
        {"function": r.function, "equation": CATALOGUE[r.function].equation, "status": r.status,
         "vectors": len(r.outcomes), "failed": [o.case["id"] for o in r.outcomes if not o.passed],
         "digits": plain(float(r.digits)) if r.outcomes else None, "notes": sorted(r.notes),
         "findings": [{k: plain(v) for k, v in f._asdict().items()} for f in r.findings]} for r in results]}, indent=1)
