"""SOAP (Vyas et al. 2024): Adam in the eigenbasis of the gradients.

The swiss roll and the images are trained with it. On the roll the first steps are a thousandth as wide as the data.

    for state in train.ascend(..., train.begin(params, soap_moments), ..., optimiser=soap)
"""
import autograd.numpy as np


def soap_moments(p, largest=np.inf):
    """The moments of `soap` before the first step, for an array p (..., M, N).

    A vector, and an array with M or N above `largest`, gets no basis: `soap` is Adam there.
    """
    found = {"m": np.zeros_like(p), "v": np.zeros_like(p)}
    if p.ndim > 1 and max(p.shape[-2:]) <= largest:
        for side, n in ("left", -2), ("right", -1):
            eye = np.eye(p.shape[n], dtype=p.dtype) + np.zeros(p.shape[:-2] + (1, 1), p.dtype)
            found[side], found[side + "_basis"] = 0 * eye, eye
    return found


def soap(g, moments, step, b1=0.9, b2=0.98, every=20, most=2.0):
    """The direction of ascent for a gradient g (..., M, N), and the new moments.

    g g^T and g^T g are averaged, and every so often their eigenvectors become the axes along which Adam scales.
    Two guards, needed in float32. A turned gradient may be zero but for rounding, and a quotient of two roundings means
    nothing: so the root mean square counts as at least 128 roundings of its largest entry. After a change of axes the
    two moments belong to different axes: so no entry of the quotient exceeds `most` (Adam's own stay below 1.7 here).
    """
    new = dict(moments, m=(1 - b1) * g + b1 * moments["m"])
    turn = back = lambda a: a
    if "left" in moments:
        new["left"] = (1 - b2) * (g @ transposed(g)) + b2 * moments["left"]
        new["right"] = (1 - b2) * (transposed(g) @ g) + b2 * moments["right"]
        if step % every == 1:
            new["left_basis"], new["right_basis"] = (np.linalg.eigh(new[side])[1] for side in ("left", "right"))
        U, V = new["left_basis"], new["right_basis"]
        turn, back = (lambda a: transposed(U) @ a @ V), (lambda a: U @ a @ transposed(V))
    new["v"] = (1 - b2) * turn(g) ** 2 + b2 * moments["v"]
    root = np.sqrt(new["v"] / (1 - b2 ** step))
    floor = 1e-12 + 128 * np.finfo(root.dtype).eps * np.max(root, initial=0.0)
    quotient = turn(new["m"]) / (1 - b1 ** step) / (root + floor)
    return back(np.clip(quotient, -most, most)), new


def transposed(a):
    """a with its last two axes swapped."""
    return np.swapaxes(a, -1, -2)
