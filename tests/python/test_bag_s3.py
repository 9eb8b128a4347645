"""Text files on S3, through a gateway on loopback that the test starts and stops."""

import gzip
import json
import os
import socket
import subprocess
import sys
import time

import pytest
import swath.bag as sb

pytest.importorskip("s3fs", reason="s3:// needs s3fs")
pytest.importorskip("moto.server", reason="no S3 gateway: moto[server] is not installed")

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.fixture(scope="module")
def storage_options():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, env={**os.environ, **KEYS}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while True:
            assert server.poll() is None, f"the gateway ended with {server.returncode}"
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert time.monotonic() < deadline, "the gateway does not answer"
                time.sleep(0.1)
        yield {"key": "test", "secret": "test", "client_kwargs": {"endpoint_url": f"http://127.0.0.1:{port}"}}
    finally:
        server.terminate()
        server.wait(30)


def test_read_text_from_s3(storage_options):
    import s3fs

    store = s3fs.S3FileSystem(**storage_options)
    store.mkdir("logs")
    for day in range(3):
        lines = "".join(json.dumps({"day": day, "n": n}) + "\n" for n in range(10))
        store.pipe(f"logs/{day}.ndjson", lines.encode())
        store.pipe(f"logs/{day}.ndjson.gz", gzip.compress(lines.encode()))
    bag = sb.read_text("s3://logs/*.ndjson", storage_options=storage_options).map(json.loads)
    assert bag.npartitions == 3
    assert bag.filter(lambda r: r["n"] > 5).pluck("day").frequencies().compute() == [(0, 4), (1, 4), (2, 4)]
    packed = sb.read_text("s3://logs/*.ndjson.gz", storage_options=storage_options, files_per_partition=2)
    assert packed.npartitions == 2
    assert packed.count().compute() == 30
    with pytest.raises((FileNotFoundError, ValueError)):
        sb.read_text("s3://logs/none*.txt", storage_options=storage_options).compute()
