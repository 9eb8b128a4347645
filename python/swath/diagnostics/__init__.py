"""Watching computations: :class:`ProgressBar`."""

from swath.diagnostics.progress import Callback, ProgressBar

__all__ = ["Callback", "ProgressBar"]
