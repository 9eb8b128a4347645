"""What goes wrong in a child: the call at fault fails with the cause, and nothing else does."""

import os
import pathlib
import signal
import sys
import time

import pytest
from interrupting import run_interrupted
from swath.delayed import delayed

import swath


def compute(function, *args, **kwargs):
    return delayed(function, pure=False)(*args).compute(scheduler="processes", **kwargs)


def notes(error):
    return "\n".join(getattr(error, "__notes__", []))


@pytest.fixture(autouse=True)
def others_go_on():
    yield
    assert swath.compute(*[delayed(abs)(-i) for i in range(4)], scheduler="processes") == (0, 1, 2, 3)


class Own(Exception):
    def __init__(self, text, code):
        super().__init__(text, code)
        self.code = code


class Unpicklable(Exception):
    def __reduce__(self):
        raise TypeError("it holds a lock")


class Halfway(Exception):
    def __init__(self, a, b):
        super().__init__(a)


def test_an_exception_is_the_same_with_the_line_of_the_child():
    def fails():
        raise Own("broken", 17)  # the line

    with pytest.raises(Own, match="broken") as caught:
        compute(fails)
    assert caught.value.code == 17
    assert 'raise Own("broken", 17)  # the line' in notes(caught.value)


@pytest.mark.parametrize(
    "error", [KeyError("k"), ZeroDivisionError("z"), FileNotFoundError(2, "none"), StopIteration(3)]
)
def test_builtin_exceptions(error):
    def fails():
        raise error

    with pytest.raises(type(error)) as caught:
        compute(fails)
    assert caught.value.args == error.args


@pytest.mark.parametrize("error", [Unpicklable("text"), Halfway("text", 2)], ids=lambda error: type(error).__name__)
def test_an_exception_that_cannot_be_pickled(error):
    name = type(error).__name__

    def fails():
        raise (Unpicklable("text") if name == "Unpicklable" else Halfway("text", 2))

    with pytest.raises(RuntimeError, match="function 'fails' raised .*" + name + ": text") as caught:
        compute(fails)
    assert "cannot be sent from the child process" in str(caught.value)
    assert "in fails" in notes(caught.value)


def test_sys_exit_does_not_end_this_process():
    with pytest.raises(RuntimeError, match="raised SystemExit: 3"):
        compute(sys.exit, 3)


def test_a_result_that_cannot_be_pickled():
    def lock():
        import threading

        return threading.Lock()

    with pytest.raises(TypeError, match=r"result of function 'lock' cannot be sent .*_thread.lock"):
        compute(lock)


def test_an_argument_that_cannot_be_pickled():
    with pytest.raises(TypeError, match="cannot be pickled"):
        compute(lambda x: x, (i for i in range(3)))


def test_os_exit():
    def leaves():
        print("last words")
        os._exit(3)

    with pytest.raises(RuntimeError, match="function 'leaves' ended its child process: exited with code 3") as caught:
        compute(leaves)
    assert "| last words" in str(caught.value)
    assert "peak memory" in str(caught.value)


def test_sigkill():
    with pytest.raises(RuntimeError, match="killed by SIGKILL"):
        compute(lambda: os.kill(os.getpid(), signal.SIGKILL))


def test_a_segmentation_fault_says_where():
    def crashes():
        import ctypes

        ctypes.string_at(0)

    with pytest.raises(RuntimeError, match="function 'crashes' ended its child process: killed by SIGSEGV") as caught:
        compute(crashes)
    assert "in crashes" in notes(caught.value)


def test_a_memory_bomb():
    def grows():
        kept = []
        while True:
            kept.append(bytearray(b"x") * (4 << 20))
            time.sleep(0.002)

    with (
        swath.config.set({"python.memory-limit": "200 MiB"}),
        pytest.raises(RuntimeError, match=r"function 'grows' was killed .* too much memory; peak memory .*, limit"),
    ):
        compute(grows)


def test_an_allocation_beyond_the_limit_is_the_functions_own_error():
    with swath.config.set({"python.memory-limit": "200 MiB"}), pytest.raises(MemoryError):
        compute(lambda: bytearray(1 << 40))


def test_an_endless_loop():
    def loops():
        while True:
            pass

    with (
        swath.config.set({"python.time-limit": "300ms"}),
        pytest.raises(TimeoutError, match="function 'loops' ran longer than its time limit of 300") as caught,
    ):
        compute(loops)
    assert "in loops" in notes(caught.value)


def test_retries_run_a_call_again_after_its_process_has_died(tmp_path):
    def dies_twice(folder):
        tries = len(list(folder.iterdir()))
        (folder / str(tries)).touch()
        if tries < 2:
            os._exit(1)
        return tries

    assert compute(dies_twice, tmp_path, retries=2) == 2
    (tmp_path / "2").unlink()
    (tmp_path / "1").unlink()
    (tmp_path / "0").unlink()
    with pytest.raises(RuntimeError, match="exited with code 1"):
        compute(dies_twice, tmp_path, retries=1)


def test_other_calls_are_not_touched_by_one_that_dies():
    def maybe(i):
        return os._exit(1) if i == 7 else i * i

    calls = [delayed(maybe)(i) for i in range(30)]
    with pytest.raises(RuntimeError, match="exited with code 1"):
        swath.compute(*calls, scheduler="processes")
    assert swath.compute(*(calls[:7] + calls[8:]), scheduler="processes") == tuple(i * i for i in range(30) if i != 7)


INTERRUPTED = """
import os, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job inherits that it is ignored
import swath.delayed as d
def waits():
    print("child", os.getpid(), flush=True)
    {body}
try:
    d.delayed(waits)().compute(scheduler="processes")
except KeyboardInterrupt:
    print("interrupted", time.time(), flush=True)
print(d.delayed(abs)(-5).compute(scheduler="processes"), flush=True)
"""


@pytest.mark.parametrize("body", ["time.sleep(1000)", "sum(range(10**12))", "exec('while True: pass')"])
def test_ctrl_c_ends_the_call(body):
    code = INTERRUPTED.format(body=body)
    line, lines, _ = run_interrupted(code, first="child ")
    assert lines[-1] == "5"
    assert not pathlib.Path(f"/proc/{int(line.split()[1])}").exists()
