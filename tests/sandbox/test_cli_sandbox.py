"""`paymo-async sandbox`: its options, what it says, and what it refuses."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
from typing import Any

import aiohttp
import pytest

from paymo_async import Company
from paymo_async.cli.app import run
from paymo_async.cli.arguments import PLAN_NAMES
from paymo_async.cli.exits import Exit
from paymo_async.cli.serve import serve
from paymo_async.models.base import declaration
from paymo_async.sandbox import RateModel, Sandbox
from paymo_async.sandbox.faults import EFFECTS
from paymo_async.sandbox.seed import SEEDS


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as sock:
            sock.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.fixture
def asked(monkeypatch, capsys):
    """Runs `paymo-async sandbox` with options, asks it for paths, and returns its answers and what it said."""

    def ask(*options: str, paths: tuple[str, ...] = ("me",), key: str | None = None) -> Served:
        served = Served()

        async def until_told():
            served.out, served.err = capsys.readouterr()
            served.told = dict(re.findall(r"^export (\w+)=(.+)$", served.out, re.MULTILINE))
            login = aiohttp.BasicAuth(key or served.told["PAYMO_API_KEY"], "x")
            async with aiohttp.ClientSession(auth=login) as http:
                for path in paths:
                    method, _, rest = path.rpartition(" ")
                    async with http.request(method or "GET", served.told["PAYMO_BASE_URL"] + rest) as answer:
                        served.answers.append((answer.status, answer.headers, await answer.text()))

        monkeypatch.setattr("paymo_async.cli.serve._until_told", until_told)
        served.code = run(["sandbox", *options])
        if served.code != Exit.OK:
            served.out, served.err = capsys.readouterr()
        return served

    return ask


class Served:
    def __init__(self) -> None:
        self.code = 0
        self.out = self.err = ""
        self.told: dict[str, str] = {}
        self.answers: list[tuple[int, Any, str]] = []

    @property
    def statuses(self) -> list[int]:
        return [status for status, _, _ in self.answers]


def test_stdout_has_the_environment_and_stderr_where_to_look(asked):
    served = asked()
    assert served.statuses == [200]
    assert served.out.splitlines() == [
        f"export PAYMO_BASE_URL={served.told['PAYMO_BASE_URL']}",
        "export PAYMO_API_KEY=sandbox-api-key",
    ]
    assert "with the seed 'documented'" in served.err
    assert f"Console  {served.told['PAYMO_BASE_URL'].removesuffix('api/')}\n" in served.err
    assert "What was made in it is gone then; --state keeps it." in served.err


def test_seed_and_its_number_say_what_is_in_it(asked):
    assert "[]" in asked("--seed", "empty", paths=("projects",)).answers[0][2]
    paths = ("estimates?include=total&page=0&page_size=9",)
    first, other, again = (
        asked("--seed", "fetch", "--seed-number", number, paths=paths).answers[0][2] for number in ("1", "2", "1")
    )
    assert first == again
    assert first != other


def test_a_state_file_is_seeded_once_and_kept(asked, tmp_path):
    file = tmp_path / "account.db"
    made = asked("--state", str(file), paths=("DELETE clients/1", "clients"))
    again = asked("--state", str(file), paths=("clients",))
    assert made.answers[1][2] == again.answers[0][2]
    for served, contents in ((made, "the seed 'documented'"), (again, f"the account in {file}")):
        assert contents in served.err
        assert f"What was made in it stays in {file}." in served.err
        assert "gone" not in served.err


def test_faults_are_rules_of_which_there_may_be_several(asked):
    served = asked(
        *("--faults", "500 path=estimates* times=1", "--faults", "503 path=clients"),
        paths=("estimates", "estimates", "clients", "me"),
    )
    assert served.statuses == [500, 200, 503, 200]


def test_a_rate_limit_may_say_how_it_counts(asked):
    served = asked("--rate-limit", "2/60/window", paths=("me", "me", "me"))
    assert served.statuses == [200, 200, 429]
    assert served.answers[2][1]["X-Ratelimit-Decay-Period"] == "60"
    assert "X-Ratelimit-Limit" not in asked("--no-rate-headers").answers[0][1]


def test_the_clock_stands_still_where_it_is_put(asked):
    for moment in ("2031-05-01T12:00:00Z", "2031-05-01T14:00:00+02:00", "2031-05-01T12:00"):
        served = asked("--clock", moment, paths=("POST sessions",))
        assert '"created_on":"2031-05-01T12:00:00Z"' in served.answers[0][2]


def test_answers_are_cut_where_one_says(asked):
    cuts = (("--cut", "1"), (), ("--cut", "1", "--no-cut"))
    one, most, whole = (asked(*cut, paths=("users?include=id",)).answers[0][2].count('"id"') for cut in cuts)
    assert one == 1
    assert most == whole > 1


def test_lists_come_in_an_order_that_one_picks(asked):
    paths = ("estimates?include=id&page=0&page_size=20",)
    orders = [
        re.findall(r"\d+", asked("--seed", "fetch", *options, paths=paths).answers[0][2])
        for options in ((), ("--shuffle", "7"), ("--shuffle", "7"), ("--shuffle", "8"))
    ]
    assert orders[0] == sorted(orders[0], key=int)
    assert orders[1] == orders[2]
    assert len({*map(tuple, orders)}) == 3


@pytest.mark.parametrize(
    ("options", "made"),
    [
        ((), {"webhooks": True, "webhook_retries": 0, "webhook_text_ids": False, "drift": False, "compress": False}),
        (
            ("--no-webhooks", "--webhook-retries", "3", "--webhook-text-ids", "--drift", "--compress"),
            {"webhooks": False, "webhook_retries": 3, "webhook_text_ids": True, "drift": True, "compress": True},
        ),
    ],
)
def test_webhooks_drift_and_compression_are_as_one_says(monkeypatch, options, made):
    given = {}

    async def served(box, **_):
        return Exit.OK

    monkeypatch.setattr("paymo_async.cli.serve.serve", served)
    monkeypatch.setattr("paymo_async.sandbox.Sandbox", lambda **options: given.update(options))
    assert run(["sandbox", *options]) == Exit.OK
    assert given.items() >= made.items()


def test_a_plan_allows_and_lacks_what_one_says(asked):
    served = asked("--plan", "users=0", "--lacks", "bookings", paths=("bookings?where=user_id=1", "company"))
    assert served.statuses == [403, 200]
    assert '"max_users":0' in served.answers[1][2]


def test_what_a_plan_limits_are_attributes_of_the_company():
    names = {attribute.name for attribute in declaration(Company).attributes.values()}
    assert {name for name in names if name.startswith("max_")} == {f"max_{name}" for name in PLAN_NAMES}


def test_documented_keys_and_html_for_a_wrong_key_are_options(asked):
    assert '{"projecttemplates"' in asked("--documented-keys", paths=("projecttemplates",)).answers[0][2]
    assert '{"project_templates"' in asked(paths=("projecttemplates",)).answers[0][2]
    (answer,) = asked("--html-401", key="wrong").answers
    assert (answer[0], answer[1]["Content-Type"].partition(";")[0]) == (401, "text/html")


def test_on_all_addresses_it_tells_one_of_this_machine_and_warns(asked):
    served = asked("--host", "0.0.0.0")
    assert served.told["PAYMO_BASE_URL"].startswith("http://127.0.0.1:")
    assert "Whoever reaches this machine can use it" in served.err
    assert "Whoever" not in asked("--host", "localhost").err


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
@pytest.mark.parametrize("host", ["::1", "::"])
def test_on_ipv6_its_address_is_in_brackets(asked, host):
    served = asked("--host", host)
    assert served.told["PAYMO_BASE_URL"].startswith("http://[::1]:")
    assert served.statuses == [200]


def test_a_host_that_is_not_this_machines_is_told(asked):
    served = asked("--host", "nowhere.invalid")
    assert served.code == Exit.FAILED
    assert served.err.startswith("paymo-async: ")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--faults", "500 pth=x"), "unknown part 'pth'"),
        (("--faults", "explode"), "explode"),
        (("--rate-limit", "5/5/leeky"), "did you mean 'leaky'"),
        (("--rate-limit", "5"), "does not read like 5/1"),
        (("--clock", "yesterday"), "does not read like 2026-01-31T08:59:00Z"),
        (("--plan", "user=2"), "did you mean 'users'"),
        (("--plan", "users"), "does not read like users=2"),
        (("--lacks", "taks"), "did you mean 'tasks'"),
        (("--lacks", "7"), "is no resource"),
        (("--port", "70000"), "'--port'"),
        (("--cut", "0"), "'--cut'"),
        (("--seed", "nonsense"), "unknown seed 'nonsense'"),
    ],
)
def test_wrong_usage_is_told_before_anything_runs(asked, options, said):
    served = asked(*options)
    assert served.code == Exit.USAGE
    assert said in " ".join(served.err.replace("│", " ").split())
    assert served.out == ""


def test_what_cannot_hold_a_state_is_told(asked, tmp_path):
    (tmp_path / "notes.txt").write_text("no database, and long enough to be looked at as one" * 20)
    for file in (tmp_path / "notes.txt", tmp_path / "nowhere" / "account.db"):
        served = asked("--state", str(file))
        assert served.code == Exit.FAILED
        assert f"{file} cannot hold a sandbox's state" in served.err


async def test_a_port_in_use_is_told(capsys):
    async with Sandbox(seed="empty") as box:
        port = int(box.url.split(":")[2].split("/")[0])
        assert await serve(Sandbox(seed="empty", port=port), seed="empty") == Exit.FAILED
    assert "in use" in capsys.readouterr().err


async def test_it_serves_until_it_is_told_to_end(capsys):
    task = asyncio.create_task(serve(Sandbox(rate_limit=RateModel(5, 1.0)), seed="documented"))
    while "PAYMO_API_KEY" not in capsys.readouterr().out:
        await asyncio.sleep(0.01)
    signal.raise_signal(signal.SIGTERM)
    assert await task == Exit.OK


async def test_a_million_entries_are_announced_before_they_are_made(capsys, monkeypatch):
    async def until_told():
        """Told at once."""

    monkeypatch.setattr("paymo_async.cli.serve._until_told", until_told)
    assert await serve(Sandbox(seed="empty"), seed="large") == Exit.OK
    assert capsys.readouterr().err.startswith("Making a million time entries")


@pytest.mark.parametrize("how", [KeyboardInterrupt, None])
def test_ctrl_c_is_how_it_ends_well(monkeypatch, how):
    async def served(box, **_):
        if how is not None:
            raise how
        return Exit.OK

    monkeypatch.setattr("paymo_async.cli.serve.serve", served)
    assert run(["sandbox", "--rate-limit", "5/1"]) == Exit.OK


def test_help_names_every_effect_and_every_seed(capsys):
    assert run(["sandbox", "--help"]) == Exit.OK
    told = re.sub(r"-\n +", "-", capsys.readouterr().out)  # lines break at hyphens too
    words = {word.strip(".,:;()") for word in told.split()}
    assert {*EFFECTS, *SEEDS} <= words
