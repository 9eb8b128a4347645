"""The machine: how many cores this process may use."""

from __future__ import annotations

import os

__all__ = ["CPU_COUNT", "cpu_count"]


def cpu_count() -> int:
    """The cores that affinity and control groups leave to this process.

    >>> cpu_count() >= 1
    True
    """
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        with open("/sys/fs/cgroup/cpu.max") as file:
            quota, period = file.read().split()
        if quota != "max":
            count = min(count, max(1, -(-int(quota) // int(period))))
    except (OSError, ValueError):
        pass
    return max(count, 1)


CPU_COUNT = cpu_count()
