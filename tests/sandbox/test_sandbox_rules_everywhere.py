"""What holds for every resource: what is needed, what may be set, what it may point to, and its two moments."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from paymo_async.models.base import OneOf
from paymo_async.sandbox.rules import rules
from paymo_async.sandbox.schema import Kind, schema

RULES = rules()
MADE = [
    table.path
    for table in schema()
    if not table.declaration.singleton and (table.path not in RULES or "create" in RULES[table.path].verbs)
]
"""The resources that requests make."""

SMALLEST = {
    "bookings": {"start_date": "2026-01-01", "end_date": "2026-01-02", "hours_per_day": 1},
    "clients": {"name": "x"},
    "clientcontacts": {"name": "x", "client_id": 10874},
    "comments": {"content": "x", "task_id": 2093082},
    "companiesdaysexceptions": {"date": "2026-01-01"},
    "discussions": {"name": "x", "project_id": 397706},
    "entries": {"task_id": 2093082, "date": "2026-01-01", "duration": 60},
    "leavetypes": {"name": "x"},
    "milestones": {"name": "x", "project_id": 397706, "due_date": "2026-01-01"},
    "projects": {"name": "x", "client_id": 10874},
    "projectstatuses": {"name": "x"},
    "projecttemplates": {"name": "x"},
    "subtasks": {"name": "x", "task_id": 2093082},
    "taskrecurringprofiles": {
        "name": "x",
        "project_id": 397706,
        "frequency": "daily",
        "interval": 1,
        "recurring_start_date": "2026-01-01",
    },
    "tasklists": {"name": "x", "project_id": 397706},
    "tasks": {"name": "x", "tasklist_id": 499},
    "users": {"email": "x@example.com"},
    "usersdaysexceptions": {"user_id": 23130, "date": "2026-01-01"},
    "userstasks": {"user_id": 23129, "task_id": 2093082},
    "workflows": {"name": "x"},
    "workflowstatuses": {"name": "x", "color": "FF0000", "workflow_id": 1},
}


async def smallest(call, path):
    more = {}
    if path == "bookings":
        (more["user_task_id"],) = await call.ids("userstasks", "task_id=2093082")
    return await call.create(path, **SMALLEST[path], **more)


def marked(path, mark):
    attributes = schema()[path].attributes
    return [name for name, attribute in attributes.items() if getattr(attribute.marks, mark)]


@pytest.mark.parametrize("path", MADE)
async def test_unknown_and_read_only_fields_are_refused(call, path):
    said = await call.refused("POST", path, 400, json={"nonsense": 1})
    assert said == "Unknown field or reference: `nonsense`"
    ignored = RULES[path].ignores if path in RULES else frozenset()
    for name in set(marked(path, "read_only")) - ignored:
        said = await call.refused("POST", path, 400, json={name: 1})
        assert said == f"Field is read only: `{name}`"
    for name in marked(path, "filter_only"):
        assert "Unknown field" in await call.refused("POST", path, 400, json={name: 1})


@pytest.mark.parametrize("path", [path for path in MADE if schema()[path].declaration.requires and path != "files"])
async def test_what_is_needed_is_named(call, path):
    said = await call.refused("POST", path, 400, json={})
    first = schema()[path].declaration.requires[0]
    names = [name for group in first.groups for name in group] if isinstance(first, OneOf) else [first]
    assert said.startswith("Missing required params: ")
    assert all(name in said for name in names)


@pytest.mark.parametrize("path", sorted(SMALLEST))
async def test_what_is_fixed_after_creation_is_refused(call, path):
    made = await smallest(call, path)
    for name in {*marked(path, "create_only"), "id"}:
        assert await call.refused("PUT", f"{path}/{made['id']}", 400, json={name: 1}) == f"Field is read only: `{name}`"


@pytest.mark.parametrize("path", sorted(SMALLEST))
async def test_a_reference_to_nothing_is_refused_and_changes_nothing(call, path):
    made = await smallest(call, path)
    table = schema()[path]
    fixed = {*marked(path, "read_only"), *marked(path, "create_only"), *marked(path, "filter_only"), "company_id"}
    # Bills belong to other rules.
    names = {name for name in table.columns if name.endswith("_id") and name not in fixed} - {"invoice_item_id"}
    for name in names:
        said = await call.refused("PUT", f"{path}/{made['id']}", 400, json={name: 99999})
        assert said == f"Invalid reference: `{name}`"
    lists = {name for name, kind in table.kinds.items() if kind is Kind.LIST and name not in fixed}
    for name in lists - {"on_day", "tags"}:
        said = await call.refused("PUT", f"{path}/{made['id']}", 400, json={name: [99999]})
        assert said.startswith("Invalid reference: ")
    assert await call.one(f"{path}/{made['id']}") == made


@pytest.mark.parametrize("path", sorted(SMALLEST))
async def test_an_object_knows_when_it_was_made_and_when_it_was_changed(call, path):
    call.box.clock.freeze(datetime(2026, 7, 1, 12, tzinfo=UTC))
    made = await smallest(call, path)
    assert made["created_on"] == made["updated_on"] == "2026-07-01T12:00:00Z"
    call.box.clock.move(seconds=90)
    changed = await call.update(f"{path}/{made['id']}")
    assert (changed["created_on"], changed["updated_on"]) == (made["created_on"], "2026-07-01T12:01:30Z")
    named = SMALLEST[path]
    assert {name: changed[name] for name in named} == named


@pytest.mark.parametrize("path", sorted(SMALLEST))
async def test_a_deleted_object_is_gone(call, path):
    made = await smallest(call, path)
    reply = await call("DELETE", f"{path}/{made['id']}")
    assert (reply.status, reply.body) == (200, b"{}")
    for method in ("GET", "PUT", "DELETE"):
        await call.refused(method, f"{path}/{made['id']}", 404, json=None if method == "GET" else {})
    assert (await smallest(call, path))["id"] > made["id"]
