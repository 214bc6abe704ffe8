"""Mistakes in the binomial column of Table App.1."""
import numpy as np

from .formula import NEXT_T, ONE_T, SIZES, Choice, Formula, Mistake, logit, shifted, sigmoid
from .posterior import PREVIOUS


def marginal(x0, bar, p):
    """P(x_t = 1|x_0)."""
    return bar * x0 + (1 - bar) * p


def likelihood(xt, v, b, p):
    """q(x_t|x_{t-1} = v)."""
    rate = v * (1 - b) + b * p
    return xt * rate + (1 - xt) * (1 - rate)


def posterior(xt, x0, b, before, p):
    """P(x_{t-1} = 1|x_t,x_0) by Bayes' rule."""
    prior = marginal(x0, before, p)
    return share(likelihood(xt, 1, b, p) * prior, likelihood(xt, 0, b, p) * (1 - prior))


def share(one, zero):
    """The probability of 1 where 1 and 0 have these weights."""
    return one / (one + zero)


def x_log(a, b):
    """a log b with 0 log 0 = 0."""
    return np.where(a == 0, 0.0, a * np.log(b))


def kl(q, p):
    """D_KL of Bernoulli rates."""
    return x_log(q, q) + x_log(1 - q, 1 - q) - x_log(q, p) - x_log(1 - q, 1 - p)


def entropy(r):
    """H of a bit."""
    return -x_log(r, r) - x_log(1 - r, 1 - r)


GUARD = "A guard against log(0) changes the value; count 0 log 0 as 0."
CLIPPED = "rates clipped at {:g}"
ADDED = "{:g} added inside the logs"

FORMULAS = {
    "binomial.forward": Formula(
        right=lambda x, beta_t, p: x * (1 - beta_t) + p * beta_t,
        terms={"rate": lambda x, beta_t, p: {"x": x * (1 - beta_t), "p beta_t": p * beta_t + 0 * x}},
        mistakes=[
            Mistake("beta padded at the end for the start", "index_shift",
                    dict(beta_t=lambda beta, t: np.append(beta[1:], 0)[t]),
                    "The entry of no step, 0, comes first: beta[t] is beta_t."),
            Mistake("square root throughout", "coefficient",
                    lambda x, p, beta_t: x * np.sqrt(1 - beta_t) + p * (1 - np.sqrt(1 - beta_t)),
                    "The rate is x (1 - beta_t) + p beta_t: no root."),
            Mistake("square root from the Gaussian kernel", "coefficient",
                    lambda x, p, beta_t: x * np.sqrt(1 - beta_t) + p * beta_t,
                    "The rate is x (1 - beta_t) + p beta_t: no root."),
            Mistake("π = B(0.5) whatever p is", "prior", dict(p=lambda: 0.5),
                    "A bit that is drawn again comes from B(p); flips with probability beta/2 are the same mistake."),
            Mistake("flips with probability beta", "coefficient", lambda x, beta_t: x * (1 - beta_t) + (1 - x) * beta_t,
                    "With probability beta_t a bit is drawn again from π, not flipped."),
            Mistake("beta without p", "coefficient", dict(p=lambda: 1),
                    "What is drawn again is 1 with probability p only."),
            Mistake("nothing drawn again", "coefficient", dict(p=lambda: 0), "p beta_t is missing."),
            Mistake("beta and 1 - beta exchanged", "coefficient", dict(beta_t=lambda beta_t: 1 - beta_t),
                    "1 - beta_t is what is kept."),
            Mistake("1 - p for p", "prior", dict(p=lambda p: 1 - p), "p is the probability of a 1."),
            Mistake("beta of t - 1", "index_shift", dict(t=lambda t: t - 1), "beta[t] is the paper's beta_t."),
            Mistake("beta of t + 1", "index_shift", NEXT_T, "beta[t] is the paper's beta_t."),
            Mistake("all steps at once", "index_shift", dict(beta_t=lambda alpha_bar_t: 1 - alpha_bar_t),
                    "One step uses beta_t."),
            Mistake("one t for the whole batch", "mixed_t", ONE_T,
                    "Each row has its own t: beta[t] must have shape (N, 1)."),
            Mistake("beta of step 2 at step 1", "first_step", dict(t=lambda t: np.maximum(t, 2)),
                    "The first step has a rate of its own, beta_1."),
            Mistake("the last bit kept at t = T", "last_step",
                    dict(beta_t=lambda beta_t, t, T: np.where(np.equal(t, T), 0.999 * beta_t, beta_t)),
                    "beta_T = 1 is allowed: the last step may erase everything.")
        ]),
    "binomial.marginal": Formula(
        right=lambda x0, alpha_bar_t, p: alpha_bar_t * x0 + (1 - alpha_bar_t) * p,
        terms={"rate": lambda x0, alpha_bar_t, p: {"x_0": x0 * alpha_bar_t,
                                                   "p (1 - alpha_bar_t)": p * (1 - alpha_bar_t) + 0 * x0}},
        mistakes=[
            Mistake("alpha_bar of t - 1 wraps round at t = 0", "start",
                    dict(alpha_bar_t=lambda alpha_bar, t: alpha_bar[t - 1]),
                    "alpha_bar[t] includes step t; index -1 is the last entry."),
            Mistake("alpha_bar padded at the end for the start", "start",
                    dict(alpha_bar_t=lambda alpha_bar, t: np.append(alpha_bar[1:], 1)[t]),
                    "alpha_bar_0 = 1 comes first: alpha_bar[t] is the paper's."),
            Mistake("exp of minus the sum of rates for alpha_bar", "index_shift",
                    dict(alpha_bar_t=lambda beta, t: np.exp(-np.cumsum(beta))[t]),
                    "alpha_bar_t is the product of 1 - beta_s; exp(-sum beta) is the limit of small rates."),
            Mistake("(1 - beta_t)^t for the product", "index_shift",
                    dict(alpha_bar_t=lambda beta_t, t: (1 - beta_t) ** t),
                    "alpha_bar_t is the product of 1 - beta_s over s <= t; the rates differ."),
            Mistake("square root on what is drawn again", "coefficient",
                    lambda x0, p, alpha_bar_t: alpha_bar_t * x0 + np.sqrt(1 - alpha_bar_t) * p,
                    "The rate is linear: no root."),
            Mistake("square root from the Gaussian marginal", "coefficient",
                    lambda x0, p, alpha_bar_t: np.sqrt(alpha_bar_t) * x0 + (1 - alpha_bar_t) * p,
                    "The rate is linear in alpha_bar_t: no root."),
            Mistake("square root throughout", "coefficient", dict(alpha_bar_t=lambda alpha_bar_t: np.sqrt(alpha_bar_t)),
                    "The rate is linear in alpha_bar_t: no root."),
            Mistake("π = B(0.5) whatever p is", "prior", dict(p=lambda: 0.5),
                    "What is erased is drawn again from B(p)."),
            Mistake("1 - p for p", "prior", dict(p=lambda p: 1 - p), "p is the probability of a 1."),
            Mistake("alpha_bar of t - 1", "first_step", dict(t=lambda t: np.maximum(t - 1, 0)),
                    "alpha_bar[t] includes step t."),
            Mistake("alpha_bar of t + 1", "start", NEXT_T, "alpha_bar[0] = 1 is padding: alpha_bar[t] is the paper's."),
            Mistake("one step only", "index_shift", dict(alpha_bar_t=lambda beta_t: 1 - beta_t),
                    "t steps at once need alpha_bar_t, not 1 - beta_t."),
            Mistake("signal and noise exchanged", "coefficient", dict(alpha_bar_t=lambda alpha_bar_t: 1 - alpha_bar_t),
                    "alpha_bar_t is what is left of x_0."),
            Mistake("nothing drawn again", "coefficient", dict(p=lambda: 0), "(1 - alpha_bar_t) p is missing."),
            Mistake("one t for the whole batch", "mixed_t", ONE_T, "Each row has its own t."),
            Mistake("flips for draws", "coefficient",
                    lambda x0, alpha_bar_t: x0 * alpha_bar_t + (1 - x0) * (1 - alpha_bar_t),
                    "A bit that is erased is drawn again, not flipped."),
            Mistake("a little signal kept at t = T", "last_step",
                    dict(alpha_bar_t=lambda alpha_bar_t, t, T: alpha_bar_t + 1e-4 * np.equal(t, T)),
                    "alpha_bar_T may be 0.")
        ]),
    "binomial.posterior": Formula(
        right=lambda like_1, like_0, prior: share(like_1 * prior, like_0 * (1 - prior)),
        pieces=dict(
            like_1=lambda xt, beta_t, p: likelihood(xt, 1, beta_t, p),
            like_0=lambda xt, beta_t, p: likelihood(xt, 0, beta_t, p),
            prior=lambda x0, alpha_bar_prev, p: marginal(x0, alpha_bar_prev, p)),
        mistakes=[
            *PREVIOUS,
            Mistake("alpha_bar_t for 1 - beta_t in the likelihood", "coefficient",
                    dict(like_1=lambda xt, alpha_bar_t, p: likelihood(xt, 1, 1 - alpha_bar_t, p),
                         like_0=lambda xt, alpha_bar_t, p: likelihood(xt, 0, 1 - alpha_bar_t, p)),
                    "x_t is one step from x_{t-1}: the likelihood has beta_t."),
            Mistake("square root in the prior", "coefficient",
                    dict(prior=lambda x0, alpha_bar_prev, p: marginal(x0, np.sqrt(alpha_bar_prev), p)),
                    "The rate of x_{t-1} is linear in alpha_bar_{t-1}."),
            Mistake("divided by the marginal of x_t", "last_step",
                    lambda xt, x0, like_1, prior, alpha_bar_t: like_1 * prior / marginal(x0, alpha_bar_t, 0.5),
                    "Divide by the probability of the x_t that was seen: the sum over both values of x_{t-1}."),
            Mistake("x_{t-1} = 0 counted with weight 1", "coefficient",
                    lambda like_1, like_0, prior: share(like_1 * prior, like_0),
                    "The zeros are weighted by 1 - the rate of x_{t-1}."),
            Mistake("π = B(0.5) whatever p is", "prior", dict(p=lambda: 0.5), "p enters the kernel and the marginal."),
            Mistake("π = B(0.5) in the kernel only", "prior",
                    dict(like_1=lambda xt, beta_t: likelihood(xt, 1, beta_t, 0.5),
                         like_0=lambda xt, beta_t: likelihood(xt, 0, beta_t, 0.5)), "p enters the kernel too."),
            Mistake("π = B(0.5) in the marginal only", "prior",
                    dict(prior=lambda x0, alpha_bar_prev: marginal(x0, alpha_bar_prev, 0.5)),
                    "p enters the marginal too."),
            Mistake("1 - p for p", "prior", dict(p=lambda p: 1 - p), "p is the probability of a 1."),
            Mistake("not normalised", "coefficient", lambda like_1, prior: like_1 * prior,
                    "Divide by the sum over both values of x_{t-1}."),
            Mistake("x_t left out", "coefficient", lambda prior: prior,
                    "q(x_t|x_{t-1}) is missing: this is the marginal of t - 1."),
            Mistake("x_0 left out", "coefficient", lambda like_1, like_0: share(like_1, like_0),
                    "q(x_{t-1}|x_0) is missing."),
            Mistake("the probability of 0", "coefficient", lambda right: 1 - right,
                    "The rate is the probability that x_{t-1} is 1."),
            Mistake("the forward kernel for the likelihood", "coefficient",
                    dict(like_1=lambda xt, beta_t, p: marginal(xt, 1 - beta_t, p),
                         like_0=lambda xt, beta_t, p: 1 - marginal(xt, 1 - beta_t, p)),
                    "The likelihood is of x_t given x_{t-1} = 1 and 0; here the kernel runs from x_t."),
            Mistake("p for 1 - p where x_t is 0", "prior",
                    dict(like_1=lambda xt, beta_t, p: xt * (1 - beta_t) + beta_t * p,
                         like_0=lambda xt, beta_t, p: (1 - xt) * (1 - beta_t) + beta_t * p),
                    "For x_t = 0 the likelihood of x_{t-1} = v is 1 - v (1 - beta_t) - p beta_t, with (1 - p) beta_t."),
            Mistake("likelihood of a 1 whatever x_t is", "coefficient", dict(xt=lambda xt: 1 + 0 * xt),
                    "For x_t = 0 the likelihood is 1 - rate."),
            Mistake("the Gaussian formula for bits", "coefficient",
                    lambda xt, x0, beta_t, alpha_bar_prev, alpha_bar_t: (
                        (np.sqrt(alpha_bar_prev) * beta_t * x0 + np.sqrt(1 - beta_t) * (1 - alpha_bar_prev) * xt)
                        / (1 - alpha_bar_t)),
                    "Bits need Bayes' rule for bits."),
            Mistake("beta of t - 1", "index_shift", dict(beta_t=lambda beta, t: beta[t - 1]),
                    "beta[t] is the paper's beta_t."),
            Mistake("beta of t + 1", "index_shift", dict(beta_t=lambda beta, t, T: beta[np.minimum(t + 1, T)]),
                    "beta[t] is the paper's beta_t."),
            Mistake("everything of t - 1", "index_shift", dict(t=lambda t: t - 1), "Arrays over time have an entry 0."),
            Mistake("everything of t + 1", "first_step",
                    dict(beta=lambda beta: shifted(beta, -1), alpha_bar=lambda alpha_bar: shifted(alpha_bar, -1)),
                    "Arrays over time have an entry 0."),
            Mistake("one t for the whole batch", "mixed_t", ONE_T, "Each row has its own t."),
            Mistake("x_t and x_0 exchanged", "coefficient", dict(xt=lambda x0: x0, x0=lambda xt: xt),
                    "The first argument is x_t."),
            Mistake("π for the posterior at t = T", "last_step",
                    lambda right, p, t, T: np.where(np.equal(t, T), p, right),
                    "Where beta_T = 1, x_T says nothing, but x_0 still does.")
        ]),
    "binomial.kl": Formula(
        right=lambda ones, zeros: ones + zeros,
        pieces=dict(
            ones=lambda rate_q, rate_p: x_log(rate_q, rate_q) - x_log(rate_q, rate_p),
            zeros=lambda rate_q, rate_p: x_log(1 - rate_q, 1 - rate_q) - x_log(1 - rate_q, 1 - rate_p)),
        terms={"kl": lambda rate_q, rate_p: {
            "q log q": x_log(rate_q, rate_q), "(1 - q) log(1 - q)": x_log(1 - rate_q, 1 - rate_q),
            "q log p": -x_log(rate_q, rate_p), "(1 - q) log(1 - p)": -x_log(1 - rate_q, 1 - rate_p)}},
        mistakes=[
            Mistake("the zeros of the wrong sign", "missing_term", lambda ones, zeros: ones - zeros,
                    "Both terms are added."),
            Mistake("half the sum of both directions", "direction",
                    lambda rate_q, rate_p: (kl(rate_q, rate_p) + kl(rate_p, rate_q)) / 2,
                    "D_KL(q || p) averages over q only."),
            Mistake("entropy of q counted twice", "missing_term", lambda right, rate_q: right - entropy(rate_q),
                    "The entropy of q enters once."),
            Mistake("through the logarithm to base 2", "missing_term", lambda right: right / np.log(2),
                    "Return nats, or state conventions unit = 'bits'."),
            Mistake("q and p exchanged", "direction", dict(rate_q=lambda rate_p: rate_p, rate_p=lambda rate_q: rate_q),
                    "D_KL(q || p) averages over q."),
            Mistake("only the ones", "missing_term", lambda ones: ones,
                    "The term of the zeros, (1 - q) log((1 - q)/(1 - p)), is missing."),
            Mistake("only the zeros", "missing_term", lambda zeros: zeros, "The term of the ones is missing."),
            Mistake("cross entropy for KL", "missing_term",
                    lambda rate_q, rate_p: -x_log(rate_q, rate_p) - x_log(1 - rate_q, 1 - rate_p),
                    "The entropy of q is missing: equal distributions must give 0."),
            Mistake("with the wrong sign", "direction", lambda right: -right, "A KL is never negative."),
            Mistake("0 log 0 is nan", "zero_probability",
                    lambda rate_q, rate_p: (
                        rate_q * np.log(rate_q / rate_p) + (1 - rate_q) * np.log((1 - rate_q) / (1 - rate_p))),
                    "0 log 0 counts as 0: use where, or xlogy."),
            *(Choice(CLIPPED.format(e), "zero_probability", dict(rate_q=lambda rate_q, e=e: np.clip(rate_q, e, 1 - e),
                                                               rate_p=lambda rate_p, e=e: np.clip(rate_p, e, 1 - e)),
                     GUARD) for e in SIZES),
            *(Choice(ADDED.format(e), "zero_probability", lambda rate_q, rate_p, e=e: (
                rate_q * np.log((rate_q + e) / (rate_p + e))
                + (1 - rate_q) * np.log((1 - rate_q + e) / (1 - rate_p + e))), GUARD) for e in SIZES)
        ]),
    "binomial.entropy": Formula(
        right=lambda ones, zeros: ones + zeros,
        pieces=dict(ones=lambda rate: -x_log(rate, rate), zeros=lambda rate: -x_log(1 - rate, 1 - rate)),
        terms={"H": lambda ones, zeros: {"r log r": ones, "(1 - r) log(1 - r)": zeros}},
        mistakes=[
            Mistake("only the ones", "missing_term", lambda ones: ones, "The term of the zeros is missing."),
            Mistake("with the wrong sign", "missing_term", lambda right: -right,
                    "An entropy of bits is never negative."),
            Mistake("0 log 0 is nan", "zero_probability",
                    lambda rate: -rate * np.log(rate) - (1 - rate) * np.log(1 - rate), "0 log 0 counts as 0."),
            Mistake("in bits", "missing_term", lambda right: right / np.log(2),
                    "Return nats, or state conventions unit = 'bits'."),
            Mistake("the log for the entropy", "missing_term", lambda rate: -np.log(rate) - np.log(1 - rate),
                    "Each log is weighted by its probability."),
            *(Choice(CLIPPED.format(e), "zero_probability", dict(rate=lambda rate, e=e: np.clip(rate, e, 1 - e)), GUARD)
              for e in SIZES),
            *(Choice(ADDED.format(e), "zero_probability", lambda rate, e=e: (
                -rate * np.log(rate + e) - (1 - rate) * np.log(1 - rate + e)), GUARD) for e in SIZES)
        ]),
    "binomial.log_density": Formula(
        right=lambda probability: np.log(probability),
        pieces=dict(probability=lambda x, rate: np.where(x == 1, rate, 1 - rate)),
        mistakes=[
            Mistake("the rate taken for a logit", "missing_term", dict(rate=lambda rate: sigmoid(rate)),
                    "The rate is the probability itself: no sigmoid."),
            Mistake("only the ones", "missing_term", lambda x, rate: x_log(x, rate),
                    "A bit 0 has log probability log(1 - rate)."),
            Mistake("with the wrong sign", "missing_term", lambda right: -right,
                    "This is the cross entropy, minus the log density."),
            Mistake("ones and zeros exchanged", "direction", dict(rate=lambda rate: 1 - rate),
                    "rate is the probability of a 1."),
            Mistake("0 log 0 is nan", "zero_probability", lambda x, rate: x * np.log(rate) + (1 - x) * np.log(1 - rate),
                    "0 log 0 counts as 0."),
            Mistake("the probability, not its logarithm", "missing_term", lambda probability: probability,
                    "Take the logarithm."),
            *(Choice(ADDED.format(e), "zero_probability",
                     lambda x, rate, e=e: x * np.log(rate + e) + (1 - x) * np.log(1 - rate + e),
                     "An excluded bit has log density -inf; a guard against log(0) hides it.") for e in SIZES)
        ]),
    "binomial.draw": Formula(
        right=lambda rate, noise: (noise < rate) * 1.0,
        mistakes=[
            Mistake("1 where noise is above the rate", "noise", lambda rate, noise: (noise > rate) * 1.0,
                    "The same law only for rate 0.5: 1 where noise < rate."),
            Mistake("the rate taken for a logit", "noise", dict(rate=lambda rate: sigmoid(rate)),
                    "The rate is the probability itself; no sigmoid."),
            Mistake("noise not used", "noise", lambda rate: (rate > 0.5) * 1.0, "Rounding the rate is not a draw."),
            Mistake("the rate, not a bit", "noise", lambda rate: rate, "A draw is 0 or 1."),
            Mistake("-1 and 1 for bits", "noise", lambda rate, noise: np.where(noise < rate, 1.0, -1.0),
                    "Bits are 0 and 1 here."),
            Mistake("one number of noise for all bits", "noise", dict(noise=lambda noise: noise[:, :1]),
                    "Bits are independent."),
            Choice("1 where 1 - noise < rate", "noise", dict(noise=lambda noise: 1 - noise),
                   "The same law, but not the same numbers for the same noise.")
        ]),
    "binomial.perturbed": Formula(
        right=lambda c, d: share(c * d, (1 - c) * (1 - d)),
        mistakes=[
            Mistake("the product not normalised", "normaliser", lambda c, d: c * d,
                    "Divide c d by c d + (1 - c)(1 - d)."),
            Mistake("Table App.1 as printed with x = 0: the odds, not the rate", "normaliser",
                    lambda c, d: c * d / ((1 - c) * (1 - d)),
                    "The printed x d is a slip for c d: divide by the sum of both products."),
            Mistake("Table App.1 as printed with x = 1: r's zeros left out", "normaliser",
                    lambda c, d: c * d / (d + (1 - c) * (1 - d)),
                    "The printed x d is a slip for c d: divide by the sum of both products."),
            Mistake("the numerator without c", "normaliser", lambda c, d: d / (c * d + (1 - c) * (1 - d)),
                    "The numerator is c d."),
            Mistake("d added to the logit of c", "normaliser", lambda c, d: sigmoid(logit(c) + d),
                    "The logits add: that of d, not d itself."),
            Mistake("the mean of both rates", "normaliser", lambda c, d: (c + d) / 2, "Probabilities multiply."),
            Mistake("r of the other value", "normaliser", dict(d=lambda d: 1 - d), "d is r(x = 1)."),
            Mistake("divided by c + d", "normaliser", lambda c, d: c * d / (c + d),
                    "Divide c d by c d + (1 - c)(1 - d)."),
            Mistake("divided by 1 - c d", "normaliser", lambda c, d: c * d / (c * d + 1 - d),
                    "Divide c d by c d + (1 - c)(1 - d)."),
            Mistake("r squared", "normaliser", lambda c, d: share(c * d ** 2, (1 - c) * (1 - d) ** 2),
                    "r enters once.")
        ]),
}
