"""What the sandbox does by itself when objects are made, changed and deleted."""

from __future__ import annotations

import re
from decimal import Decimal

import aiohttp
import msgspec
import pytest

from paymo_async.sandbox import Sandbox

LINES = [
    {"item": "Logo", "price_unit": 40, "quantity": 20, "apply_tax": True},
    {"item": "Stock photos", "price_unit": "12.25", "quantity": 3, "apply_tax": False},
]


async def estimate(call, **given):
    return await call.create("estimates", **{"client_id": 10874, "currency": "USD", "items": LINES, **given})


async def lines_of(call, key):
    return (await call.one(f"estimates/{key}", include="estimateitems"))["estimateitems"]


class TestEstimates:
    async def test_the_documented_ones_add_up(self, call):
        for key in (1498, 1500):
            before = await call.one(f"estimates/{key}")
            after = await call.update(f"estimates/{key}", notes="checked")
            names = ("subtotal", "total", "tax_amount", "tax2_amount")
            assert [after[name] for name in names] == [before[name] for name in names]

    async def test_totals_follow_the_lines(self, call):
        made = await estimate(call, tax=10, tax2=5, discount=0, tax_on_tax=False)
        assert (made["subtotal"], made["tax_amount"], made["tax2_amount"]) == (836.75, 80, 40)
        assert made["total"] == 956.75

    async def test_tax_on_tax_puts_the_second_on_both(self, call):
        made = await estimate(call, tax=10, tax2=5, tax_on_tax=True)
        assert (made["tax_amount"], made["tax2_amount"]) == (80, 44)

    async def test_a_discount_lowers_what_is_taxed(self, call):
        made = await estimate(call, tax=10, discount=50)
        assert (made["discount_amount"], made["tax_amount"], made["total"]) == (418.38, 40, 458.37)

    async def test_amounts_are_exact(self, call):
        many = [{"item": "x", "price_unit": 0.1, "quantity": 0.7, "apply_tax": True}] * 10
        reply = await call("POST", "estimates", json={"client_id": 10874, "currency": "USD", "items": many})
        assert b'"subtotal":0.7,' in reply.body

    async def test_lines_are_read_back_by_include_in_their_order(self, call):
        made = await estimate(call)
        found = await lines_of(call, made["id"])
        assert [(line["item"], line["seq"], line["estimate_id"]) for line in found] == [
            ("Logo", 0, made["id"]),
            ("Stock photos", 1, made["id"]),
        ]
        assert "items" not in made

    async def test_items_of_an_update_are_the_whole_new_set(self, call):
        made = await estimate(call)
        first, second = await lines_of(call, made["id"])
        items = [{"item": "New", "price_unit": 1, "quantity": 1}, {"id": second["id"], "quantity": 4}]
        changed = await call.update(f"estimates/{made['id']}", items=items)
        new, kept = await lines_of(call, made["id"])
        assert (new["item"], kept["id"], kept["quantity"], kept["price_unit"]) == ("New", second["id"], 4, 12.25)
        assert changed["subtotal"] == 50
        await call.refused("GET", f"estimateitems/{first['id']}", 404)

    async def test_an_update_without_items_leaves_the_lines(self, call):
        made = await estimate(call)
        await call.update(f"estimates/{made['id']}", tax=19)
        assert len(await lines_of(call, made["id"])) == 2

    @pytest.mark.parametrize(
        ("items", "said"),
        [
            ([3], "Invalid value for `items`"),
            ([{"id": 99}], "Invalid reference: `items`"),
            ([{"price_unit": 3}], "Missing required params: item"),
            ([{"item": "x", "colour": "red"}], "Unknown field or reference: `colour`"),
        ],
    )
    async def test_wrong_items_are_refused_and_change_nothing(self, call, items, said):
        assert await call.refused("PUT", "estimates/1500", 400, json={"items": items}) == said
        assert [line["id"] for line in await lines_of(call, 1500)] == [5277, 5278, 5279]

    async def test_numbers_come_from_the_format_and_grow(self, call):
        first = await estimate(call, date="2026-03-09")
        second = await estimate(call, date="2026-03-10")
        assert [first["number"], second["number"]] == ["#EST-20260309-101", "#EST-20260310-102"]
        assert (await call.get("company"))["next_estimate_number"] == "103"

    async def test_a_number_in_use_is_refused_on_create_and_update(self, call):
        said = await call.refused(
            "POST", "estimates", 400, json={"client_id": 10874, "currency": "USD", "number": "#EST-20130729-7"}
        )
        assert "in use" in said
        await call.refused("PUT", "estimates/1500", 400, json={"number": "#EST-20130729-7"})
        assert (await call.update("estimates/1500", number="#EST-20130729-9"))["id"] == 1500
        assert (await estimate(call, number="E-1"))["number"] == "E-1"

    async def test_a_number_that_was_given_away_by_hand_is_skipped(self, call):
        await estimate(call, number="#EST-20260309-101")
        assert (await estimate(call, date="2026-03-09"))["number"] == "#EST-20260309-102"

    async def test_a_new_one_is_filled_from_client_and_company(self, call):
        await call.update("company", default_tax=7.5, tax_on_tax=True)
        made = await estimate(call)
        assert made["bill_to"] == "AT&T Inc.\n809 Nueces Bay Blvd,\nDallas, Texas 78469\nUS"
        assert made["company_info"].startswith("Dunder Mifflin")
        assert (made["status"], made["tax"], made["tax_on_tax"], made["title"]) == ("draft", 7.5, True, "ESTIMATE")
        assert re.fullmatch(r"[0-9a-f]{40}", made["download_token"])

    async def test_its_link_opens_for_anyone_and_with_the_right_token_only(self, call):
        made = await estimate(call, notes="<b>x</b>")
        call.auth = None
        page = await call("GET", made["permalink"])
        assert (page.status, page.headers["Content-Type"]) == (200, "text/html")
        assert b"Stock photos" in page.body
        assert b"<b>x</b>" not in page.body
        assert (await call("GET", made["pdf_link"])).body.startswith(b"%PDF")
        for path in (f"estimates/{made['id']}", "estimates/9", "nonsense/1"):
            assert (await call("GET", path, token="0" * 48, format="html")).status == 404

    async def test_lines_by_themselves_recompute_the_estimate(self, call):
        assert "estimate_id" in await call.refused("POST", "estimateitems", 400, json={"item": "x"})
        line = await call.create("estimateitems", item="Extra", estimate_id=1500, price_unit=10, quantity=1)
        assert (await call.one("estimates/1500"))["subtotal"] == 8550
        await call.update(f"estimateitems/{line['id']}", quantity=2)
        assert (await call.one("estimates/1500"))["subtotal"] == 8560
        await call.update(f"estimateitems/{line['id']}", estimate_id=1498)
        assert (await call.one("estimates/1500"))["subtotal"] == 8540
        assert (await call.one("estimates/1498"))["subtotal"] == 9170
        assert (await call("DELETE", f"estimateitems/{line['id']}")).status == 200
        assert (await call.one("estimates/1498"))["subtotal"] == 9150

    async def test_deleting_one_deletes_its_lines(self, call):
        assert (await call("DELETE", "estimates/1500")).status == 200
        assert await call.ids("estimateitems") == [5271, 5272, 5273]

    async def test_an_unknown_client_or_status_is_refused(self, call):
        assert await call.refused("POST", "estimates", 400, json={"client_id": 9, "currency": "USD"}) == (
            "Invalid reference: `client_id`"
        )
        await call.refused("PUT", "estimates/1500", 400, json={"status": "lost"})


class TestEntries:
    async def test_two_times_make_a_duration(self, call):
        made = await call.create(
            "entries", task_id=2093082, start_time="2014-12-10T09:00:00Z", end_time="2014-12-10T10:00:00Z"
        )
        assert (made["duration"], made["is_bulk"], made["project_id"]) == (3600, False, 397706)
        assert (made["user_id"], made["added_manually"], made["billed"]) == (23129, True, False)
        assert "date" not in made

    async def test_a_day_and_a_duration_make_a_bulk_entry(self, call):
        made = await call.create("entries", task_id=2093082, date="2014-12-10", duration=3600)
        assert (made["is_bulk"], made["date"], made["duration"]) == (True, "2014-12-10", 3600)
        assert not {"start_time", "end_time"} & made.keys()

    @pytest.mark.parametrize(
        "given",
        [
            {"date": "2014-12-10", "duration": 59},
            {"start_time": "2014-12-10T09:00:00Z", "end_time": "2014-12-10T09:00:59Z"},
            {"start_time": "2014-12-10T09:00:00Z", "end_time": "2014-12-10T08:00:00Z"},
        ],
    )
    async def test_less_than_a_minute_is_refused(self, call, given):
        assert "minute" in await call.refused("POST", "entries", 400, json={"task_id": 2093082, **given})

    async def test_both_forms_at_once_are_refused(self, call):
        given = {"task_id": 2093082, "start_time": "2014-12-10T09:00:00Z", "date": "2014-12-10", "duration": 60}
        assert "either" in await call.refused("POST", "entries", 400, json={**given, "user_id": 23129})

    async def test_a_timer_runs_until_it_gets_an_end(self, call):
        timer = await call.create("entries", task_id=2093082, user_id=23129, start_time="2017-06-20T14:00:00Z")
        assert (timer["end_time"], timer["duration"], timer["added_manually"]) == (None, None, False)
        assert await call.ids("entries", "user_id=23129 and end_time=null") == [timer["id"]]
        stopped = await call.update(f"entries/{timer['id']}", end_time="2017-06-20T15:00:00Z", description="Done")
        assert stopped["duration"] == 3600
        assert await call.ids("entries", "end_time=null") == []

    async def test_a_second_timer_of_a_user_is_409_and_one_of_another_is_not(self, call):
        start = {"task_id": 2093082, "start_time": "2017-06-20T14:00:00Z"}
        first = await call.create("entries", user_id=23129, **start)
        said = await call.refused("POST", "entries", 409, json={"user_id": 23129, **start})
        assert "timer" in said
        await call.create("entries", user_id=23130, **start)
        await call.update(f"entries/{first['id']}", description="still running")
        await call.refused("PUT", "entries/15200865", 409, json={"end_time": None})

    async def test_a_new_duration_moves_the_end(self, call):
        changed = await call.update("entries/15200865", duration=7200)
        assert (changed["duration"], changed["end_time"]) == (7200, "2014-10-06T10:00:00Z")
        assert (await call.update("entries/12186606", duration=7200))["duration"] == 7200

    async def test_an_entry_changes_its_form(self, call):
        bulk = await call.update("entries/15200865", date="2014-10-07")
        assert (bulk["is_bulk"], bulk["date"], bulk["duration"]) == (True, "2014-10-07", 5400)
        assert not {"start_time", "end_time"} & bulk.keys()
        timed = await call.update(
            "entries/15200865", start_time="2014-10-07T08:00:00Z", end_time="2014-10-07T08:10:00Z"
        )
        assert (timed["is_bulk"], timed["duration"]) == (False, 600)
        assert "date" not in timed
        assert await call.ids("entries", "date=2014-10-07") == []

    async def test_an_entry_without_start_and_day_is_refused(self, call):
        assert "start_time" in await call.refused("PUT", "entries/15200865", 400, json={"start_time": None})

    async def test_another_task_brings_its_project(self, call):
        task = await call.create("tasks", name="Other", project_id=397707)
        assert (await call.update("entries/15200865", task_id=task["id"]))["project_id"] == 397707


class TestTasks:
    async def test_codes_count_up_within_the_project(self, call):
        first = await call.create("tasks", name="One", tasklist_id=499)
        second = await call.create("tasks", name="Two", tasklist_id=500)
        assert [first["code"], second["code"]] == ["UP-20", "UP-21"]
        assert (await call.one("projects/397706"))["task_code_increment"] == 21

    async def test_a_project_alone_means_the_default_task_list_made_once(self, call):
        first = await call.create("tasks", name="One", project_id=397706)
        second = await call.create("tasks", name="Two", project_id=397706)
        assert first["tasklist_id"] == second["tasklist_id"]
        made = await call.one(f"tasklists/{first['tasklist_id']}")
        assert (made["name"], made["seq"]) == ("Default Task List", 3)
        assert (first["seq"], second["seq"]) == (1, 2)

    async def test_complete_moves_the_status_and_back(self, call):
        done = await call.update("tasks/2093082", complete=True)
        assert (done["status_id"], done["completed_by"]) == (3, 23129)
        assert done["completed_on"]
        again = await call.update("tasks/2093082", complete=True)
        assert again["completed_on"] == done["completed_on"]
        back = await call.update("tasks/2093082", complete=False)
        assert (back["status_id"], back["completed_on"], back["completed_by"]) == (1, None, None)

    async def test_a_status_completes_as_well(self, call):
        assert (await call.update("tasks/2093082", status_id=3))["complete"] is True
        assert (await call.update("tasks/2093082", status_id=2))["complete"] is False
        made = await call.create("tasks", name="Done", tasklist_id=499, complete=True)
        assert (made["status_id"], made["completed_by"]) == (3, 23129)

    async def test_a_new_one_takes_after_its_project(self, call):
        made = await call.create("tasks", name="One", tasklist_id=499)
        assert (made["billable"], made["priority"], made["status_id"], made["complete"]) == (False, 50, 1, False)
        assert "subtasks_order" not in made

    async def test_another_task_list_brings_its_project(self, call):
        there = await call.create("tasklists", name="There", project_id=397707)
        assert (await call.update("tasks/2093082", tasklist_id=there["id"]))["project_id"] == 397707

    async def test_orders_are_given_to_the_parent(self, call):
        await call.update("projects/397706", tasklists_order=[500, 499])
        lists = (await call.one("projects/397706", include="tasklists.name"))["tasklists"]
        assert [item["name"] for item in lists] == ["Tracking time", "Getting started"]
        await call.update("tasklists/500", tasks_order=[2093086])
        tasks = (await call.one("tasklists/500", include="tasks.id"))["tasks"]
        assert [task["id"] for task in tasks] == [2093086, 2093084, 2093085]
        subtasks = [(await call.create("subtasks", name=name, task_id=2093082))["id"] for name in "ab"]
        await call.update("tasks/2093082", subtasks_order=subtasks[::-1])
        found = (await call.one("tasks/2093082", include="subtasks.id"))["subtasks"]
        assert [item["id"] for item in found] == subtasks[::-1]
        assert "tasks_order" in await call.refused("PUT", "tasklists/500", 400, json={"tasks_order": [2093082]})

    async def test_deleting_one_deletes_its_time(self, call):
        assert (await call("DELETE", "tasks/2093084")).status == 200
        assert await call.ids("entries", "task_id=2093084") == []
        assert len(await call.ids("entries")) == 4


class TestProjects:
    async def test_without_a_client_a_sample_client_is_made(self, call):
        made = await call.create("projects", name="Paper Trail now")
        assert (await call.one(f"clients/{made['client_id']}"))["name"] == "Sample Client"
        assert (made["code"], made["users"], made["managers"], made["active"]) == ("PTN", [23129], [23129], True)
        assert (made["workflow_id"], made["status_id"]) == (1, 1)

    async def test_members_are_whole_lists_on_both_sides(self, call):
        await call.update("projects/397706", users=[23130], managers=[23130])
        user = await call.one("users/23130")
        assert (user["assigned_projects"], user["managed_projects"]) == ([397706, 397707], [397706])
        await call.update("users/23130", assigned_projects=[397707], managed_projects=[])
        project = await call.one("projects/397706")
        assert (project["users"], project["managers"]) == ([], [])
        assert await call.refused("PUT", "users/23130", 400, json={"assigned_projects": [9]}) == (
            "Invalid reference: `assigned_projects`"
        )

    async def test_another_workflow_resets_the_statuses(self, call):
        workflow = await call.create("workflows", name="Short")
        statuses = await call.get("workflowstatuses", where=f"workflow_id={workflow['id']}")
        await call.update("tasks/2093083", complete=True)
        await call.update("projects/397706", workflow_id=workflow["id"])
        found = await call.get("tasks", where="tasklist_id=499", include="status_id")
        assert [task["status_id"] for task in found] == [status["id"] for status in statuses]

    @pytest.mark.parametrize("box", [{"plan": {"max_projects": 2}}], indirect=True)
    async def test_the_plan_limits_projects(self, call):
        assert "Maximum number of projects" in await call.refused("POST", "projects", 403, json={"name": "x"})

    async def test_counts_of_the_company_follow(self, call):
        made = await call.create("projects", name="One", client_id=151303)
        assert (await call.get("company"))["current_projects"] == 2
        await call.update(f"projects/{made['id']}", active=False)
        assert (await call.get("company"))["current_projects"] == 1
        assert (await call("DELETE", f"projects/{made['id']}")).status == 200
        user = await call.one("users/23129")
        assert user["assigned_projects"] == [397706, 397707]

    async def test_deleting_one_deletes_lists_tasks_and_time(self, call):
        assert (await call("DELETE", "projects/397706")).status == 200
        for path in ("tasklists", "tasks", "entries"):
            assert await call.ids(path) == []


class TestPeople:
    async def test_deleting_a_client_deletes_projects_tasks_and_time(self, call):
        await call.create("clientcontacts", name="Kaja", client_id=151303)
        assert (await call("DELETE", "clients/151303")).status == 200
        for path in ("tasklists", "tasks", "entries"):
            assert await call.ids(path) == []
        assert await call.ids("clientcontacts", "client_id=151303") == []
        assert await call.ids("projects") == [397707]

    async def test_a_client_is_archived_and_new_ones_are_active(self, call):
        made = await call.create("clients", name="Ironleaf Labs")
        assert made["active"] is True
        assert "image_thumb_large" not in made
        assert (await call.update(f"clients/{made['id']}", active=False))["active"] is False

    @pytest.mark.parametrize("box", [{"plan": {"max_users": 2}}], indirect=True)
    async def test_the_plan_limits_users(self, call):
        said = await call.refused("POST", "users", 403, json={"email": "kelly@example.com"})
        assert said == "Could not add user. Maximum number of users reached."

    async def test_a_user_gets_a_name_a_type_and_projects(self, call):
        given = {"email": "kelly@example.com", "assigned_projects": [397706], "password": "secret"}
        made = await call.create("users", **given)
        assert (made["name"], made["type"], made["active"]) == ("kelly", "Employee", True)
        assert "password" not in made
        assert (await call.one("projects/397706"))["users"] == [23129, made["id"]]
        assert (await call.get("company"))["current_users"] == 3

    async def test_a_password_can_be_changed(self, call):
        made = await call.create("users", email="kelly@example.com", password="secret")
        await call.update(f"users/{made['id']}", password="better", email="k@example.com")
        call.auth = aiohttp.BasicAuth("k@example.com", "better")
        assert (await call.one("me"))["id"] == made["id"]

    async def test_an_address_is_used_once(self, call):
        assert "already" in await call.refused("POST", "users", 400, json={"email": "judith@example.com"})
        await call.refused("PUT", "users/23129", 400, json={"email": "judith@example.com"})

    async def test_a_deleted_user_leaves_the_projects(self, call):
        assert (await call("DELETE", "users/23130")).status == 200
        assert (await call.one("projects/397707"))["users"] == [23129]
        assert (await call.get("company"))["current_users"] == 1

    async def test_unselectable_attributes_come_by_themselves_and_not_by_name(self, call):
        assert "assigned_projects" in await call.one("me")
        said = await call.refused("GET", "me", 400, include="assigned_projects")
        assert said == "Unknown field or reference: `assigned_projects`"


@pytest.mark.parametrize("box", [{"lacks": ["bookings"]}], indirect=True)
async def test_a_plan_can_lack_a_resource(call):
    assert "plan" in await call.refused("GET", "bookings", 403, where="user_task_id=1")


async def test_the_same_requests_make_the_same_account():
    bodies = []
    for _ in range(2):
        async with Sandbox(clock=lambda: 1_800_000_000.0) as box, aiohttp.ClientSession() as http:
            auth = aiohttp.BasicAuth(box.api_key, "x")
            given = {"client_id": 10874, "currency": "USD"}
            async with http.post(box.url + "estimates", auth=auth, json=given) as made:
                text = await made.text()
                bodies.append(text.replace(box.url, ""))
    assert bodies[0] == bodies[1]
    assert msgspec.json.decode(bodies[0], type=dict)["estimates"][0]["total"] == Decimal()
