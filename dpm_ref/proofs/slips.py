"""Slips and hidden assumptions of the paper, each shown by computing both sides.

    python -m dpm_ref.proofs.slips

prints all nine. Every function returns {name: number}. Nothing is drawn at random.
"""
import numpy as np

from . import closed_form, entropies, exact_posteriors
from .. import binomial, entropy, gaussian
from ..bound import bits, L_null
from ..data import toys
from ..products import perturbed
from ..schedule import constant_erasure, from_beta, geometric


def heartbeat_prior():
    """The heartbeat ends in B(0.2), not in the B(0.5) of Table App.1, as K and K - L_null of Table 1 show.

    L_null in bits per sequence: as Table 1 implies it, and log π of a heartbeat sequence for p = 0.2 and 0.5. Then the
    rate of a bit of rate 0.2 after one step of beta = 0.1, for the kernel that keeps B(0.2) and for that of Table
    App.1.
    """
    def null(p):
        return bits(L_null(binomial.with_p(p), toys.HEARTBEAT)[0])

    def step(p):
        return binomial.forward(np.array(0.2), 1, from_beta([0.1]), p).rate

    return {"L_null implied by Table 1": -2.414 - 12.024, "L_null, p = 0.2": null(0.2), "L_null, p = 0.5": null(0.5),
            "rate 0.2 after a step, p = 0.2": float(step(0.2)), "rate 0.2 after a step, p = 0.5": float(step(0.5))}


def perturbed_bernoulli(c=0.6, d=0.7):
    """Table App.1's perturbed bit has x d + (1 - c) (1 - d) in the denominator, which gives rates above 1; x must be c.

    A bit of rate c times r(1) = d, r(0) = 1 - d: as printed with x = 0 and with x = 1, as in `binomial.perturbed`, and
    by Bayes' rule over the two states.
    """
    def printed(x):
        return c * d / (x * d + (1 - c) * (1 - d))

    product = np.array([1 - c, c]) * np.array([1 - d, d])
    right = binomial.perturbed(binomial.Bernoulli(np.array(c)), np.log(d) - np.log(1 - d)).rate
    return {"as printed, x = 0": printed(0), "as printed, x = 1": printed(1), "corrected": float(right),
            "Bayes' rule": float(product[1] / product.sum())}


def moments(m2=4.0, beta=(0.1, 0.2, 0.3)):
    """Eq. 14 is off by (alpha_bar_T + beta_1) (m2 - 1) / 2 nats per dimension for data of second moment m2.

    K of Eq. 14 and the bound of Eq. 12 in closed form, with the forward kernel as the reverse kernel. The KL terms need
    E (c0 x_0 + ct x_t - slope x_t)^2, which follows from the second moments of x_0 and x_t.
    """
    schedule, K = from_beta(beta), 0.0
    slope = np.sqrt(1 - schedule.beta)
    for t in range(2, schedule.T + 1):
        c0, ct, var = gaussian.posterior_coefficients(t, schedule, np.zeros(1))
        ab, step = schedule.alpha_bar[t], schedule.beta[t]
        miss = c0 ** 2 * m2 + 2 * c0 * (ct - slope[t]) * np.sqrt(ab) * m2 + (ct - slope[t]) ** 2 * (1 + ab * (m2 - 1))
        K -= 0.5 * (np.log(step / var) + (var + miss) / step - 1)
    H_T, H_1, H_p = (0.5 * np.log(2 * np.pi * np.e * v) for v in (1 - schedule.alpha_bar[-1], schedule.beta[1], 1.0))
    right = closed_form.linear_K(slope, schedule.beta, schedule, m2)
    return {"K of Eq. 14": float(K + H_T - H_1 - H_p), "bound of Eq. 12": float(right),
            "difference": float(right - (K + H_T - H_1 - H_p)),
            "-(alpha_bar_T + beta_1)(m2 - 1)/2": float(-(schedule.alpha_bar[-1] + schedule.beta[1]) * (m2 - 1) / 2)}


def entropy_bound(m2=4.0, T=5, t=3):
    """Data of second moment 4 exceeds the upper bound of Eq. 24: H_q(X_{t-1}|X_t) > H_q(X_t|X_{t-1}).

    In nats at one t, for data N(0, m2) and beta_t = 1/(T - t + 1). The excess is log(v_{t-1} / v_t) / 2 with
    v_t = 1 + alpha_bar_t (m2 - 1). Last, the excess for second moment 1.
    """
    schedule, x0 = constant_erasure(T), np.ones((1, 1))

    def gap(m2):
        true = entropy.reverse_entropy(gaussian, x0, schedule, entropies.gaussian(schedule, m2))
        return true[t], entropy.upper_bound(gaussian, x0, schedule)[t]

    v = 1 + schedule.alpha_bar * (m2 - 1)
    true, upper = gap(m2)
    return {"true entropy": true, "upper bound": upper, "excess": true - upper,
            "log(v_{t-1}/v_t)/2": 0.5 * np.log(v[t - 1] / v[t]), "excess, m2 = 1": np.subtract(*gap(1.0))}


def image_mean(T=5):
    """Eq. 65 with z = 0 has the mean (1 - beta) x; the reverse of the forward kernel has sqrt(1 - beta) x.

    K - L_null in nats per dimension for white data, z = 0 and Sigma = beta, with either mean for t = 2..T and the last
    step of Eq. 44; for T steps and for ten times as many.
    """
    def gain(mean, T):
        schedule = constant_erasure(T)
        slope = mean(schedule.beta)
        slope[1] = np.sqrt(1 - schedule.beta[1])
        null = -0.5 * np.log(2 * np.pi * np.e)
        return float(closed_form.linear_K(slope, schedule.beta, schedule) - null)

    means = {"(1 - beta) x": lambda beta: 1 - beta, "sqrt(1 - beta) x": lambda beta: np.sqrt(1 - beta)}
    return {f"{name}, T = {n}": gain(mean, n) for n in (T, 10 * T) for name, mean in means.items()}


def posterior_samples(T=10_000):
    """The method of §2.5 does not sample p(x_0) r(x_0), however many steps it takes.

    Mean and variance of x_0 with exact reverse kernels and exact products, beside those of Bayes' rule, for r = N(1; x,
    var). With many steps and constant r the chain samples p r², here of mean 2/3 and variance 1/3.
    """
    def end(**settings):
        moments = perturbed.perturbed_moments(constant_erasure(T), 1.0, fixed_last=False, **settings)
        return [float(m[0]) for m in moments]

    cases = {"constant r": end(var=1.0), "r^((T-t)/T)": end(var=1.0, choice="fading"),
             "Bayes": [float(m) for m in exact_posteriors.gaussian_bayes(0.0, 1.0, 1.0, 1.0)],
             "data and r of variance 0.1": end(var=0.1, data_var=0.1),
             "Bayes, variance 0.1": [float(m) for m in exact_posteriors.gaussian_bayes(0.0, 0.1, 1.0, 0.1)]}
    return {f"{name}: {what}": m for name, both in cases.items() for what, m in zip(("mean", "variance"), both)}


def noise_free_curve(T=40, exponents=(3, 4, 5, 6)):
    """K has no best value on a curve without noise: each tenth of beta_1 adds log2(10) / 2 bits in the end.

    The highest K of any reverse kernel on the swiss roll, H(X_T) - H(X_1) - H_p(X_T), in bits per sample.
    """
    def best(beta_1):
        schedule = geometric(T, beta_1)
        ratios = schedule.alpha_bar, schedule.one_minus_alpha_bar
        H_1, H_T = (entropies.mixture_entropy(toys.roll_nodes, *(a[t] for a in ratios), 10) for t in (1, T))
        return float(bits(H_T - H_1 - np.log(2 * np.pi * np.e)))

    found = {f"best K, beta_1 = 1e-{n}": best(10.0 ** -n) for n in exponents}
    values = list(found.values())
    return {**found, "added by the last tenth of beta_1": values[-1] - values[-2], "log2(10)/2": float(np.log2(10) / 2)}


def last_step_noise(beta_1=0.01, data_var=1e-6, T=40):
    """The last step adds noise (Eq. 44), so the model's samples are wider than the data, by about 2 beta_1 in variance.

    Variance of x_0 for data N(0, data_var) and exact reverse kernels: with the exact last step, with that of Eq. 44,
    and with the mean of Eq. 44 alone.
    """
    schedule = geometric(T, beta_1)
    v = 1 + schedule.alpha_bar * (data_var - 1)
    before = np.concatenate([[1.0], v[:-1]])                                             # v_{t-1}
    slope, var = np.sqrt(1 - schedule.beta) * before / v, schedule.beta * before / v

    def drawn(slope_1, var_1):
        ends = [np.concatenate([a[:1], [b], a[2:]]) for a, b in ((slope, slope_1), (var, var_1))]
        return float(closed_form.linear_chain(*ends, T_var=v[-1])[0])

    keep = np.sqrt(1 - beta_1)
    return {"data": data_var, "exact last step": drawn(slope[1], var[1]), "Eq. 44": drawn(keep, beta_1),
            "mean of Eq. 44": drawn(keep, 0.0), "2 beta_1": 2 * beta_1}


def mnist_bits():
    """Table 2 gives other models' Parzen estimates in bits: the nats of the cited papers, times 1.4427.

    The cited nats (Goodfellow et al. 2014, Table 1) in bits, beside the numbers of Table 2.
    """
    cited = {"DBN": (138, 199), "stacked CAE": (121, 174), "deep GSN": (214, 309), "adversarial net": (225, 325)}
    return {f"{name}, {what}": float(value) for name, (nats, printed) in cited.items()
            for what, value in (("nats in bits", bits(nats)), ("Table 2", printed))}


ALL = (heartbeat_prior, perturbed_bernoulli, moments, entropy_bound, image_mean, posterior_samples, noise_free_curve,
       last_step_noise, mnist_bits)


def main():
    """Print all nine slips with their numbers."""
    for number, slip in enumerate(ALL, 1):
        print(f"{number}. {slip.__name__}: {slip.__doc__.splitlines()[0]}")
        for name, value in slip().items():
            print(f"{name:>42}  {value:.6g}")
        print()


if __name__ == "__main__":
    main()
