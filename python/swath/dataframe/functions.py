"""The user's functions on partitions: map_partitions, map_overlap, apply, map."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from swath._engine import core
from swath._partitions import OverlapCall, PartitionCall, apply_rows, map_elements
from swath._user_functions import call_form, name_of, takes
from swath.dataframe import _convert
from swath.dataframe._base import FrameBase, wrap
from swath.dataframe._meta import NO_DEFAULT, Described, form_of, resolve
from swath.dataframe.frame import DataFrame
from swath.dataframe.series import Index, Series
from swath.tokenize import tokenize

__all__ = ["map_overlap", "map_partitions"]


def engine_map(
    function: Any,
    name: str,
    inputs: Sequence[tuple[Any, Sequence[Sequence[int]]]],
    npartitions: int,
    token: str,
    *,
    described: Described | None = None,
    label: str = "map_partitions",
    calls: Sequence[Any] = (),
    call_each: bool = False,
    result: str = "table",
    divisions: Any = None,
    takes_piece: bool = False,
) -> Any:
    """The table (or, with ``result="object"`` or "pieces", partial results) of one call a partition."""
    import pyarrow as pa

    schema = described.schema if described else pa.schema([])
    known = None if divisions is None or any(d is None for d in divisions) else _convert.arrow_values(list(divisions))
    native = core.map_partitions(
        function,
        name,
        f"{label}({name})",
        [(node, [list(r) for r in reads]) for node, reads in inputs],
        list(calls),
        call_each,
        result,
        schema.empty_table(),
        described.index if described else [],
        npartitions,
        known,
        token,
        takes_piece,
    )
    if described is None:
        return native
    frame = wrap(native)
    return frame[described.label] if described.meta.ndim == 1 else frame


class _Arguments:
    """Arguments of a function of partitions: which are partitions, and how they become pandas."""

    def __init__(self) -> None:
        self.inputs: list[tuple[Any, Sequence[Sequence[int]]]] = []
        self.forms: list[Any] = []
        self.frames: list[FrameBase] = []
        self.calls: list[Any] = []

    def form(self, x: Any) -> tuple[str, Any]:
        from swath.array.core import Array

        if isinstance(x, FrameBase):
            self.frames.append(x)
            self.inputs.append((x.__swath_node__(), []))
            self.forms.append(form_of(x))
            return "block", len(self.inputs) - 1
        if isinstance(x, Array) and x.ndim >= 1 and x.npartitions == x.numblocks[0]:
            self.inputs.append((x._node, []))
            self.forms.append(None)
            return "block", len(self.inputs) - 1
        return call_form(x, self.calls)

    def npartitions(self, name: str) -> int:
        counts = [frame.npartitions for frame in self.frames]
        most = max(counts, default=1)
        for frame in self.frames:
            if frame.npartitions not in (1, most):
                raise ValueError(
                    f"{name}: the tables have {sorted(set(counts))} partitions; they must have as many, or one: "
                    "repartition() them alike"
                )
        known = [f.divisions for f in self.frames if f.npartitions == most and f.known_divisions]
        if most > 1 and any(d != known[0] for d in known[1:]):
            raise ValueError(f"{name}: the tables have different divisions; take both from one table")
        return most

    def divisions(self, npartitions: int) -> Any:
        for frame in self.frames:
            if frame.npartitions == npartitions and frame.known_divisions:
                return frame.divisions
        return None


def map_partitions(
    func: Callable[..., Any],
    *args: Any,
    meta: Any = NO_DEFAULT,
    enforce_metadata: bool = True,
    transform_divisions: bool = True,
    clear_divisions: bool = False,
    align_dataframes: bool = False,
    parent_meta: Any = None,
    required_columns: Any = None,
    **kwargs: Any,
) -> Any:
    """``func`` on each partition: ``func(partition of df, …, **kwargs)``.

    Parameters
    ----------
    func
        Gets pandas objects and returns a DataFrame, a Series or a scalar. A parameter ``partition_info`` gets a dict of
        the partition's number and division.
    args, kwargs
        Tables and Series of as many partitions (or one) come partition by partition; calls and arrays as results;
        anything else goes to every call as it is.
    meta
        What ``func`` returns: an empty pandas object, a dict or pairs of names and dtypes, one pair for a Series.
        Without it ``func`` is tried on two rows, with a warning that shows what to pass.
    enforce_metadata
        Check the labels of columns too? Types are always checked: the engine's columns have types.
    transform_divisions
        Of an Index: are the divisions transformed by ``func``, too?
    clear_divisions
        Forget the divisions.

    Raises
    ------
    ValueError
        In compute(): what ``func`` returns is not what ``meta`` says; the message lists the columns that differ.

    >>> import swath.dataframe as sd
    >>> df = sd.from_dict({"x": [1, 2, 3]}, npartitions=2)
    >>> df.map_partitions(lambda part: part.x * 2, meta=("x", "int64")).compute().tolist()
    [2, 4, 6]
    """
    if not callable(func):
        raise TypeError(f"map_partitions takes a function, not {type(func).__name__}")
    wants_info = takes(func, "partition_info") and "partition_info" not in kwargs
    arguments = _Arguments()
    forms = [arguments.form(a) for a in args]
    keywords = {k: arguments.form(v) for k, v in kwargs.items()}
    if not arguments.frames:
        raise TypeError("map_partitions needs a table or a Series among its arguments")
    count = arguments.npartitions("map_partitions")
    divisions = arguments.divisions(count)
    info = {"number": 0, "division": None if divisions is None else divisions[0]}
    trial = {**kwargs, "partition_info": info} if wants_info else kwargs
    parent = arguments.frames[0]._meta
    described = Described(resolve(meta, func, args, trial, f"map_partitions({name_of(func)})", parent))
    divisions = None if clear_divisions else divisions
    name = name_of(func)
    result = described.result(f"map_partitions({name})", enforce_metadata)
    call = PartitionCall(func, forms, keywords, arguments.forms, result, divisions, wants_info)
    token = tokenize(func, forms, keywords, divisions, enforce_metadata, str(described.schema))
    if transform_divisions and divisions is not None and isinstance(args[0] if args else None, Index):
        divisions = _transformed(func, divisions, args[1:], kwargs)
    return engine_map(
        call,
        name,
        arguments.inputs,
        count,
        token,
        described=described,
        calls=arguments.calls,
        divisions=divisions,
    )


def _transformed(func: Any, divisions: Sequence[Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    import pandas as pd

    try:
        changed = list(func(pd.Index(divisions), *args, **kwargs))
    except Exception:
        return None
    return tuple(changed) if changed == sorted(changed) and len(changed) == len(divisions) else None


# --- neighbours


def _span(value: Any, name: str) -> Any:
    import pandas as pd

    if isinstance(value, bool) or not isinstance(value, (int, datetime.timedelta, str)):
        raise TypeError(f"{name}={value!r}: it must be a number of rows or a timedelta")
    if isinstance(value, int):
        if value < 0:
            raise ValueError("before and after must be positive integers")
        return value
    return pd.Timedelta(value)


def _reads(frame: Any, before: Any, after: Any) -> list[list[int]]:
    """The partitions that each call reads: the neighbours that hold what is before and after."""
    count = frame.npartitions
    divisions = frame.divisions if frame.known_divisions else None

    def reach(p: int, span: Any, side: int) -> int:
        if not span:
            return p
        q = min(max(p + side, 0), count - 1)
        if isinstance(span, int) or divisions is None:
            return q
        if side < 0:
            while q > 0 and divisions[q] > divisions[p] - span:
                q -= 1
        else:
            while q + 1 < count and divisions[q + 1] < divisions[p + 1] + span:
                q += 1
        return q

    return [list(range(reach(p, before, -1), reach(p, after, 1) + 1)) for p in range(count)]


def map_overlap(
    func: Callable[..., Any],
    df: Any,
    before: Any,
    after: Any,
    *args: Any,
    meta: Any = NO_DEFAULT,
    enforce_metadata: bool = True,
    transform_divisions: bool = True,
    clear_divisions: bool = False,
    align_dataframes: bool = False,
    **kwargs: Any,
) -> Any:
    """``func`` on each partition with rows of its neighbours, which are cut off the result again.

    Parameters
    ----------
    func
        Gets a pandas object and returns one with as many rows (or a fixed number for each).
    before, after
        Rows before and after each partition; or timedeltas, for a table with a sorted DatetimeIndex.

    Raises
    ------
    NotImplementedError
        In compute(): a neighbour has fewer rows than are asked for.

    >>> import swath.dataframe as sd
    >>> df = sd.from_dict({"x": [1, 2, 4, 7]}, npartitions=2)
    >>> df.map_overlap(lambda part: part.diff(), 1, 0, meta={"x": "float64"}).compute().x.tolist()
    [nan, 1.0, 2.0, 3.0]
    """
    before, after = _span(before, "before"), _span(after, "after")
    if any(not isinstance(span, int) for span in (before, after)) and df._meta.index.dtype.kind != "M":
        raise TypeError("Must have a `DatetimeIndex` when using string offset for `before` and `after`")
    arguments = _Arguments()
    forms = [arguments.form(a) for a in (df, *args)]
    keywords = {k: arguments.form(v) for k, v in kwargs.items()}
    count = arguments.npartitions("map_overlap")
    name = name_of(func)
    described = Described(resolve(meta, func, (df, *args), kwargs, f"map_overlap({name})", df._meta))
    reads = _reads(df, before, after)
    arguments.inputs[0] = (arguments.inputs[0][0], reads)
    result = described.result(f"map_overlap({name})", enforce_metadata)
    call = OverlapCall(PartitionCall(func, forms, keywords, arguments.forms, result), before, after, reads)
    return engine_map(
        call,
        name,
        arguments.inputs,
        count,
        tokenize(func, forms, keywords, str(before), str(after), enforce_metadata, str(described.schema)),
        described=described,
        label="map_overlap",
        calls=arguments.calls,
        divisions=None if clear_divisions else arguments.divisions(count),
    )


# --- rows and elements


def _frame_apply(
    self: DataFrame,
    function: Callable[..., Any],
    *args: Any,
    meta: Any = NO_DEFAULT,
    axis: Any = 0,
    raw: bool = False,
    result_type: str | None = None,
    **kwargs: Any,
) -> Any:
    """``function`` on each row (``axis=1``); ``meta`` says what comes out (see :meth:`map_partitions`)."""
    from swath.dataframe._arguments import axis_number

    if axis_number("apply", axis) == 0:
        raise NotImplementedError(
            "apply takes axis=1 only: a column is never in one place; use map_partitions, or reductions"
        )
    options = {"function": function, "args": _row_args(args, kwargs), "axis": 1, "raw": raw, "result_type": result_type}
    return _named(self, apply_rows, function, options, kwargs, meta)


def _row_args(args: Sequence[Any], kwargs: dict[str, Any]) -> tuple[Any, ...]:
    return (*args, *kwargs.pop("args", ()))


def _named(
    x: Any, runner: Any, function: Any, options: dict[str, Any], kwds: dict[str, Any], meta: Any, label: str = "apply"
) -> Any:
    """``runner(part, **options)`` as a method that people know by the name of ``function``."""
    keywords = {**options, **({"kwds": kwds} if kwds else {})}
    name = name_of(function)
    described = Described(resolve(meta, runner, (x,), keywords, f"{label}({name})", x._meta))
    arguments = _Arguments()
    forms = [arguments.form(x)]
    literals = {k: ("literal", v) for k, v in keywords.items()}
    call = PartitionCall(runner, forms, literals, arguments.forms, described.result(f"{label}({name})"))
    token = tokenize(runner.__name__, literals, str(described.schema))
    return engine_map(
        call,
        name,
        arguments.inputs,
        x.npartitions,
        token,
        described=described,
        label=label,
        divisions=x.divisions if x.known_divisions else None,
    )


def _series_apply(self: Series, function: Callable[..., Any], *args: Any, meta: Any = NO_DEFAULT, **kwargs: Any) -> Any:
    """``function`` on each value; ``meta`` says what comes out: ``("name", "dtype")``."""
    if kwargs.pop("axis", 0) not in (0, "index"):
        raise ValueError("a Series has axis 0 only")
    options = {"function": function, "args": _row_args(args, kwargs)}
    return _named(self, apply_rows, function, options, kwargs, meta)


def _series_map(self: Series, arg: Any, na_action: Any = None, meta: Any = NO_DEFAULT, **kwargs: Any) -> Any:
    """Each value replaced by ``arg`` of it: a function, a dict or a pandas Series (missing where it has none)."""
    import pandas as pd

    if isinstance(arg, FrameBase):
        arg = arg.compute()
    if not callable(arg) and not isinstance(arg, (Mapping, pd.Series)):
        raise TypeError(f"arg must be pandas.Series, dict or callable, not {type(arg).__name__}")
    if meta is NO_DEFAULT and not callable(arg):
        values = pd.Series(list(arg.values()) if isinstance(arg, Mapping) else arg, dtype=None)
        sample = pd.Series([values.iloc[0], None] if len(values) else [None]) if len(values) else values
        meta = (
            self.name,
            "float64" if values.dtype.kind in "iu" else (sample.dtype if values.dtype == object else values.dtype),
        )
    options = {"function": arg, "na_action": na_action}
    label = "map"
    return _named(self, map_elements, arg if callable(arg) else type(arg), options, {}, meta, label)


def _frame_map(self: DataFrame, func: Callable[..., Any], na_action: Any = None, meta: Any = NO_DEFAULT) -> Any:
    """``func`` on each value of every column."""
    return _named(self, map_elements, func, {"function": func, "na_action": na_action}, {}, meta, "map")


def _method(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    def method(self: Any, func: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return function(func, self, *args, **kwargs)

    method.__name__ = method.__qualname__ = name
    method.__doc__ = f"``swath.dataframe.{name}(func, self, …)``: see there."
    return method


def _install() -> None:
    classes: tuple[Any, ...] = (DataFrame, Series)  # and Index, which is a Series
    for cls in classes:
        cls.map_partitions = _method(map_partitions, "map_partitions")
        cls.map_overlap = _method(map_overlap, "map_overlap")
    DataFrame.apply = _frame_apply  # type: ignore[attr-defined]
    DataFrame.map = _frame_map  # type: ignore[attr-defined]
    DataFrame.applymap = _frame_map  # type: ignore[attr-defined]
    Series.apply = _series_apply  # type: ignore[attr-defined]
    Series.map = _series_map  # type: ignore[attr-defined]
    for function, name in (
        (_frame_apply, "apply"),
        (_series_apply, "apply"),
        (_frame_map, "map"),
        (_series_map, "map"),
    ):
        function.__name__ = name


_install()
