"""Functions on many collections, settings of a call, and what watches computations."""

import dataclasses
import io

import numpy as np
import pytest
import swath.array as sa
from array_checker import assert_same
from swath.diagnostics import ProgressBar, Watcher

import swath


def test_compute_puts_results_back_in_place():
    x = sa.arange(4, chunks=2)

    @dataclasses.dataclass
    class Pair:
        a: object
        b: int

    results = swath.compute(x.sum(), [x, (1, x.max())], {"k": x.min(), 2: {3}}, Pair(x + 1, 5), "text")
    assert results[0] == 6
    np.testing.assert_array_equal(results[1][0], np.arange(4))
    assert results[1][1] == (1, 3)
    assert results[2] == {"k": 0, 2: {3}}
    np.testing.assert_array_equal(results[3].a, np.arange(4) + 1)
    assert results[4] == "text"
    assert swath.compute(1, [2]) == (1, [2])
    (untouched,) = swath.compute([x], traverse=False)
    assert untouched[0] is x


def test_shared_work_is_done_once():
    class Count(Watcher):
        def finish(self, progress, error):
            self.tasks = progress[1]

    x = sa.random.random((40, 40), chunks=10).rechunk((20, 40))
    with Count() as alone:
        x.sum().compute()
    with Count() as both:
        swath.compute(x.sum(), x.sum())
    assert both.tasks == alone.tasks


@pytest.mark.parametrize("scheduler", ["threads", "sync", "synchronous", "single-threaded", "threading"])
def test_schedulers(scheduler):
    x = sa.random.default_rng(0).random((50, 50), chunks=7)
    expected = x.compute()
    np.testing.assert_array_equal((x.T + 1).compute(scheduler=scheduler), expected.T + 1)
    with swath.config.set(scheduler="sync"):
        np.testing.assert_array_equal((x.T + 1).compute(), expected.T + 1)


def test_options_are_checked():
    x = sa.ones(3)
    with pytest.raises(ValueError, match="scheduler="):
        x.compute(scheduler="quantum")
    with pytest.raises(TypeError, match="unknown keyword"):
        x.compute(schedular="sync")
    with pytest.raises(ValueError, match="num_workers"):
        x.compute(num_workers=0)
    assert x.sum().compute(num_workers=1, retries=2, optimize_graph=False) == 3


def test_optimized_or_not_is_the_same():
    x = sa.arange(60, chunks=7).reshape(6, 10)
    y = ((x + x[::-1]).T * 2 - x.mean(axis=0)[:, None])[1:, ::2].sum(axis=0)
    np.testing.assert_allclose(y.compute(), y.compute(optimize_graph=False), rtol=1e-13)
    (z,) = swath.optimize(y)
    np.testing.assert_allclose(z.compute(), y.compute(), rtol=1e-13)


def test_persist():
    x = sa.random.random((20, 20), chunks=5)
    y = (x + 1).persist()
    assert isinstance(y, sa.Array)
    assert y.chunks == x.chunks
    assert_same(y, (x + 1).compute())
    assert_same(y.sum(axis=0), (x + 1).compute().sum(axis=0), rtol=1e-12)
    a, [b] = swath.persist(x, [x * 2])
    assert_same(b, a.compute() * 2)


def test_explain():
    x = sa.ones((100, 100), chunks=50)
    text = ((x + x.T) - x.mean(axis=0)).sum().explain()
    for word in ("sum", "mean", "float64"):
        assert word in text
    assert swath.explain(x, x + 1)
    with pytest.raises(ValueError):
        swath.explain(1)


def test_visualize(tmp_path):
    x = (sa.ones((10, 10), chunks=5) + 1).sum()
    picture = x.visualize(str(tmp_path / "a.svg"))
    assert (tmp_path / "a.svg").read_text().startswith("<")
    assert picture._repr_svg_().strip().endswith("</svg>")
    assert swath.visualize(x, filename=None, format="dot", level="layers").data.startswith(b"digraph")
    swath.visualize(x, filename=str(tmp_path / "b"), format="dot")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.svg", "b.dot"]
    for bad in ({"format": "bmp"}, {"level": "atoms"}, {"engine": "crayon"}):
        with pytest.raises(ValueError):
            x.visualize(filename=None, **bad)
    with pytest.raises(ValueError, match="2000"):
        sa.ones(5000, chunks=1).visualize(filename=None, format="dot")


def test_progress_bar():
    out = io.StringIO()
    with ProgressBar(out=out) as bar:
        sa.random.random((200, 200), chunks=20).sum().compute()
    assert "100% Completed" in out.getvalue()
    assert "[" + "#" * 40 + "]" in out.getvalue()
    assert bar.last_duration > 0
    patient = io.StringIO()
    with ProgressBar(minimum=1000, out=patient):
        sa.ones(3).compute()
    assert patient.getvalue() == ""
    bar = ProgressBar(out=out)
    bar.register()
    before = len(out.getvalue())
    try:
        sa.ones(3).compute()
    finally:
        bar.unregister()
    assert len(out.getvalue()) > before


def test_callback_sees_progress_and_errors():
    seen = []

    class Watch(Watcher):
        def start(self):
            seen.append("start")

        def update(self, progress):
            assert 0 <= progress[0] <= progress[1]

        def finish(self, progress, error):
            seen.append((progress[0] == progress[1] > 0, error))

    with Watch():
        sa.ones((10, 10), chunks=2).sum().compute()
    assert seen == ["start", (True, False)]

    class Broken(Watcher):
        def update(self, progress):
            raise RuntimeError("from the callback")

    with pytest.raises(RuntimeError, match="from the callback"), Broken():
        sa.ones(3).compute()
    assert sa.ones(3).sum().compute() == 3


def test_nested_compute():
    """A callback that computes while a computation runs."""
    inner = []

    class Nest(Watcher):
        def update(self, progress):
            if not inner:
                inner.append(None)  # the nested computation is watched as well
                inner.append(sa.ones(4, chunks=2).sum().compute())

    with Nest():
        assert sa.ones((2, 2), chunks=1).sum().compute() == 4
    assert inner == [None, 4.0]
