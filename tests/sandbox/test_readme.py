"""Every Python block of the README and of the pages runs as it stands, against the sandbox."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest

from paymo_async.sandbox import Sandbox

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs" / "pages").glob("*.md"))]


def blocks(page: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", page.read_text(), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(block, id=f"{page.stem}-{number}-{len(block.splitlines())} lines")
        for page in PAGES
        for number, block in enumerate(blocks(page), start=1)
    ],
)
async def test_a_block_runs_and_shows_something(block: str, tmp_path: Path):
    async with Sandbox() as box:
        out, err = await run(block, box, tmp_path)
    assert out.strip()
    assert not err
    assert box.api_key.encode() not in out


async def run(block: str, box: Sandbox, folder: Path) -> tuple[bytes, bytes]:
    """What the block writes, as a script, or by pytest where it holds tests."""
    environment = {**os.environ, "PAYMO_API_KEY": box.api_key, "PAYMO_BASE_URL": box.url, "PYTHONPATH": str(ROOT)}
    command = ["-c", block]
    if re.search(r"^ *(async )?def test_", block, re.MULTILINE):
        file = folder / "test_block.py"
        file.write_text(block)
        (folder / "pytest.ini").write_text(
            "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n"
        )
        command = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "paymo_async.pytest_plugin", str(file)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "error", *command, env=environment, cwd=folder, stdout=-1, stderr=-1
    )
    out, err = await process.communicate()
    assert process.returncode == 0, out.decode() + err.decode()
    return out, err


def test_every_page_that_shows_how_shows_it_by_code():
    without = {page.stem for page in PAGES if not blocks(page)}
    assert without <= {"index", "unknown", "faithful", "sandbox", "testing-languages"}  # the last two show commands


def test_the_readme_begins_with_the_two_commands():
    fences = re.findall(r"^```(\w+)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert fences[:2] == ["bash", "bash"]
    assert "python" in fences


def test_the_first_script_is_short():
    assert len([line for line in blocks(ROOT / "README.md")[0].splitlines() if line.strip()]) <= 11
