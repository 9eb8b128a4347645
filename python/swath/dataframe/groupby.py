"""GroupBy: aggregations by key."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from swath.dataframe import _arguments, _labels
from swath.dataframe._base import unknown_column, wrap
from swath.dataframe.series import Series

if TYPE_CHECKING:
    from swath.dataframe.frame import DataFrame

FUNCTIONS = (
    "sum", "mean", "min", "max", "count", "size", "var", "std", "nunique", "first", "last", "prod", "any", "all",
    "median",
)  # fmt: skip
_CALLABLES = {"amin": "min", "amax": "max", "len": "size"}


class Spec(NamedTuple):
    """One aggregation: `function` of `column`, stored as `output`."""

    function: str
    column: str
    output: str
    ddof: int = 1
    min_count: int = 0


_PLAN = ("split_every", "split_out", "shuffle_method")  # Dask's tuning of the plan, which the engine makes itself
_DEFAULTS = {"numeric_only": False, "ddof": 1, "min_count": None}


def _aggregation(name: str, doc: str, *parameters: str) -> Callable[..., Any]:
    """The method ``name(…parameters)``; Dask's tuning of the plan is accepted by keyword."""

    def method(self: GroupBy, *args: Any, **kwargs: Any) -> Any:
        given = dict(zip(parameters, args, strict=False))
        if len(args) > len(parameters) or given.keys() & kwargs.keys():
            raise TypeError(f"{name}({', '.join(parameters)}): got {args} and {kwargs}")
        _arguments.reject(name, {key: value for key, value in kwargs.items() if key not in (*parameters, *_PLAN)})
        options = {**given, **kwargs}
        return self._one(name, **{key: options[key] for key in _DEFAULTS if key in options})

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    method.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter("self", kind)]
        + [inspect.Parameter(key, kind, default=_DEFAULTS.get(key)) for key in parameters]
        + [inspect.Parameter("kwargs", inspect.Parameter.VAR_KEYWORD)]
    )
    method.__name__ = method.__qualname__ = name
    method.__doc__ = doc
    return method


class GroupBy:
    """Rows grouped by keys: ``df.groupby("carrier")``. Groups come sorted by key; rows with a missing key are left out.

    Examples
    --------
    >>> import swath.dataframe as sd
    >>> df = sd.from_dict({"k": ["a", "b", "a"], "x": [1, 2, 3], "y": [1.0, 2.0, 4.0]}, npartitions=2)
    >>> df.groupby("k").agg({"x": "sum", "y": ["min", "max"]}).compute().loc["a"].tolist()
    [4.0, 1.0, 4.0]
    """

    def __init__(
        self,
        native: Any,
        frame: DataFrame,
        keys: Sequence[str],
        selected: Sequence[Hashable],
        options: Mapping[str, bool],
    ) -> None:
        self._native = native
        self._frame = frame
        self._keys = tuple(keys)
        self._selected = list(selected)
        self._options = options  # sort, dropna, observed, group_keys: as pandas'

    def __getitem__(self, key: Any) -> Any:
        missing = [label for label in _arguments.as_list(key) if not self._frame._has(label)]
        if missing:
            raise KeyError(f"Column not found: {missing[0]}{_labels.suggestion(missing[0], list(self._frame))}")
        if isinstance(key, list):
            return GroupBy(self._native, self._frame, self._keys, key, self._options)
        return SeriesGroupBy(self._native, self._frame, self._keys, [key], self._options)

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and self._frame._has(name):
            return self[name]
        raise AttributeError(
            f"'GroupBy' object has no attribute or column {name!r}{_labels.suggestion(name, list(self._frame))}"
        )

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *(str(label) for label in self._frame if str(label).isidentifier())]

    def __repr__(self) -> str:
        return f"<swath {type(self).__name__} of {self._selected} by {[_labels.decode(key) for key in self._keys]}>"

    # --- running an aggregation

    def _aggregate(self, specs: Sequence[Spec]) -> Any:
        return wrap(self._native.aggregate([tuple(spec) for spec in specs]))

    def _one(self, function: str, numeric_only: bool = False, ddof: int = 1, min_count: int | None = None) -> Any:
        labels = self._selected
        if numeric_only:
            labels = [label for label in labels if self._frame[label]._kind in ("integer", "floating", "boolean")]
        names = [_labels.encode(label) for label in labels]
        return self._finish(self._aggregate([Spec(function, name, name, ddof, min_count or 0) for name in names]))

    def _finish(self, frame: DataFrame) -> Any:
        return frame

    sum = _aggregation(
        "sum", "The sum of each group; `min_count` values are needed for one.", "numeric_only", "min_count"
    )
    prod = _aggregation("prod", "The product of each group.", "numeric_only", "min_count")
    mean = _aggregation("mean", "The mean of each group.", "numeric_only")
    min = _aggregation("min", "The smallest value of each group.", "numeric_only")
    max = _aggregation("max", "The largest value of each group.", "numeric_only")
    first = _aggregation("first", "The first value of each group that is not missing.", "numeric_only", "sort")
    last = _aggregation("last", "The last value of each group that is not missing.", "numeric_only", "sort")
    count = _aggregation("count", "How many values of each group are not missing.")
    var = _aggregation("var", "The variance of each group.", "ddof", *_PLAN, "numeric_only")
    std = _aggregation("std", "The standard deviation of each group.", "ddof", *_PLAN, "numeric_only")
    median = _aggregation("median", "The exact median of each group.", *_PLAN, "numeric_only")
    nunique = _aggregation("nunique", "How many distinct values each group has; missing ones do not count.", *_PLAN)

    def size(self, **kwargs: Any) -> Series:
        """How many rows each group has."""
        _plan_options("size", kwargs)
        name = _labels.encode(self._size_name)
        return self._aggregate([Spec("size", "", name)])[self._size_name]

    @property
    def _size_name(self) -> Hashable:
        return None

    def aggregate(
        self, arg: Any = None, split_every: Any = 8, split_out: Any = None, shuffle_method: Any = None, **kwargs: Any
    ) -> Any:
        """Aggregate with a function's name, a list of them, a dict of either by column, or named pairs.

        The functions are sum, mean, min, max, count, size, var, std, nunique, first, last, prod, any, all and median.
        """
        if arg is None:
            return self._aggregate(self._named_specs(kwargs))
        _arguments.reject("agg", kwargs)
        if isinstance(arg, Mapping):
            return self._aggregate(self._dict_specs(arg))
        if isinstance(arg, (list, tuple)):
            return self._aggregate(self._list_specs([_function_name(item) for item in arg]))
        function = _function_name(arg)
        return self.size() if function == "size" else self._one(function)

    agg = aggregate

    def _named_specs(self, pairs: Mapping[str, Any]) -> list[Spec]:
        if not pairs:
            raise TypeError("Must provide 'func' or tuples of '(column, aggfunc).'")
        specs = []
        for output, pair in pairs.items():
            if not isinstance(pair, tuple) or len(pair) != 2:
                raise TypeError(f"agg({output}=...) must be a pair (column, function), not {pair!r}")
            specs.append(_spec(_function_name(pair[1]), self._column(pair[0]), output))
        return specs

    def _dict_specs(self, functions: Mapping[Hashable, Any]) -> list[Spec]:
        specs = []
        nested = any(isinstance(value, (list, tuple)) for value in functions.values())
        for label, value in functions.items():
            column = self._column(label)
            for item in value if isinstance(value, (list, tuple)) else [value]:
                function = _function_name(item)
                specs.append(_spec(function, column, (label, function) if nested else label))
        return specs

    def _list_specs(self, functions: Sequence[str]) -> list[Spec]:
        return [
            _spec(function, _labels.encode(label), (label, function))
            for label in self._selected
            for function in functions
        ]

    def _column(self, label: Hashable) -> str:
        if not self._frame._has(label):
            raise unknown_column(label, self._frame)
        return _labels.encode(label)


class SeriesGroupBy(GroupBy):
    """One column grouped by keys: ``df.groupby("carrier")["dep_delay"]``."""

    def _finish(self, frame: DataFrame) -> Any:
        return frame[self._selected[0]]

    @property
    def _size_name(self) -> Hashable:
        return self._selected[0]

    def _list_specs(self, functions: Sequence[str]) -> list[Spec]:
        return [_spec(function, _labels.encode(self._selected[0]), function) for function in functions]

    def _named_specs(self, pairs: Mapping[str, Any]) -> list[Spec]:
        if not pairs:
            raise TypeError("Must provide 'func' or named aggregation **kwargs.")
        column = _labels.encode(self._selected[0])
        return [_spec(_function_name(function), column, output) for output, function in pairs.items()]

    def _dict_specs(self, functions: Mapping[Hashable, Any]) -> list[Spec]:
        raise TypeError(
            "nested renamer is not supported: pass a function name or a list of them to the agg of one column"
        )


def _spec(function: str, column: str, output: Hashable) -> Spec:
    return Spec(function, "" if function == "size" else column, _labels.encode(output))


def _function_name(function: Any) -> str:
    name = function if isinstance(function, str) else getattr(function, "__name__", None)
    name = _CALLABLES.get(name, name) if name else name
    if name not in FUNCTIONS:
        raise ValueError(f"unknown aggregate {function!r}; the functions are {', '.join(FUNCTIONS)}")
    return name


def _plan_options(function: str, options: Mapping[str, Any]) -> None:
    """Accept Dask's tuning of the plan, which the engine makes itself."""
    _arguments.reject(
        function, {k: v for k, v in options.items() if k not in ("split_every", "split_out", "shuffle_method")}
    )


def group_frame(
    frame: DataFrame,
    by: Any,
    *,
    sort: bool | None,
    observed: bool | None,
    dropna: bool | None,
    group_keys: bool = True,
    **kwargs: Any,
) -> GroupBy:
    """Return ``frame.groupby(by)``."""
    _arguments.reject("groupby", kwargs)
    names, used, columns = [], [], []
    keys = list(by) if isinstance(by, list) else [by]
    if not keys:
        raise ValueError("No group keys passed!")
    for key in keys:
        if isinstance(key, Series):
            column = key
            if key.name is not None and frame._has(key.name) and frame[key.name]._native.same_as(key._native):
                used.append(key.name)
        elif frame._has(key):
            column = frame[key]
            used.append(key)
        elif callable(key):
            raise NotImplementedError(
                "groupby takes column labels and Series; to group by a function, make a column of it"
            )
        else:
            raise unknown_column(key, frame)
        columns.append(column._native)
        names.append(_labels.encode(column.name))
    from swath._engine import core

    selected = [label for label in frame if label not in used]
    categories = [wrap(column).dtype == "category" for column in columns]
    unobserved = observed is False and any(categories)
    if unobserved and len(columns) > 1:
        raise NotImplementedError(
            "groupby(observed=False) of several keys is not supported: it gives a row for every combination; group by "
            "one key, or reindex the computed result"
        )
    options = {"sort": sort is None or bool(sort), "dropna": dropna is None or bool(dropna), "observed": not unobserved}
    native = core.groupby(frame._native, columns, names, *options.values())
    return GroupBy(native, frame, names, selected, {**options, "group_keys": bool(group_keys)})


def group_series(series: Series, by: Any, **kwargs: Any) -> SeriesGroupBy:
    """Return ``series.groupby(by)`` for a Series (or a list of them) of the same partitions."""
    named = series if series.name is not None else series.rename(0)
    frame = named.to_frame()
    if not all(isinstance(key, Series) for key in _arguments.as_list(by) if not isinstance(by, Series)):
        raise TypeError("Series.groupby takes a Series, or a list of them, to group by")
    options = {"sort": None, "observed": None, "dropna": None, **kwargs}
    grouped = group_frame(frame, by, **options)
    return SeriesGroupBy(grouped._native, frame, grouped._keys, [named.name], grouped._options)
