"""Making arrays: from memory, from nothing, from numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from swath._engine import core
from swath.array.core import Array, asanyarray, asarray

__all__ = [
    "arange",
    "array",
    "asanyarray",
    "asarray",
    "diag",
    "diagonal",
    "empty",
    "empty_like",
    "eye",
    "from_array",
    "fromfunction",
    "full",
    "full_like",
    "indices",
    "linspace",
    "meshgrid",
    "normalize_chunks",
    "ones",
    "ones_like",
    "tri",
    "tril",
    "triu",
    "zeros",
    "zeros_like",
]


def shape_of(shape: Any) -> tuple[int, ...]:
    """A shape argument as a tuple of non-negative ints."""
    if isinstance(shape, (int, np.integer)):
        shape = (shape,)
    result = tuple(int(length) for length in shape)
    if any(length < 0 for length in result):
        raise ValueError(f"negative dimensions are not allowed: shape={result}")
    return result


def normalize_chunks(
    chunks: Any, shape: Any = None, limit: Any = None, dtype: Any = None, previous_chunks: Any = None
) -> tuple[tuple[int, ...], ...]:
    """A chunk specification as the lengths of all blocks, axis by axis.

    Accepted are a block length (-1: the whole axis), ``"auto"``, a size such as ``"64MiB"``, the lengths of all
    blocks, None (keep), one of them for each axis, or a dict by axis.

    >>> from swath.array.core import normalize_chunks
    >>> normalize_chunks((2, -1), shape=(5, 6))
    ((2, 2, 1), (6,))
    """
    if shape is None:
        if not isinstance(chunks, (tuple, list)) or not all(isinstance(c, (tuple, list)) for c in chunks):
            raise ValueError("normalize_chunks() needs the shape, unless chunks lists all blocks of all axes")
        shape = tuple(sum(c) for c in chunks)
    return core.normalize_chunks(
        chunks, shape_of(shape), np.dtype("f8" if dtype is None else dtype), _bytes(limit), previous_chunks
    )


def _bytes(limit: Any) -> int:
    if limit is None:
        return 0
    return core.parse_bytes(limit) if isinstance(limit, str) else int(limit)


def from_array(
    x: Any,
    chunks: Any = "auto",
    name: Any = None,
    lock: Any = False,
    asarray: Any = None,
    fancy: bool = True,
    getitem: Any = None,
    meta: Any = None,
    inline_array: bool = False,
) -> Array:
    """An array of what ``x`` holds, cut into ``chunks``.

    NumPy arrays are not copied: the blocks are views that keep ``x`` alive, so changing ``x`` changes results that
    are not computed yet. ``name``, ``lock``, ``fancy``, ``getitem``, ``meta`` and ``inline_array`` are Dask's; memory
    needs none of them.

    >>> import numpy as np, swath.array as sa
    >>> x = sa.from_array(np.arange(6).reshape(2, 3), chunks=(1, 3))
    >>> x.sum(axis=0).compute()
    array([3, 5, 7])
    """
    if isinstance(x, Array):
        raise ValueError("Array is already a swath array. Use 'asarray' or 'rechunk' instead.")
    if isinstance(x, (list, tuple, memoryview, bool, int, float, complex, np.generic)):
        x = np.array(x)
    if chunks == "auto" and isinstance(getattr(x, "chunks", None), tuple):
        chunks = tuple(x.chunks)  # zarr, h5py: along the stored chunks
    data = np.asarray(x)
    if data.dtype == object:
        raise TypeError("swath arrays hold numbers, booleans, dates and fixed-width strings; got dtype object")
    return Array(core.from_numpy(data, chunks))


def array(x: Any, dtype: Any = None, ndmin: int | None = None, *, like: Any = None) -> Array:
    """``x`` as an array with at least ``ndmin`` axes.

    >>> import swath.array as sa
    >>> sa.array([1, 2], ndmin=2).compute()
    array([[1, 2]])
    """
    result = asarray(x, dtype=dtype)
    if ndmin is not None and result.ndim < ndmin:
        result = result[(None,) * (ndmin - result.ndim) + (...,)]
    return result


def full(
    shape: Any,
    fill_value: Any,
    dtype: Any = None,
    chunks: Any = "auto",
    name: Any = None,
    order: str = "C",
    meta: Any = None,
) -> Array:
    """An array of ``fill_value`` everywhere; no memory is used until it is computed.

    >>> import swath.array as sa
    >>> sa.full((2, 2), 7, chunks=1).compute()
    array([[7, 7],
           [7, 7]])
    """
    if np.ndim(fill_value) != 0:
        raise ValueError(f"fill_value must be scalar. Received {type(fill_value).__name__} instead.")
    target = np.asarray(fill_value).dtype if dtype is None else np.dtype(dtype)
    value = np.asarray(fill_value).astype(target)[()] if not isinstance(fill_value, Array) else fill_value.compute()
    if target.kind in "SU":
        from swath.array.routines import broadcast_to

        return broadcast_to(
            asarray(np.asarray(value)), shape_of(shape), chunks=normalize_chunks(chunks, shape, dtype=target)
        )
    return Array(core.full(shape_of(shape), value, target, chunks))


def ones(
    shape: Any, dtype: Any = None, chunks: Any = "auto", name: Any = None, order: str = "C", meta: Any = None
) -> Array:
    """An array of ones.

    >>> import swath.array as sa
    >>> sa.ones(3).compute()
    array([1., 1., 1.])
    """
    return full(shape, 1, np.dtype("f8" if dtype is None else dtype), chunks)


def zeros(
    shape: Any, dtype: Any = None, chunks: Any = "auto", name: Any = None, order: str = "C", meta: Any = None
) -> Array:
    """An array of zeros.

    >>> import swath.array as sa
    >>> sa.zeros((1, 2), dtype=int).compute()
    array([[0, 0]])
    """
    return full(shape, 0, np.dtype("f8" if dtype is None else dtype), chunks)


def empty(
    shape: Any, dtype: Any = None, chunks: Any = "auto", name: Any = None, order: str = "C", meta: Any = None
) -> Array:
    """An array whose contents do not matter (zeros)."""
    return zeros(shape, dtype, chunks)


def _like(a: Any, dtype: Any, chunks: Any, shape: Any) -> tuple[tuple[int, ...], np.dtype[Any], Any]:
    x = asarray(a)
    new_shape = x.shape if shape is None else shape_of(shape)
    if chunks is None:
        chunks = x.chunks if new_shape == x.shape else "auto"
    return new_shape, np.dtype(x.dtype if dtype is None else dtype), chunks


def full_like(
    a: Any,
    fill_value: Any,
    order: str = "C",
    dtype: Any = None,
    chunks: Any = None,
    name: Any = None,
    shape: Any = None,
) -> Array:
    """:func:`full` with the shape, dtype and chunks of ``a`` where they are not given."""
    shape, dtype, chunks = _like(a, dtype, chunks, shape)
    return full(shape, fill_value, dtype, chunks)


def ones_like(
    a: Any, dtype: Any = None, order: str = "C", chunks: Any = None, name: Any = None, shape: Any = None
) -> Array:
    """:func:`ones` with the shape, dtype and chunks of ``a`` where they are not given."""
    return full_like(a, 1, order, dtype, chunks, name, shape)


def zeros_like(
    a: Any, dtype: Any = None, order: str = "C", chunks: Any = None, name: Any = None, shape: Any = None
) -> Array:
    """:func:`zeros` with the shape, dtype and chunks of ``a`` where they are not given."""
    return full_like(a, 0, order, dtype, chunks, name, shape)


def empty_like(
    a: Any, dtype: Any = None, order: str = "C", chunks: Any = None, name: Any = None, shape: Any = None
) -> Array:
    """:func:`empty` with the shape, dtype and chunks of ``a`` where they are not given."""
    return full_like(a, 0, order, dtype, chunks, name, shape)


def arange(
    start: Any = 0,
    stop: Any = None,
    step: Any = 1,
    *,
    chunks: Any = "auto",
    like: Any = None,
    dtype: Any = None,
    **kwargs: Any,
) -> Array:
    """Numbers from ``start`` up to ``stop`` (not included) in steps of ``step``.

    >>> import swath.array as sa
    >>> sa.arange(1, 10, 3, chunks=2).compute()
    array([1, 4, 7])
    """
    if kwargs:
        raise TypeError(f"arange() got an unexpected keyword argument {next(iter(kwargs))!r}")
    if stop is None:
        start, stop = 0, start
    if step == 0:
        raise ZeroDivisionError("step must not be 0")
    target: np.dtype[Any] | None = None if dtype is None else np.dtype(dtype)
    kinds = {np.asarray(value).dtype.kind for value in (start, stop, step)}
    if kinds & set("mMU"):
        line = np.arange(start, stop, step, dtype=target)  # dates: their count is small and their rules are NumPy's
        return asarray(line, chunks=chunks)
    if target is None and any(isinstance(value, np.generic) for value in (start, stop, step)):
        span = stop - start
        target = np.result_type(np.arange(start, stop, span if span else 1).dtype, np.asarray(step).dtype)
    start, stop, step = (value.item() if isinstance(value, np.generic) else value for value in (start, stop, step))
    return Array(core.arange(start, stop, step, target, chunks))


def linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    chunks: Any = "auto",
    dtype: Any = None,
) -> Any:
    """``num`` evenly spaced numbers from ``start`` to ``stop``; with ``retstep`` also the distance.

    >>> import swath.array as sa
    >>> sa.linspace(0, 1, 5).compute()
    array([0.  , 0.25, 0.5 , 0.75, 1.  ])
    """
    num = int(num)
    if num < 0:
        raise ValueError(f"Number of samples, {num}, must be non-negative.")
    target = np.dtype(np.result_type(np.asarray(start), np.asarray(stop), 0.0) if dtype is None else dtype)
    parts = num - 1 if endpoint else num
    step = (stop - start) / parts if parts > 0 else np.nan
    result = Array(core.linspace(float(start), float(stop), num, bool(endpoint), target, chunks))
    return (result, step) if retstep else result


def eye(N: int, chunks: Any = "auto", M: int | None = None, k: int = 0, dtype: Any = float) -> Array:
    """Ones on the ``k``-th diagonal of an N × M matrix, zeros elsewhere.

    >>> import swath.array as sa
    >>> sa.eye(2).compute()
    array([[1., 0.],
           [0., 1.]])
    """
    if isinstance(chunks, int) and chunks == 0:
        raise ValueError("chunks must not be 0")
    return Array(core.eye(int(N), int(N if M is None else M), int(k), np.dtype(dtype), chunks))


def indices(dimensions: Sequence[int], dtype: Any = int, chunks: Any = "auto") -> Array:
    """The index of every element: shape ``(len(dimensions), *dimensions)``."""
    shape = shape_of(dimensions)
    lengths = normalize_chunks(chunks, shape, dtype=dtype)
    from swath.array.joining import stack
    from swath.array.routines import broadcast_to

    if not shape:
        return zeros((0,), dtype=dtype)
    planes = []
    for axis, length in enumerate(shape):
        line = arange(length, dtype=dtype, chunks=(lengths[axis],))
        planes.append(broadcast_to(line[(slice(None),) + (None,) * (len(shape) - 1 - axis)], shape, chunks=lengths))
    return stack(planes)


def meshgrid(*xi: Any, sparse: bool = False, indexing: str = "xy", **kwargs: Any) -> list[Array]:
    """Coordinate matrices of coordinate vectors."""
    if indexing not in ("xy", "ij"):
        raise ValueError("indexing must be 'xy' or 'ij'")
    from swath.array.routines import broadcast_arrays

    lines = [asarray(x).ravel() for x in xi]
    n = len(lines)
    order = list(range(n))
    if indexing == "xy" and n > 1:
        order[0], order[1] = 1, 0
    grid = [line[tuple(slice(None) if order[i] == axis else None for axis in range(n))] for i, line in enumerate(lines)]
    return grid if sparse else list(broadcast_arrays(*grid))


def fromfunction(
    func: Callable[..., Any], chunks: Any = "auto", shape: Any = None, dtype: Any = None, **kwargs: Any
) -> Array:
    """``func`` of the coordinates of every element, as in NumPy; ``func`` gets our arrays and must work elementwise."""
    shape = shape_of(shape)
    lengths = normalize_chunks(chunks, shape, dtype=dtype)
    from swath.array.routines import broadcast_to

    grids = [
        broadcast_to(
            arange(n, dtype=dtype or float, chunks=(c,))[(slice(None),) + (None,) * (len(shape) - 1 - axis)],
            shape,
            chunks=lengths,
        )
        for axis, (n, c) in enumerate(zip(shape, lengths, strict=False))
    ]
    return asarray(func(*grids, **kwargs))


def tri(
    N: int, M: int | None = None, k: int = 0, dtype: Any = float, chunks: Any = "auto", *, like: Any = None
) -> Array:
    """Ones at and below the ``k``-th diagonal, zeros above."""
    columns = N if M is None else M
    rows, cols = normalize_chunks(chunks, (N, columns), dtype=dtype)
    mask = arange(N, chunks=(rows,))[:, None] >= arange(-k, columns - k, chunks=(cols,))[None, :]
    return mask.astype(dtype)


def tril(m: Any, k: int = 0) -> Array:
    """The lower triangle; zeros above the ``k``-th diagonal."""
    m = asarray(m)
    from swath.array.ufunc import elementwise_where

    mask = tri(m.shape[-2], m.shape[-1], k=k, dtype=bool, chunks=m.chunks[-2:])
    return elementwise_where(mask, m, m.dtype.type(0))


def triu(m: Any, k: int = 0) -> Array:
    """The upper triangle; zeros below the ``k``-th diagonal."""
    m = asarray(m)
    from swath.array.ufunc import elementwise_where

    mask = tri(m.shape[-2], m.shape[-1], k=k - 1, dtype=bool, chunks=m.chunks[-2:])
    return elementwise_where(mask, m.dtype.type(0), m)


def diag(v: Any, k: int = 0) -> Array:
    """A matrix with ``v`` on its ``k``-th diagonal, or the ``k``-th diagonal of a matrix."""
    v = asarray(v)
    if v.ndim == 2:
        return diagonal(v, k)
    if v.ndim != 1:
        raise ValueError("Array must be 1d or 2d only")
    n = v.shape[0]
    from swath.array.joining import pad_zeros
    from swath.array.ufunc import elementwise_where

    size = n + abs(k)
    line = pad_zeros(v, k if k > 0 else 0, -k if k < 0 else 0)  # v at the columns of the diagonal
    mask = eye(size, k=k, dtype=bool)
    return elementwise_where(mask, line[None, :], v.dtype.type(0))


def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Array:
    """The elements whose indices on two axes differ by ``offset``; that axis comes last."""
    x = asarray(a)
    if x.ndim < 2:
        raise ValueError("diag requires an array of at least two dimensions")
    from numpy.lib.array_utils import normalize_axis_index

    from swath.array.reductions import reduce
    from swath.array.routines import moveaxis
    from swath.array.ufunc import elementwise_where

    axis1, axis2 = normalize_axis_index(axis1, x.ndim), normalize_axis_index(axis2, x.ndim)
    if axis1 == axis2:
        raise ValueError("axis1 and axis2 cannot be the same")
    x = moveaxis(x, (axis1, axis2), (-2, -1))
    rows, columns = x.shape[-2:]
    start_row, start_column = max(-offset, 0), max(offset, 0)
    length = max(min(rows - start_row, columns - start_column), 0)
    x = x[..., start_row : start_row + length, start_column : start_column + length]
    mask = eye(length, dtype=bool, chunks=x.chunks[-2:] if length else "auto")
    if x.dtype.kind == "b":
        return reduce("any", mask & x, -2)
    return reduce("sum", elementwise_where(mask, x, x.dtype.type(0)), -2, dtype=x.dtype)
