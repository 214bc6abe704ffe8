"""Mistakes in the bound, its terms, path weights and L_null."""
import numpy as np

from .binomial import entropy as bit_entropy, kl as bit_kl, marginal, posterior
from .formula import Formula, Mistake, shifted
from .gaussian import coefficients, entropy, kl, normal, step


def rows(beta):
    """t = 2..T, shaped to multiply x (N, D)."""
    return np.arange(2, len(beta))[:, None, None]


def with_start(kl_t):
    """KL_t of all t: rows 0 and 1 are zero."""
    return np.concatenate([np.zeros((2,) + kl_t.shape[1:]), kl_t])


def log_bit(x, rate):
    """log B(x; rate)."""
    return np.log(np.where(x == 1, rate, 1 - rate))


def log_mean(w):
    """log mean exp over the first axis."""
    top = w.max(axis=0)
    return top + np.log(np.mean(np.exp(w - top), axis=0))


TERMS = dict(                                                               # of K; arrays run over t = 2..T
    t=rows,
    signal=lambda alpha_bar, t: alpha_bar[t],
    noise=lambda noises: noises[2:],
    x_t=lambda x0, signal, noise: np.sqrt(signal) * x0 + np.sqrt(1 - signal) * noise,
    s=lambda t: t,
    c=lambda beta, alpha_bar, s: coefficients(beta[s], alpha_bar[s - 1], alpha_bar[s]),
    q_mean=lambda x0, x_t, c: c[0] * x0 + c[1] * x_t,
    q_var=lambda c: c[2],
    p_mean=lambda gain, t, x_t: gain[t] * x_t,
    p_var=lambda gain_var, t: gain_var[t],
    kl=lambda q_mean, q_var, p_mean, p_var: kl(q_mean, q_var, p_mean, p_var),
    over=lambda: np.sum,                                                    # how coordinates are reduced
    kl_t=lambda kl, over: with_start(over(kl, axis=2)),
    var_T=lambda alpha_bar: 1 - alpha_bar[-1],
    var_1=lambda alpha_bar: 1 - alpha_bar[1],
    H_T=lambda x0, var_T, over: over(entropy(var_T + 0 * x0), axis=1),
    H_1=lambda x0, var_1, over: over(entropy(var_1 + 0 * x0), axis=1),
    H_p=lambda x0, over: over(entropy(1 + 0 * x0), axis=1))
TERMS_BITS = dict(                                                          # the same for bits
    {name: TERMS[name] for name in ("t", "signal", "noise", "s", "over", "kl_t")},
    rate=lambda x0, signal, p: marginal(x0, signal, p),
    x_t=lambda noise, rate: (noise < rate) * 1.0,
    q=lambda x0, x_t, beta, alpha_bar, s, p: posterior(x_t, x0, beta[s], alpha_bar[s - 1], p),
    reverse=lambda gain, shift, t, x_t: gain[t] * x_t + shift[t],
    kl=lambda q, reverse: bit_kl(q, reverse),
    H_T=lambda x0, alpha_bar, p, over: over(bit_entropy(marginal(x0, alpha_bar[-1], p)), axis=1),
    H_1=lambda x0, alpha_bar, p, over: over(bit_entropy(marginal(x0, alpha_bar[1], p)), axis=1),
    H_p=lambda x0, p, over: over(bit_entropy(p + 0 * x0), axis=1))
WEIGHTS = dict(                                                             # the logs of a path's weight
    end=lambda path: normal(path[-1], 0, 1),
    last=lambda path, beta: normal(path[0], *step(path[1], beta[1])),
    p=lambda path, beta, gain, gain_var: normal(path[1:-1], gain[rows(beta)] * path[2:], gain_var[rows(beta)]),
    kept=lambda beta: 1 - beta[1:, None, None],
    q=lambda path, kept: normal(path[1:], *step(path[:-1], 1 - kept)),
    total=lambda end, last, p, q: end + last + p.sum(axis=0) - q.sum(axis=0))
WEIGHTS_BITS = dict(
    end=lambda path, p: log_bit(path[-1], p),
    last=lambda path, beta, p: log_bit(path[0], marginal(path[1], 1 - beta[1], p)),
    reverse=lambda path, beta, gain, shift: log_bit(path[1:-1], gain[rows(beta)] * path[2:] + shift[rows(beta)]),
    kept=WEIGHTS["kept"],
    q=lambda path, kept, p: log_bit(path[1:], marginal(path[:-1], kept, p)),
    total=lambda end, last, reverse, q: end + last + reverse.sum(axis=0) - q.sum(axis=0))

FORMULAS = {
    "bound.terms": Formula(
        right=lambda kl_t, H_T, H_1, H_p: (kl_t, H_T, H_1, H_p),
        pieces=TERMS,
        mistakes=[
            Mistake("q and p exchanged", "index_shift",
                    dict(kl=lambda q_mean, q_var, p_mean, p_var: kl(p_mean, p_var, q_mean, q_var)),
                    "The KL averages over the posterior q."),
            Mistake("mean over the coordinates", "coordinates", dict(over=lambda: np.mean),
                    "A sample's KL and entropies are sums over its coordinates."),
            Mistake("entropies of one coordinate", "coordinates",
                    lambda kl_t, H_T, H_1, H_p, x0: (kl_t, *(H / x0.shape[1] for H in (H_T, H_1, H_p))),
                    "H is the entropy of all coordinates of a sample."),
            Mistake("x_t of step t - 1", "index_shift", dict(signal=lambda alpha_bar, t: alpha_bar[t - 1]),
                    "KL_t is at x_t drawn from q(x_t|x_0), with alpha_bar_t."),
            Mistake("x_t by one step from x_0", "index_shift", dict(signal=lambda beta, t: 1 - beta[t]),
                    "x_t is t steps from x_0: use alpha_bar_t."),
            Mistake("x_t without the square root", "second_moment",
                    dict(x_t=lambda x0, signal, noise: signal * x0 + np.sqrt(1 - signal) * noise),
                    "The mean of x_t is sqrt(alpha_bar_t) x_0."),
            Mistake("x_t's noise times the variance", "index_shift",
                    dict(x_t=lambda x0, signal, noise: np.sqrt(signal) * x0 + (1 - signal) * noise),
                    "Scale noise by the standard deviation."),
            Mistake("noise of step t - 1", "index_shift", dict(noise=lambda noises: noises[1:-1]),
                    "noises[t] makes x_t."),
            Mistake("posterior of step t - 1", "index_shift", dict(s=lambda t: t - 1),
                    "Compare q(x_{t-1}|x_t,x_0) with p(x_{t-1}|x_t), both at t."),
            Mistake("reverse kernel of step t - 1", "index_shift",
                    dict(gain=lambda gain: shifted(gain, 1), gain_var=lambda gain_var: shifted(gain_var, 1)),
                    "Compare q(x_{t-1}|x_t,x_0) with p(x_{t-1}|x_t), both at t."),
            Mistake("beta_t for the posterior variance", "index_shift", dict(q_var=lambda beta, t: beta[t]),
                    "The variance of q(x_{t-1}|x_t,x_0) is beta_t (1 - alpha_bar_{t-1}) / (1 - alpha_bar_t)."),
            Mistake("H_q(X_T|X_0) taken to be H_p(X_T)", "signal_left", dict(H_T=lambda H_p: H_p),
                    "They differ by log(1 - alpha_bar_T)/2 a coordinate: zero only where alpha_bar_T = 0."),
            Mistake("H_T with beta_T for 1 - alpha_bar_T", "signal_left", dict(var_T=lambda beta: beta[-1]),
                    "q(x_T|x_0) is T steps from x_0: its variance is 1 - alpha_bar_T."),
            Mistake("H_1 and H_T exchanged", "assembly", dict(H_T=lambda H_1: H_1, H_1=lambda H_T: H_T),
                    "H_T has alpha_bar_T, H_1 has alpha_bar_1."),
            Mistake("H of X_T, not given X_0", "signal_left",
                    dict(var_T=lambda var_T, alpha_bar, x0: var_T + alpha_bar[-1] * np.mean(x0 ** 2)),
                    "H_q(X_T|X_0) is conditional: variance 1 - alpha_bar_T."),
            Mistake("H_1 with alpha_bar_1 for beta_1", "assembly", dict(var_1=lambda alpha_bar: alpha_bar[1]),
                    "q(x_1|x_0) has variance beta_1."),
            Mistake("H of x_2 for H_1", "index_shift", dict(var_1=lambda alpha_bar, T: 1 - alpha_bar[min(2, T)]),
                    "H_1 is the entropy of q(x_1|x_0): 1 - alpha_bar_1 = beta_1."),
            Mistake("KL one row early", "index_shift", dict(kl_t=lambda kl_t: np.roll(kl_t, -1, axis=0)),
                    "Row t of kl_t is KL_t: rows 0 and 1 are zero."),
            Mistake("KL summed up to t", "index_shift", dict(kl_t=lambda kl_t: np.cumsum(kl_t, axis=0)),
                    "kl_t holds each term by itself.")
        ]),
    "bound.terms_bits": Formula(
        right=lambda kl_t, H_T, H_1, H_p: (kl_t, H_T, H_1, H_p),
        pieces=TERMS_BITS,
        mistakes=[
            Mistake("q and p exchanged", "index_shift", dict(kl=lambda q, reverse: bit_kl(reverse, q)),
                    "The KL averages over the posterior q."),
            Mistake("mean over the bits", "coordinates", dict(over=lambda: np.mean), "Sum over a sample's bits."),
            Mistake("entropies of one bit", "coordinates",
                    lambda kl_t, H_T, H_1, H_p, x0: (kl_t, *(H / x0.shape[1] for H in (H_T, H_1, H_p))),
                    "H is the entropy of all bits of a sample."),
            Mistake("x_t its rate, not a draw", "noise", dict(x_t=lambda rate: rate),
                    "x_t is a bit: 1 where noise < rate."),
            Mistake("x_t by one step from x_0", "index_shift", dict(signal=lambda beta, t: 1 - beta[t]),
                    "x_t is t steps from x_0: use alpha_bar_t."),
            Mistake("noise of step t - 1", "index_shift", dict(noise=lambda noises: noises[1:-1]),
                    "noises[t] makes x_t."),
            Mistake("reverse kernel of step t - 1", "index_shift",
                    dict(gain=lambda gain: shifted(gain, 1), shift=lambda shift: shifted(shift, 1)),
                    "Compare both kernels at t."),
            Mistake("KL one row early", "index_shift", dict(kl_t=lambda kl_t: np.roll(kl_t, -1, axis=0)),
                    "Row t of kl_t is KL_t: rows 0 and 1 are zero."),
            Mistake("KL summed up to t", "index_shift", dict(kl_t=lambda kl_t: np.cumsum(kl_t, axis=0)),
                    "kl_t holds each term by itself."),
            Mistake("π = B(0.5) whatever p is", "prior", dict(p=lambda: 0.5),
                    "p is part of the kernel, the marginal and H_p."),
            Mistake("π = B(0.5) in H_p", "prior", dict(H_p=lambda again: again("H_p", p=0.5)),
                    "H_p(X_T) is the entropy of B(p)."),
            Mistake("x_t of step t - 1", "index_shift", dict(signal=lambda alpha_bar, t: alpha_bar[t - 1]),
                    "x_t has alpha_bar_t."),
            Mistake("posterior of step t - 1", "index_shift", dict(s=lambda t: t - 1), "Compare both kernels at t."),
            Mistake("H_q(X_T|X_0) taken to be H_p(X_T)", "index_shift", dict(H_T=lambda H_p: H_p),
                    "They agree only where alpha_bar_T = 0."),
            Mistake("H_1 and H_T exchanged", "index_shift", dict(H_T=lambda H_1: H_1, H_1=lambda H_T: H_T),
                    "H_T has alpha_bar_T, H_1 has alpha_bar_1.")
        ]),
    "bound.K": Formula(
        right=lambda kl_t, H_T, H_1, H_p: -kl_t.sum(axis=0) + H_T - H_1 - H_p,
        terms={"K": lambda kl_t, H_T, H_1, H_p: {
            **{f"KL of t = {t}": -kl_t[t] for t in range(2, len(kl_t))}, "H_T": H_T, "H_1": -H_1, "H_p": -H_p}},
        mistakes=[
            Mistake("KL added", "sign", dict(kl_t=lambda kl_t: -kl_t), "K = -sum KL + H_T - H_1 - H_p."),
            Mistake("minus K", "sign", lambda right: -right, "This is the loss; K is the bound itself."),
            Mistake("H_p left out", "assembly", dict(H_p=lambda: 0), "- H_p(X_T) is missing."),
            Mistake("H_p added", "assembly", dict(H_p=lambda H_p: -H_p), "H_p(X_T) is subtracted."),
            Mistake("H_T left out", "assembly", dict(H_T=lambda: 0), "+ H_q(X_T|X_0) is missing."),
            Mistake("H_1 left out", "assembly", dict(H_1=lambda: 0), "- H_q(X_1|X_0) is missing."),
            Mistake("H_T and H_1 exchanged", "assembly", dict(H_T=lambda H_1: H_1, H_1=lambda H_T: H_T),
                    "K has + H_T - H_1."),
            Mistake("H_T and H_p exchanged", "assembly", dict(H_T=lambda H_p: H_p, H_p=lambda H_T: H_T),
                    "K has + H_T - H_p: only H_p is an entropy of p."),
            Mistake("H_T and H_p cancelled", "assembly", dict(H_T=lambda: 0, H_p=lambda: 0),
                    "They cancel only where alpha_bar_T = 0."),
            Mistake("H_1 added", "assembly", dict(H_1=lambda H_1: -H_1), "H_q(X_1|X_0) is subtracted."),
            Mistake("entropies left out", "assembly", lambda kl_t: -kl_t.sum(axis=0),
                    "The three entropies are missing."),
            Mistake("KL left out", "assembly", lambda H_T, H_1, H_p: H_T - H_1 - H_p, "The sum of KL is missing."),
            Mistake("mean over t of KL", "assembly", dict(kl_t=lambda kl_t: kl_t / (len(kl_t) - 2)),
                    "The KL terms are summed over t = 2..T."),
            Mistake("KL times T/(T - 1)", "assembly", dict(kl_t=lambda kl_t: kl_t * (len(kl_t) - 1) / (len(kl_t) - 2)),
                    "There are T - 1 terms."),
            Mistake("KL of t = T left out", "assembly", dict(kl_t=lambda kl_t: kl_t[:-1]), "The sum runs to T."),
            Mistake("KL of t = 2 left out", "assembly", dict(kl_t=lambda kl_t: kl_t[3:]), "The sum starts at t = 2."),
            Mistake("the largest KL only", "assembly", dict(kl_t=lambda kl_t: kl_t.max(axis=0, keepdims=True)),
                    "The KL terms are summed over t = 2..T."),
            Mistake("summed over the batch", "assembly", lambda right: np.sum(right) + 0 * right,
                    "Return one number for each sample: sum over t only."),
            Mistake("mean over the batch", "assembly", lambda right: np.mean(right) + 0 * right,
                    "Return one number for each sample.")
        ]),
    "bound.K_true": Formula(
        right=lambda kl_t, H_T, H_1, H_p, end, start: -kl_t.sum(axis=0) + H_T - H_1 - H_p + (end + start).sum(axis=1),
        pieces={**TERMS, "end": lambda x0, alpha_bar: alpha_bar[-1] * (1 - x0 ** 2) / 2,
                      # E_q[log π(x_T)] + H_p(X_T)
                "start": lambda x0, beta: beta[1] * (1 - x0 ** 2) / 2,                # log π(x_0) - E_q[log π(x_1)]
                "last_by": lambda x0, beta: lambda gain, var: (                       # E_q[log N(x_0; gain x_1, var)]
                    -np.log(2 * np.pi * var) - ((x0 - gain * np.sqrt(1 - beta[1]) * x0) ** 2
                                                + gain ** 2 * beta[1]) / var) / 2},
        terms={"K": lambda kl_t, H_T, H_1, H_p, end, start: {
            "the sum of KL": -kl_t.sum(axis=0), "H_T": H_T, "H_1": -H_1, "H_p": -H_p,
            "the edge term at T": end.sum(axis=1), "the edge term at 1": start.sum(axis=1)}},
        mistakes=[
            Mistake("K of Eq. 14", "second_moment", lambda kl_t, H_T, H_1, H_p: -kl_t.sum(axis=0) + H_T - H_1 - H_p,
                    "Eq. 14 takes data of second moment 1; other data needs the edge terms."),
            Mistake("only the start corrected", "second_moment", dict(end=lambda x0: 0 * x0),
                    "Where alpha_bar_T > 0, E log p(x_T) depends on x_0 too."),
            Mistake("only the end corrected", "second_moment", dict(start=lambda x0: 0 * x0),
                    "log π(x_0) - E log π(x_1) is missing (Eq. 44)."),
            Mistake("edge terms of the wrong sign", "assembly", dict(end=lambda end: -end, start=lambda start: -start),
                    "K_true = K + E log π(x_T) + H_p + log π(x_0) - E log π(x_1)."),
            Mistake("edge terms averaged over the batch", "second_moment",
                    dict(end=lambda end: np.mean(end) + 0 * end, start=lambda start: np.mean(start) + 0 * start),
                    "Each sample has its own edge terms."),
            Mistake("last step by the reverse kernel", "assembly",
                    dict(start=lambda start, last_by, beta, gain, gain_var: (
                             start + last_by(gain[1], gain_var[1]) - last_by(np.sqrt(1 - beta[1]), beta[1]))),
                    "p(x_0|x_1) is fixed to the forward kernel (Eq. 44).", equation="Eq. (44), §B.2")
        ]),
    "bound.sum_estimate": Formula(
        right=lambda kl_drawn, T: (T - 1) * kl_drawn.mean(axis=0),
        mistakes=[
            Mistake("T for T - 1", "assembly", lambda kl_drawn, T: T * kl_drawn.mean(axis=0),
                    "Only T - 1 steps, t = 2..T, can be drawn: the factor is T - 1."),
            Mistake("the mean, not the sum", "assembly", lambda kl_drawn: kl_drawn.mean(axis=0),
                    "Multiply the mean over drawn t by T - 1."),
            Mistake("not divided by the number drawn", "assembly", lambda kl_drawn, T: (T - 1) * kl_drawn.sum(axis=0),
                    "Average over the drawn t first."),
            Mistake("the sum of the drawn terms", "assembly", lambda kl_drawn: kl_drawn.sum(axis=0),
                    "Multiply the mean over drawn t by T - 1."),
            Mistake("T - 2 for T - 1", "assembly", lambda kl_drawn, T: (T - 2) * kl_drawn.mean(axis=0),
                    "t = 2..T are T - 1 steps."),
            Mistake("mean over the batch as well", "assembly", lambda right: np.mean(right) + 0 * right,
                    "Return one number for each sample.")
        ]),
    "bound.log_weights": Formula(
        right=lambda total: total.sum(axis=1),
        pieces=WEIGHTS,
        terms={"log_w": lambda path, end, last, p, q: {
            "x_T^2 in log p(x_T)": -(path[-1] ** 2).sum(axis=1) / 2,
            "the constant of log p(x_T)": normal(0 * path[-1], 0, 1).sum(axis=1),
            "log p(x_0|x_1)": last.sum(axis=1), "the sum of log p(x_{t-1}|x_t), t = 2..T,": p.sum(axis=(0, 2)),
            "the sum of log q(x_t|x_{t-1})": -q.sum(axis=(0, 2))}},
        mistakes=[
            Mistake("p(x_T) left out", "assembly", dict(end=lambda: 0), "The numerator starts with p(x_T) = π(x_T)."),
            Mistake("p(x_0|x_1) left out", "first_step", dict(last=lambda: 0),
                    "The reverse path ends with p(x_0|x_1) = T_π(x_0|x_1; beta_1)."),
            Mistake("both terms of t = 1 left out", "first_step", dict(last=lambda: 0, q=lambda q: q[1:]),
                    "Eq. 44 removes KL_1 from K, not these terms from a path's weight."),
            Mistake("q left out", "assembly", dict(q=lambda q: 0 * q), "Divide by q(x_t|x_{t-1}) at every step."),
            Mistake("q(x_t|x_0) for q(x_t|x_{t-1})", "assembly",
                    dict(q=lambda path, alpha_bar: normal(path[1:], *step(path[0], 1 - alpha_bar[1:, None, None]))),
                    "The forward path is a product of single steps."),
            Mistake("q of t = T left out", "assembly", dict(q=lambda q: q[:-1]),
                    "Divide by q(x_t|x_{t-1}) for t = 1..T."),
            Mistake("q of t = 1 left out", "first_step", dict(q=lambda q: q[1:]),
                    "Divide by q(x_t|x_{t-1}) for t = 1..T."),
            Mistake("p of t = 2..T left out", "assembly", dict(p=lambda p: 0 * p),
                    "Multiply by p(x_{t-1}|x_t) at every step."),
            Mistake("upside down", "assembly", lambda right: -right, "The weight is p over q, not q over p."),
            Mistake("mean over t", "assembly", lambda right, T: right / T, "Logs are summed over t."),
            Mistake("mean over the coordinates", "coordinates", lambda total: total.mean(axis=1),
                    "Logs are summed over coordinates."),
            Mistake("last step by the reverse kernel", "first_step",
                    dict(last=lambda path, gain, gain_var: normal(path[0], gain[1] * path[1], gain_var[1])),
                    "p(x_0|x_1) is fixed to the forward kernel (Eq. 44).", equation="Eq. (44), §B.2")
        ]),
    "bound.log_weights_bits": Formula(
        right=lambda total: total.sum(axis=1),
        pieces=WEIGHTS_BITS,
        mistakes=[
            Mistake("p(x_T) left out", "assembly", dict(end=lambda: 0), "The numerator starts with p(x_T) = π(x_T)."),
            Mistake("p(x_0|x_1) left out", "assembly", dict(last=lambda: 0), "The reverse path ends with p(x_0|x_1)."),
            Mistake("q(x_t|x_0) for q(x_t|x_{t-1})", "assembly",
                    dict(q=lambda path, alpha_bar, p: (
                             log_bit(path[1:], marginal(path[0], alpha_bar[1:, None, None], p)))),
                    "The forward path is a product of single steps."),
            Mistake("q left out", "assembly", dict(q=lambda q: 0 * q), "Divide by q(x_t|x_{t-1}) at every step."),
            Mistake("upside down", "assembly", lambda right: -right, "The weight is p over q, not q over p."),
            Mistake("mean over the bits", "coordinates", lambda total: total.mean(axis=1),
                    "Logs are summed over bits."),
            Mistake("π = B(0.5) whatever p is", "prior", dict(p=lambda: 0.5), "p enters the kernel and p(x_T)."),
            Mistake("π = B(0.5) in p(x_T)", "prior", dict(end=lambda path: log_bit(path[-1], 0.5)), "p(x_T) = B(p).")
        ]),
    "bound.log_likelihood": Formula(
        right=lambda log_w: log_mean(log_w),
        mistakes=[
            Mistake("mean of the logs", "averaging", lambda log_w: log_w.mean(axis=0),
                    "log p is the log of the mean weight; the mean of logs is only a lower bound."),
            Mistake("sum for mean", "averaging", lambda right, log_w: right + np.log(len(log_w)),
                    "Divide by the number of paths."),
            Mistake("the median of the logs", "averaging", lambda log_w: np.median(log_w, axis=0),
                    "Average the weights, not their logs."),
            Mistake("the largest weight", "averaging", lambda log_w: log_w.max(axis=0),
                    "Average the weights, do not take the largest."),
            Mistake("exp without log-sum-exp", "underflow", lambda log_w: np.log(np.mean(np.exp(log_w), axis=0)),
                    "Subtract the largest log weight before exp."),
            Mistake("exp with a small number added", "underflow",
                    lambda log_w: np.log(np.mean(np.exp(log_w), axis=0) + 1e-12),
                    "Subtract the largest log weight before exp."),
            Mistake("the largest log weight not added back", "averaging",
                    lambda right, log_w: right - log_w.max(axis=0),
                    "After log-mean-exp, add the largest log weight again."),
            Mistake("divided by N - 1", "averaging", lambda right, log_w: right + np.log(len(log_w) / (len(log_w) - 1)),
                    "The mean divides by N."),
            Mistake("mean over the batch", "averaging", lambda right: np.mean(right) + 0 * right,
                    "Average over paths, the first axis."),
            Mistake("the sum of the logs", "averaging", lambda log_w: log_w.sum(axis=0),
                    "Average the weights, not their logs.")
        ]),
    "bound.L_null": Formula(
        right=lambda square, constant: (square + constant).sum(axis=1),
        pieces=dict(square=lambda x0: -x0 ** 2 / 2, constant=lambda x0: -np.log(2 * np.pi) / 2 + 0 * x0),
        terms={"L": lambda square, constant: {"x_0^2 / 2": square.sum(axis=1),
                                              "the constant log(2 pi)/2": constant.sum(axis=1)}},
        mistakes=[
            Mistake("mean over the coordinates", "coordinates",
                    lambda square, constant: (square + constant).mean(axis=1), "Sum over a sample's coordinates."),
            Mistake("without 2 pi", "missing_term", dict(constant=lambda: 0), "-log(2 pi)/2 a coordinate is missing."),
            Mistake("data of variance 1 assumed", "missing_term", dict(x0=lambda x0: 1 + 0 * x0),
                    "L_null depends on x_0: it is -H_p only for data of second moment 1."),
            Mistake("in bits", "unit", lambda right: right / np.log(2),
                    "Return nats, or state conventions unit = 'bits'."),
            Mistake("square not halved", "missing_term", dict(square=lambda square: 2 * square), "x_0^2 is halved."),
            Mistake("2 pi counted once a sample", "coordinates",
                    lambda square: square.sum(axis=1) - np.log(2 * np.pi) / 2, "-log(2 pi)/2 for every coordinate.")
        ]),
    "bound.L_null_bits": Formula(
        right=lambda x0, p: log_bit(x0, p).sum(axis=1),
        mistakes=[
            Mistake("mean over the bits", "coordinates", lambda x0, p: log_bit(x0, p).mean(axis=1),
                    "Sum over a sample's bits."),
            Mistake("π = B(0.5) whatever p is", "prior", dict(p=lambda: 0.5), "π = B(p)."),
            Mistake("ones and zeros exchanged", "prior", dict(p=lambda p: 1 - p), "p is the probability of a 1."),
            Mistake("in bits", "unit", lambda right: right / np.log(2),
                    "Return nats, or state conventions unit = 'bits'."),
            Mistake("the entropy of π", "prior", lambda x0, p: -bit_entropy(p + 0 * x0).sum(axis=1),
                    "L_null is at x_0; -H_p only on average, for data of mean p.")
        ]),
    "bound.bits": Formula(
        right=lambda nats: nats / np.log(2),
        mistakes=[
            Mistake("multiplied by ln 2", "unit", lambda nats: nats * np.log(2), "Bits are nats divided by ln 2."),
            Mistake("log base 10", "unit", lambda nats: nats / np.log(10), "Divide by ln 2."),
            Mistake("log2 of the nats", "unit", lambda nats: np.log2(np.where(np.greater(nats, 0), nats, np.nan)),
                    "Nats are a logarithm already: divide by ln 2."),
            Mistake("log2(e) taken as ln(e)", "unit", lambda nats: nats, "Divide by ln 2.")
        ]),
}
