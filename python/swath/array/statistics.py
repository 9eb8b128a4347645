"""Order and counts: quantiles, the largest elements, histograms; and functions of blocks of neighbours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from swath._engine import core
from swath.array.core import Array, asarray
from swath.array.reductions import reduce
from swath.array.routines import moveaxis
from swath.array.ufunc import finish

__all__ = [
    "bincount",
    "coarsen",
    "digitize",
    "histogram",
    "median",
    "nanmedian",
    "nanpercentile",
    "nanquantile",
    "percentile",
    "quantile",
    "searchsorted",
    "topk",
]


def _lines(x: Array, axis: Any) -> tuple[Array, int, tuple[int, ...]]:
    """``x`` with the axes to reduce as one axis, that axis, and all those that were reduced."""
    axes = tuple(range(x.ndim)) if axis is None else normalize_axis_tuple(axis, x.ndim)
    if len(axes) == 1:
        return x, axes[0], axes
    if len(axes) == x.ndim:
        return x.ravel(), 0, axes
    last = moveaxis(x, axes, range(x.ndim - len(axes), x.ndim))
    return last.reshape((*last.shape[: x.ndim - len(axes)], -1)), x.ndim - len(axes), axes


def _quantiles(name: str, a: Any, q: Any, axis: Any, keepdims: bool, method: str, skip_nan: bool, out: Any) -> Any:
    if method != "linear":
        raise NotImplementedError(f"{name}(method={method!r}) is not supported; method must be 'linear'")
    x = asarray(a)
    if x.dtype.kind == "b":
        raise TypeError(f"{name}: boolean arrays have no quantiles; use astype(int)")
    fractions = np.asarray(q, dtype=float)
    if x.dtype.kind == "f" and not isinstance(q, (int, float)):
        x = x.astype(np.float64)  # an array of fractions is of float64, one number of any kind
    lines, along, axes = _lines(x, axis)
    result = Array(core.quantile(lines._node, fractions.ravel().tolist(), along, skip_nan))
    result = moveaxis(result, along, 0)
    if keepdims:
        kept = tuple(1 if i in axes else n for i, n in enumerate(x.shape))
        result = result.reshape((result.shape[0], *kept))
    result = result.reshape((*fractions.shape, *result.shape[1:]))
    return finish(result.astype(x.dtype) if x.dtype == np.float16 else result, out)


def quantile(
    a: Any,
    q: Any,
    axis: Any = None,
    out: Any = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
) -> Any:
    """The ``q``-th quantiles (fractions in [0, 1]) over ``axis``, exact. The lines along it are gathered into blocks.

    >>> import swath.array as sa
    >>> sa.quantile(sa.arange(9, chunks=4), [0.25, 0.5]).compute()
    array([2., 4.])
    """
    return _quantiles("quantile", a, q, axis, keepdims, method, False, out)


def nanquantile(
    a: Any,
    q: Any,
    axis: Any = None,
    out: Any = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
) -> Any:
    """:func:`quantile` without the NaNs."""
    return _quantiles("nanquantile", a, q, axis, keepdims, method, True, out)


def percentile(a: Any, q: Any, method: str = "linear", internal_method: str = "default", axis: Any = None) -> Any:
    """The ``q``-th percentiles (in [0, 100]) of the array, or over ``axis``.

    Differs from Dask, where they are approximate and the array has one axis: exact.

    >>> import swath.array as sa
    >>> sa.percentile(sa.arange(101, chunks=10), [5, 95]).compute()
    array([ 5., 95.])
    """
    if internal_method not in ("default", "dask", "tdigest"):
        raise ValueError("Available internal_method options are 'default', 'dask' and 'tdigest'")
    return _quantiles("percentile", a, _fractions(q), axis, False, method, False, None)


def nanpercentile(
    a: Any,
    q: Any,
    axis: Any = None,
    out: Any = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
) -> Any:
    """:func:`percentile` without the NaNs, over ``axis``."""
    return _quantiles("nanpercentile", a, _fractions(q), axis, keepdims, method, True, out)


def _fractions(q: Any) -> Any:
    fractions = q / 100 if isinstance(q, (int, float)) else np.asarray(q, dtype=float) / 100
    if not np.all((np.asarray(fractions) >= 0) & (np.asarray(fractions) <= 1)):
        raise ValueError("Percentiles must be in the range [0, 100]")
    return fractions


def median(a: Any, axis: Any = None, keepdims: bool = False, out: Any = None) -> Any:
    """The median over ``axis``.

    Differs from Dask, which needs an axis: without one, over the whole array.

    >>> import swath.array as sa
    >>> float(sa.median(sa.asarray([3, 1, 2, 10])).compute())
    2.5
    """
    return _median(a, axis, keepdims, out, False)


def nanmedian(a: Any, axis: Any = None, keepdims: bool = False, out: Any = None) -> Any:
    """:func:`median` without the NaNs."""
    return _median(a, axis, keepdims, out, True)


def _median(a: Any, axis: Any, keepdims: bool, out: Any, skip_nan: bool) -> Any:
    x = asarray(a)
    lines, along, axes = _lines(x.astype("u1") if x.dtype.kind == "b" else x, axis)
    result = moveaxis(Array(core.median(lines._node, along, skip_nan)), along, 0)[0]
    if keepdims:
        result = result.reshape(tuple(1 if i in axes else n for i, n in enumerate(x.shape)))
    return finish(result.astype(x.dtype) if x.dtype == np.float16 else result, out)


def topk(a: Any, k: int, axis: int = -1, split_every: Any = None) -> Array:
    """The ``k`` largest elements along ``axis`` in descending order; with ``k < 0`` the smallest in ascending order.

    >>> import swath.array as sa
    >>> sa.topk(sa.asarray([5, 1, 3, 6], chunks=2), 2).compute()
    array([6, 5])
    """
    x = asarray(a)
    return Array(core.topk(x._node, int(k), normalize_axis_index(axis, x.ndim)))


def bincount(x: Any, weights: Any = None, minlength: int = 0, split_every: Any = None) -> Array:
    """How often each number from 0 occurs in an array of one axis, or the sums of its ``weights``.

    The number of counts is part of the shape: the largest element is computed at once.

    >>> import swath.array as sa
    >>> sa.bincount(sa.asarray([0, 1, 1, 3, 7]), minlength=8).compute()
    array([1, 2, 0, 1, 0, 0, 0, 1])
    """
    values = asarray(x)
    if values.ndim != 1:
        raise ValueError("Input array must be one dimensional. Try using x.ravel()")
    if values.dtype.kind not in "iub":
        raise TypeError(f"Cannot cast array data from {values.dtype!r} to dtype('int64') according to the rule 'safe'")
    if minlength < 0:
        raise ValueError("'minlength' must not be negative")
    largest = int(reduce("max", values).compute()) if values.size else -1
    share = None if weights is None else asarray(weights)._node
    return Array(core.bincount(values._node, max(int(minlength), largest + 1), share))


def histogram(
    a: Any, bins: Any = None, range: Any = None, normed: bool = False, weights: Any = None, density: bool = False
) -> tuple[Array, Any]:
    """Counts of all elements between edges, and the edges.

    As with Dask, a number of ``bins`` needs ``range``; else ``bins`` are the edges, in ascending order.

    >>> import swath.array as sa
    >>> counts, edges = sa.histogram(sa.arange(10, chunks=4), bins=5, range=(0, 10))
    >>> counts.compute(), edges
    (array([2, 2, 2, 2, 2]), array([ 0.,  2.,  4.,  6.,  8., 10.]))
    """
    if normed:
        raise ValueError("The normed= keyword argument has been deprecated. Please use density instead.")
    if isinstance(bins, Array) or isinstance(range, Array):
        bins, range = np.asarray(bins), None if range is None else np.asarray(range)
    if bins is None or (np.ndim(bins) == 0 and range is None):
        raise ValueError(
            "histogram requires either specifying bins as an iterable or specifying both a range and the number of bins"
        )
    x = asarray(a)
    x = x.astype("u1") if x.dtype.kind == "b" else x
    limits = None if range is None else (float(range[0]), float(range[1]))
    edges = np.histogram_bin_edges(np.empty(0, x.dtype), bins, limits) if np.ndim(bins) == 0 else np.asarray(bins)
    if edges.ndim != 1:
        raise ValueError(f"bins must be a 1-dimensional array or sequence, not of {edges.ndim} dimensions")
    shares = None if weights is None else asarray(weights)
    counts = Array(core.histogram(x._node, edges.astype(float).tolist(), None if shares is None else shares._node))
    if shares is not None and shares.dtype.kind in "iub" and not density:
        counts = counts.astype(np.int64)
    if density:
        return counts / np.diff(edges) / reduce("sum", counts), edges
    return counts, edges


def digitize(a: Any, bins: Any, right: bool = False) -> Array:
    """The number of the bin of each element; ``bins`` are edges in ascending or descending order.

    >>> import swath.array as sa
    >>> sa.digitize(sa.asarray([0.2, 6.4, 3.0]), [0.0, 1.0, 2.5, 4.0]).compute()
    array([1, 4, 3])
    """
    edges = np.asarray(bins, dtype=float)
    if edges.ndim != 1:
        raise ValueError("object of too small depth for desired array: bins must have one axis")
    steps = np.diff(edges)
    x = asarray(a)
    if np.all(steps >= 0):
        return Array(core.digitize(x._node, edges.tolist(), bool(right)))
    if not np.all(steps <= 0):
        raise ValueError("bins must be monotonically increasing or decreasing")
    return len(edges) - Array(core.digitize(x._node, edges[::-1].tolist(), bool(right)))


def searchsorted(a: Any, v: Any, side: str = "left", sorter: Any = None) -> Array:
    """Where the elements of ``v`` belong in the ascending values ``a``, which are computed at once when lazy."""
    if sorter is not None:
        raise NotImplementedError("searchsorted with a sorter argument is not supported")
    if side not in ("left", "right"):
        raise ValueError(f"side must be 'left' or 'right', not {side!r}")
    values = np.asarray(a)
    if values.ndim != 1:
        raise ValueError("Input array a must be one dimensional")
    return Array(core.digitize(asarray(v)._node, values.astype(float).tolist(), side == "left"))


def coarsen(
    reduction: Callable[..., Any], x: Any, axes: Mapping[int, int], trim_excess: bool = False, **kwargs: Any
) -> Any:
    """``reduction`` of every box of neighbours, ``axes[i]`` long along axis i.

    >>> import numpy as np, swath.array as sa
    >>> sa.coarsen(np.sum, sa.arange(6, chunks=3), {0: 2}).compute()
    array([1, 5, 9])
    """
    a = asarray(x)
    lengths = {normalize_axis_index(axis, a.ndim): int(length) for axis, length in axes.items()}
    if any(length < 1 for length in lengths.values()):
        raise ValueError(f"coarsen: the lengths of boxes must be positive: {dict(axes)}")
    uneven = {axis: length for axis, length in lengths.items() if a.shape[axis] % length}
    if uneven and not trim_excess:
        raise ValueError(
            f"Coarsening factors {dict(axes)} do not align with shape {a.shape}; trim_excess=True leaves the rest out"
        )
    a = a[tuple(slice(0, n - n % lengths.get(axis, 1)) for axis, n in enumerate(a.shape))]
    shape, inner = [], []
    for axis, n in enumerate(a.shape):
        shape.append(n // lengths.get(axis, 1))
        if axis in lengths:
            inner.append(len(shape))
            shape.append(lengths[axis])
    return reduction(a.reshape(tuple(shape)), axis=tuple(inner), **kwargs)
