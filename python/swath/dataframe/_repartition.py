"""repartition() by divisions, by the length of periods and by size."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from swath.dataframe._base import wrap
from swath.dataframe.io.paths import parse_bytes

_SAMPLE_ROWS = 10_000


def repartition(frame: Any, divisions: Any, npartitions: Any, partition_size: Any, freq: Any, force: bool) -> Any:
    """Return `frame` in other partitions; exactly one of the four says which."""
    given = [value for value in (divisions, npartitions, partition_size, freq) if value is not None]
    if len(given) != 1:
        raise ValueError(
            "Please provide exactly one of ``npartitions=``, ``freq=``, ``divisions=``, ``partition_size=`` keyword "
            "arguments"
        )
    if npartitions is not None:
        if npartitions < 1:
            raise ValueError(f"repartition(npartitions={npartitions}): it must be at least 1")
        return wrap(frame._native.repartition(int(npartitions)))
    if frame.ndim == 1:  # as a table of one column
        table = frame.to_frame(name="values")
        return repartition(table, divisions, None, partition_size, freq, force)["values"].rename(frame.name)
    if partition_size is not None:
        return _by_size(frame, parse_bytes("repartition", "partition_size", partition_size))
    if not frame.known_divisions:
        what = "freq" if divisions is None else "divisions"
        raise ValueError(f"repartition({what}=) needs known divisions, those of this table are not known")
    return _by_divisions(frame, _periods(frame.divisions, freq) if divisions is None else list(divisions), force)


def _periods(divisions: Sequence[Any], freq: Any) -> list[Any]:
    """The starts of the periods that the rows lie in, with the first and the last label, as Dask cuts them."""
    import pandas as pd

    first, last = divisions[0], divisions[-1]
    if not isinstance(first, pd.Timestamp):
        raise TypeError("Can only repartition on frequency for timeseries")
    try:
        start = first.ceil(freq)
    except ValueError:  # not a fixed length of time
        start = first
    starts = pd.date_range(start=start, end=last, freq=freq).tolist()
    return [*dict.fromkeys([first, *starts]), last]


def _by_divisions(frame: Any, new: list[Any], force: bool) -> Any:
    old = list(frame.divisions)
    if len(new) < 2 or any(not a < b for a, b in itertools.pairwise(new[:-1])) or new[-2] > new[-1]:
        raise ValueError(f"New division must be sorted and unique (but for the last two), not {new}")
    for side, a, b in (("left", new[0], old[0]), ("right", new[-1], old[-1])):
        if a != b and not force:
            raise ValueError(f"{side} side of old and new divisions are different: {b!r} and {a!r}; see force=True")
    if new[0] > old[0] or new[-1] < old[-1]:
        raise ValueError(f"the new divisions must cover the old ones, from {old[0]!r} to {old[-1]!r}")
    pieces, bounds = [], [0]
    for number, (low, high) in enumerate(itertools.pairwise(new)):
        piece = _between(frame, old, low, high, closed=number == len(new) - 2)
        pieces.append(piece._native)
        bounds.append(bounds[-1] + piece.npartitions)
    import pyarrow as pa

    from swath._engine import core

    joined = pieces[0] if len(pieces) == 1 else core.concat_frames(pieces)
    schema = pa.schema(frame._native)
    index = schema.field(frame._native.index_levels[0][0]).type
    return wrap(joined.repartition_bounds(bounds, True, pa.array(new, type=index)))


def _between(frame: Any, old: list[Any], low: Any, high: Any, *, closed: bool) -> Any:
    """The rows from `low` up to `high`, which is among them if `closed`: of the partitions that can hold them."""
    count = len(old) - 1
    numbers = [
        p
        for p in range(count)
        if (old[p] < high or (closed and old[p] <= high)) and (old[p + 1] > low or (p == count - 1 and old[-1] >= low))
    ]
    if not numbers:
        nothing = frame.partitions[0]
        return nothing[nothing.index < old[0]]
    piece = frame if len(numbers) == count else frame.partitions[numbers[0] : numbers[-1] + 1]
    if old[numbers[0]] < low:
        piece = piece[piece.index >= low]
    if closed:
        return piece if old[numbers[-1] + 1] <= high else piece[piece.index <= high]
    ends = old[numbers[-1] + 1]
    inside = ends < high or (ends == high and numbers[-1] < count - 1)
    return piece if inside else piece[piece.index < high]


def _by_size(frame: Any, size: int) -> Any:
    """Cut partitions that are larger than `size`, then join neighbours while they fit.

    Rows are counted; how large one is, is taken from the first rows.
    """
    from swath.base import compute

    rows = compute(*(wrap(frame._native.partitions([p]).row_count()) for p in range(frame.npartitions)))
    sample = frame.get_partition(max(range(len(rows)), key=rows.__getitem__)).head(_SAMPLE_ROWS, compute=False)
    table = sample.to_arrow()
    row_bytes = table.nbytes / max(table.num_rows, 1)
    cuts = [max(1, -(-int(count * row_bytes) // size)) for count in rows]
    sizes = [count * row_bytes / cut for count, cut in zip(rows, cuts, strict=True) for _ in range(cut)]
    native = frame._native
    if max(cuts) > 1:
        native = native.repartition_bounds([0, *itertools.accumulate(cuts)], False, None)
    bounds, filled = [0], 0.0
    for number, piece in enumerate(sizes):
        if number > bounds[-1] and filled + piece > size:
            bounds.append(number)
            filled = 0.0
        filled += piece
    bounds.append(len(sizes))
    if len(bounds) == len(sizes) + 1:
        return wrap(native)
    known = wrap(native).divisions if native.divisions is not None else None
    if known is None:
        return wrap(native.repartition_bounds(bounds, True, None))
    import pyarrow as pa

    index = pa.schema(native).field(native.index_levels[0][0]).type
    return wrap(native.repartition_bounds(bounds, True, pa.array([known[b] for b in bounds], type=index)))
