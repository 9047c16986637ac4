"""Rules of estimates and their lines: totals, numbers, lines as a whole set (BEHAVIOUR.md, Rules of single resources).

The arithmetic, exact and rounded to cents half up at each amount (the rounding is guessed):

    subtotal        = sum of price_unit * quantity
    discount_amount = subtotal * discount %
    taxed           = the lines with apply_tax, less the same discount
    tax_amount      = taxed * tax %
    tax2_amount     = (taxed, plus tax_amount with tax_on_tax) * tax2 %
    total           = subtotal - discount_amount + tax_amount + tax2_amount
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from paymo_async.sandbox.rules.base import Rule, Values
from paymo_async.sandbox.values import Problem, accept, defaults
from paymo_async.sandbox.where import Filter

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account

__all__ = ["ESTIMATES", "Billing", "DocumentRule", "LineRule", "number_for", "totals"]


class Billing(NamedTuple):
    """One kind of document with lines: its paths, the lines' foreign key, and the company's settings for numbers."""

    path: str
    lines: str
    fk: str
    format: str
    next_number: str
    title: str


ESTIMATES = Billing("estimates", "estimateitems", "estimate_id", "estimate_format", "next_estimate_number", "ESTIMATE")


def totals(document: Mapping[str, Any], lines: Iterable[Mapping[str, Any]]) -> Values:
    """The computed amounts of a document."""
    amounts = [(_exact(line.get("price_unit")) * _exact(line.get("quantity")), line.get("apply_tax")) for line in lines]
    subtotal = sum((amount for amount, _ in amounts), Decimal())
    kept = 1 - _exact(document.get("discount")) / 100
    taxed = sum((amount for amount, taxable in amounts if taxable), Decimal()) * kept
    discount = _cents(subtotal * (1 - kept))
    tax = _cents(taxed * _exact(document.get("tax")) / 100)
    tax2 = _cents((taxed + tax * bool(document.get("tax_on_tax"))) * _exact(document.get("tax2")) / 100)
    computed = {
        "subtotal": _cents(subtotal),
        "discount_amount": discount,
        "tax_amount": tax,
        "tax2_amount": tax2,
        "total": _cents(subtotal) - discount + tax + tax2,
    }
    return {name: _plain(amount) for name, amount in computed.items()}


def number_for(pattern: str, day: str, number: int) -> str:
    """A document's number: `#EST-[yyyy][mm][dd]-[i]` on 2013-07-29 with 7 is `#EST-20130729-7`."""
    year, month, date = day.split("-")
    known = {"yyyy": year, "yy": year[2:], "mm": month, "dd": date, "i": str(number)}
    return re.sub(r"\[(yyyy|yy|mm|dd|i)\]", lambda found: known[found[1]], pattern)


class DocumentRule(Rule):
    """Documents with lines: estimates now, invoices by the same rule."""

    def __init__(self, billing: Billing) -> None:
        self.billing = billing

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        company = account.company()
        client = account.referred("clients", values["client_id"], "client_id")
        values["date"] = values.get("date") or account.now()[:10]
        values["status"] = values.get("status") or "draft"
        values["title"] = values.get("title") or self.billing.title
        values["bill_to"] = values.get("bill_to") or _address(client)
        values["company_info"] = values.get("company_info") or _address(company)
        for name in ("tax", "tax2"):
            if name not in given:
                values[name] = _plain(_exact(company.get(f"default_{name}")))
        if "tax_on_tax" not in given:
            values["tax_on_tax"] = str(company.get("tax_on_tax")) in ("1", "True")
        self._number(account, company, values)
        values |= totals(values, ())

    def created(self, account: Account, values: Values, user_id: int) -> None:
        token = account.token(48)
        link = f"{account.url}{self.billing.path}/{values['id']}/?token={token}&format="
        values |= {"permalink": f"{link}html", "pdf_link": f"{link}pdf", "download_token": account.token(40)}
        self._write_lines(account, values, values.pop("items", None) or ())
        account.store.put(account.tables[self.billing.path], values)
        recompute(account, self.billing, values["id"])

    def updating(self, account: Account, old: Values, changes: Values, user_id: int) -> None:
        number = changes.get("number", old["number"])
        if number != old["number"]:
            self._refuse_used(account, number)
        if "items" in changes:
            self._write_lines(account, old, changes.pop("items") or ())

    def updated(self, account: Account, old: Values, new: Values) -> None:
        recompute(account, self.billing, new["id"])

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

    def _write_lines(self, account: Account, document: Values, items: Sequence[Any]) -> None:
        """`items` is the whole new set: a line with a known id is kept and changed, the others go."""
        billing = self.billing
        table = account.tables[billing.lines]
        owned = Filter(f'"{billing.fk}" = ?', (document["id"],))
        old = {line["id"]: line for line in account.store.find(table, owned)}
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
        account.store.delete(table, owned)
        for line in new:
            account.add(billing.lines, line)


class LineRule(Rule):
    """Lines by themselves: each change recomputes the document."""

    def __init__(self, billing: Billing) -> None:
        self.billing = billing

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        if not values.get(self.billing.fk):
            raise Problem(400, f"Missing required field: `{self.billing.fk}`")

    def created(self, account: Account, values: Values, user_id: int) -> None:
        recompute(account, self.billing, values[self.billing.fk])

    def updated(self, account: Account, old: Values, new: Values) -> None:
        for key in {old[self.billing.fk], new[self.billing.fk]}:
            recompute(account, self.billing, key)

    def deleted(self, account: Account, old: Values) -> None:
        recompute(account, self.billing, old[self.billing.fk])


def recompute(account: Account, billing: Billing, key: Any) -> None:
    """Brings a document's amounts in line with its lines."""
    document = account.look(billing.path, key)
    if document is None:
        return
    lines = account.store.find(account.tables[billing.lines], Filter(f'"{billing.fk}" = ?', (key,)))
    account.save(billing.path, {**document, **totals(document, lines)})


def _line(table: Any, given: Mapping[str, Any]) -> Values:
    line = {**defaults(table), **accept(table, given, creating=True)}
    if not line["item"]:
        raise Problem(400, "Missing required field: `item`")
    return line


def _exact(value: Any) -> Decimal:
    return Decimal(str(value)) if value not in (None, "") else Decimal()


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _plain(amount: Decimal) -> int | Decimal:
    """9150 for 9150.00, and 9424.5 for 9424.50: as the service writes amounts."""
    return int(amount) if amount == amount.to_integral_value() else amount.normalize()


def _address(owner: Mapping[str, Any]) -> str:
    names = ("name", "address", "city", "state", "postal_code", "country", "email", "phone", "fiscal_information")
    return "\n".join(str(owner[name]).strip() for name in names if owner.get(name))
