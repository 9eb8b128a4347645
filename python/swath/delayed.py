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

import copy
import functools
import operator
import sys
import types
import uuid
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from swath._engine import core
from swath._pickling import Call, identity
from swath._protocol import Foreign, export, graph_dict, is_foreign_collection
from swath.base import SwathMethods, _annotations, is_swath_collection
from swath.tokenize import tokenize
from swath.utils import key_split, methodcaller

__all__ = ["Delayed", "delayed"]


def _finish(collection: Any) -> Callable[[Any, int], Any]:
    return lambda values, block: collection.__swath_finish__(values)


def as_call(x: Any) -> Any:
    """The node of a call that answers the collection ``x``, ours or foreign; None when ``x`` is no collection."""
    if not is_swath_collection(x):
        return Foreign(x).as_call() if is_foreign_collection(x) else None
    node = x.__swath_node__()
    return core.delayed_on(node, -1, _finish(x), "finish", "finish")


class Delayed(SwathMethods):
    """A call that has not run yet, or a value that stands for one; made by :func:`delayed`.

    Operators, indexing, attributes and method calls make further calls. Not iterable unless ``nout`` was given, no
    truth value, immutable.
    """

    __slots__ = ("__weakref__", "_call", "_key", "_length")
    _call: Any
    _key: Any
    _length: Any

    def __init__(self, node: Any, key: Any = None, length: int | None = None) -> None:
        if isinstance(node, str):  # Dask's arguments: a key, and a graph that has it
            node, key = (
                core.delayed_template(
                    identity, [("input", 0)], (), core.graph_nodes(graph_dict(key), [node]), node, node
                ),
                node,
            )
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

    @property
    def dask(self) -> Any:
        """The graph: a ``HighLevelGraph`` of one layer, a mapping of keys to tasks."""
        from swath.highlevelgraph import HighLevelGraph

        return HighLevelGraph.from_collections(self.key, self.__dask_graph__())

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

    # --- Dask's protocol: so that Dask, and what knows Dask, can compute it
    def __dask_graph__(self) -> dict[Any, Any]:
        dsk, outputs = export([self], False)
        if outputs[0][0] != self.key:  # a collection as one value
            dsk[self.key] = (identity, outputs[0][0])
        return dsk

    def __dask_keys__(self) -> list[Any]:
        return [self.key]

    def __dask_layers__(self) -> tuple[str, ...]:
        return (self.key,)

    def __dask_tokenize__(self) -> Any:
        return self.key

    @staticmethod
    def __dask_optimize__(dsk: Any, keys: Any, **kwargs: Any) -> Any:
        from swath.optimization import cull

        return cull(dsk, keys)[0]

    @staticmethod
    def __dask_scheduler__(dsk: Any, keys: Any, **kwargs: Any) -> Any:
        from swath.threaded import get

        return get(dsk, keys, **kwargs)

    def __dask_postcompute__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return _single, ()

    def __dask_postpersist__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return _rebuilt, (self.key, self._length)

    def __await__(self) -> Any:
        async def done() -> Delayed:
            return self

        return done().__await__()

    def __dir__(self) -> Any:
        return dir(type(self))

    # --- what a call is not
    def __setattr__(self, name: str, value: Any) -> None:
        raise TypeError("Delayed objects are immutable")

    def __setitem__(self, index: Any, value: Any) -> None:
        raise TypeError("Delayed objects are immutable")

    def __iter__(self) -> Iterator[Delayed]:
        if self._length is None:
            raise TypeError("Delayed objects of unspecified length are not iterable")
        return (self[i] for i in range(self._length))  # type: ignore[index]

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
        return _call(_apply, "apply", (self, args, kwargs), {}, pure, dask_key_name)

    def __getattr__(self, name: str) -> Delayed:
        if name.startswith("_"):
            raise AttributeError(f"Attribute {name} not found")
        if name == "visualise":
            warnings.warn("a Delayed has no `visualise`; perhaps you meant `visualize`?", stacklevel=2)
        return DelayedAttr(self, name)

    def __get__(self, instance: Any, cls: type) -> Any:
        return self if instance is None else types.MethodType(self, instance)

    def __repr__(self) -> str:
        return f"Delayed({self.key!r})"

    def __hash__(self) -> int:
        return hash(self.key)

    def __reduce__(self) -> Any:
        tasks, outputs = core.export_graph([self._node], False)
        for key, what, _, is_value in tasks:
            if not is_value and not isinstance(what, Call):
                raise TypeError(
                    f"this Delayed cannot be pickled: its graph has blocks of an array or a dataframe (task {key!r}); "
                    "compute or persist them first"
                )
        last = outputs[0][0]
        tasks[last] = (self.key, *tasks[last][1:])
        return _unpickled, (tasks, last, self._length)


def _single(results: Any) -> Any:
    return results[0]


def _rebuilt(dsk: Any, key: str, length: int | None, *, rename: dict[str, str] | None = None) -> Delayed:
    """The call ``key`` of a graph that may hold results."""
    new = (rename or {}).get(key, key)
    if key not in dsk and len(dsk) == 1:
        (key,) = dsk
    node = core.graph_nodes(graph_dict(dsk), [key])[0]
    return Delayed(core.delayed_template(identity, [("input", 0)], (), [node], "identity", new), new, length)


def _unpickled(tasks: list[Any], last: int, length: int | None) -> Delayed:
    nodes: list[Any] = []
    for key, what, inputs, is_value in tasks:
        if is_value:
            nodes.append(core.delayed_value(what, key_split(key), key))
            continue
        given = [nodes[i] for i in inputs]
        nodes.append(core.delayed_template(what.function, what.arguments, what.names, given, key_split(key), key))
    return Delayed(nodes[last], tasks[last][0], length)


def _apply(function: Any, args: Any, kwargs: Any) -> Any:
    return function(*args, **kwargs)


def _call(
    function: Any,
    name: str,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    pure: bool | None,
    key: str | None,
    nout: int | None = None,
) -> Delayed:
    if key is None and (pure if pure is not None else core.delayed_pure()):
        key = f"{name}-{tokenize(function, args, kwargs)}"
    annotations = _annotations.get()
    if not annotations:
        return Delayed(core.delayed_call(function, args, kwargs, name, key or ""), key, nout)
    if key is None:
        key = f"{name}-{uuid.uuid4()}"
    retries = annotations.get("retries", 0)
    if callable(retries):
        retries = retries(key)
    return Delayed(core.delayed_call(function, args, kwargs, name, key, True, int(retries or 0)), key, nout)


def _operator(function: Callable[..., Any], name: str) -> Callable[..., Delayed]:
    def method(self: Delayed, *args: Any) -> Delayed:
        return _call(function, name, (self, *args), {}, True, None)

    method.__name__ = method.__qualname__ = f"__{name}__"
    method.__doc__ = f"``operator.{name}`` on the results, later."
    return method


def _reflected(function: Callable[..., Any], name: str) -> Callable[..., Delayed]:
    def method(self: Delayed, other: Any) -> Delayed:
        return _call(function, name, (other, self), {}, True, None)

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

    __slots__ = ("_name", "_obj", "_pure", "_value")
    _name: Any
    _obj: Any
    _pure: Any
    _value: Any

    def __init__(self, obj: Any, name: str, key: str | None, pure: bool | None, nout: int | None) -> None:
        Delayed.__init__(self, None, key, nout)
        for slot, value in (("_obj", obj), ("_name", name), ("_pure", pure), ("_value", None)):
            object.__setattr__(self, slot, value)

    @property
    def key(self) -> str:
        """A string that identifies the object."""
        if self._key is None:
            object.__setattr__(self, "_key", f"{self._name}-{uuid.uuid4()}")
        return self._key

    @property
    def _node(self) -> Any:
        if self._value is None:
            object.__setattr__(self, "_value", core.delayed_value(self._obj, self._name, self.key))
        return self._value

    def __call__(
        self, *args: Any, pure: bool | None = None, dask_key_name: str | None = None, **kwargs: Any
    ) -> Delayed:
        return _call(
            self._obj, self._name, args, kwargs, self._pure if pure is None else pure, dask_key_name, self._length
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
    _attr: Any
    _obj: Any
    _value: Any

    def __init__(self, obj: Delayed, attr: str) -> None:
        Delayed.__init__(self, None, None, None)
        for slot, value in (("_obj", obj), ("_attr", attr), ("_value", None)):
            object.__setattr__(self, slot, value)

    @property
    def key(self) -> str:
        """A string that identifies the attribute."""
        return self._node and self._key

    @property
    def _node(self) -> Any:
        if self._value is None:
            value = _call(getattr, f"getattr-{self._attr}", (self._obj, self._attr), {}, True, None)
            object.__setattr__(self, "_key", value.key)
            object.__setattr__(self, "_value", value._node)
        return self._value

    def __call__(
        self, *args: Any, pure: bool | None = None, dask_key_name: str | None = None, **kwargs: Any
    ) -> Delayed:
        return _call(methodcaller(self._attr), self._attr, (self._obj, *args), kwargs, pure, dask_key_name)


_missing: Any = object()


def delayed(
    obj: Any = _missing,
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
        Look for calls inside ``obj`` when it is a list, tuple, dict, …?

    Without ``obj`` it answers a decorator: ``@delayed(pure=True)``.
    """
    if obj is _missing:
        return functools.partial(delayed, name=name, pure=pure, nout=nout, traverse=traverse)
    if isinstance(obj, Delayed):
        return obj
    if not (nout is None or (type(nout) is int and nout >= 0)):
        raise ValueError(f"nout must be None or a non-negative integer, got {nout}")
    if is_swath_collection(obj) or is_foreign_collection(obj):
        node = as_call(obj)
        if name is not None:
            return _call(identity, "identity", (obj,), {}, False, name, nout)
        return Delayed(node, None, nout)
    label = getattr(obj, "__name__", None) or type(obj).__name__
    if traverse and type(obj) not in _PLAIN and _holds_collections(obj):
        if type(obj) in _ITERATORS:
            obj = _ITERATORS[type(obj)](obj)
        return _call(identity, label, (obj,), {}, pure, name, nout)
    if name is None and (pure if pure is not None else core.delayed_pure()):
        name = f"{label}-{tokenize(obj, nout)}"
    return DelayedLeaf(obj, label, name, pure, nout)


_PLAIN = frozenset((int, float, str, bytes, bool, type(None), types.FunctionType, types.BuiltinFunctionType, type))
_ITERATORS: dict[type, Callable[[Any], Any]] = {type(iter([])): list, type(iter(())): tuple, type(iter(set())): set}


def _holds_collections(obj: Any) -> bool:
    return bool(core.holds_calls(_ITERATORS[type(obj)](copy.copy(obj)) if type(obj) in _ITERATORS else obj))


# `swath.delayed` is the function; `swath.delayed.Delayed` is found all the same.
delayed.delayed = delayed  # type: ignore[attr-defined]
delayed.Delayed = Delayed  # type: ignore[attr-defined]

core.set_delayed_hooks(Delayed, as_call)


class _CallableModule(types.ModuleType):
    """``swath.delayed`` is this module and the function in one, whichever was imported first."""

    def __call__(self, *args: Any, **kwargs: Any) -> Delayed:
        return delayed(*args, **kwargs)


sys.modules[__name__].__class__ = _CallableModule
