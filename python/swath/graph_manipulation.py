"""Order between lazy calls beyond their data: bind, checkpoint, clone, wait_on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from swath._engine import core
from swath._pickling import Call, Data
from swath.base import _unpack, clone_key, is_swath_collection
from swath.delayed import Delayed, as_call, delayed
from swath.utils import key_split

__all__ = ["bind", "checkpoint", "clone", "wait_on"]


def _nothing(*inputs: Any) -> None:
    """None, when all inputs are there."""


def _first(x: Any, *others: Any) -> Any:
    return x


def checkpoint(*collections: Any, split_every: Any = None) -> Delayed:
    """A call that answers None when everything in ``collections`` is computed.

    >>> import swath
    >>> print(checkpoint(swath.delayed(1), [swath.delayed(2)]).compute())
    None
    """
    found, _ = _unpack(collections, True)
    return delayed(_nothing, name="checkpoint")(*[_call_of(c) for c in found])


def _call_of(collection: Any) -> Delayed:
    if isinstance(collection, Delayed):
        return collection
    node = as_call(collection) if is_swath_collection(collection) else collection.as_call()
    return Delayed(node)


def wait_on(*collections: Any, split_every: Any = None) -> Any:
    """The same values, each there only when all are computed. Arrays and dataframes come back as delayed values.

    >>> import swath
    >>> a, b = wait_on(swath.delayed(1), swath.delayed(2))
    >>> swath.compute(a, b)
    (1, 2)
    """
    found, repack = _unpack(collections, True)
    done = checkpoint(*found)
    results = tuple(repack([delayed(_first, name="wait_on")(_call_of(c), done) for c in found]))
    return results[0] if len(results) == 1 else results


def clone(*collections: Any, omit: Any = None, seed: Any = None, assume_layers: bool = True) -> Any:
    """Calls equal to those in ``collections`` under other keys: they run again.

    Calls in ``omit`` that have keys of their own (pure, or named) are shared.
    """
    return _bind(collections, None, omit, seed)


def bind(
    children: Any,
    parents: Any,
    *,
    omit: Any = None,
    seed: Any = None,
    assume_layers: bool = True,
    split_every: Any = None,
) -> Any:
    """``children`` under other keys, which run only after ``parents``; what ``omit`` holds is shared, runs when it may.

    >>> import swath
    >>> done = []
    >>> late = bind(swath.delayed(done.copy)(), swath.delayed(done.append)(1))
    >>> late.compute()
    [1]
    """
    return _bind((children,), None if parents is None else checkpoint(parents), omit, seed)


def _bind(children: Sequence[Any], blocker: Delayed | None, omit: Any, seed: Any) -> Any:
    found, repack = _unpack(children, True)
    omitted, _ = _unpack([omit], True) if omit is not None else ([], None)
    shared: set[Any] = set()
    for collection in omitted:
        shared.update(_call_of(collection).__dask_graph__())
    seed = seed if seed is not None else _fresh()
    results = tuple(repack([_clone_call(_call_of(c), blocker, shared, seed) for c in found]))
    return results[0] if len(results) == 1 else results


def _fresh() -> str:
    import uuid

    return uuid.uuid4().hex


def _clone_call(call: Delayed, blocker: Delayed | None, shared: set[Any], seed: Any) -> Delayed:
    tasks, outputs = core.export_graph([call._node], False)
    nodes: list[Any] = []
    cloned: list[bool] = []
    key = ""
    for old, what, inputs, is_value in tasks:
        keep = old in shared
        given = [nodes[i] for i in inputs]
        key = old if keep else clone_key(old, seed)
        text = key if isinstance(key, str) else ""
        name = key_split(old)
        # Only what would start at once needs to wait: the rest waits for it.
        waits = blocker is not None and not keep and not any(cloned[i] for i in inputs)
        if waits:
            function = Data(what) if is_value else what
            nodes.append(core.delayed_call(_after, (function, len(given), *given, blocker), {}, name, text))
        elif is_value:
            nodes.append(core.delayed_value(what, name, text))
        elif isinstance(what, Call):
            nodes.append(core.delayed_template(what.function, what.arguments, what.names, given, name, text))
        else:
            nodes.append(core.delayed_call(what, tuple(given), {}, name, text))
        cloned.append(not keep)
    last = outputs[0][0]
    return Delayed(nodes[last], None if last != len(tasks) - 1 or not isinstance(key, str) else key, call._length)


def _after(function: Any, count: int, *inputs: Any) -> Any:
    return function(*inputs[:count])
