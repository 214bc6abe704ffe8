"""SOAP (Vyas et al. 2024): Adam in the eigenbasis of the gradients."""
import autograd.numpy as np


def new_moments(p, rotate):
    """What `direction` remembers of an array p (..., M, N): two moments and, for a matrix, its basis."""
    zero = {"m": np.zeros_like(p), "v": np.zeros_like(p)}
    if rotate and p.ndim > 1:
        for side, n in ("left", -2), ("right", -1):
            eye = np.eye(p.shape[n], dtype=p.dtype) + np.zeros(p.shape[:-2] + (1, 1), p.dtype)
            zero[side], zero[side + "_basis"] = 0 * eye, eye
    return zero


def direction(g, old, step, b1=0.9, b2=0.98, every=20, most=2.0):
    """The direction of ascent for gradient g, and the new moments: Adam, for a matrix in the eigenbasis of its gradients.

    SOAP (Vyas et al. 2024): g g^T and g^T g are averaged, every so often their eigenvectors become the axes in which
    Adam scales. Without it the roll's narrowest steps, a thousandth of its size, are out of reach in minutes.
    Two guards, needed in float32. Where the turned gradient is zero but for rounding, a quotient of two roundings means
    nothing: the root mean square counts as at least 128 roundings of the largest one. After a change of axes the two moments
    are those of different axes: no entry of the quotient exceeds `most` (that of Adam, with these constants, stays below 1.7).
    """
    def mean(name, value, b):
        new[name] = b * old[name] + (1 - b) * value
        return new[name]

    new, turn, back = dict(old), lambda a: a, lambda a: a
    if "left" in old:
        left, right = mean("left", g @ transposed(g), b2), mean("right", transposed(g) @ g, b2)
        if step % every == 1:
            new["left_basis"], new["right_basis"] = np.linalg.eigh(left)[1], np.linalg.eigh(right)[1]
        U, V = new["left_basis"], new["right_basis"]
        turn, back = (lambda a: transposed(U) @ a @ V), (lambda a: U @ a @ transposed(V))
    m, v = mean("m", g, b1), mean("v", turn(g) ** 2, b2)
    root = np.sqrt(v / (1 - b2 ** step))
    floor = 1e-12 + 128 * np.finfo(root.dtype).eps * np.max(root, initial=0.0)
    return back(np.clip(turn(m) / (1 - b1 ** step) / (root + floor), -most, most)), new


def transposed(a):
    """a with its last two axes swapped."""
    return np.swapaxes(a, -1, -2)
