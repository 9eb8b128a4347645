"""Other partitions of the same rows, against pandas and Dask's rules."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
import swath.dataframe as sd
from dataframe_checker import assert_eq, raises


def _check(df: Any, frame: Any, divisions: list[Any]) -> None:
    assert list(df.divisions) == divisions
    assert_eq(df, frame)
    for number in range(df.npartitions):
        low, high = divisions[number], divisions[number + 1]
        upper = frame.index <= high if number == df.npartitions - 1 else frame.index < high
        assert_eq(df.get_partition(number), frame[(frame.index >= low) & upper])


@pytest.mark.parametrize("npartitions", [1, 2, 5])
@pytest.mark.parametrize("new", [[0, 99], [0, 10, 11, 60, 99], [0, 40, 80, 99], [0, 99, 99], [0, 1, 2, 98, 99]])
def test_divisions(npartitions: int, new: list[int]) -> None:
    frame = pd.DataFrame({"x": np.arange(100.0), "s": [f"t{n % 7}" for n in range(100)]})
    df = sd.from_pandas(frame, npartitions=npartitions)
    _check(df.repartition(divisions=new), frame, new)
    _check(df.x.repartition(divisions=new), frame.x, new)
    wide = [-5, *new[1:-1], 200]
    if new[-2] != 99:
        _check(df.repartition(divisions=wide, force=True), frame, wide)
    assert_eq(df.repartition(divisions=new).loc[10:60].x.sum(), frame.loc[10:60].x.sum())


def test_divisions_with_repeated_labels() -> None:
    frame = pd.DataFrame({"x": range(60)}, index=np.repeat(np.arange(0, 40, 2), 3))
    df = sd.from_pandas(frame, npartitions=4)
    for new in ([0, 38], [0, 7, 8, 12, 38], [0, 38, 38]):
        _check(df.repartition(divisions=new), frame, new)


def test_wrong_divisions() -> None:
    df = sd.from_pandas(pd.DataFrame({"x": range(10)}), npartitions=2)
    for options, text in (
        ({"divisions": [1, 9]}, "left side"),
        ({"divisions": [0, 8]}, "right side"),
        ({"divisions": [0, 8], "force": True}, "cover"),
        ({"divisions": [0, 5, 5, 9]}, "sorted and unique"),
        ({}, "exactly one"),
        ({"npartitions": 2, "divisions": [0, 9]}, "exactly one"),
        ({"npartitions": 0}, "at least 1"),
    ):
        with raises(ValueError, text):
            df.repartition(**options)
    with raises(ValueError, "not known"):
        df.reset_index(drop=True).repartition(divisions=[0, 9])
    with raises(TypeError, "timeseries"):
        df.repartition(freq="1D")


@pytest.mark.parametrize("freq", ["7D", "MS", "36h"])
def test_freq(freq: str) -> None:
    times = pd.date_range("2013-01-03 05:00", periods=200, freq="11h")
    frame = pd.DataFrame({"x": range(200)}, index=times)
    df = sd.from_pandas(frame, npartitions=3).repartition(freq=freq)
    assert_eq(df, frame)
    starts = list(df.divisions)
    assert starts[0] == times[0] and starts[-1] == times[-1]
    if freq == "MS":
        assert all(start.day == 1 for start in starts[1:-1])
    elif freq == "7D":
        assert all(later - start == pd.Timedelta("7D") for start, later in itertools.pairwise(starts[1:-1]))
    for number in range(df.npartitions):
        labels = df.get_partition(number).compute().index
        assert all(labels >= starts[number]) and all(labels <= starts[number + 1])


def test_size() -> None:
    frame = pd.DataFrame({"x": np.arange(4000.0), "y": np.arange(4000)})
    df = sd.from_pandas(frame, npartitions=4)  # of 24,000 bytes, with the index
    small = df.repartition(partition_size=10_000)
    assert small.npartitions == 12
    assert_eq(small, frame)
    large = df.repartition(partition_size="50 kB")
    assert large.npartitions == 2 and large.known_divisions
    assert_eq(large, frame)
    assert df.repartition(partition_size="1GB").npartitions == 1
    uneven = sd.concat([df.partitions[0], df.partitions[1].head(5, compute=False), df.partitions[2:]])
    again = uneven.repartition(partition_size=24_500)
    assert len(again) == 3005 and max(len(again.get_partition(n)) for n in range(again.npartitions)) <= 1021
    with raises(ValueError, "partition_size"):
        df.repartition(partition_size="many")
