"""The cases of what later models compute; as in `make_cases`, expected values share no formula with what is tested.

x_0 and eps are the solution of two linear equations, the score is a derivative of the log density, means and KL_t are
those of `fifty_digits` at that x_0. Needs mpmath.
"""
import numpy as np

from fifty_digits import M, SQRT, gaussian_kl, gaussian_marginal, gaussian_posterior, fit, log_normal, mp
from make_cases import AT_257, MIXED, MORE, NOISE, SCHEDULES, X0, XT, by_row, given, products

HAT = np.array([[1.5, -0.75], [0.25, 2.0], [-1.0, 0.5]])
LATER_TIMES = {"left-inside": 2, "left-last": 4, "left-mixed": np.maximum(MIXED, 2), "long-mixed": AT_257}
TIMES = {"left-first": 1, "left-inside": 2, "left-mixed": MIXED, "long-mixed": AT_257, "minute-first": 1}
FLAGS = {"left-first": "coefficient", "left-inside": "coefficient index_shift", "left-mixed": "mixed_t",
         "long-mixed": "narrow_t mixed_t", "minute-first": "index_shift"}


def rates(label):
    """beta of a label's schedule, at 50 digits."""
    return M({**SCHEDULES, **MORE}[label.split("-")[0]])


def from_x0_and_eps(t, beta):
    """The 2 x 2 matrix that makes x_t, by forward steps one after the other, and v of x_0 and eps."""
    mean, var = gaussian_marginal(mp.mpf(1), t, beta)
    return mp.matrix([[mean, mp.sqrt(var)], [-mp.sqrt(var), mean]])


def solved(known, row, t, beta):
    """x_0 and eps where the first row, and another `row` (a function of the matrix), have the known values."""
    A = from_x0_and_eps(t, beta)
    inverse = mp.matrix([list(A[0, :]), list(row(A))]) ** -1
    return [inverse[i, 0] * known[0] + inverse[i, 1] * known[1] for i in range(2)]


def score(x0, x, t, beta):
    """The derivative of log q(x_t|x_0) at x: a central difference, exact for a quadratic."""
    mean, var = gaussian_marginal(x0, t, beta)
    return (log_normal(x + 1, mean, var) - log_normal(x - 1, mean, var)) / 2


def x0_from(name):
    """x_0 as a function of x_t, what is predicted (x0, eps, v or score), t and beta."""
    def from_score(x, s, t, beta):
        zero, one = score(0 * x, x, t, beta), score(0 * x + 1, x, t, beta)          # linear in x_0
        return (s - zero) / (one - zero)
    return {"x0": lambda x, x0, t, beta: x0, "score": from_score,
            "eps": lambda x, eps, t, beta: solved((x, eps), lambda A: [0, 1], t, beta)[0],
            "v": lambda x, v, t, beta: solved((x, v), lambda A: A[1, :], t, beta)[0]}[name]


def eps_from_v(x, v, t, beta):
    return solved((x, v), lambda A: A[1, :], t, beta)[1]


def eps_from_x0(x, x0, t, beta):
    return solved((x, x0), lambda A: [1, 0], t, beta)[1]


def v_target(x0, eps, t, beta):
    A = from_x0_and_eps(t, beta)
    return A[1, 0] * x0 + A[1, 1] * eps


def v_from_x0(x, x0, t, beta):
    return v_target(x0, eps_from_x0(x, x0, t, beta), t, beta)


def score_from_eps(eps, t, beta):
    mean, var = gaussian_marginal(M(X0[:1]), t, beta)                                # whatever x_0 is
    return score(M(X0[:1]), mean + SQRT(var) * eps, t, beta)


CONVERSIONS = {
    "x0_from_eps": ("xt eps", x0_from("eps"), "sign parametrisation"), "eps_from_x0": ("xt x0", eps_from_x0, "sign"),
    "x0_from_v": ("xt v", x0_from("v"), "sign parametrisation"), "eps_from_v": ("xt v", eps_from_v, "sign"),
    "v_from_x0": ("xt x0", v_from_x0, "sign parametrisation"), "v_target": ("x0 eps", v_target, "sign"),
    "score_from_eps": ("eps", score_from_eps, "sign parametrisation"),
    "x0_from_score": ("xt score", x0_from("score"), "sign spread parametrisation")}
VALUES = {"xt": XT, "x0": X0, "eps": NOISE, "v": NOISE, "score": NOISE}


def convert_cases():
    for name, (arguments, f, flags) in CONVERSIONS.items():
        given_ = {word: VALUES[word] for word in arguments.split()}
        for label, t in TIMES.items():
            if label != "minute-first" or name in ("x0_from_eps", "x0_from_v", "x0_from_score"):
                beta = rates(label)
                value = by_row(lambda *a: f(*a, beta), t, *map(M, given_.values()))              # noqa: B023
                more = f" {flags} parametrisation" if label == "left-inside" else ""
                yield (f"convert.{name}", label, " ".join(dict.fromkeys((FLAGS[label] + more).split())),
                       {**given_, "t": t, **given(label.split("-")[0])}, [value])


def mean_cases():
    for name in ("x0", "eps", "v", "score"):
        for label, t in TIMES.items():
            if label != "minute-first" or name == "eps":               # float32 loses 1 - alpha_bar_1 = 1e-7
                beta, f = rates(label), x0_from(name)
                one = lambda x, a, t: gaussian_posterior(x, f(x, a, t, beta), t, beta)[0]        # noqa: E731, B023
                more = {"eps": " sign spread parametrisation", "x0": " parametrisation", "v": " sign parametrisation",
                        "score": " sign spread parametrisation"}[name] if label == "left-inside" else ""
                yield (f"convert.mean_from_{name}", label, FLAGS[label] + more,
                       {"xt": XT, name: VALUES[name], "t": t, **given(label.split("-")[0])},
                       [by_row(one, t, M(XT), M(VALUES[name]))])


def kl_cases():
    for name in ("x0", "eps", "v"):
        for label, t in LATER_TIMES.items():
            beta, f = rates(label), x0_from(name)

            def one(a, b, t):
                x, (q, p) = M(XT[:1]), [None] * 2                                                # whatever x_t is
                (q, var), (p, _) = (gaussian_posterior(x, f(x, c, t, beta), t, beta) for c in (a, b))   # noqa: B023
                return gaussian_kl(q, var + 0 * q, p, var + 0 * q)
            flags = "coefficient index_shift spread missing_term parametrisation" + (" sign" if name == "x0" else "")
            flags = {"left-inside": flags, "left-last": "coefficient spread"}.get(label) or FLAGS[label]
            yield (f"convert.kl_from_{name}", label, flags,
                   {name: VALUES[name], f"{name}_hat": HAT, "t": t, **given(label.split("-")[0])},
                   [by_row(one, t, M(VALUES[name]), M(HAT))])


def stride_cases():
    for name, stride in (("erased-by-5", 5), ("left-by-2", 2), ("left-by-1", 1), ("left-by-4", 4)):
        key = name.split("-")[0]
        beta = rates(name)
        bar = [gaussian_marginal(mp.mpf(1), t, beta)[1] for t in range(0, len(beta), stride)]       # 1 - alpha_bar
        longer = [mp.mpf(0)] + [1 - (1 - b) / (1 - a) for a, b in zip(bar, bar[1:])]
        flags = {"left-by-2": "coefficient index_shift", "erased-by-5": "last_step"}.get(name, "coefficient")
        yield "stride.beta", name, flags, {"stride": stride, **given(key)}, [longer]
    for label, s, t in (("left-1-3", 1, 3), ("left-1-4", 1, 4), ("left-2-3", 2, 3), ("long-100-257", 100, 257)):
        beta = rates(label)
        tail = np.concatenate([beta[:1], beta[s + 1:]])                              # from x_s on
        (mean, var), scale = gaussian_marginal(M(X0), s, beta), gaussian_marginal(mp.mpf(1), t - s, tail)
        value = fit(lambda y: log_normal(M(XT), scale[0] * y, scale[1]) + log_normal(y, mean, var))  # noqa: B023
        flags = {"long-100-257": "narrow_t", "left-2-3": "coefficient"}.get(label, "coefficient index_shift spread")
        yield ("stride.posterior", label, flags,
               {"xt": XT, "x0": X0, "t": t, "s": s, **given(label.split("-")[0])}, value)


def later_cases():
    share = np.array([[0.0, 0.25], [0.5, 0.9], [1.0, 0.125]])
    mask = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    for label, t in LATER_TIMES.items():
        beta = rates(label)

        def between(a, t):
            low = gaussian_posterior(M(XT[:1]), M(X0[:1]), t, beta)[1]                               # noqa: B023
            return beta[t] ** a * low ** (1 - a)                                                     # noqa: B023
        flags = {"left-inside": "coefficient spread index_shift unit"}.get(label, FLAGS.get(label, "coefficient"))
        yield ("reverse.interpolated_variance", label, flags, {"share": share, "t": t, **given(label.split("-")[0])},
               [by_row(between, t, M(share))])
    for label, t in {"left-first": 1, "left-inside": 3, "left-mixed": MIXED, "long-mixed": AT_257}.items():
        beta = rates(label)

        def law(x0, x, known, t):
            mean, var = gaussian_marginal(x0, t - 1, beta)                                           # noqa: B023
            return np.where(known == 1, mean, x), np.where(known == 1, var, 0)
        mean, var = by_row(law, t, M(X0), M(XT), mask)
        flags = {"left-first": "mask", "left-inside": "mask noise spread coefficient index_shift", **{
            k: v for k, v in FLAGS.items() if "mixed" in k}}[label]
        yield ("product.noisy_known", label, flags, {"x": XT, "known": X0, "mask": mask, "noise": NOISE, "t": t,
               **given(label.split("-")[0])}, [mean + SQRT(var) * M(NOISE)], [mean, var])


def from_bar(bar):
    """beta from alpha_bar."""
    return [mp.mpf(0)] + [(a - b) / a for a, b in zip(bar, bar[1:])]


def level_cases():
    for T, first, last in ((4, 0.01, 0.4), (7, 1e-4, 0.02)):
        a, b = mp.mpf(first), mp.mpf(last)
        beta = [mp.mpf(0)] + [(a * (T - t) + b * (t - 1)) / (T - 1) for t in range(1, T + 1)]
        yield "schedule.linear", f"T{T}", "rate index_shift padding", {"T": T, "first": first, "last": last}, [beta]
    for T in (1, 4, 50):
        angles = [mp.pi * (mp.mpf(t) / T + mp.mpf("0.008")) / mp.mpf("1.008") for t in range(T + 1)]
        bar = [1 + mp.cos(angle) for angle in angles]                                               # twice cos²
        beta = [mp.mpf(0)] + [min((a - b) / a, mp.mpf("0.999")) for a, b in zip(bar, bar[1:])]
        flags = {1: "last_step", 4: "coefficient rate index_shift", 50: "coefficient last_step"}[T]
        yield "schedule.cosine", f"T{T}", flags, {"T": T}, [beta]
    for name in ("left", "tiny"):
        root = [mp.sqrt(b) for b in products(SCHEDULES[name])]
        a, b = mp.matrix([[root[1], 1], [root[-1], 1]]) ** -1 * mp.matrix([root[1], 0])              # a root + b
        yield ("schedule.zero_terminal", name, "coefficient first_step last_step rate", given(name),
               [from_bar([mp.mpf(1)] + [(a * r + b) ** 2 for r in root[1:]])])
    for name in ("left", "tiny", "erased"):
        beta, inside = rates(name), name != "erased"
        each = [gaussian_marginal(mp.mpf(1), t, beta) for t in range(len(beta))]
        sigma = [mp.sqrt(var) / mean if mean else mp.inf for mean, var in each]
        half = [mp.log(mean / mp.sqrt(var)) if mean * var else (mp.inf if mean else -mp.inf) for mean, var in each]
        yield "schedule.sigma", name, "coefficient spread rate index_shift", given(name), [sigma]
        yield ("schedule.half_log_snr", name, "coefficient sign rate" + (
            " spread missing_term unit index_shift" if inside else " last_step"), given(name), [half])
    for name in ("rising", "steep"):
        sigma = np.array({"rising": [0, 0.25, 0.5, 1.0, 2.0], "steep": [0, 0.002, 1.5, 80.0]}[name])
        yield ("schedule.beta_from_sigma", name, "coefficient spread rate index_shift", {"sigma": sigma},
               [from_bar([1 / (1 + s ** 2) for s in M(sigma)])])
        half = np.array({"rising": [np.inf, 2.0, 1.0, 0.25, -0.5], "steep": [np.inf, 4.0, 0.5, -3.0]}[name])
        bar = [(1 + mp.tanh(h)) / 2 for h in M(half)]
        yield ("schedule.beta_from_half_log_snr", name, "coefficient sign rate index_shift", {"half_log_snr": half},
               [from_bar(bar)])


TOPICS = {"convert": [convert_cases], "step": [mean_cases, kl_cases], "stride": [stride_cases, later_cases],
          "levels": [level_cases]}
