"""Reports that are run, read as trees and tables, over a socket."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from paymo_async import InvalidRequest, NotFound, PaymoClient, ReportInclude, ReportOptions
from paymo_async.reporting import table, to_csv, total, tree
from paymo_async.sandbox import Sandbox

PROJECT = 397706
WINTER = {"start": datetime(2014, 12, 1, tzinfo=UTC), "end": datetime(2015, 1, 1, tzinfo=UTC)}


@pytest.fixture
async def paymo(box: Sandbox):
    async with PaymoClient(box.api_key, base_url=box.url) as client:
        yield client


async def test_a_report_is_run_and_not_stored(paymo: PaymoClient):
    report = await paymo.reports.run(date_interval="all_time", include=["projects", "tasks"], name="Once")
    assert (report.type, report.name) == ("temp", "Once")
    assert [item.type for item in report.content.items] == ["project", *["task"] * 5, "total"]
    with pytest.raises(NotFound):
        await paymo.reports.get(report.id)


async def test_a_report_covers_the_time_between_two_moments(paymo: PaymoClient, box: Sandbox):
    report = await paymo.reports.run(**WINTER, include=ReportInclude(days=True))
    assert [item.title for item in tree_items(report)] == ["2014-12-11", "2014-12-12"]
    assert total(report).total_seconds() == (45 + 20) * 60


def tree_items(report) -> list:
    return [node.item for root in tree(report) for node in root.walk()]


async def test_lists_of_ids_and_presets_choose_what_counts(paymo: PaymoClient):
    whole = total(await paymo.reports.run(date_interval="all_time"))
    assert whole
    for chosen in ({"projects": PROJECT}, {"clients": [151303]}, {"users": (23130,)}, {"projects": "status_id=93939"}):
        assert total(await paymo.reports.run(date_interval="all_time", **chosen)) == whole
    for none in ({"users": 23129}, {"projects": "all_archived"}, {"clients": range(151304, 151305)}):
        assert not total(await paymo.reports.run(date_interval="all_time", **none))


async def test_options_say_how_groups_nest_and_what_is_rounded(paymo: PaymoClient):
    options = ReportOptions(order=["tasks", "users"], enable_time_rounding=True, rounding_step=60)
    report = await paymo.reports.run(**WINTER, include=["users", "tasks"], options=options)
    assert [item.type for item in tree_items(report)] == ["task", "user"]


async def test_a_table_and_csv_of_the_rows(paymo: PaymoClient):
    report = await paymo.reports.run(date_interval="all_time", include=["projects", "tasklists", "tasks"])
    rows = table(report)
    assert [*rows[0]] == ["project", "tasklist", "task", "seconds", "hours", "pct"]
    assert {row["project"] for row in rows} == {"Understanding Paymo"}
    assert sum(row["seconds"] for row in rows) == total(report).total_seconds()
    assert to_csv(report).count("\r\n") == 1 + len(rows)


async def test_the_hours_of_a_project_take_one_request(paymo: PaymoClient, box: Sandbox):
    assert await paymo.reports.total_hours(PROJECT) == pytest.approx((45 + 90 + 45 + 20 + 30) / 60 + 6)
    assert [(seen.method, seen.path) for seen in box.requests] == [("POST", "reports")]
    assert await paymo.reports.total_hours(397707) == 0


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "either a date_interval, or"),
        ({"date_interval": "today", **WINTER}, "either a date_interval, or"),
        ({"start": WINTER["start"]}, "either a date_interval, or"),
        ({"start": WINTER["end"], "end": WINTER["start"]}, "before it starts"),
        ({"start": datetime(2014, 12, 1), "end": WINTER["end"]}, "time zone"),  # noqa: DTZ001
        ({"date_interval": "today", "users": []}, "users is empty"),
        ({"date_interval": "today", "users": "status_id=1"}, "users are ids"),
        ({"date_interval": "today", "projects": "status_id=x"}, "projects are ids"),
        ({"date_interval": "today", "projects": "12"}, "projects are ids"),
        ({"date_interval": "today", "include": ["project"]}, "grouped by days"),
        ({"date_interval": "today", "include": "weeks"}, "not by weeks"),
    ],
)
async def test_what_cannot_be_meant_is_refused_before_anything_is_sent(paymo, box, given, said):
    with pytest.raises(InvalidRequest, match=said):
        await paymo.reports.run(**given)
    assert box.requests == []


async def test_a_single_group_may_be_named_by_itself(paymo: PaymoClient):
    report = await paymo.reports.run(date_interval="all_time", include="users")
    assert [row["user"] for row in table(report)] == ["Judith Olivas Lucero"]
    assert report.info.start_date.date() == date(2010, 10, 27)
