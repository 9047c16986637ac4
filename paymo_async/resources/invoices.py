"""Invoices, their lines and payments."""

from __future__ import annotations

from typing import ClassVar

from paymo_async.models.invoices import Invoice, InvoiceItem, InvoicePayment
from paymo_async.resources.base import Documents, Standard

__all__ = ["InvoiceItems", "InvoicePayments", "Invoices"]


class Invoices(Standard[Invoice], Documents[Invoice]):
    """Invoices. Their lines come with `include="invoiceitems"`, and are sent as `items`, always the whole set."""

    model = Invoice
    formats: ClassVar[tuple[str, ...]] = ("pdf",)


class InvoiceItems(Standard[InvoiceItem]):
    """Lines of invoices."""

    model = InvoiceItem


class InvoicePayments(Standard[InvoicePayment]):
    """Payments of invoices; more than what is still to pay is refused."""

    model = InvoicePayment
