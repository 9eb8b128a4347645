"""Reductions across the columns of a row (axis=1), as sums of elementwise steps."""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from swath.dataframe.frame import DataFrame
    from swath.dataframe.series import Series


def total(columns: Sequence[Series]) -> Series:
    return functools.reduce(operator.add, columns)


def both(columns: Sequence[Series]) -> Series:
    return functools.reduce(operator.and_, columns)


def either(columns: Sequence[Series]) -> Series:
    return functools.reduce(operator.or_, columns)


def reduce_rows(frame: DataFrame, function: str, options: Mapping[str, Any]) -> Series:
    """Return the reduction of every row over all columns."""
    columns = [frame[label] for label in frame]
    if not columns:
        raise ValueError(f"{function}(axis=1) needs at least one column")
    if function == "count":
        return total([column.notna().astype("int64") for column in columns]).rename(None)
    skipna = options.get("skipna", True)
    if function in ("any", "all"):
        flags = [column.astype("bool") for column in columns]
        return (either(flags) if function == "any" else both(flags)).rename(None)
    if function not in _ROWS:
        raise NotImplementedError(f"{function}(axis=1) is not supported; it is for {', '.join(_ROWS)}, count, any, all")
    return _ROWS[function](columns, skipna, options).rename(None)


def _counts(columns: Sequence[Series]) -> Series:
    return total([column.notna().astype("int64") for column in columns])


def _sum(columns: Sequence[Series], skipna: bool, options: Mapping[str, Any]) -> Series:
    result = total([column.fillna(0) for column in columns] if skipna else columns)
    least = options.get("min_count", 0)
    return result.where(_counts(columns) >= least) if least > 0 else result


def _prod(columns: Sequence[Series], skipna: bool, options: Mapping[str, Any]) -> Series:
    result: Series = functools.reduce(operator.mul, [column.fillna(1) for column in columns] if skipna else columns)
    least = options.get("min_count", 0)
    return result.where(_counts(columns) >= least) if least > 0 else result


def _mean(columns: Sequence[Series], skipna: bool, options: Mapping[str, Any]) -> Series:
    return _sum(columns, skipna, {}) / (_counts(columns) if skipna else len(columns))


def _var(columns: Sequence[Series], skipna: bool, options: Mapping[str, Any]) -> Series:
    mean = _mean(columns, skipna, {})
    squares = _sum([(column - mean) ** 2 for column in columns], skipna, {})
    freedom = (_counts(columns) if skipna else 0 * mean + len(columns)) - options.get("ddof", 1)
    return (squares / freedom).where(freedom > 0)


def _std(columns: Sequence[Series], skipna: bool, options: Mapping[str, Any]) -> Series:
    return _var(columns, skipna, options) ** 0.5


def _extreme(columns: Sequence[Series], skipna: bool, smallest: bool) -> Series:
    def choose(left: Series, right: Series) -> Series:
        better = left <= right if smallest else left >= right
        if skipna:
            return left.where(better | right.isna(), right)
        return left.where((better & right.notna()) | left.isna(), right)

    return functools.reduce(choose, columns)


_ROWS = {
    "sum": _sum,
    "prod": _prod,
    "mean": _mean,
    "var": _var,
    "std": _std,
    "min": lambda columns, skipna, options: _extreme(columns, skipna, True),
    "max": lambda columns, skipna, options: _extreme(columns, skipna, False),
}
