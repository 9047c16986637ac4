"""More of what the service's documentation shows, by its ids and values: what stands beside the seed's main objects.

What would act by itself is left out (hooks that lead to other hosts, profiles that make invoices and tasks), and what
needs an uploaded file. References lead to what the seed has, where the documentation's own lead to nothing it shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

__all__ = ["BESIDE"]


def _times(created: str, updated: str = "") -> dict[str, str]:
    return {"created_on": created, "updated_on": updated or created}


_TEMPLATES_MADE = _times("2014-11-19T09:45:32Z")
_TEMPLATES_CHANGED = _times("2014-11-19T09:45:32Z", "2015-02-26T14:17:48Z")
_SHEET = {"title": "INVOICE", "html": "<h1>[title]</h1>", "css": "h1 { color: #3E993C; }"}
_LEFT = {**_SHEET, **_TEMPLATES_CHANGED, "name": "English - Client on left", "is_default": True}
_RIGHT = {**_SHEET, **_TEMPLATES_MADE, "name": "English - Client on right", "is_default": False}
_CAMPAIGN = _times("2015-10-16T12:21:17Z")

BESIDE: Final[Mapping[str, Sequence[Mapping[str, Any]]]] = {
    "clientcontacts": (
        {
            **_times("2013-07-24T11:52:44Z", "2014-08-13T13:00:24Z"),
            "id": 1,
            "client_id": 151303,
            "name": "Aaron Cooper",
            "mobile": "630-350-5512",
            "phone": "361-613-5188",
            "fax": "361-613-5188",
            "skype": "Aaron.Cooper",
            "is_main": True,
            "position": "Associate",
        },
        {
            **_times("2013-07-24T11:52:44Z", "2014-08-07T09:23:15Z"),
            "id": 2,
            "client_id": 151304,
            "name": "Christian Meadows",
            "mobile": "213-350-4605",
            "phone": "862-778-3343",
            "fax": "862-778-3343",
            "skype": "Christian.Meadows",
            "is_main": True,
            "position": "CEO",
        },
    ),
    "estimatetemplates": ({**_LEFT, "id": 1229}, {**_RIGHT, "id": 1230}),
    "invoicetemplates": ({**_LEFT, "id": 1129}, {**_RIGHT, "id": 1130}),
    "expenses": (
        {
            **_times("2013-03-28T15:06:28Z"),
            "id": 1259,
            "client_id": 10874,
            "user_id": 23129,
            "amount": Decimal("223.26"),
            "currency": "USD",
            "date": "2013-03-28",
            "notes": "Travel to Boston",
            "tags": ["Mileage"],
            "file": "",
        },
    ),
    "milestones": (
        {
            **_times("2014-10-03T12:49:06Z", "2014-11-22T14:34:59Z"),
            "id": 60805,
            "name": "Integration",
            "project_id": 397707,
            "user_id": 23129,
            "due_date": "2014-11-23",
            "send_reminder": 0,
            "reminder_sent": True,
        },
    ),
    "projecttemplates": (
        {**_times("2015-10-16T12:21:02Z"), "id": 16134, "name": "Flyer design"},
        {**_times("2015-10-16T12:21:15Z"), "id": 16135, "name": "Advertising campaign"},
        {**_times("2015-10-16T12:22:06Z"), "id": 16137, "name": "Billboard design"},
    ),
    "projecttemplatestasklists": (
        {**_times("2015-10-16T12:21:16Z"), "id": 39830, "name": "Social", "seq": 0, "template_id": 16135},
    ),
    "projecttemplatestasks": (
        {**_CAMPAIGN, "id": 155954, "name": "Trips", "tasklist_id": 39830, "template_id": 16135, "price_per_hour": 250},
        {**_CAMPAIGN, "id": 155955, "name": "Meetings", "tasklist_id": 39830, "template_id": 16135, "billable": True},
    ),
    "subtasks": tuple(
        {
            **_times(made),
            "id": key,
            "name": name,
            "project_id": 397706,
            "task_id": 2093086,
            "user_id": 23129,
            "seq": key - 1,
            "complete": done is not None,
            "completed_on": done,
            "completed_by": done and 23129,
        }
        for key, name, made, done in (
            (1, "Review design", "2020-04-22T06:50:55Z", "2020-04-22T06:54:52Z"),
            (2, "Add new features", "2020-04-22T06:53:59Z", None),
            (3, "Present design to the team", "2020-04-22T06:54:13Z", None),
        )
    ),
}
"""Objects by path; references lead to what the seed has of them."""
