"""Every documented body: answers decode and encode again without loss, requests are what a model would send."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any

import pytest
from documented_bodies import EXAMPLES, needs_examples, path_of

from paymo_async.errors import InvalidRequest
from paymo_async.models import Model, by_path, models
from paymo_async.models.base import declaration
from paymo_async.wire.codec import decode_items
from paymo_async.wire.encode import encode_create, encode_update

pytestmark = needs_examples

CREATING = ("Creating", "Adding an invoice payment", "Adding tasks", "Invoicing", "Flat rate", "Time and materials")
# The documentation sends these, and the declaration refuses them: an id on a create.
ODD = {("task_recurring_profiles", "Creating a task recurring profile")}
# The documentation's own slip: it lists `notes` of a payment, and sends `note` once.
UNDECLARED = {"note"}


def of_kind(*kinds: str) -> list[Any]:
    found = [example for example in EXAMPLES if kind_of(example) in kinds]
    return [pytest.param(one, id=f"{one['section']}-{one['sha']}") for one in found] or [pytest.param({}, id="none")]


def kind_of(example: dict[str, Any]) -> str:
    if example["kind"] == "response":
        return "response"
    if example["section"] == "webhooks" and "id" in example["json"]:
        return "notification"
    return "odd" if (example["section"], example["heading"]) in ODD else "request"


def model_of(example: dict[str, Any]) -> type[Model]:
    return by_path(path_of(example))


def answered_under(key: str) -> type[Model]:
    """The model with this response key; a path comes before a key that was only seen (that of a gallery)."""
    return min((m for m in models() if key in declaration(m).keys), key=lambda m: declaration(m).keys.index(key))


def same(one: Any, other: Any) -> bool:
    """Equal, or the same value in another of the forms that the service uses (`"30"` and 30, `"1"` and true)."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if one == other or (one in ("", None) and other in ("", None)):
        return True
    try:
        return Decimal(str(number(one))) == Decimal(str(number(other)))
    except InvalidOperation:
        return False


def number(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value


@pytest.mark.parametrize("example", of_kind("response"))
def test_an_answer_is_read_and_written_again_without_loss(example: dict[str, Any]):
    ((key, found),) = example["json"].items()
    model = answered_under(key)
    decoded = decode_items(model, json.dumps(example["json"]).encode(), keys=declaration(model).keys)
    assert not decoded.undecodable
    written = [item.to_dict(secrets=True) for item in decoded.items]
    assert same(written, found if isinstance(found, list) else [found])


@pytest.mark.parametrize("example", of_kind("response"))
def test_plain_and_json_forms_of_an_answer_make_the_same_objects(example: dict[str, Any]):
    ((key, found),) = example["json"].items()
    model = answered_under(key)
    for raw in found if isinstance(found, list) else [found]:
        item = model.from_dict(raw)
        assert model.from_dict(item.to_dict(secrets=True)) == item
        assert model.from_dict(json.loads(item.to_json(secrets=True))) == item


@pytest.mark.parametrize("example", of_kind("request"))
def test_a_request_is_what_its_model_sends(example: dict[str, Any]):
    model, heading = model_of(example), example["heading"]
    item = model.from_dict(example["json"])
    requires = {rule for rule in declaration(model).requires if isinstance(rule, str)}
    creates = heading.startswith(CREATING) and requires <= set(example["json"])
    sent = encode_create(item) if creates else encode_update(item, attach="Attaching" in heading)
    assert same(json.loads(sent), example["json"])
    assert set(item.extra) <= UNDECLARED


@pytest.mark.parametrize("example", of_kind("notification"))
def test_a_notification_holds_a_task_with_names_of_its_parents(example: dict[str, Any]):
    task = by_path("tasks").from_dict(example["json"])
    assert same(task.to_dict(secrets=True), example["json"])


@pytest.mark.parametrize("example", of_kind("odd"))
def test_what_only_the_service_sets_is_refused_though_the_documentation_sends_it(example: dict[str, Any]):
    with pytest.raises(InvalidRequest, match="only the service sets this"):
        encode_create(model_of(example).from_dict(example["json"]))


def test_no_example_is_left_out():
    assert len(EXAMPLES) == 94
    assert {kind_of(example) for example in EXAMPLES} == {"response", "request", "notification", "odd"}
