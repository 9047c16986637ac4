"""Recurring profiles: which days they fall on, and the invoices that the sandbox makes of them at 09:00 UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from paymo_async.sandbox.rules.recurring import next_day, nth_day

ITEMS = [
    {"item": "Hosting", "description": "a month", "price_unit": 50, "quantity": 2, "apply_tax": True},
    {"item": "Domain", "price_unit": "1.25", "quantity": 1},
]


async def profile(call, **given):
    asked = {"client_id": 10874, "currency": "EUR", "frequency": "m", "start_date": "2026-01-31", "items": ITEMS}
    return await call.create("recurringprofiles", **{**asked, **given})


def at(call, *moment: int):
    """Lets the sandbox's clock stand at a moment."""
    call.box.clock.freeze(datetime(*moment, tzinfo=UTC))


class TestDays:
    @pytest.mark.parametrize(
        ("start", "frequency", "days"),
        [
            ("2026-01-31", "m", ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]),
            ("2024-02-29", "y", ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]),
            ("2026-11-30", "3m", ["2026-11-30", "2027-02-28", "2027-05-30"]),
            ("2026-12-15", "2m", ["2026-12-15", "2027-02-15"]),
            ("2026-08-31", "6m", ["2026-08-31", "2027-02-28", "2027-08-31"]),
            ("2026-12-30", "w", ["2026-12-30", "2027-01-06"]),
            ("2026-01-01", "2w", ["2026-01-01", "2026-01-15", "2026-01-29"]),
            ("2026-01-01", "3w", ["2026-01-01", "2026-01-22"]),
            ("2026-01-01", "4w", ["2026-01-01", "2026-01-29"]),
        ],
    )
    def test_days_are_counted_from_the_first_so_that_month_ends_stay(self, start, frequency, days):
        found = [nth_day(date.fromisoformat(start), frequency, number) for number in range(len(days))]
        assert [str(day) for day in found] == days

    @pytest.mark.parametrize("frequency", ["w", "m", "y"])
    def test_the_calendar_has_an_end(self, frequency):
        assert nth_day(date(9999, 12, 31), frequency, 1) is None
        assert next_day({"start_date": "9999-12-31", "frequency": frequency, "last_created": "9999-12-31"}) is None

    @pytest.mark.parametrize(
        ("last", "made", "due"),
        [
            (None, 0, "2026-01-31"),
            ("2026-01-31", 1, "2026-02-28"),
            ("2026-02-28", 2, "2026-03-31"),
            ("2026-03-01", 2, "2026-03-31"),
            ("2026-03-30", 2, "2026-03-31"),
            ("2026-04-01", 3, "2026-04-30"),
            ("2026-04-30", 4, None),
        ],
    )
    def test_the_next_day_is_the_first_after_the_last_invoice(self, last, made, due):
        state = {"last_created": last, "invoices_created": made}
        found = next_day({"start_date": "2026-01-31", "frequency": "m", "occurrences": 4, **state})
        assert (found and str(found)) == due

    @pytest.mark.parametrize("frequency", ["w", "2w", "3w", "4w", "m", "2m", "3m", "6m", "y"])
    def test_the_next_day_is_the_one_that_counting_up_finds(self, frequency):
        start = date(2024, 1, 31)
        days = [nth_day(start, frequency, number) for number in range(300)]
        for last in (date(2024, 1, 31), date(2024, 2, 29), date(2025, 3, 1), date(2027, 1, 30), date(2028, 2, 29)):
            known = {"start_date": str(start), "frequency": frequency, "last_created": str(last)}
            assert next_day(known) == next(day for day in days if day and day > last)


class TestProfiles:
    async def test_totals_and_texts_are_those_of_an_invoice(self, call):
        made = await profile(call, tax=10, discount=10)
        amounts = ("subtotal", "discount_amount", "tax_amount", "tax2_amount", "total")
        assert [made[name] for name in amounts] == [101.25, 10.13, 9, 0, 100.12]
        assert (made["title"], made["bill_to"].split("\n")[0], made["notes"]) == ("INVOICE", "AT&T Inc.", "")
        assert (made["invoices_created"], made["last_created"], made["occurrences"]) == (0, None, None)
        assert not {"occurences", "invoice_created", "number", "status", "items"} & made.keys()

    async def test_lines_are_a_whole_set_and_a_resource_of_their_own(self, call):
        made = await profile(call)
        read = await call.one(f"recurringprofiles/{made['id']}", include="recurringprofileitems")
        first, second = read["recurringprofileitems"]
        changed = await call.update(f"recurringprofiles/{made['id']}", items=[{"id": second["id"], "quantity": 4}])
        assert changed["total"] == 5
        line = {"recurring_profile_id": made["id"], "item": "More", "price_unit": 3, "quantity": 2}
        more = await call.create("recurringprofileitems", **line)
        assert (await call.one(f"recurringprofiles/{made['id']}"))["total"] == 11
        await call.refused("GET", f"recurringprofileitems/{first['id']}", 404)
        await call.refused("PUT", f"recurringprofileitems/{more['id']}", 400, json={"recurring_profile_id": 1})
        assert (await call("DELETE", f"recurringprofiles/{made['id']}")).status == 200
        assert await call.ids("recurringprofileitems") == []

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"frequency": "d"}, "Invalid value for `frequency`"),
            ({"frequency": None}, "`frequency`"),
            ({"start_date": "31.01.2026"}, "Invalid value for `start_date`"),
            ({"occurrences": 0}, "Invalid value for `occurrences`"),
            ({"client_id": 9}, "Invalid reference: `client_id`"),
            ({"template_id": 9}, "Invalid reference: `template_id`"),
            ({"last_created": "2026-01-01"}, "Field is read only: `last_created`"),
            ({"number": "R-1"}, "Unknown field or reference: `number`"),
            ({"tax": 101}, "Invalid value for `tax`"),
        ],
    )
    async def test_what_does_not_fit_is_refused(self, call, given, said):
        made = await profile(call)
        asked = {"client_id": 10874, "currency": "EUR", "frequency": "m", "start_date": "2026-01-31"}
        assert said in await call.refused("POST", "recurringprofiles", 400, json={**asked, **given})
        assert said in await call.refused("PUT", f"recurringprofiles/{made['id']}", 400, json=given)

    async def test_the_documentations_spelling_of_occurrences_is_understood(self, call):
        made = await profile(call, occurences=3)
        assert made["occurrences"] == 3
        assert (await call.update(f"recurringprofiles/{made['id']}", occurences=5))["occurrences"] == 5

    @pytest.mark.parametrize("box", [{"plan": {"max_recurring_profiles": 1}}], indirect=True)
    async def test_the_plan_limits_them_and_the_company_counts_them(self, call):
        made = await profile(call)
        asked = {"client_id": 10874, "currency": "EUR", "frequency": "m", "start_date": "2026-01-31"}
        said = await call.refused("POST", "recurringprofiles", 403, json=asked)
        assert said == "Could not add recurring profile. Maximum number of recurring profiles reached."
        assert (await call.get("company"))["current_recurring_profiles"] == 1
        await call("DELETE", f"recurringprofiles/{made['id']}")
        assert (await call.get("company"))["current_recurring_profiles"] == 0


class TestInvoices:
    async def test_an_invoice_is_made_at_nine_of_each_day_that_is_due(self, call):
        at(call, 2026, 1, 31, 8, 59)
        made = await profile(call, tax=10, notes="Thanks", pay_online=True)
        assert await call.ids("invoices") == []
        call.box.clock.move(minutes=1)
        (first,) = await call.get("invoices")
        call.box.clock.move(days=59)  # 31 March
        assert [one["date"] for one in await call.get("invoices")] == ["2026-01-31", "2026-02-28", "2026-03-31"]
        assert (first["number"], first["date"], first["due_date"]) == ("#INV-20260131-201", "2026-01-31", "2026-03-02")
        names = ("client_id", "currency", "notes", "bill_to", "tax", "subtotal", "total", "pay_online")
        assert [first[name] for name in names] == [made[name] for name in names]
        assert (first["status"], first["outstanding"]) == ("draft", made["total"])
        assert first["created_on"] == "2026-01-31T09:00:00Z"
        lines = (await call.one(f"invoices/{first['id']}", include="invoiceitems"))["invoiceitems"]
        assert [(line["item"], line["price_unit"], line["quantity"], line["apply_tax"]) for line in lines] == [
            ("Hosting", 50, 2, True),
            ("Domain", 1.25, 1, False),
        ]
        after = await call.one(f"recurringprofiles/{made['id']}")
        assert (after["invoices_created"], after["last_created"]) == (3, "2026-03-31")
        assert after["updated_on"] == "2026-03-31T09:00:00Z"
        company = await call.get("company")
        assert (company["next_invoice_number"], company["current_invoices"]) == ("204", 3)

    async def test_it_ends_after_its_occurrences(self, call):
        at(call, 2026, 1, 1)
        made = await profile(call, frequency="w", start_date="2026-01-01", occurrences=2)
        call.box.clock.move(days=100)
        assert len(await call.ids("invoices")) == 2
        await call.update(f"recurringprofiles/{made['id']}", occurrences=3)
        call.box.clock.move(days=1)
        assert len(await call.ids("invoices")) == 3

    async def test_days_before_it_was_made_are_not_made_up_for(self, call):
        at(call, 2026, 3, 9, 10)
        await profile(call, start_date="2025-01-01")
        assert await call.ids("invoices") == []
        call.box.clock.move(days=23)  # 1 April
        assert [one["date"] for one in await call.get("invoices")] == ["2026-03-10", "2026-04-01"]

    async def test_one_that_starts_later_waits_and_one_that_is_deleted_stops(self, call):
        at(call, 2026, 1, 1)
        made = await profile(call, start_date="2026-02-01")
        call.box.clock.move(days=30)
        assert await call.ids("invoices") == []
        await call("DELETE", f"recurringprofiles/{made['id']}")
        call.box.clock.move(days=30)
        assert await call.ids("invoices") == []

    async def test_autosend_makes_sent_ones_and_a_template_is_taken_over(self, call):
        at(call, 2026, 1, 31)
        template = await call.create("invoicetemplates", name="Plain")
        await profile(call, autosend=True, template_id=template["id"])
        call.box.clock.move(hours=10)
        (made,) = await call.get("invoices")
        assert (made["status"], made["template_id"]) == ("sent", template["id"])

    @pytest.mark.parametrize("box", [{"plan": {"max_invoices": 1}}], indirect=True)
    async def test_without_room_in_the_plan_none_is_made_until_there_is(self, call):
        at(call, 2026, 1, 31)
        await profile(call)
        call.box.clock.move(days=60)
        (first,) = await call.get("invoices")
        await call("DELETE", f"invoices/{first['id']}")
        call.box.clock.move(days=1)
        (second,) = await call.get("invoices")
        assert (first["date"], second["date"]) == ("2026-01-31", "2026-04-01")
