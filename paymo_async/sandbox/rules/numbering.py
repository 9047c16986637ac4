"""Documents that have a number, a date, a status and links: estimates and invoices.

Numbers come from the company's format (`#EST-[yyyy][mm][dd]-[i]`) and its next number, which then grows.

Guessed: `[iiii]`, and a next number with zeros before it, pad with zeros; a format without `[i]` gets the number
behind it once it is used up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from paymo_async.sandbox.filters import saying
from paymo_async.sandbox.rules.base import Values
from paymo_async.sandbox.rules.billing import DocumentRule
from paymo_async.sandbox.rules.plan import recount_billing, refuse_beyond
from paymo_async.sandbox.values import Problem

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account

__all__ = ["NumberedRule", "number_for"]

_PLACE = re.compile(r"\[(yyyy|yy|mm|dd|i+)\]")


def number_for(pattern: str, day: str, number: int, width: int = 1) -> str:
    """A document's number: `#EST-[yyyy][mm][dd]-[i]` on 2013-07-29 with 7 is `#EST-20130729-7`.

    width: the least number of digits; `[iiii]` asks for four.
    """
    year, month, date = day.split("-")
    known = {"yyyy": year, "yy": year[2:], "mm": month, "dd": date}
    return _PLACE.sub(lambda found: known.get(found[1]) or f"{number:0{max(width, len(found[1]))}}", pattern)


class NumberedRule(DocumentRule):
    """Estimates and invoices alike: number, date, status, permalink."""

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        refuse_beyond(account, self.billing.path)
        super().creating(account, values, given, user_id)
        values["date"] = values.get("date") or account.today()
        values["status"] = values.get("status") or "draft"
        self._number(account, account.company(), values)

    def created(self, account: Account, values: Values, user_id: int) -> None:
        token = account.token(48)
        for name, kind in (("permalink", "html"), ("pdf_link", "pdf")):
            values[name] = account.permalink(self.billing.path, values["id"], token, kind)
        values["download_token"] = account.token(40)
        if "token" in values:
            values["token"] = token
        super().created(account, values, user_id)
        recount_billing(account)

    def updating(self, account: Account, old: Values, changes: Values, user_id: int) -> None:
        number = changes.get("number", old["number"])
        if number != old["number"]:
            self._refuse_used(account, number)
        super().updating(account, old, changes, user_id)

    def updated(self, account: Account, old: Values, new: Values) -> None:
        super().updated(account, old, new)
        if new["template_id"] != old.get("template_id"):
            recount_billing(account)

    def deleted(self, account: Account, old: Values) -> None:
        recount_billing(account)

    def _number(self, account: Account, company: Values, values: Values) -> None:
        if values.get("number"):
            return self._refuse_used(account, values["number"])
        text = str(company.get(self.billing.next_number) or "1")
        number, width = (int(text), len(text)) if text.isdecimal() else (1, 1)
        pattern = company.get(self.billing.format) or "[i]"
        values["number"] = number_for(pattern, values["date"], number, width)
        while self._used(account, values["number"]):
            if number_for(pattern, values["date"], number + 1, width) == values["number"]:
                pattern += "-[i]"
            else:
                number += 1
            values["number"] = number_for(pattern, values["date"], number, width)
        account.set_company({self.billing.next_number: f"{number + 1:0{width}}"})
        return None

    def _used(self, account: Account, number: str) -> bool:
        same = saying("number", number)
        return account.store.count(account.tables[self.billing.path], same) > 0

    def _refuse_used(self, account: Account, number: str | None) -> None:
        if not number:
            raise Problem(400, "Invalid value for `number`")
        if self._used(account, number):
            raise Problem(400, "Number is already in use")
