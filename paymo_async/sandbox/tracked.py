"""The time that a report is about: which tasks, which span, and the sums of their entries.

The tasks are found first; then SQLite sums their entries from an index that holds all that is asked for, without a look
at the entries themselves. `reporting.py` says what was guessed.
"""

# ruff: noqa: S608  # what is spliced into SQL are names of the declarations; values go as parameters

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from paymo_async.sandbox.values import Problem, dump, load

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account

__all__ = ["Entry", "Sum", "Tracked", "interval", "interval_now", "moment"]


class _Task(NamedTuple):
    tasklist_id: int | None
    project_id: int
    client_id: int | None


Entry: TypeAlias = tuple[Any, ...]
"""An entry as a row of its own: id, seconds, title, task_id and more; as SQLite made it, since there can be many."""


class Sum(NamedTuple):
    """Time of entries that the report does not tell apart. first and last: when they begin and end."""

    task_id: int
    project_id: int | None
    user_id: int | None
    billed: int
    day: int
    seconds: int
    first: int = 0
    last: int = 0
    entries: Sequence[Entry] = ()


class Tracked:
    """The time that a report is about."""

    def __init__(self, account: Account, report: Mapping[str, Any]) -> None:
        self.account = account
        self.options: Mapping[str, Any] = report.get("extra") or {}
        self.span: tuple[datetime, datetime] | None = _span(account, report)
        self.tasks: dict[int, _Task] = _tasks(account, report)
        self.time: str = _rounded(self.options)
        self.where: str
        self.params: list[Any]
        self.where, self.params = self._where(report)

    def sums(self) -> list[Sum]:
        """By task, user and whether it was billed: the order of an index, so that nothing is sorted."""
        # A date's moment is its noon; it begins and ends at its midnight.
        bulk = "(e.date IS NOT NULL)"
        first, last = f"min(e.moment - 43200 * {bulk})", f"max(e.moment + iif({bulk}, -43200, e.duration))"
        rows = self._rows(
            f"e.task_id, e.user_id, coalesce(e.billed, 0), sum({self.time}), {first}, {last}",
            "GROUP BY e.task_id, e.user_id, e.billed",
        )
        tasks = self.tasks
        return [
            Sum(task, tasks[task].project_id, user, billed, 0, seconds, first, last)
            for task, user, billed, seconds, first, last in rows
        ]

    def daily(self, groups: Sequence[str]) -> list[Sum]:
        """By day and what else the report groups by, no finer, since a day has many tasks and a year many days."""
        wanted = self._columns(groups)
        if not self.options.get("display_costs") and {"tasks", "tasklists"}.isdisjoint(groups):
            wanted["task_id"] = "min(e.task_id)"
        by = [sql for sql in wanted.values() if sql.startswith("e.")]
        columns = ", ".join(f"coalesce({sql}, 0)" if name == "billed" else sql for name, sql in wanted.items())
        return [Sum(*row) for row in self._rows(f"{columns}, sum({self.time})", f"GROUP BY {', '.join(by)}")]

    def entries(self, groups: Sequence[str]) -> list[Sum]:
        """By task and what else the report groups by, each with its entries."""
        columns = ", ".join(self._columns(groups).values())
        found: defaultdict[tuple[Any, ...], list[Entry]] = defaultdict(list)
        for row in self._rows(f"e.id, {self.time}, coalesce(e.body ->> '$.description', ''), {columns}"):
            found[row[3:]].append(row)
        return [
            Sum(task, project, user, billed or 0, day, sum(row[1] for row in entries), entries=entries)
            for (task, project, user, billed, day), entries in found.items()
        ]

    @staticmethod
    def _columns(groups: Sequence[str]) -> dict[str, str]:
        """The first columns of a sum, but constants for those that no group needs."""
        return {
            "task_id": "e.task_id",
            "project_id": "NULL" if {"projects", "clients"}.isdisjoint(groups) else "e.project_id",
            "user_id": "e.user_id" if "users" in groups else "NULL",
            "billed": "e.billed" if "billed" in groups else "0",
            "day": f"e.moment / {_DAY}" if "days" in groups else "0",
        }

    def key(self, group: str) -> Callable[[Sum], Any]:
        """How a group's key is read off a sum."""
        if group == "clients":
            clients: dict[int | None, int | None] = {one.project_id: one.client_id for one in self.tasks.values()}
            return lambda one: clients[one.project_id]
        if group == "tasklists":
            tasklists = {key: task.tasklist_id for key, task in self.tasks.items()}
            return lambda one: tasklists[one.task_id]
        return attrgetter(_KEYS[group])

    def prices(self) -> dict[int, Decimal]:
        """The price of an hour by task."""
        tables, store = self.account.tables, self.account.store
        ids = {task.project_id for task in self.tasks.values()}
        projects = {row.id: load(row.body) for row in store.by_ids(tables["projects"], list(ids))}
        company = self.account.company().get("default_price_per_hour")
        return {
            row.id: _price(load(row.body), projects[self.tasks[row.id].project_id], company)
            for row in store.by_ids(tables["tasks"], list(self.tasks))
        }

    def _rows(self, columns: str, clause: str = "") -> list[tuple[Any, ...]]:
        statement = f'SELECT {columns} FROM "entries" e WHERE {self.where} {clause}'
        return self.account.store.query(statement, self.params)

    def _where(self, report: Mapping[str, Any]) -> tuple[str, list[Any]]:
        parts, params = ["e.duration IS NOT NULL"], list[Any]()
        if self.span is not None:
            parts.append("e.moment >= ? AND e.moment < ?")
            params += [end.timestamp() for end in self.span]
        if len(self.tasks) < self.account.store.count(self.account.tables["tasks"]):
            parts.append("e.task_id IN (SELECT value FROM json_each(?))")
            params.append(dump(list(self.tasks)).decode())
        users = report.get("users")
        if isinstance(users, list):
            parts.append("e.user_id IN (SELECT value FROM json_each(?))")
            params.append(dump(users).decode())
        elif users in ("all_active", "all_archived"):
            parts.append(f'e.user_id IN (SELECT id FROM "users" WHERE active = {int(users == "all_active")})')
        parts += [sql for name, sql in _ENTRY_EXCLUSIONS.items() if self.options.get(name)]
        return " AND ".join(parts), params


def moment(value: Any) -> int | None:
    """A report's `start_date` or `end_date` as a Unix timestamp, from a number or an ISO text."""
    if value is None or value == "":
        return None
    wrong = Problem(400, "Invalid value for `start_date` or `end_date`")
    try:
        seconds = int(value)
    except (TypeError, ValueError):
        try:
            found = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            raise wrong from None
        seconds = int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())
    if isinstance(value, bool) or not 0 <= seconds < _END_OF_TIME:
        raise wrong
    return seconds


def interval(name: str, now: datetime, week_start: int = 1) -> tuple[datetime, datetime] | None:
    """The span [start, end) of a named `date_interval`, None for `all_time`. week_start: 0 is Sunday."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    day = timedelta(days=1)
    week = today - day * ((today.isoweekday() - week_start) % 7)
    month, year = today.replace(day=1), today.replace(month=1, day=1)
    last_month = (month - day).replace(day=1)
    spans = {
        "today": (today, today + day),
        "yesterday": (today - day, today),
        "this_week": (week, week + 7 * day),
        "last_week": (week - 7 * day, week),
        "this_month": (month, (month + 31 * day).replace(day=1)),
        "last_month": (last_month, month),
        "this_year": (year, year.replace(year=year.year + 1)),
        "last_year": (year.replace(year=year.year - 1), year),
    }
    return spans.get(name)


def interval_now(account: Account, name: str) -> tuple[datetime, datetime] | None:
    """The same as of now, in weeks as the company has them."""
    now = datetime.fromtimestamp(account.clock(), UTC)
    return interval(name, now, _week_start(account.company()))


_END_OF_TIME = 253_402_300_800  # the year 10000
_DAY = 86_400
# The column of ids and that of `active` behind the lists of a report that say which tasks it is about.
_LISTS = {"projects": ("p.id", "p.active"), "clients": ("p.client_id", "c.active")}
_TASK_EXCLUSIONS = {
    "exclude_billable_tasks": "coalesce(t.billable, 0) = 0",
    "exclude_nonbillable_tasks": "t.billable = 1",
    "exclude_nonbillable_projects": "p.billable = 1",
    "exclude_flat_rate_tasks": "coalesce(t.flat_billing, 0) = 0",
    "exclude_flats": "coalesce(p.flat_billing, 0) = 0",
}
_ENTRY_EXCLUSIONS = {
    "exclude_billed_entries": "coalesce(e.billed, 0) = 0",
    "exclude_unbilled_entries": "e.billed = 1",
}


_KEYS = {"days": "day", "users": "user_id", "projects": "project_id", "tasks": "task_id", "billed": "billed"}


def _tasks(account: Account, report: Mapping[str, Any]) -> dict[int, _Task]:
    parts, params = ["1"], list[Any]()
    for name, (ids, active) in _LISTS.items():
        chosen = report.get(name)
        if isinstance(chosen, list):
            parts.append(f"{ids} IN (SELECT value FROM json_each(?))")
            params.append(dump(chosen).decode())
        elif chosen in ("all_active", "all_archived"):
            parts.append(f"{active} = {int(chosen == 'all_active')}")
        elif isinstance(chosen, str) and chosen.startswith("status_id="):
            parts.append("p.status_id = ?")
            params.append(int(chosen.removeprefix("status_id=")))
    options: Mapping[str, Any] = report.get("extra") or {}
    parts += [sql for name, sql in _TASK_EXCLUSIONS.items() if options.get(name)]
    rows = account.store.query(
        'SELECT t.id, t.tasklist_id, p.id, p.client_id FROM "projects" p JOIN "tasks" t ON t.project_id = p.id '
        f'LEFT JOIN "clients" c ON c.id = p.client_id WHERE {" AND ".join(parts)}',
        params,
    )
    return {key: _Task(*rest) for key, *rest in rows}


def _span(account: Account, report: Mapping[str, Any]) -> tuple[datetime, datetime] | None:
    start, end = moment(report.get("start_date")), moment(report.get("end_date"))
    if start is not None and end is not None:
        return datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)
    return interval_now(account, report.get("date_interval") or "")


def _week_start(company: Mapping[str, Any]) -> int:
    """0 is Sunday; Monday where the company does not say."""
    said = company.get("week_start")
    return 1 if said in (None, "") else int(said)


def _rounded(options: Mapping[str, Any]) -> str:
    """An entry's time, rounded up to whole steps where the report asks for it."""
    step = options.get("rounding_step")
    if not options.get("enable_time_rounding") or not step:
        return "e.duration"
    seconds = int(step) * 60
    return f"((e.duration + {seconds - 1}) / {seconds}) * {seconds}"


def _price(task: Mapping[str, Any], project: Mapping[str, Any], company: Any) -> Decimal:
    if not (task.get("billable") and project.get("billable")):
        return Decimal()
    if task.get("flat_billing") or project.get("flat_billing"):
        return Decimal()
    prices = {"task": task.get("price_per_hour"), "project": project.get("price_per_hour"), "company": company}
    mode = project.get("hourly_billing_mode")
    price = prices[mode] if mode in prices else prices["task"] if prices["task"] is not None else prices["project"]
    return Decimal(str(price or 0))
