"""In which order a hand-written graph is best run by one worker. The engine orders its own graphs by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from swath.core import get_dependencies, reverse_dict, toposort

__all__ = ["OrderInfo", "diagnostics", "order"]


def order(dsk: Mapping[Any, Any], dependencies: Mapping[Any, Any] | None = None) -> dict[Any, int]:
    """A number for each key: depth first, so that results are read soon after they are made.

    >>> order({"a": 1, "b": 2, "c": (abs, "a"), "d": (abs, "b")})
    {'a': 0, 'c': 1, 'b': 2, 'd': 3}
    """
    reads = {k: set(get_dependencies(dsk, k)) for k in dsk} if dependencies is None else dependencies
    toposort(dict(dsk), reads)  # a cycle is an error
    readers = reverse_dict({k: set(v) for k, v in reads.items()})
    below: dict[Any, int] = {}
    for key in toposort(dict(dsk), reads):
        below[key] = 1 + sum(below[i] for i in reads[key])
    numbers: dict[Any, int] = {}
    roots = sorted((k for k in dsk if not readers[k]), key=lambda k: (below[k], str(k)))
    for root in roots:
        stack = [root]
        while stack:
            key = stack[-1]
            missing = [i for i in reads[key] if i not in numbers] if key not in numbers else []
            if missing:  # the heaviest first: what it leaves behind is one result
                stack.extend(sorted(missing, key=lambda k: (below[k], str(k))))
                continue
            stack.pop()
            numbers.setdefault(key, len(numbers))
    return numbers


class OrderInfo(NamedTuple):
    """How a key fares in an order."""

    order: int
    age: int
    num_data_when_run: int
    num_data_when_released: int
    num_dependencies_freed: int


def diagnostics(
    dsk: Mapping[Any, Any], o: Mapping[Any, int] | None = None, dependencies: Mapping[Any, Any] | None = None
) -> tuple[dict[Any, OrderInfo], list[int]]:
    """For each key when it runs, how long its result is held, and how many results are held then."""
    reads = {k: set(get_dependencies(dsk, k)) for k in dsk} if dependencies is None else dependencies
    o = order(dsk, reads) if o is None else o
    uses = {k: len(v) for k, v in reverse_dict({k: set(v) for k, v in reads.items()}).items()}
    pressure: list[int] = []
    held = 0
    released_at: dict[Any, tuple[int, int]] = {}
    freed: dict[Any, int] = {}
    for step, key in enumerate(sorted(dsk, key=o.__getitem__)):
        pressure.append(held)
        held += 1
        freed[key] = 0
        for inner in reads[key]:
            uses[inner] -= 1
            if uses[inner] == 0:
                held -= 1
                freed[key] += 1
                released_at[inner] = (step, pressure[-1])
    info = {}
    for step, key in enumerate(sorted(dsk, key=o.__getitem__)):
        end, held_then = released_at.get(key, (len(pressure) - 1, pressure[-1] if pressure else 0))
        info[key] = OrderInfo(o[key], end - step, pressure[step], held_then, freed[key])
    pressure.append(held)
    return info, pressure
