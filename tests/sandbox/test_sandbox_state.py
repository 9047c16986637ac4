"""A running sandbox is reseeded, reset, snapshot and restored, and its clock moved."""

from datetime import UTC, datetime

import aiohttp
import pytest

from paymo_async import PaymoClient
from paymo_async.models import Client
from paymo_async.sandbox import Clock, Fault, RateModel, Sandbox
from paymo_async.sandbox.values import Problem


@pytest.fixture
async def box():
    async with Sandbox() as box:
        yield box


@pytest.fixture
async def paymo(box):
    async with PaymoClient(box.api_key, base_url=box.url) as paymo:
        yield paymo


async def test_a_snapshot_is_gone_back_to(box, paymo):
    key = box.add_key(23130)
    snapshot = box.snapshot()
    await paymo.clients.create(Client(name="Nordlicht"))
    box.seed("empty")
    assert await paymo.clients.list() == []
    box.restore(snapshot)
    assert "Nordlicht" not in [client.name for client in await paymo.clients.list()]
    async with PaymoClient(key, base_url=box.url) as judith:
        assert (await judith.me()).id == 23130


async def test_a_new_seed_replaces_the_account_and_its_owner(box, paymo):
    assert (await paymo.me()).id == 23129
    box.seed("empty")
    assert (await paymo.me()).id == 1
    with pytest.raises(ValueError, match="unknown seed 'demmo'"):
        box.seed("demmo")
    assert (await paymo.me()).id == 1


async def test_a_reset_undoes_all_that_was_set(box, paymo):
    box.faults.add("500")
    box.limit(RateModel(1, 60.0))
    box.clock.freeze(datetime(2020, 1, 1, tzinfo=UTC))
    box.seed("empty", number=2)
    box.account.create("clients", {"name": "Nordlicht"}, 1)
    box.account.assets.answer("assets/none.png", {})
    assert [download.status for download in box.downloads] == [404]
    box.reset()
    assert (len(box.faults), box.clock.frozen, len(box.requests), box.limiter) == (0, False, 0, None)
    assert box.downloads == []
    assert (await paymo.me()).id == 23129
    assert "Nordlicht" not in [client.name for client in await paymo.clients.list()]


async def test_a_reset_brings_back_the_faults_of_the_start_as_they_were():
    async with Sandbox(faults=[Fault("500", times=1)]) as box, aiohttp.ClientSession() as http:
        for _ in range(2):
            box.faults.add("503")
            async with http.get(f"{box.url}me") as answer:
                assert answer.status == 500
            box.reset()
        assert [(fault.effect, fault.acted) for fault in box.faults] == [("500", 0)]


async def test_a_reset_of_the_clock_makes_no_time_pass_for_either_account(box, paymo, monkeypatch):
    days = []
    monkeypatch.setattr(box.account.rules["recurringprofiles"], "daily", lambda _, day: days.append(day))
    box.clock.freeze(datetime(2001, 1, 1, tzinfo=UTC))
    box.reset()
    await paymo.clients.list()
    assert days == []
    box.clock.move(days=2)
    assert len(days) == 2


async def test_a_reset_goes_back_to_the_moment_at_which_a_clock_began():
    start = datetime(2031, 5, 1, 12, tzinfo=UTC)
    async with Sandbox(clock=Clock(start)) as box:
        box.clock.move(days=3)
        box.clock.resume()
        box.reset()
        assert (box.clock.now, box.clock.frozen) == (start, True)


async def test_the_state_is_saved_to_a_file_that_another_begins_with(box, paymo, tmp_path):
    made = await paymo.clients.create(Client(name="Nordlicht"))
    box.save(tmp_path / "account.db")
    async with (
        Sandbox(state=tmp_path / "account.db") as other,
        PaymoClient(other.api_key, base_url=other.url) as again,
    ):
        assert (await again.clients.get(made.id)).name == "Nordlicht"


async def test_a_snapshot_is_what_another_begins_with_and_is_reset_to(box, paymo):
    await paymo.clients.create(Client(name="Nordlicht"))
    key = box.add_key(23130)
    snapshot = box.snapshot()
    async with (
        Sandbox(seed=snapshot, plan={"max_users": 2}) as other,
        PaymoClient(key, base_url=other.url) as again,
    ):
        for _ in range(2):
            assert (await again.me()).id == 23130
            assert "Nordlicht" in [client.name for client in await again.clients.list()]
            assert other.account.company()["max_users"] == 2
            await again.clients.create(Client(name="Larkhill"))
            other.reset()
        assert "Larkhill" not in [client.name for client in await again.clients.list()]


async def test_a_file_that_holds_an_account_is_kept_whatever_it_would_begin_with(box, tmp_path):
    snapshot = box.snapshot()
    for _ in range(2):
        async with Sandbox(seed=snapshot, state=tmp_path / "account.db") as other:
            other.account.create("clients", {"name": "Nordlicht"}, 23129)
    assert (await names(tmp_path / "account.db")).count("Nordlicht") == 2


async def names(state):
    async with Sandbox(state=state) as box, PaymoClient(box.api_key, base_url=box.url) as paymo:
        return [client.name for client in await paymo.clients.list()]


async def test_links_lead_to_where_the_account_is_served_now(box, tmp_path):
    box.save(tmp_path / "account.db")
    async with (
        Sandbox(state=tmp_path / "account.db") as other,
        PaymoClient(other.api_key, base_url=other.url) as paymo,
        aiohttp.ClientSession() as http,
    ):
        link = (await paymo.estimates.get(1498)).permalink
        assert link.startswith(other.url)
        async with http.get(link) as answer:
            assert answer.status == 200
    async with Sandbox(seed=box.snapshot()) as third, PaymoClient(third.api_key, base_url=third.url) as paymo:
        assert (await paymo.reports.get(115376)).permalink.startswith(third.url)


async def test_a_state_file_is_not_replaced_under_the_sandbox_that_uses_it(tmp_path):
    path = tmp_path / "account.db"
    async with Sandbox(state=path) as box, PaymoClient(box.api_key, base_url=box.url) as paymo:
        box.save(path)
        made = await paymo.clients.create(Client(name="Nordlicht"))
    async with Sandbox(state=path) as box, PaymoClient(box.api_key, base_url=box.url) as paymo:
        assert (await paymo.clients.get(made.id)).name == "Nordlicht"


async def test_a_key_is_of_a_user_who_exists(box):
    with pytest.raises(Problem, match="Not found"):
        box.add_key(99)


async def test_what_is_dated_is_dated_by_the_clock(box, paymo):
    box.clock.freeze(datetime(2031, 5, 1, 12, tzinfo=UTC))
    made = await paymo.clients.create(Client(name="Nordlicht"))
    box.clock.move(days=31)
    changed = await paymo.clients.update(made.id, Client(city="Larkhill"))
    assert (made.created_on, changed.updated_on) == (
        datetime(2031, 5, 1, 12, tzinfo=UTC),
        datetime(2031, 6, 1, 12, tzinfo=UTC),
    )


async def test_a_session_ends_when_the_clock_says_so(box):
    async with aiohttp.ClientSession() as http:
        basic = aiohttp.BasicAuth(box.email, box.password)
        async with http.post(f"{box.url}sessions", auth=basic) as answer:
            token = (await answer.json())["sessions"][0]["id"]
        for days, status in ((29, 200), (2, 401)):
            box.clock.move(days=days)
            async with http.get(f"{box.url}me", headers={"X-Session": token}) as answer:
                assert answer.status == status


def test_a_sandbox_that_does_not_run_says_so():
    box = Sandbox()
    for ask in (box.snapshot, box.reset, lambda: box.url, lambda: box.account, lambda: box.limiter):
        with pytest.raises(RuntimeError, match="use it with `async with`"):
            ask()
