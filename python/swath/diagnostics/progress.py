"""The progress bar of local computations, with the interface of ``dask.diagnostics.ProgressBar``."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, TextIO

#: done tasks, all tasks, bytes held in memory, bytes spilled
Progress = tuple[int, int, int, int]

_registered: list[Watcher] = []
_local = threading.local()


class Watcher:
    """Told about the progress of computations while it is active: as a context manager, or after :meth:`register`.

    ``start()`` before, ``update(progress)`` about every 50 ms, ``finish(progress, error)`` after; all in the
    computing thread.
    """

    def start(self) -> None: ...
    def update(self, progress: Progress) -> None: ...
    def finish(self, progress: Progress, error: bool) -> None: ...

    def __enter__(self) -> Any:
        _entered().append(self)
        return self

    def __exit__(self, *exc: object) -> None:
        _entered().remove(self)

    def register(self) -> None:
        """Watch every computation from now on."""
        _registered.append(self)

    def unregister(self) -> None:
        """The end of :meth:`register`."""
        _registered.remove(self)


def _entered() -> list[Watcher]:
    if not hasattr(_local, "callbacks"):
        _local.callbacks = []
    return _local.callbacks


def format_time(t: float) -> str:
    """Seconds for people: ``"3.21 s"``, ``"102.93 ms"``, ``"2m 5s"``."""
    if t < 0.1:
        return f"{t * 1e3:.2f} ms"
    if t < 60:
        return f"{t:.2f} s"
    minutes, seconds = divmod(int(t), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}hr {minutes}m" if hours else f"{minutes}m {seconds}s"


class ProgressBar(Watcher):
    """A bar of ``#`` that grows while tasks finish.

    Parameters
    ----------
    minimum
        Seconds that a computation must last before the bar appears.
    width
        Characters of the bar.
    dt
        Seconds between updates.
    out
        Where to write; default: standard output. What is no terminal gets the last state only.

    >>> import swath.array as sa
    >>> from swath.diagnostics import ProgressBar
    >>> with ProgressBar():
    ...     sa.ones(10).sum().compute()   # doctest: +SKIP
    [########################################] | 100% Completed | 1.02 ms
    """

    def __init__(self, minimum: float = 0, width: int = 40, dt: float = 0.1, out: TextIO | None = None) -> None:
        self._minimum = minimum
        self._width = width
        self._dt = dt
        self._out = out
        self.last_duration = 0.0
        self._began = 0.0
        self._drawn = float("-inf")

    def start(self) -> None:
        self._began = time.perf_counter()
        self._drawn = float("-inf")

    def update(self, progress: Progress) -> None:
        now = time.perf_counter()
        if now - self._began >= self._minimum and now - self._drawn >= self._dt and self._stream().isatty():
            self._drawn = now
            self._draw(progress, now - self._began)

    def finish(self, progress: Progress, error: bool) -> None:
        self.last_duration = time.perf_counter() - self._began
        if self.last_duration >= self._minimum:
            self._draw(progress, self.last_duration)
            with contextlib.suppress(ValueError):
                self._stream().write("\n")
                self._stream().flush()

    def _stream(self) -> TextIO:
        return sys.stdout if self._out is None else self._out

    def _draw(self, progress: Progress, elapsed: float) -> None:
        done, total = progress[:2]
        share = done / total if total else 1.0
        bar = "#" * int(self._width * share)
        start = "\r" if self._stream().isatty() else ""
        with contextlib.suppress(ValueError):  # a closed stream
            self._stream().write(
                f"{start}[{bar:<{self._width}}] | {int(100 * share)}% Completed | {format_time(elapsed)}"
            )
            self._stream().flush()


def _automatic() -> list[Watcher]:
    """The bar that nobody asked for: in a terminal, after a second, unless the setting ``progress`` says no."""
    if getattr(_local, "depth", 0) or threading.current_thread() is not threading.main_thread():
        return []
    wanted = None
    from swath._engine import core

    if core.config_has("progress"):
        wanted = core.config_get("progress")
    if wanted is None:
        wanted = sys.stderr.isatty() and sys.stdout.isatty()
        return [ProgressBar(minimum=1.0, out=sys.stderr)] if wanted else []
    return [ProgressBar(out=sys.stderr)] if wanted else []


def _tracing() -> Any:
    """The callbacks of :mod:`swath.callbacks` around one computation, when there are any."""
    module = sys.modules.get("swath.callbacks")  # nobody watches before it was imported
    return module.Tracing() if module else None


@contextlib.contextmanager
def watch() -> Iterator[Callable[[int, int, int, int], None] | None]:
    """Around a computation: yields what the engine calls about every 50 ms, or None when nobody watches."""
    callbacks = [*_registered, *_entered()] or _automatic()
    tracing = _tracing()
    if not callbacks and not tracing:
        yield None
        return
    last: Progress = (0, 0, 0, 0)

    def update(done: int, total: int, memory: int, spilled: int) -> None:
        nonlocal last
        last = (done, total, memory, spilled)
        for callback in callbacks:
            callback.update(last)
        if tracing:
            tracing.submitted()
            tracing.update()

    if tracing:
        tracing.start()
    for callback in callbacks:
        callback.start()
    error = True
    _local.depth = getattr(_local, "depth", 0) + 1
    try:
        yield update
        error = False
    finally:
        _local.depth -= 1
        for callback in callbacks:
            callback.finish(last, error)
        if tracing:
            tracing.finish(error)
