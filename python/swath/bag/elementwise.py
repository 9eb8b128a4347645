"""Steps on every item of one or several bags: map, starmap, filter, pluck, flatten, whole partitions, zip, product."""

from __future__ import annotations

import functools
import itertools
import operator
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, Any

from swath._engine import core
from swath.bag._iterators import (
    GetOr,
    MapItems,
    MapPartition,
    flatten_items,
    getter,
    no_default,
    product_items,
    sample_items,
    starmap_items,
    zip_items,
)
from swath.bag._known import is_plain
from swath.bag._lazy import Note, recorded
from swath.bag._steps import Arguments, aligned, expression, funcname, host, note, traced
from swath.bag.tracing import Trace, trace

if TYPE_CHECKING:
    from swath.bag.bag import Bag

__all__ = ["bag_map", "bag_zip", "map_partitions"]


def _bag(*args: Any, **kwargs: Any) -> Bag:
    from swath.bag.bag import Bag

    return Bag._made(*args, **kwargs)


def _same_step(kind: str, bag: Any, native: Any, step: Any, found: Trace, name: str, sides: Any = ()) -> Bag:
    """A step with a native form (``kind``: the binding's function) or only a Python one."""
    node = bag._node_for_child()
    if native is not None:
        made = getattr(core, kind)(node, native, step)
    else:
        made = core.bag_host(node, step, list(sides))
    captures = found.captures if native is not None else ()
    return _bag(made, _label(name), [bag], captures, [note(name, native, found)])


def _label(name: str) -> str:
    """The first part of a key, as Dask calls steps: ``map(inc)`` is "inc", ``filter(even)`` "filter-even"."""
    step, _, function = name.removesuffix(")").partition("(")
    function = "lambda" if function == "<lambda>" else function
    if not function.isidentifier():
        return step
    return function if step in ("map", "map_partitions", "starmap") else f"{step}-{function}"


@recorded
def bag_map(func: Callable[..., Any], *args: Any, **kwargs: Any) -> Bag:
    """Apply a function elementwise across one or more bags.

    Parameters
    ----------
    func : callable
    *args, **kwargs : Bag, Item, Delayed, or object
        Arguments of ``func``. Bags must be partitioned identically; what is no bag is the same in all calls.

    Examples
    --------
    >>> import swath.bag as db
    >>> db.map(lambda x, y: x + y, db.from_sequence([1, 2, 3]), 10).compute()
    [11, 12, 13]
    """
    arguments = Arguments(args, kwargs)
    mapper = MapItems(func, arguments.slots, arguments.names)
    name = f"map({funcname(func)})"
    step = host(mapper, name, func, *arguments.identity)
    if len(arguments.bags) == 1:
        bag = arguments.bags[0]
        native, found = None, Trace(reason="its arguments are other collections")
        if arguments.single and arguments.slots and arguments.slots[0][0] == "item":
            native, found = traced(func, args[1:], kwargs)
        return _same_step("bag_map", bag, native, step, found, name, arguments.sides)
    node = core.bag_host(aligned(arguments.bags), step, arguments.sides)
    return _bag(node, _label(name), arguments.bags, (), [Note(name, None, "it takes several bags")])


@recorded
def map_partitions(func: Callable[..., Any], *args: Any, **kwargs: Any) -> Bag:
    """Apply a function to every partition across one or more bags.

    Parameters
    ----------
    func : callable
        Gets a list of the items of a partition and returns an iterable, the new partition.
    *args, **kwargs : Bag, Item, Delayed, or object
        Arguments of ``func``. Bags must have the same number of partitions.

    Examples
    --------
    >>> import swath.bag as db
    >>> b = db.from_sequence(range(1, 5), npartitions=2)
    >>> b.map_partitions(lambda nums, den: [num / den for num in nums], b.max()).compute()
    [0.25, 0.5, 0.75, 1.0]
    """
    label = kwargs.pop("token", None) or funcname(func)
    arguments = Arguments(args, kwargs)
    name = f"map_partitions({label})"

    def build(raw: bool) -> Any:
        mapper = MapPartition(func, arguments.slots, arguments.names, raw)
        step = host(mapper, name, func, raw, *arguments.identity)
        bags = arguments.bags
        node = bags[0]._node_for_child() if len(bags) == 1 else aligned(bags)
        return core.bag_host(node, step, arguments.sides)

    made = _bag(build(False), _label(name), arguments.bags, (), [Note(name, None, "it takes whole partitions")])
    made._raw = lambda: build(True)
    return made


@recorded
def starmap(bag: Any, func: Callable[..., Any], kwargs: dict[str, Any]) -> Bag:
    arguments = Arguments([bag], kwargs)
    if len(arguments.bags) > 1:
        raise ValueError("starmap() takes Items, Delayed and objects as keyword arguments, not Bags")
    name = f"starmap({funcname(func)})"
    step = host(functools.partial(starmap_items, func, arguments.names), name, func, *arguments.identity)
    found = Trace(reason="the number of its arguments is that of each item")
    return _same_step("bag_map", bag, None, step, found, name, arguments.sides)


@recorded
def filter_items(bag: Any, predicate: Callable[[Any], Any], keep: bool) -> Bag:
    kind = "filter" if keep else "remove"
    name = f"{kind}({funcname(predicate)})"
    native, found = traced(predicate) if predicate is not None else (None, Trace(reason="it is None"))
    run = functools.partial(filter if keep else itertools.filterfalse, predicate)
    return _same_step(f"bag_{kind}", bag, native, host(run, name, predicate), found, name)


@recorded
def pluck(bag: Any, key: Any, default: Any = no_default) -> Bag:
    if default is no_default:
        get = getter(key) if not callable(key) else operator.itemgetter(key)
        found = trace(operator.itemgetter(*key) if isinstance(key, list) and len(key) > 1 else get)
    else:
        get = GetOr(key, default)
        found = Trace(reason="its key or default is not plain")
        if is_plain(key) and is_plain(default):
            # Records only: of other items the native step says that Python decides.
            found = Trace(("get", ("item",), key, default))
    native, found = expression(found)
    run = functools.partial(map, get)
    identity = (key if not isinstance(key, list) else ("list", *key), "none" if default is no_default else (default,))
    return _same_step("bag_map", bag, native, host(run, f"pluck({key!r})", *identity), found, f"pluck({key!r})")


@recorded
def flatten(bag: Any) -> Bag:
    node = core.bag_flatten(bag._node_for_child(), host(flatten_items, "flatten", 0))
    return _bag(node, "flatten", [bag], (), [Note("flatten", "")])


@recorded
def sample(bag: Any, probability: float, seed: tuple[int, int]) -> Bag:
    run = functools.partial(sample_items, probability, seed)
    step = host(run, "random_sample", probability, seed, wants_block=True)
    node = core.bag_sample(bag._node_for_child(), float(probability), seed, step)
    return _bag(node, "random_sample", [bag], (), [Note(f"random_sample({probability})", "")])


def seed_of(random_state: int | Random | None) -> tuple[int, int]:
    """Two 64-bit numbers from a seed, a generator, or nothing."""
    random = random_state if isinstance(random_state, Random) else Random(random_state)
    return random.getrandbits(64), random.getrandbits(64)


@recorded
def bag_zip(*bags: Any) -> Bag:
    """Partition-wise zip: tuples of the items of bags with the same number of partitions.

    Partitions that go together should have the same length: what is longer is cut.

    Examples
    --------
    >>> import swath.bag as db
    >>> db.zip(db.from_sequence("abc", npartitions=1), db.range(3, npartitions=1)).compute()
    [('a', 0), ('b', 1), ('c', 2)]
    """
    if len({bag.npartitions for bag in bags}) != 1:
        raise ValueError("zip() takes one or more bags of the same number of partitions")
    node = core.bag_zip([bag._node_for_child() for bag in bags], host(zip_items, "zip", 0))
    return _bag(node, "zip", bags, (), [Note("zip", "")])


@recorded
def product(bag: Any, other: Any) -> Bag:
    node = core.bag_product(bag._node_for_child(), other._node_for_child(), host(product_items, "product", 0))
    return _bag(node, "product", [bag, other], (), [Note("product", "")])
