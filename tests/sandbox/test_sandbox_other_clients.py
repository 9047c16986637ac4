"""What clients of other people put on the wire, and what they read of the answers.

Each test is in our own words; no line of those clients is here. They were read in public repositories, and each was in
use with the live service or says what it saw of it.
"""

from __future__ import annotations

import json

import aiohttp
import pytest

CLIENT, PROJECT, TASK = 151303, 397706, 2093082
COSTS = {"client_id": CLIENT, "currency": "USD", "amount": 50.0, "date": "2026-11-20"}
JSON = {"Accept": "application/json", "Content-Type": "application/json"}


def form(filename="receipt.xlsx", body=b"PK\x03\x04", **fields):
    made = aiohttp.FormData()
    for name, value in fields.items():
        made.add_field(name, str(value))
    made.add_field("file", body, filename=filename)
    return made


@pytest.mark.parametrize("accept", ["application/json", "*/*"])
async def test_a_delete_answers_json_too(call, accept):
    """A Python client for timesheets reads JSON from the answer to any request, its deletes included."""
    made = await call.create("entries", task_id=TASK, date="2026-11-20", duration=3600)
    reply = await call("DELETE", f"entries/{made['id']}", headers={**JSON, "Accept": accept})
    assert (reply.status, reply.headers["Content-Type"].partition(";")[0]) == (200, "application/json")
    assert json.loads(reply.body) == {}


class TestUndocumentedFields:
    async def test_an_invoice_belongs_to_a_project(self, call):
        """The same client names a project on the invoice itself and in its options, and keeps both in step."""
        linked = {"linked_projects": [{"amount": 210.5, "project_id": PROJECT}], "notification": {"to": ["a@b.co"]}}
        lines = [
            {"item": "May", "price_unit": 100, "quantity": 2, "seq": 1},
            {"item": "June", "price_unit": 10.5, "quantity": 1, "seq": 2, "description": "Calls"},
        ]
        given = {"client_id": CLIENT, "currency": "USD", "items": lines, "project_id": PROJECT, "options": linked}
        reply = await call("POST", "invoices", json=given, include="invoiceitems")
        assert reply.status == 201, reply.body
        (made,) = reply.data["invoices"]
        assert (made["project_id"], made["options"], made["total"]) == (PROJECT, linked, 210.5)
        first, second = made["invoiceitems"]  # answered at once: it goes on with their ids
        entry = await call.create("entries", task_id=TASK, date="2026-11-20", duration=3600)
        billed = await call.update(f"entries/{entry['id']}", invoice_item_id=first["id"], billed=True)
        assert (billed["billed"], billed["invoice_item_id"]) == (True, first["id"])
        assert second["item"] == "June"
        other = (await call.create("projects", name="Other", client_id=CLIENT))["id"]
        changed = await call.update(f"invoices/{made['id']}", project_id=other, status="paid")
        assert (changed["project_id"], changed["status"], changed["total"]) == (other, "paid", 210.5)
        assert (await call.update(f"invoices/{made['id']}", project_id=None))["project_id"] is None
        assert (await call.one(f"invoices/{made['id']}"))["project_id"] is None

    async def test_an_invoice_without_one_has_no_such_attribute(self, call):
        made = await call.create("invoices", client_id=CLIENT, currency="USD")
        assert "project_id" not in made

    async def test_an_expense_has_a_name_a_price_and_can_be_billed(self, call):
        """It reads all three again, and sends a quantity that the service does not keep."""
        made = await call.create(
            "expenses", **COSTS, project_id=PROJECT, name="Trip", price="50.0", billable=True, quantity=1, notes="Train"
        )
        expense = await call.one(f"expenses/{made['id']}")
        assert (expense["name"], expense["price"], expense["billable"], expense["amount"]) == ("Trip", 50.0, True, 50.0)
        assert "quantity" not in expense
        changed = await call.update(f"expenses/{made['id']}", amount=60, price=60, billable=False)
        assert (changed["price"], changed["billable"], changed["name"]) == (60, False, "Trip")

    @pytest.mark.parametrize(
        ("path", "given", "said"),
        [
            ("expenses", {**COSTS, "price": "much"}, "Invalid value for `price`"),
            ("expenses", {**COSTS, "title": "Trip"}, "Unknown field or reference: `title`"),
            ("invoices", {"client_id": CLIENT, "currency": "USD", "project_id": 7}, "Invalid reference: `project_id`"),
            (
                "estimates",
                {"client_id": CLIENT, "currency": "USD", "project_id": PROJECT},
                "Unknown field or reference",
            ),
        ],
    )
    async def test_a_wrong_value_or_another_name_is_refused(self, call, path, given, said):
        assert (await call.refused("POST", path, 400, json=given)).startswith(said)


class TestReceipts:
    """The same client found that a receipt is kept where it goes to `/files` with the expense's id."""

    async def test_a_file_on_an_expense_is_its_receipt(self, call):
        expense = await call.create("expenses", **COSTS, project_id=PROJECT)
        reply = await call("POST", "files", data=form(expense_id=expense["id"]))
        assert reply.status == 201, reply.body
        (file,) = reply.data["files"]
        assert (file["expense_id"], file["token"], file["original_filename"]) == (expense["id"], None, "receipt.xlsx")
        assert file["project_id"] == PROJECT
        assert (await call.one(f"expenses/{expense['id']}"))["file"] == file["file"]
        assert (await call("DELETE", f"files/{file['id']}")).status == 200
        assert (await call.one(f"expenses/{expense['id']}"))["file"] == ""

    async def test_a_picture_has_thumbnails_there_too(self, call):
        expense = await call.create("expenses", **COSTS)
        await call("POST", "files", data=form("receipt.gif", b"GIF89a", expense_id=expense["id"]))
        (first,) = await call.get("files")
        assert (await call.one(f"expenses/{expense['id']}"))["image_thumb_small"] == first["image_thumb_small"]
        await call("POST", "files", data=form(expense_id=expense["id"]))
        after = await call.one(f"expenses/{expense['id']}")
        assert after["file"] != first["file"]
        assert "image_thumb_small" not in after  # the new one is no picture
        await call("DELETE", f"files/{first['id']}")
        assert (await call.one(f"expenses/{expense['id']}"))["file"] == after["file"]

    async def test_it_goes_with_the_expense(self, call):
        expense = await call.create("expenses", **COSTS)
        await call("POST", "files", data=form(expense_id=expense["id"]))
        await call("DELETE", f"expenses/{expense['id']}")
        assert await call.get("files") == []

    async def test_a_file_that_waits_is_attached_by_its_token(self, call):
        expense = await call.create("expenses", **COSTS)
        ((waiting,),) = (await call("POST", "files", data=form())).data.values()
        sent = {"token": waiting["token"], "expense_id": expense["id"]}
        assert (await call.update(f"files/{waiting['id']}", **sent))["expense_id"] == expense["id"]
        assert (await call.one(f"expenses/{expense['id']}"))["file"] == waiting["file"]

    async def test_an_expense_that_is_not_there_has_none(self, call):
        reply = await call("POST", "files", data=form(expense_id=7))
        assert (reply.status, reply.message) == (400, "Invalid reference: `expense_id`")


class TestMessages:
    """What the service was seen to say; this client tells its people so."""

    async def test_what_is_missing(self, call):
        given = {"project_id": PROJECT, "amount": 50.0, "currency": "USD"}
        assert await call.refused("POST", "expenses", 400, json=given) == "Missing required params: client_id"

    async def test_a_form_that_a_session_sends_as_json(self, call):
        reply = await call("POST", "files", data=b"--x\r\n", headers=JSON)
        assert (reply.status, reply.message) == (400, "Decoding failed: Syntax error")


@pytest.mark.parametrize(
    ("asked", "path", "found"),
    [("where%3Dactive=true", "projects", 1), ("where%3Did=2093082", "tasks", 1), ("where%3D=", "tasks", None)],
)
async def test_a_filter_in_the_name_of_its_parameter(call, asked, path, found):
    """A workflow service gives its HTTP library the parameter `where=active`, so that the sign comes encoded."""
    async with call.session.get(f"{call.box.url}{path}?{asked}", auth=call.auth) as reply:
        data = await reply.json()
    assert (reply.status, len(data.get(path, []))) == ((200, found) if found else (400, 0)), data


async def test_days_in_a_list_are_no_span(call):
    """The timesheet client learned on the live account that `date in (..)` finds these very days."""
    for day in ("2026-11-18", "2026-11-19", "2026-11-20"):
        await call.create("expenses", **{**COSTS, "date": day})
    found = await call.get("expenses", where='date in ("2026-11-18","2026-11-20")')
    assert sorted(item["date"] for item in found) == ["2026-11-18", "2026-11-20"]


async def test_a_hook_is_made_with_a_secret_and_deleted_by_its_id(call):
    """A workflow service makes hooks so, and takes the id from the list in the answer."""
    given = {"target_url": "http://127.0.0.1:9/p", "event": "model.update.Client", "secret": "0c7a"}
    reply = await call("POST", "hooks", json=given, headers=JSON)
    made = reply.data["hooks"][0]
    assert (reply.status, "secret" in made) == (201, False)
    assert (await call("DELETE", f"hooks/{made['id']}", headers=JSON)).data == {}


@pytest.mark.parametrize(
    ("path", "included", "below"),
    [
        ("tasks?where=mytasks=true&include=entries", "entries", True),
        ("tasks?include=thread&page=0&page_size=5", "thread", False),
        ("projects/397706?include=tasks.entries", "tasks", True),
        ("projects/397706?include=tasklists.tasks,client", "tasklists", True),
        ("entries?where=project_id=397706&include=task,task.project", "task", False),
    ],
)
async def test_includes_as_timers_and_dashboards_ask_for_them(call, path, included, below):
    """A timer in Pascal, a dashboard in TypeScript, a command in Go and an SDK in PHP ask so."""
    me = (await call.one("me"))["id"]
    await call.update(f"tasks/{TASK}", users=[me])
    found = await call.get(path)
    assert found
    assert all(isinstance(item[included], list) is below for item in found)


async def test_an_sdk_selects_every_attribute_by_name(call):
    """The PHP SDK's own tests ask each resource for all attributes it knows but those that answer 400 when named."""
    for table in call.box.account.tables:
        if not call.box.account.rule(table.path).readable or table.path in ("bookings", "userstasks", "company"):
            continue
        if table.path == "usersdaysexceptions":
            continue
        named = [name for name in table.body if not table.attributes[name].marks.unselectable]
        found = await call.get(table.path, include=",".join(named))
        assert all(set(item) <= set(named) for item in found), table.path


async def test_types_that_a_strict_reader_needs(call):
    """The command in Go reads into typed fields: moments in RFC 3339, numbers and lists of numbers, null or absent."""
    project = await call.one(f"projects/{PROJECT}", include="tasklists.tasks,client")
    assert all(isinstance(user, int) for user in project["users"] + project["managers"])
    assert isinstance(project["budget_hours"], int | float | None)
    entry = (await call.get("entries", where=f"task_id={TASK}", include="task,task.project"))[0]
    assert entry["task"]["project"]["id"] == PROJECT
    assert all(entry[name].endswith("Z") for name in ("created_on", "updated_on"))
    assert isinstance(entry["duration"], int)
