"""Tasks, subtasks, assignments and what of a task moves along with it."""

from __future__ import annotations

import pytest

from paymo_async.sandbox.rules.tasks import assign_tasks
from paymo_async.sandbox.where import Filter

TASK = 2093082
OWNER, JUDITH = 23129, 23130


async def assignments(call, task_id):
    return await call.get("userstasks", where=f"task_id={task_id}")


class TestTasks:
    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"tasklist_id": 499}, "Missing required params: name"),
            ({"name": "x"}, "Missing required params: tasklist_id or project_id"),
            ({"name": "x", "tasklist_id": 9}, "Invalid reference: `tasklist_id`"),
            ({"name": "x", "project_id": 9}, "Invalid reference: `project_id`"),
            ({"name": "x", "tasklist_id": 499, "users": [9]}, "Invalid reference: `users`"),
            ({"name": "x", "tasklist_id": 499, "priority": 60}, "Invalid value for `priority`"),
            ({"name": "x", "tasklist_id": 499, "code": "X-1"}, "Field is read only: `code`"),
            ({"name": "x", "tasklist_id": 499, "completed_by": 1}, "Field is read only: `completed_by`"),
            ({"name": "x", "tasklist_id": 499, "estimate": 3}, "Unknown field or reference: `estimate`"),
        ],
    )
    async def test_what_does_not_fit_is_refused(self, call, given, said):
        assert await call.refused("POST", "tasks", 400, json=given) == said

    async def test_amounts_are_kept_as_they_are_given(self, call):
        given = {"flat_billing": True, "estimated_price": 100.5, "budget_hours": 2.25, "price_per_hour": None}
        made = await call.create("tasks", name="Flat", tasklist_id=499, billable=True, priority=100, **given)
        assert {name: made[name] for name in given} == given
        assert (made["billable"], made["priority"], made["description"]) == (True, 100, "")

    async def test_progress_is_answered_only_by_name(self, call):
        assert "progress_status" not in await call.one(f"tasks/{TASK}")
        assert "progress_status" in await call.one(f"tasks/{TASK}", include="*,progress_status")

    async def test_the_project_is_fixed_but_by_way_of_the_task_list(self, call):
        assert "read only" in await call.refused("PUT", f"tasks/{TASK}", 400, json={"project_id": 397707})

    async def test_one_that_moves_within_its_project_is_the_last_there(self, call):
        moved = await call.update(f"tasks/{TASK}", tasklist_id=500)
        assert (moved["seq"], moved["code"]) == (4, "UP-12")
        assert (await call.update(f"tasks/{TASK}", tasklist_id=499, seq=9))["seq"] == 9

    async def test_one_that_moves_to_another_project_takes_everything_along(self, call):
        subtask = await call.create("subtasks", name="One", task_id=TASK)
        comment = await call.create("comments", content="Look", task_id=TASK)
        timer = await call.create("entries", task_id=TASK, user_id=OWNER, start_time="2026-01-05T09:00:00Z")
        there = await call.create("tasklists", name="There", project_id=397707)
        moved = await call.update(f"tasks/{TASK}", tasklist_id=there["id"])
        assert (moved["project_id"], moved["code"], moved["seq"]) == (397707, "SP-11", 1)
        for path, key in (
            ("subtasks", subtask["id"]),
            ("entries", timer["id"]),
            ("entries", 15200864),
            ("threads", comment["thread_id"]),
        ):
            assert (await call.one(f"{path}/{key}"))["project_id"] == 397707, path

    @pytest.mark.parametrize("complete", [True, False])
    async def test_a_project_with_another_workflow_has_other_statuses(self, call, complete):
        workflow = await call.create("workflows", name="Short")
        statuses = await call.ids("workflowstatuses", f"workflow_id={workflow['id']}")
        await call.update("projects/397707", workflow_id=workflow["id"])
        there = await call.create("tasklists", name="There", project_id=397707)
        before = await call.update(f"tasks/{TASK}", complete=complete)
        moved = await call.update(f"tasks/{TASK}", tasklist_id=there["id"])
        assert (moved["status_id"], moved["complete"]) == (statuses[complete], complete)
        assert moved["completed_on"] == before["completed_on"]

    async def test_within_a_workflow_a_status_moves_along(self, call):
        await call.update(f"tasks/{TASK}", status_id=2)
        there = await call.create("tasklists", name="There", project_id=397707)
        assert (await call.update(f"tasks/{TASK}", tasklist_id=there["id"]))["status_id"] == 2

    async def test_mine_are_those_that_name_me(self, call):
        await call.update(f"tasks/{TASK}", users=[OWNER, JUDITH])
        assert await call.ids("tasks", "mytasks=true") == [TASK]
        assert TASK not in await call.ids("tasks", "mytasks=false")
        assert await call.ids("tasks", "users=anyone") == []
        await call.update(f"tasks/{TASK}", users=[])
        assert await call.ids("tasks", "users=anyone") == [TASK]


class TestSubtasks:
    async def test_one_is_in_its_tasks_project_and_the_last(self, call):
        made = [await call.create("subtasks", name=name, task_id=TASK) for name in "ab"]
        assert [(one["seq"], one["project_id"], one["complete"]) for one in made] == [
            (0, 397706, False),
            (1, 397706, False),
        ]
        assert made[0]["completed_on"] is None

    async def test_complete_sets_when_and_by_whom_and_unsets_it(self, call):
        made = await call.create("subtasks", name="One", task_id=TASK, complete=True)
        assert (made["completed_by"], made["completed_on"]) == (OWNER, made["created_on"])
        back = await call.update(f"subtasks/{made['id']}", complete=False)
        assert (back["completed_by"], back["completed_on"]) == (None, None)
        again = await call.update(f"subtasks/{made['id']}", complete=True)
        assert again["completed_by"] == OWNER

    async def test_one_that_was_complete_stays_as_it_was(self, call):
        made = await call.create("subtasks", name="One", task_id=TASK, complete=True)
        call.box.clock.move(hours=1)
        again = await call.update(f"subtasks/{made['id']}", complete=True, name="Two")
        assert again["completed_on"] == made["completed_on"]

    async def test_the_order_is_given_to_the_task_and_must_be_of_its_own(self, call):
        keys = [(await call.create("subtasks", name=name, task_id=TASK))["id"] for name in "abc"]
        other = await call.create("subtasks", name="d", task_id=2093083)
        assert "subtasks_order" not in await call.update(f"tasks/{TASK}", subtasks_order=[keys[2]])
        found = await call.get("subtasks", where=f"task_id={TASK}")
        assert {one["id"]: one["seq"] for one in found} == {keys[2]: 0, keys[0]: 1, keys[1]: 2}
        await call.refused("PUT", f"tasks/{TASK}", 400, json={"subtasks_order": [other["id"]]})
        await call.refused("GET", f"tasks/{TASK}", 400, include="subtasks_order")

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"task_id": TASK}, "Missing required params: name"),
            ({"name": "x"}, "Missing required params: task_id"),
            ({"name": "x", "task_id": 9}, "Invalid reference: `task_id`"),
            ({"name": "x", "task_id": TASK, "completed_on": None}, "Field is read only: `completed_on`"),
            ({"name": "x", "task_id": TASK, "user_id": 9}, "Invalid reference: `user_id`"),
        ],
    )
    async def test_what_does_not_fit_is_refused(self, call, given, said):
        assert await call.refused("POST", "subtasks", 400, json=given) == said

    async def test_the_task_is_fixed(self, call):
        made = await call.create("subtasks", name="One", task_id=TASK)
        assert "read only" in await call.refused("PUT", f"subtasks/{made['id']}", 400, json={"task_id": 2093083})


class TestAssignments:
    async def test_the_seed_has_those_of_its_tasks(self, call):
        (one,) = await assignments(call, 2093084)
        assert (one["user_id"], one["tracked_time"], one["task_complete"]) == (JUDITH, 3900, False)

    async def test_a_seed_gets_those_that_it_lacks(self, call):
        account = call.box.account
        account.store.delete(account.tables["userstasks"], Filter('"task_id" = ?', (2093084,)))
        kept = await assignments(call, TASK)
        assign_tasks(account)
        (made,) = await assignments(call, 2093084)
        assert (made["id"], made["tracked_time"]) == (6, 3900)
        assert await assignments(call, TASK) == kept

    async def test_the_users_of_a_task_are_its_assignments(self, call):
        made = await call.create("tasks", name="One", tasklist_id=499, users=[OWNER, JUDITH, OWNER])
        assert made["users"] == [OWNER, JUDITH]
        assert [one["user_id"] for one in await assignments(call, made["id"])] == [OWNER, JUDITH]
        await call.update(f"tasks/{made['id']}", users=[JUDITH])
        assert [one["user_id"] for one in await assignments(call, made["id"])] == [JUDITH]
        await call.update(f"tasks/{made['id']}", users=[])
        assert await assignments(call, made["id"]) == []

    async def test_an_assignment_adds_to_the_users_and_takes_from_them(self, call):
        made = await call.create("userstasks", user_id=OWNER, task_id=TASK)
        assert (await call.one(f"tasks/{TASK}"))["users"] == [JUDITH, OWNER]
        assert (await call("DELETE", f"userstasks/{made['id']}")).status == 200
        assert (await call.one(f"tasks/{TASK}"))["users"] == [JUDITH]

    async def test_an_assignment_goes_to_another_task_with_its_bookings(self, call):
        (one,) = await assignments(call, TASK)
        await call.update("tasks/2093083", users=[])
        days = {"start_date": "2026-03-02", "end_date": "2026-03-06", "hours_per_day": 4}
        await call.create("bookings", user_task_id=one["id"], **days)
        moved = await call.update(f"userstasks/{one['id']}", task_id=2093083)
        assert moved["tracked_time"] == 5400
        assert (await call.one(f"tasks/{TASK}"))["users"] == []
        assert (await call.one("tasks/2093083"))["users"] == [JUDITH]
        assert len(await call.ids("bookings", "task_id=2093083")) == 1
        await call.update(f"userstasks/{one['id']}", user_id=OWNER)
        assert (await call.one("tasks/2093083"))["users"] == [OWNER]
        assert len(await call.ids("bookings", f"user_id={OWNER}")) == 1

    async def test_nobody_is_assigned_to_a_task_twice(self, call):
        given = {"user_id": JUDITH, "task_id": TASK}
        assert "already" in await call.refused("POST", "userstasks", 400, json=given)
        (other,) = await assignments(call, 2093083)
        assert "already" in await call.refused("PUT", f"userstasks/{other['id']}", 400, json={"task_id": TASK})
        assert (await call.update(f"userstasks/{other['id']}", task_id=2093083))["id"] == other["id"]

    async def test_tracked_time_follows_the_entries(self, call):
        async def tracked():
            return (await assignments(call, TASK))[0]["tracked_time"]

        assert await tracked() == 2700
        entry = await call.create("entries", task_id=TASK, user_id=JUDITH, date="2026-01-05", duration=600)
        assert await tracked() == 3300
        await call.update(f"entries/{entry['id']}", duration=1200)
        assert await tracked() == 3900
        await call.update(f"entries/{entry['id']}", user_id=OWNER)
        assert await tracked() == 2700
        assert (await call("DELETE", "entries/15200864")).status == 200
        assert await tracked() == 0

    async def test_whether_the_task_is_complete_follows_the_task(self, call):
        await call.update(f"tasks/{TASK}", complete=True)
        assert [one["task_complete"] for one in await assignments(call, TASK)] == [True]
        made = await call.create("userstasks", user_id=OWNER, task_id=TASK)
        assert made["task_complete"] is True

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"user_id": OWNER}, "Missing required params: task_id"),
            ({"task_id": TASK}, "Missing required params: user_id"),
            ({"user_id": 9, "task_id": TASK}, "Invalid reference: `user_id`"),
            ({"user_id": OWNER, "task_id": 9}, "Invalid reference: `task_id`"),
            ({"user_id": OWNER, "task_id": TASK, "tracked_time": 5}, "Field is read only: `tracked_time`"),
        ],
    )
    async def test_what_does_not_fit_is_refused(self, call, given, said):
        assert await call.refused("POST", "userstasks", 400, json=given) == said

    async def test_a_list_must_be_filtered(self, call):
        assert "filter" in await call.refused("GET", "userstasks", 400)
        assert len(await call.get("userstasks", where=f"user_id={JUDITH}")) == 5
