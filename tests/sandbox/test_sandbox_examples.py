"""Every documented body: each request is accepted as it stands, each answer is answered again as it stands.

What a request refers to by id is put into the account first, since the documentation's account is not ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from documented_bodies import EXAMPLES, needs_examples, path_of

from paymo_async.models import models
from paymo_async.models.base import declaration
from paymo_async.sandbox.account import Account
from paymo_async.sandbox.values import defaults
from paymo_async.sandbox.where import Filter

pytestmark = needs_examples

KEY = 77
OWNER = 23129
CREATES = ("Creating", "Adding an invoice payment", "Invoicing", "Flat rate", "Time and materials")
# Headings that stand over a create and an update: the create has a name.
NAMED = {("projects", "Adding tasks from a project template"), ("projecttemplatestasks", "Adding tasks")}
LISTS = {"users": "users", "managers": "users", "assigned_projects": "projects", "tasklists_order": "tasklists"}
LISTS |= {"subtasks_order": "subtasks"}
# What an object needs to be one: an entry has a span, a project its lists of people, a milestone its day.
NEEDED: dict[str, dict[str, Any]] = {
    "entries": {"date": "2014-12-10", "duration": 3600},
    "bookings": {"start_date": "2016-12-10", "end_date": "2016-12-30", "hours_per_day": 8, "user_task_id": KEY},
    "clientcontacts": {"email": "aaron@example.com"},
    "invoices": {"status": "draft", "total": 100, "outstanding": 100, "number": "#77"},
    "invoicepayments": {"amount": 1},
    "users": {"active": True},
    "taskrecurringprofiles": {"frequency": "weekly", "interval": 1, "recurring_start_date": "2015-01-01"},
}


def of_kind(kind: str) -> list[Any]:
    found = [one for one in EXAMPLES if one["kind"] == kind]
    return [pytest.param(one, id=f"{one['section']}-{one['heading']}-{one['sha']}") for one in found]


def is_notification(example: dict[str, Any]) -> bool:
    return example["section"] == "webhooks" and "id" in example["json"]


def put(account: Account, path: str, key: Any, **more: Any) -> None:
    """An object with this id, unless there is one."""
    if account.look(path, key) is not None:
        return
    table = account.tables[path]
    values = {**defaults(table), **NEEDED.get(path, {}), "id": key, **more}
    if "name" in values:
        values["name"] = values["name"] or f"{path} {key}"
    if path == "users":
        values["email"] = f"user{key}@example.com"
    account.add(path, values)


def prepare(account: Account, path: str, sent: dict[str, Any], *, parent: dict[str, Any]) -> dict[str, Any]:
    """Puts what the body refers to by id; returns the references by attribute."""
    references: dict[str, Any] = {}
    for relation in account.tables[path].relations.values():
        if relation is not None and relation.own and sent.get(relation.fk) is not None:
            references[relation.fk] = sent[relation.fk]
            put(account, relation.target, sent[relation.fk], **parent)
    for name, target in LISTS.items():
        for key in sent.get(name) or ():
            put(account, target, key, **({"project_id": KEY} if target == "tasklists" else {}))
            if target == "subtasks":
                account.save("subtasks", {**account.get("subtasks", key), "task_id": KEY})
    for item in sent.get("items") or ():
        if "expense_id" in item:
            put(account, "expenses", item["expense_id"], client_id=sent.get("client_id"))
    return references


@pytest.mark.parametrize("example", [one for one in of_kind("request") if not is_notification(one.values[0])])
async def test_a_documented_request_is_accepted_as_it_stands(call: Any, example: dict[str, Any]):
    account, path, sent = call.box.account, path_of(example), example["json"]
    put(account, "projects", KEY)
    put(account, "tasklists", KEY, project_id=KEY)
    put(account, "tasks", KEY, project_id=KEY, tasklist_id=KEY)
    inner = {"project_id": KEY, "tasklist_id": KEY} if path in ("tasks", "entries", "bookings", "userstasks") else {}
    references = prepare(account, path, sent, parent={})
    for target, key in (("tasks", sent.get("task_id")), ("tasklists", sent.get("tasklist_id"))):
        if key is not None and account.look(target, key) is not None:
            account.save(target, {**account.get(target, key), **inner, "project_id": KEY})
    put(account, "userstasks", KEY, user_id=23130, task_id=KEY)
    if "template_id" in sent:
        put(account, "projecttemplates", sent["template_id"])
    if "project_id" in sent:
        put(account, "projects", sent["project_id"])
    if "token" in sent:
        put(account, "files", KEY)
        account.save("files", {**account.get("files", KEY), "token": sent["token"]})
    if example["heading"].startswith(CREATES) or ((path, example["heading"]) in NAMED and "name" in sent):
        reply = await call("POST", path, json=sent)
        assert reply.status == 201, reply.body
    else:
        key = account.company()["id"] if path == "company" else KEY
        if path != "company":
            links = {"project_id": KEY, "tasklist_id": KEY, "task_id": KEY, "user_id": 23130, "client_id": 10874}
            known = account.tables[path].columns
            put(account, path, key, **{name: value for name, value in links.items() if name in known})
        reply = await call("PUT", path if path == "company" else f"{path}/{key}", json=sent)
        assert reply.status == 200, reply.body
    (answered,) = reply.data.values()
    made = answered if path == "company" else answered[0]
    for name, value in sent.items():
        if name in made and name not in ("id", "number", "items", "token") and name not in references:
            assert_same(made[name], value, name)


def assert_same(found: Any, sent: Any, name: str) -> None:
    if isinstance(sent, str) and sent.endswith("Z"):
        assert found == sent, name
    elif isinstance(sent, dict):
        for key, value in sent.items():
            assert_same(found[key], value, f"{name}.{key}")
    else:
        assert found == sent or str(found) == str(sent), name


@pytest.mark.parametrize("example", of_kind("response"))
async def test_a_documented_answer_is_answered_again_with_all_fields_and_types(call: Any, example: dict[str, Any]):
    ((key, answered),) = ((name, value) for name, value in example["json"].items() if isinstance(value, list | dict))
    path = next(declaration(model).path for model in models() if key in declaration(model).keys)
    for one in answered if isinstance(answered, list) else [answered]:
        if "..." in one:  # the documentation's own way to leave the rest out
            continue
        keep(call.box.account, path, one)
        includes = ",".join(paths_of(call.box.account, path, one))
        where = f"company?include={includes}" if path == "company" else f"{path}/{one['id']}?include={includes}"
        own = {"user_id": OWNER} if path == "sessions" and "user_id" in one else {}
        reply = await call("GET", where.rstrip("?").removesuffix("?include="))
        assert reply.status == 200, reply.body
        (again,) = reply.data.values()
        found = again if path == "company" else again[0]
        assert {name: found[name] for name in found if name in one} == {**one, **own}, path


def paths_of(account: Account, path: str, one: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """The includes that an answered object shows."""
    for name, relation in account.tables[path].relations.items():
        if name in one and relation is not None:
            yield prefix + name
            below = one[name][0] if isinstance(one[name], list) else one[name]
            yield from paths_of(account, relation.target, below, f"{prefix}{name}.")


def keep(account: Account, path: str, one: dict[str, Any]) -> None:
    """Stores an answered object and those included in it, as they are."""
    own = {name: value for name, value in one.items() if name not in account.tables[path].relations}
    for name, relation in account.tables[path].relations.items():
        if name not in one or relation is None:
            continue
        for other in one[name] if isinstance(one[name], list) else [one[name]]:
            link = {} if relation.own else {relation.fk: one["id"]}
            keep(account, relation.target, {**other, **link})
            if relation.own:
                own.setdefault(relation.fk, other["id"])
    if path == "company":
        account.store.delete(account.tables[path], Filter("1"))
    if path == "sessions":  # only one's own are shown
        own["user_id"] = OWNER
    with account.transaction():
        account.store.put(account.tables[path], own)
