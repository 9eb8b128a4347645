#!/usr/bin/env python3
"""Writes reductions.txt, the oracle of reductions_test.cc: for each reduction and dtype an array and NumPy's result.

A line: reduction, ddof, axis ("all" or a number), shape joined by ",", dtype, result dtype, then the elements of both in hexadecimal.
Run with the NumPy of the project: python make_reductions.py > reductions.txt
"""
import warnings

import numpy as np

warnings.simplefilter("ignore")
rng = np.random.default_rng(11)
SHAPE = (3, 5)
DTYPES = ["?", "i1", "i8", "u4", "u8", "f2", "f4", "f8", "c8", "c16", "m8[s]", "M8[D]"]
NAMES = """sum prod min max any all mean var std argmin argmax count_nonzero nansum nanprod nanmin nanmax nanmean nanvar nanstd
nanargmin nanargmax""".split()


def values(dtype, missing):
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return rng.integers(0, 2, SHAPE).astype(bool)
    if dtype.kind in "iumM":
        x = rng.integers(0 if dtype.kind == "u" else -3, 4, SHAPE).astype(np.int64).astype(dtype)
        if dtype.kind in "mM" and missing:
            x[1, 2] = "NaT"
        return x
    x = (rng.normal(size=SHAPE) * 2).astype(dtype)
    if dtype.kind == "c":
        x += (1j * rng.normal(size=SHAPE)).astype(dtype)
    if missing:
        x[1, 2] = x[2, 2] = np.nan
        x[0, 4] = np.inf if dtype.kind == "f" else np.nan
    return x


for name in NAMES:
    for dtype in DTYPES:
        for missing in (False, True):
            x = values(dtype, missing)
            for axis in (None, 0, 1):
                for ddof in (0, 1) if name.endswith(("var", "std")) else (0,):
                    extra = {"ddof": ddof} if ddof else {}
                    try:
                        result = np.asarray(getattr(np, name)(x, axis=axis, **extra))
                    except (TypeError, ValueError):
                        continue
                    shape = ",".join(map(str, SHAPE))
                    where = "all" if axis is None else axis
                    print(name, ddof, where, shape, x.dtype.str, result.dtype.str, x.tobytes().hex(), result.tobytes().hex())
