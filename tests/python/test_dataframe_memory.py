"""Peak memory stays under the configured limit, with ten times as much data."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

LIMIT = 128 << 20
ROWS = 1_000_000
COPIES = 56  # times 24 bytes a row: ten times the limit in memory

CHILD = """
import json, pathlib, sys
import pandas, pyarrow                       # what the results need, before the baseline is taken
import swath, swath.dataframe as sd

def peak(reset=False):
    if reset:
        pathlib.Path("/proc/self/clear_refs").write_text("5")
    status = pathlib.Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))

folder = sys.argv[1]
small = sd.from_dict({"k": [1, 2], "x": [1.0, 2.0]}, npartitions=1)
small.groupby("k").x.mean().compute()
df = sd.read_csv(folder + "/*.csv", blocksize="4MiB")
before = peak(reset=True)
total, rows = swath.compute(df.x.sum(), df.k.size)
means = df.groupby("k").x.mean().compute()
groups = df.groupby("id").x.sum().max().compute()
print(json.dumps({"grown": peak() - before, "total": float(total), "rows": int(rows), "groups": len(means),
                  "mean": float(means.loc[0]), "largest": float(groups)}))
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of one million rows each; `id` has as many values as there are rows in a file."""
    folder = tmp_path_factory.mktemp("big")
    number = np.arange(ROWS)
    lines = np.char.add(np.char.add((number % 1000).astype(str), ","), (number % 7).astype(str))
    lines = np.char.add(np.char.add(lines, ","), (number % 250_000).astype(str))
    (folder / "00.csv").write_text("k,x,id\n" + "\n".join(lines.tolist()) + "\n")
    for copy in range(1, COPIES):
        os.link(folder / "00.csv", folder / f"{copy:02}.csv")
    return folder


def run_within(limit: int, code: str, folder: Path) -> dict[str, float]:
    environment = {**os.environ, "SWATH_MEMORY__LIMIT": str(limit), "SWATH_NUM_WORKERS": "2"}
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    result: dict[str, float] = json.loads(done.stdout)
    assert result["grown"] <= limit * 1.05, f"{result['grown'] / 2**20:.0f} MiB for a limit of {limit >> 20} MiB"
    return result


@pytest.mark.slow
def test_group_by_and_sum_of_ten_times_the_limit(data: Path) -> None:
    result = run_within(LIMIT, CHILD, data)
    number = np.arange(ROWS)
    assert result["rows"] == ROWS * COPIES and result["groups"] == 1000
    assert result["total"] == COPIES * float((number % 7).sum())
    assert result["mean"] == pytest.approx(float((number[::1000] % 7).mean()))
    sums = np.bincount(number % 250_000, weights=number % 7) * COPIES
    assert result["largest"] == float(sums.max())


SMALL_LIMIT = 64 << 20
DISTINCT_FILES, LINKS = 7, 6  # times a million rows of 16 bytes: ten times the small limit

NUNIQUE_CHILD = (
    CHILD[: CHILD.index("total, rows")]
    + """
rows = df.k.size.compute()
distinct = df.v.nunique().compute()
once = sd.read_csv(folder + "/*-0.csv", blocksize="4MiB")
per_group = once.groupby("k").v.nunique().sum().compute()
print(json.dumps({"grown": peak() - before, "rows": int(rows), "distinct": int(distinct), "per_group": int(per_group)}))
"""
)
GROUPS_CHILD = (
    CHILD[: CHILD.index("total, rows")]
    + """
sums = df.groupby("id").x.sum().compute()
print(json.dumps({"grown": peak() - before, "groups": len(sums), "sum": float(sums.sum())}))
"""
)


@pytest.mark.slow
def test_nunique_of_more_values_than_fit(tmp_path: Path) -> None:
    import pyarrow
    import pyarrow.csv

    number = np.arange(ROWS)
    for file in range(DISTINCT_FILES):
        values = (number + file * ROWS) * 1_000_003  # far apart: a hash table, not an array
        first = tmp_path / f"{file}-0.csv"
        pyarrow.csv.write_csv(pyarrow.table({"k": number % 1000, "v": values}), first)
        for link in range(1, LINKS):
            os.link(first, tmp_path / f"{file}-{link}.csv")
    result = run_within(SMALL_LIMIT, NUNIQUE_CHILD, tmp_path)
    assert result["rows"] == ROWS * DISTINCT_FILES * LINKS
    assert result["distinct"] == ROWS * DISTINCT_FILES
    assert result["per_group"] == ROWS * DISTINCT_FILES  # a value is of one group only


@pytest.mark.slow
def test_group_by_of_many_groups_at_a_small_limit(data: Path) -> None:
    result = run_within(SMALL_LIMIT, GROUPS_CHILD, data)
    assert result["groups"] == 250_000
    assert result["sum"] == COPIES * float((np.arange(ROWS) % 7).sum())


def test_a_limit_that_is_too_small_says_so(data: Path) -> None:
    code = (
        "import sys, swath.dataframe as sd\n"
        "try:\n"
        "    sd.read_csv(sys.argv[1] + '/00.csv', blocksize=None).compute()\n"
        "except MemoryError as error:\n"
        "    print('refused:', error)\n"
    )
    environment = {**os.environ, "SWATH_MEMORY__LIMIT": "1MiB"}
    done = subprocess.run(
        [sys.executable, "-c", code, str(data)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.startswith("refused:") and "memory.limit" in done.stdout
