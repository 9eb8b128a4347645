"""Tasks as objects: what a graph holds instead of tuples when strings and tuples must not be taken for keys.

A node is called with the results of its ``dependencies``: ``Task("y", abs, TaskRef("x"))({"x": -1})`` is 1. Graphs may
mix these, Dask's own (``dask.task_spec``) and tuples.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["Alias", "DataNode", "Dict", "GraphNode", "List", "Set", "Task", "TaskRef", "Tuple", "convert_legacy_graph"]


class TaskRef:
    """A reference to the result of another task, as an argument."""

    __slots__ = ("key",)

    def __init__(self, key: Any) -> None:
        self.key = key

    def substitute(self, subs: Mapping[Any, Any], key: Any = None) -> TaskRef:
        """The reference with its key renamed."""
        return TaskRef(subs.get(self.key, self.key))

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.key == other.key  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash((TaskRef, self.key))

    def __repr__(self) -> str:
        return f"TaskRef({self.key!r})"


class GraphNode:
    """A task: callable with a mapping of the results of its ``dependencies``."""

    __slots__ = ("dependencies", "key")
    key: Any
    dependencies: frozenset[Any]

    def __call__(self, values: Mapping[Any, Any] = {}) -> Any:
        raise TypeError(f"{type(self).__name__} is no task of its own")

    def substitute(self, subs: Mapping[Any, Any], key: Any = None) -> GraphNode:
        """The same task with the keys that it reads renamed as ``subs`` says, under another key if one is given."""
        raise TypeError(f"{type(self).__name__} is no task of its own")

    def ref(self) -> Alias:
        """A task that answers the result of this one."""
        return Alias(self.key)

    def copy(self) -> GraphNode:
        """An equal task."""
        return self.substitute({})

    @property
    def data_producer(self) -> bool:
        """Does it read data from outside the graph?"""
        return False

    @property
    def block_fusion(self) -> bool:
        """Must it stay a task of its own?"""
        return False


def _inputs(x: Any) -> Iterable[Any]:
    if isinstance(x, TaskRef):
        yield x.key
    elif isinstance(x, GraphNode):
        yield from x.dependencies
    elif type(x) in (list, tuple, set):
        for item in x:
            yield from _inputs(item)
    elif type(x) is dict:
        for item in x.values():
            yield from _inputs(item)


def _value(x: Any, values: Mapping[Any, Any]) -> Any:
    if isinstance(x, TaskRef):
        return values[x.key]
    if isinstance(x, GraphNode):
        return x({key: values[key] for key in x.dependencies})
    if type(x) in (list, tuple, set):
        return type(x)(_value(item, values) for item in x)
    if type(x) is dict:
        return {key: _value(item, values) for key, item in x.items()}
    return x


def _renamed(x: Any, subs: Mapping[Any, Any]) -> Any:
    if isinstance(x, (TaskRef, GraphNode)):
        return x.substitute(subs)
    if type(x) in (list, tuple, set):
        return type(x)(_renamed(item, subs) for item in x)
    if type(x) is dict:
        return {key: _renamed(item, subs) for key, item in x.items()}
    return x


class Task(GraphNode):
    """``func(*args, **kwargs)``; TaskRefs and tasks in the arguments stand for results.

    >>> t = Task("sum", max, TaskRef("x"), 3)
    >>> t.dependencies, t({"x": 5})
    (frozenset({'x'}), 5)
    """

    __slots__ = ("args", "func", "kwargs")

    def __init__(self, key: Any, func: Any, /, *args: Any, _data_producer: bool = False, **kwargs: Any) -> None:
        self.key = key
        self.func = func
        self.args = args
        self.kwargs = kwargs
        self.dependencies = frozenset((*_inputs(list(args)), *_inputs(kwargs)))

    def __call__(self, values: Mapping[Any, Any] = {}) -> Any:
        args = [_value(x, values) for x in self.args]
        return self.func(*args, **{name: _value(x, values) for name, x in self.kwargs.items()})

    def substitute(self, subs: Mapping[Any, Any], key: Any = None) -> Task:
        args = [_renamed(x, subs) for x in self.args]
        return Task(key or self.key, self.func, *args, **_renamed(self.kwargs, subs))

    def _identity(self) -> Any:
        return type(self).__name__, self.key, self.func, self.args, self.kwargs

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self._identity() == other._identity()  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash((type(self).__name__, self.key, self.dependencies))

    def __repr__(self) -> str:
        from swath.utils import funcname

        args = [repr(x) for x in self.args] + [f"{name}={x!r}" for name, x in self.kwargs.items()]
        return f"<Task {self.key!r} {funcname(self.func)}({', '.join(args)})>"

    def __reduce__(self) -> Any:
        return _task, (self.key, self.func, self.args, self.kwargs)


def _task(key: Any, func: Any, args: Any, kwargs: Any) -> Task:
    return Task(key, func, *args, **kwargs)


class Alias(GraphNode):
    """Another name of a task: the result of ``target``."""

    __slots__ = ("target",)

    def __init__(self, key: Any, target: Any = None) -> None:
        target = key if target is None else target
        self.key = key
        self.target = target.key if isinstance(target, (Alias, TaskRef)) else target
        self.dependencies = frozenset((self.target,))

    def __call__(self, values: Mapping[Any, Any] = {}) -> Any:
        return values[self.target]

    def substitute(self, subs: Mapping[Any, Any], key: Any = None) -> Alias:
        return Alias(key or self.key, subs.get(self.target, self.target))

    def __eq__(self, other: object) -> bool:
        return type(other) is Alias and (self.key, self.target) == (other.key, other.target)

    def __hash__(self) -> int:
        return hash((Alias, self.key, self.target))

    def __repr__(self) -> str:
        return f"Alias({self.key!r}->{self.target!r})" if self.key != self.target else f"Alias({self.key!r})"


class DataNode(GraphNode):
    """A value that is there already."""

    __slots__ = ("value",)

    def __init__(self, key: Any, value: Any) -> None:
        self.key = key
        self.value = value
        self.dependencies = frozenset()

    def __call__(self, values: Mapping[Any, Any] = {}) -> Any:
        return self.value

    def substitute(self, subs: Mapping[Any, Any], key: Any = None) -> DataNode:
        return DataNode(key or self.key, self.value)

    def __repr__(self) -> str:
        return f"DataNode({self.key!r}, {self.value!r})" if self.key else f"DataNode({self.value!r})"


class _Container(Task):
    __slots__ = ()
    kind: type = list

    def __init__(self, /, *args: Any) -> None:
        super().__init__(None, self.kind, list(args))

    def __call__(self, values: Mapping[Any, Any] = {}) -> Any:
        return self.kind(_value(self.args[0], values))

    def substitute(self, subs: Mapping[Any, Any], key: Any = None) -> Any:
        made = type(self)(*_renamed(self.args[0], subs))
        made.key = key or self.key
        return made

    def __iter__(self) -> Any:
        return iter(self.args[0])

    def __len__(self) -> int:
        return len(self.args[0])

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.args[0]))})"

    def __reduce__(self) -> Any:
        return type(self), tuple(self.args[0])


class List(_Container):
    """A list of results and values.

    >>> List(TaskRef("x"), 2)({"x": 1})
    [1, 2]
    """

    __slots__ = ()


class Tuple(_Container):
    """A tuple of results and values."""

    __slots__ = ()
    kind = tuple


class Set(_Container):
    """A set of results and values."""

    __slots__ = ()
    kind = set


class Dict(_Container):
    """A dict of results and values: ``Dict({"a": TaskRef("x")})``, or ``Dict([["a", TaskRef("x")]])``."""

    __slots__ = ()
    kind = dict

    def __init__(self, /, *args: Any, **kwargs: Any) -> None:
        pairs = (
            args[0]
            if len(args) == 1 and isinstance(args[0], (dict, list))
            else list(zip(args[::2], args[1::2], strict=True))
        )
        pairs = list(pairs.items()) if isinstance(pairs, dict) else [tuple(pair) for pair in pairs]
        super().__init__(*pairs, *kwargs.items())


def parse_input(x: Any) -> Any:
    """``x`` as a task when it has TaskRefs or tasks inside, otherwise as it is."""
    if isinstance(x, GraphNode):
        return x
    if isinstance(x, TaskRef):
        return Alias(x.key)
    if type(x) in (list, tuple, set, dict) and any(True for _ in _inputs(x)):
        kinds: dict[type, Any] = {list: List, tuple: Tuple, set: Set}
        return Dict(x) if type(x) is dict else kinds[type(x)](*x)
    return x


def convert_legacy_task(key: Any, task: Any, all_keys: Any) -> Any:
    """A tuple, key or value of a graph as a task, or itself when it is data inside of another."""
    from swath.core import _is_key_of, istask

    if isinstance(task, (GraphNode, TaskRef)):
        return task if isinstance(task, GraphNode) else Alias(key or task.key, task.key)
    if istask(task):
        return Task(key, task[0], *[convert_legacy_task(None, x, all_keys) for x in task[1:]])
    if _is_key_of(all_keys, task):
        return TaskRef(task) if key is None else Alias(key, task)
    if type(task) in (list, tuple, set):
        parts = [convert_legacy_task(None, x, all_keys) for x in task]
        if any(True for _ in _inputs(parts)):
            kinds: dict[type, Any] = {list: List, tuple: Tuple, set: Set}
            return kinds[type(task)](*parts).substitute({}, key)
    return task


def convert_legacy_graph(dsk: Mapping[Any, Any], all_keys: Any = None) -> dict[Any, Any]:
    """A graph of tuples as a graph of tasks.

    >>> convert_legacy_graph({"x": -1, "y": (abs, "x")})["y"].dependencies
    frozenset({'x'})
    """
    keys = set(dsk) | set(all_keys or ())
    converted = {key: convert_legacy_task(key, task, keys) for key, task in dsk.items()}
    return {key: x if isinstance(x, GraphNode) else DataNode(key, x) for key, x in converted.items()}
