"""One module a suite; each defines SUITE."""
