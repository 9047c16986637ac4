"""Rules of recurring tasks: which days a profile falls on, and the tasks that are made on them.

BEHAVIOUR.md names the attributes and says no more. Guessed, so that the documented profiles come out with their
documented `next_processing_date`:

- Days are counted from `recurring_start_date`: every so many days; or in every so many weeks, Monday first, on the
  weekdays of `on_day` (0 is Sunday, 1 Monday); or in every so many months on the days of `on_day`, where the last day
  of a short month stands for those it lacks. Without `on_day` the start's own weekday or day counts.
- A task is made on the first such day after the profile was made, and on each one after that, until `until` has passed
  or `occurrences` have been made. `processing_hour` and `processing_timezone` are kept and change nothing: the sandbox
  makes them at 09:00 UTC, with the invoices.
- A profile rests while it or its project is not active. Days that pass meanwhile are not made up for.
"""

from __future__ import annotations

import calendar
import itertools
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from paymo_async.sandbox.rules.base import Rule, Values
from paymo_async.sandbox.rules.tasks import TASK_TERMS, known_users
from paymo_async.sandbox.values import Problem
from paymo_async.sandbox.where import Filter

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account

__all__ = ["TaskProfileRule", "next_day"]

# What a profile, and a task that it is made from, have in common with the tasks it makes.
_COPIED: Final = (*TASK_TERMS, "priority")
# What decides on which days a profile makes tasks.
_SCHEDULE: Final = ("frequency", "interval", "on_day", "occurrences", "until", "recurring_start_date", "active")
_DAYS: Final = {"weekly": range(7), "monthly": range(1, 32)}


class TaskProfileRule(Rule):
    """Makes a task on each of its days; see the module's docstring for what is guessed."""

    ignores: frozenset[str] = frozenset({"id"})  # the documented create sends one

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        if values["task_id"] is not None:
            task = account.referred("tasks", values["task_id"], "task_id")
            like = {name: task[name] for name in (*_COPIED, "project_id", "tasklist_id") if name in task}
            values |= {name: value for name, value in like.items() if given.get(name) is None}
        company = account.company()
        values |= {
            "active": given.get("active", True),
            "company_id": company.get("id"),
            "user_id": user_id,
            "description": values["description"] or "",
            "notifications": values["notifications"] or "{}",
            "priority": values["priority"] or 50,
            "on_day": values["on_day"] or [],
            "processing_timezone": values["processing_timezone"] or company.get("timezone"),
            "processing_hour": values["processing_hour"] or "09:00:00",
        }
        _check(account, values)
        values["next_processing_date"] = _next(values, account.today())

    def updating(self, account: Account, old: Values, changes: Values, user_id: int) -> None:
        new = {**old, **changes}
        _check(account, new)
        changes |= {"users": new["users"], "on_day": new["on_day"]}
        if any(new[name] != old[name] for name in _SCHEDULE):
            changes["next_processing_date"] = _next(new, account.today())

    def daily(self, account: Account, day: date) -> None:
        today = day.isoformat()
        waiting = Filter('"active" = 1 AND "next_processing_date" <= ?', (today,))
        for profile in account.store.find(account.tables["taskrecurringprofiles"], waiting):
            project = account.get("projects", profile["project_id"])
            if project["active"]:
                self._make(account, profile, day)
                profile["generated_count"] = (profile["generated_count"] or 0) + 1
                profile["last_generated_on"] = today
            account.save("taskrecurringprofiles", {**profile, "next_processing_date": _next(profile, today)})

    @staticmethod
    def _make(account: Account, profile: Values, day: date) -> None:
        where = "tasklist_id" if profile["tasklist_id"] is not None else "project_id"
        given = {name: profile[name] for name in (*_COPIED, where, "name") if profile.get(name) is not None}
        if profile["due_date_offset"] is not None:
            given["due_date"] = (day + timedelta(days=profile["due_date_offset"])).isoformat()
        made = account.create("tasks", given, profile["user_id"])
        known = {"recurring_profile_id": profile["id"], "start_date": day.isoformat()}
        account.save("tasks", {**made, **known})


def next_day(profile: Mapping[str, Any], after: date) -> date | None:
    """The first day of a profile's schedule after a day; None where `until` ends it."""
    until = date.fromisoformat(profile["until"]) if profile.get("until") else date.max
    for day in _schedule(profile, after):
        if day > until:
            return None
        if day > after:
            return day
    return None


def _next(profile: Values, after: str) -> str | None:
    most = profile["occurrences"]
    if most is not None and (profile.get("generated_count") or 0) >= most:
        return None
    found = next_day(profile, date.fromisoformat(after))
    return found.isoformat() if found else None


def _schedule(profile: Mapping[str, Any], after: date) -> Iterator[date]:
    """The days of a profile in their order, none before its start; from shortly before `after` on, and without end."""
    start = date.fromisoformat(profile["recurring_start_date"])
    interval = int(profile["interval"])
    on_day: list[int] = profile.get("on_day") or []
    steps = {"daily": _every_day, "weekly": _weeks, "monthly": _months}[profile["frequency"]]
    skipped = max(0, (after - start).days // (_SHORTEST[profile["frequency"]] * interval) - 1)
    for step in itertools.count(skipped * interval, interval):
        try:
            days = steps(start, step, on_day)
        except (OverflowError, ValueError):  # past the last year that a date can have
            return
        yield from (day for day in days if day >= start)


def _every_day(start: date, step: int, _: list[int]) -> list[date]:
    return [start + timedelta(days=step)]


def _weeks(start: date, step: int, on_day: list[int]) -> list[date]:
    monday = start - timedelta(days=start.weekday()) + timedelta(weeks=step)
    wanted = on_day or [start.isoweekday() % 7]
    return sorted(monday + timedelta(days=(day - 1) % 7) for day in set(wanted))


def _months(start: date, step: int, on_day: list[int]) -> list[date]:
    year, month = divmod(start.year * 12 + start.month - 1 + step, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return sorted({date(year, month + 1, min(day, last)) for day in on_day or [start.day]})


_SHORTEST: Final = {"daily": 1, "weekly": 7, "monthly": 31}  # days of a step at most, so that none is skipped


def _check(account: Account, values: Values) -> None:
    if not values["project_id"]:
        raise Problem(400, "Missing required params: project_id")
    tasklist = account.look("tasklists", values["tasklist_id"])
    if values["tasklist_id"] is not None and (tasklist is None or tasklist["project_id"] != values["project_id"]):
        raise Problem(400, "Invalid reference: `tasklist_id`")
    values["users"] = known_users(account, values["users"])
    if values["interval"] < 1:
        raise Problem(400, "Invalid value for `interval`")
    if values["occurrences"] is not None and values["occurrences"] < 1:
        raise Problem(400, "Invalid value for `occurrences`")
    if values["until"] is not None and values["until"] < values["recurring_start_date"]:
        raise Problem(400, "Invalid value for `until`: it is before `recurring_start_date`")
    on_day: list[int] = values["on_day"] or []
    values["on_day"] = on_day
    if values["frequency"] in _DAYS and not set(on_day) <= set(_DAYS[values["frequency"]]):
        raise Problem(400, "Invalid value for `on_day`")
