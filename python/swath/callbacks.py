"""Callbacks: told about every task of computations, with the interface of ``dask.callbacks``."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from swath._engine import core

__all__ = ["Callback", "add_callbacks"]

_lock = threading.RLock()
#: callbacks that watch now, each once
_active: list[Callback] = []


class Callback:
    """Called around computations and tasks while it is active: as a context manager, or after :meth:`register`.

    Give functions, or derive and define ``_start``, ``_start_state``, ``_pretask``, ``_posttask``, ``_finish``. They
    run in the thread that computes, in the order of what happened, at most 50 ms after it.

    Parameters
    ----------
    start
        ``start(dsk)`` before a computation; ``dsk`` is a mapping, empty: tasks are made as they run.
    start_state
        ``start_state(dsk, state)`` after it; ``state`` is a dict of the sets ``"running"``, ``"finished"``,
        ``"released"`` and the dict ``"cache"`` of results that are held.
    pretask
        ``pretask(key, dsk, state)`` when a task has started.
    posttask
        ``posttask(key, result, dsk, state, worker_id)`` when a task has finished.
    finish
        ``finish(dsk, state, errored)`` after the computation.

    >>> import swath.array as sa
    >>> from swath.callbacks import Callback
    >>> seen = []
    >>> with Callback(posttask=lambda key, result, dsk, state, worker: seen.append(key)):
    ...     total = sa.ones(4, chunks=2).sum().compute()
    >>> len(seen) > 0
    True
    """

    def __init__(
        self,
        start: Callable[..., Any] | None = None,
        start_state: Callable[..., Any] | None = None,
        pretask: Callable[..., Any] | None = None,
        posttask: Callable[..., Any] | None = None,
        finish: Callable[..., Any] | None = None,
    ) -> None:
        for name, function in (
            ("_start", start),
            ("_start_state", start_state),
            ("_pretask", pretask),
            ("_posttask", posttask),
            ("_finish", finish),
        ):
            if function is not None:
                setattr(self, name, function)

    #: does ``_posttask`` look at results? (they are kept until it was called)
    _wants_results = True

    _start: Callable[..., Any] | None = None
    _start_state: Callable[..., Any] | None = None
    _pretask: Callable[..., Any] | None = None
    _posttask: Callable[..., Any] | None = None
    _finish: Callable[..., Any] | None = None

    def __enter__(self) -> Any:
        self._activate()
        return self

    def __exit__(self, *exc: object) -> None:
        self._deactivate()

    def register(self) -> None:
        """Watch every computation from now on."""
        self._activate()

    def unregister(self) -> None:
        """The end of :meth:`register`."""
        self._deactivate()

    def _activate(self) -> None:
        with _lock:
            if self not in _active:
                _active.append(self)

    def _deactivate(self) -> None:
        with _lock:
            _active.remove(self)

    def _batch(self, events: Sequence[tuple[Any, ...]], dsk: dict[Any, Any], state: dict[str, Any]) -> None:
        """What the engine reports: ``(kind, key, name, thread, seconds, bytes, value)`` an event."""
        pretask, posttask = self._pretask, self._posttask
        for kind, key, _name, thread, _time, _bytes, value in events:
            if kind == "started" and pretask:
                pretask(key, dsk, state)
            elif kind == "finished" and posttask:
                posttask(key, value, dsk, state, thread)


@contextlib.contextmanager
def add_callbacks(*callbacks: Callback) -> Iterator[None]:
    """Watch with all of ``callbacks`` inside a ``with`` block."""
    with contextlib.ExitStack() as stack:
        for callback in callbacks:
            stack.enter_context(callback)
        yield


def _update(state: dict[str, Any], events: Sequence[tuple[Any, ...]]) -> None:
    for kind, key, *_rest, value in events:
        if kind == "started":
            state["running"].add(key)
        elif kind == "released":
            state["released"].add(key)
            state["cache"].pop(key, None)
        else:
            state["running"].discard(key)
            if kind == "finished":
                state["finished"].add(key)
                state["cache"][key] = value


class Tracing:
    """One computation under the callbacks that are active when it starts. Used by :mod:`swath.diagnostics.progress`."""

    def __init__(self) -> None:
        with _lock:
            self._callbacks = list(_active)
        self._log: Any = None

    def __bool__(self) -> bool:
        return bool(self._callbacks)

    def start(self) -> None:
        results = any(c._wants_results and c._posttask for c in self._callbacks)
        self._log = core.TaskLog(keep_values=results)
        self._log.activate()
        self._dsk: dict[Any, Any] = {}
        self._state: dict[str, Any] = {"running": set(), "finished": set(), "released": set(), "cache": {}}
        for callback in self._callbacks:
            if callback._start:
                callback._start(self._dsk)
        for callback in self._callbacks:
            if callback._start_state:
                callback._start_state(self._dsk, self._state)

    def submitted(self) -> None:
        """The run has its log; later ones get theirs."""
        self._log.deactivate()

    def update(self) -> None:
        events = self._log.take()
        _update(self._state, events)
        for callback in self._callbacks:
            callback._batch(events, self._dsk, self._state)

    def finish(self, error: bool) -> None:
        self.submitted()
        self.update()
        for callback in self._callbacks:
            if callback._finish:
                callback._finish(self._dsk, self._state, error)
