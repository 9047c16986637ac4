"""Programs that know nothing of this project: they have a base URL, a key, and BEHAVIOUR.md."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from paymo_async.sandbox import Sandbox

HERE = Path(__file__).parent
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def box(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox in a thread of its own, as such a program would find it."""
    with Sandbox(**getattr(request, "param", {})) as running:
        yield running


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A file with a picture of one pixel."""
    path = tmp_path / "logo.png"
    path.write_bytes(PNG)
    return path


@pytest.fixture
def run(box: Sandbox, tmp_path: Path):
    """Runs a program to its end and gives what it printed; the test is skipped where the program is not installed."""

    def started(*command: str | Path) -> bytes:
        program = shutil.which(command[0])
        if program is None:
            pytest.skip(f"{command[0]} is not installed")
        done = subprocess.run(
            [program, *command[1:]],
            cwd=tmp_path,
            env={
                "PATH": os.environ["PATH"],
                "PAYMO_URL": box.url,
                "PAYMO_KEY": box.api_key,
                "PAYMO_EMAIL": box.email,
                "PAYMO_PASSWORD": box.password,
            },
            capture_output=True,
            timeout=30,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode() + done.stdout.decode()
        return done.stdout

    return started
