"""Time reports: how they are set up, and the rows they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paymo_async.models.base import UNSET, Model, attribute, nested, one_of, read_only, resource
from paymo_async.models.base import include as related
from paymo_async.models.durations import timedelta_of

if TYPE_CHECKING:
    from datetime import datetime, timedelta
    from decimal import Decimal

    from paymo_async.models.clients import Client
    from paymo_async.models.enums import DateInterval, ReportItemType, ReportType
    from paymo_async.models.projects import Project
    from paymo_async.models.users import User

__all__ = ["Report", "ReportContent", "ReportInclude", "ReportInfo", "ReportItem", "ReportOptions"]


@resource("reports", requires=("type", one_of("date_interval", ("start_date", "end_date"))))
class Report(Model):
    """A time report: its set-up, and its rows once one report is read.

    A list of reports carries no `content`. Updating takes the same parameters as creating.
    """

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    name: str | None = UNSET
    user_id: int | None = UNSET
    type: ReportType = UNSET
    """static keeps its rows, live computes them anew, temp is not stored."""
    start_date: datetime | int | None = UNSET
    """Sent as a Unix timestamp: give an aware datetime, or the seconds."""
    end_date: datetime | int | None = UNSET
    """Sent as a Unix timestamp: give an aware datetime, or the seconds."""
    date_interval: DateInterval | None = UNSET
    """Instead of `start_date` and `end_date`."""
    projects: list[int] | str = UNSET
    """Ids, or a preset: `all`, `all_active`, `all_archived`, `status_id=N`."""
    clients: list[int] | str = UNSET
    """Ids, or a preset: `all`, `all_active`, `all_archived`."""
    users: list[int] | str = UNSET
    """Ids, or a preset: `all`, `all_active`, `all_archived`."""
    include: ReportInclude = UNSET
    """How time is grouped."""
    options: ReportOptions = attribute(wire="extra")
    """What is left out, shown and rounded; the service's `extra`."""
    info: ReportInfo | None = read_only()
    """What the report covers, by name."""
    content: ReportContent | None = read_only()
    """Only where one report is read, never in a list."""
    permalink: str | None = read_only(secret=True)
    """A link that opens it for anyone who has it."""
    shared: bool = UNSET
    share_client_id: int | None = UNSET
    active: bool = UNSET
    share_users_ids: list[int] | None = UNSET
    """Ids."""
    invoice_id: int | None = UNSET
    download_token: str | None = read_only(secret=True)

    user: User = related()
    client: Client | None = related()


@nested
class ReportInclude(Model):
    """How a report groups time."""

    days: bool = UNSET
    clients: bool = UNSET
    users: bool = UNSET
    projects: bool = UNSET
    tasklists: bool = UNSET
    tasks: bool = UNSET
    billed: bool = UNSET
    entries: bool = UNSET


@nested
class ReportOptions(Model):
    """What a report leaves out, shows and rounds; the service calls it `extra`."""

    exclude_billed_entries: bool = UNSET
    exclude_unbilled_entries: bool = UNSET
    exclude_billable_tasks: bool = UNSET
    exclude_nonbillable_tasks: bool = UNSET
    exclude_nonbillable_projects: bool = UNSET
    exclude_flat_rate_tasks: bool = UNSET
    exclude_flats: bool = UNSET
    enable_time_rounding: bool = UNSET
    rounding_step: int | bool | None = UNSET
    """Minutes; the service sends false for none."""
    display_charts: bool = UNSET
    display_costs: bool = UNSET
    display_entries_descriptions: bool = UNSET
    display_seconds: bool = UNSET
    display_tasks_codes: bool = UNSET
    display_tasks_descriptions: bool = UNSET
    display_tasks_complete_status: bool = UNSET
    display_tasks_remaining_time_budgets: bool = UNSET
    display_tasks_time_budget: bool = UNSET
    display_projects_budgets: bool = UNSET
    display_projects_codes: bool = UNSET
    display_projects_descriptions: bool = UNSET
    display_projects_remaining_budgets: bool = UNSET
    display_users_positions: bool = UNSET
    order: list[str] = UNSET
    """Names of the groups, outermost first."""


@nested
class ReportItem(Model):
    """A row of a report. Rows come in the order of the tree, and `level` says how deep one stands."""

    id: int | None = UNSET
    type: ReportItemType = UNSET
    title: str | None = UNSET
    time: int | None = UNSET
    """Seconds."""
    pct: Decimal | None = UNSET
    """Percent of the report's total."""
    level: int = UNSET
    """1 is outermost; the total has 0."""
    client_id: int | None = UNSET
    project_id: int | None = UNSET
    tasklist_id: int | None = UNSET
    task_id: int | None = UNSET
    user_id: int | None = UNSET
    entry_id: int | None = UNSET

    @property
    def tracked(self) -> timedelta | None:
        """`time` as a timedelta; None where the service sent none."""
        return timedelta_of(self.time)


@nested
class ReportContent(Model):
    """The rows of a report."""

    items: list[ReportItem] = UNSET


@nested
class ReportInfo(Model):
    """What a report covers: the days, and the objects with their `id` and `name` only."""

    start_date: datetime | None = UNSET
    end_date: datetime | None = UNSET
    clients: list[Client] = UNSET
    projects: list[Project] = UNSET
    users: list[User] = UNSET
