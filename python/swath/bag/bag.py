"""Bag: a lazy collection of Python objects in partitions."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from swath._engine import core
from swath._protocol import graph_dict
from swath.bag import elementwise, reductions
from swath.bag._iterators import no_default
from swath.bag._lazy import BlocksGraph, Lazy
from swath.bag._partials import take_warning
from swath.bag.item import Item

__all__ = ["Bag"]

_Text = str  # ``str`` is a property of Bag


class Bag(Lazy):
    """A lazy collection of Python objects, cut into partitions; made by :func:`from_sequence`, :func:`read_text` ...

    Text, numbers and records (dicts, lists, tuples, None) stay columnar and are worked on natively; functions are
    traced to native expressions where that is exact (:mod:`swath.bag.tracing`), and run in Python where it is not.
    :meth:`explain` says which.

    >>> import swath.bag as db
    >>> b = db.from_sequence(range(5))
    >>> b.filter(lambda x: x % 2 == 0).map(lambda x: x * 10).compute()
    [0, 20, 40]
    """

    __slots__ = ()

    def __init__(self, dsk: Any, name: Any, npartitions: int) -> None:
        """The bag of the tasks ``(name, 0)``, ``(name, 1)`` … of a graph.

        >>> import swath.bag as db
        >>> db.Bag({("x", 0): (range, 3), ("x", 1): (range, 2)}, "x", npartitions=2).compute()
        [0, 1, 2, 0, 1]
        """
        if isinstance(dsk, BlocksGraph) and dsk.collection.name == name:
            nodes = [dsk.collection.__swath_node__()]
        else:
            nodes = core.graph_nodes(graph_dict(dsk), [(name, i) for i in range(npartitions)])
        made = type(self)._made(core.bag_from_nodes(nodes), str(name), key=name)
        for slot in ("_built", "_label", "_key", "_captures", "_notes", "_raw"):
            setattr(self, slot, getattr(made, slot))
        self._recipe = (type(self), (dsk, name, npartitions), {})

    @property
    def npartitions(self) -> int:
        """The number of partitions."""
        return core.bag_npartitions(self._built)

    def __repr__(self) -> str:
        return f"swath.bag<{self._label}, npartitions={self.npartitions}>"

    __str__ = __repr__

    @property
    def str(self) -> Any:
        """Methods of str on every item: ``b.str.lower()``; and ``b.str.match("*.csv")``, which filters."""
        from swath.bag.strings import StringAccessor

        return StringAccessor(self)

    # --- item by item
    def map(self, func: Callable[..., Any], *args: Any, **kwargs: Any) -> Bag:
        """Apply a function to every item.

        Other arguments are bags with the same partitions, or Items, Delayed and objects that are the same in all calls.

        >>> import swath.bag as db
        >>> b = db.from_sequence([1, 2, 3])
        >>> b.map(lambda x, y=0: x + y, b.max()).compute()
        [4, 5, 6]
        """
        return elementwise.bag_map(func, self, *args, **kwargs)

    def starmap(self, func: Callable[..., Any], **kwargs: Any) -> Bag:
        """Call ``func(*item, **kwargs)`` for every item; keyword arguments may be Items and Delayed.

        >>> import swath.bag as db
        >>> db.from_sequence([(1, 2), (3, 4)]).starmap(pow).compute()
        [1, 81]
        """
        return elementwise.starmap(self, func, kwargs)

    def filter(self, predicate: Callable[[Any], Any]) -> Bag:
        """The items for which ``predicate`` is true."""
        return elementwise.filter_items(self, predicate, True)

    def remove(self, predicate: Callable[[Any], Any]) -> Bag:
        """The items for which ``predicate`` is false."""
        return elementwise.filter_items(self, predicate, False)

    def pluck(self, key: Any, default: Any = no_default) -> Bag:
        """``item[key]`` of every item, or ``default`` where there is none; of a list of keys, tuples.

        >>> import swath.bag as db
        >>> b = db.from_sequence([{"name": "Alice", "credits": [1, 2]}, {"name": "Bob"}])
        >>> b.pluck("name").compute(), b.pluck("credits", []).compute()
        (['Alice', 'Bob'], [[1, 2], []])
        """
        return elementwise.pluck(self, key, default)

    def unzip(self, n: int) -> tuple[Bag, ...]:
        """``n`` bags of the elements of a bag of tuples."""
        return tuple(self.pluck(i) for i in range(n))

    def flatten(self) -> Bag:
        """The elements of every item.

        >>> import swath.bag as db
        >>> db.from_sequence([[1], [2, 3]]).flatten().compute()
        [1, 2, 3]
        """
        return elementwise.flatten(self)

    def map_partitions(self, func: Callable[..., Any], *args: Any, **kwargs: Any) -> Bag:
        """Apply a function to every partition; see :func:`swath.bag.map_partitions`."""
        return elementwise.map_partitions(func, self, *args, **kwargs)

    def random_sample(self, prob: float, random_state: int | Random | None = None) -> Bag:
        """Each item with probability ``prob``; equal integers as ``random_state`` give equal samples."""
        if not 0 <= prob <= 1:
            raise ValueError(f"prob must be a number in the interval [0, 1], not {prob!r}")
        return elementwise.sample(self, prob, elementwise.seed_of(random_state))

    def product(self, other: Bag) -> Bag:
        """All pairs of items of two bags."""
        if not isinstance(other, Bag):
            raise TypeError(f"product() takes a Bag, not {type(other).__name__}")
        return elementwise.product(self, other)

    def join(self, other: Any, on_self: Any, on_other: Any = None) -> Bag:
        """Pairs ``(item of other, item)`` with equal keys. ``other``: an iterable, a Delayed, a Bag of one partition.

        >>> import swath.bag as db
        >>> people = db.from_sequence(["Alice", "Bob", "Charlie"])
        >>> people.join(["Apple", "Apricot", "Banana"], lambda x: x[0]).compute()
        [('Apple', 'Alice'), ('Apricot', 'Alice'), ('Banana', 'Bob')]
        """
        return reductions.join(self, other, on_self, on_other)

    def accumulate(self, binop: Callable[[Any, Any], Any], initial: Any = no_default) -> Bag:
        """Running results of a function of two arguments over all items in order.

        >>> import swath.bag as db
        >>> db.from_sequence([1, 2, 3, 4, 5], npartitions=2).accumulate(lambda a, x: a + x).compute()
        [1, 3, 6, 10, 15]
        """
        return reductions.accumulate(self, binop, initial)

    # --- reductions to a value
    def sum(self, split_every: int | None = None) -> Item:
        """The sum of all items."""
        return reductions.standard(self, "sum", split_every)

    def max(self, split_every: int | None = None) -> Item:
        """The largest item."""
        return reductions.standard(self, "max", split_every)

    def min(self, split_every: int | None = None) -> Item:
        """The smallest item."""
        return reductions.standard(self, "min", split_every)

    def any(self, split_every: int | None = None) -> Item:
        """Is any item true?"""
        return reductions.standard(self, "any", split_every)

    def all(self, split_every: int | None = None) -> Item:
        """Are all items true?"""
        return reductions.standard(self, "all", split_every)

    def count(self, split_every: int | None = None) -> Item:
        """The number of items."""
        return reductions.standard(self, "count", split_every)

    def mean(self) -> Item:
        """The arithmetic mean."""
        return reductions.standard(self, "mean", False)

    def var(self, ddof: int = 0) -> Item:
        """The variance: the squared deviations from the mean over ``n - ddof``."""
        return reductions.variance(self, ddof)

    def std(self, ddof: int = 0) -> Item:
        """The standard deviation."""
        return self.var(ddof=ddof).apply(math.sqrt)

    def fold(
        self,
        binop: Callable[[Any, Any], Any],
        combine: Callable[[Any, Any], Any] | None = None,
        initial: Any = no_default,
        split_every: int | None = None,
        out_type: type = Item,
    ) -> Any:
        """``functools.reduce`` in parallel: ``binop`` within partitions, ``combine`` (or ``binop``) between them.

        >>> import swath.bag as db
        >>> db.from_sequence(range(5)).fold(lambda total, x: total + x).compute()
        10
        """
        return reductions.fold(self, binop, combine, initial, split_every, out_type)

    def reduction(
        self,
        perpartition: Callable[..., Any],
        aggregate: Callable[..., Any],
        split_every: int | bool | None = None,
        out_type: type = Item,
        name: _Text | None = None,
    ) -> Any:
        """``aggregate`` of the results of ``perpartition``, in a tree of ``split_every`` (default 8) at a time.

        >>> import swath.bag as db
        >>> db.from_sequence(range(10)).reduction(sum, sum).compute()
        45
        """
        return reductions.reduction(self, perpartition, aggregate, split_every, out_type, name)

    # --- reductions to a bag of one partition
    def frequencies(self, split_every: int | None = None, sort: bool = False) -> Bag:
        """``(item, how often)`` of every distinct item; ``sort``: the most frequent first."""
        return reductions.frequencies(self, split_every, sort)

    def topk(self, k: int, key: Any = None, split_every: int | None = None) -> Bag:
        """The ``k`` largest items, largest first, by ``key`` (a function, or what to take out of items)."""
        return reductions.topk(self, k, key, split_every)

    def distinct(self, key: Any = None) -> Bag:
        """The distinct items, or the first one of each ``key``."""
        return reductions.distinct(self, key)

    def foldby(
        self,
        key: Any,
        binop: Callable[[Any, Any], Any],
        initial: Any = no_default,
        combine: Callable[[Any, Any], Any] | None = None,
        combine_initial: Any = no_default,
        split_every: int | None = None,
    ) -> Bag:
        """``(key, fold of its items)``: group-by and reduction in one, without moving the items.

        >>> import swath.bag as db
        >>> b = db.from_sequence(range(10))
        >>> sorted(b.foldby(lambda x: x % 2 == 0, lambda total, x: total + x).compute())
        [(False, 25), (True, 20)]
        """
        return reductions.foldby(self, key, binop, initial, combine, combine_initial, split_every)

    def groupby(
        self,
        grouper: Any,
        method: Any = None,
        npartitions: int | None = None,
        blocksize: int = 2**20,
        max_branch: int | None = None,
        shuffle: _Text | None = None,
    ) -> Bag:
        """``(key, [items])``: moves all items; :meth:`foldby` is faster where it will do.

        ``shuffle`` ("disk" or "tasks"), ``blocksize`` and ``max_branch`` are accepted as Dask's: the engine has one
        shuffle, which spills what does not fit into memory.
        """
        if method is not None:
            raise Exception("The method= keyword has been moved to shuffle=")
        if shuffle not in (None, "disk", "tasks"):
            raise NotImplementedError(f"Shuffle must be 'disk' or 'tasks', not {shuffle!r}")
        return reductions.groupby(self, grouper, npartitions)

    def take(self, k: int, npartitions: int = 1, compute: bool = True, warn: bool = True) -> Any:
        """The first ``k`` items of the first ``npartitions`` partitions (-1: of all), as a tuple.

        Warns when there are fewer. ``compute=False`` gives a Bag.
        """
        if npartitions <= -1:
            npartitions = self.npartitions
        if npartitions > self.npartitions:
            raise ValueError(f"only {self.npartitions} partitions, take received {npartitions}")
        itertools.islice((), k)  # the error of a wrong k
        made = reductions.take(self, k, npartitions, warn and not compute)
        if not compute:
            return made
        found = tuple(made.compute())
        if len(found) != k and warn:
            take_warning(k, len(found))
        return found

    # --- partitions
    def repartition(self, npartitions: int | None = None, partition_size: Any = None) -> Bag:
        """The same items in another number of partitions, or in partitions of at most ``partition_size`` bytes.

        ``partition_size`` (a number or text such as "5MB") computes the bag to measure its items.
        """
        from swath.bag.partitions import repartition

        return repartition(self, npartitions, partition_size)

    def to_delayed(self, optimize_graph: bool = True) -> list[Any]:
        """A list of Delayed, one a partition, of its list of items."""
        from swath.bag.partitions import to_delayed

        return to_delayed(self)

    def to_dataframe(self, meta: Any = None, columns: Any = None, optimize_graph: bool = True) -> Any:
        """A DataFrame of a bag of dicts, tuples or numbers.

        ``meta``: an empty pandas.DataFrame, a dict or an iterable of (name, dtype); without it the first item is
        computed to learn names and types. ``columns``: names for tuples, or which columns of dicts in what order.
        """
        from swath.bag.frames import to_dataframe

        return to_dataframe(self, meta, columns)

    def to_textfiles(
        self,
        path: Any,
        name_function: Callable[[int], Any] | None = None,
        compression: Any = "infer",
        encoding: Any = "utf-8",
        compute: bool = True,
        storage_options: Any = None,
        last_endline: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Write text items, one a line, to one file a partition; see :func:`swath.bag.to_textfiles`."""
        from swath.bag.text import to_textfiles

        return to_textfiles(
            self, path, name_function, compression, encoding, compute, storage_options, last_endline, **kwargs
        )

    def to_avro(
        self,
        filename: Any,
        schema: dict[Any, Any],
        name_function: Callable[[int], Any] | None = None,
        storage_options: Any = None,
        codec: Any = "null",
        sync_interval: int = 16000,
        metadata: Any = None,
        compute: bool = True,
        **kwargs: Any,
    ) -> Any:
        """Write records to one Avro file a partition."""
        from swath.bag.avro import to_avro

        return to_avro(
            self, filename, schema, name_function, storage_options, codec, sync_interval, metadata, compute, **kwargs
        )

    # --- results
    def __iter__(self) -> Iterator[Any]:
        return iter(self.compute())

    def __swath_finish__(self, values: Any) -> list[Any]:
        return core.bag_items(values)

    def __swath_persist__(self, values: Any) -> Bag:
        made = self.__swath_rebuild__(core.bag_from_values(values))
        return made

    @property
    def _args(self) -> tuple[Any, ...]:
        return self.__dask_graph__(), self.name, self.npartitions

    def __reduce__(self) -> Any:
        from swath.bag.partitions import from_partitions, replayed

        if self._recipe is not None:
            return replayed, self._recipe
        return from_partitions, (_blocks_of(self), self._label)

    # --- Dask's protocol
    def __dask_graph__(self) -> dict[Any, Any]:
        blocks = self._task_blocks()
        return BlocksGraph(self, {key: blocks.task(i) for i, key in enumerate(self.__dask_keys__())})

    def __dask_keys__(self) -> list[Any]:
        name = self.name
        return [(name, i) for i in range(self.npartitions)]

    def __dask_postcompute__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return _chained, ()

    def __dask_postpersist__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return _rebuilt, (self._label, self.name, self.npartitions)


def _blocks_of(bag: Bag) -> list[list[Any]]:
    blocks = bag._task_blocks()
    return [blocks[i] for i in range(bag.npartitions)]


def _chained(results: Any) -> list[Any]:
    return list(itertools.chain.from_iterable(results))


def _rebuilt(dsk: Any, label: Any, name: Any, npartitions: int, *, rename: Any = None) -> Bag:
    from swath.bag.partitions import from_partitions

    return from_partitions([dsk[((rename or {}).get(name, name), i)] for i in range(npartitions)], label)
