"""describe(): the numbers of all columns are one aggregation, put into pandas' rows at the end."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

from swath.dataframe import _labels
from swath.dataframe._base import wrap

if TYPE_CHECKING:
    import pandas as pd

    from swath.dataframe.frame import DataFrame

_KINDS = {"M": "times", "m": "spans", "b": "values", "i": "numbers", "u": "numbers", "f": "numbers"}


def describe_frame(frame: DataFrame, percentiles: Any, include: Any, exclude: Any) -> Any:
    """Describe the columns that pandas would choose: a DataFrame where all are numbers, else a Delayed of one."""
    labels = _chosen(frame._meta, include, exclude)
    fractions = percentile_list(percentiles)
    kinds = [_kind(frame._meta[label]) for label in labels]
    if set(kinds) == {"numbers"}:
        return wrap(frame._select(labels)._native.describe(fractions))
    return _lazily(frame, labels, kinds, fractions, None)


def describe_series(frame: DataFrame, name: Hashable, percentiles: Any) -> Any:
    """Describe the one column of `frame`, as a Series called `name`."""
    (label,) = frame
    kind = _kind(frame._meta[label])
    fractions = percentile_list(percentiles)
    if kind == "numbers":
        return wrap(frame._native.describe(fractions))[label].rename(name)
    return _lazily(frame, [label], [kind], fractions, (name,))


def percentile_list(percentiles: Any) -> list[float]:
    """Return the percentiles as fractions in ascending order, checked as pandas does."""
    if percentiles is None:
        return [0.25, 0.5, 0.75]
    fractions = sorted(float(value) for value in percentiles)
    if fractions and not 0 <= fractions[0] <= fractions[-1] <= 1:
        raise ValueError("percentiles should all be in the interval [0, 1]")
    if len(set(fractions)) < len(fractions):
        raise ValueError("percentiles cannot contain duplicates")
    return fractions


def _kind(column: pd.Series[Any]) -> str:
    """How pandas describes a column: as numbers, times, spans of time, or by its distinct values."""
    return _KINDS.get(getattr(column.dtype, "kind", "O"), "values")


def _chosen(meta: pd.DataFrame, include: Any, exclude: Any) -> list[Hashable]:
    if meta.columns.size == 0:
        raise ValueError("Cannot describe a DataFrame without columns")
    if include is None and exclude is None:
        numbers = list(meta.select_dtypes(include=["number", "datetime", "datetimetz"]))
        return numbers or list(meta)
    if isinstance(include, str) and include == "all":
        if exclude is not None:
            raise ValueError("exclude must be None when include is 'all'")
        return list(meta)
    labels = list(meta.select_dtypes(include=include, exclude=exclude))
    if not labels:
        raise ValueError("No columns match the specified include or exclude data types")
    return labels


def _lazily(
    frame: DataFrame, labels: Sequence[Hashable], kinds: Sequence[str], fractions: list[float], series: Any
) -> Any:
    from swath.delayed import delayed

    specs: list[tuple[str, str, str, float]] = []
    for label, kind in zip(labels, kinds, strict=True):
        name = _labels.encode(label)
        functions = [("count", 0.5)]
        if kind != "values":
            functions += [("mean", 0.5)] + ([] if kind == "times" else [("std", 0.5)]) + [("min", 0.5)]
            functions += [*(("quantile", fraction) for fraction in fractions), ("max", 0.5)]
        specs += [(function, name, f"{len(specs) + i}", fraction) for i, (function, fraction) in enumerate(functions)]
    row = wrap(frame._native.aggregate_row(specs))
    # Of a column of values: the most frequent one, and how many there are.
    counts = [frame[label].value_counts() for label, kind in zip(labels, kinds, strict=True) if kind == "values"]
    tops = [one.head(1, npartitions=-1, compute=False) for one in counts]
    uniques = [(one > 0).sum() for one in counts]
    dtypes = [frame._meta[label].dtype for label in labels]
    return delayed(_describe, pure=True)(list(labels), list(kinds), fractions, dtypes, series, row, tops, uniques)


def _describe(
    labels: list[Hashable],
    kinds: list[str],
    fractions: list[float],
    dtypes: list[Any],
    series: tuple[Hashable] | None,
    row: pd.DataFrame,
    tops: list[pd.Series[Any]],
    uniques: list[int],
) -> Any:
    """Put the computed numbers together as pandas' describe does."""
    import pandas as pd
    from pandas.io.formats.format import format_percentiles  # type: ignore[attr-defined]

    cells = iter(row.iloc[0, i] for i in range(row.shape[1]))
    columns = []
    values = iter(zip(tops, uniques, strict=True))
    percents = list(format_percentiles(fractions)) if fractions else []
    for label, kind, dtype in zip(labels, kinds, dtypes, strict=True):
        name = label if series is None else series[0]
        if kind == "values":
            top, unique = next(values)
            known = len(top) > 0 and unique > 0
            found = [next(cells), unique, *((top.index[0], top.iloc[0]) if known else (float("nan"), float("nan")))]
            rows = ["count", "unique", "top", "freq"]
            columns.append(pd.Series(found, index=rows, name=name, dtype=None if known else "object"))
            continue
        rows = ["count", "mean", *(["std"] if kind != "times" else []), "min", *percents, "max"]
        numeric = kind == "numbers" and isinstance(dtype, _numpy_dtype())
        columns.append(
            pd.Series([next(cells) for _ in rows], index=rows, name=name, dtype="float64" if numeric else None)
        )
    if series is not None:
        return columns[0]
    order = list(dict.fromkeys(name for column in sorted(columns, key=len) for name in column.index))
    table = pd.concat(columns, axis=1, ignore_index=True, sort=False).reindex(order)
    table.columns = _labels.to_index([_labels.encode(label) for label in labels])
    return table


def _numpy_dtype() -> type:
    import numpy as np

    return np.dtype
