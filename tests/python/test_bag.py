"""Bags against Dask's and plain Python: names, arguments, defaults, results."""

import functools
import itertools
import math
import operator
import os
import pickle
import random
import warnings

import cloudpickle
import dask
import dask.bag as dask_bag
import pytest
import swath.bag as db
from hypothesis import given
from hypothesis import strategies as st

import swath


def even(x):
    return x % 2 == 0


def opaque(x):
    return int(f"{x}") + 1


def add(x, y):
    return x + y


def results(build, items, npartitions):
    """What ``build`` makes of both libraries' bags."""
    ours = build(db.from_sequence(items, npartitions=npartitions), db)
    theirs = build(dask_bag.from_sequence(items, npartitions=npartitions), dask_bag)
    theirs = theirs.compute(scheduler="sync")
    return ours.compute(), theirs


ELEMENTWISE = {
    "map": lambda b, m: b.map(lambda x: x * 2),
    "map opaque": lambda b, m: b.map(opaque).map(lambda x: x if x else 5).map(opaque),
    "map constant": lambda b, m: b.map(add, 10),
    "map keyword": lambda b, m: b.map(add, y=10),
    "map item": lambda b, m: b.map(add, b.max()),
    "map keyword item": lambda b, m: b.map(add, y=b.sum()),
    "map bags": lambda b, m: b.map(add, b.map(opaque)),
    "map keyword bag": lambda b, m: b.map(add, y=b.map(lambda x: x - 1)),
    "map function": lambda b, m: m.map(add, 1, b),
    "map iterators": lambda b, m: m.concat([b, b]).map(lambda x: iter([x, x])),
    "filter": lambda b, m: b.filter(even).map(opaque),
    "filter opaque": lambda b, m: b.filter(lambda x: x in (1, 2, 3)),
    "remove": lambda b, m: b.remove(even),
    "remove opaque": lambda b, m: b.remove(lambda x: not x),
    "partitions": lambda b, m: b.map_partitions(lambda part: [sum(part)]),
    "partitions scalars": lambda b, m: b.map_partitions(sum),
    "partitions keyword": lambda b, m: b.map_partitions(lambda part, low: [x for x in part if x > low], low=1),
    "partitions item": lambda b, m: b.map_partitions(lambda part, low: [x - low for x in part], b.min()),
    "partitions bags": lambda b, m: b.map_partitions(lambda p, q: zip(p, q, strict=True), b.map(opaque)),
    "partitions generator": lambda b, m: b.map(opaque).map_partitions(lambda part: (x + 1 for x in part)),
    "flatten": lambda b, m: b.map(lambda x: [x, x]).flatten(),
    "starmap": lambda b, m: b.map(lambda x: (x, x + 1)).starmap(add),
    "starmap item": lambda b, m: b.map(lambda x: (x,)).starmap(add, y=b.max()),
    "zip": lambda b, m: m.zip(b, b.map(opaque), b.map(even)),
    "product": lambda b, m: b.product(b.filter(even)),
    "concat": lambda b, m: m.concat([b, b.map(opaque), b.filter(even)]),
    "accumulate": lambda b, m: b.accumulate(add),
    "accumulate initial": lambda b, m: b.accumulate(add, initial=-1),
    "join": lambda b, m: b.join([1, 2, 2, 30], on_self=lambda x: x % 10),
    "join keys": lambda b, m: b.map(lambda x: (x, x)).join([[2, "a"], [1, "b"]], 0),
    "join bag": lambda b, m: b.join(m.from_sequence([1, 2, 3], npartitions=1), even, lambda x: x > 1),
    "repartition fewer": lambda b, m: b.repartition(npartitions=2),
    "repartition more": lambda b, m: b.repartition(npartitions=7),
}  # fmt: skip


@pytest.mark.parametrize("name", ELEMENTWISE)
@pytest.mark.parametrize(("count", "npartitions"), [(10, 3), (3, 1), (23, 5)])
def test_elementwise(name, count, npartitions):
    ours, theirs = results(ELEMENTWISE[name], list(range(count)), npartitions)
    assert ours == theirs


REDUCTIONS = {
    "sum": lambda b: b.sum(),
    "sum tree": lambda b: b.sum(split_every=2),
    "min": lambda b: b.min(),
    "max": lambda b: b.map(opaque).max(split_every=2),
    "any": lambda b: b.map(lambda x: x > 5).any(),
    "all": lambda b: b.all(),
    "count": lambda b: b.filter(even).count(),
    "mean": lambda b: b.mean(),
    "fold": lambda b: b.fold(add),
    "fold opaque": lambda b: b.fold(lambda a, x: a + x if x else a),
    "fold initial": lambda b: b.fold(add, initial=10),
    "fold set": lambda b: b.fold(lambda acc, x: acc | {x}, set.union, initial=set()),
    "reduction": lambda b: b.reduction(sum, max, split_every=2),
    "reduction list": lambda b: b.reduction(sorted, lambda parts: sorted(itertools.chain(*parts))),
    "apply": lambda b: b.sum().apply(lambda x: x * 2),
}  # fmt: skip


@pytest.mark.parametrize("name", REDUCTIONS)
@pytest.mark.parametrize(("count", "npartitions"), [(10, 3), (3, 1), (40, 20)])
def test_reductions(name, count, npartitions):
    ours, theirs = results(lambda b, m: REDUCTIONS[name](b), list(range(count)), npartitions)
    assert ours == theirs
    assert type(ours) is type(theirs)


@given(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=30), st.integers(1, 4), st.integers(0, 1))
def test_variance(items, npartitions, ddof):
    import statistics

    bag = db.from_sequence(items, npartitions=npartitions)
    exact = statistics.variance(items) if ddof else statistics.pvariance(items)
    for made in (bag, bag.map_partitions(list)):
        assert made.var(ddof=ddof).compute() == pytest.approx(exact, rel=1e-9, abs=1e-6)
        assert made.std(ddof=ddof).compute() == pytest.approx(math.sqrt(exact), rel=1e-6, abs=1e-3)


TO_BAGS = {
    "frequencies": lambda b: b.map(lambda x: x % 3).frequencies(),
    "frequencies sorted": lambda b: b.map(lambda x: x % 3).frequencies(sort=True),
    "topk": lambda b: b.topk(4),
    "topk key": lambda b: b.topk(3, key=lambda x: -x),
    "topk opaque": lambda b: b.topk(3, key=lambda x: -x if x > 2 else x, split_every=2),
    "topk index": lambda b: b.map(lambda x: (x % 3, x)).topk(3, 0),
    "topk unpacked": lambda b: b.map(lambda x: (x, -x)).topk(3, key=lambda a, b: b),
    "distinct": lambda b: b.map(lambda x: x % 4).distinct(),
    "distinct key": lambda b: b.distinct(key=lambda x: x % 4),
    "distinct name": lambda b: b.map(lambda x: {"k": x % 4, "x": x}).distinct("k"),
    "foldby": lambda b: b.foldby(even, add),
    "foldby initial": lambda b: b.foldby(even, add, 0, add, 0),
    "foldby other initial": lambda b: b.foldby(lambda x: x % 3, add, 5, add, 7, split_every=2),
    "foldby opaque": lambda b: b.foldby(lambda x: x > 3 and x, lambda a, x: max(a, x, 5), 1, max),
    "foldby key": lambda b: b.map(lambda x: {"k": x % 3, "x": x}).foldby("k", lambda a, r: a + r["x"], 0, add),
    "foldby callable": lambda b: b.foldby(even, lambda acc, x: [*acc, x], list, add),
}  # fmt: skip


@pytest.mark.parametrize("name", TO_BAGS)
@pytest.mark.parametrize(("count", "npartitions"), [(10, 3), (4, 1), (40, 20)])
def test_reductions_to_bags(name, count, npartitions):
    ours, theirs = results(lambda b, m: TO_BAGS[name](b), list(range(count)), npartitions)
    assert ours == theirs


keys = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(allow_nan=False) | st.text(max_size=2)
keys = keys | st.tuples(keys, keys) | st.integers(2**70, 2**70 + 2) | st.dates() | st.decimals(-2, 2, places=1)


@given(st.lists(st.tuples(keys, st.integers()), max_size=20), st.integers(1, 5), st.sampled_from(["disk", "tasks"]))
def test_groupby_is_that_of_a_dict(pairs, npartitions, shuffle):
    expected = {}
    for pair in pairs:
        expected.setdefault(pair[0], []).append(pair)
    bag = db.from_sequence(pairs, npartitions=npartitions)
    for grouper in (0, lambda p: p[0], lambda p: p[0] or p[0]):
        made = bag.groupby(grouper, shuffle=shuffle).compute()
        assert len(made) == len(expected)
        assert dict(made) == expected


def test_groupby_arguments():
    bag = db.from_sequence(range(100), npartitions=10)
    made = bag.groupby(lambda x: x, npartitions=4)
    assert made.npartitions == 4
    assert sorted(made.compute()) == [(i, [i]) for i in range(100)]
    with pytest.raises(NotImplementedError):
        bag.groupby(even, shuffle="p2p")
    with pytest.raises(Exception, match="shuffle="):
        bag.groupby(even, method="disk")
    with pytest.raises(TypeError):
        db.from_sequence([[1], [2]]).groupby(lambda x: x).compute()


@given(st.lists(st.integers(-5, 5), max_size=30), st.integers(1, 6))
def test_properties_of_counts(items, npartitions):
    bag = db.from_sequence(items, npartitions=npartitions)
    for made in (bag, bag.map(lambda x: x if x else 0)):
        assert made.compute() == items
        assert list(made) == items
        assert made.count().compute() == len(items)
        assert dict(made.frequencies().compute()) == {x: items.count(x) for x in items}
        assert made.distinct().compute() == list(dict.fromkeys(items))
        assert made.topk(5).compute() == sorted(items, reverse=True)[:5]
        assert made.take(3, npartitions=-1, warn=False) == tuple(items[:3])
        assert made.accumulate(add, 0).compute() == list(itertools.accumulate(items, initial=0))


def test_pluck_and_unzip():
    bag = db.from_sequence([{"a": 1, "b": [1, 2]}, {"a": 3}], npartitions=1)
    assert bag.pluck("a").compute() == [1, 3]
    assert bag.pluck("b", 0).compute() == [[1, 2], 0]
    assert bag.pluck(["a", "b"], None).compute() == [(1, [1, 2]), (3, None)]
    with pytest.raises(KeyError):
        bag.pluck("b").compute()
    pairs = db.from_sequence([(1, "a"), (2, "b")], npartitions=1)
    assert [b.compute() for b in pairs.unzip(2)] == [[1, 2], ["a", "b"]]
    assert pairs.pluck([1, 0]).compute() == [("a", 1), ("b", 2)]
    assert pairs.pluck(5, "none").compute() == ["none", "none"]
    assert db.from_sequence([5]).pluck(0, "none").compute() == ["none"]
    assert db.from_sequence([{}]).pluck("b", [1]).compute() == [[1]]


def test_strings():
    bag = db.from_sequence(["Alice Smith", "Bob Jones", "Charlie Smith"])
    assert bag.str.lower().compute() == ["alice smith", "bob jones", "charlie smith"]
    assert bag.str.split(" ").pluck(0).compute() == ["Alice", "Bob", "Charlie"]
    assert bag.str.split(sep=" ", maxsplit=1).compute() == [s.split(" ", 1) for s in bag]
    assert bag.str.center(20, "*").compute() == [s.center(20, "*") for s in bag]
    assert bag.str.match("*Smith").compute() == ["Alice Smith", "Charlie Smith"]
    assert "upper" in dir(bag.str)
    assert "match" in dir(bag.str)
    with pytest.raises(AttributeError):
        bag.str.sfohsofhf  # noqa: B018


def test_take():
    bag = db.from_sequence(range(6), npartitions=3)
    assert bag.take(2) == (0, 1)
    assert bag.take(5, npartitions=-1) == (0, 1, 2, 3, 4)
    with pytest.warns(UserWarning, match="3 elements requested, only 2 elements available"):
        assert bag.take(3) == (0, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert bag.take(3, warn=False) == (0, 1)
    lazy = bag.take(3, npartitions=2, compute=False)
    assert isinstance(lazy, db.Bag)
    assert lazy.compute() == [0, 1, 2]
    with pytest.warns(UserWarning, match="Insufficient"):
        assert bag.take(9, npartitions=-1, compute=False).compute(scheduler="sync") == [0, 1, 2, 3, 4, 5]
    with pytest.raises(ValueError, match="only 3 partitions, take received 5"):
        bag.take(1, npartitions=5)
    with pytest.raises(ValueError):
        bag.take(-1)


def test_take_computes_what_it_needs():
    seen = []

    def note(x):
        seen.append(x)
        return x

    with swath.config.set(scheduler="sync"):
        assert db.from_sequence(range(100), npartitions=10).map(note).take(2) == (0, 1)
    assert max(seen) < 10


def test_multiple_bags_must_be_aligned():
    a, b = db.from_sequence(range(4), npartitions=2), db.from_sequence(range(4), npartitions=4)
    with pytest.raises(ValueError, match="same number of partitions"):
        db.map(add, a, b)
    with pytest.raises(ValueError, match="At least one argument"):
        db.map(add, 1, 2)
    with pytest.raises(ValueError, match="identically partitioned"):
        a.map(add, db.from_sequence(range(3), npartitions=2)).compute()
    assert db.zip(a, db.from_sequence(range(3), npartitions=2)).compute() == [(0, 0), (1, 1), (2, 2)]


def test_random_samples():
    bag = db.from_sequence(range(1000), npartitions=4)
    made = bag.random_sample(0.3, random_state=5)
    assert made.compute() == made.compute() == bag.random_sample(0.3, 5).compute()
    assert made.compute() != bag.random_sample(0.3, 6).compute()
    assert made.compute() == bag.map_partitions(iter).random_sample(0.3, 5).compute()  # native and Python: one sample
    assert 200 < len(made.compute()) < 400
    assert bag.random_sample(0.3, random.Random(5)).compute() == made.compute()
    assert bag.random_sample(0).compute() == []
    assert bag.random_sample(1).compute() == list(range(1000))
    with pytest.raises(ValueError, match="interval"):
        bag.random_sample(1.1)


def test_random_choices():
    bag = db.from_sequence(range(20), npartitions=3)
    found = db.random.sample(bag, 8).compute()
    assert len(set(found)) == 8
    assert set(found) <= set(range(20))
    assert sorted(db.random.sample(bag, 20).compute()) == list(range(20))
    assert len(db.random.choices(bag, 50).compute()) == 50
    with pytest.raises(ValueError, match="Sample larger than population"):
        db.random.sample(bag, 21).compute()
    with pytest.raises(ValueError, match="negative"):
        db.random.sample(bag, -1)
    counts = [0] * 10
    for _ in range(200):
        for x in db.random.sample(db.from_sequence(range(10), npartitions=3), 5).compute():
            counts[x] += 1
    assert all(50 < n < 150 for n in counts)  # each is expected 100 times, with a deviation of 7


def test_sequences_and_ranges():
    for count, kwargs in ((5, {}), (250, {}), (250, {"npartitions": 7}), (10, {"partition_size": 3}), (0, {})):
        ours, theirs = db.from_sequence(range(count), **kwargs), dask_bag.from_sequence(range(count), **kwargs)
        assert ours.npartitions == theirs.npartitions
        assert swath.compute(*ours.to_delayed()) == dask.compute(*theirs.to_delayed())
    for n, npartitions in ((100, 10), (11, 3), (20, 5)):
        ours, theirs = db.range(n, npartitions), dask_bag.range(n, npartitions)
        assert swath.compute(*ours.to_delayed()) == tuple(map(list, dask.compute(*theirs.to_delayed())))
    assert db.from_sequence(iter("abc")).compute() == ["a", "b", "c"]


def test_delayed_both_ways():
    parts = [swath.delayed(list)(range(n)) for n in (2, 0, 3)]
    bag = db.from_delayed(parts)
    assert bag.npartitions == 3
    assert bag.map(opaque).compute() == [1, 2, 1, 2, 3]
    assert db.from_delayed(parts[2]).compute() == [0, 1, 2]
    one_shot = db.from_delayed([swath.delayed(lambda: iter([1, 2]))()])
    assert swath.compute(one_shot, one_shot.count(), one_shot.sum()) == ([1, 2], 2, 3)
    assert swath.compute(*bag.map(opaque).to_delayed()) == ([1, 2], [], [1, 2, 3])
    whole = db.from_sequence(range(4), npartitions=2).map_partitions(sum)
    assert swath.compute(*whole.to_delayed()) == (1, 5)
    assert swath.delayed(len)(bag).compute() == 5
    item = bag.sum()
    assert item.to_delayed().compute() == 4
    assert db.Item.from_delayed(swath.delayed(add)(1, 2)).apply(lambda x: x + 1).compute() == 4
    with pytest.raises(TypeError, match="from_delayed"):
        db.from_delayed([1])


def test_items():
    item = db.from_sequence([1, 2, 3]).sum()
    assert (int(item), float(item), complex(item), bool(item)) == (6, 6.0, 6 + 0j, True)
    assert item.key == item.name
    assert item.key != db.from_sequence([1, 2, 4]).sum().key
    assert item.persist().compute() == 6
    assert pickle.loads(pickle.dumps(item)).compute() == 6
    (value,) = swath.compute({"total": item})
    assert value == {"total": 6}


def test_bags_of_graphs():
    graph = {("x", i): (range, 5) for i in range(3)}
    bag = db.Bag(graph, "x", 3)
    assert bag.name == "x"
    assert bag.npartitions == 3
    assert bag.map(opaque).compute() == [1, 2, 3, 4, 5] * 3
    assert db.Item({"y": (sum, [1, 2])}, "y").compute() == 3

    class Own(db.Bag):
        def double(self):
            return self.map(lambda x: 2 * x)

    own = Own(graph, "x", 3)
    assert type(own.filter(even).double()) is Own
    assert own.double().sum().compute() == 60


def test_dask_computes_our_graphs():
    bag = db.from_sequence(range(10), npartitions=3).map(opaque)
    (computed,) = dask.compute(bag, scheduler="threads")
    assert computed == bag.compute()
    assert dask.compute(bag.sum(), scheduler="sync") == (bag.sum().compute(),)
    (kept,) = dask.persist(bag, scheduler="sync")
    assert isinstance(kept, db.Bag)
    assert kept.compute() == bag.compute()
    assert len(bag.__dask_keys__()) == 3
    assert set(bag.__dask_graph__()) == set(bag.__dask_keys__())
    assert bag.__dask_layers__() == (bag.name,)
    assert dask.base.tokenize(bag) == dask.base.tokenize(bag)


def test_pickles():
    bag = db.from_sequence(range(10), npartitions=3).map(operator.neg).filter(even)
    assert pickle.loads(pickle.dumps(bag)).compute() == bag.compute()
    assert pickle.loads(pickle.dumps(bag)).npartitions == 3
    bag = db.range(10, 3).map(lambda x: f"{x}").frequencies()
    assert cloudpickle.loads(cloudpickle.dumps(bag)).compute() == bag.compute()
    sample = db.range(100, 3).random_sample(0.5)
    assert pickle.loads(pickle.dumps(sample)).compute() == sample.compute()


def test_equal_steps_are_one():
    bag = db.from_sequence(range(5))
    calls = []
    f = calls.append
    swath.compute(bag.map(f), bag.map(f).count(), scheduler="sync")
    assert len(calls) == 5
    assert bag.map(opaque).name == bag.map(opaque).name
    assert bag.map(opaque).name != bag.map(add, 1).name
    assert bag.map(lambda x: f"{x}").name != bag.map(lambda x: f"{x}").name
    assert str(bag.map(opaque)) == repr(bag.map(opaque)) == "swath.bag<opaque, npartitions=5>"


def test_persist_visualize_explain(tmp_path):
    bag = db.from_sequence(range(6), npartitions=2).map(lambda x: x + 1).map(opaque)
    kept = bag.persist()
    assert (kept.npartitions, kept.compute()) == (2, bag.compute())
    objects = db.from_sequence([object(), {1}], npartitions=1).persist()
    assert objects.map(lambda x: type(x).__name__).compute() == ["object", "set"]
    text = bag.explain()
    assert "map(<lambda>): native, x + 1" in text
    assert "map(opaque): Python, it formats text" in text
    assert bag.visualize(filename=str(tmp_path / "plan"), format="dot") is not None


def test_partitions_of_opaque_objects():
    items = [{1, 2}, {3}, frozenset((4,)), {5}]
    bag = db.from_sequence(items, npartitions=2)
    assert bag.map(len).compute() == [2, 1, 1, 1]
    assert bag.repartition(npartitions=1).compute() == items
    assert bag.repartition(npartitions=4).npartitions == 4
    assert bag.repartition(npartitions=4).compute() == items
    assert db.concat([bag, bag]).compute() == items + items
    assert bag.take(3, npartitions=2) == tuple(items[:3])
    small = db.from_sequence(range(100), npartitions=2).repartition(partition_size="1KiB")
    assert small.npartitions > 2
    assert small.compute() == list(range(100))
    merged = small.repartition(partition_size="1MiB")
    assert (merged.npartitions, merged.compute()) == (1, list(range(100)))
    assert bag.repartition(partition_size=300).compute() == items
    for wrong in ({}, {"npartitions": 1, "partition_size": 5}):
        with pytest.raises(ValueError, match="exactly one"):
            bag.repartition(**wrong)


def test_partitions_arrive_as_lists_or_iterators():
    seen = []

    def look(part):
        seen.append((type(part).__name__, len(part), part[0]))
        return list(part)

    source = db.from_sequence(range(4), npartitions=1)
    source.map_partitions(look).compute(scheduler="sync")
    source.map(lambda x: x + 1).map_partitions(look).compute(scheduler="sync")
    assert seen == [("list", 4, 0), ("list", 4, 1)]
    order = []
    streamed = source.map(lambda x: order.append(x) or x)
    streamed = streamed.reduction(lambda part: [order.append("got") for _ in part], list)
    streamed.compute(scheduler="sync")
    assert order[:6] == [0, "got", 1, "got", 2, "got"]


def test_computing_inside_a_task():
    inner = db.from_sequence(range(10), npartitions=3).map(lambda x: f"{x}")
    outer = db.from_sequence(range(8), npartitions=8).map_partitions(lambda part: [inner.count().compute()])
    assert outer.compute() == [10] * 8


def test_functions_run_in_processes_by_default():
    bag = db.from_sequence(range(4), npartitions=2).map_partitions(lambda part: [os.getpid() for _ in part])
    assert os.getpid() not in bag.compute()
    assert set(bag.compute(scheduler="threads")) == {os.getpid()}
    with swath.config.set({"bag.scheduler": "threads"}):
        assert set(bag.compute()) == {os.getpid()}
    with swath.config.set(scheduler="sync"):
        assert set(swath.compute(bag, bag.count())[0]) == {os.getpid()}


def test_errors_of_functions():
    bag = db.from_sequence(range(4), npartitions=2)

    def fails(x):
        raise LookupError(f"no {x}")

    with pytest.raises(LookupError, match="no "):
        bag.map(fails).compute()
    with pytest.raises(ValueError, match="max"):
        db.from_sequence([], npartitions=1).max().compute()
    with pytest.raises(TypeError):
        db.from_sequence([1, "a"], npartitions=1).sum().compute()
    with pytest.raises(NotImplementedError):
        bag.join(bag, on_self=even)
    with pytest.raises(TypeError):
        bag.join(5, on_self=even)
    with pytest.raises(ZeroDivisionError):
        db.from_sequence([], npartitions=1).mean().compute()


def test_assert_eq():
    bag = db.from_sequence([1, 2])
    db.utils.assert_eq(bag, [1, 2])
    db.assert_eq(bag.sum(), 3)
    with pytest.raises(AssertionError):
        db.assert_eq(bag, [2, 1])


def test_partials_are_traced():
    bag = db.from_sequence(["a,b", "c"])
    made = bag.map(functools.partial(str.split, sep=","))
    assert made.compute() == [["a", "b"], ["c"]]
    assert "native" in made.explain().split("steps:")[1]


def test_partitions_of_dasks_delayed():
    array = pytest.importorskip("dask.array")
    block = array.ones(10, chunks=5).to_delayed()[0]
    assert db.from_delayed(block).compute() == [1.0] * 5
    assert db.from_delayed([dask.delayed(range)(3)]).map(opaque).compute() == [1, 2, 3]


def test_items_are_forgotten_one_by_one():
    alive = set()

    class Big:
        def __init__(self):
            alive.add(id(self))

        def __del__(self):
            alive.discard(id(self))

    def create(x):
        assert len(alive) <= 1
        return Big()

    bag = db.from_sequence(range(6), npartitions=2).map(create).map(lambda big: 1 if big else 0)
    assert bag.sum().compute(scheduler="sync") == 6
