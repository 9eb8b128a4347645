"""Hand-written graphs: every scheduler answers what Dask answers."""

from collections import namedtuple
from operator import add, mul

import dask
import pytest
import swath.local
import swath.multiprocessing
import swath.threaded
from dask import _task_spec as dask_spec
from hypothesis import given, settings
from hypothesis import strategies as st

import swath
from swath import task_spec


def inc(x):
    return x + 1


def collect(*args, **kwargs):
    return args, kwargs


GETS = [swath.get, swath.threaded.get, swath.local.get_sync, swath.multiprocessing.get]
Point = namedtuple("Point", "x y")


def broken(x):
    raise LookupError(f"broken by {x}")


@pytest.mark.parametrize("get", GETS, ids=["get", "threaded", "sync", "processes"])
def test_tasks_keys_and_values(get):
    dsk = {
        "x": 1,
        "y": (inc, "x"),
        "z": (add, "x", (mul, 10, "y")),
        ("w", 0): (sum, ["x", "y", ["z"][0], 5]),
        "alias": "z",
    }
    assert get(dsk, "z") == 21
    assert get(dsk, ["x", ["y", [("w", 0), "alias"]], "x"]) == (1, (2, (29, 21)), 1)
    assert get(dsk, []) == ()


GRAPHS = [
    {"a": 1, "b": "a", "c": "b"},
    {"a": [1, 2], "b": (collect, ["a", ["a", 3]], "text", None)},
    {"a": (list, (range, 3)), "b": (collect, "a", ("a", 1), {"k": "a"})},
    {1: (inc, 5), 2.5: (inc, 1), b"k": (inc, 2.5), ("t", 1): (add, 1, 2.5), "b": (collect, 1, [2.5], ("t", 1))},
    {"a": 1, "b": (collect, {"a"}, Point("a", 2), (1, "a"))},
    {"a": None, "b": (collect, "a", "missing", 7)},
    {"a": ["x", "b"], "x": 3, "b": (inc, "x")},
    {"f": 1, "b": (collect, (inc, (inc, (inc, "f"))), [[[(inc, "f")]]])},
    {"b": (collect,)},
    {"a": (), "b": (collect, (), [], {})},
]


@pytest.mark.parametrize("dsk", GRAPHS)
def test_graphs_mean_what_they_mean_to_dask(dsk):
    keys = list(dsk)
    assert swath.get(dsk, keys) == dask.get(dsk, keys)


@pytest.mark.parametrize("spec", [task_spec, dask_spec], ids=["ours", "dask"])
def test_task_objects(spec):
    ref = spec.TaskRef
    dsk = {
        "x": spec.DataNode("x", 3),
        "y": spec.Task("y", add, ref("x"), 4),
        "z": spec.Alias("z", "y"),
        "list": spec.Task("list", collect, spec.List(ref("x"), [ref("y"), "x"]), k=ref("z")),
        "inner": spec.Task("inner", inc, spec.Task(None, mul, ref("y"), 10)),
        "text": spec.Task("text", collect, "x"),
        "old": (add, "y", 1),
    }
    expected = (3, 7, 7, (([3, [7, "x"]],), {"k": 7}), 71, (("x",), {}), 8)
    if spec is dask_spec:
        expected = dask.get(dsk, list(dsk))
    assert swath.get(dsk, list(dsk)) == expected


def test_task_objects_by_themselves():
    t = task_spec.Task("y", add, task_spec.TaskRef("x"), [1])
    assert t.dependencies == {"x"}
    assert t({"x": [0]}) == [0, 1]
    assert t.substitute({"x": "z"}, key="k")({"z": []}) == [1]
    assert task_spec.Dict({"a": task_spec.TaskRef("x")})({"x": 5}) == {"a": 5}
    assert task_spec.Set(task_spec.TaskRef("x"), 2)({"x": 5}) == {2, 5}
    assert task_spec.Tuple(task_spec.TaskRef("x"), 2)({"x": 5}) == (5, 2)
    assert task_spec.Alias("a", "b").dependencies == {"b"}
    assert task_spec.convert_legacy_graph({"x": 1, "y": (add, "x", 2)})["y"]({"x": 1}) == 3


def test_missing_keys_and_cycles():
    with pytest.raises(KeyError, match="nothing"):
        swath.get({"a": 1}, "nothing")
    with pytest.raises(KeyError, match="gone"):
        swath.get({"a": task_spec.Task("a", inc, task_spec.TaskRef("gone"))}, "a")
    with pytest.raises(RuntimeError, match=r"cycle: 'a' -> 'b' -> 'c' -> 'a'"):
        swath.get({"a": (inc, "b"), "b": (inc, "c"), "c": (inc, "a"), "d": (inc, "a")}, "d")
    with pytest.raises(RuntimeError, match="cycle"):
        swath.get({"a": (inc, "a")}, "a")
    assert swath.get({"a": 1, "b": (inc, "b")}, "a") == 1  # what nobody needs is not read


@pytest.mark.parametrize("get", GETS, ids=["get", "threaded", "sync", "processes"])
def test_exceptions(get):
    with pytest.raises(LookupError, match="broken by 2"):
        get({"x": (inc, 1), "y": (broken, "x"), "z": (inc, "y")}, "z")


def test_keywords():
    dsk = {"x": 1, "y": (inc, "x")}
    assert swath.threaded.get(dsk, "y", num_workers=1) == 2
    with pytest.raises(TypeError, match="nonsense"):
        swath.get(dsk, "y", nonsense=1)
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(2) as pool:
        assert swath.threaded.get(dsk, "y", pool=pool) == 2
        assert swath.local.get_async(pool.submit, 2, dsk, ["y", ["x"]]) == (2, (1,))


def test_large_graphs():
    n = 30_000
    chain = {0: 0} | {i: (inc, i - 1) for i in range(1, n)}
    assert swath.get(chain, n - 1) == n - 1
    tree = {("leaf", i): (inc, i) for i in range(n)} | {"sum": (sum, [("leaf", i) for i in range(n)])}
    assert swath.get(tree, "sum") == n * (n + 1) // 2


nodes = st.integers(2, 12).flatmap(
    lambda n: st.tuples(*[st.lists(st.integers(0, i - 1), max_size=3) if i else st.just([]) for i in range(n)])
)


@settings(max_examples=60, deadline=None)
@given(nodes, st.booleans())
def test_random_graphs_against_dask(edges, nested):
    dsk = {}
    for i, inputs in enumerate(edges):
        names = [f"k{j}" for j in inputs]
        dsk[f"k{i}"] = (sum, [1, *names]) if nested else (collect, *names, i)
    assert swath.get(dsk, list(dsk)) == dask.get(dsk, list(dsk))
