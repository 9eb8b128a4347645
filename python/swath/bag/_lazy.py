"""Lazy: what a Bag and an Item share: an expression, how it came about, and Dask's collection protocol.

Some steps are native forms of functions that use values from outside (``lambda r: r["age"] > limit``). When such a
value has changed since, the collection makes itself again before it is computed: ``_recipe`` is the call that made it.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any, TypeVar

from swath import config
from swath._engine import core
from swath.base import SwathMethods, compute, explain

__all__ = ["Lazy", "Note", "recorded"]

_F = TypeVar("_F", bound=Callable[..., Any])
_without_captures: ContextVar[bool] = ContextVar("without_captures", default=False)


class Note:
    """A step for :meth:`Lazy.explain`: what it is, and who runs it."""

    __slots__ = ("native", "reason", "step")

    def __init__(self, step: str, native: str | None, reason: str | None = None) -> None:
        self.step = step
        self.native = native
        self.reason = reason

    def __str__(self) -> str:
        if self.native is not None:
            return f"{self.step}: native" + (f", {self.native}" if self.native else "")
        return f"{self.step}: Python" + (f", {self.reason}" if self.reason else "")


def recorded(method: _F) -> _F:
    """Notes in what ``method`` returns how to make it again."""

    @functools.wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        made = method(*args, **kwargs)
        if isinstance(made, Lazy) and made._recipe is None:
            made._recipe = (call, args, kwargs)
        return made

    return call  # type: ignore[return-value]


def _replay(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return function(*args, **kwargs)


def captures_allowed() -> bool:
    """May a native form depend on values that can change? Not where an expression leaves its collection."""
    return not _without_captures.get()


class Lazy(SwathMethods):
    """A bag expression of the engine with its history."""

    __slots__ = ("__weakref__", "_built", "_captures", "_key", "_label", "_notes", "_raw", "_recipe")
    _built: Any
    _label: str
    _key: str | None
    _captures: tuple[Any, ...]
    _notes: tuple[Note, ...]
    _recipe: tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]] | None
    _raw: Callable[[], Any] | None

    @classmethod
    def _made(
        cls,
        node: Any,
        label: str,
        parents: Sequence[Any] = (),
        captures: Sequence[Any] = (),
        notes: Sequence[Note] = (),
        key: str | None = None,
    ) -> Any:
        """The collection of an expression. ``captures``: values from outside that its own step depends on."""
        lazy = [parent for parent in parents if isinstance(parent, Lazy)]
        kinds = {type(parent) for parent in lazy}
        kind = kinds.pop() if len(kinds) == 1 else cls
        self = cls.__new__(kind if issubclass(kind, cls) else cls)
        self._built = node
        self._label = label
        self._key = key
        self._captures = (*[capture for parent in lazy for capture in parent._captures], *captures)
        self._notes = (*[note for parent in lazy for note in parent._notes], *notes)
        self._recipe = None
        self._raw = None
        return self

    # --- the expression
    def __swath_node__(self) -> Any:
        if any(capture.is_stale() for capture in self._captures) and self._recipe is not None:
            self._take(self._again())
        return self._built

    def _again(self) -> Lazy:
        assert self._recipe is not None
        function, args, kwargs = self._recipe
        return function(*args, **kwargs)

    def _take(self, other: Lazy) -> None:
        self._built, self._captures, self._notes = other._built, other._captures, other._notes

    def _final_node(self) -> Any:
        """The expression for uses that cannot make it again: functions that use outside values stay in Python."""
        if not self._captures or self._recipe is None:
            return self.__swath_node__()
        if not captures_allowed():  # remaking already: self is a parent
            return self._again()._built
        token = _without_captures.set(True)
        try:
            return self._again()._built
        finally:
            _without_captures.reset(token)

    def _node_for_child(self) -> Any:
        return self._final_node() if not captures_allowed() else self.__swath_node__()

    def __swath_rebuild__(self, node: Any) -> Any:
        return type(self)._made(node, self._label, notes=self._notes, key=self._key)

    @staticmethod
    def __swath_scheduler__() -> str:
        """Where Python functions run when neither the call nor the setting ``scheduler`` says: in child processes."""
        return config.get("bag.scheduler", "processes")

    def __swath_tokenize__(self) -> Any:
        return (type(self).__name__, str(self.__swath_node__().token))

    def explain(self, **kwargs: Any) -> str:
        """The plan as text; then, for each step as written, whether it runs natively or in Python, and why."""
        lines = [f"  {i}. {note}" for i, note in enumerate(self._notes, 1)]
        return "\n".join([explain(self, **kwargs).rstrip("\n"), "", "steps:", *lines, ""])

    # --- Dask's collection protocol: graphs of plain callables, for schedulers of others
    @property
    def name(self) -> str:
        """A name that identifies the expression: the first part of Dask's keys."""
        return self._key or f"{self._label}-{self.__swath_node__().token}"

    @property
    def dask(self) -> Any:
        """The graph of :meth:`__dask_graph__`."""
        return self.__dask_graph__()  # type: ignore[attr-defined]

    def __dask_tokenize__(self) -> Any:
        return self.name

    def __dask_layers__(self) -> tuple[str, ...]:
        return (self.name,)

    def __dask_optimize__(self, dsk: Any, keys: Any, **kwargs: Any) -> Any:
        return dsk

    @staticmethod
    def __dask_scheduler__(dsk: Any, keys: Any, **kwargs: Any) -> Any:
        from dask.threaded import get

        return get(dsk, keys, **kwargs)

    def _task_blocks(self) -> _Blocks:
        return _Blocks(self)


class BlocksGraph(dict[Any, Any]):
    """The graph of a collection for other schedulers; we take the collection itself back out of it."""

    def __init__(self, collection: Lazy, tasks: dict[Any, Any]) -> None:
        super().__init__(tasks)
        self.collection = collection


class _Blocks:
    """The computed partitions of a collection: computed by us, once, by the first task that asks.

    Tasks that ask in the meantime compute for themselves: a thread of ours that waited here could be the one that the
    computation waits for.
    """

    def __init__(self, collection: Lazy) -> None:
        self.collection = collection
        self.lock = threading.Lock()
        self.blocks: list[Any] | None = None

    def __getitem__(self, number: int) -> Any:
        if self.blocks is not None:
            return self.blocks[number]
        first = self.lock.acquire(blocking=False)
        try:
            blocks = compute(_AsBlocks(self.collection), traverse=False)[0]
            if first:
                self.blocks = blocks
            return blocks[number]
        finally:
            if first:
                self.lock.release()

    def first(self) -> Any:
        return self[0][0]

    def task(self, number: int) -> tuple[Callable[[], Any]]:
        return (functools.partial(self.__getitem__, number),)


class _AsBlocks(SwathMethods):
    """A collection whose result is a list of its partitions."""

    def __init__(self, collection: Lazy) -> None:
        self.collection = collection

    def __swath_node__(self) -> Any:
        return self.collection.__swath_node__()

    def __swath_finish__(self, values: Any) -> Any:
        return core.bag_partition_items(values)
