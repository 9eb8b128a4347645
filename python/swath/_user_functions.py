"""What is asked of a user's function and its arguments, whatever collection it works on."""

from __future__ import annotations

import functools
import inspect
from typing import Any

from swath.base import is_swath_collection
from swath.delayed import Delayed, as_call

__all__ = ["call_form", "name_of", "takes"]


def name_of(function: Any) -> str:
    """What people call ``function``."""
    while isinstance(function, functools.partial):
        function = function.func
    return getattr(function, "__name__", type(function).__name__)


def takes(function: Any, keyword: str) -> bool:
    """Has ``function`` a parameter of that name?"""
    try:
        return keyword in inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False


def call_form(value: Any, calls: list[Any]) -> tuple[str, Any]:
    """An argument that is no block: a literal, or the result of a call (collections are computed whole)."""
    if isinstance(value, (list, tuple, dict)) and _holds_collection(value):
        from swath.delayed import delayed

        value = delayed(value)
    if not isinstance(value, Delayed):
        if not is_swath_collection(value):
            return "literal", value
        value = Delayed(as_call(value))
    calls.append(value._node)
    return "call", len(calls) - 1


def _holds_collection(value: Any) -> bool:
    items = value.values() if isinstance(value, dict) else value
    return any(
        is_swath_collection(item) or (isinstance(item, (list, tuple, dict)) and _holds_collection(item))
        for item in items
    )
