"""Stencils: functions of blocks with the margins of their neighbours, and sliding windows."""

from __future__ import annotations

import builtins
import warnings
from collections.abc import Callable, Mapping, Sequence
from numbers import Integral, Number
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from swath._blocks import Trim
from swath._engine import core
from swath.array.core import Array, asarray
from swath.array.functions import _map_blocks, _sample_places, axis_list, dtype_of, map_blocks, takes

__all__ = ["map_overlap", "overlap", "sliding_window_view", "trim_internal", "trim_overlap"]

_NAMES = ("none", "periodic", "reflect", "nearest")


def coerce_depth(ndim: int, depth: Any) -> dict[int, Any]:
    """A number, a tuple or a dict by axis as a dict of all axes; values are numbers or pairs (before, after)."""
    if depth is None:
        depth = 0
    if isinstance(depth, Integral):
        depth = (depth,) * ndim
    if isinstance(depth, (tuple, list)):
        depth = dict(zip(range(ndim), depth, strict=False))
    return {
        axis: tuple(int(n) for n in value) if isinstance(value, (tuple, list)) else int(value)
        for axis, value in ((axis, depth.get(axis, 0)) for axis in range(ndim))
    }


def coerce_boundary(ndim: int, boundary: Any) -> dict[int, Any]:
    """One boundary, a tuple or a dict by axis as a dict of all axes."""
    if boundary is None:
        boundary = "none"
    if not isinstance(boundary, (tuple, dict)):
        boundary = (boundary,) * ndim
    if isinstance(boundary, tuple):
        boundary = dict(zip(range(ndim), boundary, strict=False))
    return {axis: boundary.get(axis, "none") for axis in range(ndim)}


def _pair(depth: Any) -> tuple[int, int]:
    return depth if isinstance(depth, tuple) else (depth, depth)


def _axes(x: Array, depth: Mapping[int, Any], boundary: Mapping[int, Any]) -> list[tuple[int, int, str, bytes]]:
    axes = []
    for axis in range(x.ndim):
        before, after = _pair(depth[axis])
        kind = boundary[axis]
        if kind is None:
            kind = "none"
        if isinstance(kind, str) and kind not in _NAMES:
            raise ValueError(f"unknown boundary {kind!r}; accepted: {', '.join(map(repr, _NAMES))} or a number")
        if before != after and kind != "none":
            raise NotImplementedError(
                "Asymmetric overlap is currently only implemented for boundary='none', however boundary for dimension "
                f"{axis} is {kind}"
            )
        fill = b"" if isinstance(kind, str) else np.asarray(kind).astype(x.dtype).tobytes()
        axes.append((before, after, kind if isinstance(kind, str) else "constant", fill))
    return axes


def _checked(x: Array, depth: Mapping[int, Any], allow_rechunk: bool) -> None:
    if allow_rechunk:
        return
    for axis in range(x.ndim):
        need = builtins.max(_pair(depth[axis]))
        if need > builtins.min(x.chunks[axis], default=0):
            raise ValueError(
                "Overlap depth is larger than smallest chunksize.\n"
                f"Please set allow_rechunk=True to rechunk automatically.\nOverlap depths required: {need}\n"
                f"Input chunks: {x.chunks[axis]}\n"
            )


def overlap(x: Any, depth: Any, boundary: Any = None, *, allow_rechunk: bool = True) -> Array:
    """The blocks of ``x``, each with margins of ``depth`` elements of its neighbours.

    Parameters
    ----------
    depth
        A number, a tuple or a dict by axis; an axis takes a number or a pair (before, after).
    boundary
        How the array goes on beyond its ends: "none" (it ends), "periodic", "reflect", "nearest" or a number;
        one for all axes, or a tuple or dict by axis.
    allow_rechunk
        False: a depth beyond the smallest chunk raises ValueError. Otherwise the margin reaches over several blocks
        (Dask rechunks instead).

    >>> import swath.array as sa
    >>> sa.overlap.overlap(sa.arange(6, chunks=3), depth=1, boundary="reflect").compute()
    array([0, 0, 1, 2, 3, 2, 3, 4, 5, 5])
    """
    x = asarray(x)
    depths, kinds = coerce_depth(x.ndim, depth), coerce_boundary(x.ndim, boundary)
    _checked(x, depths, allow_rechunk)
    return Array(core.overlap(x._node, _axes(x, depths, kinds)))


def trim_internal(x: Any, axes: Any, boundary: Any = None) -> Array:
    """The blocks of ``x`` without the margins ``axes`` (as ``depth`` of :func:`overlap`)."""
    x = asarray(x)
    depths, kinds = coerce_depth(x.ndim, axes), coerce_boundary(x.ndim, boundary)
    settings = [
        (*_pair(depths[axis]), "none" if kinds[axis] in ("none", None) else "nearest", b"") for axis in range(x.ndim)
    ]
    return Array(core.trim(x._node, settings))


def trim_overlap(x: Any, depth: Any, boundary: Any = None) -> Array:
    """As :func:`trim_internal`."""
    return trim_internal(x, depth, boundary)


def _each(arrays: Sequence[Array], setting: Any, coerce: Callable[[int, Any], dict[int, Any]]) -> list[dict[int, Any]]:
    settings = setting if isinstance(setting, list) else [setting] * len(arrays)
    if len(settings) != len(arrays):
        raise ValueError(f"{len(settings)} depths or boundaries for {len(arrays)} arrays")
    return [coerce(a.ndim, s) for a, s in zip(arrays, settings, strict=True)]


def _cuts(x: Array, depth: Any, boundary: Any, axis: int) -> list[tuple[int, int]]:
    """What each block of ``x`` along ``axis`` got before and after."""
    before, after = _pair(depth)
    if boundary not in ("none", None) or isinstance(boundary, Number):
        return [(before, after)] * x.numblocks[axis]
    cuts, begin, length = [], 0, x.shape[axis]
    for n in x.chunks[axis]:
        cuts.append((builtins.min(before, begin), builtins.min(after, length - begin - n)))
        begin += n
    return cuts


def _axes_of_result(ndim: int, drop_axis: Any, new_axis: Any) -> list[int | None]:
    """For each axis of the result the axis of the input, or None."""
    dropped = {d % ndim for d in axis_list(drop_axis)}
    axes: list[int | None] = [axis for axis in range(ndim) if axis not in dropped]
    for axis in sorted(axis_list(new_axis)):
        axes.insert(axis, None)
    return axes


def map_overlap(
    func: Callable[..., Any],
    *args: Any,
    depth: Any = None,
    boundary: Any = None,
    trim: bool = True,
    align_arrays: bool = True,
    allow_rechunk: bool = True,
    **kwargs: Any,
) -> Array:
    """``func`` on each block with margins of its neighbours, which are trimmed off the result again.

    Parameters
    ----------
    func
        Gets the enlarged blocks and returns one of the same shape (see :func:`map_blocks` for others).
    args
        Arrays.
    depth, boundary, allow_rechunk
        As for :func:`overlap`; lists give one for each array.
    trim
        Cut ``depth`` off what ``func`` returns? False: it returns blocks without margins.
    align_arrays
        Rechunk arrays alike?
    kwargs
        Those of :func:`map_blocks`, and of ``func``.

    >>> import numpy as np, swath.array as sa
    >>> x = sa.from_array(np.array([1, 1, 2, 3, 3, 3, 2, 1, 1]), chunks=5)
    >>> x.map_overlap(lambda b: b - np.roll(b, 1), depth=1, boundary=0).compute()
    array([ 1,  0,  1,  1,  0,  0, -1, -1,  0])
    """
    if isinstance(func, Array) and args and callable(args[0]):
        warnings.warn("map_overlap(array, func) is the old order; write map_overlap(func, array)", FutureWarning, 2)
        func, args = args[0], (func, *args[1:])
    if not callable(func):
        raise TypeError(
            f"First argument must be callable function, not {type(func).__name__}\n"
            "Usage:   da.map_overlap(function, x)\n   or:   da.map_overlap(function, x, y, z)"
        )
    if not args or not all(isinstance(x, Array) for x in args):
        raise TypeError(
            f"All variadic arguments must be arrays, not {[type(x).__name__ for x in args]}\n"
            "Usage:   da.map_overlap(function, x)\n   or:   da.map_overlap(function, x, y, z)"
        )
    arrays = list(args)
    depths, kinds = _each(arrays, depth, coerce_depth), _each(arrays, boundary, coerce_boundary)
    if align_arrays and len(arrays) > 1:
        from swath.array.routines import unify_chunks

        pairs = [item for x in arrays for item in (x, list(reversed(range(x.ndim))))]
        _, arrays = unify_chunks(*pairs)
    if all(_pair(d) == (0, 0) for each in depths for d in each.values()):
        return map_blocks(func, *arrays, **kwargs)
    for x, d in zip(arrays, depths, strict=True):
        _checked(x, d, allow_rechunk)
    wide = [Array(core.overlap(x._node, _axes(x, d, b))) for x, d, b in zip(arrays, depths, kinds, strict=True)]
    if not trim:
        kwargs.setdefault("chunks", arrays[0].chunks)
        return map_blocks(func, *wide, **kwargs)
    main = sorted(enumerate(arrays), key=lambda pair: (pair[1].ndim, -pair[0]))[-1][0]
    return _trimmed(func, arrays[main], wide, depths[main], kinds[main], kwargs)


def _trimmed(
    func: Any, x: Array, wide: Sequence[Array], depth: Mapping[int, Any], kind: Mapping[int, Any], kwargs: Any
) -> Array:
    """``map_blocks`` on enlarged blocks whose calls cut the margins off themselves: no task of its own."""
    options = {k: kwargs.pop(k, None) for k in ("dtype", "meta", "chunks", "drop_axis", "new_axis", "name", "token")}
    enforce = kwargs.pop("enforce_ndim", False)
    wants = [k for k in ("block_id", "block_info") if takes(func, k) and k not in kwargs]
    sample = {**kwargs, **_sample_places(wants, wide)}
    dtype = dtype_of(func, wide, sample, options["dtype"], options["meta"], "map_overlap")
    sources = _axes_of_result(x.ndim, options["drop_axis"], options["new_axis"])
    cuts = [None if axis is None else _cuts(x, depth[axis], kind[axis], axis) for axis in sources]

    def declare(chunks: tuple[tuple[int, ...], ...]) -> tuple[Trim, tuple[tuple[int, ...], ...]]:
        result = []
        for axis, (lengths, cut) in enumerate(zip(chunks, cuts, strict=True)):
            if cut is not None and len(cut) != len(lengths):
                raise ValueError(f"map_overlap: {len(lengths)} blocks along axis {axis} where {len(cut)} are trimmed")
            both = cut if cut is not None else [(0, 0)] * len(lengths)
            result.append(tuple(n - b - a for n, (b, a) in zip(lengths, both, strict=True)))
            if builtins.min(result[-1], default=0) < 0:
                raise ValueError(f"map_overlap: the blocks {lengths} of axis {axis} are shorter than what is trimmed")
        return Trim([len(lengths) for lengths in chunks], cuts), tuple(result)

    return _map_blocks(
        func,
        wide,
        kwargs,
        dtype,
        options["chunks"],
        options["drop_axis"],
        options["new_axis"],
        enforce,
        wants,
        options["name"],
        label="map_overlap",
        trim=declare,
    )


def _windows(block: Any, window_shape: Any = None, axis: Any = None) -> Any:
    return np.lib.stride_tricks.sliding_window_view(block, window_shape, axis=axis)


def sliding_window_view(x: Any, window_shape: Any, axis: Any = None, automatic_rechunk: bool = True) -> Array:
    """``numpy.lib.stride_tricks.sliding_window_view``: all windows of a shape, as new axes at the end.

    Blocks are views on memory that they share with nobody else; chunks stay those of ``x`` (``automatic_rechunk`` is
    taken and not needed).

    >>> import swath.array as sa
    >>> sa.lib.stride_tricks.sliding_window_view(sa.arange(5, chunks=3), 3).compute()
    array([[0, 1, 2],
           [1, 2, 3],
           [2, 3, 4]])
    """
    x = asarray(x)
    window = tuple(window_shape) if np.iterable(window_shape) else (window_shape,)
    if any(n <= 0 for n in window):
        raise ValueError("`window_shape` must contain values > 0")
    if axis is None:
        axes = tuple(range(x.ndim))
        if len(window) != x.ndim:
            raise ValueError(
                "Since axis is `None`, must provide window_shape for all dimensions of `x`; "
                f"got {len(window)} window_shape elements and `x.ndim` is {x.ndim}."
            )
    else:
        axes = normalize_axis_tuple(axis, x.ndim, allow_duplicate=True)
        if len(window) != len(axes):
            raise ValueError(
                "Must provide matching length window_shape and axis; "
                f"got {len(window)} window_shape elements and {len(axes)} axes elements."
            )
    depths = [0] * x.ndim
    for a, n in zip(axes, window, strict=True):
        depths[a] += n - 1
    for a, d in enumerate(depths):
        if d >= x.shape[a] and d > 0:
            raise ValueError(f"window shape cannot be larger than input array shape: axis {a} of length {x.shape[a]}")
    x = x.rechunk(tuple(_with_room(lengths, d) for lengths, d in zip(x.chunks, depths, strict=True)))
    chunks = tuple((*lengths[:-1], lengths[-1] - d) for lengths, d in zip(x.chunks, depths, strict=True))
    wide = overlap(x, {a: (0, d) for a, d in enumerate(depths)})
    return map_blocks(
        _windows,
        wide,
        dtype=x.dtype,
        new_axis=list(range(x.ndim, x.ndim + len(axes))),
        chunks=chunks + tuple((int(n),) for n in window),
        window_shape=window,
        axis=axes,
    )


def _with_room(lengths: tuple[int, ...], depth: int) -> tuple[int, ...]:
    """Chunks whose last one is longer than ``depth``: earlier ones may be short, they reach into their neighbours."""
    cut = list(lengths)
    while len(cut) > 1 and cut[-1] <= depth:
        last = cut.pop()
        cut[-1] += last
    return tuple(cut)


def _method_map_overlap(
    self: Array, func: Callable[..., Any], depth: Any, boundary: Any = None, trim: bool = True, **kwargs: Any
) -> Array:
    return map_overlap(func, self, depth=depth, boundary=boundary, trim=trim, **kwargs)


_method_map_overlap.__name__ = "map_overlap"
_method_map_overlap.__doc__ = "``swath.array.map_overlap(func, self, depth=depth, …)``."
Array.map_overlap = _method_map_overlap  # type: ignore[attr-defined]
