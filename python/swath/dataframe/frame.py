"""DataFrame: a lazy table."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from swath.dataframe import _arguments, _convert, _labels, _row_reductions
from swath.dataframe._base import FrameBase, unknown_column, wrap
from swath.dataframe._describe import describe_frame
from swath.dataframe.series import Series, operand

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from swath.dataframe.groupby import GroupBy

_NUMBERS = ("integer", "floating", "boolean")


class DataFrame(FrameBase):
    """A table cut into partitions by rows; computes to ``pandas.DataFrame``.

    Made by `read_csv`, `read_parquet`, `from_pandas`, `from_dict` and `from_arrow`, never directly.

    Examples
    --------
    >>> import swath.dataframe as sd
    >>> df = sd.from_dict({"carrier": ["UA", "AA", "UA"], "delay": [2, 7, 4]}, npartitions=2)
    >>> df.groupby("carrier")["delay"].mean().compute().to_dict()
    {'AA': 7.0, 'UA': 3.0}
    """

    __slots__ = ()

    # --- what is known without computing

    @property
    def _names(self) -> list[str]:
        return self._native.columns

    @property
    def columns(self) -> pd.Index:
        return _labels.to_index(self._names)

    @columns.setter
    def columns(self, labels: Sequence[Hashable]) -> None:
        names = [_labels.encode(label) for label in labels]
        if len(names) != len(self._names):
            raise ValueError(
                f"Length mismatch: Expected axis has {len(self._names)} elements, new values have {len(names)} elements"
            )
        self._become(self._native.rename(names))

    @property
    def dtypes(self) -> pd.Series[Any]:
        return self._meta.dtypes

    @property
    def ndim(self) -> int:
        return 2

    @property
    def shape(self) -> tuple[Any, int]:
        return (wrap(self._native.row_count()), len(self._names))

    @property
    def axes(self) -> list[Any]:
        return [self.index, self.columns]

    @property
    def _width(self) -> int:
        return len(self._names)

    def _has(self, label: Any) -> bool:
        try:
            return _labels.encode(label) in self._names
        except TypeError:
            return False

    def _to_pandas(self, table: pa.Table) -> pd.DataFrame:
        return _convert.frame_to_pandas(table, self._native.index_levels)

    def _only_label(self) -> Hashable:
        (label,) = self
        return label

    def _become(self, native: Any) -> None:
        object.__setattr__(self, "_native", native)
        object.__setattr__(self, "_meta_cache", None)

    def __contains__(self, label: Any) -> bool:
        return self._has(label)

    def __iter__(self) -> Iterator[Hashable]:
        return (_labels.decode(name) for name in self._names)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *(name for name in self._names if name.isidentifier())]

    # --- columns and rows

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, Series):
            return wrap(self._native.filter(key._native))
        if isinstance(key, list) or type(key).__name__ in ("Index", "ndarray", "MultiIndex"):
            return self._select(list(key))
        if isinstance(key, slice):
            raise NotImplementedError(
                "df[start:stop] selects rows by position, which is not supported; use head or loc"
            )
        if self._has(key):
            return wrap(self._native.column(_labels.encode(key)))
        below = [label for label in self if isinstance(label, tuple) and label[:1] == (key,)]
        if below:  # the first level of tuple labels
            chosen = self._select(below)
            chosen.columns = [label[1] if len(label) == 2 else label[1:] for label in below]
            return chosen
        raise unknown_column(key, self)

    def _select(self, labels: list[Any]) -> DataFrame:
        missing = [label for label in labels if not self._has(label)]
        if missing:
            raise KeyError(f"{missing!r} not in index{_labels.suggestion(missing[0], list(self))}")
        return wrap(self._native.select([_labels.encode(label) for label in labels]))

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("__") and self._has(name):
            return self[name]
        near = _labels.suggestion(name, list(self)) if not name.startswith("_") else ""
        raise AttributeError(f"'DataFrame' object has no attribute {name!r}{near}", name=name, obj=None)

    def __setattr__(self, name: str, value: Any) -> None:
        if name != "columns" and self._has(name):
            self[name] = value
        else:
            super().__setattr__(name, value)

    def __setitem__(self, key: Any, value: Any) -> None:
        if isinstance(key, list):
            if isinstance(value, DataFrame):
                pairs = {label: value[column] for label, column in zip(key, value, strict=True)}
            else:
                pairs = dict.fromkeys(key, value)
        elif isinstance(key, Series):
            raise NotImplementedError(
                "df[boolean] = value is not supported; use df[column] = df[column].mask(boolean, value)"
            )
        else:
            pairs = {key: value}
        self._become(self._with(pairs)._native)

    def __delitem__(self, key: Hashable) -> None:
        self._become(self.drop(columns=[key])._native)

    def pop(self, item: Hashable) -> Series:
        column = self[item]
        del self[item]
        return column

    def assign(self, **pairs: Any) -> DataFrame:
        """Add or replace columns; a value is a Series, a Scalar, one value, or a function of the table so far."""
        frame = self
        for label, value in pairs.items():
            frame = frame._with({label: value(frame) if callable(value) else value})
        return frame

    def _with(self, pairs: Mapping[Hashable, Any]) -> DataFrame:
        names = [_labels.encode(label) for label in pairs]
        return wrap(self._native.assign(names, [operand(value) for value in pairs.values()]))

    def rename(self, index: Any = None, columns: Any = None) -> DataFrame:
        if index is not None:
            raise ValueError("Cannot rename index.")
        if callable(columns):
            labels = [columns(label) for label in self]
        else:
            labels = [(columns or {}).get(label, label) for label in self]
        return wrap(self._native.rename([_labels.encode(label) for label in labels]))

    def add_prefix(self, prefix: str) -> DataFrame:
        return self.rename(columns=lambda label: f"{prefix}{label}")

    def add_suffix(self, suffix: str) -> DataFrame:
        return self.rename(columns=lambda label: f"{label}{suffix}")

    def drop(self, labels: Any = None, axis: Any = 0, columns: Any = None, errors: str = "raise") -> DataFrame:
        if columns is None and labels is not None and _arguments.axis_number("drop", axis) == 1:
            columns = labels
        if columns is None:
            raise NotImplementedError("Drop currently only works for axis=1 or when columns is not None")
        gone = _arguments.as_list(columns)
        missing = [label for label in gone if not self._has(label)]
        if missing and errors == "raise":
            raise KeyError(f"{missing!r} not found in axis{_labels.suggestion(missing[0], list(self))}")
        return self._select([label for label in self if label not in gone])

    def select_dtypes(self, include: Any = None, exclude: Any = None) -> DataFrame:
        return self._select(list(self._meta.select_dtypes(include=include, exclude=exclude).columns))

    def items(self) -> Iterator[tuple[Hashable, Series]]:
        return ((label, self[label]) for label in self)

    # --- elementwise, column by column

    def _each(self, function: Callable[[Series], Any], labels: Sequence[Hashable] | None = None) -> DataFrame:
        return self._with({label: function(self[label]) for label in (self if labels is None else labels)})

    def _binary(self, name: str, other: Any, reflected: bool) -> Any:
        return self._paired(other, lambda left, right: left._binary(name, right, reflected))

    def _binary_filled(self, name: str, other: Any, reflected: bool, fill_value: Any) -> Any:
        return self._paired(other, lambda left, right: left._binary_filled(name, right, reflected, fill_value))

    def _paired(self, other: Any, function: Callable[[Series, Any], Any]) -> DataFrame:
        if not isinstance(other, DataFrame):
            if isinstance(other, Series):
                raise NotImplementedError("a DataFrame and a Series combine column by column: df[c] + series")
            return self._each(lambda column: function(column, other))
        if list(self) != list(other):
            raise ValueError(
                f"DataFrames combine when their columns are the same and in one order: {list(self)} and {list(other)}"
            )
        return self._with({label: function(self[label], other[label]) for label in self})

    def _unary(self, name: str) -> DataFrame:
        return self._each(lambda column: column._unary(name))

    def isna(self) -> DataFrame:
        return self._each(Series.isna)

    def notna(self) -> DataFrame:
        return self._each(Series.notna)

    isnull, notnull = isna, notna

    def isin(self, values: Any) -> DataFrame:
        if isinstance(values, Mapping):
            return self._each(lambda column: column.isin(values.get(column.name, [])))
        return self._each(lambda column: column.isin(values))

    def fillna(self, value: Any = None, axis: Any = None) -> DataFrame:
        if value is None:
            raise ValueError("Must specify a fill 'value'.")
        if isinstance(value, Mapping):
            return self._each(lambda column: column.fillna(value[column.name]), [x for x in self if x in value])
        return self._each(lambda column: column.fillna(value))

    def dropna(self, how: Any = ..., subset: Any = None, thresh: Any = ...) -> DataFrame:
        """Drop rows with any missing value, with nothing but those (how="all"), or with less than `thresh` others."""
        if how is not ... and thresh is not ...:
            raise TypeError("You cannot set both the how and thresh arguments at the same time.")
        if how not in (..., "any", "all"):
            raise ValueError(f"invalid how option: {how}")
        labels = list(self) if subset is None else _arguments.as_list(subset)
        present = [self[label].notna() for label in labels]
        if not present:
            return self
        if thresh is not ...:
            return self[_row_reductions.total([flag.astype("int64") for flag in present]) >= thresh]
        return self[_row_reductions.either(present) if how == "all" else _row_reductions.both(present)]

    def astype(self, dtypes: Any) -> DataFrame:
        if not isinstance(dtypes, Mapping):
            return self._each(lambda column: column.astype(dtypes))
        for label in dtypes:
            if not self._has(label):
                raise KeyError(
                    "Only a column name can be used for the key in a dtype mappings argument. "
                    f"{label!r} not found in columns{_labels.suggestion(label, list(self))}"
                )
        return self._each(lambda column: column.astype(dtypes[column.name]), list(dtypes))

    def clip(self, lower: Any = None, upper: Any = None, axis: Any = None, **kwargs: Any) -> DataFrame:
        return self._each(lambda column: column.clip(lower, upper, **kwargs))

    def abs(self) -> DataFrame:
        return self._each(Series.abs)

    def round(self, decimals: Any = 0) -> DataFrame:
        if isinstance(decimals, Mapping):
            return self._each(lambda column: column.round(decimals[column.name]), [x for x in self if x in decimals])
        return self._each(
            lambda column: column.round(decimals), [x for x in self if self[x]._kind in ("integer", "floating")]
        )

    def where(self, cond: Any, other: Any = None) -> DataFrame:
        condition = cond if isinstance(cond, DataFrame) else None
        return self._each(lambda column: column.where(cond if condition is None else condition[column.name], other))

    def mask(self, cond: Any, other: Any = None) -> DataFrame:
        return self.where(~cond, other)

    # --- aggregations

    def _reduce(self, function: str, axis: Any, options: Mapping[str, Any]) -> Any:
        given = dict(options)
        frame = self
        if given.pop("numeric_only", False):
            frame = self._select([label for label in self if self[label]._kind in _NUMBERS])
        if _arguments.axis_number(function, axis):
            return _row_reductions.reduce_rows(frame, function, given)
        return wrap(frame._native.reduce(function, given))

    def nunique(self, axis: Any = 0, dropna: bool = True, split_every: Any = False) -> Series:
        _arguments.only("nunique", "axis", _arguments.axis_number("nunique", axis), 0)
        return wrap(self._native.reduce("nunique", {"dropna": bool(dropna)}))

    def describe(
        self,
        split_every: Any = False,
        percentiles: Any = None,
        percentiles_method: str = "default",
        include: Any = None,
        exclude: Any = None,
    ) -> Any:
        """Describe the columns of numbers and times, or all columns where there are none: pandas' rows and dtypes.

        Numbers and times have count, mean, std, min, the `percentiles` and max; other columns count, unique, top and
        freq. Columns are chosen by dtype with `include` and `exclude` as in pandas; ``include="all"`` takes all.

        The percentiles are exact, whatever `percentiles_method`; Dask approximates them. Where all columns described
        are numbers the result is a DataFrame, else a `Delayed` of one: its columns hold values of several types.
        """
        return describe_frame(self, percentiles, include, exclude)

    def drop_duplicates(
        self,
        subset: Any = None,
        split_every: Any = None,
        split_out: Any = True,
        shuffle_method: Any = None,
        ignore_index: bool = False,
        keep: str = "first",
    ) -> DataFrame:
        """Keep one row of each combination of values: the first or the last."""
        if keep not in ("first", "last"):
            raise NotImplementedError(
                f"drop_duplicates(keep={keep!r}) is not supported; keep must be 'first' or 'last'"
            )
        labels = _arguments.as_list(subset)
        self._select(labels)
        return wrap(self._native.drop_duplicates([_labels.encode(label) for label in labels], keep))

    def reset_index(self, drop: bool = False) -> DataFrame:
        """Make the index columns ordinary ones (or drop them); the new index counts rows."""
        return wrap(self._native.reset_index(bool(drop)))

    def nlargest(self, n: int = 5, columns: Any = None, split_every: Any = None) -> DataFrame:
        """The `n` rows with the largest values of `columns`, in descending order."""
        return self._top(n, columns, True)

    def nsmallest(self, n: int = 5, columns: Any = None, split_every: Any = None) -> DataFrame:
        """The `n` rows with the smallest values of `columns`, in ascending order."""
        return self._top(n, columns, False)

    def _top(self, n: int, columns: Any, largest: bool) -> DataFrame:
        labels = _arguments.as_list(columns)
        if not labels:
            raise TypeError(f"{'nlargest' if largest else 'nsmallest'}() needs columns=, the columns to order by")
        self._select(labels)
        return wrap(self._native.top(int(n), [_labels.encode(label) for label in labels], largest))

    def groupby(
        self,
        by: Any,
        group_keys: bool = True,
        sort: bool | None = None,
        observed: bool | None = None,
        dropna: bool | None = None,
        **kwargs: Any,
    ) -> GroupBy:
        """Group rows by one or more columns or Series."""
        from swath.dataframe.groupby import group_frame

        return group_frame(self, by, sort=sort, observed=observed, dropna=dropna, group_keys=group_keys, **kwargs)

    def to_parquet(self, path: Any, **kwargs: Any) -> Any:
        from swath.dataframe.io.parquet import to_parquet

        return to_parquet(self, path, **kwargs)
