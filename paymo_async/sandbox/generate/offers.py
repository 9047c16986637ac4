"""What a generated agency offers and spends: estimates, recurring profiles, expenses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from paymo_async.sandbox.generate.agency import LAST_DAY, Agency, Chance
from paymo_async.sandbox.generate.words import EXPENSES, KINDS, NOTES, RETAINERS, THINGS, VERBS
from paymo_async.sandbox.rules.billing import Billing, bill_to, company_info, totals
from paymo_async.sandbox.rules.estimates import ESTIMATES
from paymo_async.sandbox.rules.numbering import number_for
from paymo_async.sandbox.rules.recurring import nth_day

__all__ = ["days_of", "estimates", "expenses", "head", "profiles", "terms"]


def head(agency: Agency, billing: Billing, key: int, client: int, day: str, chance: Chance) -> dict[str, Any]:
    """What estimates and invoices have in common, but for the lines."""
    token = chance.hex(48)
    return {
        **terms(agency, client, chance),
        "id": key,
        "number": number_for(str(agency.settings.get(billing.format) or "[i]"), day, key),
        "title": billing.title,
        "template_id": chance.pick((None, None, None, 2)),
        "date": day,
        "permalink": agency.account.permalink(billing.path, key, token),
        "pdf_link": agency.account.permalink(billing.path, key, token, "pdf"),
        "download_token": chance.hex(40),
    }


def terms(agency: Agency, client: int, chance: Chance) -> dict[str, Any]:
    """For whom, and on which terms: what recurring profiles have too."""
    return {
        "client_id": client,
        "currency": "USD",
        "tax": chance.pick((0, 7, 19, Decimal("7.7"))),
        "tax2": chance.pick((0, 0, 0, 2)),
        "tax_on_tax": chance.random() < 0.5,
        "discount": chance.pick((0, 0, 0, 5)),
        "tax_text": "V.A.T.",
        "tax2_text": "Tax2",
        "discount_text": "Discount",
        "bill_to": bill_to(agency.clients[client - 1]),
        "company_info": company_info(agency.settings),
        "footer": "",
        "notes": "",
        "language": "",
    }


def estimates(agency: Agency) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Estimates with their lines, spread over the year; none without clients."""
    chance, size = agency.chance("estimates"), agency.size
    fewest, most = max(1, size.lines - 4), max(1, size.lines + 4)
    next_line = 1
    for key in range(1, size.estimates + 1 if agency.clients else 1):
        day = agency.days[key * (len(agency.days) - 1) // size.estimates]
        moment = f"{day}T11:{key % 60:02}:00Z"
        count = chance.randint(fewest, most)
        lines = [_estimate_line(agency, chance, key, next_line + seq, seq, moment) for seq in range(count)]
        next_line += count
        client = chance.randint(1, len(agency.clients))
        estimate = {
            **head(agency, ESTIMATES, key, client, day, chance),
            "status": chance.pick(("draft", "sent", "viewed", "accepted", "accepted", "void")),
            "brief_description": chance.pick(KINDS),
        }
        yield agency.full("estimates", {**estimate, **totals(estimate, lines)}, moment), lines


def _estimate_line(agency: Agency, chance: Chance, estimate: int, key: int, seq: int, moment: str) -> dict[str, Any]:
    line = {
        "id": key,
        "estimate_id": estimate,
        "item": f"{chance.pick(VERBS)} {chance.pick(THINGS)}",
        "description": chance.pick(NOTES),
        "price_unit": Decimal(chance.randint(60, 480)) / 4,
        "quantity": Decimal(chance.randint(1, 120)) / 2,
        "apply_tax": chance.random() < 0.9,
        "seq": seq,
    }
    return agency.full("estimateitems", line, moment)


def profiles(agency: Agency) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Recurring profiles with their lines, one for 60 invoices, which have made what was due by the last day."""
    chance = agency.chance("profiles")
    for key in range(1, agency.size.invoices // 60 + 1 if agency.clients else 1):
        start = agency.day(chance.randint(0, 120))
        moment = f"{start}T08:{key % 60:02}:00Z"
        item, price, quantity = chance.pick(RETAINERS)
        line = {"id": key, "recurring_profile_id": key, "item": item, "description": "", "price_unit": price}
        more = {"quantity": quantity, "apply_tax": True, "seq": 0}
        lines = [agency.full("recurringprofileitems", {**line, **more}, moment)]
        profile = {
            **terms(agency, chance.randint(1, len(agency.clients)), chance),
            "id": key,
            "title": "INVOICE",
            "frequency": chance.pick(("m", "m", "m", "3m")),
            "start_date": start,
            "occurrences": chance.pick((None, None, 6, 12)),
            "autosend": True,
        }
        made = days_of(profile)
        state = {"invoices_created": len(made), "last_created": made[-1], **totals(profile, lines)}
        full = agency.full("recurringprofiles", {**profile, **state}, moment)
        for name in ("occurences", "invoice_created"):
            del full[name]
        yield {**full, "updated_on": f"{made[-1]}T09:00:00Z"}, lines


def days_of(profile: Mapping[str, Any]) -> Sequence[str]:
    """The days of the year at which a profile has made an invoice."""
    made: list[str] = []
    start = date.fromisoformat(profile["start_date"])
    while profile["occurrences"] is None or len(made) < profile["occurrences"]:
        day = nth_day(start, profile["frequency"], len(made))
        if day is None or day > LAST_DAY:
            break
        made.append(day.isoformat())
    return made


def expenses(agency: Agency) -> Iterator[dict[str, Any]]:
    """Money spent on the clients' projects, in the order of days, three for five invoices; none is invoiced yet."""
    chance, size = agency.chance("expenses"), agency.size
    number = size.invoices * 3 // 5 if agency.clients else 0
    for key in range(1, number + 1):
        place = key * (len(agency.days) - 1) // number
        client = chance.randint(1, len(agency.clients))
        projects = [project for project in agency.projects if project["client_id"] == client]
        notes, tag = chance.pick(EXPENSES)
        expense = {
            "id": key,
            "client_id": client,
            "project_id": chance.pick(projects)["id"] if projects else None,
            "user_id": chance.randint(1, size.users),
            "amount": Decimal(chance.randint(500, 30_000)) / 100,
            "currency": "USD",
            "date": agency.days[place],
            "notes": notes,
            "tags": [tag],
            "file": "",
            "download_token": chance.hex(40),
        }
        yield agency.full("expenses", expense, f"{agency.days[place]}T18:{key % 60:02}:00Z")
