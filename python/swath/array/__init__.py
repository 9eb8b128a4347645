# ruff: noqa: F401, F403
"""Lazy blocked arrays with NumPy's functions and Dask's laziness.

>>> import swath.array as sa
>>> x = sa.random.random((1000, 1000), chunks=(250, 1000))
>>> y = (x + x.T) - x.mean(axis=1)
>>> y.shape, y.dtype
((1000, 1000), dtype('float64'))
>>> bool(y.sum().compute() > 0)
True
"""

from numpy import (
    bool_,
    complex64,
    complex128,
    e,
    euler_gamma,
    finfo,
    float16,
    float32,
    float64,
    iinfo,
    inf,
    int8,
    int16,
    int32,
    int64,
    nan,
    newaxis,
    pi,
    uint8,
    uint16,
    uint32,
    uint64,
)
from numpy import bool_ as bool

from swath.array import lib, linalg, overlap, random
from swath.array.block_reductions import *
from swath.array.core import Array
from swath.array.creation import *
from swath.array.functions import *
from swath.array.gufunc import *
from swath.array.joining import *
from swath.array.linalg import dot, einsum, matmul, matrix_transpose, outer, tensordot, trace, vdot, vecdot
from swath.array.overlap import map_overlap
from swath.array.padding import pad
from swath.array.reductions import *
from swath.array.routines import *
from swath.array.statistics import *
from swath.array.storing import *
from swath.array.ufunc import *
from swath.base import compute, optimize, persist
