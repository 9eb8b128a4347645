"""Settings and fixtures of all Python tests."""

import os
import subprocess
import sys

import hypothesis
import pytest

hypothesis.settings.register_profile("swath", deadline=None, max_examples=60, derandomize=True)
hypothesis.settings.register_profile("many", deadline=None, max_examples=1000)
hypothesis.settings.load_profile(os.environ.get("SWATH_HYPOTHESIS", "swath"))


@pytest.fixture
def run_python():
    """Runs Python text in a process of its own; returns its standard output. A failure shows its standard error."""

    def run(code, timeout=120, check=True, **environment):
        process = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            timeout=timeout,
            env={**os.environ, **environment},
        )
        if check:
            assert process.returncode == 0, process.stderr
            return process.stdout
        return process

    return run
