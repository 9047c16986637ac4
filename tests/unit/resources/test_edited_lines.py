"""Lines as explicit changes, and what is made into an invoice; nothing here asks a service."""

from __future__ import annotations

from decimal import Decimal

import pytest

from paymo_async import EstimateItem, InvalidRequest, NumberInUse, TimeEntry
from paymo_async.models import Expense, Invoice, InvoiceItem, RecurringProfileItem
from paymo_async.resources.documents import edited
from paymo_async.resources.invoicing import invoice_of_expenses, lines_of_entries, overlaid
from paymo_async.wire.failures import failure_from

NEW = EstimateItem(item="New")


def test_lines_that_are_not_named_stay_in_their_place():
    changed = EstimateItem(quantity=Decimal(2))
    assert edited([1, 2, 3], change={2: changed}, remove=[1], add=[NEW]) == [
        EstimateItem(id=2, quantity=Decimal(2)),
        3,
        NEW,
    ]
    assert edited([1, 2], change={}, add=[NEW], keep=[2]) == [1, 2, NEW]
    assert changed == EstimateItem(quantity=Decimal(2))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"keep": [9]}, "9: no line"),
        ({"change": {9: NEW}}, "9: no line"),
        ({"remove": [8, 9]}, "no line of this document; its lines are 1, 2"),
        ({"remove": [1], "change": {1: NEW}}, "1: a line is kept, changed or removed"),
        ({"remove": [1], "keep": [1]}, "1: a line is kept, changed or removed"),
        ({"change": {1: EstimateItem(id=2)}}, "carries the id 2"),
        ({"add": [EstimateItem(id=2, item="x")]}, "a new line has no id"),
        ({"add": [EstimateItem(price_unit=Decimal(2))]}, "needs item"),
        ({"add": [RecurringProfileItem(item="x", quantity=None)]}, "needs price_unit, quantity"),
    ],
)
def test_what_cannot_be_meant_is_refused(given, said):
    with pytest.raises(InvalidRequest, match=said):
        edited([1, 2], **{"change": {}, **given})


def entry(id: int, task_id: int, seconds: int, *, price=None, **more) -> TimeEntry:
    project = {"id": 9, "client_id": 5, "name": "Site", "price_per_hour": 80}
    task = {"id": task_id, "name": f"Task {task_id}", "price_per_hour": price, "project": project}
    return TimeEntry.from_dict({"id": id, "task_id": task_id, "duration": seconds, "task": task, **more})


def test_time_becomes_a_line_for_each_task_at_the_tasks_or_its_projects_price():
    entries = [entry(1, 10, 1800), entry(2, 11, 600, price=60), entry(3, 10, 3600)]
    assert lines_of_entries(entries, 5) == [
        InvoiceItem(
            item="Task 10",
            description="Site",
            price_unit=Decimal(80),
            quantity=Decimal("1.50"),
            apply_tax=True,
            entry_ids=[1, 3],
        ),
        InvoiceItem(
            item="Task 11",
            description="Site",
            price_unit=Decimal(60),
            quantity=Decimal("0.17"),
            apply_tax=True,
            entry_ids=[2],
        ),
    ]
    (line, _) = lines_of_entries(entries, 5, price_per_hour=Decimal(99), apply_tax=False)
    assert (line.price_unit, line.apply_tax) == (99, False)


@pytest.mark.parametrize(
    ("odd", "client", "said"),
    [
        (entry(1, 10, 60, billed=True, invoice_item_id=4), 5, "billed already, by line 4"),
        (entry(1, 10, 0, start_time="2026-01-01T00:00:00Z"), 5, "running timer"),
        (entry(1, 10, 60), 6, "client 5, not for 6"),
    ],
)
def test_time_that_must_not_be_billed_is_refused(odd, client, said):
    with pytest.raises(InvalidRequest, match=said):
        lines_of_entries([odd], client)


def test_time_without_a_price_is_refused_unless_one_is_given():
    free = entry(1, 10, 3600)
    free.task.project.price_per_hour = None
    with pytest.raises(InvalidRequest, match="neither task 10"):
        lines_of_entries([free], 5)
    assert lines_of_entries([free], 5, price_per_hour=Decimal(1))[0].price_unit == 1


def expense(**given) -> Expense:
    return Expense.from_dict({"id": 1, "client_id": 5, "currency": "EUR", "amount": 12.5, "notes": "Taxi", **given})


def test_expenses_become_a_line_each():
    made = invoice_of_expenses([expense(), expense(id=2, notes=None)])
    assert (made.client_id, made.currency) == (5, "EUR")
    assert [(line.item, line.price_unit, line.expense_id) for line in made.items] == [
        ("Taxi", Decimal("12.5"), 1),
        ("Expense", Decimal("12.5"), 2),
    ]


@pytest.mark.parametrize("odd", [{"invoiced": True}, {"client_id": 6}, {"currency": "USD"}])
def test_expenses_that_do_not_fit_one_invoice_are_refused(odd):
    with pytest.raises(InvalidRequest, match=r"already|one client and one currency"):
        invoice_of_expenses([expense(), expense(id=2, **odd)])


def test_what_the_caller_gives_stands_above_what_was_made():
    made = Invoice(client_id=5, tax=Decimal(19), items=[InvoiceItem(item="a")])
    given = Invoice(tax=Decimal(7), title="BILL", items=[InvoiceItem(item="b")], extra={"new": 1})
    found = overlaid(made, given)
    assert (found.client_id, found.tax, found.title, found.extra) == (5, 7, "BILL", {"new": 1})
    assert [line.item for line in found.items] == ["a", "b"]
    assert overlaid(made, None) is made


@pytest.mark.parametrize("words", ["Number is already in use", "The invoice number has been taken", "number exists"])
@pytest.mark.parametrize("path", ["invoices", "estimates/12", "invoices?include=client"])
def test_a_number_in_use_has_an_error_of_its_own(words, path):
    body = f'{{"message": "{words}"}}'.encode()
    url = f"https://x.test/api/{path}"
    error = failure_from(400, {}, body, method="POST", url=url, attempts=1, elapsed=0.1)
    assert type(error) is NumberInUse
    assert error.field == "number"
    assert "or none" in error.message


def test_other_refusals_are_no_number_in_use():
    for path, words in (("tasks", "Number is already in use"), ("invoices", "Invalid value for `number`")):
        body = f'{{"message": "{words}"}}'.encode()
        error = failure_from(400, {}, body, method="POST", url=f"https://x.test/api/{path}", attempts=1, elapsed=0.1)
        assert not isinstance(error, NumberInUse)
