"""Programs that a test interrupts with Ctrl-C."""

from __future__ import annotations

import signal
import subprocess
import sys
import time


def run_interrupted(code: str, first: str, after: float = 0) -> tuple[str, list[str], int]:
    """Run ``code`` and send SIGINT ``after`` seconds from its first line, which begins with ``first``.

    It must then print "interrupted" and when. Returns the first line, the others, and the exit code.
    """
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        assert line.startswith(first), process.stderr.read()
        time.sleep(after)
        assert process.poll() is None
        sent = time.time()
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    lines = output.splitlines()
    assert lines and lines[0].startswith("interrupted"), (output, errors)
    print(f"stopped after {float(lines[0].split()[1]) - sent:.3f} s")
    return line, lines, process.returncode
