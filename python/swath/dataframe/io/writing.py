"""Writing a table: one task per partition and file."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from swath.base import SwathMethods

if TYPE_CHECKING:
    from swath.dataframe._base import FrameBase


class Written(SwathMethods):
    """A write that has not run: ``compute()`` runs it and returns what the writing function returns."""

    __slots__ = ("_finish", "_made", "_native", "_temporary")

    def __init__(self, native: Any, made: Sequence[str], finish: Callable[[], Any], temporary: str | None) -> None:
        self._native = native
        self._temporary = temporary
        self._made = made
        self._finish = finish

    def __swath_node__(self) -> Any:
        return self._native.node

    def __swath_finish__(self, values: Any) -> Any:
        return self._finish()

    def run(self, **options: Any) -> Any:
        """Compute; when that fails, the temporary folder and made folders that are empty are removed again."""
        try:
            return self.compute(**options)
        except BaseException:
            if self._temporary is not None:
                shutil.rmtree(self._temporary, ignore_errors=True)
            for folder in reversed(self._made):
                with contextlib.suppress(OSError):
                    os.rmdir(folder)
            raise


def write(
    df: FrameBase,
    format: str,
    paths: Sequence[str],
    options: Mapping[str, Any],
    *,
    scheduler: str | None = None,
    compute: bool = True,
    compute_kwargs: Mapping[str, Any] | None = None,
    finish: Callable[[], Any] | None = None,
    temporary: str | None = None,
) -> Any:
    """Write partition `i` to ``paths[i]`` (all to one file when there is one path) and return the paths.

    `finish` runs after the last file and gives the result instead. Without `compute`: a lazy object of the same result.
    `temporary`: a folder that goes when the writing fails.
    """
    from swath._engine import core

    frame: Any = df if df.ndim == 2 else df.to_frame()  # type: ignore[attr-defined]
    if len(paths) == 1 and frame.npartitions > 1:
        frame = frame.repartition(npartitions=1)
    made = _make_folders({os.path.dirname(path) for path in paths})
    native = core.write_frame(frame._native, format, list(paths), dict(options))
    written = Written(native, made, finish or (lambda: list(paths)), temporary)
    if not compute:
        return written
    arguments = dict(compute_kwargs or {})
    if scheduler is not None:
        arguments.setdefault("scheduler", scheduler)
    return written.run(**arguments)


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
