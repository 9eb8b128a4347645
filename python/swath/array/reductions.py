"""Reductions and running sums: one function for each row of the engine's catalogue, and those composed of them."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from swath._engine import core
from swath.array.core import Array, asarray
from swath.array.ufunc import elementwise_where, finish

__all__ = [
    "allclose",
    "array_equal",
    "average",
    "count_nonzero",
    "cumprod",
    "cumsum",
    "cumulative_prod",
    "cumulative_sum",
    "moment",
    "nancumprod",
    "nancumsum",
    "ptp",
]


def axes_of(x: Array, axis: Any) -> list[int] | None:
    """``axis`` as a list of axes counted from the front; AxisError (a ValueError) when there is none such."""
    return None if axis is None else list(normalize_axis_tuple(axis, x.ndim))


def reduce(
    op: str,
    a: Any,
    axis: Any = None,
    keepdims: bool = False,
    dtype: Any = None,
    ddof: int = 0,
    split_every: Any = None,
    out: Any = None,
) -> Any:
    """The catalogue's reduction ``op`` of ``a``."""
    x = asarray(a)
    if isinstance(split_every, dict):
        split_every = builtins.max(split_every.values()) if split_every else None
    if split_every is not None and split_every is not False and split_every < 2:
        raise ValueError(f"split_every={split_every!r}; must be at least 2")
    result = Array(core.reduce(op, x._node, axes_of(x, axis), bool(keepdims), dtype, ddof, split_every or 0))
    return finish(result, out)


def _row(name: str, takes_dtype: bool, takes_ddof: bool, doc: str) -> Callable[..., Any]:
    def with_ddof(
        a: Any,
        axis: Any = None,
        dtype: Any = None,
        keepdims: bool = False,
        ddof: int = 0,
        split_every: Any = None,
        out: Any = None,
    ) -> Any:
        return reduce(name, a, axis, keepdims, dtype, ddof, split_every, out)

    def with_dtype(
        a: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False, split_every: Any = None, out: Any = None
    ) -> Any:
        return reduce(name, a, axis, keepdims, dtype, 0, split_every, out)

    def plain(a: Any, axis: Any = None, keepdims: bool = False, split_every: Any = None, out: Any = None) -> Any:
        return reduce(name, a, axis, keepdims, None, 0, split_every, out)

    function: Callable[..., Any] = with_ddof if takes_ddof else with_dtype if takes_dtype else plain
    sample = np.array([1.0, 2.0, 4.0])
    function.__name__ = function.__qualname__ = name
    function.__doc__ = (
        f"{doc}\n\n    Over all axes, or over ``axis`` (a number or a tuple); ``keepdims`` keeps them with length 1; "
        f"``split_every`` is how many\n    blocks are combined in one task.\n\n    >>> import swath.array as sa\n"
        f"    >>> sa.{name}(sa.asarray([1.0, 2.0, 4.0])).compute()\n    {getattr(np, name)(sample)!r}\n    "
    )
    return function


catalogue = {
    name: _row(name, takes_dtype, takes_ddof, doc)
    for name, takes_dtype, takes_ddof, doc in core.reduction_ops()
    if name != "count_nonzero"
}
globals().update(catalogue)
amax, amin = catalogue["max"], catalogue["min"]
__all__ += [*catalogue, "amax", "amin"]


def count_nonzero(a: Any, axis: Any = None, *, keepdims: bool = False) -> Array:
    """How many elements are not zero."""
    return reduce("count_nonzero", a, axis, keepdims)


def ptp(a: Any, axis: Any = None) -> Array:
    """Largest minus smallest element along ``axis``."""
    return reduce("max", a, axis) - reduce("min", a, axis)


def average(a: Any, axis: Any = None, weights: Any = None, returned: bool = False, keepdims: bool = False) -> Any:
    """The mean, weighted by ``weights`` (the shape of ``a``, or 1-d along ``axis``); with ``returned`` also the sum
    of weights."""
    x = asarray(a)
    if weights is None:
        mean = reduce("mean", x, axis, keepdims)
        scale: Any = x.size / builtins.max(mean.size, 1) + 0 * mean
        return (mean, scale) if returned else mean
    w = asarray(weights)
    result_dtype = np.result_type(x.dtype, w.dtype, "f8") if x.dtype.kind in "iub" else np.result_type(x.dtype, w.dtype)
    if w.shape != x.shape:
        if axis is None:
            raise TypeError("Axis must be specified when shapes of a and weights differ.")
        if w.ndim != 1:
            raise TypeError("1D weights expected when shapes of a and weights differ.")
        (only,) = normalize_axis_tuple(axis, x.ndim)
        if w.shape[0] != x.shape[only]:
            raise ValueError("Length of weights not compatible with specified axis.")
        w = w[(slice(None),) + (None,) * (x.ndim - 1 - only)]
    from swath.array.routines import broadcast_to

    w = broadcast_to(w, x.shape)
    scale = reduce("sum", w, axis, keepdims, dtype=result_dtype)
    mean = reduce("sum", x * w, axis, keepdims, dtype=result_dtype) / scale
    return (mean, scale) if returned else mean


def moment(
    a: Any,
    order: int,
    axis: Any = None,
    dtype: Any = None,
    keepdims: bool = False,
    ddof: int = 0,
    split_every: Any = None,
    out: Any = None,
) -> Any:
    """The central moment of the given order: the mean of ``(a - mean) ** order`` (divided by ``n - ddof``)."""
    if not isinstance(order, (int, np.integer)) or order < 0:
        raise ValueError("Order must be an integer >= 0")
    x = asarray(a)
    axes = axes_of(x, axis)
    count = int(np.prod([x.shape[i] for i in (range(x.ndim) if axes is None else axes)]))
    centred = x - reduce("mean", x, axis, True, dtype, split_every=split_every)
    total = reduce("sum", centred**order, axis, keepdims, dtype, split_every=split_every)
    return finish(total / (count - ddof), out)


def allclose(arr1: Any, arr2: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Array:
    """Are all elements close? See :func:`isclose`."""
    from swath.array.ufunc import isclose

    return reduce("all", isclose(arr1, arr2, rtol, atol, equal_nan))


def array_equal(a1: Any, a2: Any, equal_nan: bool = False) -> Any:
    """Do both have the same shape and elements?"""
    x, y = asarray(a1), asarray(a2)
    if x.shape != y.shape:
        return asarray(False)
    same = x == y
    if equal_nan and x.dtype.kind in "fc" and y.dtype.kind in "fc":
        same = same | ((x != x) & (y != y))
    return reduce("all", same)


def _running(op: str, x: Any, axis: Any, dtype: Any, out: Any, method: str) -> Any:
    if method not in ("sequential", "blelloch"):
        raise ValueError(f"method={method!r}; accepted: 'sequential', 'blelloch'")
    x = asarray(x)
    if axis is None:
        x, axis = x.ravel(), 0
    (axis,) = normalize_axis_tuple(axis, x.ndim)
    return finish(Array(core.cumulative(op, x._node, axis, dtype)), out)


def cumsum(x: Any, axis: Any = None, dtype: Any = None, out: Any = None, method: str = "sequential") -> Any:
    """The running sum along ``axis``, or of all elements in C order.

    >>> import swath.array as sa
    >>> sa.cumsum(sa.arange(5, chunks=2)).compute()
    array([ 0,  1,  3,  6, 10])
    """
    return _running("cumsum", x, axis, dtype, out, method)


def cumprod(x: Any, axis: Any = None, dtype: Any = None, out: Any = None, method: str = "sequential") -> Any:
    """The running product along ``axis``, or of all elements in C order."""
    return _running("cumprod", x, axis, dtype, out, method)


def nancumsum(x: Any, axis: Any = None, dtype: Any = None, out: Any = None, *, method: str = "sequential") -> Any:
    """The running sum with NaN as zero."""
    return _running("cumsum", _without_nan(x, 0), axis, dtype, out, method)


def nancumprod(x: Any, axis: Any = None, dtype: Any = None, out: Any = None, *, method: str = "sequential") -> Any:
    """The running product with NaN as one."""
    return _running("cumprod", _without_nan(x, 1), axis, dtype, out, method)


def _without_nan(x: Any, value: int) -> Array:
    x = asarray(x)
    return elementwise_where(x != x, x.dtype.type(value), x) if x.dtype.kind in "fc" else x


def cumulative_sum(x: Any, /, *, axis: Any = None, dtype: Any = None) -> Any:
    """The array API's name of :func:`cumsum`."""
    return cumsum(x, axis=0 if axis is None and asarray(x).ndim == 1 else axis, dtype=dtype)


def cumulative_prod(x: Any, /, *, axis: Any = None, dtype: Any = None) -> Any:
    """The array API's name of :func:`cumprod`."""
    return cumprod(x, axis=0 if axis is None and asarray(x).ndim == 1 else axis, dtype=dtype)


def _method(function: Callable[..., Any]) -> Callable[..., Any]:
    def method(self: Array, *args: Any, **kwargs: Any) -> Any:
        return function(self, *args, **kwargs)

    method.__name__ = function.__name__
    method.__doc__ = function.__doc__
    return method


for _name in ("sum", "prod", "min", "max", "mean", "var", "std", "any", "all", "argmin", "argmax"):
    setattr(Array, _name, _method(catalogue[_name]))
for _function in (cumsum, cumprod, moment, ptp):
    setattr(Array, _function.__name__, _method(_function))
