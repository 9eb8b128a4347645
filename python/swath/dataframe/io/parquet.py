"""Parquet files."""

from __future__ import annotations

import contextlib
import glob
import os
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from swath.dataframe import _arguments, _labels
from swath.dataframe._base import wrap
from swath.dataframe.io.filters import as_condition
from swath.dataframe.io.paths import as_paths, local_path, parse_bytes

if TYPE_CHECKING:
    from swath.dataframe.frame import DataFrame

_COMPRESSIONS = ("snappy", "zstd", "gzip", "lz4", "brotli", "none")


def read_parquet(
    path: Any = None,
    columns: Any = None,
    filters: Any = None,
    categories: Any = None,
    index: Any = None,
    storage_options: Mapping[str, Any] | None = None,
    dtype_backend: Any = None,
    calculate_divisions: bool = False,
    ignore_metadata_file: bool = False,
    metadata_task_size: Any = None,
    split_row_groups: Any = "infer",
    blocksize: Any = "default",
    aggregate_files: Any = None,
    parquet_file_extension: Any = (".parq", ".parquet", ".pq"),
    filesystem: Any = "fsspec",
    engine: Any = None,
    arrow_to_pandas: Any = None,
    **kwargs: Any,
) -> Any:
    """Read Parquet files into a lazy table; only the columns and row groups that the computation needs are read.

    Parameters
    ----------
    path : str, os.PathLike, or list of them
        A file, a folder, a pattern or a list of files.
    columns : str or list of str, optional
        Read only these; text gives a Series.
    filters : list of (column, op, value) or list of such lists, optional
        Rows to keep: conditions of one list are joined by "and", several lists by "or". The operations are
        ``== = != < <= > >= in "not in"``.
    index : str, list of str, or False, optional
        Columns of the index; False: none. By default what the writer recorded.
    split_row_groups, blocksize
        By default a file is a partition; ``blocksize`` cuts larger ones between row groups.

    Raises
    ------
    FileNotFoundError
        `path` does not exist.
    KeyError
        A name in `columns`, `index` or `filters` is not there.
    """
    from swath._engine import core

    _arguments.reject("read_parquet", kwargs)
    _arguments.only("read_parquet", "categories", categories, None)
    _arguments.only("read_parquet", "dtype_backend", dtype_backend, None)
    _arguments.only("read_parquet", "arrow_to_pandas", arrow_to_pandas, None)
    _arguments.only("read_parquet", "aggregate_files", aggregate_files, None, False)
    _arguments.only("read_parquet", "engine", engine, None, "auto", "pyarrow")
    if path is None:
        raise TypeError("read_parquet() needs path=")
    paths = as_paths("read_parquet", path, storage_options)
    labels = None if columns is None else _arguments.as_list(columns)
    block_bytes = 0 if blocksize in ("default", None) else parse_bytes("read_parquet", "blocksize", blocksize)
    if split_row_groups is True or (isinstance(split_row_groups, int) and split_row_groups):
        block_bytes = 1  # every row group is a partition
    levels = None if index is None else [] if index is False else [_labels.encode(x) for x in _arguments.as_list(index)]
    frame = wrap(core.read_parquet(paths, [], levels, block_bytes))
    if filters:
        frame = frame[as_condition(frame, filters)]
    if labels is None:
        return frame
    return frame[columns] if isinstance(columns, str) else frame[labels]


def to_parquet(
    df: DataFrame,
    path: Any,
    compression: Any = "snappy",
    write_index: bool = True,
    append: bool = False,
    overwrite: bool = False,
    ignore_divisions: bool = False,
    partition_on: Any = None,
    storage_options: Mapping[str, Any] | None = None,
    custom_metadata: Any = None,
    write_metadata_file: bool | None = None,
    compute: bool = True,
    compute_kwargs: Mapping[str, Any] | None = None,
    schema: Any = "infer",
    name_function: Callable[[int], str] | None = None,
    filesystem: Any = None,
    engine: Any = None,
    *,
    row_group_size: int | None = None,
    **kwargs: Any,
) -> Any:
    """Write one Parquet file per partition into the folder `path`: ``part.0.parquet``, ``part.1.parquet``, ...

    Each file is written under a temporary name and renamed when complete: a failed write leaves nothing half done.

    Parameters
    ----------
    path : str or os.PathLike
        The folder; made when missing.
    compression : str, default "snappy"
        "snappy", "zstd", "gzip", "lz4", "brotli" or None.
    write_index : bool, default True
        Write the index columns too.
    append : bool, default False
        Add files after those that are in the folder, which must have the same columns of the same types. With known
        divisions the new ones must begin after the old ones end, unless `ignore_divisions`.
    overwrite : bool, default False
        Remove Parquet files that are in the folder, when the new ones are complete.
    compute : bool, default True
        False: return a lazy object that writes when it is computed.
    name_function : function of the partition's number, optional
        Gives the file names.
    partition_on : str or list of str, optional
        Columns that are not stored but name folders, ``carrier=UA/part.0.parquet``; `read_parquet` makes category
        columns of them. Missing values are in the folder ``__HIVE_DEFAULT_PARTITION__`` (Dask drops them).
    write_metadata_file : bool, default False
        Also write ``_metadata``, with the footers of all files, and ``_common_metadata``. `read_parquet` needs neither.
    """
    _arguments.reject("to_parquet", kwargs)
    if append and overwrite:
        raise ValueError("Cannot use both `overwrite=True` and `append=True`!")
    keys = _partition_keys(df, partition_on)
    _arguments.only("to_parquet", "custom_metadata", custom_metadata, None)
    _arguments.only("to_parquet", "schema", schema, "infer", None)
    _arguments.only("to_parquet", "engine", engine, None, "auto", "pyarrow")
    method = "none" if compression is None else compression
    if method not in _COMPRESSIONS:
        raise ValueError(
            f"to_parquet(compression={compression!r}): it must be one of {', '.join(_COMPRESSIONS)} or None"
        )
    labels = [label for label in df if not isinstance(label, str)]
    if labels:
        raise ValueError(
            f"parquet doesn't support non-string column names, such as {labels[0]!r}; rename the columns first"
        )
    folder = local_path("to_parquet", path, storage_options)
    old = _existing(folder)
    first = _next_number(old) if append else 0
    names = [
        f"part.{number}.parquet" if name_function is None else str(name_function(number))
        for number in range(first, first + df.npartitions)
    ]
    if len(set(names)) < len(names):
        raise ValueError(f"name_function gives the same name to several partitions: {names}")
    options = {
        "compression": method,
        "index": bool(write_index),
        "row_group_rows": int(row_group_size or 0),
        "partition_on": keys,
    }
    from swath.dataframe.io.writing import write

    if append and old:
        _check_appendable(df, folder, bool(write_index), ignore_divisions)
        taken = {os.path.basename(name) for name in old}.intersection(names)
        if taken:
            raise ValueError(f"append: name_function gives names that are in the folder: {sorted(taken)}")
    target = folder
    if overwrite and old:  # the table may be read from the files that go: write beside them first
        target = folder.rstrip("/") + ".writing"
        shutil.rmtree(target, ignore_errors=True)  # of a process that was killed

    def finish() -> None:
        if target != folder:
            _replace(old, target, folder)
        metadata = os.path.join(folder, "_metadata")
        if write_metadata_file:
            _write_metadata(folder)
        elif os.path.exists(metadata):
            os.unlink(metadata)  # it would not tell of the new files

    paths = [os.path.join(target, name) for name in names]
    temporary = target if target != folder else None
    return write(
        df,
        "parquet",
        paths,
        options,
        compute=compute,
        compute_kwargs=compute_kwargs,
        finish=finish,
        temporary=temporary,
    )


def _partition_keys(df: DataFrame, partition_on: Any) -> list[str]:
    labels = _arguments.as_list(partition_on)
    for label in labels:
        df._select([label])  # KeyError
    if labels and len(set(labels)) == len(list(df)):
        raise ValueError(f"to_parquet(partition_on={partition_on!r}): no column would be left to store")
    return [_labels.encode(label) for label in labels]


def _write_metadata(folder: str) -> None:
    """Write the schema to ``_common_metadata`` and the footers of all files to ``_metadata``."""
    import pyarrow.parquet as pq

    paths = sorted(_existing(folder))
    if not paths:
        return
    whole: Any = None
    for path in paths:
        footer = pq.read_metadata(path)
        footer.set_file_path(os.path.relpath(path, folder))
        if whole is None:
            whole = footer
        else:
            whole.append_row_groups(footer)
    pq.write_metadata(whole.schema.to_arrow_schema(), os.path.join(folder, "_common_metadata"))
    temporary = os.path.join(folder, "._metadata.tmp")
    whole.write_metadata_file(temporary)
    os.replace(temporary, os.path.join(folder, "_metadata"))


def _existing(folder: str) -> list[str]:
    return [
        name
        for ending in ("parq", "parquet", "pq")
        for pattern in ("", "**/*=*/")
        for name in glob.glob(os.path.join(glob.escape(folder), f"{pattern}*.{ending}"), recursive=True)
    ]


def _next_number(old: Sequence[str]) -> int:
    """The number after the largest of ``part.<number>.parquet``, or how many files there are."""
    numbers = [re.fullmatch(r"part\.(\d+)\..*", os.path.basename(name)) for name in old]
    return max([len(old), *(int(match[1]) + 1 for match in numbers if match)])


def _check_appendable(df: DataFrame, folder: str, write_index: bool, ignore_divisions: bool) -> None:
    """Raise ValueError unless the table in `folder` has the columns of `df`, and `df` begins after it."""
    before = read_parquet(folder)
    mine, theirs = (list(zip(frame.columns, map(str, frame.dtypes), strict=True)) for frame in (df, before))
    if mine != theirs:
        raise ValueError(f"Appended columns not the same.\nPrevious: {theirs} | New: {mine}")
    if write_index and (df.index.name, str(df.index.dtype)) != (before.index.name, str(before.index.dtype)):
        raise ValueError(
            f"Appended index not the same.\nPrevious: {before.index.name!r}, {before.index.dtype} | "
            f"New: {df.index.name!r}, {df.index.dtype}"
        )
    if write_index and not ignore_divisions and df.known_divisions:
        last = before.index.max().compute()
        if not df.divisions[0] > last:
            raise ValueError(
                "The divisions of the appended dataframe overlap with previously written divisions: "
                f"{df.divisions[0]!r} is not after {last!r}. Pass ignore_divisions=True to append anyway."
            )


def _replace(old: Sequence[str], written: str, folder: str) -> None:
    for name in old:
        os.unlink(name)
    for below, _, names in os.walk(written):
        there = os.path.normpath(os.path.join(folder, os.path.relpath(below, written)))
        os.makedirs(there, exist_ok=True)
        for name in names:
            os.replace(os.path.join(below, name), os.path.join(there, name))
    shutil.rmtree(written)
    for name in old:  # folders of keys that no row has any more
        with contextlib.suppress(OSError):
            os.removedirs(os.path.dirname(name))
