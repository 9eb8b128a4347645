"""Shapes, joining and rearranging against NumPy."""

import numpy as np
import pytest
import swath.array as sa
from array_checker import assert_same, check, chunkings, sample
from hypothesis import given
from hypothesis import strategies as st


def module(a):
    return sa if isinstance(a, sa.Array) or (isinstance(a, (list, tuple)) and isinstance(a[0], sa.Array)) else np


X = sample((4, 6), "f8")
V = sample((7,), "i4")
Z = np.arange(30).reshape(2, 3, 5)

CASES = {
    "transpose": (lambda m, a: m.transpose(a), Z),
    "transpose_axes": (lambda m, a: m.transpose(a, (1, 2, 0)), Z),
    "T": (lambda m, a: a.T, Z),
    "mT": (lambda m, a: a.mT, Z),
    "swapaxes": (lambda m, a: m.swapaxes(a, 0, -1), Z),
    "moveaxis": (lambda m, a: m.moveaxis(a, (0, 1), (-1, 0)), Z),
    "rollaxis": (lambda m, a: m.rollaxis(a, 2, 0), Z),
    "squeeze": (lambda m, a: m.squeeze(a[:, :1], 1), Z),
    "expand_dims": (lambda m, a: m.expand_dims(a, (0, -1)), Z),
    "broadcast_to": (lambda m, a: m.broadcast_to(a, (3, 2, 3, 5)), Z),
    "broadcast_to_ones": (lambda m, a: m.broadcast_to(a[:, :1], (2, 4, 5)), Z),
    "reshape": (lambda m, a: m.reshape(a, (3, -1)), Z),
    "reshape_method": (lambda m, a: a.reshape(5, 6), Z),
    "ravel": (lambda m, a: m.ravel(a), Z),
    "flip": (lambda m, a: m.flip(a), Z),
    "flip_axis": (lambda m, a: m.flip(a, (0, 2)), Z),
    "flipud": (lambda m, a: m.flipud(a), X),
    "fliplr": (lambda m, a: m.fliplr(a), X),
    "rot90": (lambda m, a: m.rot90(a, 3), X),
    "rot90_axes": (lambda m, a: m.rot90(a, 1, (1, 2)), Z),
    "roll": (lambda m, a: m.roll(a, 3), X),
    "roll_axes": (lambda m, a: m.roll(a, (1, -2), (0, 1)), X),
    "take": (lambda m, a: m.take(a, [3, 0, -1], axis=0), X),
    "take_nd": (lambda m, a: m.take(a, np.array([[1, 2], [0, 1]]), axis=1), X),
    "compress": (lambda m, a: m.compress([True, False, True], a, axis=1), Z),
    "repeat": (lambda m, a: m.repeat(a, 3, axis=1), X),
    "repeat_each": (lambda m, a: m.repeat(a, [1, 0, 2, 1], axis=0), X),
    "tile": (lambda m, a: m.tile(a, (2, 1, 2)), X),
    "diff": (lambda m, a: m.diff(a, n=2, axis=0), X),
    "diff_prepend": (lambda m, a: m.diff(a, prepend=0, append=1), X),
    "ediff1d": (lambda m, a: m.ediff1d(a, to_end=[1], to_begin=0), V),
    "gradient": (lambda m, a: m.gradient(a, 2.0, axis=1), X),
    "insert": (lambda m, a: m.insert(a, [1, 3], 9, axis=1), X),
    "insert_row": (lambda m, a: m.insert(a, 2, np.arange(6.0), axis=0), X),
    "delete": (lambda m, a: m.delete(a, [0, 2], axis=1), X),
    "append": (lambda m, a: m.append(a, [[1] * 6], axis=0), X),
    "append_flat": (lambda m, a: m.append(a, 5.0), X),
    "atleast_3d": (lambda m, a: m.atleast_3d(a), V),
    "argwhere": (lambda m, a: m.argwhere(a > 0), X),
    "flatnonzero": (lambda m, a: m.flatnonzero(a > 0), X),
    "extract": (lambda m, a: m.extract(np.asarray(X) > 0, a), X),
    "isin": (lambda m, a: m.isin(a, [1, 3, 8]), V),
    "isin_invert": (lambda m, a: m.isin(a, [1, 3, 8], invert=True), V),
    "tril": (lambda m, a: m.tril(a, 1), X),
    "triu": (lambda m, a: m.triu(a, -1), X),
    "diag": (lambda m, a: m.diag(a, 1), V),
    "diag_negative": (lambda m, a: m.diag(a, -2), V),
    "diagonal": (lambda m, a: m.diagonal(a, 1, 1, 2), Z),
    "diag_of_matrix": (lambda m, a: m.diag(a, -1), X),
    "concatenate_self": (lambda m, a: m.concatenate([a, a], axis=1), X),
    "concatenate_flat": (lambda m, a: m.concatenate([a, a], axis=None), X),
    "stack": (lambda m, a: m.stack([a, a], axis=-1), X),
    "vstack": (lambda m, a: m.vstack([a, a]), V),
    "hstack": (lambda m, a: m.hstack([a, a]), V),
    "hstack_2d": (lambda m, a: m.hstack([a, a]), X),
    "dstack": (lambda m, a: m.dstack([a, a]), X),
    "block": (lambda m, a: m.block([[a, a], [a, a]]), X),
    "block_mixed": (lambda m, a: m.block([a, a]), V),
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_against_numpy(name):
    function, x = CASES[name]
    check(lambda a: function(module(a), a), x, rtol=1e-12)


def test_joining_promotes():
    parts = [sample((3,), "i4"), sample((0,), "f4"), sample((2,), "u1")]
    check(lambda *a: (sa if isinstance(a[0], sa.Array) else np).concatenate(a), *parts)
    check(lambda *a: (sa if isinstance(a[0], sa.Array) else np).stack([b[:0] for b in a]), *parts)


def test_joining_errors():
    with pytest.raises(ValueError, match="must match"):
        sa.concatenate([sa.ones((2, 3)), sa.ones((2, 4))])
    with pytest.raises(ValueError, match="same shape"):
        sa.stack([sa.ones(2), sa.ones(3)])
    with pytest.raises(ValueError):
        sa.concatenate([])
    with pytest.raises(ValueError):
        sa.concatenate([sa.ones(2), sa.ones((2, 2))])
    with pytest.raises(ValueError, match="out of bounds"):
        sa.concatenate([sa.ones(2)], axis=1)
    with pytest.raises(ValueError, match="depths"):
        sa.block([[sa.ones(2)], sa.ones(2)])


def divisors(n):
    return [d for d in range(1, n + 1) if n % d == 0]


@given(st.data())
def test_reshape(data):
    size = data.draw(st.sampled_from([0, 1, 6, 24, 60]))

    def shape():
        if size == 0:
            return data.draw(st.sampled_from([(0,), (0, 3), (2, 0, 4)]))
        rest, lengths = size, []
        for _ in range(data.draw(st.integers(0, 3))):
            d = data.draw(st.sampled_from(divisors(rest)))
            lengths.append(d)
            rest //= d
        return (*lengths, rest)

    source, target = shape(), shape()
    chunks = tuple(data.draw(st.integers(1, max(n, 1))) for n in source)
    x = np.arange(size).reshape(source)
    assert_same(sa.from_array(x, chunks=chunks).reshape(target), x.reshape(target))
    assert_same(sa.from_array(x, chunks=chunks).reshape(target).reshape(source), x)


def test_reshape_errors():
    for shape in ((4, 5), (-1, -1), (5, -1)):
        with pytest.raises(ValueError):
            sa.ones((4, 6)).reshape(shape)


@given(st.data())
def test_rechunk(data):
    shape = tuple(data.draw(st.lists(st.integers(0, 9), min_size=1, max_size=3)))
    x = np.arange(int(np.prod(shape))).reshape(shape)

    def cut():
        return tuple(data.draw(st.integers(1, max(n, 1))) for n in shape)

    ours = sa.from_array(x, chunks=cut())
    target = cut()
    result = ours.rechunk(target)
    assert result.chunks == sa.from_array(x, chunks=target).chunks
    assert_same(result, x)
    assert_same((result.T + 1).rechunk(-1), x.T + 1)


def test_rechunk_forms():
    x = sa.ones((10, 12), chunks=(5, 4))
    assert x.rechunk({0: -1}).chunks == ((10,), (4, 4, 4))
    assert x.rechunk({-1: 6}).chunks == ((5, 5), (6, 6))
    assert x.rechunk((None, -1)).chunks == ((5, 5), (12,))
    assert x.rechunk(((3, 7), (12,))).chunks == ((3, 7), (12,))
    assert x.rechunk(3).chunks == ((3, 3, 3, 1), (3, 3, 3, 3))
    assert x.rechunk("auto", block_size_limit=8 * 60).npartitions > 1
    assert x.rechunk((4, -1), balance=True).chunks == ((4, 3, 3), (12,))
    for bad in ((3, 3, 3), ((3, 3), (12,)), {5: 1}, "huge"):
        with pytest.raises(ValueError):
            x.rechunk(bad)


def test_axis_errors():
    x = sa.ones((2, 3))
    for call in (
        lambda: x.swapaxes(0, 2),
        lambda: sa.moveaxis(x, 0, 5),
        lambda: x.transpose(0, 0),
        lambda: x.transpose(0),
        lambda: sa.squeeze(x, 0),
        lambda: sa.roll(x, 1, 4),
        lambda: sa.flip(x, 3),
    ):
        with pytest.raises(ValueError):
            call()


def test_broadcast_errors():
    with pytest.raises(ValueError):
        sa.broadcast_to(sa.ones(3), (2, 4))
    with pytest.raises(ValueError):
        sa.broadcast_arrays(sa.ones(3), sa.ones(4))


def test_unify_chunks():
    x, y = sa.ones((4, 6), chunks=(2, 6)), sa.ones((6,), chunks=4)
    chunks, (a, b) = sa.unify_chunks(x, "ij", y, "j")
    assert chunks == {"i": (2, 2), "j": (4, 2)}
    assert a.chunks == ((2, 2), (4, 2))
    assert b.chunks == ((4, 2),)


@pytest.mark.parametrize("shape", [(4, 6), (2, 3, 5)])
def test_every_chunking_of_a_small_expression(shape):
    x = np.arange(float(np.prod(shape))).reshape(shape)
    expected = ((x + x.mean(axis=0)).T.reshape(-1)[::-2]).sum()
    for chunks in chunkings(shape):
        ours = sa.from_array(x, chunks=chunks)
        assert_same(((ours + ours.mean(axis=0)).T.reshape(-1)[::-2]).sum(), expected, rtol=1e-12)
