"""Every Python block of the README runs as it stands, against the sandbox."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest

from paymo_async.sandbox import Sandbox

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(r"^```python\n(.*?)^```$", (ROOT / "README.md").read_text(), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: f"{len(block.splitlines())} lines")
async def test_a_block_of_the_readme_runs_and_shows_something(block: str):
    async with Sandbox() as box:
        environment = {**os.environ, "PAYMO_API_KEY": box.api_key, "PAYMO_BASE_URL": box.url, "PYTHONPATH": str(ROOT)}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-W", "error", "-c", block, env=environment, stdout=-1, stderr=-1
        )
        out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    assert out.strip()
    assert not err
    assert box.api_key.encode() not in out


def test_the_readme_begins_with_the_two_commands():
    fences = re.findall(r"^```(\w+)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert fences[:2] == ["bash", "bash"]
    assert "python" in fences


def test_the_first_script_is_short():
    assert len([line for line in BLOCKS[0].splitlines() if line.strip()]) <= 11
