"""pad: an array with borders around it, put together from slices of its own."""

from __future__ import annotations

from typing import Any

import numpy as np

from swath.array.core import Array, asarray
from swath.array.creation import arange, empty, full
from swath.array.joining import concatenate
from swath.array.reductions import reduce
from swath.array.routines import broadcast_to, flip, take
from swath.array.statistics import median

__all__ = ["pad"]

_STATISTICS = ("maximum", "minimum", "mean", "median")
_OPTIONS = {
    "constant": ("constant_values",),
    "linear_ramp": ("end_values",),
    "reflect": ("reflect_type",),
    "symmetric": ("reflect_type",),
    **dict.fromkeys(_STATISTICS, ("stat_length",)),
}


def _pairs(value: Any, ndim: int, name: str) -> list[tuple[Any, Any]]:
    """One pair (before, after) an axis, broadcast as NumPy does."""
    if value is None:
        return [(None, None)] * ndim
    try:
        return [(a, b) for a, b in np.broadcast_to(np.asarray(value), (ndim, 2)).tolist()]
    except ValueError:
        raise ValueError(f"{name}={value!r} does not broadcast to {ndim} pairs (before, after)") from None


def _part(x: Array, axis: int, start: int | None, stop: int | None) -> Array:
    return x[(slice(None),) * axis + (slice(start, stop),)]


def _shape(x: Array, axis: int, length: int) -> tuple[int, ...]:
    return (*x.shape[:axis], length, *x.shape[axis + 1 :])


def pad(array: Any, pad_width: Any, mode: Any = "constant", **kwargs: Any) -> Array:
    """``array`` with ``pad_width`` elements before and after each axis, in the modes of ``numpy.pad``.

    >>> import swath.array as sa
    >>> sa.pad(sa.arange(3), 2, mode="wrap").compute()
    array([1, 2, 0, 1, 2, 0, 1])
    """
    x = asarray(array)
    if callable(mode):
        raise NotImplementedError("pad(mode=function) is not supported; mode must be a name")
    modes = ("constant", "edge", "empty", "linear_ramp", "reflect", "symmetric", "wrap", *_STATISTICS)
    if mode not in modes:
        raise ValueError(f"mode {mode!r} is not supported; it must be one of {', '.join(modes)}")
    unknown = set(kwargs) - set(_OPTIONS.get(mode, ()))
    if unknown:
        raise ValueError(f"unsupported keyword arguments for mode '{mode}': {unknown}")
    widths = _pairs(pad_width, x.ndim, "pad_width")
    if any(int(width) != width for pair in widths for width in pair):
        raise TypeError("`pad_width` must be of integral type.")
    if any(width < 0 for pair in widths for width in pair):
        raise ValueError("index can't contain negative values")
    option = next(iter(_OPTIONS.get(mode, ("",))))
    values = _pairs(kwargs.get(option, 0 if option.endswith("values") else None), x.ndim, option)
    if option == "reflect_type":
        if kwargs.get(option, "even") not in ("even", "odd"):
            raise ValueError(f"reflect_type={kwargs[option]!r}: it must be 'even' or 'odd'")
        values = [(kwargs.get(option, "even"),) * 2] * x.ndim
    for axis, (before, after) in enumerate(widths):
        if x.shape[axis] == 0 and (before or after) and mode not in ("constant", "empty"):
            raise ValueError(f"can't extend empty axis {axis} using modes other than 'constant' or 'empty'")
        x = _pad_axis(x, axis, int(before), int(after), mode, values[axis])
    return x


def _pad_axis(x: Array, axis: int, before: int, after: int, mode: str, values: tuple[Any, Any]) -> Array:
    if mode in ("reflect", "symmetric", "wrap"):
        return _mirrored(x, axis, before, after, mode, values[0] == "odd")
    parts = [x]
    if before:
        parts.insert(0, _border(x, axis, before, mode, values[0], first=True))
    if after:
        parts.append(_border(x, axis, after, mode, values[1], first=False))
    return concatenate(parts, axis=axis) if len(parts) > 1 else x


def _border(x: Array, axis: int, width: int, mode: str, value: Any, *, first: bool) -> Array:
    shape = _shape(x, axis, width)
    if mode == "constant":
        return full(shape, np.asarray(value).astype(x.dtype)[()], dtype=x.dtype)
    if mode == "empty":
        return empty(shape, dtype=x.dtype)
    edge = _part(x, axis, 0, 1) if first else _part(x, axis, -1, None)
    if mode == "edge":
        return broadcast_to(edge, shape)
    if mode == "linear_ramp":
        steps = arange(width, dtype=float)
        steps = (steps if first else flip(steps)).reshape((*(1,) * axis, width, *(1,) * (x.ndim - axis - 1)))
        ramp = steps * ((edge - value) / width) + value  # numpy.linspace(value, edge, width, endpoint=False)
        return (np.floor(ramp) if x.dtype.kind in "iu" else ramp).astype(x.dtype)
    length = x.shape[axis] if value is None else min(int(value), x.shape[axis])
    if length < 1:
        raise ValueError(f"stat_length={value!r}: it must be at least 1")
    near = _part(x, axis, 0, length) if first else _part(x, axis, x.shape[axis] - length, None)
    if mode in ("maximum", "minimum"):
        statistic = reduce(mode[:3], near, axis, True)
    else:
        statistic = reduce("mean", near, axis, True) if mode == "mean" else median(near, axis, True)
        statistic = (np.rint(statistic) if x.dtype.kind in "iu" else statistic).astype(x.dtype)
    return broadcast_to(statistic, shape)


def _mirrored(x: Array, axis: int, before: int, after: int, mode: str, odd: bool) -> Array:
    """Borders that continue the array: elements of its own, for odd ones reflected at the edge values."""
    length = x.shape[axis]
    if not odd:
        places = np.pad(np.arange(length), (before, after), mode)  # type: ignore[call-overload]
        return take(x, places, axis) if before or after else x
    overlap = 1 if mode == "reflect" else 0
    if max(before, after) > length - overlap:
        raise NotImplementedError(
            f"pad(reflect_type='odd') by {max(before, after)} elements: at most {length - overlap} here, of {length}"
        )
    parts = [x]
    if before:
        parts.insert(0, 2 * _part(x, axis, 0, 1) - flip(_part(x, axis, overlap, overlap + before), axis))
    if after:
        border = flip(_part(x, axis, length - overlap - after, length - overlap), axis)
        parts.append(2 * _part(x, axis, -1, None) - border)
    return concatenate(parts, axis=axis) if len(parts) > 1 else x
