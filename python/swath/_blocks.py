"""What runs on blocks of arrays: picklable callables ``(values, block number) -> result``.

Child processes import this module, not the engine: it needs NumPy and nothing of ours.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

__all__ = ["BlockCall", "BlockPlaces", "Trim", "pick", "position_of"]


def position_of(block: int, counts: Sequence[int]) -> tuple[int, ...]:
    """The position of a block in a grid of ``counts`` blocks, last axis fastest."""
    position = []
    for count in reversed(counts):
        block, place = divmod(block, count)
        position.append(place)
    return tuple(reversed(position))


def starts_of(chunks: Sequence[Sequence[int]]) -> list[list[int]]:
    """Where the blocks of each axis begin, and where the last one ends."""
    result = []
    for lengths in chunks:
        bounds = [0]
        for length in lengths:
            bounds.append(bounds[-1] + length)
        result.append(bounds)
    return result


class BlockPlaces:
    """Where the blocks of a call lie: what ``block_id`` and ``block_info`` are made of.

    ``inputs``: for each argument that is an array its number, starts and labels; ``labels``: of the result's axes.
    """

    def __init__(
        self,
        chunks: Sequence[Sequence[int]],
        labels: Sequence[Any],
        inputs: Sequence[tuple[int, list[list[int]], Sequence[Any]]],
        dtype: Any,
    ) -> None:
        self.starts = starts_of(chunks)
        self.counts = tuple(len(lengths) for lengths in chunks)
        self.labels = tuple(labels)
        self.inputs = list(inputs)
        self.dtype = dtype

    def id(self, block: int) -> tuple[int, ...]:
        """The position of the block of the result."""
        return position_of(block, self.counts)

    def info(self, block: int) -> dict[Any, Any]:
        """Dask's ``block_info``: by number of the argument, and None for the result."""
        position = self.id(block)
        place = dict(zip(self.labels, position, strict=True))
        result: dict[Any, Any] = {}
        for number, starts, labels in self.inputs:
            at = tuple(place.get(k, 0) if len(s) > 2 else 0 for k, s in zip(labels, starts, strict=True))
            result[number] = {
                "shape": tuple(s[-1] for s in starts),
                "num-chunks": tuple(len(s) - 1 for s in starts),
                "array-location": [(s[i], s[i + 1]) for s, i in zip(starts, at, strict=True)],
                "chunk-location": at,
            }
        bounds = [(s[i], s[i + 1]) for s, i in zip(self.starts, position, strict=True)]
        result[None] = {
            "shape": tuple(s[-1] for s in self.starts),
            "num-chunks": self.counts,
            "array-location": bounds,
            "chunk-location": position,
            "chunk-shape": tuple(end - begin for begin, end in bounds),
            "dtype": self.dtype,
        }
        return result


class Trim:
    """Cuts what an overlap added off the result: by axis and position how much before and after."""

    def __init__(self, counts: Sequence[int], cuts: Sequence[Sequence[tuple[int, int]] | None]) -> None:
        self.counts = tuple(counts)
        self.cuts = list(cuts)

    def __call__(self, result: Any, block: int) -> Any:
        position = position_of(block, self.counts)
        index = []
        for axis, (place, cuts) in enumerate(zip(position, self.cuts, strict=True)):
            before, after = cuts[place] if cuts is not None else (0, 0)
            index.append(slice(before, result.shape[axis] - after))
        return result[tuple(index)]


class BlockCall:
    """``function`` with its arguments, of which some are blocks.

    ``arguments`` and the values of ``keywords`` are forms: ("block", i), ("call", i) or ("literal", object).
    ``gathers[i]``: of input i, how many blocks there are along each axis where all are read, or None elsewhere; such
    blocks are joined along these axes (``concatenate``) or come as nested lists.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        arguments: Sequence[tuple[str, Any]],
        keywords: dict[str, tuple[str, Any]],
        gathers: Sequence[Sequence[int | None]],
        concatenate: bool = True,
        places: BlockPlaces | None = None,
        wants: Sequence[str] = (),
        ndim: int | None = None,
        trim: Trim | None = None,
    ) -> None:
        self.function = function
        self.arguments = list(arguments)
        self.keywords = dict(keywords)
        self.gathers = [tuple(g) if any(n is not None for n in g) else () for g in gathers]
        self.concatenate = concatenate
        self.places = places
        self.wants = tuple(wants)
        self.ndim = ndim
        self.trim = trim
        self.writes = False

    @property
    def __name__(self) -> str:
        return getattr(self.function, "__name__", type(self.function).__name__)

    def __call__(self, values: Sequence[Any], block: int) -> Any:
        blocks, calls = self._split(values)
        if self.writes:
            blocks = [b.copy() if isinstance(b, np.ndarray) else b for b in blocks]
        arguments = [self._value(form, blocks, calls) for form in self.arguments]
        keywords = {name: self._value(form, blocks, calls) for name, form in self.keywords.items()}
        if self.places is not None:
            if "block_id" in self.wants:
                keywords["block_id"] = self.places.id(block)
            if "block_info" in self.wants:
                keywords["block_info"] = self.places.info(block)
        try:
            result = self.function(*arguments, **keywords)
        except ValueError as error:
            if self.writes or "read-only" not in str(error):
                raise
            self.writes = True  # into its arguments: blocks are shared, so from now on it gets copies
            return self(values, block)
        if self.ndim is not None and np.ndim(result) != self.ndim:
            raise ValueError(
                f"Dimension mismatch: expected output of {self.function} to have dims = {self.ndim}.  "
                f"Got {np.ndim(result)} instead."
            )
        return result if self.trim is None else self.trim(result, block)

    def _split(self, values: Sequence[Any]) -> tuple[list[Any], Sequence[Any]]:
        blocks, at = [], 0
        for gather in self.gathers:
            if not gather:
                blocks.append(values[at])
                at += 1
                continue
            count = math.prod(n for n in gather if n is not None)
            blocks.append(_gather(list(values[at : at + count]), gather, self.concatenate))
            at += count
        return blocks, values[at:]

    @staticmethod
    def _value(form: tuple[str, Any], blocks: Sequence[Any], calls: Sequence[Any]) -> Any:
        kind, value = form
        return blocks[value] if kind == "block" else calls[value] if kind == "call" else value


def _gather(values: list[Any], gather: Sequence[int | None], concatenate: bool) -> Any:
    """Blocks in C order as nested lists, one level an axis that is read whole, or joined along these axes."""
    axes = [axis for axis, count in enumerate(gather) if count is not None]
    nested: Any = values
    for axis in reversed(axes[1:]):
        count = gather[axis] or 1
        nested = [nested[i : i + count] for i in range(0, len(nested), count)]
    return _join(nested, axes) if concatenate else nested


def _join(nested: Any, axes: Sequence[int]) -> Any:
    parts = nested if len(axes) == 1 else [_join(part, axes[1:]) for part in nested]
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=axes[0])


class pick:
    """One result of several: ``values[0][i]``."""

    def __init__(self, i: int) -> None:
        self.i = i

    def __call__(self, values: Sequence[Any], block: int) -> Any:
        return values[0][self.i]


def weighted(chunk: Any, x: Any, weights: Any, **kwargs: Any) -> Any:
    return chunk(x, weights=weights, **kwargs)


class Combine:
    """``function`` on a group of neighbours: the values come in C order of the group."""

    def __init__(
        self,
        function: Any,
        options: dict[str, Any],
        counts: Sequence[int],
        groups: Sequence[int],
        axes: Sequence[int],
        concatenate: bool,
    ) -> None:
        self.function, self.options = function, options
        self.counts, self.groups = tuple(counts), tuple(groups)
        self.axes, self.concatenate = tuple(axes), concatenate

    def __call__(self, values: Sequence[Any], block: int) -> Any:
        tasks = [math.ceil(n / g) for n, g in zip(self.counts, self.groups, strict=True)]
        sizes: list[int | None] = []
        for axis, place in enumerate(position_of(block, tasks)):
            size = min(self.groups[axis], self.counts[axis] - place * self.groups[axis])
            sizes.append(size if axis in self.axes else None)
        if not self.axes:
            return self.function(values[0], **self.options)
        parts = [np.asarray(v) if self.concatenate else v for v in values]
        gathered = _gather(parts, sizes, self.concatenate)
        return self.function(gathered, **self.options)


class Kept:
    """Puts the reduced axes back with length 1."""

    def __init__(self, call: Any, axes: Sequence[int]) -> None:
        self.call, self.axes = call, tuple(axes)

    def __call__(self, values: Sequence[Any], block: int) -> Any:
        return np.expand_dims(np.asarray(self.call(values, block)), self.axes)


def along(a: Any, func1d: Any = None, axis: int = 0, args: Any = (), kwargs: Any = None) -> Any:
    return np.apply_along_axis(func1d, axis, a, *args, **(kwargs or {}))


class Elementwise:
    def __init__(self, func: Any, dtype: Any) -> None:
        self.func, self.dtype = func, dtype

    def __call__(self, *blocks: Any) -> Any:
        return np.asarray(self.func(*blocks)).astype(self.dtype)

    def __reduce__(self) -> Any:
        return Elementwise, (self.func, self.dtype)


class Piecewise:
    def __init__(self, functions: list[Any], args: Any, kw: Any) -> None:
        self.functions, self.args, self.kw = functions, args, kw

    def __call__(self, x: Any, *conditions: Any) -> Any:
        return np.piecewise(x, list(conditions), self.functions, *self.args, **self.kw)


class Store:
    """Writes a block where it belongs, and answers nothing."""

    def __init__(self, starts: Any, offsets: Any, lock: Any) -> None:
        self.starts, self.offsets, self.lock = starts, offsets, lock

    def index(self, block: int) -> tuple[slice, ...]:
        counts = [len(s) - 1 for s in self.starts]
        return tuple(
            compose(offset, s[i], s[i + 1])
            for s, i, offset in zip(self.starts, position_of(block, counts), self.offsets, strict=True)
        )

    def __call__(self, target: Any, value: Any, block: int) -> None:
        index = self.index(block)
        if self.lock is None:
            target[index] = np.asarray(value)
            return
        with self.lock:
            target[index] = np.asarray(value)


def compose(outer: slice, begin: int, end: int) -> slice:
    step = outer.step or 1
    first = outer.start or 0
    return slice(first + begin * step, first + (end - 1) * step + 1 if end > begin else first + begin * step, step)


class StoreCall:
    def __init__(self, store: Store, target: Any, load: bool) -> None:
        self.store, self.target, self.load = store, target, load

    def __call__(self, values: Sequence[Any], block: int) -> Any:
        target = self.target if self.target is not None else values[1]
        if not self.load:
            self.store(target, values[0], block)
            return None
        return np.asarray(target[self.store.index(block)])
