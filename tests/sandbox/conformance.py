"""How to make each resource, and what its rules move: what the model of the conformance test knows of the service.

Written from BEHAVIOUR.md and the documented attributes, not from the sandbox: where the two disagree, one is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import attrs

__all__ = ["CHILDREN", "EVERYTHING", "MOVED", "NEWBORN", "RECIPES", "REFUSED", "Recipe"]

Make = Callable[[Random], Any]


def between(low: int, high: int) -> Make:
    return lambda random: random.randint(low, high)


def one_of(*values: Any) -> Make:
    return lambda random: random.choice(values)


def numbered(pattern: str) -> Make:
    return lambda random: pattern.format(random.randrange(10**9))


def text(random: Random) -> str:
    return "".join(random.choices("abcAB (),.%_=<>&ü€中'\n", k=random.randint(1, 12))).strip() or "and"


def money(random: Random) -> int | float:
    cents = random.randrange(100_000)
    return cents / 100 if cents % 100 else cents // 100


def day(random: Random) -> str:
    return str(date(2020, 1, 1) + timedelta(days=random.randrange(3650)))


FLAG = one_of(True, False)
SMALL = between(0, 500)
COLOR = one_of("#FF0000", "#00FF00", "#0000FF")
CURRENCY = one_of("USD", "EUR")
NUMBER = numbered("#NR-{}")


@attrs.frozen
class Recipe:
    """How to make an object. needs: the references it must have, by attribute; refs: those it may have. must: other
    attributes that it must have. plain: attributes that come back as they were sent, on create and on update.
    whole: several attributes that only make sense together.
    """

    needs: Mapping[str, str] = attrs.field(factory=dict)
    refs: Mapping[str, str] = attrs.field(factory=dict)
    must: Mapping[str, Make] = attrs.field(factory=dict)
    plain: Mapping[str, Make] = attrs.field(factory=dict)
    whole: Make | None = None
    verbs: frozenset[str] = frozenset({"create", "update", "delete"})


def texts(*names: str) -> dict[str, Make]:
    return dict.fromkeys(names, text)


def span(random: Random) -> dict[str, Any]:
    start = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=random.randrange(500_000))
    end = start + timedelta(minutes=random.randint(1, 600))
    if random.random() < 0.3:
        return {"date": str(start.date()), "duration": 60 * random.randint(1, 600)}
    return {"start_time": f"{start:%Y-%m-%dT%H:%M:%SZ}", "end_time": f"{end:%Y-%m-%dT%H:%M:%SZ}"}


def days(first: str, last: str) -> Make:
    def make(random: Random) -> dict[str, Any]:
        start = date(2024, 1, 1) + timedelta(days=random.randrange(700))
        return {first: str(start), last: str(start + timedelta(days=random.randrange(30)))}

    return make


DOCUMENT = texts("title", "notes", "footer", "bill_to", "company_info", "tax_text", "tax2_text", "discount_text")
LINE = {"item": text, "price_unit": money, "quantity": SMALL}
LINE_MORE: dict[str, Make] = {**texts("description"), "apply_tax": FLAG}
RATES = {"tax": between(0, 30), "tax2": between(0, 30), "discount": between(0, 50), "tax_on_tax": FLAG}
READ_ONLY = Recipe(verbs=frozenset())

RECIPES: Mapping[str, Recipe] = {
    "bookings": Recipe(
        {"user_task_id": "userstasks"},
        {},
        {"hours_per_day": between(1, 24)},
        texts("description"),
        days("start_date", "end_date"),
    ),
    "clientcontacts": Recipe(
        {"client_id": "clients"}, {}, {"name": text}, texts("email", "mobile", "phone", "notes", "position")
    ),
    "clients": Recipe({}, {}, {"name": text}, {**texts("address", "city", "phone", "email"), "active": FLAG}),
    "comments": Recipe({"task_id": "tasks"}, {}, {"content": text}),
    "companiesdaysexceptions": Recipe(
        {}, {"leave_type_id": "leavetypes"}, {}, {**texts("description"), "is_working": FLAG}, days("date", "end_date")
    ),
    "discussions": Recipe({"project_id": "projects"}, {}, {"name": text}, texts("description")),
    "entries": Recipe({"task_id": "tasks"}, {"user_id": "users"}, {}, texts("description"), span),
    "estimateitems": Recipe({"estimate_id": "estimates"}, {}, LINE, LINE_MORE),
    "estimates": Recipe(
        {"client_id": "clients"},
        {"template_id": "estimatetemplates"},
        {"currency": CURRENCY},
        {**DOCUMENT, **RATES, **texts("brief_description"), "number": NUMBER, "date": day},
    ),
    "estimatetemplates": Recipe({}, {}, {"name": text}, texts("title", "html", "css")),
    "estimatetemplatesgallery": READ_ONLY,
    "expenses": Recipe(
        {"client_id": "clients"},
        {"user_id": "users"},
        {"currency": CURRENCY, "amount": money},
        {**texts("notes"), "date": day},
    ),
    "files": Recipe({"project_id": "projects"}, {}, {}, texts("description")),
    "hooks": Recipe(
        {},
        {},
        {
            "target_url": numbered("http://127.0.0.1:9/{}"),
            "event": one_of("*", "model.insert.Task", "*.Client", "model.delete.*"),
        },
    ),
    "invoiceitems": Recipe({"invoice_id": "invoices"}, {"expense_id": "expenses"}, LINE, LINE_MORE),
    "invoicepayments": Recipe({"invoice_id": "invoices"}, {}, {"amount": money}, {**texts("notes"), "date": day}),
    "invoices": Recipe(
        {"client_id": "clients"},
        {"template_id": "invoicetemplates"},
        {"currency": CURRENCY},
        {**DOCUMENT, **RATES, "number": NUMBER, "date": day, "delivery_date": day, "pay_online": FLAG},
    ),
    "invoicetemplates": Recipe({}, {}, {"name": text}, texts("title", "html", "css")),
    "invoicetemplatesgallery": READ_ONLY,
    "leavetypes": Recipe({}, {}, {"name": text}, {"paid": FLAG}),
    "milestones": Recipe(
        {"project_id": "projects"}, {"user_id": "users"}, {"name": text, "due_date": day}, {"send_reminder": SMALL}
    ),
    "projects": Recipe(
        {"client_id": "clients"},
        {"workflow_id": "workflows", "status_id": "projectstatuses"},
        {"name": text},
        {**texts("description", "code"), "active": FLAG, "color": COLOR, "billable": FLAG, "price_per_hour": money},
    ),
    "projectstatuses": Recipe({}, {}, {"name": text}, {"active": FLAG}),
    "projecttemplates": Recipe({}, {"project_id": "projects"}, {"name": text}),
    "projecttemplatestasklists": Recipe({"template_id": "projecttemplates"}, {}, {"name": text}),
    "projecttemplatestasks": Recipe(
        {"tasklist_id": "projecttemplatestasklists"},
        {},
        {"name": text},
        {**texts("description"), "billable": FLAG, "budget_hours": SMALL, "start_date_offset": SMALL},
    ),
    "recurringprofileitems": Recipe({"recurring_profile_id": "recurringprofiles"}, {}, LINE, LINE_MORE),
    "recurringprofiles": Recipe(
        {"client_id": "clients"},
        {},
        {
            "currency": CURRENCY,
            "frequency": one_of("w", "2w", "3w", "4w", "m", "2m", "3m", "6m", "y"),
            "start_date": day,
        },
        {**DOCUMENT, **RATES, "occurrences": between(1, 99)},
    ),
    "reports": Recipe(
        {},
        {"user_id": "users"},
        {
            "type": one_of("static", "live"),
            "date_interval": one_of("today", "last_week", "this_month", "last_year", "all_time"),
            "projects": one_of("all", "all_active", "all_archived"),
        },
        {**texts("name"), "shared": FLAG, "active": FLAG},
    ),
    "sessions": Recipe(verbs=frozenset({"create", "delete"})),
    "subtasks": Recipe({"task_id": "tasks"}, {"user_id": "users"}, {"name": text}, {"complete": FLAG}),
    "taskrecurringprofiles": Recipe(
        {"project_id": "projects"},
        {},
        {
            "name": text,
            "frequency": one_of("daily", "weekly", "monthly"),
            "interval": between(1, 9),
            "recurring_start_date": day,
        },
        {**texts("description"), "billable": FLAG, "budget_hours": SMALL},
    ),
    "tasklists": Recipe({"project_id": "projects"}, {"milestone_id": "milestones"}, {"name": text}),
    "tasks": Recipe(
        {"tasklist_id": "tasklists"},
        {"user_id": "users"},
        {"name": text},
        {
            **texts("description"),
            "complete": FLAG,
            "due_date": day,
            "billable": FLAG,
            "price_per_hour": money,
            "budget_hours": SMALL,
            "priority": one_of(25, 50, 75, 100),
        },
    ),
    "threads": READ_ONLY,
    "users": Recipe(
        {},
        {},
        {"email": numbered("someone{}@example.com")},
        {**texts("name", "phone", "position"), "type": one_of("Employee", "Admin"), "workday_hours": SMALL},
    ),
    "usersdaysexceptions": Recipe(
        {"user_id": "users"},
        {"leave_type_id": "leavetypes"},
        {},
        {**texts("description"), "is_working": FLAG},
        days("date", "end_date"),
    ),
    "userstasks": Recipe({"user_id": "users", "task_id": "tasks"}, {}, {}, {}, verbs=frozenset({"create", "delete"})),
    "workflows": Recipe({}, {}, {"name": text}),
    "workflowstatuses": Recipe({"workflow_id": "workflows"}, {}, {"name": text, "color": COLOR}),
}

EVERYTHING: Mapping[str, str] = {
    "bookings": 'start_date>="1900-01-01"',
    "userstasks": "task_id>0",
    "usersdaysexceptions": 'date>="1900-01-01"',
}
"""Filters that all objects pass, for the lists that must be filtered."""

CHILDREN: Mapping[str, tuple[tuple[str, str], ...]] = {
    "clients": tuple(
        (path, "client_id")
        for path in ("projects", "clientcontacts", "estimates", "invoices", "recurringprofiles", "expenses")
    ),
    "projects": tuple(
        (path, "project_id")
        for path in ("tasklists", "tasks", "milestones", "discussions", "files", "taskrecurringprofiles")
    ),
    "tasklists": (("tasks", "tasklist_id"),),
    "tasks": tuple((path, "task_id") for path in ("entries", "subtasks", "userstasks", "threads", "files")),
    "userstasks": (("bookings", "user_task_id"),),
    "discussions": (("threads", "discussion_id"),),
    "threads": (("comments", "thread_id"),),
    "users": (("userstasks", "user_id"), ("usersdaysexceptions", "user_id")),
    "estimates": (("estimateitems", "estimate_id"),),
    "invoices": (("invoiceitems", "invoice_id"), ("invoicepayments", "invoice_id")),
    "recurringprofiles": (("recurringprofileitems", "recurring_profile_id"),),
    "workflows": (("workflowstatuses", "workflow_id"),),
    "projecttemplates": (("projecttemplatestasklists", "template_id"),),
    "projecttemplatestasklists": (("projecttemplatestasks", "tasklist_id"),),
}
"""What a deleted object takes along: the children's path, and the attribute by which they point at it."""

NEWBORN: Mapping[str, frozenset[str]] = {
    "comments": frozenset({"threads"}),
    "tasks": frozenset({"userstasks"}),
    "workflows": frozenset({"workflowstatuses"}),
    "projecttemplates": frozenset({"projecttemplatestasklists", "projecttemplatestasks"}),
}
"""What else may come into being with an object of a path."""

_TOTALS = frozenset({"subtotal", "total", "tax_amount", "tax2_amount", "discount_amount"})

MOVED: Mapping[str, frozenset[str]] = {
    "bookings": frozenset({"user_id", "task_id", "project_id"}),
    "clientcontacts": frozenset({"is_main"}),
    "companiesdaysexceptions": frozenset({"leave_type_id"}),
    "discussions": frozenset({"user_id", "comments_count"}),
    "entries": frozenset({"billed", "invoice_item_id", "project_id"}),
    "estimatetemplates": frozenset({"estimates_count", "is_default"}),
    "estimates": _TOTALS | {"status", "invoice_id", "template_id"},
    "expenses": frozenset({"invoiced", "invoice_item_id", "project_id"}),
    "files": frozenset({"user_id", "project_id"}),
    "invoiceitems": frozenset({"expense_id"}),
    "invoices": _TOTALS | {"outstanding", "status", "estimate_id", "template_id"},
    "invoicetemplates": frozenset({"invoices_count", "is_default"}),
    "milestones": frozenset({"user_id", "linked_tasklists"}),
    "projects": frozenset({"task_code_increment", "users", "managers", "status_id", "workflow_id"}),
    "projectstatuses": frozenset({"is_default", "seq"}),
    "projecttemplates": frozenset({"project_id"}),
    "projecttemplatestasks": frozenset({"users"}),
    "recurringprofiles": _TOTALS | {"template_id"},
    "reports": frozenset({"content", "info"}),
    "subtasks": frozenset({"user_id", "completed_by", "project_id"}),
    "taskrecurringprofiles": frozenset({"user_id", "tasklist_id", "task_id"}),
    "tasklists": frozenset({"milestone_id"}),
    "tasks": frozenset({"user_id", "users", "status_id", "completed_by", "subtasks_order"}),
    "threads": frozenset({"comments_count"}),
    "users": frozenset({"assigned_projects", "managed_projects"}),
    "usersdaysexceptions": frozenset({"leave_type_id"}),
    "userstasks": frozenset({"tracked_time", "task_complete"}),
    "workflows": frozenset({"is_default"}),
    "workflowstatuses": frozenset({"seq"}),
}
"""The attributes that other objects' changes may move."""

REFUSED: Mapping[str, tuple[str, ...]] = {
    "bookings": ("Invalid reference: `user_task_id`",),
    "estimates": ("Number is already in use",),
    "invoiceitems": ("Invalid value for `expense_id`",),
    "invoicepayments": ("Invalid value for `amount`",),
    "invoices": ("Number is already in use",),
    "projectstatuses": ("Could not change project status: it is read only", "Could not delete project status: it "),
    "projecttemplates": ("Field is read only: `project_id`",),
    "tasklists": ("Invalid reference: `milestone_id`",),
    "tasks": ("Invalid reference: `status_id`",),
    "users": ("Email address already in use", "Could not delete user: this is you"),
    "userstasks": ("The user is already assigned to this task",),
    "workflows": ("Could not delete workflow: it ",),
    "workflowstatuses": ("Could not delete workflow status: ",),
}
"""What rules may refuse of requests that are well formed, by path and the beginning of the message."""
