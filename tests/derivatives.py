"""Derivatives against finite differences, in every argument: autograd's own check looks at the first alone unless told."""
from autograd.test_util import check_grads


def check_all(f, *args, order=2):
    check_grads(f, tuple(range(len(args))), modes=["rev"], order=order)(*args)
