"""What the profilers recorded, as one page that needs no network."""

from __future__ import annotations

import json
import os
import webbrowser
from pathlib import Path
from typing import Any

from swath.diagnostics.profile import CacheProfiler, Profiler, ResourceProfiler

__all__ = ["visualize"]

_TEMPLATE = Path(__file__).with_name("page.html")


def visualize(
    profilers: Any,
    filename: str | None = "profile.html",
    show: bool | None = None,
    save: bool | None = None,
    mode: str | None = None,
    **kwargs: Any,
) -> Any:
    """Draw what profilers recorded, one plot each over the same time, as one page.

    Parameters
    ----------
    profilers
        A :class:`Profiler`, :class:`ResourceProfiler` or :class:`CacheProfiler`, or several of them.
    filename
        Where to write the page; None writes none.
    show
        Open it in a browser? Default: no, unless a notebook shows the result.
    save
        Write it? Default: yes, unless ``filename`` is None.

    Returns an object that shows the page in a notebook.
    """
    if not isinstance(profilers, (list, tuple)):
        profilers = [profilers]
    if not profilers:
        raise ValueError("visualize() needs at least one profiler")
    plots = [_plot(profiler) for profiler in profilers]
    times = [t for plot in plots for t in plot.pop("times")]
    data = {"origin": min(times, default=0.0), "end": max(times, default=1.0), "plots": plots}
    text = json.dumps(data).replace("<", "\\u003c")  # no tag ends the script early
    page = Page(_TEMPLATE.read_text().replace("/*DATA*/null", text))
    if filename is not None and save is not False:
        part = f"{filename}.part"
        Path(part).write_text(page.html)
        os.replace(part, filename)
        if show:
            webbrowser.open(Path(filename).resolve().as_uri())
    return page


class Page:
    """A page of plots; ``html`` is its text."""

    def __init__(self, html: str) -> None:
        self.html = html

    def _repr_html_(self) -> str:
        import html

        return f'<iframe srcdoc="{html.escape(self.html)}" style="width:100%;height:480px;border:0"></iframe>'


def _plot(profiler: Any) -> dict[str, Any]:
    if isinstance(profiler, Profiler):
        threads = {thread: row for row, thread in enumerate(sorted({r.worker_id for r in profiler.results}))}
        return {
            "kind": "tasks",
            "title": "Tasks",
            "rows": len(threads),
            "tasks": [(r.key, r.task, r.start_time, r.end_time, threads[r.worker_id]) for r in profiler.results],
            "times": [t for r in profiler.results for t in (r.start_time, r.end_time)],
        }
    if isinstance(profiler, ResourceProfiler):
        samples = profiler.results
        return {
            "kind": "resources",
            "title": "Memory and processor",
            "samples": [tuple(s) for s in samples],
            "times": [s.time for s in samples],
        }
    if isinstance(profiler, CacheProfiler):
        return {
            "kind": "cache",
            "title": f"Held results ({profiler._metric_name})",
            "held": [(r.task, r.metric, r.cache_time, r.free_time) for r in profiler.results],
            "times": [t for r in profiler.results for t in (r.cache_time, r.free_time)],
        }
    raise TypeError(f"visualize() draws Profiler, ResourceProfiler and CacheProfiler, not {type(profiler).__name__}")
