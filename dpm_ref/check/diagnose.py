"""Which mistake explains the numbers that came back: all of them, over all cases of a function.

Tried in this order: the named mistakes; the right formula with one argument changed (exchanged, shifted, squared);
either of them with its output changed (a constant factor, a root, a sign); a different explanation for each output.
What remains unexplained is handed to `localise`, which says where it is off.
"""
import warnings
from typing import NamedTuple

import numpy as np

from . import candidates
from .candidates import by_name
from .cases import ratio
from .catalogue import CATALOGUE
from .conventions import reduced
from .draws import distances
from .localise import part, where
from .run import HALF, float32


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
    equation = CATALOGUE[result.function].equation
    outcomes = [o for o in result.outcomes if not o.error]
    findings = rest_of(result, outcomes)
    if len(outcomes) == len(result.outcomes) and all(f.kind == "part" for f in findings) and (
            single_precision(result, outcomes)):
        say = "all differences are of the size that single precision makes: if it is meant, state dtype = 'float32'"
        findings = (Finding("part", say, "", equation), *findings)
    for text in list(dict.fromkeys(o.error for o in result.outcomes if o.error))[:2]:
        place = where("", [o._replace(error=o.error == text) for o in result.outcomes])
        findings = (*findings, Finding("part", f"{text}{place}", "", equation))
    choice = findings and all(f.kind == "choice" for f in findings)
    findings = sorted(findings, key=lambda f: f.kind == "choice")           # what is wrong comes first
    return result._replace(findings=tuple(findings), status="different choice" if choice else result.status)


def single_precision(result, outcomes):
    """Would all numbers pass with the tolerance of float32?"""
    return not any(o.drawn for o in outcomes) and HALF not in result.notes and all(
        np.max(ratio(got, o.expected[name], *float32(result.function)), initial=0) <= 1
        for o in outcomes for name, got in o.got.items())


def explain(result, outcomes):
    """Findings for the cases that returned numbers: one for all outputs, else one for each output that is off."""
    function, inputs = result.function, outcomes[0].case["inputs"]
    if nothing := [n for n in outcomes[0].got if all(np.isnan(o.got[n]).all() for o in outcomes)]:
        rest = [o._replace(got=without(o.got, nothing), ratios=without(o.ratios, nothing)) for o in outcomes]
        return (lost(f"{', '.join(nothing)} is nan everywhere", function), *(rest_of(result, rest)))
    if all(capped(o) for o in outcomes if not o.passed):
        say = "A guard against log(0): the exact value is infinite."
        return (Finding("choice", "a large finite number for log(0)", say, CATALOGUE[function].equation, 0.0),)
    if {"xt", "x0"} <= set(inputs) and "mean" in outcomes[0].got and undefined(outcomes):
        say = "There eps does not say what x_0 is. A kernel that is not computed from eps should be right there too."
        fits = [(c, max(residuals(c, result, outcomes).values())) for c in candidates.named(function)]
        found = [simplest([fit], function)._replace(kind="choice") for fit in fits if fit[1] <= 1]
        return tuple(found[:1]) or (
            Finding("choice", "not defined where alpha_bar_t = 0", say, CATALOGUE[function].equation, 0.0),)
    fitted = []
    for more in (lambda function, inputs: candidates.named(function), candidates.arguments_changed,
                 candidates.outputs_changed, lambda function, inputs: candidates.held(function, outcomes),
                 candidates.named_and_changed, candidates.places)[:2 if outcomes[0].drawn else 6]:
        fitted += [(c, residuals(c, result, outcomes)) for c in more(function, inputs)]
        whole = [(c, max(r.values())) for c, r in fitted if max(r.values()) <= 1]
        if whole:
            return (simplest(whole, function),)
    void = [o._replace(error="nan") if any(np.isnan(g).any() for g in o.got.values()) else o for o in outcomes]
    if any(o.error for o in void) and not all(o.error for o in void):       # name what is wrong with the rest
        found = rest_of(result, [o for o in void if not o.error])
        return (*found, lost(f"some numbers are nan{where('', void)}", function))
    findings = []
    for name in [name for name in outcomes[0].ratios if any(np.max(o.ratios[name], initial=0) > 1 for o in outcomes)]:
        fits = [(alone(c, name, r, result, outcomes), r[name]) for c, r in fitted if r.get(name, np.inf) <= 1]
        findings.append(simplest(fits, function)._replace(output=name) if fits else
                        Finding("part", part(name, function, outcomes), CATALOGUE[function].says,
                                CATALOGUE[function].equation, output=name))
    return tuple(sorted(merged(findings), key=lambda f: f.kind == "part"))      # what has a name comes first


def rest_of(result, outcomes):
    """Findings for these outcomes; none where all is right."""
    return explain(result, outcomes) if not all(o.passed for o in outcomes) else ()


def lost(say, function):
    """A Finding for numbers that are not there."""
    return Finding("part", say, "", CATALOGUE[function].equation)


def without(values, names):
    """A dict without some of its keys."""
    return {k: v for k, v in values.items() if k not in names}


def capped(outcome):
    """Is all that is off a large number, of the right sign, where the exact value is infinite?"""
    if outcome.drawn:
        return False
    for name, r in outcome.ratios.items():
        expected, got = outcome.expected[name], outcome.got[name]
        large = np.isinf(expected) & (np.where(expected > 0, got, -got) >= 10)
        if np.any((r > 1) & ~large):
            return False
    return True


def undefined(outcomes):
    """Is all that is off nan, and at beta_t = 1 only?"""
    off = {name for o in outcomes for name, r in o.ratios.items() if np.max(r, initial=0) > 1}
    return all(where(name, outcomes) == " (only at beta_t = 1)" for name in off) and all(
        np.isnan(o.got[name][o.ratios[name] > 1]).all() for o in outcomes for name in off & set(o.got))


def simplest(fits, function):
    """The simplest of the candidates that fit, and the names of the others that fit as well and are as simple."""
    best = min(c.cost for c, _ in fits)
    fits = sorted(((c, r) for c, r in fits if c.cost == best), key=lambda pair: not pair[0].choice)
    (first, residual), *others = fits
    ties = tuple(dict.fromkeys(c.name for c, _ in others if first.name not in c.name))
    return Finding("choice" if first.choice else "mistake", first.name, first.advice,
                   first.equation or CATALOGUE[function].equation, float(residual), ties)


def alone(candidate, name, fitted, result, outcomes):
    """The candidate as an explanation of one output: less likely, and no choice, where it spoils right ones."""
    if candidate.each or outcomes[0].drawn:
        return candidate
    kept = residuals(candidate, result, [o._replace(got=o.expected) for o in outcomes])
    spoils = any(min(fitted.get(k, np.inf), kept.get(k, np.inf)) > 1 for k in outcomes[0].ratios if k != name)
    return candidate._replace(cost=candidate.cost + 2, choice=False) if spoils else candidate


def merged(findings):
    """Findings that say the same of several outputs as one."""
    out = {}
    for f in findings:
        same = out.get((f.kind, f.name))
        out[f.kind, f.name] = same._replace(output=f"{same.output}, {f.output}") if same else f
    return list(out.values())


# --- does a candidate fit? -------------------------------------------------------------------------------------------

def residuals(candidate, result, outcomes):
    """For each output the largest difference between what came back and the candidate, in tolerances."""
    worst = {}
    for o in outcomes:
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                each = fit_of_draws(candidate, o) if o.drawn else fit(candidate, o, result)
        except Exception:                                                   # it does not apply to this case
            return {name: np.inf for name in o.ratios}
        worst = {name: max(worst.get(name, 0.0), value) for name, value in each.items()}
        if min(worst.values()) > 1:
            return worst
    return worst


def fit(candidate, outcome, result):
    """One case: |got - candidate| in tolerances, by output."""
    case, out = outcome.case, {}
    values = by_name(candidate.answer(case), CATALOGUE[result.function].returns)
    rtol, atol = result.tolerance or (case["rtol"], case["atol"])
    for name, got in outcome.got.items():
        value = np.broadcast_to(np.asarray(values[name], dtype=float), np.shape(case["expected"][name]))
        value = reduced(name, value, got.shape, case, result.conventions, set())
        out[name] = float(np.max(ratio(got, value, rtol, atol), initial=0.0))
    return out


Z, WEIGHT = np.polynomial.hermite_e.hermegauss(9)       # noise and its weights: exact where a draw is linear in it
U = (np.arange(50) + 0.5) / 50


def fit_of_draws(candidate, outcome):
    """One case of draws: their mean and variance against those of the candidate over all noise, as in `draws`."""
    inputs = outcome.case["inputs"]
    if "noise" in inputs:
        noise, weight = (U, np.full(50, 0.02)) if "rate" in outcome.got else (Z, WEIGHT / WEIGHT.sum())
        x = np.array([candidate.answer({"inputs": {**inputs, "noise": e + 0 * inputs["noise"]}}) + 0 * inputs["noise"]
                      for e in noise])
        mean = np.tensordot(weight, x, 1)
        law = {"mean": mean, "rate": mean, "var": np.tensordot(weight, (x - mean) ** 2, 1)}
    else:
        law = by_name(candidate.answer(outcome.case), tuple(outcome.got))
    if "rate" in outcome.got:                                               # known to 1/100 from 50 numbers
        law = {"rate": np.clip(outcome.got["rate"], law["rate"] - 0.01, law["rate"] + 0.01)}
    return {k: float(np.max(r)) for k, r in {**outcome.ratios, **distances(outcome.got, law)}.items()}
