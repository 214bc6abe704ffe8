"""The discrete solvers of diffusionjax, a library in JAX: tables, and x_0 and mean from a score or from noise.

python -m dpm_ref check dpm_ref.check.examples.diffusionjax_ddpm

A solver takes beta as a function of time. With times 0, 1, .., T - 1 the function reads the beta that arrive.
"""
try:
    import jax.numpy as jnp
    from diffusionjax.solvers import DDIMVP, DDPM
except ImportError as error:
    raise ImportError(f"this adapter needs two packages: pip install jax diffusionjax ({error})") from None

conventions = {"t_first": 0, "t_batch": "vector", "dtype": "float32", "array": jnp.asarray, "spread": "std"}


def solver(beta, output=None, kind=DDPM):
    """The library's object for these beta, and a network whose output is given."""
    return kind(lambda x, t: output, beta=lambda t: beta[t], ts=jnp.arange(len(beta)))


def schedule_alpha_bar(beta):
    return solver(beta).alphas_cumprod


def x0_of(solver, xt, t):
    """The estimate of x_0 from the network's output."""
    estimate, (output, x0) = solver.get_estimate_x_0(lambda x: x)(xt, t, t)
    return estimate


def convert_x0_from_score(xt, score, t, beta):
    return x0_of(solver(beta, score), xt, t)


def convert_x0_from_eps(xt, eps, t, beta):
    return x0_of(solver(beta, eps, DDIMVP), xt, t)


def convert_mean_from_score(xt, score, t, beta):
    return solver(beta).posterior(score, xt, t)[0]


def convert_mean_from_eps(xt, eps, t, beta):
    return solver(beta, eps, DDIMVP).posterior(xt, t)[0]
