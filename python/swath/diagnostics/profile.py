"""Profilers of local computations, with the interface of ``dask.diagnostics``."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from swath._engine import core
from swath.callbacks import Callback

__all__ = ["CacheProfiler", "Profiler", "ResourceProfiler", "trace"]


class TaskData(NamedTuple):
    """One task: when it ran (seconds of :func:`time.perf_counter`) and on which thread."""

    key: str
    task: str
    start_time: float
    end_time: float
    worker_id: int


class ResourceData(NamedTuple):
    """One sample: time, megabytes in memory, percent of one core; of this process and its children."""

    time: float
    mem: float
    cpu: float


class CacheData(NamedTuple):
    """One result: what ``metric`` says of it, when it came and when it was released."""

    key: str
    task: str
    metric: Any
    cache_time: float
    free_time: float


class Profiler(Callback):
    """Records the start, end and thread of every task.

    >>> import swath.array as sa
    >>> from swath.diagnostics import Profiler
    >>> with Profiler() as profiler:
    ...     total = sa.ones(100, chunks=10).sum().compute()
    >>> profiler.results[0].end_time >= profiler.results[0].start_time
    True
    """

    _wants_results = False

    def __init__(self) -> None:
        super().__init__()
        self.results: list[TaskData] = []
        self._started: dict[str, float] = {}

    def __enter__(self) -> Profiler:
        self.clear()
        return super().__enter__()

    def _batch(self, events: Sequence[tuple[Any, ...]], dsk: dict[Any, Any], state: dict[str, Any]) -> None:
        for kind, key, name, thread, time, _bytes, _value in events:
            if kind == "started":
                self._started[key] = time
            elif kind in ("finished", "failed"):
                self.results.append(TaskData(key, name, self._started.pop(key, time), time, thread))

    def clear(self) -> None:
        """Forget what was recorded."""
        self.results.clear()
        self._started.clear()

    def visualize(self, **kwargs: Any) -> Any:
        """The tasks over time as a page; the arguments are those of :func:`swath.diagnostics.visualize`."""
        from swath.diagnostics.page import visualize

        return visualize(self, **kwargs)

    def __bool__(self) -> bool:
        return True


class ResourceProfiler(Callback):
    """Samples memory and processor use while computations run.

    Parameters
    ----------
    dt
        Seconds between samples.

    >>> import swath.array as sa
    >>> from swath.diagnostics import ResourceProfiler
    >>> with ResourceProfiler(dt=0.01) as profiler:
    ...     total = sa.ones(100, chunks=10).sum().compute()
    >>> profiler.results[-1].mem > 0
    True
    """

    _wants_results = False

    def __init__(self, dt: float = 1) -> None:
        super().__init__()
        if not dt > 0:
            raise ValueError(f"dt={dt}; it must be a positive number of seconds")
        self._dt = dt
        self._samples: list[ResourceData] = []
        self._sampler: Any = None
        self._entered = False
        self._lock = threading.Lock()

    def __enter__(self) -> ResourceProfiler:
        self.clear()
        self._entered = True
        self._open()
        return super().__enter__()

    def __exit__(self, *exc: object) -> None:
        super().__exit__(*exc)
        self._entered = False
        self.close()

    def _start(self, dsk: dict[Any, Any]) -> None:  # type: ignore[override]
        self._open()

    def _finish(self, dsk: dict[Any, Any], state: dict[str, Any], errored: bool) -> None:  # type: ignore[override]
        if not self._entered:
            self.close()

    def _open(self) -> None:
        with self._lock:
            if self._sampler is None:
                self._sampler = core.ResourceSampler(self._dt)

    @property
    def results(self) -> list[ResourceData]:
        """The samples so far."""
        with self._lock:
            if self._sampler is not None:
                self._samples += [ResourceData(*sample) for sample in self._sampler.take()]
            return list(self._samples)

    def clear(self) -> None:
        """Forget what was recorded."""
        _ = self.results
        self._samples.clear()

    def close(self) -> None:
        """Stop sampling; the samples stay."""
        _ = self.results
        with self._lock:
            self._sampler = None

    def visualize(self, **kwargs: Any) -> Any:
        """Memory and processor over time as a page; see :func:`swath.diagnostics.visualize`."""
        from swath.diagnostics.page import visualize

        return visualize(self, **kwargs)


def nbytes(x: Any) -> int:
    """Bytes of a result, as far as it tells them."""
    found = getattr(x, "nbytes", None)
    if found is None:
        import sys

        found = sys.getsizeof(x)
    return int(found() if callable(found) else found)


class CacheProfiler(Callback):
    """Records how long each result was held, and what ``metric`` says of it.

    Parameters
    ----------
    metric
        A function of a result; default: its bytes.
    metric_name
        What to call it in plots.
    """

    def __init__(self, metric: Callable[[Any], Any] | None = None, metric_name: str | None = None) -> None:
        super().__init__()
        self._metric = metric or nbytes
        self._metric_name = metric_name or (metric.__name__ if metric else "bytes")
        self.results: list[CacheData] = []
        self._held: dict[str, tuple[str, Any, float]] = {}
        self._last = 0.0

    def __enter__(self) -> CacheProfiler:
        self.clear()
        return super().__enter__()

    def _posttask(self, *args: Any) -> None:  # type: ignore[override]
        """Results are wanted; they are looked at in :meth:`_batch`."""

    def _batch(self, events: Sequence[tuple[Any, ...]], dsk: dict[Any, Any], state: dict[str, Any]) -> None:
        for kind, key, name, _thread, time, _bytes, value in events:
            self._last = max(self._last, time)
            if kind == "finished":
                self._held[key] = (name, self._metric(value), time)
            elif kind == "released":
                self._close(key, time)

    def _finish(self, dsk: dict[Any, Any], state: dict[str, Any], errored: bool) -> None:  # type: ignore[override]
        for key in list(self._held):
            self._close(key, self._last)

    def _close(self, key: str, time: float) -> None:
        held = self._held.pop(key, None)
        if held is not None:
            name, metric, since = held
            self.results.append(CacheData(key, name, metric, since, time))

    def clear(self) -> None:
        """Forget what was recorded."""
        self.results.clear()
        self._held.clear()

    def visualize(self, **kwargs: Any) -> Any:
        """What was held over time as a page; see :func:`swath.diagnostics.visualize`."""
        from swath.diagnostics.page import visualize

        return visualize(self, **kwargs)


class trace:
    """Records the tasks of a ``with`` block into a file that Perfetto (ui.perfetto.dev) and Chrome open.

    >>> import os, tempfile, swath.array as sa
    >>> from swath.diagnostics import trace
    >>> path = os.path.join(tempfile.mkdtemp(), "run.json")
    >>> with trace(path):
    ...     total = sa.ones(100, chunks=10).sum().compute()
    >>> os.path.getsize(path) > 100
    True
    """

    def __init__(self, filename: str) -> None:
        self._filename = str(filename)

    def __enter__(self) -> trace:
        self._log = core.TaskLog()
        self._log.activate()
        return self

    def __exit__(self, *exc: object) -> None:
        self._log.deactivate()
        self._log.write_trace(self._filename)
