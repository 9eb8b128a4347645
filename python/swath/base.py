"""Functions on any number of collections at once: compute, persist, optimize, visualize, explain.

Everything passed in one call becomes one graph: what the collections share is computed once.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from typing import Any

from swath._engine import core
from swath._protocol import Foreign, export, finish_dask_results, flat_keys, graph_dict, is_foreign_collection, nest
from swath._protocol import to_dask_graph as to_dask_graph
from swath._schedulers import Choice, choose
from swath._schedulers import get_scheduler as get_scheduler
from swath._schedulers import named_schedulers as named_schedulers

__all__ = [
    "SwathMethods",
    "annotate",
    "clone_key",
    "compute",
    "compute_as_if_collection",
    "explain",
    "finish_dask_results",
    "get",
    "get_annotations",
    "get_collection_names",
    "get_name_from_key",
    "get_scheduler",
    "is_dask_collection",
    "is_swath_collection",
    "named_schedulers",
    "optimize",
    "persist",
    "replace_name_in_key",
    "to_dask_graph",
    "unpack_collections",
    "visualize",
    "wait",
]


class SwathMethods:
    """Methods of every collection. A collection tells four things.

    ``__swath_node__()``: its expression, a ``core.Node``; ``__swath_finish__(values)``: the result made of its computed
    blocks (``core.Values``); ``__swath_persist__(values)``: an equal collection on these blocks;
    ``__swath_rebuild__(node)``: the same collection on another expression of the same form.
    """

    __slots__ = ()

    def __swath_node__(self) -> Any:
        raise NotImplementedError

    def __swath_finish__(self, values: Any) -> Any:
        raise NotImplementedError

    def __swath_persist__(self, values: Any) -> Any:
        raise NotImplementedError

    def __swath_rebuild__(self, node: Any) -> Any:
        raise NotImplementedError

    def __swath_tokenize__(self) -> Any:
        return type(self).__name__, self.__swath_node__().token

    def compute(self, **kwargs: Any) -> Any:
        """Run the graph and return the result in memory; the arguments are those of :func:`swath.compute`."""
        return compute(self, traverse=False, **kwargs)[0]

    def persist(self, **kwargs: Any) -> Any:
        """Run the graph and return the same collection on results held in memory (or spilled)."""
        return persist(self, traverse=False, **kwargs)[0]

    def explain(self, **kwargs: Any) -> str:
        """The plan as text: as written, the passes that fired, as it will run, and its projected peak memory."""
        return explain(self, **kwargs)

    def visualize(
        self, filename: str | None = "swath", format: str | None = None, optimize_graph: bool = False, **kwargs: Any
    ) -> Any:
        """Draw the graph; the arguments are those of :func:`swath.visualize`."""
        return visualize(self, filename=filename, format=format, optimize_graph=optimize_graph, **kwargs)


def is_swath_collection(x: Any) -> bool:
    """Is ``x`` lazy: an array, a dataframe, a series of ours?

    >>> import swath, swath.array as sa
    >>> swath.is_swath_collection(sa.ones(3)), swath.is_swath_collection([1, 2])
    (True, False)
    """
    return isinstance(x, SwathMethods)


def is_dask_collection(x: Any) -> bool:
    """Is ``x`` lazy: a collection of ours, or any object whose ``__dask_graph__()`` answers a graph?"""
    return isinstance(x, SwathMethods) or is_foreign_collection(x)


def _unpack(args: Sequence[Any], traverse: bool) -> tuple[list[Any], Callable[[Sequence[Any]], list[Any]]]:
    """The collections in ``args`` and a function that puts results back into the same nesting."""
    found: list[Any] = []

    # A plan is None (the value itself), a position in found, or a function of the results.
    def walk(x: Any) -> Any:
        if isinstance(x, SwathMethods):
            found.append(x)
            return len(found) - 1
        if type(x) in _PLAIN:
            return None
        if is_foreign_collection(x):
            found.append(Foreign(x))
            return len(found) - 1
        return walk_inside(x) if traverse else None

    def walk_inside(x: Any) -> Any:
        if type(x) in _ITERATORS:
            x = _ITERATORS[type(x)](x)
            return walk_inside(x) or (lambda results: x)
        if type(x) in (list, tuple, set, frozenset):
            return _parts(type(x), list(x), [walk(item) for item in x])
        if isinstance(x, tuple) and hasattr(type(x), "_make"):
            make: Any = type(x)
            return _parts(make._make, list(x), [walk(item) for item in x])
        if type(x) is dict:
            items = [part for pair in x.items() for part in pair]
            return _parts(lambda parts: dict(zip(parts[::2], parts[1::2], strict=True)), items, list(map(walk, items)))
        if dataclasses.is_dataclass(x) and not isinstance(x, type):
            names = [f.name for f in dataclasses.fields(x) if f.init]
            items = [getattr(x, name) for name in names]
            make = lambda parts: dataclasses.replace(x, **dict(zip(names, parts, strict=True)))  # noqa: E731
            return _parts(make, items, [walk(item) for item in items])
        return None

    args = list(args)
    rebuild = _parts(list, args, [walk(x) for x in args])
    return found, rebuild or (lambda results: args)


_PLAIN = frozenset((int, float, str, bytes, bool, type(None)))
_ITERATORS: dict[type, Callable[[Any], Any]] = {type(iter([])): list, type(iter(())): tuple, type(iter(set())): set}


def _parts(make: Callable[[list[Any]], Any], items: list[Any], plans: list[Any]) -> Any:
    if all(plan is None for plan in plans):
        return None
    if all(type(plan) is int for plan in plans):
        return lambda results: make([results[plan] for plan in plans])

    def build(results: Sequence[Any]) -> Any:
        return make(
            [
                item if plan is None else results[plan] if type(plan) is int else plan(results)
                for item, plan in zip(items, plans, strict=True)
            ]
        )

    return build


def _run(collections: Sequence[Any], choice: Choice) -> list[Any]:
    """The computed blocks (``core.Values``) of each collection, all run as one graph."""
    if choice.get is not None:
        dsk, outputs = export(collections, choice.options["optimize"])
        results = choice.get(dsk, outputs, **choice.extra)
        return [core.join_values(list(blocks)) for blocks in results]
    from swath.diagnostics.progress import watch

    with choice.watching(), watch() as callback:
        return core.compute([c.__swath_node__() for c in collections], callback, **choice.options)


def _results(collections: Sequence[Any], choice: Choice) -> list[Any]:
    """The results of each collection, all run as one graph."""
    from swath.delayed import Delayed

    if choice.get is not None or not all(isinstance(c, Delayed) for c in collections):
        values = _run(collections, choice)
        return [c.__swath_finish__(v) for c, v in zip(collections, values, strict=True)]
    from swath.diagnostics.progress import watch

    with choice.watching(), watch() as callback:
        return core.compute_objects([c._node for c in collections], callback, **choice.options)


def compute_values(collection: SwathMethods, **kwargs: Any) -> Any:
    """The computed blocks (``core.Values``) of one collection, for results other than those of :func:`compute`."""
    return _run([collection], choose([collection], **kwargs))[0]


def compute(*args: Any, traverse: bool = True, **kwargs: Any) -> tuple[Any, ...]:
    """Compute several collections in one graph and return their results in memory.

    Parameters
    ----------
    args
        Collections, or lists, tuples, sets, dicts and dataclasses that hold some; anything else comes back as it is.
        Collections of other libraries that have ``__dask_graph__`` are computed too.
    traverse
        Look for collections inside containers?
    optimize_graph
        Run the optimizer's passes? Default: yes.
    scheduler
        ``"threads"``, ``"processes"`` (Python functions run in child processes), ``"sync"`` (the calling thread), a
        ``concurrent.futures.Executor``, or a function ``get(dsk, keys)``; default: the setting ``scheduler``.
    num_workers
        Threads, or child processes; default: the setting ``num-workers``.
    retries
        How often a failed task is tried again; default: the setting ``retries``.
    pool
        An executor or a ``multiprocessing`` pool that runs the tasks.
    rerun_exceptions_locally
        After a failure, run the graph again in the calling thread, so that a debugger stops at the failing line?
    raise_exception
        ``raise_exception(exception, traceback)`` is called instead of raising.

    >>> import swath, swath.array as sa
    >>> x = sa.arange(10, chunks=5)
    >>> low, rest = swath.compute(x.min(), {"top": x.max()})
    >>> int(low), int(rest["top"])
    (0, 9)
    """
    collections, repack = _unpack(args, traverse)
    choice = choose(collections, **kwargs)
    if not collections:
        return args
    return tuple(repack(choice.guarded(lambda c: _results(collections, c))))


def persist(*args: Any, traverse: bool = True, **kwargs: Any) -> tuple[Any, ...]:
    """Compute several collections in one graph and return equal collections whose blocks are in memory.

    The keywords are those of :func:`compute`.

    >>> import swath, swath.array as sa
    >>> (x,) = swath.persist(sa.ones(10, chunks=5) + 1)
    >>> x.chunks
    ((5, 5),)
    """
    collections, repack = _unpack(args, traverse)
    choice = choose(collections, **kwargs)
    if not collections:
        return args
    values = choice.guarded(lambda c: _run(collections, c))
    return tuple(repack([c.__swath_persist__(v) for c, v in zip(collections, values, strict=True)]))


def optimize(*args: Any, traverse: bool = True, **kwargs: Any) -> tuple[Any, ...]:
    """Equal collections whose expressions the optimizer has rewritten together."""
    collections, repack = _unpack(args, traverse)
    if not collections:
        return args
    nodes = core.optimize([c.__swath_node__() for c in collections])
    return tuple(repack([c.__swath_rebuild__(node) for c, node in zip(collections, nodes, strict=False)]))


def explain(*args: Any) -> str:
    """The plan of one or several collections as text.

    >>> import swath, swath.array as sa
    >>> text = swath.explain((sa.ones((8, 8), chunks=4) + 1).sum())
    >>> "sum" in text
    True
    """
    collections, _ = _unpack(args, True)
    if not collections:
        raise ValueError("explain() needs at least one collection")
    return core.explain([c.__swath_node__() for c in collections])


def visualize(
    *args: Any,
    filename: str | None = "swath",
    traverse: bool = True,
    optimize_graph: bool = False,
    format: str | None = None,
    level: str = "tasks",
    engine: str | None = None,
    **kwargs: Any,
) -> Any:
    """Draw the graph of one or several collections.

    Writes ``filename`` (default "swath") with the ending of ``format`` ("svg", "dot", and with Graphviz installed
    "png", "pdf") and returns an object that shows it in a notebook. ``filename=None`` writes no file. ``level`` is
    "tasks" (one box a task) or "layers" (one box a layer); above 2000 tasks only layers can be drawn.
    ``engine="graphviz"`` insists on Graphviz.
    """
    from swath.diagnostics.drawing import draw

    collections, _ = _unpack(args, traverse)
    if not collections:
        raise ValueError("visualize() needs at least one collection")
    nodes = [c.__swath_node__() for c in collections]
    return draw(nodes, filename=filename, format=format, level=level, engine=engine, optimize=optimize_graph, **kwargs)


# --- annotations
_annotations: ContextVar[dict[str, Any]] = ContextVar("annotations", default={})  # noqa: B039 - never changed


def get_annotations() -> dict[str, Any]:
    """What :func:`annotate` says here."""
    return _annotations.get()


@contextlib.contextmanager
def annotate(**annotations: Any) -> Iterator[None]:
    """Say something of the delayed calls that are made inside: ``retries=``, ``priority=``, or anything.

    ``retries=n`` makes the engine try a failing call again; other annotations are kept for those who ask for them by
    :func:`get_annotations` (schedulers of clusters). A function as value is called with the key.

    >>> import swath
    >>> with swath.annotate(retries=3):
    ...     swath.get_annotations()
    {'retries': 3}
    """
    if "priority" in annotations and not _numeric_or_callable(annotations["priority"]):
        raise TypeError(f"'priority' must be an int, float or callable, not {type(annotations['priority'])}")
    if "retries" in annotations and not _numeric_or_callable(annotations["retries"]):
        raise TypeError(f"'retries' must be an int or callable, not {type(annotations['retries'])}")
    workers = annotations.get("workers", [])
    if not isinstance(workers, (list, set, str, tuple)) and not callable(workers):
        raise TypeError(f"'workers' must be a list, set, str, tuple or callable, not {type(workers)}")
    if "allow_other_workers" in annotations and not isinstance(annotations["allow_other_workers"], bool):
        raise TypeError(f"'allow_other_workers' must be a bool, not {type(annotations['allow_other_workers'])}")
    if "resources" in annotations and not isinstance(annotations["resources"], dict):
        raise TypeError(f"'resources' must be a dict, not {type(annotations['resources'])}")
    before = _annotations.set({**_annotations.get(), **annotations})
    try:
        yield
    finally:
        _annotations.reset(before)


def _numeric_or_callable(x: Any) -> bool:
    return callable(x) or (isinstance(x, (int, float)) and not isinstance(x, bool))


# --- hand-written graphs
def get_graph(dsk: Any, keys: Any, scheduler: Any, **kwargs: Any) -> Any:
    """The results of ``keys`` (a key, or nested lists of keys) of a hand-written graph, nested as tuples."""
    graph, flat = graph_dict(dsk), flat_keys(keys)
    kwargs.pop("cache", None)
    choice = choose([], scheduler=scheduler, **kwargs)
    if choice.get is not None:
        return choice.get(graph, keys, **choice.extra)
    from swath.diagnostics.progress import watch

    def run(choice: Choice) -> list[Any]:
        distinct = dict.fromkeys(flat)
        nodes = core.graph_nodes(graph, list(distinct))
        with choice.watching(), watch() as callback:
            results = core.compute_objects(nodes, callback, **choice.options)
        found = dict(zip(distinct, results, strict=True))
        return [found[key] for key in flat] if len(distinct) < len(flat) else results

    return nest(keys, iter(choice.guarded(run)))


def get(dsk: Any, keys: Any, **kwargs: Any) -> Any:
    """The results of ``keys`` of the graph ``dsk`` by the scheduler that is set; keywords as for :func:`compute`.

    A graph is a dict: a value is a task ``(function, argument, …)``, another key, or data. Arguments that are keys are
    replaced by their results, also inside lists; tasks may hold tasks.

    >>> import swath
    >>> from operator import add
    >>> swath.get({"x": 1, "y": (add, "x", 10), "z": (sum, ["x", "y"])}, ["y", "z"])
    (11, 12)
    """
    return get_graph(dsk, keys, kwargs.pop("scheduler", None), **kwargs)


# --- for authors of collections
def compute_as_if_collection(
    cls: Any, dsk: Any, keys: Any, scheduler: Any = None, get: Any = None, **kwargs: Any
) -> Any:
    """The results of ``keys`` of ``dsk``, optimized as a collection of the class ``cls`` would be."""
    schedule = get_scheduler(get, scheduler, cls=cls)
    optimize_ = getattr(cls, "__dask_optimize__", None)
    return schedule(optimize_(dsk, keys) if optimize_ else dsk, keys, **kwargs)


def unpack_collections(
    *args: Any, traverse: bool = True
) -> tuple[list[Any], Callable[[Sequence[Any]], tuple[Any, ...]]]:
    """The collections in ``args`` and a function that puts their results in their places.

    >>> import swath
    >>> a = swath.delayed(1)
    >>> collections, repack = swath.base.unpack_collections([a, 2], {"x": a})
    >>> repack(["A", "B"])
    (['A', 2], {'x': 'B'})
    """
    found, repack = _unpack(args, traverse)
    collections = [c.x if isinstance(c, Foreign) else c for c in found]
    return collections, lambda results: tuple(repack(list(results)))


def wait(x: Any, timeout: Any = None, return_when: str = "ALL_COMPLETED") -> Any:
    """``x`` itself: computations on one machine are done when they return."""
    return x


def get_collection_names(collection: Any) -> set[str]:
    """The names in the keys of a collection.

    >>> import swath
    >>> swath.base.get_collection_names(swath.delayed(1, name="one"))
    {'one'}
    """
    if not is_dask_collection(collection):
        raise TypeError(f"expected a collection, got {type(collection)}")
    keys = collection.__dask_keys__() if hasattr(collection, "__dask_keys__") else to_dask_graph(collection)[1]
    return {get_name_from_key(key) for key in flat_keys(keys)}


def get_name_from_key(key: Any) -> str:
    """The name of a key: itself, or the first item of a tuple.

    >>> get_name_from_key(("x-123", 0, 1))
    'x-123'
    """
    if isinstance(key, tuple) and key and isinstance(key[0], str):
        return key[0]
    if isinstance(key, str):
        return key
    raise TypeError(f"Expected str or a tuple starting with str; got {key!r}")


def replace_name_in_key(key: Any, rename: Any) -> Any:
    """The key with its name replaced by what ``rename`` says.

    >>> replace_name_in_key(("x-123", 0), {"x-123": "y-456"})
    ('y-456', 0)
    """
    name = get_name_from_key(key)
    new = rename.get(name, name)
    return (new, *key[1:]) if isinstance(key, tuple) else new


def clone_key(key: Any, seed: Any) -> Any:
    """Another key with the same prefix, made of ``key`` and ``seed``.

    >>> clone_key(("sum-cbb1eca3bafafbb3e8b2419c4eebb387", 4), 1)[1:]
    (4,)
    """
    from swath.tokenize import tokenize
    from swath.utils import key_split

    name = get_name_from_key(key)
    new = f"{key_split(name)}-{tokenize(key, seed)}"
    return (new, *key[1:]) if isinstance(key, tuple) else new


def __getattr__(name: str) -> Any:
    if name in ("tokenize", "normalize_token"):
        from swath import tokenize as module

        return getattr(module, name)
    if name in ("DaskMethodsMixin", "OperatorMethodMixin"):
        return SwathMethods
    raise AttributeError(f"module 'swath.base' has no attribute {name!r}")
