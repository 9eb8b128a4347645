"""``Bag.str``: the methods of str on every item."""

from __future__ import annotations

import fnmatch
import functools
import operator
from collections.abc import Callable
from typing import Any

__all__ = ["StringAccessor"]


class StringAccessor:
    """Methods of str, applied to every item of a bag.

    >>> import swath.bag as db
    >>> b = db.from_sequence(["Alice Smith", "Bob Jones", "Charlie Smith"])
    >>> b.str.lower().compute()
    ['alice smith', 'bob jones', 'charlie smith']
    >>> b.str.match("*Smith").compute()
    ['Alice Smith', 'Charlie Smith']
    """

    __slots__ = ("_bag",)

    def __init__(self, bag: Any) -> None:
        self._bag = bag

    def __dir__(self) -> list[str]:
        return sorted({*dir(type(self)), *dir(str)})

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in dir(str):
            raise AttributeError(f"'StringAccessor' object has no attribute {name!r}")

        def method(*args: Any, **kwargs: Any) -> Any:
            return self._bag.map(operator.methodcaller(name, *args, **kwargs))

        method.__name__ = name
        method.__doc__ = getattr(str, name).__doc__
        return method

    def match(self, pattern: str) -> Any:
        """The items that match a pattern of the shell: ``*``, ``?``, ``[...]``."""
        return self._bag.filter(functools.partial(fnmatch.fnmatch, pat=pattern))
