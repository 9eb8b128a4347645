"""In and out of memory: pandas, dicts, Arrow, and whoever speaks the Arrow PyCapsule protocol."""

from __future__ import annotations

import decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import swath.dataframe as sd
from dataframe_checker import PARTITIONS, assert_eq, check, raises, sample_frame


@pytest.mark.parametrize(
    "values",
    [
        pd.Series([1, 2, 3], dtype=f"{sign}int{bits}") for sign in ("", "u") for bits in (8, 16, 32, 64)
    ]
    + [
        pd.Series([1.5, None, -2], dtype="float32"),
        pd.Series([1.5, None, np.inf], dtype="float64"),
        pd.Series([True, False, True]),
        pd.Series(["a", None, ""], dtype="str"),
        pd.Series(["a", "b", "a"], dtype="category"),
        pd.Series(pd.to_datetime(["2013-01-01", None, "2013-01-03"])),
        pd.Series(pd.to_datetime(["2013-01-01", None, "2013-01-03"]).tz_localize("America/New_York")),
        pd.Series(pd.to_timedelta([1, None, 3], unit="h")),
        pd.Series(pd.to_datetime(["2013-01-01"] * 3).as_unit("ns")),
    ],
    ids=lambda values: str(values.dtype),
)  # fmt: skip
def test_every_dtype_comes_back(values: pd.Series) -> None:
    frame = pd.DataFrame({"v": values, "n": [1, 2, 3]})
    for npartitions in (1, 2):
        assert_eq(sd.from_pandas(frame, npartitions=npartitions), frame)
        assert_eq(sd.from_pandas(frame, npartitions=npartitions)[["v"]], frame[["v"]])
        assert_eq(sd.from_pandas(frame.v, npartitions=npartitions), frame.v)


def test_whole_frames_and_empty_ones() -> None:
    check(lambda df: df)
    check(lambda df: df, pd.DataFrame({"a": []}))
    empty = sd.from_pandas(pd.DataFrame({"a": pd.Series([], dtype="int64")}), npartitions=3)
    assert len(empty) == 0 and empty.npartitions == 3
    assert_eq(empty.a.sum(), 0)


def test_from_dict() -> None:
    df = sd.from_dict({"a": [1, 2, 3, 4], "b": list("wxyz")}, npartitions=2)
    assert_eq(df, pd.DataFrame({"a": [1, 2, 3, 4], "b": list("wxyz")}))
    assert df.npartitions == 2


def test_from_pandas_errors() -> None:
    with raises(TypeError, "pandas DataFrame or Series"):
        sd.from_pandas({"a": [1]})  # type: ignore[arg-type]
    with raises(ValueError, "npartitions and chunksize"):
        sd.from_pandas(sample_frame(), npartitions=2, chunksize=2)
    with raises(TypeError, "npartitions"):
        sd.from_pandas(sample_frame(), npartitions=2.5)  # type: ignore[arg-type]
    with raises(ValueError, "npartitions"):
        sd.from_pandas(sample_frame(), npartitions=0)
    with raises(TypeError, "'o'"):
        sd.from_pandas(pd.DataFrame({"o": [1, "a", object()]}), npartitions=1)
    with raises(ValueError, "unique"):
        sd.from_pandas(pd.DataFrame([[1, 2]], columns=["a", "a"]), npartitions=1)
    with raises(NotImplementedError, "MultiIndex"):
        sd.from_pandas(sample_frame().set_index(["k", "i"]), npartitions=1)


def test_arrow_out() -> None:
    frame = sample_frame()
    for npartitions in PARTITIONS:
        df = sd.from_pandas(frame, npartitions=npartitions)
        table = df[["i", "x", "s"]].to_arrow()
        assert isinstance(table, pa.Table) and table.num_rows == len(frame)
        assert table.column_names[:3] == ["i", "x", "s"]
        assert table["i"].to_pylist() == frame.i.tolist()
        assert pa.table(df[df.x > 0])["x"].to_pylist() == frame.x[frame.x > 0].tolist()
        assert pa.RecordBatchReader.from_stream(df).read_all().num_rows == len(frame)
        assert "x" in pa.schema(df).names


def test_arrow_in() -> None:
    table = pa.table({"a": [1, 2, None, 4], "s": ["x", None, "y", "z"]})
    for npartitions in (1, 2, 4):
        df = sd.from_arrow(table, npartitions=npartitions)
        assert df.npartitions == npartitions
        assert_eq(df.a.sum(), 7)
        assert df.s.compute().tolist()[0] == "x"
        assert df.to_arrow().select(["a", "s"]).to_pylist() == table.to_pylist()
    assert len(sd.from_arrow(table.to_batches()[0])) == 4
    assert len(sd.from_arrow(sd.from_arrow(table))) == 4
    views = pa.table({"s": pa.array(["x", "yy"], pa.string_view())})
    assert sd.from_arrow(views).s.str.len().compute().tolist() == [1, 2]
    with raises(TypeError, "__arrow_c_stream__"):
        sd.from_arrow([1, 2])


def test_arrow_in_and_out_shares_memory() -> None:
    table = pa.table({"a": np.arange(1000)})
    again = sd.from_arrow(table).to_arrow()
    assert again["a"].chunk(0).buffers()[1].address == table["a"].chunk(0).buffers()[1].address


def test_polars_and_duckdb_read_it() -> None:
    frame = sample_frame()
    df = sd.from_pandas(frame, npartitions=3)
    polars = pytest.importorskip("polars", reason="Polars is one of the readers of the Arrow protocol")
    assert polars.DataFrame(df[["i", "s"]]).get_column("i").to_list() == frame.i.tolist()
    assert sd.from_arrow(polars.DataFrame({"s": ["a", "b"]})).s.str.upper().compute().tolist() == ["A", "B"]
    duckdb = pytest.importorskip("duckdb", reason="DuckDB is one of the readers of the Arrow protocol")
    lazy = df[["i"]]  # noqa: F841  # DuckDB finds it by name
    assert duckdb.sql("select sum(i) from lazy").fetchall()[0][0] == frame.i.sum()


def test_numpy_reads_it() -> None:
    frame = sample_frame()
    df = sd.from_pandas(frame, npartitions=2)
    np.testing.assert_array_equal(np.asarray(df.i), frame.i.to_numpy())
    np.testing.assert_allclose(np.asarray(df[["i", "x"]]), frame[["i", "x"]].to_numpy())


def test_concat() -> None:
    frame = sample_frame(30)
    parts = [frame.iloc[:10], frame.iloc[10:11], frame.iloc[11:]]
    ours = [sd.from_pandas(part, npartitions=n) for n, part in enumerate(parts, start=1)]
    assert_eq(sd.concat(ours), frame)
    assert sd.concat(ours).npartitions == sum(part.npartitions for part in ours)
    assert_eq(sd.concat([df.x for df in ours]), frame.x)
    assert_eq(
        sd.concat([ours[0][["i", "x"]], ours[2][["x", "k"]]], join="inner"),
        pd.concat([parts[0][["x"]], parts[2][["x"]]]),
    )
    with raises(ValueError, "No objects"):
        sd.concat([])


def test_values_that_have_no_type_here() -> None:
    df = sd.from_pandas(sample_frame(), npartitions=1)
    with pytest.raises(TypeError):
        df.x + object()
    with pytest.raises(TypeError):
        df.x.add([1, 2, 3])
    with pytest.raises(TypeError):
        df.s + 1
    assert_eq(df.i + np.int8(1), sample_frame().i + np.int8(1))
    assert sd.from_pandas(pd.DataFrame({"d": [decimal.Decimal("1.5")]}), npartitions=1).compute().d[
        0
    ] == decimal.Decimal("1.5")
