"""FrameBase: what DataFrame, Series and Index share."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from swath.base import SwathMethods, compute
from swath.dataframe import _arguments, _convert, _labels, _repr
from swath.dataframe._operators import NamedOperators

if TYPE_CHECKING:
    import pyarrow as pa

_CLASSES: dict[type, type] = {}


class _IndexMark:
    """Stands for the engine's Series of index labels."""


def wrap(native: Any) -> Any:
    """Return the Python object of an engine handle."""
    if not _CLASSES:
        from swath._engine import core
        from swath.dataframe.frame import DataFrame
        from swath.dataframe.scalar import Scalar
        from swath.dataframe.series import Index, Series

        _CLASSES.update({core.DataFrame: DataFrame, core.Series: Series, core.Scalar: Scalar, _IndexMark: Index})
    kind: type = _IndexMark if getattr(native, "is_index", False) else type(native)
    return _CLASSES[kind](native)


def _reduction(name: str, doc: str, *extra: str, numeric_only: bool = True) -> Callable[..., Any]:
    """The method ``name(axis, skipna, …extra, numeric_only, split_every)``, in the order in which Dask has them."""
    defaults: dict[str, Any] = {"axis": 0, "skipna": True}
    if "ddof" in extra:
        defaults["ddof"] = 1
    if numeric_only:
        defaults["numeric_only"] = False
    if "min_count" in extra:
        defaults["min_count"] = 0
    defaults["split_every"] = False

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        given = dict(zip(defaults, args, strict=False))
        if len(args) > len(defaults) or given.keys() & kwargs.keys():
            raise TypeError(f"{name}{signature}: got {args} and {kwargs}")
        _arguments.reject(name, {key: value for key, value in kwargs.items() if key not in defaults})
        options = {**defaults, **given, **kwargs}
        del options["split_every"]  # the engine plans the merging
        return self._reduce(name, options.pop("axis"), options)

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = [inspect.Parameter(key, kind, default=value) for key, value in defaults.items()]
    signature = inspect.Signature(parameters)
    method.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[inspect.Parameter("self", kind), *parameters]
    )
    method.__name__ = method.__qualname__ = name
    method.__doc__ = f"{doc}\n\n    Missing values are skipped, or with ``skipna=False`` make the result missing."
    return method


class FrameBase(SwathMethods, NamedOperators):
    """A lazy table or column: an expression of the engine, cut into partitions by rows."""

    __slots__ = ("__weakref__", "_meta_cache", "_native")
    _native: Any
    _meta_cache: Any

    def __init__(self, native: Any) -> None:
        object.__setattr__(self, "_native", native)
        object.__setattr__(self, "_meta_cache", None)

    # --- what is known without computing

    @property
    def npartitions(self) -> int:
        return self._native.npartitions

    @property
    def divisions(self) -> tuple[Any, ...]:
        """The first index value of each partition and the last one of all, or Nones where unknown."""
        known = self._native.divisions
        return (None,) * (self.npartitions + 1) if known is None else tuple(_convert.python_value(v) for v in known)

    @property
    def known_divisions(self) -> bool:
        return self._native.divisions is not None

    @property
    def index(self) -> Any:
        return wrap(self._native.index)

    @property
    def _meta(self) -> Any:
        """An empty pandas object of the same schema."""
        if self._meta_cache is None:
            import pyarrow as pa

            object.__setattr__(self, "_meta_cache", self._to_pandas(pa.schema(self._native).empty_table()))
        return self._meta_cache

    def _dtype_table(self) -> list[tuple[Any, Any]]:
        meta = self._meta
        return list(meta.dtypes.items()) if meta.ndim == 2 else [(meta.name, meta.dtype)]

    @property
    def _operation(self) -> str:
        return self._native.operation

    @property
    def _expression_count(self) -> int:
        return self._native.expression_count

    @property
    def size(self) -> Any:
        """The number of elements, lazily."""
        return wrap(self._native.row_count()) * self._width

    @property
    def _width(self) -> int:
        return 1

    @property
    def empty(self) -> bool:
        """Whether there are no rows; computes."""
        return len(self) == 0

    def __len__(self) -> int:
        return int(wrap(self._native.row_count()).compute())

    def __bool__(self) -> bool:
        raise ValueError(f"The truth value of a {type(self).__name__} is ambiguous. Use a.any() or a.all().")

    def __repr__(self) -> str:
        return _repr.text(self)

    def _repr_html_(self) -> str:
        return _repr.html(self)

    # --- results: what swath.base asks of a collection

    def __swath_node__(self) -> Any:
        return self._native.node

    def __swath_finish__(self, values: Any) -> Any:
        import pyarrow as pa

        return self._to_pandas(pa.table(self._native.collect(values)))

    def __swath_rebuild__(self, node: Any) -> Any:
        return type(self)(self._native.rebuild(node))

    def __swath_persist__(self, values: Any) -> Any:
        from swath._engine import core

        return self.__swath_rebuild__(core.frame_hold(self._native.node, values))

    def to_arrow(self, **kwargs: Any) -> pa.Table:
        """Run and return a ``pyarrow.Table`` without a copy of the data: the columns, then those of the index."""
        return compute(_ArrowResult(self._native), traverse=False, **kwargs)[0]

    def __arrow_c_schema__(self) -> object:
        return self._native.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The Arrow PyCapsule protocol: pyarrow, Polars, DuckDB and pandas read it. Computes."""
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        import numpy as np

        return np.asarray(self.compute(), dtype=dtype)

    def _to_pandas(self, table: pa.Table) -> Any:
        raise NotImplementedError

    # --- rows and partitions

    def head(self, n: int = 5, npartitions: int = 1, compute: bool = True) -> Any:
        """The first `n` rows of the first `npartitions` partitions (-1: of all)."""
        if n < 0:
            raise ValueError(f"head(n={n}): it must not be negative")
        if npartitions == 0 or npartitions < -1:
            raise ValueError(f"head(npartitions={npartitions}): it must be positive, or -1 for all partitions")
        if npartitions > self.npartitions:
            raise ValueError(f"only {self.npartitions} partitions, head received {npartitions}")
        result = wrap(self._native.head(int(n), self.npartitions if npartitions == -1 else npartitions))
        return result.compute() if compute else result

    def tail(self, n: int = 5, compute: bool = True) -> Any:
        """The last `n` rows of the last partition."""
        if n < 0:
            raise ValueError(f"tail(n={n}): it must not be negative")
        result = wrap(self._native.tail(int(n)))
        return result.compute() if compute else result

    def get_partition(self, n: int) -> Any:
        """One partition, lazily."""
        if not 0 <= n < self.npartitions:
            raise ValueError(f"n must be 0 <= n < {self.npartitions}")
        return wrap(self._native.partitions([n]))

    @property
    def partitions(self) -> Any:
        """Lazy slices of partitions: ``df.partitions[2:5]``."""
        from swath.dataframe.indexing import PartitionIndexer

        return PartitionIndexer(self)

    @property
    def loc(self) -> Any:
        from swath.dataframe.indexing import LocIndexer

        return LocIndexer(self)

    def repartition(
        self,
        divisions: Any = None,
        npartitions: int | None = None,
        partition_size: Any = None,
        freq: Any = None,
        force: bool = False,
    ) -> Any:
        """The same rows in other partitions; exactly one of the first four arguments says which.

        Parameters
        ----------
        divisions : list
            Partition `i` gets the rows with index labels from ``divisions[i]`` up to ``divisions[i + 1]``; the last one
            those equal to the last label too. Needs known divisions, of the same ends unless `force`.
        npartitions : int
            Neighbours are joined, or each partition is cut into pieces of equal size.
        partition_size : int or str
            Partitions of at most about so many bytes: larger ones are cut, small neighbours joined. Counts the rows of
            all partitions at once; the bytes of a row are estimated from the first ones (Dask loads all of them).
        freq : str or pandas offset
            One partition a period of a sorted time index: "7D", "MS".
        force : bool
            May new divisions reach beyond the old ones?
        """
        from swath.dataframe._repartition import repartition

        return repartition(self, divisions, npartitions, partition_size, freq, force)

    def copy(self, deep: bool = False) -> Any:
        return type(self)(self._native)

    def pipe(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        return function(self, *args, **kwargs)

    def to_bag(self, index: bool = False, format: str = "tuple") -> Any:
        """The rows of a table as a bag of tuples or dicts, a column as one of values; ``index``: the index first."""
        from swath.bag.frames import frame_to_bag

        return frame_to_bag(self, index, format)

    def to_csv(self, filename: Any, **kwargs: Any) -> Any:
        from swath.dataframe.io.csv import to_csv

        return to_csv(self, filename, **kwargs)

    # --- aggregations, in terms of _reduce(function, axis, options)

    def _reduce(self, function: str, axis: Any, options: Mapping[str, Any]) -> Any:
        raise NotImplementedError

    sum = _reduction("sum", "Sum of the values.", "min_count")
    prod = _reduction("prod", "Product of the values.", "min_count")
    product = prod
    mean = _reduction("mean", "Mean of the values.")
    var = _reduction("var", "Variance of the values, with `ddof` degrees of freedom taken off.", "ddof")
    std = _reduction("std", "Standard deviation of the values, with `ddof` degrees of freedom taken off.", "ddof")
    min = _reduction("min", "Smallest value.")
    max = _reduction("max", "Largest value.")
    any = _reduction("any", "Is any value true?", numeric_only=False)
    all = _reduction("all", "Are all values true?", numeric_only=False)

    def count(self, axis: Any = 0, numeric_only: bool = False, split_every: Any = False) -> Any:
        """How many values are not missing."""
        return self._reduce("count", axis, {"numeric_only": numeric_only})


class _ArrowResult(SwathMethods):
    """A table whose result stays in Arrow."""

    __slots__ = ("_native",)

    def __init__(self, native: Any) -> None:
        self._native = native

    def __swath_node__(self) -> Any:
        return self._native.node

    def __swath_finish__(self, values: Any) -> pa.Table:
        import pyarrow as pa

        return pa.table(self._native.collect(values))


def unknown_column(label: Any, known: Any) -> KeyError:
    """Return the error for a label that is not a column."""
    return KeyError(f"{label!r} is not a column{_labels.suggestion(label, list(known))}")
