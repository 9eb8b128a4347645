#!/usr/bin/env python3
"""Writes elementwise_types.txt, the oracle of elementwise_test.cc: a line `op operand… result` for each combination of dtypes.

An operand is a dtype's str, or weak:int, weak:float, weak:complex (a Python scalar); `result` is "!" where NumPy raises TypeError.
Run with the NumPy of the project: python make_elementwise_types.py > elementwise_types.txt
"""
import itertools
import warnings

import numpy as np

warnings.simplefilter("ignore")
UNARY = """negative positive absolute fabs sign rint floor ceil trunc sqrt cbrt square reciprocal exp exp2 expm1 log log2 log10 log1p
sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh arctanh deg2rad rad2deg logical_not invert bitwise_count isnan isinf
isfinite isnat signbit spacing conjugate""".split()
BINARY = """add subtract multiply divide floor_divide remainder fmod power float_power arctan2 hypot logaddexp logaddexp2 maximum minimum
fmax fmin equal less greater_equal logical_and logical_xor bitwise_and left_shift right_shift copysign nextafter ldexp heaviside gcd
lcm""".split()
NAMES = "? i1 i2 i4 i8 u1 u4 u8 f2 f4 f8 c8 c16 M8[D] M8[s] m8[h] m8[ms] S3 U2".split()
WEAK = {"weak:int": 1, "weak:float": 1.5, "weak:complex": 1j}


def value(name):
    if name in WEAK:
        return WEAK[name]
    dtype = np.dtype(name)
    return np.ones(2, dtype) if dtype.kind not in "SU" else np.array(["1", "1"], dtype)


def result(function, operands):
    try:
        return function(*[value(operand) for operand in operands]).dtype.str
    except TypeError:
        return "!"


def show(operand):
    return operand if operand in WEAK else np.dtype(operand).str


def write(op, function, operands):
    # Not Swath's: concatenation, repetition and truth values of strings.
    strings = any(name[0] in "SU" for name in operands)
    if strings and (op in ("add", "multiply") or op == "real" or op.startswith("logical_")):
        return
    print(op, *[show(operand) for operand in operands], result(function, operands))


for op in UNARY:
    for name in NAMES:
        write(op, getattr(np, op), [name])
for op in BINARY:
    for a, b in itertools.product(NAMES, NAMES):
        write(op, getattr(np, op), [a, b])
    for a, b in itertools.product(NAMES, WEAK):
        write(op, getattr(np, op), [a, b])
        write(op, getattr(np, op), [b, a])
for name in NAMES:
    write("frexp_exponent", lambda x: np.frexp(x)[1], [name])
    write("modf_integral", lambda x: np.modf(x)[1], [name])
    write("real", np.real, [name])
    write("clip", np.clip, [name, name, name])
    write("clip", np.clip, [name, "weak:int", "weak:float"])
for a, b in itertools.product(NAMES, NAMES + list(WEAK)):
    write("where", lambda x, y: np.where(np.ones(2, bool), x, y), [a, b])
