"""Watching computations: a progress bar, profilers, callbacks, trace files."""

from swath.callbacks import Callback, add_callbacks
from swath.diagnostics.page import visualize
from swath.diagnostics.profile import CacheProfiler, Profiler, ResourceProfiler, trace
from swath.diagnostics.progress import ProgressBar, Watcher

__all__ = [
    "CacheProfiler",
    "Callback",
    "Profiler",
    "ProgressBar",
    "ResourceProfiler",
    "Watcher",
    "add_callbacks",
    "trace",
    "visualize",
]
