"""Group by, against pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import swath.dataframe as sd
from dataframe_checker import PARTITIONS, assert_eq, check, note, raises, sample_frame

FUNCTIONS = ["sum", "mean", "min", "max", "count", "var", "std", "first", "last", "prod", "nunique", "median"]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("key", ["k", "i", "b", "t"])
def test_one_column(function: str, key: str) -> None:
    check(lambda df: getattr(df.groupby(key).x, function)())
    if key != "i":
        check(lambda df: getattr(df.groupby(key)["i"], function)())


@pytest.mark.parametrize("function", ["min", "max", "count", "first", "last", "nunique"])
def test_of_text_and_dates(function: str) -> None:
    check(lambda df: getattr(df.groupby("k").s, function)())
    check(lambda df: getattr(df.groupby("k").t, function)())


@pytest.mark.parametrize("function", ["sum", "mean", "min", "max", "count", "std"])
def test_several_columns_and_keys(function: str) -> None:
    check(lambda df: getattr(df.groupby("k")[["x", "i"]], function)())
    check(lambda df: getattr(df.groupby(["k", "b"])[["x", "i"]], function)())
    check(lambda df: getattr(df.groupby(["k", "b"]).x, function)())


def test_whole_frames() -> None:
    check(lambda df: df.groupby("k").count())
    check(lambda df: df.groupby("k").sum(numeric_only=True), rtol=1e-5)
    check(lambda df: df.groupby("k").max())
    check(lambda df: df.groupby("k").first())
    check(lambda df: df.groupby("k").size())
    check(lambda df: df.groupby(["k", "s"]).size())
    check(lambda df: df.groupby("k").x.size())


def test_missing_keys() -> None:
    check(lambda df: df.groupby("s").x.sum())
    check(lambda df: df.groupby("s", dropna=False).x.sum())
    check(lambda df: df.groupby(["s", "k"], dropna=False).i.count())
    frame = pd.DataFrame({"k": [1.0, np.nan, 1.0, np.nan, 2.0], "v": [1, 2, 3, 4, 5]})
    check(lambda df: df.groupby("k").v.sum(), frame)
    check(lambda df: df.groupby("k", dropna=False).v.sum(), frame)


def test_missing_values() -> None:
    frame = pd.DataFrame({"k": ["a", "a", "b", "b"], "v": [np.nan, np.nan, 1.0, np.nan]})
    for function in FUNCTIONS:
        check(lambda df, f=function: getattr(df.groupby("k").v, f)(), frame)
    check(lambda df: df.groupby("k").v.sum(min_count=1), frame)


def test_agg_forms() -> None:
    check(lambda df: df.groupby("k").x.agg("mean"))
    check(lambda df: df.groupby("k").x.agg(["mean", "sum", "count"]))
    check(lambda df: df.groupby("k")[["x", "i"]].agg(["min", "max"]))
    check(lambda df: df.groupby("k").agg({"x": "mean", "i": "sum"}))
    check(lambda df: df.groupby("k").agg({"x": ["mean", "std"], "i": "sum"}))
    check(lambda df: df.groupby("k").agg(mean_x=("x", "mean"), n=("i", "count")))
    check(lambda df: df.groupby(["k", "b"]).agg({"x": ["min", "max"]}))
    check(lambda df: df.groupby("k").x.agg(np.mean))
    check(lambda df: df.groupby("k").agg({"x": "nunique", "s": "first"}))
    check(lambda df: df.groupby("k").x.aggregate(low="min", high="max"))


def test_columns_of_a_list_of_functions_are_found_again() -> None:
    frame = sample_frame()
    df = sd.from_pandas(frame, npartitions=3).groupby("k").agg({"x": ["mean", "sum"], "i": ["max"]})
    oracle = frame.groupby("k").agg({"x": ["mean", "sum"], "i": ["max"]})
    assert_eq(df[("x", "mean")], oracle[("x", "mean")])
    assert_eq(df["x"], oracle["x"])
    assert df.columns.tolist() == oracle.columns.tolist()


def test_ddof() -> None:
    for ddof in (0, 1, 2):
        check(lambda df, d=ddof: df.groupby("k").x.var(ddof=d))
        check(lambda df, d=ddof: df.groupby("k").x.std(ddof=d))


def test_keys_that_are_series() -> None:
    check(lambda df: df.groupby(df.i > 0).x.mean())
    check(lambda df: df.groupby(df.i % 3).x.mean())
    check(lambda df: df.groupby(["k", df.i > 0]).x.mean())
    check(lambda df: df.x.groupby(df.k).sum())
    check(lambda df: df.groupby(df.k).x.sum())
    check(lambda df: df.groupby(df.k.str.upper().rename("K")).x.sum())
    check(lambda df: df.groupby(df.t.dt.month).x.count())


def test_categories_stay() -> None:
    frame = sample_frame().astype({"k": "category"})
    for npartitions in PARTITIONS:
        ours = sd.from_pandas(frame, npartitions=npartitions).groupby("k").x.sum().compute()
        oracle = frame.groupby("k", observed=True).x.sum()
        assert isinstance(ours.index.dtype, pd.CategoricalDtype)
        pd.testing.assert_series_equal(ours.rename(index=str), oracle.rename(index=str), check_index_type=False)


def test_after_filters_and_projections() -> None:
    check(lambda df: df[df.x > 0].groupby("k").x.mean())
    check(lambda df: df.assign(y=df.x * 2).groupby("k").y.sum())
    check(lambda df: df[df.i > 100].groupby("k").x.mean())
    check(lambda df: df.groupby("k").x.mean() * 2)
    check(lambda df: df.groupby("k").x.sum().max())
    check(lambda df: df.groupby("k").x.sum() / df.groupby("k").x.count())
    check(lambda df: df.groupby(["k", "b"]).x.sum().to_frame())


def test_many_groups() -> None:
    random = np.random.default_rng(5)
    frame = pd.DataFrame({"k": random.integers(0, 40_000, 100_000), "x": random.normal(size=100_000)})
    frame["s"] = "id" + frame.k.astype(str)
    for npartitions in (1, 5):
        with note(f"npartitions={npartitions}"):
            df = sd.from_pandas(frame, npartitions=npartitions)
            assert_eq(df.groupby("k").x.agg(["sum", "count", "min"]), frame.groupby("k").x.agg(["sum", "count", "min"]))
            assert_eq(df.groupby("s").x.mean(), frame.groupby("s").x.mean())
            assert_eq(df.k.nunique(), frame.k.nunique())


def test_unsorted_groups() -> None:
    frame = sample_frame()
    df = sd.from_pandas(frame, npartitions=3)
    ours = df.groupby("k", sort=False).x.sum().compute()
    pd.testing.assert_series_equal(ours.sort_index(), frame.groupby("k").x.sum())


def test_errors() -> None:
    df = sd.from_pandas(sample_frame(), npartitions=2)
    with raises(KeyError, "kk", "did you mean", "'k'"):
        df.groupby("kk")
    with raises(KeyError, "Column not found: delay"):
        df.groupby("k")["delay"]
    with pytest.raises(AttributeError, match="delay"):
        _ = df.groupby("k").delay
    with raises(TypeError, "mean"):
        df.groupby("k").mean()
    with raises(ValueError, "unknown aggregate", "mode"):
        df.groupby("k").x.agg("mode")
    with raises(KeyError, "zz"):
        df.groupby("k").agg({"zz": "sum"})
    with raises(TypeError, "pair"):
        df.groupby("k").agg(n="sum")
    with raises(ValueError, "No group keys"):
        df.groupby([])


@pytest.mark.parametrize("sort", [True, False])
@pytest.mark.parametrize("npartitions", [1, 3])
def test_categories_without_rows(npartitions: int, sort: bool) -> None:
    frame = pd.DataFrame({
        "k": pd.Categorical([*"bdbdbbd", None], categories=list("abcd")),
        "i": range(8),
        "x": [0.5, None, 2, 3, 4, 5, 6, 7],
    })  # fmt: skip
    df = sd.from_pandas(frame, npartitions=npartitions)
    for observed in (True, False):
        options = {"observed": observed, "sort": sort}
        for function in ("sum", "mean", "min", "max", "count", "first", "last", "var", "nunique", "median"):
            with note(f"{function} {observed}"):
                ours = getattr(df.groupby("k", **options), function)().compute()
                theirs = getattr(frame.groupby("k", **options), function)()
                pd.testing.assert_frame_equal(_plain(ours), _plain(theirs), check_dtype=False)
        ours = df.groupby("k", **options).size().compute()
        pd.testing.assert_series_equal(_plain(ours), _plain(frame.groupby("k", **options).size()))
    with raises(NotImplementedError, "several keys"):
        df.groupby(["k", "i"], observed=False)


def _plain(result: Any) -> Any:
    return result.set_axis(result.index.astype("str"))
