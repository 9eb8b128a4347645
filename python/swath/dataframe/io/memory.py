"""Tables from objects in memory: pandas, dicts, Arrow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from swath.dataframe import _convert, _divisions, _labels
from swath.dataframe._base import wrap
from swath.dataframe.frame import DataFrame
from swath.dataframe.series import Series

if TYPE_CHECKING:
    import pandas as pd


def from_pandas(
    data: pd.DataFrame | pd.Series[Any], npartitions: int | None = None, sort: bool = True, chunksize: int | None = None
) -> Any:
    """Return a lazy table (or Series) of a pandas object, cut into partitions by rows.

    Parameters
    ----------
    data : pandas.DataFrame or pandas.Series
    npartitions : int, default 1
        Partitions wanted; fewer come out when the index has too few distinct values.
    sort : bool, default True
        Sort by the index first, so that the divisions are known.
    chunksize : int, optional
        Rows of a partition, instead of `npartitions`.

    Raises
    ------
    TypeError
        `data` is not a pandas object, or a column holds objects without a common type.

    Examples
    --------
    >>> import pandas as pd, swath.dataframe as sd
    >>> sd.from_pandas(pd.DataFrame({"x": range(4)}), npartitions=2).divisions
    (0, 2, 3)
    """
    import pandas as pd

    if isinstance(data, pd.Index):
        raise NotImplementedError("from_pandas takes a DataFrame or a Series; use from_pandas(index.to_series())")
    if not isinstance(data, (pd.DataFrame, pd.Series)):
        raise TypeError("Input must be a pandas DataFrame or Series.")
    if data.index.nlevels > 1:
        raise NotImplementedError("from_pandas does not take a MultiIndex; use data.reset_index()")
    if npartitions is not None and chunksize is not None:
        raise ValueError("Exactly one of npartitions and chunksize must be specified.")
    for name, value in (("npartitions", npartitions), ("chunksize", chunksize)):
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise TypeError(f"Please provide {name} as an int, or possibly as None if you specify the other one.")
        if value is not None and value < 1:
            raise ValueError(f"{name}={value}: it must be at least 1")
    if npartitions is None and chunksize is None:
        npartitions = 1
    if sort and data.index.hasnans:
        raise NotImplementedError(
            "Index in passed data is non-numeric and contains nulls, which Swath does not sort; pass sort=False"
        )
    if sort and not data.index.is_monotonic_increasing:
        data = data.sort_index(kind="stable")
    divisions, offsets = _divisions.locate(data.index, npartitions=npartitions, chunksize=chunksize, sort=sort)
    table, index_names = _convert.table_from_pandas(data)
    levels = [None if name is None else _labels.encode(name) for name in data.index.names]
    native = _from_table(table, index_names, levels, offsets, None if divisions[0] is None else divisions)
    frame = wrap(native)
    return frame[frame._only_label()] if isinstance(data, pd.Series) else frame


def _from_table(
    table: Any, index: Sequence[str], levels: Sequence[str | None], offsets: Sequence[int], divisions: Any
) -> Any:
    from swath._engine import core

    ends = None if divisions is None else _convert.arrow_values(list(divisions))
    return core.frame_from_arrow(table, list(index), list(levels), list(offsets), ends)


def from_dict(
    data: dict[Any, Any],
    npartitions: int,
    orient: str = "columns",
    dtype: Any = None,
    columns: Any = None,
    constructor: Any = None,
) -> DataFrame:
    """Return a lazy table of a dict of columns (or rows, ``orient="index"``), as ``pandas.DataFrame.from_dict``."""
    import pandas as pd

    constructor = pd.DataFrame if constructor is None else constructor
    frame = constructor.from_dict(data, orient=orient, dtype=dtype, columns=columns)
    return from_pandas(frame, npartitions=npartitions)


def from_arrow(data: Any, npartitions: int | None = None, chunksize: int | None = None) -> DataFrame:
    """Return a lazy table of anything that speaks the Arrow PyCapsule protocol, without a copy.

    A ``pyarrow.Table`` or ``RecordBatch``, a Polars or DuckDB table, another Swath table. The index counts rows from 0.

    Examples
    --------
    >>> import pyarrow as pa, swath.dataframe as sd
    >>> len(sd.from_arrow(pa.table({"x": [1, 2, 3]}), npartitions=2))
    3
    """
    import pyarrow as pa

    if not hasattr(data, "__arrow_c_stream__") and not hasattr(data, "__arrow_c_array__"):
        raise TypeError(f"from_arrow takes an object with __arrow_c_stream__, not {type(data).__name__}")
    table = pa.table(data)
    columns = {name: _convert.widened(table[name]) for name in table.column_names}
    if len(columns) != table.num_columns:
        raise ValueError(f"column names must be unique, not {table.column_names}")
    rows = table.num_rows
    size = chunksize or max(1, -(-rows // (npartitions or 1)))
    offsets = [*range(0, rows, size), rows] if rows else [0, 0]
    return wrap(_from_table(pa.table(columns), [], [], offsets, None))


def concat(
    dfs: Sequence[Any],
    axis: Any = 0,
    join: str = "outer",
    ignore_unknown_divisions: bool = False,
    ignore_order: bool = False,
    interleave_partitions: bool = False,
) -> Any:
    """Return the partitions of several tables (or Series) of the same columns, one table after the other.

    With ``axis=1``: their columns side by side. The tables have as many partitions each, with the same index labels
    row by row; others raise ValueError, at once or in compute().
    """
    from swath._engine import core
    from swath.dataframe._arguments import axis_number

    parts: list[Any] = list(dfs)
    if not parts:
        raise ValueError("No objects to concatenate")
    if axis_number("concat", axis):
        return _side_by_side(parts)
    if join not in ("outer", "inner"):
        raise ValueError("'join' must be 'inner' or 'outer'")
    if all(isinstance(part, Series) for part in parts):
        name = parts[0].name if len({part.name for part in parts}) == 1 else None
        frames = [part.rename(name).to_frame(0 if name is None else name) for part in parts]
        return concat(frames)[frames[0]._only_label()].rename(name)
    if not all(isinstance(part, DataFrame) for part in parts):
        raise TypeError("concat() takes DataFrames, or Series only")
    if join == "inner":
        common = [label for label in parts[0] if all(label in part for part in parts)]
        parts = [part[common] for part in parts]
    return wrap(core.concat_frames([part._native for part in parts]))


def _side_by_side(parts: Sequence[Any]) -> DataFrame:
    frames = []
    for number, part in enumerate(parts):
        if not isinstance(part, (DataFrame, Series)):
            raise TypeError(f"concat() takes DataFrames and Series, not {type(part).__name__}")
        frames.append(
            part if isinstance(part, DataFrame) else part.to_frame(number if part.name is None else part.name)
        )
    labels = [label for frame in frames for label in frame]
    twice = next((label for label in labels if labels.count(label) > 1), None)
    if twice is not None:
        raise ValueError(f"concat(axis=1): column {twice!r} is in more than one table; rename it first")
    result = frames[0]
    for frame in frames[1:]:
        result = result._with({label: frame[label] for label in frame})
    return result
