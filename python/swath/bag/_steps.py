"""Making steps: BagHosts with names and identities, traced functions, arguments that hold other collections."""

from __future__ import annotations

import functools
import itertools
import operator
import threading
import types
import weakref
from collections.abc import Callable, Sequence
from typing import Any

from swath._engine import core
from swath.bag._iterators import pack, zip_items
from swath.bag._known import is_plain
from swath.bag._lazy import Lazy, Note, captures_allowed
from swath.bag.tracing import Trace, trace, trace_key
from swath.base import _unpack
from swath.tokenize import tokenize

__all__ = ["Arguments", "aligned", "expression", "funcname", "host", "traced"]

_lock = threading.Lock()
_numbers = itertools.count()
_serials: dict[int, tuple[Any, int]] = {}


def _serial(x: Any) -> str | None:
    """A number for an object as long as it lives."""
    with _lock:
        known = _serials.get(id(x))
        if known is not None and known[0]() is x:
            return f"#{known[1]}"
        try:
            key = id(x)
            number = next(_numbers)
            _serials[key] = (weakref.ref(x, lambda _: _forget(key, number)), number)
            return f"#{number}"
        except TypeError:
            return None


def _forget(key: int, number: int) -> None:
    known = _serials.get(key)
    if known is not None and known[1] == number:
        del _serials[key]


def _identity(x: Any) -> str | None:
    """A text that is equal for what means the same; None: nothing is known of it."""
    if is_plain(x):
        return f"{type(x).__name__}:{x!r}"
    if type(x) in (list, dict, set, tuple, frozenset):
        return tokenize(x)
    if type(x) in (operator.itemgetter, operator.methodcaller):
        return repr(x) if all(map(is_plain, x.__reduce__()[1])) and "<" not in repr(x) else None
    if type(x) is functools.partial:
        parts = [_identity(part) for part in (x.func, *x.args, *x.keywords, *x.keywords.values())]
        return None if None in parts else f"partial({parts})"
    if type(x) in (types.MethodDescriptorType, types.WrapperDescriptorType):
        return repr(x)
    return _serial(x) if callable(x) else None


def host(function: Callable[..., Any], name: str, *identity: Any, wants_block: bool = False, executor: str = "") -> Any:
    """A step in Python. ``identity``: with the name, what tells equal steps; none: unlike any other.

    ``executor="threads"``: a trifle that is not worth a trip to a child process.
    """
    parts = [_identity(part) for part in identity]
    token = "" if not parts or None in parts else f"{name}|{'|'.join(map(str, parts))}"
    return core.BagHost(function, name, token=token, executor=executor, wants_block=wants_block)


def funcname(function: Any) -> str:
    """A name of a function for people."""
    if isinstance(function, functools.partial):
        return funcname(function.func)
    if isinstance(function, (operator.itemgetter, operator.methodcaller, operator.attrgetter)):
        return repr(function).removeprefix("operator.")
    name = getattr(function, "__name__", None)
    return name if isinstance(name, str) else type(function).__name__


def expression(found: Trace) -> tuple[Any, Trace]:
    """The native expression of a trace, or None, and the trace with the reason."""
    if not found:
        return None, found
    if found.captures and not captures_allowed():
        return None, Trace(reason="it uses values from outside, which could change before it is computed")
    try:
        return core.BagExpression(("literal", found.tree) if type(found.tree) is not tuple else found.tree), found
    except (KeyError, TypeError, ValueError) as error:
        return None, Trace(reason=f"native code has no such step: {error}")


def traced(function: Any, args: tuple[Any, ...] = (), kwargs: Any = None, fold: bool = False) -> tuple[Any, Trace]:
    return expression(trace(function, args, kwargs, fold))


def traced_key(key: Any) -> tuple[Any, Trace]:
    return expression(trace_key(key))


def note(step: str, native: Any, found: Trace) -> Note:
    return Note(step, None if native is None else str(native), found.reason)


class Arguments:
    """Arguments of a user's function: bags are aligned with the items, other collections become side values."""

    def __init__(self, args: Sequence[Any], kwargs: dict[str, Any]) -> None:
        from swath.bag.bag import Bag

        self.bags: list[Any] = []
        self.sides: list[Any] = []
        self.others: list[Any] = []

        def slot(x: Any) -> tuple[str, Any]:
            if isinstance(x, Bag):
                self.bags.append(x)
                return ("item", len(self.bags) - 1)
            if _unpack([x], True)[0]:
                self.others.append(x)
                self.sides.append(side_node(x))
                return ("side", len(self.sides) - 1)
            return ("value", x)

        self.slots = [slot(x) for x in args]
        self.names = {name: slot(x) for name, x in kwargs.items()}
        if not self.bags:
            raise ValueError("At least one argument must be a Bag.")
        if len({bag.npartitions for bag in self.bags}) > 1:
            raise ValueError("All bags must have the same number of partitions.")

    @property
    def single(self) -> bool:
        """Is one bag all there is beside constants?"""
        return len(self.bags) == 1 and not self.sides

    @property
    def identity(self) -> list[Any]:
        found: list[Any] = []
        for name, (kind, value) in (*enumerate(self.slots), *self.names.items()):
            found += [name, kind, value]
        return found


def side_node(x: Any) -> Any:
    """The node of a call that answers ``x`` with the collections in it replaced by their results."""
    from swath.delayed import delayed

    if isinstance(x, Lazy):
        x = settled(x)
    return delayed(x).__swath_node__()


def settled(x: Lazy) -> Any:
    """The same collection on its final expression."""
    return x.__swath_rebuild__(x._final_node())


def aligned(bags: Sequence[Any]) -> Any:
    """A node with one item a partition: the tuple of the bags' partitions, as lists."""
    packed = [core.bag_host(bag._node_for_child(), host(pack, "partition", 0)) for bag in bags]
    return core.bag_zip(packed, host(zip_items, "zip", 0))
