"""Writing a table: one task per partition and file."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from swath.dataframe._base import wrap

if TYPE_CHECKING:
    from swath.dataframe._base import FrameBase


def write(
    df: FrameBase,
    format: str,
    paths: Sequence[str],
    options: Mapping[str, Any],
    *,
    scheduler: str | None = None,
    compute_kwargs: Mapping[str, Any] | None = None,
) -> list[str]:
    """Write partition `i` to ``paths[i]`` (all to one file when there is one path) and return the paths.

    When the run fails, the folders that it made and that are empty are removed again.
    """
    from swath._engine import core

    frame: Any = df if df.ndim == 2 else df.to_frame()  # type: ignore[attr-defined]
    if len(paths) == 1 and frame.npartitions > 1:
        frame = frame.repartition(npartitions=1)
    made = _make_folders({os.path.dirname(path) for path in paths})
    arguments = dict(compute_kwargs or {})
    if scheduler is not None:
        arguments.setdefault("scheduler", scheduler)
    try:
        wrap(core.write_frame(frame._native, format, list(paths), dict(options))).compute(**arguments)
    except BaseException:
        for folder in reversed(made):
            with contextlib.suppress(OSError):
                os.rmdir(folder)
        raise
    return list(paths)


def _make_folders(folders: set[str]) -> list[str]:
    """Make the folders and their parents; return those made, parents first."""
    made = []
    for folder in folders:
        missing = []
        while folder and not os.path.isdir(folder):
            missing.append(folder)
            folder = os.path.dirname(folder)
        for path in reversed(missing):
            os.mkdir(path)
            made.append(path)
    return made
