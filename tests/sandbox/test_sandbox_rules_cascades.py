"""What a delete takes along: whatever is deleted, nothing points to what is not there."""

from __future__ import annotations

import aiohttp
import pytest

OWNER, JUDITH = 23129, 23130
LINES = [{"item": "Logo", "price_unit": 40, "quantity": 20}]

# References that no include names.
MORE = {
    ("projecttemplates", "project_id"): "projects",
    ("projecttemplatestasklists", "milestone_id"): "milestones",
    ("taskrecurringprofiles", "tasklist_id"): "tasklists",
    ("taskrecurringprofiles", "task_id"): "tasks",
    ("taskrecurringprofiles", "user_id"): "users",
    ("tasks", "recurring_profile_id"): "taskrecurringprofiles",
    ("tasks", "completed_by"): "users",
    ("subtasks", "completed_by"): "users",
    ("usersdaysexceptions", "user_id"): "users",
    ("usersdaysexceptions", "leave_type_id"): "leavetypes",
    ("companiesdaysexceptions", "leave_type_id"): "leavetypes",
    ("sessions", "user_id"): "users",
    ("bookings", "user_id"): "users",
}
LISTS = {
    ("projects", "users"): "users",
    ("projects", "managers"): "users",
    ("tasks", "users"): "users",
    ("projecttemplatestasks", "users"): "users",
    ("taskrecurringprofiles", "users"): "users",
    ("users", "assigned_projects"): "projects",
    ("users", "managed_projects"): "projects",
    ("milestones", "linked_tasklists"): "tasklists",
}


def dangling(box):
    """(table, attribute) of all references to objects that are not there."""
    account = box.account
    there = {
        table.path: {key for (key,) in account.store.query(f'SELECT id FROM "{table.path}"')}
        for table in account.tables
    }
    references = dict(MORE)
    for table in account.tables:
        own = (relation for relation in table.relations.values() if relation is not None and relation.own)
        references |= {(table.path, relation.fk): relation.target for relation in own}
    found = set()
    for (path, name), target in references.items():
        keys = {key for (key,) in account.store.query(f'SELECT "{name}" FROM "{path}" WHERE "{name}" IS NOT NULL')}
        if keys - there[target]:
            found.add((path, name))
    for (path, name), target in LISTS.items():
        rows = account.store.query(f"SELECT value FROM \"{path}\" t, json_each(t.body -> '$.{name}')")
        if {key for (key,) in rows} - there[target]:
            found.add((path, name))
    return found


async def upload(call, **parent):
    form = aiohttp.FormData({name: str(key) for name, key in parent.items()})
    form.add_field("file", b"hello", filename="notes.txt", content_type="text/plain")
    reply = await call("POST", "files", data=form)
    assert reply.status == 201, reply.body
    return reply.data["files"][0]


async def full_tree(call):
    """One of everything, all of it in one way or another under client 151303 and on Judith; ids by path."""
    made = {"clients": 151303, "projects": 397706, "tasklists": 499, "tasks": 2093082, "users": JUDITH}

    async def one(path, **given):
        made[path] = (await call.create(path, **given))["id"]
        return made[path]

    await one("clientcontacts", name="Ann", client_id=151303)
    milestone = await one(
        "milestones", name="m", project_id=397706, due_date="2027-01-01", linked_tasklists=[499], user_id=JUDITH
    )
    await call.update("projects/397706", users=[OWNER, JUDITH], managers=[JUDITH])
    await call.update("tasks/2093082", complete=True, user_id=JUDITH)
    await one("subtasks", name="s", task_id=2093082, user_id=JUDITH, complete=True)
    (made["userstasks"],) = await call.ids("userstasks", "task_id=2093082")
    await one(
        "bookings", user_task_id=made["userstasks"], start_date="2026-01-01", end_date="2026-01-02", hours_per_day=1
    )
    made["entries"] = 15200864
    discussion = await one("discussions", name="d", project_id=397706)
    comments = [
        await call.create("comments", content="c", task_id=2093082),
        await call.create("comments", content="c", discussion_id=discussion),
    ]
    files = [await upload(call, project_id=397706), await upload(call, task_id=2093082)]
    files += [await upload(call, comment_id=comment["id"]) for comment in comments]
    of_file = await call.create("comments", content="deep", file_id=files[-1]["id"])
    deepest = await upload(call, comment_id=of_file["id"])
    made |= {"comments": of_file["id"], "threads": of_file["thread_id"], "files": deepest["id"]}
    template = await one("projecttemplates", name="t", project_id=397706)
    (made["projecttemplatestasklists"], _) = await call.ids("projecttemplatestasklists", f"template_id={template}")
    await call.update(f"projecttemplatestasklists/{made['projecttemplatestasklists']}", milestone_id=milestone)
    profile = {"frequency": "daily", "interval": 1, "recurring_start_date": "2026-01-01", "users": [JUDITH]}
    await one("taskrecurringprofiles", name="p", task_id=2093082, **profile)
    leave = await one("leavetypes", name="Holiday")
    await one("usersdaysexceptions", user_id=JUDITH, date="2026-01-01", leave_type_id=leave)
    await one("companiesdaysexceptions", date="2026-01-01", leave_type_id=leave)
    await one("expenses", client_id=151303, project_id=397706, amount=5, currency="USD", date="2026-01-01")
    await one("estimates", client_id=151303, currency="USD", items=LINES)
    await one(
        "invoices",
        client_id=151303,
        currency="USD",
        items=[*LINES, {"item": "Time", "price_unit": 1, "entries": [15200864]}],
    )
    await one("invoicepayments", invoice_id=made["invoices"], amount=1)
    await one(
        "recurringprofiles", client_id=151303, currency="USD", frequency="m", start_date="2027-01-01", items=LINES
    )
    return made


async def test_a_deleted_client_leaves_no_trace(call):
    made = await full_tree(call)
    assert dangling(call.box) == set()
    assert (await call("DELETE", "clients/151303")).status == 200
    assert dangling(call.box) == set()
    gone = ("clientcontacts", "projects", "milestones", "tasklists", "tasks", "subtasks", "userstasks", "bookings")
    more = ("entries", "discussions", "threads", "comments", "files", "taskrecurringprofiles")
    bills = ("expenses", "estimates", "invoices", "invoicepayments", "recurringprofiles")
    for path in (*gone, *more, *bills):
        await call.refused("GET", f"{path}/{made[path]}", 404)
    for path in ("tasks", "subtasks", "entries", "comments", "threads", "files", "estimateitems"):
        left = await call.ids(path)
        assert left == ([5271, 5272, 5273, 5277, 5278, 5279] if path == "estimateitems" else []), path
    for path in ("users", "projecttemplates", "projecttemplatestasklists", "leavetypes", "usersdaysexceptions"):
        assert (await call("GET", f"{path}/{made[path]}")).status == 200, path


PATHS = (
    "projects", "tasklists", "tasks", "subtasks", "userstasks", "entries", "milestones", "discussions", "comments",
    "files", "projecttemplates", "projecttemplatestasklists", "taskrecurringprofiles", "leavetypes", "expenses",
    "estimates", "invoices", "recurringprofiles",
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
async def test_whatever_is_deleted_nothing_points_to_it(call, path):
    made = await full_tree(call)
    assert (await call("DELETE", f"{path}/{made[path]}")).status == 200
    assert dangling(call.box) == set()


async def test_time_and_words_of_a_deleted_user_keep_the_users_id(call):
    await full_tree(call)
    assert (await call("DELETE", f"users/{JUDITH}")).status == 200
    assert dangling(call.box) == {("entries", "user_id")}


async def test_a_comment_takes_its_files_with_their_comments_along(call):
    first = await call.create("comments", content="a", task_id=2093082)
    file = await upload(call, comment_id=first["id"])
    assert (file["project_id"], file["user_id"], file["size"]) == (397706, OWNER, "5")
    second = await call.create("comments", content="b", file_id=file["id"])
    await upload(call, comment_id=second["id"])
    assert (await call("DELETE", f"comments/{first['id']}")).status == 200
    assert await call.ids("files") == await call.ids("comments") == []
    assert await call.ids("threads") == [first["thread_id"]]


async def test_a_task_that_moves_takes_the_files_of_its_comments_along(call):
    comment = await call.create("comments", content="a", task_id=2093082)
    files = [await upload(call, task_id=2093082), await upload(call, comment_id=comment["id"])]
    there = await call.create("tasklists", name="There", project_id=397707)
    await call.update("tasks/2093082", tasklist_id=there["id"])
    assert [(await call.one(f"files/{file['id']}"))["project_id"] for file in files] == [397707] * 2


async def test_a_discussion_that_moves_takes_the_files_of_its_comments_along(call):
    discussion = await call.create("discussions", name="d", project_id=397706)
    comment = await call.create("comments", content="a", discussion_id=discussion["id"])
    files = [await upload(call, discussion_id=discussion["id"]), await upload(call, comment_id=comment["id"])]
    await call.update(f"discussions/{discussion['id']}", project_id=397707)
    assert [(await call.one(f"files/{file['id']}"))["project_id"] for file in files] == [397707] * 2
