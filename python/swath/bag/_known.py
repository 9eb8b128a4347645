"""Functions of Python's own that native code has: recognised by identity, inside traced functions and by themselves."""

from __future__ import annotations

import functools
import json
import operator
import types
from collections.abc import Callable
from typing import Any

from swath.bag._symbols import METHODS, OPERATORS, Recorder, Symbol, call_method, is_symbolic

__all__ = ["ATTRIBUTES", "KnownFunction", "KnownModule", "apply_known", "is_known", "stand_in"]

Handler = Callable[[Recorder, tuple[Any, ...], dict[str, Any]], Any]


def _native(function: str, least: int, most: int | None = None) -> Handler:
    def handler(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if kwargs or not least <= len(args) <= (most or least):
            raise recorder.refuse(f"{function}() with such arguments")
        return recorder.call(function, *args)

    return handler


def _method(name: str) -> Handler:
    def handler(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if not args:
            raise recorder.refuse(f"{name}() without arguments")
        return call_method(recorder, args[0], name, args[1:], kwargs)

    return handler


def _contains(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return _native("contains", 2)(recorder, args, kwargs)


_CLASSES = {str: "str", int: "int", float: "float", bool: "bool", dict: "dict", list: "list", tuple: "tuple",
            type(None): "NoneType"}  # fmt: skip


def _isinstance(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    if kwargs or len(args) != 2:
        raise recorder.refuse("isinstance() with such arguments")
    kind = args[1].function if type(args[1]) is KnownFunction else args[1]
    if type(kind) is not type or kind not in _CLASSES:
        raise recorder.refuse("isinstance() of such a class")
    return recorder.call("isinstance", args[0], _CLASSES[kind])


def _getitem(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    if kwargs or len(args) != 2 or type(args[0]) is not Symbol:
        raise recorder.refuse("getitem() with such arguments")
    return args[0][args[1]]


_HANDLERS: dict[Any, Handler] = {
    len: _native("len", 1),
    int: _native("int", 1),
    float: _native("float", 1),
    bool: _native("bool", 1),
    str: _native("str", 1),
    abs: _native("abs", 1),
    round: _native("round", 1, 2),
    pow: _native("pow", 2),
    min: _native("min2", 2),
    max: _native("max2", 2),
    isinstance: _isinstance,
    json.loads: _native("loads", 1),
    json.dumps: _native("dumps", 1),
    operator.getitem: _getitem,
    operator.contains: _contains,
    operator.not_: _native("not", 1),
    operator.truth: _native("bool", 1),
    dict.get: _method("get"),
    **{function: _native(name, 1 if name in ("neg", "pos", "abs", "invert") else 2)
       for function, name in OPERATORS.items()},
    **{getattr(str, name): _method(name) for name in METHODS if name != "get"},
}  # fmt: skip

# Modules that a traced function may use, and what of them.
_MODULES: dict[str, dict[str, Any]] = {
    "json": {"loads": json.loads, "dumps": json.dumps},
    "operator": {
        name: function for name, function in vars(operator).items() if callable(function) and function in _HANDLERS
    },
}
# Classes whose methods a traced function may use: str.lower(x).
_CLASS_METHODS = {str: [name for name in METHODS if name != "get"], dict: ["get"]}

ATTRIBUTES = frozenset(METHODS) | {name for names in _MODULES.values() for name in names}
_PLAIN = (type(None), bool, int, float, str, bytes)


class KnownFunction:
    """Stands for a known function while a function is traced: symbolic on symbols, itself on plain values."""

    __slots__ = ("_swath_recorder", "function")

    def __init__(self, function: Any, recorder: Recorder) -> None:
        self.function = function
        self._swath_recorder = recorder

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if any(type(x) in (KnownFunction, KnownModule) for x in args[: 1 if self.function is isinstance else None]):
            raise self._swath_recorder.refuse("a function as an argument")
        if any(is_symbolic(x) for x in (*args, *kwargs.values())):
            return _HANDLERS[self.function](self._swath_recorder, args, kwargs)
        plain = [x.function if type(x) is KnownFunction else x for x in args]
        return self.function(*plain, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name in _CLASS_METHODS.get(self.function, ()):
            return KnownFunction(getattr(self.function, name), self._swath_recorder)
        raise self._swath_recorder.refuse(f"the attribute .{name} of a function")

    def _refuse(self, *args: Any) -> Any:
        raise self._swath_recorder.refuse("a function as a value")

    __bool__ = __eq__ = __hash__ = __repr__ = __str__ = __format__ = _refuse  # type: ignore[assignment]


class KnownModule:
    """Stands for a module while a function is traced."""

    __slots__ = ("_swath_name", "_swath_recorder")

    def __init__(self, name: str, recorder: Recorder) -> None:
        self._swath_name = name
        self._swath_recorder = recorder

    def __getattr__(self, name: str) -> Any:
        if name in _MODULES[self._swath_name]:
            return KnownFunction(_MODULES[self._swath_name][name], self._swath_recorder)
        raise self._swath_recorder.refuse(f"{self._swath_name}.{name}")

    def _refuse(self, *args: Any) -> Any:
        raise self._swath_recorder.refuse("a module as a value")

    __bool__ = __eq__ = __hash__ = __repr__ = __str__ = __format__ = _refuse  # type: ignore[assignment]


def is_known(function: Any) -> bool:
    """Is it a function of the table?"""
    try:
        return function in _HANDLERS
    except TypeError:
        return False


def is_plain(value: Any) -> bool:
    """Is it a value that cannot change: None, a number, text, bytes, a tuple of such?"""
    return type(value) in _PLAIN or (type(value) is tuple and all(is_plain(item) for item in value))


def stand_in(value: Any, recorder: Recorder) -> Any:
    """What a traced function sees in place of something it did not get as an argument; raises where it must not."""
    if is_plain(value):
        return value
    if is_known(value):
        return KnownFunction(value, recorder)
    if isinstance(value, types.ModuleType):
        known = _MODULES.get(value.__name__)
        if known is not None and all(getattr(value, name, None) is function for name, function in known.items()):
            return KnownModule(value.__name__, recorder)
    name = getattr(value, "__name__", None)
    raise recorder.refuse(f"it uses {name}" if name else f"it uses a value of type {type(value).__name__!r}")


def apply_known(function: Any, recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Calls a function of the table, an itemgetter, a methodcaller or a partial of such; None: it is none of them."""
    kind = type(function)
    if kind is functools.partial:
        return apply_known(function.func, recorder, (*function.args, *args), {**function.keywords, **kwargs})
    if kind is operator.itemgetter:
        if len(args) != 1 or kwargs:
            raise recorder.refuse("an itemgetter of several arguments")
        keys = function.__reduce__()[1]
        found = tuple(args[0][key] for key in keys)
        return found[0] if len(keys) == 1 else found
    if kind is operator.methodcaller:
        return _apply_methodcaller(function, recorder, args)
    if not is_known(function):
        return None
    return _HANDLERS[function](recorder, args, kwargs)


def _apply_methodcaller(function: Any, recorder: Recorder, args: tuple[Any, ...]) -> Any:
    reduced = function.__reduce__()
    first = reduced[0]
    keywords = first.keywords if type(first) is functools.partial else {}
    name, *rest = (*(first.args if type(first) is functools.partial else ()), *tuple(reduced[1]))
    if len(args) != 1 or name not in METHODS:
        raise recorder.refuse(f"the method .{name}()")
    return call_method(recorder, args[0], name, tuple(rest), keywords)
