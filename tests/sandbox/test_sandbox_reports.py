"""Reports computed from the entries."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

NOW = datetime(2014, 12, 12, 12, tzinfo=UTC)
ALL = {"type": "live", "date_interval": "all_time", "projects": [397706]}
TITLES = ("Understanding Paymo", "Judith Olivas Lucero")
friday = pytest.mark.parametrize("box", [{"clock": NOW.timestamp}], indirect=True)


async def items(call, **given):
    return (await call.create("reports", **{**ALL, **given}))["content"]["items"]


def rows(found):
    return [(item["level"], item["type"], item["title"], item["time"]) for item in found]


async def test_the_documented_report_has_content_only_by_itself(call):
    (listed,) = await call.get("reports")
    report = await call.one("reports/115376")
    assert "content" not in listed
    assert report.keys() - listed.keys() == {"content"}
    assert rows(report["content"]["items"])[:4] == [
        (1, "project", "Understanding Paymo", 35400),
        (2, "tasklist", "Getting started", 8100),
        (3, "task", "Invite your team", 2700),
        (4, "entry", "Sent the first invitations", 2700),
    ]
    assert rows(report["content"]["items"])[-1] == (0, "total", "Total", 35400)
    assert report["content"]["items"][3] == {
        "type": "entry",
        "title": "Sent the first invitations",
        "id": 15200864,
        "time": 2700,
        "pct": 7.63,
        "level": 4,
        "project_id": 397706,
        "tasklist_id": 499,
        "task_id": 2093082,
        "entry_id": 15200864,
    }


async def test_the_info_is_the_documented_one(call):
    assert (await call.one("reports/115376"))["info"] == {
        "start_date": "2010-10-27T14:22:13Z",
        "end_date": "2015-01-13T10:29:18Z",
        "clients": [{"id": "151303", "name": "Paymo"}],
        "projects": [{"id": "397706", "name": "Understanding Paymo"}],
        "users": [{"id": "23130", "name": "Judith Olivas Lucero"}],
    }


async def test_a_live_report_follows_the_entries(call):
    await call.create("entries", task_id=2093082, date="2015-01-14", duration=600)
    report = await call.one("reports/115376")
    assert report["content"]["items"][-1]["time"] == 36000
    assert [user["id"] for user in report["info"]["users"]] == ["23129", "23130"]


async def test_a_static_report_keeps_its_content_until_it_is_updated(call):
    report = await call.create("reports", **{**ALL, "type": "static"})
    await call.create("entries", task_id=2093082, date="2015-01-14", duration=600)
    path = f"reports/{report['id']}"
    assert (await call.one(path))["content"] == report["content"]
    assert (await call.update(path, name="Again"))["content"]["items"][-1]["time"] == 36000
    assert (await call.one(path))["content"]["items"][-1]["time"] == 36000


async def test_a_temp_report_is_answered_and_not_kept(call):
    reply = await call("POST", "reports", json={"type": "temp", "date_interval": "all_time", "users": "all"})
    (report,) = reply.data["reports"]
    assert reply.status == 201
    assert report["content"]["items"] == [{"type": "total", "title": "Total", "time": 35400, "pct": 100, "level": 0}]
    assert await call.ids("reports") == [115376]
    await call.refused("GET", f"reports/{report['id']}", 404)


async def test_content_can_be_named_in_include_of_one_report(call):
    assert (await call.one("reports/115376", include="content"))["content"]["items"]
    assert await call.one("reports/115376", include="id") == {"id": 115376}
    assert await call.get("reports", include="id,content") == [{"id": 115376, "content": None}]


@pytest.mark.parametrize(
    ("group", "first"),
    [
        ("days", (1, "day", "2010-10-27", 2700)),
        ("clients", (1, "client", "Paymo", 35400)),
        ("users", (1, "user", "Judith Olivas Lucero", 35400)),
        ("projects", (1, "project", "Understanding Paymo", 35400)),
        ("tasklists", (1, "tasklist", "Getting started", 8100)),
        ("tasks", (1, "task", "Fill in a timesheet", 21600)),
        ("billed", (1, "billed", "Unbilled", 35400)),
        ("entries", (1, "entry", "", 21600)),
    ],
)
async def test_every_way_to_group(call, group, first):
    found = await items(call, include={group: True})
    assert rows(found)[0] == first
    assert sum(item["time"] for item in found if item["level"] == 1) == 35400


async def test_the_order_of_groups_can_be_given(call):
    include = {"projects": True, "users": True, "entries": True}
    natural = await items(call, include=include)
    assert [item["type"] for item in natural[:3]] == ["user", "project", "entry"]
    given = await items(call, include=include, extra={"order": ["entries", "projects", "users"]})
    assert [item["type"] for item in given[:3]] == ["project", "user", "entry"]


async def test_shares_add_up_to_the_total(call):
    found = await items(call, include={"tasklists": True})
    assert [item["pct"] for item in found] == [22.88, 77.12, 100]
    assert (await items(call, users=[23129], include={"tasks": True}))[0] == {
        "type": "total",
        "title": "Total",
        "time": 0,
        "pct": 0,
        "level": 0,
    }


@friday
@pytest.mark.parametrize(
    ("interval", "seconds"),
    [
        ("today", 1200),
        ("yesterday", 2700),
        ("this_week", 3900),
        ("last_week", 0),
        ("this_month", 3900),
        ("last_month", 0),
        ("this_year", 30900),
        ("last_year", 0),
        ("all_time", 35400),
    ],
)
async def test_every_named_interval(call, interval, seconds):
    assert (await items(call, date_interval=interval))[-1]["time"] == seconds


@pytest.mark.parametrize(
    ("start", "end", "seconds"),
    [
        (1413849600, 1413936000, 21600),  # 2014-10-21, the whole day
        (1413849600, 1413892801, 21600),  # an entry with a date alone counts as at noon of it
        (1413849600, 1413892800, 0),
        (1413763200, 1413849600, 0),
        ("2014-12-11T00:00:00Z", "2014-12-12", 2700),
        ("1418256000", 1418342400, 2700),
    ],
)
async def test_two_moments_in_place_of_an_interval(call, start, end, seconds):
    report = await call.create(
        "reports", type="live", start_date=start, end_date=end, projects=[397706], include={"days": True}
    )
    assert report["content"]["items"][-1]["time"] == seconds
    assert isinstance(report["start_date"], int)


async def test_an_update_takes_either_an_interval_or_two_moments(call):
    report = await call.update("reports/115376", start_date=1418256000, end_date=1418342400)
    assert (report["date_interval"], report["content"]["items"][-1]["time"]) == (None, 2700)
    report = await call.update("reports/115376", date_interval="all_time", include={"entries": False})
    assert (report["start_date"], report["content"]["items"][-1]["time"]) == (None, 35400)
    assert [item["type"] for item in report["content"]["items"][:3]] == ["project", "tasklist", "task"]


@pytest.mark.parametrize(
    ("chosen", "seconds"),
    [
        ({"projects": "all"}, 36000),
        ({"projects": "all_active"}, 35400),
        ({"projects": "all_archived"}, 600),
        ({"projects": "status_id=83821"}, 600),
        ({"projects": [397707, 397706]}, 36000),
        ({"projects": "all", "clients": [151304]}, 600),
        ({"projects": "all", "clients": "all_archived"}, 0),
        ({"projects": "all", "users": [23129]}, 600),
        ({"projects": "all", "users": "all_active"}, 36000),
    ],
)
async def test_projects_clients_and_users_are_ids_or_presets(call, chosen, seconds):
    task = await call.create("tasks", name="Other", project_id=397707)
    await call.create("entries", task_id=task["id"], date="2015-01-14", duration=600)
    assert (await items(call, **chosen))[-1]["time"] == seconds


@pytest.mark.parametrize(
    ("option", "seconds"),
    [
        ("exclude_billed_entries", 35400),
        ("exclude_unbilled_entries", 600),
        ("exclude_billable_tasks", 35400),
        ("exclude_nonbillable_tasks", 600),
        ("exclude_nonbillable_projects", 600),
        ("exclude_flat_rate_tasks", 35400),
        ("exclude_flats", 36000),
    ],
)
async def test_every_exclusion(call, option, seconds):
    task = await call.create("tasks", name="Other", project_id=397707, flat_billing=True)
    await call.create("entries", task_id=task["id"], date="2015-01-14", duration=600, billed=True)
    assert (await items(call, projects="all", extra={option: True}))[-1]["time"] == seconds


async def test_time_is_rounded_up_to_whole_steps_where_asked(call):
    extra = {"enable_time_rounding": True, "rounding_step": 60}
    assert (await items(call, extra=extra))[-1]["time"] == (1 + 2 + 1 + 1 + 1 + 6) * 3600
    assert (await items(call, extra={**extra, "enable_time_rounding": False}))[-1]["time"] == 35400


async def test_a_running_timer_has_no_time_yet(call):
    await call.create("entries", task_id=2093082, user_id=23129, start_time="2015-01-14T09:00:00Z")
    assert (await items(call))[-1]["time"] == 35400


@pytest.mark.parametrize(
    "given",
    [
        {"users": "status_id=3"},
        {"projects": "some"},
        {"include": {"months": True}},
        {"start_date": "soon"},
        {"start_date": [3]},
        {"date_interval": "someday"},
        {"start_date": 10**18, "end_date": 10**18},
        {"start_date": -1, "end_date": 5},
        {"start_date": True, "end_date": 5},
        {"clients": 5},
        {"clients": ["x"]},
        {"projects": [None]},
        {"projects": "status_id="},
        {"users": {"id": 1}},
        {"include": {"days": "maybe"}},
        {"include": {"days": [1]}},
        {"extra": {"exclude_all": True}},
        {"extra": {"display_costs": "perhaps"}},
        {"extra": {"rounding_step": "soon"}},
        {"extra": {"rounding_step": -5}},
        {"extra": {"order": "days"}},
        {"extra": {"order": ["months"]}},
        {"extra": {"order": [["days"]]}},
    ],
)
async def test_wrong_parameters_are_refused(call, given):
    await call.refused("POST", "reports", 400, json={**ALL, **given})


@pytest.mark.parametrize(
    "given",
    [
        {"start_date": 1418342400, "end_date": 1418256000},
        {"start_date": 1418256000},
        {"end_date": 1418256000},
        {"date_interval": None},
        {"date_interval": None, "start_date": None, "end_date": None},
    ],
)
async def test_a_report_is_not_left_without_a_whole_span(call, given):
    await call.refused("POST", "reports", 400, json={**ALL, **given})
    await call.refused("PUT", "reports/115376", 400, json=given)


@pytest.mark.parametrize("name", ["projects", "clients", "users"])
async def test_ids_of_what_does_not_exist_are_refused(call, name):
    await call.refused("POST", "reports", 400, json={**ALL, name: [9999]})
    await call.refused("PUT", "reports/115376", 400, json={name: [9999]})


async def test_a_report_outlives_its_projects(call):
    report = await call.create("reports", **ALL)
    await call("DELETE", "projects/397706")
    path = f"reports/{report['id']}"
    assert (await call.update(path, name="Later"))["content"]["items"][-1]["time"] == 0


async def test_one_moment_of_two_can_be_moved(call):
    await call.update("reports/115376", start_date=1418256000, end_date=1418342400)
    report = await call.update("reports/115376", end_date=1418428800)
    assert (report["start_date"], report["end_date"]) == (1418256000, 1418428800)


@pytest.mark.parametrize("box", [{"clock": datetime(2026, 3, 31, 12, tzinfo=UTC).timestamp}], indirect=True)
async def test_a_week_begins_on_the_companys_day_also_where_it_had_none(call):
    for day, begin in (("1", "2026-03-30"), (None, "2026-03-30"), (0, "2026-03-29"), (6, "2026-03-28")):
        assert (await call("PUT", "company", json={"week_start": day})).status == 200
        report = await call.create("reports", **{**ALL, "date_interval": "this_week"})
        assert report["info"]["start_date"] == f"{begin}T00:00:00Z"


async def test_flags_and_ids_may_come_as_texts(call):
    report = await call.create(
        "reports",
        **{**ALL, "projects": ["397706"], "include": {"days": "1", "users": "false"}, "extra": {"display_costs": "0"}},
    )
    assert report["projects"] == [397706]
    assert (report["include"]["days"], report["include"]["users"]) == (True, False)
    assert report["extra"] == {"display_costs": False}
    assert rows(report["content"]["items"])[0][:2] == (1, "day")


async def test_two_moments_win_over_an_interval(call):
    report = await call.create("reports", **{**ALL, "start_date": 1418256000, "end_date": 1418342400})
    assert (report["date_interval"], report["content"]["items"][-1]["time"]) == (None, 2700)


async def test_a_report_that_changes_its_type_keeps_or_computes_its_content(call):
    report = await call.create("reports", **ALL)
    path = f"reports/{report['id']}"
    await call.update(path, type="static")
    await call.create("entries", task_id=2093082, date="2015-01-14", duration=600)
    assert (await call.one(path))["content"]["items"][-1]["time"] == 35400
    await call.update(path, type="live")
    await call.create("entries", task_id=2093082, date="2015-01-15", duration=600)
    assert (await call.one(path))["content"]["items"][-1]["time"] == 36600


async def test_a_report_is_shared_with_whom_it_says(call):
    shares = {"shared": True, "share_client_id": 151303, "share_users_ids": [23130]}
    report = await call.create("reports", **ALL, **shares)
    assert {name: report[name] for name in shares} == shares
    assert (await call.one(f"reports/{report['id']}", include="client.name"))["client"] == {"name": "Paymo"}
    await call.refused("POST", "reports", 400, json={**ALL, "share_client_id": 5})


async def test_costs_are_time_by_the_price_that_the_project_bills_by(call):
    async def costs(**project):
        await call.update("projects/397706", **project)
        found = await items(call, include={"projects": True, "tasks": True}, extra={"display_costs": True})
        return {item["title"]: item["cost"] for item in found}

    await call.update("tasks/2093082", billable=True, price_per_hour=100)  # 0:45 of it
    by_task = await costs(billable=True, flat_billing=False, price_per_hour=10, hourly_billing_mode="task")
    assert by_task["Invite your team"] == 75
    by_project = await costs(hourly_billing_mode="project")
    assert by_project["Invite your team"] == 7.5
    assert by_project["Total"] == by_project["Understanding Paymo"]
    assert (await costs(hourly_billing_mode="company"))["Invite your team"] == 22.5
    assert (await costs(hourly_billing_mode=None))["Invite your team"] == 75
    assert (await costs(billable=False))["Invite your team"] == 0


@pytest.mark.parametrize(
    ("option", "kind", "attribute", "value"),
    [
        ("display_tasks_codes", "task", "code", "UP-1"),
        ("display_tasks_descriptions", "task", "description", "<p>All</p>"),
        ("display_tasks_complete_status", "task", "complete", True),
        ("display_tasks_time_budget", "task", "budget_hours", 2),
        ("display_tasks_remaining_time_budgets", "task", "remaining_hours", 1.25),
        ("display_projects_codes", "project", "code", "UP"),
        ("display_projects_descriptions", "project", "description", "Start here"),
        ("display_projects_budgets", "project", "budget_hours", 10),
        ("display_projects_remaining_budgets", "project", "remaining_hours", 0.17),
        ("display_users_positions", "user", "position", "Designer"),
    ],
)
async def test_rows_show_more_where_the_report_asks_for_it(call, option, kind, attribute, value):
    more = {"code": "UP-1", "description": "<p>All</p>", "complete": True, "budget_hours": 2}
    await call.update("tasks/2093082", **{name: more[name] for name in ("description", "complete", "budget_hours")})
    await call.update("projects/397706", code="UP", description="Start here", budget_hours=10)
    await call.update("users/23130", position="Designer")
    include = {"projects": True, "users": True, "tasks": True}
    plain = await items(call, include=include)
    shown = await items(call, include=include, extra={option: True})
    named = [item for item in shown if item["type"] == kind and item["title"] in ("Invite your team", *TITLES)]
    if option != "display_tasks_codes":  # a code is made from the project's
        assert named[0][attribute] == value
    assert all((attribute in item) is (item["type"] == kind) for item in shown)
    assert [{name: item[name] for name in item if name != attribute} for item in shown] == plain


async def test_a_report_needs_a_type_and_a_time(call):
    await call.refused("POST", "reports", 400, json={"type": "live"})
    await call.refused("POST", "reports", 400, json={"type": "live", "start_date": 1})
    await call.refused("POST", "reports", 400, json={"date_interval": "today"})
