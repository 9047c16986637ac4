"""Estimates, invoices and payments: what the sandbox does by itself, and what it refuses."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from paymo_async.money import Priced, totals
from paymo_async.sandbox.rules.numbering import number_for

CLIENT, OTHER, TASK = 10874, 151303, 2093082
BILL = {"client_id": CLIENT, "currency": "EUR"}
LINES = [
    {"item": "Logo", "price_unit": 40, "quantity": 2, "apply_tax": True},
    {"item": "Photos", "price_unit": "12.25", "quantity": 3},
]


async def invoice(call, **given):
    return await call.create("invoices", **{**BILL, "items": LINES, **given})


async def lines_of(call, key, path="invoices", lines="invoiceitems"):
    return (await call.one(f"{path}/{key}", include=lines))[lines]


async def track(call, minutes=60):
    return (await call.create("entries", task_id=TASK, date="2026-03-09", duration=60 * minutes))["id"]


async def billed(call, *ids):
    found = {one["id"]: one for one in await call.get("entries", where=f"id in ({','.join(map(str, ids))})")}
    return [(found[key]["billed"], found[key]["invoice_item_id"]) for key in ids]


def settings(call, **changes):
    """Sets what the service lets only its own pages set."""
    account = call.box.account
    account.store.put(account.tables["company"], {**account.company(), **changes})


class TestNumbers:
    @pytest.mark.parametrize(
        ("pattern", "number", "width", "made"),
        [
            ("#EST-[yyyy][mm][dd]-[i]", 7, 1, "#EST-20130729-7"),
            ("[yy]/[i]", 12, 1, "13/12"),
            ("R[iiii]", 42, 1, "R0042"),
            ("R[i]", 42, 5, "R00042"),
            ("R[ii]", 123, 1, "R123"),
            ("[x][YYYY][i", 1, 1, "[x][YYYY][i"),
        ],
    )
    def test_a_format_is_filled_in(self, pattern, number, width, made):
        assert number_for(pattern, "2013-07-29", number, width) == made

    async def test_each_kind_counts_for_itself_by_its_own_format(self, call):
        settings(call, invoice_format="R[yy]-[iii]", next_invoice_number="9", estimate_format="[i]")
        numbers = [(await invoice(call, date="2026-03-09"))["number"] for _ in range(2)]
        assert numbers == ["R26-009", "R26-010"]
        assert (await call.create("estimates", **BILL))["number"] == "101"
        company = await call.get("company")
        assert (company["next_invoice_number"], company["next_estimate_number"]) == ("11", "102")

    async def test_zeros_before_the_next_number_stay(self, call):
        await call.update("company", next_invoice_number="0099")
        assert (await invoice(call, date="2026-03-09"))["number"] == "#INV-20260309-0099"
        assert (await call.get("company"))["next_invoice_number"] == "0100"

    @pytest.mark.parametrize(("pattern", "numbers"), [("OFFER", ["OFFER", "OFFER-102"]), ("", ["101", "102"])])
    async def test_a_format_without_a_number_still_makes_new_ones(self, call, pattern, numbers):
        settings(call, estimate_format=pattern)
        assert [(await call.create("estimates", **BILL))["number"] for _ in range(2)] == numbers

    async def test_one_that_was_freed_may_be_given_again_and_none_may_be_empty(self, call):
        made = await invoice(call, number="R-1")
        other = await invoice(call)
        assert await call.refused("PUT", f"invoices/{other['id']}", 400, json={"number": ""})
        assert await call.refused("PUT", f"invoices/{other['id']}", 400, json={"number": "R-1"}) == (
            "Number is already in use"
        )
        await call("DELETE", f"invoices/{made['id']}")
        assert (await call.update(f"invoices/{other['id']}", number="R-1"))["number"] == "R-1"

    async def test_a_refused_document_takes_no_number(self, call):
        await call.refused("POST", "invoices", 400, json={**BILL, "items": [{"price_unit": 1}]})
        assert (await call.get("company"))["next_invoice_number"] == "201"
        assert await call.ids("invoices") == []


class TestAmounts:
    async def test_they_are_the_arithmetic_of_the_package_on_exact_numbers(self, call):
        terms = {"tax": 7.7, "tax2": 2.5, "tax_on_tax": True, "discount": 3.3}
        prices = [("19.99", "3.5", True), ("0.015", "7", False), ("-20", "1", True), ("1234567.89", "0.001", True)]
        items = [{"item": "x", "price_unit": p, "quantity": q, "apply_tax": t} for p, q, t in prices]
        reply = await call("POST", "invoices", json={**BILL, **terms, "items": items})
        made = msgspec.json.Decoder(float_hook=Decimal).decode(reply.body)["invoices"][0]
        here = totals(
            [Priced(Decimal(p), Decimal(q), t) for p, q, t in prices],
            tax=Decimal("7.7"),
            tax2=Decimal("2.5"),
            tax_on_tax=True,
            discount=Decimal("3.3"),
        )
        for name in ("subtotal", "discount_amount", "tax_amount", "tax2_amount", "total"):
            assert made[name] == getattr(here, name)
        assert made["outstanding"] == made["total"]

    async def test_a_line_counts_one_unless_it_says_how_many(self, call):
        made = await invoice(
            call, items=[{"item": "Flat", "price_unit": 9}, {"item": "None", "price_unit": 9, "quantity": 0}]
        )
        assert made["total"] == 9
        line = await call.create("invoiceitems", invoice_id=made["id"], item="More", price_unit=2)
        assert (line["quantity"], line["seq"]) == (1, 2)

    @pytest.mark.parametrize(
        ("given", "name"),
        [
            ({"price_unit": 10**13}, "price_unit"),
            ({"price_unit": "1e-11"}, "price_unit"),
            ({"price_unit": "1e999999"}, "price_unit"),
            ({"price_unit": "NaN"}, "price_unit"),
            ({"price_unit": None}, "price_unit"),
            ({"quantity": -1}, "quantity"),
            ({"quantity": True}, "quantity"),
            ({"quantity": "many"}, "quantity"),
            ({"apply_tax": "perhaps"}, "apply_tax"),
            ({"seq": "first"}, "seq"),
        ],
    )
    async def test_lines_that_cannot_be_are_refused_in_items_and_alone(self, call, given, name):
        made = await invoice(call)
        (first, _) = await lines_of(call, made["id"])
        said = f"Invalid value for `{name}`"
        path = f"invoices/{made['id']}"
        assert await call.refused("POST", "invoices", 400, json={**BILL, "items": [{"item": "x", **given}]}) == said
        assert await call.refused("PUT", path, 400, json={"items": [{"id": first["id"], **given}]}) == said
        assert (
            await call.refused("POST", "invoiceitems", 400, json={"item": "x", "invoice_id": made["id"], **given})
            == said
        )
        assert await call.refused("PUT", f"invoiceitems/{first['id']}", 400, json=given) == said
        assert (await call.one(path))["total"] == made["total"]

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"tax": -1}, "Invalid value for `tax`"),
            ({"tax2": 100.5}, "Invalid value for `tax2`"),
            ({"discount": 101}, "Invalid value for `discount`"),
            ({"tax": "1e99"}, "Invalid value for `tax`"),
            ({"tax": None}, "Invalid value for `tax`"),
            ({"total": 5}, "Field is read only: `total`"),
            ({"subtotal": 5}, "Field is read only: `subtotal`"),
            ({"invoiceitems": []}, "Unknown field or reference: `invoiceitems`"),
            ({"items": "none"}, "Invalid value for `items`"),
            ({"currency": ""}, "Missing required params: currency"),
            ({"client_id": None}, "`client_id`"),
            ({"date": "2026-02-30"}, "Invalid value for `date`"),
            ({"status": "lost"}, "Invalid value for `status`"),
            ({"template_id": 9}, "Invalid reference: `template_id`"),
        ],
    )
    @pytest.mark.parametrize("path", ["estimates", "invoices"])
    async def test_documents_that_cannot_be_are_refused(self, call, path, given, said):
        made = await call.create(path, **BILL)
        assert said in await call.refused("POST", path, 400, json={**BILL, **given})
        assert said in await call.refused("PUT", f"{path}/{made['id']}", 400, json=given)

    async def test_the_last_day_of_the_calendar_is_a_day_too(self, call):
        assert (await invoice(call, date="9999-12-31"))["due_date"] == "9999-12-31"


class TestLines:
    async def test_a_line_is_kept_as_it_is_and_only_a_changed_one_is_updated(self, call):
        call.box.clock.freeze(datetime(2026, 3, 9, tzinfo=UTC))
        made = await invoice(call)
        call.box.clock.move(minutes=5)
        first, second = await lines_of(call, made["id"])
        items = [{"id": first["id"]}, {"id": second["id"], "quantity": 4}]
        await call.update(f"invoices/{made['id']}", items=items)
        same, changed = await lines_of(call, made["id"])
        assert same == first
        assert changed == {**second, "quantity": 4, "updated_on": "2026-03-09T00:05:00Z"}

    async def test_lines_are_in_the_order_in_which_they_were_sent(self, call):
        made = await invoice(call)
        first, second = await lines_of(call, made["id"])
        items = [{"id": second["id"]}, {"item": "Between"}, {"id": first["id"]}]
        await call.update(f"invoices/{made['id']}", items=items)
        assert [line["item"] for line in await lines_of(call, made["id"])] == ["Photos", "Between", "Logo"]

    @pytest.mark.parametrize(
        ("items", "said"),
        [
            ([{"id": 1}, {"id": 1}], "Invalid reference: `items`"),
            ([{"id": "x"}], "Invalid reference: `items`"),
            ([{"id": 1, "item": ""}], "Missing required params: item"),
            ([{"id": 1, "created_on": "2026-01-01"}], "Field is read only: `created_on`"),
            ([{"id": 1, "invoice_id": 9}], "Invalid value for `invoice_id`"),
            ([None], "Invalid value for `items`"),
        ],
    )
    async def test_a_wrong_set_is_refused_and_changes_nothing(self, call, items, said):
        made = await invoice(call)
        before = await lines_of(call, made["id"])
        assert await call.refused("PUT", f"invoices/{made['id']}", 400, json={"items": items, "notes": "x"}) == said
        assert await lines_of(call, made["id"]) == before
        assert (await call.one(f"invoices/{made['id']}"))["notes"] == ""

    async def test_a_line_can_be_sent_back_as_it_was_read(self, call):
        made = await invoice(call)
        read = await lines_of(call, made["id"])
        back = [{name: value for name, value in line.items() if not name.endswith("_on")} for line in read]
        await call.update(f"invoices/{made['id']}", items=[{**line, "id": str(line["id"])} for line in back])
        assert await lines_of(call, made["id"]) == read


class TestBilling:
    async def test_a_line_without_hours_counts_those_of_its_time(self, call):
        ids = [await track(call, 90), await track(call, 20)]
        made = await invoice(call, items=[{"item": "Work", "price_unit": 60, "entries": ids}])
        (line,) = await lines_of(call, made["id"])
        assert (line["quantity"], made["total"]) == (1.83, 109.8)
        assert await billed(call, *ids) == [(True, line["id"])] * 2
        included = await call.one(f"invoiceitems/{line['id']}", include="entries.id")
        assert [entry["id"] for entry in included["entries"]] == ids

    async def test_time_moves_from_one_line_to_another_and_is_free_without_one(self, call):
        one, two = await track(call), await track(call)
        made = await invoice(call, items=[{"item": "A", "entries": [one, two]}, {"item": "B"}])
        path = f"invoices/{made['id']}"
        a, b = await lines_of(call, made["id"])
        await call.update(path, items=[{"id": a["id"], "entries": [one]}, {"id": b["id"], "entries": [two]}])
        assert await billed(call, one, two) == [(True, a["id"]), (True, b["id"])]
        await call.update(path, items=[{"item": "C", "entries": [one]}, {"id": b["id"]}])
        c, _ = await lines_of(call, made["id"])
        assert await billed(call, one, two) == [(True, c["id"]), (True, b["id"])]
        await call.update(f"invoiceitems/{c['id']}", entries=[])
        await call("DELETE", f"invoiceitems/{b['id']}")
        assert await billed(call, one, two) == [(False, None)] * 2

    async def test_what_one_line_bills_no_other_bills(self, call):
        entry = await track(call)
        expense = await call.create("expenses", **BILL, amount=20)
        taken = {"item": "A", "entries": [entry], "expense_id": expense["id"]}
        made = await invoice(call, items=[taken])
        for more in ({"entries": [entry]}, {"expense_id": expense["id"]}):
            said = await call.refused("POST", "invoices", 400, json={**BILL, "items": [{"item": "B", **more}]})
            assert "billed already" in said
        await call("DELETE", f"invoices/{made['id']}")
        await invoice(call, items=[taken])

    async def test_a_deleted_entry_leaves_its_line_and_the_line_can_still_change(self, call):
        entry = await track(call)
        made = await invoice(call, items=[{"item": "A", "price_unit": 5, "entries": [entry]}])
        (line,) = await lines_of(call, made["id"])
        await call("DELETE", f"entries/{entry}")
        changed = await call.update(f"invoices/{made['id']}", items=[{"id": line["id"], "price_unit": 7}])
        assert changed["total"] == 7

    async def test_an_expense_brings_its_amount_and_the_companys_word_on_tax(self, call):
        expense = await call.create("expenses", **BILL, amount=29.95, notes="Hosting")
        for tax, total in (("1", 32.95), ("0", 29.95)):
            settings(call, apply_tax_to_expenses=tax)
            made = await invoice(call, tax=10, items=[{"item": "Expense", "expense_id": expense["id"]}])
            assert made["total"] == total
            (line,) = await lines_of(call, made["id"])
            known = await call.one(f"expenses/{expense['id']}")
            assert (known["invoiced"], known["invoice_item_id"]) == (True, line["id"])
            await call("DELETE", f"invoices/{made['id']}")
            known = await call.one(f"expenses/{expense['id']}")
            assert (known["invoiced"], known["invoice_item_id"]) == (False, None)

    async def test_a_deleted_expense_leaves_its_line(self, call):
        expense = await call.create("expenses", **BILL, amount=20)
        made = await invoice(call, items=[{"item": "Expense", "expense_id": expense["id"]}])
        await call("DELETE", f"expenses/{expense['id']}")
        (line,) = await lines_of(call, made["id"])
        assert (line["expense_id"], line["price_unit"]) == (None, 20)


class TestEstimates:
    async def test_an_invoice_copies_lines_and_terms_unless_it_has_its_own(self, call):
        await call.update("estimates/1498", discount=10)
        copied = await call.create("invoices", **BILL, estimate_id=1498)
        assert [line["item"] for line in await lines_of(call, copied["id"])] == ["Workshop", "Design", "Print check"]
        estimate = await call.one("estimates/1498")
        for name in ("subtotal", "total", "tax", "tax_amount", "discount", "bill_to"):
            assert copied[name] == estimate[name]
        own = await call.create("invoices", **BILL, estimate_id=1500, items=LINES, tax=0)
        assert own["total"] == 116.75

    async def test_it_is_invoiced_and_accepted_again_without_its_invoice(self, call):
        made = await invoice(call, estimate_id=1498)
        estimate = await call.one("estimates/1498")
        assert (estimate["status"], estimate["invoice_id"]) == ("invoiced", made["id"])
        await call("DELETE", f"invoices/{made['id']}")
        estimate = await call.one("estimates/1498")
        assert (estimate["status"], estimate["invoice_id"]) == ("accepted", None)

    async def test_it_stays_invoiced_while_another_invoice_of_it_exists(self, call):
        first, second = [await invoice(call, estimate_id=1498) for _ in range(2)]
        await call("DELETE", f"invoices/{second['id']}")
        estimate = await call.one("estimates/1498")
        assert (estimate["status"], estimate["invoice_id"]) == ("invoiced", first["id"])
        await call("DELETE", f"invoices/{first['id']}")
        assert (await call.one("estimates/1498"))["status"] == "accepted"

    async def test_it_stays_void_without_its_invoice(self, call):
        made = await invoice(call, estimate_id=1498)
        await call.update("estimates/1498", status="void")
        await call("DELETE", f"invoices/{made['id']}")
        estimate = await call.one("estimates/1498")
        assert (estimate["status"], estimate["invoice_id"]) == ("void", None)

    async def test_a_deleted_one_leaves_its_invoice(self, call):
        made = await invoice(call, estimate_id=1498)
        await call("DELETE", "estimates/1498")
        assert (await call.one(f"invoices/{made['id']}"))["estimate_id"] is None
        await call.refused("PUT", f"invoices/{made['id']}", 400, json={"estimate_id": 1500})

    @pytest.mark.parametrize("status", ["sent", "viewed", "accepted", "invoiced", "void", "draft"])
    async def test_any_status_can_be_set_by_hand(self, call, status):
        assert (await call.update("estimates/1498", status=status))["status"] == status


class TestPayments:
    async def pay(self, call, made, amount, **more):
        return await call.create("invoicepayments", invoice_id=made["id"], amount=amount, **more)

    async def test_parts_add_up_to_the_cent(self, call):
        made = await invoice(call)
        for amount, status, rest in ((100.10, "sent", 16.65), (16.64, "sent", 0.01), (0.01, "paid", 0)):
            await call.update(f"invoices/{made['id']}", status="sent")
            payment = await self.pay(call, made, amount)
            found = await call.one(f"invoices/{made['id']}")
            assert (found["status"], found["outstanding"]) == (status, rest)
        assert (payment["notes"], payment["amount"]) == ("", 0.01)
        await call("DELETE", f"invoicepayments/{payment['id']}")
        found = await call.one(f"invoices/{made['id']}")
        assert (found["status"], found["outstanding"]) == ("viewed", 0.01)

    @pytest.mark.parametrize("amount", [116.76, 0, -1, "1e999", None, "all"])
    async def test_what_cannot_be_paid_is_refused(self, call, amount):
        made = await invoice(call)
        payment = await self.pay(call, made, 1)
        asked = {"invoice_id": made["id"], "amount": amount}
        assert "`amount`" in await call.refused("POST", "invoicepayments", 400, json=asked)
        assert "`amount`" in await call.refused("PUT", f"invoicepayments/{payment['id']}", 400, json={"amount": amount})
        assert (await call.one(f"invoices/{made['id']}"))["outstanding"] == 115.75

    async def test_a_payment_stays_with_its_invoice_and_takes_a_note(self, call):
        made = await invoice(call)
        payment = await self.pay(call, made, 1)
        await call.refused("PUT", f"invoicepayments/{payment['id']}", 400, json={"invoice_id": 9})
        await call.refused("POST", "invoicepayments", 400, json={"invoice_id": 9, "amount": 1})
        for name in ("note", "notes"):
            assert (await call.update(f"invoicepayments/{payment['id']}", **{name: name}))["notes"] == name
        await call.refused("PUT", f"invoicepayments/{payment['id']}", 400, json={"note": 3})

    async def test_a_draft_takes_payments_and_a_void_one_takes_none(self, call):
        made = await invoice(call)
        await self.pay(call, made, 10)
        assert (await call.one(f"invoices/{made['id']}"))["status"] == "draft"
        await call.update(f"invoices/{made['id']}", status="void")
        asked = {"invoice_id": made["id"], "amount": 1}
        assert await call.refused("POST", "invoicepayments", 400, json=asked) == "A void invoice takes no payments"
        assert (await call.one(f"invoices/{made['id']}"))["outstanding"] == 106.75

    async def test_paid_by_hand_stays_until_more_is_to_pay(self, call):
        made = await invoice(call)
        path = f"invoices/{made['id']}"
        assert (await call.update(path, status="paid"))["status"] == "paid"
        assert (await call.update(path, notes="x"))["status"] == "paid"
        assert (await call.update(path, items=[*LINES, {"item": "More", "price_unit": 1}]))["status"] == "viewed"
        assert (await invoice(call, status="paid"))["status"] == "paid"

    async def test_fewer_lines_settle_an_invoice_and_void_stays_void(self, call):
        made = await invoice(call)
        await self.pay(call, made, 80)
        (first, _) = await lines_of(call, made["id"])
        changed = await call.update(f"invoices/{made['id']}", items=[{"id": first["id"]}])
        assert (changed["status"], changed["outstanding"]) == ("paid", 0)
        void = await call.update(f"invoices/{made['id']}", status="void", items=LINES)
        assert (void["status"], void["outstanding"]) == ("void", 36.75)

    async def test_deleting_an_invoice_deletes_its_payments(self, call):
        made = await invoice(call)
        await self.pay(call, made, 10)
        await call("DELETE", f"invoices/{made['id']}")
        assert await call.ids("invoicepayments") == []
        assert await call.ids("invoiceitems") == []


class TestInvoices:
    async def test_a_new_one_has_what_an_invoice_has(self, call):
        made = await invoice(call)
        assert (made["status"], made["active"], made["pay_online"], made["discount_text"]) == (
            "draft",
            True,
            False,
            "Discount",
        )
        assert (made["tax_text"], made["tax2_text"], made["footer"], made["language"]) == ("V.A.T.", "Tax2", "", "")
        assert [made[f"reminder_{number}_sent"] for number in (1, 2, 3)] == [False] * 3
        assert f"token={made['token']}&" in made["permalink"]
        assert (await call.update(f"invoices/{made['id']}", outstanding=1))["outstanding"] == made["total"]

    async def test_its_links_cannot_be_chosen(self, call):
        made = await invoice(call)
        for name in ("token", "permalink", "pdf_link", "download_token", "reminder_1_sent"):
            said = f"Field is read only: `{name}`"
            assert await call.refused("POST", "invoices", 400, json={**BILL, name: "x"}) == said
            assert await call.refused("PUT", f"invoices/{made['id']}", 400, json={name: "x"}) == said

    async def test_reminders_go_out_when_an_open_one_is_late(self, call):
        call.box.clock.freeze(datetime(2026, 3, 9, tzinfo=UTC))
        await call.update("company", payment_reminder_1=3, payment_reminder_2=10)
        names = ("sent", "viewed", "draft", "void", "paid")
        made = {status: await invoice(call, status=status, due_date="2026-03-10") for status in names}

        async def reminded(number):
            return await call.ids("invoices", f"reminder_{number}_sent=true")

        call.box.clock.move(days=4)
        assert await reminded(1) == []
        call.box.clock.move(hours=9)
        assert await reminded(1) == [made["sent"]["id"], made["viewed"]["id"]]
        assert await reminded(2) == []
        call.box.clock.move(days=30)
        assert await reminded(2) == await reminded(1)
        assert await reminded(3) == []

    async def test_company_texts_and_taxes_are_taken_over(self, call):
        settings(call, default_invoice_footer="IBAN", default_tax_text="MwSt", default_tax="19", default_tax2="2")
        made = await invoice(call)
        assert (made["footer"], made["tax_text"], made["tax"], made["tax2"]) == ("IBAN", "MwSt", 19, 2)
