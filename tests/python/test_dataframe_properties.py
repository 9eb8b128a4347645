"""Properties that hold for any table, found by hypothesis: pandas is the oracle."""

from __future__ import annotations

import io
import math

import pandas as pd
import swath.dataframe as sd
from dataframe_checker import assert_eq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
FLOATS = st.one_of(st.none(), st.floats(-1e6, 1e6, width=32), st.sampled_from([0.0, math.inf, -math.inf]))
TEXT = st.one_of(
    st.none(),
    st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\x1f", exclude_categories=["Cs"]), max_size=6),
)


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    rows = draw(st.integers(0, 40))
    return pd.DataFrame(
        {
            "k": pd.Series(draw(st.lists(st.integers(-3, 3), min_size=rows, max_size=rows)), dtype="int64"),
            "x": pd.Series(draw(st.lists(FLOATS, min_size=rows, max_size=rows)), dtype="float64"),
            "s": pd.Series(draw(st.lists(TEXT, min_size=rows, max_size=rows)), dtype="str"),
            "b": pd.Series(draw(st.lists(st.booleans(), min_size=rows, max_size=rows)), dtype="bool"),
        }
    )


PARTITIONS = st.integers(1, 5)


@SETTINGS
@given(frames(), PARTITIONS)
def test_round_trip(frame: pd.DataFrame, npartitions: int) -> None:
    assert_eq(sd.from_pandas(frame, npartitions=npartitions), frame)


@SETTINGS
@given(frames(), PARTITIONS, st.floats(-10, 10), st.integers(-3, 3))
def test_filter(frame: pd.DataFrame, npartitions: int, limit: float, key: int) -> None:
    df = sd.from_pandas(frame, npartitions=npartitions)
    for function in (
        lambda d: d[d.x > limit],
        lambda d: d[(d.x <= limit) | (d.k == key)],
        lambda d: d[~d.b & (d.k != key)].s,
        lambda d: d[d.s.isna()],
        lambda d: d[d.x > limit][["k", "x"]].x,
    ):
        assert_eq(function(df), function(frame))


@SETTINGS
@given(frames(), PARTITIONS, st.integers(-5, 5))
def test_arithmetic(frame: pd.DataFrame, npartitions: int, number: int) -> None:
    df = sd.from_pandas(frame, npartitions=npartitions)
    for function in (
        lambda d: d.x * 2 + d.k - number,
        lambda d: (d.x + d.k) / (d.k + 0.5),
        lambda d: d.k // 2 + d.k % 3,
        lambda d: d.x.fillna(number).abs() > d.k,
        lambda d: d.k.clip(-1, 1) * d.b,
    ):
        assert_eq(function(df), function(frame), rtol=1e-9)


@SETTINGS
@given(frames(), PARTITIONS)
def test_groupby(frame: pd.DataFrame, npartitions: int) -> None:
    finite = frame[frame.x.isna() | frame.x.abs().lt(math.inf)]
    df = sd.from_pandas(finite, npartitions=npartitions)
    for key in ("k", "s", ["k", "b"]):
        for function in ("sum", "mean", "min", "max", "count", "first", "last", "nunique"):
            ours, oracle = getattr(df.groupby(key).x, function)(), getattr(finite.groupby(key).x, function)()
            ours_computed = ours.compute()
            pd.testing.assert_series_equal(ours_computed, oracle, check_dtype=len(finite) > 0, rtol=1e-6, atol=1e-6)


@SETTINGS
@given(frames(), PARTITIONS)
def test_reductions(frame: pd.DataFrame, npartitions: int) -> None:
    finite = frame[frame.x.isna() | frame.x.abs().lt(math.inf)]
    df = sd.from_pandas(finite, npartitions=npartitions)
    for function in ("sum", "count", "min", "max", "nunique"):
        assert_eq(getattr(df.k, function)(), getattr(finite.k, function)())
    for function in ("count", "min", "max", "nunique"):
        assert_eq(getattr(df.x, function)(), getattr(finite.x, function)())
        assert_eq(getattr(df.s.dropna(), function)(), getattr(finite.s.dropna(), function)())
    assert math.isclose(df.x.sum().compute(), finite.x.sum(), rel_tol=1e-6, abs_tol=1e-3)


@SETTINGS
@given(frame=frames(), blocksize=st.integers(1, 200))
def test_read_csv_of_what_pandas_writes(frame: pd.DataFrame, blocksize: int, tmp_path_factory) -> None:  # type: ignore[no-untyped-def]
    text = frame.to_csv(index=False)
    path = tmp_path_factory.mktemp("csv") / "data.csv"
    path.write_text(text, encoding="utf-8", newline="")
    dtype = {"k": "int64", "x": "float64", "s": "str", "b": "bool"}
    oracle = pd.read_csv(io.StringIO(text), dtype=dtype)
    ours = sd.read_csv(path, blocksize=blocksize, dtype=dtype).compute().reset_index(drop=True)
    pd.testing.assert_frame_equal(ours, oracle)


@SETTINGS
@given(frame=frames(), npartitions=PARTITIONS)
def test_what_we_write_pandas_reads(frame: pd.DataFrame, npartitions: int, tmp_path_factory) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path_factory.mktemp("out")
    df = sd.from_pandas(frame, npartitions=npartitions)
    (path,) = df.to_csv(folder / "one.csv", single_file=True, index=False)
    dtype = {"k": "int64", "x": "float64", "s": "str", "b": "bool"}
    oracle = pd.read_csv(io.StringIO(frame.to_csv(index=False)), dtype=dtype)
    pd.testing.assert_frame_equal(pd.read_csv(path, dtype=dtype), oracle)
    df.to_parquet(folder / "pq")
    pd.testing.assert_frame_equal(sd.read_parquet(folder / "pq").compute(), frame)
