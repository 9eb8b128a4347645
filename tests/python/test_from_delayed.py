"""Calls become arrays and tables, and these become calls."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import swath.array as sa
import swath.dataframe as sd

import swath

FRAME = pd.DataFrame({"x": range(30), "k": list("abc") * 10}, index=pd.RangeIndex(30, name="i"))


@swath.delayed
def part(i):
    return FRAME.iloc[i * 10 : i * 10 + 10]


def test_arrays_of_calls():
    value = swath.delayed(np.arange)(6.0)
    x = sa.from_delayed(value, shape=(6,), dtype=float)
    assert x.chunks == ((6,),) and x.dtype == float
    np.testing.assert_array_equal((x + 1)[2:].compute(), [3, 4, 5, 6])
    both = sa.concatenate([sa.from_delayed(swath.delayed(np.full)(3, i), (3,), int) for i in range(40)])
    np.testing.assert_array_equal(both.compute(), np.repeat(np.arange(40), 3))
    assert sa.from_delayed(value, (6,), meta=np.empty(0)).sum().compute() == 15


def test_what_a_call_returns_is_checked():
    with pytest.raises(ValueError, match=r"has shape \(3,\), but \(4,\) was declared"):
        sa.from_delayed(swath.delayed(np.ones)(3), (4,), float).compute()
    with pytest.raises(TypeError, match="was declared"):
        sa.from_delayed(swath.delayed(np.ones)(3), (3,), int).compute()
    with pytest.raises(TypeError, match="needs the dtype"):
        sa.from_delayed(swath.delayed(np.ones)(3), (3,))


def test_arrays_become_calls_and_back():
    n = np.arange(24.0).reshape(4, 6)
    x = sa.from_array(n, chunks=(2, 3))
    calls = x.to_delayed()
    assert calls.shape == (2, 2) and calls.dtype == object
    np.testing.assert_array_equal(calls[1, 0].compute(), n[2:, :3])
    total = swath.delayed(lambda blocks: sum(b.sum() for b in blocks))([c for c in calls.ravel()])
    assert total.compute() == n.sum()
    back = sa.block([[sa.from_delayed(c, (2, 3), float) for c in row] for row in calls])
    np.testing.assert_array_equal(back.compute(), n)


@pytest.mark.parametrize("scheduler", ["sync", "threads"])
@pytest.mark.parametrize("meta", [None, FRAME.iloc[:0], "dict"])
def test_tables_of_calls(meta, scheduler):
    options = {} if meta is None else {"meta": FRAME.iloc[:0]}
    if isinstance(meta, str):
        options = {"meta": {"x": "int64", "k": "str"}}
    df = sd.from_delayed([part(i) for i in range(3)], **options)
    assert df.npartitions == 3 and not df.known_divisions
    got = df.compute(scheduler=scheduler)
    pd.testing.assert_frame_equal(got, FRAME, check_names=not isinstance(meta, str))


def test_divisions_series_and_one_call():
    calls = [part(i) for i in range(3)]
    df = sd.from_delayed(calls, meta=FRAME.iloc[:0], divisions=(0, 10, 20, 29))
    assert df.divisions == (0, 10, 20, 29)
    pd.testing.assert_frame_equal(df.loc[12:15].compute(), FRAME.loc[12:15])
    series = sd.from_delayed([c.x for c in calls], meta=("x", "int64"))
    pd.testing.assert_series_equal(series.compute(), FRAME.x, check_names=False, check_index=False)
    assert sd.from_delayed(part(0), meta=FRAME.iloc[:0]).npartitions == 1
    with pytest.raises(ValueError, match=r"len\(dfs\) \+ 1"):
        sd.from_delayed(calls, meta=FRAME.iloc[:0], divisions=(0, 1))
    with pytest.raises(TypeError, match="at least one"):
        sd.from_delayed([])


def test_a_wrong_meta_is_a_table_of_differences():
    with pytest.raises(ValueError, match="is not what meta= says") as caught:
        sd.from_delayed([part(0)], meta={"x": "int64", "z": "float64"}).compute()
    lines = str(caught.value).splitlines()
    assert any(line.split() == ["'z'", "float64", "-"] for line in lines)
    assert any(line.split()[0] == "'k'" for line in lines)


def test_tables_become_calls():
    df = sd.from_pandas(FRAME, npartitions=4)
    calls = df.to_delayed()
    assert len(calls) == 4
    pd.testing.assert_frame_equal(pd.concat([c.compute() for c in calls]), FRAME)
    pd.testing.assert_series_equal(pd.concat([c.compute() for c in df.x.to_delayed()]), FRAME.x)
    assert swath.delayed(len)(calls[0]).compute() == len(df.partitions[0])
    pd.testing.assert_frame_equal(sd.from_delayed(calls, meta=FRAME.iloc[:0]).compute(), FRAME)


def test_from_map():
    def make(n, m, q=0):
        return pd.DataFrame({"n": [n] * 2, "m": m + q})

    df = sd.from_map(make, [1, 2], [3, 4], q=5)
    want = pd.concat([make(1, 3, 5), make(2, 4, 5)])
    pd.testing.assert_frame_equal(df.compute(), want)
    known = sd.from_map(
        lambda i: FRAME.iloc[i * 10 : i * 10 + 10], range(3), meta=FRAME.iloc[:0], divisions=[0, 10, 20, 29]
    )
    assert known.divisions == (0, 10, 20, 29)
    pd.testing.assert_frame_equal(known.compute(), FRAME)
    made = []

    def count(i):
        made.append(i)
        return FRAME.iloc[i : i + 1]

    assert sd.from_map(count, range(100), meta=FRAME.iloc[:0]).partitions[7].x.compute().tolist() == [7]
    assert made == [7]
    for arguments, message in (
        (([],), "non-zero length"),
        (([1], [1, 2]), "same length"),
        ((), "at least one Iterable"),
    ):
        with pytest.raises(ValueError, match=message):
            sd.from_map(make, *arguments)
    with pytest.raises(ValueError, match="callable"):
        sd.from_map(5, [1])
