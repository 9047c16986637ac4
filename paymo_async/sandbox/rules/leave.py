"""Rules of leave: days on which the company or a user works otherwise, and the statistics of them.

BEHAVIOUR.md (Leave planning) has the names and no meaning, so all of this is guessed:

- A user works on the company's `working_days` (0 is Sunday), `workday_hours` hours each, 8 where nothing is set.
- An exception holds from `date` to `end_date`, both included; without an end it is one day. With `is_working` its days
  are worked, `hours_per_day` hours or a usual day's; without it they are off, of which `hours_per_day` says how many
  hours. A user's exception comes before the company's. Status does not matter.
- Leave is what a user's own exceptions take from days that would be worked. It is counted in days of the user's hours,
  and annual leave is leave of a paid type.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from paymo_async.sandbox.filters import having
from paymo_async.sandbox.rules.base import Rule, Values
from paymo_async.sandbox.rules.planning import check_days, check_hours
from paymo_async.sandbox.tracked import interval_now
from paymo_async.sandbox.values import Problem, day, plain
from paymo_async.sandbox.where import Filter

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account

__all__ = ["DaysExceptionRule", "LeaveTypeRule", "StatsReportRule"]

_HOURS: Final = 8  # of a day where neither user nor company says
_MOST_DAYS: Final = 3660


class DaysExceptionRule(Rule):
    """Days from `date` to `end_date`; who made it is its creator."""

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        values["creator_id"] = user_id
        self._check(account, values)

    def updating(self, account: Account, old: Values, changes: Values, user_id: int) -> None:
        self._check(account, {**old, **changes})

    @staticmethod
    def _check(account: Account, values: Values) -> None:
        for name, path in (("user_id", "users"), ("leave_type_id", "leavetypes")):
            if values.get(name) is not None:
                account.referred(path, values[name], name)
        check_days(values, "date", "end_date")
        check_hours(values)


class LeaveTypeRule(Rule):
    """A new type of leave is paid unless it says otherwise."""

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        values["paid"] = given.get("paid", True)


class StatsReportRule(Rule):
    """Answers figures in `content` and keeps nothing."""

    verbs: frozenset[str] = frozenset({"create"})
    readable: bool = False

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        computed = {"user_annual_leave_stats": _annual_leave, "user_working_days_count": _working_days}
        if values["type"] not in computed:
            raise Problem(400, "Invalid value for `type`")
        params = values["params"]
        if not isinstance(params.get("user_id"), int):
            raise Problem(400, "Missing required params: params.user_id")
        user = account.referred("users", params["user_id"], "params.user_id")
        values["content"] = [computed[values["type"]](account, user, params)]

    def created(self, account: Account, values: Values, user_id: int) -> None:
        account.store.delete(account.tables["statsreports"], having(id=values["id"]))


class _Calendar:
    """What a user works and is off, day by day. Hours are Decimals."""

    def __init__(self, account: Account, user: Values) -> None:
        company = account.company()
        working = str(company.get("working_days") or "1,2,3,4,5")
        self.weekdays = {int(part) % 7 for part in working.split(",") if part.strip().isdecimal()}
        self.hours = Decimal(user.get("workday_hours") or _HOURS)
        own = having(user_id=user["id"])
        self.own = account.store.find(account.tables["usersdaysexceptions"], own)
        self.company = account.store.find(account.tables["companiesdaysexceptions"], Filter())

    def due(self, day: date) -> Decimal:
        """The hours of a day by the week and the company."""
        usual = self.hours if day.isoweekday() % 7 in self.weekdays else Decimal(0)
        return self._after(_of(self.company, day), usual)

    def worked(self, day: date) -> Decimal:
        """The same with the user's own exceptions."""
        return self._after(_of(self.own, day), self.due(day))

    def leave(self, day: date) -> Iterator[tuple[int | None, Decimal]]:
        """The hours of leave on a day, with its type."""
        exception = _of(self.own, day)
        taken = self.due(day) - self.worked(day)
        if exception is not None and taken > 0:
            yield exception["leave_type_id"], taken

    def _after(self, exception: Values | None, usual: Decimal) -> Decimal:
        if exception is None:
            return usual
        hours = exception["hours_per_day"]
        if exception["is_working"]:
            return Decimal(hours) if hours is not None else self.hours
        return max(Decimal(0), usual - Decimal(hours)) if hours is not None else Decimal(0)


def _of(exceptions: Sequence[Values], day: date) -> Values | None:
    """The exception that holds on a day, the newest of several."""
    text = day.isoformat()
    holding = [one for one in exceptions if one["date"] <= text <= (one["end_date"] or one["date"])]
    return max(holding, key=lambda one: int(one["id"])) if holding else None


def _working_days(account: Account, user: Values, params: Values) -> Values:
    first, last = _days(params)
    calendar = _Calendar(account, user)
    worked = [hours for each in _each(first, last) if (hours := calendar.worked(each))]
    return {
        "user_id": user["id"],
        "start_date": first.isoformat(),
        "end_date": last.isoformat(),
        "working_days": len(worked),
        "working_hours": _number(sum(worked, Decimal(0))),
    }


def _annual_leave(account: Account, user: Values, params: Values) -> Values:
    first, last = _interval(account, params)
    calendar = _Calendar(account, user)
    hours: dict[int | None, Decimal] = {}
    for each in _each(first, last):
        for leave_type, taken in calendar.leave(each):
            hours[leave_type] = hours.get(leave_type, Decimal(0)) + taken
    paid = {one["id"] for one in account.store.find(account.tables["leavetypes"], Filter('"paid" = 1'))}
    annual = sum((taken for key, taken in hours.items() if key in paid), Decimal(0)) / calendar.hours
    allowed = user.get("annual_leave_days_number")
    by_type = [
        {"leave_type_id": key, "days": _number(taken / calendar.hours), "hours": _number(taken)}
        for key, taken in sorted(hours.items(), key=lambda pair: pair[0] or 0)
    ]
    return {
        "user_id": user["id"],
        "start_date": first.isoformat(),
        "end_date": last.isoformat(),
        "annual_leave_days_number": allowed,
        "days_taken": _number(annual),
        "days_left": None if allowed is None else _number(allowed - annual),
        "leave_types": by_type,
    }


def _days(params: Values) -> tuple[date, date]:
    try:
        first, last = (date.fromisoformat(day(params.get(name))) for name in ("start_date", "end_date"))
    except (ValueError, TypeError):
        raise Problem(400, "Invalid value for `params`: `start_date` and `end_date` are dates") from None
    if not 0 <= (last - first).days <= _MOST_DAYS:
        raise Problem(400, "Invalid value for `params`: `end_date` is before `start_date`, or ten years later")
    return first, last


def _interval(account: Account, params: Values) -> tuple[date, date]:
    """A named interval (`this_year`), whose end is the day after."""
    span = interval_now(account, str(params.get("date_interval")))
    if span is None:
        raise Problem(400, "Invalid value for `params`: `date_interval` needs days")
    start, end = span
    return start.date(), (end - timedelta(days=1)).date()


def _each(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _number(value: Decimal) -> int | Decimal:
    return plain(round(value, 2))
