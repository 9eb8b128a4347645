"""Delayed: 100,000 Python calls, built and computed, against Dask's schedulers of one machine."""

from __future__ import annotations

from benchmarks.suite import Case, Suite

TASKS = 100_000
DASK_TASKS = 10_000  # its time grows faster than the tasks: scaling its time up flatters it


def inc(x):
    return x + 1


def fan_swath(scheduler="threads"):
    def run():
        from swath.delayed import delayed

        import swath

        call = delayed(inc)
        return {"sum": sum(swath.compute(*[call(i) for i in range(TASKS)], scheduler=scheduler))}

    return run


def fan_dask(scheduler):
    """Fewer calls; the time is scaled to TASKS, and the answer is that of TASKS calls when Dask's own is right."""

    def run():
        import time

        import dask

        call = dask.delayed(inc)
        begin = time.perf_counter()
        total = sum(dask.compute(*[call(i) for i in range(DASK_TASKS)], scheduler=scheduler))
        seconds = (time.perf_counter() - begin) * TASKS / DASK_TASKS
        right = total == DASK_TASKS * (DASK_TASKS + 1) // 2
        return {"seconds": [seconds], "sum": TASKS * (TASKS + 1) // 2 if right else total}

    return run


def tree_swath():
    from swath.delayed import delayed

    add = delayed(sum)
    level = [delayed(inc)(i) for i in range(DASK_TASKS // 2)]
    while len(level) > 1:
        level = [add(level[i : i + 2]) for i in range(0, len(level), 2)]
    return {"sum": level[0].compute()}


def tree_dask():
    import dask

    add, call = dask.delayed(sum), dask.delayed(inc)
    level = [call(i) for i in range(DASK_TASKS // 2)]
    while len(level) > 1:
        level = [add(level[i : i + 2]) for i in range(0, len(level), 2)]
    return {"sum": level[0].compute(scheduler="threads")}


def graph():
    tasks = {("x", i): (inc, i + DASK_TASKS) for i in range(DASK_TASKS)}
    return tasks | {"sum": (sum, [("x", i) for i in range(DASK_TASKS)])}


def graph_swath():
    import swath

    return {"sum": swath.get(graph(), "sum")}


def graph_dask():
    import dask.threaded

    return {"sum": dask.threaded.get(graph(), "sum")}


SUITE = Suite(
    "delayed",
    "Delayed",
    (
        Case(
            "100 k inc calls, built and computed",
            {
                "swath": fan_swath(),
                "swath sync": fan_swath("sync"),
                "dask threads": fan_dask("threads"),
                "dask sync": fan_dask("sync"),
            },
            target={"dask threads": 40},
            note=f"Dask makes {DASK_TASKS} calls, scaled",
            repeats=2,
        ),
        Case(
            "tree of 10 k calls that add pairs",
            {"swath": tree_swath, "dask threads": tree_dask},
            repeats=1,
        ),
        Case(
            "get() of a hand-written graph of 10 k tasks",
            {"swath": graph_swath, "dask threads": graph_dask},
            repeats=2,
        ),
    ),
)
