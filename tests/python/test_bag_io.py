"""Bags in and out of files, tables and URLs, against Dask's and plain Python."""

import bz2
import datetime
import decimal
import glob
import gzip
import io
import json
import lzma
import pathlib
import uuid
import zipfile

import dask.bag as dask_bag
import pandas as pd
import pyarrow as pa
import pytest
import swath.bag as db
import swath.dataframe as sd
from hypothesis import given, settings
from hypothesis import strategies as st

import swath

TEXT = "first\nsecond line\r\nthird\n\nÄ fifth\nlast"


def zst(data):
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    return sink.getvalue().to_pybytes()


def zipped(data):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("x.txt", data)
    return packed.getvalue()


COMPRESSIONS = {
    "txt": (bytes, None),
    "gz": (gzip.compress, "gzip"),
    "bz2": (bz2.compress, "bz2"),
    "xz": (lzma.compress, "xz"),
    "zst": (zst, "zstd"),
    "zip": (zipped, "zip"),
}


@pytest.mark.parametrize("ending", COMPRESSIONS)
def test_read_text_of_all_compressions(tmp_path, ending):
    compress, name = COMPRESSIONS[ending]
    expected = []
    for i in range(3):
        text = TEXT + str(i)
        (tmp_path / f"part{i}.{ending}").write_bytes(compress(text.encode()))
        (tmp_path / f"part{i}.dat").write_bytes(compress(text.encode()))
        expected += list(io.StringIO(text, newline=None))
    bag = db.read_text(str(tmp_path / f"*.{ending}"))
    assert bag.npartitions == 3
    assert bag.compute() == expected
    assert bag.map(lambda s: f"{s}").compute() == expected
    assert db.read_text(sorted(glob.glob(str(tmp_path / "*.dat"))), compression=name).compute() == expected
    assert db.read_text(str(tmp_path / f"*.{ending}"), files_per_partition=2).npartitions == 2
    found = db.read_text(str(tmp_path / f"*.{ending}"), include_path=True).compute()
    assert [line for line, _ in found] == expected
    assert {path for _, path in found} == set(glob.glob(str(tmp_path / f"*.{ending}")))


@pytest.mark.parametrize("linedelimiter", [None, "", "\n", "\r\n", "e", "ir"])
@pytest.mark.parametrize("blocksize", [None, 1, 5, "10B", 1000])
def test_read_text_is_dasks(tmp_path, linedelimiter, blocksize):
    path = tmp_path / "a.txt"
    path.write_bytes(TEXT.encode())
    ours = db.read_text(str(path), blocksize=blocksize, linedelimiter=linedelimiter)
    if blocksize is None:
        theirs = dask_bag.read_text(str(path), linedelimiter=linedelimiter).compute(scheduler="sync")
        assert ours.compute() == theirs
    else:
        whole = db.read_text(str(path), linedelimiter=linedelimiter).compute()
        assert "".join(ours.compute()) == "".join(whole)


def test_read_text_arguments(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("gr\xfc\xdfe\nx\n".encode("latin-1"))
    assert db.read_text(path, encoding="latin-1").compute() == ["gr\xfc\xdfe\n", "x\n"]
    assert db.read_text(str(path), errors="ignore").compute() == ["gre\n", "x\n"]
    assert db.read_text(f"file://{path}", errors="replace").compute() == ["gr��e\n", "x\n"]
    with pytest.raises(ValueError, match="codec can't decode"):
        db.read_text(str(path)).compute()
    assert swath.compute(*db.read_text(path, encoding="latin-1", collection=False)) == (["gr\xfc\xdfe\n", "x\n"],)
    with pytest.raises(ValueError, match="Only one of"):
        db.read_text(str(path), blocksize=5, files_per_partition=1)
    with pytest.raises(ValueError, match="No files found"):
        db.read_text(str(tmp_path / "*.nothing"))
    with pytest.raises(LookupError):
        db.read_text(str(path), encoding="no-such-encoding")


def test_read_text_of_other_filesystems():
    fsspec = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    memory.pipe(
        {"/in/a.txt": b"1\n2\n", "/in/b.txt": b"3", "/in/deep/c.txt": b"4", "/in/d.gz": gzip.compress(b"5\r\n6")}
    )
    bag = db.read_text("memory://in/*.txt")
    assert bag.npartitions == 2
    assert bag.map(int).compute(scheduler="threads") == [1, 2, 3]
    assert db.read_text("memory://in/d.gz").compute(scheduler="sync") == ["5\n", "6"]
    both = db.read_text(["memory://in/a.txt", "memory://in/b.txt"], files_per_partition=2, include_path=True)
    found = both.compute(scheduler="sync")
    assert found == [("1\n", "memory://in/a.txt"), ("2\n", "memory://in/a.txt"), ("3", "memory://in/b.txt")]
    with pytest.warns(UserWarning, match="blocksize"):
        assert db.read_text("memory://in/a.txt", blocksize=1, linedelimiter="2").compute(scheduler="sync") == [
            "1\n2",
            "\n",
        ]
    with pytest.raises(ValueError, match="No files found"):
        db.read_text("memory://in/*.nothing")
    with pytest.raises(NotImplementedError, match="local"):
        bag.to_textfiles("memory://out/*")


def test_a_pipeline_over_ndjson(tmp_path):
    records = [{"name": "abc"[i % 3], "age": i, "tags": ["x"] * (i % 2)} for i in range(100)]
    for i in range(4):
        lines = [json.dumps(r) + "\n" for r in records[25 * i : 25 * i + 25]]
        (tmp_path / f"{i}.json").write_text("".join(lines))
    parsed = db.read_text(str(tmp_path / "*.json")).map(json.loads)
    old = parsed.filter(lambda r: r["age"] > 30)
    assert dict(old.pluck("name").frequencies().compute()) == {"a": 23, "b": 23, "c": 23}
    assert old.map(lambda r: r["age"] * 2).sum().compute() == sum(2 * r["age"] for r in records if r["age"] > 30)
    assert parsed.compute() == records
    assert parsed.pluck("tags").flatten().count().compute() == 50
    assert parsed.map(lambda r: r["tags"] and r["name"]).compute() == [r["tags"] and r["name"] for r in records]
    assert "Python" not in old.pluck("name").frequencies().explain()


@pytest.mark.parametrize("ending", ["txt", "gz", "bz2", "xz", "zst", "zip"])
def test_to_textfiles_of_all_compressions(tmp_path, ending):
    bag = db.from_sequence(["abc", "123", "xÿz", "last"], npartitions=2)
    for made in (bag, bag.map(lambda s: f"{s}")):
        folder = tmp_path / made._label
        paths = made.to_textfiles(str(folder / f"*.{ending}"))
        assert paths == [str(folder / f"{i}.{ending}") for i in range(2)]
        assert db.read_text(paths).str.strip().compute() == ["abc", "123", "xÿz", "last"]
        assert db.read_text(paths[0]).compute() == ["abc\n", "123"]


def test_to_textfiles_arguments(tmp_path):
    bag = db.from_sequence(["a", "ß"], npartitions=1)
    (path,) = bag.to_textfiles(str(tmp_path / "*.txt"), last_endline=True)
    assert pathlib.Path(path).read_bytes() == "a\nß\n".encode()
    (path,) = bag.to_textfiles([str(tmp_path / "named")], encoding="latin-1")
    assert pathlib.Path(path).read_bytes() == b"a\n\xdf"
    (path,) = bag.map(str.encode).to_textfiles(str(tmp_path / "folder"), encoding=None)
    assert path.endswith("folder/0.part")
    assert pathlib.Path(path).read_bytes() == "a\nß".encode()
    lazy = bag.to_textfiles(str(tmp_path / "lazy*"), compute=False)
    assert not glob.glob(str(tmp_path / "lazy*"))
    swath.compute(*lazy)
    assert (tmp_path / "lazy0").read_text() == "a\nß"
    many = db.from_sequence(map(str, range(12)), npartitions=12)
    assert many.to_textfiles(str(tmp_path / "many" / "*.txt"))[3].endswith("/03.txt")
    names = many.to_textfiles(str(tmp_path / "many" / "*"), name_function=lambda i: "abcdefghijkl"[i])
    assert names[-1].endswith("/l")
    with pytest.warns(UserWarning, match="order between partitions"):
        many.to_textfiles(str(tmp_path / "many" / "*"), name_function=lambda i: str(-i))
    with pytest.raises(TypeError, match="str"):
        db.from_sequence([1, 2]).to_textfiles(str(tmp_path / "*.x"))
    with pytest.raises(ValueError, match="2 paths"):
        bag.to_textfiles(["a", "b"])


def test_from_url(tmp_path):
    (tmp_path / "a").write_bytes(b"one\ntwo\n")
    url = (tmp_path / "a").as_uri()
    assert db.from_url(url).compute() == [b"one\n", b"two\n"]
    assert db.from_url([url, url]).npartitions == 2


SCHEMA = {
    "name": "Test",
    "type": "record",
    "fields": [
        {"name": "a", "type": "int"},
        {"name": "b", "type": ["null", "string", "double"]},
        {"name": "c", "type": {"type": "array", "items": "long"}},
        {"name": "d", "type": {"type": "map", "values": "boolean"}},
        {"name": "e", "type": {"type": "enum", "name": "E", "symbols": ["X", "Y"]}},
        {"name": "f", "type": {"type": "fixed", "name": "F", "size": 2}},
        {"name": "g", "type": ["null", "Test"], "default": None},
        {"name": "h", "type": {"type": "int", "logicalType": "date"}},
        {"name": "i", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "j", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}},
        {"name": "k", "type": {"type": "string", "logicalType": "uuid"}},
        {"name": "l", "type": "bytes"},
        {"name": "m", "type": "float"},
    ],
}

rows = st.fixed_dictionaries(
    {
        "a": st.integers(-(2**31), 2**31 - 1),
        "b": st.none() | st.text() | st.floats(allow_nan=False),
        "c": st.lists(st.integers(-(2**63), 2**63 - 1), max_size=3),
        "d": st.dictionaries(st.text(max_size=3), st.booleans(), max_size=3),
        "e": st.sampled_from(["X", "Y"]),
        "f": st.binary(min_size=2, max_size=2),
        "g": st.none(),
        "h": st.dates(),
        "i": st.datetimes(timezones=st.just(datetime.UTC)),
        "j": st.decimals(-10000, 10000, places=2),
        "k": st.uuids(),
        "l": st.binary(max_size=5),
        "m": st.floats(width=32, allow_nan=False),
    }
)


@settings(max_examples=25)
@given(st.lists(rows, max_size=20), st.sampled_from(["null", "deflate", "bzip2", "xz"]))
def test_avro_round_trip(tmp_path_factory, items, name):
    pytest.importorskip("fastavro")
    folder = tmp_path_factory.mktemp("avro")
    bag = db.from_sequence(items, npartitions=2)
    paths = bag.to_avro(str(folder / "*.avro"), SCHEMA, codec=name, sync_interval=100)
    for blocksize in (317, 100000000, None):
        assert db.read_avro(str(folder / "*.avro"), blocksize=blocksize).compute() == items
    assert len(paths) == bag.npartitions


def test_avro_files_are_cut_anywhere(tmp_path):
    pytest.importorskip("fastavro")
    schema = {"name": "t", "type": "record", "fields": [{"name": "a", "type": "int"}]}
    items = [{"a": i} for i in range(50)]
    (path,) = db.from_sequence(items, npartitions=1).to_avro(str(tmp_path / "*.avro"), schema, sync_interval=5)
    size = pathlib.Path(path).stat().st_size
    for blocksize in (7, 16, 33, size - 1, size, size + 1):
        bag = db.read_avro(path, blocksize=blocksize)
        assert bag.npartitions == -(-size // blocksize)
        assert bag.compute(scheduler="sync") == items
    packed = tmp_path / "packed.avro.gz"
    packed.write_bytes(gzip.compress(pathlib.Path(path).read_bytes()))
    assert db.read_avro(str(packed), blocksize=None, compression="gzip").compute() == items


def test_avro_errors(tmp_path):
    pytest.importorskip("fastavro")
    bag = db.from_sequence([{"a": "x"}])
    for schema in (5, {}, {"name": "t", "type": "int", "fields": []}, {"name": "t", "type": "record", "fields": [{}]}):
        with pytest.raises(AssertionError):
            bag.to_avro(str(tmp_path / "*.avro"), schema)
    schema = {"name": "t", "type": "record", "fields": [{"name": "a", "type": "int"}]}
    with pytest.raises(ValueError, match="codec"):
        bag.to_avro(str(tmp_path / "*.avro"), schema, codec="zip")
    with pytest.raises((TypeError, ValueError), match="a"):
        bag.to_avro(str(tmp_path / "*.avro"), schema)
    assert list(tmp_path.iterdir()) == [], "nothing half-written is left"
    (tmp_path / "no.avro").write_bytes(b"text")
    with pytest.raises(ValueError, match=r"no\.avro: no Avro file"):
        db.read_avro(str(tmp_path / "no.avro"), blocksize=None).compute()
    with pytest.raises(FileNotFoundError):
        db.read_avro(str(tmp_path / "none*.avro"))
    assert uuid.UUID(int=0) and decimal.Decimal(0) == 0


def test_to_dataframe():
    people = [{"name": "Alice", "age": 42, "score": 1.5}, {"name": "Bob", "age": 27, "score": None}]
    expected = pd.DataFrame(people)
    for bag in (db.from_sequence(people, npartitions=2), db.from_sequence(people, npartitions=2).map_partitions(list)):
        made = bag.to_dataframe()
        assert isinstance(made, sd.DataFrame)
        pd.testing.assert_frame_equal(made.compute().reset_index(drop=True), expected)
        meta = {"name": "str", "age": "int64", "score": "float64"}
        for kind in (meta, list(meta.items()), expected.iloc[:0]):
            again = bag.to_dataframe(meta=kind).compute().reset_index(drop=True)
            pd.testing.assert_frame_equal(again, expected)
        columns = bag.to_dataframe(columns=["age", "name"]).compute().reset_index(drop=True)
        pd.testing.assert_frame_equal(columns, expected[["age", "name"]])
    pairs = db.from_sequence([(1, "a"), (2, "b")], npartitions=1)
    pd.testing.assert_frame_equal(
        pairs.to_dataframe(columns=["x", "y"]).compute(), pd.DataFrame({"x": [1, 2], "y": list("ab")})
    )
    assert db.range(4, 2).to_dataframe(columns=["n"])["n"].sum().compute() == 6
    with pytest.raises(ValueError, match="meta"):
        db.from_sequence([]).to_dataframe()
    with pytest.raises(ValueError, match="both"):
        pairs.to_dataframe(meta={"x": "int64"}, columns=["x"])


def test_tables_to_bags():
    data = pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]}, index=pd.Index([10, 20, 30], name="i"))
    frame = sd.from_pandas(data, npartitions=2)
    assert frame.to_bag().compute() == [(1, "x"), (2, "y"), (3, "z")]
    assert frame.to_bag(index=True).compute() == [(10, 1, "x"), (20, 2, "y"), (30, 3, "z")]
    assert frame.to_bag(format="dict").compute() == data.to_dict("records")
    assert frame.to_bag(True, "dict").compute()[0] == {"index": 10, "a": 1, "b": "x"}
    assert frame["a"].to_bag().map(lambda x: f"{x}").compute() == ["1", "2", "3"]
    assert frame["a"].to_bag(index=True).compute() == [(10, 1), (20, 2), (30, 3)]
    assert frame.to_bag().npartitions == frame.npartitions
    pd.testing.assert_frame_equal(pd.concat(swath.compute(*frame.to_bag(format="frame").to_delayed())), data)
    with pytest.raises(ValueError, match="format"):
        frame.to_bag(format="json")
