"""CSV files."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from swath.dataframe import _arguments, _convert
from swath.dataframe._base import wrap
from swath.dataframe.io.paths import as_paths, local_path, parse_bytes

if TYPE_CHECKING:
    from swath.dataframe._base import FrameBase
    from swath.dataframe.frame import DataFrame


def read_csv(
    urlpath: Any,
    blocksize: Any = "default",
    lineterminator: str | None = None,
    compression: str | None = "infer",
    sample: Any = 256000,
    sample_rows: int = 10,
    enforce: bool = False,
    assume_missing: bool = False,
    storage_options: Mapping[str, Any] | None = None,
    include_path_column: bool | str = False,
    *,
    sep: str = ",",
    delimiter: str | None = None,
    header: Any = "infer",
    names: Any = None,
    usecols: Any = None,
    dtype: Any = None,
    parse_dates: Any = None,
    na_values: Any = None,
    keep_default_na: bool = True,
    na_filter: bool = True,
    quotechar: str = '"',
    doublequote: bool = True,
    escapechar: str | None = None,
    skiprows: int = 0,
    decimal: str = ".",
    encoding: str | None = None,
    true_values: Any = None,
    false_values: Any = None,
    skip_blank_lines: bool = True,
    **kwargs: Any,
) -> DataFrame:
    """Read CSV files into a lazy table; files larger than `blocksize` are cut at line ends, also within quoted text.

    Column types come from the first `sample` bytes of the first file. A later value that does not fit raises
    ValueError with the file, line and column when it is computed; give `dtype` for such columns.

    Parameters
    ----------
    urlpath : str, os.PathLike, or list of them
        A path, a pattern (``data/2013-*.csv``) or a list of either.
    blocksize : int or str, optional
        Bytes of a partition (64e6, ``"64MB"``); None: one partition per file.
    sep, header, names, usecols, dtype, parse_dates, na_values, keep_default_na
        As for ``pandas.read_csv``. The other keywords of the signature too.
    assume_missing : bool, default False
        Integer columns not named in `dtype` become floats.
    include_path_column : bool or str, default False
        Add a column with each row's path, called "path" or as given.

    Raises
    ------
    FileNotFoundError, OSError
        A file does not exist, a pattern matches nothing.
    ValueError
        A ragged row, a value that does not fit, unknown names in `usecols`, `dtype` or `parse_dates`.
    """
    from swath._engine import core

    _arguments.reject("read_csv", kwargs)
    if header not in ("infer", 0, None):
        raise NotImplementedError(f"read_csv(header={header!r}) is not supported; header must be 0, None or 'infer'")
    if encoding is not None and encoding.lower().replace("_", "-") not in ("utf-8", "utf8", "ascii"):
        raise NotImplementedError(f"read_csv(encoding={encoding!r}) is not supported; the encoding must be UTF-8")
    _arguments.only("read_csv", "lineterminator", lineterminator, None, "\n", "\r\n")
    chosen = [] if usecols is None else _usecols(usecols)
    options = {
        "separator": _one_character("sep", sep if delimiter is None else delimiter),
        "header": names is None if header == "infer" else header == 0,
        "names": None if names is None else [str(name) for name in names],
        "usecols": [name for name in chosen if isinstance(name, str)],
        "usecols_positions": [number for number in chosen if isinstance(number, int)],
        "dtypes": _dtypes(dtype),
        "parse_dates": _parse_dates(parse_dates),
        "na_values": _na_values(na_values),
        "keep_default_na": bool(keep_default_na) and bool(na_filter),
        "quote": _one_character("quotechar", quotechar),
        "double_quote": bool(doublequote),
        "escape": None if escapechar is None else _one_character("escapechar", escapechar),
        "skip_rows": int(skiprows),
        "decimal": _one_character("decimal", decimal),
        "true_values": None if true_values is None else [str(value) for value in true_values],
        "false_values": None if false_values is None else [str(value) for value in false_values],
        "skip_blank_lines": bool(skip_blank_lines),
        "assume_missing": bool(assume_missing),
        "compression": "none" if compression is None else compression,
        "block_bytes": _block_bytes(blocksize),
        "sample_bytes": parse_bytes("read_csv", "sample", sample) if sample else 256000,
        "path_column": "path" if include_path_column is True else include_path_column or "",
    }
    return wrap(core.read_csv(as_paths("read_csv", urlpath, storage_options), options))


def read_table(urlpath: Any, *args: Any, sep: str = "\t", **kwargs: Any) -> DataFrame:
    """Read files of tab-separated values; otherwise `read_csv`."""
    return read_csv(urlpath, *args, sep=sep, **kwargs)


def _block_bytes(blocksize: Any) -> int:
    """Bytes of a block: 0 is the engine's default, -1 one block per file."""
    if blocksize is None:
        return -1
    return 0 if blocksize == "default" else parse_bytes("read_csv", "blocksize", blocksize)


def _one_character(name: str, value: str) -> str:
    if not isinstance(value, str) or len(value) != 1 or ord(value) > 127:
        raise ValueError(f"read_csv({name}={value!r}): it must be one ASCII character")
    return value


def _usecols(usecols: Any) -> list[Any]:
    if callable(usecols):
        raise NotImplementedError("read_csv(usecols=function) is not supported; give the names of the columns")
    columns = list(usecols)
    if not all(isinstance(item, str) for item in columns) and not all(isinstance(item, int) for item in columns):
        raise ValueError("'usecols' must either be list-like of all strings or all integers.")
    return columns


def _dtypes(dtype: Any) -> dict[str, Any]:
    """Arrow types by column; the key "" is for all columns."""
    if dtype is None:
        return {}
    if isinstance(dtype, Mapping):
        return {str(name): _convert.arrow_type(value) for name, value in dtype.items()}
    return {"": _convert.arrow_type(dtype)}


def _parse_dates(parse_dates: Any) -> list[str]:
    if parse_dates in (None, False):
        return []
    if parse_dates is True or isinstance(parse_dates, (Mapping, str)):
        raise NotImplementedError(
            f"read_csv(parse_dates={parse_dates!r}) is not supported; give a list of column names"
        )
    return [str(name) for name in parse_dates]


def _na_values(na_values: Any) -> list[str]:
    if isinstance(na_values, Mapping):
        raise NotImplementedError("read_csv(na_values={...}) by column is not supported; give one list for all columns")
    return [str(value) for value in _arguments.as_list(na_values)]


def to_csv(
    df: FrameBase,
    filename: Any,
    single_file: bool = False,
    encoding: str = "utf-8",
    mode: str = "wt",
    name_function: Callable[[int], str] | None = None,
    compression: str | None = None,
    compute: bool = True,
    scheduler: str | None = None,
    storage_options: Mapping[str, Any] | None = None,
    header_first_partition_only: bool | None = None,
    compute_kwargs: Mapping[str, Any] | None = None,
    *,
    sep: str = ",",
    na_rep: str = "",
    header: bool = True,
    index: bool = True,
    **kwargs: Any,
) -> Any:
    """Write one CSV file per partition, or one in all, and return their names.

    With ``compute=False``: return a lazy object that does so when it is computed.

    Each file is written under a temporary name and renamed when complete: a failed write leaves nothing half done.

    Parameters
    ----------
    filename : str or os.PathLike
        With ``*``: a template, for the partition's number (or `name_function` of it). Without: a folder that gets
        ``0.part``, ``1.part``, ...; with ``single_file=True``: the file.
    compression : str, optional
        "gzip", "bz2", "zstd", "lz4", "brotli" or "none". None and "infer": by the suffix of the names (``.gz``,
        ``.bz2``, ``.zst``, ``.lz4``, ``.br``), as pandas does it. Differs from Dask, which has "xz" and infers nothing.
    """
    _arguments.reject("to_csv", kwargs)
    method = _COMPRESSIONS.get("infer" if compression is None else compression)
    if method is None:
        raise ValueError(f"to_csv(compression={compression!r}): it must be one of {', '.join(_COMPRESSIONS)} or None")
    _arguments.only("to_csv", "encoding", encoding, "utf-8", "utf8")
    _arguments.only("to_csv", "mode", mode, "wt", "w")
    if single_file and name_function is not None:
        raise ValueError("name_function is not supported under the single file mode")
    if single_file and header_first_partition_only is False:
        raise ValueError("header_first_partition_only cannot be False in the single file mode.")
    if not single_file:
        _arguments.only("to_csv", "header_first_partition_only", header_first_partition_only, None, False)
    path = local_path("to_csv", filename, storage_options)
    paths = [path] if single_file else expand_names(path, df.npartitions, name_function)
    options = {
        "separator": _one_character("sep", sep),
        "na_rep": na_rep,
        "header": bool(header),
        "index": bool(index),
        "compression": method,
    }
    from swath.dataframe.io.writing import write

    return write(df, "csv", paths, options, scheduler=scheduler, compute=compute, compute_kwargs=compute_kwargs)


_COMPRESSIONS = {
    "infer": "infer", "gzip": "gzip", "bz2": "bz2", "zstd": "zstd", "lz4": "lz4", "brotli": "brotli", "none": "none",
}  # fmt: skip


def expand_names(template: str, count: int, name_function: Callable[[int], str] | None) -> list[str]:
    """Return the files of `count` partitions; the numbers are padded so that the names sort."""
    if name_function is None:
        digits = len(str(max(count - 1, 0)))
        names = [str(number).zfill(digits) for number in range(count)]
    else:
        names = [str(name_function(number)) for number in range(count)]
    if template.count("*") > 1:
        raise ValueError(f"Output path spec must contain at most one '*', not {template!r}")
    if len(set(names)) < count:
        raise ValueError(f"name_function gives the same name to several partitions: {names}")
    if names != sorted(names):
        raise ValueError(
            "In order to preserve order between partitions paths created with ``name_function`` "
            "should sort in partition order"
        )
    if "*" in template:
        return [template.replace("*", name) for name in names]
    return [os.path.join(template, f"{name}.part") for name in names]
