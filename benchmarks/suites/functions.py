"""Functions of the user's on blocks and partitions: map_blocks, a slice of a stencil, map_partitions, against Dask."""

from __future__ import annotations

from benchmarks.suite import Case, Suite

SIDE, CHUNK = 4000, 500
GRID = 200  # blocks along each axis of the stencil: 40,000
ROWS, PARTITIONS = 2_000_000, 40


def _sine(block):
    import numpy as np

    return np.sin(block)


def _small(block):
    return block + 1


def _smooth(block):
    return block[:, :] * 2


def _clean(part):
    return part.assign(z=part.x * 2 + part.y)


def swath_sine():
    import swath.array as sa

    return float(sa.ones((SIDE, SIDE), chunks=CHUNK).map_blocks(_sine, dtype=float).sum().compute())


def dask_sine():
    import dask.array as da

    return float(da.ones((SIDE, SIDE), chunks=CHUNK).map_blocks(_sine, dtype=float).sum().compute(scheduler="threads"))


def swath_many():
    import swath.array as sa

    return float(sa.ones((1000, 1000), chunks=10).map_blocks(_small, dtype=float).sum().compute())


def dask_many():
    import dask.array as da

    return float(da.ones((1000, 1000), chunks=10).map_blocks(_small, dtype=float).sum().compute(scheduler="threads"))


def swath_slice():
    import swath.array as sa

    x = sa.ones((GRID * 10, GRID * 10), chunks=10)
    return float(x.map_overlap(_smooth, depth=1, boundary="reflect", dtype=float)[:10, :10].compute().sum())


def dask_slice():
    import dask.array as da

    x = da.ones((GRID * 10, GRID * 10), chunks=10)
    return float(x.map_overlap(_smooth, depth=1, boundary="reflect", dtype=float)[:10, :10].compute().sum())


def _frame():
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(1)
    return pd.DataFrame({"x": rng.random(ROWS), "y": rng.random(ROWS), "k": rng.integers(0, 100, ROWS)})


def load_swath(_):
    import swath.dataframe as sd

    return sd.from_pandas(_frame(), npartitions=PARTITIONS)


def load_dask(_):
    import dask.dataframe as dd

    return dd.from_pandas(_frame(), npartitions=PARTITIONS)


def swath_partitions(df):
    meta = {"x": float, "y": float, "k": "int64", "z": float}
    return float(df.map_partitions(_clean, meta=meta).z.sum().compute())


def dask_partitions(df):
    meta = {"x": float, "y": float, "k": "int64", "z": float}
    return float(df.map_partitions(_clean, meta=meta).z.sum().compute(scheduler="threads"))


FILES = {"swath": load_swath, "dask": load_dask}
SUITE = Suite(
    "functions",
    "The user's functions on blocks and partitions",
    (
        Case(
            f"np.sin by map_blocks, {SIDE} x {SIDE} in chunks of {CHUNK}, and sum",
            {"swath": swath_sine, "dask": dask_sine},
        ),
        Case("map_blocks on 10,000 small blocks, and sum", {"swath": swath_many, "dask": dask_many}),
        Case(
            "map_overlap on 40,000 chunks, then a 10 x 10 slice",
            {"swath": swath_slice, "dask": dask_slice},
            note="our target: 5 ms",
        ),
        Case(
            f"map_partitions on {ROWS:,} rows in {PARTITIONS} partitions, and sum",
            {"swath": swath_partitions, "dask": dask_partitions},
            load=FILES,
        ),
    ),
)
