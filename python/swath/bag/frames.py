"""Bags to tables and tables to bags."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from swath._engine import core
from swath.bag._steps import host
from swath.bag.bag import Bag

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["frame_to_bag", "to_dataframe"]


def to_dataframe(bag: Bag, meta: Any, columns: Any) -> Any:
    import pandas as pd

    from swath.dataframe._base import wrap

    if meta is None:
        head = bag.take(1, warn=False)
        if not head:
            raise ValueError(
                "to_dataframe() failed to properly infer metadata: the first partition is empty; pass meta="
            )
        meta = pd.DataFrame(list(head), columns=columns)
    elif columns is not None:
        raise ValueError("Can't specify both `meta` and `columns`")
    else:
        meta = _meta_of(meta)
    schema = _schema_of(meta)
    make = functools.partial(_table_of, list(meta.columns), meta.dtypes.to_dict(), schema)
    return wrap(core.bag_to_frame(bag._final_node(), schema, host(make, "to_dataframe")))


def _meta_of(meta: Any) -> pd.DataFrame:
    import pandas as pd

    if isinstance(meta, pd.DataFrame):
        return meta.iloc[:0]
    pairs = list(meta.items()) if isinstance(meta, dict) else list(meta)
    if not all(isinstance(pair, tuple) and len(pair) == 2 for pair in pairs):
        raise TypeError(f"meta must be a DataFrame, a dict of dtypes or pairs (name, dtype), not {meta!r}")
    return pd.DataFrame({name: pd.Series([], dtype=dtype) for name, dtype in pairs}, columns=[n for n, _ in pairs])


def _schema_of(meta: pd.DataFrame) -> Any:
    import pyarrow as pa

    from swath.dataframe import _convert, _labels

    fields = []
    for position, label in enumerate(meta.columns):
        name = _labels.encode(label)
        kind = _convert._array(meta.iloc[:, position], name).type
        fields.append(pa.field(name, pa.large_string() if kind in (pa.null(), pa.string()) else kind))
    return pa.schema(fields)


def _table_of(columns: list[Any], dtypes: dict[Any, Any], schema: Any, items: Iterator[Any]) -> Any:
    """What pandas makes of the items, as an Arrow table of the schema."""
    import pandas as pd
    import pyarrow as pa

    frame = pd.DataFrame(list(items), columns=columns).astype(dtypes)
    arrays = [pa.array(frame.iloc[:, i], type=field.type, from_pandas=True) for i, field in enumerate(schema)]
    return pa.table(arrays, schema=schema)


def frame_to_bag(frame: Any, index: bool = False, format: str = "tuple") -> Bag:
    """The rows of a table as tuples or dicts, or of a column as values; partitions stay.

    ``index``: with the index first. ``format="frame"``: the items are the column labels of the partitions' frames, and
    ``to_delayed`` gives the frames themselves, as Dask's.
    """
    if format not in ("tuple", "dict", "frame"):
        raise ValueError(f"format must be 'tuple', 'dict' or 'frame', not {format!r}")
    node = frame.__swath_node__()

    def part(i: int, kind: str) -> Any:
        rows = functools.partial(_rows_of, frame, index, kind)
        return core.delayed_on(node, i, rows, "to_bag", f"to_bag {index} {kind}")

    numbers = range(frame.npartitions)
    made = Bag._made(core.bag_from_nodes([part(i, format) for i in numbers]), "to_bag")
    if format == "frame":
        made._raw = lambda: core.bag_from_nodes([part(i, "raw") for i in numbers])
    return made


def _rows_of(frame: Any, index: bool, format: str, values: Any, block: int) -> list[Any]:
    import pandas as pd

    data = frame.__swath_finish__(values)
    if format == "raw":
        return [data]
    if isinstance(data, pd.DataFrame):
        if format == "tuple":
            return list(data.itertuples(index, name=None))
        if format == "frame":
            return list(data)
        return _records(data, index)
    if format == "dict":
        return _records(data.to_frame(), False)
    return list(data.items()) if index and format == "tuple" else list(data)


def _records(data: pd.DataFrame, index: bool) -> list[Any]:
    rows = data.to_dict(orient="records")
    return [{"index": label, **row} for label, row in zip(data.index, rows, strict=True)] if index else rows
