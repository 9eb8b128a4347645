"""Python functions in child processes: what comes back is what plain Python gives; what travels is not copied twice."""

import os
import pathlib
import threading

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from swath.delayed import delayed

import swath


def compute(function, *args, **kwargs):
    return delayed(function)(*args, **kwargs).compute(scheduler="processes")


def inc(x):
    return x + 1


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __eq__(self, other):
        return (self.x, self.y) == (other.x, other.y)


def test_functions_run_in_other_processes_which_are_reused():
    calls = [delayed(lambda i: os.getpid())(i) for i in range(20)]
    pids = set(swath.compute(*calls, scheduler="processes"))
    assert os.getpid() not in pids
    assert 1 <= len(pids) <= os.cpu_count()
    again = set(swath.compute(*calls, scheduler="processes"))
    assert again & pids


def test_many_calls_on_two_children():
    with swath.config.set(num_workers=2):
        calls = [delayed(inc)(i) for i in range(200)]
        assert swath.compute(*calls, scheduler="processes") == tuple(range(1, 201))


def test_lambdas_closures_and_methods():
    factor = 7
    assert compute(lambda x: x * factor, 6) == 42
    assert compute("abc".upper) == "ABC"
    assert compute(Point, 1, y=2) == Point(1, 2)


OBJECTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
    max_leaves=8,
)


@given(OBJECTS)
def test_objects_come_back_equal(value):
    assert compute(lambda x: [x], value) == [value]


@pytest.mark.parametrize(
    "array",
    [
        np.arange(5),
        np.float32(3.5),
        np.array(7),
        np.zeros((0, 3)),
        np.arange(100_000.0).reshape(100, 1000),
        np.asfortranarray(np.arange(60_000).reshape(200, 300)),
        np.arange(30_000)[::-3],
        np.array(["a", "béta", ""]),
        np.array(["2020-01-01", "NaT"], "M8[s]"),
        np.array([1, None, "x"], object),
        np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]),
        np.arange(5, dtype=">i4"),
        np.ma.masked_array([1, 2, 3], [True, False, False]),
        np.longdouble([1.5]),
        np.array([b"ab", b"c"]),
        np.float16([1, 2]),
    ],
    ids=lambda array: f"{type(array).__name__}-{array.dtype}-{array.shape}",
)
def test_arrays_of_all_kinds(array):
    result = compute(lambda x: x.copy(), array)
    assert type(result) is type(array)
    assert result.dtype == array.dtype and result.shape == array.shape
    np.testing.assert_array_equal(result, array)


def test_tables_and_frames():
    frame = pd.DataFrame({"a": range(50_000), "b": np.random.rand(50_000), "c": ["x", "y"] * 25_000})
    pd.testing.assert_frame_equal(compute(lambda f: f[f.a % 2 == 0], frame), frame[frame.a % 2 == 0])
    table = pa.table({"a": list(range(40_000)), "d": pa.array(["p", "q"] * 20_000).dictionary_encode()})
    assert compute(lambda t: t.slice(10, 30_000), table).equals(table.slice(10, 30_000))


def test_large_results_go_to_the_next_call_as_read_only_views():
    def look(x):
        return x.flags.owndata, x.flags.writeable, float(x[-1])

    made = delayed(lambda: np.arange(3_000_000.0))()
    assert delayed(look)(made).compute(scheduler="processes") == (False, False, 2_999_999.0)


def test_what_the_user_changes_is_seen():
    array = np.zeros(100_000)
    call = delayed(lambda x: float(x[0]), pure=False)
    assert call(array).compute(scheduler="processes") == 0
    array[0] = 5
    assert call(array).compute(scheduler="processes") == 5


def test_printed_lines_appear_here(capfd):
    def prints():
        import sys

        print("to out")
        print("to err", file=sys.stderr)
        print("unfinished", end="")
        return os.system("echo from a grandchild")

    assert compute(prints) == 0
    out, err = capfd.readouterr()
    assert "to out\n" in out and "unfinished" in out and "from a grandchild\n" in out
    assert "to err\n" in err


def test_modules_of_this_process_are_found(tmp_path, monkeypatch, run_python):
    (tmp_path / "mine.py").write_text("def f(x):\n    return x * 2\n")
    code = "import mine, swath.delayed as d\nprint(d.delayed(mine.f)(21).compute(scheduler='processes'))"
    assert run_python(code, PYTHONPATH=str(tmp_path)) == "42\n"


def test_several_threads_compute_at_once():
    results = {}

    def run(i):
        calls = [delayed(inc)(100 * i + k) for k in range(20)]
        results[i] = swath.compute(*calls, scheduler="processes")

    threads = [threading.Thread(target=run, args=(i,)) for i in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {i: tuple(100 * i + k + 1 for k in range(20)) for i in range(5)}


CHILDREN = """
import os
import swath.delayed as d
def pid(x): return os.getpid()
"""


def test_children_end_with_the_program(run_python):
    code = CHILDREN + "print(d.delayed(pid)(1).compute(scheduler='processes'))"
    assert not pathlib.Path(f"/proc/{int(run_python(code))}").exists()


def test_a_forked_process_has_children_of_its_own(run_python):
    code = (
        CHILDREN
        + """
before = d.delayed(pid)(1).compute(scheduler="processes")
forked = os.fork()
after = d.delayed(pid)(2).compute(scheduler="processes")
if forked == 0:
    os._exit(after == before)
assert os.waitpid(forked, 0)[1] == 0
print("good")
"""
    )
    assert run_python(code) == "good\n"
