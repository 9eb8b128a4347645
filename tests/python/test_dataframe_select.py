"""Rows and columns: selecting, adding, renaming, dropping; heads, tails and partitions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import swath.dataframe as sd
from dataframe_checker import PARTITIONS, assert_eq, check, raises, sample_frame


def test_columns() -> None:
    check(lambda df: df["x"])
    check(lambda df: df.x)
    check(lambda df: df[["s", "i"]])
    check(lambda df: df[["x"]])
    check(lambda df: df[df.columns[:3]])


def test_filters() -> None:
    check(lambda df: df[df.x > 0])
    check(lambda df: df[(df.x > 0) & (df.s == "jfk") | df.b])
    check(lambda df: df[df.x > 100])
    check(lambda df: df.s[df.i > 0])
    check(lambda df: df[df.b][["x", "i"]].x)
    check(
        lambda df: (
            df[df.i > 0][lambda d: d.x > 0] if isinstance(df, pd.DataFrame) else df[df.i > 0].pipe(lambda d: d[d.x > 0])
        )
    )
    check(lambda df: df[df.s.isna()])
    check(lambda df: df[~df.b])


def test_filter_of_a_filter_keeps_its_own_columns() -> None:
    def twice(df):  # type: ignore[no-untyped-def]
        first = df[df.i > -3]
        second = first[first.x > 0]
        return second.assign(y=second.x * 2)

    check(twice)


def test_loc() -> None:
    check(lambda df: df.loc[df.i > 0])
    check(lambda df: df.loc[df.i > 0, "x"])
    check(lambda df: df.loc[df.i > 0, ["x", "s"]])
    check(lambda df: df.loc[:, ["x", "s"]])
    check(lambda df: df.loc[:, "x":"b"])


def test_assign_rename_drop() -> None:
    check(lambda df: df.assign(y=df.x * 2, z=1))
    check(lambda df: df.assign(y=lambda d: d.x * 2, z=lambda d: d.y + 1))
    check(lambda df: df.assign(x=df.i))
    check(lambda df: df.assign(n="text", m=1.5, w=True))
    check(lambda df: df.rename(columns={"x": "delay", "absent": "y"}))
    check(lambda df: df.rename(columns=str.upper))
    check(lambda df: df.drop(columns=["x", "s"]))
    check(lambda df: df.drop("x", axis=1))
    check(lambda df: df.drop(columns="x"))
    check(lambda df: df.add_prefix("p_"))
    check(lambda df: df.x.rename("y"))
    check(lambda df: df.x.to_frame())
    check(lambda df: df.x.to_frame(name="z"))
    check(lambda df: df.select_dtypes("number"))


def test_setitem_and_del() -> None:
    def change(df):  # type: ignore[no-untyped-def]
        df = df.copy()
        df["y"] = df.x * 2
        df["x"] = 0
        df["late"] = df.y > 1
        del df["s"]
        df.columns = [name.upper() for name in df.columns]
        return df

    check(change)


def test_setitem_leaves_other_handles_alone() -> None:
    frame = sample_frame()
    df = sd.from_pandas(frame, npartitions=2)
    other = df.copy()
    df["x"] = 1
    assert_eq(other, frame)
    assert_eq(df, frame.assign(x=1))
    popped = other.pop("s")
    assert "s" not in other
    assert_eq(popped, frame.s)


def test_head_and_tail() -> None:
    frame = sample_frame()
    for npartitions in PARTITIONS:
        df = sd.from_pandas(frame, npartitions=npartitions)
        first = len(df.get_partition(0))
        assert_eq(df.head(2), frame.head(min(2, first)))
        assert_eq(df.head(10, npartitions=-1), frame.head(10))
        assert_eq(df.head(3, compute=False), frame.head(min(3, first)))
        assert_eq(df.x.head(2), frame.x.head(2))
        assert_eq(df.tail(2), frame.tail(2))
        assert_eq(df.x.tail(1), frame.x.tail(1))
        assert_eq(df[df.x > 0].head(4, npartitions=-1), frame[frame.x > 0].head(4))


def test_lengths() -> None:
    frame = sample_frame()
    for npartitions in PARTITIONS:
        df = sd.from_pandas(frame, npartitions=npartitions)
        assert len(df) == len(frame)
        assert len(df[df.x > 0]) == len(frame[frame.x > 0])
        assert len(df.x) == len(frame)
        assert df.size.compute() == frame.size
        assert df.x.size.compute() == frame.x.size
        assert df.shape[0].compute() == len(frame) and df.shape[1] == frame.shape[1]
        assert df.ndim == 2 and df.x.ndim == 1
        assert not df.empty and df[df.i > 99].empty


def test_partitions() -> None:
    frame = sample_frame(20)
    df = sd.from_pandas(frame, npartitions=4)
    assert_eq(df.get_partition(1), frame.iloc[5:10])
    assert_eq(df.partitions[2], frame.iloc[10:15])
    assert_eq(df.partitions[1:3], frame.iloc[5:15])
    assert_eq(df.partitions[[0, 3]], pd.concat([frame.iloc[:5], frame.iloc[15:]]))
    assert df.partitions[1:3].divisions == (5, 10, 15)
    assert len(df.partitions) == 4 and sum(len(p) for p in df.partitions) == 20
    with raises(ValueError, "n must be 0 <= n < 4"):
        df.get_partition(4)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 9])
def test_repartition(count: int) -> None:
    frame = sample_frame(20)
    for npartitions in (1, 4, 6):
        df = sd.from_pandas(frame, npartitions=npartitions)
        again = df.repartition(npartitions=count)
        assert_eq(again, frame)
        assert_eq(again[again.x > 0].groupby("k").x.sum(), frame[frame.x > 0].groupby("k").x.sum())
        if count <= npartitions:
            assert again.npartitions == count
            assert again.known_divisions
    with raises(ValueError, "npartitions"):
        df.repartition()


def test_index() -> None:
    frame = sample_frame().set_index(pd.Index(np.arange(23) * 3, name="id"))
    for npartitions in PARTITIONS:
        df = sd.from_pandas(frame, npartitions=npartitions)
        assert_eq(df.index, frame.index)
        assert df.index.name == "id"
        assert_eq(df[df.index > 10], frame[frame.index > 10])
        assert_eq(df.x[df.x > 0].index, frame.x[frame.x > 0].index)
        assert df.index.max().compute() == 66
        assert_eq(df.assign(n=df.index * 2), frame.assign(n=frame.index * 2))
    for index in (pd.date_range("2013-01-01", periods=23, name="day"), pd.Index([f"k{n:02}" for n in range(23)])):
        check(lambda df: df[df.x > 0], frame.set_index(index))
        check(lambda df: df.index, frame.set_index(index))


def test_membership_and_iteration() -> None:
    df = sd.from_pandas(sample_frame(), npartitions=2)
    assert "x" in df and "nope" not in df
    assert list(df) == list(sample_frame())
    assert [label for label, _ in df.items()] == list(df.columns)
    assert "x" in dir(df)
    assert list(df.i) == list(sample_frame().i)


def test_labels_that_are_not_text() -> None:
    frame = pd.DataFrame({0: [1, 2], (1): [3.0, None], "a": ["x", "y"]})
    check(lambda df: df, frame)
    check(lambda df: df[0] + 1, frame)
    check(lambda df: df[[1, "a"]], frame)
    check(lambda df: df.groupby(0).sum(), pd.DataFrame({0: [1, 2], 1: [3.0, None]}))


def test_drop_duplicates_and_reset_index() -> None:
    frame = sample_frame()[["k", "b"]]
    assert_eq(sd.from_pandas(frame, npartitions=3).drop_duplicates(), frame.drop_duplicates(), sort=True)
    assert_eq(sd.from_pandas(frame, npartitions=1).reset_index(), frame.reset_index())
    assert_eq(sd.from_pandas(frame, npartitions=1).reset_index(drop=True), frame.reset_index(drop=True))
