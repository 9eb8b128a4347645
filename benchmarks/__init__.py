"""Benchmarks of Swath against its peers: run with ``make bench`` or ``python benchmarks/run.py [suite …]``."""
