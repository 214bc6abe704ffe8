"""Both sides of Eqs. 6-15 and 37-51: the log likelihood L and its bound K, on the listed chain of `small`."""
import numpy as np

from .. import derivation as d
from ... import bound, gaussian, train
from .small import OTHER, S, Sides, listed, p_of_x, path_weights, terms


def likelihood():
    """derivation.likelihood, the mean of log p(x_0), against the same with p(x_0) a product of transition matrices:

    (6) §2.3 p(x⁽⁰⁾) = ∫ dx⁽¹··ᵀ⁾ p(x⁽⁰··ᵀ⁾)
    (10) §2.4 L = ∫ dx⁽⁰⁾ q(x⁽⁰⁾) log p(x⁽⁰⁾)
    """
    return Sides(d.likelihood(listed(OTHER)), OTHER @ np.log(p_of_x(0)))


def jarzynski():
    """p(x_0) of derivation.jarzynski, an average over all paths, against a product of transition matrices:

    (7) §2.3 p(x⁽⁰⁾) = ∫ dx⁽¹··ᵀ⁾ p(x⁽⁰··ᵀ⁾) q(x⁽¹··ᵀ⁾|x⁽⁰⁾) / q(x⁽¹··ᵀ⁾|x⁽⁰⁾)
    (8) §2.3 p(x⁽⁰⁾) = ∫ dx⁽¹··ᵀ⁾ q(x⁽¹··ᵀ⁾|x⁽⁰⁾) p(x⁽⁰··ᵀ⁾) / q(x⁽¹··ᵀ⁾|x⁽⁰⁾)
    """
    return Sides(d.jarzynski(listed(OTHER)), p_of_x(0))


def weights():
    """p(x_0), the mean weight of bound.log_weights over all paths, against a product of transition matrices:

    (9) §2.3 p(x⁽⁰⁾) = ∫ dx⁽¹··ᵀ⁾ q(x⁽¹··ᵀ⁾|x⁽⁰⁾) p(x⁽ᵀ⁾) Π_{t=1..T} p(x⁽ᵗ⁻¹⁾|x⁽ᵗ⁾) / q(x⁽ᵗ⁾|x⁽ᵗ⁻¹⁾)
    """
    given, log_w = path_weights(OTHER)
    return Sides(np.sum(given * np.exp(log_w), axis=1), p_of_x(0))


def stepwise():
    """the mean of log p(x_0) of derivation.stepwise, against the same with p(x_0) a product of transition matrices:

    (11) §2.4 L = ∫ dx⁽⁰⁾ q(x⁽⁰⁾) log[ ∫ dx⁽¹··ᵀ⁾ q(x⁽¹··ᵀ⁾|x⁽⁰⁾) p(x⁽ᵀ⁾) Π_{t=1..T} p(x⁽ᵗ⁻¹⁾|x⁽ᵗ⁾) / q(x⁽ᵗ⁾|x⁽ᵗ⁻¹⁾) ]
    """
    return Sides(OTHER @ np.log(d.stepwise(listed(OTHER))), OTHER @ np.log(p_of_x(0)))


def K_of_any_data():
    """bound.K_true with x_t enumerated, against derivation.line_38, the mean log weight of all paths:

    (12) §2.4 L ≥ ∫ dx⁽⁰··ᵀ⁾ q(x⁽⁰··ᵀ⁾) log[ p(x⁽ᵀ⁾) Π_{t=1..T} p(x⁽ᵗ⁻¹⁾|x⁽ᵗ⁾) / q(x⁽ᵗ⁾|x⁽ᵗ⁻¹⁾) ]
    """
    c = listed(OTHER)
    return Sides(bound.K_true(terms(OTHER))[0], d.line_38(c), beside={"L": d.likelihood(c)})


def K():
    """bound.K with x_t enumerated, against derivation.line_38, the mean log weight of all paths:

    (13) §2.4 L ≥ K
    """
    c = listed()
    return Sides(bound.K(terms())[0], d.line_38(c), beside={"L": d.likelihood(c)})


def the_terms_of_K():
    """KL_2..KL_T, H_q(X_T|X_0), H_q(X_1|X_0), H_p(X_T) of bound.terms_given, against the same from tables of all paths:

    (14) §2.4 K = − Σ_{t=2..T} ∫ dx⁽⁰⁾ dx⁽ᵗ⁾ q(x⁽⁰⁾, x⁽ᵗ⁾) D_KL( q(x⁽ᵗ⁻¹⁾|x⁽ᵗ⁾, x⁽⁰⁾) ‖ p(x⁽ᵗ⁻¹⁾|x⁽ᵗ⁾) )
              + H_q(X⁽ᵀ⁾|X⁽⁰⁾) − H_q(X⁽¹⁾|X⁽⁰⁾) − H_p(X⁽ᵀ⁾)
    """
    c, ours = listed(), terms()
    entropies = d.entropy(c.q, S.T, 0), d.entropy(c.q, 1, 0), -d.mean_log(c.pi, c.pi)
    return Sides([*ours.kl[2:, 0], *(H[0] for H in ours[1:4])], [*d.divergences(c), *entropies])


def best_step():
    """The factors g_t in N(g_t x_t, β_t) to which train.ascend climbs on train.objective, against the exact √(1 − β_t):

    (15) §2.4 p̂(x⁽ᵗ⁻¹⁾|x⁽ᵗ⁾) = argmax_{p(x⁽ᵗ⁻¹⁾|x⁽ᵗ⁾)} K
    """
    def network(g, x, t, schedule, kernel):
        return gaussian.Gaussian(g[t][:, None] * x, schedule.beta[t][:, None])

    def objective(g, *batch):
        return train.objective(network, gaussian, S, g, *batch)
    signs = np.array([[1.0, 1.0], [1, -1], [-1, 1], [-1, -1]] * (S.T - 1))   # of x_0 and of the noise: white, exactly
    batch = signs[:, :1], np.repeat(np.arange(2, S.T + 1), 4), np.full(len(signs), 0.25), signs[:, 1:]
    steps = train.ascend(objective, lambda rng: batch, train.begin(np.full(S.T + 1, 0.5)), 400, train.cosine(0.1),
                         np.random.default_rng(0))
    *_, last = steps
    return Sides(last.params[2:], np.sqrt(1 - S.beta[2:]), rtol=1e-4)


# --- appendix B: every line against the line before -----------------------------------------------------------------

def line_38():
    """derivation.line_38, against the mean over all paths of bound.log_weights:

    (37) §B L ≥ K
    (38) §B K = ∫ dx⁽⁰··ᵀ⁾ q(x⁽⁰··ᵀ⁾) log[ p(x⁽ᵀ⁾) Π_{t=1..T} p(x⁽ᵗ⁻¹⁾|x⁽ᵗ⁾) / q(x⁽ᵗ⁾|x⁽ᵗ⁻¹⁾) ]
    (39) §B K = E_q[log w], where w is the weight of a path in Eq. 9
    """
    (given, log_w), c = path_weights(OTHER), listed(OTHER)
    return Sides(d.line_38(c), OTHER @ np.sum(given * log_w, axis=1), beside={"L": d.likelihood(c)})


def line_41():
    """derivation.line_41, against line_38:

    (40) §B.1 K = ∫ dx⁽⁰··ᵀ⁾ q(x⁽⁰··ᵀ⁾) Σ_{t=1..T} log[ p(x⁽ᵗ⁻¹⁾|x⁽ᵗ⁾) / q(x⁽ᵗ⁾|x⁽ᵗ⁻¹⁾) ] + ∫ dx⁽ᵀ⁾ q(x⁽ᵀ⁾) log p(x⁽ᵀ⁾)
    (41) §B.1 K = ∫ dx⁽⁰··ᵀ⁾ q(x⁽⁰··ᵀ⁾) Σ_{t=1..T} log[ p(x⁽ᵗ⁻¹⁾|x⁽ᵗ⁾) / q(x⁽ᵗ⁾|x⁽ᵗ⁻¹⁾) ] + ∫ dx⁽ᵀ⁾ q(x⁽ᵀ⁾) log π(x⁽ᵀ⁾)
    """
    return Sides(d.line_41(listed(OTHER)), d.line_38(listed(OTHER)))


def line_43():
    """derivation.line_43, against line_41, for data of mean p:

    (42) §B.1 K = Σ_{t=1..T} E_q log[ p(x⁽ᵗ⁻¹⁾|x⁽ᵗ⁾) / q(x⁽ᵗ⁾|x⁽ᵗ⁻¹⁾) ] + E_q log π(x⁽ᵀ⁾)
    (43) §B.1 K = Σ_{t=1..T} ∫ dx⁽⁰··ᵀ⁾ q(x⁽⁰··ᵀ⁾) log[ p(x⁽ᵗ⁻¹⁾|x⁽ᵗ⁾) / q(x⁽ᵗ⁾|x⁽ᵗ⁻¹⁾) ] − H_p(X⁽ᵀ⁾)
    """
    return Sides(d.line_43(listed()), d.line_41(listed()))


def line_45():
    """derivation.line_45, against line_43:

    (45) §B.2 K = Σ_{t=2..T} ∫ dx⁽⁰··ᵀ⁾ q(x⁽⁰··ᵀ⁾) log[ p(x⁽ᵗ⁻¹⁾|x⁽ᵗ⁾) / q(x⁽ᵗ⁾|x⁽ᵗ⁻¹⁾) ]
              + ∫ dx⁽⁰⁾ dx⁽¹⁾ q(x⁽⁰⁾, x⁽¹⁾) log[ q(x⁽¹⁾|x⁽⁰⁾) π(x⁽⁰⁾) / (q(x⁽¹⁾|x⁽⁰⁾) π(x⁽¹⁾)) ] − H_p(X⁽ᵀ⁾)
    """
    return Sides(d.line_45(listed(OTHER)), d.line_43(listed(OTHER)))


def line_46():
    """derivation.line_46, against line_45 without its term of t = 1:

    (46) §B.2 K = Σ_{t=2..T} ∫ dx⁽⁰··ᵀ⁾ q(x⁽⁰··ᵀ⁾) log[ p(x⁽ᵗ⁻¹⁾|x⁽ᵗ⁾) / q(x⁽ᵗ⁾|x⁽ᵗ⁻¹⁾) ] − H_p(X⁽ᵀ⁾)
    """
    c = listed(OTHER)
    term = d.mean_log(d.over(c.q, 0), c.pi) - d.mean_log(d.over(c.q, 1), c.pi)
    return Sides(d.line_46(c), d.line_45(c) - term, beside={"this term; it is 0 for data of mean p": term})


def line_47():
    """derivation.line_47, against line_46:

    (47) §B.3 K = Σ_{t=2..T} ∫ dx⁽⁰··ᵀ⁾ q(x⁽⁰··ᵀ⁾) log[ p(x⁽ᵗ⁻¹⁾|x⁽ᵗ⁾) / q(x⁽ᵗ⁾|x⁽ᵗ⁻¹⁾, x⁽⁰⁾) ] − H_p(X⁽ᵀ⁾)
    """
    return Sides(d.line_47(listed(OTHER)), d.line_46(listed(OTHER)))


def line_48():
    """gaussian.posterior (mean, variance) and derivation.line_48, against Bayes' rule by quadrature and line_47:

    (48) §B.3 K = Σ_{t=2..T} ∫ dx⁽⁰··ᵀ⁾ q(x⁽⁰··ᵀ⁾) log[ p(x⁽ᵗ⁻¹⁾|x⁽ᵗ⁾) / q(x⁽ᵗ⁻¹⁾|x⁽ᵗ⁾, x⁽⁰⁾)
              · q(x⁽ᵗ⁻¹⁾|x⁽⁰⁾) / q(x⁽ᵗ⁾|x⁽⁰⁾) ] − H_p(X⁽ᵀ⁾)
    """
    xt, x0, t, y = -0.4, 2.0, 3, np.linspace(-12, 12, 2401)
    q = gaussian.posterior(xt, x0, t, S)
    share = np.exp(gaussian.log_density(xt, gaussian.forward(y, t, S))
                   + gaussian.log_density(y, gaussian.marginal(x0, t - 1, S)))
    share, c = share / share.sum(), listed(OTHER)
    mean = share @ y
    return Sides([q.mean, q.var, d.line_48(c)], [mean, share @ (y - mean) ** 2, d.line_47(c)])


def line_49():
    """derivation.line_49, against line_48:

    (49) §B.4 K = Σ_{t=2..T} ∫ dx⁽⁰··ᵀ⁾ q(x⁽⁰··ᵀ⁾) log[ p(x⁽ᵗ⁻¹⁾|x⁽ᵗ⁾) / q(x⁽ᵗ⁻¹⁾|x⁽ᵗ⁾, x⁽⁰⁾) ]
              + Σ_{t=2..T} [ H_q(X⁽ᵗ⁾|X⁽⁰⁾) − H_q(X⁽ᵗ⁻¹⁾|X⁽⁰⁾) ] − H_p(X⁽ᵀ⁾)
    """
    return Sides(d.line_49(listed(OTHER)), d.line_48(listed(OTHER)))


def line_51():
    """derivation.line_51, against line_49:

    (50) §B.4 K = Σ_{t=2..T} ∫ dx⁽⁰··ᵀ⁾ q(x⁽⁰··ᵀ⁾) log[ p(x⁽ᵗ⁻¹⁾|x⁽ᵗ⁾) / q(x⁽ᵗ⁻¹⁾|x⁽ᵗ⁾, x⁽⁰⁾) ]
              + H_q(X⁽ᵀ⁾|X⁽⁰⁾) − H_q(X⁽¹⁾|X⁽⁰⁾) − H_p(X⁽ᵀ⁾)
    (51) §B.4 K = − Σ_{t=2..T} ∫ dx⁽⁰⁾ dx⁽ᵗ⁾ q(x⁽⁰⁾, x⁽ᵗ⁾) D_KL( q(x⁽ᵗ⁻¹⁾|x⁽ᵗ⁾, x⁽⁰⁾) ‖ p(x⁽ᵗ⁻¹⁾|x⁽ᵗ⁾) )
              + H_q(X⁽ᵀ⁾|X⁽⁰⁾) − H_q(X⁽¹⁾|X⁽⁰⁾) − H_p(X⁽ᵀ⁾)
    """
    return Sides(d.line_51(listed(OTHER)), d.line_49(listed(OTHER)))
