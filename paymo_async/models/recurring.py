"""What the service makes again and again: invoices and tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paymo_async.models.base import UNSET, Model, create_only, include, one_of, read_only, resource, write_only

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal
    from typing import Any

    from paymo_async.models.clients import Client
    from paymo_async.models.enums import Priority, RecurringFrequency, TaskFrequency
    from paymo_async.models.projects import Project

__all__ = ["RecurringProfile", "RecurringProfileItem", "TaskRecurringProfile"]


@resource("recurringprofiles", key="recurring_profiles", requires=("client_id", "currency", "frequency", "start_date"))
class RecurringProfile(Model):
    """An invoice that the service makes again and again, at 09:00 UTC of the day it is due."""

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    client_id: int = UNSET
    currency: str = UNSET
    frequency: RecurringFrequency = UNSET
    start_date: date = UNSET
    template_id: int | None = UNSET
    title: str | None = UNSET
    subtotal: Decimal = read_only()
    total: Decimal = read_only()
    tax: Decimal = UNSET
    """Percent, over the lines with `apply_tax`."""
    tax_amount: Decimal = read_only()
    tax_text: str | None = UNSET
    tax2: Decimal = UNSET
    """Percent; on subtotal plus `tax_amount` where `tax_on_tax` is set."""
    tax2_amount: Decimal = read_only()
    tax2_text: str | None = UNSET
    tax_on_tax: bool = UNSET
    discount: Decimal = UNSET
    """Percent."""
    discount_amount: Decimal = read_only()
    discount_text: str | None = UNSET
    occurrences: int | None = UNSET
    """How many invoices in all; null for no end."""
    invoices_created: int | None = read_only()
    last_created: date | None = read_only()
    autosend: bool = UNSET
    """Whether invoices are sent as they are made."""
    bill_to: str | None = UNSET
    company_info: str | None = UNSET
    footer: str | None = UNSET
    notes: str | None = UNSET
    pay_online: bool = UNSET
    send_attachment: bool = UNSET
    options: dict[str, Any] | None = UNSET
    language: str | None = read_only()
    """Deprecated by the service."""
    occurences: int | None = UNSET
    """The documentation's spelling of `occurrences`."""
    invoice_created: int | None = read_only()
    """The documentation's name of `invoices_created`."""
    items: list[RecurringProfileItem] = write_only()
    """The lines to write; read them back as `recurringprofileitems`. On update: the whole new set."""

    client: Client = include()
    recurringprofileitems: list[RecurringProfileItem] = include()


@resource("recurringprofileitems", requires=("recurring_profile_id", "item", "price_unit", "quantity"))
class RecurringProfileItem(Model):
    """A line of a recurring profile."""

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    recurring_profile_id: int = create_only()
    item: str = UNSET
    description: str | None = UNSET
    price_unit: Decimal = UNSET
    quantity: Decimal = UNSET
    apply_tax: bool = UNSET
    seq: int | None = UNSET

    recurringprofile: RecurringProfile = include()


@resource(
    "taskrecurringprofiles",
    requires=("name", one_of("project_id", "task_id"), "frequency", "interval", "recurring_start_date"),
)
class TaskRecurringProfile(Model):
    """A task that the service makes again and again."""

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    name: str = UNSET
    code: str | None = read_only()
    project_id: int | None = UNSET
    tasklist_id: int | None = UNSET
    task_id: int | None = create_only()
    user_id: int | None = read_only()
    task_user_id: int | None = read_only()
    company_id: int | None = UNSET
    billable: bool = UNSET
    flat_billing: bool = UNSET
    description: str | None = UNSET
    price_per_hour: Decimal | None = UNSET
    estimated_price: Decimal | None = UNSET
    budget_hours: Decimal | None = UNSET
    """Hours."""
    users: list[int] = UNSET
    """Ids."""
    priority: Priority = UNSET
    notifications: str | None = UNSET
    """JSON, as text."""
    frequency: TaskFrequency = UNSET
    interval: int = UNSET
    """Every so many days, weeks or months."""
    on_day: list[int] | None = UNSET
    """Days of the week or month."""
    occurrences: int | None = UNSET
    until: date | None = UNSET
    """The last day; or `occurrences`, or neither for no end."""
    active: bool = UNSET
    due_date_offset: int | None = UNSET
    """Days from a task's start to its due date."""
    recurring_start_date: date = UNSET
    generated_count: int | None = read_only()
    last_generated_on: date | None = read_only()
    next_processing_date: date | None = read_only()
    processing_timezone: str | None = UNSET
    processing_hour: str | None = UNSET
    """Time of day, as text: `06:00:00`."""

    project: Project = include()
