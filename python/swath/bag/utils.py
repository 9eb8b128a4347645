"""For tests of code that uses bags."""

from __future__ import annotations

from typing import Any

__all__ = ["assert_eq"]


def assert_eq(a: Any, b: Any, scheduler: str = "sync") -> None:
    """Asserts that two bags, items or plain values have equal results."""
    if hasattr(a, "compute"):
        a = a.compute(scheduler=scheduler)
    if hasattr(b, "compute"):
        b = b.compute(scheduler=scheduler)
    assert a == b
