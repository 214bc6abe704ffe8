"""Derivations line by line, ground truth without learning, and the slips of the paper."""
