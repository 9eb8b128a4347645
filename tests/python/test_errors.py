"""Errors: the right class, the user's line, a usable session afterwards."""

import numpy as np
import pytest
import swath.array as sa
from swath._engine import core

import swath


def test_the_users_line():
    here = core.user_location()
    assert here.startswith("test_errors.py:")
    x = sa.ones(3) + 1  # this line
    line = int(here.split(":")[1]) + 2
    assert x.__swath_node__().location == f"test_errors.py:{line}"


def test_the_users_line_through_numpy_and_methods():
    x = np.add(sa.ones(3), 2).sum().reshape((1,))
    assert x.__swath_node__().location.startswith("test_errors.py:")


def test_a_failed_task_names_the_line():
    x = sa.arange(-2, 2, chunks=2)
    bad = 2**x  # integers to negative powers fail when they are computed
    with pytest.raises(ValueError, match="negative integer powers") as raised:
        bad.compute()
    notes = "\n".join(raised.value.__notes__)
    assert "test_errors.py" in notes
    assert "bad = 2**x" in notes
    assert sa.ones(3).sum().compute() == 3


def test_a_limit_too_small(run_python):
    code = """
import swath, swath.array as sa
try:
    sa.random.random((4000, 4000), chunks=-1).rechunk(1000).compute()
except MemoryError as error:
    print('MemoryError', error)
print(sa.ones(10).sum().compute())
"""
    output = run_python(code, SWATH_MEMORY__LIMIT="40MiB")
    assert output.startswith("MemoryError")
    assert "limit" in output
    assert output.strip().endswith("10.0")


def test_errors_of_making_an_expression_come_at_once():
    with pytest.raises(ValueError):
        sa.ones((2, 3)) + sa.ones((4, 3))
    with pytest.raises(TypeError):
        sa.ones(3) & 1
    with pytest.raises(IndexError):
        sa.ones(3)[5]
    with pytest.raises(ValueError):
        sa.ones(3, chunks=(2, 2))
    with pytest.raises(TypeError):
        swath.array.Array("text")
