"""Quantiles, largest elements, counts, borders and einsum against NumPy, over chunkings."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import swath.array as sa
from hypothesis import given, settings
from hypothesis import strategies as st

CHUNKS = [(-1, -1), (3, 4), (1, 9), (7, 1)]
RNG = np.random.default_rng(7)
DATA = {
    "float64": RNG.normal(size=(7, 9)),
    "float32": RNG.normal(size=(7, 9)).astype("f4"),
    "int64": RNG.integers(-50, 50, size=(7, 9)),
    "uint8": RNG.integers(0, 9, size=(7, 9)).astype("u1"),
    "inf": np.where(RNG.random((7, 9)) < 0.2, np.inf, RNG.normal(size=(7, 9))),
}
WITH_NAN = np.where(RNG.random((7, 9)) < 0.3, np.nan, DATA["float64"])
WITH_NAN[:, 2] = np.nan


def same(got: Any, expected: Any, rtol: float = 1e-12) -> None:
    got = got.compute()
    expected = np.asarray(expected)
    assert np.asarray(got).shape == expected.shape and np.asarray(got).dtype == expected.dtype
    np.testing.assert_allclose(got, expected, rtol=1e-6 if expected.dtype == np.float32 else rtol)


@pytest.mark.parametrize("chunks", CHUNKS)
@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("axis", [None, 0, 1, (0, 1), (-1, 0)])
def test_quantiles(name: str, chunks: Any, axis: Any) -> None:
    a = DATA[name]
    x = sa.from_array(a, chunks=chunks)
    for q in (0.5, [0, 0.3, 1], [[0.1, 0.9], [0.25, 0.75]]):
        # NumPy takes differences of float32 in float32
        same(sa.quantile(x, q, axis=axis), np.quantile(a, q, axis=axis), 1e-6 if name == "float32" else 1e-12)
    same(sa.percentile(x, 30, axis=axis), np.percentile(a, 30, axis=axis))
    expected = np.quantile(a, [0.2, 0.4], axis=axis, keepdims=True)
    same(sa.quantile(x, [0.2, 0.4], axis=axis, keepdims=True), expected, 1e-6)
    same(sa.median(x, axis=axis), np.median(a, axis=axis))


@pytest.mark.parametrize("axis", [None, 0, 1])
def test_quantiles_and_nan(axis: Any) -> None:
    x = sa.from_array(WITH_NAN, chunks=(3, 4))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        same(sa.median(x, axis=axis), np.median(WITH_NAN, axis=axis))
        same(sa.nanmedian(x, axis=axis), np.nanmedian(WITH_NAN, axis=axis))
        same(sa.nanpercentile(x, [10, 60], axis=axis), np.nanpercentile(WITH_NAN, [10, 60], axis=axis))
        same(sa.nanquantile(x, 0.7, axis=axis, keepdims=True), np.nanquantile(WITH_NAN, 0.7, axis=axis, keepdims=True))


def test_numpy_functions_dispatch() -> None:
    x = sa.from_array(DATA["float64"], chunks=3)
    for result in (np.median(x, axis=0), np.percentile(x, 50), np.pad(x, 1), np.einsum("ij->i", x)):
        assert isinstance(result, sa.Array)


@pytest.mark.parametrize("chunks", CHUNKS)
@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("k", [1, 3, -2, 100, -100])
@pytest.mark.parametrize("axis", [0, -1])
def test_topk(name: str, chunks: Any, k: int, axis: int) -> None:
    a = DATA[name]
    ascending = np.sort(a, axis=axis)
    expected = np.flip(ascending, axis) if k > 0 else ascending
    same(sa.topk(sa.from_array(a, chunks=chunks), k, axis), np.take(expected, range(min(abs(k), a.shape[axis])), axis))


def test_topk_of_other_dtypes() -> None:
    for dtype in ("f2", "?", "M8[s]", "u8"):
        a = np.arange(20)[::-1].astype(dtype)
        got = sa.topk(sa.from_array(a, chunks=6), 4).compute()
        np.testing.assert_array_equal(got, np.sort(a)[::-1][:4])
        assert got.dtype == a.dtype
    with pytest.raises(TypeError, match="topk is not defined for dtype complex128"):
        sa.topk(sa.ones(3, dtype="c16"), 1)
    with pytest.raises(ValueError, match="k must not be 0"):
        sa.topk(sa.ones(3), 0)


@pytest.mark.parametrize("chunks", [4, 100, 1])
def test_bincount(chunks: int) -> None:
    a = RNG.integers(0, 12, size=30)
    w = RNG.normal(size=30)
    x = sa.from_array(a, chunks=chunks)
    same(sa.bincount(x), np.bincount(a))
    same(sa.bincount(x, minlength=20), np.bincount(a, minlength=20))
    same(sa.bincount(x, weights=sa.from_array(w, chunks=7)), np.bincount(a, weights=w))
    same(sa.bincount(sa.from_array(np.array([], int))), np.bincount(np.array([], int)))
    with pytest.raises(ValueError, match="negative"):
        sa.bincount(sa.asarray([1, -1])).compute()
    with pytest.raises(TypeError, match="Cannot cast"):
        sa.bincount(sa.ones(3))


@pytest.mark.parametrize("chunks", CHUNKS)
@pytest.mark.parametrize("name", ["float64", "float32", "int64", "uint8"])
def test_histogram(name: str, chunks: Any) -> None:
    a = DATA[name]
    w = RNG.random(a.shape)
    x = sa.from_array(a, chunks=chunks)
    for bins, limits in ((10, (-1, 2)), ([-2, 0, 0.5, 3], None), (7, (-50, 50)), ([0, 1, 1, 2], None)):
        got, edges = sa.histogram(x, bins=bins, range=limits)
        counts, numpy_edges = np.histogram(a, bins=bins, range=limits)
        same(got, counts)
        np.testing.assert_array_equal(edges, numpy_edges)
        weighted = sa.histogram(x, bins=bins, range=limits, weights=sa.from_array(w, chunks=(2, 5)))[0]
        same(weighted, np.histogram(a, bins=bins, range=limits, weights=w)[0])
    same(sa.histogram(x, 5, (-3, 3), density=True)[0], np.histogram(a, 5, (-3, 3), density=True)[0])


def test_histogram_of_equal_edges_and_wrong_input() -> None:
    edges = np.linspace(0, 1, 11)
    a = np.concatenate([edges, np.nextafter(edges, -1), np.nextafter(edges, 2), [np.nan, np.inf, -np.inf]])
    same(sa.histogram(sa.from_array(a, chunks=5), bins=10, range=(0, 1))[0], np.histogram(a, bins=10, range=(0, 1))[0])
    x = sa.ones(3)
    for arguments in ({}, {"bins": 10}, {"bins": [3, 1]}, {"bins": [1]}, {"bins": [[1, 2], [3, 4]]}):
        with pytest.raises(ValueError):
            sa.histogram(x, **arguments)
    with pytest.raises(ValueError, match="weights have shape"):
        sa.histogram(x, 3, (0, 1), weights=sa.ones(4))


@pytest.mark.parametrize("right", [False, True])
def test_digitize_and_searchsorted(right: bool) -> None:
    a = np.array([0.0, 1.0, 1.5, 2.0, 5.0, -3.0, np.nan, 2.0])
    x = sa.from_array(a, chunks=3)
    for bins in ([0.0, 1.0, 2.0], [2.0, 1.0, 0.0], [1.0, 1.0, 2.0], [0.5]):
        same(sa.digitize(x, bins, right), np.digitize(a, bins, right))
    values = np.array([0, 1, 1, 2, 7])
    side = "right" if right else "left"
    same(sa.searchsorted(sa.asarray(values), x, side), np.searchsorted(values, a, side))
    with pytest.raises(ValueError, match="monotonically"):
        sa.digitize(x, [1, 3, 2])


@pytest.mark.parametrize("chunks", [(2, 3), (4, 6), (3, 5)])
def test_coarsen(chunks: Any) -> None:
    a = np.arange(24.0).reshape(4, 6)
    x = sa.from_array(a, chunks=chunks)
    same(sa.coarsen(np.sum, x, {0: 2, 1: 3}), a.reshape(2, 2, 2, 3).sum(axis=(1, 3)))
    same(sa.coarsen(np.max, x, {-1: 2}), a.reshape(4, 3, 2).max(axis=2))
    same(sa.coarsen(np.mean, x, {1: 4}, trim_excess=True), a[:, :4].mean(axis=1, keepdims=True))
    with pytest.raises(ValueError, match="do not align"):
        sa.coarsen(np.sum, x, {1: 4})


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["constant", "edge", "linear_ramp", "maximum", "mean", "median", "minimum", "reflect", "symmetric",
                     "wrap"]),
    st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), min_size=2, max_size=2),
    st.sampled_from(["int64", "float64"]),
    st.integers(1, 5),
    st.sampled_from(["even", "odd"]),
)  # fmt: skip
def test_pad(mode: str, widths: list[tuple[int, int]], dtype: str, chunk: int, kind: str) -> None:
    a = DATA[dtype][:4, :5]
    options: dict[str, Any] = {}
    if mode in ("reflect", "symmetric"):
        if kind == "odd":
            widths = [(min(before, 3), min(after, 3)) for before, after in widths]
        options = {"reflect_type": kind}
    elif mode == "constant":
        options = {"constant_values": ((1, 2), (3, 4))}
    elif mode == "linear_ramp":
        options = {"end_values": 3}
    elif mode in ("maximum", "mean", "median", "minimum"):
        options = {"stat_length": (2, 3)}
    same(sa.pad(sa.from_array(a, chunks=chunk), widths, mode, **options), np.pad(a, widths, mode, **options))


def test_pad_of_wrong_input() -> None:
    x = sa.ones((2, 3))
    for arguments in ((-1, "constant"), ((1, 2, 3), "constant"), (1, "no such mode")):
        with pytest.raises(ValueError):
            sa.pad(x, *arguments)
    with pytest.raises(ValueError, match="unsupported keyword"):
        sa.pad(x, 1, mode="edge", constant_values=3)
    same(sa.pad(sa.ones((0, 2)), 1), np.pad(np.ones((0, 2)), 1))
    assert sa.pad(x, 2, mode="empty").shape == (6, 7)
    with pytest.raises(NotImplementedError, match="odd"):
        sa.pad(x, 2, mode="reflect", reflect_type="odd")


EINSUMS = [
    ("ij->", "A"), ("ij->j", "A"), ("ij->ji", "A"), ("ii", "S"), ("ii->i", "S"), ("ij,jk", "AB"), ("ij,jk->ki", "AB"),
    ("ij,kj->ik", "AA"), ("ij,ij->", "AA"), ("ij,ij->ij", "AA"), ("ij,ij->i", "AA"), ("i,j->ij", "VW"), ("i,i", "VV"),
    ("bij,bjk->bik", "TU"), ("bij,bij->b", "TT"), ("ij,jk,kl->il", "ABC"), ("ij,jk,kl->", "ABC"),
    ("...j,jk->...k", "TX"),
    ("b...,b...->...", "TT"), ("ij,j->i", "AW"), ("abc,abd->cd", "TT"), ("abc,cba->b", "TR"), ("i,ij,j", "VAW"),
    ("iij->j", "Q"), ("ij,jk", "1B"),
]  # fmt: skip
OPERANDS = {
    "A": (4, 6), "B": (6, 5), "C": (5, 3), "S": (5, 5), "V": (4,), "W": (6,), "T": (3, 4, 5), "U": (3, 5, 2),
    "X": (5, 7), "R": (5, 4, 3), "Q": (4, 4, 2), "1": (4, 1),
}  # fmt: skip


@pytest.mark.parametrize("dtype", ["f8", "i8", "c16"])
@pytest.mark.parametrize(("subscripts", "names"), EINSUMS)
def test_einsum(subscripts: str, names: str, dtype: str) -> None:
    arrays = [RNG.integers(-9, 9, size=OPERANDS[name]).astype(dtype) for name in names]
    for optimize in (False, True):
        lazy = [sa.from_array(a, chunks=2) for a in arrays]
        same(sa.einsum(subscripts, *lazy, optimize=optimize), np.einsum(subscripts, *arrays))


def test_einsum_of_lists_of_axes_and_wrong_input() -> None:
    a, b = RNG.random((4, 6)), RNG.random((6, 5))
    x, y = sa.from_array(a, chunks=3), sa.from_array(b, chunks=2)
    same(sa.einsum(x, [0, 1], y, [1, 2], [2, 0]), np.einsum(a, [0, 1], b, [1, 2], [2, 0]))
    same(sa.einsum(x, [0, 1], y, [1, 2]), np.einsum(a, [0, 1], b, [1, 2]))
    halves = a.astype("f4"), b.astype("f4")
    lazy = x.astype("f4"), y.astype("f4")
    same(sa.einsum("ij,jk", *lazy, dtype="f8"), np.einsum("ij,jk", *halves, dtype="f8"))
    with pytest.raises(ValueError, match="broadcast"):
        sa.einsum("ij,ij", x, y)
    with pytest.raises(ValueError):
        sa.einsum("ij,jk->iz", x, y)


def test_chunk_sizes_are_known() -> None:
    x = sa.arange(10, chunks=3)
    masked = x[x > 4]
    assert masked.compute_chunk_sizes().shape == (5,) and sum(masked.chunks[0]) == 5
