"""Rows by index labels, columns side by side, text of times: against pandas, over partitions."""

from __future__ import annotations

import pathlib
from typing import Any

import numpy as np
import pandas as pd
import pytest
import swath.dataframe as sd


def frame(kind: str) -> pd.DataFrame:
    index: Any = {
        "int": np.arange(0, 40, 2),
        "repeated": np.repeat(np.arange(5), 4),
        "text": [f"k{i:02}" for i in range(20)],
        "date": pd.date_range("2020-01-01", periods=20),
        "unsorted": np.arange(20)[::-1],
    }[kind]
    return pd.DataFrame({"a": np.arange(20), "b": [f"v{i}" for i in range(20)]}, index=pd.Index(index, name="key"))


LABELS = {
    "int": (6, 17, 30), "repeated": (2, 1, 3), "text": ("k03", "k01x", "k15"), "unsorted": (6, 3, 15),
    "date": (pd.Timestamp("2020-01-05"), pd.Timestamp("2020-01-02"), pd.Timestamp("2020-01-16")),
}  # fmt: skip


@pytest.mark.parametrize("kind", LABELS)
@pytest.mark.parametrize("npartitions", [1, 4])
def test_loc(kind: str, npartitions: int) -> None:
    pdf = frame(kind)
    df = sd.from_pandas(pdf, npartitions=npartitions, sort=False)
    one, low, high = LABELS[kind]
    missing = {"text": "k01x", "date": pd.Timestamp("2020-01-05 12:00")}.get(kind, 7 if kind == "int" else 99)
    inside = (pdf.index >= low) & (pdf.index <= high)
    pd.testing.assert_frame_equal(df.loc[low:high].compute(), pdf[inside], check_freq=False)
    pd.testing.assert_frame_equal(df.loc[:high].compute(), pdf[pdf.index <= high], check_freq=False)
    pd.testing.assert_frame_equal(df.loc[low:].compute(), pdf[pdf.index >= low], check_freq=False)
    pd.testing.assert_frame_equal(df.loc[one].compute(), pdf[pdf.index == one], check_freq=False)
    present = pdf.index[[13, 3, 15]].tolist()
    for labels in (present, present[::-1], [*present, present[0]]):
        pd.testing.assert_frame_equal(df.loc[labels].compute(), pdf.loc[labels], check_freq=False)
        pd.testing.assert_series_equal(df.a.loc[labels].compute(), pdf.a.loc[labels], check_freq=False)
    with pytest.raises(KeyError):
        pdf.loc[[*present, missing]]
    with pytest.raises(KeyError):
        df.loc[[*present, missing]].compute()
    pd.testing.assert_series_equal(df.loc[low:high, "a"].compute(), pdf[inside]["a"], check_freq=False)
    pd.testing.assert_series_equal(df.a.loc[low:high].compute(), pdf[inside]["a"], check_freq=False)
    pd.testing.assert_frame_equal(df.loc[[]].compute(), pdf[:0], check_freq=False)


def test_loc_reads_only_the_partitions_that_can_hold_the_labels() -> None:
    df = sd.from_pandas(frame("int"), npartitions=5)
    assert df.loc[6].npartitions == 1
    assert df.loc[9:17].npartitions <= 3
    assert df.loc[9:17].divisions[0] <= 9
    with pytest.raises(KeyError):
        df.loc[1000]
    with pytest.raises(TypeError, match="no step"):
        df.loc[1:9:2]
    dates = sd.from_pandas(frame("date"), npartitions=3)
    expected = frame("date").loc["2020-01-03":"2020-01-09"]
    pd.testing.assert_frame_equal(dates.loc["2020-01-03":"2020-01-09"].compute(), expected, check_freq=False)


def test_concat_of_columns() -> None:
    pdf = frame("int")
    other = pd.DataFrame({"c": pdf.a * 2.5, "d": 1}, index=pdf.index)
    left, right = sd.from_pandas(pdf, npartitions=3), sd.from_pandas(other, npartitions=3)
    expected = pd.concat([pdf, other], axis=1)
    pd.testing.assert_frame_equal(sd.concat([left, right], axis=1).compute(), expected)
    pd.testing.assert_frame_equal(
        sd.concat([left, right.c, right.d.rename("e")], axis="columns").compute(),
        pd.concat([pdf, other.c, other.d.rename("e")], axis=1),
    )
    with pytest.raises(ValueError, match="column 'a' is in more than one"):
        sd.concat([left, left], axis=1)
    with pytest.raises(ValueError, match="partitions"):
        sd.concat([left, sd.from_pandas(other, npartitions=2)], axis=1)
    moved = sd.from_pandas(other.set_axis(other.index + 1), npartitions=3)
    with pytest.raises(ValueError, match=r"divisions|labels"):
        sd.concat([left, moved], axis=1).compute()


TIMES = {
    "dates": ["2020-01-01", "2020-01-02", None, "2020-01-04"],
    "a time in the last partition": ["2020-01-01", "2020-01-02", None, "2020-01-04 10:00"],
    "milliseconds": ["2020-01-01", "2020-01-02 00:00:00.5", None, "2020-01-04 10:00"],
    "microseconds": ["2020-01-01 01:00:00.000001", None, None, "2020-01-04"],
    "nothing": [None] * 4,
}


@pytest.mark.parametrize("name", TIMES)
def test_times_as_text_have_one_format_in_a_column(name: str, tmp_path: pathlib.Path) -> None:
    times = pd.to_datetime(pd.Series(TIMES[name], dtype="str"), format="ISO8601")
    pdf = pd.DataFrame({"t": times, "n": range(4)})
    df = sd.from_pandas(pdf, npartitions=4)
    pd.testing.assert_series_equal(df.t.astype(str).compute(), pdf.t.astype(str))
    df.to_csv(tmp_path / "one.csv", single_file=True)
    assert (tmp_path / "one.csv").read_text() == pdf.to_csv()
    names = df.to_csv(tmp_path / "part-*.csv", header=False)
    assert "".join(pathlib.Path(part).read_text() for part in names) == pdf.to_csv(header=False)


def test_times_in_the_index_as_text(tmp_path: pathlib.Path) -> None:
    pdf = frame("date")
    pdf.index = [*pdf.index[:-1], pd.Timestamp("2020-02-01 10:30")]
    sd.from_pandas(pdf, npartitions=3).to_csv(tmp_path / "x.csv", single_file=True)
    assert (tmp_path / "x.csv").read_text() == pdf.to_csv()


@pytest.mark.parametrize("operation", ["__floordiv__", "__truediv__", "__pow__"])
def test_booleans_are_not_divided(operation: str) -> None:
    df = sd.from_dict({"o": [True, False]}, npartitions=1)
    with pytest.raises(NotImplementedError, match="not implemented for bool dtypes"):
        getattr(pd.Series([True, False]), operation)(pd.Series([True, True]))
    with pytest.raises(NotImplementedError, match="not implemented for bool dtypes"):
        getattr(df.o, operation)(df.o)
