"""Tables: rows 1 and 2 of the targets: group-by from CSV and from Parquet, 10 M rows."""

from __future__ import annotations

from benchmarks.suite import DATA, Case, Suite

ROWS = 10_000_000
FILES = 4


def make_files():
    """data/bench/rows-*.{csv,parquet}, once: id (1 M distinct), name (1000 strings), word (100 k strings), x, y."""
    stamp = DATA / f".tables-{ROWS}"
    if not stamp.exists():
        import numpy as np
        import polars as pl

        DATA.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(42)
        names = np.array([f"name{i:04d}" for i in range(1000)])
        words = np.array([f"word{i:06d}" for i in range(100_000)])
        for part in range(FILES):
            n = ROWS // FILES
            frame = pl.DataFrame(
                {
                    "id": rng.integers(0, 1_000_000, n),
                    "name": names[rng.integers(0, 1000, n)],
                    "word": words[rng.integers(0, 100_000, n)],
                    "x": np.round(rng.random(n), 6),
                    "y": np.round(rng.normal(size=n), 6),
                }
            )
            frame.write_csv(DATA / f"rows-{part}.csv")
            frame.write_parquet(DATA / f"rows-{part}.parquet", compression="snappy")
        stamp.touch()
    return str(DATA)


def summary(keys, values):
    """An answer that does not depend on row order: number of groups, sum of means, first and last group."""
    order = sorted(zip(keys, values, strict=True))
    return [len(order), sum(value for _, value in order), list(order[0]), list(order[-1])]


def pandas_summary(series):
    return summary(series.index.tolist(), series.tolist())


def swath_case(kind, key):
    def run(folder):
        import swath.dataframe as sd

        frame = sd.read_csv(f"{folder}/rows-*.csv") if kind == "csv" else sd.read_parquet(f"{folder}/rows-*.parquet")
        return frame.groupby(key)["x"].mean().compute()

    return run


def dask_case(kind, key):
    def run(folder):
        import dask.dataframe as dd

        frame = dd.read_csv(f"{folder}/rows-*.csv") if kind == "csv" else dd.read_parquet(f"{folder}/rows-*.parquet")
        return frame.groupby(key)["x"].mean().compute(scheduler="threads")

    return run


def polars_case(kind, key):
    def run(folder):
        import polars as pl

        frame = pl.scan_csv(f"{folder}/rows-*.csv") if kind == "csv" else pl.scan_parquet(f"{folder}/rows-*.parquet")
        return frame.group_by(key).agg(pl.col("x").mean()).collect(engine="streaming")

    return run


def duckdb_case(kind, key):
    def run(folder):
        import duckdb

        source = f"read_csv('{folder}/rows-*.csv')" if kind == "csv" else f"read_parquet('{folder}/rows-*.parquet')"
        return duckdb.sql(f"select {key}, avg(x) as x from {source} group by {key}").fetchnumpy()

    return run


def pandas_case(kind, key):
    def run(folder):
        import glob

        import pandas as pd

        read = pd.read_csv if kind == "csv" else pd.read_parquet
        columns = {"usecols": [key, "x"]} if kind == "csv" else {"columns": [key, "x"]}
        frame = pd.concat([read(path, **columns) for path in sorted(glob.glob(f"{folder}/rows-*.{kind}"))])
        return frame.groupby(key)["x"].mean()

    return run


def group_by(kind, key, target):
    peers = {
        "swath": swath_case(kind, key),
        "polars": polars_case(kind, key),
        "duckdb": duckdb_case(kind, key),
        "dask": dask_case(kind, key),
        "pandas": pandas_case(kind, key),
    }
    answer = dict.fromkeys(("swath", "dask", "pandas"), pandas_summary)
    answer |= dict.fromkeys(("polars", "duckdb"), lambda result: summary(result[key].tolist(), result["x"].tolist()))
    answer["polars"] = lambda result: summary(result[key].to_list(), result["x"].to_list())
    return Case(
        f"{kind} → groupby({key}).x.mean(), 10 M rows",
        peers,
        prepare=make_files,
        answer=answer,
        target=target,
        repeats=2,
    )


SUITE = Suite(
    "tables",
    "Tables",
    (
        group_by("csv", "name", {"dask": 2, "polars": 0.8}),
        group_by("csv", "id", {"dask": 2, "polars": 0.8}),
        group_by("parquet", "name", {"polars": 1}),
        group_by("parquet", "word", {"polars": 1}),
        group_by("parquet", "id", {"polars": 1}),
    ),
)
