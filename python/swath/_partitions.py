"""What runs on partitions of tables: picklable callables ``(values, partition number) -> pyarrow.Table``.

Child processes import this module, not the engine: it needs pandas and pyarrow and nothing of ours. What labels and
names mean is worked out before (swath.dataframe._meta); here are only the answers.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

__all__ = ["Form", "GatheredCall", "GroupCall", "OverlapCall", "PartitionCall", "Result", "Splitter", "widened"]


class Form:
    """How a table of the engine becomes pandas: which columns are the index, and how everything is labelled."""

    def __init__(
        self,
        kind: str,
        names: Sequence[str],
        columns: Any,
        index: Sequence[str],
        index_names: Sequence[Any],
        name: Any = None,
    ) -> None:
        self.kind = kind  # "frame", "series" or "index"
        self.names = list(names)
        self.columns = columns
        self.index = list(index)
        self.index_names = list(index_names)
        self.name = name

    def __call__(self, table: Any, copy: bool = True) -> Any:
        """The pandas object; without ``copy`` on the engine's memory where that is possible, and then read-only."""
        import pandas as pd

        if self.kind == "index":
            return pd.Index(table.column(self.names[0]).to_pandas().array, name=self.name)
        table = table.replace_schema_metadata(None)
        frame = table.select(self.names).to_pandas(split_blocks=not copy)
        if self.index:
            values = [table.column(column).to_pandas().array for column in self.index]
            if len(values) == 1:
                frame.index = pd.Index(values[0], name=self.index_names[0])
            else:
                frame.index = pd.MultiIndex.from_arrays(values, names=self.index_names)
        if self.kind == "series":
            series = frame.iloc[:, 0]
            series.name = self.name
            return series
        frame.columns = self.columns
        return frame


def widened(array: Any) -> Any:
    """``array`` with the 64-bit offsets that the engine uses for text (also inside dictionaries)."""
    import pyarrow as pa

    kind = array.type
    if pa.types.is_string(kind) or pa.types.is_string_view(kind):
        return array.cast(pa.large_string())
    if pa.types.is_binary(kind) or pa.types.is_binary_view(kind):
        return array.cast(pa.large_binary())
    if pa.types.is_dictionary(kind) and (
        pa.types.is_string(kind.value_type) or pa.types.is_string_view(kind.value_type)
    ):
        return array.cast(pa.dictionary(kind.index_type, pa.large_string(), kind.ordered))
    return array


def _family(kind: Any) -> str:
    import pyarrow as pa

    t = pa.types
    if t.is_dictionary(kind):
        return "category"
    if t.is_integer(kind) or t.is_floating(kind):
        return "number"
    for name, is_it in (("text", t.is_large_string), ("bool", t.is_boolean), ("time", t.is_timestamp)):
        if is_it(kind):
            return name
    return "span" if t.is_duration(kind) else str(kind)


class _Mismatch(Exception):
    pass


def column_of(values: Any, kind: Any) -> Any:
    """``values`` (a Series or an Index) as an Arrow array of type ``kind``; _Mismatch when that would change them."""
    import pyarrow as pa

    try:
        array = widened(pa.array(values, from_pandas=True))
        if array.type == kind:
            return array
        if pa.types.is_null(array.type):
            return pa.nulls(len(array), kind)
        if _family(array.type) != _family(kind):
            raise _Mismatch
        return array.cast(kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        raise _Mismatch from None


class Result:
    """What a function must return, and how that becomes a table of the engine."""

    def __init__(self, meta: Any, schema: Any, index_count: int, label: str, enforce: bool = True) -> None:
        self.meta = meta
        self.schema = schema  # the columns, then the index
        self.index_count = index_count
        self.label = label
        self.enforce = enforce

    def __call__(self, result: Any, block: int) -> Any:
        import pandas as pd
        import pyarrow as pa

        if not self.enforce and hasattr(result, "columns") and len(result) == 0:
            return self.schema.empty_table()  # pandas has no types for the groups of no rows
        result = self._shaped(result, block)
        rows: list[tuple[str, str, str]] = []
        if self.enforce and isinstance(result, pd.DataFrame) and not self._same_labels(result):
            if set(result.columns) != set(self.meta.columns) or len(result.columns) != len(self.meta.columns):
                raise ValueError(self._message(result, block, self._label_rows(result)))
            result = result[list(self.meta.columns)]
        expected = len(self.schema) - self.index_count
        parts = [result.iloc[:, i] for i in range(result.shape[1])] if result.ndim == 2 else [result]
        if len(parts) != expected:
            raise ValueError(self._message(result, block, self._label_rows(result)))
        levels = [result.index.get_level_values(i) for i in range(min(result.index.nlevels, self.index_count))]
        if len(levels) < self.index_count:
            rows.append(("(index levels)", str(self.index_count), str(len(levels))))
        arrays = []
        for values, field in zip([*parts, *levels], self.schema, strict=False):
            try:
                arrays.append(column_of(values, field.type))
            except _Mismatch:
                rows.append((self._name(len(arrays), values), str(self._dtype(len(arrays))), str(values.dtype)))
                arrays.append(None)
        if rows:
            raise ValueError(self._message(result, block, rows))
        return pa.Table.from_arrays(arrays, schema=self.schema)

    def _shaped(self, result: Any, block: int) -> Any:
        import numpy as np
        import pandas as pd

        if isinstance(result, pd.Index):
            result = result.to_series()
        if isinstance(result, np.ndarray) and result.ndim == 1 and self.meta.ndim == 1:
            return pd.Series(result, name=self.meta.name)
        if not isinstance(result, (pd.DataFrame, pd.Series)):
            if self.meta.ndim == 1 and (result is None or np.ndim(result) == 0):
                return pd.Series([result], name=self.meta.name, index=pd.Index([block]))
            raise TypeError(
                f"partition {block} of {self.label} is a {type(result).__name__}; meta= says {type(self.meta).__name__}"
            )
        if result.ndim != self.meta.ndim:
            raise TypeError(
                f"partition {block} of {self.label} is a {type(result).__name__}; meta= says {type(self.meta).__name__}"
            )
        return result

    def _same_labels(self, result: Any) -> bool:
        return list(result.columns) == list(self.meta.columns)

    def _name(self, i: int, values: Any) -> str:
        return repr(values.name) if i < len(self.schema) - self.index_count else "(index)"

    def _dtype(self, i: int) -> Any:
        columns = len(self.schema) - self.index_count
        if i >= columns:
            return self.meta.index.dtype if self.index_count == 1 else self.meta.index.dtypes.iloc[i - columns]
        return self.meta.dtypes.iloc[i] if self.meta.ndim == 2 else self.meta.dtype

    def _label_rows(self, result: Any) -> list[tuple[str, str, str]]:
        want = dict(self.meta.dtypes.items()) if self.meta.ndim == 2 else {self.meta.name: self.meta.dtype}
        got = dict(result.dtypes.items()) if result.ndim == 2 else {result.name: result.dtype}
        labels = [*want, *(k for k in got if k not in want)]
        return [
            (repr(k), str(want.get(k, "-")), str(got.get(k, "-")))
            for k in labels
            if str(want.get(k)) != str(got.get(k))
        ]

    def _message(self, result: Any, block: int, rows: list[tuple[str, str, str]]) -> str:
        head = [("column", "meta= says", "returned"), *rows]
        widths = [max(len(row[i]) for row in head) for i in range(3)]
        lines = ["  " + "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in head]
        return (
            f"partition {block} of {self.label} is not what meta= says\n"
            "(The columns in the computed data do not match the columns in the provided metadata)\n" + "\n".join(lines)
        )


class PartitionCall:
    """``function`` with its arguments, some of which are partitions.

    Arguments are forms: ("block", i), ("call", i), ("literal", object); ``forms[i]`` turns input i into pandas (None:
    it is an array). ``result`` makes the table; None: anything is returned as it is.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        arguments: Sequence[tuple[str, Any]],
        keywords: dict[str, tuple[str, Any]],
        forms: Sequence[Form | None],
        result: Callable[[Any, int], Any] | None,
        divisions: Sequence[Any] | None = None,
        wants_info: bool = False,
    ) -> None:
        self.function = function
        self.arguments, self.keywords = list(arguments), dict(keywords)
        self.forms = list(forms)
        self.result = result
        self.divisions = divisions
        self.wants_info = wants_info
        self.writes = False

    @property
    def __name__(self) -> str:
        return getattr(self.function, "__name__", type(self.function).__name__)

    def __call__(self, values: Sequence[Any], block: int) -> Any:
        calls = values[len(self.forms) :]
        if self.writes:
            result = self.call(self._blocks(values, True), calls, block)
        else:
            try:
                result = self.call(self._blocks(values, False), calls, block)
            except ValueError as error:
                if "read-only" not in str(error):
                    raise
                self.writes = True  # into its arguments: from now on they are its own
                result = self.call(self._blocks(values, True), calls, block)
        return result if self.result is None else self.result(result, block)

    def _blocks(self, values: Sequence[Any], copy: bool) -> list[Any]:
        return [v if form is None else form(v, copy) for v, form in zip(values, self.forms, strict=False)]

    def call(self, blocks: Sequence[Any], calls: Sequence[Any], block: int) -> Any:
        """The function on pandas objects."""

        def value(form: tuple[str, Any]) -> Any:
            kind, what = form
            return blocks[what] if kind == "block" else calls[what] if kind == "call" else what

        keywords = {name: value(form) for name, form in self.keywords.items()}
        if self.wants_info:
            division = None if self.divisions is None else self.divisions[block]
            keywords["partition_info"] = {"number": block, "division": division}
        return self.function(*[value(form) for form in self.arguments], **keywords)


class OverlapCall:
    """A PartitionCall whose first input comes with rows of the neighbours, which are cut off the result.

    ``reads[block]``: the partitions that the task reads; the one of its number among them.
    """

    def __init__(self, call: PartitionCall, before: Any, after: Any, reads: Sequence[Sequence[int]]) -> None:
        self.inner, self.before, self.after = call, before, after
        self.reads = [list(r) for r in reads]

    @property
    def __name__(self) -> str:
        return self.inner.__name__

    def __call__(self, values: Sequence[Any], block: int) -> Any:
        import pandas as pd

        reads = self.reads[block]
        form = self.inner.forms[0]
        assert form is not None
        at = reads.index(block)
        tables, rest = list(values[: len(reads)]), values[len(reads) :]
        own = form(tables[at])
        previous = self._previous([form(t) for t in self._ends(tables[:at], self.before, -1)], own, at > 0)
        following = self._following(
            [form(t) for t in self._ends(tables[at + 1 :], self.after, 1)], own, at + 1 < len(reads)
        )
        parts = [p for p in (previous, own, following) if p is not None]
        combined = parts[0] if len(parts) == 1 else pd.concat(parts)
        others = self.inner.forms[1:]
        blocks = [combined, *(v if f is None else f(v) for v, f in zip(rest, others, strict=False))]
        result = self.inner.call(blocks, rest[len(others) :], block)
        factor = len(result) // len(combined) if len(combined) else 1
        first = (0 if previous is None else len(previous)) * factor
        last = len(result) - (0 if following is None else len(following)) * factor
        result = result.iloc[first:last]
        return result if self.inner.result is None else self.inner.result(result, block)

    @staticmethod
    def _ends(tables: Sequence[Any], count: Any, side: int) -> list[Any]:
        """Of a row count only the rows nearest, before they are converted."""
        if not isinstance(count, int):
            return list(tables)
        return [t.slice(max(t.num_rows - count, 0)) if side < 0 else t.slice(0, count) for t in tables]

    def _previous(self, parts: Sequence[Any], own: Any, there: bool) -> Any:
        import pandas as pd

        if not there:
            return None
        rows = parts[0] if len(parts) == 1 else pd.concat(parts)
        if isinstance(self.before, int):
            return _enough(rows.iloc[max(len(rows) - self.before, 0) :], self.before)
        if len(own) == 0:
            return rows.iloc[:0]
        return rows[rows.index > own.index[0] - self.before]

    def _following(self, parts: Sequence[Any], own: Any, there: bool) -> Any:
        import pandas as pd

        if not there:
            return None
        rows = parts[0] if len(parts) == 1 else pd.concat(parts)
        if isinstance(self.after, int):
            return _enough(rows.iloc[: self.after], self.after)
        if len(own) == 0:
            return rows.iloc[:0]
        return rows[rows.index < own.index[-1] + self.after]


def _enough(rows: Any, count: int) -> Any:
    if len(rows) < count:
        raise NotImplementedError(
            f"Partition size is less than overlapping window size: a neighbour has {len(rows)} rows, {count} are "
            "needed. Try using ``df.repartition`` to increase the partition size."
        )
    return rows


class Splitter:
    """The sending half of an exchange: a partition as ``count`` tables, by the hash of its keys."""

    __name__ = "split"

    def __init__(self, form: Form, keys: Sequence[str], count: int) -> None:
        self.form, self.keys, self.count = form, list(keys), count

    def __call__(self, values: Sequence[Any], block: int) -> list[Any]:
        import numpy as np
        import pandas as pd

        table = values[0]
        keys = table.select(self.keys).replace_schema_metadata(None).to_pandas()
        for name in keys.columns:  # equal values hash alike, whatever each partition stores them as
            if isinstance(keys[name].dtype, pd.CategoricalDtype):
                keys[name] = keys[name].astype(keys[name].cat.categories.dtype)
        part = pd.util.hash_pandas_object(keys, index=False).to_numpy() % np.uint64(self.count)
        order = np.argsort(part, kind="stable")
        bounds = np.searchsorted(part[order], np.arange(self.count + 1, dtype=part.dtype))
        sorted_table = table.take(order)
        return [sorted_table.slice(begin, end - begin) for begin, end in itertools.pairwise(bounds)]


class GatheredCall:
    """The receiving half: all values together are one partition."""

    def __init__(self, call: PartitionCall) -> None:
        self.inner = call

    @property
    def __name__(self) -> str:
        return self.inner.__name__

    def __call__(self, values: Sequence[Any], block: int) -> Any:
        import pyarrow as pa

        return self.inner(
            [pa.concat_tables([v.replace_schema_metadata(None) for v in values]).unify_dictionaries()], block
        )


def apply_rows(part: Any, function: Any = None, args: Any = (), kwds: Any = None, **options: Any) -> Any:
    """``part.apply`` as a function."""
    return part.apply(function, args=args, **options, **(kwds or {}))


def map_elements(part: Any, function: Any = None, na_action: Any = None) -> Any:
    """``part.map`` as a function."""
    return part.map(function, na_action=na_action)


class MadeCall:
    """Partition number -> ``function(items of that number, *args, **kwargs)``."""

    def __init__(self, function: Any, items: Sequence[tuple[Any, ...]], args: Any, kwargs: Any, result: Any) -> None:
        self.function, self.items, self.args, self.kwargs, self.result = function, items, args, kwargs, result

    def __call__(self, values: Sequence[Any], block: int) -> Any:
        return self.result(self.function(*self.items[block], *self.args, **self.kwargs), block)


class Verified:
    """The only value, checked."""

    def __init__(self, result: Any) -> None:
        self.result = result

    def __call__(self, values: Sequence[Any], block: int) -> Any:
        return self.result(values[0], block)


class GroupCall:
    """``part.groupby(keys)[selection].method(function)``."""

    def __init__(
        self, keys: Sequence[Any], selection: Any, method: str, function: Any, args: Any, kwargs: Any, options: Any
    ) -> None:
        self.keys, self.selection, self.method = list(keys), selection, method
        self.function, self.args, self.kwargs, self.options = function, args, kwargs, options

    def __call__(self, part: Any) -> Any:
        groups = part.groupby(self.keys if len(self.keys) > 1 else self.keys[0], **self.options)
        if self.selection is not None:
            groups = groups[self.selection]
        return getattr(groups, self.method)(self.function, *self.args, **self.kwargs)


def _tuple(x: Any) -> tuple[Any, ...]:
    return x if isinstance(x, tuple) else (x,)


class ChunkCall:
    """The first step of Aggregations: of the groups of one partition."""

    __name__ = "chunk"

    def __init__(self, form: Form, keys: Sequence[Any], steps: Sequence[tuple[Any, ...]], dropna: bool = True) -> None:
        self.form, self.keys, self.steps, self.dropna = form, list(keys), list(steps), dropna

    def chunk(self, part: Any) -> list[tuple[Any, ...]]:
        """One tuple of Series a step."""
        keys = self.keys if len(self.keys) > 1 else self.keys[0]
        groups = part.groupby(keys, observed=True, sort=False, dropna=self.dropna)
        return [_tuple(chunk(groups[column])) for column, chunk, _, _ in self.steps]

    def __call__(self, values: Sequence[Any], block: int) -> Any:
        return self.chunk(self.form(values[0]))


class AggregateCall:
    """The last steps of Aggregations: of what all partitions gave."""

    __name__ = "aggregate"

    def __init__(
        self,
        keys: Sequence[Any],
        steps: Sequence[tuple[Any, ...]],
        outs: Sequence[Any],
        options: Mapping[str, bool] | None = None,
    ) -> None:
        self.keys, self.steps, self.outs = list(keys), list(steps), list(outs)
        self.options = {"sort": True, "dropna": True, **(options or {})}
        self.result: Any = None

    def combine(self, partials: Sequence[Sequence[tuple[Any, ...]]]) -> Any:
        """The frame of all results, by key."""
        import pandas as pd

        levels = list(range(len(self.keys))) if len(self.keys) > 1 else 0
        columns = []
        for step, (_, _, agg, finalize) in enumerate(self.steps):
            joined = [pd.concat(parts) for parts in zip(*(partial[step] for partial in partials), strict=True)]
            sort, dropna = self.options["sort"], self.options["dropna"]
            groups = [s.groupby(level=levels, sort=sort, observed=True, dropna=dropna) for s in joined]
            result = _tuple(agg(*groups))
            columns.append(finalize(*result) if finalize is not None else result[0])
        frame = pd.concat(columns, axis=1)
        frame.columns = (
            pd.Index(self.outs) if not isinstance(self.outs[0], tuple) else pd.MultiIndex.from_tuples(self.outs)
        )
        return frame

    def __call__(self, values: Sequence[Any], block: int) -> Any:
        return self.result(self.combine(values), block)
