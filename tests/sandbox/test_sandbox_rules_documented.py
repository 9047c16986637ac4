"""Objects that requests make, beside the documented ones: the same fields, of the same types."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import aiohttp
import pytest

from paymo_async.sandbox.schema import schema

EXAMPLES = Path(__file__).resolve().parents[3] / "shared" / "paymo-api" / "examples.json"

# Ids of the documentation, and what there is in place of them here.
HERE = {"project_id": 397706, "tasklist_id": 499, "task_id": 2093082, "user_id": 23130, "client_id": 10874}
HERE |= {"status_id": 93939, "workflow_id": 1, "users": [23130], "managers": [23129], "assigned_projects": [397706]}
# What only an upload or the service's own work brings.
BROUGHT = {"image", "image_thumb_large", "image_thumb_medium", "image_thumb_small", "file", "mime", "size"}
BROUGHT |= {"milestone_id", "comment_id", "completed_on", "completed_by", "original_filename"}


@pytest.fixture(scope="module")
def documented():
    if not EXAMPLES.exists():
        pytest.skip(f"the documented bodies are not beside this checkout ({EXAMPLES.name})")
    return json.loads(EXAMPLES.read_text())


def bodies(documented, section, kind):
    return [one["json"] for one in documented if one["section"] == section and one["kind"] == kind]


def objects(documented, section, path):
    """The documented objects of a resource, under whatever key they stand."""
    keys = schema()[path].declaration.keys
    answers = bodies(documented, section, "response")
    return [one for answer in answers for key in {path, *keys} for one in answer.get(key, []) if "..." not in one]


def writable(path, documented_object):
    """What of a documented object a request may set, with ids that exist here."""
    attributes = schema()[path].attributes
    marks = {name: attributes[name].marks for name in documented_object if name in attributes}
    given = {name: documented_object[name] for name, mark in marks.items() if not mark.read_only}
    return {name: HERE.get(name, value) for name, value in given.items() if name not in BROUGHT and value is not None}


def kind(value):
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def kinds(one):
    """The types of an object's fields; null says nothing about one."""
    return {name: kind(value) for name, value in one.items() if value is not None and name not in BROUGHT}


@pytest.mark.parametrize(
    ("section", "path", "more"),
    [
        ("bookings", "bookings", {}),
        ("client_contacts", "clientcontacts", {}),
        ("clients", "clients", {}),
        ("comments", "comments", {"task_id": 2093082}),
        ("milestones", "milestones", {}),
        ("project_statuses", "projectstatuses", {}),
        ("projects", "projects", {}),
        ("subtasks", "subtasks", {}),
        ("tasklists", "tasklists", {}),
        ("tasks", "tasks", {}),
        ("workflow_statuses", "workflowstatuses", {}),
        ("entries", "entries", {}),
    ],
)
async def test_what_a_create_answers_has_the_documented_fields_and_types(call, documented, section, path, more):
    wanted = objects(documented, section, path)
    assert wanted
    for one in wanted:
        given = {**writable(path, one), **more}
        given.pop("thread_id", None)
        if path == "bookings":
            (given["user_task_id"],) = await call.ids("userstasks", "task_id=2093082")
        if path == "workflowstatuses":
            given.setdefault("color", "5BDBF6")
        made = await call.create(path, **given)
        read = await call.one(f"{path}/{made['id']}")
        for answer in (made, read):
            assert one.keys() - BROUGHT <= answer.keys()
            found = kinds(answer)
            assert {name: found.get(name) for name in kinds(one)} == kinds(one)


async def test_recurring_tasks_have_the_documented_fields_and_next_dates(call, documented):
    wanted = objects(documented, "task_recurring_profiles", "taskrecurringprofiles")
    assert len(wanted) == 2
    for one in wanted:
        call.box.clock.freeze(datetime.fromisoformat(one["created_on"]))
        given = {**writable("taskrecurringprofiles", one), "company_id": None}
        made = await call.create("taskrecurringprofiles", **given)
        assert {name: kinds(made).get(name) for name in kinds(one)} == kinds(one)
        assert made["next_processing_date"] == one["next_processing_date"]


async def test_an_uploaded_file_has_the_documented_fields_and_types(call, documented):
    image = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,"
    form = aiohttp.FormData({"task_id": "2093082"})
    form.add_field("file", image, filename="dot.gif", content_type="image/gif")
    reply = await call("POST", "files", data=form)
    assert reply.status == 201, reply.body
    (made,) = reply.data["files"]
    for one in objects(documented, "files", "files"):
        assert one.keys() <= made.keys() | {"comment_id"}
        of_both = [name for name in one if one[name] is not None and name not in ("comment_id", "task_id")]
        assert {name: type(made[name]) for name in of_both} == {name: type(one[name]) for name in of_both}


async def test_threads_and_sessions_have_the_documented_fields_and_types(call, documented):
    comment = await call.create("comments", content="x", task_id=2093082)
    (thread,) = objects(documented, "comments", "threads")
    found = await call.one("threads", where="task_id=2093082", include="comments")
    assert kinds(thread) == {name: kinds(found).get(name) for name in kinds(thread)}
    assert found["comments"] == [comment]
    session = await call.create("sessions")
    for one in objects(documented, "sessions", "sessions"):
        assert kinds(one) == kinds(session)


async def test_a_template_has_the_documented_shape_when_read(call, documented):
    (_, _, wanted) = objects(documented, "project_templates", "projecttemplates")
    made = await call.create("projecttemplates", name="Copy", project_id=397706)
    include = "projecttemplatestasklists.projecttemplatestasks"
    found = await call.one(f"projecttemplates/{made['id']}", include=include)
    for key in include.split("."):
        assert wanted.keys() <= found.keys()
        wanted, found = wanted[key][0], found[key][0]
    assert wanted.keys() <= found.keys()
    amounts = {"price_per_hour", "budget_hours"}  # null where the project has none
    assert {name: kinds(found).get(name) for name in kinds(wanted).keys() - amounts} == {
        name: kind for name, kind in kinds(wanted).items() if name not in amounts
    }


@pytest.fixture
async def made(call):
    """One of everything that a documented request may be sent to, by its path."""
    contact = await call.create("clientcontacts", name="Ann", client_id=10874, email="ann@example.com")
    (assignment,) = await call.ids("userstasks", "task_id=2093082")
    days = {"start_date": "2016-12-01", "end_date": "2016-12-30", "hours_per_day": 1}
    booking = await call.create("bookings", user_task_id=assignment, **days)
    timer = await call.create("entries", task_id=2093082, user_id=23129, start_time="2017-06-20T14:00:00Z")
    milestone = await call.create("milestones", name="m", project_id=397706, due_date="2015-01-01")
    status = await call.create("projectstatuses", name="s")
    template = await call.create("projecttemplates", name="t")
    tasklist = await call.create("projecttemplatestasklists", name="l", template_id=template["id"])
    subtask = await call.create("subtasks", name="s", task_id=2093082)
    profile = {"frequency": "daily", "interval": 1, "recurring_start_date": "2026-01-01"}
    profile = await call.create("taskrecurringprofiles", name="p", project_id=397706, **profile)
    comment = await call.create("comments", content="c", task_id=2093082)
    form = aiohttp.FormData()
    form.add_field("file", b"x", filename="x.txt")
    file = (await call("POST", "files", data=form)).data["files"][0]
    return {
        "timer": timer["id"], "entries": 15200865, "clients": 10874, "projects": 397706, "tasks": 2093082,
        "clientcontacts": contact["id"], "bookings": booking["id"], "milestones": milestone["id"], "users": 23130,
        "projectstatuses": status["id"], "projecttemplates": template["id"], "subtasks": subtask["id"],
        "projecttemplatestasklists": tasklist["id"], "taskrecurringprofiles": profile["id"], "workflows": 1,
        "userstasks": assignment, "workflowstatuses": 2, "files": file["id"], "token": file["token"],
        "comments": comment["id"],
    }  # fmt: skip


def adapted(given, made, target):
    """A documented request with ids that exist here."""
    here = {**HERE, "user_task_id": made["userstasks"], "comment_id": made["comments"], "token": made["token"]}
    here |= {"template_id": made["projecttemplates"], "subtasks_order": [made["subtasks"]]}
    here |= {"tasklists_order": [500, 499]}
    if target == "projecttemplatestasks":
        here["tasklist_id"] = made["projecttemplatestasklists"]
    return {name: here.get(name, value) for name, value in given.items()}


@pytest.mark.parametrize(
    ("section", "heading", "targets"),
    [
        ("bookings", "Creating a booking", ["bookings"]),
        ("bookings", "Updating a booking", ["bookings/{bookings}"]),
        ("client_contacts", "Creating a client contact", ["clientcontacts"]),
        ("client_contacts", "Updating a client contact", ["clientcontacts/{clientcontacts}"]),
        ("client_contacts", "Giving access to clients portal", ["clientcontacts/{clientcontacts}"] * 2),
        ("clients", "Updating a client", ["clients/{clients}"]),
        ("clients", "Archiving or activating a client", ["clients/{clients}"]),
        ("entries", "Creating a time entry", ["entries", "entries"]),
        ("entries", "Updating a time entry", ["entries/{entries}"]),
        ("entries", "Stopping a timer", ["entries/{timer}"]),
        ("files", "Updating a file", ["files/{files}"]),
        ("files", "Attaching an unattached file", ["files/{files}"]),
        ("milestones", "Creating a milestone", ["milestones"]),
        ("milestones", "Updating a milestone", ["milestones/{milestones}"]),
        ("milestones", "Completing a milestone", ["milestones/{milestones}"]),
        ("project_statuses", "Updating a project status", ["projectstatuses/{projectstatuses}"]),
        ("project_templates", "Creating a project template", ["projecttemplates"] * 2),
        ("project_templates", "Adding tasks", ["projecttemplatestasks"]),
        ("project_templates", "Updating a project template", ["projecttemplates/{projecttemplates}"]),
        (
            "project_templates",
            "Updating a task list from a project template",
            ["projecttemplatestasklists/{projecttemplatestasklists}"],
        ),
        ("projects", "Archiving or activating a project", ["projects/{projects}"]),
        ("projects", "Changing the order of task lists", ["projects/{projects}"]),
        ("projects", "Adding tasks from a project template", ["projects", "projects/{projects}"]),
        ("projects", "Time and materials projects", ["projects"]),
        ("subtasks", "Updating a subtask", ["subtasks/{subtasks}"]),
        ("subtasks", "Changing the order of subtasks", ["tasks/{tasks}"]),
        ("task_recurring_profiles", "Creating a task recurring profile", ["taskrecurringprofiles"]),
        (
            "task_recurring_profiles",
            "Updating a task recurring profile",
            ["taskrecurringprofiles/{taskrecurringprofiles}"],
        ),
        ("tasklists", "Changing the order of task lists", ["projects/{projects}"]),
        ("tasks", "Creating a task", ["tasks"]),
        ("tasks", "Updating a task", ["tasks/{tasks}"]),
        ("tasks", "Changing the order of subtasks", ["tasks/{tasks}"]),
        ("tasks", "Flat rate tasks", ["tasks"]),
        ("users", "Creating a user", ["users"]),
        ("users", "Updating a user", ["users/{users}"]),
        ("users", "Archiving (retiring) or activating a user", ["users/{users}"]),
        ("users_tasks", "Updating a task assignment", ["userstasks/{userstasks}"]),
        ("workflows", "Creating a workflow", ["workflows"]),
        ("workflows", "Updating a workflow", ["workflows/{workflows}"]),
        ("workflow_statuses", "Creating a workflow status", ["workflowstatuses"]),
        ("workflow_statuses", "Updating a workflow status", ["workflowstatuses/{workflowstatuses}"]),
    ],
)
@pytest.mark.parametrize("verb", ["PUT", "POST"])
async def test_documented_requests_do_as_they_say(call, made, documented, section, heading, targets, verb):
    requests = [
        one["json"]
        for one in documented
        if (one["section"], one["heading"], one["kind"]) == (section, heading, "request")
    ]
    assert len(requests) == len(targets)
    for given, target in zip(requests, targets, strict=True):
        body = adapted(given, made, target)
        reply = await call(verb if "{" in target else "POST", target.format(**made), json=body)
        assert reply.status == (200 if "{" in target else 201), reply.body
        ((answer,),) = reply.data.values()
        told = {
            name: value for name, value in body.items() if name in answer and name not in ("id", "interval", "token")
        }
        assert {name: answer[name] for name in told} == told
