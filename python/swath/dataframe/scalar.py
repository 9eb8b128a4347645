"""Scalar: the lazy result of a reduction."""

from __future__ import annotations

from typing import Any

from swath.base import SwathMethods
from swath.dataframe import _convert
from swath.dataframe._operators import Operators


class Scalar(SwathMethods, Operators):
    """One lazy value, such as ``df.x.mean()``; computes to a NumPy scalar, or a pandas one for dates.

    It takes part in expressions: ``df.x - df.x.mean()`` is one computation.
    """

    __slots__ = ("__weakref__", "_native")

    def __init__(self, native: Any) -> None:
        self._native = native

    @property
    def dtype(self) -> Any:
        import pyarrow as pa

        return pa.schema(self._native).empty_table().to_pandas().dtypes.iloc[0]

    @property
    def npartitions(self) -> int:
        return 1

    @property
    def divisions(self) -> tuple[None, None]:
        return (None, None)

    def _binary(self, name: str, other: Any, reflected: bool) -> Any:
        from swath.dataframe._base import FrameBase, wrap

        if isinstance(other, FrameBase):
            return NotImplemented
        operand = other._native if isinstance(other, Scalar) else _convert.literal(other)
        return wrap(self._native.binary(name, operand, reflected))

    def _unary(self, name: str) -> Any:
        from swath.dataframe._base import wrap

        return wrap(self._native.call(name, []))

    def __bool__(self) -> bool:
        raise TypeError(f"Trying to convert {self!r} to a boolean value; call compute() first")

    def __float__(self) -> float:
        return float(self.compute())

    def __int__(self) -> int:
        return int(self.compute())

    def __repr__(self) -> str:
        return f"<swath Scalar: {self._native.description}, dtype={self.dtype}>"

    def __swath_node__(self) -> Any:
        return self._native.node

    def __swath_finish__(self, values: Any) -> Any:
        import pyarrow as pa

        return _convert.scalar_from_table(pa.table(self._native.collect(values)))

    def __swath_persist__(self, values: Any) -> Any:
        from swath._engine import core

        return self.__swath_rebuild__(core.frame_hold(self._native.node, values))

    def __swath_rebuild__(self, node: Any) -> Any:
        return Scalar(self._native.rebuild(node))
