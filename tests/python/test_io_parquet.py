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
    with raises(KeyError, "not in index"):
        sd.from_pandas(frame, npartitions=1).to_parquet(tmp_path / "x", partition_on=["a"])
    with raises(ValueError, "no column would be left"):
        sd.from_pandas(frame[["x"]], npartitions=1).to_parquet(tmp_path / "x", partition_on="x")
    assert not (tmp_path / "x").exists()


def test_a_failed_write_leaves_nothing_half_written(tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("a\n" + "".join(f"{n}\n" for n in range(300)) + "oops\n")
    df = sd.read_csv(str(bad), blocksize=200, sample=64)
    with raises(ValueError, "oops"):
        df.to_parquet(tmp_path / "out")
    for path in (tmp_path / "out").glob("*") if (tmp_path / "out").exists() else []:
        assert path.suffix == ".parquet" and pq.ParquetFile(path).metadata.num_rows > 0


def test_after_a_failed_write_no_task_writes_any_more(tmp_path: Path) -> None:
    (tmp_path / "0.csv").write_text("a\n" + "1\n" * 100 + "oops\n")
    for number in range(1, 4):
        (tmp_path / f"{number}.csv").write_text("a\n" + "1234567\n" * 400_000)
    df = sd.read_csv(str(tmp_path / "*.csv"), blocksize=None, sample=64)
    for write in (df.to_parquet, df.to_csv):
        with raises(ValueError, "oops"):
            write(tmp_path / "out")
        names = [path.name for path in (tmp_path / "out").iterdir()] if (tmp_path / "out").exists() else []
        assert [name for name in names if name.startswith(".")] == []


def _keyed_frame() -> pd.DataFrame:
    frame = sample_frame(60)[["i", "x", "k", "b"]]
    frame["odd name=/%"] = [None if n % 7 == 0 else f"v {n % 4}/%=" for n in range(60)]
    return frame


@pytest.mark.parametrize("keys", ["k", "i", "b", ["k", "i"], ["odd name=/%"]])
def test_partition_on(tmp_path: Path, keys: str | list[str]) -> None:
    frame = _keyed_frame()
    names = [keys] if isinstance(keys, str) else keys
    sd.from_pandas(frame, npartitions=3).to_parquet(tmp_path / "out", partition_on=keys, write_index=False)
    df = sd.read_parquet(tmp_path / "out")
    # pandas cannot read folders of missing values.
    theirs = [pd.read_parquet(tmp_path / "out")] if names[0] != "odd name=/%" else []
    for result in (df.compute(), *theirs):
        assert list(result.columns) == [c for c in frame if c not in names] + names
        assert all(result[name].dtype == "category" for name in names)
        plain = result.astype({name: frame[name].dtype if name == "i" else "str" for name in names})[list(frame)]
        expected = frame.astype({name: "str" for name in names if name != "i"})
        order = ["i", "x", "k", "odd name=/%"]
        pd.testing.assert_frame_equal(
            plain.sort_values(order, ignore_index=True), expected.sort_values(order, ignore_index=True)
        )
    if names[0] != "odd name=/%":
        categories = df[names[0]].compute().cat.categories
        assert {str(value) for value in categories} == {str(value) for value in frame[names[0]].unique()}
    assert len(df) == 60
    assert_eq(df[names].groupby(names[0]).size().sum(), frame.groupby(names[0]).size().sum())
    assert_eq(df.x.sum(), frame.x.sum())


def test_folders_of_keys_are_passed_over_by_filters(tmp_path: Path) -> None:
    frame = _keyed_frame()
    sd.from_pandas(frame, npartitions=2).to_parquet(tmp_path / "out", partition_on=["k"], write_index=False)
    for name in ("part.0.parquet", "part.1.parquet"):
        path = tmp_path / "out" / "k=c" / name
        content = path.read_bytes()
        path.write_bytes(b"PAR1" + bytes(200) + content[204:])  # the footer stays
    df = sd.read_parquet(tmp_path / "out")
    with pytest.raises(OSError):
        df.x.sum().compute()
    assert_eq(df[df.k == "a"].x.sum(), frame[frame.k == "a"].x.sum())
    assert_eq(
        sd.read_parquet(tmp_path / "out", filters=[("k", "in", ["a", "b"])]).x.sum(), frame[frame.k != "c"].x.sum()
    )
    some = sd.read_parquet(str(tmp_path / "out" / "k=[ab]" / "*.parquet"))
    assert_eq(some.x.sum(), frame[frame.k != "c"].x.sum())
    (tmp_path / "out" / "k=a" / "x=1").mkdir()
    (tmp_path / "out" / "k=b" / "part.0.parquet").rename(tmp_path / "out" / "k=a" / "x=1" / "part.0.parquet")
    with raises(ValueError, "do not name the same keys"):
        sd.read_parquet(str(tmp_path / "out" / "k=a"))


@pytest.mark.parametrize("keys", [None, "k"])
def test_overwrite_with_folders_and_metadata(tmp_path: Path, keys: str | None) -> None:
    frame = _keyed_frame()
    out = tmp_path / "out"
    options = {"partition_on": keys, "write_index": False}
    sd.from_pandas(frame, npartitions=3).to_parquet(out, write_metadata_file=True, **options)
    whole = pq.read_metadata(out / "_metadata")
    assert whole.num_rows == 60
    paths = {whole.row_group(n).column(0).file_path for n in range(whole.num_row_groups)}
    assert paths == {str(path.relative_to(out)) for path in out.rglob("part*.parquet")}
    assert pq.read_schema(out / "_common_metadata").names == [c for c in frame if c != keys]
    few = frame[frame.k != "a"]
    sd.from_pandas(few, npartitions=2).to_parquet(out, overwrite=True, **options)
    assert not (out / "_metadata").exists()  # it would tell of files that are gone
    assert not (out / "k=a").exists() and not (tmp_path / "out.writing").exists()
    assert_eq(sd.read_parquet(out).x.sum(), few.x.sum())
    bad = sd.from_pandas(few, npartitions=2).assign(x=lambda d: d.k.astype("float64"))
    with pytest.raises(ValueError):
        bad.to_parquet(out, overwrite=True, **options)
    assert not (tmp_path / "out.writing").exists()
    assert_eq(sd.read_parquet(out).x.sum(), few.x.sum())


@pytest.mark.parametrize("dropna", [True, False])
def test_groups_by_text_that_is_stored_as_dictionaries(tmp_path: Path, dropna: bool) -> None:
    frame = sample_frame(3000)
    frame["w"] = [f"w {n % 700}" if n % 11 else None for n in range(3000)]
    for number in range(3):  # of different dictionaries, the last file without one
        part = frame.iloc[number * 1000 : number * 1000 + 1000]
        part.to_parquet(tmp_path / f"p{number}.parquet", row_group_size=300, use_dictionary=number < 2 or ["s"])
    for path, rows in ((tmp_path / "p[01].parquet", frame[:2000]), (tmp_path / "p*.parquet", frame)):
        df = sd.read_parquet(str(path))
        plan = df.groupby("s", dropna=dropna).x.sum().explain()
        assert "dictionary s" in plan and "dictionary s" not in df.groupby("s").s.count().explain()
        for sort in (True, False):
            options = {"dropna": dropna, "sort": sort}
            for keys in ("s", "w", ["s", "w"], ["w", "i"]):
                with note(f"{path.name} {keys} {sort}"):
                    assert_eq(df.groupby(keys, **options).x.sum(), rows.groupby(keys, **options).x.sum())
                    assert_eq(df.groupby(keys, **options).size(), rows.groupby(keys, **options).size())
            one, expected = df.groupby("s", **options), rows.groupby("s", **options)
            assert_eq(one.agg(a=("w", "nunique"), b=("w", "first")), expected.agg(a=("w", "nunique"), b=("w", "first")))
            some, few = df[df.s != "jfk"], rows[rows.s != "jfk"]
            assert_eq(some.groupby("s", **options).x.sum(), few.groupby("s", **options).x.sum())
            upper = df.assign(u=df.s.str.upper()).groupby("s", **options).u.first()
            assert_eq(upper, rows.assign(u=rows.s.str.upper()).groupby("s", **options).u.first())
        assert_eq(df.w.value_counts(dropna=dropna), rows.w.value_counts(dropna=dropna))
        assert_eq(df.w.unique(), pd.Series(rows.w.unique(), name="w", dtype=rows.w.dtype))
        assert_eq(df.drop_duplicates("w"), rows.drop_duplicates("w"))
