"""Making arrays: values, dtypes, chunks."""

import numpy as np
import pytest
import swath.array as sa
from array_checker import ALL, assert_same, layouts, sample


@pytest.mark.parametrize("dtype", ALL)
@pytest.mark.parametrize("name", ["ones", "zeros"])
def test_constants(name, dtype):
    assert_same(getattr(sa, name)((4, 6), dtype=dtype, chunks=3), getattr(np, name)((4, 6), dtype=dtype))
    assert_same(getattr(sa, name)(3, chunks=2), getattr(np, name)(3))
    assert_same(getattr(sa, name)((), dtype=dtype), getattr(np, name)((), dtype=dtype))
    assert_same(getattr(sa, name)((0, 2), dtype=dtype), getattr(np, name)((0, 2), dtype=dtype))


def test_full_and_likes():
    for value in (7, 2.5, True, 1 + 2j, np.float32(3), np.datetime64("2013-01-01")):
        assert_same(sa.full((2, 3), value, chunks=2), np.full((2, 3), value))
    assert_same(sa.full(3, 2.7, dtype=int), np.full(3, 2.7, dtype=int))
    assert_same(sa.full(2, "ab"), np.full(2, "ab"))
    x = sa.ones((4, 6), dtype="i4", chunks=(2, 3))
    assert_same(sa.full_like(x, 5), np.full((4, 6), 5, "i4"))
    assert sa.zeros_like(x).chunks == x.chunks
    assert_same(sa.ones_like(x, dtype="f4", shape=(2,)), np.ones(2, "f4"))
    assert sa.empty_like(x).shape == x.shape
    with pytest.raises(ValueError, match="scalar"):
        sa.full((2,), [1, 2])
    with pytest.raises(ValueError, match="negative dimensions"):
        sa.ones(-1)


@pytest.mark.parametrize(
    "arguments",
    [(5,), (0,), (2, 9), (2, 9, 3), (9, 2, -2), (0.5, 3.2, 0.3), (1, 2, 0.25), (5, 2), (np.int32(4),), (np.float32(3),),
     (-3, 3), (2**40, 2**40 + 5)],
)  # fmt: skip
def test_arange(arguments):
    assert_same(sa.arange(*arguments, chunks=2), np.arange(*arguments))
    assert_same(sa.arange(*arguments, chunks=2, dtype="f4"), np.arange(*arguments, dtype="f4"))


def test_arange_of_dates():
    start, stop = np.datetime64("2013-01-01"), np.datetime64("2013-01-09")
    assert_same(sa.arange(start, stop, chunks=3), np.arange(start, stop))
    with pytest.raises(ZeroDivisionError):
        sa.arange(0, 3, 0)


@pytest.mark.parametrize("arguments", [(0, 1), (0, 1, 5), (3, -2, 7), (0, 10, 0), (0, 10, 1), (1.5, 2.5, 11)])
@pytest.mark.parametrize("endpoint", [True, False])
def test_linspace(arguments, endpoint):
    assert_same(sa.linspace(*arguments, endpoint=endpoint, chunks=3), np.linspace(*arguments, endpoint=endpoint))
    ours, step = sa.linspace(*arguments, endpoint=endpoint, retstep=True)
    expected, expected_step = np.linspace(*arguments, endpoint=endpoint, retstep=True)
    assert_same(ours, expected)
    np.testing.assert_equal(step, expected_step)


@pytest.mark.parametrize("k", [-7, -1, 0, 2, 9])
def test_eye_and_tri(k):
    assert_same(sa.eye(5, chunks=2, M=7, k=k), np.eye(5, 7, k))
    assert_same(sa.eye(4, chunks=3, k=k, dtype="i2"), np.eye(4, k=k, dtype="i2"))
    assert_same(sa.tri(5, 7, k, dtype=int, chunks=2), np.tri(5, 7, k, dtype=int))


def test_grids():
    assert_same(sa.indices((2, 3), chunks=1), np.indices((2, 3)))
    for ours, expected in zip(
        sa.meshgrid(sa.arange(3), sa.arange(2)), np.meshgrid(np.arange(3), np.arange(2)), strict=True
    ):
        assert_same(ours, expected)
    for ours, expected in zip(
        sa.meshgrid(sa.arange(3), sa.arange(2), indexing="ij", sparse=True),
        np.meshgrid(np.arange(3), np.arange(2), indexing="ij", sparse=True),
        strict=True,
    ):
        assert_same(ours, expected)
    assert_same(
        sa.fromfunction(lambda i, j: i * 10 + j, shape=(4, 3), chunks=2, dtype=float),
        np.fromfunction(lambda i, j: i * 10 + j, shape=(4, 3), dtype=float),
    )


@pytest.mark.parametrize("dtype", [*ALL, "M8[s]", "m8[ns]", "S3", "U4"])
def test_from_array_round_trip(dtype):
    base = (
        np.array(["a", "bcd", ""] * 8).astype(dtype)
        if dtype[0] in "SU"
        else sample((24,), dtype if dtype[0] != "m" else "M8[ns]")
    )
    x = base.reshape(4, 6) if dtype[0] != "m" else (base - base[0]).reshape(4, 6)
    for layout in layouts(x):
        for chunks in (-1, 2, (1, 6), (4, 1)):
            assert_same(sa.from_array(layout, chunks=chunks), layout)
    assert_same(sa.from_array(x.T, chunks=2), x.T)


def test_from_array_is_zero_copy_both_ways():
    x = np.arange(12.0).reshape(3, 4)
    assert np.shares_memory(sa.from_array(x, chunks=-1).compute(), x)
    ours = sa.from_array(x, chunks=2)
    x[0, 0] = 100  # the blocks are views
    assert ours[0, 0].compute() == 100


def test_results_are_writable_unless_shared():
    result = (sa.ones((3, 4), chunks=2) + 1).compute()
    assert result.flags.writeable
    result[0, 0] = 5
    x = np.arange(3)
    shared = sa.from_array(x, chunks=-1).compute()
    assert not shared.flags.writeable


def test_from_array_keeps_memory_alive():
    import gc
    import weakref

    data = np.arange(1000.0)
    gone = weakref.ref(data)
    ours = sa.from_array(data, chunks=100)
    del data
    gc.collect()
    assert gone() is not None
    assert float(ours.sum()) == 499500.0
    del ours
    gc.collect()
    assert gone() is None


def test_from_array_byte_order_and_alignment():
    x = np.arange(5, dtype=">i4")
    assert_same(sa.from_array(x, chunks=2), x.astype("<i4"))
    raw = np.zeros(41, dtype="u1")[1:].view("f8")
    assert not raw.flags.aligned
    assert_same(sa.from_array(raw + 1), raw + 1)
    assert_same(sa.from_array(raw, chunks=2), raw)


def test_from_array_errors():
    with pytest.raises(TypeError, match="object"):
        sa.from_array(np.array([None, "x"], dtype=object))
    with pytest.raises(ValueError, match="already"):
        sa.from_array(sa.ones(3))
    with pytest.raises(ValueError):
        sa.from_array(np.ones(5), chunks=((2, 2),))
    with pytest.raises(TypeError):
        sa.from_array(np.zeros(2, dtype=[("a", int)]))


def test_asarray_forms():
    x = sa.ones(3)
    assert sa.asarray(x) is x
    assert_same(sa.asarray([x, x]), np.ones((2, 3)))
    assert_same(sa.asarray([1, 2, 3], dtype="f4"), np.array([1, 2, 3], "f4"))
    assert_same(sa.array([[1, 2]], ndmin=3), np.array([[1, 2]], ndmin=3))
    assert_same(sa.asanyarray(5), np.asarray(5))
    assert_same(sa.asarray("text"), np.asarray("text"))


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        (5, ((5, 5), (5, 5, 2))),
        (-1, ((10,), (12,))),
        ((3, 4), ((3, 3, 3, 1), (4, 4, 4))),
        ((-1, 6), ((10,), (6, 6))),
        (((4, 6), (12,)), ((4, 6), (12,))),
        ({0: 5, 1: -1}, ((5, 5), (12,))),
        ("1KiB", None),
        (("auto", 3), None),
        ("auto", ((10,), (12,))),
    ],
)
def test_chunks(chunks, expected):
    x = sa.ones((10, 12), chunks=chunks)
    assert tuple(map(sum, x.chunks)) == (10, 12)
    if expected is not None:
        assert x.chunks == expected
    if chunks == "1KiB":
        assert max(a * b for a in x.chunks[0] for b in x.chunks[1]) * 8 <= 1024
    if chunks == ("auto", 3):
        assert x.chunks[1] == (3, 3, 3, 3)


def test_auto_chunks_follow_the_setting():
    import swath

    with swath.config.set({"array.chunk-size": "1MiB"}):
        x = sa.ones((2000, 2000))
    assert x.npartitions > 20
    assert max(x.chunksize) * min(x.chunksize) * 8 <= 1.3 * 2**20


@pytest.mark.parametrize("chunks", [(3,), (3, 3, 3), ((3, 3), (12,)), -2, "seven", 2.5, (("auto", 3), 12)])
def test_bad_chunks(chunks):
    with pytest.raises((ValueError, TypeError)):
        sa.ones((10, 12), chunks=chunks)


def test_normalize_chunks():
    from swath.array.core import normalize_chunks

    assert normalize_chunks((2, -1), shape=(5, 6)) == ((2, 2, 1), (6,))
    assert normalize_chunks(((2, 3), (6,))) == ((2, 3), (6,))
    assert normalize_chunks("auto", shape=(100,), limit=80, dtype="f8") == ((10,) * 10,)


def test_attributes():
    x = sa.ones((10, 12), chunks=(4, 5), dtype="f4")
    assert (x.ndim, x.size, x.itemsize, x.nbytes, len(x)) == (2, 120, 4, 480, 10)
    assert x.numblocks == (3, 3)
    assert x.npartitions == 9
    assert x.chunksize == (4, 5)
    assert x.name == sa.ones((10, 12), chunks=(4, 5), dtype="f4").name
    assert x.name != (x + 1).name
    with pytest.raises(TypeError):
        x.chunks = ((10,), (12,))
    with pytest.raises(TypeError):
        len(sa.ones(()))
