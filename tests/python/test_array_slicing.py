"""Indexing and assignment against NumPy."""

import numpy as np
import pytest
import swath.array as sa
from array_checker import assert_same, sample
from hypothesis import given
from hypothesis import strategies as st


@st.composite
def arrays(draw, max_dims=3):
    shape = tuple(draw(st.lists(st.integers(0, 7), min_size=1, max_size=max_dims)))
    chunks = tuple(draw(st.integers(1, max(n, 1))) for n in shape)
    x = np.arange(int(np.prod(shape))).reshape(shape)
    return x, sa.from_array(x, chunks=chunks)


@st.composite
def indices(draw, shape, with_list=True):
    """A valid basic index, perhaps with one list of integers."""
    items, lists = [], 0
    for length in shape:
        kind = draw(st.sampled_from(["slice", "slice", "int", "list", "all"]))
        if kind == "int" and length:
            items.append(draw(st.integers(-length, length - 1)))
        elif kind == "list" and length and with_list and not lists:
            lists += 1
            items.append(draw(st.lists(st.integers(-length, length - 1), max_size=5)))
        elif kind == "all":
            items.append(slice(None))
        else:
            bound = st.none() | st.integers(-length - 2, length + 2)
            items.append(slice(draw(bound), draw(bound), draw(st.none() | st.integers(-3, 3).filter(bool))))
    if not lists and draw(st.booleans()):
        items.insert(draw(st.integers(0, len(items))), None)
    if draw(st.booleans()):
        items = items[: draw(st.integers(0, len(items)))]
    if draw(st.booleans()) and not lists:
        items.insert(draw(st.integers(0, len(items))), Ellipsis)
    return tuple(items)


def numpy_index(x, index):
    """Outer indexing with at most one list: NumPy's result when integers and the list do not mix."""
    position = [i for i, item in enumerate(index) if isinstance(item, list)]
    if not position:
        return x[index]
    at = position[0]
    plain = tuple(slice(item, item + 1 or None) if isinstance(item, int) else slice(None) if i == at else item
                  for i, item in enumerate(index))  # fmt: skip
    kept = x[plain]
    kept = np.take(kept, np.asarray(index[at], dtype=int), axis=at)
    return kept[tuple(0 if isinstance(item, int) else slice(None) for item in index)]


@given(st.data())
def test_getitem(data):
    x, ours = data.draw(arrays())
    index = data.draw(indices(x.shape))
    assert_same(ours[index], numpy_index(x, index), message=str(index))


@given(st.data())
def test_two_slices_in_a_row(data):
    x, ours = data.draw(arrays(2))
    first = data.draw(indices(x.shape, with_list=False))
    y = x[first]
    if not isinstance(y, np.ndarray) or y.ndim == 0:
        return
    second = data.draw(indices(y.shape, with_list=False))
    assert_same(ours[first][second], np.asarray(y[second]), message=f"{first} {second}")


@given(st.data())
def test_slices_of_expressions(data):
    x, ours = data.draw(arrays())
    index = data.draw(indices(x.shape, with_list=False))
    assert_same((ours.T * 2 + 1).T[index], (x.T * 2 + 1).T[index], message=str(index))


def test_masks():
    x = sample((4, 6), "f8")
    ours = sa.from_array(x, chunks=(2, 3))
    rows = np.array([True, False, True, True])
    assert_same(ours[rows], x[rows])
    assert_same(ours[rows.tolist()], x[rows])
    assert_same(ours[:, x[0] > 0], x[:, x[0] > 0])
    assert_same(ours[ours > 0], x[x > 0])
    assert_same(ours[ours[:, 0] > 0], x[x[:, 0] > 0])
    with pytest.raises(IndexError, match="boolean index did not match"):
        ours[[True, False]]


def test_index_arrays():
    x = sample((4, 6), "f8")
    ours = sa.from_array(x, chunks=(2, 3))
    assert_same(ours[np.array([3, 0])], x[[3, 0]])
    assert_same(ours[sa.from_array(np.array([3, 0]))], x[[3, 0]])
    assert_same(ours[np.int64(2)], x[2])
    assert_same(ours[..., []], x[..., []])


@pytest.mark.parametrize(
    ("index", "error"),
    [
        (4, IndexError),
        (-5, IndexError),
        ((0, 0, 0), IndexError),
        ((..., ...), IndexError),
        (1.5, IndexError),
        ("name", IndexError),
        ([0, 9], IndexError),
        ([0.5], IndexError),
        (slice(None, None, 0), ValueError),
        (([0], [1]), NotImplementedError),
    ],
)
def test_bad_indices_fail_when_written(index, error):
    with pytest.raises(error):
        sa.ones((4, 6), chunks=2)[index]


def test_blocks():
    x = np.arange(60).reshape(6, 10)
    ours = sa.from_array(x, chunks=(2, 4))
    assert ours.blocks.shape == (3, 3)
    assert ours.blocks.size == 9
    assert_same(ours.blocks[1, 2], x[2:4, 8:])
    assert_same(ours.blocks[1:], x[2:])
    assert_same(ours.blocks[:, -1], x[:, 8:])
    assert_same(ours.blocks[[0, 2]], np.concatenate([x[:2], x[4:]]))
    assert_same(ours.partitions[2, 0], x[4:, :4])
    assert len(ours.blocks.ravel()) == 9
    with pytest.raises(IndexError):
        ours.blocks[5]


def test_vindex():
    x = np.arange(60).reshape(3, 4, 5)
    ours = sa.from_array(x, chunks=2)
    assert_same(ours.vindex[[0, 2, -1], [1, 0, 3]], x[[0, 2, -1], [1, 0, 3]])
    assert_same(ours.vindex[[[0], [2]], [[1, 0]], 1], x[[[0], [2]], [[1, 0]], 1])
    assert_same(ours.vindex[:, [0, 1], [2, 3]], np.moveaxis(x[:, [0, 1], [2, 3]], 0, 1))
    with pytest.raises(IndexError):
        ours.vindex[[9], [0]]


@given(st.data())
def test_setitem(data):
    x, ours = data.draw(arrays(2))
    index = data.draw(indices(x.shape))
    index = tuple(item for item in index if item is not None)
    for item, length in zip([i for i in index if i is not Ellipsis], x.shape, strict=False):
        if isinstance(item, list) and len({i % length for i in item}) != len(item):
            return  # the last of several values wins in NumPy: not promised
    expected = x.copy()
    target = numpy_index(x, index)
    value = data.draw(st.sampled_from(["scalar", "array"]))
    new = -1 if value == "scalar" else -np.arange(np.size(target)).reshape(np.shape(target)) - 1
    if any(isinstance(item, list) for item in index):
        at = next(i for i, item in enumerate(index) if isinstance(item, list))
        outer = [np.arange(n)[item] if not isinstance(item, int) else np.array([item])
                 for n, item in zip(x.shape, index + (slice(None),) * (x.ndim - len(index)), strict=True)]  # fmt: skip
        assert at >= 0
        expected[np.ix_(*outer)] = np.reshape(new, [len(o) for o in outer]) if value == "array" else new
    else:
        expected[index] = new
    before = ours.copy()
    ours[index] = new
    assert_same(ours, expected, message=str(index))
    assert_same(before, x)


def test_setitem_masks_and_types():
    x = sample((4, 6), "f8")
    ours, expected = sa.from_array(x, chunks=2), x.copy()
    ours[ours < 0] = 0
    expected[expected < 0] = 0
    assert_same(ours, expected)
    ours[:, 1] = sa.arange(4)
    expected[:, 1] = np.arange(4)
    assert_same(ours, expected)
    ours[expected > 2] = expected[expected > 2] * 2
    expected[expected > 2] *= 2
    assert_same(ours, expected)
    whole = sa.arange(3)
    whole[1] = 2.7
    assert_same(whole, np.array([0, 2, 2]))
    with pytest.raises(ValueError, match="NaN"):
        whole[1] = np.nan
    with pytest.raises(ValueError, match="could not broadcast"):
        whole[:2] = [1, 2, 3]
    with pytest.raises(IndexError):
        whole[7] = 1
