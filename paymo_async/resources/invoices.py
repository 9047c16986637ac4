"""Invoices, their lines and payments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import ClassVar

from paymo_async.errors import InvalidRequest
from paymo_async.models.base import UNSET
from paymo_async.models.entries import TimeEntry
from paymo_async.models.enums import EstimateStatus, InvoiceStatus
from paymo_async.models.estimates import Estimate
from paymo_async.models.expenses import Expense
from paymo_async.models.invoices import Invoice, InvoiceItem, InvoicePayment
from paymo_async.models.openenum import OpenStrEnum
from paymo_async.money import exact
from paymo_async.resources.base import Documents, Id, Standard
from paymo_async.resources.documents import HasLines, HasStatus
from paymo_async.resources.entries import TimeEntries
from paymo_async.resources.estimates import Estimates
from paymo_async.resources.expenses import Expenses
from paymo_async.resources.invoicing import invoice_of_estimate, invoice_of_expenses, lines_of_entries, overlaid

__all__ = ["InvoiceItems", "InvoicePayments", "Invoices"]


class Invoices(HasLines[Invoice, InvoiceItem], HasStatus[Invoice], Standard[Invoice], Documents[Invoice]):
    """Invoices. Their lines come with `include="invoiceitems"`, and are sent as `items`, always the whole set.

    A number that another invoice has is refused with `NumberInUse`; without one the service makes the next.
    """

    model = Invoice
    formats: ClassVar[tuple[str, ...]] = ("pdf",)
    lines: ClassVar[str] = "invoiceitems"
    statuses: ClassVar[type[OpenStrEnum]] = InvoiceStatus
    following: ClassVar[Mapping[str, str]] = {"paid": "their payments: invoices.pay(id) records the last one"}

    async def from_estimate(self, estimate_id: Id, given: Invoice | None = None, *, again: bool = False) -> Invoice:
        """Makes an invoice with an estimate's lines, taxes, discount and texts; the estimate becomes invoiced.

        given: what the invoice has otherwise (`Invoice(due_date=..., number=...)`). Raises `InvalidRequest` before
        anything is made for an estimate that is void, or invoiced already unless `again` is set. Two requests.
        """
        estimate = await Estimates(self._account).get(estimate_id, include="estimateitems")
        _check_estimate(estimate, again=again)
        return await self.create(overlaid(invoice_of_estimate(estimate), given))

    async def from_entries(
        self,
        entry_ids: Iterable[int],
        client_id: int,
        currency: str,
        given: Invoice | None = None,
        *,
        price_per_hour: Decimal | None = None,
        apply_tax: bool = True,
    ) -> Invoice:
        """Makes an invoice of time entries, a line for each task; the entries are then billed.

        price_per_hour: for all lines; else the task's, else its project's. A line's quantity is hours, rounded to two
        places, halves up. given: what the invoice has otherwise. Raises `InvalidRequest` before anything is made where
        an entry is billed already, still runs, belongs to another client's project, or has no price; `NotFound` where
        one does not exist. Two requests for up to some hundred entries.
        """
        entries: list[TimeEntry] = await TimeEntries(self._account).get_many(_unique(entry_ids), include="task.project")
        made = Invoice(client_id=client_id, currency=currency)
        made.items = lines_of_entries(entries, client_id, price_per_hour=price_per_hour, apply_tax=apply_tax)
        return await self.create(overlaid(made, given))

    async def from_expenses(
        self, expense_ids: Iterable[int], given: Invoice | None = None, *, apply_tax: bool = True
    ) -> Invoice:
        """Makes an invoice of expenses, a line for each; the expenses are then invoiced.

        Client and currency are those of the expenses. given: what the invoice has otherwise. Raises `InvalidRequest`
        before anything is made where one is invoiced already, or they differ in client or currency. Two requests.
        """
        expenses: list[Expense] = await Expenses(self._account).get_many(_unique(expense_ids))
        return await self.create(overlaid(invoice_of_expenses(expenses, apply_tax=apply_tax), given))

    async def pay(
        self,
        invoice_id: int,
        amount: Decimal | int | None = None,
        *,
        date: date | None = None,
        notes: str | None = None,
    ) -> InvoicePayment:
        """Records a payment, of all that is outstanding unless an amount is given; a full one makes the invoice paid.

        date: the service's today by default. Without an amount the invoice is read first. Raises `InvalidRequest`
        for an amount that is not above 0, and where nothing is outstanding; the service refuses more than that with
        `BadRequest`.
        """
        if amount is not None and amount <= 0:
            raise InvalidRequest(f"a payment is above 0, not {amount}")
        due = exact((await self.get(invoice_id)).outstanding if amount is None else amount)
        if due <= 0:
            raise InvalidRequest(f"nothing is outstanding of invoice {invoice_id}")
        payment = InvoicePayment(invoice_id=invoice_id, amount=due)
        payment.date = UNSET if date is None else date
        payment.notes = UNSET if notes is None else notes
        return await InvoicePayments(self._account).create(payment)


class InvoiceItems(Standard[InvoiceItem]):
    """Lines of invoices; each change computes the invoice's amounts anew."""

    model = InvoiceItem


class InvoicePayments(Standard[InvoicePayment]):
    """Payments of invoices; more than what is still to pay is refused."""

    model = InvoicePayment


def _check_estimate(estimate: Estimate, *, again: bool) -> None:
    if estimate.status == EstimateStatus.VOID:
        raise InvalidRequest(f"estimate {estimate.id} is void")
    if estimate.status == EstimateStatus.INVOICED and not again:
        by = f", by invoice {estimate.invoice_id}" if estimate.invoice_id else ""
        raise InvalidRequest(f"estimate {estimate.id} is invoiced already{by}: say again=True for another invoice")


def _unique(ids: Iterable[int]) -> list[int]:
    found = list(dict.fromkeys(ids))
    if not found:
        raise InvalidRequest("no ids were given: there is nothing to bill")
    return found
