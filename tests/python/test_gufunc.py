"""Generalized ufuncs against Dask and NumPy."""

from __future__ import annotations

import dask.array as da
import numpy as np
import pytest
import swath.array as sa
from swath.array.gufunc import parse_signature

N = np.arange(60.0).reshape(3, 4, 5)
X, D = sa.from_array(N, chunks=(2, 2, 5)), da.from_array(N, chunks=(2, 2, 5))


def same(ours, theirs):
    expected = theirs.compute() if hasattr(theirs, "compute") else np.asarray(theirs)
    assert ours.shape == expected.shape and ours.dtype == expected.dtype
    np.testing.assert_allclose(ours.compute(), expected)


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("(i),(i)->()", ([("i",), ("i",)], ())),
        ("(m,n),(n,p)->(m,p)", ([("m", "n"), ("n", "p")], ("m", "p"))),
        ("(i) -> (), ()", ([("i",)], [(), ()])),
        ("()->(i),", ([()], [("i",)])),
        ("->(i)", ([], ("i",))),
    ],
)
def test_signatures(text, parsed):
    assert parse_signature(text) == parsed


@pytest.mark.parametrize("text", ["(i)->", "i->()", "(i)(j)->()", "(i),->()->()", "(i,,j)->()"])
def test_bad_signatures(text):
    with pytest.raises(ValueError, match="Not a valid gufunc signature"):
        parse_signature(text)


def test_reducing_and_several_results():
    stats = lambda b: (b.mean(axis=-1), b.max(axis=-1))  # noqa: E731
    ours, theirs = (
        sa.apply_gufunc(stats, "(i)->(),()", X),
        da.apply_gufunc(stats, "(i)->(),()", D, output_dtypes=2 * (float,)),
    )
    assert isinstance(ours, tuple) and len(ours) == 2
    for mine, other in zip(ours, theirs, strict=True):
        same(mine, other)
        assert mine.chunks == other.chunks
    only = sa.apply_gufunc(lambda b: (b.sum(axis=-1),), "(i)->(),", X)
    assert isinstance(only, tuple)
    same(only[0], N.sum(axis=-1))


def test_outer_matmul_and_new_sizes():
    same(
        sa.apply_gufunc(lambda a, b: a[..., :, None] * b[..., None, :], "(i),(j)->(i,j)", X, X),
        N[..., :, None] * N[..., None, :],
    )
    same(
        sa.apply_gufunc(np.matmul, "(i,j),(j,k)->(i,k)", X, X.transpose(0, 2, 1), allow_rechunk=True),
        N @ N.transpose(0, 2, 1),
    )
    first = sa.apply_gufunc(lambda b: b[..., :2], "(i)->(k)", X, output_sizes={"k": 2})
    same(first, N[..., :2])
    with pytest.raises(ValueError, match="pass output_sizes="):
        sa.apply_gufunc(lambda b: b[..., :2], "(i)->(k)", X)


@pytest.mark.parametrize("axis", [0, 1, 2, -1])
@pytest.mark.parametrize("keepdims", [False, True])
def test_axis_and_keepdims(axis, keepdims):
    mean = lambda b: b.mean(axis=-1)  # noqa: E731
    options = {"axis": axis, "keepdims": keepdims, "allow_rechunk": True}
    same(sa.apply_gufunc(mean, "(i)->()", X, **options), N.mean(axis=axis, keepdims=keepdims))


@pytest.mark.parametrize("axes", [[(0, 1), (0, 1), (1, 2)], [(-1, 0), (0, -1), (-1, 0)], [(1, 2), (1, 2), (0, 1)]])
def test_axes_are_numpys(axes):
    # Square core dimensions, so that every choice of axes fits.
    a = np.arange(64.0).reshape(4, 4, 4)
    x = sa.from_array(a, chunks=2)
    ours = sa.apply_gufunc(np.matmul, "(i,j),(j,k)->(i,k)", x, x, axes=axes, allow_rechunk=True)
    same(ours, np.matmul(a, a, axes=axes))


def test_vectorize_broadcast_and_keywords():
    def scaled_sum(line, k, shift=0):
        assert line.ndim == 1 and np.ndim(k) == 0
        return line.sum() * k + shift

    ours = sa.apply_gufunc(scaled_sum, "(i),()->()", X, X[0, :, 0], vectorize=True, output_dtypes=float, shift=2)
    same(ours, N.sum(-1) * N[0, :, 0] + 2)


def test_as_gufunc_and_gufunc():
    @sa.as_gufunc("(i)->()", output_dtypes=float, allow_rechunk=True, axis=0)
    def total(block):
        """Sums."""
        return block.sum(axis=-1)

    same(total(X), N.sum(axis=0))
    assert "Sums." in total.__doc__ and total.signature == "(i)->()"
    norm = sa.gufunc(np.linalg.norm, signature="(i)->()", output_dtypes=float, vectorize=True)
    same(norm(X), np.linalg.norm(N, axis=-1))
    with pytest.raises(TypeError, match="Unsupported keyword"):
        sa.as_gufunc("(i)->()", colour=1)


def test_errors():
    mean = lambda b: b.mean(axis=-1)  # noqa: E731
    with pytest.raises(ValueError, match="consists of multiple chunks"):
        sa.apply_gufunc(mean, "(i)->()", X.rechunk(2), output_dtypes=float)
    with pytest.raises(ValueError, match="requires 1 arguments, but 2 given"):
        sa.apply_gufunc(mean, "(i)->()", X, X)
    with pytest.raises(ValueError, match="with different lengths"):
        sa.apply_gufunc(np.add, "(i),(i)->(i)", X, X[..., :3], output_dtypes=float)
    with pytest.raises(ValueError, match="Only one of `axis` or `axes`"):
        sa.apply_gufunc(mean, "(i)->()", X, axis=0, axes=[(0,), ()])
    with pytest.raises(ValueError, match="`keepdims` can only be used for scalar outputs"):
        sa.apply_gufunc(np.sin, "(i)->(i)", X, keepdims=True)
    with pytest.raises(ValueError, match="with 2 outputs"):
        sa.apply_gufunc(mean, "(i)->(),()", X, output_dtypes=float)
    with pytest.raises(ValueError, match="with one output"):
        sa.apply_gufunc(mean, "(i)->()", X, output_dtypes=(float, float))
