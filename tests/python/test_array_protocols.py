"""What other libraries rely on: NumPy's protocols, conversions, representations."""

import copy
import re

import numpy as np
import pytest
import swath.array as sa
from array_checker import assert_same

import swath


def test_numpy_functions_stay_lazy():
    x = np.arange(12.0).reshape(3, 4)
    ours = sa.from_array(x, chunks=2)
    for call in (
        np.sin,
        np.sum,
        np.mean,
        np.transpose,
        np.cumsum,
        np.ravel,
        np.diff,
        np.round,
        np.flip,
        np.std,
        np.argmax,
        np.ones_like,
        np.isnan,
        np.nan_to_num,
        np.conjugate,
        np.absolute,
        np.linalg.norm,
        np.atleast_3d,
    ):
        result = call(ours)
        assert isinstance(result, sa.Array), call
        assert_same(result, call(x), rtol=1e-12)
    assert_same(np.concatenate([ours, ours], axis=1), np.concatenate([x, x], axis=1))
    assert_same(np.where(ours > 3, ours, 0), np.where(x > 3, x, 0))
    assert_same(np.stack([ours, x]), np.stack([x, x]))
    assert_same(np.tensordot(ours, x.T, axes=1), np.tensordot(x, x.T, axes=1))
    assert np.shape(ours) == (3, 4)
    assert np.result_type(ours, np.float32) == np.float64


def test_ufunc_methods():
    x = np.arange(1.0, 7).reshape(2, 3)
    ours = sa.from_array(x, chunks=1)
    assert_same(np.add.reduce(ours, axis=1), np.add.reduce(x, axis=1))
    assert_same(np.multiply.accumulate(ours, axis=1), np.multiply.accumulate(x, axis=1))
    assert_same(np.subtract.outer(ours[0], x[1]), np.subtract.outer(x[0], x[1]))
    with pytest.raises(TypeError):
        np.add.at(ours, 0, 1)
    out = sa.zeros((2, 3))
    assert np.add(ours, 1, out=out) is out
    assert_same(out, x + 1)
    with pytest.raises(TypeError, match="lazy"):
        np.add(ours, 1, out=np.zeros((2, 3)))


def test_numpy_arrays_in_place():
    x = np.zeros(3)
    with pytest.raises(TypeError):
        x += sa.ones(3)


def test_functions_without_lazy_form_compute_with_a_warning():
    with pytest.warns(RuntimeWarning, match="no lazy form"):
        result = np.unwrap(sa.arange(5, chunks=2) * 4.0)
    np.testing.assert_allclose(result, np.unwrap(np.arange(5) * 4.0))


def test_conversion_to_numpy():
    ours = sa.arange(6, chunks=2).reshape(2, 3)
    x = np.arange(6).reshape(2, 3)
    np.testing.assert_array_equal(np.asarray(ours), x)
    assert np.asarray(ours, dtype="f4").dtype == np.float32
    assert np.array(ours).flags.writeable
    np.testing.assert_array_equal(np.from_dlpack(ours), x)
    with pytest.raises(ValueError):
        np.asarray(ours, dtype="f4", copy=False)


def test_scalars():
    assert int(sa.asarray(3)) == 3
    assert float(sa.ones((1, 1)).sum()) == 1.0
    assert complex(sa.asarray(1 + 2j)) == 1 + 2j
    assert bool(sa.asarray(True)) is True
    assert [1, 2, 3][sa.asarray(1)] == 2
    assert isinstance(sa.ones(3).sum().compute(), np.float64)
    with pytest.raises(ValueError, match="ambiguous"):
        bool(sa.ones(3))
    with pytest.raises(TypeError):
        int(sa.ones(3))
    with pytest.raises(TypeError):
        range(sa.asarray(1.5))
    with pytest.raises(TypeError, match="unhashable"):
        hash(sa.ones(3))


def test_iteration():
    rows = list(sa.arange(6, chunks=2).reshape(3, 2))
    assert len(rows) == 3
    assert_same(rows[1], np.array([2, 3]))
    with pytest.raises(TypeError):
        iter(sa.asarray(1)).__next__()


def test_copies():
    x = sa.arange(4, chunks=2)
    for y in (x.copy(), copy.copy(x), copy.deepcopy(x)):
        y[0] = 9
        assert_same(x, np.arange(4))


def test_namespace():
    x = sa.ones((2, 3))
    namespace = x.__array_namespace__()
    assert namespace is sa
    for name in (
        "permute_dims",
        "concat",
        "astype",
        "matrix_transpose",
        "asin",
        "bitwise_left_shift",
        "cumulative_sum",
        "vecdot",
        "float64",
        "newaxis",
        "pi",
        "expand_dims",
        "isfinite",
        "linalg",
    ):
        assert hasattr(namespace, name), name
    assert x.device == "cpu"
    assert x.to_device("cpu") is x
    with pytest.raises(ValueError):
        x.to_device("gpu")


def test_it_is_no_dask_collection():
    assert not hasattr(sa.ones(3), "__dask_graph__")


def test_repr():
    x = sa.ones((10, 12), chunks=(5, 4))
    text = repr(x + 1)
    assert re.fullmatch(r"swath\.array<\w+.*, shape=\(10, 12\), dtype=float64, chunksize=\(5, 4\)>", text), text
    assert "\n" not in repr(x.sum())


@pytest.mark.parametrize("shape", [(), (0,), (10,), (10, 12), (4, 5, 6), (2, 3, 4, 5, 6), (1, 100000)])
def test_html(shape):
    import xml.etree.ElementTree as ET

    x = sa.ones(shape, chunks=tuple(max(1, n // 3) for n in shape))
    html = x._repr_html_()
    assert str(x.dtype) in html and str(shape) in html
    for svg in re.findall(r"<svg.*?</svg>", html, re.DOTALL):
        ET.fromstring(svg)
    assert ("<svg" in html) == (bool(shape) and x.size > 0)
    if len(shape) in (1, 2, 3) and x.size:
        assert len(ET.fromstring(x.to_svg()).findall(".//{http://www.w3.org/2000/svg}line")) >= sum(
            n + 1 for n in x.numblocks[-1:]
        )


def test_to_svg_needs_an_axis():
    with pytest.raises(NotImplementedError):
        sa.ones(()).to_svg()


def test_public_names():
    assert set(sa.__all__) <= set(dir(sa)) if hasattr(sa, "__all__") else True
    for name in (
        "sum",
        "concatenate",
        "from_array",
        "random",
        "linalg",
        "where",
        "Array",
        "tensordot",
        "float32",
        "newaxis",
    ):
        assert hasattr(sa, name)
    assert swath.is_swath_collection(sa.ones(1))
