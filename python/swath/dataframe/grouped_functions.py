"""Group-by with the user's functions: apply and transform bring the rows of a key together; Aggregation in steps."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from swath._partitions import AggregateCall, ChunkCall, GatheredCall, GroupCall, PartitionCall, Splitter
from swath._user_functions import name_of
from swath.dataframe import _labels
from swath.dataframe._meta import NO_DEFAULT, Described, emulate, form_of, resolve
from swath.dataframe.functions import engine_map
from swath.dataframe.groupby import GroupBy, SeriesGroupBy
from swath.tokenize import tokenize

__all__ = ["Aggregation"]


class Aggregation:
    """An aggregation of groups by your own functions, for :meth:`GroupBy.aggregate`.

    Parameters
    ----------
    name
        Of the column that comes out in lists.
    chunk
        From the groups of one partition (a pandas SeriesGroupBy) to a Series, or a tuple of Series.
    agg
        From the groups of all partitions' results (one argument for each Series) to a Series or a tuple.
    finalize
        From what ``agg`` returned to the result.

    >>> import swath.dataframe as sd
    >>> df = sd.from_dict({"k": ["a", "b", "a"], "x": [1, 2, 4]}, npartitions=2)
    >>> span = sd.Aggregation("span", lambda g: (g.min(), g.max()), lambda low, high: (low.min(), high.max()),
    ...                       lambda low, high: high - low)
    >>> df.groupby("k").x.agg(span).compute().to_dict()
    {'a': 3, 'b': 0}
    """

    def __init__(
        self,
        name: str,
        chunk: Callable[..., Any],
        agg: Callable[..., Any],
        finalize: Callable[..., Any] | None = None,
    ) -> None:
        self.__name__ = name
        self.chunk = chunk
        self.agg = agg
        self.finalize = finalize

    def __repr__(self) -> str:
        return f"Aggregation({self.__name__!r})"


def _keys(group: GroupBy) -> list[Hashable]:
    labels = [_labels.decode(key) for key in group._keys]
    for label in labels:
        if not group._frame._has(label):
            raise NotImplementedError(
                f"group-by with your own functions groups by columns; {label!r} is none of the table: assign it first"
            )
    return labels


def _selection(group: GroupBy) -> Any:
    """What is chosen of the groups: one label, a list of them, or None for all columns."""
    if isinstance(group, SeriesGroupBy):
        return group._selected[0]
    keys = set(_keys(group))
    return None if [c for c in group._frame if c not in keys] == list(group._selected) else list(group._selected)


def _parent(meta: Any, run: Any, frame: Any) -> Any:
    """What a meta without an index takes its index from: a trial, as groups have another index than rows."""
    if meta is NO_DEFAULT or not isinstance(meta, (tuple, list, dict)):
        return frame._meta
    try:
        return emulate(run, (frame,), {}, "groupby")
    except ValueError:
        return frame._meta


def _by_group(group: GroupBy, method: str, func: Any, args: Any, meta: Any, kwargs: dict[str, Any]) -> Any:
    """``df.groupby(keys).method(func)`` in pandas, on partitions that hold whole groups."""
    frame, keys = group._frame, _keys(group)
    options = dict(group._options)
    if not options["observed"]:
        raise NotImplementedError(f"groupby(observed=False).{method}: use observed=True, then reindex the result")
    run = GroupCall(keys, _selection(group), method, func, tuple(args), kwargs, options)
    name = name_of(func) if callable(func) else str(func)
    label = f"groupby.{method}"
    described = Described(resolve(meta, run, (frame,), {}, f"{label}({name})", _parent(meta, run, frame)))
    form = form_of(frame)
    token = tokenize(keys, _selection(group), method, func, args, kwargs, options, str(described.schema))
    call = PartitionCall(run, [("block", 0)], {}, [form], described.result(f"{label}({name})", enforce=False))
    count = frame.npartitions
    node = frame.__swath_node__()
    if count == 1:
        return engine_map(call, name, [(node, [])], 1, token, described=described, label=label)
    split = engine_map(
        Splitter(form, [_labels.encode(k) for k in keys], count),
        "split",
        [(node, [])],
        count,
        tokenize("split", keys, count),
        label="shuffle",
        result="pieces",
    )
    every = [list(range(count))] * count
    return engine_map(
        GatheredCall(call),
        name,
        [(split.node, every)],
        count,
        token,
        described=described,
        label=label,
        takes_piece=True,
    )


def _apply(self: GroupBy, func: Callable[..., Any], *args: Any, meta: Any = NO_DEFAULT, **kwargs: Any) -> Any:
    """``func`` on each group, a pandas object; ``meta`` says what comes out (see ``map_partitions``).

    Rows are exchanged so that every group is whole in one partition: as many partitions come out as went in, and groups
    are sorted within each.
    """
    kwargs.pop("include_groups", None)
    return _by_group(self, "apply", func, args, meta, kwargs)


def _transform(self: GroupBy, func: Any, *args: Any, meta: Any = NO_DEFAULT, **kwargs: Any) -> Any:
    """``func`` on each group, which returns as many rows (or one value); rows come out partition by partition."""
    return _by_group(self, "transform", func, args, meta, kwargs)


# --- Aggregation


def custom_in(arg: Any) -> bool:
    """Is an :class:`Aggregation` among the functions of ``aggregate(arg)``?"""
    if isinstance(arg, Aggregation):
        return True
    if isinstance(arg, Mapping):
        return any(custom_in(value) for value in arg.values())
    return isinstance(arg, (list, tuple)) and any(custom_in(item) for item in arg)


def _pairs(group: GroupBy, arg: Any, named: Mapping[str, Any]) -> list[tuple[Hashable, Any, Hashable]]:
    """(column, function, label of the result) of everything that was asked for, in order."""
    if arg is None:
        if isinstance(group, SeriesGroupBy):
            return [(group._selected[0], f, out) for out, f in named.items()]
        return [(pair[0], pair[1], out) for out, pair in named.items()]
    single = isinstance(group, SeriesGroupBy)
    if isinstance(arg, Mapping):
        nested = any(isinstance(value, (list, tuple)) for value in arg.values())
        return [
            (column, f, (column, _name(f)) if nested else column)
            for column, value in arg.items()
            for f in (value if isinstance(value, (list, tuple)) else [value])
        ]
    if isinstance(arg, (list, tuple)):
        return [(c, f, _name(f) if single else (c, _name(f))) for c in group._selected for f in arg]
    return [(c, arg, c) for c in group._selected]


def _name(function: Any) -> str:
    return function if isinstance(function, str) else function.__name__


def aggregate_custom(group: GroupBy, arg: Any, named: Mapping[str, Any]) -> Any:
    """``aggregate`` with Aggregations among the functions: those in steps, the others by the engine."""
    frame, keys = group._frame, _keys(group)
    pairs = _pairs(group, arg, named)
    custom = [(c, f, out) for c, f, out in pairs if isinstance(f, Aggregation)]
    form, node = form_of(frame), frame.__swath_node__()
    steps = [(c, f.chunk, f.agg, f.finalize) for c, f, _ in custom]
    outs = [out for _, _, out in custom]
    chunk = ChunkCall(form, keys, steps, group._options["dropna"])
    final = AggregateCall(keys, steps, outs, {key: group._options[key] for key in ("sort", "dropna")})
    small = emulate(lambda part: final.combine([chunk.chunk(part)]), (frame,), {}, "aggregate")
    described = Described(small)
    token = tokenize(keys, steps, outs)
    partial = engine_map(chunk, "chunk", [(node, [])], frame.npartitions, token, label="aggregate", result="object")
    final.result = described.result("groupby.aggregate")
    result = engine_map(
        final,
        ", ".join(f.__name__ for _, f, _ in custom),
        [(partial.node, [list(range(frame.npartitions))])],
        1,
        token + "-final",
        described=described,
        label="aggregate",
    )
    if len(custom) < len(pairs):
        result = _with_native(group, result, pairs)
    if isinstance(group, SeriesGroupBy) and isinstance(arg, Aggregation):
        return result[outs[0]]
    return result


def _with_native(group: GroupBy, custom: Any, pairs: Sequence[tuple[Hashable, Any, Hashable]]) -> Any:
    from swath.dataframe.groupby import _function_name, _spec

    specs = [_spec(_function_name(f), _labels.encode(c), out) for c, f, out in pairs if not isinstance(f, Aggregation)]
    native = group._aggregate(specs)
    result = native._with({out: custom[out] for _, f, out in pairs if isinstance(f, Aggregation)})
    return result[[out for _, _, out in pairs]]


def _install() -> None:
    builtin = GroupBy.aggregate

    def aggregate(self: GroupBy, arg: Any = None, *args: Any, **kwargs: Any) -> Any:
        named = {k: v for k, v in kwargs.items() if k not in ("split_every", "split_out", "shuffle_method")}
        if custom_in(arg) or (arg is None and any(custom_in(v) for v in named.values())):
            return aggregate_custom(self, arg, named)
        return builtin(self, arg, *args, **kwargs)

    aggregate.__doc__ = builtin.__doc__
    GroupBy.aggregate = GroupBy.agg = aggregate  # type: ignore[method-assign, assignment]
    _apply.__name__, _transform.__name__ = "apply", "transform"
    GroupBy.apply = _apply  # type: ignore[attr-defined]
    GroupBy.transform = _transform  # type: ignore[attr-defined]


_install()
