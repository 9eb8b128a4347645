"""Elementwise functions and operators against NumPy, over the whole catalogue."""

import operator

import numpy as np
import pytest
import swath.array as sa
from array_checker import ALL, SMALL, assert_same, check, layouts, sample, special
from hypothesis import given
from hypothesis import strategies as st
from swath.array.ufunc import catalogue

UFUNCS = sorted(name for name in catalogue if isinstance(getattr(np, name, None), np.ufunc))
UNARY = [name for name in UFUNCS if getattr(np, name).nin == 1]
BINARY = [name for name in UFUNCS if getattr(np, name).nin == 2]
# Functions whose last digits differ between NumPy's and our loops, in units that the checker multiplies.
LOOSE = {"float_power", "power", "pow", "logaddexp", "logaddexp2", "tan", "arctan2", "atan2", "sinh", "cosh", "expm1"}
OPERATORS = ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and_", "or_", "xor", "lshift", "rshift",
             "eq", "ne", "lt", "le", "gt", "ge"]  # fmt: skip


def numpy_takes(name, *arrays):
    try:
        with np.errstate(all="ignore"):
            return getattr(np, name)(*arrays)
    except TypeError:
        return None


def tolerance(name, dtype):
    return (
        {2: 4e-3, 4: 1e-5, 8: 1e-12}[np.zeros(0, dtype).real.itemsize]
        if np.dtype(dtype).kind in "fc" and name in LOOSE
        else None
    )


def test_catalogue_covers_numpy():
    wanted = {name for name in dir(np) if isinstance(getattr(np, name), np.ufunc) and name != "expm1x"}  # of numexpr
    missing = (
        wanted
        - set(dir(sa))
        - {
            "matvec",
            "vecmat",
            "bitwise_count",
            "gcd",
            "lcm",
            "heaviside",
            "cbrt",
            "spacing",
            "nextafter",
            "isnat",
            "divmod",
        }
    )
    assert not missing


@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize("dtype", ALL)
def test_unary(name, dtype):
    x = sample((4, 6), dtype)
    if numpy_takes(name, x) is None:
        with pytest.raises(TypeError):
            getattr(sa, name)(sa.from_array(x))
        return
    function, oracle = getattr(sa, name), getattr(np, name)
    check(function, x, numpy_function=oracle, rtol=tolerance(name, oracle(x).dtype))


@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_unary_special_values(name, dtype):
    x = special(dtype)
    if numpy_takes(name, x) is not None:
        with np.errstate(all="ignore"):
            rtol = tolerance(name, dtype)
            check(getattr(sa, name), x, numpy_function=getattr(np, name), rtol=rtol, all_chunkings=False)


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("left", SMALL)
@pytest.mark.parametrize("right", ["?", "i4", "f4", "f8", "D"])
def test_binary(name, left, right):
    x, y = sample((4, 6), left), sample((6,), right, seed=1)
    if "shift" in name and right == "i4":
        y = abs(y)
    if name in ("power", "pow", "ldexp"):
        y = abs(y)
    if numpy_takes(name, x, y) is None:
        with pytest.raises(TypeError):
            getattr(sa, name)(sa.from_array(x), sa.from_array(y))
        return
    with np.errstate(all="ignore"):
        rtol = tolerance(name, getattr(np, name)(x, y).dtype)
    check(getattr(sa, name), x, y, numpy_function=getattr(np, name), rtol=rtol)


@pytest.mark.parametrize("name", BINARY)
def test_binary_special_values(name):
    x = special("f8")
    if numpy_takes(name, x[:, None], x) is not None:
        check(getattr(sa, name), x[:, None], x, numpy_function=getattr(np, name), rtol=1e-12, all_chunkings=False)


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize("scalar", [2, 3.0, True, 1 + 2j, np.int8(3), np.float32(1.5), np.uint64(7)])
@pytest.mark.parametrize("dtype", ["?", "i1", "u4", "i8", "f4", "f8", "D"])
def test_scalars_follow_nep_50(name, scalar, dtype):
    function = getattr(operator, name)
    x = abs(sample((7,), dtype)) if dtype != "?" else sample((7,), dtype)
    if name == "pow" and dtype == "?" and scalar is not True and isinstance(scalar, int):
        return  # NumPy's operator takes a short cut (x ** 2 is square(x)) that its function power does not take
    for ours, theirs in [(lambda a: function(a, scalar), None), (lambda a: function(scalar, a), None)]:
        try:
            with np.errstate(all="ignore"):
                expected = ours(x)
        except (TypeError, ValueError, OverflowError) as error:
            with pytest.raises(type(error)):
                ours(sa.from_array(x, chunks=3)).compute()
            continue
        assert theirs is None
        assert_same(ours(sa.from_array(x, chunks=3)), expected, rtol=1e-5 if expected.dtype.kind in "fc" else None)


def test_python_integer_out_of_bounds():
    x = sa.ones(3, dtype="u1")
    with pytest.raises(OverflowError, match="out of bounds for uint8"):
        x + 300
    with pytest.raises(OverflowError):
        x + 2**70


@pytest.mark.parametrize("dtype", ["i4", "f8", "D"])
def test_memory_layouts(dtype):
    for x in layouts(sample((4, 6), dtype)):
        check(lambda a: a + a.T.T * 2, x)


def test_operators_with_numpy_arrays_stay_lazy():
    x, y = sa.ones((2, 3), chunks=1), np.arange(3.0)
    for result in (x + y, y + x, y - x, y @ x.T, [1, 2, 3] * x, y < x):
        assert isinstance(result, sa.Array)
    assert_same(y - x, y - np.ones((2, 3)))


def test_foreign_types_get_their_turn():
    class Other:
        __array_ufunc__ = None

        def __radd__(self, other):
            return "reflected"

        def __rmatmul__(self, other):
            return "reflected"

    assert sa.ones(3) + Other() == "reflected"
    assert sa.ones(3) @ Other() == "reflected"
    with pytest.raises(TypeError):
        sa.ones(3) + object()


def test_inplace_operators():
    x = sa.arange(4)
    before = x
    x += 1
    assert_same(x, np.arange(4) + 1)
    assert_same(before, np.arange(4))


def test_bad_shapes_fail_when_written():
    with pytest.raises(ValueError, match=r"could not be broadcast together.*\(3,\).*\(4,\)"):
        sa.ones(3) + sa.ones(4)


def test_bad_types_fail_when_written():
    with pytest.raises(TypeError):
        sa.invert(sa.ones(3))
    with pytest.raises(TypeError, match="unexpected keyword"):
        sa.sin(sa.ones(3), casting_wish="none")
    with pytest.raises(TypeError, match="positional"):
        sa.add(sa.ones(3))


@given(st.data())
def test_broadcasting(data):
    shape = tuple(data.draw(st.lists(st.integers(0, 4), max_size=3)))
    other = tuple(1 if data.draw(st.booleans()) else n for n in shape)[
        data.draw(st.integers(0, len(shape))) if shape else 0 :
    ]
    x, y = sample(shape, "f8", 1), sample(other, "i4", 2)
    chunks = tuple(max(1, data.draw(st.integers(1, max(n, 1)))) for n in shape)
    ours = sa.from_array(x, chunks=chunks) * sa.from_array(y, chunks=2)
    assert_same(ours, x * y)


def test_where_and_clip():
    x = sample((4, 6), "f8")
    check(lambda a: (sa if isinstance(a, sa.Array) else np).where(a > 0, a, -1), x)
    check(lambda a: (sa if isinstance(a, sa.Array) else np).where(a > 0, a, np.float32(2)), x.astype("f4"))
    check(lambda a: a.clip(-1, 2), x)
    check(lambda a: a.clip(-1, None), x)
    check(lambda a: a.clip(max=1), x)
    check(lambda a: (sa if isinstance(a, sa.Array) else np).clip(a, 1, 3), sample((7,), "i2"))
    with pytest.raises(ValueError, match="either both or neither"):
        sa.where(sa.ones(3), 1)


def test_where_and_out_arguments():
    x, out = sa.arange(4, chunks=2), sa.zeros(4, chunks=2)
    result = sa.add(x, 1.5, out=out)
    assert result is out
    assert_same(out, np.arange(4) + 1.5)
    assert_same(sa.add(x, 1, where=x > 1, out=sa.zeros(4, dtype=int)), np.array([0, 0, 3, 4]))
    with pytest.raises(ValueError, match="shape"):
        sa.add(x, 1, out=sa.zeros(3))
    with pytest.raises(TypeError, match="Cannot cast"):
        sa.add(x, 1.5, out=sa.zeros(4, dtype=int))
    with pytest.raises(TypeError, match="must be a swath Array"):
        sa.add(x, 1, out=np.zeros(4))


def test_dtype_argument():
    x = np.arange(5)
    assert_same(sa.add(sa.from_array(x), 1, dtype="f4"), np.add(x, 1, dtype="f4"))
    assert_same(sa.sqrt(sa.from_array(x), dtype="f4"), np.sqrt(x, dtype="f4"))


@pytest.mark.parametrize("source", ALL)
@pytest.mark.parametrize("target", ALL)
@pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")
def test_astype(source, target):
    x = abs(sample((7,), source)) if source != "?" else sample((7,), source)
    check(lambda a: a.astype(target), x)


def test_astype_casting():
    x = sa.ones(3)
    with pytest.raises(TypeError, match="Cannot cast"):
        x.astype(int, casting="safe")
    with pytest.raises(TypeError, match="object"):
        x.astype(object)
    assert x.astype("f8") is x


@pytest.mark.parametrize("decimals", [0, 1, -1])
@pytest.mark.parametrize("dtype", ["i4", "f4", "f8"])
def test_round(decimals, dtype):
    x = sample((4, 6), dtype) * np.dtype(dtype).type(3)
    check(lambda a: (sa if isinstance(a, sa.Array) else np).round(a, decimals), x)


def test_functions_with_two_results():
    x = sample((4, 6), "f8")
    for name in ("modf", "frexp"):
        for ours, expected in zip(getattr(sa, name)(sa.from_array(x, chunks=3)), getattr(np, name)(x), strict=True):
            assert_same(ours, expected)
    for ours, expected in zip(divmod(sa.from_array(x), 0.7), divmod(x, 0.7), strict=True):
        assert_same(ours, expected)


@pytest.mark.parametrize(
    "name", ["isclose", "nan_to_num", "angle", "real", "imag", "fix", "sinc", "iscomplex", "isreal"]
)
def test_composed(name):
    function = {
        "isclose": lambda m, a: m.isclose(a, a + 1e-9),
        "nan_to_num": lambda m, a: m.nan_to_num(a, nan=-1.0),
    }.get(name, lambda m, a: getattr(m, name)(a))
    for x in [special("f8")] + (
        [sample((7,), "D")] if name in ("angle", "real", "imag", "iscomplex", "isreal") else []
    ):
        if name == "sinc":
            x = x[np.isfinite(x)]
        check(lambda a: function(sa if isinstance(a, sa.Array) else np, a), x)


def test_dates():
    x = np.array(["2013-01-01", "2013-06-30", "NaT"], dtype="M8[D]")
    y = sa.from_array(x, chunks=2)
    assert_same(y - np.datetime64("2013-01-01", "D"), x - np.datetime64("2013-01-01", "D"))
    assert_same(y + np.timedelta64(1, "D"), x + np.timedelta64(1, "D"))
    assert_same(sa.isnull(y), np.isnat(x))
    assert_same(y < np.datetime64("2013-03-01", "D"), x < np.datetime64("2013-03-01", "D"))


def test_docstrings_have_examples():
    import doctest

    failures = 0
    for name, function in catalogue.items():
        assert function.__doc__, name
        for test in doctest.DocTestFinder().find(function, name, globs={}):
            failures += doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS).run(test).failed
    assert failures == 0
