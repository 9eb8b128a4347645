"""Swath: lazy blocked arrays and dataframes, larger than memory, on a C++ engine.

``import swath.array as sa`` gives NumPy's and Dask's array functions, ``import swath.dataframe as sd`` pandas' and
Dask's dataframe functions; ``swath.compute`` runs what they describe. ``import swath`` alone loads nothing heavy: the
engine, NumPy, pandas and pyarrow are loaded by the first name that needs them.
"""

from __future__ import annotations

import importlib as _importlib
import os as _os

TYPE_CHECKING = False  # typing itself takes longer to import than the rest

__version__ = "0.1.0"

_build = _os.environ.get("SWATH_BUILD_DIR")
if _build:  # an uninstalled tree: the extension module lies in the build folder
    __path__.append(_os.path.join(_build, "python", "swath"))

if TYPE_CHECKING:
    from typing import Any

    from swath import array, base, config, dataframe, diagnostics
    from swath.base import (
        annotate,
        compute,
        explain,
        get,
        get_annotations,
        is_dask_collection,
        is_swath_collection,
        optimize,
        persist,
        to_dask_graph,
        visualize,
    )
    from swath.core import istask
    from swath.delayed import delayed

_MODULES = (
    "array",
    "bag",
    "base",
    "callbacks",
    "config",
    "core",
    "dataframe",
    "datasets",
    "demo",
    "diagnostics",
    "graph_manipulation",
    "highlevelgraph",
    "local",
    "multiprocessing",
    "optimization",
    "order",
    "sizeof",
    "system",
    "task_spec",
    "threaded",
    "tokenize",
    "typing",
    "utils",
)
_BASE = (
    "annotate",
    "compute",
    "explain",
    "get",
    "get_annotations",
    "is_dask_collection",
    "is_swath_collection",
    "optimize",
    "persist",
    "to_dask_graph",
    "visualize",
)
_FUNCTIONS = {name: "base" for name in _BASE} | {"delayed": "delayed", "istask": "core"}

__all__ = [
    "__version__",
    "annotate",
    "array",
    "bag",
    "base",
    "compute",
    "config",
    "dataframe",
    "datasets",
    "delayed",
    "diagnostics",
    "explain",
    "get",
    "get_annotations",
    "is_dask_collection",
    "is_swath_collection",
    "istask",
    "optimize",
    "persist",
    "to_dask_graph",
    "visualize",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return _importlib.import_module("swath." + name)
    if name in _FUNCTIONS:
        value = getattr(_importlib.import_module("swath." + _FUNCTIONS[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'swath' has no attribute {name!r}; it has {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
