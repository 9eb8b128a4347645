"""Functions that change the shape, join, split and rearrange."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from swath._engine import core
from swath.array.core import Array, asarray
from swath.array.creation import _bytes, shape_of
from swath.array.joining import concatenate, repeat, stack
from swath.array.ufunc import elementwise_where

__all__ = [
    "argwhere",
    "astype",
    "broadcast_arrays",
    "broadcast_shapes",
    "broadcast_to",
    "compress",
    "diff",
    "ediff1d",
    "expand_dims",
    "extract",
    "flatnonzero",
    "flip",
    "fliplr",
    "flipud",
    "gradient",
    "isin",
    "matrix_power",
    "moveaxis",
    "ndim",
    "nonzero",
    "permute_dims",
    "ravel",
    "rechunk",
    "reshape",
    "result_type",
    "roll",
    "rollaxis",
    "rot90",
    "shape",
    "size",
    "squeeze",
    "swapaxes",
    "take",
    "transpose",
    "unify_chunks",
]


def rechunk(
    x: Any,
    chunks: Any = "auto",
    threshold: Any = None,
    block_size_limit: Any = None,
    balance: bool = False,
    method: str | None = None,
) -> Array:
    """The same elements in other chunks.

    ``chunks`` is a block length, -1, ``"auto"``, a size such as ``"64MiB"``, the lengths of all blocks, or None
    (keep), for all axes or one an axis, or a dict by axis; ``block_size_limit`` bounds ``"auto"``; ``balance`` makes
    blocks of equal length.

    >>> import swath.array as sa
    >>> sa.ones((4, 6), chunks=2).rechunk({0: -1, 1: 3}).chunks
    ((4,), (3, 3))
    """
    x = asarray(x)
    if method not in (None, "tasks", "p2p"):
        raise ValueError(f"method={method!r}; accepted: 'tasks', 'p2p'")
    if isinstance(chunks, dict):
        if not chunks or any(not -x.ndim <= axis < x.ndim for axis in chunks):
            if chunks:
                raise ValueError(
                    f"chunks names an axis that is not there: {sorted(chunks)} for an array of {x.ndim} dimensions"
                )
            return x
        chunks = {normalize_axis_index(axis, x.ndim): rule for axis, rule in chunks.items()}
    if isinstance(chunks, (tuple, list)) and any(c is None for c in chunks):
        chunks = tuple(x.chunks[i] if c is None else c for i, c in enumerate(chunks))
    if balance:
        lengths = core.normalize_chunks(chunks, x.shape, x.dtype, _bytes(block_size_limit), x.chunks)
        chunks = tuple(_balanced(axis) for axis in lengths)
    return Array(core.rechunk(x._node, chunks, _bytes(block_size_limit)))


def _balanced(lengths: tuple[int, ...]) -> tuple[int, ...]:
    small, rest = divmod(sum(lengths), len(lengths))
    return (small + 1,) * rest + (small,) * (len(lengths) - rest)


def transpose(a: Any, axes: Any = None) -> Array:
    """Axes in another order; reversed by default."""
    x = asarray(a)
    if axes is None:
        axes = tuple(reversed(range(x.ndim)))
    else:
        axes = tuple(axes)
        if len(axes) != x.ndim:
            raise ValueError("axes don't match array")
        axes = normalize_axis_tuple(axes, x.ndim)
    return x if axes == tuple(range(x.ndim)) else Array(core.transpose(x._node, list(axes)))


def permute_dims(x: Any, /, axes: Any) -> Array:
    """The array API's name of :func:`transpose`."""
    return transpose(x, axes)


def swapaxes(a: Any, axis1: int, axis2: int) -> Array:
    """Two axes exchanged."""
    x = asarray(a)
    order = list(range(x.ndim))
    i, j = normalize_axis_index(axis1, x.ndim), normalize_axis_index(axis2, x.ndim)
    order[i], order[j] = order[j], order[i]
    return transpose(x, order)


def moveaxis(a: Any, source: Any, destination: Any) -> Array:
    """Some axes moved to new places, the others in their order."""
    x = asarray(a)
    sources = normalize_axis_tuple(source, x.ndim, "source")
    destinations = normalize_axis_tuple(destination, x.ndim, "destination")
    if len(sources) != len(destinations):
        raise ValueError("`source` and `destination` arguments must have the same number of elements")
    order = [axis for axis in range(x.ndim) if axis not in sources]
    for target, origin in sorted(zip(destinations, sources, strict=False)):
        order.insert(target, origin)
    return transpose(x, order)


def rollaxis(a: Any, axis: int, start: int = 0) -> Array:
    """One axis moved back until it lies at ``start``."""
    x = asarray(a)
    axis = normalize_axis_index(axis, x.ndim)
    if not -x.ndim <= start <= x.ndim:
        raise ValueError(f"start={start} is out of range for {x.ndim} dimensions")
    start += x.ndim if start < 0 else 0
    return moveaxis(x, axis, start - 1 if axis < start else start)


def reshape(x: Any, shape: Any, merge_chunks: bool = True, limit: Any = None) -> Array:
    """The same elements in C order in another shape; one length may be -1. ``merge_chunks`` and ``limit`` are Dask's:
    the engine
    chooses the chunks."""
    x = asarray(x)
    lengths = [int(length) for length in ((shape,) if isinstance(shape, (int, np.integer)) else shape)]
    return x if tuple(lengths) == x.shape else Array(core.reshape(x._node, lengths))


def ravel(array_like: Any) -> Array:
    """All elements in one axis, in C order."""
    return reshape(array_like, (-1,))


def squeeze(a: Any, axis: Any = None) -> Array:
    """Axes of length 1 left out: all, or those given."""
    x = asarray(a)
    axes = tuple(i for i, n in enumerate(x.shape) if n == 1) if axis is None else normalize_axis_tuple(axis, x.ndim)
    if any(x.shape[i] != 1 for i in axes):
        raise ValueError("cannot select an axis to squeeze out which has size not equal to one")
    return x[tuple(0 if i in axes else slice(None) for i in range(x.ndim))] if axes else x


def expand_dims(a: Any, axis: Any) -> Array:
    """New axes of length 1 at the given places of the result."""
    x = asarray(a)
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    places = normalize_axis_tuple(axes, x.ndim + len(axes))
    return x[tuple(None if i in places else slice(None) for i in range(x.ndim + len(places)))]


def broadcast_to(x: Any, shape: Any, chunks: Any = None, meta: Any = None) -> Array:
    """Repeated along new axes and those of length 1, without memory."""
    x = asarray(x)
    target = shape_of(shape)
    return x if target == x.shape and chunks is None else Array(core.broadcast_to(x._node, list(target), chunks))


def broadcast_shapes(*shapes: Any) -> tuple[int, ...]:
    """The shape that results from broadcasting."""
    return np.broadcast_shapes(*shapes)


def broadcast_arrays(*args: Any, subok: bool = False) -> tuple[Array, ...]:
    """All broadcast to one shape."""
    arrays = [asarray(a) for a in args]
    target = np.broadcast_shapes(*[a.shape for a in arrays])
    return tuple(broadcast_to(a, target) for a in arrays)


def unify_chunks(*args: Any, **kwargs: Any) -> Any:
    """Pairs ``array, axis labels`` -> (chunks of each label, arrays cut alike along equal labels)."""
    arrays = [None if a is None else asarray(a) for a in args[::2]]
    labels = args[1::2]
    cuts: dict[Any, set[int]] = {}
    for a, names in zip(arrays, labels, strict=False):
        for axis, name in enumerate(names or ()):
            if a is not None and a.shape[axis] != 1:
                cuts.setdefault(name, set()).update(np.cumsum(a.chunks[axis]).tolist())
    chunks = {name: tuple(np.diff([0, *sorted(ends)]).tolist()) for name, ends in cuts.items()}
    return chunks, [
        a
        if a is None or names is None
        else a.rechunk(
            tuple(chunks.get(name, a.chunks[i]) if a.shape[i] != 1 else a.chunks[i] for i, name in enumerate(names))
        )
        for a, names in zip(arrays, labels, strict=False)
    ]


def flip(m: Any, axis: Any = None) -> Array:
    """The order of elements reversed along ``axis`` (all by default)."""
    x = asarray(m)
    axes = range(x.ndim) if axis is None else normalize_axis_tuple(axis, x.ndim)
    return x[tuple(slice(None, None, -1) if i in axes else slice(None) for i in range(x.ndim))]


def flipud(m: Any) -> Array:
    """Rows in reverse order."""
    return flip(m, 0)


def fliplr(m: Any) -> Array:
    """Columns in reverse order."""
    if asarray(m).ndim < 2:
        raise ValueError("Input must be >= 2-d.")
    return flip(m, 1)


def rot90(m: Any, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Array:
    """Turned by 90 degrees ``k`` times in the plane of two axes."""
    x = asarray(m)
    first, second = normalize_axis_tuple(axes, x.ndim) if axes[0] != axes[1] else (0, 0)
    if first == second:
        raise ValueError("Axes must be different.")
    k %= 4
    if k == 0:
        return x
    if k == 2:
        return flip(x, (first, second))
    return flip(swapaxes(x, first, second), first) if k == 1 else swapaxes(flip(x, first), first, second)


def roll(array: Any, shift: Any, axis: Any = None) -> Array:
    """Elements moved along an axis; those pushed out come back at the other end."""
    x = asarray(array)
    if axis is None:
        return roll(x.ravel(), shift, 0).reshape(x.shape)
    shifts = shift if isinstance(shift, (tuple, list)) else (shift,)
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    if len(shifts) == 1:
        shifts = tuple(shifts) * len(axes)
    elif len(axes) == 1:
        axes = tuple(axes) * len(shifts)
    if len(shifts) != len(axes):
        raise ValueError("Must have the same number of shifts as axes.")
    for s, a in zip(shifts, normalize_axis_tuple(axes, x.ndim, allow_duplicate=True), strict=False):
        s = int(s) % x.shape[a] if x.shape[a] else 0
        if s:
            before = (slice(None),) * a
            x = concatenate([x[(*before, slice(-s, None))], x[(*before, slice(None, -s))]], axis=a)
    return x


def take(a: Any, indices: Any, axis: int | None = 0) -> Array:
    """The elements (or slices along ``axis``) with these indices."""
    x = asarray(a)
    if axis is None:
        x, axis = x.ravel(), 0
    axis = normalize_axis_index(axis, x.ndim)
    numbers = np.asarray(indices)
    if numbers.dtype.kind not in "iu" and numbers.size:
        raise TypeError(f"Cannot cast array data from {numbers.dtype!r} to dtype('int64') according to the rule 'safe'")
    result = x[(slice(None),) * axis + (numbers.ravel().astype(np.int64),)]
    if numbers.ndim == 1:
        return result
    return result.reshape((*x.shape[:axis], *numbers.shape, *x.shape[axis + 1 :]))


def compress(condition: Any, a: Any, axis: int | None = None) -> Array:
    """The slices along ``axis`` where ``condition`` holds."""
    x = asarray(a)
    if axis is None:
        x, axis = x.ravel(), 0
    axis = normalize_axis_index(axis, x.ndim)
    mask = np.asarray(condition, dtype=bool)
    if mask.ndim != 1:
        raise ValueError("Condition must be one dimensional")
    return take(x, np.flatnonzero(mask), axis)


def extract(condition: Any, arr: Any) -> Array:
    """The elements where ``condition`` holds, in one axis."""
    return compress(np.asarray(condition).ravel(), arr)


def nonzero(a: Any) -> tuple[Array, ...]:
    """The indices of the elements that are not zero, axis by axis. Computes ``a != 0``: the number of indices is in
    the shape."""
    x = asarray(a)
    return tuple(asarray(numbers) for numbers in np.nonzero(np.asarray(x != 0 if x.dtype.kind != "b" else x)))


def flatnonzero(a: Any) -> Array:
    """The indices in the flattened array of the elements that are not zero. Computes ``a != 0``."""
    return nonzero(asarray(a).ravel())[0]


def argwhere(a: Any) -> Array:
    """The indices of the elements that are not zero, one row each. Computes ``a != 0``."""
    return stack(nonzero(a), axis=1) if asarray(a).ndim else asarray(np.argwhere(np.asarray(a)))


def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Array:
    """Differences between neighbours along ``axis``, ``n`` times."""
    x = asarray(a)
    if n == 0:
        return x
    if n < 0:
        raise ValueError(f"order must be non-negative but got {n}")
    if x.ndim == 0:
        raise ValueError("diff requires input that is at least one dimensional")
    axis = normalize_axis_index(axis, x.ndim)
    parts = []
    for extra in (prepend, None, append):
        if extra is None:
            continue
        value = asarray(extra)
        parts.append(broadcast_to(value, (*x.shape[:axis], 1, *x.shape[axis + 1 :])) if value.ndim == 0 else value)
    if prepend is not None or append is not None:
        x = concatenate(parts[:1] * (prepend is not None) + [x] + parts[-1:] * (append is not None), axis=axis)
    before = (slice(None),) * axis
    for _ in range(n):
        high, low = x[(*before, slice(1, None))], x[(*before, slice(None, -1))]
        x = high != low if x.dtype.kind == "b" else high - low
    return x


def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Array:
    """Differences between neighbours of the flattened array, with values put before and after."""
    x = diff(asarray(ary).ravel())
    parts = [asarray(to_begin).ravel().astype(x.dtype)] if to_begin is not None else []
    parts.append(x)
    if to_end is not None:
        parts.append(asarray(to_end).ravel().astype(x.dtype))
    return concatenate(parts)


def gradient(f: Any, *varargs: Any, axis: Any = None, **kwargs: Any) -> Any:
    """Central differences inside, one-sided at the edges; spacings are numbers, one for all axes or one an axis."""
    x = asarray(f)
    if kwargs:
        raise TypeError(f"gradient() got unexpected keyword arguments {sorted(kwargs)}")
    axes = tuple(range(x.ndim)) if axis is None else normalize_axis_tuple(axis, x.ndim)
    spacings = varargs * len(axes) if len(varargs) == 1 else varargs or (1.0,) * len(axes)
    if len(spacings) != len(axes):
        raise TypeError("Spacing must either be a single scalar, or a scalar / 1d-array per axis")
    if x.dtype.kind in "iub":
        x = x.astype(float)
    results = []
    for a, h in zip(axes, spacings, strict=False):
        if x.shape[a] < 2:
            raise ValueError(
                "Shape of array too small to calculate a numerical gradient, at least 2 elements are required."
            )
        if np.ndim(h):
            raise NotImplementedError("gradient() with coordinates: give a number as spacing")
        before = (slice(None),) * a

        def part(start: int | None, stop: int | None, before: Any = before) -> Array:
            return x[(*before, slice(start, stop))]

        first = (part(1, 2) - part(0, 1)) / h
        last = (part(-1, None) - part(-2, -1)) / h
        middle = (part(2, None) - part(None, -2)) / (2.0 * h)
        results.append(concatenate([first, middle, last], axis=a).rechunk(x.chunks))
    return results[0] if len(results) == 1 else results


def isin(element: Any, test_elements: Any, assume_unique: bool = False, invert: bool = False) -> Array:
    """Is each element one of ``test_elements``? These are sorted in memory and found by their ranges; meant for few
    of them."""
    x = asarray(element)
    tests = np.unique(np.asarray(test_elements))
    found = x != x if x.dtype.kind in "fc" else x < x if x.dtype.kind != "b" else x & ~x
    found = elementwise_where(found, False, False)
    for value in tests:
        found = found | (x == value)
    return ~found if invert else found


def matrix_power(a: Any, n: int) -> Array:
    """A square matrix multiplied with itself ``n`` times."""
    from swath.array.creation import eye

    x = asarray(a)
    if x.ndim != 2 or x.shape[0] != x.shape[1]:
        raise ValueError(f"matrix_power needs a square matrix, got shape {x.shape}")
    if n < 0:
        raise NotImplementedError("negative powers of a matrix")
    result = eye(x.shape[0], dtype=x.dtype, chunks=x.chunks[0]) if n == 0 else None
    while n:
        if n & 1:
            result = x if result is None else result @ x
        n >>= 1
        if n:
            x = x @ x
    return result  # type: ignore[return-value]


def result_type(*args: Any) -> np.dtype[Any]:
    """The dtype of an operation between these, by NumPy's rules."""
    return np.result_type(*[a.dtype if isinstance(a, Array) else a for a in args])


def astype(x: Any, dtype: Any, /, *, copy: bool = True) -> Array:
    """The array API's name of the method ``x.astype(dtype)``."""
    return asarray(x).astype(dtype, copy=copy)


def shape(array: Any) -> tuple[int, ...]:
    """The lengths of all axes."""
    return asarray(array).shape


def ndim(array: Any) -> int:
    """The number of axes."""
    return asarray(array).ndim


def size(a: Any, axis: int | None = None) -> int:
    """The number of elements, or the length of an axis."""
    x = asarray(a)
    return x.size if axis is None else x.shape[normalize_axis_index(axis, x.ndim)]


def compute_chunk_sizes(self: Array) -> Array:
    """The array itself: chunk sizes are always known here. (Dask computes those of masked arrays.)"""
    return self


def _install_methods() -> None:
    from swath.array import linalg, ufunc

    Array.trace = linalg.trace  # type: ignore[attr-defined]
    for function in (compute_chunk_sizes, moveaxis, ravel, repeat, squeeze, swapaxes):
        setattr(Array, function.__name__, function)
    Array.flatten = ravel  # type: ignore[attr-defined]
    Array.nonzero = nonzero  # type: ignore[attr-defined]
    Array.clip = lambda self, min=None, max=None, out=None: ufunc.clip(self, min, max, out)  # type: ignore[attr-defined]
    Array.round = ufunc.round  # type: ignore[attr-defined]
    Array.conj = Array.conjugate = ufunc.catalogue["conjugate"].__call__  # type: ignore[attr-defined]


_install_methods()
