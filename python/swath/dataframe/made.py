"""Tables of functions and calls, and calls of partitions: from_map, from_delayed, to_delayed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from swath._engine import core
from swath._partitions import MadeCall, Verified
from swath._user_functions import name_of
from swath.dataframe._meta import NO_DEFAULT, Described, _as_pandas, form_of, make_meta
from swath.dataframe.frame import DataFrame
from swath.dataframe.functions import engine_map
from swath.dataframe.series import Series
from swath.delayed import Delayed, delayed
from swath.tokenize import tokenize

__all__ = ["from_delayed", "from_map", "to_delayed"]


def from_map(
    func: Callable[..., Any],
    *iterables: Iterable[Any],
    args: Any = None,
    meta: Any = NO_DEFAULT,
    divisions: Any = None,
    label: str | None = None,
    enforce_metadata: bool = False,
    **kwargs: Any,
) -> Any:
    """A table with one partition ``func(item of each iterable, *args, **kwargs)`` for each item.

    Without ``meta`` the first partition is made to find it out.

    >>> import pandas as pd, swath.dataframe as sd
    >>> sd.from_map(lambda n: pd.DataFrame({"n": [n] * n}), [1, 2], meta={"n": "int64"}).n.sum().compute()
    np.int64(5)
    """
    if not callable(func):
        raise ValueError("`func` argument must be `callable`")
    lists = [list(iterable) for iterable in iterables]
    lengths = {len(items) for items in lists}
    if not lists:
        raise ValueError("`from_map` requires at least one Iterable input")
    if len(lengths) > 1:
        raise ValueError("All `iterables` must have the same length")
    if lengths == {0}:
        raise ValueError("All `iterables` must have a non-zero length")
    rows = list(zip(*lists, strict=True))
    positional = tuple(args or ())
    if meta is NO_DEFAULT or meta is None:
        meta = func(*rows[0], *positional, **kwargs)
    described = Described(_as_pandas(make_meta(meta)) if not hasattr(meta, "iloc") else meta)
    name = label or name_of(func)
    if divisions is not None and len(divisions) != len(rows) + 1:
        raise ValueError(f"{len(divisions)} divisions for {len(rows)} partitions; there must be one more")
    call = MadeCall(func, rows, positional, kwargs, described.result(f"from_map({name})", enforce_metadata))
    token = tokenize(func, rows, positional, kwargs, enforce_metadata, str(described.schema))
    return engine_map(call, name, [], len(rows), token, described=described, label="from_map", divisions=divisions)


def from_delayed(
    dfs: Any,
    meta: Any = NO_DEFAULT,
    divisions: Any = None,
    prefix: str | None = None,
    verify_meta: bool = True,
) -> Any:
    """A table whose partitions are the pandas objects that calls return. Without ``meta`` the first one is computed.

    >>> import pandas as pd, swath, swath.dataframe as sd
    >>> parts = [swath.delayed(pd.DataFrame)({"x": [i]}) for i in range(3)]
    >>> sd.from_delayed(parts, meta={"x": "int64"}).x.sum().compute()
    np.int64(3)
    """
    calls = [dfs] if isinstance(dfs, Delayed) or hasattr(dfs, "key") else list(dfs)
    calls = [x if isinstance(x, Delayed) else delayed(x) for x in calls]
    if not calls:
        raise TypeError("Must supply at least one delayed object")
    if isinstance(divisions, (tuple, list)) and len(divisions) != len(calls) + 1:
        raise ValueError("divisions should be a tuple of len(dfs) + 1")
    given = meta is not NO_DEFAULT and meta is not None
    described = Described(make_meta(meta) if given else calls[0].compute())
    name = prefix or "from-delayed"
    call = Verified(described.result("from_delayed", verify_meta))
    token = tokenize([c._node.token for c in calls], verify_meta, str(described.schema))
    return engine_map(
        call,
        name,
        [],
        len(calls),
        token,
        described=described,
        label="from_delayed",
        calls=[c._node for c in calls],
        call_each=True,
        divisions=divisions if isinstance(divisions, (tuple, list)) else None,
    )


def to_delayed(df: Any, optimize_graph: bool = True) -> list[Any]:
    """One call a partition, which answers it as a pandas object."""
    form = form_of(df)
    node = df.__swath_node__()

    def partition(values: Any, block: int) -> Any:
        import pyarrow as pa

        return form(pa.table(core.objects(values)[0]))

    return [Delayed(core.delayed_on(node, p, partition, "partition", "partition")) for p in range(df.npartitions)]


DataFrame.to_delayed = to_delayed  # type: ignore[attr-defined]
Series.to_delayed = to_delayed  # type: ignore[attr-defined]
