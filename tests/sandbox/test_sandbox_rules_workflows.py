"""Workflows and their statuses, the statuses of projects, and what they do to tasks."""

from __future__ import annotations

import pytest


async def statuses(call, workflow_id=1):
    found = await call.one(f"workflows/{workflow_id}", include="workflowstatuses")
    return [(one["name"], one["action"], one["seq"]) for one in found["workflowstatuses"]]


class TestWorkflows:
    async def test_a_new_one_has_backlog_and_complete(self, call):
        made = await call.create("workflows", name="Design")
        assert made["is_default"] is False
        assert await statuses(call, made["id"]) == [("Backlog", "backlog", 1), ("Complete", "complete", 2)]

    async def test_one_with_projects_cannot_be_deleted_and_one_without_takes_its_statuses_along(self, call):
        made = await call.create("workflows", name="Design")
        await call.update("projects/397706", workflow_id=made["id"])
        assert "has projects" in await call.refused("DELETE", f"workflows/{made['id']}", 400)
        await call.update("projects/397706", workflow_id=1)
        assert (await call("DELETE", f"workflows/{made['id']}")).status == 200
        assert await call.ids("workflowstatuses") == [1, 2, 3]

    async def test_there_is_one_default_which_new_projects_get(self, call):
        made = await call.create("workflows", name="Design", is_default=True)
        assert await call.ids("workflows", "is_default=true") == [made["id"]]
        assert (await call.create("projects", name="New", client_id=151303))["workflow_id"] == made["id"]
        await call.update("workflows/1", is_default=True)
        assert await call.ids("workflows", "is_default=true") == [1]
        assert (await call.create("projects", name="Newer", client_id=151303))["workflow_id"] == 1

    async def test_the_default_cannot_be_deleted(self, call):
        made = await call.create("workflows", name="Design", is_default=True)
        assert "default" in await call.refused("DELETE", f"workflows/{made['id']}", 400)

    async def test_a_name_is_needed_and_kept(self, call):
        assert await call.refused("POST", "workflows", 400, json={}) == "Missing required params: name"
        assert await call.refused("PUT", "workflows/1", 400, json={"name": ""}) == "Missing required params: name"
        assert (await call.update("workflows/1", name="Development"))["name"] == "Development"


class TestStatuses:
    @pytest.mark.parametrize("missing", ["name", "color", "workflow_id"])
    async def test_name_color_and_workflow_are_needed(self, call, missing):
        given = {"name": "Review", "color": "FF0000", "workflow_id": 1}
        del given[missing]
        said = await call.refused("POST", "workflowstatuses", 400, json=given)
        assert said == f"Missing required params: {missing}"

    async def test_a_new_one_stands_before_complete(self, call):
        made = await call.create("workflowstatuses", name="Review", color="FF0000", workflow_id=1)
        assert (made["action"], made["seq"]) == ("", 3)
        assert await statuses(call) == [
            ("Backlog", "backlog", 1),
            ("In progress", "", 2),
            ("Review", "", 3),
            ("Complete", "complete", 4),
        ]

    async def test_action_and_place_are_read_only(self, call):
        given = {"name": "Review", "color": "FF0000", "workflow_id": 1}
        for name, value in (("action", "complete"), ("seq", 1)):
            assert "read only" in await call.refused("POST", "workflowstatuses", 400, json={**given, name: value})

    async def test_one_with_tasks_cannot_be_deleted_until_they_are_elsewhere(self, call):
        await call.update("tasks/2093082", status_id=2)
        assert "has tasks" in await call.refused("DELETE", "workflowstatuses/2", 400)
        await call.update("tasks/2093082", status_id=1)
        assert (await call("DELETE", "workflowstatuses/2")).status == 200
        assert await statuses(call) == [("Backlog", "backlog", 1), ("Complete", "complete", 3)]

    @pytest.mark.parametrize("key", [1, 3])
    async def test_backlog_and_complete_cannot_be_deleted(self, call, key):
        assert "every workflow" in await call.refused("DELETE", f"workflowstatuses/{key}", 400)

    async def test_neither_fixed_ones_nor_ones_with_tasks_change_their_workflow(self, call):
        other = await call.create("workflows", name="Design")
        moved = {"workflow_id": other["id"]}
        assert "every workflow" in await call.refused("PUT", "workflowstatuses/1", 400, json=moved)
        await call.update("tasks/2093082", status_id=2)
        assert "has tasks" in await call.refused("PUT", "workflowstatuses/2", 400, json=moved)
        await call.update("tasks/2093082", status_id=1)
        assert (await call.update("workflowstatuses/2", **moved))["workflow_id"] == other["id"]


class TestProjectStatuses:
    async def test_a_new_one_is_active_and_the_last(self, call):
        made = await call.create("projectstatuses", name="Proposal")
        assert (made["active"], made["readonly"], made["seq"]) == (True, False, 5)
        assert (await call.update(f"projectstatuses/{made['id']}", name="Pitch"))["name"] == "Pitch"
        assert (await call("DELETE", f"projectstatuses/{made['id']}")).status == 200

    async def test_the_services_own_stay_as_they_are(self, call):
        assert "read only" in await call.refused("PUT", "projectstatuses/1", 400, json={"name": "Running"})
        assert "read only" in await call.refused("DELETE", "projectstatuses/1", 400)
        assert "read only" in await call.refused("POST", "projectstatuses", 400, json={"name": "x", "readonly": True})

    async def test_one_with_projects_cannot_be_deleted(self, call):
        assert "has projects" in await call.refused("DELETE", "projectstatuses/93939", 400)
        await call.update("projects/397706", status_id=1)
        assert (await call("DELETE", "projectstatuses/93939")).status == 200


class TestTasksInWorkflows:
    async def test_another_workflow_resets_statuses_by_whether_tasks_are_complete(self, call):
        made = await call.create("workflows", name="Short")
        backlog, complete = await call.ids("workflowstatuses", f"workflow_id={made['id']}")
        await call.update("tasks/2093082", status_id=2)
        await call.update("tasks/2093083", complete=True)
        await call.update("projects/397706", workflow_id=made["id"])
        found = {task["id"]: task for task in await call.get("tasks", where="tasklist_id=499")}
        assert found[2093082]["status_id"] == backlog
        assert (found[2093083]["status_id"], found[2093083]["complete"]) == (complete, True)
        assert (await call.update("tasks/2093083", complete=False))["status_id"] == backlog

    async def test_a_status_of_another_workflow_is_refused(self, call):
        made = await call.create("workflows", name="Short")
        (foreign, _) = await call.ids("workflowstatuses", f"workflow_id={made['id']}")
        for method, path, more in (("PUT", "tasks/2093082", {}), ("POST", "tasks", {"name": "x", "tasklist_id": 499})):
            said = await call.refused(method, path, 400, json={**more, "status_id": foreign})
            assert said == "Invalid reference: `status_id`"

    async def test_without_a_workflow_tasks_have_no_status(self, call):
        await call.update("projects/397706", workflow_id=None)
        done = await call.update("tasks/2093082", complete=True)
        assert (done["status_id"], done["complete"]) == (None, True)

    async def test_without_any_workflow_new_projects_have_none(self, call):
        for key in (397706, 397707):
            await call.update(f"projects/{key}", workflow_id=None)
        await call.update("workflows/1", is_default=False)
        assert (await call.create("projects", name="First", client_id=151303))["workflow_id"] == 1
        await call.update("projects/397708", workflow_id=None)
        assert (await call("DELETE", "workflows/1")).status == 200
        assert (await call.create("projects", name="Second", client_id=151303))["workflow_id"] is None

    async def test_a_workflow_or_status_that_is_not_there_is_refused(self, call):
        assert "workflow_id" in await call.refused("PUT", "projects/397706", 400, json={"workflow_id": 9})
        assert "status_id" in await call.refused("PUT", "projects/397706", 400, json={"status_id": 9})
        assert "status_id" in await call.refused("PUT", "tasks/2093082", 400, json={"status_id": 9})
