"""Expenses and their receipts."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, TypeAlias

from paymo_async.models.base import UNSET, Model, include, read_only, resource

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from paymo_async.models.clients import Client
    from paymo_async.models.invoices import InvoiceItem
    from paymo_async.models.projects import Project
    from paymo_async.models.users import User

__all__ = ["Expense"]

Day: TypeAlias = date  # inside a class with an attribute named `date`, that name is the attribute


@resource("expenses", requires=("client_id", "currency", "amount"))
class Expense(Model):
    """Money spent for a client. Its receipt is the `file`."""

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    client_id: int = UNSET
    project_id: int | None = UNSET
    amount: Decimal = UNSET
    currency: str = UNSET
    date: Day | None = UNSET
    notes: str | None = UNSET
    invoiced: bool = UNSET
    invoice_item_id: int | None = UNSET
    tags: list[str] = UNSET
    file: str | None = UNSET
    """URL of the receipt, on another host: never send credentials there."""
    image_thumb_large: str | None = read_only(unselectable=True)
    image_thumb_medium: str | None = read_only(unselectable=True)
    image_thumb_small: str | None = read_only(unselectable=True)
    user_id: int | None = UNSET
    download_token: str | None = read_only(secret=True)

    client: Client = include()
    project: Project | None = include()
    user: User | None = include()
    invoiceitems: list[InvoiceItem] = include()
