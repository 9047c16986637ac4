"""Project templates: made by hand, copied out of a project, and copied into one."""

from __future__ import annotations

import pytest


async def template(call):
    """A template with two task lists, the second of which has two tasks; and the lists."""
    made = await call.create("projecttemplates", name="Campaign")
    lists = [
        await call.create("projecttemplatestasklists", name=name, template_id=made["id"]) for name in ("Plan", "Print")
    ]
    for name, more in (("Trips", {"users": [23130], "price_per_hour": 250}), ("Proofs", {"billable": True})):
        await call.create("projecttemplatestasks", name=name, tasklist_id=lists[1]["id"], **more)
    return made, lists


class TestByHand:
    async def test_lists_and_tasks_are_numbered_from_0_in_their_parents(self, call):
        made, lists = await template(call)
        tasks = await call.get("projecttemplatestasks", where=f"template_id={made['id']}")
        assert [one["seq"] for one in lists] == [0, 1]
        assert [(one["name"], one["seq"], one["tasklist_id"]) for one in tasks] == [
            ("Trips", 0, lists[1]["id"]),
            ("Proofs", 1, lists[1]["id"]),
        ]
        assert (tasks[0]["users"], tasks[0]["price_per_hour"], tasks[0]["description"]) == ([23130], 250, "")

    @pytest.mark.parametrize("infix", ["s", ""])
    async def test_both_spellings_of_the_includes_answer(self, call, infix):
        made, _ = await template(call)
        lists, tasks = f"projecttemplate{infix}tasklists", f"projecttemplate{infix}tasks"
        found = await call.one(f"projecttemplates/{made['id']}", include=f"{lists}.{tasks},{tasks}")
        assert [[task["name"] for task in one[tasks]] for one in found[lists]] == [[], ["Trips", "Proofs"]]
        assert [task["name"] for task in found[tasks]] == ["Trips", "Proofs"]

    async def test_a_task_that_changes_its_list_follows_it_to_its_template(self, call):
        made, lists = await template(call)
        other = await call.create("projecttemplates", name="Other")
        there = await call.create("projecttemplatestasklists", name="There", template_id=other["id"])
        (task, _) = await call.get("projecttemplatestasks", where=f"tasklist_id={lists[1]['id']}")
        moved = await call.update(f"projecttemplatestasks/{task['id']}", tasklist_id=there["id"])
        assert (moved["template_id"], moved["seq"]) == (other["id"], 0)
        again = await call.update(f"projecttemplatestasks/{task['id']}", tasklist_id=lists[0]["id"], seq=7)
        assert (again["template_id"], again["seq"]) == (made["id"], 7)

    async def test_deleting_one_deletes_its_lists_and_tasks_and_no_others(self, call):
        made, _ = await template(call)
        other, _ = await template(call)
        assert (await call("DELETE", f"projecttemplates/{made['id']}")).status == 200
        for path, number in (("projecttemplatestasklists", 2), ("projecttemplatestasks", 2)):
            left = await call.get(path, where=f"template_id in ({made['id']},{other['id']})")
            assert [one["template_id"] for one in left] == [other["id"]] * number

    async def test_deleting_a_list_deletes_its_tasks(self, call):
        _, lists = await template(call)
        assert (await call("DELETE", f"projecttemplatestasklists/{lists[1]['id']}")).status == 200
        assert await call.ids("projecttemplatestasks", f"tasklist_id={lists[1]['id']}") == []

    @pytest.mark.parametrize(
        ("path", "given", "said"),
        [
            ("projecttemplates", {}, "Missing required params: name"),
            ("projecttemplates", {"name": "x", "project_id": 9}, "Invalid reference: `project_id`"),
            ("projecttemplates", {"name": "x", "color": "red"}, "Unknown field or reference: `color`"),
            ("projecttemplatestasklists", {"name": "x"}, "Missing required params: template_id"),
            ("projecttemplatestasklists", {"name": "x", "template_id": 9}, "Invalid reference: `template_id`"),
            ("projecttemplatestasks", {"name": "x"}, "Missing required params: tasklist_id"),
            ("projecttemplatestasks", {"name": "x", "tasklist_id": 9}, "Invalid reference: `tasklist_id`"),
        ],
    )
    async def test_what_is_missing_or_unknown_is_refused(self, call, path, given, said):
        assert await call.refused("POST", path, 400, json=given) == said

    async def test_references_beside_the_parent_must_exist_too(self, call):
        made, lists = await template(call)
        one = {"name": "x", "template_id": made["id"], "milestone_id": 9}
        assert "milestone_id" in await call.refused("POST", "projecttemplatestasklists", 400, json=one)
        path = f"projecttemplatestasklists/{lists[0]['id']}"
        assert "milestone_id" in await call.refused("PUT", path, 400, json={"milestone_id": 9})
        task = {"name": "x", "tasklist_id": lists[0]["id"], "users": [9]}
        assert "users" in await call.refused("POST", "projecttemplatestasks", 400, json=task)

    async def test_what_is_set_at_creation_cannot_be_changed(self, call):
        made, lists = await template(call)
        path = f"projecttemplatestasklists/{lists[0]['id']}"
        assert "read only" in await call.refused("PUT", path, 400, json={"template_id": made["id"]})
        path = f"projecttemplates/{made['id']}"
        assert "read only" in await call.refused("PUT", path, 400, json={"project_id": 397706})
        assert (await call.update(path, name="Other"))["name"] == "Other"


class TestOutOfProjects:
    async def test_a_project_is_copied_with_its_lists_and_tasks_in_their_order(self, call):
        await call.update("projects/397706", tasklists_order=[500, 499])
        await call.update("tasks/2093084", description="<b>x</b>", budget_hours=1.5, price_per_hour="40.25")
        made = await call.create("projecttemplates", name="Like it", project_id=397706)
        assert made["project_id"] == 397706
        include = "projecttemplatestasklists.projecttemplatestasks"
        found = (await call.one(f"projecttemplates/{made['id']}", include=include))["projecttemplatestasklists"]
        assert [(one["name"], [task["name"] for task in one["projecttemplatestasks"]]) for one in found] == [
            ("Tracking time", ["Start a timer", "Fill in a timesheet", "Read a report"]),
            ("Getting started", ["Invite your team", "Set up the company"]),
        ]
        first = found[0]["projecttemplatestasks"][0]
        assert (first["description"], first["budget_hours"], first["price_per_hour"]) == ("<b>x</b>", 1.5, 40.25)
        assert (first["users"], first["billable"], first["template_id"]) == ([23130], False, made["id"])

    async def test_the_template_is_its_own_afterwards(self, call):
        made = await call.create("projecttemplates", name="Like it", project_id=397706)
        assert (await call("DELETE", "projects/397706")).status == 200
        assert (await call.one(f"projecttemplates/{made['id']}"))["project_id"] is None
        assert len(await call.ids("projecttemplatestasks", f"template_id={made['id']}")) == 5

    async def test_an_empty_project_makes_an_empty_template(self, call):
        made = await call.create("projecttemplates", name="Nothing", project_id=397707)
        assert await call.ids("projecttemplatestasklists", f"template_id={made['id']}") == []


class TestIntoProjects:
    async def test_a_new_project_gets_lists_and_tasks_with_codes_and_assignments(self, call):
        made, _ = await template(call)
        project = await call.create("projects", name="Big Launch", client_id=151303, template_id=made["id"])
        found = await call.one(f"projects/{project['id']}", include="tasklists.tasks")
        assert "template_id" not in found
        assert [(one["name"], [task["name"] for task in one["tasks"]]) for one in found["tasklists"]] == [
            ("Plan", []),
            ("Print", ["Trips", "Proofs"]),
        ]
        trips, proofs = found["tasklists"][1]["tasks"]
        assert (trips["code"], trips["users"], trips["price_per_hour"]) == ("BL-1", [23130], 250)
        assert (proofs["code"], proofs["users"], proofs["billable"]) == ("BL-2", [], True)
        assert found["task_code_increment"] == 2
        assert len(await call.ids("userstasks", f"task_id={trips['id']}")) == 1

    async def test_an_update_adds_to_what_is_there_and_goes_on_counting(self, call):
        made, _ = await template(call)
        changed = await call.update("projects/397706", template_id=made["id"], name="Renamed")
        assert (changed["name"], changed["task_code_increment"]) == ("Renamed", 21)
        names = [one["name"] for one in (await call.one("projects/397706", include="tasklists"))["tasklists"]]
        assert names == ["Getting started", "Tracking time", "Plan", "Print"]
        assert (await call.create("tasks", name="Next", tasklist_id=499))["code"] == "UP-22"

    async def test_a_project_survives_the_round_trip(self, call):
        made = await call.create("projecttemplates", name="Like it", project_id=397706)
        await call.update("projects/397707", template_id=made["id"])
        wanted, found = [
            [
                (one["name"], [(task["name"], task["users"]) for task in one["tasks"]])
                for one in (await call.one(f"projects/{key}", include="tasklists.tasks"))["tasklists"]
            ]
            for key in (397706, 397707)
        ]
        assert found == wanted

    async def test_an_unknown_template_is_refused_and_makes_no_project(self, call):
        said = await call.refused("POST", "projects", 400, json={"name": "x", "template_id": 9})
        assert said == "Invalid reference: `template_id`"
        assert await call.ids("projects") == [397706, 397707]
        await call.refused("PUT", "projects/397706", 400, json={"template_id": 9})
