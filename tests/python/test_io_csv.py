"""read_csv and to_csv, against pandas, on real rows and on nasty ones."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import swath.dataframe as sd
from dataframe_checker import FLIGHTS, assert_eq, note, raises, sample_frame

MONTHS = sorted(str(path) for path in FLIGHTS.glob("*.csv"))
BLOCKSIZES = [None, "default", 100, 700, 5000]


def pandas_of(paths: list[str], **options: object) -> pd.DataFrame:
    return pd.concat([pd.read_csv(path, **options) for path in paths])  # type: ignore[call-overload]


@pytest.mark.parametrize("blocksize", BLOCKSIZES)
def test_flights(blocksize: object) -> None:
    df = sd.read_csv(str(FLIGHTS / "2013-*.csv"), blocksize=blocksize)
    oracle = pandas_of(MONTHS)
    assert list(df.columns) == list(oracle.columns)
    assert_eq(df.compute().reset_index(drop=True), oracle.reset_index(drop=True))
    assert df.npartitions >= 3 and not df.known_divisions
    assert_eq(df.groupby("origin").dep_delay.mean(), oracle.groupby("origin").dep_delay.mean())
    assert_eq(df[df.dep_time.isna()].groupby("month").size(), oracle[oracle.dep_time.isna()].groupby("month").size())
    assert len(df) == len(oracle)


def test_paths(tmp_path: Path) -> None:
    oracle = pandas_of(MONTHS)
    for path in (
        MONTHS,
        [Path(p) for p in MONTHS],
        str(FLIGHTS / "*.csv"),
        FLIGHTS / "2013-0[123].csv",
        "file://" + str(FLIGHTS / "*.csv"),
    ):
        assert len(sd.read_csv(path)) == len(oracle)
    assert_eq(sd.read_csv(MONTHS[0]), pd.read_csv(MONTHS[0]))
    names = [tmp_path / f"part-{number}.csv" for number in range(12)]
    for number, name in enumerate(names):
        name.write_text(f"x\n{number}\n")
    read = sd.read_csv(str(tmp_path / "part-*.csv")).x.compute().tolist()
    assert sorted(read) == list(range(12))


def test_rows_are_numbered_within_partitions_as_dask_does() -> None:
    df = sd.read_csv(MONTHS, blocksize=None)
    oracle = pandas_of(MONTHS)
    pd.testing.assert_index_equal(df.compute().index, oracle.index, exact="equiv")
    kept = oracle[oracle.dep_delay > 10]
    pd.testing.assert_index_equal(df[df.dep_delay > 10].compute().index, kept.index, exact="equiv")


def write(tmp_path: Path, text: str) -> str:
    path = tmp_path / "data.csv"
    path.write_bytes(text.encode())
    return str(path)


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("a,b\n1,2\n3,4\n", {}),
        ("a,b\n1,2\n3,4", {}),
        ("a,b\r\n1,2\r\n3,4\r\n", {}),
        ("a;b\n1;2\n", {"sep": ";"}),
        ("a\tb\n1\t2\n", {"sep": "\t"}),
        ("1,2\n3,4\n", {"header": None, "names": ["a", "b"]}),
        ("x,y\n1,2\n3,4\n", {"header": 0, "names": ["a", "b"]}),
        ("a,b,c\n1,2,3\n4,5,6\n", {"usecols": ["c", "a"]}),
        ("a,b,c\n1,2,3\n4,5,6\n", {"usecols": [0, 2]}),
        ("a,b\n1,x\nNA,y\n3,\n", {}),
        ("a,b\n1,x\n-,y\n3,?\n", {"na_values": ["-", "?"]}),
        ("a,b\n1,NA\n2,\n", {"keep_default_na": False}),
        ("a,b\n1,2\n3,4\n", {"dtype": {"a": "float64", "b": "str"}}),
        ("a,b\n1,2\n3,4\n", {"dtype": "float32"}),
        ("d,b\n2013-01-31,1\n2013-02-01,2\n", {"parse_dates": ["d"]}),
        ("d,b\n2013-01-31 10:20:30,1\n2013-02-01 00:00:01,2\n", {"parse_dates": ["d"]}),
        ("a,b\nTrue,1.5\nFalse,2\n", {}),
        ("a,b\n'x,1',2\n", {"quotechar": "'"}),
        ("junk\nmore\na,b\n1,2\n", {"skiprows": 2}),
        ("a,b\n1,2\n\n3,4\n", {}),
        ("a,b\n1.5e3,-0\n+2,1e-3\n", {}),
        ("a,b\n1,inf\n2,-inf\n3,nan\n", {}),
        ("a,b\nä,€\nß,😀\n", {}),
        ("a,a.1\n1,2\n", {}),
        ("a\n9223372036854775807\n-9223372036854775808\n", {}),
    ],
)  # fmt: skip
def test_options(tmp_path: Path, text: str, options: dict[str, object]) -> None:
    path = write(tmp_path, text)
    assert_eq(sd.read_csv(path, **options), pd.read_csv(path, **options))  # type: ignore[call-overload,arg-type]


def test_quoted_newlines_are_safe_at_every_cut(tmp_path: Path) -> None:
    rows = "".join(f'{n},"line {n}\nnext, ""quoted""",{n * 2}\n' for n in range(40))
    path = write(tmp_path, "a,text,b\n" + rows)
    oracle = pd.read_csv(path)
    for blocksize in (None, 7, 31, 64, 200, 1000):
        with note(f"blocksize={blocksize}"):
            df = sd.read_csv(path, blocksize=blocksize)
            assert_eq(df.compute().reset_index(drop=True), oracle)


def test_every_block_size_gives_the_same_rows(tmp_path: Path) -> None:
    path = write(tmp_path, "n,s\n" + "".join(f"{n},{'x' * (n % 13)}\n" for n in range(60)))
    oracle = pd.read_csv(path)
    for blocksize in range(3, 80, 4):
        with note(f"blocksize={blocksize}"):
            assert_eq(sd.read_csv(path, blocksize=blocksize).compute().reset_index(drop=True), oracle)


def test_assume_missing(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b,c\n1,2,x\n3,4,y\n")
    df = sd.read_csv(path, assume_missing=True, dtype={"b": "int64"})
    assert df.dtypes.astype(str).to_dict() == {"a": "float64", "b": "int64", "c": "str"}
    assert df.a.compute().dtype == np.float64


def test_path_column() -> None:
    df = sd.read_csv(MONTHS, include_path_column="file").compute()
    assert [Path(str(path)).name for path in df.file.unique()] == [Path(path).name for path in MONTHS]
    assert "path" in sd.read_csv(MONTHS[0], include_path_column=True).columns


def test_compressed(tmp_path: Path) -> None:
    path = tmp_path / "data.csv.gz"
    path.write_bytes(gzip.compress(Path(MONTHS[0]).read_bytes()))
    assert_eq(sd.read_csv(str(path), blocksize=None), pd.read_csv(MONTHS[0]))


def test_header_only_and_empty(tmp_path: Path) -> None:
    df = sd.read_csv(write(tmp_path, "a,b\n"))
    assert len(df) == 0 and list(df.columns) == ["a", "b"]
    assert list(df.compute().columns) == ["a", "b"]
    with raises(ValueError, "data.csv"):
        sd.read_csv(write(tmp_path, ""))


def test_missing_files() -> None:
    with raises(FileNotFoundError, "/nope/a.csv"):
        sd.read_csv("/nope/a.csv")
    with raises(OSError, "/nope/*.csv", "pattern"):
        sd.read_csv("/nope/*.csv")
    with raises(ValueError, "empty list"):
        sd.read_csv([])
    with raises(NotImplementedError, "s3"):
        sd.read_csv("s3://bucket/a.csv")


def test_ragged_rows_name_file_and_line(tmp_path: Path) -> None:
    lines = ["a,b,c"] + [f"{n},{n},{n}" for n in range(50)]
    lines[38] = "1,2,3,4,5"
    path = write(tmp_path, "\n".join(lines) + "\n")
    for blocksize in (None, 100):
        with note(f"blocksize={blocksize}"), raises(ValueError, "data.csv", "39", "5", "3"):
            sd.read_csv(path, blocksize=blocksize, sample=64).compute()


def test_a_value_that_does_not_fit_names_file_line_and_column(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b\n" + "".join(f"{n},{n}\n" for n in range(200)) + "7,oops\n")
    for blocksize in (None, 300):
        with note(f"blocksize={blocksize}"), raises(ValueError, "data.csv", "202", "'b'", "oops", "dtype"):
            sd.read_csv(path, blocksize=blocksize, sample=64).compute()


def test_unknown_columns_in_options(tmp_path: Path) -> None:
    path = write(tmp_path, "alpha,beta\n1,2\n")
    with raises(ValueError, "alfa", "alpha"):
        sd.read_csv(path, usecols=["alfa"])
    with raises(ValueError, "betta"):
        sd.read_csv(path, parse_dates=["betta"])
    with raises(TypeError, "read_csv", "index_col"):
        sd.read_csv(path, index_col=0)
    with raises(ValueError, "sep"):
        sd.read_csv(path, sep="::")
    with raises(ValueError, "blocksize"):
        sd.read_csv(path, blocksize=-5)
    with raises(NotImplementedError, "UTF-8"):
        sd.read_csv(path, encoding="latin-1")


@pytest.mark.parametrize("npartitions", [1, 3, 12])
def test_to_csv_round_trip(tmp_path: Path, npartitions: int) -> None:
    frame = sample_frame(40)
    df = sd.from_pandas(frame, npartitions=npartitions)
    files = df.to_csv(str(tmp_path / "out-*.csv"), index=False)
    assert len(files) == npartitions == len(list(tmp_path.iterdir()))
    assert files == sorted(files)
    assert_eq(
        pd.concat([pd.read_csv(file, parse_dates=["t"], dtype={"s": "str"}) for file in files], ignore_index=True),
        _as_read(frame),
    )
    again = sd.read_csv(files, parse_dates=["t"], dtype={"s": "str"}, blocksize=None).compute()
    assert_eq(again.reset_index(drop=True), _as_read(frame), check_dtype=False)


def _as_read(frame: pd.DataFrame) -> pd.DataFrame:
    import io

    return pd.read_csv(io.StringIO(frame.to_csv(index=False)), parse_dates=["t"])


def test_to_csv_files_and_options(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"a": [1, 2, 3, 4], "s": ['x"y', "p,q", None, "line\nbreak"]}, index=pd.Index([3, 4, 5, 6], name="id")
    )
    df = sd.from_pandas(frame, npartitions=2)
    (single,) = df.to_csv(tmp_path / "one.csv", single_file=True)
    pd.testing.assert_frame_equal(pd.read_csv(single, index_col="id"), frame)
    folder = df.to_csv(tmp_path / "folder")
    assert [Path(file).name for file in folder] == ["0.part", "1.part"]
    named = df.to_csv(str(tmp_path / "n-*.csv"), name_function=lambda number: f"m{number + 1}")
    assert [Path(file).name for file in named] == ["n-m1.csv", "n-m2.csv"]
    (bare,) = df.a.to_csv(tmp_path / "bare.csv", single_file=True, header=False, index=False)
    assert Path(bare).read_text() == "1\n2\n3\n4\n"
    (other,) = df.to_csv(tmp_path / "other.csv", single_file=True, sep=";", na_rep="-")
    pd.testing.assert_frame_equal(pd.read_csv(other, sep=";", na_values="-", index_col="id"), frame)


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("a\n" + "".join(f"{n}\n" for n in range(300)) + "oops\n")
    df = sd.read_csv(str(bad), blocksize=200, sample=64)
    target = tmp_path / "deep" / "er"
    with raises(ValueError, "oops"):
        df.to_csv(str(target / "x-*.csv"))
    left = [path for path in (tmp_path / "deep").rglob("*") if path.is_file()] if (tmp_path / "deep").exists() else []
    assert all(_complete(path) for path in left), left
    with raises(ValueError, "oops"):
        df.to_csv(tmp_path / "single.csv", single_file=True)
    assert [path.name for path in tmp_path.iterdir() if "single" in path.name] == []


def _complete(path: Path) -> bool:
    return path.name.startswith("x-") and path.name.endswith(".csv") and path.read_text().endswith("\n")


def test_to_csv_errors(tmp_path: Path) -> None:
    df = sd.from_pandas(sample_frame(), npartitions=2)
    with raises(ValueError, "name_function"):
        df.to_csv(tmp_path / "x", single_file=True, name_function=str)
    with raises(ValueError, "'*'"):
        df.to_csv(str(tmp_path / "*-*.csv"))
    with raises(ValueError, "same name"):
        df.to_csv(str(tmp_path / "*.csv"), name_function=lambda number: "same")
    with raises(TypeError, "quoting"):
        df.to_csv(str(tmp_path / "*.csv"), quoting=1)
