"""Projects, task lists, milestones, discussions and threads."""

from __future__ import annotations

import pytest

PROJECT = 397706


class TestProjects:
    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({}, "Missing required params: name"),
            ({"name": "x", "client_id": 9}, "Invalid reference: `client_id`"),
            ({"name": "x", "users": [9]}, "Invalid reference: `users`"),
            ({"name": "x", "managers": [9]}, "Invalid reference: `managers`"),
            ({"name": "x", "hourly_billing_mode": "user"}, "Invalid value for `hourly_billing_mode`"),
            ({"name": "x", "budget": 4}, "Unknown field or reference: `budget`"),
            ({"name": "x", "task_code_increment": 4}, "Field is read only: `task_code_increment`"),
        ],
    )
    async def test_what_does_not_fit_is_refused(self, call, given, said):
        assert await call.refused("POST", "projects", 400, json=given) == said

    async def test_the_three_ways_of_billing_are_kept(self, call):
        for given in (
            {"billable": True, "flat_billing": False, "price_per_hour": 50, "hourly_billing_mode": "project"},
            {"billable": True, "flat_billing": True, "price": 1200.5},
            {"billable": False},
        ):
            made = await call.create("projects", name="Billed", client_id=151303, **given)
            assert {name: made[name] for name in given} == given

    async def test_a_member_is_named_once(self, call):
        changed = await call.update(f"projects/{PROJECT}", users=[23130, 23129, 23130], managers=[23130, 23130])
        assert (changed["users"], changed["managers"]) == ([23130, 23129], [23130])
        assert "managers" in await call.refused("PUT", f"projects/{PROJECT}", 400, json={"managers": [9]})

    async def test_orders_are_written_and_never_answered(self, call):
        made = await call.create("projects", name="x", client_id=151303, tasklists_order=[499])
        assert "tasklists_order" not in made
        changed = await call.update(f"projects/{PROJECT}", tasklists_order=[500])
        assert "tasklists_order" not in changed
        found = (await call.one(f"projects/{PROJECT}", include="tasklists"))["tasklists"]
        assert [(one["id"], one["seq"]) for one in found] == [(500, 1), (499, 2)]


class TestTasklists:
    async def test_a_new_one_is_the_last(self, call):
        assert (await call.create("tasklists", name="Third", project_id=PROJECT))["seq"] == 3

    async def test_a_part_of_the_order_is_enough(self, call):
        await call.update("tasklists/500", tasks_order=[2093086, 2093085])
        found = (await call.one("tasklists/500", include="tasks"))["tasks"]
        assert [(task["id"], task["seq"]) for task in found] == [(2093086, 1), (2093085, 2), (2093084, 3)]

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"project_id": PROJECT}, "Missing required params: name"),
            ({"name": "x"}, "Missing required params: project_id"),
            ({"name": "x", "project_id": 9}, "Invalid reference: `project_id`"),
            ({"name": "x", "project_id": PROJECT, "milestone_id": 9}, "Invalid reference: `milestone_id`"),
        ],
    )
    async def test_what_does_not_fit_is_refused(self, call, given, said):
        assert await call.refused("POST", "tasklists", 400, json=given) == said

    async def test_the_project_is_fixed(self, call):
        assert "read only" in await call.refused("PUT", "tasklists/499", 400, json={"project_id": 397707})

    async def test_deleting_one_deletes_its_tasks_with_their_time(self, call):
        assert (await call("DELETE", "tasklists/500")).status == 200
        assert await call.ids("tasks") == [2093082, 2093083]
        assert {entry["task_id"] for entry in await call.get("entries")} == {2093082, 2093083}


async def milestone(call, **given):
    return await call.create(
        "milestones", **{"name": "Launch", "project_id": PROJECT, "due_date": "2027-01-31", **given}
    )


async def linked(call, key):
    return (await call.one(f"milestones/{key}"))["linked_tasklists"]


class TestMilestones:
    async def test_a_new_one_reminds_nobody_and_is_open(self, call):
        made = await milestone(call)
        assert (made["send_reminder"], made["reminder_sent"], made["complete"]) == (0, False, False)
        assert (made["user_id"], made["linked_tasklists"]) == (23129, [])
        assert (await call.update(f"milestones/{made['id']}", complete=True))["complete"] is True

    async def test_task_lists_and_milestones_tell_the_same(self, call):
        first = await milestone(call, linked_tasklists=[500, 499])
        assert sorted(first["linked_tasklists"]) == [499, 500]
        assert (await call.one("tasklists/499"))["milestone_id"] == first["id"]
        second = await milestone(call)
        await call.update("tasklists/499", milestone_id=second["id"])
        assert (await linked(call, first["id"]), await linked(call, second["id"])) == ([500], [499])
        await call.update(f"milestones/{second['id']}", linked_tasklists=[500])
        assert (await linked(call, first["id"]), await linked(call, second["id"])) == ([], [500])
        assert (await call.one("tasklists/499"))["milestone_id"] is None
        assert [
            one["id"] for one in (await call.one(f"milestones/{second['id']}", include="tasklists"))["tasklists"]
        ] == [500]

    async def test_lists_come_and_go_with_their_milestone(self, call):
        made = await milestone(call)
        new = await call.create("tasklists", name="New", project_id=PROJECT, milestone_id=made["id"])
        assert await linked(call, made["id"]) == [new["id"]]
        assert (await call("DELETE", f"tasklists/{new['id']}")).status == 200
        assert await linked(call, made["id"]) == []
        await call.update("tasklists/499", milestone_id=made["id"])
        assert (await call("DELETE", f"milestones/{made['id']}")).status == 200
        assert (await call.one("tasklists/499"))["milestone_id"] is None

    async def test_lists_are_of_the_same_project(self, call):
        other = await milestone(call, project_id=397707)
        said = await call.refused("PUT", f"milestones/{other['id']}", 400, json={"linked_tasklists": [499]})
        assert said == "Invalid reference: `linked_tasklists`"
        assert "milestone_id" in await call.refused("PUT", "tasklists/499", 400, json={"milestone_id": other["id"]})
        await call.refused("PUT", f"milestones/{other['id']}", 400, json={"linked_tasklists": [9]})

    async def test_one_that_changes_its_project_loses_its_lists(self, call):
        made = await milestone(call, linked_tasklists=[499])
        assert (await call.update(f"milestones/{made['id']}", project_id=397707))["linked_tasklists"] == []
        assert (await call.one("tasklists/499"))["milestone_id"] is None

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"name": ""}, "Missing required params: name"),
            ({"due_date": None}, "Invalid value for `due_date`"),
            ({"due_date": "31.01.2027"}, "Invalid value for `due_date`"),
            ({"project_id": 9}, "Invalid reference: `project_id`"),
            ({"user_id": 9}, "Invalid reference: `user_id`"),
            ({"send_reminder": -1}, "Invalid value for `send_reminder`"),
            ({"reminder_sent": True}, "Field is read only: `reminder_sent`"),
        ],
    )
    async def test_what_does_not_fit_is_refused(self, call, given, said):
        whole = {"name": "Launch", "project_id": PROJECT, "due_date": "2027-01-31", **given}
        assert await call.refused("POST", "milestones", 400, json=whole) == said

    async def test_the_lists_cannot_be_selected_by_name(self, call):
        assert "Unknown field" in await call.refused("GET", "milestones", 400, include="linked_tasklists")


async def discussion(call, **given):
    return await call.create("discussions", **{"name": "Colours", "project_id": PROJECT, **given})


class TestDiscussions:
    async def test_it_tells_who_opened_it_and_counts_its_comments(self, call):
        made = await discussion(call)
        assert (made["user_id"], made["comments_count"], made["description"]) == (23129, 0, "")
        comments = [await call.create("comments", content=text, discussion_id=made["id"]) for text in "ab"]
        assert (await call.one(f"discussions/{made['id']}"))["comments_count"] == 2
        assert (await call("DELETE", f"comments/{comments[0]['id']}")).status == 200
        assert (await call.one(f"discussions/{made['id']}"))["comments_count"] == 1

    async def test_thread_and_files_move_with_it(self, call):
        made = await discussion(call)
        comment = await call.create("comments", content="a", discussion_id=made["id"])
        await call.update(f"discussions/{made['id']}", project_id=397707)
        assert (await call.one(f"threads/{comment['thread_id']}"))["project_id"] == 397707
        await call.update(f"discussions/{made['id']}", name="Shapes")
        assert (await call.one(f"threads/{comment['thread_id']}"))["project_id"] == 397707

    async def test_name_and_project_are_needed(self, call):
        for missing, given in (("name", {"project_id": PROJECT}), ("project_id", {"name": "x"})):
            assert await call.refused("POST", "discussions", 400, json=given) == f"Missing required params: {missing}"
        assert "read only" in await call.refused(
            "POST", "discussions", 400, json={"name": "x", "project_id": PROJECT, "user_id": 23130}
        )


class TestThreads:
    async def test_one_is_as_new_as_its_last_comment(self, call):
        call.box.clock.freeze()
        first = await call.create("comments", content="a", task_id=2093082)
        thread = await call.one(f"threads/{first['thread_id']}")
        assert (thread["task_id"], thread["project_id"], thread["updated_on"]) == (
            2093082,
            PROJECT,
            first["created_on"],
        )
        call.box.clock.move(minutes=5)
        second = await call.create("comments", content="b", thread_id=thread["id"])
        assert (second["task_id"], second["user_id"]) == (2093082, 23129)
        assert (await call.one(f"threads/{thread['id']}"))["updated_on"] == second["created_on"]

    async def test_a_comment_is_the_writers_and_only_its_text_changes(self, call):
        made = await call.create("comments", content="a", task_id=2093082)
        assert (await call.update(f"comments/{made['id']}", content="b"))["content"] == "b"
        for name, value in (("thread_id", 1), ("task_id", 2093083), ("user_id", 23130)):
            assert "read only" in await call.refused("PUT", f"comments/{made['id']}", 400, json={name: value})
        assert "content" in await call.refused("POST", "comments", 400, json={"task_id": 2093082})
        assert "thread_id" in await call.refused("POST", "comments", 400, json={"content": "x"})
        assert "task_id" in await call.refused("POST", "comments", 400, json={"content": "x", "task_id": 9})

    async def test_threads_cannot_be_made_changed_or_deleted_by_hand(self, call):
        made = await call.create("comments", content="a", task_id=2093082)
        path = f"threads/{made['thread_id']}"
        for method, where in (("POST", "threads"), ("PUT", path), ("DELETE", path)):
            await call.refused(method, where, 405, json={})
