"""Users of the account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paymo_async.models.base import UNSET, Model, include, read_only, resource, unselectable, write_only

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal
    from typing import Any

    from paymo_async.models.comments import Comment, Discussion
    from paymo_async.models.entries import TimeEntry
    from paymo_async.models.enums import DateFormat, TimeFormat, UserType
    from paymo_async.models.expenses import Expense
    from paymo_async.models.files import File
    from paymo_async.models.projects import Milestone
    from paymo_async.models.reports import Report

__all__ = ["User"]


@resource("users", requires=("email",))
class User(Model):
    """A person of the account."""

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    name: str = UNSET
    email: str = UNSET
    type: UserType = UNSET
    active: bool = UNSET
    """False archives the user."""
    timezone: str | None = UNSET
    phone: str | None = UNSET
    skype: str | None = UNSET
    position: str | None = UNSET
    workday_hours: Decimal | None = UNSET
    """Hours."""
    price_per_hour: Decimal | None = UNSET
    """In the company's currency."""
    image: str | None = read_only()
    image_thumb_large: str | None = read_only(unselectable=True)
    image_thumb_medium: str | None = read_only(unselectable=True)
    image_thumb_small: str | None = read_only(unselectable=True)
    date_format: DateFormat | None = unselectable()
    time_format: TimeFormat | None = unselectable()
    decimal_sep: str | None = unselectable()
    thousands_sep: str | None = unselectable()
    week_start: int | None = unselectable()
    """Day of the week, 0 for Sunday."""
    language: str | None = unselectable()
    theme: str | None = unselectable()
    assigned_projects: list[int] = unselectable()
    """Ids; the whole list, not a change to it."""
    managed_projects: list[int] = unselectable()
    """Ids; the whole list, not a change to it."""
    is_online: bool = read_only(unselectable=True)
    password: str = write_only(secret=True, unselectable=True)
    annual_leave_days_number: int | None = read_only(unselectable=True)
    has_submitted_review: str | None = read_only(unselectable=True)
    menu_shortcut: list[Any] | None = read_only(unselectable=True)
    user_hash: str | None = read_only(secret=True, unselectable=True)
    workflows: list[int] | None = read_only(unselectable=True)
    additional_privileges: list[Any] | None = read_only(unselectable=True)

    comments: list[Comment] = include()
    discussions: list[Discussion] = include()
    entries: list[TimeEntry] = include()
    expenses: list[Expense] = include()
    files: list[File] = include()
    milestones: list[Milestone] = include()
    reports: list[Report] = include()
