"""Hand-written graphs in child processes."""

from __future__ import annotations

from typing import Any

__all__ = ["get"]


def get(dsk: Any, keys: Any, *, num_workers: int | None = None, pool: Any = None, **kwargs: Any) -> Any:
    """The results of ``keys`` of the graph ``dsk``, its functions run by child processes.

    >>> from swath.multiprocessing import get
    >>> get({"x": 1, "y": (sum, ["x", 2])}, "y")
    3
    """
    from swath.base import get_graph

    return get_graph(dsk, keys, "processes", num_workers=num_workers, pool=pool, **kwargs)
