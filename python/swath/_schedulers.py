"""Which scheduler runs a computation, and the keywords that choose it."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Any

__all__ = ["Choice", "choose", "get_scheduler", "named_schedulers"]

_ENGINE = {
    "threads": "threads",
    "threading": "threads",
    "processes": "processes",
    "multiprocessing": "processes",
    "sync": "sync",
    "synchronous": "sync",
    "single-threaded": "sync",
}


@dataclasses.dataclass(slots=True)
class Choice:
    """How to run: the engine's own ``options`` when ``get`` is None, else ``get(dsk, keys, **extra)``."""

    options: dict[str, Any]
    get: Callable[..., Any] | None = None
    extra: dict[str, Any] = dataclasses.field(default_factory=dict)
    rerun: bool = False
    raise_exception: Callable[..., Any] | None = None
    callbacks: Sequence[Any] = ()

    def watching(self) -> Any:
        """A context in which the ``callbacks=`` watch."""
        if not self.callbacks:
            return contextlib.nullcontext()
        from swath.callbacks import add_callbacks

        return add_callbacks(*self.callbacks)

    def guarded(self, run: Callable[[Choice], list[Any]]) -> list[Any]:
        """``run(self)``; what fails is run again in this thread, or handed to ``raise_exception``, where asked for."""
        if not self.rerun and self.raise_exception is None:
            return run(self)
        try:
            return run(self)
        except Exception as error:
            if self.rerun:
                return run(Choice({**self.options, "scheduler": "sync", "num_workers": 0}))
            if self.raise_exception is None:
                raise
            self.raise_exception(error, error.__traceback__)
            raise


def _setting(key: str) -> Any:
    from swath import config

    return config.get(key, None)


def choose(
    collections: Sequence[Any],
    *,
    scheduler: Any = None,
    num_workers: int | None = None,
    optimize_graph: bool = True,
    retries: int | None = None,
    pool: Any = None,
    chunksize: int | None = None,
    rerun_exceptions_locally: bool | None = None,
    raise_exception: Callable[..., Any] | None = None,
    callbacks: Any = None,
    get: Any = None,
    **unknown: Any,
) -> Choice:
    """The choice that the keywords of ``compute`` and the settings make."""
    if unknown:
        raise TypeError(
            f"unknown keyword {next(iter(unknown))!r}; known: scheduler, num_workers, optimize_graph, retries, "
            "traverse, pool, chunksize, rerun_exceptions_locally, raise_exception, callbacks"
        )
    if get is not None:
        raise TypeError("get= was removed; use scheduler= with a name, a function get(dsk, keys), or an executor")
    if num_workers is not None and num_workers < 1:
        raise ValueError(f"num_workers={num_workers}; must be at least 1")
    options = {
        "scheduler": "",
        "num_workers": num_workers or 0,
        "optimize": bool(optimize_graph),
        "retries": -1 if retries is None else retries,
    }
    choice = Choice(options, raise_exception=raise_exception)
    if rerun_exceptions_locally is None:
        rerun_exceptions_locally = _setting("rerun-exceptions-locally")
    choice.rerun = bool(rerun_exceptions_locally)
    if callbacks is not None:
        choice.callbacks = list(callbacks) if isinstance(callbacks, (list, tuple, set)) else [callbacks]
    if scheduler is None and pool is None:
        pool = _setting("pool")
        scheduler = _setting("scheduler") if pool is None else None
        if isinstance(scheduler, str):
            # The engine reads the setting itself. Its default gives way to that of collections, where all have one.
            preferred = {getattr(c, "__swath_scheduler__", None) for c in collections}
            scheduler = preferred.pop() if scheduler == "threads" and len(preferred) == 1 else None
            scheduler = scheduler() if scheduler is not None else None
    if pool is not None and not isinstance(pool, int):
        choice.get, choice.extra = _on_pool(pool), {}
    elif isinstance(scheduler, str):
        name = scheduler.lower()
        if name not in _ENGINE:
            raise ValueError(f"scheduler={scheduler!r}; accepted: {', '.join(map(repr, _ENGINE))}")
        options["scheduler"] = _ENGINE[name]
    elif scheduler is not None:
        own = _own_name(scheduler)
        if own is not None:
            options["scheduler"] = own
        else:
            choice.get = get_scheduler(scheduler=scheduler)
            choice.extra = {"num_workers": num_workers} if num_workers and not isinstance(scheduler, Executor) else {}
    return choice


def _own_name(scheduler: Any) -> str | None:
    """The engine's name of one of our own get functions."""
    if scheduler is named_schedulers["sync"]:
        return "sync"
    name = f"{getattr(scheduler, '__module__', '')}.{getattr(scheduler, '__name__', '')}"
    return {"swath.threaded.get": "threads", "swath.multiprocessing.get": "processes"}.get(name)


def _on_pool(pool: Any) -> Callable[..., Any]:
    from swath.local import get_async, submitter

    submit, workers = submitter(pool)

    def get(dsk: Any, keys: Any, **kwargs: Any) -> Any:
        return get_async(submit, workers, dsk, keys, **kwargs)

    return get


def get_scheduler(get: Any = None, scheduler: Any = None, collections: Any = None, cls: Any = None) -> Any:
    """The function ``get(dsk, keys)`` of a scheduler: by name, an executor, a client, or a function itself.

    Without one, that of the settings, of the collections, or of their class; None when nobody says.
    """
    if get is not None:
        raise TypeError("get= was removed; use scheduler= with a name, a function get(dsk, keys), or an executor")
    if isinstance(scheduler, str):
        if scheduler.lower() not in named_schedulers:
            raise ValueError(f"Expected one of [{', '.join(sorted(named_schedulers))}], got {scheduler!r}")
        return named_schedulers[scheduler.lower()]
    if isinstance(scheduler, Executor):
        return _on_pool(scheduler)
    if "Client" in type(scheduler).__name__ and hasattr(scheduler, "get"):
        return scheduler.get
    if callable(scheduler):
        return scheduler
    if scheduler is not None:
        raise ValueError(f"Unexpected scheduler: {scheduler!r}")
    configured = _setting("scheduler")
    if configured is not None:
        return get_scheduler(scheduler=configured)
    if cls is not None:
        return getattr(cls, "__dask_scheduler__", named_schedulers["threads"])
    found = [c.__dask_scheduler__ for c in collections or () if c is not None and hasattr(c, "__dask_scheduler__")]
    if any(f != found[0] for f in found[1:]):
        raise ValueError("collections have different default schedulers; pass scheduler=")
    return found[0] if found else (named_schedulers["threads"] if collections else None)


class _Named(dict[str, Any]):
    """Schedulers by name, imported when they are asked for."""

    def __missing__(self, name: str) -> Any:
        from swath import local, multiprocessing, threaded

        known = {"sync": local.get_sync, "threads": threaded.get, "processes": multiprocessing.get}
        self[name] = known[_ENGINE[name]]
        return self[name]

    def __contains__(self, name: object) -> bool:
        return name in _ENGINE or super().__contains__(name)

    def __iter__(self) -> Any:
        return iter({**_ENGINE, **dict.fromkeys(super().__iter__())})

    def __len__(self) -> int:
        return len(list(iter(self)))

    def keys(self) -> Any:
        return list(self)


named_schedulers = _Named()
