"""The books of a generated agency: which invoice bills what, who has paid, and what is still to pay.

Invoices are planned before the time is tracked, so that each entry knows its line when it is written; what an hourly
line costs is known when all time is. Amounts come from the rules' own arithmetic.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from paymo_async import money
from paymo_async.sandbox.gallery import templates
from paymo_async.sandbox.generate.agency import Agency, Chance
from paymo_async.sandbox.generate.offers import days_of, estimates, expenses, head, profiles
from paymo_async.sandbox.generate.words import FIXED
from paymo_async.sandbox.rules.billing import totals
from paymo_async.sandbox.rules.invoices import INVOICES
from paymo_async.sandbox.values import plain

__all__ = ["Books"]

_PAUSE = 14  # days between two bills for a project
_OF_LINES = ("item", "description", "price_unit", "quantity", "apply_tax")
_OF_TERMS = ("client_id", "currency", "tax", "tax2", "tax_on_tax", "discount", "bill_to", "company_info")


class Draft(NamedTuple):
    """A planned invoice. terms: what it takes over from a profile or an estimate; lines: hourly ones without hours."""

    key: int
    place: int
    terms: dict[str, Any]
    lines: list[dict[str, Any]]


class Books:
    """Estimates, expenses, invoices and payments.

    bills: by project and day, the line that bills the time of that day, or None; seconds: the time by line.
    """

    def __init__(self, agency: Agency) -> None:
        self.agency = agency
        self.bills: dict[int, list[int | None]] = {one["id"]: [None] * len(agency.days) for one in agency.projects}
        self.seconds: dict[int, int] = {}
        self._chance: Chance = agency.chance("invoices")
        self._estimates = {estimate["id"]: (estimate, lines) for estimate, lines in estimates(agency)}
        self._expenses = list(expenses(agency))
        self._profiles = list(profiles(agency))
        self._lines = 0
        self._drafts = list(self._plan())

    def close(self) -> None:
        """Stores everything, when all time is tracked."""
        agency = self.agency
        invoices: list[dict[str, Any]] = []
        lines: list[dict[str, Any]] = []
        payments: list[dict[str, Any]] = []
        for draft in self._drafts:
            invoice, own = self._invoice(draft)
            invoices.append(invoice)
            lines += own
            payments += self._pay(invoice, len(payments) + 1)
        agency.store("estimates", (estimate for estimate, _ in self._estimates.values()))
        agency.store("estimateitems", (line for _, own in self._estimates.values() for line in own))
        agency.store("recurringprofiles", (profile for profile, _ in self._profiles))
        agency.store("recurringprofileitems", (line for _, own in self._profiles for line in own))
        agency.store("expenses", self._expenses)
        agency.store("invoices", invoices)
        agency.store("invoiceitems", lines)
        agency.store("invoicepayments", payments)
        self._close_company(len(invoices))

    def _close_company(self, invoices: int) -> None:
        account, agency = self.agency.account, self.agency
        numbers: dict[str, Any] = {
            "next_estimate_number": str(len(self._estimates) + 1),
            "next_invoice_number": str(invoices + 1),
        }
        if self._estimates or invoices:
            for path, name, title in (
                ("estimatetemplates", "default_estimate_template", "ESTIMATE"),
                ("invoicetemplates", "default_invoice_template", "INVOICE"),
            ):
                agency.store(path, (agency.full(path, one, one["created_on"]) for one in templates(title, 2)))
                numbers[name] = 1
        account.set_company(numbers)

    # -- planning -----------------------------------------------------------------------------------------------------

    def _plan(self) -> Iterator[Draft]:
        """All invoices in the order of days: those of the profiles, and the others spread over the year."""
        agency = self.agency
        recurring = [
            (agency.place(day), profile, lines) for profile, lines in self._profiles for day in days_of(profile)
        ]
        rest = agency.size.invoices - len(recurring) if agency.clients else 0
        spread = [(place * (len(agency.days) - 1) // rest, None, None) for place in range(1, rest + 1)]
        offers, spent, billed = self._offers(), self._spent(), dict[int, int]()
        for key, (place, profile, lines) in enumerate(sorted([*recurring, *spread], key=lambda one: one[0]), start=1):
            if profile is not None and lines is not None:
                terms = {name: profile[name] for name in _OF_TERMS}
                yield Draft(key, place, {**terms, "profile": profile["id"]}, self._copied(lines))
            else:
                client = self._chance.randint(1, len(agency.clients))
                found = self._from_estimate(key, place, offers[client])
                yield found or self._from_work(key, place, client, spent[client], billed)

    def _offers(self) -> dict[int, list[dict[str, Any]]]:
        """Accepted estimates by client, the oldest last."""
        found: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for estimate, _ in reversed(self._estimates.values()):
            if estimate["status"] == "accepted":
                found[estimate["client_id"]].append(estimate)
        return found

    def _spent(self) -> dict[int, list[dict[str, Any]]]:
        """Expenses by client, the oldest last."""
        found: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for expense in reversed(self._expenses):
            found[expense["client_id"]].append(expense)
        return found

    def _from_estimate(self, key: int, place: int, offers: list[dict[str, Any]]) -> Draft | None:
        """One in five bills an estimate that was accepted a week ago or more, if there is one."""
        if self._chance.random() > 0.2 or not offers or self.agency.place(offers[-1]["date"]) > place - 7:
            return None
        estimate = offers.pop()
        estimate |= {"status": "invoiced", "invoice_id": key, "updated_on": f"{self.agency.day(place)}T10:00:00Z"}
        terms = {name: estimate[name] for name in _OF_TERMS}
        lines = self._copied(self._estimates[estimate["id"]][1])
        return Draft(key, place, {**terms, "estimate_id": estimate["id"]}, lines)

    def _from_work(
        self, key: int, place: int, client: int, spent: list[dict[str, Any]], billed: dict[int, int]
    ) -> Draft:
        """The time of up to two projects, up to two expenses, and something at a fixed price."""
        lines: list[dict[str, Any]] = []
        for project in self._due(client, place, billed)[:2]:
            line = self._line(project["name"], "by the hour", project["price_per_hour"], 0, taxed=True)
            first = billed.get(project["id"], 0)
            self.bills[project["id"]][first:place] = [line["id"]] * (place - first)
            billed[project["id"]] = place
            self.seconds[line["id"]] = 0
            lines.append(line)
        while spent and len(lines) < 4 and self.agency.place(spent[-1]["date"]) < place:
            expense = spent.pop()
            line = self._line(expense["notes"], expense["date"], expense["amount"], 1, taxed=True)
            expense |= {"invoiced": True, "invoice_item_id": line["id"]}
            expense["updated_on"] = f"{self.agency.day(place)}T10:00:00Z"
            lines.append({**line, "expense_id": expense["id"]})
        for _ in range(self._chance.randint(1, 3)):
            item, description, price, quantity = self._chance.pick(FIXED)
            lines.append(self._line(item, description, price, quantity, taxed=self._chance.random() < 0.8))
        return Draft(key, place, {"client_id": client}, lines)

    def _due(self, client: int, place: int, billed: Mapping[int, int]) -> list[dict[str, Any]]:
        """A client's projects by the hour that were not billed of late."""
        return [
            project
            for project in self.agency.projects
            if project["client_id"] == client
            and project["hourly_billing_mode"] == "project"
            and max(billed.get(project["id"], 0), self.agency.started(project)) <= place - _PAUSE
        ]

    def _line(self, item: str, description: str, price: Any, quantity: Any, *, taxed: bool) -> dict[str, Any]:
        self._lines += 1
        line = {"id": self._lines, "item": item, "description": description, "price_unit": price}
        return {**line, "quantity": quantity, "apply_tax": taxed}

    def _copied(self, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        made: list[dict[str, Any]] = []
        for line in lines:
            self._lines += 1
            made.append({"id": self._lines, **{name: line[name] for name in _OF_LINES}})
        return made

    # -- billing ------------------------------------------------------------------------------------------------------

    def _invoice(self, draft: Draft) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        agency, day = self.agency, self.agency.day(draft.place)
        terms = {**draft.terms}
        recurring = terms.pop("profile", None) is not None
        moment = f"{day}T09:00:00Z" if recurring else f"{day}T10:{draft.key % 60:02}:00Z"
        lines = list(self._with_hours(draft, moment))
        common = head(agency, INVOICES, draft.key, terms["client_id"], day, self._chance)
        due = date.fromisoformat(day) + timedelta(days=int(agency.settings.get("due_interval") or 0))
        invoice: dict[str, Any] = {
            **common,
            "token": common["permalink"].partition("token=")[2].partition("&")[0],
            **terms,
            "due_date": due.isoformat(),
            "active": True,
        }
        invoice |= totals(invoice, lines)
        invoice |= {"outstanding": invoice["total"], "status": "sent" if recurring else self._status(draft)}
        return agency.full("invoices", invoice, moment), lines

    def _with_hours(self, draft: Draft, moment: str) -> Iterator[dict[str, Any]]:
        """The lines as they are stored; hourly ones without any time are left out."""
        for seq, line in enumerate(draft.lines):
            seconds = self.seconds.get(line["id"])
            if seconds == 0:
                continue
            hours = {} if seconds is None else {"quantity": plain(money.cents(Decimal(seconds) / 3600))}
            yield self.agency.full("invoiceitems", {**line, **hours, "invoice_id": draft.key, "seq": seq}, moment)

    def _status(self, draft: Draft) -> str:
        """What an invoice is before it is paid. Void ones bill nothing that another could bill."""
        age, chance = len(self.agency.days) - 1 - draft.place, self._chance
        if age < 7 and chance.random() < 0.5:
            return "draft"
        bills = "estimate_id" in draft.terms or any(
            line["id"] in self.seconds or "expense_id" in line for line in draft.lines
        )
        return "void" if not bills and chance.random() < 0.15 else chance.pick(("sent", "viewed", "viewed"))

    def _pay(self, invoice: dict[str, Any], key: int) -> Iterator[dict[str, Any]]:
        """The payments of an invoice: most are paid in time, some late, in parts or not yet."""
        chance, agency = self._chance, self.agency
        total, place = money.exact(invoice["total"]), agency.place(invoice["date"])
        if invoice["status"] in ("draft", "void") or total <= 0:
            return
        late = chance.random() < 0.2
        parts = [total] if chance.random() < 0.85 else [money.cents(total * Decimal("0.4"))]
        if parts[0] < total and chance.random() < 0.7:
            parts.append(total - parts[0])
        for amount in parts:
            place += chance.randint(30, 90) if late else chance.randint(2, 28)
            if place >= len(agency.days) or chance.random() < 0.03:
                return
            moment = f"{agency.day(place)}T14:{key % 60:02}:00Z"
            payment = {"id": key, "invoice_id": invoice["id"], "amount": plain(amount), "date": agency.day(place)}
            outstanding = money.exact(invoice["outstanding"]) - amount
            invoice |= {"outstanding": plain(outstanding), "updated_on": moment}
            if not outstanding:
                invoice["status"] = "paid"
            yield agency.full("invoicepayments", {**payment, "notes": ""}, moment)
            key += 1
