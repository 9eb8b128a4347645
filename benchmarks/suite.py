"""What a benchmark is: a case with one function per peer, all of which must return the same answer.

A peer function gets the case's prepared inputs and returns its answer; the harness times the call. Each peer runs in
a process of its own (so that its peak memory is its own), the peers take turns, and the answers are compared.
"""

from __future__ import annotations

import dataclasses
import math
import pathlib
from collections.abc import Callable, Mapping
from typing import Any

DATA = pathlib.Path(__file__).resolve().parent.parent / "data" / "bench"


@dataclasses.dataclass(frozen=True)
class Case:
    """One row of a table: a name, the peers' functions, inputs and the target."""

    name: str
    peers: Mapping[str, Callable[..., Any]]
    prepare: Callable[[], Any] | None = (
        None  # makes files once, in the parent; its result is passed to `load` or the peers
    )
    load: Mapping[str, Callable[[Any], Any]] = dataclasses.field(
        default_factory=dict
    )  # untimed inputs, in the peer's process
    answer: Mapping[str, Callable[[Any], Any]] = dataclasses.field(default_factory=dict)  # untimed: result -> answer
    target: Mapping[str, float] = dataclasses.field(default_factory=dict)  # peer -> least ratio peer time / our time
    tolerance: float = 1e-9
    repeats: int = 3
    compare: bool = True  # False where the answers are random numbers of different generators
    note: str = ""


@dataclasses.dataclass(frozen=True)
class Suite:
    """A table of benchmarks."""

    name: str
    title: str
    cases: tuple[Case, ...]


def same(a: Any, b: Any, tolerance: float) -> bool:
    """Whether two answers (numbers, or nested lists and dicts of them) are equal within a relative tolerance."""
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(same(a[key], b[key], tolerance) for key in a)
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(same(x, y, tolerance) for x, y in zip(a, b, strict=True))
    if isinstance(a, float | int) and isinstance(b, float | int):
        return (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=tolerance, abs_tol=tolerance)
    return a == b
