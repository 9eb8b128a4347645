"""Helpers on hand-written graphs and their kin, with Dask's as the oracle."""

from operator import add, mul

import dask.core
import dask.optimization
import dask.utils
import pytest
import swath.core as core
import swath.optimization as optimization
import swath.utils as utils
from swath.delayed import delayed
from swath.graph_manipulation import bind, checkpoint, clone, wait_on
from swath.highlevelgraph import HighLevelGraph
from swath.order import diagnostics, order
from swath.sizeof import sizeof

import swath


def inc(x):
    return x + 1


DSK = {"x": 1, "y": (inc, "x"), "z": (add, (inc, "x"), "y"), "w": (str, ["x", ["y", "z"]]), "v": 7}


def test_dependencies_like_dask():
    for key in DSK:
        assert core.get_dependencies(DSK, key) == set(dask.core.get_dependencies(DSK, key))
    assert core.get_deps(DSK) == dask.core.get_deps(DSK)
    assert list(core.flatten([["a", ["b"]], "c"])) == ["a", "b", "c"]
    position = {key: i for i, key in enumerate(core.toposort(DSK))}
    assert all(position[i] < position[k] for k in DSK for i in core.get_dependencies(DSK, k))
    assert core.isdag(DSK, "w") and not core.isdag({"a": (inc, "b"), "b": (inc, "a")}, "a")
    assert core.subs((inc, "x"), "x", 5) == (inc, 5)
    assert core.get({"a": core.quote((inc, 1))}, "a") == (inc, 1)
    with pytest.raises(RuntimeError, match="Cycle"):
        core.toposort({"a": (inc, "a2"), "a2": (inc, "a")})


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda m: m.cull(DSK, ["y"])[0],
        lambda m: m.cull(DSK, ["y", "v"])[0],
        lambda m: m.inline(DSK, ["y"], inline_constants=False),
        lambda m: m.inline_functions(DSK, ["w"], [inc]),
        lambda m: {
            k: v for k, v in m.fuse_linear({"a": 1, "b": (inc, "a"), "c": (inc, "b")}, rename_keys=False)[0].items()
        },
        lambda m: m.functions_of((add, (mul, 1, 2), (inc, 3))),
    ],
)
def test_optimizations_like_dask(rewrite):
    assert rewrite(optimization) == rewrite(dask.optimization)


def test_optimizations_keep_results():
    for dsk in (
        optimization.inline(DSK),
        optimization.fuse_linear(DSK, ["w"])[0],
        optimization.fuse(DSK, ["w", "y"])[0],
    ):
        assert swath.get(dsk, "w") == swath.get(DSK, "w")


def test_order_numbers_inputs_first():
    numbers = order(DSK)
    assert sorted(numbers.values()) == list(range(len(DSK)))
    assert all(numbers[i] < numbers[k] for k in DSK for i in core.get_dependencies(DSK, k))
    info, pressure = diagnostics(DSK)
    assert info["x"].age > 0 and len(pressure) == len(DSK) + 1


def test_layers():
    graph = HighLevelGraph({"a": {"x": 1}, "b": {"y": (inc, "x"), "z": 2}}, {"a": set(), "b": {"a"}})
    graph.validate()
    assert graph.to_dict() == {"x": 1, "y": (inc, "x"), "z": 2} == dict(graph)
    assert set(graph.cull({"y"})) == {"x", "y"} and set(graph.cull_layers(["a"]).layers) == {"a"}
    assert graph.get_all_dependencies()["y"] == {"x"} and graph.dependents == {"a": {"b"}, "b": set()}
    assert swath.get(graph, ["y", "z"]) == (2, 2)
    merged = HighLevelGraph.merge(graph, {"q": 5})
    assert len(merged.layers) == 3 and merged["q"] == 5
    x = delayed(inc)(1)
    over = HighLevelGraph.from_collections("top", {"t": (inc, x.key)}, dependencies=[x])
    assert swath.get(over, "t") == 3
    with pytest.raises(ValueError, match="gone"):
        HighLevelGraph({"a": {}}, {"a": {"gone"}}).validate()


def test_graph_manipulation():
    log = []

    def note(x, value=None):
        log.append(x)
        return value if value is not None else x

    first, second = delayed(note)("first"), delayed(note)("second")
    assert checkpoint(first, [second]).compute() is None and sorted(log) == ["first", "second"]
    log.clear()
    assert swath.compute(*wait_on(first, second)) == ("first", "second")
    log.clear()
    late = bind(second, first)
    assert late.key != second.key and late.compute() == "second" and log == ["first", "second"]
    log.clear()
    other = clone(delayed(note)(first, dask_key_name="n-1"))
    assert other.compute() == "first" and log == ["first", "first"]
    log.clear()
    shared = clone(
        delayed(inc)(delayed(note)(1, dask_key_name="shared")), omit=delayed(note)(1, dask_key_name="shared")
    )
    assert "shared" in shared.__dask_graph__()


@pytest.mark.parametrize("n", [0, 1, 999, 1234, 12345678, 1 << 40, 5 << 50])
def test_format_bytes_like_dask(n):
    assert utils.format_bytes(n) == dask.utils.format_bytes(n)


@pytest.mark.parametrize("text", ["100", "100 MB", "5kB", "5.4 kB", "1kiB", "1e6", "MB", 123, "1 GiB", "5 foos"])
def test_parse_bytes_like_dask(text):
    try:
        expected = dask.utils.parse_bytes(text)
    except ValueError:
        with pytest.raises(ValueError):
            utils.parse_bytes(text)
        return
    assert utils.parse_bytes(text) == expected


@pytest.mark.parametrize("text", ["3s", "3.5 seconds", "300ms", "2 h", "1 day", 5, None, "1.5 minutes"])
def test_parse_timedelta_like_dask(text):
    assert utils.parse_timedelta(text) == dask.utils.parse_timedelta(text)


@pytest.mark.parametrize(
    "key", ["x", "x-1", "x-1-2-3", ("x-2", 1), "hello-world-1", b"hello-world-1", None, "x-abcdefab"]
)
def test_key_split_like_dask(key):
    assert utils.key_split(key) == dask.utils.key_split(key)


@pytest.mark.parametrize("seconds", [0.0000012, 0.0012, 1.5, 90, 700, 10_000, 10**6])
def test_format_time_like_dask(seconds):
    assert utils.format_time(seconds) == dask.utils.format_time(seconds)


def test_small_utilities(tmp_path):
    import os
    import pickle

    import numpy as np
    import pandas as pd

    lock = utils.SerializableLock()
    with lock:
        assert pickle.loads(pickle.dumps(lock)).locked()
    assert utils.M.upper("a") == "A" and pickle.loads(pickle.dumps(utils.M.upper)) is utils.M.upper
    assert utils.apply(max, (1, 2)) == 2 and utils.has_keyword(lambda a: a, "a")
    with utils.filetext("hello") as name, open(name) as file:
        assert file.read() == "hello"
    assert not os.path.exists(name)
    with utils.tmpdir() as folder:
        assert os.path.isdir(folder)
    assert not os.path.exists(folder)
    frame = pd.DataFrame({"a": [1]})
    assert utils.is_dataframe_like(frame) and utils.is_series_like(frame.a) and utils.is_index_like(frame.index)
    assert not utils.is_series_like(frame) and not utils.is_dataframe_like(frame.a)
    assert utils.is_arraylike(np.ones(3)) and not utils.is_arraylike([1])
    assert utils.natural_sort_key("f10") == ["f", 10, ""]
    assert len(utils.random_state_data(3, 1)) == 3
    with pytest.raises(RuntimeError, match="please"):
        utils.import_required("no_such_module_at_all", "please install it")
    assert sizeof(np.ones(1000)) == 8000 and sizeof([1] * 1000) > 8000 and sizeof(b"x" * 1000) >= 1000


def test_timeseries():
    df = swath.datasets.timeseries(end="2000-01-04", freq="1h", seed=5)
    frame = df.compute()
    assert frame.shape == (72, 4) and df.npartitions == 3
    assert frame.index.is_monotonic_increasing and frame.x.between(-1, 1).all()
    assert frame.equals(swath.datasets.timeseries(end="2000-01-04", freq="1h", seed=5).compute())
    with pytest.raises(ValueError, match="accepted"):
        swath.datasets.timeseries(dtypes={"a": bytes})
