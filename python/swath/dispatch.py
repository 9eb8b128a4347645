"""A function that chooses by the type of its first argument; types of libraries are looked up when they are met."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

__all__ = ["Dispatch"]


class Dispatch:
    """Single dispatch with lazy registration.

    >>> from swath.dispatch import Dispatch
    >>> describe = Dispatch("describe")
    >>> @describe.register((int, float))
    ... def number(x):
    ...     return f"the number {x}"
    >>> describe(3)
    'the number 3'
    """

    def __init__(self, name: str | None = None) -> None:
        if name:
            self.__name__ = name
        self._lookup: dict[type, Callable[..., Any]] = {}
        self._found: dict[type, Callable[..., Any]] = {}  # with what bases answered
        self._lazy: dict[str, Callable[[], Any]] = {}

    def register(self, type: type | Iterable[type], func: Callable[..., Any] | None = None) -> Any:
        """Use ``func`` for ``type`` (or each of several) and its subclasses; without ``func``, a decorator."""

        def wrapper(func: Callable[..., Any]) -> Callable[..., Any]:
            for t in type if isinstance(type, tuple) else (type,):
                self._lookup[t] = func  # type: ignore[index]
            self._found = {}
            return func

        return wrapper(func) if func is not None else wrapper

    def register_lazy(self, toplevel: str, func: Callable[[], Any] | None = None) -> Any:
        """Call ``func`` (which registers types) when a type of the package ``toplevel`` is met first."""

        def wrapper(func: Callable[[], Any]) -> Callable[[], Any]:
            self._lazy[toplevel] = func
            self._found = {}
            return func

        return wrapper(func) if func is not None else wrapper

    def dispatch(self, cls: type) -> Callable[..., Any]:
        """The function for ``cls``: that of the first of its bases that has one. TypeError when there is none."""
        known = self._found.get(cls)
        if known is not None:
            return known
        for base in cls.__mro__:
            func = self._lookup.get(base)
            if func is None:
                toplevel = base.__module__.partition(".")[0]
                lazy = self._lazy.get(toplevel)
                if lazy is not None:
                    lazy()
                    self._lazy.pop(toplevel, None)
                    self._found = {}
                    return self.dispatch(cls)
            if func is not None:
                self._found[cls] = func
                return func
        raise TypeError(f"no dispatch for {cls}")

    def __call__(self, arg: Any, *args: Any, **kwargs: Any) -> Any:
        return (self._found.get(type(arg)) or self.dispatch(type(arg)))(arg, *args, **kwargs)

    @property
    def __doc__(self) -> str:  # type: ignore[override]
        default = self._lookup.get(object)
        return (default.__doc__ if default is not None else None) or "Single dispatch on the first argument's type."
