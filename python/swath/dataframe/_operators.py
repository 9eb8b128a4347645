"""The operators and their named methods, the same for every lazy object of a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T", bound="Operators")


def _operator(name: str, *, reflected: bool = False) -> Callable[[Any, Any], Any]:
    def method(self: Any, other: Any) -> Any:
        return self._binary(name, other, reflected)

    method.__name__ = method.__qualname__ = f"__{'r' if reflected else ''}{name}__"
    return method


class Operators:
    """Python's operators in terms of `_binary(name, other, reflected)` and `_unary(name)`.

    Names of operations: add sub mul truediv floordiv mod pow, eq ne lt le gt ge, and or xor; neg pos abs invert.
    """

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]  # == is elementwise

    def _binary(self, name: str, other: Any, reflected: bool) -> Any:
        raise TypeError(f"{type(self).__name__} has no operators")

    def _unary(self, name: str) -> Any:
        raise TypeError(f"{type(self).__name__} has no operators")

    __add__ = _operator("add")
    __radd__ = _operator("add", reflected=True)
    __sub__ = _operator("sub")
    __rsub__ = _operator("sub", reflected=True)
    __mul__ = _operator("mul")
    __rmul__ = _operator("mul", reflected=True)
    __truediv__ = _operator("truediv")
    __rtruediv__ = _operator("truediv", reflected=True)
    __floordiv__ = _operator("floordiv")
    __rfloordiv__ = _operator("floordiv", reflected=True)
    __mod__ = _operator("mod")
    __rmod__ = _operator("mod", reflected=True)
    __pow__ = _operator("pow")
    __rpow__ = _operator("pow", reflected=True)
    __and__ = _operator("and")
    __rand__ = _operator("and", reflected=True)
    __or__ = _operator("or")
    __ror__ = _operator("or", reflected=True)
    __xor__ = _operator("xor")
    __rxor__ = _operator("xor", reflected=True)
    __eq__ = _operator("eq")  # type: ignore[assignment]
    __ne__ = _operator("ne")  # type: ignore[assignment]
    __lt__ = _operator("lt")
    __le__ = _operator("le")
    __gt__ = _operator("gt")
    __ge__ = _operator("ge")

    def __divmod__(self, other: Any) -> tuple[Any, Any]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Any, Any]:
        return other // self, other % self

    def __neg__(self: T) -> T:
        return self._unary("neg")

    def __pos__(self: T) -> T:
        return self

    def __abs__(self: T) -> T:
        return self._unary("abs")

    def __invert__(self: T) -> T:
        return self._unary("invert")


def _named(name: str, *, reflected: bool = False, axis: Any = "columns") -> Callable[..., Any]:
    def method(self: Any, other: Any, axis: Any = axis, level: None = None, fill_value: Any = None) -> Any:
        return self._named_binary(name, other, reflected, axis, level, fill_value)

    method.__doc__ = (
        f"Return `{'other' if reflected else 'self'} {name} {'self' if reflected else 'other'}`, elementwise. "
        "`fill_value` stands in for a value that is missing on one side."
    )
    return method


def _compared(name: str) -> Callable[..., Any]:
    def method(self: Any, other: Any, axis: Any = "columns", level: None = None) -> Any:
        return self._named_binary(name, other, False, axis, level, None)

    method.__doc__ = f"Return `self {name} other`, elementwise; a missing value compares false (`ne`: true)."
    return method


class NamedOperators(Operators):
    """``add``, ``radd``, ... and ``eq``, ... as methods."""

    __slots__ = ()

    def _named_binary(self, name: str, other: Any, reflected: bool, axis: Any, level: Any, fill_value: Any) -> Any:
        if level is not None:
            raise NotImplementedError("level= needs a MultiIndex, which lazy tables do not have")
        return self._binary_filled(name, other, reflected, fill_value)

    def _binary_filled(self, name: str, other: Any, reflected: bool, fill_value: Any) -> Any:
        raise NotImplementedError

    add, radd = _named("add"), _named("add", reflected=True)
    sub, rsub = _named("sub"), _named("sub", reflected=True)
    mul, rmul = _named("mul"), _named("mul", reflected=True)
    truediv, rtruediv = _named("truediv"), _named("truediv", reflected=True)
    div, rdiv = truediv, rtruediv
    divide = truediv
    floordiv, rfloordiv = _named("floordiv"), _named("floordiv", reflected=True)
    mod, rmod = _named("mod"), _named("mod", reflected=True)
    pow, rpow = _named("pow"), _named("pow", reflected=True)
    eq, ne = _compared("eq"), _compared("ne")
    lt, le, gt, ge = _compared("lt"), _compared("le"), _compared("gt"), _compared("ge")
