"""Other libraries' collections on Swath, and Swath's collections on other libraries' schedulers.

A foreign collection is any object whose ``__dask_graph__()`` answers a graph: ``dask.array``, ``dask.delayed``, … Ours
become graphs of plain callables by :func:`to_dask_graph`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from swath._engine import core
from swath._pickling import Data

__all__ = ["Foreign", "flat_keys", "graph_dict", "is_foreign_collection", "nest", "to_dask_graph"]


def is_foreign_collection(x: Any) -> bool:
    """Does ``x`` say that it is a lazy collection, by ``__dask_graph__``?"""
    if isinstance(x, type) or not hasattr(type(x), "__dask_graph__"):
        return False
    return x.__dask_graph__() is not None


def graph_dict(dsk: Any) -> dict[Any, Any]:
    """A graph in any of its forms (dict, layers, an expression) as one dict."""
    if type(dsk) is dict:
        return dsk
    if hasattr(dsk, "__dask_graph__") and not isinstance(dsk, Mapping):
        return graph_dict(dsk.__dask_graph__())
    return dict(dsk)


def flat_keys(keys: Any) -> list[Any]:
    """The keys in nested lists, in order."""
    flat: list[Any] = []
    stack = [keys]
    while stack:
        x = stack.pop()
        if type(x) is list:
            stack.extend(reversed(x))
        else:
            flat.append(x)
    return flat


def nest(keys: Any, results: Iterator[Any]) -> Any:
    """``results`` in the nesting of ``keys``, as tuples."""
    if type(keys) is list:
        return tuple([nest(key, results) for key in keys])
    return next(results)


class Foreign:
    """A foreign collection with the methods of ours (swath.base.SwathMethods)."""

    def __init__(self, x: Any) -> None:
        self.x = x
        self.keys = x.__dask_keys__()

    def __swath_node__(self) -> Any:
        dsk = self.graph()
        nodes = core.graph_nodes(dsk, flat_keys(self.keys))
        return core.delayed_call(_listed, tuple(nodes), {}, "finish")

    def as_call(self) -> Any:
        """The node of a call that answers the computed collection."""
        finish, extra = self.x.__dask_postcompute__()
        node = self.__swath_node__()
        return core.delayed_call(_finished, (finish, extra, node, self.keys), {}, "finish")

    def graph(self) -> dict[Any, Any]:
        """The optimized graph."""
        optimized = _optimized_by_dask(self.x)
        if optimized is not None:
            dsk, self.keys = optimized
            return graph_dict(dsk)
        dsk = self.x.__dask_graph__()
        optimize = getattr(self.x, "__dask_optimize__", None)
        return graph_dict(optimize(dsk, self.keys) if optimize else dsk)

    def __swath_finish__(self, values: Any) -> Any:
        finish, extra = self.x.__dask_postcompute__()
        return _finished(finish, extra, core.objects(values)[0], self.keys)

    def __swath_persist__(self, values: Any) -> Any:
        rebuild, extra = self.x.__dask_postpersist__()
        return rebuild(dict(zip(flat_keys(self.keys), core.objects(values)[0], strict=True)), *extra)

    def __swath_rebuild__(self, node: Any) -> Any:
        return self.x


def _listed(*results: Any) -> list[Any]:
    return list(results)


def _finished(finish: Any, extra: Sequence[Any], results: Sequence[Any], keys: Any) -> Any:
    remaining = iter(results)

    def nested(keys: Any) -> Any:
        return [nested(key) for key in keys] if type(keys) is list else next(remaining)

    return finish(nested(keys), *extra)


def _optimized_by_dask(x: Any) -> tuple[Any, Any] | None:
    """The graph and keys that Dask itself would compute for its own collections; None for those of others."""
    base = sys.modules.get("dask.base")
    if base is None or not hasattr(base, "collections_to_expr") or not type(x).__module__.startswith("dask."):
        return None
    expression = base.collections_to_expr([x]).optimize()
    keys = list(expression.__dask_keys__())
    return (expression.__dask_graph__(), keys[0]) if len(keys) == 1 and isinstance(keys[0], list) else None


def export(collections: Iterable[Any], optimize_graph: bool) -> tuple[dict[Any, Any], list[list[Any]]]:
    """One graph of plain callables for all collections, and the keys of the blocks of each."""
    tasks, outputs = core.export_graph([c.__swath_node__() for c in collections], optimize_graph)
    dsk: dict[Any, Any] = {}
    for key, what, inputs, is_value in tasks:
        # Values travel inside a callable: as a bare value, a string or a tuple might be taken for a key or a task.
        dsk[key] = (Data(what),) if is_value else (what, *[tasks[i][0] for i in inputs])
    return dsk, [[tasks[i][0] for i in output] for output in outputs]


def to_dask_graph(x: Any, optimize_graph: bool = True) -> tuple[dict[Any, Any], list[Any]]:
    """The graph of a collection as ``{key: (callable, key, …)}``, and the keys of its blocks in order.

    Tasks of delayed functions call those functions. Tasks of arrays and dataframes run the engine's kernel on one block
    (and cannot be pickled); their results are ``core.Values`` of which ``finish_dask_results`` makes the collection's
    result.

    >>> import swath, swath.array as sa
    >>> from swath.threaded import get
    >>> x = sa.arange(10, chunks=5).sum()
    >>> dsk, keys = swath.to_dask_graph(x)
    >>> int(swath.base.finish_dask_results(x, get(dsk, keys)))
    45
    """
    dsk, outputs = export([x], optimize_graph)
    return dsk, outputs[0]


def finish_dask_results(x: Any, results: Iterable[Any]) -> Any:
    """The result of the collection ``x`` from the results of the keys of :func:`to_dask_graph`, in order."""
    return x.__swath_finish__(core.join_values(list(results)))
