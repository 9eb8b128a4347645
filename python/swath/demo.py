"""``python -m swath.demo``: the tour of ``examples/tour.py``, from the source tree or from the installed package."""

from __future__ import annotations

import pathlib
import runpy
import sys


def main() -> int:
    """Run the tour; returns the exit code."""
    here = pathlib.Path(__file__).resolve().parent
    for tour in (here / "tour.py", here.parent.parent / "examples" / "tour.py"):
        if tour.exists():
            runpy.run_path(str(tour), run_name="__main__")
            return 0
    print(f"swath demo: tour.py is neither in {here} nor in the source tree", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
