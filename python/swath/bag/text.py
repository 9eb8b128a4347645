"""Text files: lines in, lines out."""

from __future__ import annotations

import bz2
import codecs
import functools
import glob
import gzip
import io
import lzma
import math
import os
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from swath._engine import core
from swath.bag._lazy import Note, recorded
from swath.bag._steps import host
from swath.bag.bag import Bag
from swath.bag.creation import from_delayed

__all__ = ["read_text", "to_textfiles"]

_ENDINGS = {"gz": "gzip", "gzip": "gzip", "bz2": "bz2", "xz": "xz", "lzma": "xz", "zst": "zstd", "zstd": "zstd",
            "lz4": "lz4", "br": "brotli", "zip": "zip"}  # fmt: skip


def read_text(
    urlpath: Any,
    blocksize: Any = None,
    compression: str | None = "infer",
    encoding: str = "utf-8",
    errors: str = "strict",
    linedelimiter: str | None = None,
    collection: bool = True,
    storage_options: dict[str, Any] | None = None,
    files_per_partition: int | None = None,
    include_path: bool = False,
) -> Any:
    """The lines of text files, with their ends.

    Parameters
    ----------
    urlpath : str or list
        Paths or patterns; ``s3://``, ``gs://`` … are read through pyarrow's filesystems, others through fsspec.
    blocksize : None, int, or str
        Bytes of a partition of a large file, such as "64MiB"; default: a partition a file.
    compression : str, optional
        "gzip", "bz2", "xz", "zstd", None; "infer": by the ending of the name.
    encoding, errors : str
    linedelimiter : str, optional
        Where lines end. Default: ``\\n``, ``\\r\\n`` and ``\\r``, all of which become ``\\n``.
    collection : bool
        False: a list of Delayed, one a partition.
    storage_options : dict, optional
        Options of the filesystem.
    files_per_partition : int, optional
        Files of a partition. Not with ``blocksize``.
    include_path : bool
        Items are tuples ``(line, path)``.
    """
    if blocksize is not None and files_per_partition is not None:
        raise ValueError("Only one of blocksize or files_per_partition can be set")
    if isinstance(blocksize, (str, float)):
        from swath.dataframe.io.paths import parse_bytes

        blocksize = parse_bytes("read_text", "blocksize", blocksize)
    paths: list[str] = [os.fspath(p) for p in ([urlpath] if isinstance(urlpath, (str, os.PathLike)) else urlpath)]
    if not paths:
        raise ValueError("No files found", urlpath)
    codecs.lookup(encoding)  # LookupError for an unknown one
    options = (blocksize, compression, encoding, errors, linedelimiter, files_per_partition, include_path)
    if any(_protocol(path) or _compression(compression, path) == "zip" for path in paths):
        made = _read_remote(paths, options, storage_options or {})
    else:
        made = _read_local([_local(path) for path in paths], options)
    return made if collection else made.to_delayed()


def _protocol(path: str) -> str:
    protocol, separator, _ = path.partition("://")
    return protocol if separator and protocol not in ("file", "local") else ""


def _local(path: str) -> str:
    return os.path.expanduser(path.split("://", 1)[1] if path.startswith(("file://", "local://")) else path)


@recorded
def _read_local(paths: list[str], options: tuple[Any, ...]) -> Bag:
    blocksize, compression, encoding, errors, linedelimiter, files_per_partition, include_path = options
    for path in paths:
        if any(c in path for c in "*?[") and not glob.glob(path):
            raise ValueError("No files found", path)
    node = core.bag_read_text(
        paths,
        blocksize=blocksize or 0,
        compression=compression or "none",
        encoding=encoding,
        errors=errors,
        linedelimiter=linedelimiter,
        files_per_partition=files_per_partition or 0,
        include_path=include_path,
    )
    return Bag._made(node, "read_text", notes=[Note("read_text", "")])


# --- other filesystems: whole files through Python


def _read_remote(paths: list[str], options: tuple[Any, ...], storage_options: dict[str, Any]) -> Bag:
    from swath.delayed import delayed

    blocksize, compression, encoding, errors, linedelimiter, files_per_partition, include_path = options
    files = [file for path in paths for file in _expand(path, storage_options)]
    if not files:
        raise ValueError("No files found", paths)
    if blocksize is not None:
        warnings.warn("read_text: blocksize= is not used for remote files; a partition is a file", stacklevel=3)
    count = files_per_partition or 1
    groups = [files[i : i + count] for i in range(0, len(files), count)]
    read = delayed(_read_files, name="read_text")
    rest = (compression, encoding, errors, linedelimiter, include_path, storage_options)
    return from_delayed([read(group, *rest) for group in groups])


def _filesystem(path: str, storage_options: dict[str, Any]) -> tuple[Any, str]:
    """A filesystem with ``open_input_stream``, and the path in it."""
    import pyarrow.fs

    if not _protocol(path):
        return pyarrow.fs.LocalFileSystem(), os.path.abspath(_local(path))
    if not storage_options and _protocol(path) in ("s3", "gs", "gcs", "abfs", "abfss", "hdfs"):
        return pyarrow.fs.FileSystem.from_uri(path)
    try:
        import fsspec
    except ImportError:
        raise ImportError(f"{path!r}: the protocol {_protocol(path)!r} needs the package fsspec")
    filesystem, inner = fsspec.core.url_to_fs(path, **storage_options)
    return pyarrow.fs.PyFileSystem(pyarrow.fs.FSSpecHandler(filesystem)), inner


def _expand(path: str, storage_options: dict[str, Any]) -> list[str]:
    """The files that a pattern means, in order."""
    import fnmatch

    import pyarrow.fs

    if not any(c in path for c in "*?["):
        return [path]
    filesystem, inner = _filesystem(path, storage_options)
    folder = inner[: min(inner.find(c) for c in "*?[" if c in inner)].rpartition("/")[0]
    found = filesystem.get_file_info(pyarrow.fs.FileSelector(folder, recursive=True, allow_not_found=True))
    depth = inner.count("/")
    names = [f.path for f in found if f.type == pyarrow.fs.FileType.File and f.path.count("/") == depth]
    prefix = path.partition("://")[0] + "://" if _protocol(path) else ""
    return [prefix + name for name in sorted(names) if fnmatch.fnmatchcase(name, inner)]


def _read_files(
    paths: Sequence[str],
    compression: str | None,
    encoding: str,
    errors: str,
    linedelimiter: str | None,
    include_path: bool,
    storage_options: dict[str, Any],
) -> list[Any]:
    lines: list[Any] = []
    for path in paths:
        filesystem, inner = _filesystem(path, storage_options)
        with filesystem.open_input_stream(inner, compression=None) as stream:
            data = _decompressed(stream.read(), _compression(compression, path))
        found = _lines(data.decode(encoding, errors), linedelimiter)
        lines += [(line, path) for line in found] if include_path else found
    return lines


def _lines(text: str, linedelimiter: str | None) -> list[str]:
    if linedelimiter in (None, "", "\n", "\r", "\r\n"):
        return list(io.StringIO(text, newline=linedelimiter))
    if not text:
        return []
    parts = text.split(linedelimiter)
    return [part + str(linedelimiter) for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _compression(compression: str | None, path: str) -> str:
    if compression == "infer":
        return _ENDINGS.get(path.rpartition(".")[2], "none")
    if compression is None:
        return "none"
    if compression not in (*_ENDINGS, "none"):
        raise ValueError(f"compression={compression!r}; accepted: {', '.join(sorted(set(_ENDINGS.values())))}, None")
    return _ENDINGS.get(compression, "none")


def _decompressed(data: bytes, compression: str) -> bytes:
    if compression == "none":
        return data
    if compression == "xz":
        return lzma.decompress(data)
    if compression == "bz2":
        return bz2.decompress(data)
    if compression == "gzip":
        return gzip.decompress(data)
    if compression == "zip":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.read(archive.namelist()[0])
    import pyarrow as pa

    return pa.CompressedInputStream(pa.BufferReader(data), compression).read()


# --- writing


def file_names(path: Any, count: int, name_function: Callable[[int], Any] | None, function: str) -> list[str]:
    """The files of ``count`` partitions: a list as it is; in a pattern the number in place of ``*``."""
    if not isinstance(path, (str, os.PathLike)):
        paths = [os.fspath(item) for item in path]
        if len(paths) != count:
            raise ValueError(f"{function}() got {len(paths)} paths for {count} partitions")
    else:
        pattern = os.fspath(path)
        if pattern.count("*") > 1:
            raise ValueError(f"{function}({pattern!r}): a path may have one '*'")
        if "*" not in pattern:
            pattern = os.path.join(pattern, "*.part")
        width = math.ceil(math.log10(count - 1 + 1e-8)) if count > 1 else 0
        name = name_function or (lambda i: str(i).zfill(width))
        paths = [pattern.replace("*", str(name(i))) for i in range(count)]
        if paths != sorted(paths):
            warnings.warn(
                "In order to preserve order between partitions paths created with ``name_function`` should sort to "
                "partition order",
                stacklevel=3,
            )
    for item in paths:
        if _protocol(item):
            raise NotImplementedError(f"{function}({item!r}): only local files can be written")
    paths = [os.path.abspath(_local(item)) for item in paths]
    for folder in {os.path.dirname(item) for item in paths}:
        os.makedirs(folder, exist_ok=True)
    return paths


def to_textfiles(
    b: Bag,
    path: Any,
    name_function: Callable[[int], Any] | None = None,
    compression: str | None = "infer",
    encoding: str | None = "utf-8",
    compute: bool = True,
    storage_options: dict[str, Any] | None = None,
    last_endline: bool = False,
    **kwargs: Any,
) -> Any:
    """Write text items, one a line, to one file a partition; returns the paths.

    Parameters
    ----------
    path : str or list
        A path with a ``*`` that becomes the number of the partition (or ``name_function`` of it), a folder, or a list.
    compression : str, optional
        "gzip", "bz2", "xz", "zstd", None; "infer": by the ending of the name.
    encoding : str or None
        None: items are bytes.
    compute : bool
        False: a list of Delayed that write.
    last_endline : bool
        End the last line, too.
    """
    if storage_options and set(storage_options) - {"auto_mkdir"}:
        raise ValueError(f"to_textfiles(): storage_options={storage_options!r} has no meaning for local files")
    paths = file_names(path, b.npartitions, name_function, "to_textfiles")
    out = _written(b, paths, compression, encoding, last_endline)
    if not compute:
        return out.to_delayed()
    out.compute(**kwargs)
    return paths


@recorded
def _written(b: Bag, paths: list[str], compression: str | None, encoding: str | None, last_endline: bool) -> Bag:
    node = b._node_for_child()
    kinds = {_compression(compression, path) for path in paths}
    native = encoding is not None and codecs.lookup(encoding).name == "utf-8" and len(kinds) == 1 and "zip" not in kinds
    if native:
        texts = host(_as_texts, "to_textfiles", 0)
        made = core.bag_write_text(node, paths, compression=kinds.pop(), host=texts, last_endline=last_endline)
    else:
        write = functools.partial(_write_part, paths, compression, encoding, last_endline)
        made = core.bag_host(node, host(write, "to_textfiles", wants_block=True))
    return Bag._made(made, "to-textfiles", [b], (), [Note("to_textfiles", "" if native else None, "its encoding")])


def _as_texts(items: Iterator[Any]) -> Iterator[str]:
    return (_ensure_text(item) for item in items)


def _ensure_text(item: Any) -> str:
    if isinstance(item, str):
        return str(item)
    if isinstance(item, bytes):
        return item.decode()
    raise TypeError(f"to_textfiles() writes str, not {type(item).__name__}; map json.dumps or str on the bag first")


def _write_part(
    paths: list[str], compression: str | None, encoding: str | None, last_endline: bool, items: Any, block: int = 0
) -> list[str]:
    path = paths[block]
    if encoding is None:
        data = b"\n".join(map(_ensure_bytes, items)) + (b"\n" if last_endline else b"")
    else:
        data = ("\n".join(map(_ensure_text, items)) + ("\n" if last_endline else "")).encode(encoding)
    kind = _compression(compression, path)
    with open(path, "wb") as file:
        file.write(_compressed(data, kind))
    return [path]


def _ensure_bytes(item: Any) -> bytes:
    if isinstance(item, (bytes, bytearray, memoryview)):
        return bytes(item)
    if isinstance(item, str):
        return item.encode()
    raise TypeError(f"to_textfiles(encoding=None) writes bytes, not {type(item).__name__}")


def _compressed(data: bytes, compression: str) -> bytes:
    if compression == "none":
        return data
    if compression == "xz":
        return lzma.compress(data)
    if compression == "bz2":
        return bz2.compress(data)
    if compression == "gzip":
        return gzip.compress(data)
    if compression == "zip":
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("file", data)
        return packed.getvalue()
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, compression) as stream:
        stream.write(data)
    return sink.getvalue().to_pybytes()
