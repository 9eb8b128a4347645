"""Compressed CSV files, written by pandas."""

from __future__ import annotations

import pathlib

import pandas as pd
import pytest
import swath.dataframe as sd


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz", ""])
def test_compressed_csv(suffix: str, tmp_path: pathlib.Path) -> None:
    pdf = pd.DataFrame({"a": range(50_000), "b": [f"v{i % 7}" for i in range(50_000)]})
    pdf.to_csv(tmp_path / f"x.csv{suffix}", index=False)
    pd.testing.assert_frame_equal(sd.read_csv(tmp_path / f"x.csv{suffix}").compute(), pdf)
    (tmp_path / "y").write_bytes((tmp_path / f"x.csv{suffix}").read_bytes())
    named = {".gz": "gzip", ".bz2": "bz2", ".xz": "xz", "": None}[suffix]
    pd.testing.assert_frame_equal(sd.read_csv(tmp_path / "y", compression=named).compute(), pdf)


@pytest.mark.parametrize("suffix", [".gz", ".xz"])
def test_a_damaged_file_is_an_error(suffix: str, tmp_path: pathlib.Path) -> None:
    path = tmp_path / f"x.csv{suffix}"
    pd.DataFrame({"a": range(50_000)}).to_csv(path, index=False)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises((OSError, ValueError)):
        sd.read_csv(path).compute()
