"""Elementwise work on columns, against pandas."""

from __future__ import annotations

import operator

import numpy as np
import pandas as pd
import pytest
import swath.dataframe as sd
from dataframe_checker import assert_eq, check, sample_frame

ARITHMETIC = ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow"]
COMPARISON = ["eq", "ne", "lt", "le", "gt", "ge"]


@pytest.mark.parametrize("name", ARITHMETIC)
@pytest.mark.parametrize("left", ["i", "x", "f", "u"])
def test_arithmetic_of_columns(name: str, left: str) -> None:
    function = getattr(operator, name)
    check(lambda df: function(df[left], df.x), rtol=1e-6)
    if name != "pow":
        check(lambda df: function(df[left], 3), rtol=1e-6)
        check(lambda df: function(7, df[left] + 1.5), rtol=1e-6)


@pytest.mark.parametrize("name", ARITHMETIC)
def test_division_by_zero_is_pandas(name: str) -> None:
    frame = pd.DataFrame({"a": [1, 0, -1, 5, -7], "b": [0.0, 0.0, 0.0, 2.0, -2.0], "c": [0, 0, 3, -3, 2]})
    function = getattr(operator, name)
    check(lambda df: function(df.a, df.b), frame)
    if name not in ("pow", "floordiv", "mod"):  # pandas makes floats of integers there when it meets a zero
        check(lambda df: function(df.a, df.c), frame)


@pytest.mark.parametrize("dtype", ["int64", "int8", "uint16"])
@pytest.mark.parametrize("name", ["floordiv", "mod"])
def test_integers_divided_by_zero_in_a_column(name: str, dtype: str) -> None:
    frame = pd.DataFrame({"a": [1, 0, 7, 5, 100, 3], "c": [0, 0, 3, 13, 2, 0]}).astype(dtype)
    if dtype != "uint16":
        frame = frame * pd.DataFrame({"a": [-1, 1, -1, -1, 1, 1], "c": [1, 1, 1, -1, -1, 1]}).astype(dtype)
    function = getattr(operator, name)
    for npartitions in (1, 3):
        df = sd.from_pandas(frame, npartitions=npartitions)
        assert_eq(function(df.a, df.c), function(frame.a, frame.c))
        for number in (7, 0):
            assert_eq(function(number, df.c), function(number, frame.c))
            assert_eq(function(df.a, number), function(frame.a, number))
    some = sd.from_pandas(frame[frame.c != 0], npartitions=2)
    assert_eq(function(some.a, some.c), function(some.a.compute(), some.c.compute()), check_dtype=False)


@pytest.mark.parametrize("name", COMPARISON)
@pytest.mark.parametrize("column", ["i", "x", "s", "b", "t"])
def test_comparisons(name: str, column: str) -> None:
    function = getattr(operator, name)
    check(lambda df: function(df[column], df[column]))
    value = {"i": 1, "x": 0.5, "s": "jfk", "b": True, "t": pd.Timestamp("2013-02-10")}[column]
    check(lambda df: function(df[column], value))


@pytest.mark.parametrize("name", ["and_", "or_", "xor"])
def test_logic(name: str) -> None:
    function = getattr(operator, name)
    check(lambda df: function(df.b, df.i > 0))
    check(lambda df: function(df.x > 0, df.s == "jfk"))
    check(lambda df: function(df.b, True))
    check(lambda df: ~df.b)


def test_unary() -> None:
    check(lambda df: -df.i)
    check(lambda df: -df.x)
    check(lambda df: +df.x)
    check(lambda df: abs(df.x))
    check(lambda df: df.x.abs())
    check(lambda df: (df.x * 100).round())
    check(lambda df: df.x.round(1))
    check(lambda df: df.f.round(2), rtol=1e-6)


@pytest.mark.parametrize(
    "name", ["add", "radd", "sub", "rsub", "mul", "rmul", "div", "rdiv", "truediv", "floordiv", "mod"]
)
def test_named_methods(name: str) -> None:
    check(lambda df: getattr(df.x, name)(2))
    check(lambda df: getattr(df.x, name)(df.i + 10, fill_value=0))
    check(lambda df: getattr(df[["i", "x"]], name)(2))


@pytest.mark.parametrize("name", COMPARISON)
def test_named_comparisons(name: str) -> None:
    check(lambda df: getattr(df.x, name)(0.1))


def test_integer_types_promote_as_numpy() -> None:
    check(lambda df: df.u + 1)
    check(lambda df: df.u + df.i)
    check(lambda df: df.f + 1)
    check(lambda df: df.f + 1.5, rtol=1e-6)
    check(lambda df: df.f + df.x, rtol=1e-6)
    check(lambda df: df.i / df.u.clip(1, None))


def test_missing_values() -> None:
    for column in ("i", "x", "s", "b", "t"):
        check(lambda df, c=column: df[c].isna())
        check(lambda df, c=column: df[c].notna())
    check(lambda df: df.x.fillna(0))
    check(lambda df: df.x.fillna(1.5))
    check(lambda df: df.s.fillna("none"))
    check(lambda df: df.i.fillna(3))
    check(lambda df: df.x.dropna())
    check(lambda df: df.s.dropna())
    check(lambda df: df.isna())
    check(lambda df: df.notnull())
    check(lambda df: df.dropna())
    check(lambda df: df.dropna(subset=["x"]))
    check(lambda df: df[["x", "s"]].dropna(how="all"))
    check(lambda df: df[["x", "s", "i"]].dropna(thresh=2))
    check(lambda df: df.fillna({"x": 0.0, "s": "?"}))
    check(lambda df: df[["i", "x"]].fillna(0))


def test_nan_made_by_arithmetic_is_missing() -> None:
    frame = pd.DataFrame({"a": [0.0, 1.0, np.nan, 4.0], "b": [0.0, 2.0, 1.0, np.inf]})
    check(lambda df: (df.a / df.b).isna(), frame)
    check(lambda df: (df.a / df.b).fillna(-1), frame)
    check(lambda df: (df.b - df.b).sum(), frame)


def test_isin_and_between() -> None:
    check(lambda df: df.i.isin([1, 3, -2]))
    check(lambda df: df.x.isin([0.5]))
    check(lambda df: df.s.isin(["jfk", "lga"]))
    check(lambda df: df.s.isin([]))
    check(lambda df: df[["i", "s"]].isin([1, "jfk"]))
    check(lambda df: df[["i", "s"]].isin({"i": [1], "s": ["jfk"]}))
    for inclusive in ("both", "neither", "left", "right"):
        check(lambda df, inc=inclusive: df.i.between(-2, 3, inclusive=inc))
    check(lambda df: df.x.between(-0.5, df.f))


def test_clip_where_mask() -> None:
    check(lambda df: df.x.clip(-0.5, 0.5))
    check(lambda df: df.i.clip(lower=0))
    check(lambda df: df.i.clip(upper=2))
    check(lambda df: df[["i", "x"]].clip(-1, 1))
    check(lambda df: df.x.where(df.x > 0))
    check(lambda df: df.x.where(df.i > 0, -1.0))
    check(lambda df: df.x.mask(df.i > 0, df.f.astype("float64")))


@pytest.mark.parametrize(
    ("column", "dtype"),
    [("i", "float64"), ("i", "int32"), ("i", "str"), ("i", "bool"), ("f", "float64"), ("u", "int64"), ("b", "int64"),
     ("b", "float64"), ("t", "str"), ("i", float), ("x", np.float32)],
)  # fmt: skip
def test_astype(column: str, dtype: object) -> None:
    check(lambda df: df[column].astype(dtype), rtol=1e-6)


def test_astype_category() -> None:
    frame = sample_frame()
    for column in ("s", "k", "i"):
        oracle = frame[column].astype("category")
        assert_eq(sd.from_pandas(frame, npartitions=1)[column].astype("category"), oracle)
        several = sd.from_pandas(frame, npartitions=3)[column].astype("category").compute()
        assert set(several.cat.categories) == set(oracle.cat.categories)
        pd.testing.assert_series_equal(several.astype(object), oracle.astype(object))


def test_astype_of_frames() -> None:
    check(lambda df: df.astype({"i": "float32", "b": "int8"}))
    check(lambda df: df[["i", "u"]].astype("float64"))
    check(lambda df: (df.x.fillna(0) * 10).astype("int64"))


@pytest.mark.parametrize(
    "function",
    [
        lambda s: s.str.upper(), lambda s: s.str.lower(), lambda s: s.str.len(), lambda s: s.str.strip(),
        lambda s: s.str.capitalize(), lambda s: s.str.title(), lambda s: s.str.swapcase(),
        lambda s: s.str.contains("f"), lambda s: s.str.contains("^[ej]"), lambda s: s.str.contains("R", case=False),
        lambda s: s.str.contains(".", regex=False), lambda s: s.str.startswith("e"), lambda s: s.str.endswith("a"),
        lambda s: s.str.replace("e", "E"), lambda s: s.str.replace("[aeiou]", "_", regex=True),
        lambda s: s.str.slice(0, 2), lambda s: s.str[1:], lambda s: s.str[0], lambda s: s.str.zfill(6),
        lambda s: s.str.pad(8), lambda s: s.str.pad(8, side="right", fillchar="."), lambda s: s.str.isalpha(),
        lambda s: s.str.isdigit(), lambda s: s.str.isupper(), lambda s: s.str.islower(), lambda s: s.str.count("w"),
        lambda s: s.str.find("w"), lambda s: s.str.rfind("w"), lambda s: s.str.match("[ej]"),
        lambda s: s.str.fullmatch("jfk"),
        lambda s: s.str.center(7), lambda s: s.str.ljust(7, "-"), lambda s: s.str.rjust(7), lambda s: s.str.repeat(2),
        lambda s: s.str.isdecimal(), lambda s: s.str.istitle(), lambda s: s.str.lstrip("e"),
        lambda s: s.str.rstrip("xr "),
        lambda s: s + "!", lambda s: "<" + s,
    ],
)  # fmt: skip
def test_text(function) -> None:  # type: ignore[no-untyped-def]
    check(lambda df: function(df.s))


@pytest.mark.parametrize(
    "part", ["year", "month", "day", "hour", "minute", "second", "dayofweek", "weekday", "dayofyear", "quarter"]
)
def test_dates(part: str) -> None:
    check(lambda df: getattr(df.t.dt, part))


@pytest.mark.parametrize(
    "part",
    ["microsecond", "days_in_month", "is_month_start", "is_month_end", "is_quarter_start", "is_quarter_end",
        "is_year_start",
     "is_year_end", "is_leap_year", "date"],
)  # fmt: skip
def test_more_parts_of_dates(part: str) -> None:
    check(lambda df: getattr(df.t.dt, part))


def test_dates_to_dates() -> None:
    check(lambda df: df.t.dt.ceil("h"))
    check(lambda df: df.t.dt.round("15min"))
    check(lambda df: df.t.dt.normalize())
    check(lambda df: df.t.dt.day_name())
    check(lambda df: df.t.dt.month_name())


def durations() -> pd.DataFrame:
    frame = sample_frame()
    return frame.assign(d=frame.t - frame.t.min())


def test_durations() -> None:
    frame = durations()
    check(lambda df: df.d.dt.days, frame)
    check(lambda df: df.d.dt.seconds, frame)
    check(lambda df: df.d.dt.total_seconds(), frame)
    check(lambda df: df[df.d > pd.Timedelta("5D")], frame)
    for function in ("sum", "mean", "min", "max", "count", "nunique"):
        check(lambda df, f=function: getattr(df.d, f)(), frame)
        check(lambda df, f=function: getattr(df.groupby("k").d, f)(), frame)


def test_integers_that_a_column_cannot_hold() -> None:
    frame = pd.DataFrame({"u": np.array([1, 200, 255], dtype="uint8"), "i": np.array([-128, 0, 127], dtype="int8")})
    for value in (-1, 0, 127, 128, 255, 256, 300, -129, 2**40):
        for name in COMPARISON:
            check(lambda df, n=name, v=value: getattr(operator, n)(df.u, v), frame)
            check(lambda df, n=name, v=value: getattr(operator, n)(df.i, v), frame)
    check(lambda df: df.u.between(-5, 300), frame)
    check(lambda df: df.u / 1000, frame)
    check(lambda df: df.u.isin([256, 1]), frame)
    with pytest.raises(OverflowError, match="Python integer 300 out of bounds for uint8"):
        sd.from_pandas(frame, npartitions=1).u + 300


def test_date_arithmetic() -> None:
    check(lambda df: df.t - pd.Timestamp("2013-01-01"))
    check(lambda df: df.t + pd.Timedelta(days=2))
    check(lambda df: df.t - df.t)
    check(lambda df: df.t.dt.floor("D"))
    check(lambda df: df.t.dt.strftime("%Y-%m"))


def test_frames_combine_column_by_column() -> None:
    check(lambda df: df[["i", "x"]] + 1)
    check(lambda df: df[["i", "x"]] * df[["i", "x"]])
    check(lambda df: df[["i", "x"]] > 0)
    check(lambda df: -df[["i", "x"]])
    check(lambda df: df[["i", "x"]].abs())
    check(lambda df: df.round(1), rtol=1e-6)


def test_scalars_take_part() -> None:
    check(lambda df: df.x - df.x.mean())
    check(lambda df: (df.x - df.x.mean()) / df.x.std())
    check(lambda df: df[df.x > df.x.mean()])
    check(lambda df: df.x.sum() / df.x.count())
    check(lambda df: 1 - df.i.max())
    check(lambda df: df.assign(share=df.i / df.i.abs().sum()))
    check(lambda df: df.x.fillna(df.x.mean()))


def test_columns_of_two_tables_of_the_same_partitions() -> None:
    frame = sample_frame()
    for npartitions in (1, 3):
        a, b = (sd.from_pandas(frame, npartitions=npartitions) for _ in range(2))
        assert_eq(a.x + b.i, frame.x + frame.i)
        assert_eq(a.assign(y=b.i * 2), frame.assign(y=frame.i * 2))
