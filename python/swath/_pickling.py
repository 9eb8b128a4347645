"""Calls of Python functions as objects that can be pickled: for child processes, other schedulers and files.

Child processes import this module (not the engine), so it needs nothing but the standard library; cloudpickle where
it is installed.
"""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from typing import Any

__all__ = ["Call", "Data", "dumps", "identity", "pickled_call"]


def identity(x: Any) -> Any:
    """``x``: the task that renames another."""
    return x


def _build(form: Any, inputs: Sequence[Any]) -> Any:
    """The argument that a template stands for (python/bindings/call_arguments.h)."""
    kind = form[0]
    if kind == "input":
        return inputs[form[1]]
    if kind == "literal" or kind == "late":
        return form[1]
    parts = form[1]
    if kind == "dataclass":
        return _build_dataclass(form[2], parts, inputs)
    values = [_build(part, inputs) for part in parts]
    if kind == "list":
        return values
    if kind == "tuple":
        return tuple(values) if form[2] is tuple else form[2]._make(values)
    if kind == "dict":
        return dict(zip(values[::2], values[1::2], strict=True))
    if kind == "call":
        return values[0](*values[1:])
    if kind == "slice":
        return slice(*values)
    return set(values) if kind == "set" else frozenset(values)


def _build_dataclass(cls: type, parts: Sequence[Any], inputs: Sequence[Any]) -> Any:
    fields: dict[str, Any] = {}
    later: dict[str, Any] = {}
    for name, value in zip(parts[::2], parts[1::2], strict=True):
        (later if name[0] == "late" else fields)[name[1]] = _build(value, inputs)
    made = cls(**fields)
    for name, value in later.items():
        object.__setattr__(made, name, value)
    return made


class Call:
    """``function`` with all arguments but the results of other calls, which it is called with."""

    __slots__ = ("arguments", "function", "names")

    def __init__(self, function: Any, arguments: Sequence[Any], names: tuple[str, ...]) -> None:
        self.function = function
        self.arguments = arguments
        self.names = names

    def __call__(self, *inputs: Any) -> Any:
        values = [_build(form, inputs) for form in self.arguments]
        if not self.names:
            return self.function(*values)
        first = len(values) - len(self.names)
        return self.function(*values[:first], **dict(zip(self.names, values[first:], strict=True)))

    @property
    def __name__(self) -> str:
        return getattr(self.function, "__name__", type(self.function).__name__)

    def __repr__(self) -> str:
        return f"<call of {self.__name__}>"

    def __reduce__(self) -> Any:
        return Call, (self.function, self.arguments, self.names)

    def __eq__(self, other: object) -> bool:
        return type(other) is Call and self.__reduce__() == other.__reduce__()

    def __hash__(self) -> int:
        return hash((Call, self.function))


class Data:
    """A value as a task: called without arguments, it answers the value."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __call__(self) -> Any:
        return self.value

    @property
    def __name__(self) -> str:
        return type(self.value).__name__

    def __repr__(self) -> str:
        return f"<data {type(self.value).__name__}>"

    def __reduce__(self) -> Any:
        return Data, (self.value,)

    def __eq__(self, other: object) -> bool:
        return type(other) is Data and self.value == other.value

    def __hash__(self) -> int:
        return hash(Data)


def dumps(x: Any, buffers: list[pickle.PickleBuffer] | None = None) -> bytes:
    """Pickle protocol 5; by cloudpickle what lives in ``__main__`` or in another function."""
    callback = None if buffers is None else buffers.append
    try:
        data = pickle.dumps(x, protocol=5, buffer_callback=callback)
        if b"__main__" not in data:
            return data
    except Exception:
        pass
    import cloudpickle

    if buffers is not None:
        buffers.clear()
    return cloudpickle.dumps(x, protocol=5, buffer_callback=callback)


class _InChild:
    """A call as the child makes it: of the values of its inputs and the number of the block."""

    __slots__ = ("call",)

    def __init__(self, call: Call) -> None:
        self.call = call

    def __call__(self, values: Sequence[Any], block: int) -> Any:
        return self.call(*values)

    def __reduce__(self) -> Any:
        return _InChild, (self.call,)


def pickled_call(call: Call) -> tuple[bytes, list[Any]]:
    """The bytes of ``(values, block) -> result`` and its buffers out of band. TypeError: it cannot be pickled."""
    buffers: list[pickle.PickleBuffer] = []
    try:
        data = dumps(_InChild(call), buffers)
        return data, [buffer.raw() for buffer in buffers]
    except Exception as error:
        raise TypeError(
            f"{call.__name__} cannot run in another process, since it or an argument cannot be pickled: "
            f"{type(error).__name__}: {error}; pass what can be, or use scheduler='threads'"
        ) from error


def run_pickled(data: bytes) -> Any:
    """Calls the ``(function, args)`` of ``dumps`` in another process."""
    function, args = pickle.loads(data)
    return function(*args)
