"""Mistakes in the bound, its terms, path weights and L_null."""
import numpy as np

from . import bank_bits as bits
from .mistakes import M, coefficients, kl, log, normal, step


def entropy(var):
    """H of a Gaussian, right."""
    return 0.5 * log(2 * np.pi * np.e * var)


def terms(change="", swap=False, axis=np.sum):
    """The terms of K with one change; `axis` reduces the coordinates."""
    def wrong(x0, noises, beta, alpha_bar, gain, gain_var):
        T, kl_t = len(beta) - 1, [np.zeros(len(x0))] * 2
        for t in range(2, T + 1):
            bar = alpha_bar[t - 1] if change == "x_t of t - 1" else 1 - beta[t] if change == "x_t by one step" else alpha_bar[t]
            e = noises[t - 1] if change == "noise of t - 1" else noises[t]
            scale = 1 - bar if change == "noise times variance" else np.sqrt(1 - bar)
            xt = (bar if change == "x_t without root" else np.sqrt(bar)) * x0 + scale * e
            i = t - 1 if change == "posterior of t - 1" else t
            with np.errstate(all="ignore"):
                c0, ct, var = coefficients(beta[i], alpha_bar[i - 1], alpha_bar[i])
            var = beta[t] if change == "beta_t" else var
            j = t - 1 if change == "reverse of t - 1" else t
            q, p = (c0 * x0 + ct * xt, var + 0 * xt), (gain[j] * xt, gain_var[j] + 0 * xt)
            with np.errstate(all="ignore"):
                kl_t.append(axis(kl(*p, *q) if swap else kl(*q, *p), axis=1))
        one = np.ones_like(x0)
        m2 = np.mean(x0 ** 2)
        H_T = 1 if change == "H_T is H_p" else beta[T] if change == "H_T of one step" else 1 - alpha_bar[T] + alpha_bar[T] * (m2 if change == "H(X_T)" else 0)
        H_1 = alpha_bar[1] if change == "alpha_bar_1" else 1 - alpha_bar[2 if change == "H_2" and T > 1 else 1]
        H = [axis(entropy(v * one), axis=1) for v in (H_T, H_1, 1)]
        if change == "H per coordinate":
            H = [h / x0.shape[1] for h in H]
        if change == "H_1 and H_T":
            H = [H[1], H[0], H[2]]
        if change == "kl first":
            kl_t = kl_t[1:] + kl_t[:1]
        if change == "cumulated":
            kl_t = np.cumsum(kl_t, axis=0)
        return np.array(kl_t), *H
    return wrong


def terms_bits(change="", swap=False, axis=np.sum):
    """The same for bits."""
    def wrong(x0, noises, beta, alpha_bar, gain, shift, p):
        T, kl_t = len(beta) - 1, [np.zeros(len(x0))] * 2
        prior = 0.5 if change == "prior" else p
        for t in range(2, T + 1):
            bar = alpha_bar[t - 1] if change == "x_t of t - 1" else 1 - beta[t] if change == "x_t by one step" else alpha_bar[t]
            rate = bits.marginal(x0, bar, prior)
            xt = rate if change == "rate" else (noises[t - 1 if change == "noise of t - 1" else t] < rate) * 1.0
            i = t - 1 if change == "posterior of t - 1" else t
            q = bits.posterior(xt, x0, beta[i], alpha_bar[i - 1], prior)
            j = t - 1 if change == "reverse of t - 1" else t
            r = gain[j] * xt + shift[j]
            kl_t.append(axis(bits.kl(r, q) if swap else bits.kl(q, r), axis=1))
        rates = [bits.marginal(x0, alpha_bar[T], prior), bits.marginal(x0, alpha_bar[1], prior),
                 np.full(x0.shape, 0.5 if change == "prior of H_p" else prior)]
        H = [axis(bits.entropy(r), axis=1) / (x0.shape[1] if change == "H per coordinate" else 1) for r in rates]
        if change == "kl first":
            kl_t = kl_t[1:] + kl_t[:1]
        if change == "cumulated":
            kl_t = np.cumsum(kl_t, axis=0)
        return np.array(kl_t), *([H[2], H[1], H[2]] if change == "H_T is H_p" else [H[1], H[0], H[2]] if change == "H_1 and H_T" else H)
    return wrong


def K_true(change=""):
    """K_true with a part changed: sum of terms, and the edge per coordinate."""
    def wrong(x0, noises, beta, alpha_bar, gain, gain_var):
        kl_t, H_T, H_1, H_p = terms()(x0, noises, beta, alpha_bar, gain, gain_var)
        m2, b = x0 ** 2, beta[1]
        end = 0.5 * alpha_bar[-1] * (1 - m2)
        start = 0.5 * ((1 - b) * m2 + b - m2)
        edge = {"Eq. 14": 0, "no end": start, "no start": end, "wrong sign": -(end + start), "mean m2": (np.mean(end + start) + 0 * m2)}
        K = -kl_t.sum(axis=0) + H_T - H_1 - H_p
        if change == "reverse at 1":                               # last step with the learned kernel
            x1 = np.sqrt(1 - b)
            error = (x0 - gain[1] * x1 * x0) ** 2 + gain[1] ** 2 * b
            last = -0.5 * (np.log(2 * np.pi * gain_var[1]) + error / gain_var[1])
            fixed = -0.5 * (np.log(2 * np.pi * b) + ((x0 - (1 - b) * x0) ** 2 + (1 - b) * b) / b)
            return K + (end + start + last - fixed).sum(axis=1)
        return K + (edge[change] + 0 * m2).sum(axis=1)
    return wrong


def weights(change="", axis=np.sum):
    """Path weights with one term changed."""
    def wrong(path, beta, gain, gain_var):
        T, x = len(beta) - 1, path
        start = normal(x[T], 0, 1)
        first_step = normal(x[0], *(step(x[1], beta[1])))
        if change == "learned last step":
            first_step = normal(x[0], gain[1] * x[1], gain_var[1])
        origin, rate = ([x[0]] * (T + 1), 1 - np.cumprod(1 - beta)) if change == "q given x_0" else (x, beta)
        q = [normal(x[t], *step(origin[t - 1], rate[t])) for t in range(1, T + 1)]
        p = [normal(x[t - 1], gain[t] * x[t], gain_var[t]) for t in range(2, T + 1)]
        return assemble(change, start, first_step, p, q, axis)
    return wrong


def weights_bits(change="", axis=np.sum):
    """The same for bits."""
    def wrong(path, beta, gain, shift, p):
        pi, T = 0.5 if change == "prior" else p, len(beta) - 1
        lb = lambda x, r: log(np.where(x == 1, r, 1 - r))                                   # noqa: E731
        origin, kept = ([path[0]] * (T + 1), np.cumprod(1 - beta)) if change == "q given x_0" else (path, 1 - beta)
        q = [lb(path[t], bits.marginal(origin[t - 1], kept[t], pi)) for t in range(1, T + 1)]
        r = [lb(path[t - 1], gain[t] * path[t] + shift[t]) for t in range(2, T + 1)]
        start = lb(path[T], 0.5 if change == "prior of x_T" else pi)
        return assemble(change, start, lb(path[0], bits.marginal(path[1], 1 - beta[1], pi)), r, q, axis)
    return wrong


def assemble(change, start, first_step, p, q, axis):
    """The sum of the terms of Eq. 9, with one change."""
    total = start + first_step + sum(p) - sum(q)
    total = {"no p(x_T)": total - start, "no last step": total - first_step, "no first": total - first_step + q[0],
             "no q": total + sum(q), "no last q": total + q[-1], "no p": total - sum(p), "upside down": -total,
             "no q_1": total + q[0], "mean": total / len(q)}.get(change, total)
    return axis(total, axis=1)


def log_mean(w, axis=0):
    """log mean exp, right."""
    top = w.max(axis=axis)
    return top + np.log(np.mean(np.exp(w - top), axis=axis))


T_, TB, KT, W, WB, LL = "bound.terms", "bound.terms_bits", "bound.K_true", "bound.log_weights", "bound.log_weights_bits", "bound.log_likelihood"
total = lambda kl_t, H_T, H_1, H_p: -kl_t.sum(axis=0) + H_T - H_1 - H_p                     # noqa: E731
BOUND = [
    M("q and p exchanged", T_, "index_shift", "The KL averages over the posterior q.", terms(swap=True)),
    M("mean over the coordinates", T_, "coordinates", "A sample's KL and entropies are sums over its coordinates.", terms(axis=np.mean)),
    M("entropies of one coordinate", T_, "coordinates", "H is the entropy of all coordinates of a sample.", terms("H per coordinate")),
    M("x_t of step t - 1", T_, "index_shift", "KL_t is at x_t drawn from q(x_t|x_0), with alpha_bar_t.", terms("x_t of t - 1")),
    M("x_t by one step from x_0", T_, "index_shift", "x_t is t steps from x_0: use alpha_bar_t.", terms("x_t by one step")),
    M("x_t without the square root", T_, "second_moment", "The mean of x_t is sqrt(alpha_bar_t) x_0.", terms("x_t without root")),
    M("x_t's noise times the variance", T_, "index_shift", "Scale noise by the standard deviation.", terms("noise times variance")),
    M("noise of step t - 1", T_, "index_shift", "noises[t] makes x_t.", terms("noise of t - 1")),
    M("posterior of step t - 1", T_, "index_shift", "Compare q(x_{t-1}|x_t,x_0) with p(x_{t-1}|x_t), both at t.", terms("posterior of t - 1")),
    M("reverse kernel of step t - 1", T_, "index_shift", "Compare q(x_{t-1}|x_t,x_0) with p(x_{t-1}|x_t), both at t.", terms("reverse of t - 1")),
    M("beta_t for the posterior variance", T_, "index_shift", "The variance of q(x_{t-1}|x_t,x_0) is beta_t (1 - alpha_bar_{t-1}) / (1 - alpha_bar_t).", terms("beta_t")),
    M("H_q(X_T|X_0) taken to be H_p(X_T)", T_, "signal_left", "They differ by log(1 - alpha_bar_T)/2 a coordinate: zero only where alpha_bar_T = 0.", terms("H_T is H_p")),
    M("H_T with beta_T for 1 - alpha_bar_T", T_, "signal_left", "q(x_T|x_0) is T steps from x_0: its variance is 1 - alpha_bar_T.", terms("H_T of one step")),
    M("H_1 and H_T exchanged", T_, "assembly", "H_T has alpha_bar_T, H_1 has alpha_bar_1.", terms("H_1 and H_T")),
    M("H of X_T, not given X_0", T_, "signal_left", "H_q(X_T|X_0) is conditional: variance 1 - alpha_bar_T.", terms("H(X_T)")),
    M("H_1 with alpha_bar_1 for beta_1", T_, "assembly", "q(x_1|x_0) has variance beta_1.", terms("alpha_bar_1")),
    M("H of x_2 for H_1", T_, "index_shift", "H_1 is the entropy of q(x_1|x_0): 1 - alpha_bar_1 = beta_1.", terms("H_2")),
    M("KL one row early", T_, "index_shift", "Row t of kl_t is KL_t: rows 0 and 1 are zero.", terms("kl first")),
    M("KL summed up to t", T_, "index_shift", "kl_t holds each term by itself.", terms("cumulated")),
    M("q and p exchanged", TB, "index_shift", "The KL averages over the posterior q.", terms_bits(swap=True)),
    M("mean over the bits", TB, "coordinates", "Sum over a sample's bits.", terms_bits(axis=np.mean)),
    M("entropies of one bit", TB, "coordinates", "H is the entropy of all bits of a sample.", terms_bits("H per coordinate")),
    M("x_t its rate, not a draw", TB, "noise", "x_t is a bit: 1 where noise < rate.", terms_bits("rate")),
    M("x_t by one step from x_0", TB, "index_shift", "x_t is t steps from x_0: use alpha_bar_t.", terms_bits("x_t by one step")),
    M("noise of step t - 1", TB, "index_shift", "noises[t] makes x_t.", terms_bits("noise of t - 1")),
    M("reverse kernel of step t - 1", TB, "index_shift", "Compare both kernels at t.", terms_bits("reverse of t - 1")),
    M("KL one row early", TB, "index_shift", "Row t of kl_t is KL_t: rows 0 and 1 are zero.", terms_bits("kl first")),
    M("KL summed up to t", TB, "index_shift", "kl_t holds each term by itself.", terms_bits("cumulated")),
    M("π = B(0.5) whatever p is", TB, "prior", "p enters everywhere.", terms_bits("prior")),
    M("π = B(0.5) in H_p", TB, "prior", "H_p(X_T) is the entropy of B(p).", terms_bits("prior of H_p")),
    M("x_t of step t - 1", TB, "index_shift", "x_t has alpha_bar_t.", terms_bits("x_t of t - 1")),
    M("posterior of step t - 1", TB, "index_shift", "Compare both kernels at t.", terms_bits("posterior of t - 1")),
    M("H_q(X_T|X_0) taken to be H_p(X_T)", TB, "index_shift", "They agree only where alpha_bar_T = 0.", terms_bits("H_T is H_p")),
    M("H_1 and H_T exchanged", TB, "index_shift", "H_T has alpha_bar_T, H_1 has alpha_bar_1.", terms_bits("H_1 and H_T")),
    M("KL added", "bound.K", "sign", "K = -sum KL + H_T - H_1 - H_p.", lambda kl_t, H_T, H_1, H_p: kl_t.sum(axis=0) + H_T - H_1 - H_p),
    M("minus K", "bound.K", "sign", "This is the loss; K is the bound itself.", lambda kl_t, H_T, H_1, H_p: -total(kl_t, H_T, H_1, H_p)),
    M("H_p left out", "bound.K", "assembly", "- H_p(X_T) is missing.", lambda kl_t, H_T, H_1, H_p: total(kl_t, H_T, H_1, 0)),
    M("H_p added", "bound.K", "assembly", "H_p(X_T) is subtracted.", lambda kl_t, H_T, H_1, H_p: total(kl_t, H_T, H_1, -H_p)),
    M("H_T left out", "bound.K", "assembly", "+ H_q(X_T|X_0) is missing.", lambda kl_t, H_T, H_1, H_p: total(kl_t, 0, H_1, H_p)),
    M("H_1 left out", "bound.K", "assembly", "- H_q(X_1|X_0) is missing.", lambda kl_t, H_T, H_1, H_p: total(kl_t, H_T, 0, H_p)),
    M("H_T and H_1 exchanged", "bound.K", "assembly", "+ H_T - H_1.", lambda kl_t, H_T, H_1, H_p: total(kl_t, H_1, H_T, H_p)),
    M("H_T and H_p exchanged", "bound.K", "assembly", "+ H_T - H_p; only H_p belongs to p.", lambda kl_t, H_T, H_1, H_p: total(kl_t, H_p, H_1, H_T)),
    M("H_T and H_p cancelled", "bound.K", "assembly", "They cancel only where alpha_bar_T = 0.", lambda kl_t, H_T, H_1, H_p: total(kl_t, 0, H_1, 0)),
    M("H_1 added", "bound.K", "assembly", "H_q(X_1|X_0) is subtracted.", lambda kl_t, H_T, H_1, H_p: total(kl_t, H_T, -H_1, H_p)),
    M("entropies left out", "bound.K", "assembly", "The three entropies are missing.", lambda kl_t, H_T, H_1, H_p: -kl_t.sum(axis=0)),
    M("KL left out", "bound.K", "assembly", "The sum of KL is missing.", lambda kl_t, H_T, H_1, H_p: H_T - H_1 - H_p),
    M("mean over t of KL", "bound.K", "assembly", "The KL terms are summed over t = 2..T.", lambda kl_t, H_T, H_1, H_p: total(kl_t / (len(kl_t) - 2), H_T, H_1, H_p)),
    M("KL times T/(T - 1)", "bound.K", "assembly", "There are T - 1 terms.", lambda kl_t, H_T, H_1, H_p: total(kl_t * (len(kl_t) - 1) / (len(kl_t) - 2), H_T, H_1, H_p)),
    M("KL of t = T left out", "bound.K", "assembly", "The sum runs to T.", lambda kl_t, H_T, H_1, H_p: total(kl_t[:-1], H_T, H_1, H_p)),
    M("KL of t = 2 left out", "bound.K", "assembly", "The sum starts at t = 2.", lambda kl_t, H_T, H_1, H_p: total(kl_t[3:], H_T, H_1, H_p)),
    M("the largest KL only", "bound.K", "assembly", "The KL terms are summed over t = 2..T.", lambda kl_t, H_T, H_1, H_p: total(kl_t.max(axis=0)[None], H_T, H_1, H_p)),
    M("summed over the batch", "bound.K", "assembly", "One number a sample: sum over t, not over samples.", lambda kl_t, H_T, H_1, H_p: np.sum(total(kl_t, H_T, H_1, H_p)) + 0 * H_T),
    M("mean over the batch", "bound.K", "assembly", "One number a sample.", lambda kl_t, H_T, H_1, H_p: np.mean(total(kl_t, H_T, H_1, H_p)) + 0 * H_T),
    M("K of Eq. 14", KT, "second_moment", "Eq. 14 takes data of second moment 1; other data needs the edge terms.", K_true("Eq. 14")),
    M("only the start corrected", KT, "second_moment", "Where alpha_bar_T > 0, E log p(x_T) depends on x_0 too.", K_true("no end")),
    M("only the end corrected", KT, "second_moment", "log π(x_0) - E log π(x_1) is missing (Eq. 44).", K_true("no start")),
    M("edge terms of the wrong sign", KT, "assembly", "K_true = K + E log π(x_T) + H_p + log π(x_0) - E log π(x_1).", K_true("wrong sign")),
    M("edge terms averaged over the batch", KT, "second_moment", "Each sample has its own edge terms.", K_true("mean m2")),
    M("last step by the reverse kernel", KT, "assembly", "p(x_0|x_1) is fixed to the forward kernel (Eq. 44).", K_true("reverse at 1"), equation="Eq. (44), §B.2"),
    M("T for T - 1", "bound.sum_estimate", "assembly", "Only T - 1 steps, t = 2..T, can be drawn: the factor is T - 1.", lambda kl_drawn, T: T * kl_drawn.mean(axis=0)),
    M("the mean, not the sum", "bound.sum_estimate", "assembly", "Multiply the mean over drawn t by T - 1.", lambda kl_drawn, T: kl_drawn.mean(axis=0)),
    M("not divided by the number drawn", "bound.sum_estimate", "assembly", "Average over the drawn t first.", lambda kl_drawn, T: (T - 1) * kl_drawn.sum(axis=0)),
    M("the sum of the drawn terms", "bound.sum_estimate", "assembly", "Multiply the mean over drawn t by T - 1.", lambda kl_drawn, T: kl_drawn.sum(axis=0)),
    M("T - 2 for T - 1", "bound.sum_estimate", "assembly", "t = 2..T are T - 1 steps.", lambda kl_drawn, T: (T - 2) * kl_drawn.mean(axis=0)),
    M("mean over the batch as well", "bound.sum_estimate", "assembly", "One number a sample.", lambda kl_drawn, T: (T - 1) * kl_drawn.mean() + 0 * kl_drawn[0]),
    M("p(x_T) left out", W, "assembly", "The numerator starts with p(x_T) = π(x_T).", weights("no p(x_T)")),
    M("p(x_0|x_1) left out", W, "first_step", "The reverse path ends with p(x_0|x_1) = T_π(x_0|x_1; beta_1).", weights("no last step")),
    M("both terms of t = 1 left out", W, "first_step", "Eq. 44 removes KL_1 from K, not these terms from a path's weight.", weights("no first")),
    M("q left out", W, "assembly", "Divide by q(x_t|x_{t-1}) at every step.", weights("no q")),
    M("q(x_t|x_0) for q(x_t|x_{t-1})", W, "assembly", "The forward path is a product of single steps.", weights("q given x_0")),
    M("q of t = T left out", W, "assembly", "Divide by q(x_t|x_{t-1}) for t = 1..T.", weights("no last q")),
    M("q of t = 1 left out", W, "first_step", "Divide by q(x_t|x_{t-1}) for t = 1..T.", weights("no q_1")),
    M("p of t = 2..T left out", W, "assembly", "Multiply by p(x_{t-1}|x_t) at every step.", weights("no p")),
    M("upside down", W, "assembly", "p stands above q.", weights("upside down")),
    M("mean over t", W, "assembly", "Logs are summed over t.", weights("mean")),
    M("mean over the coordinates", W, "coordinates", "Logs are summed over coordinates.", weights(axis=np.mean)),
    M("last step by the reverse kernel", W, "first_step", "p(x_0|x_1) is fixed to the forward kernel (Eq. 44).", weights("learned last step"), equation="Eq. (44), §B.2"),
    M("p(x_T) left out", WB, "assembly", "The numerator starts with p(x_T) = π(x_T).", weights_bits("no p(x_T)")),
    M("p(x_0|x_1) left out", WB, "assembly", "The reverse path ends with p(x_0|x_1).", weights_bits("no last step")),
    M("q(x_t|x_0) for q(x_t|x_{t-1})", WB, "assembly", "The forward path is a product of single steps.", weights_bits("q given x_0")),
    M("q left out", WB, "assembly", "Divide by q(x_t|x_{t-1}) at every step.", weights_bits("no q")),
    M("upside down", WB, "assembly", "p stands above q.", weights_bits("upside down")),
    M("mean over the bits", WB, "coordinates", "Logs are summed over bits.", weights_bits(axis=np.mean)),
    M("π = B(0.5) whatever p is", WB, "prior", "p enters the kernel and p(x_T).", weights_bits("prior")),
    M("π = B(0.5) in p(x_T)", WB, "prior", "p(x_T) = B(p).", weights_bits("prior of x_T")),
    M("mean of the logs", LL, "averaging", "log p is the log of the mean weight; the mean of logs is only a lower bound.", lambda log_w: log_w.mean(axis=0)),
    M("sum for mean", LL, "averaging", "Divide by the number of paths.", lambda log_w: log_mean(log_w) + np.log(len(log_w))),
    M("the median of the logs", LL, "averaging", "Average the weights, not their logs.", lambda log_w: np.median(log_w, axis=0)),
    M("the largest weight", LL, "averaging", "Average the weights, do not take the largest.", lambda log_w: log_w.max(axis=0)),
    M("exp without log-sum-exp", LL, "underflow", "Subtract the largest log weight before exp.", lambda log_w: log(np.mean(np.exp(log_w), axis=0))),
    M("exp with a small number added", LL, "underflow", "Subtract the largest log weight before exp.", lambda log_w: log(np.mean(np.exp(log_w), axis=0) + 1e-12)),
    M("the largest log weight not added back", LL, "averaging", "After log-mean-exp, add the largest log weight again.", lambda log_w: log_mean(log_w) - log_w.max(axis=0)),
    M("divided by N - 1", LL, "averaging", "The mean divides by N.", lambda log_w: log_mean(log_w) + np.log(len(log_w) / (len(log_w) - 1))),
    M("mean over the batch", LL, "averaging", "Average over paths, the first axis.", lambda log_w: np.mean(log_mean(log_w)) + 0 * log_w[0]),
    M("the sum of the logs", LL, "averaging", "Average the weights, not their logs.", lambda log_w: log_w.sum(axis=0)),
    M("multiplied by ln 2", "bound.bits", "unit", "Bits are nats divided by ln 2.", lambda nats: nats * np.log(2)),
    M("log base 10", "bound.bits", "unit", "Divide by ln 2.", lambda nats: nats / np.log(10)),
    M("log2 of the nats", "bound.bits", "unit", "Nats are a logarithm already: divide by ln 2.", lambda nats: np.log2(np.where(np.greater(nats, 0), nats, np.nan))),
    M("log2(e) taken as ln(e)", "bound.bits", "unit", "Divide by ln 2.", lambda nats: nats),
    M("mean over the coordinates", "bound.L_null", "coordinates", "Sum over a sample's coordinates.", lambda x0: normal(x0, 0, 1).mean(axis=1)),
    M("without 2 pi", "bound.L_null", "missing_term", "-log(2 pi)/2 a coordinate is missing.", lambda x0: -(x0 ** 2).sum(axis=1) / 2),
    M("data of variance 1 assumed", "bound.L_null", "missing_term", "L_null depends on x_0: it is -H_p only for data of second moment 1.", lambda x0: -entropy(np.ones_like(x0)).sum(axis=1)),
    M("in bits", "bound.L_null", "unit", "Nats here; or state conventions unit = 'bits'.", lambda x0: normal(x0, 0, 1).sum(axis=1) / np.log(2)),
    M("square not halved", "bound.L_null", "missing_term", "x_0^2 is halved.", lambda x0: (normal(x0, 0, 1) - x0 ** 2 / 2).sum(axis=1)),
    M("2 pi counted once a sample", "bound.L_null", "coordinates", "-log(2 pi)/2 for every coordinate.", lambda x0: -(x0 ** 2).sum(axis=1) / 2 - np.log(2 * np.pi) / 2),
    M("mean over the bits", "bound.L_null_bits", "coordinates", "Sum over a sample's bits.", lambda x0, p: log(np.where(x0 == 1, p, 1 - p)).mean(axis=1)),
    M("π = B(0.5) whatever p is", "bound.L_null_bits", "prior", "π = B(p).", lambda x0, p: log(0.5 + 0 * x0).sum(axis=1)),
    M("ones and zeros exchanged", "bound.L_null_bits", "prior", "p is the probability of a 1.", lambda x0, p: log(np.where(x0 == 1, 1 - p, p)).sum(axis=1)),
    M("in bits", "bound.L_null_bits", "unit", "Nats here; or state conventions unit = 'bits'.", lambda x0, p: log(np.where(x0 == 1, p, 1 - p)).sum(axis=1) / np.log(2)),
    M("the entropy of π", "bound.L_null_bits", "prior", "L_null is at x_0; -H_p only on average, for data of mean p.", lambda x0, p: (bits.x_log(p, p) + bits.x_log(1 - p, 1 - p) + 0 * x0).sum(axis=1)),
]
