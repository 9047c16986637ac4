"""Time entries."""

from __future__ import annotations

from paymo_async.models.entries import TimeEntry
from paymo_async.resources.base import Standard

__all__ = ["TimeEntries"]


class TimeEntries(Standard[TimeEntry]):
    """Tracked time. A running timer is an entry with a start and no end: creating a second one is `TimerRunning`."""

    model = TimeEntry
