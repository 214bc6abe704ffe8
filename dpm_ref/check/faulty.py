"""Where a result is off when no named mistake explains it: which t, which coefficient, a constant factor or offset."""
import numpy as np

from .catalogue import kind
from .formulas import TERMS

FACTORS = {"T/(T - 1)": lambda T, D, N: T / (T - 1), "(T - 1)/T": lambda T, D, N: (T - 1) / T, "T": lambda T, D, N: T,
           "1/T": lambda T, D, N: 1 / T, "T - 1": lambda T, D, N: T - 1, "1/(T - 1)": lambda T, D, N: 1 / (T - 1),
           "D, the number of coordinates": lambda T, D, N: D, "1/D, a mean for a sum": lambda T, D, N: 1 / D,
           "N, the batch": lambda T, D, N: N, "1/N, a mean over the batch": lambda T, D, N: 1 / N, "1/ln 2 (bits)": lambda T, D, N: 1 / np.log(2),
           "ln 2": lambda T, D, N: np.log(2), "-1": lambda T, D, N: -1, "2": lambda T, D, N: 2, "1/2": lambda T, D, N: 0.5}
OFFSETS = {"log(2 pi)/2": np.log(2 * np.pi) / 2, "log(2 pi e)/2": np.log(2 * np.pi * np.e) / 2, "1/2": 0.5, "1": 1.0,
           "ln 2": np.log(2), "log(2 pi)": np.log(2 * np.pi), "log(2 pi e)": np.log(2 * np.pi * np.e)}


def features(case, t):
    """What is special about a case, or about one row of it, at step t."""
    i, out = case["inputs"], {case["id"].split("/")[1]}
    beta = i.get("beta")
    if t is not None:
        out.add("t = 0" if t == 0 else "t = 1" if t == 1 else "t = T" if beta is not None and t == len(beta) - 1 else "1 < t < T")
        out |= {"t >= 2"} if t >= 2 else set()
        if np.ndim(i["t"]):
            out.add("a different t in each row")
        if beta is not None and beta[t] == 1:
            out.add("beta_t = 1")
    if beta is not None:
        out |= {"alpha_bar_T = 0" if beta[-1] == 1 else "alpha_bar_T > 0"}
        out |= ({"tiny beta_1"} if beta[1] < 1e-3 else set()) | ({"T = 1"} if len(beta) == 2 else set())
    if "p" in i:
        out.add("p = 0.5" if i["p"] == 0.5 else "p other than 0.5")
    return out


def rows(outcome, name):
    """(features, is it off?) for every row of a case that has its own t, else for the case."""
    case, t = outcome.case, outcome.case["inputs"].get("t")
    if np.ndim(t):
        r = outcome.ratios.get(name)
        off = [True] * len(t) if outcome.error else [np.max(a) > 1 for a in np.broadcast_to(r, (len(t), np.size(r) // len(t)) if np.ndim(r) < 2 else r.shape)]
        return [(features(case, int(k)), bool(o)) for k, o in zip(t[:, 0], off)]
    return [(features(case, t), bool(outcome.error) or np.max(outcome.ratios[name], initial=0) > 1)]


def where(name, outcomes):
    """In words: what the failing cases or rows have in common that the others have not; "" where all fail."""
    by_row = [row for o in outcomes for row in (rows(o, name) if o.error or name in o.ratios else [])]
    by_case = [(set.union(*(f for f, _ in r)), any(off for _, off in r)) for r in (rows(o, name) for o in outcomes if o.error or name in o.ratios)]
    if all(off for _, off in by_row) or not any(off for _, off in by_row):
        return ""
    for items in (by_row, by_case):
        bad, good = [f for f, off in items if off], [f for f, off in items if not off]
        said = good and (shared(bad, good) or spared(bad, good))
        if said:
            return f" ({said})"
    said = mostly([f for f, off in by_row if off], [f for f, off in by_row if not off])
    if said:
        return f" ({said})"
    ids = sorted({o.case["id"].split("/")[1] for o in outcomes if any(off for _, off in rows(o, name))})
    return f" (in {len(ids)} of {len(outcomes)} cases: {', '.join(ids[:4])}{', ..' if len(ids) > 4 else ''})"


def shared(bad, good):
    """One feature, two together, or one of a few that all that is off has and nothing else."""
    common = sorted(set.intersection(*bad), key=lambda w: (len(w), w))
    for a in common:
        if not any(a in g for g in good):
            return f"only at {a}"
    for a in common:
        for b in common:
            if a < b and not any(a in g and b in g for g in good):
                return f"only at {a} with {b}"
    either = [w for w in ("t = 0", "t = 1", "1 < t < T", "t = T", "beta_t = 1", "a different t in each row", "p other than 0.5", "tiny beta_1", "T = 1")
              if any(w in f for f in bad) and not any(w in g for g in good)]
    return f"only at {' or '.join(either)}" if either and all(f & set(either) for f in bad) else ""


def mostly(bad, good):
    """A feature that all that is off has, and less than half of what is right."""
    count = {a: sum(a in g for g in good) for a in sorted(set.intersection(*bad))}
    rare = min(count, key=count.get, default=None)
    return f"only at {rare}, not always" if rare and 2 * count[rare] < len(good) else ""


def spared(bad, good):
    """One feature, or one of two, that all that is right has and nothing else."""
    free = sorted({w for g in good for w in g if not any(w in f for f in bad)}, key=lambda w: (len(w), w))
    for a in free:
        if all(a in g for g in good):
            return f"everywhere but at {a}"
    for a in free:
        for b in free:
            if a < b and all(a in g or b in g for g in good):
                return f"everywhere but at {a} or {b}"
    return ""


def part(name, result, outcomes):
    """One sentence on what is off in one output."""
    bad = [o for o in outcomes if np.max(o.ratios[name], initial=0) > 1]
    linear = lumped(name, bad) or constant(name, bad) or terms(name, result, outcomes) or coefficient(name, bad)
    said = [c for c in (lost(name, bad), linear, entries(name, bad)) if c][:2] or ["differs"]
    worst = max(bad, key=lambda o: np.max(np.nan_to_num(o.ratios[name], nan=np.inf, posinf=1e300)))
    return f"{name} is off{where(name, outcomes)}: {'; '.join(said)}. Largest in {worst.case['id']}" + example(name, worst)


def example(name, o):
    """The largest difference of a case, in numbers."""
    if o.drawn or name not in o.got:
        return ""
    got, expected = np.broadcast_arrays(o.got[name], target(name, o))
    i = np.unravel_index(np.argmax(np.broadcast_to(o.ratios[name], got.shape)), got.shape) if got.ndim else ()
    return f": {got[i]:.6g} where {expected[i]:.6g} is expected"


def target(name, o):
    """What was expected, summed over coordinates where the result is."""
    expected, got = np.asarray(o.case["expected"][name], dtype=float), o.got[name]
    return expected if expected.ndim <= got.ndim or got.ndim == 0 else expected.sum(axis=-1)


def lost(name, bad):
    """Numbers that are not finite where they should be."""
    if bad[0].drawn:
        return {"shape": "the draws are not Gaussian", "independence of coordinates": "the coordinates of a draw are correlated: each needs noise of its own",
                "independence of draws": "successive draws are correlated: is noise used twice?"}.get(name, f"the draws have the wrong {name}")
    count = sum(np.sum(~np.isfinite(o.got[name]) & np.isfinite(target(name, o))) for o in bad)
    return f"{count} numbers are nan or infinite" if count else ""


def lumped(name, bad):
    """One number where an array is expected: the sum or the mean of it all?"""
    if any(o.drawn or o.got[name].ndim or np.size(o.case["expected"][name]) == 1 for o in bad):
        return ""
    for word, f in (("sum", np.sum), ("mean", np.mean)):
        if all(np.isclose(o.got[name], f(o.case["expected"][name])) for o in bad):
            return f"one number, the {word} over everything, where each sample or coordinate has its own"
    return "one number where each sample or coordinate has its own"


def pairs(name, bad):
    """Got and expected of every failing case, as flat arrays of finite numbers, with the case."""
    for o in bad:
        if o.drawn:
            continue
        got, expected = (a.ravel() for a in np.broadcast_arrays(o.got[name], target(name, o)))
        keep = np.isfinite(got) & np.isfinite(expected)
        yield o.case, got[keep], expected[keep]


def constant(name, bad):
    """A factor or an offset that is the same everywhere, or is a known function of T, D or N."""
    found = list(pairs(name, bad))
    with np.errstate(all="ignore"):
        factors = [np.unique(np.round(g[e != 0] / e[e != 0], 7)) for _, g, e in found]
        offsets = [np.unique(np.round(g - e, 7)) for _, g, e in found]
    if factors and all(len(f) == 1 and f[0] != 1 for f in factors):
        for word, f in FACTORS.items():
            if all(abs(a[0] - size(f, case)) < 1e-6 * abs(a[0]) for a, (case, _, _) in zip(factors, found)):
                return f"a constant factor {word}"
        if len({f[0] for f in factors}) == 1:
            return f"a constant factor {factors[0][0]:.6g}"
    if offsets and all(len(o) == 1 for o in offsets) and len({o[0] for o in offsets}) == 1 and offsets[0][0]:
        first = offsets[0][0]
        known = [w if k == 1 else f"twice {w}" for k in (1, 2) for w, v in OFFSETS.items() if abs(abs(first) - k * v) < 1e-6]
        return f"a constant offset {first:.6g}" + (f" ({known[0]})" if known else "")
    if any(len(g) > 1 for _, g, _ in found):
        for word, values in (("a factor", factors), ("an offset", offsets)):
            if values and all(len(v) == 1 and v[0] != (word == "a factor") for v in values):
                return f"{word} that is the same within each case: " + ", ".join(f"{v[0]:.4g}" for v in values[:4])
    return ""


def size(f, case):
    """A factor for the T, D and N of a case; nan where it has none."""
    i = case["inputs"]
    T = i.get("T", len(i["beta"]) - 1 if "beta" in i else len(i.get("kl_t", [])) - 1)
    data = next((v for n, v in i.items() if kind(n) in ("x", "path") and np.ndim(v) > 1), np.ones((1, 1)))
    try:
        return f(T, data.shape[-1], data.shape[-2])
    except ZeroDivisionError:
        return np.nan


def terms(name, result, outcomes):
    """Which term of the formula has the wrong coefficient, from a least-squares fit over all cases."""
    make = TERMS.get((result.function, name))
    if make is None or outcomes[0].drawn:
        return ""
    rows_, gots = [], []
    for o in outcomes:
        with np.errstate(all="ignore"):
            parts, got = make(**o.case["inputs"]), np.asarray(o.got[name], dtype=float)
        if any(np.shape(v) != got.shape for v in parts.values()):
            parts = {k: np.broadcast_to(v, np.shape(o.case["expected"][name])) for k, v in parts.items()}
            if got.shape != next(iter(parts.values())).shape:
                return ""
        rows_.append(np.stack([np.ravel(v) for v in parts.values()], axis=1))
        gots.append(np.ravel(got))
    A, y = np.concatenate(rows_), np.concatenate(gots)
    keep = np.isfinite(A).all(axis=1) & np.isfinite(y)
    a, _, rank, _ = np.linalg.lstsq(A[keep], y[keep], rcond=None)
    if keep.sum() <= A.shape[1] or rank < A.shape[1] or not np.allclose(A[keep] @ a, y[keep], rtol=1e-6, atol=1e-7):
        return ""
    said = [f"{word} enters with {p:.6g} times its coefficient" if abs(p) > 1e-7 else f"{word} is missing"
            for word, p in zip(parts, a) if abs(p - 1) > 1e-6]
    return " and ".join(said)


def coefficient(name, bad):
    """Which coefficient of a linear formula is off, from a least-squares fit to the arguments."""
    for o in bad:
        i = o.case["inputs"]
        basis = {n: v for n, v in i.items() if kind(n) == "x" and np.shape(v) == (3, 2)}
        if o.drawn or kind(name) != "x" or not basis or np.ndim(i.get("t", 0)) or o.got[name].shape != (3, 2):
            continue
        A = np.stack([v.ravel() for v in basis.values()] + [np.ones(6)], axis=1)
        (a, *_), (b, *_) = (np.linalg.lstsq(A, np.ravel(y), rcond=None) for y in (o.got[name], o.case["expected"][name]))
        if np.allclose(A @ a, o.got[name].ravel(), atol=1e-6) and np.allclose(A @ b, np.ravel(o.case["expected"][name]), atol=1e-6):
            words = [*basis, "1"]
            wrong = [f"the coefficient of {w} is {p:.6g}, not {q:.6g}" for w, p, q in zip(words, np.round(a, 12) + 0, np.round(b, 12) + 0) if abs(p - q) > 1e-6]
            return f"in {o.case['id']}, " + " and ".join(wrong) if wrong else ""
    return ""


def entries(name, bad):
    """Which entries over time, or which rows, are off."""
    o = bad[0]
    if o.drawn:
        return ""
    r = np.atleast_1d(o.ratios[name])
    rows = [int(n) for n in np.flatnonzero(np.max(r.reshape(len(r), -1), axis=1) > 1)]
    word = "t" if kind(name) in ("time", "time_nats", "time_parameter", "path") else "row"
    return f"in {o.case['id']} at {word} = {', '.join(map(str, rows))}" if 0 < len(rows) < len(r) else ""
