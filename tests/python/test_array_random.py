"""Random arrays: reproducible for every chunking, distributed as promised."""

import numpy as np
import pytest
import swath.array as sa
from swath._engine import core

import swath

ARGUMENTS = {
    "beta": (2.0, 3.0),
    "binomial": (10, 0.3),
    "chisquare": (3.0,),
    "f": (3.0, 20.0),
    "gamma": (2.0, 3.0),
    "geometric": (0.3,),
    "hypergeometric": (10, 20, 8),
    "logseries": (0.4,),
    "negative_binomial": (5, 0.4),
    "noncentral_chisquare": (3.0, 2.0),
    "noncentral_f": (3.0, 20.0, 1.0),
    "pareto": (5.0,),
    "power": (2.0,),
    "standard_gamma": (2.0,),
    "standard_t": (10.0,),
    "triangular": (-1.0, 0.5, 2.0),
    "vonmises": (0.5, 2.0),
    "wald": (2.0, 3.0),
    "weibull": (2.0,),
    "zipf": (4.0,),
}
NAMES = sorted(name for name, _, _, _ in core.distributions() if name != "integers")


@pytest.mark.parametrize("name", NAMES)
def test_the_same_numbers_for_every_chunking(name):
    arguments = ARGUMENTS.get(name, ())
    whole = getattr(sa.random.default_rng(1), name)(*arguments, size=(60, 70), chunks=-1).compute()
    for chunks in (7, (60, 1), (13, 70)):
        cut = getattr(sa.random.default_rng(1), name)(*arguments, size=(60, 70), chunks=chunks)
        np.testing.assert_array_equal(cut.compute(), whole)
    part = getattr(sa.random.default_rng(1), name)(*arguments, size=(60, 70), chunks=7)[10:20, ::-3]
    np.testing.assert_array_equal(part.compute(), whole[10:20, ::-3])


@pytest.mark.parametrize("name", NAMES)
def test_moments_agree_with_numpy(name):
    arguments = ARGUMENTS.get(name, ())
    ours = getattr(sa.random.default_rng(5), name)(*arguments, size=40_000, chunks=1000).compute()
    theirs = getattr(np.random.default_rng(5), name)(*arguments, size=40_000)
    assert ours.dtype == theirs.dtype
    for share in (0.1, 0.25, 0.5, 0.75, 0.9):
        a, b = np.quantile(ours, share), np.quantile(theirs, share)
        spread = np.quantile(theirs, min(share + 0.03, 1)) - np.quantile(theirs, max(share - 0.03, 0))
        assert abs(a - b) <= max(spread, 1e-9) + (1 if theirs.dtype.kind == "i" else 0), (share, a, b)


def test_seeds():
    def draw(seed):
        return sa.random.default_rng(seed).random(10).compute()

    assert (draw(1) == draw(1)).all()
    assert (draw(1) != draw(2)).any()
    assert (draw([1, 2]) == draw([1, 2])).all()
    assert (draw(2**70) != draw(2**70 + 1)).any()
    assert (draw(None) != draw(None)).any()
    rng = sa.random.default_rng(1)
    assert sa.random.default_rng(rng) is rng
    assert (rng.random(10).compute() != rng.random(10).compute()).any()
    assert draw(np.random.SeedSequence(3)).shape == (10,)
    with pytest.raises(ValueError):
        sa.random.default_rng(-1)


def test_an_array_has_one_value():
    x = sa.random.random(1000, chunks=100)
    a, b = swath.compute(x.sum(), (x + 0).sum())
    assert a == b
    assert (x - x).sum().compute() == 0
    assert (x.compute() == x.compute()).all()


def test_module_functions_and_seed():
    sa.random.seed(4)
    first = sa.random.normal(2, 3, size=(5, 6), chunks=2).compute()
    sa.random.seed(4)
    assert (sa.random.normal(2, 3, size=(5, 6), chunks=3).compute() == first).all()
    assert sa.random.rand(2, 3).shape == (2, 3)
    assert sa.random.randn(4).shape == (4,)
    assert sa.random.random_sample((2, 2)).dtype == np.float64
    assert sa.random.RandomState(5).randint(3, size=10, chunks=4).compute().max() <= 2
    state = sa.random.RandomState(5)
    assert state.random_integers(3, size=100).compute().min() >= 1


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u4", "i8", "u8", "?"])
def test_integers(dtype):
    low, high = (0, 2) if dtype == "?" else (1, 100)
    x = sa.random.default_rng(1).integers(low, high, size=5000, dtype=dtype, chunks=700).compute()
    assert x.dtype == np.dtype(dtype)
    assert set(np.unique(x).tolist()) == set(range(low, high))


def test_integer_edges():
    rng = sa.random.default_rng(1)
    assert rng.integers(5, size=3).compute().max() < 5
    assert set(rng.integers(0, 1, size=200, endpoint=True).compute()) == {0, 1}
    wide = rng.integers(-(2**63), 2**63 - 1, size=1000).compute()
    assert wide.min() < -(2**61) and wide.max() > 2**61
    assert rng.integers(0, 2**64, size=1000, dtype="u8").compute().max() > 2**63
    for bad in (
        lambda: rng.integers(3, 3, size=1),
        lambda: rng.integers(0, 300, size=1, dtype="u1"),
        lambda: rng.integers(-1, 3, size=1, dtype="u1"),
    ):
        with pytest.raises(ValueError):
            bad()
    with pytest.raises(TypeError):
        rng.integers(0, 3, size=1, dtype="f8")


def test_float32():
    x = sa.random.default_rng(1).random(10_000, dtype="f4", chunks=100)
    assert x.dtype == np.float32
    values = x.compute()
    assert values.min() >= 0 and values.max() < 1


def test_array_parameters():
    loc = sa.arange(4, chunks=2) * 100.0
    x = sa.random.default_rng(1).normal(loc, 0.001, size=(1000, 4)).compute()
    np.testing.assert_allclose(x.mean(axis=0), [0, 100, 200, 300], atol=0.01)
    y = sa.random.default_rng(1).uniform(np.array([0.0, 10.0]), np.array([1.0, 11.0]), size=(1000, 2)).compute()
    assert (y[:, 1] >= 10).all() and (y[:, 0] < 1).all()


def test_bad_parameters_fail_when_written():
    rng = sa.random.default_rng(1)
    for call in (
        lambda: rng.normal(0, -1, size=3),
        lambda: rng.binomial(10, 1.5, size=3),
        lambda: rng.poisson(-1, size=3),
        lambda: rng.beta(-1, 2, size=3),
    ):
        with pytest.raises(ValueError):
            call()
    with pytest.raises(TypeError, match="missing"):
        rng.beta(1.0)
    with pytest.raises(TypeError, match="unexpected"):
        rng.normal(0, 1, shape=3)
    with pytest.raises(ValueError):
        rng.random(-1)


def test_choice_and_permutation():
    rng = sa.random.default_rng(3)
    assert set(rng.choice(5, size=1000, chunks=100).compute()) == set(range(5))
    values = rng.choice(np.array([10.0, 20.0, 40.0]), size=3000, p=[0.7, 0.3, 0.0]).compute()
    assert set(values) == {10.0, 20.0}
    assert 0.6 < (values == 10.0).mean() < 0.8
    assert len(set(rng.choice(50, size=20, replace=False).compute())) == 20
    assert set(rng.choice(np.array(["a", "b"]), size=50).compute()) == {"a", "b"}
    assert sorted(rng.permutation(20).compute()) == list(range(20))
    for bad in (
        lambda: rng.choice(3, size=4, replace=False),
        lambda: rng.choice(3, size=1, p=[0.5, 0.5]),
        lambda: rng.choice(3, size=1, p=[0.5, 0.5, 0.5]),
    ):
        with pytest.raises(ValueError):
            bad()
