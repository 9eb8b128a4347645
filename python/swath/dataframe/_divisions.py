"""Where a sorted index is cut into partitions: Dask's rule, so that divisions come out the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def locate(
    index: pd.Index, *, npartitions: int | None, chunksize: int | None, sort: bool
) -> tuple[list[Any], list[int]]:
    """Return divisions and row offsets, each one longer than the number of partitions.

    Equal index values stay in one partition when the index is sorted; otherwise divisions are all None.
    """
    rows = len(index)
    if rows == 0:
        count = npartitions or 1
        return [None] * (count + 1), [0] * (count + 1)
    if sort or index.is_monotonic_increasing:
        return _sorted_locations(index, npartitions, chunksize)
    size = -(-rows // npartitions) if npartitions is not None else chunksize
    assert size is not None
    offsets = [*range(0, rows, size), rows]
    return [None] * len(offsets), offsets


def _sorted_locations(index: pd.Index, npartitions: int | None, chunksize: int | None) -> tuple[list[Any], list[int]]:
    rows = len(index)
    unique = None if index.is_unique else index.unique()
    starts = None if unique is None else index.searchsorted(unique, side="left").tolist()
    exact = bool(npartitions) and starts is not None and len(starts) >= (npartitions or 0)
    size, residual = divmod(rows, npartitions) if npartitions else (chunksize or rows, 0)

    def target(partition: int) -> int:
        return size + (partition < residual)

    divisions, offsets = [index[0]], [0]
    position, drift = target(0), 0
    remaining = npartitions - 1 if exact and npartitions else 0
    group: int | None = None  # of `position` among the unique values
    while position < rows:
        value = index[position]
        start = position
        if starts is not None:
            assert unique is not None
            if group is None:
                group = int(unique.searchsorted(value, side="left"))
            if exact and remaining > len(starts) - group:
                group -= remaining - (len(starts) - group)
                position = starts[group]
                value = index[position]
            start = starts[group]
        if value <= divisions[-1]:  # the same group as the cut before: try the next one
            if starts is None:
                position += 1
            else:
                assert group is not None
                group += 1
                position = starts[group] if group < len(starts) else rows
            continue
        if npartitions:
            drift += (start - offsets[-1]) - target(len(divisions) - 1)
        remaining -= exact
        position = start + max(1, target(len(divisions)) - drift)
        divisions.append(value)
        offsets.append(start)
        group = None
    divisions.append(index[-1])
    offsets.append(rows)
    return [_scalar(value) for value in divisions], offsets


def _scalar(value: Any) -> Any:
    item = getattr(value, "item", None)
    return item() if callable(item) else value
