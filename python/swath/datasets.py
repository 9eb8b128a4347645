"""Random data sets for examples and tests, made when they are computed."""

from __future__ import annotations

from typing import Any

__all__ = ["timeseries"]

# fmt: off
_NAMES = [
    "Alice", "Bob", "Charlie", "Dan", "Edith", "Frank", "George", "Hannah", "Ingrid",
    "Jerry", "Kevin", "Laura", "Michael", "Norbert", "Oliver", "Patricia", "Quinn", "Ray",
    "Sarah", "Tim", "Ursula", "Victor", "Wendy", "Xavier", "Yvonne", "Zelda",
]
# fmt: on


def timeseries(
    start: Any = "2000-01-01",
    end: Any = "2000-01-31",
    freq: str = "1s",
    partition_freq: str = "1D",
    dtypes: dict[str, Any] | None = None,
    seed: int | None = None,
    **kwargs: Any,
) -> Any:
    """A dataframe of random columns over a time index.

    Parameters
    ----------
    start, end
        First time, and the time before which it ends.
    freq, partition_freq
        Between rows, and of partitions.
    dtypes
        Column names -> float, int, str or "category"; default: ``name`` str, ``id`` int, ``x`` and ``y`` float.
    seed
        Equal seeds give equal data.
    kwargs
        ``<column>_lam=`` is the mean of an int column (default 1000).

    >>> from swath.datasets import timeseries
    >>> df = timeseries(end="2000-01-03", freq="1h", seed=1)
    >>> len(df), list(df.columns), df.npartitions
    (48, ['name', 'id', 'x', 'y'], 2)
    """
    import numpy as np
    import pandas as pd

    import swath.dataframe as sd

    dtypes = {"name": str, "id": int, "x": float, "y": float} if dtypes is None else dtypes
    means: dict[str, float] = {}
    for key, value in kwargs.items():
        column, _, option = key.rpartition("_")
        if column not in dtypes or option != "lam":
            raise TypeError(f"unknown keyword {key!r}; known: {', '.join(f'{name}_lam' for name in dtypes)}")
        means[column] = value
    for name, kind in dtypes.items():
        if kind not in (float, int, str, "category"):
            raise ValueError(f"column {name!r} has dtype {kind!r}; accepted: float, int, str, 'category'")
    divisions = list(pd.date_range(start=start, end=end, freq=partition_freq))
    if len(divisions) < 2:
        raise ValueError(f"no partition of {partition_freq!r} fits between {start} and {end}")
    entropy = np.random.SeedSequence(seed).entropy
    seeds = [(entropy, i) for i in range(len(divisions) - 1)]
    meta = _partition(divisions[0], divisions[0], seeds[0], freq, dtypes, means)
    return sd.from_map(
        _partition,
        divisions[:-1],
        divisions[1:],
        seeds,
        args=(freq, dtypes, means),
        meta=meta,
        divisions=divisions,
        label="make-timeseries",
    )


def _partition(begin: Any, end: Any, seed: Any, freq: str, dtypes: dict[str, Any], means: dict[str, float]) -> Any:
    import numpy as np
    import pandas as pd

    index = pd.DatetimeIndex(pd.date_range(begin, end, freq=freq, inclusive="left", name="timestamp"))
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))
    n = len(index)
    columns: dict[str, Any] = {}
    for name, kind in dtypes.items():
        if kind is float:
            columns[name] = random.random(n) * 2 - 1
        elif kind is int:
            columns[name] = random.poisson(means.get(name, 1000), n)
        else:
            codes = random.integers(0, len(_NAMES), n)
            texts = pd.Categorical.from_codes(codes, categories=pd.Index(_NAMES))
            columns[name] = texts if kind == "category" else pd.array(np.array(_NAMES, object)[codes], dtype="str")
    return pd.DataFrame(columns, index=index)
