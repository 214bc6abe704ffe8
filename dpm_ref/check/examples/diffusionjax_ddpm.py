"""The discrete solvers of diffusionjax, a library in JAX: tables, and x_0 and mean from a score or from noise.

python -m dpm_ref check dpm_ref.check.examples.diffusionjax_ddpm

A solver takes beta as a function of time. With times 0, 1, .., T - 1 the function reads the beta that arrive.
"""
try:
    import jax
    import jax.numpy as jnp
    from diffusionjax.solvers import DDPM
except ImportError as error:
    raise ImportError(f"this adapter needs two packages: pip install jax diffusionjax ({error})") from None

conventions = {"t_first": 0, "t_batch": "vector", "dtype": "float32", "array": jnp.asarray, "spread": "std"}


def solver(beta, network=None, kind=DDPM):
    """The library's object for these beta."""
    return kind(network, beta=lambda t: beta[t], ts=jnp.arange(len(beta)))


def schedule_alpha_bar(beta):
    return solver(beta).alphas_cumprod
