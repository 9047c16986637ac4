"""Bookings: planned work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paymo_async.models.base import UNSET, Model, filter_only, include, read_only, resource

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal

    from paymo_async.models.tasks import TaskAssignment

__all__ = ["Booking"]


@resource(
    "bookings",
    requires=("user_task_id", "start_date", "end_date", "hours_per_day"),
    must_filter=("user_task_id", "user_id", "project_id", "task_id", "date_interval", "start_date", "end_date"),
)
class Booking(Model):
    """Hours that a user is planned to work on a task, per day, from a date to a date.

    Plans without scheduling answer 403. A list must be filtered, by a parent's id or by dates.
    """

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    user_task_id: int = UNSET
    """Id of the `TaskAssignment`."""
    start_date: date = UNSET
    end_date: date = UNSET
    hours_per_day: Decimal = UNSET
    """Hours."""
    description: str | None = UNSET
    creator_id: int | None = read_only()
    user_id: int | None = read_only()
    start_time: str | None = read_only()
    """Time of day, as text."""
    end_time: str | None = read_only()
    """Time of day, as text."""
    booked_hours: Decimal | None = read_only()
    """Hours, over all days."""
    project_id: int | None = filter_only()
    task_id: int | None = filter_only()
    date_interval: list[date] = filter_only()
    """For `where` only: `date_interval in (first, last)`."""

    usertask: TaskAssignment = include()
