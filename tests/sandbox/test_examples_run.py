"""The programs in examples/, each run against the sandbox."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web

from paymo_async import PaymoClient, TimeEntry
from paymo_async.sandbox import Fault, RateModel, Sandbox

ROOT = Path(__file__).parents[2]
TASK = 2093084


def example(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(f"example_{name}", ROOT / "examples" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def run(box: Sandbox, *arguments: str, typed: bytes = b"") -> str:
    environment = {**os.environ, "PAYMO_API_KEY": box.api_key, "PAYMO_BASE_URL": box.url, "PYTHONPATH": str(ROOT)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "error", *arguments, cwd=ROOT, env=environment, stdin=-1, stdout=-1, stderr=-1
    )
    out, err = await process.communicate(typed)
    assert process.returncode == 0, err.decode()
    return out.decode()


async def test_the_bots_own_tests_pass(box: Sandbox):
    modes = ("-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function")
    plugins = ("-p", "no:cacheprovider", "-p", "paymo_async.pytest_plugin")
    # Another folder's settings would be the project's own, in which tests run side by side.
    where = ("-c", os.devnull, "--rootdir", "examples", "examples/test_bot.py")
    assert "5 passed" in await run(box, "-m", "pytest", "-q", *plugins, *modes, *where)


@pytest.fixture
async def paymo(box: Sandbox) -> AsyncIterator[PaymoClient]:
    async with PaymoClient(box.api_key, base_url=box.url) as client:
        yield client


class Site:
    """The web app of the examples on a socket."""

    def __init__(self, url: str, session: ClientSession) -> None:
        self.url = url
        self.session = session

    async def __call__(self, method: str, path: str) -> tuple[int, Any, Any]:
        async with self.session.request(method, self.url + path) as answer:
            return answer.status, await answer.json(), answer.headers


@pytest.fixture
async def site(box: Sandbox) -> AsyncIterator[Site]:
    app = example("web_app").make_app(lambda: PaymoClient(box.api_key, base_url=box.url, max_wait=0.05))
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        async with ClientSession() as session:
            yield Site(f"http://{host}:{port}", session)
    finally:
        await runner.cleanup()


async def test_the_web_app_lists_active_projects(site: Site):
    status, found, _ = await site("GET", "/projects")
    assert status == 200
    assert [set(one) for one in found] == [{"id", "name", "code"}] * len(found)
    assert found


async def test_the_web_app_answers_many_tasks_from_one_request(site: Site, box: Sandbox):
    async def one(_: int) -> Any:
        return await site("GET", f"/tasks/{TASK}")

    answers = await asyncio.gather(*map(one, range(20)))
    assert {(status, body["id"]) for status, body, _ in answers} == {(200, TASK)}
    assert len(box.requests) < 20


async def test_the_web_app_says_what_is_not_there(site: Site):
    status, body, _ = await site("GET", "/tasks/424242")
    assert (status, body) == (404, {"error": "There is no such object."})


async def test_the_web_app_starts_a_timer_and_refuses_a_second_one_unless_switched(site: Site):
    assert (await site("POST", f"/tasks/{TASK}/timer"))[0] == 201
    status, body, _ = await site("POST", f"/tasks/{TASK}/timer")
    assert (status, body["task"]) == (409, TASK)
    assert (await site("POST", f"/tasks/{TASK}/timer?switch=1"))[0] == 201


@pytest.mark.parametrize("box", [{"rate_limit": RateModel(1, 60.0)}], indirect=True)
async def test_the_web_app_sends_browsers_away_when_the_limit_is_used_up(site: Site):
    assert (await site("GET", "/projects"))[0] == 200
    status, _, headers = await site("GET", "/projects")
    assert status == 503
    assert int(headers["Retry-After"]) >= 1


@pytest.mark.parametrize("box", [{"faults": [Fault("401")]}], indirect=True)
async def test_the_web_app_hides_what_went_wrong_behind_it(site: Site):
    assert (await site("GET", "/projects"))[:2] == (502, {"error": "Unauthorized"})


async def test_the_sync_job_takes_all_and_then_what_has_changed(box: Sandbox, paymo: PaymoClient, tmp_path: Path):
    path = str(tmp_path / "entries.db")
    everything = await paymo.entries.list()
    first = await run(box, "examples/sync_job.py", path)
    assert first.startswith(f"{len(everything)} entries came; {len(everything)} in all")

    new = await paymo.entries.create(TimeEntry(task_id=TASK, date=date(2030, 1, 31), duration=3600))
    again = await run(box, "examples/sync_job.py", path)  # the new one, and the last one of the run before
    assert again.startswith(f"2 entries came; {len(everything) + 1} in all")
    with closing(sqlite3.connect(path)) as database:
        row = database.execute("SELECT day, seconds FROM entries WHERE id = ?", (new.id,)).fetchone()
        assert row == ("2030-01-31", 3600)
        assert database.execute("SELECT count(*) FROM entries").fetchone() == (len(everything) + 1,)


async def test_the_sync_job_goes_on_where_it_was_interrupted(paymo: PaymoClient, monkeypatch: pytest.MonkeyPatch):
    job = example("sync_job")
    everything = {entry.id for entry in await paymo.entries.list()}
    store, stored = job.store, []

    def store_once(database: sqlite3.Connection, entries: Any) -> None:
        if stored:
            raise KeyboardInterrupt
        stored.extend(entries)
        store(database, entries)

    listing = paymo.entries.list
    monkeypatch.setattr(paymo.entries, "list", lambda **asked: listing(page_size=2, **asked))
    with closing(sqlite3.connect(":memory:")) as database:
        monkeypatch.setattr(job, "store", store_once)
        with pytest.raises(KeyboardInterrupt):
            await job.sync(paymo, database)
        monkeypatch.setattr(job, "store", store)
        assert await job.sync(paymo, database) == len(everything) - len(stored)
        assert {id for (id,) in database.execute("SELECT id FROM entries")} == everything


async def test_the_bot_tells_what_was_worked_on_today(paymo: PaymoClient):
    said: list[str] = []

    async def say(text: str) -> None:
        said.append(text)

    bot = example("bot").Bot(paymo, say)
    await bot.hear("Today\n")
    me = await paymo.me()
    today = datetime.now(UTC).date()
    await paymo.entries.create(TimeEntry(task_id=TASK, user_id=me.id, date=today, duration=5400))
    await bot.hear("today")
    await bot.hear("running")
    await paymo.entries.start_timer(TASK, at=datetime.now(UTC) - timedelta(minutes=5))
    await bot.hear("running")
    assert said[0] == "Nobody tracked any time."
    assert said[1].splitlines()[0] == f"{me.name}  1:30"
    assert said[1].splitlines()[-1] == "In all 1:30"
    assert said[2] == "No timer is running."
    assert said[3].startswith(f"{me.name}: ")


@pytest.mark.parametrize("box", [{"faults": [Fault("401")]}], indirect=True)
async def test_the_bot_says_when_the_service_fails(paymo: PaymoClient):
    said: list[str] = []

    async def say(text: str) -> None:
        said.append(text)

    await example("bot").Bot(paymo, say).hear("week")
    assert said == ["Paymo did not tell: Unauthorized."]


async def test_the_bot_chats_on_the_terminal_until_its_end(box: Sandbox):
    out = await run(box, "examples/bot.py", typed=b"hello\nrunning\n")
    assert sorted(out.splitlines()) == ["Ask me: today, yesterday, week, running.", "No timer is running."]
