"""Reductions where Python runs: partial(items) -> items of the partial, combine(*partials) -> items of one out of
several, finish(*partials) -> items of the result. All are importable by name, so that other processes can run them.
"""

from __future__ import annotations

import collections
import copy
import functools
import heapq
import itertools
import operator
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from swath.bag._hashing import part_of
from swath.bag._iterators import END, again, as_items, getter, no_default, partition_of


def count_part(items: Iterator[Any]) -> list[Any]:
    return [sum(1 for _ in items)]


def total(*partials: Iterator[Any]) -> list[Any]:
    return [sum(itertools.chain(*partials))]


def sum_part(items: Iterator[Any]) -> list[Any]:
    return [sum(items)]


class Extreme:
    """``min`` or ``max``: of no items, none."""

    def __init__(self, func: Callable[..., Any], last: bool) -> None:
        self.func = func
        self.last = last

    def __call__(self, *partials: Iterator[Any]) -> list[Any]:
        items = itertools.chain(*partials)
        if self.last:
            return [self.func(items)]
        first = next(items, END)
        return [] if first is END else [self.func(again(first, items))]


def any_of(*partials: Iterator[Any]) -> list[bool]:
    return [any(itertools.chain(*partials))]


def all_of(*partials: Iterator[Any]) -> list[bool]:
    return [all(itertools.chain(*partials))]


def mean_part(items: Iterator[Any]) -> list[Any]:
    total, n = 0.0, 0
    for x in items:
        total += x
        n += 1
    return [(total, n)]


def mean_combine(*partials: Iterator[Any]) -> list[Any]:
    totals, counts = zip(*itertools.chain(*partials), strict=True)
    return [(sum(totals), sum(counts))]


def mean_finish(*partials: Iterator[Any]) -> list[Any]:
    ((whole, n),) = mean_combine(*partials)
    return [1.0 * whole / n]


def variance_part(items: Iterator[Any]) -> list[Any]:
    """Welford's update: (n, mean, sum of squared deviations)."""
    n, mean, squares = 0, 0.0, 0.0
    for x in items:
        n += 1
        delta = x - mean
        mean += delta / n
        squares += delta * (x - mean)
    return [(n, mean, squares)]


def variance_combine(*partials: Iterator[Any]) -> list[Any]:
    """Chan's merge."""
    n, mean, squares = 0, 0.0, 0.0
    for count, other, deviations in itertools.chain(*partials):
        if count:
            delta = other - mean
            squares += deviations + delta * delta * n * count / (n + count)
            mean += delta * count / (n + count)
            n += count
    return [(n, mean, squares)]


def variance_finish(ddof: int, *partials: Iterator[Any]) -> list[Any]:
    ((n, _, squares),) = variance_combine(*partials)
    if n == 0:
        raise ZeroDivisionError("float division by zero")
    return [squares / (n - ddof)]


def frequencies_part(items: Iterator[Any]) -> Iterable[Any]:
    return collections.Counter(items).items()


def frequencies_combine(*partials: Iterator[Any]) -> Iterable[Any]:
    counts: dict[Any, int] = {}
    for item, count in itertools.chain(*partials):
        counts[item] = counts.get(item, 0) + count
    return counts.items()


def by_count(items: Iterator[Any]) -> list[Any]:
    return sorted(items, key=operator.itemgetter(1), reverse=True)


def largest(k: int, key: Any, *partials: Iterator[Any]) -> list[Any]:
    return heapq.nlargest(k, itertools.chain(*partials), key=None if key is None else getter(key))


def distinct_items(key: Any, *partials: Iterator[Any]) -> Iterator[Any]:
    items = itertools.chain(*partials)
    if key is None:
        return iter(dict.fromkeys(items))
    return _distinct_by(getter(key), items)


def _distinct_by(key: Callable[[Any], Any], items: Iterator[Any]) -> Iterator[Any]:
    seen = set()
    for item in items:
        value = key(item)
        if value not in seen:
            seen.add(value)
            yield item


class Reduce:
    """A user's reduction of a partition: nothing for an empty one, unless it is the only or the last."""

    def __init__(self, func: Callable[..., Any], last: bool, as_bag: bool) -> None:
        self.func = func
        self.last = last
        self.as_bag = as_bag

    def __call__(self, *partials: Iterator[Any]) -> Iterable[Any]:
        items = partition_of(partials[0]) if len(partials) == 1 else itertools.chain(*partials)
        if isinstance(items, list):
            empty = not items
        else:
            first = next(items, END)
            empty = first is END
            items = iter(()) if empty else again(first, items)
        if empty and not self.last:
            return []
        result = self.func(items)
        return as_items(result) if self.as_bag else [result]


def fold_part(binop: Callable[..., Any], initial: Any, items: Any) -> Any:
    if initial is no_default:
        return functools.reduce(binop, items)
    return functools.reduce(binop, items, copy.deepcopy(initial))


def fold_combine(combine: Callable[..., Any], partials: Any) -> Any:
    return functools.reduce(combine, partials)


def fold_by(key: Any, binop: Callable[..., Any], initial: Any, items: Iterator[Any]) -> Iterable[Any]:
    """(key, fold of its items) in order of first appearance."""
    key = getter(key)
    folds: dict[Any, Any] = {}
    for item in items:
        k = key(item)
        if k in folds:
            folds[k] = binop(folds[k], item)
        elif initial is no_default:
            folds[k] = item
        else:
            start = initial() if callable(initial) else copy.deepcopy(initial)
            folds[k] = binop(start, item)
    return folds.items()


def fold_by_combine(combine: Callable[..., Any], initial: Any, *partials: Iterator[Any]) -> Iterable[Any]:
    folds: dict[Any, Any] = {}
    for key, value in itertools.chain(*partials):
        if key in folds:
            folds[key] = combine(folds[key], value)
        elif initial is no_default:
            folds[key] = value
        else:
            folds[key] = combine(initial() if callable(initial) else copy.deepcopy(initial), value)
    return folds.items()


# --- group-by


def partition_items(grouper: Any, parts: int, items: Iterator[Any]) -> list[list[Any]]:
    """``parts`` lists of (key, item)."""
    key = getter(grouper)
    lists: list[list[Any]] = [[] for _ in range(parts)]
    numbers: dict[Any, int] = {}
    for item in items:
        k = key(item)
        number = numbers.get(k)
        if number is None:
            number = numbers[k] = part_of(k, parts)
        lists[number].append((k, item))
    return lists


def merge_groups(*partials: Iterator[Any]) -> Iterable[Any]:
    groups: dict[Any, list[Any]] = {}
    for key, item in itertools.chain(*partials):
        groups.setdefault(key, []).append(item)
    return groups.items()


# --- take


def take_part(k: int, items: Iterator[Any]) -> Iterator[Any]:
    return itertools.islice(items, k)


def take_all(k: int, *partials: Iterator[Any]) -> Iterator[Any]:
    return itertools.islice(itertools.chain(*partials), k)


def take_warning(k: int, found: int) -> None:
    warnings.warn(
        f"Insufficient elements for `take`. {k} elements requested, only {found} elements available. "
        "Try passing larger `npartitions` to `take`.",
        UserWarning,
        stacklevel=3,
    )


def checked_take(k: int, items: Iterator[Any]) -> list[Any]:
    found = list(items)
    if len(found) != k:
        take_warning(k, len(found))
    return found
