"""Invoices, their lines, and payments."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, TypeAlias

from paymo_async.models.base import (
    UNSET,
    Model,
    attribute,
    create_only,
    include,
    read_only,
    resource,
    secret,
    write_only,
)

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal
    from typing import Any

    from paymo_async.models.clients import Client
    from paymo_async.models.entries import TimeEntry
    from paymo_async.models.enums import InvoiceStatus
    from paymo_async.models.expenses import Expense
    from paymo_async.models.projects import Project
    from paymo_async.models.tasks import Task
    from paymo_async.models.templates import InvoiceTemplate

__all__ = ["Invoice", "InvoiceItem", "InvoicePayment"]

Day: TypeAlias = date  # inside a class with an attribute named `date`, that name is the attribute


@resource("invoices", requires=("client_id", "currency"))
class Invoice(Model):
    """A bill to a client. Totals, `outstanding` and the statuses paid and viewed follow from lines and payments."""

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    number: str | None = UNSET
    """Made from the company's `invoice_format` when not given; one in use is refused."""
    client_id: int = UNSET
    template_id: int | None = UNSET
    status: InvoiceStatus = UNSET
    currency: str = UNSET
    date: Day | None = UNSET
    due_date: Day | None = UNSET
    subtotal: Decimal = read_only()
    total: Decimal = read_only()
    tax: Decimal = UNSET
    """Percent, over the lines with `apply_tax`."""
    tax_amount: Decimal = read_only()
    tax2: Decimal = UNSET
    """Percent; on subtotal plus `tax_amount` where `tax_on_tax` is set."""
    tax2_amount: Decimal = read_only()
    discount: Decimal = UNSET
    """Percent."""
    discount_amount: Decimal = read_only()
    tax_on_tax: bool = UNSET
    language: str | None = read_only()
    """Deprecated by the service."""
    bill_to: str | None = UNSET
    company_info: str | None = UNSET
    footer: str | None = UNSET
    notes: str | None = UNSET
    outstanding: Decimal | None = UNSET
    """Still to pay."""
    tax_text: str | None = UNSET
    tax2_text: str | None = UNSET
    discount_text: str | None = UNSET
    title: str | None = UNSET
    pay_online: bool = UNSET
    reminder_1_sent: bool = read_only()
    reminder_2_sent: bool = read_only()
    reminder_3_sent: bool = read_only()
    permalink: str | None = read_only(secret=True)
    """A link that opens it for anyone who has it."""
    pdf_link: str | None = read_only(secret=True)
    """A link to its PDF for anyone who has it."""
    delivery_date: Day | None = UNSET
    download_token: str | None = read_only(secret=True)
    token: str | None = secret()
    active: bool = UNSET
    options: dict[str, Any] | None = UNSET
    items: list[InvoiceItem] = write_only()
    """The lines to write; read them back as `invoiceitems`. On update it is the whole new set: a line with
    its id is kept or changed, one without is added, and what is absent is deleted."""
    estimate_id: int | None = create_only()
    """Given on create, it sets that estimate to invoiced."""

    client: Client = include()
    invoicepayments: list[InvoicePayment] = include()
    invoiceitems: list[InvoiceItem] = include()
    invoicetemplate: InvoiceTemplate | None = include()


@resource("invoiceitems", requires=("item",))
class InvoiceItem(Model):
    """A line of an invoice."""

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    item: str = UNSET
    description: str | None = UNSET
    price_unit: Decimal = UNSET
    quantity: Decimal = UNSET
    apply_tax: bool = UNSET
    seq: int | None = UNSET
    expense_id: int | None = UNSET
    """The expense to bill with this line; it is then invoiced."""
    entry_ids: list[int] = attribute(wire="entries", write_only=True)
    """Ids of the time entries to bill with this line, sent as `entries`; the objects are read by the include."""
    invoice_id: int = UNSET

    invoice: Invoice = include()
    entries: list[TimeEntry] = include()
    expense: Expense | None = include()
    projects: list[Project] = include()
    tasks: list[Task] = include()


@resource("invoicepayments", requires=("invoice_id", "amount"))
class InvoicePayment(Model):
    """A payment of an invoice; more than what is still to pay is refused."""

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    invoice_id: int = create_only()
    amount: Decimal = UNSET
    date: Day | None = UNSET
    notes: str | None = UNSET

    invoice: Invoice = include()
