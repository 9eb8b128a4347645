"""Writes that run later, and writes that add to a folder."""

from __future__ import annotations

import pathlib

import pandas as pd
import pytest
import swath.dataframe as sd

import swath

PDF = pd.DataFrame({"a": range(6), "b": list("xyzxyz")})


def test_writes_run_when_they_are_computed(tmp_path: pathlib.Path) -> None:
    df = sd.from_pandas(PDF, npartitions=2)
    parquet = df.to_parquet(tmp_path / "p", compute=False)
    csv = df.to_csv(tmp_path / "c-*.csv", index=False, compute=False)
    assert not list(tmp_path.glob("p/*")) and not list(tmp_path.glob("*.csv"))
    nothing, names = swath.compute(parquet, csv)
    assert nothing is None and names == [str(tmp_path / "c-0.csv"), str(tmp_path / "c-1.csv")]
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "p"), PDF)
    pd.testing.assert_frame_equal(pd.concat(map(pd.read_csv, names), ignore_index=True), PDF)


def test_append(tmp_path: pathlib.Path) -> None:
    first = sd.from_pandas(PDF, npartitions=2)
    later = PDF.set_axis(PDF.index + 6)
    first.to_parquet(tmp_path / "p", append=True)
    sd.from_pandas(later, npartitions=3).to_parquet(tmp_path / "p", append=True)
    assert sorted(path.name for path in (tmp_path / "p").iterdir()) == [f"part.{i}.parquet" for i in range(5)]
    pd.testing.assert_frame_equal(sd.read_parquet(tmp_path / "p").compute(), pd.concat([PDF, later]), check_freq=False)
    with pytest.raises(ValueError, match="overlap"):
        first.to_parquet(tmp_path / "p", append=True)
    first.to_parquet(tmp_path / "p", append=True, ignore_divisions=True)
    assert len(sd.read_parquet(tmp_path / "p")) == 18
    with pytest.raises(ValueError, match="Appended columns not the same"):
        first.assign(c=1).to_parquet(tmp_path / "p", append=True)
    with pytest.raises(ValueError, match="Appended columns not the same"):
        first.astype({"a": "float64"}).to_parquet(tmp_path / "p", append=True)
    with pytest.raises(ValueError, match="both"):
        first.to_parquet(tmp_path / "p", append=True, overwrite=True)
    assert len(sd.read_parquet(tmp_path / "p")) == 18


def test_a_later_overwrite_keeps_the_old_files_until_it_runs(tmp_path: pathlib.Path) -> None:
    sd.from_pandas(PDF, npartitions=3).to_parquet(tmp_path / "p")
    table = sd.read_parquet(tmp_path / "p")
    later = table.assign(a=table.a + 1).to_parquet(tmp_path / "p", overwrite=True, compute=False)
    pd.testing.assert_frame_equal(sd.read_parquet(tmp_path / "p").compute(), PDF)
    later.compute()
    pd.testing.assert_frame_equal(sd.read_parquet(tmp_path / "p").compute(), PDF.assign(a=PDF.a + 1))


def test_csv_has_the_index_first_as_pandas_writes_it(tmp_path: pathlib.Path) -> None:
    named = PDF.set_index("b")
    for pdf in (PDF, named, PDF.set_axis(PDF.index.rename("n"))):
        sd.from_pandas(pdf, npartitions=2, sort=False).to_csv(tmp_path / "x.csv", single_file=True)
        assert (tmp_path / "x.csv").read_text() == pdf.to_csv()
        sd.from_pandas(pdf, npartitions=2, sort=False).to_csv(tmp_path / "x.csv", single_file=True, index=False)
        assert (tmp_path / "x.csv").read_text() == pdf.to_csv(index=False)
    PDF.to_csv(tmp_path / "y.csv", index=False)
    sd.read_csv(tmp_path / "y.csv").to_csv(tmp_path / "z.csv", single_file=True)
    assert (tmp_path / "z.csv").read_text() == PDF.to_csv()
    sd.from_pandas(PDF, npartitions=2).a.to_csv(tmp_path / "s.csv", single_file=True)
    assert (tmp_path / "s.csv").read_text() == PDF.a.to_csv()


@pytest.mark.parametrize("method", ["gzip", "bz2", "none"])
def test_compressed_csv(tmp_path: pathlib.Path, method: str) -> None:
    df = sd.from_pandas(PDF, npartitions=2)
    names = df.to_csv(tmp_path / "x-*.csv", index=False, compression=method)
    codec = None if method == "none" else method
    written = pd.concat([pd.read_csv(name, compression=codec) for name in names], ignore_index=True)
    pd.testing.assert_frame_equal(written, PDF)
    suffix = {"gzip": ".gz", "bz2": ".bz2", "none": ""}[method]
    df.to_csv(tmp_path / f"one.csv{suffix}", single_file=True, index=False)
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / f"one.csv{suffix}", compression=codec), PDF)
    with pytest.raises(ValueError, match="zip2"):
        df.to_csv(tmp_path / "y.csv", compression="zip2")
