"""Mistakes in later samplers: strided chains, interpolated variances, known pixels with their noise."""
import numpy as np

from .formula import NARROW, ONE_T, Choice, Formula, Mistake

ONE = dict(s=lambda t: t - 1)

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
        right=lambda x0_part, xt_part, b, before, after: (x0_part + xt_part, b * (1 - before) / (1 - after)),
        terms={"mean": lambda x0_part, xt_part: {"x_0": x0_part, "x_t": xt_part}},
        pieces=dict(x0_part=lambda x0, b, before, after: np.sqrt(before) * b / (1 - after) * x0,
                    xt_part=lambda xt, root, before, after: root * (1 - before) / (1 - after) * xt,
                    before=lambda alpha_bar, s: alpha_bar[s], after=lambda alpha_bar_t: alpha_bar_t,
                    b=lambda before, after: 1 - after / before, root=lambda b: np.sqrt(1 - b)),
        mistakes=[
            Mistake("beta_t for the long step's rate", "coefficient", dict(b=lambda beta_t: beta_t),
                    "The rate of the step from s to t is 1 - alpha_bar_t / alpha_bar_s."),
            Mistake("beta_t for the long step's rate, but in the root", "coefficient",
                    dict(b=lambda beta_t: beta_t, root=lambda before, after: np.sqrt(after / before)),
                    "The rate of the step from s to t is 1 - alpha_bar_t / alpha_bar_s."),
            Mistake("sqrt(alpha_t) for the long step's", "coefficient", dict(root=lambda alpha_t: np.sqrt(alpha_t)),
                    "x_t has sqrt(alpha_bar_t / alpha_bar_s)."),
            Mistake("one step only, to t - 1", "index_shift", ONE, "Skipped steps count: alpha_bar_s, not t - 1."),
            Mistake("alpha_bar of s + 1", "index_shift", dict(s=lambda s: s + 1), "alpha_bar[s] belongs to x_s."),
            Mistake("alpha_bar of s - 1", "index_shift", dict(s=lambda s: np.maximum(s - 1, 0)),
                    "alpha_bar[s] belongs to x_s."),
            Mistake("rates summed from s to t", "coefficient",
                    dict(b=lambda beta, s, t: np.cumsum(beta)[t] - np.cumsum(beta)[s]),
                    "1 - beta multiply: the rate is 1 - alpha_bar_t / alpha_bar_s."),
            Mistake("without the root of the ratio", "coefficient", dict(root=lambda b: 1 - b),
                    "x_t has sqrt(alpha_bar_t / alpha_bar_s)."),
            Mistake("coefficients exchanged", "coefficient",
                    dict(xt=lambda x0: x0, x0=lambda xt: xt), "sqrt(alpha_bar_s) belongs to x_0."),
            Mistake("standard deviation for variance", "spread", lambda right: (right[0], np.sqrt(right[1])),
                    "Return the variance, or state conventions spread = 'std'."),
            *NARROW,
            Choice("variance of the forward step", "coefficient", lambda right, b: (right[0], b),
                   "1 - alpha_bar_t / alpha_bar_s is the other end of the range of variances."),
            Choice("the step of DDIM without noise", "coefficient", lambda xt, x0, before, after: (
                np.sqrt(before) * x0 + np.sqrt((1 - before) / (1 - after)) * (xt - np.sqrt(after) * x0), 0 * xt),
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
