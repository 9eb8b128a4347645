"""Functions on blocks (map_blocks, blockwise, reduction, along axes, calls, store) against Dask and NumPy."""

from __future__ import annotations

import functools
import pathlib

import dask.array as da
import numpy as np
import pytest
import swath.array as sa

import swath

N = np.arange(63.0).reshape(7, 9)
CHUNKS = [(3, 4), (7, 9), (1, 9), ((4, 2, 1), (2, 5, 2))]


def same(ours, theirs):
    expected = theirs.compute(scheduler="sync") if hasattr(theirs, "compute") else np.asarray(theirs)
    got = ours.compute()
    assert ours.shape == expected.shape == np.shape(got)
    assert ours.dtype == expected.dtype == got.dtype
    np.testing.assert_allclose(got, expected)
    if isinstance(theirs, da.Array):
        assert ours.chunks == theirs.chunks


def pair(chunks=(3, 4)):
    return sa.from_array(N, chunks=chunks), da.from_array(N, chunks=chunks)


@pytest.mark.parametrize("chunks", CHUNKS)
@pytest.mark.parametrize(
    ("func", "options"),
    [
        (np.sin, {}),
        (lambda b: b > 3, {}),
        (lambda b: b.astype("i4"), {}),
        (lambda b, k: b * k, {"k": 2.5}),
        (lambda b: b.sum(axis=1), {"drop_axis": 1}),
        (lambda b: b.sum(axis=0), {"drop_axis": [0]}),
        (lambda b: b.sum(axis=(0, 1)), {"drop_axis": [0, 1]}),
        (lambda b: b.max(axis=-1), {"drop_axis": -1}),
        (lambda b: b[:, None, :], {"new_axis": 1}),
        (lambda b: np.stack([b, b, b]), {"new_axis": 0, "chunks": lambda c: ((3,), *c)}),
        (lambda b: np.repeat(b, 2, axis=0), {"chunks": lambda c: (tuple(2 * n for n in c[0]), c[1])}),
        (lambda b: b[:1], {"chunks": lambda c: (1, c[1])}),
    ],
)
def test_one_array(chunks, func, options):
    x, d = pair(chunks)
    options = {k: v(x.chunks) if callable(v) else v for k, v in options.items()}
    same(sa.map_blocks(func, x, **options), da.map_blocks(func, d, **options))
    same(x.map_blocks(func, **options), d.map_blocks(func, **options))


def test_several_arrays_broadcast_by_blocks():
    x, d = pair()
    add = lambda a, b: a + b  # noqa: E731
    same(sa.map_blocks(add, x, x[0]), da.map_blocks(add, d, d[0]))
    same(sa.map_blocks(add, x, 5), da.map_blocks(add, d, 5))
    same(sa.map_blocks(add, 5, x), da.map_blocks(add, 5, d))
    row, drow = sa.ones((1, 9), chunks=(1, 4)), da.ones((1, 9), chunks=(1, 4))
    same(sa.map_blocks(add, x, row), da.map_blocks(add, d, drow))
    with pytest.raises(ValueError, match="blocks along axis"):
        sa.map_blocks(add, x, sa.ones((7, 9), chunks=(2, 3)), dtype=float)


def test_block_id_and_info_are_dasks():
    x, d = pair()
    seen, theirs = {}, {}

    def look(into, block, block_info=None, block_id=None):
        into[block_id] = {k: dict(v) for k, v in block_info.items()}
        return block

    x.map_blocks(functools.partial(look, seen), dtype=float).compute(scheduler="sync")
    d.map_blocks(functools.partial(look, theirs), dtype=float, meta=N[:0]).compute(scheduler="sync")
    assert seen == theirs and len(seen) == 9
    dropped, dropped_theirs = {}, {}

    def drop(into, block, block_info=None):
        into[block_info[None]["chunk-location"]] = block_info[0]["array-location"]
        return block.sum(axis=0)

    x.map_blocks(functools.partial(drop, dropped), dtype=float, drop_axis=0).compute()
    d.map_blocks(functools.partial(drop, dropped_theirs), dtype=float, drop_axis=0, meta=N[0, :0]).compute()
    assert dropped == dropped_theirs


def test_without_arrays():
    make = lambda block_id=None: np.full((2, 3), block_id[0] * 10 + block_id[1])  # noqa: E731
    options = {"chunks": ((2, 2), (3, 3)), "dtype": int}
    same(sa.map_blocks(make, **options), da.map_blocks(make, **options))


def test_calls_and_collections_as_arguments():
    x, _ = pair()
    add = lambda a, b: a + b  # noqa: E731
    same(sa.map_blocks(add, x, swath.delayed(5.0), dtype=float), N + 5)
    same(sa.map_blocks(add, x, b=x.sum(), dtype=float), N + N.sum())
    same(sa.map_blocks(lambda a, b: a + b[0] + b[1], x, [swath.delayed(1.0), 2.0], dtype=float), N + 3)


def test_what_is_declared_is_checked_at_the_users_line():
    x, _ = pair()
    shape = x.map_blocks(lambda b: b[:1], dtype=float)
    with pytest.raises(
        ValueError, match=r"block \(0, \d\) .*has shape \(1, \d\), but \(3, \d\) was declared"
    ) as caught:
        shape.compute()
    assert any("test_map_blocks.py" in note and "b[:1]" in note for note in caught.value.__notes__)
    with pytest.raises(TypeError, match="has dtype complex128, but float64 was declared"):
        x.map_blocks(lambda b: b * 1j, dtype=float).compute()
    with pytest.raises(TypeError, match="dtype object"):
        x.map_blocks(lambda b: b.astype(object), dtype=object)
    with pytest.raises(ValueError, match="Dimension mismatch"):
        x.map_blocks(lambda b: b[0], dtype=float, enforce_ndim=True).compute()
    same(x.map_blocks(lambda b: b.astype("f4"), dtype=float), N)  # a same-kind cast


@pytest.mark.parametrize("scheduler", ["sync", "threads", "processes"])
def test_a_function_that_writes_into_its_blocks_gets_copies(scheduler):
    x = sa.from_array(N.copy(), chunks=(3, 4))

    def overwrite(block):
        block[0] = 1
        return block

    y = x.map_blocks(overwrite, dtype=float)
    first, second = swath.compute(x, y, scheduler=scheduler)
    np.testing.assert_array_equal(first, N)
    assert (second[[0, 3, 6]] == 1).all() and (second[1] == N[1]).all()


def test_errors_of_the_function_are_its_own():
    x, _ = pair()
    with pytest.raises(ZeroDivisionError) as caught:
        x.map_blocks(lambda b: 1 // 0, dtype=float).compute()
    assert any("in task" in note for note in caught.value.__notes__)
    with pytest.raises(ValueError, match="`dtype` inference failed in `map_blocks`"):
        x.map_blocks(lambda b: 1 // 0)
    with pytest.raises(TypeError, match="First argument must be callable"):
        sa.map_blocks(x, x)
    with pytest.raises(ValueError, match="drop_axis out of range"):
        x.map_blocks(np.sum, drop_axis=5, dtype=float)
    with pytest.raises(ValueError, match="Provided chunks have 1 dims"):
        x.map_blocks(np.sin, chunks=((7,),), dtype=float)


def test_only_the_blocks_that_are_needed_are_computed():
    x, _ = pair((1, 9))
    seen = []

    def note(block, block_id=None):
        seen.append(block_id)
        return block

    x.map_blocks(note, dtype=float)[2:4, :3].compute()
    assert sorted(seen) == [(2, 0), (3, 0)]


@pytest.mark.parametrize("scheduler", ["sync", "threads", "processes"])
def test_every_scheduler(scheduler):
    x, _ = pair()
    got = x.map_blocks(lambda b, s, block_id=None: b * s + block_id[0], s=2, dtype=float).compute(scheduler=scheduler)
    np.testing.assert_array_equal(got, N * 2 + np.repeat([0, 1, 2], [3, 3, 1])[:, None])


# --- blockwise


@pytest.mark.parametrize("chunks", CHUNKS)
def test_blockwise(chunks):
    x, d = pair(chunks)
    same(sa.blockwise(np.transpose, "ji", x, "ij", dtype=float), da.blockwise(np.transpose, "ji", d, "ij", dtype=float))
    same(sa.blockwise(np.dot, "ik", x, "ij", x.T, "jk", concatenate=True, dtype=float), N @ N.T)
    total = lambda rows: sum(b.sum(axis=1) for b in rows)  # noqa: E731
    same(sa.blockwise(total, "i", x, "ij", dtype=float), da.blockwise(total, "i", d, "ij", dtype=float))
    nested = lambda rows: sum(b.sum() for row in rows for b in row)  # noqa: E731
    same(sa.blockwise(nested, "", x, "ij", dtype=float), N.sum())
    ours = sa.blockwise(lambda b, k: b + k, "ij", x, "ij", 3, None, dtype=float)
    same(ours, N + 3)


def test_blockwise_new_axes_and_adjusted_chunks():
    x, d = pair()
    tile = lambda b: np.stack([b, b], axis=-1)  # noqa: E731
    same(
        sa.blockwise(tile, "ijk", x, "ij", new_axes={"k": 2}, dtype=float),
        da.blockwise(tile, "ijk", d, "ij", new_axes={"k": 2}, dtype=float),
    )
    double = lambda b: np.repeat(b, 2, axis=0)  # noqa: E731
    for adjust in ({"i": lambda n: 2 * n}, {"i": (6, 6, 2)}):
        same(
            sa.blockwise(double, "ij", x, "ij", adjust_chunks=adjust, dtype=float),
            da.blockwise(double, "ij", d, "ij", adjust_chunks=adjust, dtype=float),
        )
    other = sa.from_array(N, chunks=(2, 9))
    same(sa.blockwise(np.add, "ij", x, "ij", other, "ij", dtype=float), N + N)  # aligned
    with pytest.raises(ValueError, match="Repeated elements"):
        sa.blockwise(np.sin, "ii", x, "ij", dtype=float)
    with pytest.raises(ValueError, match="Unknown dimension"):
        sa.blockwise(np.sin, "ik", x, "ij", dtype=float)


# --- reduction


def mean_chunk(b, axis, keepdims):
    return {"n": np.ones_like(b).sum(axis=axis, keepdims=keepdims), "total": b.sum(axis=axis, keepdims=keepdims)}


def _flat(nested):
    return [leaf for part in nested for leaf in _flat(part)] if isinstance(nested, list) else [nested]


def mean_combine(pairs, axis, keepdims):
    pairs = _flat(pairs)
    return {k: sum(p[k] for p in pairs) for k in ("n", "total")}


def mean_aggregate(pairs, axis, keepdims):
    both = mean_combine(pairs, axis, keepdims)
    result = both["total"] / both["n"]
    return result if keepdims else result.squeeze(axis)


@pytest.mark.parametrize("chunks", CHUNKS)
@pytest.mark.parametrize("axis", [None, 0, 1, (0, 1), -1])
@pytest.mark.parametrize("keepdims", [False, True])
def test_reduction(chunks, axis, keepdims):
    x, _ = pair(chunks)
    for split_every in (None, 2, 4):
        options = {"axis": axis, "keepdims": keepdims, "dtype": float, "split_every": split_every}
        same(sa.reduction(x, np.sum, np.sum, **options), N.sum(axis=axis, keepdims=keepdims))
        same(sa.reduction(x, np.max, np.max, combine=np.max, **options), N.max(axis=axis, keepdims=keepdims))
        mean = sa.reduction(x, mean_chunk, mean_aggregate, combine=mean_combine, concatenate=False, **options)
        same(mean, N.mean(axis=axis, keepdims=keepdims))


def test_reduction_needs_a_dtype():
    with pytest.raises(ValueError, match="Must specify dtype"):
        sa.reduction(sa.ones(3), np.sum, np.sum)


# --- along axes, elements


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_apply_along_axis(axis):
    x, d = pair()
    for func in (np.sum, lambda line: line[:2] * 3, lambda line: np.outer(line[:2], line[:3])):
        same(sa.apply_along_axis(func, axis, x), np.apply_along_axis(func, axis, N))
    given = sa.apply_along_axis(lambda line, k: line.sum() * k, axis, x, 3, dtype=float, shape=())
    same(given, N.sum(axis=axis) * 3)
    assert d.ndim == 2


@pytest.mark.parametrize("axes", [0, (0,), (1, 0), [-1]])
def test_apply_over_axes(axes):
    x, _ = pair()
    same(sa.apply_over_axes(sa.sum, x, axes), np.apply_over_axes(np.sum, N, axes))


def test_frompyfunc_and_piecewise():
    x, _ = pair()
    same(sa.frompyfunc(lambda a, b: a + b + 1, 2, 1)(x, x), N + N + 1)
    branches = [lambda v: -v, lambda v: v * 2, 7.0]
    same(sa.piecewise(x, [x < 5, x > 50], branches), np.piecewise(N, [N < 5, N > 50], branches))


# --- store


def test_store_everywhere(tmp_path: pathlib.Path):
    x, _ = pair()
    target = np.zeros((7, 9))
    assert sa.store(x, target) is None
    np.testing.assert_array_equal(target, N)
    two = [np.zeros((7, 9)), np.zeros((7, 9))]
    sa.store([x, x + 1], two)
    np.testing.assert_array_equal(two[1], N + 1)
    mapped = np.lib.format.open_memmap(tmp_path / "x.npy", mode="w+", dtype=float, shape=(7, 9))
    x.store(mapped, lock=False)
    np.testing.assert_array_equal(np.load(tmp_path / "x.npy"), N)


def test_store_into_regions_later_and_back():
    x, _ = pair()
    target = np.zeros((15, 9))
    later = sa.store(x, target, regions=(slice(1, 15, 2), slice(None)), compute=False)
    assert target.sum() == 0
    later.compute()
    np.testing.assert_array_equal(target[1:15:2], N)
    assert target[::2].sum() == 0
    again = np.zeros((7, 9))
    stored = sa.store(x * 2, again, return_stored=True)
    np.testing.assert_array_equal(again, N * 2)
    np.testing.assert_array_equal(stored.compute(), N * 2)
    lazy = sa.store(x, np.zeros((7, 9)), return_stored=True, compute=False)
    np.testing.assert_array_equal((lazy + 1).compute(), N + 1)
    from_call = sa.store(x, swath.delayed(again), compute=True)
    assert from_call is None
    np.testing.assert_array_equal(again, N)


def test_store_refuses():
    x, _ = pair()
    with pytest.raises(ValueError, match="All sources must be"):
        sa.store([N], [N])
    with pytest.raises(ValueError, match="Different number of sources"):
        sa.store([x, x], [np.zeros((7, 9))])
