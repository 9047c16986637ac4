"""Days and weeks in a time zone, as the two moments between which they lie.

A day is what the clock on the wall says: 24 hours mostly, 23 or 25 where the clock is put forward or back, none where
a zone crossed the date line. So both ends are made by their wall time and only then turned to UTC; adding 24 hours to
a day's start would miss its end. Where midnight does not exist, the day starts at the moment the clock was put
forward; where it comes twice, at the first of the two. Both is what `fold=0` of the standard library means.

The service names zones as the time zone database does, old names included (`US/Eastern`). Many systems do not carry
those any more, so the package depends on `tzdata`, where `zoneinfo` looks when the system has no such zone.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TypeAlias
from zoneinfo import ZoneInfo

from paymo_async.errors import InvalidRequest

__all__ = ["Zone", "day_of", "day_span", "days_span", "week_of", "zone"]

Zone: TypeAlias = tzinfo | str
"""A time zone, or its name as in `User.timezone` and `Company.timezone`."""


def zone(tz: Zone) -> tzinfo:
    """The time zone of this name. Raises `InvalidRequest` for a name that is none."""
    if isinstance(tz, tzinfo):
        return tz
    try:
        return ZoneInfo(tz)
    except (KeyError, ValueError, OSError, TypeError):  # what zoneinfo raises for odd names: paths, folders, null bytes
        raise InvalidRequest(f'{tz!r} is not a time zone: give a name such as "Europe/Paris" or "US/Eastern"') from None


def day_of(moment: datetime, tz: Zone) -> date:
    """The day on which a moment falls there. Raises `InvalidRequest` for a naive one."""
    if moment.tzinfo is None:
        raise InvalidRequest(f"{moment!r} is naive: give it a time zone")
    return moment.astimezone(zone(tz)).date()


def day_span(day: date, tz: Zone) -> tuple[datetime, datetime]:
    """A day's start and end in UTC; the end is the next day's start."""
    return days_span(day, day, tz)


def days_span(first: date, last: date, tz: Zone) -> tuple[datetime, datetime]:
    """The start of the first and the end of the last day in UTC. Raises `InvalidRequest` for datetimes."""
    for day in (first, last):
        if isinstance(day, datetime):
            raise InvalidRequest(f"{day!r} is a moment, and a day is due: day_of(moment, tz) gives the day it falls on")
    there = zone(tz)
    start, end = (datetime.combine(day, time(), there).astimezone(UTC) for day in (first, last + timedelta(days=1)))
    return start, end


def week_of(day: date, week_start: int = 1) -> tuple[date, date]:
    """The first and last day of the week that holds this day. week_start: 0 is Sunday, 1 Monday, to 6 Saturday.

    The company's setting `week_start` counts like that. Raises `InvalidRequest` for another number.
    """
    if not 0 <= week_start <= 6:
        raise InvalidRequest(f"week_start is 0 (Sunday) to 6 (Saturday), not {week_start}")
    first = day - timedelta(days=(day.isoweekday() - week_start) % 7)
    return first, first + timedelta(days=6)
