"""Avro files: records in, records out."""

from __future__ import annotations

import contextlib
import functools
import glob
import io
import os
from collections.abc import Callable, Iterator
from typing import Any

from swath._engine import core
from swath.bag._lazy import Note, recorded
from swath.bag._steps import host
from swath.bag.bag import Bag
from swath.bag.creation import from_delayed
from swath.bag.text import _compression, _decompressed, _local, _protocol, file_names

__all__ = ["read_avro", "to_avro"]

_CODECS = ("null", "deflate", "bzip2", "xz", "snappy", "zstandard", "lz4")
_MARKER = 16  # bytes of the marker before and behind each block


@recorded
def read_avro(
    urlpath: Any,
    blocksize: Any = 100000000,
    storage_options: dict[str, Any] | None = None,
    compression: str | None = None,
) -> Bag:
    """The records of Avro files, as dicts. Needs the package fastavro, as Dask does.

    Parameters
    ----------
    urlpath : str or list
        Local paths or patterns.
    blocksize : int, str or None
        Bytes of a partition; None: a partition a file.
    compression : str, optional
        Of whole files, such as "gzip"; only with ``blocksize=None``.
    """
    from swath.dataframe.io.paths import parse_bytes
    from swath.delayed import delayed

    items = [urlpath] if isinstance(urlpath, (str, os.PathLike)) else list(urlpath)
    paths: list[str] = []
    for item in items:
        path = os.fspath(item)
        if _protocol(path):
            raise NotImplementedError(f"read_avro({path!r}): only local files are supported")
        path = _local(path)
        found = sorted(glob.glob(path)) if any(c in path for c in "*?[") else [path]
        if not found:
            raise FileNotFoundError(f"read_avro({path!r}): no such files")
        paths += found
    if blocksize is not None and compression is not None:
        raise ValueError("read_avro(compression=...) needs blocksize=None: compressed files are not cut")
    read = delayed(_read_part, name="read_avro")
    parts = []
    for path in paths:
        size = os.path.getsize(path)
        step = size or 1 if blocksize is None else parse_bytes("read_avro", "blocksize", blocksize)
        parts += [read(path, start, start + step, compression) for start in range(0, max(size, 1), step)]
    return from_delayed(parts)


def _fastavro() -> Any:
    try:
        import fastavro
    except ImportError as error:
        raise ImportError("Avro files need the package fastavro: pip install fastavro") from error
    return fastavro


def _read_part(path: str, start: int, end: int, compression: str | None) -> list[Any]:
    """The records of the blocks whose marker before them begins in [start, end)."""
    fastavro = _fastavro()
    with open(path, "rb") as file:
        if compression is not None:
            return list(fastavro.reader(io.BytesIO(_decompressed(file.read(), _compression(compression, path)))))
        try:
            fastavro.reader(file)
        except (ValueError, EOFError, StopIteration) as error:
            raise ValueError(f"{path}: no Avro file: {error}") from error
        size = file.tell()  # the reader has read the header, which ends with the marker of this file's blocks
        file.seek(0)
        header = file.read(size)
        blocks = _blocks(file, header[-_MARKER:], max(start, size - _MARKER), end)
    return list(fastavro.reader(io.BytesIO(header + blocks)))


def _blocks(file: Any, marker: bytes, start: int, end: int) -> bytes:
    """The bytes of the blocks whose marker before them begins in [start, end), up to the marker that ends the last."""
    file.seek(start)
    data = file.read(max(0, end - start))
    first = _find(file, data, marker, 0)
    if first[1] < 0 or first[1] >= end - start:
        return b""
    data, last = first[0], first[1]
    while last < end - start:
        data, following = _find(file, data, marker, last + _MARKER)
        if following < 0:
            break
        last = following
    return data[first[1] + _MARKER : last + _MARKER]


def _find(file: Any, data: bytes, marker: bytes, at: int) -> tuple[bytes, int]:
    """Where ``marker`` is next, reading on as far as necessary; -1 at the end of the file."""
    while True:
        found = data.find(marker, at)
        if found >= 0:
            return data, found
        more = file.read(1 << 20)
        if not more:
            return data, -1
        at = max(at, len(data) - _MARKER)
        data += more


def _verify_schema(schema: Any) -> None:
    if not isinstance(schema, dict):
        raise AssertionError("Schema must be dictionary")
    for field in ("name", "type", "fields"):
        if field not in schema:
            raise AssertionError(f"Schema missing '{field}' field")
    if schema["type"] != "record":
        raise AssertionError("Schema must be of type 'record'")
    if not isinstance(schema["fields"], list):
        raise AssertionError("Fields entry must be a list")
    for field in schema["fields"]:
        if "name" not in field or "type" not in field:
            raise AssertionError(f"Field spec incomplete: {field}")


def to_avro(
    b: Bag,
    filename: Any,
    schema: dict[Any, Any],
    name_function: Callable[[int], Any] | None = None,
    storage_options: dict[str, Any] | None = None,
    codec: str = "null",
    sync_interval: int = 16000,
    metadata: dict[str, Any] | None = None,
    compute: bool = True,
    **kwargs: Any,
) -> Any:
    """Write records to one Avro file a partition; returns the paths.

    ``codec``: "null", "deflate", "bzip2", "xz", and "snappy", "zstandard", "lz4" where fastavro finds their packages.
    ``sync_interval``: about the bytes of a block.
    """
    _verify_schema(schema)
    if codec not in _CODECS:
        raise ValueError(f"codec={codec!r}; accepted: {', '.join(map(repr, _CODECS))}")
    _fastavro()
    paths = file_names(filename, b.npartitions, name_function, "to_avro")
    out = _written(b, paths, schema, codec, sync_interval, metadata)
    if not compute:
        return out.to_delayed()
    out.compute(**kwargs)
    return paths


@recorded
def _written(b: Bag, paths: list[str], schema: Any, codec: str, sync_interval: int, metadata: Any) -> Bag:
    write = functools.partial(_write_part, paths, schema, codec, sync_interval, metadata)
    node = core.bag_host(b._node_for_child(), host(write, "to_avro", wants_block=True))
    return Bag._made(node, "to-avro", [b], (), [Note("to_avro", None, "it has no native form")])


def _write_part(
    paths: list[str], schema: Any, codec: str, sync_interval: int, metadata: Any, items: Iterator[Any], block: int = 0
) -> list[str]:
    path = paths[block]
    part = f"{path}.part"  # nothing half-written is left behind
    try:
        with open(part, "wb") as file:
            _fastavro().writer(file, schema, items, codec=codec, sync_interval=sync_interval, metadata=metadata)
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.remove(part)
        raise
    return [path]
