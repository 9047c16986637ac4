"""The commands and programs of the pages for other languages, run as they stand."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from paymo_async.sandbox import Sandbox

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "pages"


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", (PAGES / page).read_text(), re.DOTALL | re.MULTILINE)


def needs(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} is not installed")
    return path


def is_free(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) != 0


@pytest.fixture
def run(tmp_path):
    """Runs a program in a folder of its own, with `paymo-async` on its path, and returns what it prints."""
    command = tmp_path / "bin" / "paymo-async"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -W error -m paymo_async "$@"\n')
    command.chmod(0o755)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PAYMO_")}
    environment = {**inherited, "PATH": f"{command.parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}

    def run(*arguments: str, box: Sandbox | None = None) -> str:
        known = {"PAYMO_BASE_URL": box.url, "PAYMO_API_KEY": box.api_key} if box else {}
        done = subprocess.run(
            arguments, cwd=tmp_path, env={**environment, **known}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.fixture
def shell(run):
    bash = needs("bash")
    needs("curl")
    return lambda block, box=None: run(bash, "-euo", "pipefail", "-c", block, box=box)


def test_in_a_build_it_is_started_waited_for_and_ended(shell, tmp_path):
    start, _, _ = blocks("testing-languages.md", "bash")
    assert '"email":"owner@example.com"' in shell(start)
    assert "A sandbox of Paymo is running" in (tmp_path / "sandbox.log").read_text()
    address = re.search(r"127\.0\.0\.1:(\d+)", (tmp_path / "sandbox.env").read_text())
    assert is_free(int(address[1]))


def test_in_a_build_one_that_cannot_start_is_not_waited_for(run):
    start = blocks("testing-languages.md", "bash")[0].replace("sandbox >", "sandbox --seed nonsense >")
    with pytest.raises(AssertionError, match="No such process"):
        run(needs("bash"), "-euo", "pipefail", "-c", start)


def test_in_a_build_a_chosen_port_is_asked_until_it_answers(shell):
    # Below those that the system gives to others meanwhile.
    free = next(str(port) for port in range(20_000 + os.getpid() % 10_000, 32_000) if is_free(port))
    _, start, _ = blocks("testing-languages.md", "bash")
    assert start.count("8086") == 3
    assert '"email":"owner@example.com"' in shell(start.replace("8086", free))


def test_curl(shell, tmp_path):
    with Sandbox() as box:
        out = shell(blocks("testing-languages.md", "bash")[2], box)
        assert [seen.status for seen in box.requests] == [200, 201, 201, 201, 201, 200]
    for part in ('"client":{"name"', '"name":"Nordlicht"', "<name>Larkhill</name>", '"name":"Logo"'):
        assert part in out
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


def test_node(run, tmp_path):
    node = needs("node")
    (program,) = blocks("testing-languages.md", "js")
    (tmp_path / "bot.mjs").write_text(program)
    with Sandbox() as box:
        box.faults.add("429", times=1, seconds=1)
        assert re.fullmatch(r"201 \d+ Nordlicht\n", run(node, "bot.mjs", box=box))
        assert [seen.status for seen in box.requests] == [429, 201]


def test_php(run, tmp_path):
    php = needs("php")
    (program,) = blocks("testing-languages.md", "php")
    (tmp_path / "bot.php").write_text(program)
    with Sandbox() as box:
        assert run(php, "bot.php", box=box) == "Nordlicht: 0 projects\n"


def test_the_control_api_by_curl(shell):
    (block,) = blocks("sandbox.md", "bash")
    with Sandbox() as box:
        keys = set(box.account.company())
        out = shell(block, box)
        assert "502 Bad Gateway" in out
        assert '"path":"clients"' in out
        assert (len(box.faults), box.limiter, box.clock.frozen, len(box.requests)) == (0, None, False, 0)
        assert set(box.account.company()) == keys


def test_the_page_shows_what_the_command_prints():
    (told,) = blocks("testing-languages.md", "text")
    with Sandbox() as box:
        exports = f"export PAYMO_BASE_URL={box.url}\nexport PAYMO_API_KEY={box.api_key}\n"
    assert re.sub(r":\d+", ":8086", exports.split("\n")[0]) in told
    assert exports.split("\n")[1] in told
