"""Tokens of NumPy's and pyarrow's objects (registered when one is met)."""

from __future__ import annotations

import hashlib
from typing import Any


def _hash(data: Any) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def register(normalize_token: Any) -> None:
    """Adds NumPy's types to the registry."""
    import numpy as np

    from swath.tokenize import _normalize_object, _normalize_pickle

    @normalize_token.register(np.ndarray)
    def _(x: Any) -> Any:
        dtype = normalize_token(x.dtype)
        if type(x) is not np.ndarray:
            dtype = (type(x).__qualname__, dtype)
        if not x.shape and not x.dtype.hasobject:
            return "array", x.tobytes(), dtype
        if x.dtype.hasobject or x.dtype.kind == "T":
            return _objects(x, dtype)
        # C and Fortran order hold equal values in unequal order: hash in the memory's order, and say which.
        if x.flags.c_contiguous:
            return "array", _hash(x.view(np.uint8) if x.size and x.ndim else x.tobytes()), dtype, x.shape
        if x.flags.f_contiguous:
            return "array F", _hash(x.T.view(np.uint8)), dtype, x.shape
        return "array", _hash(np.ascontiguousarray(x).tobytes()), dtype, x.shape

    def _objects(x: Any, dtype: Any) -> Any:
        items = x.ravel().tolist()
        try:
            text = "\0".join(items)
            if text.count("\0") < max(len(items), 1):  # none of the strings has one: the text says where each ends
                return "array", _hash(text.encode("utf-8", "surrogatepass")), dtype, x.shape
        except TypeError:
            pass  # not strings alone
        return "array", normalize_token(items), dtype, x.shape

    @normalize_token.register(np.memmap)
    def _(x: Any) -> Any:
        return "array", _hash(np.ascontiguousarray(x).tobytes()), normalize_token(x.dtype), x.shape

    @normalize_token.register(np.generic)
    def _(x: Any) -> Any:
        if x.dtype.hasobject:
            return _normalize_object(x)
        return "scalar", x.tobytes(), normalize_token(x.dtype)

    @normalize_token.register(np.dtype)
    def _(x: Any) -> Any:
        return "dtype", str(x.descr) if x.names else x.str, str(x)

    @normalize_token.register(np.ufunc)
    def _(x: Any) -> Any:
        name: str = x.__name__
        if getattr(np, name, None) is x:
            return "ufunc", name
        return _normalize_object(x)

    @normalize_token.register((np.random.Generator, np.random.RandomState, np.random.SeedSequence))
    def _(x: Any) -> Any:
        return _normalize_pickle(x)


def register_pyarrow(normalize_token: Any) -> None:
    """Adds pyarrow's types to the registry."""
    import pyarrow as pa

    @normalize_token.register(pa.DataType)
    def _(x: Any) -> Any:
        return "arrow type", str(x), normalize_token(pa.schema([("x", x)]).serialize())

    @normalize_token.register(pa.Schema)
    def _(x: Any) -> Any:
        return "arrow schema", normalize_token(x.serialize())

    @normalize_token.register((pa.Table, pa.RecordBatch))
    def _(x: Any) -> Any:
        return type(x).__name__, normalize_token(x.schema), [normalize_token(column) for column in x.columns]

    @normalize_token.register(pa.ChunkedArray)
    def _(x: Any) -> Any:
        return "arrow", str(x.type), [normalize_token(chunk) for chunk in x.chunks]

    @normalize_token.register(pa.Array)
    def _(x: Any) -> Any:
        # Without what lies outside a slice, and without an empty validity map, which pickling drops.
        x = (
            pa.concat_arrays([x])
            if x.offset == 0 and not x.nbytes < x.get_total_buffer_size()
            else pa.concat_arrays([x, x[:0]])
        )
        buffers = x.buffers()
        if buffers and buffers[0] is not None and x.null_count == 0:
            buffers[0] = None
        values = [None if buffer is None else _hash(buffer) for buffer in buffers]
        return (
            "arrow array",
            str(x.type),
            len(x),
            values,
            normalize_token(x.dictionary) if hasattr(x, "dictionary") else None,
        )

    @normalize_token.register(pa.Buffer)
    def _(x: Any) -> Any:
        return "arrow buffer", _hash(x)

    @normalize_token.register(pa.Scalar)
    def _(x: Any) -> Any:
        return "arrow scalar", str(x.type), normalize_token(x.as_py())
