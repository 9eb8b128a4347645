"""Functions that are methods too."""

from __future__ import annotations

from typing import Any

from swath.dataframe._base import FrameBase


def isna(arg: Any) -> Any:
    """Return where values are missing: lazily for ours, else pandas' answer."""
    if isinstance(arg, FrameBase):
        return arg.isna()  # type: ignore[attr-defined]
    import pandas as pd

    return pd.isna(arg)


def repartition(df: Any, npartitions: int | None = None, **kwargs: Any) -> Any:
    """Return the rows of a table, or of a pandas object, in `npartitions` partitions."""
    if isinstance(df, FrameBase):
        return df.repartition(npartitions=npartitions, **kwargs)
    from swath.dataframe.io.memory import from_pandas

    return from_pandas(df, npartitions=npartitions, **kwargs)
