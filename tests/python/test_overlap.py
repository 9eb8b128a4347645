"""Overlaps, stencils and sliding windows against Dask and NumPy; hypothesis over chunks, depths and boundaries."""

from __future__ import annotations

import dask.array as da
import numpy as np
import pytest
import swath.array as sa
from hypothesis import given, settings
from hypothesis import strategies as st

N = np.arange(63.0).reshape(7, 9)


def cuts(length):
    """Chunks of an axis of that length."""
    return st.lists(st.integers(1, length), min_size=1, max_size=length).map(lambda parts: fit(parts, length))


def fit(parts, length):
    chunks = []
    for part in parts:
        if part >= length - sum(chunks):
            break
        chunks.append(part)
    return (*chunks, length - sum(chunks))


boundaries = st.sampled_from(["none", "periodic", "reflect", "nearest", 0, -2.5])
PAD = {"periodic": "wrap", "reflect": "symmetric", "nearest": "edge"}


def padded(x, depth, boundary):
    """What the array goes on with, axis after axis."""
    for axis, (d, kind) in enumerate(zip(depth, boundary, strict=True)):
        width = [(d, d) if i == axis else (0, 0) for i in range(x.ndim)]
        if kind == "none" or d == 0:
            continue
        if isinstance(kind, str):
            x = np.pad(x, width, mode=PAD[kind])
        else:
            x = np.pad(x, width, constant_values=kind)
    return x


def expected_block(position, chunks, depth, boundary):
    """The block of the overlapped array by definition: a window of the padded array."""
    whole = padded(N, depth, boundary)
    index = []
    for axis, place in enumerate(position):
        begin = sum(chunks[axis][:place])
        end = begin + chunks[axis][place]
        shift = 0 if boundary[axis] == "none" else depth[axis]
        low, high = begin + shift - depth[axis], end + shift + depth[axis]
        index.append(slice(max(low, 0), min(high, whole.shape[axis])))
    return whole[tuple(index)]


@settings(max_examples=150, deadline=None)
@given(
    chunks=st.tuples(cuts(7), cuts(9)),
    depth=st.tuples(st.integers(0, 7), st.integers(0, 9)),
    boundary=st.tuples(boundaries, boundaries),
)
def test_overlap_is_a_window_of_the_padded_array(chunks, depth, boundary):
    x = sa.from_array(N, chunks=chunks)
    wide = sa.overlap.overlap(x, depth, boundary)
    for position in np.ndindex(*x.numblocks):
        want = expected_block(position, x.chunks, depth, boundary)
        got = wide.blocks[position]
        assert got.shape == want.shape
        np.testing.assert_array_equal(got.compute(), want)


@settings(max_examples=60, deadline=None)
@given(
    chunks=st.tuples(cuts(7), cuts(9)),
    depth=st.tuples(st.integers(0, 3), st.integers(0, 4)),
    boundary=st.tuples(boundaries, boundaries),
)
def test_map_overlap_does_not_see_the_chunks(chunks, depth, boundary):
    """A stencil of the depth's reach gives the same, whatever the chunks: that of one chunk is the oracle."""

    def blur(block):
        total = np.zeros_like(block)
        for axis, d in enumerate(depth):
            for shift in range(-d, d + 1):
                total += np.roll(block, shift, axis) * (shift + 10)
        return total

    # Rolls wrap at the ends of blocks without a boundary, so only axes with one are compared.
    boundary = tuple("reflect" if kind == "none" else kind for kind in boundary)
    whole = sa.from_array(N, chunks=(7, 9)).map_overlap(blur, depth, boundary).compute()
    x = sa.from_array(N, chunks=chunks)
    y = x.map_overlap(blur, depth, boundary)
    assert y.chunks == x.chunks and y.shape == x.shape
    np.testing.assert_allclose(y.compute(), whole)


@pytest.mark.parametrize("boundary", ["none", "periodic", "reflect", "nearest", 0, 7.5, {0: "reflect", 1: 3}])
@pytest.mark.parametrize("depth", [1, 2, (1, 2), {0: 2}, {1: 1}])
@pytest.mark.parametrize("chunks", [((4, 3), (4, 5)), (2, 9), (7, 2)])
def test_dask_gives_the_same(boundary, depth, chunks):
    x, d = sa.from_array(N, chunks=chunks), da.from_array(N, chunks=chunks)
    theirs = da.overlap.overlap(d, depth=depth, boundary=boundary)
    blur = lambda b: b + np.roll(b, 1, 0) * 2 + np.roll(b, -1, 1)  # noqa: E731
    mapped = d.map_overlap(blur, depth=depth, boundary=boundary)
    if mapped.chunks != d.chunks:
        return  # Dask has rechunked: the blocks that the function sees are others
    ours = sa.overlap.overlap(x, depth, boundary)
    assert ours.chunks == theirs.chunks
    np.testing.assert_array_equal(ours.compute(), theirs.compute())
    np.testing.assert_allclose(x.map_overlap(blur, depth, boundary).compute(), mapped.compute())
    back = sa.overlap.trim_internal(ours, sa.overlap.coerce_depth(2, depth), boundary)
    np.testing.assert_array_equal(back.compute(), N)


def test_asymmetric_several_arrays_and_options():
    chunks = ((4, 3), (4, 5))
    x, d = sa.from_array(N, chunks=chunks), da.from_array(N, chunks=chunks)

    def same(ours, theirs):
        assert ours.chunks == theirs.chunks
        np.testing.assert_allclose(ours.compute(), theirs.compute())

    running = lambda b: b.cumsum(0)  # noqa: E731
    same(
        x.map_overlap(running, depth={0: (2, 0)}, boundary="none"),
        d.map_overlap(running, depth={0: (2, 0)}, boundary="none"),
    )
    add = lambda a, b: a + b  # noqa: E731
    depths = [{0: 1, 1: 1}, {0: 1}]
    same(
        sa.map_overlap(add, x, x[0], depth=depths, boundary="reflect"),
        da.map_overlap(add, d, d[0], depth=depths, boundary="reflect"),
    )
    dropped = {"depth": {1: 1}, "boundary": "reflect", "drop_axis": 0}
    same(x.map_overlap(lambda b: b.sum(0), **dropped), d.map_overlap(lambda b: b.sum(0), **dropped))
    inner = {"depth": 1, "boundary": "reflect", "trim": False}
    same(x.map_overlap(lambda b: b[1:-1, 1:-1], **inner), d.map_overlap(lambda b: b[1:-1, 1:-1], **inner))
    same(x.map_overlap(np.sin, depth=0), d.map_overlap(np.sin, depth=0))
    with pytest.raises(NotImplementedError, match="Asymmetric overlap"):
        x.map_overlap(running, depth={0: (2, 0)}, boundary="reflect")
    with pytest.raises(ValueError, match="larger than your array 7"):
        x.map_overlap(running, depth={0: 8}, boundary="reflect")
    with pytest.raises(ValueError, match="larger than smallest chunksize"):
        sa.overlap.overlap(x, {0: 4}, "none", allow_rechunk=False)
    with pytest.raises(ValueError, match="unknown boundary 'mirror'"):
        sa.overlap.overlap(x, 1, "mirror")


def test_integers_and_times_keep_their_dtype():
    for dtype in ("i2", "u8", "M8[D]", "?", "c16"):
        x = sa.from_array(np.arange(10).astype(dtype), chunks=3)
        wide = sa.overlap.overlap(x, 2, "reflect")
        assert wide.dtype == x.dtype
        whole = np.arange(10).astype(dtype)
        np.testing.assert_array_equal(wide.blocks[0].compute(), whole[[1, 0, 0, 1, 2, 3, 4]])


def test_a_slice_of_a_stencil_computes_few_blocks():
    x = sa.ones((2000, 2000), chunks=10)
    seen = []

    def note(block, block_id=None):
        seen.append(block_id)
        return block * 2

    y = x.map_overlap(note, depth=1, boundary="none", dtype=float)
    assert y.npartitions == 40_000
    np.testing.assert_array_equal(y[5:15, 5:15].compute(), np.full((10, 10), 2.0))
    assert sorted(seen) == [(0, 0), (0, 1), (1, 0), (1, 1)]


@settings(max_examples=60, deadline=None)
@given(chunks=st.tuples(cuts(7), cuts(9)), window=st.tuples(st.integers(1, 7), st.integers(1, 9)))
def test_sliding_windows(chunks, window):
    x = sa.from_array(N, chunks=chunks)
    np.testing.assert_array_equal(
        sa.overlap.sliding_window_view(x, window).compute(), np.lib.stride_tricks.sliding_window_view(N, window)
    )
    np.testing.assert_array_equal(
        sa.lib.stride_tricks.sliding_window_view(x, window[1], axis=1).compute(),
        np.lib.stride_tricks.sliding_window_view(N, window[1], axis=1),
    )


def test_sliding_windows_refuse():
    x = sa.ones((4, 4), chunks=2)
    for arguments in ((0, 0), (2, None), ((1, 2), 0), (5, 1)):
        with pytest.raises(ValueError):
            sa.overlap.sliding_window_view(x, *arguments)
