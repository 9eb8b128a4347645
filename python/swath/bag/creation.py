"""Bags out of sequences, numbers, Delayed, URLs, other bags."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.request import urlopen

from swath._engine import core
from swath.bag._lazy import Note, recorded
from swath.bag._steps import side_node
from swath.bag.bag import Bag

__all__ = ["bag_range", "concat", "from_delayed", "from_sequence", "from_url"]


def from_sequence(seq: Iterable[Any], partition_size: int | None = None, npartitions: int | None = None) -> Bag:
    """The bag of a Python sequence.

    Parameters
    ----------
    seq : iterable
    partition_size : int, optional
        Items of a partition.
    npartitions : int, optional
        About how many partitions. Default: a partition an item up to 100 items, then about 100 partitions.

    Examples
    --------
    >>> import swath.bag as db
    >>> db.from_sequence(["Alice", "Bob", "Chuck"], partition_size=2).npartitions
    2
    """
    items = list(seq)
    if npartitions and not partition_size:
        if len(items) <= 100:
            partition_size = math.ceil(len(items) / npartitions)
        else:
            partition_size = max(1, len(items) // npartitions)
    if npartitions is None and partition_size is None:
        partition_size = 1 if len(items) <= 100 else max(1, math.ceil(math.sqrt(len(items)) / math.sqrt(100)))
    if not items:
        return Bag._made(core.bag_from_items([], [0, 0]), "from_sequence")
    if not partition_size or partition_size < 1:
        raise ValueError(f"partition_size={partition_size}, npartitions={npartitions}; must be at least 1")
    bounds = [*range(0, len(items), partition_size), len(items)]
    return Bag._made(core.bag_from_items(items, bounds), "from_sequence")


@recorded
def from_delayed(values: Any) -> Bag:
    """The bag whose partitions are the results of Delayed: lists, or any iterables.

    Examples
    --------
    >>> import swath, swath.bag as db
    >>> parts = [swath.delayed(list)(range(n)) for n in (2, 3)]
    >>> db.from_delayed(parts).compute()
    [0, 1, 0, 1, 2]
    """
    from swath.base import is_swath_collection
    from swath.delayed import Delayed, delayed

    if isinstance(values, Delayed) or hasattr(values, "__dask_graph__"):
        values = [values]
    nodes = []
    for value in values:
        if isinstance(value, Delayed):
            nodes.append(delayed(_concrete, pure=True)(value).__swath_node__())
        elif is_swath_collection(value) or hasattr(value, "__dask_graph__"):
            nodes.append(delayed(_concrete, pure=True)(Delayed(side_node(value))).__swath_node__())
        else:
            raise TypeError(f"from_delayed() takes Delayed, not {type(value).__name__}; wrap it with swath.delayed")
    if not nodes:
        raise ValueError("from_delayed() got no values")
    return Bag._made(core.bag_from_nodes(nodes), "from-delayed", values)


def _concrete(value: Any) -> Any:
    """A partition that can be read more than once."""
    return list(value) if isinstance(value, Iterator) else value


@recorded
def from_url(urls: str | Iterable[str]) -> Bag:
    """The bag of the lines (bytes) of what URLs answer, a partition a URL."""
    from swath.delayed import delayed

    urls = [urls] if isinstance(urls, str) else list(urls)
    return from_delayed([delayed(_lines_of_url, name="from_url")(url) for url in urls])


def _lines_of_url(url: str) -> list[bytes]:
    with urlopen(url) as answer:
        return list(answer)


@recorded
def bag_range(n: int, npartitions: int) -> Bag:
    """The numbers from 0 to ``n - 1``.

    Examples
    --------
    >>> import swath.bag as db
    >>> db.range(5, npartitions=2).compute()
    [0, 1, 2, 3, 4]
    """
    return Bag._made(core.bag_range(n, npartitions), "range", notes=[Note(f"range({n})", "")])


@recorded
def concat(bags: Iterable[Bag]) -> Bag:
    """One bag of the partitions of several.

    Examples
    --------
    >>> import swath.bag as db
    >>> db.concat([db.from_sequence([1, 2]), db.from_sequence([3])]).compute()
    [1, 2, 3]
    """
    bags = list(bags)
    if not bags:
        raise ValueError("concat() needs at least one bag")
    for bag in bags:
        if not isinstance(bag, Bag):
            raise TypeError(f"concat() takes bags, not {type(bag).__name__}")
    node = core.bag_from_nodes([bag._node_for_child() for bag in bags])
    return Bag._made(node, "concat", bags, (), [Note("concat", "")])
