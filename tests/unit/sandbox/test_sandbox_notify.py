"""Which webhook is told what: events, wildcards, `where`, bodies and signatures. No sockets."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paymo_async.eventnames import ACTIONS, EVENT_TYPES, EVENTS, split_event
from paymo_async.sandbox.account import Account, Change
from paymo_async.sandbox.clock import Clock
from paymo_async.sandbox.notify import Notice, Notifier, actions, signature
from paymo_async.sandbox.rules import rules
from paymo_async.sandbox.rules.hooks import pattern_of
from paymo_async.sandbox.schema import schema
from paymo_async.sandbox.seed import plant
from paymo_async.sandbox.store import Store
from paymo_async.sandbox.values import Problem
from paymo_async.sandbox.where import compile_where, parse_where

OWNER = 23129
URL = "https://example.org/paymo"
START = "2026-01-31T08:00:00Z"


@pytest.fixture
def account():
    store = Store(schema())
    account = Account(store, rules(), clock=Clock(datetime(2026, 1, 31, 8, 59, tzinfo=UTC)))
    plant(account, "documented", 1)
    yield account
    store.close()


@pytest.fixture
def notifier(account):
    notifier = Notifier(account)
    notifier.begin(OWNER)
    return notifier


@pytest.fixture
def hook(account, notifier):
    def make(event, **more):
        made = account.create("hooks", {"target_url": URL, "event": event, **more}, OWNER)
        assert notifier.notices() == []
        return made

    return make


@pytest.fixture
def told(notifier):
    """The events since the last call, with the id of each object."""

    def told():
        return [(notice.event, json.loads(notice.body)["id"]) for notice in notifier.notices()]

    return told


@pytest.fixture
def task(account):
    return account.create("tasks", {"name": "Logo", "project_id": 397706}, OWNER)


# Signatures


def test_the_documented_body_gets_the_documented_signature():
    assert signature("secret", b'{"id":"1679584"}') == "sha1=dc03736e396e70138bf7af4ffaa2948cde42dcf1"


def test_a_notice_without_a_secret_is_not_signed():
    notice = Notice(1, 7, "model.delete.Task", URL, "", b"{}")
    assert notice.headers == {
        "Content-Type": "application/json",
        "X-Paymo-Webhook": "7",
        "X-Paymo-Event": "model.delete.Task",
    }
    assert notice._replace(secret="s").headers["X-Paymo-Signature"] == signature("s", b"{}")


# Patterns


def naive(pattern: str, event: str) -> bool:
    """A wildcard stands for whatever is at its end of the name."""
    if pattern == "*":
        return True
    if pattern.startswith("*."):
        return event.endswith(pattern[1:])
    return event.startswith(pattern[:-1]) if pattern.endswith(".*") else event == pattern


PATTERNS = ["*", *EVENTS, *(f"model.{action}.*" for action in ACTIONS), *(f"*.{type}" for type in EVENT_TYPES)]


@given(st.sampled_from(PATTERNS), st.sampled_from(EVENTS))
def test_wildcards_stand_for_an_end_of_the_name(pattern, event):
    assert pattern_of(pattern).matches(*split_event(event)) == naive(pattern, event)


@given(st.text(alphabet="*.model insertTask", max_size=20) | st.sampled_from(EVENTS).map(lambda name: name[:-1]))
def test_no_other_pattern_is_taken(text):
    if text not in PATTERNS:
        with pytest.raises(Problem, match="Invalid event"):
            pattern_of(text)


# What is checked of a hook


@pytest.mark.parametrize("url", ["", "example.org", "ftp://example.org/", "https://", "http://[::1", "http://x:0/"])
def test_a_target_is_an_absolute_web_address(account, url):
    with pytest.raises(Problem, match="target_url"):
        account.create("hooks", {"target_url": url, "event": "*"}, OWNER)


@pytest.mark.parametrize("event", ["", "model.insert", "model.insert.Tasks", "model.start.Task", "*.*"])
def test_an_event_is_one_of_the_services(account, event):
    with pytest.raises(Problem, match=r"Invalid event|required") as caught:
        account.create("hooks", {"target_url": URL, "event": event}, OWNER)
    assert caught.value.status == 400


@pytest.mark.parametrize(
    ("event", "where"),
    [
        ("*.Task", "nonsense"),
        ("*.Task", "client_id=1"),
        ("*.Task", "project_id=x"),
        ("*.Task", 'project.name="Shop"'),
        ("model.insert.*", "no_such_name=1"),
    ],
)
def test_where_must_fit_the_events_type(account, event, where):
    with pytest.raises(Problem, match=r"Invalid condition|Unknown field") as caught:
        account.create("hooks", {"target_url": URL, "event": event, "where": where}, OWNER)
    assert caught.value.status == 400


def test_a_changed_hook_is_checked_as_a_new_one_is(account, hook):
    made = hook("*.Task", where="tasklist_id=1")
    with pytest.raises(Problem, match="tasklist_id"):
        account.update("hooks", made["id"], {"event": "*.Client"}, OWNER)
    account.update("hooks", made["id"], {"event": "*.Client", "where": None}, OWNER)


# What is told


def test_nothing_is_kept_while_no_hook_wants_it(account, notifier, hook):
    assert account.watched == {"hooks"}
    made = hook("*.Task")
    assert account.watched == {"hooks", "tasks"}
    account.update("hooks", made["id"], {"event": "model.insert.*"}, OWNER)
    notifier.notices()
    assert account.watched == {"hooks", *EVENT_TYPES.values()}
    account.delete("hooks", made["id"])
    notifier.notices()
    assert account.watched == {"hooks"}


@pytest.mark.parametrize("type", EVENT_TYPES)
def test_every_type_is_told_of(account, hook, told, type):
    hook("*")
    account.rules = {}  # what they do is not meant here
    path = EVENT_TYPES[type]
    account.add(path, {"id": 77})
    assert told() == [(f"model.insert.{type}", 77)]
    account.save(path, {"id": 77})
    assert told() == [(f"model.update.{type}", 77)]
    account.delete(path, 77)
    assert told() == [(f"model.delete.{type}", 77)]


def test_an_object_is_told_of_from_its_making_to_its_end(account, hook, told, task):
    hook("*.Task")
    made = account.create("tasks", {"name": "Flyer", "tasklist_id": task["tasklist_id"]}, OWNER)
    assert told() == [("model.insert.Task", made["id"])]
    account.update("tasks", made["id"], {"complete": True}, OWNER)
    assert told() == [("model.update.Task", made["id"])]
    account.delete("tasks", made["id"])
    assert told() == [("model.delete.Task", made["id"])]


def test_a_task_carries_the_names_of_its_project_and_its_task_list(account, notifier, hook, task):
    hook("*.Task")
    account.update("tasks", task["id"], {"name": "Flyer"}, OWNER)
    (notice,) = notifier.notices()
    body = json.loads(notice.body)
    assert (body["project"], body["tasklist"]) == ({"name": "Understanding Paymo"}, {"name": "Default Task List"})
    assert (body["name"], "progress_status" in body) == ("Flyer", False)


def test_a_task_carries_the_number_of_its_files_and_comments(account, notifier, hook, task):
    hook("*.Task")
    account.create("comments", {"content": "Nice", "task_id": task["id"]}, OWNER)
    account.create("comments", {"content": "Very nice", "task_id": task["id"]}, OWNER)
    account.add("files", {"task_id": task["id"]})
    account.create("tasks", {"name": "Flyer", "project_id": 397706}, OWNER)
    account.update("tasks", task["id"], {"name": "Poster"}, OWNER)
    bodies = [json.loads(notice.body) for notice in notifier.notices()]
    assert {body["name"]: (body["files_count"], body["comments_count"]) for body in bodies} == {
        "Poster": (1, 2),
        "Flyer": (0, 0),
    }


def test_a_user_is_told_of_without_the_password(account, notifier, hook):
    hook("*.User")
    account.update("users", OWNER, {"password": "a-new-password"}, OWNER)
    (notice,) = notifier.notices()
    assert "password" not in json.loads(notice.body)


@pytest.mark.parametrize(("text_ids", "body"), [(False, b'{"id":%d}'), (True, b'{"id":"%d"}')])
def test_a_delete_tells_the_id_alone(account, task, text_ids, body):
    notifier = Notifier(account, text_ids=text_ids)
    account.create("hooks", {"target_url": URL, "event": "*.Task"}, OWNER)
    notifier.begin(OWNER)
    account.delete("tasks", task["id"])
    assert [notice.body for notice in notifier.notices()] == [body % task["id"]]


def test_starting_a_timer_is_an_insert_and_a_start_and_stopping_it_an_update_and_a_stop(account, hook, told, task):
    hook("*.Entry")
    entry = account.create("entries", {"task_id": task["id"], "start_time": START, "user_id": OWNER}, OWNER)
    assert told() == [("model.insert.Entry", entry["id"]), ("model.start.Entry", entry["id"])]
    account.update("entries", entry["id"], {"description": "Sketches"}, OWNER)
    assert told() == [("model.update.Entry", entry["id"])]
    account.update("entries", entry["id"], {"end_time": "2026-01-31T08:30:00Z"}, OWNER)
    assert told() == [("model.update.Entry", entry["id"]), ("model.stop.Entry", entry["id"])]


def test_an_entry_of_a_day_and_a_deleted_timer_start_and_stop_nothing():
    day = {"date": "2026-01-31", "duration": 3600}
    running = {"start_time": START, "end_time": None}
    assert actions(Change("entries", 1, None, day)) == ["insert"]
    assert actions(Change("entries", 1, running, None)) == ["delete"]
    assert actions(Change("entries", 1, running, day)) == ["update", "stop"]
    assert actions(Change("entries", 1, day, running)) == ["update", "start"]
    assert actions(Change("tasks", 1, None, running)) == ["insert"]


def test_every_hook_that_wants_an_event_is_told(account, notifier, hook, task):
    wanting = [hook(event)["id"] for event in ("*", "*.Task", "model.update.*", "model.update.Task")]
    hook("model.insert.Task")
    account.update("tasks", task["id"], {"name": "Flyer"}, OWNER)
    assert [notice.hook_id for notice in notifier.notices()] == wanting


def test_what_was_before_the_beginning_is_told_to_nobody(account, notifier, hook, told, task):
    hook("*")
    account.update("tasks", task["id"], {"name": "Flyer"}, OWNER)
    notifier.begin(OWNER)
    assert told() == []


def test_a_notice_is_wanted_until_its_hook_is_gone_or_the_account_is_another(account, notifier, hook, task):
    made = hook("*.Task")
    account.update("tasks", task["id"], {"name": "Flyer"}, OWNER)
    (first,) = notifier.notices()
    assert notifier.wants(first)
    notifier.begin(OWNER)
    assert not notifier.wants(first)
    account.update("tasks", task["id"], {"name": "Poster"}, OWNER)
    (second,) = notifier.notices()
    account.delete("hooks", made["id"])
    assert (notifier.notices(), notifier.wants(second)) == ([], False)


def test_a_hook_that_was_written_past_the_rules_is_told_nothing(account, notifier, told, task):
    account.add("hooks", {"target_url": URL, "event": "model.explode.Task"})
    notifier.begin(OWNER)
    account.update("tasks", task["id"], {"name": "Flyer"}, OWNER)
    assert told() == []


# Where


def test_where_is_read_against_the_object_as_it_is_now(account, hook, told, task):
    hook("*.Task", where="complete=true")
    account.update("tasks", task["id"], {"name": "Flyer"}, OWNER)
    assert told() == []
    account.update("tasks", task["id"], {"complete": True}, OWNER)
    assert told() == [("model.update.Task", task["id"])]


def test_where_is_read_against_a_deleted_object_as_it_was(account, hook, told, task):
    other = account.create("tasks", {"name": "Flyer", "project_id": 397706}, OWNER)
    hook("model.delete.Task", where=f'name like "Log%" and project_id=397706 and users<>{OWNER}')
    account.delete("tasks", other["id"])
    account.delete("tasks", task["id"])
    assert told() == [("model.delete.Task", task["id"])]


def test_where_with_a_wildcard_leaves_out_the_types_that_it_does_not_fit(account, hook, told, task):
    hook("*", where="project_id=397706")
    account.update("tasks", task["id"], {"name": "Flyer"}, OWNER)
    account.update("clients", 151303, {"city": "Larkhill"}, OWNER)
    assert told() == [("model.update.Task", task["id"])]
    assert "clients" not in account.watched


def test_me_is_the_owner(account, hook, told, task):
    hook("*.Entry", where="user_id=me")
    mine, other = [
        account.create("entries", {"task_id": task["id"], "date": "2026-01-30", "duration": 600}, user)["id"]
        for user in (OWNER, 23130)
    ]
    assert mine != other
    assert told() == [("model.insert.Entry", mine)]


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("entries", 'time_interval in ("2014-01-01","2026-01-01")'),
        ("entries", "client_id=151303"),
        ("entries", "end_time=null"),
        ("projects", 'users in ("anyone",23129) and active=true'),
        ("tasks", "mytasks=true"),
        ("tasks", "due_date>2014-10-01 && price_per_hour=null"),
        ("invoices", "total>100 and created_on<1700000000"),
        ("clients", 'name not like "%a%"'),
    ],
)
def test_an_object_fits_a_filter_that_finds_it_in_the_account(account, path, where):
    table = account.tables[path]
    condition = compile_where(parse_where(where), table, account.tables, OWNER)
    found = {row.id for row in account.store.select(table, condition)}
    for (key,) in account.store.query(f'SELECT id FROM "{path}"'):
        assert account.store.fits(table, account.get(path, key), condition) == (key in found)
