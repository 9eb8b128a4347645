"""``numpy.lib.stride_tricks``'s functions on lazy arrays."""

from swath.array.overlap import sliding_window_view

__all__ = ["sliding_window_view"]
