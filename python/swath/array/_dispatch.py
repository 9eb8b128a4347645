"""NumPy's functions on our arrays: ``np.sin(x)`` and ``np.concatenate([x, y])`` stay lazy (NEP 13 and NEP 18)."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from swath.array.core import Array

#: NumPy names whose function here has another name.
_RENAMED = {"conjugate": "conj", "amax": "max", "amin": "min"}


def array_ufunc(numpy_ufunc: np.ufunc, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """``Array.__array_ufunc__``."""
    import swath.array as sa
    from swath.array.core import _handled

    out = kwargs.get("out", ())
    for x in (*inputs, *(out if isinstance(out, tuple) else (out,))):
        if not (_handled(x) or x is None):
            return NotImplemented
    if any(isinstance(x, np.ndarray) for x in out):
        raise TypeError("out is a NumPy array, the result is lazy: write out[...] = result.compute() instead")
    if numpy_ufunc is np.matmul and method == "__call__":
        return sa.matmul(*inputs)
    function = getattr(sa, numpy_ufunc.__name__, None)
    if function is None:
        return NotImplemented
    if method == "__call__":
        return function(*inputs, **{k: v for k, v in kwargs.items() if not (k == "out" and v == ())})
    if method in ("outer", "reduce", "accumulate") and hasattr(function, method):
        return getattr(function, method)(*inputs, **kwargs)
    raise TypeError(f"{numpy_ufunc.__name__}.{method} is not there for lazy arrays")


def array_function(function: Any, types: Any, args: Any, kwargs: Any) -> Any:
    """``Array.__array_function__``: ours of the same name, else NumPy's on computed arrays, with a warning."""
    import swath.array as sa

    if not all(issubclass(kind, (Array, np.ndarray)) for kind in types):
        return NotImplemented
    module: Any = sa
    for part in function.__module__.split(".")[1:]:
        module = getattr(module, part, None)
    ours = getattr(module, _RENAMED.get(function.__name__, function.__name__), None) if module is not None else None
    if callable(ours) and ours is not function:
        return ours(*args, **kwargs)
    warnings.warn(
        f"numpy.{function.__name__} has no lazy form here: its arguments are computed and NumPy does the rest",
        RuntimeWarning,
        stacklevel=3,
    )
    return function(*_computed(args), **_computed(kwargs))


def _computed(x: Any) -> Any:
    if isinstance(x, Array):
        return x.compute()
    if isinstance(x, (list, tuple)):
        return type(x)(_computed(item) for item in x)
    if isinstance(x, dict):
        return {key: _computed(value) for key, value in x.items()}
    return x
