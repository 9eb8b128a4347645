"""Generalized ufuncs: functions of the last axes ("core dimensions"), looped over the others block by block."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from swath.array.core import Array, asarray
from swath.array.functions import infer_dtype, name_of, split_outputs, wire
from swath.tokenize import tokenize

__all__ = ["apply_gufunc", "as_gufunc", "gufunc"]

_NAME = r"\w+"
_LIST = f"(?:{_NAME}(?:,{_NAME})*,?)?"
_GROUP = rf"\({_LIST}\)"
_INPUTS = f"(?:{_GROUP}(?:,{_GROUP})*,?)?"
_OUTPUTS = f"{_GROUP}(?:,{_GROUP})*,?"
_SIGNATURE = f"^{_INPUTS}->{_OUTPUTS}$"

Dims = tuple[str, ...]


def parse_signature(signature: str) -> tuple[list[Dims], Dims | list[Dims]]:
    """``"(m,n),(n,p)->(m,p)"`` as lists of dimension names; one output is no list.

    >>> parse_signature("(i),(i)->()")
    ([('i',), ('i',)], ())
    """
    text = re.sub(r"\s+", "", signature)
    if not re.match(_SIGNATURE, text):
        raise ValueError(f"Not a valid gufunc signature: {text}")
    ins, outs = ([tuple(re.findall(_NAME, group)) for group in re.findall(_GROUP, part)] for part in text.split("->"))
    return ins, outs[0] if len(outs) == 1 and not text.endswith(",") else outs


def _normalize_axes(
    axes: Any, axis: Any, keepdims: bool, ins: Sequence[Dims], outs: Sequence[Dims]
) -> tuple[list[Any], list[Any]]:
    """The axes of the core dimensions of each input and output, by NumPy's rules for ``axes=`` and ``axis=``."""
    nin, nout = len(ins), len(outs)
    if axes is not None and axis is not None:
        raise ValueError("Only one of `axis` or `axes` keyword arguments should be given")
    if axes is not None and not isinstance(axes, list):
        raise ValueError("`axes` has to be of type list")
    core = [dims for dims in ins if dims]
    with_core = sum(1 for dims in outs if dims)
    if keepdims:
        if with_core:
            raise ValueError("`keepdims` can only be used for scalar outputs")
        outs = [core[0]] * nout
    if axis is not None:
        if not isinstance(axis, int):
            raise ValueError("`axis` argument has to be an integer value")
        if core and len(core[0]) != 1:
            raise ValueError("`axis` can be used only, if one core dimension is present")
        if any(dims != core[0] for dims in core):
            raise ValueError("To use `axis`, all core dimensions have to be equal")
        axes = [(axis,) if dims else () for dims in [*ins, *outs]]
    elif axes is None:
        axes = [tuple(range(-len(dims), 0)) for dims in [*ins, *outs]]
    axes = [(a,) if isinstance(a, int) else tuple(a) for a in axes]
    if len(axes) != nin + nout and (with_core or len(axes) != nin):
        raise ValueError("The number of `axes` entries is not equal the number of input and output arguments")
    of_inputs = axes[:nin]
    of_outputs = axes[nin:] or [tuple(range(-len(dims), 0)) for dims in outs]
    for i, (given, dims) in enumerate(zip(of_inputs, ins, strict=True)):
        if len(given) != len(dims):
            raise ValueError(
                f"The number of `axes` entries for argument #{i} is not equal the number of respective input core "
                "dimensions in signature"
            )
    if keepdims:
        if any(dims != ins[0] for dims in ins):
            raise ValueError("To use `keepdims`, all core dimensions have to be equal")
        return of_inputs, [of_inputs[0]] * nout
    for i, (given, dims) in enumerate(zip(of_outputs, outs, strict=True)):
        if len(given) != len(dims):
            raise ValueError(
                f"The number of `axes` entries for argument #{i} is not equal the number of respective output core "
                "dimensions in signature"
            )
    return of_inputs, of_outputs


def _output_dtypes(
    func: Any,
    signature: str,
    args: Sequence[Any],
    kwargs: dict[str, Any],
    dtypes: Any,
    meta: Any,
    nout: int | None,
    vectorize: bool,
) -> list[np.dtype[Any]]:
    """One dtype an output: given, of ``meta``, or found out by a call on arrays of ones."""
    if dtypes is not None and meta is not None:
        raise ValueError("Only one of `meta` and `output_dtypes` should be given (`meta` is preferred).")
    given = dtypes if dtypes is not None else meta
    if given is None:
        if vectorize:
            func, kwargs = np.vectorize(functools.partial(func, **kwargs), signature=signature), {}
        called = func
        if nout is None:
            return [infer_dtype(called, args, kwargs, "apply_gufunc")]
        return [infer_dtype(lambda *a, i=i, **k: called(*a, **k)[i], args, kwargs, "apply_gufunc") for i in range(nout)]
    many = isinstance(given, (tuple, list))
    if nout is None:
        if many and len(given) != 1:
            raise ValueError(
                "For a function with one output, must give a single item for `output_dtypes`/`meta`, not a tuple or "
                "list."
            )
        given = [given[0] if many else given]
    elif not many:
        raise ValueError(
            f"For a function with {nout} outputs, must give a tuple or list for `output_dtypes`/`meta`, not a single "
            "item."
        )
    elif len(given) != nout:
        raise ValueError(
            f"For a function with {nout} outputs, must give a tuple or list of {nout} items for "
            f"`output_dtypes`/`meta`, not {len(given)}."
        )
    return [np.dtype(x.dtype if hasattr(x, "dtype") and not isinstance(x, type) else x) for x in given]


def _core_last(x: Array, axes: Sequence[int]) -> Array:
    core = tuple(a if a < 0 else a - x.ndim for a in axes)
    return x.transpose(tuple(i for i in range(-x.ndim, 0) if i not in core) + core) if x.ndim else x


def _check_sizes(
    arrays: Sequence[Array], dims: Sequence[Sequence[str]], core: dict[str, int], allow_rechunk: bool
) -> None:
    sizes: dict[str, list[tuple[int, tuple[int, ...]]]] = {}
    for x, names in zip(arrays, dims, strict=True):
        for name, length, chunks in zip(names, x.shape, x.chunks, strict=True):
            sizes.setdefault(name, []).append((length, chunks))
    for name, found in sizes.items():
        lengths = {n for n, _ in found}
        if lengths | {1} != {1, max(lengths)}:
            raise ValueError(f"Dimension `'{name}'` with different lengths in arrays")
        if allow_rechunk:
            continue
        if name in core and found[0][1][0] < core[name]:
            raise ValueError(
                f"Core dimension `'{name}'` consists of multiple chunks. To fix, rechunk into a single chunk along "
                "this dimension or set `allow_rechunk=True`, but beware that this may increase memory usage "
                "significantly."
            )
        if len({chunks for n, chunks in found if n > 1}) > 1:
            raise ValueError(f"Dimension `'{name}'` with different chunksize present")


def _restore(x: Array, axes: Sequence[int], keepdims: bool) -> Array:
    """The core axes, which are the last, where ``axes`` says."""
    if keepdims:
        x = x[(slice(None),) * x.ndim + (None,) * len(axes)]
    order: list[Any] = [None] * x.ndim
    for source, target in zip(range(-len(axes), 0), axes, strict=True):
        order[target] = source % x.ndim
    rest = iter(i for i in range(x.ndim) if i not in order)
    return x.transpose(tuple(next(rest) if i is None else i for i in order)) if x.ndim else x


def apply_gufunc(
    func: Callable[..., Any],
    signature: str,
    *args: Any,
    axes: Any = None,
    axis: Any = None,
    keepdims: bool = False,
    output_dtypes: Any = None,
    output_sizes: dict[str, int] | None = None,
    vectorize: bool | None = None,
    allow_rechunk: bool = False,
    meta: Any = None,
    **kwargs: Any,
) -> Any:
    """``func`` on blocks, whole along the core dimensions of ``signature``; the other axes broadcast.

    Parameters
    ----------
    func
        Gets blocks whose last axes are the core dimensions; returns an array, or a tuple of them.
    signature
        Core dimensions of arguments and results: ``"(i,j),(j)->(i)"``; ``"(i)->(),()"`` returns two.
    axes, axis, keepdims
        Where the core dimensions are, as for NumPy's generalized ufuncs.
    output_dtypes, meta
        Dtypes of the results; default: found out by a call on arrays of ones.
    output_sizes
        Lengths of core dimensions that no argument has.
    vectorize
        ``func`` takes one element (its core dimensions only): loop with ``numpy.vectorize``.
    allow_rechunk
        Join the blocks of core dimensions? Otherwise several of them raise ValueError.

    >>> import numpy as np, swath.array as sa
    >>> x = sa.arange(6, chunks=2).reshape((2, 3)).rechunk((1, 3))
    >>> mean, top = sa.apply_gufunc(lambda b: (b.mean(axis=-1), b.max(axis=-1)), "(i)->(),()", x)
    >>> mean.compute(), top.compute()
    (array([1., 4.]), array([2, 5]))
    """
    ins, outs = parse_signature(signature)
    nout = len(outs) if isinstance(outs, list) else None
    out_dims: list[Dims] = outs if isinstance(outs, list) else [outs]
    if len(ins) != len(args):
        raise ValueError(f"According to `signature`, `func` requires {len(ins)} arguments, but {len(args)} given")
    arrays = [asarray(a) for a in args]
    dtypes = _output_dtypes(func, signature, arrays, kwargs, output_dtypes, meta, nout, bool(vectorize))
    of_inputs, of_outputs = _normalize_axes(axes, axis, keepdims, ins, out_dims)
    called = func
    if vectorize:  # keywords are not looped over
        called = np.vectorize(functools.partial(func, **kwargs), signature=signature, otypes=dtypes)
        kwargs = {}
    arrays = [_core_last(x, a) for x, a in zip(arrays, of_inputs, strict=True)]
    loops = [x.ndim - len(dims) for x, dims in zip(arrays, ins, strict=True)]
    if any(n < 0 for n in loops):
        raise ValueError(f"an argument has fewer axes than its core dimensions in {signature!r}")
    most = max(loops, default=0)
    core = {d: n for x, dims, k in zip(arrays, ins, loops, strict=True) for d, n in zip(dims, x.shape[k:], strict=True)}
    core.update(output_sizes or {})
    labels = [
        tuple(f"__loopdim{d}__" for d in range(most - n, most)) + dims for n, dims in zip(loops, ins, strict=True)
    ]
    _check_sizes(arrays, labels, core, allow_rechunk)
    missing = [d for dims in out_dims for d in dims if d not in core]
    if missing:
        raise ValueError(f"the length of the core dimension {missing[0]!r} is not known: pass output_sizes=")
    loop = tuple(f"__loopdim{d}__" for d in range(most))
    results = _run(called, arrays, labels, loop, kwargs, nout, out_dims, core, dtypes, name_of(func))
    results = [_restore(x, a, keepdims) for x, a in zip(results, of_outputs, strict=True)]
    return tuple(results) if nout else results[0]


def _run(
    func: Any,
    arrays: Sequence[Array],
    labels: Sequence[Dims],
    loop: Dims,
    kwargs: dict[str, Any],
    nout: int | None,
    out_dims: Sequence[Dims],
    core: dict[str, int],
    dtypes: Sequence[Any],
    name: str,
) -> list[Array]:
    pairs = list(zip(arrays, labels, strict=True))
    token = tokenize(func, kwargs, labels, out_dims, core)
    if nout is None:
        added = {("core", i): core[d] for i, d in enumerate(out_dims[0])}
        return [
            wire(
                func,
                [*loop, *added],
                pairs,
                kwargs,
                new_axes=added,
                concatenate=True,
                dtype=dtypes[0],
                token=token,
                label="apply_gufunc",
            )
        ]
    parts = wire(func, loop, pairs, kwargs, concatenate=True, token=token, result="object", label="apply_gufunc")
    axes = list(range(len(loop)))
    return [
        split_outputs(parts, axes, [*parts.chunks, *((core[d],) for d in dims)], dtypes[i], i, token, name)
        for i, dims in enumerate(out_dims)
    ]


class gufunc:
    """A function with the signature of a generalized ufunc, to be called with arrays; see :func:`apply_gufunc`.

    >>> import numpy as np, swath.array as sa
    >>> norm = sa.gufunc(np.linalg.norm, signature="(i)->()", output_dtypes=float, vectorize=True)
    >>> norm(sa.ones((2, 4), chunks=(1, 4))).compute()
    array([2., 2.])
    """

    def __init__(
        self,
        pyfunc: Callable[..., Any],
        *,
        signature: str | None = None,
        vectorize: bool = False,
        axes: Any = None,
        axis: Any = None,
        keepdims: bool = False,
        output_sizes: dict[str, int] | None = None,
        output_dtypes: Any = None,
        allow_rechunk: bool = False,
        meta: Any = None,
    ) -> None:
        if signature is None:
            raise ValueError("gufunc needs signature=, for example '(i)->()'")
        self.pyfunc = pyfunc
        self.signature = signature
        self.vectorize = vectorize
        self.axes, self.axis, self.keepdims = axes, axis, keepdims
        self.output_sizes, self.output_dtypes = output_sizes, output_dtypes
        self.allow_rechunk, self.meta = allow_rechunk, meta
        self.__name__ = name_of(pyfunc)
        self.__doc__ = (
            f"Bound ``swath.array.gufunc``\nfunc: ``{self.__name__}``\nsignature: ``'{signature}'``\n\n"
            f"{pyfunc.__doc__ or ''}"
        )

    def __call__(self, *args: Any, allow_rechunk: bool = False, **kwargs: Any) -> Any:
        """The function on arrays."""
        return apply_gufunc(
            self.pyfunc,
            self.signature,
            *args,
            vectorize=self.vectorize,
            axes=self.axes,
            axis=self.axis,
            keepdims=self.keepdims,
            output_sizes=self.output_sizes,
            output_dtypes=self.output_dtypes,
            allow_rechunk=self.allow_rechunk or allow_rechunk,
            meta=self.meta,
            **kwargs,
        )


def as_gufunc(signature: str | None = None, **kwargs: Any) -> Callable[[Callable[..., Any]], gufunc]:
    """The decorator of :class:`gufunc`; the keywords are its own.

    >>> import swath.array as sa
    >>> @sa.as_gufunc("(i)->()", output_dtypes=float)
    ... def mean(block):
    ...     return block.mean(axis=-1)
    >>> mean(sa.ones((2, 4), chunks=(1, 4))).compute()
    array([1., 1.])
    """
    accepted = {"vectorize", "axes", "axis", "keepdims", "output_sizes", "output_dtypes", "allow_rechunk", "meta"}
    if unknown := kwargs.keys() - accepted:
        raise TypeError(f"Unsupported keyword argument(s) provided {sorted(unknown)}")

    def decorate(pyfunc: Callable[..., Any]) -> gufunc:
        return gufunc(pyfunc, signature=signature, **kwargs)

    decorate.__doc__ = f"Make a ``swath.array.gufunc`` with signature {signature!r} of a function."
    return decorate
