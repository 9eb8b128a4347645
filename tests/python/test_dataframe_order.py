"""Order of first appearance, against pandas, where groups are joined from many parts by hash."""

from __future__ import annotations

from collections.abc import Iterator

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
