"""The command on the main thread, with its own sandbox: signals, missing extras, the other commands."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from paymo_async.cli import main
from paymo_async.cli.app import run
from paymo_async.cli.exits import Exit
from paymo_async.cli.job import Job


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def reports_in(folder: Path) -> int:
    return len((folder / "reports.jsonl").read_text().splitlines())


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def sandboxed(tmp_path: Path) -> list[str]:
    """A whole command of its own: sandbox, loop and signals on the main thread."""
    return ["fetch", "reports", "estimates", "--into", str(tmp_path / "out"), "--sandbox", "--sandbox-rate", "2000/1"]


def test_the_sandbox_shows_the_whole_job(sandboxed, out, capsys):
    assert run(sandboxed) == Exit.OK
    printed = capsys.readouterr()
    assert "This is the sandbox" in printed.err
    assert "requests saved" in printed.out
    assert (out / "tracked-time.png").exists()
    assert run([*sandboxed, "--quiet", "--format", "json"]) == Exit.OK
    assert told(capsys)["requests"]["made"] == 3


def test_ctrl_c_ends_the_command_with_how_to_go_on(sandboxed, out, monkeypatch, capsys):
    put = Job._put

    def put_and_interrupt(self, kind, one, updated_on):
        put(self, kind, one, updated_on)
        if len(self._folder.holdings["reports"].lines) == 7:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Job, "_put", put_and_interrupt)
    assert run(sandboxed) == Exit.INTERRUPTED
    printed = capsys.readouterr()
    assert "Interrupted. What came so far is kept" in printed.err
    assert f"paymo-async fetch reports estimates --into {out} --sandbox" in printed.err
    assert 7 <= reports_in(out) < 44
    assert not (out / "tracked-time.png").exists()


def test_ctrl_c_while_the_chart_is_drawn_is_an_interruption_too(sandboxed, out, monkeypatch, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("paymo_async.cli.fetch.draw_chart", interrupted)
    assert run(sandboxed) == Exit.INTERRUPTED
    assert "run the same command again" in capsys.readouterr().err
    assert reports_in(out) == 44


def test_ctrl_c_before_anything_came_leaves_no_files(sandboxed, out, monkeypatch, capsys):
    async def interrupted(self):
        signal.raise_signal(signal.SIGINT)
        await asyncio.sleep(30)

    monkeypatch.setattr(Job, "run", interrupted)
    assert run([*sandboxed, "--quiet", "--format", "json"]) == Exit.INTERRUPTED
    assert told(capsys)["files"] == []
    assert not list(out.iterdir())


def test_a_missing_extra_is_named(monkeypatch, capsys):
    monkeypatch.delitem(sys.modules, "paymo_async.cli.app")
    monkeypatch.setitem(sys.modules, "typer", None)
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == Exit.USAGE
    assert "pip install 'paymo_async[cli]'" in capsys.readouterr().err


def test_a_module_that_is_missing_otherwise_is_an_error(monkeypatch):
    monkeypatch.delitem(sys.modules, "paymo_async.cli.app")
    monkeypatch.setitem(sys.modules, "paymo_async.cli.app", None)
    with pytest.raises(ModuleNotFoundError):
        main(["--version"])


def test_ctrl_c_while_the_command_line_is_read(monkeypatch, capsys):
    def interrupted(arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("paymo_async.cli.app.run", interrupted)
    with pytest.raises(SystemExit) as end:
        main([])
    assert end.value.code == Exit.INTERRUPTED


def test_the_version_is_told(capsys):
    from paymo_async import __version__

    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == Exit.OK
    assert capsys.readouterr().out == f"paymo-async {__version__}\n"
