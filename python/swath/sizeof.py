"""How many bytes an object holds, about."""

from __future__ import annotations

import random
import sys
from array import array
from typing import Any

from swath.dispatch import Dispatch

__all__ = ["sizeof"]

sizeof = Dispatch("sizeof")
_SAMPLE = 10


@sizeof.register(object)
def _(x: Any) -> int:
    """Bytes of an object and what it holds, estimated; types take part by ``@sizeof.register(type)``."""
    try:
        return sys.getsizeof(x)
    except Exception:
        return 100


@sizeof.register((bytes, bytearray))
def _(x: Any) -> int:
    return len(x) + sys.getsizeof(b"")


@sizeof.register(memoryview)
def _(x: memoryview) -> int:
    return x.nbytes


@sizeof.register(array)
def _(x: Any) -> int:
    return x.itemsize * len(x)


@sizeof.register((list, tuple, set, frozenset))
def _(x: Any) -> int:
    if len(x) > _SAMPLE:  # the same few each time
        items = list(x)
        sample = random.Random(0).sample(items, _SAMPLE)
        return int(sys.getsizeof(x) + sum(map(sizeof, sample)) / _SAMPLE * len(x))
    return sys.getsizeof(x) + sum(map(sizeof, x))


@sizeof.register(dict)
def _(x: Any) -> int:
    return sys.getsizeof(x) + sizeof(list(x.keys())) + sizeof(list(x.values())) - 2 * sys.getsizeof([])


@sizeof.register_lazy("numpy")
def _numpy() -> None:
    import numpy as np

    @sizeof.register(np.ndarray)
    def _(x: Any) -> int:
        if 0 in x.strides:  # broadcast: only what is there
            return int(x[tuple(slice(None) if s else slice(1) for s in x.strides)].nbytes)
        return int(x.nbytes)


@sizeof.register_lazy("pandas")
def _pandas() -> None:
    import pandas as pd

    @sizeof.register((pd.DataFrame,))
    def _(x: Any) -> int:
        return int(x.memory_usage(deep=True).sum()) + 1000

    @sizeof.register((pd.Series, pd.Index))
    def _(x: Any) -> int:
        return int(x.memory_usage(deep=True)) + 1000


@sizeof.register_lazy("pyarrow")
def _pyarrow() -> None:
    import pyarrow as pa

    @sizeof.register((pa.Table, pa.RecordBatch, pa.ChunkedArray, pa.Array))
    def _(x: Any) -> int:
        return int(x.nbytes) + 1000
