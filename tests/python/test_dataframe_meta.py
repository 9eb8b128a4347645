"""What a lazy table knows without computing, against Dask where the words come from it."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import swath.dataframe as sd
from dataframe_checker import raises, sample_frame

import swath

dd = pytest.importorskip("dask.dataframe", reason="Dask is the second oracle of names and divisions")


@pytest.mark.parametrize("npartitions", [1, 2, 3, 7, 23, 40])
@pytest.mark.parametrize(
    "index",
    [
        pd.RangeIndex(23),
        pd.Index(np.arange(23) // 3, name="id"),
        pd.Index([0] * 20 + [1, 2, 3]),
        pd.date_range("2013-01-01", periods=23),
        pd.Index([f"k{n:02}" for n in range(23)]),
        pd.Index(np.arange(23)[::-1] * 2),
    ],
    ids=["range", "repeated", "skewed", "dates", "text", "falling"],
)
def test_divisions_are_dasks(npartitions: int, index: pd.Index) -> None:
    frame = sample_frame().set_index(index)
    ours, theirs = sd.from_pandas(frame, npartitions=npartitions), dd.from_pandas(frame, npartitions=npartitions)
    assert ours.divisions == theirs.divisions
    assert ours.npartitions == theirs.npartitions and ours.known_divisions == theirs.known_divisions
    assert [len(part) for part in ours.partitions] == [len(part) for part in theirs.partitions]


@pytest.mark.parametrize("chunksize", [1, 5, 23, 100])
@pytest.mark.parametrize("sort", [True, False])
def test_chunksize_and_sort(chunksize: int, sort: bool) -> None:
    frame = sample_frame().sample(frac=1, random_state=1)
    ours = sd.from_pandas(frame, chunksize=chunksize, sort=sort)
    theirs = dd.from_pandas(frame, chunksize=chunksize, sort=sort)
    assert ours.divisions == theirs.divisions
    pd.testing.assert_index_equal(ours.compute().index, theirs.compute().index, exact="equiv")


def test_dtypes_and_names() -> None:
    frame = sample_frame().astype({"k": "category"})
    df = sd.from_pandas(frame, npartitions=2)
    assert df.dtypes.drop("k").to_dict() == frame.dtypes.drop("k").to_dict()
    assert isinstance(df.k.dtype, pd.CategoricalDtype)
    assert df.x.name == "x" and df.x.dtype == np.float64
    assert (df.i + 0.5).dtype == np.float64 and (df.u + 1).dtype == np.uint8
    assert (df.i > 0).dtype == np.bool_ and df.s.str.len().dtype in (np.int64, np.float64)
    assert df.i.sum().dtype == np.int64 and df.x.mean().dtype == np.float64
    assert df.groupby("i").x.sum().name == "x" and df.groupby("i").size().name is None


def test_repr_is_dasks_table() -> None:
    frame = sample_frame()[["i", "x", "s"]]
    df = sd.from_pandas(frame, npartitions=2)
    text = repr(df)
    assert text.startswith("Swath DataFrame Structure:\n")
    theirs = repr(dd.from_pandas(frame, npartitions=2)).splitlines()
    ours = text.splitlines()
    assert ours[2].split() == theirs[2].split() == ["npartitions=2"]
    assert [line.split() for line in ours[4:6]] == [line.split() for line in theirs[4:6]]
    assert ours[3].split() == ["0", "int64", "float64", "str"]
    assert "Swath Name: " in ours[-1] and "expression" in ours[-1]
    assert repr(df.x).splitlines()[:5] == [
        "Swath Series Structure:",
        "npartitions=2",
        "0     float64",
        "12        ...",
        "22        ...",
    ]
    assert "dtype=float64" in repr(df.x.mean())
    html = df._repr_html_()
    assert "Swath DataFrame Structure" in html and "<th>npartitions=2</th>" in html and "int64" in html
    assert "unknown" not in repr(sd.from_pandas(frame, npartitions=2, sort=False).reset_index(drop=True))


def test_truth_is_ambiguous() -> None:
    df = sd.from_pandas(sample_frame(), npartitions=2)
    with raises(ValueError, "truth value", "ambiguous"):
        bool(df.x > 0)
    with raises(ValueError, "ambiguous"):
        bool(df)
    with pytest.raises(TypeError):
        bool(df.x.sum() > 0)


def test_collections_are_seen() -> None:
    df = sd.from_pandas(sample_frame(), npartitions=2)
    for thing in (df, df.x, df.index, df.x.sum()):
        assert swath.is_swath_collection(thing)


def test_persist_keeps_partitions_and_divisions() -> None:
    frame = sample_frame()
    df = sd.from_pandas(frame, npartitions=3)
    kept = df.assign(y=df.x * 2).persist()
    assert kept.npartitions == 3 and kept.divisions == df.divisions
    pd.testing.assert_frame_equal(kept.compute(), frame.assign(y=frame.x * 2))
    pd.testing.assert_series_equal(kept.y.persist().compute(), (frame.x * 2).rename("y"))
    assert kept.x.sum().persist().compute() == pytest.approx(frame.x.sum())


def test_explain_and_visualize(tmp_path) -> None:  # type: ignore[no-untyped-def]
    df = sd.from_pandas(sample_frame(), npartitions=3)
    text = df[df.x > 0].groupby("k").x.mean().explain()
    assert "x" in text and "k" in text and len(text.splitlines()) > 3
    df.groupby("k").x.mean().visualize(filename=str(tmp_path / "plan.svg"))
    assert "<svg" in (tmp_path / "plan.svg").read_text()


def test_import_loads_neither_pandas_nor_pyarrow() -> None:
    code = "import sys, swath, swath.dataframe as sd; print(sorted({'pandas', 'pyarrow', 'numpy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
