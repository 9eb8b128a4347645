"""Hand-written graphs as dicts: what depends on what. The engine has its own form; these are for programs and tests.

A graph is ``{key: task}``; a task is ``(function, argument, …)``, a key, a list of such, data, or an object of
:mod:`swath.task_spec`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from swath._schedulers import named_schedulers

__all__ = [
    "flatten",
    "get",
    "get_dependencies",
    "get_deps",
    "getcycle",
    "has_tasks",
    "isdag",
    "iskey",
    "istask",
    "keys_in_tasks",
    "literal",
    "quote",
    "reverse_dict",
    "subs",
    "toposort",
    "validate_key",
]


def istask(x: Any) -> bool:
    """Is ``x`` a task: a tuple that starts with a callable?

    >>> istask((sum, [1, 2])), istask((1, 2)), istask(1)
    (True, False, False)
    """
    return type(x) is tuple and bool(x) and callable(x[0])


def iskey(x: Any) -> bool:
    """May ``x`` be a key: an int, float, string, bytes, or a tuple of such?"""
    if isinstance(x, tuple):
        return type(x) is tuple and all(map(iskey, x))
    return type(x) in (bytes, int, float, str)


def validate_key(key: Any) -> None:
    """TypeError when ``key`` can be none."""
    if not iskey(key):
        raise TypeError(f"Unexpected key type {type(key)} (value: {key!r}); keys are str, int, float, bytes and tuples")


def has_tasks(dsk: Mapping[Any, Any], x: Any) -> bool:
    """Is ``x`` a task or a key of the graph, or a list with one inside?"""
    if istask(x) or _is_key_of(dsk, x) or _spec(x) is not None:
        return True
    return isinstance(x, list) and any(has_tasks(dsk, item) for item in x)


def _is_key_of(keys: Any, x: Any) -> bool:
    if not isinstance(x, (int, float, str, tuple)):  # as Dask: bytes are keys only where they are asked for
        return False
    try:
        return x in keys
    except TypeError:
        return False


def _spec(x: Any) -> Iterable[Any] | None:
    """The dependencies of an object of a task_spec module; None for others."""
    kind = type(x)
    if hasattr(kind, "dependencies") and hasattr(kind, "substitute"):
        return x.dependencies
    return (x.key,) if kind.__name__ == "TaskRef" and hasattr(x, "key") else None


def keys_in_tasks(keys: Any, tasks: Iterable[Any], as_list: bool = False) -> Any:
    """Which of ``keys`` the tasks read.

    >>> sorted(keys_in_tasks({"x", "y", "z"}, [(sum, ["x", (abs, "y")])]))
    ['x', 'y']
    """
    found: list[Any] = []
    work = list(tasks)
    while work:
        x = work.pop()
        inside = _spec(x)
        if inside is not None:
            found.extend(key for key in inside if key in keys)
        elif istask(x):
            work.extend(x[1:])
        elif _is_key_of(keys, x):
            found.append(x)
        elif type(x) in (list, tuple, set):
            work.extend(x)
        elif type(x) is dict:
            work.extend(value for value in x.values() if _spec(value) is not None)
    return found if as_list else set(found)


_none: Any = object()


def get_dependencies(dsk: Mapping[Any, Any], key: Any = None, task: Any = _none, as_list: bool = False) -> Any:
    """The keys that a task reads.

    >>> sorted(get_dependencies({"x": 1, "y": (abs, "x"), "z": (max, "x", "y")}, "z"))
    ['x', 'y']
    """
    if task is _none:
        if key is None:
            raise ValueError("Provide either key or task")
        task = dsk[key]
    return keys_in_tasks(dsk, [task], as_list=as_list)


def get_deps(dsk: Mapping[Any, Any]) -> tuple[dict[Any, set[Any]], dict[Any, set[Any]]]:
    """What each task reads, and who reads it.

    >>> dependencies, dependents = get_deps({"a": 1, "b": (abs, "a")})
    >>> dependencies["b"], dependents["a"]
    ({'a'}, {'b'})
    """
    dependencies = {key: get_dependencies(dsk, task=task) for key, task in dsk.items()}
    return dependencies, reverse_dict(dependencies)


def reverse_dict(d: Mapping[Any, Iterable[Any]]) -> dict[Any, set[Any]]:
    """
    >>> sorted(reverse_dict({"a": {1}, "b": {1}})[1])
    ['a', 'b']
    """
    result: dict[Any, set[Any]] = {key: set() for key in d}
    for key, values in d.items():
        for value in values:
            result.setdefault(value, set()).add(key)
    return result


def flatten(seq: Any, container: Any = list) -> Iterator[Any]:
    """The items of nested lists.

    >>> list(flatten([[1, [2]], 3, (4,)]))
    [1, 2, 3, (4,)]
    """
    if isinstance(seq, str):
        yield seq
        return
    for item in seq:
        if isinstance(item, container):
            yield from flatten(item, container=container)
        else:
            yield item


def subs(task: Any, key: Any, val: Any) -> Any:
    """The task with ``val`` where it reads ``key``.

    >>> subs((max, "x", ["x", 1]), "x", 5)[1:]
    (5, [5, 1])
    """
    if istask(task):
        return (task[0], *[subs(x, key, val) for x in task[1:]])
    if type(task) is type(key) and task == key:
        return val
    if _spec(task) is not None and hasattr(task, "substitute"):
        return task.substitute({key: val})
    return [subs(x, key, val) for x in task] if type(task) is list else task


def _walk(dsk: Mapping[Any, Any], keys: Iterable[Any], dependencies: Any) -> tuple[list[Any], list[Any]]:
    """The keys, each after what it reads; and a cycle, empty when there is none."""
    order: list[Any] = []
    done: set[Any] = set()
    for root in keys:
        stack = [(root, iter(sorted(dependencies(root), key=str)))] if root not in done else []
        path = {root: None} if stack else {}
        while stack:
            key, remaining = stack[-1]
            for inner in remaining:
                if inner in path:
                    names = list(path)
                    return order, [*names[names.index(inner) :], inner]
                if inner not in done:
                    stack.append((inner, iter(sorted(dependencies(inner), key=str))))
                    path[inner] = None
                    break
            else:
                stack.pop()
                del path[key]
                done.add(key)
                order.append(key)
    return order, []


def toposort(dsk: Mapping[Any, Any], dependencies: Mapping[Any, Iterable[Any]] | None = None) -> list[Any]:
    """The keys, each after what it reads. RuntimeError names a cycle.

    >>> toposort({"y": (abs, "x"), "x": 1})
    ['x', 'y']
    """
    order, cycle = _walk(dsk, dsk, _reader(dsk, dependencies))
    if cycle:
        raise RuntimeError("Cycle detected in Dask: " + "->".join(map(str, cycle)))
    return order


def _reader(dsk: Mapping[Any, Any], dependencies: Mapping[Any, Iterable[Any]] | None) -> Any:
    return (lambda key: get_dependencies(dsk, key)) if dependencies is None else dependencies.__getitem__


def getcycle(d: Mapping[Any, Any], keys: Any) -> list[Any]:
    """A cycle that ``keys`` reach, or an empty list.

    >>> getcycle({"a": (abs, "b"), "b": (abs, "a")}, "a")
    ['a', 'b', 'a']
    """
    return _walk(d, keys if isinstance(keys, list) else [keys], _reader(d, None))[1]


def isdag(d: Mapping[Any, Any], keys: Any) -> bool:
    """Do ``keys`` reach no cycle?"""
    return not getcycle(d, keys)


class literal:
    """A value in a graph that is no task, whatever it looks like."""

    __slots__ = ("data",)

    def __init__(self, data: Any) -> None:
        self.data = data

    def __repr__(self) -> str:
        return f"literal<type={type(self.data).__name__}>"

    def __reduce__(self) -> Any:
        return literal, (self.data,)

    def __call__(self) -> Any:
        return self.data


def quote(x: Any) -> Any:
    """``x`` as data: wrapped where a graph would take it for a task.

    >>> quote((sum, [1]))
    (literal<type=tuple>,)
    """
    return (literal(x),) if istask(x) or type(x) in (list, set, dict) else x


def get(dsk: Mapping[Any, Any], out: Any, cache: Any = None) -> Any:
    """The results of the keys ``out``, by the calling thread."""
    return named_schedulers["sync"](dsk, out)
