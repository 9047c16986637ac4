"""A believable agency of any size, the same for the same seed number.

Everything happens within the year before `LAST_DAY`, so that the objects do not depend on when they are made. Entries
are made in the order of time, and go into the store as one stream: a million of them never stand in memory.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from paymo_async.sandbox.reporting import GROUPS, coverage
from paymo_async.sandbox.rules.billing import totals
from paymo_async.sandbox.rules.numbering import number_for
from paymo_async.sandbox.rules.work import assign
from paymo_async.sandbox.values import defaults

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account

__all__ = ["DEMO", "FETCH", "LARGE", "LAST_DAY", "Size", "generate"]

LAST_DAY: Final = date(2026, 6, 30)
"""The last day of the generated year."""


class Size(NamedTuple):
    """How much of everything. lines: of an estimate on average."""

    users: int = 12
    clients: int = 25
    projects: int = 90
    tasks: int = 4_000
    entries: int = 60_000
    estimates: int = 600
    reports: int = 40
    lines: int = 10


DEMO: Final = Size()
FETCH: Final = Size(users=8, clients=20, projects=40, tasks=400, entries=4_000, estimates=640, reports=44)
LARGE: Final = Size(users=40, clients=200, projects=600, tasks=12_000, entries=1_000_000, estimates=1_000)


def generate(account: Account, size: Size, number: int) -> None:
    """Fills an account that has an owner with id 1, within the caller's transaction."""
    _Agency(account, size, number).build()


class _Agency:
    """One run of the generator."""

    def __init__(self, account: Account, size: Size, number: int) -> None:
        self.account = account
        self.size = size
        self.random = random.Random(number)  # noqa: S311  # the same agency for the same number
        self.days = [(LAST_DAY - timedelta(days=back)).isoformat() for back in range(364, -1, -1)]
        self.projects: list[dict[str, Any]] = []
        self.tasks: list[dict[str, Any]] = []

    def build(self) -> None:
        made = (
            ("users", self.people()),
            ("clients", self.clients()),
            ("projects", self.make_projects()),
            ("tasklists", self.tasklists()),
            ("tasks", self.make_tasks()),
            ("entries", self.entries()),
        )
        for path, objects in made:
            self.account.store.bulk(self.account.tables[path], objects)
        assign(self.account, range(1, self.size.users + 1))
        self.estimates()
        self.account.store.bulk(self.account.tables["reports"], self.reports())
        company = self.account.company()
        counts = {"current_users": self.size.users, "current_estimates": self.size.estimates}
        numbers = {"next_estimate_number": str(self.size.estimates + 1)}
        active = sum(project["active"] for project in self.projects)
        self.account.store.put(
            self.account.tables["company"], {**company, **counts, **numbers, "current_projects": active}
        )

    def full(self, path: str, values: dict[str, Any], moment: str) -> dict[str, Any]:
        base = defaults(self.account.tables[path])
        return {**base, **values, "created_on": moment, "updated_on": values.get("updated_on") or moment}

    def people(self) -> Iterator[dict[str, Any]]:
        for key in range(2, self.size.users + 1):
            name = f"{_FIRST[key % len(_FIRST)]} {_LAST[key * 7 % len(_LAST)]}"
            user = {"id": key, "name": name, "email": f"user{key}@example.com", "position": _pick(self, _POSITIONS)}
            more = {"type": "Admin" if key == 2 else "Employee", "active": key % 11 != 0, "workday_hours": 8}
            yield self.full("users", {**user, **more, "price_per_hour": 30 + 5 * (key % 9)}, self.at(self.days[0], 9))

    def clients(self) -> Iterator[dict[str, Any]]:
        for key in range(1, self.size.clients + 1):
            town, country = _pick(self, _TOWNS)
            name = f"{_HEADS[key % len(_HEADS)]} {_TAILS[key * 5 % len(_TAILS)]}"
            if key > len(_HEADS) * len(_TAILS):
                name += f" {key}"
            client = {"id": key, "name": name, "city": town, "country": country, "active": key % 9 != 0}
            more = {"address": f"{self.random.randint(1, 90)} {_pick(self, _STREETS)}", "phone": f"+00 555 {key:04}"}
            client |= {"email": f"office@client{key}.example", "postal_code": f"{self.random.randint(1000, 99999)}"}
            yield self.full("clients", {**client, **more}, self.at(self.days[0], 10))

    def make_projects(self) -> Iterator[dict[str, Any]]:
        for key in range(1, self.size.projects + 1):
            start = self.days[self.random.randint(0, 250)]
            kind = _pick(self, _KINDS)
            team = sorted(self.random.sample(range(1, self.size.users + 1), min(4, self.size.users)))
            billing = self.random.random()
            project = {
                "id": key,
                "name": f"{kind} {start[:7]} no. {key}",
                "code": f"{kind[0]}{key}",
                "client_id": self.random.randint(1, max(1, self.size.clients)),
                "status_id": 1 + key % 2,
                "active": key % 7 != 0,
                "color": _pick(self, _COLORS),
                "users": team,
                "managers": team[:1],
                "billable": billing < 0.85,
                "flat_billing": billing < 0.2,
                "price": 500 * self.random.randint(2, 40) if billing < 0.2 else None,
                "price_per_hour": Decimal(self.random.randint(60, 240)) / 2,
                "hourly_billing_mode": "project" if 0.2 <= billing < 0.85 else None,
                "budget_hours": self.random.choice((None, 40, 80, 120, 200)),
                "workflow_id": 1,
                "task_code_increment": self.size.tasks // max(1, self.size.projects) + 1,
            }
            made = self.full("projects", project, self.at(start, 9))
            self.projects.append(made)
            yield made

    def tasklists(self) -> Iterator[dict[str, Any]]:
        for project in self.projects:
            for seq, name in enumerate(_PHASES, start=1):
                tasklist = {"id": _list_id(project["id"], seq), "name": name, "project_id": project["id"], "seq": seq}
                yield self.full("tasklists", tasklist, project["created_on"])

    def make_tasks(self) -> Iterator[dict[str, Any]]:
        for key in range(1, self.size.tasks + 1):
            project = self.projects[key % len(self.projects)]
            phase = self.random.randint(1, len(_PHASES))
            complete = self.random.random() < 0.6
            start = date.fromisoformat(project["created_on"][:10])
            due = (start + timedelta(days=self.random.randint(5, 100))).isoformat()
            task = {
                "id": key,
                "name": f"{_pick(self, _VERBS)} {_pick(self, _THINGS)}",
                "code": f"{project['code']}-{key // len(self.projects) + 1}",
                "project_id": project["id"],
                "tasklist_id": _list_id(project["id"], phase),
                "seq": key,
                "user_id": project["managers"][0],
                "users": project["users"][: self.random.randint(0, 3)],
                "complete": complete,
                "status_id": 3 if complete else self.random.randint(1, 2),
                "billable": project["billable"],
                "priority": self.random.choice((25, 50, 50, 50, 75, 100)),
                "due_date": due if self.random.random() < 0.7 else None,
                "completed_on": self.at(min(due, self.days[-1]), 16) if complete else None,
                "completed_by": project["managers"][0] if complete else None,
                "progress_status": {"progress": 100 if complete else 0},
            }
            made = self.full("tasks", task, project["created_on"])
            self.tasks.append(made)
            yield made

    def entries(self) -> Iterator[dict[str, Any]]:
        chance, choose = self.random.random, self.random.randrange
        for place in range(self.size.entries):
            day = self.days[place * len(self.days) // self.size.entries]
            task = self.tasks[choose(len(self.tasks))]
            team = self.team(task)
            minutes = 5 + int(235 * chance() ** 2)
            begin = choose(8 * 3600, 18 * 3600)
            end = begin + minutes * 60
            entry: dict[str, Any] = {
                "id": place + 1,
                "task_id": task["id"],
                "user_id": team[choose(len(team))],
                "description": _NOTES[choose(len(_NOTES))],
                "added_manually": chance() < 0.4,
                "invoice_item_id": None,
                "billed": bool(task["billable"]) and place * 2 < self.size.entries,
                "is_bulk": chance() < 0.1,
                "project_id": task["project_id"],
                "duration": minutes * 60,
            }
            if entry["is_bulk"]:
                entry["date"] = day
            else:
                entry["start_time"] = _clock(day, begin)
                entry["end_time"] = _clock(day, end)
            entry["created_on"] = entry["updated_on"] = _clock(day, end)
            yield entry

    def team(self, task: dict[str, Any]) -> list[int]:
        assigned: list[int] = task["users"]
        members: list[int] = self.projects[int(task["project_id"]) - 1]["users"]
        return assigned or members

    def estimates(self) -> None:
        made: list[dict[str, Any]] = []
        lines: list[dict[str, Any]] = []
        pattern = str(self.account.company().get("estimate_format"))
        clients = max(1, self.size.clients)
        for key in range(1, self.size.estimates + 1):
            day = self.days[key * (len(self.days) - 1) // self.size.estimates]
            own = [self.line(key, seq, len(lines) + seq + 1, day) for seq in range(self.random.randint(*self.spread()))]
            lines += own
            estimate: dict[str, Any] = {
                "id": key,
                "number": number_for(pattern, day, key),
                "client_id": self.random.randint(1, clients),
                "status": _pick(self, ("draft", "sent", "viewed", "accepted", "accepted", "void")),
                "currency": "USD",
                "date": day,
                "tax": self.random.choice((0, 7, 19, Decimal("7.7"))),
                "tax2": self.random.choice((0, 0, 0, 2)),
                "discount": self.random.choice((0, 0, 0, 5)),
                "tax_on_tax": key % 2 == 0,
                "tax_text": "V.A.T.",
                "title": "ESTIMATE",
                "notes": "",
                "company_info": "Dunder Mifflin Paper Company",
                "brief_description": _pick(self, _KINDS),
            }
            link = f"{self.account.url}estimates/{key}/?token={self.account.token(48)}&format="
            secrets = {"permalink": f"{link}html", "pdf_link": f"{link}pdf", "download_token": self.account.token(40)}
            made.append(self.full("estimates", {**estimate, **secrets, **totals(estimate, own)}, self.at(day, 11)))
        self.account.store.bulk(self.account.tables["estimates"], made)
        self.account.store.bulk(self.account.tables["estimateitems"], lines)

    def spread(self) -> tuple[int, int]:
        return max(1, self.size.lines - 4), max(1, self.size.lines + 4)

    def line(self, estimate: int, seq: int, key: int, day: str) -> dict[str, Any]:
        line = {
            "id": key,
            "estimate_id": estimate,
            "item": f"{_pick(self, _VERBS)} {_pick(self, _THINGS)}",
            "description": _pick(self, _NOTES),
            "price_unit": Decimal(self.random.randint(60, 480)) / 4,
            "quantity": Decimal(self.random.randint(1, 120)) / 2,
            "apply_tax": self.random.random() < 0.9,
            "seq": seq,
        }
        return self.full("estimateitems", line, self.at(day, 11))

    def reports(self) -> Iterator[dict[str, Any]]:
        groupings: Sequence[tuple[str, ...]] = (
            ("projects", "tasklists", "tasks"),
            ("clients", "projects", "users"),
            ("users", "projects", "tasks"),
            ("days", "users"),
            ("projects", "tasks", "entries"),
        )
        most = min(3, len(self.projects))
        for key in range(1, self.size.reports + 1):
            groups = groupings[key % len(groupings)]
            chosen = sorted(project["id"] for project in self.random.sample(self.projects, most))
            link = f"{self.account.url}reports/{key}/?token={self.account.token(48)}&format=html"
            report = {
                "id": key,
                "name": f"{' and '.join(groups).capitalize()}, no. {key}",
                "user_id": 1,
                "type": "live",
                "date_interval": "all_time",
                "projects": chosen,
                "clients": "all",
                "users": "all",
                "include": {name: name in groups for name in GROUPS},
                "extra": {"display_entries_descriptions": True, "enable_time_rounding": False, "rounding_step": False},
                "active": True,
                "permalink": link,
                "download_token": self.account.token(40),
            }
            report["info"] = coverage(self.account, report)
            yield self.full("reports", report, self.at(self.days[key % len(self.days)], 12))

    def at(self, day: str, hour: int) -> str:
        return f"{day}T{hour:02}:{self.random.randrange(60):02}:00Z"


def _pick(agency: _Agency, among: Sequence[Any]) -> Any:
    return agency.random.choice(among)


def _list_id(project: int, phase: int) -> int:
    return (project - 1) * len(_PHASES) + phase


def _clock(day: str, second: int) -> str:
    minute, second = divmod(second, 60)
    return f"{day}T{minute // 60:02}:{minute % 60:02}:{second:02}Z"


_FIRST = ("Alma", "Bero", "Cilia", "Doran", "Elke", "Falk", "Gesa", "Hark", "Inka", "Jorun", "Kaja", "Leif", "Mila")
_LAST = ("Abendrot", "Birkholm", "Dornfeld", "Espenau", "Fuhrbach", "Grünwehr", "Heidmoor", "Lindqvall", "Moorsiel")
_POSITIONS = ("Designer", "Developer", "Copywriter", "Project manager", "Consultant")
_HEADS = (
    "Amberfield",
    "Bluewater",
    "Copperline",
    "Driftwood",
    "Eastgate",
    "Fernhill",
    "Greystone",
    "Harborview",
    "Ironleaf",
    "Juniper",
    "Kingsmere",
    "Larkspur",
    "Millbrook",
)
_TAILS = (
    "Foods",
    "Logistics",
    "Press",
    "Clinics",
    "Gardens",
    "Instruments",
    "Textiles",
    "Brewery",
    "Schools",
    "Labs",
    "Energy",
)
_TOWNS = (("Nordhaven", "DE"), ("Westbrook", "GB"), ("Larkhill", "US"), ("Sankt Almen", "AT"), ("Villebois", "FR"))
_STREETS = ("Mill Lane", "Harbour Street", "Station Road", "Garden Row", "Old Market")
_KINDS = ("Website", "Rebranding", "Shop", "Campaign", "App", "Annual report", "Support", "Trade fair")
_COLORS = ("#68BE5E", "#E93A55", "#5BDBF6", "#FFC145", "#8E6CC9")
_PHASES = ("Concept", "Design", "Build", "Launch")
_VERBS = ("Draft", "Review", "Build", "Test", "Polish", "Plan", "Discuss", "Fix", "Document", "Prepare")
_THINGS = (
    "landing page",
    "logo",
    "newsletter",
    "checkout",
    "photo set",
    "style guide",
    "navigation",
    "forms",
    "texts",
    "search",
    "print layout",
    "data import",
    "icons",
    "budget",
)
_NOTES = (
    "",
    "",
    "First round",
    "Call with the client",
    "Changes from the review",
    "Research",
    "Second proposal",
    "Bug hunt",
    "Hand-over",
    "Weekly meeting",
)
