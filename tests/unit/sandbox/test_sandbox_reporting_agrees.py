"""A report's content is what a naive computation over the entries gives, for random entries and options."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paymo_async.sandbox.account import Account
from paymo_async.sandbox.reporting import GROUPS, computed
from paymo_async.sandbox.schema import schema
from paymo_async.sandbox.store import Store
from paymo_async.sandbox.tracked import interval
from paymo_async.sandbox.where import Filter

NOW = datetime(2026, 3, 5, 15, tzinfo=UTC)  # a Thursday
TYPES = {name: group.item for name, group in GROUPS.items()}
World = dict[str, dict[int, dict[str, Any]]]
EXCLUSIONS = {
    "exclude_billed_entries": lambda entry, task, project: not entry["billed"],
    "exclude_unbilled_entries": lambda entry, task, project: entry["billed"],
    "exclude_billable_tasks": lambda entry, task, project: not task["billable"],
    "exclude_nonbillable_tasks": lambda entry, task, project: task["billable"],
    "exclude_nonbillable_projects": lambda entry, task, project: project["billable"],
    "exclude_flat_rate_tasks": lambda entry, task, project: not task["flat_billing"],
    "exclude_flats": lambda entry, task, project: not project["flat_billing"],
}


def iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def world_of(seed: int) -> World:
    chosen = random.Random(seed)
    flag = lambda: chosen.random() < 0.6  # noqa: E731
    price = lambda: chosen.choice((None, 0, 50, Decimal("33.33"), Decimal("0.1")))  # noqa: E731
    made: World = {path: {} for path in ("clients", "users", "projects", "tasklists", "tasks", "entries", "company")}
    made["company"][1] = {"id": 1, "week_start": chosen.choice((0, 1)), "default_price_per_hour": "45"}
    for key in range(1, 4):
        made["clients"][key] = {"id": key, "name": f"client {chosen.randint(1, 3)}", "active": flag()}
        made["users"][key] = {"id": key, "name": f"user {key % 2}", "active": flag()}
    for key in range(1, chosen.randint(1, 4) + 1):
        made["projects"][key] = {
            "id": key,
            "name": f"project {key}",
            "client_id": chosen.choice((1, 2, 3, None)),
            "active": flag(),
            "status_id": chosen.choice((7, 8)),
            "billable": flag(),
            "flat_billing": not flag(),
            "hourly_billing_mode": chosen.choice((None, "task", "project", "company")),
            "price_per_hour": price(),
        }
        made["tasklists"][key] = {"id": key, "name": f"list {key}", "project_id": key}
    for key in range(1, chosen.randint(1, 6) + 1):
        at = chosen.choice(list(made["projects"]))
        made["tasks"][key] = {
            "id": key,
            "name": f"task {chosen.randint(1, 3)}",
            "project_id": at,
            "tasklist_id": at,
            "billable": flag(),
            "flat_billing": not flag(),
            "price_per_hour": price(),
        }
    for key in range(1, chosen.randint(0, 25) + 1):
        task = made["tasks"][chosen.choice(list(made["tasks"]))]
        moment = NOW.replace(hour=0) - timedelta(days=chosen.choice((-2, 0, 0, 1, 1, 2, 4, 8, 30, 64, 365, 430)))
        minutes = chosen.randint(1, 200)
        entry = {"id": key, "task_id": task["id"], "project_id": task["project_id"], "user_id": chosen.randint(1, 4)}
        entry |= {"billed": flag(), "duration": 60 * minutes + chosen.choice((0, 1, 59)), "description": f"e{key % 3}"}
        if chosen.random() < 0.3:
            entry["date"] = moment.date().isoformat()
        else:
            moment += timedelta(seconds=chosen.choice((0, 1, 43_199, 43_200, 80_000, 86_399)))
            running = chosen.random() < 0.1
            entry |= {"duration": None} if running else {}
            end = None if running else iso(moment + timedelta(seconds=entry["duration"]))
            entry |= {"start_time": iso(moment), "end_time": end}
        made["entries"][key] = entry
    return made


@st.composite
def reports(draw: st.DrawFn) -> dict[str, Any]:
    def ids(*presets: str) -> Any:
        chosen = st.lists(st.integers(1, 4), max_size=3, unique=True)
        return draw(st.sampled_from(("all", "all", "all_active", "all_archived", *presets)) | chosen)

    flags = ("enable_time_rounding", "display_costs", *EXCLUSIONS)
    extra: dict[str, Any] = {name: draw(st.sampled_from((False, False, False, True))) for name in flags}
    extra["rounding_step"] = draw(st.sampled_from((False, None, 1, 15, 60)))
    extra["order"] = draw(st.permutations(list(GROUPS)))[: draw(st.integers(0, 8))]
    report: dict[str, Any] = {
        "projects": ids("status_id=7"),
        "clients": ids(),
        "users": ids(),
        "extra": extra,
        "include": {name: draw(st.booleans()) for name in GROUPS},
    }
    if draw(st.booleans()):
        start, end = (NOW - timedelta(hours=draw(st.integers(-100, 2000))) for _ in range(2))
        return {**report, "start_date": int(start.timestamp()), "end_date": int(end.timestamp())}
    return {**report, "date_interval": draw(st.sampled_from(INTERVALS))}


INTERVALS = (
    *("today", "yesterday", "this_week", "last_week", "this_month", "last_month", "this_year", "last_year"),
    "all_time",
)


def begin(entry: Mapping[str, Any]) -> datetime:
    if entry.get("start_time"):
        return datetime.fromisoformat(entry["start_time"])
    return datetime.fromisoformat(f"{entry['date']}T12:00:00Z")


def within(moment: datetime, report: Mapping[str, Any], week_start: int) -> bool:
    """By counting days, months and years, not by computing spans."""
    if "start_date" in report:
        return report["start_date"] <= moment.timestamp() < report["end_date"]
    day, today = moment.date(), NOW.date()
    sunday_of = lambda one: one - timedelta(days=(one.isoweekday() - week_start) % 7)  # noqa: E731
    month = lambda one: one.year * 12 + one.month  # noqa: E731
    return {
        "today": day == today,
        "yesterday": day == today - timedelta(days=1),
        "this_week": sunday_of(day) == sunday_of(today),
        "last_week": sunday_of(day) == sunday_of(today) - timedelta(days=7),
        "this_month": month(day) == month(today),
        "last_month": month(day) == month(today) - 1,
        "this_year": day.year == today.year,
        "last_year": day.year == today.year - 1,
        "all_time": True,
    }[report["date_interval"]]


def selected(one: Mapping[str, Any] | None, chosen: Any) -> bool:
    if isinstance(chosen, list):
        return one is not None and one["id"] in chosen
    if chosen == "all":
        return True
    if chosen.startswith("status_id="):
        return one is not None and one["status_id"] == int(chosen[10:])
    return one is not None and one["active"] is (chosen == "all_active")


def chosen_entries(world: World, report: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    for entry in world["entries"].values():
        task, project = world["tasks"][entry["task_id"]], world["projects"][entry["project_id"]]
        client, user = world["clients"].get(project["client_id"]), world["users"].get(entry["user_id"])
        if isinstance(report["users"], list):
            user = {"id": entry["user_id"]}  # one who is gone may still be named
        if (
            entry["duration"] is not None
            and within(begin(entry), report, world["company"][1]["week_start"])
            and selected(project, report["projects"])
            and selected(client, report["clients"])
            and selected(user, report["users"])
            and all(keeps(entry, task, project) for name, keeps in EXCLUSIONS.items() if report["extra"][name])
        ):
            found.append(entry)
    return found


def seconds_of(entry: Mapping[str, Any], extra: Mapping[str, Any]) -> int:
    step = 60 * (extra["rounding_step"] or 0) if extra["enable_time_rounding"] else 0
    return entry["duration"] if not step else -(-entry["duration"] // step) * step


def worth_of(entry: Mapping[str, Any], world: World, seconds: int) -> Decimal:
    task, project = world["tasks"][entry["task_id"]], world["projects"][entry["project_id"]]
    if not task["billable"] or not project["billable"] or task["flat_billing"] or project["flat_billing"]:
        return Decimal()
    first = task["price_per_hour"] if task["price_per_hour"] is not None else project["price_per_hour"]
    price = {
        "task": task["price_per_hour"],
        "project": project["price_per_hour"],
        "company": Decimal(world["company"][1]["default_price_per_hour"]),
        None: first,
    }[project["hourly_billing_mode"]]
    return Decimal(price or 0) * seconds


def key_of(name: str, entry: Mapping[str, Any], world: World) -> tuple[str, Any]:
    """The title and id of the group that an entry falls into."""
    project = world["projects"][entry["project_id"]]
    others = {
        "clients": project["client_id"],
        "users": entry["user_id"],
        "projects": entry["project_id"],
        "tasklists": world["tasks"][entry["task_id"]]["tasklist_id"],
        "tasks": entry["task_id"],
    }
    if name == "days":
        return begin(entry).date().isoformat(), None
    if name == "billed":
        return ("Billed" if entry["billed"] else "Unbilled"), None
    if name == "entries":
        return entry["description"], entry["id"]
    return world[name].get(others[name], {}).get("name", ""), others[name]


def naive(world: World, report: Mapping[str, Any]) -> list[dict[str, Any]]:
    extra = report["extra"]
    order = [name for name in (*extra["order"], *GROUPS) if report["include"][name]]
    groups = [name for name in dict.fromkeys(order) if name != "entries"]
    groups += ["entries"] * report["include"]["entries"]
    entries = chosen_entries(world, report)
    total = sum(seconds_of(entry, extra) for entry in entries)

    def sums(some: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        time = sum(seconds_of(entry, extra) for entry in some)
        share = (Decimal(time) * 100 / total).quantize(Decimal("0.01"), ROUND_HALF_UP) if total else 0
        made: dict[str, Any] = {"time": time, "pct": float(share)}
        if extra["display_costs"]:
            worth = sum((worth_of(entry, world, seconds_of(entry, extra)) for entry in some), Decimal())
            made["cost"] = (worth / 3600).quantize(Decimal("0.01"), ROUND_HALF_UP)
        return made

    def below(some: list[dict[str, Any]], depth: int, ids: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if depth == len(groups):
            return
        name = groups[depth]
        keys = {key_of(name, entry, world) for entry in some}
        for title, key in sorted(keys, key=lambda one: (one[1] if name == "entries" else one[0], one[1] or 0)):
            own = [entry for entry in some if key_of(name, entry, world) == (title, key)]
            named = {} if name in ("days", "billed") else {"id": key}
            more = {f"{TYPES[name]}_id": key} if named else {}
            yield {"type": TYPES[name], "title": title, **named, **sums(own), "level": depth + 1, **ids, **more}
            yield from below(own, depth + 1, {**ids, **more})

    return [*below(entries, 0, {}), {"type": "total", "title": "Total", **sums(entries), "level": 0}]


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    store = Store(schema())
    yield Account(store, {}, clock=NOW.timestamp)
    store.close()


def fill(account: Account, world: World) -> None:
    with account.store.transaction():
        for path, rows in world.items():
            account.store.delete(schema()[path], Filter("1"))
            for values in rows.values():
                account.store.put(schema()[path], values)


@given(seed=st.integers(0, 1 << 32), report=reports())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_a_report_agrees_with_a_naive_computation(account, seed, report):
    world = world_of(seed)
    fill(account, world)
    assert computed(account, report)["content"]["items"] == naive(world, report)


@given(seed=st.integers(0, 1 << 32), report=reports())
@settings(max_examples=30, deadline=None, derandomize=True)
def test_the_info_names_what_has_time(account, seed, report):
    world = world_of(seed)
    fill(account, world)
    info, entries = computed(account, report)["info"], chosen_entries(world, report)
    keys = {
        "projects": {entry["project_id"] for entry in entries},
        "clients": {world["projects"][entry["project_id"]]["client_id"] for entry in entries} - {None},
        "users": {entry["user_id"] for entry in entries} & set(world["users"]),
    }
    for path, wanted in keys.items():
        assert info[path] == [{"id": str(key), "name": world[path][key]["name"]} for key in sorted(wanted)]
    if report.get("date_interval") == "all_time" and entries:
        starts = [entry.get("start_time") or f"{entry['date']}T00:00:00Z" for entry in entries]
        ends = [entry.get("end_time") or f"{entry['date']}T00:00:00Z" for entry in entries]
        assert (info["start_date"], info["end_date"]) == (min(starts), max(ends))


@pytest.mark.parametrize("name", [name for name in INTERVALS if name != "all_time"])
@pytest.mark.parametrize("now", ["2026-03-01", "2024-02-29", "2026-12-31", "2027-01-01", "2026-05-31"])
@pytest.mark.parametrize("week_start", [0, 1])
def test_a_named_interval_holds_exactly_its_days(name, now, week_start):
    today = datetime.fromisoformat(f"{now}T23:30:00+00:00")
    span = interval(name, today, week_start)
    assert span is not None
    start, end = span
    days = {"today": 1, "yesterday": 1, "this_week": 7, "last_week": 7}.get(name, (28, 29, 30, 31, 365, 366))
    assert (end - start).days in (days if isinstance(days, tuple) else (days,))
    if "week" in name:
        assert start.isoweekday() % 7 == week_start
    assert (start <= today < end) is name.startswith(("this", "today"))
    if not name.startswith(("this", "today")):
        following = interval(name.replace("last", "this").replace("yester", "to"), today, week_start)
        assert following is not None
        assert end == following[0]
