"""Matrix products and norms against NumPy."""

import numpy as np
import pytest
import swath.array as sa
from array_checker import assert_same, check, sample


@pytest.mark.parametrize("dtype", ["?", "i4", "f4", "f8", "D"])
@pytest.mark.parametrize(
    ("left", "right"),
    [
        ((4, 6), (6, 3)),
        ((6,), (6, 3)),
        ((4, 6), (6,)),
        ((6,), (6,)),
        ((2, 4, 6), (6, 3)),
        ((2, 1, 4, 6), (3, 6, 2)),
        ((0, 6), (6, 3)),
        ((4, 0), (0, 3)),
    ],
    ids=str,
)
def test_matmul(dtype, left, right):
    a, b = sample(left, dtype), sample(right, dtype, seed=1)
    rtol = {"f4": 1e-4, "f8": 1e-11, "D": 1e-11}.get(dtype)
    check(lambda x, y: x @ y, a, b, rtol=rtol)


def test_matmul_mixes_with_numpy():
    x = np.arange(6.0).reshape(2, 3)
    assert_same(x @ sa.from_array(x.T, chunks=1), x @ x.T)
    assert_same(sa.from_array(x, chunks=1) @ x.T.astype(int), x @ x.T)
    assert_same(np.matmul(sa.from_array(x, chunks=2), x.T), x @ x.T)


def test_matmul_errors():
    with pytest.raises(ValueError):
        sa.ones((2, 3)) @ sa.ones((2, 3))
    with pytest.raises(ValueError, match="scalar"):
        sa.ones(3) @ sa.asarray(2)


@pytest.mark.parametrize("axes", [0, 1, 2, ((0,), (1,)), ((0, 1), (1, 0)), ([-1], [0])])
def test_tensordot(axes):
    a, b = sample((3, 3, 3), "f8"), sample((3, 3, 3), "f8", seed=1)
    check(lambda x, y: (sa if isinstance(x, sa.Array) else np).tensordot(x, y, axes=axes), a, b, rtol=1e-10)
    with pytest.raises(ValueError):
        sa.tensordot(sa.ones((2, 3)), sa.ones((2, 3)), axes=1)


def test_dot_family():
    a, b, v = sample((4, 6), "f8"), sample((2, 6, 3), "f8", 1), sample((6,), "f8", 2)

    def pick(x):
        return sa if isinstance(x, sa.Array) else np

    check(lambda x, y: pick(x).dot(x, y), a, b, rtol=1e-10)
    check(lambda x, y: x.dot(y), a, v, rtol=1e-10)
    check(lambda x, y: pick(x).dot(x, 2.0) + pick(x).vdot(y, y), a, v, rtol=1e-10)
    check(lambda x, y: pick(x).outer(x, y), v, v)
    z = sample((6,), "D", 3)
    check(lambda x, y: pick(x).vdot(x, y), z, z[::-1].copy(), rtol=1e-10)
    check(lambda x: pick(x).trace(x, 1), a, rtol=1e-12)


@pytest.mark.parametrize(
    ("ord", "axis"),
    [
        (None, None),
        (None, 0),
        (2, 1),
        (1, 0),
        (np.inf, 1),
        (-np.inf, 0),
        (0, 1),
        (3, 0),
        ("fro", (0, 1)),
        (1, (0, 1)),
        (-1, (1, 0)),
        (np.inf, None),
        (-np.inf, (0, 1)),
    ],
)
@pytest.mark.parametrize("keepdims", [False, True])
def test_norm(ord, axis, keepdims):
    x = sample((4, 6), "f8")
    check(lambda a: (sa if isinstance(a, sa.Array) else np).linalg.norm(a, ord, axis, keepdims), x, rtol=1e-11)


def test_norm_errors():
    with pytest.raises(ValueError):
        sa.linalg.norm(sa.ones((2, 3)), ord="bad")
    with pytest.raises(ValueError):
        sa.linalg.norm(sa.ones((2, 3, 4)), ord=2)


def test_a_large_product_is_blocked():
    rng = np.random.default_rng(0)
    a, b = rng.random((300, 200)), rng.random((200, 250))
    ours = sa.from_array(a, chunks=(70, 60)) @ sa.from_array(b, chunks=(50, 80))
    assert_same(ours, a @ b, rtol=1e-10)
    assert ours.chunks[0] == sa.from_array(a, chunks=(70, 60)).chunks[0]


@pytest.mark.parametrize("k_chunks", [2, 3, 50])
def test_a_product_with_many_blocks_along_the_sum(k_chunks):
    a, b = sample((7, 150), "i8"), sample((150, 5), "i8", seed=1)
    assert_same(sa.from_array(a, chunks=(3, k_chunks)) @ sa.from_array(b, chunks=(k_chunks, 2)), a @ b)
    assert_same(sa.from_array(a, chunks=(3, k_chunks)) @ sa.from_array(b[:, 0], chunks=k_chunks), a @ b[:, 0])
