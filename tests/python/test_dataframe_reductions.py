"""Reductions of columns and tables, against pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import swath.dataframe as sd
from dataframe_checker import PARTITIONS, assert_eq, check, note, raises, sample_frame

NUMBERS = ["i", "x", "u", "f", "b"]


@pytest.mark.parametrize(
    "function", ["sum", "mean", "min", "max", "count", "prod", "var", "std", "nunique", "any", "all"]
)
@pytest.mark.parametrize("column", NUMBERS)
def test_of_numbers(function: str, column: str) -> None:
    check(lambda df: getattr(df[column], function)(), rtol=1e-5 if column == "f" else 1e-9)


@pytest.mark.parametrize("function", ["min", "max", "count", "nunique"])
@pytest.mark.parametrize("column", ["s", "t", "k"])
def test_of_text_and_dates(function: str, column: str) -> None:
    check(lambda df: getattr(df[column], function)())


def test_options() -> None:
    for ddof in (0, 1, 2):
        check(lambda df, d=ddof: df.x.var(ddof=d))
        check(lambda df, d=ddof: df.i.std(ddof=d))
    check(lambda df: df.x.sum(skipna=False))
    check(lambda df: df.x.mean(skipna=False))
    check(lambda df: df.x.max(skipna=False))
    check(lambda df: df.i.sum(skipna=False))
    check(lambda df: df.x.sum(min_count=1))
    check(lambda df: df.x.sum(min_count=100))
    check(lambda df: df.x.prod(min_count=100))
    check(lambda df: df.x.nunique(dropna=False))
    check(lambda df: df.s.nunique(dropna=False))
    check(lambda df: df.x.median())


def test_columns_without_values() -> None:
    frame = pd.DataFrame({"x": [np.nan, np.nan, np.nan], "y": [1.0, np.nan, np.nan]})
    for function in ("sum", "mean", "min", "max", "count", "prod", "var", "std"):
        check(lambda df, f=function: getattr(df.x, f)(), frame)
        check(lambda df, f=function: getattr(df.y, f)(), frame)


@pytest.mark.parametrize("function", ["sum", "mean", "min", "max", "prod", "var", "std"])
def test_of_frames(function: str) -> None:
    check(lambda df: getattr(df[["i", "x", "u"]], function)())
    check(lambda df: getattr(df.drop(columns="b"), function)(numeric_only=True), rtol=1e-5)


def test_counts_of_frames() -> None:
    check(lambda df: df.count())
    check(lambda df: df.nunique())
    check(lambda df: df[["b"]].any())
    check(lambda df: (df[["i", "x"]] > 0).all())
    check(lambda df: df.isna().sum())


@pytest.mark.parametrize("function", ["sum", "mean", "min", "max", "count", "prod", "var", "std"])
def test_across_columns(function: str) -> None:
    check(lambda df: getattr(df[["x", "f", "i"]].astype("float64"), function)(axis=1))
    if function != "count":
        check(lambda df: getattr(df[["x", "i"]], function)(axis=1, skipna=False))


def test_value_counts() -> None:
    for column in ("k", "i", "b"):
        frame = sample_frame(50)
        for npartitions in PARTITIONS:
            with note(f"{column}, {npartitions} partitions"):
                df = sd.from_pandas(frame, npartitions=npartitions)
                ours, oracle = df[column].value_counts().compute(), frame[column].value_counts()
                assert ours.tolist() == oracle.tolist() and ours.name == "count" and ours.index.name == column
                pd.testing.assert_series_equal(ours.sort_index(), oracle.sort_index())
    frame = sample_frame(50)
    df = sd.from_pandas(frame, npartitions=3)
    assert_eq(df.s.value_counts(dropna=False).compute().sort_index(), frame.s.value_counts(dropna=False).sort_index())
    assert_eq(
        df.s.value_counts(normalize=True).compute().sort_index(), frame.s.value_counts(normalize=True).sort_index()
    )
    assert df.i.value_counts(ascending=True).compute().is_monotonic_increasing


def test_unique() -> None:
    frame = sample_frame(50)
    for npartitions in PARTITIONS:
        df = sd.from_pandas(frame, npartitions=npartitions)
        for column in ("i", "s", "b", "x"):
            ours = df[column].unique().compute()
            assert ours.name == column
            assert_eq(ours, pd.Series(frame[column].unique(), name=column), sort=True)


@pytest.mark.parametrize("n", [0, 1, 3, 100])
def test_largest_and_smallest(n: int) -> None:
    frame = sample_frame().drop_duplicates("x")
    check(lambda df: df.x.nlargest(n), frame)
    check(lambda df: df.x.nsmallest(n), frame)
    check(lambda df: df.nlargest(n, "x"), frame)
    check(lambda df: df.nsmallest(n, ["x"]), frame)
    check(lambda df: df.nlargest(n, ["i", "x"]), frame)


def test_largest_with_ties_keeps_the_first_rows() -> None:
    check(lambda df: df.nlargest(4, "i"))
    check(lambda df: df.i.nlargest(4))
    check(lambda df: df.i.nsmallest(7))


def test_describe() -> None:
    frame = sample_frame(101)
    for npartitions in PARTITIONS:
        df = sd.from_pandas(frame, npartitions=npartitions)
        assert_eq(df[["i", "x"]].describe(), frame[["i", "x"]].describe())
        assert_eq(df.x.describe(), frame.x.describe())
        assert_eq(df[["i"]].describe(percentiles=[0.1, 0.9]), frame[["i"]].describe(percentiles=[0.1, 0.9]))


def test_several_at_once_share_one_pass() -> None:
    import swath

    frame = sample_frame()
    df = sd.from_pandas(frame, npartitions=3)
    total, mean, by_key = swath.compute(df.x.sum(), df.x.mean(), df.groupby("k").x.max())
    assert_eq(total, frame.x.sum())
    assert_eq(mean, frame.x.mean())
    assert_eq(by_key, frame.groupby("k").x.max())


def test_results_are_numpy_scalars() -> None:
    df = sd.from_pandas(sample_frame(), npartitions=2)
    assert isinstance(df.i.sum().compute(), np.int64)
    assert isinstance(df.x.mean().compute(), np.float64)
    assert isinstance(df.b.any().compute(), np.bool_)
    assert isinstance(df.t.max().compute(), pd.Timestamp)
    assert isinstance(df.k.max().compute(), str)
    assert float(df.x.sum()) == pytest.approx(sample_frame().x.sum())


def test_wrong_types() -> None:
    df = sd.from_pandas(sample_frame(), npartitions=2)
    with raises(TypeError, "s", "mean"):
        df.mean()
    with raises(TypeError, "mean"):
        df.s.mean()
    with raises(TypeError, "std"):
        df.s.std()
    with raises(ValueError, "No axis named"):
        df.x.sum(axis=1)
    with raises(TypeError, "weights"):
        df.x.mean(weights=1)


def _mixed_frame() -> pd.DataFrame:
    frame = sample_frame(40)
    frame["d"] = pd.to_timedelta(frame.i, unit="s")
    frame["c"] = pd.Categorical(["p"] * 21 + ["q"] * 12 + [None] * 7, categories=["p", "q", "never"])
    frame["b"] = [True] * 25 + [False] * 15
    frame.loc[3:6, "t"] = pd.NaT
    return frame


def test_describe_of_every_dtype() -> None:
    frame = _mixed_frame()
    for npartitions in (1, 4):
        df = sd.from_pandas(frame, npartitions=npartitions)
        for label in frame:
            with note(str(label)):
                rtol = 1e-6 if label == "f" else 1e-9
                assert_eq(df[label].describe().compute(), frame[label].describe(), rtol=rtol)
                assert_eq(df[[label]].describe().compute(), frame[[label]].describe(), rtol=rtol)
        assert_eq(df.describe().compute(), frame.describe(), rtol=1e-6)
        assert_eq(df.t.describe(percentiles=[0.1, 0.9]).compute(), frame.t.describe(percentiles=[0.1, 0.9]))
        for options in (
            {"include": "all"},
            {"include": ["number"]},
            {"include": [bool, "category"]},
            {"include": ["str"]},
            {"exclude": ["number", "timedelta"]},
            {"include": ["datetime"], "percentiles": [0.333]},
            {"include": "all", "percentiles": []},
        ):
            with note(str(options)):
                assert_eq(df.describe(**options).compute(), frame.describe(**options), rtol=1e-6)
    none = frame.head(0)
    for label in ("x", "t", "k", "b"):
        with note(label):
            assert_eq(sd.from_pandas(none, npartitions=1)[label].describe().compute(), none[label].describe())


def test_describe_errors() -> None:
    df = sd.from_pandas(_mixed_frame(), npartitions=2)
    with raises(ValueError, "exclude must be None"):
        df.describe(include="all", exclude=["number"])
    with raises(ValueError, "No columns match"):
        df.describe(include=["complex"])
    with raises(ValueError, "interval"):
        df.describe(percentiles=[2])
    with raises(ValueError, "duplicates"):
        df.describe(percentiles=[0.5, 0.5])
    with raises(ValueError, "without columns"):
        df[[]].describe()
