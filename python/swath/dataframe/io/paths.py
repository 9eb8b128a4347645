"""Paths as users write them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any


def as_paths(function: str, path: Any, storage_options: Mapping[str, Any] | None) -> list[str]:
    """Return a list of local paths and patterns from one or many of text and ``os.PathLike``.

    ``file://`` is taken off and ``~`` expanded. Raises for other protocols and for options without a meaning here.
    """
    items = [path] if isinstance(path, (str, os.PathLike)) else list(path)
    if not items:
        raise ValueError(f"{function}() got an empty list of paths")
    return [local_path(function, item, storage_options) for item in items]


def local_path(function: str, path: Any, storage_options: Mapping[str, Any] | None = None) -> str:
    """Return one local path."""
    text = os.fspath(path)
    if isinstance(text, bytes):
        text = os.fsdecode(text)
    protocol, separator, rest = text.partition("://")
    if separator and protocol in ("file", "local"):
        text = rest
    elif separator:
        raise NotImplementedError(
            f"{function}({text!r}): only local files are supported, not {protocol!r}; copy the data or mount it"
        )
    if storage_options and set(storage_options) - {"auto_mkdir"}:
        raise ValueError(f"{function}(): storage_options={dict(storage_options)!r} has no meaning for local files")
    return os.path.expanduser(text)


def parse_bytes(function: str, name: str, value: Any) -> int:
    """Return a number of bytes from 64e6, "64MB" or "64 MiB"."""
    if isinstance(value, str):
        text = value.strip()
        digits = text.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ").strip()
        unit = text[len(digits) :].strip().lower() or "b"
        if unit in _UNITS and digits:
            try:
                value = float(digits) * _UNITS[unit]
            except ValueError:
                pass
    if isinstance(value, (str, bool)) or not value > 0:
        raise ValueError(f"{function}({name}={value!r}): it must be a positive number of bytes, or text such as '64MB'")
    return int(value)


_UNITS = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12,
          "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40,
          "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}  # fmt: skip
