"""Time entries and running timers."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, TypeAlias

from paymo_async.models.base import UNSET, Model, filter_only, include, one_of, read_only, resource
from paymo_async.models.durations import timedelta_of

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from paymo_async.models.invoices import InvoiceItem
    from paymo_async.models.tasks import Task
    from paymo_async.models.users import User

__all__ = ["TimeEntry"]

Day: TypeAlias = date  # inside a class with an attribute named `date`, that name is the attribute


@resource(
    "entries", requires=("task_id", one_of(("date", "duration"), ("start_time", "end_time"), ("user_id", "start_time")))
)
class TimeEntry(Model):
    """Time that a user tracked on a task: `start_time` and `end_time`, or `date` and `duration`.

    A running timer has a start and no end. Entries of less than a minute are refused.
    """

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    project_id: int = read_only()
    task_id: int = UNSET
    user_id: int = UNSET
    is_bulk: bool = read_only()
    """Whether it has a date and a duration in place of two times."""
    start_time: datetime | None = UNSET
    end_time: datetime | None = UNSET
    """Null or absent while the timer runs."""
    date: Day | None = UNSET
    """With `duration`, for a bulk entry."""
    duration: int | None = UNSET
    """Seconds."""
    description: str | None = UNSET
    added_manually: bool = UNSET
    billed: bool = UNSET
    invoice_item_id: int | None = UNSET
    client_id: int = filter_only()
    """For `where` only."""
    time_interval: list[datetime] = filter_only()
    """For `where` only: `time_interval in (start, end)`."""

    task: Task = include()
    invoiceitem: InvoiceItem | None = include()
    user: User = include()

    @property
    def tracked(self) -> timedelta | None:
        """`duration` as a timedelta; None where the service sent none."""
        return timedelta_of(self.duration)
