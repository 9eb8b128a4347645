"""Elementwise functions: one for each row of the engine's catalogue, with NumPy's names, and those composed of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from swath._engine import core
from swath.array.core import Array, asarray, operand

__all__ = [
    "angle",
    "around",
    "clip",
    "divmod",
    "fix",
    "frexp",
    "imag",
    "isclose",
    "iscomplex",
    "isnull",
    "isreal",
    "modf",
    "nan_to_num",
    "notnull",
    "real",
    "round",
    "sinc",
    "ufunc",
    "where",
]

# NumPy's other names for rows of the catalogue, and rows that are parts of a function with two results.
_ALIASES = {
    "abs": "absolute",
    "acos": "arccos",
    "acosh": "arccosh",
    "asin": "arcsin",
    "asinh": "arcsinh",
    "atan": "arctan",
    "atan2": "arctan2",
    "atanh": "arctanh",
    "bitwise_invert": "invert",
    "bitwise_left_shift": "left_shift",
    "bitwise_not": "invert",
    "bitwise_right_shift": "right_shift",
    "conj": "conjugate",
    "degrees": "rad2deg",
    "mod": "remainder",
    "pow": "power",
    "radians": "deg2rad",
    "true_divide": "divide",
}
_SPECIAL = {
    "cast",
    "where",
    "clip",
    "round",
    "nan_to_num",
    "real",
    "imag",
    "angle",
    "fix",
    "sinc",
    "isclose",
    "iscomplex",
    "isreal",
    "frexp_mantissa",
    "frexp_exponent",
    "modf_fractional",
    "modf_integral",
}


class ufunc:
    """A function of one row of the catalogue. Called with arrays (ours, NumPy's, lists) or numbers; broadcasts;
    lazy."""

    def __init__(self, name: str, op: str, nin: int, doc: str) -> None:
        self.__name__ = name
        self.__qualname__ = name
        self.__doc__ = doc
        self._op = op
        self.nin = nin
        self.nout = 1
        self.nargs = nin + 1

    def __repr__(self) -> str:
        return f"<swath.array ufunc {self.__name__!r}>"

    def __call__(self, *args: Any, out: Any = None, where: Any = True, dtype: Any = None, **kwargs: Any) -> Any:
        if kwargs:
            raise TypeError(
                f"{self.__name__}() got an unexpected keyword argument {next(iter(kwargs))!r}; known: out, where, dtype"
            )
        if len(args) == self.nin + 1 and out is None:
            *args, out = args  # type: ignore[assignment]
        if len(args) != self.nin:
            raise TypeError(f"{self.__name__}() takes {self.nin} positional arguments, {len(args)} given")
        result = Array(core.elementwise(self._op, [operand(a) for a in args], dtype))
        return finish(result, out, where)

    def outer(self, a: Any, b: Any, **kwargs: Any) -> Any:
        """The function of every pair of an element of ``a`` and one of ``b``: shape ``a.shape + b.shape``."""
        if self.nin != 2:
            raise ValueError("outer product only supported for binary functions")
        a, b = asarray(a), asarray(b)
        return self(a[(...,) + (None,) * b.ndim], b, **kwargs)

    def reduce(self, a: Any, axis: Any = 0, dtype: Any = None, keepdims: bool = False, **kwargs: Any) -> Any:
        """The function between all elements along ``axis``."""
        from swath.array import reductions

        name = {
            "add": "sum",
            "multiply": "prod",
            "maximum": "max",
            "minimum": "min",
            "logical_and": "all",
            "logical_or": "any",
        }
        if self._op not in name:
            raise TypeError(f"{self.__name__}.reduce is not there; use one of {', '.join(name)}")
        if dtype is not None:
            kwargs["dtype"] = dtype
        return getattr(reductions, name[self._op])(a, axis=axis, keepdims=keepdims, **kwargs)

    def accumulate(self, a: Any, axis: int = 0, dtype: Any = None, **kwargs: Any) -> Any:
        """The running result along ``axis``."""
        from swath.array import reductions

        name = {"add": "cumsum", "multiply": "cumprod"}
        if self._op not in name:
            raise TypeError(f"{self.__name__}.accumulate is not there; use one of {', '.join(name)}")
        return getattr(reductions, name[self._op])(a, axis=axis, dtype=dtype, **kwargs)


def finish(result: Array, out: Any, where: Any = True) -> Any:
    """Apply ``where=`` and ``out=`` of a ufunc or reduction to its result."""
    if isinstance(out, tuple):
        if len(out) != 1:
            raise ValueError(f"out must hold one array, not {len(out)}")
        out = out[0]
    if out is not None and not isinstance(out, Array):
        raise TypeError(
            f"out must be a swath Array, not {type(out).__name__}; write numpy_array[...] = result.compute() instead"
        )
    if where is not True:
        result = elementwise_where(where, result, result if out is None else out)
    if out is not None:
        if out.shape != result.shape:
            raise ValueError(f"out has shape {out.shape}, the result {result.shape}")
        if out.dtype != result.dtype:
            if not np.can_cast(result.dtype, out.dtype, "same_kind"):
                raise TypeError(
                    f"Cannot cast the result from {result.dtype} to {out.dtype} of out with casting rule 'same_kind'"
                )
            result = result.astype(out.dtype)
        out._adopt(result)
        return out
    return result


def elementwise_where(condition: Any, x: Any, y: Any) -> Array:
    """``numpy.where`` with three arguments."""
    return Array(core.elementwise("where", [operand(condition), operand(x), operand(y)], None))


def where(condition: Any, x: Any = None, y: Any = None) -> Any:
    """Elements of ``x`` where ``condition`` holds, of ``y`` elsewhere; with ``condition`` alone, its :func:`nonzero`
    indices.

    >>> import swath.array as sa
    >>> x = sa.arange(5, chunks=2)
    >>> sa.where(x > 2, x, -1).compute()
    array([-1, -1, -1,  3,  4])
    """
    if (x is None) != (y is None):
        raise ValueError("either both or neither of x and y should be given")
    if x is None:
        from swath.array.routines import nonzero

        return nonzero(condition)
    return elementwise_where(condition, x, y)


def clip(a: Any, a_min: Any = None, a_max: Any = None, out: Any = None, *, min: Any = None, max: Any = None) -> Any:
    """Elements limited to ``[a_min, a_max]``; either limit may be None.

    >>> import swath.array as sa
    >>> sa.clip(sa.arange(5), 1, 3).compute()
    array([1, 1, 2, 3, 3])
    """
    low = min if a_min is None else a_min
    high = max if a_max is None else a_max
    x = asarray(a)
    if low is not None and high is not None:
        result = Array(core.elementwise("clip", [x._node, operand(low), operand(high)], None))
    elif low is not None:
        result = Array(core.elementwise("maximum", [x._node, operand(low)], None))
    elif high is not None:
        result = Array(core.elementwise("minimum", [x._node, operand(high)], None))
    else:
        result = x
    return finish(result, out)


def round(a: Any, decimals: int = 0) -> Array:
    """Elements rounded to ``decimals`` digits, halves to even.

    >>> import swath.array as sa
    >>> sa.round(sa.asarray([0.5, 1.25]), 1).compute()
    array([0.5, 1.2])
    """
    return Array(core.elementwise("round", [operand(asarray(a)), int(decimals)], None))


around = round


def real(x: Any) -> Array:
    """The real parts."""
    x = asarray(x)
    return Array(core.elementwise("real", [x._node], None)) if x.dtype.kind == "c" else x


def imag(x: Any) -> Array:
    """The imaginary parts; zeros for real numbers."""
    x = asarray(x)
    if x.dtype.kind == "c":
        return Array(core.elementwise("imag", [x._node], None))
    from swath.array.creation import zeros_like

    return zeros_like(x)


def angle(x: Any, deg: bool = False) -> Array:
    """The angle of complex numbers, in radians or degrees."""
    x = asarray(x)
    result = Array(core.elementwise("arctan2", [imag(x)._node, real(x)._node], None))
    return result * (180 / np.pi) if deg else result


def fix(x: Any, out: Any = None) -> Any:
    """Rounded towards zero, as a float."""
    x = asarray(x)
    result = Array(core.elementwise("trunc", [x._node], None))
    return finish(result, out)


def nan_to_num(x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Array:
    """NaN and infinities replaced by numbers: 0 and the largest of the dtype unless given."""
    x = asarray(x)
    if x.dtype.kind == "c":
        return nan_to_num(x.real, nan=nan, posinf=posinf, neginf=neginf) + 1j * nan_to_num(
            x.imag, nan=nan, posinf=posinf, neginf=neginf
        ).astype(x.imag.dtype)
    if x.dtype.kind != "f":
        return x
    limits = np.finfo(x.dtype)
    kind = x.dtype.type
    high = limits.max if posinf is None else posinf
    low = limits.min if neginf is None else neginf
    test = {name: Array(core.elementwise(name, [x._node], None)) for name in ("isnan", "isinf")}
    infinite = elementwise_where(x > 0, kind(high), kind(low))
    return elementwise_where(test["isnan"], kind(nan), elementwise_where(test["isinf"], infinite, x))


def isclose(a: Any, b: Any, rtol: Any = 1e-5, atol: Any = 1e-8, equal_nan: bool = False) -> Array:
    """``|a - b| <= atol + rtol * |b|``, equal infinities included."""
    a, b = asarray(a), asarray(b)
    if a.dtype.kind not in "fc":
        a = a.astype(float)
    if b.dtype.kind not in "fc":
        b = b.astype(float)
    finite = Array(core.elementwise("isfinite", [b._node], None))
    result = elementwise_where(finite, abs(a - b) <= atol + rtol * abs(b), a == b)
    if equal_nan:
        result = result | ((a != a) & (b != b))
    return result


def iscomplex(x: Any) -> Array:
    """Is the imaginary part not zero?"""
    return imag(x) != 0


def isreal(x: Any) -> Array:
    """Is the imaginary part zero?"""
    return imag(x) == 0


def isnull(values: Any) -> Array:
    """Is the element NaN or NaT?"""
    x = asarray(values)
    if x.dtype.kind in "mM":
        return Array(core.elementwise("isnat", [x._node], None))
    if x.dtype.kind not in "fc":
        from swath.array.creation import zeros_like

        return zeros_like(x, dtype=bool)
    return Array(core.elementwise("isnan", [x._node], None))


def notnull(values: Any) -> Array:
    """Is the element neither NaN nor NaT?"""
    return ~isnull(values)


def sinc(x: Any) -> Array:
    """``sin(pi x) / (pi x)``, 1 at 0."""
    y = asarray(x)
    y = np.pi * elementwise_where(y == 0, 1.0e-20, y)
    return Array(core.elementwise("divide", [core.elementwise("sin", [y._node], None), y._node], None))


def divmod(x1: Any, x2: Any) -> tuple[Array, Array]:
    """Quotient rounded down, and the rest."""
    x1, x2 = operand(x1), operand(x2)
    return Array(core.elementwise("floor_divide", [x1, x2], None)), Array(core.elementwise("remainder", [x1, x2], None))


def frexp(x: Any) -> tuple[Array, Array]:
    """Mantissa in [0.5, 1) and exponent of 2."""
    x = operand(asarray(x))
    return Array(core.elementwise("frexp_mantissa", [x], None)), Array(core.elementwise("frexp_exponent", [x], None))


def modf(x: Any) -> tuple[Array, Array]:
    """Fractional and integral part, both with the sign of ``x``."""
    x = operand(asarray(x))
    return Array(core.elementwise("modf_fractional", [x], None)), Array(core.elementwise("modf_integral", [x], None))


def _example(name: str, nin: int, loops: str) -> str:
    if not isinstance(getattr(np, name, None), np.ufunc):
        return ""
    sample = (
        "[0.25, 1.0]"
        if "d" in loops
        else "[1, 2]"
        if "l" in loops
        else "[True, False]"
        if "?" in loops
        else "'2013-01-01'"
    )
    kind = "" if sample[0] == "[" else ", dtype='M8[D]'"
    arguments = "x, [2, 1]" if name == "ldexp" else ", ".join(["x"] * nin)
    equal_nan = ", equal_nan=True" if name in ("arccosh", "acosh") else ""
    return (
        f"\n\n>>> import numpy as np, swath.array as sa\n>>> x = np.array({sample}{kind})\n"
        f">>> np.allclose(sa.{name}({arguments}).compute(), np.{name}({arguments}){equal_nan})\nTrue\n"
    )


def _make() -> dict[str, Callable[..., Any]]:
    rows = {name: row for name, *row in core.elementwise_ops()}
    made: dict[str, Callable[..., Any]] = {}
    for name, op in [(name, name) for name in rows if name not in _SPECIAL] + list(_ALIASES.items()):
        if op in rows:
            arity, doc, loops = rows[op]
            made[name] = ufunc(name, op, arity, doc + _example(name, arity, loops))
    return made


catalogue = _make()
globals().update(catalogue)
__all__ += list(catalogue)
