"""Both sides of Eqs. 16-23 and 52-61: a model times a second distribution r(x)."""
import autograd.numpy as np
from autograd import grad

from .. import closed_form, derivation as d, enumeration
from ... import bound, gaussian
from ...products import factors, perturbed
from .small import OTHER, S, STATES, Sides, kernel, listed, p_of_x, reverse

LOG_RATIO = np.array([1.0, -0.5])                                            # log r(1) - log r(0) of the two bits


def _factor(choice="constant"):
    return factors.on_bits(kernel(), LOG_RATIO, S, choice)


def _r():
    """r(x_t) for t = 0..T, (T + 1, 4), which fades."""
    return np.exp(np.array([_factor("fading").log(STATES, t) for t in range(S.T + 1)]))


def modified():
    """p̃(x_1) of derivation.modified, against r times p(x_1) from transition matrices, scaled to sum to 1:

    (16) §2.5.1 p̃(x⁽ᵗ⁾) = 1 / Z̃_t · p(x⁽ᵗ⁾) r(x⁽ᵗ⁾)
    """
    product = p_of_x(1) * _r()[1]
    return Sides(d.modified(listed(OTHER), _r(), 1)[0], product / product.sum())


def marginal():
    """Var(x_0) and Var(x_1) of closed_form.linear_chain, against the integral over x_{t+1} on a grid, step by step:

    (17) §2.5.2 p(x⁽ᵗ⁾) = ∫ dx⁽ᵗ⁺¹⁾ p(x⁽ᵗ⁾|x⁽ᵗ⁺¹⁾) p(x⁽ᵗ⁺¹⁾)
    """
    slope, y, var = np.array([1, 0.9, 0.8, 0.7, 0.6]), np.linspace(-8, 8, 401), []
    p = np.exp(gaussian.log_density(y, gaussian.pi(y)))
    for t in range(S.T, 0, -1):
        p = np.exp(gaussian.log_density(y[:, None], gaussian.Gaussian(slope[t] * y, S.beta[t]))) @ p * 0.04
        var = [np.sum(p * y ** 2) * 0.04, *var]
    return Sides(closed_form.linear_chain(slope, S.beta)[:2], var[:2])


def _equilibrium(n):
    c = listed(OTHER)
    return Sides(*d.equilibrium(c, _r(), 1, d.modified_kernel(c, _r(), 1))[n][::-1])


def equilibrium():
    """The right side with the kernel of derivation.modified_kernel, against the left side, at t = 1:

    (18) §2.5.2 p̃(x⁽ᵗ⁾) = ∫ dx⁽ᵗ⁺¹⁾ p̃(x⁽ᵗ⁾|x⁽ᵗ⁺¹⁾) p̃(x⁽ᵗ⁺¹⁾)
    """
    return _equilibrium(18)


def equilibrium_put_in():
    """The right side with the kernel of derivation.modified_kernel, against the left side, at t = 1:

    (19) §2.5.2 p(x⁽ᵗ⁾) r(x⁽ᵗ⁾) / Z̃_t = ∫ dx⁽ᵗ⁺¹⁾ p̃(x⁽ᵗ⁾|x⁽ᵗ⁺¹⁾) p(x⁽ᵗ⁺¹⁾) r(x⁽ᵗ⁺¹⁾) / Z̃_{t+1}
    """
    return _equilibrium(19)


def equilibrium_solved():
    """The right side with the kernel of derivation.modified_kernel, against the left side, at t = 1:

    (20) §2.5.2 p(x⁽ᵗ⁾) = ∫ dx⁽ᵗ⁺¹⁾ p̃(x⁽ᵗ⁾|x⁽ᵗ⁺¹⁾) [ Z̃_t r(x⁽ᵗ⁺¹⁾) / (Z̃_{t+1} r(x⁽ᵗ⁾)) ] p(x⁽ᵗ⁺¹⁾)
    """
    return _equilibrium(20)


def normalisers():
    """log ∫ p(x_2|x_3) r(x_2) dx_2 / r(x_3) of perturbed.log_normalisers, against sums over derivation.modified_kernel:

    (21) §2.5.2 p̃(x⁽ᵗ⁾|x⁽ᵗ⁺¹⁾) = p(x⁽ᵗ⁾|x⁽ᵗ⁺¹⁾) Z̃_{t+1} r(x⁽ᵗ⁾) / (Z̃_t r(x⁽ᵗ⁺¹⁾))
    """
    c, r = listed(OTHER), _r()
    total = d.modified_kernel(c, r, 2).sum(axis=0) * d.modified(c, r, 2)[1] / d.modified(c, r, 3)[1]
    return Sides(perturbed.log_normalisers(kernel(), reverse, _factor("fading"), STATES, S)[3], np.log(total))


def perturbed_steps():
    """The mean bits in 20,000 draws of perturbed.perturbed_sample, against steps of derivation.normalised_kernel:

    (22) §2.5.2 p̃(x⁽ᵗ⁾|x⁽ᵗ⁺¹⁾) = 1 / Z̃_t(x⁽ᵗ⁺¹⁾) · p(x⁽ᵗ⁾|x⁽ᵗ⁺¹⁾) r(x⁽ᵗ⁾)
    """
    c, r = listed(OTHER), np.exp(np.array([_factor().log(STATES, 0)] * (S.T + 1)))
    p = d.modified(c, r, S.T)[0]
    for t in range(S.T - 1, -1, -1):
        p = d.normalised_kernel(c, r, t)[0] @ p
    x = perturbed.perturbed_sample(kernel(), reverse, _factor(), S, (20_000, 2), np.random.default_rng(0))
    return Sides(x.mean(axis=0), p @ STATES, x.std(axis=0) / np.sqrt(len(x)))


def second_distribution():
    """log r(x_3) of factors.observation, "constant" and "fading", T = 4, against log r(x_0) times 1 and times 1/4:

    (23) §2.5.4 r(x⁽ᵗ⁾) = r(x⁽⁰⁾); the paper's other choice is r(x⁽ᵗ⁾) = r(x⁽⁰⁾)^((T − t) / T)
    """
    x, y, var = np.array([[0.7]]), np.array([2.0]), 0.5
    log_r = -0.5 * np.log(2 * np.pi * var) - (0.7 - 2.0) ** 2 / (2 * var)
    return Sides([factors.observation(y, var, S, choice).log(x, 3)[0] for choice in ("constant", "fading")],
                 [log_r, log_r / 4])


# --- appendix C: the logarithms at three points, minus that at the mean, so that constants drop out -----------------

Y, MEAN, VAR = np.array([0.2, 1.0, 2.0]), 0.7, 0.2


def _log_r(y):
    return -0.3 * (y - 2) ** 2 + 0.4 * y - 0.1 * np.sin(2 * y)


def _g():
    return -grad(_log_r)(MEAN)


def _slope():
    return (_log_r(MEAN - 1e-4) - _log_r(MEAN + 1e-4)) / 2e-4                # E_r' by a finite difference


def _from_mean(line, *args):
    return line(Y, MEAN, VAR, *args) - line(np.array([MEAN]), MEAN, VAR, *args)


def product():
    """log p̃ + log Z of factors.smooth, against derivation.line_55, each from its value at μ:

    (52) §C p̃(x⁽ᵗ⁻¹⁾|x⁽ᵗ⁾) ∝ p(x⁽ᵗ⁻¹⁾|x⁽ᵗ⁾) r(x⁽ᵗ⁻¹⁾)
    """
    p, y = gaussian.Gaussian(np.full((4, 1), MEAN), np.full((4, 1), VAR)), np.array([[MEAN], *Y[:, None]])
    q, log_Z = factors.smooth(lambda x: np.sum(_log_r(x), axis=-1), S, "constant").product(p, 1)
    log = bound.per_point(gaussian.log_density(y, q), 1) + log_Z(y)
    return Sides(log[1:] - log[0], _from_mean(d.line_55, _log_r))


def energy():
    """derivation.line_53, against line_55, each from its value at μ:

    (53) §C p̃(y|x⁽ᵗ⁾) ∝ N(y; μ, Σ) r(y)
    (54) §C p̃(y|x⁽ᵗ⁾) ∝ e^(−E(y))
    (55) §C E(y) = ½ (y − μ)ᵀ Σ⁻¹ (y − μ) + E_r(y), E_r(y) = − log r(y)
    """
    return Sides(_from_mean(d.line_53, _log_r), _from_mean(d.line_55, _log_r))


def taylor():
    """−E(y) of derivation.line_57, against of line_55 with the tangent of log r by a finite difference:

    (56) §C E_r(y) ≈ E_r(μ) + (y − μ) g
    (57) §C g = ∂E_r(y) / ∂y |_{y = μ}
    """
    tangent = d.line_55(Y, MEAN, VAR, lambda y: _log_r(MEAN) - (y - MEAN) * _slope())
    exact = d.line_55(Y, MEAN, VAR, _log_r)
    return Sides(d.line_57(Y, MEAN, VAR, _log_r, _g()), tangent, rtol=1e-7, beside={"−E(y) without ≈": exact})


def square():
    """derivation.line_59, against line_57, each from its value at μ:

    (58) §C E(y) ≈ ½ (y − μ)ᵀ Σ⁻¹ (y − μ) + (y − μ)ᵀ g + constant
    (59) §C E(y) ≈ ½ (y − μ + Σ g)ᵀ Σ⁻¹ (y − μ + Σ g) + constant
    """
    return Sides(_from_mean(d.line_59, _g()), _from_mean(d.line_57, _log_r, _g()))


def moved():
    """log p̃(y) of derivation.line_60, against line_59 scaled by quadrature:

    (60) §C p̃(y|x⁽ᵗ⁾) ≈ N(y; μ − Σ g, Σ)
    """
    grid = np.linspace(-8, 8, 3201)
    total = np.sum(np.exp(d.line_59(grid, MEAN, VAR, _g()))) * 0.005
    return Sides(d.line_60(Y, MEAN, VAR, _g()), d.line_59(Y, MEAN, VAR, _g()) - np.log(total))


def perturbed_kernel():
    """log p̃(y) with gaussian.perturbed, against derivation.line_60:

    (61) §C p̃(x⁽ᵗ⁻¹⁾|x⁽ᵗ⁾) ≈ N(x⁽ᵗ⁻¹⁾; f_μ + f_Σ ∂log r(x) / ∂x |_{x = f_μ}, f_Σ)
    """
    p = gaussian.perturbed(gaussian.Gaussian(MEAN, VAR), -_g())
    return Sides(gaussian.log_density(Y, p), d.line_60(Y, MEAN, VAR, _g()))
