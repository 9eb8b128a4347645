"""Ctrl-C, forks and threads."""

import signal
import threading
import time

import numpy as np
import pytest
import swath.array as sa
from interrupting import run_interrupted

import swath

INTERRUPTED = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job inherits that it is ignored
import swath, swath.array as sa
x = sa.random.random((200_000, 200_000), chunks=2000)
print("ready", flush=True)
try:
    {compute}
except KeyboardInterrupt:
    print("interrupted", time.time(), flush=True)
print(sa.ones(10, chunks=3).sum().compute(), flush=True)
"""


@pytest.mark.parametrize(
    "compute", ["x.std().compute()", "x.sum().compute(scheduler='sync')", "(x @ x.T).sum().compute()"]
)
def test_ctrl_c(compute):
    code = INTERRUPTED.format(compute=compute)
    # A second later it is in the middle; there is nothing to wait for.
    line, lines, code = run_interrupted(code, first="ready", after=1.0)
    assert line == "ready\n"
    assert lines[-1] == "10.0"
    assert code == 0


@pytest.fixture
def default_sigint():
    """A background job inherits that the signal is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_interrupt_in_this_process(default_sigint):
    timer = threading.Timer(0.3, lambda: signal.raise_signal(signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        sa.random.random((200_000, 200_000), chunks=2000).sum().compute()
    timer.join()
    assert sa.ones(5).sum().compute() == 5


def test_fork(run_python):
    code = """
import os, swath.array as sa
x = sa.random.default_rng(0).random((300, 300), chunks=50)
before = float(x.sum())
child = os.fork()
if child == 0:
    same = float(x.sum()) == before and float((x @ x.T).trace()) > 0
    os._exit(0 if same else 3)
_, status = os.waitpid(child, 0)
print(os.waitstatus_to_exitcode(status), float(x.sum()) == before)
"""
    assert run_python(code).split() == ["0", "True"]


def test_multiprocessing_by_fork(run_python):
    code = """
import multiprocessing, swath.array as sa
def work(n):
    return float(sa.arange(n, chunks=10).sum())
sa.ones(3).compute()
with multiprocessing.get_context("fork").Pool(3) as pool:
    print(pool.map(work, [10, 100, 1000]))
"""
    assert run_python(code).strip() == "[45.0, 4950.0, 499500.0]"


def test_threads_compute_at_once():
    x = sa.random.default_rng(0).random((200, 200), chunks=20)
    expected = [(x + i).sum(axis=0).compute() for i in range(8)]
    results = [None] * 8

    def work(i):
        for _ in range(5):
            results[i] = (x + i).sum(axis=0).compute()

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for ours, theirs in zip(results, expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_python_threads_run_while_the_engine_works():
    """The GIL is released: another thread counts on while a computation waits."""
    counted, stop = [0], threading.Event()

    def count():
        while not stop.is_set():
            counted[0] += 1
            time.sleep(0)

    thread = threading.Thread(target=count)
    thread.start()
    before = counted[0]
    sa.random.random((3000, 3000), chunks=500).std().compute()
    after = counted[0]
    stop.set()
    thread.join()
    assert after > before


def test_memory_of_numpy_is_freed_from_other_threads():
    import gc
    import weakref

    data = np.ones((100, 100))
    gone = weakref.ref(data)
    x = sa.from_array(data, chunks=10)
    del data
    thread = threading.Thread(target=lambda array: (array + 1).sum().compute(), args=(x,))
    del x
    thread.start()
    thread.join()
    del thread
    gc.collect()
    swath.compute(sa.ones(2))
    gc.collect()
    assert gone() is None
