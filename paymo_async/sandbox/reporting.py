"""A report's content, computed from the time entries (BEHAVIOUR.md, Rules of single resources).

The tasks that a report is about are found first; then SQLite sums their entries by task, user and what else the report
groups by, from an index that holds all of it, without a look at the entries themselves. What comes back is as long as
the report, not as the entries. The sums are hung into a tree, outermost group first, and the tree is written out as
the flat list that the service answers: each row before the rows below it, the total last.

What the service's documentation leaves open is decided as follows (guessed):

- Days, and the spans of `date_interval`, are those of UTC. A span takes the entries that begin in [start, end); an
  entry with a date alone counts as at noon of it, as in `time_interval`. A running timer has no time yet.
- Groups nest in the order of `GROUPS` unless `extra.order` says else; entries are always innermost.
- Rows are in the order of their titles, entries in that of their ids, and an entry's title is its description.
- `pct` is the share of the report's total, rounded half up to two digits.
- Rounding takes each entry up to the next whole step, before anything is summed.
- The `display_*` options of `extra` add attributes to the rows, see `_DISPLAYS`; `display_costs` adds `cost` to all of
  them. `display_charts`, `display_seconds` and `display_entries_descriptions` are about looks and add nothing.
- A cost is time by the price of an hour: by the project's `hourly_billing_mode` that of the task, project or company,
  and without one the first of task and project that has a price. What is not billable or at a flat rate costs nothing.
"""

# ruff: noqa: S608  # what is spliced into SQL are names of the declarations; values go as parameters

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from paymo_async.sandbox.tracked import Entry, Sum, Tracked
from paymo_async.sandbox.values import dump, iso, load, plain

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account

__all__ = ["GROUPS", "computed", "coverage"]


class Group(NamedTuple):
    """One way to group time. item: the type of its rows; path: where their names are found, empty for none."""

    item: str
    path: str = ""


GROUPS: Mapping[str, Group] = {
    "days": Group("day"),
    "clients": Group("client", "clients"),
    "users": Group("user", "users"),
    "projects": Group("project", "projects"),
    "tasklists": Group("tasklist", "tasklists"),
    "tasks": Group("task", "tasks"),
    "billed": Group("billed"),
    "entries": Group("entry", "entries"),
}
"""The ways to group, by their names in a report's `include`, in the order they nest unless `extra.order` says else."""


def computed(account: Account, report: Mapping[str, Any]) -> dict[str, Any]:
    """`info` and `content` of a report."""
    options: Mapping[str, Any] = report.get("extra") or {}
    groups = _groups(report)
    tracked = Tracked(account, report)
    covered = tracked.sums()
    sums = tracked.entries(groups) if "entries" in groups else tracked.daily(groups) if "days" in groups else covered
    keys = {name: tracked.key(name) for name in groups if name != "entries"}
    prices = tracked.prices() if options.get("display_costs") else None
    tree = _tree(sums, list(keys.values()), prices)
    levels = [_level(account, name, options, {key(one) for one in sums}) for name, key in keys.items()]
    writer = _Writer(tree.seconds, levels, prices)
    writer.write(tree, {})
    items = [*writer.items, {"type": "total", "title": "Total", **_sums(tree, tree.seconds), "level": 0}]
    return {"info": _info(account, tracked, covered), "content": {"items": items}}


def coverage(account: Account, report: Mapping[str, Any]) -> dict[str, Any]:
    """`info` of a report: the span, and the clients, projects and users that have time in it."""
    tracked = Tracked(account, report)
    return _info(account, tracked, tracked.sums())


def _groups(report: Mapping[str, Any]) -> list[str]:
    wanted: Mapping[str, Any] = report.get("include") or {}
    options: Mapping[str, Any] = report.get("extra") or {}
    order: list[str] = [*(options.get("order") or ()), *GROUPS]
    chosen = [name for name in dict.fromkeys(order) if name in GROUPS and wanted.get(name)]
    return sorted(chosen, key=lambda name: name == "entries")  # an entry holds nothing, so it is innermost


class _Branch:
    """The time of one group, and the groups or entries below it.

    worth: seconds by the price of an hour; None where no costs are asked for.
    """

    __slots__ = ("below", "entries", "seconds", "worth")

    def __init__(self, worth: Decimal | None) -> None:
        self.seconds = 0
        self.worth: Decimal | None = worth
        self.below: dict[Any, _Branch] = {}
        self.entries: list[Entry] = []


def _tree(sums: Sequence[Sum], keys: Sequence[Callable[[Sum], Any]], prices: Mapping[int, Decimal] | None) -> _Branch:
    """The sums hung up by their keys, outermost first."""
    nothing = None if prices is None else Decimal()
    root = _Branch(nothing)
    for one in sums:
        price = None if prices is None else prices[one.task_id]
        branch = root
        _add(root, one.seconds, price)
        for key in keys:
            at = key(one)
            if at not in branch.below:
                branch.below[at] = _Branch(nothing)
            branch = branch.below[at]
            _add(branch, one.seconds, price)
        branch.entries += one.entries
    return root


def _add(branch: _Branch, seconds: int, price: Decimal | None) -> None:
    branch.seconds += seconds
    if branch.worth is not None and price is not None:
        branch.worth += seconds * price


class _Level(NamedTuple):
    """What the rows of one group say. shown: more of their attributes by key, where the report asks for them."""

    group: Group
    titles: Mapping[Any, str]
    shown: Mapping[Any, Mapping[str, Any]]


def _level(account: Account, name: str, options: Mapping[str, Any], keys: set[Any]) -> _Level:
    return _Level(GROUPS[name], _named(account, name, keys), _displayed(account, name, options, keys))


class _Writer:
    """Writes a tree out as the flat list of a report's rows. prices: of an hour by task, None without costs."""

    def __init__(self, total: int, levels: Sequence[_Level], prices: Mapping[int, Decimal] | None) -> None:
        self.total = total
        self.levels = levels
        self.prices = prices
        self.items: list[dict[str, Any]] = []

    def write(self, branch: _Branch, above: Mapping[str, Any], level: int = 1) -> None:
        """Appends what is below a branch. above: the ids of the groups it stands in."""
        if level > len(self.levels):
            return self.write_entries(branch, above, level)
        group, titles, shown = self.levels[level - 1]
        for key in sorted(branch.below, key=lambda key: (titles.get(key, ""), key or 0)):
            below = branch.below[key]
            own = {"id": key} if group.path else {}
            ids = {**above, f"{group.item}_id": key} if group.path else above
            row = {"type": group.item, "title": titles.get(key, ""), **own, **_sums(below, self.total), "level": level}
            self.items.append({**row, **ids, **shown.get(key, {})})
            self.write(below, ids, level + 1)
        return None

    def write_entries(self, branch: _Branch, above: Mapping[str, Any], level: int) -> None:
        """Appends the entries of an innermost branch."""
        for key, seconds, title, task_id, *_ in sorted(branch.entries):
            share = _percent(seconds, self.total)
            row: dict[str, Any] = {"type": "entry", "title": title, "id": key, "time": seconds, "pct": share}
            if self.prices is not None:
                row["cost"] = _cost(self.prices[task_id] * seconds)
            self.items.append({**row, "level": level, **above, "entry_id": key})


def _sums(branch: _Branch, total: int) -> dict[str, Any]:
    made: dict[str, Any] = {"time": branch.seconds, "pct": _percent(branch.seconds, total)}
    return made if branch.worth is None else {**made, "cost": _cost(branch.worth)}


def _cost(worth: Decimal) -> int | Decimal:
    return plain((worth / 3600).quantize(Decimal("0.01"), ROUND_HALF_UP))


def _percent(seconds: int, total: int) -> int | float:
    """The share in percent, rounded half up to two digits."""
    hundredths = (20_000 * seconds + total) // (2 * total) if total else 0
    return hundredths / 100 if hundredths % 100 else hundredths // 100


def _named(account: Account, group: str, keys: set[Any]) -> dict[Any, str]:
    path = GROUPS[group].path
    if group == "billed":
        return {0: "Unbilled", 1: "Billed"}
    if group == "days":
        return {key: (date(1970, 1, 1) + timedelta(days=key)).isoformat() for key in keys}
    found = account.store.query(
        f"SELECT id, coalesce(body ->> '$.name', '') FROM \"{path}\" WHERE id IN (SELECT value FROM json_each(?))",
        (_listed(keys),),
    )
    return dict(found)


def _listed(keys: set[Any]) -> str:
    return dump([key for key in keys if key is not None]).decode()


# By option: whose rows get which attribute, and whence.
_DISPLAYS = {
    "display_tasks_codes": ("tasks", "code", "code"),
    "display_tasks_descriptions": ("tasks", "description", "description"),
    "display_tasks_complete_status": ("tasks", "complete", "complete"),
    "display_tasks_time_budget": ("tasks", "budget_hours", "budget_hours"),
    "display_projects_codes": ("projects", "code", "code"),
    "display_projects_descriptions": ("projects", "description", "description"),
    "display_projects_budgets": ("projects", "budget_hours", "budget_hours"),
    "display_users_positions": ("users", "position", "position"),
}
# By option: whose rows get `remaining_hours`: what is left of the budget after all time, not only the report's.
_REMAINING = {
    "display_tasks_remaining_time_budgets": ("tasks", "task_id"),
    "display_projects_remaining_budgets": ("projects", "project_id"),
}


def _displayed(account: Account, group: str, options: Mapping[str, Any], keys: set[Any]) -> dict[Any, dict[str, Any]]:
    """What the rows of a group show beside their time, by key."""
    wanted = [(name, source) for option, (of, name, source) in _DISPLAYS.items() if of == group and options.get(option)]
    remaining = [column for option, (of, column) in _REMAINING.items() if of == group and options.get(option)]
    made: dict[Any, dict[str, Any]] = {}
    if not wanted and not remaining:
        return made
    used = dict[Any, int]()
    for column in remaining:
        used = dict(
            account.store.query(
                f'SELECT "{column}", coalesce(sum("duration"), 0) FROM "entries" '
                f'WHERE "{column}" IN (SELECT value FROM json_each(?)) GROUP BY "{column}"',
                (_listed(keys),),
            )
        )
    for row in account.store.by_ids(account.tables[group], [key for key in keys if key is not None]):
        values = load(row.body)
        made[row.id] = {name: values.get(source) for name, source in wanted}
        if remaining:
            budget = values.get("budget_hours")
            made[row.id]["remaining_hours"] = None if budget is None else _left(budget, used.get(row.id, 0))
    return made


def _left(budget: int | Decimal, seconds: int) -> int | Decimal:
    return plain((Decimal(budget) - Decimal(seconds) / 3600).quantize(Decimal("0.01"), ROUND_HALF_UP))


def _info(account: Account, tracked: Tracked, covered: Sequence[Sum]) -> dict[str, Any]:
    span = tracked.span
    if span is None and covered:
        first, last = min(one.first for one in covered), max(one.last for one in covered)
        span = datetime.fromtimestamp(first, UTC), datetime.fromtimestamp(last, UTC)
    made: dict[str, Any] = {
        "start_date": iso(span[0]) if span else None,
        "end_date": iso(span[1]) if span else None,
    }
    for name in ("clients", "projects", "users"):
        key = tracked.key(name)
        titles = _named(account, name, {key(one) for one in covered})
        made[name] = [{"id": str(key), "name": titles[key]} for key in sorted(titles)]
    return made
