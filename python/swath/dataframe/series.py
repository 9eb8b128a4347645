"""Series and Index: one lazy column."""

from __future__ import annotations

import builtins
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

from swath.dataframe import _arguments, _convert, _labels
from swath.dataframe._base import FrameBase, wrap
from swath.dataframe._describe import describe_series
from swath.dataframe.accessors import StringAccessor
from swath.dataframe.dates import DatetimeAccessor

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from swath.dataframe.frame import DataFrame
    from swath.dataframe.groupby import SeriesGroupBy
    from swath.dataframe.scalar import Scalar


class Series(FrameBase):
    """One column, cut into partitions; computes to ``pandas.Series``.

    Made by selecting from a DataFrame or by `from_pandas`, never directly.
    """

    __slots__ = ()

    # --- what is known without computing

    @property
    def name(self) -> Hashable:
        return _labels.decode(self._native.name)

    @property
    def _kind(self) -> builtins.str:
        return _convert.kind_of(self._native.type_name)

    def _to_pandas(self, table: pa.Table) -> Any:
        series = _convert.frame_to_pandas(table, self._native.index_levels).iloc[:, 0]
        series.name = self.name
        return series

    @property
    def dtype(self) -> Any:
        return self._dtype_table()[0][1]

    @property
    def dtypes(self) -> Any:
        return self.dtype

    @property
    def ndim(self) -> int:
        return 1

    @property
    def shape(self) -> tuple[Any]:
        return (self.size,)

    @property
    def nbytes(self) -> Any:
        """The bytes of the values; text is not counted, as with NumPy's itemsize."""
        return self.size * self.dtype.itemsize

    @property
    def str(self) -> StringAccessor:
        return StringAccessor(self)

    @property
    def dt(self) -> DatetimeAccessor:
        return DatetimeAccessor(self)

    # --- selecting

    def __getitem__(self, key: Any) -> Series:
        if isinstance(key, Series):
            return wrap(self._native.filter(key._native))
        raise NotImplementedError("Series.__getitem__ takes a boolean Series only; use loc for labels")

    def __iter__(self) -> Any:
        for number in range(self.npartitions):
            yield from self.get_partition(number).compute()

    def __contains__(self, value: Any) -> bool:
        raise TypeError("`in` on a Series is not supported; use series.isin([value]).any()")

    # --- elementwise

    def _binary(self, name: builtins.str, other: Any, reflected: bool) -> Any:
        if isinstance(other, FrameBase) and not isinstance(other, Series):
            return NotImplemented
        return wrap(self._native.binary(name, operand(other), reflected))

    def _unary(self, name: builtins.str) -> Any:
        return self._call(name)

    def _call(self, function: builtins.str, *arguments: Any) -> Any:
        return wrap(self._native.call(function, list(arguments)))

    def _binary_filled(self, name: builtins.str, other: Any, reflected: bool, fill_value: Any) -> Any:
        if fill_value is None:
            return self._binary(name, other, reflected)
        left: Series = self.fillna(fill_value)
        if not isinstance(other, Series):
            return left._binary(name, other, reflected)
        result = left._binary(name, other.fillna(fill_value), reflected)
        return result.where(~(self.isna() & other.isna()))

    def isna(self) -> Series:
        return self._call("isna")

    def notna(self) -> Series:
        return self._call("notna")

    isnull, notnull = isna, notna

    def where(self, cond: Series, other: Any = None) -> Series:
        """Keep values where `cond` is true; elsewhere take `other`, or a missing value."""
        return wrap(self._native.where(cond._native, operand(other)))

    def mask(self, cond: Series, other: Any = None) -> Series:
        return self.where(~cond, other)

    def isin(self, values: Any) -> Series:
        return wrap(self._native.isin(_convert.isin_values(values, self._kind)))

    def fillna(self, value: Any = None, axis: Any = None) -> Series:
        """Replace missing values by `value`: one value or a Scalar or Series of the same partitions."""
        if value is None:
            raise ValueError("Must specify a fill 'value'.")
        return wrap(self._native.fillna(operand(value)))

    def dropna(self) -> Series:
        return self[self.notna()]

    def astype(self, dtypes: Any) -> Series:
        if isinstance(dtypes, Mapping):
            dtypes = dtypes[self.name]
        return wrap(self._native.astype(_convert.arrow_type(dtypes)))

    def between(self, left: Any, right: Any, inclusive: builtins.str = "both") -> Series:
        if inclusive not in ("both", "neither", "left", "right"):
            raise ValueError("Inclusive has to be either string of 'both', 'left', 'right', or 'neither'.")
        low = self >= left if inclusive in ("both", "left") else self > left
        high = self <= right if inclusive in ("both", "right") else self < right
        return low & high

    def clip(self, lower: Any = None, upper: Any = None, axis: Any = None, **kwargs: Any) -> Series:
        _arguments.reject("clip", kwargs)
        return wrap(self._native.clip(operand(lower), operand(upper)))

    def abs(self) -> Series:
        return self._call("abs")

    def round(self, decimals: int = 0) -> Series:
        return self._call("round", int(decimals))

    # --- names and shapes

    def rename(self, index: Hashable, sorted_index: bool = False) -> Series:
        if callable(index) or isinstance(index, Mapping):
            raise NotImplementedError("Series.rename takes a new name; renaming index labels is not supported")
        return wrap(self._native.rename(_labels.encode(index)))

    def to_frame(self, name: Any = ...) -> DataFrame:
        series = self if name is ... else self.rename(name)
        if series.name is None:
            series = series.rename(0)
        return wrap(series._native.to_frame())

    # --- aggregations

    def _reduce(self, function: builtins.str, axis: Any, options: Mapping[builtins.str, Any]) -> Scalar:
        if _arguments.axis_number(function, axis):
            raise ValueError(f"No axis named {axis!r} for object type Series")
        return wrap(self._native.reduce(function, dict(options)))

    def nunique(self, dropna: bool = True, split_every: Any = False, split_out: Any = True) -> Scalar:
        return self._reduce("nunique", 0, {"dropna": bool(dropna)})

    def unique(self, split_every: Any = None, split_out: Any = True, shuffle_method: Any = None) -> Series:
        """The distinct values, a Series of its own; missing is one value."""
        return wrap(self._native.unique())

    def value_counts(
        self,
        sort: bool | None = None,
        ascending: bool = False,
        dropna: bool = True,
        normalize: bool = False,
        split_every: Any = None,
        split_out: Any = None,
    ) -> Series:
        """How often each value occurs, the most frequent first; indexed by the values."""
        keep_order = sort is not None and not sort
        return wrap(self._native.value_counts(not keep_order, bool(ascending), bool(dropna), bool(normalize)))

    def describe(
        self,
        split_every: Any = False,
        percentiles: Any = None,
        percentiles_method: builtins.str = "default",
        include: Any = None,
        exclude: Any = None,
    ) -> Any:
        """Describe the column: pandas' rows and dtype.

        Numbers and times have count, mean, std, min, the `percentiles` (exact, whatever `percentiles_method`) and max;
        other columns count, unique, top and freq. `include` and `exclude` have no effect, as in pandas. The result is
        a Series for numbers, else a `Delayed` of one: it holds values of several types.
        """
        return describe_series(self.rename(0).to_frame(), self.name, percentiles)

    def median(self, axis: Any = 0, **kwargs: Any) -> Scalar:
        """The exact median."""
        _arguments.reject("median", kwargs)
        return self._reduce("median", axis, {})

    def nlargest(self, n: int = 5, split_every: Any = None) -> Series:
        return wrap(self._native.top(int(n), True))

    def nsmallest(self, n: int = 5, split_every: Any = None) -> Series:
        return wrap(self._native.top(int(n), False))

    def groupby(self, by: Any, **kwargs: Any) -> SeriesGroupBy:
        from swath.dataframe.groupby import group_series

        return group_series(self, by, **kwargs)


def operand(value: Any) -> Any:
    """Return what the engine takes beside a column: a Series, a Scalar or one value."""
    from swath.dataframe.scalar import Scalar

    if isinstance(value, (Series, Scalar)):
        return value._native
    if getattr(value, "ndim", 0) or isinstance(value, (list, tuple, dict, set, FrameBase)):
        raise TypeError(
            f"a column cannot be combined with a {type(value).__name__} of values: they have no common partitions; "
            "make it a Series with from_pandas, or pass one value"
        )
    return _convert.literal(value)


class Index(Series):
    """The lazy index of a table; computes to ``pandas.Index``."""

    __slots__ = ()

    def to_frame(self, index: bool = True, name: Any = ...) -> DataFrame:  # type: ignore[override]
        return super().to_frame(name)

    def to_series(self) -> Series:
        return wrap(self._native.to_series())

    @property
    def name(self) -> Hashable:
        levels = self._native.index_levels
        return _labels.decode(levels[0][1]) if levels and levels[0][1] is not None else None

    def _to_pandas(self, table: pa.Table) -> pd.Index:
        import pandas as pd

        return pd.Index(table.column(0).to_pandas().array, name=self.name)
