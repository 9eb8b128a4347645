"""Avro files: records in, records out."""

from __future__ import annotations

import functools
import glob
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from typing import Any

from swath._engine import core
from swath.bag import _avro_codec as codec_
from swath.bag._lazy import Note, recorded
from swath.bag._steps import host
from swath.bag.bag import Bag
from swath.bag.creation import from_delayed
from swath.bag.text import _compression, _decompressed, _local, _protocol, file_names

__all__ = ["read_avro", "to_avro"]


@recorded
def read_avro(
    urlpath: Any,
    blocksize: Any = 100000000,
    storage_options: dict[str, Any] | None = None,
    compression: str | None = None,
) -> Bag:
    """The records of Avro files, as dicts.

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


def _read_part(path: str, start: int, end: int, compression: str | None) -> list[Any]:
    """The records of the blocks whose marker before them begins in [start, end)."""
    with open(path, "rb") as file:
        if compression is not None:
            data = _decompressed(file.read(), _compression(compression, path))
            metadata, sync, _ = codec_.read_header(data)
            end = len(data)
        else:
            metadata, sync, data, start, end = _read_range(file, start, end)
    read = codec_.reader(json.loads(metadata["avro.schema"]))
    codec = metadata.get("avro.codec", b"null").decode()
    records: list[Any] = []
    at = data.find(sync, start)
    while 0 <= at < end and at + codec_.SYNC_SIZE < len(data):
        count, position = codec_.read_long(data, at + codec_.SYNC_SIZE)
        size, position = codec_.read_long(data, position)
        block = codec_.decompress(codec, data[position : position + size])
        here = 0
        for _ in range(count):
            record, here = read(block, here)
            records.append(record)
        at = position + size
        if data[at : at + codec_.SYNC_SIZE] != sync:
            raise ValueError(
                f"{path}: the block of {count} records before byte {at} does not end with the file's marker"
            )
    return records


def _read_range(file: Any, start: int, end: int) -> tuple[dict[str, bytes], bytes, bytes, int, int]:
    """The header, and the bytes from ``start`` to behind the last block of the range."""
    head = file.read(1 << 16)
    while True:
        try:
            metadata, sync, _ = codec_.read_header(head)
            if len(sync) == codec_.SYNC_SIZE:
                break
        except IndexError:
            pass
        more = file.read(len(head))
        if not more:
            raise ValueError(f"{file.name}: the header of the Avro file is cut off")
        head += more
    file.seek(start)
    data = file.read(end - start)
    # The last block of the range ends with the first marker behind it.
    while True:
        more = file.read(1 << 20)
        data += more
        if not more or data.find(sync, end - start) >= 0:
            return metadata, sync, data, 0, end - start


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

    ``codec``: "null", "deflate", "snappy", "bzip2", "xz", "zstandard". ``sync_interval``: about the bytes of a block.
    """
    _verify_schema(schema)
    codec_.compress(codec, b"")  # the error of an unknown codec
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
    header = codec_.MAGIC + codec_.metadata_bytes(schema, codec, metadata)
    sync = hashlib.blake2b(path.encode() + header, digest_size=codec_.SYNC_SIZE).digest()
    write = codec_.writer(schema)
    with open(path, "wb") as file:
        file.write(header + sync)
        parts: list[bytes] = []
        size = 0
        for item in items:
            parts.append(write(item))
            size += len(parts[-1])
            if size >= sync_interval:
                _write_block(file, codec, sync, parts)
                parts, size = [], 0
        if parts:
            _write_block(file, codec, sync, parts)
    return [path]


def _write_block(file: Any, codec: str, sync: bytes, parts: list[bytes]) -> None:
    data = codec_.compress(codec, b"".join(parts))
    file.write(codec_.long_bytes(len(parts)) + codec_.long_bytes(len(data)) + data + sync)
