"""Order of first appearance, against pandas, where groups are joined from many parts by hash."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import swath.dataframe as sd
from dataframe_checker import assert_eq

ROWS, VALUES, PARTITIONS = 2_000_000, 300_000, 40


@pytest.fixture(scope="module", params=["int", "text"])
def keyed(request: pytest.FixtureRequest) -> Iterator[pd.DataFrame]:
    random = np.random.default_rng(5)
    keys = pd.Series(random.integers(0, VALUES, ROWS) * 7919)
    if request.param == "text":
        keys = "name " + keys.astype("str")
    keys[random.random(ROWS) < 0.001] = None
    yield pd.DataFrame({"k": keys, "x": random.integers(0, 1000, ROWS)})


def test_order_of_first_appearance(keyed: pd.DataFrame) -> None:
    df = sd.from_pandas(keyed, npartitions=PARTITIONS, sort=False)
    assert_eq(df.k.unique(), pd.Series(keyed.k.unique(), name="k", dtype=keyed.k.dtype))
    assert_eq(df.groupby("k", sort=False).x.sum(), keyed.groupby("k", sort=False).x.sum())
    assert_eq(df.groupby("k", sort=False, dropna=False).size(), keyed.groupby("k", sort=False, dropna=False).size())
    assert_eq(df.k.value_counts(), keyed.k.value_counts())
    assert_eq(df.k.value_counts(sort=False), keyed.k.value_counts(sort=False))


@pytest.mark.parametrize("keep", ["first", "last"])
def test_order_of_kept_rows(keyed: pd.DataFrame, keep: str) -> None:
    df = sd.from_pandas(keyed, npartitions=PARTITIONS, sort=False)
    assert_eq(df.drop_duplicates("k", keep=keep), keyed.drop_duplicates("k", keep=keep))
    few = df[["k"]].assign(m=df.x % 2)
    oracle = keyed[["k"]].assign(m=keyed.x % 2)
    assert_eq(few.drop_duplicates(keep=keep), oracle.drop_duplicates(keep=keep))


CHILD = """
import sys
import swath.dataframe as sd

df = sd.read_csv(sys.argv[1] + "/*.csv", blocksize="256kiB", dtype={"k": "str"})
df.k.unique().to_frame().to_csv(sys.argv[1] + "/unique.out", single_file=True, index=False)
df.drop_duplicates("k", keep="last").to_csv(sys.argv[1] + "/last.out", single_file=True, index=False)
"""


def test_order_within_a_small_memory_limit(tmp_path: Path) -> None:
    random = np.random.default_rng(6)
    rows, values = 600_000, 200_000
    frame = pd.DataFrame({"k": [f"key {n * 7919:012}" for n in random.integers(0, values, rows)], "x": range(rows)})
    for number in range(6):
        frame.iloc[number * 100_000 : (number + 1) * 100_000].to_csv(tmp_path / f"{number}.csv", index=False)
    environment = {**os.environ, "SWATH_MEMORY__LIMIT": "24MiB", "SWATH_NUM_WORKERS": "2"}
    command = [sys.executable, "-c", CHILD, str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr[-2000:]
    assert pd.read_csv(tmp_path / "unique.out").k.tolist() == frame.k.unique().tolist()
    pd.testing.assert_frame_equal(
        pd.read_csv(tmp_path / "last.out", dtype={"k": "str"}),
        frame.drop_duplicates("k", keep="last", ignore_index=True),
    )
