"""joblib on Swath: ``import swath.joblib`` registers the backend "swath" with joblib.

Programs that parallelise with joblib (scikit-learn's ``n_jobs=``) then run their batches on the engine: in its child
processes, or, with ``executor="threads"``, in this process.

    import joblib, swath.joblib
    with joblib.parallel_config("swath", n_jobs=4):
        search.fit(x, y)
"""

from __future__ import annotations

import concurrent.futures
import threading
from collections.abc import Callable
from typing import Any

from joblib import cpu_count
from joblib.parallel import ParallelBackendBase, register_parallel_backend

from swath.delayed import delayed

__all__ = ["SwathBackend"]


class SwathBackend(ParallelBackendBase):  # type: ignore[misc]
    """Runs joblib's batches as calls on the engine.

    Parameters
    ----------
    executor
        ``"processes"`` (default): child processes, which a crash ends alone; ``"threads"``: this process, for code that
        releases the interpreter's lock or shares memory.
    retries
        How often a failed batch is tried again.
    """

    supports_retrieve_callback = True
    supports_inner_max_num_threads = False
    default_n_jobs = -1

    def __init__(
        self, nesting_level: int | None = None, executor: str = "processes", retries: int = 0, **kwargs: Any
    ) -> None:
        super().__init__(nesting_level=nesting_level, **kwargs)
        if executor not in ("processes", "threads"):
            raise ValueError(f"executor={executor!r}; accepted: 'processes', 'threads'")
        self._scheduler = executor
        self._retries = retries
        self._lock = threading.Lock()
        self._waiters: concurrent.futures.ThreadPoolExecutor | None = None
        self._n_jobs = 1

    @property
    def uses_threads(self) -> bool:
        """Do batches run in this process?"""
        return self._scheduler == "threads"

    @property
    def supports_sharedmem(self) -> bool:
        """Do batches see the memory of the caller?"""
        return self._scheduler == "threads"

    def effective_n_jobs(self, n_jobs: int | None) -> int:
        """How many batches run at once."""
        if n_jobs == 0:
            raise ValueError("n_jobs == 0 in Parallel has no meaning")
        if n_jobs is None:
            return 1
        return max(cpu_count() + 1 + n_jobs, 1) if n_jobs < 0 else n_jobs

    def configure(self, n_jobs: int = 1, parallel: Any = None, **kwargs: Any) -> int:
        """Get ready for one ``Parallel``; answers how many batches run at once."""
        self.parallel = parallel
        self._n_jobs = self.effective_n_jobs(n_jobs)
        return self._n_jobs

    def submit(self, func: Callable[[], Any], callback: Callable[..., Any] | None = None) -> Any:
        """Start a batch; ``callback(future)`` when it has ended."""
        with self._lock:
            if self._waiters is None:
                self._waiters = concurrent.futures.ThreadPoolExecutor(self._n_jobs, "swath-joblib")
            future = self._waiters.submit(self._run, func)
        if callback is not None:
            future.add_done_callback(callback)
        return future

    def _run(self, func: Callable[[], Any]) -> Any:
        return delayed(func, name="joblib-batch", traverse=False)().compute(
            scheduler=self._scheduler, num_workers=self._n_jobs, retries=self._retries
        )

    def retrieve_result_callback(self, out: Any) -> Any:
        """The results of a batch, or its exception."""
        return out.result()

    def terminate(self) -> None:
        """Let go of what :meth:`configure` and :meth:`submit` took."""
        with self._lock:
            waiters, self._waiters = self._waiters, None
        if waiters is not None:
            waiters.shutdown(wait=False, cancel_futures=True)

    def abort_everything(self, ensure_ready: bool = True) -> None:
        """Drop the batches that have not started."""
        self.terminate()
        if ensure_ready:
            self.configure(n_jobs=self.parallel.n_jobs, parallel=self.parallel)

    def __reduce__(self) -> Any:
        return _make, (self.nesting_level, self._scheduler, self._retries)


def _make(nesting_level: int | None, executor: str, retries: int) -> SwathBackend:
    return SwathBackend(nesting_level=nesting_level, executor=executor, retries=retries)


register_parallel_backend("swath", SwathBackend)
