"""Rules of documents with lines: estimates, invoices, recurring profiles (BEHAVIOUR.md, Rules of single resources).

Totals, numbers, and lines as a whole set are written here once; `paymo_async.money` has the arithmetic. What invoices
add (payments, billed time, expenses) is in `invoices`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import attrs

from paymo_async import money
from paymo_async.sandbox.rules.base import Rule, Values
from paymo_async.sandbox.values import Problem, accept, defaults
from paymo_async.sandbox.where import Filter

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account

__all__ = [
    "ESTIMATES",
    "PROFILES",
    "Billing",
    "DocumentRule",
    "LineRule",
    "NumberedRule",
    "lines_of",
    "number_for",
    "plain",
    "totals",
]


class Billing(NamedTuple):
    """One kind of document with lines: its paths, the lines' foreign key, and the company's settings for numbers."""

    path: str
    lines: str
    fk: str
    title: str
    format: str = ""
    next_number: str = ""


ESTIMATES = Billing("estimates", "estimateitems", "estimate_id", "ESTIMATE", "estimate_format", "next_estimate_number")
PROFILES = Billing("recurringprofiles", "recurringprofileitems", "recurring_profile_id", "INVOICE")


def totals(document: Mapping[str, Any], lines: Iterable[Mapping[str, Any]]) -> Values:
    """The computed amounts of a document."""
    priced = (money.Priced(line.get("price_unit"), line.get("quantity"), line.get("apply_tax")) for line in lines)
    computed = money.totals(
        priced,
        tax=document.get("tax"),
        tax2=document.get("tax2"),
        tax_on_tax=bool(document.get("tax_on_tax")),
        discount=document.get("discount"),
    )
    return {name: plain(amount) for name, amount in attrs.asdict(computed).items()}


def number_for(pattern: str, day: str, number: int) -> str:
    """A document's number: `#EST-[yyyy][mm][dd]-[i]` on 2013-07-29 with 7 is `#EST-20130729-7`."""
    year, month, date = day.split("-")
    known = {"yyyy": year, "yy": year[2:], "mm": month, "dd": date, "i": str(number)}
    return re.sub(r"\[(yyyy|yy|mm|dd|i)\]", lambda found: known[found[1]], pattern)


class LineRule(Rule):
    """Lines, by themselves or as a document's `items`: each change recomputes the document."""

    def __init__(self, billing: Billing) -> None:
        self.billing: Billing = billing

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        if not values.get(self.billing.fk):
            raise Problem(400, f"Missing required field: `{self.billing.fk}`")

    def created(self, account: Account, values: Values, user_id: int) -> None:
        self.attach(account, values)
        self.recompute(account, values[self.billing.fk])

    def updated(self, account: Account, old: Values, new: Values) -> None:
        self.release(account, old)
        self.attach(account, new)
        for key in {old[self.billing.fk], new[self.billing.fk]}:
            self.recompute(account, key)

    def deleted(self, account: Account, old: Values) -> None:
        self.release(account, old)
        self.recompute(account, old[self.billing.fk])

    def attach(self, account: Account, line: Values) -> None:
        """After a line was stored: marks what it bills."""

    def release(self, account: Account, line: Values) -> None:
        """After a line is gone, or before it is written anew: takes those marks back."""

    def recompute(self, account: Account, key: Any) -> None:
        """Brings a document's amounts in line with its lines."""
        document = account.look(self.billing.path, key)
        if document is None:
            return
        document |= totals(document, lines_of(account, self.billing, key))
        self.settle(account, document)
        account.save(self.billing.path, document)

    def settle(self, account: Account, document: Values) -> None:
        """What else follows from the amounts; completes `document` in place."""


class DocumentRule(Rule):
    """Documents with lines. rule: of the lines."""

    def __init__(self, rule: LineRule) -> None:
        self.lines: LineRule = rule
        self.billing: Billing = rule.billing

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        company = account.company()
        client = account.referred("clients", values["client_id"], "client_id")
        values["title"] = values.get("title") or self.billing.title
        values["bill_to"] = values.get("bill_to") or _address(client)
        values["company_info"] = values.get("company_info") or _address(company)
        for name in ("tax", "tax2"):
            if name not in given:
                values[name] = plain(money.exact(company.get(f"default_{name}")))
        if "tax_on_tax" not in given:
            values["tax_on_tax"] = str(company.get("tax_on_tax")) in ("1", "True")
        values |= totals(values, ())

    def created(self, account: Account, values: Values, user_id: int) -> None:
        self._write_lines(account, values, values.pop("items", None) or ())
        account.store.put(account.tables[self.billing.path], values)
        self.lines.recompute(account, values["id"])

    def updating(self, account: Account, old: Values, changes: Values, user_id: int) -> None:
        if "items" in changes:
            self._write_lines(account, old, changes.pop("items") or ())

    def updated(self, account: Account, old: Values, new: Values) -> None:
        self.lines.recompute(account, new["id"])

    def deleting(self, account: Account, old: Values) -> None:
        for line in lines_of(account, self.billing, old["id"]):
            self.lines.release(account, line)

    def _write_lines(self, account: Account, document: Values, items: Sequence[Any]) -> None:
        """`items` is the whole new set: a line with a known id is kept and changed, the others go."""
        billing = self.billing
        table = account.tables[billing.lines]
        old = {line["id"]: line for line in lines_of(account, billing, document["id"])}
        new: list[Values] = []
        for place, item in enumerate(items):
            if not isinstance(item, dict):
                raise Problem(400, "Invalid value for `items`")
            given: dict[str, Any] = {**item}
            key = given.pop("id", None)
            if key is not None and key not in old:
                raise Problem(400, "Invalid reference: `items`")
            line = {**old[key], **accept(table, given, creating=False)} if key is not None else _line(table, given)
            new.append({**line, "seq": given.get("seq", place), billing.fk: document["id"]})
        for line in old.values():
            self.lines.release(account, line)
        account.store.delete(table, Filter(f'"{billing.fk}" = ?', (document["id"],)))
        for line in new:
            self.lines.attach(account, account.add(billing.lines, line))


class NumberedRule(DocumentRule):
    """Documents that have a number, a date, a status and links: estimates and invoices."""

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        super().creating(account, values, given, user_id)
        values["date"] = values.get("date") or account.now()[:10]
        values["status"] = values.get("status") or "draft"
        self._number(account, account.company(), values)

    def created(self, account: Account, values: Values, user_id: int) -> None:
        token = account.token(48)
        link = f"{account.url}{self.billing.path}/{values['id']}/?token={token}&format="
        values |= {"permalink": f"{link}html", "pdf_link": f"{link}pdf", "download_token": account.token(40)}
        super().created(account, values, user_id)

    def updating(self, account: Account, old: Values, changes: Values, user_id: int) -> None:
        number = changes.get("number", old["number"])
        if number != old["number"]:
            self._refuse_used(account, number)
        super().updating(account, old, changes, user_id)

    def _number(self, account: Account, company: Values, values: Values) -> None:
        if values.get("number"):
            return self._refuse_used(account, values["number"])
        number = int(company.get(self.billing.next_number) or 1)
        pattern = company.get(self.billing.format) or "[i]"
        while self._used(account, values["number"] or ""):
            values["number"] = number_for(pattern, values["date"], number)
            number += 1
        if company:
            account.store.put(account.tables["company"], {**company, self.billing.next_number: str(number)})
        return None

    def _used(self, account: Account, number: str) -> bool:
        if not number:
            return True
        same = Filter("(body ->> '$.number') = ?", (number,))
        return account.store.count(account.tables[self.billing.path], same) > 0

    def _refuse_used(self, account: Account, number: str | None) -> None:
        if self._used(account, number or ""):
            raise Problem(400, "Number is already in use")


def lines_of(account: Account, billing: Billing, key: Any) -> list[Values]:
    """A document's lines."""
    return account.store.find(account.tables[billing.lines], Filter(f'"{billing.fk}" = ?', (key,)))


def plain(amount: Decimal) -> int | Decimal:
    """9150 for 9150.00, and 9424.5 for 9424.50: as the service writes amounts."""
    return int(amount) if amount == amount.to_integral_value() else amount.normalize()


def _line(table: Any, given: Mapping[str, Any]) -> Values:
    line = {**defaults(table), **accept(table, given, creating=True)}
    if not line["item"]:
        raise Problem(400, "Missing required field: `item`")
    return line


def _address(owner: Mapping[str, Any]) -> str:
    names = ("name", "address", "city", "state", "postal_code", "country", "email", "phone", "fiscal_information")
    return "\n".join(str(owner[name]).strip() for name in names if owner.get(name))
