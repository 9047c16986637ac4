"""What a sandbox starts with: the documented objects, a generated agency, or nothing but an owner.

The documented objects are those that the service's documentation shows, by their ids and values; what it does not show
and they need (tasks, entries, lines of estimate 1498) is made up to fit: the lines add up to the documented subtotal,
the entries span the documented interval of report 115376.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from paymo_async.sandbox.documented import BESIDE
from paymo_async.sandbox.filters import saying
from paymo_async.sandbox.gallery import gallery
from paymo_async.sandbox.generate import DEMO, FETCH, LARGE, Size, generate
from paymo_async.sandbox.reporting import coverage
from paymo_async.sandbox.rules.people import hashed
from paymo_async.sandbox.rules.tasks import assign_tasks
from paymo_async.sandbox.values import defaults, timestamp

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account

__all__ = ["OWNER_EMAIL", "OWNER_PASSWORD", "SEEDS", "Seed", "check_seed", "plant"]

OWNER_EMAIL: Final = "owner@example.com"
OWNER_PASSWORD: Final = "sandbox"  # noqa: S105  # of a server that exists for the length of a test

Seed = str | Size
"""A name of `SEEDS`, or the size of an agency to generate."""


def check_seed(seed: Seed) -> None:
    """Raises ValueError for an unknown seed."""
    if isinstance(seed, str) and seed not in SEEDS:
        raise ValueError(f"unknown seed {seed!r}; known are {', '.join(SEEDS)}")


def plant(account: Account, seed: Seed, number: int) -> int:
    """Seeds an empty account and returns the owner's id; one that holds something is left as it is.

    Raises ValueError for an unknown seed.
    """
    owned = saying("email", OWNER_EMAIL)
    for owner in account.store.find(account.tables["users"], owned, limit=1):
        return int(owner["id"])
    check_seed(seed)
    size = _SIZES.get(seed) if isinstance(seed, str) else seed
    with account.store.transaction():
        if size is None:
            owner_id = _PLANTS[str(seed)](account)
        else:
            owner_id = _owner(account, 1, number=200)
            generate(account, size, number)
        assign_tasks(account)
        return owner_id


def _full(account: Account, path: str, *objects: Mapping[str, Any]) -> None:
    """Stores objects with all the attributes of their resource."""
    for values in objects:
        account.add(path, {**defaults(account.tables[path]), **values})


def _exact(account: Account, path: str, *objects: dict[str, Any]) -> None:
    """Stores objects with the attributes that are given and no others, as the documentation shows them."""
    for values in objects:
        account.add(path, values)


def _owner(account: Account, user_id: int, *, number: int) -> int:
    """What every account has: a company, an owner, a workflow, statuses of projects, and the galleries."""
    created = {"created_on": "2014-10-03T12:49:05Z"}
    _full(
        account, "company", {**_COMPANY, **created, "id": 123, "current_users": 1, "next_estimate_number": str(number)}
    )
    _full(account, "workflows", {**created, "id": 1, "name": "Standard", "is_default": True})
    for seq, (name, color, action) in enumerate(_STATUSES, start=1):
        status = {"id": seq, "workflow_id": 1, "name": name, "color": color, "seq": seq, "action": action}
        _full(account, "workflowstatuses", {**created, **status})
    for seq, name in enumerate(("Active", "On hold", "Closed"), start=1):
        status = {"id": seq, "name": name, "seq": seq, "active": name != "Closed", "readonly": name != "On hold"}
        _full(account, "projectstatuses", {**created, **status})
    for path, title in (("estimatetemplatesgallery", "ESTIMATE"), ("invoicetemplatesgallery", "INVOICE")):
        _full(account, path, *gallery(title))
    owner = {"id": user_id, "name": "Nora Feldweg", "email": OWNER_EMAIL, "type": "Admin", "active": True}
    own = {"password": hashed(OWNER_PASSWORD), "workday_hours": 8, "timezone": "US/Eastern"}
    _full(account, "users", {**created, **owner, **own})
    return user_id


def _documented(account: Account) -> int:
    owner = _owner(account, 23129, number=101)
    account.set_company({"max_users": 4, "current_users": 2, "current_projects": 1})
    _full(account, "users", {**_JUDITH, "assigned_projects": [397707]})
    mine = {**account.get("users", owner), "assigned_projects": _BOTH, "managed_projects": _BOTH}
    account.store.put(account.tables["users"], mine)
    for status_id, name in ((93939, "In progress"), (83821, "Sample")):
        _full(account, "projectstatuses", {"id": status_id, "name": name, "active": True, "seq": 4})
    _full(account, "clients", *_CLIENTS)
    _exact(account, "projects", *_PROJECTS)
    for tasklist_id, (name, tasks) in enumerate(_WORK.items(), start=499):
        times = {"created_on": "2014-10-03T12:49:06Z", "updated_on": "2014-10-03T12:49:06Z"}
        seq = tasklist_id - 498
        _full(account, "tasklists", {**times, "id": tasklist_id, "name": name, "project_id": 397706, "seq": seq})
        for place, (task_id, task_name) in enumerate(tasks, start=1):
            task = {**_TASK, **times, "id": task_id, "name": task_name, "tasklist_id": tasklist_id, "seq": place}
            _full(account, "tasks", {**task, "code": f"UP-{task_id - 2093070}"})
    for entry_id, (task_id, start, end, description) in enumerate(_ENTRIES, start=15200864):
        entry = {"id": entry_id, "task_id": task_id, "user_id": 23130, "start_time": start, "end_time": end}
        more = {"description": description, "duration": timestamp(end) - timestamp(start), "project_id": 397706}
        _exact(account, "entries", {**entry, **more, **_ENTRY, "created_on": end, "updated_on": end})
    _exact(account, "entries", _BULK)
    for estimate in _ESTIMATES:
        _exact(account, "estimates", {**estimate, **_links(account, "estimates", estimate["id"])})
    _exact(account, "estimateitems", *_LINES)
    report = {**_REPORT, **_links(account, "reports", 115376), "user_id": owner}
    report["info"] = coverage(account, report)
    _exact(account, "reports", report)
    for path, objects in BESIDE.items():
        _full(account, path, *objects)
    account.set_company({"default_estimate_template": 1229, "default_invoice_template": 1129})
    return owner


def _empty(account: Account) -> int:
    return _owner(account, 1, number=1)


def _links(account: Account, path: str, key: int) -> dict[str, str]:
    permalink = account.permalink(path, key, account.token(48))
    return {"download_token": account.token(40), "permalink": permalink}


_PLANTS: Mapping[str, Callable[[Account], int]] = {"documented": _documented, "empty": _empty}
_SIZES: Mapping[str, Size] = {"demo": DEMO, "fetch": FETCH, "large": LARGE}
SEEDS: Final = (*_PLANTS, *_SIZES)
"""The seeds by name."""

_COMPANY: Mapping[str, Any] = {
    "name": "Dunder Mifflin Paper Company",
    "address": "Academy St, Scranton, PA 18504",
    "phone": "+015641789891",
    "email": "michael@dundermifflin.com",
    "url": "www.dundermifflin.com",
    "fiscal_information": "",
    "country": "US",
    "active": True,
    "account_type": "commercial",
    "updated_on": "2014-12-03T12:55:49Z",
    "apply_tax_to_expenses": "1",
    "date_format": "m/d/Y",
    "default_currency": "USD",
    "default_price_per_hour": "30",
    "default_tax": "0",
    "default_tax2": "0",
    "default_tax_text": "V.A.T.",
    "default_tax2_text": "Tax2",
    "due_interval": "30",
    "estimate_format": "#EST-[yyyy][mm][dd]-[i]",
    "invoice_format": "#INV-[yyyy][mm][dd]-[i]",
    "hide_tax_field": "",
    "language": "en",
    "next_invoice_number": "201",
    "payment_reminder_1": "0",
    "payment_reminder_2": "0",
    "payment_reminder_3": "0",
    "remove_paymo_branding": "",
    "tax_on_tax": "0",
    "timezone": "US/Eastern",
    "time_format": "h:i a",
    "week_start": "1",
    "workday_start": "09:00",
    "workday_end": "17:00",
    "working_days": "1,2,3,4,5",
    "decimal_sep": ".",
    "thousands_sep": ",",
    "online_payments": True,
    "max_users": None,
    "max_projects": None,
    "max_invoices": None,
}
_STATUSES = (("Backlog", "5BDBF6", "backlog"), ("In progress", "FFC145", ""), ("Complete", "68BE5E", "complete"))
_BOTH = [397706, 397707]
_JUDITH: Mapping[str, Any] = {
    "id": 23130,
    "name": "Judith Olivas Lucero",
    "email": "judith@example.com",
    "type": "Employee",
    "active": True,
    "workday_hours": 8,
    "price_per_hour": 30,
    "created_on": "2014-10-03T12:49:05Z",
    "updated_on": "2014-10-03T12:49:05Z",
}
_CLIENTS: tuple[Mapping[str, Any], ...] = (
    {"id": 151303, "name": "Paymo", "active": True, "created_on": "2014-10-03T12:49:05Z"},
    {"id": 151304, "name": "Sample Client", "active": True, "created_on": "2014-12-01T11:39:00Z"},
    {
        "id": 10874,
        "name": "AT&T Inc.",
        "address": "809 Nueces Bay Blvd,",
        "city": "Dallas",
        "state": "Texas",
        "postal_code": "78469",
        "country": "US",
        "active": True,
        "created_on": "2013-07-29T13:30:00Z",
    },
    {
        "id": 10875,
        "name": "Best Buy Co., Inc.",
        "address": "7601 Penn Ave S",
        "city": "Richfield",
        "state": "Minnesota",
        "postal_code": "55423",
        "country": "US",
        "active": True,
        "created_on": "2013-07-29T13:31:00Z",
    },
)
_PROJECTS: tuple[dict[str, Any], ...] = (
    {
        "id": 397706,
        "name": "Understanding Paymo",
        "code": "UP",
        "task_code_increment": 19,
        "description": "",
        "client_id": 151303,
        "status_id": 93939,
        "active": True,
        "budget_hours": 0.25,
        "price_per_hour": 0,
        "billable": False,
        "color": "#68BE5E",
        "users": [23129],
        "managers": [23129],
        "workflow_id": 1,
        "created_on": "2014-10-03T12:49:05Z",
        "updated_on": "2014-10-24T14:34:59Z",
    },
    {
        "id": 397707,
        "name": "Sample Project",
        "code": "SP",
        "task_code_increment": 10,
        "description": "",
        "client_id": 151304,
        "status_id": 83821,
        "active": False,
        "budget_hours": 10,
        "price_per_hour": 30,
        "billable": True,
        "color": "#E93A55",
        "users": [23129, 23130],
        "managers": [23129],
        "workflow_id": 1,
        "created_on": "2014-12-01T11:40:00Z",
        "updated_on": "2014-12-02T12:06:39Z",
    },
)
_WORK: Mapping[str, tuple[tuple[int, str], ...]] = {
    "Getting started": ((2093082, "Invite your team"), (2093083, "Set up the company")),
    "Tracking time": ((2093084, "Start a timer"), (2093085, "Fill in a timesheet"), (2093086, "Read a report")),
}
_TASK: Mapping[str, Any] = {
    "project_id": 397706,
    "user_id": 23129,
    "users": [23130],
    "billable": False,
    "priority": 50,
    "status_id": 1,
    "progress_status": {"progress": 0},
}
# The first starts, and the last ends, when the documented report does.
_ENTRIES = (
    (2093082, "2010-10-27T14:22:13Z", "2010-10-27T15:07:13Z", "Sent the first invitations"),
    (2093083, "2014-10-06T08:00:00Z", "2014-10-06T09:30:00Z", ""),
    (2093084, "2014-12-11T09:30:00Z", "2014-12-11T10:15:00Z", "Tried the timer"),
    (2093084, "2014-12-12T09:00:00Z", "2014-12-12T09:20:00Z", ""),
    (2093086, "2015-01-13T09:59:18Z", "2015-01-13T10:29:18Z", "Went through the numbers"),
)
_ENTRY: Mapping[str, Any] = {"added_manually": True, "invoice_item_id": None, "billed": False, "is_bulk": False}
_BULK: dict[str, Any] = {
    "id": 12186606,
    "task_id": 2093085,
    "user_id": 23130,
    "description": "",
    "added_manually": False,
    "invoice_item_id": None,
    "billed": False,
    "is_bulk": True,
    "project_id": 397706,
    "created_on": "2014-10-21T09:07:39Z",
    "updated_on": "2014-10-21T09:07:39Z",
    "duration": 21600,
    "date": "2014-10-21",
}
_SENDER = "Dunder Mifflin\nAcademy St\nScranton, PA 18504\nmichael@dundermifflin.com\n+015641789891"
_ESTIMATES: tuple[dict[str, Any], ...] = (
    {
        "id": 1498,
        "client_id": 10874,
        "template_id": None,
        "number": "#EST-20130729-7",
        "status": "draft",
        "currency": "USD",
        "bill_to": "AT&T Inc.\n809 Nueces Bay Blvd,\nDallas, Texas 78469\nUS",
        "company_info": _SENDER,
        "footer": "",
        "date": "2013-07-29",
        "subtotal": 9150,
        "total": 9424.5,
        "tax": 3,
        "tax2": 0,
        "tax_amount": 274.5,
        "tax2_amount": 0,
        "tax_on_tax": True,
        "tax_text": "V.A.T.",
        "tax2_text": "Tax2",
        "title": "INVOICE",
        "language": "",
        "invoice_id": None,
        "notes": "",
        "created_on": "2013-07-29T13:35:56Z",
        "updated_on": "2014-11-19T15:40:12Z",
    },
    {
        "id": 1500,
        "client_id": 10875,
        "template_id": None,
        "number": "#EST-20130729-9",
        "status": "sent",
        "currency": "USD",
        "bill_to": "Best Buy Co., Inc.\n7601 Penn Ave S\nRichfield, Minnesota 55423\nUS",
        "company_info": f"{_SENDER}\nTest Fiscal information",
        "footer": (
            "Thank you for your business. Created using the Paymoapp.com time tracking and invoicing application."
        ),
        "date": "2014-10-29",
        "subtotal": 8540,
        "total": 9394,
        "tax": 10,
        "tax2": 0,
        "tax_amount": 854,
        "tax2_amount": 0,
        "tax_on_tax": True,
        "tax_text": "Tax",
        "tax2_text": "",
        "title": "INVOICE",
        "language": "",
        "invoice_id": None,
        "notes": "",
        "created_on": "2013-07-29T13:39:15Z",
        "updated_on": "2014-11-11T15:00:22Z",
    },
)


def _line(key: int, estimate: int, item: str, text: str, price: int, count: int, seq: int | None) -> dict[str, Any]:
    made = {"id": key, "estimate_id": estimate, "item": item, "description": text, "price_unit": price}
    made |= {"quantity": count, "apply_tax": True, "seq": seq, "updated_on": "2014-07-23T14:22:05Z"}
    return {**made, "created_on": f"2013-07-29T13:39:{15 if seq is None else 16}Z"}


_LINES: tuple[dict[str, Any], ...] = (
    _line(5271, 1498, "Workshop", "two days with the sales team", 50, 120, None),
    _line(5272, 1498, "Design", "catalogue and cards", 45, 50, 1),
    _line(5273, 1498, "Print check", "", 30, 30, 2),
    _line(5277, 1500, "Logo", "research, creation", 40, 20, None),
    _line(5278, 1500, "Header", "research, creation, focus group", 30, 18, 1),
    _line(5279, 1500, "Mobile version", "coding, design etc", 30, 240, 2),
)
_REPORT: Mapping[str, Any] = {
    "id": 115376,
    "name": 'Time spent on "Understanding Paymo"',
    "type": "live",
    "start_date": None,
    "end_date": None,
    "date_interval": "all_time",
    "projects": "all_active",
    "users": "all",
    "clients": [151303],
    "include": {
        "projects": True,
        "tasklists": True,
        "tasks": True,
        "entries": True,
        "days": False,
        "clients": False,
        "users": False,
        "billed": False,
    },
    "extra": {
        "display_entries_descriptions": True,
        "exclude_billed_entries": False,
        "exclude_nonbillable_tasks": False,
        "exclude_nonbillable_projects": False,
        "rounding_step": False,
        "enable_time_rounding": False,
        "display_charts": False,
        "display_costs": False,
        "display_projects_budgets": False,
        "display_tasks_descriptions": False,
        "display_projects_descriptions": False,
    },
    "created_on": "2014-10-03T12:49:05Z",
    "updated_on": "2015-01-27T13:15:26Z",
    "shared": False,
}
