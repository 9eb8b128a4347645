"""What steps and reductions do where Python runs: functions of iterators, made of Python's own fast parts.

All are importable by name, so that they can be sent to other processes.
"""

from __future__ import annotations

import functools
import gc
import itertools
import operator
import types
from collections.abc import Callable, Iterable, Iterator
from typing import Any

END = object()


class NoDefault:
    """The only value of it stands for an argument that was not given."""

    def __repr__(self) -> str:
        return "no_default"

    def __reduce__(self) -> str:
        return "no_default"


no_default = NoDefault()


def again(first: Any, items: Iterator[Any]) -> Iterator[Any]:
    """The items with one put back, which is forgotten when it has been given out."""
    return itertools.chain(map(list.pop, [[first]]), items)


def reified(items: Iterator[Any]) -> Iterator[Any]:
    """The items; lists of them where they are iterators, as Dask makes of a first item that is one."""
    first = next(items, END)
    if first is END:
        return iter(())
    items = again(first, items)
    return map(list, items) if isinstance(first, Iterator) else items


# What steps in Python make. Other iterators are of partitions that are there already.
_LAZY = frozenset((map, filter, zip, types.GeneratorType, itertools.chain, itertools.filterfalse, itertools.starmap,
                   itertools.product, itertools.islice))  # fmt: skip


def partition_of(items: Iterator[Any]) -> Any:
    """What a function of a partition gets: the iterator of a step before it, else a list, as Dask's do."""
    if type(items) in _LAZY:
        return items
    # Many new dicts make Python look for garbage again and again; there is none.
    collects = gc.isenabled()
    gc.disable()
    try:
        return list(items)
    finally:
        if collects:
            gc.enable()


class MapItems:
    """``func`` on items. ``slots`` tells for every argument what it is: an item, a side value, a constant."""

    def __init__(
        self, func: Callable[..., Any], slots: list[tuple[str, Any]], names: dict[str, tuple[str, Any]]
    ) -> None:
        self.func = func
        self.slots = slots
        self.names = names
        self.bags = sum(kind == "item" for kind, _ in (*slots, *names.values()))

    def __call__(self, items: Iterator[Any], *sides: Any) -> Iterator[Any]:
        def constant(slot: tuple[str, Any]) -> Any:
            return sides[slot[1]] if slot[0] == "side" else slot[1]

        fixed = {name: constant(slot) for name, slot in self.names.items() if slot[0] != "item"}
        func = functools.partial(self.func, **fixed) if fixed else self.func
        if self.bags == 1 and not any(kind == "item" for kind, _ in self.names.values()):
            columns = [items if slot[0] == "item" else itertools.repeat(constant(slot)) for slot in self.slots]
            return reified(map(func, *columns))
        return reified(self._rows(func, items, constant))

    def _rows(self, func: Callable[..., Any], items: Iterator[Any], constant: Callable[..., Any]) -> Iterator[Any]:
        """Items are tuples of partitions, one a bag."""
        for partitions in items if self.bags > 1 else ((list(items),),):
            if len({len(partition) for partition in partitions}) > 1:
                raise ValueError(
                    "map called with multiple bags that aren't identically partitioned. Please ensure that all bag "
                    "arguments have the same partition lengths"
                )
            slots = [slot if slot[0] == "item" else ("value", constant(slot)) for slot in self.slots]
            names = {name: slot[1] for name, slot in self.names.items() if slot[0] == "item"}
            for row in zip(*partitions, strict=True):
                args = [row[value] if kind == "item" else value for kind, value in slots]
                yield func(*args, **{name: row[number] for name, number in names.items()})


class MapPartition:
    """``func`` on whole partitions, lists or iterators; what it answers is the partition."""

    def __init__(
        self,
        func: Callable[..., Any],
        slots: list[tuple[str, Any]],
        names: dict[str, tuple[str, Any]],
        raw: bool = False,
    ) -> None:
        self.func = func
        self.slots = slots
        self.names = names
        self.raw = raw
        self.bags = sum(kind == "item" for kind, _ in (*slots, *names.values()))

    def __call__(self, items: Iterator[Any], *sides: Any) -> Iterable[Any]:
        partitions = [partition_of(items)] if self.bags == 1 else next(iter(items))

        def value(slot: tuple[str, Any]) -> Any:
            kind, what = slot
            return partitions[what] if kind == "item" else sides[what] if kind == "side" else what

        result = self.func(*map(value, self.slots), **{name: value(slot) for name, slot in self.names.items()})
        return [result] if self.raw else as_items(result)


def as_items(result: Any) -> Iterable[Any]:
    """What a function of a partition answered, as items: one where it is no iterable, or text."""
    if isinstance(result, Iterable) and not isinstance(result, str):
        return reified(iter(result))
    return [result]


def pack(items: Iterator[Any]) -> list[Any]:
    """A partition as one item."""
    return [list(items)]


def identity(items: Iterator[Any]) -> Iterator[Any]:
    return items


def zip_items(*iterators: Iterator[Any]) -> Iterator[Any]:
    return zip(*iterators, strict=False)


def product_items(*iterators: Iterator[Any]) -> Iterator[Any]:
    return itertools.product(*iterators)


def flatten_items(items: Iterator[Any]) -> Iterator[Any]:
    return itertools.chain.from_iterable(items)


def starmap_items(
    func: Callable[..., Any], names: dict[str, tuple[str, Any]], items: Any, *sides: Any
) -> Iterator[Any]:
    fixed = {name: sides[value] if kind == "side" else value for name, (kind, value) in names.items()}
    return reified(itertools.starmap(functools.partial(func, **fixed) if fixed else func, items))


def getter(key: Any) -> Callable[[Any], Any]:
    """What ``key`` takes out of an item: a function as it is; a list takes several."""
    if callable(key):
        return key
    if isinstance(key, list):
        return operator.itemgetter(*key) if len(key) > 1 else functools.partial(_several, key)
    return operator.itemgetter(key)


def _several(keys: list[Any], item: Any) -> tuple[Any, ...]:
    return tuple(item[key] for key in keys)


class GetOr:
    """``item[key]``, or a default where there is none; of a list of keys a tuple."""

    def __init__(self, key: Any, default: Any) -> None:
        self.key = key
        self.default = default

    def __call__(self, item: Any) -> Any:
        if isinstance(self.key, list):
            return tuple(self._one(item, key) for key in self.key)
        return self._one(item, self.key)

    def _one(self, item: Any, key: Any) -> Any:
        try:
            return item[key]
        except (KeyError, IndexError, TypeError):
            return self.default


class Unpacked:
    """A key function of several arguments, called with the elements of an item."""

    def __init__(self, func: Callable[..., Any]) -> None:
        self.func = func

    def __call__(self, item: Any) -> Any:
        return self.func(*item)


def accumulate_items(binop: Callable[..., Any], initial: Any, items: Iterator[Any], previous: tuple[Any, ...]) -> Any:
    """``(results, last)`` of a partition, given the last result of the one before; ``no_default``: there was none."""
    begun = bool(previous) and previous[0] is not no_default
    start = previous[0] if begun else initial
    if start is no_default:
        results = list(itertools.accumulate(items, binop))
    else:
        results = list(itertools.accumulate(items, binop, initial=start))
    return results[begun:], results[-1] if results else no_default


# --- joins


class JoinItems:
    """Pairs (left, item) of equal keys, item by item; ``left`` are the items of a side value or a constant."""

    def __init__(self, left: Any, on_left: Any, on_right: Any) -> None:
        self.left = left
        self.on_left = on_left
        self.on_right = on_right

    def __call__(self, items: Iterator[Any], *sides: Any) -> Iterator[Any]:
        matches: dict[Any, list[Any]] = {}
        key = getter(self.on_left)
        for left in sides[0] if sides else self.left:
            matches.setdefault(key(left), []).append(left)
        key = getter(self.on_right)
        return ((left, item) for item in items for left in matches.get(key(item), ()))


# --- samples

_MASK = 2**64 - 1


def _mix(x: int) -> int:
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
    return x ^ (x >> 31)


def sample_items(probability: float, seed: tuple[int, int], items: Iterator[Any], block: int = 0) -> Iterator[Any]:
    """The items that the engine's counter-based generator keeps (splitmix64 of seed, partition and number)."""
    golden = 0x9E3779B97F4A7C15
    stream = _mix((seed[0] + golden * (block + 1)) & _MASK) ^ _mix(seed[1])
    for number, item in enumerate(items, 1):
        if (_mix((stream + golden * number) & _MASK) >> 11) * 2.0**-53 < probability:
            yield item
