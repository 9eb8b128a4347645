"""Where a key of a group-by goes: equal keys to one partition, in every process, natively and in Python."""

from __future__ import annotations

import hashlib
import numbers
from typing import Any

from swath._engine import core

__all__ = ["part_of"]


def part_of(key: Any, parts: int) -> int:
    """The partition of a hashable key."""
    return _hash(key) % parts


def _hash(key: Any) -> int:
    native = core.bag_hash(key)
    if native is not None:
        return native
    if isinstance(key, numbers.Number) or hasattr(key, "__float__") or hasattr(key, "__int__"):
        return _hash_number(key)
    if isinstance(key, tuple):
        # The hash of an equal tuple of plain values is the native one: numbers of other types become plain.
        plain = tuple(_plain(part) for part in key)
        native = core.bag_hash(plain)
        return native if native is not None else _mixed("tuple", [_hash(part) for part in key])
    if isinstance(key, frozenset):
        return _mixed("frozenset", sorted(_hash(part) for part in key))
    if isinstance(key, str):
        return core.bag_hash(str(key)) or 0
    from swath.tokenize import tokenize

    return int(tokenize(key), 16) & (2**64 - 1)


def _plain(key: Any) -> Any:
    """The plain number that equals ``key``, or ``key``."""
    if core.bag_hash(key) is not None or isinstance(key, (str, bytes)):
        return str(key) if isinstance(key, str) else key
    if isinstance(key, tuple):
        return tuple(_plain(part) for part in key)
    for convert in (int, float):
        try:
            plain = convert(key)
            if plain == key and core.bag_hash(plain) is not None:
                return plain
        except (TypeError, ValueError, OverflowError):
            pass
    return key


def _hash_number(key: Any) -> int:
    """Python's own hash of numbers does not depend on the process and is equal for equal numbers of all types."""
    plain = core.bag_hash(_plain(key))
    return plain if plain is not None else hash(key) & (2**64 - 1)


def _mixed(kind: str, hashes: list[int]) -> int:
    return int.from_bytes(hashlib.blake2b(repr((kind, hashes)).encode(), digest_size=8).digest(), "little")
