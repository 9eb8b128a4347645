"""Wrong input: the right exception class, at the line that wrote it, saying what would be accepted."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
import swath.dataframe as sd
from dataframe_checker import raises, sample_frame


@pytest.fixture
def df() -> sd.DataFrame:
    return sd.from_pandas(sample_frame().rename(columns={"x": "dep_delay"}), npartitions=2)


def test_missing_columns_name_near_ones(df: sd.DataFrame) -> None:
    with raises(KeyError, "dep_dela", "dep_delay"):
        df["dep_dela"]
    with raises(KeyError, "['zz'] not in index"):
        df[["i", "zz"]]
    with pytest.raises(AttributeError, match="dep_delay"):
        _ = df.dep_delai
    with raises(KeyError, "not found in axis"):
        df.drop(columns=["zz"])
    with raises(KeyError, "Only a column name"):
        df.astype({"zz": "float64"})
    with raises(KeyError, "zz"):
        df.nlargest(2, "zz")
    assert list(df.drop(columns=["zz", "i"], errors="ignore").columns) == [c for c in df.columns if c != "i"]
    assert not hasattr(df, "_repr_png_") and not hasattr(df, "__dask_graph__")


def test_a_condition_of_another_table(df: sd.DataFrame) -> None:
    other = sd.from_pandas(sample_frame(100), npartitions=5)
    with raises(ValueError, "partition"):
        df[other.x > 0]
    with raises(ValueError, "partition"):
        df.assign(y=other.x)
    with pytest.raises((TypeError, KeyError)):
        df[df.i]


def test_columns_of_other_length_fail_when_computed(df: sd.DataFrame) -> None:
    shorter = sd.from_pandas(sample_frame(11), npartitions=2)
    with pytest.raises(ValueError, match=r"rows|length|partition|divisions"):
        df.assign(y=shorter.x).compute()


def test_rows_that_only_happen_to_be_as_many_are_not_paired() -> None:
    frame = pd.DataFrame({"x": [1, 2, 3, 4], "y": [4, 3, 2, 1]})
    for npartitions in (1, 2):
        df = sd.from_pandas(frame, npartitions=npartitions)
        first, second = df[df.x % 2 == 0], df[df.y % 2 == 0]
        with raises(ValueError, "rows of two tables do not match"):
            (first.x + second.x).compute()
        same = df[df.x % 2 == 0]
        pd.testing.assert_series_equal(
            (first.x + same.y).compute(), frame.x[frame.x % 2 == 0] + frame.y[frame.x % 2 == 0]
        )


def test_accessors_of_wrong_types(df: sd.DataFrame) -> None:
    with pytest.raises(AttributeError, match=r"Can only use \.str accessor with string values"):
        _ = df.i.str
    with pytest.raises(AttributeError, match=r"Can only use \.dt accessor with datetimelike values"):
        _ = df.s.dt
    with pytest.raises(AttributeError, match="nope"):
        df.s.str.nope()


def test_arguments_that_are_not_known(df: sd.DataFrame) -> None:
    with raises(TypeError, "groupby", "level"):
        df.groupby("k", level=0)
    with raises(ValueError, "No axis named"):
        df.sum(axis=5)
    with raises(ValueError, "Inclusive"):
        df.i.between(0, 1, inclusive="yes")
    with raises(ValueError, "fill 'value'"):
        df.fillna()
    with raises(TypeError, "list-like"):
        df.s.isin("jfk")
    with raises(TypeError, "dtype"):
        df.i.astype("no such dtype")
    with raises(ValueError, "only 2 partitions", "99"):
        df.head(npartitions=99)
    with raises(ValueError, "n=-1"):
        df.head(-1)
    with raises(ValueError, "Length mismatch"):
        df.columns = ["a", "b"]


def test_casts_that_fail_say_where(df: sd.DataFrame) -> None:
    with pytest.raises(ValueError, match=r"jfk|lga|ewr|EWR|''") as caught:
        df.s.astype("float64").compute()
    assert any("test_dataframe_errors.py" in note for note in getattr(caught.value, "__notes__", []))
    with pytest.raises(ValueError, match=r"(?i)nan|null|missing|non-finite"):
        df.dep_delay.astype("int64").compute()


def test_incompatible_types(df: sd.DataFrame) -> None:
    for function in (
        lambda: df.s - 1,
        lambda: df.s * df.dep_delay,
        lambda: df.t + df.t,
        lambda: -df.s,
        lambda: ~df.s,
        lambda: df.s > 1,
    ):
        with pytest.raises(TypeError):
            function()


def test_errors_do_not_spoil_the_session(df: sd.DataFrame) -> None:
    with pytest.raises(ValueError):
        df.s.astype("float64").compute()
    pd.testing.assert_series_equal(df.i.compute(), sample_frame().i)


@pytest.mark.parametrize(
    "run",
    [
        lambda df, bad: bad.compute(),
        lambda df, bad: (bad * 2 + df.a).compute(),
        lambda df, bad: df[bad > 1].compute(),
        lambda df, bad: df.assign(q=bad).assign(w=lambda d: d.q + d.q * 2).compute(),
        lambda df, bad: df.assign(q=bad).groupby("a").q.sum().compute(),
        lambda df, bad: (df.a - bad.sum()).compute(),
        lambda df, bad: bad.sum().compute(),
    ],
    ids=["itself", "arithmetic", "filter", "shared", "groupby", "scalar", "reduction"],
)
def test_a_failing_expression_names_its_line(run: Any) -> None:
    df = sd.from_dict({"s": ["1", "x", "3", "4"], "a": [1, 2, 3, 4]}, npartitions=2)
    upper = df.s.str.lower()
    bad = upper.astype("int64")  # here
    with pytest.raises(ValueError, match="invalid literal for int") as caught:
        run(df, bad)
    assert "bad = upper.astype" in caught.value.__notes__[0], caught.value.__notes__


def test_of_two_equal_functions_the_failing_one_is_named() -> None:
    df = sd.from_dict({"s": ["1", "2"], "t": ["3", "x"]}, npartitions=1)
    good = df.s.astype("int64")
    bad = df.t.astype("int64")
    with pytest.raises(ValueError) as caught:
        (good + bad).compute()
    assert ": bad = df.t.astype" in caught.value.__notes__[0], caught.value.__notes__
