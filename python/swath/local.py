"""Graphs on the calling thread (:func:`get_sync`) and on executors that are not ours (:func:`get_async`)."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from typing import Any

from swath._engine import core

__all__ = ["get_async", "get_sync"]


def get_sync(dsk: Any, keys: Any, **kwargs: Any) -> Any:
    """The results of ``keys`` of the graph ``dsk``, computed by the calling thread: for debuggers and profilers.

    >>> from swath.local import get_sync
    >>> get_sync({"x": 1, "y": (sum, ["x", 2])}, "y")
    3
    """
    from swath.base import get_graph

    return get_graph(dsk, keys, "sync", **kwargs)


def get_async(submit: Callable[..., Future[Any]], num_workers: int, dsk: Any, result: Any, **kwargs: Any) -> Any:
    """The results of ``result`` (a key, or nested lists of keys) of the graph ``dsk``, run by ``submit``.

    ``submit(function, *args)`` must return a ``concurrent.futures.Future``; at most ``num_workers`` are out at once.
    """
    from swath.base import flat_keys, graph_dict, nest

    flat = flat_keys(result)
    tasks, outputs = core.export_graph(core.graph_nodes(graph_dict(dsk), flat), False)
    values = run_tasks(tasks, {number for output in outputs for number in output}, submit, num_workers)
    return nest(result, iter([values[output[0]] for output in outputs]))


def run_tasks(
    tasks: Sequence[tuple[Any, Any, list[int], bool]],
    wanted: set[int],
    submit: Callable[..., Future[Any]],
    num_workers: int,
) -> dict[int, Any]:
    """The results of the ``wanted`` tasks of ``core.export_graph``; others are dropped once they were read."""
    missing = [len(set(inputs)) for _, _, inputs, _ in tasks]
    readers: list[list[int]] = [[] for _ in tasks]
    for number, (_, _, inputs, _) in enumerate(tasks):
        for i in set(inputs):
            readers[i].append(number)
    uses = [len(r) for r in readers]
    ready = [number for number in range(len(tasks) - 1, -1, -1) if missing[number] == 0]
    values: dict[int, Any] = {}
    out: dict[Future[Any], int] = {}

    def finish(number: int, value: Any) -> None:
        values[number] = value
        for i in set(tasks[number][2]):
            uses[i] -= 1
            if uses[i] == 0 and i not in wanted:
                del values[i]
        for reader in reversed(readers[number]):
            missing[reader] -= 1
            if missing[reader] == 0:
                ready.append(reader)

    try:
        while ready or out:
            while ready and len(out) < num_workers:
                number = ready.pop()
                _, what, inputs, is_value = tasks[number]
                if is_value:
                    finish(number, what)
                else:
                    out[submit(what, *[values[i] for i in inputs])] = number
            if out:
                for future in wait(out, return_when=FIRST_COMPLETED).done:
                    finish(out.pop(future), future.result())
    finally:
        for future in out:
            future.cancel()
    return values


def submitter(pool: Any) -> tuple[Callable[..., Future[Any]], int]:
    """``submit`` and the number of workers of an executor, a ``multiprocessing`` pool or a ``ThreadPool``."""
    if hasattr(pool, "apply_async"):
        submit, threads = _submit_to_pool(pool), type(pool).__name__ == "ThreadPool"
        workers = getattr(pool, "_processes", None)
    else:
        submit, threads = pool.submit, not isinstance(pool, ProcessPoolExecutor)
        workers = getattr(pool, "_max_workers", None)
    return (submit if threads else _pickling(submit)), workers or os.cpu_count() or 1


def _submit_to_pool(pool: Any) -> Callable[..., Future[Any]]:
    def submit(function: Any, *args: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()
        pool.apply_async(function, args, callback=future.set_result, error_callback=future.set_exception)
        return future

    return submit


def _pickling(submit: Callable[..., Future[Any]]) -> Callable[..., Future[Any]]:
    """Sends functions as cloudpickle writes them: pickle alone knows no lambdas."""
    from swath._pickling import dumps, run_pickled

    def wrapped(function: Any, *args: Any) -> Future[Any]:
        return submit(run_pickled, dumps((function, args)))

    return wrapped
