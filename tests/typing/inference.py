"""What checkers infer; run by tests/unit/test_typing.py under mypy and pyright, never executed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, assert_type

from paymo_async import F, PaymoClient
from paymo_async.models import (
    Client,
    Company,
    Estimate,
    EstimateItem,
    Priority,
    Project,
    Report,
    ReportItem,
    Session,
    StatsReport,
    Task,
    TimeEntry,
    User,
)


async def lists_are_of_their_model(paymo: PaymoClient) -> None:
    async for entry in paymo.entries.list():
        assert_type(entry, TimeEntry)
    async for page in paymo.tasks.list(complete=False).pages():
        assert_type(page.items, list[Task])
    assert_type(await paymo.clients.list(where=F.active == True), list[Client])  # noqa: E712  # a condition
    assert_type(await paymo.tasklists.list().limit(3).first() is None, bool)


async def one_object_is_of_its_model(paymo: PaymoClient) -> None:
    assert_type(await paymo.projects.get(1, include="client"), Project)
    assert_type(await paymo.company.get(), Company)
    assert_type(await paymo.me(), User)
    assert_type(await paymo.estimates.create(Estimate(client_id=1, items=[EstimateItem(item="Logo")])), Estimate)
    assert_type(await paymo.tasks.update(1, Task(complete=True, due_date=date(2030, 1, 31))), Task)
    assert_type(await paymo.company.update(Company(name="Acme")), Company)
    assert_type(await paymo.sessions.create(), Session)
    assert_type(await paymo.statsreports.create(StatsReport(type="user_annual_leave_stats")), StatsReport)


async def many_at_once_keep_their_types(paymo: PaymoClient) -> None:
    assert_type(await paymo.estimates.get_many([1, 2], include="estimateitems"), list[Estimate])
    async for outcome in paymo.reports.get_many([1]):
        assert_type(outcome.item, int)
        assert_type(outcome.result(), Report)
    async for made in paymo.map(paymo.tasks.create, [Task(name="Logo", project_id=1)]):
        assert_type(made.item, Task)
        assert_type(made.value, Task | None)
    async for saved in paymo.reports.download_many([1], "pdf", into="out"):
        assert_type(saved.result(), Path)
    rows: AsyncIterator[ReportItem] = paymo.reports.stream_items(1)
    assert_type(await anext(rows), ReportItem)
    assert_type(await paymo.tasks.loader(include="project").load(1), Task)


def attributes_have_their_known_type(task: Task, entry: TimeEntry, estimate: Estimate) -> None:
    assert_type(task.name, str)
    assert_type(task.price_per_hour, Decimal | None)
    assert_type(task.priority, Priority)
    assert_type(task.due_date, date | None)
    assert_type(task.project, Project)
    assert_type(task.entries, list[TimeEntry])
    assert_type(task.extra, dict[str, Any])
    assert_type(entry.start_time, datetime | None)
    assert_type(entry.tracked, timedelta | None)
    assert_type(estimate.estimateitems, list[EstimateItem])
    assert_type(Task.from_dict({"id": 1}), Task)
