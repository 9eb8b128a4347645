"""``numpy.lib``'s functions on lazy arrays."""

from swath.array.lib import stride_tricks

__all__ = ["stride_tricks"]
