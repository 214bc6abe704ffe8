"""Both sides of Eqs. 62-65, Table App.1 and the networks of §D.1."""
import math

import numpy as np

from ... import binomial, gaussian, networks
from ...image import readout
from .small import S, Sides, kernel


def time_readout():
    """readout.time_readout at one pixel, against the sum over the bumps written out, for J = 3:

    (62) §D.2.1 z_i^μ = Σ_{j=1..J} y_ij^μ g_j(t), and z_i^Σ likewise
    """
    rng = np.random.default_rng(0)
    h, W, b, g = (rng.standard_normal(shape) for shape in ((1, 1, 1, 4), (3, 4, 2), (3, 2), (1, 3)))

    def y(j, k):
        return sum(h[0, 0, 0, f] * W[j, f, k] for f in range(4)) + b[j, k]
    return Sides(readout.time_readout(h, W, b, g)[0, 0, 0], [sum(y(j, k) * g[0, j] for j in range(3)) for k in (0, 1)])


def bumps():
    """readout.bumps at t = 3 of T = 9 for J = 3, against the exponentials written out:

    (63) §D.2.1 g_j(t) = exp(−1/2w² (t − τ_j)²) / Σ_{k=1..J} exp(−1/2w² (t − τ_k)²)
    """
    e = [math.exp(-(3 - tau) ** 2 / (2 * 3 ** 2)) for tau in (1.5, 4.5, 7.5)]
    return Sides(readout.bumps(np.array([3]), 9, 3)[0], [v / sum(e) for v in e])


def variance():
    """The variance of readout.as_printed for z = 0.3, against σ written out:

    (64) §D.2.1 Σ_ii = σ(z_i^Σ + σ⁻¹(β_t))
    """
    p, beta = readout.as_printed(np.array([0.7]), 0.5, 0.3, 2, S), 0.3
    return Sides(p.var, 1 / (1 + math.exp(-0.3) * (1 - beta) / beta))


def mean():
    """The mean of readout.as_printed for x = 0.7, z_μ = 0.5, z_Σ = 0.3, against the share Σ of z_μ with 1 - Σ of x:

    (65) §D.2.1 μ_i = (x_i − z_i^μ)(1 − Σ_ii) + z_i^μ
    """
    p, var = readout.as_printed(np.array([0.7]), 0.5, 0.3, 2, S), 1 / (1 + math.exp(-0.3) * 0.7 / 0.3)
    return Sides(p.mean[0], var * 0.5 + (1 - var) * 0.7)


def kernels():
    """log π(1) of gaussian.pi, of binomial.pi with p = 0.25, the rate of binomial.perturbed, against all three by hand:

    (App.1) §B.1 Gaussian: π = N(0, I), q(x⁽ᵗ⁾|x⁽ᵗ⁻¹⁾) = N(x⁽ᵗ⁻¹⁾ √(1 − β_t), I β_t), p(x⁽ᵗ⁻¹⁾|x⁽ᵗ⁾) = N(f_μ, f_Σ)
              binomial: π = B(0.5), q(x⁽ᵗ⁾|x⁽ᵗ⁻¹⁾) = B(x⁽ᵗ⁻¹⁾ (1 − β_t) + 0.5 β_t), p(x⁽ᵗ⁻¹⁾|x⁽ᵗ⁾) = B(f_b)
              p̃ = N(f_μ + f_Σ ∂log r / ∂x at f_μ, f_Σ), or B(c d / (c d + (1 − c)(1 − d))) with c = f_b, d = r(1)
    """
    c, d, one = 0.6, 0.7, np.array(1.0)
    logs = [float(k.log_density(one, k.pi(one))) for k in (gaussian, kernel())]
    rate = binomial.perturbed(binomial.Bernoulli(np.array(c)), np.log(d) - np.log(1 - d)).rate
    return Sides([*logs, rate], [-0.5 * math.log(2 * math.pi) - 0.5, math.log(0.25), 0.42 / (0.42 + 0.4 * 0.3)])


def toy_networks():
    """networks.rbf (mean, variance) with one unit and readouts 0.2 and 0.3, against its formula by hand:

    (D.1) §D.1 N(√(1 − β_t) x + √β_t z_μ, σ(z_Σ + σ⁻¹(β_t))) for the swiss roll, z = φ(x) W_t + b_t
              B(σ(z + σ⁻¹(rate of the forward kernel))) for the heartbeat, z = h(x) W_t + b_t
    """
    params = networks.init_rbf(np.random.default_rng(0), 1, S, gaussian, units=1)    # one normalised unit is always 1
    params |= {"W_mean": params["W_mean"] + 0.2, "b_var": params["b_var"] + 0.3}
    p = networks.rbf(params, np.array([[0.7]]), 2, S, gaussian)
    return Sides([p.mean[0, 0], p.var[0, 0]], [math.sqrt(0.7) * 0.7 + math.sqrt(0.3) * 0.2,
                                               1 / (1 + math.exp(-0.3) * 0.7 / 0.3)])
