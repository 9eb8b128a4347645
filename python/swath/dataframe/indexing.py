"""``loc`` and ``partitions``."""

from __future__ import annotations

from typing import Any

from swath.dataframe import _arguments


class LocIndexer:
    """``df.loc[boolean Series, columns]``: rows where true, and one or more columns."""

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
            raise NotImplementedError(
                "loc selects rows by a boolean Series or by `:`; for index labels filter with df[df.index == label]"
            )
        if columns is None or (isinstance(columns, slice) and columns == slice(None)):
            return frame
        if isinstance(columns, slice):
            labels = list(self._frame.columns)
            first = 0 if columns.start is None else labels.index(columns.start)
            last = len(labels) if columns.stop is None else labels.index(columns.stop) + 1
            return frame[labels[first:last]]
        return frame[columns]


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
