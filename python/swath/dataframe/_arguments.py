"""Checks of arguments that pandas or Dask accept and this engine does not, or only in one form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def reject(function: str, arguments: Mapping[str, Any]) -> None:
    """Raise for keyword arguments that `function` does not know.

    A keyword that is accepted and ignored would give wrong answers in silence.
    """
    if arguments:
        names = ", ".join(f"{name}=" for name in arguments)
        raise TypeError(f"{function}() does not support {names} here; remove it, or use pandas on the computed result")


def only(function: str, name: str, value: Any, *accepted: Any) -> None:
    """Raise NotImplementedError unless `value` is one of those accepted."""
    if not any(value is option or (type(value) is type(option) and value == option) for option in accepted):
        shown = " or ".join(map(repr, accepted))
        raise NotImplementedError(f"{function}({name}={value!r}) is not supported; {name} must be {shown}")


def axis_number(function: str, axis: Any) -> int:
    """Return 0 for rows and 1 for columns, as pandas names them."""
    if axis in (0, "index", "rows", None):
        return 0
    if axis in (1, "columns"):
        return 1
    raise ValueError(f"No axis named {axis!r} for {function}(); it must be 0, 1, 'index' or 'columns'")


def as_list(value: Any) -> list[Any]:
    """Return a list of one or many labels; a tuple is one label, as in pandas."""
    if value is None:
        return []
    if isinstance(value, (str, bytes, tuple)) or not hasattr(value, "__iter__"):
        return [value]
    return list(value)
