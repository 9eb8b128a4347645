"""Parquet filters, written as lists of (column, operation, value)."""

from __future__ import annotations

import functools
import operator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from swath.dataframe.frame import DataFrame
    from swath.dataframe.series import Series

_OPERATIONS: dict[str, Any] = {
    "==": operator.eq,
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda column, values: column.isin(values),
    "not in": lambda column, values: ~column.isin(values),
    "is": lambda column, value: column.isna(),
    "is not": lambda column, value: column.notna(),
}


def as_condition(frame: DataFrame, filters: Any) -> Series:
    """Return the boolean Series of filters in disjunctive normal form."""
    groups = filters if isinstance(filters[0], list) else [filters]
    return functools.reduce(operator.or_, [_all(frame, group) for group in groups])


def _all(frame: DataFrame, conditions: Any) -> Series:
    return functools.reduce(operator.and_, [_one(frame, condition) for condition in conditions])


def _one(frame: DataFrame, condition: Any) -> Series:
    if not isinstance(condition, tuple) or len(condition) != 3:
        raise ValueError(f"a filter must be a tuple (column, operation, value), not {condition!r}")
    column, name, value = condition
    if name not in _OPERATIONS:
        raise ValueError(
            f"unknown operation {name!r} in the filter {condition!r}; the operations are {', '.join(_OPERATIONS)}"
        )
    return _OPERATIONS[name](frame[column], value)
