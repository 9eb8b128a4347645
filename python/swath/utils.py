"""Small functions that programs written for Dask import from ``dask.utils``."""

from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
import os
import re
import shutil
import sys
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from weakref import WeakValueDictionary

from swath.dispatch import Dispatch

__all__ = [
    "Dispatch",
    "M",
    "SerializableLock",
    "apply",
    "ensure_dict",
    "filetext",
    "format_bytes",
    "format_time",
    "funcname",
    "get_default_shuffle_method",
    "has_keyword",
    "import_required",
    "is_arraylike",
    "is_dataframe_like",
    "is_index_like",
    "is_series_like",
    "key_split",
    "memory_repr",
    "methodcaller",
    "natural_sort_key",
    "parse_bytes",
    "parse_timedelta",
    "random_state_data",
    "show_versions",
    "tmpdir",
    "tmpfile",
    "typename",
]


def apply(func: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any] | None = None) -> Any:
    """``func(*args, **kwargs)``."""
    return func(*args, **kwargs) if kwargs else func(*args)


# --- numbers for people
def format_bytes(n: int) -> str:
    """
    >>> format_bytes(1), format_bytes(1234), format_bytes(12345678), format_bytes(1 << 40)
    ('1 B', '1.21 kiB', '11.77 MiB', '1.00 TiB')
    """
    for prefix, k in (("Pi", 2**50), ("Ti", 2**40), ("Gi", 2**30), ("Mi", 2**20), ("ki", 2**10)):
        if n >= k * 0.9:
            return f"{n / k:.2f} {prefix}B"
    return f"{n} B"


def format_time(n: float) -> str:
    """
    >>> format_time(1), format_time(0.001234), format_time(123.456), format_time(1e6)
    ('1.00 s', '1.23 ms', '123.46 s', '11d 13hr')
    """
    if n > 24 * 60 * 60 * 2:
        d = int(n / 3600 / 24)
        return f"{d}d {int((n - d * 3600 * 24) / 3600)}hr"
    if n > 60 * 60 * 2:
        h = int(n / 3600)
        return f"{h}hr {int((n - h * 3600) / 60)}m"
    if n > 60 * 10:
        m = int(n / 60)
        return f"{m}m {int(n - m * 60)}s"
    if n >= 1:
        return f"{n:.2f} s"
    return f"{n * 1e3:.2f} ms" if n >= 1e-3 else f"{n * 1e6:.2f} us"


_BYTES = {"": 1, "b": 1}
for _power, _letter in enumerate("kmgtp", 1):
    _BYTES.update({f"{_letter}b": 10 ** (3 * _power), f"{_letter}ib": 2 ** (10 * _power)})
    _BYTES.update({_letter: 10 ** (3 * _power), f"{_letter}i": 2 ** (10 * _power)})


def parse_bytes(s: float | str) -> int:
    """
    >>> parse_bytes("100"), parse_bytes("5 MB"), parse_bytes("1.5 kiB"), parse_bytes("MB"), parse_bytes(123)
    (100, 5000000, 1536, 1000000, 123)
    """
    if isinstance(s, (int, float)):
        return int(s)
    number, unit = _number_and_unit(s)
    if unit.lower() not in _BYTES:
        raise ValueError(f"Could not interpret {unit!r} as a byte unit")
    return int(number * _BYTES[unit.lower()])


_SECONDS = {"s": 1, "ms": 1e-3, "us": 1e-6, "ns": 1e-9, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_SECONDS.update({"sec": 1, "second": 1, "seconds": 1, "msec": 1e-3, "millisecond": 1e-3, "milliseconds": 1e-3})
_SECONDS.update({"microsecond": 1e-6, "microseconds": 1e-6, "nanosecond": 1e-9, "nanoseconds": 1e-9})
_SECONDS.update({"min": 60, "minute": 60, "minutes": 60, "hr": 3600, "hour": 3600, "hours": 3600})
_SECONDS.update({"day": 86400, "days": 86400, "week": 7 * 86400, "weeks": 7 * 86400})


def parse_timedelta(s: Any, default: str | bool = "seconds") -> Any:
    """Seconds.

    >>> parse_timedelta("3s"), parse_timedelta("3.5 seconds"), parse_timedelta("300ms"), parse_timedelta(2)
    (3, 3.5, 0.3, 2)
    """
    if s is None:
        return None
    if hasattr(s, "total_seconds"):
        return _integral(s.total_seconds())
    if isinstance(s, (int, float)):
        if default is False:
            raise ValueError(f"Missing time unit in {s!r}")
        s = f"{s}{default}"
    number, unit = _number_and_unit(s)
    if not unit:
        if default is False:
            raise ValueError(f"Missing time unit in {s!r}")
        unit = str(default)
    if unit.lower() not in _SECONDS:
        raise ValueError(f"Could not interpret {unit!r} as a time unit; known: {', '.join(sorted(_SECONDS))}")
    return _integral(number * _SECONDS[unit.lower()])


def _integral(x: float) -> float | int:
    return int(x) if int(x) == x else x


def _number_and_unit(s: str) -> tuple[float, str]:
    text = s.replace(" ", "")
    match = re.fullmatch(r"([-+]?[0-9.]*(?:e[-+]?\d+)?)([a-zA-Z]*)", text, re.IGNORECASE)
    if match is None:
        raise ValueError(f"Could not interpret {s!r} as a number and a unit")
    try:
        return float(match[1] or 1), match[2]
    except ValueError:
        raise ValueError(f"Could not interpret {match[1]!r} as a number") from None


def memory_repr(num: float) -> str:
    """
    >>> memory_repr(2**20 * 3.5)
    '3.5 MB'
    """
    for unit in ("bytes", "KB", "MB", "GB"):
        if num < 1024.0:
            return f"{num:3.1f} {unit}"
        num /= 1024.0
    return f"{num:3.1f} TB"


# --- names
_HEX = re.compile(r"[a-f]+")


@functools.lru_cache(100_000)
def _key_split(s: str) -> str:
    words = s.split("-")
    result = words[0].lstrip("'(\"") if not words[0][:1].isalpha() else words[0]
    for word in words[1:]:
        if word.isalpha() and not (len(word) == 8 and _HEX.fullmatch(word)):
            result += "-" + word
        else:
            break
    if len(result) == 32 and re.fullmatch(r"[a-f0-9]{32}", result):
        return "data"
    return result.strip("<>").split()[0].split(".")[-1] if result[:1] == "<" else result


def key_split(s: Any) -> str:
    """The part of a key that people read.

    >>> key_split("inc-1"), key_split("hello-world-1"), key_split(("x-2", 1))
    ('inc', 'hello-world', 'x')
    >>> key_split("ae05086432ca935f6eba409a8ecd4896")
    'data'
    """
    while isinstance(s, tuple) and s:
        s = s[0]
    if isinstance(s, bytes):
        s = s.decode()
    return _key_split(s) if isinstance(s, str) else "Other"


def funcname(func: Any) -> str:
    """The name of a callable, for people.

    >>> import functools, operator
    >>> funcname(functools.partial(operator.add, 1)), funcname(lambda x: x), funcname(methodcaller("upper"))
    ('add', 'lambda', 'upper')
    """
    while isinstance(func, functools.partial):
        func = func.func
    if isinstance(func, methodcaller):
        return func.method[:50]
    name = getattr(func, "__name__", None) or type(func).__name__
    if name == "<lambda>":
        return "lambda"
    if type(func).__name__ == "curry":
        return getattr(func, "func_name", name)[:50]
    return str(name)[:50]


def typename(typ: Any, short: bool = False) -> str:
    """
    >>> typename(int), typename(functools.partial), typename(functools.partial, short=True)
    ('int', 'functools.partial', 'functools.partial')
    """
    if not isinstance(typ, type):
        return typename(type(typ), short)
    module = typ.__module__
    if not module or module == "builtins":
        return typ.__name__
    return f"{module.partition('.')[0] if short else module}.{typ.__name__}"


def natural_sort_key(s: str) -> list[str | int]:
    """
    >>> sorted(["f0", "f10", "f9"], key=natural_sort_key)
    ['f0', 'f9', 'f10']
    """
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", s)]


# --- callables
class methodcaller:
    """``methodcaller("upper")(x, …)`` is ``x.upper(…)``; one object a name.

    >>> methodcaller("upper")("a"), methodcaller("upper") is methodcaller("upper")
    ('A', True)
    """

    __slots__ = ("method",)
    method: str
    _made: dict[str, methodcaller] = {}

    def __new__(cls, method: str) -> methodcaller:
        made = cls._made.get(method)
        if made is None:
            made = object.__new__(cls)
            made.method = method
            cls._made[method] = made
        return made

    func = property(lambda self: self.method)

    @property
    def __name__(self) -> str:
        return self.method

    def __call__(self, x: Any, /, *args: Any, **kwargs: Any) -> Any:
        return getattr(x, self.method)(*args, **kwargs)

    def __reduce__(self) -> Any:
        return methodcaller, (self.method,)

    def __repr__(self) -> str:
        return f"<methodcaller: {self.method}>"


class _Methods:
    """``M.upper("a")`` is ``"a".upper()``."""

    def __getattr__(self, name: str) -> methodcaller:
        return methodcaller(name)

    def __dir__(self) -> list[str]:
        return list(methodcaller._made)


M = _Methods()


def has_keyword(func: Callable[..., Any], keyword: str) -> bool:
    """Does the function take a parameter of that name?"""
    try:
        return keyword in inspect.signature(func).parameters
    except (ValueError, TypeError):
        return False


def import_required(mod_name: str, error_msg: str) -> Any:
    """The module, or an ImportError with the message."""
    try:
        return importlib.import_module(mod_name)
    except ImportError as error:
        raise RuntimeError(error_msg) from error


def get_default_shuffle_method() -> str:
    """The setting ``dataframe.shuffle.method``, or ``"disk"``."""
    from swath import config

    return config.get("dataframe.shuffle.method", None) or "disk"


class SerializableLock:
    """A lock that can be pickled: copies in one process share it by its token.

    >>> import pickle
    >>> lock = SerializableLock("name")
    >>> copy = pickle.loads(pickle.dumps(lock))
    >>> with lock:
    ...     copy.locked()
    True
    """

    _locks: WeakValueDictionary[Any, Any] = WeakValueDictionary()

    def __init__(self, token: Any = None) -> None:
        self.token = token or str(uuid.uuid4())
        self.lock = SerializableLock._locks.setdefault(self.token, threading.Lock())

    def acquire(self, *args: Any, **kwargs: Any) -> bool:
        return self.lock.acquire(*args, **kwargs)

    def release(self, *args: Any, **kwargs: Any) -> None:
        self.lock.release(*args, **kwargs)

    def __enter__(self) -> None:
        self.lock.__enter__()

    def __exit__(self, *args: Any) -> None:
        self.lock.__exit__(*args)

    def locked(self) -> bool:
        return self.lock.locked()

    def __getstate__(self) -> Any:
        return self.token

    def __setstate__(self, token: Any) -> None:
        self.__init__(token)  # type: ignore[misc]

    def __repr__(self) -> str:
        return f"<SerializableLock: {self.token}>"

    __str__ = __repr__


# --- what things are like
def _like(x: Any, names: Sequence[str]) -> bool:
    kind = x if isinstance(x, type) else type(x)
    return all(hasattr(kind, name) for name in names)


def is_dataframe_like(df: Any) -> bool:
    """Does it look like a pandas DataFrame?"""
    kind = df if isinstance(df, type) else type(df)
    names = ("groupby", "head", "merge", "mean", "index", "columns", "dtypes")
    return _like(df, names) and "Index" not in kind.__name__


def is_series_like(s: Any) -> bool:
    """Does it look like a pandas Series?"""
    kind = s if isinstance(s, type) else type(s)
    return _like(s, ("groupby", "dtype", "name", "index")) and "Index" not in kind.__name__


def is_index_like(s: Any) -> bool:
    """Does it look like a pandas Index?"""
    kind = s if isinstance(s, type) else type(s)
    return _like(s, ("name", "dtype")) and "Index" in kind.__name__


def is_arraylike(x: Any) -> bool:
    """Does it look like a NumPy array?"""
    return bool(
        hasattr(x, "shape")
        and isinstance(x.shape, tuple)
        and hasattr(x, "dtype")
        and not any(is_dask_collection_(n) for n in x.shape)
        and (not isinstance(x, type))
    )


def is_dask_collection_(x: Any) -> bool:
    return hasattr(type(x), "__swath_node__") or hasattr(type(x), "__dask_graph__")


# --- files
@contextlib.contextmanager
def tmpfile(extension: str = "", dir: str | None = None) -> Iterator[str]:
    """The name of a file that does not exist; removed at the end if it was made."""
    handle, name = tempfile.mkstemp("." + extension.lstrip(".") if extension else "", dir=dir)
    os.close(handle)
    os.remove(name)
    try:
        yield name
    finally:
        _remove(name)


@contextlib.contextmanager
def tmpdir(dir: str | None = None) -> Iterator[str]:
    """A folder that is removed at the end."""
    name = tempfile.mkdtemp(dir=dir)
    try:
        yield name
    finally:
        _remove(name)


@contextlib.contextmanager
def filetext(text: str | bytes, extension: str = "", open: Callable[..., Any] = open, mode: str = "w") -> Iterator[str]:
    """A file that holds ``text``; removed at the end."""
    with tmpfile(extension) as name:
        with open(name, mode=mode) as file:
            file.write(text)
        yield name


def _remove(name: str) -> None:
    with contextlib.suppress(OSError):
        if os.path.isdir(name):
            shutil.rmtree(name)
        else:
            os.remove(name)


# --- the rest
def ensure_dict(d: Mapping[Any, Any], *, copy: bool = False) -> dict[Any, Any]:
    """A graph as a plain dict."""
    return d if type(d) is dict and not copy else dict(d)


def random_state_data(n: int, random_state: Any = None) -> list[Any]:
    """``n`` arrays of 624 integers that seed ``numpy.random.RandomState``."""
    import numpy as np

    if not all(hasattr(random_state, name) for name in ("normal", "beta", "bytes", "uniform")):
        random_state = np.random.RandomState(random_state)
    data = random_state.bytes(624 * n * 4)
    return list(np.frombuffer(data, dtype="<u4").reshape((n, -1)))


def show_versions() -> None:
    """Print the versions of Python, the platform and the packages that matter."""
    import json
    import platform
    from importlib.metadata import PackageNotFoundError, version

    result = {"Python": sys.version.split()[0], "Platform": platform.system()}
    for name in ("swath", "numpy", "pandas", "pyarrow", "cloudpickle", "fsspec", "dask", "distributed"):
        try:
            result[name] = version(name)
        except PackageNotFoundError:
            result[name] = None  # type: ignore[assignment]
    sys.stdout.write(json.dumps(result, indent=2) + "\n")
