"""Check any implementation of the paper against this one, and say what is wrong with it: see check/README.md."""
from .checking import check  # noqa: F401
