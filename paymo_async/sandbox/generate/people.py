"""The users of a generated agency, its clients, and whom to call there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from paymo_async.sandbox.generate.agency import Agency
from paymo_async.sandbox.generate.words import FIRST, HEADS, LAST, POSITIONS, ROLES, STREETS, TAILS, TOWNS

__all__ = ["clients", "contacts", "users"]


def users(agency: Agency) -> Iterator[dict[str, Any]]:
    """All but the owner, who is there already."""
    chance = agency.chance("users")
    for key in range(2, agency.size.users + 1):
        user = {"id": key, "name": _name(key), "email": f"user{key}@example.com", "position": chance.pick(POSITIONS)}
        more = {"type": "Admin" if key == 2 else "Employee", "active": key % 11 != 0, "workday_hours": 8}
        yield agency.full(
            "users", {**user, **more, "price_per_hour": 30 + 5 * (key % 9)}, f"{agency.days[0]}T08:30:00Z"
        )


def clients(agency: Agency) -> Iterator[dict[str, Any]]:
    """Companies, each with a name of its own."""
    chance = agency.chance("clients")
    for key in range(1, agency.size.clients + 1):
        town, country = chance.pick(TOWNS)
        name = f"{HEADS[key % len(HEADS)]} {TAILS[key * 5 % len(TAILS)]}"
        if key > len(HEADS) * len(TAILS):
            name += f" {key}"
        client = {
            "id": key,
            "name": name,
            "address": f"{chance.randint(1, 90)} {chance.pick(STREETS)}",
            "postal_code": f"{chance.randint(1000, 99999)}",
            "city": town,
            "country": country,
            "email": f"office@client{key}.example",
            "phone": f"+00 555 {key:04}",
            "active": key % 9 != 0,
        }
        made = agency.full("clients", client, f"{agency.days[0]}T08:{key % 60:02}:00Z")
        agency.clients.append(made)
        yield made


def contacts(agency: Agency) -> Iterator[dict[str, Any]]:
    """One or two people at each client; the first is the main one."""
    chance = agency.chance("contacts")
    key = 0
    for client in agency.clients:
        for place in range(chance.randint(1, 2)):
            key += 1
            contact = {
                "id": key,
                "client_id": client["id"],
                "name": _name(key * 3 + 1),
                "email": f"contact{key}@client{client['id']}.example",
                "phone": client["phone"],
                "position": chance.pick(ROLES),
                "is_main": place == 0,
            }
            yield agency.full("clientcontacts", contact, client["created_on"])


def _name(key: int) -> str:
    return f"{FIRST[key % len(FIRST)]} {LAST[key * 7 % len(LAST)]}"
