"""The fixtures that users get: in this process, and in runs of pytest with other plugins and settings."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from paymo_async import Client, PaymoClient, ServerError
from paymo_async.sandbox import RateModel, Sandbox, Size
from paymo_async.sandbox.fixtures import Seeds, client_on, make_sandbox

ROOT = Path(__file__).parents[2]
TINY = Size(users=2, clients=2, projects=3, tasks=9, entries=30, estimates=3, reports=1, lines=1)


class TestFixtures:
    async def test_the_client_is_ready_in_an_event_loop(self, paymo_sandbox, paymo_client):
        made = await paymo_client.clients.create(Client(name="Nordlicht"))
        assert (await paymo_client.clients.get(made.id)).name == "Nordlicht"
        assert [seen.method for seen in paymo_sandbox.requests] == ["POST", "GET"]

    def test_the_client_is_ready_in_a_loop_that_the_test_runs(self, paymo_client):
        assert asyncio.run(paymo_client.me()).id == 23129

    def test_a_client_that_is_not_used_needs_no_loop(self, paymo_client):
        assert isinstance(paymo_client, PaymoClient)

    def test_the_environment_is_set_for_programs_and_for_this_one(self, paymo_sandbox, paymo_environment):
        assert paymo_environment == {"PAYMO_BASE_URL": paymo_sandbox.url, "PAYMO_API_KEY": paymo_sandbox.api_key}
        code = "import asyncio, paymo_async; print(asyncio.run(paymo_async.PaymoClient().me()).id)"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
        assert done.stdout == "23129\n"

    @pytest.mark.paymo_sandbox(
        seed=TINY,
        seed_number=7,
        rate_limit=(2, 60.0, "window"),
        faults=["500 path=clients times=1"],
        clock="2031-05-01",
        plan={"max_users": 2},
        cut=None,
    )
    async def test_the_marker_has_the_sandboxs_options(self, paymo_sandbox, paymo_client):
        assert paymo_sandbox.limiter.model == RateModel(2, 60.0, "window")
        assert paymo_sandbox.clock.now == datetime(2031, 5, 1, tzinfo=UTC)
        assert paymo_sandbox.account.company()["max_users"] == 2
        assert len(await paymo_client.clients.list()) == 2
        assert [seen.status for seen in paymo_sandbox.requests] == [500, 200]

    @pytest.mark.paymo_sandbox(seed="empty", faults="500")
    class TestOfAClass:
        @pytest.mark.paymo_sandbox(faults=())
        async def test_a_tests_own_marker_goes_before_its_classs(self, paymo_client):
            assert await paymo_client.clients.list() == []

        async def test_and_the_classs_is_for_the_others(self, paymo_client):
            with pytest.raises(ServerError):
                await paymo_client.clients.create(Client(name="Nordlicht"))


def test_what_takes_long_to_make_is_made_once():
    seeds = Seeds()
    first = seeds.get(TINY, 1)
    assert seeds.get(TINY, 1) is first
    assert seeds.get(TINY, 2) is not first
    assert (seeds.get("documented", 1), seeds.get("empty", 1)) == ("documented", "empty")
    with make_sandbox({"seed": TINY}, seeds) as box:
        assert box.account.store.count(box.account.tables["entries"]) == 30
        assert box.account.look("reports", 1)["permalink"].startswith(box.url)


def test_a_seed_may_be_a_snapshot_and_a_clock_a_moment():
    with make_sandbox({"seed": "empty"}, Seeds()) as box:
        box.account.create("clients", {"name": "Nordlicht"}, 1)
        snapshot = box.snapshot()
    moment = datetime(2031, 5, 1, tzinfo=UTC)
    with make_sandbox({"seed": snapshot, "clock": moment, "rate_limit": RateModel()}, Seeds()) as box:
        assert box.account.look("clients", 1)["name"] == "Nordlicht"
        assert box.clock.now == moment


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"sed": "demo"}, "unknown option 'sed'; known are seed, seed_number"),
        ({"state": "account.db"}, "unknown option 'state'"),
        ({"seed": "demmo"}, "unknown seed 'demmo'"),
        ({"rate_limit": 5}, "requests and seconds"),
        ({"faults": ["500 pth=x"]}, "unknown part 'pth'"),
        ({"clock": "yesterday"}, "yesterday"),
    ],
)
def test_a_wrong_option_is_named(options, said):
    with pytest.raises((TypeError, ValueError), match=said):
        make_sandbox(options, Seeds())


def test_a_client_may_be_used_in_a_loop_that_is_still_open_at_the_end():
    loop = asyncio.new_event_loop()
    with Sandbox() as box, client_on(box) as client:
        assert loop.run_until_complete(client.me()).id == 23129
    loop.close()


# -- runs of pytest as users have them -----------------------------------------------------------------------------


def run(folder: Path, code: str, *options: str, plugins: tuple[str, ...] = (), ini: str = "") -> str:
    """What a run of pytest with some plugins prints; warnings are errors in it."""
    (folder / "test_of_user.py").write_text(code)
    if "asyncio" in plugins:
        ini += "asyncio_default_fixture_loop_scope = function\n"
    (folder / "pytest.ini").write_text(f"[pytest]\naddopts = --strict-markers --strict-config\n{ini}")
    loaded = (f"-p{name}" for name in ("no:cacheprovider", "paymo_async.pytest_plugin", *plugins))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "pytest", "-q", *loaded, *options],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr
    return done.stdout


USE = """
import pytest
from paymo_async import Client
{head}
@pytest.mark.parametrize("time", ["first", "second"])
{mark}
async def test_use(paymo_client, paymo_sandbox, time):
    assert [c.name for c in await paymo_client.clients.list(name="Nordlicht")] == []
    await paymo_client.clients.create(Client(name="Nordlicht"))
    assert len(paymo_sandbox.requests) == 2
"""


AUTO = "asyncio_mode = auto\n"
ONE_LOOP = "asyncio_mode = auto\nasyncio_default_test_loop_scope = session\n"


@pytest.mark.parametrize(
    ("plugin", "ini", "head", "mark"),
    [
        pytest.param("asyncio", "", "", "@pytest.mark.asyncio", id="pytest-asyncio, strict"),
        pytest.param("asyncio", ONE_LOOP, "", "", id="pytest-asyncio, auto, one loop"),
        pytest.param(
            "anyio", "", "anyio_backend = pytest.fixture(lambda: 'asyncio')", "@pytest.mark.anyio", id="anyio"
        ),
    ],
)
def test_the_fixtures_work_with(tmp_path, plugin, ini, head, mark):
    pytest.importorskip("anyio" if plugin == "anyio" else "pytest_asyncio")
    assert "2 passed" in run(tmp_path, USE.format(head=head, mark=mark), plugins=(plugin,), ini=ini)


def test_the_fixtures_work_in_several_processes(tmp_path):
    out = run(tmp_path, USE.format(head="", mark=""), "-n2", plugins=("asyncio", "xdist"), ini=AUTO)
    assert "2 passed" in out


def test_each_test_has_a_sandbox_of_its_own(tmp_path):
    code = """
import threading, urllib.request
from datetime import datetime, timezone
import pytest
from paymo_async.sandbox import RateModel

@pytest.mark.parametrize("time", [1, 2, 3])
def test_all_is_new(paymo_sandbox, time):
    box = paymo_sandbox
    assert (len(box.faults), len(box.requests), box.limiter, box.clock.frozen) == (0, 0, None, False)
    assert box.account.store.count(box.account.tables["clients"]) == clients[0]
    box.faults.add("latency", seconds=600)
    box.limit(RateModel(1, 60.0))
    box.clock.freeze(datetime(2020, 1, 1, tzinfo=timezone.utc))
    box.account.create("clients", {"name": "Nordlicht"}, 23129)
    box.add_key(23130)
    thread = threading.Thread(target=hang, args=(box.url,))  # its request is cut off with the sandbox
    thread.start()
    while not len(box.requests):
        pass
    hanging.append(thread)

hanging = []
clients = []

@pytest.fixture(autouse=True)
def counted(paymo_sandbox):
    clients.append(paymo_sandbox.account.store.count(paymo_sandbox.account.tables["clients"]))

def hang(url):
    with pytest.raises(OSError):
        urllib.request.urlopen(url + "me", timeout=30)

def test_no_thread_of_others_is_left(paymo_sandbox):
    for thread in hanging:
        thread.join(5)
    assert len([one for one in threading.enumerate() if one is not threading.main_thread()]) == 1
"""
    assert "4 passed" in run(tmp_path, code)


def test_the_seed_may_stand_in_the_ini_file_and_a_wrong_marker_is_told_at_its_test(tmp_path):
    code = """
import pytest

def test_seed(paymo_sandbox):
    assert paymo_sandbox.account.look("users", 1)

@pytest.mark.paymo_sandbox(sed="demo")
def test_wrong(paymo_sandbox):
    pass

@pytest.mark.paymo_sandbox("demo")
def test_nameless(paymo_sandbox):
    pass
"""
    out = run(tmp_path, code, ini="paymo_sandbox_seed = empty\n")
    assert "1 passed, 2 errors" in out
    assert "@pytest.mark.paymo_sandbox: unknown option 'sed'; known are seed, " in out
    assert "@pytest.mark.paymo_sandbox: options have names, as seed='demo'" in out


def test_who_does_not_use_it_does_not_pay_for_it(tmp_path):
    code = """
import sys

def test_nothing_is_imported():
    assert "paymo_async.pytest_plugin" in sys.modules
    assert not {"aiohttp", "attrs", "cattrs", "msgspec", "sqlite3", "paymo_async.sandbox"} & set(sys.modules)
"""
    out = run(
        tmp_path, code, "-p", "no:asyncio", "-p", "no:anyio", "-p", "no:xdist", "-p", "no:cov", "-p", "no:timeout"
    )
    assert "1 passed" in out


def test_it_works_without_the_extras(tmp_path):
    code = """
import sys
for name in ("fpdf", "xlsxwriter", "typer", "rich", "matplotlib", "redis"):
    sys.modules[name] = None

async def test_a_report(paymo_client):
    assert (await paymo_client.reports.get(115376)).id == 115376
"""
    assert "1 passed" in run(tmp_path, code, plugins=("asyncio",), ini=AUTO)


def test_the_package_announces_its_plugin():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    # The module's own name, so that `-p` and `pytest_plugins` find it under the same one and load it once.
    assert project["entry-points"]["pytest11"] == {"paymo_async.pytest_plugin": "paymo_async.pytest_plugin"}
