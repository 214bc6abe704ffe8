"""Sohl-Dickstein et al. 2015, Deep Unsupervised Learning using Nonequilibrium Thermodynamics, in pure NumPy."""
from . import binomial, gaussian, schedule  # noqa: F401
