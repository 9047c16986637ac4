"""What invoices add to documents with lines: payments, billed time and expenses, the estimate behind (BEHAVIOUR.md).

`outstanding` is the total less the payments. A payment that leaves nothing to pay turns the invoice `paid`; when
something is to pay again (a payment was taken back, a line added), `paid` becomes `viewed`. Void stays void.

Guessed: a status set by hand stays, also `paid` without payments; a void invoice takes no payments, a draft does;
an invoice made with `estimate_id` and without `items` copies the estimate's lines and terms; a line takes over an
expense's amount, and counts the hours of its time, where it says nothing else; what another line bills is refused; the
n-th reminder counts as sent at the first 09:00 UTC that is `payment_reminder_N` days past the due date.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from paymo_async import money
from paymo_async.sandbox.filters import having
from paymo_async.sandbox.rules.base import Rule, Values
from paymo_async.sandbox.rules.billing import Billing, LineRule, check_amounts, copied_lines, is_set
from paymo_async.sandbox.rules.estimates import ESTIMATES
from paymo_async.sandbox.rules.numbering import NumberedRule
from paymo_async.sandbox.values import Problem, plain
from paymo_async.sandbox.where import Filter

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account

__all__ = ["INVOICES", "InvoiceLineRule", "InvoiceRule", "PaymentRule"]

INVOICES = Billing(
    "invoices",
    "invoiceitems",
    "invoice_id",
    "INVOICE",
    templates="invoicetemplates",
    footer="default_invoice_footer",
    format="invoice_format",
    next_number="next_invoice_number",
)


class InvoiceLineRule(LineRule):
    """Lines of invoices: a line's `entries` are billed with it, its expense is invoiced."""

    def __init__(self) -> None:
        super().__init__(INVOICES)

    def complete(self, account: Account, line: Values, given: Mapping[str, Any]) -> None:
        super().complete(account, line, given)
        if given.get("expense_id") is not None and "price_unit" not in given:
            expense = account.referred("expenses", given["expense_id"], "expense_id")
            line["price_unit"] = expense["amount"]
            if "apply_tax" not in given:
                line["apply_tax"] = is_set(account.company(), "apply_tax_to_expenses")
        elif given.get("entries") and "quantity" not in given:
            entries = [account.referred("entries", key, "entries") for key in given["entries"]]
            line["quantity"] = plain(money.cents(Decimal(sum(entry["duration"] or 0 for entry in entries)) / 3600))

    def billed(self, line: Mapping[str, Any]) -> tuple[Any, ...]:
        return line.get("expense_id"), tuple(line.get("entries") or ())

    def attach(self, account: Account, line: Values) -> None:
        for key in line.get("entries") or ():
            entry = account.referred("entries", key, "entries")
            _refuse_billed(account, entry, line, "entries")
            account.save("entries", {**entry, "billed": True, "invoice_item_id": line["id"]})
        if line.get("expense_id") is not None:
            expense = account.referred("expenses", line["expense_id"], "expense_id")
            _refuse_billed(account, expense, line, "expense_id")
            account.save("expenses", {**expense, "invoiced": True, "invoice_item_id": line["id"]})

    def release(self, account: Account, line: Values) -> None:
        of_line = having(invoice_item_id=line["id"])
        for path, mark in (("entries", "billed"), ("expenses", "invoiced")):
            for billed in account.store.find(account.tables[path], of_line):
                account.save(path, {**billed, mark: False, "invoice_item_id": None})

    def settle(self, account: Account, document: Values) -> None:
        paid = _paid(account, document["id"])
        before, outstanding = document.get("outstanding"), money.exact(document["total"]) - paid
        document["outstanding"] = plain(outstanding)
        if document.get("status") == "void":
            return
        if paid and outstanding <= 0:
            document["status"] = "paid"
        elif document.get("status") == "paid" and before is not None and outstanding > max(before, 0):
            document["status"] = "viewed"  # by hand it may be paid with something to pay


class InvoiceRule(NumberedRule):
    """Invoices: due after the company's `due_interval` days; `estimate_id` sets that estimate to invoiced."""

    def __init__(self) -> None:
        super().__init__(InvoiceLineRule())

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        _refuse_token(given)
        if values.get("estimate_id") is not None:
            estimate = account.referred("estimates", values["estimate_id"], "estimate_id")
            if "items" not in given:
                given = _copy_estimate(account, estimate, values, given)
        super().creating(account, values, given, user_id)
        values["active"] = given.get("active", True)
        values["pay_online"] = bool(given.get("pay_online", False))
        if not values.get("due_date"):
            values["due_date"] = _due(values["date"], account.company())

    def created(self, account: Account, values: Values, user_id: int) -> None:
        values["outstanding"] = None  # nothing was to pay before
        super().created(account, values, user_id)
        estimate = account.look("estimates", values.get("estimate_id"))
        if estimate is not None:
            account.save("estimates", {**estimate, "status": "invoiced", "invoice_id": values["id"]})

    def updating(self, account: Account, old: Values, changes: Values, user_id: int) -> None:
        _refuse_token(changes)
        changes.pop("outstanding", None)  # it follows from the payments
        super().updating(account, old, changes, user_id)

    def deleting(self, account: Account, old: Values) -> None:
        """Its estimate stays invoiced where another invoice was made from it."""
        estimate = account.look("estimates", old.get("estimate_id"))
        if estimate is None or estimate.get("invoice_id") != old["id"]:
            return
        of_estimate = Filter("(body ->> '$.estimate_id') = ? AND id <> ?", (estimate["id"], old["id"]))
        others = [invoice["id"] for invoice in account.store.find(account.tables["invoices"], of_estimate)]
        if others:
            account.save("estimates", {**estimate, "invoice_id": max(others)})

    def daily(self, account: Account, day: date) -> None:
        """Notes the reminders that go out on a day."""
        company = account.company()
        for name in ("1", "2", "3"):
            days = str(company.get(f"payment_reminder_{name}") or "0")
            if not days.isdecimal() or int(days) == 0:
                continue
            latest = (day - timedelta(days=int(days))).isoformat()
            late = Filter("due_date <= ? AND (body ->> '$.status') IN ('sent', 'viewed')", (latest,))
            for invoice in account.store.find(account.tables["invoices"], late):
                if not invoice.get(f"reminder_{name}_sent"):
                    account.save("invoices", {**invoice, f"reminder_{name}_sent": True})


class PaymentRule(Rule):
    """Payments: more than what is still to pay is refused; each change settles the invoice."""

    def __init__(self) -> None:
        self._lines = InvoiceLineRule()

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        values["date"] = values.get("date") or account.today()
        if given.get("notes") is None:
            values["notes"] = ""
        self._check(account, values["invoice_id"], values["amount"], Decimal())

    def created(self, account: Account, values: Values, user_id: int) -> None:
        self._lines.recompute(account, values["invoice_id"])

    def accepting(self, account: Account, old: Values, given: Values) -> Values:
        """The documentation's example of an update says `note`."""
        return {"notes": given.pop("note")} if isinstance(given.get("note"), str) else {}

    def updating(self, account: Account, old: Values, changes: Values, user_id: int) -> None:
        if "amount" in changes:
            self._check(account, old["invoice_id"], changes["amount"], money.exact(old["amount"]))

    def updated(self, account: Account, old: Values, new: Values) -> None:
        self._lines.recompute(account, new["invoice_id"])

    def deleted(self, account: Account, old: Values) -> None:
        self._lines.recompute(account, old["invoice_id"])

    @staticmethod
    def _check(account: Account, invoice_id: Any, amount: Any, before: Decimal) -> None:
        check_amounts({"amount": amount})
        invoice = account.get("invoices", invoice_id)
        if invoice["status"] == "void":
            raise Problem(400, "A void invoice takes no payments")
        room = money.exact(invoice["total"]) - _paid(account, invoice_id) + before
        if not 0 < money.exact(amount) <= room:
            raise Problem(400, "Invalid value for `amount`: it must be above 0 and at most what is outstanding")


def _paid(account: Account, invoice_id: Any) -> Decimal:
    of_invoice = having(invoice_id=invoice_id)
    payments = account.store.find(account.tables["invoicepayments"], of_invoice)
    return sum((money.exact(payment["amount"]) for payment in payments), Decimal())


def _due(day: str, company: Mapping[str, Any]) -> str:
    try:
        return (date.fromisoformat(day) + timedelta(days=int(company.get("due_interval") or 0))).isoformat()
    except OverflowError:  # the last days of the year 9999
        return day


def _refuse_token(given: Mapping[str, Any]) -> None:
    if "token" in given:
        raise Problem(400, "Field is read only: `token`")


def _refuse_billed(account: Account, billed: Values, line: Values, name: str) -> None:
    other = billed.get("invoice_item_id")
    if other not in (None, line["id"]) and account.look("invoiceitems", other) is not None:
        raise Problem(400, f"Invalid value for `{name}`: {billed['id']} is billed already")


_TERMS = ("tax", "tax2", "tax_on_tax", "tax_text", "tax2_text", "discount", "discount_text", "bill_to", "company_info")


def _copy_estimate(account: Account, estimate: Values, values: Values, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Puts an estimate's lines and terms into an invoice that says nothing else, and returns what it is given now."""
    terms = {name: estimate[name] for name in _TERMS if name not in given and estimate.get(name) is not None}
    values |= terms
    values["items"] = copied_lines(account, ESTIMATES, estimate["id"])
    return {**given, **terms}
