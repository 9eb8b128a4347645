"""Rewrites of hand-written graphs: cull, fuse, inline. The engine fuses its own collections by itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from swath._protocol import flat_keys, graph_dict
from swath.core import get_dependencies, istask, reverse_dict, subs, toposort

__all__ = ["cull", "functions_of", "fuse", "fuse_linear", "inline", "inline_functions"]

Dependencies = dict[Any, list[Any]]


def cull(dsk: Mapping[Any, Any], keys: Any) -> tuple[dict[Any, Any], dict[Any, set[Any]]]:
    """The part of the graph that ``keys`` need, and its dependencies.

    >>> sorted(cull({"x": 1, "y": (abs, "x"), "z": 2}, ["y"])[0])
    ['x', 'y']
    """
    dsk = graph_dict(dsk)
    work = flat_keys(
        list(keys) if isinstance(keys, (set, tuple, list)) and not (isinstance(keys, tuple) and keys in dsk) else keys
    )
    out: dict[Any, Any] = {}
    dependencies: dict[Any, set[Any]] = {}
    while work:
        key = work.pop()
        if key in out:
            continue
        out[key] = dsk[key]
        dependencies[key] = get_dependencies(dsk, key)
        work.extend(dependencies[key])
    return out, dependencies


def inline(
    dsk: Mapping[Any, Any],
    keys: Any = None,
    inline_constants: bool = True,
    dependencies: Mapping[Any, Collection[Any]] | None = None,
) -> dict[Any, Any]:
    """The graph with the tasks of ``keys`` (and constants) written where they are read.

    >>> inline({"x": 1, "y": (abs, "x")})["y"][1:]
    (1,)
    """
    wanted = set(flat_keys(list(keys) if isinstance(keys, (set, list)) else [] if keys is None else [keys]))
    if dependencies is None:
        dependencies = {key: get_dependencies(dsk, key) for key in dsk}
    if inline_constants:
        wanted |= {key for key in dsk if not istask(dsk[key]) and not dependencies[key]}
    result: dict[Any, Any] = {}
    for key in toposort(dict(dsk), dependencies):
        task = dsk[key]
        for inner in dependencies[key]:
            if inner in wanted:
                task = subs(task, inner, result[inner])
        result[key] = task
    return result


def inline_functions(
    dsk: Mapping[Any, Any],
    output: Any,
    fast_functions: Collection[Callable[..., Any]] | None = None,
    inline_constants: bool = False,
    dependencies: Mapping[Any, Collection[Any]] | None = None,
) -> dict[Any, Any]:
    """The graph with tasks of ``fast_functions`` written where they are read, and left out.

    >>> sorted(inline_functions({"x": 1, "y": (abs, "x"), "z": (sum, ["y"])}, ["z"], [abs]))
    ['x', 'z']
    """
    if not fast_functions:
        return dict(dsk)
    fast = set(fast_functions)
    kept = set(flat_keys(list(output) if isinstance(output, (set, list)) else output))
    if dependencies is None:
        dependencies = {key: get_dependencies(dsk, key) for key in dsk}
    read = reverse_dict(dependencies)
    keys = {
        key
        for key, task in dsk.items()
        if istask(task) and key not in kept and read[key] and functions_of(task) <= fast
    }
    result = inline(dsk, keys, inline_constants=inline_constants, dependencies=dependencies)
    for key in keys:
        del result[key]
    return result


def functions_of(task: Any) -> set[Any]:
    """The functions that a task calls.

    >>> functions_of((sum, [(abs, "x")])) == {sum, abs}
    True
    """
    functions: set[Any] = set()
    work = [task]
    while work:
        x = work.pop()
        if istask(x):
            functions.add(x[0])
            work.extend(x[1:])
        elif type(x) is list:
            work.extend(x)
    return functions


def fuse_linear(
    dsk: Mapping[Any, Any], keys: Any = None, dependencies: Any = None, rename_keys: bool = True
) -> tuple[dict[Any, Any], dict[Any, set[Any]]]:
    """The graph with each chain of tasks that only the next one reads as one task.

    >>> fuse_linear({"a": 1, "b": (abs, "a"), "c": (abs, "b")}, rename_keys=False)[0]
    {'c': (<built-in function abs>, (<built-in function abs>, 1))}
    """
    kept = set(flat_keys(list(keys) if isinstance(keys, (set, list)) else [] if keys is None else [keys]))
    deps = (
        {key: set(get_dependencies(dsk, key)) for key in dsk}
        if dependencies is None
        else {key: set(value) for key, value in dependencies.items()}
    )
    readers = reverse_dict(deps)
    # child -> the only one that reads it, which reads nothing else
    into = {
        child: next(iter(readers[child]))
        for child in dsk
        if child not in kept and len(readers[child]) == 1 and len(deps[next(iter(readers[child]))]) == 1
    }
    fused_into = {parent: child for child, parent in into.items()}
    result: dict[Any, Any] = {}
    new_deps: dict[Any, set[Any]] = {}
    for key in dsk:
        if key in into:
            continue
        chain = [key]
        while chain[-1] in fused_into:
            chain.append(fused_into[chain[-1]])
        task = dsk[chain[-1]]
        for outer, inner in zip(reversed(chain[:-1]), reversed(chain[1:]), strict=True):
            task = subs(dsk[outer], inner, task)
        name = key
        if rename_keys and len(chain) > 1 and isinstance(key, str):
            name = "-".join(str(part) for part in reversed(chain))
            result[key] = name
            new_deps[key] = {name}
        result[name] = task
        new_deps[name] = deps[chain[-1]]
    return result, new_deps


def fuse(
    dsk: Mapping[Any, Any], keys: Any = None, dependencies: Any = None, rename_keys: bool = False, **kwargs: Any
) -> tuple[dict[Any, Any], dict[Any, set[Any]]]:
    """Fuses chains, as :func:`fuse_linear`. The widths and heights that Dask takes have no effect here: the engine runs
    a ready row of small tasks as one batch anyway."""
    return fuse_linear(dsk, keys, dependencies, rename_keys)
