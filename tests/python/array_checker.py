"""The oracle test of array functions: what NumPy says, for many chunkings, dtypes, strides and empty shapes."""

import itertools

import numpy as np
import swath.array as sa

SHAPES = [(), (0,), (1,), (7,), (4, 6), (3, 0), (2, 3, 5)]
REAL = ["?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"]
ALL = [*REAL, "F", "D"]
SMALL = ["?", "i4", "u1", "i8", "f4", "f8", "D"]


def sample(shape, dtype, seed=0):
    """Values with signs, zeros, repeats and, for floats, NaN and infinities."""
    rng = np.random.default_rng(seed)
    dtype = np.dtype(dtype)
    size = int(np.prod(shape))
    if dtype.kind == "b":
        return rng.integers(0, 2, shape).astype(bool)
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        low, high = max(info.min, -9), min(info.max, 9)
        return rng.integers(low, high, shape, endpoint=True).astype(dtype)
    if dtype.kind == "M":
        return rng.integers(0, 10**9, shape).astype(dtype)
    values = np.round(rng.normal(0, 3, size), 2)
    if dtype.kind == "c":
        return (values + 1j * np.round(rng.normal(0, 3, size), 2)).reshape(shape).astype(dtype)
    return values.reshape(shape).astype(dtype)


def special(dtype):
    """A vector of the values where float functions have their edges."""
    return np.array([0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.75, 1e-3, np.nan, np.inf, -np.inf, 88.0, -88.0], dtype=dtype)


def chunkings(shape):
    """Some ways to cut a shape: whole, single elements, even, ragged."""
    per_axis = []
    for length in shape:
        ways = {(length,)}
        if length > 1:
            ways.add((1,) * length)
            ways.add((length // 2, length - length // 2))
            ways.add((length - 1, 1))
        per_axis.append(sorted(ways))
    combinations = list(itertools.product(*per_axis))
    return combinations[:: max(1, len(combinations) // 5)]


def layouts(array):
    """The same values in other memory: C, Fortran, strided, reversed, shifted."""
    yield array
    if array.ndim and array.size:
        wide = np.repeat(array, 2, axis=-1)
        yield wide[..., ::2]
        yield array[::-1].copy()[::-1]
        if array.ndim > 1:
            yield np.asfortranarray(array)


def assert_same(ours, expected, rtol=None, message=""):
    """Same dtype, shape and values; floats within a few units in the last place."""
    if isinstance(ours, sa.Array):
        assert ours.dtype == np.asarray(expected).dtype, (
            f"dtype {ours.dtype}, NumPy {np.asarray(expected).dtype} {message}"
        )
        assert ours.shape == np.shape(expected), f"shape {ours.shape}, NumPy {np.shape(expected)} {message}"
        assert tuple(sum(c) for c in ours.chunks) == ours.shape
        result = ours.compute()
        assert isinstance(result, (np.ndarray, np.generic)), type(result)
    else:
        result = ours
    result, expected = np.asarray(result), np.asarray(expected)
    assert result.dtype == expected.dtype, f"dtype {result.dtype}, NumPy {expected.dtype} {message}"
    assert result.shape == expected.shape, f"shape {result.shape}, NumPy {expected.shape} {message}"
    if expected.dtype.kind in "fc":
        real = expected.real.dtype
        tolerance = rtol if rtol is not None else {2: 2e-3, 4: 2e-6, 8: 1e-13}[real.itemsize]
        np.testing.assert_allclose(result, expected, rtol=tolerance, atol=tolerance / 10, err_msg=message)
    else:
        np.testing.assert_array_equal(result, expected, err_msg=message)


def check(function, *arrays, rtol=None, numpy_function=None, all_chunkings=True):
    """``function`` of our arrays equals ``numpy_function`` (or the same function) of NumPy's, however they are cut."""
    numpy_function = numpy_function or function
    with np.errstate(all="ignore"):
        expected = numpy_function(*arrays)
    choices = [chunkings(a.shape) for a in arrays]
    rounds = max(len(c) for c in choices) if all_chunkings else 1
    for i in range(rounds):
        cut = [sa.from_array(a, chunks=c[i % len(c)]) for a, c in zip(arrays, choices, strict=True)]
        assert_same(function(*cut), expected, rtol=rtol, message=f"chunks {[x.chunks for x in cut]}")
