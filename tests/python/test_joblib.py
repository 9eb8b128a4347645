"""joblib's backend "swath", with joblib's and scikit-learn's own programs."""

import threading

import joblib
import numpy as np
import pytest
import swath.joblib

EXECUTORS = ["threads", "processes"]


def square(x):
    return x * x


def fail(x):
    raise ValueError(f"bad {x}")


@pytest.fixture(params=EXECUTORS)
def backend(request):
    with joblib.parallel_config("swath", n_jobs=2, executor=request.param):
        yield request.param


def test_parallel(backend):
    assert joblib.Parallel()(joblib.delayed(square)(i) for i in range(50)) == [i * i for i in range(50)]
    assert joblib.Parallel(batch_size=7)(joblib.delayed(square)(i) for i in range(20)) == [i * i for i in range(20)]


def test_parallel_as_generator(backend):
    results = joblib.Parallel(return_as="generator")(joblib.delayed(square)(i) for i in range(10))
    assert list(results) == [i * i for i in range(10)]


def test_arrays(backend):
    x = np.arange(12.0).reshape(3, 4)
    sums = joblib.Parallel()(joblib.delayed(np.sum)(x, axis=axis) for axis in (0, 1))
    np.testing.assert_array_equal(sums[0], x.sum(axis=0))
    np.testing.assert_array_equal(sums[1], x.sum(axis=1))


def test_an_exception_reaches_the_caller_and_the_backend_goes_on(backend):
    with pytest.raises(ValueError, match="bad 3"):
        joblib.Parallel()(joblib.delayed(fail if i == 3 else square)(i) for i in range(8))
    assert joblib.Parallel()(joblib.delayed(square)(i) for i in range(3)) == [0, 1, 4]


def test_old_interface():
    with joblib.parallel_backend("swath", n_jobs=2, executor="threads"):
        assert joblib.Parallel()(joblib.delayed(square)(i) for i in range(5)) == [0, 1, 4, 9, 16]


def test_shared_memory():
    seen = []
    with joblib.parallel_config("swath", n_jobs=2, executor="threads"):
        joblib.Parallel(require="sharedmem")(joblib.delayed(seen.append)(i) for i in range(5))
    assert sorted(seen) == list(range(5))
    threads = set()
    with joblib.parallel_config("swath", n_jobs=2):  # processes share no memory: joblib takes its own threads
        joblib.Parallel(require="sharedmem")(
            joblib.delayed(lambda: threads.add(threading.get_ident()))() for _ in range(5)
        )
    assert threads


def test_n_jobs():
    backend = swath.joblib.SwathBackend()
    assert backend.effective_n_jobs(3) == 3
    assert backend.effective_n_jobs(-1) == joblib.cpu_count()
    with pytest.raises(ValueError, match="n_jobs == 0"):
        backend.effective_n_jobs(0)
    with pytest.raises(ValueError, match="executor='gpu'"):
        swath.joblib.SwathBackend(executor="gpu")


def _digits():
    datasets = pytest.importorskip("sklearn.datasets")
    x, y = datasets.load_iris(return_X_y=True)
    return x, y


def test_grid_search(backend):
    x, y = _digits()
    from sklearn.model_selection import GridSearchCV
    from sklearn.svm import SVC

    grid = {"C": [0.1, 1.0, 10.0], "kernel": ["linear", "rbf"]}
    search = GridSearchCV(SVC(gamma="scale"), grid, cv=3).fit(x, y)
    with joblib.parallel_config("sequential"):
        expected = GridSearchCV(SVC(gamma="scale"), grid, cv=3).fit(x, y)
    assert search.best_params_ == expected.best_params_
    np.testing.assert_array_equal(search.cv_results_["mean_test_score"], expected.cv_results_["mean_test_score"])


def test_random_forest(backend):
    x, y = _digits()
    from sklearn.ensemble import RandomForestClassifier

    forest = RandomForestClassifier(n_estimators=20, random_state=0, n_jobs=2).fit(x, y)
    expected = RandomForestClassifier(n_estimators=20, random_state=0, n_jobs=1).fit(x, y)
    np.testing.assert_array_equal(forest.predict_proba(x), expected.predict_proba(x))
