"""The checker of the table tests: pandas is the oracle, over several ways of cutting the data."""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import swath.dataframe as sd

DATA = Path(__file__).parent.parent / "data"
FLIGHTS = DATA / "flights"
PARTITIONS = (1, 2, 3, 7)


def sample_frame(rows: int = 23) -> pd.DataFrame:
    """Every common dtype, with nulls where pandas can hold them, on a sorted index."""
    random = np.random.default_rng(rows)
    number = random.normal(size=rows).round(3)
    number[random.random(rows) < 0.2] = np.nan
    text = random.choice(["ewr", "jfk", "lga", "EWR x", ""], rows).astype(object)
    text[random.random(rows) < 0.15] = None
    return pd.DataFrame(
        {
            "i": random.integers(-5, 6, rows),
            "x": number,
            "s": pd.Series(text, dtype="str"),
            "b": random.random(rows) < 0.5,
            "t": pd.Timestamp("2013-01-31 22:10:05") + pd.to_timedelta(random.integers(0, 90_000, rows), unit="min"),
            "k": random.choice(["a", "b", "c"], rows),
            "u": random.integers(0, 200, rows).astype("uint8"),
            "f": random.normal(size=rows).astype("float32"),
        }
    ).astype({"k": "str"})


def assert_eq(ours: Any, oracle: Any, *, check_dtype: bool = True, sort: bool = False, rtol: float = 1e-9) -> None:
    """Compute `ours` and compare values, index, names and dtypes with the pandas object."""
    is_lazy = hasattr(ours, "compute")
    result = ours.compute() if is_lazy else ours
    if sort:
        result, oracle = _sorted(result), _sorted(oracle)
    if isinstance(oracle, pd.DataFrame):
        assert isinstance(result, pd.DataFrame), type(result)
        pd.testing.assert_frame_equal(result, oracle, check_dtype=check_dtype, check_freq=False, rtol=rtol)
        if is_lazy:
            assert list(ours.columns) == list(oracle.columns)
            _check_promised_dtypes(ours.dtypes, result.dtypes)
    elif isinstance(oracle, pd.Series):
        assert isinstance(result, pd.Series), type(result)
        pd.testing.assert_series_equal(result, oracle, check_dtype=check_dtype, check_freq=False, rtol=rtol)
        if is_lazy:
            assert ours.name == oracle.name
            _check_promised_dtypes(pd.Series([ours.dtype]), pd.Series([result.dtype]))
    elif isinstance(oracle, pd.Index):
        assert isinstance(result, pd.Index), type(result)
        pd.testing.assert_index_equal(result, oracle, exact="equiv")
    else:
        assert not isinstance(result, (pd.DataFrame, pd.Series)), type(result)
        np.testing.assert_allclose(result, oracle, rtol=rtol) if _is_number(oracle) else _same(result, oracle)


def _check_promised_dtypes(promised: pd.Series[Any], seen: pd.Series[Any]) -> None:
    for ours, real in zip(promised, seen, strict=True):
        # Integers and booleans with nulls come back as pandas holds them: as floats and as objects.
        with_nulls = real == np.float64 or (real.kind == "O" and ours.kind == "b")
        assert ours == real or with_nulls or str(ours) == str(real) == "category", (ours, real)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.number)) and not isinstance(value, (bool, np.bool_))


def _same(result: Any, oracle: Any) -> None:
    assert (pd.isna(result) and pd.isna(oracle)) or result == oracle, (result, oracle)


def _sorted(value: Any) -> Any:
    if isinstance(value, pd.DataFrame):
        return value.sort_values(list(value.columns)).reset_index(drop=True)
    if isinstance(value, pd.Series):
        return value.sort_values().reset_index(drop=True)
    return value


def check(function: Callable[[Any], Any], frame: pd.DataFrame | None = None, **options: Any) -> None:
    """Apply `function` to the pandas frame and to ours, cut in several ways, and compare."""
    frame = sample_frame() if frame is None else frame
    oracle = function(frame)
    for npartitions in PARTITIONS:
        with note(f"npartitions={npartitions}"):
            assert_eq(function(sd.from_pandas(frame, npartitions=npartitions)), oracle, **options)
    empty = frame.iloc[:0]
    with note("no rows"):
        assert_eq(function(sd.from_pandas(empty, npartitions=1)), function(empty), check_dtype=False, **options)


@contextlib.contextmanager
def note(text: str) -> Iterator[None]:
    """Say in a failure which case it was."""
    try:
        yield
    except Exception as error:
        error.add_note(f"[{text}]")
        traceback.clear_frames(error.__traceback__)
        raise


@contextlib.contextmanager
def raises(kind: type[BaseException], *parts: str) -> Iterator[None]:
    """Expect an error of exactly this meaning whose message holds every one of `parts`."""
    with pytest.raises(kind) as caught:
        yield
    message = str(caught.value)
    missing = [part for part in parts if part not in message]
    assert not missing, f"the message {message!r} does not say {missing}"
