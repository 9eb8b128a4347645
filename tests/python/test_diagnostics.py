"""Callbacks, profilers, pages and trace files of local computations."""

import json
import threading

import numpy as np
import pytest
import swath.array as sa
from swath.callbacks import Callback, add_callbacks
from swath.diagnostics import CacheProfiler, Profiler, ProgressBar, ResourceProfiler, trace, visualize

import swath
from swath import delayed

SCHEDULERS = ["threads", "sync"]


def _graph():
    """Four calls: two that work, one on both, one on an array."""
    add = delayed(lambda a, b: a + b)
    inc = delayed(lambda x: x + 1)
    return add(inc(1), inc(2))


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_callback_sees_each_task_once(scheduler):
    order, results = [], {}

    def posttask(key, result, dsk, state, worker):
        order.append(("post", key))
        results[key] = result
        assert key in state["finished"] or key in state["running"] or key in state["released"]

    callback = Callback(
        start=lambda dsk: order.append("start"),
        start_state=lambda dsk, state: order.append("state"),
        pretask=lambda key, dsk, state: order.append(("pre", key)),
        posttask=posttask,
        finish=lambda dsk, state, errored: order.append(("finish", errored)),
    )
    with callback:
        assert _graph().compute(scheduler=scheduler) == 5
    assert order[:2] == ["start", "state"]
    assert order[-1] == ("finish", False)
    keys = [x[1] for x in order if x[0] == "pre"]
    assert len(keys) == len(set(keys)) == 3
    for key in keys:
        assert order.index(("pre", key)) < order.index(("post", key))
    assert sorted(results.values()) == [2, 3, 5]
    seen = len(order)
    _graph().compute(scheduler=scheduler)
    assert len(order) == seen, "it watches no longer"


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_callback_hears_of_errors(scheduler):
    finished = []

    @delayed
    def fail():
        raise KeyError("gone")

    with Callback(finish=lambda dsk, state, errored: finished.append(errored)), pytest.raises(KeyError, match="gone"):
        fail().compute(scheduler=scheduler)
    assert finished == [True]


def test_callbacks_derived_registered_and_together():
    class Count(Callback):
        def __init__(self):
            super().__init__()
            self.count = 0

        def _posttask(self, key, result, dsk, state, worker):
            self.count += 1

    one, two = Count(), Count()
    one.register()
    try:
        with add_callbacks(two):
            _graph().compute()
        _graph().compute()
    finally:
        one.unregister()
    _graph().compute()
    assert (one.count, two.count) == (6, 3)


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_profiler(scheduler):
    with Profiler() as profiler:
        x = sa.random.random((200, 200), chunks=50)
        x.sum().compute(scheduler=scheduler)
    names = {r.task for r in profiler.results}
    assert names and len({r.key for r in profiler.results}) == len(profiler.results)
    assert all(0 <= r.end_time - r.start_time < 60 for r in profiler.results)
    count = len(profiler.results)
    with Profiler() as again:
        x.sum().compute(scheduler=scheduler)
    assert len(again.results) == count == len(profiler.results)
    profiler.clear()
    assert profiler.results == []


def test_profiler_names_functions():
    def work(x):
        return x

    with Profiler() as profiler:
        delayed(work)(1).compute()
    assert [r.task for r in profiler.results] == ["work"]


def test_resource_profiler():
    with ResourceProfiler(dt=0.01) as profiler:
        sa.random.random((2000, 2000), chunks=500).sum().compute()
    assert len(profiler.results) >= 2
    assert all(r.mem > 1 and r.cpu >= 0 for r in profiler.results)
    times = [r.time for r in profiler.results]
    assert times == sorted(times)
    kept = profiler.results
    assert profiler.results == kept, "closed: nothing comes after the end"
    registered = ResourceProfiler(dt=0.01)
    registered.register()
    try:
        sa.ones(10).sum().compute()
    finally:
        registered.unregister()
    assert registered.results
    with pytest.raises(ValueError, match="dt=0"):
        ResourceProfiler(dt=0)


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_cache_profiler(scheduler):
    with CacheProfiler() as profiler:
        x = delayed(np.ones)(1000)
        delayed(lambda a: float(a.sum()))(x).compute(scheduler=scheduler)
    by_task = {r.task: r for r in profiler.results}
    assert by_task["ones"].metric == 8000
    assert by_task["ones"].free_time >= by_task["ones"].cache_time
    with CacheProfiler(metric=lambda value: 7, metric_name="seven") as seven:
        delayed(np.ones)(3).compute(scheduler=scheduler)
    assert [r.metric for r in seven.results] == [7]


def test_visualize_makes_one_page(tmp_path):
    path = tmp_path / "profile.html"
    with Profiler() as tasks, ResourceProfiler(dt=0.01) as resources, CacheProfiler() as cache:
        delayed(lambda: "</script><script>alert(1)</script>", name="t")().compute()
        _graph().compute()
    page = visualize([tasks, resources, cache], filename=str(path), show=False)
    text = path.read_text()
    assert text == page.html and "<iframe" in page._repr_html_()
    assert "http://" not in text and "https://" not in text, "it needs no network"
    assert text.count("<script>") == text.count("</script>") == 1
    data = json.loads(text.split("const data = ")[1].split(";\nconst main")[0])
    assert [p["kind"] for p in data["plots"]] == ["tasks", "resources", "cache"]
    assert len(data["plots"][0]["tasks"]) == 4
    assert tasks.visualize(filename=None).html != page.html
    with pytest.raises(TypeError, match="not int"):
        visualize([3], filename=None)
    with pytest.raises(ValueError, match="at least one"):
        visualize([])


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_trace_file(tmp_path, scheduler):
    path = tmp_path / "run.json"
    with trace(path), Profiler() as profiler:
        _graph().compute(scheduler=scheduler)
    events = json.loads(path.read_text())["traceEvents"]
    assert len(events) == len(profiler.results) == 3
    assert all(e["ph"] == "X" and e["dur"] >= 0 and e["ts"] >= 0 for e in events)
    (last,) = (e for e in events if len(e["args"]["reads"]) == 2)
    assert set(last["args"]["reads"]) <= {e["args"]["key"] for e in events}
    assert not (tmp_path / "run.json.part").exists()
    with pytest.raises(FileNotFoundError), trace(tmp_path / "no" / "folder.json"):
        _graph().compute()


def test_threads_with_profilers_of_their_own():
    """Computations on several threads at once: nobody loses tasks, nothing hangs."""
    failures = []

    def work():
        try:
            with Profiler() as profiler:
                for _ in range(5):
                    assert _graph().compute() == 5
            assert len(profiler.results) >= 15
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []


def test_progress_bar_and_profiler_together(capsys):
    with ProgressBar(), Profiler() as profiler:
        swath.compute(_graph(), sa.ones(10).sum())
    assert "100% Completed" in capsys.readouterr().out
    assert profiler.results
