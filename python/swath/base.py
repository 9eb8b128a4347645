"""Functions on any number of collections at once: compute, persist, optimize, visualize, explain.

Everything passed in one call becomes one graph: what the collections share is computed once.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

from swath._engine import core

__all__ = ["SwathMethods", "compute", "explain", "is_swath_collection", "optimize", "persist", "visualize"]


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


def _unpack(args: Sequence[Any], traverse: bool) -> tuple[list[Any], Callable[[Sequence[Any]], list[Any]]]:
    """The collections in ``args`` and a function that puts results back into the same nesting."""
    found: list[Any] = []

    def walk(x: Any) -> Callable[[Sequence[Any]], Any]:
        if is_swath_collection(x):
            position = len(found)
            found.append(x)
            return lambda results: results[position]
        if not traverse:
            return lambda results: x
        if type(x) in (list, tuple, set, frozenset):
            kind, parts = type(x), [walk(item) for item in x]
            return lambda results: kind([part(results) for part in parts])
        if type(x) is dict:
            pairs = [(walk(key), walk(value)) for key, value in x.items()]
            return lambda results: {key(results): value(results) for key, value in pairs}
        if dataclasses.is_dataclass(x) and not isinstance(x, type):
            fields = {f.name: walk(getattr(x, f.name)) for f in dataclasses.fields(x) if f.init}
            return lambda results: dataclasses.replace(x, **{name: part(results) for name, part in fields.items()})
        return lambda results: x

    rebuilds = [walk(x) for x in args]
    return found, lambda results: [rebuild(results) for rebuild in rebuilds]


_SCHEDULERS = {
    "threads": "threads",
    "threading": "threads",
    "processes": "processes",
    "multiprocessing": "processes",
    "sync": "sync",
    "synchronous": "sync",
    "single-threaded": "sync",
}


def _options(
    scheduler: str | None, num_workers: int | None, optimize_graph: bool, retries: int | None, kwargs: dict[str, Any]
) -> dict[str, Any]:
    if kwargs:
        raise TypeError(
            f"unknown keyword {next(iter(kwargs))!r}; known: scheduler, num_workers, optimize_graph, retries, traverse"
        )
    if scheduler is not None and scheduler not in _SCHEDULERS:
        raise ValueError(f"scheduler={scheduler!r}; accepted: {', '.join(map(repr, _SCHEDULERS))}")
    if num_workers is not None and num_workers < 1:
        raise ValueError(f"num_workers={num_workers}; must be at least 1")
    return {
        "scheduler": _SCHEDULERS[scheduler] if scheduler else "",
        "num_workers": num_workers or 0,
        "optimize": optimize_graph,
        "retries": -1 if retries is None else retries,
    }


def _run(collections: Sequence[Any], options: dict[str, Any]) -> list[Any]:
    from swath.diagnostics.progress import watch

    with watch() as callback:
        return core.compute([c.__swath_node__() for c in collections], callback, **options)


def compute_values(
    collection: SwathMethods,
    optimize_graph: bool = True,
    scheduler: str | None = None,
    num_workers: int | None = None,
    retries: int | None = None,
    **kwargs: Any,
) -> Any:
    """The computed blocks (``core.Values``) of one collection, for results other than those of :func:`compute`."""
    return _run([collection], _options(scheduler, num_workers, optimize_graph, retries, kwargs))[0]


def compute(
    *args: Any,
    traverse: bool = True,
    optimize_graph: bool = True,
    scheduler: str | None = None,
    num_workers: int | None = None,
    retries: int | None = None,
    **kwargs: Any,
) -> tuple[Any, ...]:
    """Compute several collections in one graph and return their results in memory.

    Parameters
    ----------
    args
        Collections, or lists, tuples, sets, dicts and dataclasses that hold some; anything else comes back as it is.
    traverse
        Look for collections inside containers?
    optimize_graph
        Run the optimizer's passes?
    scheduler
        ``"threads"``, ``"processes"`` (Python functions run in child processes) or ``"sync"`` (the calling
        thread); default: the setting ``scheduler``.
    num_workers
        Threads; default: the setting ``num-workers``.
    retries
        How often a failed task is tried again; default: the setting ``retries``.

    >>> import swath, swath.array as sa
    >>> x = sa.arange(10, chunks=5)
    >>> low, rest = swath.compute(x.min(), {"top": x.max()})
    >>> int(low), int(rest["top"])
    (0, 9)
    """
    collections, repack = _unpack(args, traverse)
    options = _options(scheduler, num_workers, optimize_graph, retries, kwargs)
    if not collections:
        return args
    values = _run(collections, options)
    return tuple(repack([c.__swath_finish__(v) for c, v in zip(collections, values, strict=False)]))


def persist(
    *args: Any,
    traverse: bool = True,
    optimize_graph: bool = True,
    scheduler: str | None = None,
    num_workers: int | None = None,
    retries: int | None = None,
    **kwargs: Any,
) -> tuple[Any, ...]:
    """Compute several collections in one graph and return equal collections whose blocks are in memory.

    >>> import swath, swath.array as sa
    >>> (x,) = swath.persist(sa.ones(10, chunks=5) + 1)
    >>> x.chunks
    ((5, 5),)
    """
    collections, repack = _unpack(args, traverse)
    options = _options(scheduler, num_workers, optimize_graph, retries, kwargs)
    if not collections:
        return args
    values = _run(collections, options)
    return tuple(repack([c.__swath_persist__(v) for c, v in zip(collections, values, strict=False)]))


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
