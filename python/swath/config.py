"""Settings: defaults < YAML files < environment < code, with ``dask.config``'s functions on the engine's own store.

>>> import swath
>>> with swath.config.set({"array.chunk-size": "16MiB"}):
...     swath.config.get("array.chunk-size")
'16MiB'

YAML is read from ``/etc/swath``, ``~/.config/swath`` and ``$SWATH_CONFIG``; the environment variable
``SWATH_MEMORY__LIMIT=8GiB`` sets ``memory.limit``. Hyphens and underscores in keys are the same.
"""

from __future__ import annotations

import base64
import builtins
import functools
import json
import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal

from swath._engine import core

no_default = "__no_default__"
PATH = os.environ.get("SWATH_CONFIG", os.path.join(os.path.expanduser("~"), ".config", "swath"))
paths = ["/etc/swath", os.path.join(os.path.expanduser("~"), ".config", "swath")]
if "SWATH_CONFIG" in os.environ:
    paths.append(os.environ["SWATH_CONFIG"])


def canonical_name(k: str, config: Mapping[str, Any]) -> str:
    """The spelling of ``k`` that ``config`` uses: hyphen or underscore."""
    if not isinstance(k, str) or k in config:
        return k
    other = k.replace("_", "-") if "_" in k else k.replace("-", "_")
    return other if other in config else k


def get(key: str, default: Any = no_default, config: Mapping[str, Any] | None = None, override_with: Any = None) -> Any:
    """The setting ``key`` ("a.b"); ``override_with`` when that is not None; KeyError without a ``default``."""
    if override_with is not None:
        return override_with
    if config is None:
        if _objects and (name := key.replace("_", "-")) in _objects:
            return _objects[name]
        if core.config_has(key):
            return core.config_get(key)
        if default is not no_default:
            return default
        raise KeyError(f"no setting {key!r}; known keys: {', '.join(name for name, _, _ in core.config_keys())}")
    result: Any = config
    for part in key.split("."):
        try:
            result = result[canonical_name(part, result)]
        except (TypeError, IndexError, KeyError):
            if default is no_default:
                raise
            return default
    return result


# What the engine cannot hold: functions, executors, clients. By canonical key.
_objects: dict[str, Any] = {}


def _set_global(key: str, value: Any) -> Callable[[], None]:
    """Sets a global setting; answers what undoes it."""
    name = key.replace("_", "-")
    held = _objects.pop(name, no_default)
    if isinstance(value, (str, int, float, list, tuple, Mapping, os.PathLike, type(None))):
        before = core.config_set(key, value)
    else:
        _objects[name] = value
        before = no_default

    def undo() -> None:
        _objects.pop(name, None)
        if before is None:
            core.config_unset(key)
        elif before is not no_default:
            core.config_set(key, before[0])
        if held is not no_default:
            _objects[name] = held

    return undo


def _leaves(items: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in items.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


class set:
    """Set settings, for good or for the length of a ``with`` block.

    >>> import swath
    >>> with swath.config.set(scheduler="sync"), swath.config.set({"memory.limit": "1GiB"}):
    ...     swath.config.get("memory.limit")
    '1GiB'

    Keyword arguments write a dot as two underscores: ``set(memory__limit="1GiB")``.
    """

    def __init__(
        self,
        arg: Mapping[str, Any] | None = None,
        config: dict[str, Any] | None = None,
        lock: Any = None,
        **kwargs: Any,
    ) -> None:
        items = dict(arg or {})
        items.update((key.replace("__", "."), value) for key, value in kwargs.items())
        items = dict(_leaves(items)) if config is None else items
        self._target = config
        self._undo: list[Callable[[], None]] = []
        try:
            for key, value in items.items():
                self._undo.append(self._assign(key, value))
        except BaseException:
            self.__exit__()
            raise

    def _assign(self, key: str, value: Any) -> Callable[[], None]:
        if self._target is None:
            return _set_global(key, value)
        node = self._target
        *parents, last = key.split(".")
        for part in parents:
            node = node.setdefault(canonical_name(part, node), {})
        last = canonical_name(last, node)
        undo = functools.partial(pop, key, None, self._target)
        if last in node:
            undo = functools.partial(node.__setitem__, last, node[last])
        node[last] = value
        return undo

    def __enter__(self) -> dict[str, Any]:
        return core.config_root() if self._target is None else self._target

    def __exit__(self, *exc: object) -> None:
        for undo in reversed(self._undo):
            undo()
        self._undo = []


def pop(key: str, default: Any = no_default, config: dict[str, Any] | None = None) -> Any:
    """Remove ``key`` and return what it held; in the global settings, what code set is removed."""
    value = get(key, default, config=config)
    if config is None:
        if _objects.pop(key.replace("_", "-"), no_default) is no_default:
            core.config_unset(key)
        return value
    node = config
    *parents, last = key.split(".")
    for part in parents:
        node = node.get(canonical_name(part, node), {})
    node.pop(canonical_name(last, node), None)
    return value


def update(
    old: dict[str, Any],
    new: Mapping[str, Any],
    priority: Literal["old", "new", "new-defaults"] = "new",
    defaults: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Merge the nested dict ``new`` into ``old``; ``priority`` says who wins where both have a key.

    >>> from swath.config import update
    >>> update({"x": 1, "y": {"a": 2}}, {"x": 2, "y": {"b": 3}}, priority="old")
    {'x': 1, 'y': {'a': 2, 'b': 3}}
    """
    for key, value in new.items():
        k = canonical_name(key, old)
        if isinstance(value, Mapping):
            if not isinstance(old.get(k), dict):
                old[k] = {}
            update(old[k], value, priority=priority, defaults=(defaults or {}).get(k))
        elif (
            priority == "new"
            or k not in old
            or (priority == "new-defaults" and defaults is not None and k in defaults and defaults[k] == old[k])
        ):
            old[k] = value
    return old


def merge(*dicts: Mapping[str, Any]) -> dict[str, Any]:
    """A new nested dict of all; later ones win."""
    result: dict[str, Any] = {}
    for d in dicts:
        update(result, d)
    return result


def interpret_value(value: str) -> Any:
    """The text of an environment variable as a Python value: a YAML scalar, list or map."""
    return core.config_parse(value)


def collect_env(env: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What ``SWATH_…`` variables set: ``SWATH_A__B_C=1`` is ``{"a": {"b-c": 1}}``."""
    result: dict[str, Any] = {}
    for name, value in (os.environ if env is None else env).items():
        if name.startswith("SWATH_") and name not in ("SWATH_CONFIG", "SWATH_BUILD_DIR"):
            key = name[len("SWATH_") :].lower().replace("__", ".").replace("_", "-")
            set({key: interpret_value(value)}, config=result)
    return result


def collect_yaml(paths: Iterable[str] = paths) -> list[dict[str, Any]]:
    """The contents of the YAML files in ``paths`` (files or folders), in rising precedence."""
    result = []
    for path in paths:
        names = [path]
        if os.path.isdir(path):
            names = sorted(
                os.path.join(path, name)
                for name in os.listdir(path)
                if os.path.splitext(name)[1].lower() in (".json", ".yaml", ".yml")
            )
        result += [core.config_load_file(name) for name in names if os.path.exists(name)]
    return [item for item in result if item]


def collect(paths: Iterable[str] = paths, env: Mapping[str, str] | None = None) -> dict[str, Any]:
    """YAML files and environment as one nested dict; changes no setting."""
    return merge(*collect_yaml(paths), collect_env(env))


def refresh() -> None:
    """Read YAML files and the environment again; what code set is forgotten."""
    core.config_refresh()


def update_defaults(new: Mapping[str, Any]) -> None:
    """Set each key of the nested dict ``new`` that is not set yet: how a library adds its own settings."""

    def walk(prefix: str, node: Mapping[str, Any]) -> None:
        for key, value in node.items():
            name = f"{prefix}{key}"
            if isinstance(value, Mapping):
                walk(name + ".", value)
            elif not core.config_has(name):
                core.config_set(name, value)

    defaults.append(new)
    walk("", new)


def expand_environment_variables(config: Any) -> Any:
    """``$NAME`` in all strings of a nested structure replaced by the environment's value."""
    if isinstance(config, Mapping):
        return {key: expand_environment_variables(value) for key, value in config.items()}
    if isinstance(config, str):
        return os.path.expandvars(config)
    if isinstance(config, (list, tuple, builtins.set)):
        return type(config)(expand_environment_variables(value) for value in config)
    return config


def serialize(data: Any) -> str:
    """Settings as text that fits an environment variable."""
    return base64.urlsafe_b64encode(json.dumps(data).encode()).decode()


def deserialize(data: str) -> Any:
    """The inverse of :func:`serialize`."""
    return json.loads(base64.urlsafe_b64decode(data.encode()).decode())


#: settings that were renamed: {old: new}; None: no longer used
deprecations: dict[str, str | None] = {}
#: what libraries set by :func:`update_defaults`
defaults: list[Mapping[str, Any]] = []


def rename(deprecations: Mapping[str, str | None] = deprecations, config: dict[str, Any] | None = None) -> None:
    """Give settings with old names their new ones."""
    for old, new in deprecations.items():
        value = get(old, no_default if config is None else None, config=config) if _has(old, config) else None
        if value is None:
            continue
        pop(old, None, config)
        if new:
            set({new: value}, config=config)


def _has(key: str, config: dict[str, Any] | None) -> bool:
    missing: Any = object()
    return get(key, missing, config=config) is not missing


def check_deprecations(key: str, deprecations: Mapping[str, str | None] = deprecations) -> str:
    """The name to use for ``key``: warns of an old one, ValueError for one that is no longer used."""
    old = key.replace("_", "-")
    if old not in deprecations:
        return key
    new = deprecations[old]
    if not new:
        raise ValueError(f"setting {key!r} is no longer used")
    warnings.warn(f"setting {key!r} is now {new!r}", FutureWarning, stacklevel=3)
    return new


def ensure_file(source: str, destination: str | None = None, comment: bool = True) -> None:
    """Copy a file of settings into the user's folder unless it has one; ``comment`` puts # before lines."""
    destination = destination or PATH
    if not os.path.splitext(destination)[1]:
        destination = os.path.join(destination, os.path.basename(source))
    if os.path.exists(destination):
        return
    os.makedirs(os.path.dirname(destination), exist_ok=True)
    with open(source) as file:
        lines = list(file)
    if comment:
        lines = ["# " + line if line.strip() and not line.startswith("#") else line for line in lines]
    temporary = f"{destination}.{os.getpid()}.tmp"
    with open(temporary, "w") as file:
        file.writelines(lines)
    os.replace(temporary, destination)


def paths_containing_key(key: str, paths: Iterable[str] = paths) -> Iterator[str]:
    """The files of settings that set ``key``."""
    for path in paths:
        names = [path]
        if os.path.isdir(path):
            names = [os.path.join(path, name) for name in sorted(os.listdir(path))]
        for name in names:
            if os.path.splitext(name)[1].lower() in (".json", ".yaml", ".yml") and os.path.exists(name):
                missing: Any = object()
                if get(key, missing, config=core.config_load_file(name) or {}) is not missing:
                    yield name


def __getattr__(name: str) -> Any:
    if name in ("config", "global_config"):
        return core.config_root()
    raise AttributeError(f"module 'swath.config' has no attribute {name!r}")
