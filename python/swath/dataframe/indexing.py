"""``loc`` and ``partitions``."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Any

from swath.dataframe import _arguments


class LocIndexer:
    """``df.loc[rows, columns]``: rows by a boolean Series, a label, a list or a slice of labels of the index.

    With known divisions only the partitions that can hold the labels are read. The result is lazy and of the same
    kind, also for one label. For a list of labels it is one partition, in the order of the list; labels without a row
    are a KeyError, for labels within the divisions when it is computed.
    """

    __slots__ = ("_frame",)

    def __init__(self, frame: Any) -> None:
        self._frame = frame

    def __getitem__(self, key: Any) -> Any:
        from swath.dataframe.series import Series

        frame = self._frame
        rows, columns = key if isinstance(key, tuple) else (key, None)
        if callable(rows):
            rows = rows(frame)
        if isinstance(rows, Series):
            frame = frame[rows]
        elif not (isinstance(rows, slice) and rows == slice(None)):
            frame = _rows_of_labels(frame, rows)
        if columns is None or (isinstance(columns, slice) and columns == slice(None)):
            return frame
        if isinstance(columns, slice):
            labels = list(self._frame.columns)
            first = 0 if columns.start is None else labels.index(columns.start)
            last = len(labels) if columns.stop is None else labels.index(columns.stop) + 1
            return frame[labels[first:last]]
        return frame[columns]


def _rows_of_labels(frame: Any, rows: Any) -> Any:
    if isinstance(rows, slice):
        if rows.step is not None:
            raise TypeError(f"loc[{rows!r}]: a slice of labels has no step")
        frame = _partitions_between(frame, rows.start, rows.stop)
        if rows.start is not None:
            frame = frame[frame.index >= rows.start]
        return frame if rows.stop is None else frame[frame.index <= rows.stop]
    if getattr(rows, "ndim", 0) or isinstance(rows, (list, tuple, set)):
        labels = list(rows)
        if labels and all(isinstance(label, bool) or type(label).__name__ == "bool" for label in labels):
            raise NotImplementedError("loc[list of booleans] needs the order of all rows; use a boolean Series")
        if not labels:
            return frame[frame.index.isin(labels)]
        if frame.known_divisions:
            ends = frame.divisions[0], frame.divisions[-1]
            beyond = [label for label in labels if not ends[0] <= _like(frame, label) <= ends[1]]
            if beyond:
                raise KeyError(f"{beyond} not in index")
        from swath.dataframe.functions import map_partitions

        frame = _partitions_between(frame, min(labels), max(labels))
        found = frame[frame.index.isin(labels)].repartition(npartitions=1)
        return map_partitions(_in_order_of_labels, found, labels, meta=found._meta)
    if frame.known_divisions and not frame.divisions[0] <= _like(frame, rows) <= frame.divisions[-1]:
        raise KeyError(rows)
    frame = _partitions_between(frame, rows, rows)
    return frame[frame.index == rows]


def _in_order_of_labels(rows: Any, labels: list[Any]) -> Any:
    """The rows of one partition in the order of the labels; KeyError where one has no row."""
    return rows.loc[labels]


def _like(frame: Any, label: Any) -> Any:
    """``label`` as a value that compares with the divisions: text is a date beside dates."""
    if isinstance(label, str) and not isinstance(frame.divisions[0], str):
        return type(frame.divisions[0])(label)
    return label


def _partitions_between(frame: Any, first: Any, last: Any) -> Any:
    """The partitions that can hold index labels from `first` to `last`; all where divisions are unknown."""
    if not frame.known_divisions:
        return frame
    starts = list(frame.divisions[:-1])
    low = 0 if first is None else max(bisect_left(starts, _like(frame, first)) - 1, 0)
    high = len(starts) if last is None else max(bisect_right(starts, _like(frame, last)), 1)
    return frame if (low, high) == (0, len(starts)) or low >= high else frame.partitions[low:high]


class PartitionIndexer:
    """``df.partitions[i]``, with slices and lists; ``len`` and iteration as of a list."""

    __slots__ = ("_frame",)

    def __init__(self, frame: Any) -> None:
        self._frame = frame

    def __len__(self) -> int:
        return int(self._frame.npartitions)

    def __iter__(self) -> Any:
        return (self[number] for number in range(len(self)))

    def __getitem__(self, key: Any) -> Any:
        from swath.dataframe._base import wrap

        numbers = range(len(self))
        if isinstance(key, slice):
            chosen = list(numbers[key])
        else:
            try:
                chosen = [numbers[number] for number in _arguments.as_list(key)]
            except IndexError:
                raise IndexError(f"there are {len(self)} partitions, not {key!r}") from None
        if not chosen:
            raise IndexError(f"partitions[{key!r}] selects none of the {len(self)} partitions")
        return wrap(self._frame._native.partitions(chosen))
