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
    from swath.base import compute, explain, is_swath_collection, optimize, persist, visualize
    from swath.delayed import delayed

_MODULES = ("array", "base", "config", "dataframe", "demo", "diagnostics")
_FUNCTIONS = {
    name: "base" for name in ("compute", "explain", "is_swath_collection", "optimize", "persist", "visualize")
}
_FUNCTIONS["delayed"] = "delayed"

__all__ = [
    "__version__",
    "array",
    "base",
    "compute",
    "config",
    "dataframe",
    "delayed",
    "diagnostics",
    "explain",
    "is_swath_collection",
    "optimize",
    "persist",
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
