"""Deterministic names of Python objects: equal objects have equal tokens, in every process.

``normalize_token`` turns an object into nested tuples of plain values, whose text is hashed. Types take part by
``__dask_tokenize__`` (or ``__swath_tokenize__``), by ``@normalize_token.register(type)``, or else by their pickle.
What cannot be named deterministically gets a token of its own, or a :class:`TokenizationError` when
``ensure_deterministic`` (or the setting ``tokenize.ensure-deterministic``) says so.
"""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import functools
import hashlib
import inspect
import pathlib
import pickle
import sys
import threading
import types
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any

from swath.dispatch import Dispatch

__all__ = ["TokenizationError", "normalize_token", "tokenize"]


class TokenizationError(RuntimeError):
    """An object has no deterministic token."""


_strict: ContextVar[bool | None] = ContextVar("ensure_deterministic", default=None)
# The containers that are being walked, by id -> position: what holds itself is named by where it was met.
_open = threading.local()

_PLAIN = (
    int,
    float,
    str,
    bytes,
    type(None),
    slice,
    complex,
    type(Ellipsis),
    decimal.Decimal,
    datetime.date,
    datetime.time,
    datetime.datetime,
    datetime.timedelta,
    pathlib.PurePath,
)
_EXACT = frozenset((int, float, str, bytes, type(None), bool, complex))


def tokenize(*args: Any, ensure_deterministic: bool | None = None, **kwargs: Any) -> str:
    """32 hexadecimal digits that stand for the arguments.

    Parameters
    ----------
    ensure_deterministic
        Raise :class:`TokenizationError` where equal objects might get unequal tokens? Default: the setting
        ``tokenize.ensure-deterministic``.

    >>> from swath.tokenize import tokenize
    >>> tokenize([1, 2, "3"]) == tokenize([1, 2, "3"])
    True
    """
    if ensure_deterministic is None:
        return _digest(args, kwargs)
    before = _strict.set(ensure_deterministic)
    try:
        return _digest(args, kwargs)
    finally:
        _strict.reset(before)


def _digest(args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    token: Any = _sequence(args)
    if kwargs:
        token = token, _sequence(sorted(kwargs.items()))
    return hashlib.blake2b(str(token).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _doubtful(reason: str) -> None:
    strict = _strict.get()
    if strict is None:
        from swath import config

        strict = config.get("tokenize.ensure-deterministic", False)
    if strict:
        raise TokenizationError(reason)


normalize_token = Dispatch("normalize_token")


def _item(x: Any) -> Any:
    if type(x) in _EXACT:
        return x
    return normalize_token(x)


def _met(x: Any, inside: Callable[[], Any]) -> Any:
    """``inside()``, or where ``x`` was met before when it is part of itself."""
    seen: dict[Any, int] = _open.__dict__
    if id(x) in seen:
        return "seen", seen[id(x)]
    seen[id(x)] = len(seen)
    try:
        return inside()
    finally:
        del seen[id(x)]


def _sequence(items: Iterable[Any]) -> tuple[Any, ...]:
    return _met(items, lambda: tuple([_item(x) for x in items]))


@normalize_token.register(_PLAIN)
def _normalize_plain(x: Any) -> Any:
    if isinstance(x, enum.Enum):
        return _normalize_enum(x)
    own = _own_token(x)
    return x if own is None else own()


@normalize_token.register(enum.Enum)
def _normalize_enum(x: enum.Enum) -> Any:
    return "enum", type(x).__module__, type(x).__qualname__, x.name


@normalize_token.register(types.MappingProxyType)
@normalize_token.register(dict)
def _normalize_dict(x: Any) -> Any:
    return _met(x, lambda: ("dict", *_sequence(sorted(x.items(), key=lambda pair: str(pair[0])))))


@normalize_token.register(OrderedDict)
def _normalize_ordered_dict(x: Any) -> Any:
    return _met(x, lambda: ("OrderedDict", *_sequence(list(x.items()))))


@normalize_token.register((set, frozenset))
def _normalize_set(x: Any) -> Any:
    # Sets have no order of their own: their items' tokens have one.
    return _met(x, lambda: (type(x).__name__, sorted((_item(item) for item in x), key=str)))


@normalize_token.register((tuple, list))
def _normalize_sequence(x: Any) -> Any:
    return type(x).__name__, _sequence(x)


@normalize_token.register(range)
def _normalize_range(x: range) -> Any:
    return "range", x.start, x.stop, x.step


@normalize_token.register(functools.partial)
def _normalize_partial(x: functools.partial[Any]) -> Any:
    return "partial", _sequence((x.func, x.args, x.keywords))


@normalize_token.register((types.MethodType, types.MethodWrapperType))
def _normalize_method(x: Any) -> Any:
    return "method", normalize_token(x.__self__), x.__name__


@normalize_token.register(types.BuiltinFunctionType)
def _normalize_builtin(x: Any) -> Any:
    owner = getattr(x, "__self__", None)
    if owner is not None and not inspect.ismodule(owner):
        return _normalize_method(x)
    return _normalize_object(x)


def _own_token(x: Any) -> Callable[[], Any] | None:
    if isinstance(x, type):
        return None
    kind = type(x)
    if hasattr(kind, "__swath_tokenize__"):
        return x.__swath_tokenize__
    if hasattr(kind, "__dask_tokenize__"):
        return x.__dask_tokenize__
    return None


@normalize_token.register(object)
def _normalize_object(x: Any) -> Any:
    own = _own_token(x) or (None if isinstance(x, type) else getattr(x, "__dask_tokenize__", None))
    if own is not None:
        return own()
    if type(x) is object:
        return _normalize_identity(x)
    if dataclasses.is_dataclass(x):
        return _normalize_dataclass(x)
    elif type(x) is property:
        return "property", _sequence((x.fget, x.fset, x.fdel))
    try:
        return _normalize_pickle(x)
    except Exception as error:
        if isinstance(error, TokenizationError):
            raise
        _doubtful(
            f"an object of type {type(x).__qualname__} has no deterministic token, since it cannot be pickled the same "
            "way twice; give its class a method __dask_tokenize__"
        )
        return uuid.uuid4().hex


_kept: list[Any] = []


def _normalize_identity(x: object) -> Any:
    _doubtful("object() has no deterministic token: nothing but its identity tells it from another")
    _kept.append(x)  # so that no other gets its id
    return "object", id(x)


def _normalize_dataclass(x: Any) -> Any:
    kind = type(x)

    def inside() -> Any:
        fields = [(field.name, _item(getattr(x, field.name, None))) for field in dataclasses.fields(x)]
        return "dataclass", kind.__module__, kind.__qualname__, fields

    return _met(x, inside)


def _hash(data: Any) -> str:
    try:
        return hashlib.blake2b(data, digest_size=16).hexdigest()
    except (BufferError, ValueError, TypeError):
        return hashlib.blake2b(memoryview(data).cast("B") if data.nbytes else b"", digest_size=16).hexdigest()


def _normalize_pickle(x: Any) -> Any:
    buffers: list[Any] = []
    last = None
    for _ in range(3):
        buffers.clear()
        try:
            data = pickle.dumps(x, protocol=5, buffer_callback=buffers.append)
        except Exception:
            return _normalize_reduced(x)
        if b"__main__" in data:
            return _normalize_reduced(x)  # classes of __main__ may change: by what they are
        digest = _hash(data)
        if digest == last:
            return digest, [_hash(buffer.raw()) for buffer in buffers]
        last = digest  # once more: a pickle that changes from one time to the next names nothing
    _doubtful(f"an object of type {type(x).__qualname__} has no deterministic token: its pickle changes each time")
    return uuid.uuid4().hex


def _normalize_reduced(x: Any) -> Any:
    """What pickle would write, with classes and functions by their contents."""

    def inside() -> Any:
        reduced = x.__reduce_ex__(4)
        if isinstance(reduced, str):
            return "global", type(x).__module__, reduced
        make, args, state, items, pairs = (*reduced, None, None, None, None)[:5]
        rest = None if items is None else list(items), None if pairs is None else list(pairs)
        return "object", _sequence((make, args, state, rest))

    return _met(x, inside)


def _importable(x: Any) -> bool:
    """Is ``x`` what its module and qualified name say? Then they are what its pickle would hold."""
    module = getattr(x, "__module__", None)
    if module is None or module == "__main__" or "<" in x.__qualname__:
        return False
    found: Any = sys.modules.get(module)
    for part in x.__qualname__.split("."):
        found = getattr(found, part, None)
    return found is x


@normalize_token.register(types.FunctionType)
def _normalize_function(x: types.FunctionType) -> Any:
    own = x.__dict__.get("__dask_tokenize__")
    if own is not None:
        return own()
    if _importable(x):
        return "function", x.__module__, x.__qualname__
    return _met(x, lambda: _normalize_code_of(x))


def _normalize_code_of(x: types.FunctionType) -> Any:
    """What a function of ``__main__`` or of another function does: its code and all that the code refers to."""
    names: dict[str, Any] = {}
    _global_names(x.__code__, names)
    used = [(name, _item(x.__globals__[name])) for name in names if name in x.__globals__]
    cells = []
    for cell in x.__closure__ or ():
        try:
            cells.append(_item(cell.cell_contents))
        except ValueError:
            cells.append("empty cell")
    rest = _sequence((x.__defaults__, x.__kwdefaults__, x.__dict__))
    return "code", x.__qualname__.rpartition(".")[2], _normalize_code(x.__code__), used, cells, rest


def _global_names(code: types.CodeType, names: dict[str, Any]) -> None:
    names.update(dict.fromkeys(code.co_names))
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            _global_names(constant, names)


@normalize_token.register(types.CodeType)
def _normalize_code(code: types.CodeType) -> Any:
    constants = _sequence(code.co_consts)
    arguments = code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags
    names = code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars
    return code.co_code, code.co_exceptiontable, arguments, names, constants


@normalize_token.register(types.ModuleType)
def _normalize_module(x: types.ModuleType) -> Any:
    return "module", x.__name__


@normalize_token.register(type)
def _normalize_class(x: type) -> Any:
    if _importable(x):
        return "class", x.__module__, x.__qualname__
    hidden = ("__dict__", "__weakref__", "__module__", "__firstlineno__", "__static_attributes__")

    def inside() -> Any:
        members = {k: v for k, v in x.__dict__.items() if k not in hidden and not k.startswith("_abc_")}
        return "class", x.__qualname__.rpartition(".")[2], _sequence(x.__bases__), _normalize_dict(members)

    return _met(x, inside)


@normalize_token.register((classmethod, staticmethod))
def _normalize_wrapped(x: Any) -> Any:
    return type(x).__name__, _item(x.__func__)


@normalize_token.register((types.GetSetDescriptorType, types.MemberDescriptorType, types.WrapperDescriptorType))
def _normalize_descriptor(x: Any) -> Any:
    return "descriptor", x.__objclass__.__qualname__, x.__name__


@normalize_token.register_lazy("toolz")
def _register_toolz() -> None:
    import toolz

    @normalize_token.register(toolz.functoolz.Compose)
    def _(x: Any) -> Any:
        return "compose", _sequence((x.first, *x.funcs))

    @normalize_token.register(toolz.curry)
    def _(x: Any) -> Any:
        return "curry", _sequence((x.func, x.args, x.keywords))


@normalize_token.register_lazy("numpy")
def _register_numpy() -> None:
    from swath._tokenize_numpy import register

    register(normalize_token)


@normalize_token.register_lazy("pandas")
def _register_pandas() -> None:
    from swath._tokenize_pandas import register

    register(normalize_token)


@normalize_token.register_lazy("pyarrow")
def _register_pyarrow() -> None:
    from swath._tokenize_numpy import register_pyarrow

    register_pyarrow(normalize_token)
