"""Estimates, invoices, their lines and payments over a socket."""

from __future__ import annotations

import asyncio
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from paymo_async import (
    BadRequest,
    Estimate,
    EstimateItem,
    InvalidRequest,
    NotFound,
    NumberInUse,
    PaymoClient,
    TimeEntry,
)
from paymo_async.models import Expense, Invoice, InvoiceItem, InvoicePayment, RecurringProfile, RecurringProfileItem
from paymo_async.money import totals
from paymo_async.sandbox import Sandbox

LINES = [5277, 5278, 5279]  # of estimate 1500
CLIENT, TASK, FREE_TASK = 151303, 2093082, 2093083


@pytest.fixture
async def paymo(box: Sandbox):
    async with PaymoClient(box.api_key, base_url=box.url) as client:
        yield client


def asked(box: Sandbox) -> list[str]:
    return [f"{seen.method} {seen.path}" for seen in box.requests]


def line(item: str, price: str, quantity: int = 1, **more) -> InvoiceItem:
    return InvoiceItem(item=item, price_unit=Decimal(price), quantity=Decimal(quantity), **more)


async def bill(paymo: PaymoClient, *lines: InvoiceItem, **more) -> Invoice:
    items = list(lines) or [line("Work", "100", 2, apply_tax=True), line("Travel", "12.50")]
    return await paymo.invoices.create(Invoice(client_id=CLIENT, currency="EUR", items=items, **more))


# -- lines as explicit changes ----------------------------------------------------------------------------------------


async def test_lines_are_kept_changed_added_and_removed_by_name(paymo: PaymoClient, box: Sandbox):
    changed = await paymo.estimates.edit_items(
        1500,
        keep=[5279],
        change={5278: EstimateItem(quantity=Decimal(20))},
        add=[EstimateItem(item="Hosting", price_unit=Decimal("9.5"), quantity=Decimal(12))],
        remove=[5277],
    )
    assert asked(box) == ["GET estimates/1500", "PUT estimates/1500"]
    header, mobile, hosting = await paymo.estimates.items(1500)
    assert (header.id, header.item, header.price_unit, header.quantity) == (5278, "Header", 30, 20)
    assert (mobile.id, mobile.quantity) == (5279, 240)
    assert (hosting.item, hosting.price_unit) == ("Hosting", Decimal("9.5"))
    assert changed.subtotal == 30 * 20 + 30 * 240 + Decimal("9.5") * 12


async def test_unnamed_lines_stay_whatever_else_is_done(paymo: PaymoClient):
    await paymo.estimates.edit_items(1500, add=[EstimateItem(item="New")])
    assert [one.id for one in await paymo.estimates.items(1500)][:3] == LINES
    await paymo.estimates.edit_items(1500, remove=[5278])
    assert [one.item for one in await paymo.estimates.items(1500)] == ["Logo", "Mobile version", "New"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "nothing to do"),
        ({"keep": LINES}, "nothing to do"),
        ({"remove": [5271]}, "5271: no line"),
        ({"keep": [1], "remove": [5277]}, "1: no line"),
        ({"change": {5271: EstimateItem(item="x")}}, "5271: no line"),
    ],
)
async def test_edits_that_cannot_be_meant_change_nothing(paymo: PaymoClient, box: Sandbox, given, said):
    with pytest.raises(InvalidRequest, match=said):
        await paymo.estimates.edit_items(1500, **given)
    assert "PUT estimates/1500" not in asked(box)


async def test_edits_of_one_document_at_once_lose_no_line(paymo: PaymoClient):
    names = [f"Line {number}" for number in range(5)]
    await asyncio.gather(*(paymo.estimates.edit_items(1500, add=[EstimateItem(item=name)]) for name in names))
    assert {one.item for one in await paymo.estimates.items(1500)} >= set(names)


async def test_an_update_that_would_delete_lines_by_omission_is_refused(paymo: PaymoClient, box: Sandbox):
    with pytest.raises(InvalidRequest, match="delete the lines 5278, 5279 of estimates/1500"):
        await paymo.estimates.update(1500, Estimate(items=[EstimateItem(id=5277), EstimateItem(item="New")]))
    with pytest.raises(InvalidRequest, match="5271: no line"):
        await paymo.estimates.update(1500, Estimate(items=[EstimateItem(id=key) for key in (*LINES, 5271)]))
    assert asked(box) == ["GET estimates/1500"] * 2


async def test_an_update_that_keeps_all_lines_passes_and_one_without_items_reads_nothing(paymo, box: Sandbox):
    kept = [EstimateItem(id=key) for key in LINES]
    await paymo.estimates.update(1500, Estimate(items=[*kept, EstimateItem(item="New")]))
    assert len(await paymo.estimates.items(1500)) == 4
    before = len(box.requests)
    assert (await paymo.estimates.update(1500, Estimate(tax=Decimal(0)))).total == 8540
    assert asked(box)[before:] == ["PUT estimates/1500"]


async def test_lines_are_replaced_when_that_is_said(paymo: PaymoClient, box: Sandbox):
    made = await paymo.estimates.update(
        1500,
        Estimate(items=[EstimateItem(item="All", price_unit=Decimal(5), quantity=Decimal(1))]),
        replace_items=True,
    )
    assert asked(box) == ["PUT estimates/1500"]
    assert made.subtotal == 5
    await paymo.estimates.update(1500, Estimate(items=[]), replace_items=True)
    assert await paymo.estimates.items(1500) == []


async def test_what_cannot_be_sent_is_refused_before_the_lines_are_read(paymo: PaymoClient, box: Sandbox):
    with pytest.raises(InvalidRequest, match="only the service sets"):
        await paymo.estimates.update(1500, Estimate(items=[], total=Decimal(1)))
    with pytest.raises(InvalidRequest, match="Give a Estimate"):
        await paymo.estimates.update(1500, {"items": []})
    assert box.requests == []


async def test_many_updates_never_replace_lines(paymo: PaymoClient):
    changes = {1498: Estimate(items=[]), 1500: Estimate(title="OFFER")}
    outcomes = [outcome async for outcome in paymo.estimates.update_many(changes)]
    assert isinstance(outcomes[0].error, InvalidRequest)
    assert outcomes[1].value.title == "OFFER"


async def test_lines_of_recurring_profiles_are_edited_the_same_way(paymo: PaymoClient):
    item = RecurringProfileItem(item="Hosting", price_unit=Decimal(20), quantity=Decimal(3), apply_tax=True)
    profile = await paymo.recurringprofiles.create(
        RecurringProfile(
            client_id=CLIENT,
            currency="EUR",
            frequency="m",
            start_date=date(2026, 3, 9),
            tax=Decimal(10),
            items=[item],
        )
    )
    assert (profile.subtotal, profile.tax_amount, profile.total) == (60, 6, 66)
    (first,) = await paymo.recurringprofiles.items(profile.id)
    changed = await paymo.recurringprofiles.edit_items(
        profile.id, change={first.id: RecurringProfileItem(quantity=Decimal(1))}, add=[item]
    )
    assert (changed.subtotal, changed.total) == (80, 88)
    with pytest.raises(InvalidRequest, match="needs price_unit, quantity"):
        await paymo.recurringprofiles.edit_items(profile.id, add=[RecurringProfileItem(item="x")])


async def test_amounts_computed_here_are_the_services(paymo: PaymoClient):
    taxes = {"tax": Decimal("7.5"), "tax2": Decimal(3), "tax_on_tax": True, "discount": Decimal("2.5")}
    items = [line("a", "19.99", 3, apply_tax=True), line("b", "0.35", 7), line("c", "100", apply_tax=True)]
    made = await bill(paymo, *items, **taxes)
    here = totals(await paymo.invoices.items(made.id), **taxes)
    assert here == totals(items, **taxes)
    for name in ("subtotal", "discount_amount", "tax_amount", "tax2_amount", "total"):
        assert getattr(made, name) == getattr(here, name)


# -- invoices ---------------------------------------------------------------------------------------------------------


async def test_an_invoice_is_numbered_dated_and_due_by_the_companys_settings(paymo: PaymoClient):
    made = await bill(paymo, date=date(2026, 3, 9))
    assert (made.number, made.status, made.title) == ("#INV-20260309-201", "draft", "INVOICE")
    assert made.due_date == date(2026, 4, 8)
    assert (made.total, made.outstanding) == (Decimal("212.5"), Decimal("212.5"))
    assert (await paymo.company.get()).current_invoices in (1, "1")
    assert (await bill(paymo, date=date(2026, 3, 10))).number == "#INV-20260310-202"


async def test_an_estimate_becomes_an_invoice_with_its_lines_and_terms(paymo: PaymoClient, box: Sandbox):
    made = await paymo.invoices.from_estimate(1498, Invoice(due_date=date(2026, 5, 1), notes="Thanks"))
    assert asked(box) == ["GET estimates/1498", "POST invoices"]
    assert (made.client_id, made.currency, made.total) == (10874, "USD", Decimal("9424.5"))
    assert (made.due_date, made.notes) == (date(2026, 5, 1), "Thanks")
    assert (made.title, made.number[:5]) == ("INVOICE", "#INV-")
    assert [one.item for one in await paymo.invoices.items(made.id)] == ["Workshop", "Design", "Print check"]
    estimate = await paymo.estimates.get(1498)
    assert (estimate.status, estimate.invoice_id) == ("invoiced", made.id)


async def test_an_estimate_is_not_invoiced_twice_unless_asked_for(paymo: PaymoClient):
    first = await paymo.invoices.from_estimate(1498)
    with pytest.raises(InvalidRequest, match=f"invoiced already, by invoice {first.id}"):
        await paymo.invoices.from_estimate(1498)
    assert (await paymo.invoices.from_estimate(1498, again=True)).id != first.id
    await paymo.estimates.void(1500)
    with pytest.raises(InvalidRequest, match="void"):
        await paymo.invoices.from_estimate(1500)
    with pytest.raises(BadRequest, match="estimate_id"):
        await bill(paymo, estimate_id=9)


async def track(paymo: PaymoClient, minutes: int, task_id: int = TASK) -> int:
    entry = TimeEntry(task_id=task_id, date=date(2026, 3, 9), duration=60 * minutes)
    return (await paymo.entries.create(entry)).id


async def test_time_becomes_an_invoice_and_is_billed_with_it(paymo: PaymoClient, box: Sandbox):
    ids = [await track(paymo, 90), await track(paymo, 30, FREE_TASK), await track(paymo, 15)]
    before = len(box.requests)
    made = await paymo.invoices.from_entries([*ids, ids[0]], CLIENT, "EUR", price_per_hour=Decimal(80))
    assert asked(box)[before:] == ["GET entries", "POST invoices"]
    assert made.total == 80 * Decimal("1.75") + 80 * Decimal("0.5")
    first, second = await paymo.invoices.items(made.id)
    assert (first.item, first.description, first.quantity) == (
        "Invite your team",
        "Understanding Paymo",
        Decimal("1.75"),
    )
    entries = await paymo.entries.get_many(ids)
    assert [(entry.billed, entry.invoice_item_id) for entry in entries] == [
        (True, first.id),
        (True, second.id),
        (True, first.id),
    ]
    with pytest.raises(InvalidRequest, match="billed already"):
        await paymo.invoices.from_entries(ids[:1], CLIENT, "EUR")


async def test_time_is_free_again_when_its_line_or_invoice_goes(paymo: PaymoClient):
    ids = [await track(paymo, 60), await track(paymo, 60, FREE_TASK)]
    made = await paymo.invoices.from_entries(ids, CLIENT, "EUR", price_per_hour=Decimal(80))
    first, second = await paymo.invoices.items(made.id)
    await paymo.invoices.edit_items(made.id, remove=[first.id], change={second.id: InvoiceItem(quantity=Decimal(2))})
    assert [entry.billed for entry in await paymo.entries.get_many(ids)] == [False, True]
    await paymo.invoiceitems.update(second.id, InvoiceItem(price_unit=Decimal(90)))
    assert (await paymo.entries.get(ids[1])).billed
    await paymo.invoices.delete(made.id)
    assert not (await paymo.entries.get(ids[1])).billed
    assert await paymo.entries.unbilled(date=date(2026, 3, 9))


async def test_time_that_cannot_be_billed_is_refused_before_an_invoice_is_made(paymo: PaymoClient, box: Sandbox):
    with pytest.raises(InvalidRequest, match="nothing to bill"):
        await paymo.invoices.from_entries([], CLIENT, "EUR")
    entry = await track(paymo, 60)
    with pytest.raises(InvalidRequest, match="price_per_hour"):
        await paymo.invoices.from_entries([entry], CLIENT, "EUR")
    with pytest.raises(InvalidRequest, match=f"time for client {CLIENT}"):
        await paymo.invoices.from_entries([entry], 10874, "EUR", price_per_hour=Decimal(1))
    with pytest.raises(NotFound):
        await paymo.invoices.from_entries([entry, 5], CLIENT, "EUR")
    assert "POST invoices" not in asked(box)


async def test_expenses_become_an_invoice_and_are_invoiced_with_it(paymo: PaymoClient, box: Sandbox):
    spent = [("Taxi", "14.20"), ("Hotel", "120")]
    ids = [
        (
            await paymo.expenses.create(
                Expense(client_id=CLIENT, currency="EUR", amount=Decimal(amount), notes=notes, date=date(2026, 3, 9))
            )
        ).id
        for notes, amount in spent
    ]
    made = await paymo.invoices.from_expenses(ids, Invoice(number="R-1", items=[line("Fee", "10")]))
    assert (made.number, made.total) == ("R-1", Decimal("144.2"))
    taxi, *_ = lines = await paymo.invoices.items(made.id)
    assert [one.item for one in lines] == ["Taxi", "Hotel", "Fee"]
    expense = await paymo.expenses.get(ids[0])
    assert (expense.invoiced, expense.invoice_item_id) == (True, taxi.id)
    with pytest.raises(InvalidRequest, match="invoiced already"):
        await paymo.invoices.from_expenses(ids)
    await paymo.invoiceitems.delete(taxi.id)
    assert not (await paymo.expenses.get(ids[0])).invoiced
    with pytest.raises(BadRequest, match="expense_id"):
        await bill(paymo, line("x", "1", expense_id=99))
    with pytest.raises(BadRequest, match="entries"):
        await bill(paymo, line("x", "1", entry_ids=[99]))


# -- payments and statuses --------------------------------------------------------------------------------------------


async def test_payments_settle_an_invoice(paymo: PaymoClient):
    made = await bill(paymo)
    part = await paymo.invoices.pay(made.id, 100, date=date(2026, 3, 9), notes="Cash")
    assert (part.amount, part.date, part.notes) == (100, date(2026, 3, 9), "Cash")
    assert (await paymo.invoices.get(made.id)).outstanding == Decimal("112.5")
    rest = await paymo.invoices.pay(made.id)
    assert rest.amount == Decimal("112.5")
    paid = await paymo.invoices.get(made.id, include="invoicepayments")
    assert (paid.status, paid.outstanding, len(paid.invoicepayments)) == ("paid", 0, 2)
    with pytest.raises(InvalidRequest, match="nothing is outstanding"):
        await paymo.invoices.pay(made.id)


async def test_an_invoice_that_is_no_longer_covered_is_viewed_again(paymo: PaymoClient):
    made = await bill(paymo)
    payment = await paymo.invoices.pay(made.id)
    await paymo.invoicepayments.update(payment.id, InvoicePayment(amount=Decimal(200)))
    assert (await paymo.invoices.get(made.id)).status == "viewed"
    await paymo.invoicepayments.update(payment.id, InvoicePayment(amount=Decimal("212.5")))
    assert (await paymo.invoices.get(made.id)).status == "paid"
    await paymo.invoicepayments.delete(payment.id)
    again = await paymo.invoices.get(made.id)
    assert (again.status, again.outstanding) == ("viewed", Decimal("212.5"))


@pytest.mark.parametrize("amount", [Decimal("212.51"), 1000])
async def test_more_than_is_outstanding_is_refused_by_the_service(paymo: PaymoClient, amount):
    made = await bill(paymo)
    with pytest.raises(BadRequest, match="outstanding"):
        await paymo.invoices.pay(made.id, amount)
    payment = await paymo.invoices.pay(made.id, 200)
    with pytest.raises(BadRequest, match="outstanding"):
        await paymo.invoicepayments.update(payment.id, InvoicePayment(amount=Decimal(amount)))


@pytest.mark.parametrize("amount", [0, Decimal(-1)])
async def test_a_payment_of_nothing_is_refused_before_anything_is_sent(paymo: PaymoClient, box: Sandbox, amount):
    with pytest.raises(InvalidRequest, match="above 0"):
        await paymo.invoices.pay(1, amount)
    assert box.requests == []


async def test_statuses_are_set_by_name_and_paid_only_by_paying(paymo: PaymoClient):
    made = await bill(paymo)
    assert (await paymo.invoices.mark_sent(made.id)).status == "sent"
    assert (await paymo.invoices.set_status(made.id, "viewed")).status == "viewed"
    with pytest.raises(InvalidRequest, match="by their payments"):
        await paymo.invoices.set_status(made.id, "paid")
    with pytest.raises(InvalidRequest, match="draft, sent, viewed, paid, void, not 'gone'"):
        await paymo.invoices.set_status(made.id, "gone")
    await paymo.invoices.pay(made.id)
    assert (await paymo.invoices.void(made.id)).status == "void"


async def test_estimates_are_sent_accepted_and_taken_back(paymo: PaymoClient):
    assert (await paymo.estimates.mark_sent(1498)).status == "sent"
    assert (await paymo.estimates.accept(1498)).status == "accepted"
    assert (await paymo.estimates.void(1498)).status == "void"
    with pytest.raises(InvalidRequest, match="from_estimate"):
        await paymo.estimates.set_status(1498, "invoiced")
    with pytest.raises(InvalidRequest, match="not 'paid'"):
        await paymo.estimates.set_status(1498, "paid")


# -- numbers, plan and documents --------------------------------------------------------------------------------------


async def test_a_number_in_use_is_an_error_of_its_own(paymo: PaymoClient):
    made = await bill(paymo, number="R-1")
    with pytest.raises(NumberInUse, match="Give another number, or none"):
        await bill(paymo, number="R-1")
    other = await bill(paymo)
    with pytest.raises(NumberInUse) as caught:
        await paymo.invoices.update(other.id, Invoice(number="R-1"))
    assert caught.value.field == "number"
    assert (await paymo.invoices.update(made.id, Invoice(number="R-1"))).number == "R-1"
    with pytest.raises(NumberInUse):
        await paymo.estimates.update(1500, Estimate(number="#EST-20130729-7"))


@pytest.mark.parametrize("box", [{"plan": {"max_invoices": 1}}], indirect=True)
async def test_the_plans_number_of_invoices_is_a_limit(paymo: PaymoClient):
    from paymo_async import PlanLimit

    await bill(paymo)
    with pytest.raises(PlanLimit, match="Maximum number of invoices"):
        await bill(paymo)


async def test_an_invoice_is_a_pdf(paymo: PaymoClient, tmp_path: Path):
    made = await bill(paymo, number="R-1")
    path = await paymo.invoices.download(made.id, "pdf", tmp_path)
    assert await asyncio.to_thread(path.read_bytes) != b""
    assert path.name == f"invoices-{made.id}.pdf"


async def test_lines_of_invoices_by_themselves_settle_it(paymo: PaymoClient):
    made = await bill(paymo)
    await paymo.invoices.pay(made.id)
    extra = await paymo.invoiceitems.create(
        InvoiceItem(item="Extra", price_unit=Decimal(5), quantity=Decimal(1), invoice_id=made.id)
    )
    again = await paymo.invoices.get(made.id)
    assert (again.status, again.outstanding) == ("viewed", 5)
    await paymo.invoiceitems.delete(extra.id)
    assert (await paymo.invoices.get(made.id)).status == "paid"
