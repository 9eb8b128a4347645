"""Selecting and assigning parts of an array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from swath._engine import core
from swath.array.core import Array, asarray
from swath.array.ufunc import elementwise_where

__all__ = ["BlockView", "getitem", "setitem"]


def _is_list(item: Any) -> bool:
    return isinstance(item, (list, np.ndarray, Array, range)) and np.ndim(item) > 0


def _plain(item: Any) -> Any:
    """One index item as the engine takes it: int, slice of ints, None, Ellipsis or a list of ints."""
    if item is None or item is Ellipsis:
        return item
    if isinstance(item, slice):
        return slice(*(None if part is None else _integer(part) for part in (item.start, item.stop, item.step)))
    if isinstance(item, Array):
        item = item.compute()
    if isinstance(item, (list, np.ndarray, range, tuple)) and np.ndim(item) > 0:
        array = np.asarray(item)
        if array.ndim > 1:
            raise NotImplementedError(f"an index list must have one axis, this one has {array.ndim}; see x.vindex")
        if array.size == 0:
            return []
        if array.dtype.kind not in "iu":
            raise IndexError(f"arrays used as indices must be of integer (or boolean) type, not {array.dtype}")
        return array.tolist()
    if isinstance(item, (bool, np.bool_)):
        raise IndexError("a single True or False is no index here; use a boolean array")
    return _integer(item)


def _integer(x: Any) -> int:
    try:
        return x.__index__()
    except (AttributeError, TypeError):
        raise IndexError(
            f"only integers, slices (`:`), ellipsis (`...`), None and integer or boolean arrays are valid "
            f"indices, got {x!r}"
        ) from None


def _dtype_of(item: Any) -> np.dtype[Any]:
    return item.dtype if isinstance(item, Array) else np.asarray(item).dtype


def _expand_masks(x: Array, items: tuple[Any, ...]) -> tuple[Any, ...]:
    """Boolean items of one axis as the integers where they are true."""
    axis, result = 0, []
    consumed = sum(1 for item in items if item is not None and item is not Ellipsis)
    for item in items:
        if item is Ellipsis:
            axis += x.ndim - consumed
        elif item is not None:
            if _is_list(item) and _dtype_of(item).kind == "b":
                mask = np.asarray(item)
                if mask.ndim != 1:
                    raise NotImplementedError("a boolean index of several axes must be the only index")
                if axis < x.ndim and mask.shape[0] != x.shape[axis]:
                    raise IndexError(
                        f"boolean index did not match indexed array along axis {axis}; size of axis is {x.shape[axis]} "
                        f"but size of corresponding boolean axis is {mask.shape[0]}"
                    )
                item = np.flatnonzero(mask)
            axis += 1
        result.append(item)
    return tuple(result)


def getitem(x: Array, index: Any) -> Array:
    """``x[index]``: integers, slices, None, Ellipsis, one list of integers, and boolean masks.

    Differs from Dask for a mask that is an array of ours: the mask is computed at once, so that the shape of the
    result is known.
    """
    if isinstance(index, str) or (isinstance(index, list) and index and isinstance(index[0], str)):
        raise IndexError(f"no field {index!r}: swath arrays have no structured dtypes")
    if isinstance(index, (Array, np.ndarray)) and index.dtype == bool and index.ndim > 1:
        return _mask(x, index)
    items = index if isinstance(index, tuple) else (index,)
    items = _expand_masks(x, items)
    if all(isinstance(item, slice) and item == slice(None) for item in items) and len(items) <= x.ndim:
        return x
    return Array(core.index(x._node, [_plain(item) for item in items]))


def _mask(x: Array, mask: Any) -> Array:
    if mask.shape != x.shape[: mask.ndim]:
        raise IndexError(f"boolean index did not match indexed array: shapes {mask.shape} and {x.shape}")
    chosen = np.flatnonzero(np.asarray(mask))
    flat = x.reshape((mask.size, *x.shape[mask.ndim :]))
    return Array(core.take(flat._node, chosen.tolist(), 0))


# --- assignment: a new expression takes the place of the old one
def setitem(x: Array, index: Any, value: Any) -> None:
    """``x[index] = value``: ``x`` becomes the array with these elements replaced; arrays made of ``x`` before do not
    change."""
    if not isinstance(value, Array) or value.dtype != x.dtype:
        value = asarray(value)
        if (
            value.dtype.kind in "fc"
            and x.dtype.kind in "iub"
            and not isinstance(index, str)
            and value.size == 1
            and value.ndim == 0
            and np.isnan(complex(value.compute()).real)
        ):
            raise ValueError("cannot convert float NaN to integer")
        value = value.astype(x.dtype)
    if isinstance(index, (Array, np.ndarray)) and index.dtype == bool and (index.ndim > 1 or index.ndim == x.ndim):
        mask = asarray(index)
        if mask.shape != x.shape[: mask.ndim]:
            raise IndexError(f"boolean index did not match indexed array: shapes {mask.shape} and {x.shape}")
        mask = mask[(...,) + (None,) * (x.ndim - mask.ndim)]
        if (
            value.ndim == 1
            and value.size != 1
            and mask.ndim == x.ndim
            and (value.shape[0] != x.shape[-1] or x.ndim == 1)
        ):
            flat = np.flatnonzero(np.asarray(mask))
            if value.shape[0] != flat.size:
                raise ValueError(
                    f"cannot assign {value.shape[0]} input values to the {flat.size} output values "
                    "where the mask is true"
                )
            x._adopt(_put(x.ravel(), [flat], value).reshape(x.shape).rechunk(x.chunks))
            return
        x._adopt(elementwise_where(mask, value, x))
        return
    items = _expand_masks(x, index if isinstance(index, tuple) else (index,))
    plain = [_plain(item) for item in items]
    if any(item is None for item in plain):
        raise NotImplementedError("assignment with None (newaxis) in the index; reshape the value instead")
    if plain.count(Ellipsis) > 1:
        raise IndexError("an index can only have a single ellipsis ('...')")
    if Ellipsis in plain:
        at = plain.index(Ellipsis)
        plain[at : at + 1] = [slice(None)] * (x.ndim - len(plain) + 1)
    if len(plain) > x.ndim:
        raise IndexError(f"too many indices for array: array is {x.ndim}-dimensional, but {len(plain)} were indexed")
    plain += [slice(None)] * (x.ndim - len(plain))
    picks, shape = [], []
    for axis, item in enumerate(plain):
        numbers, kept = _positions(item, x.shape[axis], axis)
        picks.append(numbers)
        shape.append(len(numbers))
        if not kept:
            shape[-1] = -1
    kept_shape = tuple(length for length in shape if length >= 0)
    if value.shape != kept_shape:
        from swath.array.routines import broadcast_to

        if value.ndim > len(kept_shape) and all(length == 1 for length in value.shape[: value.ndim - len(kept_shape)]):
            value = value.reshape(value.shape[value.ndim - len(kept_shape) :])
        try:
            value = broadcast_to(value, kept_shape)
        except ValueError:
            raise ValueError(
                f"could not broadcast input array from shape {value.shape} into shape {kept_shape}"
            ) from None
    value = value.reshape(tuple(len(numbers) for numbers in picks))
    if value.size:
        x._adopt(_put(x, picks, value).rechunk(x.chunks))


def _positions(item: Any, length: int, axis: int) -> tuple[Sequence[int], bool]:
    """The indices that one item selects, and whether its axis stays."""
    if isinstance(item, slice):
        return range(length)[item], True
    numbers = [item] if isinstance(item, int) else item
    for number in numbers:
        if not -length <= number < length:
            raise IndexError(f"index {number} is out of bounds for axis {axis} with size {length}")
    return [number % length for number in numbers] if numbers else [], not isinstance(item, int)


def _put(x: Array, picks: list[Any], value: Array) -> Array:
    """``x`` with the product of ``picks`` (one an axis) replaced by ``value``, axis by axis.

    Along the first axis that is not taken whole, x is cut into before, middle and after; the middle is replaced
    recursively.
    """
    from swath.array.joining import concatenate

    for axis, numbers in enumerate(picks):
        length = x.shape[axis]
        if len(numbers) == length and all(a == b for a, b in zip(numbers, range(length), strict=False)):
            continue
        before = (slice(None),) * axis
        rest = list(picks)
        first = numbers[0]
        if all(b == first + i for i, b in enumerate(numbers)):  # one run
            stop = first + len(numbers)
            middle = x[(*before, slice(first, stop))]
            rest[axis] = range(len(numbers))
            parts = [x[(*before, slice(0, first))], _put(middle, rest, value), x[(*before, slice(stop, length))]]
            return concatenate([part for part in parts if part.shape[axis]], axis=axis)
        middle = Array(core.take(x._node, list(numbers), axis))
        rest[axis] = range(len(numbers))
        both = concatenate([x, _put(middle, rest, value)], axis=axis)
        source = np.arange(length)
        source[np.asarray(numbers)] = length + np.arange(len(numbers))
        return Array(core.take(both._node, source.tolist(), axis))
    return value


class BlockView:
    """An array indexed by block: ``x.blocks[0]``, ``x.blocks[:, 1:]``, ``x.blocks[[0, 2]]`` are arrays."""

    def __init__(self, array: Array) -> None:
        self._array = array

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of blocks along each axis."""
        return self._array.numblocks

    @property
    def size(self) -> int:
        """Number of blocks."""
        return self._array.npartitions

    def ravel(self) -> list[Array]:
        """Every block as an array, in C order."""
        return [self[position] for position in np.ndindex(*self.shape)]

    def __repr__(self) -> str:
        return f"<blocks {self.shape} of {self._array!r}>"

    def __getitem__(self, index: Any) -> Array:
        items = index if isinstance(index, tuple) else (index,)
        if any(item is None for item in items):
            raise ValueError("Slicing with np.newaxis or None is not supported")
        if sum(_is_list(item) for item in items) > 1:
            raise ValueError("Can only slice with a single list")
        if (
            items.count(Ellipsis)
            if all(not _is_list(item) for item in items)
            else any(item is Ellipsis for item in items)
        ):
            at = next(i for i, item in enumerate(items) if item is Ellipsis)
            items = items[:at] + (slice(None),) * (self._array.ndim - len(items) + 1) + items[at + 1 :]
        if len(items) > self._array.ndim:
            raise IndexError(f"too many block indices: {len(items)} for {self._array.ndim} axes")
        result = self._array
        for axis, item in enumerate(items):
            result = _select_blocks(result, axis, item, self._array.chunks[axis])
        return result


def _select_blocks(x: Array, axis: int, item: Any, lengths: tuple[int, ...]) -> Array:
    from swath.array.joining import concatenate

    if isinstance(item, slice) and item == slice(None):
        return x
    if isinstance(item, (list, np.ndarray)) and np.asarray(item).dtype == bool:
        item = np.flatnonzero(item)
    plain = _plain(item)
    count = len(lengths)
    numbers, _ = _positions(plain, count, axis)
    starts = np.concatenate([[0], np.cumsum(lengths)]).tolist()
    before = (slice(None),) * axis
    if numbers and all(b == numbers[0] + i for i, b in enumerate(numbers)):
        return x[(*before, slice(starts[numbers[0]], starts[numbers[-1] + 1]))]
    if not numbers:
        return x[(*before, slice(0, 0))]
    return concatenate([x[(*before, slice(starts[n], starts[n + 1]))] for n in numbers], axis=axis)


class VIndex:
    """Point by point: ``x.vindex[[0, 1], [2, 3]]`` has the elements (0, 2) and (1, 3)."""

    def __init__(self, array: Array) -> None:
        self._array = array

    def __getitem__(self, index: Any) -> Array:
        x = self._array
        items = list(index) if isinstance(index, tuple) else [index]
        items += [slice(None)] * (x.ndim - len(items))
        if len(items) > x.ndim:
            raise IndexError(
                f"too many indices for array: array is {x.ndim}-dimensional, but {len(items)} were indexed"
            )
        lists = [i for i, item in enumerate(items) if not isinstance(item, slice)]
        if any(isinstance(item, slice) and item != slice(None) for item in items):
            raise IndexError("vindex does not support indexing with slices other than `:`")
        if not lists:
            raise IndexError("vindex requires at least one non-slice")
        points = np.broadcast_arrays(*[np.asarray(items[i]) for i in lists])
        lengths = tuple(x.shape[i] for i in lists)
        for number, length in zip(points, lengths, strict=False):
            if number.size and (number.min() < -length or number.max() >= length):
                raise IndexError(f"vindex key has entries out of bounds for an axis of length {length}")
        flat = (
            np.ravel_multi_index([np.where(p < 0, p + n, p) for p, n in zip(points, lengths, strict=False)], lengths)
            if points[0].size
            else np.zeros(points[0].shape, dtype=int)
        )
        others = [i for i in range(x.ndim) if i not in lists]
        y = x.transpose((*lists, *others)) if x.ndim > 1 else x
        y = y.reshape((int(np.prod(lengths)), *(x.shape[i] for i in others)))
        taken = Array(core.take(y._node, flat.ravel().tolist(), 0))
        return taken.reshape((*points[0].shape, *(x.shape[i] for i in others)))


Array.vindex = property(VIndex, doc="Selection point by point; see :class:`swath.array.slicing.VIndex`.")  # type: ignore[attr-defined]
