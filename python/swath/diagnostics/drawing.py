"""Pictures of graphs: SVG by the engine itself, other formats by Graphviz where it is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from typing import Any

from swath._engine import core

_BUILT_IN = ("svg", "dot")
_GRAPHVIZ = ("png", "pdf", "jpg", "jpeg")


class Picture:
    """A drawn graph. Shows itself in notebooks; ``data`` holds the file's contents, ``filename`` where it was
    written."""

    def __init__(self, data: bytes, format: str, filename: str | None) -> None:
        self.data = data
        self.format = format
        self.filename = filename

    def _repr_svg_(self) -> str | None:
        return self.data.decode() if self.format == "svg" else None

    def _repr_png_(self) -> bytes | None:
        return self.data if self.format == "png" else None

    def __repr__(self) -> str:
        return f"<Picture {self.format}, {len(self.data)} bytes, {self.filename or 'not written'}>"


def _graphviz(dot: str, format: str) -> bytes:
    program = shutil.which("dot")
    if program is None:
        raise RuntimeError(
            f"format {format!r} needs Graphviz (the program `dot`), which is not here; 'svg' and 'dot' need nothing"
        )
    return subprocess.run([program, f"-T{format}"], input=dot.encode(), capture_output=True, check=True).stdout


def draw(
    nodes: Sequence[Any],
    filename: str | None,
    format: str | None,
    level: str,
    engine: str | None,
    optimize: bool,
    **kwargs: Any,
) -> Picture:
    """Draw the graph of ``nodes``; what :func:`swath.visualize` documents."""
    if kwargs:
        raise TypeError(f"visualize() got an unexpected keyword {next(iter(kwargs))!r}")
    if level not in ("tasks", "layers"):
        raise ValueError(f"level={level!r}; accepted: 'tasks', 'layers'")
    if engine not in (None, "builtin", "graphviz"):
        raise ValueError(f"engine={engine!r}; accepted: 'builtin', 'graphviz'")
    if filename and format is None and os.path.splitext(filename)[1]:
        filename, ending = os.path.splitext(filename)
        format = ending[1:]
    format = format or ("png" if shutil.which("dot") else "svg")
    if format not in _BUILT_IN + _GRAPHVIZ:
        raise ValueError(f"format={format!r}; accepted: {', '.join(map(repr, _BUILT_IN + _GRAPHVIZ))}")
    dot, svg = core.draw(list(nodes), level == "tasks", optimize)
    if format == "dot":
        data = dot.encode()
    elif format == "svg" and engine != "graphviz":
        data = svg.encode()
    else:
        data = _graphviz(dot, format)
    path = None
    if filename:
        path = f"{filename}.{format}"
        temporary = f"{path}.{os.getpid()}.tmp"
        with open(temporary, "wb") as file:
            file.write(data)
        os.replace(temporary, path)
    return Picture(data, format, path)
