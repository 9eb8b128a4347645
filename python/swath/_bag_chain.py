"""A chain of functions on the items of a bag, run in this process or pickled into a child."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

__all__ = ["Chain"]


def _items(value: Any) -> Any:
    """The items of a partition: in a child process native ones arrive as a table."""
    if hasattr(value, "__arrow_c_stream__"):
        from swath._engine import core

        return core.bag_iterate_table(value)
    return value


def _side(value: Any) -> Any:
    """A side value: the items of a bag as a list, tables as they are."""
    return list(_items(value)) if getattr(value, "column_names", [""])[:1] == ["item"] else value


class Chain:
    """``chain(values, block)``: the first ``inputs`` values are partitions (-1: all), the others side values.

    A link is ``(function, side_first, side_count, wants_block)``; the first function gets an iterator of
    each partition, every other one of what the one before returned.
    """

    __slots__ = ("inputs", "links", "table")

    def __init__(self, links: tuple[tuple[Callable[..., Any], int, int, bool], ...], inputs: int, table: bool) -> None:
        self.links = links
        self.inputs = inputs
        self.table = table

    def __call__(self, values: Sequence[Any], block: int) -> Any:
        count = len(values) if self.inputs < 0 else self.inputs
        arguments = [iter(_items(value)) for value in values[:count]]
        sides = [_side(value) for value in values[count:]]
        result: Any = None
        for number, (function, first, side_count, wants_block) in enumerate(self.links):
            more = sides[first : first + side_count]
            if number > 0:
                arguments = [iter(result)]
            result = function(*arguments, *more, block=block) if wants_block else function(*arguments, *more)
        return result if self.table or type(result) is list else list(result)

    def __reduce__(self) -> tuple[Any, ...]:
        return Chain, (self.links, self.inputs, self.table)
