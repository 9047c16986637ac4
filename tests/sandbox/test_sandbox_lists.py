"""Lists over a real socket: where, include, pages, and the 2500 cut."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from paymo_async.sandbox import Size

SMALL = Size(users=6, clients=8, projects=10, tasks=60, entries=300, estimates=30, reports=4)
small = pytest.mark.parametrize("box", [{"seed": SMALL}], indirect=True)


def unix(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("where", "ids"),
    [
        ("id=397706", [397706]),
        ("id != 397706", [397707]),
        ("id<>397706", [397707]),
        ("id>=397706 and id < 397707", [397706]),
        ("id>397706 && id<=397707", [397707]),
        ('name="Sample Project"', [397707]),
        ("name=Sample Project and active=false", [397707]),
        ('name like "%paymo"', [397706]),
        ('name not like "Under%"', [397707]),
        ("id in (397706, 397707,5)", [397706, 397707]),
        ('id in ("397706")', [397706]),
        ("id not in (397706)", [397707]),
        ("budget_hours=0.25", [397706]),
        ("budget_hours in (10, 11)", [397707]),
        ("billable=true", [397707]),
        ("billable!=1", [397706]),
        ("price=null", [397706, 397707]),
        ("client_id != null", [397706, 397707]),
        ("client_id in (null)", []),
        ("client_id in (151303, null)", [397706]),
        ("client_id not in (151303, null)", [397707]),
        ("users=23130", [397707]),
        ("users=me", [397706, 397707]),
        ("users in (23130)", [397707]),
        ("users not in (23130)", [397706]),
        ("users!=23130", [397706]),
        ("users=anyone", []),
        ("users<>anyone", [397706, 397707]),
        ('users in ("anyone",23130)', [397707]),
        (f"created_on>={unix('2014-12-01T00:00:00')}", [397707]),
        (f"created_on<{unix('2014-12-01T00:00:00')}", [397706]),
        ('color like "#68%" AND code = UP', [397706]),
        ("  ", [397706, 397707]),
    ],
)
async def test_a_condition_finds_what_it_says(call, where, ids):
    assert await call.ids("projects", where) == ids


@pytest.mark.parametrize(
    ("path", "where", "ids"),
    [
        ("tasks", "mytasks=true", []),
        ("tasks", "progress_status=null", []),
        ("reports", "invoice_id=null and type=live", [115376]),
        ("reports", "projects=all_active and start_date!=5", []),
        ("reports", "end_date=true", []),
        ("reports", 'clients="all"', []),
        ("tasks", "mytasks=false and tasklist_id=499", [2093082, 2093083]),
        ("entries", "client_id=151303 and user_id=23130 and date=2014-10-21", [12186606]),
        ("entries", 'date in ("2014-10-21")', [12186606]),
        ("entries", 'time_interval in ("2014-12-01T00:00:00Z","2015-01-01T00:00:00Z")', [15200866, 15200867]),
        ("entries", 'time_interval in ("2014-10-21", "2014-10-22")', [12186606]),
        ("entries", "end_time=null", []),
        ("entries", "end_time!=null and date=null and duration<2000", [15200867, 15200868]),
        ("entries", f"end_time>={unix('2015-01-13T10:29:18')}", [15200868]),
        ("estimates", "status=sent", [1500]),
        ("estimates", "total>9394", [1498]),
        ("estimates", "total=9424.5", [1498]),
        ("reports", 'date_interval="all_time"', [115376]),
        ("reports", "users=all", [115376]),
        ("reports", "start_date=null", [115376]),
        ("reports", "shared=false", [115376]),
    ],
)
async def test_special_names_and_types_can_be_filtered(call, path, where, ids):
    assert await call.ids(path, where) == ids


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("projects", "id"),
        ("projects", "id=="),
        ("projects", "id=1 or id=2"),
        ("projects", "id=abc"),
        ("projects", "id=1 and"),
        ("projects", "id ~ 1"),
        ("projects", 'name="a" b'),
        ("projects", 'name="a'),
        ("projects", 'name="say \\"hi\\""'),
        ("projects", "name=(1)"),
        ("projects", 'name=a"b'),
        ("projects", "id in 1,2"),
        ("projects", "id in ()"),
        ("projects", "id in (1 2)"),
        ("projects", "id in (1"),
        ("projects", 'id in ("1'),
        ("projects", "active=maybe"),
        ("projects", "active>true"),
        ("projects", "id like 3%"),
        ("projects", "id>null"),
        ("projects", "users>3"),
        ("projects", "users=Bob"),
        ("projects", "id=99999999999999999999"),
        ("projects", "budget_hours=1e99"),
        ("projects", "budget_hours=NaN"),
        ("projects", 'created_on>="2014-01-01T00:00:00Z"'),
        ("tasks", "due_date>=1420070400"),
        ("tasks", "mytasks!=true"),
        ("tasks", "mytasks=perhaps"),
        ("entries", 'time_interval="2014-12-01"'),
        ("entries", 'time_interval in ("2014-12-01")'),
        ("entries", 'time_interval in ("yesterday","today")'),
        ("entries", "end_time like 3"),
    ],
)
async def test_a_wrong_condition_is_refused_with_the_services_words(call, path, where):
    assert (await call.refused("GET", path, 400, where=where)).startswith('Invalid condition in "where" param: ')


@pytest.mark.parametrize(
    ("path", "where", "name"),
    [
        ("projects", "nonsense=1", "nonsense"),
        ("projects", "client.name=Paymo", "client.name"),
        ("projects", "tasks.name=x", "tasks.name"),
        ("projects", "mytasks=true", "mytasks"),
        ("users", "password=x", "password"),
        ("tasks", "subtasks_order=1", "subtasks_order"),
    ],
)
async def test_an_unknown_name_in_where_is_named(call, path, where, name):
    assert await call.refused("GET", path, 400, where=where) == f"Unknown field or reference: `{name}`"


async def test_a_condition_on_an_included_parent_is_refused(call):
    said = await call.refused("GET", "projects", 400, include="client", where="client.name=Paymo")
    assert said == "Unknown field or reference: `client.name`"


async def test_a_dotted_condition_filters_the_children_and_not_the_roots(call):
    found = await call.get("clients", include="id,projects.id", where="id in (151303,151304) and projects.active=true")
    assert found == [{"id": 151303, "projects": [{"id": 397706}]}, {"id": 151304, "projects": []}]


async def test_a_dotted_condition_reaches_any_depth(call):
    found = await call.one(
        "clients", include="projects.tasks.id", where='id=151303 and projects.tasks.name like "Read%"'
    )
    assert found["projects"][0]["tasks"] == [{"id": 2093086}]


async def test_an_unknown_name_in_a_dotted_condition_is_refused_without_any_row(call):
    query = {"include": "projects", "where": "id=1 and projects.foo=1"}
    assert await call.refused("GET", "clients", 400, **query) == "Unknown field or reference: `projects.foo`"


async def test_includes_nest_parents_and_children(call):
    found = await call.one("tasklists/499", include="tasks.project.client.name")
    assert [task["name"] for task in found["tasks"]] == ["Invite your team", "Set up the company"]
    project = found["tasks"][0]["project"]
    assert project["code"] == "UP"
    assert project["client"] == {"name": "Paymo"}


async def test_names_of_attributes_narrow_and_a_star_means_all(call):
    whole = await call.one("projects/397706")
    assert await call.one("projects/397706", include="id,name") == {"id": 397706, "name": "Understanding Paymo"}
    assert await call.one("projects/397706", include="*") == whole
    assert await call.one("projects/397706", include="*,client.name") == {**whole, "client": {"name": "Paymo"}}
    assert (await call.one("projects/397706", include="name,client"))["client"]["id"] == 151303


async def test_a_hidden_attribute_comes_only_when_it_is_named(call):
    assert "progress_status" not in await call.one("tasks/2093082")
    found = await call.one("tasks/2093082", include="*,progress_status")
    assert found["progress_status"] == {"progress": 0}
    assert found["name"] == "Invite your team"
    made = await call.create("tasks", name="New", tasklist_id=499)
    assert await call.one(f"tasks/{made['id']}", include="progress_status") == {"progress_status": None}


async def test_a_parent_that_does_not_exist_is_null(call):
    assert (await call.one("estimates/1498", include="invoice"))["invoice"] is None


async def test_a_single_object_that_points_here_is_included(call):
    comment = await call.create("comments", content="<p>Hi</p>", task_id=2093082)
    assert comment["task_id"] == 2093082
    assert (await call.one("tasks/2093082", include="thread.id"))["thread"] == {"id": comment["thread_id"]}
    assert (await call.one("tasks/2093083", include="thread"))["thread"] is None


async def test_the_project_of_a_comment_is_that_of_its_thread(call):
    await call.create("comments", content="<p>Hi</p>", task_id=2093082)
    found = await call.one("comments", include="content,project.id,project.client.name")
    assert found == {"content": "<p>Hi</p>", "project": {"id": 397706, "client": {"name": "Paymo"}}}
    call.box.account.add("comments", {"content": "lost", "thread_id": None})
    assert [one["project"] is None for one in await call.get("comments", include="project")] == [False, True]


@pytest.mark.parametrize(
    "include", ["foo", "client.foo", "tasks.*.id", "name.id", "image_thumb_small", ".", "client..id"]
)
async def test_an_unknown_include_is_refused(call, include):
    path = "clients" if "image" in include else "projects"
    assert await call.refused("GET", path, 400, include=include) == f"Unknown field or reference: `{include}`"


@pytest.mark.parametrize(("path", "include"), [("tasks", "projects"), ("projects", "task"), ("tasks", "entry")])
async def test_a_wrong_plural_breaks_the_service(call, path, include):
    assert await call.refused("GET", path, 500, include=include) == "Internal server error"


@small
async def test_pages_hold_the_whole_list_once(call):
    whole = await call.ids("entries")
    pages = [await call.ids("entries", page=page, page_size=70) for page in range(6)]
    assert [len(page) for page in pages] == [70, 70, 70, 70, 20, 0]
    assert sorted(key for page in pages for key in page) == whole


@small
async def test_pages_count_what_the_filter_finds(call):
    whole = await call.ids("entries", "user_id=2")
    pages = [await call.ids("entries", "user_id=2", page=page, page_size=10) for page in range(20)]
    assert sorted(key for page in pages for key in page) == whole
    assert whole


@small
async def test_a_page_is_right_after_objects_before_it_went(call):
    assert (await call.ids("entries", page=0, page_size=10))[-1] == 10
    assert (await call("DELETE", "entries/3")).status == 200
    assert await call.ids("entries", page=1, page_size=10) == list(range(12, 22))


@pytest.mark.parametrize(
    "query",
    [
        {"page_size": 10},
        {"page": 0},
        {"page": -1, "page_size": 10},
        {"page": 0, "page_size": 0},
        {"page": "a", "page_size": "b"},
        {"page": 0, "page_size": "1" * 30},
    ],
)
async def test_page_and_page_size_go_together(call, query):
    assert "page" in await call.refused("GET", "entries", 400, **query)


async def test_pages_of_one_object_are_refused(call):
    await call.refused("GET", "projects/397706", 400, page=0, page_size=1)


@pytest.mark.parametrize("query", [{"sort": "name"}, {"fields": "id"}, {"limit": 3}])
async def test_unknown_parameters_are_refused(call, query):
    (name,) = query
    assert await call.refused("GET", "projects", 400, **query) == f"Unknown parameter: `{name}`"
    assert await call.refused("POST", "projects", 400, json={"name": "x"}, **query) == f"Unknown parameter: `{name}`"


async def test_some_lists_need_a_filter(call):
    assert "filter" in await call.refused("GET", "bookings", 400)
    assert await call.get("bookings", where='date_interval in ("2016-12-01","2017-01-01")') == []
    assert await call.get("bookings", where="project_id=1 and task_id=2") == []


async def test_bookings_are_found_through_their_assignment(call):
    call.box.account.add("userstasks", {"id": 7, "user_id": 23130, "task_id": 2093082})
    days = {"start_date": "2016-12-10", "end_date": "2016-12-12"}
    call.box.account.add("bookings", {"id": 70, "user_task_id": 7, "hours_per_day": 4, **days})
    assert await call.ids("bookings", "task_id=2093082") == [70]
    assert await call.ids("bookings", "project_id=397706") == [70]
    assert await call.ids("bookings", "project_id=397707") == []
    assert await call.ids("bookings", 'date_interval in ("2016-12-12","2016-12-31")') == [70]
    assert await call.ids("bookings", 'date_interval in ("2016-12-13","2016-12-31")') == []


@pytest.mark.parametrize("box", [{"seed": SMALL, "cut": 100}], indirect=True)
async def test_the_cut_counts_children_over_the_whole_answer_and_leaves_the_rest_empty(call):
    lists = [len(item["entries"]) for item in await call.get("tasks", include="entries.id")]
    assert sum(lists) == 100
    first_empty = max(place for place, length in enumerate(lists) if length) + 1
    assert not any(lists[first_empty:])
    whole = [
        len(item["entries"]) for task in range(1, 11) for item in await call.get(f"tasks/{task}", include="entries")
    ]
    assert lists[: first_empty - 1][:10] == whole[: first_empty - 1][:10]


@pytest.mark.parametrize("box", [{"seed": SMALL, "cut": 100}], indirect=True)
async def test_a_list_without_pages_and_one_object_are_cut_too(call):
    assert len(await call.get("entries")) == 100
    assert len(await call.get("entries", page=0, page_size=250)) == 100
    assert await call.ids("entries", page=1, page_size=250) == list(range(251, 301))
    assert len((await call.one("users/2", include="entries"))["entries"]) <= 100


@pytest.mark.parametrize("box", [{"seed": SMALL, "cut": 30}], indirect=True)
async def test_types_are_counted_apart_and_roots_with_their_own_type(call):
    clients = await call.get("clients", include="projects.tasks.entries.id")
    projects = [project for client in clients for project in client["projects"]]
    tasks = [task for project in projects for task in project["tasks"]]
    entries = [entry for task in tasks for entry in task["entries"]]
    assert (len(clients), len(projects), len(tasks), len(entries)) == (8, 10, 30, 30)


@pytest.mark.parametrize("box", [{"seed": SMALL, "cut": None}], indirect=True)
async def test_the_cut_can_be_switched_off(call):
    assert len(await call.get("entries")) == 300
    assert len(await call.get("entries", page=0, page_size=299)) == 299
    assert sum(len(item["entries"]) for item in await call.get("tasks", include="entries.id")) == 300
