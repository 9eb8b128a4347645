"""The user's functions on blocks: map_blocks and blockwise, on which the others are built."""

from __future__ import annotations

import builtins
import itertools
import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from numbers import Integral, Number
from typing import Any

import numpy as np

from swath._blocks import (
    BlockCall,
    BlockPlaces,
    Trim,
    pick,
    starts_of,
)
from swath._engine import core
from swath._user_functions import call_form, name_of, takes
from swath.array.core import Array, asarray
from swath.delayed import Delayed
from swath.tokenize import tokenize

__all__ = ["blockwise", "map_blocks"]

FIRST, EVERY = -1, -2
OBJECT = np.dtype("u1")  # stands for the dtype of blocks that are no arrays


def engine_map(
    function: Any,
    name: str,
    inputs: Sequence[tuple[Any, Sequence[int]]],
    chunks: Sequence[Sequence[int]],
    token: str,
    *,
    label: str = "map_blocks",
    calls: Sequence[Any] = (),
    dtype: Any = OBJECT,
    result: str = "array",
    groups: Sequence[int] = (),
    in_process: bool = False,
) -> Array:
    """The array (or, with ``result="object"``, partial results) of one call a block."""
    lengths = [[_length(n) for n in axis] for axis in chunks]
    node = core.map_blocks(
        function,
        name,
        f"{label}({name})",
        [(a._node, list(axes)) for a, axes in inputs],
        list(groups),
        [core_node(call) for call in calls],
        result,
        np.dtype(dtype),
        lengths,
        token,
        in_process,
    )
    return Array(node)


def core_node(call: Any) -> Any:
    """The node of a Delayed, or the node itself."""
    return call._node if isinstance(call, Delayed) else call


def _length(n: Any) -> int:
    if isinstance(n, float) and math.isnan(n):
        raise NotImplementedError(
            "chunks of unknown length (nan) are not supported: give the lengths, or compute() what the function "
            "returns with to_delayed()"
        )
    return int(n)


# --- what a function returns


def infer_dtype(function: Any, args: Sequence[Any], kwargs: dict[str, Any], name: str) -> np.dtype[Any]:
    """The dtype of what ``function`` returns for tiny arrays of ones (or, where that fails, for empty ones)."""
    first: Exception | None = None
    for length in (1, 0):

        def sample(x: Any, length: int = length) -> Any:
            return np.ones((length,) * x.ndim, dtype=x.dtype) if isinstance(x, Array) else x

        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                result = function(*[sample(x) for x in args], **{k: sample(v) for k, v in kwargs.items()})
            return np.asarray(result).dtype if not hasattr(result, "dtype") else np.dtype(result.dtype)
        except Exception as error:
            first = first or error
    raise ValueError(
        f"`dtype` inference failed in `{name}`.\n\nPlease specify the dtype explicitly using the `dtype` kwarg.\n\n"
        f"Original error is below:\n------------------------\n{first!r}"
    ) from first


def _sample_places(wants: Sequence[str], args: Sequence[Any]) -> dict[str, Any]:
    """``block_id`` and ``block_info`` for the call that finds out the dtype."""
    ndim = builtins.max((a.ndim for a in args if isinstance(a, Array)), default=0)
    info: dict[Any, Any] = {
        i: {
            "shape": (1,) * a.ndim,
            "num-chunks": (1,) * a.ndim,
            "array-location": [(0, 1)] * a.ndim,
            "chunk-location": (0,) * a.ndim,
        }
        for i, a in enumerate(args)
        if isinstance(a, Array)
    }
    info[None] = {
        "shape": (1,) * ndim,
        "num-chunks": (1,) * ndim,
        "array-location": [(0, 1)] * ndim,
        "chunk-location": (0,) * ndim,
        "chunk-shape": (1,) * ndim,
        "dtype": None,
    }
    return {k: v for k, v in (("block_id", (0,) * ndim), ("block_info", info)) if k in wants}


def dtype_of(
    function: Any, args: Sequence[Any], kwargs: dict[str, Any], dtype: Any, meta: Any, name: str
) -> np.dtype[Any]:
    """The dtype that is given, that of ``meta``, or what a call on tiny arrays returns."""
    if dtype is not None:
        return np.dtype(dtype)
    if meta is not None:
        return np.dtype(meta.dtype) if hasattr(meta, "dtype") else np.asarray(meta).dtype
    return infer_dtype(function, args, kwargs, name)


# --- blockwise


def _chunks_of_labels(pairs: Sequence[tuple[Any, Any]]) -> dict[Any, tuple[int, ...]]:
    """For each label the chunks of the array that has most of them."""
    chunks: dict[Any, tuple[int, ...]] = {}
    for a, labels in pairs:
        for lengths, label in zip(a.chunks, labels, strict=True):
            known = chunks.get(label, ())
            stretched = len(lengths) == len(known) and builtins.sum(known) == 1 < builtins.sum(lengths)
            if label not in chunks or len(lengths) > len(known) or stretched:
                chunks[label] = lengths
    return chunks


def _adjusted(lengths: tuple[int, ...], change: Any, axis: int) -> tuple[int, ...]:
    if callable(change):
        return tuple(change(n) for n in lengths)
    if isinstance(change, (tuple, list)):
        if len(change) != len(lengths):
            raise ValueError(
                f"Dimension {axis} has {len(lengths)} blocks, adjust_chunks specified with {len(change)} blocks"
            )
        return tuple(change)
    if isinstance(change, (Integral, float)):
        return tuple(change for _ in lengths)  # type: ignore[misc]
    raise NotImplementedError("adjust_chunks values must be callable, int, or tuple")


def wire(
    function: Any,
    out_ind: Sequence[Any],
    pairs: Sequence[tuple[Any, Any]],
    kwargs: dict[str, Any],
    *,
    new_axes: Mapping[Any, Any] | None = None,
    adjust_chunks: Mapping[Any, Any] | None = None,
    align_arrays: bool = True,
    concatenate: bool | None = None,
    dtype: Any = None,
    token: str | None = None,
    result: str = "array",
    label: str = "blockwise",
    wants: Sequence[str] = (),
    ndim: int | None = None,
    trim: Callable[[tuple[tuple[int, ...], ...]], tuple[Trim, tuple[tuple[int, ...], ...]]] | None = None,
    in_process: bool = False,
) -> Array:
    """``blockwise`` with everything normalized: pairs of (argument, labels or None)."""
    new_axes = dict(new_axes or {})
    out_ind = tuple(out_ind)
    if len(set(out_ind)) != len(out_ind):
        raise ValueError("Repeated elements not allowed in output index", [k for k in out_ind if out_ind.count(k) > 1])
    arrays = [(i, asarray(a), tuple(labels)) for i, (a, labels) in enumerate(pairs) if labels is not None]
    for _, a, labels in arrays:
        if a.ndim != len(labels):
            raise ValueError(f"Index string {labels} does not match array dimension {a.ndim}")
    unknown = set(out_ind) - {k for _, _, labels in arrays for k in labels} - set(new_axes)
    if unknown:
        raise ValueError("Unknown dimension", unknown)
    if align_arrays and len(arrays) > 1:
        from swath.array.routines import unify_chunks

        flat = itertools.chain.from_iterable((a, labels) for _, a, labels in arrays)
        arrays = [(i, a, labels) for (i, _, labels), a in zip(arrays, unify_chunks(*flat)[1], strict=True)]
    chunk_of = _chunks_of_labels([(a, labels) for _, a, labels in arrays])
    for k, lengths in new_axes.items():
        chunk_of[k] = tuple(lengths) if isinstance(lengths, (tuple, list)) else (lengths,)
    chunks = [chunk_of[k] for k in out_ind]
    for axis, k in enumerate(out_ind):
        if adjust_chunks and k in adjust_chunks:
            chunks[axis] = _adjusted(chunks[axis], adjust_chunks[k], axis)

    inputs, gathers = [], []
    place_of = {k: axis for axis, k in enumerate(out_ind)}
    for _, a, labels in arrays:
        axes = []
        for axis, k in enumerate(labels):
            if k not in place_of:
                axes.append(EVERY)
            else:
                axes.append(FIRST if a.numblocks[axis] == 1 != len(chunks[place_of[k]]) else place_of[k])
        inputs.append((a, axes))
        gathers.append([a.numblocks[i] if axis == EVERY else None for i, axis in enumerate(axes)])
    calls: list[Any] = []
    number = {i: n for n, (i, _, _) in enumerate(arrays)}
    arguments = [("block", number[i]) if i in number else call_form(a, calls) for i, (a, _) in enumerate(pairs)]
    keywords = {name: call_form(value, calls) for name, value in kwargs.items()}
    places = None
    if wants:
        placed = []
        for i, a, labels in arrays:
            starts = starts_of(a.chunks)
            placed.append(
                (i, [s if k in place_of else [0, s[-1]] for s, k in zip(starts, labels, strict=True)], labels)
            )
        places = BlockPlaces(chunks, out_ind, placed, dtype)
    cut, declared = (None, tuple(chunks)) if trim is None else trim(tuple(chunks))
    call = BlockCall(function, arguments, keywords, gathers, bool(concatenate), places, wants, ndim, cut)
    if token is None:
        token = tokenize(
            function,
            arguments,
            keywords,
            out_ind,
            [k for _, _, k in arrays],
            bool(concatenate),
            tuple(wants),
            ndim,
            declared,
        )
    return engine_map(
        call,
        name_of(function),
        inputs,
        declared,
        token,
        label=label,
        calls=calls,
        dtype=OBJECT if result == "object" else dtype,
        result=result,
        in_process=in_process,
    )


def blockwise(
    func: Callable[..., Any],
    out_ind: Any,
    *args: Any,
    name: str | None = None,
    token: str | None = None,
    dtype: Any = None,
    adjust_chunks: Mapping[Any, Any] | None = None,
    new_axes: Mapping[Any, Any] | None = None,
    align_arrays: bool = True,
    concatenate: bool | None = None,
    meta: Any = None,
    **kwargs: Any,
) -> Array:
    """``func`` on blocks, with indices that say which blocks meet: generalized inner and outer products.

    Parameters
    ----------
    func
        Called with one block of each array; along an index that is not in ``out_ind`` with all of them: as nested
        lists, or as one array with ``concatenate=True``.
    out_ind
        Indices of the result, for example ``"ij"`` or ``(0, 1)``.
    args
        Pairs of an array and its indices; an argument with the index ``None`` is given to every call as it is.
    adjust_chunks
        For an index: the lengths that ``func`` returns (a number, a tuple, or a function of the length).
    new_axes
        Indices of the result that no argument has, and their lengths.
    align_arrays
        Rechunk arrays alike along equal indices?
    dtype, meta
        Of the result; default: found out by calling ``func`` on tiny arrays.

    >>> import operator, swath.array as sa
    >>> x, y = sa.arange(4, chunks=2), sa.arange(3, chunks=3)
    >>> sa.blockwise(lambda a, b: a[:, None] * b, "ij", x, "i", y, "j", dtype=x.dtype).compute()
    array([[0, 0, 0],
           [0, 1, 2],
           [0, 2, 4],
           [0, 3, 6]])
    """
    if len(args) % 2:
        raise ValueError("blockwise takes pairs of an argument and its indices; the last argument has none")
    pairs = list(zip(args[::2], args[1::2], strict=True))
    pairs = [(asarray(a) if labels is not None else a, labels) for a, labels in pairs]
    dtype = dtype_of(func, [a for a, _ in pairs], kwargs, dtype, meta, "blockwise")
    return wire(
        func,
        out_ind,
        pairs,
        kwargs,
        new_axes=new_axes,
        adjust_chunks=adjust_chunks,
        align_arrays=align_arrays,
        concatenate=concatenate,
        dtype=dtype,
        token=name,
    )


def map_blocks(
    func: Callable[..., Any],
    *args: Any,
    name: str | None = None,
    token: str | None = None,
    dtype: Any = None,
    chunks: Any = None,
    drop_axis: Any = None,
    new_axis: Any = None,
    enforce_ndim: bool = False,
    meta: Any = None,
    **kwargs: Any,
) -> Array:
    """``func`` on each block: ``func(block of x, block of y, …, **kwargs)``.

    Parameters
    ----------
    func
        Gets NumPy arrays (views of the blocks; copies if it writes into them) and returns one. A parameter ``block_id``
        gets the position of the block, ``block_info`` a dict about where it and its inputs lie.
    args
        Arrays, which broadcast by blocks; anything else goes to every call.
    dtype, meta
        Of the result. Default: found out by calling ``func`` on arrays of one element.
    chunks
        Lengths of the blocks that ``func`` returns, where they differ: for each axis a number or a tuple.
    drop_axis, new_axis
        Axes that ``func`` removes (blocks are joined along them) and adds.
    enforce_ndim
        Check the number of dimensions that ``func`` returns?

    Raises
    ------
    ValueError, TypeError
        In compute(), at your line: a block has another shape or dtype than was declared. (Dask does not look.)

    >>> import swath.array as sa
    >>> x = sa.arange(6, chunks=3)
    >>> sa.map_blocks(lambda block: block[::-1], x).compute()
    array([2, 1, 0, 5, 4, 3])
    """
    if not callable(func):
        raise TypeError(
            f"First argument must be callable function, not {type(func).__name__}\n"
            "Usage:   da.map_blocks(function, x)\n   or:   da.map_blocks(function, x, y, z)"
        )
    wants = [k for k in ("block_id", "block_info") if takes(func, k) and k not in kwargs]
    dtype = dtype_of(func, args, {**kwargs, **_sample_places(wants, args)}, dtype, meta, "map_blocks")
    return _map_blocks(func, args, kwargs, dtype, chunks, drop_axis, new_axis, enforce_ndim, wants, name)


def axis_list(axes: Any) -> list[int]:
    """One axis, several or None as a list."""
    if axes is None:
        return []
    return [int(axes)] if isinstance(axes, Number) else [int(axis) for axis in axes]  # type: ignore[call-overload]


def _map_blocks(
    func: Any,
    args: Sequence[Any],
    kwargs: dict[str, Any],
    dtype: Any,
    chunks: Any = None,
    drop_axis: Any = None,
    new_axis: Any = None,
    enforce_ndim: bool = False,
    wants: Sequence[str] = (),
    token: str | None = None,
    result: str = "array",
    label: str = "map_blocks",
    trim: Any = None,
) -> Array:
    ndim = builtins.max((a.ndim for a in args if isinstance(a, Array)), default=0)
    out_ind: list[Any] = list(range(ndim))[::-1]
    pairs = [(a, tuple(range(a.ndim))[::-1] if isinstance(a, Array) else None) for a in args]
    drop = axis_list(drop_axis)
    if any(i < -ndim or i >= ndim for i in drop):
        raise ValueError(f"drop_axis out of range (drop_axis={drop}, but output is {ndim}d).")
    drop = [i % ndim for i in drop]
    out_ind = [k for i, k in enumerate(out_ind) if i not in drop]
    if chunks is not None and isinstance(chunks, Number):
        chunks = (chunks,) * len(out_ind)
    added = None if new_axis is None else axis_list(new_axis)
    if added is None and chunks is not None and len(out_ind) < len(chunks):
        added = list(range(len(chunks) - len(out_ind)))
    new_axes: dict[Any, Any] = {}
    for axis in sorted(added or ()):
        k = len(out_ind) + len(drop)
        out_ind.insert(axis, k)
        new_axes[k] = chunks[axis] if chunks is not None else 1
    if added and builtins.max(added) > builtins.max(out_ind):
        raise ValueError("New_axis values do not fill in all dimensions")
    adjust = None
    if chunks is not None:
        if len(chunks) != len(out_ind):
            raise ValueError(f"Provided chunks have {len(chunks)} dims; expected {len(out_ind)} dims")
        adjust = dict(zip(out_ind, chunks, strict=True))
    return wire(
        func,
        out_ind,
        pairs,
        kwargs,
        new_axes=new_axes,
        adjust_chunks=adjust,
        align_arrays=False,
        concatenate=True,
        dtype=dtype,
        wants=wants,
        ndim=len(out_ind) if enforce_ndim else None,
        token=token,
        result=result,
        label=label,
        trim=trim,
    )


def split_outputs(
    parts: Array, axes: Sequence[int], chunks: Sequence[Any], dtype: Any, i: int, token: str, name: str
) -> Array:
    """Result number ``i`` of blocks that are tuples."""
    return engine_map(pick(i), name, [(parts, axes)], chunks, f"{token}-{i}", label="apply_gufunc", dtype=dtype)


def _method_map_blocks(self: Array, func: Callable[..., Any], *args: Any, **kwargs: Any) -> Array:
    return map_blocks(func, self, *args, **kwargs)


_method_map_blocks.__name__ = "map_blocks"
_method_map_blocks.__doc__ = "``swath.array.map_blocks(func, self, *args, **kwargs)``."


Array.map_blocks = _method_map_blocks  # type: ignore[attr-defined]
