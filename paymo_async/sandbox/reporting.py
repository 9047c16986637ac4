"""A report's content, computed from the time entries (BEHAVIOUR.md, Rules of single resources).

SQLite sums the entries by all wanted groups at once; what comes back is as long as the report, not as the entries.
The sums are hung into a tree, outermost group first, and the tree is written out as the flat list that the service
answers: each row before the rows below it, the total last.
"""

# ruff: noqa: S608  # what is spliced into SQL are names of the declarations; values go as parameters

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from paymo_async.sandbox.values import Problem, dump, iso

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account

__all__ = ["GROUPS", "computed", "coverage", "interval", "moment"]


class Group(NamedTuple):
    """One way to group time. sql: the key of an entry's group; path: where its name is found, empty for none."""

    item: str
    sql: str
    path: str = ""


GROUPS: Mapping[str, Group] = {
    "days": Group("day", "coalesce(e.date, date(e.start_time, 'unixepoch'))"),
    "clients": Group("client", "p.client_id", "clients"),
    "users": Group("user", "e.user_id", "users"),
    "projects": Group("project", "e.project_id", "projects"),
    "tasklists": Group("tasklist", "t.tasklist_id", "tasklists"),
    "tasks": Group("task", "e.task_id", "tasks"),
    "billed": Group("billed", "coalesce(e.billed, 0)"),
    "entries": Group("entry", "e.id", "entries"),
}
"""The ways to group, by their names in a report's `include`, in the order they nest unless `extra.order` says else."""


def computed(account: Account, report: Mapping[str, Any]) -> dict[str, Any]:
    """`info` and `content` of a report."""
    where, params = _filter(account, report)
    groups = _groups(report)
    keys = [GROUPS[name].sql for name in groups]
    time = _rounded(report.get("extra") or {})
    by = f" GROUP BY {', '.join(keys)}" if keys else ""
    chosen = ", ".join([*keys, f"sum({time})"])
    rows = account.store.query(f"SELECT {chosen} {_SOURCE} WHERE {where}{by}", params)
    names = {name: _names(account, name, {row[place] for row in rows}) for place, name in enumerate(groups)}
    tree = _tree(rows)
    items = list(_items(tree, groups, names, tree.seconds, {}))
    share = _percent(tree.seconds, tree.seconds)
    items.append({"type": "total", "title": "Total", "time": tree.seconds, "pct": share, "level": 0})
    return {"info": coverage(account, report), "content": {"items": items}}


def coverage(account: Account, report: Mapping[str, Any]) -> dict[str, Any]:
    """`info` of a report: the span, and the clients, projects and users that have time in it."""
    where, params = _filter(account, report)
    return _info(account, report, where, params)


def moment(value: Any) -> int | None:
    """A report's `start_date` or `end_date` as a Unix timestamp, from a number or an ISO text."""
    if value is None or value == "":
        return None
    try:
        return int(value)
    except (TypeError, ValueError):
        pass
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise Problem(400, "Invalid value for `start_date` or `end_date`") from None
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())


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


_SOURCE = (
    'FROM "entries" e JOIN "tasks" t ON t.id = e.task_id JOIN "projects" p ON p.id = e.project_id '
    'LEFT JOIN "clients" c ON c.id = p.client_id LEFT JOIN "users" u ON u.id = e.user_id'
)
# The column of ids and the column of `active` behind each list of a report.
_LISTS = {
    "projects": ("e.project_id", "p.active"),
    "clients": ("p.client_id", "c.active"),
    "users": ("e.user_id", "u.active"),
}
_EXCLUSIONS = {
    "exclude_billed_entries": "coalesce(e.billed, 0) = 0",
    "exclude_unbilled_entries": "e.billed = 1",
    "exclude_billable_tasks": "coalesce(t.billable, 0) = 0",
    "exclude_nonbillable_tasks": "t.billable = 1",
    "exclude_nonbillable_projects": "p.billable = 1",
    "exclude_flat_rate_tasks": "coalesce(t.flat_billing, 0) = 0",
    "exclude_flats": "coalesce(p.flat_billing, 0) = 0",
}


def _filter(account: Account, report: Mapping[str, Any]) -> tuple[str, list[Any]]:
    parts = ["e.duration IS NOT NULL"]  # a running timer has none yet
    params: list[Any] = []
    if (span := _span(account, report)) is not None:
        start, end = span
        parts.append("(e.start_time >= ? AND e.start_time < ? OR e.date >= ? AND e.date < ?)")
        params += [start.timestamp(), end.timestamp(), start.date().isoformat(), _day_after(end)]
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
    parts += [sql for name, sql in _EXCLUSIONS.items() if options.get(name)]
    return " AND ".join(parts), params


def _span(account: Account, report: Mapping[str, Any]) -> tuple[datetime, datetime] | None:
    start, end = moment(report.get("start_date")), moment(report.get("end_date"))
    if start is not None and end is not None:
        return datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)
    now = datetime.fromtimestamp(account.clock(), UTC)
    return interval(report.get("date_interval") or "", now, int(account.company().get("week_start") or 1))


def _day_after(end: datetime) -> str:
    """Days are whole: one that the span only begins belongs to it."""
    return (end + timedelta(days=1) - timedelta(microseconds=1)).date().isoformat()


def _rounded(options: Mapping[str, Any]) -> str:
    """An entry's time, rounded up to whole steps where the report asks for it."""
    step = options.get("rounding_step")
    if not options.get("enable_time_rounding") or not step:
        return "e.duration"
    seconds = int(step) * 60
    return f"((e.duration + {seconds - 1}) / {seconds}) * {seconds}"


def _groups(report: Mapping[str, Any]) -> list[str]:
    wanted: Mapping[str, Any] = report.get("include") or {}
    options: Mapping[str, Any] = report.get("extra") or {}
    order: list[str] = [*(options.get("order") or ()), *GROUPS]
    chosen = [name for name in dict.fromkeys(order) if name in GROUPS and wanted.get(name)]
    return sorted(chosen, key=lambda name: name == "entries")  # an entry holds nothing, so it is innermost


def _names(account: Account, group: str, keys: set[Any]) -> dict[Any, str]:
    path = GROUPS[group].path
    if group == "billed":
        return {0: "Unbilled", 1: "Billed"}
    if not path:
        return {key: str(key) for key in keys}
    name = "description" if group == "entries" else "name"
    found = account.store.query(
        f"SELECT id, coalesce(body ->> '$.{name}', '') FROM \"{path}\" WHERE id IN (SELECT value FROM json_each(?))",
        (dump([key for key in keys if key is not None]).decode(),),
    )
    return {None: "", **dict(found)}


class _Branch:
    """The time of one group, and the groups below it by key."""

    __slots__ = ("below", "seconds")

    def __init__(self) -> None:
        self.seconds = 0
        self.below: dict[Any, _Branch] = {}


def _tree(rows: Sequence[tuple[Any, ...]]) -> _Branch:
    """Rows of keys and seconds, hung up by their keys, outermost first."""
    root = _Branch()
    for *keys, seconds in rows:
        branch = root
        branch.seconds += seconds or 0  # without groups, the sum over no entries is null
        for key in keys:
            branch = branch.below.setdefault(key, _Branch())
            branch.seconds += seconds
    return root


def _items(
    branch: _Branch,
    groups: Sequence[str],
    names: Mapping[str, Mapping[Any, str]],
    total: int,
    above: Mapping[str, Any],
    level: int = 1,
) -> Iterator[dict[str, Any]]:
    for name in groups[level - 1 : level]:
        group, titles = GROUPS[name], names[name]
        by_title = sorted(branch.below, key=lambda key: (_place(name, titles.get(key, "")), key or 0))
        for key in by_title:
            below = branch.below[key]
            ids = {**above, f"{group.item}_id": key} if group.path else above
            own = {"id": key} if group.path else {}
            time = {"time": below.seconds, "pct": _percent(below.seconds, total), "level": level}
            yield {"type": group.item, "title": titles.get(key, ""), **own, **time, **ids}
            yield from _items(below, groups, names, total, ids, level + 1)


def _place(group: str, title: str) -> str:
    """Rows are in the order of their titles, entries in that of their ids."""
    return "" if group == "entries" else title


def _percent(seconds: int, total: int) -> int | Decimal:
    share = (Decimal(seconds) * 100 / total).quantize(Decimal("0.01")) if total else Decimal()
    return int(share) if share == share.to_integral_value() else share.normalize()


def _info(account: Account, report: Mapping[str, Any], where: str, params: list[Any]) -> dict[str, Any]:
    span = _span(account, report)
    if span is None:
        ((first, last),) = account.store.query(
            f"SELECT min(coalesce(e.start_time, unixepoch(e.date))), max(coalesce(e.end_time, unixepoch(e.date))) "
            f"{_SOURCE} WHERE {where}",
            params,
        )
        span = None if first is None else (datetime.fromtimestamp(first, UTC), _utc(last))
    made: dict[str, Any] = {
        "start_date": iso(span[0]) if span else None,
        "end_date": iso(span[1]) if span else None,
    }
    for name, (ids, _) in _LISTS.items():
        found = account.store.query(f"SELECT DISTINCT {ids} {_SOURCE} WHERE {where}", params)
        titles = _names(account, name, {key for (key,) in found})
        made[name] = [{"id": str(key), "name": titles[key]} for key in sorted(titles, key=lambda k: k or 0) if key]
    return made


def _utc(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
