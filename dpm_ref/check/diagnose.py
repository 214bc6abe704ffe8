"""Which mistake explains the numbers that came back: all of them, over all cases of a function.

Tried in this order: the bank's mistakes; the right formula with one argument tampered with (exchanged, shifted, squared);
either of them with its output changed (a constant factor, a root, a sign); a different explanation for each output.
What remains unexplained is handed to `faulty`, which says where it is off.
"""
import warnings
from typing import NamedTuple

import numpy as np

from .cases import ratio
from .catalogue import CATALOGUE
from .conventions import reduced
from .faulty import part, target, where
from .ideas import bank_ideas, changed, combined, outputs, tampered
from .draws import LIMIT, REPEATS
from .run import FLOAT32


class Finding(NamedTuple):
    """One explanation, or the part that is off where there is none."""
    kind: str       # "mistake", "choice" or "part"
    name: str
    advice: str
    equation: str
    residual: float = np.nan    # largest difference to the numbers that came back, in tolerances
    ties: tuple = ()            # names of others that the vectors cannot tell from it
    output: str = ""            # the output that it explains, where not all of them


def diagnosed(result):
    """The Result with its findings, and with status "different choice" where that is all there is."""
    if result.status not in ("wrong", "broken"):
        return result
    findings = explain(result) if result.status == "wrong" else ()
    failing = [o for o in result.outcomes if o.error]
    if not failing and all(f.kind == "part" for f in findings) and single_precision(result.outcomes):
        say = "all differences are of the size that single precision makes: if it is meant, state dtype = 'float32'"
        findings = (Finding("part", say, "", CATALOGUE[result.function].equation), *findings)
    if failing:
        texts = dict.fromkeys(o.error for o in failing)
        place = where("", [o if o.error else o._replace(ratios={"": np.zeros(1)}) for o in result.outcomes])
        findings = (*findings, *(Finding("part", f"{text}{place}", "", CATALOGUE[result.function].equation) for text in list(texts)[:2]))
    choice = findings and all(f.kind == "choice" for f in findings)
    return result._replace(findings=tuple(findings), status="different choice" if choice else result.status)


def single_precision(outcomes):
    """Would all numbers pass with the tolerance of float32?"""
    return not any(o.drawn for o in outcomes) and all(
        np.max(ratio(got, target(name, o), *FLOAT32), initial=0) <= 1 for o in outcomes for name, got in o.got.items())


def explain(result):
    """Findings for the cases that returned numbers: one for all outputs, else one for each output that is off."""
    outcomes = [o for o in result.outcomes if o.got is not None]
    if all(o.passed for o in outcomes):
        return ()
    if all(capped(o) for o in outcomes if not o.passed):
        return (Finding("choice", "a large finite number for log(0)", "A guard against log(0): the exact value is infinite.",
                        CATALOGUE[result.function].equation, 0.0),)
    off = [name for name in outcomes[0].ratios if any(np.max(o.ratios[name], initial=0) > 1 for o in outcomes)]
    fitted = []
    for ideas in (bank_ideas, tampered) if outcomes[0].drawn else (bank_ideas, tampered, changed, combined):
        fitted += [(idea, residuals(idea, result, outcomes)) for idea in ideas(result)]
        whole = [(idea, max(r.values())) for idea, r in fitted if max(r.values()) <= 1]
        if whole:
            return (chosen(whole, result),)
    findings = []
    for name in off:
        single = [(alone(idea, name, r, result, outcomes), r[name]) for idea, r in fitted if r.get(name, np.inf) <= 1]
        findings.append(chosen(single, result)._replace(output=name) if single else unexplained(name, result, outcomes))
    return tuple(sorted(merged(findings), key=lambda f: f.kind == "part"))      # what has a name comes first


def capped(outcome):
    """Is all that is off a large number, of the right sign, where the exact value is infinite?"""
    for name, r in outcome.ratios.items():
        expected, got = np.asarray(outcome.case["expected"].get(name, 0.0)), outcome.got.get(name, np.zeros(()))
        if outcome.drawn or got.shape != expected.shape or np.any((r > 1) & ~(np.isinf(expected) & (got * np.sign(expected) >= 10))):
            return False
    return True


def chosen(fitting, result):
    """The simplest of the ideas that fit, and the names of the others that fit as well and are as simple."""
    best = min(idea.cost for idea, _ in fitting)
    fitting = [(idea, r) for idea, r in fitting if idea.cost == best]
    fitting.sort(key=lambda pair: not pair[0].choice)
    idea, residual = fitting[0]
    ties = tuple(dict.fromkeys(i.name for i, _ in fitting[1:] if idea.name not in i.name))
    return Finding("choice" if idea.choice else "mistake", idea.name, idea.advice,
                   idea.equation or CATALOGUE[result.function].equation, float(residual), ties)


def alone(idea, name, fitted, result, outcomes):
    """The idea as an explanation of one output: less likely, and no choice, where it spoils others that are right."""
    if idea.each:
        return idea
    right_ones = [o._replace(got={k: np.asarray(v, dtype=float) for k, v in o.case["expected"].items()}) for o in outcomes if not o.drawn]
    kept = residuals(idea, result, right_ones) if right_ones else {}
    spoils = any(min(fitted.get(k, np.inf), kept.get(k, np.inf)) > 1 for k in outcomes[0].ratios if k != name and right_ones)
    return idea._replace(cost=idea.cost + 2, choice=False) if spoils else idea


def merged(findings):
    """Findings that say the same of several outputs as one."""
    out = {}
    for f in findings:
        key = (f.kind, f.name)
        out[key] = out[key]._replace(output=f"{out[key].output}, {f.output}") if key in out else f
    return list(out.values())


def unexplained(name, result, outcomes):
    """The part that is off in one output."""
    text = part(name, result, outcomes)
    return Finding("part", text, CATALOGUE[result.function].says, CATALOGUE[result.function].equation, np.nan, (), name)


def residuals(idea, result, outcomes):
    """For each output the largest difference between what came back and the idea, in tolerances."""
    worst = {}
    for o in outcomes:
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                each = drawn_fit(idea, o) if o.drawn else fit(idea, o, result)
        except Exception:                                                    # the idea does not apply to this case
            return {name: np.inf for name in o.ratios}
        for name, value in each.items():
            worst[name] = max(worst.get(name, 0.0), value)
        if min(worst.values()) > 1:
            return worst
    return worst


def fit(idea, outcome, result):
    """One case: |got - idea| in tolerances, by output."""
    case, out = outcome.case, {}
    values = outputs(answer(idea, case), CATALOGUE[result.function].returns)
    rtol, atol = result.tolerance or (case["rtol"], case["atol"])
    for name, got in outcome.got.items():
        expected = np.asarray(case["expected"][name], dtype=float)
        value = np.broadcast_to(np.asarray(values[name], dtype=float), expected.shape)
        target = reduced(name, value, got.shape, result.function, case["inputs"], result.conventions, set())
        out[name] = float(np.max(ratio(got, target, rtol, atol), initial=0.0))
    return out


def answer(idea, case):
    """What the idea returns for a case; the bank's answers are kept, for they are asked for again and again."""
    if idea.cost > 1 or not idea.advice:
        return idea.wrong(**case["inputs"])
    key = (case["id"], idea.name)
    if key not in ANSWERS:
        ANSWERS[key] = idea.wrong(**case["inputs"])
    return ANSWERS[key]


ANSWERS = {}


Z, WEIGHT = np.polynomial.hermite_e.hermegauss(9)       # noise and its weights: exact where a draw is linear in it
U = (np.arange(50) + 0.5) / 50


def drawn_fit(idea, outcome):
    """One case of draws: their mean and variance against those of the idea over all noise, in standard errors."""
    inputs = outcome.case["inputs"]
    if "noise" in inputs:
        noise, weight = (U, np.full(50, 0.02)) if "rate" in outcome.got else (Z, WEIGHT / WEIGHT.sum())
        x = np.array([outputs(idea.wrong(**{**inputs, "noise": np.full(np.shape(inputs["noise"]), e)}), ("x",))["x"] for e in noise])
        mean = np.tensordot(weight, x, 1)
        law = {"mean": mean, "rate": mean, "var": np.tensordot(weight, (x - mean) ** 2, 1)}
    else:
        law = outputs(idea.wrong(**inputs), tuple(outcome.got))
    out = {}
    for name, got in outcome.got.items():
        var = law.get("var", law[name] * (1 - law[name]) if name == "rate" else 0)
        error = np.sqrt((2 * var ** 2 if name == "var" else var) / REPEATS)
        out[name] = float(np.max(np.abs(got - law[name]) / (LIMIT * error + 0.01 * np.abs(law[name]) + 1e-6)))
    return {**out, **{k: 0.0 if np.max(r) <= 1 else np.inf for k, r in outcome.ratios.items() if k not in out}}
