"""Avro's object container files: schemas to readers and writers of records, blocks and their compression.

https://avro.apache.org/docs/1.11.1/specification/. Logical types come out as fastavro's: date, timestamps (aware, UTC),
uuid, decimal.
"""

from __future__ import annotations

import bz2
import datetime
import decimal
import json
import lzma
import struct
import uuid
import zlib
from collections.abc import Callable
from typing import Any

__all__ = ["MAGIC", "SYNC_SIZE", "compress", "decompress", "long_bytes", "read_header", "read_long", "reader", "writer"]

MAGIC = b"Obj\x01"
SYNC_SIZE = 16
Read = Callable[[bytes, int], tuple[Any, int]]
Write = Callable[[Any], bytes]

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_PRIMITIVE = frozenset(("null", "boolean", "int", "long", "float", "double", "bytes", "string"))


def read_long(data: bytes, at: int) -> tuple[int, int]:
    """A zig-zag number of variable length, and where the next value begins."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return (value >> 1) ^ -(value & 1), at
        shift += 7


def long_bytes(value: int) -> bytes:
    value = (value << 1) ^ (value >> 63)
    out = bytearray()
    while value & ~0x7F:
        out.append((value & 0x7F) | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _read_bytes(data: bytes, at: int) -> tuple[bytes, int]:
    size, at = read_long(data, at)
    return bytes(data[at : at + size]), at + size


def read_header(data: bytes) -> tuple[dict[str, bytes], bytes, int]:
    """The metadata, the marker between blocks, and the size of the header."""
    if data[:4] != MAGIC:
        raise ValueError(f"not an Avro file: it begins with {bytes(data[:4])!r}, not {MAGIC!r}")
    metadata: dict[str, bytes] = {}
    at = 4
    while True:
        count, at = read_long(data, at)
        if count == 0:
            break
        if count < 0:
            _, at = read_long(data, at)
        for _ in range(abs(count)):
            name, at = _read_bytes(data, at)
            metadata[name.decode()], at = _read_bytes(data, at)
    return metadata, bytes(data[at : at + SYNC_SIZE]), at + SYNC_SIZE


class Names:
    """Named types of a schema: records, enums, fixed; they may be used by name, within themselves, too."""

    def __init__(self, make: Callable[[Any, Names], Any]) -> None:
        self.make = make
        self.made: dict[str, Any] = {}
        self.namespace = ""

    def resolve(self, schema: Any) -> Any:
        if isinstance(schema, str) and schema not in _PRIMITIVE:
            full = schema if "." in schema or not self.namespace else f"{self.namespace}.{schema}"
            name = full if full in self.made else schema
            if name not in self.made:
                raise ValueError(f"Avro schema: unknown type {schema!r}")
            return lambda *args: self.made[name](*args)
        return self.make(schema, self)

    def define(self, schema: dict[str, Any], make: Callable[[], Any]) -> Any:
        outer = self.namespace
        name = schema["name"]
        self.namespace = schema.get("namespace", name.rpartition(".")[0] or outer)
        full = name if "." in name or not self.namespace else f"{self.namespace}.{name}"
        self.made[full] = None
        self.made[full] = made = make()
        self.namespace = outer
        return made


def _kind(schema: Any) -> str:
    if isinstance(schema, str):
        return schema
    if isinstance(schema, list):
        return "union"
    kind = schema["type"]
    return kind if isinstance(kind, str) else _kind(kind)


def _logical(schema: Any) -> Any:
    return schema.get("logicalType") if isinstance(schema, dict) else None


# --- reading


def reader(schema: Any) -> Read:
    """(data, position) -> (value, position) for a schema."""
    return Names(_make_reader).resolve(schema)


def _make_reader(schema: Any, names: Names) -> Read:
    if isinstance(schema, dict) and not isinstance(schema["type"], str):
        return names.resolve(schema["type"])
    kind = _kind(schema)
    if kind in ("record", "error"):
        return names.define(schema, lambda: _record_reader(schema, names))
    if kind == "enum":
        symbols = schema["symbols"]
        return names.define(schema, lambda: _converted(read_long, lambda i: symbols[i]))
    if kind == "fixed":
        size = schema["size"]
        fixed = names.define(schema, lambda: lambda data, at: (bytes(data[at : at + size]), at + size))
        return _logical_reader(schema, fixed)
    if kind == "array":
        return _blocks_reader(names.resolve(schema["items"]), list.append, list)
    if kind == "map":
        value = names.resolve(schema["values"])
        return _blocks_reader(_pair_reader(value), lambda d, pair: d.__setitem__(*pair), dict)
    if kind == "union":
        branches = [names.resolve(branch) for branch in schema]

        def union(data: bytes, at: int) -> tuple[Any, int]:
            branch, at = read_long(data, at)
            return branches[branch](data, at)

        return union
    if kind not in _READERS:
        return names.resolve(kind)
    return _logical_reader(schema, _READERS[kind])


def _converted(read: Read, convert: Callable[[Any], Any]) -> Read:
    def converted(data: bytes, at: int) -> tuple[Any, int]:
        value, at = read(data, at)
        return convert(value), at

    return converted


def _unpacked(form: str) -> Read:
    unpack = struct.Struct(form).unpack_from
    size = struct.calcsize(form)
    return lambda data, at: (unpack(data, at)[0], at + size)


_READERS: dict[str, Read] = {
    "null": lambda data, at: (None, at),
    "boolean": lambda data, at: (data[at] != 0, at + 1),
    "int": read_long,
    "long": read_long,
    "float": _unpacked("<f"),
    "double": _unpacked("<d"),
    "bytes": _read_bytes,
    "string": _converted(_read_bytes, bytes.decode),
}


def _record_reader(schema: Any, names: Names) -> Read:
    fields = [(field["name"], names.resolve(field["type"])) for field in schema["fields"]]

    def record(data: bytes, at: int) -> tuple[dict[str, Any], int]:
        values = {}
        for name, read in fields:
            values[name], at = read(data, at)
        return values, at

    return record


def _pair_reader(value: Read) -> Read:
    def pair(data: bytes, at: int) -> tuple[Any, int]:
        key, at = _read_bytes(data, at)
        item, at = value(data, at)
        return (key.decode(), item), at

    return pair


def _blocks_reader(read: Read, add: Callable[[Any, Any], Any], make: Callable[[], Any]) -> Read:
    def blocks(data: bytes, at: int) -> tuple[Any, int]:
        values = make()
        while True:
            count, at = read_long(data, at)
            if count == 0:
                return values, at
            if count < 0:
                _, at = read_long(data, at)
            for _ in range(abs(count)):
                value, at = read(data, at)
                add(values, value)

    return blocks


def _logical_reader(schema: Any, read: Read) -> Read:
    logical = _logical(schema)
    if logical == "date":
        return _converted(read, lambda days: datetime.date(1970, 1, 1) + datetime.timedelta(days=days))
    if logical in ("timestamp-millis", "timestamp-micros", "local-timestamp-millis", "local-timestamp-micros"):
        unit = "milliseconds" if logical.endswith("millis") else "microseconds"
        start = _EPOCH.replace(tzinfo=None) if logical.startswith("local") else _EPOCH
        return _converted(read, lambda n: start + datetime.timedelta(**{unit: n}))
    if logical == "uuid":
        return _converted(read, uuid.UUID)
    if logical == "decimal":
        scale = schema.get("scale", 0)
        return _converted(read, lambda b: decimal.Decimal(int.from_bytes(b, "big", signed=True)).scaleb(-scale))
    return read


# --- writing


def writer(schema: Any) -> Write:
    """value -> bytes for a schema."""
    return Names(_make_writer).resolve(schema)


def _make_writer(schema: Any, names: Names) -> Write:
    if isinstance(schema, dict) and not isinstance(schema["type"], str):
        return names.resolve(schema["type"])
    kind = _kind(schema)
    if kind in ("record", "error"):
        return names.define(schema, lambda: _record_writer(schema, names))
    if kind == "enum":
        symbols = {symbol: long_bytes(i) for i, symbol in enumerate(schema["symbols"])}
        return names.define(schema, lambda: symbols.__getitem__)
    if kind == "fixed":
        return names.define(schema, lambda: bytes)
    if kind == "array":
        item = names.resolve(schema["items"])
        return lambda values: _blocks(len(values), b"".join(map(item, values)))
    if kind == "map":
        value = names.resolve(schema["values"])
        return lambda d: _blocks(len(d), b"".join(_sized(str(k).encode()) + value(v) for k, v in d.items()))
    if kind == "union":
        return _union_writer(schema, names)
    if kind not in _WRITERS:
        return names.resolve(kind)
    return _logical_writer(schema, _WRITERS[kind])


def _sized(data: bytes) -> bytes:
    return long_bytes(len(data)) + data


def _blocks(count: int, data: bytes) -> bytes:
    return long_bytes(count) + data + b"\x00" if count else b"\x00"


_WRITERS: dict[str, Write] = {
    "null": lambda value: b"",
    "boolean": lambda value: b"\x01" if value else b"\x00",
    "int": lambda value: long_bytes(int(value)),
    "long": lambda value: long_bytes(int(value)),
    "float": struct.Struct("<f").pack,
    "double": struct.Struct("<d").pack,
    "bytes": lambda value: _sized(bytes(value)),
    "string": lambda value: _sized(value.encode()),
}


def _record_writer(schema: Any, names: Names) -> Write:
    missing = object()
    fields = [(f["name"], f.get("default", missing), names.resolve(f["type"])) for f in schema["fields"]]

    def record(value: Any) -> bytes:
        parts = []
        for name, default, write in fields:
            part = value.get(name, default)
            if part is missing:
                part = None
            try:
                parts.append(write(part))
            except (TypeError, ValueError, AttributeError, KeyError, struct.error) as error:
                raise ValueError(f"field {name!r}: {part!r} does not fit the Avro schema ({error})")
        return b"".join(parts)

    return record


_MATCHES: dict[str, Callable[[Any], bool]] = {
    "null": lambda v: v is None,
    "boolean": lambda v: isinstance(v, bool),
    "int": lambda v: isinstance(v, int) and not isinstance(v, bool) and -(2**31) <= v < 2**31,
    "long": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "float": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
    "double": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
    "bytes": lambda v: isinstance(v, (bytes, bytearray)),
    "fixed": lambda v: isinstance(v, (bytes, bytearray)),
    "string": lambda v: isinstance(v, str),
    "enum": lambda v: isinstance(v, str),
    "array": lambda v: isinstance(v, (list, tuple)),
    "map": lambda v: isinstance(v, dict),
    "record": lambda v: isinstance(v, dict),
}


def _matches(schema: Any) -> Callable[[Any], bool]:
    logical = _logical(schema)
    if logical == "date":
        return lambda v: isinstance(v, datetime.date) and not isinstance(v, datetime.datetime)
    if logical and "timestamp" in logical:
        return lambda v: isinstance(v, (datetime.datetime, int))
    if logical in ("uuid", "decimal"):
        return lambda v: isinstance(v, (uuid.UUID, decimal.Decimal, str, bytes))
    return _MATCHES.get(_kind(schema), _MATCHES["record"])


def _union_writer(schema: list[Any], names: Names) -> Write:
    branches = [(_matches(b), long_bytes(i), names.resolve(b)) for i, b in enumerate(schema)]

    def union(value: Any) -> bytes:
        for matches, number, write in branches:
            if matches(value):
                return number + write(value)
        raise ValueError(f"{value!r} is of no type of the union {schema!r}")

    return union


def _logical_writer(schema: Any, write: Write) -> Write:
    logical = _logical(schema)
    if logical == "date":
        return lambda v: write(v if isinstance(v, int) else (v - datetime.date(1970, 1, 1)).days)
    if logical and "timestamp" in logical:
        unit = datetime.timedelta(milliseconds=1) if logical.endswith("millis") else datetime.timedelta(microseconds=1)
        return lambda v: write(
            v if isinstance(v, int) else (v - _EPOCH.replace(tzinfo=v.tzinfo and datetime.UTC)) // unit
        )
    if logical == "uuid":
        return lambda v: write(str(v))
    if logical == "decimal" and _kind(schema) == "bytes":
        scale = schema.get("scale", 0)

        def write_decimal(value: Any) -> bytes:
            number = int(decimal.Decimal(value).scaleb(scale))
            return write(number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))

        return write_decimal
    return write


# --- blocks


def _snappy(data: bytes, inverse: bool) -> bytes:
    import pyarrow as pa

    codec = pa.Codec("snappy")
    if not inverse:
        return codec.compress(data, asbytes=True) + struct.pack(">I", zlib.crc32(data))
    size = shift = 0
    for byte in data[:5]:  # Snappy's own size of the text
        size |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    return codec.decompress(data[:-4], decompressed_size=size, asbytes=True)


def _zstd(data: bytes, inverse: bool) -> bytes:
    import pyarrow as pa

    if inverse:
        return pa.CompressedInputStream(pa.BufferReader(data), "zstd").read()
    return pa.Codec("zstd").compress(data, asbytes=True)


_CODECS: dict[str, tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]] = {
    "null": (bytes, bytes),
    "deflate": (lambda d: zlib.compress(d)[2:-4], lambda d: zlib.decompress(d, -15)),
    "bzip2": (bz2.compress, bz2.decompress),
    "xz": (lzma.compress, lzma.decompress),
    "snappy": (lambda d: _snappy(d, False), lambda d: _snappy(d, True)),
    "zstandard": (lambda d: _zstd(d, False), lambda d: _zstd(d, True)),
}


def _codec(name: str) -> tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]:
    if name not in _CODECS:
        raise ValueError(f"Avro codec {name!r}; known: {', '.join(_CODECS)}")
    return _CODECS[name]


def compress(codec: str, data: bytes) -> bytes:
    return _codec(codec)[0](data)


def decompress(codec: str, data: bytes) -> bytes:
    return _codec(codec)[1](data)


def metadata_bytes(schema: Any, codec: str, extra: dict[str, Any] | None) -> bytes:
    """The metadata of a header."""
    pairs = {"avro.codec": codec.encode(), "avro.schema": json.dumps(schema).encode()}
    for name, value in (extra or {}).items():
        pairs[name] = value if isinstance(value, bytes) else str(value).encode()
    return _blocks(len(pairs), b"".join(_sized(name.encode()) + _sized(value) for name, value in pairs.items()))
