"""swath.delayed against Dask's semantics: what is a call, what is shared, what is raised and where."""

import collections
import dataclasses
import operator
import pickle
import threading
import time
import types
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing.pool import ThreadPool

import cloudpickle
import numpy as np
import pytest
import swath.array as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from swath.delayed import Delayed, delayed

import swath


def inc(x):
    return x + 1


def add(x, y):
    return x + y


CALLS = []


def counted(x):
    CALLS.append(x)
    return x


@delayed
def slow_inc(x):
    """One more."""
    return x + 1


class Counter:
    def __init__(self):
        self.n = 0
        self.lock = threading.Lock()

    def __call__(self, *args):
        with self.lock:
            self.n += 1
        return self.n


def test_calls_and_decorators():
    x = slow_inc(1)
    assert isinstance(x, Delayed)
    assert x.compute() == 2
    assert slow_inc.__name__ == "slow_inc" and slow_inc.__doc__ == "One more." and slow_inc.__wrapped__(1) == 2

    @delayed(pure=True, nout=2)
    def pair(a, b=3):
        return a, b

    a, b = pair(1)
    assert swath.compute(a, b) == (1, 3)
    assert pair(1).key == pair(1).key != pair(2).key
    assert delayed(slow_inc) is slow_inc
    assert swath.delayed(inc)(1).compute() == 2 and swath.delayed.Delayed is Delayed


def test_keywords_and_nested_containers():
    def collect(*args, **kwargs):
        return args, kwargs

    one, two = delayed(inc)(0), delayed(inc)(1)
    point = collections.namedtuple("Point", "x y")
    nested = [one, (two, [one]), {"a": two, one: 5}, {one, two}, slice(one, two), point(one, 3), frozenset([two])]
    args, kwargs = delayed(collect)(nested, key=[two], plain=[1, 2]).compute()
    assert args == ([1, (2, [1]), {"a": 2, 1: 5}, {1, 2}, slice(1, 2), point(1, 3), frozenset([2])],)
    assert type(args[0][5]) is point
    assert kwargs == {"key": [2], "plain": [1, 2]}


def test_iterators_are_read_as_lists():
    a, b = delayed(1), delayed(2)
    for kind in (list, tuple):
        assert delayed(sum)(iter(kind([a, b]))).compute() == 3
    assert swath.compute(iter([a, b])) == ([1, 2],)


@dataclasses.dataclass
class Box:
    value: object
    label: str = "box"
    hidden: object = dataclasses.field(default=None, init=False)


def test_dataclasses():
    x = delayed(inc)(1)
    made = delayed(lambda box: box)(Box(x)).compute()
    assert made == Box(2)
    assert swath.compute(Box(x))[0] == Box(2)
    assert delayed(Box)(x).value.compute() == 2


def test_dataclasses_that_cannot_be_made_again_fail_at_the_call():
    @dataclasses.dataclass
    class Custom:
        a: object

        def __init__(self, b):
            self.a = b

    with pytest.raises(TypeError, match=r"Custom.*__init__"):
        delayed(inc)(Custom(delayed(1)))


OPERATORS = ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "lshift", "rshift", "and_", "or_", "xor"]
COMPARISONS = ["eq", "ne", "lt", "le", "gt", "ge"]


@pytest.mark.parametrize("name", OPERATORS + COMPARISONS)
def test_operators(name):
    function = getattr(operator, name)
    x, y = delayed(7), delayed(3)
    assert function(x, y).compute() == function(x, 3).compute() == function(7, y).compute() == function(7, 3)


def test_unary_operators_getitem_matmul():
    x = delayed(-5)
    assert swath.compute(-x, +x, abs(x), ~x) == (5, -5, 5, 4)
    m = delayed(np.eye(2) * 3)
    np.testing.assert_array_equal((m @ np.ones(2)).compute(), [3, 3])
    np.testing.assert_array_equal(m[0].compute(), [3, 0])
    data = delayed({"a": [1, 2]})
    assert data["a"][delayed(1)].compute() == 2


def test_operators_are_pure_and_methods_are_not():
    x = delayed([1, 2, 1], name="numbers")
    assert (x * 2).key == (x * 2).key
    assert x[0].key == x[0].key != x[1].key
    assert x.count(1).key != x.count(1).key
    assert x.count(1, pure=True).key == x.count(1, pure=True).key
    assert x.count(1).compute() == 2
    assert delayed("a-b").split("-", maxsplit=1).compute() == ["a", "b"]
    assert x.count(1, dask_key_name="ones").key == "ones"


def test_attributes():
    x = delayed(3 + 4j)
    assert x.imag.compute() == 4.0
    assert x.real.key == x.real.key
    assert (x.real + x.imag).compute() == 7.0
    assert delayed(np.ones((2, 3))).shape[1].compute() == 3
    with pytest.raises(AttributeError):
        _ = x._private
    with pytest.raises(AttributeError, match="nothing"):
        x.nothing.compute()
    with pytest.warns(UserWarning, match="visualize"):
        _ = x.visualise


def test_what_a_delayed_is_not():
    x = delayed(inc)(1)
    for wrong in (
        lambda: bool(x),
        lambda: list(x),
        lambda: len(x),
        lambda: setattr(x, "a", 1),
        lambda: x.__setitem__(0, 1),
    ):
        with pytest.raises(TypeError):
            wrong()
    with pytest.raises(ValueError, match="nout"):
        delayed(inc, nout=-1)
    with pytest.raises(ValueError, match="nout"):
        delayed(inc, nout=True)


def test_nout():
    divide = delayed(divmod, nout=2, pure=True)
    q, r = divide(7, 3)
    assert swath.compute(q, r) == (2, 1)
    assert len(divide(7, 3)) == 2
    assert list(delayed(lambda: (), nout=0)()) == []


def test_pure_keys_and_impure_ones():
    assert delayed(inc)(1).key != delayed(inc)(1).key
    assert delayed(inc, pure=True)(1).key == delayed(inc, pure=True)(1).key
    assert delayed(inc)(1, pure=True).key == delayed(inc)(1, pure=True).key
    assert delayed(inc)(1, dask_key_name="mine").key == "mine"
    assert delayed([1, 2], name="numbers").key == "numbers"
    assert delayed(5, pure=True).key == delayed(5, pure=True).key != delayed(6, pure=True).key
    assert repr(delayed(1, name="one")) == "Delayed('one')"
    with swath.config.set(delayed_pure=True):
        assert delayed(inc)(1).key == delayed(inc)(1).key
    assert delayed(inc)(1).key.startswith("inc-")


def test_equal_keys_run_once():
    count = Counter()
    f = delayed(count, pure=False)
    shared = f(1)
    assert swath.compute(shared, delayed(inc)(shared), delayed(add)(shared, shared)) == (1, 2, 2)
    assert count.n == 1
    CALLS.clear()
    pure = delayed(counted, pure=True)
    assert swath.compute(pure(1), [pure(1), pure(2)]) == (1, [1, 2])
    assert sorted(CALLS) == [1, 2]


def test_compute_many_and_persist():
    x = delayed(inc)(1)
    result = swath.compute(x, [x, {"a": x}], 5, "text", (delayed(inc)(x),))
    assert result == (2, [2, {"a": 2}], 5, "text", (3,))
    assert swath.compute([1, 2]) == ([1, 2],)
    assert swath.compute([x], traverse=False) == ([x],)
    count = Counter()
    (kept,) = swath.persist(delayed(count)())
    assert kept.compute() == kept.compute() == 1
    assert kept.key == kept.persist().key
    assert swath.optimize(x)[0].compute() == 2


def test_deep_chains_and_wide_graphs():
    x = delayed(0)
    for _ in range(20_000):
        x = delayed(inc)(x)
    assert x.compute() == 20_000
    del x
    wide = [delayed(inc)(i) for i in range(20_000)]
    assert delayed(sum)(wide).compute() == sum(range(1, 20_001))


def test_methods_of_classes():
    class A:
        @delayed
        def twice(self, x):
            return 2 * x

    assert A().twice(4).compute() == 8
    assert isinstance(A.twice, Delayed)


def test_collections_arrive_as_results():
    x = sa.arange(10, chunks=3)
    assert delayed(np.sum)(x).compute() == 45
    assert delayed(lambda d: d["x"].shape)({"x": x}).compute() == (10,)
    np.testing.assert_array_equal(delayed(x).compute(), np.arange(10))
    assert delayed(x, name="mine").key == "mine"


def test_errors_name_the_users_line():
    def broken(x):
        raise KeyError("missing thing")

    x = delayed(broken)(1)  # the line
    with pytest.raises(KeyError, match="missing thing") as caught:
        delayed(inc)(x).compute()
    notes = "\n".join(caught.value.__notes__)
    assert "test_delayed.py" in notes and "x = delayed(broken)(1)  # the line" in notes
    frames = [frame.name for frame in caught.traceback]
    assert "broken" in frames


def test_retries():
    attempts = []

    def flaky():
        attempts.append(1)
        if len(attempts) < 3:
            raise OSError("not yet")
        return "done"

    with pytest.raises(OSError, match="not yet"):
        delayed(flaky)().compute()
    attempts.clear()
    with swath.annotate(retries=5):
        x = delayed(flaky)()
    assert x.compute() == "done" and len(attempts) == 3
    attempts.clear()
    with swath.annotate(retries=lambda key: 1 if key == "one" else 5):
        x = delayed(flaky)(dask_key_name="one")
    with pytest.raises(OSError):
        x.compute()
    assert len(attempts) == 2


def test_annotations():
    assert swath.get_annotations() == {}
    with swath.annotate(priority=1), swath.annotate(retries=2, foo="x"):
        assert swath.get_annotations() == {"priority": 1, "retries": 2, "foo": "x"}
    assert swath.get_annotations() == {}
    for wrong in (
        {"priority": "high"},
        {"retries": "many"},
        {"workers": 1},
        {"resources": 5},
        {"allow_other_workers": 1},
    ):
        with pytest.raises(TypeError, match=next(iter(wrong))), swath.annotate(**wrong):
            pass


def test_rerun_exceptions_locally_and_raise_exception():
    threads = []

    def broken():
        threads.append(threading.get_ident())
        raise ValueError("always")

    with pytest.raises(ValueError, match="always"):
        delayed(broken)().compute(rerun_exceptions_locally=True)
    assert len(threads) == 2 and threads[-1] == threading.get_ident()
    seen = []
    with pytest.raises(ValueError, match="always"):
        delayed(broken)().compute(raise_exception=lambda error, traceback: seen.append(error))
    assert isinstance(seen[0], ValueError)


def test_schedulers():
    x = delayed(sum)([delayed(inc)(i) for i in range(10)])
    for name in ("threads", "threading", "sync", "synchronous", "single-threaded", "processes", "multiprocessing"):
        assert x.compute(scheduler=name) == 55
    with ThreadPoolExecutor(2) as pool:
        assert x.compute(scheduler=pool) == x.compute(pool=pool) == 55
        with swath.config.set(pool=pool):
            assert x.compute() == 55
    with ThreadPool(2) as pool:
        assert x.compute(pool=pool) == 55
    with swath.config.set(scheduler="sync"):
        assert delayed(threading.get_ident)().compute() == threading.get_ident()
    assert x.compute(num_workers=1) == 55
    for wrong in ({"scheduler": "nonsense"}, {"num_workers": 0}, {"scheduler": 5}):
        with pytest.raises(ValueError):
            x.compute(**wrong)
    for wrong in ({"get": 1}, {"nonsense": 1}):
        with pytest.raises(TypeError):
            x.compute(**wrong)


def test_a_function_as_scheduler_sees_a_graph():
    seen = {}

    def get(dsk, keys, **kwargs):
        seen.update(dsk=dsk, keys=keys, kwargs=kwargs)
        return swath.get(dsk, keys, scheduler="sync")

    x = delayed(inc)(delayed(inc)(1, dask_key_name="a"), dask_key_name="b")
    assert x.compute(scheduler=get) == 3
    assert set(seen["dsk"]) == {"a", "b"}
    y = sa.arange(10, chunks=5)
    total, z = swath.compute(y.sum(), x, scheduler=get)
    assert (int(total), z) == (45, 3)
    with swath.config.set(scheduler=get):
        seen.clear()
        assert x.compute() == 3 and seen


def test_executors_of_processes():
    with ProcessPoolExecutor(1) as pool:
        assert delayed(lambda x: x + 1)(delayed(inc)(1)).compute(scheduler=pool) == 3


def test_processes():
    import os

    offset = 5
    pid, value = swath.compute(
        delayed(os.getpid)(), delayed(lambda x: x + offset)(delayed([1, 2])[1]), scheduler="processes"
    )
    assert pid != os.getpid() and value == 7
    x = delayed(lambda **kw: kw)(a=[delayed(1)], b=Box(delayed(2)), c=slice(delayed(0), 3))
    assert x.compute(scheduler="processes") == {"a": [1], "b": Box(2), "c": slice(0, 3)}
    with pytest.raises(ZeroDivisionError):
        delayed(operator.truediv)(1, 0).compute(scheduler="processes")
    with pytest.raises(TypeError, match=r"cannot be pickled|cannot pickle"):
        delayed(inc)(threading.Lock()).compute(scheduler="processes")


def test_pickling():
    x = delayed(add)([delayed(inc)(1), 2], [delayed(5)])
    for dumps in (cloudpickle.dumps, pickle.dumps):
        y = pickle.loads(dumps(x))
        assert y.key == x.key and y.compute() == [2, 2, 5]
    pair = pickle.loads(cloudpickle.dumps(delayed(divmod, nout=2)(7, 3)))
    assert swath.compute(*pair) == (2, 1)
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(delayed(inc)(sa.ones(3)))


def test_nested_compute():
    @delayed
    def outer(n):
        return sum(swath.compute(*[delayed(inc)(i) for i in range(n)]))

    assert sum(swath.compute(*[outer(20) for _ in range(20)])) == 20 * 210


def test_large_arguments_warn():
    data = np.zeros(2_000_000)
    with pytest.warns(UserWarning, match=r"16 MB.*part of the graph") as caught:
        delayed(len)(data)
    assert caught[0].filename == __file__
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        delayed(len)(delayed(data))
        delayed(len)(data[:10])


def test_visualize(tmp_path):
    x = delayed(add)(delayed(inc)(1), delayed(inc)(2))
    picture = x.visualize(filename=str(tmp_path / "graph.svg"))
    text = (tmp_path / "graph.svg").read_text()
    assert "add" in text and "inc" in text and picture.format == "svg"


def test_await_returns_the_collection():
    import asyncio

    async def main():
        return await delayed(inc)(1)

    assert asyncio.run(main()).compute() == 2


def test_results_may_be_anything():
    values = [None, [], {}, "", 0, np.arange(3), types.SimpleNamespace(a=1), lambda x: x, Exception("value")]
    for value, result in zip(values, swath.compute(*[delayed(lambda v: v)(v) for v in values]), strict=True):
        assert result is value


def test_functions_run_at_the_same_time():
    barrier = threading.Barrier(2, timeout=20)
    assert sorted(swath.compute(*[delayed(barrier.wait)() for _ in range(2)], num_workers=2)) == [0, 1]


def test_objects_are_released():
    class Tracked:
        alive = 0

        def __init__(self):
            Tracked.alive += 1

        def __del__(self):
            Tracked.alive -= 1

    x = delayed(lambda t: 1)(delayed(Tracked)())
    assert x.compute() == 1
    del x
    deadline = time.monotonic() + 10
    while Tracked.alive and time.monotonic() < deadline:
        time.sleep(0.001)
    assert Tracked.alive == 0


tree = st.recursive(
    st.integers(-5, 5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=10,
)


def lazily(x):
    """The same value with a call for every number."""
    if isinstance(x, int):
        return delayed(lambda v: v)(x)
    if isinstance(x, dict):
        return {key: lazily(value) for key, value in x.items()}
    return type(x)(lazily(item) for item in x)


@settings(max_examples=50, deadline=None)
@given(tree)
def test_any_nesting_of_calls_is_the_nesting_of_results(x):
    assert swath.compute(lazily(x)) == (x,)
    assert delayed(lambda v: v)(lazily(x)).compute() == x


def test_a_nested_compute_is_right_and_warns_once_a_line():
    @delayed
    def outer(x):
        return delayed(abs)(x).compute() + 1

    with pytest.warns(UserWarning, match=r"compute\(\) inside a task") as seen:
        assert swath.compute(*[outer(-i) for i in range(5)]) == (1, 2, 3, 4, 5)
    assert len(seen) == 1 and seen[0].filename == "test_delayed.py"
