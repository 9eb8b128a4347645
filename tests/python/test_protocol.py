"""Collections of Dask on Swath and collections of Swath on Dask."""

import operator

import dask
import dask.array as da
import dask.bag as db
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
import swath.array as sa
import swath.dataframe as sd
from swath.delayed import delayed

import swath


def inc(x):
    return x + 1


def test_swath_computes_dask():
    frame = pd.DataFrame({"a": [1, 2, 3, 4], "b": list("xyxy")})
    ddf = dd.from_pandas(frame, npartitions=2)
    x = da.arange(12, chunks=5).reshape(3, 4)
    results = swath.compute(dask.delayed(inc)(1), x + 1, x.sum(), {"bag": db.from_sequence([1, 2, 3]).map(inc)}, ddf)
    assert results[0] == 2
    np.testing.assert_array_equal(results[1], np.arange(12).reshape(3, 4) + 1)
    assert results[2] == 66
    assert results[3] == {"bag": [2, 3, 4]}
    pd.testing.assert_frame_equal(results[4], frame, check_dtype=False)
    assert swath.compute(ddf.a.sum(), scheduler="sync") == (10,)


def test_dask_inside_delayed_calls():
    x = da.ones((4, 4), chunks=2)
    assert delayed(np.sum)(x).compute() == 16
    assert delayed(lambda parts: parts["d"])({"d": dask.delayed(inc)(delayed(1).compute())}).compute() == 2
    assert delayed(x).sum().compute() == 16


def test_persist_of_dask():
    (x,) = swath.persist(da.ones(4, chunks=2) + 1)
    assert isinstance(x, da.Array)
    np.testing.assert_array_equal(x.compute(), [2, 2, 2, 2])


class Own:
    """A collection as the documentation of Dask describes it."""

    def __init__(self, dsk, keys):
        self.dsk, self.keys = dsk, keys

    def __dask_graph__(self):
        return self.dsk

    def __dask_keys__(self):
        return self.keys

    def __dask_postcompute__(self):
        return tuple, ()

    def __dask_postpersist__(self):
        return Own, (self.keys,)

    def __dask_tokenize__(self):
        return tuple(self.keys)

    @staticmethod
    def __dask_optimize__(dsk, keys, **kwargs):
        return {**dsk, "extra": 5}


def test_collections_of_others():
    x = Own({"a": 1, "b": (inc, "a"), "c": (operator.add, "b", "extra")}, ["a", "c"])
    assert swath.is_dask_collection(x) and not swath.is_swath_collection(x)
    assert swath.compute(x, 3) == ((1, 7), 3)
    assert delayed(sum)(x).compute() == 8
    assert swath.persist(x)[0].dsk == {"a": 1, "c": 7}
    assert not swath.is_dask_collection(Own) and not swath.is_dask_collection(5)


def test_dask_computes_delayed():
    x = delayed(inc)(delayed(inc)(1, dask_key_name="first"), dask_key_name="second")
    assert dask.is_dask_collection(x)
    assert dask.compute(x, [x]) == (3, [3])
    assert dask.compute(x, scheduler="threads") == dask.compute(x, scheduler="sync") == (3,)
    assert dask.delayed(operator.add)(x, 1).compute() == 4
    assert dask.compute(dask.delayed(inc)(x), x, scheduler="threads") == (4, 3)
    assert dask.persist(x)[0].compute() == 3
    assert dask.optimize(x)[0].compute() == 3
    assert set(dict(x.dask)) == {"first", "second"}
    assert dask.base.tokenize(x) == dask.base.tokenize(x)


def test_delayed_shows_its_graph():
    x = delayed(inc)(delayed(inc)(1, dask_key_name="a"), dask_key_name="b")
    dsk = x.__dask_graph__()
    assert set(dsk) == {"a", "b"} and dsk["b"][1:] == ("a",)
    assert dsk["b"][0](5) == 6 and dsk["a"][0]() == 2
    assert x.__dask_keys__() == ["b"] and x.__dask_layers__() == ("b",) and x.__dask_tokenize__() == "b"
    assert "b" in x.dask and len(x.dask) == 2 and x.dask.layers.keys() == {"b"}
    dsk["unused"] = 1
    assert set(x.__dask_optimize__(dsk, ["b"])) == {"a", "b"}
    assert x.__dask_scheduler__(dsk, ["b"]) == (3,)


def test_arrays_and_frames_as_graphs_for_dask():
    x = sa.arange(100, chunks=10)
    y = ((x + 1) * 2).sum()
    assert not hasattr(y, "__dask_graph__")  # xarray would take it for Dask's
    dsk, keys = swath.to_dask_graph(y)
    assert len(dsk) > 1  # one callable a task, not one for all
    assert int(swath.base.finish_dask_results(y, dask.get(dsk, keys))) == 10100
    for get in (dask.get, dask.threaded.get, swath.threaded.get):
        assert int(y.compute(scheduler=get)) == 10100
        np.testing.assert_array_equal((x[::7] * 2).compute(scheduler=get), np.arange(0, 100, 7) * 2)
    frame = pd.DataFrame({"a": [1, 2, 3, 4], "b": [1.0, 2.0, 3.0, 4.0]})
    lazy = sd.from_pandas(frame, npartitions=2)
    pd.testing.assert_frame_equal(lazy[lazy.a > 1].compute(scheduler=dask.get), frame[frame.a > 1])
    mixed = delayed(lambda a, b: (int(a.sum()), b))(x, y)
    assert mixed.compute(scheduler=dask.get)[0] == 4950
    assert dask.compute(mixed)[0][0] == 4950


def test_values_that_look_like_keys_or_tasks_stay_values():
    x = delayed(lambda *args: args)(delayed("a", name="b"), delayed("b", name="a"), delayed((inc, 1), traverse=False))
    assert x.compute(scheduler=dask.get) == x.compute() == ("a", "b", (inc, 1))


@pytest.mark.parametrize("optimize_graph", [True, False])
def test_graph_without_optimizer(optimize_graph):
    x = sa.ones((6, 6), chunks=3)
    total, y = swath.compute((x + x.T).sum(), delayed(inc)(1), scheduler=dask.get, optimize_graph=optimize_graph)
    assert (float(total), y) == (72.0, 2)


def test_unpack_and_repack():
    a, x = delayed(1), da.ones(2)
    collections, repack = swath.base.unpack_collections([a, {"x": x}], 5, a)
    assert collections[0] is a and collections[1] is x and len(collections) == 3
    assert repack(["A", "X", "A2"]) == (["A", {"x": "X"}], 5, "A2")


def test_helpers_for_authors():
    base = swath.base
    assert base.get_scheduler(scheduler="sync") is base.named_schedulers["single-threaded"]
    assert base.get_scheduler(collections=[sa.ones(3)]) is base.named_schedulers["threads"]
    assert base.get_scheduler() is base.named_schedulers["threads"]  # the setting has a default
    assert base.get_scheduler(scheduler=len) is len
    with pytest.raises(ValueError):
        base.get_scheduler(scheduler="nonsense")
    assert sorted(base.named_schedulers) == sorted(dask.base.named_schedulers)
    assert base.compute_as_if_collection(Own, {"a": (inc, "extra")}, ["a"]) == (6,)
    assert base.get_collection_names(delayed(1, name="one")) == {"one"}
    assert base.get_name_from_key(("x", 1)) == "x"
    assert base.replace_name_in_key(("x", 1), {"x": "y"}) == ("y", 1)
    clone = base.clone_key(("sum-cbb1eca3bafafbb3e8b2419c4eebb387", 4), 1)
    assert clone[0].startswith("sum-") and clone == base.clone_key(("sum-cbb1eca3bafafbb3e8b2419c4eebb387", 4), 1)
    for wrong in (5, (1, 2), ()):
        with pytest.raises(TypeError):
            base.get_name_from_key(wrong)
    x = delayed(1)
    assert base.wait(x) is x
    assert swath.istask((inc, 1)) and not swath.istask((1, 2))
