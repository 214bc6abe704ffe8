"""Mistakes in the binomial column of Table App.1."""
import numpy as np

from .mistakes import M, clip, first, log, sigmoid


def marginal(x0, bar, p):
    """P(x_t = 1|x_0)."""
    return bar * x0 + (1 - bar) * p


def posterior(xt, x0, b, before, p):
    """P(x_{t-1} = 1|x_t,x_0) by Bayes' rule, right."""
    one = likelihood(xt, 1, b, p) * marginal(x0, before, p)
    zero = likelihood(xt, 0, b, p) * (1 - marginal(x0, before, p))
    return one / (one + zero)


def likelihood(xt, v, b, p):
    """q(x_t|x_{t-1} = v)."""
    rate = v * (1 - b) + b * p
    return xt * rate + (1 - xt) * (1 - rate)


def by_bayes(change):
    """A wrong posterior from change(l1, l0, m, xt, x0, b, before, after, p): likelihoods of x_t, prior m of x_{t-1} = 1."""
    def wrong(xt, x0, t, beta, alpha_bar, p):
        b, before, after = beta[t], alpha_bar[t - 1], alpha_bar[t]
        m = marginal(x0, before, p)
        with np.errstate(all="ignore"):
            return change(likelihood(xt, 1, b, p), likelihood(xt, 0, b, p), m, xt, x0, b, before, after, p) + 0 * xt
    return wrong


def shifted(shift_beta, shift_bar):
    """The posterior with beta of t + shift_beta and alpha_bar of t - 1 + shift_bar."""
    def wrong(xt, x0, t, beta, alpha_bar, p):
        with np.errstate(all="ignore"):
            return posterior(xt, x0, beta[clip(t + shift_beta, beta)], alpha_bar[clip(t - 1 + shift_bar, beta)], p)
    return wrong


def x_log(a, b):
    """a log b with 0 log 0 = 0."""
    with np.errstate(all="ignore"):
        return np.where(a == 0, 0.0, a * np.log(b))


def kl(q, p):
    """D_KL of Bernoulli rates, right."""
    return x_log(q, q) + x_log(1 - q, 1 - q) - x_log(q, p) - x_log(1 - q, 1 - p)


def entropy(r):
    """H of a bit, right."""
    return -x_log(r, r) - x_log(1 - r, 1 - r)


def naive(a, b):
    """a log b where 0 log 0 is nan."""
    with np.errstate(all="ignore"):
        return a * np.log(b)


def soft(r, eps=1e-6):
    """A rate kept away from 0 and 1."""
    return np.clip(r, eps, 1 - eps)


F, MA, PO, KL, H, LD = ("binomial." + n for n in ("forward", "marginal", "posterior", "kl", "entropy", "log_density"))
BITS = [
    M("square root from the Gaussian kernel", F, "coefficient", "The rate is x (1 - beta_t) + p beta_t: no root.", lambda x, t, beta, p: x * np.sqrt(1 - beta[t]) + p * beta[t]),
    M("π = B(0.5) whatever p is", F, "prior", "A bit that is drawn again comes from B(p); flips with probability beta/2 are the same mistake.", lambda x, t, beta, p: x * (1 - beta[t]) + 0.5 * beta[t]),
    M("flips with probability beta", F, "coefficient", "With probability beta_t a bit is drawn again from π, not flipped.", lambda x, t, beta, p: x * (1 - beta[t]) + (1 - x) * beta[t]),
    M("beta without p", F, "coefficient", "What is drawn again is 1 with probability p only.", lambda x, t, beta, p: x * (1 - beta[t]) + beta[t]),
    M("nothing drawn again", F, "coefficient", "p beta_t is missing.", lambda x, t, beta, p: x * (1 - beta[t])),
    M("beta and 1 - beta exchanged", F, "coefficient", "1 - beta_t is what is kept.", lambda x, t, beta, p: x * beta[t] + p * (1 - beta[t])),
    M("1 - p for p", F, "prior", "p is the probability of a 1.", lambda x, t, beta, p: x * (1 - beta[t]) + (1 - p) * beta[t]),
    M("beta of t - 1", F, "index_shift", "beta[t] is the paper's beta_t.", lambda x, t, beta, p: marginal(x, 1 - beta[t - 1], p)),
    M("beta of t + 1", F, "index_shift", "beta[t] is the paper's beta_t.", lambda x, t, beta, p: marginal(x, 1 - beta[clip(t + 1, beta)], p)),
    M("all steps at once", F, "index_shift", "One step uses beta_t.", lambda x, t, beta, p: marginal(x, np.cumprod(1 - beta)[t], p)),
    M("one t for the whole batch", F, "mixed_t", "Each row has its own t: beta[t] must have shape (N, 1).", lambda x, t, beta, p: marginal(x, 1 - beta[first(t)], p)),
    M("beta of step 2 at step 1", F, "first_step", "The first step has a rate of its own, beta_1.", lambda x, t, beta, p: marginal(x, 1 - beta[np.maximum(t, 2)], p)),
    M("the last bit kept at t = T", F, "last_step", "beta_T = 1 is allowed: the last step may erase everything.", lambda x, t, beta, p: marginal(x, 1 - np.where(np.asarray(t) == len(beta) - 1, beta[t] * 0.999, beta[t]), p)),
    M("square root from the Gaussian marginal", MA, "coefficient", "The rate is linear in alpha_bar_t: no root.", lambda x0, t, beta, alpha_bar, p: np.sqrt(alpha_bar[t]) * x0 + (1 - alpha_bar[t]) * p),
    M("square root throughout", MA, "coefficient", "The rate is linear in alpha_bar_t: no root.", lambda x0, t, beta, alpha_bar, p: marginal(x0, np.sqrt(alpha_bar[t]), p)),
    M("π = B(0.5) whatever p is", MA, "prior", "What is erased is drawn again from B(p).", lambda x0, t, beta, alpha_bar, p: marginal(x0, alpha_bar[t], 0.5)),
    M("1 - p for p", MA, "prior", "p is the probability of a 1.", lambda x0, t, beta, alpha_bar, p: marginal(x0, alpha_bar[t], 1 - p)),
    M("alpha_bar of t - 1", MA, "first_step", "alpha_bar[t] includes step t.", lambda x0, t, beta, alpha_bar, p: marginal(x0, alpha_bar[np.maximum(t - 1, 0)], p)),
    M("alpha_bar of t + 1", MA, "start", "alpha_bar[0] = 1 is padding: alpha_bar[t] is the paper's.", lambda x0, t, beta, alpha_bar, p: marginal(x0, alpha_bar[clip(t + 1, beta)], p)),
    M("one step only", MA, "index_shift", "t steps at once need alpha_bar_t, not 1 - beta_t.", lambda x0, t, beta, alpha_bar, p: marginal(x0, 1 - beta[t], p)),
    M("signal and noise exchanged", MA, "coefficient", "alpha_bar_t is what is left of x_0.", lambda x0, t, beta, alpha_bar, p: marginal(x0, 1 - alpha_bar[t], p)),
    M("nothing drawn again", MA, "coefficient", "(1 - alpha_bar_t) p is missing.", lambda x0, t, beta, alpha_bar, p: alpha_bar[t] * x0),
    M("one t for the whole batch", MA, "mixed_t", "Each row has its own t.", lambda x0, t, beta, alpha_bar, p: marginal(x0, alpha_bar[first(t)], p)),
    M("flips for draws", MA, "coefficient", "A bit that is erased is drawn again, not flipped.", lambda x0, t, beta, alpha_bar, p: x0 * alpha_bar[t] + (1 - x0) * (1 - alpha_bar[t])),
    M("a little signal kept at t = T", MA, "last_step", "alpha_bar_T may be 0.", lambda x0, t, beta, alpha_bar, p: marginal(x0, np.where(np.asarray(t) == len(beta) - 1, alpha_bar[t] + 1e-4, alpha_bar[t]), p)),
    M("π = B(0.5) whatever p is", PO, "prior", "p enters the kernel and the marginal.", by_bayes(lambda l1, l0, m, xt, x0, b, u, v, p: posterior(xt, x0, b, u, 0.5))),
    M("π = B(0.5) in the kernel only", PO, "prior", "p enters the kernel too.", by_bayes(lambda l1, l0, m, xt, x0, b, u, v, p: likelihood(xt, 1, b, 0.5) * m / (likelihood(xt, 1, b, 0.5) * m + likelihood(xt, 0, b, 0.5) * (1 - m)))),
    M("π = B(0.5) in the marginal only", PO, "prior", "p enters the marginal too.", by_bayes(lambda l1, l0, m, xt, x0, b, u, v, p: l1 * marginal(x0, u, 0.5) / (l1 * marginal(x0, u, 0.5) + l0 * (1 - marginal(x0, u, 0.5))))),
    M("1 - p for p", PO, "prior", "p is the probability of a 1.", by_bayes(lambda l1, l0, m, xt, x0, b, u, v, p: posterior(xt, x0, b, u, 1 - p))),
    M("not normalised", PO, "coefficient", "Divide by the sum over both values of x_{t-1}.", by_bayes(lambda l1, l0, m, xt, x0, b, u, v, p: l1 * m)),
    M("x_t left out", PO, "coefficient", "q(x_t|x_{t-1}) is missing: this is the marginal of t - 1.", by_bayes(lambda l1, l0, m, xt, x0, b, u, v, p: m)),
    M("x_0 left out", PO, "coefficient", "q(x_{t-1}|x_0) is missing.", by_bayes(lambda l1, l0, m, xt, x0, b, u, v, p: l1 / (l1 + l0))),
    M("the probability of 0", PO, "coefficient", "The rate is the probability that x_{t-1} is 1.", by_bayes(lambda l1, l0, m, xt, x0, b, u, v, p: l0 * (1 - m) / (l1 * m + l0 * (1 - m)))),
    M("the forward kernel for the likelihood", PO, "coefficient", "The likelihood is of x_t given x_{t-1} = 1 and 0; here the kernel runs from x_t.", by_bayes(lambda l1, l0, m, xt, x0, b, u, v, p: ratio(marginal(xt, 1 - b, p) * m, (1 - marginal(xt, 1 - b, p)) * (1 - m)))),
    M("p for 1 - p where x_t is 0", PO, "prior", "For x_t = 0 the likelihood of x_{t-1} = v is 1 - v (1 - beta_t) - p beta_t, with (1 - p) beta_t.", by_bayes(lambda l1, l0, m, xt, x0, b, u, v, p: ratio((xt * (1 - b) + b * p) * m, ((1 - xt) * (1 - b) + b * p) * (1 - m)))),
    M("likelihood of a 1 whatever x_t is", PO, "coefficient", "For x_t = 0 the likelihood is 1 - rate.", by_bayes(lambda l1, l0, m, xt, x0, b, u, v, p: ratio((1 - b + b * p) * m, b * p * (1 - m)))),
    M("the Gaussian formula for bits", PO, "coefficient", "Bits need Bayes' rule for bits.", by_bayes(lambda l1, l0, m, xt, x0, b, u, v, p: np.sqrt(u) * b / (1 - v) * x0 + np.sqrt(1 - b) * (1 - u) / (1 - v) * xt)),
    M("alpha_bar of t for t - 1", PO, "first_step", "The prior of x_{t-1} has alpha_bar_{t-1}.", shifted(0, 1)),
    M("beta of t - 1", PO, "index_shift", "beta[t] is the paper's beta_t.", shifted(-1, 0)),
    M("beta of t + 1", PO, "index_shift", "beta[t] is the paper's beta_t.", shifted(1, 0)),
    M("everything of t - 1", PO, "index_shift", "Arrays over time have an entry 0.", shifted(-1, -1)),
    M("everything of t + 1", PO, "first_step", "Arrays over time have an entry 0.", shifted(1, 1)),
    M("alpha_bar of t - 1 wraps round at t = 1", PO, "first_step", "In 0-based tables index -1 is the last entry: put alpha_bar_0 = 1 in front.", lambda xt, x0, t, beta, alpha_bar, p: posterior(xt, x0, beta[t], np.append(alpha_bar[-1], alpha_bar[1:])[t - 1], p)),
    M("one t for the whole batch", PO, "mixed_t", "Each row has its own t.", lambda xt, x0, t, beta, alpha_bar, p: posterior(xt, x0, beta[first(t)], alpha_bar[first(t) - 1], p)),
    M("x_t and x_0 exchanged", PO, "coefficient", "The first argument is x_t.", lambda xt, x0, t, beta, alpha_bar, p: posterior(x0, xt, beta[t], alpha_bar[t - 1], p)),
    M("π for the posterior at t = T", PO, "last_step", "Where beta_T = 1, x_T says nothing, but x_0 still does.", lambda xt, x0, t, beta, alpha_bar, p: np.where(np.asarray(t) == len(beta) - 1, p, posterior(xt, x0, beta[t], alpha_bar[t - 1], p))),
    M("q and p exchanged", KL, "direction", "D_KL(q || p) averages over q.", lambda rate_q, rate_p: kl(rate_p, rate_q)),
    M("only the ones", KL, "missing_term", "The term of the zeros, (1 - q) log((1 - q)/(1 - p)), is missing.", lambda rate_q, rate_p: x_log(rate_q, rate_q) - x_log(rate_q, rate_p)),
    M("only the zeros", KL, "missing_term", "The term of the ones is missing.", lambda rate_q, rate_p: x_log(1 - rate_q, 1 - rate_q) - x_log(1 - rate_q, 1 - rate_p)),
    M("cross entropy for KL", KL, "missing_term", "The entropy of q is missing: equal distributions must give 0.", lambda rate_q, rate_p: -x_log(rate_q, rate_p) - x_log(1 - rate_q, 1 - rate_p)),
    M("with the wrong sign", KL, "direction", "A KL is never negative.", lambda rate_q, rate_p: -kl(rate_q, rate_p)),
    M("0 log 0 is nan", KL, "zero_probability", "0 log 0 counts as 0: use where, or xlogy.", lambda rate_q, rate_p: naive(rate_q, rate_q / rate_p) + naive(1 - rate_q, (1 - rate_q) / (1 - rate_p))),
    M("only the ones", H, "missing_term", "The term of the zeros is missing.", lambda rate: -x_log(rate, rate)),
    M("with the wrong sign", H, "missing_term", "An entropy of bits is never negative.", lambda rate: -entropy(rate)),
    M("0 log 0 is nan", H, "zero_probability", "0 log 0 counts as 0.", lambda rate: -naive(rate, rate) - naive(1 - rate, 1 - rate)),
    M("in bits", H, "missing_term", "Nats inside; or state conventions unit = 'bits'.", lambda rate: entropy(rate) / np.log(2)),
    M("the log for the entropy", H, "missing_term", "Each log is weighted by its probability.", lambda rate: -log(rate) - log(1 - rate)),
    M("only the ones", LD, "missing_term", "A bit 0 has log probability log(1 - rate).", lambda x, rate: x_log(x, rate)),
    M("with the wrong sign", LD, "missing_term", "This is the cross entropy, minus the log density.", lambda x, rate: -log(np.where(x == 1, rate, 1 - rate))),
    M("ones and zeros exchanged", LD, "direction", "rate is the probability of a 1.", lambda x, rate: log(np.where(x == 1, 1 - rate, rate))),
    M("0 log 0 is nan", LD, "zero_probability", "0 log 0 counts as 0.", lambda x, rate: naive(x, rate) + naive(1 - x, 1 - rate)),
    M("the probability, not its logarithm", LD, "missing_term", "Take the logarithm.", lambda x, rate: np.where(x == 1, rate, 1 - rate)),
    M("1 where noise is above the rate", "binomial.draw", "noise", "The same law only for rate 0.5: 1 where noise < rate.", lambda rate, noise: (noise > rate) * 1.0),
    M("the rate taken for a logit", "binomial.draw", "noise", "The rate is the probability itself; no sigmoid.", lambda rate, noise: (noise < sigmoid(rate)) * 1.0),
    M("noise not used", "binomial.draw", "noise", "Rounding the rate is not a draw.", lambda rate, noise: (rate > 0.5) * 1.0),
    M("the rate, not a bit", "binomial.draw", "noise", "A draw is 0 or 1.", lambda rate, noise: rate + 0 * noise),
    M("-1 and 1 for bits", "binomial.draw", "noise", "Bits are 0 and 1 here.", lambda rate, noise: np.where(noise < rate, 1.0, -1.0)),
    M("one number of noise for all bits", "binomial.draw", "noise", "Bits are independent.", lambda rate, noise: (noise[:, :1] < rate) * 1.0),
    M("1 where 1 - noise < rate", "binomial.draw", "noise", "The same law, but not the same numbers for the same noise.", lambda rate, noise: (1 - noise < rate) * 1.0, True),
    M("the product not normalised", "binomial.perturbed", "normaliser", "Divide c d by c d + (1 - c)(1 - d).", lambda c, d: c * d),
    M("the odds, not the rate", "binomial.perturbed", "normaliser", "Divide by the sum of both, not by the other one.", lambda c, d: safe(c * d, (1 - c) * (1 - d))),
    M("Table App.1 as printed", "binomial.perturbed", "normaliser", "The printed x d is a slip for c d: it can exceed 1.", lambda c, d: safe(d, c * d + (1 - c) * (1 - d))),
    M("d added to the logit of c", "binomial.perturbed", "normaliser", "The logits add: that of d, not d itself.", lambda c, d: sigmoid(log(c) - log(1 - c) + d)),
    M("the mean of both rates", "binomial.perturbed", "normaliser", "Probabilities multiply.", lambda c, d: (c + d) / 2),
    M("r's zeros left out", "binomial.perturbed", "normaliser", "The zeros are weighted by 1 - d.", lambda c, d: safe(c * d, c * d + (1 - c))),
    M("r of the other value", "binomial.perturbed", "normaliser", "d is r(x = 1).", lambda c, d: safe(c * (1 - d), c * (1 - d) + (1 - c) * d)),
    M("divided by c + d", "binomial.perturbed", "normaliser", "Divide c d by c d + (1 - c)(1 - d).", lambda c, d: safe(c * d, c + d)),
    M("divided by 1 - c d", "binomial.perturbed", "normaliser", "Divide c d by c d + (1 - c)(1 - d).", lambda c, d: c * d / (c * d + 1 - d)),
    M("r squared", "binomial.perturbed", "normaliser", "r enters once.", lambda c, d: safe(c * d ** 2, c * d ** 2 + (1 - c) * (1 - d) ** 2)),
]


def guarded():
    """Known ways round log(0): not wrong, but different numbers. One entry for each size of the guard."""
    for e in 10.0 ** -np.arange(3, 11):
        say = "A guard against log(0) changes the value; count 0 log 0 as 0."
        yield M(f"rates clipped at {e:g}", KL, "zero_probability", say, lambda rate_q, rate_p, e=e: kl(soft(rate_q, e), soft(rate_p, e)), True)
        yield M(f"{e:g} added inside the logs", KL, "zero_probability", say, lambda rate_q, rate_p, e=e: rate_q * np.log((rate_q + e) / (rate_p + e))
                + (1 - rate_q) * np.log((1 - rate_q + e) / (1 - rate_p + e)), True)
        yield M(f"rates clipped at {e:g}", H, "zero_probability", say, lambda rate, e=e: entropy(soft(rate, e)), True)
        yield M(f"{e:g} added inside the logs", H, "zero_probability", say, lambda rate, e=e: -rate * np.log(rate + e) - (1 - rate) * np.log(1 - rate + e), True)
        say = "An excluded bit has log density -inf; a guard against log(0) hides it."
        yield M(f"{e:g} added inside the logs", LD, "zero_probability", say, lambda x, rate, e=e: x * np.log(rate + e) + (1 - x) * np.log(1 - rate + e), True)


BITS += guarded()


def ratio(one, zero):
    """The share of one."""
    return one / (one + zero)


def safe(a, b):
    """a / b without a warning."""
    with np.errstate(all="ignore"):
        return a / b
