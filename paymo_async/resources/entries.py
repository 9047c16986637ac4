"""Time entries."""

from __future__ import annotations

from paymo_async.models.entries import TimeEntry
from paymo_async.resources.base import Creates, Deletes, Gets, Lists, Updates

__all__ = ["TimeEntries"]


class TimeEntries(Lists[TimeEntry], Gets[TimeEntry], Creates[TimeEntry], Updates[TimeEntry], Deletes[TimeEntry]):
    """Tracked time. A running timer is an entry with a start and no end: creating a second one is `TimerRunning`."""

    model = TimeEntry
