"""Runs one peer of one case in this process: ``python -m benchmarks.worker SUITE CASE PEER``; prints one JSON line."""

from __future__ import annotations

import importlib
import json
import pathlib
import pickle
import resource
import sys
import time


def peak_bytes() -> int:
    """Peak resident bytes of this process (getrusage would count the parent's before exec)."""
    status = pathlib.Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def main() -> None:
    """Load the inputs, warm up once, time the repeats, print seconds, peak memory and the answer."""
    suite_name, case_name, peer, prepared_path = sys.argv[1:5]
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
    suite = importlib.import_module(f"benchmarks.suites.{suite_name}").SUITE
    case = next(case for case in suite.cases if case.name == case_name)
    inputs = pickle.loads(pathlib.Path(prepared_path).read_bytes())
    if peer in case.load:
        inputs = case.load[peer](inputs)
    arguments = () if inputs is None else (inputs,)
    run = case.peers[peer]
    seconds = []
    answer = None
    for _ in range(case.repeats + 1):  # the first run is the warm-up
        begin = time.perf_counter()
        answer = run(*arguments)
        seconds.append(time.perf_counter() - begin)
    native = isinstance(answer, dict) and "seconds" in answer
    if native:  # a program that timed itself
        seconds = answer.pop("seconds")
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 if native else 0
    peak = max(peak_bytes(), children)
    if peer in case.answer:
        answer = case.answer[peer](answer)
    print(json.dumps({"seconds": seconds, "peak_bytes": peak, "answer": answer}))


if __name__ == "__main__":
    main()
