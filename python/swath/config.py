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
import json
import os
from collections.abc import Iterable, Iterator, Mapping
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
        self._undo: list[tuple[str, Any]] = []
        try:
            for key, value in items.items():
                self._undo.append((key, self._assign(key, value)))
        except BaseException:
            self.__exit__()
            raise

    def _assign(self, key: str, value: Any) -> Any:
        if self._target is None:
            return core.config_set(key, value)
        node = self._target
        *parents, last = key.split(".")
        for part in parents:
            node = node.setdefault(canonical_name(part, node), {})
        last = canonical_name(last, node)
        previous = (node[last],) if last in node else None
        node[last] = value
        return previous

    def __enter__(self) -> dict[str, Any]:
        return core.config_root() if self._target is None else self._target

    def __exit__(self, *exc: object) -> None:
        for key, previous in reversed(self._undo):
            if previous is not None:
                self._assign(key, previous[0])
            elif self._target is None:
                core.config_unset(key)
            else:
                pop(key, config=self._target)
        self._undo = []


def pop(key: str, default: Any = no_default, config: dict[str, Any] | None = None) -> Any:
    """Remove ``key`` and return what it held; in the global settings, what code set is removed."""
    value = get(key, default, config=config)
    if config is None:
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


def __getattr__(name: str) -> Any:
    if name == "config":
        return core.config_root()
    raise AttributeError(f"module 'swath.config' has no attribute {name!r}")
