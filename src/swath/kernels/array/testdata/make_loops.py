#!/usr/bin/env python3
"""Writes loops.txt, the oracle of loops_test.cc: for each op and loop dtype the arguments and NumPy's results, as hexadecimal bytes.

A line: op, argument dtypes joined by ",", result dtype, one hexadecimal text an argument, the result's.
Run with the NumPy of the project: python make_loops.py > loops.txt
"""
import warnings

import numpy as np

warnings.simplefilter("ignore")
rng = np.random.default_rng(7)
FLOATS, COMPLEX = ["f2", "f4", "f8"], ["c8", "c16"]
INTS = ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]
REALS, NUMBERS, ALL = INTS + FLOATS, INTS + FLOATS + COMPLEX, ["?"] + INTS + FLOATS + COMPLEX
UNARY = {
    "negative": NUMBERS, "positive": NUMBERS, "absolute": ALL, "fabs": FLOATS, "sign": NUMBERS, "rint": FLOATS + COMPLEX,
    "floor": ["?"] + REALS, "ceil": ["?"] + REALS, "trunc": ["?"] + REALS, "sqrt": FLOATS + COMPLEX, "cbrt": FLOATS, "square": NUMBERS,
    "reciprocal": NUMBERS, "logical_not": ALL, "invert": ["?"] + INTS, "bitwise_count": INTS, "isnan": ALL, "isinf": ALL, "isfinite": ALL,
    "signbit": FLOATS, "spacing": FLOATS, "conjugate": NUMBERS, "deg2rad": FLOATS, "rad2deg": FLOATS,
} | {name: FLOATS + COMPLEX for name in """exp exp2 expm1 log log2 log10 log1p sin cos tan arcsin arccos arctan sinh cosh tanh
arcsinh arccosh arctanh""".split()}
BINARY = {
    "add": ALL, "subtract": NUMBERS, "multiply": ALL, "divide": FLOATS + COMPLEX, "floor_divide": REALS, "remainder": REALS, "fmod": REALS,
    "power": NUMBERS, "arctan2": FLOATS, "hypot": FLOATS, "logaddexp": FLOATS, "logaddexp2": FLOATS, "maximum": ALL, "minimum": ALL,
    "fmax": ALL, "fmin": ALL, "bitwise_and": ["?"] + INTS, "bitwise_or": ["?"] + INTS, "bitwise_xor": ["?"] + INTS, "left_shift": INTS,
    "right_shift": INTS, "copysign": FLOATS, "nextafter": FLOATS, "heaviside": FLOATS, "gcd": INTS, "lcm": INTS,
} | {name: ALL for name in "equal not_equal less less_equal greater greater_equal logical_and logical_or logical_xor".split()}


def values(dtype, count=17):
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return rng.integers(0, 2, count).astype(bool)
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        edges = [0, 1, 2, 3, info.max, info.min, info.max - 1, 7, max(info.min, -1), max(info.min, -2), max(info.min, -7)]
        return rng.permutation(np.concatenate([np.array(edges, dtype), rng.integers(-20 if info.min else 0, 20, count - len(edges)).astype(dtype)]))
    if dtype.kind == "c":
        part = np.dtype(f"f{dtype.itemsize // 2}")
        return (rng.normal(size=count) * 3).astype(part) + 1j * (rng.normal(size=count) * 3).astype(part)
    info = np.finfo(dtype)
    edges = [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, info.max, -info.max, info.tiny, info.smallest_subnormal, 0.5, -2.5, 2.5, 1e-3]
    return rng.permutation(np.concatenate([np.array(edges, dtype), (rng.normal(size=count - len(edges)) * 4).astype(dtype)]))


def write(op, arguments, result):
    dtypes = ",".join(a.dtype.str for a in arguments)
    print(op, dtypes, result.dtype.str, *[np.ascontiguousarray(a).tobytes().hex() for a in [*arguments, result]])


for op, dtypes in UNARY.items():
    for name in dtypes:
        x = values(name)
        result = getattr(np, op)(x)
        write(op, [x], result)
for op, dtypes in BINARY.items():
    for name in dtypes:
        x, y = values(name), values(name)
        if op == "power" and np.dtype(name).kind == "i":
            y = np.maximum(y, 0)
        write(op, [x, y], getattr(np, op)(x, y))
for name in FLOATS:
    x = values(name)
    write("frexp_mantissa", [x], np.frexp(x)[0])
    write("frexp_exponent", [x], np.frexp(x)[1])
    write("modf_fractional", [x], np.modf(x)[0])
    write("modf_integral", [x], np.modf(x)[1])
    write("ldexp", [x, np.arange(-8, 9)], np.ldexp(x, np.arange(-8, 9)))
    if name != "f2":
        write("round", [x, np.full(17, 1)], np.round(x, 1))
        write("nan_to_num", [x], np.nan_to_num(x))
for name in ALL:
    x, y, z = values(name), values(name), values(name)
    choice = values("?")
    write("where", [choice, x, y], np.where(choice, x, y))
    if name != "?":
        write("clip", [x, y, z], np.clip(x, y, z))
    for to in ALL:
        finite = x if np.dtype(name).kind != "f" else np.where(np.isfinite(x) & (np.abs(x) < 100), x, x.dtype.type(3))
        if np.dtype(to).kind == "u" and np.dtype(name).kind in "fc":
            finite = np.abs(finite)
        if np.dtype(to).kind != "c" and np.dtype(name).kind == "c":
            finite = finite.real + 0j * finite.real if np.dtype(to).kind != "b" else finite
            finite = finite.astype(name)
        write("cast", [finite], finite.astype(to))
times = np.array([0, 1, -5, 1000, 86399, "NaT", -86401, 123456789], "m8[s]")
counts = np.array([1, 2, -3, 0, 7, 3, 2, -1])
write("add", [times, times[::-1].copy()], times + times[::-1])
write("subtract", [times, times[::-1].copy()], times - times[::-1])
write("multiply", [times, counts], times * counts)
write("divide", [times, times[::-1].copy()], times / times[::-1])
write("divide", [times, counts], times / counts)
write("floor_divide", [times, counts], times // counts)
write("floor_divide", [times, times[::-1].copy()], times // times[::-1])
write("remainder", [times, times[::-1].copy()], times % times[::-1])
moments = times.view("M8[s]")
for op in ("equal", "not_equal", "less", "greater_equal", "maximum", "minimum", "fmax", "fmin"):
    write(op, [moments, moments[::-1].copy()], getattr(np, op)(moments, moments[::-1]))
for unit in ("D", "h", "ms", "M", "Y", "W"):
    write("cast", [moments], moments.astype(f"M8[{unit}]"))
for unit in ("D", "h", "ms", "W"):
    write("cast", [times], times.astype(f"m8[{unit}]"))
for unit in ("Y", "M"):
    months = np.array([0, 5, -7, 400, "NaT"], f"M8[{unit}]")
    write("cast", [months], months.astype("M8[D]"))
    write("cast", [months], months.astype("M8[s]"))
    write("cast", [months], months.astype("M8[M]"))
