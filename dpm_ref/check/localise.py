"""Where a result is off when no named mistake explains it: at which t, in which term, by which factor or offset."""
from itertools import combinations

import numpy as np

from .catalogue import kind
from .mistakes import FORMULAS, evaluate
from .mistakes.anywhere import FACTORS, OFFSETS


def part(name, function, outcomes):
    """One sentence on what is off in one output."""
    bad = [o for o in outcomes if off(o, name)]
    how = lumped(name, bad) or constant(name, bad) or terms(name, function, outcomes) or coefficient(name, bad)
    first = of_draws(name) if bad[0].drawn else not_finite(name, bad)
    said = [s for s in (first, how, entries(name, bad[0])) if s][:2] or ["differs"]
    worst = max(bad, key=lambda o: np.max(np.nan_to_num(o.ratios[name], nan=np.inf, posinf=1e300)))
    largest = f"Largest in {worst.case['id']}{example(name, worst)}"
    return f"{name} is off{where(name, outcomes)}: {'; '.join(said)}. {largest}"


def off(o, name):
    """Is this output of a case off, or the whole case an error?"""
    return bool(o.error) or np.max(o.ratios.get(name, 0), initial=0) > 1


# --- where: what the failing cases and rows have in common -----------------------------------------------------------

def features(case, t):
    """What is special about a case, or about one row of it, at step t."""
    i, t = case["inputs"], -1 if t is None else t
    beta, p, T = i.get("beta", [np.nan, np.nan]), i.get("p"), len(i["beta"]) - 1 if "beta" in i else np.inf
    holds = {"t = 0": t == 0, "t = 1": t == 1, "1 < t < T": 1 < t < T, "t = T": 1 < t == T, "t >= 2": t >= 2,
             "a different t in each row": np.ndim(i.get("t", 0)), "beta_t = 1": 0 < t <= T < np.inf and beta[t] == 1,
             "alpha_bar_T = 0": beta[-1] == 1, "alpha_bar_T > 0": beta[-1] < 1, "tiny beta_1": beta[1] < 1e-3,
             "T = 1": T == 1, "p = 0.5": p == 0.5, "p other than 0.5": p not in (None, 0.5)}
    return {case["id"].split("/")[1]} | {word for word, true in holds.items() if true}


def rows(o, name):
    """(features, is it off?) for every row of a case that has a t for each row, else for the case."""
    t, r = o.case["inputs"].get("t"), o.ratios.get(name, np.zeros(1))
    if not np.ndim(t):
        return [(features(o.case, t), off(o, name))]
    each = [off(o, name)] * len(t) if o.error or len(np.atleast_1d(r)) != len(t) else [np.max(a) > 1 for a in r]
    return [(features(o.case, int(k)), bool(bad)) for k, bad in zip(t[:, 0], each)]


def where(name, outcomes):
    """In words: what the failing rows (or cases) have in common that the others have not; "" where all fail."""
    by_case = [rows(o, name) for o in outcomes]
    by_row = [row for case in by_case for row in case]
    if len({bad for _, bad in by_row}) < 2:
        return ""
    whole = [(set.union(*(f for f, _ in case)), any(bad for _, bad in case)) for case in by_case]
    said = rule(by_row) or rule(whole) or mostly(by_row)
    if said:
        return f" ({said})"
    ids = sorted({o.case["id"].split("/")[1] for o, (_, bad) in zip(outcomes, whole) if bad})
    return f" (in {len(ids)} of {len(outcomes)} cases: {', '.join(ids[:4])}{', ..' if len(ids) > 4 else ''})"


def rule(items):
    """The shortest rule that says which items are off: a feature, two together or one of two; or all but such."""
    if len({bad for _, bad in items}) < 2:
        return ""
    words = sorted(set.union(*(f for f, _ in items)), key=lambda w: (" " not in w, len(w), w))   # names of cases last
    pairs = list(combinations([w for w in words if " " in w], 2))
    one = [(w if " " in w else f"case {w}", lambda f, w=w: w in f) for w in words]
    two = [(f"{a} with {b}", lambda f, a=a, b=b: a in f and b in f) for a, b in pairs]
    two += [(f"{a} or {b}", lambda f, a=a, b=b: a in f or b in f) for a, b in pairs]
    for rules in (one, two):
        for start, wanted in (("only at", True), ("everywhere but at", False)):
            for say, holds in rules:
                if all(holds(f) == (bad == wanted) for f, bad in items):
                    return f"{start} {say}"
    return ""


def mostly(items):
    """A feature that all that is off has, and less than half of what is right."""
    bad, good = ([f for f, b in items if b == want] for want in (True, False))
    count = {a: sum(a in g for g in good) for a in sorted(set.intersection(*bad))}
    rare = min(count, key=count.get, default=None)
    return f"only at {rare}, not always" if rare and 2 * count[rare] < len(good) else ""


# --- how: by which term, factor or offset ----------------------------------------------------------------------------

def example(name, o):
    """The largest difference of a case, in numbers."""
    if name not in o.got:
        return ""
    i = np.unravel_index(np.argmax(o.ratios[name]), o.got[name].shape)
    return f": {o.got[name][i]:.6g} where {o.expected[name][i]:.6g} is expected"


def not_finite(name, bad):
    """How many numbers are not finite where they should be."""
    count = sum(np.sum(~np.isfinite(o.got[name]) & np.isfinite(o.expected[name])) for o in bad)
    return f"{count} numbers are nan or infinite" if count else ""


def of_draws(name):
    """What is wrong with draws, where this output of theirs is off."""
    return {"shape": "the draws are not Gaussian",
            "independence of coordinates": "the coordinates of a draw are correlated: each needs noise of its own",
            "independence of draws": "successive draws are correlated: is noise used twice?",
            "var": "the draws have the wrong variance"}.get(name, f"the draws have the wrong {name}")


def lumped(name, bad):
    """One number where an array is expected: the sum or the mean of it all?"""
    def all_equal(a):
        return (a == a.flat[0]).all()
    if any(o.drawn or not all_equal(o.got[name]) or all_equal(o.expected[name]) for o in bad):
        return ""
    of = next((f"the {word} over everything, " for word, f in (("sum", np.sum), ("mean", np.mean))
               if all(np.allclose(o.got[name], f(o.expected[name])) for o in bad)), "")
    return f"one number, {of}where each sample or coordinate has its own"


def constant(name, bad):
    """A factor or an offset that is the same everywhere, is a known function of T, D or N, or the same in each case."""
    pairs = [(o.got[name][keep], o.expected[name][keep]) for o in bad if not o.drawn
             for keep in [np.isfinite(o.got[name]) & np.isfinite(o.expected[name])]]
    within = ""
    for word, neutral, values, known in (
            ("factor", 1, [the_same(g[e != 0] / e[e != 0]) for g, e in pairs], known_factor),
            ("offset", 0, [the_same(g - e) for g, e in pairs], known_offset)):
        if len({e for _, each in pairs for e in each}) < 2 or None in values or neutral in values:
            continue
        said = known(values, bad) or (f"{values[0]:.6g}" if len(set(values)) == 1 else "")
        if said:
            return f"a constant {word} {said}"
        if any(len(g) > 1 for g, _ in pairs):
            each = ", ".join(f"{v:.4g}" for v in values[:4])
            within = within or f"a {word} that is the same within each case: {each}".replace("a offset", "an offset")
    return within


def known_factor(values, bad):
    """The factor of T, D and N that has these values in these cases, or ""."""
    return next((word for word, f in FACTORS.items()
                 if all(abs(a - size(f, o.case)) < 1e-6 * abs(a) for a, o in zip(values, bad))), "")


def known_offset(values, bad):
    """The offset in numbers and, where it is well known, in words; "" where it varies."""
    if len(set(values)) > 1:
        return ""
    known = [w if k == 1 else f"twice {w}" for k in (1, 2) for w, v in OFFSETS.items()
             if abs(abs(values[0]) - k * v) < 1e-6]
    return f"{values[0]:.6g}" + (f" ({known[0]})" if known else "")


def the_same(a):
    """The one number that the array consists of, to seven digits; None if there are several."""
    values = np.unique(np.round(a, 7))
    return values[0] if len(values) == 1 else None


def size(f, case):
    """A factor for the T, D and N of a case; nan where it has none."""
    i = case["inputs"]
    T = i.get("T", len(i.get("beta", i.get("kl_t", [0]))) - 1)
    data = next((v for n, v in i.items() if kind(n) in ("x", "path") and np.ndim(v) > 1), np.ones((1, 1)))
    try:
        return f(T, data.shape[-1], data.shape[-2])
    except ZeroDivisionError:
        return np.nan


def least_squares(basis, y):
    """The coefficients of y in terms of the arrays of basis, or None where y is no such sum or they are not unique."""
    A, y = np.stack([np.ravel(b) for b in basis], axis=1), np.ravel(y)
    keep = np.isfinite(A).all(axis=1) & np.isfinite(y)
    a, _, rank, _ = np.linalg.lstsq(A[keep], y[keep], rcond=None)
    unique = keep.sum() > A.shape[1] and rank == A.shape[1]
    return a if unique and np.allclose(A[keep] @ a, y[keep], rtol=1e-6, atol=1e-7) else None


def terms(name, function, outcomes):
    """Which term of the formula has the wrong coefficient, from a fit of its terms over all cases."""
    formula = FORMULAS[function]
    if name not in formula.terms or outcomes[0].drawn:
        return ""
    parts = [evaluate(formula.terms[name], formula, o.case["inputs"]) for o in outcomes]
    shapes = [np.shape(o.case["expected"][name]) for o in outcomes]
    def like_result(term, shape, o):                                        # summed or averaged, where the result is
        whole, exact = np.broadcast_to(term, shape), np.asarray(o.case["expected"][name])
        if o.got[name].shape == shape:
            return np.ravel(whole)
        return (np.mean if np.allclose(exact.mean(axis=-1), o.expected[name]) else np.sum)(whole, axis=-1)
    words = list(parts[0])
    basis = [np.concatenate([like_result(p[w], *rest) for p, *rest in zip(parts, shapes, outcomes)]) for w in words]
    a = least_squares(basis, np.concatenate([np.ravel(o.got[name]) for o in outcomes]))
    return "" if a is None else " and ".join(
        f"{word} enters with {c:.6g} times its coefficient" if abs(c) > 1e-7 else f"{word} is missing"
        for word, c in zip(words, a) if abs(c - 1) > 1e-6)


def coefficient(name, bad):
    """Which coefficient of a linear formula is off, from a fit to the arguments of the first case that allows it."""
    for o in bad:
        i = o.case["inputs"]
        basis = {n: v for n, v in i.items() if kind(n) == "x" and np.shape(v) == (3, 2)}
        if o.drawn or kind(name) != "x" or not basis or np.ndim(i.get("t", 0)) or o.got[name].shape != (3, 2):
            continue
        got, right = (least_squares([*basis.values(), np.ones((3, 2))], y) for y in (o.got[name], o.expected[name]))
        if got is not None and right is not None:
            each = zip([*basis, "1"], np.round(got, 12) + 0, np.round(right, 12) + 0)
            wrong = [f"the coefficient of {w} is {p:.6g}, not {q:.6g}" for w, p, q in each if abs(p - q) > 1e-6]
            return f"in {o.case['id']}, " + " and ".join(wrong) if wrong else ""
    return ""


def entries(name, o):
    """Which entries over time, or which rows, of a case are off."""
    if o.drawn:
        return ""
    r = np.atleast_1d(o.ratios[name])
    at = [int(n) for n in np.flatnonzero(np.max(r.reshape(len(r), -1), axis=1) > 1)]
    word = "t" if kind(name).startswith(("time", "path")) else "row"
    return f"in {o.case['id']} at {word} = {', '.join(map(str, at))}" if 0 < len(at) < len(r) else ""
