"""What invoices add to documents with lines: payments, billed time and expenses, the estimate behind (BEHAVIOUR.md).

`outstanding` is the total less the payments. A payment that leaves nothing to pay turns the invoice `paid`; when
something is to pay again (a payment was taken back, a line added), `paid` becomes `viewed`. Void stays void.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from paymo_async import money
from paymo_async.sandbox.rules.base import Rule, Values
from paymo_async.sandbox.rules.billing import Billing, LineRule, NumberedRule, plain
from paymo_async.sandbox.rules.people import recount
from paymo_async.sandbox.values import Problem
from paymo_async.sandbox.where import Filter

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account

__all__ = ["INVOICES", "InvoiceLineRule", "InvoiceRule", "PaymentRule"]

INVOICES = Billing("invoices", "invoiceitems", "invoice_id", "INVOICE", "invoice_format", "next_invoice_number")


class InvoiceLineRule(LineRule):
    """Lines of invoices: a line's `entries` are billed with it, its expense is invoiced."""

    def __init__(self) -> None:
        super().__init__(INVOICES)

    def attach(self, account: Account, line: Values) -> None:
        for key in line.get("entries") or ():
            entry = account.referred("entries", key, "entries")
            account.save("entries", {**entry, "billed": True, "invoice_item_id": line["id"]})
        if line.get("expense_id") is not None:
            expense = account.referred("expenses", line["expense_id"], "expense_id")
            account.save("expenses", {**expense, "invoiced": True, "invoice_item_id": line["id"]})

    def release(self, account: Account, line: Values) -> None:
        of_line = Filter('"invoice_item_id" = ?', (line["id"],))
        for path, mark in (("entries", "billed"), ("expenses", "invoiced")):
            for billed in account.store.find(account.tables[path], of_line):
                account.save(path, {**billed, mark: False, "invoice_item_id": None})

    def settle(self, account: Account, document: Values) -> None:
        paid = _paid(account, document["id"])
        outstanding = money.exact(document["total"]) - paid
        document["outstanding"] = plain(outstanding)
        if document.get("status") == "void":
            return
        if paid and outstanding <= 0:
            document["status"] = "paid"
        elif document.get("status") == "paid" and outstanding > 0:
            document["status"] = "viewed"


class InvoiceRule(NumberedRule):
    """Invoices: due after the company's `due_interval` days; `estimate_id` sets that estimate to invoiced."""

    def __init__(self) -> None:
        super().__init__(InvoiceLineRule())

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        company = account.company()
        most = company.get("max_invoices")
        if most is not None and account.store.count(account.tables["invoices"]) >= int(most):
            raise Problem(403, "Could not add invoice. Maximum number of invoices reached.")
        if values.get("estimate_id") is not None:
            account.referred("estimates", values["estimate_id"], "estimate_id")
        super().creating(account, values, given, user_id)
        values["active"] = given.get("active", True)
        if not values.get("due_date"):
            days = timedelta(days=int(company.get("due_interval") or 0))
            values["due_date"] = (date.fromisoformat(values["date"]) + days).isoformat()

    def created(self, account: Account, values: Values, user_id: int) -> None:
        super().created(account, values, user_id)
        estimate = account.look("estimates", values.get("estimate_id"))
        if estimate is not None:
            account.save("estimates", {**estimate, "status": "invoiced", "invoice_id": values["id"]})
        recount(account, "current_invoices", "invoices")

    def deleted(self, account: Account, old: Values) -> None:
        recount(account, "current_invoices", "invoices")


class PaymentRule(Rule):
    """Payments: more than what is still to pay is refused; each change settles the invoice."""

    def __init__(self, rule: InvoiceLineRule) -> None:
        self.lines: InvoiceLineRule = rule

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        values["date"] = values.get("date") or account.now()[:10]
        self._check(account, values["invoice_id"], values["amount"], Decimal())

    def created(self, account: Account, values: Values, user_id: int) -> None:
        self.lines.recompute(account, values["invoice_id"])

    def updating(self, account: Account, old: Values, changes: Values, user_id: int) -> None:
        amount = changes.get("amount", old["amount"])
        self._check(account, old["invoice_id"], amount, money.exact(old["amount"]))

    def updated(self, account: Account, old: Values, new: Values) -> None:
        self.lines.recompute(account, new["invoice_id"])

    def deleted(self, account: Account, old: Values) -> None:
        self.lines.recompute(account, old["invoice_id"])

    @staticmethod
    def _check(account: Account, invoice_id: Any, amount: Any, before: Decimal) -> None:
        invoice = account.get("invoices", invoice_id)
        room = money.exact(invoice["total"]) - _paid(account, invoice_id) + before
        if not 0 < money.exact(amount) <= room:
            raise Problem(400, "Invalid value for `amount`: it must be above 0 and at most what is outstanding")


def _paid(account: Account, invoice_id: Any) -> Decimal:
    of_invoice = Filter('"invoice_id" = ?', (invoice_id,))
    payments = account.store.find(account.tables["invoicepayments"], of_invoice)
    return sum((money.exact(payment["amount"]) for payment in payments), Decimal())
