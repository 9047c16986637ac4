"""Tracked time, added up: seconds by project, task, user or day, from entries of either shape.

    by_task = tracked(await paymo.entries.list(project_id=12), by="task")
    by_task[241147].time

An entry has two times, or a day and a duration (BEHAVIOUR.md, Dates and money). It counts with all its time on the day
it began, as the service's reports have it. A running timer has no duration yet: it is left out, unless `now` says
until when it counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, Literal, TypeAlias, overload

import attrs

from paymo_async.errors import InvalidRequest
from paymo_async.models.base import UNSET
from paymo_async.models.entries import TimeEntry
from paymo_async.timespans import Zone, day_of, zone

__all__ = ["Grouping", "Tracked", "day_of_entry", "is_running", "moment_of", "seconds_of", "tracked"]

Grouping: TypeAlias = Literal["project", "task", "user", "day"]

_KEYS: Final = {"project": "project_id", "task": "task_id", "user": "user_id"}
_NAIVE: Final = "{!r} is naive: give it a time zone"


@attrs.frozen(slots=True)
class Tracked:
    """Time of one group. entries: how many entries it comes from."""

    seconds: int = 0
    entries: int = 0

    @property
    def time(self) -> timedelta:
        """The seconds as a timedelta."""
        return timedelta(seconds=self.seconds)

    def __add__(self, other: Tracked) -> Tracked:
        return Tracked(self.seconds + other.seconds, self.entries + other.entries)


@overload
def tracked(
    entries: Iterable[TimeEntry], by: Literal["day"], *, tz: Zone | None = None, now: datetime | None = None
) -> dict[date, Tracked]: ...


@overload
def tracked(
    entries: Iterable[TimeEntry],
    by: Literal["project", "task", "user"] = "project",
    *,
    tz: Zone | None = None,
    now: datetime | None = None,
) -> dict[int, Tracked]: ...


def tracked(
    entries: Iterable[TimeEntry], by: Grouping = "project", *, tz: Zone | None = None, now: datetime | None = None
) -> dict[Any, Tracked]:
    """The tracked time of each project, task or user by id, or of each day by date; days in their order.

    tz: in which zone days are counted, needed for `by="day"`. now: an aware moment until which running timers count.
    Raises `InvalidRequest` where an entry lacks what it is grouped by, because it was read with less.
    """
    if by not in ("day", *_KEYS):
        raise InvalidRequest(f"time is grouped by day, {', '.join(_KEYS)}, not by {by!r}")
    if by == "day" and tz is None:
        raise InvalidRequest('the day on which time was tracked depends on the zone: give tz, as tz="Europe/Paris"')
    there = None if tz is None else zone(tz)
    found: dict[Any, Tracked] = {}
    for entry in entries:
        if is_running(entry) and now is None:
            continue
        key = _given(entry, _KEYS[by]) if there is None or by != "day" else day_of_entry(entry, there)
        found[key] = found.get(key, Tracked()) + Tracked(seconds_of(entry, now=now), 1)
    return dict(sorted(found.items())) if by == "day" else found


def is_running(entry: TimeEntry) -> bool:
    """Whether it is a running timer: a start, and neither an end nor a duration."""
    return bool(entry.start_time) and not entry.end_time and not entry.duration


def seconds_of(entry: TimeEntry, *, now: datetime | None = None) -> int:
    """The seconds of an entry of either shape, of a running timer until `now`, or 0 without it."""
    if entry.duration:
        return entry.duration
    start, end = entry.start_time, entry.end_time or now
    if not start or not end:
        return 0
    if end.tzinfo is None:
        raise InvalidRequest(_NAIVE.format(end))
    return max(0, int((end - start).total_seconds()))


def day_of_entry(entry: TimeEntry, tz: Zone) -> date:
    """The day an entry counts for: its own, or the one on which its time began in this zone."""
    return entry.date or day_of(_given(entry, "start_time"), tz)


def moment_of(entry: TimeEntry) -> datetime:
    """Where an entry stands in the order of time; one with a day alone comes first on it, as if in UTC."""
    if entry.start_time:
        return entry.start_time
    day: date = _given(entry, "date")
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _given(entry: TimeEntry, name: str) -> Any:
    value = getattr(entry, name)
    if value is UNSET or value is None:
        raise InvalidRequest(f"{entry!r} has no {name}: read entries with all their attributes to add them up")
    return value
