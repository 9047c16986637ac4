"""The command as a process of its own: signals, exit codes, streams, and the sandbox without an account."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import aiohttp

from paymo_async.sandbox import RateModel, Sandbox, Size

ROOT = Path(__file__).parents[2]
SMALL = Size(users=3, clients=4, projects=6, tasks=40, entries=300, estimates=60, reports=12, lines=4)


class Command:
    """A running `python -m paymo_async`, which turns warnings into errors."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    @classmethod
    async def start(cls, *arguments: str, **environment: str) -> Command:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PAYMO_")}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-W", "error", "-m", "paymo_async", *arguments),
            env={**inherited, "PYTHONPATH": str(ROOT), **environment},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        return cls(process)

    async def end(self) -> tuple[int, str, str]:
        out, err = await self.process.communicate()
        assert self.process.returncode is not None
        return self.process.returncode, out.decode(), err.decode()


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


async def test_without_an_account_the_sandbox_shows_the_whole_job(tmp_path: Path):
    arguments = ("fetch", "reports", "estimates", "--into", str(tmp_path), "--sandbox", "--sandbox-rate", "1000/1")
    code, out, err = await (await Command.start(*arguments, "--format", "json")).end()
    assert code == 0, err
    first = json.loads(out)
    assert "This is the sandbox" in err
    assert [one["objects"] >= least for one, least in zip(first["kinds"], (40, 600), strict=True)] == [True, True]
    assert first["requests"]["made"] < 60
    assert (tmp_path / "tracked-time.png").read_bytes().startswith(b"\x89PNG")
    before = contents(tmp_path)
    code, out, err = await (await Command.start(*arguments, "--format", "json", "--quiet")).end()
    assert code == 0, err
    second = json.loads(out)
    assert second["requests"]["made"] == 3
    assert [one["fetched"] for one in second["kinds"]] == [0, 0]
    assert contents(tmp_path) == before


async def test_an_interrupted_run_leaves_whole_files_and_the_same_command_completes_it(tmp_path: Path):
    cut, whole = tmp_path / "cut", tmp_path / "whole"
    async with Sandbox(seed=SMALL, rate_limit=RateModel(500, 1.0)) as box:
        environment = {"PAYMO_API_KEY": box.api_key, "PAYMO_BASE_URL": box.url}
        arguments = ("fetch", "reports", "estimates", "--trust-updated-on", "--chart", "svg", "--into")
        code, _, err = await (await Command.start(*arguments, str(whole), **environment)).end()
        assert code == 0, err
        for path in ("reports/7", "reports/8"):  # so that it cannot end before the signal comes
            box.faults.add("latency", path=path, times=1, seconds=30)
        start = len(box.requests)
        command = await Command.start(*arguments, str(cut), **environment)
        while len(box.requests) < start + 14:
            await asyncio.sleep(0.01)
        command.process.send_signal(signal.SIGINT)
        code, out, err = await command.end()
        assert code == 130, err
        assert f"paymo-async fetch reports estimates --trust-updated-on --chart svg --into {cut}" in err
        assert "Traceback" not in err
        assert "60" in out  # what there is so far
        assert sorted(contents(cut)) == sorted(name for name in contents(whole) if name != "tracked-time.svg")
        kept = [json.loads(line)["id"] for line in (cut / "reports.jsonl").read_text().splitlines()]
        assert 1 <= len(kept) < 12  # how many have been written when the signal comes is up to the machine
        start = len(box.requests)
        code, _, err = await (await Command.start(*arguments, str(cut), **environment)).end()
        assert code == 0, err
        assert len(box.requests) - start == 2 + 12 - len(kept)
        assert contents(cut) == contents(whole)


async def test_exit_codes_of_a_process(tmp_path: Path):
    code, out, err = await (await Command.start("fetch", "reports", "--into", str(tmp_path))).end()
    assert (code, out) == (3, "")
    assert "PAYMO_API_KEY" in err
    code, out, err = await (await Command.start("fetch", "repots", "--into", str(tmp_path))).end()
    assert (code, out) == (2, "")
    assert "'reports'" in err


async def test_help_tells_where_credentials_come_from_and_what_the_exit_codes_mean():
    _, out, _ = await (await Command.start("--help", COLUMNS="120")).end()
    assert "PAYMO_API_KEY" in out
    assert "130 interrupted" in out


async def test_the_sandbox_serves_until_it_is_told_to_end():
    command = await Command.start("sandbox", "--seed", "documented", "--rate-limit", "50/1")
    try:
        assert command.process.stdout is not None
        lines = [(await command.process.stdout.readline()).decode().split() for _ in range(2)]
        told = dict(line[1].split("=", 1) for line in lines)
        async with (
            aiohttp.ClientSession(auth=aiohttp.BasicAuth(told["PAYMO_API_KEY"], "x")) as http,
            http.get(f"{told['PAYMO_BASE_URL']}reports/115376") as answer,
        ):
            assert answer.status == 200
            assert answer.headers["X-Ratelimit-Limit"] == "50"
    finally:
        command.process.send_signal(signal.SIGINT)
        code, _, err = await command.end()
    assert code == 0
    assert "Ctrl-C ends it" in err
