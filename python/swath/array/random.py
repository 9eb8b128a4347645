"""Random arrays: NumPy's distributions, generated block by block.

Every element is a pure function of the seed and its index: a seed gives the same numbers for every chunking and
number of threads. Differs from NumPy and Dask: the numbers that belong to a seed are other ones.

>>> import swath.array as sa
>>> rng = sa.random.default_rng(42)
>>> x = rng.normal(10, 0.1, size=(1000, 1000), chunks=(100, 1000))
>>> bool(abs(x.mean() - 10) < 0.01)
True
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable
from typing import Any

import numpy as np

from swath._engine import core
from swath.array.core import Array, asarray
from swath.array.creation import shape_of

__all__ = [
    "Generator",
    "RandomState",
    "default_rng",
    "integers",
    "seed",
]


def _words(seed: Any) -> list[int]:
    """A seed as 64-bit words: fresh ones for None."""
    if seed is None:
        return [secrets.randbits(64), secrets.randbits(64)]
    if isinstance(seed, np.random.SeedSequence):
        return [int(word) for word in seed.generate_state(2, np.uint64)]
    if isinstance(seed, (list, tuple, np.ndarray)):
        return [word for part in seed for word in _words(int(part))]
    number = int(seed)
    if number < 0:
        raise ValueError(f"expected non-negative integer as a seed, got {number}")
    words = [number & (2**64 - 1)]
    while number := number >> 64:
        words.append(number & (2**64 - 1))
    return words


class _Source:
    """What Generator and RandomState have in common."""

    def __init__(self, seed: Any = None) -> None:
        self._native = core.Generator(_words(seed))

    def __repr__(self) -> str:
        return f"<swath.array.random.{type(self).__name__}>"

    def _draw(self, distribution: str, parameters: list[Any], size: Any, chunks: Any, dtype: Any = None) -> Array:
        arrays = [p for p in parameters if np.ndim(p) > 0]
        if arrays:
            return self._draw_by_array(distribution, parameters, size, chunks, dtype)
        values = [float(p) for p in parameters]
        return Array(
            self._native.draw(distribution, values, list(() if size is None else shape_of(size)), dtype, chunks)
        )

    def _draw_by_array(self, distribution: str, parameters: list[Any], size: Any, chunks: Any, dtype: Any) -> Array:
        """Parameters that are arrays: by location and scale, where the distribution has them and nothing else
        varies."""
        names = dict((name, names) for name, names, _, _ in core.distributions())[distribution]
        shape = np.broadcast_shapes(*[np.shape(p) for p in parameters], () if size is None else shape_of(size))
        base, moved = [], {}
        for name, p in zip(names, parameters, strict=False):
            if np.ndim(p) == 0:
                base.append(float(p))
            elif name in ("loc", "low", "scale", "high", "mean"):
                base.append({"loc": 0.0, "mean": 0.0, "low": 0.0}.get(name, 1.0))
                moved[name] = asarray(p)
            else:
                raise NotImplementedError(
                    f"{distribution}: parameter {name!r} must be a number here; loc and scale may be arrays"
                )
        if distribution == "uniform":
            low, high = parameters
            unit = Array(self._native.draw("random", [], list(shape), dtype, chunks))
            return asarray(low) + (asarray(high) - asarray(low)) * unit
        if set(moved) - {"loc", "scale"}:
            raise NotImplementedError(f"{distribution}: parameters must be numbers here")
        standard = [1.0 if n == "scale" else 0.0 if n == "loc" else v for n, v in zip(names, base, strict=False)]
        result = Array(self._native.draw(distribution, standard, list(shape), dtype, chunks))
        by_name = dict(zip(names, parameters, strict=False))
        if "scale" in by_name:
            result = result * (asarray(by_name["scale"]) if np.ndim(by_name["scale"]) else float(by_name["scale"]))
        if "loc" in by_name:
            result = result + (asarray(by_name["loc"]) if np.ndim(by_name["loc"]) else float(by_name["loc"]))
        return result

    def _integers(self, low: Any, high: Any, size: Any, dtype: Any, endpoint: bool, chunks: Any) -> Array:
        if high is None:
            low, high = 0, low
        low, high = int(low), int(high) + (1 if endpoint else 0)
        target = np.dtype(dtype)
        if target.kind not in "iub":
            raise TypeError(f"Unsupported dtype {target} for integers")
        limits = (0, 2) if target.kind == "b" else (int(np.iinfo(target).min), int(np.iinfo(target).max) + 1)
        if low >= high:
            raise ValueError("low >= high" if not endpoint else "low > high")
        if low < limits[0]:
            raise ValueError(f"low is out of bounds for {target.name}")
        if high > limits[1]:
            raise ValueError(f"high is out of bounds for {target.name}")
        if high == 2**63 and target == np.int64:
            offset = self._native.integers(
                0,
                high - low - 2**64 if high - low >= 2**63 else high - low,
                list(() if size is None else shape_of(size)),
                np.dtype("u8"),
                chunks,
            )
            return Array(offset).astype("i8") + low if low else Array(offset).astype("i8")
        wrapped = [value - 2**64 if value >= 2**63 else value for value in (low, high)]
        shape = list(() if size is None else shape_of(size))
        return Array(self._native.integers(*wrapped, shape, target, chunks))

    def choice(
        self,
        a: Any,
        size: Any = None,
        replace: bool = True,
        p: Any = None,
        axis: int = 0,
        shuffle: bool = True,
        chunks: Any = "auto",
    ) -> Array:
        """Elements of ``a`` (or of ``arange(a)``) at random; ``p`` are their probabilities. Without replacement: of
        small ``a``."""
        values = np.arange(int(a)) if np.ndim(a) == 0 else np.asarray(a)
        if values.ndim != 1:
            raise ValueError("a must be one dimensional")
        shape = () if size is None else shape_of(size)
        count = math.prod(shape)
        if len(values) == 0 and count:
            raise ValueError("a must be greater than 0 unless no samples are taken")
        if p is not None:
            p = np.asarray(p, dtype=float)
            if p.ndim != 1:
                raise ValueError("p must be one dimensional")
            if len(p) != len(values):
                raise ValueError("a and p must have the same size")
            if not np.allclose(p.sum(), 1, rtol=1e-7, atol=0):
                raise ValueError("probabilities do not sum to 1")
        if not replace:
            if count > len(values):
                raise ValueError("Cannot take a larger sample than population when replace is False")
            order = np.random.default_rng(np.asarray(self._native_words()))
            return asarray(order.choice(values, size=shape, replace=False, p=p)).rechunk(chunks)
        if p is None:
            numbers = self._integers(0, len(values), shape, np.int64, False, chunks)
        else:
            unit = self._draw("random", [], shape, chunks)
            numbers = asarray(np.zeros(1, np.int64)[0])
            for edge in np.cumsum(p)[:-1]:  # a step function of the cumulative probabilities
                numbers = numbers + (unit >= float(edge))
        if np.ndim(a) == 0:
            return numbers
        steps = asarray(values[:1])[0] if len(values) else asarray(values)
        if values.dtype.kind in "iufc" and len(values) <= 64:
            from swath.array.ufunc import elementwise_where

            result = steps + 0 * numbers.astype(values.dtype)
            for i in range(1, len(values)):
                result = elementwise_where(numbers == i, values[i], result)
            return result
        return asarray(values[np.asarray(numbers.compute())], chunks=chunks)

    def permutation(self, x: Any) -> Array:
        """``x``, or ``arange(x)``, in random order along the first axis."""
        x = asarray(np.arange(int(x))) if np.ndim(x) == 0 else asarray(x)
        order = np.random.default_rng(np.asarray(self._native_words())).permutation(x.shape[0])
        return Array(core.take(x._node, order.tolist(), 0))

    def _native_words(self) -> list[int]:
        drawn = Array(self._native.integers(0, 2**62, [4], np.dtype("i8"), 4)).compute()
        return [int(word) for word in drawn]


def _distribution(name: str, names: tuple[str, ...], defaults: tuple[float, ...], doc: str) -> Callable[..., Array]:
    required = [n for n, d in zip(names, defaults, strict=False) if math.isnan(d)]

    def method(self: _Source, *args: Any, **kwargs: Any) -> Array:
        values = dict(zip((*names, "size"), args, strict=False))
        if len(args) > len(names) + 1:
            raise TypeError(f"{name}() takes at most {len(names) + 1} positional arguments, {len(args)} given")
        for key, value in kwargs.items():
            if key not in (*names, "size", "chunks", "dtype"):
                raise TypeError(f"{name}() got an unexpected keyword argument {key!r}")
            if key in values:
                raise TypeError(f"{name}() got multiple values for argument {key!r}")
            values[key] = value
        missing = [n for n in required if n not in values]
        if missing:
            raise TypeError(f"{name}() missing required argument {missing[0]!r}")
        parameters = [values.get(n, d) for n, d in zip(names, defaults, strict=False)]
        return self._draw(name, parameters, values.get("size"), values.get("chunks", "auto"), values.get("dtype"))

    method.__name__ = method.__qualname__ = name
    arguments = ", ".join(
        [n if n in required else f"{n}={d:g}" for n, d in zip(names, defaults, strict=False)]
        + ["size=None", "chunks='auto'"]
    )
    method.__doc__ = f"{name}({arguments})\n\n{doc}"
    return method


class Generator(_Source):
    """Random arrays of one seed, as ``numpy.random.Generator``; made by :func:`default_rng`. Each call gives new
    numbers."""

    def integers(
        self,
        low: Any,
        high: Any = None,
        size: Any = None,
        dtype: Any = np.int64,
        endpoint: bool = False,
        chunks: Any = "auto",
    ) -> Array:
        """Integers from ``low`` to ``high`` (excluded unless ``endpoint``), or from 0 to ``low``."""
        return self._integers(low, high, size, dtype, endpoint, chunks)


class RandomState(_Source):
    """Random arrays of one seed with the older names of ``numpy.random.RandomState``."""

    def seed(self, seed: Any = None) -> None:
        """Start again from ``seed``."""
        self._native = core.Generator(_words(seed))

    def randint(self, low: Any, high: Any = None, size: Any = None, chunks: Any = "auto", dtype: Any = "l") -> Array:
        """Integers from ``low`` to ``high`` (excluded), or from 0 to ``low``."""
        return self._integers(low, high, size, dtype, False, chunks)

    def random_integers(self, low: Any, high: Any = None, size: Any = None, chunks: Any = "auto") -> Array:
        """Integers from ``low`` to ``high`` (included), or from 1 to ``low``."""
        if high is None:
            low, high = 1, low
        return self._integers(low, high, size, np.int64, True, chunks)

    def random_sample(self, size: Any = None, chunks: Any = "auto") -> Array:
        """Uniform in [0, 1)."""
        return self._draw("random", [], size, chunks)

    def rand(self, *shape: int, chunks: Any = "auto") -> Array:
        """Uniform in [0, 1), of the given shape."""
        return self._draw("random", [], shape, chunks)

    def randn(self, *shape: int, chunks: Any = "auto") -> Array:
        """Standard normal, of the given shape."""
        return self._draw("standard_normal", [], shape, chunks)


_NAMES: list[str] = []
for _name, _parameters, _defaults, _doc in core.distributions():
    if _name != "integers":
        setattr(_Source, _name, _distribution(_name, _parameters, _defaults, _doc))
        _NAMES.append(_name)


def default_rng(seed: Any = None) -> Generator:
    """A :class:`Generator`: of ``seed`` (a number, a sequence of numbers, a NumPy SeedSequence), or of a fresh one.

    >>> import swath.array as sa
    >>> a = sa.random.default_rng(7).random(1000, chunks=10)
    >>> b = sa.random.default_rng(7).random(1000, chunks=333)
    >>> bool((a == b).all())
    True
    """
    return seed if isinstance(seed, Generator) else Generator(seed)


_state = RandomState()


def seed(seed: Any = None) -> None:
    """Seed the functions of this module."""
    _state.seed(seed)


def _module_function(name: str) -> Callable[..., Array]:
    def function(*args: Any, **kwargs: Any) -> Array:
        return getattr(_state, name)(*args, **kwargs)

    method = getattr(RandomState, name)
    function.__name__ = function.__qualname__ = name
    function.__doc__ = method.__doc__
    return function


for _name in (*_NAMES, "choice", "permutation", "rand", "randint", "randn", "random_integers", "random_sample"):
    globals()[_name] = _module_function(_name)
    __all__.append(_name)


def integers(
    low: Any, high: Any = None, size: Any = None, dtype: Any = np.int64, endpoint: bool = False, chunks: Any = "auto"
) -> Array:
    """Integers from ``low`` to ``high`` (excluded unless ``endpoint``), or from 0 to ``low``."""
    return _state._integers(low, high, size, dtype, endpoint, chunks)
