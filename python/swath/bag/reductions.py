"""Reductions of bags to one value or one partition, group-by, join."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from swath._engine import core
from swath.bag import _partials as it
from swath.bag._iterators import JoinItems, Unpacked, accumulate_items, no_default
from swath.bag._known import is_plain
from swath.bag._lazy import Note, recorded
from swath.bag._steps import funcname, host, side_node, traced, traced_key
from swath.bag.item import Item
from swath.bag.tracing import Trace

if TYPE_CHECKING:
    from swath.bag.bag import Bag

_SPLIT_EVERY = 8


def _split(bag: Any, split_every: int | bool | None) -> int:
    """How many partials are merged at a time; 0: all at once."""
    if split_every is None:
        return _SPLIT_EVERY
    if split_every is False:
        return 0
    if split_every < 2:
        raise ValueError(f"split_every={split_every}; it must be at least 2, or False for all at once")
    return split_every


def _reduced(
    bag: Any,
    name: str,
    sink: dict[str, Any] | None,
    parts: tuple[Any, Any, Any],
    split_every: int,
    identity: tuple[Any, ...],
    as_bag: bool = False,
    captures: Any = (),
    reason: str | None = None,
) -> Any:
    """``parts``: what makes a partial, merges partials, finishes."""
    from swath.bag.bag import Bag

    partial, combine, finish = (host(part, name, i, *identity) for i, part in enumerate(parts))
    node = core.bag_reduce(bag._node_for_child(), sink, partial, combine, finish, split_every)
    notes = [Note(name, "" if sink is not None else None, reason)]
    return (Bag if as_bag else Item)._made(node, name.partition("(")[0], [bag], captures, notes)


_PARTS: dict[str, tuple[Any, Any, Any]] = {
    "sum": (it.sum_part, it.total, it.total),
    "count": (it.count_part, it.total, it.total),
    "any": (it.any_of, it.any_of, it.any_of),
    "all": (it.all_of, it.all_of, it.all_of),
    "min": (it.Extreme(min, False), it.Extreme(min, False), it.Extreme(min, True)),
    "max": (it.Extreme(max, False), it.Extreme(max, False), it.Extreme(max, True)),
    "mean": (it.mean_part, it.mean_combine, it.mean_finish),
}


@recorded
def standard(bag: Any, kind: str, split_every: int | bool | None) -> Item:
    return _reduced(bag, kind, {"kind": kind}, _PARTS[kind], _split(bag, split_every), (kind,))


@recorded
def variance(bag: Any, ddof: int) -> Item:
    finish = functools.partial(it.variance_finish, ddof)
    parts = (it.variance_part, it.variance_combine, finish)
    sink = {"kind": "variance", "ddof": ddof} if type(ddof) is int else None
    return _reduced(bag, "var", sink, parts, 0, (ddof,))


@recorded
def frequencies(bag: Any, split_every: int | bool | None, sort: bool) -> Bag:
    from swath.bag.bag import Bag

    parts = (it.frequencies_part, it.frequencies_combine, it.frequencies_combine)
    made = _reduced(bag, "frequencies", {"kind": "frequencies"}, parts, _split(bag, split_every), (0,), as_bag=True)
    if not sort:
        return made
    order = host(it.by_count, "frequencies", "sorted", executor="threads")
    return Bag._made(core.bag_host(made._node_for_child(), order), "frequencies", [made])


def _takes_several(key: Any) -> bool:
    """Must ``key`` be called with the elements of an item? As Dask decides: from its positional parameters."""
    import inspect

    if not callable(key) or isinstance(key, type):
        return False
    try:
        parameters = inspect.signature(key).parameters.values()
    except (TypeError, ValueError):
        return False
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(p.kind in kinds and p.default is p.empty for p in parameters) > 1


@recorded
def topk(bag: Any, k: int, key: Any, split_every: int | bool | None) -> Bag:
    key = key or None
    found = Trace(None)
    native = None
    if key is not None and _takes_several(key):
        key = Unpacked(key)
        found = Trace(reason="its key takes several arguments")
    elif key is not None:
        native, found = traced_key(key)
    largest = functools.partial(it.largest, k, key)
    sink = None
    if found and type(k) is int and k >= 0:
        sink = {"kind": "topk", "k": k} | ({"key": native} if native is not None else {})
    captures = found.captures if sink is not None else ()
    identity = (k, key.func if isinstance(key, Unpacked) else key)
    return _reduced(
        bag, "topk", sink, (largest, largest, largest), _split(bag, split_every), identity, True, captures, found.reason
    )


@recorded
def distinct(bag: Any, key: Any) -> Bag:
    native, found = (None, Trace(None)) if key is None else traced_key(key)
    unique = functools.partial(it.distinct_items, key)
    sink = None
    if found:
        sink = {"kind": "distinct"} | ({"key": native} if native is not None else {})
    captures = found.captures if sink is not None else ()
    return _reduced(bag, "distinct", sink, (unique, unique, unique), _SPLIT_EVERY, (key,), True, captures, found.reason)


@recorded
def reduction(
    bag: Any,
    perpartition: Callable[..., Any],
    aggregate: Callable[..., Any],
    split_every: int | bool | None,
    out_type: Any,
    name: str | None,
) -> Any:
    as_bag = out_type is not Item
    parts = (
        it.Reduce(perpartition, bag.npartitions == 1, False),
        it.Reduce(aggregate, False, False),
        it.Reduce(aggregate, True, as_bag),
    )
    label = name or funcname(perpartition)
    identity = (perpartition, aggregate, as_bag, bag.npartitions == 1)
    return _reduced(bag, label, None, parts, _split(bag, split_every), identity, as_bag, reason="a user's function")


def _is_neutral(found: Trace, initial: Any) -> bool:
    """Does folding from ``initial`` once more change nothing? Only then may partials begin with it anywhere."""
    tree = found.tree
    sums = type(tree) is tuple and tree[:2] == ("add", ("acc",)) and type(initial) is int and initial == 0
    products = type(tree) is tuple and tree[:2] == ("mul", ("acc",)) and type(initial) is int and initial == 1
    return sums or products


def _fold_sink(
    bag: Any, kind: str, binop: Any, initial: Any, combine: Any, combine_initial: Any
) -> tuple[dict[str, Any] | None, tuple[Any, ...], str | None]:
    """The native form of a fold, what it takes from outside, and why there is none."""
    native, found = traced(binop, fold=True)
    merge, merged = (native, found) if combine is None else traced(combine, fold=True)
    if native is None or merge is None:
        return None, (), found.reason or merged.reason
    for value in (initial, combine_initial):
        if value is None or (value is not no_default and not is_plain(value)):
            return None, (), "its initial value is not plain"
    if kind == "fold" and initial is not no_default and bag.npartitions > 1 and not _is_neutral(found, initial):
        return None, (), "its initial value counts only where a partition has items"
    if combine_initial is not no_default and not _is_neutral(merged, combine_initial):
        return None, (), "its initial value of merging counts once a merge"
    sink = {"kind": kind, "fold": native, "combine": merge}
    if initial is not no_default:
        sink["initial"] = initial
    if combine_initial is not no_default:
        sink["combine_initial"] = combine_initial
    return sink, (*found.captures, *merged.captures), None


@recorded
def fold(bag: Any, binop: Any, combine: Any, initial: Any, split_every: int | bool | None, out_type: Any) -> Any:
    sink, captures, reason = _fold_sink(bag, "fold", binop, initial, combine, no_default)
    as_bag = out_type is not Item
    merge = functools.partial(it.fold_combine, combine or binop)
    parts = (
        it.Reduce(functools.partial(it.fold_part, binop, initial), bag.npartitions == 1, False),
        it.Reduce(merge, False, False),
        it.Reduce(merge, True, as_bag),
    )
    if as_bag:  # the result is the items of the fold's value
        sink, captures, reason = None, (), "its result is a bag"
    identity = (binop, combine or binop, "none" if initial is no_default else (initial,), as_bag, bag.npartitions == 1)
    name = f"fold({funcname(binop)})"
    return _reduced(bag, name, sink, parts, _split(bag, split_every), identity, as_bag, captures, reason)


@recorded
def foldby(
    bag: Any, key: Any, binop: Any, initial: Any, combine: Any, combine_initial: Any, split_every: int | bool | None
) -> Bag:
    sink, captures, reason = _fold_sink(bag, "foldby", binop, initial, combine, combine_initial)
    if callable(initial) or callable(combine_initial):
        sink, reason = None, "its initial value is a function"
    if sink is not None:
        native, found = traced_key(key)
        sink, reason = ({**sink, "key": native}, None) if native is not None else (None, found.reason)
        captures = (*captures, *found.captures)
    merge = functools.partial(it.fold_by_combine, combine or binop, combine_initial)
    parts = (functools.partial(it.fold_by, key, binop, initial), merge, merge)
    return _reduced(
        bag,
        f"foldby({funcname(key) if callable(key) else repr(key)})",
        sink,
        parts,
        _split(bag, split_every),
        (_plain_or_self(key), binop, combine or binop, _plain_or_self(initial), _plain_or_self(combine_initial)),
        True,
        captures if sink is not None else (),
        reason,
    )


def _plain_or_self(x: Any) -> Any:
    return "none" if x is no_default else (x,) if is_plain(x) else x


@recorded
def groupby(bag: Any, grouper: Any, npartitions: int | None) -> Bag:
    from swath.bag.bag import Bag

    parts = npartitions or bag.npartitions
    native, found = traced_key(grouper)
    name = f"groupby({funcname(grouper) if callable(grouper) else repr(grouper)})"
    partition = host(functools.partial(it.partition_items, grouper, parts), name, _plain_or_self(grouper), parts)
    node = core.bag_groupby(bag._node_for_child(), native, parts, partition, host(it.merge_groups, "groupby", 0))
    captures = found.captures if native is not None else ()
    note = Note(name, None if native is None else str(native), found.reason)
    return Bag._made(node, "groupby", [bag], captures, [note])


@recorded
def join(bag: Any, other: Any, on_self: Any, on_other: Any) -> Bag:
    from swath.bag.bag import Bag
    from swath.base import is_swath_collection

    sides = []
    if isinstance(other, Bag) and other.npartitions != 1:
        raise NotImplementedError(
            "Multi-bag joins are not implemented. We recommend swath.dataframe, or other.repartition(npartitions=1)"
        )
    if is_swath_collection(other):
        sides, left = [side_node(other)], None
    elif isinstance(other, Iterable):
        left = list(other)
    else:
        raise TypeError(
            f"Joined argument must be single-partition Bag, delayed object, or Iterable, got {type(other).__name__}"
        )
    on_other = on_self if on_other is None else on_other
    step = host(JoinItems(left, on_other, on_self), "join", left, *map(_plain_or_self, (on_other, on_self)))
    node = core.bag_host(bag._node_for_child(), step, sides)
    return Bag._made(node, "join", [bag], (), [Note("join", None, "it has no native form")])


@recorded
def accumulate(bag: Any, binop: Any, initial: Any) -> Bag:
    from swath.bag.bag import Bag

    name = f"accumulate({funcname(binop)})"
    identity = (binop, "none" if initial is no_default else (initial,))
    step = host(functools.partial(accumulate_items, binop, initial), name, *identity)
    node = core.bag_accumulate(bag._node_for_child(), step)
    return Bag._made(node, "accumulate", [bag], (), [Note(name, None, "it has no native form")])


@recorded
def take(bag: Any, k: int, npartitions: int, warn: bool) -> Bag:
    from swath.bag.bag import Bag

    node = bag._node_for_child()
    if npartitions < bag.npartitions:
        node = core.bag_partitions(node, list(range(npartitions)))
    take_all = functools.partial(it.take_all, k)
    parts = (functools.partial(it.take_part, k), take_all, take_all)
    hosts = [host(part, "take", i, k) for i, part in enumerate(parts)]
    made = core.bag_reduce(node, {"kind": "take", "k": k}, *hosts, 0)
    if warn:
        made = core.bag_host(made, host(functools.partial(it.checked_take, k), "take", "checked", k))
    return Bag._made(made, "take", [bag], (), [Note(f"take({k})", "")])
