"""Random choices from bags: one pass over each partition, then merges that keep the weights."""

from __future__ import annotations

import functools
import heapq
import itertools
import math
import random as rnd
from collections.abc import Iterable
from typing import Any

from swath.bag.bag import Bag

__all__ = ["choices", "sample"]


def sample(population: Bag, k: int, split_every: int | None = None) -> Bag:
    """``k`` random items, each at most once.

    >>> import swath.bag as db
    >>> len(db.random.sample(db.from_sequence(range(5), npartitions=2), 3).compute())
    3
    """
    if k < 0:
        raise ValueError("Cannot take a negative number of samples")
    return _reduced(population, _reservoir, k, split_every, False)


def choices(population: Bag, k: int = 1, split_every: int | None = None) -> Bag:
    """``k`` random items, any of which may come several times."""
    if k < 0:
        raise ValueError("Cannot take a negative number of samples")
    return _reduced(population, _reservoirs, k, split_every, True)


def _reduced(population: Bag, part: Any, k: int, split_every: int | None, replace: bool) -> Bag:
    merged = population.reduction(
        functools.partial(part, k=k),
        functools.partial(_merged, k=k, replace=replace),
        out_type=Bag,
        split_every=split_every,
        name="choices" if replace else "sample",
    )
    return merged.map_partitions(_checked, k)


def _checked(partial: list[Any], k: int) -> list[Any]:
    found = partial[0] if partial else []
    if len(found) < k:
        raise ValueError("Sample larger than population")
    return found


def _jump(w: float) -> int:
    """How many items are passed until one enters a reservoir that keeps each with probability ``w``."""
    if w >= 1.0:
        return 1
    if w <= 0.0:
        return 2**62
    return int(math.log(1.0 - rnd.random()) / math.log1p(-w)) + 1


def _reservoir(population: Iterable[Any], k: int) -> tuple[list[Any], int]:
    """``k`` items without replacement (Li's algorithm L), and how many there were."""
    stream = iter(population)
    kept = list(itertools.islice(stream, k))
    n = len(kept)
    if k == 0 or n < k:
        return kept, n + sum(1 for _ in stream)
    w = math.exp(math.log(1.0 - rnd.random()) / k)
    following = k - 1 + _jump(w)
    for i, item in enumerate(stream, k):
        if i == following:
            kept[rnd.randrange(k)] = item
            w *= math.exp(math.log(1.0 - rnd.random()) / k)
            following += _jump(w)
        n += 1
    return kept, n


def _reservoirs(population: Iterable[Any], k: int) -> tuple[list[Any], int]:
    """``k`` items with replacement, and how many there were."""
    items = list(population)
    return rnd.choices(items, k=k) if items else [], len(items)


def _merged(partials: Iterable[tuple[list[Any], int]], k: int, replace: bool) -> tuple[list[Any], int]:
    """Partials of the whole: an item of a partition counts as much as the partition has items a kept one."""
    found: list[Any] = []
    weights: list[float] = []
    n = 0
    for kept, count in partials:
        found += kept
        n += count
        weights += [count / len(kept)] * len(kept)
    if not found or (len(found) <= k and not replace):
        return found, n
    if replace:
        return rnd.choices(found, weights, k=k), n
    order = [(math.log(1.0 - rnd.random()) / weight, i) for i, weight in enumerate(weights)]
    return [found[i] for _, i in heapq.nlargest(k, order)], n
