"""Functions of partitions, rows, elements and groups against pandas (and Dask where the words come from it)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import swath.dataframe as sd

import swath

FRAME = pd.DataFrame(
    {"k": list("abcabcabca") * 3, "x": range(30), "y": np.linspace(0, 1, 30)}, index=pd.RangeIndex(30, name="i")
)
pytestmark = pytest.mark.filterwarnings("ignore:.*you did not provide metadata")


@pytest.fixture
def df():
    return sd.from_pandas(FRAME, npartitions=4)


def same(ours, want, sort=False):
    got = ours.compute()
    got = got.sort_index() if sort else got
    check = pd.testing.assert_frame_equal if want.ndim == 2 else pd.testing.assert_series_equal
    check(got, want)


# --- map_partitions


def test_frames_series_scalars(df):
    same(df.map_partitions(lambda p: p.assign(z=p.x * 2)), FRAME.assign(z=FRAME.x * 2))
    same(df.x.map_partitions(lambda s: s + 1), FRAME.x + 1)
    same(df.map_partitions(lambda p: p.x + p.y), FRAME.x + FRAME.y)
    same(df.map_partitions(lambda p: p[p.x > 12]), FRAME[FRAME.x > 12])
    same(df.map_partitions(lambda p: p.set_index("k")), FRAME.set_index("k"))
    assert sum(df.map_partitions(len).compute()) == 30


def test_several_arguments(df):
    same(df.map_partitions(lambda p, s, c: p.x + s * c, df.y, c=3), FRAME.x + FRAME.y * 3)
    same(sd.map_partitions(lambda s, p: p.x + s, 2, df), FRAME.x + 2)
    same(df.map_partitions(lambda p, c: p.x + c, swath.delayed(3), meta=("x", "int64")), FRAME.x + 3)
    same(df.map_partitions(lambda p, c: p.x + c, df.x.sum(), meta=("x", "int64")), FRAME.x + FRAME.x.sum())
    one = sd.from_pandas(pd.DataFrame({"w": [7]}), npartitions=1)
    same(df.map_partitions(lambda p, q: p.x * q.w[0], one, meta=("x", "int64")), FRAME.x * 7)
    with pytest.raises(ValueError, match="partitions; they must have as many"):
        df.map_partitions(lambda p, q: p, sd.from_pandas(FRAME, npartitions=3))


def test_partition_info_and_divisions(df):
    def note(part, partition_info=None):
        return part.assign(n=partition_info["number"], d=partition_info["division"])

    got = df.map_partitions(note).groupby("n").d.min().compute().to_dict()
    assert got == dict(enumerate(df.divisions[:-1]))
    assert df.map_partitions(lambda p: p).divisions == df.divisions
    assert not df.map_partitions(lambda p: p, clear_divisions=True).known_divisions


def test_meta_in_all_forms(df):
    take = lambda p: p[["x", "y"]]  # noqa: E731
    want = FRAME[["x", "y"]]
    for meta in (want.iloc[:0], {"x": "int64", "y": float}, [("x", int), ("y", "f8")], df[["x", "y"]]):
        same(df.map_partitions(take, meta=meta), want)
    for meta in (("x", "int64"), FRAME.x.iloc[:0], df.x):
        same(df.map_partitions(lambda p: p.x, meta=meta), FRAME.x)


def test_without_meta_a_warning_says_what_to_pass(df):
    with pytest.warns(UserWarning, match=r"pass meta=\('x', 'float64'\)"):
        df.map_partitions(lambda p: p.x * 0.5)
    with pytest.warns(UserWarning, match=r"pass meta=\{'x': 'int64', 'y': 'float64'\}"):
        df.map_partitions(lambda p: p[["x", "y"]])
    with pytest.raises(ValueError, match=r"Metadata inference failed in `map_partitions\(<lambda>\)`"):
        df.map_partitions(lambda p: p.nothing)


def test_a_wrong_result_is_a_table_of_differences(df):
    with pytest.raises(ValueError, match="is not what meta= says") as caught:
        df.map_partitions(lambda p: p.assign(w=1).drop(columns="y"), meta=df).compute()
    rows = [line.split() for line in str(caught.value).splitlines()]
    assert ["'y'", "float64", "-"] in rows and ["'w'", "-", "int64"] in rows
    assert any("test_map_partitions.py" in note for note in caught.value.__notes__)
    with pytest.raises(ValueError, match=r"'x' +int64 +str"):
        df.map_partitions(lambda p: p.assign(x=p.k), meta=df).compute()
    with pytest.raises(TypeError, match="is a Series; meta= says DataFrame"):
        df.map_partitions(lambda p: p.x, meta=df).compute()
    same(df.map_partitions(lambda p: p[["y", "x", "k"]], meta=df), FRAME)  # order is corrected
    renamed = df.map_partitions(lambda p: p.rename(columns={"x": "z"}), meta=df, enforce_metadata=False)
    same(renamed, FRAME)


def test_only_the_partitions_that_are_needed(df):
    seen = []

    def note(part, partition_info=None):
        seen.append(partition_info["number"])
        return part

    df.map_partitions(note, meta=df).partitions[2].compute()
    assert seen == [2]


@pytest.mark.parametrize("scheduler", ["sync", "threads", "processes"])
def test_every_scheduler(df, scheduler):
    got = df.map_partitions(lambda p: p.assign(z=p.x * 2), meta=FRAME.assign(z=0).iloc[:0]).compute(scheduler=scheduler)
    pd.testing.assert_frame_equal(got, FRAME.assign(z=FRAME.x * 2))


def test_a_function_that_writes_into_its_partition_gets_a_copy():
    frame = pd.DataFrame({"x": np.arange(6.0), "y": np.arange(6.0)})
    df = sd.from_pandas(frame, npartitions=2)

    def clip(part):
        part.loc[part.x > 2, "x"] = 0
        return part

    changed = df.map_partitions(clip)
    first, second = swath.compute(df, changed)
    pd.testing.assert_frame_equal(first, frame)
    assert second.x.tolist() == [0, 1, 2, 0, 0, 0]


def test_types_survive():
    frame = pd.DataFrame(
        {
            "t": pd.date_range("2020", periods=6, tz="UTC"),
            "d": pd.to_timedelta(range(6), unit="s"),
            "c": pd.Categorical(list("aabbcc")),
            "b": [True, False] * 3,
            "s": ["u", None, "w", "x", "y", "z"],
            "f": np.arange(6, dtype="f4"),
        }
    )
    df = sd.from_pandas(frame, npartitions=2)
    same(df.map_partitions(lambda p: p), df.compute())


# --- map_overlap


@pytest.mark.parametrize("npartitions", [1, 2, 4])
def test_overlap_of_rows(npartitions):
    df, x = sd.from_pandas(FRAME, npartitions=npartitions), FRAME[["x"]]
    same(df[["x"]].map_overlap(lambda p: p.rolling(3).sum(), 2, 0), x.rolling(3).sum())
    same(df[["x"]].map_overlap(lambda p: p.shift(-2), 0, 2), x.shift(-2))
    same(df.x.map_overlap(lambda s: s.rolling(5, center=True).sum(), 2, 2), FRAME.x.rolling(5, center=True).sum())
    same(sd.map_overlap(lambda p, k: p.diff() * k, df[["x"]], 1, 0, k=2), x.diff() * 2)


def test_overlap_of_times():
    frame = pd.DataFrame({"x": np.arange(50.0)}, index=pd.date_range("2020", periods=50, freq="h"))
    df = sd.from_pandas(frame, npartitions=10)  # 13 hours reach over three partitions
    for span in (pd.Timedelta("13h"), "13h", "1h"):
        got = df.map_overlap(lambda p, s=span: p.rolling(s).sum(), span, 0).compute()
        pd.testing.assert_frame_equal(got, frame.rolling(span).sum(), check_freq=False)


def test_overlap_refuses(df):
    with pytest.raises(NotImplementedError, match="less than overlapping window size"):
        df[["x"]].map_overlap(lambda p: p.rolling(30).sum(), 29, 0).compute()
    with pytest.raises(ValueError, match="must be positive"):
        df.map_overlap(lambda p: p, -1, 0)
    with pytest.raises(TypeError, match="`DatetimeIndex`"):
        df.map_overlap(lambda p: p, "1h", 0)


# --- rows and elements


def test_apply_rows(df):
    same(df.apply(lambda r: r.x + r.y, axis=1), FRAME.apply(lambda r: r.x + r.y, axis=1))
    same(df.apply(lambda r, k: r.x * k, axis=1, args=(3,)), FRAME.apply(lambda r, k: r.x * k, axis=1, args=(3,)))
    same(df.apply(lambda r, k=1: r.x * k, axis=1, k=3), FRAME.apply(lambda r, k=1: r.x * k, axis=1, k=3))
    with pytest.raises(NotImplementedError, match="axis=1 only"):
        df.apply(len)


def test_elements(df):
    same(df.x.apply(lambda v: v * 2), FRAME.x * 2)
    same(df.x.apply(lambda v, k: v * k, args=(2,)), FRAME.x * 2)
    same(df.k.map(str.upper), FRAME.k.map(str.upper))
    same(df[["x", "y"]].map(lambda v: v + 1), FRAME[["x", "y"]].map(lambda v: v + 1))
    for arg in ({"a": 1, "b": 2}, {"a": "u", "b": "v"}, pd.Series([1.5, 2.5], index=["a", "b"])):
        same(df.k.map(arg), FRAME.k.map(arg))
    assert df.pipe(lambda d, n: d.head(n), 3).x.tolist() == [0, 1, 2]
    with pytest.raises(TypeError, match="dict or callable"):
        df.k.map(5)


# --- groups


@pytest.mark.parametrize("npartitions", [1, 4])
@pytest.mark.parametrize("keys", ["k", ["k", "b"]])
def test_group_apply_and_transform(npartitions, keys):
    frame = FRAME.assign(b=FRAME.x % 2 == 0)
    df = sd.from_pandas(frame, npartitions=npartitions)
    ours, theirs = df.groupby(keys), frame.groupby(keys)
    same(ours.apply(lambda g: g.x.sum()), theirs.apply(lambda g: g.x.sum()), sort=True)
    same(ours.x.apply(lambda g: g.max() - g.min()), theirs.x.apply(lambda g: g.max() - g.min()), sort=True)
    same(ours.x.transform(lambda g: g - g.mean()), theirs.x.transform(lambda g: g - g.mean()), sort=True)
    same(ours[["x", "y"]].transform("sum"), theirs[["x", "y"]].transform("sum"), sort=True)
    centred = lambda g: g.assign(z=g.x - g.x.mean())  # noqa: E731
    want = theirs.apply(centred)
    same(ours.apply(centred), want.sort_index(), sort=True)


def test_groups_keep_missing_values_out_and_text_together():
    frame = pd.DataFrame({"k": ["a", None, "b", "a", None, "b"], "x": range(6)})
    df = sd.from_pandas(frame, npartitions=3)
    same(df.groupby("k").apply(lambda g: len(g)), frame.groupby("k").apply(lambda g: len(g)), sort=True)
    frame["k"] = frame.k.astype("category")
    df = sd.from_pandas(frame, npartitions=3)
    got = df.groupby("k").x.apply(lambda g: g.sum(), meta=("x", "int64")).compute()
    assert {str(k): v for k, v in got.items()} == {"a": 3, "b": 7}


def mean():
    return sd.Aggregation("mymean", lambda g: (g.sum(), g.count()), lambda s, c: (s.sum(), c.sum()), lambda s, c: s / c)


def test_aggregation(df):
    groups, want = df.groupby("k"), FRAME.groupby("k")
    same(groups.x.agg(mean()), want.x.mean())
    same(groups.agg({"x": mean(), "y": "max"}), want.agg({"x": "mean", "y": "max"}))
    same(groups.agg({"y": "max", "x": mean()}), want.agg({"y": "max", "x": "mean"}))
    same(groups.agg({"x": [mean(), "max"]}), want.agg({"x": [("mymean", "mean"), "max"]}))
    same(groups.agg(m=("x", mean())), want.agg(m=("x", "mean")))
    total = sd.Aggregation("total", lambda g: g.sum(), lambda s: s.sum())
    same(groups.x.agg([total, "min"]), want.x.agg([("total", "sum"), "min"]))
    same(groups[["x", "y"]].agg(total), want[["x", "y"]].sum())
    two = FRAME.assign(b=FRAME.x % 2)
    same(sd.from_pandas(two, npartitions=3).groupby(["k", "b"]).x.agg(mean()), two.groupby(["k", "b"]).x.mean())


@pytest.mark.parametrize("options", [{"dropna": False}, {"sort": False}, {"group_keys": False}])
def test_options_of_groupby_reach_functions(options):
    frame = pd.DataFrame({"k": ["b", "a", None, "b", None, "a"], "x": [1, 2, 3, 4, 5, 6]})
    df = sd.from_pandas(frame, npartitions=1)
    span = sd.Aggregation("span", lambda g: (g.min(), g.max()), lambda low, high: (low.min(), high.max()),
                          lambda low, high: high - low)  # fmt: skip
    ours, theirs = df.groupby("k", **options), frame.groupby("k", **options)
    got = ours.x.agg(span).compute()
    expected = theirs.x.agg(lambda s: s.max() - s.min())
    assert got.tolist() == expected.tolist()
    assert got.index.fillna("?").tolist() == expected.index.fillna("?").tolist()
    applied = ours[["x"]].apply(lambda part: part.head(1)).compute()
    assert applied.x.tolist() == theirs[["x"]].apply(lambda part: part.head(1)).x.tolist()
    with pytest.raises(NotImplementedError, match="observed"):
        sd.from_pandas(frame.astype({"k": "category"}), npartitions=1).groupby("k", observed=False).apply(len)
