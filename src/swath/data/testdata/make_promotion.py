#!/usr/bin/env python3
"""Writes promotion.txt, the oracle of dtype_test.cc: a line `a b promoted no equiv safe same_kind unsafe` for all pairs.

`promoted` is "-" where NumPy raises. Run with the NumPy of the project: python make_promotion.py > promotion.txt
"""
import numpy as np

NAMES = "? i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8 c8 c16 M8 M8[Y] M8[D] M8[s] M8[ns] m8 m8[Y] m8[M] m8[D] m8[ms] S3 S7 U2 U9".split()
CASTINGS = ("no", "equiv", "safe", "same_kind", "unsafe")


def promoted(a, b):
    try:
        return np.promote_types(a, b).str
    except TypeError:
        return "-"


for a in NAMES:
    for b in NAMES:
        casts = " ".join(str(int(np.can_cast(np.dtype(a), np.dtype(b), casting))) for casting in CASTINGS)
        print(np.dtype(a).str, np.dtype(b).str, promoted(a, b), casts)
