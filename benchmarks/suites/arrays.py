"""Arrays: rows 1 and 2 of the targets, and the matrix product of the tour."""

from __future__ import annotations

import numpy as np

from benchmarks.suite import Case, Suite

SIDE = 10_000
FUSED = 100_000_000  # elements: 0.8 GB an array


def transpose_swath():
    import swath.array as sa

    x = sa.random.random((SIDE, SIDE))
    y = (x + x.T) - x.mean(axis=1)
    return float(y.sum().compute())


def transpose_dask():
    import dask.array as da

    x = da.random.random((SIDE, SIDE))
    y = (x + x.T) - x.mean(axis=1)
    return float(y.sum().compute(scheduler="threads"))


def transpose_numpy():
    x = np.random.default_rng().random((SIDE, SIDE))
    y = (x + x.T) - x.mean(axis=1)
    return float(y.sum())


def fused_inputs(_):
    rng = np.random.default_rng(0)
    return [rng.random(FUSED) for _ in range(3)]


def fused_numpy(inputs):
    a, b, c = inputs
    return float(np.where(2 * a + 3 * b - a * b > c, np.sqrt(a * a + b * b), np.exp(-a)).sum())


def fused_numexpr(inputs):
    import numexpr

    a, b, c = inputs  # noqa: RUF059
    numexpr.set_num_threads(2)
    return float(numexpr.evaluate("sum(where(2*a + 3*b - a*b > c, sqrt(a*a + b*b), exp(-a)))"))


def fused_swath_load(_):
    import swath.array as sa

    return [sa.from_array(array) for array in fused_inputs(None)]


def fused_swath(inputs):
    import swath.array as sa

    a, b, c = inputs
    return float(sa.where(2 * a + 3 * b - a * b > c, sa.sqrt(a * a + b * b), sa.exp(-a)).sum().compute())


def fused_dask_load(_):
    import dask.array as da

    return [da.from_array(array) for array in fused_inputs(None)]


def fused_dask(inputs):
    import dask.array as da

    a, b, c = inputs
    return float(
        da.where(2 * a + 3 * b - a * b > c, da.sqrt(a * a + b * b), da.exp(-a)).sum().compute(scheduler="threads")
    )


def matmul_inputs(_):
    rng = np.random.default_rng(1)
    return [rng.random((4000, 4000)) for _ in range(2)]


def matmul_numpy(inputs):
    return float((inputs[0] @ inputs[1]).sum())


def matmul_swath_load(_):
    import swath.array as sa

    return [sa.from_array(array, chunks=2000) for array in matmul_inputs(None)]


def matmul_dask_load(_):
    import dask.array as da

    return [da.from_array(array, chunks=2000) for array in matmul_inputs(None)]


def matmul_lazy(inputs):
    return float((inputs[0] @ inputs[1]).sum().compute())


SUITE = Suite(
    "arrays",
    "Arrays",
    (
        Case(
            "x = random(10⁴×10⁴); ((x + x.T) - x.mean(1)).sum()",
            {"swath": transpose_swath, "dask": transpose_dask, "numpy": transpose_numpy},
            target={"dask": 4, "numpy": 3},
            tolerance=1e-3,  # different generators: equal in expectation
        ),
        Case(
            "sum(where(2a+3b-ab > c, sqrt(a²+b²), exp(-a))), 3 × 0.8 GB",
            {"swath": fused_swath, "numexpr": fused_numexpr, "dask": fused_dask, "numpy": fused_numpy},
            load={"swath": fused_swath_load, "numexpr": fused_inputs, "dask": fused_dask_load, "numpy": fused_inputs},
            target={"numexpr": 1, "numpy": 4},
        ),
        Case(
            "(a @ b).sum(), 4000²",
            {"swath": matmul_lazy, "dask": matmul_lazy, "numpy": matmul_numpy},
            load={"swath": matmul_swath_load, "dask": matmul_dask_load, "numpy": matmul_inputs},
        ),
    ),
)
