"""Say what was found: for a person, grouped by equation, worst first; for a machine, as JSON."""
import json

import numpy as np

from .catalogue import CATALOGUE

ORDER = ("broken", "wrong", "different choice", "passed", "not checked")
COLOURS = {"broken": 31, "wrong": 31, "different choice": 33, "passed": 32, "not checked": 2}


def line(result):
    """One line on one function."""
    n, good = len(result.outcomes), sum(o.passed for o in result.outcomes)
    if result.status == "passed":
        return f"passed ({n} vectors{accuracy(result)})"
    if result.status == "not checked":
        return "not checked"
    return f"{result.status} ({n - good} of {n} vectors differ)"


def accuracy(result):
    """Largest difference in digits, and what was asked for."""
    if any(o.drawn for o in result.outcomes):
        return "; draws agree within 5 standard errors"
    loose = ", to float32 tolerance" if result.tolerance else ""
    return f", worst agrees to {result.digits:.0f} digits{loose}" if np.isfinite(result.digits) else ""


def details(result):
    """The findings of one function as sentences."""
    out = []
    for f in result.findings:
        for_output = f" (in {f.output})" if f.output and f.kind != "part" else ""
        if f.kind == "part":
            out.append(f"{f.name}." + (f" Right: {f.advice}." if f.advice else ""))
        else:
            word = "different choice" if f.kind == "choice" else "mistake"
            ties = f" These vectors cannot tell it from: {', '.join(f.ties)}." if f.ties else ""
            out.append(f"{word}{for_output}: {f.name}. {f.advice} [{f.equation}; residual {f.residual:.2g} tolerances]{ties}")
    return out + [f"note: {n}" for n in sorted(result.notes)]


def text(results, colour=False):
    """The report for a person."""
    def paint(word, status):
        return f"\033[{COLOURS[status]}m{word}\033[0m" if colour else word

    groups = {}
    for r in results:
        groups.setdefault(CATALOGUE[r.function].equation, []).append(r)
    rank = lambda group: min(ORDER.index(r.status) for r in group[1])       # noqa: E731
    lines = []
    for equation, group in sorted(groups.items(), key=rank):
        checked = [r for r in group if r.status != "not checked"]
        if checked:
            lines.append(equation)
        for r in sorted(checked, key=lambda r: ORDER.index(r.status)):
            lines.append(f"  {r.function:28} {paint(line(r), r.status)}")
            lines += [f"      {d}" for d in details(r)]
    missing = [r.function for r in results if r.status == "not checked"]
    if missing:
        more = f" and {len(missing) - 8} more (--list names them all)" if len(missing) > 10 else ""
        lines.append("not checked: " + ", ".join(missing[:8] if more else missing) + more)
    return "\n".join([*lines, "", summary(results)])


def summary(results):
    """One line on everything."""
    count = {status: sum(r.status == status for r in results) for status in ORDER}
    vectors = sum(len(r.outcomes) for r in results)
    return "functions: " + ", ".join(f"{n} {status}" for status, n in count.items() if n) + f" (by {vectors} vectors)"


def as_json(results):
    """The report for a machine."""
    def plain(value):
        return None if isinstance(value, float) and not np.isfinite(value) else value

    return json.dumps({"passed": ok(results), "functions": [
        {"function": r.function, "equation": CATALOGUE[r.function].equation, "status": r.status, "vectors": len(r.outcomes),
         "failed": [o.case["id"] for o in r.outcomes if not o.passed], "digits": plain(float(r.digits)) if r.outcomes else None,
         "notes": sorted(r.notes),
         "findings": [{k: plain(v) for k, v in f._asdict().items()} for f in r.findings]} for r in results]}, indent=1)


def ok(results):
    """Nothing wrong or broken, and something was checked."""
    return any(r.outcomes for r in results) and all(r.status in ("passed", "different choice", "not checked") for r in results)
