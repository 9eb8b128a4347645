"""What a Python function does, as an expression that native code evaluates.

A function is called once with symbols in place of items; what it does to them is its expression:

>>> trace(lambda r: r["age"] > 30).tree
('gt', ('getitem', ('item',), 'age'), 30)

Only functions whose bytecode cannot change anything are called, with stand-ins for what they use from outside. What
they take from globals and enclosing functions is remembered: :meth:`Trace.is_stale` tells when it is another value, and
the function must be traced again. Where anything is in doubt there is no expression and Python runs the function:

>>> trace(lambda r: r["age"] if r else 0).reason
'the truth of a value (if, and, or, not, in)'
"""

from __future__ import annotations

import dis
import functools
import operator
import types
from typing import Any

from swath.bag._bytecode import objection
from swath.bag._known import ATTRIBUTES, apply_known, is_known, is_plain, stand_in
from swath.bag._symbols import NotTraceable, Recorder, Symbol, tree_of

__all__ = ["Trace", "trace"]

ITEM = ("item",)
ACCUMULATOR = ("acc",)
_MISSING = object()


class Capture:
    """A value that a function took from outside when it was traced."""

    __slots__ = ("function", "name", "value")

    def __init__(self, function: types.FunctionType, name: str, value: Any) -> None:
        self.function = function
        self.name = name
        self.value = value

    def is_stale(self) -> bool:
        return _outside(self.function, self.name) is not self.value


class CodeCapture:
    """The parts of a function that can be assigned to."""

    __slots__ = ("function", "parts")

    def __init__(self, function: types.FunctionType) -> None:
        self.function = function
        self.parts = self._read()

    def _read(self) -> tuple[Any, ...]:
        keywords = self.function.__kwdefaults__
        return (self.function.__code__, self.function.__defaults__, dict(keywords) if keywords else None)

    def is_stale(self) -> bool:
        code, defaults, keywords = self._read()
        return code is not self.parts[0] or defaults is not self.parts[1] or keywords != self.parts[2]


class Trace:
    """The expression of a function (``tree``), or the reason why there is none."""

    __slots__ = ("captures", "reason", "tree")

    def __init__(self, tree: Any = _MISSING, reason: str | None = None, captures: tuple[Any, ...] = ()) -> None:
        self.tree = None if tree is _MISSING else tree
        self.reason = "it could not be traced" if tree is _MISSING and reason is None else reason
        self.captures = captures

    def __bool__(self) -> bool:
        return self.reason is None

    def is_stale(self) -> bool:
        return any(capture.is_stale() for capture in self.captures)


def _outside(function: types.FunctionType, name: str) -> Any:
    """The value of a global, builtin or enclosing variable as the function would find it now."""
    if name in function.__code__.co_freevars:
        cell = (function.__closure__ or ())[function.__code__.co_freevars.index(name)]
        try:
            return cell.cell_contents
        except ValueError:
            return _MISSING
    if name in function.__globals__:
        return function.__globals__[name]
    builtins = function.__builtins__  # type: ignore[attr-defined]
    return builtins.get(name, _MISSING)


def _copy_of(function: types.FunctionType, recorder: Recorder) -> tuple[types.FunctionType, list[Any]]:
    """The function with stand-ins for all that it uses from outside, and what that is."""
    code = function.__code__
    globals_: dict[str, Any] = {"__builtins__": {}}
    captures: list[Any] = []
    free = []
    names = {i.argval for i in dis.get_instructions(code) if i.opname == "LOAD_GLOBAL"}
    for name in (*sorted(names), *code.co_freevars):
        value = _outside(function, name)
        if value is _MISSING:
            raise recorder.refuse(f"{name} is not defined")
        stand = stand_in(value, recorder)
        captures.append(Capture(function, name, value))
        if name in code.co_freevars:
            free.append(types.CellType(stand))
        else:
            globals_[name] = stand
    defaults = function.__defaults__
    if defaults is not None:
        defaults = tuple(stand_in(value, recorder) for value in defaults)
    copy = types.FunctionType(code, globals_, function.__name__, defaults, tuple(free))
    if function.__kwdefaults__:
        copy.__kwdefaults__ = {name: stand_in(value, recorder) for name, value in function.__kwdefaults__.items()}
    return copy, [*captures, CodeCapture(function)]


def _is_whole(tree: Any, recorder: Recorder) -> bool:
    """Is everything the function did part of its result? An operation left out could have raised."""
    parts: set[int] = set()
    waiting = [tree]
    while waiting:
        part = waiting.pop()
        if type(part) is tuple and id(part) not in parts:
            parts.add(id(part))
            waiting.extend(part[1:])
    return all(id(made) in parts for made in recorder.made)


def _trace_function(function: types.FunctionType, inputs: tuple[Any, ...], rest: Any, recorder: Recorder) -> Trace:
    args, kwargs = rest
    refused = objection(function, len(inputs), ATTRIBUTES)
    if refused is not None:
        return Trace(reason=refused)
    copy, captures = _copy_of(function, recorder)
    result = copy(*inputs, *args, **kwargs)
    return Trace(tree_of(result, recorder), captures=tuple(captures))


def trace(function: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None, fold: bool = False) -> Trace:
    """The expression of ``function(item, *args, **kwargs)``, or of ``function(accumulator, item)`` with ``fold``."""
    kwargs = kwargs or {}
    recorder = Recorder()
    inputs = tuple(Symbol(tree, recorder) for tree in ((ACCUMULATOR, ITEM) if fold else (ITEM,)))
    try:
        if not all(is_plain(value) for value in (*args, *kwargs.values())):
            return Trace(reason="it gets arguments that are not plain values")
        if isinstance(function, types.FunctionType) and not is_known(function):
            found = _trace_function(function, inputs, (args, kwargs), recorder)
        else:
            found = _trace_other(function, inputs, args, kwargs, recorder)
    except NotTraceable as refusal:
        return Trace(reason=recorder.refused or str(refusal))
    except Exception as error:
        return Trace(reason=f"calling it with a symbol raised {type(error).__name__}")
    if recorder.refused is not None:
        return Trace(reason=recorder.refused)
    if found and not _is_whole(found.tree, recorder):
        return Trace(reason="it computes something that is not part of its result")
    return found


def _trace_other(
    function: Any, inputs: tuple[Any, ...], args: tuple[Any, ...], kwargs: dict[str, Any], recorder: Recorder
) -> Trace:
    """Functions that are not written in Python, and partials of any."""
    if type(function) is functools.partial and isinstance(function.func, types.FunctionType):
        inner = function.func
        if not is_known(inner):
            if not all(is_plain(value) for value in (*function.args, *function.keywords.values())):
                return Trace(reason="it gets arguments that are not plain values")
            rest = (args, {**function.keywords, **kwargs})
            return _trace_function(inner, (*function.args, *inputs), rest, recorder)
    if type(function) is functools.partial and not all(
        is_plain(value) for value in (*function.args, *function.keywords.values())
    ):
        return Trace(reason="it gets arguments that are not plain values")
    result = apply_known(function, recorder, (*inputs, *args), kwargs)
    if result is None:
        kind = "it is not a plain Python function"
        return Trace(reason=kind if callable(function) else f"{type(function).__name__!r} is not callable")
    return Trace(tree_of(result, recorder))


def trace_key(key: Any) -> Trace:
    """The expression of a key: a function, or what it takes out of items."""
    if callable(key):
        return trace(key)
    if type(key) is list:
        return trace(operator.itemgetter(*key)) if len(key) > 1 and all(map(is_plain, key)) else Trace(reason="a list")
    return trace(operator.itemgetter(key)) if is_plain(key) else Trace(reason="a key that is not plain")
