"""Item: one lazy Python value, as reductions of bags make."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

from swath._engine import core
from swath._protocol import graph_dict
from swath.bag._iterators import MapItems
from swath.bag._lazy import Lazy, recorded
from swath.bag._steps import host, note, traced
from swath.delayed import Delayed, delayed

__all__ = ["Item"]


class Item(Lazy):
    """One value that is not computed yet.

    >>> import swath.bag as db
    >>> total = db.from_sequence([1, 2, 3]).sum()
    >>> total.compute(), int(total) + 1
    (6, 7)
    """

    __slots__ = ()

    def __init__(self, dsk: Any, key: Any, layer: Any = None) -> None:
        """The value of the task ``key`` of a graph."""
        (value,) = core.graph_nodes(graph_dict(dsk), [key])
        boxed = core.delayed_call(_box, (Delayed(value),), {}, "item")
        made = Item._made(core.bag_from_nodes([boxed]), str(key), key=key)
        for slot in ("_built", "_label", "_key", "_captures", "_notes", "_raw"):
            setattr(self, slot, getattr(made, slot))
        self._recipe = (Item, (dsk, key, layer), {})

    @property
    def key(self) -> str:
        """A name that identifies the value: its key in graphs."""
        return self.name

    def __swath_finish__(self, values: Any) -> Any:
        return core.bag_items(values)[0]

    def __swath_persist__(self, values: Any) -> Item:
        made = self.__swath_rebuild__(core.bag_from_values(values))
        made._recipe = (_restored, (core.bag_items(values)[0], self._label), {})
        return made

    @staticmethod
    def from_delayed(value: Any) -> Item:
        """The Item of a Delayed (or of any lazy value)."""
        if not isinstance(value, Delayed):
            value = delayed(value)
        boxed = delayed(_box, pure=True)(value)
        return Item._made(core.bag_from_nodes([boxed.__swath_node__()]), "from-delayed")

    @recorded
    def apply(self, func: Callable[[Any], Any]) -> Item:
        """The Item of ``func(value)``."""
        native, found = traced(func)
        executor = "threads" if isinstance(func, types.BuiltinFunctionType) else ""
        step = host(MapItems(func, [("item", 0)], {}), "apply", func, executor=executor)
        node = core.bag_map(self._node_for_child(), native, step) if native else core.bag_host(
            self._node_for_child(), step
        )  # fmt: skip
        return Item._made(node, "apply", [self], found.captures if native else (), [note("apply", native, found)])

    def to_delayed(self, optimize_graph: bool = True) -> Any:
        """The value as a Delayed."""
        return Delayed(core.delayed_on(self._final_node(), -1, _only, "item", "item"))

    def __int__(self) -> int:
        return int(self.compute())

    def __float__(self) -> float:
        return float(self.compute())

    def __complex__(self) -> complex:
        return complex(self.compute())

    def __bool__(self) -> bool:
        return bool(self.compute())

    def __repr__(self) -> str:
        return f"swath.bag.Item<{self._label}>"

    def __reduce__(self) -> Any:
        if self._recipe is not None:
            return _replayed, self._recipe
        return _restored, (self.compute(), self._label)

    # --- Dask's protocol
    def __dask_graph__(self) -> dict[Any, Any]:
        return {self.name: (self._task_blocks().first,)}

    def __dask_keys__(self) -> list[Any]:
        return [self.name]

    def __dask_postcompute__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return _first, ()

    def __dask_postpersist__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return _rebuilt, (self._label, self.name)


def _replayed(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return function(*args, **kwargs)


def _restored(value: Any, label: str) -> Item:
    return Item._made(core.bag_from_items([value], [0, 1]), label)


def _box(value: Any) -> list[Any]:
    return [value]


def _only(values: Any, block: int) -> Any:
    return core.bag_items(values)[0]


def _first(results: Any) -> Any:
    return results[0]


def _rebuilt(dsk: Any, label: str, key: str, *, rename: Any = None) -> Item:
    return _restored(dsk[(rename or {}).get(key, key)], label)
