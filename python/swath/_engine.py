"""Loads the engine (`swath._core` and libswath.so) once, wherever pyarrow's libraries are."""

from __future__ import annotations

import ctypes
import glob
import importlib
import importlib.util
import os
import sys
from types import ModuleType
from typing import Any


def _preload() -> None:
    """Loads the libraries that ours need from the folders of the pyarrow and scipy_openblas32 packages.

    The recorded search path covers packages that lie beside ours; this covers the others (user site, PYTHONPATH).
    """
    for package, folder, pattern in (
        ("scipy_openblas32", "lib", "libscipy_openblas*.so"),
        ("pyarrow", "", "libarrow_dataset.so.*"),
    ):
        spec = importlib.util.find_spec(package)
        if spec is None or not spec.origin:
            continue
        for path in glob.glob(os.path.join(os.path.dirname(spec.origin), folder, pattern)):
            ctypes.CDLL(path, mode=ctypes.RTLD_GLOBAL if package == "scipy_openblas32" else ctypes.DEFAULT_MODE)


def _load() -> ModuleType:
    try:
        return importlib.import_module("swath._core")
    except ImportError as error:
        first = error
    if isinstance(first, ModuleNotFoundError) and first.name == "swath._core":
        raise ImportError(
            "the engine swath._core is not built for this Python: run `pip install .`, or build it and "
            f"set SWATH_BUILD_DIR to the build folder (now {os.environ.get('SWATH_BUILD_DIR')!r})"
        ) from first
    _preload()
    try:
        return importlib.import_module("swath._core")
    except ImportError as error:
        raise ImportError(
            f"the engine cannot be loaded: {error}; it needs pyarrow 26.0 and scipy_openblas32 in {sys.prefix}"
        ) from first


core: Any = _load()
