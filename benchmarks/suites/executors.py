"""Python functions in child processes: small calls, and 100 MB arrays on their way to a child and back."""

from __future__ import annotations

import time

from benchmarks.suite import Case, Suite

CALLS = 2_000
ELEMENTS = 100_000_000 // 8
REPEATS = 20


def inc(x):
    return x + 1


def make():
    import numpy as np

    return np.ones(ELEMENTS)


def size(x):
    return len(x)


def calls_swath():
    from swath.delayed import delayed

    import swath

    return sum(swath.compute(*[delayed(inc)(i) for i in range(CALLS)], scheduler="processes"))


def calls_dask():
    import dask

    return sum(dask.compute(*[dask.delayed(inc)(i) for i in range(CALLS)], scheduler="processes"))


def calls_pool():
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor() as pool:
        return sum(pool.map(inc, range(CALLS)))


def mean_seconds(call):
    """The mean time of a call after the first one, which may start processes."""
    result = call()
    begin = time.perf_counter()
    for _ in range(REPEATS):
        result = call()
    return {"seconds": [(time.perf_counter() - begin) / REPEATS], "result": result}


def stamp(x):
    return time.perf_counter() if len(x) == ELEMENTS else 0.0  # one clock for all processes


def interval(stamps):
    """The mean time between two of the calls that an array has reached."""
    return {"seconds": [(max(stamps) - min(stamps)) / (len(stamps) - 1)], "result": len(stamps)}


def reach_swath():
    from swath.delayed import delayed

    import swath

    made = delayed(make, pure=False)()
    return interval(swath.compute(*[delayed(stamp, pure=False)(made) for _ in range(REPEATS)], scheduler="processes"))


def reach_dask():
    import dask

    made = dask.delayed(make)()
    return interval(dask.compute(*[dask.delayed(stamp)(made) for _ in range(REPEATS)], scheduler="processes"))


def argument_swath():
    from swath.delayed import delayed

    array = make()
    return mean_seconds(lambda: delayed(size, pure=False)(array).compute(scheduler="processes"))


def argument_pool():
    from concurrent.futures import ProcessPoolExecutor

    array = make()
    with ProcessPoolExecutor() as pool:
        return mean_seconds(lambda: pool.submit(size, array).result())


def argument_joblib():
    from joblib import Parallel, delayed

    array = make()
    with Parallel(n_jobs=2) as parallel:
        return mean_seconds(lambda: parallel([delayed(size)(array)])[0])


def result_swath():
    from swath.delayed import delayed

    return mean_seconds(lambda: float(delayed(make, pure=False)().compute(scheduler="processes")[-1]))


def result_pool():
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor() as pool:
        return mean_seconds(lambda: float(pool.submit(make).result()[-1]))


SUITE = Suite(
    "executors",
    "Python functions in processes",
    (
        Case(
            f"{CALLS:,} calls of inc",
            {"swath": calls_swath, "dask": calls_dask, "ProcessPoolExecutor": calls_pool},
            note="with its start, except for Swath, whose children stay",
        ),
        Case(
            f"100 MB made in a child reach {REPEATS} other calls, each",
            {"swath": reach_swath, "dask": reach_dask},
            repeats=1,
        ),
        Case(
            "100 MB of the caller's memory reach a call",
            {"swath": argument_swath, "ProcessPoolExecutor": argument_pool, "joblib": argument_joblib},
            repeats=1,
        ),
        Case(
            "100 MB made in a child reach the caller",
            {"swath": result_swath, "ProcessPoolExecutor": result_pool},
            repeats=1,
        ),
    ),
)
