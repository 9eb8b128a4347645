"""How lazy tables show themselves: Dask's structure table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from swath.dataframe._base import FrameBase


def structure(frame: FrameBase) -> pd.DataFrame:
    """Return the table of divisions and dtypes: one row of dtypes, then dots to the last division."""
    import pandas as pd

    divisions = frame.divisions
    labels = [str(value) for value in divisions] if frame.known_divisions else [""] * len(divisions)
    if len(labels) > 30:  # a repr is for reading
        labels = [*labels[:15], "...", *labels[-14:]]
    dtypes = frame._dtype_table()
    names = [name for name, _ in dtypes]
    rows = [[str(dtype) for _, dtype in dtypes]] + [["..."] * len(dtypes)] * (len(labels) - 1)
    columns: Any = pd.MultiIndex.from_tuples(names) if names and isinstance(names[0], tuple) else names
    return pd.DataFrame(rows, columns=columns, index=pd.Index(labels, name=f"npartitions={frame.npartitions}"))


def text(frame: FrameBase) -> str:
    """Return ``repr(frame)``."""
    kind = type(frame).__name__
    table = structure(frame)
    if kind == "DataFrame":
        body = table.to_string(max_rows=12, max_cols=20)
        if not len(table.columns):
            body = f"Empty DataFrame\nColumns: []\nIndex: {list(table.index)}"
    else:
        column = table.iloc[:, 0]
        name = "" if frame.name is None else f"\nName: {frame.name}, dtype: {column.iloc[0]}"  # type: ignore[attr-defined]
        header = table.index.name
        body = f"{header}\n" + column.rename_axis(None).to_string(max_rows=12, name=False, dtype=False) + name
    return f"Swath {kind} Structure:\n{body}\nSwath Name: {frame._operation}, {_count(frame._expression_count)}"


def html(frame: FrameBase) -> str:
    """Return the notebook's view of `frame`."""
    kind = type(frame).__name__
    table = structure(frame).to_html(max_rows=12, max_cols=20, notebook=False)
    return (
        f"<div><strong>Swath {kind} Structure:</strong></div>\n{table}\n"
        f"<div>Swath Name: {frame._operation}, {_count(frame._expression_count)}</div>"
    )


def _count(expressions: int) -> str:
    return f"{expressions} expression{'' if expressions == 1 else 's'}"
