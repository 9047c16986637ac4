"""Recurring profiles: invoices that are made again and again, daily at 09:00 UTC (BEHAVIOUR.md).

The days are counted from `start_date`: a monthly profile that starts on 31 January is due on 28 February and again on
31 March. An invoice is made at the first 09:00 UTC at which a day has come that is after `last_created`.

Guessed: days that had passed before the profile was made, or while there was no room in the plan, are not made up
for, one invoice stands for all of them; `invoices_created` counts towards `occurrences`; with `autosend` an invoice is
`sent`, otherwise it is a `draft`; the documentation's `occurences` is taken for `occurrences`, and not answered.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import MAXYEAR, date, timedelta
from typing import TYPE_CHECKING, Any, Final

from paymo_async.sandbox.rules.base import Values
from paymo_async.sandbox.rules.billing import Billing, DocumentRule, LineRule, copied_lines
from paymo_async.sandbox.rules.plan import recount_billing, refuse_beyond
from paymo_async.sandbox.values import Problem
from paymo_async.sandbox.where import Filter

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account

__all__ = ["PROFILES", "RecurringRule", "next_day", "nth_day"]

PROFILES = Billing(
    "recurringprofiles",
    "recurringprofileitems",
    "recurring_profile_id",
    "INVOICE",
    templates="invoicetemplates",
    footer="default_invoice_footer",
)

_WEEKS: Final[Mapping[str, int]] = {"w": 1, "2w": 2, "3w": 3, "4w": 4}
_MONTHS: Final[Mapping[str, int]] = {"m": 1, "2m": 2, "3m": 3, "6m": 6, "y": 12}
_COPIED: Final = (
    "client_id",
    "currency",
    "template_id",
    "title",
    "tax",
    "tax_text",
    "tax2",
    "tax2_text",
    "tax_on_tax",
    "discount",
    "discount_text",
    "bill_to",
    "company_info",
    "footer",
    "notes",
    "pay_online",
    "options",
)


def nth_day(start: date, frequency: str, number: int) -> date | None:
    """The day of an occurrence, the first of which is `start` with the number 0; None beyond the calendar's end."""
    if frequency in _WEEKS:
        days = 7 * _WEEKS[frequency] * number
        return start + timedelta(days=days) if days <= (date.max - start).days else None
    year, month = divmod(start.year * 12 + start.month - 1 + _MONTHS[frequency] * number, 12)
    if year > MAXYEAR:
        return None
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


def next_day(profile: Mapping[str, Any]) -> date | None:
    """The day for which the profile's next invoice is to be made; None where there are enough of them."""
    if profile.get("occurrences") is not None and (profile.get("invoices_created") or 0) >= profile["occurrences"]:
        return None
    start = date.fromisoformat(profile["start_date"])
    if not profile.get("last_created"):
        return start
    last = date.fromisoformat(profile["last_created"])
    number = _passed(start, profile["frequency"], last)
    while (day := nth_day(start, profile["frequency"], number)) is not None and day <= last:
        number += 1
    return day


def _passed(start: date, frequency: str, last: date) -> int:
    """How many occurrences lie before a day for certain: less than one more than there are, so that none is missed."""
    if frequency in _WEEKS:
        return max(0, (last - start).days // (7 * _WEEKS[frequency]))
    months = (last.year - start.year) * 12 + last.month - start.month
    return max(0, months // _MONTHS[frequency])


class RecurringRule(DocumentRule):
    """Recurring profiles: totals and lines as of invoices, and the invoices that they make."""

    def __init__(self) -> None:
        super().__init__(LineRule(PROFILES))

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        refuse_beyond(account, "recurringprofiles")
        super().creating(account, values, given, user_id)
        _spell(values, given)
        for name in ("occurences", "invoice_created"):
            values.pop(name, None)
        values |= {"invoices_created": 0, "last_created": None}
        _check(account, values)

    def created(self, account: Account, values: Values, user_id: int) -> None:
        super().created(account, values, user_id)
        recount_billing(account)

    def updating(self, account: Account, old: Values, changes: Values, user_id: int) -> None:
        _spell(changes, dict(changes))
        changes.pop("occurences", None)
        _check(account, changes)
        super().updating(account, old, changes, user_id)

    def deleted(self, account: Account, old: Values) -> None:
        recount_billing(account)

    def daily(self, account: Account, day: date) -> None:
        """Makes the invoices that are due."""
        started = Filter("start_date <= ?", (day.isoformat(),))
        for profile in account.store.find(account.tables["recurringprofiles"], started):
            due = next_day(profile)
            if due is not None and due <= day and _room(account):
                self._make(account, profile, day)

    @staticmethod
    def _make(account: Account, profile: Values, day: date) -> None:
        given = {name: profile[name] for name in _COPIED if profile.get(name) is not None}
        given["items"] = copied_lines(account, PROFILES, profile["id"])
        given |= {"date": day.isoformat(), "status": "sent" if profile["autosend"] else "draft"}
        account.create("invoices", given, user_id=0)
        made = (profile.get("invoices_created") or 0) + 1
        account.save("recurringprofiles", {**profile, "invoices_created": made, "last_created": day.isoformat()})


def _room(account: Account) -> bool:
    try:
        refuse_beyond(account, "invoices")
    except Problem:
        return False
    return True


def _spell(values: Values, given: Mapping[str, Any]) -> None:
    if "occurences" in given and "occurrences" not in given:
        values["occurrences"] = given["occurences"]


def _check(account: Account, values: Mapping[str, Any]) -> None:
    if values.get("occurrences") is not None and values["occurrences"] < 1:
        raise Problem(400, "Invalid value for `occurrences`")
    if values.get("template_id") is not None:
        account.referred("invoicetemplates", values["template_id"], "template_id")
