"""Sohl-Dickstein et al. 2015, Deep Unsupervised Learning using Nonequilibrium Thermodynamics, in NumPy and autograd."""
from . import binomial, gaussian, schedule  # noqa: F401
