"""Functions that join arrays and repeat, insert and remove parts of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from swath._engine import core
from swath.array.core import Array, asarray

__all__ = [
    "append",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "block",
    "concat",
    "concatenate",
    "delete",
    "dstack",
    "hstack",
    "insert",
    "repeat",
    "stack",
    "tile",
    "vstack",
]


def _common(seq: Sequence[Any], dtype: Any = None) -> list[Array]:
    arrays = [asarray(a) for a in seq]
    if not arrays:
        raise ValueError("need at least one array to join")
    target = np.result_type(*[a.dtype for a in arrays]) if dtype is None else np.dtype(dtype)
    return [a.astype(target) for a in arrays]


def concatenate(seq: Any, axis: Any = 0, allow_unknown_chunksizes: bool = False, *, dtype: Any = None) -> Array:
    """Joined along an axis that is there.

    >>> import swath.array as sa
    >>> sa.concatenate([sa.zeros(2), sa.ones(1)]).compute()
    array([0., 0., 1.])
    """
    arrays = _common(seq, dtype)
    if axis is None:
        arrays, axis = [a.ravel() for a in arrays], 0
    if any(a.ndim != arrays[0].ndim for a in arrays):
        raise ValueError(f"all the input array dimensions must match, got {[a.ndim for a in arrays]}")
    if arrays[0].ndim == 0:
        raise ValueError("zero-dimensional arrays cannot be concatenated")
    axis = normalize_axis_index(axis, arrays[0].ndim)
    for a in arrays:
        for i in range(a.ndim):
            if i != axis and a.shape[i] != arrays[0].shape[i]:
                raise ValueError(
                    f"all the input array dimensions except for the concatenation axis must match exactly: shapes "
                    f"{[b.shape for b in arrays]}, axis {axis}"
                )
    if len(arrays) > 1:
        arrays = [a for a in arrays if a.shape[axis]] or arrays[:1]
    return arrays[0] if len(arrays) == 1 else Array(core.concatenate([a._node for a in arrays], axis))


concat = concatenate


def stack(seq: Any, axis: int = 0, allow_unknown_chunksizes: bool = False) -> Array:
    """Joined along a new axis."""
    arrays = _common(seq)
    if any(a.shape != arrays[0].shape for a in arrays):
        raise ValueError(f"Stacked arrays must have the same shape. The shapes were {[a.shape for a in arrays]}")
    axis = normalize_axis_index(axis, arrays[0].ndim + 1)
    return Array(core.stack([a._node for a in arrays], axis))


def atleast_1d(*arys: Any) -> Any:
    """As arrays of at least one axis."""
    result = tuple(a if a.ndim else a[None] for a in map(asarray, arys))
    return result[0] if len(result) == 1 else result


def atleast_2d(*arys: Any) -> Any:
    """As arrays of at least two axes; new ones come first."""
    result = tuple(a[(None,) * (2 - a.ndim) + (...,)] if a.ndim < 2 else a for a in map(asarray, arys))
    return result[0] if len(result) == 1 else result


def atleast_3d(*arys: Any) -> Any:
    """As arrays of at least three axes, as NumPy places them."""
    index: dict[int, Any] = {0: (None, None, None), 1: (None, slice(None), None), 2: (slice(None), slice(None), None)}
    result = tuple(a[index[a.ndim]] if a.ndim < 3 else a for a in map(asarray, arys))
    return result[0] if len(result) == 1 else result


def vstack(tup: Any, allow_unknown_chunksizes: bool = False) -> Array:
    """Joined along the first axis; vectors are rows."""
    return concatenate([atleast_2d(a) for a in tup], axis=0)


def hstack(tup: Any, allow_unknown_chunksizes: bool = False) -> Array:
    """Joined along the second axis; vectors one after another."""
    arrays = [atleast_1d(a) for a in tup]
    return concatenate(arrays, axis=0 if all(a.ndim == 1 for a in arrays) else 1)


def dstack(tup: Any, allow_unknown_chunksizes: bool = False) -> Array:
    """Joined along the third axis."""
    return concatenate([atleast_3d(a) for a in tup], axis=2)


def block(arrays: Any, allow_unknown_chunksizes: bool = False) -> Array:
    """An array of nested lists of blocks: the innermost lists are joined along the last axis, and so on outwards."""

    def depth(x: Any) -> int:
        if isinstance(x, list):
            if not x:
                raise ValueError("List at arrays cannot be empty")
            depths = {depth(item) for item in x}
            if len(depths) != 1:
                raise ValueError("List depths are mismatched")
            return depths.pop() + 1
        return 0

    def leaves(x: Any) -> list[Any]:
        return [leaf for item in x for leaf in leaves(item)] if isinstance(x, list) else [asarray(x)]

    levels = depth(arrays)
    axes = max(levels, *[leaf.ndim for leaf in leaves(arrays)])

    def join(x: Any, level: int) -> Array:
        if isinstance(x, list):
            return concatenate([join(item, level - 1) for item in x], axis=-level)
        a = asarray(x)
        return a[(None,) * (axes - a.ndim) + (...,)] if a.ndim < axes else a

    return join(arrays, levels)


def append(arr: Any, values: Any, axis: int | None = None) -> Array:
    """``values`` after ``arr``; both flattened without ``axis``."""
    return concatenate([asarray(arr), asarray(values)], axis=axis)


def pad_zeros(x: Array, before: int, after: int) -> Array:
    """A vector with zeros in front and behind."""
    from swath.array.creation import zeros

    parts = [zeros(before, x.dtype), x, zeros(after, x.dtype)]
    return concatenate([p for p in parts if p.size] or [x])


def repeat(a: Any, repeats: Any, axis: int | None = None) -> Array:
    """Each slice along ``axis`` ``repeats`` times, one behind the other."""
    from swath.array.routines import broadcast_to, take

    x = asarray(a)
    if axis is None:
        x, axis = x.ravel(), 0
    axis = normalize_axis_index(axis, x.ndim)
    if np.ndim(repeats) == 0:
        count = int(repeats)
        if count < 0:
            raise ValueError("repeats may not contain negative values.")
        wide = broadcast_to(
            x[(slice(None),) * (axis + 1) + (None,)], (*x.shape[: axis + 1], count, *x.shape[axis + 1 :])
        )
        return wide.reshape((*x.shape[:axis], x.shape[axis] * count, *x.shape[axis + 1 :]))
    return take(x, np.repeat(np.arange(x.shape[axis]), repeats), axis)


def tile(A: Any, reps: Any) -> Array:
    """The whole array repeated along each axis."""
    x = asarray(A)
    counts = tuple(reps) if np.ndim(reps) else (reps,)
    if any(count < 0 for count in counts):
        raise ValueError("Negative `reps` are not allowed.")
    counts = (1,) * (x.ndim - len(counts)) + tuple(int(count) for count in counts)
    x = x[(None,) * (len(counts) - x.ndim) + (...,)] if x.ndim < len(counts) else x
    for axis, count in enumerate(counts):
        x = concatenate([x] * count, axis=axis) if count else x[(slice(None),) * axis + (slice(0, 0),)]
    return x


def insert(arr: Any, obj: Any, values: Any, axis: int) -> Array:
    """``values`` put before the indices ``obj`` along ``axis``."""
    from swath.array.routines import broadcast_to, expand_dims, take

    x = asarray(arr)
    axis = normalize_axis_index(axis, x.ndim)
    length = x.shape[axis]
    numbers = np.arange(length)[obj] if isinstance(obj, slice) else np.atleast_1d(np.asarray(obj))
    if numbers.size and (numbers.min() < -length or numbers.max() > length):
        raise IndexError(f"index {obj} is out of bounds for axis {axis} with size {length}")
    numbers = np.where(numbers < 0, numbers + length, numbers)
    value = asarray(values).astype(x.dtype)
    if np.ndim(obj) == 0 and not isinstance(obj, slice) and value.ndim == x.ndim:
        numbers = np.repeat(numbers, value.shape[axis])
    elif np.ndim(obj) == 0 and value.ndim > 0 and value.ndim == x.ndim - 1:
        value = expand_dims(value, axis)
    value = broadcast_to(value, (*x.shape[:axis], len(numbers), *x.shape[axis + 1 :]))
    order = np.insert(np.arange(length), numbers, length + np.arange(len(numbers)))
    return take(concatenate([x, value], axis=axis), order, axis)


def delete(arr: Any, obj: Any, axis: int) -> Array:
    """The slices with indices ``obj`` along ``axis`` left out."""
    from swath.array.routines import take

    x = asarray(arr)
    axis = normalize_axis_index(axis, x.ndim)
    return take(x, np.delete(np.arange(x.shape[axis]), obj), axis)
