"""The lazy blocked n-dimensional array."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from numbers import Number
from typing import TYPE_CHECKING, Any

import numpy as np

from swath._engine import core
from swath.base import SwathMethods

__all__ = ["Array", "asanyarray", "asarray", "normalize_chunks", "operand"]

#: What stands for a number in an expression with weak type (NEP 50).
_WEAK = (bool, int, float, complex)


def _binary(op: str) -> Callable[[Any, Any], Any]:
    def method(self: Array, other: Any) -> Any:
        return Array(core.elementwise(op, [self._node, operand(other)], None)) if _handled(other) else NotImplemented

    method.__doc__ = f"``swath.array.{op}(self, other)``."
    return method


def _reflected(op: str) -> Callable[[Any, Any], Any]:
    def method(self: Array, other: Any) -> Any:
        return Array(core.elementwise(op, [operand(other), self._node], None)) if _handled(other) else NotImplemented

    method.__doc__ = f"``swath.array.{op}(other, self)``."
    return method


def _unary(op: str) -> Callable[[Any], Any]:
    def method(self: Array) -> Any:
        return Array(core.elementwise(op, [self._node], None))

    method.__doc__ = f"``swath.array.{op}(self)``."
    return method


class Array(SwathMethods):
    """A lazy n-dimensional array cut into chunks, with NumPy's interface and Dask's laziness.

    Made by :func:`swath.array.from_array`, :func:`swath.array.ones`, :mod:`swath.array.random` and by operations on
    other arrays; holds an expression, no data. :meth:`compute` gives a NumPy array.

    >>> import swath.array as sa
    >>> x = sa.arange(6, chunks=3).reshape((2, 3))
    >>> (x + x.mean(axis=0)).compute()
    array([[1.5, 3.5, 5.5],
           [4.5, 6.5, 8.5]])
    """

    __slots__ = ("__weakref__", "_dtype", "_node", "_shape")
    __array_priority__ = 11  # above numpy.ndarray and numpy.matrix

    def __init__(self, node: Any) -> None:
        if not isinstance(node, core.Array):
            raise TypeError(
                f"Array() takes an expression of the engine, not {type(node).__name__}; see from_array() and asarray()"
            )
        self._node = node
        self._shape: tuple[int, ...] | None = None
        self._dtype: np.dtype[Any] | None = None

    if TYPE_CHECKING:  # reductions.py and routines.py add more methods: sum, mean, ravel, …

        def __getattr__(self, name: str) -> Any: ...

    # --- protocol of collections
    def __swath_node__(self) -> Any:
        return self._node

    def __swath_finish__(self, values: Any) -> Any:
        result = core.array_result(self._node, values)
        return result[()] if self.ndim == 0 else result

    def __swath_persist__(self, values: Any) -> Array:
        return Array(core.array_hold(self._node, values))

    def __swath_rebuild__(self, node: Any) -> Array:
        return Array(core.as_array(node))

    def _adopt(self, other: Array) -> None:
        """Become ``other``: what assignment and ``out=`` mean for something lazy."""
        self._node, self._shape, self._dtype = other._node, None, None

    # --- what is known without computing
    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis."""
        if self._shape is None:
            self._shape = self._node.shape
        return self._shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the elements."""
        if self._dtype is None:
            self._dtype = self._node.dtype
        return self._dtype

    @property
    def chunks(self) -> tuple[tuple[int, ...], ...]:
        """Lengths of the blocks along each axis."""
        return self._node.chunks

    @chunks.setter
    def chunks(self, value: object) -> None:
        raise TypeError("chunks cannot be assigned; use x.rechunk(chunks)")

    @property
    def name(self) -> str:
        """A string that identifies the expression: equal expressions have equal names."""
        return self._node.name

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of elements."""
        result = 1
        for length in self.shape:
            result *= length
        return result

    @property
    def itemsize(self) -> int:
        """Bytes of one element."""
        return self.dtype.itemsize

    @property
    def nbytes(self) -> int:
        """Bytes of all elements."""
        return self.size * self.itemsize

    @property
    def numblocks(self) -> tuple[int, ...]:
        """Number of blocks along each axis."""
        return tuple(len(lengths) for lengths in self.chunks)

    @property
    def npartitions(self) -> int:
        """Number of blocks."""
        result = 1
        for count in self.numblocks:
            result *= count
        return result

    @property
    def chunksize(self) -> tuple[int, ...]:
        """Length of the largest block along each axis."""
        return tuple(max(lengths) for lengths in self.chunks)

    @property
    def _meta(self) -> np.ndarray:
        return np.empty((0,) * self.ndim, dtype=self.dtype)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of unsized object")
        return self.shape[0]

    # --- NumPy's protocols
    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        result = np.asarray(self.compute())
        if dtype is not None and result.dtype != dtype:
            if copy is False:
                raise ValueError(f"copy=False, but {result.dtype} must be converted to {np.dtype(dtype)}")
            return result.astype(dtype)
        return result.copy() if copy and not result.flags.writeable else result

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        from swath.array._dispatch import array_ufunc

        return array_ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        from swath.array._dispatch import array_function

        return array_function(function, types, args, kwargs)

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        import swath.array

        return swath.array

    def __dlpack__(self, **kwargs: Any) -> Any:
        result = np.asarray(self.compute())
        return (result if result.flags.writeable else result.copy()).__dlpack__(**kwargs)

    def __dlpack_device__(self) -> tuple[int, int]:
        return (1, 0)  # CPU

    @property
    def device(self) -> str:
        """Where results live: always "cpu"."""
        return "cpu"

    def to_device(self, device: str, /, *, stream: Any = None) -> Array:
        """The array itself; ValueError for a device other than "cpu"."""
        if device != "cpu":
            raise ValueError(f"device {device!r}; the only one is 'cpu'")
        return self

    # --- conversions compute
    def _scalar(self, kind: type) -> Any:
        if self.size != 1:
            raise TypeError(
                f"only arrays of one element can be converted to a Python scalar; this one has shape {self.shape}"
            )
        return kind(np.asarray(self.compute()).item())

    def __bool__(self) -> bool:
        if self.size != 1:
            raise ValueError(
                f"The truth value of an array with shape {self.shape} is ambiguous. Use a.any() or a.all()."
            )
        return self._scalar(bool)

    def __int__(self) -> int:
        return self._scalar(int)

    def __float__(self) -> float:
        return self._scalar(float)

    def __complex__(self) -> complex:
        return self._scalar(complex)

    def __index__(self) -> int:
        if self.dtype.kind not in "iu" or self.ndim != 0:
            raise TypeError("only 0-d integer arrays can be used as an index")
        return self._scalar(int)

    def __iter__(self) -> Iterator[Any]:
        for i in range(len(self)):
            yield self[i]

    def __copy__(self) -> Array:
        return Array(self._node)

    def __deepcopy__(self, memo: Any) -> Array:
        return Array(self._node)

    def copy(self) -> Array:
        """An equal array; nothing is copied, expressions never change."""
        return Array(self._node)

    def __hash__(self) -> int:
        raise TypeError("unhashable type: 'Array' (== compares element by element)")

    # --- shown
    def __repr__(self) -> str:
        chunksize = str(self.chunksize)
        return f"swath.array<{self._node.label}, shape={self.shape}, dtype={self.dtype}, chunksize={chunksize}>"

    def _repr_html_(self) -> str:
        from swath.array.html import table

        return table(self)

    def to_svg(self, size: int = 500) -> str:
        """The chunks as a picture of at most ``size`` pixels a side, as SVG text."""
        from swath.array.html import svg

        return svg(self.chunks, size=size)

    # --- selecting
    def __getitem__(self, index: Any) -> Array:
        from swath.array.slicing import getitem

        return getitem(self, index)

    def __setitem__(self, index: Any, value: Any) -> None:
        from swath.array.slicing import setitem

        setitem(self, index, value)

    @property
    def blocks(self) -> Any:
        """A view that is indexed by block number: ``x.blocks[0, 1:3]`` is an array."""
        from swath.array.slicing import BlockView

        return BlockView(self)

    partitions = blocks

    # --- shapes and types
    def astype(self, dtype: Any, casting: str = "unsafe", copy: bool = True, **kwargs: Any) -> Array:
        """The elements converted to ``dtype``; TypeError when ``casting`` forbids it."""
        if kwargs:
            raise TypeError(
                f"astype() got an unexpected keyword {next(iter(kwargs))!r}; accepted: dtype, casting, copy"
            )
        target = np.dtype(dtype)
        if not np.can_cast(self.dtype, target, casting=casting):  # type: ignore[arg-type]
            raise TypeError(f"Cannot cast array from {self.dtype!r} to {target!r} according to the rule {casting!r}")
        return self if target == self.dtype else Array(core.astype(self._node, target))

    def rechunk(
        self,
        chunks: Any = "auto",
        threshold: Any = None,
        block_size_limit: Any = None,
        balance: bool = False,
        method: str | None = None,
    ) -> Array:
        """The same elements in other chunks; see :func:`swath.array.rechunk`."""
        from swath.array.routines import rechunk

        return rechunk(self, chunks, threshold, block_size_limit, balance, method)

    @property
    def T(self) -> Array:
        """Axes reversed."""
        return self.transpose()

    @property
    def mT(self) -> Array:
        """The last two axes swapped."""
        if self.ndim < 2:
            raise ValueError(f"mT needs at least 2 dimensions; this array has {self.ndim}")
        return self.swapaxes(-2, -1)

    @property
    def flat(self) -> Array:
        """All elements in one axis."""
        return self.ravel()

    def transpose(self, *axes: Any) -> Array:
        """Axes in another order: ``x.transpose(1, 0)`` or ``x.transpose((1, 0))``; reversed when none are given."""
        from swath.array.routines import transpose

        if not axes:
            return transpose(self)
        return transpose(self, axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes)

    def reshape(self, *shape: Any, merge_chunks: bool = True, limit: Any = None) -> Array:
        """The same elements in another shape, in C order; one length may be -1."""
        from swath.array.routines import reshape

        return reshape(self, shape[0] if len(shape) == 1 else shape, merge_chunks=merge_chunks, limit=limit)

    def view(self, dtype: Any = None, order: str = "C") -> Array:
        """The same bytes as another dtype of equal size."""
        target = self.dtype if dtype is None else np.dtype(dtype)
        if target == self.dtype:
            return self
        raise NotImplementedError(f"view from {self.dtype} to {target}: use astype() to convert values")

    @property
    def real(self) -> Array:
        """The real parts."""
        import swath.array as sa

        return sa.real(self)

    @property
    def imag(self) -> Array:
        """The imaginary parts."""
        import swath.array as sa

        return sa.imag(self)

    # --- operators
    __add__, __radd__ = _binary("add"), _reflected("add")
    __sub__, __rsub__ = _binary("subtract"), _reflected("subtract")
    __mul__, __rmul__ = _binary("multiply"), _reflected("multiply")
    __truediv__, __rtruediv__ = _binary("divide"), _reflected("divide")
    __floordiv__, __rfloordiv__ = _binary("floor_divide"), _reflected("floor_divide")
    __mod__, __rmod__ = _binary("remainder"), _reflected("remainder")
    __pow__, __rpow__ = _binary("power"), _reflected("power")
    __and__, __rand__ = _binary("bitwise_and"), _reflected("bitwise_and")
    __or__, __ror__ = _binary("bitwise_or"), _reflected("bitwise_or")
    __xor__, __rxor__ = _binary("bitwise_xor"), _reflected("bitwise_xor")
    __lshift__, __rlshift__ = _binary("left_shift"), _reflected("left_shift")
    __rshift__, __rrshift__ = _binary("right_shift"), _reflected("right_shift")
    __eq__ = _binary("equal")  # type: ignore[assignment]
    __ne__ = _binary("not_equal")  # type: ignore[assignment]
    __lt__, __le__ = _binary("less"), _binary("less_equal")
    __gt__, __ge__ = _binary("greater"), _binary("greater_equal")
    __neg__, __pos__ = _unary("negative"), _unary("positive")
    __abs__, __invert__ = _unary("absolute"), _unary("invert")

    def dot(self, other: Any) -> Array:
        """``swath.array.dot(x, other)``."""
        from swath.array.linalg import dot

        return dot(self, other)

    def __matmul__(self, other: Any) -> Any:
        from swath.array.linalg import matmul

        return matmul(self, other) if _handled(other) else NotImplemented

    def __rmatmul__(self, other: Any) -> Any:
        from swath.array.linalg import matmul

        return matmul(other, self) if _handled(other) else NotImplemented

    def __divmod__(self, other: Any) -> Any:
        return (self // other, self % other) if _handled(other) else NotImplemented

    def __rdivmod__(self, other: Any) -> Any:
        return (other // self, other % self) if _handled(other) else NotImplemented


def _handled(other: Any) -> bool:
    """Do our operators take ``other``? What they do not take may have its own reflected operator."""
    if isinstance(other, (Array, np.ndarray, np.generic, Number, list, tuple)):
        return True
    return hasattr(other, "__array__") and not hasattr(other, "__array_ufunc__")


def normalize_chunks(*args: Any, **kwargs: Any) -> tuple[tuple[int, ...], ...]:
    """:func:`swath.array.creation.normalize_chunks`, where Dask has it."""
    from swath.array import creation

    return creation.normalize_chunks(*args, **kwargs)


def elementwise(op: str, *args: Any, dtype: Any = None) -> Array:
    """The catalogue's operation ``op`` on operands (arrays, or Python scalars of weak type)."""
    return Array(core.elementwise(op, [operand(a) for a in args], dtype))


def operand(x: Any) -> Any:
    """``x`` as the engine takes it: an expression, or a Python scalar whose type is weak."""
    if isinstance(x, Array):
        return x._node
    if type(x) in _WEAK:
        return x
    return asarray(x)._node


def asarray(
    a: Any,
    allow_unknown_chunksizes: bool = False,
    dtype: Any = None,
    order: str | None = None,
    *,
    like: Any = None,
    chunks: Any = "auto",
    copy: bool | None = None,
) -> Array:
    """``a`` as an array: itself when it is one, else :func:`swath.array.from_array` of ``numpy.asarray(a)``.

    Lists and tuples that hold arrays are stacked.

    >>> import swath.array as sa
    >>> sa.asarray([1, 2, 3]).compute()
    array([1, 2, 3])
    """
    if isinstance(a, Array):
        return a if dtype is None else a.astype(dtype)
    if isinstance(a, (list, tuple)) and any(isinstance(item, Array) for item in _leaves(a)):
        from swath.array.joining import stack

        result = stack([asarray(item) for item in a])
        return result if dtype is None else result.astype(dtype)
    from swath.array.creation import from_array

    return from_array(np.asarray(a, dtype=dtype, order=order), chunks=chunks)  # type: ignore[call-overload, arg-type]


def asanyarray(
    a: Any, dtype: Any = None, order: str | None = None, *, like: Any = None, inline_array: bool = False
) -> Array:
    """As :func:`asarray`."""
    return asarray(a, dtype=dtype, order=order)


def _leaves(nested: Sequence[Any]) -> Iterator[Any]:
    for item in nested:
        if isinstance(item, (list, tuple)):
            yield from _leaves(item)
        else:
            yield item
