"""Which one fault explains many functions: its line comes first in a report, before what follows from it."""
import numpy as np

from .candidates import Candidate, by_name, changed
from .catalogue import CATALOGUE, kind
from .diagnose import Finding, diagnosed, residuals, simplest
from .mistakes import FORMULAS, evaluate, mistaken, right, with_pieces
from .mistakes.causes import INPUTS, OUTPUTS, PIECES
from .mistakes.posterior import POSTERIOR

SLOW = ("gradient", "training")     # asked only about what explains other functions already


def all_diagnosed(results):
    """The Results of a program with their findings: what one cause explains, and each of the others by itself."""
    cause = causes(results)
    found = [r._replace(findings=(Finding("cause", *cause[r.function], CATALOGUE[r.function].equation),))
             if r.function in cause else diagnosed(r) for r in results]
    fault = of_the_posterior(found)
    return [second(r, fault) if fault else r for r in found]


def causes(results):
    """Name and advice of a fault, for each function that it explains: of those that explain at least three."""
    wrong = [r for r in results if r.status == "wrong"]
    if len(wrong) < 3:
        return {}
    quick, found = [r for r in wrong if not r.function.startswith(SLOW)], {}
    rows = {row[:2]: row for row in (*INPUTS, *OUTPUTS, *PIECES, *own_table(results))}      # by name and advice
    left = {said: [r for r in quick if explains(row, r)] for said, row in rows.items()}
    while max(map(len, left.values()), default=0) >= 3:
        best = max(left, key=lambda said: len(left[said]))                  # of equals, the first
        more = [r for r in wrong if r not in quick and explains(rows[best], r)]
        found.update({r.function: best for r in (*left[best], *more) if r.function not in found})
        left = {said: [r for r in each if r.function not in found] for said, each in left.items()}
    return found


def of_the_posterior(results):
    """The one mistake that explains gaussian.posterior, or None."""
    names = [f.name.removeprefix("in the posterior, ") for r in results if r.function == "gaussian.posterior"
             for f in r.findings if len(r.findings) == 1 and f.kind in ("mistake", "cause")]
    return next((m for m in POSTERIOR if m.name in names), None)


def second(result, fault):
    """The Result with a mistake beside the posterior's fault, where both explain what no mistake explains by itself."""
    function = result.function
    if result.status != "wrong" or not any(f.kind == "part" or f.output for f in result.findings):
        return result
    outcomes, formula = [o for o in result.outcomes if not o.error], FORMULAS[function]
    both = [Candidate(f"with that posterior ({fault.name}): {m.name}", m.advice, lambda case, m=m: mistaken(
        m, with_pieces(formula, fault.wrong, case["inputs"]), case["inputs"]), 1) for m in formula.mistakes]
    fits = [(c, max(residuals(c, result, outcomes).values())) for c in both] if "c0" in formula.pieces else []
    fits = [(c, r) for c, r in fits if r <= 1]
    return result._replace(findings=(simplest(fits, function),)) if fits else result


def own_table(results):
    """A row for the program's own alpha_bar, where that is wrong."""
    tables = {tuple(o.case["inputs"]["beta"]): o.got["alpha_bar"] for r in results for o in r.outcomes
              if r.function == "schedule.alpha_bar" and r.status == "wrong" and not o.error}
    advice = "It differs from the product of 1 - beta[s] over s = 1..t: see schedule.alpha_bar."
    return [("this program's alpha_bar", advice, lambda i: {"alpha_bar": tables[tuple(i["beta"])]})] if tables else []


def explains(row, result):
    """Does this fault reproduce all numbers of this function?"""
    outcomes = [o for o in result.outcomes if not o.error and applies(row, o.case["inputs"])]
    return bool(outcomes) and not all(o.passed for o in outcomes) and any(
        max(residuals(Candidate(*row[:2], answer, 1), result, outcomes).values()) <= 1
        for answer in answers(row, result.function))


def applies(row, inputs):
    """Can this fault be computed for these inputs? A program's own table is known for some schedules only."""
    try:
        return len(row) > 3 or isinstance(row[2], dict) or bool(row[2](inputs))
    except KeyError:
        return False


def answers(row, function):
    """What the function returns for a case with this fault: a function for each way in which it may be computed."""
    if not isinstance(row[2], dict):
        return [lambda case: faulty(row, function, case)]
    formula = FORMULAS[function]
    ways = [formula.right, *(["by_x0"] if "by_x0" in formula.pieces else [])]
    return [lambda case, way=way: evaluate(way, formula, case["inputs"], row[2]) for way in ways]


def faulty(row, function, case):
    """What the function returns for a case with this fault."""
    if len(row) == 3:
        return right(function, changed(case["inputs"], row[2](case["inputs"])))
    returns, D = CATALOGUE[function].returns, np.shape(next(
        (v for n, v in case["inputs"].items() if kind(n) in ("x", "path")), np.ones(1)))[-1]
    values = by_name(right(function, case["inputs"]), returns)
    return tuple(row[3](v, D) if kind(n) in row[2] else v for n, v in values.items())
