"""Hand-written graphs on the engine's threads."""

from __future__ import annotations

from typing import Any

__all__ = ["get"]


def get(dsk: Any, keys: Any, *, num_workers: int | None = None, pool: Any = None, **kwargs: Any) -> Any:
    """The results of ``keys`` of the graph ``dsk`` on threads; a tuple for a list of keys, nested as they are.

    >>> from swath.threaded import get
    >>> get({"x": 1, "y": (sum, ["x", 2])}, ["x", "y"])
    (1, 3)
    """
    from swath.base import get_graph

    return get_graph(dsk, keys, "threads", num_workers=num_workers, pool=pool, **kwargs)
