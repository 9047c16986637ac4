"""From an estimate, time or expenses to the invoice that bills them; nothing here asks the service.

What must not be billed is refused here, before a request makes an invoice of it: the service's answer to time that is
billed twice is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final, TypeVar

from paymo_async.errors import InvalidRequest
from paymo_async.models.base import UNSET, Attribute, Model
from paymo_async.models.entries import TimeEntry
from paymo_async.models.estimates import Estimate
from paymo_async.models.expenses import Expense
from paymo_async.models.invoices import Invoice, InvoiceItem
from paymo_async.models.tasks import Task
from paymo_async.money import cents
from paymo_async.resources.documents import in_order
from paymo_async.tracking import is_running, seconds_of

__all__ = ["invoice_of_estimate", "invoice_of_expenses", "lines_of_entries", "overlaid"]

T = TypeVar("T")

_COPIED: Final = (
    "client_id",
    "currency",
    "tax",
    "tax2",
    "tax_on_tax",
    "discount",
    "tax_text",
    "tax2_text",
    "discount_text",
    "bill_to",
    "company_info",
    "notes",
)
_COPIED_OF_LINES: Final = ("item", "description", "price_unit", "quantity", "apply_tax")


def invoice_of_estimate(estimate: Estimate) -> Invoice:
    """An invoice with what an estimate (read with its lines) says, ready to create.

    Number, dates, title, template and footer are not taken over: the service fills in those of invoices.
    """
    made = _copied(estimate, Invoice(estimate_id=estimate.id), _COPIED)
    made.items = [_copied(line, InvoiceItem(), _COPIED_OF_LINES) for line in in_order(estimate.estimateitems or [])]
    return made


def lines_of_entries(
    entries: Iterable[TimeEntry], client_id: int, *, price_per_hour: Decimal | None = None, apply_tax: bool = True
) -> list[InvoiceItem]:
    """A line for each task, in the order the tasks first come; the entries are read with `include="task.project"`."""
    by_task: dict[int, list[TimeEntry]] = {}
    for entry in entries:
        _check_entry(entry, client_id)
        by_task.setdefault(entry.task_id, []).append(entry)
    return [_line_of_task(group, price_per_hour, apply_tax=apply_tax) for group in by_task.values()]


def invoice_of_expenses(expenses: Sequence[Expense], *, apply_tax: bool = True) -> Invoice:
    """An invoice with a line for each expense, ready to create."""
    for expense in expenses:
        if expense.invoiced:
            raise InvalidRequest(f"expense {expense.id} is invoiced already, by line {expense.invoice_item_id or '?'}")
    owners = {(expense.client_id, expense.currency) for expense in expenses}
    if len(owners) != 1:
        told = ", ".join(f"client {client} in {currency}" for client, currency in sorted(owners))
        raise InvalidRequest(f"one invoice has one client and one currency, and these expenses have: {told or 'none'}")
    ((client_id, currency),) = owners
    lines = [
        InvoiceItem(
            item=expense.notes or "Expense",
            price_unit=expense.amount,
            quantity=Decimal(1),
            apply_tax=apply_tax,
            expense_id=expense.id,
        )
        for expense in expenses
    ]
    return Invoice(client_id=client_id, currency=currency, items=lines)


def overlaid(made: Invoice, given: Invoice | None) -> Invoice:
    """The invoice with all that is set on `given` instead; its lines come after the ones made."""
    if given is None:
        return made
    for member, value in given.set_attributes():
        if isinstance(member, Attribute) and member.name == "items":
            made.items = [*made.items, *value]
        else:
            setattr(made, member.name, value)
    made.extra.update(given.extra)
    return made


def _copied(source: Model, target: T, names: Iterable[str]) -> T:
    for name in names:
        value = getattr(source, name)
        if value is not UNSET:
            setattr(target, name, value)
    return target


def _check_entry(entry: TimeEntry, client_id: int) -> None:
    if entry.billed:
        raise InvalidRequest(f"entry {entry.id} is billed already, by line {entry.invoice_item_id or '?'}")
    if is_running(entry):
        raise InvalidRequest(f"entry {entry.id} is a running timer: stop it first")
    owner = entry.task.project.client_id
    if owner != client_id:
        raise InvalidRequest(f"entry {entry.id} is time for client {owner}, not for {client_id}")


def _line_of_task(entries: Sequence[TimeEntry], price_per_hour: Decimal | None, *, apply_tax: bool) -> InvoiceItem:
    task = entries[0].task
    hours = Decimal(sum(seconds_of(entry) for entry in entries)) / 3600
    return InvoiceItem(
        item=task.name,
        description=task.project.name,
        price_unit=_price(task) if price_per_hour is None else price_per_hour,
        quantity=cents(hours),
        apply_tax=apply_tax,
        entry_ids=[entry.id for entry in entries],
    )


def _price(task: Task) -> Decimal:
    price = task.price_per_hour or task.project.price_per_hour
    if not price:
        raise InvalidRequest(f"neither task {task.id} ({task.name}) nor its project has a price_per_hour: give one")
    return price
