"""Tokens of pandas' objects (registered when one is met)."""

from __future__ import annotations

from typing import Any


def register(normalize_token: Any) -> None:
    """Adds pandas' types to the registry."""
    import numpy as np
    import pandas as pd

    name = type

    @normalize_token.register(pd.RangeIndex)
    def _(x: Any) -> Any:
        return "RangeIndex", x.start, x.stop, x.step, normalize_token(x.name)

    @normalize_token.register(pd.Index)
    def _(x: Any) -> Any:
        return name(x).__name__, normalize_token(x.name), normalize_token(x.array)

    @normalize_token.register(pd.MultiIndex)
    def _(x: Any) -> Any:
        return "MultiIndex", normalize_token(list(x.names)), *map(normalize_token, (*x.levels, *x.codes))

    @normalize_token.register(pd.Categorical)
    def _(x: Any) -> Any:
        return "Categorical", normalize_token(x.codes), normalize_token(x.dtype)

    @normalize_token.register((pd.arrays.PeriodArray, pd.arrays.DatetimeArray, pd.arrays.TimedeltaArray))
    def _(x: Any) -> Any:
        return name(x).__name__, normalize_token(x.asi8), normalize_token(x.dtype)

    @normalize_token.register(pd.arrays.IntervalArray)
    def _(x: Any) -> Any:
        return "IntervalArray", normalize_token(x.left), normalize_token(x.right), x.closed

    @normalize_token.register(pd.arrays.ArrowExtensionArray)
    def _(x: Any) -> Any:
        # Taking and setting columns leaves fragments: equal columns must not differ by them.
        data = x._pa_array
        return name(x).__name__, normalize_token(data.combine_chunks() if data.num_chunks != 1 else data.chunk(0))

    @normalize_token.register(pd.api.extensions.ExtensionArray)
    def _(x: Any) -> Any:
        return name(x).__name__, normalize_token(np.asarray(x))

    @normalize_token.register(pd.Series)
    def _(x: Any) -> Any:
        return "Series", *map(normalize_token, (x.name, x.dtype, x.array, x.index))

    @normalize_token.register(pd.DataFrame)
    def _(x: Any) -> Any:
        columns = [normalize_token(x.iloc[:, i].array) for i in range(x.shape[1])]
        return "DataFrame", normalize_token(x.columns), normalize_token(x.index), columns

    @normalize_token.register(pd.CategoricalDtype)
    def _(x: Any) -> Any:
        return "category", normalize_token(x.categories), x.ordered

    @normalize_token.register(pd.api.extensions.ExtensionDtype)
    def _(x: Any) -> Any:
        return "dtype", str(x), repr(x)

    @normalize_token.register((name(pd.NA), name(pd.NaT)))
    def _(x: Any) -> Any:
        return "missing", str(x)

    @normalize_token.register((pd.Timestamp, pd.Timedelta, pd.Period, pd.Interval))
    def _(x: Any) -> Any:
        return name(x).__name__, repr(x)

    @normalize_token.register(pd.offsets.BaseOffset)
    def _(x: Any) -> Any:
        return "offset", x.freqstr
