"""Protocols for type checkers: what a lazy collection and a scheduler are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

__all__ = ["DaskCollection", "HLGDaskCollection", "PostComputeCallable", "PostPersistCallable", "SchedulerGetCallable"]


class SchedulerGetCallable(Protocol):
    """A scheduler: the results of keys of a graph."""

    def __call__(self, dsk: Mapping[Any, Any], keys: Sequence[Any] | Any, **kwargs: Any) -> Any: ...


class PostPersistCallable(Protocol):
    """Makes a collection of computed blocks."""

    def __call__(self, dsk: Mapping[Any, Any], *args: Any, rename: Mapping[str, str] | None = None) -> Any: ...


class PostComputeCallable(Protocol):
    """Makes a result of computed blocks."""

    def __call__(self, parts: Sequence[Any], *args: Any) -> Any: ...


@runtime_checkable
class DaskCollection(Protocol):
    """A lazy collection that any scheduler can compute."""

    __dask_scheduler__: Callable[..., Any]

    def __dask_graph__(self) -> Mapping[Any, Any]: ...
    def __dask_keys__(self) -> list[Any]: ...
    def __dask_postcompute__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]: ...
    def __dask_postpersist__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]: ...
    def __dask_tokenize__(self) -> Any: ...
    def compute(self, **kwargs: Any) -> Any: ...
    def persist(self, **kwargs: Any) -> Any: ...
    def visualize(self, **kwargs: Any) -> Any: ...


@runtime_checkable
class HLGDaskCollection(DaskCollection, Protocol):
    """A collection whose graph has layers."""

    def __dask_layers__(self) -> Sequence[str]: ...
