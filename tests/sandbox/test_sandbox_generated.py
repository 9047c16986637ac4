"""The generated agency's books: every amount, status and count is what the rules would have made of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal

import pytest

from paymo_async.money import cents, exact
from paymo_async.sandbox import Sandbox, Size
from paymo_async.sandbox.generate import DEMO, LAST_DAY
from paymo_async.sandbox.rules.billing import totals
from paymo_async.sandbox.rules.recurring import next_day
from paymo_async.sandbox.where import Filter

SIZE = Size(users=6, clients=6, projects=14, tasks=80, entries=900, estimates=60, reports=4, lines=5, invoices=180)
AMOUNTS = ("subtotal", "discount_amount", "tax_amount", "tax2_amount", "total")
KINDS = (
    ("estimates", "estimateitems", "estimate_id"),
    ("invoices", "invoiceitems", "invoice_id"),
    ("recurringprofiles", "recurringprofileitems", "recurring_profile_id"),
)
here = pytest.mark.parametrize("box", [{"seed": SIZE}], indirect=True)


class Held:
    """All objects of an account, by path and id."""

    def __init__(self, box: Sandbox) -> None:
        self._box = box

    def __getattr__(self, path: str):
        account = self._box.account
        return {one["id"]: one for one in account.store.find(account.tables[path], Filter())}


@pytest.fixture
def held(box) -> Held:
    return Held(box)


def day_of(entry) -> str:
    return entry.get("date") or entry["start_time"][:10]


@here
class TestBooks:
    @pytest.mark.parametrize(("path", "lines", "fk"), KINDS)
    async def test_amounts_are_those_of_the_lines(self, held, path, lines, fk):
        own = defaultdict(list)
        for line in getattr(held, lines).values():
            own[line[fk]].append(line)
        for key, document in getattr(held, path).items():
            assert own[key], key
            assert {name: document[name] for name in AMOUNTS} == totals(document, own[key])

    async def test_what_is_outstanding_and_the_status_follow_from_the_payments(self, held):
        paid: dict[int, Decimal] = defaultdict(Decimal)
        invoices = held.invoices
        for payment in held.invoicepayments.values():
            invoice = invoices[payment["invoice_id"]]
            assert invoice["date"] <= payment["date"] <= LAST_DAY.isoformat()
            assert payment["amount"] > 0
            paid[payment["invoice_id"]] += exact(payment["amount"])
        for key, invoice in invoices.items():
            assert exact(invoice["outstanding"]) == exact(invoice["total"]) - paid[key] >= 0
            assert (invoice["status"] == "paid") == (invoice["outstanding"] == 0)
            assert not paid[key] or invoice["status"] in ("paid", "sent", "viewed")

    async def test_there_are_paid_open_overdue_draft_and_void_ones(self, held):
        found = Counter(invoice["status"] for invoice in held.invoices.values())
        assert found.keys() == {"paid", "sent", "viewed", "draft", "void"}
        assert found["paid"] > 100
        late = [one for one in held.invoices.values() if one["due_date"] < "2026-06-30"]
        assert {"sent", "viewed"} & {one["status"] for one in late}

    async def test_hourly_lines_bill_the_hours_of_their_time_and_no_other_time_is_billed(self, held):
        seconds: dict[int, int] = defaultdict(int)
        lines, invoices, projects = held.invoiceitems, held.invoices, held.projects
        for entry in held.entries.values():
            assert entry["billed"] == (entry["invoice_item_id"] is not None)
            if entry["billed"]:
                seconds[entry["invoice_item_id"]] += entry["duration"]
                invoice = invoices[lines[entry["invoice_item_id"]]["invoice_id"]]
                assert projects[entry["project_id"]]["client_id"] == invoice["client_id"]
                assert day_of(entry) < invoice["date"]
                assert invoice["status"] != "void"
        assert len(seconds) > 20
        for key, line in lines.items():
            if key in seconds:
                assert exact(line["quantity"]) == cents(Decimal(seconds[key]) / 3600)
            else:
                assert line["description"] != "by the hour"

    async def test_expenses_are_billed_once_with_their_amount(self, held):
        lines, expenses = held.invoiceitems, held.expenses
        billing = {line["expense_id"]: line for line in lines.values() if line.get("expense_id") is not None}
        assert billing.keys() == {key for key, expense in expenses.items() if expense["invoiced"]}
        assert 0 < len(billing) < len(expenses)
        for key, line in billing.items():
            expense, invoice = expenses[key], held.invoices[line["invoice_id"]]
            assert (expense["invoice_item_id"], expense["amount"]) == (line["id"], line["price_unit"])
            assert expense["client_id"] == invoice["client_id"]
            assert expense["date"] < invoice["date"]

    async def test_invoiced_estimates_and_their_invoices_know_each_other(self, held):
        invoices, estimates = held.invoices, held.estimates
        made = {one["estimate_id"]: one for one in invoices.values() if one["estimate_id"] is not None}
        assert made.keys() == {key for key, one in estimates.items() if one["status"] == "invoiced"}
        assert made
        for key, invoice in made.items():
            assert estimates[key]["invoice_id"] == invoice["id"]
            assert all(estimates[key][name] == invoice[name] for name in ("client_id", "bill_to", *AMOUNTS))

    async def test_profiles_have_made_what_was_due(self, held):
        profiles, invoices = held.recurringprofiles, held.invoices
        assert len(profiles) == SIZE.invoices // 60
        made = sum(profile["invoices_created"] for profile in profiles.values())
        assert made == sum(one["created_on"].endswith("T09:00:00Z") for one in invoices.values())
        for profile in profiles.values():
            due = next_day(profile)
            assert due is None or due > LAST_DAY
            assert any(
                (one["date"], one["total"]) == (profile["last_created"], profile["total"]) for one in invoices.values()
            )


@here
class TestAccount:
    async def test_the_company_counts_and_numbers_what_there_is(self, call, held):
        company = await call.get("company")
        counts = {"estimates": 60, "invoices": 180, "expenses": 108, "recurring_profiles": 3}
        assert {name: company[f"current_{name}"] for name in counts} == counts
        assert (company["next_estimate_number"], company["next_invoice_number"]) == ("61", "181")
        assert (company["default_estimate_template"], company["default_invoice_template"]) == (1, 1)
        numbers = [one["number"] for one in (*held.invoices.values(), *held.estimates.values())]
        assert len(set(numbers)) == len(numbers)
        dates = [one["date"] for one in held.invoices.values()]
        assert dates == sorted(dates)
        made = await call.create("invoices", client_id=1, currency="USD", date="2026-07-01")
        assert made["number"] == "#INV-20260701-181"
        used = Counter(one["template_id"] for one in held.estimates.values())
        assert {one["id"]: one["estimates_count"] for one in held.estimatetemplates.values()} == {
            1: used[1],
            2: used[2],
        }

    @pytest.mark.parametrize("path", [path for path, _, _ in KINDS])
    async def test_a_rule_that_runs_over_it_changes_nothing(self, call, path):
        for before in (await call.get(path))[:12]:
            after = await call.update(f"{path}/{before['id']}", notes="")
            assert {**after, "updated_on": before["updated_on"]} == before

    async def test_every_reference_is_to_something_that_is_there(self, box, held):
        for table in box.account.tables:
            ids = {
                relation.target: getattr(held, relation.target).keys()
                for relation in table.relations.values()
                if relation
            }
            for one in getattr(held, table.path).values():
                for relation in table.relations.values():
                    if relation is not None and relation.own and one.get(relation.fk) is not None:
                        assert one[relation.fk] in ids[relation.target], (table.path, one["id"], relation.fk)

    async def test_entries_are_stored_as_the_store_would(self, box, held):
        store, table = box.account.store, box.account.tables["entries"]
        rows = store.query('SELECT * FROM "entries" ORDER BY id')
        for entry in list(held.entries.values())[::9]:
            store.put(table, entry)
        assert store.query('SELECT * FROM "entries" ORDER BY id') == rows

    async def test_time_is_on_workdays_and_on_projects_that_have_begun(self, held):
        projects = held.projects
        for entry in held.entries.values():
            assert date.fromisoformat(day_of(entry)).isoweekday() < 6
            assert projects[entry["project_id"]]["created_on"][:10] <= day_of(entry)

    async def test_people_talk_and_milestones_have_their_lists(self, call, held):
        threads = held.threads
        for comment in held.comments.values():
            thread = threads[comment["thread_id"]]
            assert (comment["task_id"], comment["discussion_id"]) == (thread["task_id"], thread["discussion_id"])
        counts = Counter(comment["discussion_id"] for comment in held.comments.values())
        for key, discussion in held.discussions.items():
            assert discussion["comments_count"] == counts[key] > 0
        for milestone in await call.get("milestones", include="*,tasklists.id"):
            assert [one["id"] for one in milestone["tasklists"]] == milestone["linked_tasklists"]
        mains = Counter(contact["client_id"] for contact in held.clientcontacts.values() if contact["is_main"])
        assert mains == dict.fromkeys(held.clients, 1)


def test_the_demo_is_the_agency_that_was_promised():
    assert DEMO._asdict() == {
        "users": 12,
        "clients": 25,
        "projects": 90,
        "tasks": 4_000,
        "entries": 60_000,
        "estimates": 600,
        "reports": 40,
        "lines": 10,
        "invoices": 500,
    }


@pytest.mark.parametrize(
    "size",
    [
        Size(users=1, clients=1, projects=1, tasks=1, entries=5, estimates=2, reports=1, lines=1, invoices=3),
        Size(users=1, clients=0, projects=0, tasks=0, entries=0, estimates=3, reports=0, invoices=3),
        Size(users=1, clients=2, projects=0, tasks=0, entries=0, estimates=0, reports=0, invoices=61),
        Size(users=2, clients=2, projects=2, tasks=4, entries=9, estimates=2, reports=1, invoices=900),
    ],
)
async def test_any_size_has_books(size):
    async with Sandbox(seed=size) as box:
        made = len(Held(box).invoices)
    assert made == (size.invoices if size.clients else 0)
