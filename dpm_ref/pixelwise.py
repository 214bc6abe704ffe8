"""The nonlinearities of the image network (App. D.2), pixel by pixel, in tiles that fit the cache, on the cores that this process has.

    y = softplus(x)         # of the multi-scale layers
    y = tanh(x)             # of the 1x1 layers

The derivatives, written so that they can be differentiated again:

    softplus(x)        g exp(x - softplus(x))
    tanh(x)            g (1 - tanh(x)²)
"""
import autograd.numpy as np
import numpy as onp
from autograd.extend import defvjp, primitive

from .tiles import elementwise, in_dtype_of


@primitive
def softplus(x):
    """Smooth rectifier of the multi-scale layers, to an absolute (not relative) error of one rounding.

    text, §D.2.1

        log(1 + exp(x))
    """
    def into(x, y):
        onp.abs(x, out=y)
        onp.exp(onp.negative(y, out=y), out=y)
        onp.log(onp.add(y, 1, out=y), out=y)  # log1p would be eight times slower, for digits that x's own scale drowns
        y += onp.maximum(x, 0)
    return elementwise(into, x)


@primitive
def tanh(x):
    """Hyperbolic tangent of the 1x1 layers; unlike autograd's own, its derivative cannot overflow in float32.

    text, §D.2.1
    """
    return elementwise(lambda x, y: onp.tanh(x, out=y), x)


@primitive
def _softplus_gradient(g, y, x):
    def into(g, y, x, out):
        onp.exp(onp.subtract(x, y, out=out), out=out)
        out *= g
    return elementwise(into, g, y, x)


@primitive
def _tanh_gradient(g, y):
    def into(g, y, out):
        onp.subtract(1, onp.multiply(y, y, out=out), out=out)
        out *= g
    return elementwise(into, g, y)


defvjp(softplus, lambda y, x: lambda g: _softplus_gradient(in_dtype_of(g, y), y, x))
defvjp(tanh, lambda y, x: lambda g: _tanh_gradient(in_dtype_of(g, y), y))
defvjp(_softplus_gradient,
       lambda d, g, y, x: lambda u: u * np.exp(x - y),
       lambda d, g, y, x: lambda u: -u * d,
       lambda d, g, y, x: lambda u: u * d)
defvjp(_tanh_gradient,
       lambda d, g, y: lambda u: u * (1 - y * y),
       lambda d, g, y: lambda u: -2 * u * g * y)
