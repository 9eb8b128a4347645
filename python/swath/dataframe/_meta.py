"""What functions of partitions return: found out on a tiny frame, given by the user, and told to the engine."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from swath._partitions import Form, Result, widened
from swath.dataframe import _convert, _labels
from swath.dataframe._base import FrameBase

if TYPE_CHECKING:
    import pyarrow as pa

NO_DEFAULT: Any = type("no_default", (), {"__repr__": lambda self: "no_default"})()


def form_of(x: FrameBase) -> Form:
    """How partitions of ``x`` become pandas."""
    import pyarrow as pa

    from swath.dataframe.series import Index, Series

    names = pa.schema(x._native).names
    if isinstance(x, Index):
        return Form("index", names[:1], None, [], [], x.name)
    levels = x._native.index_levels
    index = [column for column, _ in levels]
    labels = [None if label is None else _labels.decode(label) for _, label in levels]
    data = [name for name in names if name not in index]
    if isinstance(x, Series):
        return Form("series", data, None, index, labels, x.name)
    return Form("frame", data, _labels.to_index(data), index, labels)


# --- a small frame to try functions on


def _sample_values(dtype: Any, values: Any) -> list[Any]:
    import pandas as pd

    if isinstance(dtype, pd.CategoricalDtype):
        return [dtype.categories[0]] * 2 if len(dtype.categories) else ["a", "a"]
    if isinstance(dtype, pd.StringDtype) or dtype.kind in "OUS":
        return ["foo", "foo"]
    if isinstance(dtype, pd.DatetimeTZDtype) or dtype.kind == "M":
        return [pd.Timestamp("1970-01-01"), pd.Timestamp("1970-01-02")]
    if dtype.kind == "m":
        return [pd.Timedelta("1s"), pd.Timedelta("2s")]
    if dtype.kind == "b":
        return [True, False]
    return [1, 2] if dtype.kind in "iu" else [1.0, 2.0]


def _sample_series(empty: Any) -> Any:
    import pandas as pd

    dtype = empty.dtype
    values = _sample_values(dtype, empty)
    if isinstance(dtype, pd.CategoricalDtype):
        return pd.Series(pd.Categorical(values, ordered=dtype.ordered), name=empty.name)
    if isinstance(dtype, pd.DatetimeTZDtype):
        return pd.Series(pd.DatetimeIndex(values).tz_localize(dtype.tz).as_unit(dtype.unit), name=empty.name)
    return pd.Series(values, name=empty.name).astype(dtype)


def sample_of(meta: Any) -> Any:
    """Two rows (of ones, "foo", days of 1970) of the types of an empty pandas object."""
    import pandas as pd

    if isinstance(meta, pd.MultiIndex):
        return pd.MultiIndex.from_arrays(
            [_sample_series(level.to_series()).to_numpy() for level in meta.levels], names=meta.names
        )
    if isinstance(meta, pd.Index):
        return pd.Index(_sample_series(meta.to_series().reset_index(drop=True)), name=meta.name)
    if isinstance(meta, pd.Series):
        result = _sample_series(meta)
        result.index = sample_of(meta.index)
        return result
    columns = [_sample_series(meta.iloc[:, i]) for i in range(meta.shape[1])]
    index = sample_of(meta.index)
    frame = pd.DataFrame({i: column.array for i, column in enumerate(columns)}, index=index)
    frame.columns = meta.columns
    return frame


def emulate(function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any], name: str) -> Any:
    """What ``function`` returns for two sample rows (or, where that fails, for none)."""
    first: Exception | None = None
    for rows in (2, 0):

        def small(x: Any, rows: int = rows) -> Any:
            if isinstance(x, FrameBase):
                return sample_of(x._meta) if rows else x._meta
            return x

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return function(*[small(a) for a in args], **{k: small(v) for k, v in kwargs.items()})
        except Exception as error:
            first = first or error
    raise ValueError(
        f"Metadata inference failed in `{name}`.\n\nYou have supplied a custom function and the engine is unable to "
        "determine the type of output that that function returns.\n\nTo resolve this please provide a meta= keyword."
        "\n\n"
        f"Original error is below:\n------------------------\n{first!r}"
    ) from first


def advice(meta: Any) -> str:
    """``meta=…`` as the user would write it for this result."""
    if meta.ndim == 2:
        return f"meta={ {label: str(dtype) for label, dtype in meta.dtypes.items()}!r}"
    return f"meta={(meta.name, str(meta.dtype))!r}"


# --- meta= as users give it


def _empty_series(name: Any, dtype: Any, index: Any = None) -> Any:
    import pandas as pd

    return pd.Series([], name=name, dtype="object" if dtype in (object, "O") else dtype, index=index)


def make_meta(given: Any, parent: Any = None) -> Any:
    """An empty pandas object of ``meta=``: pandas objects, dicts, lists of pairs, one pair, or a dtype."""
    import numpy as np
    import pandas as pd

    if isinstance(given, FrameBase):
        return given._meta
    if isinstance(given, (pd.DataFrame, pd.Series)):
        return given
    if isinstance(given, pd.Index):
        return given.to_series().iloc[:0]
    index = parent.index[:0] if parent is not None and hasattr(parent, "index") else None
    if isinstance(given, Mapping):
        return pd.DataFrame({k: _empty_series(k, d, index) for k, d in given.items()}, index=index)
    if isinstance(given, tuple) and len(given) == 2:
        return _empty_series(given[0], given[1], index)
    if isinstance(given, (list, tuple)):
        if not all(isinstance(pair, tuple) and len(pair) == 2 for pair in given):
            raise ValueError(f"Expected iterable of tuples of (name, dtype), got {given!r}")
        frame = pd.DataFrame({k: _empty_series(k, d, index) for k, d in given}, index=index)
        return frame[[k for k, _ in given]]
    if isinstance(given, (np.generic, int, float, str, bool)) and not isinstance(given, str):
        return pd.Series([given])
    try:
        return _empty_series(None, pd.api.types.pandas_dtype(given), index)
    except TypeError:
        raise TypeError(f"Don't know how to create metadata from {given!r}") from None


def _as_pandas(result: Any) -> Any:
    import numpy as np
    import pandas as pd

    if isinstance(result, (pd.DataFrame, pd.Series)):
        return result
    if isinstance(result, pd.Index):
        return result.to_series()
    if isinstance(result, np.ndarray) and result.ndim == 1:
        return pd.Series(result)
    if np.ndim(result) == 0:
        return pd.Series([result], index=pd.Index([0]))
    raise TypeError(
        f"a function of partitions must return a DataFrame, a Series or a scalar, not {type(result).__name__}"
    )


def resolve(
    given: Any,
    function: Callable[..., Any],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    name: str,
    parent: Any = None,
    warn: bool = True,
) -> Any:
    """The meta of a result: as given, else by a trial, which says what to write instead."""
    if given is not NO_DEFAULT and given is not None:
        return make_meta(given, parent)
    meta = _as_pandas(emulate(function, args, kwargs, name))
    if warn:
        warnings.warn(
            f"{name}: you did not provide metadata, so the function ran on a small dataset to guess its output types. "
            f"To say what it returns, pass {advice(meta)}",
            UserWarning,
            stacklevel=5,
        )
    return meta


# --- for the engine


def _type_of(values: Any) -> pa.DataType:
    import pandas as pd
    import pyarrow as pa

    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        inner = dtype.categories
        text = len(inner) == 0 or inner.dtype == object or isinstance(inner.dtype, pd.StringDtype)
        value_type = pa.large_string() if text else _convert.arrow_type(inner.dtype)
        return pa.dictionary(pa.int32(), value_type, dtype.ordered)
    if dtype.kind == "O" and len(values):
        kind = widened(pa.array(values, from_pandas=True)).type
        return pa.large_string() if pa.types.is_null(kind) else kind
    return _convert.arrow_type(dtype)


class Described:
    """A meta with its Arrow schema and the engine's names."""

    def __init__(self, meta: Any) -> None:
        import pyarrow as pa

        columns = [meta.iloc[:, i] for i in range(meta.shape[1])] if meta.ndim == 2 else [meta]
        labels = list(meta.columns) if meta.ndim == 2 else [meta.name]
        names = [_labels.encode(label) for label in labels]
        _convert._check_unique(names)
        fields = [pa.field(name, _type_of(column)) for name, column in zip(names, columns, strict=True)]
        self.index: list[tuple[str, str | None]] = []
        for level in range(meta.index.nlevels):
            values = meta.index.get_level_values(level)
            column = _convert.index_name(level, values.name, names)
            fields.append(pa.field(column, _type_of(values)))
            self.index.append((column, None if values.name is None else _labels.encode(values.name)))
        self.schema = pa.schema(fields)
        self.meta = meta.iloc[:0]
        self.label = labels[0] if meta.ndim == 1 else None

    def result(self, label: str, enforce: bool = True) -> Result:
        """What checks and converts results."""
        return Result(self.meta, self.schema, len(self.index), label, enforce)
