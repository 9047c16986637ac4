"""The account beside its rules: changes that are told, time that passes, tokens, snapshots."""

import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest

from paymo_async.sandbox.account import Account
from paymo_async.sandbox.clock import Clock
from paymo_async.sandbox.rules import rules
from paymo_async.sandbox.rules.base import Rule
from paymo_async.sandbox.schema import schema
from paymo_async.sandbox.seed import plant
from paymo_async.sandbox.store import Store
from paymo_async.sandbox.values import Problem
from paymo_async.sandbox.where import Filter

OWNER = 23129


class Diary(Rule):
    """Notes the days that passed, and when that was."""

    def __init__(self) -> None:
        self.days: list[tuple[date, str]] = []

    def daily(self, account: Account, day: date) -> None:
        self.days.append((day, account.now()))


@pytest.fixture
def clock():
    return Clock(datetime(2026, 1, 31, 8, 59, tzinfo=UTC))


@pytest.fixture
def diary():
    return Diary()


@pytest.fixture
def account(clock, diary, tmp_path):
    store = Store(schema())
    account = Account(store, {**rules(), "milestones": diary}, clock=clock)
    plant(account, "documented", 1)
    yield account
    store.close()


def changes(account):
    return [(change.path, change.key, change.old is None, change.new is None) for change in account.take_changes()]


def test_only_watched_paths_are_kept_and_each_object_once(account):
    account.watched = {"clients"}
    with account.transaction():
        made = account.create("clients", {"name": "Nordlicht"}, OWNER)
        account.update("clients", made["id"], {"email": "office@nordlicht.example"}, OWNER)
        account.create("projects", {"name": "Shop", "client_id": made["id"]}, OWNER)
    assert changes(account) == [("clients", made["id"], True, False)]
    assert changes(account) == []


def test_an_update_shows_what_was_and_what_is(account):
    account.watched = {"clients"}
    (client,) = account.store.query('SELECT id FROM "clients" LIMIT 1')[0]
    with account.transaction():
        account.update("clients", client, {"city": "Larkhill"}, OWNER)
    (change,) = account.take_changes()
    assert change.old is not None
    assert change.new is not None
    assert (change.old["city"] != "Larkhill", change.new["city"]) == (True, "Larkhill")


def test_an_object_that_was_saved_as_it_was_counts_as_changed(account):
    account.watched = {"clients"}
    (client,) = account.store.query('SELECT id FROM "clients" LIMIT 1')[0]
    with account.transaction():
        account.update("clients", client, {}, OWNER)
    assert changes(account) == [("clients", client, False, False)]


def test_an_object_that_came_and_went_is_not_told_of(account):
    account.watched = {"clients"}
    with account.transaction():
        account.delete("clients", account.create("clients", {"name": "Nordlicht"}, OWNER)["id"])
    assert changes(account) == []


def test_a_failed_transaction_takes_its_own_changes_back_and_no_others(account):
    account.watched = {"clients"}
    with account.transaction():
        made = account.create("clients", {"name": "Nordlicht"}, OWNER)

    def fail() -> None:
        with account.transaction():
            account.create("clients", {"name": "Larkhill"}, OWNER)
            account.create("clients", {}, OWNER)

    with pytest.raises(Problem):
        fail()
    assert changes(account) == [("clients", made["id"], True, False)]


def test_what_goes_with_a_deleted_object_is_told_too(account):
    account.watched = {"projects", "tasks"}
    with account.transaction():
        account.delete("projects", 397706)
    told = changes(account)
    assert {path for path, *_ in told} == {"projects", "tasks"}
    assert all(gone for *_, gone in told)


def test_a_refused_request_leaves_nothing_to_tell(account):
    account.watched = {"clients"}

    def two():
        with account.transaction():
            account.create("clients", {"name": "Nordlicht"}, OWNER)
            account.create("clients", {"nome": "Nordlicht"}, OWNER)

    with pytest.raises(Problem, match="nome"):
        two()
    assert changes(account) == []


def test_a_create_that_is_refused_halfway_has_made_nothing(account):
    account.watched = {"clients"}
    with pytest.raises(Problem, match="users"):
        account.create("projects", {"name": "Shop", "users": [77]}, OWNER)  # its sample client was made before
    assert changes(account) == []
    assert account.store.count(account.tables["projects"]) == 2


def test_threads_change_the_account_one_after_another(account):
    before = account.store.count(account.tables["clients"])

    def work(number: int) -> None:
        made = account.create("clients", {"name": f"Nordlicht {number}"}, OWNER)
        account.update("clients", made["id"], {"city": str(number)}, OWNER)
        with pytest.raises(Problem):
            account.create("clients", {"nome": "Nordlicht"}, OWNER)
        if number % 2:
            account.delete("clients", made["id"])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(60)))
    assert account.store.count(account.tables["clients"]) == before + 30


def test_each_nine_oclock_that_passes_is_lived_once(account, clock, diary):
    account.pass_time()
    assert diary.days == []
    clock.move(minutes=2)
    account.pass_time()
    account.pass_time()
    assert diary.days == [(date(2026, 1, 31), "2026-01-31T09:00:00Z")]
    clock.move(days=3)
    account.pass_time()
    assert [day for day, _ in diary.days[1:]] == [date(2026, 2, 1), date(2026, 2, 2), date(2026, 2, 3)]


def test_a_clock_that_is_put_back_lives_its_days_again(account, clock, diary):
    clock.set(datetime(2020, 5, 1, 8, 0, tzinfo=UTC))
    account.pass_time()
    clock.move(hours=2)
    account.pass_time()
    assert [day for day, _ in diary.days] == [date(2020, 5, 1)]


def test_no_token_comes_twice_also_after_the_account_was_opened_again(tmp_path, clock):
    seen = set()
    for _ in range(2):
        store = Store(schema(), tmp_path / "state.db")
        account = Account(store, rules(), clock=clock)
        seen |= {account.token(), account.token()}
        store.close()
    assert len(seen) == 4
    assert {len(token) for token in seen} == {32}


def test_a_snapshot_brings_back_what_was(account):
    snapshot = account.store.snapshot()
    before = account.store.count(account.tables["clients"])
    account.delete("projects", 397706)
    account.create("clients", {"name": "Nordlicht"}, OWNER)
    account.store.restore(snapshot)
    assert account.get("projects", 397706)["id"] == 397706
    assert account.store.count(account.tables["clients"]) == before
    assert account.token() == _next_token(snapshot, account)


def _next_token(snapshot, account):
    account.store.restore(snapshot)
    return account.token()


def test_a_saved_state_is_a_state_to_begin_with(account, tmp_path):
    path = tmp_path / "copy.db"
    path.write_text("something else")
    account.store.save(path)
    account.delete("projects", 397706)
    kept = Store(schema(), path)
    assert kept.get(kept.tables["projects"], 397706) is not None
    kept.close()


def test_a_state_file_of_something_else_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "state.db"
    path.write_text("a letter to somebody " * 100)
    with pytest.raises(OSError, match=r"state\.db cannot hold a sandbox's state: file is not a database"):
        Store(schema(), path)
    assert path.read_text().startswith("a letter")


def test_a_state_file_with_other_tables_is_refused_with_the_remedy(tmp_path):
    path = tmp_path / "state.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE entries (id)")
    other.close()
    with pytest.raises(OSError, match=r"state\.db cannot .*: it was made by another version .* begin with a new file"):
        Store(schema(), path)


def test_two_sandboxes_never_share_a_state_file(tmp_path):
    first = Store(schema(), tmp_path / "state.db")
    with pytest.raises(OSError, match=r"state\.db cannot .*: it is in use"):
        Store(schema(), tmp_path / "state.db")
    first.close()
    Store(schema(), tmp_path / "state.db").close()


def test_a_killed_sandbox_leaves_its_file_as_it_was_before_the_request(tmp_path):
    path = tmp_path / "state.db"
    program = """
import os, pathlib, signal, sys
from paymo_async.sandbox.account import Account
from paymo_async.sandbox.clock import Clock
from paymo_async.sandbox.rules import rules
from paymo_async.sandbox.schema import schema
from paymo_async.sandbox.seed import plant
from paymo_async.sandbox.store import Store

account = Account(Store(schema(), pathlib.Path(sys.argv[1])), rules(), clock=Clock())
plant(account, "documented", 1)
with account.transaction():
    for number in range(3_000):  # more than SQLite keeps to itself
        account.create("clients", {"name": f"Nordlicht {number}", "address": "x" * 40_000}, 23129)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    ended = subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert ended.returncode == -signal.SIGKILL
    store = Store(schema(), path)
    names = [client["name"] for client in store.find(store.tables["clients"], Filter())]
    assert names
    assert not any(name.startswith("Nordlicht") for name in names)
    assert store.query("PRAGMA integrity_check") == [("ok",)]
    store.close()
