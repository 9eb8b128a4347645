"""Reductions and running sums against NumPy."""

import itertools
import warnings

import numpy as np
import pytest
import swath.array as sa
from array_checker import ALL, SHAPES, assert_same, check, layouts, sample
from hypothesis import given
from hypothesis import strategies as st
from swath.array.reductions import catalogue

NAMES = sorted(catalogue)
NO_IDENTITY = {"min", "max", "argmin", "argmax", "nanmin", "nanmax", "nanargmin", "nanargmax"}
INDEX = {"argmin", "argmax", "nanargmin", "nanargmax"}


def axes_of(ndim, name):
    yield None
    for count in range(1, ndim + 1):
        if count > 1 and name in INDEX:
            return
        for axes in itertools.combinations(range(ndim), count):
            yield axes[0] if count == 1 else axes


def both(name, x, ours, **arguments):
    """Our result and NumPy's, or the same class of error."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            expected = getattr(np, name)(x, **arguments)
        except (ValueError, TypeError):
            with pytest.raises((ValueError, TypeError)):
                getattr(sa, name)(ours, **arguments).compute()
            return
    digits = (
        {2: 1e-2, 4: 1e-4, 8: 1e-11}[np.zeros(0, expected.dtype).real.itemsize] if expected.dtype.kind in "fc" else None
    )
    assert_same(
        getattr(sa, name)(ours, **arguments), expected, rtol=digits, message=f"{name} {arguments} {ours.chunks}"
    )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", ALL)
def test_dtypes(name, dtype):
    x = sample((4, 6), dtype)
    for axis, keepdims in [(None, False), (0, False), (1, True)]:
        both(name, x, sa.from_array(x, chunks=(2, 3)), axis=axis, keepdims=keepdims)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_axes_and_chunks(name, shape):
    x = sample(shape, "f8")
    for axis in axes_of(len(shape), name):
        for chunks in ({}, 1, 2, -1):
            ours = sa.from_array(x, chunks="auto" if chunks == {} else chunks)
            both(name, x, ours, axis=axis)
            both(name, x, ours, axis=axis, keepdims=True)


@pytest.mark.parametrize("name", [n for n in NAMES if n.startswith("nan")])
def test_missing_values(name):
    x = sample((4, 6), "f8")
    x[x > 2] = np.nan
    x[:, 0] = 1.0
    for axis in (None, 0, 1):
        both(name, x, sa.from_array(x, chunks=(3, 2)), axis=axis)


@pytest.mark.parametrize("name", ["min", "max", "sum", "mean", "argmin", "argmax"])
def test_nan_spreads(name):
    x = sample((4, 6), "f8")
    x[1, 2] = np.nan
    for axis in (None, 0, 1):
        both(name, x, sa.from_array(x, chunks=(3, 2)), axis=axis)


@pytest.mark.parametrize("name", ["sum", "prod", "mean", "var", "std"])
@pytest.mark.parametrize("dtype", ["f4", "f8", "i8"])
def test_dtype_argument(name, dtype):
    if name in ("var", "std", "mean") and dtype == "i8":
        return
    x = sample((4, 6), "i4")
    both(name, x, sa.from_array(x, chunks=3), dtype=dtype)


@pytest.mark.parametrize("name", ["var", "std", "nanvar", "nanstd"])
@pytest.mark.parametrize("ddof", [0, 1, 2])
def test_ddof(name, ddof):
    x = sample((4, 6), "f8")
    for axis in (None, 0, (0, 1)):
        both(name, x, sa.from_array(x, chunks=3), axis=axis, ddof=ddof)


def test_variance_of_a_large_offset():
    x = np.random.default_rng(0).normal(1e9, 1.0, 10_000)
    assert abs(float(sa.from_array(x, chunks=100).var()) / x.var() - 1) < 1e-7


@pytest.mark.parametrize("split_every", [2, 3, 100, {0: 2}])
def test_split_every(split_every):
    x = sample((50,), "f8")
    assert_same(sa.from_array(x, chunks=3).sum(split_every=split_every), x.sum(), rtol=1e-12)
    assert_same(sa.from_array(x, chunks=3).argmax(split_every=split_every), x.argmax())
    with pytest.raises(ValueError):
        sa.ones(3).sum(split_every=1)


def test_ties_go_to_the_first():
    x = np.array([3, 1, 1, 3, 3, 1])
    for chunks in (1, 2, 4):
        assert sa.from_array(x, chunks=chunks).argmin().compute() == 1
        assert sa.from_array(x, chunks=chunks).argmax().compute() == 0


def test_out():
    x, out = sa.ones((2, 3)), sa.zeros(3)
    assert x.sum(axis=0, out=out) is out
    assert_same(out, np.full(3, 2.0))


@pytest.mark.parametrize("name", sorted(NO_IDENTITY))
def test_empty_has_no_extreme(name):
    with pytest.raises(ValueError):
        getattr(sa, name)(sa.ones((0, 3)), axis=0)


def test_bad_axis():
    for axis in (2, -3, (0, 0)):
        with pytest.raises(ValueError):
            sa.ones((2, 3)).sum(axis=axis)
    with pytest.raises((ValueError, IndexError), match="out of bounds"):
        sa.ones((2, 3)).sum(axis=5)


def test_layouts():
    for x in layouts(sample((4, 6), "f8")):
        check(lambda a: a.sum(axis=0), x)
        check(lambda a: a.mean(axis=1), x)


@given(st.data())
def test_any_shape_any_axes(data):
    shape = tuple(data.draw(st.lists(st.integers(0, 5), min_size=1, max_size=4)))
    chunks = tuple(data.draw(st.integers(1, max(n, 1))) for n in shape)
    axes = tuple(data.draw(st.lists(st.integers(0, len(shape) - 1), unique=True)))
    name = data.draw(st.sampled_from(["sum", "mean", "var", "max", "any", "prod", "count_nonzero"]))
    x = sample(shape, data.draw(st.sampled_from(["f8", "i4", "?"])), seed=len(shape))
    keepdims = data.draw(st.booleans())
    both(name, x, sa.from_array(x, chunks=chunks), axis=axes or None, keepdims=keepdims)


@pytest.mark.parametrize("name", ["cumsum", "cumprod", "nancumsum", "nancumprod"])
@pytest.mark.parametrize("dtype", ["?", "i4", "u1", "f4", "f8", "D"])
def test_running(name, dtype):
    x = sample((4, 6), dtype)
    if name.startswith("nan") and dtype == "f8":
        x[1, 2] = np.nan
    for axis in (None, 0, 1, -1):
        check(lambda a: getattr(sa if isinstance(a, sa.Array) else np, name)(a, axis=axis), x, rtol=1e-4)  # noqa: B023


def test_running_dtype_and_errors():
    x = sample((7,), "i4")
    check(lambda a: a.cumsum(axis=0, dtype="f8"), x)
    with pytest.raises(ValueError):
        sa.ones(3).cumsum(axis=1)
    with pytest.raises(ValueError, match="method"):
        sa.cumsum(sa.ones(3), axis=0, method="guess")


def test_composed():
    x = sample((4, 6), "f8")
    w = abs(sample((6,), "f8", seed=3)) + 1
    check(lambda a: (sa if isinstance(a, sa.Array) else np).average(a, axis=1, weights=w), x, rtol=1e-12)
    check(lambda a: (sa if isinstance(a, sa.Array) else np).average(a), x, rtol=1e-12)
    check(lambda a: (sa if isinstance(a, sa.Array) else np).ptp(a, axis=0), x)
    assert_same(sa.moment(sa.from_array(x, chunks=2), 3, axis=0), ((x - x.mean(0)) ** 3).mean(0), rtol=1e-10)
    assert sa.allclose(sa.from_array(x), x + 1e-12).compute()
    assert not sa.allclose(sa.from_array(x), x + 1).compute()
    with pytest.raises(TypeError):
        sa.average(sa.from_array(x), weights=w)
