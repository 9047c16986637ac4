"""Typed events of all names, and what is kept of odd ones."""

from __future__ import annotations

import json
import pickle
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paymo_async import models
from paymo_async.errors import DecodeError, WebhookError
from paymo_async.eventnames import EVENT_TYPES, EVENTS
from paymo_async.models import Task, TimeEntry
from paymo_async.webhooks import Event, parse

EXAMPLES = Path(__file__).parents[4] / "shared" / "paymo-api" / "examples.json"


def told(name: str, body: Any, *, webhook: str | None = "7") -> Event[Any]:
    headers = {"X-Paymo-Event": name, **({"X-Paymo-Webhook": webhook} if webhook is not None else {})}
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return parse(headers, raw, unsigned=True)


def refusal(name: str, body: Any) -> WebhookError:
    with pytest.raises(WebhookError) as caught:
        told(name, body)
    return caught.value


def test_there_are_47_documented_events():
    assert len(set(EVENTS)) == len(EVENTS) == 15 * 3 + 2


@pytest.mark.parametrize("name", EVENTS)
def test_every_documented_event_is_typed(name: str):
    event = told(name, {"id": 12})
    _, action, type_ = name.split(".")
    assert (event.action, event.type, event.id, event.is_known) == (action, type_, 12, True)
    if action == "delete":
        assert event.object is None
    else:
        assert event.object == models.by_path(EVENT_TYPES[type_])(id=12)


@pytest.mark.skipif(not EXAMPLES.exists(), reason="the documented bodies (shared/paymo-api) are not here")
def test_the_documented_notification_is_a_task_with_the_names_it_includes():
    (body,) = [
        example["json"]
        for example in json.loads(EXAMPLES.read_text())
        if example["heading"] == "Notifications" and "tasklist" in example["json"]
    ]
    event = told("model.insert.Task", body)
    assert isinstance(event.object, Task)
    assert (event.id, event.object.name) == (109403, "New Task")
    assert (event.object.project.name, event.object.tasklist.name) == ("AT&T Flyer Design", "Planning")


def test_a_started_timer_is_an_entry():
    event = told("model.start.Entry", {"id": 5, "start_time": "2026-01-02T03:04:05Z"})
    assert isinstance(event.object, TimeEntry)


def test_fields_that_are_new_are_kept():
    event = told("model.update.Task", {"id": 5, "mood": 0.10})
    assert event.object.extra == {"mood": Decimal("0.1")}
    assert event.data["mood"] == Decimal("0.1")


@pytest.mark.parametrize("id_", [109404, "109404"])
def test_a_delete_has_an_id_as_number_or_text_and_no_object(id_):
    event = told("model.delete.Invoice", {"id": id_})
    assert (event.id, event.object) == (109404, None)


@pytest.mark.parametrize(
    ("name", "action", "type_"),
    [
        ("model.insert.Robot", "insert", "Robot"),
        ("model.paint.Task", "paint", "Task"),
        ("model.insert.Task.Twice", "", ""),
        ("model..Task", "", ""),
        ("ping", "", ""),
    ],
)
def test_an_unknown_name_is_kept(name: str, action: str, type_: str):
    event = told(name, {"id": "9", "x": 1})
    assert (event.name, event.action, event.type, event.id) == (name, action, type_, 9)
    assert not event.is_known
    assert event.data["x"] == 1


def test_an_unknown_action_on_a_known_type_has_its_object():
    assert told("model.paint.Task", {"id": 9}).object == Task(id=9)


@pytest.mark.parametrize("body", [{}, {"id": None}, {"id": True}, {"id": "f00"}, {"id": 1.5}, {"id": "9" * 40}])
def test_only_a_documented_type_needs_an_id(body):
    assert told("ping", body).id is None
    assert refusal("model.insert.Task", body).status == 400


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"7", b"null", b"<html>", b'{"id": 1} {', b"\xff", b'{"id": "secret-link"']
)
def test_a_body_that_is_no_object_is_refused_and_not_shown(body: bytes):
    error = refusal("model.insert.Task", body)
    assert error.status == 400
    assert error.body == ""
    assert "secret-link" not in str(error)


def test_an_object_that_cannot_be_read_is_refused_with_its_cause():
    error = refusal("model.insert.Task", {"id": 3, "users": "all"})
    assert error.status == 400
    assert isinstance(error.__cause__, DecodeError)
    assert "$.users" in str(error)


@pytest.mark.parametrize("headers", [{}, {"X-Paymo-Event": ""}])
def test_a_delivery_without_an_event_is_refused(headers):
    with pytest.raises(WebhookError) as caught:
        parse(headers, b'{"id": 1}', unsigned=True)
    assert caught.value.status == 400


@pytest.mark.parametrize(("webhook", "id_"), [("7", 7), ("x", None), ("", None), (None, None)])
def test_an_odd_hook_id_is_none(webhook: str | None, id_: int | None):
    assert told("model.delete.Task", {"id": 1}, webhook=webhook).webhook_id == id_


def test_the_key_tells_hook_name_and_body_apart():
    events = [
        told("model.delete.Task", {"id": 1}),
        told("model.delete.Task", {"id": 2}),
        told("model.delete.User", {"id": 1}),
        told("model.delete.Task", {"id": 1}, webhook="8"),
    ]
    assert len({event.key for event in events}) == 4
    assert told("model.delete.Task", {"id": 1}).key == events[0].key


@given(st.text(min_size=1))
def test_every_name_has_a_key(name: str):
    assert len(told(name.replace("\ud800", "?") + "\udc80", {"id": 1}).key) == 64


def test_the_repr_leaves_the_body_out():
    assert "token-1" not in repr(told("model.insert.Report", {"id": 1, "download_token": "token-1"}))


def test_an_event_survives_pickle():
    event = told("model.insert.Task", {"id": 1, "name": "Logo"})
    assert pickle.loads(pickle.dumps(event)) == event
