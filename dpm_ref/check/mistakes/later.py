"""Mistakes in later samplers: strided chains, interpolated variances, known pixels with their noise."""
import numpy as np

from . import posterior
from ..catalogue import needed
from .formula import NARROW, ONE_T, Choice, Formula, Mistake

RATE = "The rate of the step from s to t is 1 - alpha_bar_t / alpha_bar_s."


def from_s(m):
    """A mistake in the posterior of one step as one in that of the step from s to t."""
    def said(text):
        return text.replace("{t-1}", "s").replace("t - 1", "s").replace("beta_t", "beta")
    return m._replace(name=said(m.name), advice=f"{said(m.advice)} Here beta = 1 - alpha_bar_t / alpha_bar_s.")


LONG = [from_s(m) for m in posterior.derived(posterior.COEFFICIENTS)
        if not any("t" in needed(f) for f in m.wrong.values())]

FORMULAS = {
    "stride.beta": Formula(
        right=lambda bar: np.append(0, 1 - bar[1:] / bar[:-1]),
        pieces=dict(bar=lambda alpha_bar, stride: alpha_bar[::stride]),
        mistakes=[
            Mistake("beta of the steps that are kept", "coefficient", lambda beta, stride: beta[::stride],
                    "A long step takes more: beta = 1 - alpha_bar_t / alpha_bar_s."),
            Mistake("beta of the steps that are kept, times the stride", "coefficient",
                    lambda beta, stride: stride * beta[::stride], "That is the limit of small rates."),
            Mistake("rates summed over the stride", "coefficient", lambda beta, stride: (
                np.append(0, beta[1:].reshape(-1, stride).sum(axis=1))), "That is the limit of small rates."),
            Mistake("1 - alpha_bar of the steps that are kept", "coefficient", lambda bar: 1 - bar,
                    "Divide by alpha_bar of the kept step before: beta = 1 - alpha_bar_t / alpha_bar_s."),
            Mistake("steps 1, 1 + stride, .. kept", "index_shift", dict(bar=lambda alpha_bar, stride: (
                np.append(1, alpha_bar[1::stride]))), "Kept are t = stride, 2 stride, .., T."),
            Mistake("the root of the ratio", "coefficient", lambda bar: np.append(0, 1 - np.sqrt(bar[1:] / bar[:-1])),
                    "alpha_bar is a share of power: beta = 1 - alpha_bar_t / alpha_bar_s without a root."),
            Mistake("the ratio upside down", "coefficient", lambda bar: np.append(0, 1 - bar[:-1] / bar[1:]),
                    "beta = 1 - alpha_bar_t / alpha_bar_s with s < t."),
            Choice("rates held below 0.999", "last_step", lambda right: np.minimum(right, 0.999),
                   "A last rate of 1 is clipped to 0.999.")]),
    "stride.posterior": Formula(
        right=lambda xt, x0, c0, ct, var: (posterior.mean(xt, x0, c0, ct), var),
        terms={"mean": lambda xt, x0, c0, ct: {"x_0": c0 * x0, "x_t": ct * xt}},
        pieces={**posterior.PIECES, "alpha_bar_prev": lambda alpha_bar, s: alpha_bar[s],        # of one long step
                "beta_t": lambda alpha_bar_prev, alpha_bar_t: 1 - alpha_bar_t / alpha_bar_prev},
        mistakes=[
            Mistake("beta_t for the long step's rate", "coefficient", dict(beta_t=lambda beta, t: beta[t]), RATE),
            Mistake("beta_t for the long step's rate, but in the root", "coefficient",
                    dict(beta_t=lambda beta, t: beta[t], ct=lambda ct: ct), RATE),
            Mistake("sqrt(alpha_t) for the long step's", "coefficient",
                    dict(ct=lambda ct, alpha_t, beta_t: ct * np.sqrt(alpha_t / (1 - beta_t))),
                    "x_t has sqrt(alpha_bar_t / alpha_bar_s)."),
            Mistake("one step only, to t - 1", "index_shift", dict(s=lambda t: t - 1),
                    "Skipped steps count: alpha_bar_s, not t - 1."),
            Mistake("alpha_bar of s + 1", "index_shift", dict(s=lambda s: s + 1), "alpha_bar[s] belongs to x_s."),
            Mistake("alpha_bar of s - 1", "index_shift", dict(s=lambda s: np.maximum(s - 1, 0)),
                    "alpha_bar[s] belongs to x_s."),
            Mistake("rates summed from s to t", "coefficient",
                    dict(beta_t=lambda beta, s, t: np.cumsum(beta)[t] - np.cumsum(beta)[s]),
                    "1 - beta multiply: the rate is 1 - alpha_bar_t / alpha_bar_s."),
            *LONG,
            Mistake("standard deviation for variance", "spread", lambda right: (right[0], np.sqrt(right[1])),
                    "Return the variance, or state conventions spread = 'std'."),
            *NARROW,
            Choice("variance of the forward step", "coefficient", lambda right, beta_t: (right[0], beta_t),
                   "1 - alpha_bar_t / alpha_bar_s is the other end of the range of variances."),
            Choice("the step of DDIM without noise", "coefficient", lambda xt, x0, alpha_bar_prev, alpha_bar_t: (
                np.sqrt(alpha_bar_prev) * x0
                + np.sqrt((1 - alpha_bar_prev) / (1 - alpha_bar_t)) * (xt - np.sqrt(alpha_bar_t) * x0), 0 * xt),
                   "DDIM's step is another distribution with the same marginals (Song, Meng & Ermon 2021).")]),
    "reverse.interpolated_variance": Formula(
        right=lambda share, high, low: np.exp(share * np.log(high) + (1 - share) * np.log(low)),
        pieces=dict(high=lambda beta_t: beta_t, low=lambda beta_t, alpha_bar_prev, alpha_bar_t: (
            beta_t * (1 - alpha_bar_prev) / (1 - alpha_bar_t))),
        mistakes=[
            Mistake("variances interpolated", "spread", lambda share, high, low: share * high + (1 - share) * low,
                    "Their logarithms are interpolated."),
            Mistake("standard deviations interpolated", "spread", lambda share, high, low: (
                share * np.sqrt(high) + (1 - share) * np.sqrt(low)) ** 2, "Logarithms are interpolated."),
            Mistake("ends exchanged", "coefficient", dict(share=lambda share: 1 - share),
                    "share = 1 gives beta_t, share = 0 the posterior's variance."),
            Mistake("share read as a number in -1..1", "coefficient", dict(share=lambda share: (share + 1) / 2),
                    "Here share is in 0..1 already: map the network's output first."),
            Mistake("share through a sigmoid", "coefficient", dict(share=lambda share: 1 / (1 + np.exp(-share))),
                    "share is in 0..1 already."),
            Mistake("share left out", "coefficient", lambda low, share: low + 0 * share, "share interpolates."),
            Mistake("beta_t whatever share is", "coefficient", lambda high, share: high + 0 * share,
                    "share interpolates."),
            Mistake("1 - alpha_bar_t for beta_t", "coefficient", dict(high=lambda alpha_bar_t: 1 - alpha_bar_t),
                    "The upper end is beta_t."),
            Mistake("1 - alpha_bar_{t-1} for the posterior's variance", "coefficient",
                    dict(low=lambda alpha_bar_prev: 1 - alpha_bar_prev),
                    "The lower end is beta_t (1 - alpha_bar_{t-1}) / (1 - alpha_bar_t)."),
            Mistake("the posterior's variance upside down", "coefficient", dict(
                low=lambda beta_t, alpha_bar_prev, alpha_bar_t: beta_t * (1 - alpha_bar_t) / (1 - alpha_bar_prev)),
                    "The lower end is beta_t (1 - alpha_bar_{t-1}) / (1 - alpha_bar_t)."),
            Mistake("standard deviation for variance", "spread", lambda right: np.sqrt(right),
                    "Return the variance, or state conventions spread = 'std'."),
            Mistake("log base 2, but exp", "unit", lambda share, high, low: np.exp(
                share * np.log2(high) + (1 - share) * np.log2(low)), "Natural logarithms."),
            Mistake("everything of t - 1", "index_shift", dict(t=lambda t: t - 1), "The step from x_t has index t."),
            Mistake("one t for the whole batch", "mixed_t", ONE_T, "Each row has its own t."), *NARROW]),
    "product.noisy_known": Formula(
        right=lambda x, noisy, mask: np.where(mask == 1, noisy, x),
        pieces=dict(noisy=lambda known, noise, bar: np.sqrt(bar) * known + np.sqrt(1 - bar) * noise,
                    bar=lambda alpha_bar_prev: alpha_bar_prev),
        mistakes=[
            Mistake("alpha_bar of t for t - 1", "index_shift", dict(bar=lambda alpha_bar_t: alpha_bar_t),
                    "The step from x_t gives x_{t-1}: the known part has the noise of t - 1."),
            Mistake("alpha_t for alpha_bar", "index_shift", dict(bar=lambda alpha_t: alpha_t),
                    "The known part has the noise of t - 1 steps, not of one."),
            Mistake("alpha_bar of t - 2", "index_shift",
                    dict(bar=lambda alpha_bar, t: alpha_bar[np.maximum(t - 2, 0)]), "x_{t-1} has alpha_bar_{t-1}."),
            Mistake("mask upside down", "mask", dict(mask=lambda mask: 1 - mask), "mask is 1 where x_0 is known."),
            Mistake("known values without noise", "noise", dict(noisy=lambda known: known),
                    "The network expects x_{t-1}: known pixels need the noise of their step."),
            Mistake("known values scaled, without noise", "noise", dict(noise=lambda noise: 0 * noise),
                    "The network expects x_{t-1}: known pixels need the noise of their step."),
            Mistake("known values noisy, not scaled", "noise", dict(
                noisy=lambda known, noise, bar: known + np.sqrt(1 - bar) * noise),
                    "x_{t-1} has sqrt(alpha_bar_{t-1}) x_0."),
            Mistake("noise times the variance", "spread", dict(
                noisy=lambda known, noise, bar: np.sqrt(bar) * known + (1 - bar) * noise),
                    "Scale noise by sqrt(1 - alpha_bar_{t-1})."),
            Mistake("alpha_bar without the root", "coefficient", dict(
                noisy=lambda known, noise, bar: bar * known + np.sqrt(1 - bar) * noise),
                    "x_{t-1} has sqrt(alpha_bar_{t-1}) x_0."),
            Mistake("known values everywhere", "mask", dict(mask=lambda: 1), "Unknown pixels are the model's."),
            Mistake("known values added", "mask", lambda x, noisy, mask: x + mask * noisy,
                    "Known pixels replace the model's."),
            Mistake("known values left out", "mask", lambda x: x, "Known pixels replace the model's."),
            Mistake("one t for the whole batch", "mixed_t", ONE_T, "Each row has its own t."), *NARROW,
            Choice("the noise subtracted", "noise", dict(noise=lambda noise: -noise),
                   "The same law, but not the same numbers for the same noise.")]),
}
