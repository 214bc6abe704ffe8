"""The cases, topic by topic: each generator yields (function, name, flags, inputs, expected values, law of a draw).

Flags are words separated by spaces; expected values come from `fifty`, in the catalogue's order. Needs mpmath.
"""
import numpy as np

import fifty_digits
from fifty_digits import EXP, LOG, M, SQRT, bit_entropy, bit_kl, bit_log, bit_marginal, bit_posterior, elementwise
from fifty_digits import expect, fit, gaussian_entropy, gaussian_kl, gaussian_marginal, gaussian_posterior
from fifty_digits import joint, log_normal, mp

X0 = np.array([[2.0, -1.0], [0.5, 3.0], [-1.5, 0.25]])
XT = np.array([[1.25, 0.5], [-2.0, 1.0], [0.75, -0.5]])
NOISE = np.array([[0.5, -1.25], [1.5, 0.25], [-0.75, 2.0]])
BITS0, BITS1 = np.array([[0.0, 1], [1, 0], [1, 1]]), np.array([[0.0, 0], [1, 1], [0, 1]])
MIXED = np.array([[1], [3], [4]])
SCHEDULES = {"erased": [0, 1 / 5, 1 / 4, 1 / 3, 1 / 2, 1.0], "left": [0, 0.1, 0.3, 0.2, 0.4],
             "tiny": [0, 1e-4, 0.02, 0.5]}
MORE = {"long": [0, *np.round(np.linspace(1e-4, 0.02, 300), 5)], "minute": [0, 1e-7, 0.02, 0.5]}
AT_257 = np.array([[257], [2], [300]])      # a different t in each row; 257 does not fit into 8 bits


def noises(T, seed=0):
    """Noise for a chain, (T + 1, 3, 2) numbers that look random and are short to read."""
    return np.round(2.2 * np.sin(1.7 * np.arange(6 * (T + 1)) + 0.9 + seed), 2).reshape(T + 1, 3, 2)


def uniforms(T):
    """The same for bits: numbers in (0, 1)."""
    return np.round(0.5 + 0.49 * np.sin(2.3 * np.arange(6 * (T + 1)) + 0.4), 3).reshape(T + 1, 3, 2)


def products(beta):
    """alpha_bar at 50 digits."""
    return np.array([mp.fprod(1 - b for b in M(beta)[:t + 1]) for t in range(len(beta))], dtype=object)


def given(name, **extra):
    """A schedule as inputs: beta and alpha_bar."""
    beta = np.array({**SCHEDULES, **MORE}[name])
    return {"beta": beta, "alpha_bar": np.array(products(beta), dtype=float), **extra}


def by_row(f, t, *arrays):
    """f(row of each array, its t), for one t or a column (N, 1)."""
    rows = [f(*(a[n:n + 1] for a in arrays), int(np.broadcast_to(t, (len(arrays[0]), 1))[n, 0]))
            for n in range(len(arrays[0]))]
    return [np.concatenate(part) for part in zip(*rows)] if isinstance(rows[0], tuple) else np.concatenate(rows)


# --- topics: each yields (function, name, flags, inputs, expected values in the catalogue's order) --------------------

def schedule_cases():
    for T in (1, 2, 5, 20):
        beta = [mp.mpf(0)] + [mp.mpf(1) / (T - t + 1) for t in range(1, T + 1)]
        yield "schedule.constant_erasure", f"T{T}", "rate" if T > 1 else "padding", {"T": T}, [beta]
    for name in SCHEDULES:
        beta = np.array(SCHEDULES[name])
        yield ("schedule.alpha_bar", name, "rate" if name == "erased" else "index_shift", {"beta": beta},
               [products(beta)])
    for T, beta_1, last in ((4, 0.01, 100.0), (3, 0.001, 10.0)):
        first = mp.mpf(beta_1) / (1 - mp.mpf(beta_1))
        bar = [mp.mpf(1)] + [1 / (1 + first * (last / first) ** (mp.mpf(t) / (T - 1))) for t in range(T)]
        beta = [0] + [1 - b / a for a, b in zip(bar, bar[1:])]
        yield "schedule.geometric", f"T{T}", "rate", {"T": T, "beta_1": beta_1, "last": last}, [beta]
    logits = np.array([-1.0, 0.5, 2.0])
    yield "schedule.learned", "four-steps", "rate first_step", {"logits": logits, "beta_1": 0.01}, [
        [0, mp.mpf(0.01)] + [EXP(a) / (1 + EXP(a)) for a in M(logits)]]


def times(name):
    """The steps to test: the first, one inside, the last, and a different one for each row."""
    T = len(SCHEDULES[name]) - 1
    return {"first": 1, "inside": 2, "last": T, "mixed": np.minimum(MIXED, T)}


def q_cases(which):
    """Forward kernel, marginal or posterior of both kernels, for every schedule and kind of t."""
    flags = {"first": "first_step", "inside": "index_shift coefficient", "last": "last_step", "mixed": "mixed_t"}
    for name in SCHEDULES:
        for label, t in times(name).items():
            s, beta = given(name), M(SCHEDULES[name])
            if which == "forward":
                one = lambda x, t: (x * mp.sqrt(1 - beta[t]), 0 * x + beta[t])  # noqa: E731
                yield ("gaussian.forward", f"{name}-{label}", flags[label], {"x": X0, "t": t, "beta": s["beta"]},
                       by_row(one, t, M(X0)))
            if which == "marginal":
                one = lambda x, t: gaussian_marginal(x, t, beta)  # noqa: E731
                yield ("gaussian.marginal", f"{name}-{label}", flags[label], {"x0": X0, "t": t, **s},
                       by_row(one, t, M(X0)))
            if which == "posterior":
                one = lambda xt, x0, t: gaussian_posterior(xt, x0, t, beta)  # noqa: E731
                yield ("gaussian.posterior", f"{name}-{label}", flags[label], {"xt": XT, "x0": X0, "t": t, **s},
                       by_row(one, t, M(XT), M(X0)))
            for p in (0.5, 0.2):
                note = flags[label] + (" prior" if p != 0.5 and label != "first" else "")
                inputs = {"t": t, **s, "p": p}
                rates = SCHEDULES[name]
                if which == "forward":
                    bit = lambda v, t: joint(v, 1, [0, rates[t]], p, {1: 1})  # noqa: E731
                    one = lambda x, t: M([[bit(v, t) for v in row] for row in x])  # noqa: E731
                    del inputs["alpha_bar"]
                    yield ("binomial.forward", f"{name}-{label}-p{p}", note, {"x": BITS0, **inputs},
                           [by_row(one, t, BITS0)])
                if which == "marginal":
                    one = lambda x, t: bit_marginal(x, t, rates, p)  # noqa: E731
                    yield ("binomial.marginal", f"{name}-{label}-p{p}", note, {"x0": BITS0, **inputs},
                           [by_row(one, t, BITS0)])
                if which == "posterior":
                    one = lambda xt, x0, t: bit_posterior(xt, x0, t, rates, p)  # noqa: E731
                    yield ("binomial.posterior", f"{name}-{label}-p{p}", note, {"xt": BITS1, "x0": BITS0, **inputs},
                           [by_row(one, t, BITS1, BITS0)])
    small = np.array([[1], [2], [3]]) if which != "posterior" else np.array([[2], [3], [3]])
    for name, t, flag in (("long", AT_257, "mixed_t narrow_t"), ("minute", small, "mixed_t")):
        s, beta = given(name), M(MORE[name])
        step = lambda x, t: (x * mp.sqrt(1 - beta[t]), 0 * x + beta[t])  # noqa: E731, B023
        if which == "forward":
            yield ("gaussian.forward", f"{name}-mixed", flag, {"x": X0, "t": t, "beta": s["beta"]},
                   by_row(step, t, M(X0)))
        if which == "marginal":
            yield ("gaussian.marginal", f"{name}-mixed", flag, {"x0": X0, "t": t, **s},
                   by_row(lambda x, t: gaussian_marginal(x, t, beta), t, M(X0)))  # noqa: B023
        if which == "posterior":
            yield ("gaussian.posterior", f"{name}-mixed", flag, {"xt": XT, "x0": X0, "t": t, **s},
                   by_row(lambda xt, x0, t: gaussian_posterior(xt, x0, t, beta), t, M(XT), M(X0)))  # noqa: B023
    if which == "marginal":
        yield "gaussian.marginal", "start", "start", {"x0": X0, "t": 0, **given("left")}, [X0, 0 * X0]
        yield "binomial.marginal", "start", "start", {"x0": BITS0, "t": 0, **given("left"), "p": 0.2}, [BITS0]


def kl_cases():
    mean_q, var_q = X0, np.array([[0.5, 0.2], [1.0, 3.0], [0.25, 0.125]])
    mean_p, var_p = XT, np.array([[2.0, 0.3], [1.0, 0.5], [4.0, 0.5]])
    for name, a in {"general": (mean_q, var_q, mean_p, var_p), "same-mean": (mean_q, var_q, mean_q, var_p),
                    "same-variance": (mean_q, var_p, mean_p, var_p)}.items():
        flags = {"general": "direction spread missing_term", "same-mean": "direction", "same-variance": "spread"}[name]
        yield ("gaussian.kl", name, flags, dict(zip(("mean_q", "var_q", "mean_p", "var_p"), a)),
               [gaussian_kl(*map(M, a))])
    q, p = np.array([[0.1, 0.7], [0.5, 0.9], [0.25, 0.01]]), np.array([[0.3, 0.6], [0.8, 0.2], [0.5, 0.02]])
    yield "binomial.kl", "general", "direction missing_term", {"rate_q": q, "rate_p": p}, [bit_kl(q, p)]
    q = np.array([[0.0, 1.0], [0.0, 1.0], [0.5, 0.0]])
    yield "binomial.kl", "certain-bits", "zero_probability", {"rate_q": q, "rate_p": p}, [bit_kl(q, p)]
    q, p = np.array([[0.0, 1.0], [1.0, 0.3], [0.5, 0.5]]), np.array([[0.0, 1.0], [0.5, 0.3], [0.5, 0.25]])
    yield "binomial.kl", "both-certain", "zero_probability", {"rate_q": q, "rate_p": p}, [bit_kl(q, p)]


def entropy_cases():
    var = np.array([[0.5, 2.0], [1.0, 0.01], [3.0, 0.25]])
    yield "gaussian.entropy", "general", "spread missing_term", {"var": var}, [gaussian_entropy(M(var))]
    yield ("gaussian.entropy", "unit-variance", "missing_term", {"var": np.ones((1, 2))},
           [gaussian_entropy(M(np.ones((1, 2))))])
    yield ("gaussian.log_density", "general", "spread missing_term", {"x": X0, "mean": XT, "var": var},
           [log_normal(M(X0), M(XT), M(var))])
    at_the_mean, inf = np.array([[True] * 2, [False] * 2, [True] * 2]), float("inf")   # sums of a row have no inf - inf
    yield ("gaussian.log_density", "variance-0", "zero_probability", {"x": np.where(at_the_mean, XT, X0), "mean": XT,
            "var": 0 * var}, [np.where(at_the_mean, inf, -inf)])
    yield ("gaussian.log_density", "at-the-mean", "missing_term", {"x": X0, "mean": X0, "var": var},
           [log_normal(M(X0), M(X0), M(var))])
    rate = np.array([[0.1, 0.7], [0.5, 0.9], [0.25, 0.01]])
    yield "binomial.entropy", "general", "missing_term", {"rate": rate}, [bit_entropy(rate)]
    rate = np.array([[0.0, 1.0], [0.5, 0.0]])
    yield "binomial.entropy", "certain-bits", "zero_probability", {"rate": rate}, [bit_entropy(rate)]
    rate = np.array([[0.1, 0.7], [0.5, 0.9], [0.25, 0.01]])
    yield ("binomial.log_density", "general", "missing_term direction", {"x": BITS0, "rate": rate},
           [bit_log(BITS0, rate)])
    rate = np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 0.5]])
    yield "binomial.log_density", "certain-bits", "zero_probability", {"x": BITS0, "rate": rate}, [bit_log(BITS0, rate)]


def draw_cases():
    var = np.array([[0.5, 2.0], [0.04, 0.01], [3.0, 0.25]])
    yield ("gaussian.draw", "general", "spread noise", {"mean": X0, "var": var, "noise": NOISE},
           [M(X0) + SQRT(M(var)) * M(NOISE)], [X0, var])
    yield "gaussian.draw", "no-variance", "spread", {"mean": X0, "var": 0 * var, "noise": NOISE}, [X0], [X0, 0 * var]
    rate, u = np.array([[0.1, 0.7], [0.5, 0.9], [0.25, 0.8]]), np.array([[0.95, 0.6], [0.45, 0.55], [0.3, 0.75]])
    yield "binomial.draw", "general", "noise", {"rate": rate, "noise": u}, [(u < rate) * 1.0], [rate]
    rate, u = np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([[0.0, 0.999], [0.5, 0.5]])
    yield "binomial.draw", "certain-bits", "noise", {"rate": rate, "noise": u}, [(u < rate) * 1.0], [rate]


def expected_terms(x0, beta, gain, gain_var, noises_):
    """kl_t (T + 1, N), H_T, H_1, H_p (N,) for the Gaussian kernel N(gain_t x, gain_var_t)."""
    T, (x0, beta, gain, v, e) = len(beta) - 1, map(M, (x0, beta, gain, gain_var, noises_))
    kl = [0 * x0[:, 0], 0 * x0[:, 0]]
    for t in range(2, T + 1):
        mean, var = gaussian_marginal(x0, t, beta)
        xt = mean + SQRT(var) * e[t]
        kl.append(gaussian_kl(*gaussian_posterior(xt, x0, t, beta), gain[t] * xt, 0 * xt + v[t]).sum(axis=1))
    H = [gaussian_entropy(gaussian_marginal(x0, t, beta)[1]).sum(axis=1) for t in (T, 1)]
    return [kl, *H, gaussian_entropy(0 * x0 + 1).sum(axis=1)]


def expected_K_true(x0, beta, terms):
    """Eq. 12 with the last step of Eq. 44: -sum KL + E log p(x_T)/q(x_T|x_0) + E log T_π(x_0|x_1; beta_1)."""
    b, x, T = M(beta), M(x0), len(beta) - 1
    mean, var = gaussian_marginal(x, T, b)
    end = expect(lambda y: log_normal(y, 0 * y, 0 * y + 1) - log_normal(y, mean, var), mean, var)
    m1, v1 = gaussian_marginal(x, 1, b)
    start = expect(lambda y: log_normal(x, mp.sqrt(1 - b[1]) * y, 0 * y + b[1]), m1, v1)
    return -np.sum(terms[0], axis=0) + (end + start).sum(axis=1)


def gaussian_kernel(T):
    """A reverse kernel that is nobody's in particular: gain and variance for t = 0..T (0 unused)."""
    return np.array([0, 0.9, 0.8, 0.75, 0.6, 0.4][:T + 1]), np.array([0, 0.3, 0.2, 0.35, 0.5, 0.7][:T + 1])


def bound_cases():
    for name in SCHEDULES:
        T = len(SCHEDULES[name]) - 1
        gain, gain_var = gaussian_kernel(T)
        inputs = {"x0": X0, "noises": noises(T), **given(name), "gain": gain, "gain_var": gain_var}
        terms = expected_terms(X0, SCHEDULES[name], gain, gain_var, noises(T))
        flags = "coordinates second_moment index_shift" + (" assembly" if name == "erased" else " signal_left")
        yield "bound.terms", name, flags, inputs, terms
        yield "bound.K_true", name, "second_moment assembly", inputs, [expected_K_true(X0, SCHEDULES[name], terms)]
        for p in (0.5, 0.2):
            shift = np.array([0, 0.05, 0.1, 0.15, 0.2, 0.3][:T + 1])
            s, b = given(name), SCHEDULES[name]
            kl = [M(np.zeros(3))] * 2
            for t in range(2, T + 1):
                xt = (M(uniforms(T)[t]) < bit_marginal(BITS0, t, b, p)) * 1.0
                kl.append(bit_kl(bit_posterior(xt, BITS0, t, b, p), M(gain[t]) * M(xt) + M(shift[t])).sum(axis=1))
            rates = [bit_marginal(BITS0, T, b, p), bit_marginal(BITS0, 1, b, p), M(np.full((3, 2), p))]
            H = [bit_entropy(rate).sum(axis=1) for rate in rates]
            yield ("bound.terms_bits", f"{name}-p{p}", "coordinates index_shift noise" + (" prior" if p != 0.5 else ""),
                   {"x0": BITS0, "noises": uniforms(T), **s, "gain": gain, "shift": shift, "p": p}, [kl, *H])
    one = {"x0": X0, "noises": noises(1), "beta": np.array([0, 0.5]), "alpha_bar": np.array([1, 0.5]),
           "gain": gaussian_kernel(1)[0], "gain_var": gaussian_kernel(1)[1]}
    yield ("bound.terms", "one-step", "coordinates", one,
           expected_terms(X0, one["beta"], one["gain"], one["gain_var"], one["noises"]))
    kl, n = np.round(1.5 + np.cos(2.1 * np.arange(40)), 2).reshape(5, 8) * (np.arange(5) > 1)[:, None], np.arange(8)
    H_T, H_1 = np.round(1 + np.sin(n), 2), np.round(-3 + np.cos(1.3 * n), 2)
    H_p = np.round(2.5 + np.sin(3.1 * n), 2)
    yield ("bound.K", "four-steps", "assembly sign", {"kl_t": kl, "H_T": H_T, "H_1": H_1, "H_p": H_p},
           [M(H_T) - M(H_1) - M(H_p) - sum(M(kl))])
    yield ("bound.K", "H_T-is-H_p", "assembly", {"kl_t": kl, "H_T": H_p, "H_1": H_1, "H_p": H_p},
           [-M(H_1) - sum(M(kl))])
    drawn = np.array([[0.5, 0.25, 2], [1.5, 0.125, 0.75]])
    for T in (2, 5):
        yield "bound.sum_estimate", f"T{T}", "assembly", {"kl_drawn": drawn, "T": T}, [(T - 1) * sum(M(drawn)) / 2]
    yield ("bound.bits", "general", "unit", {"nats": np.array([1.0, -2.5, mp.log(2)], dtype=float)},
           [M([1.0, -2.5, float(mp.log(2))]) / mp.log(2)])
    yield ("bound.L_null", "general", "coordinates missing_term unit", {"x0": X0},
           [log_normal(M(X0), 0 * M(X0), 0 * M(X0) + 1).sum(axis=1)])
    for p in (0.5, 0.2):
        yield ("bound.L_null_bits", f"p{p}", "coordinates unit" + (" prior" if p != 0.5 else ""), {"x0": BITS0, "p": p},
               [bit_log(BITS0, M(np.full((3, 2), p))).sum(axis=1)])
    many = (np.arange(400).reshape(2, 200) % 3 == 0) * 1.0
    yield ("bound.L_null_bits", "many-bits", "underflow", {"x0": many, "p": 0.2},
           [bit_log(many, M(np.full((2, 200), 0.2))).sum(axis=1)])


def weight_cases():
    for name in SCHEDULES:
        T = len(SCHEDULES[name]) - 1
        gain, v = gaussian_kernel(T)
        path, b, shift = noises(T, 3), M(SCHEDULES[name]), np.array([0, 0.05, 0.1, 0.15, 0.2, 0.3][:T + 1])
        x, G, V = M(path), M(gain), M(v)
        total = log_normal(x[T], 0 * x[T], 1) + log_normal(x[0], x[1] * mp.sqrt(1 - b[1]), b[1])
        for t in range(1, T + 1):
            total = total - log_normal(x[t], x[t - 1] * mp.sqrt(1 - b[t]), b[t])
            if t > 1:
                total = total + log_normal(x[t - 1], G[t] * x[t], V[t])
        yield ("bound.log_weights", name, "first_step assembly coordinates",
               {"path": path, "beta": np.array(SCHEDULES[name]), "gain": gain, "gain_var": v}, [total.sum(axis=1)])
        for p in (0.5, 0.2):
            path, P = (uniforms(T) < 0.5) * 1.0, mp.mpf(p)
            step = lambda x, b: M(x) * (1 - b) + b * P  # noqa: E731
            total = bit_log(path[T], 0 * M(path[T]) + P) + bit_log(path[0], step(path[1], b[1]))
            for t in range(1, T + 1):
                total = total - bit_log(path[t], step(path[t - 1], b[t]))
                if t > 1:
                    total = total + bit_log(path[t - 1], G[t] * M(path[t]) + M(shift)[t])
            yield ("bound.log_weights_bits", f"{name}-p{p}", "assembly coordinates" + (" prior" if p != 0.5 else ""),
                   {"path": path, "beta": np.array(SCHEDULES[name]), "gain": gain, "shift": shift, "p": p},
                   [total.sum(axis=1)])
    for name, w in {"moderate": [[-1.0, 0.5], [0.25, -2.0], [1.5, 1.0]],
                    "five-paths": [[-1.0, 0.5], [0.25, -2.0], [1.5, 1.0], [0.5, -0.75], [-2.0, 2.5]],
                    "underflow": [[-1000.0, -800.0], [-1001.5, -805.0], [-999.0, -801.0]]}.items():
        flags = "averaging" + (" underflow" if name == "underflow" else "")
        yield "bound.log_likelihood", name, flags, {"log_w": np.array(w)}, [LOG(sum(EXP(M(w))) / len(w))]


def parametrisation_cases():
    tau = np.array([0.5, 1.5, 2.5, 3.5])
    for t in (1, 3):
        g = EXP(-(t - M(tau)) ** 2 / (2 * M(1.0) ** 2))
        yield "reverse.bumps", f"spacing1-t{t}", "normaliser", {"t": t, "tau": tau, "w": 1.0}, [g / sum(g)]
    g = EXP(-(4 - M(2 * tau)) ** 2 / 8)
    yield ("reverse.bumps", "spacing2-t4", "normaliser index_shift spread", {"t": 4, "tau": 2 * tau, "w": 2.0},
           [g / sum(g)])
    y, g = np.round(np.sin(np.arange(12.0)), 2).reshape(2, 6), np.array([0.5, 0.3, 0.2])
    yield ("reverse.readout", "two-pixels", "order", {"coefficients": y, "g": g},
           [M(y[:, :3]) @ M(g), M(y[:, 3:]) @ M(g)])
    yield ("reverse.readout", "negative", "sign", {"coefficients": -y, "g": g},
           [M(-y[:, :3]) @ M(g), M(-y[:, 3:]) @ M(g)])
    z = np.array([[0.5, -1.0], [2.0, 0.0], [-3.0, 1.0]])
    for name in SCHEDULES:
        for label, t in times(name).items():
            b = M(given(name)["beta"][t])
            if label != "last" or name != "erased":
                value = b * EXP(M(z)) / (1 - b + b * EXP(M(z)))                            # odds multiplied by exp(z)
                if label == "mixed" and name == "erased":
                    assert MIXED.max() < 5
                flags = {"mixed": "mixed_t", "inside": "coefficient index_shift"}.get(label, "coefficient")
                yield ("reverse.variance", f"{name}-{label}", flags, {"z": z, "t": t, "beta": given(name)["beta"]},
                       [value])
    var = np.array([[0.5, 0.2], [0.9, 0.04], [0.25, 0.125]])
    yield ("reverse.mean", "general", "coefficient spread", {"x": X0, "z": z, "var": var},
           [M(X0) - M(var) * (M(X0) - M(z))])
    yield "reverse.mean", "z-zero", "coefficient", {"x": X0, "z": 0 * z, "var": var}, [M(X0) - M(var) * M(X0)]


def trajectory_cases():
    for name in SCHEDULES:
        T, b = len(SCHEDULES[name]) - 1, M(SCHEDULES[name])
        gain, v = gaussian_kernel(T)
        for label, t in times(name).items():
            bt, e = b[t], M(NOISE)
            mean, var = M(X0) * SQRT(1 - bt), 0 * M(X0) + bt
            yield ("trajectory.forward_step", f"{name}-{label}",
                   "mixed_t" if label == "mixed" else "noise" if np.all(bt == 1) else "spread noise",
                   {"x": X0, "t": t, "beta": given(name)["beta"], "noise": NOISE}, [mean + SQRT(var) * e], [mean, var])
            last = np.asarray(t) == 1
            mean = np.where(last, M(XT) * SQRT(1 - b[1]), M(XT) * M(gain[t]))
            var = np.where(last, 0 * M(XT) + b[1], 0 * M(XT) + M(v[t]))
            yield ("trajectory.reverse_step", f"{name}-{label}",
                   {"first": "first_step", "mixed": "mixed_t first_step"}.get(label, "spread noise"),
                   {"xt": XT, "t": t, "beta": given(name)["beta"], "gain": gain, "gain_var": v, "noise": NOISE},
                   [mean + SQRT(var) * e], [mean, var])
        mean, var = M(XT) * mp.sqrt(1 - b[1]), 0 * M(XT) + b[1]
        yield ("trajectory.last_step", name, "spread noise first_step",
               {"x1": XT, "beta": given(name)["beta"], "noise": NOISE},
               [mean + SQRT(var) * M(NOISE)], [mean, var])
        u = uniforms(0)[0]
        rate = M(BITS1) * (1 - b[1]) + mp.mpf(0.2) * b[1]
        yield ("trajectory.last_step_bits", name, "noise",
               {"x1": BITS1, "beta": given(name)["beta"], "p": 0.2, "noise": u},
               [(M(u) < rate) * 1.0], [rate])
        for p in (0.5, 0.2) if name == "erased" else ():
            u = np.array([[0.07, 0.03], [0.87, 0.83], [0.12, 0.97]])
            rate = M(BITS1) * (1 - b[1]) + mp.mpf(p) * b[1]
            yield ("trajectory.last_step_bits", f"prior-p{p}", "prior" if p != 0.5 else "noise",
                   {"x1": BITS1, "beta": given(name)["beta"], "p": p, "noise": u}, [(M(u) < rate) * 1.0], [rate])
        path, e = [M(X0)], M(noises(T))
        for t in range(1, T + 1):
            path.append(path[-1] * mp.sqrt(1 - b[t]) + mp.sqrt(b[t]) * e[t])
        yield "trajectory.forward", name, "order", {"x0": X0, "noises": noises(T), "beta": given(name)["beta"]}, [path]
        path = [M(XT)]
        for t in range(T, 1, -1):
            path.insert(0, path[0] * M(gain)[t] + SQRT(M(v))[t] * e[t])
        path.insert(0, path[0] * mp.sqrt(1 - b[1]) + mp.sqrt(b[1]) * e[1])
        yield ("trajectory.reverse", name, "order first_step",
               {"xT": XT, "noises": noises(T), "beta": given(name)["beta"], "gain": gain, "gain_var": v}, [path])


def product_cases():
    var = np.array([[0.5, 0.2], [0.9, 0.04], [0.25, 0.125]])
    slope, y = np.array([[1.5, -0.5], [0.25, 2.0], [-3.0, 0.75]]), np.array([[1.0, 0.0], [-0.5, 2.0], [3.0, -1.0]])
    yield ("gaussian.perturbed", "general", "spread sign coefficient", {"mean": X0, "var": var, "slope": slope},
           fit(lambda a: log_normal(a, M(X0), M(var)) + M(slope) * a))
    for y_var in (1.0, 0.25):
        g = (M(y) - M(X0)) / M(y_var)
        inputs = {"mean": X0, "var": var, "y": y, "y_var": y_var, "xt": XT}
        yield ("product.denoise", f"y_var{y_var}", "gradient_point sign", inputs,
               fit(lambda a: log_normal(a, M(X0), M(var)) + g * a))
        inputs = {"mean": X0, "var": var, "y": y, "y_var": y_var}
        yield ("product.exact", f"y_var{y_var}", "normaliser", inputs,
               fit(lambda a: log_normal(a, M(X0), M(var)) + log_normal(M(y), a, M(y_var))))
    c, d = np.array([[0.1, 0.7], [0.5, 0.9], [0.25, 0.01]]), np.array([[0.3, 0.6], [0.8, 0.2], [0.5, 0.02]])
    yield "binomial.perturbed", "general", "normaliser", {"c": c, "d": d}, [M(c) / (M(c) + (1 - M(c)) * (1 / M(d) - 1))]
    c, d = np.array([[0.0, 1.0], [0.3, 0.6]]), np.array([[0.3, 0.6], [1.0, 0.0]])
    yield "binomial.perturbed", "certain-bits", "normaliser", {"c": c, "d": d}, [[[0, 1], [1, 0]]]
    c, flip = np.array([[0.1, 0.7], [0.5, 0.9], [0.25, 0.01]]), 0.1
    odds = elementwise(lambda b: (1 - mp.mpf(flip)) / flip if b == 1 else flip / (1 - mp.mpf(flip)))(BITS0)
    yield ("product.denoise_bits", "general", "normaliser direction", {"rate": c, "y": BITS0, "flip": flip},
           [M(c) * odds / (M(c) * odds + 1 - M(c))])
    mask = np.array([[1.0, 0.0], [0.0, 0.0], [1.0, 1.0]])
    yield ("product.known", "general", "mask", {"mean": X0, "var": var, "known": y, "mask": mask},
           [np.where(mask == 1, y, X0), np.where(mask == 1, 0, var)])
    for t, T in ((0, 5), (2, 5), (5, 5)):
        yield ("product.exponent", f"t{t}", "index_shift" if t != 2 else "coefficient", {"t": t, "T": T},
               [mp.mpf(T - t) / T])


def entropy_bound_cases():
    for name in SCHEDULES:
        T, b = len(SCHEDULES[name]) - 1, M(SCHEDULES[name])
        zero = M(np.zeros(()))[()]
        for t in range(2, T + 1):
            s = {"t": t, **given(name)}
            H = lambda t: gaussian_entropy(gaussian_marginal(zero, t, b)[1])  # noqa: E731
            step = gaussian_entropy(zero + b[t])
            yield "entropy.bounds", f"{name}-t{t}", "missing_term index_shift", s, [step + H(t - 1) - H(t), step]
            H = lambda t: bit_entropy(bit_marginal(np.zeros(()), t, SCHEDULES[name], 0.5))  # noqa: E731
            step = bit_entropy(b[t] / 2)
            yield "entropy.bounds_bits", f"{name}-t{t}", "missing_term index_shift", s, [step + H(t - 1) - H(t), step]


def rbf_inputs():
    T = 4
    wave = lambda *shape: np.round(np.sin(1.3 * np.arange(np.prod(shape)) + len(shape)), 2).reshape(shape)  # noqa: E731
    params = {"centres": wave(3, 2), "log_width": np.array([0.1, -0.2, 0.3]), "W_mean": wave(T + 1, 3, 2),
              "b_mean": 0.1 * wave(T + 1, 2), "W_var": wave(T + 1, 3, 2) / 2, "b_var": wave(T + 1, 2) - 1}
    beta = np.array(SCHEDULES["left"])
    return params, {"x0": X0, "noises": noises(T), "beta": beta, "alpha_bar": np.array(products(beta), dtype=float)}


def gradient_cases():
    params, data = rbf_inputs()
    value = lambda q: fifty_digits.rbf_value(q, M(data["x0"]), M(data["noises"]), M(data["beta"]))  # noqa: E731
    q = {name: M(a) for name, a in params.items()}
    yield ("gradient.rbf", "four-steps", "direction coordinates coefficient", {**params, **data},
           [value(q), *fifty_digits.gradient(value, q).values()])
    wave = lambda *shape: np.round(np.sin(1.9 * np.arange(np.prod(shape)) + len(shape)), 2).reshape(shape)  # noqa: E731
    params = {"W_1": wave(2, 3), "b_1": wave(3), "W_2": wave(3, 2), "b_2": wave(2), "W": wave(5, 2, 2),
              "b": wave(5, 2) - 0.5}
    data = {"x0": BITS0, "noises": uniforms(4), "beta": data["beta"], "alpha_bar": data["alpha_bar"], "p": 0.2}
    value = lambda q: fifty_digits.bit_value(q, data["x0"], data["noises"], list(data["beta"]), 0.2)  # noqa: E731
    q = {name: M(a) for name, a in params.items()}
    yield ("gradient.bit_mlp", "four-steps", "direction coordinates prior", {**params, **data},
           [value(q), *fifty_digits.gradient(value, q).values()])


def training_cases():
    params, data = rbf_inputs()
    value = lambda q: fifty_digits.rbf_value(q, M(data["x0"]), M(data["noises"]), M(data["beta"]))  # noqa: E731
    values, after = fifty_digits.ascent(value, {name: M(a) for name, a in params.items()}, mp.mpf(0.01), 4)
    yield ("training.run", "four-steps", "sign order", {**params, **data, "rate_of_learning": 0.01, "steps": 4},
           [values, after["centres"], after["W_mean"], after["b_var"]])


TOPICS = {
    "schedule": [schedule_cases], "kl": [kl_cases], "entropy": [entropy_cases, entropy_bound_cases],
    "draw": [draw_cases],
    "forward": [lambda: q_cases("forward")], "marginal": [lambda: q_cases("marginal")],
    "posterior": [lambda: q_cases("posterior")], "bound": [bound_cases], "weights": [weight_cases],
    "parametrisation": [parametrisation_cases], "trajectory": [trajectory_cases], "product": [product_cases],
    "gradient": [gradient_cases], "training": [training_cases]}
