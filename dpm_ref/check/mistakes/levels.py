"""Mistakes in the schedules of later models, and in the ways to say how noisy x_t is."""
import numpy as np

from .formula import Choice, Formula, Mistake, logit, pad, sigmoid


def rates(bar):
    """beta from alpha_bar."""
    return np.append(0, 1 - bar[1:] / bar[:-1])


FORMULAS = {
    "schedule.linear": Formula(
        right=lambda T, first, last: pad(np.linspace(first, last, T)),
        mistakes=[
            Mistake("T + 1 points from 0 on", "index_shift", lambda T, first, last: pad(
                np.linspace(first, last, T + 1)[1:]), "beta_1 = first and beta_T = last: T points."),
            Mistake("last not reached", "index_shift", lambda T, first, last: pad(
                np.linspace(first, last, T + 1)[:-1]), "beta_T = last."),
            Mistake("reversed in time", "rate", lambda right: pad(right[:0:-1]), "beta grows with t."),
            Mistake("geometric", "rate", lambda T, first, last: pad(np.geomspace(first, last, T)),
                    "Equal differences, not equal ratios."),
            Mistake("last at every step", "rate", lambda T, last: pad(np.full(T, last)), "beta grows with t."),
            Mistake("entry 0 is a rate", "padding", lambda T, first, last: np.linspace(first, last, T + 1),
                    "beta_0 = 0: nothing happens before the first step."),
            Choice("the scaled linear schedule", "rate", lambda T, first, last: pad(
                np.linspace(np.sqrt(first), np.sqrt(last), T) ** 2), "The roots are equally spaced, as for latents."),
            Choice("rates times 1000 / T", "rate", lambda right, T: 1000 / T * right,
                   "Rates for 1000 steps, made for T steps.")]),
    "schedule.cosine": Formula(
        right=lambda bar, most: np.minimum(rates(bar), most),
        pieces=dict(bar=lambda angle: np.cos(angle * np.pi / 2) ** 2, most=lambda: 0.999,
                    angle=lambda T: (np.arange(T + 1) / T + 0.008) / 1.008),
        mistakes=[
            Mistake("cosine not squared", "coefficient", dict(bar=lambda angle: np.cos(angle * np.pi / 2)),
                    "alpha_bar is the squared cosine; its root is the cosine."),
            Mistake("without the offset 0.008", "coefficient", dict(angle=lambda T: np.arange(T + 1) / T),
                    "(t/T + 0.008) / 1.008 keeps the first rates away from 0."),
            Mistake("offset not divided by 1.008", "coefficient", dict(angle=lambda T: np.arange(T + 1) / T + 0.008),
                    "(t/T + 0.008) / 1.008 is 1 at t = T."),
            Mistake("offset 0.08", "coefficient", dict(angle=lambda T: (np.arange(T + 1) / T + 0.08) / 1.08),
                    "The offset is 0.008."),
            Mistake("T - 1 for T", "index_shift", dict(angle=lambda T: (
                np.append(0, np.arange(T) / max(T - 1, 1)) + 0.008) / 1.008), "t/T with t = 0..T."),
            Mistake("the angle twice as large", "coefficient", dict(bar=lambda angle: np.cos(angle * np.pi) ** 2),
                    "The angle ends at pi/2."),
            Mistake("1 - alpha_bar for beta", "rate", lambda bar: 1 - bar / bar[0],
                    "beta_t = 1 - alpha_bar_t / alpha_bar_{t-1}."),
            Mistake("alpha_bar for beta", "rate", lambda bar: bar / bar[0],
                    "beta_t = 1 - alpha_bar_t / alpha_bar_{t-1}."),
            Mistake("one step early", "index_shift", lambda right: np.append(right[1:], right[-1]),
                    "beta[0] = 0 comes first."),
            Mistake("rates at most 0.02", "rate", dict(most=lambda: 0.02), "Rates are clipped at 0.999."),
            Choice("rates not clipped", "last_step", dict(most=lambda: 1), "beta_T is 1 but for rounding."),
            *(Choice(f"rates at most {e:g}", "last_step", dict(most=lambda e=e: e), "They are clipped at 0.999.")
              for e in (0.99, 0.9999, 0.95))]),
    "schedule.zero_terminal": Formula(
        right=lambda root, end, scale: rates(np.append(1, ((root - end) * scale)[1:] ** 2)),
        pieces=dict(root=lambda alpha_bar: np.sqrt(alpha_bar), end=lambda root: root[-1],
                    scale=lambda root, end: root[1] / (root[1] - end)),
        mistakes=[
            Mistake("alpha_bar shifted, not its root", "coefficient", lambda alpha_bar: rates(np.append(
                1, ((alpha_bar - alpha_bar[-1]) * alpha_bar[1] / (alpha_bar[1] - alpha_bar[-1]))[1:])),
                    "sqrt(alpha_bar) is shifted and scaled."),
            Mistake("shifted, not scaled", "first_step", dict(scale=lambda: 1),
                    "alpha_bar_1 stays: scale by sqrt(alpha_bar_1) / (sqrt(alpha_bar_1) - sqrt(alpha_bar_T))."),
            Mistake("scaled to keep alpha_bar_0", "first_step", dict(scale=lambda end: 1 / (1 - end)),
                    "The first step stays, alpha_bar_1; alpha_bar_0 = 1 is padding."),
            Mistake("only the last step changed", "last_step", lambda beta: np.append(beta[:-1], 1),
                    "All of sqrt(alpha_bar) is shifted and scaled."),
            Mistake("not squared at the end", "coefficient",
                    lambda root, end, scale: rates(np.append(1, ((root - end) * scale)[1:])),
                    "The root of alpha_bar was rescaled: square it."),
            Mistake("alpha_bar for beta", "rate", lambda root, end, scale: np.append(
                1, ((root - end) * scale)[1:] ** 2), "beta_t = 1 - alpha_bar_t / alpha_bar_{t-1}."),
            Mistake("beta_1 left at 0", "first_step", lambda right: np.append([0, 0], right[2:]),
                    "beta_1 = 1 - alpha_bar_1 is the first rate."),
            Mistake("unchanged", "last_step", lambda beta: beta, "alpha_bar_T is 0 afterwards."),
            Choice("rates held below 0.999", "last_step", lambda right: np.minimum(right, 0.999),
                   "beta_T = 1 is the point: clipped, a little of the data is left at t = T.")]),
    "schedule.sigma": Formula(
        right=lambda alpha_bar: np.sqrt(1 / alpha_bar - 1),
        mistakes=[
            Mistake("sqrt(1 - alpha_bar)", "coefficient", lambda alpha_bar: np.sqrt(1 - alpha_bar),
                    "sigma is the noise of x_t / sqrt(alpha_bar_t): divide by sqrt(alpha_bar_t)."),
            Mistake("the variance", "spread", lambda right: right ** 2, "sigma is a standard deviation."),
            Mistake("not divided by the root", "coefficient", lambda alpha_bar: np.sqrt(1 - alpha_bar) / alpha_bar,
                    "The noise is divided by sqrt(alpha_bar_t)."),
            Mistake("sqrt(1/alpha_bar), without its - 1", "coefficient", lambda alpha_bar: np.sqrt(1 / alpha_bar),
                    "sigma² = 1/alpha_bar - 1, so that sigma_0 = 0."),
            Mistake("upside down", "coefficient", lambda right: 1 / right, "Noise over signal."),
            Mistake("sqrt(beta)", "rate", lambda beta: np.sqrt(beta), "The noise of t steps, not of one."),
            Mistake("of one step", "rate", lambda beta: np.sqrt(beta / (1 - beta)), "The noise of t steps."),
            Mistake("one step late", "index_shift", lambda right: np.append(0, right[:-1]), "sigma[t] is that of x_t.")
        ]),
    "schedule.half_log_snr": Formula(
        right=lambda alpha_bar: logit(alpha_bar) / 2,
        mistakes=[
            Mistake("log SNR, not half of it", "coefficient", lambda right: 2 * right,
                    "lambda = log(sqrt(alpha_bar) / sqrt(1 - alpha_bar)), half of log SNR."),
            Mistake("the other sign", "sign", lambda right: -right, "Signal over noise: lambda falls with t."),
            Mistake("log of signal over variance", "spread", lambda alpha_bar: (
                np.log(np.sqrt(alpha_bar) / (1 - alpha_bar))), "Both have a root."),
            Mistake("log of alpha_bar over the noise", "spread", lambda alpha_bar: (
                np.log(alpha_bar / np.sqrt(1 - alpha_bar))), "Both have a root."),
            Mistake("log of the signal alone", "missing_term", lambda alpha_bar: np.log(alpha_bar) / 2,
                    "Divide by sqrt(1 - alpha_bar)."),
            Mistake("of one step", "rate", lambda beta: np.log((1 - beta) / beta) / 2, "t steps: alpha_bar_t."),
            Mistake("in base 10", "unit", lambda right: right / np.log(10), "Natural logarithms."),
            Mistake("one step late", "index_shift", lambda right: np.append(np.inf, right[:-1]),
                    "lambda[t] is that of x_t."),
            *(Choice(f"alpha_bar held in {e:g}..1 - {e:g}", "last_step",
                     lambda alpha_bar, e=e: logit(np.clip(alpha_bar, e, 1 - e)) / 2,
                     "A guard against log(0) at t = 0 and where alpha_bar_T = 0.") for e in 10.0 ** -np.arange(3, 9))]),
    "schedule.beta_from_sigma": Formula(
        right=lambda bar: rates(bar), pieces=dict(bar=lambda sigma: 1 / (1 + sigma ** 2)),
        mistakes=[
            Mistake("sigma taken for a variance", "spread", dict(bar=lambda sigma: 1 / (1 + sigma)),
                    "alpha_bar = 1 / (1 + sigma²)."),
            Mistake("sigma taken for sqrt(1 - alpha_bar)", "coefficient", dict(bar=lambda sigma: 1 - sigma ** 2),
                    "sigma is the noise of x_t / sqrt(alpha_bar_t): alpha_bar = 1 / (1 + sigma²)."),
            Mistake("the root of alpha_bar", "coefficient", dict(bar=lambda sigma: 1 / np.sqrt(1 + sigma ** 2)),
                    "1 / sqrt(1 + sigma²) is sqrt(alpha_bar)."),
            Mistake("1 - alpha_bar for beta", "rate", lambda bar: 1 - bar, "beta_t = 1 - alpha_bar_t/alpha_bar_{t-1}."),
            Mistake("differences of sigma²", "coefficient", lambda sigma: np.append(0, np.diff(sigma ** 2)),
                    "beta_t = (sigma_t² - sigma_{t-1}²) / (1 + sigma_t²)."),
            Mistake("divided by 1 + sigma² of t - 1", "index_shift", lambda sigma: np.append(
                0, np.diff(sigma ** 2) / (1 + sigma[:-1] ** 2)), "The denominator is 1 + sigma_t²."),
            Mistake("one step early", "index_shift", lambda right: np.append(right[1:], right[-1]),
                    "beta[t] belongs to the step from t - 1 to t.")]),
    "schedule.beta_from_half_log_snr": Formula(
        right=lambda bar: rates(bar), pieces=dict(bar=lambda half_log_snr: sigmoid(2 * half_log_snr)),
        mistakes=[
            Mistake("taken for log SNR", "coefficient", dict(bar=lambda half_log_snr: sigmoid(half_log_snr)),
                    "lambda is half of log SNR: alpha_bar = sigmoid(2 lambda)."),
            Mistake("the other sign", "sign", dict(bar=lambda half_log_snr: sigmoid(-2 * half_log_snr)),
                    "lambda is large where there is much signal."),
            Mistake("exp for sigmoid", "coefficient", dict(bar=lambda half_log_snr: np.exp(2 * half_log_snr)),
                    "exp(2 lambda) is SNR = alpha_bar / (1 - alpha_bar)."),
            Mistake("the root of alpha_bar", "coefficient",
                    dict(bar=lambda half_log_snr: np.sqrt(sigmoid(2 * half_log_snr))),
                    "sqrt(sigmoid(2 lambda)) is the factor of x_0; alpha_bar is its square."),
            Mistake("1 - alpha_bar for beta", "rate", lambda bar: 1 - bar, "beta_t = 1 - alpha_bar_t/alpha_bar_{t-1}."),
            Mistake("one step early", "index_shift", lambda right: np.append(right[1:], right[-1]),
                    "beta[t] belongs to the step from t - 1 to t.")]),
}
