"""read_parquet and to_parquet, against pandas."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
import swath.dataframe as sd
from dataframe_checker import FLIGHTS, PARTITIONS, assert_eq, note, raises, sample_frame


@pytest.mark.parametrize("npartitions", PARTITIONS)
def test_round_trip(tmp_path: Path, npartitions: int) -> None:
    frame = sample_frame(50).set_index(pd.Index(range(0, 100, 2), name="id")).astype({"k": "category"})
    df = sd.from_pandas(frame, npartitions=npartitions)
    df.to_parquet(tmp_path / "out")
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == sorted(f"part.{number}.parquet" for number in range(npartitions))
    again = sd.read_parquet(tmp_path / "out")
    assert again.npartitions == npartitions
    result = again.compute()
    assert result.index.name == "id"
    pd.testing.assert_frame_equal(result.astype({"k": "str"}), frame.astype({"k": "str"}))
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "out").astype({"k": "str"}), frame.astype({"k": "str"}))


def test_files_of_pandas(tmp_path: Path) -> None:
    frame = sample_frame(30)
    frame.to_parquet(tmp_path / "plain.parquet")
    assert_eq(sd.read_parquet(tmp_path / "plain.parquet"), frame)
    named = frame.set_index(pd.date_range("2013-01-01", periods=30, name="day", unit="us"))
    named.to_parquet(tmp_path / "named.parquet")
    assert_eq(sd.read_parquet(tmp_path / "named.parquet"), named)
    frame.to_parquet(tmp_path / "bare.parquet", index=False)
    assert_eq(sd.read_parquet(str(tmp_path / "bare.parquet")), frame)


def test_selection(tmp_path: Path) -> None:
    frame = sample_frame(40)
    for number in range(4):
        frame.iloc[number * 10 : number * 10 + 10].to_parquet(tmp_path / f"p{number}.parquet")
    path = str(tmp_path / "p*.parquet")
    assert_eq(sd.read_parquet(path), frame)
    assert_eq(sd.read_parquet(path, columns=["x", "s"]), frame[["x", "s"]])
    assert_eq(sd.read_parquet(path, columns="x"), frame["x"])
    assert_eq(sd.read_parquet(path, filters=[("i", ">", 0)]), frame[frame.i > 0])
    assert_eq(
        sd.read_parquet(path, filters=[[("i", ">", 0), ("s", "in", ["jfk"])], [("x", "<", -1)]]),
        frame[((frame.i > 0) & frame.s.isin(["jfk"])) | (frame.x < -1)],
    )
    assert_eq(sd.read_parquet(path, index=False).x.sum(), frame.x.sum())
    assert_eq(sd.read_parquet(path, index="i").x, frame.set_index("i").x)
    assert_eq(sd.read_parquet(path)[["x", "i"]].x.mean(), frame.x.mean())
    df = sd.read_parquet(path)
    assert_eq(df[df.i > 2].groupby("k").x.sum(), frame[frame.i > 2].groupby("k").x.sum())
    assert len(df) == 40


def test_row_groups(tmp_path: Path) -> None:
    frame = sample_frame(60)
    frame.to_parquet(tmp_path / "one.parquet", row_group_size=10)
    assert sd.read_parquet(tmp_path / "one.parquet").npartitions == 1
    split = sd.read_parquet(tmp_path / "one.parquet", split_row_groups=True)
    assert split.npartitions == 6
    assert_eq(split, frame)
    assert_eq(split[split.i > 0].x.sum(), frame[frame.i > 0].x.sum())


@pytest.mark.parametrize("compression", ["snappy", "zstd", "gzip", "lz4", "brotli", None])
def test_compression(tmp_path: Path, compression: str | None) -> None:
    sd.from_pandas(sample_frame(), npartitions=1).to_parquet(tmp_path / "out", compression=compression)
    column = pq.ParquetFile(tmp_path / "out" / "part.0.parquet").metadata.row_group(0).column(0)
    assert column.compression == (compression or "uncompressed").upper()


def test_flights_through_parquet(tmp_path: Path) -> None:
    flights = sd.read_csv(str(FLIGHTS / "*.csv"))
    flights.to_parquet(tmp_path / "flights")
    again = sd.read_parquet(tmp_path / "flights")
    assert again.npartitions == flights.npartitions
    for key in ("origin", "carrier", ["month", "origin"]):
        with note(str(key)):
            assert_eq(again.groupby(key).dep_delay.mean(), flights.groupby(key).dep_delay.mean().compute())
    assert_eq(again.dep_time.isna().sum(), flights.dep_time.isna().sum().compute())


def test_overwrite(tmp_path: Path) -> None:
    frame = sample_frame(20)
    sd.from_pandas(frame, npartitions=4).to_parquet(tmp_path / "out")
    df = sd.read_parquet(tmp_path / "out")
    df[df.i > 0].repartition(npartitions=2).to_parquet(tmp_path / "out", overwrite=True)
    assert_eq(sd.read_parquet(tmp_path / "out"), frame[frame.i > 0])
    assert not (tmp_path / "out.writing").exists()


def test_names_and_index(tmp_path: Path) -> None:
    frame = sample_frame(20)
    df = sd.from_pandas(frame, npartitions=2)
    df.to_parquet(tmp_path / "out", name_function=lambda number: f"x-{number}.parquet", write_index=False)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["x-0.parquet", "x-1.parquet"]
    assert_eq(sd.read_parquet(tmp_path / "out").compute().reset_index(drop=True), frame)


def test_errors(tmp_path: Path) -> None:
    with raises(FileNotFoundError, "/nope/a.parquet"):
        sd.read_parquet("/nope/a.parquet")
    with raises(OSError, "/nope"):
        sd.read_parquet("/nope/*.parquet")
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1 this is not Parquet")
    with pytest.raises((ValueError, OSError), match=r"broken\.parquet"):
        sd.read_parquet(broken).compute()
    frame = sample_frame()
    frame.to_parquet(tmp_path / "ok.parquet")
    with raises(KeyError, "delay"):
        sd.read_parquet(tmp_path / "ok.parquet", columns=["delay"])
    with raises(ValueError, "unknown operation"):
        sd.read_parquet(tmp_path / "ok.parquet", filters=[("x", "~", 1)])
    with raises(ValueError, "compression"):
        sd.from_pandas(frame, npartitions=1).to_parquet(tmp_path / "x", compression="zip")
    with raises(ValueError, "non-string"):
        sd.from_pandas(pd.DataFrame({0: [1]}), npartitions=1).to_parquet(tmp_path / "x")
    with raises(NotImplementedError, "partition_on"):
        sd.from_pandas(frame, npartitions=1).to_parquet(tmp_path / "x", partition_on=["a"])
    assert not (tmp_path / "x").exists()


def test_a_failed_write_leaves_nothing_half_written(tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("a\n" + "".join(f"{n}\n" for n in range(300)) + "oops\n")
    df = sd.read_csv(str(bad), blocksize=200, sample=64)
    with raises(ValueError, "oops"):
        df.to_parquet(tmp_path / "out")
    for path in (tmp_path / "out").glob("*") if (tmp_path / "out").exists() else []:
        assert path.suffix == ".parquet" and pq.ParquetFile(path).metadata.num_rows > 0
