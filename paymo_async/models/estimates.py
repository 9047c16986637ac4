"""Estimates and their lines."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, TypeAlias

from paymo_async.models.base import UNSET, Model, include, read_only, resource, write_only

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from paymo_async.models.clients import Client
    from paymo_async.models.enums import EstimateStatus
    from paymo_async.models.invoices import Invoice
    from paymo_async.models.templates import EstimateTemplate

__all__ = ["Estimate", "EstimateItem"]

Day: TypeAlias = date  # inside a class with an attribute named `date`, that name is the attribute


@resource("estimates", requires=("client_id", "currency"))
class Estimate(Model):
    """An offer to a client. Totals are computed by the service from the lines."""

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    number: str | None = UNSET
    """Made from the company's `estimate_format` when not given; one in use is refused."""
    client_id: int = UNSET
    template_id: int | None = UNSET
    status: EstimateStatus = UNSET
    currency: str = UNSET
    date: Day | None = UNSET
    subtotal: Decimal = read_only()
    total: Decimal = read_only()
    tax: Decimal = UNSET
    """Percent, over the lines with `apply_tax`."""
    tax_amount: Decimal = read_only()
    tax2: Decimal = UNSET
    """Percent; on subtotal plus `tax_amount` where `tax_on_tax` is set."""
    tax2_amount: Decimal = read_only()
    tax_on_tax: bool = UNSET
    language: str | None = read_only()
    """Deprecated by the service."""
    bill_to: str | None = UNSET
    company_info: str | None = UNSET
    footer: str | None = UNSET
    notes: str | None = UNSET
    tax_text: str | None = UNSET
    tax2_text: str | None = UNSET
    title: str | None = UNSET
    invoice_id: int | None = read_only()
    permalink: str | None = read_only(secret=True)
    """A link that opens it for anyone who has it."""
    pdf_link: str | None = read_only(secret=True)
    """A link to its PDF for anyone who has it."""
    brief_description: str | None = UNSET
    discount: Decimal = UNSET
    """Percent."""
    discount_amount: Decimal = read_only()
    discount_text: str | None = UNSET
    download_token: str | None = read_only(secret=True)
    items: list[EstimateItem] = write_only()
    """The lines to write; read them back as `estimateitems`. On update it is the whole new set: a line with
    its id is kept or changed, one without is added, and what is absent is deleted."""

    client: Client = include()
    invoice: Invoice | None = include()
    estimateitems: list[EstimateItem] = include()
    estimatetemplate: EstimateTemplate | None = include()


@resource("estimateitems", requires=("item",))
class EstimateItem(Model):
    """A line of an estimate."""

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    item: str = UNSET
    description: str | None = UNSET
    price_unit: Decimal = UNSET
    quantity: Decimal = UNSET
    apply_tax: bool = UNSET
    seq: int | None = UNSET
    estimate_id: int = UNSET

    estimate: Estimate = include()
