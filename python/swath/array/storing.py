"""Arrays of calls, calls of blocks, and blocks written into anything that takes them."""

from __future__ import annotations

from typing import Any

import numpy as np

from swath._blocks import Store, StoreCall, starts_of
from swath._engine import core
from swath.array.core import Array
from swath.array.functions import engine_map
from swath.base import SwathMethods, compute
from swath.delayed import Delayed, as_call

__all__ = ["from_delayed", "store"]


def from_delayed(value: Any, shape: Any, dtype: Any = None, meta: Any = None, name: str | None = None) -> Array:
    """The array that the call ``value`` returns, as one chunk; its shape and dtype must be told.

    >>> import numpy as np, swath, swath.array as sa
    >>> value = swath.delayed(np.ones)(3)
    >>> sa.from_delayed(value, shape=(3,), dtype=float).sum().compute()
    np.float64(3.0)
    """
    from swath.delayed import delayed

    if not isinstance(value, Delayed):
        value = delayed(value)
    if dtype is None and meta is None:
        raise TypeError("from_delayed needs the dtype (or meta) of the array")
    dtype = np.dtype(dtype) if dtype is not None else np.dtype(meta.dtype)
    return engine_map(
        None,
        value._node.label,
        [],
        [(int(n),) for n in shape],
        f"from_delayed-{value._node.token}",
        label="from_delayed",
        calls=[value],
        dtype=dtype,
    )


def _only_block(values: Any, block: int) -> Any:
    return core.objects(values)[0]


def to_delayed(x: Any, optimize_graph: bool = True) -> np.ndarray:
    """An object array of one call a block, in the shape of ``x.numblocks``."""
    result = np.empty(x.numblocks, dtype=object)
    for number, position in enumerate(np.ndindex(*x.numblocks)):
        node = core.delayed_on(x._node, number, _only_block, "block", "block")
        result[position] = Delayed(node)
    return result


# --- storing


def store(
    sources: Any,
    targets: Any,
    lock: Any = True,
    regions: Any = None,
    compute: bool = True,
    return_stored: bool = False,
    load_stored: bool | None = None,
    **kwargs: Any,
) -> Any:
    """Write arrays into anything that takes ``target[slices] = block``: NumPy, HDF5, Zarr, memory maps.

    Parameters
    ----------
    sources, targets
        An array or several, and as many targets (or calls that return them).
    lock
        True: one lock for all writes; False: none; or a lock of yours.
    regions
        Where in the target: a tuple of slices, or one for each source.
    compute
        Write now, or return a Delayed that writes?
    return_stored
        Return arrays that read what was written (``load_stored``: read now, else later).
    """
    import threading

    from swath.delayed import delayed

    one = isinstance(sources, Array)
    sources = [sources] if one else list(sources)
    targets = [targets] if one or not isinstance(targets, (list, tuple)) else list(targets)
    if any(not isinstance(s, Array) for s in sources):
        raise ValueError("All sources must be dask array objects")
    if len(sources) != len(targets):
        raise ValueError(f"Different number of sources [{len(sources)}] and targets [{len(targets)}]")
    if regions is None or isinstance(regions, tuple):
        regions = [regions] * len(sources)
    regions = list(regions)
    if len(regions) not in (1, len(sources)):
        raise ValueError(f"Different number of sources [{len(sources)}] and regions [{len(regions)}]")
    regions = regions * len(sources) if len(regions) < len(sources) else regions
    guard = threading.Lock() if lock is True else (lock or None)
    written = []
    loaded = []
    for source, target, region in zip(sources, targets, regions, strict=True):
        offsets = tuple(region) if region is not None else (slice(None),) * source.ndim
        if len(offsets) != source.ndim:
            raise ValueError(f"region {region} has {len(offsets)} slices for an array of {source.ndim} axes")
        is_call = isinstance(target, Delayed)
        plan = Store(starts_of(source.chunks), offsets, guard)
        calls = [target] if is_call else []
        fixed = None if is_call else target
        axes = list(range(source.ndim))
        done = engine_map(
            StoreCall(plan, fixed, False),
            "store",
            [(source, axes)],
            source.chunks,
            f"store-{unique()}",
            label="store",
            calls=calls,
            result="object",
            in_process=True,
        )
        written.append(_Effects(done))
        if return_stored:
            loaded.append(
                engine_map(
                    StoreCall(plan, fixed, True),
                    "load",
                    [(done, axes)],
                    source.chunks,
                    f"load-{unique()}",
                    label="load",
                    calls=calls,
                    dtype=source.dtype,
                    in_process=True,
                )
            )
    if return_stored:
        from swath.base import persist

        arrays = list(persist(*loaded, **kwargs)) if compute else loaded
        return arrays[0] if one else tuple(arrays)
    if compute:
        _compute(*written, **kwargs)
        return None
    return delayed(_nothing)(*[Delayed(as_call(w)) for w in written])


_compute = compute


def _nothing(*args: Any) -> None:
    return None


def unique() -> str:
    """A text that no other call returns."""
    import uuid

    return uuid.uuid4().hex


class _Effects(SwathMethods):
    """Calls that are made for what they do."""

    __slots__ = ("_array",)

    def __init__(self, array: Array) -> None:
        self._array = array

    def __swath_node__(self) -> Any:
        return self._array._node

    def __swath_finish__(self, values: Any) -> None:
        return None


def _method_store(self: Array, target: Any, **kwargs: Any) -> Any:
    result = store([self], [target], **kwargs)
    return result[0] if isinstance(result, tuple) else result


_method_store.__name__ = "store"
_method_store.__doc__ = "``swath.array.store(self, target, **kwargs)``."


Array.to_delayed = to_delayed  # type: ignore[attr-defined]
Array.store = _method_store  # type: ignore[attr-defined]
