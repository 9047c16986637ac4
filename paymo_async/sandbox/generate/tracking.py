"""The time entries of a generated agency, and reports about them.

Entries are made in the order of time, as rows that go into the store as one stream: a million of them never stand in
memory. Most of the time to build an account goes into them, so that they are written without the detours that other
objects take; a test holds them against an object that the store itself has written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final

from paymo_async.sandbox.generate.agency import Agency, Worked
from paymo_async.sandbox.generate.billing import Books
from paymo_async.sandbox.generate.words import NOTES
from paymo_async.sandbox.reporting import GROUPS
from paymo_async.sandbox.values import dump, iso

__all__ = ["entry_rows", "reports"]

_Task = tuple[int, int, Sequence[int], Sequence[int | None]]
_MINUTES: Final = tuple(f"{minute // 60:02}:{minute % 60:02}" for minute in range(24 * 60))


def entry_rows(agency: Agency, books: Books) -> Iterator[tuple[Any, ...]]:
    """Rows of the table of entries: work on workdays, on projects that have begun, billed as the books say."""
    size, chance = agency.size, agency.chance("entries").random
    first, second, *rest = agency.account.tables["entries"].columns
    columns = itemgetter(first, second, *rest)
    tasks, known = _by_start(agency, books)
    workdays, worked, notes = agency.workdays, agency.worked, len(NOTES)
    for place in range(size.entries):
        at = workdays[place * len(workdays) // size.entries]
        day, midnight = agency.days[at], agency.midnights[at]
        task, project, team, bills = tasks[int(chance() * known[at])]
        minutes = 5 + int(60 * chance() ** 2)
        begin = 480 + int(chance() * 600)
        seconds = int(chance() * 60)
        line = bills[at]
        entry: dict[str, Any] = {
            "id": place + 1,
            "task_id": task,
            "user_id": team[int(chance() * len(team))],
            "description": NOTES[int(chance() * notes)],
            "added_manually": chance() < 0.4,
            "invoice_item_id": line,
            "billed": line is not None,
            "is_bulk": chance() < 0.1,
            "project_id": project,
            "duration": minutes * 60,
        }
        if line is not None:
            books.seconds[line] += minutes * 60
        end = f"{day}T{_MINUTES[begin + minutes]}:{seconds:02}Z"
        if entry["is_bulk"]:
            entry["date"] = day
        else:
            entry["start_time"] = f"{day}T{_MINUTES[begin]}:{seconds:02}Z"
            entry["end_time"] = end
        entry["created_on"] = entry["updated_on"] = end
        body = dump(entry).decode()
        began = midnight + begin * 60 + seconds
        ended = began + minutes * 60
        _note(worked, entry, midnight if entry["is_bulk"] else began, midnight if entry["is_bulk"] else ended)
        yield place + 1, body, None, *columns(_stored(entry, began, ended))


def _stored(entry: dict[str, Any], began: int, ended: int) -> Mapping[str, Any]:
    """What the columns hold: moments as seconds since 1970, null for what the entry has not."""
    entry["created_on"] = entry["updated_on"] = ended
    if entry["is_bulk"]:
        entry["start_time"] = entry["end_time"] = None
    else:
        entry["start_time"], entry["end_time"], entry["date"] = began, ended, None
    return entry


def _note(worked: dict[int, Worked], entry: Mapping[str, Any], began: int, ended: int) -> None:
    """Keeps what reports tell of a project's time; what a day holds counts from midnight."""
    project = worked.get(entry["project_id"])
    if project is None:
        project = worked[entry["project_id"]] = Worked(began)
    project.first = min(project.first, began)
    project.last = max(project.last, ended)
    project.users.add(entry["user_id"])


def _by_start(agency: Agency, books: Books) -> tuple[Sequence[_Task], list[int]]:
    """Tasks in the order in which their projects began, as (id, project, team, line by day), and how many by day."""
    starts = {project["id"]: agency.started(project) for project in agency.projects}
    in_order = sorted(agency.tasks, key=lambda task: (starts[task["project_id"]], task["id"]))
    found: list[_Task] = [
        (task["id"], task["project_id"], _team(agency, task), books.bills[task["project_id"]]) for task in in_order
    ]
    known = [0] * len(agency.days)
    for task in in_order:
        known[starts[task["project_id"]]] += 1
    for place in range(1, len(known)):
        known[place] += known[place - 1]
    return found, [max(1, number) for number in known]


def _team(agency: Agency, task: Mapping[str, Any]) -> list[int]:
    assigned: list[int] = task["users"]
    project = int(task["project_id"])
    members: list[int] = agency.projects[project - 1]["users"]
    return assigned or members


def reports(agency: Agency) -> Iterator[dict[str, Any]]:
    """Live reports on some projects each, in several groupings."""
    groupings: Sequence[tuple[str, ...]] = (
        ("projects", "tasklists", "tasks"),
        ("clients", "projects", "users"),
        ("users", "projects", "tasks"),
        ("days", "users"),
        ("projects", "tasks", "entries"),
    )
    chance, most = agency.chance("reports"), min(3, len(agency.projects))
    for key in range(1, agency.size.reports + 1):
        groups = groupings[key % len(groupings)]
        chosen = sorted(project["id"] for project in chance.sample(agency.projects, most))
        report: dict[str, Any] = {
            "id": key,
            "name": f"{' and '.join(groups).capitalize()}, no. {key}",
            "user_id": 1,
            "type": "live",
            "date_interval": "all_time",
            "projects": chosen,
            "clients": "all",
            "users": "all",
            "include": {name: name in groups for name in GROUPS},
            "extra": {"display_entries_descriptions": True, "enable_time_rounding": False, "rounding_step": False},
            "active": True,
            "permalink": agency.account.permalink("reports", key, chance.hex(48)),
            "download_token": chance.hex(40),
        }
        report["info"] = _info(agency, chosen)
        yield agency.full("reports", report, f"{agency.days[key % len(agency.days)]}T12:{key % 60:02}:00Z")


def _info(agency: Agency, projects: Sequence[int]) -> dict[str, Any]:
    """What `reporting.coverage` would find in the store, which takes longer than all else for a report."""
    worked = {key: agency.worked[key] for key in projects if key in agency.worked}
    users = {user for one in worked.values() for user in one.users}
    clients = {agency.projects[key - 1]["client_id"] for key in worked}
    return {
        "start_date": iso(min(one.first for one in worked.values())) if worked else None,
        "end_date": iso(max(one.last for one in worked.values())) if worked else None,
        "projects": [_named(agency.projects[key - 1]) for key in sorted(worked)],
        "clients": [_named(one) for one in agency.clients if one["id"] in clients],
        "users": [_named(one) for one in agency.users if one["id"] in users],
    }


def _named(one: Mapping[str, Any]) -> dict[str, str]:
    return {"id": str(one["id"]), "name": one["name"]}
