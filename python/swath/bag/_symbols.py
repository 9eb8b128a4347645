"""The symbolic record: what a function is called with to see what it does.

Every operation on a :class:`Symbol` answers another symbol and is noted; what native code has no name for, or what
Python needs a real value for (a truth value, a length, text of it), raises :class:`NotTraceable`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

__all__ = ["METHODS", "Method", "NotTraceable", "Recorder", "Symbol", "is_symbolic", "tree_of"]

_INT64 = range(-(2**63), 2**63)


class NotTraceable(BaseException):
    """A traced function did what native code does not do. Not an ``Exception``: functions do not swallow it."""


class Recorder:
    """What one traced call did: every operation, and whether it met something that cannot be traced."""

    def __init__(self) -> None:
        self.made: list[Any] = []
        self.refused: str | None = None

    def refuse(self, reason: str) -> NotTraceable:
        if self.refused is None:
            self.refused = reason
        return NotTraceable(reason)

    def call(self, function: str, *arguments: Any) -> Symbol:
        """The symbol of a native function of symbols and plain values."""
        tree = (function, *[tree_of(argument, self) for argument in arguments])
        self.made.append(tree)
        return Symbol(tree, self)


def tree_of(value: Any, recorder: Recorder) -> Any:
    """The expression of a result: symbols, plain values, and displays of both."""
    kind = type(value)
    if kind is Symbol:
        return value._swath_tree
    if value is None or kind is bool:
        return value
    if kind is int:
        if value not in _INT64:
            raise recorder.refuse("an integer beyond 64 bits")
        return value
    if kind is float:
        if value != value:
            raise recorder.refuse("a NaN constant")
        return value
    if kind is str:
        try:
            value.encode()
        except UnicodeEncodeError:
            raise recorder.refuse("text that is not valid Unicode")
        return value
    if kind is bytes:
        return value
    if kind is tuple or kind is list:
        return (kind.__name__, *[tree_of(item, recorder) for item in value])
    if kind is dict:
        return ("record", *[tree_of(part, recorder) for pair in value.items() for part in pair])
    raise recorder.refuse(f"a value of type {kind.__name__!r}")


def is_symbolic(value: Any) -> bool:
    """Is a symbol in it?"""
    kind = type(value)
    if kind is Symbol:
        return True
    if kind is tuple or kind is list:
        return any(is_symbolic(item) for item in value)
    return kind is dict and any(is_symbolic(item) for item in value.values())


# Methods by name: the names of their parameters after self, and how many must be given.
METHODS: dict[str, tuple[tuple[str, ...], int]] = {
    "get": (("", ""), 1),
    "lower": ((), 0),
    "upper": ((), 0),
    "strip": (("",), 0),
    "lstrip": (("",), 0),
    "rstrip": (("",), 0),
    "split": (("sep", "maxsplit"), 0),
    "rsplit": (("sep", "maxsplit"), 0),
    "splitlines": (("keepends",), 0),
    "join": (("",), 1),
    "replace": (("", "", ""), 2),
    "startswith": (("",), 1),
    "endswith": (("",), 1),
    "find": (("",), 1),
    "rfind": (("",), 1),
    "count": (("",), 1),
    "isdigit": ((), 0),
    "isalpha": ((), 0),
    "isalnum": ((), 0),
    "isspace": ((), 0),
    "isupper": ((), 0),
    "islower": ((), 0),
    "title": ((), 0),
    "capitalize": ((), 0),
    "swapcase": ((), 0),
    "zfill": (("",), 1),
    "removeprefix": (("",), 1),
    "removesuffix": (("",), 1),
    "partition": (("",), 1),
}


def call_method(recorder: Recorder, x: Any, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Symbol:
    """``x.name(*args, **kwargs)`` for a method of the table."""
    parameters, needed = METHODS[name]
    values = list(args)
    if len(values) > len(parameters):
        raise recorder.refuse(f".{name}() with {len(values)} arguments")
    for parameter in parameters[len(values) :]:
        if not parameter or parameter not in kwargs:
            break
        values.append(kwargs[parameter])
    if kwargs:
        if name in ("split", "rsplit") and set(kwargs) == {"maxsplit"} and not args:
            values = [None, kwargs["maxsplit"]]
        elif len(values) - len(args) != len(kwargs):
            raise recorder.refuse(f".{name}() with such keywords")
    if len(values) < needed:
        raise recorder.refuse(f".{name}() without arguments")
    return recorder.call(name, x, *values)


class Method:
    """``symbol.name`` before it is called."""

    __slots__ = ("_swath_name", "_swath_pending", "_swath_symbol")

    def __init__(self, symbol: Symbol, name: str) -> None:
        self._swath_symbol = symbol
        self._swath_name = name
        # Looking the method up can fail too: it counts as an operation until the method is called.
        self._swath_pending = ("attribute", name)
        symbol._swath_recorder.made.append(self._swath_pending)

    def __call__(self, *args: Any, **kwargs: Any) -> Symbol:
        recorder = self._swath_symbol._swath_recorder
        recorder.made = [made for made in recorder.made if made is not self._swath_pending]
        return call_method(recorder, self._swath_symbol, self._swath_name, args, kwargs)

    def __bool__(self) -> bool:
        raise self._swath_symbol._swath_recorder.refuse("the truth of a method")

    def __eq__(self, other: object) -> bool:
        raise self._swath_symbol._swath_recorder.refuse("a comparison of methods")

    def __hash__(self) -> int:
        raise self._swath_symbol._swath_recorder.refuse("the hash of a method")


class Symbol:
    """A value that is not known yet."""

    __slots__ = ("_swath_recorder", "_swath_tree")

    def __init__(self, tree: Any, recorder: Recorder) -> None:
        self._swath_tree = tree
        self._swath_recorder = recorder

    def __getattr__(self, name: str) -> Method:
        if name in METHODS:
            return Method(self, name)
        raise self._swath_recorder.refuse(f"the attribute .{name}")

    def __getitem__(self, key: Any) -> Symbol:
        if type(key) is slice:
            return self._swath_recorder.call("slice", self, key.start, key.stop, key.step)
        return self._swath_recorder.call("getitem", self, key)

    def __round__(self, digits: Any = None) -> Symbol:
        return self._swath_recorder.call("round", self, *(() if digits is None else (digits,)))


def _unary(function: str) -> Callable[[Symbol], Symbol]:
    def method(self: Symbol) -> Symbol:
        return self._swath_recorder.call(function, self)

    return method


def _binary(function: str) -> Callable[[Symbol, Any], Symbol]:
    def method(self: Symbol, other: Any) -> Symbol:
        return self._swath_recorder.call(function, self, other)

    return method


def _reflected(function: str) -> Callable[[Symbol, Any], Symbol]:
    def method(self: Symbol, other: Any) -> Symbol:
        return self._swath_recorder.call(function, other, self)

    return method


def _refused(what: str) -> Callable[..., Any]:
    def method(self: Symbol, *args: Any, **kwargs: Any) -> Any:
        raise self._swath_recorder.refuse(what)

    return method


BINARY = {"add": "add", "sub": "sub", "mul": "mul", "truediv": "truediv", "floordiv": "floordiv", "mod": "mod",
          "pow": "pow", "and": "and_", "or": "or_", "xor": "xor"}  # fmt: skip
COMPARISONS = ("lt", "le", "gt", "ge", "eq", "ne")
UNARY = ("neg", "pos", "abs", "invert")
_REFUSED = {
    "bool": "the truth of a value (if, and, or, not, in)",
    "iter": "a loop over a value",
    "len": "len() of a value",
    "contains": "`in` a value",
    "index": "a value as an index",
    "int": "int() of a value",
    "float": "float() of a value",
    "complex": "complex() of a value",
    "hash": "the hash of a value",
    "str": "the text of a value",
    "repr": "the text of a value",
    "format": "a formatted value",
    "bytes": "bytes of a value",
    "next": "next() of a value",
    "reversed": "reversed() of a value",
    "call": "a call of a value",
    "setitem": "an assignment to an element",
    "delitem": "the deletion of an element",
    "enter": "`with` a value",
    "await": "`await` of a value",
    "lshift": "a shift", "rshift": "a shift", "rlshift": "a shift", "rrshift": "a shift",
    "matmul": "a matrix product", "rmatmul": "a matrix product", "divmod": "divmod()", "rdivmod": "divmod()",
    "trunc": "a rounding", "floor": "a rounding", "ceil": "a rounding", "reduce_ex": "a copy of a value",
}  # fmt: skip

for _name, _function in BINARY.items():
    setattr(Symbol, f"__{_name}__", _binary(_function))
    setattr(Symbol, f"__r{_name}__", _reflected(_function))
for _name in COMPARISONS:
    setattr(Symbol, f"__{_name}__", _binary(_name))
for _name in UNARY:
    setattr(Symbol, f"__{_name}__", _unary(_name))
for _name, _what in _REFUSED.items():
    setattr(Symbol, f"__{_name}__", _refused(_what))

OPERATORS = {
    **{getattr(operator, f"__{name}__"): function for name, function in BINARY.items()},
    **{getattr(operator, name): name for name in (*COMPARISONS, *UNARY)},
}
