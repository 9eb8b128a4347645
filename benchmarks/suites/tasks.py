"""Tasks: row 1 (native no-op graphs) and row 6 (plan and submit a large array program) of the targets."""

from __future__ import annotations

import json
import pathlib
import subprocess

from benchmarks.suite import Case, Suite

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / "build-bench"
TASKS = 1_000_000
DASK_TASKS = 20_000


def build_programs():
    """Build the two native programs once."""
    configure = [
        "cmake",
        "-S",
        ".",
        "-B",
        str(BUILD),
        "-G",
        "Ninja",
        "-DSWATH_BUILD_BENCHMARKS=ON",
        "-DSWATH_BUILD_TESTS=OFF",
    ]
    subprocess.run([*configure, "-DSWATH_BUILD_PYTHON=OFF"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    build = ["cmake", "--build", str(BUILD), "-j", "2", "--target", "tasks_swath", "tasks_tbb"]
    subprocess.run(build, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return str(BUILD / "benchmarks")


def native(program, shape):
    def run(folder):
        done = subprocess.run(
            [f"{folder}/{program}", shape, str(TASKS), "1"], check=True, capture_output=True, text=True
        )
        result = json.loads(done.stdout)
        return {"seconds": result["seconds"], "tasks": result["tasks"]}

    return run


def dask_shape(shape):
    """The same graph in Dask with fewer tasks; its time is scaled to TASKS."""

    def run(_):
        import time

        from dask.threaded import get

        def noop(*_):
            return None

        width = 2 if shape == "chain" else 1000
        graph = {("t", 0, i): (noop,) for i in range(width)}
        for step in range(1, DASK_TASKS // width):
            for i in range(width):
                if shape in ("chain", "tree"):
                    inputs = [i]
                else:
                    inputs = [j for j in (i - 1, i, i + 1) if 0 <= j < width]
                graph["t", step, i] = (noop, *(("t", step - 1, j) for j in inputs))
        wanted = [("t", DASK_TASKS // width - 1, i) for i in range(width)]
        begin = time.perf_counter()
        get(graph, wanted)
        return {"seconds": [(time.perf_counter() - begin) * TASKS / DASK_TASKS], "tasks": TASKS}

    return run


def plan_swath():
    import swath.array as sa

    import swath

    x = sa.random.random((100_000, 100_000), chunks=(500, 500))
    y = (x + x.T).rechunk((1000, 250)).mean(axis=0)
    return {"planned": "layers" in swath.explain(y)}  # optimizes, lowers and prints


def plan_dask():
    import dask.array as da

    x = da.random.random((100_000, 100_000), chunks=(500, 500))
    y = (x + x.T).rechunk((1000, 250)).mean(axis=0)
    graph = dict(y.__dask_optimize__(y.__dask_graph__(), y.__dask_keys__()))
    return {"planned": len(graph) > 0}


SHAPES = ("chain", "tree", "stencil", "fft", "random")
SUITE = Suite(
    "tasks",
    "Tasks",
    (
        *(
            Case(
                f"{shape}: 1 M native no-op tasks",
                {"swath": native("tasks_swath", shape), "oneTBB": native("tasks_tbb", shape)}
                | ({"dask": dask_shape(shape)} if shape in ("chain", "stencil") else {}),
                prepare=build_programs,
                note=f"Dask runs {DASK_TASKS} tasks, scaled",
                repeats=1,
            )
            for shape in SHAPES
        ),
        Case(
            "plan 100,000² in 500² chunks: x + x.T, rechunk, mean",
            {"swath": plan_swath, "dask": plan_dask},
            target={"dask": 1000},
            repeats=1,
        ),
    ),
)
