"""pandas to Arrow and back. The only module of the package that builds pandas objects from data."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from swath._partitions import widened
from swath.dataframe import _labels

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def index_name(level: int, name: Hashable, taken: Sequence[str]) -> str:
    """Return the engine's column of an index level: its own name, or a reserved one where that is taken or None."""
    if name is None or _labels.encode(name) in taken:
        return f"__index_level_{level}__"
    return _labels.encode(name)


def table_from_pandas(data: pd.DataFrame | pd.Series[Any]) -> tuple[pa.Table, list[str]]:
    """Return an Arrow table of the columns of `data` and its index, and the names of the index columns.

    NaN becomes null, as pandas reads both as missing. Raises TypeError for objects that Arrow has no type for.
    """
    import pandas as pd
    import pyarrow as pa

    frame = data.to_frame(name=data.name) if isinstance(data, pd.Series) else data
    names = [_labels.encode(label) for label in frame.columns]
    _check_unique(names)
    arrays: list[Any] = []
    for position, name in enumerate(names):
        arrays.append(_array(frame.iloc[:, position], name))
    index_names = []
    for level in range(frame.index.nlevels):
        values = frame.index.get_level_values(level)
        index_names.append(index_name(level, values.name, names))
        arrays.append(_array(values, index_names[-1]))
    return pa.table(dict(zip([*names, *index_names], arrays, strict=True))), index_names


def _check_unique(names: list[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"column labels must be unique; {_labels.decode(name)!r} is there more than once")
        seen.add(name)


def _array(values: Any, name: str) -> Any:
    import pyarrow as pa

    try:
        array = pa.array(values, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise TypeError(
            f"column {_labels.decode(name)!r} holds Python objects that have no common type ({error}); "
            "convert it first, for instance with astype(str)"
        ) from None
    return widened(array)


def frame_to_pandas(table: pa.Table, levels: Sequence[tuple[str, str | None]]) -> pd.DataFrame:
    """Return the DataFrame of a result; the columns of `levels` (column, label) become the index."""
    import pandas as pd

    frame: pd.DataFrame = table.replace_schema_metadata(None).to_pandas()
    index = [column for column, _ in levels]
    if index:
        names = [None if label is None else _labels.decode(label) for _, label in levels]
        values = [frame.pop(column) for column in index]
        if len(values) == 1:  # not set_index: it widens small integers
            frame.index = pd.Index(values[0].array, name=names[0])
        else:
            frame.index = pd.MultiIndex.from_arrays(values, names=names)
    frame.columns = _labels.to_index([name for name in table.column_names if name not in index])
    return frame


def scalar_from_table(table: pa.Table) -> Any:
    """Return the one value of a table as a NumPy scalar, or pandas' own for dates and missing values."""
    value = table.column(0).to_pandas().iloc[0]
    return float("nan") if value is None else value


def python_value(value: Any) -> Any:
    """Return an engine's value (a Python scalar, or an Arrow array of one) as Dask shows it in divisions."""
    if not hasattr(value, "__arrow_c_array__"):
        return value
    import pyarrow as pa

    return pa.array(value).to_pandas().iloc[0]


def kind_of(type_name: str) -> str:
    """Return the kind of an Arrow type: integer, floating, boolean, text, datetime, timedelta, category or other."""
    for prefixes, kind in _KINDS:
        if type_name.startswith(prefixes):
            return kind
    return "other"


_KINDS = (
    (("int", "uint"), "integer"),
    (("float", "double", "halffloat"), "floating"),
    ("bool", "boolean"),
    (("large_string", "string", "utf8"), "text"),
    (("timestamp", "date"), "datetime"),
    ("duration", "timedelta"),
    ("dictionary", "category"),
)


def arrow_type(dtype: Any) -> pa.DataType:
    """Return the Arrow type of anything that pandas takes for a dtype."""
    import pandas as pd
    import pyarrow as pa

    if isinstance(dtype, pa.DataType):
        return dtype
    if isinstance(dtype, pd.ArrowDtype):
        return dtype.pyarrow_dtype
    resolved = pd.api.types.pandas_dtype(dtype)
    if isinstance(resolved, pd.CategoricalDtype):
        return pa.dictionary(pa.int32(), pa.large_string())
    if isinstance(resolved, pd.StringDtype) or resolved.kind == "O":
        return pa.large_string()
    if isinstance(resolved, pd.DatetimeTZDtype):
        return pa.timestamp(resolved.unit, str(resolved.tz))
    try:
        return pa.from_numpy_dtype(resolved)
    except (pa.ArrowNotImplementedError, TypeError):
        raise TypeError(f"dtype {dtype!r} is not supported; use a NumPy dtype, 'str' or 'category'") from None


def literal(value: Any) -> Any:
    """Return `value` as the engine reads it: numbers and text as they are, else an Arrow array of one."""
    if value is None or type(value) in (bool, int, float, str):
        return value
    if getattr(value, "ndim", 0):
        raise TypeError(f"expected one value, not an array of shape {value.shape}")
    return arrow_scalar(value)  # also NumPy's numbers: they keep their type (NEP 50)


def arrow_scalar(value: Any) -> Any:
    """Return an Arrow array of one value."""
    import pyarrow as pa

    try:
        return widened(pa.array([value], from_pandas=True))
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        raise TypeError(f"{value!r} ({type(value).__name__}) is not a value that a column can hold") from None


def arrow_values(values: Iterable[Any]) -> Any:
    """Return an Arrow array of values of one type."""
    import pyarrow as pa

    return widened(pa.array(list(values), from_pandas=True))


def isin_values(values: Any, kind: str) -> Any:
    """Return those of `values` that a column of `kind` can be equal to, as an Arrow array."""
    import numpy as np
    import pandas as pd

    if isinstance(values, (str, bytes)) or not hasattr(values, "__iter__"):
        raise TypeError(
            f"only list-like objects are allowed to be passed to isin(), you passed a `{type(values).__name__}`"
        )
    if kind in ("integer", "floating", "boolean"):
        fitting = [x for x in values if isinstance(x, (int, float, np.number, np.bool_)) or pd.isna(x)]
    elif kind in ("text", "category"):
        fitting = [x for x in values if isinstance(x, str) or pd.isna(x)]
    elif kind == "datetime":
        fitting = [pd.Timestamp(x) for x in values]
    else:
        fitting = list(values)
    return arrow_values(fitting)
