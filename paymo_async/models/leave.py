"""Leave planning, which the service's documentation does not hold (BEHAVIOUR.md, Leave planning)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, TypeAlias

from paymo_async.models.base import UNSET, Model, read_only, resource

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal
    from typing import Any


__all__ = ["CompanyDayException", "LeaveType", "StatsReport", "UserDayException"]

Day: TypeAlias = date  # inside a class with an attribute named `date`, that name is the attribute


@resource("companiesdaysexceptions", requires=("date",), confirmed=False)
class CompanyDayException(Model):
    """Days on which the company does not work, or works other hours."""

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    date: Day = UNSET
    """The first day."""
    end_date: Day | None = UNSET
    """The last day."""
    leave_type_id: int | None = UNSET
    creator_id: int | None = read_only()
    hours_per_day: Decimal | None = UNSET
    """Hours."""
    status: str | None = UNSET
    description: str | None = UNSET
    is_working: bool = UNSET


@resource(
    "usersdaysexceptions", requires=("user_id", "date"), must_filter=("user_id", "date", "end_date"), confirmed=False
)
class UserDayException(Model):
    """Days on which a user is on leave, or works other hours. A list must be filtered, by user or by days."""

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    user_id: int = UNSET
    date: Day = UNSET
    """The first day."""
    end_date: Day | None = UNSET
    """The last day."""
    leave_type_id: int | None = UNSET
    creator_id: int | None = read_only()
    hours_per_day: Decimal | None = UNSET
    """Hours."""
    status: str | None = UNSET
    description: str | None = UNSET
    is_working: bool = UNSET


@resource("leavetypes", requires=("name",), confirmed=False)
class LeaveType(Model):
    """A kind of leave."""

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    name: str = UNSET
    paid: bool = UNSET


@resource("statsreports", requires=("type", "params"), confirmed=False)
class StatsReport(Model):
    """A figure that the service computes: created only, and answered at once in `content`.

    `type` is `user_annual_leave_stats` with `params` of `user_id` and `date_interval`, or `user_working_days_count`
    with `user_id`, `start_date` and `end_date`.
    """

    type: str = UNSET
    params: dict[str, Any] = UNSET
    content: list[Any] = read_only()
    """One element, the figures asked for."""
