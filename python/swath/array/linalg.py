"""Products of matrices and what follows from them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from swath._engine import core
from swath.array.core import Array, asarray

__all__ = ["dot", "einsum", "matmul", "matrix_transpose", "norm", "outer", "tensordot", "trace", "vdot", "vecdot"]


def matmul(a: Any, b: Any) -> Array:
    """The matrix product, broadcast over leading axes; what ``a @ b`` does.

    >>> import numpy as np, swath.array as sa
    >>> x = sa.from_array(np.eye(2), chunks=1)
    >>> (x @ [[1, 2], [3, 4]]).compute()
    array([[1., 2.],
           [3., 4.]])
    """
    a, b = asarray(a), asarray(b)
    if a.ndim == 0 or b.ndim == 0:
        raise ValueError("`matmul` does not support scalars: Input operand does not have enough dimensions")
    return Array(core.matmul(a._node, b._node))


def dot(a: Any, b: Any) -> Array:
    """The dot product: sum over the last axis of ``a`` and the second-to-last of ``b``; a plain product with
    numbers."""
    a, b = asarray(a), asarray(b)
    if a.ndim == 0 or b.ndim == 0:
        return a * b
    return tensordot(a, b, axes=((a.ndim - 1,), (max(b.ndim - 2, 0),)))


def tensordot(lhs: Any, rhs: Any, axes: Any = 2) -> Array:
    """The sum of products over the given axes: a number of axes, or a pair of lists.

    >>> import numpy as np, swath.array as sa
    >>> sa.tensordot(np.ones((2, 3)), np.ones((3, 4)), axes=1).shape
    (2, 4)
    """
    a, b = asarray(lhs), asarray(rhs)
    if isinstance(axes, (int, np.integer)):
        if axes < 0 or axes > min(a.ndim, b.ndim):
            raise ValueError(f"tensordot: axes={axes} for arrays of {a.ndim} and {b.ndim} dimensions")
        left, right = tuple(range(a.ndim - axes, a.ndim)), tuple(range(axes))
    else:
        left, right = axes
        left = normalize_axis_tuple(left, a.ndim)
        right = normalize_axis_tuple(right, b.ndim)
    if len(left) != len(right) or any(a.shape[i] != b.shape[j] for i, j in zip(left, right, strict=False)):
        raise ValueError(f"shape-mismatch for sum: shapes {a.shape} and {b.shape}, axes {list(left)} and {list(right)}")
    return Array(core.tensordot(a._node, b._node, list(left), list(right)))


def einsum(
    subscripts: Any, *operands: Any, dtype: Any = None, optimize: Any = False, split_every: Any = None, **kwargs: Any
) -> Array:
    """Sums of products by Einstein's notation, the operands multiplied pair by pair from the left (``optimize``: in
    the order that NumPy finds cheapest).

    >>> import numpy as np, swath.array as sa
    >>> sa.einsum("bij,bjk->bik", sa.ones((5, 2, 3)), np.ones((5, 3, 4))).shape
    (5, 2, 4)
    """
    from numpy._core.einsumfunc import _parse_einsum_input  # type: ignore[attr-defined]

    casting = kwargs.pop("casting", "safe")
    order = kwargs.pop("order", "K")
    if kwargs or order not in ("K", "A", "C"):
        raise TypeError(f"einsum() got unexpected arguments {sorted(kwargs) or {'order': order}}")
    given = (subscripts, *operands)
    if not isinstance(subscripts, str):  # arrays and lists of axes in turns
        given = tuple(
            asarray(item) if place % 2 == 0 and place < len(given) - len(given) % 2 else item
            for place, item in enumerate(given)
        )
    else:
        given = (subscripts, *(asarray(operand) for operand in operands))
    arrays = [item for item in given if isinstance(item, Array)]
    stand_ins = iter([np.broadcast_to(np.empty((), a.dtype), a.shape) for a in arrays])  # shapes without data
    inputs, output, shaped = _parse_einsum_input([next(stand_ins) if isinstance(x, Array) else x for x in given])
    if dtype is not None:
        if any(not np.can_cast(a.dtype, dtype, casting) for a in arrays):
            raise TypeError(f"Cannot cast operands to {np.dtype(dtype)} according to the rule {casting!r}")
        arrays = [a.astype(dtype) for a in arrays]
    terms = [_own_sums(a, labels, output, inputs) for a, labels in zip(arrays, inputs.split(","), strict=True)]
    path = np.einsum_path(f"{inputs}->{output}", *shaped, optimize=optimize)[0][1:] if optimize else []
    while len(terms) > 1:
        pair = sorted(path.pop(0)) if path and len(path[0]) == 2 else [0, 1]
        right, left = terms.pop(pair[1]), terms.pop(pair[0])
        kept = set(output).union(*(labels for _, labels in terms))
        place = len(terms) if optimize else 0
        terms.insert(place, _product(left, right, kept))
    x, labels = terms[0]
    x = x if set(labels) == set(output) else x.sum(axis=tuple(i for i, c in enumerate(labels) if c not in output))
    return x.transpose([[c for c in labels if c in output].index(c) for c in output]) if output else x


def _own_sums(x: Array, labels: str, output: str, inputs: str) -> tuple[Array, str]:
    """Diagonals of repeated labels; sums over those that stand nowhere else."""
    from swath.array.creation import diagonal

    for label in dict.fromkeys(labels):
        while labels.count(label) > 1:
            first = labels.index(label)
            second = labels.index(label, first + 1)
            if x.shape[first] != x.shape[second]:
                raise ValueError(f"dimensions in operand for collapsing index {label!r} don't match")
            x = diagonal(x, 0, first, second)
            labels = labels[:first] + labels[first + 1 : second] + labels[second + 1 :] + label
    lonely = tuple(i for i, c in enumerate(labels) if c not in output and inputs.count(c) == 1)
    if lonely:
        x, labels = x.sum(axis=lonely), "".join(c for i, c in enumerate(labels) if i not in lonely)
    return x, labels


def _product(left: tuple[Array, str], right: tuple[Array, str], kept: set[str]) -> tuple[Array, str]:
    (a, a_labels), (b, b_labels) = left, right
    for label in set(a_labels) & set(b_labels):  # an axis of length one broadcasts
        m, n = a.shape[a_labels.index(label)], b.shape[b_labels.index(label)]
        if m != n and 1 not in (m, n):
            raise ValueError(f"operands could not be broadcast together: axis {label!r} has lengths {m} and {n}")
        if m == 1 != n:
            a, a_labels = a.squeeze(a_labels.index(label)), a_labels.replace(label, "")
        elif n == 1 != m:
            b, b_labels = b.squeeze(b_labels.index(label)), b_labels.replace(label, "")
    shared = [c for c in a_labels if c in b_labels]
    batch, summed = [c for c in shared if c in kept], [c for c in shared if c not in kept]
    free_a, free_b = [c for c in a_labels if c not in shared], [c for c in b_labels if c not in shared]
    a = a.transpose([a_labels.index(c) for c in (*batch, *free_a, *summed)])
    b = b.transpose([b_labels.index(c) for c in (*batch, *summed, *free_b)])
    result = Array(core.product(a._node, b._node, len(batch), len(summed)))
    return result, "".join((*batch, *free_a, *free_b))


def vdot(a: Any, b: Any) -> Array:
    """The dot product of the flattened arrays, the first conjugated."""
    a, b = asarray(a), asarray(b)
    from swath.array.ufunc import catalogue

    return dot(catalogue["conjugate"](a).ravel() if a.dtype.kind == "c" else a.ravel(), b.ravel())


def vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Array:
    """The dot products of vectors along ``axis``, the first conjugated."""
    from swath.array.ufunc import catalogue

    a, b = asarray(x1), asarray(x2)
    return ((catalogue["conjugate"](a) if a.dtype.kind == "c" else a) * b).sum(axis=axis)


def outer(a: Any, b: Any) -> Array:
    """The product of every element of ``a`` with every one of ``b``."""
    return asarray(a).ravel()[:, None] * asarray(b).ravel()[None, :]


def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None) -> Array:
    """The sum along a diagonal."""
    from swath.array.creation import diagonal

    return diagonal(a, offset, axis1, axis2).sum(axis=-1, dtype=dtype)


def matrix_transpose(x: Any, /) -> Array:
    """The last two axes swapped."""
    return asarray(x).mT


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Array:
    """A vector or matrix norm, as ``numpy.linalg.norm``; of matrices: 'fro', 1, -1, inf and -inf.

    >>> import swath.array as sa
    >>> float(sa.linalg.norm(sa.asarray([3.0, 4.0])).compute())
    5.0
    """
    x = asarray(x)
    if x.dtype.kind in "iub":
        x = x.astype(float)
    if axis is None:
        if ord is None:
            result = _square_root((abs(x) ** 2).sum())
            return result[(None,) * x.ndim] if keepdims else result
        axes: tuple[int, ...] = tuple(range(x.ndim))
    else:
        axes = normalize_axis_tuple(axis, x.ndim)
    if len(axes) == 1:
        return _vector_norm(x, ord, axes[0], keepdims)
    if len(axes) != 2:
        raise ValueError("Improper number of dimensions to norm.")
    return _matrix_norm(x, ord, axes, keepdims)


def _square_root(x: Array) -> Array:
    return Array(core.elementwise("sqrt", [x._node], None))


def _vector_norm(x: Array, ord: Any, axis: int, keepdims: bool) -> Array:
    size = abs(x)
    if ord is None or ord == 2:
        return _square_root((size**2).sum(axis=axis, keepdims=keepdims))
    if ord == np.inf:
        return size.max(axis=axis, keepdims=keepdims)
    if ord == -np.inf:
        return size.min(axis=axis, keepdims=keepdims)
    if ord == 0:
        return (x != 0).astype(size.dtype).sum(axis=axis, keepdims=keepdims)
    if isinstance(ord, str):
        raise ValueError(f"Invalid norm order '{ord}' for vectors")
    return (size**ord).sum(axis=axis, keepdims=keepdims) ** (1.0 / ord)


def _matrix_norm(x: Array, ord: Any, axes: tuple[int, ...], keepdims: bool) -> Array:
    row, column = axes
    size = abs(x)
    if ord in (None, "fro", "f"):
        return _square_root((size**2).sum(axis=axes, keepdims=keepdims))
    choices = {
        1: (row, column, "max"),
        -1: (row, column, "min"),
        np.inf: (column, row, "max"),
        -np.inf: (column, row, "min"),
    }
    if isinstance(ord, str) or ord not in choices:
        raise ValueError(f"Invalid norm order {ord!r} for matrices; here: None, 'fro', 1, -1, inf, -inf")
    summed, other, pick = choices[ord]
    totals = size.sum(axis=summed, keepdims=True)
    result = getattr(totals, pick)(axis=other, keepdims=True)
    if keepdims:
        return result
    from swath.array.routines import squeeze

    return squeeze(result, axis=axes)
