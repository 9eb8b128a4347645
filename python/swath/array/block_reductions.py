"""Your functions along axes and of elements: reduction, apply_along_axis, apply_over_axes, piecewise."""

from __future__ import annotations

import builtins
import functools
import math
from collections.abc import Callable, Sequence
from numbers import Integral
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from swath._blocks import Combine, Elementwise, Kept, Piecewise, along, weighted
from swath._user_functions import name_of, takes
from swath.array.core import Array, asarray
from swath.array.functions import engine_map, map_blocks, wire
from swath.tokenize import tokenize

__all__ = ["apply_along_axis", "apply_over_axes", "frompyfunc", "piecewise", "reduction"]


def reduction(
    x: Any,
    chunk: Callable[..., Any],
    aggregate: Callable[..., Any],
    axis: Any = None,
    keepdims: bool = False,
    dtype: Any = None,
    split_every: Any = None,
    combine: Callable[..., Any] | None = None,
    name: str | None = None,
    out: Any = None,
    concatenate: bool = True,
    output_size: int = 1,
    meta: Any = None,
    weights: Any = None,
) -> Any:
    """A reduction by your own functions: ``chunk`` on each block, ``combine`` on groups, ``aggregate`` at the end.

    All are called as ``f(x, axis=(…), keepdims=True or False)``; ``chunk`` keeps the axes with length 1 and may return
    anything (a dict, for instance, with ``concatenate=False``). ``combine`` and ``aggregate`` get the joined results of
    neighbours (``concatenate=True``) or nested lists of them. ``split_every``: how many are combined at a time (a
    number, or a dict by axis). ``dtype`` is that of the result.

    >>> import numpy as np, swath.array as sa
    >>> int(sa.reduction(sa.arange(10, chunks=3), np.sum, np.sum, dtype=int).compute())
    45
    """
    x = asarray(x)
    axes = tuple(range(x.ndim)) if axis is None else tuple(sorted(normalize_axis_tuple(axis, x.ndim)))
    if dtype is None and meta is not None and hasattr(meta, "dtype"):
        dtype = meta.dtype
    if dtype is None:
        raise ValueError("Must specify dtype")
    pairs: list[tuple[Any, Any]] = [(x, tuple(range(x.ndim)))]
    if weights is not None:
        from swath.array.routines import broadcast_to

        pairs.append((broadcast_to(asarray(weights), x.shape).rechunk(x.chunks), tuple(range(x.ndim))))
    options = {"axis": axes, "keepdims": True}
    with_dtype = {"dtype": dtype} if takes(chunk, "dtype") else {}
    named = functools.partial(weighted, chunk) if weights is not None else chunk
    partial = wire(
        named,
        range(x.ndim),
        pairs,
        {**options, **with_dtype},
        align_arrays=False,
        adjust_chunks=dict.fromkeys(axes, 1),
        result="object",
        label="reduction",
    )
    every = _split_every(split_every, axes)
    while True:
        groups = [builtins.min(every[i], n) if i in every else 1 for i, n in enumerate(partial.numblocks)]
        last = all(groups[i] >= partial.numblocks[i] for i in axes)
        function = aggregate if last else (combine or aggregate)
        with_dtype = {"dtype": dtype} if last and takes(aggregate, "dtype") else {}
        settings = {"axis": axes, "keepdims": keepdims if last else True, **with_dtype}
        call: Any = Combine(function, settings, partial.numblocks, groups, axes, concatenate)
        if last:
            break
        chunks = [(1,) * math.ceil(n / g) for n, g in zip(partial.numblocks, groups, strict=True)]
        partial = engine_map(
            call,
            name_of(function),
            [(partial, ())],
            chunks,
            tokenize(function, settings, groups, concatenate),
            label="reduction",
            groups=groups,
            result="object",
        )
    lengths = [(output_size,) if i in axes else n for i, n in enumerate(x.chunks)]
    if not keepdims:
        # A tree keeps its axes: the last level answers blocks without them through one more view.
        call = Kept(call, axes)
    whole = engine_map(
        call,
        name_of(aggregate),
        [(partial, ())],
        lengths,
        tokenize(aggregate, settings, groups, output_size, concatenate),
        label="reduction",
        groups=groups,
        dtype=dtype,
    )
    from swath.array.ufunc import finish

    if not keepdims:
        whole = whole[tuple(0 if i in axes else slice(None) for i in range(x.ndim))]
    return finish(whole, out)


def _split_every(split_every: Any, axes: Sequence[int]) -> dict[int, int]:
    if isinstance(split_every, dict):
        return {axis: int(split_every.get(axis, 2)) for axis in axes}
    if split_every is None or split_every is False:
        split_every = 16 if split_every is None else 2**31
    if split_every < 2:
        raise ValueError(f"split_every={split_every!r}; must be at least 2")
    return dict.fromkeys(axes, builtins.max(int(split_every ** (1 / (len(axes) or 1))), 2))


# --- along axes


def apply_along_axis(
    func1d: Callable[..., Any], axis: int, arr: Any, *args: Any, dtype: Any = None, shape: Any = None, **kwargs: Any
) -> Array:
    """``numpy.apply_along_axis``: ``func1d`` on every line along ``axis``.

    ``dtype`` and ``shape`` say what ``func1d`` returns; default: found out by calling it on a line of ones.
    """
    a = asarray(arr)
    axis = normalize_axis_index(axis, a.ndim)
    if shape is None or dtype is None:
        sample = np.asarray(func1d(np.ones(a.shape[axis], dtype=a.dtype), *args, **kwargs))
        shape = sample.shape if shape is None else shape
        dtype = sample.dtype if dtype is None else dtype
    a = a.rechunk({axis: -1})
    inner = tuple(int(n) for n in shape)
    chunks = a.chunks[:axis] + tuple((n,) for n in inner) + a.chunks[axis + 1 :]
    return map_blocks(
        functools.partial(along, func1d=func1d, axis=axis, args=args, kwargs=kwargs),
        a,
        dtype=dtype,
        chunks=chunks,
        drop_axis=axis,
        new_axis=list(range(axis, axis + len(inner))),
        name=tokenize("apply_along_axis", func1d, axis, args, kwargs, inner),
    )


def apply_over_axes(func: Callable[..., Any], a: Any, axes: Any) -> Array:
    """``numpy.apply_over_axes``: ``func(a, axis)`` for one axis after the other, which keep length 1."""
    x = asarray(a)
    axes = (axes,) if isinstance(axes, Integral) else tuple(axes)
    sample = x.astype(x.dtype)
    for axis in normalize_axis_tuple(axes, x.ndim):
        result = asarray(func(sample, axis))
        if result.ndim == sample.ndim - 1:
            result = result[tuple(slice(None) if i != axis else None for i in range(sample.ndim))]
        elif result.ndim != sample.ndim:
            raise ValueError("func must either preserve dimensionality of the input or reduce it by one.")
        sample = result
    return sample


class frompyfunc:
    """``numpy.frompyfunc``'s signature; elements are Python objects, which blocks cannot hold: see ``map_blocks``."""

    def __init__(self, func: Callable[..., Any], nin: int, nout: int) -> None:
        self._func = np.frompyfunc(func, nin, nout)
        self._scalar = func
        self.nin, self.nout, self.nargs = nin, nout, nin + nout
        self.__name__ = name_of(func)

    def __repr__(self) -> str:
        return f"swath.array.frompyfunc<{self.__name__}, {self.nin}, {self.nout}>"

    def __call__(self, *args: Any, dtype: Any = None) -> Any:
        """``func`` of every element; the dtype of the result is that of ``func`` of ones, or ``dtype``."""
        if self.nout != 1:
            raise NotImplementedError(f"frompyfunc with nout={self.nout}; only functions of one result are supported")
        arrays = [asarray(a) for a in args]
        if dtype is None:
            with np.errstate(all="ignore"):
                dtype = np.asarray(self._scalar(*[np.ones((), a.dtype)[()] for a in arrays])).dtype
        if np.dtype(dtype).kind == "O":
            raise TypeError(f"{self.__name__} returns objects, which arrays cannot hold; pass dtype=")
        return map_blocks(Elementwise(self._func, np.dtype(dtype)), *arrays, dtype=dtype)


def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Array:
    """``numpy.piecewise``: a function for each condition (and one more for the rest)."""
    a = asarray(x)
    if hasattr(condlist, "dtype") or isinstance(condlist, Array):
        conditions = [asarray(condlist)] if asarray(condlist).ndim == a.ndim else [asarray(c) for c in condlist]
    else:
        conditions = [asarray(c) for c in condlist]
    return map_blocks(Piecewise(list(funclist), args, kw), a, *[c.rechunk(a.chunks) for c in conditions], dtype=a.dtype)
