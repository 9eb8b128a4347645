"""Lazy calls of Python functions: ``delayed(f)(x)`` is a call that runs when somebody computes it.

Calls on calls make a graph; :func:`swath.compute` runs it on all cores, each call once. Arguments may hold calls inside
lists, tuples, dicts, sets, slices and dataclasses, and whole arrays and dataframes, which arrive as their results.

>>> from swath import delayed
>>> @delayed
... def inc(x):
...     return x + 1
>>> total = delayed(sum)([inc(1), inc(2)])
>>> total.compute()
5
"""

from __future__ import annotations

import operator
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

from swath._engine import core
from swath.base import SwathMethods, is_swath_collection
from swath.tokenize import tokenize

__all__ = ["Delayed", "delayed"]


def _finish(collection: Any) -> Callable[[Any, int], Any]:
    return lambda values, block: collection.__swath_finish__(values)


def as_call(x: Any) -> Any:
    """The node of a call that answers the collection ``x``; None when ``x`` is no collection of ours."""
    if not is_swath_collection(x):
        return None
    node = x.__swath_node__()
    return core.delayed_on(node, -1, _finish(x), "finish", "finish")


class Delayed(SwathMethods):
    """A call that has not run yet, or a value that stands for one; made by :func:`delayed`.

    Operators, indexing, attributes and method calls make further calls. Not iterable unless ``nout`` was given, no
    truth value, immutable.
    """

    __slots__ = ("__weakref__", "_call", "_key", "_length")

    def __init__(self, node: Any, key: str | None = None, length: int | None = None) -> None:
        object.__setattr__(self, "_call", node)
        object.__setattr__(self, "_key", key)
        object.__setattr__(self, "_length", length)

    @property
    def _node(self) -> Any:
        return self._call

    @property
    def key(self) -> str:
        """A string that identifies the call: calls with equal keys are one."""
        if self._key is None:
            object.__setattr__(self, "_key", f"{self._node.label}-{self._node.token}")
        return self._key

    # --- protocol of collections
    def __swath_node__(self) -> Any:
        return self._node

    def __swath_finish__(self, values: Any) -> Any:
        return core.objects(values)[0]

    def __swath_persist__(self, values: Any) -> Delayed:
        node = core.delayed_value(core.objects(values)[0], self._node.label, self.key)
        return Delayed(node, self.key, self._length)

    def __swath_rebuild__(self, node: Any) -> Delayed:
        return Delayed(node, self._key, self._length)

    def __swath_tokenize__(self) -> Any:
        return self.key

    # --- what a call is not
    def __setattr__(self, name: str, value: Any) -> None:
        raise TypeError("Delayed objects are immutable")

    def __setitem__(self, index: Any, value: Any) -> None:
        raise TypeError("Delayed objects are immutable")

    def __iter__(self) -> Iterator[Delayed]:
        if self._length is None:
            raise TypeError("Delayed objects of unspecified length are not iterable")
        return (self[i] for i in range(self._length))

    def __len__(self) -> int:
        if self._length is None:
            raise TypeError("Delayed objects of unspecified length have no len()")
        return self._length

    def __bool__(self) -> bool:
        raise TypeError("Truth of Delayed objects is not supported")

    # --- further calls
    def __call__(
        self, *args: Any, pure: bool | None = None, dask_key_name: str | None = None, **kwargs: Any
    ) -> Delayed:
        return _call(_apply, "apply", (self, args, kwargs), {}, pure, dask_key_name, None)

    def __getattr__(self, name: str) -> Delayed:
        if name.startswith("_"):
            raise AttributeError(f"Attribute {name} not found")
        return DelayedAttr(self, name)

    def __get__(self, instance: Any, cls: type) -> Any:
        return self if instance is None else types.MethodType(self, instance)

    def __repr__(self) -> str:
        return f"Delayed({self.key!r})"

    def __hash__(self) -> int:
        return hash(self.key)

    def __reduce__(self) -> Any:
        raise TypeError("a Delayed cannot be pickled yet; compute it, or pickle the function and its arguments")


def _apply(function: Any, args: Any, kwargs: Any) -> Any:
    return function(*args, **kwargs)


def _call(
    function: Any,
    name: str,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    pure: bool | None,
    key: str | None,
    nout: int | None,
    traverse: bool = True,
) -> Delayed:
    if pure is None:
        pure = _pure_by_default()
    if key is not None:
        return Delayed(core.delayed_call(function, args, kwargs, name, key, traverse), key, nout)
    if pure:
        key = f"{name}-{tokenize(function, args, kwargs)}"
        return Delayed(core.delayed_call(function, args, kwargs, name, key, traverse), key, nout)
    return Delayed(core.delayed_call(function, args, kwargs, name, None, traverse), None, nout)


def _pure_by_default() -> bool:
    return False


def _operator(function: Callable[..., Any], name: str) -> Callable[..., Delayed]:
    def method(self: Delayed, *args: Any) -> Delayed:
        return _call(function, name, (self, *args), {}, True, None, None)

    method.__name__ = method.__qualname__ = f"__{name}__"
    method.__doc__ = f"``operator.{name}`` on the results, later."
    return method


def _reflected(function: Callable[..., Any], name: str) -> Callable[..., Delayed]:
    def method(self: Delayed, other: Any) -> Delayed:
        return _call(function, name, (other, self), {}, True, None, None)

    method.__name__ = method.__qualname__ = f"__r{name}__"
    method.__doc__ = f"``operator.{name}(other, self)`` on the results, later."
    return method


for _name in (
    "add",
    "sub",
    "mul",
    "truediv",
    "floordiv",
    "mod",
    "pow",
    "matmul",
    "and",
    "or",
    "xor",
    "lshift",
    "rshift",
):
    _function = getattr(operator, f"__{_name}__")
    setattr(Delayed, f"__{_name}__", _operator(_function, _name))
    setattr(Delayed, f"__r{_name}__", _reflected(_function, _name))
for _name in ("eq", "ne", "lt", "le", "gt", "ge", "neg", "pos", "abs", "invert", "getitem"):
    setattr(Delayed, f"__{_name}__", _operator(getattr(operator, f"__{_name}__"), _name))


class DelayedLeaf(Delayed):
    """``delayed(obj)``: an object of the user's, as a value or to be called."""

    __slots__ = ("_name", "_obj", "_pure", "_traverse", "_value")

    def __init__(
        self, obj: Any, name: str, key: str | None, pure: bool | None, nout: int | None, traverse: bool
    ) -> None:
        Delayed.__init__(self, None, key, nout)
        for slot, value in (("_obj", obj), ("_name", name), ("_pure", pure), ("_traverse", traverse), ("_value", None)):
            object.__setattr__(self, slot, value)

    @property
    def _node(self) -> Any:
        if self._value is None:
            object.__setattr__(self, "_value", core.delayed_value(self._obj, self._name, self._key))
        return self._value

    def __call__(
        self, *args: Any, pure: bool | None = None, dask_key_name: str | None = None, **kwargs: Any
    ) -> Delayed:
        return _call(
            self._obj,
            self._name,
            args,
            kwargs,
            self._pure if pure is None else pure,
            dask_key_name,
            self._length,
            self._traverse,
        )

    @property
    def __name__(self) -> str:
        return getattr(self._obj, "__name__", self._name)

    @property
    def __doc__(self) -> str | None:  # type: ignore[override]
        return self._obj.__doc__

    @property
    def __wrapped__(self) -> Any:
        return self._obj


class DelayedAttr(Delayed):
    """``x.name`` of a call: the attribute, or, called, the method in one task."""

    __slots__ = ("_attr", "_obj", "_value")

    def __init__(self, obj: Delayed, attr: str) -> None:
        Delayed.__init__(self, None, None, None)
        for slot, value in (("_obj", obj), ("_attr", attr), ("_value", None)):
            object.__setattr__(self, slot, value)

    @property
    def _node(self) -> Any:
        if self._value is None:
            value = _call(getattr, "getattr", (self._obj, self._attr), {}, True, None, None)
            object.__setattr__(self, "_value", value._node)
            object.__setattr__(self, "_key", value.key)
        return self._value

    def __call__(
        self, *args: Any, pure: bool | None = None, dask_key_name: str | None = None, **kwargs: Any
    ) -> Delayed:
        method = operator.methodcaller(self._attr) if not args and not kwargs else _Method(self._attr)
        return _call(method, self._attr, (self._obj, *args), kwargs, pure, dask_key_name, None)


class _Method:
    """Calls the method of that name: ``_Method("upper")(x, …)`` is ``x.upper(…)``."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, x: Any, /, *args: Any, **kwargs: Any) -> Any:
        return getattr(x, self.name)(*args, **kwargs)

    def __reduce__(self) -> Any:
        return _Method, (self.name,)


def _identity(x: Any) -> Any:
    return x


_NOTHING = object()


def delayed(
    obj: Any = _NOTHING,
    name: str | None = None,
    pure: bool | None = None,
    nout: int | None = None,
    traverse: bool = True,
) -> Any:
    """A lazy stand-in for ``obj``: calling it makes a call that runs later.

    Parameters
    ----------
    obj
        A function, or any object; lists, dicts … that hold calls become the call that makes them of results.
    name
        The key of the object in the graph; it must be unique. Default: made of the object's name and a token.
    pure
        Do equal arguments give equal results? Then equal calls are one call. Default: the setting ``delayed-pure``.
    nout
        How many results a call returns: then it can be iterated and unpacked.
    traverse
        Look for calls inside lists, tuples, dicts, … of arguments?
    """
    if obj is _NOTHING:  # @delayed(nout=2)
        return lambda function: delayed(function, name, pure, nout, traverse)
    if isinstance(obj, Delayed):
        return obj
    if not (nout is None or (type(nout) is int and nout >= 0)):
        raise ValueError(f"nout must be None or a non-negative integer, got {nout}")
    if is_swath_collection(obj):
        return Delayed(as_call(obj), name, nout)
    if traverse and type(obj) in (list, tuple, dict, set, frozenset):
        made = _call(_identity, type(obj).__name__, (obj,), {}, pure, name, nout)
        return made
    label = getattr(obj, "__name__", None) or type(obj).__name__
    if name is None and pure:
        name = f"{label}-{tokenize(obj, nout)}"
    return DelayedLeaf(obj, label, name, pure, nout, traverse)


core.set_delayed_hooks(Delayed, as_call)


class _CallableModule(types.ModuleType):
    """``swath.delayed`` is this module and the function in one, whichever was imported first."""

    def __call__(self, *args: Any, **kwargs: Any) -> Delayed:
        return delayed(*args, **kwargs)


sys.modules[__name__].__class__ = _CallableModule
