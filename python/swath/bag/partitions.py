"""Bags out of partitions, other partitions, partitions as Delayed."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from typing import Any

from swath._engine import core
from swath.bag._iterators import identity
from swath.bag._lazy import Note, recorded
from swath.bag._steps import host
from swath.bag.bag import Bag

__all__ = ["from_partitions", "repartition", "to_delayed"]


def from_partitions(partitions: list[list[Any]], label: str) -> Bag:
    """The bag of computed partitions."""
    bounds = [0, *itertools.accumulate(len(part) for part in partitions)]
    return Bag._made(core.bag_from_items(list(itertools.chain.from_iterable(partitions)), bounds), label)


def replayed(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return function(*args, **kwargs)


def _partition(values: Any, block: int) -> Any:
    return core.bag_partition_items(values)[0]


def _only(values: Any, block: int) -> Any:
    return core.bag_partition_items(values)[0][0]


def to_delayed(bag: Bag) -> list[Any]:
    from swath.delayed import Delayed

    if bag._raw is not None:
        node = bag._raw()
        return [Delayed(core.delayed_on(node, i, _only, "partition", "value")) for i in range(bag.npartitions)]
    node = bag._final_node()
    return [Delayed(core.delayed_on(node, i, _partition, "partition", "partition")) for i in range(bag.npartitions)]


def repartition(bag: Bag, npartitions: int | None, partition_size: Any) -> Bag:
    if (npartitions is None) == (partition_size is None):
        raise ValueError("Please provide exactly one ``npartitions`` or ``partition_size`` keyword arguments")
    if npartitions is not None:
        return _repartition_count(bag, npartitions)
    return _repartition_size(bag, partition_size)


@recorded
def _repartition_count(bag: Bag, npartitions: int) -> Bag:
    if npartitions == bag.npartitions:
        return bag
    if npartitions < 1:
        raise ValueError(f"npartitions={npartitions}; must be at least 1")
    node = core.bag_repartition(bag._node_for_child(), npartitions)
    return Bag._made(node, "repartition", [bag], (), [Note(f"repartition({npartitions})", "")])


def _size_of(x: Any, seen: int = 0) -> int:
    """Bytes of a Python object with what it holds."""
    size = sys.getsizeof(x)
    if isinstance(x, dict):
        return size + sum(_size_of(part) for pair in x.items() for part in pair)
    if isinstance(x, (list, tuple, set, frozenset)):
        return size + sum(map(_size_of, x))
    nbytes = getattr(x, "nbytes", 0)
    return max(size, nbytes) if isinstance(nbytes, int) else size


def _repartition_size(bag: Bag, size: Any) -> Bag:
    from swath.dataframe.io.paths import parse_bytes

    size = parse_bytes("repartition", "partition_size", size)
    used = bag.map_partitions(_size_of).compute()
    splits = [1 + bytes_ // size for bytes_ in used]
    pieces = [bytes_ / n for bytes_, n in zip(used, splits, strict=True) for _ in range(n)]
    return _by_sizes(bag, splits, _groups(pieces, size))


def _groups(sizes: list[float], most: int) -> list[int]:
    """How many neighbours go together so that none is above ``most``."""
    counts: list[int] = []
    filled = 0.0
    for size in sizes:
        if counts and filled + size <= most:
            counts[-1] += 1
            filled += size
        else:
            counts.append(1)
            filled = size
    return counts


def _some(node: Any, numbers: list[int]) -> Any:
    """A choice of partitions, opaque ones too."""
    same = core.BagExpression(("item",))
    return core.bag_map(core.bag_partitions(node, numbers), same, host(identity, "partitions", 0))


@recorded
def _by_sizes(bag: Bag, splits: list[int], groups: list[int]) -> Bag:
    node = bag._node_for_child()
    if any(n > 1 for n in splits):
        parts = []
        for i, n in enumerate(splits):
            one = _some(node, [i])
            parts.append(core.bag_repartition(one, n) if n > 1 else one)
        node = core.bag_from_nodes(parts)
    merged = []
    start = 0
    for count in groups:
        some = _some(node, list(range(start, start + count)))
        merged.append(core.bag_repartition(some, 1) if count > 1 else some)
        start += count
    return Bag._made(core.bag_from_nodes(merged), "repartition", [bag], (), [Note("repartition", "")])
