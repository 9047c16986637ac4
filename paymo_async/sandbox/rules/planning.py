"""Rules of bookings (BEHAVIOUR.md says when they are refused for the plan, and that lists must be filtered)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from paymo_async.sandbox.rules.base import Rule, Values
from paymo_async.sandbox.values import Problem

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account

__all__ = ["BookingRule", "check_days", "check_hours"]

_DAY: Final = 24  # hours


class BookingRule(Rule):
    """A booking is of an assignment's user, over all days from the first to the last.

    Guessed: a booking has a positive number of hours a day, and `booked_hours` counts every day, weekends too.
    """

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        values["creator_id"] = user_id
        self._complete(account, values, values)

    def updating(self, account: Account, old: Values, changes: Values, user_id: int) -> None:
        self._complete(account, {**old, **changes}, changes)

    @staticmethod
    def _complete(account: Account, new: Values, changes: Values) -> None:
        check_days(new, "start_date", "end_date")
        check_hours(new, least=Decimal("0.01"))
        changes["user_id"] = account.get("userstasks", new["user_task_id"])["user_id"]
        changes["booked_hours"] = _days(new) * new["hours_per_day"]


def check_days(values: Values, first: str, last: str) -> None:
    """Refuses a last day before the first. Raises Problem."""
    if values.get(last) is not None and values[last] < values[first]:
        raise Problem(400, f"Invalid value for `{last}`: it is before `{first}`")


def check_hours(values: Values, least: Decimal | int = 0) -> None:
    """Refuses hours of a day that no day has. Raises Problem."""
    hours = values.get("hours_per_day")
    if hours is not None and not least <= hours <= _DAY:
        raise Problem(400, "Invalid value for `hours_per_day`")


def _days(values: Values) -> int:
    span = date.fromisoformat(values["end_date"]) - date.fromisoformat(values["start_date"])
    return span.days + 1
