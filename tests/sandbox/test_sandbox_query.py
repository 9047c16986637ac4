"""The query language over a real socket: order, pages of one order, special values, odd includes."""

from __future__ import annotations

import pytest

from paymo_async.sandbox import Size

SMALL = Size(users=6, clients=8, projects=10, tasks=60, entries=300, estimates=30, reports=4)


def shuffled(seed: int | None):
    return pytest.mark.parametrize("box", [{"seed": SMALL, "shuffle": seed}], indirect=True)


async def order(call, path: str, **query) -> list[int]:
    return [item["id"] for item in await call.get(path, **{"include": "id", **query})]


@shuffled(7)
async def test_a_shuffled_list_has_another_order_for_each_request_and_the_same_again(call):
    first = await order(call, "entries")
    assert sorted(first) == list(range(1, 301))
    assert first != sorted(first)
    assert await order(call, "entries") == first
    assert await order(call, "entries", where="id>0") != first
    assert await order(call, "entries", include="id,duration") != first


@shuffled(8)
async def test_another_seed_gives_another_order(call):
    assert (await order(call, "projects"))[:5] != list(range(1, 6))
    assert (await order(call, "entries"))[:9] != list(range(1, 10))


@shuffled(7)
@pytest.mark.parametrize("where", ["id>0", "user_id in (1,2,3)", 'time_interval in ("2025-07-01","2026-03-01")'])
async def test_shuffled_pages_are_a_partition_of_one_order(call, where):
    whole = await order(call, "entries", where=where)
    pages = [await order(call, "entries", where=where, page=page, page_size=40) for page in range(9)]
    assert [key for page in pages for key in page] == whole
    assert sorted(whole) == await call.ids("entries", where)


@shuffled(7)
async def test_an_object_that_goes_does_not_mix_the_others(call):
    before = await order(call, "entries")
    assert (await call("DELETE", f"entries/{before[100]}")).status == 200
    assert await order(call, "entries") == before[:100] + before[101:]


@shuffled(7)
async def test_children_are_shuffled_too_and_stay_with_their_parents(call):
    lists = [item["entries"] for item in await call.get("users", include="id,entries.id,entries.user_id")]
    ids = [[entry["id"] for entry in entries] for entries in lists]
    assert sorted(key for keys in ids for key in keys) == list(range(1, 301))
    assert any(keys != sorted(keys) for keys in ids)
    assert all(len({entry["user_id"] for entry in entries}) <= 1 for entries in lists)


@shuffled(7)
async def test_sessions_are_shuffled_by_their_texts(call):
    made = {(await call.create("sessions"))["id"] for _ in range(5)}
    assert set(await order(call, "sessions")) == made


@shuffled(None)
async def test_without_a_seed_lists_come_in_the_order_of_ids(call):
    assert await order(call, "entries") == list(range(1, 301))


@pytest.mark.parametrize(
    ("where", "ids"),
    [
        ("users=anyone", [2]),
        ('users="anyone"', [2]),
        ("users<>anyone", [1, 3]),
        ('users in ("anyone",23130)', [2, 3]),
        ("users in (23129, 23130)", [1, 3]),
        ("users not in (23129, anyone)", [3]),
        ("users=me", [1]),
        ("users=null", [2]),
        ("mytasks=true", [1]),
        ("mytasks=false", [2, 3]),
        ("mytasks = TRUE AND users<>anyone", [1]),
        ("complete=0 && users<>anyone", [1, 3]),
    ],
)
async def test_people_of_tasks_have_special_values(call, where, ids):
    for name, users in (("mine", [23129]), ("nobody's", []), ("hers", [23130])):
        await call.create("tasks", name=name, tasklist_id=500, users=users)
    names = {1: "mine", 2: "nobody's", 3: "hers"}
    found = await call.get("tasks", include="name", where=f"tasklist_id=500 and created_on>1500000000 and {where}")
    assert [task["name"] for task in found] == [names[key] for key in ids]


async def test_an_include_named_by_itself_is_whole_though_a_path_narrows_it(call):
    (whole,) = await call.get("projects", where="id=397706", include="client")
    for include in ("client,client.name", "client.name,client", "client.name,client.*"):
        assert await call.get("projects", where="id=397706", include=include) == [whole]
    narrow = await call.one("projects/397706", include="id,client.name")
    assert narrow == {"id": 397706, "client": {"name": "Paymo"}}


async def test_a_hidden_attribute_of_a_child_comes_when_it_is_named(call):
    tasks = (await call.one("tasklists/499", include="tasks,tasks.progress_status"))["tasks"]
    assert all("progress_status" in task and "name" in task for task in tasks)
    assert "progress_status" not in (await call.one("tasklists/499", include="tasks.*"))["tasks"][0]


async def test_includes_nest_six_deep_and_back(call):
    include = "client.projects.tasklists.tasks.entries.user.name"
    found = await call.one("projects/397706", include=f"id,{include}")
    projects = {project["id"]: project for project in found["client"]["projects"]}
    tasks = [task for tasklist in projects[397706]["tasklists"] for task in tasklist["tasks"]]
    assert {entry["user"]["name"] for task in tasks for entry in task["entries"]} == {"Judith Olivas Lucero"}


async def test_a_path_back_and_forth_ends_at_some_depth(call):
    found = await call.one("projects/397706", include="tasklists" + ".project.tasklists" * 5)
    assert found["tasklists"][0]["project"]["tasklists"][0]["project"]["id"] == 397706
    await call.refused("GET", "projects", 400, include="tasklists" + ".project.tasklists" * 100)


@pytest.mark.parametrize(
    ("lists", "tasks"),
    [
        ("projecttemplatestasklists", "projecttemplatestasks"),
        ("projecttemplatetasklists", "projecttemplatetasks"),
    ],
)
async def test_lists_of_templates_are_included_under_the_name_that_was_asked(call, lists, tasks):
    template = await call.create("projecttemplates", name="Site")
    tasklist = await call.create("projecttemplatestasklists", name="Start", template_id=template["id"])
    task = await call.create("projecttemplatestasks", name="Call", tasklist_id=tasklist["id"])
    found = await call.one(f"projecttemplates/{template['id']}", include=f"{lists}.{tasks}.id")
    assert found[lists][0][tasks] == [{"id": task["id"]}]


async def test_partial_include_passes_and_changes_nothing(call):
    plain = await call.get("projects", include="client")
    assert await call.get("projects", include="client", partial_include="client.name") == plain


async def test_a_query_that_is_empty_is_none(call):
    assert await call.get("projects", where="", include="") == await call.get("projects")


@pytest.mark.parametrize("where", ["tasks.complete=false", "clients.name=Paymo", "tasks.entries.id=1"])
async def test_a_condition_on_what_is_not_included_names_it(call, where):
    name = where.partition("=")[0]
    assert await call.refused("GET", "projects", 400, where=where) == f"Unknown field or reference: `{name}`"


async def test_special_names_work_on_children(call):
    await call.create("tasks", name="mine", tasklist_id=500, users=[23129])
    found = await call.one("tasklists/500", include="tasks.name", where="id=500 and tasks.mytasks=true")
    assert found["tasks"] == [{"name": "mine"}]
    found = await call.one("users/23130", include="id,entries.id", where="entries.client_id=151303")
    assert found["entries"]
    found = await call.one("users/23130", include="id,entries.id", where="entries.client_id=151304")
    assert found["entries"] == []


async def test_entries_with_a_date_alone_count_as_at_noon(call):
    entry = await call.create("entries", task_id=2093082, date="2020-05-05", duration=600)
    assert await call.ids("entries", 'time_interval in ("2020-05-05","2020-05-06")') == [entry["id"]]
    assert await call.ids("entries", 'time_interval in ("2020-05-05T05:00:00-05:00","2020-05-05T23:59:59Z")') == [
        entry["id"]
    ]
    assert await call.ids("entries", 'time_interval in ("2020-05-05T12:00:01Z","2020-05-06T12:00:00Z")') == []
